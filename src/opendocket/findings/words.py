"""Numbers in words: one way to write a share, a count, a day and an interval."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from opendocket.estimate.suppression import THRESHOLD, is_small


class _Bounded(Protocol):
    @property
    def lower(self) -> float: ...
    @property
    def upper(self) -> float: ...


def percent(share: float, places: int = 1) -> str:
    """Write a share as a percentage.

    Example:
        >>> percent(0.4267), percent(0.0), percent(1.0), percent(0.00004)
        ('42.7%', '0%', '100%', 'under 0.1%')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    smallest = 10.0 ** -(places + 2)
    if share < smallest:
        return f"under {smallest:.{places}%}"
    if share > 1 - smallest:
        return f"over {1 - smallest:.{places}%}"
    return f"{share:.{places}%}"


def interval(bounds: _Bounded) -> str:
    """Write an interval of a share; where nothing varied there is none.

    Example:
        >>> from opendocket.estimate.survival import Share
        >>> interval(Share(0.5, 0.4123, 0.6, n=10, at_risk=5))
        '41.2–60.0%'
        >>> interval(Share(0.0, 0.0, 0.0, n=10, at_risk=5))
        'no interval'
    """
    if bounds.lower == bounds.upper:
        return "no interval"
    return f"{100 * bounds.lower:.1f}–{100 * bounds.upper:.1f}%"


def count(n: int) -> str:
    """Write a whole number.

    Example:
        >>> count(1234567)
        '1,234,567'
    """
    return f"{n:,}"


def few(n: int) -> str:
    """Write a count of people, unless it is too small to publish.

    Example:
        >>> few(0), few(7), few(1234)
        ('0', 'fewer than 11', '1,234')
    """
    return f"fewer than {THRESHOLD}" if is_small(n) else count(n)


def is_guarded(count: int, of: int) -> bool:
    """Tell whether a count, or the rest of what it is part of, is too small to publish.

    Example:
        >>> is_guarded(20, 48), is_guarded(45, 48), is_guarded(48, 48)
        (False, True, False)
    """
    return is_small(count) or is_small(of) or is_small(of - count)


def left_out(excluded: Mapping[str, int]) -> str:
    """Write which cases a clock cannot time; no counts where one is small.

    Example:
        >>> left_out({"no hearing yet": 20}), left_out({"no hearing yet": 2}), left_out({})
        ('20: no hearing yet', 'some: no hearing yet', 'nobody')
    """
    hide = any(is_small(n) for n in excluded.values())
    told = (f"{'some' if hide else count(n)}: {reason}" for reason, n in excluded.items() if n)
    return "; ".join(told) or "nobody"


def number_of_days(days: float | None) -> str:
    """Write a length, or that half the cases have not ended.

    Example:
        >>> number_of_days(1164.0), number_of_days(None)
        ('1,164 days', 'not reached')
    """
    return "not reached" if days is None else f"{days:,.0f} days"


def span_of_days(lower: float | None, upper: float | None) -> str:
    """Write an interval of lengths, open where an end is not reached.

    Example:
        >>> span_of_days(1101.0, 1236.0), span_of_days(426.0, None), span_of_days(None, None)
        ('1,101–1,236', '426 or more', 'not reached')
    """
    if lower is None:
        return "not reached"
    return f"{lower:,.0f} or more" if upper is None else f"{lower:,.0f}–{upper:,.0f}"


def day(on: date) -> str:
    """Write a day.

    Example:
        >>> day(date(2022, 9, 30))
        '30 September 2022'
    """
    return f"{on.day} {on:%B %Y}"


def years_and_days(days: float) -> str:
    """Write a long length as people say it.

    Example:
        >>> [years_and_days(days) for days in (45, 444, 730, 1164)]
        ['45 days', '15 months', '2 years', '3.2 years']
    """
    months = days / 30.4375
    if months < 3:
        return f"{days:,.0f} days"
    if months < 23.5:
        return f"{months:.0f} months"
    return f"{months / 12:.1f}".removesuffix(".0") + " years"

"""Days on which the courts sit: no weekends, no federal holidays, whatever the year."""

from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

JUNETEENTH_SINCE, KING_SINCE = 2021, 1986
FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
FLOATING = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))
"""Month, weekday from Monday, and which of the month's; -1 is the last."""

Weekdays = NDArray[np.int64]


def holidays(year: int) -> tuple[date, ...]:
    """Give the days of a year on which federal offices are closed.

    A holiday on a Saturday is kept the Friday before, so New Year's may fall into the year
    before; one on a Sunday is kept the Monday after.

    Args:
        year: The days lie in it.

    Assumes:
        The law as it stands: no holidays by proclamation for a single year, and none of the
        inauguration of a President, which the District of Columbia alone keeps.

    Source:
        5 U.S.C. 6103; Executive Order 11582 of 1971; Juneteenth by Public Law 117-17.

    Example:
        >>> [f"{day:%d %b}" for day in holidays(2026)][4:6]
        ['19 Jun', '03 Jul']
    """
    kept = {_kept(date(y, m, d)) for y in (year, year + 1) for m, d in FIXED if _is_law(y, m)}
    kept |= {
        _nth(year, *rule) for rule in FLOATING if rule != FLOATING[0] or year >= KING_SINCE
    }
    return tuple(sorted(day for day in kept if day.year == year))


def _is_law(year: int, month: int) -> bool:
    return month != 6 or year >= JUNETEENTH_SINCE


def _kept(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    if nth < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def weekdays(start: date, days: int) -> Weekdays:
    """Give each day's weekday, Monday 0; shape (days,)."""
    return (start.weekday() + np.arange(days)) % 7


def sitting(start: date, days: int, *, keeps_holidays: bool = True) -> NDArray[np.bool_]:
    """Tell on which days courts sit.

    Args:
        start: The first day.
        days: How many.
        keeps_holidays: Courts are closed on federal holidays.

    Returns:
        Shape (days,).

    Example:
        >>> sitting(date(2026, 7, 2), 5).tolist()  # a Thursday; the 4th is a Saturday
        [True, False, False, False, True]
    """
    open_days = weekdays(start, days) < 5
    if keeps_holidays:
        last = start + timedelta(days=days - 1)
        for year in range(start.year, last.year + 1):
            at = np.array([(day - start).days for day in holidays(year)])
            open_days[at[(at >= 0) & (at < days)]] = False
    return open_days


@cache
def lost() -> tuple[float, ...]:
    """Give the share of Mondays to Fridays that are holidays, in the long run."""
    counts = [0] * 5
    for year in range(2022, 2022 + 28):  # weekdays and dates come round every 28 years
        for day in holidays(year):
            counts[day.weekday()] += 1
    weeks = 28 * 365.25 / 7
    return tuple(count / weeks for count in counts)

"""What a check is, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from opendocket.checks.subject import Subject
from opendocket.estimate.suppression import THRESHOLD, is_small

Verdict = Literal["ok", "look", "wrong", "cannot say"]

VERDICTS: tuple[Verdict, ...] = ("wrong", "look", "cannot say", "ok")
"""Worst first."""

ERRORS = 5
"""Standard errors that a share of few rows may be off by; families come together, so many."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one check found in one place."""

    what: str
    """The table, or the table and column, it was looked for in."""
    expected: str
    found: str
    verdict: Verdict
    note: str = ""
    """Why the verdict is so, and what to do."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to hold a docket against."""

    name: str
    group: str
    """One of the keys of ``GROUPS``."""
    question: str
    expectation: str
    """What is expected, and beyond what it is worth a look, or wrong."""
    source: str
    find: Callable[[Subject], Iterator[Found]]


def graded(off: float, near: float, far: float) -> Verdict:
    """Give the verdict on a distance from what is expected.

    Args:
        off: The distance; its sign does not matter.
        near: Up to here it is as expected.
        far: Beyond here something is wrong.

    Example:
        >>> graded(-0.01, 0.02, 0.1), graded(0.05, 0.02, 0.1), graded(-0.3, 0.02, 0.1)
        ('ok', 'look', 'wrong')
    """
    if abs(off) <= near:
        return "ok"
    return "look" if abs(off) <= far else "wrong"


def chance(share: float, rows: float) -> float:
    """Give how far a share of so many rows may be off by chance.

    Example:
        >>> round(chance(0.25, 7_500), 3)
        0.025
        >>> chance(0.25, 0)
        1.0
    """
    if rows <= 0:
        return 1.0
    least = max(share * (1 - share), 1 / rows)
    return min(1.0, ERRORS * sqrt(least / rows))


def counted(number: float) -> str:
    """Write a count for people.

    Example:
        >>> counted(12_662_705)
        '12,662,705'
    """
    return f"{number:,.0f}"


def percent(share: float) -> str:
    """Write a share for people, small ones with the digits that matter.

    Example:
        >>> percent(0.2601), percent(0.00031), percent(0.0), percent(0.999999)
        ('26.0 %', '0.031 %', '0 %', 'nearly 100 %')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    if share > 0.9995:
        return "nearly 100 %"
    digits = 1 if share >= 0.01 else 3 if share >= 0.00001 else 5
    return f"{100 * share:.{digits}f} %"


def part_of(part: float, whole: float) -> str:
    """Write a part of a whole for people, and hold back how few a small group is.

    Example:
        >>> part_of(3_000, 10_000), part_of(3, 10_000), part_of(0, 10_000)
        ('30.0 % (3,000)', 'fewer than 11', '0 %')
    """
    if is_small(int(part)):
        return f"fewer than {THRESHOLD}"
    share = percent(part / whole)
    return f"{share} ({counted(part)})" if part else share

"""The same docket as it looked on earlier days: why early counts disagree with later ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np

from opendocket.errors import NothingToShow, TooFewCases
from opendocket.estimate.shares import Proportion, proportion
from opendocket.estimate.suppression import is_small
from opendocket.estimate.survival import Share, cumulative_incidence
from opendocket.measure.clocks import spells
from opendocket.measure.population import GOAL_DAYS, cases
from opendocket.measure.promise import shown


@dataclass(frozen=True, slots=True)
class Vintage:
    """How fast a docket looked on one day, counted in two ways."""

    day: date
    closed_only: Proportion
    """Of the cases closed by then, those closed in fewer than 300 days."""
    estimated: Share
    """Of all cases, those closed within 300 days, pending ones counted as "not yet"."""


def half_years(first: date, last: date) -> tuple[date, ...]:
    """Give the ends of half-years after one day and up to another, and that day itself.

    Example:
        >>> [day.isoformat() for day in half_years(date(2021, 5, 28), date(2022, 2, 1))]
        ['2021-06-30', '2021-12-31', '2022-02-01']
    """
    ends = [
        date(year, month, of_month)
        for year in range(first.year, last.year + 1)
        for month, of_month in ((6, 30), (12, 31))
    ]
    return tuple(sorted({*(day for day in ends if first < day < last), last}))


def vintages(
    con: duckdb.DuckDBPyConnection, docket: str, *, clock: str, days: Sequence[date]
) -> tuple[Vintage, ...]:
    """Freeze a docket on several days, and count closings within 300 days in two ways.

    A case that takes long cannot be among the closed ones of a young docket. So the share of
    closed cases that closed fast falls as a docket ages, while nothing about it changes; the
    estimate that counts pending cases as "not yet" does not.

    Args:
        con: A docket's connection.
        docket: A name in :data:`opendocket.measure.population.DOCKETS`.
        clock: A name in :data:`opendocket.measure.clocks.CLOCKS`.
        days: When to look.

    Returns:
        One entry for each day on which eleven cases had closed, eleven had not closed fast,
        and enough had been observed for 300 days.

    Source:
        Published figures A45 and "What is contested", 1 and 2.
    """
    found = (_on(con, docket, clock, day) for day in days)
    return tuple(vintage for vintage in found if vintage is not None)


def _on(con: duckdb.DuckDBPyConnection, docket: str, clock: str, day: date) -> Vintage | None:
    try:
        timed = spells(cases(con, docket, as_of=day), clock, as_of=day)
        ended = timed.outcome > 0
        curves = shown(
            cumulative_incidence(
                timed.days, ended.astype(np.int64), family=timed.family, outcomes=(1,)
            )
        )
        fast = proportion(timed.days[ended] < GOAL_DAYS, timed.family[ended])
    except (NothingToShow, TooFewCases):
        return None
    hidden = any(is_small(n) for n in (fast.n, fast.count, fast.n - fast.count))
    if hidden or curves.days[-1] < GOAL_DAYS:
        return None
    return Vintage(day, fast, curves.at(1, GOAL_DAYS))

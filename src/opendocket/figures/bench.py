"""What is read of the judges: how many sat, and what was put off for them."""

from datetime import date

import polars as pl

from opendocket.errors import NothingToShow
from opendocket.figures.flows import within
from opendocket.figures.held import Held, Read, Reading
from opendocket.figures.tallies import (
    PUT_OFF,
    SITTING,
)


def judges_sitting(months: int = 3) -> Read:
    """Count the judges who held a hearing in the months that end with the day's.

    Raises, when read:
        NothingToShow: The docket is a made-up one of less than national size, whose judges
            are not fewer for it.
    """

    def read(held: Held, as_of: date) -> Reading:
        if held.scale.elsewhere < 0.5:
            raise NothingToShow(
                "the judges",
                "a made-up docket of less than half the nation's size",
                "compare a larger docket",
                "as many hearings a judge as the courts hold",
            )
        last = as_of.replace(day=1)
        first = _months_before(last, months - 1)
        sat = held.rows(SITTING).filter(pl.col("month").is_between(first, last))
        return Reading(float(sat["judge_code"].n_unique()))

    return read


def _months_before(day: date, months: int) -> date:
    """Give the first of a month some months earlier.

    Example:
        >>> _months_before(date(2022, 1, 1), 2)
        datetime.date(2021, 11, 1)
    """
    at = 12 * day.year + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)


def put_off(who: str, first: date) -> Read:
    """Count hearings put off for somebody's reasons, from a day on."""

    def read(held: Held, as_of: date) -> Reading:
        rows = held.rows(PUT_OFF).filter(within(first, as_of), pl.col("who") == who)
        return Reading(float(rows["n"].sum()))

    return read

"""What is read of a whole release, where it is the release of the figure's own month."""

from datetime import date, timedelta

import polars as pl

from opendocket.errors import NothingToShow
from opendocket.figures.flows import ALL_KINDS, added, part
from opendocket.figures.held import Held, Read, Reading, small_of
from opendocket.figures.tallies import (
    LINES,
    OPEN_CASES,
    WHOLE,
)

MOST_DAYS_LATER = 45
"""A figure of one release can be read from a release that ends so many days later at most."""


def of_that_release(read: Read) -> Read:
    """Let a figure of one month's release be read from that month's release only."""

    def only(held: Held, as_of: date) -> Reading:
        if held.as_of > as_of + timedelta(days=MOST_DAYS_LATER):
            raise _of_another(held, as_of)
        return read(held, as_of)

    return only


def _of_another(held: Held, as_of: date) -> NothingToShow:
    return NothingToShow(
        "the figure",
        f"it is of the release that ends on {as_of}, this one on {held.as_of}",
        "compare a release of that month",
        "a release of the figure's own month",
    )


def lines(table: str) -> Read:
    """Count the rows of a table, ``cases`` or ``proceedings``, in that very release."""

    def read(held: Held, as_of: date) -> Reading:
        if held.as_of > as_of + timedelta(days=20):
            raise _of_another(held, as_of)
        rows = held.rows(LINES)
        return Reading(float(rows[table][0]))

    return read


def _open_share(held: Held, as_of: date) -> Reading:
    value, small = part(held.rows(OPEN_CASES), pl.col("is_pending"), as_of)
    return Reading(value, small=frozenset({""} if small else ()))


open_share = of_that_release(_open_share)
"""Give the share of all cases that the release leaves without a final completion."""


def whole_count(where: pl.Expr = ALL_KINDS) -> Read:
    """Count all cases that have a proceeding and of which something is so."""

    def read(held: Held, as_of: date) -> Reading:
        value, people = added(held.rows(WHOLE, as_of=held.as_of).filter(where))
        return Reading(value, small=small_of({"": people}))

    return of_that_release(read)


def whole_share(is_so: pl.Expr) -> Read:
    """Give the share of all cases that have a proceeding of which something is so."""

    def read(held: Held, as_of: date) -> Reading:
        value, small = part(held.rows(WHOLE, as_of=held.as_of), is_so, as_of)
        return Reading(value, small=frozenset({""} if small else ()))

    return of_that_release(read)

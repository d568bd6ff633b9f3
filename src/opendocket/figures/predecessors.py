"""What is read of the two family dockets before, and of children alone: priority codes, tags.

Neither mark has a date, and both may have been taken off since: a release of today holds
what is left of them.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from opendocket.errors import NothingToShow
from opendocket.estimate.suppression import is_small
from opendocket.figures.held import Held, Read, Reading, small_of
from opendocket.figures.tallies import FAMILY_TAG, PRIORITY

DECIDED = pl.col("first_decision_date").is_not_null()
ORDERED = pl.col("first_decision").is_in(["removal", "in absentia"])
ABSENT = pl.col("first_decision") == "in absentia"
REPRESENTED = pl.col("counsel_date") <= pl.col("first_decision_date")
APPLIED = pl.col("has_application")
AT_FIRST_MASTER = pl.col("first_decision_date") <= pl.col("first_master_date")
HEARD = pl.col("first_hearing_date").is_not_null()
MISSED = ABSENT & (pl.col("first_decision_date") <= pl.col("first_hearing_date"))
WITH_COUNSEL_AT_FIRST = pl.col("counsel_date") <= pl.col("first_hearing_date")

WITH_CHILDREN = ("AWC/ATD", "AWC/D")
NOT_DETAINED_WITH_CHILDREN = ("AWC/ATD",)
CHILDREN_ALONE = ("UC",)

_DATES = ("first_decision_date", "counsel_date")
_HEARINGS = ("first_master_date", "first_hearing_date")


@dataclass(frozen=True, slots=True)
class Group:
    """Cases with a mark, received between two days; decided from a day on, where given."""

    codes: tuple[str, ...]
    """Priority codes; none for the tag of family units."""
    first: date
    last: date
    decided_from: date | None = None

    def seen(self, held: Held, as_of: date) -> pl.DataFrame:
        """Give its cases as they stood at the end of a day."""
        query = PRIORITY if self.codes else FAMILY_TAG
        rows = held.rows(query)
        if self.codes:
            rows = rows.filter(pl.col("priority").is_in(self.codes))
        rows = rows.filter(
            pl.col("received_date").is_between(self.first, min(self.last, as_of))
        )
        known = _frozen(rows, as_of)
        if self.decided_from is not None:
            known = known.filter(pl.col("first_decision_date") >= self.decided_from)
        return known


def _frozen(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Take away what came after a day."""
    there = [name for name in (*_DATES, *_HEARINGS) if name in rows.columns]
    return rows.with_columns(
        pl.when(pl.col("first_decision_date") <= as_of).then("first_decision"),
        *(pl.when(pl.col(name) <= as_of).then(name) for name in there),
    )


def group_count(group: Group, where: pl.Expr) -> Read:
    """Count a group's cases of which something is so."""

    def read(held: Held, as_of: date) -> Reading:
        rows = group.seen(held, as_of).filter(where)
        value, people = float(rows["n"].sum()), len(rows)
        chance = 1.96 * value / people**0.5 if people else 0.0
        return Reading(value, chance, small=small_of({"": people}))

    return read


def group_share(
    group: Group,
    is_so: pl.Expr,
    among: pl.Expr,
    *,
    also: tuple[tuple[str, pl.Expr], ...] = (),
) -> Read:
    """Give the share of a group's cases of which something is so.

    Args:
        group: Whose cases.
        is_so: What is counted.
        among: What it is counted among.
        also: The same counted among others, by name.
    """

    def read(held: Held, as_of: date) -> Reading:
        rows = group.seen(held, as_of)
        found = {"": _part(rows.filter(among), is_so)}
        found |= {name: _part(rows.filter(other), is_so) for name, other in also}
        if found[""][0] is None:
            raise NothingToShow("the share", f"no such case by {as_of}", "use a larger docket")
        others = tuple((n, v) for n, (v, _) in found.items() if n and v is not None)
        small = frozenset(name for name, (_, few) in found.items() if few)
        return Reading(found[""][0], also=others, small=small)

    return read


def _part(rows: pl.DataFrame, is_so: pl.Expr) -> tuple[float | None, bool]:
    """Give a share, and whether it or the rest is of 1 to 10 people."""
    if rows.is_empty():
        return None, False
    those = rows.filter(is_so)
    few = is_small(len(those)) or is_small(len(rows) - len(those))
    return float(those["n"].sum()) / float(rows["n"].sum()), few

"""What is read of the Dedicated Docket, and of the ordinary one beside it, case by case.

What all courts' figures are read from stands in :mod:`opendocket.figures.flows`.
"""

from datetime import date
from functools import reduce
from operator import and_

import polars as pl

from opendocket.errors import NothingToShow
from opendocket.estimate.shares import proportion
from opendocket.estimate.suppression import is_small
from opendocket.figures.held import Held, Read, Reading, small_of
from opendocket.figures.tallies import CHILDREN, GRANTING, NATIONALITY

TWO_ERRORS = 1.96

CLOSED = pl.col("first_outcome").is_not_null()
ORDERED = pl.col("first_outcome").is_in(["removal", "in absentia"])
ABSENT = pl.col("first_outcome") == "in absentia"
RELIEF = pl.col("first_outcome").is_in(["relief", "protection"])
NO_NTA = pl.col("first_outcome") == "no nta"
REPRESENTED = pl.col("counsel_date").is_not_null()
FILED = pl.col("asylum_filed_date").is_not_null()
EVERYBODY = pl.col("case_id").is_not_null()


def in_courts(*codes: str) -> pl.Expr:
    """Keep the cases whose first court is one of some."""
    return pl.col("court_code").is_in(codes)


def closed_since(first: date) -> pl.Expr:
    """Keep the cases that first ended on a day or later."""
    return pl.col("first_outcome_date") >= first


def dedicated_count_of(
    *conditions: pl.Expr, also: tuple[tuple[str, pl.Expr], ...] = ()
) -> Read:
    """Count cases with the tag that meet every condition.

    Args:
        conditions: On a case of :func:`opendocket.measure.population.cases`.
        also: Other conditions, counted instead of the last one, by name.
    """

    def read(held: Held, as_of: date) -> Reading:
        frame, scale = held.tagged(as_of), held.scale.dedicated
        others = {n: _number(frame, (*conditions[:-1], other)) for n, other in also}
        chosen = frame.filter(_all(conditions))
        by_family = chosen["lead_case_id"].value_counts()["count"].cast(pl.Float64)
        chance = TWO_ERRORS * float((by_family**2).sum()) ** 0.5
        return Reading(
            len(chosen) / scale,
            chance / scale,
            tuple((name, count / scale) for name, count in others.items()),
            small_of({"": len(chosen)} | others),
        )

    return read


def dedicated_share_of(
    is_so: pl.Expr, *among: pl.Expr, also: tuple[tuple[str, pl.Expr], ...] = ()
) -> Read:
    """Give the share of cases with the tag of which something is so.

    Args:
        is_so: What is counted.
        among: What it is counted among.
        also: Other things counted among the same, by name.
    """

    def read(held: Held, as_of: date) -> Reading:
        frame = held.tagged(as_of).filter(_all(among))
        if frame.is_empty():
            raise NothingToShow("the share", f"no such case by {as_of}", "use a larger docket")
        return _share(frame, is_so, also)

    return read


def ordinary_share_of(
    is_so: pl.Expr,
    *among: pl.Expr,
    first: date,
    also: tuple[tuple[str, pl.Expr], ...] = (),
) -> Read:
    """Give a share of the cases of people not detained begun from a day on."""

    def read(held: Held, as_of: date) -> Reading:
        frame = held.begun(first, as_of).filter(_all(among))
        if frame.is_empty():
            raise NothingToShow("the share", f"no such case by {as_of}", "use a larger docket")
        return _share(frame, is_so, also)

    return read


def _share(
    frame: pl.DataFrame, is_so: pl.Expr, also: tuple[tuple[str, pl.Expr], ...]
) -> Reading:
    def of(condition: pl.Expr) -> pl.Series:
        return frame.select(condition.fill_null(False)).to_series()

    n = len(frame)
    found = proportion(of(is_so), frame["lead_case_id"])
    counts = {"": found.count} | {name: int(of(other).sum()) for name, other in also}
    small = {name for name, count in counts.items() if is_small(count) or is_small(n - count)}
    others = tuple((name, counts[name] / n) for name, _ in also)
    return Reading(found.share, (found.upper - found.lower) / 2, others, frozenset(small))


def identity(held: Held, as_of: date) -> Reading:
    """Build the share that filed from those with counsel and those without (A46, A48, A49)."""
    closed = held.tagged(as_of).filter(CLOSED)
    n = len(closed)
    if not n:
        raise NothingToShow("the share", f"no case closed by {as_of}", "use a larger docket")
    parts = closed.group_by(REPRESENTED.alias("with")).agg(pl.len(), FILED.sum().alias("filed"))
    total = sum(row["len"] / n * (row["filed"] / row["len"]) for row in parts.to_dicts())
    return Reading(total, also=(("filed, counted", float(closed.select(FILED).mean().item())),))


def family_size(held: Held, as_of: date) -> Reading:
    """Divide people with the tag by families: those linked, and those alone."""
    frame = held.tagged(as_of)
    return Reading(len(frame) / frame["lead_case_id"].n_unique())


def days_to_decision(first: date) -> Read:
    """Give the mean days from receipt to the first decision of those decided from a day on."""

    def read(held: Held, as_of: date) -> Reading:
        decided = held.tagged(as_of).filter(pl.col("first_decision_date") >= first)
        if decided.is_empty():
            raise NothingToShow("the time", f"no decision by {as_of}", "use a larger docket")
        days = (decided["first_decision_date"] - decided["received_date"]).dt.total_days()
        halfway = (("the median", float(days.quantile(0.5) or 0)),)
        return Reading(float(days.cast(pl.Float64).mean()), also=halfway)  # type: ignore[arg-type]

    return read


def share_of_children(*courts: str) -> Read:
    """Give the share of orders in absentia made against people under 18, where age is known."""

    def read(held: Held, as_of: date) -> Reading:
        known = held.rows(CHILDREN).filter(
            pl.col("court_code").is_in(courts),
            pl.col("day") <= as_of,
            pl.col("born").is_not_null(),
        )
        if known.is_empty():
            raise NothingToShow("the share", "no month of birth known", "use a larger docket")
        is_child = known["born"].dt.offset_by("18y") > known["day"]
        found = proportion(is_child, known["lead_case_id"])
        counts = {"": min(found.count, found.n - found.count)}
        return Reading(found.share, (found.upper - found.lower) / 2, small=small_of(counts))

    return read


def busy_judges(least: int) -> Read:
    """Count the judges with so many asylum decisions on the Dedicated Docket or more."""

    def read(held: Held, as_of: date) -> Reading:
        made = held.rows(GRANTING).filter(pl.col("day") <= as_of)
        by_judge = made.group_by("judge_code").agg(pl.col("people").sum())
        enough = by_judge.filter(pl.col("people") >= least * held.scale.dedicated)
        return Reading(float(len(enough)))

    return read


def coming_from(nationality: tuple[str, ...]) -> Read:
    """Give the share of people with the tag, received by the day, who are of a nationality."""

    def read(held: Held, as_of: date) -> Reading:
        rows = held.rows(NATIONALITY).filter(pl.col("day") <= as_of)
        total = int(rows["people"].sum())
        if not total:
            raise NothingToShow("the share", f"no such case by {as_of}", "use a larger docket")
        found = rows.filter(pl.col("nationality").is_in(nationality))
        count = int(found["people"].sum())
        return Reading(count / total, small=small_of({"": min(count, total - count)}))

    return read


def _all(conditions: tuple[pl.Expr, ...]) -> pl.Expr:
    return reduce(and_, conditions, EVERYBODY).fill_null(False)


def _number(frame: pl.DataFrame, conditions: tuple[pl.Expr, ...]) -> int:
    return len(frame.filter(_all(conditions)))

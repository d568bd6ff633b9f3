"""Who appeared? One count of in absentia orders, five denominators, and what was undone.

The release does not record whether a person appeared. An order in absentia is the only trace
of an absence, so none of these is the share of people who missed a hearing.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from opendocket.estimate.shares import Proportion, proportion
from opendocket.estimate.survival import MIN_CASES, IncidenceCurves, cumulative_incidence
from opendocket.measure.clocks import refuse_later
from opendocket.measure.promise import shown

ORDERS = ("removal", "in absentia")
"""First decisions that are removal orders, those with protection from removal left out."""


@dataclass(frozen=True, slots=True)
class Denominator:
    """What in absentia orders are divided by, and who divides so."""

    name: str
    user: str
    among: pl.Expr
    caveat: str


DENOMINATORS = (
    Denominator(
        "removal orders",
        "advocates; UCLA (A26), Harvard (A34)",
        pl.col("first_decision").is_in(ORDERS),
        "leaves out everybody not ordered removed",
    ),
    Denominator(
        "first decisions, not detained",
        "GAO (D03)",
        pl.col("first_decision").is_not_null() & pl.col("custody_code").is_in(["N", "R"]),
        "leaves out pending cases, which have yet to be heard",
    ),
    Denominator(
        "first decisions",
        "EOIR (D01)",
        pl.col("first_decision").is_not_null(),
        "leaves out pending cases, and closures that decide nothing",
    ),
    Denominator(
        "closed cases",
        "TRAC",
        pl.col("first_outcome").is_not_null(),
        "counts dismissals for want of a notice as appearances",
    ),
    Denominator(
        "all cases begun",
        "Eagly and Shafer (D04)",
        pl.col("received_date").is_not_null(),
        "counts pending cases as appearances, before their hearings",
    ),
)
"""Who divides by what; the references are published figures.

EOIR and GAO divide the orders of a fiscal year by its first decisions, whatever year the cases
began; here all are of one group of cases, from their receipt on. Custody is the last known.
"""


@dataclass(frozen=True, slots=True)
class Absence:
    """In absentia orders of a docket, and how many were undone."""

    orders: int
    """Cases whose first decision was a removal order in absentia."""
    shares: tuple[tuple[Denominator, Proportion], ...]
    since_hearing: IncidenceCurves | None
    """First ended by an order in absentia (1) or otherwise (2), since the first hearing."""
    rescinded: Proportion | None
    """Of the orders, those undone so far."""
    undone: IncidenceCurves | None
    """Undone (1), by days since the order."""
    not_heard: int = 0
    """Cases without a hearing before they first ended, which ``since_hearing`` leaves out."""


def absence(frame: pl.DataFrame, *, as_of: date) -> Absence:
    """Measure in absentia orders under each denominator, and their rescission.

    The order counted is a case's first decision, EOIR's initial case completion. Code that
    takes the last one loses the orders that were undone, which are the ones most likely to
    have been wrong.

    Args:
        frame: Cases (:func:`opendocket.measure.population.cases`).
        as_of: The day observation ends.

    Returns:
        Shares with intervals, without a denominator that nobody is in; None where fewer than
        five families can be followed, or no order was made.

    Raises:
        ValueError: The cases know of endings after ``as_of``.

    Assumes:
        A later proceeding undoes an order, whatever brought it about: the release names the
        reason of few. Families are independent of each other.

    Source:
        The five denominators: docs/explanation/definitions.md; published figures, "What is
        contested", 5.
    """
    refuse_later(frame, as_of)
    frame = frame.with_columns(
        is_absent=(pl.col("first_decision") == "in absentia").fill_null(False)
    )
    heard = _heard(frame, as_of)
    shares = []
    for denominator in DENOMINATORS:
        among = frame.filter(denominator.among)
        if len(among):
            shares.append((denominator, proportion(among["is_absent"], among["lead_case_id"])))
    ordered = frame.filter("is_absent")
    return Absence(
        orders=len(ordered),
        shares=tuple(shares),
        since_hearing=_since_hearing(heard),
        rescinded=_rescinded(ordered),
        undone=_undone(ordered, as_of),
        not_heard=len(frame) - len(heard),
    )


def _heard(frame: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Give the cases heard before they first ended, with the days since and how they ended."""
    until = pl.coalesce("first_outcome_date", pl.lit(as_of))
    return frame.with_columns(
        days=(until - pl.col("first_hearing_date")).dt.total_days(),
        code=pl.when(pl.col("first_outcome") == "in absentia")
        .then(1)
        .when(pl.col("first_outcome").is_not_null())
        .then(2)
        .otherwise(0),
    ).filter(pl.col("days") >= 0)


def _since_hearing(heard: pl.DataFrame) -> IncidenceCurves | None:
    if heard["lead_case_id"].n_unique() < MIN_CASES:
        return None
    days, code, family = (heard[name].to_numpy() for name in ("days", "code", "lead_case_id"))
    return shown(cumulative_incidence(days, code, family=family, outcomes=(1, 2)))


def _rescinded(ordered: pl.DataFrame) -> Proportion | None:
    if ordered.is_empty():
        return None
    return proportion(ordered["rescinded_date"].is_not_null(), ordered["lead_case_id"])


def _undone(ordered: pl.DataFrame, as_of: date) -> IncidenceCurves | None:
    """Follow each order until it is undone; the orders of yesterday have had no time."""
    if ordered["lead_case_id"].n_unique() < MIN_CASES:
        return None
    until = pl.coalesce("rescinded_date", pl.lit(as_of))
    days = ordered.select(
        (until - pl.col("first_decision_date")).dt.total_days().clip(lower_bound=0)
    ).to_series()
    undone = ordered["rescinded_date"].is_not_null().to_numpy().astype(np.int64)
    return shown(
        cumulative_incidence(
            days.to_numpy(), undone, family=ordered["lead_case_id"].to_numpy(), outcomes=(1,)
        )
    )

"""Who had a lawyer? Counsel as a state that a case enters, never as a fixed trait.

People whose cases last longer have more time to find counsel. "Ever represented" turns that
into a seeming effect; a state over time does not.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.errors import NothingToShow
from opendocket.estimate.shares import Proportion, proportion
from opendocket.measure.attendance import ORDERS
from opendocket.measure.clocks import refuse_later
from opendocket.measure.promise import AT_RISK_AT_LEAST

STATES = (
    "pending, without counsel",
    "pending, with counsel",
    "ended, without counsel",
    "ended, with counsel",
)
LANDMARKS = (90, 180, 365, 730)
"""Days since receipt at which the share with counsel is read."""


@dataclass(frozen=True, slots=True)
class States:
    """Share of cases in each state at the end of each day since receipt."""

    days: NDArray[np.int64]
    """Every day from 0 to the last on which enough cases are at risk; shape (k,)."""
    share: NDArray[np.float64]
    """Shape (4, k), in the order of ``STATES``; every day adds up to 1."""
    at_risk: NDArray[np.int64]
    """Cases pending and under observation; shape (k,)."""
    n: int


@dataclass(frozen=True, slots=True)
class Counsel:
    """Counsel in a docket."""

    states: States
    at_landmarks: tuple[tuple[int, Proportion], ...]
    """Of the cases not ended by the end of that day since receipt, those with counsel."""
    pending_now: Proportion | None
    """Of the cases pending on the last day, reopened ones among them (A39)."""
    closed: Proportion | None
    """Of the cases that have ended once, those with counsel by then (A46)."""
    ordered: Proportion | None
    """Of those whose first decision was a removal order, those with counsel by then (A17)."""
    excluded: int = 0
    """Cases that ended before their receipt, which ``states`` and ``closed`` leave out."""


def counsel(frame: pl.DataFrame, *, as_of: date) -> Counsel:
    """Measure counsel as a state over time since receipt.

    Args:
        frame: Cases (:func:`opendocket.measure.population.cases`).
        as_of: The day observation ends.

    Returns:
        State shares over time, and the share with counsel among those pending at landmarks,
        pending now, closed, and ordered removed (counsel by the day of the ending). Counsel
        entered before receipt counts from receipt, on one day before an ending.

    Raises:
        NothingToShow: Every case ended before its receipt.
        ValueError: The cases know of endings after ``as_of``.

    Assumes:
        Counsel once entered stays: the release does not record every withdrawal. Whether a
        case is still under observation says nothing else about it.

    Source:
        Aalen-Johansen estimator of an illness-death model: Putter, Fiocco & Geskus (2007),
        Stat. Med. 26:2389-2430, section 4. That it gives the share in each state whether or
        not the chance to end depends on when counsel came: Datta & Satten (2001), Stat.
        Probab. Lett. 55:403-411.
    """
    refuse_later(frame, as_of)
    end = pl.coalesce("first_outcome_date", pl.lit(as_of))
    timed = frame.with_columns(
        length=(end - pl.col("received_date")).dt.total_days(),
        ended=pl.col("first_outcome").is_not_null(),
        counsel_day=(pl.col("counsel_date") - pl.col("received_date"))
        .dt.total_days()
        .clip(lower_bound=0),
    ).with_columns(has_counsel=(pl.col("counsel_day") <= pl.col("length")).fill_null(False))
    timed = timed.filter(pl.col("length") >= 0)
    if timed.is_empty():
        raise NothingToShow(
            "counsel", "no case that ended after its receipt", "choose a later as-of date"
        )
    return Counsel(
        states=_states(timed),
        at_landmarks=_landmarks(timed),
        pending_now=_share(frame.filter("is_pending"), pl.lit(as_of)),
        closed=_share(timed.filter("ended"), pl.col("first_outcome_date")),
        ordered=_share(
            frame.filter(pl.col("first_decision").is_in(ORDERS)), pl.col("first_decision_date")
        ),
        excluded=len(frame) - len(timed),
    )


def _share(frame: pl.DataFrame, by: pl.Expr) -> Proportion | None:
    """Give the share with counsel by a day."""
    if frame.is_empty():
        return None
    has_counsel = frame.select((pl.col("counsel_date") <= by).fill_null(False)).to_series()
    return proportion(has_counsel, frame["lead_case_id"])


def _landmarks(timed: pl.DataFrame) -> tuple[tuple[int, Proportion], ...]:
    """Read the share with counsel among cases pending and observed on a day."""
    out = []
    for day in LANDMARKS:
        stays = (pl.col("length") > day) | ((pl.col("length") == day) & ~pl.col("ended"))
        there = timed.filter(stays)
        if len(there) >= AT_RISK_AT_LEAST:
            with_counsel = (there["counsel_day"] <= day).fill_null(False)
            out.append((day, proportion(with_counsel, there["lead_case_id"])))
    return tuple(out)


def _states(timed: pl.DataFrame) -> States:
    length = timed["length"].to_numpy().astype(np.int64)
    ended = timed["ended"].to_numpy()
    has = timed["has_counsel"].to_numpy()
    found = timed["counsel_day"].fill_null(0).to_numpy().astype(np.int64)
    last = int(length.max())
    start = np.zeros_like(length)
    share = _product(
        alone=_at_risk(start, np.where(has, found, length), last),
        finds=np.bincount(found[has], minlength=last + 1),
        ends_alone=np.bincount(length[ended & ~has], minlength=last + 1),
        helped=_at_risk(found[has], length[has], last),
        ends_helped=np.bincount(length[ended & has], minlength=last + 1),
    )
    at_risk = _at_risk(start, length, last)
    enough = max(1, int((at_risk >= AT_RISK_AT_LEAST).sum()))
    return States(np.arange(enough), share[:, :enough], at_risk[:enough], n=len(length))


def _at_risk(
    first: NDArray[np.int64], until: NDArray[np.int64], last: int
) -> NDArray[np.int64]:
    """Count, on each day, the spans that hold it, their first and last days included."""
    begun = np.bincount(first, minlength=last + 1)
    over = np.bincount(until, minlength=last + 1)
    return np.asarray(np.cumsum(begun) - (np.cumsum(over) - over), dtype=np.int64)


def _product(
    *,
    alone: NDArray[np.int64],
    finds: NDArray[np.int64],
    ends_alone: NDArray[np.int64],
    helped: NDArray[np.int64],
    ends_helped: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Carry the shares forward day by day; on one day counsel comes before the ending."""
    share = np.zeros((len(STATES), len(alone)))
    without, with_counsel, over_without, over_with = 1.0, 0.0, 0.0, 0.0
    for day in range(len(alone)):
        move = without * finds[day] / max(alone[day], 1)
        without, with_counsel = without - move, with_counsel + move
        left = max(alone[day] - finds[day], 1)
        end = without * ends_alone[day] / left
        without, over_without = without - end, over_without + end
        end = with_counsel * ends_helped[day] / max(helped[day], 1)
        with_counsel, over_with = with_counsel - end, over_with + end
        share[:, day] = without, with_counsel, over_without, over_with
    return share

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
from opendocket.estimate.counts import grouped_counts
from opendocket.estimate.shares import Proportion, proportion
from opendocket.estimate.states import Spells, StateShares, state_shares
from opendocket.measure.attendance import ORDERS
from opendocket.measure.clocks import refuse_later
from opendocket.measure.estimators import Groups, Own, Share, groups, stacked
from opendocket.measure.grains import Asked
from opendocket.measure.named import Definition, Measure
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


WITH, WITHOUT = "with counsel", "without counsel"


def counsel_by(day: str) -> pl.Expr:
    """Tell whether counsel had entered by a day; an appearance entered later does not count."""
    return pl.col("counsel_date") <= pl.col(day)


def _by(day: str, among: pl.Expr, *more: str, counts: str = "") -> Share:
    columns = dict.fromkeys(("counsel_date", day, *more))
    return Share(counsel_by(day), tuple(columns), among, day=counts or day)


EVER = pl.col("counsel_date").is_not_null()
STAYS = "An appearance is entered once and stays: the record does not say when counsel left."

COUNSEL = Measure(
    name="counsel",
    topic="counsel",
    question="What share of people had counsel?",
    estimate="represented_share",
    definitions=(
        Definition(
            name="trac-now",
            user="TRAC",
            population="all cases begun, pending or not",
            numerator="those with an appearance of counsel for the person by now",
            denominator="all of them",
            clock="now; years are those of receipt",
            estimator=Share(EVER, ("counsel_date",)),
            figures=("A18",),
            caveats=(
                "Young cases have had no time to find counsel, and closed ones no more time.",
            ),
        ),
        Definition(
            name="eoir-pending",
            user="EOIR",
            population="cases pending now, reopened ones among them",
            numerator="those with an appearance of counsel for the person by now",
            denominator="all of them",
            clock="now; years are those of receipt",
            estimator=Share(EVER, ("counsel_date", "is_pending"), pl.col("is_pending")),
            figures=("A39",),
            caveats=(
                "Whose case ended early, mostly without counsel, is not among them: too high "
                "for a person who is put on the docket today.",
            ),
        ),
        Definition(
            name="at-decision",
            user="Eagly & Shafer (2015)",
            population="cases first decided",
            numerator="those with an appearance by the day of the first decision",
            denominator="all of them",
            clock="years are those of the decision",
            estimator=_by("first_decision_date", pl.col("first_decision").is_not_null(),
                          "first_decision"),
            figures=("D18",),
        ),
        Definition(
            name="at-first-hearing",
            user="BuzzFeed News",
            population="cases heard once or more",
            numerator="those with an appearance by the day of the first hearing held",
            denominator="all of them",
            clock="years are those of the first hearing",
            estimator=_by("first_hearing_date", pl.col("first_hearing_date").is_not_null()),
        ),
        Definition(
            name="closed",
            user="TRAC 704",
            population="cases that have ended in any way",
            numerator="those with an appearance by the day of the first ending",
            denominator="all of them",
            clock="years are those of receipt",
            estimator=_by("first_outcome_date", pl.col("first_outcome").is_not_null(),
                          "first_outcome", counts="received_date"),
            figures=("A46", "A55"),
            caveats=(
                "TRAC looks at the release's day: appearances after the ending, for an appeal "
                "or a reopening, are in its figure and not in ours.",
            ),
        ),
        Definition(
            name="ordered",
            user="TRAC",
            population="cases ordered removed at the first decision, protection left out",
            numerator="those with an appearance by the day of the order",
            denominator="all of them",
            clock="years are those of the order",
            estimator=_by("first_decision_date", pl.col("first_decision").is_in(ORDERS),
                          "first_decision"),
            figures=("A17",),
            caveats=("Orders in absentia come first, before people find counsel: too low.",),
        ),
    ),
    assumes=("Families are independent of each other.",),
    source="docs/explanation/definitions.md, Counsel; published figures, What is contested, 6",
    caveats=(
        STAYS,
        "People whose cases last longer have more time to find counsel: no two of these may be "
        "read as what counsel does (measure counsel-and-outcomes).",
    ),
)  # fmt: skip


def _over_time(asked: Asked) -> pl.DataFrame:
    """Give the shares in each state, day by day since receipt."""
    frame = asked.fetch(("received_date", "first_outcome_date", "counsel_date"))
    end = pl.coalesce("first_outcome_date", pl.lit(asked.as_of))
    frame = frame.with_columns(
        length=(end - pl.col("received_date")).dt.total_days(),
        helped=(pl.col("counsel_date") - pl.col("received_date"))
        .dt.total_days()
        .clip(lower_bound=0),
    ).filter(pl.col("length") >= 0)
    by = groups(frame, asked.by)
    days = np.array(asked.days or LANDMARKS)
    spells = _spells(frame, by)
    shares = state_shares(spells, groups=len(by), days=days, least=AT_RISK_AT_LEAST)
    return _state_rows(spells, shares, by, days)


def _spells(frame: pl.DataFrame, by: Groups) -> Spells:
    helped = frame.select(
        pl.when(pl.col("helped") <= pl.col("length")).then("helped").otherwise(None)
    ).to_series()
    return Spells(
        length=frame["length"].to_numpy().astype(np.int64),
        is_ended=frame["first_outcome_date"].is_not_null().to_numpy(),
        helped=helped.fill_null(-1).to_numpy().astype(np.int64),
        family=frame["lead_case_id"].to_numpy(),
        group=by.of,
    )


def _state_rows(
    spells: Spells, shares: StateShares, by: Groups, days: NDArray[np.int64]
) -> pl.DataFrame:
    """Write the rows: cases counted in a state are those seen in it, or ended in it by then."""
    n = np.bincount(spells.group, minlength=len(by))
    families = grouped_counts(spells.group, spells.family, groups=len(by)).families
    keys = by.keys.with_row_index("group_number") if by.keys.width else None
    found = []
    for at, day in enumerate(days):
        for state, name in enumerate(STATES):
            there = np.bincount(spells.group[_is_in(spells, state, day)], minlength=len(by))
            found.append(
                pl.DataFrame(
                    {
                        "group_number": np.arange(len(by)),
                        "part": [name] * len(by),
                        "days": [int(day)] * len(by),
                        "count": there,
                        "n": n,
                        "families": families,
                        "at_risk": shares.at_risk[:, at],
                        "value": shares.share[:, state, at],
                        "lower": shares.lower[:, state, at],
                        "upper": shares.upper[:, state, at],
                    }
                ).with_columns(pl.col("value", "lower", "upper").fill_nan(None))
            )
    rows = stacked(found).sort("group_number", maintain_order=True)
    if keys is None:
        return rows.drop("group_number")
    rows = rows.with_columns(pl.col("group_number").cast(pl.UInt32))
    return keys.join(rows, on="group_number", how="left", maintain_order="left_right").drop(
        "group_number"
    )


def _is_in(spells: Spells, state: int, day: int) -> NDArray[np.bool_]:
    """Tell which cases were seen in a state at the end of a day."""
    has = (spells.helped >= 0) & (spells.helped <= day)
    over = spells.is_ended & (spells.length <= day)
    stays = (spells.length > day) | ((spells.length == day) & ~spells.is_ended)
    return (over if state > 1 else stays) & (has if state % 2 else ~has)


COUNSEL_OVER_TIME = Measure(
    name="counsel-over-time",
    topic="counsel",
    question="What share has counsel, pending or ended, so many days after receipt?",
    estimate="state_share",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="all cases begun; those that ended before their receipt are left out",
            numerator="those in each of four states at the end of the day",
            denominator="all of them, those not followed so long taken to go on as the others",
            clock="from receipt, until the case first ended",
            estimator=Own(
                _over_time,
                ("received_date", "first_outcome_date", "counsel_date"),
                is_whole=True,
            ),
            figures=("A19",),
            caveats=(
                "An appearance entered before receipt counts from receipt.",
                "Counted are cases seen in the state; the share also takes those into account "
                "that could not be followed so long.",
            ),
        ),
    ),
    assumes=(
        "Counsel once entered stays: the record does not say when counsel left.",
        "Whether a case is still under observation says nothing else about it.",
    ),
    source="Aalen-Johansen, illness-death model: Putter, Fiocco & Geskus (2007), Stat. Med. "
    "26:2389-2430, section 4; opendocket.estimate.states",
    caveats=(
        "Counsel is a state that a case enters, and who enters it is not chosen by chance.",
    ),
    part="state",
)

MEASURES = (COUNSEL, COUNSEL_OVER_TIME)

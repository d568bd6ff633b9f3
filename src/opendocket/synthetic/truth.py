"""What is true of every made-up case: the answer that a loaded docket is checked against.

The truth is taken from the lives themselves, never read back from the files.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.synthetic.calendar import NEVER, Days, day
from opendocket.synthetic.cast import Cast
from opendocket.synthetic.courts import courts
from opendocket.synthetic.lives import AS_OF, DECIDED, OPEN, TRANSFER, VENUE
from opendocket.synthetic.units import CASE_TYPES, NUMBER, OUTCOMES, RMV

DOCKET_BEGAN = day(2021, 5, 28)

CASE_SCHEMA = {
    "case_id": pl.Int64,
    "lead_case_id": pl.Int64,
    "case_type_code": pl.String,
    "has_proceeding": pl.Boolean,
    "is_tagged": pl.Boolean,
    "is_at_dedicated_location": pl.Boolean,
    "is_dedicated": pl.Boolean,
    "court_code": pl.String,
    "nta_date": pl.Date,
    "received_date": pl.Date,
    "first_hearing_date": pl.Date,
    "first_master_date": pl.Date,
    "asylum_filed_date": pl.Date,
    "counsel_date": pl.Date,
    "first_outcome": pl.String,
    "first_outcome_date": pl.Date,
    "first_decision_date": pl.Date,
    "rescinded_date": pl.Date,
    "is_asylum_granted": pl.Boolean,
    "is_pending": pl.Boolean,
    "last_outcome": pl.String,
    "last_completed_date": pl.Date,
}
"""One row per case."""


def case_truth(
    cast: Cast,
    granted: NDArray[np.bool_],
    nta_written: NDArray[np.bool_],
    receipt_written: NDArray[np.bool_],
    restart_written: NDArray[np.bool_],
) -> pl.DataFrame:
    """State every case's true state on the last day of observation.

    Args:
        cast: The people.
        granted: Whether each is granted asylum; shape (p,).
        nta_written: Whether the notice's date stands in any of the person's rows; (p,).
        receipt_written: Whether the day of receipt stands in the first proceeding; (p,).
        restart_written: Whether the day of the first reopening stands in its own; (p,).

    Returns:
        ``CASE_SCHEMA``; shape (p, …).
    """
    units, unit = cast.lives.units, cast.unit
    rows = cast.lives.proceedings
    has = (cast.last_proceeding >= 0)[unit]
    placed = _any(rows.unit, rows.place >= 0, len(units))[unit]
    received = np.where(receipt_written, units.received[unit], NEVER)
    tagged = units.is_dedicated[unit]
    first, last = _first_outcome(cast), _last(cast)
    ended = units.closed <= AS_OF
    undone = np.where(
        (units.outcome == NUMBER["in absentia"]) & ended, cast.lives.reopened, NEVER
    )
    heard, mastered = _hearing_clocks(cast)
    columns: dict[str, pl.Series | NDArray[np.generic]] = {
        "case_id": cast.case_id,
        "lead_case_id": cast.lead_id,
        "case_type_code": _named(CASE_TYPES, units.case_type[unit]),
        "has_proceeding": has,
        "is_tagged": tagged,
        "is_at_dedicated_location": placed,
        "is_dedicated": tagged
        & placed
        & (received >= DOCKET_BEGAN)
        & (received < NEVER)
        & (units.case_type[unit] == RMV),
        "court_code": _named(courts().codes, np.where(has, _court(cast)[unit], -1)),
        "nta_date": _dates(np.where(nta_written, units.nta[unit], NEVER)),
        "received_date": _dates(received),
        "first_hearing_date": _dates(heard[unit]),
        "first_master_date": _dates(mastered[unit]),
        "asylum_filed_date": _dates(np.where(has, units.asylum[unit], NEVER)),
        "counsel_date": _dates(units.counsel[unit]),
        "first_outcome": _named(OUTCOMES, first[unit]),
        "first_outcome_date": _dates(np.where(has, units.closed[unit], NEVER)),
        "first_decision_date": _dates(_first_decision(cast)[unit]),
        "rescinded_date": _dates(np.where(restart_written, undone[unit], NEVER)),
        "is_asylum_granted": granted,
        "is_pending": (last < 0)[unit] & has,
        "last_outcome": _named(OUTCOMES, last[unit]),
        "last_completed_date": _dates(
            np.where(last >= 0, rows.end[cast.last_proceeding], NEVER)[unit]
        ),
    }
    return pl.DataFrame(columns, schema=CASE_SCHEMA)


def _named(names: tuple[str, ...], index: NDArray[np.integer]) -> pl.Series:
    at = pl.Series(index.astype(np.int64))
    return pl.Series(names).gather(pl.select(pl.when(at >= 0).then(at)).to_series())


def _dates(days: NDArray[np.integer]) -> pl.Series:
    seen = pl.Series(days <= AS_OF)
    written = pl.Series(days.astype(np.int32)).cast(pl.Date)
    return pl.select(pl.when(seen).then(written)).to_series()


def _any(unit: NDArray[np.int32], is_so: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    return np.bincount(unit[is_so], minlength=n) > 0


def _court(cast: Cast) -> NDArray[np.int32]:
    rows = cast.lives.proceedings
    court = np.full(len(cast.lives.units), -1, dtype=np.int32)
    court[rows.unit[::-1]] = rows.court[::-1]  # the first one is written last
    return court


def _first_outcome(cast: Cast) -> NDArray[np.int32]:
    units = cast.lives.units
    ended = (units.closed <= AS_OF) & (cast.last_proceeding >= 0)
    return np.where(ended, units.outcome, -1).astype(np.int32)


def _last(cast: Cast) -> NDArray[np.int32]:
    """Give the outcome of each unit's last proceeding; -1 where it is open or moved on."""
    rows, last = cast.lives.proceedings, cast.last_proceeding
    going_on = (last < 0) | np.isin(rows.how[last], (OPEN, VENUE, TRANSFER))
    return np.where(going_on, -1, rows.outcome[last]).astype(np.int32)


def _first_decision(cast: Cast) -> Days:
    rows = cast.lives.proceedings
    first = np.full(len(cast.lives.units), NEVER, dtype=np.int32)
    decided = rows.how == DECIDED
    np.minimum.at(first, rows.unit[decided], rows.end[decided])
    return first


def _hearing_clocks(cast: Cast) -> tuple[Days, Days]:
    """Give the first hearing and the first master hearing that a judge opened."""
    hearings = cast.lives.hearings
    unit = cast.lives.proceedings.unit[hearings.proceeding]
    held = hearings.is_held & (hearings.day <= AS_OF)
    clocks = []
    for counts in (held, held & hearings.is_master):
        first = np.full(len(cast.lives.units), NEVER, dtype=np.int32)
        np.minimum.at(first, unit[counts], hearings.day[counts])
        clocks.append(first)
    return clocks[0], clocks[1]

"""What came first to each unit of a run: its master hearing, its ending, its decision."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.log import Run
from opendocket.simulate.tables import DECISIONS, FIRST_DECISION, RESULTS
from opendocket.simulate.world import NEVER

NOT_HELD = ("judge", "court operations")
"""Reasons of a continuance for which no judge opened the hearing.

Source: decision 0005; ``columns/codes/adjournment.csv`` reads the courts' codes so.
"""

NOT_A_DECISION = ("no nta", "administrative closure")
"""Endings that take a case off the docket and decide nothing."""

IS_HELD = np.array([name not in NOT_HELD for name in RESULTS])
"""By result: whether a judge opened the hearing."""

IS_DECISION = np.array(
    [name in DECISIONS and name not in NOT_A_DECISION for name in RESULTS]
)  # fmt: skip
"""By result: whether a judge decided."""

Days = NDArray[np.int16]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Firsts:
    """Days of a run and what came of them, one per unit; shapes (u,)."""

    master: Days
    """Its first master hearing that a judge opened; ``NEVER`` where none was."""
    ended: Days
    """Its first ending of any kind; ``NEVER``."""
    ending: NDArray[np.uint8]
    """How, as in ``RESULTS``."""
    decided: Days
    """Its first decision by a judge; ``NEVER``."""
    decision: NDArray[np.uint8]
    """Which, as in ``RESULTS``."""
    is_represented: NDArray[np.bool_]
    """Whether counsel had entered by that decision."""


def firsts(run: Run) -> Firsts:
    """Read what came first to each unit off the log.

    Args:
        run: A run, done.

    Returns:
        One entry a unit. What came before the run is not in its log: of a unit that is
        pending at the start the first of the run is not the first of all.

    Assumes:
        The log is in the order of days.
    """
    log, units = run.log, len(run.units)
    day, result = log.day(), log.result()
    ended = _first_rows(log.unit, result >= FIRST_DECISION, units)
    decided = _first_rows(log.unit, IS_DECISION[result], units)
    is_represented = log.is_represented()
    return Firsts(
        master=_days(day, _first_rows(log.unit, ~log.is_individual() & IS_HELD[result], units)),
        ended=_days(day, ended),
        ending=_at(result, ended),
        decided=_days(day, decided),
        decision=_at(result, decided),
        is_represented=_at(is_represented, decided).astype(np.bool_),
    )


def _first_rows(
    unit: NDArray[np.uint32], is_so: NDArray[np.bool_], units: int
) -> NDArray[np.int64]:
    """Give the first row of each unit of which something is so, -1 where there is none."""
    rows = np.flatnonzero(is_so)[::-1]
    first = np.full(units, -1, dtype=np.int64)
    first[unit[rows]] = rows  # the last of those assigned, which is the first in time
    return first


def _days(day: Days, rows: NDArray[np.int64]) -> Days:
    return np.where(rows >= 0, _at(day, rows), np.int16(NEVER)).astype(np.int16)


def _at(values: NDArray[Scalar], rows: NDArray[np.int64]) -> NDArray[Scalar]:
    """Give the values at some rows, 0 where there is no row."""
    found = np.zeros(len(rows), dtype=values.dtype)
    there = rows >= 0
    found[there] = values[rows[there]]
    return found

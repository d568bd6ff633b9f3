"""What followed decisions: motions, appeals, and final orders that were carried out.

None of it takes a slot of a calendar, so it is worked out after a run, from the same keyed
draws: what brought a case back in the run is what is filed here, and what was denied or
dismissed is drawn as the run drew it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.log import RESULT_BITS, Run
from opendocket.simulate.luck import AFTER, HEARING, REMOVAL, threshold, words
from opendocket.simulate.tables import (
    BACK,
    FIRST_DECISION,
    VACATED,
    WAYS,
    Tables,
)
from opendocket.simulate.world import NEVER

FOLLOWED_ROW = np.dtype(
    [
        ("unit", "<u4"),
        ("ended", "<i2"),  # day of the decision
        ("outcome", "u1"),  # that decision, as in RESULTS
        ("way", "u1"),  # as in WAYS
        ("filed", "<i2"),
        ("due", "<i2"),  # day it is decided; beyond the run's last day it is pending still
    ]
)
"""A motion or an appeal that was filed by the run's end."""

REMOVED_ROW = np.dtype(
    [
        ("unit", "<u4"),
        ("ended", "<i2"),
        ("outcome", "u1"),
        ("final", "<i2"),  # day the order could no longer be appealed
        ("day", "<i2"),
    ]
)
"""A final order that was carried out by the run's end."""

APPEAL_DAYS = 30
"""An appeal is filed within as many days of the decision (8 CFR 1003.38)."""

MOTION_DAYS = 60
"""A motion is filed as many days before it is decided, or fewer."""

GRANTED, REMAND, DENIED, DISMISSED = range(len(WAYS))
MOST_HEARINGS = 250
"""Draws are numbered no further."""

AT_A_TIME = 1 << 20


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What followed the decisions of a run."""

    followed: NDArray[np.void]
    """Of dtype ``FOLLOWED_ROW``, by unit and day."""
    removed: NDArray[np.void]
    """Of dtype ``REMOVED_ROW``, by unit and day."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """Decisions of a run, by unit and day; shape (d,) each."""

    unit: NDArray[np.uint32]
    key: NDArray[np.uint32]
    population: NDArray[np.int64]
    day: NDArray[np.int64]
    decision: NDArray[np.int64]
    nth: NDArray[np.int64]
    """Hearings its unit had held before, which number the draws."""

    def __getitem__(self, some: slice) -> "_Decided":
        """Give a stretch of them."""
        return _Decided(
            self.unit[some], self.key[some], self.population[some], self.day[some],
            self.decision[some], self.nth[some],
        )  # fmt: skip


def aftermath(run: Run) -> Aftermath:
    """Work out what followed the decisions of a run, up to its last day.

    Args:
        run: A run, done.

    Returns:
        Motions and appeals filed, and final orders carried out. Ways that bring a case back
        are those of ``run.returned``, day by day.

    Assumes:
        An order that is not appealed is final when it is made; one that is appealed when the
        Board dismisses the appeal. One that a motion or a remand undoes is not carried out.
        Appeals are filed on any of the 30 days alike, motions up to 60 days before they are
        decided.

    Source:
        docs/explanation/simulation.md, After a decision; 8 CFR 1003.38(b).
    """
    decided = _decided(run)
    followed, removed = [], []
    for start in range(0, len(decided.unit), AT_A_TIME):
        some = decided[start : start + AT_A_TIME]
        way, due = _what_follows(run.world.tables, run.world.seed, some)
        followed.append(_filed(run, some, way, due))
        removed.append(_carried_out(run, some, way, due))
    return Aftermath(_joined(followed, FOLLOWED_ROW), _joined(removed, REMOVED_ROW))


def in_order(run: Run) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Give the log's rows by unit and then by day, a stretch of units at a time.

    Args:
        run: A run, done.

    Yields:
        The first unit, the one after the last, and the numbers of their rows in the log.
    """
    size = max(AT_A_TIME // 2, len(run.units) // 200 + 1)
    parts = (run.log.unit // np.uint32(size)).astype(np.uint8)
    by_part = np.argsort(parts, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(parts, minlength=256))])
    for part, first in enumerate(range(0, len(run.units), size)):
        rows = by_part[ends[part] : ends[part + 1]]
        by_unit = np.argsort(run.log.unit[rows], kind="stable")
        yield first, min(first + size, len(run.units)), rows[by_unit]


def _decided(run: Run) -> _Decided:
    """Find the decisions in the log, and number the draws they were made by."""
    units, day = run.world.units, run.log.day()
    parts: list[tuple[NDArray[Any], ...]] = [(np.empty(0, np.int64),) * 4]
    for first, last, rows in in_order(run):
        unit = run.log.unit[rows].astype(np.int64)
        counts = np.bincount(unit - first, minlength=last - first)
        nth = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        result = (run.log.what[rows] & np.uint8(RESULT_BITS)).astype(np.int64)
        ends = (result >= FIRST_DECISION) & (result < VACATED)
        nth = np.minimum(nth[ends] + units["hearings"][unit[ends]], MOST_HEARINGS)
        parts.append((unit[ends], day[rows[ends]], result[ends] - FIRST_DECISION, nth))
    unit, on, decision, nth = (np.concatenate(each) for each in zip(*parts, strict=True))
    population = units["population"][unit].astype(np.int64)
    return _Decided(unit.astype(np.uint32), units["key"][unit], population, on, decision, nth)


def _what_follows(
    tables: Tables, seed: int, some: _Decided
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw the way of each decision, ``len(WAYS)`` for none, and the day it is decided."""
    drawn = words(seed, some.key, some.nth, HEARING)
    bounds = threshold(np.cumsum(tables.follow_share, axis=-1))[some.population, some.decision]
    way = (drawn[:, 2:3] >= bounds).sum(axis=1)
    at = np.minimum(way, len(WAYS) - 1)
    days = tables.follow_days[some.population, at, drawn[:, 3] >> np.uint32(24)]
    return way, some.day + days


def _filed(
    run: Run, some: _Decided, way: NDArray[np.int64], due: NDArray[np.int64]
) -> NDArray[np.void]:
    drawn = words(run.world.seed, some.key, some.nth, AFTER).astype(np.uint64)
    is_appeal = (way == REMAND) | (way == DISMISSED)
    after = 1 + (drawn[:, 0] * np.uint64(APPEAL_DAYS) >> np.uint64(32)).astype(np.int64)
    most = np.minimum(due - some.day, MOTION_DAYS).astype(np.uint64)
    before = (drawn[:, 1] * most >> np.uint64(32)).astype(np.int64)
    filed = np.where(is_appeal, some.day + after, due - before)
    here = (way < len(WAYS)) & (filed < run.world.days)
    rows = np.zeros(int(here.sum()), dtype=FOLLOWED_ROW)
    rows["unit"], rows["ended"] = some.unit[here], some.day[here]
    rows["outcome"], rows["way"] = some.decision[here] + FIRST_DECISION, way[here]
    rows["filed"], rows["due"] = filed[here], np.minimum(due[here], NEVER)
    return rows


def _carried_out(
    run: Run, some: _Decided, way: NDArray[np.int64], due: NDArray[np.int64]
) -> NDArray[np.void]:
    tables = run.world.tables
    drawn = words(run.world.seed, some.key, some.nth, REMOVAL)
    final = np.where(way == DISMISSED, due, some.day)
    is_final = (way >= BACK) & (final < run.world.days)
    share = tables.removal_share[some.population, some.decision]
    day = final + tables.removal_days[some.population, drawn[:, 1] >> np.uint32(24)]
    here = is_final & (drawn[:, 0] < threshold(share)) & (day < run.world.days)
    rows = np.zeros(int(here.sum()), dtype=REMOVED_ROW)
    rows["unit"], rows["ended"] = some.unit[here], some.day[here]
    rows["outcome"] = some.decision[here] + FIRST_DECISION
    rows["final"], rows["day"] = final[here], day[here]
    return rows


def _joined(parts: list[NDArray[np.void]], kind: np.dtype[np.void]) -> NDArray[np.void]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)

"""Cases by the last day they were observed and by how they ended: checked, then counted.

Whole days are counted in one pass, a piece at a time so that a piece stays in the processor's
cache; any other days are sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opendocket.errors import TooFewCases
from opendocket.estimate.families import MIN_CASES, Floats, Ints

Numbers = NDArray[Any]

PIECE = 1 << 17  # cases handled at a time: their arrays fit the processor's cache
_LAST_WHOLE = 1 << 17  # days, or 359 years: longer times are sorted
_MOST_CODES = 1 << 6


def checked(
    days: ArrayLike, codes: ArrayLike, level: float, *, name: str
) -> tuple[Numbers, Numbers, float]:
    """Refuse what cannot be measured; give days as integers or floats, codes and last day."""
    if np.ma.is_masked(days) or np.ma.is_masked(codes):
        raise ValueError(f"days, {name}: masked values; expected none missing")
    t, code = as_numbers(days), np.asarray(codes)
    if t.ndim != 1 or t.shape != code.shape:
        raise ValueError(f"days {t.shape}, {name} {code.shape}; expected (n,) twice")
    if len(t) < MIN_CASES:
        raise TooFewCases("share decided", len(t), MIN_CASES)
    least, last = _extremes(t)
    if not (least >= 0 and last < np.inf):
        wrong = np.count_nonzero(~(np.isfinite(t) & (t >= 0)))
        raise ValueError(f"days: {wrong:,} missing, negative or infinite; expected none")
    if code.dtype.kind not in "biu" or (code.dtype.kind == "i" and code.min() < 0):
        raise ValueError(f"{name}: negative, missing or no integer; expected 0, 1, 2, ...")
    check_level(level)
    return t, code, last


def _extremes(t: Numbers) -> tuple[float, float]:
    """Give the least and the most, nan where any is, by reading the values once."""
    ends = np.array([(t[inside].min(), t[inside].max()) for inside in pieces(len(t))])
    return float(ends[:, 0].min()), float(ends[:, 1].max())


def checked_entry(entered: ArrayLike | None, t: Numbers) -> Numbers | None:
    """Refuse entries that are not days from 0, or not before the case's last day."""
    if entered is None:
        return None
    if np.ma.is_masked(entered):
        raise ValueError("entered: masked values; expected none missing")
    e = as_numbers(entered)
    if e.shape != t.shape:
        raise ValueError(f"entered {e.shape}; expected {t.shape}, as days")
    wrong = np.count_nonzero(~(e >= 0))
    if wrong:
        raise ValueError(f"entered: {wrong:,} missing or negative; expected none")
    late = np.count_nonzero(e >= t)
    if late:
        raise ValueError(
            f"entered: {late:,} of {len(t):,} cases on or after their last day; expected "
            "before; leave out cases that were never under observation"
        )
    return e


def check_level(level: float) -> None:
    """Refuse a level that is not between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"level: {level}; expected between 0 and 1")


def as_numbers(values: ArrayLike) -> Numbers:
    """Give integers as they are, and anything else as floats."""
    array = np.asarray(values)
    return array if array.dtype.kind in "iu" else np.asarray(values, dtype=np.float64)


def tally(t: Numbers, code: Numbers, width: int, last: float) -> Ints | None:
    """Count cases by day and code, (last day + 1, width); None where days are not whole."""
    if last > _LAST_WHOLE or width > _MOST_CODES:
        return None
    cells = (int(last) + 1) * width
    counts = np.zeros(cells, dtype=np.int64)
    for inside in pieces(len(t)):
        if t.dtype.kind == "f" and (np.floor(t[inside]) != t[inside]).any():
            return None
        day = np.multiply(t[inside], width, dtype=np.int64, casting="unsafe")
        day += code[inside]
        counts += np.bincount(day, minlength=cells)
    return counts.reshape(-1, width)


def pieces(n: int) -> Iterator[slice]:
    """Give the cases as slices of ``PIECE``."""
    return (slice(begin, min(begin + PIECE, n)) for begin in range(0, n, PIECE))


@dataclass(frozen=True, slots=True)
class Tallied:
    """Cases by the day and code they end with, on every day that is counted on.

    Attributes:
        grid: The days, ascending; shape (g,).
        shown: Which of them to show.
        codes: Codes of outcomes, ascending; 0 is pending.
        cases: Cases that end with a day and code; shape (g, K + 1).
        entries: Cases that come under observation before each day and not before the one
            before it; shape (g,).
        is_whole: Whether all the days are whole ones.
    """

    grid: Floats
    shown: Ints
    codes: tuple[int, ...]
    cases: Ints
    entries: Ints
    is_whole: bool

    def cells(self, t: Numbers, code: Numbers) -> Ints:
        """Give each case's day and code as one number; shape (n,)."""
        width = len(self.codes) + 1
        codes = np.array([0, *self.codes])
        is_dense = self.codes == tuple(range(1, width))
        rows = _rows(self.grid, is_whole=self.is_whole)
        out = np.empty(len(t), dtype=np.int64)
        for inside in pieces(len(t)):
            out[inside] = rows(t[inside])
            out[inside] *= width
            out[inside] += code[inside] if is_dense else np.searchsorted(codes, code[inside])
        return out

    def entry_rows(self, entered: Numbers) -> Ints:
        """Give the first day on which each case is at risk; shape (n,)."""
        if not (self.is_whole and entered.dtype.kind in "iu"):
            return np.searchsorted(self.grid, entered, side="right")
        every = np.arange(int(self.grid[-1]) + 1)
        return np.searchsorted(self.grid, every, side="right")[entered]


def _rows(grid: Floats, *, is_whole: bool) -> Callable[[Numbers], Ints]:
    """Give a function from days to their places in the grid."""
    if not is_whole:
        return lambda days: np.searchsorted(grid, days)
    table = np.searchsorted(grid, np.arange(int(grid[-1]) + 1))
    return lambda days: table[days.astype(np.int64)]


def tallied(
    t: Numbers,
    code: Numbers,
    *,
    last: float,
    entered: Numbers | None = None,
    at: ArrayLike | None = None,
    outcomes: Collection[int] | None = None,
) -> Tallied:
    """Count checked cases by day and outcome, up to their last day."""
    whole = tally(t, code, int(code.max()) + 1, last)
    if whole is None:
        seen, found = np.unique(t).astype(np.float64), np.unique(code)
    else:
        seen = np.flatnonzero(whole.any(axis=1)).astype(np.float64)
        found = np.flatnonzero(whole.any(axis=0))
    codes = _codes({int(c) for c in found} - {0}, outcomes)
    grid, shown = _grid(seen, at)
    made = Tallied(grid, shown, codes, *_none(grid, codes), is_whole=whole is not None)
    if whole is None:
        cells = made.cells(t, code)
        made.cases[:] = np.bincount(cells, minlength=made.cases.size).reshape(made.cases.shape)
    else:
        of = [c for c in (0, *codes) if c < whole.shape[1]]
        columns = np.searchsorted((0, *codes), of)
        made.cases[np.ix_(np.searchsorted(grid, seen), columns)] = whole[whole.any(axis=1)][
            :, of
        ]
    if entered is None:
        made.entries[0] = len(t)
    else:
        made.entries[:] = np.bincount(made.entry_rows(entered), minlength=len(grid))
    return made


def _none(grid: Floats, codes: tuple[int, ...]) -> tuple[Ints, Ints]:
    return np.zeros((len(grid), len(codes) + 1), np.int64), np.zeros(len(grid), np.int64)


def _codes(found: set[int], outcomes: Collection[int] | None) -> tuple[int, ...]:
    codes = found if outcomes is None else set(outcomes)
    if not found <= codes or min(codes, default=1) < 1:
        raise ValueError(
            f"outcomes: {sorted(codes)}; expected codes from 1, {sorted(found)} among them"
        )
    return tuple(sorted(codes))


def _grid(seen: Floats, at: ArrayLike | None) -> tuple[Floats, Ints]:
    """Give every day to count on, and which of them to show."""
    if at is None:
        return seen, np.arange(len(seen))
    chosen = np.unique(np.atleast_1d(np.asarray(at, dtype=float)))
    if not len(chosen) or not (chosen[0] >= 0 and chosen[-1] <= seen[-1]):
        raise ValueError(
            f"at: beyond observation, or no days; expected days from 0 to {seen[-1]:,g}, the "
            "last day observed"
        )
    grid = np.union1d(seen, chosen)
    return grid, np.searchsorted(grid, chosen)

"""Families: who is decided together with whom, numbered and summed over."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opendocket.errors import TooFewCases

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MIN_CASES = 5
_SPARSE = 4  # numbers so many times as far apart as there are cases still make a table


def family_numbers(family: ArrayLike, n: int, *, cells: int = 1) -> Ints:
    """Number the families from 0, by a new array.

    Args:
        family: The same integer for each member; shape (n,).
        n: Cases there are.
        cells: A number times this must fit into 63 bits.

    Raises:
        ValueError: Not one integer for each case.
    """
    ids = np.asarray(family)
    if not n and ids.shape == (0,):
        return np.zeros(0, dtype=np.int64)
    if ids.shape != (n,) or ids.dtype.kind not in "iu" or np.ma.is_masked(family):
        raise ValueError(
            f"family {ids.shape} of {ids.dtype}; expected integers {(n,)}, none missing"
        )
    first, last = int(ids.min()), int(ids.max())
    if (last - first + 1) * cells >= 2**63:
        return np.unique(ids, return_inverse=True)[1]
    return ids.astype(np.int64) - first


def family_sums(values: Floats, family: ArrayLike | None) -> Floats:
    """Sum a value over the members of each family; the values themselves where None.

    Raises:
        TooFewCases: Fewer than ``MIN_CASES`` families.
    """
    if family is None:
        return values
    numbers = family_numbers(family, len(values))
    if int(numbers.max()) > _SPARSE * len(values):
        numbers = np.unique(numbers, return_inverse=True)[1]
    members = np.bincount(numbers)
    sums = np.asarray(np.bincount(numbers, values)[members > 0], dtype=np.float64)
    enough_families(len(sums))
    return sums


def enough_families(families: int) -> None:
    """Refuse fewer than ``MIN_CASES`` families."""
    if families < MIN_CASES:
        raise TooFewCases("families, each counted as one case", families, MIN_CASES)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each family of each group once, by group; each array has the shape (pairs,)."""

    group: Ints
    members: Ints
    marked: Ints
    """Members of which something is so."""


def families_within(
    group: ArrayLike, family: ArrayLike, *, groups: int, mark: ArrayLike | None = None
) -> Pairs:
    """Count the members of each family in each group, by one sort.

    Raises:
        ValueError: Not integers of one shape, or a group that is not there.
    """
    of = np.asarray(group)
    if of.ndim != 1 or (len(of) and of.dtype.kind not in "iu"):
        raise ValueError(f"group {of.shape} of {of.dtype}; expected integers (n,)")
    if not len(of):
        none = np.zeros(0, np.int64)
        return Pairs(none, none, none)
    if of.min() < 0 or of.max() >= groups:
        raise ValueError(
            f"group: {of.min():,} to {of.max():,}; expected from 0 to {groups - 1:,}"
        )
    numbers = family_numbers(family, len(of), cells=2 * groups)
    span = int(numbers.max()) + 1
    key = of * np.int64(span)
    key += numbers
    key *= 2
    if mark is not None:
        marks = np.asarray(mark, dtype=bool)
        if marks.shape != of.shape:
            raise ValueError(f"is_so {marks.shape}, group {of.shape}; expected (n,) twice")
        key += marks
    key.sort()
    pair = key >> 1
    starts = np.flatnonzero(np.diff(pair, prepend=-1))
    members = np.diff(starts, append=len(key))
    return Pairs(pair[starts] // span, members, np.add.reduceat(key & 1, starts))

"""A count of cases, with the interval it has where families come by chance."""

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from opendocket.estimate.families import Floats, Ints, families_within
from opendocket.estimate.tallies import check_level


@dataclass(frozen=True, slots=True)
class Count:
    """A count of cases, its interval, and the families behind it."""

    count: int
    lower: float
    upper: float
    families: int


@dataclass(frozen=True, slots=True)
class GroupedCounts:
    """Counts of many groups at once; each array has the shape (groups,)."""

    count: Ints
    lower: Floats
    upper: Floats
    families: Ints


def counted(family: ArrayLike, *, level: float = 0.95) -> Count:
    """Count cases, with the interval for how many chance would bring again.

    A release holds every case, so its count is exact; the interval is for comparing it with
    another month or court, where another number of families might have come.

    Args:
        family: Each case's lead case's number; integers; shape (n,); may be empty.
        level: Coverage of the interval.

    Returns:
        The count with an interval symmetric in its logarithm. Of no case, the lower end is 0
        and the upper the exact bound.

    Raises:
        ValueError: Not integers in one row, or the level is not between 0 and 1.

    Assumes:
        Families come independently of each other, at a steady rate (a compound Poisson
        process): the variance is the sum of the families' squared sizes.

    Source:
        Compound Poisson: Feller, An Introduction to Probability Theory and Its Applications,
        vol. 1, 3rd ed. (1968), section XII.2. The interval in the logarithm, and the bound of
        no case, -log((1 - level) / 2): Garwood (1936), Biometrika 28:437-442, for the latter.

    Example:
        >>> found = counted([1, 1, 1, 2, 3, 3])
        >>> found.count, found.families, round(found.lower, 2), round(found.upper, 2)
        (6, 3, 1.77, 20.37)
    """
    ids = np.asarray(family)
    if ids.ndim != 1 or (len(ids) and ids.dtype.kind not in "iu"):
        raise ValueError(f"family {ids.shape} of {ids.dtype}; expected integers (n,)")
    return counted_sizes(np.unique(ids, return_counts=True)[1], level=level)


def counted_sizes(sizes: ArrayLike, *, level: float = 0.95) -> Count:
    """Count cases from their families' sizes.

    Args:
        sizes: Cases of each family; >= 1; shape (families,); may be empty.
        level: Coverage of the interval.

    Returns:
        As `counted`.

    Example:
        >>> counted_sizes([3, 1, 2]) == counted([1, 1, 1, 2, 3, 3])
        True
    """
    check_level(level)
    members = np.asarray(sizes, dtype=np.float64)
    count = int(members.sum())
    if not count:
        return Count(0, 0.0, -log((1 - level) / 2), 0)
    z = NormalDist().inv_cdf((1 + level) / 2)
    factor = exp(z * sqrt(float((members**2).sum())) / count)
    return Count(count, count / factor, count * factor, len(members))


def grouped_counts(
    group: ArrayLike, family: ArrayLike, *, groups: int, level: float = 0.95
) -> GroupedCounts:
    """Count the cases of many groups at once, each as `counted` does.

    Args:
        group: Of each case, from 0; below ``groups``; integers; shape (n,).
        family: Its lead case's number; integers; shape (n,).
        groups: How many groups there are, those without a case among them.
        level: Coverage of the intervals.

    Returns:
        Counts, intervals and families; a family counts in each group it has cases in.

    Raises:
        ValueError: Not integers of one shape, or a group that is not there.

    Example:
        >>> found = grouped_counts([0, 0, 2], [7, 7, 7], groups=3)
        >>> found.count.tolist(), found.families.tolist()
        ([2, 0, 1], [1, 0, 1])
    """
    check_level(level)
    pairs = families_within(group, family, groups=groups)
    sizes = pairs.members.astype(np.float64)
    count = np.bincount(pairs.group, sizes, groups)
    squares = np.bincount(pairs.group, sizes**2, groups)
    z = NormalDist().inv_cdf((1 + level) / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.exp(z * np.sqrt(squares) / count)
    lower = np.where(count > 0, count / factor, 0.0)
    upper = np.where(count > 0, count * factor, -log((1 - level) / 2))
    families = np.bincount(pairs.group, minlength=groups)
    return GroupedCounts(count.astype(np.int64), lower, upper, families)

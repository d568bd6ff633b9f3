"""A share of a group, with an interval that knows families are decided together."""

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from opendocket.errors import NothingToShow
from opendocket.estimate.families import Floats, Ints, families_within
from opendocket.estimate.tallies import check_level


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share, its interval, and the counts behind it."""

    share: float
    lower: float
    upper: float
    count: int
    """Cases counted."""
    n: int
    """Cases they are counted among."""
    families: int


@dataclass(frozen=True, slots=True)
class GroupedProportions:
    """Shares of many groups at once; each array has the shape (groups,).

    A group without a case has no share: it and its interval are nan there.
    """

    share: Floats
    lower: Floats
    upper: Floats
    count: Ints
    n: Ints
    families: Ints


def proportion(
    is_so: ArrayLike, family: ArrayLike, *, level: float = 0.95, what: str = "the share"
) -> Proportion:
    """Estimate the share of cases of which something is so.

    Args:
        is_so: Of each case; shape (n,).
        family: Its lead case's number; shape (n,).
        level: Coverage of the interval.
        what: Named in the error.

    Returns:
        The share with a logit interval, its standard error clustered by family. Where the
        families do not differ, or there is only one, they show no spread, and each is taken
        for one case. Where no case or every case counts, one end is the share and the other
        the exact bound for as many cases as families.

    Raises:
        NothingToShow: There is no case.
        ValueError: The shapes differ.

    Assumes:
        Families are independent of each other; some fifty of them or more.

    Source:
        Ratio estimator of a cluster sample: Cochran, Sampling Techniques, 3rd ed. (1977),
        section 3.12, with the factor G/(G-1). Exact bound: Clopper & Pearson (1934),
        Biometrika 26:404-413.

    Example:
        >>> p = proportion([1, 1, 0, 0, 1, 0], [1, 1, 2, 2, 3, 4])
        >>> p.share, p.count, p.n, p.families
        (0.5, 3, 6, 4)
    """
    values, clusters = np.asarray(is_so, dtype=bool), np.asarray(family)
    if values.shape != clusters.shape or values.ndim != 1:
        raise ValueError(f"is_so {values.shape}, family {clusters.shape}; expected (n,) twice")
    n, count = len(values), int(values.sum())
    if not n:
        raise NothingToShow(what, "nobody to count among", "ask of a larger group")
    _, where = np.unique(clusters, return_inverse=True)
    groups = int(where.max()) + 1
    share = count / n
    if count in (0, n):
        bound = ((1 - level) / 2) ** (1 / groups)
        lower, upper = (0.0, 1 - bound) if count == 0 else (bound, 1.0)
        return Proportion(share, lower, upper, count, n, groups)
    members = np.bincount(where)
    counted = np.bincount(where, weights=values).astype(np.int64)
    apart = counted * n - members * count  # whole numbers, so that none apart is exactly 0
    if apart.any():
        error = sqrt((apart.astype(float) ** 2).sum() * groups / (groups - 1)) / n**2
    else:
        error = sqrt(share * (1 - share) / groups)
    z = NormalDist().inv_cdf((1 + level) / 2)
    width = z * error / (share * (1 - share))
    middle = log(share / (1 - share))
    lower, upper = (1 / (1 + exp(-(middle + sign * width))) for sign in (-1, 1))
    return Proportion(share, lower, upper, count, n, groups)


def grouped_proportions(
    is_so: ArrayLike,
    family: ArrayLike,
    group: ArrayLike,
    *,
    groups: int,
    level: float = 0.95,
) -> GroupedProportions:
    """Estimate the share of each of many groups at once, each as `proportion` does.

    Args:
        is_so: Of each case; shape (n,); may be empty.
        family: Its lead case's number; integers; shape (n,).
        group: From 0, below ``groups``; integers; shape (n,).
        groups: How many groups there are, those without a case among them.
        level: Coverage of the intervals.

    Returns:
        Shares, intervals and counts; a family counts in each group it has cases in.

    Raises:
        ValueError: Not integers of one shape, or a group that is not there.

    Assumes:
        As `proportion`, within each group.

    Source:
        As `proportion`.

    Example:
        >>> found = grouped_proportions([1, 0, 1, 0], [1, 2, 3, 4], [0, 0, 2, 2], groups=3)
        >>> found.share.tolist(), found.n.tolist()
        ([0.5, nan, 0.5], [2, 0, 2])
    """
    check_level(level)
    pairs = families_within(group, family, groups=groups, mark=is_so)
    of = pairs.group
    count = np.bincount(of, pairs.marked, groups).astype(np.int64)
    n = np.bincount(of, pairs.members, groups).astype(np.int64)
    families = np.bincount(of, minlength=groups)
    apart = (pairs.marked * n[of] - pairs.members * count[of]).astype(np.float64)
    squares = np.bincount(of, apart**2, groups)
    with np.errstate(all="ignore"):  # where there are none, or all, it is replaced below
        share = count / n
        spread = np.sqrt(squares * families / (families - 1)) / n.astype(np.float64) ** 2
        error = np.where(squares > 0, spread, np.sqrt(share * (1 - share) / families))
        width = NormalDist().inv_cdf((1 + level) / 2) * error / (share * (1 - share))
        middle = np.log(share / (1 - share))
        lower, upper = (1 / (1 + np.exp(-(middle + sign * width))) for sign in (-1, 1))
        bound = ((1 - level) / 2) ** (1 / families)
    none, every = (count == 0) & (n > 0), (count == n) & (n > 0)
    lower = np.select([none, every], [0.0, bound], lower)
    upper = np.select([none, every], [1 - bound, 1.0], upper)
    return GroupedProportions(share, lower, upper, count, n, families)

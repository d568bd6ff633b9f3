"""A share of a group, with an interval that knows families are decided together."""

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from opendocket.errors import NothingToShow


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

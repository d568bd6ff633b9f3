"""How good a forecast was: a band's width and what it missed, a whole ensemble's distance.

A forecast that is wrong and sure loses more than one that is wrong and says so; the scores
here are proper, that is, nobody does better in the long run by telling anything else than
what they believe.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def crps(draws: ArrayLike, observed: ArrayLike, *, is_fair: bool = True) -> Floats:
    """Score ensembles by the continuous ranked probability score; less is better.

    Args:
        draws: What each of m draws forecast; shape (m, ...), m >= 1, and >= 2 to be fair.
        observed: What came; shape (...).
        is_fair: Score what the draws are drawn from, rather than the m draws themselves, so
            that few draws are not held against a model.

    Returns:
        In the unit of what is forecast; shape (...). Of a point forecast, its absolute error.

    Raises:
        ValueError: The shapes do not fit, or one draw cannot be scored fairly.

    Source:
        Gneiting & Raftery, Strictly proper scoring rules, JASA 102:359-378 (2007), eq. 20
        and 21; fair version: Ferro, Q. J. R. Meteorol. Soc. 140:1917-1923 (2014).

    Example:
        >>> crps([[1.0], [3.0]], [2.0], is_fair=False).tolist()
        [0.5]
        >>> crps([[5.0]], [2.0], is_fair=False).tolist()
        [3.0]
    """
    told, came = np.asarray(draws, dtype=np.float64), np.asarray(observed, dtype=np.float64)
    m = len(told)
    if told.shape[1:] != came.shape:
        raise ValueError(f"draws {told.shape}, observed {came.shape}; expected (m, ...), (...)")
    if m < 1 + is_fair:
        raise ValueError(f"draws: {m}; expected {1 + is_fair} or more")
    off: Floats = np.abs(told - came).mean(axis=0)
    # the mean distance of two draws from the draws in order, without all m squared pairs
    rank = (2.0 * np.arange(1, m + 1) - m - 1).reshape((m,) + (1,) * came.ndim)
    pairs = m * (m - 1) if is_fair else m * m
    apart: Floats = (rank * np.sort(told, axis=0)).sum(axis=0) * 2 / max(pairs, 1)
    return off - apart / 2


def interval_score(
    lower: ArrayLike, upper: ArrayLike, observed: ArrayLike, *, level: float = 0.9
) -> Floats:
    """Score bands by their width, and by what they miss times 2/(1 - level); less is better.

    Args:
        lower: Lower ends; shape (...).
        upper: Upper ends; shape (...).
        observed: What came; shape (...).
        level: Coverage that the bands claim.

    Returns:
        In the unit of what is forecast; shape (...).

    Source:
        Gneiting & Raftery, JASA 102:359-378 (2007), eq. 43.

    Example:
        >>> interval_score([10.0, 10.0], [20.0, 20.0], [15.0, 22.0]).round(6).tolist()
        [10.0, 50.0]
    """
    low, high = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
    came = np.asarray(observed, dtype=np.float64)
    missed = np.maximum(low - came, 0) + np.maximum(came - high, 0)
    return (high - low) + 2 / (1 - level) * missed


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often bands held what came."""

    share: float
    lower: float
    upper: float
    count: int
    """Bands that did."""
    n: int
    worth: float
    """Bands independent of each other that would tell as much: fewer than ``n`` where those of
    one court miss together."""


def coverage(
    is_inside: ArrayLike, *, cluster: ArrayLike | None = None, level: float = 0.95
) -> Coverage:
    """Count the bands that held what came, with an interval.

    Args:
        is_inside: Of each band; shape (n,), n >= 1.
        cluster: What misses together, such as the court; shape (n,). None: each band alone.
        level: Coverage of the interval, not of the bands.

    Returns:
        The share with Wilson's interval, for as many bands as the clusters are worth.

    Raises:
        ValueError: There is no band, or the shapes differ.

    Source:
        Wilson, JASA 22:209-212 (1927); effective size: Korn & Graubard, Survey Methodology
        24:193-201 (1998); clusters' variance: Cochran, Sampling Techniques (1977), 3.12.

    Example:
        >>> found = coverage([True] * 9 + [False])
        >>> found.share, round(found.lower, 3), round(found.upper, 3)
        (0.9, 0.596, 0.982)
    """
    inside = np.asarray(is_inside, dtype=bool)
    n, count = len(inside), int(inside.sum())
    if not n:
        raise ValueError("is_inside: no band; expected one or more")
    share = count / n
    worth = float(n) if cluster is None else _worth(inside, np.asarray(cluster))
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z * z / (2 * worth)) / (1 + z * z / worth)
    half = z / (1 + z * z / worth)
    half *= sqrt(share * (1 - share) / worth + z * z / (4 * worth * worth))
    return Coverage(share, max(middle - half, 0), min(middle + half, 1), count, n, worth)


def _worth(inside: NDArray[np.bool_], cluster: NDArray[np.generic]) -> float:
    """Give how many independent bands tell as much as these; never more than there are."""
    if cluster.shape != inside.shape:
        raise ValueError(
            f"is_inside {inside.shape}, cluster {cluster.shape}; expected one shape"
        )
    _, where = np.unique(cluster, return_inverse=True)
    groups, n, share = int(where.max()) + 1, len(inside), float(inside.mean())
    plain = share * (1 - share) / n
    if plain == 0 or groups == 1:
        return float(groups)
    off = np.bincount(where, weights=inside - share)
    clustered = float((off**2).sum()) * groups / (groups - 1) / n**2
    return n * min(1.0, plain / clustered) if clustered > 0 else float(n)

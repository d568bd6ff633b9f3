"""A sum over another, of many groups at once: hearings a case, people a family."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opendocket.estimate.families import family_numbers
from opendocket.estimate.tallies import check_level


@dataclass(frozen=True, slots=True)
class GroupedRatios:
    """Ratios of groups, their intervals and what is behind them; each of shape (groups,)."""

    ratio: NDArray[np.float64]
    """NaN where there is nothing to divide by."""
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    numerator: NDArray[np.float64]
    denominator: NDArray[np.float64]
    families: NDArray[np.int64]


def grouped_ratios(
    numerator: ArrayLike,
    denominator: ArrayLike,
    family: ArrayLike,
    group: ArrayLike,
    *,
    groups: int,
    level: float = 0.95,
    is_share: bool = False,
) -> GroupedRatios:
    """Estimate the ratio of two sums, in each of many groups.

    Args:
        numerator: Of each case; >= 0; shape (n,).
        denominator: Of each case; >= 0; shape (n,).
        family: Its lead case's number; integers; shape (n,).
        group: From 0, below ``groups``; integers; shape (n,).
        groups: How many groups there are.
        level: Coverage of the intervals.
        is_share: Whether the numerator is part of the denominator: then the interval is
            symmetric on the logit scale and stays below 1; else on the log scale.

    Returns:
        The ratios, their standard errors clustered by family. Where families show no spread,
        or there is one, both ends are the ratio; a share of 0 or 1 has the exact bound for as
        many cases as families (Clopper & Pearson 1934) at its other end.

    Raises:
        ValueError: The shapes differ, a family is no integer, or a value is negative.

    Assumes:
        Families are independent of each other; some fifty of them or more in a group.

    Source:
        Ratio estimator of a cluster sample: Cochran, Sampling Techniques, 3rd ed. (1977),
        section 3.12, with the factor G/(G-1).

    Example:
        >>> found = grouped_ratios([3, 1, 4], [1, 1, 2], [1, 2, 2], [0, 0, 1], groups=2)
        >>> found.ratio, found.families
        (array([2., 2.]), array([2, 1]))
    """
    check_level(level)
    y, x = (np.asarray(values, dtype=np.float64) for values in (numerator, denominator))
    of = np.asarray(group, dtype=np.int64)
    if not y.shape == x.shape == of.shape == np.shape(family) or y.ndim != 1:
        raise ValueError(
            f"numerator {y.shape}, denominator {x.shape}; expected (n,) four times"
        )
    if (y < 0).any() or (x < 0).any():
        raise ValueError("numerator, denominator: negative values; expected none")
    numbers = family_numbers(family, len(y), cells=groups) if len(y) else of
    pairs, where = np.unique(numbers * groups + of, return_inverse=True)
    group_of = pairs % max(groups, 1)
    by_family = [np.bincount(where, values, len(pairs)) for values in (y, x)]
    tops, bottoms = (
        np.bincount(group_of, sums, groups).astype(np.float64) for sums in by_family
    )
    with np.errstate(all="ignore"):
        apart = by_family[0] - (tops / bottoms)[group_of] * by_family[1]
    return ratios_of_sums(
        tops,
        bottoms,
        np.bincount(group_of, apart**2, groups).astype(np.float64),
        np.bincount(group_of, minlength=groups),
        level=level,
        is_share=is_share,
    )


def ratios_of_sums(
    numerator: NDArray[np.float64],
    denominator: NDArray[np.float64],
    squares: NDArray[np.float64],
    families: NDArray[np.int64],
    *,
    level: float = 0.95,
    is_share: bool = False,
) -> GroupedRatios:
    """Estimate ratios from sums over families that were worked out elsewhere.

    Args:
        numerator: Of each group; >= 0; shape (groups,).
        denominator: Of each group; >= 0.
        squares: The sum over a group's families of (y - r x)², where y and x are a family's
            sums and r is the group's ratio.
        families: How many there are.
        level: Coverage of the intervals.
        is_share: As for `grouped_ratios`.

    Returns:
        As `grouped_ratios`.

    Example:
        >>> sums = [np.array([value]) for value in (4.0, 2.0, 2.0)]
        >>> found = ratios_of_sums(*sums, np.array([2]))
        >>> found.ratio, found.lower.round(2), found.upper.round(2)
        (array([2.]), array([0.75]), array([5.33]))
    """
    check_level(level)
    with np.errstate(all="ignore"):  # without a case there is no ratio, and no error
        ratio = numerator / denominator
        error = np.sqrt(squares * families / (families - 1)) / denominator
        scale = ratio * (1 - ratio) if is_share else ratio
        factor = np.exp(NormalDist().inv_cdf((1 + level) / 2) * error / scale)
        odds = ratio / (1 - ratio) if is_share else ratio
        ends = [odds / factor, odds * factor]
        lower, upper = [end / (1 + end) for end in ends] if is_share else ends
        bound = ((1 - level) / 2) ** (1 / families)
    is_flat = ~np.isfinite(factor) & (denominator > 0)
    lower, upper = np.where(is_flat, ratio, lower), np.where(is_flat, ratio, upper)
    if is_share:  # none, or all, of so many families: the exact bound, as `proportion` gives
        lower = np.where(ratio == 1, bound, lower)
        upper = np.where(ratio == 0, 1 - bound, upper)
    return GroupedRatios(
        ratio,
        lower,
        upper,
        numerator,
        denominator,
        families,
    )

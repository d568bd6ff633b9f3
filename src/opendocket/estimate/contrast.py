"""Two groups side by side: differences, ratios, and shares of groups made alike first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from opendocket.errors import NothingToShow
from opendocket.estimate.families import Floats, Ints, enough_families, family_numbers
from opendocket.estimate.influence import influence, table_of
from opendocket.estimate.shares import Proportion
from opendocket.estimate.survival import interval_of
from opendocket.estimate.tallies import Numbers, check_level, checked, tallied

Estimate = tuple[float, float, float]
"""A value, the lower and the upper end of its interval."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """How far two estimates are apart, with its interval."""

    value: float
    lower: float
    upper: float


def difference(a: Estimate, b: Estimate) -> Contrast:
    """Give one estimate less another, with the interval that follows from theirs.

    Args:
        a: Value, lower and upper end.
        b: The same, of another group, at the same level.

    Returns:
        The difference; its interval is as lopsided as theirs make it.

    Raises:
        ValueError: A value outside its interval, or missing.

    Assumes:
        The two are independent: no family has cases in both groups. Where some have, and are
        decided alike, the interval is wider than it need be.

    Source:
        MOVER: Zou & Donner (2008), Stat. Med. 27:1693-1702, with Newcombe's (1998) method 10,
        Stat. Med. 17:873-890, its case for shares.

    Example:
        >>> apart = difference((0.7, 0.573, 0.805), (0.6, 0.491, 0.700))
        >>> round(apart.value, 3), round(apart.lower, 3), round(apart.upper, 3)
        (0.1, -0.062, 0.251)
    """
    (x, x_low, x_high), (y, y_low, y_high) = _checked(a), _checked(b)
    value = x - y
    below = sqrt((x - x_low) ** 2 + (y_high - y) ** 2)
    above = sqrt((x_high - x) ** 2 + (y - y_low) ** 2)
    return Contrast(value, value - below, value + above)


def ratio(a: Estimate, b: Estimate) -> Contrast:
    """Give one estimate over another, with the interval that follows from theirs.

    Args:
        a: Value, lower and upper end; >= 0.
        b: The same, of another group, at the same level; its value above 0.

    Returns:
        The ratio; its upper end is infinite where the interval of ``b`` reaches 0.

    Raises:
        NothingToShow: ``b`` is 0.
        ValueError: A value outside its interval, missing or negative.

    Assumes:
        As `difference`.

    Source:
        MOVER for ratios: Donner & Zou (2012), Stat. Methods Med. Res. 21:347-359, equation 9,
        written so that nothing is divided by what may be 0.

    Example:
        >>> times = ratio((0.6, 0.5, 0.7), (0.3, 0.2, 0.4))
        >>> round(times.value, 2), round(times.lower, 2), round(times.upper, 2)
        (2.0, 1.42, 3.08)
    """
    (x, x_low, x_high), (y, y_low, y_high) = _checked(a), _checked(b)
    if x_low < 0 or y_low < 0:
        raise ValueError(f"a {a}, b {b}; expected no end below 0; ask for the difference")
    if not y:
        raise NothingToShow("ratio", "the second estimate is 0", "ask for the difference")
    p, q = x_low * (2 * x - x_low), y_high * (2 * y - y_high)
    under = x * y + sqrt(max((x * y) ** 2 - p * q, 0))
    p_high, q_low = x_high * (2 * x - x_high), y_low * (2 * y - y_low)
    over = x * y + sqrt(max((x * y) ** 2 - p_high * q_low, 0))
    return Contrast(x / y, p / under if under else 0.0, over / q_low if q_low else inf)


def _checked(estimate: Estimate) -> Estimate:
    value, lower, upper = estimate
    if not lower - 1e-12 <= value <= upper + 1e-12:
        raise ValueError(f"estimate {estimate}; expected a value, its lower and its upper end")
    return value, lower, upper


def standardised(
    is_so: ArrayLike,
    family: ArrayLike,
    stratum: ArrayLike,
    *,
    weights: Mapping[int, float],
    level: float = 0.95,
) -> Proportion:
    """Estimate the share a group would have if its cases were spread over strata as another's.

    The group's share within each stratum (a court's cases of one nationality, say) is kept;
    how many cases each stratum has is taken from elsewhere. Two groups under the same weights
    differ in what is done to their cases, not in which cases they have, as far as the strata
    tell. This is what inverse-probability weighting gives with one probability a stratum (a
    saturated model): the two are the same number.

    Args:
        is_so: Of each case of the group; shape (n,).
        family: Its lead case's number; integers; shape (n,).
        stratum: Its stratum; integers; shape (n,).
        weights: What each stratum counts; >= 0, in any unit: cases of the other group, say.
            Cases in strata without a weight are left out.
        level: Coverage of the interval.

    Returns:
        The weighted share with a logit interval, clustered by family across strata; ``count``
        and ``n`` are the group's own cases in the strata weighed. Where no case or every case
        counts, one end is the share and the other the exact bound for as many cases as the
        families' weights are worth.

    Raises:
        NothingToShow: Strata with a weight lack cases; it says how many. It is a ValueError.
        ValueError: The shapes differ, or a weight is negative or missing.

    Assumes:
        Strata with weight have several families each. Within a stratum the groups' cases are
        alike in all that bears on the outcome. The weights are known, not sampled.

    Source:
        Direct standardisation: Rothman, Greenland & Lash, Modern Epidemiology, 3rd ed. (2008),
        chapter 3. That it equals weighting: Sato & Matsuyama (2003), Epidemiology 14:680-686.
        Variance by linearisation: Cochran, Sampling Techniques, 3rd ed. (1977), section 5A.3,
        with the families as clusters and the factor G/(G-1).

    Example:
        >>> court = [1, 1, 1, 1, 2, 2]
        >>> p = standardised([1, 1, 1, 0, 1, 0], range(6), court, weights={1: 1, 2: 1})
        >>> p.share, p.count, p.n
        (0.625, 4, 6)
    """
    check_level(level)
    so = np.asarray(is_so, dtype=bool)
    strata = _Strata.of(stratum, weights, so.shape, "standardised share")
    so, families = so[strata.inside], np.asarray(family)[strata.inside]
    part = strata.weight / strata.members
    share_within = np.bincount(strata.number, so, len(strata.weight)) / strata.members
    share = float(strata.weight @ share_within)
    count, n = int(so.sum()), len(so)
    sums, own = _by_family(
        np.stack(
            [part[strata.number] * (so - share_within[strata.number]), part[strata.number]]
        ),
        families,
    )
    groups = len(sums)
    if count in (0, n):
        worth = 1 / float((own**2).sum())  # cases of equal weight that are as sure
        bound = ((1 - level) / 2) ** (1 / worth)
        lower, upper = (0.0, 1 - bound) if count == 0 else (bound, 1.0)
        return Proportion(float(count > 0), lower, upper, count, n, groups)
    error = sqrt((sums**2).sum() * groups / max(groups - 1, 1))
    if error < 1e-12:  # within strata none differ
        error = sqrt(share * (1 - share) * float((own**2).sum()))
    width = NormalDist().inv_cdf((1 + level) / 2) * error / (share * (1 - share))
    middle = log(share / (1 - share))
    lower, upper = (1 / (1 + exp(-(middle + sign * width))) for sign in (-1, 1))
    return Proportion(share, lower, upper, count, n, groups)


@dataclass(frozen=True, slots=True)
class Standardised:
    """A share on one day, of a group made like another, with the counts behind it."""

    share: float
    lower: float
    upper: float
    n: int
    families: int


def standardised_incidence(
    days: ArrayLike,
    outcome: ArrayLike,
    family: ArrayLike,
    stratum: ArrayLike,
    *,
    at: float,
    weights: Mapping[int, float],
    level: float = 0.95,
) -> Standardised:
    """Estimate the share decided one way by a day, if cases were spread as another group's.

    Args:
        days: As for `cumulative_incidence`; shape (n,).
        outcome: 1 where the case was decided in the way asked about, 0 where it was pending,
            any other code where decided otherwise; integers; shape (n,).
        family: Its lead case's number; integers; shape (n,).
        stratum: Its stratum; integers; shape (n,).
        at: The day; not beyond the last day observed of any stratum, unless none of it is
            pending.
        weights: As for `standardised`.
        level: Coverage of the interval.

    Returns:
        The weighted cumulative incidence, with a complementary log-log interval from the
        infinitesimal jackknife, each family's influence summed over the strata it is in.

    Raises:
        NothingToShow: Strata with a weight lack cases, or are not observed up to the day; it
            says how many. It is a ValueError.
        TooFewCases: Fewer than ``MIN_CASES`` cases, or families.
        ValueError: As for `cumulative_incidence` and `standardised`.

    Assumes:
        As `cumulative_incidence` within each stratum, and as `standardised` across them. A
        stratum of a few families counts as surer than it is.

    Source:
        Within strata as `cumulative_incidence`; across them Gail & Byar (1986), Biometrical J.
        28:587-599, direct adjustment, with influence in place of Greenwood's variance.

    Example:
        >>> found = standardised_incidence(
        ...     [5, 9, 9, 5, 9, 9], [1, 0, 0, 1, 2, 0], range(6), [1, 1, 1, 2, 2, 2],
        ...     at=9, weights={1: 3, 2: 1},
        ... )
        >>> round(found.share, 3), found.n
        (0.333, 6)
    """
    t, code, _ = checked(days, outcome, level, name="outcome")
    strata = _Strata.of(stratum, weights, t.shape, "standardised incidence")
    t, families = t[strata.inside], np.asarray(family)[strata.inside]
    # one is the outcome asked about; the others are as good as each other
    kind = np.minimum(code[strata.inside].astype(np.int64), 2)
    moved = np.zeros(len(t))
    shares, unseen = np.zeros(len(strata.weight)), 0
    for number, members in enumerate(strata.each()):
        found = _incidence(t[members], kind[members], at)
        if found is None:
            unseen += 1
            continue
        shares[number], moved[members] = found[0], strata.weight[number] * found[1]
    if unseen:
        raise NothingToShow(
            "standardised incidence",
            f"{unseen:,} of {len(shares):,} strata not observed up to day {at:,g}",
            "ask for an earlier day, or leave those strata out",
            expected="all",
        )
    share = float(strata.weight @ shares)
    sums = _by_family(moved[None], families)[0]
    enough_families(len(sums))
    error = sqrt(float((sums**2).sum()))
    lower, upper = interval_of(np.array([share]), np.array([error]), level)
    return Standardised(share, float(lower[0]), float(upper[0]), len(t), len(sums))


def _incidence(t: Numbers, kind: Ints, at: float) -> tuple[float, Floats] | None:
    """Give one stratum's share by a day and each case's influence; None if not seen so far."""
    last = float(t.max())
    counted = tallied(t, kind, last=last, at=min(at, last), outcomes=(1, 2))
    table, column = table_of(counted), int(counted.shown[0])
    if at > last and table.pending[-1] > 0:
        return None
    moved = influence(table, counted.cells(t, kind), row=0, column=column)
    return float(table.share[0, column]), moved


@dataclass(frozen=True, slots=True)
class _Strata:
    """Cases inside the strata weighed, the strata numbered from 0 and weights summing to 1."""

    inside: Ints
    number: Ints
    members: Ints
    weight: Floats

    @classmethod
    def of(
        cls, stratum: ArrayLike, weights: Mapping[int, float], shape: tuple[int, ...], what: str
    ) -> _Strata:
        label = np.asarray(stratum)
        if label.shape != shape or len(shape) != 1 or label.dtype.kind not in "iu":
            raise ValueError(
                f"stratum {label.shape} of {label.dtype}; expected integers {shape}"
            )
        weight = np.array(list(weights.values()), dtype=np.float64)
        if not ((weight >= 0).all() and 0 < weight.sum() < np.inf):
            raise ValueError("weights: negative, missing, or all 0; expected some above 0")
        order = np.argsort(list(weights))
        names = np.array(list(weights))[order][weight[order] > 0]
        weight = weight[order][weight[order] > 0]
        found = np.minimum(np.searchsorted(names, label), len(names) - 1)
        inside = np.flatnonzero(names[found] == label)
        members = np.bincount(found[inside], minlength=len(names))
        lacking = np.count_nonzero(members == 0)
        if lacking:
            raise NothingToShow(
                what,
                f"{lacking:,} of {len(names):,} weights lack cases",
                "give a weight only to strata that the group has",
                expected="at least one case for each",
            )
        return cls(inside, found[inside], members, weight / weight.sum())

    def each(self) -> list[Ints]:
        """Give the cases of each stratum, as places among those inside."""
        return np.split(np.argsort(self.number, kind="stable"), self.members.cumsum()[:-1])


def _by_family(values: Floats, family: ArrayLike) -> Floats:
    """Sum each row of values over the members of each family; shape (rows, families)."""
    numbers = np.unique(family_numbers(family, values.shape[1]), return_inverse=True)[1]
    return np.array([np.bincount(numbers, row) for row in values])

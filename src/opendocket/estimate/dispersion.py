"""How far the rates of judges, or of any groups, are apart beyond what chance makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, inf, lgamma, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from opendocket.errors import TooFewCases
from opendocket.estimate.families import Floats, Ints
from opendocket.estimate.tallies import check_level

MIN_GROUPS = 5
_GOLDEN = (sqrt(5) - 1) / 2
_LEAST = 1e-6  # an sd of a rate below this is none
_MOST = 0.5 - 1e-6  # and one of half is all or nothing
_EDGE = 1e-9
_FIRSTS = 64
_LEVEL = 1e-9
_CLOSE = 1e-8


@dataclass(frozen=True, slots=True)
class Dispersion:
    """The spread of groups' true rates, and of what is seen of them.

    Attributes:
        mean: Of the true rates.
        sd: Standard deviation of the true rates, beyond chance; 0 where chance is enough.
        lower: Lower end of its interval.
        upper: Upper end.
        groups: How many groups have a trial.
        n: Trials in all.
        sd_by_chance: What the observed rates would spread if all had the mean for their rate.
        sd_observed: What they do spread.
    """

    mean: float
    sd: float
    lower: float
    upper: float
    groups: int
    n: int
    sd_by_chance: float
    sd_observed: float

    @property
    def prior(self) -> tuple[float, float]:
        """The beta distribution of the true rates: its two parameters; infinite at sd 0."""
        if not self.sd:
            return np.inf, np.inf
        size = self.mean * (1 - self.mean) / self.sd**2 - 1
        return self.mean * size, (1 - self.mean) * size


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Each group's rate, drawn towards the mean by as much as it is uncertain; (groups,)."""

    rate: Floats
    lower: Floats
    upper: Floats


def dispersion(successes: ArrayLike, trials: ArrayLike, *, level: float = 0.95) -> Dispersion:
    """Estimate how far groups' true rates are apart, apart from chance.

    Raw rates of judges with few decisions lie far apart even where all judges decide alike.
    The true rates are taken to follow a beta distribution; its spread is what is estimated.

    Args:
        successes: Of each group; integers, 0 to its trials; shape (groups,).
        trials: Of each group; integers, >= 0; groups without one are left out.
        level: Coverage of the interval of the sd.

    Returns:
        The mean and sd of the true rates by maximum likelihood, and the sd's interval by
        profile likelihood, which may begin at 0.

    Raises:
        TooFewCases: Fewer than ``MIN_GROUPS`` groups with a trial.
        ValueError: Shapes differ, or successes beyond the trials.

    Assumes:
        Trials are independent: of a family, one. Cases come to the groups by chance, so that
        what differs is the group; where judges sit in different courts or hear different
        nationalities, the spread is theirs and their cases' together. True rates have one
        mode or lie at the ends, as a beta distribution's.

    Source:
        Beta-binomial likelihood: Skellam (1948), JRSS B 10:257-261; written as products so
        that an sd of 0 is inside: Griffiths (1973), Biometrics 29:637-648. Profile interval:
        Cox & Hinkley, Theoretical Statistics (1974), section 9.3.

    Example:
        >>> found = dispersion([2, 5, 8, 14, 18], [20, 20, 20, 20, 20])
        >>> round(found.mean, 2), round(found.sd, 2), found.lower > 0
        (0.48, 0.26, True)
    """
    everything = np.zeros(np.shape(successes), dtype=np.int64)
    return dispersion_within(successes, trials, everything, level=level)


def dispersion_within(
    successes: ArrayLike, trials: ArrayLike, stratum: ArrayLike, *, level: float = 0.95
) -> Dispersion:
    """Estimate how far groups' true rates are apart within strata, whose means may differ.

    Args:
        successes: Of each group, as for `dispersion`; shape (groups,).
        trials: Of each group; groups without one are left out.
        stratum: Such as a judge's court; integers; shape (groups,).
        level: Coverage of the interval of the sd.

    Returns:
        The mean over groups of their strata's means, and the one sd about those means; the
        spreads seen and by chance are about them as well.

    Raises:
        TooFewCases: Fewer than ``MIN_GROUPS`` groups with a trial.
        ValueError: Shapes differ, or successes beyond the trials.

    Assumes:
        As `dispersion`, within each stratum, with one sd for all. Each stratum's mean is
        estimated, so that the sd comes out too small by about one part in twice the groups of
        a stratum.

    Source:
        As `dispersion`; the likelihood is the product of the strata's.

    Example:
        >>> x, n, court = [2, 5, 8, 14, 18] * 2, [20] * 10, [0] * 5 + [1] * 5
        >>> round(dispersion_within(x, n, court).sd, 2)
        0.26
    """
    check_level(level)
    x, n = _checked_pairs(successes, trials)
    of = np.asarray(stratum)
    if of.shape != x.shape or of.dtype.kind not in "iu":
        raise ValueError(f"stratum {of.shape} of {of.dtype}; expected integers {x.shape}")
    _checked(x, n)
    x, n, of = x[n > 0], n[n > 0], of[n > 0]
    strata, place = np.unique(of, return_inverse=True)
    parts = [_Likelihood.of(x[place == at], n[place == at]) for at in range(len(strata))]

    def height(sd: float) -> float:
        return sum(part.profile(sd)[0] for part in parts)

    sd = _peak(height, 0.0, _MOST)
    if sd < _LEAST or height(sd) <= height(0.0):
        sd = 0.0
    least = height(sd) - NormalDist().inv_cdf((1 + level) / 2) ** 2 / 2
    lower, upper = (_crossing(lambda d: height(d) - least, sd, end) for end in (0.0, _MOST))
    mean = np.array([part.profile(sd)[1] for part in parts])[place]
    rates = x / n
    seen = np.array([rates[place == at].mean() for at in range(len(strata))])[place]
    left = len(rates) - len(strata)
    return Dispersion(
        float(mean.mean()),
        sd,
        lower,
        upper,
        groups=len(rates),
        n=int(n.sum()),
        sd_by_chance=sqrt(float(np.mean(mean * (1 - mean) / n))),
        sd_observed=sqrt(float(np.sum((rates - seen) ** 2)) / left) if left else 0.0,
    )


def shrunken(
    successes: ArrayLike, trials: ArrayLike, spread: Dispersion, *, level: float = 0.95
) -> Shrunken:
    """Estimate each group's true rate, given how far the true rates are apart.

    Args:
        successes: Of each group, as for `dispersion`; shape (groups,).
        trials: Of each group; a group without one gets the mean.
        spread: From `dispersion`.
        level: Coverage of the intervals.

    Returns:
        The posterior means and equal-tailed intervals; shape (groups,). At an sd of 0 all are
        the mean, without a width.

    Raises:
        ValueError: Shapes differ, or successes beyond the trials.

    Assumes:
        As `dispersion`. The intervals take its mean and sd as known, so with few groups they
        are too narrow. They are no ranking: sorting by them says more than they know.

    Source:
        Efron & Morris (1975), JASA 70:311-319; Carlin & Louis, Bayesian Methods for Data
        Analysis, 3rd ed. (2009), section 5.2.

    Example:
        >>> x, n = [2, 5, 8, 14, 18], [20, 20, 20, 20, 20]
        >>> shrunken(x, n, dispersion(x, n)).rate.round(2)
        array([0.14, 0.28, 0.41, 0.67, 0.85])
    """
    check_level(level)
    x, n = _checked_pairs(successes, trials)
    if not spread.sd:
        mean = np.full(len(x), spread.mean)
        return Shrunken(mean, mean.copy(), mean.copy())
    prior = spread.prior
    a: Floats = prior[0] + x.astype(np.float64)
    b: Floats = prior[1] + (n - x).astype(np.float64)
    lower, upper = (_beta_quantile(a, b, p) for p in ((1 - level) / 2, (1 + level) / 2))
    return Shrunken(a / (a + b), lower, upper)


def _checked(successes: ArrayLike, trials: ArrayLike) -> tuple[Ints, Ints]:
    x, n = _checked_pairs(successes, trials)
    x, n = x[n > 0], n[n > 0]
    if len(n) < MIN_GROUPS:
        raise TooFewCases("spread of rates, each group counted as one case", len(n), MIN_GROUPS)
    return x, n


def _checked_pairs(successes: ArrayLike, trials: ArrayLike) -> tuple[Ints, Ints]:
    x, n = np.asarray(successes), np.asarray(trials)
    if x.shape != n.shape or x.ndim != 1 or {x.dtype.kind, n.dtype.kind} - set("iu"):
        raise ValueError(
            f"successes {x.shape} of {x.dtype}, trials {n.shape} of {n.dtype}; expected "
            "integers (groups,) twice"
        )
    wrong = np.count_nonzero((x < 0) | (x > n))
    if wrong:
        raise ValueError(f"successes: {wrong:,} below 0 or above their trials; expected none")
    return x.astype(np.int64), n.astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Logs:
    """The sum over groups of log(start + k v), for k from 0 to one less than their number.

    The first ones term by term, all groups at once; the others by Euler and Maclaurin.
    """

    tail: Floats  # groups that have more than k
    places: Floats  # those k
    ends: Floats  # the numbers that go on, and where they go on from

    @classmethod
    def of(cls, numbers: Ints) -> _Logs:
        firsts = np.minimum(numbers, _FIRSTS)
        tail = len(firsts) - np.bincount(firsts).cumsum()[:-1]
        ends = np.append(numbers[numbers > _FIRSTS], _FIRSTS).astype(np.float64)
        return cls(tail.astype(np.float64), np.arange(len(tail), dtype=np.float64), ends)

    def total(self, start: float, v: float) -> float:
        """Give the sum; ``start`` above 0, ``v`` from 0."""
        out = float(self.tail @ np.log(start + v * self.places))
        many = len(self.ends) - 1
        if not many:
            return out
        ends = _antiderivative(self.ends, v / start)
        count = float(self.ends.sum()) - _FIRSTS * (many + 1)
        return out + log(start) * count + float(ends.sum() - (many + 1) * ends[-1])


def _antiderivative(k: Floats, slope: float) -> Floats:
    """Give what the sum of log(1 + slope j) over j < k is, but for a constant.

    Source:
        Euler and Maclaurin's formula: Abramowitz & Stegun (1964), 23.1.30. What it leaves
        out is below 1e-12 where k is 64 or more.
    """
    y = slope * k
    root = slope / (1 + y)
    logs = np.log1p(y)
    whole = ((1 + y) * logs - y) / slope if slope else 0.0 * k
    return whole - logs / 2 + root / 12 - root**3 / 360


@dataclass(frozen=True, slots=True)
class _Likelihood:
    """The likelihood of a mean and a spread.

    With mean m and a + b = 1 / v, a group's likelihood is the product of m + k v over its
    successes, of 1 - m + k v over its failures, over that of 1 + k v over its trials, with k
    from 0. At v = 0 it is the binomial's.
    """

    successes: Ints
    trials: Ints
    of_success: _Logs
    of_failure: _Logs
    of_trial: _Logs

    @classmethod
    def of(cls, x: Ints, n: Ints) -> _Likelihood:
        return cls(x, n, _Logs.of(x), _Logs.of(n - x), _Logs.of(n))

    @property
    def rate(self) -> float:
        return float(self.successes.sum() / self.trials.sum())

    def log(self, mean: float, sd: float) -> float:
        """Give its logarithm, but for a constant."""
        share = sd**2 / (mean * (1 - mean)) if sd else 0.0  # of one trial's variance
        v = share / (1 - share)
        of_outcomes = self.of_success.total(mean, v) if mean else 0.0
        of_outcomes += self.of_failure.total(1 - mean, v) if mean < 1 else 0.0
        return of_outcomes - self.of_trial.total(1.0, v)

    def profile(self, sd: float) -> tuple[float, float]:
        """Give the most the likelihood is at a spread, and the mean where it is that."""
        mean = self.rate
        if sd:
            reach = sqrt(0.25 - sd**2)
            inside = (0.5 - reach + _EDGE, 0.5 + reach - _EDGE)
            mean = _peak(lambda m: self.log(m, sd), *inside)
        return self.log(mean, sd), mean


def _peak(height: Callable[[float], float], low: float, high: float) -> float:
    """Find where a function with one peak is highest: golden sections and parabolas.

    Source:
        Brent, Algorithms for Minimization without Derivatives (1973), chapter 5.
    """
    best = second = third = high - _GOLDEN * (high - low)
    at_best = at_second = at_third = height(best)
    step = before = high - low
    while max(high - best, best - low) > _CLOSE:
        to_peak = _parabola((best, at_best), (second, at_second), (third, at_third))
        is_inside = low + _CLOSE / 4 < best + to_peak < high - _CLOSE / 4
        if is_inside and abs(to_peak) < before / 2:
            before, step = abs(step), to_peak
        else:
            before = high - best if best < (low + high) / 2 else best - low
            step = (1 - _GOLDEN) * (before if best < (low + high) / 2 else -before)
        tried = best + (step if abs(step) > _CLOSE / 4 else copysign(_CLOSE / 4, step))
        at_tried = height(tried)
        if at_tried >= at_best:
            low, high = (best, high) if tried > best else (low, best)
            third, at_third, second, at_second = second, at_second, best, at_best
            best, at_best = tried, at_tried
            continue
        low, high = (low, tried) if tried > best else (tried, high)
        if at_tried >= at_second or second == best:
            third, at_third, second, at_second = second, at_second, tried, at_tried
        elif at_tried >= at_third or third in (best, second):
            third, at_third = tried, at_tried
    return best


def _parabola(*points: tuple[float, float]) -> float:
    """Give the step from the first point to the peak of the parabola through three."""
    (x, y), (x1, y1), (x2, y2) = points
    first, other = (x - x1) * (y - y2), (x - x2) * (y - y1)
    below = 2 * (first - other)
    return (((x - x2) * other) - (x - x1) * first) / below if below else inf


def _crossing(height: Callable[[float], float], inside: float, outside: float) -> float:
    """Find where a function that is above 0 inside falls to 0; the outside if it does not.

    Source:
        The Illinois form of false position: Dowell & Jarratt (1971), BIT 11:168-174.
    """
    on_inside, on_outside = height(inside), height(outside)
    if on_outside >= 0:
        return outside
    was_inside = None
    while abs(outside - inside) > _CLOSE:
        tried = (inside * on_outside - outside * on_inside) / (on_outside - on_inside)
        at_tried = height(tried)
        if abs(at_tried) < _LEVEL:
            return tried
        is_inside = at_tried > 0
        if is_inside:
            inside, on_inside = tried, at_tried
            on_outside /= 2 if was_inside else 1
        else:
            outside, on_outside = tried, at_tried
            on_inside /= 2 if was_inside is False else 1
        was_inside = is_inside
    return (inside + outside) / 2


def _beta_quantile(a: Floats, b: Floats, p: float) -> Floats:
    """Give where each beta distribution reaches a probability, by bisection; (groups,)."""
    scale = np.array([lgamma(x + y) - lgamma(x) - lgamma(y) for x, y in zip(a, b, strict=True)])
    low, high = np.zeros(len(a)), np.ones(len(a))
    for _ in range(50):
        middle = (low + high) / 2
        is_below = _beta_share(a, b, middle, scale) < p
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return (low + high) / 2


def _beta_share(a: Floats, b: Floats, x: Floats, scale: Floats) -> Floats:
    """Give the share of each beta distribution below x, 0 < x < 1: its continued fraction.

    Source:
        Abramowitz & Stegun (1964), 26.5.8 and the symmetry 26.5.2; by Lentz's method.
    """
    is_far = x > (a + 1) / (a + b + 2)  # where it converges slowly, take the other side
    first, second = np.where(is_far, b, a), np.where(is_far, a, b)
    y = np.where(is_far, 1 - x, x)
    front = np.exp(scale + first * np.log(y) + second * np.log1p(-y)) / first
    d = 1 / (1 - (first + second) * y / (first + 1))
    c, value = np.ones(len(a)), d.copy()
    for m in range(1, 10_000):
        even = m * (second - m) * y / ((first + 2 * m - 1) * (first + 2 * m))
        odd = -(first + m) * (first + second + m) * y
        odd /= (first + 2 * m) * (first + 2 * m + 1)
        d, c = 1 / (1 + even * d), 1 + even / c
        value *= c * d
        d, c = 1 / (1 + odd * d), 1 + odd / c
        value *= c * d
        if (np.abs(c * d - 1) < 1e-13).all():
            break
    below: Floats = front * value
    return np.where(is_far, 1 - below, below)

"""Differences, ratios and standardised shares, against published tables and other methods."""

from math import sqrt

import numpy as np
import pytest

from opendocket.errors import NothingToShow, TooFewCases
from opendocket.estimate.contrast import (
    difference,
    ratio,
    standardised,
    standardised_incidence,
)
from opendocket.estimate.shares import proportion
from opendocket.estimate.survival import cumulative_incidence

Z95 = 1.959963984540054


def wilson(count, n):
    """Wilson (1927): the roots of (p - P)^2 = z^2 P (1 - P) / n."""
    p, z2 = count / n, Z95**2
    roots = np.roots([1 + z2 / n, -(2 * p + z2 / n), p**2])
    return (p, *sorted(roots.real))


# Newcombe (1998), Stat. Med. 17:873-890, Table II, method 10
NEWCOMBE = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
    ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ((10, 10), (0, 20), (0.6791, 1.0000)),
    ((10, 10), (0, 10), (0.6075, 1.0000)),
]


@pytest.mark.parametrize(("a", "b", "interval"), NEWCOMBE)
def test_the_difference_of_two_shares_has_newcombes_interval(a, b, interval):
    found = difference(wilson(*a), wilson(*b))

    assert found.value == pytest.approx(a[0] / a[1] - b[0] / b[1])
    assert (found.lower, found.upper) == pytest.approx(interval, abs=6e-5)


def test_of_symmetrical_intervals_the_difference_has_the_textbook_one():
    """Two independent normal means: standard errors add up in squares."""
    found = difference((10, 10 - Z95 * 3, 10 + Z95 * 3), (4, 4 - Z95 * 4, 4 + Z95 * 4))

    assert (found.lower, found.upper) == pytest.approx((6 - Z95 * 5, 6 + Z95 * 5))


def test_of_symmetrical_intervals_the_ratio_has_fiellers():
    """
    Fieller (1954), JRSS B 16:175-185: the roots R of (a - R b)^2 = z^2 (sa^2 + R^2 sb^2).
    """
    a, sa, b, sb = 12.0, 2.0, 5.0, 1.0

    found = ratio((a, a - Z95 * sa, a + Z95 * sa), (b, b - Z95 * sb, b + Z95 * sb))

    roots = np.roots([b**2 - (Z95 * sb) ** 2, -2 * a * b, a**2 - (Z95 * sa) ** 2])
    assert (found.lower, found.upper) == pytest.approx(sorted(roots.real), rel=1e-12)


@pytest.mark.parametrize(
    ("a", "b"), [((0.6, 0.5, 0.72), (0.3, 0.2, 0.47)), ((0.1, 0.01, 0.5), (0.9, 0.4, 0.95))]
)
def test_at_the_ends_of_a_ratio_the_difference_just_reaches_nothing(a, b):
    """R is in the interval where a - R b may be 0, by MOVER: Donner & Zou (2012), section 2."""
    found = ratio(a, b)

    low, high = (
        difference(a, tuple(times * x for x in b)) for times in (found.lower, found.upper)
    )
    assert low.lower == pytest.approx(0, abs=1e-12)
    assert high.upper == pytest.approx(0, abs=1e-12)


def test_a_ratio_to_what_may_be_nothing_has_no_upper_end():
    assert ratio((0.5, 0.4, 0.6), (0.1, 0, 0.2)).upper == np.inf
    assert ratio((0, 0, 0.1), (0.5, 0.4, 0.6)).lower == 0
    with pytest.raises(NothingToShow, match="the second estimate is 0"):
        ratio((0.5, 0.4, 0.6), (0, 0, 0.1))
    with pytest.raises(ValueError, match="expected no end below 0"):
        ratio((0.5, -0.4, 0.6), (1, 1, 1))


@pytest.mark.parametrize("estimate", [(0.5, 0.6, 0.7), (0.5, 0.3, 0.4), (np.nan, 0.3, 0.4)])
def test_a_value_outside_its_interval_is_refused(estimate):
    with pytest.raises(ValueError, match="expected a value, its lower and its upper end"):
        difference(estimate, (0.5, 0.4, 0.6))


# Standardised shares


def docket(rng, n, strata=4):
    """Families of two or three, spread over strata, where shares differ by stratum."""
    family = np.repeat(np.arange(n), rng.integers(1, 4, n))
    stratum = rng.integers(0, strata, n)[family]
    stratum = np.where(rng.random(len(family)) < 0.1, 0, stratum)  # some families in two
    chance = (0.2 + 0.15 * stratum + rng.normal(0, 0.1, n)[family]).clip(0.01, 0.99)
    return rng.random(len(family)) < chance, family, stratum


def test_a_share_is_standardised_as_in_the_textbook():
    """
    By hand: 3 of 4 in the first stratum, 1 of 2 in the second; weights 1 and 3 make
    (0.75 + 3 * 0.5) / 4 = 0.5625.
    """
    is_so = [1, 1, 1, 0, 1, 0, 1]
    stratum = [1, 1, 1, 1, 2, 2, 9]

    found = standardised(is_so, np.arange(7), stratum, weights={2: 3, 1: 1, 9: 0})

    assert found.share == 0.5625
    assert (found.count, found.n, found.families) == (4, 6, 6)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_weighting_by_the_inverse_of_the_probability_of_the_group(seed):
    """
    Sato & Matsuyama (2003), Epidemiology 14:680-686: cases weighted by the odds of being in
    the other group, its probability estimated by its share of each stratum.
    """
    rng = np.random.default_rng(seed)
    is_so, family, stratum = docket(rng, 200)
    other = rng.integers(0, 4, 500)
    weights = dict(enumerate(np.bincount(other, minlength=4)))

    found = standardised(is_so, family, stratum, weights=weights)

    own = np.bincount(stratum, minlength=4)
    propensity = own / (own + np.bincount(other, minlength=4))
    odds = ((1 - propensity) / propensity)[stratum]
    assert found.share == pytest.approx((odds * is_so).sum() / odds.sum(), rel=1e-12)


def test_weights_like_the_groups_own_give_the_plain_share_and_a_narrower_interval():
    """
    The sandwich of a regression on the strata: Liang & Zeger (1986); sum over families of
    (sum of w_s (y - p_s) / n_s)^2 times G / (G - 1).
    """
    rng = np.random.default_rng(3)
    is_so, family, stratum = docket(rng, 300)
    own = np.bincount(stratum)

    found = standardised(is_so, family, stratum, weights=dict(enumerate(own)), level=0.95)

    x = (stratum[:, None] == np.arange(4)).astype(float)
    bread = np.linalg.inv(x.T @ x)
    within = bread @ x.T @ is_so
    meat = np.zeros((4, 4))
    for one in np.unique(family):
        score = x[family == one].T @ (is_so - x @ within)[family == one]
        meat += np.outer(score, score)
    share = own / own.sum()
    error = sqrt(share @ bread @ meat @ bread @ share * 300 / 299)
    logit = np.log(found.upper / (1 - found.upper)) - np.log(found.lower / (1 - found.lower))
    assert found.share == pytest.approx(is_so.mean())
    assert logit / 2 / Z95 * found.share * (1 - found.share) == pytest.approx(error, rel=1e-9)
    plain = proportion(is_so, family)
    assert found.upper - found.lower < plain.upper - plain.lower


def test_in_one_stratum_the_standardised_share_is_the_plain_one():
    rng = np.random.default_rng(5)
    is_so, family, _ = docket(rng, 80)

    for values in (is_so, np.zeros(len(is_so)), np.ones(len(is_so))):
        found = standardised(values, family, np.zeros(len(is_so), int), weights={0: 7.5})
        plain = proportion(values, np.arange(len(is_so)) if values is not is_so else family)
        assert found.share == pytest.approx(plain.share)
        if values is is_so:
            assert [found.lower, found.upper] == pytest.approx([plain.lower, plain.upper])
    alone = standardised(
        values, np.arange(len(values)), np.zeros(len(values), int), weights={0: 1}
    )
    assert [alone.lower, alone.upper] == pytest.approx([plain.lower, plain.upper])


def test_where_none_count_the_bound_is_that_of_as_many_cases_as_the_weights_are_worth():
    """
    Kish, Survey Sampling (1965), 11.7: 10 cases of weight 0.05 and 40 of 0.0125 are worth
    1 / (10 * 0.0025 + 40 * 0.00015625) = 32; the exact bound of 0 in 32 is 1 - 0.025^(1/32).
    """
    stratum = np.repeat([1, 2], [10, 40])

    none = standardised([0] * 50, np.arange(50), stratum, weights={1: 1, 2: 1})
    every = standardised([1] * 50, np.arange(50), stratum, weights={1: 1, 2: 1})

    assert (none.share, none.lower) == (0, 0)
    assert none.upper == pytest.approx(0.1089, abs=5e-5)
    assert (every.share, every.upper) == (1, 1)
    assert every.lower == pytest.approx(1 - none.upper)


def test_strata_that_lack_cases_are_counted_and_refused():
    with pytest.raises(NothingToShow, match="2 of 3 weights lack cases"):
        standardised([1, 0], [1, 2], [1, 1], weights={1: 1, 2: 1, 3: 5, 4: 0})
    with pytest.raises(ValueError, match="2 of 3 weights lack cases"):
        standardised_incidence(
            range(6), [1] * 6, range(6), [1] * 6, at=5, weights={1: 1, 2: 1, 3: 5}
        )


@pytest.mark.parametrize("weights", [{}, {1: 0}, {1: -1, 2: 2}, {1: np.nan}])
def test_weights_that_weigh_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="weights: negative, missing, or all 0"):
        standardised([1, 0], [1, 2], [1, 2], weights=weights)


# Standardised incidence


def timed(rng, n):
    family = np.repeat(np.arange(n), rng.integers(1, 4, n))
    stratum = rng.integers(0, 3, n)[family]
    stratum = np.where(rng.random(len(family)) < 0.1, 0, stratum)
    ends = rng.geometric(0.02 + 0.02 * stratum)
    seen = rng.integers(1, 90, len(family))
    outcome = np.where(ends <= seen, rng.integers(1, 4, len(family)), 0)
    return np.minimum(ends, seen), outcome, family, stratum


def test_standardised_incidence_is_the_weighted_mean_of_the_strata():
    days, outcome, family, stratum = timed(np.random.default_rng(1), 300)

    found = standardised_incidence(days, outcome, family, stratum, at=30, weights={0: 1, 2: 3})

    parts = [
        cumulative_incidence(days[stratum == s], outcome[stratum == s], at=30).share[0, 0]
        for s in (0, 2)
    ]
    assert found.share == pytest.approx((parts[0] + 3 * parts[1]) / 4)
    assert found.n == np.isin(stratum, [0, 2]).sum()
    assert found.families == len(np.unique(family[np.isin(stratum, [0, 2])]))


def weighted(days, outcome, weight, day):
    pending, share = 1, 0
    for t in np.unique(days[(outcome > 0) & (days <= day)]):
        at_risk = weight[days >= t].sum()
        share = share + pending * weight[(days == t) & (outcome == 1)].sum() / at_risk
        pending = pending * (1 - weight[(days == t) & (outcome > 0)].sum() / at_risk)
    return share


@pytest.mark.parametrize("day", [5, 30, 60])
def test_its_standard_error_is_the_infinitesimal_jackknife_over_families(day):
    """By a complex step in each family's weight, in all strata at once."""
    days, outcome, family, stratum = timed(np.random.default_rng(2), 60)
    part, step = {0: 0.2, 1: 0.5, 2: 0.3}, 1e-20

    found = standardised_incidence(days, outcome, family, stratum, at=day, weights=part)

    slopes = []
    for one in np.unique(family):
        weight = 1 + step * 1j * (family == one)
        share = sum(
            part[s]
            * weighted(days[stratum == s], outcome[stratum == s], weight[stratum == s], day)
            for s in part
        )
        slopes.append(share.imag / step)
    slow = np.sqrt(np.sum(np.square(slopes)))
    left = np.log1p(-found.share)
    error = np.log(np.log1p(-found.upper) / left) / Z95 * (1 - found.share) * -left
    assert error == pytest.approx(slow, rel=1e-9)


def test_in_one_stratum_it_is_the_cumulative_incidence_interval_and_all():
    days, outcome, family, _ = timed(np.random.default_rng(4), 120)

    found = standardised_incidence(
        days, outcome, family, np.full(len(days), 8), at=40, weights={8: 2}
    )

    plain = cumulative_incidence(days, outcome, family=family).at(1, 40)
    assert [found.share, found.lower, found.upper] == pytest.approx(
        [plain.share, plain.lower, plain.upper]
    )


def test_strata_not_observed_so_long_are_counted_and_refused():
    days, outcome = [5, 9, 9, 5, 9, 20], [1, 0, 0, 1, 1, 0]

    with pytest.raises(NothingToShow, match="1 of 2 strata not observed up to day 15"):
        standardised_incidence(
            days, outcome, range(6), [1, 1, 1, 2, 2, 2], at=15, weights={1: 1, 2: 1}
        )


def test_a_stratum_all_decided_is_known_for_ever():
    days, outcome = [5, 9, 9, 5, 9, 20], [1, 2, 1, 1, 1, 0]

    found = standardised_incidence(
        days, outcome, range(6), [1, 1, 1, 2, 2, 2], at=15, weights={1: 1, 2: 1}
    )

    assert found.share == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_a_standardised_incidence_of_four_families_is_refused():
    with pytest.raises(TooFewCases, match="families, each counted as one case: 4 cases"):
        standardised_incidence(
            range(40), [1] * 40, np.arange(40) % 4, [1] * 40, at=9, weights={1: 1}
        )

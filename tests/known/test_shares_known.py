"""A clustered share, against regression's sandwich, a bootstrap, and published tables."""

from math import exp, log, sqrt

import numpy as np
import pytest

from opendocket.estimate.shares import proportion

Z95 = 1.959963984540054


def families(rng, n):
    """People of families of 1 to 6, seven in ten of whom are decided alike."""
    family = np.repeat(np.arange(n), rng.integers(1, 7, n))
    together = rng.random(n)[family] < 0.3
    is_so = np.where(rng.random(len(family)) < 0.7, together, rng.random(len(family)) < 0.3)
    return is_so, family


def standard_error(found):
    """Undo the logit: half the interval's width there, by the slope of the logit."""
    width = log(found.upper / (1 - found.upper)) - log(found.lower / (1 - found.lower))
    return width / 2 / Z95 * found.share * (1 - found.share)


@pytest.mark.parametrize("seed", range(6))
def test_the_standard_error_is_the_sandwich_of_a_regression_on_a_constant(seed):
    """
    Liang & Zeger (1986), Biometrika 73:13-22: (X'X)^-1 [sum over families of X_g' e_g e_g' X_g]
    (X'X)^-1, with X a column of ones, times G / (G - 1) as in Stata's mean.
    """
    is_so, family = families(np.random.default_rng(seed), 40 + 10 * seed)
    x = np.ones((len(is_so), 1))
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ is_so
    residual = is_so - x @ beta
    meat = np.zeros((1, 1))
    for one in np.unique(family):
        score = x[family == one].T @ residual[family == one]
        meat += np.outer(score, score)
    groups = len(np.unique(family))
    sandwich = bread @ meat @ bread * groups / (groups - 1)

    found = proportion(is_so, 10**9 + 7 * family)

    assert found.share == pytest.approx(beta[0], abs=1e-12)
    assert standard_error(found) == pytest.approx(sqrt(sandwich[0, 0]), rel=1e-9)
    assert (found.count, found.n, found.families) == (is_so.sum(), len(is_so), groups)


def test_the_standard_error_agrees_with_a_bootstrap_of_families():
    """2,000 draws know it to 1 / sqrt(4,000) = 1.6 %; 6 % is nearly four times that."""
    rng = np.random.default_rng(20210528)
    is_so, family = families(rng, 300)
    counted, members = np.bincount(family, is_so), np.bincount(family)

    drawn = rng.integers(0, 300, (2_000, 300))
    draws = counted[drawn].sum(axis=1) / members[drawn].sum(axis=1)

    ours = standard_error(proportion(is_so, family))
    assert ours == pytest.approx(draws.std(), rel=0.06)
    assert ours > 1.3 * sqrt(is_so.mean() * (1 - is_so.mean()) / len(is_so))


def test_without_families_it_is_the_logit_interval_of_a_binomial_share():
    """
    Agresti, Categorical Data Analysis, 2nd ed., 3.1: logit +- z / sqrt(n p (1 - p)); 30 of 100,
    by hand log(3/7) = -0.8473, error 0.2182, so 0.2183 to 0.3966. Here the variance has n - 1.
    """
    found = proportion([True] * 30 + [False] * 70, np.arange(100))

    error = 1 / sqrt(100 * 0.3 * 0.7) * sqrt(100 / 99)
    bounds = [1 / (1 + exp(-(log(3 / 7) + sign * Z95 * error))) for sign in (-1, 1)]
    assert [found.lower, found.upper] == pytest.approx(bounds, abs=1e-12)
    assert [found.lower, found.upper] == pytest.approx([0.2183, 0.3966], abs=0.001)


@pytest.mark.parametrize(
    ("n", "bound"),
    [(10, 0.3085), (20, 0.1684), (50, 0.0711), (100, 0.0362)],
)
def test_where_nobody_or_everybody_counts_the_bound_is_the_exact_one(n, bound):
    """The rule of three's exact form: 1 - 0.025^(1/n), Clopper & Pearson (1934)."""
    lead = np.repeat(np.arange(n), 3)

    none = proportion(np.zeros(3 * n), lead)
    everybody = proportion(np.ones(3 * n), lead)

    assert (none.share, none.lower) == (0, 0)
    assert none.upper == pytest.approx(bound, abs=5e-5)
    assert (everybody.share, everybody.upper) == (1, 1)
    assert everybody.lower == pytest.approx(1 - bound, abs=5e-5)


def test_the_interval_covers_the_truth_for_families_decided_together():
    """1,500 dockets of 80 families: coverage of 95 % has a standard error of 0.6 points."""
    rng = np.random.default_rng(7)
    covered = {"knows": 0, "does not": 0}
    for _ in range(1_500):
        family = np.repeat(np.arange(80), rng.integers(1, 6, 80))
        is_so = (rng.random(80) < 0.25)[family]
        for name, known in (("knows", family), ("does not", np.arange(len(family)))):
            found = proportion(is_so, known)
            covered[name] += found.lower <= 0.25 <= found.upper

    assert 0.92 < covered["knows"] / 1_500 < 0.97
    assert covered["does not"] / 1_500 < 0.85

"""The spread of rates beyond chance, against published fits and SciPy."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from opendocket.errors import TooFewCases
from opendocket.estimate.dispersion import Dispersion, dispersion, shrunken

# Tarone (1982), Biometrics 38:215-220, as in Gelman et al., Bayesian Data Analysis, 3rd ed.,
# Table 5.1: rats with tumours in 70 earlier experiments, and the current one last
RATS = [
    *[(0, 20)] * 7, *[(0, 19)] * 4, *[(0, 18)] * 2, (0, 17), *[(1, 20)] * 4, *[(1, 19)] * 2,
    *[(1, 18)] * 2, (2, 25), (2, 24), (2, 23), *[(2, 20)] * 6, (1, 10), (5, 49), (2, 19),
    (5, 46), (3, 27), (2, 17), (7, 49), (7, 47), *[(3, 20)] * 2, (2, 13), (9, 48), (10, 50),
    *[(4, 20)] * 7, (10, 48), *[(4, 19)] * 3, (5, 22), (11, 46), (12, 49), *[(5, 20)] * 2,
    (6, 23), (5, 19), (6, 22), *[(6, 20)] * 3, (16, 52), (15, 47), (15, 46), (9, 24), (4, 14),
]  # fmt: skip


def rats(last=71):
    return np.array(RATS[:last]).T


def log_likelihood(x, n, a, b):
    """Beta-binomial, from SciPy's beta function."""
    return float(np.sum(special.betaln(x + a, n - x + b) - special.betaln(a, b)))


def by_scipy(x, n):
    """The most likely parameters, and that likelihood."""
    found = optimize.minimize(
        lambda p: -log_likelihood(x, n, *np.exp(p)),
        [1.0, 1.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5_000},
    )
    return np.exp(found.x), -found.fun


def test_boys_among_the_first_twelve_children_vary_as_published():
    """
    Geissler (1889), families of 13 in Saxony, as in Lindsey & Altham (1998), Appl. Statist.
    47:149-157; beta-binomial fit a = 34.09558, b = 31.5715 (Wikipedia, "Beta-binomial
    distribution", whose fourth digit ours improves on: see the next test).
    """
    families = [3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7]
    boys = np.repeat(np.arange(13), families)

    found = dispersion(boys, np.full(6115, 12))

    assert found.prior == pytest.approx((34.09558, 31.5715), rel=3e-4)
    assert (found.groups, found.n) == (6115, 73380)


def test_tumours_in_rats_spread_as_the_textbook_says():
    """
    Bayesian Data Analysis, 5.1: of the 70 the mean is 0.136 and the standard deviation 0.103;
    5.3: the posterior of (log(a/b), log(a+b)), under a faint prior, peaks near (-1.75, 2.8).
    """
    x, n = rats()

    found = dispersion(x, n)

    a, b = found.prior
    assert np.mean(x[:70] / n[:70]) == pytest.approx(0.136, abs=5e-4)
    assert dispersion(x[:70], n[:70]).sd_observed == pytest.approx(0.103, abs=5e-4)
    assert [np.log(a / b), np.log(a + b)] == pytest.approx([-1.75, 2.8], abs=0.06)


def test_the_shrunken_rate_of_the_current_rats_is_the_textbooks():
    """
    Bayesian Data Analysis, 5.1: under Beta(1.4, 8.6) the rate of the experiment with 4 of 14
    is 0.223 with a standard deviation of 0.083; Beta(5.4, 18.6).
    """
    sd = float(stats.beta(1.4, 8.6).std())
    spread = Dispersion(0.14, sd, 0, 1, groups=70, n=1725, sd_by_chance=0.1, sd_observed=0.1)

    found = shrunken([4, 0], [14, 0], spread)

    assert found.rate == pytest.approx([0.223, 0.14], abs=8e-3)
    assert found.rate[0] == pytest.approx(5.4 / 24, abs=1e-12)
    assert [found.lower[0], found.upper[0]] == pytest.approx(
        stats.beta(5.4, 18.6).interval(0.95), abs=1e-12
    )


@pytest.mark.parametrize("seed", range(5))
def test_mean_and_sd_are_scipys_fit_for_judges_of_any_size(seed):
    """Trials from 1 to 5,000, so that both ways of adding up logarithms are used."""
    rng = np.random.default_rng(seed)
    n = np.concatenate([rng.integers(1, 80, 40), rng.integers(80, 5_000, 20)])
    x = rng.binomial(n, rng.beta(1.5, 2.5, 60))

    found = dispersion(x, n)

    (a, b), most = by_scipy(x, n)
    assert found.mean == pytest.approx(a / (a + b), abs=1e-6)
    assert found.sd == pytest.approx(stats.beta(a, b).std(), abs=1e-6)
    assert log_likelihood(x, n, *found.prior) == pytest.approx(most, abs=1e-6)


def test_a_small_spread_over_many_middling_judges_is_scipys_fit_too():
    """Here the logarithms that are not added one by one matter most: a + b is near 64."""
    rng = np.random.default_rng(64)
    n = rng.integers(65, 300, 300)
    x = rng.binomial(n, rng.beta(20, 44, 300))

    found = dispersion(x, n)

    (a, b), most = by_scipy(x, n)
    assert found.prior == pytest.approx((a, b), rel=2e-5)
    assert log_likelihood(x, n, *found.prior) == pytest.approx(most, abs=1e-6)


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_at_the_ends_of_its_interval_the_profile_likelihood_has_fallen_by_half_a_quantile(
    level,
):
    """Wilks (1938): by chi2(1).ppf(level) / 2, over all means with that sd, found by SciPy."""
    x, n = rats()

    found = dispersion(x, n, level=level)

    def profile(sd):
        def lack(mean):
            size = mean * (1 - mean) / sd**2 - 1
            return -log_likelihood(x, n, mean * size, (1 - mean) * size)

        return -optimize.minimize_scalar(
            lack, bounds=(0.05, 0.4), method="bounded", options={"xatol": 1e-10}
        ).fun

    fallen = [profile(found.sd) - profile(end) for end in (found.lower, found.upper)]
    assert fallen == pytest.approx([stats.chi2(1).ppf(level) / 2] * 2, abs=1e-5)


def test_the_posterior_intervals_are_scipys():
    rng = np.random.default_rng(12)
    n = np.concatenate([[1, 2, 3], rng.integers(1, 9_000, 60)])
    x = rng.binomial(n, rng.beta(0.7, 2, 63))
    spread = dispersion(x, n)

    found = shrunken(x, n, spread, level=0.9)

    a, b = spread.prior
    theirs = stats.beta(a + x, b + n - x)
    np.testing.assert_allclose(found.lower, theirs.ppf(0.05), atol=1e-10)
    np.testing.assert_allclose(found.upper, theirs.ppf(0.95), atol=1e-10)
    np.testing.assert_allclose(found.rate, theirs.mean(), atol=1e-12)


def test_judges_who_decide_alike_show_no_spread_though_their_rates_lie_apart():
    """500 judges with 20 decisions each: chance alone spreads their rates by 0.10."""
    x = stats.binom(20, 0.3).ppf(np.linspace(0.005, 0.995, 500)).astype(int)

    found = dispersion(x, np.full(500, 20))

    assert (found.sd, found.lower) == (0, 0)
    assert 0 < found.upper < 0.05
    assert found.sd_by_chance == pytest.approx(np.sqrt(0.3 * 0.7 / 20), rel=0.02)
    assert found.sd_observed == pytest.approx(found.sd_by_chance, rel=0.05)
    assert found.prior == (np.inf, np.inf)
    drawn = shrunken(x, np.full(500, 20), found)
    assert set(drawn.rate) == set(drawn.lower) == {found.mean}


@pytest.mark.slow
def test_the_interval_covers_the_true_spread():
    """300 sets of 60 judges: coverage of 95 % has a standard error of 1.3 points."""
    rng = np.random.default_rng(9)
    truth, covered = stats.beta(3, 5).std(), 0
    for _ in range(300):
        n = rng.integers(5, 120, 60)
        found = dispersion(rng.binomial(n, rng.beta(3, 5, 60)), n)
        covered += found.lower <= truth <= found.upper

    assert 0.91 < covered / 300 < 0.985


@pytest.mark.parametrize("share", [0, 1])
def test_where_nobody_or_everybody_is_granted_there_is_no_spread_to_see(share):
    trials = np.full(30, 40)

    found = dispersion(share * trials, trials)

    assert (found.mean, found.sd, found.lower) == (share, 0, 0)
    assert 0 < found.upper < 0.3


def test_groups_without_a_trial_change_nothing():
    x, n = rats()

    again = dispersion([*x, 0, 0], [*n, 0, 0])

    assert again == dispersion(x, n)


@pytest.mark.parametrize(
    ("x", "n", "complaint"),
    [
        ([1] * 5, [2] * 6, "expected integers"),
        ([1.0] * 5, [2] * 5, "of float64"),
        ([3, 1, 1, 1, 1], [2] * 5, "successes: 1 below 0 or above"),
        ([-1, 1, 1, 1, 1], [2] * 5, "successes: 1 below 0 or above"),
    ],
)
def test_successes_that_do_not_fit_their_trials_are_refused(x, n, complaint):
    with pytest.raises(ValueError, match=complaint):
        dispersion(x, n)


def test_four_groups_are_too_few():
    with pytest.raises(TooFewCases, match="each group counted as one case: 4 cases"):
        dispersion([1, 1, 1, 1, 0], [2, 2, 2, 2, 0])

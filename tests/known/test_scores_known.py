"""Scores agree with closed forms and with tables that others printed."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from opendocket.simulate.scores import coverage, crps, interval_score


def crps_of_a_normal(mean, sd, observed):
    """Gneiting & Raftery (2007), equation 21's closed form for a normal forecast."""
    from math import erf, exp, pi, sqrt

    z = (observed - mean) / sd
    below = (1 + erf(z / sqrt(2))) / 2
    density = exp(-z * z / 2) / sqrt(2 * pi)
    return sd * (z * (2 * below - 1) + 2 * density - 1 / sqrt(pi))


@pytest.mark.parametrize("observed", [-2.0, 0.0, 0.7, 4.0])
def test_an_ensemble_of_a_normal_scores_as_the_closed_form_says(observed):
    rng = np.random.default_rng(20240405)
    reps = rng.normal(1.0, 2.0, size=(40, 4000))
    found = np.array([crps(draws, observed) for draws in reps])
    error = found.std(ddof=1) / np.sqrt(len(found))

    assert error < 0.01
    assert abs(found.mean() - crps_of_a_normal(1.0, 2.0, observed)) < 4 * error


def test_a_point_forecast_scores_its_absolute_error():
    assert crps([[3.0]], [7.5], is_fair=False).tolist() == [4.5]
    assert crps([[3.0], [3.0]], [7.5]).tolist() == [4.5]


def test_few_draws_are_not_held_against_a_model_that_is_scored_fairly():
    """Ferro (2014): the fair score's mean does not depend on the number of draws."""
    rng = np.random.default_rng(7)
    came = rng.normal(size=60_000)
    for m in (2, 5):
        fair = crps(rng.normal(size=(m, 60_000)), came)
        # of a standard normal forecast of itself the mean is 1 / sqrt(pi)
        error = fair.std() / np.sqrt(60_000)
        assert abs(fair.mean() - 1 / np.sqrt(np.pi)) < 4 * error < 0.02
    plain = crps(rng.normal(size=(2, 60_000)), came, is_fair=False)
    assert_allclose(plain.mean(), 1.5 / np.sqrt(np.pi), rtol=0.02)


def test_the_score_is_the_sum_over_all_pairs():
    rng = np.random.default_rng(3)
    draws, came = rng.gamma(2, 3, size=(17, 5)), rng.gamma(2, 3, size=5)
    pairs = np.abs(draws[:, None] - draws[None]).sum(axis=(0, 1))
    off = np.abs(draws - came).mean(axis=0)

    assert_allclose(crps(draws, came), off - pairs / (2 * 17 * 16))
    assert_allclose(crps(draws, came, is_fair=False), off - pairs / (2 * 17 * 17))


def test_a_band_that_misses_pays_twenty_times_what_it_missed_at_ninety_percent():
    """By hand from Gneiting & Raftery (2007), equation 43, with alpha = 0.1."""
    found = interval_score([100, 100, 100], [160, 160, 160], [130, 97, 165], level=0.9)

    assert_allclose(found, [60, 60 + 20 * 3, 60 + 20 * 5])


@pytest.mark.parametrize(
    ("count", "n", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_coverage_has_the_interval_that_newcombe_printed(count, n, lower, upper):
    """Newcombe, Statistics in Medicine 17:857-872 (1998), table I, method 3."""
    found = coverage([True] * count + [False] * (n - count))

    assert (found.count, found.n, found.worth) == (count, n, n)
    assert_allclose([found.lower, found.upper], [lower, upper], atol=5e-5)


def test_bands_of_courts_that_miss_together_are_worth_one_a_court():
    inside = np.repeat([True, True, True, False, True, False], 8)
    alone = coverage([True, True, True, False, True, False])
    found = coverage(inside, cluster=np.repeat(np.arange(6), 8))

    # Cochran's factor G/(G-1) makes it five of six
    assert found.worth == pytest.approx(5)
    assert found.lower < alone.lower < alone.upper < found.upper
    assert coverage(inside, cluster=np.arange(48)).worth == pytest.approx(47)


@pytest.mark.parametrize("draws", [[], [[1.0]]])
def test_too_few_draws_are_refused(draws):
    with pytest.raises(ValueError, match="expected"):
        crps(np.reshape(draws, (len(draws), 1)), [1.0])


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="expected"):
        crps(np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(ValueError, match="no band"):
        coverage([])
    with pytest.raises(ValueError, match="expected"):
        coverage([True, False], cluster=[1])

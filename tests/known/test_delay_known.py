"""Reporting delays, worked by hand, and against lifelines with time turned round."""

import warnings

import numpy as np
import pytest

from opendocket.errors import NothingToShow, TooFewCases
from opendocket.estimate.delay import corrected, delay_from_two, reporting_delay

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifelines import KaplanMeierFitter

Z95 = 1.959963984540054


def test_delays_of_three_months_as_worked_by_hand():
    """
    Events by month and delay in months, on the last month's day (the run-off triangle of
    Kalbfleisch & Lawless 1991, section 2):

    age  delay 0  1  2
    2       10    6  4
    1        8    8
    0       15

    Of delays up to 2, from month 2: 4 of 20 took 2, so 16/20 took less.
    Of delays up to 1, from months 2 and 1: 6 + 8 of 32 took 1, so 18/32 took 0.
    F(1) = 16/20 = 0.8; F(0) = 0.8 * 18/32 = 0.45.
    """
    delay = np.repeat([0, 1, 2, 0, 1, 0], [10, 6, 4, 8, 8, 15])
    age = np.repeat([2, 2, 2, 1, 1, 0], [10, 6, 4, 8, 8, 15])

    curve = reporting_delay(delay, age)

    np.testing.assert_allclose(curve.entered_share, [0.45, 0.8, 1], atol=1e-14)
    assert curve.days.tolist() == [0, 1, 2]
    assert curve.at_risk.tolist() == [33, 32, 20]
    assert curve.n == 51
    plain = np.mean(delay <= 0)
    assert plain > 0.6, "the plain share of those entered flatters"


def test_the_newest_months_corrected_as_worked_by_hand():
    """The triangle above: 15 / 0.45 = 33.3 and 16 / 0.8 = 20 are to be expected."""
    delay = np.repeat([0, 1, 2, 0, 1, 0], [10, 6, 4, 8, 8, 15])
    age = np.repeat([2, 2, 2, 1, 1, 0], [10, 6, 4, 8, 8, 15])

    found = corrected([20, 16, 15], [2, 1, 0], reporting_delay(delay, age))

    np.testing.assert_allclose(found.expected, [20, 20, 100 / 3])
    assert (found.lower[0], found.upper[0]) == (20, 20)
    assert (found.lower < found.expected)[1:].all()
    assert (found.lower >= [20, 16, 15]).all()


def made_up(rng, n=400, last=60):
    """Events over some days before the release, of which those entered by then are seen."""
    age = rng.integers(0, last + 1, n)
    delay = rng.geometric(0.07, n) - 1
    return delay[delay <= age], age[delay <= age]


@pytest.mark.parametrize("seed", range(6))
def test_with_time_turned_round_it_is_lifelines_kaplan_meier_with_entries(seed):
    """
    Lagakos, Barraj & De Gruttola (1988): in the time L - delay, a record is under observation
    from L - age on. lifelines counts those at risk who entered before, so half a day is added.
    """
    delay, age = made_up(np.random.default_rng(seed))
    last = int(age.max())

    curve = reporting_delay(delay, age)

    back = last + 1 - delay
    oracle = KaplanMeierFitter().fit(back, np.ones(len(back)), entry=last + 0.5 - age)
    at = [d for d in np.unique(delay) if d > 0]
    # entered within d - 1 days: not yet met, going back, just after the delay d
    theirs = oracle.survival_function_at_times([last + 1 - d for d in at]).to_numpy()
    ours = curve.entered_share[[d - 1 for d in at]]
    np.testing.assert_allclose(ours, theirs, atol=1e-9)
    band = oracle.confidence_interval_.loc[[last + 1 - d for d in at]].to_numpy()
    assert band.shape == (len(at), 2)
    error = np.log(np.log(band[:, 0]) / np.log(theirs)) / Z95 * theirs * -np.log(theirs)
    is_open = (theirs > 0.01) & (theirs < 0.99)
    left = np.log1p(-ours)
    mine = np.log(np.log1p(-curve.upper[[d - 1 for d in at]]) / left) / Z95 * (1 - ours) * -left
    np.testing.assert_allclose(mine[is_open], error[is_open], rtol=1e-9)


def test_the_share_entered_is_found_where_the_plain_share_is_far_off():
    """Geometric delays of mean 13 seen over 60 days: F(d) = 1 - 0.93^(d+1), over F(60)."""
    rng = np.random.default_rng(1)
    delay, age = made_up(rng, n=60_000)

    curve = reporting_delay(delay, age)

    truth = (1 - 0.93 ** (curve.days + 1)) / (1 - 0.93**61)
    np.testing.assert_allclose(curve.entered_share, truth, atol=0.02)
    assert np.mean(delay <= 10) - truth[10] > 0.08


def test_of_delays_within_a_horizon_the_share_is_the_whole_curves_over_its_own_there():
    """Conditional chances: F(d) / F(20), by the same product, cut short."""
    delay, age = made_up(np.random.default_rng(8), n=900)
    whole = reporting_delay(delay, age)

    curve = reporting_delay(delay, age, within=20)

    assert curve.days.tolist() == list(range(21))
    assert curve.n == (delay <= 20).sum()
    expected = whole.entered_share[:21] / whole.entered_share[20]
    np.testing.assert_allclose(curve.entered_share, expected, rtol=1e-12)


def test_where_all_are_old_it_is_the_plain_share():
    rng = np.random.default_rng(2)
    delay = rng.integers(0, 30, 200)

    curve = reporting_delay(delay, np.full(200, 40))

    plain = [(delay <= day).mean() for day in range(41)]
    np.testing.assert_allclose(curve.entered_share, plain, atol=1e-12)


def test_the_share_at_an_age_is_the_last_days():
    curve = delay_from_two([2, 0, 6, 9], [8, 0, 8, 10])

    share, lower, upper = curve.at([0, 1, 2, 1_000, -1])

    assert curve.days.tolist() == [0, 2, 3]
    assert share.tolist() == [0.25, 0.25, 0.75, 0.9, 0]
    assert (lower[:4] < share[:4]).all()
    assert (upper[:4] > share[:4]).all()


@pytest.mark.parametrize(
    ("had", "has", "interval"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611))],
)
def test_from_two_releases_the_interval_is_wilsons(had, has, interval):
    """Newcombe (1998), Stat. Med. 17:857-872, Table I, method 3."""
    curve = delay_from_two([had], [has])

    assert (curve.lower[0], curve.upper[0]) == pytest.approx(interval, abs=6e-5)
    assert (curve.at_risk.tolist(), curve.n) == ([has], has)


def test_a_count_of_none_may_hide_as_many_as_chance_would_hide():
    """Of N events each unseen with chance 0.75: 0.75^N = 0.025 at N = 12.8."""
    many = delay_from_two([25_000_000], [100_000_000])

    found = corrected([0], [0], many)

    assert (found.expected[0], found.lower[0]) == (0, 0)
    assert found.upper[0] == pytest.approx(np.log(0.025) / np.log(0.75), rel=1e-3)


def test_a_period_younger_than_any_entry_is_unknown():
    curve = delay_from_two([0, 5], [10, 10])

    found = corrected([0, 5], [0, 1], curve)

    assert np.isnan(found.expected[0])
    assert found.upper[0] == np.inf
    assert found.expected[1] == 10


def test_the_interval_of_a_corrected_count_covers_what_is_entered_later():
    """2,000 months of 200 events, each entered by now with chance 0.6, F known from 400."""
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(2_000):
        curve = delay_from_two([rng.binomial(400, 0.6)], [400])
        found = corrected([rng.binomial(200, 0.6)], [0], curve)
        covered += found.lower[0] <= 200 <= found.upper[0]

    assert 0.93 < covered / 2_000 < 0.97


@pytest.mark.parametrize(
    ("delay", "age", "complaint"),
    [
        ([0, 1, 2, 3, 4, 9], [5] * 6, "delay: 1 beyond their age"),
        ([0, 1, 2, 3, 4, -1], [5] * 6, "delay: 1 below 0"),
        ([0, 1, 2, 3, 4, 4.5], [5] * 6, "of float64; expected whole days"),
        ([0, 1, 2, 3, 4], [5] * 6, "expected .n,. twice"),
    ],
)
def test_delays_that_do_not_fit_their_ages_are_refused(delay, age, complaint):
    with pytest.raises(ValueError, match=complaint):
        reporting_delay(delay, age)


def test_too_little_to_know_delays_by_is_refused():
    with pytest.raises(TooFewCases, match="reporting delay: 4 cases"):
        reporting_delay([0] * 4, [1] * 4)
    with pytest.raises(TooFewCases, match="reporting delay: 4 cases"):
        reporting_delay([0, 0, 0, 0, 9], [9] * 5, within=3)
    with pytest.raises(NothingToShow, match="no event in the later release"):
        delay_from_two([0, 0], [0, 0])
    with pytest.raises(ValueError, match="none of the earlier above the later"):
        delay_from_two([3], [2])
    with pytest.raises(ValueError, match="none below 0"):
        corrected([-1], [0], delay_from_two([1], [2]))

"""What the estimators refuse, and what they do at the edges."""

import numpy as np
import pytest

from opendocket.errors import TooFewCases
from opendocket.estimate.survival import (
    Share,
    cumulative_incidence,
    kaplan_meier,
    median_days,
    quantile_days,
    restricted_mean,
)

DAYS = [10, 20, 30, 40, 50, 60]
OUTCOME = [1, 2, 0, 1, 0, 0]
ESTIMATORS = pytest.mark.parametrize("estimate", [kaplan_meier, cumulative_incidence])


@ESTIMATORS
@pytest.mark.parametrize("n", [0, 1, 4])
def test_fewer_than_five_cases_are_refused(estimate, n):
    with pytest.raises(TooFewCases, match=f"{n} cases; expected at least 5"):
        estimate(DAYS[:n], OUTCOME[:n])


@ESTIMATORS
@pytest.mark.parametrize(
    ("days", "codes", "complaint"),
    [
        (DAYS, OUTCOME[:-1], r"days \(6,\), .+ \(5,\); expected \(n,\) twice"),
        ([DAYS], [OUTCOME], r"days \(1, 6\)"),
        ([*DAYS[:-1], -1], OUTCOME, "days: 1 missing, negative or infinite"),
        ([*DAYS[:-1], np.nan], OUTCOME, "days: 1 missing, negative or infinite"),
        ([*DAYS[:-1], np.inf], OUTCOME, "days: 1 missing, negative or infinite"),
        (DAYS, [*OUTCOME[:-1], -1], "negative, missing or no integer"),
        (DAYS, [*OUTCOME[:-1], np.nan], "negative, missing or no integer"),
        (DAYS, [*OUTCOME[:-1], None], "negative, missing or no integer"),
        (np.ma.masked_equal(DAYS, 30), OUTCOME, "masked values"),
        (DAYS, np.ma.masked_equal(OUTCOME, 2), "masked values"),
    ],
)
def test_what_is_not_one_docket_is_refused(estimate, days, codes, complaint):
    with pytest.raises(ValueError, match=complaint):
        estimate(days, codes)


@ESTIMATORS
@pytest.mark.parametrize("level", [0, 1, 95, np.nan])
def test_a_level_outside_0_to_1_is_refused(estimate, level):
    with pytest.raises(ValueError, match="expected between 0 and 1"):
        estimate(DAYS, OUTCOME, level=level)


@pytest.mark.parametrize(
    "family",
    [
        [1, 2, 3, 4, 5],
        [[1, 2, 3, 4, 5, 6]],
        [1, 2, 3, 4, 5, np.nan],
        ["a", "b", "c", "d", "e", "f"],
        np.ma.masked_equal([1, 2, 3, 4, 5, 6], 3),
    ],
)
def test_families_that_do_not_fit_the_cases_are_refused(family):
    with pytest.raises(ValueError, match=r"expected integers \(6,\), none missing"):
        cumulative_incidence(DAYS, OUTCOME, family=family)


def test_fewer_than_five_families_are_refused_however_many_their_members():
    family = np.arange(400) % 4

    with pytest.raises(TooFewCases, match="families, each counted as one case: 4 cases"):
        cumulative_incidence(np.arange(400), np.ones(400, dtype=int), family=family)


@pytest.mark.parametrize("at", [61, [10, 61], [-1, 10], [np.nan], []])
def test_days_that_nobody_was_observed_to_reach_are_refused(at):
    with pytest.raises(ValueError, match="expected days from 0 to 60, the last day observed"):
        cumulative_incidence(DAYS, OUTCOME, at=at)


@pytest.mark.parametrize("outcomes", [[1], [0, 1, 2], [-3, 1, 2], []])
def test_outcomes_that_leave_out_one_found_or_name_none_are_refused(outcomes):
    with pytest.raises(ValueError, match=r"expected codes from 1, \[1, 2\] among them"):
        cumulative_incidence(DAYS, OUTCOME, outcomes=outcomes)


def test_an_outcome_nobody_had_is_shown_as_zero():
    curves = cumulative_incidence(DAYS, OUTCOME, outcomes=[3, 2, 1], family=DAYS)

    assert curves.outcomes == (1, 2, 3)
    assert curves.at(3, 60) == Share(0, 0, 0, n=6, at_risk=1)


def test_where_nothing_is_decided_everything_is_pending():
    curves = cumulative_incidence(DAYS, [0] * 6, outcomes=[1])
    none = cumulative_incidence(DAYS, [0] * 6)
    curve = kaplan_meier(DAYS, [False] * 6)

    assert curves.pending_share.tolist() == none.pending_share.tolist() == [1] * 6
    assert curves.share.tolist() == [[0] * 6]
    assert none.share.shape == (0, 6)
    assert (curve.days.tolist(), curve.n) == ([], 6)
    assert median_days(curve) == median_days(curves)
    assert median_days(curve).days is None


def test_where_everything_is_decided_one_way_the_share_ends_at_exactly_one():
    curves = cumulative_incidence(np.arange(7) / 3, [1] * 7)

    assert curves.at(1, 2) == Share(1, 1, 1, n=7, at_risk=1)
    assert curves.pending_share[-1] == 0


def test_a_case_pending_on_the_day_others_are_decided_counts_at_risk_that_day():
    curves = cumulative_incidence([5, 5, 5, 5, 9], [1, 0, 0, 0, 0])
    curve = kaplan_meier([5, 5, 5, 5, 9], [1, 0, 0, 0, 0])

    assert curves.at(1, 5).at_risk == 5
    assert curves.at(1, 5).share == pytest.approx(1 / 5)
    assert curve.at_risk.tolist() == [5]


def test_between_two_days_the_share_is_the_earlier_and_those_at_risk_the_later():
    curves = cumulative_incidence(DAYS, OUTCOME)

    share = curves.at(1, 45)

    assert (share.share, share.lower) == (curves.share[0, 3], curves.lower[0, 3])
    assert share.at_risk == 2
    assert curves.at(1, 3) == Share(0, 0, 0, n=6, at_risk=6)


@pytest.mark.parametrize("day", [-1, 60.5, np.nan])
def test_a_share_beyond_observation_is_refused(day):
    with pytest.raises(ValueError, match=r"beyond observation; expected 0 to 60"):
        cumulative_incidence(DAYS, OUTCOME).at(1, day)


def test_the_share_of_an_unknown_outcome_is_refused():
    with pytest.raises(ValueError, match=r"outcome 3; expected one of \(1, 2\)"):
        cumulative_incidence(DAYS, OUTCOME).at(3, 10)


def test_chosen_days_come_back_ascending_and_once():
    curves = cumulative_incidence(DAYS, OUTCOME, at=[45, 10, 45])

    assert curves.days.tolist() == [10, 45]
    assert curves.at_risk.tolist() == [6, 2]


def test_thinned_curves_keep_the_ends_and_the_values():
    rng = np.random.default_rng(1)
    curves = cumulative_incidence(rng.integers(0, 5_000, 2_000), rng.integers(0, 3, 2_000))

    thin = curves.thinned(200)

    assert len(thin.days) == 200
    assert (thin.days[0], thin.days[-1]) == (curves.days[0], curves.days[-1])
    for day in thin.days:
        assert thin.at(2, day) == curves.at(2, day)
    assert cumulative_incidence(DAYS, OUTCOME).thinned(200).days.tolist() == DAYS


def test_a_median_of_competing_outcomes_is_refused():
    with pytest.raises(ValueError, match=r"curve: outcomes \(1, 2\); expected one"):
        median_days(cumulative_incidence(DAYS, OUTCOME))


def test_a_wider_level_gives_a_wider_interval():
    narrow, wide = (cumulative_incidence(DAYS, OUTCOME, level=x).at(1, 40) for x in (0.5, 0.99))

    assert wide.lower < narrow.lower < narrow.share == wide.share < narrow.upper < wide.upper


def test_any_integers_will_do_for_families():
    rng = np.random.default_rng(2)
    days, outcome, number = rng.integers(0, 50, (3, 300))
    outcome %= 3
    plain = cumulative_incidence(days, outcome, family=number)

    for ids in (number.astype(np.int8) - 25, number * 2**57 - 2**62, number.astype(np.uint8)):
        again = cumulative_incidence(days, outcome, family=ids)
        np.testing.assert_allclose(again.upper, plain.upper, rtol=1e-12)


def test_more_families_than_are_handled_at_a_time_count_the_same():
    """Five copies of 40,000 cases are 200,000 members; a piece holds 131,072."""
    rng = np.random.default_rng(4)
    days, outcome = rng.integers(0, 60, 40_000), rng.integers(0, 3, 40_000)
    copies = np.tile(np.arange(40_000), 5)

    again = cumulative_incidence(days[copies], outcome[copies], family=copies)

    once = cumulative_incidence(days, outcome)
    np.testing.assert_allclose(again.lower, once.lower, rtol=1e-9)


def test_what_is_given_is_not_changed():
    days, outcome, family = np.array(DAYS), np.array(OUTCOME), np.array(DAYS)

    cumulative_incidence(days, outcome, family=family)

    assert days.tolist() == family.tolist() == DAYS
    assert outcome.tolist() == OUTCOME


@ESTIMATORS
@pytest.mark.parametrize(
    ("entered", "complaint"),
    [
        ([0, 0, 0, 40, 50, 0], "entered: 2 of 6 cases on or after their last day; expected"),
        ([0, 0, 0, -1, 0, 0], "entered: 1 missing or negative"),
        ([0, 0, 0, np.nan, 0, 0], "entered: 1 missing or negative"),
        ([0, 0, 0], r"entered \(3,\); expected \(6,\)"),
        (np.ma.masked_equal([1, 1, 2, 1, 1, 1], 2), "entered: masked values"),
    ],
)
def test_entries_that_do_not_fit_the_cases_are_refused(estimate, entered, complaint):
    with pytest.raises(ValueError, match=complaint):
        estimate(DAYS, OUTCOME, entered=entered)


def test_entries_at_the_start_are_no_entries():
    curves = cumulative_incidence(DAYS, OUTCOME, entered=[0] * 6)
    curve = kaplan_meier(DAYS, OUTCOME, entered=[0] * 6)

    plain = cumulative_incidence(DAYS, OUTCOME)
    np.testing.assert_allclose(curves.upper, plain.upper, rtol=1e-12)
    assert curves.at_risk.tolist() == plain.at_risk.tolist()
    assert curve.upper.tolist() == kaplan_meier(DAYS, OUTCOME).upper.tolist()


def test_where_nobody_is_under_observation_nothing_changes():
    """All of the first two end before the others enter: the curve is 0 for good."""
    curves = cumulative_incidence(
        [2, 4, 30, 40, 50], [1, 1, 1, 1, 0], entered=[0, 0, 20, 20, 20], at=[4, 10, 50]
    )

    assert curves.at_risk.tolist() == [1, 0, 1]
    assert curves.share.tolist() == [[1, 1, 1]]
    assert curves.pending_share.tolist() == [0, 0, 0]


@pytest.mark.parametrize("until", [0, -1, 60.5, np.inf, np.nan])
def test_a_horizon_beyond_observation_is_refused(until):
    with pytest.raises(ValueError, match="expected above 0, and at most 60, the last day"):
        restricted_mean(DAYS, OUTCOME, until=until)


def test_where_all_have_ended_the_horizon_may_be_later():
    mean = restricted_mean([10, 20, 30, 40, 50], [1] * 5, until=1_000)

    assert (mean.days, mean.until) == (pytest.approx(30), 1_000)


def test_before_the_first_ending_the_mean_is_the_horizon():
    mean = restricted_mean(DAYS, OUTCOME, until=5)

    assert (mean.days, mean.lower, mean.upper) == (5, 5, 5)


@pytest.mark.parametrize("share", [0, 1, -0.5, np.nan])
def test_days_until_none_or_all_are_decided_are_refused(share):
    with pytest.raises(ValueError, match="expected between 0 and 1"):
        quantile_days(kaplan_meier(DAYS, OUTCOME), share)


def test_times_longer_than_a_life_are_sorted_and_not_counted():
    far = [10**9 + day for day in DAYS]

    assert (
        kaplan_meier(far, OUTCOME).upper.tolist() == kaplan_meier(DAYS, OUTCOME).upper.tolist()
    )
    again = cumulative_incidence(far, OUTCOME)
    np.testing.assert_array_equal(again.share, cumulative_incidence(DAYS, OUTCOME).share)


def test_codes_may_be_any_integers_from_0():
    far = [1_000_000 * code for code in OUTCOME]

    curves = cumulative_incidence(DAYS, far, family=DAYS, outcomes=[1_000_000, 2_000_000, 7])

    assert curves.outcomes == (7, 1_000_000, 2_000_000)
    plain = cumulative_incidence(DAYS, OUTCOME, family=DAYS)
    np.testing.assert_array_equal(curves.upper[1:], plain.upper)

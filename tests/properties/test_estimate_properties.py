"""What holds for counts, shares, contrasts, spreads and delays of any groups."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendocket.estimate.contrast import difference, ratio, standardised
from opendocket.estimate.counts import counted, grouped_counts
from opendocket.estimate.delay import corrected, reporting_delay
from opendocket.estimate.dispersion import dispersion, shrunken
from opendocket.estimate.shares import grouped_proportions, proportion
from opendocket.estimate.survival import cumulative_incidence, kaplan_meier, restricted_mean

FAR = st.sampled_from([1, 10**12])
cases = st.lists(
    st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=60
)
late = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 2), st.integers(0, 40), st.integers(0, 12)),
    min_size=5,
    max_size=60,
).filter(lambda docket: len({family for *_, family in docket}) >= 5)
estimates = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(
    lambda ends: (sorted(ends)[1], sorted(ends)[0], sorted(ends)[2])
)


@given(cases, FAR)
def test_of_many_groups_each_share_is_the_one_asked_alone(docket, far):
    is_so, family, group = (np.array(column) for column in zip(*docket, strict=True))
    family = far * family

    found = grouped_proportions(is_so, family, group, groups=6)

    for number in np.unique(group):
        among = group == number
        single = proportion(is_so[among], family[among])
        for name in ("share", "lower", "upper", "count", "n", "families"):
            ours = getattr(found, name)[number]
            assert ours == pytest.approx(getattr(single, name), abs=1e-12)
    assert found.n.sum() == len(docket)
    assert np.isnan(found.share[found.n == 0]).all()


@given(cases, FAR)
def test_of_many_groups_each_count_is_the_one_asked_alone(docket, far):
    _, family, group = (np.array(column) for column in zip(*docket, strict=True))
    family = far * family

    found = grouped_counts(group, family, groups=6)

    for number in range(6):
        single = counted(family[group == number])
        for name in ("count", "lower", "upper", "families"):
            ours = getattr(found, name)[number]
            assert ours == pytest.approx(getattr(single, name), rel=1e-12)


def columns_of(docket):
    days, outcome, entered, family = (np.array(c) for c in zip(*docket, strict=True))
    return days, outcome, np.minimum(entered, days - 1), family


@given(late)
def test_with_late_entries_all_shares_still_sum_to_one_every_day(docket):
    days, outcome, entered, family = columns_of(docket)

    curves = cumulative_incidence(days, outcome, family=family, entered=entered)

    total = curves.share.sum(axis=0) + curves.pending_share
    np.testing.assert_allclose(total, 1, atol=1e-12)
    at_risk = [np.sum((entered < day) & (day <= days)) for day in curves.days]
    assert curves.at_risk.tolist() == at_risk
    assert (curves.lower <= curves.share + 1e-12).all()
    assert (curves.upper >= curves.share - 1e-12).all()


@given(late)
def test_the_mean_up_to_a_horizon_is_the_area_under_the_curve(docket):
    days, outcome, entered, family = columns_of(docket)
    ended, until = outcome > 0, int(days.max())
    curve = kaplan_meier(days, ended, entered=entered)

    found = restricted_mean(days, ended, until=until, family=family, entered=entered)

    daily = [
        np.append(1.0, curve.share_pending)[np.searchsorted(curve.days, day, side="right")]
        for day in range(until)
    ]
    assert found.days == pytest.approx(sum(daily))
    assert 0 <= found.lower <= found.days + 1e-9
    assert found.days <= found.upper + 1e-9
    assert found.upper <= until


@given(estimates, estimates)
def test_a_difference_the_other_way_round_is_its_mirror(a, b):
    there, back = difference(a, b), difference(b, a)

    assert there.lower <= there.value <= there.upper
    assert [back.value, back.lower, back.upper] == pytest.approx(
        [-there.value, -there.upper, -there.lower]
    )


@given(estimates, estimates)
def test_a_ratio_lies_in_its_interval_and_both_see_one_side_of_nothing_apart(a, b):
    times, apart = ratio(a, b), difference(a, b)

    assert times.lower <= times.value * (1 + 1e-9)
    assert times.value <= times.upper * (1 + 1e-9)
    if abs(apart.lower) > 1e-9:
        assert (times.lower > 1) == (apart.lower > 0)
    if abs(apart.upper) > 1e-9:
        assert (times.upper < 1) == (apart.upper < 0)


@given(cases)
def test_weighed_by_its_own_cases_a_share_stays_what_it_is(docket):
    is_so, family, group = (np.array(column) for column in zip(*docket, strict=True))
    own = dict(enumerate(np.bincount(group)))

    found = standardised(is_so, family, group, weights=own)

    assert found.share == pytest.approx(is_so.mean())
    assert (found.count, found.n) == (is_so.sum(), len(is_so))
    assert -1e-9 <= found.lower <= found.share + 1e-9
    assert found.share - 1e-9 <= found.upper <= 1 + 1e-9


@settings(max_examples=30)
@given(
    st.lists(
        st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=5,
        max_size=30,
    )
)
def test_shrunken_rates_lie_between_the_raw_rate_and_the_mean(judges):
    x, n = np.array(judges).T

    spread = dispersion(x, n)
    drawn = shrunken(x, n, spread)

    assert 0 <= spread.lower <= spread.sd <= spread.upper <= 0.5
    low, high = np.minimum(x / n, spread.mean), np.maximum(x / n, spread.mean)
    assert (drawn.rate >= low - 1e-9).all()
    assert (drawn.rate <= high + 1e-9).all()
    assert (drawn.lower <= drawn.upper).all()


@given(
    st.lists(
        st.integers(0, 40).flatmap(lambda age: st.tuples(st.integers(0, age), st.just(age))),
        min_size=5,
        max_size=60,
    )
)
def test_the_share_entered_only_grows_and_no_more_is_expected_than_it_says(records):
    delay, age = np.array(records).T

    curve = reporting_delay(delay, age)
    found = corrected([10] * len(curve.days), curve.days, curve)

    assert (np.diff(curve.entered_share) >= -1e-12).all()
    assert curve.entered_share[-1] == 1
    assert (curve.lower <= curve.entered_share + 1e-12).all()
    assert (curve.upper >= curve.entered_share - 1e-12).all()
    known = curve.entered_share > 0
    np.testing.assert_allclose((found.expected * curve.entered_share)[known], 10)
    assert (found.lower >= 10).all()

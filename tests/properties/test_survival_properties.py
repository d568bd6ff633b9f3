"""What holds for the estimators on every docket."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from opendocket.estimate.survival import cumulative_incidence, kaplan_meier, median_days

# few days and few families, so that ties and large families are the rule
people = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 9)),
    min_size=5,
    max_size=60,
).filter(lambda docket: len({family for _, _, family in docket}) >= 5)


def columns(docket):
    return (np.array(column) for column in zip(*docket, strict=True))


@given(people)
def test_all_shares_and_the_share_pending_sum_to_one_every_day(docket):
    days, outcome, family = columns(docket)

    curves = cumulative_incidence(days, outcome, family=family)

    total = curves.share.sum(axis=0) + curves.pending_share
    np.testing.assert_allclose(total, 1, atol=1e-12)


@given(people)
def test_with_nothing_pending_each_share_is_the_plain_one(docket):
    days, outcome, _ = columns(docket)
    outcome += 1

    curves = cumulative_incidence(days, outcome)

    plain = [
        [np.mean((outcome == code) & (days <= day)) for day in curves.days]
        for code in curves.outcomes
    ]
    np.testing.assert_allclose(curves.share, plain, atol=1e-12)


@given(people)
def test_with_nothing_pending_the_share_pending_is_the_plain_one(docket):
    days, _, _ = columns(docket)

    curve = kaplan_meier(days, np.ones(len(days), dtype=bool))

    plain = [(days > d).mean() for d in curve.days]
    np.testing.assert_allclose(curve.share_pending, plain, atol=1e-12)


@given(people)
def test_the_share_of_any_outcome_is_one_minus_kaplan_meier(docket):
    days, outcome, _ = columns(docket)
    pending = kaplan_meier(days, outcome > 0)

    curves = cumulative_incidence(days, outcome)

    ended = np.isin(curves.days, pending.days)
    decided = curves.share.sum(axis=0)[ended]
    np.testing.assert_allclose(decided, 1 - pending.share_pending, atol=1e-12)


@given(people)
def test_a_share_decided_never_falls_and_the_share_pending_never_rises(docket):
    days, outcome, _ = columns(docket)

    curves = cumulative_incidence(days, outcome)

    assert (np.diff(curves.share, axis=1) >= 0).all()
    assert (np.diff(curves.pending_share) <= 0).all()
    assert (np.diff(curves.at_risk) < 0).all()


@given(people, st.randoms(use_true_random=False))
def test_the_order_of_cases_does_not_matter(docket, random):
    shuffled = random.sample(docket, len(docket))

    first, second = (
        cumulative_incidence(days, outcome, family=family)
        for days, outcome, family in (columns(docket), columns(shuffled))
    )

    for name in ("days", "share", "lower", "upper", "pending_share", "at_risk"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@given(people)
def test_every_share_lies_in_its_interval_and_every_interval_in_0_to_1(docket):
    days, outcome, family = columns(docket)
    curve = kaplan_meier(days, outcome > 0)

    for known in (None, family):
        curves = cumulative_incidence(days, outcome, family=known)
        ends = [
            0 * curves.share,
            curves.lower,
            curves.share,
            curves.upper,
            0 * curves.share + 1,
        ]
        assert (np.diff(ends, axis=0) >= -1e-12).all()
    ends = [0 * curve.days, curve.lower, curve.share_pending, curve.upper, 0 * curve.days + 1]
    assert (np.diff(ends, axis=0) >= -1e-12).all()


@given(people)
def test_one_more_case_pending_to_the_end_raises_no_share(docket):
    days, outcome, _ = columns(docket)

    before = cumulative_incidence(days, outcome)
    after = cumulative_incidence([*days, max(days)], [*outcome, 0])

    assert (after.share <= before.share + 1e-12).all()


@given(people)
def test_each_case_its_own_family_is_no_family(docket):
    days, outcome, _ = columns(docket)

    own = cumulative_incidence(days, outcome, family=np.arange(len(days)))

    none = cumulative_incidence(days, outcome)
    # the square root of a rounding error is 1e-8
    np.testing.assert_allclose(own.lower, none.lower, atol=1e-6)
    np.testing.assert_allclose(own.upper, none.upper, atol=1e-6)


@given(people, st.lists(st.integers(0, 40), min_size=1, max_size=5))
def test_taken_at_chosen_days_the_curves_are_the_same(docket, chosen):
    days, outcome, family = columns(docket)
    at = sorted({min(day, days.max()) for day in chosen})

    curves = cumulative_incidence(days, outcome, family=family, at=at)

    whole = cumulative_incidence(days, outcome, family=family)
    for code in whole.outcomes:
        for day in at:
            ours, theirs = curves.at(code, day), whole.at(code, day)
            np.testing.assert_allclose(ours.share, theirs.share, atol=1e-12)
            np.testing.assert_allclose(ours.upper, theirs.upper, atol=1e-6)
            assert ours.at_risk == theirs.at_risk == (days >= day).sum()


@given(people)
def test_half_are_pending_until_the_median_and_no_longer(docket):
    days, outcome, _ = columns(docket)
    curve = kaplan_meier(days, outcome > 0)

    median = median_days(curve)

    if median.days is None:
        assert (curve.share_pending > 0.5).all()
    else:
        assert (curve.share_pending[curve.days < median.days] > 0.5).all()
        assert (curve.share_pending[curve.days >= median.days] < 0.5 + 1e-9).all()
        assert median.lower is not None
        assert median.lower <= median.days <= (median.upper or np.inf)

"""In absentia orders by five denominators, against published counts and hand-worked dockets."""

import warnings

import numpy as np
import polars as pl
import pytest
from tiny_docket import case, docket, on

from opendocket.measure.attendance import absence
from opendocket.measure.counsel import counsel
from opendocket.measure.removals import orders

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifelines import AalenJohansenFitter


def shares(found):
    return {denominator.name: (p.count, p.n) for denominator, p in found.shares}


def test_five_denominators_of_one_docket_as_worked_by_hand():
    """
    Two orders in absentia; one more removal order; relief twice, once to a person detained;
    one dismissal for want of a notice; one closure; three pending. The second closure was
    undone, and that case decided in absentia: EOIR's initial case completion is the decision,
    so it is the third order.
    """
    cases = [
        case("in absentia", 50),
        case("in absentia", 60, custody="R"),
        case("removal", 70),
        case("relief", 80),
        case("relief", 90, custody="D"),
        case("no nta", 30),
        case("administrative closure", 40),
        case("administrative closure", 40, decision="in absentia", decided=120),
        *[case()] * 3,
    ]

    found = absence(docket(*cases), as_of=on(200))

    assert shares(found) == {
        "removal orders": (3, 4),
        "first decisions, not detained": (3, 5),
        "first decisions": (3, 6),
        "closed cases": (3, 8),
        "all cases begun": (3, 11),
    }
    assert found.orders == 3
    told = orders(docket(*cases))
    assert (told.ordered.count, told.in_absentia, told.entered) == (4, 3, 11)


def test_the_published_docket_of_unaccompanied_children_gives_its_published_share():
    """
    EOIR, 18 July 2014 to 26 May 2015 (published figure D20): 31,987 receipts; 6,248 removal
    orders, 5,453 of them in absentia ("87%"); 422 voluntary departures, 1,187 terminations,
    6 grants of relief, 2,707 administrative closures.
    """
    counts = {
        "in absentia": 5_453,
        "removal": 6_248 - 5_453,
        "voluntary departure": 422,
        "termination": 1_187,
        "relief": 6,
        "administrative closure": 2_707,
    }
    ended = [case(outcome, 100) for outcome, n in counts.items() for _ in range(n)]
    frame = docket(*ended, *[case()] * (31_987 - len(ended)))

    found = absence(frame, as_of=on(312))

    of = {denominator.name: p.share for denominator, p in found.shares}
    assert of["removal orders"] == pytest.approx(0.87, abs=0.005)
    assert of["first decisions"] == pytest.approx(5_453 / (6_248 + 422 + 1_187 + 6))
    assert of["closed cases"] == pytest.approx(5_453 / (6_248 + 422 + 1_187 + 6 + 2_707))
    assert of["all cases begun"] == pytest.approx(5_453 / 31_987)
    told = orders(frame)
    assert (told.entered, told.ordered.count, told.in_absentia) == (31_987, 6_248, 5_453)


def test_orders_with_counsel_give_the_published_share():
    """TRAC, December 2021 (A16, A17): 75 of 1,557 removal orders with counsel, 4.8%."""
    cases = [case("removal", 90, counsel=90)] * 75 + [case("in absentia", 60)] * 1_482

    found = counsel(docket(*cases), as_of=on(200)).ordered

    assert (found.count, found.n) == (75, 1_557)
    assert round(100 * found.share, 1) == 4.8


def test_an_order_rescinded_is_still_an_order_and_is_followed_until_it_was_undone():
    """
    Six orders on day 100, read on day 200. Undone after 20 and 40 days; the rest stand for
    100. One reopened order ends in relief: the first decision stays the order.

    Undone by day 20: 1/6; by day 40: 1/6 + 5/6 * 1/5 = 1/3, which is also the plain share.
    """
    cases = [
        case("in absentia", 100, rescinded=120, pending=True),
        case("in absentia", 100, rescinded=140),
        *[case("in absentia", 100)] * 4,
        *[case("relief", 90)] * 20,
        *[case()] * 3,
    ]

    found = absence(docket(*cases), as_of=on(200))

    assert (found.orders, found.rescinded.count, found.rescinded.n) == (6, 2, 6)
    assert found.rescinded.share == pytest.approx(1 / 3)
    told = orders(docket(*cases))
    assert (told.ordered.count, told.in_absentia, told.rescinded) == (6, 6, 2)
    assert told.open_again == 1


def test_young_orders_have_had_little_time_to_be_rescinded():
    """
    Twelve orders on day 0, half of them undone on day 50; twelve on day 90, read on day 100,
    none undone yet. The plain share is a quarter; by day 50 since the order it is a half.
    """
    cases = (
        [case("in absentia", 0, rescinded=50)] * 6
        + [case("in absentia", 0)] * 6
        + [case("in absentia", 90)] * 12
    )

    found = absence(docket(*cases), as_of=on(100))

    assert found.rescinded.share == pytest.approx(0.25)
    assert found.undone.at(1, 50).share == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(3))
def test_the_curve_since_the_first_hearing_matches_lifelines(seed):
    rng = np.random.default_rng(seed)
    days = 1 + rng.permutation(1_000)[:300]
    chosen = rng.choice(3, 300)
    ways = [None, "in absentia", "no nta"]
    cases = [
        case(ways[k], 2_000 if k else None, start=1_000 - d, hearing=2_000 - d)
        for d, k in zip(days, chosen, strict=True)
    ]

    found = absence(docket(*cases), as_of=on(2_000)).since_hearing

    oracle = AalenJohansenFitter(calculate_variance=False).fit(days, chosen, 1)
    theirs = oracle.cumulative_density_.iloc[:, 0].loc[found.days]
    np.testing.assert_allclose(found.share[0], theirs, atol=1e-9)


def test_cases_not_heard_before_they_ended_are_counted_apart():
    cases = [
        *[case("in absentia", 100, hearing=100)] * 12,
        case("no nta", 50, hearing=None),
        case("no nta", 50, hearing=80),
        case(hearing=None),
    ]

    found = absence(docket(*cases), as_of=on(200))

    assert found.not_heard == 3
    assert found.since_hearing.n == 12
    assert found.since_hearing.at(1, 0).share == 1


def test_the_interval_knows_that_a_family_is_ordered_together():
    alone = [case("in absentia", 50)] * 20 + [case("removal", 50)] * 30
    fives = [row | {"lead_case_id": n} for n, row in enumerate(alone, 1) for _ in range(5)]

    once, again = (
        absence(docket(*cases), as_of=on(100)).shares[0][1] for cases in (alone, fives)
    )

    assert (once.share, once.families) == (again.share, again.families) == (0.4, 50)
    assert (again.lower, again.upper) == pytest.approx((once.lower, once.upper))


def test_without_an_order_there_is_nothing_to_rescind():
    found = absence(docket(*[case()] * 20), as_of=on(100))

    assert (found.orders, found.rescinded, found.undone) == (0, None, None)
    assert shares(found) == {"all cases begun": (0, 20)}
    assert found.since_hearing.share.tolist() == [[0], [0]]
    assert pl.Series(found.since_hearing.days).to_list() == [100]

"""The naive forecasts are sums that can be done by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from opendocket.simulate.naive import Fluid, by_judges, flowed, median_days, same_net_flow


def fluid(goes_on=0.0, is_set=0.0, months_between=0.0, held=(0.0,)):
    k = len(held)
    return Fluid(
        np.full((k, 2), goes_on),
        np.full(k, is_set),
        np.full((k, 2), months_between),
        np.array(held),
    )


def stock(*cells, shape):
    there = np.zeros(shape)
    for at, count in cells:
        there[at] = count
    return there


def test_last_years_net_flow_goes_on_and_stops_at_nothing():
    assert same_net_flow(1_000, 250, 2).tolist() == [1_250, 1_500]
    assert same_net_flow(100, -60, 3).tolist() == [40, 0, 0]


def test_judges_times_completions_each_is_the_sum_that_is_done_by_hand():
    """649 judges at 500 a year against 800,000 new cases: 2,000,000 becomes 2,475,500."""
    pending, done = by_judges(2_000_000, [800_000, 800_000], [649, 949], per_judge=500)

    assert pending.tolist() == [2_475_500, 2_801_000]
    assert done.tolist() == [324_500, 474_500]


def test_with_room_for_all_everybody_is_decided_in_the_month_they_come():
    came = flowed(
        np.zeros((1, 1, 2, 6)), np.full((4, 1, 1), 7), np.full((4, 1, 2), 99), fluid=fluid()
    )

    assert came.pending.sum() == 0
    assert came.decided[:, 0, 0].tolist() == [7, 7, 7, 7]
    assert came.age[:, 0, 0].tolist() == [7, 7, 7, 7]


def test_the_oldest_are_heard_first():
    start = stock(((0, 0, 0, 1), 10), ((0, 0, 0, 3), 10), shape=(1, 1, 2, 8))
    came = flowed(start, np.zeros((2, 1, 1)), np.full((2, 1, 2), 8), fluid=fluid())

    # a month older when heard: 8 at 4 months; then 2 at 5 months, and 6 at 3
    assert came.age[0, 0].tolist() == [0, 0, 0, 0, 8, 0, 0, 0]
    assert came.age[1, 0].tolist() == [0, 0, 0, 6, 0, 2, 0, 0]


def test_two_stages_take_two_hearings():
    start = stock(((0, 0, 0, 0), 100), shape=(1, 1, 2, 6))
    came = flowed(start, np.zeros((3, 1, 1)), np.full((3, 1, 2), 60), fluid=fluid(is_set=1.0))

    # 60 are set in the first month, 40 and the first 60 heard in the second, 40 in the third
    assert came.hearings[:, 0].tolist() == [[60, 0], [40, 60], [0, 40]]
    assert came.decided[:, 0, 0].tolist() == [0, 60, 40]


def test_half_continued_doubles_the_hearings():
    start = stock(((0, 0, 0, 0), 64), shape=(1, 1, 2, 30))
    came = flowed(
        start, np.zeros((24, 1, 1)), np.full((24, 1, 2), 99), fluid=fluid(goes_on=0.5)
    )

    assert came.hearings.sum() == pytest.approx(128, abs=1e-4)
    assert came.decided.sum() == pytest.approx(64, abs=1e-4)


def test_a_held_part_is_taken_before_the_order_and_never_wasted():
    start = stock(((0, 0, 0, 0), 100), ((0, 1, 0, 0), 20), shape=(1, 2, 2, 6))
    both = fluid(held=(0.0, 0.3))
    came = flowed(start, np.zeros((3, 1, 2)), np.full((3, 1, 2), 40), fluid=both)

    # 12 of 40 are held for the second docket, which needs 8 of them in the second month
    assert came.decided[:, 0].tolist() == [[28, 12], [32, 8], [40, 0]]


def test_every_case_is_somewhere():
    rng = np.random.default_rng(1)
    start, arrivals = rng.uniform(0, 9, (3, 2, 2, 12)), rng.uniform(0, 9, (20, 3, 2))
    some = fluid(goes_on=0.3, is_set=0.4, months_between=2.5, held=(0.2, 0.0))
    came = flowed(start, arrivals, rng.uniform(0, 9, (20, 3, 2)), fluid=some)
    before = np.concatenate([start.sum(axis=(2, 3))[None], came.pending[:-1]])

    assert_allclose(came.pending, before + arrivals - came.decided)
    assert_allclose(came.age.sum(axis=2), came.decided.sum(axis=1))


def test_the_median_lies_in_the_middle_of_the_month_that_half_is_reached_in():
    assert median_days([0, 0, 4, 0], days_a_month=30) == 75
    assert np.isnan(median_days([0, 0]))

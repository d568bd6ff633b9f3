"""Counts and their intervals, against published bounds, plain sums and a simulation."""

from math import exp, sqrt

import numpy as np
import pytest

from opendocket.estimate.counts import counted, counted_sizes, grouped_counts
from opendocket.estimate.shares import grouped_proportions, proportion

Z95 = 1.959963984540054


def test_without_families_the_interval_is_that_of_a_log_rate():
    """
    Rothman, Greenland & Lash, Modern Epidemiology, 3rd ed., ch. 14: a count A has the limits
    A exp(+- z / sqrt(A)). 100 cases, by hand exp(0.196) = 1.2165: 82.2 to 121.7.
    """
    found = counted(np.arange(100))

    assert (found.count, found.families) == (100, 100)
    assert [found.lower, found.upper] == pytest.approx([82.2, 121.65], abs=0.05)


@pytest.mark.parametrize(("level", "bound"), [(0.95, 3.689), (0.90, 2.996), (0.99, 5.298)])
def test_of_no_case_the_upper_end_is_garwoods(level, bound):
    """Garwood (1936), Biometrika 28:437-442, the row of 0; also Ulm (1990), Table 1."""
    found = counted(np.array([], dtype=int), level=level)

    assert (found.count, found.lower, found.families) == (0, 0, 0)
    assert found.upper == pytest.approx(bound, abs=5e-4)


def test_a_family_of_five_is_worth_one():
    """The count is five times as large, and so are both ends: no surer than its families."""
    alone, together = counted(np.arange(40)), counted(np.repeat(np.arange(40), 5))

    assert together.count == 200
    assert [together.lower, together.upper] == pytest.approx([5 * alone.lower, 5 * alone.upper])


def test_the_variance_is_the_sum_of_squared_sizes():
    """Compound Poisson: var = rate E(size^2), Feller, vol. 1, XII.2; sizes 3, 1, 2 by hand."""
    found = counted_sizes([3, 1, 2])

    factor = exp(Z95 * sqrt(9 + 1 + 4) / 6)
    assert [found.lower, found.upper] == pytest.approx([6 / factor, 6 * factor])


def test_the_spread_of_simulated_counts_is_the_one_claimed():
    """4,000 years of Poisson families know the variance to sqrt(2 / 4,000) = 2.2 %."""
    rng = np.random.default_rng(20240101)
    families = rng.poisson(300, 4_000)
    totals = [rng.integers(1, 7, n).sum() for n in families]

    found = counted_sizes(np.repeat(np.arange(1, 7), 50))
    claimed = np.log(found.upper / found.count) / Z95 * found.count
    assert np.std(totals) == pytest.approx(claimed, rel=0.045)


@pytest.mark.parametrize("spread", [1, 10**11, 2**55])
def test_many_counts_at_once_are_each_the_single_one(spread):
    rng = np.random.default_rng(spread % 97)
    group, family = rng.integers(0, 9, 500), spread * rng.integers(0, 150, 500)

    found = grouped_counts(group, family, groups=11)

    for number in range(11):
        single = counted(family[group == number])
        ours = [getattr(found, name)[number] for name in ("count", "families")]
        assert ours == [single.count, single.families]
        assert found.lower[number] == pytest.approx(single.lower, rel=1e-12)
        assert found.upper[number] == pytest.approx(single.upper, rel=1e-12)


@pytest.mark.parametrize("spread", [1, 10**11, 2**55])
def test_many_shares_at_once_are_each_the_single_one(spread):
    rng = np.random.default_rng(spread % 97)
    group, family = rng.integers(0, 9, 500), spread * rng.integers(0, 150, 500)
    is_so = rng.random(500) < group / 8  # nobody in the first group, everybody in the last

    found = grouped_proportions(is_so, family, group, groups=11, level=0.9)

    for number in range(9):
        among = group == number
        single = proportion(is_so[among], family[among], level=0.9)
        for name in ("share", "lower", "upper", "count", "n", "families"):
            assert getattr(found, name)[number] == pytest.approx(
                getattr(single, name), rel=1e-12
            )
    assert found.n[9:].tolist() == [0, 0]
    assert np.isnan([found.share[9:], found.lower[9:], found.upper[9:]]).all()


def test_where_families_do_not_differ_each_is_taken_for_one_case_in_many_groups_too():
    """One of two members of each of 30 families: no spread between them to see."""
    group, family = np.repeat([0, 1], 30), np.tile(np.repeat(np.arange(15), 2), 2)
    is_so = np.tile([True, False], 30)

    found = grouped_proportions(is_so, family, group, groups=2)

    single = proportion(is_so[:30], family[:30])
    assert single.lower < 0.5 < single.upper
    assert found.lower == pytest.approx([single.lower] * 2, rel=1e-12)


def test_of_no_case_at_all_every_group_is_empty():
    none = np.array([], dtype=int)

    counts = grouped_counts(none, none, groups=2)
    shares = grouped_proportions(none, none, none, groups=2)

    assert counts.count.tolist() == shares.n.tolist() == [0, 0]
    assert counts.upper == pytest.approx([3.689, 3.689], abs=5e-4)


@pytest.mark.parametrize(
    ("group", "family", "complaint"),
    [
        ([0, 3], [1, 2], "group: 0 to 3; expected from 0 to 2"),
        ([-1, 2], [1, 2], "group: -1 to 2; expected from 0 to 2"),
        ([0.0, 1.0], [1, 2], "of float64; expected integers"),
        ([0, 1], [1, 2, 3], "expected integers"),
        ([0, 1], [1.5, 2], "of float64; expected integers"),
    ],
)
def test_groups_and_families_that_do_not_fit_are_refused(group, family, complaint):
    with pytest.raises(ValueError, match=complaint):
        grouped_counts(group, family, groups=3)


def test_families_that_are_not_integers_in_one_row_are_refused():
    with pytest.raises(ValueError, match=r"family \(2,\) of float64; expected integers"):
        counted([1.0, 2.0])

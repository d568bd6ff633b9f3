"""Ratios of sums, against a cluster sample worked by hand and plain sums."""

import numpy as np
import pytest

from opendocket.estimate.ratios import grouped_ratios


def test_the_standard_error_is_that_of_the_formula_worked_by_hand():
    """Cochran (1977), 3.12: R = sum y / sum x, its error from the families' y - R x.

    Families (y, x): (2, 1), (4, 2), (9, 3), (5, 4). R = 20/10 = 2; apart 0, 0, 3, -3; the sum
    of squares 18; times 4/3 is 24; the root over 10 is 0.4899. On the log scale, 0.24495.
    """
    found = grouped_ratios([2, 4, 9, 5], [1, 2, 3, 4], [1, 2, 3, 4], [0] * 4, groups=1)

    assert found.ratio.tolist() == [2.0]
    half = 1.959963985 * 24**0.5 / 10 / 2
    np.testing.assert_allclose(found.lower, 2 * np.exp(-half), rtol=1e-9)
    np.testing.assert_allclose(found.upper, 2 * np.exp(half), rtol=1e-9)


def test_members_of_a_family_count_as_one():
    apart = grouped_ratios([1, 1, 4, 5], [1, 1, 2, 2], [1, 2, 3, 4], [0] * 4, groups=1)
    whole = grouped_ratios([2, 9], [2, 4], [1, 2], [0, 0], groups=1)
    joined = grouped_ratios([1, 1, 4, 5], [1, 1, 2, 2], [7, 7, 9, 9], [0] * 4, groups=1)

    assert joined.families.tolist() == [2]
    assert joined.lower.tolist() == whole.lower.tolist() != apart.lower.tolist()


def test_a_share_stays_between_none_and_all():
    found = grouped_ratios([9, 10], [10, 10], [1, 2], [0, 0], groups=1, is_share=True)

    assert 0 < found.lower[0] < found.ratio[0] < found.upper[0] < 1


def test_without_a_case_there_is_no_ratio_and_without_spread_no_width():
    found = grouped_ratios([2, 2, 0], [1, 1, 5], [1, 2, 3], [0, 0, 2], groups=3)

    assert found.ratio[[0, 2]].tolist() == [2.0, 0.0]
    assert np.isnan(found.ratio[1])
    assert found.lower[[0, 2]].tolist() == found.upper[[0, 2]].tolist() == [2.0, 0.0]


def test_nobody_at_all_is_no_error():
    found = grouped_ratios([], [], np.array([], dtype=int), [], groups=2)

    assert np.isnan(found.ratio).tolist() == [True, True]


def test_shapes_that_differ_and_negative_values_are_refused():
    with pytest.raises(ValueError, match="expected"):
        grouped_ratios([1], [1, 2], [1, 2], [0, 0], groups=1)
    with pytest.raises(ValueError, match="negative"):
        grouped_ratios([-1], [1], [1], [0], groups=1)

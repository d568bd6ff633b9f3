"""Differences of scenarios, where what they should be is known."""

import numpy as np
import polars as pl
import pytest

from opendocket.simulate.comparing import compared, variance_shares
from opendocket.simulate.sweep import DRAW_SCHEMA

PARAMETERS, LUCK = 3.0, 2.0
"""Standard deviations of the two parts of a toy's difference; luck is 4/13 of the variance."""


def toy(effect, *, n=200, m=40, seed=1, missing=0):
    """Draws of two scenarios that differ by an effect, by parameters and by luck."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n + m):
        is_luck_only = number >= n
        common = rng.normal(100, 50)  # the same for both under the same draw
        apart = (
            effect + LUCK * rng.normal() + (0 if is_luck_only else PARAMETERS * rng.normal())
        )
        for name, value in (("base", common), ("policy", common + apart)):
            gone = name == "policy" and number < missing
            told = ("wait_mean_days", "everyone else", None, None, None if gone else value, 50)
            rows.append((name, is_luck_only, number, *told))
    return pl.DataFrame(rows, schema=DRAW_SCHEMA, orient="row")


def difference(drawn):
    (row,) = compared(drawn, ["base", "policy"]).differences.rows(named=True)
    return row


def test_a_difference_is_the_mean_of_the_pairs_and_its_band_holds_ninety_in_a_hundred():
    row = difference(toy(25.0))
    spread = np.hypot(PARAMETERS, LUCK)

    assert abs(row["difference"] - 25.0) < 4 * spread / np.sqrt(200)
    assert row["scenario_value"] - row["base_value"] == pytest.approx(row["difference"])
    # the band of draws that vary by 50 each would be 160 wide: luck in common is taken out
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.645 * spread, rel=0.25)


def test_bands_hold_the_next_draw_as_often_as_they_say():
    courts, n = 400, 39
    rng = np.random.default_rng(20261124)
    drawn = pl.DataFrame(
        {
            "draw_number": np.repeat(np.arange(n), courts),
            "court_code": [str(court) for court in range(courts)] * n,
            "policy": rng.normal(size=n * courts),
            "base": 0.0,
        }
    ).unpivot(["base", "policy"], index=["draw_number", "court_code"], variable_name="scenario")
    told = {"measure": "wait_mean_days", "population": "dedicated", "people_count": 50}
    both = drawn.with_columns(
        **{name: pl.lit(value) for name, value in told.items()},
        on_date=pl.lit(None, dtype=pl.Date),
        is_luck_only=pl.lit(value=False),
    )
    luck = both.with_columns(is_luck_only=pl.lit(value=True))

    found = compared(pl.concat([both, luck]), ["base", "policy"]).differences
    fresh = rng.normal(size=courts)
    inside = np.mean(
        (found["lower"].to_numpy() <= fresh) & (fresh <= found["upper"].to_numpy())
    )

    assert abs(inside - 0.9) < 4 * np.sqrt(0.09 / courts)


def test_the_share_of_luck_is_recovered_with_the_coverage_stated():
    true = LUCK**2 / (LUCK**2 + PARAMETERS**2)
    rng = np.random.default_rng(20261124)
    k, n, m = 2_000, 200, 40
    both = PARAMETERS * rng.normal(size=(k, n)) + LUCK * rng.normal(size=(k, n))

    share, lower, upper = variance_shares(both, LUCK * rng.normal(size=(k, m)))
    covered = np.mean((lower <= true) & (true <= upper))

    # expected value of a ratio of variances: the numerator's, by (n - 1) / (n - 3)
    assert abs(share.mean() - true * (n - 1) / (n - 3)) < 4 * share.std() / np.sqrt(k)
    assert share.std() / np.sqrt(k) < 0.01 * true * 4, "too noisy to prove anything"
    assert 0.87 < covered < 0.93


def test_where_all_is_luck_the_share_is_no_more_than_one():
    rng = np.random.default_rng(5)
    shares, lower, upper = variance_shares(rng.normal(size=(50, 60)), rng.normal(size=(50, 60)))

    assert shares.max() <= 1
    assert np.mean(upper == 1) > 0.8
    assert (lower <= shares).all()


def test_what_does_not_vary_has_no_shares():
    same = toy(0.0).with_columns(value=pl.lit(7.0))
    row = difference(same)

    assert (row["difference"], row["lower"], row["upper"]) == (0.0, 0.0, 0.0)
    assert row["luck_share"] is row["lower_share"] is row["upper_share"] is None


def test_parameters_alone_leave_no_luck():
    both = np.random.default_rng(3).normal(size=(1, 50))
    share, lower, _ = variance_shares(both, np.full((1, 20), 4.0))

    assert share.tolist() == [0.0]
    assert np.isnan(lower).all()


def test_an_answer_that_more_than_a_few_draws_lack_is_not_told():
    few, many = difference(toy(25.0, missing=10)), difference(toy(25.0, missing=11))

    assert (few["draws_count"], many["draws_count"]) == (190, 189)
    assert few["difference"] == pytest.approx(25.0, abs=1.5)
    assert many["difference"] is many["base_value"] is many["luck_share"] is None


def test_each_scenario_has_its_own_level_and_band():
    levels = compared(toy(25.0), ["base", "policy"]).levels

    assert levels["scenario"].to_list() == ["base", "policy"]
    assert levels.select((pl.col("lower") < pl.col("value")).all()).item()
    assert levels["people_count"].to_list() == [50, 50]


def test_a_scenario_without_a_draw_is_refused():
    with pytest.raises(ValueError, match="no draw"):
        compared(toy(1.0), ["base", "another"])

"""A hindcast forecasts from before a day only, counts like with like, and says how far off."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from numpy.testing import assert_allclose

from opendocket.cli import main
from opendocket.docket import open_docket
from opendocket.errors import BadCut, DateOutOfRange, NotHeldOut
from opendocket.simulate.fit import fit
from opendocket.simulate.fitted import write_fit
from opendocket.simulate.hindcast import ROOM, hindcast, with_hearings_told
from opendocket.simulate.national import FluidYears, Judges, Told, Year, forecasts, years
from opendocket.simulate.observed import heard, last_year, put_followed
from opendocket.simulate.reduced import Reduced
from opendocket.simulate.rivals import MODELS
from opendocket.simulate.scored import forecasts as laid_out
from opendocket.simulate.scored import scores, table
from opendocket.simulate.start import starting
from opendocket.simulate.tables import DECISIONS
from opendocket.simulate.targets import TARGETS

ON, LAST = date(2025, 7, 1), date(2026, 6, 30)


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


@pytest.fixture(scope="module")
def fit_before(docket):
    return fit(docket, date(2022, 7, 1), ON - timedelta(days=1))


@pytest.fixture(scope="module")
def told(docket, fit_before):
    return hindcast(docket, ON, months=12, draws=3, fit=fit_before)


@pytest.fixture(scope="module")
def untold(docket, fit_before):
    return hindcast(docket, ON, months=12, draws=2, fit=fit_before, is_conditional=False)


def of(found, target, values):
    at = found.cells.frame().with_row_index("at").filter(pl.col("target") == target)["at"]
    return values[at.to_numpy()]


def test_what_came_is_pending_where_the_docket_says_so(docket, told, fit_before):
    """The docket's own column tells, on the last day that it knows."""
    start = starting(docket, ON, fit=fit_before)
    people = put_followed(docket, start)["case_id"].to_list()
    mine = docket.con.execute(
        "select count(*) from out_docket__case where is_pending"
        " and (case_id = any($people) or received_date >= $on)"
        " and case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO')"
        " and court_code is not null",
        {"people": people, "on": ON},
    ).fetchone()[0]

    assert told.left_out == 0
    assert of(told, "pending", told.actual)[-1] == mine > 1_000


def test_courts_and_kinds_add_up(told):
    for values in (told.actual, *told.simulated, *told.naive.values()):
        by_court = of(told, "pending_by_court", values).reshape(4, -1)
        by_kind = of(told, "endings", values).reshape(len(DECISIONS), -1)
        assert_allclose(by_court.sum(axis=1), of(told, "pending", values))
        assert_allclose(by_kind.sum(axis=0), of(told, "all_endings", values))


def test_a_conditional_hindcast_is_told_who_came(told, untold):
    """All draws of it have the same people, so they differ less than those that guess."""
    spread = [np.ptp(of(h, "pending", h.simulated.T), axis=1).mean() for h in (told, untold)]

    assert spread[0] < spread[1]
    assert_allclose(told.actual, untold.actual)


def test_last_years_net_flow_is_the_sum_done_by_hand(docket, told):
    before = last_year(docket, told.cells.courts, ON)
    one = np.maximum(before.pending + before.change * 3 / 12, 0)

    assert_allclose(of(told, "pending_by_court", told.naive["last year"])[: len(one)], one)


def test_a_fit_that_read_what_is_forecast_is_refused(docket, fit_before):
    with pytest.raises(NotHeldOut, match="expected one on days before"):
        hindcast(docket, date(2025, 1, 1), months=6, fit=fit_before)


def test_days_that_cannot_be_forecast_are_refused(docket):
    with pytest.raises(BadCut, match="first of a month"):
        hindcast(docket, date(2025, 1, 2), months=6)
    with pytest.raises(DateOutOfRange):
        hindcast(docket, ON, months=13)
    with pytest.raises(ValueError, match="2 or more"):
        hindcast(docket, ON, months=6, draws=1)


def test_courts_have_room_for_what_they_heard(docket, fit_before):
    from opendocket.simulate.building import world_of
    from opendocket.simulate.hindcast import _as_it_was

    start = starting(docket, ON, fit=fit_before)
    world = world_of(_as_it_was(ON, LAST), fit_before, start)
    slots = heard(docket, fit_before.courts, ON, LAST).slots
    told = with_hearings_told(world, slots)
    a_day = told.bench.slots[:, :, : world.days].sum(axis=2, dtype=float)
    found = np.stack(
        [np.bincount(told.bench.court, kind, len(fit_before.courts)) for kind in a_day]
    )
    had = world.bench.slots[:, :, : world.days].sum(axis=(1, 2)) > 0

    assert had.all()
    # all slots of a year within a few per cent: months without any session cannot be filled
    assert_allclose(found.sum(axis=1), ROOM * slots.sum(axis=(1, 2)), rtol=0.08)


def test_what_came_scores_nothing_when_it_is_forecast(told):
    perfect = replace(
        told, simulated=np.stack([told.actual] * 3), naive={"perfect": told.actual}
    )
    found = scores(perfect)

    for column in ("error_mean", "absolute_error_mean", "crps_mean", "interval_score_mean"):
        assert found[column].abs().max() == 0
    assert found["covered_share"].drop_nulls().min() == 1


def test_every_target_that_was_observed_is_scored(told):
    found = scores(told)

    assert set(found["target"]) <= set(TARGETS)
    assert set(found.filter(pl.col("target") == "pending")["model"]) == {"simulator", *MODELS}
    points = found.filter(pl.col("model") != "simulator")
    assert_allclose(points["interval_score_mean"], 20 * points["absolute_error_mean"])
    assert len(table(told)) == len(found)


def test_few_people_are_not_shown(told):
    shown = laid_out(told).filter(pl.col("target").is_in(["pending_by_court", "endings"]))

    assert shown["actual"].null_count() > 0
    assert not shown["actual"].is_between(1, 10).any()
    assert shown.filter(pl.col("actual").is_null())["forecast"].null_count() > 0


KNOWN = {year.year: year for year in years()}


def test_what_was_not_published_stays_unknown():
    assert KNOWN[2021].pending is None
    assert KNOWN[2021].receipts is None
    assert [year for year in KNOWN if KNOWN[year].judges is None] == [
        2008, 2010, 2011, 2012, 2013, 2014, 2015, 2016, 2024,
    ]  # fmt: skip
    found = forecasts([Judges()])
    unknown = found.filter(pl.col("year").is_in([2021, 2022]), pl.col("model") == "judges")
    assert unknown["pending_forecast"].null_count() == 2


def test_a_year_whose_judges_were_not_counted_says_so():
    found = forecasts([Judges()]).filter(pl.col("model") == "judges")

    carried = found.filter(pl.col("is_carried"))["year"].to_list()
    assert carried == [2010, 2011, 2012, 2013, 2014, 2015, 2016, 2024]


def test_the_judges_arithmetic_of_2010_is_the_sum_done_by_hand():
    """As many judges as in 2009 complete as many: 223,779 + 247,187 - 231,608."""
    row = forecasts([Judges()]).row(
        by_predicate=(pl.col("year") == 2010) & (pl.col("model") == "judges"), named=True
    )

    assert_allclose(row["completions_forecast"], 231_608)
    assert_allclose(row["pending_forecast"], 239_358)


@pytest.mark.parametrize("made", [Judges, FluidYears, lambda: Reduced(scale=0.02)])
def test_a_forecast_knows_of_no_later_year(made):
    early = [year for year in years() if year.year <= 2012]
    changed = [*early[:-1], replace(early[-1], completions=1.0, pending=1.0)]
    found = [forecasts([made()], known=known) for known in (early, changed)]

    columns = ["completions_forecast", "pending_forecast"]
    assert found[0].select(columns).equals(found[1].select(columns))
    assert found[0]["pending_forecast"].null_count() < len(found[0])


@pytest.mark.parametrize("made", [FluidYears, lambda: Reduced(scale=0.02)])
def test_more_judges_complete_more_and_leave_less(made):
    few, many = (
        made().came(Told(2030, 1_000_000.0, 300_000.0, judges), 0.5)
        for judges in (300.0, 600.0)
    )

    assert few[0] < many[0]
    assert few[1] > many[1]


def test_a_smaller_nation_is_like_a_larger_one():
    told = Told(2030, 600_000.0, 250_000.0, 300.0)
    small, large = (Reduced(scale=scale).came(told, 0.6) for scale in (0.03, 0.1))

    assert_allclose(small, large, rtol=0.06)


def test_alone_a_model_learns_nothing_more():
    made_up = [
        Year(
            year,
            100.0,
            10.0,
            80.0 if year < 2003 else 1.0,
            500.0 if year < 2003 else 0.0,
            {},
            {},
        )
        for year in range(2000, 2006)
    ]
    found = forecasts([Judges()], alone_from=2003, known=made_up)
    pending = found.filter(pl.col("model") == "judges")["pending_forecast"].to_list()

    assert pending[3:] == [520.0, 540.0, 560.0]


def test_the_command_says_what_its_numbers_are(small_docket, fit_before, tmp_path):
    write_fit(fit_before, tmp_path / "fit.json")
    words = [str(small_docket), "--from", "2025-07-01", "--months", "3", "--draws", "2"]
    ran = CliRunner().invoke(
        main, ["simulate", "hindcast", *words, "--fit", str(tmp_path / "fit.json")]
    )

    assert ran.exit_code == 0, ran.output
    for said in ("SIMULATED", "SYNTHETIC", "fluid", "Releases overwrite history"):
        assert said in " ".join(ran.output.split())


def test_the_command_asks_for_a_day():
    ran = CliRunner().invoke(main, ["simulate", "hindcast", "docket.duckdb"])

    assert ran.exit_code == 2
    assert "--from" in ran.output

"""What a run answers is what the measures say of the docket that the run is written as."""

from datetime import date

import polars as pl
import pytest

from opendocket.docket import open_docket
from opendocket.measure.answers import answered, question
from opendocket.measure.cut import read_where
from opendocket.measure.population import Scope, cases
from opendocket.measure.promise import kept_promise, pace
from opendocket.simulate.posing import fit_into, simulated
from opendocket.simulate.posing import question as posed

START = date(2022, 10, 1)
SCENARIO = """
[run]
start = 2022-10-01
years = 2

[arrivals]
source = "replayed"

[[docket]]
name = "detained"
[[docket]]
name = "juvenile"
[[docket]]
name = "ordinary"
[[docket]]
name = "dedicated"
"""


@pytest.fixture(scope="module")
def made(small_docket, tmp_path_factory):
    """A run of the small docket, written: where it is, and what it answered itself."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "as-it-was.toml").write_text(SCENARIO)
    fit_into(folder / "fit.json", small_docket)
    asked = posed(
        (str(folder / "as-it-was.toml"),), docket=small_docket, fit_file=folder / "fit.json"
    )
    return simulated(asked, folder / "simulated.duckdb", seed=20261124)


def value(made, measure, population):
    """The answer for all courts, a stock on the last day."""
    (row,) = made.found.filter(
        pl.col("measure") == measure,
        pl.col("population") == population,
        pl.col("court_code").is_null(),
        pl.col("on_date").is_null() | (pl.col("on_date") == pl.col("on_date").max()),
    ).rows(named=True)
    return row["value"]


def frames(made, docket):
    """The cases of the written docket, all of them and those received during the run."""
    with open_docket(made.written.path) as written:
        whole = cases(written.con, docket, as_of=written.as_of)
        scope = Scope(START, written.as_of)
        return whole, cases(written.con, docket, as_of=written.as_of, scope=scope)


BOTH = [("everyone", "all"), ("dedicated", "dedicated")]


@pytest.mark.parametrize(("population", "docket"), BOTH)
def test_the_promise_and_the_times_are_the_written_dockets(made, population, docket):
    _, received = frames(made, docket)
    as_of = made.written.as_of
    promise = kept_promise(received, "first master", as_of=as_of)

    assert value(made, "received_people", population) == len(received) > 300
    assert value(made, "first_ending_days", population) == (
        pace(received, docket, as_of=as_of).median.days
    )
    assert value(made, "within_300_days_share", population) == pytest.approx(
        promise.decided.share
    )


@pytest.mark.parametrize(("population", "docket"), BOTH)
def test_decisions_are_the_written_dockets(made, population, docket):
    whole, received = frames(made, docket)
    is_first = pl.col("first_outcome_date").is_null() | (pl.col("first_outcome_date") >= START)
    decided = whole.filter(is_first, pl.col("first_decision_date") >= START)
    found = decided.select(
        decided_people=pl.len().cast(pl.Float64),
        in_absentia_share=(pl.col("first_decision") == "in absentia").mean(),
        relief_share=pl.col("first_decision").is_in(["relief", "protection"]).mean(),
        represented_share=(pl.col("counsel_date") <= pl.col("first_decision_date"))
        .fill_null(value=False)
        .mean(),
    ).row(0, named=True)

    assert len(received) > len(decided) / 10
    for measure, expected in found.items():
        assert value(made, measure, population) == pytest.approx(expected), measure


@pytest.mark.parametrize(("population", "docket"), BOTH)
def test_people_pending_are_the_written_dockets(made, population, docket):
    whole, _ = frames(made, docket)

    assert value(made, "pending_people", population) == whole["is_pending"].sum()


@pytest.mark.parametrize(("population", "docket"), BOTH)
def test_hearings_per_case_are_the_written_dockets(made, population, docket):
    # the run's two years are the fiscal years 2023 and 2024
    with open_docket(made.written.path) as written:
        where = read_where([f"docket={docket}", "year=2023..2024"])
        found = answered(written, question(written, "hearings-per-case", where=where))

    assert value(made, "hearings_per_case_ratio", population) == pytest.approx(
        found["hearings_per_case_ratio"].item()
    )

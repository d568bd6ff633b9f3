"""The command `simulate`: it answers, it refuses, and every output says SIMULATED."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.docket import open_docket
from opendocket.report.simulated import draws_beside
from opendocket.simulate import posing

BASE = """
title = "One line for all"
assumes = "Families of the Dedicated Docket wait with the others."

[run]
start = 2024-01-01
years = 0.75

[[docket]]
name = "detained"
[[docket]]
name = "juvenile"
[[docket]]
name = "ordinary"
populations = ["ordinary", "dedicated"]
"""
APART = """
base = "base.toml"
title = "A docket of their own"

[[docket]]
name = "ordinary"
populations = ["ordinary"]
[[docket]]
name = "dedicated"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with two scenarios that differ by a docket."""
    (tmp_path / "base.toml").write_text(BASE)
    (tmp_path / "apart.toml").write_text(APART)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(*words):
    return CliRunner().invoke(main, ["simulate", *words], catch_exceptions=False)


MADE_UP = ("--illustrative", "--draws", "2", "--luck-draws", "2", "--workers", "1")


def test_a_comparison_fits_80_columns_and_is_labelled(folder):
    shown = ran("compare", "base.toml", "apart.toml", *MADE_UP)

    assert shown.exit_code == 0
    assert [line for line in shown.stdout.splitlines() if len(line) > 80] == []
    assert shown.stdout.startswith("SIMULATED, ILLUSTRATIVE")
    for words in ("The Dedicated Docket's people", "Everyone else", "Median days to an ending"):
        assert words in shown.stdout


def test_a_comparison_as_csv_and_json_holds_every_row_with_its_label(folder):
    told = ran("compare", "base.toml", "apart.toml", *MADE_UP, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(told.stdout)))
    same = json.loads(
        ran("compare", "base.toml", "apart.toml", *MADE_UP, "--format", "json").stdout
    )

    assert len(rows) == len(same) > 100
    assert {row["is_simulated"] for row in rows} == {"true"}
    assert {row["is_illustrative"] for row in rows} == {"true"}
    assert {row["court_code"] for row in rows} > {"", "C01"}


def test_a_page_is_written_whole_and_every_file_says_simulated(folder):
    written = ran("compare", "base.toml", "apart.toml", *MADE_UP, "--out", "out")
    page = (folder / "out/index.html").read_text("utf-8")
    files = [path for path in (folder / "out").rglob("*") if path.is_file()]

    assert written.stdout.splitlines()[-1] == "out/index.html"
    assert "<strong>Simulated.</strong>" in page
    assert "One line for all" in page
    assert str(folder) not in page
    assert {p.name for p in files if not p.name.startswith("simulated-")} == {"index.html"}
    for path in files:
        if path.suffix == ".svg":
            assert "SIMULATED" in path.read_text("utf-8")
        if path.suffix == ".csv":
            assert "is_simulated" in path.read_text("utf-8").splitlines()[0]
    assert not draws_beside(folder / "out").exists()
    again = ran("compare", "base.toml", "apart.toml", *MADE_UP, "--out", "out")
    assert again.exit_code == 3


def test_a_folder_of_something_else_is_never_replaced(folder):
    (folder / "mine").mkdir()
    (folder / "mine/thesis.txt").write_text("years of work")

    refused = ran(
        "compare", "base.toml", "apart.toml", *MADE_UP, "--out", "mine", "--overwrite"
    )

    assert refused.exit_code == 3
    assert (folder / "mine/thesis.txt").read_text() == "years of work"


def test_a_sweep_that_was_stopped_goes_on(folder, monkeypatch):
    ran_tasks = []
    whole = posing.answered

    def stopped(task):
        ran_tasks.append(task)
        if len(ran_tasks) == 5:
            raise KeyboardInterrupt
        return whole(task)

    monkeypatch.setattr(posing, "answered", stopped)
    first = ran("compare", "base.toml", "apart.toml", *MADE_UP, "--out", "out")
    second = ran("compare", "base.toml", "apart.toml", *MADE_UP, "--out", "out")

    assert first.exit_code == 3
    assert "finished draws are kept in .out.draws" in first.stderr
    assert second.exit_code == 0
    assert len(ran_tasks) == 5 + 4  # of eight, four were kept


def test_without_a_fit_nothing_is_answered(folder):
    refused = ran("compare", "base.toml", "apart.toml")

    assert refused.exit_code == 3
    assert "no fit" in refused.stderr
    assert "opendocket simulate fit docket.duckdb" in refused.stderr
    assert "--illustrative" in refused.stderr


def test_a_fit_and_illustrative_together_are_refused(folder):
    refused = ran("run", "base.toml", "--illustrative", "--fit", "fit.json")

    assert refused.exit_code == 3
    assert "a fit is given as well" in refused.stderr


def test_scenarios_of_other_days_are_not_compared(folder):
    later = BASE.replace("2024-01-01", "2024-02-01")
    (folder / "later.toml").write_text(later)

    refused = ran("compare", "base.toml", "later.toml", *MADE_UP)
    together = ran("compare", "base.toml", "later.toml", *MADE_UP, "--start", "2024-03-01")

    assert refused.exit_code == 3
    assert "2024-02-01" in refused.stderr
    assert together.exit_code == 0


def test_one_scenario_is_no_comparison(folder):
    assert ran("compare", "base.toml", *MADE_UP).exit_code == 2


def test_a_run_is_written_as_a_docket_that_says_simulated(folder):
    shown = ran("run", "apart.toml", "--illustrative", "--out", "run.duckdb", "--seed", "7")

    assert shown.exit_code == 0
    assert shown.stdout.startswith("SIMULATED, ILLUSTRATIVE")
    assert "seed 7" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "run.duckdb"
    with open_docket(folder / "run.duckdb") as docket:
        assert docket.is_simulated
    assert ran("run", "apart.toml", "--illustrative", "--out", "run.duckdb").exit_code == 3

"""A report is a folder that appears whole, with every figure and number beside its page."""

import csv
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.docket import open_docket
from opendocket.errors import AlreadyThere
from opendocket.findings import dedicated_docket
from opendocket.outputs import written_aside
from opendocket.report import write_report
from opendocket.report.write import GENERATOR

COMMAND = "opendocket report dedicated-docket"


@pytest.fixture(scope="module")
def findings(small_docket):
    with open_docket(small_docket) as docket:
        yield dedicated_docket(docket)


@pytest.fixture(scope="module")
def folder(findings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "out"
    write_report(findings, folder, command=COMMAND)
    return folder


def test_every_figure_lies_there_as_svg_and_png_and_every_number_as_csv(findings, folder):
    slugs = [f.slug for s in findings.sections for f in s.figures]
    tables = [t.slug for s in findings.sections for t in s.tables]
    names = {path.name.removeprefix("synthetic-") for path in folder.rglob("*.*")}

    for slug in slugs:
        assert {f"{slug}.svg", f"{slug}.png", f"{slug}.csv"} <= names
    for slug in tables:
        assert f"table-{slug}.csv" in names
    assert all(path.stat().st_size > 100 for path in folder.rglob("*.*"))


def test_what_is_about_nobody_says_so_in_page_file_and_figure(findings, folder):
    page = (folder / "index.html").read_text("utf-8")
    assert "<title>Synthetic data: " in page
    assert "No number is about real people" in page
    for section in findings.sections:
        for figure in section.figures:
            name = figure.slug if figure.is_published else f"synthetic-{figure.slug}"
            drawn = (folder / "figures" / f"{name}.svg").read_text("utf-8")
            assert ("SYNTHETIC DATA" in drawn) is not figure.is_published
    for path in (folder / "data").iterdir():
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if path.name.startswith("synthetic-"):
            assert {row["is_synthetic"] for row in rows} == {"true"}, path.name
            earlier = {"2022-07-31"} if "orders-release" in path.name else set()
            assert {row["measured_as_of"] for row in rows} == {"2026-06-30"} | earlier
        else:
            assert "is_synthetic" not in rows[0]


def test_a_real_docket_s_report_does_not_call_itself_synthetic(small_docket, tmp_path):
    real = tmp_path / "real.duckdb"
    shutil.copy(small_docket, real)
    with duckdb.connect(real) as con:
        con.execute("update out_load__release set is_synthetic = false")
    with open_docket(real) as docket:
        write_report(dedicated_docket(docket), tmp_path / "report", command=COMMAND)

    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    names = [path.name for path in (tmp_path / "report").rglob("*.*")]
    assert 'class="banner"' not in page
    assert not any("synthetic" in name for name in names)
    for path in (tmp_path / "report" / "figures").glob("*.svg"):
        assert "SYNTHETIC" not in path.read_text("utf-8")


def test_a_report_that_is_there_is_not_overwritten_unless_asked(findings, folder):
    before = (folder / "index.html").read_bytes()

    with pytest.raises(AlreadyThere):
        write_report(findings, folder, command="another")

    assert (folder / "index.html").read_bytes() == before


def test_an_interrupted_report_leaves_nothing_and_keeps_what_was_there(findings, tmp_path):
    old = tmp_path / "report"
    old.mkdir()
    (old / "index.html").write_text(f"{GENERATOR} old")

    def stop(what, done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(findings, old, command=COMMAND, overwrite=True, progress=stop)

    assert [p.name for p in tmp_path.iterdir()] == ["report"]
    assert (old / "index.html").read_text() == f"{GENERATOR} old"


@pytest.mark.parametrize("held", ["thesis.txt", "index.html"])
def test_a_folder_with_anything_else_in_it_is_never_replaced(findings, tmp_path, held):
    (tmp_path / held).write_text("years of work")

    with pytest.raises(AlreadyThere, match="this one is not a report"):
        write_report(findings, tmp_path, command=COMMAND, overwrite=True)

    assert (tmp_path / held).read_text() == "years of work"


def test_an_older_report_and_an_empty_folder_are_replaced(findings, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "report")
    (tmp_path / "report" / "data" / "old.csv").write_text("1")
    (tmp_path / "empty").mkdir()

    for name in ("report", "empty"):
        write_report(findings, tmp_path / name, command=COMMAND, overwrite=True)
        assert not (tmp_path / name / "data" / "old.csv").exists()
        assert (tmp_path / name / "index.html").is_file()


def test_the_same_docket_gives_the_same_page(findings, folder, tmp_path):
    write_report(findings, tmp_path / "again", command=COMMAND)

    for path in folder.rglob("*.*"):
        again = tmp_path / "again" / path.relative_to(folder)
        assert again.read_bytes() == path.read_bytes(), path.name


def test_when_the_new_folder_cannot_be_moved_the_old_one_is_back(tmp_path, monkeypatch):
    old = tmp_path / "report"
    old.mkdir()
    (old / "index.html").write_text("old")
    moved = Path.replace

    def refuse(self, target):
        if self.name.endswith(".partial"):
            raise KeyboardInterrupt
        return moved(self, target)

    def work():
        with written_aside(old, overwrite=True) as aside:
            aside.mkdir()
            (aside / "index.html").write_text("new")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(KeyboardInterrupt):
        work()

    assert [p.name for p in tmp_path.iterdir()] == ["report"]
    assert (old / "index.html").read_text() == "old"


def test_what_appears_while_the_work_goes_on_is_not_overwritten(tmp_path):
    out = tmp_path / "a.txt"

    def work():
        with written_aside(out) as aside:
            aside.write_text("new")
            out.write_text("somebody else's")

    with pytest.raises(AlreadyThere):
        work()

    assert out.read_text() == "somebody else's"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def run(*arguments):
    return CliRunner().invoke(main, ["report", "dedicated-docket", *map(str, arguments)])


def test_the_summary_is_three_sentences_that_fit_80_columns(small_docket, tmp_path):
    result = run("--docket", small_docket, "--out", tmp_path / "report")

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[-1] == str(tmp_path / "report" / "index.html")
    said = lines[:-1]
    assert all(len(line) <= 80 for line in said), said
    assert "SYNTHETIC" in said[0]
    assert [line[:2] for line in said if line[:1].isdigit()] == ["1.", "2.", "3."]


def test_an_earlier_day_is_told_in_the_page_and_the_command(small_docket, tmp_path):
    folder = tmp_path / "then"
    result = run("--docket", small_docket, "--as-of", "2022-09-30", "--out", folder)

    assert result.exit_code == 0, result.output
    page = (folder / "index.html").read_text("utf-8")
    assert "as of 30 September 2022" in page
    assert "--as-of 2022-09-30" in page
    assert str(date(2026, 6, 30)) in page  # the release's own last day, in the provenance


@pytest.mark.parametrize(
    ("content", "found"),
    [(None, "no such file"), (b"", "not a DuckDB file"), (b"no" * 9_000, "not a DuckDB file")],
)
def test_what_is_no_docket_is_refused_in_one_sentence(tmp_path, content, found):
    path = tmp_path / "docket.duckdb"
    if content is not None:
        path.write_bytes(content)

    result = run("--docket", path, "--out", tmp_path / "report")

    assert result.exit_code == 3
    assert found in result.stderr
    assert "opendocket load" in result.stderr
    assert not (tmp_path / "report").exists()


def test_a_database_that_is_no_docket_or_of_another_format_is_refused(tmp_path, small_docket):
    other, old = tmp_path / "other.duckdb", tmp_path / "old.duckdb"
    with duckdb.connect(other) as con:
        con.execute("create table a as select 1")
    shutil.copy(small_docket, old)
    with duckdb.connect(old) as con:
        con.execute("update out_load__release set format_code = 99")

    for path, found in ((other, "out_load__release"), (old, "format 99")):
        result = run("--docket", path, "--out", tmp_path / "report")
        assert result.exit_code == 3
        assert found in result.stderr


def test_a_day_outside_the_docket_is_refused(small_docket, tmp_path):
    result = run("--docket", small_docket, "--as-of", "2030-01-01", "--out", tmp_path / "r")

    assert result.exit_code == 3
    assert (
        "as-of date: 2030-01-01; expected a date from 2021-05-28 to 2026-06-30" in result.stderr
    )
    assert not (tmp_path / "r").exists()

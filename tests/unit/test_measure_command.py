"""`opendocket measures` and `opendocket measure`: what people see, and what machines read."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.docket import open_docket
from opendocket.findings.theme import NARROW, WIDE
from opendocket.measure.answers import answered, question
from opendocket.measure.catalogue import MEASURES
from opendocket.measure.contrasting import contrasted, pair
from opendocket.report.answer import answer_figure


@pytest.fixture
def run(small_docket):
    def call(*words):
        return CliRunner().invoke(main, [*words, "--docket", str(small_docket)])

    return call


def asked(run, *words):
    result = run("measure", *words)
    assert result.exit_code == 0, result.output
    return result


# the small docket has no judge with enough decisions: test_judges_named asks a larger one
@pytest.mark.parametrize("name", [n for n in MEASURES if n != "grant-rate-dispersion"])
def test_every_measure_is_a_table_that_fits_the_terminal_and_is_labelled(run, name):
    shown = asked(run, name, "--definition", "all", "--rows", "400").stdout

    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "SYNTHETIC DATA" in shown
    assert "30 June 2026" in shown
    assert f"opendocket measures {name}" in shown


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_explained_on_a_page_that_fits_the_terminal(name):
    page = CliRunner().invoke(main, ["measures", name]).stdout

    assert max(len(line) for line in page.splitlines()) <= 80
    for definition in MEASURES[name].definitions:
        assert f"\n{definition.name}" in page
        assert definition.reads
    assert "Does not show" in page


def test_the_list_names_every_measure_and_definition():
    shown = CliRunner().invoke(main, ["measures"]).stdout
    rows = list(csv.DictReader(io.StringIO(
        CliRunner().invoke(main, ["measures", "--format", "csv"]).stdout
    )))  # fmt: skip

    assert max(len(line) for line in shown.splitlines()) <= 80
    assert [r["measure"] for r in rows] == [
        n for n, m in MEASURES.items() for _ in m.definitions
    ]


def test_csv_and_json_say_the_same(run):
    words = ("in-absentia", "--by", "court", "--where", "docket=dedicated", "--format")
    as_csv = list(csv.DictReader(io.StringIO(asked(run, *words, "csv").stdout)))
    as_json = json.loads(asked(run, *words, "json").stdout)

    assert [row["court"] for row in as_csv] == [row["court"] for row in as_json]
    assert as_json[0]["as_of_date"] == "2026-06-30"
    assert as_json[0]["is_synthetic"] is True
    assert float(as_csv[0]["in_absentia_share"]) == as_json[0]["in_absentia_share"]


def test_what_is_held_back_is_said_and_shown_on_request(run):
    words = ("in-absentia", "--by", "court,nationality", "--where", "docket=dedicated")
    shown, private = asked(run, *words).stdout, asked(run, *words, "--no-suppress").stdout

    assert "held back" in shown
    assert "held back" not in private


def test_two_groups_are_told_apart_with_the_adjusted_row_below(run):
    shown = asked(
        run, "in-absentia", "--where", "docket=dedicated", "--against", "docket=ordinary",
        "--adjust", "court",
    ).stdout  # fmt: skip

    assert "First: docket=dedicated" in shown
    assert "Second: docket=ordinary" in shown
    lines = [line for line in shown.splitlines() if line.startswith(("nothing", "court"))]
    assert len(lines) == 2
    assert max(len(line) for line in shown.splitlines()) <= 80


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("in-absentai",), 3, "no such measure"),
        (("in-absentia", "--where", "court"), 3, "not written NAME=VALUE"),
        (("in-absentia", "--by", "judge"), 3, "no such filter or grouping"),
        (("in-absentia", "--definition", "x"), 3, "opendocket measures in-absentia"),
        (("in-absentia", "--days", "soon"), 2, "whole numbers"),
        (("in-absentia", "--adjust", "court"), 2, "second group"),
        (("in-absentia", "--as-of", "2030-01-01"), 3, "as-of date"),
        (("in-absentia", "--plot", "a.pdf"), 3, "no kind of picture"),
        (("in-absentia", "--by", "court,year", "--plot", "a.svg"), 3, "too many to tell apart"),
    ],
)
def test_a_wrong_question_is_refused_in_one_line(
    run, words, status, said, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    result = run("measure", *words)

    assert result.exit_code == status
    assert said in " ".join(result.output.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_picture_is_written_whole_and_replaced_on_request_only(run, tmp_path, ending):
    path = tmp_path / f"absent.{ending}"
    words = ("in-absentia", "--by", "year", "--where", "year=2018..2025", "--plot", str(path))

    asked(run, *words)
    again = run("measure", *words)
    asked(run, *words, "--overwrite")

    assert path.read_bytes()[:4] == {"svg": b"<svg", "png": b"\x89PNG"}[ending]
    assert again.exit_code == 3
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


PICTURES = {
    "dots": {"by": "court", "where": {"docket": "dedicated"}},
    "one dot": {},
    "years": {"by": ("docket", "year"), "where": {"year": "2015..2025"}},
    "months": {"by": "month", "where": {"month": "2021-10..2022-09"}},
    "curves": {"definition": "incidence"},
    "panels": {"definition": "incidence", "by": "docket"},
    "all": {"definition": "all"},
}


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_picture_is_valid_and_its_title_says_what_is_found(small_docket, kind, width):
    with open_docket(small_docket) as docket:
        first = question(docket, "in-absentia", **PICTURES[kind])
        figure = answer_figure(docket, first, answered(docket, first))

    chart = json.loads(figure.draw(figure, width).to_json())  # checked against the schema
    assert "%" in str(figure.title)
    assert "SYNTHETIC" in json.dumps(chart)
    assert str(figure.alt)


def test_a_comparison_is_drawn_too(small_docket):
    with open_docket(small_docket) as docket:
        both = pair(
            docket, "in-absentia", {"docket": "ordinary"}, where={"docket": "dedicated"},
            adjusted_by="court",
        )  # fmt: skip
        figure = answer_figure(docket, both, contrasted(docket, both))

    assert "points" in str(figure.title)
    assert json.loads(figure.draw(figure, WIDE).to_json())

"""`opendocket figures`: what it lists, shows and compares, on a small made-up docket."""

import csv
import io
import json

import duckdb
import pytest
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.figures import every_target
from opendocket.figures.coverage import reasons
from opendocket.figures.published import all_published
from opendocket.figures.record import FIELDS, LISTED


def run(*words, code=0):
    result = CliRunner().invoke(main, ["figures", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def whole(small_docket):
    """Give every row of the comparison, as CSV has it."""
    found = run("compare", small_docket, "--format", "csv")
    return list(csv.DictReader(io.StringIO(found.stdout)))


@pytest.fixture(scope="module")
def shown(small_docket):
    return run("compare", small_docket).stdout


@pytest.mark.parametrize(
    "words", [("list",), ("show", "A63"), ("show", "B06"), ("show", "C20")]
)
def test_what_is_listed_and_shown_fits_80_columns(words):
    assert [line for line in run(*words).stdout.splitlines() if len(line) > 80] == []


def test_the_comparison_fits_80_columns(shown):
    assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_the_first_lines_say_that_it_is_synthetic_and_count_the_verdicts(shown, whole):
    counts = [sum(r["verdict"] == v for r in whole) for v in ("within", "outside")]

    assert shown.startswith("SYNTHETIC DATA, about nobody")
    assert f"Of {len(whole)} figures, {counts[0]} within, {counts[1]} outside" in shown


def test_csv_has_every_target_and_every_reason(whole):
    assert len(whole) == len(every_target()) + len(reasons())
    assert list(whole[0]) == list(FIELDS)
    told = {id for row in whole for id in row["figure"].split(", ") if id in all_published()}
    assert {row["figure"] for row in whole} >= set(reasons())
    assert told >= {id for t in every_target() for id in t.figures if ", " not in id}


def test_every_row_has_a_verdict_and_says_how_or_why(whole):
    assert {row["verdict"] for row in whole} == {"within", "outside", "not comparable"}
    assert all(row["why"] for row in whole)
    for row in whole:
        if row["verdict"] == "not comparable":
            assert row["ours"] == ""


def test_json_holds_the_same_as_csv(small_docket, whole):
    again = json.loads(run("compare", small_docket, "--format", "json").stdout)

    assert [row["figure"] for row in again] == [row["figure"] for row in whole]
    assert [row["verdict"] for row in again] == [row["verdict"] for row in whole]


def test_a_difference_is_ours_less_theirs(whole):
    for row in whole:
        if row["difference"]:
            apart = float(row["ours"]) - float(row["theirs"])
            assert float(row["difference"]) == pytest.approx(apart)


def test_small_numbers_are_withheld_unless_asked_for(small_docket):
    # at this size 13 grants of the docket's first months are one person, or none
    held_back = run("compare", small_docket, "--only", "A17").stdout
    private = run("compare", small_docket, "--only", "A17", "--no-suppress").stdout

    assert "withheld" in held_back
    assert "withheld" not in private


def test_only_and_verdict_choose(small_docket):
    one = run("compare", small_docket, "--only", "a45,D02", "--format", "csv").stdout
    outside = run("compare", small_docket, "--verdict", "outside", "--format", "csv").stdout

    chosen = [row["figure"] for row in csv.DictReader(io.StringIO(one))]
    assert chosen == ["A45", "D02-FY2012", "D02-FY2019"]
    verdicts = {row["verdict"] for row in csv.DictReader(io.StringIO(outside))}
    assert verdicts == {"outside"}


def test_an_unknown_figure_is_refused_and_near_ones_are_offered(small_docket):
    refused = run("compare", small_docket, "--only", "A450", code=3)

    assert "'A450': no such published figure" in refused.output
    assert "A45" in refused.output
    assert "no such published figure" in run("show", "Z1", code=3).output


def test_show_tells_source_definition_method_and_tolerance():
    said = run("show", "A45").stdout

    for part in ("TRAC 704", "http://www.trac.syr.edu/reports/704/", "read-direct",
                 "first ending", "±2.0 points", "within-300-days"):  # fmt: skip
        assert part in said, part


def test_show_says_why_no_docket_can_answer():
    said = " ".join(run("show", "E01-2019").stdout.split())

    assert "another agency's record" in said


def test_list_finds_by_words_and_by_how_it_was_read():
    told = run("list", "--about", "asylum", "--confidence", "read-direct", "--format", "csv")
    found = list(csv.DictReader(io.StringIO(told.stdout)))

    assert list(found[0]) == list(LISTED)
    assert {row["confidence"] for row in found} == {"read-direct"}
    assert "D12-2022" in {row["figure"] for row in found}
    assert "A45" not in {row["figure"] for row in found}


def test_a_docket_that_ends_before_a_figure_says_so(small_docket, tmp_path):
    earlier = tmp_path / "earlier.duckdb"
    earlier.write_bytes(small_docket.read_bytes())
    with duckdb.connect(earlier) as con:
        con.execute("update out_load__release set as_of_date = date '2020-06-30'")

    said = run("compare", earlier, "--only", "A45").stdout

    assert "the release ends on 2020-06-30, before 2022-09-30" in " ".join(said.split())

"""What `opendocket check` prints, writes and ends with."""

import csv
import io
import json
import re
import shutil

import duckdb
import pytest
from click.testing import CliRunner

from opendocket.checks import CHECKS, GROUPS
from opendocket.cli import main


@pytest.fixture(scope="module")
def spoilt(small_docket, tmp_path_factory):
    """Give a docket that lost 5 bonds, and has a mismatch that was accepted."""
    path = tmp_path_factory.mktemp("spoilt") / "docket.duckdb"
    shutil.copy(small_docket, path)
    with duckdb.connect(path) as con:
        con.execute(
            "delete from core_eoir__bond where IDNASSOCBOND in "
            "(select IDNASSOCBOND from core_eoir__bond order by all limit 5)"
        )
        con.execute(
            "update out_load__account set expected_count = expected_count + 3, "
            "is_accepted = true where table_name = 'tblAppeal'"
        )
    return path


def check(*words):
    return CliRunner().invoke(main, ["check", *map(str, words)])


def test_a_sound_docket_ends_with_0_and_says_so_first(small_docket):
    result = check(small_docket)

    assert result.exit_code == 0, result.stderr
    first, second, *_ = result.stdout.splitlines()
    assert first.endswith(" checks none is wrong, none needs a look")
    assert second.startswith("SYNTHETIC release, about nobody, of 2026-07-01")


def test_a_spoilt_docket_ends_with_3_and_tells_the_worst_first(spoilt):
    result = check(spoilt)

    assert result.exit_code == 3
    assert result.stdout.splitlines()[0].endswith(" checks 2 are wrong, 1 needs a look")
    assert result.stdout.index("WRONG:") < result.stdout.index("LOOK:")
    assert "off by -5: load the release again" in result.stdout
    assert "off by -3, accepted by hand" in result.stdout
    assert "2 of 1," in result.stderr
    assert "first rows as announced, D_TblAssociatedBond; expected none; " in result.stderr


@pytest.mark.parametrize("words", [[], ["--all"]])
def test_what_the_terminal_shows_fits_80_columns(words, spoilt):
    shown = check(spoilt, *words).stdout.splitlines()

    assert [line for line in shown if len(line) > 80] == []


def test_each_group_is_counted(small_docket):
    lines = check(small_docket).stdout.splitlines()

    counted = {t: next(x for x in lines if x.startswith(t)).split() for t in GROUPS.values()}
    assert all(words[-1] == "0" for words in counted.values())
    assert all(int(words[-4].replace(",", "")) > 0 for words in counted.values())


def test_all_shows_what_is_as_expected_as_well(small_docket):
    few, all_of_them = check(small_docket), check(small_docket, "--all")

    assert "AS EXPECTED" not in few.stdout
    assert "numbers twice: expected none twice; found 0 twice" in all_of_them.stdout


def test_csv_has_a_row_for_each_finding(spoilt):
    rows = list(csv.DictReader(io.StringIO(check(spoilt, "--format", "csv").stdout)))

    assert {row["check"] for row in rows} <= {check.name for check in CHECKS}
    wrong = [row for row in rows if row["verdict"] == "wrong"]
    assert [(row["check"], row["what"]) for row in wrong] == [
        ("rows as announced", "D_TblAssociatedBond"),
        ("rows as kept", "D_TblAssociatedBond"),
    ]


def test_json_and_the_record_hold_every_check_with_its_source(spoilt, tmp_path):
    out = tmp_path / "check.json"
    printed = json.loads(check(spoilt, "--format", "json", "--out", out).stdout)

    assert json.loads(out.read_text("utf-8")) == printed
    assert printed["verdicts"]["wrong"] == 2
    assert len(printed["release"]["sha256"]) == 64
    assert printed["release"]["as_of_date"] == "2026-06-30"
    said = {check["name"]: check for check in printed["checks"]}
    for known in CHECKS:
        if known.name in said:
            assert said[known.name]["source"] == known.source
            assert said[known.name]["expectation"] == known.expectation


def test_the_same_docket_gives_the_same_record(small_docket):
    assert check(small_docket, "--format", "json").stdout == (
        check(small_docket, "--format", "json").stdout
    )


def test_a_record_is_replaced_only_when_asked(small_docket, tmp_path):
    out = tmp_path / "check.json"
    out.write_text("mine")

    refused = check(small_docket, "--out", out)
    assert refused.exit_code == 3
    assert out.read_text() == "mine"
    assert check(small_docket, "--out", out, "--overwrite").exit_code == 0
    assert json.loads(out.read_text("utf-8"))["verdicts"]["wrong"] == 0


def test_the_record_never_replaces_the_docket(spoilt):
    size = spoilt.stat().st_size

    refused = check(spoilt, "--out", spoilt, "--overwrite")

    assert refused.exit_code == 3
    assert "this is the docket itself" in refused.stderr
    assert spoilt.stat().st_size == size


def test_something_that_is_no_docket_is_refused(tmp_path):
    (tmp_path / "x.duckdb").write_text("no")

    assert check(tmp_path / "x.duckdb").exit_code == 3


def test_no_group_under_11_is_counted_out(docket_50k_dirty):
    text = check(docket_50k_dirty.path, "--format", "csv").stdout
    counted = [int(n.replace(",", "")) for n in re.findall(r" % \(([\d,]+)\)", text)]

    assert counted
    assert [n for n in counted if 0 < n < 11] == []
    assert "fewer than 11" in text

import csv
import filecmp
import math
import re
import zipfile
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.columns import TABLES
from opendocket.release import open_release
from opendocket.synthetic import archive, synthesize

DATA = Path(__file__).parents[1] / "data"
CASES = 2_000

# Headers as the release of July 2026 has them, copied by hand from the reference.
HEADERS = {
    "A_TblCaseIdentifier": "IDNCASEID IDNCASE CASE_ID",
    "B_TblProceedCharges": "IDNPRCDCHG IDNCASE IDNPROCEEDING CHARGE CHG_STATUS",
    "tbl_Court_Appln": "IDNPROCEEDINGAPPLN IDNPROCEEDING IDNCASE APPL_CODE APPL_RECD_DATE"
    " APPL_DEC",
    "tblAppeal2": "idnAppeal idncase idnProceeding",
    "tbl_CustodyHistory": "IDNCUSTODY IDNCASE CUSTODY DATDETAINED DATRELEASED",
    "tbl_CasePriorityHistory": "idnCasePriHistory casePriority_code idnCase DATCREATEDON"
    " DATMODIFIEDON",
    "tbl_Lead_Rider": "idnLeadRider idnLeadCase idnRiderCase datCreatedOn datModifiedOn"
    " datSeveredOn idnLeadProceedingStart idnLeadProceedingEnd idnRiderProceedingStart"
    " idnRiderProceedingEnd blnActive",
    "tblAppealFedCourts": "idnAppealFedCourts lngAppealID datRequestedByOIL"
    " strFedCourtDecision",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    return synthesize(folder / "one.zip", cases=CASES, seed=5)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    return synthesize(folder / "clean.zip", cases=CASES, seed=5, dirt=0)


def text(made, name):
    """Give a member's bytes by the end of its name."""
    with zipfile.ZipFile(made.path) as zipped:
        (member,) = (n for n in zipped.namelist() if n.endswith(f"/{name}"))
        return zipped.read(member)


def cells(made, table, column):
    """Give a column as it stands in the file, among lines that were not soiled."""
    columns = TABLES[table].columns
    at = [c.name for c in columns].index(column)
    lines = (line.split(b"\t") for line in text(made, f"{table}.csv").split(b"\r\n")[1:-1])
    return [line[at] for line in lines if len(line) == len(columns)]


def truth(made, query):
    with duckdb.connect(made.truth, read_only=True) as con:
        return con.execute(query).fetchall()


# --- chance


def test_the_same_seed_gives_the_same_bytes_whatever_the_workers(made, tmp_path):
    again = synthesize(tmp_path / "two.zip", cases=CASES, seed=5, workers=2)
    assert filecmp.cmp(again.path, made.path, shallow=False)
    for table in ("truth_case", "truth_dirt", "truth_release"):
        query = f"from {table} order by all"
        assert truth(again, query) == truth(made, query)


def test_another_seed_gives_another_release(made, tmp_path):
    other = synthesize(tmp_path / "two.zip", cases=CASES, seed=6)
    assert text(other, "B_TblProceeding.csv") != text(made, "B_TblProceeding.csv")
    assert truth(other, "from truth_case") != truth(made, "from truth_case")
    assert truth(other, "select count(*) from truth_case") == [(CASES,)]


def test_dirt_changes_no_life(made, clean):
    columns = "* exclude (in_case_table)"
    query = f"select {columns} from truth_case order by case_id"
    assert truth(made, "select count(*) > 1000 from truth_dirt") == [(True,)]
    assert truth(clean, "select count(*) from truth_dirt") == [(0,)]
    assert truth(clean, query) == truth(made, query)
    assert len(truth(clean, query)) == CASES


@pytest.mark.parametrize(("cases", "dirt"), [(999, 1), (1_000, -0.1)])
def test_too_little_to_be_a_release_is_a_programmer_s_mistake(cases, dirt, tmp_path):
    with pytest.raises(ValueError, match="expected at least 1,000 and 0"):
        synthesize(tmp_path / "x.zip", cases=cases, seed=1, dirt=dirt)


# --- the layout


def test_all_97_tables_are_there_with_their_headers_in_order(made):
    with zipfile.ZipFile(made.path) as zipped:
        names = [name for name in zipped.namelist() if name.endswith(".csv")]
    top = "EOIR Case Data 2026-0701 SYNTHETIC"
    assert names == [f"{top}/{t.folder}/{name}.csv" for name, t in TABLES.items()]
    assert len(names) == 97
    assert sum("/Lookup/" in name for name in names) == 78
    for name, table in TABLES.items():
        header = text(made, f"{name}.csv").partition(b"\r\n")[0].decode().split("\t")
        assert header == [column.name for column in table.columns]
        if name in HEADERS:
            assert header == HEADERS[name].split()


def test_the_zip_is_sound_by_another_s_reading(made):
    with zipfile.ZipFile(made.path) as zipped:
        assert zipped.testzip() is None
        assert {info.compress_type for info in zipped.infolist()} == {zipfile.ZIP_DEFLATED}
        assert {info.date_time for info in zipped.infolist()} == {(2026, 7, 1, 0, 0, 0)}


def test_count_txt_says_how_many_rows_there_are(made):
    said = [line.split("\t") for line in text(made, "Count.txt").decode().splitlines()]
    assert [name for name, _ in said] == list(TABLES)
    for name, rows in said:
        assert text(made, f"{name}.csv").count(b"\r\n") == int(rows) + 1
    assert sum(int(rows) for _, rows in said) == made.rows


def test_large_members_are_written_in_zip64_and_read_by_others(made, tmp_path, monkeypatch):
    """With what counts as large brought down to a few thousand bytes."""
    monkeypatch.setattr(archive, "ZIP64_FROM", 3_000)
    wide = synthesize(tmp_path / "wide.zip", cases=CASES, seed=5)
    assert wide.path.stat().st_size > made.path.stat().st_size
    with zipfile.ZipFile(made.path) as plain, zipfile.ZipFile(wide.path) as zipped:
        assert zipped.testzip() is None
        assert zipped.namelist() == plain.namelist()
        assert any(info.extra for info in zipped.infolist())
        for name in plain.namelist():
            assert zipped.read(name) == plain.read(name)
    release = open_release(wide.path)
    assert b"".join(release.blocks("A_TblCase")) == text(made, "A_TblCase.csv")


# --- the label


def test_it_says_in_every_place_that_it_is_made_up(made):
    with zipfile.ZipFile(made.path) as zipped:
        names = zipped.namelist()
        assert zipped.comment.startswith(b"SYNTHETIC data made by OpenDocket; no row is about")
    assert all(name.split("/")[0].endswith(" SYNTHETIC") for name in names)
    assert names[0].endswith("/README SYNTHETIC.txt")
    assert text(made, "README SYNTHETIC.txt").startswith(b"SYNTHETIC DATA\r\n")
    assert b"None is about a real person" in text(made, "README SYNTHETIC.txt")
    judges = cells(made, "tblLookupJudge", "JUDGE_NAME")
    assert all(name.startswith(b"SYNTHETIC JUDGE ") for name in judges)
    assert truth(made, "select label, cases, seed, dirt from truth_release") == [
        (
            "SYNTHETIC data made by OpenDocket; no row is about a real person or a real case.",
            CASES,
            5,
            1,
        )
    ]
    assert open_release(made.path).is_synthetic


# --- dirt at the real rates, and none


def test_padding_blanks_and_nul_are_there_at_dirt_1_and_not_at_dirt_0(made, clean):
    def share(release, table, column, is_so):
        found = cells(release, table, column)
        return sum(map(is_so, found)) / len(found)

    def padded(cell):
        return cell != cell.rstrip(b" ")

    assert share(made, "B_TblProceedCharges", "CHARGE", padded) == pytest.approx(0.25, abs=0.05)
    assert share(made, "B_TblProceeding", "DEC_CODE", b" ".__eq__) > 0.05
    assert share(made, "B_TblProceeding", "DEC_CODE", b"\x00".__eq__) > 0.001
    for table, column, is_so in (
        ("B_TblProceedCharges", "CHARGE", padded),
        ("B_TblProceeding", "DEC_CODE", b" ".__eq__),
        ("B_TblProceeding", "DEC_CODE", b"\x00".__eq__),
        ("A_TblCase", "LANG", padded),
    ):
        assert share(clean, table, column, is_so) == 0


def test_at_dirt_0_no_line_is_soiled_anywhere(clean):
    for name, table in TABLES.items():
        data = text(clean, f"{name}.csv")
        assert data.isascii() or table.is_lookup
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", data)
        assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")
        lines = data.split(b"\r\n")[:-1]
        assert {line.count(b"\t") for line in lines} == {len(table.columns) - 1}


def test_n_a_is_the_priority_of_most_cases_dirt_or_none(made, clean):
    for release in (made, clean):
        found = cells(release, "A_TblCase", "CASEPRIORITY_CODE")
        assert 0.9 < found.count(b"N/A") / len(found) < 1
    assert cells(clean, "A_TblCase", "ALIEN_CITY").count(b"N/A") == 0


# --- null rates of July 2026


def exceptions():
    with (DATA / "null_share_exceptions.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return {(row["table"], row["column"]): float(row["at_most"]) for row in rows}


def test_columns_are_empty_as_often_as_in_the_real_release(small_docket):
    """Within 5 points and chance, except where tests/data says why not.

    The Dedicated Docket is left out: here it is a fifth of the cases, really a hundredth.
    """
    allowed, off, compared = exceptions(), {}, 0
    with duckdb.connect(small_docket, read_only=True) as con:
        for table in (t for t in TABLES.values() if not t.is_lookup):
            key = next((c.name for c in table.columns if c.name.lower() == "idncase"), None)
            ordinary = "select case_id from out_docket__case where not is_tagged"
            where = f"where {key} in ({ordinary})" if key else ""
            shares = ", ".join(f'avg(("{c.name}" is null)::int)' for c in table.columns)
            query = f"select count(*), {shares} from {table.core} {where}"
            ((rows, *found),) = con.execute(query).fetchall()
            for column, share in zip(table.columns, found, strict=True):
                real = column.null_share
                # families share their fate, so a row weighs about half
                chance = 4 * math.sqrt(real * (1 - real) / (rows / 2))
                bound = allowed.get((table.file_name, column.name), 0.05)
                compared += 1
                if abs(share - real) > bound + chance:
                    off[table.file_name, column.name] = (real, share)
    assert compared > 300
    assert off == {}


def test_every_exception_has_a_column_and_a_reason():
    with (DATA / "null_share_exceptions.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert TABLES[row["table"]].column(row["column"])
            assert row["reason"]


# --- the command


def test_the_command_says_what_it_made_where_and_what_to_do_next(tmp_path):
    out = tmp_path / "new" / "made up.zip"
    result = CliRunner().invoke(
        main, ["synthesize", str(out), "--cases", "1000", "--workers", "1"]
    )
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"{out}\n"
    for said in (
        "made: 1,000 SYNTHETIC cases, 200 of them tagged",
        "seed 1, dirt 1",
        "rows about nobody",
        f"truth: {out.with_suffix('.truth.duckdb')}",
        f"next:\n  opendocket load '{out}' --out '{out.with_suffix('.duckdb')}'",
    ):
        assert said in result.stderr
    assert {p.name for p in out.parent.iterdir()} == {"made up.zip", "made up.truth.duckdb"}


def test_the_command_makes_what_the_function_makes(made, tmp_path):
    args = ["synthesize", str(tmp_path / "x.zip"), "--cases", str(CASES), "--seed", "5"]
    result = CliRunner().invoke(main, [*args, "--workers", "1"])
    assert result.exit_code == 0
    assert filecmp.cmp(tmp_path / "x.zip", made.path, shallow=False)


def test_with_overwrite_both_files_are_replaced(tmp_path):
    for name in ("x.zip", "x.truth.duckdb"):
        (tmp_path / name).write_text("old")
    args = ["synthesize", str(tmp_path / "x.zip"), "--cases", "1000", "--workers", "1"]
    assert CliRunner().invoke(main, [*args, "--overwrite"]).exit_code == 0
    assert zipfile.is_zipfile(tmp_path / "x.zip")
    assert {p.name for p in tmp_path.iterdir()} == {"x.zip", "x.truth.duckdb"}

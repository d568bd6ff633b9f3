import csv
import io
import json

import duckdb
import pytest
import tiny_release as tiny
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.columns import TABLES


def odd_release(path):
    """Write a release with a row set aside, a mended one, a wrong value and a stranger."""
    texts = tiny.tables(
        A_TblCase=[{"IDNCASE": n, "CASE_TYPE": "RMV", "NAT": "MX"} for n in (1, 2, 3, 4)],
        B_TblProceeding=[
            {"IDNPROCEEDING": 11, "IDNCASE": 1, "INPUT_DATE": "2024-01-01 noon"},
            {"IDNPROCEEDING": "FC", "IDNCASE": 2},
        ],
    )
    header, one, two, three, four, _ = texts["A_TblCase"].split(b"\r\n")
    torn, soiled = one.replace(b"1\t", b"1\tA\tNY", 1), three.replace(b"MX", b"M\x00X")
    lines = (header, torn, two[:20], soiled, four)
    texts["A_TblCase"] = b"".join(line + b"\r\n" for line in lines)
    return tiny.written(path, texts | {"stranger": b"a\tb\r\n"}, folder="2026-0701 SYNTHETIC")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return odd_release(tmp_path_factory.mktemp("odd") / "odd.zip")


def load(release, out, *options):
    result = CliRunner().invoke(main, ["load", str(release), "--out", str(out), *options])
    assert result.exit_code == 0, result.stderr
    return result


def test_the_account_tells_what_needs_telling_and_fits_the_terminal(release, tmp_path):
    out = tmp_path / "my docket.duckdb"
    result = load(release, out)
    assert result.stdout == f"{out}\n"
    lines = [line.rstrip() for line in result.stderr.splitlines()]
    assert max(map(len, lines[: lines.index("off by: rows read less rows by Count.txt")])) <= 80
    for expected in (
        "Rows of the SYNTHETIC release, observed to 2026-06-30",
        "A_TblCase: 1 set aside: more fields than columns",
        "A_TblCase: 1 mended: short row padded",
        "A_TblCase: 1 mended: control characters removed",
        "B_TblProceeding: 1 set aside: key is not a number",
        "note: '2026-0701 SYNTHETIC/Other/stranger.csv' is no table we know, "
        "and was not loaded",
        f"docket: {out}",
        f"  opendocket report dedicated-docket --docket '{out}'",
    ):
        assert expected in lines
    rows = [line.split() for line in lines]
    assert ["A_TblCase", "4", "3", "1", "2", "0"] in rows
    assert ["B_TblProceeding", "2", "1", "1", "0", "0"] in rows
    (total,) = (row for row in rows if row[:3] == ["all", "97", "tables"])
    assert total[5:] == ["2", "2", "0"]
    assert (
        "B_TblProceeding: 1 emptied, kept in aside_eoir__cell: not of the column's type"
        in lines
    )
    assert "tbl_RepsAssigned" not in result.stderr


def test_what_was_set_aside_is_in_the_docket_with_reason_and_bytes(release, tmp_path):
    load(release, tmp_path / "d.duckdb")
    with duckdb.connect(tmp_path / "d.duckdb", read_only=True) as con:
        rows = con.execute("from aside_eoir__row order by table_name").fetchall()
        cells = con.execute("from aside_eoir__cell").fetchall()
        account = con.execute(
            "select table_name, read_count, kept_count, set_aside_count, cells_aside_count"
            " from out_load__account where set_aside_count > 0 order by all"
        ).fetchall()
        reasons = con.execute("from out_load__reason order by all").fetchall()
        (about,) = con.execute(
            "select is_synthetic, released_date::varchar, as_of_date::varchar, file_name"
            " from out_load__release"
        ).fetchall()
    assert [(t, n, why) for t, n, why, _ in rows] == [
        ("A_TblCase", 1, "more fields than columns"),
        ("B_TblProceeding", 2, "key is not a number"),
    ]
    assert rows[0][3].startswith(b"1\tA\tNY\t\t\t\t\tMX")
    assert rows[1][3].startswith(b"FC\t2\t")
    assert cells == [("B_TblProceeding", 1, 11, "INPUT_DATE", "2024-01-01 noon", "not a date")]
    assert account == [("A_TblCase", 4, 3, 1, 0), ("B_TblProceeding", 2, 1, 1, 1)]
    assert len(reasons) == 4
    assert about == (True, "2026-07-01", "2026-06-30", "odd.zip")


def test_csv_and_json_tell_of_every_table_and_agree(release, tmp_path):
    as_json = load(release, tmp_path / "a.duckdb", "--format", "json")
    as_csv = load(release, tmp_path / "b.duckdb", "--format", "csv")
    told = json.loads(as_json.stdout)
    assert told["docket"] == str(tmp_path / "a.duckdb")
    assert (told["as_of_date"], told["is_synthetic"]) == ("2026-06-30", True)
    assert told["unknown_members"] == ["2026-0701 SYNTHETIC/Other/stranger.csv"]
    assert [row["table"] for row in told["tables"]] == list(TABLES)
    first = told["tables"][0]
    assert first["set_aside_reasons"] == {"more fields than columns": 1}
    assert (first["read_count"], first["expected_count"], first["balance_count"]) == (4, 4, 0)
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert [list(row) for row in rows[:1]] == [list(first)]
    for row, same in zip(rows, told["tables"], strict=True):
        assert row["table"] == same["table"]
        assert int(row["read_count"]) == same["read_count"]
        assert json.loads(row["mended_reasons"]) == same["mended_reasons"]
    assert "Rows of the" not in as_csv.stderr
    assert "docket: " in as_csv.stderr


def test_a_release_without_counts_says_so(tmp_path):
    release = tiny.written(tmp_path / "r.zip", tiny.tables(), count="")
    said = load(release, tmp_path / "d.duckdb").stderr
    assert "note: the release has no Count.txt to hold the rows against" in said
    assert "not said" in said
    assert "SYNTHETIC" not in said


def test_the_day_of_the_release_can_be_given(tmp_path):
    release = tiny.written(tmp_path / "r.zip", tiny.tables(), folder="EOIR Case Data")
    said = load(release, tmp_path / "d.duckdb", "--released", "2024-03-01").stderr
    assert "observed to 2024-02-29" in said

"""What `load` says of a bad release, and what it takes when told to.

Each time: one sentence, exit status 3, nothing left behind, and the next good run succeeds.
"""

import json
import re
import struct
import zipfile
from pathlib import Path

import duckdb
import pytest
import tiny_release as tiny
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.columns import TABLES

A, B = "A_TblCase", "B_TblProceeding"


def run(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """The default docket is written where the command runs."""
    monkeypatch.chdir(tmp_path)


def there(folder):
    return {path.name for path in folder.iterdir()}


def sentence(result):
    """Give the one line a refusal comes to."""
    assert result.exit_code == 3, result.stderr
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    head, _, rest = result.stderr.partition("Error: ")
    assert head == ""
    assert rest.endswith("\n")
    assert "\n" not in rest[:-1]
    assert "; expected " in rest
    assert len(rest) < 500
    return rest


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return tiny.written(tmp_path_factory.mktemp("good") / "good.zip", tiny.tables())


# --- releases that are none


def of(count=None, **changes):
    """Write a release with some tables' bytes changed; None leaves one out."""

    def write(path):
        texts = tiny.tables() | changes
        there = {name: data for name, data in texts.items() if data is not None}
        tiny.written(path, there, count=count)

    return write


def table(name, change):
    """Write a release with one table changed from what it would be."""
    return of(**{name: change(tiny.tables()[name])})


def bytes_of(data):
    return lambda path: path.write_bytes(data)


def cut(at):
    """Write a release, and cut it short at a share of its length or so many from its end."""

    def write(path):
        tiny.written(path, tiny.tables())
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = b"a comment that ends the file"
        data = path.read_bytes()
        path.write_bytes(data[: at if at < 0 else int(len(data) * at)])

    return write


def damaged(name, method, at):
    """Write a release, and turn over one byte of one member's data."""

    def write(path):
        rows = [{"IDNCASE": n, "CASE_TYPE": "RMV", "NAT": "MX"} for n in range(1, 2_000)]
        tiny.written(path, tiny.tables(A_TblCase=rows), method=method)
        with zipfile.ZipFile(path) as archive:
            info = next(i for i in archive.infolist() if i.filename.endswith(f"{name}.csv"))
        data = bytearray(path.read_bytes())
        name_size, extra_size = struct.unpack_from("<HH", data, info.header_offset + 26)
        begin = info.header_offset + 30 + name_size + extra_size
        data[begin + int(at * info.compress_size)] ^= 0x15
        path.write_bytes(data)

    return write


def directory_entry(offset, value):
    """Write a release, and change 16 bits of the directory's entry for A_TblCase."""

    def write(path):
        tiny.written(path, tiny.tables())
        data = bytearray(path.read_bytes())
        entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"/A_TblCase.csv"))
        struct.pack_into("<H", data, entry + offset, value)
        path.write_bytes(data)

    return write


def members(*names):
    """Write a zip of small members of any name."""

    def write(path):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "IDNCASE\r\n")

    return write


def without_column(data):
    """Leave the second column out, in header and rows."""
    lines = [line.split(b"\t") for line in data.split(b"\r\n")]
    return b"\r\n".join(b"\t".join(line[:1] + line[2:]) for line in lines)


def with_column(name):
    """Put a column behind the last, in header and rows."""

    def change(data):
        header, *rows = data.removesuffix(b"\r\n").split(b"\r\n")
        lines = [header + b"\t" + name, *(row + b"\tnew" for row in rows)]
        return b"".join(line + b"\r\n" for line in lines)

    return change


def header_only(data):
    return data.partition(b"\n")[0] + b"\n"


def miscounted(path):
    texts = tiny.tables()
    tiny.written(path, texts, count=tiny.counts(texts).replace("A_TblCase\t1", "A_TblCase\t2"))


def dated_nowhere(path):
    tiny.written(path, tiny.tables(), folder="EOIR Case Data")
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<H", data, at + 14, 0)
        at = data.find(b"PK\x01\x02", at + 1)
    path.write_bytes(data)


STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
BAD = {
    "not a zip": (bytes_of(b"IDNCASE\tNAT\r\n1\tMX\r\n"), "not a zip"),
    "an empty file": (bytes_of(b""), "empty"),
    "a folder": (Path.mkdir, "a folder"),
    "no file": (lambda path: None, "no such file"),
    "cut at its start": (cut(0.01), "not a zip, or one cut short"),
    "cut in the middle": (cut(0.5), "not a zip, or one cut short"),
    "cut in the directory": (cut(0.95), "not a zip, or one cut short"),
    "cut in the end record": (cut(-40), "not a zip, or one cut short"),
    "cut in the comment": (cut(-3), "cut short"),
    "a stored member damaged": (damaged(A, STORED, 0.7), "is not of the checksum announced"),
    "a stored header damaged": (damaged(A, STORED, 0.0), "is not of the checksum announced"),
    "a packed member damaged": (damaged(A, DEFLATED, 0.5), r"member .*A_TblCase.csv"),
    "a packed member damaged late": (damaged(A, DEFLATED, 0.97), r"member .*A_TblCase.csv"),
    "packed as Deflate64": (
        directory_entry(10, 9), "packed by method 8, not 9, in its own header"
    ),
    "locked by a password": (directory_entry(8, 1), "is locked otherwise in its own header"),
    "no tables of cases": (members("a/one.csv", "a/two.csv"), "no A_TblCase.csv and no B_Tbl"),
    "no proceedings": (of(B_TblProceeding=None), "no B_TblProceeding.csv among"),
    "a name that climbs": (members("../A_TblCase.csv"), "points outside its folder"),
    "a table twice": (members("a/A_TblCase.csv", "b/a_tblcase.CSV"), "two members named"),
    "no date": (dated_nowhere, "no date in it.*--released"),
    "a missing column": (table(A, without_column), "A_TblCase: no column ALIEN_CITY"),
    "another table's columns": (
        of(A_TblCase=tiny.tables()[B]),
        "ALIEN_CITY, ALIEN_STATE, ALIEN_ZIPCODE, UPDATED_ZIPCODE, UPDATED_CITY, and 2",
    ),
    "an essential table without rows": (
        table("tbl_schedule", header_only), "tbl_schedule: no rows",
    ),
    "a table of no bytes": (
        of(tbl_schedule=b""), "tbl_schedule: not even a line of column names",
    ),
    "an essential table of bad rows": (
        table(B, lambda data: data.replace(b"11\t", b"\t\t11\t")), "no row kept of 1",
    ),
    "a count that cannot be read": (
        of(count="A_TblCase\t1\t39\r\ntblAppeal\t0\r\n"),
        "A_TblCase: its line of Count.txt cannot be read",
    ),
    "a missing table whose count cannot be read": (
        of(tblAppeal=None, count="tblAppeal\tmany\r\nA_TblCase\t1\r\n"),
        "tblAppeal: its line of Count.txt cannot be read",
    ),
    "rows without names of columns": (
        table("tblAppeal", lambda data: b"\r\n" + data), "tblAppeal: not even a line of column"
    ),
    "a thousand columns and one": (
        table(A, lambda data: b"\t".join([b"X"] * 1_001) + b"\n"), "A_TblCase: 1,001 columns"
    ),
    "a missing table": (
        of(tblAppeal=None, count="tblAppeal\t3\r\n"), "tblAppeal: no tblAppeal.csv in the zip"
    ),
    "a missing table, and no Count.txt": (
        of(tblAppeal=None, count=""), "tblAppeal: no tblAppeal.csv in the zip"
    ),
    "a missing table that all rests on": (
        of(tbl_Lead_Rider=None), "tbl_Lead_Rider: no tbl_Lead_Rider.csv in the zip"
    ),
    "a count that disagrees": (miscounted, r"read 1 rows; expected 2 by .*\(off by -1\)"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_bad_release_is_refused_in_one_sentence_and_leaves_nothing(
    what, tmp_path, monkeypatch
):
    write, expected = BAD[what]
    release, out = tmp_path / "bad.zip", tmp_path / "new" / "docket.duckdb"
    write(release)
    before = there(tmp_path)
    monkeypatch.setattr("opendocket.release.archive.BLOCK_BYTES", 64)

    said = sentence(run("load", release, "--out", out))

    assert re.search(expected, said), said
    assert there(tmp_path) == before


@pytest.mark.parametrize("what", ["cut in the middle", "a packed member damaged late"])
def test_after_a_bad_release_a_good_one_loads(what, tmp_path, good):
    BAD[what][0](tmp_path / "bad.zip")
    out = tmp_path / "new" / "docket.duckdb"
    sentence(run("load", tmp_path / "bad.zip", "--out", out))
    assert run("load", good, "--out", out).exit_code == 0
    assert there(out.parent) == {"docket.duckdb"}


def test_a_bad_release_leaves_the_docket_that_was_there(tmp_path, good):
    out = tmp_path / "docket.duckdb"
    run("load", good, "--out", out)
    before = out.read_bytes()
    miscounted(tmp_path / "bad.zip")
    sentence(run("load", tmp_path / "bad.zip", "--out", out, "--overwrite"))
    assert out.read_bytes() == before
    assert there(tmp_path) == {"docket.duckdb", "bad.zip"}


# --- what is taken when told to


def accepted(tmp_path, write, *names):
    """Load a release with mismatches accepted; give the account and the docket."""
    write(tmp_path / "odd.zip")
    out = tmp_path / "docket.duckdb"
    options = [option for name in names for option in ("--accept-mismatch", name)]
    result = run("load", tmp_path / "odd.zip", "--out", out, "--format", "json", *options)
    assert result.exit_code == 0, result.stderr
    rows = json.loads(result.stdout)["tables"]
    return {row["table"]: row for row in rows}, out


def asked(docket, query):
    with duckdb.connect(docket, read_only=True) as con:
        return con.execute(query).fetchall()


def test_with_drift_accepted_missing_columns_are_empty_and_new_ones_kept(tmp_path):
    def change(data):
        return with_column(b"SHOE_SIZE")(without_column(data))

    account, docket = accepted(tmp_path, table(A, change), "a_tblcase.csv")
    query = 'select IDNCASE, ALIEN_CITY, CASE_TYPE, "SHOE_SIZE" from core_eoir__case'
    assert asked(docket, query) == [(1, None, "RMV", "new")]
    assert [name for name, row in account.items() if row["is_accepted"]] == [A]


def test_columns_in_another_order_and_case_are_read_without_asking(tmp_path):
    def reversed_columns(data):
        lines = [line.split(b"\t")[::-1] for line in data.removesuffix(b"\r\n").split(b"\r\n")]
        return b"".join(b"\t".join(line).lower() + b"\r\n" for line in lines)

    account, docket = accepted(tmp_path, table(A, reversed_columns))
    assert asked(docket, "select IDNCASE, CASE_TYPE from core_eoir__case") == [(1, "rmv")]
    assert not any(row["is_accepted"] for row in account.values())


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [(b"SHOE_SIZE", "SHOE_SIZE"), (b"nat", "nat 40"), (b"", "unnamed 40"),
     (b'a "b"\x00;--', 'a "b";--'), (b"surplus", "surplus")],
)  # fmt: skip
def test_a_new_column_is_kept_as_text_and_told(name, kept_as, tmp_path):
    release, out = tmp_path / "r.zip", tmp_path / "d.duckdb"
    table(A, with_column(name))(release)
    result = run("load", release, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert f"note: column {A}.{kept_as} is new, and was kept as text" in result.stderr
    with duckdb.connect(out, read_only=True) as con:
        columns = con.execute(f"describe {TABLES[A].core}").fetchall()
        told = con.execute(
            "select column_name, position from out_load__column where state = 'new'"
        ).fetchall()
    assert columns[-1][:2] == (kept_as, "VARCHAR")
    assert told == [(kept_as, 40)]


def test_missing_and_renamed_columns_are_told(tmp_path):
    def older(data):
        return data.replace(b"\tSex\t", b"\tGENDER\t").replace(b"\tLPR\t", b"\tOLD_LPR\t")

    release = tmp_path / "r.zip"
    table(A, older)(release)
    said = run("load", release, "--accept-mismatch", A).stderr
    for note in (
        f"note: column {A}.LPR is not in this release; it is empty in the docket",
        f"note: column {A}.GENDER is read as Sex",
        f"note: column {A}.OLD_LPR is new, and was kept as text",
    ):
        assert note in said


def test_a_table_that_a_release_does_not_announce_is_empty_and_told(tmp_path):
    release, out = tmp_path / "r.zip", tmp_path / "d.duckdb"
    of(tblAppeal=None)(release)
    result = run("load", release, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "note: this release has no table tblAppeal; it is empty in the docket" in (
        result.stderr
    )
    with duckdb.connect(out, read_only=True) as con:
        assert con.execute(f"from {TABLES['tblAppeal'].core}").fetchall() == []


def test_a_missing_table_accepted_is_empty_and_off_by_its_announced_rows(tmp_path):
    def write(path):
        texts = tiny.tables()
        count = tiny.counts(texts)
        del texts["tbl_Lead_Rider"]
        tiny.written(path, texts, count=count)

    account, docket = accepted(tmp_path, write, "tbl_Lead_Rider")
    assert asked(docket, "select count(*) from core_eoir__lead_rider") == [(0,)]
    row = account["tbl_Lead_Rider"]
    assert (row["read_count"], row["balance_count"], row["is_accepted"]) == (0, -1, True)


def test_a_miscount_accepted_is_told(tmp_path):
    account, _ = accepted(tmp_path, miscounted, A)
    assert (account[A]["balance_count"], account[A]["is_accepted"]) == (-1, True)


def test_an_empty_essential_table_accepted_is_empty(tmp_path):
    account, docket = accepted(
        tmp_path,
        of(tbl_RepsAssigned=b"", tbl_schedule=header_only(tiny.tables()["tbl_schedule"])),
        "tbl_RepsAssigned",
        "tbl_schedule",
    )
    assert [n for n, row in account.items() if row["is_accepted"]] == [
        "tbl_schedule",
        "tbl_RepsAssigned",
    ]
    assert asked(docket, "select count(*) from out_docket__case") == [(1,)]


def test_accepting_one_table_accepts_no_other(tmp_path):
    miscounted(tmp_path / "odd.zip")
    said = sentence(run("load", tmp_path / "odd.zip", "--accept-mismatch", B))
    assert "A_TblCase: read 1 rows" in said

"""Releases of other years, and packed by other hands, are read as well."""

import zipfile
from datetime import date

import duckdb
import old_release as old
import pytest
import tiny_release as tiny

from opendocket.columns import TABLES
from opendocket.docket.load import load_release
from opendocket.errors import CountMismatch, NotARelease
from opendocket.release import open_release
from opendocket.release.counts import rows_by_table

# --- where tables lie, and what the release is called


def test_tables_at_the_top_with_lookups_beside_them_are_found(tmp_path):
    release = open_release(old.written(tmp_path / "a.zip"))

    assert set(release.members) == set(TABLES)
    assert release.unknown == ()
    assert (release.folder, release.released) == (old.FOLDER.strip(), date(2021, 12, 1))
    assert {name: b"".join(release.blocks(name)) for name in TABLES} == old.texts()


@pytest.mark.parametrize(
    ("folder", "released"),
    [
        ("FOIA TRAC Report 20211201", date(2021, 12, 1)),
        ("FOIA-TRAC-Report_20221003", date(2022, 10, 3)),
        ("EOIR Case Data 2026-0401", date(2026, 4, 1)),
        ("EOIR Case Data 2026-04-01", date(2026, 4, 1)),
        ("EOIR Case Data 2026_0401", date(2026, 4, 1)),
        ("EOIR Case Data 2026 0401", date(2026, 4, 1)),
        ("my copies/20211201/EOIR", date(2021, 12, 1)),
    ],
)
def test_a_folder_dates_a_release_in_any_spelling(folder, released, tmp_path):
    release = open_release(tiny.written(tmp_path / "a.zip", tiny.tables(), folder=folder))

    assert release.released == released
    assert release.folder in folder


@pytest.mark.parametrize("folder", ["EOIR 120211201", "EOIR 202112012", "EOIR 2026-1301"])
def test_digits_that_are_no_date_date_nothing(folder, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("A_TblCase", "B_TblProceeding"):
            archive.writestr(zipfile.ZipInfo(f"{folder}/{name}.csv", (2025, 2, 3, 0, 0, 0)), "")

    assert open_release(path).released == date(2025, 2, 3)


def test_a_release_without_any_folder_is_read(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in tiny.tables().items():
            archive.writestr(f"{name}.csv", text)
    release = open_release(path, released=date(2025, 2, 3))

    assert (set(release.members), release.folder) == (set(TABLES), "")


def test_windows_paths_are_understood(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("A_TblCase", "B_TblProceeding"):
            archive.writestr(f"EOIR Case Data 2026-0401\\EOIR Case Data\\{name}.csv", "")
        archive.writestr("EOIR Case Data 2026-0401\\Count.txt", "A_TblCase\t7")
    release = open_release(path)

    assert release.folder == "EOIR Case Data 2026-0401"
    assert (release.released, release.counts) == (date(2026, 4, 1), {"A_TblCase": 7})


def test_what_a_mac_puts_beside_files_is_passed_over(tmp_path):
    path = tiny.written(tmp_path / "a.zip", tiny.tables())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            f"__MACOSX/{tiny.FOLDER}/EOIR Case Data/._A_TblCase.csv", b"\0\5\x16\7"
        )
        archive.writestr(f"__MACOSX/{tiny.FOLDER}/A_TblCase.csv", b"\0\5\x16\7")
        archive.writestr(f"{tiny.FOLDER}/EOIR Case Data/._tblAppeal.csv", b"\0\5\x16\7")
    release = open_release(path)

    assert b"".join(release.blocks("A_TblCase")) == tiny.tables()["A_TblCase"]
    assert (release.unknown, release.counts["A_TblCase"]) == ((), 1)


# --- Count.txt

PLAIN = "A_TblCase\t12662705\nB_TblProceeding\t16549926\ntbl_schedule\t0\n"
SAID = {"A_TblCase": 12_662_705, "B_TblProceeding": 16_549_926, "tbl_schedule": 0}
SPELLINGS = {
    "as it is": PLAIN.encode(),
    "by Windows": PLAIN.replace("\n", "\r\n").encode(),
    "by an old Mac": PLAIN.replace("\n", "\r").encode(),
    "without a last line end": PLAIN.strip().encode(),
    "upper case": PLAIN.upper().encode(),
    "endings": PLAIN.replace("\t", ".csv\t").encode(),
    "endings in upper case": PLAIN.replace("\t", ".CSV\t").encode(),
    "spaces": PLAIN.replace("\t", "      ").encode(),
    "one space": PLAIN.replace("\t", " ").encode(),
    "padded lines": PLAIN.replace("\t", " \t ").replace("\n", "  \n  ").encode(),
    "commas": PLAIN.replace("\t", ",").encode(),
    "colons": PLAIN.replace("\t", ": ").encode(),
    "quotes": b'"A_TblCase","12662705"\n"B_TblProceeding","16549926"\n"tbl_schedule","0"\n',
    "thousands": b"A_TblCase\t12,662,705\nB_TblProceeding\t16,549,926\ntbl_schedule\t0\n",
    "commas and thousands": b"A_TblCase,12,662,705\nB_TblProceeding,16,549,926\ntbl_schedule,0",
    "folders": PLAIN.replace("A_", r"EOIR Case Data\A_").replace("B_", "./x/B_").encode(),
    "a word after": PLAIN.replace("\n", " rows\n").encode(),
    "a byte order mark": PLAIN.encode("utf-8-sig"),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16 by Windows": PLAIN.replace("\n", "\r\n").encode("utf-16"),
    "UTF-16 the other way round": b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-le"),
    "UTF-16 the other way round without a mark": PLAIN.encode("utf-16-be"),
    "a heading and a total": b"Table\tRows\n" + PLAIN.encode() + b"\nTotal\t29212631\n\n",
    "bytes that are no text": PLAIN.encode() + b"\xff\xfe\x81\t5\n",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_counts_are_read_in_any_spelling(spelling):
    assert rows_by_table(SPELLINGS[spelling]) == SAID


@pytest.mark.parametrize(
    "line",
    [b"A_TblCase", b"A_TblCase\t", b"A_TblCase\t-5", b"A_TblCase\t5 or so", b"12662705",
     b"A_TblCase\t1.5e3", b"A_TblCase\t5\t6", b"", b"\0\0\0", b"\xff\xfe", b"A_TblCase\t1,2"],
)  # fmt: skip
def test_a_line_that_counts_nothing_is_left_out(line):
    assert rows_by_table(line) == {}


@pytest.mark.parametrize("name", ["Count.txt", "COUNT.TXT", "counts.txt", "RowCount.csv"])
def test_the_counts_are_found_under_any_name(name, tmp_path):
    path = tiny.written(tmp_path / "a.zip", tiny.tables(), count="")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{tiny.FOLDER}/{name}", PLAIN)
    release = open_release(path)

    assert (release.counts, release.unknown) == (SAID, ())


def test_counts_too_long_to_be_counts_are_refused(tmp_path):
    with pytest.raises(NotARelease, match=r"Count.txt' of 3,000,000 bytes, not a list"):
        open_release(tiny.written(tmp_path / "a.zip", tiny.tables(), count="x" * 3_000_000))


# --- columns of other years


def test_every_older_name_stands_for_a_column_of_today():
    renamed = [(table, *pair) for table in TABLES.values() for pair in table.renamed]

    assert renamed
    for table, older, now in renamed:
        assert table.column(now).name == now
        assert table.known_as(older) == table.known_as(older.lower()) == now


def test_every_column_is_known_by_its_own_name_and_no_older_one_hides_it():
    for table in TABLES.values():
        for column in (*table.columns, *table.older_columns):
            assert table.known_as(column.name) == column.name
        names = [column.name.lower() for column in (*table.columns, *table.older_columns)]
        assert len(names) == len(set(names))


def test_the_columns_that_bonds_lost_are_those_of_the_courts_code_key():
    bond = TABLES[old.BOND]
    now = {column.name for column in bond.columns}

    assert [c.name for c in bond.older_columns] == [c for c in old.BOND_COLUMNS if c not in now]
    assert len(bond.older_columns) == 18
    assert [c for c in old.BOND_COLUMNS if c in now] == [c.name for c in bond.columns]


def test_an_older_release_loads_as_it_is(tmp_path):
    loaded = load_release(old.written(tmp_path / "a.zip"), tmp_path / "a.duckdb")

    assert loaded.as_of == date(2021, 11, 30)
    assert not any(account.is_accepted for account in loaded.accounts)
    with duckdb.connect(tmp_path / "a.duckdb", read_only=True) as con:
        sexes = con.sql("select IDNCASE, Sex from core_eoir__case order by all").fetchall()
        bonds = con.sql(
            "select REJ, IJ_NAME, ADJ1_DATE, ADJ1_TIME, NEW_BOND::integer, SCHEDULED_HEAR_LOC "
            "from core_eoir__bond"
        ).fetchall()
    assert sexes == [(1, "F"), (2, "M")]
    assert bonds == [("N", "NOBODY", date(2019, 3, 4), "0830", 1500, "NYC")]


@pytest.mark.parametrize("spelling", ["upper case", "UTF-16 by Windows", "commas"])
def test_an_older_release_is_held_against_its_counts(spelling, tmp_path):
    with pytest.raises(CountMismatch, match=r"read \d+ rows; expected [\d,]+ by"):
        load_release(
            old.written(tmp_path / "a.zip", count=SPELLINGS[spelling]), tmp_path / "a.duckdb"
        )

import zipfile
from datetime import date

import pytest
import tiny_release as tiny

from opendocket.errors import NotARelease, RowsUnaccounted
from opendocket.release import TableAccount, open_release

ROWS = [{"IDNCASE": n, "CASE_TYPE": "RMV"} for n in range(1, 500)]


@pytest.fixture
def texts():
    return tiny.tables(A_TblCase=ROWS)


def read(release, table="A_TblCase"):
    return b"".join(release.blocks(table))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("block", [7, 1 << 20])
def test_members_are_read_as_they_were_packed(method, block, texts, tmp_path, monkeypatch):
    monkeypatch.setattr("opendocket.release.archive.BLOCK_BYTES", block)
    release = open_release(tiny.written(tmp_path / "a.zip", texts, method=method))
    assert {name: read(release, name) for name in release.members} == texts
    assert release.size_bytes() == sum(map(len, texts.values()))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_packed_otherwise_are_refused_with_a_remedy(method, texts, tmp_path):
    path = tiny.written(tmp_path / "a.zip", texts, method=method)
    with pytest.raises(NotARelease, match="zip it again as plain deflate"):
        open_release(path)


def test_a_member_with_zip64_sizes_is_read(texts, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("A_TblCase", "B_TblProceeding"):
            with archive.open(f"x/{name}.csv", "w", force_zip64=True) as member:
                member.write(texts[name])
    assert b"\x01\x00\x10\x00" in path.read_bytes()[:120]  # the extra field is there
    release = open_release(path, released=date(2026, 7, 1))
    assert read(release) == texts["A_TblCase"]


def test_a_zip_with_something_before_it_is_read(texts, tmp_path):
    """Self-extracting archives and some servers put bytes before a zip."""
    path = tiny.written(tmp_path / "a.zip", texts)
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert read(open_release(path)) == texts["A_TblCase"]


def test_tables_are_found_in_any_folder_and_case_and_others_are_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("FOIA TRAC Report 20211201/A_TBLCASE.CSV", "IDNCASE\r\n")
        archive.writestr("FOIA TRAC Report 20211201\\b_tblproceeding.csv", "IDNPROCEEDING\r\n")
        archive.writestr("FOIA TRAC Report 20211201/EOIRDB_Schema.csv", "")
        archive.writestr("FOIA TRAC Report 20211201/tblNew.csv", "")
        archive.writestr("FOIA TRAC Report 20211201/Readme.txt", "")
    release = open_release(tmp_path / "a.zip")
    assert set(release.members) == {"A_TblCase", "B_TblProceeding"}
    assert [name.rpartition("/")[2] for name in release.unknown] == ["tblNew.csv"]
    assert (release.released, release.counts) == (date(2021, 12, 1), {})


@pytest.mark.parametrize("second", ["B/A_TblCase.csv", "A/a_tblcase.CSV"])
def test_a_table_there_twice_is_refused(second, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("A/A_TblCase.csv", "")
        archive.writestr(second, "")
    with pytest.raises(NotARelease, match=r"two members named A_TblCase\.csv"):
        open_release(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("folder", "released"),
    [
        ("EOIR Case Data 2026-0801", date(2026, 8, 1)),
        ("EOIR Case Data 2026-0701 SYNTHETIC", date(2026, 7, 1)),
        ("FOIA TRAC Report 20211201", date(2021, 12, 1)),
        ("outer/EOIR Case Data 2026-0201/inner", date(2026, 2, 1)),
        ("EOIR Case Data 2026-0231", date(2026, 5, 2)),  # no such day: the members' own
        ("EOIR Case Data", date(2026, 5, 2)),
    ],
)
def test_a_release_is_dated_by_its_folder_else_by_its_members(folder, released, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, on in (("A_TblCase", 1), ("B_TblProceeding", 2)):
            archive.writestr(
                zipfile.ZipInfo(f"{folder}/{name}.csv", (2026, 5, on, 9, 0, 0)), ""
            )
    release = open_release(tmp_path / "a.zip")
    assert release.released == released
    assert (release.released - release.as_of).days == 1


def test_a_release_that_nothing_dates_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("A_TblCase", "B_TblProceeding"):
            archive.writestr(zipfile.ZipInfo(f"x/{name}.csv"), "")  # 1980-01-01
    with pytest.raises(NotARelease, match=r"no date in it.*--released"):
        open_release(tmp_path / "a.zip")


def test_a_date_given_by_hand_goes_before_the_folder_s(texts, tmp_path):
    path = tiny.written(tmp_path / "a.zip", texts)
    assert open_release(path, released=date(2025, 6, 1)).as_of == date(2025, 5, 31)


def test_the_release_s_own_counts_are_read_however_they_are_written(tmp_path):
    said = "A_TblCase\t12,662,705\r\n b_tblproceeding.csv \t16549926\nnonsense\ntotal\t5\n\n"
    path = tiny.written(tmp_path / "a.zip", tiny.tables(), count=said)
    assert open_release(path).counts == {"A_TblCase": 12_662_705, "B_TblProceeding": 16_549_926}


@pytest.mark.parametrize(
    ("folder", "is_synthetic"), [("EOIR Case Data 2026-0701", False), ("made SYNTHETIC", True)]
)
def test_a_release_that_says_it_is_made_up_is_believed(folder, is_synthetic, tmp_path):
    path = tiny.written(tmp_path / "a.zip", tiny.tables(), folder=folder)
    assert open_release(path).is_synthetic is is_synthetic


def test_the_checksum_is_the_file_s(tmp_path):
    """SHA-256 of the empty zip, as `sha256sum` gives it."""
    path = tiny.written(tmp_path / "a.zip", tiny.tables())
    release = open_release(path)
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    told = []
    expected = "8739c76e681f900923b900c9df0ef75cf421d39cabb54650c4b9ad19b6a76d85"
    assert release.sha256(lambda *said: told.append(said)) == expected
    assert told == [("checksum", 22, 22)]


# --- the account


def test_an_account_balances_or_is_none():
    account = TableAccount("A_TblCase", 5, 5, 3, {"one reason": 1, "another": 1})
    assert (account.set_aside_count, account.balance) == (2, 0)
    with pytest.raises(RowsUnaccounted, match="read 5 rows, kept 3, set aside 1"):
        TableAccount("A_TblCase", 5, 5, 3, {"one reason": 1})


def test_the_balance_is_what_was_read_less_what_was_announced():
    assert TableAccount("A_TblCase", 7, 5, 5).balance == -2
    assert TableAccount("A_TblCase", 0, 5, 5).balance == 5
    assert TableAccount("A_TblCase", None, 5, 5).balance is None

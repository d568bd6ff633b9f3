"""What becomes of records that are not whole, told by the types of their columns."""

from datetime import date
from itertools import chain

import duckdb
import pytest

from opendocket.columns import TABLES
from opendocket.docket import reading
from opendocket.docket.heading import heading
from opendocket.docket.ledger import create_ledger
from opendocket.docket.possible import Possible
from opendocket.docket.reading import TableReader
from opendocket.release.records import read_header

ANY_DAY = Possible(date.min, date.max, date.max)


class Read:
    """A table, read into a docket in memory."""

    def __init__(self, name, body, chunk=1 << 24):
        table = TABLES[name]
        header = "\t".join(column.name for column in table.columns).encode() + b"\n"
        blocks = iter([header + body])
        names, rest = read_header(blocks)
        with duckdb.connect() as con:
            create_ledger(con)
            reader = TableReader(con, heading(table, names), ANY_DAY)
            reader.run(chain([rest], blocks), chunk)
            self.account = reader.account(None)
            self.rows = con.execute(f"from {table.core}").fetchall()
            self.aside = con.execute(
                "select record, reason, raw from aside_eoir__row"
            ).fetchall()
            self.repairs = con.execute(
                "select how, count(*) from aside_eoir__repair group by all order by all"
            ).fetchall()
            self.cells = con.execute("select text, reason from aside_eoir__cell").fetchall()


@pytest.mark.parametrize(
    ("name", "body", "keys"),
    [
        # a short row, and a whole one whose second number is empty
        ("tblAppealFedCourts", b"1\t7\n2\t\t2020-01-01 00:00:00.000\n3\t9\t\tX\n", [1, 2, 3]),
        # numbers below zero
        ("tblAppealFedCourts", b"-1\t7\t\t\n4\t5\n-2\t8\t\n", [-1, 4, -2]),
        # a row without a number after a short one
        ("tbl_CustodyHistory", b"1\t2\tD\n\t4\tD\t2020-01-01 00:00:00.000\n", [1, None]),
    ],
)
def test_what_could_be_a_record_of_its_own_is_one(name, body, keys):
    found = Read(name, body)
    assert [row[0] for row in found.rows] == keys
    assert found.repairs == []


@pytest.mark.parametrize(
    ("name", "body", "last"),
    [
        ("B_TblProceedCharges", b"1\t2\t3\t212a\tS\nnote\n", "S"),
        ("tbl_CustodyHistory", b"1\t2\tD\t\t2020-02-01 00:00:00.000\nTotal rows\n",
         date(2020, 2, 1)),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_the_rest_of_a_whole_row_is_set_aside(name, body, last):
    found = Read(name, body)
    assert [row[-1] for row in found.rows] == [last]
    assert [(number, why) for number, why, _ in found.aside] == [(2, "key is not a number")]


def test_a_line_end_in_the_last_field_of_a_whole_row_is_taken_out():
    found = Read("tbl_CustodyHistory", b"1\t2\tD\t\t2020-02-0\n1 00:00:00.000\n2\t2\tN\t\t\n")
    assert [row[-1] for row in found.rows] == [date(2020, 2, 1), None]
    assert found.repairs == [("record split by a line end rejoined", 1)]


def test_lines_without_end_that_could_be_a_record_s_rest_are_read_in_time():
    found = Read("tbl_CustodyHistory", b"1\t2\tD\n" + b"x\n" * 50_000)
    assert found.account.read == found.account.kept + found.account.set_aside_count
    assert found.account.set_aside_count >= 49_900


def test_only_rows_that_were_kept_are_told_as_mended():
    found = Read("tbl_CustodyHistory", b"FC\t2\tD\n1\t2\tD\t\t\n\n\x00\n")
    assert found.account.set_aside == {"key is not a number": 1}
    assert (found.account.mended, found.account.repaired) == ({}, 0)
    assert found.account.passed_over == {"empty line, which is no record": 2}


def test_a_record_whose_number_is_said_to_be_none_is_set_aside_as_it_came():
    found = Read("tbl_CustodyHistory", b"N/A\t\t2\tD\t2020-01-01\t2020-02-01\n")
    assert (found.rows, found.account.mended) == ([], {})
    assert [raw for *_, raw in found.aside] == [b"N/A\t\t2\tD\t2020-01-01\t2020-02-01"]


def test_every_record_that_was_rejoined_is_written_down():
    lines = b"".join(b"%d\t2\tD\t2020-02-0\n1 00:00:00.000\t\n" % n for n in range(1_200))
    found = Read("tbl_CustodyHistory", lines, chunk=9_000)
    assert found.account.read == found.account.kept + found.account.set_aside_count == 1_200
    assert found.repairs == [("record split by a line end rejoined", 1_200)]
    assert found.account.repaired == 1_200
    assert found.account.mended == {"record split by a line end rejoined": 1_200}


def test_a_carriage_return_within_a_record_is_told_as_such_and_once():
    found = Read(
        "tbl_CustodyHistory", b"1\t2\tD\t2020-02-0\r1 00:00:00.000\t\n2\t3\t\x07N\t\t\n"
    )
    assert found.account.mended == {
        "carriage returns within the record removed": 1,
        "control characters removed": 1,
    }
    assert found.repairs == [("carriage returns within the record removed", 1)]


def test_beyond_the_torn_records_that_are_looked_at_the_rest_is_set_aside(monkeypatch):
    monkeypatch.setattr(reading, "MOST_REPAIRS", 2)
    torn = b"".join(b"%d\t2\t\tD\t2020-02-01\t\n" % n for n in range(5))
    found = Read("tbl_CustodyHistory", torn)
    assert (found.account.kept, found.account.repaired) == (2, 2)
    assert found.account.set_aside == {
        "more fields than columns, and beyond the 1,000 that are looked at": 3
    }


def test_a_cell_s_text_keeps_every_byte_that_is_no_control():
    found = Read("tbl_CustodyHistory", b"1\ta\x81b\tD\t\t\n")
    assert found.cells == [("a\x81b", "not a number")]


def test_a_time_cut_off_a_day_is_kept_beside_and_empties_nothing():
    found = Read("tbl_CustodyHistory", b"1\t2\tD\t2020-02-01 10:00:00.000\t\n")
    assert found.cells == [
        ("2020-02-01 10:00:00.000", "a time of day, of which only the day is kept")
    ]
    assert found.account.cells_aside == 0


def test_lines_of_two_bytes_are_read_some_at_a_time(monkeypatch):
    monkeypatch.setattr(reading, "MOST_CELLS", 50)
    body = b"".join(b"%d\n" % n for n in range(1_000))
    found = Read("tbl_CustodyHistory", body)
    assert [row[0] for row in found.rows] == list(range(1_000))
    assert found.account.mended == {"short row padded": 1_000}

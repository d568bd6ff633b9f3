from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendocket.arrow import visible
from opendocket.columns import Column
from opendocket.docket.cells import layout, parsed
from opendocket.docket.kernel import (
    CLEANED,
    FINER_CUT,
    IMPOSSIBLE,
    LOST,
    NOT_OF_TYPE,
    RECODED,
    TIME_CUT,
)
from opendocket.docket.possible import Possible
from opendocket.docket.rows import ArrowRows

ALL_DAYS = Possible(date.min, date.max, date.max)
REASONS = {
    NOT_OF_TYPE: "not a {}",
    TIME_CUT: "a time of day, of which only the day is kept",
    FINER_CUT: "a time finer than a microsecond",
}


def column(kind, name="IT", *, na_is_a_code=False, may_be_ahead=False, is_key=False):
    return Column(name, kind, 0, is_key, 0.0, may_be_ahead, na_is_a_code, "", "")


def read(columns, *lines, possible=ALL_DAYS, na_is_empty=True, key=None, is_ragged=False):
    """Read records; give their cells, and the rows as DuckDB has them."""
    text = np.frombuffer(b"".join(line + b"\n" for line in lines), dtype=np.uint8)
    ends = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64) - 1
    starts = ends - [len(line) for line in lines]
    shape = layout(
        columns, key=key, na_is_empty=na_is_empty, is_ragged=is_ragged, possible=possible
    )
    cells = parsed(text, starts, ends, shape)
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        with visible(con, "made", ArrowRows(cells, shape, columns)):
            return cells, con.execute("from made").fetchall()


def one(kind, text, *, na_is_empty=True, **about):
    """Read one value; give it, and what is said of it."""
    cells, [(value,)] = read([column(kind, **about)], text.encode(), na_is_empty=na_is_empty)
    said = [REASONS[what].format(kind) for what in cells.said[:, 0].tolist()]
    assert len(said) <= 1
    return value, said[0] if said else None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "5699713", 5_699_713),
        ("number", " 12 ", 12),
        ("number", "-3", -3),
        ("number", "+3", 3),
        ("number", "0800", 800),
        ("date", "2000-02-29", date(2000, 2, 29)),
        ("date", "0001-01-01", date(1, 1, 1)),
        ("date", "9999-12-31", date(9999, 12, 31)),
        ("text", "x" * 13, "x" * 13),
        ("text", "exactly 12 b", "exactly 12 b"),
        ("text", " a long text, out of line ", "a long text, out of line"),
        ("money", "-.5", Decimal("-0.5000")),
        ("money", "12.30000", Decimal("12.3000")),
        ("instant", "1953-08-05 00:00:00.001", datetime(1953, 8, 5, 0, 0, 0, 1000)),  # noqa: DTZ001
        ("text", "SP ", "SP"),
        ("text", "  LAKE  WORTH ", "LAKE  WORTH"),
        ("text", "NA", "NA"),
        ("text", "0800", "0800"),
        ("time", "800", "800"),
        ("month", "4/1974", "4/1974"),
        ("guid", "00A1-X", "00A1-X"),
        ("date", "2021-06-01 00:00:00.000", date(2021, 6, 1)),
        ("date", "2021-06-01", date(2021, 6, 1)),
        ("date", "1900-01-01 00:00:00.000", date(1900, 1, 1)),
        ("date", "2925-06-01 00:00:00.000", date(2925, 6, 1)),
        ("instant", "2014-09-06 19:24:46.373", datetime(2014, 9, 6, 19, 24, 46, 373_000)),  # noqa: DTZ001
        ("instant", "2014-09-06", datetime(2014, 9, 6)),  # noqa: DTZ001
        ("flag", "1", True),
        ("flag", "0", False),
        ("money", "5000.0000", Decimal("5000.0000")),
        ("money", "5000", Decimal("5000.0000")),
        *((kind, blank, None)
          for kind in ("number", "text", "date", "instant", "flag", "money", "time", "guid")
          for blank in ("", " ", "    ", "N/A", " N/A ")),
    ],
)  # fmt: skip
def test_a_value_of_its_column_s_type_is_read(kind, text, value):
    assert one(kind, text) == (value, None)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "12a"),
        ("number", "1.5"),
        ("number", "99999999999999999999"),
        ("number", "-"),
        ("number", "1,000"),
        ("money", "1.00001"),
        ("money", "."),
        ("money", "1.2.3"),
        ("date", "2021-00-10"),
        ("date", "0000-01-01"),
        ("date", "1900-02-29"),
        ("date", "2021-06-01 10:00"),
        ("date", "2021-06-01 10:00:00."),
        ("instant", "2014-09-06 10:00:61"),
        ("date", "2021-02-30 00:00:00.000"),
        ("date", "0021-13-01"),
        ("date", "1/6/2021"),
        ("date", "2021-06-01 tomorrow"),
        ("date", "2021-06-01x"),
        ("instant", "2014-09-06 25:00:00.000"),
        ("flag", "2"),
        ("flag", "Y"),
        ("flag", "true"),
        ("money", "many"),
    ],
)
def test_a_value_of_another_type_is_emptied_and_kept_beside(kind, text):
    assert one(kind, text) == (None, f"not a {kind}")


@pytest.mark.parametrize("text", ["2021-06-01 13:45:00.000", "2021-06-01T08:00:00"])
def test_a_time_of_day_on_a_date_is_told_of(text):
    value, reason = one("date", text)
    assert value == date(2021, 6, 1)
    assert reason == "a time of day, of which only the day is kept"


def test_n_a_is_a_value_where_it_is_a_code_or_in_a_list():
    assert one("text", "N/A", na_is_a_code=True) == ("N/A", None)
    assert one("text", "N/A ", na_is_empty=False) == ("N/A", None)


def test_a_record_without_its_last_fields_is_empty_there():
    columns = [column("number", "A"), column("text", "B"), column("date", "C")]
    _, rows = read(columns, b"1", b"2\tx", b"", b"3\ty\t2021-06-01")
    assert rows == [
        (1, None, None), (2, "x", None), (None, None, None), (3, "y", date(2021, 6, 1))
    ]  # fmt: skip


def test_a_record_whose_number_is_none_is_left_out_and_told():
    columns = [column("number", "A", is_key=True), column("text", "B")]
    cells, rows = read(columns, b"1\ta", b"FC\tb", b"\tc", b"4\td", key="A")
    assert rows == [(1, "a"), (None, "c"), (4, "d")]
    assert cells.said[:, 1].tolist() == [1]
    assert cells.done.tolist() == [0, LOST, 0, 0]


def test_a_date_that_cannot_be_is_kept_and_told():
    possible = Possible(date(1910, 1, 1), date(2026, 6, 30), date(2046, 6, 1))
    columns = [column("date", "PAST"), column("date", "AHEAD", may_be_ahead=True)]
    lines = [
        b"1900-01-01\t1900-01-01", b"2026-06-30\t2040-05-09", b"2026-07-01\t2925-05-09"
    ]  # fmt: skip
    cells, rows = read(columns, *lines, possible=possible)
    assert [row[0].year for row in rows] == [1900, 2026, 2026]
    assert cells.said[:, [0, 2, 3]].tolist() == [
        [IMPOSSIBLE, 0, 0], [IMPOSSIBLE, 0, 1], [IMPOSSIBLE, 2, 0], [IMPOSSIBLE, 2, 1]
    ]  # fmt: skip


def test_an_impossible_day_with_a_time_of_day_is_told_twice():
    cells, [(value,)] = read(
        [column("date")], b"2925-01-01 10:00:00.000", possible=Possible(*[date(2026, 1, 1)] * 3)
    )
    assert (value, cells.said[:, 0].tolist()) == (date(2925, 1, 1), [TIME_CUT, IMPOSSIBLE])


def test_a_time_finer_than_a_microsecond_is_told():
    value, said = one("instant", "2014-09-06 19:24:46.3734567")
    assert value == datetime(2014, 9, 6, 19, 24, 46, 373_456)  # noqa: DTZ001
    assert said == "a time finer than a microsecond"
    assert one("instant", "2014-09-06 19:24:46.3734560")[1] is None
    assert one("date", "2014-09-06 00:00:00.0000001")[1] == REASONS[TIME_CUT]


def test_fields_beyond_a_ragged_table_s_last_column_are_kept_together():
    columns = [column("number", "A"), column("text", "surplus")]
    _, rows = read(columns, b"1\tx\t\ty ", b"2", is_ragged=True)
    assert rows == [(1, "x\t\ty"), (2, None)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"\xd1", "Ñ"), (b"\x92", "\u2019"), (b"\x81", "\x81"), (b"\xff" * 9, "ÿ" * 9),
     (b"\xe2\x82", "â\u201a"), (b"\xed\xa0\x80", "í\xa0€"), (b"\xc0\x80", "À€")],
)  # fmt: skip
def test_bytes_that_are_no_utf_8_are_read_as_windows_1252(raw, text):
    cells, [(found,)] = read([column("text")], b"A" + raw + b"Z")
    assert found == f"A{text}Z"
    assert (cells.recoded.tolist(), cells.done.tolist()) == ([1], [RECODED])


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40))
def test_utf_8_is_read_as_it_is(text):
    cells, [(found,)] = read([column("text")], text.encode())
    expected = text.strip(" ")
    assert found == (None if expected in ("", "N/A") else expected)
    assert cells.done.tolist() == [0]


@given(st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\t\n")))
def test_any_bytes_become_text_as_python_reads_them(raw):
    """UTF-8, else Windows-1252 with its gaps as Latin-1, controls and blanks around gone."""
    bare = raw.translate(None, bytes(range(32)) + b"\x7f")
    try:
        expected = bare.decode()
    except UnicodeDecodeError:
        expected = "".join(
            bytes([b]).decode("latin-1" if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "cp1252")
            for b in bare
        )
    expected = expected.strip(" ")
    cells, [(found,)] = read([column("text")], raw)
    assert found == (None if expected in ("", "N/A") else expected)
    assert cells.cleaned.tolist() == [int(bare != raw)]
    assert bool(cells.done[0] & CLEANED) == (bare != raw)


@given(st.dates(), st.integers(0, 86_399_999_999))
def test_every_day_and_instant_is_read_as_python_writes_it(day, of_day):
    at = datetime(day.year, day.month, day.day) + timedelta(microseconds=of_day)  # noqa: DTZ001
    text = at.isoformat(" ", "microseconds").encode()
    _, [found] = read([column("instant", "A"), column("date", "B")], text + b"\t" + text)
    assert found == (at, day)


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.decimals(-(10**13), 10**13, places=4))
def test_every_number_and_amount_is_read_as_python_writes_it(number, amount):
    line = f"{number}\t{amount:f}".encode()
    assert read([column("number", "A"), column("money", "B")], line)[1] == [(number, amount)]


def test_more_to_say_than_there_was_room_for_is_said_all_the_same():
    cells, rows = read([column("number")], *[b"x"] * 5_000)
    assert (len(rows), len(cells.said)) == (5_000, 5_000)
    long = "é\x01".encode() * 40
    _, rows = read([column("text")], *[long] * 1_000)
    assert set(rows) == {("é" * 40,)}

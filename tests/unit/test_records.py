"""The reader of records on tables small enough to work out by hand."""

import pytest

from opendocket.errors import LineTooLong
from opendocket.release import records
from opendocket.release.records import read_header, read_records


def read(data, *, width=3, numbers_first=1, is_ragged=False):
    (found,) = read_records(
        [data], width=width, numbers_first=numbers_first, is_ragged=is_ragged
    )
    return found


def noted(found):
    """Give the records of which something is told, by what it is."""
    masks = {"joined": found.is_joined, "return": found.has_return, "short": found.is_short,
             "surplus": found.has_surplus}  # fmt: skip
    told = {what: found.numbers[mask].tolist() for what, mask in masks.items()}
    return {what: numbers for what, numbers in told.items() if numbers}


def raws(found):
    return [found.raw(at) for at in range(len(found.numbers))]


def test_whole_records_stay_as_they_are():
    found = read(b"1\ta\tb\r\n2\t\t\r\n")
    assert (raws(found), found.numbers.tolist()) == ([b"1\ta\tb", b"2\t\t"], [1, 2])
    assert (found.wide, noted(found), found.empty_lines) == ([], {}, 0)


def test_a_last_record_without_a_line_end_is_a_record():
    assert raws(read(b"1\ta\tb\r\n2\tc\td")) == [b"1\ta\tb", b"2\tc\td"]


def test_a_table_without_records_has_none():
    assert len(read(b"")) == 0


def test_a_record_with_a_stray_tab_is_told_apart_with_its_own_bytes():
    found = read(b"1\ta\tb\n2\t \x00a\t\tb\r\n3\tc\td\n")
    assert found.wide == [(2, b"2\t \x00a\t\tb")]
    assert found.numbers.tolist() == [1, 3]


def test_a_short_record_is_counted():
    found = read(b"1\ta\n")
    assert (raws(found), noted(found)) == ([b"1\ta"], {"short": [1]})


def test_a_lone_carriage_return_is_no_line_end():
    found = read(b"1\tNEW\r YORK\tb\r\n2\tc\td\r\n")
    assert raws(found) == [b"1\tNEW\r YORK\tb", b"2\tc\td"]
    assert noted(found) == {"return": [1]}


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("inside", [b"\n", b"\r\n", b"\n\n"])
def test_a_record_broken_by_a_line_feed_is_one_record(end, inside):
    found = read(b"1\tNEW" + inside + b" YORK\tb" + end + b"2\tc\td" + end)
    assert raws(found) == [b"1\tNEW" + inside + b" YORK\tb", b"2\tc\td"]
    assert noted(found) == {"joined": [1]}


def test_a_record_broken_twice_is_one_record():
    found = read(b"1\tA\nB\tC\nD\n2\tc\td\n")
    assert raws(found) == [b"1\tA\nB\tC\nD", b"2\tc\td"]


def test_a_record_broken_and_too_wide_is_one_record():
    found = read(b"1\tA\tx\nB\tC\tD\n2\tc\td\te\n", width=4)
    assert found.wide == [(1, b"1\tA\tx\nB\tC\tD")]
    assert found.numbers.tolist() == [2]


@pytest.mark.parametrize("second", [b"2\tb", b" 2 \tb"])
def test_what_begins_with_a_number_is_a_record_of_its_own(second):
    found = read(b"1\ta\n" + second + b"\n", numbers_first=1)
    assert found.numbers.tolist() == [1, 2]


def test_a_whole_line_is_never_the_rest_of_another():
    found = read("x\ny\té\tz\n".encode(), numbers_first=1)
    assert raws(found) == [b"x", "y\té\tz".encode()]


def test_where_records_begin_with_no_number_none_are_joined():
    found = read(b"x\ty\nz\n", numbers_first=0)
    assert found.numbers.tolist() == [1, 2]


def test_empty_lines_are_counted_and_are_no_records():
    found = read(b"1\ta\tb\n\n\r\n\x00\n2\tc\td\n")
    assert found.numbers.tolist() == [1, 2]
    assert found.empty_lines == 3


def test_in_a_ragged_table_no_record_is_too_wide():
    found = read(b"1\ta\tb\tc\td\n2\ta\n", is_ragged=True)
    assert (raws(found), found.wide) == ([b"1\ta\tb\tc\td", b"2\ta"], [])
    assert noted(found)["surplus"] == [1]


def test_a_table_without_line_ends_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(records, "MOST_RECORD_BYTES", 1000)
    blocks = iter([b"1\ta\tb\n", *[b"x" * 100] * 1_000_000])
    with pytest.raises(
        LineTooLong, match="A_TblCase: more than 0 MB without an end from row 1"
    ):
        list(read_records(
            blocks, width=3, numbers_first=1, chunk_bytes=150, table="A_TblCase"
        ))  # fmt: skip
    assert len(list(blocks)) > 999_000


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (b"IDNCASE\tNAT\r\n", ["IDNCASE", "NAT"]),
        (b"\xef\xbb\xbfIDNCASE \t NAT\n", ["IDNCASE", "NAT"]),
        (b"IDNCASE\t\tNAT\n", ["IDNCASE", "unnamed 2", "NAT"]),
        (b"IDNCASE\tNAT\t\n", ["IDNCASE", "NAT", "unnamed 3"]),
        (b"NAT\tnat\n", ["NAT", "nat 2"]),
        (b"\r\n", []),
        (b"\x00\n", []),
        (b"", []),
        (b"IDNCASE", ["IDNCASE"]),
    ],
)
def test_every_column_of_a_header_has_a_name_of_its_own(head, names):
    found, rest = read_header(iter([head[:3], head[3:]]))
    assert (found, rest) == (names, b"")


def test_what_follows_the_header_in_its_block_is_handed_on():
    blocks = iter([b"A\tB\r\n1\t2\r\n", b"3\t4\r\n"])
    assert read_header(blocks) == (["A", "B"], b"1\t2\r\n")
    assert next(blocks) == b"3\t4\r\n"


def test_a_file_without_line_ends_is_not_searched_for_one_for_ever():
    blocks = iter([b"x" * (1 << 20)] * 5)
    assert len(read_header(blocks)[0]) == 1
    assert len(list(blocks)) == 3

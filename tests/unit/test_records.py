"""The reader of records on tables small enough to work out by hand."""

import pytest

from opendocket.release.records import read_header, read_records


def read(data, *, width=3, numbers_first=1, is_ragged=False):
    (batch,) = read_records(
        [data], width=width, numbers_first=numbers_first, is_ragged=is_ragged
    )
    return batch


def test_whole_records_stay_as_they_are():
    batch = read(b"1\ta\tb\r\n2\t\t\r\n")
    assert (batch.whole, batch.numbers.tolist()) == (b"1\ta\tb\n2\t\t\n", [1, 2])
    assert (batch.mended, batch.aside, dict(batch.notes)) == ([], [], {})


def test_a_last_record_without_a_line_end_is_a_record():
    assert read(b"1\ta\tb\r\n2\tc\td").whole == b"1\ta\tb\n2\tc\td\n"


def test_a_table_without_records_has_none():
    assert len(read(b"")) == 0


def test_a_stray_tab_sets_a_record_aside_with_its_own_bytes():
    batch = read(b"1\ta\tb\n2\t \x00a\t\tb\r\n3\tc\td\n")
    assert batch.aside == [(2, "more fields than columns", b"2\t \x00a\t\tb")]
    assert batch.numbers.tolist() == [1, 3]


def test_a_short_record_is_padded():
    batch = read(b"1\ta\n")
    assert batch.mended == [(1, ["1", "a", ""])]
    assert (batch.raw, dict(batch.notes)) == ({1: b"1\ta"}, {"short row padded": 1})


def test_a_lone_carriage_return_is_no_line_end():
    batch = read(b"1\tNEW\r YORK\tb\r\n")
    assert batch.mended == [(1, ["1", "NEW YORK", "b"])]
    assert batch.raw == {1: b"1\tNEW\r YORK\tb"}
    assert dict(batch.notes) == {"control characters removed": 1}


def test_a_record_broken_by_a_line_feed_is_one_record():
    batch = read(b"1\tNEW\n YORK\tb\n2\tc\td\n")
    assert batch.mended == [(1, ["1", "NEW YORK", "b"])]
    assert (batch.raw, batch.numbers.tolist()) == ({1: b"1\tNEW\n YORK\tb"}, [2])
    assert dict(batch.notes) == {"record split by a line end rejoined": 1}


@pytest.mark.parametrize("second", [b"2\tb", b" 2 \tb"])
def test_what_begins_with_a_number_is_a_record_of_its_own(second):
    batch = read(b"1\ta\n" + second + b"\n", numbers_first=1)
    assert [number for number, _ in batch.mended] == [1, 2]


def test_a_whole_record_is_never_the_second_half_of_another():
    batch = read("x\ny\té\tz\n".encode(), numbers_first=0)
    assert batch.mended == [(1, ["x", "", ""]), (2, ["y", "é", "z"])]


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"\xd1", "Ñ"), (b"\x92", "\u2019"), (b"\x81", "\x81"), ("Ñ".encode(), "Ñ")],
)
def test_bytes_that_are_no_utf_8_are_read_as_windows_1252(raw, text):
    batch = read(b"1\t" + raw + b"\t" + raw + b"\n")
    assert batch.mended == [(1, ["1", text, text])]
    is_utf8 = len(raw) == 2
    expected = {} if is_utf8 else {"bytes not UTF-8 read as Windows-1252": 1}
    assert dict(batch.notes) == expected  # a record once, however many fields


def test_empty_lines_are_counted_and_are_no_records():
    batch = read(b"1\ta\tb\n\n\r\n\x00\n2\tc\td\n")
    assert batch.numbers.tolist() == [1, 2]
    assert dict(batch.notes) == {"empty line, which is no record": 3}


def test_in_a_ragged_table_surplus_fields_are_kept_together():
    batch = read(b"1\ta\tb\tc\td\n2\ta\n", is_ragged=True)
    assert batch.mended == [(1, ["1", "a", "b", "c\td"]), (2, ["2", "a", "", ""])]


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

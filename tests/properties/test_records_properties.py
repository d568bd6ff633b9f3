"""What holds for the reader of records on every table, however broken."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from opendocket.release import records
from opendocket.release.records import EMPTY_LINE, REJOINED, read_records

WIDTH, NUMBERS = 5, 2

key = st.integers(1, 9_999).map(lambda n: str(n).encode())
plain = st.text("ABC xyz019/.-", max_size=6).map(str.encode)
odd = st.sampled_from(
    [b"\x00", b"\r", b"\x0b", b"\xd1", "é".encode(), b"\xe9\x92", b"\t", b"\t\t", b"\n", b""]
)
cell = st.one_of(plain, plain, st.lists(st.one_of(plain, odd), max_size=3).map(b"".join))
whole = st.tuples(key, key, plain, plain, plain).map(b"\t".join)
short = st.integers(1, WIDTH - 1).flatmap(
    lambda n: whole.map(lambda line: b"\t".join(line.split(b"\t")[:n]))
)
soiled = st.lists(cell, min_size=1, max_size=WIDTH + 2).map(b"\t".join)
broken = st.tuples(key, key, plain, plain, plain).map(
    lambda cells: b"\t".join(cells[:2]) + b"\tX\nY\t" + b"\t".join(cells[3:])
)
line_end = st.sampled_from([b"\r\n", b"\n"])
lines = st.lists(
    st.tuples(st.one_of(whole, whole, short, soiled, broken), line_end), max_size=30
).map(lambda parts: b"".join(line + end for line, end in parts))
tables = st.one_of(lines, lines.map(lambda data: data.rstrip(b"\r\n")))


def blocks_of(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


def read(data, *, chunk=1 << 24, block=1 << 20, is_ragged=False, width=WIDTH):
    """Read a table in chunks of a size."""
    return list(
        read_records(
            blocks_of(data, block),
            width=width,
            numbers_first=NUMBERS,
            is_ragged=is_ragged,
            chunk_bytes=chunk,
        )
    )


def merged(chunks):
    """Put chunks together: every record by its number, and the notes."""
    found, notes = {}, {}
    for records_ in chunks:
        assert len(records_) == len(records_.numbers) + len(records_.wide)
        marks = [
            "split" if joined or returned else "kept"
            for joined, returned in zip(records_.is_joined, records_.has_return, strict=True)
        ]
        entries = [
            *(
                (number, (marks[at], records_.raw(at)))
                for at, number in enumerate(records_.numbers.tolist())
            ),
            *((number, ("wide", raw)) for number, raw in records_.wide),
        ]
        for number, entry in entries:
            assert number not in found
            found[number] = entry
        counts = {EMPTY_LINE: records_.empty_lines, REJOINED: int(records_.is_joined.sum())}
        for what, count in counts.items():
            if count:
                notes[what] = notes.get(what, 0) + count
    return dict(sorted(found.items())), notes


@given(tables, st.booleans())
def test_every_record_is_in_one_place_and_numbered_without_a_gap(data, is_ragged):
    found, _ = merged(read(data, is_ragged=is_ragged))
    assert list(found) == list(range(1, len(found) + 1))


def is_blank(line):
    return not line.translate(None, records.CONTROLS)


@given(tables, st.booleans())
def test_no_byte_is_lost_or_moved(data, is_ragged):
    """The records, in order, are the file but for its line ends."""
    found, notes = merged(read(data, is_ragged=is_ragged))
    kept = b"".join(entry[-1].replace(b"\r\n", b"\n") + b"\n" for entry in found.values())
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    assert [line for line in kept.split(b"\n") if not is_blank(line)] == [
        line for line in lines if not is_blank(line)
    ]
    inside = kept.count(b"\n") - len(found)
    at_the_end = lines[-1] == b"" or not data
    assert notes.get(EMPTY_LINE, 0) + len(found) + inside >= len(lines) - at_the_end


@given(tables, st.integers(1, 80), st.integers(1, 40), st.booleans())
@settings(max_examples=300)
def test_the_size_of_chunks_and_blocks_changes_nothing(data, chunk, block, is_ragged):
    at_once = merged(read(data, is_ragged=is_ragged))
    assert merged(read(data, chunk=chunk, block=block, is_ragged=is_ragged)) == at_once


@given(st.lists(whole, max_size=40), line_end, st.integers(1, 60))
def test_whole_records_come_out_as_they_are(rows, end, chunk):
    found, notes = merged(read(b"".join(row + end for row in rows), chunk=chunk, block=7))
    assert found == {number: ("kept", row) for number, row in enumerate(rows, start=1)}
    assert notes == {}


@given(tables)
def test_only_surplus_tabs_tell_a_record_apart(data):
    found, _ = merged(read(data))
    for what, raw in found.values():
        assert (raw.count(b"\t") >= WIDTH) == (what == "wide")


@given(tables)
def test_in_a_ragged_table_no_record_is_told_apart(data):
    found, _ = merged(read(data, is_ragged=True))
    assert not any(what == "wide" for what, _ in found.values())


@given(st.lists(whole, min_size=2, max_size=12), st.data())
def test_a_record_broken_inside_a_field_is_one_record_again(rows, data):
    """Between whole records, where nothing else is amiss."""
    at = data.draw(st.integers(0, len(rows) - 1))
    cells = rows[at].split(b"\t")
    nth = data.draw(st.integers(NUMBERS, WIDTH - 1))
    cells[nth] = b"X\n" + cells[nth]
    begins = b"\t".join([cells[nth][2:], *cells[nth + 1 :]]).split(b"\t")[:NUMBERS]
    if all(c.strip().isdigit() for c in begins):
        return  # looks like a record of its own, and is taken for one
    if not b"\t".join([cells[nth][2:], *cells[nth + 1 :]]):
        return  # the rest of the record is an empty line, and nothing of it is lost
    broken = b"\t".join(cells)
    soiled = [*rows[:at], broken, *rows[at + 1 :]]
    found, notes = merged(read(b"".join(row + b"\r\n" for row in soiled), chunk=9, block=5))
    assert len(found) == len(rows)
    assert notes == {REJOINED: 1}
    assert found[at + 1] == ("split", broken)


@given(st.lists(st.one_of(short, whole), min_size=2, max_size=12))
def test_short_records_that_begin_with_numbers_are_never_joined(rows):
    complete = [row for row in rows if row.count(b"\t") >= 1]
    found, notes = merged(read(b"".join(row + b"\n" for row in complete)))
    assert len(found) == len(complete)
    assert REJOINED not in notes


@given(st.lists(st.binary(max_size=12).filter(lambda b: b"\n" not in b), max_size=20))
def test_any_bytes_at_all_are_accounted_for(parts):
    data = b"\n".join(parts)
    found, notes = merged(read(data, chunk=16, block=3))
    written = data if data.endswith(b"\n") or not data else data + b"\n"
    inside = sum(raw.count(b"\n") for _, raw in found.values())
    assert len(found) + inside + notes.get(EMPTY_LINE, 0) >= written.count(b"\n")
    assert len(found) + inside <= written.count(b"\n")
    assert all(a + 1 == b for a, b in pairwise(found))

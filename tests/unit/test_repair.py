"""Stray tabs are taken out only where a record's types leave one way to do it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendocket.columns import TABLES, Column
from opendocket.release.repair import evidence, repaired

CASE = TABLES["A_TblCase"]
ALL_OF_CASE = evidence(CASE, CASE.columns)


def known(*kinds):
    """Say what columns of such kinds are; a number in a kind is its width."""
    columns = []
    for at, kind in enumerate(kinds):
        name = kind.rstrip("0123456789")
        width = int(kind.removeprefix(name) or 0)
        columns.append(Column(f"C{at}", name, width, False, 0.5, False, False, "", ""))
    return evidence(CASE, columns)


@pytest.mark.parametrize(
    ("raw", "kinds", "found"),
    [
        # a tab inside a text, before a date
        (b"1\tLOS\tANGELES\t2021-06-01", ("number", "text15", "date"),
         b"1\tLOSANGELES\t2021-06-01"),
        # a tab behind a text, and two of them
        (b"1\tA\t\t2021-06-01", ("number", "text15", "date"), b"1\tA\t2021-06-01"),
        (b"1\tA\t\t\t2021-06-01", ("number", "text15", "date"), b"1\tA\t2021-06-01"),
        # a ragged tail of tabs
        (b"1\tA\t2021-06-01 00:00:00.000\t\t", ("number", "text15", "date"),
         b"1\tA\t2021-06-01 00:00:00.000"),
        # a stray tab among empty fields: whichever is taken out, the record is the same
        (b"1\t\t\t\t2021-06-01", ("number", "text1", "text1", "date"),
         b"1\t\t\t2021-06-01"),
        # the widths of texts speak as their types do
        (b"1\tWASHING\tTON\tDC", ("number", "text15", "text2"), b"1\tWASHINGTON\tDC"),
        # either text could have held the tab: no guess
        (b"1\tA\tB\tC", ("number", "text5", "text5"), None),
        # no reading fits
        (b"x\tA\ty\tC", ("number", "text5", "date"), None),
        # more tabs than could be strays
        (b"1" + b"\t" * 12 + b"2021-06-01", ("number", "text15", "date"), None),
    ],
)  # fmt: skip
def test_a_record_is_mended_where_one_reading_is_left(raw, kinds, found):
    assert repaired(raw, known(*kinds)) == found


def test_codes_decide_where_types_do_not():
    whole = CASE_LINE.split(b"\t")
    torn = [*whole[:1], b"RE", b"NO", *whole[2:]]
    assert repaired(b"\t".join(torn), ALL_OF_CASE) == CASE_LINE


CASE_LINE = b"\t".join(
    {
        "IDNCASE": b"2000001", "ALIEN_CITY": b"RENO", "ALIEN_STATE": b"NV",
        "ALIEN_ZIPCODE": b"89501", "NAT": b"MX", "LANG": b"SP", "CUSTODY": b"N",
        "CASE_TYPE": b"RMV", "UPDATE_SITE": b"LVG", "CASEPRIORITY_CODE": b"N/A",
        "LATEST_HEARING": b"2021-06-01 00:00:00.000", "LATEST_TIME": b"0830",
    }.get(column.name, b"")
    for column in CASE.columns
)  # fmt: skip


@given(st.data())
def test_a_mended_record_is_its_own_bytes_less_tabs(data):
    raw = bytearray(CASE_LINE)
    for _ in range(data.draw(st.integers(1, 3))):
        raw.insert(data.draw(st.integers(0, len(raw))), ord(b"\t"))
    found = repaired(bytes(raw), ALL_OF_CASE)
    if found is not None:
        assert found.replace(b"\t", b"") == CASE_LINE.replace(b"\t", b"")
        assert found.count(b"\t") == len(CASE.columns) - 1


@given(st.integers(0, 3), st.integers(1, 3))
def test_a_city_torn_by_tabs_is_whole_again(at, tabs):
    torn = CASE_LINE.replace(b"RENO", b"RENO"[:at] + b"\t" * tabs + b"RENO"[at:])
    assert repaired(torn, ALL_OF_CASE) == CASE_LINE

"""Whatever is wrong with a table's lines, every row is accounted for, and a mended one is true.

Tables are made row by row with the types of the catalogue, soiled with the kinds of dirt that
the real files have, up to one row in twenty and far beyond, and read in chunks of any size, so
that dirt falls on their borders, in first and last rows, and in the header's own line end. The
truth is the list of rows before they were soiled; nothing here uses the reader's code.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import chain

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from opendocket.columns import TABLES
from opendocket.docket.heading import heading
from opendocket.docket.ledger import create_ledger
from opendocket.docket.possible import Possible
from opendocket.docket.reading import TableReader
from opendocket.release.records import read_header

AS_DRAWN = (Phase.explicit, Phase.reuse, Phase.generate)
"""A table takes minutes to shrink, and says enough as it is."""

ANY_DAY = Possible(date.min, date.max, date.max)
SOILED = ("A_TblCase", "B_TblProceeding", "D_TblAssociatedBond", "tbl_Court_Appln",
          "tbl_schedule", "tbl_CustodyHistory")  # fmt: skip
CODES = {
    "CASE_TYPE": ["RMV", "WHO", "DEP"], "CUSTODY": ["D", "N", "R"], "NAT": ["MX", "GT", "HO"],
    "LANG": ["SP", "ENG", "MAM"], "ALIEN_STATE": ["CA", "TX", "NY"],
    "DEC_CODE": ["X", "R", "T"],
    "OTHER_COMP": ["C", "T", "A"], "ALIEN_CITY": ["LOS ANGELES", "RENO", "OXNARD", "MIAMI"],
    "ALIEN_ZIPCODE": ["90012", "89501", "33101"], "APPL_CODE": ["ASYL", "WCAT"],
}  # fmt: skip
"""Values as the courts' lists have them, where a column has one."""

BROKEN = ("stray tab", "two stray tabs", "tabs at the end", "split by CR", "split by LF",
          "split by CR LF", "cut short", "not UTF-8", "NUL", "blank", "padding")  # fmt: skip


def cell(column, draw):
    """Draw a value of a column's type, as text."""
    if column.is_key:
        return str(draw(st.integers(1_000_000, 9_999_999)))
    if draw(st.floats(0, 1)) < (0 if column.null_share < 0.001 else column.null_share):
        return ""
    if column.name in CODES:
        return draw(st.sampled_from(CODES[column.name]))
    day = date(2020, 1, 1) + timedelta(days=draw(st.integers(0, 900)))
    return {
        "number": lambda: str(draw(st.integers(1, 9_999_999))),
        "date": lambda: f"{day} 00:00:00.000",
        "instant": lambda: f"{day} 10:30:00.500",
        "time": lambda: draw(st.sampled_from(["0830", "1300", "900"])),
        "month": lambda: "4/1974",
        "flag": lambda: draw(st.sampled_from("01")),
        "money": lambda: draw(st.sampled_from(["1500.00", "0", "12000.5"])),
        "guid": lambda: "0F8FAD5B-D9CB-469F-A165-70867728950E",
    }.get(
        column.type, lambda: draw(st.text("ABCXYZ", min_size=1, max_size=column.width or 4))
    )()


def soiled(columns, fields, kind, draw):
    """Soil a row's text; give it, and the fields that are true of it now."""
    fields = list(fields)
    texts = [
        at for at, (field, column) in enumerate(zip(fields, columns, strict=True))
        if at > 2 and len(field) > 1 and (kind != "not UTF-8" or column.type == "text")
    ]  # fmt: skip
    at = draw(st.sampled_from(texts)) if texts else None
    raw = "\t".join(fields).encode()
    if kind == "cut short":
        return raw.rstrip(b"\t") if raw.endswith(b"\t") else raw, fields
    if kind == "tabs at the end":
        return raw + b"\t" * draw(st.integers(1, 3)), fields
    if kind == "blank":
        return b"\t".join(f.encode() or b" " for f in fields), fields
    if at is None:
        return raw, fields
    text = fields[at]
    cut = draw(st.integers(1, len(text) - 1))
    if kind == "not UTF-8":
        fields[at] = f"{text[:cut]}Ñ{text[cut:]}"
        dirty = text[:cut].encode() + b"\xd1" + text[cut:].encode()
    else:
        mark = {
            "stray tab": b"\t", "two stray tabs": b"\t\t", "split by CR": b"\r",
            "split by LF": b"\n", "split by CR LF": b"\r\n", "NUL": b"\x00",
        }.get(kind, b"")  # fmt: skip
        dirty = text[:cut].encode() + mark + text[cut:].encode()
        dirty += b"  " if kind == "padding" else b""
    parts = [f.encode() for f in fields]
    parts[at] = dirty
    return b"\t".join(parts), fields


@st.composite
def tables(draw, name, most=0.05):
    """Make a table: its bytes, the true rows by their place, and the kinds of dirt."""
    columns = TABLES[name].columns
    rows, lines, kinds = [], [], []
    for number in range(draw(st.integers(1, 25))):
        fields = [cell(column, draw) for column in columns]
        key = next(at for at, column in enumerate(columns) if column.is_key)
        fields[key] = str(1_000_000 + number)
        kind = draw(st.sampled_from(BROKEN)) if draw(st.floats(0, 1)) < most else ""
        raw, true = (
            soiled(columns, fields, kind, draw)
            if kind
            else ("\t".join(fields).encode(), fields)
        )
        rows.append(true)
        lines.append(raw)
        kinds.append(kind)
    end = draw(st.sampled_from([b"\r\n", b"\n"]))
    header = "\t".join(column.name for column in columns).encode()
    data = header + end + end.join(lines)
    data += draw(st.sampled_from([end, b""])) if lines[-1] else end
    return data, rows, lines, kinds


def value(column, text):
    """Read a field as a person would who knows the column's type."""
    text = text.strip(" ")
    if text == "" or (text == "N/A" and not column.na_is_a_code):
        return None
    readers = {
        "number": int, "flag": lambda t: t == "1", "money": lambda t: round(float(t), 4),
        "date": lambda t: date.fromisoformat(t[:10]),
        "instant": datetime.fromisoformat,
    }  # fmt: skip
    try:
        return readers.get(column.type, str)(text)
    except ValueError:
        return None


def read(name, data, *, chunk, block):
    """Read a table into a docket in memory; give its rows and its account."""
    blocks = iter([data[at : at + block] for at in range(0, len(data), block)])
    names, rest = read_header(blocks)
    with duckdb.connect() as con:
        create_ledger(con)
        reader = TableReader(con, heading(TABLES[name], names), ANY_DAY)
        reader.run(chain([rest], blocks), chunk)
        listed = ", ".join(
            f'"{c.name}"::double' if c.type == "money" else f'"{c.name}"'
            for c in TABLES[name].columns
        )
        kept = con.execute(f"select {listed} from {TABLES[name].core}").fetchall()
        aside = con.execute("select record, raw from aside_eoir__row").fetchall()
        repairs = con.execute(
            "select record, before, how from aside_eoir__repair order by all"
        ).fetchall()
        return reader.account(None), kept, dict(aside), repairs


def is_whole_again(kind):
    return kind not in ("stray tab", "two stray tabs", "tabs at the end")


@pytest.mark.parametrize("name", SOILED)
@pytest.mark.parametrize("most", [0.05, 0.6])
@given(data=st.data())
@settings(max_examples=15, phases=AS_DRAWN)
def test_every_row_is_kept_as_it_was_or_set_aside_with_its_bytes(name, most, data):
    text, rows, lines, kinds = data.draw(tables(name, most))
    chunk, block = data.draw(st.integers(1, 4_000)), data.draw(st.integers(1, 3_000))
    account, kept, aside, repairs = read(name, text, chunk=chunk, block=block)
    assert account.read == len(rows)
    assert account.read == account.kept + account.set_aside_count
    columns = TABLES[name].columns
    key = next(at for at, column in enumerate(columns) if column.is_key)
    by_key = {row[key]: row for row in kept}
    assert len(by_key) == len(kept)
    for at, (true, line, kind) in enumerate(zip(rows, lines, kinds, strict=True)):
        if at + 1 in aside:
            assert not is_whole_again(kind), kind
            assert aside[at + 1] == line
            assert int(true[key]) not in by_key
        else:
            expected = tuple(map(value, columns, true))
            assert by_key[int(true[key])] == expected, kind
    split = Counter(how for _, _, how in repairs)
    assert account.repaired == sum(split.values())
    assert all(before == lines[record - 1] for record, before, _ in repairs)


@pytest.mark.parametrize("name", SOILED[:2])
@given(data=st.data())
@settings(max_examples=20, phases=AS_DRAWN)
def test_where_chunks_end_changes_nothing(name, data):
    text, *_ = data.draw(tables(name, 0.5))
    at_once = read(name, text, chunk=1 << 24, block=1 << 20)
    again = read(
        name, text, chunk=data.draw(st.integers(1, 500)), block=data.draw(st.integers(1, 200))
    )
    assert again == at_once

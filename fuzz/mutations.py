"""Releases that nobody would publish: small ones, with bytes, members or rows changed.

Everything follows from the random generator that is passed in.
"""

import io
import struct
import zipfile
from collections.abc import Callable
from functools import partial
from random import Random

import inflate64
import tiny_release as tiny
from handmade_zip import SIZES_FOLLOW, Entry, zipped

from judge import Case
from opendocket.columns import ESSENTIAL, TABLES

HERE = (*ESSENTIAL, "D_TblAssociatedBond", "tbl_Court_Motions", "tblAppeal", "tblDecCode")
"""Tables of the small release; Count.txt says of one of them how many rows it has, so that
the others may have any number, and those that are not there may be absent."""
COUNTED = "tblLookupHloc"
CHUNKS = (1, 2, 7, 40, 300, 5_000, 1 << 24, 1 << 24)
INTERESTING = (
    0,
    1,
    2,
    0x7F,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFFFFFF,
    0xFFFFFFFF,
    1 << 40,
    (1 << 64) - 1,
)
MARKS = (b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\10")

CELLS = (
    b"", b" ", b"\0", b"N/A", b"NA", b"b6", b"0", b"-1", b"+5", b"007", b"1e9", b"1.0", b"1,5",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"9" * 40,
    b"2026-01-02 00:00:00.000", b"2026-02-30 00:00:00.000", b"0000-00-00", b"1900-01-01",
    b"9999-12-31 23:59:59.999", b"10000-01-01", b"-4713-01-01", b"2026-01-02T10:00:00Z",
    b"2026-1-2", b"20260102", b"2026-06-30 00:00:00.0000000", b"2026-06-30 24:00:00.000",
    b"0830", b"830", b"2460", b"4/1974", b"13/1974", b"true", b"Y", b"1234.5678", b"$5", b".",
    b"1234.56789", b"123456789012345678.1", b"{0E2A-}", b'"', b'"quoted', b"'", b"\\", b"\\N",
    b"a\rb", b"\r", b"\x1a", b"\x7f", b"\xff", b"\xc3", b"\xc3\xa9", b"\xed\xa0\x80", b"\x81",
    b"\xef\xbb\xbf", b"\xe2\x80\x8b", b"\xd9\xa1", b"caf\xe9", b"x" * 300, b"\xe9" * 2_000,
)  # fmt: skip


def small_texts(random: Random) -> dict[str, bytes]:
    """Write the small release's tables, with some sound rows in each."""
    texts = {}
    for name in HERE:
        columns = TABLES[name].columns
        rows = list(tiny.NEEDED.get(name, []))
        for n in range(random.randrange(1, 9)):
            numbers = {c.name: str(100 + n) for c in columns if c.type == "number"}
            codes = {
                c.name: random.choice(["", "", "CBX", "RMV  ", "N/A", "F"])
                for c in columns
                if c.type == "text" and not c.is_key
            }
            rows.append(codes | numbers)
        texts[name] = tiny.text(name, rows)
    return texts


def packed(texts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Zip tables as the release has them, with Count.txt for one of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, text in texts.items():
            entry = zipfile.ZipInfo(f"{tiny.FOLDER}/{name}.csv", (2026, 7, 1, 0, 0, 0))
            archive.writestr(entry, text, method)
        rows = texts[COUNTED].count(b"\n") - 1
        archive.writestr(zipfile.ZipInfo("Count.txt"), f"{COUNTED}\t{rows}\r\n")
    return out.getvalue()


def odd_zip(random: Random, texts: dict[str, bytes]) -> bytes:
    """Zip tables in any way that is sound."""
    entries = []
    for name, text in texts.items():
        method = random.choice([0, 8, 8, 9])
        body = None
        if method == 9:
            packer = inflate64.Deflater()
            body = packer.deflate(text) + packer.flush()
        entry = Entry(f"{tiny.FOLDER}/{name}.csv".encode(), text, method, body)
        entry.flags = random.choice([0, 0, SIZES_FOLLOW])
        entry.zip64 = random.random() < 0.2
        entries.append(entry)
    rows = texts[COUNTED].count(b"\n") - 1
    entries.append(Entry(b"Count.txt", f"{COUNTED}\t{rows}\r\n".encode()))
    random.shuffle(entries)
    comment = random.choice([b"", b"", b"SYNTHETIC", b"PK\5\6" * 3])
    return zipped(*entries, comment=comment, zip64=random.random() < 0.2)


# --- bytes of anything


def changed_bytes(random: Random, data: bytes) -> bytes:
    """Change bytes here and there, most often where a zip's headers are."""
    held = bytearray(data)
    for _ in range(random.choice([1, 1, 1, 2, 3, 8])):
        random.choice(BYTE_CHANGES)(random, held)
    return bytes(held)


def _place(random: Random, held: bytearray) -> int:
    """Choose a place, half the time near a mark of the zip format."""
    if random.random() < 0.5:
        places, mark = [], random.choice(MARKS)
        at = held.find(mark)
        while at >= 0:
            places.append(at)
            at = held.find(mark, at + 1)
        if places:
            return min(len(held) - 1, random.choice(places) + random.randrange(80))
    return random.randrange(len(held)) if held else 0


def _flip(random: Random, held: bytearray) -> None:
    if held:
        held[_place(random, held)] ^= 1 << random.randrange(8)


def _number(random: Random, held: bytearray) -> None:
    size, letter = random.choice([(1, "B"), (2, "H"), (4, "I"), (8, "Q")])
    value = random.choice([*INTERESTING, random.randrange(1 << 16)]) & ((1 << 8 * size) - 1)
    at = _place(random, held)
    if at + size <= len(held):
        struct.pack_into(f"<{letter}", held, at, value)


def _delete(random: Random, held: bytearray) -> None:
    at = _place(random, held)
    del held[at : at + random.choice([1, 2, 4, 30, 500])]


def _insert(random: Random, held: bytearray) -> None:
    at = _place(random, held)
    held[at:at] = random.choice([b"\0", b"\n", b"\t", b"\r", b"x" * 50, random.choice(MARKS)])


def _double(random: Random, held: bytearray) -> None:
    at, length = _place(random, held), random.choice([1, 10, 100, 2_000])
    to = _place(random, held)
    held[to:to] = held[at : at + length]


def _cut(random: Random, held: bytearray) -> None:
    del held[_place(random, held) :]


BYTE_CHANGES: tuple[Callable[[Random, bytearray], None], ...] = (
    _flip, _flip, _number, _number, _number, _delete, _insert, _double, _cut,
)  # fmt: skip


# --- rows


def changed_lines(random: Random, text: bytes) -> bytes:
    """Change a table as a careless export would, and worse."""
    header, *lines = text.removesuffix(b"\r\n").split(b"\r\n")
    for _ in range(random.choice([1, 1, 2, 4])):
        lines = random.choice(LINE_CHANGES)(random, lines)
    if random.random() < 0.1:
        header = _changed_header(random, header)
    ends = random.choice([[b"\r\n"], [b"\n"], [b"\r\n", b"\n"], [b"\n"] * 30 + [b"\r"]])
    out = [header, random.choice([b"\r\n", b"\n", b"\r\n", b"\r"])]
    for line in lines:
        out += [line, random.choice(ends)]
    whole = b"".join(out)
    return whole.rstrip(b"\r\n") if random.random() < 0.2 else whole


def _changed_header(random: Random, header: bytes) -> bytes:
    names = header.split(b"\t")
    at = random.randrange(len(names))
    return random.choice([
        b"\xef\xbb\xbf" + header,
        header.lower(),
        header + b"\t",
        header + b"\tNEW_ONE\tnew_one",
        header + b"\tsurplus",
        b"\t".join(names[:at] + names[at + 1 :]),
        b"\t".join([*names, names[at]]),
        header.replace(b"Sex", b"GENDER"),
        header.decode("latin-1").encode("utf-16"),
        b"",
        b"\0" * 7,
        header + b"\t" + b"y" * 3_000,
    ])  # fmt: skip


def _with_line(
    random: Random, lines: list[bytes], change: Callable[[bytes], bytes]
) -> list[bytes]:
    if not lines:
        return lines
    at = random.randrange(len(lines))
    return [*lines[:at], change(lines[at]), *lines[at + 1 :]]


def _cell(random: Random, lines: list[bytes]) -> list[bytes]:
    def change(line: bytes) -> bytes:
        cells = line.split(b"\t")
        for _ in range(random.choice([1, 1, 5])):
            cells[random.randrange(len(cells))] = random.choice(CELLS)
        return b"\t".join(cells)

    return _with_line(random, lines, change)


def _put(what: bytes, random: Random, lines: list[bytes]) -> list[bytes]:
    """Put something in the middle of a line."""

    def change(line: bytes) -> bytes:
        at = random.randrange(len(line) + 1)
        return line[:at] + what + line[at:]

    return _with_line(random, lines, change)


def _short(random: Random, lines: list[bytes]) -> list[bytes]:
    return _with_line(random, lines, lambda line: line[: random.randrange(len(line) + 1)])


def _bare(random: Random, lines: list[bytes]) -> list[bytes]:
    at = random.randrange(len(lines) + 1)
    line = random.choice([b"", b"\0", b" ", b"\t", b"\x1a", b"12", b"x", b"\t" * 80, b"\r\r"])
    return [*lines[:at], line, *lines[at:]]


def _many(random: Random, lines: list[bytes]) -> list[bytes]:
    """Repeat a line, now and then beyond what is looked at one by one."""
    if not lines:
        return lines
    at = random.randrange(len(lines))
    return [*lines[:at], *[lines[at]] * random.choice([2, 20, 1_100]), *lines[at:]]


def _shuffled(random: Random, lines: list[bytes]) -> list[bytes]:
    return random.sample(lines, len(lines))


def _long(random: Random, lines: list[bytes]) -> list[bytes]:
    what = random.choice([b"x", b"\t", b"\0", b"\xe9", b"1"]) * random.choice([5_000, 300_000])
    return _put(what, random, lines)


def _none(random: Random, lines: list[bytes]) -> list[bytes]:
    return []


LineChange = Callable[[Random, list[bytes]], list[bytes]]
LINE_CHANGES: tuple[LineChange, ...] = (
    _cell, _cell, _cell, _cell,
    *(partial(_put, what) for what in
      (b"\t", b"\t", b"\n", b"\n", b"\r", b"\r\n", b"\0", b"\t\t", b"\xef\xbb\xbf", b"\xff")),
    _short, _bare, _bare, _many, _shuffled, _long, _none,
)  # fmt: skip


# --- cases


def case(random: Random, zips: list[bytes], tables: list[tuple[str, bytes]]) -> Case:
    """Make a release to load.

    Args:
        random: Where chance comes from.
        zips: Earlier zips that something new came of, to change further.
        tables: Earlier tables that something new came of, by name.
    """
    texts = small_texts(random)
    kind = random.choice(["zip", "zip", "member", "rows", "rows", "rows"])
    how = {
        "chunk_bytes": random.choice(CHUNKS),
        "threads": random.choice([1, 1, 2]),
        "is_accepted": random.random() < 0.4,
        "is_twice": random.random() < 0.15,
    }
    if kind == "zip":
        data = random.choice(zips) if zips and random.random() < 0.3 else odd_zip(random, texts)
        return Case(kind, changed_bytes(random, data), **how)
    for _ in range(random.choice([1, 1, 3])):
        name = random.choice([n for n in HERE if n != COUNTED])
        if tables and random.random() < 0.3:
            name, texts[name] = random.choice(tables)
        change = changed_bytes if kind == "member" else changed_lines
        texts[name] = change(random, texts[name])
    return Case(kind, packed(texts), texts=texts, **how)

"""Cut a table's bytes into records, and tell the whole ones from the others.

The files have no quotes and no escapes: a record is a line, a field is what stands between
tabs. Nearly all lines are whole and go on as they are, as bytes. A line with another number
of tabs than the header, or with bytes that are no UTF-8, is looked at by itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 1 << 24
MOST_HELD_BACK = 1_000
MOST_HEADER_BYTES = 1 << 20
TAB, NEWLINE = 9, 10
CONTROLS = bytes(b for b in range(32) if b not in (TAB, NEWLINE)) + b"\x7f"
"""Bytes that mean nothing in a field; a lone carriage return and NUL are among them."""
UNCLEAR = np.zeros(256, dtype=bool)
"""Bytes that make a line be looked at by itself: those, and all that are not ASCII."""
UNCLEAR[list(CONTROLS)] = True
UNCLEAR[0x80:] = True

TOO_MANY = "more fields than columns"
KEPT_SURPLUS = "fields beyond the last column kept together"
PADDED = "short row padded"
REJOINED = "record split by a line end rejoined"
RECODED = "bytes not UTF-8 read as Windows-1252"
UNCONTROLLED = "control characters removed"
EMPTY_LINE = "empty line, which is no record"


@dataclass(slots=True)
class Batch:
    """Some of a table's records."""

    whole: bytes
    """Whole records, one a line, ending in a newline each."""
    numbers: NDArray[np.int64]
    """Their numbers in the file, from 1; shape (n,)."""
    mended: list[tuple[int, list[str]]] = field(default_factory=list)
    """Records that were not whole, by number, with as many fields as columns, plus one more
    where the table is ragged."""
    aside: list[tuple[int, str, bytes]] = field(default_factory=list)
    """Records that cannot be kept: number, reason, raw bytes."""
    raw: dict[int, bytes] = field(default_factory=dict)
    """The mended records' own bytes, by number."""
    notes: Counter[str] = field(default_factory=Counter)
    """Rows by what was done to mend them."""

    def __len__(self) -> int:
        """Count the records."""
        return len(self.numbers) + len(self.mended) + len(self.aside)


def read_header(blocks: Iterator[bytes]) -> tuple[list[str], bytes]:
    r"""Read a table's first line.

    Every column has a name of its own: one without is named ``unnamed`` and its position,
    a second one of a name that name and its position.

    Args:
        blocks: The table's bytes.

    Returns:
        Column names, none if the first line is empty; and what was read beyond them.

    Example:
        >>> read_header(iter([b"IDNCASE\tNAT\t\tNAT\r\n1\tMX\t\t\r\n"]))
        (['IDNCASE', 'NAT', 'unnamed 3', 'NAT 4'], b'1\tMX\t\t\r\n')
    """
    head = bytearray()
    for block in blocks:
        head += block
        if b"\n" in block or len(head) > MOST_HEADER_BYTES:
            break
    line, _, rest = bytes(head).partition(b"\n")
    text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if not text.strip(" \r\x00"):
        return [], rest
    names: list[str] = []
    seen: set[str] = set()
    for position, cell in enumerate(text.split("\t"), start=1):
        name = cell.strip(" \r\x00") or f"unnamed {position}"
        if name.lower() in seen:
            name = f"{name} {position}"
        seen.add(name.lower())
        names.append(name)
    return names, rest


def read_records(
    blocks: Iterable[bytes],
    *,
    width: int,
    numbers_first: int,
    is_ragged: bool = False,
) -> Iterator[Batch]:
    """Cut a table's bytes into batches of records.

    Args:
        blocks: The bytes after the header.
        width: Columns in the header.
        numbers_first: How many of the first columns hold whole numbers; by them the second
            half of a broken record is told from a record of its own.
        is_ragged: Surplus fields are expected, and kept.

    Yields:
        Batches in file order; every record is in one of them, once.
    """
    cutter = _Cutter(width, numbers_first, is_ragged)
    waiting, size = [], 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= CHUNK_BYTES:
            yield cutter.cut(b"".join(waiting), last=False)
            waiting, size = [], 0
    yield cutter.cut(b"".join(waiting), last=True)


class _Cutter:
    """Remembers what one batch leaves for the next."""

    def __init__(self, width: int, numbers_first: int, is_ragged: bool) -> None:
        self.width, self.numbers_first, self.is_ragged = width, numbers_first, is_ragged
        self.rest = b""
        self.seen = 0

    def cut(self, data: bytes, *, last: bool) -> Batch:
        """Cut the whole lines off what has been read so far."""
        data = self.rest + data
        if last:
            data = data if data.endswith(b"\n") or not data else data + b"\n"
            self.rest = b""
        else:
            end = self._safe_end(data)
            data, self.rest = data[:end], data[end:]
        if not data:
            return Batch(b"", np.zeros(0, dtype=np.int64))
        return self._sort(data)

    def _safe_end(self, data: bytes) -> int:
        """Give where lines end, leaving short last lines for what may continue them."""
        end = data.rfind(b"\n") + 1
        for _ in range(MOST_HELD_BACK):
            start = data.rfind(b"\n", 0, max(end - 1, 0)) + 1
            if not end or data.count(b"\t", start, end) >= self.width - 1:
                break
            end = start
        return end

    def _sort(self, data: bytes) -> Batch:
        data = data.replace(b"\r\n", b"\n")
        text = np.frombuffer(data, dtype=np.uint8)
        ends = np.flatnonzero(text == NEWLINE)
        tabs = np.flatnonzero(text == TAB)
        per_line = np.diff(np.searchsorted(tabs, ends), prepend=0)
        is_apart = per_line != self.width - 1
        is_apart |= np.diff(ends, prepend=-1) == 1  # an empty line
        unclear = np.flatnonzero(UNCLEAR[text])
        is_apart[np.unique(np.searchsorted(ends, unclear))] = True
        apart = np.flatnonzero(is_apart)
        if not len(apart):
            numbers = self.seen + 1 + np.arange(len(ends), dtype=np.int64)
            self.seen += len(ends)
            return Batch(data, numbers)
        return self._take_apart(data, ends, apart)

    def _take_apart(
        self, data: bytes, ends: NDArray[np.int64], apart: NDArray[np.int64]
    ) -> Batch:
        """Keep the whole lines as bytes, and look at each of the others."""
        starts = np.concatenate([[0], ends[:-1] + 1])
        keep = np.ones(len(ends), dtype=bool)
        keep[apart] = False
        # a record broken in two is two lines but one record: number lines after joining
        is_record = np.ones(len(ends), dtype=bool)
        notes: Counter[str] = Counter()
        lines: list[tuple[int, bytes]] = []
        position = 0
        while position < len(apart):
            line = int(apart[position])
            raw = data[starts[line] : ends[line]]
            position += 1
            if not raw.translate(None, CONTROLS):
                is_record[line] = False
                notes[EMPTY_LINE] += 1
                continue
            follows = position < len(apart) and int(apart[position]) == line + 1
            if follows and self._belongs(raw, data[starts[line + 1] : ends[line + 1]]):
                raw = data[starts[line] : ends[line + 1]]
                is_record[line + 1] = False
                notes[REJOINED] += 1
                position += 1
            lines.append((line, raw))
        number = self.seen + np.cumsum(is_record)
        whole = b"".join(_runs(data, starts, ends, keep))
        batch = Batch(whole, number[keep].astype(np.int64), notes=notes)
        for line, raw in lines:
            self._place(int(number[line]), raw, batch)
        self.seen = int(number[-1])
        return batch

    def _belongs(self, first: bytes, second: bytes) -> bool:
        """Tell whether two short lines are one record broken within a field."""
        before, after = first.count(b"\t"), second.count(b"\t")
        if before + after != self.width - 1 or not after or after == self.width - 1:
            return False
        begins = second.split(b"\t")[: self.numbers_first]
        return not (begins and all(cell.strip().isdigit() for cell in begins))

    def _place(self, number: int, raw: bytes, batch: Batch) -> None:
        """Mend a record that lost nothing, or set it aside.

        A line with a field too many is set aside even where the last is empty: a stray tab
        earlier in the line looks the same, and would move every value after it.
        """
        joined = raw.replace(b"\n", b"")
        clear = joined.translate(None, CONTROLS)
        cells = clear.split(b"\t")
        if len(cells) > self.width and not self.is_ragged:
            batch.aside.append((number, TOO_MANY, raw))
            return
        if len(clear) < len(joined):
            batch.notes[UNCONTROLLED] += 1
        fields = _decoded(cells, batch.notes)
        surplus = fields[self.width :]
        if surplus:
            batch.notes[KEPT_SURPLUS] += 1
        elif len(fields) < self.width:
            batch.notes[PADDED] += 1
            fields += [""] * (self.width - len(fields))
        extra: Sequence[str] = ("\t".join(surplus),) if self.is_ragged else ()
        batch.mended.append((number, [*fields[: self.width], *extra]))
        batch.raw[number] = raw


def _runs(
    data: bytes,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    keep: NDArray[np.bool_],
) -> Iterator[bytes]:
    """Give the stretches of lines to keep."""
    edges = np.diff(keep.astype(np.int8), prepend=0, append=0)
    for first, after in zip(
        np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True
    ):
        yield data[starts[first] : ends[after - 1] + 1]


def _decoded(cells: list[bytes], notes: Counter[str]) -> list[str]:
    """Read fields as UTF-8, else as Windows-1252, whose gaps are read as Latin-1."""
    try:
        return [cell.decode("utf-8") for cell in cells]
    except UnicodeDecodeError:
        notes[RECODED] += 1
        return [_recoded(cell) for cell in cells]


def _recoded(cell: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return cell.decode(encoding)
        except UnicodeDecodeError:
            continue
    return cell.decode("latin-1")

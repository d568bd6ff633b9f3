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
TAB, NEWLINE = 9, 10
CONTROLS = bytes(b for b in range(32) if b not in (TAB, NEWLINE)) + b"\x7f"
"""Bytes that mean nothing in a field; a lone carriage return and NUL are among them."""

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
    notes: Counter[str] = field(default_factory=Counter)
    """Rows by what was done to mend them."""

    def __len__(self) -> int:
        """Count the records."""
        return len(self.numbers) + len(self.mended) + len(self.aside)


def read_header(blocks: Iterator[bytes]) -> tuple[list[str], bytes]:
    """Read a table's first line.

    Args:
        blocks: The table's bytes.

    Returns:
        Column names, and what was read beyond them.
    """
    head = b""
    for block in blocks:
        head += block
        if b"\n" in head:
            break
    line, _, rest = head.partition(b"\n")
    names = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\t")
    return [name.strip(" \r\n\x00") for name in names if name.strip(" \r\n\x00")], rest


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
        Batches in file order; every record is in just one, in just one place.
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
        notes: Counter[str] = Counter()
        data = self._without_controls(data, notes)
        text = np.frombuffer(data, dtype=np.uint8)
        ends = np.flatnonzero(text == NEWLINE)
        tabs = np.flatnonzero(text == TAB)
        per_line = np.diff(np.searchsorted(tabs, ends), prepend=0)
        odd = per_line != self.width - 1
        high = np.flatnonzero(text >= 0x80)
        foreign = np.zeros(len(ends), dtype=bool)
        foreign[np.unique(np.searchsorted(ends, high))] = len(high) > 0
        apart = np.flatnonzero(odd | foreign)
        if not len(apart):
            numbers = self.seen + 1 + np.arange(len(ends), dtype=np.int64)
            self.seen += len(ends)
            return Batch(data, numbers, notes=notes)
        return self._take_apart(data, ends, apart, notes)

    def _without_controls(self, data: bytes, notes: Counter[str]) -> bytes:
        data = data.replace(b"\r\n", b"\n")
        cleaned = data.translate(None, CONTROLS)
        if len(cleaned) < len(data):
            marks = np.isin(
                np.frombuffer(data, dtype=np.uint8), np.frombuffer(CONTROLS, dtype=np.uint8)
            )
            ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == NEWLINE)
            lines = np.unique(np.searchsorted(ends, np.flatnonzero(marks)))
            notes[UNCONTROLLED] += len(lines)
        return cleaned

    def _take_apart(
        self,
        data: bytes,
        ends: NDArray[np.int64],
        apart: NDArray[np.int64],
        notes: Counter[str],
    ) -> Batch:
        """Keep the whole lines as bytes, and look at each of the others."""
        starts = np.concatenate([[0], ends[:-1] + 1])
        keep = np.ones(len(ends), dtype=bool)
        keep[apart] = False
        # a record broken in two is two lines but one record: number lines after joining
        is_record = np.ones(len(ends), dtype=bool)
        lines: list[tuple[int, bytes]] = []
        position = 0
        while position < len(apart):
            line = int(apart[position])
            raw = data[starts[line] : ends[line]]
            position += 1
            if not raw:
                is_record[line] = False
                notes[EMPTY_LINE] += 1
                continue
            follows = position < len(apart) and int(apart[position]) == line + 1
            if follows and self._belongs(raw, data[starts[line + 1] : ends[line + 1]]):
                raw += data[starts[line + 1] : ends[line + 1]]
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
        fields = first.count(b"\t") + second.count(b"\t") + 1
        if fields != self.width or first.count(b"\t") >= self.width - 1:
            return False
        begins = second.split(b"\t")[: self.numbers_first]
        return not (begins and all(cell.strip().isdigit() for cell in begins))

    def _place(self, number: int, raw: bytes, batch: Batch) -> None:
        """Mend a record that lost nothing, or set it aside.

        A line with a field too many is set aside even where the last is empty: a stray tab
        earlier in the line looks just so, and would move every value after it.
        """
        fields = [_decoded(cell, batch.notes) for cell in raw.split(b"\t")]
        surplus = fields[self.width :]
        extra: Sequence[str] = ("",) if self.is_ragged else ()
        if surplus and self.is_ragged:
            batch.notes[KEPT_SURPLUS] += 1
            extra = ("\t".join(surplus),)
        elif surplus:
            batch.aside.append((number, TOO_MANY, raw))
            return
        elif len(fields) < self.width:
            batch.notes[PADDED] += 1
            fields += [""] * (self.width - len(fields))
        batch.mended.append((number, [*fields[: self.width], *extra]))


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


def _decoded(cell: bytes, notes: Counter[str]) -> str:
    """Read a field as UTF-8, else as Windows-1252, whose gaps are read as Latin-1."""
    try:
        return cell.decode("utf-8")
    except UnicodeDecodeError:
        notes[RECODED] += 1
        try:
            return cell.decode("cp1252")
        except UnicodeDecodeError:
            return cell.decode("latin-1")

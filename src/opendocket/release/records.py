"""Cut a table's bytes into records, and tell the whole ones from the others.

The files have no quotes and no escapes: a record is a line, a field is what stands between
tabs. Nearly all lines are whole, and go on as they lie in the text. What follows a line that
is too short, and does not itself begin as a record does, is the rest of that record: a line
end fell into one of its fields. Where it does begin with a number, as a record does, the types
of its fields decide. A line with more tabs than the header is told apart.

What comes out depends on the bytes alone, not on how they were cut into chunks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from opendocket.errors import LineTooLong
from opendocket.release.kernel import EMPTY, FRAGMENT, SHORT, WHOLE, WIDE, cut

CHUNK_BYTES = 1 << 24
MOST_HEADER_BYTES = 1 << 20
MOST_RECORD_BYTES = 1 << 24
MOST_JOINED = 100
"""Lines that are taken for one record at the most."""
CONTROLS = bytes(b for b in range(32) if b not in b"\t\n") + b"\x7f"
"""Bytes that mean nothing in a field; a lone carriage return and NUL are among them."""
IN_A_FIELD = CONTROLS + b"\n"
"""Bytes that are taken out of a field: those, and a line end that fell into it."""

TOO_MANY = "more fields than columns"
KEPT_SURPLUS = "fields beyond the last column kept together"
PADDED = "short row padded"
REJOINED = "record split by a line end rejoined"
RECODED = "bytes not UTF-8 read as Windows-1252"
UNCONTROLLED = "control characters removed"
UNRETURNED = "carriage returns within the record removed"
EMPTY_LINE = "empty line, which is no record"

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Fitting(Protocol):
    """What a table's types say of a line."""

    def fits(self, raw: bytes) -> bool:
        """Tell whether its fields are of the types of the columns they fall in."""
        ...

    def is_alone(self, raw: bytes) -> bool:
        """Tell whether it could be a record of its own."""
        ...


def _none() -> Flags:
    return np.zeros(0, dtype=np.bool_)


@dataclass(slots=True)
class Records:
    """Some of a table's records, where they stand in some of its bytes."""

    text: NDArray[np.uint8]
    starts: Ints
    """Where each record begins; shape (n,)."""
    ends: Ints
    """Where each ends, its line end left out; shape (n,)."""
    numbers: Ints
    """Their numbers in the file, from 1; shape (n,)."""
    wide: list[tuple[int, bytes]] = field(default_factory=list)
    """Records of more fields than columns: number and bytes."""
    is_joined: Flags = field(default_factory=_none)
    """Which of them hold a line end; shape (n,)."""
    has_return: Flags = field(default_factory=_none)
    """Which of the others hold a lone carriage return; shape (n,)."""
    is_short: Flags = field(default_factory=_none)
    """Which have fewer fields than columns; shape (n,)."""
    has_surplus: Flags = field(default_factory=_none)
    """Which have more, where that is expected; shape (n,)."""
    empty_lines: int = 0

    def __len__(self) -> int:
        """Count the records."""
        return len(self.numbers) + len(self.wide)

    def __post_init__(self) -> None:
        """Say of records of which nothing was said that nothing is amiss."""
        for name in ("is_joined", "has_return", "is_short", "has_surplus"):
            if len(getattr(self, name)) != len(self.numbers):
                setattr(self, name, np.zeros(len(self.numbers), dtype=np.bool_))

    def __getitem__(self, some: slice) -> "Records":
        """Give some of the n records, without what is told beside them."""
        return Records(
            text=self.text,
            starts=self.starts[some],
            ends=self.ends[some],
            numbers=self.numbers[some],
            is_joined=self.is_joined[some],
            has_return=self.has_return[some],
            is_short=self.is_short[some],
            has_surplus=self.has_surplus[some],
        )

    def raw(self, at: int) -> bytes:
        """Give one of the n records' own bytes."""
        return self.text[self.starts[at] : self.ends[at]].tobytes()


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
        bare = "".join(c for c in cell if c >= " " and c != "\x7f").strip(" ")
        name = bare or f"unnamed {position}"
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
    chunk_bytes: int = CHUNK_BYTES,
    known: Fitting | None = None,
    table: str = "table",
) -> Iterator[Records]:
    r"""Cut a table's bytes into records, some at a time.

    Args:
        blocks: The bytes after the header.
        width: Columns in the header.
        numbers_first: How many of the first columns hold whole numbers; by them the rest of a
            broken record is told from a record of its own.
        is_ragged: Surplus fields are expected: no record is too wide.
        chunk_bytes: How much to cut at a time.
        known: Tells by their types whether a line's fields are a record's.
        table: What an error calls it.

    Yields:
        Records in file order; every one is told once.

    Raises:
        LineTooLong: There is no line end where one must be.

    Example:
        >>> table = [b"1\tNEW\n YORK\tNY\n2\tLOS\tANGELES\tCA\n"]
        >>> (found,) = read_records(table, width=3, numbers_first=1)
        >>> found.raw(0), found.wide
        (b'1\tNEW\n YORK\tNY', [(2, b'2\tLOS\tANGELES\tCA')])
    """
    cutter = _Cutter(table, width, numbers_first, is_ragged, known)
    waiting, size = [], 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= chunk_bytes:
            yield cutter.cut(b"".join(waiting), last=False)
            waiting, size = [], 0
    yield cutter.cut(b"".join(waiting), last=True)


@dataclass(slots=True)
class _Cutter:
    """Remembers what one chunk leaves for the next."""

    table: str
    width: int
    numbers_first: int
    is_ragged: bool
    known: Fitting | None
    rest: bytes = b""
    seen: int = 0

    def cut(self, data: bytes, *, last: bool) -> Records:
        """Cut the records that are sure to end in what has been read so far."""
        data = self.rest + data
        if last and data and not data.endswith(b"\n"):
            data += b"\n"
        lines = _Lines.of(data, self.width, self.numbers_first)
        self._join(lines)
        end = len(lines.kinds)
        if last:
            self.rest = b""
        else:
            # the last record waits for what may be its rest
            heads = np.flatnonzero(lines.is_record)
            end = int(heads[-1]) if len(heads) else 0
            self.rest = data[int(lines.starts[end]) :] if len(lines.kinds) else data
            if len(self.rest) > MOST_RECORD_BYTES:
                raise LineTooLong(self.table, self.seen + 1, MOST_RECORD_BYTES)
        return self._records(lines, end)

    def _records(self, lines: "_Lines", end: int) -> Records:
        """Number the records among some lines, and tell those that are too wide."""
        kinds, is_record = lines.kinds[:end], lines.is_record[:end]
        empty_lines = int((kinds == EMPTY).sum())
        numbers = self.seen + np.cumsum(is_record)
        self.seen = int(numbers[-1]) if len(numbers) else self.seen
        is_wide = is_record & (kinds == WIDE)
        wide = []
        if not self.is_ragged:
            wide = [
                (int(numbers[at]), lines.raw(at)) for at in np.flatnonzero(is_wide).tolist()
            ]
            is_record = is_record & ~is_wide
        kinds, is_joined = kinds[is_record], lines.is_joined[:end][is_record]
        return Records(
            text=lines.text,
            starts=lines.starts[:end][is_record],
            ends=lines.ends[:end][is_record],
            numbers=numbers[is_record],
            wide=wide,
            is_joined=is_joined,
            has_return=lines.has_return[:end][is_record] & ~is_joined,
            is_short=(kinds == SHORT) | (kinds == FRAGMENT),
            has_surplus=kinds == WIDE,
            empty_lines=empty_lines,
        )

    def _join(self, lines: "_Lines") -> None:
        """Join to a record the lines after it that are its rest, from first to last."""
        kinds, is_record = lines.kinds, lines.is_record
        may_be_rest = kinds == FRAGMENT
        if self.known is not None:
            follows = (kinds[:-1] == SHORT) | (lines.tabs[1:] == 0)
            may_be_rest[1:] |= (kinds[1:] == SHORT) & follows
        head, before = -1, -1
        for at in np.flatnonzero(may_be_rest).tolist():
            between = at - 1
            while between > before and not is_record[between]:
                between -= 1
            if between > before or is_record[before]:
                head = between
            before = at
            if head >= 0 and self._is_rest(lines, head, at):
                lines.ends[head] = lines.ends[at]
                is_record[at] = False
                lines.is_joined[head] = True
                lines.pieces[head] += 1
                lines.tabs[head] += lines.tabs[at]
                kinds[head] = _kind_of(int(lines.tabs[head]), self.width)

    def _is_rest(self, lines: "_Lines", head: int, at: int) -> bool:
        """Tell whether a line is the rest of a record.

        A short record takes in what follows; a whole one only what is all of its last field.
        Where types are known, the two together must be a record's beginning, and the second
        alone must not.
        """
        kind, tabs = lines.kinds[head], int(lines.tabs[head] + lines.tabs[at])
        is_full = kind == WHOLE and lines.tabs[at] > 0
        if kind == WIDE or is_full or lines.pieces[head] >= MOST_JOINED:
            return False
        if self.known is None:
            return bool(lines.kinds[at] == FRAGMENT)
        rest = lines.raw(at)
        if self.known.is_alone(rest):
            return False
        if tabs >= self.width:  # torn by a tab as well: what it is, types cannot say
            return bool(lines.kinds[at] == FRAGMENT)
        is_fragment = lines.kinds[at] == FRAGMENT
        return (is_fragment or tabs == self.width - 1) and self.known.fits(
            lines.raw(head) + rest
        )


@dataclass(slots=True)
class _Lines:
    """The lines of a text; shapes are (n,)."""

    text: NDArray[np.uint8]
    starts: Ints
    ends: Ints
    tabs: NDArray[np.int32]
    kinds: NDArray[np.int8]
    has_return: NDArray[np.bool_]
    is_record: NDArray[np.bool_]
    is_joined: NDArray[np.bool_]
    pieces: NDArray[np.int32]

    @classmethod
    def of(cls, data: bytes, width: int, numbers_first: int) -> "_Lines":
        """Find the lines of a text that ends in one."""
        text = np.frombuffer(data, dtype=np.uint8)
        n = data.count(b"\n")
        starts, ends = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
        tabs, kinds = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int8)
        has_return, is_joined = np.empty(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
        cut(text, width, numbers_first, starts, ends, tabs, kinds, has_return)
        pieces = np.ones(n, dtype=np.int32)
        is_record = kinds != EMPTY
        return cls(text, starts, ends, tabs, kinds, has_return, is_record, is_joined, pieces)

    def raw(self, at: int) -> bytes:
        """Give a line, and what has been joined to it."""
        return self.text[self.starts[at] : self.ends[at]].tobytes()


def _kind_of(tabs: int, width: int) -> int:
    if tabs < width - 1:
        return SHORT
    return WHOLE if tabs == width - 1 else WIDE

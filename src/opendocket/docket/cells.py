"""Bytes to values: one pass over a table's records, compiled, that loses nothing.

Every field is trimmed of blanks and rid of control characters; one of nothing else is empty,
and so is ``N/A`` where it is no code. Text that is not UTF-8 is read as Windows-1252. A value
that is not of its column's type is left empty and listed, one that is a date no record can
have is kept and listed; both with where they stand in the text.

The pass is compiled by Numba and releases the interpreter's lock; what it writes are Arrow's
own layouts, which DuckDB takes as they lie. Strings of up to 12 bytes stand in their views,
longer ones are pointed at where they stand in the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from opendocket.columns import Column
from opendocket.docket.kernel import DATE, FLAG, INSTANT, MONEY, NUMBER, TEXT, read
from opendocket.docket.possible import Possible

KINDS = {
    "number": NUMBER,
    "text": TEXT,
    "time": TEXT,
    "month": TEXT,
    "guid": TEXT,
    "date": DATE,
    "instant": INSTANT,
    "flag": FLAG,
    "money": MONEY,
}

EPOCH = date(1970, 1, 1)
EPOCH_ORDINAL = EPOCH.toordinal()


def as_windows(byte: int) -> str:
    r"""Read a byte as Windows-1252, whose gaps are read as Latin-1.

    Example:
        >>> as_windows(0x92), as_windows(0x81)
        ('’', '\x81')
    """
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def _windows_1252() -> NDArray[np.uint8]:
    """Give, for each byte from 128, its UTF-8 length and bytes; gaps are read as Latin-1."""
    table = np.zeros((128, 4), dtype=np.uint8)
    for byte in range(128, 256):
        encoded = as_windows(byte).encode()
        table[byte - 128, 0] = len(encoded)
        table[byte - 128, 1 : 1 + len(encoded)] = list(encoded)
    return table


WINDOWS_1252 = _windows_1252()

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Days = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the fields of a table's records are, in the order of its header.

    Shapes are (k,), for k columns in the header, and one more where the table is ragged.
    """

    kinds: NDArray[np.int8]
    slots: NDArray[np.int32]
    """Where a column's values stand among those of its kind."""
    na_is_empty: NDArray[np.bool_]
    first_days: Days
    last_days: Days
    """Days since 1970 that a date may have."""
    key: int
    """The column that numbers the rows; -1 where none does."""
    is_ragged: bool
    counts: tuple[int, ...] = field(default=())
    """Columns of each kind."""


def layout(
    columns: Sequence[Column],
    *,
    key: str | None,
    na_is_empty: bool,
    is_ragged: bool,
    possible: Possible,
) -> Layout:
    """Say what the fields of a table's records are.

    Args:
        columns: In the order of the header; a ragged table's surplus column comes last.
        key: Name of the column that numbers the rows.
        na_is_empty: Whether ``N/A`` is empty in this table.
        is_ragged: Whether the last column takes all that stands beyond the one before.
        possible: The days a date can be; others are kept, and told.
    """
    kinds = np.array([KINDS[column.type] for column in columns], dtype=np.int8)
    slots = np.zeros(len(columns), dtype=np.int32)
    counts = [0] * len(set(KINDS.values()))
    for at, kind in enumerate(kinds.tolist()):
        slots[at] = counts[kind]
        counts[kind] += 1
    days = (possible.first, possible.last, possible.last_ahead)
    first, last, ahead = ((day - EPOCH).days for day in days)
    names = [column.name for column in columns]
    return Layout(
        kinds=kinds,
        slots=slots,
        na_is_empty=np.array([na_is_empty and not c.na_is_a_code for c in columns]),
        first_days=np.full(len(columns), first, dtype=np.int32),
        last_days=np.array(
            [ahead if c.may_be_ahead else last for c in columns], dtype=np.int32
        ),
        key=names.index(key) if key in names else -1,
        is_ragged=is_ragged,
        counts=tuple(counts),
    )


@dataclass(frozen=True, slots=True)
class Cells:
    """Records' values, as Arrow lays them out, and what is to be said of them.

    ``rows`` rows were kept of n records. Arrays of values have a row per column of their
    kind: shape (columns, n), flags and validity as bits, shape (columns, n / 8 rounded up).
    """

    rows: int
    strings: Bytes
    """What the views of longer strings point into: the text, and behind it the strings that
    stand nowhere in it as they are."""
    numbers: Ints
    views: NDArray[np.int32]
    """Shape (columns, n, 4)."""
    days: Days
    instants: Ints
    flags: Bytes
    money: Ints
    """Shape (columns, n, 2)."""
    valid: Bytes
    """Of every column of the layout."""
    said: Ints
    """Shape (s, 6): what is said, the record, the row kept, the column, the field's start and
    end in the text."""
    recoded: Ints
    """Fields read as Windows-1252, by column."""
    cleaned: Ints
    """Fields that held control characters, by column."""
    done: Bytes
    """What was done with each record: ``CLEANED``, ``RECODED``, ``LOST``; shape (n,)."""


def parsed(text: Bytes, starts: Ints, ends: Ints, shape: Layout) -> Cells:
    """Read records' fields as the types of their columns.

    Args:
        text: Bytes, of which records are stretches; fewer than two billion.
        starts: Where each record begins; shape (n,).
        ends: Where each ends, its line end left out; shape (n,).
        shape: What the fields are. A record of fewer fields is empty beyond its last.
    """
    extra_size, said_size = 1 << 12, 1 << 10
    while True:
        cells = _parsed(text, starts, ends, shape, extra_size, said_size)
        if cells is not None:
            return cells
        extra_size, said_size = extra_size * 8, said_size * 8


def _parsed(
    text: Bytes, starts: Ints, ends: Ints, shape: Layout, extra_size: int, said_size: int
) -> Cells | None:
    """Read records with so much room for what is out of the way; None if it was too little."""
    n, k = len(starts), len(shape.kinds)
    in_bytes = (n + 7) // 8
    number, string, day, instant, flag, money = shape.counts
    extra = np.empty(extra_size, dtype=np.uint8)
    numbers = np.empty((number, n), dtype=np.int64)
    views = np.empty((string, n, 4), dtype=np.int32)
    days = np.empty((day, n), dtype=np.int32)
    instants = np.empty((instant, n), dtype=np.int64)
    flags = np.zeros((flag, in_bytes), dtype=np.uint8)
    amounts = np.empty((money, n, 2), dtype=np.int64)
    valid = np.zeros((k, in_bytes), dtype=np.uint8)
    said = np.empty((said_size, 6), dtype=np.int64)
    recoded, cleaned = np.zeros(k, dtype=np.int64), np.zeros(k, dtype=np.int64)
    longest = int((ends - starts).max()) if n else 0
    scratch = np.empty(3 * longest + 8, dtype=np.uint8)
    done = np.empty(n, dtype=np.uint8)
    rows, said_count, extra_count = read(
        text, starts, ends, shape.kinds, shape.slots, shape.na_is_empty, shape.first_days,
        shape.last_days, shape.key, shape.is_ragged, WINDOWS_1252, scratch, extra, numbers,
        views, days, instants, flags, amounts, valid, said, recoded, cleaned, done,
    )  # fmt: skip
    if rows < 0:
        return None
    return Cells(
        rows=rows,
        strings=np.concatenate([text, extra[:extra_count]]) if extra_count else text,
        numbers=numbers,
        views=views,
        days=days,
        instants=instants,
        flags=flags,
        money=amounts,
        valid=valid,
        said=said[:said_count],
        recoded=recoded,
        cleaned=cleaned,
        done=done,
    )

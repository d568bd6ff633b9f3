"""Read one table of a release into a docket: every record kept, mended or set aside."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import duckdb
import numpy as np

from opendocket.arrow import Feed
from opendocket.docket.cells import EPOCH_ORDINAL, Cells, Layout, as_windows, layout, parsed
from opendocket.docket.heading import Heading
from opendocket.docket.kernel import (
    CLEANED,
    FINER_CUT,
    IMPOSSIBLE,
    INSTANT,
    LOST,
    TIME_CUT,
    WRONG_KEY,
)
from opendocket.docket.kernel import RECODED as IS_RECODED
from opendocket.docket.ledger import Ledger
from opendocket.docket.possible import Possible
from opendocket.docket.rows import ArrowRows
from opendocket.quoting import quoted
from opendocket.release.account import TableAccount
from opendocket.release.records import (
    EMPTY_LINE,
    IN_A_FIELD,
    KEPT_SURPLUS,
    PADDED,
    RECODED,
    REJOINED,
    TOO_MANY,
    UNCONTROLLED,
    UNRETURNED,
    Flags,
    Records,
    read_records,
)
from opendocket.release.repair import Evidence, evidence, repaired

KEY_IS_WRONG = "key is not a number"
UNTABBED = "stray tabs taken out"
CUT = {
    TIME_CUT: "a time of day, of which only the day is kept",
    FINER_CUT: "a time finer than a microsecond, of which the microsecond is kept",
}

MOST_SAID = 50_000
MOST_CELLS = 8_000_000
"""Fields to read at a time, so that lines of two bytes take no more memory than others."""
MOST_REPAIRS = 1_000
"""Torn records of a table that are looked at; beyond them it is no table of this kind."""
BEYOND_REPAIR = f"{TOO_MANY}, and beyond the {MOST_REPAIRS:,} that are looked at"

Entry = tuple[object, ...]


@dataclass(slots=True)
class TableReader:
    """Reads one table, chunk by chunk, and keeps its account."""

    con: duckdb.DuckDBPyConnection
    heading: Heading
    possible: Possible
    ledger: Ledger = field(init=False)
    feed: Feed = field(init=False)
    shape: Layout = field(init=False)
    known: Evidence = field(init=False)
    repairs: list[tuple[int, bytes]] = field(default_factory=list)
    read: int = 0
    kept: int = 0
    emptied: int = 0
    looked_at: int = 0
    split: int = 0
    empty_lines: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Work out what the table's fields are."""
        table, columns = self.heading.table, self.heading.columns
        self.ledger = Ledger(self.con)
        self.feed = Feed(self.con, "made")
        self.shape = layout(
            columns,
            key=self.heading.key,
            na_is_empty=not table.is_lookup,
            is_ragged=table.is_ragged,
            possible=self.possible,
        )
        self.known = evidence(table, columns[: self.heading.width])

    @property
    def name(self) -> str:
        """The agency's name of the table."""
        return self.heading.table.file_name

    def run(self, blocks: Iterable[bytes], chunk_bytes: int) -> None:
        """Read the table's bytes after its header into its table in the docket.

        Raises:
            LineTooLong: There is no line end where one must be.
        """
        listed = ", ".join(f"{quoted(c.name)} {c.duckdb_type}" for c in self.heading.stored)
        self.con.execute(f"create table {self.heading.table.core} ({listed})")
        chunks = read_records(
            blocks,
            width=self.heading.width,
            numbers_first=self.heading.numbers_first,
            is_ragged=self.heading.table.is_ragged,
            chunk_bytes=chunk_bytes,
            known=self.known,
            table=self.name,
        )
        for records in chunks:
            self._take(records)
        self._take_repaired()

    def account(self, expected: int | None) -> TableAccount:
        """Say where the rows went."""
        return TableAccount(
            table=self.name,
            expected=expected,
            read=self.read,
            kept=self.kept,
            set_aside=dict(self.aside),
            mended=dict(+self.notes),
            repaired=len(self.repairs) + self.split,
            passed_over=dict(+Counter({EMPTY_LINE: self.empty_lines})),
            cells_aside=self.emptied,
        )

    def _take(self, records: Records) -> None:
        """Keep some records."""
        self.read += len(records)
        self.empty_lines += records.empty_lines
        most = max(MOST_CELLS // len(self.heading.columns), 1)
        for start in range(0, len(records.numbers), most):
            self._read(records[start : start + most])
        wide = [self._mended_or_aside(number, raw) for number, raw in records.wide]
        entries = [entry for entry in wide if entry]
        self.aside += Counter(str(reason) for _, _, reason, _ in entries)
        self.ledger.add("aside_eoir__row", entries)

    def _read(self, records: Records) -> None:
        cells = parsed(records.text, records.starts, records.ends, self.shape)
        self._insert(cells)
        self._count(cells, records)
        self._say(cells, records)
        self._log_split(cells, records)

    def _count(self, cells: Cells, records: Records) -> None:
        """Count, of the records kept, what was done to keep them."""
        is_kept = (cells.done & LOST) == 0
        is_split = records.is_joined | records.has_return
        self._note(REJOINED, is_kept & records.is_joined)
        self._note(UNRETURNED, is_kept & records.has_return)
        self._note(PADDED, is_kept & records.is_short)
        self._note(KEPT_SURPLUS, is_kept & records.has_surplus)
        self._note(RECODED, is_kept & ((cells.done & IS_RECODED) > 0))
        # a record that was split held the line end that split it: that is told already
        self._note(UNCONTROLLED, is_kept & ((cells.done & CLEANED) > 0) & ~is_split)

    def _note(self, what: str, which: Flags) -> None:
        self.notes += Counter({what: int(which.sum())})

    def _mended_or_aside(self, number: int, raw: bytes) -> Entry | None:
        """Take the stray tabs out of a record, or give its entry among those set aside.

        What comes of it is kept for the table's end, so that where chunks end changes nothing.
        """
        self.looked_at += 1
        if self.looked_at > MOST_REPAIRS:
            return (self.name, number, BEYOND_REPAIR, raw)
        after = repaired(raw, self.known)
        if after is None:
            return (self.name, number, TOO_MANY, raw)
        self.repairs.append((number, after))
        entry = (self.name, number, self._key_of(after), UNTABBED, raw, after)
        self.ledger.add("aside_eoir__repair", [entry])
        return None

    def _take_repaired(self) -> None:
        """Add the mended records, which stand at the table's end."""
        if not self.repairs:
            return
        self.notes[UNTABBED] += len(self.repairs)
        lines = [after for _, after in self.repairs]
        sizes = np.array([len(line) + 1 for line in lines], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        records = Records(
            text=np.frombuffer(b"\n".join(lines) + b"\n", dtype=np.uint8),
            starts=starts,
            ends=starts + sizes - 1,
            numbers=np.array([number for number, _ in self.repairs], dtype=np.int64),
        )
        self._read(records)

    def _insert(self, cells: Cells) -> None:
        self.kept += cells.rows
        self.ledger.count(self.heading, cells)
        if not cells.rows:
            return
        columns = self.heading.columns
        listed = ", ".join(quoted(column.name) for column in columns)
        self.feed.show(ArrowRows(cells, self.shape, columns))
        self.con.execute(f"insert into {self.heading.table.core} ({listed}) from made")

    def _say(self, cells: Cells, records: Records) -> None:
        """Write down what is to be said of single fields and of wrong keys."""
        for start in range(0, len(cells.said), MOST_SAID):
            self._say_some(cells, records, cells.said[start : start + MOST_SAID].tolist())

    def _say_some(self, cells: Cells, records: Records, said: list[list[int]]) -> None:
        wrong, aside, impossible = [], [], []
        for what, at, row, column_at, start, end in said:
            number = int(records.numbers[at])
            if what == WRONG_KEY:
                wrong.append((self.name, number, KEY_IS_WRONG, records.raw(at)))
                continue
            column = self.heading.columns[column_at]
            counts = self.ledger.columns[column.name]
            place = (self.name, number, self._key(cells, row), column.name)
            if what == IMPOSSIBLE:
                counts.impossible += 1
                impossible.append((*place, self._day(cells, column_at, row)))
                continue
            if what not in CUT:
                counts.emptied += 1
                self.emptied += 1
            reason = CUT.get(what, f"not a {column.type}")
            aside.append((*place, _shown(records.text[start:end].tobytes()), reason))
        self.aside += Counter({KEY_IS_WRONG: len(wrong)})
        self.ledger.add("aside_eoir__row", wrong)
        self.ledger.add("aside_eoir__cell", aside)
        self.ledger.add("aside_eoir__impossible_date", impossible)

    def _log_split(self, cells: Cells, records: Records) -> None:
        """Write down the records that held a line end, before and after."""
        is_split = (records.is_joined | records.has_return) & ((cells.done & LOST) == 0)
        entries: list[Entry] = []
        for at in np.flatnonzero(is_split).tolist():
            raw, number = records.raw(at), int(records.numbers[at])
            after = raw.translate(None, IN_A_FIELD)
            how = REJOINED if records.is_joined[at] else UNRETURNED
            entries.append((self.name, number, self._key_of(after), how, raw, after))
        self.split += len(entries)
        self.ledger.add("aside_eoir__repair", entries)

    def _key(self, cells: Cells, row: int) -> int | None:
        """Give the number of a row that was kept."""
        at = self.shape.key
        if at < 0 or not cells.valid[at, row >> 3] >> (row & 7) & 1:
            return None
        return int(cells.numbers[self.shape.slots[at], row])

    def _key_of(self, raw: bytes) -> int | None:
        """Give the number of a record as it stands in bytes."""
        fields = raw.split(b"\t", self.shape.key + 1)
        key = fields[self.shape.key].strip() if 0 <= self.shape.key < len(fields) else b""
        return int(key) if key.isdigit() and len(key) < 19 else None

    def _day(self, cells: Cells, column: int, row: int) -> object:
        slot = self.shape.slots[column]
        if self.shape.kinds[column] == INSTANT:
            days = int(cells.instants[slot, row]) // 86_400_000_000
        else:
            days = int(cells.days[slot, row])
        return date.fromordinal(EPOCH_ORDINAL + days)


def _shown(raw: bytes) -> str:
    """Give a field's text, as it is read, to keep beside."""
    bare = raw.translate(None, IN_A_FIELD)
    try:
        return bare.decode("utf-8").strip(" ")
    except UnicodeDecodeError:
        return "".join(map(as_windows, bare)).strip(" ")

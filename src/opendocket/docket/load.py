"""Load a release into a docket: every table, every row, and the account of both."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from io import BytesIO
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from opendocket.arrow import visible
from opendocket.columns import ESSENTIAL, TABLES, Column, Table
from opendocket.docket.analysis import build_analysis_tables
from opendocket.docket.typing import CELL_SCHEMA, Typed, typed
from opendocket.errors import AlreadyThere, CountMismatch, EmptyTable, SchemaDrift
from opendocket.outputs import written_aside
from opendocket.progress import Progress, silent
from opendocket.release.account import TableAccount
from opendocket.release.archive import Release, open_release
from opendocket.release.records import Batch, read_header, read_records

FORMAT = 1
"""Of a docket; raised when its tables change so that older ones cannot be read."""

SURPLUS = Column("surplus", "text", 0, False, 1.0, False, False, "", "fields beyond the last")
KEY_IS_WRONG = "key is not a number"

ASIDE_SCHEMA = {
    "table_name": pl.String,
    "record": pl.Int64,
    "reason": pl.String,
    "raw": pl.Binary,
}

SETTINGS = "set memory_limit = '4GB'; set preserve_insertion_order = true"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A docket, made."""

    path: Path
    as_of: date
    is_synthetic: bool
    accounts: tuple[TableAccount, ...]
    unknown: tuple[str, ...]
    """Members of the zip that are no table we know; they were not loaded."""


def load_release(
    path: Path,
    out: Path,
    *,
    accept_mismatch: Collection[str] = (),
    released: date | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Loaded:
    """Load a release's zip, as it comes, into a docket.

    Every record is kept or set aside with its reason and its bytes, and their sum is held
    against the release's own Count.txt. The docket appears whole or not at all.

    Args:
        path: The zip; nothing is unpacked to disk.
        out: The docket to write, a DuckDB file.
        accept_mismatch: Tables whose columns, rows or counts need not be as expected.
        released: The release's date, where the zip does not tell.
        overwrite: Replace a docket that is there.
        progress: Told of bytes read.

    Returns:
        Where the docket is, and its account.

    Raises:
        NotARelease: Not a zip of the courts' tables, or a damaged one.
        SchemaDrift: A table's columns are not the ones we know.
        EmptyTable: A table is missing, or one that everything rests on has no rows.
        CountMismatch: Rows read are not the rows that Count.txt announces.
        AlreadyThere: ``out`` exists, and ``overwrite`` is off.
        NoRoom: The disk filled up.

    Example:
        >>> import tempfile
        >>> from opendocket.synthetic import synthesize
        >>> folder = Path(tempfile.mkdtemp())
        >>> made = synthesize(folder / "made-up.zip", cases=1_000, seed=1)
        >>> loaded = load_release(made.path, folder / "made-up.duckdb")
        >>> loaded.as_of, sum(a.read for a in loaded.accounts) == made.rows
        (datetime.date(2026, 6, 30), True)
    """
    release = open_release(path, released=released)
    if out.exists() and out.samefile(path):
        raise AlreadyThere(out, "this is the release itself: name another file")
    accepted = {name.lower().removesuffix(".csv") for name in accept_mismatch}
    with written_aside(out, overwrite=overwrite) as aside, duckdb.connect(aside) as con:
        con.execute(SETTINGS)
        reader = _Reader(con, release, accepted, progress)
        accounts = tuple(reader.load(table) for table in TABLES.values())
        _store(con, release, accounts, release.sha256(progress))
        build_analysis_tables(con, release.as_of, progress)
        con.execute("checkpoint")
    return Loaded(out, release.as_of, release.is_synthetic, accounts, release.unknown)


@dataclass(slots=True)
class _Running:
    """What one table has come to so far."""

    read: int = 0
    kept: int = 0
    cells: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


class _Reader:
    """Loads tables one after the other into one docket."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        release: Release,
        accepted: set[str],
        progress: Progress,
    ) -> None:
        self.con, self.release, self.accepted = con, release, accepted
        self.progress, self.done, self.total = progress, 0, release.size_bytes()
        for name, schema in (("row", ASIDE_SCHEMA), ("cell", CELL_SCHEMA)):
            with visible(con, "empty", pl.DataFrame(schema=schema)):
                con.execute(f"create table aside_eoir__{name} as from empty")

    def load(self, table: Table) -> TableAccount:
        """Load one table, and say where its rows went."""
        accept = table.file_name.lower() in self.accepted
        if table.file_name not in self.release.members:
            if not accept:
                raise EmptyTable(table.file_name, f"no {table.file_name}.csv in the zip")
            self._create(table, table.columns)
            announced = self.release.counts.get(table.file_name)
            return TableAccount(table.file_name, announced, 0, 0, is_accepted=True)
        blocks = self._watched(table.file_name)
        names, rest = read_header(blocks)
        missing, unknown = _drift(table, names)
        if (missing or unknown) and not accept:
            for _ in blocks:  # damage is told before drift: it may be the cause
                pass
            if not names:
                raise EmptyTable(table.file_name, "not even a line of column names")
            raise SchemaDrift(table.file_name, _few(missing), _few(unknown))
        columns = _columns(table, unknown)
        self._create(table, columns)
        running = _Running()
        batches = read_records(
            chain([rest], blocks),
            width=len(names),
            numbers_first=_numbers_first(table, names),
            is_ragged=table.is_ragged,
        )
        for batch in batches:
            self._insert(table, names, columns, batch, running)
        return self._checked(table, running, accept, drifted=bool(missing or unknown))

    def _watched(self, name: str) -> Iterator[bytes]:
        for block in self.release.blocks(name):
            self.done += len(block)
            self.progress("loading tables", self.done, self.total)
            yield block

    def _create(self, table: Table, columns: tuple[Column, ...]) -> None:
        listed = ", ".join(f"{_quoted(c.name)} {c.duckdb_type}" for c in columns)
        self.con.execute(f"create table {table.core} ({listed})")

    def _insert(
        self,
        table: Table,
        names: list[str],
        columns: tuple[Column, ...],
        batch: Batch,
        running: _Running,
    ) -> None:
        rows, numbers = _as_text(batch, len(names), table.is_ragged)
        made = typed(
            table.file_name,
            columns,
            _in_order(rows, names, columns),
            numbers,
            na_is_empty=not table.is_lookup,
        )
        made, wrong = _without_wrong_keys(
            table, made, rows.select(rows.columns[: len(names)]), batch.raw
        )
        aside = [(table.file_name, n, reason, raw) for n, reason, raw in batch.aside] + wrong
        running.read += len(batch)
        running.kept += len(made.frame)
        running.cells += len(made.cells_aside)
        running.notes += batch.notes
        running.aside += Counter(reason for _, _, reason, _ in aside)
        with visible(self.con, "made", made.frame):
            self.con.execute(f"insert into {table.core} from made")
        if aside:
            frame = pl.DataFrame(aside, schema=ASIDE_SCHEMA, orient="row")
            with visible(self.con, "made", frame):
                self.con.execute("insert into aside_eoir__row from made")
        if len(made.cells_aside):
            with visible(self.con, "made", made.cells_aside):
                self.con.execute("insert into aside_eoir__cell from made")

    def _checked(
        self, table: Table, running: _Running, accept: bool, *, drifted: bool
    ) -> TableAccount:
        expected = self.release.counts.get(table.file_name)
        account = TableAccount(
            table=table.file_name,
            expected=expected,
            read=running.read,
            kept=running.kept,
            set_aside=dict(running.aside),
            mended=dict(running.notes),
            cells_aside=running.cells,
        )
        is_off = expected is not None and expected != running.read
        is_empty = running.kept == 0 and table.file_name in ESSENTIAL
        if is_off and not accept:
            raise CountMismatch(table.file_name, running.read, expected or 0)
        if is_empty and not accept:
            found = f"no row kept of {running.read:,}" if running.read else "no rows"
            raise EmptyTable(table.file_name, found)
        return replace(account, is_accepted=is_off or is_empty or drifted)


def _quoted(name: str) -> str:
    """Write a column's name as SQL does."""
    return '"' + name.replace('"', '""') + '"'


def _drift(table: Table, names: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Hold a header, in any order and case, against what we know: missing and new columns."""
    known = {column.name.lower() for column in table.columns}
    found = {name.lower() for name in names}
    missing = tuple(c.name for c in table.columns if c.name.lower() not in found)
    unknown = tuple(name for name in names if name.lower() not in known)
    return missing, unknown


def _few(names: tuple[str, ...], most: int = 5) -> tuple[str, ...]:
    """Shorten a list of columns to what a sentence can hold."""
    short = tuple(name if len(name) <= 40 else f"{name[:37]}..." for name in names)
    if len(short) <= most:
        return short
    return (*short[:most], f"and {len(short) - most} more")


def _columns(table: Table, unknown: tuple[str, ...]) -> tuple[Column, ...]:
    """Give the table's columns in a docket: those we know, new ones, and surplus fields."""
    new = tuple(
        Column(name, "text", 0, False, 0.0, False, False, "", "new") for name in unknown
    )
    surplus = (SURPLUS,) if table.is_ragged else ()
    return (*table.columns, *new, *surplus)


def _numbers_first(table: Table, names: list[str]) -> int:
    """Count the columns at the head of a line that hold whole numbers, two at the most."""
    numbered = {c.name.lower() for c in table.columns if c.type == "number"}
    first = [name.lower() in numbered for name in names[:2]]
    return first.index(False) if False in first else len(first)


def _as_text(
    batch: Batch, width: int, is_ragged: bool
) -> tuple[pl.DataFrame, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Give whole and mended records as one frame of text."""
    names = [f"c{i}" for i in range(width + is_ragged)]
    schema = dict.fromkeys(names, pl.String)
    parts = []
    if batch.whole:
        whole = pl.read_csv(
            BytesIO(batch.whole),
            separator="\t",
            quote_char=None,
            has_header=False,
            schema=dict.fromkeys(names[:width], pl.String),
        )
        parts.append(whole.with_columns(pl.lit("").alias(names[-1])) if is_ragged else whole)
    if batch.mended:
        rows = [fields for _, fields in batch.mended]
        parts.append(pl.DataFrame(rows, schema=schema, orient="row"))
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=schema)
    mended = np.array([number for number, _ in batch.mended], dtype=np.int64)
    return frame, np.concatenate([batch.numbers, mended])


def _in_order(
    rows: pl.DataFrame, names: list[str], columns: tuple[Column, ...]
) -> pl.DataFrame:
    """Put text under our columns; a missing one is empty."""
    found = {name.lower(): at for at, name in enumerate(names)}
    found[SURPLUS.name] = len(names)
    parts = []
    for column in columns:
        at = found.get(column.name.lower())
        text = pl.repeat("", len(rows), eager=True) if at is None else rows.to_series(at)
        parts.append(text.alias(column.name))
    return pl.DataFrame(parts)


def _without_wrong_keys(
    table: Table, made: Typed, rows: pl.DataFrame, raw: dict[int, bytes]
) -> tuple[Typed, list[tuple[str, int, str, bytes]]]:
    """Set aside records whose number is none: they are not what they seem.

    ``rows`` are the fields of each as they stand in the file.
    """
    wrong = made.cells_aside.filter(pl.col("column_name") == (table.key or ""))
    if wrong.is_empty():
        return made, []
    bad = np.isin(made.numbers, wrong["record"].to_numpy())
    aside = [
        (table.file_name, number, KEY_IS_WRONG, raw.get(number) or _joined(row))
        for number, row in zip(
            made.numbers[bad].tolist(), rows.filter(pl.Series(bad)).iter_rows(), strict=True
        )
    ]
    good = pl.Series(~bad)
    cells = made.cells_aside.filter(~pl.col("record").is_in(wrong["record"].implode()))
    return Typed(made.frame.filter(good), made.numbers[~bad], cells), aside


def _joined(fields: tuple[str | None, ...]) -> bytes:
    return "\t".join(field or "" for field in fields).encode()


def _store(
    con: duckdb.DuckDBPyConnection,
    release: Release,
    accounts: tuple[TableAccount, ...],
    sha256: str,
) -> None:
    """Write down what was loaded, and where every row went."""
    con.execute(
        """
        create table out_load__release as
        select
            ?::integer as format_code,
            ? as opendocket_version,
            ? as file_name,
            ?::bigint as size_bytes,
            ? as sha256,
            ? as folder_name,
            ?::date as released_date,
            ?::date as as_of_date,
            ?::boolean as is_synthetic
        """,
        [
            FORMAT,
            version("opendocket"),
            release.path.name,
            release.path.stat().st_size,
            sha256,
            release.folder,
            release.released,
            release.as_of,
            release.is_synthetic,
        ],
    )
    account = pl.DataFrame(
        {
            "table_name": [a.table for a in accounts],
            "expected_count": [a.expected for a in accounts],
            "read_count": [a.read for a in accounts],
            "kept_count": [a.kept for a in accounts],
            "set_aside_count": [a.set_aside_count for a in accounts],
            "cells_aside_count": [a.cells_aside for a in accounts],
            "is_accepted": [a.is_accepted for a in accounts],
        },
        schema_overrides={"expected_count": pl.Int64},
    )
    reasons = pl.DataFrame(
        [
            (a.table, what, reason, rows)
            for a in accounts
            for what, by in (("set aside", a.set_aside), ("mended", a.mended))
            for reason, rows in sorted(by.items())
        ],
        schema={
            "table_name": pl.String,
            "what": pl.String,
            "reason": pl.String,
            "row_count": pl.Int64,
        },
        orient="row",
    )
    for name, frame in (("account", account), ("reason", reasons)):
        with visible(con, "made", frame):
            con.execute(f"create table out_load__{name} as from made")

"""Compare two dockets, and keep what gives the older one back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from opendocket.changes.headlines import Headline, headlines
from opendocket.changes.layout import NEW, OLD, Layout, Side, attached, layouts
from opendocket.changes.parts import ROWS_AT_ONCE
from opendocket.changes.record import record_columns, record_releases, record_tables
from opendocket.changes.rows import TableChanges, compare_table
from opendocket.changes.tallies import (
    Disappeared,
    Tally,
    by_court,
    by_month,
    disappeared,
    gone_by_year,
    place,
)
from opendocket.docket import open_docket
from opendocket.errors import AlreadyThere, WrongDocket
from opendocket.outputs import written_aside
from opendocket.progress import Progress, silent

MEMORY, MEMORY_TO_MEASURE = "2GB", "4GB"
"""What DuckDB may use to compare rows, and to measure a nation, which joins every case; the
rest goes to a folder beside the output, and is removed."""

MOVED = """
create temp table moved (
    table_name  varchar,
    change_code varchar,
    case_id     bigint,
    own_date    date
)
"""

KEPT = f"""
select coalesce(sum(kept_count), 0)::bigint
from (from {OLD}.out_load__account union all from {NEW}.out_load__account)
"""
"""Rows to compare, of both."""

LOADED = """
select
    table_name,
    set_aside_count,
    repaired_count,
    case when is_accepted then read_count - expected_count end  as off_count,
    is_accepted and table_name in (
        select table_name from out_load__column
        group by table_name
        having bool_and(state = 'missing')
    )                                                           as is_absent
from out_load__account
order by table_name
"""
"""What a load did that a comparison must not blame on the agency."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the two dockets."""

    path: Path
    release_file: str
    as_of: date
    is_synthetic: bool
    size_bytes: int
    """Of the docket."""
    set_aside: dict[str, int]
    """Rows that its load could not keep, by table; they are not compared."""
    repaired: dict[str, int]
    """Rows that its load mended, by table; they are compared as mended."""
    off: dict[str, int]
    """Rows read less those that its own Count.txt announces, where the two differ and that was
    accepted by hand, by table."""
    absent: tuple[str, ...]
    """Tables not in its zip nor announced by Count.txt, accepted by hand."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from one release to the next."""

    old: Compared
    new: Compared
    out: Path | None
    """The file that, with the newer docket, gives the older one back."""
    out_bytes: int
    tables: tuple[TableChanges, ...]
    courts: tuple[Tally, ...]
    """Rows of tables that lead to a case; a court's cells are held back one kind at a time."""
    months: tuple[Tally, ...]
    years: tuple[Tally, ...]
    """Rows gone, by year."""
    application_years: tuple[Tally, ...]
    """Applications gone, by year."""
    disappeared: tuple[Disappeared, ...]
    headlines: tuple[Headline, ...]

    @property
    def is_synthetic(self) -> bool:
        """Whether one of the two is about nobody."""
        return self.old.is_synthetic or self.new.is_synthetic

    @property
    def differing(self) -> tuple[TableChanges, ...]:
        """Give the tables in which something differs."""
        return tuple(changes for changes in self.tables if not changes.is_same)


def compare_dockets(
    old: Path,
    new: Path,
    out: Path | None = None,
    *,
    overwrite: bool = False,
    rows_at_once: int = ROWS_AT_ONCE,
    progress: Progress = silent,
) -> Changes:
    """Say what changed from an older docket to a newer one.

    Every row of either is one of: the same, gone, new, changed, re-keyed. With ``out``, what
    differs is kept: the older rows whole, the keys of the newer ones, and the lists of
    columns, so that the newer docket and this file give the older one back
    (:func:`opendocket.changes.older.write_older`). It names persons by their numbers.

    Args:
        old: The older docket.
        new: The newer docket, of a release no older.
        out: The file of changes to write; nothing is kept where None.
        overwrite: Replace a file that is there.
        rows_at_once: Rows of one docket in memory at a time, about.
        progress: Told of rows compared.

    Returns:
        Counts of rows by table, by court and month, and headline measures; small numbers of
        cases are held back.

    Raises:
        NotADocket: One of the two is none.
        WrongDocket: The newer is the older.
        AlreadyThere: ``out`` exists, and ``overwrite`` is off; or it is one of the dockets.
        NoRoom: The disk filled up.

    Assumes:
        Small numbers: decision 0003. National totals of a table's rows are not held back.

    Example:
        >>> import tempfile
        >>> from opendocket.docket import load_release
        >>> from opendocket.synthetic import synthesize
        >>> folder = Path(tempfile.mkdtemp())
        >>> made = synthesize(folder / "made-up.zip", cases=1_000, seed=1)
        >>> docket = load_release(made.path, folder / "made-up.duckdb").path
        >>> compare_dockets(docket, docket).differing
        ()
    """
    sides = {OLD: _compared(old), NEW: _compared(new)}
    _refuse(sides, out)
    with _place(out, new) as there:
        with written_aside(there, overwrite=overwrite) as aside:
            changes = _changes(aside, sides, rows_at_once, progress)
        return replace(changes, out=out, out_bytes=there.stat().st_size)


def _compared(path: Path) -> Compared:
    with open_docket(path) as docket:
        rows = docket.con.execute(LOADED).fetchall()
        return Compared(
            path=path,
            release_file=docket.release_file,
            as_of=docket.as_of,
            is_synthetic=docket.is_synthetic,
            size_bytes=path.stat().st_size,
            set_aside={name: n for name, n, *_ in rows if n},
            repaired={name: n for name, _, n, *_ in rows if n},
            off={name: n for name, _, _, n, _ in rows if n},
            absent=tuple(name for name, *_, n, is_absent in rows if is_absent and not n),
        )


def _refuse(sides: dict[Side, Compared], out: Path | None) -> None:
    """Refuse dockets in the wrong order, and an output that would replace one of them."""
    old, new = sides[OLD], sides[NEW]
    if new.as_of < old.as_of:
        raise WrongDocket(
            new.path,
            f"observed to {new.as_of}",
            f"a release no older than {old.path.name}'s, which is observed to {old.as_of}",
            "name the older docket first",
        )
    for side in sides.values():
        if out and out.exists() and out.samefile(side.path):
            raise AlreadyThere(out, "it is one of the two dockets: name another file")


@contextmanager
def _place(out: Path | None, new: Path) -> Iterator[Path]:
    """Give where to write the changes; what is not to stay is removed."""
    if out:
        yield out
        return
    beside = new.absolute().parent
    with TemporaryDirectory(
        prefix=".compare-", dir=beside if os.access(beside, os.W_OK) else None
    ) as folder:
        yield Path(folder) / "changes.duckdb"


def _changes(
    path: Path, sides: dict[Side, Compared], rows_at_once: int, progress: Progress
) -> Changes:
    """Write the file of changes, and count what is in it."""
    old, new = sides[OLD], sides[NEW]
    with duckdb.connect(path) as con:
        con.execute(f"set memory_limit = '{MEMORY}'; set preserve_insertion_order = false")
        for side, compared in sides.items():
            attached(con, compared.path, side)
        con.execute(MOVED)
        tables = layouts(con)
        found = _compared_tables(con, tables, rows_at_once, progress)
        record_releases(con)
        record_tables(con, tables, found)
        record_columns(con, tables, found)
        progress("counting by court and month", 0, 1)
        place(con, new.as_of)
        changes = Changes(
            old=old,
            new=new,
            out=None,
            out_bytes=0,
            tables=tuple(found),
            courts=by_court(con),
            months=by_month(con),
            years=gone_by_year(con),
            application_years=gone_by_year(con, "tbl_Court_Appln"),
            disappeared=disappeared(con, tables, found),
            headlines=(),
        )
        progress("counting by court and month", 1, 1)
        con.execute(f"set memory_limit = '{MEMORY_TO_MEASURE}'")
        both = headlines(con, old.as_of, new.as_of, partial(progress, "measuring both"))
        con.execute("checkpoint")
    return replace(changes, headlines=both)


def _compared_tables(
    con: duckdb.DuckDBPyConnection,
    tables: tuple[Layout, ...],
    rows_at_once: int,
    progress: Progress,
) -> list[TableChanges]:
    (total,) = con.execute(KEPT).fetchall()[0]
    done = 0.0

    def watch(rows: float) -> None:
        nonlocal done
        done = min(done + rows, total)
        progress("comparing rows", done, total)

    watch(0)
    found = [compare_table(con, layout, watch, rows_at_once=rows_at_once) for layout in tables]
    watch(total)
    return found

"""Load a release into a docket: every table, every row, and the account of both."""

import hashlib
import json
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from threading import Event, Lock
from typing import Any

import duckdb

from opendocket.columns import ESSENTIAL, TABLES, Table
from opendocket.docket.analysis import build_analysis_tables
from opendocket.docket.form import FORMAT
from opendocket.docket.heading import Heading, few, heading
from opendocket.docket.ledger import Ledger, accounts_in, create_ledger
from opendocket.docket.possible import possible_days
from opendocket.docket.reading import TableReader
from opendocket.docket.views import create_views
from opendocket.errors import (
    AlreadyThere,
    CountMismatch,
    EmptyTable,
    InUse,
    NotARelease,
    SchemaDrift,
    UnreadableCount,
)
from opendocket.outputs import written_aside
from opendocket.progress import Progress, silent
from opendocket.quoting import quoted
from opendocket.release.account import TableAccount
from opendocket.release.archive import Release, open_release
from opendocket.release.records import CHUNK_BYTES, read_header

BLANKS = bytes(range(33)) + b"\x7f"

SETTINGS = """
set threads = 1;
set enable_progress_bar = false;
set memory_limit = '800MB';
set preserve_insertion_order = true;
set disabled_compression_methods = 'fsst,dict_fsst,zstd';
"""
"""Tables are what is read side by side: DuckDB's own threads would only wait for each other.
Some ways of packing strings cost time here and save no room, so they are off."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A docket, made."""

    path: Path
    as_of: date
    is_synthetic: bool
    accounts: tuple[TableAccount, ...]
    unknown: tuple[str, ...]
    """Members of the zip that are no table we know; they were not loaded."""
    new_columns: tuple[str, ...] = ()
    """Columns that nothing is known of, as ``table.column``; kept as text."""
    missing_columns: tuple[str, ...] = ()
    """Columns of July 2026 that a table has not, accepted by hand, as ``table.column``."""
    renamed_columns: tuple[tuple[str, str], ...] = ()
    """Columns that had another name, as ``table.column``, and the name they have now."""
    absent: tuple[str, ...] = ()
    """Tables that this release has not, by its own Count.txt."""
    went_on: int = 0
    """Tables that an earlier, interrupted run had finished."""


def load_release(  # noqa: PLR0913  # each is an option of the command
    path: Path,
    out: Path,
    *,
    accept_mismatch: Collection[str] = (),
    released: date | None = None,
    overwrite: bool = False,
    threads: int = 1,
    chunk_bytes: int = CHUNK_BYTES,
    progress: Progress = silent,
) -> Loaded:
    """Load a release's zip, as it comes, into a docket.

    Every record is kept or set aside with its reason and its bytes, and their sum is held
    against the release's own Count.txt. The docket appears whole or not at all; a load that
    was interrupted or killed is gone on with, from the last table that it finished. The
    docket's content depends on the release alone, not on threads, chunks or interruptions.

    Args:
        path: The zip; nothing is unpacked to disk.
        out: The docket to write, a DuckDB file.
        accept_mismatch: Tables whose columns, rows or counts need not be as expected.
        released: The release's date, where the zip does not tell.
        overwrite: Replace a docket that is there.
        threads: Tables to read at a time; each takes some 150 MB.
        chunk_bytes: How much of a table to look at at a time.
        progress: Told of bytes read.

    Returns:
        Where the docket is, and its account.

    Raises:
        NotARelease: Not a zip of the courts' tables, a damaged one, or a table without names.
        UnsafeMember: A member is not what the zip's directory says.
        SchemaDrift: A table lacks columns that we know.
        EmptyTable: A table is missing, or one that everything rests on has no rows.
        LineTooLong: A table's bytes go on without a line end.
        UnreadableCount: Count.txt has a line for a table, but no number on it.
        CountMismatch: Rows read are not the rows that Count.txt announces.
        AlreadyThere: ``out`` exists, and ``overwrite`` is off.
        InUse: Another run is writing ``out``.
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
    headings = _headings(release, accepted)
    with (
        written_aside(out, overwrite=overwrite, can_go_on=True) as aside,
        _begun(aside, _identity(release, headings), accepted) as con,
    ):
        done = accounts_in(con)
        loading = _Loading(con, release, headings, accepted, chunk_bytes, progress, done)
        accounts, sha256 = loading.run(threads)
        con.execute(f"set threads = {max(threads, 1)}")
        _write_release(con, release, sha256)
        build_analysis_tables(con, release.as_of, progress)
        create_views(con)
        con.execute("drop table load_identity")
        con.execute("checkpoint")
    found = {name: each for name, each in headings.items() if each}
    return Loaded(
        path=out,
        as_of=release.as_of,
        is_synthetic=release.is_synthetic,
        accounts=accounts,
        unknown=release.unknown,
        new_columns=tuple(
            f"{name}.{column.name}" for name, each in found.items() for column in each.new
        ),
        missing_columns=tuple(
            f"{name}.{column.name}" for name, each in found.items() for column in each.missing
        ),
        renamed_columns=tuple(
            (f"{name}.{old}", new) for name, each in found.items() for old, new in each.renamed
        ),
        absent=tuple(name for name in TABLES if name not in release.members),
        went_on=len(done),
    )


def _headings(release: Release, accepted: set[str]) -> dict[str, Heading | None]:
    """Read every table's first line, and refuse what cannot be gone on with at once.

    None stands for a table that is not there, or has not even a first line.
    """
    headings: dict[str, Heading | None] = {}
    for table in TABLES.values():
        name, accept = table.file_name, table.file_name.lower() in accepted
        if name in release.uncounted and not accept:
            raise UnreadableCount(name)
        if name not in release.members:
            if not accept and not _is_absent(release, table):
                raise EmptyTable(name, f"no {name}.csv in the zip")
            headings[name] = None
            continue
        blocks = release.blocks(name)
        names, rest = read_header(blocks)
        found = heading(table, names)
        if found.missing and not accept:
            for _ in blocks:  # damage is told before drift: it may be the cause
                pass
            if not names:
                raise EmptyTable(name, "not even a line of column names")
            raise SchemaDrift(name, few(found.missing), few(found.new))
        if not names and any(block.strip(BLANKS) for block in chain([rest], blocks)):
            raise NotARelease(release.path, f"{name}.csv has rows, but no line of column names")
        headings[name] = found if names else None
    return headings


def _is_absent(release: Release, table: Table) -> bool:
    """Tell whether a release says itself that it has no such table, and can do without."""
    named = {*release.counts, *release.uncounted}
    says_so = bool(release.counts) and table.file_name not in named
    return says_so and table.file_name not in ESSENTIAL


def _identity(release: Release, headings: dict[str, Heading | None]) -> str:
    """Name what is loaded and by what, so that only the same is gone on with."""
    members = sorted((name, info.crc, info.file_size) for name, info in release.members.items())
    columns = [
        (name, [column.name for column in found.stored])
        for name, found in headings.items()
        if found
    ]
    facts = [FORMAT, _own_sources(), str(release.released), members, columns]
    facts.append(sorted(release.counts.items()))
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _own_sources() -> str:
    """Name the code and the lists that read a release, so that no two versions mix."""
    digest = hashlib.sha256()
    for package in ("columns", "release", "docket"):
        folder = Path(__file__).parent.parent / package
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".csv")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _begun(
    aside: Path, identity: str, accepted: set[str]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the docket that is being written: one that an interrupted run left, or a new one."""
    con = _left(aside, identity, accepted) or duckdb.connect(aside)
    with con:
        con.execute(SETTINGS)
        names = con.execute("select table_name from duckdb_tables()").fetchall()
        if ("load_identity",) not in names:
            con.execute("begin")
            con.execute("create table load_identity as select ? as identity", [identity])
            create_ledger(con)
            con.execute("commit")
        yield con


def _left(aside: Path, identity: str, accepted: set[str]) -> duckdb.DuckDBPyConnection | None:
    """Open what an interrupted run left, if it was loading the same; else remove it.

    A table that was accepted then, and is not now, is not gone on with.
    """
    if not aside.exists():
        return None
    try:
        con = duckdb.connect(aside)
        is_same = con.execute("from load_identity").fetchall() == [(identity,)]
        done = accounts_in(con).values() if is_same else ()
        if is_same and all(a.table.lower() in accepted for a in done if a.is_accepted):
            return con
        con.close()
    except duckdb.Error as error:
        if "set lock on file" in str(error) or "already attached" in str(error):
            raise InUse(aside) from error
    for each in (aside, aside.with_name(aside.name + ".wal")):
        each.unlink(missing_ok=True)
    return None


class _Stopped(Exception):
    """Another table's error, or a person, stopped the work."""


@dataclass
class _Loading:
    """Loads tables, some at a time, into one docket."""

    con: duckdb.DuckDBPyConnection
    release: Release
    headings: dict[str, Heading | None]
    accepted: set[str]
    chunk_bytes: int
    progress: Progress
    done: dict[str, TableAccount]
    bytes_done: int = 0
    bytes_total: int = 0
    lock: Lock = field(default_factory=Lock)
    stop: Event = field(default_factory=Event)

    def run(self, threads: int) -> tuple[tuple[TableAccount, ...], str]:
        """Load every table, the largest first; give their accounts, and the zip's checksum."""
        sizes = {name: info.file_size for name, info in self.release.members.items()}
        self.bytes_done = sum(sizes.get(name, 0) for name in self.done)
        self.bytes_total = self.release.size_bytes()
        waiting = sorted(
            (table for name, table in TABLES.items() if name not in self.done),
            key=lambda table: -sizes.get(table.file_name, 0),
        )
        with ThreadPoolExecutor(max(threads, 1)) as pool:
            jobs = {table.file_name: pool.submit(self._load, table) for table in waiting}
            summed = pool.submit(self.release.sha256, self._summing)
            in_order = [jobs[name] for name in TABLES if name in jobs]
            everything: list[Future[Any]] = [*in_order, summed]
            try:
                wait(everything, return_when=FIRST_EXCEPTION)
                _raise_first(everything)
            except BaseException:
                self.stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                _raise_first(everything)
                raise
        accounts = self.done | {name: job.result() for name, job in jobs.items()}
        return tuple(accounts[name] for name in TABLES), summed.result()

    def _load(self, table: Table) -> TableAccount:
        """Load one table in one transaction, and say where its rows went."""
        with self.con.cursor() as con:
            con.execute("begin")
            try:
                found = self.headings[table.file_name]
                account = self._read(con, table, found)
                con.execute("commit")
            except BaseException:
                with suppress(duckdb.Error):
                    con.execute("rollback")
                raise
        return account

    def _read(
        self, con: duckdb.DuckDBPyConnection, table: Table, found: Heading | None
    ) -> TableAccount:
        expected = self.release.counts.get(table.file_name)
        ledger = Ledger(con)
        if found is None:
            listed = ", ".join(f"{quoted(c.name)} {c.duckdb_type}" for c in table.columns)
            con.execute(f"create table {table.core} ({listed})")
            account = TableAccount(table.file_name, expected, 0, 0)
        else:
            reader = TableReader(con, found, possible_days(self.release.as_of))
            blocks = self._watched(table.file_name)
            _, rest = read_header(blocks)
            reader.run(chain([rest], blocks), self.chunk_bytes)
            account, ledger = reader.account(expected), reader.ledger
        account = self._checked(account, found)
        ledger.close(found or heading(table, ()), account)
        return account

    def _checked(self, account: TableAccount, found: Heading | None) -> TableAccount:
        """Hold a table's rows against what the release says."""
        accept = account.table.lower() in self.accepted
        is_off = account.expected is not None and account.expected != account.read
        is_empty = account.kept == 0 and account.table in ESSENTIAL
        is_absent = found is None and account.table not in self.release.members
        if is_off and not accept:
            raise CountMismatch(account.table, account.read, account.expected or 0)
        if is_empty and not accept:
            what = f"no row kept of {account.read:,}" if account.read else "no rows"
            raise EmptyTable(account.table, what)
        is_drifted = bool(found and found.missing) or is_absent
        return replace(account, is_accepted=accept and (is_off or is_empty or is_drifted))

    def _summing(self, what: str, done: float, total: float) -> None:
        """Tell how much of the checksum is done, and stop where a table has failed."""
        if self.stop.is_set():
            raise _Stopped
        self.progress(what, done, total)

    def _watched(self, name: str) -> Iterator[bytes]:
        """Give a table's bytes, tell how many, and stop where another table has failed."""
        for block in self.release.blocks(name):
            if self.stop.is_set():
                raise _Stopped
            with self.lock:
                self.bytes_done += len(block)
                done = self.bytes_done
            self.progress("loading tables", done, self.bytes_total)
            yield block


def _raise_first(jobs: list[Future[Any]]) -> None:
    """Raise the first error that is a job's own."""
    for job in jobs:
        if job.done() and not job.cancelled():
            error = job.exception()
            if error and not isinstance(error, _Stopped):
                raise error


def _write_release(con: duckdb.DuckDBPyConnection, release: Release, sha256: str) -> None:
    """Write down what was loaded."""
    con.execute(
        """
        create or replace table out_load__release as
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

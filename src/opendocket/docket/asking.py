"""Ask a docket in SQL: reading only, with no way to other files or to a network."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

import duckdb

from opendocket.columns.described import table_called
from opendocket.columns.own import OWN
from opendocket.docket.opened import Docket, open_docket
from opendocket.errors import BadQuery, UnknownName

ALLOWED = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
AT_ONCE = 10_000
"""Rows taken from DuckDB at a time."""

PATIENCE_SECONDS = 10
"""How long an interrupted query may take to end."""

T = TypeVar("T")

LOCK = """
set memory_limit = '{gigabytes}GB';
set python_enable_replacements = false;
set enable_external_access = false;
set lock_configuration = true;
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave; its rows are read as they are asked for."""

    docket: Docket
    query: str
    columns: tuple[str, ...]
    types: tuple[str, ...]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Give the rows, once.

        Raises:
            BadQuery: It went wrong on the way: a value is not a number, memory is short.
        """
        with _told():
            con = self.docket.con
            while some := _heeding(con, lambda: con.fetchmany(AT_ONCE)):
                yield from some

    def count(self) -> int | None:
        """Count all rows by asking anew; None where such a query cannot be counted."""
        con, query = self.docket.con, f"select count(*) from (\n{self.query}\n)"
        try:
            return int(_heeding(con, lambda: con.execute(query).fetchall())[0][0])
        except duckdb.Error:
            return None


@contextmanager
def asked(path: Path, query: str, *, gigabytes: float = 2.0) -> Iterator[Answer]:
    """Ask a docket one question in SQL.

    Args:
        path: What ``opendocket load`` wrote.
        query: One statement that reads.
        gigabytes: Memory that DuckDB may take, > 0.

    Yields:
        The answer; the docket closes with the block.

    Raises:
        NotADocket: ``path`` is no docket.
        BadQuery: Not one statement that reads, or one that DuckDB refuses; the error names
            what may have been meant.

    Example:
        >>> with asked(Path("nowhere.duckdb"), "select 1") as answer:
        ...     pass
        Traceback (most recent call last):
        ...
        opendocket.errors.NotADocket: nowhere.duckdb: no such file; expected a docket ...
    """
    with open_docket(path) as docket:
        docket.con.execute(LOCK.format(gigabytes=gigabytes))
        with _told():
            statement = _one_that_reads(docket.con, query)
            _heeding(docket.con, lambda: docket.con.execute(statement))
        described = docket.con.description or []
        yield Answer(
            docket=docket,
            query=statement.rstrip().rstrip(";"),
            columns=tuple(str(column[0]) for column in described),
            types=tuple(str(column[1]) for column in described),
        )


def _one_that_reads(con: duckdb.DuckDBPyConnection, query: str) -> str:
    statements = con.extract_statements(query)
    made = statements[:-1]
    if made and not made[0].query:
        # without a text of its own: DuckDB makes a type in memory for each PIVOT, then asks
        if _is_pivot(statements):
            return query
        raise BadQuery(
            "a PIVOT whose columns have to be looked up first, beside something else",
            "ask it alone, or name them: PIVOT … ON … IN ('a', 'b') USING …",
        )
    if len(statements) != 1:
        found = f"{len(statements)} statements" if statements else "nothing asked"
        raise BadQuery(found, "ask one thing at a time")
    if statements[0].type not in ALLOWED:
        found = f"a statement that does not only read ({statements[0].type.name})"
        raise BadQuery(found, "to change things, work on a file of your own")
    return statements[0].query


def _is_pivot(statements: Sequence[duckdb.Statement]) -> bool:
    *made, last = statements
    is_made = all(each.type == duckdb.StatementType.CREATE and not each.query for each in made)
    return is_made and last.type == duckdb.StatementType.SELECT


def _heeding(con: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """Do a query's work in a thread of its own: in DuckDB's hands Ctrl-C may wait for hours."""
    done, gave, failed = Event(), list[T](), list[BaseException]()

    def run() -> None:
        try:
            gave.append(work())
        except BaseException as error:
            failed.append(error)
        finally:
            done.set()

    Thread(target=run, daemon=True).start()
    try:
        while not done.wait(0.2):
            pass
    except BaseException:
        con.interrupt()
        done.wait(PATIENCE_SECONDS)
        raise
    if failed:
        raise failed[0]
    return gave[0]


@contextmanager
def _told() -> Iterator[None]:
    """Say what DuckDB refuses in one sentence."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise BadQuery(
            "needs more memory than it may take", "ask of fewer rows, or give it more memory"
        ) from error
    except duckdb.Error as error:
        raise _refused(str(error)) from error


def _refused(said: str) -> BadQuery:
    first = said.splitlines()[0].rstrip("!. ")
    missing = re.search(r"Table with name (\S+) does not exist", first)
    if missing and missing[1].lower() in OWN:
        return BadQuery(first, "this docket was made without it: load the release again")
    if names := _near(said):
        return BadQuery(first, f"perhaps {' or '.join(names)} is meant")
    return BadQuery(first)


def _near(said: str) -> list[str]:
    """Give names that may have been meant: tables by our lists, columns by DuckDB's word."""
    if table := re.search(r"Table with name (\S+) does not exist", said):
        try:
            known = table_called(table[1])
        except UnknownName as unknown:
            return list(unknown.near)
        return [getattr(known, "core", table[1])]
    candidates = re.search(r"Candidate bindings: (.*)", said)
    return re.findall(r'"([^"]+)"', candidates[1])[:3] if candidates else []

"""Give an older docket back from the newer one and the file of their changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from opendocket.changes.layout import NEW, attached
from opendocket.changes.record import FORMAT
from opendocket.columns import TABLES
from opendocket.docket import open_docket
from opendocket.docket.analysis import build_analysis_tables
from opendocket.docket.views import create_views
from opendocket.errors import AlreadyThere, WrongDocket
from opendocket.outputs import written_aside
from opendocket.progress import Progress, silent
from opendocket.quoting import quoted

OLDER = """
select {columns}
from {new}.core_eoir__{name} as n
{dropped}
where {is_untouched}
"""

UNTOUCHED = """
not exists (
    select 1
    from (
        select {was_key} as row_key from {changes}.was_eoir__{name}
        union
        select row_key from {changes}.came_eoir__{name}
    ) as touched
    where touched.row_key is not distinct from {key}
)
"""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: str
    state: str
    now: str | None
    now_kind: str | None
    is_key: bool

    def value(self) -> str:
        """Write the column's older value for a row that did not change."""
        if self.state == "dropped":
            return f"d.{quoted(self.name)}"
        if self.now is None:
            return f"null::{self.kind}"
        return f"n.{quoted(self.now)}::{self.kind}"

    def key(self, name: str, prefix: str = "") -> str:
        """Write the key as the file of changes stores it: as text where the types differ."""
        text = "" if self.kind == self.now_kind else "::varchar"
        return f"{prefix}{quoted(name)}{text}"


@contextmanager
def opened_changes(new: Path, changes: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a file of changes, with the newer docket attached as ``new_docket``.

    Args:
        new: The newer docket of the two that were compared.
        changes: What :func:`opendocket.changes.compare.compare_dockets` wrote.

    Yields:
        A connection; ``older_rows`` asks it.

    Raises:
        NotADocket: ``new`` is none.
        WrongDocket: ``changes`` is no such file, or was made with another newer docket.
    """
    with duckdb.connect() as con:
        _attach(con, new, changes)
        con.execute("use changes")
        yield con


def _attach(con: duckdb.DuckDBPyConnection, new: Path, changes: Path) -> None:
    """Attach both files, if they belong together."""
    with open_docket(new) as docket:
        sha256 = docket.release_sha256
    try:
        attached(con, changes, "changes")
        formats = con.execute(
            """
            select changes_format_code, sha256
            from changes.out_changes__release where side_code = 'new'
            """
        ).fetchall()
    except duckdb.Error as error:
        raise _wrong(changes, "not a file of changes") from error
    if [form for form, _ in formats] != [FORMAT]:
        raise _wrong(changes, "a file of changes of another format")
    if formats[0][1] != sha256:
        raise WrongDocket(
            new,
            "made from another release than the changes were",
            f"the newer of the two dockets that {changes.name} was made from",
            "name that docket",
        )
    attached(con, new, NEW)


def _wrong(path: Path, found: str) -> WrongDocket:
    return WrongDocket(
        path,
        found,
        "what this version's `opendocket compare` wrote with --out",
        "compare the two dockets again",
    )


def older_rows(con: duckdb.DuckDBPyConnection, table: str) -> duckdb.DuckDBPyRelation:
    """Give a table's rows as the older docket had them.

    Args:
        con: From :func:`opened_changes`.
        table: The agency's file name, such as ``A_TblCase``.

    Returns:
        The rows, in no order, with the older docket's columns and types.

    Raises:
        KeyError: No table of that name.
    """
    return con.sql(_query(con, table))


def _query(con: duckdb.DuckDBPyConnection, table: str) -> str:
    name = TABLES[table].name
    columns = _columns(con, table)
    key = next((column for column in columns if column.is_key), None)
    now_key = key.key(key.now or "", "n.") if key else "null::bigint"
    was_key = key.key(key.name) if key else "null::bigint"
    stored = _stored(con)
    has_dropped = f"dropped_eoir__{name}" in stored
    query = OLDER.format(
        columns=", ".join(f"{column.value()} as {quoted(column.name)}" for column in columns),
        new=NEW,
        name=name,
        dropped=f"left join changes.dropped_eoir__{name} as d on d.row_key = {now_key}"
        if has_dropped
        else "",
        is_untouched=UNTOUCHED.format(
            was_key=was_key, key=now_key, name=name, changes="changes"
        )
        if f"was_eoir__{name}" in stored
        else "true",
    )
    if f"was_eoir__{name}" not in stored:
        return query
    listed = ", ".join(quoted(column.name) for column in columns)
    return f"{query} union all select {listed} from changes.was_eoir__{name}"


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[_Column]:
    rows = con.execute(
        """
        select column_name, type_name, state_code, new_column_name, new_type_name, is_key
        from changes.out_changes__column
        where table_name = ? and position is not null
        order by position
        """,
        [table],
    ).fetchall()
    return [_Column(*row) for row in rows]


def _stored(con: duckdb.DuckDBPyConnection) -> set[str]:
    query = "select table_name from duckdb_tables() where database_name = 'changes'"
    return {name for (name,) in con.execute(query).fetchall()}


def write_older(
    new: Path,
    changes: Path,
    out: Path,
    *,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Path:
    """Write the older docket of two, as it was loaded.

    Args:
        new: The newer docket.
        changes: What :func:`opendocket.changes.compare.compare_dockets` wrote.
        out: The docket to write.
        overwrite: Replace a docket that is there.
        progress: Told of tables written.

    Returns:
        ``out``: every table of the release with the very rows it had, their order aside; what
        was set aside, and the account; and the analysis tables and views, built anew.

    Raises:
        NotADocket: ``new`` is none.
        WrongDocket: ``changes`` is no such file, or was made with another newer docket.
        AlreadyThere: ``out`` exists, and ``overwrite`` is off; or it is what is read.
        NoRoom: The disk filled up.
    """
    for needed in (new, changes):
        if out.exists() and needed.exists() and out.samefile(needed):
            raise AlreadyThere(out, "the older docket is made from it: name another file")
    with written_aside(out, overwrite=overwrite) as aside, duckdb.connect(aside) as con:
        con.execute("set memory_limit = '2GB'")
        _attach(con, new, changes)
        for done, (name, table) in enumerate(TABLES.items()):
            progress("writing tables", done, len(TABLES))
            order = f"order by {quoted(table.key)}" if table.key else ""
            con.execute(f"create table {table.core} as {_query(con, name)} {order}")
        progress("writing tables", len(TABLES), len(TABLES))
        for name in _beside(con):
            con.execute(f"create table {name} as from changes.was.{name}")
        con.execute("detach changes; detach new_docket")
        (as_of,) = con.execute("select as_of_date from out_load__release").fetchall()[0]
        build_analysis_tables(con, as_of, progress)
        create_views(con)
        con.execute("checkpoint")
    return out


def _beside(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Name what the older docket's load wrote beside the release's tables."""
    query = """
        select table_name from duckdb_tables()
        where database_name = 'changes' and schema_name = 'was'
        order by table_name
    """
    return [name for (name,) in con.execute(query).fetchall()]

"""What two dockets have in common: which tables, and which columns of each.

In SQL the two are attached as ``old_docket`` and ``new_docket``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from opendocket.columns import TABLES, Table
from opendocket.quoting import literal, quoted

Side = Literal["old_docket", "new_docket"]
OLD: Side = "old_docket"
NEW: Side = "new_docket"

NOT_THERE = """
select table_name from {side}.out_load__column
group by table_name
having bool_and(state = 'missing')
"""
"""A table that a release lacks stands empty in its docket, with all its columns missing."""

MISSING = """
select table_name, column_name from {side}.out_load__column where state = 'missing'
"""
"""A column that a release lacks stands empty in its docket."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of two dockets, and what may be compared in it."""

    table: Table
    in_old: bool
    in_new: bool
    old_types: dict[str, str]
    """Every column that the older docket stores, with its type, in order."""
    new_types: dict[str, str]
    common: tuple[tuple[str, str], ...]
    """Columns that both releases have, as the older and the newer docket spell them."""
    added: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str] | None:
        """Give the column that numbers the rows in both releases, if there is one."""
        wanted = (self.table.key or "").lower()
        return next((pair for pair in self.common if pair[0].lower() == wanted), None)

    @property
    def body(self) -> tuple[tuple[str, str], ...]:
        """Give the common columns but for the key."""
        return tuple(pair for pair in self.common if pair != self.key)

    def types(self, side: Side) -> dict[str, str]:
        """Give the columns of one docket, with their types."""
        return self.old_types if side == OLD else self.new_types

    def value(self, pair: tuple[str, str], side: Side) -> str:
        """Write a common column so that both dockets' values can be held against each other.

        Where the types differ, a column unknown to one of the loaders, the text decides.
        """
        is_alike = self.old_types[pair[0]] == self.new_types[pair[1]]
        name = quoted(pair[0] if side == OLD else pair[1])
        return name if is_alike else f"{name}::varchar"

    def key_value(self, side: Side) -> str:
        """Write the key in SQL; null where the table has none."""
        return self.value(self.key, side) if self.key else "null::bigint"


def attached(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Attach a database for reading, whatever its path is made of."""
    con.execute(f"attach {literal(str(path.absolute()))} as {name} (read_only)")


@dataclass(frozen=True, slots=True)
class _Stored:
    """What one docket stores."""

    types: dict[str, dict[str, str]]
    """Columns with their types, in order, by table."""
    absent: set[str]
    """The agency's names of tables that the release lacked."""
    missing: set[tuple[str, str]]
    """Columns that the release lacked, by the agency's name of the table, in lower case."""

    def there(self, table: Table) -> dict[str, str]:
        """Give the stored columns that the release had, by their names in lower case."""
        name = table.file_name
        stored = self.types.get(table.core, {})
        return {c.lower(): c for c in stored if (name, c.lower()) not in self.missing}


def layouts(con: duckdb.DuckDBPyConnection) -> tuple[Layout, ...]:
    """Give every table of the two dockets.

    Args:
        con: A connection to which both are attached.

    Returns:
        The tables in the catalogue's order.
    """
    old, new = _stored(con, OLD), _stored(con, NEW)
    return tuple(_layout(table, old, new) for table in TABLES.values())


def _layout(table: Table, old: _Stored, new: _Stored) -> Layout:
    name, core = table.file_name, table.core
    in_old, in_new = name not in old.absent, name not in new.absent
    old_there, new_there = old.there(table), new.there(table)
    if not (in_old and in_new):  # every row is gone or new, and no column is added or dropped
        old_there = _lower(old.types[core])
        new_there = _lower(new.types[core])
    return Layout(
        table=table,
        in_old=in_old,
        in_new=in_new,
        old_types=old.types[core],
        new_types=new.types[core],
        common=tuple((old_there[n], new_there[n]) for n in old_there if n in new_there),
        added=tuple(new_there[n] for n in new_there if n not in old_there),
        dropped=tuple(old_there[n] for n in old_there if n not in new_there),
    )


def _stored(con: duckdb.DuckDBPyConnection, side: Side) -> _Stored:
    rows = con.execute(
        """
        select table_name, column_name, data_type from duckdb_columns()
        where database_name = ?
        order by table_name, column_index
        """,
        [side],
    ).fetchall()
    types: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        types.setdefault(table, {})[column] = kind
    missing = con.execute(MISSING.format(side=side)).fetchall()
    return _Stored(
        types=types,
        absent={name for (name,) in con.execute(NOT_THERE.format(side=side)).fetchall()},
        missing={(table, column.lower()) for table, column in missing},
    )


def _lower(types: dict[str, str]) -> dict[str, str]:
    return {name.lower(): name for name in types}

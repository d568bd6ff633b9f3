"""What a file of changes writes down: which releases, which tables, which columns."""

import duckdb
import polars as pl

from opendocket.arrow import visible
from opendocket.changes.layout import NEW, OLD, Layout
from opendocket.changes.rows import TableChanges

FORMAT = 1
"""Of a file of changes; raised when older ones cannot be read any more."""

RELEASES = f"""
create table out_changes__release as
select {FORMAT}::integer as changes_format_code, 'old' as side_code, *
from {OLD}.out_load__release
union all by name
select {FORMAT}::integer as changes_format_code, 'new' as side_code, *
from {NEW}.out_load__release
"""

BESIDE = """
select table_name from duckdb_tables()
where database_name = ? and (table_name like 'aside_%' or table_name like 'out_load_%')
order by table_name
"""
"""What a load writes beside the release's own tables."""


def record_releases(con: duckdb.DuckDBPyConnection) -> None:
    """Write which releases were compared, and copy what the older one's load wrote down.

    Args:
        con: The file of changes, both dockets attached.
    """
    con.execute(RELEASES)
    con.execute("create schema was")
    for (name,) in con.execute(BESIDE, [OLD]).fetchall():
        con.execute(f"create table was.{name} as from {OLD}.{name}")


def record_tables(
    con: duckdb.DuckDBPyConnection, tables: tuple[Layout, ...], found: list[TableChanges]
) -> None:
    """Write the counts of every table."""
    rows = [
        {
            "table_name": changes.table,
            "core_name": layout.table.name,
            "is_in_old": changes.in_old,
            "is_in_new": changes.in_new,
            "old_count": changes.old,
            "new_count": changes.new,
            "gone_row_count": changes.gone,
            "new_row_count": changes.come,
            "changed_row_count": changes.changed,
            "rekeyed_row_count": changes.rekeyed,
        }
        for layout, changes in zip(tables, found, strict=True)
    ]
    _write(con, "table", pl.DataFrame(rows))


def record_columns(
    con: duckdb.DuckDBPyConnection, tables: tuple[Layout, ...], found: list[TableChanges]
) -> None:
    """Write every column of the older docket, where its values are now, and columns added."""
    rows = [
        row
        for layout, changes in zip(tables, found, strict=True)
        for row in (*_older(layout, changes), *_added(layout))
    ]
    schema = {
        "table_name": pl.String,
        "column_name": pl.String,
        "position": pl.Int64,
        "type_name": pl.String,
        "state_code": pl.String,
        "new_column_name": pl.String,
        "new_type_name": pl.String,
        "is_key": pl.Boolean,
        "changed_row_count": pl.Int64,
    }
    _write(con, "column", pl.DataFrame(rows, schema=schema))


def _older(layout: Layout, changes: TableChanges) -> list[dict[str, object]]:
    now = dict(layout.common)
    return [
        {
            "table_name": layout.table.file_name,
            "column_name": name,
            "position": at,
            "type_name": kind,
            "state_code": "common"
            if name in now
            else "dropped"
            if name in layout.dropped
            else "empty",
            "new_column_name": now.get(name),
            "new_type_name": layout.new_types.get(now.get(name, "")),
            "is_key": bool(layout.key) and layout.key is not None and layout.key[0] == name,
            "changed_row_count": changes.columns_changed.get(now.get(name, ""), 0),
        }
        for at, (name, kind) in enumerate(layout.old_types.items(), start=1)
    ]


def _added(layout: Layout) -> list[dict[str, object]]:
    return [
        {
            "table_name": layout.table.file_name,
            "column_name": name,
            "position": None,
            "type_name": None,
            "state_code": "added",
            "new_column_name": name,
            "new_type_name": layout.new_types[name],
            "is_key": False,
            "changed_row_count": 0,
        }
        for name in layout.added
    ]


def _write(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    with visible(con, "made", frame):
        con.execute(f"create table out_changes__{name} as from made")

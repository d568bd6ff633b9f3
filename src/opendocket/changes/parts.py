"""A table's keys in ranges, so that no more than one range of two dockets is in memory."""

from itertools import pairwise

import duckdb

from opendocket.changes.layout import NEW, OLD, Layout, Side
from opendocket.quoting import quoted

ROWS_AT_ONCE = 3_000_000
"""Rows of one docket that are held against the other's at a time."""

GROUP = 122_880
"""Rows that DuckDB stores together, with the least and the largest of each column."""

CROSSED = """
select count(*)
from (
    select min({key}) as first, max({key}) as last
    from {side}.{core}
    group by rowid // {group}
)
join (select unnest({cuts}) as cut) on first < cut and cut <= last
"""
"""How often a cut goes through a group of rows: about once each, where rows lie in order."""

CUTS = """
select quantile_disc(k, {shares})
from (select {key} as k from {side}.{core} using sample 2 percent (system, 1))
"""


def key_parts(
    con: duckdb.DuckDBPyConnection, layout: Layout, *, rows_at_once: int = ROWS_AT_ONCE
) -> tuple[str, ...]:
    """Cut a table's keys into ranges that one after the other fit into memory.

    Every row is in one of them, whatever its key. Where rows do not lie in the order of their
    keys, a range costs as much to read as the table does; then the ranges are few, and what
    does not fit goes to disk.

    Args:
        con: A connection to which both dockets are attached.
        layout: The table.
        rows_at_once: Rows of one docket in a range, about.

    Returns:
        Conditions in SQL on a key named ``__key``; the last of them is that there is none.
    """
    cuts = _cuts(con, layout, rows_at_once) if layout.key else []
    if not layout.key:
        return ("__key is null",)
    if not cuts:
        return ("__key is not null", "__key is null")
    between = [f"__key >= {a} and __key < {b}" for a, b in pairwise(cuts)]
    return (f"__key < {cuts[0]}", *between, f"__key >= {cuts[-1]}", "__key is null")


def _cuts(con: duckdb.DuckDBPyConnection, layout: Layout, rows_at_once: int) -> list[int]:
    side: Side = NEW if layout.in_new else OLD
    core, types = layout.table.core, layout.types(side)
    assert layout.key
    name = layout.key[1 if side == NEW else 0]
    (rows,) = con.execute(f"select count(*) from {side}.{core}").fetchall()[0]
    wanted = rows // rows_at_once
    if not wanted or types[name] != "BIGINT" or "::" in layout.key_value(side):
        return []
    names = {"key": quoted(name), "side": side, "core": core}
    shares = [(at + 1) / (wanted + 1) for at in range(wanted)]
    (found,) = con.execute(CUTS.format(shares=shares, **names)).fetchall()[0]
    cuts = sorted(set(found or []))
    if not cuts:
        return []
    (crossed,) = con.execute(CROSSED.format(cuts=cuts, group=GROUP, **names)).fetchall()[0]
    return cuts if crossed - len(cuts) <= rows / GROUP else []

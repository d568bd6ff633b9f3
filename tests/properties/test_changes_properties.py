"""Any two small tables: what SQL finds is what counting by hand finds.

The judge is plain Python over multisets, and shares nothing with the comparison.
"""

from collections import Counter
from functools import cache
from tempfile import TemporaryDirectory

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendocket.arrow import visible
from opendocket.changes.compare import MOVED
from opendocket.changes.layout import NEW, OLD, Layout
from opendocket.changes.rows import compare_table
from opendocket.columns import TABLES

TABLE = TABLES["tblAppeal2"]
"""Three numbers; the first is the key."""
TYPES = {"idnAppeal": "BIGINT", "idncase": "BIGINT", "idnProceeding": "VARCHAR"}
SCHEMA = {"idnAppeal": pl.Int64, "idncase": pl.Int64, "idnProceeding": pl.String}

keys = st.one_of(st.none(), st.integers(1, 5))
rows = st.lists(
    st.tuples(keys, st.one_of(st.none(), st.integers(1, 2)), st.sampled_from([None, "", "a"])),
    max_size=8,
)


def layout(*, has_key=True, dropped=(), added=()):
    """Describe the table as both dockets store it."""
    common = [name for name in TYPES if name not in (*dropped, *added)]
    if not has_key:
        common.remove("idnAppeal")
    return Layout(
        table=TABLE,
        in_old=True,
        in_new=True,
        old_types={n: t for n, t in TYPES.items() if n not in added},
        new_types={n: t for n, t in TYPES.items() if n not in dropped},
        common=tuple((name, name) for name in common),
        added=tuple(added),
        dropped=tuple(dropped),
    )


@cache
def bench():
    """Open one connection for every example, with two empty dockets attached."""
    con = duckdb.connect()
    for side in (OLD, NEW):
        con.execute(f"attach ':memory:' as {side}")
    con.execute(MOVED)
    return con


def compared(old, new, described, *, rows_at_once=1_000):
    """Compare two tables made of rows, each with the columns that the layout gives it."""
    con = bench()
    for layer in ("was", "came", "dropped"):
        con.execute(f"drop table if exists {layer}_eoir__{TABLE.name}")
    for side, there in ((OLD, old), (NEW, new)):
        frame = pl.DataFrame(there, schema=SCHEMA, orient="row")
        with visible(con, "given", frame.select(list(described.types(side)))):
            con.execute(f"create or replace table {side}.{TABLE.core} as from given")
    return compare_table(con, described, lambda n: None, rows_at_once=rows_at_once)


def by_hand(old, new):
    """Count gone, new, changed and re-keyed rows of a keyed table, one at a time."""
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    changed = 0
    for key in {row[0] for row in [*gone, *come]} - {None}:
        lost = [row for row in gone.elements() if row[0] == key]
        found = [row for row in come.elements() if row[0] == key]
        if len(lost) == len(found) == 1:
            changed += 1
            del gone[lost[0]], come[found[0]]
    bodies = Counter(row[1:] for row in gone.elements() if any(v is not None for v in row[1:]))
    rekeyed = (bodies & Counter(row[1:] for row in come.elements())).total()
    return gone.total() - rekeyed, come.total() - rekeyed, changed, rekeyed


def counts(found):
    return found.gone, found.come, found.changed, found.rekeyed


@given(old=rows, new=rows)
def test_rows_are_counted_as_by_hand(old, new):
    found = compared(old, new, layout())

    assert counts(found) == by_hand(old, new)


@given(old=rows, new=rows)
def test_a_table_without_a_key_is_a_multiset_of_rows(old, new):
    old, new = ([row[1:] for row in part] for part in (old, new))
    padded = [[(0, *row) for row in part] for part in (old, new)]
    found = compared(*padded, layout(has_key=False))

    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    assert counts(found) == (gone.total(), come.total(), 0, 0)


@given(old=rows, new=rows, dropped=st.sampled_from([(), ("idnProceeding",), ("idncase",)]))
def test_the_newer_rows_and_the_changes_give_the_older_rows_back(old, new, dropped):
    described = layout(dropped=dropped)
    compared(old, new, described)
    back = given_back(bench(), described)

    assert Counter(back) == Counter(old)


def given_back(con, described):
    """Put the older rows together by hand from what the comparison stored."""
    tables = {
        name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()
    }
    there = con.execute(f"from {NEW}.{TABLE.core}").fetchall()
    was, touched = [], set()
    if f"was_eoir__{TABLE.name}" in tables:
        was = con.execute(f"from was_eoir__{TABLE.name}").fetchall()
        came = con.execute(f"select row_key from came_eoir__{TABLE.name}").fetchall()
        touched = {row[0] for row in [*was, *came]}
    lost = {}
    if f"dropped_eoir__{TABLE.name}" in tables:
        lost = dict(con.execute(f"from dropped_eoir__{TABLE.name}").fetchall())
    names = list(described.new_types)
    stay = [dict(zip(names, row, strict=True)) for row in there if row[0] not in touched]
    for row in stay:
        row |= {name: lost.get(row["idnAppeal"]) for name in described.dropped}
    return [*(row[:-1] for row in was), *(tuple(row[name] for name in TYPES) for row in stay)]


@pytest.mark.parametrize("rows_at_once", [1, 50, 300])
def test_keys_in_ranges_leave_no_row_out(rows_at_once):
    old = [(key, key % 7, str(key)) for key in range(1_000)] + [(None, 1, "x")] * 3
    new = [(key, key % 7, str(key)) for key in range(10, 1_200) if key % 100] + [(None, 1, "x")]
    new += [(5_000 + key, key % 7, str(key)) for key in range(2)]
    found = compared(old, new, layout(), rows_at_once=rows_at_once)

    assert counts(found) == by_hand(old, new)


def test_the_comparison_spills_to_disk_where_memory_is_short():
    with TemporaryDirectory() as folder:
        con = duckdb.connect(f"{folder}/changes.duckdb", config={"memory_limit": "40MB"})
        for side, change in ((OLD, "0"), (NEW, "(key % 10 = 0)::int")):
            con.execute(f"attach '{folder}/{side}.duckdb' as {side}")
            con.execute(
                f"""
                create table {side}.{TABLE.core} as
                select
                    (hash(key) >> 2)::bigint        as idnAppeal,
                    key + {change}                  as idncase,
                    repeat(key::varchar, 3)         as idnProceeding
                from range(400_000) as t(key)
                """
            )
        con.execute(MOVED)
        found = compare_table(con, layout(), lambda n: None)
        con.close()

    assert counts(found) == (0, 0, 40_000, 0)
    assert found.columns_changed == {"idncase": 40_000}

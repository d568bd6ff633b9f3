"""One table of two dockets, row by row: gone, new, changed, re-keyed.

A row is its key and a *body*, the columns that both releases have. Bodies are compared under
their exact key by two 64-bit hashes, of the columns forwards and backwards. Both rest on a
64-bit hash of each value, so what could be missed is a row in which one text changed to
another of the same hash: among ten million changed rows, less than one chance in a million
million. Empty equals empty.

Rows are counted, not looked up: rows without a key, and several rows under one key, are
compared as a multiset, and none is lost.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import duckdb

from opendocket.changes.layout import NEW, OLD, Layout, Side
from opendocket.changes.parts import ROWS_AT_ONCE, key_parts
from opendocket.changes.places import case_and_day
from opendocket.quoting import quoted

NET = """
create or replace temp table net as
select
    __key,
    __first,
    __second,
    sum(side)::bigint as moved
from (
    select {old_key} as __key, {old_first} as __first, {old_second} as __second, -1 as side
    from old_docket.{core}
    union all
    select {new_key}, {new_first}, {new_second}, 1
    from new_docket.{core}
)
where {part}
group by __key, __first, __second
having sum(side) <> 0
"""
"""Bodies under a key that one docket has more often than the other."""

TOUCHED = """
create or replace temp table touched as
select
    __key,
    __key is not null and sum(abs(moved)) = 2 and sum(moved) = 0 as is_changed
from net
group by __key
"""
"""Keys under which something differs; changed where one row took the place of one."""

MOVED_ROWS = """
create or replace temp table {side}_rows as
with there as (
    select
        {columns},
        {key}                                                       as __key,
        {first}                                                     as __first,
        {second}                                                    as __second
    from {side}.{core}
    where {part} and {is_touched}
),
numbered as (
    select
        *,
        row_number() over (partition by __key, __first, __second)   as __copy
    from there
)
select
    numbered.* exclude (__copy),
    case
        when __copy <= coalesce({sign} * net.moved, 0)
        then case when touched.is_changed then 'changed' else '{alone}' end
        else 'kept'
    end                                                             as __change
from numbered
left join net
    on net.__key is not distinct from numbered.__key
    and net.__first = numbered.__first
    and net.__second = numbered.__second
left join touched on touched.__key is not distinct from numbered.__key
"""
"""One docket's rows under those keys, whole, and what became of each."""

DIFFERING = """
select {counts}
from old_docket_rows as o
join new_docket_rows as n using (__key)
where o.__change = 'changed' and n.__change = 'changed'
"""

REPEATED = """
insert into was
with there as (
    select
        *,
        {key}                                                       as __key,
        {first}                                                     as __first,
        {second}                                                    as __second,
        'kept'                                                      as __change
    from old_docket.{core}
),
repeated as (
    select __key from there group by __key having count(*) > 1 or __key is null
)
select there.*
from there
where exists (select 1 from repeated as r where r.__key is not distinct from there.__key)
    and not exists (select 1 from was as w where w.__key is not distinct from there.__key)
"""
"""Rows under a key of several, or of none: a dropped column could not be put back by key."""

DROPPED = """
create table dropped_eoir__{name} as
select {key} as row_key, {dropped}
from old_docket.{core}
where {key} is not null
    and {key} not in (select __key from was where __key is not null)
    and coalesce({texts}) is not null
"""
"""What dropped columns held in the rows that are otherwise still there."""

PAIRED = """
create or replace temp table paired as
with gone as (
    select
        rowid as was_row,
        __key,
        __first,
        __second,
        row_number() over (partition by __first, __second order by __key nulls last) as place
    from was
    where __change = 'gone' and {is_filled}
),
come as (
    select
        rowid as came_row,
        __key,
        __first,
        __second,
        row_number() over (partition by __first, __second order by __key nulls last) as place
    from came
    where __change = 'new'
)
select was_row, came_row, gone.__key as was_key
from gone join come using (__first, __second, place)
"""
"""Rows gone under one key and there again under another, all else equal, one to one."""

STORE = """
create table was_eoir__{name} as
select
    {columns},
    case when was_row is not null then 're-keyed' else __change end as change_code
from was left join paired on was_row = was.rowid;

create table came_eoir__{name} as
select
    __key                                                           as row_key,
    case when came_row is not null then 're-keyed' else __change end as change_code,
    was_key
from came left join paired on came_row = came.rowid;

insert into moved
select '{file_name}', change_code, case_id, own_date
from (
    select {was_case} as case_id, {was_day} as own_date, change_code
    from was_eoir__{name}
    union all
    select case_id, own_date, __change
    from came
    where __change = 'new' and rowid not in (select came_row from paired)
)
where change_code <> 'kept';
"""

Watch = Callable[[float], None]
"""Told of rows compared."""


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What became of one table's rows and columns from one release to the next."""

    table: str
    in_old: bool
    in_new: bool
    old: int
    """Rows."""
    new: int
    gone: int = 0
    come: int = 0
    """Rows that are new."""
    changed: int = 0
    """Rows under the same key with another body."""
    rekeyed: int = 0
    """Rows under another key, all else equal."""
    columns_changed: dict[str, int] = field(default_factory=dict)
    """Changed rows by column; most first."""
    columns_added: tuple[str, ...] = ()
    columns_dropped: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs, neither rows nor columns."""
        rows = self.gone + self.come + self.changed + self.rekeyed
        lists = self.columns_added or self.columns_dropped or self.in_old != self.in_new
        return not (rows or lists)


def compare_table(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    watch: Watch,
    *,
    rows_at_once: int = ROWS_AT_ONCE,
) -> TableChanges:
    """Compare a table of two dockets, and store what gives the older one back.

    Args:
        con: The file of changes, with ``old_docket`` and ``new_docket`` attached, and a
            table ``moved`` for the cases whose rows moved.
        layout: The table.
        watch: Told of rows compared.
        rows_at_once: Rows of one docket in memory at a time, about.

    Returns:
        The counts. ``was_eoir__…`` holds the older rows whole, ``came_eoir__…`` the keys of
        the newer ones; neither is made where no row differs.
    """
    old, new = (_count(con, layout, side) for side in (OLD, NEW))
    columns: Counter[str] = Counter()
    _prepare(con, layout)
    parts = key_parts(con, layout, rows_at_once=rows_at_once)
    for part in parts:
        columns += _compare_part(con, layout, part)
        watch((old + new) / len(parts))
    _keep_repeated(con, layout)
    changes = _stored(con, layout)
    return TableChanges(
        table=layout.table.file_name,
        in_old=layout.in_old,
        in_new=layout.in_new,
        old=old,
        new=new,
        gone=changes["gone"],
        come=changes["new"],
        changed=changes["changed"],
        rekeyed=changes["re-keyed"],
        columns_changed=dict(sorted(columns.items(), key=lambda pair: (-pair[1], pair[0]))),
        columns_added=layout.added,
        columns_dropped=layout.dropped,
    )


def _count(con: duckdb.DuckDBPyConnection, layout: Layout, side: Side) -> int:
    if not layout.types(side):
        return 0
    query = f"select count(*) from {side}.{layout.table.core}"
    return int(con.execute(query).fetchall()[0][0])


def _prepare(con: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Make empty tables for the rows that differ."""
    key = layout.old_types[layout.key[0]] if layout.key else "BIGINT"
    if "::" in layout.key_value(OLD):
        key = "VARCHAR"
    hashes = f"__key {key}, __first ubigint, __second ubigint, __change varchar"
    columns = [f"{quoted(name)} {kind}" for name, kind in layout.old_types.items()]
    con.execute(f"create or replace temp table was ({', '.join([*columns, hashes])})")
    con.execute(f"create or replace temp table came ({hashes}, case_id bigint, own_date date)")


def _compare_part(con: duckdb.DuckDBPyConnection, layout: Layout, part: str) -> Counter[str]:
    """Compare one range of keys; give changed rows by column."""
    old, new = _expressions(layout, OLD), _expressions(layout, NEW)
    con.execute(
        NET.format(
            core=layout.table.core,
            part=part,
            **{f"old_{name}": sql for name, sql in old.items()},
            **{f"new_{name}": sql for name, sql in new.items()},
        )
    )
    con.execute(TOUCHED)
    if not con.execute("select count(*) from touched").fetchall()[0][0]:
        return Counter()
    for side, sign, alone in ((OLD, -1, "gone"), (NEW, 1, "new")):
        _take_rows(con, layout, part, side=side, sign=sign, alone=alone)
    con.execute("insert into was from old_docket_rows")
    case, day = case_and_day(layout.table, layout.new_types)
    con.execute(
        f"""
        insert into came
        select __key, __first, __second, __change, {case}, {day}
        from new_docket_rows where __change <> 'kept'
        """
    )
    return _differing(con, layout)


def _expressions(layout: Layout, side: Side) -> dict[str, str]:
    """Write a side's key and the two hashes of its body."""
    values = [layout.value(pair, side) for pair in layout.body] or ["1"]
    return {
        "key": layout.key_value(side),
        "first": f"hash({', '.join(values)})",
        "second": f"hash({', '.join([*values[::-1], '2'])})",
    }


def _take_rows(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    part: str,
    *,
    side: Side,
    sign: int,
    alone: str,
) -> None:
    is_null = part == "__key is null"
    con.execute(
        MOVED_ROWS.format(
            side=side,
            core=layout.table.core,
            columns=", ".join(quoted(name) for name in layout.types(side)),
            part=part,
            # under no key there is one group of rows: all of them, where one differs
            is_touched="true" if is_null else "__key in (select __key from touched)",
            sign=sign,
            alone=alone,
            **_expressions(layout, side),
        )
    )


def _differing(con: duckdb.DuckDBPyConnection, layout: Layout) -> Counter[str]:
    counts = [
        f"count(*) filter (o.{layout.value(pair, OLD)} is distinct from "
        f"n.{layout.value(pair, NEW)})"
        for pair in layout.body
    ]
    if not counts:
        return Counter()
    found = con.execute(DIFFERING.format(counts=", ".join(counts))).fetchall()[0]
    return Counter({new: n for (_, new), n in zip(layout.body, found, strict=True) if n})


def _keep_repeated(con: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Keep what a dropped column held, and whole rows where a key does not tell them apart."""
    if not (layout.dropped and layout.in_new):
        return
    names = {
        "name": layout.table.name,
        "core": layout.table.core,
        "dropped": ", ".join(quoted(name) for name in layout.dropped),
        "texts": ", ".join(f"{quoted(name)}::varchar" for name in layout.dropped),
    }
    for statement in (REPEATED, DROPPED):
        con.execute(statement.format(**names, **_expressions(layout, OLD)))


def _stored(con: duckdb.DuckDBPyConnection, layout: Layout) -> Counter[str]:
    """Pair what was re-keyed, write what differs to the file, and count it."""
    table = layout.table
    (rows,) = con.execute(
        "select (select count(*) from was) + (select count(*) from came)"
    ).fetchall()[0]
    if not rows:
        return Counter()
    filled = [f"{quoted(old)} is not null" for old, _ in layout.body]
    con.execute(PAIRED.format(is_filled=f"({' or '.join(filled or ['false'])})"))
    case, day = case_and_day(table, layout.old_types)
    con.execute(
        STORE.format(
            name=table.name,
            file_name=table.file_name,
            columns=", ".join(quoted(name) for name in layout.old_types),
            was_case=case,
            was_day=day,
        )
    )
    counted = f"""
        select change_code, count(*) from was_eoir__{table.name} group by all
        union all
        select change_code, count(*) from came_eoir__{table.name}
        where change_code = 'new' group by all
    """
    return Counter(dict(con.execute(counted).fetchall()))

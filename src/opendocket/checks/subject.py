"""The docket under examination: what is counted in it is counted here, and counted once.

Nothing is taken from the docket's own account but what the account is held against. The
counting shares no code with the loader or the measures, and works in pieces, so that a
release of national size is counted in little memory.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil

import duckdb

from opendocket.columns import TABLES, Column, Table, table_named
from opendocket.columns.links import Link
from opendocket.quoting import quoted

FILL, TWICE, LEAD, CODE, LIFE = 0.05, 2.4, 2.2, 0.3, 7.0
"""What it costs to look at a row, by what is asked of it; only progress is told by it."""

Count = Callable[[float], None]
"""Told of rows that were looked at."""

NATIONAL_CASES = TABLES["A_TblCase"].rows_2026_07 or 0
NATIONAL_DATE = date(2026, 7, 1)
"""Day of the release that the known numbers are of."""
NATIONAL_SHARE = 0.5
"""A release with this part of its cases is one of national size."""
AT_A_TIME = 4_000_000
"""Keys held in memory at a time."""
EARLIEST = date(1910, 1, 1)
"""Earlier dates are slips or sentinels (1900-01-01)."""
YEARS_AHEAD = 20
"""Hearings are set up to 14 years ahead (2040 in the release of 2026)."""
DATED = frozenset({"DATE", "TIMESTAMP"})


@dataclass(frozen=True, slots=True)
class Profile:
    """How full a table's columns are, and how many dates in them cannot be."""

    rows: int
    filled: dict[str, int]
    """By column."""
    early: dict[str, int]
    """Dates before 1910, by column."""
    late: dict[str, int]
    """Dates later than they may be, by column."""


@dataclass(frozen=True, slots=True)
class Accounted:
    """What the account says of one table."""

    announced: int | None
    read: int
    kept: int
    set_aside: int
    is_accepted: bool


def unheard(rows: float) -> None:
    """Tell nobody of rows looked at."""


@dataclass(slots=True)
class Subject:
    """A docket, and what has been counted in it."""

    con: duckdb.DuckDBPyConnection
    released: date
    as_of: date
    is_synthetic: bool
    size: float
    """Cases, as a part of those of July 2026."""
    count: Count = unheard
    _once: dict[object, list[tuple[object, ...]]] = field(default_factory=dict)
    _columns: dict[str, dict[str, str]] = field(default_factory=dict)
    _rows: dict[str, int] = field(default_factory=dict)
    _has_tagged: bool = False

    @property
    def is_national(self) -> bool:
        """Whether it is of national size, so that facts of the nation must hold in it."""
        return self.size >= NATIONAL_SHARE

    @property
    def is_of_our_time(self) -> bool:
        """Whether it was released within two years of the release the numbers are of."""
        return abs((self.released - NATIONAL_DATE).days) <= 2 * 366

    def has(self, name: str) -> bool:
        """Tell whether the docket has a table or view."""
        return name in self._columns_of()

    def all(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Give the rows of a query; ask it once only."""
        asked = (query, tuple(parameters))
        if asked not in self._once:
            self._once[asked] = self.con.execute(query, list(parameters)).fetchall()
        return self._once[asked]

    def number(self, query: str, parameters: Sequence[object] = ()) -> float:
        """Give the one number of a query; 0 where it has none."""
        value = self.all(query, parameters)[0][0]
        return float(value) if isinstance(value, int | float) else 0.0

    def rows(self, table: Table) -> int:
        """Count a table's rows; 0 where it is not there."""
        if not self._rows:
            there = (t.core for t in TABLES.values() if self.has(t.core))
            counts = (f"select '{name}', count(*) from {name}" for name in there)
            self._rows |= self.by_table(" union all ".join(counts))
        return self._rows.get(table.core, 0)

    def columns(self, table: Table) -> dict[str, str]:
        """Give the types of a table's columns in the docket, by name, in order."""
        return self._columns_of().get(table.core, {})

    def _columns_of(self) -> dict[str, dict[str, str]]:
        """Give the columns and types of every table and view."""
        if not self._columns:
            for here, name, kind in self.all(
                "select table_name, column_name, data_type from duckdb_columns() "
                "where not internal order by table_name, column_index"
            ):
                self._columns.setdefault(str(here), {})[str(name)] = str(kind)
        return self._columns

    def by_table(self, query: str) -> dict[str, int]:
        """Give the numbers of a query that has one for each of the agency's names."""
        return {str(name): _whole(number) for name, number in self.all(query)}

    def account(self) -> dict[str, Accounted]:
        """Give the account, by table."""
        rows = self.all(
            "select table_name, expected_count, read_count, kept_count, set_aside_count, "
            "is_accepted from out_load__account"
        )
        return {
            str(name): Accounted(
                announced=None if announced is None else _whole(announced),
                read=_whole(read),
                kept=_whole(kept),
                set_aside=_whole(aside),
                is_accepted=bool(accepted),
            )
            for name, announced, read, kept, aside, accepted in rows
        }

    def profile(self, table: Table) -> Profile:
        """Count a table's rows, filled cells and impossible dates, in one pass."""
        here = self.columns(table)
        columns = [c for c in table.columns if c.name in here]
        dated = [c for c in columns if here[c.name] in DATED]
        asked = ["count(*)", *(f"count({quoted(c.name)})" for c in columns)]
        for column in dated:
            name = quoted(column.name)
            asked.append(f"count(*) filter ({name} < date '{EARLIEST}')")
            asked.append(f"count(*) filter ({name} >= date '{self._end(column)}')")
        query = f"select {', '.join(asked)} from {table.core}"
        if (query, ()) not in self._once:
            self.count(self.rows(table) * len(asked) * FILL)
        rows, *counts = (_whole(each) for each in self.all(query)[0])
        filled, days = counts[: len(columns)], counts[len(columns) :]
        return Profile(
            rows=rows,
            filled={c.name: n for c, n in zip(columns, filled, strict=True)},
            early={c.name: n for c, n in zip(dated, days[::2], strict=True)},
            late={c.name: n for c, n in zip(dated, days[1::2], strict=True)},
        )

    def _end(self, column: Column) -> date:
        """Give the first day that a date of a column cannot be."""
        if column.may_be_ahead:
            return date(self.as_of.year + YEARS_AHEAD, 1, 1)
        return date.fromordinal(self.as_of.toordinal() + 2)  # a release may run a day over

    def repeated(self, table: Table, column: str) -> int:
        """Count the rows beyond the first of each value of a column."""
        name, rows = quoted(column), self.rows(table)
        parts = max(1, ceil(rows / AT_A_TIME))
        total = 0.0
        for part in range(parts):
            total += self.number(
                f"select sum(n - 1) from (select count(*) as n from {table.core} "
                f"where {name} is not null and hash({name}) % {parts} = {part} "
                f"group by {name} having count(*) > 1)"
            )
            self.count(TWICE * rows / parts)
        return int(total)

    def values(self, link: Link) -> list[tuple[int, tuple[object, ...], bool]]:
        """Give a code column's values: how many rows, the value and its kin, listed or not."""
        table = known(link.table)
        own = ", ".join(quoted(c) for c in (link.column, *(ours for ours, _ in link.also)))
        parent = known(link.parent)
        agree = " and ".join(
            f"t.{quoted(theirs)} = v.{quoted(ours)}"
            for ours, theirs in ((link.column, link.parent_column), *link.also)
        )
        query = f"""
            with v as (
                select {own}, count(*) as row_count from {table.core}
                where {quoted(link.column)} is not null and ({link.where or "true"})
                group by all
            )
            select v.row_count, exists (
                select 1 from {parent.core} as t
                where {agree} and ({link.parent_where or "true"})
            ), v.* exclude (row_count) from v
        """
        if (query, ()) not in self._once:
            self.count(CODE * self.rows(table))
        rows = self.all(query)
        return [(_whole(n), tuple(value), bool(is_in)) for n, is_in, *value in rows]

    def leads(self, link: Link) -> tuple[int, int]:
        """Count the rows whose number names another table's row, and those that name none."""
        table, parent = known(link.table), known(link.parent)
        ours, theirs = quoted(link.column), quoted(link.parent_column)
        linked = f"select {ours} as key from {table.core} where ({link.where or 'true'})"
        known_keys = f"select {theirs} as key from {parent.core} where {theirs} is not null"
        parts = max(1, ceil(self.rows(parent) / AT_A_TIME))
        nowhere = 0.0
        for part in range(parts):
            here = f"hash(key) % {parts} = {part}"
            nowhere += self.number(
                f"select count(*) from (from ({linked}) where key is not null and {here}) as c "
                f"anti join (from ({known_keys}) where {here}) as p using (key)"
            )
            self.count(LEAD * self.rows(table) / parts)
        return int(self.number(f"select count(key) from ({linked})")), int(nowhere)

    def ordinary(self, column: str = "IDNCASE") -> str:
        """Give the condition that keeps the cases a small release has as the nation has them.

        A made-up release of few cases holds the Dedicated Docket many times over; without
        the cases that carry its tag it is a fair picture of the rest.
        """
        if self.is_national:
            return "true"
        if not self._has_tagged:
            self.con.execute(
                "create or replace temp table tagged as select distinct IDNCASE as case_id "
                "from core_eoir__case_identifier where CASE_ID = 'DD' and IDNCASE is not null"
            )
            self._has_tagged = True
        return f"not exists (from tagged where tagged.case_id = {column})"


def known(name: str) -> Table:
    """Give a table of the catalogue by the agency's name."""
    table = table_named(name)
    assert table is not None, name
    return table


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0

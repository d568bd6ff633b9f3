"""Changes counted by court, by month and by year, and the records that disappear.

What is counted are rows; what is held back follows the cases they are of, since a court with
many rows gone may have few people.
"""

from dataclasses import dataclass
from datetime import date

import duckdb

from opendocket.changes.layout import Layout
from opendocket.changes.places import case_column
from opendocket.changes.rows import TableChanges
from opendocket.estimate.suppression import is_small, suppressed_parts
from opendocket.quoting import quoted

FIRST_DAY = date(1910, 1, 1)
"""Earlier days are slips; such a row is counted on its case's day of receipt."""

KINDS = ("gone", "new", "changed", "re-keyed")

PLACED = """
create or replace temp table moved_case as select distinct case_id from moved;

create or replace temp table was_case as
select case_id, last_court_code, received_date
from old_docket.out_docket__case
where case_id in (select case_id from moved_case);

create or replace temp table now_case as
select case_id, last_court_code, received_date
from new_docket.out_docket__case
where case_id in (select case_id from moved_case);

create or replace temp table placed as
select
    m.table_name,
    m.change_code,
    m.case_id,
    coalesce(o.last_court_code, n.last_court_code)              as court_code,
    coalesce(
        case when m.own_date between date '{first}' and date '{last}' then m.own_date end,
        o.received_date,
        n.received_date
    )                                                           as day_date
from moved as m
left join was_case as o on o.case_id = m.case_id
left join now_case as n on n.case_id = m.case_id
where m.case_id is not null;

create table out_changes__court_month as
select
    table_name,
    change_code,
    court_code,
    date_trunc('month', day_date)::date                         as month_date,
    count(*)                                                    as row_count,
    count(distinct case_id)                                     as case_count
from placed
group by all
order by all;
"""

BY = """
select {by}::varchar, change_code, count(*), count(distinct case_id)
from placed
where {condition}
group by all
order by 1 nulls last
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """Rows of one kind in one place or time; None where held back."""

    rows: int | None
    cases: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of tables that lead to a case, in one court, month or year."""

    name: str
    """The court's code, ``2026-05``, ``2026``, or empty where it is not known."""
    cells: dict[str, Cell]
    """By kind of change."""


@dataclass(frozen=True, slots=True)
class Disappeared:
    """Rows of one table that were in the older release and are in the newer under no key."""

    table: str
    rows: int
    cases: int | None
    """Cases they were of; None where too few to show."""
    left_without: int | None
    """Of these cases, those without any row of the table now; None where too few to show."""
    asylum: int | None
    """Of the rows, applications for asylum; None where these, or the others, are too few or of
    too few cases, and for other tables."""

    @property
    def left_share(self) -> float | None:
        """Of the cases that lost a row, the share that have none now."""
        if self.cases is None or self.left_without is None or not self.cases:
            return None
        return self.left_without / self.cases


def place(con: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Give each row that moved its court and day, and count them by court and month.

    The court is that of the case's last proceeding in the older docket, else in the newer.

    Args:
        con: The file of changes; writes ``out_changes__court_month``, nothing held back.
        as_of: The last day of the newer docket; rows may be dated up to 20 years ahead.
    """
    last = as_of.replace(year=as_of.year + 20, day=1)
    for statement in PLACED.format(first=FIRST_DAY, last=last).split(";\n"):
        if statement.strip():
            con.execute(statement)


def by_court(con: duckdb.DuckDBPyConnection) -> tuple[Tally, ...]:
    """Count what moved by court, by name of the court, small numbers of cases held back."""
    return _tallies(con, "court_code", "true")


def by_month(con: duckdb.DuckDBPyConnection) -> tuple[Tally, ...]:
    """Count what moved by the month of the row's day, small numbers held back."""
    return _tallies(con, "strftime(day_date, '%Y-%m')", "true")


def gone_by_year(con: duckdb.DuckDBPyConnection, table: str = "") -> tuple[Tally, ...]:
    """Count the rows gone by year, of all tables or of one, small numbers held back."""
    condition = "change_code = 'gone'" + (f" and table_name = '{table}'" if table else "")
    return _tallies(con, "year(day_date)", condition)


def _tallies(con: duckdb.DuckDBPyConnection, by: str, condition: str) -> tuple[Tally, ...]:
    found: dict[str, dict[str, tuple[int, int]]] = {}
    rows = con.execute(BY.format(by=by, condition=condition)).fetchall()
    for name, kind, n, cases in rows:
        found.setdefault(name or "", {})[kind] = (n, cases)
    cells: dict[str, dict[str, Cell]] = {name: {} for name in found}
    for kind in KINDS:
        counts = [kinds.get(kind, (0, 0)) for kinds in found.values()]
        held = suppressed_parts([cases for _, cases in counts])
        for name, (n, cases), hide in zip(found, counts, held, strict=True):
            cells[name][kind] = Cell(None, None) if hide else Cell(n, cases)
    return tuple(Tally(name, kinds) for name, kinds in cells.items())


def disappeared(
    con: duckdb.DuckDBPyConnection, layouts: tuple[Layout, ...], found: list[TableChanges]
) -> tuple[Disappeared, ...]:
    """Report the records that disappear, table by table.

    Args:
        con: The file of changes, both dockets attached.
        layouts: Every table.
        found: What was found in each.

    Returns:
        Tables with a row gone, in the catalogue's order; tables without cases are left out.

    Source:
        TRAC's counts of applications present in one release and missing from the next, made
        by hand (2019, 2020).
    """
    of_table = {layout.table.file_name: layout for layout in layouts}
    return tuple(
        _gone_of(con, of_table[changes.table], changes)
        for changes in found
        if changes.gone and _case_name(of_table[changes.table])
    )


def _case_name(layout: Layout) -> str:
    """Name the column with a row's case, as both dockets store it."""
    wanted = case_column(layout.table).lower()
    there = {name.lower(): name for name in layout.new_types}
    return there.get(wanted, "") if wanted in map(str.lower, layout.old_types) else ""


def _gone_of(
    con: duckdb.DuckDBPyConnection, layout: Layout, changes: TableChanges
) -> Disappeared:
    case = quoted(_case_name(layout))
    cases, left = con.execute(
        f"""
        with gone as (
            select distinct {case} as case_id
            from was_eoir__{layout.table.name}
            where change_code = 'gone' and {case} is not null
        )
        select
            count(*),
            count(*) filter (case_id not in (
                select {case} from new_docket.{layout.table.core} where {case} is not null
            ))
        from gone
        """
    ).fetchall()[0]
    held = is_small(left) or is_small(cases - left)
    return Disappeared(
        table=changes.table,
        rows=changes.gone,
        cases=None if is_small(cases) else cases,
        left_without=None if held or is_small(cases) else left,
        asylum=_asylum(con, layout),
    )


def _asylum(con: duckdb.DuckDBPyConnection, layout: Layout) -> int | None:
    if layout.table.file_name != "tbl_Court_Appln" or "APPL_CODE" not in layout.old_types:
        return None
    case = quoted(_case_name(layout))
    query = f"""
        select
            count(*) filter (is_asylum),
            count(*) filter (not is_asylum),
            count(distinct {case}) filter (is_asylum),
            count(distinct {case}) filter (not is_asylum)
        from (
            select {case}, coalesce(APPL_CODE = 'ASYL', false) as is_asylum
            from was_eoir__{layout.table.name}
            where change_code = 'gone'
        )
    """
    asylum, *others = map(int, con.execute(query).fetchall()[0])
    return None if any(map(is_small, (asylum, *others))) else asylum

"""Look up a table or a column by any name it goes by, and say all that is known of it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from opendocket.columns.catalogue import TABLES, Column, Table, table_named
from opendocket.columns.codes import code_list, court_decisions
from opendocket.columns.links import UNLISTED, Link, links_of
from opendocket.columns.own import OWN, OwnColumn, OwnTable
from opendocket.errors import UnknownName

COURT_DECISION = "court_decision"
NEAR = 3
"""Names that are offered for one that is unknown."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code and what it stands for; in the list of completions by its full key."""

    code: str
    name: str
    case_type: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """All that is known of a column."""

    table: str
    """The agency's name for the table, or ours for one of our own."""
    docket_name: str
    column: str
    type: str
    is_key: bool
    null_share: float | None
    """Share empty in July 2026; None in our own tables."""
    meaning: str
    source: str
    """Of our own columns: the release's columns that it follows from."""
    links: tuple[Link, ...]
    code_list: str
    """Our name for the list of its codes; empty where it holds none, or none is known."""
    example: str
    """One value of July 2026, in tables that only list codes: of others it is a person's."""
    traps: tuple[str, ...]


@cache
def _by_any_name() -> dict[str, Table | OwnTable]:
    core = {table.core: table for table in TABLES.values()}
    return {name.lower(): table for name, table in (TABLES | core | OWN).items()}


def table_called(name: str) -> Table | OwnTable:
    """Give a table by the agency's name or the docket's, in any case.

    Raises:
        UnknownName: There is none; the error offers near ones.

    Example:
        >>> table_called("CORE_EOIR__CASE").meaning == table_called("a_tblcase.csv").meaning
        True
        >>> table_called("out_docket__cas")
        Traceback (most recent call last):
        ...
        opendocket.errors.UnknownName: 'out_docket__cas': no such table; ...
    """
    found = table_named(name) or _by_any_name().get(name.lower())
    if found is None:
        raise UnknownName(name, "table", _near_tables(name))
    return found


def described(table: Table | OwnTable) -> tuple[Description, ...]:
    """Say all that is known of each column of a table, in the table's order.

    Source:
        The catalogue, the links, and the code lists of ``opendocket.columns``.

    Example:
        >>> nationality = described(table_called("A_TblCase"))[6]
        >>> nationality.column, nationality.code_list, nationality.links[0].parent
        ('NAT', 'nationality', 'tblLookupNationality')
    """
    if isinstance(table, OwnTable):
        return tuple(_own(table, column) for column in table.columns)
    return tuple(_of_release(table, column) for column in table.columns)


def column_called(table: Table | OwnTable, name: str) -> Description:
    """Say all that is known of one column, by its name in any case.

    Raises:
        UnknownName: The table has none; the error offers near ones.

    Example:
        >>> column_called(table_called("A_TblCase"), "nat").meaning
        'nationality'
    """
    for description in described(table):
        if description.column.lower() == name.lower():
            return description
    names = [column.name for column in table.columns]
    where = table.name if isinstance(table, OwnTable) else table.file_name
    raise UnknownName(name, f"column of {where}", near(name, names))


def codes_of(description: Description) -> tuple[Code, ...]:
    """Give a column's codes and what they stand for.

    Completions are given for their own kind: decisions for ``DEC_CODE``, others for
    ``OTHER_COMP``.

    Example:
        >>> [c.name for c in codes_of(column_called(table_called("A_TblCase"), "CUSTODY"))]
        ['Never Detained', 'Detained', 'Released']
    """
    if not description.code_list:
        return ()
    if description.code_list == COURT_DECISION:
        kinds = {w for link in description.links for w in link.parent_where.split("'")[1:2]}
        return tuple(
            Code(d.code, d.description, d.case_type, d.kind)
            for d in court_decisions()
            if not kinds or d.kind in kinds
        )
    listed = code_list(description.code_list)
    return tuple(map(Code, listed.codes, listed.descriptions))


def near(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Give the names that one is likeliest a slip for, best first; three at the most.

    Example:
        >>> near("A_TblCas", ["A_TblCase", "B_TblProceeding"])
        ('A_TblCase',)
    """
    by_lower = {each.lower(): each for each in names}
    asked = name.lower()
    inside = [each for each in by_lower if asked in each or asked in each.replace("_", "")]
    alike = difflib.get_close_matches(asked, by_lower, n=NEAR, cutoff=0.7)
    found = dict.fromkeys([*sorted(inside, key=len), *alike] if asked else [])
    return tuple(by_lower[each] for each in list(found)[:NEAR])


def _near_tables(name: str) -> tuple[str, ...]:
    names = [*TABLES, *(table.core for table in TABLES.values()), *OWN]
    return near(name.lower().removesuffix(".csv"), names)


def _of_release(table: Table, column: Column) -> Description:
    leaving = tuple(link for link in links_of(table.file_name) if link.column == column.name)
    return Description(
        table=table.file_name,
        docket_name=table.core,
        column=column.name,
        type=column.type,
        is_key=column.is_key,
        null_share=column.null_share,
        meaning=column.meaning,
        source="",
        links=leaving,
        code_list=_list_of(table, column, leaving),
        example=column.example if table.is_lookup else "",
        traps=_traps(column, leaving),
    )


def _list_of(table: Table, column: Column, leaving: tuple[Link, ...]) -> str:
    if table.code_list and column.name == table.code_column:
        return table.code_list
    for link in leaving:
        parent = TABLES[link.parent]
        if link.kind == "code" and link.parent_column == parent.code_column:
            return parent.code_list
    return UNLISTED.get((table.file_name, column.name), "")


def _traps(column: Column, leaving: tuple[Link, ...]) -> tuple[str, ...]:
    said = [link.note for link in leaving if link.note]
    if column.na_is_a_code and not any("N/A" in note for note in said):
        said.append("N/A is a value here, not a missing one")
    if column.may_be_ahead:
        said.append("a date after the release is real here")
    elif column.type == "date":
        said.append("a date after the release, or before 1910, is a slip")
    return tuple(dict.fromkeys(said))


def _own(table: OwnTable, column: OwnColumn) -> Description:
    return Description(
        table=table.name,
        docket_name=table.name,
        column=column.name,
        type=column.duckdb_type,
        is_key=False,
        null_share=None,
        meaning=column.meaning,
        source=column.source,
        links=(),
        code_list=column.code_list,
        example="",
        traps=(),
    )

"""`opendocket columns`: what each table and column is, and what its codes stand for."""

from collections.abc import Callable, Sequence

import click

from opendocket.cli.rows import Row, format_option, write_csv, write_json, write_table
from opendocket.columns import TABLES, Table
from opendocket.columns.described import (
    Code,
    Description,
    codes_of,
    column_called,
    described,
    table_called,
)
from opendocket.columns.links import links_to
from opendocket.columns.own import OWN, OwnTable
from opendocket.docket.views import View, views

TABLE_FIELDS = ("table", "docket_name", "rows_2026_07", "columns", "meaning")
COLUMN_FIELDS = (
    "table", "docket_name", "column", "type", "is_key", "empty_share", "links", "code_list",
    "meaning", "source", "example", "traps",
)  # fmt: skip
CODE_FIELDS = ("table", "column", "code_list", "case_type", "kind", "code", "name")
KINDS = {"C": "decision", "O": "other completion"}
INDENT = "  "


@click.command()
@click.argument("table", required=False, metavar="[TABLE]")
@click.argument("column", required=False, metavar="[COLUMN]")
@format_option()
def columns(table: str | None, column: str | None, form: str) -> None:
    """Say what each table and column is, and what its codes stand for.

    Without a name, every table of a release and of a docket. With a TABLE, by the agency's
    name or the docket's, each of its columns. With a COLUMN as well, all that is known of
    it: where it leads, what goes wrong with it, and its codes (of which CSV is the list).

    \b
    Example:
        opendocket columns
        opendocket columns A_TblCase
        opendocket columns out_view__pending_case
        opendocket columns B_TblProceeding DEC_CODE
        opendocket columns core_eoir__bond DEC --format csv
    """  # noqa: D301
    if table is None:
        _tell_tables(form)
    elif column is None:
        _tell_table(table_called(table), form)
    else:
        _tell_column(column_called(table_called(table), column), form)


def _written(form: str, fields: Sequence[str], rows: Sequence[Row]) -> bool:
    """Write rows as CSV or JSON; tell whether that was asked."""
    writers: dict[str, Callable[[Sequence[str], Sequence[Row]], None]]
    writers = {"csv": write_csv, "json": write_json}
    if form in writers:
        writers[form](fields, rows)
    return form in writers


def _tell_tables(form: str) -> None:
    tables: list[Table | OwnTable] = [*TABLES.values(), *OWN.values()]
    if _written(form, TABLE_FIELDS, [_table_row(t) for t in tables]):
        return
    write_table(
        f"The {len(TABLES)} tables of a release, and {len(OWN)} of our own",
        ("table", "rows in July 2026", "what it holds"),
        [_table_shown(table) for table in tables],
        footnotes=[
            "",
            f"Second lines: the name in a docket, without {_prefix()} before it.",
            "opendocket columns TABLE tells of its columns.",
        ],
        wraps=True,
        right=(1,),
    )


def _prefix() -> str:
    return next(iter(TABLES.values())).core.partition("__")[0] + "__"


def _table_row(table: Table | OwnTable) -> Row:
    if isinstance(table, OwnTable):
        return (table.name, table.name, None, len(table.columns), table.meaning)
    rows = table.rows_2026_07
    return (table.file_name, table.core, rows, len(table.columns), table.meaning)


def _table_shown(table: Table | OwnTable) -> Row:
    if isinstance(table, OwnTable):
        return (table.name, "", table.meaning)
    rows = "" if table.rows_2026_07 is None else f"{table.rows_2026_07:,}"
    return (f"{table.file_name}\n{INDENT}{table.name}", rows, table.meaning)


def _tell_table(table: Table | OwnTable, form: str) -> None:
    told = described(table)
    if _written(form, COLUMN_FIELDS, [_column_row(each) for each in told]):
        return
    name = table.name if isinstance(table, OwnTable) else table.file_name
    is_own = isinstance(table, OwnTable)
    write_table(
        f"{name}: {table.meaning}",
        ("column", "type", *(() if is_own else ("empty",)), "what it holds"),
        [_column_shown(each) for each in told],
        footnotes=["", *_of_table(table)],
        wraps=True,
        right=() if is_own else (2,),
    )


def _column_row(each: Description) -> Row:
    return (
        each.table,
        each.docket_name,
        each.column,
        each.type,
        each.is_key,
        None if each.null_share is None else round(each.null_share, 4),
        [_goes_to(each, at) for at in range(len(each.links))],
        each.code_list or None,
        each.meaning,
        each.source or None,
        each.example or None,
        list(each.traps),
    )


def _goes_to(each: Description, at: int) -> str:
    link = each.links[at]
    pairs = [f"{ours} = {theirs}" for ours, theirs in link.also]
    conditions = " and ".join(filter(None, [*pairs, link.parent_where, link.where]))
    where = f" where {conditions}" if conditions else ""
    return f"{link.parent}.{link.parent_column}{where}"


def _column_shown(each: Description) -> Row:
    lines = [each.meaning] if each.meaning else []
    lines += [f"→ {link.parent}" for link in each.links if link.kind == "key"]
    if each.code_list:
        lines.append(f"codes: {each.code_list}")
    else:
        lines += [f"codes in {link.parent}" for link in each.links if link.kind == "code"]
    name = f"{each.column} (key)" if each.is_key else each.column
    share = () if each.null_share is None else (f"{each.null_share:.1%}",)
    return (name, each.type, *share, "\n".join(lines) or "—")


def _of_table(table: Table | OwnTable) -> list[str]:
    """Say under a table what it is in a docket, or what it answers."""
    if isinstance(table, OwnTable):
        view = next((v for v in views() if v.name == table.name), None)
        return _of_view(view) if view else []
    arriving = sorted({link.table for link in links_to(table.file_name)})
    rows = "" if table.rows_2026_07 is None else f"; {table.rows_2026_07:,} rows in July 2026"
    return [
        f"In a docket: {table.core}{rows}.",
        *([f"Named by: {', '.join(arriving)}."] if arriving else []),
        f"All of a column: opendocket columns {table.file_name} COLUMN",
    ]


def _of_view(view: View) -> list[str]:
    return [view.question, f"How: {view.definition}", f"Trap: {view.trap}"]


def _tell_column(each: Description, form: str) -> None:
    codes = codes_of(each)
    if form == "json":
        names = ("case_type", "kind", "code", "name")
        listed = [dict(zip(names, _code_row(each, c)[3:], strict=True)) for c in codes]
        write_json((*COLUMN_FIELDS, "codes"), [(*_column_row(each), listed)])
    elif not _written(form, CODE_FIELDS, [_code_row(each, c) for c in codes]):
        write_table(f"{each.table}.{each.column}", ("", ""), _facts(each), wraps=True)
        if codes:
            _show_codes(each, codes)


def _code_row(each: Description, c: Code) -> Row:
    return (each.table, each.column, each.code_list, c.case_type, c.kind, c.code, c.name)


def _facts(each: Description) -> list[Row]:
    facts = [
        ("what it holds", each.meaning or "nothing public says"),
        ("in a docket", f"{each.docket_name}.{each.column}"),
        ("type", f"{each.type}{', numbers the rows' if each.is_key else ''}"),
        ("empty", "" if each.null_share is None else f"{each.null_share:.1%} in July 2026"),
        ("from", each.source),
        ("for example", each.example),
    ]
    for at, link in enumerate(each.links):
        facts.append(("leads to", _goes_to(each, at)))
        if link.expected_unmatched_share is not None:
            said = f"{link.expected_unmatched_share:.3%} of rows lead nowhere ({link.source})"
            facts.append(("", said))
    facts += [("mind", trap) for trap in each.traps]
    return [fact for fact in facts if fact[1]]


def _show_codes(each: Description, codes: Sequence[Code]) -> None:
    is_full = any(c.case_type for c in codes)
    heads = ("case type", "as", "code", "stands for") if is_full else ("code", "stands for")
    rows = [
        (c.case_type, KINDS.get(c.kind, c.kind), c.code, c.name)
        if is_full
        else (c.code, c.name)
        for c in codes
    ]
    click.echo()
    write_table(f"Codes: {each.code_list}, {len(codes):,} of them", heads, rows, wraps=True)

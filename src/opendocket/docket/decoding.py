"""What each code stands for, in one table of the docket: one row for each list and code."""

import duckdb
import polars as pl

from opendocket.arrow import visible
from opendocket.columns import TABLES, Table, code_list, court_decisions
from opendocket.columns.links import UNLISTED

COURT_DECISION = "court_decision"
ONE_NAME_OR_NONE = "hearing_location"
"""The list in which a code that stands for two things stays unnamed: they are two places."""

SCHEMA = {
    "list_name": pl.String,
    "case_type_code": pl.String,
    "kind_code": pl.String,
    "code": pl.String,
    "code_name": pl.String,
    "group_name": pl.String,
}


def store_codes(con: duckdb.DuckDBPyConnection) -> None:
    """Write ``out_docket__code``: the release's own words for a code, else ours.

    A code stands there once, whatever the release's list repeats, so that a join never
    doubles rows. Codes of completions have the kind of case and of completion beside them.

    Args:
        con: A docket with its ``core_eoir__`` tables, open for writing.

    Source:
        The release's lookup tables; where they are silent, or have several words for a code,
        the lists of ``opendocket.columns``. A hearing place whose code stands for two places
        has no name.
    """
    release = " union all ".join(_listed(table) for table in TABLES.values() if table.code_list)
    with visible(con, "our_code", _ours()):
        con.execute(
            f"""
            create or replace table out_docket__code as
            with theirs as (
                select
                    list_name, case_type_code, kind_code, code,
                    count(distinct lower(code_name))            as meaning_count,
                    min(code_name)                              as code_name
                from ({release})
                where code is not null
                group by list_name, case_type_code, kind_code, code
            )
            select
                list_name,
                nullif(case_type_code, '')                      as case_type_code,
                nullif(kind_code, '')                           as kind_code,
                code,
                case
                    when t.meaning_count = 1 then t.code_name
                    when t.meaning_count > 1 and list_name = '{ONE_NAME_OR_NONE}' then null
                    else coalesce(o.code_name, t.code_name)
                end                                             as code_name,
                o.group_name,
                t.code is not null                              as is_in_release,
                coalesce(t.meaning_count, 0)                    as meaning_count
            from theirs as t
            full join our_code as o using (list_name, case_type_code, kind_code, code)
            order by list_name, case_type_code, kind_code, code
            """
        )


def _listed(table: Table) -> str:
    """Select a list's codes as the release has them."""
    is_full = table.code_list == COURT_DECISION
    case_type, kind = ("strCaseType", "strDecType") if is_full else ("''", "''")
    return f"""
        select
            '{table.code_list}'                                 as list_name,
            coalesce({case_type}, '')                           as case_type_code,
            coalesce({kind}, '')                                as kind_code,
            "{table.code_column}"                               as code,
            nullif(trim("{table.description_column}"), '')      as code_name
        from {table.core}
    """


def _ours() -> pl.DataFrame:
    """Give our own lists; of a code that stands there twice, the first."""
    names = {t.code_list for t in TABLES.values() if t.code_list} | set(UNLISTED.values())
    rows: list[tuple[str | None, ...]] = [
        (COURT_DECISION, d.case_type, d.kind, d.code, d.description, d.group)
        for d in court_decisions()
    ]
    for name in sorted(names - {COURT_DECISION}):
        listed = code_list(name)
        rows += [
            (name, "", "", code, said or None, None)
            for code, said in zip(listed.codes, listed.descriptions, strict=True)
        ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").unique(
        ["list_name", "case_type_code", "kind_code", "code"], keep="first", maintain_order=True
    )

"""Build the analysis tables that the field lacks, from the agency's own.

The steps are the SQL files in ``docket/steps``, run in order. Each says at its head what it
decides; ``docs/explanation/definitions.md`` says why.
"""

from datetime import date
from importlib.resources import files

import duckdb
import polars as pl

from opendocket.arrow import visible
from opendocket.columns import code_list, court_decisions, held_by_reason
from opendocket.columns.codes import adjournment_groups
from opendocket.docket.possible import possible_days
from opendocket.progress import Progress, silent


def build_analysis_tables(
    con: duckdb.DuckDBPyConnection, as_of: date, progress: Progress = silent
) -> None:
    """Write the tables ``out_docket__…``: case, proceeding, decision, hearing, family.

    Args:
        con: A docket with every ``core_eoir__`` table.
        as_of: The last day of observation; what is dated later has not happened.
        progress: Told of steps.
    """
    with_code_lists(con)
    steps = sorted(
        (step for step in files("opendocket.docket").joinpath("steps").iterdir()),
        key=lambda step: step.name,
    )
    days = possible_days(as_of)
    dates = {"as_of": as_of, "first_date": days.first, "last_date": days.last_ahead}
    _drop_unfinished(con)
    for done, step in enumerate(steps):
        progress("building analysis tables", done, len(steps))
        for statement in step.read_text(encoding="utf-8").split(";\n"):
            if body := _body(statement):
                used = {name: day for name, day in dates.items() if f"${name}" in body}
                con.execute(body, used)
    progress("building analysis tables", len(steps), len(steps))


def _drop_unfinished(con: duckdb.DuckDBPyConnection) -> None:
    """Remove what a run that was killed had built."""
    found = con.execute(
        "select table_name from duckdb_tables() where table_name like 'out_docket__%'"
    ).fetchall()
    for (name,) in found:
        con.execute(f"drop table {name}")


def _body(statement: str) -> str:
    lines = (line for line in statement.splitlines() if not line.lstrip().startswith("--"))
    return "\n".join(lines).strip().removesuffix(";")


def with_code_lists(con: duckdb.DuckDBPyConnection) -> None:
    """Put our groups of codes where SQL can join them, for this connection."""
    decisions = court_decisions()
    held, groups = held_by_reason(), adjournment_groups()
    lists = {
        "code_outcome": pl.DataFrame(
            {
                "case_type": [d.case_type for d in decisions],
                "code": [d.code for d in decisions],
                "kind": [d.kind for d in decisions],
                "outcome_group": [d.group for d in decisions],
            }
        ),
        "code_adjournment": pl.DataFrame(
            {
                "code": list(held),
                "is_held": list(held.values()),
                "adjourned_by": [groups[code] for code in held],
            }
        ),
        "code_case_type": pl.DataFrame({"case_type": code_list("case_type").codes}),
    }
    for name, frame in lists.items():
        with visible(con, "listed", frame):
            con.execute(f"create or replace temp table {name} as from listed")

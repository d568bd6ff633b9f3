"""`opendocket sql`: one question to a docket, in SQL that only reads."""

import sys
from itertools import islice
from pathlib import Path

import click

from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.rows import format_option, write_csv, write_json, write_table
from opendocket.docket.asking import Answer, asked
from opendocket.progress import silent

CAUTION = (
    "note: rows are about persons; publish no count of 1 to 10 of them, nor what gives one away"
)


@click.command()
@click.argument("docket", type=click.Path(path_type=Path), metavar="DOCKET.duckdb")
@click.argument("query", required=False, metavar="[SQL]")
@click.option(
    "-f",
    "--file",
    "script",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Read the question from a file; - for stdin.",
)
@click.option(
    "--rows",
    "most",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    help="Rows to show in a table; CSV and JSON hold all.",
)
@click.option(
    "--memory",
    type=click.FloatRange(min=0.1, max=1024),
    default=2.0,
    show_default=True,
    metavar="GB",
    help="Memory the question may take.",
)
@format_option()
def sql(
    docket: Path, query: str | None, script: Path | None, most: int, memory: float, form: str
) -> None:
    """Ask a docket one question in SQL, reading only.

    The question stands on the command line, in a file (-f), or comes from stdin. It can
    change nothing, and reach no other file and no network. Tables and columns are listed
    by `opendocket columns`; those named out_view__… answer everyday questions.

    \b
    Example:
        opendocket sql docket.duckdb "select count(*) from out_view__case_appeal"
        opendocket sql docket.duckdb "from out_view__court_year" --rows 10
        opendocket sql docket.duckdb "from out_view__judge" --format csv > j.csv
    """  # noqa: D301
    with (
        heeding_interruption(silent),
        asked(docket, _question(query, script), gigabytes=memory) as answer,
    ):
        if form == "table":
            _show(answer, most)
        else:
            (write_csv if form == "csv" else write_json)(answer.columns, answer.rows())
        click.echo("\n".join(_told(answer)), err=True)


def _question(query: str | None, script: Path | None) -> str:
    if query is not None and script is not None:
        raise click.UsageError("Give the question as SQL or by -f, not both.")
    if query is not None:
        return query
    if script is None or str(script) == "-":
        return sys.stdin.read()
    try:
        return script.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"cannot be read ({error}).", param_hint="-f") from error


def _show(answer: Answer, most: int) -> None:
    rows = list(islice(answer.rows(), most + 1))
    left_out = write_table("", answer.columns, rows[:most])
    if not rows:
        click.echo("no rows", err=True)
    if len(rows) > most:
        total = answer.count()
        more = "more" if total is None else f"{total - most:,} more"
        click.echo(f"{more} rows; --rows shows more of them, --format csv gives all", err=True)
    if left_out:
        click.echo(
            f"no room for {len(left_out)} columns from {left_out[0]} on; name fewer, "
            "or --format csv",
            err=True,
        )


def _told(answer: Answer) -> list[str]:
    label = answer.docket.label
    return [*([label] if label else []), f"observed to {answer.docket.as_of}", CAUTION]

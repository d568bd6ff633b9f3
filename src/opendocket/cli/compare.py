"""`opendocket compare`: what changed from one release to the next."""

from pathlib import Path

import click

from opendocket.changes import Changes, compare_dockets
from opendocket.changes.told import as_csv, as_json, as_text
from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.rows import format_option
from opendocket.cli.screen import bars


@click.command()
@click.argument("old", type=click.Path(path_type=Path), metavar="OLD.duckdb")
@click.argument("new", type=click.Path(path_type=Path), metavar="NEW.duckdb")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep what differs, with which NEW gives OLD back; it names persons by number.",
)
@click.option("--overwrite", is_flag=True, help="Replace a file of changes that is there.")
@format_option("What to print: what needs telling, one line a table, or everything.")
def compare(old: Path, new: Path, out: Path | None, overwrite: bool, form: str) -> None:
    """Say what changed from one release to the next: rows, columns, measures.

    Each row of the dockets OLD and NEW is the same, gone, new, changed, or re-keyed. Counts
    go by table, column, court and month; small numbers of cases are held back by court and
    month, totals of tables and columns are not.

    \b
    Example:
        opendocket compare july.duckdb august.duckdb
        opendocket compare july.duckdb august.duckdb --out changes.duckdb
        opendocket compare july.duckdb august.duckdb --format json > changes.json
    """  # noqa: D301
    with bars() as drawn, heeding_interruption(drawn) as progress:
        changes = compare_dockets(old, new, out, overwrite=overwrite, progress=progress)
    click.echo({"csv": as_csv, "json": as_json}.get(form, as_text)(changes))
    if changes.out:
        click.echo(_kept(changes), err=True)


def _kept(changes: Changes) -> str:
    share = changes.out_bytes / changes.old.size_bytes
    return (
        f"changes: {changes.out}, {changes.out_bytes / 1e6:,.1f} MB, {share:.1%} of the "
        "older docket\nnote: it names persons by number; do not publish it"
    )

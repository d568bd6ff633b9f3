"""`opendocket export`: a docket's tables as Parquet or CSV, with a manifest."""

from pathlib import Path
from typing import cast

import click

from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.screen import bars
from opendocket.docket.export import LAYERS, USUAL, Exported, Form, export_docket


@click.command()
@click.argument("docket", type=click.Path(path_type=Path), metavar="DOCKET.duckdb")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder to write.",
)
@click.option(
    "--tables",
    multiple=True,
    metavar="NAMES",
    help="Tables by the docket's or the agency's name, or all of a kind: "
    f"{', '.join(LAYERS)}; repeatable, or with commas. {', '.join(USUAL)} by default.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Kind of file.",
)
@click.option(
    "--partition-by",
    metavar="COLUMN",
    help="Write tables that have this column in parts, one for each of its values, or each "
    "year where it holds days.",
)
@click.option("--overwrite", is_flag=True, help="Replace the folder if it is there.")
def export(
    docket: Path,
    folder: Path,
    tables: tuple[str, ...],
    form: str,
    partition_by: str | None,
    overwrite: bool,
) -> None:
    """Write a docket's tables as Parquet or CSV, with a manifest.

    One file a table, and manifest.json with rows, types and checksums. The folder appears
    whole or not at all. Views and what was set aside are written where they are named.

    \b
    Example:
        opendocket export docket.duckdb --out tables
        opendocket export docket.duckdb --out few --tables tblAppeal,view
        opendocket export docket.duckdb --out aside --tables aside --format csv
        opendocket export docket.duckdb --out parts --partition-by CASE_TYPE
    """  # noqa: D301
    asked = tuple(name for names in tables for name in names.split(",") if name)
    with bars() as drawn, heeding_interruption(drawn) as progress:
        made = export_docket(
            docket,
            folder,
            tables=asked or USUAL,
            form=cast(Form, form),
            partition_by=partition_by,
            overwrite=overwrite,
            progress=progress,
        )
    click.echo("\n".join(_told(made)), err=True)
    click.echo(made.folder)


def _told(made: Exported) -> list[str]:
    label = f"{made.word.upper()} " if made.word else ""
    rows = sum(table.row_count for table in made.tables)
    files = [file for table in made.tables for file in table.files]
    size = sum(file.size_bytes for file in files)
    return [
        f"written: {rows:,} {label}rows of {len(made.tables)} tables, {len(files)} files, "
        f"{size / 1e6:,.1f} MB",
        "note: rows are about persons; publish no count of 1 to 10 of them, nor what gives "
        "one away",
        "what is in them: manifest.json",
    ]

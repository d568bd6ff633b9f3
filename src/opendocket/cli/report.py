"""`opendocket report`: findings on a docket, as a page with pictures and numbers."""

import shlex
import textwrap
from datetime import date
from pathlib import Path

import click

from opendocket.cli.asking import as_of_option, docket_option
from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.screen import WIDTH, bars
from opendocket.docket import open_docket
from opendocket.findings import Findings, dedicated_docket
from opendocket.findings.words import day
from opendocket.report import write_report


@click.group()
def report() -> None:
    """Write a report on a docket.

    \b
    Example:
        opendocket report dedicated-docket --docket made-up.duckdb --out report
    """  # noqa: D301


@report.command("dedicated-docket", short_help="Was the promise kept, and what came of it?")
@docket_option()
@as_of_option()
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("report"),
    show_default=True,
    metavar="DIR",
    help="Folder to write.",
)
@click.option("--overwrite", is_flag=True, help="Replace the folder if it is there.")
def dedicated(docket_path: Path, as_of: date | None, folder: Path, overwrite: bool) -> None:
    """Report on the Dedicated Docket: was the promise kept, and what came of it?

    Writes one page that needs no network, every figure as SVG and PNG, and every number as
    CSV. The three most important sentences go to the terminal.

    \b
    Example:
        opendocket report dedicated-docket --docket made-up.duckdb --out report
        opendocket report dedicated-docket --as-of 2022-09-30 --out then
    """  # noqa: D301
    words = ["opendocket report dedicated-docket --docket", shlex.quote(docket_path.name)]
    words += ["--as-of", as_of.isoformat()] if as_of else []
    with (
        open_docket(docket_path) as docket,
        bars() as drawn,
        heeding_interruption(drawn) as progress,
    ):
        findings = dedicated_docket(docket, as_of=as_of, progress=progress)
        written = write_report(
            findings,
            folder,
            command=" ".join([*words, "--out", shlex.quote(folder.name)]),
            overwrite=overwrite,
            progress=progress,
        )
    click.echo(_summary(findings))
    click.echo(
        f"\n{written.figures} figures and {written.tables} tables beside it; open:", err=True
    )
    click.echo(written.page)


def _summary(findings: Findings) -> str:
    """Say the three most important sentences in 80 columns."""
    study = findings.study
    heading = f"{findings.title}, as of {day(study.as_of)}"
    if study.docket.label:
        heading += f" — {study.docket.label}"
    lines = [heading, ""]
    for number, sentence in enumerate(findings.in_brief, start=1):
        lines.append(
            textwrap.fill(
                str(sentence),
                width=WIDTH,
                initial_indent=f"{number}. ",
                subsequent_indent="   ",
            )
        )
    return "\n".join(lines)

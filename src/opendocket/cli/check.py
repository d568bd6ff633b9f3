"""`opendocket check`: hold a docket against what a release should be."""

import csv
import io
import textwrap
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import click

from opendocket.checks import GROUPS, VERDICTS, Check, Examined, Found, examine
from opendocket.checks.check import Verdict
from opendocket.checks.record import FIELDS, as_json, rows, write_record
from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.rows import format_option
from opendocket.cli.screen import WIDTH, bars
from opendocket.docket import open_docket
from opendocket.docket.opened import SIMULATED
from opendocket.errors import AlreadyThere, NotSound
from opendocket.outputs import written_aside

HEADINGS: dict[Verdict, str] = {
    "wrong": "WRONG: something was lost, changed or misread",
    "look": "LOOK: not as before; there may be a good reason",
}
MOST = 30
"""Findings of one kind that the terminal shows; all of them are in the record."""


@click.command()
@click.argument("docket_path", type=click.Path(path_type=Path), metavar="DOCKET.duckdb")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the record as JSON: every check, its source, and what was found.",
)
@click.option("--all", "is_whole", is_flag=True, help="Show what is as expected as well.")
@click.option("--overwrite", is_flag=True, help="Replace a record that is there.")
@format_option("What to print: what needs telling, or everything for a program to read.")
def check(
    docket_path: Path, out: Path | None, is_whole: bool, overwrite: bool, form: str
) -> None:
    """Check a docket against what a release should be: nothing lost, nothing misread.

    Counts every row again, and looks at columns, numbers, links, codes, dates and facts
    known of the courts. Exit status 3 if anything is wrong; what is worth a look does no
    harm to it.

    \b
    Example:
        opendocket check made-up.duckdb
        opendocket check made-up.duckdb --format csv > checks.csv
        opendocket check made-up.duckdb --out check.json --overwrite
    """  # noqa: D301
    if out and out.exists() and docket_path.exists() and out.samefile(docket_path):
        raise AlreadyThere(out, "this is the docket itself: name another file")
    with written_aside(out, overwrite=overwrite) if out else nullcontext() as aside:
        with (
            open_docket(docket_path) as docket,
            bars() as drawn,
            heeding_interruption(drawn) as progress,
        ):
            examined = examine(docket, progress=progress)
        if aside:
            write_record(examined, aside)
    shown = {"csv": _as_csv, "json": as_json}.get(form)
    click.echo(shown(examined) if shown else "\n".join(_screen(examined, is_whole)))
    if out:
        click.echo(f"record: {out}", err=True)
    _refuse(docket_path, examined)


def _refuse(path: Path, examined: Examined) -> None:
    """End with exit status 3 where something is wrong."""
    wrong = examined.of("wrong")
    if wrong:
        name, found = wrong[0][0].name, wrong[0][1]
        raise NotSound(path, len(wrong), len(examined.results), f"{name}, {found.what}")


def _screen(examined: Examined, is_whole: bool) -> Iterator[str]:
    """Write the examination for people, worst first, in 80 columns."""
    yield _summary(examined)
    label = "SYNTHETIC release, about nobody," if examined.is_synthetic else "Release"
    if examined.release_file.startswith(SIMULATED):
        label = "SIMULATED docket, a run of a model,"
    yield f"{label} of {examined.released}, observed to {examined.as_of}"
    for verdict, heading in HEADINGS.items():
        some = examined.of(verdict)
        if some:
            yield from ("", heading)
            for one, found in some if is_whole else some[:MOST]:
                yield from _told(one, found)
            if len(some) > MOST and not is_whole:
                yield f"  and {len(some) - MOST:,} more: `--all`, or `--out check.json`"
    yield from _groups(examined)
    yield from _unsaid(examined)
    if is_whole:
        yield from ("", "AS EXPECTED")
        for one, found in examined.of("ok"):
            yield from _told(one, found)


def _summary(examined: Examined) -> str:
    tally = examined.tally
    wrong, look = tally["wrong"], tally["look"]
    parts = [
        f"{wrong:,} {'is' if wrong == 1 else 'are'} wrong" if wrong else "",
        f"{look:,} {'needs' if look == 1 else 'need'} a look" if look else "",
    ]
    said = ", ".join(part for part in parts if part) or "none is wrong, none needs a look"
    return f"Of {len(examined.results):,} checks {said}"


def _told(one: Check, found: Found) -> Iterator[str]:
    yield from _filled(found.what, "  ")
    yield from _filled(f"{one.name}: expected {found.expected}; found {found.found}", "    ")
    if found.note:
        yield from _filled(found.note, "    ")


def _filled(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
    )


def _groups(examined: Examined) -> Iterator[str]:
    """Count the verdicts of each group."""
    yield ""
    yield f"{'group':<32}" + "".join(f"{verdict:>12}" for verdict in reversed(VERDICTS))
    for group, title in GROUPS.items():
        some = [found.verdict for one, found in examined.results if one.group == group]
        counts = "".join(f"{some.count(verdict):>12,}" for verdict in reversed(VERDICTS))
        yield f"{title:<32}{counts}"


def _unsaid(examined: Examined) -> Iterator[str]:
    """Say once for each reason what cannot be said."""
    reasons: dict[tuple[str, str], int] = {}
    for one, found in examined.of("cannot say"):
        key = (one.name, found.note)
        reasons[key] = reasons.get(key, 0) + 1
    if reasons:
        yield from ("", "CANNOT SAY")
    for (name, note), count in reasons.items():
        yield from _filled(f"{name} ({count:,}): {note}", "  ")


def _as_csv(examined: Examined) -> str:
    """Write every finding as comma-separated values."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows(rows(examined))
    return out.getvalue().rstrip("\n")

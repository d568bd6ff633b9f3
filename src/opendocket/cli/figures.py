"""`opendocket figures`: what others published of the courts, and a docket beside it."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.rows import Row, format_option, write_csv, write_json, write_table
from opendocket.cli.screen import WIDTH, bars
from opendocket.docket import open_docket
from opendocket.docket.opened import Docket
from opendocket.figures import (
    TARGETS,
    TOPICS,
    Answer,
    PublishedFigure,
    Target,
    answers,
    figures_called,
    how_answered,
)
from opendocket.figures.comparison import NOT_COMPARABLE, OUTSIDE, WITHIN
from opendocket.figures.coverage import targets_of
from opendocket.figures.published import all_published
from opendocket.figures.record import FIELDS, LISTED, beside, listed, rows, tolerated

CONFIDENCE = ("read-direct", "second-hand", "derived", "recalled, unverified")
NARROW = 11
MOST = 6
"""Ids that are named for one reason; all are in CSV and JSON."""


@click.group()
def figures() -> None:
    """Say what others published of the courts, and hold a docket against it.

    \b
    Example:
        opendocket figures list --about asylum
        opendocket figures show A45
        opendocket figures compare docket.duckdb --only A45,A46
    """  # noqa: D301


@figures.command("list", short_help="List the published figures, with sources.")
@click.option("--about", default="", metavar="TEXT", help="Only those that mention it.")
@click.option(
    "--confidence", type=click.Choice(CONFIDENCE), help="Only those that were read so."
)
@format_option()
def list_figures(about: str, confidence: str | None, form: str) -> None:
    """List the published figures, with sources.

    Each has an id, by which `figures show` tells all of it. The last column says whether a
    docket answers it.

    \b
    Example:
        opendocket figures list
        opendocket figures list --about "in absentia" --confidence read-direct
        opendocket figures list --format csv > published.csv
    """  # noqa: D301
    chosen = [f for f in all_published().values() if _mentions(f, about)]
    chosen = [f for f in chosen if confidence in (None, f.confidence)]
    told = [listed(f, how_answered(f.id)) for f in chosen]
    if form != "table":
        (write_csv if form == "csv" else write_json)(LISTED, told)
        return
    write_table(
        f"{len(chosen):,} published figures",
        ("figure", "what", "as of", "value", "docket"),
        [
            _listed_shown(figure, bool(row[-2]))
            for figure, row in zip(chosen, told, strict=True)
        ],
        footnotes=["", "opendocket figures show FIGURE tells all of one, with its source."],
        wraps=True,
    )


def _mentions(figure: PublishedFigure, text: str) -> bool:
    words = (figure.id, figure.measure, figure.definition, figure.source, figure.unit)
    return text.lower() in " ".join(words).lower()


def _listed_shown(figure: PublishedFigure, is_answerable: bool) -> Row:
    id = textwrap.fill(figure.id, NARROW, break_on_hyphens=False)
    value = f"{figure.value} {figure.unit}".strip(" -")
    return (id, figure.measure, figure.as_of, value, "yes" if is_answerable else "no")


@figures.command(short_help="Tell all of a published figure.")
@click.argument("names", nargs=-1, required=True, metavar="FIGURE...")
def show(names: tuple[str, ...]) -> None:
    """Tell all of a published figure: what, when, by whom, and how a docket answers it.

    FIGURE is an id, such as A45 or B01-2019, or a series, such as B01.

    \b
    Example:
        opendocket figures show A45
        opendocket figures show D04 D08
    """  # noqa: D301
    for at, figure in enumerate(figures_called(*names)):
        if at:
            click.echo()
        write_table(f"{figure.id}: {figure.measure}", ("", ""), _facts(figure), wraps=True)


def _facts(figure: PublishedFigure) -> list[Row]:
    asked = targets_of(figure.id)
    facts = [
        ("definition", figure.definition),
        ("as of", figure.as_of),
        ("value", figure.value),
        ("unit", figure.unit.strip("-")),
        ("source", figure.source),
        ("", figure.url.strip("-")),
        ("read", figure.confidence),
    ]
    if not [target for target in asked if target.read]:
        facts.append(("in a docket", how_answered(figure.id)))
    facts += [fact for target in asked if target.read for fact in _asked(target)]
    return [fact for fact in facts if fact[1]]


def _asked(target: Target) -> Iterator[tuple[str, str]]:
    """Say how a docket is asked for a figure."""
    yield "in a docket", f"{target.what}: {target.method}"
    yield "its day", str(target.as_of)
    yield "held against", f"{target.written(target.value)}, {_tolerance(target)}"
    yield "tolerance", target.chosen
    if target.measure:
        user = f", as {target.definition} defines it" if target.definition else ""
        yield "nearest measure", f"{target.measure}{user}"


def _tolerance(target: Target) -> str:
    return target.written_tolerance(target.allowed)


@figures.command(short_help="Hold a docket against every published figure.")
@click.argument("docket_path", type=click.Path(path_type=Path), metavar="DOCKET.duckdb")
@click.option(
    "--only", default="", metavar="FIGURES", help="Ids, or series, parted by commas: A45,B01."
)
@click.option(
    "--verdict",
    type=click.Choice((WITHIN, OUTSIDE, NOT_COMPARABLE)),
    help="Only those that came out so.",
)
@click.option("--no-suppress", is_flag=True, help="Show what rests on 1 to 10 people as well.")
@format_option("What to print: a table, or everything for a program to read.")
def compare(
    docket_path: Path, only: str, verdict: str | None, no_suppress: bool, form: str
) -> None:
    """Hold a docket against every published figure.

    Each is measured on the docket as it stood on the figure's own day, by its own
    definition, and has a verdict: within its tolerance, outside, or not comparable. CSV and
    JSON say how each was measured, and why another could not be.

    \b
    Example:
        opendocket figures compare docket.duckdb
        opendocket figures compare docket.duckdb --only A45,A46,D01
        opendocket figures compare docket.duckdb --verdict outside
        opendocket figures compare docket.duckdb --format csv > compared.csv
    """  # noqa: D301
    named = [name for name in only.split(",") if name.strip()]
    chosen = figures_called(*named) if named else None
    with (
        open_docket(docket_path) as docket,
        bars() as drawn,
        heeding_interruption(drawn) as progress,
    ):
        found = answers(docket.con, only=chosen, progress=progress)
    kept = [answer for answer in found if verdict in (None, answer.verdict)]
    if form == "table":
        _show(docket, found, kept, suppress=not no_suppress)
    else:
        write = write_csv if form == "csv" else write_json
        write(FIELDS, rows(kept, suppress=not no_suppress))
        click.echo("\n".join(_heading(docket, found)), err=True)


def _heading(docket: Docket, found: Sequence[Answer]) -> list[str]:
    counts = {v: sum(a.verdict == v for a in found) for v in (WITHIN, OUTSIDE, NOT_COMPARABLE)}
    label = []
    if docket.is_simulated:
        label = [docket.label, "what is published is of the courts as they were"]
    elif docket.is_synthetic:
        label = [
            "SYNTHETIC DATA, about nobody, brought to national size: fitted to "
            f"{len(TARGETS)} of the",
            "figures and not to the others, on which it is no evidence either way",
        ]
    return [
        *label,
        f"Of {len(found):,} figures, {counts[WITHIN]:,} within, {counts[OUTSIDE]:,} outside, "
        f"{counts[NOT_COMPARABLE]:,} the release cannot answer",
        f"Release of {docket.released}, observed to {docket.as_of}",
    ]


def _show(
    docket: Docket, found: Sequence[Answer], kept: Sequence[Answer], *, suppress: bool
) -> None:
    """Print the comparison for people: by topic, and what cannot be said last."""
    click.echo("\n".join(_heading(docket, found)))
    for letter, topic in TOPICS.items():
        some = [a for a in kept if a.topic == letter and a.verdict != NOT_COMPARABLE]
        if some:
            click.echo()
            write_table(
                f"{letter}: {topic}",
                ("figure", "what", "theirs", "ours", "off by", "allowed", "verdict"),
                [_shown(answer, suppress) for answer in some],
                wraps=True,
                right=(2, 3, 4, 5),
            )
    unsaid = [answer for answer in kept if answer.verdict == NOT_COMPARABLE]
    click.echo("\n".join([*_unsaid(unsaid), *_notes(kept, suppress)]))


def _shown(answer: Answer, suppress: bool) -> Row:
    compared, target = answer.comparison, answer.target
    assert compared is not None
    assert target is not None
    id = textwrap.fill(answer.id, NARROW, break_on_hyphens=False)
    first = (f"{id}\n{target.as_of}", answer.what, _short(target, compared.published))
    is_hidden = suppress and answer.is_withheld
    tolerance = tolerated(compared, is_hidden=is_hidden)
    allowed = target.bound or f"±{_apart(target, tolerance)}"
    verdict = OUTSIDE.upper() if answer.verdict == OUTSIDE else answer.verdict
    if compared.measured is None or is_hidden:
        return (*first, "withheld", "", allowed, verdict)
    off = compared.measured - compared.published
    apart = f"{'-' if off < 0 else '+'}{_apart(target, abs(off))}"
    return (*first, _short(target, compared.measured), apart, allowed, verdict)


def _short(target: Target, value: float) -> str:
    """Write a number in little room."""
    return f"{100 * value:.1f}%" if target.is_share else f"{value:,.{target.places}f}"


def _apart(target: Target, value: float) -> str:
    """Write a difference in little room: of percentages, in points."""
    return _short(target, value).removesuffix("%")


def _unsaid(some: Sequence[Answer]) -> Iterator[str]:
    """Say once for each reason what cannot be said."""
    by_reason: dict[str, list[str]] = {}
    for answer in some:
        by_reason.setdefault(answer.reason, []).append(answer.id)
    if by_reason:
        yield from ("", "THE RELEASE CANNOT ANSWER")
    for reason, ids in by_reason.items():
        unlike = list(dict.fromkeys(ids))
        named = ", ".join(unlike[:MOST])
        more = f" and {len(unlike) - MOST:,} more" if len(unlike) > MOST else ""
        yield from textwrap.wrap(
            f"{named}{more}: {reason}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )


def _notes(kept: Sequence[Answer], suppress: bool) -> Iterator[str]:
    yield ""
    if any(answer.target and answer.target.is_share for answer in kept):
        yield "percentages are off by, and allowed, so many points"
    if suppress and any(answer.is_withheld for answer in kept):
        yield "withheld: it rests on 1 to 10 people; --no-suppress for private work"
    if any(beside(answer) for answer in kept):
        yield "rival definitions of some stand beside them in --format csv and json"
    yield "opendocket figures show FIGURE says how one is measured, and why no nearer"

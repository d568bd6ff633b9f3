"""`opendocket measures`: every question that can be asked by name, and by whose definition."""

import textwrap
from itertools import groupby

import click

from opendocket.cli.rows import Row, format_option, write_csv, write_json, write_table
from opendocket.cli.screen import WIDTH
from opendocket.measure.catalogue import MEASURES, measure
from opendocket.measure.cut import DIMENSIONS
from opendocket.measure.explained import as_text
from opendocket.measure.named import Measure

FIELDS = (
    "measure", "topic", "question", "estimate", "definition", "user", "population",
    "numerator", "denominator", "clock", "figures", "reads", "caveats",
)  # fmt: skip


@click.command()
@click.argument("name", required=False, metavar="[NAME]")
@format_option()
def measures(name: str | None, form: str) -> None:
    """Say which questions can be asked by name, and whose way to answer each.

    Without a NAME, every measure, what it asks and by whose definitions; with one, all of
    it on a page: population, clock, numerator and denominator of each rival definition,
    what is assumed, what it does not show, and the columns it reads.

    \b
    Example:
        opendocket measures
        opendocket measures in-absentia
        opendocket measures --format csv > measures.csv
    """  # noqa: D301
    chosen = list(MEASURES.values()) if name is None else [measure(name)]
    if form != "table":
        rows = [row for each in chosen for row in _rows(each)]
        (write_csv if form == "csv" else write_json)(FIELDS, rows)
    elif name is None:
        _list()
    else:
        click.echo(as_text(chosen[0], WIDTH))


def _rows(each: Measure) -> list[Row]:
    return [
        (
            each.name, each.topic, each.question, each.estimate, d.name, d.user, d.population,
            d.numerator, d.denominator, d.clock, " ".join(d.figures), " ".join(d.reads),
            " ".join((*d.caveats, *each.caveats)),
        )
        for d in each.definitions
    ]  # fmt: skip


def _list() -> None:
    rows: list[Row] = []
    for _, topic in groupby(MEASURES.values(), key=lambda each: each.topic):
        for each in topic:
            named = ", ".join(definition.name for definition in each.definitions)
            rows.append((each.name, f"{each.question}\n({named})"))
    write_table(
        f"{len(MEASURES)} measures; in brackets, by whose definitions",
        ("measure", "what it asks"),
        rows,
        wraps=True,
        footnotes=[
            "",
            *textwrap.wrap(
                "opendocket measures NAME explains one; opendocket measure NAME asks it, of "
                f"any cut by {', '.join(DIMENSIONS)}.",
                WIDTH,
            ),
        ],
    )

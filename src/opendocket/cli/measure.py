"""`opendocket measure`: one question, asked of any docket by name."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import polars as pl

from opendocket.cli.asking import as_of_option, docket_option
from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.rows import format_option, write_csv, write_json, write_table
from opendocket.cli.screen import WIDTH
from opendocket.docket import Docket, open_docket
from opendocket.findings.words import day, percent
from opendocket.measure.answers import Choices, Question, answered, question
from opendocket.measure.catalogue import measure as measure_called
from opendocket.measure.contrasting import CONTRASTS, NONE, Pair, contrasted, pair
from opendocket.measure.cut import DIMENSIONS, read_where, told
from opendocket.measure.estimators import OBSERVED_OF
from opendocket.measure.named import Measure
from opendocket.progress import silent
from opendocket.report.answer import write_picture

MOST = 40
"""Rows shown in a table, where no other number is asked for."""
CUTS = "\n".join(
    [
        "\b",
        "Filters and groupings:",
        *(f"  {d.example:<34}{d.name}" for d in DIMENSIONS.values()),
    ]
)


@click.command(epilog=CUTS)
@click.argument("name", metavar="NAME")
@docket_option()
@click.option(
    "--where", multiple=True, metavar="NAME=VALUE", help="Which cases; may stand several times."
)
@click.option(
    "--by", multiple=True, metavar="NAME,NAME", help="In which groups; may stand several times."
)
@as_of_option()
@click.option(
    "--definition", metavar="NAME", help="Whose way to answer; `all` for each beside the other."
)
@click.option("--days", default="", metavar="N,N", help="Days to read shares over time at.")
@click.option(
    "--against",
    multiple=True,
    metavar="NAME=VALUE",
    help="Compare with a second group, that differs by this.",
)
@click.option(
    "--adjust",
    default="",
    metavar="NAME,NAME",
    help="Make the second group like the first in; for shares.",
)
@click.option(
    "--contrast",
    type=click.Choice(list(CONTRASTS)),
    default="difference",
    show_default=True,
    help="How the two are compared.",
)
@click.option("--no-suppress", is_flag=True, help="Show small counts too, for private work.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw the answer as well: .svg or .png.",
)
@click.option("--overwrite", is_flag=True, help="Replace the picture if it is there.")
@click.option(
    "--rows", "most", type=click.IntRange(1), default=MOST, show_default=True,
    metavar="N", help="Rows to show in a table; CSV and JSON hold all.",
)  # fmt: skip
@format_option()
def measure(
    name: str,
    docket_path: Path,
    against: tuple[str, ...],
    plot: Path | None,
    form: str,
    most: int,
    **options: Any,  # noqa: ANN401
) -> None:
    """Ask one question of a docket, of any cut and by anybody's definition.

    Every row says how many cases it is of, the estimate with its 95% interval, the day and
    the definition. Cases are the removal-type ones unless `--where docket=` names another
    docket; counts of 1 to 10 people are held back, and what would give them away.

    \b
    Example:
        opendocket measure in-absentia --definition all
        opendocket measure in-absentia --where docket=dedicated --by court
        opendocket measure in-absentia --where court=MIA --against court=BOS
        opendocket measure in-absentia --by year --format csv > absent.csv
        opendocket measure in-absentia --by year --plot absent.svg
    """  # noqa: D301
    measure_called(name)
    with heeding_interruption(silent), open_docket(docket_path) as docket:
        chosen = _choices(options)
        first: Question | Pair
        if against:
            first = pair(
                docket, name, read_where(against), adjusted_by=_names(options["adjust"]),
                kind=options["contrast"], **chosen,
            )  # fmt: skip
            frame = contrasted(docket, first)
        elif options["adjust"]:
            raise click.UsageError("--adjust needs a second group: --against NAME=VALUE.")
        else:
            first = question(docket, name, **chosen)
            frame = answered(docket, first)
        if plot is not None:
            write_picture(docket, first, frame, plot, overwrite=options["overwrite"])
        if form == "table":
            _show(docket, first, frame, most)
        else:
            (write_csv if form == "csv" else write_json)(frame.columns, frame.rows())
    if plot is not None:
        click.echo(plot, err=True)


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _choices(options: dict[str, Any]) -> Choices:
    try:
        days = tuple(int(number) for number in _names(options["days"]))
    except ValueError as error:
        raise click.BadParameter(
            "expected whole numbers, such as 90,300.", param_hint="--days"
        ) from error
    return Choices(
        where=read_where(options["where"]),
        by=_names(",".join(options["by"])),
        as_of=options["as_of"],
        definition=options["definition"],
        days=days,
        suppress=not options["no_suppress"],
    )


def _show(docket: Docket, asked: Question | Pair, frame: pl.DataFrame, most: int) -> None:
    """Print an answer: what was asked, the rows, and what they do not show."""
    first = asked.first if isinstance(asked, Pair) else asked
    told, unseen = _observed(first, frame)
    shown = told.head(most)
    columns = _contrast_columns if isinstance(asked, Pair) else _columns
    cells = dict(columns(first, shown))
    write_table(
        "\n".join(_heading(docket, asked)),
        list(cells),
        list(zip(*cells.values(), strict=True)),
        footnotes=["", *unseen, *_notes(first, told)],
        wraps=True,
        right=[at for at, name in enumerate(cells) if name in _RIGHT],
    )
    if len(told) > most:
        click.echo(
            f"{len(told) - most:,} more rows; --rows shows more, --format csv gives all",
            err=True,
        )


def _observed(asked: Question, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Leave out days that nobody's share is known on, and say so."""
    if "days" not in frame.columns or asked.measure.estimate not in frame.columns:
        return frame, []
    known = pl.col(asked.measure.estimate).is_not_null()
    days = frame.filter(~known.any().over("days") & pl.col("days").is_not_null())["days"]
    if days.is_empty() or days.n_unique() == frame["days"].n_unique():
        return frame, []
    said = ", ".join(str(day) for day in days.unique().sort())
    why = f"fewer than one in {OBSERVED_OF} are observed so long, or all is held back"
    left = frame.filter(~pl.col("days").is_in(days.implode()).fill_null(value=False))
    return left, textwrap.wrap(f"Days {said}: {why}.", WIDTH)


_YEARS = ("fiscal_year",)
"""What a published series is of, beside the groupings asked for."""
_RIGHT = {
    "days",
    "of",
    "counted",
    "observed",
    "estimate",
    "95% interval",
    "first",
    "second",
    "apart",
}


def _heading(docket: Docket, asked: Question | Pair) -> Iterator[str]:
    first = asked.first if isinstance(asked, Pair) else asked
    yield from textwrap.wrap(first.measure.question, WIDTH)
    on = f"as of {day(first.as_of)}"
    if isinstance(asked, Pair):
        yield from textwrap.wrap(f"First: {asked.names[0]}; {on}", WIDTH)
        yield from textwrap.wrap(f"Second: {asked.names[1]}", WIDTH)
    else:
        yield from textwrap.wrap(f"{told(first.where)}; {on}", WIDTH)
    if docket.is_synthetic and first.holds_published:
        yield (
            f"Agencies' counts are real; what is the docket's own is {docket.word.upper()} DATA"
        )
    elif docket.is_synthetic:
        yield docket.label


def _columns(asked: Question, frame: pl.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Write the columns of an answer, those that say the same in every row left out."""
    measure = asked.measure
    if len(asked.definitions) > 1:
        yield "definition", frame["definition"].to_list()
    for name in (*asked.by, *_YEARS, measure.part, "days"):
        if name and name in frame.columns:
            none = "not known" if name in asked.by else ""
            yield name, [none if v is None else str(v) for v in frame[name].to_list()]
    if measure.unit != "count" and asked.counted in frame.columns:
        yield "of", [_whole(value) for value in frame[asked.counted].to_list()]
    if "at_risk_count" in frame.columns:
        seen = frame.select("at_risk_count", measure.estimate).rows()
        yield "observed", ["" if n is None and v is not None else _whole(n) for n, v in seen]
    elif measure.unit == "share" and asked.count in frame.columns:
        yield "counted", [_whole(value) for value in frame[asked.count].to_list()]
    yield "estimate", [_estimate(measure, v) for v in frame[measure.estimate].to_list()]
    ends = zip(
        frame[f"lower_{measure.unit}"].to_list(),
        frame[f"upper_{measure.unit}"].to_list(),
        strict=True,
    )
    yield "95% interval", [_interval(measure, low, high) for low, high in ends]
    if "is_incomplete" in frame.columns:
        yield "", ["incomplete" if so else "" for so in frame["is_incomplete"].to_list()]


def _contrast_columns(asked: Question, frame: pl.DataFrame) -> Iterator[tuple[str, list[str]]]:
    measure = asked.measure
    if len(asked.definitions) > 1:
        yield "definition", frame["definition"].to_list()
    for name in (*asked.by, measure.part, "days"):
        if name and name in frame.columns:
            none = "not known" if name in asked.by else ""
            yield name, [none if v is None else str(v) for v in frame[name].to_list()]
    yield "adjusted by", frame["adjusted_by"].to_list()
    for which in ("first", "second"):
        values = frame[f"{which}_{measure.estimate}"].to_list()
        yield which, [_estimate(measure, value) for value in values]
    value, lower, upper = _ends(frame)
    is_ratio = value.endswith("_ratio")
    rows = frame.select(value, lower, upper).rows()
    yield "apart", [_apart(measure, row[0], is_ratio=is_ratio) for row in rows]
    yield (
        "95% interval",
        [
            ""
            if low is None
            else f"{_apart(measure, low, is_ratio=is_ratio)} to "
            f"{_apart(measure, high, is_ratio=is_ratio)}"
            for _, low, high in rows
        ],
    )


def _ends(frame: pl.DataFrame) -> tuple[str, str, str]:
    lower = next(c for c in frame.columns if c.startswith("lower_"))
    value = frame.columns[frame.columns.index(lower) - 1]
    return value, lower, lower.replace("lower_", "upper_")


def _apart(measure: Measure, value: float | None, *, is_ratio: bool) -> str:
    if value is None:
        return "–"
    if is_ratio:
        return f"{value:.2f}"
    return f"{100 * value:+.1f}" if measure.unit == "share" else f"{value:+,.0f}"


def _counted(frame: pl.DataFrame) -> Iterator[str]:
    """Say of how many cases a comparison is, and how many an adjustment leaves out."""
    for (adjusted,), part in frame.group_by(["adjusted_by"], maintain_order=True):
        sizes = [_span(part[f"{which}_counted_count"]) for which in ("first", "second")]
        text = f"{adjusted}: {sizes[0]} in the first group and {sizes[1]} in the second"
        if adjusted != NONE:
            left = _span(part["outside_count"])
            text += f"; {left} of the first are left out, whom nobody of the second is like"
        yield from textwrap.wrap(f"Adjusted by {text}.", WIDTH, subsequent_indent="  ")


def _span(counts: pl.Series) -> str:
    known = counts.drop_nulls().unique().sort().to_list()
    if not known:
        return "–"
    return f"{known[0]:,}" if len(known) == 1 else f"{known[0]:,} to {known[-1]:,}"


def _whole(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _estimate(measure: Measure, value: float | None) -> str:
    if value is None:
        return "–"
    if measure.unit == "share":
        return percent(value)
    return f"{value:,.2f}" if measure.unit in ("ratio", "points") else f"{value:,.0f}"


def _interval(measure: Measure, lower: float | None, upper: float | None) -> str:
    if lower is None:
        return ""
    if upper is None:
        return f"{_estimate(measure, lower)} or more"
    if lower == upper:
        return "no interval"
    if measure.unit == "share":
        return f"{100 * lower:.1f}–{100 * upper:.1f}%"
    return f"{_estimate(measure, lower)}–{_estimate(measure, upper)}"


MOST_TOLD = 3
"""Definitions whose own caveats are told below an answer; a page tells those of more."""


def _has_empty(measure: Measure, frame: pl.DataFrame) -> bool:
    names = (measure.estimate, f"first_{measure.estimate}")
    return any(frame[name].null_count() for name in names if name in frame.columns)


def _notes(asked: Question, frame: pl.DataFrame) -> Iterator[str]:
    """Say by whose definition, and what the rows do not show."""
    if "adjusted_by" in frame.columns:
        yield from _counted(frame)
    for definition in asked.definitions:
        of = f", of {definition.denominator}" if definition.denominator else ""
        text = f"{definition.name}: {definition.numerator}{of} ({definition.user})"
        yield from textwrap.wrap(text, WIDTH, subsequent_indent="  ")
    for caveat in asked.measure.caveats:
        yield from textwrap.wrap(f"- {caveat}", WIDTH, subsequent_indent="  ")
    if len(asked.definitions) <= MOST_TOLD:
        for definition in asked.definitions:
            for caveat in definition.caveats:
                text = f"- {definition.name}: {caveat}"
                yield from textwrap.wrap(text, WIDTH, subsequent_indent="  ")
    if _has_empty(asked.measure, frame):
        yield from textwrap.wrap(
            "–: held back, as counts of 1 to 10 people are, with what would give them away; "
            "or too few are observed so long, or nobody is alike in both groups.",
            WIDTH,
        )
    yield f"More: opendocket measures {asked.measure.name}"

"""An answer as a picture: curves over days, lines over years, or dots with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

from opendocket.docket import Docket
from opendocket.errors import BadCut, NothingToShow
from opendocket.findings import theme
from opendocket.findings.finding import Figure, Sentence
from opendocket.findings.words import day, percent
from opendocket.measure.answers import Question, answered
from opendocket.measure.contrasting import Pair
from opendocket.measure.cut import told
from opendocket.measure.estimators import NOT_YET, OverTime
from opendocket.outputs import written_aside
from opendocket.report.pictures import drawn

COLOURS = (
    theme.BLUE, theme.VERMILION, theme.GREEN, theme.ORANGE, theme.PURPLE, theme.SKY, "#000000",
    theme.GREY,
)  # fmt: skip
DASHES: tuple[list[int], ...] = (
    [1, 0], [7, 4], [2, 3], [9, 3, 2, 3], [1, 0], [7, 4], [2, 3], [9, 3, 2, 3],
)  # fmt: skip
MOST_LINES, MOST_DOTS = 8, 60
EVERY = 30
"""Days between the points of a curve."""
ENDINGS = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Plotted:
    """An answer in columns that a picture knows."""

    data: pl.DataFrame
    """``x`` where there is one, ``name``, ``value``, ``lower`` and ``upper``; ``panel`` where
    parts of several groups stand side by side."""
    what: str
    """The estimate in words."""
    unit: str
    kind: str
    """``days``, ``time`` or ``dots``."""
    x_title: str = ""


def write_picture(
    docket: Docket,
    asked: Question | Pair,
    frame: pl.DataFrame,
    path: Path,
    *,
    overwrite: bool = False,
) -> None:
    """Draw an answer into a file.

    Args:
        docket: The docket asked.
        asked: The question, or the pair of them.
        frame: Its answer. A share over time is asked again, for every thirtieth day.
        path: Ends in ``.svg`` or ``.png``.
        overwrite: Replace what is there.

    Raises:
        BadCut: Another ending, or more lines than can be told apart.
        NothingToShow: Nothing in the answer may be shown.
        AlreadyThere: The file is there, and ``overwrite`` is off.
    """
    if path.suffix not in ENDINGS:
        raise BadCut(path.name, "no kind of picture", f"end its name in {' or '.join(ENDINGS)}")
    with written_aside(path, overwrite=overwrite) as aside:
        pictures = drawn(answer_figure(docket, asked, frame))
        if path.suffix == ".svg":
            aside.write_text(pictures.wide, encoding="utf-8")
        else:
            aside.write_bytes(pictures.png)


def answer_figure(docket: Docket, asked: Question | Pair, frame: pl.DataFrame) -> Figure:
    """Make a figure of an answer, with a title that says what is found.

    Raises:
        BadCut: More lines, or dots, than can be told apart.
        NothingToShow: Nothing in the answer may be shown.
    """
    plotted = (
        _of_pair(asked, frame) if isinstance(asked, Pair) else _plotted(docket, asked, frame)
    )
    first = asked.first if isinstance(asked, Pair) else asked
    if plotted.data.is_empty():
        raise NothingToShow(
            "the picture", "every row is held back or empty", "ask of a larger cut"
        )
    whom = " against ".join(asked.names) if isinstance(asked, Pair) else told(first.where)
    whose = ", ".join(d.name for d in first.definitions)
    return Figure(
        slug=first.measure.name,
        title=_title(plotted),
        subtitle=f"{first.measure.question} {_unit_said(plotted.unit)} with 95% intervals. "
        f"Cases: {whom}; definition: {whose}.",
        alt=Sentence("{rows} estimates. {found}", _said(plotted)),
        data=plotted.data,
        draw=lambda figure, width: _draw(figure, plotted, width, _source(docket, first)),
    )


def _source(docket: Docket, asked: Question) -> str:
    made_up = docket.made_up
    if asked.holds_published:
        word = docket.word.upper()
        made_up = f"Agencies' counts are real; what is the docket's own is {word} DATA."
    real = f"Source: EOIR case data released {day(docket.released)}, measured by OpenDocket."
    return (
        f"{made_up if docket.is_synthetic else real} As of {day(asked.as_of)}. "
        f"{asked.measure.caveats[0]}"
    )


def _unit_said(unit: str) -> str:
    return {"share": "Shares", "count": "Counts", "days": "Days", "ratio": "Ratios"}.get(
        unit, "Differences"
    )


def _plotted(docket: Docket, asked: Question, frame: pl.DataFrame) -> Plotted:
    measure = asked.measure
    is_over_time = all(isinstance(d.estimator, OverTime) for d in asked.definitions)
    if is_over_time and not asked.days:
        last = int(frame.filter(pl.col(measure.estimate).is_not_null())["days"].max() or EVERY)  # type: ignore[arg-type]
        curve = replace(asked, days=tuple(range(0, last + 1, EVERY)))
        frame = answered(docket, curve)
    names = [n for n in (*_several(asked), *asked.by, measure.part) if n and n in frame.columns]
    times = [n for n in ("month", "year") if n in asked.by]
    x = next((n for n in (*times, "fiscal_year") if n in frame.columns), "")
    if is_over_time:
        kind, x, x_title = "days", "days", "days since the clock started"
    elif x:
        kind, x_title = "time", "month" if x == "month" else "fiscal year"
    else:
        kind, x_title = "dots", ""
        names += ["days"] if "days" in frame.columns else []
    if kind != "dots" and measure.part in frame.columns:
        frame = frame.filter(pl.col(measure.part).ne_missing(NOT_YET))
    lines = [n for n in names if n not in (x, measure.part)]
    panel = measure.part if kind != "dots" and measure.part in names and lines else ""
    names = lines if panel else [n for n in names if n != x]
    data = _told_apart(frame, names, measure.estimate, measure.unit, (x, panel))
    _few_enough(data, kind, asked)
    return Plotted(data, _in_words(measure.estimate), measure.unit, kind, x_title)


def _in_words(estimate: str) -> str:
    return estimate.replace("_", " ").capitalize()


def _label(name: str) -> pl.Expr:
    value = pl.col(name).cast(pl.String)
    return ("day " + value).fill_null("") if name == "days" else value.fill_null("not known")


def _several(asked: Question) -> list[str]:
    return ["definition"] if len(asked.definitions) > 1 else []


def _told_apart(
    frame: pl.DataFrame,
    names: Sequence[str],
    value: str,
    unit: str,
    places: tuple[str, str] = ("", ""),
) -> pl.DataFrame:
    x, panel = places
    label = pl.concat_str(
        [_label(n) for n in names],
        separator=" · ",
    ).str.strip_chars_end(" ·")
    return frame.select(
        *([pl.col(panel).alias("panel")] if panel else []),
        *([pl.col(x).cast(pl.String if x == "month" else pl.Float64).alias("x")] if x else []),
        (label if names else pl.lit("")).alias("name"),
        pl.col(value).cast(pl.Float64).alias("value"),
        pl.col(f"lower_{unit}").cast(pl.Float64).alias("lower"),
        pl.col(f"upper_{unit}").cast(pl.Float64).alias("upper"),
    ).drop_nulls("value")


def _few_enough(data: pl.DataFrame, kind: str, asked: Question) -> None:
    lines, most = data["name"].n_unique(), MOST_DOTS if kind == "dots" else MOST_LINES
    if lines > most:
        raise BadCut(
            ",".join(asked.by),
            f"{lines} {'dots' if kind == 'dots' else 'lines'}, too many to tell apart",
            f"choose at most {most} by --where, or fewer groupings",
        )


def _of_pair(asked: Pair, frame: pl.DataFrame) -> Plotted:
    lower = next(c for c in frame.columns if c.startswith("lower_"))
    value = frame.columns[frame.columns.index(lower) - 1]
    unit = lower.removeprefix("lower_")
    first = asked.first
    names = [
        n
        for n in (*_several(first), *first.by, first.measure.part, "days", "adjusted_by")
        if n and n in frame.columns
    ]
    written = frame.with_columns(
        adjusted_by=pl.when(pl.col("adjusted_by") == "nothing")
        .then(pl.lit("as they are"))
        .otherwise("adjusted by " + pl.col("adjusted_by"))
    )
    data = _told_apart(written, names, value, unit)
    _few_enough(data, "dots", first)
    return Plotted(
        data, _in_words(first.measure.estimate), "points" if unit == "share" else unit, "dots"
    )


def _written(value: float, unit: str) -> str:
    if unit == "share":
        return percent(value)
    if unit == "points":
        return f"{100 * value:+.1f} points"
    words = f"{value:,.2f}" if unit == "ratio" else f"{value:,.0f}"
    return f"{words} days" if unit == "days" else words


def _title(plotted: Plotted) -> Sentence:
    return Sentence("{found}", {"found": _found(plotted)})


def _found(plotted: Plotted) -> str:
    data, unit, what = plotted.data, plotted.unit, plotted.what
    if plotted.kind == "dots":
        told = data.filter(~pl.col("name").str.contains(NOT_YET))
        ranked = (told if len(told) else data).sort("value", maintain_order=True)
        low, high = (ranked.row(at, named=True) for at in (0, -1))
        if len(data) == 1:
            whose = f" ({low['name']})" if low["name"] else ""
            return f"{what}: {_written(low['value'], unit)}{whose}"
        return (
            f"{what}: from {_written(low['value'], unit)} ({low['name']}) to "
            f"{_written(high['value'], unit)} ({high['name']})"
        )
    if "panel" in data.columns:
        first = data["panel"][0]
        what, data = f"{what}, {first}", data.filter(pl.col("panel") == first)
    rows = data.group_by("name", maintain_order=True).agg(pl.col("x", "value")).to_dicts()
    begin, end = (_moment(data["x"].sort()[at]) for at in (0, -1))
    rows = [row for row in rows if row["x"][-1] == data["x"].max()]
    if plotted.kind == "days":
        return f"{what}: {_spread(rows, unit)} by day {end}"
    if len(rows) == 1:
        values = [_written(rows[0]["value"][at], unit) for at in (0, -1)]
        return f"{what}: {values[0]} in {begin}, {values[1]} in {end}"
    return f"{what}: {_spread(rows, unit)} in {end}"


def _moment(x: object) -> str:
    return f"{x:,.0f}" if isinstance(x, float) and x < 1900 else str(x).removesuffix(".0")


def _spread(rows: Sequence[dict[str, Any]], unit: str) -> str:
    """Write the lowest and the highest of where lines end."""
    ends = sorted((row["value"][-1], row["name"]) for row in rows)
    low, high = ends[0], ends[-1]
    if len(ends) == 1:
        return _written(low[0], unit)
    return f"{_written(low[0], unit)} ({low[1]}) to {_written(high[0], unit)} ({high[1]})"


def _said(plotted: Plotted) -> dict[str, str]:
    return {"rows": f"{len(plotted.data):,}", "found": _found(plotted) + "."}


def _draw(figure: Figure, plotted: Plotted, width: int, source: str) -> theme.Chart:
    plot = _dots(plotted, width) if plotted.kind == "dots" else _lines(plotted, width)
    return theme.dressed(
        plot, title=str(figure.title), subtitle=figure.subtitle, source=source, width=width
    )


def _axis(unit: str, title: str = "") -> alt.Axis:
    form = {"share": ".0%", "points": "+.0%", "ratio": ".2~f"}.get(unit, ",d")
    return alt.Axis(title=title or None, format=form, tickCount=5, domain=False, ticks=False)


def _dots(plotted: Plotted, width: int) -> theme.Chart:
    data = plotted.data.with_columns(
        label=pl.col("value").map_elements(
            lambda v: _written(v, plotted.unit), return_dtype=pl.String
        )
    )
    names = data["name"].to_list()
    y = alt.Y(
        "name:N",
        sort=names,
        axis=alt.Axis(title=None, domain=False, ticks=False, labelLimit=width // 2, grid=True)
        if any(names)
        else None,
    )
    is_signed = plotted.unit in ("points",)
    x = alt.X(
        "value:Q",
        scale=alt.Scale(zero=not is_signed and plotted.unit != "ratio", padding=30),
        axis=_axis(plotted.unit),
    )
    base = alt.Chart(data)
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.45, color=theme.BLUE).encode(
            y=y, x=alt.X("lower:Q"), x2="upper:Q"
        ),
        base.mark_point(filled=True, size=60, opacity=1, color=theme.BLUE).encode(y=y, x=x),
        base.mark_text(dy=-10, fontSize=11, color=theme.INK).encode(y=y, x=x, text="label:N"),
    ]
    if is_signed or plotted.unit == "ratio":
        none = 0.0 if is_signed else 1.0
        zero = alt.Chart(pl.DataFrame({"none": [none]})).mark_rule(
            color=theme.INK, strokeDash=[2, 3]
        )
        layers.insert(0, zero.encode(x="none:Q"))
    return alt.layer(*layers).properties(width=width, height=max(60, 32 * len(names)))


def _lines(plotted: Plotted, width: int) -> theme.Chart:
    if "panel" not in plotted.data.columns:
        return _panel(plotted, width, 300 if width >= theme.WIDE else 240)
    columns = 2 if width >= theme.WIDE else 1
    across = width // columns - (45 if columns > 1 else 0)
    panels = [
        _panel(replace(plotted, data=part.drop("panel")), across, 190).properties(
            title=alt.TitleParams(text=str(name), anchor="start", frame="group", fontSize=13)
        )
        for (name,), part in plotted.data.group_by(["panel"], maintain_order=True)
    ]
    return alt.concat(*panels, columns=columns, spacing={"row": 16, "column": 14})


def _panel(plotted: Plotted, width: int, height: int) -> theme.Chart:
    """Draw lines with their bands, each named at its right-hand end."""
    names = plotted.data["name"].unique(maintain_order=True).to_list()
    colours, dashes = (dict(zip(names, each, strict=False)) for each in (COLOURS, DASHES))
    room = min(width // 3, round(theme.PIXELS_A_LETTER[12] * 1.15 * max(map(len, names))))
    data, kind = _with_x(plotted)
    top = theme.top_of(data["upper"]) if plotted.unit == "share" else _highest(data)
    scale = alt.Scale(nice=False, zero=False) if kind == "Q" else alt.Undefined
    x = alt.X(f"x:{kind}", axis=_x_axis(plotted, width - room), scale=scale)
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, top]), axis=_axis(plotted.unit))
    colour, base = theme.coloured("name", colours), alt.Chart(data)
    is_step = plotted.kind == "days"
    area = base.mark_area(opacity=0.18, interpolate="step-after" if is_step else "linear")
    line = base.mark_line(strokeWidth=2.5, interpolate="step-after" if is_step else "linear")
    layers = [
        area.encode(x=x, y=alt.Y("lower:Q"), y2="upper:Q", color=colour),
        line.encode(x=x, y=y, color=colour, strokeDash=theme.dashed("name", dashes)),
    ]
    if not is_step:
        point = base.mark_point(filled=True, size=35, opacity=1)
        layers.append(point.encode(x=x, y=y, color=colour))
    if len(names) > 1:
        layers.append(_ends(data, colours, kind, 15 * top / height, top))
    return alt.layer(*layers).properties(width=width - room, height=height)


def _highest(data: pl.DataFrame) -> float:
    found = data.select(pl.max_horizontal("upper", "value").max()).item()
    return float(found) or 1.0


def _ends(
    data: pl.DataFrame, colours: dict[str, str], kind: str, gap: float, top: float
) -> theme.Chart:
    last = data.group_by("name", maintain_order=True).last().sort("value")
    places: list[float] = []
    for wanted in theme.apart(last["value"].to_list(), gap):
        places.append(max(wanted, places[-1] + gap if places else 0.0))
    placed = last.select(
        x=pl.lit(data["x"].max()),
        label_y=pl.Series(places).clip(0, top),
        name="name",
        tone=pl.Series([theme.legible(colours[name]) for name in last["name"]]),
    )
    text = alt.Chart(placed).mark_text(align="left", dx=7, fontSize=12, fontWeight="bold")
    return text.encode(
        x=f"x:{kind}", y="label_y:Q", text="name:N", color=alt.Color("tone:N", scale=None)
    )


def _with_x(plotted: Plotted) -> tuple[pl.DataFrame, str]:
    """Write months as days, which an axis of time takes."""
    if plotted.x_title != "month":
        return plotted.data, "Q"
    return plotted.data.with_columns(x=pl.col("x") + "-01"), "T"


def _x_axis(plotted: Plotted, width: int) -> alt.Axis:
    if plotted.kind == "days":
        last = float(plotted.data["x"].max() or 1)  # type: ignore[arg-type]
        return theme.day_axis(plotted.x_title, last, width)
    form = "%b %Y" if plotted.x_title == "month" else "d"
    return alt.Axis(title=plotted.x_title, grid=False, format=form, tickCount=8, labelAngle=0)

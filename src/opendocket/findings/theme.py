"""How pictures look: one type face, one palette, titles that say the finding.

Colours are Okabe and Ito's, told apart by people who see red and green alike, and ordered by
lightness so that they differ in black and white; lines also differ by dashes, areas by white
borders and labels.
"""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from opendocket.estimate.suppression import held_back
from opendocket.estimate.survival import IncidenceCurves
from opendocket.findings.finding import Figure

Chart = Any
"""A chart of Altair's, whose kinds share no public base type."""

BARE = alt.ViewConfig(stroke=None)

WIDE, NARROW = 680, 330
"""Widths of a picture's plot in pixels, on a page and on a telephone."""

INK, GREY, RULE = "#1a1a1a", "#5f5f5f", "#d9d9d9"
BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, YELLOW, PALE = "#56B4E9", "#CC79A7", "#F0E442", "#e8e8e8"
LEGIBLE = {
    VERMILION: "#B04600",
    GREEN: "#00704F",
    ORANGE: "#8A5A00",
    SKY: "#1F6C99",
    PURPLE: "#94406F",
    YELLOW: "#6B6400",
    PALE: GREY,
    "#bdbdbd": GREY,
    "#8fd0bb": "#00704F",
    "#f3cfa8": "#8A5A00",
}
"""Darker tones for words: at least 4.5 to 1 on white."""
FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"

PIXELS_A_LETTER = {19: 9.4, 16: 8.2, 13: 6.3, 12: 5.9, 11: 5.4}
"""About how wide a letter is, by font size."""


def wrapped(text: str, width: int, size: int) -> list[str]:
    """Break a text into lines that fit a width in pixels."""
    return textwrap.wrap(text, max(20, int(width / PIXELS_A_LETTER[size])))


def dressed(plot: Chart, *, title: str, subtitle: str, source: str, width: int) -> Chart:
    """Give a plot its title above, and its source line below.

    Args:
        plot: A chart, layered or concatenated.
        title: The finding.
        subtitle: What is drawn, and in which units.
        source: Where the numbers come from, and whether they are made up.
        width: Pixels of the plot.
    """
    room = width + 50
    size = 19 if width >= WIDE else 16
    lines = wrapped(source, room, 11)
    caption = (
        alt.Chart(pl.DataFrame({"text": ["\n".join(lines)]}))
        .mark_text(
            align="left", baseline="top", fontSize=11, color=GREY, lineHeight=14, x=0, y=4,
            lineBreak="\n",
        )
        .encode(text="text:N")
        .properties(width=width, height=14 * len(lines) + 6, view=BARE)
    )  # fmt: skip
    titled = alt.vconcat(plot, caption, spacing=8).properties(
        title=alt.TitleParams(
            text=wrapped(title, room, size),
            subtitle=wrapped(subtitle, room, 13),
            anchor="start",
            align="left",
            fontSize=size,
            fontWeight="bold",
            subtitleFontSize=13,
            subtitleColor=GREY,
            subtitleLineHeight=17,
            lineHeight=size + 5,
            color=INK,
            offset=14,
            subtitlePadding=6,
        ),
        padding={"left": 8, "right": 12, "top": 8, "bottom": 6},
        background="white",
    )
    return _in_house_style(titled, width)


def _in_house_style(chart: Chart, width: int) -> Chart:
    return (
        chart.configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=GREY,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=RULE,
            domainColor="#8a8a8a",
            tickColor="#8a8a8a",
        )
        .configure_legend(
            labelFontSize=12,
            titleFontSize=12,
            labelColor=INK,
            labelLimit=width,
            symbolStrokeWidth=2,
        )
        .configure_header(labelFontSize=12, labelFontWeight="bold", labelColor=INK)
    )


def day_axis(title: str, last: float, width: int) -> alt.Axis:
    """Make an axis of days with a tick every so many months."""
    step = _step(last, width)
    return alt.Axis(
        title=title,
        values=list(range(0, int(last) + 1, step)),
        format=",d",
        grid=False,
        tickSize=5,
    )


def _step(last: float, width: int) -> int:
    """Give how many days lie between ticks, so that their labels stay apart."""
    return next((s for s in (30, 60, 100, 200, 365, 730) if last / s <= width / 62), 1_460)


def share_axis(title: str = "") -> alt.Axis:
    """Make an axis of shares, written as percentages."""
    return alt.Axis(title=title or None, format=".0%", tickCount=5, domain=False, ticks=False)


def at_risk_row(
    days: Sequence[float],
    counts: Sequence[int],
    scale: alt.Scale,
    width: int,
    what: str = "Cases under observation",
) -> Chart:
    """Write how many cases are under observation below a curve.

    Args:
        days: Where to write; shape (k,).
        counts: Cases at risk then; shape (k,).
        scale: The curve's own.
        width: Pixels.
        what: Which cases.
    """
    every = max(1, -(-len(days) * 62 // width))
    rows = pl.DataFrame(
        {
            "day": [float(d) for d in days[::every]],
            "text": [f"{int(c):,}" for c in counts[::every]],
        }
    )
    head = (
        alt.Chart(pl.DataFrame({"text": [what]}))
        .mark_text(align="left", baseline="top", fontSize=11, color=GREY, x=0, y=0)
        .encode(text="text:N")
    )
    row = (
        alt.Chart(rows)
        .mark_text(baseline="top", fontSize=11, color=INK, y=16)
        .encode(x=alt.X("day:Q", scale=scale, axis=None), text="text:N")
    )
    return alt.layer(head, row).properties(width=width, height=30, view=BARE)


def at_risk_row_of(
    days: ArrayLike,
    counts: ArrayLike,
    scale: alt.Scale,
    width: int,
    what: str = "Cases under observation",
) -> Chart:
    """Write how many cases are under observation, at round days of a curve.

    Args:
        days: The whole curve's own, ascending; shape (k,).
        counts: Cases at risk then; shape (k,).
        scale: The picture's, of which every so many days are written.
        width: Pixels.
        what: Which cases.
    """
    known, at_risk = np.asarray(days, dtype=float), np.asarray(counts)
    end = float(scale["domain"][1])
    every = np.arange(0, end + 1, _step(end, width))
    # under observation on a day are those whose own last day is that day or later
    found = np.searchsorted(known, every)
    held = [int(at_risk[at]) if at < len(at_risk) else 0 for at in found]
    return at_risk_row(every.tolist(), held, scale, width, what)


def last_drawn(at_risk: ArrayLike, n: int) -> int:
    """Give the last point on which enough cases are under observation to draw.

    Args:
        at_risk: Cases under observation, point by point; shape (k,).
        n: Cases in all.

    Example:
        >>> last_drawn([4000, 900, 120, 40], 4000)
        2
    """
    enough = np.asarray(at_risk) >= min(100, n / 20)
    return int(np.flatnonzero(enough).max(initial=0))


def to_draw(curves: IncidenceCurves, most: int = 300) -> IncidenceCurves:
    """Give the part of curves that a picture shows: from day 0 on, and never on a few cases.

    Args:
        curves: Any.
        most: Days to keep.

    Returns:
        The curves until fewer than 100 cases (or one in twenty, where that is fewer) are under
        observation, at 0 until eleven cases have ended so, thinned, with a point on day 0.
    """
    curves = held_back(curves)
    keep = np.arange(len(curves.days)) <= last_drawn(curves.at_risk, curves.n)
    cut = replace(
        curves,
        days=curves.days[keep],
        share=curves.share[:, keep],
        lower=curves.lower[:, keep],
        upper=curves.upper[:, keep],
        pending_share=curves.pending_share[keep],
        at_risk=curves.at_risk[keep],
    ).thinned(most)
    if cut.days[0] == 0:
        return cut
    zero = np.zeros((len(cut.outcomes), 1))
    return replace(
        cut,
        days=np.append(0.0, cut.days),
        share=np.hstack([zero, cut.share]),
        lower=np.hstack([zero, cut.lower]),
        upper=np.hstack([zero, cut.upper]),
        pending_share=np.append(1.0, cut.pending_share),
        at_risk=np.append(curves.n, cut.at_risk),
    )


def above(plot: Chart, row: Chart) -> Chart:
    """Put a plot above its row of counts."""
    return alt.vconcat(plot, row, spacing=6)


def top_of(upper: pl.Series) -> float:
    """Give where an axis of shares shall end, with room for a label above the highest."""
    highest = max((float(v) for v in upper.drop_nulls().to_list()), default=0.0)
    return min(1.0, max(0.2, ceil((highest + 0.03) * 20) / 20))


def apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Move positions until they are a gap apart, keeping their order and their middle.

    Args:
        wanted: Where labels would stand; shape (k,).
        gap: The least distance between two.

    Example:
        >>> apart([1.0, 1.5, 9.0], 2.0)
        [0.25, 2.25, 9.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups: list[list[int]] = []
    middles: list[float] = []
    for i in order:
        groups.append([i])
        middles.append(wanted[i])
        while (
            len(groups) > 1
            and middles[-1] - middles[-2] < gap * (len(groups[-1]) + len(groups[-2])) / 2
        ):
            joined = groups[-2] + groups[-1]
            groups[-2:], middles[-2:] = [joined], [sum(wanted[j] for j in joined) / len(joined)]
    placed = [0.0] * len(wanted)
    for members, middle in zip(groups, middles, strict=True):
        for at, i in enumerate(members):
            placed[i] = middle + gap * (at - (len(members) - 1) / 2)
    return placed


def named_ends(
    data: pl.DataFrame,
    name: str,
    colours: dict[str, str],
    *,
    top: float,
    size: tuple[int, int],
) -> Chart:
    """Name each curve at its end, in its colour: the highest above it, the others below.

    Args:
        data: Columns ``days``, ``share``, ``lower``, ``upper`` and ``name``.
        name: The column of names.
        colours: By name.
        top: Where the axis of shares ends.
        size: Pixels of the plot, across and up.
    """
    a_pixel, last = top / size[1], float(data["days"].max() or 1)  # type: ignore[arg-type]
    parts = [
        (str(key), part.sort("days"))
        for (key,), part in data.group_by([name], maintain_order=True)
    ]
    highest = max(float(part["share"][-1]) for _, part in parts)
    ends, wanted = [], []
    for key, part in parts:
        label = len(key) * PIXELS_A_LETTER[12] * 1.15
        end = float(part["days"].max() or 1)  # type: ignore[arg-type]
        under = part.filter(pl.col("days") >= end - label / size[0] * last)
        is_top = part["share"][-1] == highest
        edge = float(under["upper"].max() if is_top else under["lower"].min())  # type: ignore[arg-type]
        ends.append({"days": end, name: key, "tone": legible(colours[key])})
        wanted.append(edge + (10 if is_top else -10) * a_pixel)
    placed = pl.DataFrame(ends).with_columns(
        label_y=pl.Series(apart(wanted, 15 * a_pixel)).clip(6 * a_pixel, top)
    )
    return (
        alt.Chart(placed)
        .mark_text(align="right", fontSize=12, fontWeight="bold")
        .encode(
            x="days:Q",
            y=alt.Y("label_y:Q"),
            text=f"{name}:N",
            color=alt.Color("tone:N", scale=None),
        )
    )


def _tones(names: pl.Series, colours: dict[str, str]) -> pl.Series:
    return pl.Series([legible(colours[name]) for name in names.to_list()])


def legible(colour: str) -> str:
    """Give the tone of a colour that words are written in."""
    return LEGIBLE.get(colour, colour)


def coloured(name: str, colours: dict[str, str]) -> alt.Color:
    """Colour by name, without a legend: names stand beside what they name."""
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{name}:N", scale=scale, legend=None)


def dashed(name: str, dashes: dict[str, list[int]]) -> alt.StrokeDash:
    """Dash by name, so that lines differ without colour."""
    scale = alt.Scale(domain=list(dashes), range=list(dashes.values()))
    return alt.StrokeDash(f"{name}:N", scale=scale, legend=None)


LABELS_WIDE, LABELS_NARROW = 215, 120
"""Pixels that names beside a stack take."""


@dataclass(frozen=True, slots=True)
class Stack:
    """How a picture of shares that add up to one names and colours them."""

    name: str
    """The column of names."""
    colours: dict[str, str]
    """By name, bottom first."""
    short: dict[str, str]
    """Shorter names for a narrow picture."""
    x_title: str
    """What days count."""
    days: ArrayLike
    """Whole days to count the cases under observation on; shape (k,)."""
    at_risk: ArrayLike
    """Cases under observation on each of them; shape (k,)."""


def stacked(figure: Figure, width: int, stack: Stack, *, source: str) -> Chart:
    """Stack shares that add up to one, each named at its right-hand end.

    Args:
        figure: Its data have ``days``, ``share`` and the column of names; every day's shares
            add up to 1.
        width: Pixels of the whole, names included.
        stack: How to draw them.
        source: The line below.
    """
    wide = width >= WIDE
    name, height = stack.name, 330 if wide else 290
    across = width - (LABELS_WIDE if wide else LABELS_NARROW)
    present = set(figure.data[name].unique())
    colours = {key: tone for key, tone in stack.colours.items() if key in present}
    order = {key: at for at, key in enumerate(colours)}
    tops = (
        figure.data.with_columns(
            order=pl.col(name).replace_strict(order, return_dtype=pl.Int64)
        )
        .sort("days", "order")
        .with_columns(upper=pl.col("share").cum_sum().over("days"))
        .with_columns(lower=pl.col("upper") - pl.col("share"))
    )
    last = float(tops["days"].max() or 1)  # type: ignore[arg-type]
    scale = alt.Scale(domain=[0, last], nice=False)
    whole = alt.Scale(domain=[0, 1])
    areas = (
        alt.Chart(tops)
        .mark_area(interpolate="step-after", stroke="white", strokeWidth=0.8)
        .encode(
            x=alt.X("days:Q", scale=scale, axis=day_axis(stack.x_title, last, across)),
            y=alt.Y("lower:Q", scale=whole, axis=share_axis()),
            y2="upper:Q",
            color=coloured(name, colours),
            order="order:Q",
        )
    )
    names = {key: key if wide else stack.short.get(key, key) for key in colours}
    ends = tops.filter(pl.col("days") == last, pl.col("share") > 0)
    texts = (
        alt.Chart(_beside(ends, name, names, colours, height))
        .mark_text(align="left", dx=7, fontSize=12 if wide else 11, fontWeight="bold")
        .encode(
            x=alt.X("days:Q", scale=scale),
            y=alt.Y("label_y:Q", scale=whole),
            text="label:N",
            color=alt.Color("tone:N", scale=None),
        )
    )
    chart = alt.layer(areas, texts).properties(width=across, height=height)
    return dressed(
        above(chart, at_risk_row_of(stack.days, stack.at_risk, scale, across)),
        title=str(figure.title),
        subtitle=figure.subtitle,
        source=source,
        width=width,
    )


def _beside(
    ends: pl.DataFrame, name: str, names: dict[str, str], colours: dict[str, str], height: int
) -> pl.DataFrame:
    """Lay out the names beside a stack's right-hand end, with their shares."""
    middles = ((ends["lower"] + ends["upper"]) / 2).to_list()
    return pl.DataFrame(
        {
            "days": ends["days"],
            "label_y": apart(middles, 14.5 / height),
            "label": [
                f"{names[key]} {_whole_percent(share)}"
                for key, share in zip(ends[name], ends["share"], strict=True)
            ],
            "tone": _tones(ends[name], colours),
        }
    )


def _whole_percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"


@dataclass(frozen=True, slots=True)
class Lines:
    """How a picture of curves names, colours and dashes them."""

    name: str
    """The column of names."""
    colours: dict[str, str]
    dashes: dict[str, list[int]]
    x_title: str
    """What days count."""
    at_risk: dict[str, IncidenceCurves]
    """Whole curves to count the cases under observation from, by what the row is called."""
    last: float | None = None
    """The last day to draw."""


def curves(
    figure: Figure,
    width: int,
    lines: Lines,
    *,
    source: str,
    marks: Callable[[alt.Scale, float], Sequence[Chart]] = lambda scale, top: (),
) -> Chart:
    """Draw rising curves with their bands, named at their ends, above the cases at risk.

    Args:
        figure: Its data have ``days``, ``share``, ``lower``, ``upper`` and the column of names.
        width: Pixels of the plot.
        lines: How to draw them.
        source: The line below.
        marks: What else to draw, given the scale of days and where the axis of shares ends.
    """
    data = figure.data
    if lines.last is not None:
        data = data.filter(pl.col("days") <= lines.last)
    name, end = lines.name, float(data["days"].max() or 1)  # type: ignore[arg-type]
    scale = alt.Scale(domain=[0, end], nice=False)
    top, height = top_of(data["upper"]), 300 if width >= WIDE else 240
    x = alt.X("days:Q", scale=scale, axis=day_axis(lines.x_title, end, width))
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, top]), axis=share_axis())
    base, colour = alt.Chart(data), coloured(name, lines.colours)
    layers = [
        base.mark_area(opacity=0.2, interpolate="step-after").encode(
            x=x, y=alt.Y("lower:Q"), y2="upper:Q", color=colour
        ),
        base.mark_line(strokeWidth=2.5, interpolate="step-after").encode(
            x=x, y=y, color=colour, strokeDash=dashed(name, lines.dashes)
        ),
        *marks(scale, top),
    ]
    if len(lines.colours) > 1:
        layers.append(named_ends(data, name, lines.colours, top=top, size=(width, height)))
    chart = alt.layer(*layers).properties(width=width, height=height)
    for what, whole in lines.at_risk.items():
        row = at_risk_row_of(whole.days, whole.at_risk, scale, width, what)
        chart = above(chart, row)
    return dressed(
        chart, title=str(figure.title), subtitle=figure.subtitle, source=source, width=width
    )

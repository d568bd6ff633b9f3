"""Pictures of scenarios: a docket's own promise, and its cost to everyone else by court."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import polars as pl

from opendocket.findings import theme
from opendocket.findings.finding import Figure, Sentence
from opendocket.findings.words import day
from opendocket.measure.courts import city
from opendocket.report.differences import WHOM, apart, level
from opendocket.simulate.answers import DEDICATED, MEASURES, OTHERS
from opendocket.simulate.comparing import LEVEL, Compared, Origin

COLOURS = (
    theme.INK, theme.BLUE, theme.VERMILION, theme.GREEN, theme.ORANGE, theme.PURPLE, theme.SKY,
    theme.GREY,
)  # fmt: skip
DASHES: tuple[list[int], ...] = (
    [1, 0], [7, 4], [2, 3], [9, 3, 2, 3], [12, 3], [4, 2], [1, 3], [6, 2, 1, 2, 1, 2],
)  # fmt: skip
MOST_COURTS = 40
"""Courts in one picture, those with the most people."""

OWN = ("first_ending_days", "within_300_days_share")
"""What a docket is about."""
COST = ("wait_mean_days", "pending_people")
"""What it may cost everyone else."""
BY_COURT = "wait_mean_days"
BANDS = f"bands of {LEVEL:.0%} of the draws (of all, where they are few)"


def figures_of(compared: Compared, origin: Origin) -> list[Figure]:
    """Draw a comparison; a picture that nothing can be said in is left out.

    Args:
        compared: What draws of the scenarios say.
        origin: What they start from.

    Returns:
        The docket itself, everyone else, the wait court by court for each scenario but the
        base, and people pending over time.
    """
    source = source_line(compared, origin)
    found = [
        _levels(compared, source, "dedicated", DEDICATED, OWN),
        _levels(compared, source, "everyone-else", OTHERS, COST),
        *(_courts(compared, source, name) for name in compared.scenarios[1:]),
        _pending(compared, source),
    ]
    return [figure for figure in found if figure is not None]


def source_line(compared: Compared, origin: Origin) -> str:
    """Say below a picture what kind of numbers it shows."""
    return (
        f"{origin.label}. From {day(origin.first)} to {day(origin.last)}; "
        f"{compared.draws:,} draws. OpenDocket."
    )


def _last(levels: pl.DataFrame) -> pl.DataFrame:
    """Keep stocks on the last day only."""
    return levels.filter(
        pl.col("on_date").is_null() | (pl.col("on_date") == pl.col("on_date").max())
    )


def _levels(
    compared: Compared, source: str, slug: str, population: str, measures: Sequence[str]
) -> Figure | None:
    """Draw measures of one population, a dot with its band for each scenario."""
    rows = _last(compared.levels).filter(
        pl.col("court_code").is_null(),
        pl.col("population") == population,
        pl.col("measure").is_in(measures),
        pl.col("value").is_not_null(),
    )
    if rows.is_empty():
        return None
    data = pl.concat(
        rows.filter(pl.col("measure") == name)
        .select("scenario", "measure", "value", "lower", "upper", "people_count")
        .with_columns(label=_labels(rows.filter(pl.col("measure") == name)["value"], name))
        for name in measures
    )
    first = data.filter(pl.col("measure") == data["measure"][0])
    return Figure(
        slug=slug,
        title=_found(first, MEASURES[first["measure"][0]].words, WHOM[population]),
        subtitle=f"{WHOM[population]}, by scenario; lines are {BANDS}. "
        + " ".join(_meaning(name) for name in dict.fromkeys(data["measure"])),
        alt=Sentence(
            "Dots with bands for {n} scenarios: {each}.",
            {"n": str(len(compared.scenarios)), "each": _each(data)},
        ),
        data=data,
        draw=lambda figure, width: _drawn_levels(figure, width, compared.scenarios, source),
    )


def _meaning(name: str) -> str:
    told = MEASURES[name]
    return f"{told.words}: {told.meaning}."


def _labels(values: pl.Series, name: str) -> pl.Series:
    unit = MEASURES[name].unit
    return pl.Series([level(value, unit) for value in values.to_list()], dtype=pl.String)


def _each(data: pl.DataFrame) -> str:
    return "; ".join(
        f"{MEASURES[name].words}, {scenario} {label}"
        for scenario, name, label in data.select("scenario", "measure", "label").iter_rows()
    )


def _found(rows: pl.DataFrame, words: str, whom: str) -> Sentence:
    """Say what is lowest and what is highest."""
    ranked = rows.sort("value", maintain_order=True)
    low, high = (ranked.row(at, named=True) for at in (0, -1))
    if low["label"] == high["label"]:
        return Sentence(
            "{whom}: {what} the same, {low}",
            {"whom": whom, "what": words.lower(), "low": low["label"]},
        )
    return Sentence(
        "{whom}: {what} from {low} ({first}) to {high} ({second})",
        {
            "whom": whom, "what": words.lower(), "low": low["label"], "high": high["label"],
            "first": low["scenario"], "second": high["scenario"],
        },
    )  # fmt: skip


def _drawn_levels(
    figure: Figure, width: int, scenarios: Sequence[str], source: str
) -> theme.Chart:
    names = list(dict.fromkeys(figure.data["measure"].to_list()))
    is_wide = width >= theme.WIDE and len(names) > 1
    beside = theme.PIXELS_A_LETTER[12] * max(map(len, scenarios))
    across = (width - (beside + 45) * len(names)) / len(names) if is_wide else width - beside
    panels = [
        _dots(figure.data.filter(pl.col("measure") == name), name, scenarios, int(across))
        for name in names
    ]
    plot = alt.concat(*panels, columns=2 if is_wide else 1, spacing=24)
    return theme.dressed(
        plot, title=str(figure.title), subtitle=figure.subtitle, source=source, width=width
    )


def _dots(data: pl.DataFrame, name: str, scenarios: Sequence[str], width: int) -> theme.Chart:
    told = MEASURES[name]
    y = alt.Y(
        "scenario:N",
        sort=list(scenarios),
        axis=alt.Axis(title=None, domain=False, ticks=False, labelLimit=260, grid=True),
    )
    form = ".0%" if told.unit == "share" else "~s" if told.unit == "people" else ",d"
    top = float(data["upper"].max() or 0) or 1.0  # type: ignore[arg-type]
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[0, top * (1 + 60 / width)], nice=False),
        axis=alt.Axis(title=None, format=form, tickCount=4, domain=False, ticks=False),
    )
    base = alt.Chart(data)
    return alt.layer(
        base.mark_rule(strokeWidth=3, opacity=0.5, color=theme.BLUE).encode(
            y=y, x=alt.X("lower:Q"), x2="upper:Q"
        ),
        base.mark_point(filled=True, size=60, opacity=1, color=theme.BLUE).encode(y=y, x=x),
        base.mark_text(dy=-11, fontSize=11, color=theme.INK).encode(y=y, x=x, text="label:N"),
    ).properties(
        width=width,
        height=max(70, 36 * len(scenarios)),
        title=alt.TitleParams(text=told.words, anchor="start", frame="group", fontSize=13),
    )


def _courts(compared: Compared, source: str, scenario: str) -> Figure | None:
    """Draw the difference in everyone else's wait, court by court."""
    rows = compared.differences.filter(
        pl.col("scenario") == scenario,
        pl.col("population") == OTHERS,
        pl.col("measure") == BY_COURT,
        pl.col("court_code").is_not_null(),
        pl.col("difference").is_not_null(),
    )
    if rows.is_empty():
        return None
    unit = MEASURES[BY_COURT].unit
    told = (
        rows.sort("people_count", descending=True, maintain_order=True)
        .head(MOST_COURTS)
        .sort("difference", "court_code", descending=[True, False])
    )
    data = told.select(
        pl.Series("court", [city(code) for code in told["court_code"].to_list()]),
        "court_code", "difference", "lower", "upper", "people_count",
        pl.Series("label", [apart(v, unit) for v in told["difference"].to_list()]),
    )  # fmt: skip
    longer = int((data["lower"] > 0).sum())
    shorter = int((data["upper"] < 0).sum())
    base = compared.scenarios[0]
    left = f" Of {len(rows)} courts, the {len(data)} with the most people."
    return Figure(
        slug=f"courts-{scenario}",
        title=Sentence(
            "Under {scenario}, everyone else waits longer than under {base} at {longer} of "
            "{courts} courts, and less long at {shorter}",
            {"scenario": scenario, "base": base, "longer": str(longer),
             "courts": str(len(data)), "shorter": str(shorter)},
        ),
        subtitle="Difference in the mean days that hearings of everyone else stand beyond the "
        f"day they were wanted on. Lines are {BANDS}; courts are counted where the whole "
        "band is on one side of none." + (left if len(rows) > len(data) else ""),
        alt=Sentence(
            "Courts from {most} ({first}) to {least} ({last}) days.",
            {"most": data["label"][0], "first": data["court"][0],
             "least": data["label"][-1], "last": data["court"][-1]},
        ),
        data=data,
        draw=lambda figure, width: _drawn_courts(figure, width, source),
    )  # fmt: skip


def _drawn_courts(figure: Figure, width: int, source: str) -> theme.Chart:
    data = figure.data
    names = data["court"].to_list()
    beside = min(width // 3, round(theme.PIXELS_A_LETTER[11] * max(map(len, names))) + 10)
    y = alt.Y(
        "court:N",
        sort=names,
        axis=alt.Axis(
            title=None, domain=False, ticks=False, grid=True, labelFontSize=11,
            labelLimit=beside,
        ),
    )  # fmt: skip
    x = alt.X(
        "difference:Q",
        scale=alt.Scale(zero=True, padding=24),
        axis=alt.Axis(title="days", format="+,d", tickCount=6, domain=False, ticks=False),
    )
    base = alt.Chart(data)
    none = alt.Chart(pl.DataFrame({"none": [0.0]}))
    plot = alt.layer(
        none.mark_rule(color=theme.INK, strokeDash=[2, 3]).encode(x="none:Q"),
        base.mark_rule(strokeWidth=3, opacity=0.5, color=theme.BLUE).encode(
            y=y, x=alt.X("lower:Q"), x2="upper:Q"
        ),
        base.mark_point(filled=True, size=45, opacity=1, color=theme.BLUE).encode(y=y, x=x),
    ).properties(width=width - beside, height=max(60, 17 * len(names)))
    return theme.dressed(
        plot, title=str(figure.title), subtitle=figure.subtitle, source=source, width=width
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """How scenarios are told apart in lines."""

    colours: dict[str, str]
    dashes: dict[str, list[int]]


def _look(scenarios: Sequence[str]) -> _Look:
    return _Look(
        {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(scenarios)},
        {name: DASHES[at % len(DASHES)] for at, name in enumerate(scenarios)},
    )


def _pending(compared: Compared, source: str) -> Figure | None:
    """Draw people pending over time, a line a scenario, a panel a population."""
    rows = compared.levels.filter(
        pl.col("measure") == "pending_people",
        pl.col("court_code").is_null(),
        pl.col("population").is_in([DEDICATED, OTHERS]),
        pl.col("value").is_not_null(),
        pl.col("people_count") > 0,
    )
    if rows["on_date"].n_unique() < 2:
        return None
    data = rows.select("population", "scenario", "on_date", "value", "lower", "upper")
    ends = _last(data).with_columns(label=_labels(_last(data)["value"], "pending_people"))
    whom = OTHERS if (ends["population"] == OTHERS).any() else DEDICATED
    base = compared.scenarios[0]
    return Figure(
        slug="pending",
        title=_found(
            ends.filter(pl.col("population") == whom), "people pending at the end", WHOM[whom]
        ),
        subtitle=f"People whose case is open at the end of each quarter, with {BANDS}.",
        alt=Sentence(
            "Lines by scenario. At the end: {each}. The base is {base}.",
            {"base": base, "each": "; ".join(
                f"{WHOM[p].lower()}, {s} {label}"
                for p, s, label in ends.select("population", "scenario", "label").iter_rows()
            )},
        ),
        data=data,
        draw=lambda figure, width: _drawn_pending(figure, width, compared.scenarios, source),
    )  # fmt: skip


def _drawn_pending(
    figure: Figure, width: int, scenarios: Sequence[str], source: str
) -> theme.Chart:
    look = _look(scenarios)
    room = round(theme.PIXELS_A_LETTER[12] * 1.15 * max(map(len, scenarios)))
    panels = [
        _lines(part, WHOM[str(name)], look, max(140, width - room))
        for (name,), part in figure.data.group_by(["population"], maintain_order=True)
    ]
    plot = alt.vconcat(*panels, spacing=20)
    return theme.dressed(
        plot, title=str(figure.title), subtitle=figure.subtitle, source=source, width=width
    )


def _lines(data: pl.DataFrame, title: str, look: _Look, width: int) -> theme.Chart:
    height = 190
    top = float(data["upper"].max() or 1) * 1.05  # type: ignore[arg-type]
    x = alt.X(
        "on_date:T",
        axis=alt.Axis(title=None, format="%b %Y", grid=False, tickCount=6, labelAngle=0),
    )
    scale = alt.Scale(domain=[0, top], nice=False)
    axis = alt.Axis(title=None, format="~s", tickCount=4, domain=False, ticks=False)
    base, colour = alt.Chart(data), theme.coloured("scenario", look.colours)
    return alt.layer(
        base.mark_area(opacity=0.18).encode(
            x=x, y=alt.Y("lower:Q", scale=scale), y2="upper:Q", color=colour
        ),
        base.mark_line(strokeWidth=2.2).encode(
            x=x,
            y=alt.Y("value:Q", scale=scale, axis=axis),
            color=colour,
            strokeDash=theme.dashed("scenario", look.dashes),
        ),
        _line_names(data, look, 15 * top / height, top),
    ).properties(
        width=width,
        height=height,
        title=alt.TitleParams(text=title, anchor="start", frame="group", fontSize=13),
    )


def _line_names(data: pl.DataFrame, look: _Look, gap: float, top: float) -> theme.Chart:
    """Name each line at its right-hand end, in its colour."""
    ends = _last(data)
    placed = ends.select(
        "on_date",
        "scenario",
        label_y=pl.Series(theme.apart(ends["value"].to_list(), gap)).clip(0, top),
        tone=pl.Series([theme.legible(look.colours[name]) for name in ends["scenario"]]),
    )
    text = alt.Chart(placed).mark_text(align="left", dx=6, fontSize=12, fontWeight="bold")
    return text.encode(
        x="on_date:T", y="label_y:Q", text="scenario:N", color=alt.Color("tone:N", scale=None)
    )

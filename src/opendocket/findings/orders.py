"""What came of the orders? What others published, clearly apart from what the record shows."""

from datetime import date

import altair as alt
import polars as pl

from opendocket.errors import NothingToShow
from opendocket.figures import PublishedFigure, by_year, published
from opendocket.findings import theme
from opendocket.findings.finding import Figure, Section, Sentence, Table, computed_in
from opendocket.findings.study import Study
from opendocket.findings.words import count, day, interval, is_guarded, percent
from opendocket.measure.population import cases
from opendocket.measure.removals import Orders
from opendocket.measure.removals import orders as measured

QUESTION = "What came of the orders?"
THEN = date(2022, 7, 31)
"""The published count runs through July 2022 (A35)."""

STEPS = ("entered the docket", "ordered removed", "removal carried out")
ARRESTS, REMOVALS = "arrests by ICE", "removals by ICE"
COLOURS = {ARRESTS: theme.BLUE, REMOVALS: theme.VERMILION}


def orders(study: Study) -> Section:
    """Answer it."""
    now = measured(study.frame)
    then = _as_of(study, THEN) if study.as_of > THEN else None
    return Section(
        slug="orders",
        question=QUESTION,
        answer=_answer(study, now),
        text=_text(),
        figures=(_funnel(), _series()),
        tables=(_release(study, now, then), _published()),
        method=_METHOD,
        caveats=(
            "The courts’ release holds no removals. Whether an order was carried out is known "
            "from published figures only, and those cannot be joined to it person by person.",
            "The published 150 of 11,000 counts orders made at most 14 months before, orders "
            "under appeal among them.",
            "ICE’s removals hold people whom CBP arrested and orders that no judge made. Dividing "
            "the docket’s orders by them would compare different people.",
        ),
    )


def _as_of(study: Study, on: date) -> Orders | None:
    """Count orders on an earlier day; None where nobody was on the docket by then."""
    try:
        return measured(cases(study.con, "dedicated", as_of=on))
    except NothingToShow:
        return None


_METHOD = (
    ("Published", "Entered, ordered, carried out: internal data through July 2022 as first "
     "printed on 19 August 2022 (A35, second-hand). Arrests and removals: ICE’s annual reports, "
     "by fiscal year (E01, E01b, E02; E03 for years read second-hand)."),
    ("Population", "From the release: cases of the Dedicated Docket by EOIR’s own rule; an order is a case’s "
     "first decision, where that is a removal order, in absentia or with the person present. "
     "Orders that followed an administrative closure are here, and not among first outcomes."),
    ("Clock", "None: counts on a day."),
    ("Numerator", "People ordered removed; of those, in absentia; of those, rescinded."),
    ("Denominator", "Of the share ordered removed: all cases entered."),
    ("Estimator", "A count, and a share with a 95% interval clustered by family."),
    computed_in("orders", "removals"),
    ("Not comparable one to one", "The published count and the release differ in who is on the "
     "docket (A12 and A35 disagree by themselves) and in the day they were drawn."),
)  # fmt: skip


def _answer(study: Study, now: Orders) -> Sentence:
    entered, ordered, removed = published("A35").numbers()
    numbers = {
        "entered": f"{entered:,.0f}",
        "ordered": f"{ordered:,.0f}",
        "removed": f"{removed:,.0f}",
        "share": percent(removed / ordered),
        "code": "A35",
        "day": day(study.as_of),
        "year": str(THEN.year),
    }
    words = (
        "The Los Angeles Times reported in August {year}, from internal data, that over {entered} "
        "people had entered the docket, more than {ordered} had been ordered removed and about "
        "{removed} had been removed: {share} of the orders (second-hand; {code}). In this release "
    )
    if is_guarded(now.ordered.count, now.entered):
        return Sentence(words + "too few had an order by {day} to show.", numbers)
    return Sentence(
        words
        + "{own} of {n} cases ({span}) had been ordered removed by {day}; it does not say "
        "whether any was removed.",
        numbers
        | {
            "own": percent(now.ordered.share),
            "n": count(now.entered),
            "span": interval(now.ordered),
        },
    )


def _text() -> tuple[Sentence, ...]:
    years = _years()
    recent = [y for y in (2019, 2020, 2021) if y in years[ARRESTS] and y in years[REMOVALS]]
    told = "; ".join(
        f"{years[ARRESTS][y].numbers()[0]:,.0f} and {years[REMOVALS][y].numbers()[0]:,.0f} in {y}"
        for y in recent
    )
    return (
        Sentence(
            "ICE’s arrests and removals of all people, by fiscal year: {told}. They set the scale "
            "of what was carried out at all; they are not the docket’s.",
            {"told": told},
        ),
    )


def _years() -> dict[str, dict[int, PublishedFigure]]:
    return {ARRESTS: by_year("E01", "E01b"), REMOVALS: by_year("E02", "E03")}


def _funnel() -> Figure:
    figure = published("A35")
    data = pl.DataFrame(
        {
            "step": list(STEPS),
            "person_count": list(figure.numbers()),
            "as_of": [figure.as_of] * 3,
            "published_figure": [figure.id] * 3,
        }
    )
    entered, ordered, removed = (f"{n:,.0f}" for n in figure.numbers())
    return Figure(
        slug="orders-published",
        title=Sentence(
            "Of more than {ordered} people ordered removed by July {year}, about {removed} had been "
            "removed, it was reported",
            {"ordered": ordered, "removed": removed, "year": str(THEN.year)},
        ),
        subtitle="People, as published; not measured from this release",
        alt=Sentence(
            "Three bars: {entered} entered the docket, {ordered} ordered removed, {removed} "
            "removed, the last too short to see.",
            {"entered": entered, "ordered": ordered, "removed": removed},
        ),
        data=data,
        draw=_draw_funnel,
        is_published=True,
    )


def _source(*ids: str) -> str:
    figures = [published(id) for id in ids]
    told = "; ".join(dict.fromkeys(figure.source for figure in figures))
    return f"Published figures, not this release: {told} ({', '.join(f.id for f in figures)})."


def _draw_funnel(figure: Figure, width: int) -> theme.Chart:
    data = figure.data.with_columns(
        label=pl.concat_str(
            pl.Series(["over ", "more than ", "about "]),
            pl.col("person_count").map_elements(lambda n: f"{n:,.0f}", return_dtype=pl.String),
        )
    )
    order = alt.Y("step:N", sort=None, axis=None)
    across = width - (150 if width >= theme.WIDE else 110)
    scale = alt.Scale(domain=[0, 60_000], range=[0, across])
    base = alt.Chart(data)
    tones = alt.Scale(domain=list(STEPS), range=[theme.SKY, theme.BLUE, theme.VERMILION])
    bars = base.mark_bar(size=26).encode(
        y=order,
        x=alt.X("person_count:Q", scale=scale, axis=None),
        color=alt.Color("step:N", scale=tones, legend=None),
    )
    numbers = base.mark_text(align="left", dx=6, fontSize=14, fontWeight="bold").encode(
        y=order, x=alt.X("person_count:Q", scale=scale), text="label:N"
    )
    names = base.mark_text(align="left", x=0, dy=-24, fontSize=12, color=theme.INK).encode(
        y=order, text="step:N"
    )
    plot = alt.layer(bars, numbers, names).properties(width=width, height=alt.Step(62))
    return theme.dressed(
        plot,
        title=str(figure.title),
        subtitle=figure.subtitle,
        source=_source("A35"),
        width=width,
    )


def _series() -> Figure:
    rows = [
        {
            "fiscal_year": year,
            "series": name,
            "person_count": figure.numbers()[0],
            "is_whole_year": figure.as_of.strip() == str(year),
            "published_figure": figure.id,
            "confidence": figure.confidence,
        }
        for name, years in _years().items()
        for year, figure in years.items()
    ]
    data = pl.DataFrame(rows)
    low = _years()[REMOVALS][2021].numbers()[0]
    high = _years()[REMOVALS][2019].numbers()[0]
    return Figure(
        slug="orders-ice",
        title=Sentence(
            "ICE’s removals fell from {high} in {first} to {low} in {then}, and rose again",
            {"high": f"{high:,.0f}", "first": "2019", "low": f"{low:,.0f}", "then": "2021"},
        ),
        subtitle="People removed and arrested, by fiscal year, as published; hollow: part of a "
        "year; no bar: no figure read",
        alt=Sentence(
            "Two rows of bars, one bar a year. Removals: {told}.",
            {
                "told": ", ".join(
                    f"{year} {figure.numbers()[0]:,.0f}"
                    for year, figure in _years()[REMOVALS].items()
                )
            },
        ),
        data=data,
        draw=_draw_series,
        is_published=True,
    )


def _draw_series(figure: Figure, width: int) -> theme.Chart:
    years = figure.data["fiscal_year"]
    every = list(range(int(years.min()), int(years.max()) + 1))  # type: ignore[arg-type]
    panels = [
        _bars(figure.data.filter(pl.col("series") == name), name, every, width)
        for name in (REMOVALS, ARRESTS)
    ]
    return theme.dressed(
        alt.vconcat(*panels, spacing=14),
        title=str(figure.title),
        subtitle=figure.subtitle,
        source="Published figures, not this release: ICE annual reports and copies of them (E01, "
        "E01b, E02, E03); sources in the table.",
        width=width,
    )


def _bars(data: pl.DataFrame, name: str, every: list[int], width: int) -> theme.Chart:
    """Draw one series as bars, its counts above them; part of a year is hollow."""
    wide, tone = width >= theme.WIDE, COLOURS[name]
    data = data.with_columns(
        label=pl.col("person_count").map_elements(
            lambda n: f"{n:,.0f}" if wide else f"{n / 1000:,.0f}k", return_dtype=pl.String
        ),
        fill=pl.when("is_whole_year").then(pl.lit(tone)).otherwise(pl.lit("white")),
    )
    axis = alt.Axis(
        title="fiscal year" if name == ARRESTS else None,
        labels=name == ARRESTS,
        labelAngle=0,
        labelExpr="datum.label" if wide else "slice(datum.label, 2)",
        grid=False,
        ticks=False,
    )
    x = alt.X("fiscal_year:O", scale=alt.Scale(domain=every), axis=axis)
    y = alt.Y("person_count:Q", scale=alt.Scale(domain=[0, 350_000]), axis=None)
    base = alt.Chart(data)
    bars = base.mark_bar(stroke=tone, strokeWidth=1.5).encode(
        x=x, y=y, fill=alt.Fill("fill:N", scale=None)
    )
    counts = base.mark_text(dy=-8, fontSize=11, color=theme.INK).encode(
        x=x, y=y, text="label:N"
    )
    heading = (
        alt.Chart(pl.DataFrame({"text": [name]}))
        .mark_text(
            align="left",
            baseline="top",
            x=0,
            y=0,
            fontSize=12,
            fontWeight="bold",
            color=theme.legible(tone),
        )
        .encode(text="text:N")
        .properties(width=width, height=16, view=theme.BARE)
    )
    chart = alt.layer(bars, counts).properties(
        width=width, height=130 if wide else 110, view=theme.BARE
    )
    return alt.vconcat(heading, chart, spacing=2)


def _release(study: Study, now: Orders, then: Orders | None) -> Table:
    days = [(THEN, then)] if then is not None else []
    rows, shown = [], []
    for on, found in [*days, (study.as_of, now)]:
        ordered = found.ordered.count
        line = {"On": day(on)}
        for what, n, of in (
            ("entered", found.entered, found.entered),
            ("ordered removed", ordered, found.entered),
            ("of those in absentia", found.in_absentia, ordered),
            ("rescinded by that day", found.rescinded, found.in_absentia),
            ("ordered removed, and pending again", found.open_again, ordered),
        ):
            hide = is_guarded(n, of)
            rows.append({"measured_as_of": on, "what": what, "case_count": None if hide else n})
            line[what.capitalize()] = "withheld" if hide else count(n)
        shown.append({**line, "Removed": "not recorded"})
    return Table(
        slug="orders-release",
        title="What this release shows: cases, up to the order",
        shown=pl.DataFrame(shown),
        data=pl.DataFrame(rows, infer_schema_length=None),
        note=(
            "Frozen on the day that the published count was drawn, and on the day of this report. "
            if then is not None
            else "As they stood on the day of this report. "
        )
        + "Rescinded are orders in absentia; pending again are orders of either kind.",
    )


def _published() -> Table:
    figures = [published("A35"), published("A36")]
    figures += [f for years in _years().values() for f in years.values()]
    data = pl.DataFrame(
        [
            {
                "published_figure": f.id,
                "measure": f.measure,
                "as_of": f.as_of,
                "value": f.value,
                "unit": f.unit,
                "source": f.source,
                "url": f.url,
                "confidence": f.confidence,
            }
            for f in figures
        ]
    )
    shown = pl.DataFrame(
        [
            {
                "Code": f.id,
                "Published": f.measure,
                "As of": f.as_of,
                "Value": " / ".join(
                    f"{n:,.4g}" if n < 100 else f"{n:,.0f}" for n in f.numbers()
                )
                + f" {f.unit}",
                "Source": f"{f.source} ({f.confidence})",
            }
            for f in figures
        ]
    )
    return Table(
        slug="orders-published",
        title="What others published, with sources",
        shown=shown,
        data=data,
        note="None of these figures comes from this release.",
        is_published=True,
    )

"""Court by court: the same curve in each, small courts held back."""

from collections.abc import Iterator

import altair as alt
import polars as pl

from opendocket.estimate.suppression import THRESHOLD, held_back
from opendocket.findings import theme
from opendocket.findings.finding import Figure, Section, Sentence, Table, computed_in
from opendocket.findings.study import Study
from opendocket.findings.words import count, day, interval, percent
from opendocket.measure.clocks import DECIDED
from opendocket.measure.courts import Court, by_court
from opendocket.measure.population import GOAL_DAYS
from opendocket.measure.promise import Kept

QUESTION = "Did it depend on the court?"
DRAWN_AT_LEAST = 100
"""Cases on the clock below which a court is in the table, but not in the picture."""
LAST_DAY, EVERY = 600, 10
WIDTH, COLUMNS = {theme.WIDE: 148, theme.NARROW: 140}, {theme.WIDE: 4, theme.NARROW: 2}


def courts(study: Study) -> Section:
    """Answer it."""
    found = by_court(study.frame, as_of=study.as_of)
    drawn = [
        c
        for c in found
        if c.kept is not None and c.kept.is_whole and c.kept.decided.n >= DRAWN_AT_LEAST
    ]
    drawn.sort(key=lambda c: -_share(c))
    return Section(
        slug="courts",
        question=QUESTION,
        answer=_answer(study, drawn),
        text=(),
        figures=(_figure(study, drawn),) if drawn else (),
        tables=(_table(study, found),),
        method=_METHOD,
        caveats=(
            "A case is counted at the court of its first proceeding; some move later.",
            "Courts differ in whose cases they were given and when. The differences are not "
            "the courts’ doing alone, and say nothing about any judge.",
            "Intervals are pointwise, for one court at a time: among many courts one or two "
            "will stand apart by chance.",
        ),
    )


_METHOD = (
    ("Population", "The Dedicated Docket by EOIR’s own rule (A04), by court of first proceeding."),
    ("Clock", "From the first master hearing that a judge opened to a judge’s first decision."),
    ("Numerator", "Cases with a judge’s first decision by the day."),
    ("Denominator", "Every case of the court whose clock has started, pending ones as “not yet”."),
    ("Held back", f"Courts where fewer than {THRESHOLD} people came, were decided or were not, "
     "and others where that would give them away. Courts with fewer than "
     f"{DRAWN_AT_LEAST} cases on the clock are in the table only."),
    ("Estimator", "Cumulative incidence with closures without a decision competing; 95% "
     "intervals, clustered by family."),
    computed_in("courts", "courts", "promise", "estimate/suppression"),
)  # fmt: skip


def _share(court: Court) -> float:
    return court.kept.decided.share if court.kept else 0.0


def _answer(study: Study, drawn: list[Court]) -> Sentence:
    if len(drawn) < 2 or drawn[0].kept is None or drawn[-1].kept is None:
        return Sentence(
            "Too few courts had enough cases by {day} to compare.", {"day": day(study.as_of)}
        )
    high, low = drawn[0].kept.decided, drawn[-1].kept.decided
    return Sentence(
        "Shares differed: judges decided {low} of cases within {goal} days of the first master "
        "hearing in {low_city} ({low_span}; {low_n} cases) and {high} in {high_city} ({high_span}; "
        "{high_n} cases), as of {day}.",
        {
            "low": percent(low.share),
            "low_city": drawn[-1].city,
            "low_span": interval(low),
            "low_n": count(low.n),
            "high": percent(high.share),
            "high_city": drawn[0].city,
            "high_span": interval(high),
            "high_n": count(high.n),
            "goal": str(GOAL_DAYS),
            "day": day(study.as_of),
        },
    )


def _figure(study: Study, drawn: list[Court]) -> Figure:
    rows = [row for court in drawn if court.kept for row in _points(court, court.kept)]
    high, low = drawn[0], drawn[-1]
    return Figure(
        slug="courts",
        title=Sentence(
            "Decided within {goal} days: from {low} in {low_city} to {high} in {high_city}",
            {
                "goal": str(GOAL_DAYS),
                "low": percent(_share(low)),
                "low_city": low.city,
                "high": percent(_share(high)),
                "high_city": high.city,
            },
        )
        if len(drawn) > 1
        else Sentence("One court has enough cases to draw: {city}", {"city": high.city}),
        subtitle="Share decided by a judge, by days since the first master hearing; dotted: day "
        f"{GOAL_DAYS}; grey: the other courts. Band: 95% interval.",
        alt=Sentence(
            "Small curves, one a court, highest first. By day {goal}: {told}.",
            {
                "goal": str(GOAL_DAYS),
                "told": ", ".join(f"{c.city} {percent(_share(c))}" for c in drawn),
            },
        ),
        data=pl.DataFrame(rows),
        draw=lambda figure, width: _draw(figure, width, drawn, study.source),
    )


def _points(court: Court, kept: Kept) -> Iterator[dict[str, object]]:
    """Give the share decided every few days."""
    curves = held_back(kept.curves)
    at = curves.outcomes.index(DECIDED)
    for on in range(0, min(LAST_DAY, int(curves.days[-1])) + 1, EVERY):
        step = int((curves.days <= on).sum()) - 1
        yield {
            "court": court.code,
            "city": court.city,
            "days": float(on),
            "share": float(curves.share[at, step]) if step >= 0 else 0.0,
            "lower": float(curves.lower[at, step]) if step >= 0 else 0.0,
            "upper": float(curves.upper[at, step]) if step >= 0 else 0.0,
            "case_count": kept.decided.n,
        }


def _draw(figure: Figure, width: int, drawn: list[Court], source: str) -> theme.Chart:
    across, columns = WIDTH[width], COLUMNS[width]
    top = theme.top_of(figure.data["upper"])
    panels = [
        _panel(figure.data, court, top=top, width=across, left=at % columns == 0)
        for at, court in enumerate(drawn)
    ]
    grid = alt.concat(*panels, columns=columns, spacing={"row": 14, "column": 12})
    return theme.dressed(
        grid, title=str(figure.title), subtitle=figure.subtitle, source=source, width=width
    )


def _panel(
    data: pl.DataFrame, court: Court, *, top: float, width: int, left: bool
) -> theme.Chart:
    assert court.kept is not None
    x, y = _axes(top, left=left)
    # one table for all panels, filtered in the picture: it is written down once
    others = alt.Chart(data).transform_filter(alt.datum.court != court.code)
    own = alt.Chart(data).transform_filter(alt.datum.court == court.code)
    mark = alt.Chart(
        pl.DataFrame(
            {
                "days": [float(court.kept.day)],
                "share": [court.kept.decided.share],
                "label": [percent(court.kept.decided.share, 0)],
            }
        )
    )
    layers = [
        others.mark_line(color="#cfcfcf", strokeWidth=0.8).encode(x=x, y=y, detail="court:N"),
        own.mark_area(opacity=0.25, color=theme.BLUE).encode(x=x, y="lower:Q", y2="upper:Q"),
        own.mark_line(color=theme.BLUE, strokeWidth=2.2).encode(x=x, y=y),
        mark.mark_rule(color=theme.INK, strokeDash=[2, 3]).encode(x=x),
        mark.mark_point(filled=True, color=theme.BLUE, size=45, opacity=1).encode(x=x, y=y),
        mark.mark_text(
            align="right", dx=-6, dy=-9, fontSize=13, fontWeight="bold", color=theme.BLUE
        ).encode(x=x, y=y, text="label:N"),
    ]
    return alt.layer(*layers).properties(
        width=width - 30,
        height=86,
        title=alt.TitleParams(
            text=court.city,
            subtitle=f"{count(court.kept.decided.n)} cases",
            anchor="start",
            frame="group",
            fontSize=12,
            subtitleFontSize=11,
            subtitleColor=theme.GREY,
            offset=4,
        ),
    )


def _axes(top: float, *, left: bool) -> tuple[alt.X, alt.Y]:
    x = alt.X(
        "days:Q",
        scale=alt.Scale(domain=[0, LAST_DAY], nice=False),
        axis=alt.Axis(
            title=None, values=[0, GOAL_DAYS, LAST_DAY], grid=False, labelFontSize=10
        ),
    )
    y = alt.Y(
        "share:Q",
        scale=alt.Scale(domain=[0, top]),
        axis=alt.Axis(
            title=None,
            format=".0%",
            tickCount=4,
            domain=False,
            ticks=False,
            labels=left,
            labelFontSize=10,
            minExtent=30,
            maxExtent=30,
        ),
    )
    return x, y


def _table(study: Study, found: tuple[Court, ...]) -> Table:
    rows, shown = [], []
    by_size = sorted(found, key=lambda c: -(c.kept.decided.n if c.kept else 0))
    for court in by_size:
        kept = None if court.is_suppressed else court.kept
        ordered = None if court.is_suppressed else court.ordered
        rows.append(
            {
                "court": court.code,
                "city": court.city,
                "clock_count": kept and kept.decided.n,
                "day_count": kept and kept.day,
                "decided_share": kept and kept.decided.share,
                "decided_lower": kept and kept.decided.lower,
                "decided_upper": kept and kept.decided.upper,
                "ordered_removed_share": ordered and ordered.share,
                "ordered_removed_lower": ordered and ordered.lower,
                "ordered_removed_upper": ordered and ordered.upper,
            }
        )
        shown.append(
            {
                "Court": court.city,
                "Cases on the clock": count(kept.decided.n) if kept else "withheld",
                f"Decided within {GOAL_DAYS} days": f"{percent(kept.decided.share)} "
                f"({interval(kept.decided)})"
                + ("" if kept.is_whole else f", by day {kept.day}")
                if kept
                else "withheld",
                "Ordered removed so far": f"{percent(ordered.share)} ({interval(ordered)})"
                if ordered
                else "withheld",
            }
        )
    return Table(
        slug="courts",
        title="Court by court",
        shown=pl.DataFrame(shown),
        data=pl.DataFrame(rows, infer_schema_length=None),
        note=f"As of {day(study.as_of)}. On the clock: the first master hearing has been held; "
        "orders are a share of all the court’s cases. Where a city has several courts, the code "
        f"says which. Withheld: where fewer than {THRESHOLD} people were decided, or not, and other "
        "courts from which that would follow.",
    )

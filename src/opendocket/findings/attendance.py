"""Who appeared? Orders in absentia under five denominators, over time, and undone."""

import altair as alt
import polars as pl

from opendocket.findings import theme
from opendocket.findings.finding import Figure, Section, Sentence, Table
from opendocket.findings.study import Study
from opendocket.findings.words import count, day, interval, percent
from opendocket.measure.attendance import Absence, absence
from opendocket.measure.shares import Proportion
from opendocket.measure.suppression import is_small
from opendocket.measure.survival import IncidenceCurves, Share

QUESTION = "Who appeared?"
YEAR = 365


def attendance(study: Study) -> Section:
    """Answer it."""
    found = absence(study.frame, as_of=study.as_of)
    figures = [_five(study, found)] if found.shares else []
    if found.since_hearing is not None:
        figures.append(_over_time(study, found.since_hearing))
    return Section(
        slug="attendance",
        question=QUESTION,
        answer=_answer(study, found),
        text=_text(study, found),
        figures=tuple(figures),
        tables=(_table(study, found),),
        method=_METHOD,
        caveats=(
            "The release does not record who appeared. An order in absentia is the only trace of "
            "an absence, so none of these is the share of people who missed a hearing, nor does "
            "any say why: a notice sent to the wrong address ends in the same order.",
            "An order in absentia is counted where it is the first decision of the case. Code that "
            "takes the last decision loses the orders that were rescinded.",
            "Orders near the day of the report have had little time to be rescinded.",
        ),
    )


_METHOD = (
    ("Numerator", "Cases whose first decision (EOIR’s initial case completion) was a removal "
     "order in absentia: ABSENTIA = Y on the proceeding. The same in every row of the table. A "
     "few followed an administrative closure; the section before counts first endings, and does "
     "not hold these."),
    ("Five denominators", "Removal orders (advocates, UCLA, Harvard); first decisions of people "
     "not detained (GAO); first decisions (EOIR, CRS); closed cases (TRAC); all cases begun, "
     "pending ones among them (Eagly and Shafer). Each is what its user divides by."),
    ("Over time", "Cumulative incidence of an order in absentia since the first hearing that a "
     "judge opened, every other ending competing: the figure that a change in the mix of young "
     "and old cases cannot move."),
    ("Rescinded", "A later proceeding follows the order: it was reopened."),
    ("Intervals", "95%, clustered by family; shares: logit of a ratio estimator."),
)  # fmt: skip


def _year(curves: IncidenceCurves) -> Share:
    return curves.at(1, min(YEAR, float(curves.days[-1])))


def _answer(study: Study, found: Absence) -> Sentence:
    if not found.shares or is_small(found.orders) or not found.orders:
        return Sentence(
            "Too few orders in absentia had been made by {day} to say ({n} cases).",
            {"day": day(study.as_of), "n": count(len(study.frame))},
        )
    by_share = sorted(found.shares, key=lambda pair: pair[1].share)
    (low, least), (high, most) = by_share[0], by_share[-1]
    return Sentence(
        "The same {orders} orders in absentia are {least} of {low} ({least_span}; {least_n}) and "
        "{most} of {high} ({most_span}; {most_n}), as of {day}: the denominator decides.",
        {
            "orders": count(found.orders),
            "least": percent(least.share),
            "low": low.name,
            "least_span": interval(least),
            "least_n": count(least.n),
            "most": percent(most.share),
            "high": high.name,
            "most_span": interval(most),
            "most_n": count(most.n),
            "day": day(study.as_of),
        },
    )


def _text(study: Study, found: Absence) -> tuple[Sentence, ...]:
    said = []
    if found.since_hearing is not None:
        share = _year(found.since_hearing)
        said.append(
            Sentence(
                "Followed from the first hearing, with pending cases as “not yet”, {share} of "
                "cases ended in an order in absentia within {days} days ({span}; {n} cases).",
                {
                    "share": percent(share.share),
                    "days": str(int(min(YEAR, found.since_hearing.days[-1]))),
                    "span": interval(share),
                    "n": count(share.n),
                },
            )
        )
    if found.rescinded is not None and not is_small(found.rescinded.count):
        numbers = {
            "share": percent(found.rescinded.share),
            "span": interval(found.rescinded),
            "n": count(found.rescinded.n),
            "day": day(study.as_of),
        }
        words = "Of {n} orders in absentia, {share} had been rescinded by {day} ({span})."
        if found.undone is not None:
            undone = _year(found.undone)
            words = words[:-1] + "; within {days} days of the order, {within} ({within_span})."
            numbers |= {
                "days": str(int(min(YEAR, found.undone.days[-1]))),
                "within": percent(undone.share),
                "within_span": interval(undone),
            }
        said.append(Sentence(words, numbers))
    return tuple(said)


def _five(study: Study, found: Absence) -> Figure:
    data = pl.DataFrame(
        [
            {
                "denominator": denominator.name,
                "user": denominator.user,
                "share": share.share,
                "lower": share.lower,
                "upper": share.upper,
                "order_count": share.count,
                "case_count": share.n,
                "family_count": share.families,
            }
            for denominator, share in found.shares
            if not _is_small(share)
        ],
        schema={
            "denominator": pl.String,
            "user": pl.String,
            "share": pl.Float64,
            "lower": pl.Float64,
            "upper": pl.Float64,
            "order_count": pl.Int64,
            "case_count": pl.Int64,
            "family_count": pl.Int64,
        },
    )
    shares = data["share"].to_list() or [0.0]
    numbers = {"low": percent(min(shares), 0), "high": percent(max(shares), 0)}
    return Figure(
        slug="attendance-denominators",
        title=Sentence(
            "One count of orders in absentia, five denominators: from {low} to {high}", numbers
        ),
        subtitle="Orders in absentia as a share of what each user divides them by; line: 95% "
        "interval",
        alt=Sentence(
            "Rows, one a denominator, each with a dot at its share. The lowest is {low}, the "
            "highest {high}.",
            numbers,
        ),
        data=data,
        draw=lambda figure, width: _draw_five(figure, width, study.source),
    )


def _is_small(share: Proportion) -> bool:
    return is_small(share.count) or is_small(share.n) or is_small(share.n - share.count)


def _draw_five(figure: Figure, width: int, source: str) -> theme.Chart:
    wide = width >= theme.WIDE
    data = figure.data.sort("share", descending=True).with_columns(
        label=pl.col("share").map_elements(percent, return_dtype=pl.String),
        zero=pl.lit(0.0),
        one=pl.lit(1.0),
        name=pl.lit("of ")
        + pl.col("denominator")
        + (pl.lit(" — ") + pl.col("user") if wide else pl.lit("")),
    )
    order = alt.Y("denominator:N", sort=None, axis=None)
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, 1]), axis=theme.share_axis())
    base = alt.Chart(data)
    tone = theme.VERMILION
    layers = [
        base.mark_rule(color=theme.RULE).encode(y=order, x="zero:Q", x2="one:Q"),
        base.mark_rule(strokeWidth=5, color=tone, opacity=0.35).encode(
            y=order, x="lower:Q", x2="upper:Q"
        ),
        base.mark_point(filled=True, size=110, color=tone, opacity=1).encode(y=order, x=x),
        base.mark_text(
            dy=-16, fontWeight="bold", fontSize=13, color=theme.legible(tone)
        ).encode(y=order, x=x, text="label:N"),
        base.mark_text(align="left", dy=17, fontSize=12, color=theme.INK, x=0).encode(
            y=order, text="name:N"
        ),
    ]
    plot = alt.layer(*layers).properties(width=width, height=alt.Step(66))
    return theme.dressed(
        plot, title=str(figure.title), subtitle=figure.subtitle, source=source, width=width
    )


KINDS = {"ended in an order in absentia": 1, "ended in any other way": 2}
COLOURS = {
    "ended in an order in absentia": theme.VERMILION,
    "ended in any other way": theme.BLUE,
}
DASHES = {"ended in an order in absentia": [1, 0], "ended in any other way": [7, 4]}


def _over_time(study: Study, curves: IncidenceCurves) -> Figure:
    thin = curves.thinned(300)
    data = pl.concat(
        pl.DataFrame(
            {
                "days": thin.days,
                "ending": [name] * len(thin.days),
                "share": thin.share[thin.outcomes.index(code)],
                "lower": thin.lower[thin.outcomes.index(code)],
                "upper": thin.upper[thin.outcomes.index(code)],
                "at_risk_count": thin.at_risk,
            }
        )
        for name, code in KINDS.items()
    )
    last = float(curves.days[-1])
    year = _year(curves)
    numbers = {
        "days": str(int(min(YEAR, last))),
        "share": percent(year.share, 0),
        "end": percent(curves.at(1, last).share),
        "last": f"{last:,.0f}",
    }
    return Figure(
        slug="attendance-over-time",
        title=Sentence(
            "Within {days} days of the first hearing, {share} ended in an order in absentia",
            {name: numbers[name] for name in ("days", "share")},
        ),
        subtitle="Share of cases, by days since the first hearing a judge opened; pending cases "
        "count as “not yet”. Band: 95% interval.",
        alt=Sentence(
            "Two rising curves from zero. Orders in absentia rise early and level off: {share} "
            "after {days} days, {end} after {last}.",
            numbers,
        ),
        data=data,
        draw=lambda figure, width: theme.curves(
            figure,
            width,
            theme.Lines("ending", COLOURS, DASHES, "days since the first hearing"),
            source=study.source,
        ),
    )


def _table(study: Study, found: Absence) -> Table:
    rows, shown = [], []
    for denominator, share in found.shares:
        small = _is_small(share)
        rows.append(
            {
                "denominator": denominator.name,
                "order_count": None if small else share.count,
                "case_count": None if small else share.n,
                "family_count": None if small else share.families,
                "share": None if small else share.share,
                "lower": None if small else share.lower,
                "upper": None if small else share.upper,
            }
        )
        shown.append(
            {
                "Orders in absentia, of": denominator.name,
                "Used by": denominator.user,
                "Share": "withheld" if small else f"{percent(share.share)} ({interval(share)})",
                "Orders": "withheld" if small else count(share.count),
                "Among": "withheld" if small else count(share.n),
                "What it leaves out": denominator.caveat,
            }
        )
    return Table(
        slug="attendance-denominators",
        title="Orders in absentia under five denominators",
        shown=pl.DataFrame(shown),
        data=pl.DataFrame(rows, infer_schema_length=None),
        note=f"As of {day(study.as_of)}. Codes such as A26 name published figures, listed with "
        "their sources in docs/data/published.md.",
    )

"""Who appeared? Orders in absentia under five denominators, over time, and undone."""

import altair as alt
import polars as pl

from opendocket.estimate.shares import Proportion
from opendocket.estimate.suppression import is_small
from opendocket.estimate.survival import IncidenceCurves, Share
from opendocket.findings import theme
from opendocket.findings.finding import Figure, Section, Sentence, Table, computed_in
from opendocket.findings.study import EARLY, Study
from opendocket.findings.words import count, day, interval, is_guarded, left_out, percent
from opendocket.measure.attendance import DENOMINATORS, Absence, absence

QUESTION = "Who appeared?"
YEAR = 365


def attendance(study: Study) -> Section:
    """Answer it."""
    found = absence(study.frame, as_of=study.as_of)
    told = _told(found)
    figures = [_five(study, told)] if len(told) > 1 else []
    over_time = _followed(found.since_hearing)
    if over_time is not None:
        figures.append(_over_time(study, over_time))
    return Section(
        slug="attendance",
        question=QUESTION,
        answer=_answer(study, told),
        text=_text(study, found, over_time),
        figures=tuple(figures),
        tables=(_table(study, found, told), *_rescinded(study, found)),
        method=(
            *_METHOD,
            ("Not followed over time", _not_heard(found)),
            computed_in("attendance", "attendance"),
        ),
        caveats=(
            "The release does not record who appeared. An order in absentia is the only trace of "
            "an absence, so none of these is the share of people who missed a hearing, nor does "
            "any say why: a notice sent to the wrong address ends in the same order.",
            "An order in absentia is counted where it is the first decision of the case. Code that "
            "takes the last decision loses the orders that were rescinded.",
            "Orders near the day of the report have had little time to be rescinded.",
        ),
    )


Told = dict[str, Proportion]
"""Shares that may be shown, by denominator."""


def _told(found: Absence) -> Told:
    """Keep the shares that point at nobody, by themselves and against each other."""
    told: Told = {}
    for denominator, share in sorted(found.shares, key=lambda pair: -pair[1].n):
        near = [
            is_small(abs(share.n - other.n)) or is_small(abs(share.count - other.count))
            for other in told.values()
        ]
        if not any(near) and not is_guarded(share.count, share.n):
            told[denominator.name] = share
    return told if any(share.count for share in told.values()) else {}


def _followed(curves: IncidenceCurves | None) -> IncidenceCurves | None:
    """Give curves that enough cases and enough time lie behind."""
    if curves is None or curves.days[-1] < EARLY:
        return None
    ends = [round(float(row[-1]) * curves.n) for row in curves.share]
    return None if any(is_guarded(end, curves.n) for end in ends) else curves


def _not_heard(found: Absence) -> str:
    return left_out({"without a hearing before the case first ended": found.not_heard})


_METHOD = (
    ("Population", "The Dedicated Docket by EOIR’s own rule (A04)."),
    ("Numerator", "Cases whose first decision (EOIR’s initial case completion) was a removal "
     "order in absentia: ABSENTIA = Y on the proceeding; in GAO’s row, of people not detained. A "
     "few followed an administrative closure; the section before counts first endings, and does "
     "not hold these."),
    ("Denominator", "Removal orders (advocates, UCLA, Harvard); first decisions of people "
     "not detained (GAO); first decisions (EOIR, CRS); closed cases (TRAC); all cases begun, "
     "pending ones among them (Eagly and Shafer). Each is what its user divides by."),
    ("Clock", "None for the shares. Over time: from the first hearing that a judge opened."),
    ("Estimator", "Over time: cumulative incidence of an order in absentia since the first hearing that a "
     "judge opened, every other ending competing: the figure that a change in the mix of young "
     "and old cases cannot move."),
    ("Rescinded", "A later proceeding follows the order: it was reopened."),
    ("Intervals", "95%, clustered by family; shares: logit of a ratio estimator."),
)  # fmt: skip


def _year(curves: IncidenceCurves) -> Share:
    return curves.at(1, min(YEAR, float(curves.days[-1])))


def _answer(study: Study, told: Told) -> Sentence:
    if len(told) < 2:
        return Sentence(
            "Too few orders in absentia had been made by {day} to say.",
            {"day": day(study.as_of)},
        )
    by_share = sorted(told.items(), key=lambda pair: pair[1].share)
    (low, least), (high, most) = by_share[0], by_share[-1]
    return Sentence(
        "Orders in absentia were {least} of {low} ({least_span}; {least_n} cases) and {most} of "
        "{high} ({most_span}; {most_n} cases), as of {day}: the denominator decides.",
        {
            "least": percent(least.share),
            "low": low,
            "least_span": interval(least),
            "least_n": count(least.n),
            "most": percent(most.share),
            "high": high,
            "most_span": interval(most),
            "most_n": count(most.n),
            "day": day(study.as_of),
        },
    )


def _text(
    study: Study, found: Absence, over_time: IncidenceCurves | None
) -> tuple[Sentence, ...]:
    said = []
    if over_time is not None:
        share = _year(over_time)
        said.append(
            Sentence(
                "Followed from the first hearing, with pending cases as “not yet”, {share} of "
                "cases ended in an order in absentia within {days} days ({span}; {n} cases).",
                {
                    "share": percent(share.share),
                    "days": count(int(min(YEAR, over_time.days[-1]))),
                    "span": interval(share),
                    "n": count(share.n),
                },
            )
        )
    undone = found.rescinded
    if undone is not None and not is_guarded(undone.count, undone.n):
        said.append(
            Sentence(
                "Of {n} orders in absentia, {share} had been rescinded by {day} ({span}).",
                {
                    "share": percent(undone.share),
                    "span": interval(undone),
                    "n": count(undone.n),
                    "day": day(study.as_of),
                },
            )
        )
    return tuple(said)


def _rescinded(study: Study, found: Absence) -> tuple[Table, ...]:
    """Tell how many orders were undone so far, and how many within a year."""
    so_far = found.rescinded
    if so_far is None or is_guarded(so_far.count, so_far.n):
        return ()
    rows = [("so far", so_far.share, so_far.lower, so_far.upper)]
    if found.undone is not None and found.undone.days[-1] >= YEAR:
        within = _year(found.undone)
        days = int(min(YEAR, found.undone.days[-1]))
        rows.append((f"within {days} days", within.share, within.lower, within.upper))
    data = pl.DataFrame(
        [
            {
                "rescinded": when,
                "share": share,
                "lower": lower,
                "upper": upper,
                "order_count": so_far.n,
            }
            for when, share, lower, upper in rows
        ]
    )
    shown = pl.DataFrame(
        [
            {
                "Rescinded": when,
                "Share of orders": f"{percent(share)} ({100 * lower:.1f}–{100 * upper:.1f}%)",
                "Orders": count(so_far.n),
            }
            for when, share, lower, upper in rows
        ]
    )
    return (
        Table(
            slug="attendance-rescinded",
            title="Orders in absentia that were rescinded",
            shown=shown,
            data=data,
            note=f"As of {day(study.as_of)}. So far: young orders have had little time. Within a "
            "year: cumulative incidence, orders not yet a year old counted as “not yet”.",
        ),
    )


def _five(study: Study, told: Told) -> Figure:
    users = {denominator.name: denominator.user for denominator in DENOMINATORS}
    data = pl.DataFrame(
        [
            {
                "denominator": name,
                "user": users[name],
                "share": share.share,
                "lower": share.lower,
                "upper": share.upper,
                "order_count": share.count,
                "case_count": share.n,
            }
            for name, share in told.items()
        ]
    )
    shares = [share.share for share in told.values()]
    numbers = {"low": percent(min(shares)), "high": percent(max(shares))}
    return Figure(
        slug="attendance-denominators",
        title=Sentence(
            "Orders in absentia: from {low} to {high}, as one divides them", numbers
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
    thin = theme.to_draw(curves)
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
        "days": count(int(min(YEAR, last))),
        "share": percent(year.share),
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
            "Two rising curves. Orders in absentia: {share} after {days} days, {end} after {last}.",
            numbers,
        ),
        data=data,
        draw=lambda figure, width: theme.curves(
            figure,
            width,
            theme.Lines(
                "ending",
                COLOURS,
                DASHES,
                "days since the first hearing",
                {"Cases under observation": curves},
            ),
            source=study.source,
        ),
    )


def _table(study: Study, found: Absence, told: Told) -> Table:
    rows, shown = [], []
    for denominator, _ in found.shares:
        share = told.get(denominator.name)
        rows.append(
            {
                "denominator": denominator.name,
                "order_count": share and share.count,
                "case_count": share and share.n,
                "share": share and share.share,
                "lower": share and share.lower,
                "upper": share and share.upper,
            }
        )
        shown.append(
            {
                "Orders in absentia, of": denominator.name,
                "Used by": denominator.user,
                "Share": f"{percent(share.share)} ({interval(share)})" if share else "withheld",
                "Orders": count(share.count) if share else "withheld",
                "Among": count(share.n) if share else "withheld",
                "What it leaves out": denominator.caveat,
            }
        )
    return Table(
        slug="attendance-denominators",
        title="Orders in absentia under five denominators",
        shown=pl.DataFrame(shown),
        data=pl.DataFrame(rows, infer_schema_length=None),
        note=f"As of {day(study.as_of)}. A row is withheld where it, or its difference from "
        "another, would tell of fewer than eleven people: often there are none or few detained.",
    )

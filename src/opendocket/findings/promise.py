"""Was the promise kept? The share decided within 300 days, on three clocks."""

import altair as alt
import polars as pl

from opendocket.errors import NothingToShow, TooFewCases
from opendocket.figures import published
from opendocket.findings import theme
from opendocket.findings.aged import aged
from opendocket.findings.finding import Figure, Section, Sentence, Table, computed_in
from opendocket.findings.study import EARLY, Study
from opendocket.findings.words import count, day, interval, is_guarded, left_out, percent
from opendocket.measure.clocks import CLOCKS, PROMISE
from opendocket.measure.population import GOAL_DAYS
from opendocket.measure.promise import Kept, kept_promise

COLOURS = {"decided by a judge": theme.BLUE, "closed without a decision": theme.ORANGE}
DASHES = {"decided by a judge": [1, 0], "closed without a decision": [6, 4]}

CLOSED_TONE = theme.legible(theme.VERMILION)

QUESTION = "Was the promise kept?"


def promise(study: Study) -> Section:
    """Answer it."""
    clocks = {name: _kept(study, name) for name in CLOCKS}
    told = {name: kept for name, kept in clocks.items() if kept is not None}
    policy = told.get("first master")
    return Section(
        slug="promise",
        question=QUESTION,
        answer=_answer(study, policy),
        text=_text(study, policy, told.get("nta")) if policy else (),
        figures=_figures(study, policy, told) if policy else (),
        tables=(_table(clocks),),
        method=_method(policy),
        caveats=(
            "The release does not say which hearings were held. The first master hearing is the "
            "first one whose reason of adjournment says that a judge opened it.",
            "A dismissal entered as a termination, because no notice to appear was filed, cannot "
            "be told from another termination and counts as a decision.",
            "The months before the day of the report may gain cases and decisions in later "
            "releases.",
        ),
    )


def _kept(study: Study, clock: str) -> Kept | None:
    """Measure one clock; None where too few were decided, or closed, or observed for long."""
    try:
        kept = kept_promise(study.frame, clock, as_of=study.as_of)
    except (NothingToShow, TooFewCases):
        return None
    n = kept.decided.n
    too_few = (
        is_guarded(kept.decided_count, n)
        or is_guarded(kept.closed, n)
        or is_guarded(kept.closed_in_time, kept.closed)
        or is_guarded(round(kept.otherwise.share * n), n)
    )
    return None if too_few or kept.day < EARLY else kept


def _figures(study: Study, policy: Kept, told: dict[str, Kept]) -> tuple[Figure, ...]:
    figures = [_curve(study, policy)]
    if len(told) == len(CLOCKS) and all(kept.is_whole for kept in told.values()):
        figures.append(_three_clocks(study, told))
    if (as_it_aged := aged(study)) is not None:
        figures.append(as_it_aged)
    return tuple(figures)


def _answer(study: Study, kept: Kept | None) -> Sentence:
    if kept is None:
        return Sentence(
            "Too few cases had been decided, or observed for long enough, by {day} to say.",
            {"day": day(study.as_of)},
        )
    numbers = {
        "share": percent(kept.decided.share),
        "interval": interval(kept.decided),
        "days": count(kept.day),
        "n": count(kept.decided.n),
        "families": count(kept.families),
        "day": day(study.as_of),
    }
    if kept.is_whole:
        return Sentence(
            "Judges decided {share} of cases within {days} days of the first master hearing "
            "({interval}; {n} cases in {families} families, as of {day}).",
            numbers,
        )
    return Sentence(
        "Judges decided {share} of cases within {days} days of the first master hearing, the "
        "longest that enough cases had been observed ({interval}; {n} cases in {families} "
        "families, as of {day}).",
        numbers,
    )


def _text(study: Study, kept: Kept, notice: Kept | None) -> tuple[Sentence, ...]:
    not_yet = 1 - kept.decided.share - kept.otherwise.share
    said = [
        Sentence(
            "The policy of {policy_year} asked judges to decide within {goal} days of the initial "
            "master hearing. By day {days} another {otherwise} ({span}) were closed without a "
            "decision, by a dismissal because no notice to appear was filed or by administrative "
            "closure, and {not_yet} were still waiting. Pending cases count as “not yet”; none is "
            "left out.",
            {
                "policy_year": "2021",
                "goal": str(GOAL_DAYS),
                "days": count(kept.day),
                "otherwise": percent(kept.otherwise.share),
                "span": interval(kept.otherwise),
                "not_yet": percent(not_yet),
            },
        )
    ]
    if notice is not None and notice.closed_only_share is not None:
        said.append(
            Sentence(
                "Counting closed cases only, from the notice to appear, would give {closed_only} "
                "closed within {goal} days. TRAC counted so for autumn {published_year}, and found "
                "{published} ({code}). Such a share leaves out the cases not yet closed, the slow "
                "and the young, {pending} by {day}, and falls as a docket ages while nothing about "
                "it changes.",
                {
                    "closed_only": percent(notice.closed_only_share),
                    "goal": str(GOAL_DAYS),
                    "published": percent(published("A45").numbers()[0] / 100, 0),
                    "published_year": "2022",
                    "code": "A45",
                    "pending": count(notice.decided.n - notice.closed),
                    "day": day(study.as_of),
                },
            )
        )
    return tuple(said)


def _method(kept: Kept | None) -> tuple[tuple[str, str], ...]:
    return (
        ("Population", "Cases with the tag DD, a hearing place of the docket, and receipt from "
         "28 May 2021 on: EOIR’s own rule (A04)."),
        ("Clock", "From the first master hearing that a judge opened to the judge’s first "
         "decision (PM 21-23, A02). Two other clocks beside it: receipt (GAO) and the notice to "
         "appear (TRAC)."),
        ("Not on this clock", left_out(kept.excluded) if kept else "not told: too few cases"),
        ("Numerator", "Cases with a judge’s first decision by the day: relief, removal, voluntary "
         "departure, termination."),
        ("Denominator", "Every case whose clock has started, pending ones as “not yet”."),
        ("Estimator", "Cumulative incidence (Aalen–Johansen) with closures without a decision "
         "competing; pointwise 95% intervals, clustered by family."),
        computed_in("promise", "promise", "vintages"),
    )  # fmt: skip


def _curve(study: Study, kept: Kept) -> Figure:
    curves = theme.to_draw(kept.curves)
    data = pl.concat(
        pl.DataFrame(
            {
                "days": curves.days,
                "ending": [name] * len(curves.days),
                "share": curves.share[curves.outcomes.index(code)],
                "lower": curves.lower[curves.outcomes.index(code)],
                "upper": curves.upper[curves.outcomes.index(code)],
                "at_risk_count": curves.at_risk,
            }
        )
        for name, code in zip(COLOURS, PROMISE.values(), strict=True)
    )
    days = count(kept.day)
    return Figure(
        slug="promise-curve",
        title=Sentence(
            "Within {days} days of the first master hearing, judges decided {share} of cases",
            {"days": days, "share": percent(kept.decided.share)},
        ),
        subtitle="Share of cases, by days since the first master hearing; pending cases count "
        "as “not yet”. Band: 95% interval.",
        alt=Sentence(
            "Two rising curves. The share decided by a judge reaches {share} by day {days}; the "
            "share closed without a decision {otherwise}.",
            {
                "share": percent(kept.decided.share),
                "days": days,
                "otherwise": percent(kept.otherwise.share),
            },
        ),
        data=data,
        draw=lambda figure, width: _draw_curve(figure, width, kept, study.source),
    )


def _draw_curve(figure: Figure, width: int, kept: Kept, source: str) -> theme.Chart:
    lines = theme.Lines(
        "ending",
        COLOURS,
        DASHES,
        "days since the first master hearing",
        {"Cases under observation": kept.curves},
        last=float(min(kept.curves.days[-1], 3 * GOAL_DAYS + 30)),
    )
    is_drawn = kept.day <= float(figure.data["days"].max() or 0)  # type: ignore[arg-type]
    return theme.curves(
        figure,
        width,
        lines,
        source=source,
        marks=lambda scale, top: _goal(kept, scale, top) if is_drawn else [],
    )


def _goal(kept: Kept, scale: alt.Scale, top: float) -> list[theme.Chart]:
    """Mark the goal, and the share reached by it."""
    mark = pl.DataFrame(
        {
            "day": [float(kept.day)],
            "share": [kept.decided.share],
            "label": [percent(kept.decided.share)],
            "goal": [f"day {kept.day}" + (": the goal" if kept.is_whole else "")],
            "top": [top],
        }
    )
    at = alt.Chart(mark)
    x = alt.X("day:Q", scale=scale)
    return [
        at.mark_rule(color=theme.INK, strokeDash=[2, 3]).encode(x=x),
        at.mark_text(
            align="right", dx=-6, baseline="top", color=theme.GREY, fontSize=12
        ).encode(x=x, y=alt.Y("top:Q"), text="goal:N"),
        at.mark_point(filled=True, size=70, color=theme.BLUE, opacity=1).encode(
            x=x, y=alt.Y("share:Q")
        ),
        at.mark_text(
            align="right", dx=-9, dy=-11, fontSize=16, fontWeight="bold", color=theme.BLUE
        ).encode(x=x, y=alt.Y("share:Q"), text="label:N"),
    ]


def _three_clocks(study: Study, clocks: dict[str, Kept]) -> Figure:
    rows = []
    for name, kept in clocks.items():
        rows.append(
            {
                "clock": CLOCKS[name].meaning,
                "user": CLOCKS[name].user,
                "share": kept.decided.share,
                "lower": kept.decided.lower,
                "upper": kept.decided.upper,
                "closed_only_share": kept.closed_only_share,
                "day_count": kept.day,
                "case_count": kept.decided.n,
                "closed_count": kept.closed,
            }
        )
    data = pl.DataFrame(rows)
    decided, closed = data["share"].to_list(), data["closed_only_share"].to_list()
    numbers = {
        "low": percent(min(decided)),
        "high": percent(max(decided)),
        "closed_low": percent(min(closed)),
        "closed_high": percent(max(closed)),
        "goal": str(GOAL_DAYS),
    }
    return Figure(
        slug="promise-clocks",
        title=Sentence(
            "Three clocks and two ways to count give from {low} to {closed_high} within {goal} "
            "days",
            {name: numbers[name] for name in ("low", "closed_high", "goal")},
        ),
        subtitle="Dot: decided by a judge, of all cases, with 95% interval. Diamond: closed in "
        "any way, of closed cases only, as has been published.",
        alt=Sentence(
            "Three rows, one a clock. Decided within {goal} days, of all cases: from {low} to "
            "{high}. Closed in any way, of closed cases only: from {closed_low} to {closed_high}.",
            numbers,
        ),
        data=data,
        draw=lambda figure, width: _draw_clocks(figure, width, study.source),
    )


def _draw_clocks(figure: Figure, width: int, source: str) -> theme.Chart:
    data = figure.data.with_columns(
        label=pl.col("share").map_elements(percent, return_dtype=pl.String),
        closed_label=pl.col("closed_only_share").map_elements(
            lambda share: f"{percent(share)} of closed", return_dtype=pl.String
        ),
        zero=pl.lit(0.0),
        one=pl.lit(1.0),
        name=pl.col("clock") + ", as " + pl.col("user"),
    )
    order = alt.Y("clock:N", sort=None, axis=None)
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, 1]), axis=theme.share_axis())
    base = alt.Chart(data)
    rail = base.mark_rule(color=theme.RULE).encode(y=order, x="zero:Q", x2="one:Q")
    bar = base.mark_rule(strokeWidth=5, color=theme.BLUE, opacity=0.35).encode(
        y=order, x="lower:Q", x2="upper:Q"
    )
    dot = base.mark_point(filled=True, size=110, color=theme.BLUE, opacity=1).encode(
        y=order, x=x
    )
    closed = base.mark_point(
        shape="diamond", size=120, strokeWidth=2, color=theme.VERMILION, fill="white", opacity=1
    ).encode(y=order, x=alt.X("closed_only_share:Q"))
    texts = [
        base.mark_text(dy=-17, fontWeight="bold", fontSize=13, color=theme.BLUE).encode(
            y=order, x=x, text="label:N"
        ),
        base.mark_text(dy=-17, fontSize=12, align="right", dx=8, color=CLOSED_TONE).encode(
            y=order, x=alt.X("closed_only_share:Q"), text="closed_label:N"
        ),
        base.mark_text(align="left", dy=19, fontSize=12, color=theme.INK, x=0).encode(
            y=order, text="name:N" if width >= theme.WIDE else "clock:N"
        ),
    ]
    plot = alt.layer(rail, bar, closed, dot, *texts).properties(
        width=width, height=alt.Step(74)
    )
    return theme.dressed(
        plot, title=str(figure.title), subtitle=figure.subtitle, source=source, width=width
    )


def _table(clocks: dict[str, Kept | None]) -> Table:
    rows, shown = [], []
    for name, kept in clocks.items():
        rows.append(
            {
                "clock": name,
                "day_count": kept and kept.day,
                "decided_share": kept and kept.decided.share,
                "decided_lower": kept and kept.decided.lower,
                "decided_upper": kept and kept.decided.upper,
                "closed_otherwise_share": kept and kept.otherwise.share,
                "closed_otherwise_lower": kept and kept.otherwise.lower,
                "closed_otherwise_upper": kept and kept.otherwise.upper,
                "case_count": kept and kept.decided.n,
                "family_count": kept and kept.families,
                "closed_count": kept and kept.closed,
                "closed_only_share": kept and kept.closed_only_share,
            }
        )
        line = {"Clock": CLOCKS[name].meaning}
        if kept is None:
            headings = (
                "Decided",
                "Closed otherwise",
                "By day",
                "Cases",
                "Of closed cases only",
            )
            shown.append(line | dict.fromkeys(headings, "withheld"))
            continue
        shown.append(
            line
            | {
                "Decided": f"{percent(kept.decided.share)} ({interval(kept.decided)})",
                "Closed otherwise": f"{percent(kept.otherwise.share)} ({interval(kept.otherwise)})",
                "By day": count(kept.day),
                "Cases": count(kept.decided.n),
                "Of closed cases only": percent(kept.closed_only_share or 0.0),
            }
        )
    return Table(
        slug="promise-clocks",
        title="Decided in time, on three clocks",
        shown=pl.DataFrame(shown),
        data=pl.DataFrame(rows, infer_schema_length=None),
        note="“Of closed cases only” counts any closing in fewer days than the goal, among closed "
        "cases. It is shown because it is quoted, not because it answers the question.",
    )

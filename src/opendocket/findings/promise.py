"""Was the promise kept? The share decided within 300 days, on three clocks."""

import altair as alt
import polars as pl

from opendocket.figures import published
from opendocket.findings import theme
from opendocket.findings.aged import aged
from opendocket.findings.finding import Figure, Section, Sentence, Table
from opendocket.findings.study import Study
from opendocket.findings.words import count, day, few, interval, percent
from opendocket.measure.clocks import CLOCKS, PROMISE
from opendocket.measure.population import GOAL_DAYS
from opendocket.measure.promise import Kept, kept_promise
from opendocket.measure.suppression import is_small

COLOURS = {"decided by a judge": theme.BLUE, "closed without a decision": theme.ORANGE}
DASHES = {"decided by a judge": [1, 0], "closed without a decision": [6, 4]}

CLOSED_TONE = theme.legible(theme.VERMILION)

QUESTION = "Was the promise kept?"


def promise(study: Study) -> Section:
    """Answer it."""
    clocks = {name: kept_promise(study.frame, name, as_of=study.as_of) for name in CLOCKS}
    policy = clocks["first master"]
    figures = [_curve(study, policy), _three_clocks(study, clocks)]
    if (as_it_aged := aged(study)) is not None:
        figures.append(as_it_aged)
    return Section(
        slug="promise",
        question=QUESTION,
        answer=_answer(study, policy),
        text=() if _is_small(policy) else _text(study, policy, clocks),
        figures=() if any(_is_small(kept) for kept in clocks.values()) else tuple(figures),
        tables=(_table(clocks),),
        method=_method(policy),
        caveats=(
            "The release does not say which hearings were held. The first master hearing is the "
            "first one whose reason of adjournment says that a judge opened it.",
            "A dismissal entered as a termination, because no notice to appear was filed, cannot "
            "be told from another termination and counts as a decision.",
            "Months just before the day of the report may gain cases and decisions in later "
            "releases.",
        ),
    )


def _is_small(kept: Kept) -> bool:
    """Tell whether the share would point at persons: too few were decided, or not decided."""
    not_so = kept.decided.n - kept.decided_count
    return is_small(kept.decided_count) or is_small(not_so) or is_small(kept.decided.n)


def _answer(study: Study, kept: Kept) -> Sentence:
    numbers = {
        "share": percent(kept.decided.share),
        "interval": interval(kept.decided),
        "days": str(kept.day),
        "n": count(kept.decided.n),
        "families": count(kept.families),
        "day": day(study.as_of),
    }
    if _is_small(kept):
        return Sentence(
            "Too few cases had been decided within {days} days of the first master hearing by "
            "{day} to say how many ({n} cases, no interval).",
            {name: numbers[name] for name in ("days", "day")} | {"n": few(kept.decided.n)},
        )
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


def _text(study: Study, kept: Kept, clocks: dict[str, Kept]) -> tuple[Sentence, ...]:
    not_yet = 1 - kept.decided.share - kept.otherwise.share
    said = [
        Sentence(
            "The policy of {policy_year} asked judges to decide within {goal} days of the initial "
            "master hearing. By day {days} another {otherwise} were closed without a decision, "
            "by a dismissal because no notice to appear was filed or by administrative closure, "
            "and {not_yet} were still waiting. Pending cases count as “not yet”; none is left out.",
            {
                "policy_year": "2021",
                "goal": str(GOAL_DAYS),
                "days": str(kept.day),
                "otherwise": percent(kept.otherwise.share),
                "not_yet": percent(not_yet),
            },
        )
    ]
    notice = clocks["nta"]
    if notice.closed_only_share is not None:
        said.append(
            Sentence(
                "Counting closed cases only, from the notice to appear, would give {closed_only}; "
                "TRAC’s {published} for autumn {published_year} ({code}) was counted so. It leaves out "
                "the {pending} cases not closed by {day}, which are the slow ones, and falls as a "
                "docket ages while nothing about it changes.",
                {
                    "closed_only": percent(notice.closed_only_share),
                    "published": percent(published("A45").numbers()[0] / 100, 0),
                    "published_year": "2022",
                    "code": "A45",
                    "pending": count(notice.decided.n - notice.closed),
                    "day": day(study.as_of),
                },
            )
        )
    return tuple(said)


def _method(kept: Kept) -> tuple[tuple[str, str], ...]:
    left_out = "; ".join(f"{few(n)}: {reason}" for reason, n in kept.excluded.items())
    return (
        ("Population", "Cases with the tag DD, a hearing place of the docket, and receipt from "
         "28 May 2021 on: EOIR’s own rule (A04)."),
        ("Clock", "From the first master hearing that a judge opened to the judge’s first "
         "decision (PM 21-23, A02). Two other clocks beside it: receipt (GAO) and the notice to "
         "appear (TRAC)."),
        ("Not on this clock", left_out or "nobody"),
        ("Numerator", "Cases with a judge’s first decision by the day: relief, removal, voluntary "
         "departure, termination."),
        ("Denominator", "Every case whose clock has started, pending ones as “not yet”."),
        ("Estimator", "Cumulative incidence (Aalen–Johansen) with closures without a decision "
         "competing; pointwise 95% intervals, clustered by family."),
    )  # fmt: skip


def _curve(study: Study, kept: Kept) -> Figure:
    curves = kept.curves.thinned(400)
    rows = []
    for name, code in zip(COLOURS, PROMISE.values(), strict=True):
        at = curves.outcomes.index(code)
        rows.append(
            pl.DataFrame(
                {
                    "days": curves.days,
                    "ending": [name] * len(curves.days),
                    "share": curves.share[at],
                    "lower": curves.lower[at],
                    "upper": curves.upper[at],
                    "at_risk_count": curves.at_risk,
                }
            )
        )
    title = Sentence(
        "Within {days} days of the first master hearing, judges decided {share} of cases",
        {"days": str(kept.day), "share": percent(kept.decided.share, 0)},
    )
    return Figure(
        slug="promise-curve",
        title=title,
        subtitle="Share of cases, by days since the first master hearing; pending cases count "
        "as “not yet”. Band: 95% interval.",
        alt=Sentence(
            "Two rising curves from zero. The share decided by a judge reaches {share} by day "
            "{days}; the share closed without a decision {otherwise}.",
            {
                "share": percent(kept.decided.share),
                "days": str(kept.day),
                "otherwise": percent(kept.otherwise.share),
            },
        ),
        data=pl.concat(rows),
        draw=lambda figure, width: _draw_curve(figure, width, kept, study.source),
    )


def _draw_curve(figure: Figure, width: int, kept: Kept, source: str) -> theme.Chart:
    lines = theme.Lines(
        "ending",
        COLOURS,
        DASHES,
        "days since the first master hearing",
        last=float(min(kept.curves.days[-1], 3 * GOAL_DAYS + 30)),
    )
    return theme.curves(
        figure, width, lines, source=source, marks=lambda scale, top: _goal(kept, scale, top)
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
    shares = data["share"]
    between = float(shares.max() or 0) - float(shares.min() or 0)  # type: ignore[arg-type]
    closed = data["closed_only_share"].fill_null(0.0) - shares
    more = float(closed.max() or 0) > between  # type: ignore[arg-type]
    title = Sentence(
        "The clock matters, and leaving out pending cases matters more"
        if more
        else "The answer depends on the clock, and on whether pending cases count"
    )
    return Figure(
        slug="promise-clocks",
        title=title,
        subtitle=f"Share within {GOAL_DAYS} days on three clocks: of all cases (dot, with 95% "
        "interval), and of closed cases only (diamond)",
        alt=Sentence(
            "Three rows, one a clock. Of all cases between {low} and {high} were decided within "
            "{goal} days; of closed cases only the diamonds stand far to the right.",
            {
                "low": percent(float(shares.min() or 0)),  # type: ignore[arg-type]
                "high": percent(float(shares.max() or 0)),  # type: ignore[arg-type]
                "goal": str(GOAL_DAYS),
            },
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


def _table(clocks: dict[str, Kept]) -> Table:
    rows, shown = [], []
    for name, kept in clocks.items():
        hide = _is_small(kept)
        otherwise = is_small(round(kept.otherwise.share * kept.otherwise.n))
        closed_only = kept.closed_only_share
        if any(is_small(n) for n in (kept.closed_in_time, kept.closed - kept.closed_in_time)):
            closed_only = None
        rows.append(
            {
                "clock": name,
                "day_count": kept.day,
                "decided_share": None if hide else kept.decided.share,
                "decided_lower": None if hide else kept.decided.lower,
                "decided_upper": None if hide else kept.decided.upper,
                "closed_otherwise_share": None if otherwise else kept.otherwise.share,
                "case_count": None if is_small(kept.decided.n) else kept.decided.n,
                "family_count": kept.families,
                "closed_count": None if is_small(kept.closed) else kept.closed,
                "closed_only_share": closed_only,
            }
        )
        shown.append(
            {
                "Clock": CLOCKS[name].meaning,
                "Decided": "withheld"
                if hide
                else f"{percent(kept.decided.share)} ({interval(kept.decided)})",
                "Closed otherwise": "withheld" if otherwise else percent(kept.otherwise.share),
                "Cases": few(kept.decided.n),
                "Of closed cases only": "withheld"
                if closed_only is None
                else percent(closed_only),
            }
        )
    return Table(
        slug="promise-clocks",
        title=f"Decided within {GOAL_DAYS} days, on three clocks",
        shown=pl.DataFrame(shown),
        data=pl.DataFrame(rows, infer_schema_length=None),
        note="“Of closed cases only” counts any closing in fewer days than the goal, among closed "
        "cases. It is shown because it is quoted, not because it answers the question.",
    )

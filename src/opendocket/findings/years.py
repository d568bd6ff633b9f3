"""Instead of several years? The dedicated docket against everybody else's."""

import altair as alt
import polars as pl

from opendocket.errors import NothingToShow, TooFewCases
from opendocket.findings import theme
from opendocket.findings.finding import Figure, Section, Sentence, Table, computed_in
from opendocket.findings.study import EARLY, Study
from opendocket.findings.words import (
    count,
    day,
    interval,
    is_guarded,
    number_of_days,
    percent,
    span_of_days,
    years_and_days,
)
from opendocket.measure.courts import city
from opendocket.measure.population import Scope, cases, same_courts_and_time
from opendocket.measure.promise import Pace, pace

QUESTION = "Instead of several years?"
NAMES = {"dedicated": "Dedicated Docket", "ordinary": "ordinary docket"}
COLOURS = {"Dedicated Docket": theme.BLUE, "ordinary docket": theme.VERMILION}
DASHES = {"Dedicated Docket": [1, 0], "ordinary docket": [7, 4]}
YEAR = 365


def years(study: Study) -> Section:
    """Answer it."""
    scope = same_courts_and_time(study.frame)
    found = {docket: _pace(study, docket, scope) for docket in NAMES}
    paces = {docket: one for docket, one in found.items() if one is not None}
    return Section(
        slug="years",
        question=QUESTION,
        answer=_answer(study, paces),
        text=(_text(study, paces),) if len(paces) > 1 else (),
        figures=(_figure(study, paces),) if len(paces) > 1 else (),
        tables=(_table(paces),) if paces else (),
        method=_method(scope),
        caveats=(
            "The two dockets hold different people: the dedicated one families who had just "
            "crossed the border, the ordinary one everybody else who was not detained. The "
            "difference is not what the docket did to a case.",
            "An ending is the first one of any kind, a dismissal or an administrative closure "
            "among them, and may be undone later.",
        ),
    )


def _pace(study: Study, docket: str, scope: Scope) -> Pace | None:
    """Measure a docket, unless it has too few cases there and then to show."""
    try:
        frame = cases(study.con, docket, as_of=study.as_of, scope=scope)
        one = pace(frame, docket, as_of=study.as_of)
    except (NothingToShow, TooFewCases):
        return None
    young = float(one.curves.days[-1]) < EARLY
    return None if young or is_guarded(one.pending, one.n) else one


def _answer(study: Study, paces: dict[str, Pace]) -> Sentence:
    return Sentence(
        "{dedicated}; {ordinary}, as of {day}.",
        {
            "dedicated": _told(paces.get("dedicated"), "of the docket’s cases").capitalize(),
            "ordinary": _told(
                paces.get("ordinary"),
                "of the ordinary docket’s, in the same courts and months,",
            ),
            "day": day(study.as_of),
        },
    )


def _told(one: Pace | None, whose: str) -> str:
    """Write a median with its interval and its count."""
    if one is None:
        return f"too few {whose} had ended, or been observed, to say"
    median = one.median
    if median.days is None:
        return f"fewer than half {whose} had ended (median not reached; {count(one.n)} cases)"
    span = span_of_days(median.lower, median.upper)
    return (
        f"half {whose} had ended within {number_of_days(median.days)} ({span}; "
        f"{count(one.n)} cases)"
    )


def _text(study: Study, paces: dict[str, Pace]) -> Sentence:
    def at_year(one: Pace) -> str:
        share = one.curves.at(1, min(YEAR, float(one.curves.days[-1])))
        return f"{percent(share.share)} ({interval(share)})"

    return Sentence(
        "Both are counted from the day the court received the case, until the case first ended "
        "in any way. Within a year of receipt, or by the last day observed where that is less, "
        "{dedicated} of the dedicated and {ordinary} of the ordinary cases had ended; {pending} "
        "dedicated and {other_pending} ordinary cases had not ended by {day} and count as “not "
        "yet”.",
        {
            "dedicated": at_year(paces["dedicated"]),
            "ordinary": at_year(paces["ordinary"]),
            "pending": count(paces["dedicated"].pending),
            "other_pending": count(paces["ordinary"].pending),
            "day": day(study.as_of),
        },
    )


def _method(scope: Scope) -> tuple[tuple[str, str], ...]:
    cities = "; ".join(city(code) for code in scope.courts or ())
    return (
        ("Dedicated Docket", "EOIR’s own rule (A04)."),
        (
            "Ordinary docket",
            "Removal cases without the tag, never heard at a place of the docket, of people not "
            "detained to the end.",
        ),
        ("Same courts", cities),
        (
            "Same time",
            f"Received from {day(scope.first)} to {day(scope.last)}, by when 95 in 100 dedicated "
            "cases had been received.",
        ),
        ("Population", "Cases of either docket, in the courts and the time below."),
        ("Clock", "From receipt to the first ending of any kind."),
        ("Numerator", "Cases that had first ended by a day."),
        ("Denominator", "All of them, pending ones as “not yet”."),
        (
            "Estimator",
            "Median of the cumulative incidence of any ending, with its 95% interval read off "
            "the band, clustered by family; “not reached” where half the cases have not ended "
            "while enough are under observation.",
        ),
        computed_in("years", "promise", "population"),
    )


def _figure(study: Study, paces: dict[str, Pace]) -> Figure:
    data = pl.concat(_points(NAMES[name], one) for name, one in paces.items())
    dedicated, ordinary = (paces[name].median.days for name in NAMES)
    if dedicated is not None and ordinary is not None:
        title = Sentence(
            "Half the dedicated cases had ended after {dedicated}, half the ordinary ones after "
            "{ordinary}",
            {"dedicated": years_and_days(dedicated), "ordinary": years_and_days(ordinary)},
        )
    elif dedicated is not None:
        title = Sentence(
            "Half the dedicated cases had ended after {dedicated}; the ordinary docket had not "
            "come so far",
            {"dedicated": years_and_days(dedicated)},
        )
    else:
        title = Sentence("On neither docket had half the cases ended yet")
        if ordinary is not None:
            title = Sentence("Only on the ordinary docket had half the cases ended")
    return Figure(
        slug="years",
        title=title,
        subtitle="Share of cases that had first ended, by days since receipt; same courts, same "
        "months. Band: 95% interval.",
        alt=Sentence(
            "Two rising curves. The Dedicated Docket’s median is {dedicated}, the ordinary "
            "docket’s {ordinary}.",
            {
                "dedicated": number_of_days(dedicated),
                "ordinary": number_of_days(ordinary),
            },
        ),
        data=data,
        draw=lambda figure, width: _draw(figure, width, paces, study.source),
    )


def _points(name: str, one: Pace) -> pl.DataFrame:
    curves = theme.to_draw(one.curves, 400)
    return pl.DataFrame(
        {
            "docket": [name] * len(curves.days),
            "days": curves.days,
            "share": curves.share[0],
            "lower": curves.lower[0],
            "upper": curves.upper[0],
            "at_risk_count": curves.at_risk,
        }
    )


def _draw(figure: Figure, width: int, paces: dict[str, Pace], source: str) -> theme.Chart:
    at_risk = {
        f"Cases under observation, {NAMES[name]}": one.curves for name, one in paces.items()
    }
    lines = theme.Lines("docket", COLOURS, DASHES, "days since receipt", at_risk)
    return theme.curves(
        figure, width, lines, source=source, marks=lambda scale, top: _medians(paces, scale)
    )


def _medians(paces: dict[str, Pace], scale: alt.Scale) -> list[theme.Chart]:
    """Mark where each curve crosses one half."""
    reached = pl.DataFrame(
        [
            {
                "docket": NAMES[name],
                "days": one.median.days,
                "half": 0.5,
                "label": f"{one.median.days:,.0f} days",
            }
            for name, one in paces.items()
            if one.median.days is not None
        ],
        schema={
            "docket": pl.String,
            "days": pl.Float64,
            "half": pl.Float64,
            "label": pl.String,
        },
    )
    if reached.is_empty():
        return []
    colour = theme.coloured("docket", COLOURS)
    at = alt.Chart(reached)
    x = alt.X("days:Q", scale=scale)
    return [
        at.mark_rule(color=theme.GREY, strokeDash=[2, 3]).encode(y="half:Q"),
        at.mark_point(filled=True, size=75, opacity=1).encode(x=x, y="half:Q", color=colour),
        at.mark_text(align="left", dx=7, dy=14, fontSize=14, fontWeight="bold").encode(
            x=x, y="half:Q", text="label:N", color=colour
        ),
    ]


def _table(paces: dict[str, Pace]) -> Table:
    data = pl.DataFrame(
        [
            {
                "docket": name,
                "median_days": one.median.days,
                "median_lower_days": one.median.lower,
                "median_upper_days": one.median.upper,
                "case_count": one.n,
                "family_count": one.families,
                "pending_count": one.pending,
            }
            for name, one in paces.items()
        ],
        schema_overrides={
            "median_days": pl.Float64,
            "median_lower_days": pl.Float64,
            "median_upper_days": pl.Float64,
        },
    )
    shown = pl.DataFrame(
        [
            {
                "Docket": NAMES[name],
                "Half had ended after": number_of_days(one.median.days),
                "95% interval, days": span_of_days(one.median.lower, one.median.upper),
                "Cases": count(one.n),
                "Not ended": count(one.pending),
            }
            for name, one in paces.items()
        ]
    )
    return Table("years", "Days from receipt to the first ending", shown, data)

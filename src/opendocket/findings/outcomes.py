"""How did they end? Every outcome competes with every other, and with time."""

import polars as pl

from opendocket.findings import theme
from opendocket.findings.finding import Figure, Section, Sentence, Table
from opendocket.findings.study import Study
from opendocket.findings.words import count, day, interval, percent, years_and_days
from opendocket.measure.outcomes import NOT_YET, Endings, endings
from opendocket.measure.suppression import THRESHOLD

QUESTION = "How did they end?"
LANDMARKS = (365, 730)
"""Days since receipt at which shares are read, where enough cases were observed so long."""

ORDERED = ("removal order, person present", "removal order in absentia")

COLOURS = {
    "relief": theme.GREEN,
    "removal order, person present": theme.BLUE,
    "removal order in absentia": theme.VERMILION,
    "voluntary departure": theme.PURPLE,
    "termination": theme.SKY,
    "dismissed, no notice filed": theme.ORANGE,
    "administrative closure": theme.YELLOW,
    "other": "#bdbdbd",
    NOT_YET: theme.PALE,
}
SHORT = {
    "removal order, person present": "removal, present",
    "removal order in absentia": "in absentia",
    "voluntary departure": "voluntary dep.",
    "dismissed, no notice filed": "no notice",
    "administrative closure": "admin. closure",
    NOT_YET: "pending",
}


def outcomes(study: Study) -> Section:
    """Answer it."""
    found = endings(study.frame, as_of=study.as_of)
    landmarks = _landmarks(found)
    return Section(
        slug="outcomes",
        question=QUESTION,
        answer=_answer(study, found, landmarks[-1]),
        text=_text(study, found),
        figures=(_figure(study, found),),
        tables=(_table(study, found, landmarks),),
        method=_method(found),
        caveats=(
            "An outcome is the first ending of a case. It may be undone by a reopening, by an "
            "appeal or by putting the case back on the calendar; rescinded orders in absentia "
            "are counted in the next section.",
            "Relief holds withholding of removal and protection under the Convention Against "
            "Torture, which the record enters as removal orders.",
            "A person whose case was dismissed because no notice to appear was filed may have "
            "a new case under another number; the release cannot link the two.",
            "Shares of the cases closed so far are not shown: they overstate whatever is fast.",
        ),
    )


def _landmarks(found: Endings) -> tuple[int, ...]:
    last = int(found.curves.days[-1])
    return tuple(d for d in LANDMARKS if d <= last) or (last,)


def _answer(study: Study, found: Endings, on: int) -> Sentence:
    shares = {
        name: found.at(outcome, on)
        for name, outcome in (
            ("absent", "removal order in absentia"),
            ("present", "removal order, person present"),
            ("relief", "relief"),
        )
        if found.counts.get(outcome)
    }
    words = {
        "absent": "{absent} in a removal order in absentia ({absent_span})",
        "present": "{present} in a removal order with the person present ({present_span})",
        "relief": "{relief} in relief ({relief_span})",
    }
    pending = found.at(NOT_YET, on)
    numbers = {
        "days": str(on),
        "pending": percent(pending.share),
        "pending_span": interval(pending),
        "n": count(found.curves.n),
        "day": day(study.as_of),
    }
    for name, share in shares.items():
        numbers[name], numbers[f"{name}_span"] = percent(share.share), interval(share)
    told = ", ".join(words[name] for name in shares)
    return Sentence(
        (
            "By day {days} after receipt cases had ended: " + told + "; "
            if told
            else "By day {days} "
        )
        + "{pending} were still pending ({pending_span}; {n} cases, as of {day}).",
        numbers,
    )


def _text(study: Study, found: Endings) -> tuple[Sentence, ...]:
    ended = sum(n for name, n in found.counts.items() if name != NOT_YET)
    said = [
        Sentence(
            "Of {n} cases in {families} families, {ended} had first ended by {day} in one of the "
            "ways below. The curves count a pending case as “not yet” for as long as it was "
            "observed, so young cases and old ones are weighed alike.",
            {
                "n": count(found.curves.n),
                "families": count(found.families),
                "ended": count(ended),
                "day": day(study.as_of),
            },
        )
    ]
    if found.folded:
        said.append(
            Sentence(
                "Too few cases ended by {names} to show apart; they are in “other”.",
                {"names": ", ".join(found.folded)},
            )
        )
    return tuple(said)


def _method(found: Endings) -> tuple[tuple[str, str], ...]:
    return (
        ("Population", "The Dedicated Docket by EOIR’s own rule (A04)."),
        ("Clock", "From the day the court received the case to its first ending."),
        (
            "Outcomes",
            "Decoded by the full key: case type, letter, and kind of completion. Changes of venue "
            "and transfers end no case.",
        ),
        ("Denominator", f"All {count(found.curves.n)} cases, pending ones as “not yet”."),
        (
            "Estimator",
            "Cumulative incidence (Aalen–Johansen), all outcomes competing; pointwise 95% "
            "intervals, clustered by family.",
        ),
    )


def _figure(study: Study, found: Endings) -> Figure:
    data = pl.concat(_points(found, name) for name in found.counts)
    last = float(found.curves.days[-1])
    told = ", ".join(f"{name} {percent(found.at(name, last).share)}" for name in found.counts)
    return Figure(
        slug="outcomes",
        title=_title(found, last),
        subtitle="Share of cases by first outcome, by days since receipt; every day adds up to "
        "100%",
        alt=Sentence(
            "Stacked areas that grow with time since receipt. On day {last}: {told}.",
            {"last": f"{last:,.0f}", "told": told},
        ),
        data=data,
        draw=lambda figure, width: _draw(figure, width, study.source),
    )


def _points(found: Endings, name: str) -> pl.DataFrame:
    """Give one outcome's share on each day of the picture."""
    curves = found.curves.thinned(200)
    shares = [found.at(name, on) for on in curves.days.tolist()]
    return pl.DataFrame(
        {
            "days": curves.days,
            "outcome": [name] * len(shares),
            "share": [share.share for share in shares],
            "lower": [share.lower for share in shares],
            "upper": [share.upper for share in shares],
            "at_risk_count": curves.at_risk,
        }
    )


def _title(found: Endings, last: float) -> Sentence:
    """Say how the cases stood at the end; an outcome folded into “other” is not spoken of."""
    numbers = {
        "when": years_and_days(last),
        "pending": percent(found.at(NOT_YET, last).share, 0),
    }
    if not {*ORDERED, "relief"} <= set(found.counts):
        return Sentence("{when} after receipt, {pending} of cases were still pending", numbers)
    removed = sum(found.at(name, last).share for name in ORDERED)
    return Sentence(
        "{when} after receipt, {removed} had been ordered removed, {relieved} granted relief and "
        "{pending} were still pending",
        {
            **numbers,
            "removed": percent(removed, 0),
            "relieved": percent(found.at("relief", last).share, 0),
        },
    )


def _draw(figure: Figure, width: int, source: str) -> theme.Chart:
    present = figure.data["outcome"].unique().to_list()
    chart, scale, across = theme.stacked(
        figure.data,
        "outcome",
        {name: tone for name, tone in COLOURS.items() if name in present},
        x_title="days since receipt",
        width=width,
        height=340 if width >= theme.WIDE else 300,
        short=SHORT,
    )
    one = figure.data.filter(pl.col("outcome") == NOT_YET)
    row = theme.at_risk_row_of(one["days"], one["at_risk_count"], scale, across)
    return theme.dressed(
        theme.above(chart, row),
        title=str(figure.title),
        subtitle=figure.subtitle,
        source=source,
        width=width,
    )


def _table(study: Study, found: Endings, landmarks: tuple[int, ...]) -> Table:
    rows, shown = [], []
    for name, n in found.counts.items():
        hide = name in found.withheld
        row: dict[str, object] = {"outcome": name, "case_count": None if hide else n}
        line = {"First outcome": name, "Cases so far": "withheld" if hide else count(n)}
        for on in landmarks:
            share = found.at(name, on)
            row |= {
                f"share_{on}_days": share.share,
                f"lower_{on}_days": share.lower,
                f"upper_{on}_days": share.upper,
            }
            line[f"By day {on}"] = f"{percent(share.share)} ({interval(share)})"
        rows.append(row)
        shown.append(line)
    return Table(
        slug="outcomes",
        title="First outcomes: counts so far, and shares by time since receipt",
        shown=pl.DataFrame(shown),
        data=pl.DataFrame(rows, infer_schema_length=None),
        note=f"{count(found.curves.n)} cases, as of {day(study.as_of)}. Counts grow with the age "
        "of the docket; shares by a day do not."
        + (
            f" Of the cases with relief, {count(found.protection)} were given protection from "
            "removal to one country."
            if found.protection >= THRESHOLD
            else ""
        ),
    )

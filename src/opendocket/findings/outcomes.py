"""How did they end? Every outcome competes with every other, and with time."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.estimate.suppression import THRESHOLD
from opendocket.estimate.survival import IncidenceCurves
from opendocket.findings import theme
from opendocket.findings.finding import Figure, Section, Sentence, Table, computed_in
from opendocket.findings.study import EARLY, Study
from opendocket.findings.words import (
    count,
    day,
    interval,
    is_guarded,
    left_out,
    percent,
    years_and_days,
)
from opendocket.measure.outcomes import NOT_YET, Endings, endings

QUESTION = "How did they end?"
BOUNDS = ("share", "lower", "upper")
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
    shown = landmarks[-1] >= EARLY
    return Section(
        slug="outcomes",
        question=QUESTION,
        answer=_answer(study, found, landmarks[-1]) if shown else _too_early(study),
        text=_text(study, found),
        figures=(_figure(study, found, landmarks[-1]),) if shown else (),
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


def _too_early(study: Study) -> Sentence:
    return Sentence(
        "Too few cases had been observed for long enough by {day} to say.",
        {"day": day(study.as_of)},
    )


def _landmarks(found: Endings) -> tuple[int, ...]:
    last = int(theme.to_draw(found.curves).days[-1])
    return tuple(d for d in LANDMARKS if d <= last) or (last,)


ENDED = {
    "removal order in absentia": "{} in a removal order in absentia ({})",
    "removal order, person present": "{} in a removal order with the person present ({})",
    "dismissed, no notice filed": "{} in a dismissal because no notice was filed ({})",
    "relief": "{} in relief ({})",
    "termination": "{} in a termination ({})",
}


def _answer(study: Study, found: Endings, on: int) -> Sentence:
    pending = found.at(NOT_YET, on)
    told = []
    for name, words in ENDED.items():
        if found.counts.get(name):
            share = found.at(name, on)
            if not is_guarded(round(share.share * share.n), share.n):
                told.append(words.format(percent(share.share), interval(share)))
    if told:
        first, *rest = told
        told = [first.replace(" in ", " had ended in ", 1), *rest]
    return Sentence(
        "{days} days after receipt, of {n} cases {pending} were still pending ({span}){told}, as "
        "of {day}.",
        {
            "days": count(on),
            "n": count(found.curves.n),
            "pending": percent(pending.share),
            "span": interval(pending),
            "told": "".join(f", {each}" for each in told) or "; too few had ended to tell how",
            "day": day(study.as_of),
        },
    )


def _text(study: Study, found: Endings) -> tuple[Sentence, ...]:
    ended = sum(n for name, n in found.counts.items() if name != NOT_YET)
    said = []
    if not found.withheld and not is_guarded(ended, found.curves.n):
        said.append(
            Sentence(
                "Of {n} cases in {families} families, {ended} had first ended by {day} in one of "
                "the ways below. The curves count a pending case as “not yet” for as long as it "
                "was observed, so young cases and old ones are weighed alike.",
                {
                    "n": count(found.curves.n),
                    "families": count(found.families),
                    "ended": count(ended),
                    "day": day(study.as_of),
                },
            )
        )
    if found.folded:
        said.append(
            Sentence(
                "Shown with “other”, so that no small group can be worked out: {names}.",
                {"names": "; ".join(found.folded)},
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
        ("Numerator", "Cases that first ended so by a day."),
        ("Denominator", f"All {count(found.curves.n)} cases, pending ones as “not yet”."),
        ("Not on this clock", left_out(found.excluded)),
        (
            "Estimator",
            "Cumulative incidence (Aalen–Johansen), all outcomes competing; pointwise 95% "
            "intervals, clustered by family.",
        ),
        computed_in("outcomes", "outcomes"),
    )


def _figure(study: Study, found: Endings, on: int) -> Figure:
    curves = theme.to_draw(found.curves, 200)
    last = float(curves.days[-1])
    names = [name for name in found.counts if name != NOT_YET]
    shares = {name: curves.share[curves.outcomes.index(found.named(name))] for name in names}
    shares[NOT_YET] = curves.pending_share
    told = ", ".join(f"{name} {percent(float(share[-1]))}" for name, share in shares.items())
    return Figure(
        slug="outcomes",
        title=_title(found, on),
        subtitle="Share of cases by first outcome, by days since receipt; every day adds up to "
        "100%",
        alt=Sentence(
            "Stacked areas that grow with time since receipt. On day {last}: {told}.",
            {"last": f"{last:,.0f}", "told": told},
        ),
        data=pl.concat(_points(found, curves, name, share) for name, share in shares.items()),
        draw=lambda figure, width: theme.stacked(
            figure,
            width,
            theme.Stack(
                "outcome",
                COLOURS,
                SHORT,
                "days since receipt",
                found.curves.days,
                found.curves.at_risk,
            ),
            source=study.source,
        ),
    )


def _points(
    found: Endings, curves: IncidenceCurves, name: str, share: NDArray[np.float64]
) -> pl.DataFrame:
    """Give one outcome's share on each day of the picture."""
    bounds = [(None, None)] * len(share)
    if name != NOT_YET:
        row = curves.outcomes.index(found.named(name))
        bounds = list(zip(curves.lower[row], curves.upper[row], strict=True))
    return pl.DataFrame(
        {
            "days": curves.days,
            "outcome": [name] * len(share),
            "share": share,
            "lower": [lower for lower, _ in bounds],
            "upper": [upper for _, upper in bounds],
            "at_risk_count": curves.at_risk,
        },
        schema_overrides={"lower": pl.Float64, "upper": pl.Float64},
    )


def _title(found: Endings, on: int) -> Sentence:
    """Say how the cases stood; an outcome folded into “other” is not spoken of."""
    pending = {"when": years_and_days(on), "pending": percent(found.at(NOT_YET, on).share)}
    if not {*ORDERED, "relief"} <= set(found.counts):
        return Sentence("{when} after receipt, {pending} of cases were still pending", pending)
    return Sentence(
        "{when} after receipt, {pending} were still pending; {removed} had been ordered removed, "
        "{relieved} granted relief",
        {
            **pending,
            "removed": percent(sum(found.at(name, on).share for name in ORDERED)),
            "relieved": percent(found.at("relief", on).share),
        },
    )


def _table(study: Study, found: Endings, landmarks: tuple[int, ...]) -> Table:
    rows, shown = [], []
    for name, n in found.counts.items():
        hide = name in found.withheld
        row: dict[str, object] = {"outcome": name, "case_count": None if hide else n}
        line = {"First outcome": name, "Cases so far": "withheld" if hide else count(n)}
        for on in landmarks:
            share = found.at(name, on)
            if is_guarded(round(share.share * share.n), share.n):
                row |= dict.fromkeys([f"{part}_{on}_days" for part in BOUNDS])
                line[f"By day {count(on)}"] = "withheld"
                continue
            row |= {
                f"share_{on}_days": share.share,
                f"lower_{on}_days": share.lower,
                f"upper_{on}_days": share.upper,
            }
            line[f"By day {count(on)}"] = f"{percent(share.share)} ({interval(share)})"
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

"""Who had a lawyer? Counsel as a state that a case enters, read day by day."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.estimate.shares import Proportion
from opendocket.estimate.suppression import THRESHOLD
from opendocket.findings import theme
from opendocket.findings.finding import Figure, Section, Sentence, Table, computed_in
from opendocket.findings.study import Study
from opendocket.findings.words import (
    count,
    day,
    interval,
    is_guarded,
    left_out,
    percent,
    years_and_days,
)
from opendocket.measure.counsel import STATES, Counsel
from opendocket.measure.counsel import counsel as measured

QUESTION = "Who had a lawyer?"
COLOURS = {
    "ended, with counsel": theme.GREEN,
    "pending, with counsel": "#8fd0bb",
    "pending, without counsel": "#f3cfa8",
    "ended, without counsel": theme.VERMILION,
}
SHORT = {
    "ended, with counsel": "ended, with",
    "pending, with counsel": "pending, with",
    "pending, without counsel": "pending, w/o",
    "ended, without counsel": "ended, w/o",
}


def counsel(study: Study) -> Section:
    """Answer it."""
    found = measured(study.frame, as_of=study.as_of)
    latest = next(
        ((on, share) for on, share in reversed(found.at_landmarks) if _is_shown(share)), None
    )
    return Section(
        slug="counsel",
        question=QUESTION,
        answer=_answer(study, found),
        text=_text(study, found),
        figures=(_figure(study, found, *latest),) if latest is not None else (),
        tables=(_table(study, found),),
        method=(
            *_METHOD,
            (
                "Not on this clock",
                left_out({"ended before the day of receipt": found.excluded}),
            ),
            computed_in("counsel", "counsel"),
        ),
        caveats=(
            "Cases that last longer have more time to find counsel. A comparison of outcomes "
            "“with” and “without” counsel would mistake that time for an effect, so none is "
            "made here.",
            "Counsel once entered counts as staying; the release does not record every "
            "withdrawal.",
            "The first appearance is the earliest one filed with the court for the person, in "
            "the table of representatives; the date in the table of cases is the latest one.",
        ),
    )


_METHOD = (
    ("Population", "The Dedicated Docket by EOIR’s own rule (A04)."),
    ("Clock", "From the day the court received the case."),
    ("Numerator", "Cases in a state on a day. Pending or ended, without or with counsel; a case enters counsel’s states on the "
     "day of the first notice of appearance (E-28), if that is not after its ending."),
    ("Denominator", "Over time: all cases, pending ones for as long as they were observed. At a "
     "day: the cases still pending on it."),
    ("Estimator", "Aalen–Johansen estimator of an illness–death model; shares with 95% intervals, "
     "clustered by family."),
)  # fmt: skip


def _answer(study: Study, found: Counsel) -> Sentence:
    shown = [(on, share) for on, share in found.at_landmarks if _is_shown(share)]
    said = [pair for pair in shown if pair[0] in (180, 730)] or shown[-1:]
    parts, numbers = [], {"day": day(study.as_of)}
    for at, (on, share) in enumerate(said):
        parts.append(
            f"{{share{'ab'[at]}}} of those still pending {{on{'ab'[at]}}} days after receipt "
            f"({{span{'ab'[at]}}}; {{n{'ab'[at]}}} cases)"
        )
        numbers |= {
            f"share{'ab'[at]}": percent(share.share),
            f"on{'ab'[at]}": str(on),
            f"span{'ab'[at]}": interval(share),
            f"n{'ab'[at]}": count(share.n),
        }
    if not parts:
        return Sentence(
            "Too few cases had been observed for long enough by {day} to say.",
            {"day": numbers["day"]},
        )
    return Sentence(
        "Counsel had entered for " + " and ".join(parts) + ", as of {day}.", numbers
    )


def _is_shown(share: Proportion | None) -> bool:
    return share is not None and not is_guarded(share.count, share.n)


def _text(study: Study, found: Counsel) -> tuple[Sentence, ...]:
    if found.ordered is None or not _is_shown(found.ordered):
        return ()
    return (
        Sentence(
            "Of {n} people ordered removed by {day}, {share} had counsel by the day of the order "
            "({span}). This describes who was ordered removed; it is not a measure of what "
            "counsel does.",
            {
                "n": count(found.ordered.n),
                "day": day(study.as_of),
                "share": percent(found.ordered.share),
                "span": interval(found.ordered),
            },
        ),
    )


def _figure(study: Study, found: Counsel, on: int, share: Proportion) -> Figure:
    states = found.states
    end = theme.last_drawn(states.at_risk, states.n)
    every = max(1, end // 200)
    keep = sorted({*range(0, end + 1, every), end})
    shown = _held_back(states.share[:, : end + 1], states.n)
    data = pl.concat(
        pl.DataFrame(
            {
                "days": states.days[keep].astype(float),
                "state": [name] * len(keep),
                "share": shown[row][keep],
                "at_risk_count": states.at_risk[keep],
            }
        )
        for row, name in enumerate(STATES)
    )
    told = ", ".join(f"{name} {percent(shown[row][-1])}" for row, name in enumerate(STATES))
    return Figure(
        slug="counsel",
        title=Sentence(
            "{when} after receipt, {share} of those still waiting had a lawyer",
            {"when": years_and_days(on), "share": percent(share.share)},
        ),
        subtitle="Share of cases in each state, by days since receipt; every day adds up to 100%",
        alt=Sentence(
            "Stacked areas of four states. On day {last}: {told}.",
            {"last": f"{end:,}", "told": told},
        ),
        data=data,
        draw=lambda figure, width: theme.stacked(
            figure,
            width,
            theme.Stack(
                "state",
                COLOURS,
                SHORT,
                "days since receipt",
                found.states.days,
                found.states.at_risk,
            ),
            source=study.source,
        ),
    )


def _held_back(share: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Leave out states that few cases are in, until they are enough; see decision 0003."""
    kept = np.where(share * n > THRESHOLD - 0.5, share, 0.0)
    kept[STATES.index("pending, without counsel")] += 1 - kept.sum(axis=0)
    return kept


def _table(study: Study, found: Counsel) -> Table:
    groups: list[tuple[str, Proportion | None]] = [
        *((f"pending on day {on} since receipt", share) for on, share in found.at_landmarks),
        (f"pending on {day(study.as_of)}, reopened ones among them", found.pending_now),
        ("closed, by the day of closing", found.closed),
        ("ordered removed, by the day of the order", found.ordered),
    ]
    rows, shown = [], []
    for name, share in groups:
        told = share if share is not None and _is_shown(share) else None
        rows.append(
            {
                "cases": name,
                "with_counsel_count": told and told.count,
                "case_count": told and told.n,
                "with_counsel_share": told and told.share,
                "lower": told and told.lower,
                "upper": told and told.upper,
            }
        )
        shown.append(
            {
                "Of cases": name,
                "With counsel": f"{percent(told.share)} ({interval(told)})"
                if told
                else "withheld",
                "Cases with counsel": count(told.count) if told else "withheld",
                "Cases": count(told.n) if told else "withheld",
            }
        )
    return Table(
        slug="counsel",
        title="Counsel at fixed times, and in groups that are often quoted",
        shown=pl.DataFrame(shown),
        data=pl.DataFrame(rows, infer_schema_length=None),
        note="The first lines compare cases of one age. The last three mix ages: closed cases are "
        "the fast ones, pending cases the slow ones. A case closed and reopened is in both.",
    )

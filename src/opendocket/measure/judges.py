"""How unlike are judges? Their caseloads and their rates of grant, as spreads, never by name.

A raw list of judges' rates is mostly chance: with forty cases each, judges who decide alike lie
as far apart as those who do not. What is given here is the spread beyond chance. No judge's
code, and no number of one judge, is in any answer.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from math import sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.errors import TooFewCases
from opendocket.estimate.dispersion import Dispersion, dispersion, dispersion_within
from opendocket.measure.applications import ASYLUM_DECISIONS
from opendocket.measure.estimators import Groups, Own, groups
from opendocket.measure.grains import DECISIONS, Asked, Grain
from opendocket.measure.hearings import PLACEHOLDER
from opendocket.measure.named import Definition, Measure

CASES_AT_LEAST = 11
"""Judges with fewer cases are left out, and counted."""
JUDGES_AT_LEAST = 11
"""Of fewer judges no quantile is given: it would be a judge's own number."""
DECISIONS_AT_LEAST = 50
"""Families that a judge has decided on, to be among those compared."""
COURT_AT_LEAST = 10
"""Judges of a court that are compared with each other."""
QUANTILES = {"10 in 100": 0.1, "25 in 100": 0.25, "median": 0.5, "75 in 100": 0.75,
             "90 in 100": 0.9}  # fmt: skip
_Z = 1.959964

LAST_JUDGE = Grain(
    "case",
    """join out_docket__proceeding as j
        on j.case_id = c.case_id
        and j.started_date <= $as_of
        and (j.next_proceeding_id is null or j.next_started_date > $as_of)""",
    {"judge_code": "j.judge_code"},
    reads=("out_docket__proceeding",),
)
"""Cases, with the judge of the proceeding begun last."""


MERITS = replace(
    ASYLUM_DECISIONS,
    condition="a.decision in ('granted', 'denied') and a.judge_code is not null",
)
"""What proceedings decided on the merits of asylum, where a judge is named."""


def _of_persons(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out cases without a judge, and codes that stand for no one person."""
    is_person = ~pl.col("judge_code").str.contains(f"^(?:{PLACEHOLDER})$")
    return frame.filter(is_person.fill_null(value=False))


def _groups(by: Groups) -> Iterator[tuple[dict[str, object], NDArray[np.int64]]]:
    """Give each group's keys, and which rows are its."""
    order = np.argsort(by.of, kind="stable")
    edges = np.searchsorted(by.of[order], np.arange(len(by) + 1))
    for group, (first, last) in enumerate(pairwise(edges)):
        if first < last:
            yield by.keys.row(group, named=True) if by.keys.width else {}, order[first:last]


def smoothed_quantile(values: NDArray[np.float64], place: float) -> float:
    """Give the mean of three values in order around a place, so that none is one judge's.

    Example:
        >>> smoothed_quantile(np.array([1.0, 2.0, 3.0, 10.0]), 1.2)
        2.0
    """
    middle = min(max(round(place), 1), len(values) - 2)
    return float(values[middle - 1 : middle + 2].mean())


def _quantile_row(name: str, share: float, values: NDArray[np.float64]) -> dict[str, object]:
    """Give a quantile, and the order statistics that hold it 95 times in 100."""
    n = len(values)
    row: dict[str, object] = {"part": name, "count": n, "n": n}
    if n < JUDGES_AT_LEAST:
        return row | dict.fromkeys(("value", "lower", "upper"))
    places = [n * share + z * sqrt(n * share * (1 - share)) - 0.5 for z in (0, -_Z, _Z)]
    value, lower, upper = (smoothed_quantile(values, place) for place in places)
    return row | {"value": value, "lower": lower, "upper": upper}


def _caseload(cases: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Count each judge's cases, and give the quantiles over judges."""
    each = _of_persons(cases).group_by(*asked.by, "judge_code").agg(pl.len())
    by = groups(each, asked.by)
    counts = each["len"].to_numpy().astype(np.float64)
    found: list[dict[str, object]] = []
    for key, rows in _groups(by):
        mine = np.sort(counts[rows])
        kept = mine[mine >= CASES_AT_LEAST]
        told = {"judge_count": len(kept), "left_out_judge_count": len(mine) - len(kept)}
        found += [
            key | _quantile_row(name, share, kept) | told for name, share in QUANTILES.items()
        ]
    numbers = dict.fromkeys(("value", "lower", "upper"), pl.Float64)
    return pl.DataFrame(found, infer_schema_length=None, schema_overrides=numbers)


def _decided(asked: Asked) -> pl.DataFrame:
    read = ("judge_code", "is_first_decision")
    frame = asked.fetch(read, grain=DECISIONS, day="completed_date")
    return _caseload(frame.filter("is_first_decision"), asked)


def _pending(asked: Asked) -> pl.DataFrame:
    frame = asked.fetch(("judge_code", "is_pending"), grain=LAST_JUDGE)
    return _caseload(frame.filter("is_pending"), asked)


_NO_PERSON = (
    "Codes of visiting judges, of the status docket, of all judges and of tests are no "
    "persons, and left out; a code is taken for one judge, though some judges have several."
)
_NEVER = "No judge's own number is given: a quantile is the mean of three judges around it."

JUDGE_CASELOAD = Measure(
    name="judge-caseload",
    topic="judges",
    question="How many cases does a judge have?",
    estimate="case_count",
    definitions=(
        Definition(
            name="pending",
            user="OpenDocket; TRAC and CRS divide pending cases by judges (C16)",
            population=f"judges with {CASES_AT_LEAST} or more cases pending",
            numerator="cases pending whose last proceeding has the judge's code; quantiles "
            "over judges",
            denominator="",
            clock="now; years are those of receipt",
            estimator=Own(_pending, ("judge_code", "is_pending"), LAST_JUDGE),
            figures=("C16",),
            caveats=(
                "Cases not yet given to a judge, and those under a visiting judge's code, are "
                "nobody's: cases divided by judges is more.",
            ),
        ),
        Definition(
            name="decided",
            user="OpenDocket; MPI and CIS divide completions by judges (C15)",
            population=f"judges with {CASES_AT_LEAST} or more first decisions",
            numerator="cases whose first decision has the judge's code; quantiles over judges",
            denominator="",
            clock="years are those of the decision, and without them it is a career's",
            estimator=Own(
                _decided,
                ("judge_code", "is_first_decision"),
                DECISIONS,
                day="completed_date",
            ),
            figures=("C15",),
            caveats=("A judge who began or left within a year has a part of a year's cases.",),
        ),
    ),
    assumes=("The judge of a case is that of the proceeding that decided it, or is open.",),
    source="Intervals of quantiles by order statistics: David & Nagaraja, Order Statistics, "
    "3rd ed. (2003), section 7.1; out_view__judge",
    caveats=(
        _NO_PERSON,
        _NEVER,
        f"Groups of fewer than {JUDGES_AT_LEAST} judges have no quantile.",
        "Judges with fewer cases are left out, and counted beside.",
    ),
    part="quantile",
)


def _decisions(asked: Asked) -> pl.DataFrame:
    """Give judges' decisions on the merits, one a family and judge: a family is one trial."""
    by = asked.by if "court" in asked.by else (*asked.by, "court")
    frame = Asked(asked.con, asked.as_of, asked.where, by).fetch(
        ("decision", "judge_code"), grain=MERITS, day="decided_date"
    )
    return (
        _of_persons(frame)
        .sort("case_id", "decision", "court")
        .unique([*asked.by, "judge_code", "lead_case_id"], keep="first", maintain_order=True)
    )


def _rates(decisions: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Count each judge's grants and decisions, of those with enough of them."""
    return (
        decisions.group_by(*keys, "judge_code")
        .agg(
            trials=pl.len(),
            granted=(pl.col("decision") == "granted").sum(),
            court_name=pl.col("court").mode().sort().first(),
        )
        .sort(*keys, "judge_code", nulls_last=True)
    )


STATISTICS = (
    "mean rate",
    "spread beyond chance",
    "spread by chance",
    "spread seen",
    "part of it by chance",
)


def _dispersions(asked: Asked, *, is_within: bool) -> pl.DataFrame:
    each = _rates(_decisions(asked), list(asked.by))
    by = groups(each, asked.by)
    found = [
        row
        for key, rows in _groups(by)
        for row in _group_rows(key, each[rows], is_within=is_within)
    ]
    numbers = dict.fromkeys(("value", "lower", "upper"), pl.Float64)
    return pl.DataFrame(found, infer_schema_length=None, schema_overrides=numbers)


def _group_rows(
    key: dict[str, object], judges: pl.DataFrame, *, is_within: bool
) -> list[dict[str, object]]:
    kept = judges.filter(pl.col("trials") >= DECISIONS_AT_LEAST)
    if is_within:
        kept = kept.filter(pl.len().over("court_name") >= COURT_AT_LEAST)
    rows = _statistics(_spread(kept, is_within=is_within))
    told = {
        "count": int(kept["granted"].sum()),
        "n": int(kept["trials"].sum()),
        "judge_count": len(kept),
        "left_out_judge_count": len(judges) - len(kept),
    }
    return [key | row | told for row in rows]


def _spread(kept: pl.DataFrame, *, is_within: bool) -> Dispersion | None:
    granted, trials = (kept[name].to_numpy().astype(np.int64) for name in ("granted", "trials"))
    try:
        if not is_within:
            return dispersion(granted, trials)
        court = kept["court_name"].rank("dense").cast(pl.Int64).to_numpy()
        return dispersion_within(granted, trials, court)
    except TooFewCases:
        return None


def _statistics(spread: Dispersion | None) -> list[dict[str, object]]:
    none = dict.fromkeys(("value", "lower", "upper"))
    if spread is None:
        return [{"part": name, **none} for name in STATISTICS]
    by_chance = spread.sd_by_chance**2 / spread.sd_observed**2 if spread.sd_observed else 1.0
    values = (
        spread.mean, spread.sd, spread.sd_by_chance, spread.sd_observed, min(1.0, by_chance)
    )  # fmt: skip
    rows: list[dict[str, object]] = [
        {"part": name, **none, "value": value}
        for name, value in zip(STATISTICS, values, strict=True)
    ]
    rows[1] |= {"lower": spread.lower, "upper": spread.upper}
    return rows


def _overall(asked: Asked) -> pl.DataFrame:
    return _dispersions(asked, is_within=False)


def _within_courts(asked: Asked) -> pl.DataFrame:
    return _dispersions(asked, is_within=True)


_ENOUGH = f"judges with {DECISIONS_AT_LEAST} or more families decided on the merits of asylum"

GRANT_RATE_DISPERSION = Measure(
    name="grant-rate-dispersion",
    topic="judges",
    question="How far are judges' rates of granting asylum apart, beyond chance?",
    estimate="grant_rate_share",
    definitions=(
        Definition(
            name="all-judges",
            user="OpenDocket, in place of TRAC's lists by judge (D15)",
            population=_ENOUGH,
            numerator="the mean of their true rates; the standard deviation of those beyond "
            "chance; the one that chance alone makes; the one seen; the part of the seen "
            "variance that chance makes",
            denominator="families whose claims a judge granted or denied, one decision each",
            clock="years are those of the decision",
            estimator=Own(_overall, ("decision", "judge_code"), MERITS, day="decided_date"),
            figures=("D15",),
            caveats=(
                "Judges sit in different courts and hear different people: the spread is "
                "theirs and their cases' together.",
            ),
        ),
        Definition(
            name="within-court",
            user="OpenDocket",
            population=f"{_ENOUGH}, in courts with {COURT_AT_LEAST} or more of them",
            numerator="the same, about the mean of each court",
            denominator="families whose claims a judge granted or denied, one decision each",
            clock="years are those of the decision",
            estimator=Own(
                _within_courts, ("decision", "judge_code"), MERITS, day="decided_date"
            ),
            caveats=(
                "Judges of one court may hear different people: detained ones, or families.",
                "A judge who sat in several courts counts in the one with most decisions.",
            ),
        ),
    ),
    assumes=(
        "Families are independent of each other, and come to the judges of a court by chance.",
        "True rates follow a beta distribution.",
    ),
    source="Empirical Bayes: opendocket.estimate.dispersion; out_view__judge",
    caveats=(
        _NO_PERSON,
        "Only the spread beyond chance has an interval; the others follow from it and the "
        "counts.",
        "Of a family one decision counts, that of the lowest case number.",
        "It says nothing of any judge: no list of judges is made, and none can be.",
    ),
    part="statistic",
)

MEASURES = (JUDGE_CASELOAD, GRANT_RATE_DISPERSION)

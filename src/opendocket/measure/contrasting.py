"""Two groups side by side: how far apart, and how far once they are made alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.arrow import fetched
from opendocket.docket import Docket
from opendocket.errors import BadCut, NothingToShow, TooFewCases
from opendocket.estimate.contrast import (
    Contrast,
    difference,
    ratio,
    standardised,
    standardised_incidence,
)
from opendocket.measure.answers import Choices, Question, answered, question
from opendocket.measure.cut import Where, checked_by, told
from opendocket.measure.estimators import Clocked, OverTime, Share, Timed, stacked, truths
from opendocket.measure.grains import CASES, Asked
from opendocket.measure.named import Definition

CONTRASTS = {"difference": difference, "ratio": ratio}
PERIODS = ("year", "month")
"""Filters on the day that a measure counts by, which two groups may differ in."""
NONE = "nothing"
"""What a group is adjusted for where it is not."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One question, of two groups."""

    first: Question
    second: Question
    adjusted_by: tuple[str, ...]
    kind: str

    @property
    def names(self) -> tuple[str, str]:
        """Say which groups they are."""
        return told(self.first.where), told(self.second.where)


def pair(
    docket: Docket,
    name: str,
    against: Where,
    *,
    adjusted_by: str | Sequence[str] = (),
    kind: str = "difference",
    **choices: Unpack[Choices],
) -> Pair:
    """Check a comparison's names, without asking it; see :func:`contrast`.

    Raises:
        BadCut: The groups are one, or the measure cannot be adjusted.
    """
    if kind not in CONTRASTS:
        raise BadCut(kind, "no kind of contrast", f"ask for {' or '.join(CONTRASTS)}")
    first = question(docket, name, **choices)
    second = replace(first, where={**first.where, **against})
    strata = checked_by([adjusted_by] if isinstance(adjusted_by, str) else adjusted_by)
    if told(first.where) == told(second.where):
        raise BadCut(told(first.where), "both groups are this one", "say how they differ")
    unfit = [d.name for d in first.definitions if not isinstance(d.estimator, Share | OverTime)]
    if strata and (unfit or first.by):
        what = "answers in groups" if first.by else f"{first.measure.name} ({', '.join(unfit)})"
        raise BadCut(
            ",".join(strata), f"{what} cannot be adjusted",
            "adjust a measure of shares, without groups",
        )  # fmt: skip
    _refuse_shared(docket, first, second)
    return Pair(first, second, strata, kind)


def _refuse_shared(docket: Docket, first: Question, second: Question) -> None:
    """Refuse groups that share cases, as far as what the cases are tells."""
    estimator = first.definitions[0].estimator
    is_dated = any(first.where.get(k) != second.where.get(k) for k in PERIODS)
    if is_dated and estimator.grain.name != CASES.name:
        return  # a case may be decided, or heard, in both
    day = estimator.day if is_dated else "received_date"
    fixed = [
        {k: v for k, v in q.where.items() if is_dated or k not in PERIODS}
        for q in (first, second)
    ]
    both = Asked(docket.con, first.as_of, fixed[0]), Asked(docket.con, first.as_of, fixed[1])
    queries = [a.query((), grain=CASES, day=day) for a in both]
    shared = f"select count(*) as n from ({queries[0]}) join ({queries[1]}) using (case_id)"
    n = fetched(docket.con, shared, {"as_of": first.as_of})["n"][0]
    if n:
        raise BadCut(
            f"{told(first.where)} against {told(second.where)}",
            "cases are in both",
            "choose groups apart, such as docket=dedicated against docket=ordinary",
        )


def contrast(
    docket: Docket,
    name: str,
    against: Where,
    *,
    adjusted_by: str | Sequence[str] = (),
    kind: str = "difference",
    **choices: Unpack[Choices],
) -> pl.DataFrame:
    """Compare two groups by one measure.

    Args:
        docket: An open docket.
        name: A measure's.
        against: The second group's filters, in place of those of ``where`` of the same name.
        adjusted_by: Groupings that the second group is made like the first in, such as
            ``("court", "nationality")``: each of its cases weighs as much as makes its strata
            as large as the first group's (direct standardisation, which with these strata is
            inverse-probability weighting by a saturated model). The unadjusted stand beside.
        kind: ``difference`` or ``ratio``.
        **choices: As for :func:`opendocket.measure.answers.answer`.

    Returns:
        One row per definition, group, part, day and adjustment: ``adjusted_by``, cases and
        estimates of both groups, first less (or over) second with a 95 % interval, clustered by
        family; ``outside_count``: the first group's cases in strata that the second lacks,
        which an adjusted row leaves out.

    Raises:
        BadCut: The groups are one, or a measure that is no share is to be adjusted.
        NothingToShow: One of them has no case.
        UnknownName: No measure, definition, filter, grouping or code of that name.

    Assumes:
        No family is in both groups. Adjusting takes away only what the strata tell: cases may
        differ in ways that no record holds.

    Source:
        :mod:`opendocket.estimate.contrast`.
    """
    asked = pair(docket, name, against, adjusted_by=adjusted_by, kind=kind, **choices)
    return contrasted(docket, asked)


def contrasted(docket: Docket, both: Pair) -> pl.DataFrame:
    """Compare two groups, their names checked; see :func:`contrast`."""
    rows = _beside(docket, both)
    if both.adjusted_by:
        found = [row for d in both.first.definitions for row in _adjusted(docket, both, d)]
        rows = stacked([rows, pl.DataFrame(found, infer_schema_length=None)])
        rows = _with_unadjusted(rows, both)
    order = {d.name: at for at, d in enumerate(both.first.definitions)}
    keys = [k for k in (*both.first.by, "days") if k in rows.columns]
    rows = rows.sort(pl.col("definition").replace_strict(order), *keys, maintain_order=True)
    return _named(rows, both, docket)


def _with_unadjusted(rows: pl.DataFrame, both: Pair) -> pl.DataFrame:
    """Hold back an adjusted row where the unadjusted one is: the two tell each other."""
    keys = [k for k in ("definition", both.first.measure.part, "days") if k in rows.columns]
    plain = pl.col("adjusted_by") == NONE
    held = (plain & pl.col("is_suppressed").fill_null(value=False)).any().over(keys)
    gone = ~plain & held
    return rows.with_columns(
        *(pl.when(~gone).then(pl.col(n)).alias(n) for n in (*_ESTIMATED, "outside_count")),
        is_suppressed=pl.col("is_suppressed").fill_null(value=False) | gone,
    )


def _beside(docket: Docket, both: Pair) -> pl.DataFrame:
    """Put the two answers beside each other, row by row."""
    measure = both.first.measure
    names = {
        measure.estimate: "value", f"lower_{measure.unit}": "lower",
        f"upper_{measure.unit}": "upper",
    }  # fmt: skip
    frames = []
    for asked in (both.first, both.second):
        frame = answered(docket, asked).rename(names)
        n = asked.counted if asked.counted in frame.columns else "value"
        frames.append(frame.with_columns(n=pl.col(n).cast(pl.Int64)))
    keys = ["definition", *both.first.by, measure.part, "days"]
    keys = [key for key in dict.fromkeys(keys) if all(key in f.columns for f in frames)]
    kept = [*keys, "n", "value", "lower", "upper", "is_suppressed"]
    joined = frames[0].select(kept).join(
        frames[1].select(kept), on=keys, how="inner", nulls_equal=True, suffix="_of_second",
        maintain_order="left",
    )  # fmt: skip
    rows = []
    for row in joined.iter_rows(named=True):
        ends = [tuple(row[f"{name}{of}"] for name in ("value", "lower", "upper"))
                for of in ("", "_of_second")]  # fmt: skip
        rows.append(
            {key: row[key] for key in keys}
            | {"adjusted_by": NONE, "first_n": row["n"], "first": row["value"]}
            | {"second_n": row["n_of_second"], "second": row["value_of_second"]}
            | _apart(both.kind, *ends)
            | {"is_suppressed": row["is_suppressed"] or row["is_suppressed_of_second"]}
        )
    return pl.DataFrame(rows, infer_schema_length=None)


_ESTIMATED = ("first_n", "first", "second_n", "second", "value", "lower", "upper")


def _apart(kind: str, a: tuple[Any, ...], b: tuple[Any, ...]) -> dict[str, float | None]:
    none: dict[str, float | None] = {"value": None, "lower": None, "upper": None}
    if any(end is None for end in (*a, *b)) or (kind == "ratio" and not b[0]):
        return none
    found: Contrast = CONTRASTS[kind](a, b)
    upper = found.upper if np.isfinite(found.upper) else None
    return {"value": found.value, "lower": found.lower, "upper": upper}


def _adjusted(docket: Docket, both: Pair, definition: Definition) -> Iterator[dict[str, Any]]:
    asked = [
        replace(q.asked(docket), strata=both.adjusted_by) for q in (both.first, both.second)
    ]
    estimator = definition.estimator
    if isinstance(estimator, Share):
        found = _shares(estimator, asked, both)
    else:
        assert isinstance(estimator, OverTime)
        found = _over_time(estimator, asked, both)
    for row in found:
        yield {
            "definition": definition.name,
            "adjusted_by": ", ".join(both.adjusted_by),
            **row,
        }


def _strata(
    frames: Sequence[pl.DataFrame], names: Sequence[str]
) -> tuple[list[NDArray[np.int64]], dict[int, float]]:
    """Number the strata of both groups alike; weigh those of the first that both have."""
    keys = pl.concat([f.select(names) for f in frames]).unique().with_row_index("stratum")
    numbered = [
        f.select(names).join(
            keys, on=list(names), how="left", nulls_equal=True, maintain_order="left"
        )["stratum"].to_numpy().astype(np.int64)
        for f in frames
    ]  # fmt: skip
    sizes = [np.bincount(of, minlength=len(keys)) for of in numbered]
    shared = np.flatnonzero((sizes[0] > 0) & (sizes[1] > 0))
    return numbered, {int(s): float(sizes[0][s]) for s in shared}


def _shares(estimator: Share, asked: Sequence[Asked], both: Pair) -> Iterator[dict[str, Any]]:
    frames = [estimator.frame(each) for each in asked]
    numbered, weights = _strata(frames, both.adjusted_by)
    outside = len(frames[0]) - int(sum(weights.values()))
    for part, is_so in estimator.parts.items():
        ends, sizes = [], []
        for frame, stratum in zip(frames, numbered, strict=True):
            if not weights:
                break
            share = standardised(
                truths(frame, is_so), frame["lead_case_id"].to_numpy(), stratum, weights=weights
            )
            ends.append((share.share, share.lower, share.upper))
            sizes.append((share.n, share.count))
        yield _row(both, ends, sizes, {"outside_count": outside} | _part(both, part))


def _over_time(
    estimator: OverTime, asked: Sequence[Asked], both: Pair
) -> Iterator[dict[str, Any]]:
    clock: Clocked = estimator.clock
    timed = [clock.timed(each) for each in asked]
    numbered, weights = _strata([t.frame for t in timed], both.adjusted_by)
    for day in both.first.days or estimator.days:
        seen = [_followed(t, of, day) for t, of in zip(timed, numbered, strict=True)]
        chosen = {s: w for s, w in weights.items() if all(s in each for each in seen)}
        outside = len(timed[0].days) - int(sum(chosen.values()))
        for code, part in enumerate(clock.ways or {"": None}, start=1):
            ends, sizes = [], []
            try:
                for t, of in zip(timed, numbered, strict=True):
                    mine = np.where(t.code == code, 1, np.where(t.code > 0, 2, 0))
                    share = standardised_incidence(
                        t.days, mine, t.family, of, at=day, weights=chosen
                    )
                    ends.append((share.share, share.lower, share.upper))
                    sizes.append((share.n, int(((mine == 1) & (t.days <= day)).sum())))
            except (NothingToShow, TooFewCases, ValueError):
                ends = []
            yield _row(
                both, ends, sizes, {"days": day, "outside_count": outside} | _part(both, part)
            )


def _followed(timed: Timed, stratum: NDArray[np.int64], day: int) -> set[int]:
    """Give the strata known up to a day: watched so long, or with nobody pending any more."""
    known = set(np.unique(stratum[timed.days >= day]).tolist())
    pending = set(np.unique(stratum[timed.code == 0]).tolist())
    return known | (set(np.unique(stratum).tolist()) - pending)


def _part(both: Pair, part: str) -> dict[str, str]:
    return {both.first.measure.part: part} if both.first.measure.part and part else {}


def _row(
    both: Pair,
    ends: Sequence[tuple[float, float, float]],
    sizes: Sequence[tuple[int, int]],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """Write one adjusted row; nothing of it where too few are behind it."""
    threshold = both.first.threshold
    few = any(0 < x < threshold for n, count in sizes for x in (n, count, n - count))
    few |= 0 < more["outside_count"] < threshold
    if few:
        more = {**more, "outside_count": None}
    if len(ends) < 2 or few:
        none = dict.fromkeys(
            ("first_n", "first", "second_n", "second", "value", "lower", "upper")
        )
        return {**more, **none}
    return {
        **more,
        "first_n": sizes[0][0],
        "first": ends[0][0],
        "second_n": sizes[1][0],
        "second": ends[1][0],
        **_apart(both.kind, *ends),
    }


def _named(rows: pl.DataFrame, both: Pair, docket: Docket) -> pl.DataFrame:
    measure = both.first.measure
    stem, unit = measure.estimate.rpartition("_")[0], measure.unit
    value = f"difference_{unit}" if both.kind == "difference" else f"{stem}_ratio"
    unit = unit if both.kind == "difference" else "ratio"
    names = {
        "first_n": "first_counted_count", "second_n": "second_counted_count",
        "first": f"first_{measure.estimate}", "second": f"second_{measure.estimate}",
        "value": value, "lower": f"lower_{unit}", "upper": f"upper_{unit}",
    }  # fmt: skip
    order = [
        "definition", *both.first.by, measure.part, "days", "adjusted_by", "first_n", "first",
        "second_n", "second", "value", "lower", "upper", "outside_count",
    ]  # fmt: skip
    first, second = both.names
    return rows.select(
        *(pl.col(n).alias(names.get(n, n)) for n in order if n in rows.columns),
        pl.lit(first).alias("first_group"),
        pl.lit(second).alias("second_group"),
        pl.lit(both.first.as_of).alias("as_of_date"),
        "is_suppressed",
        pl.lit(docket.is_synthetic).alias("is_synthetic"),
    )

"""Days between a case's hearings, counted inside the docket, where there are millions."""

from collections.abc import Callable
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
import polars as pl

from opendocket.arrow import fetched
from opendocket.estimate.ratios import ratios_of_sums
from opendocket.measure.grains import Asked, Grain

HEARD = Grain(
    "case",
    """join (
    select case_id, list_sort(list_distinct(list(hearing_date))) as days
    from out_docket__hearing
    where is_held and hearing_date <= $as_of
    group by case_id
    having max(hearing_date) > min(hearing_date)
) as h on h.case_id = c.case_id""",
    {"heard_days": "h.days"},
    reads=("out_docket__hearing",),
)
"""Cases with two hearings or more that a judge opened, and the days of them."""
Z = NormalDist().inv_cdf(0.975)
Summary = Callable[[pl.DataFrame, pl.DataFrame], tuple[float, float, float]]


def median_gap(asked: Asked) -> pl.DataFrame:
    """Give the median of the days between one day of hearing and the next of the same case.

    Args:
        asked: Which cases, in which groups.

    Returns:
        A row a group; ``n`` gaps of ``families``. The interval is Woodruff's, of a share of
        one half whose variance is as large as if all gaps of a family were alike.

    Source:
        Woodruff (1952), J. Am. Stat. Assoc. 47:635-646.
    """
    return _by_group(asked, _median)


def mean_gap(asked: Asked) -> pl.DataFrame:
    """Give the mean of the days between one day of hearing and the next of the same case.

    Args:
        asked: Which cases, in which groups.

    Returns:
        A row a group; ``n`` gaps of ``families``, by which the interval is clustered.

    Source:
        :func:`opendocket.estimate.ratios.ratios_of_sums`: days over gaps.
    """
    return _by_group(asked, _mean)


def _by_group(asked: Asked, summary: Summary) -> pl.DataFrame:
    rows = fetched(asked.con, _query(asked), {"as_of": asked.as_of})
    pieces = rows.partition_by(asked.by) if asked.by else [rows]
    found = []
    for piece in pieces:
        lengths = piece.drop_nulls("gap").sort("gap")
        if lengths.is_empty():
            continue
        sums = piece.drop_nulls("families")
        families, n = int(sums["families"][0]), int(lengths["gaps"].sum())
        value, lower, upper = summary(lengths, sums)
        key = piece.select(asked.by).row(0, named=True) if asked.by else {}
        found.append(
            key
            | {"count": n, "n": n, "families": families, "people": families}
            | {"behind": families, "value": value, "lower": lower, "upper": upper}
        )
    frame = pl.DataFrame(found, infer_schema_length=None)
    return frame.sort(asked.by, nulls_last=True) if asked.by and len(frame) else frame


def _query(asked: Asked) -> str:
    """Write for rows of two kinds: how often each gap is there, and what families add up to."""
    names = "".join(f"{name}, " for name in asked.by)
    return f"""
        with heard as materialized (
            {asked.query(("heard_days",), grain=HEARD, day="received_date")}
        ),
        family as (
            select
                {names}lead_case_id,
                sum(len(heard_days) - 1)::double            as gaps,
                sum(heard_days[-1] - heard_days[1])::double as days
            from heard
            group by all
        )
        select
            {names}gap,
            count(*)                as gaps,
            null::bigint            as families,
            null::double            as gaps_square,
            null::double            as product,
            null::double            as days_square
        from (select {names}unnest(heard_days[2:]) - unnest(heard_days[:-2]) as gap from heard)
        where gap > 0
        group by all
        union all
        select {names}null, null, count(*), sum(gaps * gaps), sum(gaps * days), sum(days * days)
        from family
        group by all
    """


def _median(lengths: pl.DataFrame, sums: pl.DataFrame) -> tuple[float, float, float]:
    upto = lengths["gaps"].to_numpy().cumsum()
    n = int(upto[-1])
    reach = Z * sqrt(sums["gaps_square"][0]) / (2 * n)
    value, lower, upper = (
        float(lengths["gap"][int(np.searchsorted(upto, max(1, ceil(share * n))))])
        for share in (0.5, max(0.0, 0.5 - reach), min(1.0, 0.5 + reach))
    )
    return value, lower, upper


def _mean(lengths: pl.DataFrame, sums: pl.DataFrame) -> tuple[float, float, float]:
    n, days = float(lengths["gaps"].sum()), float((lengths["gap"] * lengths["gaps"]).sum())
    ratio = days / n
    of, product, square = (
        float(sums[name][0]) for name in ("days_square", "product", "gaps_square")
    )
    found = ratios_of_sums(
        np.array([days]),
        np.array([n]),
        np.array([max(of - 2 * ratio * product + ratio**2 * square, 0.0)]),
        sums["families"].to_numpy(),
    )
    return ratio, float(found.lower[0]), float(found.upper[0])

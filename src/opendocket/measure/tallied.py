"""Shares of what is so or not, tallied inside the docket; as ``estimators.Share``."""

from collections.abc import Mapping
from dataclasses import replace
from statistics import NormalDist

import polars as pl

from opendocket.measure.estimators import Own
from opendocket.measure.grains import CASES, Asked, Grain
from opendocket.measure.summed import Summed

LEVEL = 0.95


def tallied(
    is_so: str | Mapping[str, str],
    columns: tuple[str, ...],
    *,
    among: str = "true",
    grain: Grain = CASES,
    day: str = "received_date",
    is_whole: bool = False,
) -> Own:
    """Give an estimator of shares that fetches no rows.

    Args:
        is_so: SQL over the columns; several by name.
        columns: What it reads, and ``among`` too.
        among: What it is counted among, as SQL with the columns' names in braces.
        grain: What is counted. Where that is not people, small groups are held back by the
            families behind them.
        day: The day that years and months look at.
        is_whole: Whether the parts add up to all.

    Assumes:
        Families are independent of each other. Where all have one share, as where nothing is
        so, the interval is that of as many cases as families.

    Source:
        :func:`opendocket.estimate.shares.grouped_proportions`.
    """
    written = among.format(**{name: f"({grain.sql(name)})" for name in columns})
    chosen = replace(grain, condition=f"({grain.condition}) and ({written})")
    sums = Summed(
        numerator=is_so, denominator="true", columns=columns, grain=chosen, day=day,
        is_whole=is_whole,
    )  # fmt: skip

    def rows(asked: Asked) -> pl.DataFrame:
        found = _spread(sums.rows(asked))
        return found.drop("people", "behind") if grain.name == CASES.name else found

    return Own(rows, columns, grain=grain, day=day, is_whole=is_whole)


def _spread(rows: pl.DataFrame) -> pl.DataFrame:
    """Give an interval where families differ in nothing, and a sum of squares gives none."""
    share, families = pl.col("value"), pl.col("families")
    odds = share / (1 - share)
    width = NormalDist().inv_cdf((1 + LEVEL) / 2) / (share * (1 - share) * families).sqrt()
    low, high = odds * (-width).exp(), odds * width.exp()
    is_flat = pl.col("lower") == pl.col("upper")
    return rows.with_columns(
        lower=pl.when(is_flat).then(low / (1 + low)).otherwise("lower"),
        upper=pl.when(is_flat).then(high / (1 + high)).otherwise("upper"),
    )

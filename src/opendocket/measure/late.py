"""Cases are entered weeks after their notices: how much of a month is still to come."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from opendocket.arrow import fetched
from opendocket.errors import BadCut, NothingToShow, TooFewCases
from opendocket.estimate.counts import grouped_counts
from opendocket.estimate.delay import DelayCurve, corrected, reporting_delay
from opendocket.measure.estimators import groups
from opendocket.measure.grains import CASES, Asked

WITHIN_DAYS = 1095
"""The longest delay that is asked about: three years."""
ENOUGH = 0.95
"""The share entered under which a period is marked as incomplete."""
TIMES = ("year", "month", "received")
"""Filters that would choose notices by their age, or by how fast they were entered."""

EXPECTED = ("expected_count", "lower_expected_count", "upper_expected_count")


def without_times(asked: Asked) -> Asked:
    """Ask of the same cases, whenever they came."""
    where = {name: value for name, value in asked.where.items() if name not in TIMES}
    return replace(asked, where=where, by=())


def delays(asked: Asked) -> DelayCurve | None:
    """Estimate how late the cases of a docket are entered.

    Args:
        asked: Which cases; filters on time are left aside.

    Returns:
        The share entered within so many days of the notice; None where too few cases have
        been entered to say. A case entered before its notice counts as entered on its day.
    """
    query = without_times(asked).query(
        ("nta_date", "received_date"), grain=CASES, day="nta_date"
    )
    frame = fetched(
        asked.con,
        f"""
        select
            greatest(date_diff('day', nta_date, received_date), 0)      as delay,
            date_diff('day', nta_date, $as_of)                          as age
        from ({query})
        where nta_date is not null
        """,
        {"as_of": asked.as_of},
    )
    try:
        return reporting_delay(
            frame["delay"].to_numpy(), frame["age"].to_numpy(), within=WITHIN_DAYS
        )
    except (TooFewCases, NothingToShow):
        return None


def days_of(month: str, as_of: date) -> tuple[date, date]:
    """Give the first and the last day of a month that had come.

    Example:
        >>> days_of("2022-09", date(2022, 9, 20))
        (datetime.date(2022, 9, 1), datetime.date(2022, 9, 20))
    """
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    return first, min(after - timedelta(days=1), as_of)


def of_month(curve: DelayCurve, month: str, as_of: date) -> tuple[float, float, float]:
    """Give the share entered of a month's notices, spread evenly over its days."""
    first, last = days_of(month, as_of)
    ages = np.arange((as_of - last).days, (as_of - first).days + 1)
    share, lower, upper = curve.at(ages)
    return float(share.mean()), float(lower.mean()), float(upper.mean())


def in_the_end(counts: pl.DataFrame, curve: DelayCurve, as_of: date) -> pl.DataFrame:
    """Estimate how many cases each month's notices will have made once all are entered.

    Args:
        counts: A row per group and month of notice: ``month`` and ``entered``.
        curve: The delays.
        as_of: The day that ends observation.

    Returns:
        The rows with the columns of ``EXPECTED``.
    """
    months = counts["month"].to_list()
    by_month = {month: of_month(curve, month, as_of) for month in set(months)}
    at = np.array([by_month[month] for month in months]).reshape(-1, 3)
    numbers = np.arange(len(months), dtype=np.float64)
    shares = DelayCurve(
        numbers, at[:, 0], at[:, 1], at[:, 2],
        np.zeros(len(months), dtype=np.int64), curve.n, curve.level,
    )  # fmt: skip
    found = corrected(counts["entered"].to_numpy(), numbers, shares)
    columns = zip(EXPECTED, (found.expected, found.lower, found.upper), strict=True)
    return counts.with_columns(**{name: pl.Series(values) for name, values in columns})


def _by_month(asked: Asked) -> pl.DataFrame:
    """Count cases by the groups asked for, and by month of notice."""
    by = _with_month(asked)
    query = replace(asked, by=by).query((), grain=CASES, day="nta_date")
    return fetched(
        asked.con,
        f"""
        select {", ".join(by)}, count(*) as entered
        from ({query})
        where month is not null
        group by all
        """,
        {"as_of": asked.as_of},
    )


def _with_month(asked: Asked) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*asked.by, "month")))


def expected(asked: Asked, counts: pl.DataFrame) -> pl.DataFrame:
    """Give, by the groups asked for, the cases entered and those there will be.

    Bounds of months add up to those of a year: they share one curve, so they err together.

    Args:
        asked: The question.
        counts: A row per group and month of notice: ``month`` and ``entered``.
    """
    curve = delays(asked)
    if curve is None or counts.is_empty():
        none = {name: pl.lit(None, dtype=pl.Float64) for name in EXPECTED}
        whole = counts.with_columns(**none)
    else:
        whole = in_the_end(counts, curve, asked.as_of)
    sums = [pl.col(name).sum() for name in ("entered", *EXPECTED)]
    if not asked.by:
        found = whole.select(sums) if len(whole) else whole.select("entered", *EXPECTED)
    else:
        found = whole.group_by(asked.by).agg(sums).sort(asked.by, nulls_last=True)
    return _known(found)


def _known(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark what is incomplete; say nothing where the delays are not known."""
    is_known = (pl.col("expected_count") > 0) & pl.col("expected_count").is_finite()
    return frame.with_columns(
        *(pl.when(is_known & pl.col(n).is_finite()).then(n).alias(n) for n in EXPECTED),
        is_incomplete=pl.when(is_known).then(
            pl.col("entered") < ENOUGH * pl.col("expected_count")
        ),
    )


def _rows(asked: Asked, values: Mapping[str, pl.Expr], *more: str) -> pl.DataFrame:
    frame = expected(asked, _by_month(asked))
    return frame.select(
        *asked.by,
        pl.col("entered").alias("count"),
        pl.col("entered").alias("n"),
        *(value.alias(name) for name, value in values.items()),
        *more,
        "is_incomplete",
    )


def _refuse_receipt(asked: Asked) -> None:
    """Refuse a span of receipt: nothing more can come with it, and there is no delay."""
    if "received" in asked.where:
        raise BadCut(
            "received", "a span of receipt, of what is dated by the notice",
            "filter by year or month instead",
        )  # fmt: skip


def by_notice(asked: Asked) -> pl.DataFrame:
    """Count cases by the date of the notice; say which periods are incomplete."""
    _refuse_receipt(asked)
    monthly = replace(asked, by=_with_month(asked))
    frame = monthly.fetch((), grain=CASES, day="nta_date").filter(pl.col("month").is_not_null())
    by = groups(frame, asked.by)
    family = frame["lead_case_id"].to_numpy()
    counts = grouped_counts(by.of, family, groups=len(by))
    numbers = {
        "count": counts.count, "n": counts.count, "families": counts.families,
        "value": counts.count.astype(float), "lower": counts.lower, "upper": counts.upper,
    }  # fmt: skip
    months = frame.group_by(monthly.by).agg(pl.len().cast(pl.Int64).alias("entered"))
    marks = expected(asked, months).select("is_incomplete")
    return pl.concat([by.keys, pl.DataFrame(numbers), marks], how="horizontal")


def by_notice_in_the_end(asked: Asked) -> pl.DataFrame:
    """Count cases by the date of the notice, with those still to be entered."""
    _refuse_receipt(asked)
    values = zip(("value", "lower", "upper"), (pl.col(n) for n in EXPECTED), strict=True)
    return _rows(asked, dict(values))


def entered_shares(asked: Asked) -> pl.DataFrame:
    """Give the share of cases entered so far, by the date of the notice."""
    _refuse_receipt(asked)
    entered, (mid, low, high) = pl.col("entered"), (pl.col(n) for n in EXPECTED)
    shares = {"value": entered / mid, "lower": entered / high, "upper": entered / low}
    return _rows(asked, shares, *EXPECTED)

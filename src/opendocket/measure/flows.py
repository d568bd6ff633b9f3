"""Stock and flow of a docket: what is pending after is what was before, and what moved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from opendocket.arrow import fetched
from opendocket.errors import BadCut
from opendocket.measure.cut import condition, grouping
from opendocket.measure.grains import CASES, DECISIONS, Asked

BEFORE, AFTER, RESIDUAL = "pending before", "pending after", "residual"
RECEIVED, DECIDED, OTHERWISE, AGAIN = (
    "received", "decided", "closed otherwise", "begun again",
)  # fmt: skip
COMPLETED = "completed"
SIGNS = {RECEIVED: 1, DECIDED: -1, OTHERWISE: -1, AGAIN: 1}
"""Each flow, and whether it adds to what is pending."""
PERIODS = ("year", "month")
FIRST_COURT = replace(DECISIONS, court=CASES.court)
"""Endings at the court that the case first came to, which never changes."""


def flows(asked: Asked) -> pl.DataFrame:
    """Give every flow of each period, and the stocks around it.

    Args:
        asked: Which cases; ``year`` or ``month`` of ``by`` are the periods, and those of
            ``where`` choose periods, not cases.

    Returns:
        A row per group, period and flow; none of them with an interval.

    Raises:
        BadCut: Periods are asked for twice, or chosen by what they are not.

    Assumes:
        An ending dated before the receipt took effect on the day of receipt.
    """
    table = _table(asked, SIGNS)
    change = pl.sum_horizontal(pl.col(name) * sign for name, sign in SIGNS.items())
    return _rows(asked, table, (BEFORE, *SIGNS, AFTER), change)


def flows_of_eoir(asked: Asked) -> pl.DataFrame:
    """Give the flows that EOIR publishes, and what they leave of the change in the stock."""
    table = _table(asked, SIGNS).with_columns(
        (pl.col(DECIDED) + pl.col(OTHERWISE) - pl.col("closures")).alias(COMPLETED)
    )
    change = pl.col(RECEIVED) - pl.col(COMPLETED)
    return _rows(asked, table, (BEFORE, RECEIVED, COMPLETED, AFTER), change)


def _rows(
    asked: Asked, table: pl.DataFrame, parts: Sequence[str], change: pl.Expr
) -> pl.DataFrame:
    residual = pl.col(AFTER) - pl.col(BEFORE) - change
    whole = table.with_columns(residual.alias(RESIDUAL))
    long = whole.unpivot(
        [*parts, RESIDUAL], index=list(asked.by), variable_name="part", value_name="value"
    )
    order = pl.col("part").replace_strict(
        {part: at for at, part in enumerate((*parts, RESIDUAL))}, return_dtype=pl.Int64
    )
    return long.sort(*asked.by, order, nulls_last=True).select(
        *asked.by,
        "part",
        pl.col("value").abs().alias("count"),
        pl.col("value").abs().alias("n"),
        pl.col("value").cast(pl.Float64),
        pl.lit(None, dtype=pl.Float64).alias("lower"),
        pl.lit(None, dtype=pl.Float64).alias("upper"),
    )


def _table(asked: Asked, signs: Mapping[str, int]) -> pl.DataFrame:
    """Give one row per group and period: its flows, and what is pending before and after."""
    period, chosen = _periods(asked)
    where = {name: value for name, value in asked.where.items() if name not in PERIODS}
    by = tuple(name for name in asked.by if name not in PERIODS)
    moves = _moves(replace(asked, where=where, by=by), by)
    table = _every_period(moves, by, period)
    net = pl.sum_horizontal(pl.col(name) * sign for name, sign in signs.items())
    after = net.cum_sum().over(by) if by else net.cum_sum()
    table = table.with_columns(after.alias(AFTER), (after - net).alias(BEFORE))
    if not period:
        return table
    if chosen is not None:
        table = table.filter(pl.col("period").is_in(chosen))
    return table.rename({"period": period})


def _periods(asked: Asked) -> tuple[str, list[int] | list[str] | None]:
    """Say what the periods are, and which of them are asked for."""
    asked_for = [name for name in asked.by if name in PERIODS]
    chosen_by = [name for name in asked.where if name in PERIODS]
    if len(asked_for) > 1:
        raise BadCut(",".join(asked_for), "two kinds of period", "name year or month")
    period = asked_for[0] if asked_for else ""
    if chosen_by and chosen_by != asked_for:
        raise BadCut(
            ",".join(chosen_by), "chooses no period of this answer",
            f"ask by {chosen_by[0]} as well, and choose by that alone",
        )  # fmt: skip
    if not chosen_by:
        return period, None
    chosen = condition(
        asked.con, {"docket": "everything", period: asked.where[period]}, day="day", court=""
    )
    rows = fetched(
        asked.con,
        f"""
        select distinct {grouping(period, day="day", court="")} as period
        from (
            select unnest(range(date '1900-01-01', $as_of + 1, interval 1 month))::date as day
        )
        where {chosen}
        """,
        {"as_of": asked.as_of},
    )
    return period, rows["period"].to_list()


def _moves(asked: Asked, by: Sequence[str]) -> pl.DataFrame:
    """Count what came in, ended and began again, by group and month."""
    received = asked.query(("received_date",), grain=CASES, day="received_date")
    columns = ("completed_date", "until_date", "received_date", "is_decision", "outcome")
    ended = asked.query(columns, grain=FIRST_COURT, day="received_date")
    names = "".join(f"{name}, " for name in by)
    return fetched(
        asked.con,
        f"""
        with ended as (
            select
                {names}date_trunc('month', greatest(completed_date, received_date)) as ended,
                date_trunc('month', greatest(until_date, received_date))    as again,
                until_date is not null                                      as is_undone,
                is_decision,
                outcome = 'administrative closure'                          as is_closure,
                count(*)                                                    as moved
            from ({ended})
            group by all
        )
        select {names}month::date as month, flow, sum(moved)::bigint as moved
        from (
            select {names}date_trunc('month', received_date) as month, '{RECEIVED}' as flow,
                count(*) as moved
            from ({received})
            group by all
            union all
            select {names}ended, case when is_decision then '{DECIDED}' else '{OTHERWISE}' end,
                moved
            from ended
            union all
            select {names}ended, 'closures', moved from ended where is_closure
            union all
            select {names}again, '{AGAIN}', moved from ended where is_undone
        )
        group by all
        """,
        {"as_of": asked.as_of},
    )


def _every_period(moves: pl.DataFrame, by: Sequence[str], period: str) -> pl.DataFrame:
    """Give each group a row for every period from the first of all to the last."""
    month = pl.col("month")
    named = {
        "": pl.lit(0),
        "year": month.dt.year().cast(pl.Int64) + (month.dt.month() >= 10).cast(pl.Int64),
        "month": month.dt.strftime("%Y-%m"),
    }[period]
    days = moves["month"].unique().sort()
    span = pl.DataFrame(
        {"month": pl.date_range(days[0], days[-1], "1mo", eager=True) if len(days) else days}
    )
    periods = span.select(named.alias("period")).unique()
    groups = moves.select(by).unique() if by else pl.DataFrame({"": [0]})
    grid = groups.join(periods, how="cross").select(*by, "period")
    sums = (
        moves.with_columns(named.alias("period"))
        .group_by(*by, "period")
        .agg(
            *(
                pl.col("moved").filter(pl.col("flow") == flow).sum().alias(flow)
                for flow in (*SIGNS, "closures")
            )
        )
    )
    return (
        grid.join(sums, on=[*by, "period"], how="left", nulls_equal=True)
        .with_columns(pl.col(*SIGNS, "closures").fill_null(0).cast(pl.Int64))
        .sort(*by, "period", nulls_last=True)
    )

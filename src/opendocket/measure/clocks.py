"""From when to when: three clocks start a case's time, its first ending or the day stops it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.errors import NothingToShow


@dataclass(frozen=True, slots=True)
class Clock:
    """A day on which a case's time begins."""

    name: str
    column: str
    meaning: str
    user: str
    """Who counts from it, with the published figure."""


CLOCKS = {
    "first master": Clock(
        "first master",
        "first_master_date",
        "from the first master hearing that a judge opened",
        "the policy itself (PM 21-23, A02)",
    ),
    "receipt": Clock(
        "receipt",
        "received_date",
        "from the day the court received the case",
        "GAO (A52)",
    ),
    "nta": Clock(
        "nta",
        "nta_date",
        "from the date of the notice to appear",
        "TRAC (A45)",
    ),
}
"""Clocks by name; the policy's own first."""

DECIDED, CLOSED_OTHERWISE = 1, 2
PROMISE = {"decided": DECIDED, "closed otherwise": CLOSED_OTHERWISE}
"""A judge's decision, and what takes a case off the docket without one."""


@dataclass(frozen=True, slots=True)
class Spells:
    """Time under observation and how it ended, one per case; shapes (n,)."""

    days: NDArray[np.int64]
    outcome: NDArray[np.int64]
    """0 while not yet."""
    family: NDArray[np.int64]
    excluded: dict[str, int]
    """Cases that this clock cannot time, by reason."""
    is_without_notice: NDArray[np.bool_]
    """Dismissed because no notice to appear was filed."""

    def __len__(self) -> int:
        """Count the cases."""
        return len(self.days)


def spells(
    frame: pl.DataFrame, clock: str, *, as_of: date, codes: Mapping[str, int] | None = None
) -> Spells:
    """Time each case on one clock, until it first ended or the day came.

    Args:
        frame: Cases, as :func:`opendocket.measure.population.cases` gives them.
        clock: A name in ``CLOCKS``.
        as_of: The day observation ends.
        codes: Outcomes' numbers by name, 1 and up; where None, 1 is a judge's decision and 2
            any other ending (``PROMISE``).

    Returns:
        Days, outcome and family of each case that the clock can time.

    Raises:
        KeyError: No clock of that name.
        NothingToShow: The clock can time no case.
        ValueError: The cases know of endings after ``as_of``, or ended in a way without a
            number.

    Example:
        >>> frame = pl.DataFrame(
        ...     {
        ...         "lead_case_id": [1, 1, 3],
        ...         "received_date": [date(2022, 1, 1)] * 3,
        ...         "first_outcome": ["relief", "no nta", None],
        ...         "first_outcome_date": [date(2022, 1, 11), date(2022, 3, 2), None],
        ...         "is_decided": [True, False, False],
        ...     }
        ... )
        >>> timed = spells(frame, "receipt", as_of=date(2022, 4, 11))
        >>> timed.days, timed.outcome, timed.family
        (array([ 10,  60, 100]), array([1, 2, 0]), array([1, 1, 3]))
    """
    refuse_later(frame, as_of)
    start = CLOCKS[clock].column
    timed = frame.with_columns(
        start=pl.col(start),
        until=pl.coalesce("first_outcome_date", pl.lit(as_of)),
        code=_code(frame, codes),
    )
    has_ended = timed["first_outcome"].is_not_null()
    is_out = (timed["until"] < timed["start"]).fill_null(True)
    excluded = {
        f"the clock has not started ({CLOCKS[clock].meaning})": int(
            (is_out & ~has_ended).sum()
        ),
        "ended before the clock started": int((is_out & has_ended).sum()),
    }
    timed = timed.filter(~is_out)
    if timed.is_empty():
        raise NothingToShow(
            f"the clock {clock!r}", "it can time no case", "choose a later as-of date"
        )
    days = timed.select((pl.col("until") - pl.col("start")).dt.total_days()).to_series()
    return Spells(
        days=days.to_numpy().astype(np.int64),
        outcome=timed["code"].to_numpy().astype(np.int64),
        family=timed["lead_case_id"].to_numpy().astype(np.int64),
        excluded={reason: n for reason, n in excluded.items() if n},
        is_without_notice=(timed["first_outcome"] == "no nta").fill_null(False).to_numpy(),
    )


def refuse_later(frame: pl.DataFrame, as_of: date) -> None:
    """Refuse cases frozen on a later day than they are measured on.

    Args:
        frame: Cases, as :func:`opendocket.measure.population.cases` gives them.
        as_of: The day observation ends.

    Raises:
        ValueError: A case ended after ``as_of``.
    """
    late = int((frame["first_outcome_date"] > as_of).sum())
    if late:
        raise ValueError(
            f"frame: {late:,} cases ended after {as_of}; expected none; freeze them on that day"
        )


def _code(frame: pl.DataFrame, codes: Mapping[str, int] | None) -> pl.Expr:
    if codes is None:
        kind = pl.when("is_decided").then(DECIDED).otherwise(CLOSED_OTHERWISE)
        return pl.when(pl.col("first_outcome").is_not_null()).then(kind).otherwise(0)
    unknown = set(frame["first_outcome"].drop_nulls().unique()) - set(codes)
    if unknown:
        raise ValueError(f"first_outcome: {sorted(unknown)}; expected one of {sorted(codes)}")
    return (
        pl.col("first_outcome")
        .replace_strict(dict(codes), default=None, return_dtype=pl.Int64)
        .fill_null(0)
    )

"""How a definition is worked out: counts, shares, shares over time and times, by group.

Each gives rows in one form: the groupings asked for, ``part`` where a measure has parts,
``days`` where it is read at days, and ``count`` of ``n``, ``families``, ``value``, ``lower``
and ``upper``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.errors import TooFewCases
from opendocket.estimate.counts import grouped_counts
from opendocket.estimate.ratios import grouped_ratios
from opendocket.estimate.shares import grouped_proportions
from opendocket.estimate.survival import IncidenceCurves, cumulative_incidence, quantile_days
from opendocket.measure.grains import CASES, Asked, Grain
from opendocket.measure.promise import AT_RISK_AT_LEAST, shown

NOT_YET = "not yet"
LANDMARKS = (90, 180, 300, 365, 730, 1095, 1825)
"""Days at which shares over time are read where none are asked for."""

OBSERVED_OF = 100
"""A share over time is given as long as one in so many cases is under observation."""

Parts = Mapping[str, pl.Expr]
EVERYBODY = pl.lit(value=True)


class Estimator(Protocol):
    """Works out one definition of a measure."""

    @property
    def grain(self) -> Grain:
        """Say what is counted."""
        ...

    @property
    def day(self) -> str:
        """Name the column that years and months look at."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Name what is read of each."""
        ...

    @property
    def is_whole(self) -> bool:
        """Tell whether the parts of a group add up to it."""
        ...

    def rows(self, asked: Asked) -> pl.DataFrame:
        """Give the rows of an answer."""
        ...


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that rows fall into, in order, and which row falls into which."""

    keys: pl.DataFrame
    """One row a group, the columns of ``by``."""
    of: NDArray[np.int64]
    """The group of each row; shape (n,)."""

    def __len__(self) -> int:
        """Count the groups."""
        return max(1, len(self.keys)) if self.keys.width == 0 else len(self.keys)


def groups(frame: pl.DataFrame, by: Sequence[str]) -> Groups:
    """Number the groups of a frame's rows; all rows are one group where ``by`` is empty.

    Example:
        >>> found = groups(pl.DataFrame({"court": ["B", "A", "B"]}), ["court"])
        >>> found.keys["court"].to_list(), found.of
        (['A', 'B'], array([1, 0, 1]))
    """
    if not by:
        return Groups(pl.DataFrame(), np.zeros(len(frame), dtype=np.int64))
    keys = frame.select(by).unique().sort(by, nulls_last=True)
    numbered = frame.select(by).join(
        keys.with_row_index("group_number"),
        on=list(by),
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return Groups(keys, numbered["group_number"].to_numpy().astype(np.int64))


def truths(frame: pl.DataFrame, is_so: pl.Expr) -> NDArray[np.bool_]:
    """Give whether something is so of each row; what is not known is not so."""
    found = frame.select(is_so.fill_null(value=False).alias("is_so")).to_series()
    whole = found if len(found) == len(frame) else found.new_from_index(0, len(frame))
    return whole.to_numpy().astype(bool)


def _numbers(frame: pl.DataFrame, value: pl.Expr) -> NDArray[np.float64]:
    """Give a number of each row; what is not known is 0."""
    written = frame.select(value.cast(pl.Float64).fill_null(0.0).alias("value")).to_series()
    whole = written if len(written) == len(frame) else written.new_from_index(0, len(frame))
    return whole.to_numpy()


def _families(frame: pl.DataFrame) -> NDArray[np.int64]:
    return frame["lead_case_id"].to_numpy()


def _rows(by: Groups, **columns: object) -> pl.DataFrame:
    return by.keys.hstack(pl.DataFrame(columns)) if by.keys.width else pl.DataFrame(columns)


def stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put rows below each other, columns by name."""
    return pl.concat(frames, how="diagonal_relaxed")


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """How many, by group; with the interval of families that come by chance."""

    columns: tuple[str, ...] = ()
    among: pl.Expr = field(default_factory=lambda: EVERYBODY)
    parts: Parts = field(default_factory=dict)
    """What is counted, by name; all rows where empty."""
    grain: Grain = CASES
    day: str = "received_date"
    is_whole: bool = False

    def rows(self, asked: Asked) -> pl.DataFrame:
        """Give the rows of an answer."""
        frame = asked.fetch(self.columns, grain=self.grain, day=self.day).filter(self.among)
        by = groups(frame, asked.by)
        found = []
        for part, is_so in (self.parts or {"": EVERYBODY}).items():
            chosen = truths(frame, is_so)
            counts = grouped_counts(by.of[chosen], _families(frame)[chosen], groups=len(by))
            row = _rows(
                by, count=counts.count, n=counts.count, families=counts.families,
                value=counts.count.astype(float), lower=counts.lower, upper=counts.upper,
            )  # fmt: skip
            found.append(row.with_columns(part=pl.lit(part)) if self.parts else row)
        return stacked(found)


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """The share of which something is so, by group; intervals clustered by family."""

    is_so: pl.Expr | Parts
    """What is counted; several things by name."""
    columns: tuple[str, ...]
    among: pl.Expr = field(default_factory=lambda: EVERYBODY)
    """What it is counted among."""
    grain: Grain = CASES
    day: str = "received_date"
    is_whole: bool = False

    @property
    def parts(self) -> Parts:
        """Name what is counted."""
        return self.is_so if isinstance(self.is_so, Mapping) else {"": self.is_so}

    def frame(self, asked: Asked) -> pl.DataFrame:
        """Give what it is counted among."""
        return asked.fetch(self.columns, grain=self.grain, day=self.day).filter(self.among)

    def rows(self, asked: Asked) -> pl.DataFrame:
        """Give the rows of an answer."""
        return self.of(self.frame(asked), asked.by)

    def of(self, frame: pl.DataFrame, by_names: Sequence[str]) -> pl.DataFrame:
        """Give the rows of what was fetched."""
        by, family = groups(frame, by_names), _families(frame)
        found = []
        for part, is_so in self.parts.items():
            share = grouped_proportions(truths(frame, is_so), family, by.of, groups=len(by))
            row = _rows(
                by, count=share.count, n=share.n, families=share.families, value=share.share,
                lower=share.lower, upper=share.upper,
            ).with_columns(pl.col("value", "lower", "upper").fill_nan(None))  # fmt: skip
            found.append(row.with_columns(part=pl.lit(part)) if part else row)
        return stacked(found)


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A sum over another, by group, such as hearings a case; intervals clustered by family.

    ``n`` is the sum below, ``count`` the sum above.
    """

    numerator: pl.Expr | Parts
    """Of each row; several by name."""
    denominator: pl.Expr
    columns: tuple[str, ...]
    among: pl.Expr = field(default_factory=lambda: EVERYBODY)
    is_share: bool = False
    """Whether what is above is part of what is below."""
    grain: Grain = CASES
    day: str = "received_date"
    is_whole: bool = False

    @property
    def parts(self) -> Parts:
        """Name what is above."""
        return self.numerator if isinstance(self.numerator, Mapping) else {"": self.numerator}

    def rows(self, asked: Asked) -> pl.DataFrame:
        """Give the rows of an answer."""
        frame = asked.fetch(self.columns, grain=self.grain, day=self.day).filter(self.among)
        by, family = groups(frame, asked.by), _families(frame)
        below = _numbers(frame, self.denominator)
        found = []
        for part, above in self.parts.items():
            ratio = grouped_ratios(
                _numbers(frame, above), below, family, by.of, groups=len(by),
                is_share=self.is_share,
            )  # fmt: skip
            row = _rows(
                by, count=ratio.numerator.round().astype(np.int64),
                n=ratio.denominator.round().astype(np.int64), families=ratio.families,
                value=ratio.ratio, lower=ratio.lower, upper=ratio.upper,
            ).with_columns(pl.col("value", "lower", "upper").fill_nan(None))  # fmt: skip
            found.append(row.with_columns(part=pl.lit(part)) if part else row)
        return stacked(found)


@dataclass(frozen=True, slots=True)
class Timed:
    """Days under observation and how they ended, one each; shapes (n,)."""

    days: NDArray[np.int64]
    code: NDArray[np.int64]
    """0 while not yet."""
    family: NDArray[np.int64]
    entered: NDArray[np.int64] | None
    frame: pl.DataFrame
    """The rows that could be timed."""


@dataclass(frozen=True, slots=True, eq=False)
class Clocked:
    """What runs from one day to another: when it starts, when it stops, and how."""

    start: str
    """Column of the day it starts."""
    stop: str
    """Column of the day it stopped; empty while it runs."""
    ways: Mapping[str, pl.Expr] = field(default_factory=dict)
    """How it stopped, by name, in an order in which the first that is so counts; any way at
    all where empty. A stop in none of these ways ends observation."""
    columns: tuple[str, ...] = ()
    """What the ways look at."""
    among: pl.Expr = field(default_factory=lambda: EVERYBODY)
    entry: str = ""
    """Column of the day that a case comes under observation, if later than the start."""
    grain: Grain = CASES
    day: str = "received_date"

    @property
    def read(self) -> tuple[str, ...]:
        """Name every column that is read."""
        own = (self.start, self.stop, *((self.entry,) if self.entry else ()), *self.columns)
        return tuple(dict.fromkeys(own))

    def timed(self, asked: Asked) -> Timed:
        """Time each row that can be, until it stopped or the day came."""
        frame = asked.fetch(self.read, grain=self.grain, day=self.day).filter(self.among)
        has_stopped = pl.col(self.stop).is_not_null()
        code = pl.lit(0)
        ways = list((self.ways or {"": has_stopped}).values())
        for number, is_so in reversed(list(enumerate(ways, start=1))):
            code = (
                pl.when(has_stopped & is_so.fill_null(value=False)).then(number).otherwise(code)
            )
        until = pl.coalesce(self.stop, pl.lit(asked.as_of))
        frame = frame.with_columns(
            days=(until - pl.col(self.start)).dt.total_days(), code=code
        ).filter(pl.col("days") >= 0)
        entered = None
        if self.entry:
            late = (pl.col(self.entry) - pl.col(self.start)).dt.total_days()
            frame = frame.with_columns(entered=late.clip(lower_bound=0).fill_null(0))
            frame = frame.filter(pl.col("entered") < pl.col("days"))
            entered = frame["entered"].to_numpy().astype(np.int64)
        return Timed(
            days=frame["days"].to_numpy().astype(np.int64),
            code=frame["code"].to_numpy().astype(np.int64),
            family=_families(frame),
            entered=entered,
            frame=frame,
        )


def _one_by_one(timed: Timed, by: Groups) -> Iterator[tuple[int, Timed]]:
    """Give each group's part."""
    if len(by) == 1:
        yield 0, timed
        return
    order = np.argsort(by.of, kind="stable")
    edges = np.searchsorted(by.of[order], np.arange(len(by) + 1))
    for group in range(len(by)):
        at = order[edges[group] : edges[group + 1]]
        entered = None if timed.entered is None else timed.entered[at]
        yield (
            group,
            Timed(timed.days[at], timed.code[at], timed.family[at], entered, timed.frame),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _OnClock:
    """What is read off a clock, group by group."""

    clock: Clocked

    @property
    def grain(self) -> Grain:
        """Say what is counted."""
        return self.clock.grain

    @property
    def day(self) -> str:
        """Name the day it is counted by."""
        return self.clock.day

    @property
    def columns(self) -> tuple[str, ...]:
        """Name what is read."""
        return self.clock.read

    def parts(self, asked: Asked) -> Iterator[tuple[dict[str, Any], Timed]]:
        """Give each group's key and what was timed of it."""
        timed = self.clock.timed(asked)
        by = groups(timed.frame, asked.by)
        for group, part in _one_by_one(timed, by):
            yield by.keys.row(group, named=True) if by.keys.width else {}, part


@dataclass(frozen=True, slots=True, eq=False)
class OverTime(_OnClock):
    """Shares that have ended each way by so many days, those still running "not yet"."""

    days: tuple[int, ...] = LANDMARKS
    told: tuple[str, ...] = ()
    """The ways that are given; all of them, and not yet, where empty."""

    @property
    def is_whole(self) -> bool:
        """Tell that the ways and not yet add up to all."""
        return len(self.clock.ways) > 1 and not self.told

    def rows(self, asked: Asked) -> pl.DataFrame:
        """Give the rows of an answer."""
        on = asked.days or self.days
        found = [key | row for key, part in self.parts(asked) for row in self._group(part, on)]
        schema = {"part": pl.String} if self.clock.ways else {}
        rows = pl.DataFrame(found, infer_schema_length=None, schema_overrides=schema)
        return rows if self.clock.ways or rows.is_empty() else rows.drop("part")

    def _group(self, timed: Timed, on: Sequence[int]) -> Iterator[dict[str, Any]]:
        ways = list(self.clock.ways) or [""]
        codes = tuple(range(1, len(ways) + 1))
        told = self.told or ways
        seen = _until(timed, max(on))
        curves = ended = self._curves(seen, seen.code, codes)
        if self.is_whole:
            ended = self._curves(seen, np.minimum(seen.code, 1), (1,))
        whole = _counted(timed, 0)
        by_then = _ended_by(timed, on, len(codes))
        for day, counts in zip(on, by_then, strict=True):
            for way, code in zip(ways, codes, strict=True):
                if way not in told:
                    continue
                yield {
                    "part": way, "days": day, **whole, "count": int(counts[code - 1]),
                    **_read(curves, code, day),
                }  # fmt: skip
            if self.is_whole:
                yield {
                    "part": NOT_YET, "days": day, **whole,
                    "count": len(timed.days) - int(counts.sum()),
                    **_complement(_read(ended, 1, day)),
                }  # fmt: skip

    @staticmethod
    def _curves(
        timed: Timed, code: NDArray[np.int64], outcomes: tuple[int, ...]
    ) -> IncidenceCurves | None:
        """Estimate the curves, as far as enough are observed; None where too few are."""
        try:
            whole = cumulative_incidence(
                timed.days, code, family=timed.family, outcomes=outcomes, entered=timed.entered
            )
        except TooFewCases:
            return None
        return observed(whole)


def _until(timed: Timed, last: int) -> Timed:
    """Forget what came after the last day that is read, which shares by then do not know."""
    is_later = timed.days > last
    days = np.minimum(timed.days, last + 1)
    code = np.where(is_later, 0, timed.code)
    if timed.entered is None:
        return Timed(days, code, timed.family, None, timed.frame)
    at = timed.entered < days
    return Timed(days[at], code[at], timed.family[at], timed.entered[at], timed.frame)


def observed(curves: IncidenceCurves) -> IncidenceCurves:
    """Cut curves where fewer than one in a hundred of all cases are left, or than eleven.

    Beyond, a handful of cases stands for the whole docket, which is younger than the day.
    """
    return shown(curves, max(AT_RISK_AT_LEAST, -(-curves.n // OBSERVED_OF)))


def _ended_by(timed: Timed, on: Sequence[int], ways: int) -> NDArray[np.int64]:
    """Count those that have ended each way by each day; shape (days, ways)."""
    slot = np.searchsorted(np.asarray(on), timed.days)  # the first of them not before its end
    key = slot * (ways + 1) + timed.code
    table = np.bincount(key, minlength=(len(on) + 1) * (ways + 1)).reshape(-1, ways + 1)
    return np.asarray(table[: len(on), 1:].cumsum(axis=0))


def _counted(timed: Timed, count: int) -> dict[str, Any]:
    return {
        "count": count,
        "n": len(timed.days),
        "families": pl.Series(timed.family).n_unique(),
    }


def _read(curves: IncidenceCurves | None, code: int, day: int) -> dict[str, Any]:
    """Read a share off, or nothing where too few were observed so long."""
    if curves is None or day > curves.days[-1]:
        return dict.fromkeys(("at_risk", "value", "lower", "upper"))
    share = curves.at(code, day)
    is_flat = share.lower == share.upper  # nothing varied: there is no interval
    return {
        "at_risk": share.at_risk,
        "value": share.share,
        "lower": None if is_flat else share.lower,
        "upper": None if is_flat else share.upper,
    }


def _complement(read: dict[str, Any]) -> dict[str, Any]:
    if read["value"] is None:
        return read
    flipped = read | {"value": 1 - read["value"]}
    if read["lower"] is not None:
        flipped |= {"lower": 1 - read["upper"], "upper": 1 - read["lower"]}
    return flipped


@dataclass(frozen=True, slots=True, eq=False)
class DaysUntil(_OnClock):
    """Days until a share has ended, those still running "not yet"; the median by default."""

    share: float = 0.5
    is_whole: bool = False

    def rows(self, asked: Asked) -> pl.DataFrame:
        """Give the rows of an answer."""
        found = []
        for key, part in self.parts(asked):
            ended = np.minimum(part.code, 1)
            found.append(key | _counted(part, int(ended.sum())) | self._group(part, ended))
        return pl.DataFrame(
            found, infer_schema_length=None,
            schema_overrides=dict.fromkeys(("value", "lower", "upper"), pl.Float64),
        )  # fmt: skip

    def _group(self, timed: Timed, ended: NDArray[np.int64]) -> dict[str, Any]:
        try:
            curves = cumulative_incidence(
                timed.days, ended, family=timed.family, outcomes=(1,), entered=timed.entered
            )
        except TooFewCases:
            return dict.fromkeys(("value", "lower", "upper"))
        # where nothing is pending all is known, however few are left
        found = quantile_days(curves if ended.all() else observed(curves), self.share)
        return {"value": found.days, "lower": found.lower, "upper": found.upper}


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """A definition worked out by a function of its own."""

    function: Callable[[Asked], pl.DataFrame]
    columns: tuple[str, ...] = ()
    grain: Grain = CASES
    day: str = "received_date"
    is_by_group: bool = True
    """Whether it can be put in groups."""
    is_whole: bool = False

    def rows(self, asked: Asked) -> pl.DataFrame:
        """Give the rows of an answer."""
        return self.function(asked)

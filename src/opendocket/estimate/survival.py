"""Shares decided and shares still pending, day by day, with their intervals.

Two estimators, for the same cases seen from two sides. `kaplan_meier` gives the share still
pending; `cumulative_incidence` gives the share decided each way, all ways at once. For both a
pending case means "not yet": it counts for as long as it was observed, and no longer.

The people of a family are decided together, so a family of five is nearer to one case than to
five. `cumulative_incidence` takes the families and widens its intervals to match.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from opendocket.estimate.families import MIN_CASES, Floats, Ints, family_sums
from opendocket.estimate.influence import (
    Table,
    table_of,
    variance_of_all,
    variance_of_families,
)
from opendocket.estimate.tallies import Numbers, checked, checked_entry, tallied, tally

__all__ = [
    "MIN_CASES",
    "IncidenceCurves",
    "Median",
    "Quantile",
    "RestrictedMean",
    "Share",
    "SurvivalCurve",
    "cumulative_incidence",
    "kaplan_meier",
    "median_days",
    "quantile_days",
    "restricted_mean",
]

_ROUNDING = 1e-12  # shares are sums of many quotients; closer than this is equal


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Share of cases still pending, with its interval and the counts behind it.

    Attributes:
        days: Each distinct day on which a case ended, ascending; shape (k,).
        share_pending: Share still pending after that day; 0 to 1; shape (k,).
        lower: Lower end of the pointwise interval; shape (k,).
        upper: Upper end; shape (k,).
        at_risk: Cases pending and observed until that day or longer; shape (k,).
        ended: Cases that ended on that day; shape (k,).
        n: Cases in all.
    """

    days: Floats
    share_pending: Floats
    lower: Floats
    upper: Floats
    at_risk: Ints
    ended: Ints
    n: int


@dataclass(frozen=True, slots=True)
class Share:
    """One share on one day, with its interval and the counts behind it."""

    share: float
    lower: float
    upper: float
    n: int
    at_risk: int


@dataclass(frozen=True, slots=True)
class Median:
    """Days until half the cases are decided; None where that is not reached."""

    days: float | None
    lower: float | None
    upper: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Quantile:
    """Days until a share of the cases is decided; None where that is not reached."""

    share: float
    days: float | None
    lower: float | None
    upper: float | None
    n: int


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean days pending up to a horizon, with its interval; a case pending then counts it."""

    days: float
    lower: float
    upper: float
    n: int
    until: float


@dataclass(frozen=True, slots=True)
class IncidenceCurves:
    """Share of cases decided each way, with intervals and the counts behind them.

    On every day the shares of all outcomes and the share pending sum to 1.

    Attributes:
        days: Days after which the shares are given, ascending; shape (k,).
        share: Share decided each way by the end of that day; 0 to 1; shape (K, k).
        lower: Lower end of the pointwise interval; shape (K, k).
        upper: Upper end; shape (K, k).
        pending_share: Share still pending after that day; shape (k,).
        at_risk: Cases pending and observed until that day or longer; shape (k,).
        n: Cases in all.
        outcomes: The code of each row of ``share``; length K.
    """

    days: Floats
    share: Floats
    lower: Floats
    upper: Floats
    pending_share: Floats
    at_risk: Ints
    n: int
    outcomes: tuple[int, ...]

    def at(self, outcome: int, day: float) -> Share:
        """Give the share decided one way by the end of one day.

        Args:
            outcome: One of ``outcomes``.
            day: Days since the clock began; 0 to the last of ``days``.

        Returns:
            The share on the last of ``days`` that is not after ``day``: exact unless the
            curves were taken at chosen days or thinned. ``at_risk`` is counted on the first
            of ``days`` that is not before ``day``.

        Raises:
            ValueError: No such outcome, or a day that nobody was observed to reach.

        Example:
            >>> curves = cumulative_incidence([10, 20, 30, 40, 50], [1, 2, 0, 1, 0])
            >>> share = curves.at(1, 25)
            >>> share.share, share.n, share.at_risk
            (0.2, 5, 3)
        """
        if outcome not in self.outcomes:
            raise ValueError(f"outcome {outcome}; expected one of {self.outcomes}")
        if not 0 <= day <= self.days[-1]:
            raise ValueError(
                f"day {day:,g}: beyond observation; expected 0 to {self.days[-1]:,g}, the "
                "last day of these curves; ask for an earlier day"
            )
        row = self.outcomes.index(outcome)
        step = int(np.searchsorted(self.days, day, side="right")) - 1
        share, lower, upper = (
            float(values[row, step]) if step >= 0 else 0.0
            for values in (self.share, self.lower, self.upper)
        )
        at_risk = int(self.at_risk[np.searchsorted(self.days, day, side="left")])
        return Share(share, lower, upper, n=self.n, at_risk=at_risk)

    def thinned(self, most: int = 200) -> IncidenceCurves:
        """Keep at most this many days, spread evenly, the first and last among them.

        For a figure, which needs no more. Read shares and medians off the whole curves.

        Args:
            most: Days to keep; >= 2.

        Returns:
            The same curves on fewer days.

        Example:
            >>> curves = cumulative_incidence([10, 20, 30, 40, 50], [1, 2, 0, 1, 0])
            >>> curves.thinned(3).days
            array([10., 30., 50.])
        """
        last = len(self.days) - 1
        keep = np.unique(np.linspace(0, last, min(most, last + 1)).round().astype(np.int64))
        return replace(
            self,
            days=self.days[keep],
            share=self.share[:, keep],
            lower=self.lower[:, keep],
            upper=self.upper[:, keep],
            pending_share=self.pending_share[keep],
            at_risk=self.at_risk[keep],
        )


def kaplan_meier(
    days: ArrayLike,
    ended: ArrayLike,
    *,
    level: float = 0.95,
    entered: ArrayLike | None = None,
) -> SurvivalCurve:
    """Estimate the share of cases still pending after each number of days.

    A pending case counts as "not yet". Leaving it out would make courts look faster than
    they are.

    Args:
        days: Days from the clock's start to the end of observation, ended or not; >= 0;
            shape (n,).
        ended: False where the case was pending when observation ended; shape (n,).
        level: Coverage of the pointwise interval, between 0 and 1.
        entered: The day each case came under observation; from 0, and before its last day;
            shape (n,). A case is at risk on the days after it. None has all cases under
            observation from the clock's start.

    Returns:
        The curve at each distinct day on which a case ended; shape (k,), k <= n.

    Raises:
        TooFewCases: Fewer than ``MIN_CASES`` cases.
        ValueError: Shapes differ; a value is missing, negative or not finite; the level is
            not between 0 and 1; or a case entered on its last day or later.

    Assumes:
        Whether a case is still pending says nothing else about how long it will last, nor
        does the day it came under observation. A transfer that closes the record breaks the
        first. Cases are decided independently; where families are decided together, use
        `cumulative_incidence` with one outcome. With late entries: some cases are under
        observation early, since a day on which all of a few end puts the curve to 0 for good.

    Source:
        Kaplan & Meier (1958), JASA 53:457-481. Log-log interval: Borgan & Liestøl (1990),
        Scand. J. Statist. 17:35-41. Late entries: Klein & Moeschberger, Survival Analysis,
        2nd ed. (2003), section 4.6.

    Example:
        >>> curve = kaplan_meier([10, 20, 30, 40, 50], [1, 0, 1, 1, 0])
        >>> curve.days
        array([10., 30., 40.])
        >>> curve.share_pending.round(3)
        array([0.8  , 0.533, 0.267])
        >>> late = kaplan_meier([10, 20, 30, 40, 50], [1, 0, 1, 1, 0], entered=[0, 0, 0, 35, 0])
        >>> late.at_risk
        array([4, 2, 2])
    """
    t, code, last = checked(days, ended, level, name="ended")
    start = checked_entry(entered, t)
    at, counts, gone = _ended(t, code.astype(bool, copy=False), last)
    come = len(t) if start is None else np.searchsorted(np.sort(start), at)
    at_risk = come - gone
    share = np.cumprod(1 - counts / at_risk, dtype=np.float64)
    # where none is left the share is 0, and so is its error
    left = np.maximum(at_risk - counts, 1)
    error: Floats = share * np.sqrt(np.cumsum(counts / (at_risk * left)))
    lower, upper = interval_of(1 - share, error, level)
    return SurvivalCurve(at, share, 1 - upper, 1 - lower, at_risk, counts, n=len(t))


def _ended(t: Numbers, is_ended: Numbers, last: float) -> tuple[Floats, Ints, Ints]:
    """Give the days on which cases ended, how many did, and how many were gone before."""
    whole = tally(t, is_ended, 2, last)
    if whole is None:
        at, counts = np.unique(t[is_ended].astype(np.float64), return_counts=True)
        return at, counts, np.searchsorted(np.sort(t), at)
    on = np.flatnonzero(whole[:, 1])
    every = whole.sum(axis=1)
    return on.astype(np.float64), whole[on, 1], (every.cumsum() - every)[on]


def cumulative_incidence(
    days: ArrayLike,
    outcome: ArrayLike,
    *,
    level: float = 0.95,
    family: ArrayLike | None = None,
    at: ArrayLike | None = None,
    outcomes: Collection[int] | None = None,
    entered: ArrayLike | None = None,
) -> IncidenceCurves:
    """Estimate the share of cases decided each way, by the end of each number of days.

    Outcomes compete: a case decided one way can no longer be decided another. One minus
    Kaplan-Meier for a single outcome, with the other outcomes treated as pending, overstates
    every one of them; shares of the cases decided so far overstate the fast ones.

    Args:
        days: Days from the clock's start to the end of observation, decided or not; >= 0;
            shape (n,). Whole days are meant: time and memory grow with the distinct ones.
        outcome: 0 where the case was pending when observation ended, else the code of how it
            was decided; integers; shape (n,).
        level: Coverage of the pointwise intervals, between 0 and 1.
        family: Who is decided together with whom: the same integer for each member, such as
            the lead case's number; shape (n,). None takes each case for its own family.
        at: Days to give the results at. None gives every distinct day in ``days``.
        outcomes: Codes to give, so that an outcome nobody had is shown as 0. None gives the
            codes found.
        entered: The day each case came under observation, as for `kaplan_meier`.

    Returns:
        All outcomes' curves, days ascending and without repeats. Where a share is 0 or 1, or
        its standard error 0, ``lower`` and ``upper`` are the share itself: there the interval
        says nothing, and the count must speak.

    Raises:
        TooFewCases: Fewer than ``MIN_CASES`` cases, or families.
        ValueError: Shapes differ; a value is missing, negative or not finite; the level is not
            between 0 and 1; ``at`` goes beyond the last day observed; ``outcomes`` lacks a
            code found; or a case entered on its last day or later.

    Assumes:
        Whether a case is still pending says nothing else about when or how it will be
        decided, nor does the day it entered; with late entries, see `kaplan_meier`. Families
        are independent of each other, and many enough (some fifty) for the interval to keep
        its level. Outcomes on the same day are simultaneous: they share that day's hazard, in
        no order.

    Source:
        Aalen & Johansen (1978), Scand. J. Statist. 5:141-150; Putter, Fiocco & Geskus (2007),
        Stat. Med. 26:2389-2430, section 3. Standard error: the infinitesimal jackknife, its
        contributions summed within families, as Ying & Wei (1994), J. Multivariate Anal.
        50:17-29, and Williams (1995), Lifetime Data Anal. 1:171-186, do for Kaplan-Meier.
        Interval: complementary log-log, so that one outcome's is `kaplan_meier`'s, mirrored;
        with late entries nearly so.

    Example:
        >>> curves = cumulative_incidence([10, 20, 30, 40, 50], [1, 2, 0, 1, 0])
        >>> curves.share.round(3)
        array([[0.2, 0.2, 0.2, 0.5, 0.5],
               [0. , 0.2, 0.2, 0.2, 0.2]])
        >>> curves.pending_share.round(3)
        array([0.8, 0.6, 0.6, 0.3, 0.3])
    """
    t, code, last = checked(days, outcome, level, name="outcome")
    start = checked_entry(entered, t)
    counted = tallied(t, code, last=last, entered=start, at=at, outcomes=outcomes)
    table = table_of(counted)
    if family is None and start is None:
        variance = variance_of_all(table)
    else:
        entry = None if start is None else counted.entry_rows(start)
        variance = variance_of_families(table, counted.cells(t, code), family, entry)
    shown = counted.shown
    share = table.share[:, shown]
    return IncidenceCurves(
        counted.grid[shown],
        share,
        *interval_of(share, np.sqrt(variance[:, shown]), level),
        table.pending[shown],
        table.at_risk[shown],
        n=len(t),
        outcomes=counted.codes,
    )


def median_days(curve: SurvivalCurve | IncidenceCurves) -> Median:
    """Give the days until half the cases are decided, pending ones counted as "not yet".

    The median of the decided cases alone is shorter, by as much as the docket is young.

    Args:
        curve: A Kaplan-Meier curve, or incidence curves of one outcome, which stands for any
            decision; the interval is as wide as theirs, clustered or not.

    Returns:
        The first of the curve's days on which the share pending is one half or less, and the
        first on which its lower and upper ends are; each None where that is not reached.

    Raises:
        ValueError: More than one outcome, or none: an outcome that less than half the cases
            can ever have has no median.

    Source:
        Brookmeyer & Crowley (1982), Biometrics 38:29-41, with the log-log interval.

    Example:
        >>> median_days(kaplan_meier([10, 20, 30, 40, 50], [1, 0, 1, 1, 0]))
        Median(days=40.0, lower=10.0, upper=None, n=5)
    """
    half = quantile_days(curve)
    return Median(half.days, half.lower, half.upper, n=half.n)


def quantile_days(curve: SurvivalCurve | IncidenceCurves, share: float = 0.5) -> Quantile:
    """Give the days until a share of the cases is decided, pending ones counted as "not yet".

    Args:
        curve: As for `median_days`.
        share: Of the cases, decided; between 0 and 1.

    Returns:
        The first of the curve's days on which that share is decided, and the first on which
        the upper and lower ends of the share decided are; each None where not reached.

    Raises:
        ValueError: The share is not between 0 and 1; or more than one outcome, or none.

    Source:
        As `median_days`.

    Example:
        >>> quantile_days(kaplan_meier([10, 20, 30, 40, 50], [1, 0, 1, 1, 0]), 0.25)
        Quantile(share=0.25, days=30.0, lower=10.0, upper=40.0, n=5)
    """
    if not 0 < share < 1:
        raise ValueError(f"share: {share}; expected between 0 and 1")
    if isinstance(curve, SurvivalCurve):
        early, middle, late = 1 - curve.lower, 1 - curve.share_pending, 1 - curve.upper
    elif len(curve.outcomes) == 1:
        early, middle, late = curve.upper[0], curve.share[0], curve.lower[0]
    else:
        raise ValueError(
            f"curve: outcomes {curve.outcomes}; expected one; make the curve again with "
            "every decision coded 1"
        )
    found, lower, upper = (_day_of(share, curve.days, s) for s in (middle, early, late))
    return Quantile(share, found, lower, upper, n=curve.n)


def _day_of(share: float, days: Floats, decided: Floats) -> float | None:
    reached = np.flatnonzero(decided >= share - _ROUNDING)
    return float(days[reached[0]]) if len(reached) else None


def restricted_mean(
    days: ArrayLike,
    ended: ArrayLike,
    *,
    until: float,
    family: ArrayLike | None = None,
    level: float = 0.95,
    entered: ArrayLike | None = None,
) -> RestrictedMean:
    """Estimate the mean days a case is pending, up to a horizon.

    The mean of the cases that ended is shorter, by as much as the docket is young. This is
    the area under the curve of the share pending: a case longer than the horizon counts as
    the horizon, so that nothing beyond observation is guessed.

    Args:
        days: As for `kaplan_meier`.
        ended: False where the case was pending when observation ended; shape (n,).
        until: The horizon in days; above 0, and not beyond the last day observed unless all
            have ended by then.
        family: As for `cumulative_incidence`.
        level: Coverage of the interval, between 0 and 1.
        entered: As for `kaplan_meier`.

    Returns:
        The mean, with a symmetrical interval.

    Raises:
        TooFewCases: Fewer than ``MIN_CASES`` cases, or families.
        ValueError: As for `kaplan_meier`; or the horizon is beyond observation.

    Assumes:
        As `cumulative_incidence`.

    Source:
        Karrison (1987), Biometrika 74:585-592; Royston & Parmar (2013), BMC Med. Res.
        Methodol. 13:152. Standard error: the infinitesimal jackknife of `kaplan_meier`,
        integrated over the days and summed within families; without families it is
        Greenwood's.

    Example:
        >>> mean = restricted_mean([10, 20, 30, 40, 50], [1, 0, 1, 1, 0], until=35)
        >>> round(mean.days, 2), mean.n  # 10 + 20 of 0.8 + 5 of 0.533
        (28.67, 5)
    """
    t, code, last = checked(days, ended, level, name="ended")
    start, is_ended = checked_entry(entered, t), code.astype(bool, copy=False)
    counted = tallied(t, is_ended, last=last, entered=start, outcomes=(1,))
    table = table_of(counted)
    if not (until > 0 and (until <= last or (table.pending[-1] == 0 and until < np.inf))):
        raise ValueError(
            f"until: {until:,g}; expected above 0, and at most {last:,g}, the last day observed"
        )
    edges = np.minimum(np.append(counted.grid, until), until)
    area = (table.pending * np.diff(edges))[::-1].cumsum()[::-1]  # still to come
    cell = counted.cells(t, is_ended)
    entry = None if start is None else counted.entry_rows(start)
    error = sqrt((family_sums(_area_influence(table, area, cell, entry), family) ** 2).sum())
    mean = float(edges[0] + area[0])
    width = NormalDist().inv_cdf((1 + level) / 2) * error
    lower, upper = max(mean - width, 0.0), min(mean + width, float(until))
    return RestrictedMean(mean, lower, upper, n=len(t), until=until)


def _area_influence(table: Table, area: Floats, cell: Ints, entry: Ints | None) -> Floats:
    """Give each case's contribution to the area under the curve; shape (n,).

    The sum over t_j <= T_i, from entry on, of -area(t_j) dM_j / (Y_j - d_j).
    """
    decided = table.cases[:, 1]
    gone_by = np.cumsum(area * decided * table.per_risk * table.per_left)
    own = np.stack([gone_by, gone_by - area * table.per_left], axis=1).ravel()
    value: Floats = own[cell]
    return value if entry is None else value - np.append(0.0, gone_by)[entry]


def interval_of(share: Floats, error: Floats, level: float) -> tuple[Floats, Floats]:
    """Give the interval, symmetric in log(-log(1 - share)); the share itself at 0 and 1."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    is_open = (error > 0) & (share > 0) & (share < 1 - _ROUNDING)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_left = np.log1p(-share)
        factor = np.exp(z * error / ((1 - share) * -log_left))
        lower, upper = -np.expm1(log_left / factor), -np.expm1(log_left * factor)
    return np.where(is_open, lower, share), np.where(is_open, upper, share)

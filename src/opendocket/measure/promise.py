"""Was the promise kept? Time to a judge's decision, pending cases counted as "not yet"."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from opendocket.estimate.survival import (
    IncidenceCurves,
    Median,
    Share,
    cumulative_incidence,
    median_days,
)
from opendocket.measure.clocks import DECIDED, PROMISE, Spells, spells
from opendocket.measure.population import GOAL_DAYS

AT_RISK_AT_LEAST = 11
"""Curves end where fewer cases than this are still under observation."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of a docket was decided within so many days, on one clock."""

    clock: str
    day: int
    """The goal, or the longest time that enough cases have been observed for, if shorter."""
    decided: Share
    otherwise: Share
    """Closed without a judge's decision by the same day."""
    curves: IncidenceCurves
    families: int
    excluded: dict[str, int]
    closed: int
    """Cases closed by the day observation ends, in any way."""
    closed_in_time: int
    """Of those, in fewer than 300 days, as TRAC counts (A45); the goal is 300 or fewer."""
    closed_with_notice: int = 0
    """Of the closed, those not dismissed because no notice to appear was filed."""
    closed_with_notice_in_time: int = 0
    """Of those, in fewer than 300 days."""
    decided_count: int = 0
    """Cases known to have been decided by ``day``: counted, not estimated."""

    @property
    def is_whole(self) -> bool:
        """Whether enough cases have been observed for as long as the goal."""
        return self.day >= GOAL_DAYS

    @property
    def closed_only_share(self) -> float | None:
        """The share among closed cases only, which leaves out all that are not yet."""
        return self.closed_in_time / self.closed if self.closed else None

    @property
    def closed_with_notice_only_share(self) -> float | None:
        """The same without dismissals for want of a notice, which end fast."""
        if not self.closed_with_notice:
            return None
        return self.closed_with_notice_in_time / self.closed_with_notice


def kept_promise(frame: pl.DataFrame, clock: str, *, as_of: date) -> Kept:
    """Estimate the share decided within the goal of 300 days, on one clock.

    Args:
        frame: Cases (:func:`opendocket.measure.population.cases`).
        clock: A name in :data:`opendocket.measure.clocks.CLOCKS`.
        as_of: The day observation ends.

    Returns:
        The share by the goal and the curves it is read from. A decision is a judge's first
        dispositive one; a dismissal because no notice to appear was filed and an
        administrative closure compete with it.

    Raises:
        NothingToShow: The clock can time no case.
        TooFewCases: It can for fewer than five, or fewer than five families.

    Assumes:
        Whether a case is still pending says nothing else about how it will end. A case first
        closed without a decision is not followed on to the decision it may still get.

    Source:
        Goal: published figure A02. Closed cases only: A45. Estimator:
        :func:`opendocket.estimate.survival.cumulative_incidence`, clustered by family.
    """
    timed = spells(frame, clock, as_of=as_of)
    curves = _goal_reached(shown(_curves(timed)), timed)
    day = int(min(GOAL_DAYS, curves.days[-1]))
    ended = timed.outcome > 0
    is_fast = timed.days < GOAL_DAYS
    noticed = ended & ~timed.is_without_notice
    return Kept(
        clock=clock,
        day=day,
        decided=curves.at(DECIDED, day),
        otherwise=curves.at(PROMISE["closed otherwise"], day),
        curves=curves,
        families=len(np.unique(timed.family)),
        excluded=timed.excluded,
        closed=int(ended.sum()),
        closed_in_time=int((ended & is_fast).sum()),
        closed_with_notice=int(noticed.sum()),
        closed_with_notice_in_time=int((noticed & is_fast).sum()),
        decided_count=int(((timed.outcome == DECIDED) & (timed.days <= day)).sum()),
    )


def _curves(timed: Spells) -> IncidenceCurves:
    return cumulative_incidence(
        timed.days, timed.outcome, family=timed.family, outcomes=tuple(PROMISE.values())
    )


def _goal_reached(curves: IncidenceCurves, timed: Spells) -> IncidenceCurves:
    """Carry the shares on to the goal where every case has ended by then."""
    if curves.days[-1] >= GOAL_DAYS or timed.days.max() > GOAL_DAYS or not timed.outcome.all():
        return curves
    ends = _curves(timed)
    return replace(
        curves,
        days=np.append(curves.days, GOAL_DAYS),
        share=np.hstack([curves.share, ends.share[:, -1:]]),
        lower=np.hstack([curves.lower, ends.lower[:, -1:]]),
        upper=np.hstack([curves.upper, ends.upper[:, -1:]]),
        pending_share=np.append(curves.pending_share, ends.pending_share[-1]),
        at_risk=np.append(curves.at_risk, 0),
    )


def shown(curves: IncidenceCurves, least: int = AT_RISK_AT_LEAST) -> IncidenceCurves:
    """Cut curves where too few cases are left under observation.

    Args:
        curves: Any; at least one day.
        least: How many are enough.

    Returns:
        The days up to the last on which at least ``least`` cases are at risk (the first day,
        where there is no such).

    Example:
        >>> whole = cumulative_incidence(range(1, 14), [1] * 13)
        >>> shown(whole).days, shown(whole).at_risk
        (array([1., 2., 3.]), array([13, 12, 11]))
    """
    long_enough = np.flatnonzero(curves.at_risk >= least)
    enough = int(long_enough[-1]) + 1 if len(long_enough) else 1
    return IncidenceCurves(
        curves.days[:enough],
        curves.share[:, :enough],
        curves.lower[:, :enough],
        curves.upper[:, :enough],
        curves.pending_share[:enough],
        curves.at_risk[:enough],
        curves.n,
        curves.outcomes,
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a docket takes until half its cases have first ended."""

    docket: str
    median: Median
    curves: IncidenceCurves
    n: int
    families: int
    pending: int
    """Cases that have not ended once; a reopened one has."""


def pace(frame: pl.DataFrame, docket: str, *, as_of: date) -> Pace:
    """Estimate the time from receipt to a case's first ending of any kind.

    Args:
        frame: Cases (:func:`opendocket.measure.population.cases`).
        docket: Its name.
        as_of: The day observation ends.

    Returns:
        The median, "not reached" where half the cases have not ended while enough of them
        are under observation, and the curve it is read off.

    Raises:
        NothingToShow: No case has a day of receipt that it can be timed from.
        TooFewCases: Fewer than five have, or fewer than five families.

    Source:
        :func:`opendocket.estimate.survival.median_days`, clustered by family.
    """
    timed = spells(frame, "receipt", as_of=as_of)
    ended = (timed.outcome > 0).astype(np.int64)
    curves = shown(cumulative_incidence(timed.days, ended, family=timed.family, outcomes=(1,)))
    return Pace(
        docket=docket,
        median=median_days(curves),
        curves=curves,
        n=len(timed),
        families=len(np.unique(timed.family)),
        pending=int((ended == 0).sum()),
    )

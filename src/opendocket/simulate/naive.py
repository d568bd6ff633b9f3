"""Three forecasts that need no hearing: last year again, a spreadsheet, and a fluid.

A simulation that does no better than these is not worth its trouble, so the hindcast sets it
beside them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def same_net_flow(pending: float, change: float, periods: int) -> Floats:
    """Forecast that pending goes on changing as it did.

    Args:
        pending: Cases pending now.
        change: By how much that grew in the last period.
        periods: Periods to forecast.

    Returns:
        Pending at the end of each; never below 0; shape (periods,).

    Example:
        >>> same_net_flow(100, -40, 3).tolist()
        [60.0, 20.0, 0.0]
    """
    told: Floats = np.maximum(pending + change * np.arange(1, periods + 1), 0.0)
    return told


def by_judges(
    pending: float, receipts: ArrayLike, judges: ArrayLike, *, per_judge: float
) -> tuple[Floats, Floats]:
    """Forecast by arithmetic: add what comes in, take off judges times what each completes.

    Args:
        pending: Cases pending now.
        receipts: New cases of each period; shape (periods,).
        judges: Judges in each period; shape (periods,).
        per_judge: Completions of a judge a period.

    Returns:
        Pending at the end of each period, and completions; shape (periods,) each. No more is
        completed than there is.

    Source:
        Congressional Research Service, Immigration Judge Hiring and Projected Impact on the
        Immigration Courts Backlog, R47637 (2023), which does this sum from averages.

    Example:
        >>> pending, done = by_judges(100, [50, 50], [3, 9], per_judge=20)
        >>> pending.tolist(), done.tolist()
        ([90.0, 0.0], [60.0, 140.0])
    """
    left, done = float(pending), []
    stocks = []
    for came, sitting in zip(np.asarray(receipts), np.asarray(judges), strict=True):
        there = left + float(came)
        completed = min(float(sitting) * per_judge, there)
        left = there - completed
        stocks.append(left)
        done.append(completed)
    return np.array(stocks), np.array(done)


MASTER, INDIVIDUAL = 0, 1
"""Stages of the fluid: what the next hearing is."""


@dataclass(frozen=True, slots=True)
class Fluid:
    """What a fluid of cases does at a hearing: c courts, k dockets in the order of service.

    At each stage of those heard a share ``goes_on`` at the same stage, a share ``is_set`` for
    an individual hearing, and the rest is decided.
    """

    goes_on: Floats
    """Shape (k, 2 stages)."""
    is_set: Floats
    """Of those at a master hearing; shape (k,)."""
    months_between: Floats
    """Mean months from a hearing until the next may be held; shape (k, 2 stages)."""
    held: Floats
    """Share of each month's hearings that a docket may take before all others; shape (k,)."""


@dataclass(frozen=True, slots=True)
class Flowed:
    """What came of a fluid, month by month."""

    pending: Floats
    """At the end of each month; shape (months, c, k)."""
    decided: Floats
    """Shape (months, c, k)."""
    age: Floats
    """Those decided by the months since they came, all courts; shape (months, k, ages)."""
    hearings: Floats
    """Shape (months, c, 2 stages)."""
    end: Floats
    """Who is pending at the end, as ``start`` was told."""


def flowed(
    start: ArrayLike, arrivals: ArrayLike, capacity: ArrayLike, *, fluid: Fluid
) -> Flowed:
    """Let cases flow through courts as if they were a liquid.

    Args:
        start: Cases pending, by court, docket, stage and whole months of age, the last for all
            older; shape (c, k, 2, ages).
        arrivals: New cases; shape (months, c, k).
        capacity: Hearings that can be held; shape (months, c, 2 stages).
        fluid: What happens at a hearing.

    Returns:
        What came of it. Every case is somewhere: pending grows by arrivals less decisions.

    Assumes:
        Within a docket the oldest that may be heard are heard first; the months between two
        hearings are memoryless, so that each month the same share becomes ready.

    Example:
        >>> one = Fluid(np.zeros((1, 2)), np.zeros(1), np.zeros((1, 2)), np.zeros(1))
        >>> start = np.zeros((1, 1, 2, 4)); start[0, 0, 0, 2] = 100
        >>> came = flowed(start, np.full((3, 1, 1), 10), np.full((3, 1, 2), 30), fluid=one)
        >>> came.pending[:, 0, 0].tolist()
        [80.0, 60.0, 40.0]
    """
    ready = np.array(start, dtype=np.float64)
    resting = np.zeros_like(ready)
    came, room = np.asarray(arrivals, dtype=np.float64), np.asarray(capacity, dtype=np.float64)
    with np.errstate(divide="ignore"):
        wakes = 1 - np.exp(-1 / np.maximum(fluid.months_between, 1e-12))
    months, (courts, dockets, _, ages) = len(came), ready.shape
    pending, decided = np.zeros((2, months, courts, dockets))
    by_age, hearings = np.zeros((months, dockets, ages)), np.zeros((months, courts, 2))
    for month in range(months):
        ready, resting = _older(ready), _older(resting)
        ready[:, :, MASTER, 0] += came[month]
        woken = resting * wakes[None, :, :, None]
        ready, resting = ready + woken, resting - woken
        heard = np.stack(
            [_heard(ready[:, :, s], room[month, :, s], fluid.held) for s in range(2)], axis=2
        )
        ready -= heard
        onward = heard * fluid.goes_on[None, :, :, None]
        setting = heard[:, :, MASTER] * fluid.is_set[None, :, None]
        resting += onward
        resting[:, :, INDIVIDUAL] += setting
        done = (heard - onward).sum(axis=2) - setting
        by_age[month], decided[month] = done.sum(axis=0), done.sum(axis=2)
        hearings[month] = heard.sum(axis=(1, 3))
        pending[month] = (ready + resting).sum(axis=(2, 3))
    return Flowed(pending, decided, by_age, hearings, end=ready + resting)


def _older(stock: Floats) -> Floats:
    """Let a month go by; the oldest stay together."""
    aged = np.zeros_like(stock)
    aged[..., 1:] = stock[..., :-1]
    aged[..., -1] += stock[..., -1]
    return aged


def _heard(ready: Floats, room: Floats, held: Floats) -> Floats:
    """Take the oldest of each docket: first from its own part, then in order from the rest."""
    heard = np.zeros_like(ready)
    left = np.array(room)
    for limit in (held[None, :] * room[:, None], None):
        for docket in range(ready.shape[1]):
            most = left if limit is None else np.minimum(limit[:, docket], left)
            taken = _oldest(ready[:, docket] - heard[:, docket], most)
            heard[:, docket] += taken
            left = left - taken.sum(axis=1)
    return heard


def _oldest(stock: Floats, most: Floats) -> Floats:
    """Take up to so many, the oldest first; shape (c, ages)."""
    older = np.cumsum(stock[:, ::-1], axis=1)[:, ::-1] - stock
    return np.clip(most[:, None] - older, 0.0, stock)


def median_days(by_age: ArrayLike, *, days_a_month: float = 365.25 / 12) -> float:
    """Give the median age at decision from counts by whole months, or nan without any.

    Args:
        by_age: Those decided, by whole months since they came; shape (ages,).
        days_a_month: Days that a month counts for.

    Example:
        >>> round(median_days([0, 10, 10, 0], days_a_month=30))
        60
    """
    counts = np.asarray(by_age, dtype=np.float64)
    total = counts.sum()
    if total <= 0:
        return float("nan")
    reached = np.cumsum(counts)
    at = int(np.searchsorted(reached, total / 2))
    before = reached[at] - counts[at]
    return float((at + (total / 2 - before) / counts[at]) * days_a_month)

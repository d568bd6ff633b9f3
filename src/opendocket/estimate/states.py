"""Shares in each state of a case that may be helped and may end, of many groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opendocket.estimate.families import Floats, Ints

STATES = ("alone", "helped", "ended alone", "ended helped")
Bools = NDArray[np.bool_]
REPLICATES = 30
_T = 2.0452  # Student's t with 29 degrees of freedom, at 0.975


@dataclass(frozen=True, slots=True)
class StateShares:
    """Shares in each state at days, with intervals; each of shape (groups, 4, days).

    In the order of ``STATES``. NaN where fewer than ``least`` cases are left at risk, and, of
    intervals, where a group has fewer families than make two replicates.
    """

    share: Floats
    lower: Floats
    upper: Floats
    at_risk: Ints
    """Cases not ended and under observation; shape (groups, days)."""


@dataclass(frozen=True, slots=True)
class Spells:
    """Time under observation of each case; each of shape (n,)."""

    length: Ints
    """Days from the start until it ended or observation did; >= 0."""
    is_ended: Bools
    helped: Ints
    """Days until help came; -1 where none came by the last day."""
    family: Ints
    group: Ints
    """From 0."""


def state_shares(
    spells: Spells, *, groups: int, days: ArrayLike, least: int = 11
) -> StateShares:
    """Estimate the share of cases in each state at the end of some days since their start.

    Args:
        spells: Of each case.
        groups: How many groups there are.
        days: At which to read; >= 0, in order; shape (k,).
        least: The fewest cases at risk that a share is given for.

    Returns:
        The Aalen-Johansen estimator of an illness-death model: shares that add to 1 on every
        day. On one day help comes before the end. Intervals are on the logit scale, by leaving
        out a thirtieth of the families at a time.

    Assumes:
        Help once come stays. Whether a case is still observed says nothing else about it.
        Families are independent of each other; some fifty of them or more in a group.

    Source:
        Putter, Fiocco & Geskus (2007), Stat. Med. 26:2389-2430, section 4; for its validity
        whether or not the process is Markov: Datta & Satten (2001), Stat. Probab. Lett.
        55:403-411. Delete-a-group jackknife: Kott (2001), J. Off. Stat. 17:521-526.

    Example:
        >>> each = Spells(
        ...     length=np.array([9, 9, 9, 4]),
        ...     is_ended=np.array([False, False, False, True]),
        ...     helped=np.array([2, -1, -1, 3]),
        ...     family=np.arange(4),
        ...     group=np.zeros(4, dtype=np.int64),
        ... )
        >>> state_shares(each, groups=1, days=[2, 9], least=1).share[0].round(2)
        array([[0.75, 0.5 ],
               [0.25, 0.25],
               [0.  , 0.  ],
               [0.  , 0.25]])
    """
    on = np.asarray(days, dtype=np.int64)
    cell = spells.group * REPLICATES + _replicate(spells.family)
    read, at_risk = _followed(spells, cell, groups=groups, on=on)
    whole = read[:, 0]
    filled = np.bincount(cell, minlength=groups * REPLICATES).reshape(groups, REPLICATES) > 0
    lower, upper = _ends(whole, read[:, 1:], filled)
    few = (at_risk < least)[:, None, :]
    share, low, high = (np.where(few, np.nan, values) for values in (whole, lower, upper))
    return StateShares(share, low, high, at_risk)


def _replicate(family: Ints) -> Ints:
    """Deal families out by their numbers, as if by chance and always alike.

    Source:
        Fibonacci hashing: Knuth, The Art of Computer Programming, vol. 3 (1973), section 6.4.
    """
    mixed = family.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(32)) % np.uint64(REPLICATES)).astype(np.int64)


def _followed(spells: Spells, cell: Ints, *, groups: int, on: Ints) -> tuple[Floats, Ints]:
    """Carry shares forward day by day, for each group and each replicate left out of it.

    Returns:
        Shares, (groups, 1 + REPLICATES, 4, days), the whole first; and those at risk.
    """
    last = int(on[-1])
    has = spells.helped >= 0
    events = [
        _by_day(spells.helped, cell, has, last),
        _by_day(spells.length, cell, spells.is_ended & ~has, last),
        _by_day(spells.length, cell, spells.is_ended & has, last),
        _by_day(spells.length, cell, ~spells.is_ended & ~has, last),
        _by_day(spells.length, cell, ~spells.is_ended & has, last),
    ]
    alone = _spread(np.bincount(cell, minlength=groups * REPLICATES), groups)
    helped = np.zeros_like(alone)
    state = np.zeros((4, groups, 1 + REPLICATES))
    state[0] = 1.0
    read = np.empty((len(on), 4, groups, 1 + REPLICATES))
    at_risk = np.empty((len(on), groups), dtype=np.int64)
    for day in range(last + 1):
        finds, ends_alone, ends_helped, leaves_alone, leaves_helped = (
            _spread(event.on(day, groups * REPLICATES), groups) for event in events
        )
        at = np.flatnonzero(on == day)
        at_risk[at] = (alone + helped)[:, 0]
        _step(state, finds, alone, 0, 1)
        alone = alone - finds
        helped = helped + finds
        _step(state, ends_alone, alone, 0, 2)
        _step(state, ends_helped, helped, 1, 3)
        alone = alone - ends_alone - leaves_alone
        helped = helped - ends_helped - leaves_helped
        read[at] = state
    return read.transpose(2, 3, 1, 0), at_risk.T


def _step(state: Floats, moving: Floats, there: Floats, source: int, to: int) -> None:
    """Move a share from one state to another: as many of those there as were seen to go."""
    move = state[source] * (moving / np.maximum(there, 1))
    state[source] -= move
    state[to] += move


@dataclass(frozen=True, slots=True)
class _Events:
    """What happened to which cell, by day."""

    cells: Ints
    edges: Ints

    def on(self, day: int, cells: int) -> Ints:
        """Count a day's events of each cell."""
        return np.bincount(self.cells[self.edges[day] : self.edges[day + 1]], minlength=cells)


def _by_day(days: Ints, cell: Ints, is_so: Bools, last: int) -> _Events:
    chosen = np.flatnonzero(is_so & (days <= last))
    on = days[chosen].astype(np.uint16 if last < 1 << 16 else np.int64)
    order = np.argsort(on, kind="stable")  # sixteen bits are sorted by radix
    return _Events(cell[chosen[order]], np.searchsorted(on[order], np.arange(last + 2)))


def _spread(counts: Ints, groups: int) -> Floats:
    """Give each group's count, and what is left of it without each replicate."""
    own = counts.reshape(groups, REPLICATES)
    whole = own.sum(axis=1, keepdims=True)
    return np.concatenate([whole, whole - own], axis=1).astype(np.float64)


def _ends(whole: Floats, without: Floats, filled: Bools) -> tuple[Floats, Floats]:
    """Give the ends, symmetric in the logit; a share of 0 or 1 has no width."""
    replicates = filled.sum(axis=1)[:, None, None]
    apart = np.where(filled[:, :, None, None], without - whole[:, None], 0.0)
    with np.errstate(all="ignore"):  # what has no width, or no replicates, is set below
        error = np.sqrt((apart**2).sum(axis=1) * (replicates - 1) / replicates)
        width = _T * error / (whole * (1 - whole))
        odds = whole / (1 - whole)
        lower, upper = (1 / (1 + np.exp(-sign * width) / odds) for sign in (-1, 1))
    is_flat = (whole <= 0) | (whole >= 1)
    ends = (np.where(is_flat, whole, end) for end in (lower, upper))
    low, high = (np.where(replicates < 2, np.nan, end) for end in ends)
    return low, high

"""What judges can hear in a week, read off what they heard.

A hearing takes one slot, whether a family's or a person's, and whether it was held or called
off by the court: its time had been set aside. Used slots are not those there are. A session,
a day on which a judge hears one kind of hearing, is taken to have room for as many as nine in
ten of that calendar's sessions held; so a calendar that is always full has as many slots as it
used, and one that is half empty has more.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.simulate.fitted import Calendars
from opendocket.simulate.recorded import AHEAD

FULL = 0.9
"""Sessions of a calendar, of which so many hold no more than there is room for."""

ENOUGH = 6.0
"""Hearings a week that a calendar must have to be one; judges with fewer share one."""

GONE_DAYS, GONE_CHANCE = 180, 0.01
"""A judge is gone who has had no hearing for so long, if at their pace that is so unlikely."""

LEAST = 0.5
"""Slots a week that every calendar has of either kind, so that nobody waits for ever."""

SERVES = 0.02
"""A calendar serves a population with this share of its hearings or more."""

PLACEHOLDER = re.compile(r"VJ[0-9A-Z]|SJ[0-9]|AAA|TST")
"""Codes that stand for no one judge; their hearings count, and they are worth none."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Capacity:
    """Calendars, and whose each is."""

    calendars: Calendars
    pooled: tuple[tuple[str, ...], ...]
    """Courts' and judges' codes, with a blank between, of each calendar."""
    of_bench: Ints
    """Each bench's calendar, by number; -1 for those who are gone."""
    room: Ints
    """Slots of a session; shape (2, calendars)."""


def capacity(
    rows: NDArray[np.void],
    population: NDArray[np.integer],
    bench: pl.DataFrame,
    window: tuple[int, int],
    populations: int,
) -> Capacity:
    """Fit calendars to hearings.

    Args:
        rows: Of dtype ``ROW``.
        population: Of each row's unit; shape (rows,).
        bench: Court and judge of each bench, by number.
        window: First and last day, since 1970.
        populations: How many.

    Returns:
        The calendars as they stand at the window's end.

    Assumes:
        A day without a hearing of a kind is no session of it. A week's slots are a mean over
        the weeks since the calendar's first hearing in the window, leave and holidays included.
    """
    first, last = window
    used = (rows["bench"] >= 0) & (rows["day"] >= first)
    at, day = rows["bench"][used].astype(np.int64), rows["day"][used].astype(np.int64)
    kind, of = rows["kind"][used].astype(np.int64), population[used]
    is_past = (rows["what"][used] != AHEAD) & (day <= last)
    n = len(bench)
    begins = _least(at[is_past], day[is_past], n, last)
    seen = np.bincount(at[is_past], minlength=n).astype(np.float64)
    is_here = _here(seen, begins, _most(at, day, n), last)
    of_bench, groups = _shared(bench, seen * 7.0 / (last + 1 - begins), is_here)
    room, weekly, sessions = _slots(of_bench[at], day, kind, is_past, len(groups), window)
    courts = tuple(sorted({bench["court_code"][int(g[0])] for g in groups}))
    court = np.array([courts.index(bench["court_code"][int(g[0])]) for g in groups])
    heard = np.zeros((len(groups), populations))
    counted = is_past & (of_bench[at] >= 0)
    np.add.at(heard, (of_bench[at][counted], of[counted]), 1.0)
    calendars = Calendars(
        courts=courts,
        judges=_names(bench, groups),
        court=court.astype(np.uint8),
        worth=_worth(bench, groups, seen * is_here),
        weekly=weekly,
        sessions=sessions,
        serves=_serves(heard, court),
        weight=_weight(weekly[0], court),
    )
    pooled = tuple(
        tuple(f"{bench['court_code'][int(b)]} {bench['judge_code'][int(b)]}" for b in group)
        for group in groups
    )
    return Capacity(calendars, pooled, of_bench, room)


def _least(at: Ints, day: Ints, n: int, default: int) -> Ints:
    out = np.full(n, default, dtype=np.int64)
    np.minimum.at(out, at, day)
    return out


def _most(at: Ints, day: Ints, n: int) -> Ints:
    out = np.full(n, -1, dtype=np.int64)
    np.maximum.at(out, at, day)
    return out


def _here(seen: Floats, begins: Ints, ends: Ints, last: int) -> NDArray[np.bool_]:
    """Tell who still sits at the window's end."""
    pace = seen / (last + 1 - begins)
    quiet = np.maximum(last - ends, 0)
    chance = np.array([exp(-p * q) for p, q in zip(pace, quiet, strict=True)])
    is_here: NDArray[np.bool_] = (seen > 0) & ((quiet < GONE_DAYS) | (chance > GONE_CHANCE))
    return is_here


def _shared(
    bench: pl.DataFrame, weekly: Floats, is_here: NDArray[np.bool_]
) -> tuple[Ints, list[Ints]]:
    """Put judges of a court together, by number, until they have enough hearings for one."""
    by_court: dict[str, list[list[int]]] = {}
    for b in np.flatnonzero(is_here):  # in the order of court and judge
        groups = by_court.setdefault(str(bench["court_code"][int(b)]), [[]])
        if weekly[groups[-1]].sum() >= ENOUGH:
            groups.append([])
        groups[-1].append(int(b))
    for groups in by_court.values():
        if len(groups) > 1 and weekly[groups[-1]].sum() < ENOUGH:
            rest = groups.pop()
            groups[-1] += rest
    shared = [np.array(group) for groups in by_court.values() for group in groups]
    of_bench = np.full(len(bench), -1, dtype=np.int64)
    for number, group in enumerate(shared):
        of_bench[group] = number
    return of_bench, shared


def _slots(
    calendar: Ints,
    day: Ints,
    kind: Ints,
    is_past: NDArray[np.bool_],
    n: int,
    window: tuple[int, int],
) -> tuple[Ints, Floats, Floats]:
    """Give slots of a session, slots a week, and sessions a week; shapes (2, n)."""
    first, last = window
    used = is_past & (calendar >= 0)
    begins = _least(calendar[used], day[used], n, last)
    weeks = np.maximum(last + 1 - begins, 7) / 7.0
    days = last + 1 - first
    cell = (kind[used] * n + calendar[used]) * days + day[used] - first
    sessions, held = np.unique(cell, return_counts=True)
    of = sessions // days
    room = np.ones(2 * n, dtype=np.int64)
    ends = np.searchsorted(of, np.arange(2 * n + 1))
    for at in np.flatnonzero(np.diff(ends)):
        some = held[ends[at] : ends[at + 1]]
        room[at] = np.quantile(some, FULL, method="inverted_cdf")
    room = np.minimum(room, 255)
    a_week: Floats = np.maximum(np.diff(ends).reshape(2, n) / weeks, LEAST)
    of_kind = room.reshape(2, n)
    return of_kind, of_kind * a_week, np.minimum(a_week, 7.0)


def _names(bench: pl.DataFrame, groups: list[Ints]) -> tuple[str, ...]:
    """Name calendars: the court, and its judge's code or the first of several."""
    names = []
    for group in groups:
        first = bench.row(int(group[0]), named=True)
        more = f"+{len(group) - 1}" if len(group) > 1 else ""
        names.append(f"{first['court_code']}-{first['judge_code']}{more}")
    return tuple(names)


def _worth(bench: pl.DataFrame, groups: list[Ints], heard: Floats) -> Floats:
    """Count judges: one who sits at several courts is shared out by hearings."""
    codes = bench["judge_code"].to_list()
    total: dict[str, float] = {}
    for code, hearings in zip(codes, heard.tolist(), strict=True):
        total[code] = total.get(code, 0.0) + hearings
    part = [
        0.0 if PLACEHOLDER.fullmatch(code) else hearings / max(total[code], 1.0)
        for code, hearings in zip(codes, heard.tolist(), strict=True)
    ]
    return np.array([sum(part[int(b)] for b in group) for group in groups])


def _serves(heard: Floats, court: Ints) -> NDArray[np.bool_]:
    """Say whose cases calendars hear; whom nobody at a court hears, everybody there does."""
    share = heard / np.maximum(heard.sum(axis=1, keepdims=True), 1.0)
    serves = (heard > 0) & (share >= SERVES)
    for number in np.unique(court):
        of_it = court == number
        serves[of_it] |= ~serves[of_it].any(axis=0)
    out: NDArray[np.bool_] = serves
    return out


def _weight(masters: Floats, court: Ints) -> NDArray[np.uint8]:
    """Share new cases out by slots for masters."""
    most = np.zeros(int(court.max()) + 1)
    np.maximum.at(most, court, masters)
    return np.maximum(np.round(100 * masters / most[court]), 1).astype(np.uint8)


def said(found: Capacity) -> Mapping[str, int]:
    """Count what the calendars were read off."""
    return {
        "calendars": len(found.pooled),
        "judges at courts": sum(len(group) for group in found.pooled),
        "judges at courts who are gone": int((found.of_bench < 0).sum()),
    }

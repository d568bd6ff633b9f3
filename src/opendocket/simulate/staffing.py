"""Judges with working days: from slots a week to slots on each day, and who comes and goes."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.capacity import ENOUGH
from opendocket.simulate.fitted import Calendars
from opendocket.simulate.holidays import lost, sitting, weekdays
from opendocket.simulate.luck import shares, words

LEAVE, PHASE, TURN = 64, 65, 66
"""Purposes of a staff's own draws, beyond those of units: none of them is a run's luck."""

WEEKS = 52
FULLEST_SESSION = 150
"""Slots of a session above which a calendar's sessions take more days of the week."""

MOST_A_WEEK = 5 * 250
EPOCH_MONDAY = date(1969, 12, 29)
TINY = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Staff:
    """Every calendar there ever is, those at work at the start first; j calendars."""

    judges: tuple[str, ...]
    court: NDArray[np.uint8]
    """Shape (j,), as are the next."""
    worth: Floats
    weight: NDArray[np.uint8]
    hired_by: NDArray[np.int64]
    """Number of the event that hires it; -1 for one at work at the start."""
    weekly: Floats
    """Slots a week, holidays and leave included; shape (2, j)."""
    sessions: Floats
    """Days a week with a session; shape (2, j)."""
    hears: NDArray[np.bool_]
    """Whose cases; shape (j, n)."""

    def __len__(self) -> int:
        """Count the calendars."""
        return len(self.judges)


@dataclass(frozen=True, slots=True)
class Absence:
    """Judges who are not there, or partly, from a day to before another."""

    known: int
    """Day from which calendars take account of it."""
    judges: NDArray[np.int64]
    """Shape (m,)."""
    stays: Floats
    """What is left of each one's slots; shape (m,)."""
    first: int
    until: int


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a calendar, and the rules of working days."""

    start: date
    count: int
    """To the horizon."""
    leave_weeks: int = 4
    keeps_holidays: bool = True


def new_staff(calendars: Calendars) -> Staff:
    """Take the calendars of a fit."""
    weekly = np.asarray(calendars.weekly, dtype=np.float64)
    return Staff(
        judges=calendars.judges,
        court=np.asarray(calendars.court),
        worth=np.asarray(calendars.worth, dtype=np.float64),
        weight=np.asarray(calendars.weight),
        hired_by=np.full(len(calendars.judges), -1, dtype=np.int64),
        weekly=weekly,
        sessions=np.asarray(calendars.sessions, dtype=np.float64),
        hears=np.asarray(calendars.serves),
    )


def spread(judges: float, staff: Staff, courts: NDArray[np.bool_]) -> Floats:
    """Spread judges over courts in proportion to the judges there at the start.

    Args:
        judges: How many of the record.
        staff: Those there are.
        courts: Which courts; shape (c,).

    Returns:
        Judges of each court, whole or not; shape (c,). None where no court has a judge.
    """
    at_start = staff.hired_by < 0
    there = np.bincount(
        staff.court[at_start], weights=staff.worth[at_start], minlength=len(courts)
    )
    there = np.where(courts, there, 0.0)
    return np.asarray(there * (judges / max(float(there.sum()), TINY)), dtype=np.float64)


def with_hires(staff: Staff, event: int, by_court: Floats, code: str) -> Staff:
    """Add the calendars that an event hires, each like the mean of its court.

    Args:
        staff: Those there are.
        event: The event's number.
        by_court: Judges of each court; shape (c,). A court that gets less than two has one
            calendar, worth what it gets; one that gets more has one for each judge, or fewer
            that are worth several, where a calendar of one would have few hearings a week:
            as the fit pools them.
        code: What the new calendars' codes end in.

    Returns:
        Staff with the new ones at the end, so that nobody else's number changes.
    """
    old = staff.hired_by < 0
    courts = len(by_court)
    mean = np.maximum(_sum(staff.worth, staff, old, courts), TINY)
    each = np.stack([_sum(row, staff, old, courts) / mean for row in staff.weekly])
    made: list[tuple[int, float]] = []
    for court in np.flatnonzero(by_court > TINY):
        full = int(by_court[court] * each[:, court].sum() / ENOUGH)
        count = max(min(round(by_court[court]), full), 1)
        made += [(int(court), float(by_court[court] / count))] * count
    where = np.array([c for c, _ in made], dtype=np.uint8)
    worth = np.array([w for _, w in made], dtype=np.float64)
    often = np.stack(
        [_sum(row * staff.worth, staff, old, courts) / mean for row in staff.sessions]
    )
    weight = _sum(staff.weight.astype(np.float64), staff, old, courts) / mean
    hears = np.zeros((courts, staff.hears.shape[1]), dtype=bool)
    np.logical_or.at(hears, staff.court[old], staff.hears[old])
    return Staff(
        judges=(*staff.judges, *(f"{code}{n + 1}" for n in range(len(made)))),
        court=np.concatenate([staff.court, where]),
        worth=np.concatenate([staff.worth, worth]),
        weight=np.concatenate(
            [staff.weight, np.clip(np.round(weight[where] * worth), 1, 255).astype(np.uint8)]
        ),
        hired_by=np.concatenate([staff.hired_by, np.full(len(made), event, dtype=np.int64)]),
        weekly=np.concatenate([staff.weekly, each[:, where] * worth], axis=1),
        sessions=np.concatenate([staff.sessions, often[:, where]], axis=1),
        hears=np.concatenate([staff.hears, hears[where]]),
    )


def _sum(values: Floats, staff: Staff, chosen: NDArray[np.bool_], courts: int) -> Floats:
    total: Floats = np.bincount(
        staff.court[chosen], weights=values[chosen], minlength=courts
    ).astype(np.float64)
    return total


def taken(
    by_court: Floats, staff: Staff, left: Floats, event: int
) -> tuple[NDArray[np.int64], Floats]:
    """Choose who goes, in an order of their own that chance once gave.

    Args:
        by_court: Judges that go from each court; shape (c,).
        staff: Those there are.
        left: What is left of each one before; shape (j,). Who is not there has 0.
        event: The event's number, which gives another order.

    Returns:
        Who goes, and what stays of each against before: 0 but for the last of a court.
    """
    order = np.argsort(_draws(len(staff), event, TURN)[:, 0], kind="stable")
    judges, stays = [], []
    for court in np.flatnonzero(by_court > TINY):
        going = float(by_court[court])
        for judge in order[staff.court[order] == court]:
            there = float(left[judge] * staff.worth[judge])
            if going <= TINY or there <= TINY:
                continue
            judges.append(int(judge))
            stays.append(1 - min(going / there, 1.0))
            going -= there
    return np.array(judges, dtype=np.int64), np.array(stays)


def daily(
    staff: Staff,
    judges: NDArray[np.int64],
    kind: int,
    days: Days,
    present: Floats | None = None,
) -> NDArray[np.uint8]:
    """Give the slots of calendars on each day.

    A calendar's sessions fall on weekdays that its number gives. Slots a week are those of a
    mean week of the year, so what holidays and leave take is put on the days that are left.
    A session has the whole part of a running total, so a fifth of a slot a week is a slot
    in every five weeks.

    Args:
        staff: Calendars.
        judges: Which; shape (m,).
        kind: 0 master, 1 individual.
        days: The days, and what is taken off.
        present: What of each judge is there on each day, 0 to 1; shape (m, days). All, if
            left out.

    Returns:
        Shape (m, days).

    Raises:
        ValueError: A calendar has more slots than a week has room for.
    """
    out = np.zeros((len(judges), days.count), dtype=np.uint8)
    weekday = weekdays(days.start, days.count)
    week = ((days.start - EPOCH_MONDAY).days + np.arange(days.count)) // 7
    sits = sitting(days.start, days.count, keeps_holidays=days.keeps_holidays)
    phases = shares(_draws(len(staff), kind, PHASE))
    for row, judge in enumerate(judges):
        weekly = float(staff.weekly[kind, judge])
        if weekly <= 0:
            continue
        rate = _sessions(weekly, float(staff.sessions[kind, judge]))
        rank = _ranks(int(judge), kind)
        phase, other = phases[judge, :2]
        this_week = np.floor((week + 1) * rate + phase) - np.floor(week * rate + phase)
        is_session = sits & (np.append(rank, [9, 9])[weekday] < this_week)
        there = 1 - _away(int(judge), float(staff.worth[judge]), week, days.leave_weeks)
        if present is not None:
            there = there * present[row]
        each = weekly / rate / _kept(rate, rank, days)
        total = np.cumsum(np.where(is_session, each * there, 0.0)) + other + TINY
        out[row] = np.minimum(np.diff(np.floor(total), prepend=np.floor(other)), 255)
    return out


def _sessions(weekly: float, sessions: float) -> float:
    """Give sessions a week: no more than slots, nor than working days, nor too full."""
    if weekly > MOST_A_WEEK:
        raise ValueError(f"a calendar of {weekly:,.0f} slots a week; expected {MOST_A_WEEK:,}")
    return float(min(max(min(sessions, weekly), weekly / FULLEST_SESSION, TINY), 5.0))


def _ranks(judge: int, kind: int) -> NDArray[np.int64]:
    """Give the order in which a calendar's sessions take weekdays; shape (5,)."""
    rank = np.empty(5, dtype=np.int64)
    rank[(judge * 3 + kind + 2 * np.arange(5)) % 5] = np.arange(5)
    return rank


def _kept(rate: float, rank: NDArray[np.int64], days: Days) -> float:
    """Give the share of sessions that holidays and leave let take place, in the long run."""
    weight = np.clip(rate - rank, 0.0, 1.0)
    gone = (np.array(lost()) * weight).sum() / rate if days.keeps_holidays else 0.0
    return float((1 - gone) * (1 - days.leave_weeks / WEEKS))


def _away(judge: int, worth: float, week: NDArray[np.int64], leave_weeks: int) -> Floats:
    """Give the share of a calendar's judges that are on leave on each day.

    Each judge of it takes single weeks, evenly over 52, from another week each year.
    """
    count = max(round(worth), 1)
    away = np.zeros(len(week))
    if not leave_weeks:
        return away
    year, within = week // WEEKS, week % WEEKS
    for one in range(count):
        first, last = int(year[0]), int(year[-1])
        keys = np.full(last - first + 1, judge * 256 + one, dtype=np.uint32)
        begin = words(0, keys, np.arange(first, last + 1), LEAVE)[:, 0] % WEEKS
        nth = (within - begin[year - first].astype(np.int64)) % WEEKS
        away += (nth * leave_weeks) % WEEKS < leave_weeks
    return away / count


def presence(
    absences: list[Absence], judge: int, days: int, known: int, ramp: tuple[int, ...] | None
) -> Floats:
    """Give what of a judge is there on each day, by what is known on one.

    Args:
        absences: Of everybody.
        judge: Which.
        days: How many.
        known: The day; what is announced later is left out.
        ramp: Days from which a third, two thirds and all is there; None for one at work at
            the start.

    Returns:
        0 to 1; shape (days,).
    """
    there = np.ones(days)
    if ramp is not None:
        there = np.zeros(days)
        for step, day in enumerate(ramp, 1):
            if day >= 0:
                there[day:] = step / 3
    for absence in absences:
        at = np.flatnonzero(absence.judges == judge)
        if absence.known <= known and len(at):
            there[absence.first : absence.until] *= absence.stays[at[0]]
    return there


def _draws(judges: int, nth: int, purpose: int) -> NDArray[np.uint32]:
    return words(0, np.arange(judges, dtype=np.uint32), nth, purpose)

"""From a plan to edits of a run's state, in the order of their days.

What holds on a day is worked out for each day on which anything may change, and only what
differs from the day before becomes an edit: events may overlap, and a run that was saved can
be given the same changes again.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.edits import Clear, Divert, Edit, Hand, Merge, Move, Take
from opendocket.simulate.plan import GONE, Plan, closed_dockets, morning, ramp_days
from opendocket.simulate.scenario import Event
from opendocket.simulate.staffing import Absence, Floats
from opendocket.simulate.world import NEVER, Change

SWEEP = 7
"""Days between two looks through the calendar while a court is closed to some dockets."""


def changes(plan: Plan) -> tuple[tuple[int, Change], ...]:
    """Give everything that a plan does to a run, by day.

    Returns:
        Days and edits, in order. What holds on the first day is no change: it is how the
        run begins.
    """
    made: list[tuple[int, Change]] = []
    if plan.scenario.is_booked:
        uniform = np.tile(np.array(plan.first_shares()), (len(plan.staff), 1))
        made += [(0, edit) for edit in _holding(plan, 0, uniform)]
    days = sorted(day for day in _days(plan) if 0 < day < plan.scenario.days)
    before = 0
    for day in days:
        for edit in _edits(plan, before, day):
            made.append((day, edit))
        before = day
    return tuple(made)


def _days(plan: Plan) -> set[int]:
    """Give each day on which something may change."""
    days = {int(day) for day in np.unique(plan.places.begins)}
    for pause in plan.places.pauses:
        days |= {pause.first, pause.until}
    for event in plan.scenario.events:
        days |= {event.day, morning(event)} | ({event.until} if event.until else set())
        days |= set(ramp_days(event) if event.kind == "hire" else ())
        if event.kind == "close" and event.dockets is not None and event.until is not None:
            days |= set(range(morning(event), event.until, SWEEP))
    return days


def _edits(plan: Plan, before: int, day: int) -> Iterator[Change]:
    """Give what a day changes against the one before on which anything did."""
    yield from _closings(plan, day)
    yield from _placing(plan, before, day)
    was, now = plan.serves(before), plan.serves(day)
    for k in range(now.shape[1]):
        for value in (True, False):
            judges = np.flatnonzero((now[:, k] == value) & (was[:, k] != value))
            if len(judges):
                yield Edit("set_serves", (judges, k, value))
    yield from _staffing(plan, day)
    yield from _moving(plan, day)
    yield from _holding(plan, day, plan.shares(before))
    yield from _rules(plan, before, day)


def _closings(plan: Plan, day: int) -> Iterator[Change]:
    for event in plan.scenario.events:
        if event.kind != "close":
            continue
        courts = np.flatnonzero(plan.courts(event))
        if event.until is None and morning(event) == day:
            into = plan.places.courts.index(str(event.into))
            for court in courts:
                held = plan.places.held()[:, into]
                place = plan.places.placement(day)[into, : plan.places.whole]
                yield Merge(int(court), into, held, place)
        elif event.dockets is not None and event.until is not None:
            since = day - morning(event)
            if since >= 0 and day < event.until and since % SWEEP == 0:
                yield Clear(
                    np.array(closed_dockets(plan, event)), courts, event.until, event.until
                )


def _placing(plan: Plan, before: int, day: int) -> Iterator[Change]:
    was, now = plan.places.placement(before), plan.places.placement(day)
    for docket in np.unique(now[was != now]):
        for n in range(plan.places.whole):
            courts = np.flatnonzero((was[:, n] != docket) & (now[:, n] == docket))
            if len(courts):
                yield Edit("set_placement", (int(docket), courts, np.array([n])))
    parts = plan.parts
    new = parts.dockets(plan.places, day)
    changed = (new != parts.dockets(plan.places, before)) & (parts.enters >= day)
    for docket in np.unique(new[changed]):
        yield Divert(parts.unit[changed & (new == docket)], int(docket))


def _staffing(plan: Plan, day: int) -> Iterator[Change]:
    """Give the calendars of those who come, and of those who go or close today."""
    hired = [j for j in range(len(plan.staff)) if plan.hire_day(j) == day > 0]
    touched = {*hired}
    leaving: set[int] = set()
    for absence in plan.absences:
        if absence.known == day:
            touched |= {int(j) for j in absence.judges}
            if absence.until >= NEVER:
                leaving |= {int(j) for j in absence.judges[absence.stays <= GONE]}
                yield from _lighter(plan, absence, day)
    if leaving:
        yield Hand(np.array(sorted(leaving)))
    judges = np.array(sorted(touched), dtype=np.int64)
    if len(judges):
        for kind in range(2):
            yield Edit("set_slots", (judges, kind, day, plan.slots(judges, kind, day)[:, day:]))
    yield from _ramping(plan, day)


def _ramping(plan: Plan, day: int) -> Iterator[Change]:
    """Give new judges the share of cases, pending ones too, that their slots now bear."""
    for n, event in enumerate(plan.scenario.events):
        if event.kind != "hire":
            continue
        new = np.flatnonzero(plan.staff.hired_by == n)
        for step, on in enumerate(ramp_days(event), 1):
            if on == day and len(new):
                weight = np.maximum(np.round(plan.staff.weight[new] * (step / 3)), 1)
                yield Edit("set_weight", (new, weight.astype(np.uint8)))
                if event.takes_pending:
                    yield Take(new)


def _lighter(plan: Plan, absence: Absence, day: int) -> Iterator[Change]:
    """Give those who partly go for good a lesser share of new cases."""
    left = np.ones(len(plan.staff))
    for one in plan.absences:
        if one.known <= day and one.until >= NEVER:
            left[one.judges] *= one.stays
    for judge in absence.judges[absence.stays > GONE]:
        weight = max(round(float(plan.staff.weight[judge]) * float(left[judge])), 1)
        yield Edit("set_weight", (np.array([judge]), weight))


def _moving(plan: Plan, day: int) -> Iterator[Change]:
    """Move pending cases that follow a docket as it begins, or as it is paused; resets."""
    place = plan.places.placement(day)
    for k, docket in enumerate(plan.scenario.dockets):
        courts = np.flatnonzero(plan.places.begins[k] == day)
        if docket.takes_pending and len(courts) and day > 0:
            yield from _to_docket(plan, place, k, courts)
    for event in plan.scenario.events:
        if morning(event) != day:
            continue
        if event.kind == "reset":
            which, where = np.array([plan.number(event.docket)]), plan.courts(event)
            yield Clear(which, np.flatnonzero(where), event.until, event.wanted)
    for pause, event in zip(plan.places.pauses, _pauses(plan), strict=True):
        if pause.first == day and event.moves_pending:
            for n in range(plan.places.whole):
                for to in np.unique(place[pause.courts, n]):
                    courts = np.flatnonzero(pause.courts & (place[:, n] == to))
                    yield Move(int(to), np.array([pause.docket]), courts, np.array([n]))


def _pauses(plan: Plan) -> list[Event]:
    return [event for event in plan.scenario.events if event.kind == "pause"]


def _to_docket(
    plan: Plan, place: NDArray[np.int64], docket: int, courts: NDArray[np.int64]
) -> Iterator[Change]:
    for n in range(plan.places.whole):
        there = courts[place[courts, n] == docket]
        if len(there):
            yield Move(docket, None, there, np.array([n]))


def _holding(plan: Plan, day: int, was: Floats) -> Iterator[Change]:
    """Hold what a day says, for those judges alone for whom it is another than before."""
    now = plan.shares(day)
    for k in range(now.shape[1]):
        changed = now[:, k] != was[:, k]
        if not plan.scenario.is_booked:
            if now[:, k].max() != was[:, k].max():
                yield Edit("set_share", (k, float(now[:, k].max())))
            continue
        for share in np.unique(now[changed, k]):
            judges = np.flatnonzero(changed & (now[:, k] == share))
            named = {} if len(judges) == len(now) else {"judges": judges}
            yield Edit("set_share", (k, float(share)), named)


def _rules(plan: Plan, before: int, day: int) -> Iterator[Change]:
    for event in plan.scenario.events:
        if event.kind == "priority" and event.day == day:
            if event.release_days is not None:
                yield Edit("set_release_days", (event.release_days,))
            if event.like is not None:
                like = plan.tables.dockets.index(event.like)
                yield Edit("set_gap", (plan.number(event.docket), like))
    was, now = plan.limits(before), plan.limits(day)
    if was is not None and now is not None and (was != now).any():
        courts = np.flatnonzero(was != now)
        yield Edit("set_lawyers", (courts, now[courts]))
    if any(e.kind == "outcome" and day in (e.day, e.until) for e in plan.scenario.events):
        yield Edit("set_result", (plan.result(day),))

"""Everything that changes in a run, laid out before it begins: who is there, what is held."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.outcomes import chances
from opendocket.simulate.placing import Mask, Places, hearing_judges, numbers
from opendocket.simulate.scenario import Event, Scenario
from opendocket.simulate.staffing import (
    Absence,
    Days,
    Floats,
    Staff,
    daily,
    presence,
    spread,
    taken,
    with_hires,
)
from opendocket.simulate.tables import Tables
from opendocket.simulate.world import NEVER, NOWHERE

GONE = 1e-9


@dataclass(frozen=True, slots=True)
class Parts:
    """Units that come of parts of populations: which, of which, where and when; shapes (m,)."""

    unit: NDArray[np.int64]
    population: NDArray[np.int64]
    """Number of the part, after those of populations."""
    court: NDArray[np.int64]
    enters: NDArray[np.int64]

    def dockets(self, places: Places, day: int) -> NDArray[np.int64]:
        """Give each one's docket by the placement of a day; 255 where its population's."""
        place = places.placement(day)
        own = place[self.court, self.population]
        return np.where(own == place[self.court, places.parent[self.population]], NOWHERE, own)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that changes in a run, laid out before it begins."""

    scenario: Scenario
    places: Places
    staff: Staff
    days: Days
    absences: tuple[Absence, ...]
    tables: Tables
    lawyers: NDArray[np.int64] | None
    """Families that a court's lawyers can have at the start; shape (c,)."""
    parts: Parts

    def courts(self, event: Event) -> Mask:
        """Tell which courts an event is about; shape (c,)."""
        return numbers(event.courts, self.places.courts)

    def hire_day(self, judge: int) -> int:
        """Give the day a calendar begins; 0 for one at work at the start."""
        event = int(self.staff.hired_by[judge])
        return 0 if event < 0 else morning(self.scenario.events[event])

    def there(self, day: int) -> Mask:
        """Tell who is at work on a day, leave aside; shape (j,)."""
        at_work = np.array([self.hire_day(j) <= day for j in range(len(self.staff))])
        for absence in self.absences:
            if absence.known <= day and absence.until >= NEVER:
                at_work[absence.judges[absence.stays <= GONE]] = False
        return at_work

    def serves(self, day: int) -> Mask:
        """Tell who takes new cases of which docket on a day; shape (j, k)."""
        return hearing_judges(self.places, self.staff, self.there(day), day)

    def shares(self, day: int) -> Floats:
        """Give what each judge holds for each docket on a day; shape (j, k)."""
        share = np.array([docket.share for docket in self.scenario.dockets])
        for event in self._until(day, "priority"):
            if event.share is not None:
                share[self.number(event.docket)] = event.share
        runs = self.places.running(day).T[self.staff.court]
        return np.where(self.serves(day) & runs, share, 0.0)

    def slots(self, judges: NDArray[np.int64], kind: int, known: int) -> NDArray[np.uint8]:
        """Give slots of judges to the horizon, by what is known on a day; shape (m, days)."""
        there = np.stack([self._presence(int(judge), known) for judge in judges])
        return daily(self.staff, judges, kind, self.days, there)

    def _presence(self, judge: int, known: int) -> Floats:
        event = int(self.staff.hired_by[judge])
        ramp = ramp_days(self.scenario.events[event]) if event >= 0 else None
        return presence(list(self.absences), judge, self.days.count, known, ramp)

    def limits(self, day: int) -> NDArray[np.int64] | None:
        """Give the families that each court's lawyers can have on a day; shape (c,)."""
        if self.lawyers is None:
            return None
        most = self.lawyers.copy()
        for event in self._until(day, "lawyers"):
            there = self.courts(event)
            most[there] = np.round(self.lawyers[there] * event.factor)
        return most

    def result(self, day: int) -> Floats:
        """Give the chances of results on a day; the shape of ``Tables.result``."""
        active = [
            event
            for event in self._until(day, "outcome")
            if event.until is None or day < event.until
        ]
        return chances(self.tables.result, active, self.places)

    def number(self, docket: str) -> int:
        """Give a docket's number."""
        return [one.name for one in self.scenario.dockets].index(docket)

    def first_shares(self) -> tuple[float, ...]:
        """Give what is held for each docket at the start where it is held at all."""
        runs = [bool(row.any()) for row in self.places.running(0)]
        dockets = self.scenario.dockets
        return tuple(d.share if r else 0.0 for d, r in zip(dockets, runs, strict=True))

    def _until(self, day: int, kind: str) -> Iterator[Event]:
        return (e for e in self.scenario.events if e.kind == kind and e.day <= day)


def morning(event: Event) -> int:
    """Give the day on which an event touches pending cases: all have entered by day 1."""
    return max(event.day, 1)


def ramp_days(event: Event) -> tuple[int, ...]:
    """Give the days on which those an event hires have a third, two thirds and all.

    One day after the other where there is no ramp: only the last one counts then.
    """
    first, length = morning(event), event.ramp_days
    steps = (first, first + (length + 1) // 2, first + length)
    return tuple(day if day not in steps[n + 1 :] else -1 for n, day in enumerate(steps))


def planned(
    scenario: Scenario,
    places: Places,
    staff: Staff,
    tables: Tables,
    lawyers: NDArray[np.int64] | None,
    parts: Parts,
) -> Plan:
    """Work out who comes and goes, event by event.

    Args:
        scenario: Checked.
        places: Where its dockets are held.
        staff: Those at work at the start.
        tables: Those of the run.
        lawyers: Families that courts' lawyers can have at the start; None for no limit.
        parts: Who comes of parts of populations.
    """
    days = Days(
        scenario.start, scenario.horizon_days, scenario.leave_weeks, scenario.keeps_holidays
    )
    plan = Plan(scenario, places, staff, days, (), tables, lawyers, parts)
    hires = [(n, e) for n, e in enumerate(scenario.events) if e.kind == "hire"]
    for n, event in hires:
        by_court = _spread(plan, event)
        code = f"HIRED{n + 1}-"
        plan = replace(plan, staff=with_hires(plan.staff, n, by_court, code))
        plan = replace(plan, staff=_hearing(plan, n, event))
    for n, event in enumerate(scenario.events):
        plan = replace(plan, absences=plan.absences + _absences(plan, n, event))
    return plan


def _spread(plan: Plan, event: Event) -> Floats:
    by_court = spread(event.judges, plan.staff, plan.courts(event))
    if not by_court.any():
        found = "has no judge to be like, or to go"
        raise event.told.fault("courts", found, "courts with judges at the start")
    return by_court


def _hearing(plan: Plan, n: int, event: Event) -> Staff:
    """Let those an event hires hear the populations of the dockets it names."""
    if event.dockets is None:
        return plan.staff
    wanted = [plan.number(name) for name in event.dockets]
    takes = plan.places.takes[wanted].any(axis=0)
    hears = plan.staff.hears.copy()
    named = np.unique(plan.places.parent[takes])
    hears[plan.staff.hired_by == n] = np.isin(np.arange(hears.shape[1]), named)
    return replace(plan.staff, hears=hears)


def _absences(plan: Plan, n: int, event: Event) -> tuple[Absence, ...]:
    day = morning(event)
    until = NEVER if event.until is None else event.until
    if event.kind in ("depart", "leave"):
        judges, stays = taken(_spread(plan, event), plan.staff, _left(plan, day), n)
        return (Absence(day, judges, stays, day, until),)
    if event.kind == "close":
        closed = plan.courts(event)[plan.staff.court]
        if event.dockets is not None:
            others = ~np.isin(
                np.arange(len(plan.scenario.dockets)), closed_dockets(plan, event)
            )
            closed &= ~plan.serves(day)[:, others].any(axis=1)
        judges = np.flatnonzero(closed)
        return (Absence(day, judges, np.zeros(len(judges)), day, until),)
    return ()


def closed_dockets(plan: Plan, event: Event) -> list[int]:
    """Give the numbers of the dockets that an event closes."""
    return [plan.number(name) for name in event.dockets or ()]


def _left(plan: Plan, day: int) -> Floats:
    """Give what of each judge is at work on a day, usual leave and ramps aside; shape (j,)."""
    left = plan.there(day).astype(np.float64)
    for absence in plan.absences:
        if absence.first <= day < absence.until:
            left[absence.judges] *= absence.stays
    return left

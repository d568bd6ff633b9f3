"""Which docket a case is placed on, and which judges hear it, on any day of a run."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.layers import Table
from opendocket.simulate.scenario import Docket, Event, Part, Scenario
from opendocket.simulate.staffing import Staff
from opendocket.simulate.tables import Tables
from opendocket.simulate.world import NEVER

Mask = NDArray[np.bool_]
Located = TypeVar("Located", Docket, Part)


@dataclass(frozen=True, slots=True)
class Pause:
    """A docket that takes no new cases at some courts, from a day to before another."""

    docket: int
    courts: Mask
    """Shape (c,)."""
    first: int
    until: int
    to: int | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where and when dockets are held; k dockets, c courts, n populations and parts."""

    dockets: tuple[Docket, ...]
    courts: tuple[str, ...]
    populations: tuple[str, ...]
    parent: NDArray[np.int64]
    """Population each is taken from, its own number for one that is no part; shape (n,)."""
    takes: Mask
    """Whether a docket names a population; shape (k, n)."""
    begins: NDArray[np.int64]
    """First day; NEVER where a docket is not held; shape (k, c)."""
    pauses: tuple[Pause, ...]

    @property
    def whole(self) -> int:
        """Count the populations; parts come after them."""
        return int((self.parent == np.arange(len(self.parent))).sum())

    def held(self) -> Mask:
        """Tell where each docket is held at any time; shape (k, c)."""
        return self.begins < NEVER

    def running(self, day: int) -> Mask:
        """Tell where each docket takes new cases on a day; shape (k, c)."""
        runs: Mask = self.begins <= day
        for pause in self.pauses:
            if pause.first <= day < pause.until:
                runs[pause.docket] &= ~pause.courts
        return runs

    def placement(self, day: int) -> NDArray[np.int64]:
        """Give the docket of new cases on a day; shape (c, n), -1 for none.

        A docket of named courts comes before one of all courts; a part that no docket names
        goes where its population goes; a pause that says so sends cases elsewhere.
        """
        runs = self.running(day)
        redirected = [p for p in self.pauses if p.first <= day < p.until and p.to is not None]
        for pause in redirected:
            runs[pause.docket] |= pause.courts & (self.begins[pause.docket] <= day)
        place = np.full((len(self.courts), len(self.populations)), -1, dtype=np.int64)
        named = [k for k, docket in enumerate(self.dockets) if docket.courts is not None]
        for_all = [k for k, docket in enumerate(self.dockets) if docket.courts is None]
        order = np.argsort(self.parent != np.arange(len(self.parent)), kind="stable")
        for n in order:
            place[:, n] = place[:, self.parent[n]]
            for k in (*for_all, *named):
                if self.takes[k, n]:
                    place[runs[k], n] = k
        for pause in redirected:
            there = pause.courts[:, None] & (place == pause.docket)
            place[there] = -1 if pause.to is None else pause.to
        return place


def numbers(names: tuple[str, ...] | None, known: tuple[str, ...]) -> Mask:
    """Tell which of the known are named; all where None; shape (known,)."""
    return np.array([names is None or name in names for name in known], dtype=bool)


def places_of(
    scenario: Scenario, courts: tuple[str, ...], populations: tuple[str, ...]
) -> Places:
    """Lay out a scenario's dockets over the courts there are.

    Args:
        scenario: Checked by itself.
        courts: Codes.
        populations: Those of the fit.

    Raises:
        BadScenario: A name is unknown, two dockets take the same cases, or none takes some.
    """
    _check_names(scenario, courts, populations)
    names = (*populations, *(part.name for part in scenario.parts))
    known = {docket.name: k for k, docket in enumerate(scenario.dockets)}
    begins = np.full((len(known), len(courts)), NEVER, dtype=np.int64)
    for k, docket in enumerate(scenario.dockets):
        begins[k, numbers(docket.courts, courts)] = docket.begins
    for event in scenario.events:
        if event.kind == "launch":
            there = _within(event, event.docket, begins[known[event.docket]] < NEVER, courts)
            begins[known[event.docket], there] = event.day
    parent = [*range(len(populations)), *(names.index(part.of) for part in scenario.parts)]
    places = Places(
        dockets=scenario.dockets,
        courts=courts,
        populations=names,
        parent=np.array(parent, dtype=np.int64),
        takes=np.array([numbers(docket.populations, names) for docket in scenario.dockets]),
        begins=begins,
        pauses=tuple(
            _pause(event, known, begins < NEVER, courts)
            for event in scenario.events
            if event.kind == "pause"
        ),
    )
    _check_places(places)
    return places


def located(scenario: Scenario, tables: Tables) -> Scenario:
    """Name the courts of dockets and parts that are where a population's new cases came.

    A court with less than a two-hundredth of all of them is not counted.

    Raises:
        BadScenario: The fit has no such population.
    """

    def named(one: Located) -> Located:
        if one.courts_of is None:
            return one
        if one.courts_of not in tables.populations:
            raise one.told.unknown("courts_of", one.courts_of, tables.populations)
        rate = tables.arrivals[:, tables.populations.index(one.courts_of)]
        there = np.flatnonzero(rate > rate.sum() / 200)
        if not len(there):
            raise one.told.fault(
                "courts_of",
                f"names {one.courts_of!r}, of whom the fit saw nobody come",
                "courts by code, or a fit whose window has them",
            )
        return replace(one, courts=tuple(tables.courts[court] for court in there))

    return replace(
        scenario,
        dockets=tuple(_liked(named(docket), tables) for docket in scenario.dockets),
        parts=tuple(named(part) for part in scenario.parts),
    )


def _liked(docket: Docket, tables: Tables) -> Docket:
    """Let a docket of a new name that says not whose gaps it takes take its first people's."""
    first = docket.populations[0] if docket.populations else docket.name
    if docket.like == docket.name and docket.name not in tables.dockets:
        return replace(docket, like=first) if first in tables.dockets else docket
    return docket


def _within(event: Event, name: str, held: Mask, courts: tuple[str, ...]) -> Mask:
    """Give an event's courts, which must be the docket's; all of those if it names none."""
    if event.courts is None:
        return held.copy()
    for n, code in enumerate(event.courts):
        if not held[courts.index(code)]:
            found = f"names {code}, where {name} is not held"
            raise event.told.fault(("courts", n), found, "courts of the docket")
    return numbers(event.courts, courts)


def _pause(event: Event, known: dict[str, int], held: Mask, courts: tuple[str, ...]) -> Pause:
    docket = known[event.docket]
    there = _within(event, event.docket, held[docket], courts)
    to = None if event.to is None else known[event.to]
    if to is not None and not held[to][there].all():
        code = courts[int(np.flatnonzero(there & ~held[to])[0])]
        found = f"names {event.to!r}, which {code} does not have"
        raise event.told.fault("to", found, "a docket of the same courts")
    until = NEVER if event.until is None else event.until
    return Pause(docket, there, max(event.day, 1), until, to)


def _check_names(
    scenario: Scenario, courts: tuple[str, ...], populations: tuple[str, ...]
) -> None:
    """Refuse names that neither the courts nor the fit have."""
    parts = scenario.parts
    everybody = (*populations, *(part.name for part in parts))
    for part in parts:
        _refuse_unknown(part.told, "of", (part.of,), populations)
        if part.name in populations:
            raise part.told.fault("name", f"is {part.name!r}, taken", "a name of its own")
    for name in scenario.scale:
        if name not in populations:
            raise scenario.told["arrivals"].unknown(("scale", name), name, populations)
    for docket in scenario.dockets:
        _refuse_unknown(docket.told, "populations", docket.populations, everybody)
    for event in scenario.events:
        _refuse_unknown(event.told, "populations", event.populations, populations)
        _refuse_unknown(event.told, "into", None if not event.into else (event.into,), courts)
    where = [(part.told, part.courts) for part in parts]
    where += [(docket.told, docket.courts) for docket in scenario.dockets]
    where += [(event.told, event.courts) for event in scenario.events]
    for told, codes in where:
        _refuse_unknown(told, "courts", codes, courts)


def _refuse_unknown(
    told: Table, key: str, names: tuple[str, ...] | None, known: tuple[str, ...]
) -> None:
    for n, name in enumerate(names or ()):
        if name not in known:
            raise told.unknown((key, n), name, known)


def _check_places(places: Places) -> None:
    """Refuse two dockets of the same cases, and cases without a docket."""
    held = places.held()
    for k, docket in enumerate(places.dockets):
        for other, before in enumerate(places.dockets[:k]):
            if (docket.courts is None) != (before.courts is None):
                continue
            both = held[k] & held[other]
            shared = np.flatnonzero(places.takes[k] & places.takes[other])
            if both.any() and len(shared):
                name = places.populations[int(shared[0])]
                where = "all courts" if both.all() else places.courts[int(np.argmax(both))]
                key = "populations" if docket.courts is None else "courts"
                found = f"gives {name!r} at {where} a second docket, after {before.name!r}"
                raise docket.told.fault(key, found, "one docket for each")
    days = {0, *(int(day) for day in np.unique(places.begins) if day < NEVER)}
    days |= {
        day for pause in places.pauses for day in (pause.first, pause.until) if day < NEVER
    }
    for day in sorted(days):
        missing = np.argwhere(places.placement(day) < 0)
        if len(missing):
            court, name = missing[0]
            told = places.dockets[-1].told
            found = f"leave {places.populations[name]!r} at {places.courts[court]} without one"
            remedy = "let a docket of all courts take them from the start"
            raise told.fault(
                "populations", f"{found} on day {day}", "a docket for each", remedy
            )


def hearing_judges(places: Places, staff: Staff, there: Mask, day: int) -> Mask:
    """Say which judges take new cases of which docket on a day.

    Args:
        places: Where dockets are held.
        staff: Everybody.
        there: Who is at work; shape (j,).
        day: Of the run.

    Returns:
        Shape (j, k). Where those a docket names are not there, all of its court hear it.
    """
    runs, held = places.running(day), places.held()
    hears = staff.hears[:, places.parent]
    serves = np.zeros((len(staff), len(places.dockets)), dtype=bool)
    for k, docket in enumerate(places.dockets):
        rule = np.ones(len(staff), bool) if docket.judges == "all" else hears @ places.takes[k]
        serves[:, k] = rule & there & held[k][staff.court]
    reserved = _reserved(places, staff, there)
    for k, mine in reserved.items():
        running = runs[k][staff.court]
        serves[:, k] = mine
        serves[np.ix_(mine & running, np.arange(len(places.dockets)) != k)] = False
    for k in range(len(places.dockets)):
        for court in np.flatnonzero(held[k]):
            here = there & (staff.court == court)
            if not (serves[:, k] & here).any():
                serves[here, k] = True
    return serves


def _reserved(places: Places, staff: Staff, there: Mask) -> dict[int, Mask]:
    """Choose the judges of dockets that have some of their own, never all of a court."""
    reserved: dict[int, Mask] = {}
    free = there.copy()
    hears = staff.hears[:, places.parent]
    for k, docket in enumerate(places.dockets):
        if not isinstance(docket.judges, float):
            continue
        used_to = hears @ places.takes[k]
        elsewhere = (hears & ~places.takes[k]).sum(axis=1)
        mine = np.zeros(len(staff), dtype=bool)
        for court in np.flatnonzero(places.held()[k]):
            here = np.flatnonzero(free & (staff.court == court))
            order = here[np.lexsort((here, elsewhere[here], ~used_to[here]))]
            wanted = docket.judges
            before = np.cumsum(staff.worth[order]) - staff.worth[order]
            count = int((before < wanted - 1e-9).sum())
            mine[order[: min(count, max(len(order) - 1, 1))]] = True
        reserved[k] = mine
        free &= ~mine
    return reserved

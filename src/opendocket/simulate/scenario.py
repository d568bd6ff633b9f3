"""A scenario: rules, staff and dated events, read from one readable file and checked.

What needs the courts' names, or the fit, is checked where a world is built.
``docs/reference/scenario.md`` lists every key; ``keys.py`` says them once.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from opendocket.simulate.keys import DOCKET, EVENTS, POPULATION, SECTIONS, TOP, event_keys
from opendocket.simulate.layers import Place, Table, Tables, layers, scenario_path, shipped
from opendocket.simulate.tables import STAGES
from opendocket.simulate.world import NEVER

__all__ = ["Docket", "Event", "Part", "Scenario", "read_scenario", "shipped"]

DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a population, which a rule may place by itself."""

    name: str
    of: str
    share: float
    courts: tuple[str, ...] | None
    """None for all."""
    courts_of: str | None
    """Or: where this population's new cases came in the source."""
    told: Table = field(repr=False)


@dataclass(frozen=True, slots=True)
class Docket:
    """One docket: whose cases, where, from when, and how its hearings are placed."""

    name: str
    populations: tuple[str, ...]
    courts: tuple[str, ...] | None
    """None for all."""
    courts_of: str | None
    """Or: where this population's new cases came in the source."""
    begins: int
    """Day of the run; 0 if it is there at the start."""
    like: str
    share: float
    order: str
    target_days: int
    judges: str | float
    """``fitted``, ``all``, or how many at each court hear nothing else."""
    first_hearing_within_days: int | None
    next_hearing_within_days: int | None
    takes_pending: bool
    told: Table = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens on a day; what its kind does not have is None."""

    kind: str
    day: int
    until: int | None
    told: Table = field(repr=False)
    judges: float = 0.0
    courts: tuple[str, ...] | None = None
    docket: str = ""
    dockets: tuple[str, ...] | None = None
    populations: tuple[str, ...] | None = None
    stages: tuple[str, ...] | None = None
    ramp_days: int = 0
    takes_pending: bool = False
    moves_pending: bool = False
    into: str | None = None
    to: str | None = None
    share: float | None = None
    like: str | None = None
    release_days: int | None = None
    factor: float = 1.0
    result: str = ""
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a run is told beside the fit: everything a file says, in days of the run."""

    path: Path
    title: str
    assumes: str
    start: date
    days: int
    horizon_days: int
    """Days that calendars are open, from the start."""
    seed: int
    has_pending: bool
    is_replayed: bool
    scale: dict[str, float]
    response: float
    usual_wait: float
    is_booked: bool
    release_days: int
    is_strict: bool
    leave_weeks: int
    keeps_holidays: bool
    lawyer_limit: float | None
    seek_factor: float
    parts: tuple[Part, ...]
    dockets: tuple[Docket, ...]
    events: tuple[Event, ...]
    """In the order of their days, then of the file."""
    told: dict[str, Table] = field(repr=False)
    """The tables that a file has once."""

    @property
    def last(self) -> date:
        """Give the last day."""
        return self.start + timedelta(days=self.days - 1)

    def sha256(self) -> str:
        """Give the checksum of what it says, wherever its files are.

        Example:
            >>> read_scenario("none").sha256() == read_scenario("none").sha256()
            True
        """
        said = repr(self).replace(repr(self.path), "")
        return hashlib.sha256(said.encode()).hexdigest()


def read_scenario(
    name: str | Path, *, start: date | None = None, years: float | None = None
) -> Scenario:
    """Read a scenario and check what can be checked without the courts.

    Args:
        name: A shipped scenario's name, or a file.
        start: Begin on this day instead; events that say ``after_days`` move along.
        years: Run for so long instead; what would happen after that is left out.

    Raises:
        UnknownName: There is no such scenario.
        BadScenario: The file says what no court can do.

    Example:
        >>> read_scenario("dedicated-2021").start
        datetime.date(2021, 5, 28)
    """
    path = scenario_path(str(name))
    tables = layers(path)
    once = {
        section: tables.get(section, [Table(f"[{section}]", Place(path, 1))])[0]
        for section in SECTIONS
    }
    read = {section: table.read(SECTIONS[section]) for section, table in once.items()}
    run = read["run"] | ({} if start is None else {"start": start})
    said, days = (
        max(round(length * DAYS_A_YEAR), 1)
        for length in (run["years"], run["years"] if years is None else years)
    )
    span = _Span(run["start"], max(said, days))
    scenario = Scenario(
        path=path,
        **{key: value for key, value in tables[""][0].read(TOP).items() if key != "base"},
        start=run["start"],
        days=days,
        horizon_days=days + max(round(run["horizon_years"] * DAYS_A_YEAR), 1),
        seed=run["seed"],
        has_pending=read["start"]["pending"] == "docket",
        is_replayed=read["arrivals"]["source"] == "replayed",
        scale=read["arrivals"]["scale"],
        response=read["arrivals"]["response"],
        usual_wait=read["arrivals"]["usual_wait"],
        is_booked=read["calendar"]["rule"] == "booked",
        release_days=read["calendar"]["release_days"],
        is_strict=read["calendar"]["strict"],
        leave_weeks=read["staff"]["leave_weeks"],
        keeps_holidays=read["staff"]["holidays"],
        lawyer_limit=read["counsel"]["limit"],
        seek_factor=read["counsel"]["seek_factor"],
        parts=tuple(Part(**t.read(POPULATION), told=t) for t in tables.get("population", [])),
        dockets=tuple(_docket(table, span) for table in tables.get("docket", [])),
        events=tuple(event for event in _events(tables, span) if event.day < days),
        told=once,
    )
    _check(scenario)
    return scenario


@dataclass(frozen=True, slots=True)
class _Span:
    start: date
    days: int

    def day(self, on: date) -> int:
        """Give the day of the run that a date is."""
        return (on - self.start).days

    def inside(self, table: Table, key: str, day: int) -> int:
        """Refuse a day that the run does not have."""
        if 0 <= day < self.days:
            return day
        on, last = (self.start + timedelta(days=d) for d in (day, self.days - 1))
        found = f"is {on}, outside the run"
        raise table.fault(key, found, f"a day from {self.start} to {last}")


def _docket(table: Table, span: _Span) -> Docket:
    said = table.read(DOCKET)
    begins = said.pop("from")
    day = 0 if begins is None else max(span.day(begins), 0)
    populations = said.pop("populations") or (said["name"],)
    said["like"] = said["like"] or said["name"]
    begins = span.inside(table, "from", day)
    return Docket(**said, populations=populations, begins=begins, told=table)


def _events(tables: Tables, span: _Span) -> tuple[Event, ...]:
    events = [_event(table, span) for table in tables.get("event", [])]
    return tuple(sorted(events, key=lambda event: event.day))


def _event(table: Table, span: _Span) -> Event:
    kind = table.values.get("kind")
    if kind not in EVENTS:
        near = get_close_matches(str(kind), EVENTS, n=2)
        found = "is missing" if kind is None else f"is {kind!r}"
        remedy = f"perhaps {' or '.join(near)} is meant" if near else "name one of them"
        raise table.fault("kind", found, f"one of {', '.join(EVENTS)}", remedy)
    said = table.read(event_keys(str(kind)))
    day = _when(table, said, span, "on", "after_days")
    if day is None:
        raise table.fault("on", "is missing", "a date, or after_days", "add one")
    span.inside(table, "on" if "on" in table.values else "after_days", day)
    until = _when(table, said, span, "until", "for_days", since=day)
    if until is not None and until <= day:
        key = "until" if "until" in table.values else "for_days"
        raise table.fault(key, "is not after the day it begins", "a later day")
    if said.get("wanted") is not None:
        said["wanted"] = span.day(said["wanted"])
        if not day < said["wanted"] < NEVER:
            raise table.fault("wanted", "is not after the event", "a later day")
    return Event(day=day, until=until, told=table, **said)


def _when(
    table: Table, said: dict[str, Any], span: _Span, dated: str, counted: str, *, since: int = 0
) -> int | None:
    """Take a day said as a date, or counted from another."""
    on, days = said.pop(dated, None), said.pop(counted, None)
    if on is not None and days is not None:
        raise table.fault(counted, f"and {dated} are both said", "one of them", "leave one out")
    if on is not None:
        return span.day(on)
    return None if days is None else since + int(days)


def _check(scenario: Scenario) -> None:
    """Refuse what contradicts itself, whatever the courts are."""
    if not scenario.dockets:
        raise scenario.told["run"].fault("docket", "is missing", "a [[docket]]", "add one")
    _check_cases(scenario)
    _check_shares(scenario)
    names = [docket.name for docket in scenario.dockets]
    for event in scenario.events:
        named = {"docket": event.docket, "to": event.to}
        for key, name in named.items():
            if name and name not in names:
                raise event.told.unknown(key, name, names)
        for n, name in enumerate(event.dockets or ()):
            if name not in names:
                raise event.told.unknown(("dockets", n), name, names)
        _check_event(event, scenario)


def _check_cases(scenario: Scenario) -> None:
    """Refuse courts said twice, and more replayed cases than there are."""
    for told, courts, courts_of in (
        *((docket.told, docket.courts, docket.courts_of) for docket in scenario.dockets),
        *((part.told, part.courts, part.courts_of) for part in scenario.parts),
    ):
        if courts is not None and courts_of is not None:
            raise told.fault("courts_of", "and courts are both said", "one of them")
    for name, scale in scenario.scale.items():
        if scenario.is_replayed and scale > 1:
            found, told = f"is {scale:g} of replayed cases", scenario.told["arrivals"]
            raise told.fault(("scale", name), found, '1 at most, or source = "fitted"')


def _check_shares(scenario: Scenario) -> None:
    """Refuse shares that come to more than all there is, at the start or on any day."""
    shares = {docket.name: docket.share for docket in scenario.dockets}
    total = 0.0
    for docket in scenario.dockets:
        total += docket.share
        if total > 1 + 1e-9:
            found = f"brings the shares to {total:g}"
            raise docket.told.fault("share", found, "shares of 1 together, at most")
    for event in scenario.events:
        if event.share is not None:
            shares[event.docket] = event.share
            if sum(shares.values()) > 1 + 1e-9:
                found = f"brings the shares to {sum(shares.values()):g}"
                raise event.told.fault("share", found, "shares of 1 together, at most")


def _check_event(event: Event, scenario: Scenario) -> None:
    told = event.told
    if event.kind == "close":
        _check_closing(event)
    if event.kind == "leave" and event.until is None:
        raise told.fault(
            "until", "is missing", "until or for_days; depart is for good", "add it"
        )
    if event.kind == "pause" and event.to == event.docket:
        raise told.fault("to", "is the docket that is paused", "another docket")
    if event.kind == "lawyers" and scenario.lawyer_limit is None:
        raise told.fault("factor", "has no limit to work on", "a limit under [counsel]")
    if event.kind == "priority" and {event.share, event.like, event.release_days} == {None}:
        raise told.fault("docket", "gets nothing new", "share, like or release_days", "add one")
    for n, stage in enumerate(event.stages or ()):
        if stage not in STAGES:
            raise told.unknown(("stages", n), stage, STAGES)
    moves = event.kind == "reset" or (event.kind == "close" and event.dockets is not None)
    if moves and not scenario.is_booked:
        raise told.fault("kind", "needs hearings on a calendar", 'rule = "booked"')


def _check_closing(event: Event) -> None:
    for_good = event.until is None
    if for_good and (event.into is None or event.courts is None or event.dockets):
        raise event.told.fault(
            "until", "is missing", "an end; or, for good, courts by code and into", "add it"
        )
    if not for_good and event.into is not None:
        raise event.told.fault("into", "and an end are both said", "one of them")
    if event.into is not None and event.into in (event.courts or ()):
        raise event.told.fault("into", "is a court that closes", "another court")

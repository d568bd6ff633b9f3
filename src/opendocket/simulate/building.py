"""A world from a scenario, a fit and a start: everything laid out that a run needs."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from opendocket.docket.opened import Docket as Opened
from opendocket.simulate.arriving import drawn, replayed
from opendocket.simulate.events import changes
from opendocket.simulate.fitted import Fit
from opendocket.simulate.luck import shares, words
from opendocket.simulate.placing import Places, located, numbers, places_of
from opendocket.simulate.plan import Parts, Plan, planned
from opendocket.simulate.ruled import first_rules, with_caps
from opendocket.simulate.scenario import Scenario
from opendocket.simulate.seeking import with_luck
from opendocket.simulate.staffing import Staff, new_staff
from opendocket.simulate.start import Members, Start
from opendocket.simulate.tables import Tables
from opendocket.simulate.world import NOWHERE, Bench, World, in_order

PART, FEWER = 70, 71
"""Purposes of draws that lay out a world: who is of a part, who of the record does not come."""

Units = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Replay:
    """The docket's own receipts after the start."""

    received: Start
    last: date
    """Last day of receipt that the docket knows whole; from then on they are drawn."""


@dataclass(frozen=True, slots=True)
class Built:
    """A world, and whose cases its units are."""

    world: World
    members: Members
    """In the order of the world's units; one that was drawn has nobody."""


def replay_of(docket: Opened, scenario: Scenario, fit: Fit) -> Replay | None:
    """Read what a scenario replays; None if it replays nothing.

    Args:
        docket: The source, open for reading.
        scenario: Read.
        fit: Its courts give units their numbers.
    """
    last = min(docket.as_of, scenario.last)
    if not scenario.is_replayed or last < scenario.start:
        return None
    return Replay(replayed(docket, scenario.start, last, fit=fit), last)


def world_of(
    scenario: Scenario,
    fit: Fit,
    start: Start,
    *,
    replay: Replay | None = None,
    draw: int | None = None,
    seed: int | None = None,
) -> World:
    """Lay out a world: :func:`built` without the people.

    Args:
        scenario: Read.
        fit: Of the courts.
        start: Who is pending on the scenario's first day.
        replay: What the scenario replays.
        draw: Of the fit's parameters; None for their mean.
        seed: Of the run's luck; the scenario's where None.

    Raises:
        BadScenario: A name is unknown to the fit, two dockets take the same cases, or none.
    """
    return built(scenario, fit, start, replay=replay, draw=draw, seed=seed).world


def built(
    scenario: Scenario,
    fit: Fit,
    start: Start,
    *,
    replay: Replay | None = None,
    draw: int | None = None,
    seed: int | None = None,
) -> Built:
    """Lay out a world, and say whose cases its units are.

    The same scenario, fit, start, replay, draw and seed give the same world wherever it is
    laid out, so a run that was saved can go on elsewhere.

    Args:
        scenario: Read.
        fit: Of the courts.
        start: Who is pending on the scenario's first day.
        replay: What the scenario replays, by :func:`replay_of`; where None, all that come are
            drawn.
        draw: Of the fit's parameters; None for their mean.
        seed: Of the run's luck; the scenario's where None.

    Raises:
        BadScenario: A name is unknown to the fit, two dockets take the same cases, or none.
    """
    seed = scenario.seed if seed is None else seed
    fitted = _scaled(fit.tables(draw), scenario)
    scenario = located(scenario, fit.tables(None))
    places = places_of(scenario, fitted.courts, fitted.populations)
    units, members = _everybody(scenario, fitted, start, replay, seed)
    parts = _parts(units, scenario, places)
    place = places.placement(0)
    units["docket"] = np.where(
        units["filed"] < 0, place[units["court"], units["population"]], NOWHERE
    )
    units["docket"][parts.unit] = parts.dockets(places, 0)
    plan = planned(
        scenario,
        places,
        with_every_court(new_staff(fit.calendars), fitted.courts),
        with_caps(fitted, scenario),
        _lawyers(units, scenario, len(fitted.courts)),
        parts,
    )
    world = World(
        start=scenario.start,
        days=scenario.days,
        units=units,
        bench=_bench(plan),
        tables=replace(plan.tables, result=plan.result(0)),
        rules=first_rules(plan),
        changes=changes(plan),
        seed=seed,
        response=scenario.response,
        usual_wait=scenario.usual_wait,
    )
    return Built(world, members)


def _scaled(tables: Tables, scenario: Scenario) -> Tables:
    """Scale what a scenario scales: rates of new cases, and who finds counsel."""
    scale = np.array([scenario.scale.get(name, 1.0) for name in tables.populations])
    return replace(
        tables,
        arrivals=tables.arrivals * scale,
        counsel_share=np.minimum(tables.counsel_share * scenario.seek_factor, 1.0),
    )


def _everybody(
    scenario: Scenario, tables: Tables, start: Start, replay: Replay | None, seed: int
) -> tuple[Units, Members]:
    """Put together who is pending and who comes, in the order of a world."""
    if start.on != scenario.start:
        raise ValueError(f"start: of {start.on}; expected of {scenario.start}")
    groups: list[tuple[Units, Members]] = []
    if scenario.has_pending:
        groups.append((with_luck(start.units, tables, seed), start.members))
    first = 0
    if replay is not None:
        units = with_luck(replay.received.units, tables, seed)
        keep = _kept(units, scenario, tables)
        groups.append((units[keep], _picked(replay.received.members, np.flatnonzero(keep))))
        first = (replay.last - scenario.start).days + 1
    coming = drawn(tables, scenario.start, scenario.days, seed)
    coming = coming[coming["filed"] >= first]
    nobody = Members(np.zeros(len(coming) + 1, np.int64), np.zeros(0, np.int64))
    groups.append((coming, nobody))
    units = np.concatenate([group for group, _ in groups])
    order = in_order(units)
    return units[order], _picked(_together([people for _, people in groups]), order)


def _kept(units: Units, scenario: Scenario, tables: Tables) -> NDArray[np.bool_]:
    """Say who of the record comes where a scenario has fewer come, by their key alone."""
    scale = np.array([scenario.scale.get(name, 1.0) for name in tables.populations])
    luck = shares(words(0, units["key"].copy(), 0, FEWER)[:, 0])
    within = units["filed"] < scenario.days
    keep: NDArray[np.bool_] = within & (luck < scale[units["population"]])
    return keep


def _together(people: list[Members]) -> Members:
    """Lay people of several groups of units one after the other."""
    counts = np.concatenate([np.diff(each.first) for each in people])
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Members(first, np.concatenate([each.case_id for each in people]))


def _picked(people: Members, order: NDArray[np.int64]) -> Members:
    """Lay people out in another order of their units, or for some of them."""
    counts = np.diff(people.first)[order]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    inside = np.arange(int(first[-1])) - np.repeat(first[:-1], counts)
    return Members(first, people.case_id[np.repeat(people.first[:-1][order], counts) + inside])


def _parts(units: Units, scenario: Scenario, places: Places) -> Parts:
    """Choose who of those who come is of a part of a population, by their key alone."""
    luck = shares(words(0, units["key"].copy(), 0, PART)[:, 0])
    below = np.zeros(len(units))
    chosen, whose = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for n, part in enumerate(scenario.parts):
        among = (units["population"] == places.populations.index(part.of)) & (
            units["filed"] >= 0
        )
        among &= numbers(part.courts, places.courts)[units["court"]]
        mine = np.flatnonzero(among & (luck >= below) & (luck < below + part.share))
        below[among] += part.share
        chosen.append(mine)
        whose.append(np.full(len(mine), places.whole + n, dtype=np.int64))
    unit, population = np.concatenate(chosen), np.concatenate(whose)
    court, enters = (units[name][unit].astype(np.int64) for name in ("court", "enters"))
    return Parts(unit, population, court, enters)


def _lawyers(units: Units, scenario: Scenario, courts: int) -> NDArray[np.int64] | None:
    if scenario.lawyer_limit is None:
        return None
    has = (units["filed"] < 0) & (units["counsel"] < 0) & (units["decided"] < 0)
    have = np.bincount(units["court"][has], minlength=courts)
    return np.round(have * scenario.lawyer_limit).astype(np.int64)


def with_every_court(staff: Staff, courts: tuple[str, ...]) -> Staff:
    """Give each court without a calendar an empty one: its cases wait, as they did.

    Args:
        staff: Those of a fit.
        courts: All there are.
    """
    empty = np.setdiff1d(np.arange(len(courts)), staff.court)
    m = len(empty)
    return replace(
        staff,
        judges=(*staff.judges, *(f"{courts[court]}-NOBODY" for court in empty)),
        court=np.concatenate([staff.court, empty.astype(np.uint8)]),
        worth=np.concatenate([staff.worth, np.zeros(m)]),
        weight=np.concatenate([staff.weight, np.ones(m, dtype=np.uint8)]),
        hired_by=np.concatenate([staff.hired_by, np.full(m, -1, dtype=np.int64)]),
        weekly=np.concatenate([staff.weekly, np.zeros((2, m))], axis=1),
        sessions=np.concatenate([staff.sessions, np.zeros((2, m))], axis=1),
        hears=np.concatenate([staff.hears, np.ones((m, staff.hears.shape[1]), dtype=bool)]),
    )


def _bench(plan: Plan) -> Bench:
    staff = plan.staff
    slots = np.stack([plan.slots(np.arange(len(staff)), kind, 0) for kind in range(2)])
    slots[:, staff.hired_by >= 0] = 0
    return Bench(
        courts=plan.places.courts,
        judges=staff.judges,
        court=staff.court,
        worth=staff.worth,
        serves=plan.serves(0),
        weight=staff.weight,
        slots=slots,
    )

"""A nation of made-up cases for the benchmark of the simulation, with everything switched on.

3.7 million people pending and 1.5 million a year to come, in families; 70 courts, 735 calendars
and those hired later; four dockets, held slots and their release; lawyers with limited time;
motions, remands, applications, cases without a notice; and on the way hires, departures, a
court that closes, and a docket that is paused and taken up again.
"""

from datetime import date
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.illustrative import Size, illustrative
from opendocket.simulate.state import State
from opendocket.simulate.tables import Tables
from opendocket.simulate.world import (
    NEVER,
    NOWHERE,
    UNIT,
    Bench,
    Change,
    Rules,
    World,
    in_order,
)

PENDING, A_YEAR, COURTS, JUDGES = 3_700_000, 1_500_000, 70, 735
MASTERS, INDIVIDUALS = 36, 4
"""Slots on each of two days a week, and on each of three."""
SHARES = {"dedicated": 0.04, "detained": 0.08, "juvenile": 0.08, "ordinary": 0.80}
HIRED, LEAVING = 0.06, 0.04
"""Of all judges, on the way."""
BEYOND = 1_500
"""Days that calendars go on after the run."""


def nation(scale: float, years: float, *, seed: int) -> World:
    """Make a nation, or a part of it by whole courts.

    Args:
        scale: 1 for the nation.
        years: Length of the run.
        seed: Of what is made, and of the run.
    """
    rng = np.random.default_rng(seed)
    days = round(years * 365)
    sizes = judges_of(max(1, round(COURTS * scale)), max(2, round(JUDGES * scale)))
    tables = illustrative(Size(courts=len(sizes), judges=4)).tables()
    bench = calendars(sizes, days + BEYOND, tables)
    pending = round(PENDING * scale / mean_size(tables))
    coming = round(A_YEAR * scale * years / mean_size(tables))
    units = people(rng, pending, coming, days, sizes=sizes, tables=tables)
    dockets = tables.populations
    return World(
        start=date(2024, 1, 1),
        days=days,
        units=units[in_order(units)],
        bench=bench,
        tables=tables,
        rules=Rules(
            dockets=dockets,
            like=tuple(range(len(dockets))),
            share=tuple(
                {"dedicated": 0.05, "juvenile": 0.05}.get(name, 0.0) for name in dockets
            ),
            release_days=21,
            placement=np.tile(np.arange(len(dockets), dtype=np.uint8), (len(sizes), 1)),
            lawyers=(900 * sizes).astype(np.int32),
        ),
        changes=changes(bench, days, dockets.index("dedicated"), dockets.index("ordinary")),
        seed=seed,
    )


def judges_of(courts: int, judges: int) -> NDArray[np.int64]:
    """Give each court its judges, at least two, the first courts several times the last."""
    weight = 1 / np.sqrt(np.arange(1, courts + 1))
    sizes = np.maximum(np.round(judges * weight / weight.sum()), 2).astype(np.int64)
    sizes[0] += max(judges - sizes.sum(), 2 - sizes[0])
    return sizes


def mean_size(tables: Tables) -> float:
    """Give the mean of people in a family."""
    share = np.array([SHARES[name] for name in tables.populations])
    return float(share @ tables.family_share @ np.arange(1, tables.family_share.shape[1] + 1))


def calendars(sizes: NDArray[np.int64], horizon: int, tables: Tables) -> Bench:
    """Give judges of each court, and the hired, whose calendars are empty until they come."""
    hired = np.round(HIRED * sizes).astype(np.int64)
    hired[0] = max(hired[0], 1)
    court = np.concatenate([np.repeat(np.arange(len(sizes)), n) for n in (sizes, hired)])
    judges, working = len(court), int(sizes.sum())
    days, number = np.arange(horizon), np.arange(judges)
    weekday = (days[None, :] + number[:, None]) % 7
    slots = np.zeros((2, judges, horizon), dtype=np.uint8)
    slots[0][weekday < 2] = MASTERS
    slots[1][(weekday >= 2) & (weekday < 5)] = INDIVIDUALS
    slots[:, working:] = 0
    serves = np.ones((judges, len(tables.populations)), dtype=np.bool_)
    serves[working:] = False
    return Bench(
        courts=tables.courts,
        judges=tuple(f"J{i}" for i in number),
        court=court.astype(np.uint8),
        worth=np.ones(judges),
        serves=serves,
        weight=np.full(judges, 10, dtype=np.uint8),
        slots=slots,
    )


def people(
    rng: np.random.Generator,
    pending: int,
    coming: int,
    days: int,
    *,
    sizes: NDArray[np.int64],
    tables: Tables,
) -> NDArray[np.void]:
    """Make families: when each comes, would find counsel and applies, and where it stands."""
    count = pending + coming
    units = np.zeros(count, dtype=UNIT)
    units["key"] = np.arange(count)
    there = np.arange(count) < pending
    units["filed"][:pending] = -rng.integers(1, 1_500, pending)
    units["filed"][pending:] = rng.integers(0, days, coming)
    units["enters"] = np.maximum(units["filed"], 0)
    units["court"] = rng.choice(len(sizes), count, p=sizes / sizes.sum())
    share = [SHARES[name] for name in tables.populations]
    units["population"] = n = rng.choice(len(share), count, p=share).astype(np.uint8)
    for i, sized in enumerate(tables.family_share):
        units["size"][n == i] = 1 + rng.choice(len(sized), int((n == i).sum()), p=sized)
    units["seeks"] = later(
        rng, units, tables.counsel_share[units["court"], n], tables.counsel_days
    )
    units["applies"] = later(rng, units, tables.application_share[n], tables.application_days)
    has_counsel = there & (units["seeks"] < 0)
    units["counsel"] = np.where(has_counsel, units["seeks"], NEVER)
    units["stage"][:pending] = rng.choice(3, pending, p=[0.30, 0.45, 0.25])
    units["hearings"] = np.where(units["stage"] > 0, 2, 0)
    units["docket"] = np.where(there, n, NOWHERE)
    stands = there & (rng.random(count) < 0.8)
    units["wanted"] = np.where(stands, rng.integers(0, 700, count), -1)
    units["booked"] = units["decided"] = units["judge"] = -1
    units["pool"] = NOWHERE
    return units


def later(
    rng: np.random.Generator, units: NDArray[np.void], share: NDArray[Any], table: NDArray[Any]
) -> NDArray[Any]:
    """Give the day on which something that a share of units does is done; NEVER for others."""
    count = len(units)
    days = table[units["population"], rng.integers(0, table.shape[1], count)]
    on = np.minimum(units["filed"].astype(np.int64) + days, NEVER)
    return np.where(rng.random(count) < share, on, NEVER)


def changes(
    bench: Bench, days: int, dedicated: int, ordinary: int
) -> tuple[tuple[int, Change], ...]:
    """Hire, let go, close a court, pause a docket and take it up again."""
    new = np.flatnonzero(~bench.serves[:, 0])
    gone = np.flatnonzero(bench.serves[:, 0])[1 :: round(1 / LEAVING)]
    acts: list[tuple[float, Change]] = [
        (0.1, partial(hire, new)),
        (0.25, partial(place, dedicated, ordinary, 0.0)),
        (0.3, partial(leave, gone)),
        (0.4, partial(place, dedicated, dedicated, 0.05)),
    ]
    if len(bench.courts) > 1:
        acts.append((0.5, partial(close, len(bench.courts) - 1)))
    return tuple((int(days * part), act) for part, act in acts)


def hire(new: NDArray[np.int64], state: State) -> None:
    """Give new judges calendars, half as full as others', and their share of those pending."""
    rest = state.slots.shape[2] - state.day
    for kind, most in ((0, MASTERS // 2), (1, INDIVIDUALS // 2)):
        theirs = np.zeros((len(new), rest), dtype=np.uint8)
        theirs[:, kind::3] = most
        state.set_slots(new, kind, state.day, theirs)
    for docket in range(state.serves.shape[1]):
        state.set_serves(new, docket, True)
    state.reclaim(judges=new)


def leave(gone: NDArray[np.int64], state: State) -> None:
    """Let judges go; colleagues take who waits for them."""
    rest = state.slots.shape[2] - state.day
    for docket in range(state.serves.shape[1]):
        state.set_serves(gone, docket, False)
    for kind in (0, 1):
        state.set_slots(gone, kind, state.day, np.zeros((len(gone), rest), dtype=np.uint8))
    state.reclaim()


def place(population: int, docket: int, share: float, state: State) -> None:
    """Place a population's new cases on a docket, and hold that share for its own."""
    state.set_placement(docket, populations=np.array([population]))
    state.set_share(population, share)


def close(court: int, state: State) -> None:
    """Close a court; the first one takes its cases."""
    state.close_court(court, 0)

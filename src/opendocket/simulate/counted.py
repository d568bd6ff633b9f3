"""What a run did, counted by cell and day: a cell is a population in a court.

People are counted, so a family of four is four; groups of cells are sums of these.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.firsts import IS_DECISION, IS_HELD, Firsts, firsts
from opendocket.simulate.log import Run
from opendocket.simulate.tables import CLOSED, DECLINED, FIRST_DECISION, RESULTS

ABSENT = RESULTS.index("in absentia")
RELIEF = tuple(RESULTS.index(name) for name in ("relief", "protection"))

PENDING, DECIDED, OTHERWISE = range(3)
"""How a person's time under observation ended."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counted:
    """A run between two days, in people; n populations times c courts are the cells."""

    start: date
    first: int
    last: int
    to_ending: Counts
    """People received between the days, by days from receipt and how they first ended;
    shape (cells, days, 3)."""
    from_master: Counts
    """The same, from the first master hearing."""
    wait: Counts
    """Hearings of people, by days beyond the wanted day; shape (cells, longest + 1)."""
    pending: Counts
    """People pending at the end of each day from 0 to ``last``; shape (cells, last + 1)."""
    people: dict[str, Counts]
    """People received, of them ended; first decided, and how; heard. Shape (cells,)."""
    held: Counts
    """Hearings held of people received who ended; shape (cells,)."""

    def date(self, day: int) -> date:
        """Give a day's date."""
        return self.start + timedelta(days=day)


@dataclass(frozen=True, slots=True)
class _Members:
    """Who is counted, where and how often; shapes (u,)."""

    run: Run
    came: Firsts
    first: int
    last: int
    cells: int
    cell: NDArray[np.int64]
    size: NDArray[np.int64]
    is_here: NDArray[np.bool_]
    is_received: NDArray[np.bool_]

    def people(self, is_so: NDArray[np.bool_]) -> Counts:
        """Count people by cell."""
        return self.tally(self.cell[is_so], self.size[is_so], self.cells)

    def tally(self, at: NDArray[np.int64], size: NDArray[np.int64], cells: int) -> Counts:
        """Add up people; exact below 2**53."""
        return np.bincount(at, size, cells).astype(np.int64)


def counted(run: Run, *, first: int, last: int) -> Counted:
    """Count what a run did between two days.

    Args:
        run: A run, done.
        first: The first day.
        last: The last; what comes later is not known.

    Returns:
        Counts of people by cell, in the order of populations and then of courts. A person's
        court is the one that received the case.
    """
    world, units, came = run.world, run.units, firsts(run)
    courts = len(world.bench.courts)
    is_here = (units["stage"] != DECLINED) & (units["enters"] <= last)
    members = _Members(
        run=run,
        came=came,
        first=first,
        last=last,
        cells=len(world.tables.populations) * courts,
        cell=world.units["population"].astype(np.int64) * courts + world.units["court"],
        size=units["size"].astype(np.int64),
        is_here=is_here,
        is_received=is_here & (units["filed"] >= first),
    )
    how = np.where(IS_DECISION[came.ending], DECIDED, OTHERWISE)
    return Counted(
        start=world.start,
        first=first,
        last=last,
        to_ending=_times(members, units["filed"], how),
        from_master=_times(members, came.master, how),
        wait=_waits(members),
        pending=_stock(members),
        people=_flows(members),
        held=_held(members),
    )


def _times(m: _Members, begins: NDArray[np.int16], how: NDArray[np.int64]) -> Counts:
    """Count people received by days observed since something began, and how that ended."""
    length, ended = m.last - m.first + 1, m.came.ended
    start, stop = begins.astype(np.int64), np.minimum(ended, m.last).astype(np.int64)
    timed = m.is_received & (start <= stop)
    way = np.where(ended <= m.last, how, PENDING)[timed]
    at = (m.cell[timed] * length + (stop - start)[timed]) * 3 + way
    return m.tally(at, m.size[timed], m.cells * length * 3).reshape(m.cells, length, 3)


def _waits(m: _Members) -> Counts:
    within = _within(m)
    unit, wait = m.run.log.unit[within], m.run.log.wait[within].astype(np.int64)
    longest = int(wait.max(initial=0)) + 1
    at = m.cell[unit] * longest + wait
    return m.tally(at, m.size[unit], m.cells * longest).reshape(m.cells, longest)


def _held(m: _Members) -> Counts:
    within = _within(m)
    unit = m.run.log.unit[within]
    is_over = m.is_received & (m.came.ended <= m.last)
    held = unit[IS_HELD[m.run.log.result()[within]] & is_over[unit]]
    return m.tally(m.cell[held], m.size[held], m.cells)


def _within(m: _Members) -> NDArray[np.bool_]:
    day = m.run.log.day()
    return (day >= m.first) & (day <= m.last)


def _flows(m: _Members) -> dict[str, Counts]:
    came, is_first = m.came, m.is_here & (m.run.world.units["round"] == 0)
    is_heard = np.zeros(len(m.size), dtype=np.bool_)
    is_heard[m.run.log.unit[_within(m)]] = True
    decided = is_first & (came.decided >= m.first) & (came.decided <= m.last)
    return {
        "received": m.people(m.is_received),
        "decided": m.people(decided),
        "in_absentia": m.people(decided & (came.decision == ABSENT)),
        "represented": m.people(decided & came.is_represented),
        "relief": m.people(decided & np.isin(came.decision, RELIEF)),
        "ended": m.people(m.is_received & (came.ended <= m.last)),
        "heard": m.people(is_heard),
    }


def _stock(m: _Members) -> Counts:
    """Count people pending by cell at the end of each day."""
    days, run = m.last + 1, m.run
    begin = np.flatnonzero(m.is_here & (run.world.units["stage"] != CLOSED))
    over = run.log.result() >= FIRST_DECISION
    changes: tuple[tuple[NDArray[Any], NDArray[Any], int], ...] = (
        (begin, run.units["enters"][begin], 1),
        (run.log.unit[over], run.log.day()[over], -1),
        (run.returned["unit"], run.returned["day"], 1),
    )
    stock = np.zeros(m.cells * days, dtype=np.int64)
    for unit, on, sign in changes:
        known = on <= m.last
        at = m.cell[unit[known]] * days + on[known]
        stock += sign * m.tally(at, m.size[unit[known]], len(stock))
    by_cell: Counts = stock.reshape(m.cells, days).cumsum(axis=1)
    return by_cell

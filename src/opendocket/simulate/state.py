"""A run in progress: what a change, a hook and a saved file get to see, and may edit.

Everything a policy does is an edit of these arrays on a day, between two blocks.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.errors import NobodyServes
from opendocket.simulate import kernel
from opendocket.simulate.calendars import Calendars, laid_out
from opendocket.simulate.log import RETURNED_ROW, VACATED_ROW
from opendocket.simulate.luck import threshold
from opendocket.simulate.tables import INDIVIDUAL
from opendocket.simulate.world import NEVER, NOWHERE, ORDERS, World

CELL = 28
"""Days that what lies ahead is kept together; blocks never reach across."""

LINE_BYTES = 64

Chosen = NDArray[np.integer[Any]]
Mask = NDArray[np.bool_]
Entries = NDArray[np.int64]


def _no_rows(dtype: np.dtype[Any]) -> list[NDArray[np.void]]:
    return [np.zeros(0, dtype=dtype)]


@dataclass(slots=True)
class Lawyers:
    """Counsel in courts where it is limited: time that is free, and who waits for it."""

    most: NDArray[np.int64]
    """Families a court's lawyers can have at a time; -1 for no limit; shape (c,)."""
    free: NDArray[np.int64]
    """Shape (c,); less than 0 where more are taken than there may be."""
    freed: NDArray[np.int32]
    """Lawyers' time that comes free; shape (c, days)."""
    seekers: NDArray[np.int32]
    """Units that wait for counsel or will, by court, the day they seek it, and number."""
    seek_days: NDArray[np.int16]
    queue: NDArray[np.int64]
    """Where those who wait in a court begin and end among the seekers, and where all who
    ever will end; shape (c, 3)."""

    @property
    def limited(self) -> Mask:
        """Tell where there is a limit; shape (c,)."""
        return self.most >= 0


@dataclass(slots=True)
class State:
    """A run on the morning of a day. c courts, n populations, j judges, k dockets."""

    world: World
    day: int
    units: NDArray[np.void]
    """Of dtype ``UNIT``."""
    calendars: Calendars
    serves: Mask
    """Shape (j, k)."""
    weight: NDArray[np.uint8]
    """Shape (j,)."""
    like: NDArray[np.int64]
    """Tables' docket whose gaps each takes; shape (k,)."""
    gap: NDArray[np.int16]
    result: NDArray[np.uint32]
    """Thresholds; flat."""
    follow: NDArray[np.uint32]
    placement: NDArray[np.uint8]
    """Shape (c, n)."""
    lawyers: Lawyers
    is_strict: bool
    order: NDArray[np.int64]
    target: NDArray[np.int64]
    credit: NDArray[np.float64]
    """By quota; shape (j, 2, k)."""
    waiting: Entries
    """Pull: who waits, sorted within each judge, kind and docket."""
    waiting_at: NDArray[np.int64]
    waiting_n: NDArray[np.int64]
    entered: NDArray[np.int64]
    """First unit of each court, as courts were at the start, yet to enter; shape (c,)."""
    ends: NDArray[np.int64]
    """Where each court's units end; shape (c,)."""
    future: dict[int, list[Entries]] = field(default_factory=dict)
    """What is on the calendar, by 28 days."""
    due: dict[int, list[Entries]] = field(default_factory=dict)
    """What will return, by 28 days."""
    came_in: list[NDArray[np.int64]] = field(default_factory=list)
    """Units to be booked today because of a change."""
    logged: list[tuple[NDArray[Any], ...]] = field(default_factory=list)
    """Counts, units, what and wait of each block so far."""
    vacated: list[NDArray[np.void]] = field(default_factory=lambda: _no_rows(VACATED_ROW))
    returned: list[NDArray[np.void]] = field(default_factory=lambda: _no_rows(RETURNED_ROW))
    bench: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    bench_at: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))

    @property
    def slots(self) -> NDArray[np.uint8]:
        """Slots of each judge, master and individual; shape (2, j, days). Not to be edited."""
        return self.calendars.slots

    @property
    def court(self) -> NDArray[np.uint8]:
        """Court of each judge; shape (j,)."""
        return self.world.bench.court

    def is_open(self) -> Mask:
        """Tell which units are before a court today; shape (u,)."""
        found = np.empty(len(self.units), dtype=bool)
        kernel.before_a_court(self.units, self.day, found)
        return found

    def set_slots(self, judges: Chosen, kind: int, first: int, slots: NDArray[Any]) -> None:
        """Give judges other slots for some days; what no longer fits is vacated.

        Args:
            judges: Shape (m,).
            kind: 0 master, 1 individual.
            first: Day from which; days before today are left alone.
            slots: Families a day; shape (m, days), or what broadcasts to it.
        """
        judges = np.atleast_1d(np.asarray(judges))
        if not len(judges):
            return
        skip = max(self.day - first, 0)
        wide = np.broadcast_to(slots, (len(judges), np.shape(slots)[-1]))[:, skip:]
        first += skip
        last = min(first + wide.shape[1], self.calendars.horizon)
        if last <= first:
            return
        wide = wide[:, : last - first].astype(np.uint8)
        self._vacate_beyond(judges, kind, first, wide)
        self.calendars.slots[kind, judges, first:last] = wide
        self._renew(judges, kind, first, last)

    def set_serves(self, judges: Chosen, docket: int, serves: bool) -> None:
        """Say whether judges take new cases of a docket from now on."""
        self.serves[judges, docket] = serves
        self.benches()

    def set_weight(self, judges: Chosen, weight: Any) -> None:  # noqa: ANN401
        """Give judges other shares of new cases, 1 to 255."""
        self.weight[judges] = weight

    def set_share(self, docket: int, share: float, judges: Chosen | None = None) -> None:
        """Hold another share of slots for a docket from today on; bookings stay.

        Running totals begin anew today.

        Args:
            docket: Number.
            share: 0 to 1.
            judges: In whose calendars, booked; everybody's where None.
        """
        whose = np.arange(self.calendars.judges) if judges is None else np.asarray(judges)
        self.calendars.share[docket, whose] = share
        if not self.world.rules.is_booked:
            return
        for kind in range(2):
            self._renew(whose, kind, self.day, self.calendars.horizon)

    def set_release_days(self, days: int) -> None:
        """Let held slots be anybody's this many days before their day."""
        self.calendars.release_days = days

    def set_placement(
        self,
        docket: int,
        courts: Chosen | None = None,
        populations: Chosen | None = None,
    ) -> None:
        """Place the new cases of some populations at some courts on a docket."""
        c, n = self.placement.shape
        rows = np.arange(c) if courts is None else np.atleast_1d(courts)
        columns = np.arange(n) if populations is None else np.atleast_1d(populations)
        self.placement[np.ix_(rows, columns)] = docket

    def set_result(self, result: NDArray[np.float64]) -> None:
        """Give hearings other chances; the shape of ``Tables.result``."""
        self.result = threshold(np.cumsum(result, axis=-1)).ravel()

    def set_gap(self, docket: int, like: int) -> None:
        """Let a docket take the gaps of another of the tables' dockets."""
        self.like[docket] = like

    def set_lawyers(self, courts: Chosen, most: Any) -> None:  # noqa: ANN401
        """Let courts' lawyers have so many families at a time; -1 for no limit."""
        courts = np.atleast_1d(np.asarray(courts))
        new = self.lawyers.most.copy()
        new[courts] = most
        was, now = self.lawyers.limited, new >= 0
        both = was & now
        self.lawyers.free[both] += (new - self.lawyers.most)[both]
        self.lawyers.most = new
        if (now & ~was).any():
            self._limit(now & ~was)
        if (was & ~now).any():
            self._unlimit(was & ~now)
        self.seek()

    def vacate(self, mask: Mask, wanted: int | None = None) -> None:
        """Take hearings off the calendar; they are booked anew from today.

        Args:
            mask: Which units; those without a hearing are left alone.
            wanted: The day wanted instead; the day the hearing stood on where None.
        """
        units = self.units
        stands = mask & self.is_open() & (units["booked"] >= 0)
        chosen = np.flatnonzero(stands)
        if not len(chosen):
            return
        if not self.world.rules.is_booked:
            self._unqueue(chosen)
            return
        rows, kinds = units[chosen], (units["stage"][chosen] == INDIVIDUAL).astype(np.int64)
        has_slot = rows["pool"] != NOWHERE
        self._give_back(rows[has_slot], kinds[has_slot])
        told = np.zeros(int(has_slot.sum()), dtype=VACATED_ROW)
        told["day"], told["unit"] = self.day, chosen[has_slot]
        told["stood"] = rows["booked"][has_slot]
        for name in ("judge", "stage", "court"):
            told[name] = rows[name][has_slot]
        self.vacated.append(told)
        stood = np.where(has_slot, rows["booked"], rows["wanted"])
        units["wanted"][chosen] = stood if wanted is None else wanted
        units["booked"][chosen], units["pool"][chosen] = -1, NOWHERE
        self.came_in.append(chosen)

    def reclaim(self, mask: Mask | None = None, *, judges: Chosen | None = None) -> None:
        """Let judges claim open units anew.

        Args:
            mask: Among which; all where None.
            judges: Take what these claim, too. Else only units whose judge no longer serves
                their docket change hands.

        Raises:
            NobodyServes: No judge of the court serves the docket.
        """
        units = self.units
        chosen = np.flatnonzero(self.is_open() & (True if mask is None else mask))
        judge, docket = units["judge"][chosen], units["docket"][chosen]
        given = (judge >= 0) & (docket != NOWHERE)
        chosen, judge, docket = chosen[given], judge[given], docket[given]
        orphaned = ~self.serves[judge, docket]
        orphaned |= self.court[judge] != units["court"][chosen]
        if judges is None:
            chosen, judge = chosen[orphaned], judge[orphaned]
            orphaned = orphaned[orphaned]
        who = self._claims(chosen)
        moves = (who != judge) & (
            orphaned if judges is None else orphaned | np.isin(who, np.asarray(judges))
        )
        self._hand_over(chosen[moves], who[moves])

    def move_docket(
        self, from_docket: int, to_docket: int, courts: Chosen | None = None
    ) -> None:
        """Put a docket's open cases on another; a judge who serves it keeps them."""
        units = self.units
        mask = self.is_open() & (units["docket"] == from_docket)
        if courts is not None:
            mask &= np.isin(units["court"], courts)
        if not self.world.rules.is_booked:
            self._unqueue(np.flatnonzero(mask & (units["booked"] >= 0)))
        units["docket"][mask] = to_docket
        self.reclaim(mask)

    def close_court(self, court: int, into: int) -> None:
        """Close a court: its judges hear no more, its cases and new ones go to another."""
        units = self.units
        everyone = units["court"] == court
        mask = everyone & self.is_open()
        limited = self.lawyers.limited
        if limited[court] != limited[into]:
            self.set_lawyers(np.array([court]), 0 if limited[into] else -1)
        self.vacate(mask)
        judges = np.flatnonzero(self.court == court)
        self.serves[judges] = False
        self.benches()
        units["court"][everyone] = into
        self.reclaim(mask)
        for kind in range(2):
            rest = self.calendars.horizon - self.day
            self.set_slots(judges, kind, self.day, np.zeros((len(judges), rest), np.uint8))
        self._merge_lawyers(court, into)

    def coming(self, before: int) -> NDArray[np.int64]:
        """Give each court's first unit that does not enter before a day; shape (c,)."""
        last = self.entered.copy()
        kernel.until(last, self.ends, self.units, before)
        return last

    def benches(self) -> None:
        """List who serves each docket at each court."""
        courts, dockets = len(self.world.bench.courts), self.serves.shape[1]
        judge, docket = np.nonzero(self.serves)
        at = self.court[judge].astype(np.int64) * dockets + docket
        self.bench = judge[np.argsort(at, kind="stable")].astype(np.int64)
        counts = np.bincount(at, minlength=courts * dockets)
        self.bench_at = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def seek(self) -> None:
        """List who waits for counsel and who will seek it, where it is limited."""
        units, lawyers = self.units, self.lawyers
        rows = np.flatnonzero((units["counsel"] == NEVER) & (units["seeks"] < self.world.days))
        rows = rows[lawyers.limited[units["court"][rows]]]
        days = np.maximum(units["seeks"][rows], units["enters"][rows])
        waits = np.zeros(len(units), dtype=bool)
        waits[self._who_wait()] = True
        comes = (days >= self.day) | waits[rows]
        rows, days = rows[comes], days[comes]
        order = np.argsort(days, kind="stable")
        order = order[np.argsort(units["court"][rows[order]], kind="stable")]
        lawyers.seekers, lawyers.seek_days = rows[order].astype(np.int32), days[order]
        per_court = np.bincount(units["court"][rows], minlength=len(lawyers.most))
        ends = np.cumsum(per_court)
        begins = ends - per_court
        there = np.bincount(units["court"][rows[days < self.day]], minlength=len(per_court))
        lawyers.queue = np.stack([begins, begins + there, ends], axis=1).astype(np.int64)

    def _who_wait(self) -> NDArray[np.int32]:
        lawyers = self.lawyers
        parts = [lawyers.seekers[a:b] for a, b, _ in lawyers.queue]
        return np.concatenate([lawyers.seekers[:0], *parts])

    def _place(self, judges: Chosen) -> NDArray[np.int64]:
        place = np.full(self.calendars.judges, -1, dtype=np.int64)
        place[judges] = np.arange(len(judges))
        return place

    def _renew(self, judges: Chosen, kind: int, first: int, last: int) -> None:
        used = np.zeros((len(self.calendars.left), len(judges), last - first), dtype=np.int16)
        kernel.count_used(self.units, self._place(judges), kind, first, last, used)
        self.calendars.renew(kind, judges, first, last, used)

    def _vacate_beyond(
        self, judges: Chosen, kind: int, first: int, slots: NDArray[np.uint8]
    ) -> None:
        """Vacate what will not fit, the highest numbers first."""
        if not self.world.rules.is_booked:
            return
        used = np.zeros(slots.shape, dtype=np.int64)
        found = np.zeros(len(self.units), dtype=bool)
        kernel.beyond(self.units, self._place(judges), kind, first, slots, used, found)
        if found.any():
            self.vacate(found)

    def _give_back(self, rows: NDArray[np.void], kinds: NDArray[np.int64]) -> None:
        pools, days = rows["pool"].astype(np.int64), rows["booked"].astype(np.int64)
        self.calendars.give_back(pools, kinds, rows["judge"].astype(np.int64), days)

    def _claims(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        who = np.empty(len(chosen), dtype=np.int64)
        kernel.reclaimed(
            chosen,
            self.units,
            self.serves.shape[1],
            self.bench_at,
            self.bench,
            self.weight,
            who,
        )
        if (who < 0).any():
            self.nobody(int(chosen[np.argmax(who < 0)]))
        return who

    def nobody(self, unit: int) -> None:
        """Refuse to go on with a unit that nobody hears."""
        row = self.units[unit]
        raise NobodyServes(
            self.world.bench.courts[row["court"]],
            self.world.rules.dockets[row["docket"]],
            self.world.start + timedelta(days=self.day),
        )

    def _hand_over(self, chosen: NDArray[np.int64], who: NDArray[np.int64]) -> None:
        mask = np.zeros(len(self.units), dtype=bool)
        mask[chosen] = True
        if self.world.rules.is_booked:
            self.vacate(mask)
        else:
            self._unqueue(chosen[self.units["enters"][chosen] < max(self.day, 1)])
        self.units["judge"][chosen] = who

    def _unqueue(self, chosen: NDArray[np.int64]) -> None:
        """Pull: take units out of every queue, and let them come in today."""
        gone = np.zeros(len(self.units), dtype=bool)
        gone[chosen] = True
        low = np.int64(0xFFFFFFFF)
        for cell, parts in self.future.items():
            self.future[cell] = [part[~gone[part & low]] for part in parts]
        for q, (at, n) in enumerate(zip(self.waiting_at, self.waiting_n, strict=True)):
            run = self.waiting[at : at + n]
            stays = run[~gone[run & low]]
            self.waiting[at : at + len(stays)] = stays
            self.waiting_n[q] = len(stays)
        self.units["booked"][chosen] = -1
        self.came_in.append(chosen)

    def _limit(self, courts: Mask) -> None:
        """Begin to count lawyers' time; who has counsel keeps it."""
        units = self.units
        there = courts[units["court"]] & (units["counsel"] != NEVER)
        units["counsel"][there & (units["counsel"] >= self.day)] = NEVER
        has = there & (units["counsel"] != NEVER) & self.is_open()
        taken = np.bincount(units["court"][has], minlength=len(courts))
        self.lawyers.free[courts] = (self.lawyers.most - taken)[courts]

    def _unlimit(self, courts: Mask) -> None:
        """Give counsel to whoever waits, and to others on the day they seek it."""
        units = self.units
        none = courts[units["court"]] & (units["counsel"] == NEVER) & (units["seeks"] != NEVER)
        sought = np.maximum(units["seeks"], units["enters"])
        units["counsel"][none] = np.maximum(sought, self.day)[none]

    def _merge_lawyers(self, court: int, into: int) -> None:
        lawyers = self.lawyers
        if lawyers.limited[court] and lawyers.limited[into]:
            for counts in (lawyers.most, lawyers.free, lawyers.freed):
                counts[into] += counts[court]
                counts[court] = 0
        self.seek()


def started(world: World) -> State:
    """Lay a world out for its first day.

    Args:
        world: What to run; it is not changed.

    Raises:
        ValueError: Its parts do not fit each other.
    """
    rules, tables, bench = world.rules, world.tables, world.bench
    courts, dockets = len(bench.courts), len(rules.dockets)
    share = np.array(rules.share or (0.0,) * dockets)
    if not rules.is_booked and not rules.is_strict:
        none = share == 0
        share = np.where(none, (1 - share.sum()) / max(int(none.sum()), 1), share)
    held = share if rules.is_booked else np.zeros(dockets)
    calendars = laid_out(bench.slots, held, rules.release_days)
    if not rules.is_booked:
        calendars.share[:] = share[:, None]
    placement = rules.placement
    if placement is None:
        placement = np.zeros((courts, len(tables.populations)), dtype=np.uint8)
    most = np.full(courts, -1) if rules.lawyers is None else np.asarray(rules.lawyers)
    queues = bench.slots.shape[1] * 2 * dockets
    units = _aligned(world.units)
    units["booked"], units["pool"] = -1, NOWHERE
    per_court = np.bincount(world.units["court"], minlength=courts)
    ends = np.cumsum(per_court)
    state = State(
        world=world,
        day=0,
        units=units,
        calendars=calendars,
        serves=bench.serves.copy(),
        weight=bench.weight.copy(),
        like=np.array(rules.like, dtype=np.int64),
        gap=np.ascontiguousarray(tables.gap).ravel(),
        result=np.zeros(0, dtype=np.uint32),
        follow=threshold(np.cumsum(tables.follow_share, axis=-1)).ravel(),
        placement=placement.copy(),
        lawyers=_lawyers(courts, world.days),
        is_strict=rules.is_strict,
        order=np.array([ORDERS.index(o) for o in rules.order or ("oldest",) * dockets]),
        target=np.array(rules.target_days or (0,) * dockets, dtype=np.int64),
        credit=np.zeros((bench.slots.shape[1], 2, dockets)),
        waiting=np.zeros(0, dtype=np.int64),
        waiting_at=np.zeros(queues, dtype=np.int64),
        waiting_n=np.zeros(queues, dtype=np.int64),
        entered=ends - per_court,
        ends=ends,
    )
    state.set_result(tables.result)
    state.benches()
    if (most < 0).any():
        unlimited = (most < 0)[units["court"]]
        sought = np.maximum(units["seeks"], units["enters"])
        sought = np.where(units["seeks"] == NEVER, NEVER, sought)
        units["counsel"][unlimited] = np.minimum(units["counsel"], sought)[unlimited]
    state.set_lawyers(np.flatnonzero(most >= 0), most[most >= 0])
    return state


def _aligned(units: NDArray[np.void]) -> NDArray[np.void]:
    """Copy units so that none lies across two lines of the processor's cache."""
    room = np.empty(units.nbytes + LINE_BYTES, dtype=np.uint8)
    first = -room.ctypes.data % LINE_BYTES
    room[first : first + units.nbytes] = np.ascontiguousarray(units).view(np.uint8)
    return room[first : first + units.nbytes].view(units.dtype)


def _lawyers(courts: int, days: int) -> Lawyers:
    return Lawyers(
        most=np.full(courts, -1, dtype=np.int64),
        free=np.zeros(courts, dtype=np.int64),
        freed=np.zeros((courts, days + CELL), dtype=np.int32),
        seekers=np.zeros(0, dtype=np.int32),
        seek_days=np.zeros(0, dtype=np.int16),
        queue=np.zeros((courts, 3), dtype=np.int64),
    )

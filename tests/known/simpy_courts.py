"""The courts once more, with SimPy: a process for each unit, judge and court's lawyers.

Written from ``docs/explanation/simulation.md`` alone. It is given a world's arrays and shares
nothing else with the engine. The time of day says what comes first: changes, returns, time of
lawyers that is free, lists for counsel, arrivals, judges; within each by number.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from math import exp

import numpy as np
import simpy
from plain_luck import chosen, claim, length, words

from opendocket.simulate.luck import ACCEPTANCE, ENTRY, EXPONENTIAL, HEARING, RETURN
from opendocket.simulate.tables import (
    CLOSED,
    DECLINED,
    FIRST_DECISION,
    FIRST_MASTER,
    INDIVIDUAL,
    LATER_MASTER,
    RECEIVED,
    RETURNED,
    SET,
)
from opendocket.simulate.world import NEVER, NOWHERE

CHANGES, RETURNS, FREED, LISTS, ARRIVALS, JUDGES = range(6)
MONTH, AFTER = 28, 30
"""Days after which arrivals answer waits, and until the courts hear of what ended."""
BOUND = 4.0
"""Credits are kept between this and its negative."""


@dataclass(eq=False)
class Unit:
    """One family on its way."""

    number: int
    key: int
    filed: int
    enters: int
    seeks: int
    applies: int
    counsel: int
    wanted: int
    booked: int
    decided: int
    judge: int
    court: int
    population: int
    docket: int
    stage: int
    size: int
    hearings: int
    outcome: int
    round: int
    pool: int
    flags: int
    has_entered: bool = False
    since: int = 0
    """Pull: the day it came in, or its wanted day if later."""
    called: simpy.Event = field(default=None)

    @property
    def is_open(self):
        return self.stage < CLOSED

    @property
    def kind(self):
        return int(self.stage == INDIVIDUAL)


class Courts:
    """A world under way; it answers to the same names as the engine's state when it changes."""

    def __init__(self, world, hook=None):
        self.hook = hook
        self.world, self.tables, self.rules = world, world.tables, world.rules
        self.env = simpy.Environment()
        bench, rules = world.bench, world.rules
        names = world.units.dtype.names
        self.people = [
            Unit(number, **dict(zip(names, map(int, row), strict=True)))
            for number, row in enumerate(world.units)
        ]
        self.slots, self.serves = bench.slots.copy(), bench.serves.copy()
        self.weight, self.court = bench.weight.copy(), bench.court
        self.horizon = bench.slots.shape[2]
        self.share = list(rules.share or [0.0] * len(rules.dockets))
        if not rules.is_booked and not rules.is_strict and 0 in self.share:
            rest = (1 - sum(self.share)) / self.share.count(0)
            self.share = [share or rest for share in self.share]
        self.release_days = rules.release_days
        self.like = list(rules.like)
        self.gap, self.result = self.tables.gap.copy(), self.tables.result
        self.placement = None if rules.placement is None else rules.placement.copy()
        courts = len(bench.courts)
        self.limit = [-1] * courts if rules.lawyers is None else list(map(int, rules.lawyers))
        self.busy = [0] * courts
        self.list = [[] for _ in range(courts)]
        self.came = [[] for _ in bench.judges]
        self.waiting = [[] for _ in bench.judges]
        self.calendar = [defaultdict(set) for _ in bench.judges]
        self.seekers = defaultdict(list)
        self.credit = np.zeros((len(bench.judges), 2, len(rules.dockets)))
        self.into = list(range(courts))
        self.hearings, self.vacated, self.returned = [], [], []
        self.free = np.zeros((1 + len(self.share), *self.slots.shape), dtype=np.int64)
        for kind in (0, 1):
            for judge in range(len(bench.judges)):
                self.renew(kind, judge, 0, self.horizon)

    # the day's clock

    @property
    def day(self):
        return int(self.env.now)

    def until(self, day, part, number=0):
        """Wait until a part of a day; what has the lower number comes first."""
        return self.env.timeout(day + part / 8 + number / 2**33 - self.env.now)

    def run(self):
        """Run to the end, and give this model back."""
        for unit in self.people:
            self.env.process(self.life(unit))
            is_pending = unit.enters == 0 and unit.is_open
            self.busy[unit.court] += is_pending and unit.counsel != NEVER
            self.seekers[max(unit.seeks, unit.enters)].append(unit)
        for judge in range(len(self.came)):
            self.env.process(self.judge(judge))
        for court in range(len(self.list)):
            self.env.process(self.lawyers(court))
        self.env.process(self.policy())
        self.env.run(until=self.world.days)
        return self

    def policy(self):
        acts = list(self.world.changes)
        each = [Courts.answer, *([self.hook] if self.hook else [])]
        acts += [(day, act) for day in range(0, self.world.days, MONTH) for act in each]
        for day, act in sorted(acts, key=lambda pair: pair[0]):
            yield self.until(day, CHANGES)
            act(self)

    def answer(self):
        """Let fewer come in the next 28 days where hearings stood long beyond their day."""
        world, waits = self.world, defaultdict(list)
        if not world.response or not self.day:
            return
        for day, _, number, *_, wait in reversed(self.hearings):
            if day < self.day - MONTH:
                break
            waits[self.people[number].court].append(wait)
        for unit in self.people:
            if self.day <= unit.enters < self.day + MONTH:
                seen = waits[self.into[unit.court]]
                mean = sum(seen) / max(len(seen), 1)
                stays = exp(-world.response * (mean - world.usual_wait) / 365)
                word = words(world.seed, unit.key, 0, ACCEPTANCE)[0]
                unit.stage = unit.stage if word / 2**32 < stays else DECLINED

    # a unit's life

    def life(self, unit):
        yield self.until(unit.enters, ARRIVALS, unit.number)
        if unit.stage == DECLINED:
            return
        self.enter(unit)
        while True:
            answered = yield unit.called
            unit.called = self.env.event()
            way, back = self.hear(unit)
            answered.succeed()
            if way is not None:
                yield self.until(back, RETURNS, unit.number)
                self.come_back(unit, way)
            elif not unit.is_open:
                return

    def enter(self, unit):
        unit.has_entered, unit.called = True, self.env.event()
        unit.court = self.into[unit.court]
        if unit.docket == NOWHERE:
            unit.docket = int(self.placement[unit.court, unit.population])
        if unit.judge < 0:
            unit.judge = self.claimed(unit)
        if unit.wanted < 0:
            word = words(self.world.seed, unit.key, unit.hearings, ENTRY)[0]
            gap = self.gap[self.like[unit.docket], 0, RECEIVED]
            unit.wanted = self.day + length(word, gap)
        self.come_in(unit)

    def come_back(self, unit, way):
        self.returned.append((self.day, unit.number, way, unit.decided, unit.outcome))
        unit.stage = INDIVIDUAL if way else LATER_MASTER
        unit.decided, unit.outcome, unit.round = -1, 0, unit.round + 1
        unit.court = self.into[unit.court]
        if unit.counsel != NEVER:
            self.busy[unit.court] += 1
        if unit.judge < 0 or not self.serves[unit.judge, unit.docket]:
            unit.judge = self.claimed(unit)
        word = words(self.world.seed, unit.key, unit.hearings, RETURN)[0]
        gap = self.gap[self.like[unit.docket], unit.kind, RETURNED]
        unit.wanted = self.day + max(length(word, gap), 1)
        self.come_in(unit)

    def come_in(self, unit):
        unit.booked, unit.pool = -1, NOWHERE
        self.came[unit.judge].append(unit)

    def claimed(self, unit):
        serving = [
            (claim(unit.key, judge, int(self.weight[judge]), EXPONENTIAL), judge)
            for judge in np.flatnonzero(self.court == unit.court).tolist()
            if self.serves[judge, unit.docket]
        ]
        return min(serving)[1]

    # lawyers

    def lawyers(self, court):
        for day in range(self.world.days):
            yield self.until(day, LISTS, court)
            here = [unit for unit in self.seekers[day] if self.into[unit.court] == court]
            seek = [u for u in here if u.counsel == NEVER and u.stage != DECLINED]
            if self.limit[court] < 0:
                for unit in seek:
                    unit.counsel = day
                continue
            self.list[court] += sorted(seek, key=lambda unit: unit.number)
            while self.list[court] and self.busy[court] < self.limit[court]:
                self.take(self.list[court].pop(0))

    def take(self, unit):
        if unit.counsel != NEVER or (not unit.is_open and self.day - unit.decided >= AFTER):
            return
        unit.counsel = self.day
        self.busy[unit.court] += 1
        if not unit.is_open:
            self.env.process(self.give_free(unit))

    def give_free(self, unit):
        yield self.until(max(unit.decided, unit.counsel) + AFTER, FREED, unit.number)
        self.busy[unit.court] -= 1

    # a judge's day

    def judge(self, judge):
        day_of = self.booked_day if self.rules.is_booked else self.pulled_day
        for day in range(self.world.days):
            yield self.until(day, JUDGES, judge)
            arrived = sorted(self.came[judge], key=lambda unit: unit.number)
            self.came[judge].clear()
            yield from day_of(judge, arrived)

    def booked_day(self, judge, arrived):
        for unit in arrived:
            self.book(unit)
        due = self.calendar[judge].pop(self.day, ())
        for unit in sorted(due, key=lambda unit: unit.number):
            yield self.call(unit)
            if unit.is_open:
                self.book(unit)

    def call(self, unit):
        answered = self.env.event()
        unit.called.succeed(answered)
        return answered

    def held(self, slots):
        """Split each day's slots: for nobody, then for each docket; exact in decimals."""
        shares = [Fraction(str(share)) for share in self.share]
        running, had, split = 0, [0] * len(shares), []
        for each in map(int, slots):
            running, left, row = running + each, each, []
            for docket, share in enumerate(shares):
                row.append(min(int(share * running) - had[docket], left))
                had[docket] += row[-1]
                left -= row[-1]
            split.append([left, *row])
        return split

    def renew(self, kind, judge, first, last):
        """Split some days' slots anew; who has one keeps it, and the rest is held in order."""
        for past, wanted in enumerate(self.held(self.slots[kind, judge, first:last])):
            day = first + past
            used = self.used(kind, judge, day)
            left = int(self.slots[kind, judge, day]) - sum(used)
            for pool in range(1, len(wanted)):
                free = min(max(wanted[pool] - used[pool], 0), left)
                self.free[pool, kind, judge, day] = free
                left -= free
            self.free[0, kind, judge, day] = left

    def used(self, kind, judge, day):
        """Count the slots that are taken, of each pool."""
        taken = [0] * (1 + len(self.share))
        for unit in self.on(kind, judge, day):
            taken[unit.pool] += 1
        return taken

    def on(self, kind, judge, day):
        """List who is on a calendar on a day, by number."""
        there = [unit for unit in self.calendar[judge][day] if unit.kind == kind]
        return sorted(there, key=lambda unit: unit.number)

    def book(self, unit):
        first = max(unit.wanted, self.day + 1)
        own = 1 + unit.docket
        order = {own: 0, 0: 1}
        pools = [0, own]
        if not self.share[unit.docket]:
            others = [1 + docket for docket, share in enumerate(self.share) if share]
            order |= {pool: 2 + pool for pool in others}
            pools = [0, *others]
        found = []
        for pool in pools:
            free = self.free[pool, unit.kind, unit.judge, first:] > 0
            day = first + int(free.argmax()) if free.any() else self.horizon
            is_late = pool not in (0, own) and day > self.day + self.release_days
            if day < self.horizon and not is_late:
                found.append((day, order[pool], pool))
        unit.booked, _, unit.pool = min(found, default=(self.horizon, 0, NOWHERE))
        if unit.pool != NOWHERE:
            self.free[unit.pool, unit.kind, unit.judge, unit.booked] -= 1
        self.calendar[unit.judge][unit.booked].add(unit)

    def pulled_day(self, judge, arrived):
        for unit in arrived:
            unit.since = max(unit.wanted, self.day)
            self.waiting[judge].append(unit)
        for kind in (0, 1):
            for _ in range(int(self.slots[kind, judge, self.day])):
                unit = self.next_of(judge, kind)
                if unit is None:
                    continue
                yield self.call(unit)
                unit.since = unit.wanted
                if not unit.is_open:
                    self.waiting[judge].remove(unit)

    def next_of(self, judge, kind):
        ready = [u for u in self.waiting[judge] if u.kind == kind and u.since <= self.day]
        there = sorted({unit.docket for unit in ready})
        if not self.rules.is_strict:
            credit = self.credit[judge, kind]
            credit[:] = np.minimum(credit + self.share, BOUND)
            there.sort(key=lambda docket: -credit[docket])
        if not there:
            return None
        if not self.rules.is_strict:
            credit[there[0]] = max(credit[there[0]] - 1, -BOUND)
        return min((u for u in ready if u.docket == there[0]), key=self.place)

    def place(self, unit):
        order = self.rules.order[unit.docket]
        if order == "ready":
            return unit.wanted, unit.number
        if order == "deadline":
            return unit.filed + self.rules.target_days[unit.docket], unit.number
        return (unit.filed if order == "oldest" else -unit.filed), unit.number

    # a hearing

    def hear(self, unit):
        """Hold a hearing; give the way by which the case comes back and the day, or None."""
        represented, applied = unit.counsel <= self.day, unit.applies <= self.day
        stage, kind = unit.stage, unit.kind
        first, second, third, fourth = words(self.world.seed, unit.key, unit.hearings, HEARING)
        chances = self.result[unit.court, unit.population, stage]
        result = chosen(first, chances[int(represented), int(applied)])
        self.hearings.append(
            (self.day, unit.judge, unit.number, result, kind, represented, applied,
             self.day - unit.wanted)
        )  # fmt: skip
        unit.hearings += 1
        if result >= FIRST_DECISION:
            return self.end(unit, result, third, fourth)
        if stage == FIRST_MASTER:
            unit.stage = LATER_MASTER
        if result == SET:
            unit.stage = INDIVIDUAL
        gap = length(second, self.gap[self.like[unit.docket], kind, result])
        unit.wanted = self.day + max(gap, 1)
        return None, None

    def end(self, unit, result, third, fourth):
        unit.stage, unit.decided, unit.outcome = CLOSED, self.day, result
        unit.booked, unit.pool = -1, NOWHERE
        if unit.counsel != NEVER:
            self.env.process(self.give_free(unit))
        decision = result - FIRST_DECISION
        way = chosen(third, self.tables.follow_share[unit.population, decision])
        if way is None or way > 1:
            return None, None
        return way, self.day + length(fourth, self.tables.follow_days[unit.population, way])

    # changes

    def set_slots(self, judges, kind, first, slots):
        last = first + np.shape(slots)[-1]
        self.slots[kind, judges, first:last] = slots
        for judge in judges:
            for day in range(first, last):
                for unit in self.on(kind, judge, day)[int(self.slots[kind, judge, day]) :]:
                    self.put_off(unit)
            self.renew(kind, judge, first, last)

    def set_share(self, docket, share):
        self.share[docket] = share
        for kind in (0, 1):
            for judge in range(len(self.came)):
                self.renew(kind, judge, self.day, self.horizon)

    def set_release_days(self, days):
        self.release_days = days

    def set_serves(self, judges, docket, serves):
        self.serves[judges, docket] = serves

    def set_weight(self, judges, weight):
        self.weight[judges] = weight

    def set_placement(self, docket, courts=None, populations=None):
        courts = range(self.placement.shape[0]) if courts is None else courts
        populations = range(self.placement.shape[1]) if populations is None else populations
        for court in courts:
            self.placement[court, list(populations)] = docket

    def set_result(self, result):
        self.result = result

    def set_gap(self, docket, like):
        self.like[docket] = like

    def set_lawyers(self, courts, n):
        for court in courts:
            self.limit[court] = n
            for unit in self.people if n < 0 else ():
                sought = max(unit.seeks, unit.enters) < self.day
                if unit.court == court and sought and unit.counsel == NEVER:
                    unit.counsel = self.day

    def open_units(self, mask=None):
        chosen_ones = (
            self.people if mask is None else [self.people[i] for i in np.where(mask)[0]]
        )
        return [unit for unit in chosen_ones if unit.has_entered and unit.is_open]

    def put_off(self, unit, wanted=None, judge=None):
        """Take a unit off the calendar, or out of the queue, to come in today."""
        self.calendar[unit.judge][unit.booked].discard(unit)
        if unit in self.waiting[unit.judge]:
            self.waiting[unit.judge].remove(unit)
        if unit in self.came[unit.judge]:
            self.came[unit.judge].remove(unit)
        if unit.pool != NOWHERE:
            self.free[unit.pool, unit.kind, unit.judge, unit.booked] += 1
            row = (self.day, unit.number, unit.booked, unit.judge, unit.stage, unit.court)
            self.vacated.append(row)
            unit.wanted = unit.booked
        if wanted is not None:
            unit.wanted = wanted
        if judge is not None:
            unit.judge = judge
        self.come_in(unit)

    def vacate(self, mask, wanted=None):
        for unit in self.open_units(mask):
            if unit.booked >= 0:
                self.put_off(unit, wanted)

    def reclaim(self, units_mask=None, *, judges=None):
        for unit in self.open_units(units_mask):
            serves = self.serves[unit.judge, unit.docket]
            judge = self.claimed(unit)
            if judge != unit.judge and (not serves or (judges is not None and judge in judges)):
                self.put_off(unit, judge=judge)

    def move_docket(self, from_docket, to_docket, courts=None):
        for unit in self.open_units():
            if unit.docket == from_docket and (courts is None or unit.court in courts):
                unit.docket = to_docket

    def close_court(self, court, into):
        judges = np.flatnonzero(self.court == court)
        for kind in (0, 1):
            none = np.zeros((len(judges), self.horizon - self.day), dtype=np.uint8)
            self.set_slots(judges, kind, self.day, none)
        self.serves[judges] = False
        self.into = [into if place == court else place for place in self.into]
        for unit in self.people:
            if unit.has_entered and unit.court == court:
                unit.court = into
                if unit.is_open:
                    self.put_off(unit, judge=self.claimed(unit))
        if min(self.limit[court], self.limit[into]) >= 0:
            for count in (self.limit, self.busy, self.list):
                count[into] += count[court]
                count[court] = type(count[court])()
            self.list[into].sort(key=lambda unit: (max(unit.seeks, unit.enters), unit.number))

"""What holds for every world: the account of cases, of slots and of days."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_worlds import bench, line, people, rules, tables, usual

from opendocket.simulate.run import run
from opendocket.simulate.tables import CLOSED, FIRST_DECISION, LEAST_DAYS_BACK
from opendocket.simulate.world import NEVER

DAYS = 200
shares = st.sampled_from([(0.0, 0.0), (0.0, 0.3), (0.5, 0.5), (0.7, 0.6)])
orders = st.sampled_from(["oldest", "newest", "ready", "deadline"])
lawyers = st.sampled_from([None, np.array([3, 12], "<i4"), np.array([0, -1], "<i4")])
rule = st.builds(
    lambda **given: rules(**given),
    is_booked=st.booleans(),
    is_strict=st.booleans(),
    share=shares,
    order=st.tuples(orders, orders),
    release_days=st.sampled_from([0, 21]),
    lawyers=lawyers,
)


@st.composite
def worlds(draw):
    """Draw a world of two courts, from nobody pending to far more than they can hear."""
    return usual(
        days=DAYS,
        units=people(
            pending=draw(st.integers(0, 80)),
            coming=draw(st.integers(0, 120)),
            days=DAYS,
            seed=draw(st.integers(0, 999)),
        ),
        bench=bench(
            horizon=DAYS + draw(st.sampled_from([1, 300])),
            masters=draw(st.integers(0, 5)),
            individuals=draw(st.integers(0, 2)),
            per_court=draw(st.integers(1, 3)),
        ),
        tables=tables(ends=0.5, back=(0.3, 0.3), mean_gap=draw(st.sampled_from([2.0, 20.0]))),
        rules=draw(rule),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def ended(done):
    """Give the day and the unit of every hearing that ended a case."""
    ends = done.log.result() >= FIRST_DECISION
    return done.log.day()[ends].astype(int), done.log.unit[ends].astype(int)


@given(worlds())
@settings(max_examples=30)
def test_those_pending_are_those_of_the_day_before_and_what_came_less_what_ended(world):
    done = run(world)
    day, _ = ended(done)
    entered = np.bincount(done.units["enters"], minlength=DAYS)[:DAYS]
    back = np.bincount(done.returned["day"], minlength=DAYS)
    pending = np.cumsum(entered + back - np.bincount(day, minlength=DAYS))
    assert (pending >= 0).all()
    assert pending[-1] == (done.units["stage"] < CLOSED).sum()
    assert done.units["round"].sum() == len(done.returned)


@given(worlds())
@settings(max_examples=30)
def test_a_case_comes_back_only_after_it_ended_a_month_before_and_ends_only_while_open(world):
    done = run(world)
    ends = sorted(zip(*(part.tolist() for part in ended(done)[::-1]), strict=True))
    came = sorted(zip(done.returned["unit"].tolist(), done.returned["ended"].tolist(),
                      done.returned["day"].tolist(), strict=True))  # fmt: skip
    assert {(unit, day) for unit, day, _ in came} <= set(ends)
    assert all(back - day >= LEAST_DAYS_BACK for _, day, back in came)
    again = {(unit, day): back for unit, day, back in came}
    for (unit, day), (other, later) in pairwise(ends):
        assert unit != other or day < again[unit, day] <= later


@given(worlds())
@settings(max_examples=30)
def test_no_judge_hears_more_than_its_slots_and_nobody_is_heard_twice_a_day(world):
    done = run(world)
    log, slots = done.log, world.bench.slots
    heard = np.zeros_like(slots, dtype=int)
    np.add.at(heard, (log.is_individual() * 1, log.judge(), log.day()), 1)
    assert (heard <= slots).all()
    assert len(set(zip(log.day().tolist(), log.unit.tolist(), strict=True))) == len(log)
    assert (log.wait >= 0).all()
    assert (log.day() >= done.units["enters"][log.unit]).all()


@given(worlds())
@settings(max_examples=30)
def test_what_is_booked_ahead_fits_the_calendars_and_only_what_holds_no_slot_is_beyond(world):
    world = replace(world, rules=replace(world.rules, is_booked=True))
    units = run(world).units
    ahead = units[units["stage"] < CLOSED]
    horizon = world.bench.slots.shape[2]
    assert (ahead["booked"] >= DAYS).all()
    assert ((ahead["booked"] == horizon) == (ahead["pool"] == 255)).all()
    on = ahead[ahead["booked"] < horizon]
    booked = np.zeros_like(world.bench.slots, dtype=int)
    np.add.at(booked, ((on["stage"] == 2) * 1, on["judge"], on["booked"]), 1)
    assert (booked <= world.bench.slots).all()


@given(worlds())
@settings(max_examples=30)
def test_lawyers_have_no_more_families_than_they_can_but_for_those_who_come_back(world):
    done = run(world)
    limit = world.rules.lawyers
    if limit is None:
        return
    units = done.units
    given_before = world.units["counsel"] != NEVER
    for court in np.flatnonzero(limit >= 0):
        here = units[(units["court"] == court) & ~given_before & (units["round"] == 0)]
        has = here[here["counsel"] < DAYS]
        until = np.where(has["decided"] < 0, NEVER, np.maximum(has["decided"], has["counsel"]))
        for day in np.unique(has["counsel"]):
            busy = (has["counsel"] <= day) & (until + LEAST_DAYS_BACK > day)
            assert busy.sum() <= limit[court]


@given(worlds(), st.integers(0, 1))
@settings(max_examples=30)
def test_a_court_by_itself_is_heard_as_it_is_beside_another(world, court):
    here = world.units["court"] == court
    alone = run(replace(world, units=world.units[here])).log
    log = run(world).log
    mine = here[log.unit]
    number = np.cumsum(here) - 1
    np.testing.assert_array_equal(number[log.unit[mine]], alone.unit)
    for name in ("what", "wait"):
        np.testing.assert_array_equal(getattr(log, name)[mine], getattr(alone, name))
    np.testing.assert_array_equal(log.day()[mine], alone.day())


@given(
    st.lists(st.floats(0.1, 0.9), min_size=1, max_size=2),
    st.integers(1, 3),
    st.integers(0, 999),
    rule,
)
@settings(max_examples=30)
def test_slots_more_leave_fewer_waiting_every_night_and_no_order_changes_how_many(
    streams, slots, seed, rule
):
    given = {"days": DAYS, "judges": 3, "seed": seed}
    names = ("order", "is_strict", "share", "target_days")
    ordered = {name: getattr(rule, name) for name in names}
    plain = run(line(streams, slots=slots, **given)).log.counts
    other = run(line(streams, slots=slots, **ordered, **given)).log.counts
    more = run(line(streams, slots=slots + 1, **given)).log.counts
    np.testing.assert_array_equal(plain, other)
    assert (np.cumsum(more, axis=0) >= np.cumsum(plain, axis=0)).all()

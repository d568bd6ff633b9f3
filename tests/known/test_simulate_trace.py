"""Every hearing of small worlds, event by event, against a model written from the docs' page.

``simpy_courts`` shares no code with the engine. Each world is congested enough that calendars
fill, and each test looks that what it is named for took place.
"""

from dataclasses import replace

import numpy as np
import pytest
from simpy_courts import Courts
from small_worlds import bench, rules, tables, usual

from opendocket.simulate.run import run
from opendocket.simulate.tables import CLOSED, DECLINED, RESULTS

BUSY = {"pending": 250, "coming": 550}
"""Some 2,000 hearings, more than four calendars can hold."""


def hearings(done):
    """List a run's hearings as the other model does."""
    log = done.log
    columns = (
        log.day(), log.judge(), log.unit, log.result(), log.is_individual(),
        log.is_represented(), log.is_applied(), log.wait,
    )  # fmt: skip
    return list(zip(*(column.tolist() for column in columns), strict=True))


def rows(found):
    """List a table's rows, by day and unit."""
    return sorted(tuple(map(int, row)) for row in found)


def ends(units, world):
    """List how units stand at the end: of the open also when they are to be heard."""
    names = ["court", "docket", "stage", "hearings", "outcome", "decided", "round", "counsel"]
    pending = ["judge", "wanted", *(["booked"] if world.rules.is_booked else [])]
    told = []
    for unit in units:
        of = unit.__getitem__ if isinstance(unit, np.void) else unit.__getattribute__
        if of("stage") == DECLINED:
            told.append(None)
            continue
        chosen = names + (pending if of("stage") < CLOSED else [])
        told.append({name: int(of(name)) for name in chosen})
        told[-1]["counsel"] = told[-1]["counsel"] if told[-1]["counsel"] < world.days else None
    return told


def same(world, *, threads=1, hook=None):
    """Assert that the engine and SimPy tell the same; give the engine's run."""
    done = run(world, threads=threads, hook=hook)
    other = Courts(world, hook=hook).run()
    ours, theirs = hearings(done), [tuple(map(int, row)) for row in other.hearings]
    first = next(
        (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), None
    )
    assert first is None, (first, ours[first], theirs[first])
    assert len(ours) == len(theirs) > 500
    assert rows(done.vacated) == rows(other.vacated)
    assert rows(done.returned) == rows(other.returned)
    assert ends(done.units, world) == ends(other.people, world)
    return done


def test_a_booked_calendar():
    done = same(usual(**BUSY))
    assert (done.log.wait > 20).any()
    assert set(done.log.result()) == set(range(len(RESULTS) - 1))


def test_a_booked_calendar_so_full_that_hearings_stand_beyond_it():
    world = usual(**BUSY, bench=bench(horizon=402, masters=3))
    done = same(world)
    assert (done.units["booked"] == 402).sum() > 20


@pytest.mark.parametrize("shares", [(0.0, 0.3), (0.25, 0.35), (0.6, 0.7)])
@pytest.mark.parametrize("release_days", [0, 14])
def test_held_slots_for_families_and_their_release(shares, release_days):
    done = same(usual(**BUSY, rules=rules(share=shares, release_days=release_days)))
    assert set(done.units["size"]) == {1, 2, 3, 4}
    assert (done.log.wait > 20).any()


def test_lawyers_with_little_time():
    limit = np.array([25, -1], dtype=np.int32)
    done = same(usual(**BUSY, rules=rules(lawyers=limit)))
    here = done.units["court"] == 0
    waited = done.units["counsel"].astype(int) - done.units["seeks"]
    late = (done.units["counsel"] < 400) & (done.units["seeks"] < 400) & (waited > 10)
    assert (late & here).sum() > 5
    assert not (late & ~here).any()


def test_motions_and_appeals_of_nearly_everybody():
    done = same(usual(**BUSY, tables=tables(ends=0.5, back=(0.45, 0.45))))
    assert (done.units["round"] > 2).any()
    assert set(done.returned["way"]) == {0, 1}


def test_motions_and_appeals_where_lawyers_have_little_time():
    limit = np.array([25, 10], dtype=np.int32)
    given = {"tables": tables(ends=0.5, back=(0.45, 0.45)), "rules": rules(lawyers=limit)}
    done = same(usual(**BUSY, **given))
    back = done.units["round"] > 0
    assert (back & (done.units["counsel"] < 400)).sum() > 20


def test_judges_of_one_docket_and_judges_who_take_more():
    seats = bench()
    seats.serves[0, 1] = seats.serves[1, 0] = False
    seats.weight[:] = 1, 1, 9, 3
    same(usual(**BUSY, bench=seats))


def pulled(**others):
    """Give rules that pull."""
    return rules(is_booked=False, **others)


def test_pulled_the_oldest_first_one_docket_before_the_other():
    done = same(usual(**BUSY, rules=pulled()))
    fast = done.units["docket"][done.log.unit] == 1
    assert done.log.wait[fast].mean() > 2 * done.log.wait[~fast].mean() + 1


@pytest.mark.parametrize("share", [(0.75, 0.25), (0.7, 0.3), (0.7, 0.0)])
def test_pulled_by_quota_that_carries_over_newest_and_deadline(share):
    order = ("newest", "deadline")
    same(usual(**BUSY, rules=pulled(is_strict=False, share=share, order=order)))


def test_pulled_whoever_is_ready_on_two_threads():
    order, share = ("ready", "ready"), (0.5, 0.5)
    many = bench(per_court=3, masters=4)
    ready = pulled(is_strict=False, share=share, order=order)
    same(usual(pending=300, coming=600, bench=many, rules=ready), threads=2)


def close_days(state):
    """Judges 0 and 2 hear nobody for three weeks."""
    none = np.zeros((2, 21), dtype=np.uint8)
    for kind in (0, 1):
        state.set_slots(np.array([0, 2]), kind, state.day, none)


def hire(state):
    """The last calendar begins, with as many slots as others, and claims its share."""
    new = np.array([4])
    days = np.arange(state.day, 600)
    state.set_slots(new, 0, state.day, np.where(days % 7 == 1, 6, 0)[None].astype(np.uint8))
    state.set_slots(new, 1, state.day, np.where(days % 7 > 2, 1, 0)[None].astype(np.uint8))
    for docket in (0, 1):
        state.set_serves(new, docket, True)
    state.reclaim(judges=new)


def leave(state):
    """Judge 1 leaves; whoever waits there goes to a colleague."""
    gone = np.array([1])
    for docket in (0, 1):
        state.set_serves(gone, docket, False)
    for kind in (0, 1):
        state.set_slots(gone, kind, state.day, np.zeros((1, 600 - state.day), dtype=np.uint8))
    state.reclaim()


def pause(state):
    """New cases go to the slow docket, and those of the fast one in the second court, too."""
    state.set_placement(0)
    state.move_docket(1, 0, courts=np.array([1]))


def hold(state):
    """Three in ten slots are held for the fast docket from now on, for ten days less."""
    state.set_share(1, 0.3)
    state.set_release_days(10)


def fewer(state):
    """Masters are three a day instead of six for half a year."""
    days = np.arange(state.day, state.day + 180)
    state.set_slots(np.array([3]), 0, state.day, np.where(days % 7 == 3, 3, 0)[None])


def close(state):
    """The second court closes."""
    state.close_court(1, 0)


def more_lawyers(state):
    """Five families more at the first court; no limit at the second."""
    state.set_lawyers(np.array([0]), 30)
    state.set_lawyers(np.array([1]), -1)


def kinder(state):
    """A docket's hearings are as near together as the other's."""
    state.set_gap(0, 1)


CHANGES = {
    "a closure of three weeks": ((60, close_days),),
    "a hire": ((100, hire),),
    "a departure": ((120, leave),),
    "a pause": ((90, pause),),
    "a hire, a departure and a pause": ((50, hire), (120, leave), (120, pause)),
    "a docket's held slots begin": ((90, hold),),
    "half the masters": ((75, fewer),),
    "another docket's gaps": ((75, kinder),),
    "a court closes": ((110, close),),
    "all on the way": (
        (30, hold), (40, close_days), (56, hire), (84, fewer), (84, pause), (150, leave),
        (200, close),
    ),
}  # fmt: skip


UNDER = {
    "booked": rules(),
    "held": rules(share=(0.2, 0.3), release_days=14),
    "pulled": pulled(is_strict=False, share=(0.5, 0.5)),
}


@pytest.mark.parametrize(
    ("name", "rule"),
    [*((name, "held") for name in CHANGES)]
    + [
        (name, rule)
        for name in ("a hire, a departure and a pause", "half the masters", "all on the way")
        for rule in ("booked", "pulled")
    ],
)
def test_changes(name, rule):
    seats = bench(hired=1)
    done = same(usual(**BUSY, bench=seats, rules=UNDER[rule], changes=CHANGES[name]))
    if name in ("a closure of three weeks", "a departure", "a court closes"):
        assert len(done.vacated) > 10


def test_hearings_taken_off_the_calendar_of_every_second_case():
    world = usual(**BUSY)
    chosen = world.units["key"] % 2 == 0
    acts = (
        (60, lambda state: state.vacate(chosen)),
        (160, lambda state: state.vacate(chosen, wanted=220)),
    )
    done = same(replace(world, changes=acts))
    assert set(done.vacated["day"]) == {60, 160}


def test_lawyers_who_get_more_time_and_then_no_limit():
    limit = np.array([25, 10], dtype=np.int32)
    world = usual(
        **BUSY,
        tables=tables(ends=0.5, back=(0.45, 0.45)),
        rules=rules(lawyers=limit),
        changes=((100, more_lawyers),),
    )
    same(world)


def test_a_court_closes_and_its_lawyers_go_on_at_the_other():
    limit = np.array([25, 10], dtype=np.int32)
    done = same(usual(**BUSY, rules=rules(lawyers=limit), changes=((110, close),)))
    assert (done.units["counsel"] < 400).sum() > 100


def test_fewer_come_where_hearings_stand_long_beyond_their_day():
    world = usual(
        **BUSY, bench=bench(masters=3), rules=rules(lawyers=np.array([25, -1], "<i4"))
    )
    done = same(replace(world, response=3.0, usual_wait=5.0))
    assert 50 < (done.units["stage"] == DECLINED).sum() < 400


def test_a_hook_every_28_days():
    days = []

    def hook(state):
        days.append(state.day)
        state.set_release_days(state.day % 50)
        if state.day == 112:
            hire(state)

    world = usual(**BUSY, bench=bench(hired=1), rules=rules(share=(0.2, 0.3)))
    same(world, hook=hook)
    assert days[: len(days) // 2] == days[len(days) // 2 :]

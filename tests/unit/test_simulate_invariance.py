"""The same run on any number of threads, in blocks of any length, halted or not; and what a
change may touch."""

import pickle

import numpy as np
import pytest
from small_worlds import bench, people, rules, tables, usual

from opendocket.simulate.run import advance, finished, run
from opendocket.simulate.saved import restored, save
from opendocket.simulate.state import started

LAWYERS = np.array([30, 12], dtype=np.int32)


def close_days(state):
    """Judge 2, of the second court, hears nobody for five weeks."""
    for kind in (0, 1):
        state.set_slots(np.array([2]), kind, state.day, np.zeros((1, 35), dtype=np.uint8))


def hire(state):
    """The last calendar, of the first court, begins."""
    new = np.array([4])
    state.set_slots(new, 0, state.day, np.full((1, 300), 2, dtype=np.uint8))
    state.set_slots(new, 1, state.day, np.full((1, 300), 1, dtype=np.uint8))
    for docket in (0, 1):
        state.set_serves(new, docket, True)
    state.reclaim(judges=new)


def move(state):
    """All of the fast docket go to the slow one."""
    state.set_placement(0)
    state.move_docket(1, 0)


CHANGES = ((45, hire), (61, close_days), (130, move))
RULES = {
    "booked": rules(share=(0.0, 0.3), release_days=14, lawyers=LAWYERS),
    "pulled": rules(is_booked=False, is_strict=False, share=(0.6, 0.4), lawyers=LAWYERS),
}


def full(rule, *, changes=CHANGES, **others):
    """Give a world with everything switched on."""
    given = {
        "units": people(pending=600, coming=900, days=400),
        "bench": bench(hired=1, masters=8, individuals=2),
        "tables": tables(ends=0.4, back=(0.2, 0.2)),
        "rules": RULES[rule],
    }
    return usual(**given | others, changes=changes)


@pytest.fixture(scope="module", params=RULES)
def world(request):
    """Give a world of each rule."""
    return full(request.param)


@pytest.fixture(scope="module")
def alone(world):
    """Give its run on one thread, in blocks of 28 days."""
    return run(world)


def test_the_world_has_everything_in_it(alone):
    assert len(alone.log) > 2_500
    assert len(alone.returned) > 100
    assert (alone.units["counsel"] < 400).sum() > 50
    assert (alone.log.wait > 30).any()


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("block_days", [7, 14, 28])
def test_threads_and_blocks_leave_every_byte_as_it_is(world, alone, threads, block_days):
    assert run(world, threads=threads, block_days=block_days).sha256() == alone.sha256()


@pytest.mark.parametrize("half", [0, 100, 112, 399])
def test_a_run_saved_and_restored_ends_as_if_it_had_not_stopped(world, alone, half, tmp_path):
    state = started(world)
    advance(state, half, threads=2, block_days=14)
    save(state, tmp_path / "half.npz")
    again = restored(world, tmp_path / "half.npz")
    advance(again, world.days)
    assert finished(again).sha256() == alone.sha256()


def test_whoever_listens_hears_of_every_day_and_changes_nothing(world, alone):
    told = []
    found = run(world, progress=lambda what, done, total: told.append((what, done, total)))
    assert found.sha256() == alone.sha256()
    assert told[-1] == ("simulating", 400, 400)
    assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})


def test_a_run_leaves_its_world_as_it_was(world):
    before = pickle.dumps(world)
    run(world)
    assert pickle.dumps(world) == before


def rows_at(done, court):
    """Give every hearing of a court's cases, as they were logged."""
    log = done.log
    here = done.world.bench.court[log.judge()] == court
    columns = (log.day(), log.judge(), log.unit, log.what, log.wait)
    return [column[here].tobytes() for column in columns]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("change", "touched"), [(hire, 0), (close_days, 1)])
def test_a_change_at_one_court_leaves_the_other_byte_for_byte(rule, change, touched):
    base = run(full(rule, changes=()))
    other = run(full(rule, changes=((60, change),)))
    assert rows_at(base, 1 - touched) == rows_at(other, 1 - touched)
    assert rows_at(base, touched) != rows_at(other, touched)


def begin(state):
    """The last calendar takes new cases from now on, and hears; nobody is moved."""
    new = np.array([4])
    for kind in (0, 1):
        state.set_slots(new, kind, state.day, np.full((1, 300), 2, dtype=np.uint8))
    for docket in (0, 1):
        state.set_serves(new, docket, True)


@pytest.mark.parametrize("rule", RULES)
def test_a_judge_more_moves_its_own_share_and_nobody_else(rule):
    base, other = run(full(rule, changes=())), run(full(rule, changes=((60, hire),)))
    known = base.units["enters"] < 400
    before, after = base.units["judge"][known], other.units["judge"][known]
    moved = before != after
    assert (after[moved] == 4).all()
    here = (base.units["court"][known] == 0) & (base.units["decided"][known] < 0)
    share, n = moved[here].mean(), here.sum()
    assert abs(share - 1 / 3) < 4 * np.sqrt(2 / 9 / n)


@pytest.mark.parametrize("rule", RULES)
def test_new_cases_alone_go_to_a_judge_whom_nobody_is_moved_to(rule):
    base, other = run(full(rule, changes=())), run(full(rule, changes=((60, begin),)))
    moved = base.units["judge"] != other.units["judge"]
    assert moved.any()
    assert (base.units["enters"][moved] >= 60).all()
    assert (other.units["judge"][moved] == 4).all()


def test_only_a_divisor_of_28_makes_a_block(world):
    with pytest.raises(ValueError, match="block_days"):
        run(world, block_days=35)

"""What followed decisions agrees with the run, and with the draws worked out one by one."""

import made_world
import numpy as np
import pytest

from opendocket.simulate.aftermath import aftermath
from opendocket.simulate.luck import AFTER, HEARING, REMOVAL, drawn
from opendocket.simulate.run import run
from opendocket.simulate.tables import FIRST_DECISION, WAYS

WORD = 2**32


@pytest.fixture(scope="module")
def made():
    """Give a run of a hand-made world, and what followed its decisions."""
    done = run(made_world.world())
    return done, aftermath(done)


def _decisions(done):
    """Give each decision with its number of hearings before, by going through the log."""
    held = done.world.units["hearings"].astype(int).tolist()
    for unit, day, result in zip(
        done.log.unit.tolist(), done.log.day().tolist(), done.log.result().tolist(), strict=True
    ):
        if result >= FIRST_DECISION:
            yield unit, day, result, held[unit]
        held[unit] += 1


def _followed(done):
    """Draw what followed each decision, one at a time, from the shares themselves."""
    tables, world = done.world.tables, done.world
    for unit, day, result, nth in _decisions(done):
        row = world.units[unit]
        words = [int(word) for word in drawn(world.seed, row["key"], nth, HEARING)]
        shares = tables.follow_share[row["population"], result - FIRST_DECISION].cumsum()
        way = next((w for w, share in enumerate(shares) if words[2] < share * WORD), None)
        due = None
        if way is not None:
            days = tables.follow_days[row["population"], way]
            due = day + int(days[words[3] * 256 // WORD])
        yield unit, day, result, nth, way, due


def test_what_brought_a_case_back_is_what_came_back(made):
    done, after = made
    back = after.followed[
        (after.followed["way"] < 2) & (after.followed["due"] < done.world.days)
    ]
    found = sorted(map(tuple, back[["due", "unit", "way", "ended", "outcome"]].tolist()))
    came = done.returned[["day", "unit", "way", "ended", "outcome"]].tolist()
    assert len(came) > 100
    assert found == sorted(map(tuple, came))


def test_every_motion_and_appeal_is_the_one_drawn_for_its_decision(made):
    done, after = made
    expected = {
        (unit, day, result, way, due)
        for unit, day, result, _, way, due in _followed(done)
        if way is not None
    }
    found = set(after.followed[["unit", "ended", "outcome", "way", "due"]].tolist())
    late = {each for each in expected - found if each[4] < done.world.days}
    assert found <= expected
    assert not late
    assert len(found) > 300


def test_appeals_are_filed_within_thirty_days_and_all_is_filed_before_it_is_decided(made):
    _, after = made
    rows = after.followed
    ended, filed, due = (rows[name].astype(int) for name in ("ended", "filed", "due"))
    is_appeal = np.isin(rows["way"], (1, 3))
    assert ((filed > ended) & (filed <= due)).all()
    assert (filed[is_appeal] <= ended[is_appeal] + 30).all()
    assert len(set((filed - ended)[is_appeal].tolist())) == 30


def test_an_appeal_filed_on_a_day_has_the_word_drawn_for_it(made):
    done, after = made
    nth = {(unit, day): n for unit, day, _, n in _decisions(done)}
    for row in after.followed[np.isin(after.followed["way"], (1, 3))][:200]:
        unit, ended = int(row["unit"]), int(row["ended"])
        key = done.world.units[unit]["key"]
        word = int(drawn(done.world.seed, key, nth[unit, ended], AFTER)[0])
        assert row["filed"] == ended + 1 + word * 30 // WORD


def test_no_order_is_carried_out_that_is_not_final(made):
    done, after = made
    ways = {(unit, day): (way, due) for unit, day, _, _, way, due in _followed(done)}
    assert len(after.removed) > 200
    for row in after.removed:
        way, due = ways[int(row["unit"]), int(row["ended"])]
        assert way is None or way >= 2
        final = due if way is not None and WAYS[way] == "appeal dismissed" else row["ended"]
        assert row["final"] == final
        assert final <= row["day"] < done.world.days


def test_final_orders_are_carried_out_by_the_words_drawn_for_them(made):
    done, after = made
    tables, world, expected = done.world.tables, done.world, []
    for unit, day, result, nth, way, due in _followed(done):
        if way is not None and way < 2:
            continue
        row = world.units[unit]
        final = due if way is not None and WAYS[way] == "appeal dismissed" else day
        words = [int(word) for word in drawn(world.seed, row["key"], nth, REMOVAL)]
        share = tables.removal_share[row["population"], result - FIRST_DECISION]
        on = final + int(tables.removal_days[row["population"], words[1] * 256 // WORD])
        if words[0] < share * WORD and final < world.days and on < world.days:
            expected.append((unit, day, on))
    found = after.removed[["unit", "ended", "day"]].tolist()
    assert sorted(found) == sorted(expected)


def test_a_run_in_which_nothing_is_decided_has_no_aftermath():
    units = made_world.units()[:0]
    after = aftermath(run(made_world.world(units=units)))
    assert len(after.followed) == len(after.removed) == 0

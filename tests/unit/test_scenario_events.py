"""What a scenario's events do to a run: told as edits, and seen in runs of small courts."""

import pickle
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from opendocket.errors import BadScenario
from opendocket.simulate.arriving import drawn
from opendocket.simulate.building import built, world_of
from opendocket.simulate.edits import Edit
from opendocket.simulate.illustrative import Size, illustrative
from opendocket.simulate.outcomes import scaled
from opendocket.simulate.run import run
from opendocket.simulate.scenario import read_scenario
from opendocket.simulate.staffing import new_staff, with_hires
from opendocket.simulate.start import Members, Start
from opendocket.simulate.state import State, started
from opendocket.simulate.tables import RECEIVED, RESULTS
from opendocket.simulate.world import NEVER, NOWHERE

ON = date(2021, 5, 28)
FIT = illustrative(Size(courts=3, judges=4))
BASE = """
[run]
start = 2021-05-28
years = 1
horizon_years = 2
[[docket]]
name = "ordinary"
populations = ["detained", "juvenile", "ordinary", "dedicated"]
share = {ordinary}
[[docket]]
name = "dedicated"
share = {dedicated}
judges = "all"
courts = ["C01", "C02"]
"""


@pytest.fixture(scope="module")
def start():
    pending = drawn(FIT.tables(), ON, 300, 9)
    pending["filed"] -= 300
    pending["enters"] = 0
    pending["counsel"][::3] = -1
    pending = pending[np.argsort(pending["key"])]
    return Start(ON, pending, Members(np.arange(len(pending) + 1), np.arange(len(pending))), {})


@pytest.fixture
def scenario(tmp_path):
    def read(events="", *, ordinary=0.0, dedicated=0.0, more=""):
        path = tmp_path / "own.toml"
        text = BASE.format(ordinary=ordinary, dedicated=dedicated)
        path.write_text(f"{text}{more}\n{events}", "utf-8")
        return read_scenario(path)

    return read


def told(world):
    """Give each change's day, and the method it calls or the kind it is."""
    return [
        (day, change.method if isinstance(change, Edit) else type(change).__name__)
        for day, change in world.changes
    ]


def dockets_of(ran, *, population="dedicated", court=0):
    """Give day of receipt and docket of those who came."""
    units = ran.units
    number = FIT.populations.index(population)
    mask = (units["population"] == number) & (units["court"] == court) & (units["filed"] >= 0)
    return units["filed"][mask], units["docket"][mask]


def test_a_docket_of_named_courts_comes_before_one_of_all(scenario, start):
    place = world_of(scenario(), FIT, start).rules.placement

    dedicated = FIT.populations.index("dedicated")
    assert place[:, dedicated].tolist() == [1, 1, 0]
    assert place.sum() == 2


def test_a_pause_sends_new_cases_elsewhere_until_it_is_lifted(scenario, start):
    pause = '[[event]]\nkind = "pause"\ndocket = "dedicated"\nafter_days = 100\nfor_days = 50'
    world = world_of(scenario(pause), FIT, start)
    day, docket = dockets_of(run(world))

    assert told(world) == [(100, "set_placement"), (150, "set_placement")]
    paused = (day >= 100) & (day < 150)
    assert paused.any()
    assert (docket[paused] == 0).all()
    assert (docket[~paused] == 1).all()


def test_a_pause_of_one_court_leaves_the_others_docket_alone(scenario, start):
    pause = (
        '[[event]]\nkind = "pause"\ndocket = "dedicated"\nafter_days = 100\ncourts = ["C02"]'
    )
    ran = run(world_of(scenario(pause), FIT, start))

    assert (dockets_of(ran, court=0)[1] == 1).all()
    day, docket = dockets_of(ran, court=1)
    assert ((docket == 0) == (day >= 100)).all()


def test_a_pause_that_moves_pending_cases_leaves_none_behind(scenario, start):
    pause = '[[event]]\nkind = "pause"\ndocket = "dedicated"\nafter_days = 100\n'
    pause += "moves_pending = true"
    units = run(world_of(scenario(pause), FIT, start)).units

    is_open = (units["stage"] < 3) & (units["enters"] < 365)
    assert is_open.any()
    assert not (is_open & (units["docket"] == 1)).any()


def test_a_launch_begins_a_docket_at_its_courts_on_its_day(scenario, start):
    launch = (
        '[[event]]\nkind = "launch"\ndocket = "dedicated"\nafter_days = 60\ncourts = ["C02"]'
    )
    ran = run(world_of(scenario(launch), FIT, start))

    day, docket = dockets_of(ran, court=1)
    assert ((docket == 1) == (day >= 60)).all()
    assert (dockets_of(ran, court=0)[1] == 1).all()


def test_hires_begin_on_their_day_and_touch_no_other_court(scenario, start):
    hire = '[[event]]\nkind = "hire"\njudges = 2\nafter_days = 100\nramp_days = 60\n'
    hire += 'courts = ["C01"]'
    without, hired = (run(world_of(scenario(text), FIT, start)) for text in ("", hire))

    new = len(hired.world.bench.judges) - 12
    heard = hired.log.counts[:, -new:].sum(axis=1)
    assert heard[:100].sum() == 0
    assert heard[160:].sum() > heard[100:130].sum() > 0
    for court in (1, 2):
        alike = [ran.units[ran.units["court"] == court].tobytes() for ran in (without, hired)]
        assert alike[0] == alike[1]
        judges = without.world.bench.court == court
        np.testing.assert_array_equal(
            without.log.counts[:, judges], hired.log.counts[:, :12][:, judges]
        )


def test_those_who_leave_hear_nothing_more_and_their_cases_have_others(scenario, start):
    depart = '[[event]]\nkind = "depart"\njudges = 3\nafter_days = 100'
    world = world_of(scenario(depart), FIT, start)
    ran = run(world)

    gone = ran.log.counts[100:].sum(axis=0) == 0
    assert gone.sum() == 3
    assert (ran.log.counts[:100].sum(axis=0) > 0).all()
    is_open = (ran.units["stage"] < 3) & (ran.units["enters"] < 365)
    assert not gone[ran.units["judge"][is_open]].any()


def test_a_court_that_closes_for_a_time_holds_nothing_and_then_goes_on(scenario, start):
    close = '[[event]]\nkind = "close"\nafter_days = 100\nfor_days = 60\ncourts = ["C02"]'
    ran = run(world_of(scenario(close), FIT, start))

    counts = ran.log.counts[:, ran.world.bench.court == 1].sum(axis=1)
    assert counts[100:160].sum() == 0
    assert counts[:100].sum() > 0
    assert counts[160:].sum() > 0
    assert {"day": 100, "court": 1} in [
        {"day": int(row["day"]), "court": int(row["court"])} for row in ran.vacated
    ]


def test_a_court_closed_to_one_docket_hears_the_other(scenario, start):
    close = '[[event]]\nkind = "close"\nafter_days = 100\nfor_days = 70\ndockets = ["ordinary"]'
    ran = run(world_of(scenario(close), FIT, start))

    during = (ran.log.day() >= 100) & (ran.log.day() < 170)
    docket = ran.units["docket"][ran.log.unit[during]]
    assert (docket == 1).sum() > 20
    assert (docket == 0).mean() < 0.1, "but for what is wanted within the week"


def test_a_court_that_closes_for_good_has_its_cases_heard_elsewhere(scenario, start):
    close = '[[event]]\nkind = "close"\nafter_days = 100\ncourts = ["C02"]\ninto = "C03"'
    ran = run(world_of(scenario(close), FIT, start))

    assert ran.log.counts[100:, ran.world.bench.court == 1].sum() == 0
    is_open = (ran.units["stage"] < 3) & (ran.units["enters"] < 365)
    assert not (ran.units["court"] == 1).any()
    moved = is_open & (ran.units["court"] == 2)
    assert (ran.units["docket"][moved] == 0).all(), "C03 has no dedicated docket"


def test_a_part_of_a_population_goes_where_a_docket_names_it(scenario, start):
    part = (
        '[[population]]\nname = "some"\nof = "ordinary"\nshare = 0.25\n'
        'courts = ["C01", "C02"]\n'
        '[[docket]]\nname = "theirs"\nlike = "ordinary"\npopulations = ["some"]\n'
        'courts = ["C01"]\nfrom = 2021-08-28'
    )
    ran = run(world_of(scenario(more=part), FIT, start))

    day, docket = dockets_of(ran, population="ordinary", court=0)
    assert set(docket[day < 92]) == {0}
    later = docket[day >= 92] == 2
    assert abs(later.mean() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / len(later))
    assert len(later) > 300
    assert set(dockets_of(ran, population="ordinary", court=1)[1]) == {0}


def test_caps_on_wanted_days_make_gaps_of_a_dockets_own(scenario, start):
    capped = scenario(more="first_hearing_within_days = 9\nnext_hearing_within_days = 20")
    world = world_of(capped, FIT, start)

    assert world.tables.dockets[-1] == "dedicated*"
    own = world.tables.gap[world.rules.like[1]]
    assert own[:, RECEIVED].max() == 9
    assert own.max() == 20
    np.testing.assert_array_equal(world.tables.gap[:-1], FIT.tables().gap)


def test_lawyers_are_counted_by_who_has_counsel_at_the_start(scenario, start):
    event = '[[event]]\nkind = "lawyers"\nfactor = 2\nafter_days = 50\ncourts = ["C01"]'
    world = world_of(scenario(event, more="[counsel]\nlimit = 0.5"), FIT, start)

    have = np.bincount(start.units["court"][start.units["counsel"] < 0], minlength=3)
    assert world.rules.lawyers.tolist() == np.round(have * 0.5).tolist()
    day, edit = world.changes[0]
    assert (day, edit.method) == (50, "set_lawyers")
    assert edit.values[1].tolist() == [2 * world.rules.lawyers[0]]


def test_more_people_seek_counsel_and_nobody_who_did_stops(scenario, start):
    once = world_of(scenario(), FIT, start).units
    twice = world_of(scenario(more="[counsel]\nseek_factor = 2"), FIT, start).units

    sought = once["seeks"] != NEVER
    np.testing.assert_array_equal(once["key"], twice["key"])
    assert (twice["seeks"][sought] != NEVER).all()
    assert (twice["seeks"] != NEVER).sum() > 1.2 * sought.sum()


def test_an_outcome_becomes_likelier_for_a_time(scenario, start):
    event = (
        '[[event]]\nkind = "outcome"\nresult = "no nta"\nfactor = 5\nafter_days = 60\n'
        'for_days = 60\npopulations = ["ordinary"]'
    )
    world = world_of(scenario(event), FIT, start)

    assert told(world) == [(60, "set_result"), (120, "set_result")]
    during, after = (change.values[0] for _, change in world.changes)
    np.testing.assert_array_equal(after, FIT.tables().result)
    no_nta, ordinary = RESULTS.index("no nta"), FIT.populations.index("ordinary")
    np.testing.assert_allclose(
        during[:, ordinary, ..., no_nta], 5 * after[:, ordinary, ..., no_nta]
    )
    np.testing.assert_allclose(during.sum(axis=-1), 1)
    np.testing.assert_array_equal(during[:, 0], after[:, 0])


def test_a_certain_result_stays_certain():
    np.testing.assert_array_equal(scaled(np.array([1.0, 0.0]), 0, 0.5), [1.0, 0.0])


def test_a_reset_takes_a_dockets_hearings_to_the_day_it_says(scenario, start):
    reset = (
        '[[event]]\nkind = "reset"\ndocket = "dedicated"\nafter_days = 100\nwanted = 2021-12-01'
    )
    ran = run(world_of(scenario(reset), FIT, start))

    on = ran.vacated[ran.vacated["day"] == 100]
    assert len(on) > 20
    assert set(ran.units["docket"][on["unit"]]) == {1}


def test_a_scenario_that_only_differs_later_has_the_same_run_until_then(scenario, start):
    pause = '[[event]]\nkind = "pause"\ndocket = "dedicated"\nafter_days = 100'
    runs = [run(world_of(scenario(text), FIT, start)) for text in ("", pause)]

    np.testing.assert_array_equal(runs[0].log.counts[:100], runs[1].log.counts[:100])
    n = int(runs[0].log.counts[:100].sum())
    np.testing.assert_array_equal(runs[0].log.unit[:n], runs[1].log.unit[:n])


def test_changes_can_be_made_again_and_sent(scenario, start):
    hire = '[[event]]\nkind = "hire"\njudges = 2\nafter_days = 100'
    first, second = (world_of(scenario(hire), FIT, start) for _ in range(2))

    assert pickle.dumps(first.changes) == pickle.dumps(second.changes)
    assert run(first).sha256() == run(pickle.loads(pickle.dumps(second))).sha256()


def test_every_edit_calls_a_method_that_the_state_has(scenario, start):
    events = "\n".join(
        f"[[event]]\nafter_days = {day}\n{text}"
        for day, text in enumerate(
            (
                'kind = "hire"\njudges = 3',
                'kind = "depart"\njudges = 1.5',
                'kind = "leave"\njudges = 2\nfor_days = 30',
                'kind = "pause"\ndocket = "dedicated"\nfor_days = 9',
                'kind = "priority"\ndocket = "dedicated"\nlike = "detained"\nrelease_days = 3',
                'kind = "lawyers"\nfactor = 2',
                'kind = "outcome"\nresult = "relief"\nfactor = 2',
            ),
            10,
        )
    )
    world = world_of(scenario(events, more="[counsel]\nlimit = 1"), FIT, start)

    methods = {change.method for _, change in world.changes if isinstance(change, Edit)}
    assert methods >= {"set_slots", "set_weight", "set_gap", "set_release_days", "set_lawyers"}
    assert [name for name in methods if not hasattr(State, name)] == []


def test_members_follow_their_units(scenario, start):
    made = built(scenario(), FIT, start)

    units, people = made.world.units, made.members
    size = np.diff(people.first)
    assert (size == (units["filed"] < 0)).all()
    leads = start.units["key"][people.case_id]
    np.testing.assert_array_equal(leads, units["key"][units["filed"] < 0])
    assert (units["docket"][units["filed"] >= 0] == NOWHERE).all()


BAD = {
    "an unknown court": (
        '[[docket]]\nname = "x"\npopulations = ["detained"]\ncourts = ["C01",\n"C9"]', "C9",
    ),
    "an unknown population": ('[[docket]]\nname = "x"\npopulations = ["family"]', "'family'"),
    "gaps of no fitted docket": (
        '[[docket]]\nname = "x"\npopulations = ["detained"]\ncourts = ["C03"]\nlike = "y"',
        "names 'y'",
    ),
    "two dockets of the same cases": (
        '[[docket]]\nname = "x"\nlike = "ordinary"\npopulations = ["dedicated"]\n'
        'courts = ["C02", "C03"]', "at C02 a second docket, after 'dedicated'",
    ),
    "two dockets of everybody": (
        '[[docket]]\nname = "x"\nlike = "ordinary"\npopulations = ["juvenile"]', "all courts",
    ),
    "a part of nobody": ('[[population]]\nname = "x"\nof = "family"\nshare = 1', "'family'"),
    "a scale of nobody": ("[arrivals]\nscale = {family = 1}", "'family'"),
    "a launch where it is not held": (
        '[[event]]\nkind = "launch"\non = 2021-07-01\ndocket = "dedicated"\ncourts = ["C03"]',
        "where dedicated is not held",
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", BAD)
def test_what_the_fit_does_not_know_is_refused_with_its_line(why, scenario, start):
    more, words = BAD[why]
    wrong = scenario(more=more)

    with pytest.raises(BadScenario) as raised:
        world_of(wrong, FIT, start)

    assert words in str(raised.value)
    assert raised.value.line > BASE.count("\n")


def test_a_population_without_a_docket_is_refused(tmp_path, start):
    path = tmp_path / "own.toml"
    path.write_text('[run]\nstart = 2021-05-28\n[[docket]]\nname = "ordinary"', "utf-8")

    with pytest.raises(BadScenario, match="'dedicated' at C01 without one"):
        world_of(read_scenario(path), FIT, start)


def test_slots_are_held_at_the_dockets_own_courts_alone(scenario, start):
    world = world_of(scenario(dedicated=0.4), FIT, start)
    state = started(world)
    for day, change in world.changes:
        assert day == 0
        change(state)

    held = state.calendars.left[2].sum(axis=(0, 2)) / world.bench.slots.sum(axis=(0, 2))
    np.testing.assert_allclose(held[world.bench.court < 2], 0.4, atol=0.01)
    assert not held[world.bench.court == 2].any()


def test_a_pause_at_one_court_frees_its_held_slots_and_no_others(scenario, start):
    pause = (
        '[[event]]\nkind = "pause"\ndocket = "dedicated"\nafter_days = 100\ncourts = ["C02"]'
    )
    without, paused = (
        run(world_of(scenario(text, dedicated=0.4), FIT, start)) for text in ("", pause)
    )

    for court in (0, 2):
        alike = [ran.units[ran.units["court"] == court].tobytes() for ran in (without, paused)]
        assert alike[0] == alike[1]
    there = without.world.bench.court == 1
    assert not np.array_equal(without.log.counts[:, there], paused.log.counts[:, there])


def test_a_docket_of_a_new_name_takes_the_gaps_of_its_first_people(scenario, start):
    more = '[[docket]]\nname = "x"\npopulations = ["detained"]\ncourts = ["C03"]'
    named, left_out = (
        world_of(scenario(more=text), FIT, start)
        for text in (more + '\nlike = "detained"', more)
    )

    assert named.rules.like == left_out.rules.like


def test_new_judges_of_few_hearings_a_week_share_a_calendar():
    calendars = replace(FIT.calendars, weekly=FIT.calendars.weekly * 0.001)
    judges = np.full(len(FIT.calendars.courts), 7.0)

    few = with_hires(new_staff(calendars), 0, judges, "NEW")
    many = with_hires(new_staff(FIT.calendars), 0, judges, "NEW")

    assert (few.hired_by == 0).sum() == len(judges)
    assert few.worth[few.hired_by == 0].sum() == many.worth[many.hired_by == 0].sum()
    assert (many.hired_by == 0).sum() > len(judges)


def test_a_case_that_a_new_judge_takes_is_booked_from_the_day_first_wanted(scenario, start):
    hire = '[[event]]\nkind = "hire"\nafter_days = 100\njudges = 9\nramp_days = 0'
    without, hired = (run(world_of(scenario(text), FIT, start)) for text in ("", hire))

    assert len(hired.vacated) > 0
    assert hired.log.wait.mean() < without.log.wait.mean() + 1

"""A run, written as a docket, says what the log says, and keeps what came before."""

from datetime import timedelta

import made_world
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from opendocket import answer
from opendocket.checks import examine
from opendocket.cli import main
from opendocket.columns.codes import adjournment_groups, held_by_reason, outcome_group
from opendocket.docket.opened import open_docket
from opendocket.errors import AlreadyThere, NothingToShow
from opendocket.measure.catalogue import MEASURES
from opendocket.measure.population import cases
from opendocket.simulate import aftermath as aftermath_module
from opendocket.simulate.letters import adjournments, completions
from opendocket.simulate.run import run
from opendocket.simulate.tables import (
    CLOSED,
    DECISIONS,
    FIRST_DECISION,
    RESULTS,
    SET,
    VACATED,
)
from opendocket.simulate.world import NOWHERE, Rules
from opendocket.simulate.written import write_docket

START, DAYS = made_world.START, made_world.DAYS


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Give a run of a world from nothing, and its docket."""
    done = run(made_world.world())
    out = tmp_path_factory.mktemp("made") / "made.duckdb"
    write_docket(done, made_world.NOBODY, None, out, scenario="by hand")
    return done, out


@pytest.fixture(scope="module")
def went_on(small_docket, tmp_path_factory):
    """Give a run from the small docket, who is in it, and the docket that came out."""
    with open_docket(small_docket) as docket:
        world, members = made_world.world_from(docket)
    done = run(world)
    out = tmp_path_factory.mktemp("on") / "on.duckdb"
    write_docket(done, members, small_docket, out, scenario="nothing changed")
    return done, members, out


def rows(path, query):
    with open_docket(path) as docket:
        return docket.con.execute(query).fetchall()


def known(units):
    """Tell which units the courts know by the run's end."""
    return units["enters"] < DAYS


def log_of(done):
    """Give the log as a frame, with the people in each unit."""
    return pl.DataFrame(
        {
            "unit": done.log.unit,
            "day": done.log.day().astype(np.int64),
            "result": done.log.result(),
            "size": done.units["size"][done.log.unit].astype(np.int64),
        }
    )


def test_pending_people_are_those_of_open_units(made):
    done, out = made
    here = known(done.units) & (done.units["stage"] < CLOSED)
    assert rows(out, "select count(*) from out_view__pending_case") == [
        (int(done.units["size"][here].sum()),)
    ]


def test_the_measure_of_pending_cases_agrees_day_by_day(made):
    done, out = made
    log = log_of(done).filter(pl.col("result") >= FIRST_DECISION)
    with open_docket(out) as docket:
        for day in (200, 500, 800):
            came = done.units["size"][done.world.units["enters"] <= day].sum()
            ended = log.filter(pl.col("day") <= day)["size"].sum()
            back = done.returned["unit"][done.returned["day"] <= day]
            there = int(came) - ended + int(done.units["size"][back].sum())
            on = START + timedelta(days=day)
            found = answer(docket, "pending", as_of=on)
            assert found["pending_count"][0] == there


def test_each_hearing_of_the_log_has_a_row_for_each_person(made):
    done, out = made
    log = log_of(done)
    codes = adjournments()
    found = dict(
        rows(
            out,
            "select adjourned_code, count(*) from out_docket__hearing "
            "where adjourned_code is not null group by 1",
        )
    )
    expected = dict.fromkeys(codes["code"], 0)
    counsel = done.log.is_represented()
    for result, represented, size in zip(log["result"], counsel, log["size"], strict=True):
        row = codes.row(
            by_predicate=(pl.col("result") == result)
            & (pl.col("is_represented") == bool(represented))
        )
        expected[row[2]] += size
    expected["9A"] += int(done.units["size"][done.vacated["unit"]].sum())
    assert found == {code: count for code, count in expected.items() if count}


def test_endings_by_outcome_are_those_of_the_log(made):
    done, out = made
    log = log_of(done).filter(pl.col("result") >= FIRST_DECISION)
    expected = {
        RESULTS[result]: size
        for result, size in log.group_by("result").agg(pl.col("size").sum()).iter_rows()
    }
    found = rows(out, "select outcome, count(*) from out_docket__decision group by 1")
    assert dict(found) == expected
    assert set(expected) == set(DECISIONS)


def test_the_median_days_to_the_first_decision_are_those_of_the_log(made):
    done, out = made
    decided = range(FIRST_DECISION, VACATED - 2)
    log = log_of(done).filter(pl.col("result").is_in(decided))
    first = log.group_by("unit").agg(pl.col("day").min(), pl.col("size").first())
    days = first["day"] - pl.Series(done.units["filed"][first["unit"]].astype(np.int64))
    expected = np.sort(np.repeat(days.to_numpy(), first["size"].to_numpy()))
    found = rows(
        out,
        "select date_diff('day', received_date, first_decision_date) as d "
        "from out_docket__case where first_decision_date is not null order by d",
    )
    assert [day for (day,) in found] == expected.tolist()


def test_hearings_ahead_stand_where_the_calendar_has_them(made):
    done, out = made
    ahead = (done.units["stage"] < CLOSED) & (done.units["pool"] != NOWHERE)
    ahead &= done.units["booked"] >= DAYS
    on = done.units["booked"][ahead].astype(int)
    expected = sorted(np.repeat(on, done.units["size"][ahead]).tolist())
    found = rows(
        out,
        "select date_diff('day', "
        f"date '{START}', next_hearing_date) as d from out_view__pending_case "
        "where next_hearing_date is not null order by d",
    )
    assert [day for (day,) in found] == expected


def test_a_closed_court_hands_its_open_cases_on_that_day(made):
    _, out = made
    moved = rows(
        out,
        "select completed_date, court_code, count(*) from out_docket__proceeding "
        "where outcome = 'move' group by all",
    )
    closed = START + timedelta(days=300)
    assert {(day, court) for day, court, _ in moved} == {(closed, "MIA")}
    after = rows(
        out,
        "select count(*) from out_docket__hearing where is_held and court_code = 'MIA' "
        f"and hearing_date >= date '{closed}'",
    )
    assert after == [(0,)]


def test_people_on_a_docket_called_dedicated_bear_its_tag_and_sit_at_its_place(made):
    done, out = made
    here = known(done.units) & (done.units["docket"] == 0)
    size = int(done.units["size"][here].sum())
    found = rows(
        out, "select count(*) from out_view__dedicated_case where is_tagged_and_placed"
    )
    assert found == [(size,)]


def test_families_are_linked_to_their_lead(made):
    done, out = made
    sizes = done.units["size"][known(done.units) & (done.units["size"] > 1)]
    found = rows(
        out, "select person_count, count(*) from out_view__linked_family group by 1 order by 1"
    )
    assert found == [(size, int((sizes == size).sum())) for size in sorted(set(sizes.tolist()))]


def test_counsel_and_applications_are_dated_as_in_the_run(made):
    done, out = made
    units = done.units[known(done.units)]
    counsel = units["counsel"].astype(int)
    in_time = (units["decided"] < 0) | (counsel <= units["decided"])
    before = done.world.units["counsel"][known(done.units)] < 0
    expected = units["size"][(counsel < DAYS) & in_time & ~before].sum()
    found = rows(out, "select count(*) from core_eoir__representative")
    assert found == [(int(expected),)]
    latest = rows(out, "select max(asylum_filed_date) from out_docket__case")[0][0]
    assert latest < START + timedelta(days=DAYS)


def test_motions_and_appeals_of_the_aftermath_are_on_record(made):
    done, out = made
    followed = aftermath_module.aftermath(done).followed
    people = done.units["size"][followed["unit"]].astype(int)
    is_appeal = np.isin(followed["way"], (1, 3))
    counts = rows(
        out,
        "select (select count(*) from core_eoir__appeal), "
        "(select count(*) from core_eoir__appeal where strBIADecision = 'REM'), "
        "(select count(*) from core_eoir__motion), "
        "(select count(*) from core_eoir__motion where DEC = 'G')",
    )[0]
    done_by_then = followed["due"] < DAYS
    assert counts == (
        people[is_appeal].sum(),
        people[(followed["way"] == 1) & done_by_then].sum(),
        people[~is_appeal].sum(),
        people[(followed["way"] == 0) & done_by_then].sum(),
    )


def test_what_the_source_knew_by_the_start_is_as_it_was(small_docket, went_on):
    done, _, out = went_on
    eve = done.world.start - timedelta(days=1)
    hearings = (
        "select case_id, hearing_date, adjourned_code, is_master, judge_code "
        f"from out_docket__hearing where hearing_date <= date '{eve}' "
        f"and booked_date <= date '{eve}' order by all"
    )
    with open_docket(small_docket) as before, open_docket(out) as after:
        was, now = (
            cases(d.con, "everything", as_of=eve).sort("case_id") for d in (before, after)
        )
        heard, still = (d.con.execute(hearings).fetchall() for d in (before, after))
    assert len(was) > 10_000
    assert was.equals(now)
    assert heard == still


def test_cases_of_the_record_go_on_from_their_last_stretch_in_a_court(went_on):
    done, members, out = went_on
    sizes = np.diff(members.first)
    closed = done.units["stage"][np.repeat(np.arange(len(sizes)), sizes)] == CLOSED
    pending = set(members.case_id[~closed].tolist())
    found = {case for (case,) in rows(out, "select case_id from out_view__pending_case")}
    assert set(members.case_id.tolist()) & found == pending
    assert len(pending) > 20


def test_new_people_are_numbered_above_the_record(small_docket, went_on):
    done, members, out = went_on
    most = rows(small_docket, "select max(IDNCASE) from core_eoir__case")[0][0]
    new = np.ones(len(done.units), dtype=bool)
    new[: len(members.first) - 1] = np.diff(members.first) == 0
    size = int(done.units["size"][new & known(done.units)].sum())
    found = rows(
        out, f"select count(*), min(case_id) from out_docket__case where case_id > {most}"
    )
    assert found == [(size, most + 1)]


def test_of_the_cases_received_later_those_in_the_run_alone_are_there(small_docket, went_on):
    done, members, out = went_on
    most = rows(small_docket, "select max(IDNCASE) from core_eoir__case")[0][0]
    later = rows(
        out,
        "select case_id, nationality_code from out_docket__case "
        f"where received_date >= date '{done.world.start}' and case_id <= {most} order by 1",
    )
    sizes = np.diff(members.first)
    enters = np.repeat(done.units["enters"][: len(sizes)], sizes)
    again = sorted(members.case_id[enters > 0].tolist())
    assert len(again) == 100
    assert [case for case, _ in later] == again
    assert [row for row in later if row[1]] == rows(
        small_docket,
        "select case_id, nationality_code from out_docket__case "
        f"where case_id in {tuple(again)} and nationality_code is not null order by 1",
    )


def test_from_the_start_on_people_in_the_run_have_the_hearings_of_the_log(went_on):
    done, members, out = went_on
    sizes = np.ones(len(done.units), dtype=np.int64) * done.units["size"]
    sizes[: len(members.first) - 1] = np.where(
        np.diff(members.first) > 0, np.diff(members.first), sizes[: len(members.first) - 1]
    )
    found = rows(
        out,
        "select count(*) from out_docket__hearing where adjourned_code is not null "
        f"and coalesce(hearing_date >= date '{done.world.start}', true)",
    )
    assert found == [(int(sizes[done.log.unit].sum()),)]


def test_a_standing_hearing_keeps_the_day_it_was_booked(small_docket, went_on):
    done, _, out = went_on
    start = done.world.start
    booked = (
        "select case_id, hearing_date, min(booked_date) from out_docket__hearing "
        f"where hearing_date >= date '{start}' and booked_date < date '{start}' group by all"
    )
    kept = set(rows(out, booked))
    assert len(kept) > 100
    assert kept <= set(rows(small_docket, booked))


def test_an_application_stands_once_under_each_stretch_of_a_case(went_on):
    _, _, out = went_on
    ((rows_there, different),) = rows(
        out,
        "select count(*), count(distinct (IDNPROCEEDING, APPL_RECD_DATE)) "
        "from core_eoir__application where APPL_CODE = 'ASYL'",
    )
    assert rows_there == different


@pytest.mark.parametrize("which", ["made", "went_on"])
def test_every_named_measure_answers_or_says_that_there_is_nothing(which, request):
    out = request.getfixturevalue(which)[-1]
    silent = []
    with open_docket(out) as docket:
        for name in MEASURES:
            try:
                assert len(answer(docket, name, definition="all"))
            except NothingToShow:
                silent.append(name)
    assert set(silent) <= {"bond", "grant-rate-dispersion"}


@pytest.mark.parametrize("which", ["made", "went_on"])
def test_the_checks_find_nothing_wrong(which, request):
    with open_docket(request.getfixturevalue(which)[-1]) as docket:
        examined = examine(docket)
    assert [found for _, found in examined.of("wrong")] == []
    assert examined.tally["ok"] > 500


def test_a_report_on_a_run_says_that_it_is_simulated(made, tmp_path):
    _, out = made
    folder = tmp_path / "report"
    done = CliRunner().invoke(
        main,
        ["report", "dedicated-docket", "--docket", str(out), "--out", str(folder)],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    page = (folder / "index.html").read_text("utf-8")
    assert "Simulated data." in page
    assert "synthetic" not in page.lower()
    names = [path.name for path in (folder / "data").iterdir()]
    assert sum(name.startswith("simulated-") for name in names) > 10
    assert not any(name.startswith("synthetic-") for name in names)


def test_an_answer_on_a_run_says_that_it_is_simulated(made):
    _, out = made
    said = CliRunner().invoke(main, ["measure", "pending", "--docket", str(out)]).output
    assert "SIMULATED DATA" in said
    assert "SYNTHETIC" not in said


def test_a_run_can_start_from_a_run(made, tmp_path):
    _, source = made
    start = START + timedelta(days=450)
    with open_docket(source) as docket:
        world, members = made_world.world_from(docket, start=start, days=200)
    out = tmp_path / "again.duckdb"
    write_docket(run(world), members, source, out, scenario="again")
    eve = start - timedelta(days=1)
    with open_docket(source) as before, open_docket(out) as after:
        was, now = (cases(d.con, "all", as_of=eve).sort("case_id") for d in (before, after))
        assert was.equals(now)
        assert examine(after).tally["wrong"] == 0


def test_the_docket_does_not_depend_on_how_many_units_are_written_at_a_time(
    made, tmp_path, monkeypatch
):
    done, out = made
    monkeypatch.setattr(aftermath_module, "AT_A_TIME", 200)
    again = tmp_path / "again.duckdb"
    write_docket(done, made_world.NOBODY, None, again, scenario="by hand", threads=2)
    for table in ("case", "proceeding", "schedule", "appeal", "motion", "application"):
        query = f"from core_eoir__{table} order by all"
        assert rows(out, query) == rows(again, query)
    ids = "select count(*), count(distinct IDNPROCEEDING) from core_eoir__proceeding"
    assert len(set(rows(again, ids)[0])) == 1


def test_a_run_that_pulls_has_no_hearing_ahead(tmp_path):
    world = made_world.world()
    rules = Rules(
        dockets=world.rules.dockets, like=(0, 1), is_booked=False,
        placement=world.rules.placement, order=("oldest", "oldest"),
    )  # fmt: skip
    done = run(made_world.world(rules=rules, changes=()))
    out = tmp_path / "pulled.duckdb"
    write_docket(done, made_world.NOBODY, None, out, scenario="pull")
    found = rows(
        out,
        "select count(*), count(*) filter (hearing_date <> booked_date), "
        "count(*) filter (not is_possible or adjourned_code is null) from out_docket__hearing",
    )
    assert found == [(int(log_of(done)["size"].sum()), 0, 0)]


def test_a_run_is_not_written_over_its_source(went_on, small_docket):
    done, members, _ = went_on
    with pytest.raises(AlreadyThere, match="started from"):
        write_docket(done, members, small_docket, small_docket, scenario="x", overwrite=True)


def test_a_continuance_has_a_code_of_its_own_group():
    groups, held = adjournment_groups(), held_by_reason()
    for result, _, code in adjournments().iter_rows():
        if result < SET:
            assert groups[code] == RESULTS[result]
            assert held[code] is (RESULTS[result] not in ("judge", "court operations"))
    assert not held["9A"]


def test_an_ending_has_letters_of_its_own_group():
    ours = {"in absentia": "removal"}
    for kind, result, letter, other, *_ in completions().iter_rows():
        name = "move" if result == VACATED else RESULTS[result]
        found = outcome_group(kind, letter or other, "C" if letter else "O")
        if kind == "RMV":
            assert found == ours.get(name, name)
        assert found in (ours.get(name, name), "other", None)

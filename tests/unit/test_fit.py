"""A docket fitted, written, read, started from: what must hold whatever the numbers."""

import json
from dataclasses import replace
from datetime import date

import duckdb
import numpy as np
import polars as pl
import pytest

from opendocket.docket.opened import open_docket
from opendocket.errors import NotAFit, NothingToFit
from opendocket.simulate.arriving import drawn, replayed
from opendocket.simulate.capacity import capacity
from opendocket.simulate.fit import fit
from opendocket.simulate.fitted import read_fit, write_fit
from opendocket.simulate.illustrative import Size, illustrative
from opendocket.simulate.recorded import ROW, Endings, followed
from opendocket.simulate.seeking import with_luck
from opendocket.simulate.start import starting
from opendocket.simulate.tables import (
    FIRST_DECISION,
    FIRST_MASTER,
    INDIVIDUAL,
    LATER_MASTER,
    RECEIVED,
    RETURNED,
    SET,
)
from opendocket.simulate.wanted import bounds, wanted_gaps
from opendocket.simulate.world import NEVER

FIRST, LAST = date(2023, 7, 1), date(2026, 6, 30)


@pytest.fixture(scope="module")
def fitted(small_docket):
    with open_docket(small_docket) as docket:
        return fit(docket, FIRST, LAST)


@pytest.fixture(scope="module")
def start(small_docket, fitted):
    with open_docket(small_docket) as docket:
        return starting(docket, date(2024, 7, 1), fit=fitted, seed=1)


def asked(docket, query):
    with duckdb.connect(docket, read_only=True) as con:
        return con.execute(query).fetchall()


def test_a_fit_is_read_back_as_it_was_written(fitted, tmp_path):
    again = read_fit(write_fit(fitted, tmp_path / "fit.json"))

    assert again.sha256 == fitted.sha256
    assert again.source == fitted.source
    for draw in (None, 7):
        one, other = fitted.tables(draw).arrays(), again.tables(draw).arrays()
        assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_fit_says_on_what_it_was_fitted(fitted, small_docket, tmp_path):
    ((sha256,),) = asked(small_docket, "select sha256 from out_load__release")

    told = json.loads(write_fit(fitted, tmp_path / "fit.json").read_text())

    assert told["source"]["release_sha256"] == sha256
    assert told["source"]["is_synthetic"] is True
    assert (told["source"]["first"], told["source"]["last"]) == ("2023-07-01", "2026-06-30")
    assert told["used"]["hearings"] > 10_000


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda text: text.replace('"is_synthetic": true', '"is_synthetic": false'), "changed"),
        (lambda text: text[: len(text) // 2], "not JSON"),
        (lambda text: text.replace("opendocket fit 1", "opendocket fit 0"), "another form"),
    ],
)
def test_a_damaged_fit_is_refused(tmp_path, change, found):
    path = write_fit(illustrative(Size(1, 1)), tmp_path / "fit.json")
    path.write_text(change(path.read_text()))

    with pytest.raises(NotAFit, match=found):
        read_fit(path)


def test_a_window_without_hearings_is_refused(small_docket):
    with open_docket(small_docket) as docket, pytest.raises(NothingToFit):
        fit(docket, date(1970, 1, 1), date(1970, 12, 31))


def test_a_draw_is_the_same_each_time_and_another_number_gives_another(fitted):
    one, again, other = fitted.tables(3), fitted.tables(3), fitted.tables(4)

    assert np.array_equal(one.result, again.result)
    assert not np.array_equal(one.result, other.result)
    assert not np.array_equal(one.arrivals, fitted.tables().arrivals)


def test_draws_scatter_around_the_posterior_mean(fitted):
    mean = fitted.tables().result
    draws = np.stack([fitted.tables(draw).result for draw in range(40)])

    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(axis=0) - mean) <= 4 * error + 2e-3).mean() > 0.99


def test_families_counted_are_those_received_in_the_window(fitted, small_docket):
    ((families,),) = asked(
        small_docket,
        """
        with led as (
            select
                received_date,
                row_number() over (
                    partition by lead_case_id order by case_id <> lead_case_id, case_id
                ) as place
            from out_docket__case
            where case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO')
                and has_proceeding and received_date is not null
        )
        select count(*) from led
        where place = 1 and received_date between date '2023-07-01' and date '2026-06-30'
        """,
    )

    assert fitted.arrivals.people.sum() == families
    assert fitted.arrivals.families.sum() <= families


def test_calendars_have_room_for_what_was_heard(fitted):
    weeks = ((LAST - FIRST).days + 1) / 7
    heard = fitted.results.counts.sum()

    assert fitted.calendars.weekly.sum() * weeks >= 0.98 * heard
    assert fitted.calendars.serves.any(axis=1).all()
    assert len(fitted.calendars.judges) == len(fitted.pooled)
    for court in range(len(fitted.courts)):
        assert fitted.calendars.serves[fitted.calendars.court == court].any(axis=0).all()


def test_whoever_is_pending_today_is_in_the_start(small_docket, fitted):
    pending = {
        case
        for (case,) in asked(
            small_docket,
            """
            select case_id from out_view__pending_case where received_date is not null
            """,
        )
    }

    with open_docket(small_docket) as docket:
        start = starting(docket, date(2026, 7, 1), fit=fitted)

    here = set(start.members.case_id.tolist())
    assert len(here) == len(start.members.case_id), "nobody is in two units"
    assert len(here ^ pending) + sum(start.left_out.values()) < 0.01 * len(pending)


def test_a_start_knows_nothing_of_its_first_day_or_later(start):
    units = start.units

    assert (units["filed"] < 0).all()
    assert ((units["wanted"] >= 0) | (units["wanted"] == -1)).all()
    is_known = units["counsel"] < 0
    assert ((units["counsel"] == NEVER) | is_known).all()
    assert (units["seeks"][~is_known] >= 0).all()
    assert (np.diff(start.members.first) >= 1).all()
    assert np.array_equal(
        units["key"], start.members.case_id[start.members.first[:-1]].astype(np.uint32)
    )


def test_luck_drawn_anew_leaves_what_is_known(start, fitted):
    again = with_luck(start.units, fitted.tables(5), seed=2)
    same = with_luck(again, fitted.tables(), seed=1)

    is_known = start.units["counsel"] < 0
    assert np.array_equal(again["seeks"][is_known], start.units["seeks"][is_known])
    assert not np.array_equal(again["seeks"], start.units["seeks"])
    for name in start.units.dtype.names:
        assert np.array_equal(same[name], start.units[name])


def test_replayed_families_come_on_the_day_they_were_received(small_docket, fitted):
    with open_docket(small_docket) as docket:
        come = replayed(docket, date(2025, 1, 1), date(2025, 12, 31), fit=fitted)
    rows = asked(
        small_docket,
        "select case_id, received_date - date '2025-01-01' from out_docket__case",
    )
    received = dict(rows)

    assert len(come.units) > 100
    for key, enters in come.units[["key", "enters"]].tolist():
        assert received[key] == enters
    assert (np.diff(come.units["enters"]) >= 0).all()
    assert (np.diff(come.members.first) >= come.units["size"]).all()


def test_another_rate_at_one_court_leaves_the_families_of_all_others():
    tables = illustrative(Size(3, 4)).tables()
    more = tables.arrivals.copy()
    more[1] *= 1.5
    day = date(2024, 1, 1)

    before = drawn(tables, day, 400, seed=9)
    after = drawn(replace(tables, arrivals=more), day, 400, seed=9)

    others = before["court"] != 1
    assert np.array_equal(before[others], after[after["court"] != 1])
    assert set(before["key"]) <= set(after["key"])
    assert 1.3 < (after["court"] == 1).sum() / (~others).sum() < 1.7


def one_unit(hearings, endings=()):
    """Follow one unit: (day, is individual, result), and (day, outcome, until, remand)."""
    day, individual, result = (np.array(part) for part in zip(*hearings, strict=True))
    n = len(day)
    heard = {
        "unit": np.zeros(n, np.int32), "day": day.astype(np.int32),
        "booked": day.astype(np.int32) - 5, "bench": np.zeros(n, np.int32),
        "is_individual": individual.astype(bool), "is_ahead": np.zeros(n, bool),
        "result": result.astype(np.int8),
    }  # fmt: skip
    e = np.array([(*row, 0) for row in endings], dtype=np.int64).reshape(-1, 5)
    ends = Endings(
        np.zeros(len(e), np.int32), e[:, 0].astype(np.int32), e[:, 1].astype(np.int8),
        e[:, 2].astype(np.int32), e[:, 3].astype(bool), e[:, 4].astype(np.int32),
    )  # fmt: skip
    return followed(heard, ends, np.array([0]))


FAR = 2**30


def test_a_case_goes_from_masters_to_an_individual_hearing_and_its_decision():
    rows, stand, _ = one_unit(
        [(40, False, 0), (100, False, 1), (200, True, 2)],
        [(200, FIRST_DECISION, FAR, False)],
    )

    assert rows["stage"].tolist() == [FIRST_MASTER, LATER_MASTER, INDIVIDUAL]
    assert rows["result"].tolist() == [0, SET, FIRST_DECISION]
    assert rows["since"].tolist() == [RECEIVED, 0, SET]
    assert (rows["day"] - rows["from_day"]).tolist() == [40, 60, 100]
    assert stand["decided"].tolist() == [200]


def test_a_decision_on_paper_is_a_hearing_of_its_own_unless_one_was_near():
    near, *_ = one_unit([(40, False, 0)], [(50, FIRST_DECISION, FAR, False)])
    far, *_ = one_unit([(40, False, 0)], [(250, FIRST_DECISION, FAR, False)])

    assert near["result"].tolist() == [FIRST_DECISION]
    assert far["result"].tolist() == [0, FIRST_DECISION]
    assert far["day"].tolist() == [40, 250]


def test_a_case_sent_back_is_heard_at_an_individual_hearing_and_one_reopened_at_a_master():
    for is_remand, stage in ((True, INDIVIDUAL), (False, LATER_MASTER)):
        rows, stand, _ = one_unit(
            [(40, False, 0), (60, False, 0), (500, False, 0)],
            [(40, FIRST_DECISION, 400, is_remand)],
        )

        assert rows["day"].tolist() == [40, 500], "the hearing of a closed case is passed over"
        assert rows["stage"].tolist()[1] == stage
        assert rows["since"].tolist()[1] == RETURNED
        assert rows["from_day"].tolist()[1] == 400
        assert stand["round"].tolist() == [1]


def congested(rng, weeks=160, load=1.15, room=4):
    """Give bookings of one full calendar, and the days ahead at which they were wanted."""
    free = np.zeros(7 * weeks + 4_000, int)
    free[np.arange(len(free)) % 7 == 2] = room  # a session a week
    free[np.arange(len(free)) % 7 == 4] = room
    rows, wanted = [], []
    for today in range(7 * weeks):
        for _ in range(rng.poisson(2 * room * load / 7)):
            ahead = int(np.ceil(rng.lognormal(np.log(60), 0.5)))
            day = today + ahead
            while not free[day]:
                day += 1
            free[day] -= 1
            rows.append((len(rows), day, today, today, 0, 0, 1, 0, 0, 0, 0))
            wanted.append(ahead)
    return np.array(rows, ROW), np.array(wanted)


def test_wanted_gaps_are_found_again_where_full_calendars_make_gaps_longer():
    rng = np.random.default_rng(20261124)
    found, raw = [], []
    for _ in range(6):
        rows, wanted = congested(rng)
        window = (0, int(rows["booked"].max()))
        told = bounds(rows, np.array([0]), np.array([[4], [4]]), window)
        (gap,) = wanted_gaps(rows, np.zeros(len(rows), int), told)
        share = gap.counts.cumsum() / gap.counts.sum()
        found.append(gap.days[np.searchsorted(share, 0.5)] / np.median(wanted))
        raw.append(np.median(rows["day"] - rows["booked"]) / np.median(wanted))

    assert min(raw) > 1.3, "congestion is plain to see"
    assert abs(np.mean(found) - 1) < 0.1
    assert np.std(found) / np.sqrt(6) < 0.05, "too noisy to prove anything"


def test_capacity_is_the_room_of_sessions_and_not_what_was_used_of_it():
    rng = np.random.default_rng(20261124)
    rows = []
    for day in range(0, 364, 7):
        held = min(rng.poisson(9), 10)  # a session a week has room for ten
        rows += [(0, day, day, 0, 0, 0, 1, 0, 0, 0, 0)] * held
    rows = np.array(rows, ROW)
    bench = pl.DataFrame({"court_code": ["NYC"], "judge_code": ["ABC"], "number": [0]})

    found = capacity(rows, np.zeros(len(rows), int), bench, (0, 363), 1)

    assert found.room[0, 0] == 10
    assert found.calendars.weekly[0, 0] == pytest.approx(10, abs=0.05)
    assert found.calendars.sessions[0, 0] == pytest.approx(1, abs=0.01)
    assert len(rows) / 52 < 9

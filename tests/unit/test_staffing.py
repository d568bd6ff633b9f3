"""Judges' days: what a year holds, when nobody sits, who comes and who goes."""

from datetime import date, timedelta

import numpy as np
import pytest

from opendocket.simulate.fitted import Calendars
from opendocket.simulate.holidays import holidays, sitting
from opendocket.simulate.staffing import (
    Absence,
    Days,
    daily,
    new_staff,
    presence,
    spread,
    taken,
    with_hires,
)

TEN_YEARS = Days(date(2021, 5, 28), 3_652)


def staff(judges=40, *, masters=30.0, individuals=8.0, worth=1.0, courts=2):
    calendars = Calendars(
        courts=tuple(f"C{n}" for n in range(courts)),
        judges=tuple(f"J{n}" for n in range(judges)),
        court=(np.arange(judges) % courts).astype(np.uint8),
        worth=np.full(judges, worth),
        weekly=np.tile([[masters], [individuals]], judges),
        sessions=np.tile([[1.5], [3.0]], judges),
        serves=np.ones((judges, 2), dtype=bool),
        weight=np.full(judges, 10, dtype=np.uint8),
    )
    return new_staff(calendars)


# Office of Personnel Management, Federal Holidays, of each year; the day kept.
PUBLISHED = {
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_holidays_are_those_that_were_published(year):
    assert " ".join(f"{day:%m-%d}" for day in holidays(year)) == PUBLISHED[year]


@pytest.mark.parametrize("year", [1990, 2035, 2060])
def test_every_holiday_is_a_working_day_of_the_week(year):
    assert {day.weekday() for day in holidays(year)} <= set(range(5))
    assert 9 <= len(holidays(year)) <= 12


def test_nobody_sits_on_weekends_and_holidays():
    slots = daily(staff(), np.arange(40), 0, TEN_YEARS).sum(axis=0)
    days = [TEN_YEARS.start + timedelta(days=n) for n in range(TEN_YEARS.count)]
    off = [d.weekday() > 4 or d in holidays(d.year) for d in days]

    assert slots[np.array(off)].sum() == 0
    assert (sitting(TEN_YEARS.start, TEN_YEARS.count) == ~np.array(off)).all()


@pytest.mark.parametrize("leave_weeks", [0, 4, 13])
@pytest.mark.parametrize(("kind", "weekly"), [(0, 30.0), (1, 8.0)])
def test_a_year_holds_the_slots_it_was_fitted_to(kind, weekly, leave_weeks):
    days = Days(TEN_YEARS.start, TEN_YEARS.count, leave_weeks)
    slots = daily(staff(), np.arange(40), kind, days)

    years = slots.sum(axis=0)[:3_640].reshape(10, 364).sum(axis=1) / (40 * 52)
    np.testing.assert_allclose(years, weekly, rtol=0.03)
    np.testing.assert_allclose(slots.sum() / (40 * 3_652 / 7), weekly, rtol=0.005)


def test_a_fifth_of_a_slot_a_week_is_a_slot_in_five_weeks():
    slots = daily(staff(masters=0.2), np.arange(40), 0, TEN_YEARS)

    assert slots.max() <= 2, "what holidays and leave took is caught up with"
    np.testing.assert_allclose(slots.sum() / 40, 3_652 / 35, rtol=0.02)
    assert (slots.sum(axis=1) > 80).all(), "each calendar has its own"


def test_leave_takes_whole_weeks_of_a_judge_and_parts_of_a_pool():
    one = Days(date(2024, 1, 1), 364, 5, keeps_holidays=False)
    each = daily(staff(individuals=25.0), np.arange(40), 1, one).reshape(40, 52, 7).sum(axis=2)
    pool = daily(staff(individuals=250.0, worth=10.0), np.arange(40), 1, one)

    away = (each == 0).sum(axis=1)
    assert set(away) <= {4, 5, 6}  # a year of leave may begin within these weeks
    assert (pool.reshape(40, 52, 7).sum(axis=2) > 0).all()


def test_a_judge_has_the_same_days_whoever_else_there_is_and_however_long():
    few, many = staff(10), staff(40)
    short = Days(TEN_YEARS.start, 500)

    np.testing.assert_array_equal(
        daily(few, np.array([7]), 0, short), daily(many, np.arange(40), 0, TEN_YEARS)[[7], :500]
    )


def test_a_calendar_too_full_for_a_week_is_refused():
    with pytest.raises(ValueError, match="slots a week"):
        daily(staff(masters=2_000.0), np.arange(1), 0, TEN_YEARS)


def test_hires_are_spread_by_judges_and_are_like_their_courts_mean():
    few = staff(8)
    few.worth[0] = 3.0  # court 0 has six judges in four calendars, court 1 four
    by_court = spread(5.0, few, np.array([True, True]))
    more = with_hires(few, 2, by_court, "NEW-")

    np.testing.assert_allclose(by_court, [3, 2])
    assert more.judges[8:] == ("NEW-1", "NEW-2", "NEW-3", "NEW-4", "NEW-5")
    np.testing.assert_allclose(more.worth[8:].sum(), 5)
    np.testing.assert_allclose(more.weekly[0, 8:], [20, 20, 20, 30, 30])
    assert (more.hired_by[8:] == 2).all()
    assert more.judges[:8] == few.judges


def test_a_sample_hires_part_of_a_judge_at_each_court():
    more = with_hires(staff(8), 0, np.array([0.15, 0.3]), "NEW-")

    np.testing.assert_allclose(more.worth[8:], [0.15, 0.3])
    np.testing.assert_allclose(more.weekly[0, 8:], [4.5, 9.0])


def test_a_judge_who_begins_has_a_third_then_two_thirds_then_all():
    there = presence([], 0, 10, 99, (2, 5, 8))

    np.testing.assert_allclose(there * 3, [0, 0, 1, 1, 1, 2, 2, 2, 3, 3])


def test_what_is_not_known_yet_takes_nobody_off_a_calendar():
    away = Absence(5, np.array([0]), np.array([0.25]), 5, 8)

    assert presence([away], 0, 10, 4, None).all()
    np.testing.assert_allclose(presence([away], 0, 10, 5, None)[4:9], [1, 0.25, 0.25, 0.25, 1])


def test_those_who_go_are_as_many_as_said_and_the_last_goes_in_part():
    judges, stays = taken(np.array([2.5, 0.0]), staff(20), np.ones(20), 3)

    assert (judges % 2 == 0).all()
    np.testing.assert_allclose((1 - stays).sum(), 2.5)
    assert sorted(stays) == [0, 0, 0.5]
    assert not np.array_equal(judges, taken(np.array([2.5, 0.0]), staff(20), np.ones(20), 4)[0])

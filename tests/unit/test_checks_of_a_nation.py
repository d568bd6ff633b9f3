"""What holds only of a release of national size, on tables made up by rule."""

from datetime import date

import duckdb
import pytest

from opendocket.checks import CHECKS
from opendocket.checks.histories import histories
from opendocket.checks.subject import NATIONAL_CASES, Subject


def nation(con, *, size=1.0, released=date(2026, 7, 1)):
    return Subject(
        con=con, released=released, as_of=date(2026, 6, 30), is_synthetic=False, size=size
    )


def found(name, subject):
    check = next(check for check in CHECKS if check.name == name)
    return list(check.find(subject))


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [(NATIONAL_CASES, "ok"), (12_200_000, "look"), (9_665_247, "wrong")],
)
def test_a_release_that_lost_a_fifth_of_its_cases_is_wrong(con, cases, verdict):
    con.execute(f"create view core_eoir__case as select range as IDNCASE from range({cases})")

    (one,) = found("cases of the nation", nation(con))

    assert one.verdict == verdict


@pytest.mark.parametrize(
    ("released", "cases"),
    [
        (date(2025, 6, 1), 12_124_239),
        (date(2026, 2, 1), 12_461_924),
        (date(2026, 9, 1), 12_821_531),
    ],
)
def test_the_releases_that_were_counted_are_as_large_as_growth_makes_likely(
    con, released, cases
):
    """A_TblCase of three releases, by public builders and by Count.txt."""
    con.execute(f"create view core_eoir__case as select range as IDNCASE from range({cases})")

    (one,) = found("cases of the nation", nation(con, released=released))

    assert one.verdict == "ok"


def test_of_a_small_release_nothing_is_said(con):
    con.execute("create view core_eoir__case as select range as IDNCASE from range(20000)")

    (one,) = found("cases of the nation", nation(con, size=20_000 / NATIONAL_CASES))

    assert (one.verdict, one.note) == (
        "cannot say", "not of national size: 0.158 % of the cases of July 2026",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("early", "late", "verdicts"),
    [
        (75_000, 38_000, ["ok", "ok"]),
        (60_000, 20_000, ["look", "look"]),
        (30_000, 9_000, ["wrong"] * 2),
    ],
)
def test_the_tag_is_held_against_what_was_counted_at_the_time(con, early, late, verdicts):
    con.execute(
        f"""
        create table core_eoir__case_identifier as
            select range as IDNCASE, 'DD' as CASE_ID from range({early + late});
        create table core_eoir__proceeding as
            select
                range as IDNCASE,
                if(range < {early}, date '2021-08-01', date '2022-05-01') as OSC_DATE
            from range({early + late})
        """
    )

    assert [one.verdict for one in found("people with the tag DD", nation(con))] == verdicts


def proceedings(con, *, absent, pending):
    """Write a thousand cases decided in each of two years, and some that are not."""
    con.execute(
        f"""
        create table core_eoir__proceeding as
        select
            range as IDNCASE,
            range as IDNPROCEEDING,
            date '2010-01-01' as INPUT_DATE,
            null::date as TRANS_IN_DATE,
            null::date as HEARING_DATE,
            if(range < {pending}, null,
               if(range % 2 = 0, date '2012-09-30', date '2018-10-01')) as COMP_DATE,
            if(range < {pending}, null, 'X') as DEC_CODE,
            if(range % 100 < if(range % 2 = 0, {absent[0]}, {absent[1]}), 'Y', 'N') as ABSENTIA,
            'N' as CUSTODY
        from range(10000)
        """
    )


@pytest.mark.parametrize(
    ("absent", "verdicts"),
    [((24, 46), ["ok", "ok"]), ((38, 46), ["look", "ok"]), ((24, 90), ["ok", "wrong"])],
)
def test_orders_in_absentia_are_held_against_the_published_shares(con, absent, verdicts):
    proceedings(con, absent=absent, pending=0)

    assert [one.verdict for one in found("orders in absentia", nation(con))] == verdicts


@pytest.mark.parametrize(
    ("pending", "verdict"), [(2_600, "ok"), (4_000, "look"), (9_000, "wrong"), (0, "wrong")]
)
def test_cases_not_completed_are_held_against_a_quarter(con, pending, verdict):
    proceedings(con, absent=(24, 46), pending=pending)

    (one,) = found("cases not completed", nation(con))

    assert one.verdict == verdict


@pytest.mark.parametrize(
    ("cases", "verdict"), [(10_106, "ok"), (10_400, "look"), (13_000, "wrong")]
)
def test_cases_without_a_proceeding_are_held_against_one_in_a_hundred(con, cases, verdict):
    proceedings(con, absent=(24, 46), pending=0)
    con.execute(f"create view core_eoir__case as select range as IDNCASE from range({cases})")

    (one,) = found("cases without a proceeding", nation(con))

    assert one.verdict == verdict


@pytest.mark.parametrize("completed", ["older", "newer"])
def test_the_last_proceeding_is_the_one_begun_last_whatever_its_number(con, completed):
    """Ten cases with two proceedings each, of which the one begun last has the lower number."""
    con.execute(
        f"""
        create table core_eoir__proceeding as
        select
            range as IDNCASE,
            if(which = 'newer', range, 1000 + range) as IDNPROCEEDING,
            if(which = 'newer', date '2020-01-01', date '2010-01-01') as INPUT_DATE,
            null::date as TRANS_IN_DATE,
            null::date as HEARING_DATE,
            if(which = '{completed}', date '2021-01-01', null) as COMP_DATE,
            null::varchar as DEC_CODE,
            'N' as ABSENTIA,
            'N' as CUSTODY
        from range(10), (values ('older'), ('newer')) as two(which)
        """
    )

    seen = histories(nation(con))

    assert (seen.cases, seen.proceedings) == (10, 20)
    assert seen.pending == (10 if completed == "older" else 0)


def test_an_absence_that_is_not_recorded_is_none_and_no_later_one_counts(con):
    con.execute(
        """
        create table core_eoir__proceeding as
        select
            range as IDNCASE, 10 * range + later as IDNPROCEEDING,
            date '2010-01-01' as INPUT_DATE, null::date as TRANS_IN_DATE,
            null::date as HEARING_DATE,
            if(later = 0, date '2012-01-01', date '2012-06-01') as COMP_DATE,
            'X' as DEC_CODE, if(later = 0, null, 'Y') as ABSENTIA, 'N' as CUSTODY
        from range(50), (values (0), (1)) as two(later)
        """
    )

    seen = histories(nation(con))

    assert (seen.decided[2012], seen.absent[2012]) == (50, 0)

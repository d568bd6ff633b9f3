"""Traps of counsel, applications, hearings and judges, each with what it would give.

One hand-made release, loaded as any other: each trap has a court of its own. Observed to
30 June 2026. The numbers of the traps are those of the list that every builder meets.
"""

import re
from datetime import date, timedelta
from importlib.resources import files

import duckdb
import pytest
import tiny_release as tiny

from opendocket.docket import open_docket
from opendocket.docket.load import load_release
from opendocket.figures.tallies import CHILDREN
from opendocket.measure.answers import answer
from opendocket.measure.cut import DIMENSIONS

HEARD, RELIEF, DENIED, CODES, JUDGES, LATE, TIME = (
    "NYC", "BOS", "MIA", "LOS", "SFR", "DEN", "CHI",
)  # fmt: skip
START = date(2022, 1, 1)
HALF = 20
"""Families that are ordered removed early, and as many that are granted relief later."""


def on(day):
    return (START + timedelta(days=day)).isoformat()


class Release:
    """Rows of the release's tables, case after case."""

    def __init__(self):
        self.rows = {}
        self.number = 100

    def add(self, table, **row):
        self.rows.setdefault(table, []).append(row)

    def case(self, court, ended=None, code="X", *, absent=False, judge="J01", **given):
        """Write a case received on day 0, with a hearing held on day 10."""
        self.number += 1
        case = self.number
        self.add("A_TblCase", IDNCASE=case, CASE_TYPE="RMV", CUSTODY="N",
                 **{k: v for k, v in given.items() if k in ("NAT", "C_BIRTHDATE")})  # fmt: skip
        self.add(
            "B_TblProceeding", IDNPROCEEDING=case * 10, IDNCASE=case, CASE_TYPE="RMV",
            INPUT_DATE=on(0), OSC_DATE=on(0), BASE_CITY_CODE=court, HEARING_LOC_CODE=court,
            IJ_CODE=judge, HEARING_DATE=given.get("HEARING_DATE", ""),
            NAT=given.get("B_NAT", ""),
            **({} if ended is None else {
                "COMP_DATE": on(ended), "DEC_CODE": code, "ABSENTIA": "Y" if absent else "N",
            }),
        )  # fmt: skip
        self.add(
            "tbl_schedule", IDNSCHEDULE=case * 100, IDNCASE=case, IDNPROCEEDING=case * 10,
            REC_TYPE="X", CAL_TYPE="M", SCHEDULE_TYPE="MM", ADJ_DATE=on(10), ADJ_RSN="01",
            INPUT_DATE=on(0), BASE_CITY_CODE=court, IJ_CODE=given.get("heard_by", judge),
        )  # fmt: skip
        return case

    def counsel(self, case, day):
        self.add("tbl_RepsAssigned", IDNREPSASSIGNED=case, IDNCASE=case, STRATTYLEVEL="COURT",
                 STRATTYTYPE="ALIEN", E_28_DATE=on(day))  # fmt: skip

    def applied(self, case, letter, kind="ASYL"):
        rows = self.rows.setdefault("tbl_Court_Appln", [])
        rows.append({
            "IDNPROCEEDINGAPPLN": len(rows) + 1, "IDNCASE": case, "IDNPROCEEDING": case * 10,
            "APPL_CODE": kind, "APPL_RECD_DATE": on(20), "APPL_DEC": letter,
        })  # fmt: skip


@pytest.fixture(scope="module")
def docket(tmp_path_factory):
    release = Release()
    heard = release.case(HEARD, HEARING_DATE=on(1))
    release.counsel(heard, 5)

    for _ in range(2):
        other = release.case(RELIEF, 100, "R")
        release.applied(other, "D")
        release.applied(other, "G", "42B")
    release.applied(release.case(RELIEF, 100, "R"), "G")

    for _ in range(2):
        release.applied(release.case(DENIED, 100, "T"), "D")
    otherwise = release.case(DENIED, 100, "R")
    release.applied(otherwise, "W")
    release.applied(otherwise, "F", "245")

    release.case(CODES, NAT="?5", B_NAT="HO")
    release.case(CODES, NAT="HO", B_NAT="HO")

    for judge in range(11):
        for _ in range(11 + judge):
            release.case(JUDGES, 100, judge=f"J{judge:02}", heard_by="J99")
    for _ in range(50):
        release.case(JUDGES, 100, judge="VJ1", heard_by="J99")

    late = release.case(LATE, 100)
    release.counsel(late, 150)
    release.applied(late, "D")

    for _ in range(HALF):
        release.case(TIME, 100, absent=True)
        release.counsel(release.case(TIME, 400, "R"), 150)
    path = tiny.written(
        tmp_path_factory.mktemp("traps") / "release.zip", tiny.tables(**release.rows)
    )
    return load_release(path, path.with_name("docket.duckdb")).path


def told(path, name, definition, court, **choices):
    with open_docket(path) as docket:
        return answer(
            docket,
            name,
            definition=definition,
            where={"court": court},
            suppress=False,
            **choices,
        ).to_dicts()


def trapped(path, query):
    """Give what the trap gives, in plain SQL on the release's own rows."""
    with duckdb.connect(path, read_only=True) as con:
        return con.execute(query).fetchall()


def test_trap_08_a_proceedings_own_hearing_date_is_not_the_first_hearing(docket):
    """The proceeding says day 1, the schedule day 10; counsel came on day 5."""
    (row,) = told(docket, "counsel", "at-first-hearing", HEARD)
    ((by_proceeding,),) = trapped(
        docket,
        "select count(*) filter (r.E_28_DATE <= p.HEARING_DATE) from core_eoir__proceeding as p"
        " join core_eoir__representative as r on r.IDNCASE = p.IDNCASE"
        f" where p.BASE_CITY_CODE = '{HEARD}'",
    )

    assert row["represented_count"] == 1
    assert by_proceeding == 0


def test_trap_10_a_cases_relief_is_no_grant_of_asylum(docket):
    """All three were granted relief; one of them asylum, the others cancellation."""
    (row,) = told(docket, "asylum-granted", "trac", RELIEF)
    ((by_relief,),) = trapped(
        docket,
        "select count(*) from out_docket__case"
        f" where court_code = '{RELIEF}' and first_decision = 'relief'"
        " and asylum_filed_date is not null",
    )

    assert (row["granted_count"], row["asylum_decision_count"]) == (1, 3)
    assert by_relief == 3


def test_trap_11_a_denial_is_no_order_and_a_withdrawal_no_denial(docket):
    """Two denied and terminated, one withdrawn for another grant: none was ordered removed."""
    (granted,) = told(docket, "asylum-granted", "trac", DENIED)
    (decided,) = told(docket, "asylum-granted", "of-decided", DENIED)
    orders = trapped(
        docket,
        f"select count(*) filter (first_decision in ('removal', 'in absentia'))"
        f" from out_docket__case where court_code = '{DENIED}'",
    )
    not_granted = trapped(
        docket,
        "select count(*) from core_eoir__application as a join out_docket__case as c"
        f" on c.case_id = a.IDNCASE where c.court_code = '{DENIED}' and APPL_CODE = 'ASYL'"
        " and APPL_DEC not in ('F', 'G', 'C', 'I', 'P', 'L')",
    )

    assert (granted["granted_count"], granted["asylum_decision_count"]) == (0, 2)
    assert decided["asylum_decision_count"] == 3
    assert orders == [(0,)]
    assert not_granted == [(3,)]


def test_trap_11_one_form_entered_as_three_kinds_is_one_application(docket):
    """Counting every kind takes cancellation and adjustment for grants of asylum."""
    rows = told(docket, "asylum-decided", "trac", RELIEF)
    every_kind = trapped(
        docket,
        "select count(*) from core_eoir__application as a join out_docket__case as c"
        f" on c.case_id = a.IDNCASE where c.court_code = '{RELIEF}'"
        " and APPL_DEC in ('D', 'G', 'F')",
    )

    assert rows[0]["asylum_decided_count"] == 3
    assert every_kind == [(5,)]


def test_trap_15_a_nationality_in_no_list_is_a_group_of_its_own(docket):
    """The case's own code counts, listed or not; its proceeding says another."""
    rows = told(docket, "counsel", "trac-now", CODES, by="nationality")
    listed = trapped(
        docket,
        "select count(*) from out_docket__case as c join out_docket__code as k"
        " on k.list_name = 'nationality' and k.code = c.nationality_code"
        f" where c.court_code = '{CODES}'",
    )
    by_proceeding = trapped(
        docket, f"select count(*) from core_eoir__proceeding where BASE_CITY_CODE = '{CODES}'"
        " and NAT = 'HO'"
    )  # fmt: skip

    assert {r["nationality"]: r["case_count"] for r in rows} == {"?5": 1, "HO": 1}
    assert listed == [(1,)]
    assert by_proceeding == [(2,)]


def test_trap_16_the_judge_of_a_case_is_who_decided_it_and_visitors_are_nobody(docket):
    """Eleven judges decide 11 to 21 cases each; one other hears them all, VJ1 decides 50."""
    rows = told(docket, "judge-caseload", "decided", JUDGES)
    by_hearing = trapped(
        docket,
        "select count(distinct judge_code) from out_docket__hearing"
        f" where court_code = '{JUDGES}'",
    )
    with_visitors = trapped(
        docket,
        "select count(distinct judge_code), max(n) from (select judge_code, count(*) as n"
        f" from out_docket__decision where court_code = '{JUDGES}' group by 1)",
    )

    median = next(r for r in rows if r["quantile"] == "median")
    assert (median["judge_count"], median["case_count"]) == (11, 16)
    assert max(r["case_count"] for r in rows) < 21
    assert by_hearing == [(1,)]
    assert with_visitors == [(12, 50)]


def test_trap_16_days_of_visiting_judges_are_no_judges_days(docket):
    with open_docket(docket) as opened:
        found = answer(opened, "judge-days", suppress=False, where={"court": JUDGES})

    whole = found.filter(calendar="all").row(0, named=True)
    assert (whole["judge_count"], whole["judge_day_count"]) == (1, 1)


def test_trap_17_counsel_that_came_after_the_decision_was_not_there_at_it(docket):
    """The appearance of day 150 is for the appeal from the decision of day 100."""
    (at_decision,) = told(docket, "counsel", "at-decision", LATE)
    (closed,) = told(docket, "counsel", "closed", LATE)
    (ordered,) = told(docket, "counsel", "ordered", LATE)
    (asylum,) = told(docket, "asylum-granted", "trac-by-counsel", LATE)
    (ever,) = told(docket, "counsel", "trac-now", LATE)

    assert at_decision["represented_count"] == closed["represented_count"] == 0
    assert ordered["represented_count"] == 0
    assert asylum["part"] == "without counsel"
    assert ever["represented_count"] == 1


def test_trap_19_no_measure_makes_an_age_of_the_month_of_birth():
    """
    Born in June 2003 (6/2003), a person is 18 on 10 June 2021 if the month's first day is taken
    for the birthday, and 17 if its middle is: nothing named may take the text for a day.
    """
    assert years(date(2003, 6, 1), date(2021, 6, 10)) == 18
    assert years(date(2003, 6, 15), date(2021, 6, 10)) == 17

    for folder, ending in (
        ("measure", ".py"),
        ("docket.steps", ".sql"),
        ("docket.views", ".sql"),
    ):
        for file in files("opendocket").joinpath(*folder.split(".")).iterdir():
            if file.name.endswith(ending):
                assert not re.search("birth", file.read_text("utf-8"), re.IGNORECASE), file.name
    assert not {"age", "born", "minor"} & set(DIMENSIONS)


def test_trap_19_where_a_published_figure_asks_for_children_the_birth_is_mid_month():
    with duckdb.connect() as con:
        con.execute(
            """
            create table out_docket__case as
            select
                1 as case_id, 1 as lead_case_id, 'NLA' as court_code, true as is_tagged,
                'in absentia' as first_outcome, date '2021-06-10' as first_outcome_date,
                date '2021-06-01' as received_date;
            create table core_eoir__case as select 1 as IDNCASE, '6/2003' as C_BIRTHDATE
            """
        )
        ((born, day),) = con.execute(f"select born, day from ({CHILDREN})").fetchall()

    assert born == date(2003, 6, 15)
    assert years(born, day) == 17  # 18 by the month's first day


def years(born, day):
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def test_immortal_time_is_not_counted_in_favour_of_counsel(docket):
    """
    Twenty are ordered removed on day 100; twenty others find counsel on day 150 and are granted
    relief on day 400. Nobody with counsel could have been ordered removed on day 100: "ever"
    says 0 against 100 in 100, and knows nothing of what counsel did.
    """
    ever = by_outcome(told(docket, "counsel-and-outcomes", "ever", TIME))
    early, late = (
        by_outcome(
            told(docket, "counsel-and-outcomes", f"landmark-{day}", TIME, days=(400 - day,))
        )
        for day in (90, 180)
    )

    assert ever["in absentia, with counsel"] == 0.0
    assert ever["in absentia, without counsel"] == 1.0
    assert early == {"in absentia, without counsel": 0.5, "relief, without counsel": 0.5}
    assert late == {"in absentia, with counsel": 0.0, "relief, with counsel": 1.0}


def by_outcome(rows):
    return {row["outcome"]: row["outcome_share"] for row in rows}


def test_contested_1_shares_of_closed_cases_fall_as_the_docket_ages(docket):
    """Of the closed, all were ordered in absentia on day 120; half in the end, as half are."""
    days = {120: 1.0, 500: 0.5}

    for day, of_closed in days.items():
        then = START + timedelta(days=day)
        (closed,) = told(docket, "in-absentia", "trac", TIME, as_of=then)
        incidence = told(docket, "in-absentia", "incidence", TIME, as_of=then, days=(95,))
        assert closed["in_absentia_share"] == of_closed
        assert incidence[0]["in_absentia_share"] == pytest.approx(0.5)


def test_contested_6_counsel_is_of_one_docket_what_is_asked(docket):
    """On day 200: of all and of pending; by the first hearing; of closed; of those ordered."""
    then = START + timedelta(days=200)
    shares = {
        name: told(docket, "counsel", name, TIME, as_of=then)[0]["represented_share"]
        for name in ("trac-now", "eoir-pending", "at-first-hearing", "closed", "ordered")
    }

    assert shares == {
        "trac-now": 0.5, "eoir-pending": 1.0, "at-first-hearing": 0.0, "closed": 0.0,
        "ordered": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize("dirty", [False, True])
def test_contested_5_five_denominators_hold_each_other(dirty, request):
    """Begun holds closed, closed holds decided, decided holds ordered and the not detained."""
    path = (
        request.getfixturevalue("docket_50k_dirty").path
        if dirty
        else request.getfixturevalue("small_docket")
    )
    with open_docket(path) as opened:
        found = answer(opened, "in-absentia", definition="all", suppress=False)
    rows = {row["definition"]: row for row in found.to_dicts()}

    n = {name: row.get("case_count") or row["counted_count"] for name, row in rows.items()}
    orders = {rows[name]["in_absentia_count"] for name in
              ("eagly-shafer", "trac", "eoir", "advocates")}  # fmt: skip
    shares = [rows[name]["in_absentia_share"] for name in
              ("eagly-shafer", "trac", "eoir", "advocates")]  # fmt: skip
    assert n["eagly-shafer"] > n["trac"] > n["eoir"] > n["advocates"]
    assert n["eoir"] > n["gao"]
    assert len(orders) == 1
    assert shares == sorted(shares)
    assert rows["gao"]["in_absentia_count"] <= orders.pop()
    assert rows["last-decision"]["in_absentia_count"] < rows["eoir"]["in_absentia_count"]

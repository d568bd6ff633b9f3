"""Each view on a release worked out by hand, in which its trap would give another number.

The release is observed to 30 June 2026. Against the truth file, made from the lives before any
row was written, the views are held on a synthetic docket.
"""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
import tiny_release as tiny

from opendocket.docket.load import load_release
from opendocket.docket.views import create_views, views

STEADY, MOVED, DECIDED, REOPENED, CLOSED, FEAR, LATE, FAMILY = 1, 2, 3, 4, 5, 6, 7, 8
RIDER, APART, TAGGED, PLACED, DOCKET, LEFT, REVIEW = 9, 10, 11, 12, 13, 14, 15


def case(number, kind="RMV", **columns):
    return {"IDNCASE": number, "CASE_TYPE": kind, **columns}


def stretch(number, nth, began, ended="", *, kind="RMV", place="NYC", **columns):
    return {
        "IDNPROCEEDING": 10 * number + nth,
        "IDNCASE": number,
        "CASE_TYPE": kind,
        "INPUT_DATE": began,
        "COMP_DATE": ended,
        "BASE_CITY_CODE": place,
        "HEARING_LOC_CODE": place,
        "IJ_CODE": "J1",
        **columns,
    }


def hearing(number, nth, on, reason="", *, record="X", calendar="M", place="NYC"):
    return {
        "IDNSCHEDULE": 100 * number + nth,
        "IDNCASE": number,
        "IDNPROCEEDING": 10 * number + 1,
        "REC_TYPE": record,
        "CAL_TYPE": calendar,
        "SCHEDULE_TYPE": "MM",
        "HEARING_LOC_CODE": place,
        "ADJ_DATE": on,
        "ADJ_RSN": reason,
        "INPUT_DATE": "2021-06-01",
    }


def applied(number, nth, on, decision, kind="ASYL", proceeding=1):
    return {
        "IDNPROCEEDINGAPPLN": 100 * number + nth,
        "IDNCASE": number,
        "IDNPROCEEDING": 10 * number + proceeding,
        "APPL_CODE": kind,
        "APPL_RECD_DATE": on,
        "APPL_DEC": decision,
    }


def counsel(number, nth, on, whose="ALIEN"):
    return {
        "IDNREPSASSIGNED": 100 * number + nth,
        "IDNCASE": number,
        "STRATTYLEVEL": "COURT",
        "STRATTYTYPE": whose,
        "E_28_DATE": on,
    }


def bond(number, nth, decision, new, initial="5000.0"):
    return {
        "IDNASSOCBOND": 100 * number + nth,
        "IDNCASE": number,
        "DEC": decision,
        "NEW_BOND": new,
        "INITIAL_BOND": initial,
        "BOND_HEAR_REQ_DATE": f"2022-01-0{nth}",
        "COMP_DATE": f"2022-02-0{nth}",
    }


def appeal(nth, kind="Case Appeal", decided="2023-05-05", **columns):
    return {
        "idnAppeal": nth,
        "idncase": DECIDED,
        "strAppealType": kind,
        "strAppealCategory": "ij",
        "datAppealFiled": "2023-01-01 00:00:00.000",
        "strFiledBy": "A",
        "datBIADecision": f"{decided} 00:00:00.000" if decided else "",
        "strBIADecision": "REM" if decided else "",
        **columns,
    }


TABLES = {
    "A_TblCase": [
        *(case(n) for n in (STEADY, MOVED, REOPENED, CLOSED, LATE, RIDER, APART)),
        case(DECIDED, E_28_DATE="2024-01-01"),
        *(case(n, "CFR") for n in (FEAR, REVIEW)),
        *(case(n) for n in (FAMILY, TAGGED, PLACED, DOCKET, LEFT)),
    ],
    "A_TblCaseIdentifier": [
        {"IDNCASEID": n, "IDNCASE": n, "CASE_ID": "DD"} for n in (TAGGED, DOCKET)
    ],
    "B_TblProceeding": [
        stretch(STEADY, 1, "2022-01-01"),
        stretch(MOVED, 1, "2022-01-01", "2023-01-01", OTHER_COMP="C"),
        stretch(MOVED, 2, "2023-01-02", "2024-01-01", OTHER_COMP="T", place="BOS"),
        stretch(MOVED, 3, "2024-01-02", place="MIA"),
        stretch(DECIDED, 1, "2021-01-01", "2021-06-01", OTHER_COMP="T", CUSTODY="D"),
        stretch(DECIDED, 2, "2021-06-02", "2022-10-01", DEC_CODE="X", CUSTODY="R"),
        stretch(REOPENED, 1, "2021-01-01", "2021-09-30", DEC_CODE="X", ABSENTIA="Y"),
        stretch(REOPENED, 2, "2022-01-01", "2023-03-01", DEC_CODE="R", ABSENTIA="N"),
        stretch(CLOSED, 1, "2021-01-01", "2022-01-01", OTHER_COMP="A"),
        stretch(FEAR, 1, "2022-01-01", "2022-01-05", kind="CFR", DEC_CODE="V"),
        stretch(REVIEW, 1, "2022-01-01", kind="CFR"),
        stretch(LATE, 1, "2022-01-01", "2026-12-31", DEC_CODE="X"),
        *(stretch(n, 1, "2022-01-01") for n in (FAMILY, RIDER, APART, TAGGED, LEFT)),
        *(stretch(n, 1, "2021-06-01", place="NYD") for n in (PLACED, DOCKET)),
    ],
    "tbl_schedule": [
        hearing(STEADY, 1, "2022-03-01"),
        hearing(STEADY, 2, "2022-04-01", "34"),  # moved by the court, and not opened
        hearing(STEADY, 3, "2022-05-01", calendar="I"),
        hearing(STEADY, 4, "2022-02-01", record="B"),
        hearing(STEADY, 5, "2027-01-01", "9A"),  # ahead, and called off
        hearing(STEADY, 6, "2027-02-01"),
    ],
    "tbl_Court_Appln": [
        applied(STEADY, 1, "2022-01-01", "", "ASYL"),
        applied(STEADY, 2, "2022-01-01", "", "ASYW"),
        applied(STEADY, 3, "2022-01-01", "", "WCAT"),
        applied(MOVED, 1, "2022-01-01", "T"),
        applied(MOVED, 2, "2022-01-01", "T", proceeding=2),
        applied(MOVED, 3, "2022-01-01", "", proceeding=3),
        applied(REOPENED, 1, "2021-01-01", "D"),
        applied(REOPENED, 2, "2022-02-02", "G", proceeding=2),
        applied(DECIDED, 1, "", "W"),
        applied(DECIDED, 2, "2021-02-02", "D", proceeding=2),
    ],
    "tbl_RepsAssigned": [
        counsel(DECIDED, 1, "2021-02-02"),
        counsel(REOPENED, 1, "2020-01-01", whose="INS"),
        counsel(REOPENED, 2, "2022-01-01"),
        counsel(STEADY, 1, "2022-03-02"),
    ],
    "tbl_Lead_Rider": [
        {"idnLeadRider": 1, "idnLeadCase": FAMILY, "idnRiderCase": RIDER, "blnActive": "1"},
        {
            "idnLeadRider": 2,
            "idnLeadCase": FAMILY,
            "idnRiderCase": APART,
            "blnActive": "0",
        },
        {
            "idnLeadRider": 3,
            "idnLeadCase": FAMILY,
            "idnRiderCase": LEFT,
            "blnActive": "1",
            "datSeveredOn": "2023-01-01 00:00:00.000",
        },
    ],
    "D_TblAssociatedBond": [
        bond(STEADY, 1, "N", "0.0"),
        bond(STEADY, 2, "C", "1500.0"),
        bond(STEADY, 3, "R", "0.0"),
        bond(STEADY, 4, "S", "2000.0"),
    ],
    "tblAppeal": [
        appeal(1),
        appeal(2, decided=""),
        appeal(3, decided="2026-07-15"),
        appeal(4, "Bond Appeal"),
        appeal(5, "Appeal of IJ MTR"),
    ],
    "B_TblProceedCharges": [
        {"IDNPRCDCHG": 1, "IDNCASE": 1, "IDNPROCEEDING": 11, "CHARGE": "212a06Ai     "},
        {"IDNPRCDCHG": 2, "IDNCASE": 1, "IDNPROCEEDING": 11, "CHARGE": "212a06Ai"},
        {
            "IDNPRCDCHG": 3,
            "IDNCASE": 1,
            "IDNPROCEEDING": 11,
            "CHARGE": "237a01B",
            "CHG_STATUS": "s",
        },
    ],
    "tbl_Court_Motions": [
        {"IDNMOTION": 1, "IDNCASE": 4, "REC_TYPE": "MA", "DEC": "G", "COMP_DATE": "2021-12-01"},
        {"IDNMOTION": 2, "IDNCASE": 1, "REC_TYPE": "CO", "DEC": "D", "COMP_DATE": "2027-12-01"},
    ],
    "tblLookupHloc": [
        {"idnHloc": 1, "HEARING_LOC_CODE": "NYC", "HEARING_LOC_NAME": "NEW YORK"},
        {"idnHloc": 2, "HEARING_LOC_CODE": "NYD", "HEARING_LOC_NAME": "NY Dedicated Docket"},
        {"idnHloc": 3, "HEARING_LOC_CODE": "IAD", "HEARING_LOC_NAME": "DULLES"},
        {"idnHloc": 4, "HEARING_LOC_CODE": "IAD", "HEARING_LOC_NAME": "IADEL"},
    ],
    "tbllookupCal_Type": [
        {"idnCalType": 1, "strCalTypeCode": "M", "strCalTypeDescription": "Master"},
        {"idnCalType": 2, "strCalTypeCode": "M", "strCalTypeDescription": "Master Reset"},
    ],
    "tblLookupCourtDecision": [
        {
            "idnCourtDecision": n,
            "strCaseType": "RMV",
            "strDecCode": "X",
            "strDecType": kind,
            "strDecDescription": said,
        }
        for n, (kind, said) in enumerate([("C", "Removed"), ("O", "Zero Bond")])
    ],
}


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    """The docket of that release, with its views."""
    folder = tmp_path_factory.mktemp("views")
    path = tiny.written(folder / "tiny.zip", tiny.tables(**TABLES))
    docket = load_release(path, folder / "docket.duckdb").path
    with duckdb.connect(docket) as making:
        create_views(making)
    with duckdb.connect(docket, read_only=True) as asking:
        yield asking


@pytest.fixture
def ask(con):
    return lambda query: con.execute(query).fetchall()


def day(text):
    return date.fromisoformat(text)


def test_a_case_that_moved_twice_is_pending_once_and_one_closed_or_of_another_kind_is_not(ask):
    rows = dict(ask("select case_id, court_code from out_view__pending_case"))

    assert rows[MOVED] == "MIA"
    assert LATE in rows  # its completion lies ahead, and has not happened
    assert not {CLOSED, DECIDED, REOPENED, FEAR, REVIEW} & set(rows)


def test_a_pending_case_waits_from_receipt_for_a_hearing_that_is_not_called_off(ask):
    rows = ask(
        "select pending_days, next_hearing_date from out_view__pending_case where case_id = 1"
    )

    assert rows == [((day("2026-06-30") - day("2022-01-01")).days, day("2027-02-01"))]


def test_a_first_decision_is_no_transfer_and_no_later_one(ask):
    rows = ask(
        "select case_id, decided_date, fiscal_year, decision_name, is_in_absentia, is_undone,"
        " custody_code, has_counsel from out_view__first_decision order by all"
    )

    assert rows == [
        (DECIDED, day("2022-10-01"), 2023, "Removed", False, False, "R", True),
        (REOPENED, day("2021-09-30"), 2021, "Removed", True, True, None, False),
        (FEAR, day("2022-01-05"), 2022, "Vacate DHS Decision", False, False,
         None, False),
    ]  # fmt: skip


def test_a_completion_is_decoded_by_its_full_key(ask):
    rows = dict(
        ask(
            "select proceeding_id, coalesce(decision_name, completion_name)"
            " from out_view__completion"
        )
    )

    assert rows[10 * DECIDED + 1] == "Transfer"
    assert rows[10 * DECIDED + 2] == "Removed"
    assert rows[10 * MOVED + 1] == "Change of Venue"
    assert 10 * LATE + 1 not in rows


def test_orders_in_absentia_are_a_share_of_initial_completions(ask):
    rows = ask(
        "select fiscal_year, completion_count, in_absentia_count, in_absentia_share"
        " from out_view__court_year order by all"
    )

    # the fear review is no completion of a case, the reopened case's relief no initial one
    assert rows == [(2021, 1, 1, 1.0), (2023, 1, 0, 0.0)]


def test_hearings_held_are_not_those_set_called_off_or_about_bonds(ask):
    rows = ask(
        "select set_count, held_count, held_master_count, held_individual_count, ahead_count,"
        " first_held_date, next_date from out_view__case_hearings where case_id = 1"
    )

    assert rows == [(5, 2, 1, 1, 1, day("2022-03-01"), day("2027-02-01"))]


def test_counsel_is_the_persons_own_and_in_time_or_not(ask):
    rows = ask(
        "select case_id, has_counsel, has_counsel_at_first_hearing,"
        " has_counsel_at_first_decision from out_view__case_counsel"
        f" where case_id in ({STEADY}, {MOVED}, {DECIDED}, {REOPENED}) order by all"
    )

    assert rows == [
        (STEADY, True, False, None),
        (MOVED, False, None, None),
        (DECIDED, True, None, True),  # the latest appearance came after the decision
        (REOPENED, True, None, False),  # at the order in absentia only the government had one
    ]


def test_one_form_is_one_asylum_application_and_moves_with_its_case(ask):
    rows = dict(
        ask("select case_id, count(*) from out_view__asylum_application group by case_id")
    )
    people = ask(
        "select case_id, application_count, decision_code, is_ever_granted"
        " from out_view__asylum_case order by all"
    )

    assert rows == {STEADY: 1, MOVED: 3, DECIDED: 2, REOPENED: 2}
    assert people == [
        (STEADY, 1, None, False),
        (MOVED, 3, None, False),  # open in the third court
        (DECIDED, 2, "D", False),  # one without a day does not come last
        (REOPENED, 2, "G", True),
    ]


def test_an_asylum_decision_is_told_in_words_and_dated_by_its_own_proceeding(ask):
    rows = ask(
        "select decision_name, is_granted, decided_date from out_view__asylum_application"
        f" where case_id = {REOPENED} order by decided_date"
    )

    assert rows == [("DENY", False, day("2021-09-30")), ("GRANT", True, day("2023-03-01"))]


def test_a_family_is_its_lead_and_riders_with_those_separated_told(ask):
    rows = ask(
        "select lead_case_id, person_count, separated_count, pending_count"
        " from out_view__linked_family"
    )

    assert rows == [(FAMILY, 4, 2, 4)]


def test_the_dedicated_docket_is_three_sets_one_inside_the_other(ask):
    rows = ask(
        "select case_id, is_tagged, is_tagged_and_placed, is_dedicated, is_placed_only,"
        " location_name from out_view__dedicated_case order by all"
    )

    assert rows == [
        (TAGGED, True, False, False, False, None),
        (PLACED, False, False, False, True, "NY Dedicated Docket"),
        (DOCKET, True, True, True, False, "NY Dedicated Docket"),
    ]


def test_an_appeal_of_a_bond_or_a_motion_is_none_of_the_cases_decision(ask):
    rows = ask(
        "select appeal_id, category_code, filed_by_name, decision_name, is_pending"
        " from out_view__case_appeal order by all"
    )

    assert rows == [
        (1, "IJ", "Alien", "Remand", False),
        (2, "IJ", "Alien", None, True),
        (3, "IJ", "Alien", None, True),  # decided after the release, so not yet
    ]


def test_a_bond_of_zero_is_one_only_after_a_grant(ask):
    rows = ask(
        "select order_count, is_granted, new_bond_dollars::double from out_view__bond"
        " order by all"
    )

    assert rows == [(1, False, None), (2, True, 1500.0), (3, True, 0.0), (4, False, 2000.0)]


def test_a_charge_is_found_though_it_was_padded_and_its_repeat_is_marked(ask):
    rows = ask(
        "select charge_id, charge_name is not null, status_name, is_repeat"
        " from out_view__charge order by all"
    )

    assert rows == [
        (1, True, None, False),
        (2, True, None, True),
        (3, True, "Sustained", False),
    ]


def test_a_motion_is_of_the_kind_that_its_record_type_says(ask):
    rows = ask(
        "select motion_id, is_to_reopen, decision_name, decided_date from out_view__motion"
        " order by all"
    )

    assert rows == [(1, True, "Granted", day("2021-12-01")), (2, False, "Denied", None)]


def test_a_judge_is_a_code_with_its_decisions(ask):
    rows = ask(
        "select judge_code, is_in_list, is_placeholder, decision_count, case_count,"
        " has_small_count from out_view__judge"
    )

    assert rows == [("J1", False, False, 4, 3, True)]


def test_a_code_stands_once_whatever_the_list_repeats(ask):
    twice = ask(
        "select 1 from out_docket__code"
        " group by list_name, case_type_code, kind_code, code having count(*) > 1"
    )
    names = ask(
        "select code, code_name, meaning_count from out_docket__code"
        " where list_name = 'hearing_location' and code in ('IAD', 'NYC')"
        " or list_name = 'calendar_type' and code = 'M' order by all"
    )

    assert twice == []
    # two places have no name; two words for one calendar have ours
    assert names == [("IAD", None, 2), ("M", "Master Reset", 2), ("NYC", "NEW YORK", 1)]


@pytest.fixture(scope="module")
def truth(small_docket, tmp_path_factory):
    """The synthetic docket with its views, and what is true of its cases."""
    path = tmp_path_factory.mktemp("truth") / "docket.duckdb"
    shutil.copy(small_docket, path)
    with duckdb.connect(path) as making:
        create_views(making)
    with duckdb.connect(path, read_only=True) as asking:
        released = small_docket.with_name("release.truth.duckdb")
        asking.execute(f"attach '{released}' as truth (read_only)")
        yield asking


AGREE = {
    "pending_case": """
        select case_id from out_view__pending_case
        except all
        select case_id from truth.truth_case
        where is_pending and case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO')
    """,
    "first_decision": """
        select case_id, decided_date, received_date from out_view__first_decision
        except all
        select case_id, first_decision_date, received_date from truth.truth_case
    """,
    "case_hearings": """
        select case_id, first_held_date from out_view__case_hearings
        where first_held_date is not null
        except all
        select case_id, first_hearing_date from truth.truth_case
    """,
    "case_counsel": """
        select case_id, has_counsel from out_view__case_counsel
        except all
        select case_id, counsel_date is not null from truth.truth_case where has_proceeding
    """,
    "asylum_case": """
        select case_id, is_ever_granted from out_view__asylum_case
        except all
        select case_id, is_asylum_granted from truth.truth_case
    """,
    "linked_family": """
        select lead_case_id, person_count from out_view__linked_family
        except all
        select lead_case_id, count(*) from truth.truth_case
        group by lead_case_id having count(*) > 1
    """,
    "dedicated_case": """
        select case_id, is_tagged, is_dedicated from out_view__dedicated_case
        except all
        select case_id, is_tagged, is_dedicated from truth.truth_case
    """,
}
COUNTED = {
    "pending_case": "is_pending and case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO')",
    "first_decision": "first_decision_date is not null",
    "case_counsel": "has_proceeding",
    "dedicated_case": "is_tagged or is_at_dedicated_location",
}


@pytest.mark.parametrize("name", AGREE)
def test_a_view_says_of_every_case_what_is_true_of_it(truth, name):
    assert truth.execute(AGREE[name]).fetchall() == []
    assert truth.execute(f"select count(*) from out_view__{name}").fetchall() > [(0,)]


@pytest.mark.parametrize("name", COUNTED)
def test_a_view_leaves_no_case_out(truth, name):
    (seen,) = truth.execute(f"select count(*) from out_view__{name}").fetchone()
    (true,) = truth.execute(
        f"select count(*) from truth.truth_case where {COUNTED[name]}"
    ).fetchone()

    assert seen == true


def test_completions_in_absentia_by_year_are_the_first_decisions_true_of_the_cases(truth):
    """First decisions in absentia in the truth are first outcomes, if a decision came first."""
    seen = truth.execute(
        "select fiscal_year, sum(completion_count) from out_view__court_year group by all"
    ).fetchall()
    true = truth.execute(
        "select year(first_decision_date) + (month(first_decision_date) >= 10)::int, count(*)"
        " from truth.truth_case where first_decision_date is not null"
        " and case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO') group by all"
    ).fetchall()

    assert sorted(seen) == sorted(true)


def test_every_view_is_asked_here():
    asked = Path(__file__).read_text("utf-8")

    assert [view.name for view in views() if view.name not in asked] == []

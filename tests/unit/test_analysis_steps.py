"""The analysis tables on cases small enough to work out by hand; observed to 30 June 2026."""

from datetime import date

import duckdb
import pytest
import tiny_release as tiny

from opendocket.docket.load import load_release


def day(text):
    return date.fromisoformat(text)


def cases(*numbers, **columns):
    return [{"IDNCASE": number, "CASE_TYPE": "RMV", **columns} for number in numbers]


def proceeding(case, nth=1, **columns):
    given = {"CASE_TYPE": "RMV", "BASE_CITY_CODE": "NYC", "HEARING_LOC_CODE": "NYC"}
    return {"IDNPROCEEDING": case * 10 + nth, "IDNCASE": case, **given, **columns}


def hearing(case, number, on, **columns):
    given = {"REC_TYPE": "X", "SCHEDULE_TYPE": "MM", "CAL_TYPE": "M", "HEARING_LOC_CODE": "NYC"}
    return {
        "IDNSCHEDULE": case * 100 + number,
        "IDNCASE": case,
        "IDNPROCEEDING": case * 10 + 1,
        "ADJ_DATE": on,
        **given,
        **columns,
    }


def counsel(case, number, on, level="COURT", whose="ALIEN"):
    return {
        "IDNREPSASSIGNED": case * 10 + number,
        "IDNCASE": case,
        "STRATTYLEVEL": level,
        "STRATTYTYPE": whose,
        "E_28_DATE": on,
    }


def link(number, lead, rider, active="1", on="2022-01-01"):
    return {
        "idnLeadRider": number,
        "idnLeadCase": lead,
        "idnRiderCase": rider,
        "blnActive": active,
        "datCreatedOn": on,
    }


VENUE, MOVED, ABSENT, NO_NTA, CLOSED, AHEAD, SENTINEL = 2, 3, 4, 5, 6, 7, 8
LEAD, RIDER, RIDER_OF_RIDER, RELINKED = 20, 21, 22, 23
COUNSEL, LATEST_ONLY, BOARD_ONLY, COUNSEL_AHEAD = 30, 31, 32, 33
TAG, TOO_EARLY, DEDICATED, PLACE, OTHER_KIND, BOOKED, UNDATED = 40, 41, 42, 43, 44, 45, 46
NO_PROCEEDING, NOT_IN_CASES, ODD_KIND = 50, 51, 52
ASYLUM, DENIED, WITHHELD = 60, 61, 62
HEARD, NTA_LATER, NTA_HEARING, REMOVED_THEN_RELIEF = 70, 71, 72, 73

TABLES = {
    "A_TblCase": [
        *cases(1, VENUE, MOVED, ABSENT, NO_NTA, CLOSED, AHEAD, SENTINEL),
        *cases(LEAD, RIDER, RIDER_OF_RIDER, RELINKED, BOARD_ONLY),
        *cases(COUNSEL, E_28_DATE="2024-06-06"),
        *cases(LATEST_ONLY, E_28_DATE="2024-07-07"),
        *cases(COUNSEL_AHEAD, E_28_DATE="2026-07-01"),
        *cases(TAG, TOO_EARLY, DEDICATED, PLACE, BOOKED, UNDATED),
        *cases(OTHER_KIND, CASE_TYPE="WHO"),
        *cases(NO_PROCEEDING, ASYLUM, DENIED, WITHHELD),
        *cases(ODD_KIND, CASE_TYPE="0"),
        *cases(HEARD, NTA_LATER, NTA_HEARING, REMOVED_THEN_RELIEF),
    ],
    "A_TblCaseIdentifier": [
        {"IDNCASEID": number, "IDNCASE": case, "CASE_ID": tag}
        for number, (case, tag) in enumerate(
            [(TAG, "DD"), (TOO_EARLY, "DD"), (DEDICATED, "FA"), (DEDICATED, "DD "),
             (DEDICATED, "DD"), (OTHER_KIND, "DD"), (BOOKED, "DD"), (UNDATED, "DD"), (1, "FA")],
            start=1,
        )
    ],
    "B_TblProceeding": [
        proceeding(1, INPUT_DATE="2024-01-10", OSC_DATE="2024-01-02"),
        # numbered out of order: what counts is the day
        proceeding(VENUE, 2, INPUT_DATE="2022-02-01", COMP_DATE="2023-03-01", OTHER_COMP="C"),
        proceeding(VENUE, 1, TRANS_IN_DATE="2023-03-10", COMP_DATE="2025-01-15", DEC_CODE="X",
                   ABSENTIA="N", BASE_CITY_CODE="MIA"),
        proceeding(MOVED, INPUT_DATE="2022-02-01", COMP_DATE="2023-03-01", OTHER_COMP="T"),
        proceeding(ABSENT, 1, INPUT_DATE="2022-09-09", COMP_DATE="2023-06-01", DEC_CODE="X",
                   ABSENTIA="Y"),
        proceeding(ABSENT, 2, INPUT_DATE="2024-02-02"),
        proceeding(NO_NTA, INPUT_DATE="2022-01-05", COMP_DATE="2022-08-08", OTHER_COMP="F"),
        proceeding(CLOSED, INPUT_DATE="2015-01-05", COMP_DATE="2016-08-08", OTHER_COMP="A"),
        proceeding(AHEAD, INPUT_DATE="2025-01-05", COMP_DATE="2026-07-15", DEC_CODE="X"),
        proceeding(SENTINEL, INPUT_DATE="2025-01-05", COMP_DATE="1900-01-01", DEC_CODE="X"),
        *(proceeding(case, INPUT_DATE="2022-01-05")
          for case in (LEAD, RIDER, RIDER_OF_RIDER, RELINKED, COUNSEL, LATEST_ONLY, BOARD_ONLY,
                       COUNSEL_AHEAD, HEARD, BOOKED, ODD_KIND)),
        proceeding(TAG, INPUT_DATE="2021-09-01"),
        proceeding(TOO_EARLY, INPUT_DATE="2021-05-27", HEARING_LOC_CODE="NYD"),
        proceeding(DEDICATED, INPUT_DATE="2021-05-28", HEARING_LOC_CODE="NYD"),
        proceeding(PLACE, INPUT_DATE="2021-09-01", HEARING_LOC_CODE="NYD"),
        proceeding(OTHER_KIND, INPUT_DATE="2021-09-01", HEARING_LOC_CODE="NYD"),
        proceeding(UNDATED, HEARING_LOC_CODE="NYD"),
        proceeding(NOT_IN_CASES, INPUT_DATE="2023-01-01"),
        proceeding(ASYLUM, INPUT_DATE="2022-01-05", COMP_DATE="2024-04-04", DEC_CODE="R"),
        proceeding(DENIED, INPUT_DATE="2022-01-05", COMP_DATE="2024-04-04", DEC_CODE="X"),
        proceeding(WITHHELD, INPUT_DATE="2022-01-05", COMP_DATE="2024-04-04", DEC_CODE="E"),
        proceeding(NTA_LATER, 1, INPUT_DATE="2022-01-05", OSC_DATE="2022-12-01",
                   COMP_DATE="2022-11-01", OTHER_COMP="C"),
        proceeding(NTA_LATER, 2, INPUT_DATE="2022-11-05", OSC_DATE="2021-12-12"),
        proceeding(NTA_HEARING, INPUT_DATE="2022-01-05"),
        proceeding(REMOVED_THEN_RELIEF, 1, INPUT_DATE="2018-01-05", COMP_DATE="2019-01-07",
                   DEC_CODE="X", ABSENTIA="N"),
        proceeding(REMOVED_THEN_RELIEF, 2, INPUT_DATE="2020-02-03", COMP_DATE="2021-03-04",
                   DEC_CODE="R"),
    ],
    "tbl_schedule": [
        hearing(1, 1, "2024-05-01"),
        hearing(1, 2, "2026-12-01"),
        hearing(BOOKED, 1, "2022-01-01", INPUT_DATE="2021-08-08", HEARING_LOC_CODE="NYD"),
        hearing(HEARD, 1, "2022-02-01", ADJ_RSN="9A"),  # called off
        hearing(HEARD, 2, "2022-03-01", REC_TYPE="B"),  # on bond
        hearing(HEARD, 3, "2022-04-01", CAL_TYPE="I", ADJ_RSN="02"),  # held, then adjourned
        hearing(HEARD, 4, "2022-05-01", ADJ_RSN="17"),
        hearing(HEARD, 5, "2925-05-01", CAL_TYPE="I"),
        hearing(HEARD, 6, "2022-01-15", SCHEDULE_TYPE="DT"),  # a block of a judge's calendar
        hearing(NTA_HEARING, 1, "2023-01-01", OSC_DATE="2021-11-11"),
    ],
    "tbl_Court_Appln": [
        {"IDNPROCEEDINGAPPLN": 1, "IDNPROCEEDING": ASYLUM * 10 + 1, "IDNCASE": ASYLUM,
         "APPL_CODE": "ASYL", "APPL_RECD_DATE": "2023-01-01", "APPL_DEC": "F"},
        {"IDNPROCEEDINGAPPLN": 2, "IDNPROCEEDING": DENIED * 10 + 1, "IDNCASE": DENIED,
         "APPL_CODE": "ASYL", "APPL_RECD_DATE": "2023-02-02", "APPL_DEC": "D"},
        {"IDNPROCEEDINGAPPLN": 3, "IDNPROCEEDING": WITHHELD * 10 + 1, "IDNCASE": WITHHELD,
         "APPL_CODE": "ASYW", "APPL_RECD_DATE": "2023-03-03", "APPL_DEC": "G"},
    ],
    "tbl_RepsAssigned": [
        counsel(COUNSEL, 1, "2023-05-05"),
        counsel(COUNSEL, 2, "2022-04-04"),
        counsel(COUNSEL, 3, "2022-01-06", whose="INS"),
        counsel(COUNSEL, 4, "2021-01-01", level="BOARD"),
        counsel(BOARD_ONLY, 1, "2023-05-05", level="BOARD"),
        counsel(COUNSEL_AHEAD, 1, "2026-07-02"),
    ],
    "tbl_Lead_Rider": [
        link(1, LEAD, RIDER),
        link(2, RIDER, RIDER_OF_RIDER),
        link(3, 1, RELINKED, active="0", on="2023-01-01"),
        link(4, LEAD, RELINKED),
        link(5, LEAD, LEAD),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def docket(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steps")
    release = tiny.written(folder / "release.zip", tiny.tables(**TABLES))
    loaded = load_release(release, folder / "docket.duckdb")
    with duckdb.connect(loaded.path, read_only=True) as con:
        yield con


@pytest.fixture
def of(docket):
    """Give chosen columns of a case."""

    def ask(case, *columns, table="case"):
        query = f"select {', '.join(columns)} from out_docket__{table} where case_id = ?"
        (row,) = docket.execute(query, [case]).fetchall()
        return row[0] if len(columns) == 1 else row

    return ask


def test_a_change_of_venue_ends_no_case(of):
    assert of(VENUE, "court_code", "last_court_code") == ("NYC", "MIA")
    assert of(VENUE, "received_date") == day("2022-02-01")
    assert of(VENUE, "first_outcome", "first_outcome_date") == ("removal", day("2025-01-15"))
    assert of(VENUE, "first_decision_date", "is_pending") == (day("2025-01-15"), False)


def test_a_case_that_moved_and_did_not_arrive_is_pending(of):
    assert of(MOVED, "is_pending", "first_outcome", "last_outcome") == (True, None, None)
    assert of(MOVED, "last_completed_date") is None


def test_an_order_in_absentia_that_is_undone_stays_the_first_outcome(of, docket):
    assert of(ABSENT, "first_outcome", "first_outcome_date") == (
        "in absentia",
        day("2023-06-01"),
    )
    assert of(ABSENT, "is_rescinded", "rescinded_date") == (True, day("2024-02-02"))
    assert of(ABSENT, "is_pending", "last_outcome") == (True, None)
    query = "select is_undone, undone_date from out_docket__decision where case_id = ?"
    assert docket.execute(query, [ABSENT]).fetchall() == [(True, day("2024-02-02"))]


def test_another_removal_order_undone_is_no_rescission(of):
    assert of(REMOVED_THEN_RELIEF, "is_rescinded", "rescinded_date") == (False, None)
    assert of(REMOVED_THEN_RELIEF, "first_outcome", "last_outcome") == ("removal", "relief")
    assert of(REMOVED_THEN_RELIEF, "first_outcome_date", "last_completed_date") == (
        day("2019-01-07"),
        day("2021-03-04"),
    )


@pytest.mark.parametrize(
    ("case", "outcome", "on"),
    [(NO_NTA, "no nta", "2022-08-08"), (CLOSED, "administrative closure", "2016-08-08")],
)
def test_what_decides_nothing_may_still_end_a_case(of, case, outcome, on):
    assert of(case, "first_outcome", "first_outcome_date") == (outcome, day(on))
    assert of(case, "last_outcome", "first_decision_date") == (outcome, None)
    assert not of(case, "is_pending")


@pytest.mark.parametrize(("case", "on"), [(AHEAD, "2026-07-15"), (SENTINEL, "1900-01-01")])
def test_a_completion_that_cannot_have_happened_is_kept_flagged_and_pending(
    of, docket, case, on
):
    kept = "select COMP_DATE from core_eoir__proceeding where IDNCASE = ?"
    assert docket.execute(kept, [case]).fetchall() == [(day(on),)]
    columns = ("completed_date", "outcome", "has_impossible_date")
    assert of(case, *columns, table="proceeding") == (None, None, True)
    assert of(case, "is_pending", "first_outcome", "first_decision_date") == (True, None, None)


def test_no_other_proceeding_is_flagged(docket):
    query = "select case_id from out_docket__proceeding where has_impossible_date"
    flagged = {case for (case,) in docket.execute(query).fetchall()}
    assert flagged == {AHEAD, SENTINEL, NTA_LATER}


def test_a_family_is_its_lead_s_whoever_links_to_whom(of, docket):
    for case in (LEAD, RIDER, RIDER_OF_RIDER, RELINKED):
        assert of(case, "lead_case_id") == LEAD
    query = "select lead_case_id, case_count from out_docket__family where case_count > 1"
    assert docket.execute(query).fetchall() == [(LEAD, 4)]
    assert of(1, "lead_case_id") == 1


def test_counsel_counts_from_the_first_day_before_the_court(of):
    assert of(COUNSEL, "counsel_date") == day("2022-04-04")
    assert of(LATEST_ONLY, "counsel_date") == day("2024-07-07")
    assert of(BOARD_ONLY, "counsel_date") is None
    assert of(COUNSEL_AHEAD, "counsel_date") is None


@pytest.mark.parametrize(
    ("case", "tagged", "placed", "dedicated"),
    [
        (TAG, True, False, False),
        (TOO_EARLY, True, True, False),
        (DEDICATED, True, True, True),
        (PLACE, False, True, False),
        (OTHER_KIND, True, True, False),
        (BOOKED, True, True, True),
        (UNDATED, True, True, False),
        (1, False, False, False),
    ],
)
def test_the_dedicated_docket_is_the_tag_and_the_place_and_the_date(
    of, case, tagged, placed, dedicated
):
    columns = ("is_tagged", "is_at_dedicated_location", "is_dedicated")
    assert of(case, *columns) == (tagged, placed, dedicated)


def test_the_place_is_dated_by_what_names_it_first(of):
    columns = ("dedicated_location_code", "dedicated_location_date")
    assert of(DEDICATED, *columns) == ("NYD", day("2021-05-28"))
    assert of(BOOKED, *columns) == ("NYD", day("2021-08-08"))
    assert of(UNDATED, *columns) == ("NYD", None)
    assert of(TAG, *columns) == (None, None)


def test_cases_and_proceedings_without_each_other_are_cases_too(of):
    assert of(NO_PROCEEDING, "in_case_table", "has_proceeding", "is_pending") == (
        True, False, False,
    )  # fmt: skip
    assert of(NOT_IN_CASES, "in_case_table", "has_proceeding", "is_pending") == (
        False, True, True,
    )  # fmt: skip
    assert of(NOT_IN_CASES, "case_type_code") == "RMV"


def test_a_kind_of_case_in_no_list_is_read_from_the_proceedings(of):
    assert of(ODD_KIND, "case_type_code") == "RMV"


def test_asylum_is_one_application_of_several(of):
    columns = ("asylum_filed_date", "is_asylum_granted", "asylum_granted_date")
    assert of(ASYLUM, *columns) == (day("2023-01-01"), True, day("2024-04-04"))
    assert of(DENIED, *columns) == (day("2023-02-02"), False, None)
    assert of(WITHHELD, *columns) == (None, False, None)
    assert of(WITHHELD, "first_outcome") == "protection"


def test_the_first_hearing_is_the_first_one_held(of, docket):
    assert of(1, "first_hearing_date", "first_master_date") == (
        day("2024-05-01"),
        day("2024-05-01"),
    )
    assert of(HEARD, "first_hearing_date", "first_master_date") == (
        day("2022-04-01"),
        day("2022-05-01"),
    )
    query = (
        "select hearing_date, is_held, is_possible from out_docket__hearing"
        " where case_id = ? order by all"
    )
    assert docket.execute(query, [HEARD]).fetchall() == [
        (day("2022-02-01"), False, True),
        (day("2022-04-01"), True, True),
        (day("2022-05-01"), True, True),
        (day("2925-05-01"), False, False),
    ]


def test_the_notice_s_date_is_the_first_it_could_have(of):
    assert of(1, "nta_date") == day("2024-01-02")
    assert of(NTA_LATER, "nta_date") == day("2021-12-12")
    assert of(NTA_HEARING, "nta_date") == day("2021-11-11")
    assert of(VENUE, "nta_date") is None


def test_there_is_one_row_for_each_case_and_no_more(docket):
    known = {row["IDNCASE"] for row in TABLES["A_TblCase"]} | {NOT_IN_CASES}
    rows = docket.execute("select case_id from out_docket__case").fetchall()
    assert sorted(case for (case,) in rows) == sorted(known)

"""Analysis tables where a column is empty that a condition looks at, or links run oddly."""

from datetime import date

import duckdb
import pytest
import tiny_release as tiny
from test_analysis_steps import cases, hearing, link, proceeding

from opendocket.docket.load import load_release

CIRCLE, CHAIN, NO_FLAG, UNTYPED, BACKWARDS = (1, 2), (10, 11, 12, 13), (20, 21, 22), 30, 40


@pytest.fixture(scope="module")
def docket(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gaps")
    everyone = (*CIRCLE, *CHAIN, *NO_FLAG, UNTYPED, BACKWARDS)
    texts = tiny.tables(
        A_TblCase=cases(*everyone),
        B_TblProceeding=[
            *(proceeding(n, INPUT_DATE="2022-01-03") for n in everyone if n != BACKWARDS),
            # begun first and completed last: the order of completion is what counts
            proceeding(
                BACKWARDS, 1, INPUT_DATE="2022-01-03", DEC_CODE="X", COMP_DATE="2023-05-01"
            ),
            proceeding(
                BACKWARDS, 2, INPUT_DATE="2022-02-01", DEC_CODE="R", COMP_DATE="2022-06-01"
            ),
        ],
        tbl_schedule=[hearing(UNTYPED, 1, "2022-03-01", SCHEDULE_TYPE="")],
        tbl_Lead_Rider=[
            link(1, lead=1, rider=2),
            link(2, lead=2, rider=1),
            link(3, lead=10, rider=11),
            link(4, lead=11, rider=12),
            link(5, lead=12, rider=13),
            link(6, lead=20, rider=22, active="1", on="2022-01-01"),
            link(7, lead=21, rider=22, active="", on="2024-01-01"),
        ],
    )
    path = tiny.written(folder / "gaps.zip", texts)
    names = ("A_TblCaseIdentifier", "tbl_Court_Appln", "tbl_RepsAssigned", "tblLookupHloc")
    load_release(path, folder / "gaps.duckdb", accept_mismatch=names)
    return folder / "gaps.duckdb"


def value(docket, query, *parameters):
    with duckdb.connect(docket, read_only=True) as con:
        return con.execute(query, parameters).fetchall()


def leads(docket, numbers):
    query = "select lead_case_id from out_docket__case where list_contains(?, case_id)"
    return {lead for (lead,) in value(docket, query, list(numbers))}


def test_links_in_a_circle_make_one_family(docket):
    assert leads(docket, CIRCLE) == {1}


def test_a_chain_of_links_is_followed_to_its_top(docket):
    assert leads(docket, CHAIN) == {10}


def test_a_link_without_a_flag_does_not_beat_an_active_one(docket):
    assert leads(docket, (22,)) == {20}


def test_a_hearing_without_a_type_of_schedule_is_a_hearing(docket):
    query = "select first_master_date from out_docket__case where case_id = ?"
    assert value(docket, query, UNTYPED) == [(date(2022, 3, 1),)]


def test_the_first_ending_is_the_one_completed_first(docket):
    query = """
        select first_outcome, first_outcome_date, first_decision_date
        from out_docket__case where case_id = ?
    """
    assert value(docket, query, BACKWARDS) == [("relief", date(2022, 6, 1), date(2022, 6, 1))]

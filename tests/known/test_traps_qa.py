"""Traps of the records that counts, times and flows fall into, each on a few cases by hand.

Numbers are those of the list of traps in the project's notes on the data. Every test also
works out what the trapped way gives, so that it is seen to differ.
"""

from datetime import date

import pytest
import tiny_release as tiny

from opendocket.changes import compare_dockets
from opendocket.docket import open_docket
from opendocket.docket.load import load_release
from opendocket.errors import NothingToShow
from opendocket.measure.answers import answer


def stretch(case, nth, began, ended="", **columns):
    given = {"BASE_CITY_CODE": "NYC", "HEARING_LOC_CODE": "NYC", "OSC_DATE": "2021-06-01"}
    return {
        "IDNPROCEEDING": 10 * case + nth,
        "IDNCASE": case,
        "INPUT_DATE": began,
        "COMP_DATE": ended,
        **given,
        **columns,
    }


def hearing(case, nth, on, **columns):
    return {
        "IDNSCHEDULE": 100 * case + nth,
        "IDNCASE": case,
        "IDNPROCEEDING": 10 * case + 1,
        "REC_TYPE": "X",
        "CAL_TYPE": "M",
        "SCHEDULE_TYPE": "MM",
        "ADJ_DATE": on,
        "INPUT_DATE": "2021-06-15",
        **columns,
    }


@pytest.fixture
def docket(tmp_path):
    """Give a function that loads a release of proceedings, and of other tables."""
    opened = []

    def make(*stretches, kinds=None, name="tiny", **tables):
        kinds = kinds or {}
        numbers = dict.fromkeys(each["IDNCASE"] for each in stretches)
        cases = [{"IDNCASE": n, "CASE_TYPE": kinds.get(n, "RMV")} for n in numbers]
        rows = [{"CASE_TYPE": kinds.get(each["IDNCASE"], "RMV"), **each} for each in stretches]
        texts = tiny.tables(A_TblCase=cases, B_TblProceeding=rows, **tables)
        path = tiny.written(tmp_path / f"{name}.zip", texts)
        loaded = load_release(path, tmp_path / f"{name}.duckdb")
        found = open_docket(loaded.path)
        opened.append(found)
        return found.__enter__()

    yield make
    for each in opened:
        each.__exit__(None, None, None)


def count(docket, name, definition=None, **choices):
    """Give a count of a measure; 0 where there is nothing to count."""
    try:
        rows = answer(docket, name, definition=definition, suppress=False, **choices)
    except NothingToShow:
        return 0
    return int(rows[f"{name}_count"].sum())


def plain(docket, query):
    return docket.con.execute(query).fetchone()[0]


STEADY = stretch(90, 1, "2021-07-01", "2022-01-10", DEC_CODE="X")
"""A case that is decided, so that no answer is empty."""


def test_trap_01_a_case_that_moved_twice_is_one_case_with_one_decision(docket):
    opened = docket(
        stretch(1, 1, "2021-07-01", "2021-09-01", OTHER_COMP="C"),
        stretch(1, 2, "2021-09-02", "2021-12-01", OTHER_COMP="T", BASE_CITY_CODE="BOS"),
        stretch(1, 3, "2021-12-02", "2022-05-01", DEC_CODE="X", BASE_CITY_CODE="MIA"),
    )
    trapped = plain(
        opened, "select count(*) from core_eoir__proceeding where COMP_DATE is not null"
    )

    assert trapped == 3
    for definition in ("initial", "decisions", "eoir", "with-closures"):
        assert count(opened, "completed", definition) == 1
    assert count(opened, "received") == 1
    assert count(opened, "reopened", "any-ending") == 0
    assert count(opened, "completed", where={"court": "MIA"}) == 1


def test_trap_02_a_completion_of_another_kind_is_no_decision(docket):
    opened = docket(stretch(1, 1, "2021-07-01", "2022-03-01", OTHER_COMP="A"), STEADY)
    trapped = plain(
        opened,
        "select count(distinct IDNCASE) from core_eoir__proceeding where COMP_DATE is not null",
    )

    assert trapped == 2
    assert count(opened, "completed", "initial") == 1
    assert count(opened, "completed", "eoir") == 1
    assert count(opened, "completed", "with-closures") == 2
    assert count(opened, "pending", "with-inactive") == 1


def test_trap_03_one_letter_is_two_things_in_two_columns(docket):
    opened = docket(
        stretch(1, 1, "2021-07-01", "2022-03-01", DEC_CODE="T"),
        stretch(2, 1, "2021-07-01", "2022-03-01", OTHER_COMP="T"),
        stretch(3, 1, "2021-07-01", "2022-03-01", OTHER_COMP="C"),
        stretch(4, 1, "2021-07-01", "2022-03-01", DEC_CODE="C"),
    )
    trapped = plain(
        opened,
        "select count(*) from core_eoir__proceeding where coalesce(DEC_CODE, OTHER_COMP) = 'T'",
    )

    assert trapped == 2  # terminated, if the letter is looked up without its column
    rows = answer(opened, "outcomes", definition="closed-only", suppress=False)
    shares = {row["outcome"]: row["ended_count"] for row in rows.iter_rows(named=True)}
    assert {name: n for name, n in shares.items() if n} == {"termination": 1, "relief": 1}
    assert count(opened, "pending") == 2


def same_day(order):
    """Give proceedings of one case begun on one day, in an order of rows."""
    rows = [
        stretch(1, 1, "2021-07-01", "2022-03-01", DEC_CODE="X", BASE_CITY_CODE="BOS"),
        stretch(1, 2, "2021-07-01", "2022-03-01", DEC_CODE="T", BASE_CITY_CODE="MIA"),
        stretch(1, 3, "2021-07-01", BASE_CITY_CODE="NYC"),
    ]
    return [rows[at] for at in order]


def test_trap_04_what_comes_first_does_not_hang_on_the_order_of_rows(docket):
    found, trapped = [], set()
    for name, order in (("a", (0, 1, 2)), ("b", (2, 1, 0)), ("c", (1, 2, 0))):
        opened = docket(*same_day(order), name=name)
        first = answer(opened, "completed", by="court", suppress=False)
        pending = answer(opened, "pending", by="court", suppress=False)
        found.append((first.drop("as_of_date").rows(), pending.drop("as_of_date").rows()))
        trapped.add(
            plain(
                opened,
                "select arg_max(BASE_CITY_CODE, INPUT_DATE) from core_eoir__proceeding",
            )
        )

    assert len(trapped) > 1
    assert found[0] == found[1] == found[2]
    assert count(opened, "completed", where={"court": "BOS"}) == 1
    assert count(opened, "pending", where={"court": "NYC"}) == 1


def test_trap_05_a_proceeding_that_has_not_ended_comes_after_those_that_have(docket):
    opened = docket(
        stretch(1, 1, "2021-07-01", "2022-03-01", DEC_CODE="X"),
        stretch(1, 2, "2023-01-10"),
        STEADY,
    )
    trapped = plain(
        opened,
        """
        select count(*) from (
            select IDNCASE, max(COMP_DATE) as ended from core_eoir__proceeding group by IDNCASE
        )
        where ended is null
        """,
    )

    assert trapped == 0
    assert count(opened, "pending") == 1
    assert count(opened, "pending", as_of=date(2022, 12, 31)) == 0
    assert count(opened, "reopened", "after-decision") == 1


def test_trap_06_a_completion_after_the_release_has_not_happened(docket):
    opened = docket(
        stretch(1, 1, "2021-07-01", "2031-03-01", DEC_CODE="X"),
        STEADY,
        tbl_schedule=[
            hearing(1, 1, "2031-01-01"),
            hearing(90, 1, "2021-09-01"),
            hearing(90, 2, "2021-10-01"),
        ],
    )
    trapped = plain(
        opened, "select count(*) from core_eoir__proceeding where DEC_CODE is not null"
    )

    assert trapped == 2
    assert count(opened, "completed") == 1
    assert count(opened, "pending") == 1
    heard = answer(opened, "time-to-first-hearing", suppress=False)
    assert heard["first_hearing_count"][0] == 1  # the one set for 2031 is ahead
    assert plain(opened, "select count(distinct IDNCASE) from core_eoir__schedule") == 2


def test_trap_06_a_notice_dated_after_its_decision_is_a_slip(docket):
    opened = docket(
        stretch(1, 1, "2021-07-01", "2022-03-01", DEC_CODE="X", OSC_DATE="2025-01-01"), STEADY
    )
    trapped = plain(
        opened,
        "select min(date_diff('day', OSC_DATE, COMP_DATE)) from core_eoir__proceeding",
    )

    assert trapped < 0
    assert count(opened, "received", "trac") == 1
    days = answer(opened, "time-to-decision", definition="trac", suppress=False)
    assert days["case_count"][0] == 1


def test_trap_07_fear_reviews_are_no_cases_of_eoirs(docket):
    opened = docket(
        stretch(1, 1, "2021-07-01"),
        stretch(2, 1, "2021-07-01"),
        stretch(3, 1, "2021-07-01"),
        stretch(4, 1, "2021-07-01"),
        kinds={2: "CFR", 3: "RFR", 4: "WHO"},
    )
    trapped = plain(opened, "select count(distinct IDNCASE) from core_eoir__proceeding")

    assert trapped == 4
    assert count(opened, "received") == 2
    assert count(opened, "pending") == 2
    assert count(opened, "received", where={"docket": "everything"}) == 4


def test_trap_07_hearings_about_bond_are_no_hearings_of_the_case(docket):
    opened = docket(
        stretch(1, 1, "2021-07-01"),
        tbl_schedule=[
            hearing(1, 1, "2021-07-11", REC_TYPE="B"),
            hearing(1, 2, "2021-10-09"),
            hearing(1, 3, "2021-10-19"),
        ],
    )
    trapped = plain(opened, "select min(ADJ_DATE) from core_eoir__schedule")

    assert trapped == date(2021, 7, 11)
    gap = answer(opened, "time-between-hearings", suppress=False)
    assert gap["gap_days"].to_list() == [10]


def test_trap_09_the_dedicated_docket_is_in_the_hearing_place_and_not_in_the_court(docket):
    tags = [{"IDNCASEID": n, "IDNCASE": n, "CASE_ID": "DD"} for n in (1, 2)]
    opened = docket(
        stretch(1, 1, "2021-07-01", HEARING_LOC_CODE="NYD"),
        stretch(2, 1, "2021-07-01"),
        stretch(3, 1, "2021-07-01"),
        A_TblCaseIdentifier=tags,
    )
    dedicated_courts = "('NYC')"
    trapped = plain(
        opened,
        "select count(*) from core_eoir__proceeding "
        f"where BASE_CITY_CODE in {dedicated_courts}",
    )

    assert trapped == 3
    assert count(opened, "received", where={"docket": "dedicated"}) == 1
    assert count(opened, "received", where={"docket": "tagged"}) == 2
    by_court = answer(opened, "received", by="court", suppress=False)
    assert by_court["court"].to_list() == ["NYC"]


def test_trap_09_a_case_is_pending_at_the_court_it_has_come_to(docket):
    opened = docket(
        stretch(1, 1, "2021-07-01", "2022-03-01", OTHER_COMP="C", BASE_CITY_CODE="BOS"),
        stretch(1, 2, "2022-03-02", BASE_CITY_CODE="MIA", HEARING_LOC_CODE="BOS"),
    )
    trapped = plain(opened, "select arg_max(HEARING_LOC_CODE, INPUT_DATE) "
                            "from core_eoir__proceeding")  # fmt: skip

    assert trapped == "BOS"
    now = answer(opened, "pending", by="court", suppress=False)
    then = answer(opened, "pending", by="court", as_of=date(2021, 12, 31), suppress=False)
    assert now["court"].to_list() == ["MIA"]
    assert then["court"].to_list() == ["BOS"]


def test_trap_13_a_dismissal_for_want_of_a_notice_is_kept_apart(docket):
    opened = docket(
        stretch(1, 1, "2021-07-01", "2022-03-01", OTHER_COMP="F"),
        stretch(2, 1, "2021-07-01", "2022-03-01", DEC_CODE="U"),
        stretch(3, 1, "2021-07-01", "2022-03-01", DEC_CODE="X"),
    )
    trapped = plain(
        opened,
        "select count(*) from core_eoir__proceeding "
        "where DEC_CODE in ('T', 'U') or OTHER_COMP = 'F'",
    )

    assert trapped == 2
    assert count(opened, "completed", "initial") == 2
    assert count(opened, "completed", "eoir") == 3
    assert count(opened, "completed", "without-no-nta") == 2
    rows = answer(opened, "outcomes", definition="closed-only", suppress=False)
    found = {row["outcome"]: row["ended_count"] for row in rows.iter_rows(named=True)}
    assert found["dismissed, no notice filed"] == found["termination"] == 1
    within = [
        answer(opened, "within-300-days", definition=name, suppress=False)["case_count"][0]
        for name in ("trac", "trac-without-no-nta", "gao")
    ]
    assert within == [3, 2, 2]


def test_trap_14_a_remand_of_a_bond_appeal_reopens_no_case(docket):
    begun_again = [
        each
        for n in (1, 2, 3, 4)
        for each in (
            stretch(n, 1, "2021-07-01", "2022-01-10", DEC_CODE="X"),
            stretch(n, 2, "2022-06-01"),
        )
    ]
    motion = {"REC_TYPE": "O", "COMP_DATE": "2022-03-01"}
    appeal = {"strBIADecision": "REM", "datBIADecision": "2022-04-01"}
    opened = docket(
        *begun_again,
        tbl_Court_Motions=[
            {"IDNMOTION": 1, "IDNCASE": 1, "IDNPROCEEDING": 11, "DEC": "D", **motion},
            {"IDNMOTION": 2, "IDNCASE": 2, "IDNPROCEEDING": 21, "DEC": "G", **motion},
        ],
        tblAppeal=[
            {"idnAppeal": 3, "idncase": 3, "strAppealType": "Bond Appeal", **appeal},
            {"idnAppeal": 4, "idncase": 4, "strAppealType": "Case Appeal", **appeal},
        ],
    )
    trapped = plain(
        opened,
        "select count(*) filter (strBIADecision = 'REM') + "
        "(select count(*) from core_eoir__motion) from core_eoir__appeal",
    )

    assert trapped == 4
    assert count(opened, "reopened", "after-decision") == 4
    assert count(opened, "reopened", "confirmed") == 2


def test_trap_18_a_falling_count_is_rows_taken_out_and_not_cases_decided(docket, tmp_path):
    rows = [stretch(n, 1, "2021-07-01") for n in (1, 2, 3)]
    old = docket(*rows, STEADY, name="old")
    kept = [{**rows[0], "IDNPROCEEDING": 77}, rows[1]]
    new = docket(*kept, STEADY, name="new")
    trapped = count(old, "pending") - count(new, "pending")
    old.con.close()
    new.con.close()

    changes = compare_dockets(
        tmp_path / "old.duckdb", tmp_path / "new.duckdb", tmp_path / "changes.duckdb"
    )

    assert trapped == 1  # "one case fewer is pending", which nobody decided
    found = {
        each.table: (each.gone, each.come, each.changed, each.rekeyed)
        for each in changes.differing
    }
    assert found["A_TblCase"] == (1, 0, 0, 0)
    assert found["B_TblProceeding"] == (1, 0, 0, 1)
    with open_docket(tmp_path / "new.duckdb") as opened:
        assert count(opened, "completed", "with-closures") == 1

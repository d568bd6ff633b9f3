"""Traps of custody, of the table of appeals, and of values that read as missing.

Each is told in the reference on the courts' data, section 4.7, by its number. Every test shows
the number that the trapped way gives, beside ours; the expected ones are worked out by hand.
"""

from datetime import date

import pytest
import tiny_release as tiny

from opendocket.docket import open_docket
from opendocket.docket.load import load_release
from opendocket.measure.answers import answer
from opendocket.measure.appeals import APPEALED_CASES
from opendocket.measure.grains import Asked

HELD, FREED, NEVER, NUL = 1, 2, 3, 4
DAY = "2024-01-15"
CUSTODY = {HELD: "D", FREED: "R", NEVER: "N", NUL: "\x00"}
NATIONALITY = {HELD: "NA", FREED: "MX", NEVER: "NA ", NUL: "N/A"}
LETTER = {HELD: "X", FREED: "X", NEVER: "\x00", NUL: "  "}
"""A judge decided the first two cases; the others are open, whatever fills the field."""
COMPLETED = {HELD: DAY, FREED: DAY, NEVER: "", NUL: ""}


def appeal(number, case, kind, by="A", filed="2024-02-01", decided="", said=""):
    return {
        "idnAppeal": number,
        "idncase": case,
        "idnProceeding": 10 * case + 1,
        "strAppealType": kind,
        "strAppealCategory": "IJ",
        "datAppealFiled": f"{filed} 00:00:00.000",
        "strFiledBy": by,
        "datBIADecision": f"{decided} 00:00:00.000" if decided else "",
        "strBIADecision": said,
    }


TABLES = {
    "A_TblCase": [
        {"IDNCASE": n, "CASE_TYPE": "RMV", "CUSTODY": CUSTODY[n], "NAT": NATIONALITY[n]}
        for n in CUSTODY
    ],
    "B_TblProceeding": [
        {
            "IDNPROCEEDING": 10 * n + 1,
            "IDNCASE": n,
            "CASE_TYPE": "RMV",
            "BASE_CITY_CODE": "NYC",
            "INPUT_DATE": "2023-01-01",
            "OSC_DATE": "2022-12-01",
            "COMP_DATE": COMPLETED[n],
            "DEC_CODE": LETTER[n],
            "ABSENTIA": "N",
            "CUSTODY": "D" if n == FREED else CUSTODY[n],
        }
        for n in CUSTODY
    ],
    "tblAppeal": [
        appeal(1, HELD, "Case Appeal", decided="2024-08-01", said="DIS"),
        appeal(2, HELD, "Bond Appeal", decided="2024-06-01", said="REM"),
        appeal(3, FREED, "Appeal of IJ MTR", decided="2025-02-01", said="REM"),
        appeal(4, NEVER, "DD Visa", by="P", decided="2024-06-01", said="DIS"),
        appeal(5, FREED, "Case Appeal", filed="2024-02-10", decided="2024-09-01", said="\x00"),
    ],
    "tblLookupCourtDecision": [
        {
            "idnCourtDecision": 1,
            "strCaseType": "RMV",
            "strDecCode": "X",
            "strDecType": "C",
            "strDecDescription": "Remove",
        }
    ],
    "tblLookupNationality": [
        {"ID": 1, "NAT_CODE": "NA", "NAT_NAME": "NETHERLANDS ANTILLES"},
        {"ID": 2, "NAT_CODE": "MX", "NAT_NAME": "MEXICO"},
    ],
}


@pytest.fixture(scope="module")
def docket(tmp_path_factory):
    folder = tmp_path_factory.mktemp("traps")
    path = tiny.written(folder / "tiny.zip", tiny.tables(**TABLES))
    with open_docket(load_release(path, folder / "docket.duckdb").path) as opened:
        yield opened


def number(docket, query):
    return docket.con.execute(query).fetchall()[0][0]


def asked(docket, name, column, **choices):
    return answer(docket, name, suppress=False, **choices)[column].to_list()


def statuses(docket, **choices):
    rows = answer(docket, "custody", suppress=False, **choices)
    return dict(rows.select("status", "custody_count").iter_rows())


def test_trap_12_who_is_released_was_detained_once_and_is_not_never_detained(docket):
    trapped = number(
        docket, "select count(*) from out_docket__case where custody_code is distinct from 'D'"
    )

    ours = statuses(docket)

    assert ours == {"detained": 1, "released": 1, "never detained": 1, "not recorded": 1}
    assert trapped == 3  # all who are not detained, the released and the unknown among them


def test_trap_12_custody_is_the_last_known_on_every_earlier_day(docket):
    early = statuses(docket, as_of=date(2023, 1, 1))

    assert early == statuses(docket)
    measure = answer(docket, "custody", definition="pending", suppress=False)
    assert measure["case_count"].unique().to_list() == [2]


def test_trap_12_who_was_held_at_the_decision_may_be_released_by_now(docket):
    at_decision = statuses(docket, definition="at-decision")
    trapped = statuses(docket, definition="gao")

    assert (at_decision["detained"], at_decision["released"]) == (2, 0)
    assert (trapped["detained"], trapped["released"]) == (1, 1)


def test_trap_14_appeals_of_bonds_motions_and_officers_are_none_of_the_decision(docket):
    asked_for = Asked(docket.con, docket.as_of)
    rows = asked_for.fetch(("appealed_date", "appealed_by_name"), grain=APPEALED_CASES)
    mixed = number(
        docket,
        "select count(distinct idncase) from core_eoir__appeal where idncase is not null",
    )

    ours = {case: (day, party) for case, _, day, party in rows.iter_rows() if day}
    assert ours == {
        HELD: (date(2024, 2, 1), "respondent"),
        FREED: (date(2024, 2, 10), "respondent"),
    }
    assert mixed == 3  # an officer's decision on a visa was appealed as well


def test_trap_14_a_bond_sent_back_is_no_remand_of_the_case(docket):
    mixed = number(
        docket, "select count(*) from core_eoir__appeal where strBIADecision = 'REM'"
    )

    assert asked(docket, "remanded", "remanded_count") == [0]
    assert asked(docket, "remanded", "appeal_count") == [1]
    assert mixed == 2  # of a bond, and of a motion


def test_trap_14_a_row_of_any_kind_is_what_the_rival_definition_counts(docket):
    found = asked(docket, "appealed", "appealed_count", definition="any-row")

    assert found == [3]


def test_trap_20_netherlands_antilles_is_no_missing_nationality(docket):
    rows = answer(docket, "received", by="nationality", suppress=False)

    ours = dict(rows.select("nationality", "received_count").iter_rows())
    assert ours == {"NA": 2, "MX": 1, None: 1}
    found = asked(docket, "received", "received_count", where={"nationality": "NA"})
    assert found == [2]
    # read as pandas and R do, NA is missing: nobody would be of that nationality
    missing = {"NA", "N/A", ""}
    as_pandas = [n.strip() for n in NATIONALITY.values() if n.strip() not in missing]
    assert as_pandas == ["MX"]


def test_trap_20_a_nul_or_blanks_decide_no_case(docket):
    trapped = sum(letter != "" for letter in LETTER.values())

    assert asked(docket, "custody", "case_count", definition="gao")[0] == 2
    assert asked(docket, "pending", "pending_count") == [2]
    assert trapped == 4  # whatever is not empty, taken for a letter


def test_trap_20_a_nul_is_no_custody_and_no_decision_of_the_board(docket):
    trapped = len({code for code in CUSTODY.values() if code})

    assert statuses(docket)["not recorded"] == 1
    assert trapped == 4  # NUL as a status of its own
    assert asked(docket, "remanded", "appeal_count") == [1]  # of two decided, one says how

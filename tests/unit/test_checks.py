"""Each way of spoiling a docket is seen by the check that is there for it, and by it alone."""

import dataclasses
import shutil

import duckdb
import pytest

from opendocket.checks import CHECKS, GROUPS, VERDICTS, examine
from opendocket.docket import open_docket

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spoilable(small_docket, tmp_path_factory):
    """A copy of a clean docket, open for writing, and what is known of it."""
    path = tmp_path_factory.mktemp("spoilt") / "docket.duckdb"
    shutil.copy(small_docket, path)
    with open_docket(path) as docket:
        facts = docket
    with duckdb.connect(path) as con:
        yield dataclasses.replace(facts, con=con)


def seen_after(docket, *statements):
    """Give what is not as expected once some statements have run, and undo them."""
    docket.con.execute("begin")
    try:
        for statement in statements:
            docket.con.execute(statement)
        results = examine(docket).results
    finally:
        docket.con.execute("rollback")
    bad = [
        (check.name, found) for check, found in results if found.verdict in ("wrong", "look")
    ]
    return {
        verdict: {name for name, found in bad if found.verdict == verdict}
        for verdict in ("wrong", "look")
    }


def recounted(table, core):
    """Make the account say what a table holds now, as a careless loader's would."""
    rows = f"(select count(*) from core_eoir__{core})"
    return (
        f"update out_load__account set read_count = {rows}, kept_count = {rows}, "
        f"expected_count = {rows} where table_name = '{table}'"
    )


LOST_ROWS = "delete from core_eoir__representative where hash(IDNREPSASSIGNED) % 4 = 0"
LAST_ROWS = "delete from core_eoir__lookup_language where strCode = 'SP'"
ASIDE = (
    "insert into aside_eoir__row by name select 'tbl_schedule' as table_name, range as record, "
    "'more fields than columns' as reason, 'x'::blob as raw from range({})"
)

DAMAGE = {
    "a quarter of a table is gone": (
        [LOST_ROWS],
        {"rows as announced", "rows as kept", "rows a case"},
        set(),
    ),
    "a quarter of a table is gone and nobody counted": (
        [LOST_ROWS, recounted("tbl_RepsAssigned", "representative")],
        {"rows a case"},
        set(),
    ),
    "one row is gone": (
        ["delete from core_eoir__bond where IDNASSOCBOND = "
         "(select min(IDNASSOCBOND) from core_eoir__bond)"],
        {"rows as announced", "rows as kept"},
        set(),
    ),
    "rows stand twice": (
        ["insert into core_eoir__application from core_eoir__application limit 20",
         recounted("tbl_Court_Appln", "application")],
        {"numbers twice"},
        set(),
    ),
    "rows have no number": (
        ["update core_eoir__motion set IDNMOTION = null where hash(IDNMOTION) % 40 = 0"],
        {"rows without a number"},
        set(),
    ),
    "rows set aside are not told of": (
        [ASIDE.format(5)],
        {"rows as set aside", "rows as announced"},
        set(),
    ),
    "rows are read by the wrong rules": (
        [ASIDE.format(300),
         "update out_load__account set set_aside_count = 300, read_count = read_count + 300, "
         "expected_count = expected_count + 300 where table_name = 'tbl_schedule'"],
        {"rows not whole"},
        set(),
    ),
    "the account does not balance": (
        ["update out_load__account set read_count = read_count + 5 "
         "where table_name = 'tblAppeal'"],
        {"account balances"},
        set(),
    ),
    "a mismatch was accepted": (
        ["update out_load__account set expected_count = expected_count + 5, is_accepted = true "
         "where table_name = 'tblAppeal'"],
        set(),
        {"rows as announced"},
    ),
    "a third of the motions carry more fields": (
        ["update core_eoir__motion set surplus = 'A.2.a' where hash(IDNMOTION) % 3 = 0"],
        {"ragged rows"},
        set(),
    ),
    "values of a column are not of its type": (
        ["insert into aside_eoir__cell by name select 'tblAppeal' as table_name, "
         "range as record, 'datAppealFiled' as column_name, 'x' as text, 'x' as reason "
         "from range(500)",
         "update out_load__column set emptied_count = emptied_count + 500 "
         "where table_name = 'tblAppeal' and column_name = 'datAppealFiled'"],
        {"values emptied"},
        set(),
    ),
    "values emptied cannot be read back": (
        ["update out_load__column set emptied_count = emptied_count + 5 "
         "where table_name = 'tblAppeal' and column_name = 'datAppealFiled'"],
        {"changes as told"},
        set(),
    ),
    "times of day were cut off": (
        ["insert into aside_eoir__cell by name select 'tblAppeal' as table_name, "
         "range as record, 'datAppealFiled' as column_name, '2020-01-02 10:30:00' as text, "
         "'a time of day, of which only the day is kept' as reason from range(500)"],
        set(),
        set(),
    ),
    "the encoding is another": (
        ["update out_load__column set recoded_count = 10000 "
         "where table_name = 'A_TblCase' and column_name = 'ALIEN_CITY'"],
        {"bytes not UTF-8"},
        set(),
    ),
    "a column is new": (
        ["insert into out_load__column by name select 'tblAppeal' as table_name, "
         "'NEW_COLUMN' as column_name, 99 as position, 'new' as state"],
        set(),
        {"columns"},
    ),
    "a date is text": (
        ["alter table core_eoir__bond alter E_28_DATE type varchar"],
        {"types"},
        set(),
    ),
    "a code list is empty": (
        ["delete from core_eoir__lookup_motion_type",
         recounted("tblLookupMotionType", "lookup_motion_type")],
        {"length of lists"},
        set(),
    ),
    "half of a code list is gone": (
        ["delete from core_eoir__lookup_charges where hash(strCode) % 2 = 0",
         recounted("tbllookupCharges", "lookup_charges")],
        {"known codes", "codes in a list"},
        set(),
    ),
    "decisions lost their kind": (
        ["update core_eoir__lookup_court_decision set strDecType = 'C'"],
        {"list of decisions", "codes in a list"},
        set(),
    ),
    "one decision stands twice": (
        ["update core_eoir__lookup_court_decision set strDecCode = 'X' "
         "where strCaseType = 'CDR' and strDecType = 'O'"],
        {"list of decisions"},
        set(),
    ),
    "numbers lead nowhere": (
        ["update core_eoir__charge set IDNPROCEEDING = IDNPROCEEDING + 900000000 "
         "where hash(IDNPRCDCHG) % 10 = 0"],
        {"numbers that lead somewhere"},
        set(),
    ),
    "two columns of codes are swapped": (
        ["update core_eoir__proceeding set NAT = LANG, LANG = NAT"],
        {"codes in a list"},
        set(),
    ),
    "two dates are swapped": (
        ["update core_eoir__appeal set datAppealFiled = datBIADecision, "
         "datBIADecision = datAppealFiled"],
        {"dates in order"},
        set(),
    ),
    "codes are padded": (
        ["update core_eoir__charge set CHARGE = rpad(CHARGE, 13, ' ') "
         "where hash(IDNPRCDCHG) % 4 = 0"],
        {"codes trimmed", "codes in a list"},
        set(),
    ),
    "N/A was taken for a missing value": (
        ["update core_eoir__case set CASEPRIORITY_CODE = null where CASEPRIORITY_CODE = 'N/A'"],
        {"share empty", "commonest codes"},
        set(),
    ),
    "NA was taken for a missing value in a list": (
        ["update core_eoir__lookup_nationality set NAT_CODE = null where NAT_CODE = 'NA'"],
        {"NA is a code"},
        set(),
    ),
    "the commonest juvenile code was taken for a missing value": (
        ["update core_eoir__juvenile_history set idnJuvenile = null where idnJuvenile = 5"],
        {"largest code", "share empty"},
        set(),
    ),
    "a column is empty": (
        ["update core_eoir__schedule set ADJ_RSN = null"],
        {"share empty"},
        set(),
    ),
    "dates are sentinels": (
        ["update core_eoir__case set ADDRESS_CHANGEDON = date '1900-01-01' "
         "where hash(IDNCASE) % 4 = 0"],
        {"dates that can be"},
        set(),
    ),
    "completions lie ahead": (
        ["update core_eoir__motion set COMP_DATE = date '2031-01-01' "
         "where hash(IDNMOTION) % 8 = 0"],
        {"dates that can be"},
        set(),
    ),
    "proceedings are one a case": (
        ["delete from core_eoir__proceeding where TRANS_IN_DATE is not null",
         recounted("B_TblProceeding", "proceeding")],
        {"proceedings a case", "numbers that lead somewhere", "a row for each proceeding",
         "share empty"},
        {"rows a case", "cases not completed"},
    ),
    "removal orders are called bonds": (
        ["update out_docket__proceeding set outcome = 'bond' "
         "where case_type_code = 'RMV' and decision_code = 'X'"],
        {"removal is removal"},
        set(),
    ),
    "ZIP codes were read as numbers": (
        ["update core_eoir__case set ALIEN_ZIPCODE = ltrim(ALIEN_ZIPCODE, '0')"],
        {"leading zeros"},
        set(),
    ),
    "quotes swallowed rows": (
        ["update core_eoir__case set ALIEN_CITY = 'A' || chr(10) || '5' || chr(9) || 'B' "
         "where hash(IDNCASE) % 1000 = 0"],
        {"rows swallowed"},
        set(),
    ),
    "our own tables lack cases": (
        ["delete from out_docket__case where hash(case_id) % 50 = 0"],
        {"a row for each case", "families hold everybody"},
        set(),
    ),
    "our own tables lack hearings": (
        ["delete from out_docket__hearing where hash(hearing_id) % 50 = 0"],
        {"a row for each hearing"},
        set(),
    ),
    "a table is gone": (
        ["drop table core_eoir__pro_bono"],
        {"rows as announced", "rows as kept"},
        set(),
    ),
}  # fmt: skip


def test_a_clean_release_has_nothing_wrong_and_nothing_to_look_at(spoilable):
    assert seen_after(spoilable) == {"wrong": set(), "look": set()}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damage_is_seen_by_its_check_and_by_no_other(damage, spoilable):
    statements, wrong, look = DAMAGE[damage]

    assert seen_after(spoilable, *statements) == {"wrong": wrong, "look": look - wrong}


def test_a_temporary_folder_may_have_any_name(spoilable, tmp_path, monkeypatch):
    odd = tmp_path / 'it\'s "here"'
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))

    assert examine(spoilable, checks=CHECKS[:1]).tally["wrong"] == 0


def test_every_check_that_needs_no_nation_has_its_damage():
    planted = {name for _, wrong, look in DAMAGE.values() for name in wrong | look}
    elsewhere = {
        "cases of the nation", "people with the tag DD", "orders in absentia",
        "cases without a proceeding", "cases not completed",
    }  # fmt: skip  # in test_checks_of_a_nation

    assert {check.name for check in CHECKS} == planted | elsewhere


def test_checks_have_names_of_their_own_and_groups_that_there_are():
    names = [check.name for check in CHECKS]

    assert len(set(names)) == len(names)
    assert {check.group for check in CHECKS} == set(GROUPS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_says_what_it_asks_expects_and_rests_on(check):
    assert check.question.endswith("?")
    assert check.expectation.endswith(".")
    assert check.source


def test_progress_grows_and_ends_once(spoilable):
    told = []
    examine(spoilable, progress=lambda what, done, total: told.append(done / total))

    assert told == sorted(told)
    assert told.count(1.0) == 1 == told[-1]


def test_the_tally_counts_every_finding_once(spoilable):
    examined = examine(spoilable)

    assert tuple(examined.tally) == VERDICTS
    assert sum(examined.tally.values()) == len(examined.results)

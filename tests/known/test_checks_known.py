"""The checks count as plain Python counts, and expect what public builders' logs say.

Numbers of the releases of 2026 are from logs of public projects that read them whole; see
the sources that each check names.
"""

from collections import Counter
from datetime import date

import duckdb
import pytest

from opendocket.checks import CHECKS
from opendocket.checks.facts import PENDING, PER_CASE, WITHOUT
from opendocket.checks.histories import histories
from opendocket.checks.layout import DECISION_ROWS
from opendocket.checks.subject import Subject
from opendocket.columns import TABLES
from opendocket.columns.links import links

KEYS = [x for x in links() if x.kind == "key" and not x.where and not x.also]
CODES = [x for x in links() if x.kind == "code" and not x.also and not x.parent_where]


@pytest.fixture(scope="module")
def dirty(docket_50k_dirty):
    with duckdb.connect(docket_50k_dirty.path, read_only=True) as con:
        yield Subject(con, date(2026, 7, 1), date(2026, 6, 30), is_synthetic=True, size=0.004)


@pytest.fixture(scope="module")
def planted(release_50k_dirty):
    with duckdb.connect(release_50k_dirty.truth, read_only=True) as con:
        yield con


def column(subject, table, name):
    return [
        v
        for (v,) in subject.con.execute(f'select "{name}" from {TABLES[table].core}').fetchall()
    ]


@pytest.mark.parametrize("link", KEYS, ids=lambda x: f"{x.table}.{x.column}>{x.parent}")
def test_numbers_that_lead_nowhere_are_counted_as_by_sets(link, dirty):
    named = [v for v in column(dirty, link.table, link.column) if v is not None]
    there = set(column(dirty, link.parent, link.parent_column))

    assert dirty.leads(link) == (len(named), sum(v not in there for v in named))


@pytest.mark.parametrize("link", CODES, ids=lambda x: f"{x.table}.{x.column}")
def test_codes_in_no_list_are_counted_as_by_sets(link, dirty):
    counts = Counter(v for v in column(dirty, link.table, link.column) if v is not None)
    there = set(column(dirty, link.parent, link.parent_column))

    found = {value: (n, is_in) for n, (value,), is_in in dirty.values(link)}
    assert found == {value: (n, value in there) for value, n in counts.items()}


@pytest.mark.parametrize("table", [t for t in TABLES.values() if t.key], ids=lambda t: t.name)
def test_rows_filled_and_twice_are_counted_as_by_sets(table, dirty):
    values = column(dirty, table.file_name, table.key)
    filled = [v for v in values if v is not None]

    profile = dirty.profile(table)
    assert (profile.rows, profile.filled[table.key]) == (len(values), len(filled))
    assert dirty.repeated(table, table.key) == len(filled) - len(set(filled))


@pytest.mark.parametrize(
    ("table", "name"), [("tbl_schedule", "ADJ_DATE"), ("A_TblCase", "DATE_OF_ENTRY"),
                        ("A_TblCase", "C_RELEASE_DATE"), ("B_TblProceeding", "OSC_DATE")]
)  # fmt: skip
def test_impossible_dates_are_counted_as_by_hand(table, name, dirty):
    is_ahead = TABLES[table].column(name).may_be_ahead
    last = date(2045, 12, 31) if is_ahead else date(2026, 7, 1)
    days = [v for v in column(dirty, table, name) if v is not None]

    profile = dirty.profile(TABLES[table])
    assert profile.early[name] == sum(day < date(1910, 1, 1) for day in days)
    assert profile.late[name] == sum(day > last for day in days)


@pytest.mark.parametrize(
    ("table", "name"),
    [("tbl_RepsAssigned", "IDNCASE"), ("B_TblProceedCharges", "IDNPROCEEDING")],
)
def test_every_number_that_was_made_to_lead_nowhere_is_found(table, name, dirty, planted):
    query = (
        "select count(*) from truth_dirt where table_name = ? and column_name = ? and kind = ?"
    )
    ((made,),) = planted.execute(query, [table, name, "orphan"]).fetchall()
    link = next(x for x in KEYS if (x.table, x.column) == (table, name))
    parent = TABLES[link.parent]
    ((aside,),) = dirty.con.execute(
        "select count(*) from aside_eoir__row where table_name in (?, ?)", [table, link.parent]
    ).fetchall()
    ((missing,),) = planted.execute(
        "select count(*) from truth_dirt where kind = 'row missing'"
    ).fetchall()

    _, nowhere = dirty.leads(link)
    assert made > 0
    assert made - aside <= nowhere
    # what was set aside, left out or repeated takes its children with it
    assert nowhere <= 1.1 * made + 12 * (aside + missing), parent.file_name


def by_hand(subject):
    """Tell what became of each case, proceeding by proceeding."""
    rows = subject.con.execute(
        "select IDNCASE, IDNPROCEEDING, coalesce(INPUT_DATE, TRANS_IN_DATE, HEARING_DATE), "
        "COMP_DATE, DEC_CODE, ABSENTIA, CUSTODY from core_eoir__proceeding as p "
        "where IDNCASE is not null and IDNCASE not in (select IDNCASE from "
        "core_eoir__case_identifier where CASE_ID = 'DD')"
    ).fetchall()
    cases = {}
    for case, *rest in rows:
        cases.setdefault(case, []).append(rest)
    return len(rows), cases


def test_what_becomes_of_cases_is_counted_as_by_hand(small_docket):
    with duckdb.connect(small_docket, read_only=True) as con:
        subject = Subject(con, date(2026, 7, 1), date(2026, 6, 30), True, 0.002)
        seen = histories(subject)
        rows, cases = by_hand(subject)

    last = [max(p, key=lambda x: (x[1] or date.max, x[0])) for p in cases.values()]
    decided, absent = Counter(), Counter()
    for proceedings in cases.values():
        decisions = [p for p in proceedings if p[3] and p[2] and p[3]]
        if decisions and len({p[2] for p in decisions}) == len(decisions):
            first = min(decisions, key=lambda p: p[2])
            year = first[2].year + (first[2].month > 9)
            if first[5] in ("N", "R"):
                decided[year] += 1
                absent[year] += first[4] == "Y" and first[3] == "X"
    assert (seen.cases, seen.proceedings) == (len(cases), rows)
    assert seen.pending == sum(p[2] is None for p in last)
    for year in (2012, 2019):
        assert seen.decided[year] == pytest.approx(decided[year], abs=2)
        assert seen.absent[year] == pytest.approx(absent[year], abs=2)


def test_counting_in_parts_gives_the_same_as_counting_at_once(small_docket, monkeypatch):
    """A release of national size is counted four million keys at a time."""
    table, link = TABLES["tbl_schedule"], next(x for x in KEYS if x.table == "tbl_schedule")
    found = []
    with duckdb.connect(small_docket, read_only=True) as con:
        for at_a_time in (4_000_000, 3_000):
            for module in ("subject", "histories", "facts"):
                monkeypatch.setattr(f"opendocket.checks.{module}.AT_A_TIME", at_a_time)
            subject = Subject(con, date(2026, 7, 1), date(2026, 6, 30), True, 0.002)
            found.append(
                (
                    histories(subject),
                    subject.leads(link),
                    subject.repeated(table, "IDNCASE"),
                    judged("cases without a proceeding", subject),
                )
            )

        named = [v for v in column(subject, "tbl_schedule", "IDNCASE") if v is not None]

    assert found[0] == found[1]
    assert found[0][2] == len(named) - len(set(named)) > 0


def test_facts_are_those_of_the_release_of_july_2026():
    assert pytest.approx(16_549_926 / 12_528_057, abs=0.005) == PER_CASE
    assert pytest.approx(134_672 / 12_662_705, abs=0.0001) == WITHOUT
    assert pytest.approx(3.24e6 / 12.66e6, abs=0.005) == PENDING
    assert sum(DECISION_ROWS.values()) == TABLES["tblLookupCourtDecision"].rows_2026_07 == 217


def judged(name, subject):
    check = next(check for check in CHECKS if check.name == name)
    return {found.what: (found.found, found.verdict) for found in check.find(subject)}


@pytest.mark.parametrize(
    ("cases", "representatives", "verdict"),
    [
        (12_662_705, 26_268_999, "ok"),  # July 2026
        (12_461_924, 25_639_802, "ok"),  # February 2026
        (12_124_239, 24_350_854, "ok"),  # June 2025
        (12_462_000, 18_667_090, "wrong"),  # one public site's build of February 2026
    ],
)
def test_rows_that_a_public_build_lost_are_seen(cases, representatives, verdict):
    with duckdb.connect() as con:
        con.execute(
            f"create view core_eoir__case as select range as IDNCASE from range({cases})"
        )
        con.execute(
            "create view core_eoir__representative as "
            f"select range as IDNCASE from range({representatives})"
        )
        subject = Subject(con, date(2026, 2, 1), date(2026, 1, 31), False, cases / 12_662_705)

        found = judged("rows a case", subject)

    assert found["tbl_RepsAssigned: rows a row of A_TblCase"][1] == verdict

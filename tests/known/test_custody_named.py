"""Custody and bonds by name, against plain SQL; no code is shared."""

from collections import defaultdict
from datetime import date

import plain_endings
import polars as pl
import pytest

from opendocket.docket import open_docket
from opendocket.measure.answers import answer
from opendocket.measure.catalogue import measure
from opendocket.measure.estimators import Share
from opendocket.measure.grains import Asked

ON = date(2023, 3, 31)
STATUS = {"detained": "D", "released": "R", "never detained": "N"}
OPEN = "coalesce(outcome, 'move') = 'move' or completed_date > date '2023-03-31'"
BY_COURT = {
    "last-known": "select court_code, custody_code, count(*) from begun group by all",
    "gao": "select b.court_code, custody_code, count(*)"
    " from begun as b join decided using (case_id) group by all",
    "at-decision": "select b.court_code, p.CUSTODY, count(*)"
    " from begun as b join decided as d using (case_id)"
    " join core_eoir__proceeding as p on p.IDNPROCEEDING = d.proceeding_id group by all",
    "pending": "select b.court_code, custody_code, count(*)"
    f" from begun as b join latest using (case_id) where {OPEN} group by all",
}
GRANTED = ("C", "R", "G", "F")
DENOMINATORS = {
    "merits": (*GRANTED, "N", "S"),
    "heard": (*GRANTED, "N", "S", "E", "I", "L"),
    "every-decision": tuple("CRGFNSEILAJDWO"),
}
BONDS = """
    select IDNCASE, year(COMP_DATE + interval 3 month), DEC
    from core_eoir__bond
    where COMP_DATE between date '1910-01-01' and date '2023-03-31' and DEC is not null
        and IDNCASE in (select case_id from begun)
"""


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


def asked(docket, query):
    return docket.con.execute(plain_endings.tables(ON) + query).fetchall()


@pytest.mark.parametrize("definition", BY_COURT)
def test_custody_is_what_plain_sql_counts(docket, definition):
    theirs = {(court, code): n for court, code, n in asked(docket, BY_COURT[definition])}

    rows = answer(
        docket, "custody", definition=definition, by="court", as_of=ON, suppress=False
    )

    ours = {
        (court, STATUS.get(status)): count
        for court, status, count in rows.select("court", "status", "custody_count").iter_rows()
        if count
    }
    assert ours == theirs
    assert set(STATUS.values()) <= {code for _, code in theirs}


def test_the_statuses_are_everybody(docket):
    rows = answer(docket, "custody", definition="all", by="court", as_of=ON, suppress=False)

    sums = rows.group_by("definition", "court").agg(
        pl.col("custody_count").sum(), pl.col("case_count").max()
    )
    assert (sums["custody_count"] == sums["case_count"]).all()


@pytest.mark.parametrize("definition", DENOMINATORS)
def test_bonds_granted_each_year_are_those_that_plain_python_counts(docket, definition):
    theirs = defaultdict(lambda: [0, 0])
    for _, year, letter in asked(docket, BONDS):
        if letter in DENOMINATORS[definition]:
            theirs[year][0] += 1
            theirs[year][1] += letter in GRANTED

    rows = answer(docket, "bond", definition=definition, by="year", as_of=ON, suppress=False)

    ours = {y: [n, k] for y, n, k in rows.select("year", "bond_count", "granted_count").rows()}
    assert ours == theirs


def test_people_given_a_bond_once_count_once(docket):
    letters = defaultdict(set)
    for case, _, letter in asked(docket, BONDS):
        if letter in DENOMINATORS["heard"]:
            letters[case].add(letter)

    row = answer(docket, "bond", definition="people", as_of=ON).row(0, named=True)

    assert row["case_count"] == len(letters)
    assert row["granted_count"] == sum(bool(said & set(GRANTED)) for said in letters.values())


def test_the_more_requests_stand_below_the_smaller_the_share(docket):
    merits, heard, everything = (
        answer(docket, "bond", definition=name, as_of=ON)["granted_share"][0]
        for name in DENOMINATORS
    )

    assert merits > heard > everything


def test_shares_tallied_in_the_docket_are_those_of_fetched_rows(docket):
    """Hold the sums made inside the docket to the estimator that fetches every case."""
    parts = {
        **{name: pl.col("custody_code") == code for name, code in STATUS.items()},
        "not recorded": pl.col("custody_code").is_null(),
    }
    asked = Asked(docket.con, ON, by=("court", "year"))

    fetched = Share(parts, ("custody_code",)).rows(asked)
    summed = measure("custody").definitions[0].estimator.rows(asked)

    both = summed.join(fetched, on=["court", "year", "part"], nulls_equal=True, suffix="_too")
    assert len(both) == len(fetched) > 500
    assert {0.0, 1.0} <= set(both["value"])
    for name in ("count", "n", "families", "value", "lower", "upper"):
        assert both[name].to_list() == pytest.approx(both[f"{name}_too"].to_list()), name

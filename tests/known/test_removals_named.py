"""Removal orders by name, against plain SQL on proceedings; no code is shared."""

from datetime import date

import plain_endings
import polars as pl
import pytest

from opendocket.docket import open_docket
from opendocket.measure.answers import answer

ON = date(2023, 3, 31)
IS_ORDER = "outcome in ('removal', 'in absentia')"
ORDERS_BY_YEAR = {
    "eoir": f"select fiscal_year, count(*) from decided where {IS_ORDER} group by all",
    "trac": f"select fiscal_year, count(*) from ended where {IS_ORDER} group by all",
    "with-protection": "select fiscal_year, count(*) from decided"
    f" where {IS_ORDER} or outcome = 'protection' group by all",
    "standing": "select fiscal_year, count(*) from latest"
    f" where {IS_ORDER} and completed_date <= date '{ON}' group by all",
}
SHARES_BY_COURT = {
    "eoir": f"select b.court_code, count(*), count(*) filter ({IS_ORDER})"
    " from begun as b join decided using (case_id) group by all",
    "with-protection": "select b.court_code, count(*),"
    f" count(*) filter ({IS_ORDER} or outcome = 'protection')"
    " from begun as b join decided using (case_id) group by all",
    "ucla": f"select b.court_code, count(*), count(*) filter ({IS_ORDER})"
    " from begun as b join ended using (case_id) group by all",
    "begun": f"select b.court_code, count(*), count(*) filter ({IS_ORDER})"
    " from begun as b left join decided using (case_id) group by all",
}


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


def asked(docket, query):
    return docket.con.execute(plain_endings.tables(ON) + query).fetchall()


@pytest.mark.parametrize("definition", ORDERS_BY_YEAR)
def test_removal_orders_of_each_year_are_those_that_plain_sql_counts(docket, definition):
    theirs = dict(asked(docket, ORDERS_BY_YEAR[definition]))

    rows = answer(
        docket, "removal-orders", definition=definition, by="year", as_of=ON, suppress=False
    )

    assert dict(rows.select("year", "ordered_count").iter_rows()) == theirs
    assert sum(theirs.values()) > 1_000


@pytest.mark.parametrize("definition", SHARES_BY_COURT)
def test_the_share_ordered_removed_is_the_one_that_plain_sql_gives(docket, definition):
    theirs = {court: (n, k) for court, n, k in asked(docket, SHARES_BY_COURT[definition])}

    rows = answer(
        docket, "ordered-removed", definition=definition, by="court", as_of=ON, suppress=False
    )

    ours = {
        court: (n, k)
        for court, n, k in rows.select("court", "case_count", "ordered_count").iter_rows()
    }
    assert ours == theirs
    assert rows["ordered_share"].to_list() == pytest.approx(
        [theirs[court][1] / theirs[court][0] for court in rows["court"]]
    )


def test_what_is_ordered_removed_otherwise_ended_and_not_yet_is_everybody(docket):
    rows = answer(docket, "ordered-removed", definition="incidence", as_of=ON)

    sums = rows.group_by("days").agg(
        pl.col("ordered_share").sum(), pl.col("ordered_count").sum(), pl.col("case_count").max()
    )
    assert sums["ordered_share"].to_list() == pytest.approx([1.0] * len(sums))
    assert sums["ordered_count"].to_list() == sums["case_count"].to_list()


def test_orders_of_all_years_are_those_of_the_docket_as_one(docket):
    for definition in ORDERS_BY_YEAR:
        choices = {"definition": definition, "as_of": ON, "suppress": False}
        whole = answer(docket, "removal-orders", **choices)["ordered_count"][0]
        by_year = answer(docket, "removal-orders", by="year", **choices)["ordered_count"].sum()
        assert by_year == whole


def test_a_later_day_takes_no_first_order_back(docket):
    def by_year(on):
        rows = answer(docket, "removal-orders", by="year", as_of=on, suppress=False)
        return dict(rows.select("year", "ordered_count").iter_rows())

    early, late = by_year(date(2022, 9, 30)), by_year(ON)
    # a case received late is dated by its receipt, not by an ending that came before
    assert all(count <= late[year] for year, count in early.items())
    assert max(early) == 2022
    assert max(late) == 2023

"""What a researcher would look at first in a release is in a synthetic one as it is known.

Sources: row counts, custody and kinds of case in the release of July 2026, and shares of
cases, as public projects logged them on real releases (docs/explanation/synthetic.md). Cases
are weighed to national size: in a small release the Dedicated Docket is too large a part.
"""

import duckdb
import pytest

from opendocket.columns import TABLES
from opendocket.figures.held import scale_of

pytestmark = pytest.mark.slow

CASE_COLUMN = {"tbl_Lead_Rider": "idnRiderCase"}
BY_APPEAL = {"tblAppealFedCourts": "lngAppealID", "tblThreeMbrReferrals": "lngAppealID"}
NOT_BY_CASE = {"tbl_EOIR_Attorney"}


@pytest.fixture(scope="module")
def con(calibration_docket):
    with duckdb.connect() as con:
        con.execute(f"attach '{calibration_docket}' as docket (read_only)")
        con.execute("use docket")
        scale = scale_of(con)
        con.execute(
            "create temp table weighed as"
            " select *, case when is_tagged then ? else ? end as weight"
            " from out_docket__case",
            [1 / scale.dedicated, 1 / scale.elsewhere],
        )
        yield con


def one(con, query):
    return con.execute(query).fetchone()[0]


def rows_a_case(con, table):
    core = TABLES[table].core
    if table in BY_APPEAL:
        by = f"join core_eoir__appeal as a on a.idnAppeal = t.{BY_APPEAL[table]}"
        case = "a.idncase"
    else:
        by, case = "", f"t.{CASE_COLUMN.get(table, 'IDNCASE')}"
    found = one(
        con,
        f"select sum(w.weight) from {core} as t {by} join weighed as w on w.case_id = {case}",
    )
    return found / one(con, "select sum(weight) from weighed")


LARGE = [
    name
    for name, table in TABLES.items()
    if not table.is_lookup and name not in NOT_BY_CASE and name != "tblProBono"
]


@pytest.mark.parametrize("table", LARGE)
def test_a_table_has_as_many_rows_a_case_as_the_real_one(con, table):
    real = TABLES[table].rows_2026_07 / TABLES["A_TblCase"].rows_2026_07

    assert rows_a_case(con, table) == pytest.approx(real, rel=0.1)


def test_a_case_with_proceedings_has_1_32_of_them(con):
    """16.55 million in 12,528,057 cases (July 2026)."""
    mean = one(
        con,
        "select sum(w.weight) / sum(w.weight) filter (p.order_count = 1)"
        " from out_docket__proceeding as p join weighed as w using (case_id)",
    )

    assert mean == pytest.approx(1.32, abs=0.04)


def test_one_case_in_five_rides_with_a_lead(con):
    """2,627,442 links in 12,662,705 cases (July 2026): 20.7 %."""
    share = one(
        con, "select sum(weight) filter (lead_case_id <> case_id) / sum(weight) from weighed"
    )

    assert share == pytest.approx(0.207, abs=0.015)


@pytest.mark.parametrize(
    ("custody", "cases"), [("N", 8_197_201), ("D", 2_954_594), ("R", 1_348_821)]
)
def test_custody_is_as_in_the_release_of_2026(con, custody, cases):
    share = one(
        con,
        f"select sum(weight) filter (custody_code = '{custody}') / sum(weight)"
        " from weighed where custody_code is not null",
    )

    assert share == pytest.approx(cases / (8_197_201 + 2_954_594 + 1_348_821), abs=0.015)


@pytest.mark.parametrize(
    ("kind", "cases"),
    [
        ("RMV", 10_883_997),
        ("DEP", 1_093_156),
        ("CFR", 209_364),
        ("EXC", 204_041),
        ("DDC", 129_329),
    ],
)
def test_kinds_of_case_are_as_in_the_release_of_2026(con, kind, cases):
    share = one(
        con,
        f"select sum(weight) filter (case_type_code = '{kind}') / sum(weight) from weighed",
    )

    assert share == pytest.approx(cases / 12_631_225, rel=0.1)


def test_half_of_the_cases_have_an_application(con):
    """6,305,060 of 12,528,057 (July 2026)."""
    share = one(
        con,
        "select sum(weight) filter (case_id in (select IDNCASE from core_eoir__application))"
        " / sum(weight) from weighed where has_proceeding",
    )

    assert share == pytest.approx(0.503, abs=0.05)


def test_one_case_in_twelve_was_appealed(con):
    """1,053,933 of 12,528,031 (G05)."""
    share = one(
        con,
        "select sum(weight) filter (case_id in (select idncase from core_eoir__appeal))"
        " / sum(weight) from weighed where has_proceeding",
    )

    assert share == pytest.approx(0.084, abs=0.01)


def test_four_in_ten_cases_ever_had_counsel(con):
    """E_28_DATE is empty for 59.4 % of cases (July 2026)."""
    share = one(
        con, "select sum(weight) filter (counsel_date is not null) / sum(weight) from weighed"
    )

    assert share == pytest.approx(1 - 0.594, abs=0.05)


def test_hearings_a_case_thin_out_and_have_a_long_tail(con):
    share = dict(
        con.execute(
            """
            with counted as (
                select w.case_id, any_value(w.weight) as weight, count(h.case_id) as hearings
                from weighed as w left join out_docket__hearing as h using (case_id)
                group by w.case_id
            )
            select least(hearings, 12), sum(weight) / sum(sum(weight)) over ()
            from counted group by 1 order by 1
            """
        ).fetchall()
    )

    assert 0.01 < share[0] < 0.2
    assert max(share, key=share.get) in (1, 2, 3, 4)
    assert 0.005 < share[12] < 0.1

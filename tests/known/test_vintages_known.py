"""A docket seen on earlier days, against plain SQL and lifelines' Kaplan-Meier."""

from datetime import date

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from opendocket.docket import open_docket
from opendocket.measure.vintages import half_years, vintages

DAYS = (date(2022, 9, 30), date(2023, 12, 31), date(2026, 6, 30))

AS_SEEN = """
select
    c.nta_date,
    min(d.completed_date)                                         as ended_date
from out_docket__case as c
left join out_docket__decision as d
    on d.case_id = c.case_id and d.completed_date <= ?
where c.is_dedicated and c.received_date <= ? and c.dedicated_location_date <= ?
group by c.case_id, c.nta_date
having c.nta_date <= coalesce(min(d.completed_date), ?)
"""


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_both_ways_of_counting_agree_with_sql_and_with_lifelines(small_docket, day):
    with open_docket(small_docket) as docket:
        (seen,) = vintages(docket.con, "dedicated", clock="nta", days=[day])
        rows = docket.con.execute(AS_SEEN, [day] * 4).fetchall()

    spent = np.array([((ended or day) - began).days for began, ended in rows])
    ended = np.array([ended is not None for _, ended in rows])
    curve = KaplanMeierFitter().fit(spent, ended)
    assert (seen.closed_only.n, seen.closed_only.count) == (
        ended.sum(),
        (spent[ended] < 300).sum(),
    )
    assert seen.estimated.n == len(rows)
    assert seen.estimated.share == pytest.approx(1 - curve.predict(300), abs=1e-9)


def test_a_day_on_which_too_little_was_known_is_left_out(small_docket):
    with open_docket(small_docket) as docket:
        seen = vintages(docket.con, "dedicated", clock="nta", days=[date(2021, 7, 1), DAYS[-1]])

    assert [vintage.day for vintage in seen] == [DAYS[-1]]


def test_half_years_end_with_the_day_itself_and_name_no_day_twice():
    assert half_years(date(2021, 5, 28), date(2022, 6, 30)) == (
        date(2021, 6, 30),
        date(2021, 12, 31),
        date(2022, 6, 30),
    )

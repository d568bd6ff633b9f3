"""Attendance by name, against plain SQL on the proceedings and the schedule.

Nothing of the tables of cases or decisions is used, from which the measures read.
"""

from datetime import date

import duckdb
import pytest

from opendocket.docket import open_docket
from opendocket.measure.answers import answer

FROZEN = date(2022, 9, 30)
FIRST = """
with kept as (
    select
        p.*,
        row_number() over (
            partition by case_id order by completed_date, order_count
        )                                                       as nth
    from out_docket__proceeding as p
    where decision_code is not null and completed_date <= date '2022-09-30'
),
decided as (
    select k.*, n.started_date as next_date, n.case_id is not null as has_next
    from kept as k
    left join out_docket__proceeding as n
        on n.case_id = k.case_id and n.order_count = k.order_count + 1
    where nth = 1
),
begun as (
    select case_id, court_code, case_type_code
    from out_docket__proceeding
    where order_count = 1
        and started_date between date '1910-01-01' and date '2022-09-30'
        and case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO')
),
custody as (
    select IDNCASE as case_id, CUSTODY as custody_code from core_eoir__case
),
heard as (
    select h.case_id, min(h.hearing_date) as first_date
    from out_docket__hearing as h
    where h.is_held and h.hearing_date <= date '2022-09-30'
    group by h.case_id
)
"""


def asked(path, name, definition, **choices):
    with open_docket(path) as docket:
        return answer(
            docket, name, definition=definition, as_of=FROZEN, suppress=False, **choices
        )


def plain(path, query):
    with duckdb.connect(path, read_only=True) as con:
        return con.execute(FIRST + query).fetchall()


def pairs(frame, count):
    n = "hearing_count" if "hearing_count" in frame.columns else "case_count"
    return {row["court"]: (row[n], row[count]) for row in frame.to_dicts()}


BY_COURT = {
    ("rescission", "eagly-shafer", "rescinded_count"): """
        select b.court_code, count(*), count(*) filter (
            has_next and coalesce(next_date <= date '2022-09-30', true)
        )
        from decided join begun as b using (case_id)
        where outcome = 'in absentia'
        group by all""",
    ("rescission", "motion", "rescinded_count"): """
        select b.court_code, count(*), count(*) filter (exists (
            select 1 from core_eoir__motion as m
            where m.IDNCASE = d.case_id and m.REC_TYPE in ('O', 'MA', 'MC') and m.DEC = 'G'
                and m.COMP_DATE >= d.completed_date and m.COMP_DATE <= date '2022-09-30'
        ))
        from decided as d join begun as b using (case_id)
        where outcome = 'in absentia'
        group by all""",
    ("missed-hearings", "per-hearing", "missed_count"): """
        select h.court_code, count(*), (
            select count(distinct (o.case_id, o.completed_date))
            from out_docket__proceeding as o
            join begun using (case_id)
            where o.outcome = 'in absentia' and o.completed_date <= date '2022-09-30'
                and h.court_code = (
                    select min(x.court_code) from out_docket__hearing as x
                    where x.case_id = o.case_id and x.hearing_date = o.completed_date
                        and x.is_held
                )
        )
        from out_docket__hearing as h
        join begun using (case_id)
        where h.is_held and h.hearing_date <= date '2022-09-30'
        group by h.court_code""",
    ("missed-hearings", "trac", "missed_count"): """
        select b.court_code, count(*), count(*) filter (
            d.outcome = 'in absentia' and d.completed_date = h.first_date
        )
        from begun as b
        join heard as h using (case_id)
        left join decided as d using (case_id)
        group by all""",
    ("attended-all", "eagly-shafer", "attended_count"): """
        select b.court_code, count(*),
            count(*) filter (d.outcome is distinct from 'in absentia')
        from begun as b
        join custody using (case_id)
        left join decided as d using (case_id)
        where custody_code in ('N', 'R')
        group by all""",
    ("attended-all", "eagly-shafer-everybody", "attended_count"): """
        select b.court_code, count(*),
            count(*) filter (d.outcome is distinct from 'in absentia')
        from begun as b
        left join decided as d using (case_id)
        group by all""",
    ("attended-all", "eagly-shafer-counsel", "attended_count"): """
        select b.court_code, count(*),
            count(*) filter (d.outcome is distinct from 'in absentia')
        from begun as b
        join custody using (case_id)
        left join decided as d using (case_id)
        where custody_code in ('N', 'R') and (
            exists (
                select 1 from core_eoir__representative as r
                where r.IDNCASE = b.case_id and r.STRATTYTYPE = 'ALIEN'
                    and r.STRATTYLEVEL = 'COURT' and r.E_28_DATE <= date '2022-09-30'
            )
            or exists (
                select 1 from core_eoir__case as k
                where k.IDNCASE = b.case_id and k.E_28_DATE <= date '2022-09-30'
            )
        )
        group by all""",
    ("attended-all", "cis", "attended_count"): """
        select b.court_code, count(*), count(*) filter (d.outcome <> 'in absentia')
        from begun as b
        join custody using (case_id)
        join decided as d using (case_id)
        where custody_code in ('N', 'R')
        group by all""",
}


@pytest.mark.parametrize("key", BY_COURT, ids=lambda key: f"{key[0]} {key[1]}")
def test_each_definition_counts_what_plain_sql_counts(key, small_docket):
    name, definition, count = key

    found = pairs(asked(small_docket, name, definition, by="court"), count)

    expected = {court: (n, k) for court, n, k in plain(small_docket, BY_COURT[key])}
    assert found == expected
    assert sum(k for _, k in found.values()) > 20


def test_orders_undone_over_time_follow_kaplan_and_meier_by_hand(small_docket):
    found = asked(small_docket, "rescission", "opendocket", days=(200, 700))

    rows = plain(
        small_docket,
        """
        select
            date_diff('day', completed_date, case
                when has_next and coalesce(next_date <= date '2022-09-30', true)
                then greatest(coalesce(next_date, completed_date), completed_date)
                else date '2022-09-30'
            end),
            has_next and coalesce(next_date <= date '2022-09-30', true)
        from decided join begun using (case_id)
        where outcome = 'in absentia'""",
    )
    assert found["rescinded_share"].to_list() == pytest.approx(
        [kaplan_meier(rows, day) for day in (200, 700)], abs=1e-12
    )


def kaplan_meier(rows, day):
    """Multiply, over the days, one less those ended of those left: Kaplan & Meier (1958)."""
    pending = 1.0
    for at in sorted({days for days, is_ended in rows if is_ended and days <= day}):
        left = sum(days >= at for days, _ in rows)
        pending *= 1 - sum(is_ended and days == at for days, is_ended in rows) / left
    return 1 - pending


def test_few_families_behind_many_hearings_are_held_back(small_docket):
    with open_docket(small_docket) as docket:
        shown = answer(docket, "missed-hearings", by=("court", "year"))
        whole = answer(docket, "missed-hearings", by=("court", "year"), suppress=False)

    few = whole["family_count"] < 11
    assert few.any()
    assert shown.filter(few)["missed_share"].null_count() == few.sum()
    assert {"people", "behind"}.isdisjoint(shown.columns)


def test_years_of_hearings_are_those_they_were_set_for(small_docket):
    found = asked(small_docket, "missed-hearings", "per-hearing", by="year")

    expected = plain(
        small_docket,
        """
        select year(hearing_date + interval 3 month)::integer, count(*)
        from out_docket__hearing join begun using (case_id)
        where is_held and hearing_date <= date '2022-09-30'
        group by all order by all""",
    )
    assert found.select("year", "hearing_count").rows() == expected

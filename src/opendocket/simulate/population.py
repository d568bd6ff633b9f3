"""Who a case is about, as a docket knows it by a day.

Chances go with the population, so each person has one, and keeps it. A family's is that of the
person it is listed under.
"""

from datetime import date

import duckdb

from opendocket.measure.population import COURT_KINDS, DOCKETS

POPULATIONS = ("dedicated", "detained", "juvenile", "ordinary")
"""By number; the first that fits a person is theirs."""

JUVENILE = (1, 3, 4)
"""Records of a juvenile's case: J, J2 and UJ. Children who came with a parent (AJ) and those
released to a guardian or grown up (J1) are heard as others are.

Source: the release's tblLookup_Juvenile."""

PEOPLE = f"""
create or replace temp table sim_person as
with juvenile as (
    select
        idnCase                                                 as case_id,
        arg_max(idnJuvenile, idnJuvenileHistory)                as kind
    from core_eoir__juvenile_history
    group by idnCase
),
at_court as (
    select
        case_id,
        arg_max(court_code, order_count)                        as court_code
    from out_docket__proceeding
    where started_date <= $as_of
    group by case_id
),
applied as (
    select
        IDNCASE                                                 as case_id,
        min(APPL_RECD_DATE)                                     as applied_date
    from core_eoir__application
    where APPL_RECD_DATE between date '1910-01-01' and $as_of
    group by IDNCASE
)
select
    c.case_id,
    c.lead_case_id,
    case
        when {DOCKETS["dedicated"].strip()}                     then 0
        when c.custody_code = 'D'                               then 1
        when j.kind in {JUVENILE}                               then 2
        else 3
    end::utinyint                                               as population,
    c.received_date,
    case when c.counsel_date <= $as_of then c.counsel_date end  as counsel_date,
    a.applied_date,
    p.court_code
from out_docket__case as c
join at_court as p on p.case_id = c.case_id
left join juvenile as j on j.case_id = c.case_id
left join applied as a on a.case_id = c.case_id
where c.case_type_code in {COURT_KINDS}
    and c.received_date <= $as_of
"""


def put_people(con: duckdb.DuckDBPyConnection, as_of: date) -> int:
    """Put everybody received by a day where SQL can join them, for this connection.

    Writes the temporary table ``sim_person``: case, family, population, court, and the days of
    receipt, counsel and first application known by then.

    Args:
        con: A docket's.
        as_of: Nothing dated later is read, but for custody and the juvenile flag, which stand
            as the release has them.

    Returns:
        How many people.

    Assumes:
        Only the kinds of case that the courts' own series count: removal, deportation,
        exclusion, asylum only and withholding only.
    """
    con.execute(PEOPLE, {"as_of": as_of})
    return int(con.execute("select count(*) from sim_person").fetchall()[0][0])

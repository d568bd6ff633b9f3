"""Cases and their endings in plain SQL on proceedings, for tests of what is made of them.

``out_docket__proceeding`` is one step before the endings that the measures count.
"""


def tables(as_of, kinds="'RMV', 'DEP', 'EXC', 'AOC', 'WHO'"):
    """Write ``begun``, ``ended``, ``decided``, ``latest``: what stood at the end of a day."""
    return f"""
with begun as (
    select p.case_id, p.court_code, p.started_date as received_date, k.CUSTODY as custody_code
    from out_docket__proceeding as p
    join core_eoir__case as k on k.IDNCASE = p.case_id
    where p.order_count = 1
        and p.started_date between date '1910-01-01' and date '{as_of}'
        and p.case_type_code in ({kinds})
),
endings as (
    select *, year(completed_date + interval 3 month) as fiscal_year, row_number() over (
        partition by case_id order by completed_date, order_count
    ) as nth
    from out_docket__proceeding
    where outcome <> 'move' and completed_date <= date '{as_of}'
        and case_id in (select case_id from begun)
),
ended as (select * from endings where nth = 1),
decided as (
    select *
    from endings
    where decision_code is not null
    qualify row_number() over (partition by case_id order by nth) = 1
),
stretches as (
    select *, coalesce(started_date, lag(completed_date) over (
        partition by case_id order by order_count
    )) as began_date
    from out_docket__proceeding
    where case_id in (select case_id from begun)
),
latest as (
    select *, year(completed_date + interval 3 month) as fiscal_year
    from stretches
    where began_date <= date '{as_of}'
    qualify row_number() over (partition by case_id order by order_count desc) = 1
)
"""

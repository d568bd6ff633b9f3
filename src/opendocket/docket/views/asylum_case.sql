-- One row per case with an asylum application.
-- Question: how many people asked for asylum, and what became of it?
-- Definition: of the case's applications the one received last; of several received on one day
--   the first in the order F, G, D, C, I, L, P, S, A, R, O, undecided, T, W, M, and then the
--   one with the highest number. The order of letters is a public builder's; where an undecided
--   application stands in it is ours. is_ever_granted looks at all of them.
-- Trap: an application is entered again in each proceeding, so that rows are more than people;
--   of several the latest counts, and one without a day must not be taken for it.
with ranked as (
    select
        a.IDNCASE                                               as case_id,
        a.APPL_DEC                                              as decision_code,
        case
            when a.APPL_RECD_DATE between date '1910-01-01' and r.as_of_date
            then a.APPL_RECD_DATE
        end                                                     as filed_date,
        coalesce(
            nullif(position(coalesce(a.APPL_DEC, '-') in 'FGDCILPSARO-TWM'), 0), 99
        )                                                       as strength_count,
        a.IDNPROCEEDINGAPPLN                                    as application_id
    from core_eoir__application as a
    cross join out_load__release as r
    where a.APPL_CODE = 'ASYL' and a.IDNCASE is not null
),
chosen as (
    select
        case_id,
        decision_code,
        count(*) over every                                     as application_count,
        min(filed_date) over every                              as first_filed_date,
        max(filed_date) over every                              as last_filed_date,
        bool_or(coalesce(decision_code in ('F', 'G', 'C', 'I', 'P', 'L'), false)) over every
                                                                as is_ever_granted
    from ranked
    window every as (partition by case_id)
    qualify row_number() over (
        partition by case_id
        order by filed_date desc nulls last, strength_count, application_id desc
    ) = 1
)
select
    c.case_id,
    c.application_count,
    c.first_filed_date,
    c.last_filed_date,
    c.decision_code,
    k.code_name                                                 as decision_name,
    c.is_ever_granted
from chosen as c
left join out_docket__code as k
    on k.list_name = 'application_decision' and k.code = c.decision_code

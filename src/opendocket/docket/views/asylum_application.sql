-- One row per asylum application on record.
-- Question: what became of each asylum application?
-- Definition: rows of kind ASYL, the decision in words; F, G, C, I, P and L grant. decided_date
--   is the completion of the application's own proceeding, where the letter is a decision.
-- Trap: one form makes three rows: asylum, withholding and the Convention Against Torture;
--   counted together they triple applications. An application moves with its case (T) and is
--   entered again: for people, ask out_view__asylum_case. A case's relief and an application's
--   grant may disagree.
with deciding as (
    select
        proceeding_id,
        min(completed_date)                                     as completed_date,
        min(court_code)                                         as court_code,
        min(judge_code)                                         as judge_code
    from out_docket__proceeding
    group by proceeding_id
)
select
    a.IDNPROCEEDINGAPPLN                                        as application_id,
    a.IDNCASE                                                   as case_id,
    a.IDNPROCEEDING                                             as proceeding_id,
    case
        when a.APPL_RECD_DATE between date '1910-01-01' and r.as_of_date then a.APPL_RECD_DATE
    end                                                         as filed_date,
    a.APPL_DEC                                                  as decision_code,
    k.code_name                                                 as decision_name,
    coalesce(a.APPL_DEC in ('F', 'G', 'C', 'I', 'P', 'L'), false)
                                                                as is_granted,
    coalesce(a.APPL_DEC = 'D', false)                           as is_denied,
    coalesce(a.APPL_DEC = 'T', false)                           as is_moved,
    a.APPL_DEC is null                                          as is_undecided,
    case when a.APPL_DEC not in ('T', 'R') then p.completed_date end
                                                                as decided_date,
    p.court_code,
    p.judge_code
from core_eoir__application as a
cross join out_load__release as r
left join deciding as p on p.proceeding_id = a.IDNPROCEEDING
left join out_docket__code as k
    on k.list_name = 'application_decision' and k.code = a.APPL_DEC
where a.APPL_CODE = 'ASYL'

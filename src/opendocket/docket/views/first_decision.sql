-- One row per case that a judge has decided.
-- Question: what did judges decide, and when?
-- Definition: the completion with a decision (DEC_CODE) that is dated first, up to the day that
--   ends observation; equal days go by the order of proceedings. The letter is decoded by kind
--   of case, letter and kind of completion. Custody is as at that completion, counsel as known
--   by that day. Every kind of case is here: choose by case_type_code.
-- Trap: a case with three courts has three completions and one decision; a completion with
--   OTHER_COMP decides nothing; the same letter means another thing in another column or kind
--   of case; a completion dated after the release has not happened.
with first_by_day as (
    select *
    from out_docket__decision
    where is_decision
    qualify row_number() over (partition by case_id order by ending_count) = 1
),
custody as (
    select
        IDNPROCEEDING                                           as proceeding_id,
        min(CUSTODY)                                            as custody_code
    from core_eoir__proceeding
    group by IDNPROCEEDING
)
select
    d.case_id,
    c.lead_case_id,
    d.decision_id                                               as proceeding_id,
    d.case_type_code,
    d.completed_date                                            as decided_date,
    year(d.completed_date + interval 3 month)                   as fiscal_year,
    d.decision_code,
    k.code_name                                                 as decision_name,
    d.outcome,
    d.outcome = 'in absentia'                                   as is_in_absentia,
    d.court_code,
    d.location_code,
    d.judge_code,
    p.custody_code,
    coalesce(c.counsel_date <= d.completed_date, false)         as has_counsel,
    c.received_date,
    date_diff('day', c.received_date, d.completed_date)         as received_to_decided_days,
    c.is_dedicated,
    d.is_undone,
    d.undone_date
from first_by_day as d
join out_docket__case as c on c.case_id = d.case_id
left join custody as p on p.proceeding_id = d.decision_id
left join out_docket__code as k
    on k.list_name = 'court_decision'
    and k.case_type_code = d.case_type_code
    and k.kind_code = 'C'
    and k.code = d.decision_code

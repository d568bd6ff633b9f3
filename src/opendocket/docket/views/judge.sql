-- One row per code of a judge.
-- Question: which codes of judges decided cases, where, and over what years?
-- Definition: the code of the proceeding in which a judge decided, with all its decisions,
--   first or later. A judge is given by code; no name is here. is_placeholder marks codes that
--   stand for no one person: visiting judges, the status docket, all judges, tests.
-- Trap: a code is not a person: some judges have several, some codes have no judge; hearings of
--   a case may be by others than the one who decided it.
select
    d.judge_code,
    any_value(l.JUDGE_CODE) is not null                         as is_in_list,
    regexp_full_match(d.judge_code, 'VJ[0-9A-Z]|SJ[0-9]|AAA|TST')
                                                                as is_placeholder,
    count(*)                                                    as decision_count,
    count(distinct d.case_id)                                   as case_count,
    count(distinct d.court_code)                                as court_count,
    min(d.completed_date)                                       as first_decided_date,
    max(d.completed_date)                                       as last_decided_date,
    count(distinct d.case_id) < 11                              as has_small_count
from out_docket__decision as d
left join (select distinct JUDGE_CODE from core_eoir__lookup_judge) as l
    on l.JUDGE_CODE = d.judge_code
where d.is_decision and d.judge_code is not null
group by d.judge_code

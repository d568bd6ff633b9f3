-- One row per pending case.
-- Question: how many cases are pending, where, and for how long?
-- Definition: the case's last proceeding, by the day it began, has not ended, or ended by a
--   move to another court. Cases closed administratively are not pending. Only the kinds of
--   case that EOIR's statistics count: removal, deportation, exclusion, asylum only and
--   withholding only.
-- Trap: a proceeding without a completion is not a pending case, nor is one with a completion
--   a decided one: a change of venue completes a proceeding and goes on in the next. Reviews of
--   fear and bonds before a notice would be counted as cases.
with ahead as (
    select
        h.case_id,
        min(h.hearing_date)                                     as next_hearing_date
    from out_docket__hearing as h
    cross join out_load__release as r
    where h.hearing_date > r.as_of_date
        and h.is_possible
        and h.adjourned_code is null
    group by h.case_id
)
select
    c.case_id,
    c.lead_case_id,
    c.case_type_code,
    c.last_court_code                                           as court_code,
    k.code_name                                                 as court_name,
    c.custody_code,
    c.nationality_code,
    c.language_code,
    c.nta_date,
    c.received_date,
    date_diff('day', c.received_date, r.as_of_date)             as pending_days,
    a.next_hearing_date,
    c.counsel_date is not null                                  as has_counsel,
    c.asylum_filed_date is not null                             as has_asylum_application,
    c.is_dedicated,
    r.as_of_date
from out_docket__case as c
cross join out_load__release as r
left join ahead as a on a.case_id = c.case_id
left join out_docket__code as k on k.list_name = 'base_city' and k.code = c.last_court_code
where c.is_pending
    and c.case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO')

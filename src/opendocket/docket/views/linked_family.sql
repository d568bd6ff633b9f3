-- One row per family of two or more whose cases the courts linked.
-- Question: how large are families, and where do their cases stand?
-- Definition: a lead and everybody who rides with it, directly or through another rider,
--   whether or not they were separated since; separated_count says how many were.
-- Trap: a case is a person: a family of four is four cases. Not every family is linked, and a
--   tenth of the links are severed. Families are decided together: an interval that takes
--   people one by one is too narrow (cluster by lead_case_id).
with rides as (
    select
        idnRiderCase                                            as case_id,
        not bool_or(coalesce(blnActive, false) and datSeveredOn is null)
                                                                as is_separated
    from core_eoir__lead_rider
    where idnRiderCase is not null
    group by idnRiderCase
)
select
    c.lead_case_id,
    count(*)                                                    as person_count,
    count(*) filter (where c.case_id <> c.lead_case_id and s.is_separated)
                                                                as separated_count,
    count(*) filter (where c.is_pending)                        as pending_count,
    count(*) filter (where c.first_decision_date is not null)   as decided_count,
    count(*) filter (where c.counsel_date is not null)          as counsel_count,
    count(distinct c.last_court_code)                           as court_count,
    count(distinct c.first_decision_date)                       as decision_date_count,
    bool_or(c.is_dedicated)                                     as is_dedicated,
    min(c.received_date)                                        as received_date,
    min(c.first_decision_date)                                  as first_decision_date
from out_docket__case as c
left join rides as s on s.case_id = c.case_id
group by c.lead_case_id
having count(*) > 1

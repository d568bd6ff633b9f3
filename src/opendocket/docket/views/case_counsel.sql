-- One row per case.
-- Question: was the person represented at the first hearing, at the decision, ever?
-- Definition: the first appearance entered for the person before the court, by tbl_RepsAssigned
--   or A_TblCase, is on or before the first hearing held, the first decision, or the day that
--   ends observation (which some call represented now; the record does not say when counsel
--   left). Empty where there was no hearing or no decision.
-- Trap: E_28_DATE of A_TblCase is the latest appearance, so early ones look late; rows of the
--   government's attorneys and of the Board make everybody represented; an appearance may be
--   entered after the decision. Longer cases have more time to find counsel.
select
    c.case_id,
    c.lead_case_id,
    c.case_type_code,
    c.court_code,
    c.is_dedicated,
    c.counsel_date,
    c.first_hearing_date,
    c.first_decision_date,
    c.counsel_date is not null                                  as has_counsel,
    case
        when c.first_hearing_date is not null
        then coalesce(c.counsel_date <= c.first_hearing_date, false)
    end                                                         as has_counsel_at_first_hearing,
    case
        when c.first_decision_date is not null
        then coalesce(c.counsel_date <= c.first_decision_date, false)
    end
        as has_counsel_at_first_decision
from out_docket__case as c
where c.has_proceeding

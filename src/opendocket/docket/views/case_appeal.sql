-- One row per appeal of a case's decision to the Board.
-- Question: how many decisions were appealed, by whom, and what did the Board decide?
-- Definition: appeals of type Case Appeal, their codes in words, category in capitals. A
--   decision dated after the day that ends observation has not happened. The Board's decision
--   takes the place of the judge's: out_view__first_decision is the judge's alone.
-- Trap: the table mixes appeals of decisions with those of bonds, of motions and of officers of
--   DHS.
select
    a.idnAppeal                                                 as appeal_id,
    a.idncase                                                   as case_id,
    a.idnProceeding                                             as proceeding_id,
    upper(a.strAppealCategory)                                  as category_code,
    a.datAppealFiled::date                                      as filed_date,
    upper(a.strFiledBy)                                         as filed_by_code,
    f.code_name                                                 as filed_by_name,
    case when a.datBIADecision::date <= r.as_of_date then a.datBIADecision::date end
                                                                as decided_date,
    case when a.datBIADecision::date <= r.as_of_date then a.strBIADecision end
                                                                as decision_code,
    case when a.datBIADecision::date <= r.as_of_date then d.code_name end
                                                                as decision_name,
    coalesce(a.datBIADecision::date > r.as_of_date, true)       as is_pending,
    a.strBIADecisionType                                        as decision_type_code,
    a.datAttorneyE27::date                                      as counsel_date
from core_eoir__appeal as a
cross join out_load__release as r
left join out_docket__code as f on f.list_name = 'filed_by' and f.code = upper(a.strFiledBy)
left join out_docket__code as d
    on d.list_name = 'board_decision' and d.code = a.strBIADecision
where a.strAppealType = 'Case Appeal'

-- One row per completed proceeding.
-- Question: how did each stretch of a case end, in words?
-- Definition: every proceeding with a possible day of completion, its letters decoded by kind
--   of case, letter and kind of completion: C for a decision, O for another completion. A row
--   is not a case: is_decision tells decisions, is_move the moves to another court.
-- Trap: joined without the kind of completion, X of a removal case reads zero bond and T a
--   transfer; rows are counted as decided cases; dismissals because no notice was filed are
--   lost among terminations.
select
    p.proceeding_id,
    p.case_id,
    p.case_type_code,
    p.order_count,
    p.started_date,
    p.completed_date,
    p.decision_code,
    d.code_name                                                 as decision_name,
    p.completion_code,
    t.code_name                                                 as completion_name,
    p.outcome,
    p.decision_code is not null                                 as is_decision,
    p.outcome = 'move'                                          as is_move,
    coalesce(p.is_in_absentia, false)                           as is_in_absentia,
    p.is_in_no_list,
    p.court_code,
    p.location_code,
    p.judge_code,
    p.next_proceeding_id
from out_docket__proceeding as p
left join out_docket__code as d
    on d.list_name = 'court_decision'
    and d.case_type_code = p.case_type_code
    and d.kind_code = 'C'
    and d.code = p.decision_code
left join out_docket__code as t
    on t.list_name = 'court_decision'
    and t.case_type_code = p.case_type_code
    and t.kind_code = 'O'
    and t.code = p.completion_code
where p.completed_date is not null

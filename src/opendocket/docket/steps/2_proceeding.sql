-- One row per proceeding, decoded, in a total order within its case that ends in the key.
-- A completion dated after the release, or before the courts, has not happened: it is kept
-- in core_eoir__proceeding and flagged here.
create temp table ordered as
select
    p.IDNPROCEEDING                                as proceeding_id,
    p.IDNCASE                                      as case_id,
    k.case_type_code,
    coalesce(p.INPUT_DATE, p.TRANS_IN_DATE)        as started_date,
    p.OSC_DATE                                     as nta_date,
    case
        when p.COMP_DATE between $first_date and $as_of then p.COMP_DATE
    end                                            as completed_date,
    p.DEC_CODE                                     as decision_code,
    p.OTHER_COMP                                   as completion_code,
    p.ABSENTIA = 'Y'                               as is_in_absentia,
    p.BASE_CITY_CODE                               as court_code,
    p.HEARING_LOC_CODE                             as location_code,
    p.IJ_CODE                                      as judge_code,
    p.COMP_DATE not between $first_date and $as_of
        or p.OSC_DATE not between $first_date and coalesce(p.COMP_DATE, $as_of)
                                                   as has_impossible_date,
    row_number() over (
        partition by p.IDNCASE
        order by
            coalesce(
                p.INPUT_DATE, p.TRANS_IN_DATE, least(p.HEARING_DATE, p.COMP_DATE)
            ) nulls last,
            p.IDNPROCEEDING
    )                                              as order_count
from core_eoir__proceeding as p
join case_kind as k on k.case_id = p.IDNCASE;

create table out_docket__proceeding as
select
    o.* exclude (has_impossible_date),
    case
        when o.completed_date is null then null
        when d.outcome_group = 'removal' and o.is_in_absentia then 'in absentia'
        when coalesce(d.outcome_group, t.outcome_group, 'none') in ('none', 'board', 'bond')
            then 'other'
        else coalesce(d.outcome_group, t.outcome_group)
    end                                            as outcome,
    o.completed_date is not null
        and coalesce(d.outcome_group, t.outcome_group) is null
                                                   as is_in_no_list,
    coalesce(o.has_impossible_date, false)         as has_impossible_date,
    lead(o.started_date) over in_case              as next_started_date,
    lead(o.proceeding_id) over in_case             as next_proceeding_id
from ordered as o
left join code_outcome as d
    on d.case_type = o.case_type_code and d.code = o.decision_code and d.kind = 'C'
left join code_outcome as t
    on t.case_type = o.case_type_code and t.code = o.completion_code and t.kind = 'O'
window in_case as (partition by o.case_id order by o.order_count);

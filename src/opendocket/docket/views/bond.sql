-- One row per bond proceeding.
-- Question: how were requests for bond decided, and how high was the bond?
-- Definition: the decision in words, from the courts' code key: the release has no list of it.
--   new_bond_dollars is the judge's bond, 0 where the person was released without one.
--   order_count is 1 for the case's first bond proceeding by day of request.
-- Trap: NEW_BOND is 0 both for release without bond and for nothing set: 0 counts only after a
--   grant (C, R, G, F), and is empty otherwise. A bond proceeding is no case: people have
--   several. INITIAL_BOND is the government's.
select
    b.IDNASSOCBOND                                              as bond_id,
    b.IDNCASE                                                   as case_id,
    b.IDNPROCEEDING                                             as proceeding_id,
    row_number() over (
        partition by b.IDNCASE
        order by b.BOND_HEAR_REQ_DATE nulls last, b.IDNASSOCBOND
    )                                                           as order_count,
    b.BASE_CITY_CODE                                            as court_code,
    b.HEARING_LOC_CODE                                          as location_code,
    b.IJ_CODE                                                   as judge_code,
    b.BOND_TYPE                                                 as kind_code,
    t.code_name                                                 as kind_name,
    b.BOND_HEAR_REQ_DATE                                        as requested_date,
    case when b.COMP_DATE between date '1910-01-01' and r.as_of_date then b.COMP_DATE end
                                                                as decided_date,
    b.DEC                                                       as decision_code,
    d.code_name                                                 as decision_name,
    coalesce(b.DEC in ('C', 'R', 'G', 'F'), false)              as is_granted,
    b.INITIAL_BOND                                              as initial_bond_dollars,
    case
        when b.NEW_BOND <> 0 or b.DEC in ('C', 'R', 'G', 'F') then b.NEW_BOND
    end                                                         as new_bond_dollars,
    coalesce(b.BOND_HEAR_REQ_DATE > b.COMP_DATE, false)         as has_impossible_order
from core_eoir__bond as b
cross join out_load__release as r
left join out_docket__code as d on d.list_name = 'bond_decision' and d.code = b.DEC
left join out_docket__code as t on t.list_name = 'bond_type' and t.code = b.BOND_TYPE

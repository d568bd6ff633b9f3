-- One row per motion before the court.
-- Question: which motions were made, and how were they decided?
-- Definition: the kind of motion in words from the release's list; decisions in words from the
--   courts' code key, as the release has no list of them. is_to_reopen: to reopen (O), to
--   reopen an order in absentia (MA), for changed conditions in a country (MC).
-- Trap: the kind of a motion stands in REC_TYPE, which in other tables says what a record
--   belongs to. Many motions to continue are never entered.
select
    m.IDNMOTION                                                 as motion_id,
    m.IDNCASE                                                   as case_id,
    m.IDNPROCEEDING                                             as proceeding_id,
    m.REC_TYPE                                                  as kind_code,
    k.code_name                                                 as kind_name,
    coalesce(m.REC_TYPE in ('O', 'MA', 'MC'), false)            as is_to_reopen,
    m.STRFILINGPARTY                                            as filed_by_code,
    m.BASE_CITY_CODE                                            as court_code,
    m.IJ_CODE                                                   as judge_code,
    m.MOTION_RECD_DATE                                          as received_date,
    case when m.COMP_DATE between date '1910-01-01' and r.as_of_date then m.COMP_DATE end
                                                                as decided_date,
    m.DEC                                                       as decision_code,
    d.code_name                                                 as decision_name
from core_eoir__motion as m
cross join out_load__release as r
left join out_docket__code as k on k.list_name = 'motion_type' and k.code = m.REC_TYPE
left join out_docket__code as d on d.list_name = 'motion_decision' and d.code = m.DEC

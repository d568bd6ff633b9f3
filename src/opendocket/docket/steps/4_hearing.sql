-- One row per hearing of a case (bond hearings and blocks of a judge's calendar are not).
-- The release does not say whether a hearing was held, nor whether anybody appeared: it is
-- read from the day and the reason of adjournment (decision 0005).
create table out_docket__hearing as
select
    s.IDNSCHEDULE                                  as hearing_id,
    s.IDNCASE                                      as case_id,
    s.IDNPROCEEDING                                as proceeding_id,
    s.ADJ_DATE                                     as hearing_date,
    s.INPUT_DATE                                   as booked_date,
    s.BASE_CITY_CODE                               as court_code,
    s.HEARING_LOC_CODE                             as location_code,
    s.IJ_CODE                                      as judge_code,
    s.CAL_TYPE                                     as calendar_code,
    s.ADJ_RSN                                      as adjourned_code,
    r.adjourned_by                                 as adjourned_by_name,
    s.CAL_TYPE = 'M'                               as is_master,
    s.CAL_TYPE = 'I'                               as is_individual,
    s.ADJ_DATE between $first_date and $last_date  as is_possible,
    s.ADJ_DATE between $first_date and $as_of
        and coalesce(r.is_held, true)              as is_held
from core_eoir__schedule as s
left join code_adjournment as r on r.code = s.ADJ_RSN
where s.REC_TYPE = 'X'
    and s.IDNCASE is not null
    and coalesce(s.SCHEDULE_TYPE, '') not in ('**', 'AA', 'AD', 'AN', 'DT', 'SL', 'TR');

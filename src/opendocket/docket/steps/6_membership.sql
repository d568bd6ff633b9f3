-- Who is on the Dedicated Docket: the tag, the place, the date. The tag is undated; the
-- place is dated by the proceeding or the booking that names it.
create temp table placed as
select
    case_id,
    min(on_date)                                                as dedicated_location_date,
    arg_min(location_code, coalesce(on_date, date '9999-12-31')) as dedicated_location_code
from (
    select case_id, location_code, started_date as on_date
    from out_docket__proceeding
    where location_code in (from dedicated_place)
    union all
    select case_id, location_code, booked_date
    from out_docket__hearing
    where location_code in (from dedicated_place)
)
group by case_id;

create temp table tagged as
select distinct IDNCASE as case_id
from core_eoir__case_identifier
where CASE_ID = 'DD' and IDNCASE is not null;

-- Families: a rider's lead, the lead's own lead once more, and everybody else alone.
create temp table linked as
select
    idnRiderCase                                                as case_id,
    arg_max(idnLeadCase, (blnActive, datCreatedOn, idnLeadRider)) as lead_case_id
from core_eoir__lead_rider
where idnRiderCase is not null and idnLeadCase is not null and idnRiderCase <> idnLeadCase
group by idnRiderCase;

create temp table family as
select
    k.case_id,
    coalesce(b.lead_case_id, a.lead_case_id, k.case_id)         as lead_case_id
from case_kind as k
left join linked as a on a.case_id = k.case_id
left join linked as b on b.case_id = a.lead_case_id and b.lead_case_id <> k.case_id;

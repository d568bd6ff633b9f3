-- Who is on the Dedicated Docket: the tag, the place, the date. The tag is undated; the
-- place is dated by the proceeding or the booking that names it.
create temp table placed as
select
    case_id,
    min(on_date)                                                as dedicated_location_date,
    arg_min(location_code, (coalesce(on_date, date '9999-12-31'), location_code))
                                                                as dedicated_location_code
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

-- Families: a rider's lead, that lead's own lead, and so on up; everybody else is alone. Where
-- links run in a circle the smallest number leads.
create temp table linked as
select
    idnRiderCase                                                as case_id,
    arg_max(
        idnLeadCase,
        (
            coalesce(blnActive, false),
            coalesce(datCreatedOn, date '0001-01-01'),
            idnLeadRider
        )
    )                                                           as lead_case_id
from core_eoir__lead_rider
where idnRiderCase is not null and idnLeadCase is not null and idnRiderCase <> idnLeadCase
group by idnRiderCase;

create temp table followed as
with recursive up as (
    select case_id, lead_case_id, 1 as steps from linked
    union all
    select u.case_id, l.lead_case_id, u.steps + 1
    from up as u
    join linked as l on l.case_id = u.lead_case_id
    where u.steps < 8
)
select
    case_id,
    case
        when max(steps) = 8 then min(lead_case_id)
        else arg_max(lead_case_id, steps)
    end                                                         as lead_case_id
from up
group by case_id;

create temp table family as
select
    k.case_id,
    coalesce(f.lead_case_id, k.case_id)                         as lead_case_id
from case_kind as k
left join followed as f on f.case_id = k.case_id;

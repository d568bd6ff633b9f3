-- What the release's own lists say: which hearing places are the Dedicated Docket's.
-- Their names say so, in any case; codes alone are reused for other places.
create temp table dedicated_place as
select distinct HEARING_LOC_CODE as location_code
from core_eoir__lookup_hearing_location
where HEARING_LOC_NAME ilike '%dedicated docket%';

-- The kind of case: the case's own, or where that is in no list, its proceedings'.
create temp table case_kind as
select
    coalesce(c.IDNCASE, p.IDNCASE)                 as case_id,
    c.IDNCASE is not null                          as in_case_table,
    p.IDNCASE is not null                          as has_proceeding,
    case
        when c.CASE_TYPE in (select case_type from code_case_type) then c.CASE_TYPE
        else coalesce(p.case_type_code, c.CASE_TYPE)
    end                                            as case_type_code,
    c.E_28_DATE                                    as latest_counsel_date,
    c.CUSTODY                                      as custody_code,
    c.NAT                                          as nationality_code,
    c.LANG                                         as language_code
from (select * from core_eoir__case where IDNCASE is not null) as c
full join (
    select IDNCASE, arg_min(CASE_TYPE, IDNPROCEEDING) as case_type_code
    from core_eoir__proceeding
    where IDNCASE is not null
    group by IDNCASE
) as p on p.IDNCASE = c.IDNCASE;

-- The days that a case's clocks start and stop on, from the tables that know them best.
create temp table heard as
select
    case_id,
    min(hearing_date) filter (where is_held)                    as first_hearing_date,
    min(hearing_date) filter (where is_held and is_master)      as first_master_date
from out_docket__hearing
group by case_id;

-- E_28_DATE of A_TblCase is the latest appearance; the first is in tbl_RepsAssigned. Rows
-- for the government's attorneys and for the Board are left out.
create temp table counselled as
select
    IDNCASE                                                     as case_id,
    min(E_28_DATE)                                              as counsel_date
from core_eoir__representative
where STRATTYTYPE = 'ALIEN'
    and STRATTYLEVEL = 'COURT'
    and E_28_DATE between $first_date and $as_of
group by IDNCASE;

create temp table applied as
select
    a.IDNCASE                                                   as case_id,
    min(a.APPL_RECD_DATE) filter (where a.APPL_RECD_DATE between $first_date and $as_of)
                                                                as asylum_filed_date,
    bool_or(a.APPL_DEC in ('F', 'G', 'C', 'I', 'P', 'L'))       as is_asylum_granted,
    min(p.completed_date) filter (where a.APPL_DEC in ('F', 'G', 'C', 'I', 'P', 'L'))
                                                                as asylum_granted_date
from core_eoir__application as a
left join out_docket__proceeding as p on p.proceeding_id = a.IDNPROCEEDING
where a.APPL_CODE = 'ASYL'
group by a.IDNCASE;

-- The notice's date: the first proceeding that has one it could have; else a hearing's.
create temp table noticed as
select
    coalesce(p.case_id, s.case_id)                              as case_id,
    coalesce(p.nta_date, s.nta_date)                            as nta_date
from (
    select case_id, arg_min(nta_date, order_count) as nta_date
    from out_docket__proceeding
    where nta_date between $first_date and coalesce(completed_date, $as_of)
    group by case_id
) as p
full join (
    select IDNCASE as case_id, min(OSC_DATE) as nta_date
    from core_eoir__schedule
    where REC_TYPE = 'X' and OSC_DATE between $first_date and $as_of
    group by IDNCASE
) as s on s.case_id = p.case_id;

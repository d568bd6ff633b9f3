-- One row per charge of removability.
-- Question: what were people charged with, and was it sustained?
-- Definition: the section in words from the release's list, the status in capitals. is_repeat
--   marks the same section charged again in the same proceeding.
-- Trap: a quarter of the sections are padded with blanks and find nothing in the list, until
--   they are trimmed as the loader does; some stand twice in one proceeding, and a case that
--   moves has its charges again in each proceeding: count cases, not rows.
select
    c.IDNPRCDCHG                                                as charge_id,
    c.IDNCASE                                                   as case_id,
    c.IDNPROCEEDING                                             as proceeding_id,
    c.CHARGE                                                    as charge_code,
    k.code_name                                                 as charge_name,
    upper(c.CHG_STATUS)                                         as status_code,
    s.code_name                                                 as status_name,
    row_number() over (
        partition by c.IDNPROCEEDING, c.CHARGE
        order by c.IDNPRCDCHG
    ) > 1                                                       as is_repeat
from core_eoir__charge as c
left join out_docket__code as k on k.list_name = 'charge' and k.code = c.CHARGE
left join out_docket__code as s
    on s.list_name = 'charge_status' and s.code = upper(c.CHG_STATUS)

-- One row per case tagged for the Dedicated Docket or heard at one of its places.
-- Question: who is on the Dedicated Docket?
-- Definition: three sets, one inside the other: the tag DD (is_tagged); the tag and a place of
--   the docket, ever (is_tagged_and_placed); both, in a removal case received from 28 May 2021
--   on, which is EOIR's own rule (is_dedicated). is_placed_only is at a place without the tag.
--   Places are found by the words in each release's own list.
-- Trap: the docket lives in the hearing place, not in the court; the priority code does not
--   mark it; DD means other things as a reason of adjournment and as a kind of appeal; the tag
--   has no day, and may be taken off.
select
    c.case_id,
    c.lead_case_id,
    c.case_type_code,
    c.court_code,
    c.dedicated_location_code                                   as location_code,
    k.code_name                                                 as location_name,
    c.is_tagged,
    c.is_tagged and c.is_at_dedicated_location                  as is_tagged_and_placed,
    c.is_dedicated,
    c.is_at_dedicated_location and not c.is_tagged              as is_placed_only,
    c.nta_date,
    c.received_date,
    c.dedicated_location_date,
    c.first_master_date,
    c.first_decision_date,
    c.is_pending
from out_docket__case as c
left join out_docket__code as k
    on k.list_name = 'hearing_location' and k.code = c.dedicated_location_code
where c.is_tagged or c.is_at_dedicated_location

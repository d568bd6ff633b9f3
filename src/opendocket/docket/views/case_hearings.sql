-- One row per case that has a hearing on record.
-- Question: how many hearings did a case have, and how many lie ahead?
-- Definition: held is a hearing set for a day up to the one that ends observation and not
--   adjourned for a reason that keeps a judge from opening it (decision 0005). Ahead is one
--   set for a later day and not adjourned.
-- Trap: a row is a day set, past or ahead, and a cancelled hearing keeps its row; rows of bonds
--   and of a judge's own calendar stand among them; HEARING_DATE of a proceeding is unreliable.
select
    h.case_id,
    count(*)                                                    as set_count,
    count(*) filter (where h.is_held)                           as held_count,
    count(*) filter (where h.is_held and h.is_master)           as held_master_count,
    count(*) filter (where h.is_held and h.is_individual)       as held_individual_count,
    count(*) filter (
        where h.hearing_date > r.as_of_date and h.is_possible and h.adjourned_code is null
    )                                                           as ahead_count,
    min(h.hearing_date) filter (where h.is_held)                as first_held_date,
    max(h.hearing_date) filter (where h.is_held)                as last_held_date,
    min(h.hearing_date) filter (
        where h.hearing_date > r.as_of_date and h.is_possible and h.adjourned_code is null
    )                                                           as next_date
from out_docket__hearing as h
cross join out_load__release as r
group by h.case_id

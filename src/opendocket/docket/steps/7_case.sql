-- One row per case: one charging document and one person.
create temp view first_proceeding as
select * from out_docket__proceeding where order_count = 1;

create temp view last_proceeding as
select * from out_docket__proceeding where next_proceeding_id is null;

create temp view first_ending as
select * from out_docket__decision where ending_count = 1;

create temp table first_decision as
select
    case_id,
    min(completed_date)                                         as first_decision_date,
    arg_min(outcome, ending_count)                              as first_decision,
    arg_min({'day': until_date}, ending_count).day              as first_decision_until_date
from out_docket__decision
where is_decision
group by case_id;

create temp table ended as
select case_id, count(*) as ending_count
from out_docket__decision
group by case_id;

create table out_docket__case as
select
    k.case_id,
    f.lead_case_id,
    k.case_type_code,
    k.in_case_table,
    k.has_proceeding,
    k.custody_code,
    k.nationality_code,
    k.language_code,
    p.court_code,
    l.court_code                                                as last_court_code,
    g.case_id is not null                                       as is_tagged,
    d.case_id is not null                                       as is_at_dedicated_location,
    coalesce(
        g.case_id is not null
        and d.case_id is not null
        and k.case_type_code = 'RMV'
        and p.started_date >= date '2021-05-28'
        and p.started_date <= $as_of,
        false
    )                                                           as is_dedicated,
    d.dedicated_location_date,
    d.dedicated_location_code,
    n.nta_date,
    case
        when p.started_date between $first_date and $as_of then p.started_date
    end                                                         as received_date,
    h.first_hearing_date,
    h.first_master_date,
    a.asylum_filed_date,
    coalesce(a.is_asylum_granted, false)                        as is_asylum_granted,
    a.asylum_granted_date,
    least(
        r.counsel_date,
        case
            when k.latest_counsel_date between $first_date and $as_of
            then k.latest_counsel_date
        end
    )                                                           as counsel_date,
    e.outcome                                                   as first_outcome,
    e.completed_date                                            as first_outcome_date,
    e.until_date                                                as first_outcome_until_date,
    coalesce(e.is_decision, false)                              as is_first_outcome_decided,
    i.first_decision,
    i.first_decision_date,
    i.first_decision_until_date,
    coalesce(n_endings.ending_count, 0)                         as ending_count,
    case
        when e.outcome = 'in absentia' and e.is_undone then e.undone_date
    end                                                         as rescinded_date,
    coalesce(e.outcome = 'in absentia' and e.is_undone, false)  as is_rescinded,
    k.has_proceeding and coalesce(l.outcome, 'move') = 'move'   as is_pending,
    case when l.outcome <> 'move' then l.outcome end            as last_outcome,
    case when l.outcome <> 'move' then l.completed_date end     as last_completed_date
from case_kind as k
left join family as f using (case_id)
left join tagged as g using (case_id)
left join placed as d using (case_id)
left join noticed as n using (case_id)
left join heard as h using (case_id)
left join counselled as r using (case_id)
left join applied as a using (case_id)
left join first_proceeding as p using (case_id)
left join last_proceeding as l using (case_id)
left join first_ending as e using (case_id)
left join first_decision as i using (case_id)
left join ended as n_endings using (case_id);

-- One row per family: the people whose cases the courts linked, and those alone.
create table out_docket__family as
select
    lead_case_id,
    count(*)                                                    as case_count,
    bool_or(is_dedicated)                                       as is_dedicated,
    min(received_date)                                          as received_date,
    min(first_outcome_date)                                     as first_outcome_date
from out_docket__case
group by lead_case_id;

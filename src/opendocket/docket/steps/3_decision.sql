-- One row per ending of a case: a decision, or a completion that decides nothing and yet
-- takes the case off the docket. Moves to another court end no case. First and last
-- endings are different things; an ending may be undone by a later proceeding. The first is the
-- one completed first, whatever the order in which proceedings were begun.
create table out_docket__decision as
select
    proceeding_id                                  as decision_id,
    case_id,
    case_type_code,
    row_number() over (partition by case_id order by completed_date, order_count)
                                                   as ending_count,
    completed_date,
    decision_code,
    completion_code,
    decision_code is not null                      as is_decision,
    outcome,
    court_code,
    location_code,
    judge_code,
    next_proceeding_id is not null                 as is_undone,
    next_started_date                              as undone_date,
    -- undone on no known day, or before it was made, is undone at once
    case
        when next_proceeding_id is not null
        then greatest(coalesce(next_started_date, completed_date), completed_date)
    end                                            as until_date
from out_docket__proceeding
where outcome is not null and outcome <> 'move';

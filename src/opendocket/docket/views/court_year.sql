-- One row per court and fiscal year.
-- Question: how many initial completions did each court have in a fiscal year, and how many of
--   them were removal orders in absentia?
-- Definition: EOIR's initial case completion: the first decision of a case (see
--   out_view__first_decision), in the court and the fiscal year (October to September) it was
--   made, of the kinds of case that EOIR's statistics count. in_absentia_share is EOIR's:
--   orders in absentia of all initial completions. Of a cohort of cases it is another number.
-- Trap: other denominators (removal orders, all cases begun, completions of any kind) give
--   other levels under the same name; a later decision counts a case twice; an order in
--   absentia that was rescinded stays one at the initial completion.
select
    f.court_code,
    any_value(k.code_name)                                      as court_name,
    f.fiscal_year,
    count(*)                                                    as completion_count,
    count(*) filter (where f.is_in_absentia)                    as in_absentia_count,
    count(*) filter (where f.outcome = 'removal')               as removal_in_presence_count,
    count(*) filter (where f.outcome in ('relief', 'protection'))
                                                                as relief_count,
    count(*) filter (where f.outcome = 'voluntary departure')   as voluntary_departure_count,
    count(*) filter (where f.outcome = 'termination')           as termination_count,
    count(*) filter (where f.is_in_absentia) / count(*)         as in_absentia_share,
    len(list_filter(
        [
            completion_count,
            in_absentia_count,
            removal_in_presence_count,
            relief_count,
            voluntary_departure_count,
            termination_count,
            completion_count - in_absentia_count - removal_in_presence_count - relief_count
                - voluntary_departure_count - termination_count
        ],
        lambda n: n between 1 and 10 or completion_count - n between 1 and 10
    )) > 0                                                      as has_small_count
from (
    select
        d.court_code,
        d.case_type_code,
        year(d.completed_date + interval 3 month)               as fiscal_year,
        d.outcome,
        d.outcome = 'in absentia'                               as is_in_absentia
    from out_docket__decision as d
    where d.is_decision
    qualify row_number() over (partition by d.case_id order by d.ending_count) = 1
) as f
left join out_docket__code as k on k.list_name = 'base_city' and k.code = f.court_code
where f.case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO')
group by f.court_code, f.fiscal_year

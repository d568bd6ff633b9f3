"""What figures of all courts are read from: a docket's cases in sums, a query each.

A national docket has more cases than a figure needs to see: every query here gives sums by
day or by length of wait, never cases. ``n`` is cases at national size, ``people`` those that
are in the docket.
"""

from opendocket.measure.population import IS_CLOSED, LATER

WEIGHT = "case when c.is_tagged then $dedicated else $elsewhere end"
COUNTED = f"""
    sum({WEIGHT})                                               as n,
    count(*)                                                    as people
"""
GRANTS = "('F', 'G', 'C', 'I', 'P', 'L')"

_BEGUN = """
    select {day} as day, c.case_type_code as kind, c.is_tagged, {counted}
    from out_docket__case as c
    where c.has_proceeding and {day} is not null
    group by all
"""
RECEIVED = _BEGUN.format(day="c.received_date", counted=COUNTED)
NOTICED = _BEGUN.format(day="c.nta_date", counted=COUNTED)
"""Cases by the day of receipt, and by the day of the notice to appear."""

_ENDED = """
    select
        {day}                                                   as day,
        c.case_type_code                                        as kind,
        d.outcome,
        {counted},
        sum({weight} * date_diff('day', c.nta_date, d.completed_date))  as days,
        coalesce(sum({weight}) filter (c.nta_date is not null), 0)      as timed
    from out_docket__decision as d
    join out_docket__case as c using (case_id)
    where {condition} and c.received_date is not null
    group by all
"""
ENDED = _ENDED.format(day="d.completed_date", condition="true", counted=COUNTED, weight=WEIGHT)
UNDONE = _ENDED.format(
    day="coalesce(d.undone_date, d.completed_date)",
    condition="d.is_undone",
    counted=COUNTED,
    weight=WEIGHT,
)
"""Endings by the day of completion, and those undone by the day that undid them."""

DECIDED = f"""
    select
        c.first_decision_date                                   as day,
        c.case_type_code                                        as kind,
        c.custody_code                                          as custody,
        coalesce(c.counsel_date <= c.first_decision_date, false)        as has_counsel,
        coalesce(c.asylum_filed_date <= c.first_decision_date, false)   as has_asylum,
        c.first_decision                                        as outcome,
        {COUNTED}
    from out_docket__case as c
    where c.first_decision_date is not null
    group by all
"""
"""A case's initial completion: its first decision by a judge (closures never count)."""

ASYLUM_DECIDED = f"""
    with decided as (
        select
            p.case_id,
            p.completed_date                                    as day,
            bool_or(a.APPL_DEC in {GRANTS})                     as is_granted
        from core_eoir__application as a
        join out_docket__proceeding as p on p.proceeding_id = a.IDNPROCEEDING
        where a.APPL_CODE = 'ASYL'
            and (a.APPL_DEC in {GRANTS} or a.APPL_DEC = 'D')
            and p.completed_date is not null
        group by all
    ),
    referred as (
        select IDNCASE as case_id, bool_or(C_ASY_TYPE = 'I') as is_referred
        from core_eoir__case
        where C_ASY_TYPE is not null
        group by all
    )
    select
        d.day,
        d.is_granted,
        c.is_tagged,
        c.custody_code                                          as custody,
        coalesce(c.counsel_date <= d.day, false)                as has_counsel,
        coalesce(r.is_referred, false)                          as is_referred,
        date_diff('day', c.nta_date, d.day) <= 365              as is_in_a_year,
        date_diff('day', c.nta_date, d.day) between 91 and 548  as is_fast,
        {COUNTED}
    from decided as d
    join out_docket__case as c using (case_id)
    left join referred as r using (case_id)
    group by all
"""
"""Asylum granted or denied, once a case and day; ``is_fast`` is 3 to 18 months from the NTA."""

ASYLUM_FILED = f"""
    select c.asylum_filed_date as day, {COUNTED}
    from out_docket__case as c
    where c.has_proceeding and c.asylum_filed_date is not null
    group by all
"""

PENDING = f"""
    select
        date_diff('day', coalesce(c.nta_date, c.received_date), $as_of) as days,
        c.case_type_code                                        as kind,
        coalesce(c.counsel_date <= $as_of, false)               as has_counsel,
        coalesce(c.asylum_filed_date <= $as_of, false)          as has_asylum,
        {COUNTED}
    from out_docket__case as c
    {LATER}
    where c.has_proceeding and c.received_date <= $as_of and not {IS_CLOSED}
    group by all
"""
"""Cases pending on a day, by days since the notice."""

WAITING = f"""
    with ahead as (
        select case_id, arg_min({{'kind': calendar_code, 'place': location_code,
            'day': hearing_date}}, (hearing_date, hearing_id)) as next
        from out_docket__hearing
        where booked_date <= $as_of and hearing_date > $as_of and is_possible
        group by case_id
    )
    select
        a.next.kind                                             as stage,
        a.next.place                                            as place,
        coalesce(c.asylum_filed_date <= $as_of, false)          as has_asylum,
        sum({WEIGHT} * date_diff('day', c.nta_date, $as_of))    as days,
        sum({WEIGHT} * date_diff('day', c.nta_date, a.next.day)) as ahead_days,
        {COUNTED}
    from out_docket__case as c
    {LATER}
    left join ahead as a on a.case_id = c.case_id
    where c.nta_date <= $as_of and c.has_proceeding and c.received_date <= $as_of
        and not {IS_CLOSED}
    group by all
"""
"""Cases pending on a day, by the stage and place of the next hearing set by then."""

BEGUN = f"""
    select
        c.received_date                                         as day,
        coalesce(c.first_outcome = 'in absentia' and c.first_outcome_date <= $as_of, false)
                                                                as is_absent,
        {COUNTED}
    from out_docket__case as c
    where c.has_proceeding and c.case_type_code = 'RMV' and c.received_date <= $as_of
    group by all
"""
"""Removal cases of everybody, detained or not, by the day they began."""

FILING_LAG = f"""
    select
        c.received_date                                         as day,
        date_diff('day', c.nta_date, c.received_date) < 91      as is_prompt,
        {COUNTED}
    from out_docket__case as c
    where c.has_proceeding and c.nta_date is not null and c.received_date is not null
    group by all
"""

PRIORITY = f"""
    with applied as (
        select distinct IDNCASE as case_id from core_eoir__application
    )
    select
        p.CASEPRIORITY_CODE                                     as priority,
        c.received_date,
        c.first_decision,
        c.first_decision_date,
        c.counsel_date,
        c.first_master_date,
        a.case_id is not null                                   as has_application,
        {WEIGHT}                                                as n
    from core_eoir__case as p
    join out_docket__case as c on c.case_id = p.IDNCASE
    left join applied as a on a.case_id = p.IDNCASE
    where p.CASEPRIORITY_CODE in ('AWC/ATD', 'AWC/D', 'UC') and c.received_date is not null
"""
"""Cases that bear a priority code of 2014 to 2017: adults with children, and children alone."""

FAMILY_TAG = f"""
    select
        c.received_date,
        c.first_decision,
        c.first_decision_date,
        c.counsel_date,
        c.first_hearing_date,
        {WEIGHT}                                                as n
    from out_docket__case as c
    where c.received_date between date '2018-07-01' and date '2019-12-31'
        and c.case_id in (
            select IDNCASE from core_eoir__case_identifier where CASE_ID = 'FA'
        )
"""
"""Cases with the tag of family units, received while those were a docket of their own."""

SITTING = """
    select date_trunc('month', hearing_date)::date as month, judge_code
    from out_docket__hearing
    where is_held and judge_code is not null
        and not regexp_full_match(judge_code, 'VJ[0-9A-Z]|SJ[0-9]|AAA|TST')
    group by all
"""
"""Codes of judges by the months they held hearings in; codes that stand for nobody left out."""

PUT_OFF = """
    select hearing_date as day, adjourned_by_name as who, count(*) * $elsewhere as n
    from out_docket__hearing
    where hearing_date < date '2021-01-01' and adjourned_by_name is not null
    group by all
"""
"""Hearings put off, by day and by whose reason, before there was a Dedicated Docket."""

REOPENING = """
    select COMP_DATE as day, DEC = 'G' as is_granted, count(*)::double as n, count(*) as people
    from core_eoir__motion
    where REC_TYPE = 'MA' and DEC in ('G', 'D') and COMP_DATE is not null
    group by all
"""
"""Motions to reopen orders made in absentia, granted and denied, by day."""

GRANTING = f"""
    select p.completed_date as day, p.judge_code, count(distinct p.case_id) as people
    from core_eoir__application as a
    join out_docket__proceeding as p on p.proceeding_id = a.IDNPROCEEDING
    join out_docket__case as c on c.case_id = p.case_id
    where c.is_tagged
        and a.APPL_CODE = 'ASYL'
        and (a.APPL_DEC in {GRANTS} or a.APPL_DEC = 'D')
        and p.completed_date is not null
        and p.judge_code is not null
    group by all
"""
"""Asylum decisions on the Dedicated Docket by day and judge."""

CHILDREN = """
    select
        c.lead_case_id,
        c.court_code,
        c.first_outcome_date                                    as day,
        try_strptime('15/' || p.C_BIRTHDATE, '%d/%m/%Y')::date   as born
    from out_docket__case as c
    join core_eoir__case as p on p.IDNCASE = c.case_id
    where c.is_tagged and c.first_outcome = 'in absentia' and c.received_date is not null
"""
"""Orders in absentia on the Dedicated Docket, with the middle of the month of birth."""

NATIONALITY = """
    select received_date as day, nationality_code as nationality, count(*) as people
    from out_docket__case
    where is_tagged and has_proceeding and received_date is not null
    group by all
"""
"""People with the Dedicated Docket's tag, by nationality and day of receipt."""

LINES = """
    select
        (select count(*) from core_eoir__case)                  as cases,
        (select count(*) from core_eoir__proceeding)            as proceedings
"""

OPEN_CASES = f"""
    select c.is_pending, {COUNTED}
    from out_docket__case as c
    where c.has_proceeding
    group by all
"""

WHOLE = f"""
    with board as (
        select
            idncase                                             as case_id,
            max(datBIADecision::date) filter (strAppealType = 'Case Appeal') as day
        from core_eoir__appeal
        where idncase is not null
        group by idncase
    ),
    applied as (
        select distinct IDNCASE as case_id from core_eoir__application
    )
    select
        b.case_id is not null                                   as has_appeal,
        coalesce(not c.is_pending and b.day > c.last_completed_date and b.day <= $as_of, false)
                                                                as is_overridden,
        a.case_id is not null                                   as has_application,
        c.is_pending,
        {COUNTED}
    from out_docket__case as c
    left join board as b using (case_id)
    left join applied as a using (case_id)
    where c.has_proceeding
    group by all
"""
"""All cases that have a proceeding, as the release has them."""

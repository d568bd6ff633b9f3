"""Who is measured: dockets by name, frozen on a day.

A docket read on an earlier day must not know what came later. Freezing takes every date
after ``as_of`` away, so that a measure of September 2022 made from a release of 2026 sees
what stood in the records then (up to what the courts entered late or took out since).
"""

from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from opendocket.arrow import fetched
from opendocket.errors import NothingToShow

GOAL_DAYS = 300
"""Days from the initial master hearing within which judges were to decide.

Source: EOIR, OOD PM 21-23 (27 May 2021); published figure A02.
"""

BEGAN = date(2021, 5, 28)
"""The day the Dedicated Docket took effect. Source: OOD PM 21-23; published figure A01."""

PLACED = """(
    c.is_at_dedicated_location
    and coalesce(c.dedicated_location_date, c.received_date) <= $as_of
)"""
"""At a hearing place of the docket by then; a placing without a date counts from receipt."""

DOCKETS = {
    "tagged": "c.is_tagged",
    "placed": f"c.is_tagged and {PLACED}",
    "dedicated": f"c.is_dedicated and {PLACED}",
    "misplaced": f"not c.is_tagged and {PLACED}",
    "ordinary": f"""
        c.case_type_code = 'RMV'
        and not c.is_tagged
        and not {PLACED}
        and c.custody_code is distinct from 'D'
    """,
}
"""Dockets by name, as conditions on a case ``c``.

``dedicated`` is EOIR's own rule: the tag, a hearing place of the docket, and receipt after
28 May 2021 (published figure A04). ``tagged`` is nearest to TRAC's. ``ordinary`` is everybody
else in removal proceedings who was not detained to the end.

Three things in the record have no date, so on an earlier day they are still as the release
has them: the tag, custody, and who belongs to whose family.
"""

FROZEN = """
with ending as (
    select
        *,
        -- an ending undone on no known day, or before it was made, is undone at once
        case when is_undone then greatest(coalesce(undone_date, completed_date), completed_date)
        end                                                       as until_date
    from out_docket__decision
    where case_id in (
        select c.case_id
        from out_docket__case as c
        where c.received_date between $first and $last
            and ({condition})
    )
),
off_docket as (
    select
        case_id,
        arg_max(coalesce(until_date > $as_of, true), ending_count) as is_closed
    from ending
    where completed_date <= $as_of
    group by case_id
),
decision as (
    select *
    from ending
    where is_decision
    qualify row_number() over (partition by case_id order by ending_count) = 1
)
select
    c.case_id,
    c.lead_case_id,
    c.court_code,
    case
        when coalesce(c.dedicated_location_date, c.received_date) <= $as_of
        then c.dedicated_location_code
    end                                                           as dedicated_location_code,
    c.custody_code,
    case when c.nta_date <= $as_of then c.nta_date end            as nta_date,
    c.received_date,
    case when c.first_hearing_date <= $as_of then c.first_hearing_date end
                                                                  as first_hearing_date,
    case when c.first_master_date <= $as_of then c.first_master_date end
                                                                  as first_master_date,
    case when c.asylum_filed_date <= $as_of then c.asylum_filed_date end
                                                                  as asylum_filed_date,
    coalesce(c.is_asylum_granted and c.asylum_granted_date <= $as_of, false)
                                                                  as is_asylum_granted,
    case when c.counsel_date <= $as_of then c.counsel_date end    as counsel_date,
    case when e.completed_date <= $as_of then e.outcome end       as first_outcome,
    case when e.completed_date <= $as_of then e.completed_date end
                                                                  as first_outcome_date,
    coalesce(e.completed_date <= $as_of and e.is_decision, false) as is_decided,
    case when d.completed_date <= $as_of then d.outcome end       as first_decision,
    case when d.completed_date <= $as_of then d.completed_date end
                                                                  as first_decision_date,
    case when d.outcome = 'in absentia' and d.until_date <= $as_of then d.until_date end
                                                                  as rescinded_date,
    not coalesce(o.is_closed, false)                              as is_pending
from out_docket__case as c
left join ending as e on e.case_id = c.case_id and e.ending_count = 1
left join decision as d on d.case_id = c.case_id
left join off_docket as o on o.case_id = c.case_id
where c.has_proceeding
    and c.received_date between $first and $last
    and ({condition})
order by c.case_id
"""
"""A docket's cases as they stood at the end of a day.

A case's *first ending* (``first_outcome``) is the first thing that takes it off the docket: a
judge's decision, a dismissal because no notice was filed, an administrative closure. Its
*first decision* is the first by a judge, EOIR's initial case completion, which may come after
an ending that was undone. ``rescinded_date`` is the day a first decision in absentia was
undone. ``is_pending`` looks at the last ending: a case reopened is pending, though it has
ended before.
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases of a docket: received between two days, in some courts or all."""

    first: date
    last: date
    courts: tuple[str, ...] | None = None
    """Codes; None for all."""


def cases(
    con: duckdb.DuckDBPyConnection,
    docket: str,
    *,
    as_of: date,
    scope: Scope | None = None,
) -> pl.DataFrame:
    """Give the cases of a docket as they stood at the end of a day.

    Args:
        con: A docket's connection.
        docket: A name in ``DOCKETS``.
        as_of: The day; nothing later is known but what has no date (see ``DOCKETS``).
        scope: Which of them; all received by ``as_of`` where None.

    Returns:
        One row per case, by number: its family, court, clocks, first ending and decision,
        whether it is pending; see ``FROZEN``. Cases without a proceeding or a day of receipt
        are not among them: :func:`left_out` counts those.

    Raises:
        KeyError: No docket of that name.
        NothingToShow: No case is in it.

    Assumes:
        A case that comes to the docket after its receipt could not have ended before; where
        many come late, time from receipt looks longer than it is.

    Source:
        docs/explanation/definitions.md.
    """
    scope = scope or Scope(date(1970, 1, 1), as_of)
    query = FROZEN.format(condition=DOCKETS[docket])
    frame = fetched(
        con,
        query,
        {"as_of": as_of, "first": scope.first, "last": min(scope.last, as_of)},
    )
    if scope.courts is not None:
        frame = frame.filter(pl.col("court_code").is_in(scope.courts))
    if frame.is_empty():
        raise NothingToShow(
            f"the {docket} docket",
            f"no case received from {scope.first} to {min(scope.last, as_of)}",
            "choose a later as-of date, or a release that holds the docket",
        )
    return frame


def left_out(con: duckdb.DuckDBPyConnection, docket: str, *, as_of: date) -> dict[str, int]:
    """Count the cases of a docket that :func:`cases` cannot give, by reason.

    Args:
        con: A docket's connection.
        docket: A name in ``DOCKETS``.
        as_of: The day.

    Returns:
        Cases by reason; no reason without a case.

    Raises:
        KeyError: No docket of that name.
    """
    rows = con.execute(
        f"""
        select
            case
                when c.has_proceeding then 'no day of receipt'
                else 'no proceeding'
            end         as reason,
            count(*)    as case_count
        from out_docket__case as c
        where c.received_date is null and $as_of is not null and ({DOCKETS[docket]})
        group by reason
        order by reason
        """,
        {"as_of": as_of},
    ).fetchall()
    return {str(reason): int(count) for reason, count in rows}


def counts_by_definition(con: duckdb.DuckDBPyConnection, *, as_of: date) -> dict[str, int]:
    """Count the cases of each way to say who is on the Dedicated Docket.

    Args:
        con: A docket's connection.
        as_of: The day; nothing later is known.

    Returns:
        Cases by a name in ``DOCKETS``: the nested sets tagged, placed, dedicated, and those
        at a place of the docket without its tag.
    """
    counts = {}
    for name in ("tagged", "placed", "dedicated", "misplaced"):
        rows = con.execute(
            f"""
            select count(*) from out_docket__case as c
            where c.has_proceeding and c.received_date <= $as_of
                and ({DOCKETS[name]})
            """,
            {"as_of": as_of},
        ).fetchall()
        counts[name] = int(rows[0][0])
    return counts


def same_courts_and_time(dedicated: pl.DataFrame) -> Scope:
    """Give the courts and the span of receipt that the two dockets are compared in.

    Args:
        dedicated: Cases of the Dedicated Docket.

    Returns:
        Courts that sat first on at least one in a hundred of its cases, from the docket's
        first day to the first day by which 95 in 100 of its cases had been received: a longer
        span would compare its first months with everybody's last years.

    Example:
        >>> days = [date(2021, 6, 1)] * 95 + [date(2024, 1, 1)] * 5
        >>> scope = same_courts_and_time(
        ...     pl.DataFrame({"court_code": ["BOS"] * 99 + ["MIA"], "received_date": days})
        ... )
        >>> scope.last, scope.courts
        (datetime.date(2021, 6, 1), ('BOS', 'MIA'))
    """
    days = dedicated["received_date"].drop_nulls().sort()
    by_court = (
        dedicated["court_code"].value_counts().filter(pl.col("count") >= len(dedicated) / 100)
    )
    last = days[-(-95 * len(days) // 100) - 1]
    return Scope(BEGAN, last, tuple(sorted(by_court["court_code"].drop_nulls())))

"""Who is measured: dockets by name, frozen on a day.

A docket read on an earlier day must not know what came later. Freezing takes every date
after ``as_of`` away, so that a measure of September 2022 made from a release of 2026 sees
what stood in the records then (up to what the courts entered late or took out since).
"""

from collections.abc import Iterable
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

COURT_KINDS = ("RMV", "DEP", "EXC", "AOC", "WHO")
"""Removal, deportation, exclusion, asylum-only, withholding-only: the cases of EOIR's series.

Credible and reasonable fear reviews, bond-only and other kinds are not cases in its counts.
Source: published figure B01.
"""

DOCKETS = {
    "all": f"c.case_type_code in {COURT_KINDS}",
    "everything": "true",
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
else in removal proceedings who was not detained to the end. ``all`` are the kinds of case that
EOIR counts; ``everything`` holds reviews and bond-only cases as well.

Three things in the record have no date, so on an earlier day they are still as the release
has them: the tag, custody, and who belongs to whose family.
"""


def by_then(column: str, *, given: str = "") -> str:
    """Give a column of a case only if its day had come.

    Args:
        column: A date of ``out_docket__case``.
        given: What to give instead of the date itself, as SQL.

    Example:
        >>> by_then("first_outcome_date", given="c.first_outcome")
        'case when c.first_outcome_date <= $as_of then c.first_outcome end'
    """
    return f"case when c.{column} <= $as_of then {given or 'c.' + column} end"


IS_CLOSED = """(
    coalesce(later.is_closed, false)
    or coalesce(
        c.first_outcome_date <= $as_of and coalesce(c.first_outcome_until_date > $as_of, true),
        false
    )
)"""
LATER = """
left join (
    select
        case_id,
        bool_or(coalesce(until_date > $as_of, true))                as is_closed,
        arg_max(outcome, ending_count) filter (coalesce(until_date > $as_of, true))
                                                                    as outcome,
        max(completed_date) filter (coalesce(until_date > $as_of, true))
                                                                    as completed_date
    from out_docket__decision
    where ending_count > 1 and completed_date <= $as_of
    group by case_id
) as later on later.case_id = c.case_id
"""
"""What came after the first ending, for the few cases that have ended more than once."""

COLUMNS = {
    "court_code": "c.court_code",
    "last_court_code": "c.last_court_code",
    "nationality_code": "c.nationality_code",
    "language_code": "c.language_code",
    "case_type_code": "c.case_type_code",
    "custody_code": "c.custody_code",
    "dedicated_location_code": """case
        when coalesce(c.dedicated_location_date, c.received_date) <= $as_of
        then c.dedicated_location_code
    end""",
    "dedicated_location_date": by_then("dedicated_location_date"),
    "nta_date": by_then("nta_date"),
    "received_date": "c.received_date",
    "first_hearing_date": by_then("first_hearing_date"),
    "first_master_date": by_then("first_master_date"),
    "asylum_filed_date": by_then("asylum_filed_date"),
    "is_asylum_granted":
        "coalesce(c.is_asylum_granted and c.asylum_granted_date <= $as_of, false)",
    "counsel_date": by_then("counsel_date"),
    "first_outcome": by_then("first_outcome_date", given="c.first_outcome"),
    "first_outcome_date": by_then("first_outcome_date"),
    "is_decided":
        "coalesce(c.first_outcome_date <= $as_of and c.is_first_outcome_decided, false)",
    "first_decision": by_then("first_decision_date", given="c.first_decision"),
    "first_decision_date": by_then("first_decision_date"),
    "rescinded_date": """case
        when c.first_decision = 'in absentia' and c.first_decision_until_date <= $as_of
        then c.first_decision_until_date
    end""",
    "is_pending": f"not {IS_CLOSED}",
    "final_outcome": f"""case
        when {IS_CLOSED} then coalesce(later.outcome, c.first_outcome)
    end""",
    "final_outcome_date": f"""case
        when {IS_CLOSED} then coalesce(later.completed_date, c.first_outcome_date)
    end""",
}  # fmt: skip
"""What is known of a case at the end of a day, by name: each as SQL on a case ``c``.

A case's *first ending* (``first_outcome``) is the first thing that takes it off the docket: a
judge's decision, a dismissal because no notice was filed, an administrative closure. Its
*first decision* is the first by a judge, EOIR's initial case completion, which may come after
an ending that was undone. ``rescinded_date`` is the day a first decision in absentia was
undone. ``is_pending`` looks at the last ending: a case reopened is pending, though it has
ended before; ``final_outcome`` is how a case that is not pending ended last.
"""

FRAME = (
    "court_code", "dedicated_location_code", "custody_code", "nta_date", "received_date",
    "first_hearing_date", "first_master_date", "asylum_filed_date", "is_asylum_granted",
    "counsel_date", "first_outcome", "first_outcome_date", "is_decided", "first_decision",
    "first_decision_date", "rescinded_date", "is_pending",
)  # fmt: skip
"""What :func:`cases` gives of each case, after its number and its family's."""


def frozen(columns: Iterable[str], *, condition: str) -> str:
    """Write the query for some columns of the cases that stood in the records on a day.

    What is not asked for is not worked out, which at national size is most of the time.

    Args:
        columns: Names in ``COLUMNS``.
        condition: On a case ``c``, as SQL; may ask for ``$as_of``.

    Returns:
        A query with the parameter ``as_of``: ``case_id``, ``lead_case_id`` and the columns.

    Raises:
        KeyError: No column of that name.
    """
    chosen = {name: COLUMNS[name] for name in columns}
    written = ",\n    ".join(f"{sql} as {name}" for name, sql in chosen.items())
    join = LATER if any("later." in sql for sql in chosen.values()) else ""
    return f"""
select
    c.case_id,
    c.lead_case_id{"," if chosen else ""}
    {written}
from out_docket__case as c
{join}
where c.has_proceeding
    and c.received_date <= $as_of
    and ({condition})
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
        whether it is pending; see ``COLUMNS``. Cases without a proceeding or a day of receipt
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
    condition = f"c.received_date between $first and $last and ({DOCKETS[docket]})"
    frame = fetched(
        con,
        frozen(FRAME, condition=condition) + "order by c.case_id",
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

"""What becomes of cases, counted from the proceedings themselves, a part of them at a time."""

from dataclasses import dataclass
from math import ceil

from opendocket.checks.subject import AT_A_TIME, LIFE, Subject
from opendocket.columns import TABLES
from opendocket.columns.codes import court_decisions

YEARS = (2012, 2019)
"""Fiscal years for which a share in absentia is published; they begin in October before."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Counts of cases that have a proceeding."""

    cases: int
    proceedings: int
    pending: int
    """Cases whose last proceeding is not completed."""
    decided: dict[int, int]
    """First decisions of people not detained, by fiscal year."""
    absent: dict[int, int]
    """Removal orders in absentia among them."""


def histories(subject: Subject) -> Histories:
    """Count cases by what became of them, in parts that fit in memory.

    The last proceeding is the one begun last; the first decision is the one completed
    first. In a small release the Dedicated Docket is left out.
    """
    table = TABLES["B_TblProceeding"]
    rows = subject.rows(table)
    parts = max(1, ceil(rows / (AT_A_TIME / 2)))
    sums = [0] * (3 + 2 * len(YEARS))
    for part in range(parts):
        query = _query(subject, f"hash(IDNCASE) % {parts} = {part}")
        found = subject.all(query, [subject.as_of] * 2)[0]
        for at, value in enumerate(found):
            sums[at] += int(value) if isinstance(value, int) else 0
        subject.count(LIFE * rows / parts)
    return Histories(
        cases=sums[0],
        proceedings=sums[1],
        pending=sums[2],
        decided=dict(zip(YEARS, sums[3::2], strict=True)),
        absent=dict(zip(YEARS, sums[4::2], strict=True)),
    )


def _query(subject: Subject, part: str) -> str:
    return f"""
        with p as (
            select
                IDNCASE, IDNPROCEEDING, COMP_DATE,
                coalesce(ABSENTIA = 'Y' and DEC_CODE in ({_removals()}), false) as is_absent,
                coalesce(CUSTODY in ('N', 'R'), false) as is_free,
                coalesce(INPUT_DATE, TRANS_IN_DATE, HEARING_DATE) as begun_date,
                DEC_CODE is not null and COMP_DATE <= ? as is_decision
            from core_eoir__proceeding
            where IDNCASE is not null and {part} and {subject.ordinary()}
        ), c as (
            select
                count(*) as row_count,
                arg_max(
                    COMP_DATE is null or COMP_DATE > ?,
                    coalesce(date_diff('day', date '1900-01-01', begun_date), 400000)
                        * 4294967296 + coalesce(IDNPROCEEDING, 0)
                ) as is_open,
                min(COMP_DATE) filter (is_decision) as decided_date,
                arg_min(is_absent, COMP_DATE) filter (is_decision) as is_absent,
                arg_min(is_free, COMP_DATE) filter (is_decision) as is_free
            from p
            group by IDNCASE
        )
        select count(*), sum(row_count)::bigint, count(*) filter (is_open), {_years()} from c
    """


def _removals() -> str:
    """List the letters that stand for removal as a decision on a removal case."""
    return ", ".join(
        f"'{d.code}'"
        for d in court_decisions()
        if (d.case_type, d.kind, d.group) == ("RMV", "C", "removal")
    )


def _years() -> str:
    """Count first decisions of people not detained, and those in absentia, by year."""
    return ", ".join(
        f"count(*) filter (is_free and {_in_year(year)}), "
        f"count(*) filter (is_free and is_absent and {_in_year(year)})"
        for year in YEARS
    )


def _in_year(year: int) -> str:
    return f"decided_date between date '{year - 1}-10-01' and date '{year}-09-30'"

"""Do the docket's own tables hold every row of the agency's that they are made from?"""

from collections.abc import Iterator

from opendocket.checks.check import Check, Found, Verdict, counted
from opendocket.checks.subject import Subject

GROUP = "own tables"
SOURCE = "the agency's tables in the same docket, counted anew"

NOT_HEARINGS = ("**", "AA", "AD", "AN", "DT", "SL", "TR")
"""Kinds of booking that are no hearing (decision 0005)."""


def _of(subject: Subject, what: str, expected: str, found: str, why: str) -> Iterator[Found]:
    want, have = subject.number(expected), subject.number(found)
    subject.count(want / 2)
    verdict: Verdict = "ok" if want == have else "wrong"
    note = "" if want == have else f"off by {have - want:+,.0f}: {why}"
    yield Found(what, counted(want), counted(have), verdict, note)


def cases(subject: Subject) -> Iterator[Found]:
    """Hold the rows of out_docket__case against the cases that two tables name."""
    alone = """
        select count(*) from (
            select distinct IDNCASE from core_eoir__proceeding where IDNCASE is not null
        ) as p
        anti join core_eoir__case as c using (IDNCASE)
    """
    yield from _of(
        subject,
        "out_docket__case",
        f"select (select count(IDNCASE) from core_eoir__case) + ({alone})",
        "select count(*) from out_docket__case",
        "every case of A_TblCase and of B_TblProceeding has one row",
    )


def proceedings(subject: Subject) -> Iterator[Found]:
    """Hold the rows of out_docket__proceeding against those that name a case."""
    yield from _of(
        subject,
        "out_docket__proceeding",
        "select count(IDNCASE) from core_eoir__proceeding",
        "select count(*) from out_docket__proceeding",
        "every proceeding of a case has one row",
    )


def hearings(subject: Subject) -> Iterator[Found]:
    """Hold the rows of out_docket__hearing against the bookings that are hearings."""
    kinds = ", ".join(f"'{kind}'" for kind in NOT_HEARINGS)
    yield from _of(
        subject,
        "out_docket__hearing",
        "select count(IDNCASE) from core_eoir__schedule where REC_TYPE = 'X' "
        f"and (SCHEDULE_TYPE is null or SCHEDULE_TYPE not in ({kinds}))",
        "select count(*) from out_docket__hearing",
        "every booked hearing of a case has one row",
    )


def families(subject: Subject) -> Iterator[Found]:
    """Hold the people of out_docket__family against the cases."""
    yield from _of(
        subject,
        "out_docket__family",
        "select count(*) from out_docket__case",
        "select sum(case_count)::bigint from out_docket__family",
        "every case is in one family, if only its own",
    )


CHECKS = (
    Check(
        "a row for each case",
        GROUP,
        "Has every case of the agency's tables its row among ours?",
        "Equal.",
        SOURCE,
        cases,
    ),
    Check(
        "a row for each proceeding",
        GROUP,
        "Has every proceeding of a case its row among ours?",
        "Equal.",
        SOURCE,
        proceedings,
    ),
    Check(
        "a row for each hearing",
        GROUP,
        "Has every hearing of a case its row among ours?",
        "Equal.",
        SOURCE,
        hearings,
    ),
    Check(
        "families hold everybody",
        GROUP,
        "Do families together hold every case once?",
        "Equal.",
        SOURCE,
        families,
    ),
)

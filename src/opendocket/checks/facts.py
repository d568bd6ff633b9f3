"""Do facts that are known of the courts hold in the docket?"""

from collections.abc import Iterator
from datetime import date
from math import ceil

from opendocket.checks.check import (
    Check,
    Found,
    Verdict,
    chance,
    counted,
    graded,
    part_of,
    percent,
)
from opendocket.checks.histories import YEARS, histories
from opendocket.checks.subject import AT_A_TIME, LEAD, NATIONAL_CASES, NATIONAL_DATE, Subject
from opendocket.columns import TABLES
from opendocket.columns.links import Link, links

GROUP = "facts"
JULY = "public builders' logs of the release of July 2026"
PER_CASE = 1.32
WITHOUT, PENDING = 0.0106, 0.26
ABSENT = {2012: 0.24, 2019: 0.46}
MONTHLY = 0.004
"""Growth of A_TblCase, a month."""
TAGGED = ((date(2021, 12, 31), 72_000), (date(2022, 9, 30), 110_000))
SHARES = (
    ("A_TblCase", "CASE_TYPE", "RMV", 10_883_997 / 12_631_225),
    ("A_TblCase", "CUSTODY", "N", 8_197_201 / (8_197_201 + 2_954_594 + 1_348_821)),
    ("A_TblCase", "CASEPRIORITY_CODE", "N/A", 0.97),
)


def size(subject: Subject) -> Iterator[Found]:
    """Hold the number of cases against July 2026 and the growth since."""
    found = subject.rows(TABLES["A_TblCase"])
    months = (subject.released - NATIONAL_DATE).days / 30.44
    expected = NATIONAL_CASES * (1 + MONTHLY) ** months
    said = f"about {counted(round(expected, -4))}"
    if not subject.is_national:
        why = f"not of national size: {percent(subject.size)} of the cases of July 2026"
        yield Found("A_TblCase", said, counted(found), "cannot say", why)
        return
    near = 0.02 + 0.005 * abs(months)
    verdict: Verdict = graded(found / expected - 1, near, max(0.2, 2 * near))
    note = (
        "" if verdict == "ok" else f"{found / expected - 1:+.1%} from what growth makes likely"
    )
    yield Found("A_TblCase", said, counted(found), verdict, note)


def proceedings(subject: Subject) -> Iterator[Found]:
    """Hold the number of proceedings per case against the one known."""
    seen = histories(subject)
    if not seen.cases:
        yield Found("B_TblProceeding", f"{PER_CASE} a case", "no case", "wrong", "it is empty")
        return
    found = seen.proceedings / seen.cases
    verdict = graded(found - PER_CASE, 0.05 + chance(0.3, seen.cases), 0.15)
    note = "" if verdict == "ok" else "moves between courts, or whole stretches, are missing"
    yield Found("B_TblProceeding", f"about {PER_CASE} a case", f"{found:.3f}", verdict, note)


def without(subject: Subject) -> Iterator[Found]:
    """Hold the share of cases without any proceeding against the one known."""
    cases = TABLES["A_TblCase"]
    rows, off, all_cases = subject.rows(cases), 0.0, 0.0
    parts = max(1, ceil(rows / AT_A_TIME))
    for part in range(parts):
        here = f"IDNCASE is not null and hash(IDNCASE) % {parts} = {part}"
        some = f"(select IDNCASE from {cases.core} where {here} and {subject.ordinary()})"
        all_cases += subject.number(f"select count(*) from {some}")
        off += subject.number(
            f"select count(*) from {some} as c anti join (select IDNCASE from "
            f"core_eoir__proceeding where {here}) as p using (IDNCASE)"
        )
        subject.count(LEAD * rows / parts)
    yield _share(
        "A_TblCase: cases without a proceeding", WITHOUT, off, all_cases, near=0.01, far=0.05
    )


def pending(subject: Subject) -> Iterator[Found]:
    """Hold the share of cases that are not completed against the one known."""
    seen = histories(subject)
    near, far = (0.04, 0.2) if subject.is_of_our_time else (0.2, 0.25)
    yield _share(
        "B_TblProceeding: cases not completed", PENDING, seen.pending, seen.cases,
        near=near, far=far,
    )  # fmt: skip


def _share(
    what: str, known: float, part: float, whole: float, *, near: float, far: float
) -> Found:
    if not whole:
        return Found(
            what, f"about {percent(known)}", "no rows", "cannot say", "nothing to count"
        )
    by_chance = chance(known, whole)
    verdict = graded(part / whole - known, near + by_chance, far + by_chance)
    note = "" if verdict == "ok" else "rows or values are missing, or their meaning has changed"
    return Found(what, f"about {percent(known)}", part_of(part, whole), verdict, note)


def _values(subject: Subject, table: str, column: str) -> dict[tuple[object, ...], int]:
    link: Link = next(x for x in links() if (x.table, x.column) == (table, column))
    if not subject.has(TABLES[table].core):
        return {}
    return {value: n for n, value, _ in subject.values(link)}


def common(subject: Subject) -> Iterator[Found]:
    """Hold the share of rows with the commonest code against the one known."""
    for table, column, code, known in SHARES:
        found = _values(subject, table, column)
        if column == "CASEPRIORITY_CODE":
            whole = float(subject.rows(TABLES[table]))  # destroyed ones are empty
        else:
            whole = float(sum(found.values()))
        yield _share(
            f"{table}.{column}: {code}", known, found.get((code,), 0), whole, near=0.1, far=0.25
        )


def largest(subject: Subject) -> Iterator[Found]:
    """Look which decision on removal cases, and which juvenile code, is the commonest."""
    decisions = _values(subject, "B_TblProceeding", "DEC_CODE")
    removal = {letter: n for (letter, kind), n in decisions.items() if kind == "RMV"}
    yield _largest("B_TblProceeding.DEC_CODE of RMV", "X", "X, removal", removal)
    juvenile = _values(subject, "tbl_JuvenileHistory", "idnJuvenile")
    flags = {code: n for (code,), n in juvenile.items()}
    yield _largest("tbl_JuvenileHistory.idnJuvenile", 5, "5, not applicable", flags)


def _largest(what: str, code: object, said: str, found: dict[object, int]) -> Found:
    if not found:
        return Found(what, said, "no value", "cannot say", "nothing to count")
    most = max(found, key=lambda each: found[each])
    verdict: Verdict = "ok" if most == code else "wrong"
    note = "" if most == code else "codes were lost, or are read under another meaning"
    share = percent(found[most] / sum(found.values()))
    return Found(what, said, f"{most} ({share})", verdict, note)


def tagged(subject: Subject) -> Iterator[Found]:
    """Hold the number of people with the Dedicated Docket's tag against what TRAC counted."""
    query = """
        select count(*) from (
            select min(p.OSC_DATE) as nta_date
            from core_eoir__proceeding as p
            where p.IDNCASE in (
                select IDNCASE from core_eoir__case_identifier where CASE_ID = 'DD'
            )
            group by p.IDNCASE
        ) where nta_date <= ?
    """
    for day, known in TAGGED:
        what, said = f"A_TblCaseIdentifier: DD, noticed to {day}", f"about {counted(known)}"
        if not subject.is_national or subject.as_of < day:
            why = "the release ends before" if subject.is_national else "not of national size"
            yield Found(what, said, "not counted", "cannot say", why)
            continue
        found = subject.number(query, [day])
        verdict: Verdict = "ok" if 0.9 * known <= found <= 1.6 * known else "look"
        if found < 0.5 * known:
            verdict = "wrong"
        note = "" if verdict == "ok" else "tags can be removed: compare with an older release"
        yield Found(what, said, counted(found), verdict, note)


def absent(subject: Subject) -> Iterator[Found]:
    """Hold the share in absentia of two fiscal years against the published ones."""
    seen = histories(subject)
    for year in YEARS:
        what = f"B_TblProceeding: in absentia, FY{year}"
        if seen.decided[year] < 400:
            why = "fewer than 400 first decisions of people not detained in that year"
            yield Found(what, f"about {percent(ABSENT[year])}", "too few", "cannot say", why)
            continue
        yield _share(
            what, ABSENT[year], seen.absent[year], seen.decided[year], near=0.06, far=0.2
        )


CHECKS = (
    Check(
        "cases of the nation",
        GROUP,
        "Are there as many cases as July 2026 and growth since make likely?",
        "12,662,705 in July 2026, 0.4 % more a month; off by 2 %, and 0.5 % a month: a look; "
        "by 20 %: wrong. Of a release below half of that size nothing is said.",
        "row counts of nine releases, 2025 to 2026",
        size,
    ),
    Check(
        "proceedings a case",
        GROUP,
        "Has a case about as many proceedings as it had?",
        "1.32, within 0.05. Beyond 0.15: wrong.",
        JULY,
        proceedings,
    ),
    Check(
        "cases without a proceeding",
        GROUP,
        "Have about as few cases no proceeding as before?",
        "1.1 %, within 1 point. Beyond 5: wrong.",
        "134,672 of 12,662,705 cases in the release of July 2026",
        without,
    ),
    Check(
        "cases not completed",
        GROUP,
        "Are about as many cases not completed as before?",
        "26 %, within 4 points, or 20 in a release of other years. Beyond 20, or 25: wrong.",
        "about 3.24 million cases in the release of July 2026",
        pending,
    ),
    Check(
        "commonest codes",
        GROUP,
        "Are removal cases, people not detained and cases without priority as common as "
        "before?",
        "Within 10 points. Beyond 25: wrong.",
        JULY,
        common,
    ),
    Check(
        "largest code",
        GROUP,
        "Is removal the commonest decision on removal cases, and 5 the commonest juvenile "
        "code?",
        "Yes; any other is wrong. A join without the kind of decision calls X zero bond.",
        JULY,
        largest,
    ),
    Check(
        "people with the tag DD",
        GROUP,
        "Do as many people bear the Dedicated Docket's tag as were counted at the time?",
        "72,000 with a notice to December 2021, about 110,000 by autumn 2022; 10 % fewer or "
        "60 % more: a look; less than half: wrong. Only of a release of national size.",
        "TRAC, 2022",
        tagged,
    ),
    Check(
        "orders in absentia",
        GROUP,
        "Is the share in absentia what was published for two fiscal years?",
        "24 % in 2012 and 46 % in 2019, of first decisions of people not detained, within 6 "
        "points. Beyond 20: wrong. Below 400 decisions nothing is said.",
        "EOIR's statistics, in a report of the Congressional Research Service",
        absent,
    ),
)

"""Was anything lost in one of the ways in which these files are usually lost?"""

from collections.abc import Iterator
from dataclasses import dataclass

from opendocket.checks.check import Check, Found, Verdict, chance, counted, percent
from opendocket.checks.subject import Subject
from opendocket.columns import TABLES, code_list
from opendocket.quoting import quoted

GROUP = "losses"
JULY = "row counts of the release of July 2026"

PARENTS = {"tblAppealFedCourts": "tblAppeal", "tblThreeMbrReferrals": "tblAppeal"}
"""Tables whose rows belong to another than A_TblCase."""
NATIONAL_ONLY = frozenset({"tbl_EOIR_Attorney", "tblProBono"})
"""Tables whose rows do not follow the number of cases in a small release."""

SHORT, LOST, MORE = 0.9, 0.85, 1.15
"""Rows a case, as a part of July 2026: worth a look below and above; wrong below."""

ZEROS = (
    ("A_TblCase", "ALIEN_ZIPCODE", "{0} like '0%'", 0.07, "New England and New Jersey"),
    ("A_TblCase", "LATEST_TIME", "length({0}) = 4", 0.98, "times such as 0900"),
)
"""Text that begins with a zero: column, condition, share at the least, and what it is."""
FREE_TEXT = (
    ("A_TblCase", "ALIEN_CITY"),
    ("A_TblCase", "UPDATED_CITY"),
    ("D_TblAssociatedBond", "BASE_CITY_NAME"),
)


@dataclass(frozen=True, slots=True)
class _Part:
    rows: float
    parents: float


def rows_a_case(subject: Subject) -> Iterator[Found]:
    """Hold each table's rows per case against July 2026."""
    for name, table in TABLES.items():
        parent = TABLES[PARENTS.get(name, "A_TblCase")]
        if table.is_lookup or name == parent.file_name or not subject.has(table.core):
            continue
        expected = (table.rows_2026_07 or 0) / (parent.rows_2026_07 or 1)
        what, said = f"{name}: rows a row of {parent.file_name}", f"about {expected:.3g}"
        if name in NATIONAL_ONLY and not subject.is_national:
            yield Found(what, said, "not counted", "cannot say", "not of national size")
            continue
        yield _rows(subject, what, said, expected, _part(subject, name, parent.file_name))


def _part(subject: Subject, name: str, parent: str) -> _Part:
    """Count a table's rows and its parent's, without the Dedicated Docket if it is large."""
    counts = []
    for each in (name, parent):
        table = TABLES[each]
        case = next(
            (c for c in subject.columns(table) if c.lower() in ("idncase", "idnridercase")),
            None,
        )
        if subject.is_national or case is None or parent != "A_TblCase":
            counts.append(float(subject.rows(table)))
            continue
        condition = subject.ordinary(f"t.{quoted(case)}")
        counts.append(
            subject.number(f"select count(*) from {table.core} as t where {condition}")
        )
        subject.count(subject.rows(table) / 2)
    return _Part(*counts)


def _rows(subject: Subject, what: str, said: str, expected: float, part: _Part) -> Found:
    if not part.parents:
        return Found(what, said, "no rows", "cannot say", "nothing to count")
    found = part.rows / part.parents
    share, by_chance = found / expected, min(0.5, chance(0.5, expected * part.parents) * 3)
    verdict: Verdict = "ok" if SHORT - by_chance <= share <= MORE + by_chance else "look"
    if share < LOST - by_chance:
        verdict = "wrong" if subject.is_of_our_time else "look"
    note = ""
    if verdict != "ok":
        word = "fewer" if share < 1 else "more"
        note = f"{percent(abs(1 - share))} {word} than in July 2026"
        note += ": a reader that swallows rows loses 22 to 27 %" if share < 1 else ""
    return Found(what, said, f"{found:.3g}", verdict, note)


def not_a_number(subject: Subject) -> Iterator[Found]:
    """Look for the code NA, which careless readers take for a missing value, in the lists."""
    for table in TABLES.values():
        if not table.code_list or not subject.has(table.core) or not subject.rows(table):
            continue
        for code in ("NA", "N/A"):
            if code not in code_list(table.code_list).codes:
                continue
            found = subject.number(
                f"select count(*) from {table.core} where {quoted(table.code_column)} = ?",
                [code],
            )
            verdict: Verdict = "ok" if found else "wrong"
            note = "" if found else "read as missing, it turns its rows into unknown ones"
            what = f"{table.file_name}.{table.code_column}"
            is_in = "in the list" if found else "not in the list"
            yield Found(what, f"{code} in the list", is_in, verdict, note)


def removals(subject: Subject) -> Iterator[Found]:
    """Count the removal orders that our own tables call something else."""
    rows = subject.all(
        """
        select outcome in ('removal', 'in absentia') as is_removal, count(*)
        from out_docket__proceeding
        where case_type_code = 'RMV' and decision_code = 'X' and completed_date is not null
        group by all
        """
    )
    counts = {bool(is_removal): int(str(n)) for is_removal, n in rows}
    total, off = sum(counts.values()), counts.get(False, 0)
    what = "out_docket__proceeding: RMV, X"
    if not total:
        yield Found(what, "removal orders", "none", "cannot say", "nothing to count")
        return
    verdict: Verdict = "wrong" if off else "ok"
    note = f"{counted(off)} are called otherwise: decoded without the full key" if off else ""
    yield Found(what, "100 % removal", percent(1 - off / total), verdict, note)


def zeros(subject: Subject) -> Iterator[Found]:
    """Look for the leading zeros that go where text is read as numbers."""
    for name, column, condition, least, meaning in ZEROS:
        table = TABLES[name]
        if column not in subject.columns(table) or not subject.has(table.core):
            continue
        query = f"select count(*) from {table.core} where {quoted(column)} is not null"
        rows = subject.number(query)
        found = subject.number(f"{query} and {condition.format(quoted(column))}")
        if not rows:
            yield Found(f"{name}.{column}", meaning, "no value", "cannot say", "it is empty")
            continue
        share, most = found / rows, least + chance(least, rows)
        verdict: Verdict = "ok" if share >= least / 2 else "look"
        if share < least / 10:
            verdict = "wrong"
        note = "" if verdict == "ok" else "leading zeros are gone: text was read as numbers"
        expected = f"about {percent(min(most, least))}"
        yield Found(f"{name}.{column}: {meaning}", expected, percent(share), verdict, note)


def swallowed(subject: Subject) -> Iterator[Found]:
    """Look for tabs and line ends in free text, where a reader swallowed other rows."""
    for name, column in FREE_TEXT:
        table = TABLES[name]
        if column not in subject.columns(table):
            continue
        found = subject.number(
            f"select count(*) from {table.core} "
            f"where regexp_matches({quoted(column)}, '[\\t\\r\\n]')"
        )
        subject.count(subject.rows(table) / 4)
        verdict: Verdict = "wrong" if found else "ok"
        note = (
            "quotes are data in these files; read as quotes they swallow rows" if found else ""
        )
        yield Found(f"{name}.{column}", "no tab or line end", counted(found), verdict, note)


CHECKS = (
    Check(
        "rows a case",
        GROUP,
        "Has each table as many rows for a case as it had?",
        "As in July 2026, from 90 to 115 %, and what chance allows. Below 85 %: wrong, or a "
        "look in a release of other years. In a small release without the tag DD.",
        JULY,
        rows_a_case,
    ),
    Check(
        "NA is a code",
        GROUP,
        "Are the codes NA and N/A still in the lists that have them?",
        "In each; missing is wrong.",
        "the lookup tables of August 2025; a public notebook lost 1.88 million rows so",
        not_a_number,
    ),
    Check(
        "removal is removal",
        GROUP,
        "Does every removal order count as one in the docket's own tables?",
        "100 %; any other is wrong.",
        "4,314,618 removal orders read as zero bond on a public site",
        removals,
    ),
    Check(
        "leading zeros",
        GROUP,
        "Have ZIP codes and times kept their zeros?",
        "7 % of ZIP codes begin with one, 98 % of times have four digits. Less than half: a "
        "look; less than a tenth: wrong.",
        "ZIP codes of New England, New Jersey and Puerto Rico; our own bound",
        zeros,
    ),
    Check(
        "rows swallowed",
        GROUP,
        "Is free text free of tabs and line ends?",
        "None; any is wrong.",
        "public builders that read quotes lost 22 to 27 % of two tables",
        swallowed,
    ),
)

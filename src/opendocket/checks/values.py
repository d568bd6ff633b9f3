"""Are the columns as full as they were, and their text trimmed?"""

from collections.abc import Iterator

from opendocket.checks.check import Check, Found, Verdict, chance, percent
from opendocket.checks.subject import Profile, Subject
from opendocket.columns import TABLES, Column, Table
from opendocket.columns.links import links

GROUP = "values"

FILLED_IN_FACT = {("A_TblCase", "C_BIRTHDATE"): 0.46}
"""Shares empty where the list's comes from reading months as days."""

NEAR, NEAR_ELSEWHERE = 0.10, 0.25
"""How far a share empty may be off: of a real release of national size, and of others."""

FAR = 0.5
FULL, NOT_FULL = 0.005, 0.2
"""A column that was never empty, and how empty it may become before something is wrong."""
FEW = 50
"""Rows too few to tell a share by."""


def empty(subject: Subject) -> Iterator[Found]:
    """Hold each column's share of empty values against July 2026."""
    missing = _missing(subject)
    for table in TABLES.values():
        if table.is_lookup or not subject.has(table.core):
            continue
        profile = subject.profile(table)
        for column in table.columns:
            if column.name in profile.filled:
                is_missing = (table.file_name, column.name) in missing
                yield _column(subject, table, column, profile, is_missing)


def _missing(subject: Subject) -> set[tuple[str, str]]:
    if not subject.has("out_load__column"):
        return set()
    rows = subject.all(
        "select table_name, column_name from out_load__column where state = 'missing'"
    )
    return {(str(table), str(column)) for table, column in rows}


def _column(
    subject: Subject, table: Table, column: Column, profile: Profile, is_missing: bool
) -> Found:
    what = f"{table.file_name}.{column.name}"
    known = FILLED_IN_FACT.get((table.file_name, column.name), column.null_share)
    expected = f"{percent(known)} empty"
    if profile.rows < FEW or is_missing:
        why = "the release has no such column" if is_missing else f"fewer than {FEW} rows"
        return Found(what, expected, "not told", "cannot say", why)
    share = 1 - profile.filled[column.name] / profile.rows
    verdict = _fullness(subject, known, share, profile.rows)
    note = ""
    if verdict != "ok":
        note = "values were lost" if share > known else "values were added, or empties filled"
    return Found(what, expected, percent(share), verdict, note)


def _fullness(subject: Subject, known: float, share: float, rows: int) -> Verdict:
    by_chance = chance(known, rows)
    near = NEAR if subject.is_national and not subject.is_synthetic else NEAR_ELSEWHERE
    is_gone = share == 1 and (1 - known) > 0.05 + by_chance
    is_no_longer_full = known <= FULL and share > NOT_FULL + by_chance
    if is_gone or is_no_longer_full or abs(share - known) > FAR + by_chance:
        return "wrong"
    return "ok" if abs(share - known) <= near + by_chance else "look"


def untrimmed(subject: Subject) -> Iterator[Found]:
    """Look for blanks around codes, and for codes that are nothing but blanks or NUL."""
    for link in links():
        table = TABLES[link.table]
        if link.kind != "code" or table.is_lookup or not subject.has(table.core):
            continue
        if subject.columns(table).get(link.column) != "VARCHAR" or not subject.rows(table):
            continue
        values = [(n, value[0]) for n, value, _ in subject.values(link)]
        off = sum(n for n, v in values if isinstance(v, str) and v.strip(" \0\t\r\n") != v)
        rows = sum(n for n, _ in values)
        verdict: Verdict = "wrong" if off else "ok"
        note = "padded codes join to nothing: a quarter of CHARGE in the file is" if off else ""
        found = percent(off / rows) if rows else "no value"
        yield Found(f"{link.table}.{link.column}", "none padded", found, verdict, note)


CHECKS = (
    Check(
        "share empty",
        GROUP,
        "Is each column about as often empty as in July 2026?",
        "Within 10 points; within 25 in a made-up or small release; and what chance allows. "
        "Off by more than 50 points, all empty though 5 % were filled, or a fifth empty "
        "though it never was: wrong.",
        "a public dictionary of the release of July 2026",
        empty,
    ),
    Check(
        "codes trimmed",
        GROUP,
        "Are the codes free of the blanks and NUL bytes that the file pads them with?",
        "No code begins or ends with one; any is wrong.",
        "public builders' logs: CHARGE joins 77 % with its blanks, 100 % without",
        untrimmed,
    ),
)

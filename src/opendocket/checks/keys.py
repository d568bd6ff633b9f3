"""Does every row have its number, and no two the same?"""

from collections.abc import Iterator

from opendocket.checks.check import Check, Found, Verdict, counted
from opendocket.checks.subject import Subject
from opendocket.columns import TABLES

GROUP = "keys"
LOGS = "public builders' logs of the releases of 2025 and 2026"


def missing(subject: Subject) -> Iterator[Found]:
    """Count the rows without a number."""
    for table in TABLES.values():
        if table.key is None or not subject.has(table.core):
            continue
        profile = subject.profile(table)
        found = profile.rows - profile.filled.get(table.key, 0)
        most = 5 + 0.00002 * profile.rows
        verdict: Verdict = "ok" if found <= most else "look"
        if found > 0.01 * profile.rows + 5:
            verdict = "wrong"
        note = "" if verdict == "ok" else "these rows cannot be found again in another release"
        what = f"{table.file_name}.{table.key}"
        yield Found(what, f"at most {counted(most)} empty", counted(found), verdict, note)


def repeated(subject: Subject) -> Iterator[Found]:
    """Count the rows whose number another row has as well."""
    for table in TABLES.values():
        if table.key is None or not subject.has(table.core):
            continue
        found = subject.repeated(table, table.key)
        verdict: Verdict = "wrong" if found else "ok"
        note = "every join by this number doubles rows: load the release again" if found else ""
        what = f"{table.file_name}.{table.key}"
        yield Found(what, "none twice", f"{counted(found)} twice", verdict, note)


CHECKS = (
    Check(
        "rows without a number",
        GROUP,
        "Has every row its number?",
        "All but 5 rows and 20 in a million: some hearings have none. Beyond 1 %: wrong.",
        LOGS,
        missing,
    ),
    Check(
        "numbers twice",
        GROUP,
        "Has every row a number of its own?",
        "No number twice; any is wrong.",
        LOGS,
        repeated,
    ),
)

"""Are the columns, their types and the code lists those we know?"""

from collections.abc import Iterator

from opendocket.checks.check import Check, Found, Verdict, counted
from opendocket.checks.subject import NATIONAL_DATE, Subject
from opendocket.columns import TABLES, Table, code_list
from opendocket.quoting import quoted

GROUP = "layout"
DECISIONS = "tblLookupCourtDecision"
DECISION_ROWS = {"C": 95, "O": 122}
GROWTH = 0.2
"""Code lists were a fifth longer at the most after a year."""
ADDED = frozenset({"surplus"})
"""Columns that are the docket's own."""
JULY = "a public dictionary of the release of July 2026"


def columns(subject: Subject) -> Iterator[Found]:
    """Hold each table's columns against the catalogue."""
    for table in TABLES.values():
        if not subject.has(table.core):
            continue
        news = _told(subject, table) or _seen(subject, table)
        found = "; ".join(news) or f"{len(table.columns)} known"
        verdict: Verdict = "look" if news else "ok"
        note = "see docs/data/tables.md for the columns we know" if news else ""
        yield Found(table.file_name, f"{len(table.columns)} known", found, verdict, note)


def _told(subject: Subject, table: Table) -> list[str]:
    """Say what the load wrote down of columns that were not as expected."""
    if not subject.has("out_load__column"):
        return []
    rows = subject.all(
        "select column_name, state from out_load__column "
        "where table_name = ? and state in ('missing', 'new', 'renamed') order by position",
        [table.file_name],
    )
    return [
        f"{state}: {', '.join(str(name) for name, kind in rows if kind == state)}"
        for state in ("missing", "new", "renamed")
        if any(kind == state for _, kind in rows)
    ]


def _seen(subject: Subject, table: Table) -> list[str]:
    """Say how the docket's own columns differ from those we know."""
    here = {name.lower(): name for name in subject.columns(table)}
    ours = {c.name.lower(): c.name for c in table.columns}
    older = {c.name.lower() for c in table.older_columns}
    gone = [name for low, name in ours.items() if low not in here]
    new = [n for low, n in here.items() if low not in {*ours, *older, *ADDED}]
    return [
        f"{word}: {', '.join(names)}"
        for word, names in (("missing", gone), ("new", new))
        if names
    ]


def types(subject: Subject) -> Iterator[Found]:
    """Hold the types of each table's columns against the catalogue."""
    for table in TABLES.values():
        if not subject.has(table.core):
            continue
        here = {name.lower(): kind for name, kind in subject.columns(table).items()}
        other = [
            f"{c.name} {here[c.name.lower()].lower()}"
            for c in table.columns
            if here.get(c.name.lower(), c.duckdb_type).replace(" ", "")
            != c.duckdb_type.replace(" ", "")
        ]
        verdict: Verdict = "wrong" if other else "ok"
        note = "text would sort and compare otherwise than dates and numbers" if other else ""
        yield Found(
            table.file_name, "as in the list", ", ".join(other) or "as listed", verdict, note
        )


def lists(subject: Subject) -> Iterator[Found]:
    """Hold the length of each code list against July 2026."""
    for table in TABLES.values():
        if not table.is_lookup or not table.rows_2026_07 or not subject.has(table.core):
            continue
        found = subject.rows(table)
        verdict, note = _length(subject, found, table.rows_2026_07)
        yield Found(table.file_name, counted(table.rows_2026_07), counted(found), verdict, note)


def _length(subject: Subject, found: int, known: int) -> tuple[Verdict, str]:
    if found == known:
        return "ok", ""
    if not found:
        return "wrong", "the list is empty: no code of it can be read"
    if subject.is_synthetic:
        return "cannot say", "a made-up release has the lists that were public in 2025"
    months = (subject.released - NATIONAL_DATE).days
    is_due = (found - known) * months > 0 and abs(found / known - 1) <= GROWTH
    if is_due:
        return "ok", "lists grow with time"
    return "look", f"off by {found - known:+,} from July 2026: codes were added or lost"


def decisions(subject: Subject) -> Iterator[Found]:
    """Hold the list of decisions to its full key."""
    table = TABLES[DECISIONS]
    rows = subject.all(
        "select strDecType, count(*), count(distinct (strCaseType, strDecCode)) "
        f"from {table.core} group by all"
    )
    for kind, known in DECISION_ROWS.items():
        n, keys = next(((int(str(n)), int(str(k))) for t, n, k in rows if t == kind), (0, 0))
        verdict, note = _decisions(n, keys, known)
        yield Found(f"{DECISIONS}, kind {kind}", f"{known} rows", f"{n} rows", verdict, note)


def _decisions(rows: int, keys: int, known: int) -> tuple[Verdict, str]:
    if keys < rows:
        return "wrong", f"{rows - keys} keys stand twice: a letter would mean two things"
    if rows < (1 - GROWTH) * known:
        return "wrong", "letters of some kinds of case cannot be read; the list was cut short"
    if rows != known:
        return "look", "new or lost decisions: see which before counting outcomes"
    return "ok", ""


def codes(subject: Subject) -> Iterator[Found]:
    """Look for the codes we know in the release's own lists."""
    for table in TABLES.values():
        if not table.code_list or not subject.has(table.core) or not subject.rows(table):
            continue
        here = {
            str(code)
            for (code,) in subject.all(f"select {quoted(table.code_column)} from {table.core}")
        }
        ours = set(code_list(table.code_list).codes) - {""}
        lost = sorted(ours - here)
        share = len(lost) / len(ours)
        verdict: Verdict = "ok" if share <= 0.02 else "look" if share <= GROWTH else "wrong"
        note = f"not there: {_few(lost)}" if verdict != "ok" else ""
        yield Found(
            f"{table.file_name}.{table.code_column}",
            f"{len(ours)} codes known",
            f"{len(ours) - len(lost)} of them",
            verdict,
            note,
        )


def _few(names: list[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


CHECKS = (
    Check(
        "columns",
        GROUP,
        "Are the columns of each table those we know?",
        "None new, missing or renamed. Any: a look.",
        JULY,
        columns,
    ),
    Check(
        "types",
        GROUP,
        "Do the columns hold what their types say?",
        "The type in the list of columns; any other is wrong.",
        JULY,
        types,
    ),
    Check(
        "length of lists",
        GROUP,
        "Are the code lists as long as they were in July 2026?",
        "Equal, or up to a fifth longer in a later release and shorter in an earlier one. "
        "Other: a look. Empty: wrong.",
        "row counts of the release of July 2026",
        lists,
    ),
    Check(
        "list of decisions",
        GROUP,
        "Has the list of decisions one row for each kind of case, letter and kind of decision?",
        "95 rows of kind C and 122 of kind O, none twice. Twice, or a fifth short: wrong.",
        "public builders' logs of the release of July 2026",
        decisions,
    ),
    Check(
        "known codes",
        GROUP,
        "Are the codes we know still in the release's own lists?",
        "All but 2 %. More gone: a look; more than a fifth: wrong.",
        "the lookup tables of August 2025",
        codes,
    ),
)

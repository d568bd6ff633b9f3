"""Does what a column names exist, in the other table or in the code list?"""

from collections.abc import Iterator

from opendocket.checks.check import Check, Found, Verdict, chance, part_of, percent
from opendocket.checks.subject import Subject, known
from opendocket.columns.links import Link, links

GROUP = "links"
UNCOUNTED = 0.001
"""Expected to lead nowhere where nobody counted: as many as the worst link that was counted."""
UNLISTED = 0.02
"""Expected in no list where nobody counted."""
GUESSED = "our reading"
"""How the source of a link begins that nobody has confirmed."""
MADE_UP = frozenset({("tbl_RepsAssigned", "PARENT_IDN", "tblAppeal")})
"""Links that a made-up release does not draw."""
SOURCE = (
    "unmatched values in public builders' logs of February and July 2026, link by link in "
    "docs/data/tables.md; where nobody counted, our own bound"
)


def numbers(subject: Subject) -> Iterator[Found]:
    """Count the numbers that name no row of the other table."""
    for link in links():
        if link.kind != "key" or not _is_there(subject, link):
            continue
        linked, nowhere = subject.leads(link)
        bound = link.expected_unmatched_share
        yield _judged(subject, link, linked, nowhere, UNCOUNTED if bound is None else bound)


def listed(subject: Subject) -> Iterator[Found]:
    """Count the codes that are in no list."""
    for link in links():
        if link.kind != "code" or not _is_there(subject, link):
            continue
        values = subject.values(link)
        rows = sum(n for n, _, _ in values)
        unlisted = sum(n for n, _, is_in in values if not is_in)
        if not subject.rows(known(link.parent)):
            why = "the list is empty"
            yield Found(_name(link), "in the list", "no list", "cannot say", why)
            continue
        bound = link.expected_unmatched_share
        worst = ", ".join(
            "/".join(str(part) for part in value)
            for n, value, is_in in sorted(values, key=lambda v: (-v[0], str(v[1])))
            if not is_in
        )
        found = _judged(subject, link, rows, unlisted, UNLISTED if bound is None else bound)
        yield _with_codes(found, worst)


def _with_codes(found: Found, worst: str) -> Found:
    if found.verdict == "ok" or not worst:
        return found
    some = worst if len(worst) <= 60 else f"{worst[:60].rpartition(',')[0]}, ..."
    note = f"{found.note}; not listed: {some}" if found.note else f"not listed: {some}"
    return Found(found.what, found.expected, found.found, found.verdict, note)


def _is_there(subject: Subject, link: Link) -> bool:
    tables = (known(link.table), known(link.parent))
    if not all(subject.has(table.core) for table in tables):
        return False
    child, parent = (subject.columns(table) for table in tables)
    return (
        {link.column, *(ours for ours, _ in link.also)} <= child.keys()
        and {link.parent_column, *(theirs for _, theirs in link.also)} <= parent.keys()
        and bool(subject.rows(tables[0]))
    )


def _judged(subject: Subject, link: Link, rows: int, off: int, bound: float) -> Found:
    if not rows:
        return Found(_name(link), "some", "no value", "cannot say", "the column is empty")
    share = off / rows
    near = 3 * bound + chance(bound, rows) + 2 / rows
    is_counted = link.kind == "key" or link.expected_unmatched_share is not None
    far = max(10 * near, 0.05 if is_counted else 0.25)
    verdict: Verdict = "ok" if share <= near else "look" if share <= far else "wrong"
    note = "" if verdict == "ok" else _note(subject, link)
    if verdict != "ok" and _is_unsure(subject, link):
        verdict = "cannot say"
    expected = f"at most {percent(near)} in none" if near < 1 else "some in it"
    return Found(_name(link), expected, part_of(off, rows), verdict, note)


def _is_unsure(subject: Subject, link: Link) -> bool:
    is_undrawn = (link.table, link.column, link.parent) in MADE_UP
    return link.source.startswith(GUESSED) or (subject.is_synthetic and is_undrawn)


def _note(subject: Subject, link: Link) -> str:
    if link.source.startswith(GUESSED):
        return "that the column is linked so is our reading of its name"
    if _is_unsure(subject, link):
        return "a made-up release does not draw this link"
    if link.kind == "key":
        return f"rows of {link.parent} are missing, or the numbers here are not its own"
    if subject.released.year < 2025:
        return "an older release may use codes that its list no longer has"
    return "codes are new, cut, padded, or of another column"


def _name(link: Link) -> str:
    return f"{link.table}.{link.column} > {link.parent}"


CHECKS = (
    Check(
        "numbers that lead somewhere",
        GROUP,
        "Does each number of another table's row name a row that is there?",
        "Up to three times the known share in none, or 0.3 % where nobody counted, and what "
        "chance allows. Beyond ten times that, and beyond 5 %: wrong.",
        SOURCE,
        numbers,
    ),
    Check(
        "codes in a list",
        GROUP,
        "Is each code in the release's own list, under its full key?",
        "Up to three times the known share in none, or 6 % where nobody counted, and what "
        "chance allows. Beyond ten times that, and beyond 5 % or, where nobody counted, 25 %: "
        "wrong. Where the link is our reading of a name, nothing is said.",
        SOURCE,
        listed,
    ),
)

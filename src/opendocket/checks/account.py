"""Does the account hold? Every row is counted again, in the tables themselves."""

from collections.abc import Iterator

from opendocket.checks.check import Check, Found, Verdict, counted, graded, percent
from opendocket.checks.subject import Accounted, Subject
from opendocket.columns import TABLES, Table

GROUP = "account"

TOO_WIDE = {
    "A_TblCase": 100,
    "B_TblProceeding": 71,
    "D_TblAssociatedBond": 7,
    "tbl_Court_Appln": 15,
    "B_TblProceedCharges": 1,
}
"""Rows with more fields than columns, in the releases of spring and summer 2026."""

SPLIT = {"B_TblProceeding": 46, "D_TblAssociatedBond": 14, "tbl_Court_Appln": 14}
"""Pieces of records that a line end splits."""

EMPTIED = "reason not like 'a time %'"
"""Of a cell set aside: a time cut off a day empties nothing, and is in no sum."""

TOLD = {
    "aside_eoir__cell": ("emptied_count", "out_load__column", EMPTIED),
    "aside_eoir__impossible_date": ("impossible_count", "out_load__column", "true"),
    "aside_eoir__repair": ("repaired_count", "out_load__account", "true"),
}
"""Tables of what was emptied, flagged and mended, where the load wrote down how many, and which
rows are among them."""

ANY_OTHER = 150
"""More in another table mean that it was read in a wrong way."""

SURPLUS_SHARE = 0.007
"""Rows of tbl_Court_Motions with fields beyond the last column: 60,000 of 8.57 million."""

RECODED_SHARE = 0.001
"""Rows with bytes that are no UTF-8 were seen in free text alone, and few of them."""

LOGS = "public builders' logs of the releases of March to September 2026"


def _aside(subject: Subject, table: Table) -> int:
    return subject.by_table(
        "select table_name, count(*) from aside_eoir__row group by table_name"
    ).get(table.file_name, 0)


def _told(subject: Subject) -> Iterator[tuple[Table, Accounted]]:
    account = subject.account()
    return ((t, account[t.file_name]) for t in TABLES.values() if t.file_name in account)


def announced(subject: Subject) -> Iterator[Found]:
    """Hold rows kept and set aside against Count.txt."""
    for table, said in _told(subject):
        found = subject.rows(table) + _aside(subject, table)
        if said.announced is None:
            why = "Count.txt does not name this table"
            yield Found(table.file_name, "not said", counted(found), "cannot say", why)
            continue
        is_same = found == said.announced
        verdict: Verdict = "ok" if is_same else "wrong"
        note = "" if is_same else f"off by {found - said.announced:+,}: load the release again"
        if not is_same and said.is_accepted and found == said.read:
            verdict, note = "look", f"off by {found - said.announced:+,}, accepted by hand"
        yield Found(table.file_name, counted(said.announced), counted(found), verdict, note)


def kept(subject: Subject) -> Iterator[Found]:
    """Hold the rows of each table against those the account says were kept."""
    account = subject.account()
    for table in TABLES.values():
        if table.file_name not in account or not subject.has(table.core):
            why = "the docket has no such table, or no account of it: load the release again"
            yield Found(table.file_name, "a table and its account", "none", "wrong", why)
            continue
        said, found = account[table.file_name].kept, subject.rows(table)
        yield _same(table.file_name, said, found, "rows were lost or added since the load")


def put_aside(subject: Subject) -> Iterator[Found]:
    """Hold the rows in aside_eoir__row against those the account says were set aside."""
    for table, said in _told(subject):
        found = _aside(subject, table)
        yield _same(table.file_name, said.set_aside, found, "rows set aside are not all there")


def asides(subject: Subject) -> Iterator[Found]:
    """Hold values emptied, dates flagged and rows mended against the sums of the load."""
    if not subject.has("out_load__column"):
        return
    for aside, (column, sums, condition) in TOLD.items():
        query = f"select table_name, sum({column})::bigint from {sums} group by table_name"
        expected = subject.by_table(query)
        found = subject.by_table(
            f"select table_name, count(*) from {aside} where {condition} group by table_name"
        )
        for name in sorted(expected.keys() | found.keys()):
            want, have = expected.get(name, 0), found.get(name, 0)
            if want or have:
                why = "what was told of is not all there"
                yield _same(f"{aside}, {name}", want, have, why)


def balanced(subject: Subject) -> Iterator[Found]:
    """Hold rows kept plus rows set aside, as the account says, against rows read."""
    for table, said in _told(subject):
        found = said.kept + said.set_aside
        yield _same(table.file_name, said.read, found, "the account itself does not balance")


def _same(what: str, expected: int, found: int, why: str) -> Found:
    if expected == found:
        return Found(what, counted(expected), counted(found), "ok")
    note = f"off by {found - expected:+,}: {why}"
    return Found(what, counted(expected), counted(found), "wrong", note)


def not_whole(subject: Subject) -> Iterator[Found]:
    """Hold rows that did not fit their columns against the numbers known."""
    for table, said in _told(subject):
        if table.is_ragged:
            continue
        found = _aside(subject, table) + _repaired(subject, table)
        name = table.file_name
        usual = TOO_WIDE.get(name, 0) + SPLIT.get(name, 0)
        expected = usual * subject.size
        most = 2 * expected + 5 * expected**0.5 + 10
        verdict = _dialect(name, found, said.read, most)
        note = ""
        if verdict == "look":
            note = "more than usual; see aside_eoir__row for what they are"
        if verdict == "wrong":
            note = "so many mean another delimiter, quoting or line end than was read"
        yield Found(name, f"at most {counted(most)}", counted(found), verdict, note)


def _dialect(name: str, found: int, read: int, most: float) -> Verdict:
    if found <= most:
        return "ok"
    limit = 0.01 if name in TOO_WIDE else 0.001
    return "wrong" if found > max(ANY_OTHER, limit * read) else "look"


def _repaired(subject: Subject, table: Table) -> int:
    """Count the records that were repaired, where the docket tells of each."""
    if not subject.has("aside_eoir__repair"):
        return 0
    return subject.by_table(
        "select table_name, count(distinct record) from aside_eoir__repair group by table_name"
    ).get(table.file_name, 0)


def ragged(subject: Subject) -> Iterator[Found]:
    """Hold the share of ragged rows against the one known."""
    for table in TABLES.values():
        if not table.is_ragged or not (rows := subject.rows(table)):
            continue
        query = f"select count(surplus) from {table.core}"
        found = subject.number(query) / rows if "surplus" in subject.columns(table) else 0.0
        verdict = graded(found - SURPLUS_SHARE, 2 * SURPLUS_SHARE, 10 * SURPLUS_SHARE)
        note = "" if verdict == "ok" else "the table's layout may have changed: see `surplus`"
        yield Found(
            table.file_name, f"about {percent(SURPLUS_SHARE)}", percent(found), verdict, note
        )


def recoded(subject: Subject) -> Iterator[Found]:
    """Hold rows whose bytes were no UTF-8 against the few known."""
    for table, said in _told(subject):
        if not said.read:
            continue
        found = _recoded(subject, table) / said.read
        verdict = graded(found, RECODED_SHARE, 0.2)
        note = "" if verdict == "ok" else "the release may be in another encoding than before"
        yield Found(
            table.file_name, f"at most {percent(RECODED_SHARE)}", percent(found), verdict, note
        )


def _recoded(subject: Subject, table: Table) -> float:
    """Count what was read as Windows-1252: cells where they are told, else rows."""
    if subject.has("out_load__column"):
        query = "select table_name, max(recoded_count) from out_load__column"
    else:
        query = (
            "select table_name, sum(row_count)::bigint from out_load__reason "
            "where what = 'mended' and reason like '%Windows-1252%'"
        )
    return subject.by_table(f"{query} group by table_name").get(table.file_name, 0)


def emptied(subject: Subject) -> Iterator[Found]:
    """Hold values that were not of their column's type against how many there may be."""
    rows = subject.all(
        "select table_name, column_name, count(*) from aside_eoir__cell "
        f"where {EMPTIED} group by all order by 1, 2"
    )
    there = {(str(t), str(c)): int(n) for t, c, n in rows if isinstance(n, int)}
    for table, said in _told(subject):
        worst = max(
            ((n, c) for (t, c), n in there.items() if t == table.file_name), default=(0, "")
        )
        share = worst[0] / said.read if said.read else 0.0
        verdict = graded(share, 0.0001 + 10 / max(said.read, 1), 0.05)
        note = "" if verdict == "ok" else f"most in {worst[1]}: see aside_eoir__cell"
        yield Found(
            table.file_name, "at most 0.01 % of a column", percent(share), verdict, note
        )


CHECKS = (
    Check(
        "rows as announced",
        GROUP,
        "Are the rows of each table, kept and set aside, those that Count.txt announces?",
        "Equal, table by table. Off and accepted by hand at the load: a look.",
        "the release's own Count.txt",
        announced,
    ),
    Check(
        "rows as kept",
        GROUP,
        "Does each table still hold the rows that the load kept?",
        "Equal, for all 97 tables.",
        "the docket's account, against a new count",
        kept,
    ),
    Check(
        "rows as set aside",
        GROUP,
        "Can every row that was set aside be read back?",
        "Equal, table by table.",
        "the docket's account, against a new count",
        put_aside,
    ),
    Check(
        "changes as told",
        GROUP,
        "Can every value that was emptied or flagged, and every row that was mended, be read "
        "back as it was?",
        "Equal, table by table.",
        "the sums of the load, against a new count",
        asides,
    ),
    Check(
        "account balances",
        GROUP,
        "Are rows kept and rows set aside together the rows read?",
        "Equal, table by table.",
        "the docket's account",
        balanced,
    ),
    Check(
        "rows not whole",
        GROUP,
        "Did about as many rows not fit their columns as in other releases?",
        "Up to twice the known number, brought to the release's size. More than 150, and more "
        "than 1 % of a table known for them or 0.1 % of another: wrong.",
        LOGS,
        not_whole,
    ),
    Check(
        "ragged rows",
        GROUP,
        "Do as many motions as before carry fields beyond the last column?",
        "About 0.7 %, up to 2.1 %. Beyond 7.7 %: wrong.",
        LOGS,
        ragged,
    ),
    Check(
        "bytes not UTF-8",
        GROUP,
        "Are the bytes that are no UTF-8 as few as before?",
        "In at most 0.1 % of a table's rows. Beyond 20 %: wrong.",
        LOGS,
        recoded,
    ),
    Check(
        "values emptied",
        GROUP,
        "Were few values not of their column's type?",
        "At most one in 10,000 of a column, and ten. Beyond 5 %: wrong.",
        "our own reading: types were read from the release of July 2026",
        emptied,
    ),
)

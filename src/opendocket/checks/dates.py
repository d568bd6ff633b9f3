"""Are dates that cannot be as rare as before, and do they come in order?"""

from collections.abc import Iterator
from dataclasses import dataclass

from opendocket.checks.check import Check, Found, Verdict, chance, graded, part_of, percent
from opendocket.checks.subject import DATED, Subject
from opendocket.columns import TABLES
from opendocket.quoting import quoted

GROUP = "dates"
LOGS = "public builders' logs of the releases of 2025 and 2026"

RARE, TOO_MANY = 0.001, 0.05
"""Share of a column's dates that may be impossible, and that something is wrong beyond."""

SENTINELS = {
    ("A_TblCase", "C_RELEASE_DATE"): 0.2,
    ("B_TblProceeding", "OSC_DATE"): 0.005,
}
"""Columns in which dates that cannot be are known to be common (2099-12-31), with a bound."""


@dataclass(frozen=True, slots=True)
class Order:
    """Two dates of one row, of which one should not be before the other."""

    table: str
    first: str
    then: str
    known: float | None
    """Share of rows in which they are the other way round; None where nobody counted."""


ORDERS = (
    Order("B_TblProceeding", "OSC_DATE", "COMP_DATE", 0.001),
    Order("B_TblProceeding", "OSC_DATE", "INPUT_DATE", None),
    Order("B_TblProceeding", "INPUT_DATE", "COMP_DATE", None),
    Order("D_TblAssociatedBond", "BOND_HEAR_REQ_DATE", "COMP_DATE", 0.00106),
    Order("tbl_CustodyHistory", "DATDETAINED", "DATRELEASED", 0.001),
    Order("A_TblCase", "DATE_DETAINED", "DATE_RELEASED", 0.001),
    Order("tbl_schedule", "OSC_DATE", "ADJ_DATE", None),
    Order("tbl_schedule", "INPUT_DATE", "ADJ_DATE", None),
    Order("tbl_Court_Motions", "MOTION_RECD_DATE", "COMP_DATE", None),
    Order("tblAppeal", "datAppealFiled", "datBIADecision", None),
    Order("tbl_Lead_Rider", "datCreatedOn", "datSeveredOn", None),
)
UNCOUNTED = 0.02
"""Expected out of order where nobody counted."""


def impossible(subject: Subject) -> Iterator[Found]:
    """Count dates before 1910, and those later than a column's dates may be."""
    for table in TABLES.values():
        if table.is_lookup or not subject.has(table.core):
            continue
        profile = subject.profile(table)
        for column, early in profile.early.items():
            filled, late = profile.filled[column], profile.late[column]
            if not filled:
                continue
            known = SENTINELS.get((table.file_name, column), RARE)
            share, by_chance = (early + late) / filled, chance(known, filled)
            verdict = graded(share, known + by_chance, max(TOO_MANY, 2 * known) + by_chance)
            note = ""
            if verdict != "ok":
                side = "before 1910" if early > late else "later than they may be"
                note = f"most of them {side}"
            expected = f"at most {percent(min(1.0, known + by_chance))}"
            found = part_of(early + late, filled)
            yield Found(f"{table.file_name}.{column}", expected, found, verdict, note)


def in_order(subject: Subject) -> Iterator[Found]:
    """Count the rows in which two dates stand the wrong way round."""
    for order in ORDERS:
        table = TABLES[order.table]
        here = subject.columns(table)
        if not {here.get(order.first), here.get(order.then)} <= DATED:
            continue
        first, then = quoted(order.first), quoted(order.then)
        query = f"select count(*) from {table.core} where {first} is not null"
        both = subject.number(f"{query} and {then} is not null")
        off = subject.number(f"{query} and {first} > {then}")
        subject.count(subject.rows(table) / 4)
        if not both:
            continue
        yield _ordered(order, both, off)


def _ordered(order: Order, both: float, off: float) -> Found:
    known = UNCOUNTED if order.known is None else order.known
    near = 3 * known + chance(known, both)
    share = off / both
    verdict: Verdict = graded(share, near, max(10 * known, 0.1) + chance(known, both))
    note = "" if verdict == "ok" else "one of the two columns holds another's dates, or slips"
    what = f"{order.table}: {order.first} before {order.then}"
    expected = f"all but {percent(min(1.0, near))}"
    return Found(what, expected, f"all but {part_of(off, both)}", verdict, note)


CHECKS = (
    Check(
        "dates that can be",
        GROUP,
        "Are dates before 1910 or after the release as rare as before?",
        "At most 0.1 % of a column's dates, and what chance allows; 20 % in C_RELEASE_DATE, "
        "which holds 2099-12-31. Dates that may lie ahead are late after 20 years. Beyond "
        "5 %, or twice the bound: wrong.",
        LOGS,
        impossible,
    ),
    Check(
        "dates in order",
        GROUP,
        "Does what happens first bear the earlier date?",
        "Up to three times the known share the other way round; 6 % where nobody counted. "
        "Beyond 10 %: wrong.",
        LOGS,
        in_order,
    ),
)

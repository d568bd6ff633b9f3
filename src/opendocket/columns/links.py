"""Which column names a row of another table, and how many of its values are known to name none.

A link of kind *key* goes to a row of another table by its number; one of kind *code* to the
list that says what the code stands for.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

Kind = Literal["key", "code"]


@dataclass(frozen=True, slots=True)
class Link:
    """A column whose values are values of a column of another table; names are the agency's."""

    table: str
    column: str
    parent: str
    parent_column: str
    kind: Kind
    expected_unmatched_share: float | None
    """Share of the table's rows whose value is in no parent row; None where nobody counted."""
    source: str
    """Where the link, and the share if there is one, was read."""
    also: tuple[tuple[str, str], ...] = ()
    """Further pairs of columns, the table's and the parent's, that must agree."""
    where: str = ""
    """Condition, in SQL, on the rows of the table that the link is for; empty for all."""
    parent_where: str = ""
    """Condition, in SQL, on the rows of the parent that count; empty for all."""
    note: str = ""
    """What goes wrong where the link is followed carelessly."""


@cache
def links() -> tuple[Link, ...]:
    """Give every link, in the order of the tables and of their columns.

    A code of a completion is looked up by its full key: letter, kind of case, kind of
    completion. ``TRANSFER_TO`` holds hearing places, not courts.

    Source:
        Each link's own ``source``: logs of public builders that read the releases of February
        and July 2026, the courts' code key, or our own reading of the columns' names.

    Example:
        >>> link = next(x for x in links() if x.column == "DEC_CODE")
        >>> link.parent, link.also, link.parent_where
        ('tblLookupCourtDecision', (('CASE_TYPE', 'strCaseType'),), "strDecType = 'C'")
        >>> [x.expected_unmatched_share for x in links() if x.column == "CHARGE"]
        [0.0]
    """
    text = (files("opendocket.columns") / "links.csv").read_text(encoding="utf-8")
    return tuple(_link(row) for row in csv.DictReader(text.splitlines()))


def links_of(table: str) -> tuple[Link, ...]:
    """Give the links that leave a table, by the agency's name for it.

    Example:
        >>> [(x.column, x.parent) for x in links_of("tblThreeMbrReferrals")]
        [('lngAppealID', 'tblAppeal')]
    """
    return tuple(link for link in links() if link.table == table)


def links_to(table: str) -> tuple[Link, ...]:
    """Give the links that arrive at a table, by the agency's name for it.

    Example:
        >>> sorted({x.table for x in links_to("tblLookupSex")})
        ['A_TblCase', 'tblProBono']
    """
    return tuple(link for link in links() if link.parent == table)


def _link(row: dict[str, str]) -> Link:
    share = row["expected_unmatched_share"]
    pairs = (pair.partition("=") for pair in row["also"].split(";") if pair)
    return Link(
        table=row["table"],
        column=row["column"],
        parent=row["parent"],
        parent_column=row["parent_column"],
        kind=cast(Kind, row["kind"]),
        expected_unmatched_share=float(share) if share else None,
        source=row["source"],
        also=tuple((ours, theirs) for ours, _, theirs in pairs),
        where=row["where"],
        parent_where=row["parent_where"],
        note=row["note"],
    )


def _unlisted() -> dict[tuple[str, str], str]:
    text = (files("opendocket.columns") / "unlisted.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {(row["table"], row["column"]): row["code_list"] for row in rows}


UNLISTED = _unlisted()
"""Columns whose codes no table of a release explains, and the list of ours that does."""

"""Mend a record that has a tab too many, where its columns' types leave one way to do it.

A stray tab breaks one field in two and moves all that follow by one. Taking out each tab in
turn gives as many readings of the line as it has tabs; those in which some value is not of
its column's type or wider than its column are dropped. If the readings left all say the same,
that is what the line said. If they differ, those are dropped in which a code is in no list, a
column that is never empty is empty, or a ZIP code does not begin with a digit. Where one
reading is not left even then, the record is set aside as it is: no guess is made.

Source:
    The evidence of types is how public builders repair the same rows by hand; that readings
    must agree is ours (decision 0011).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from opendocket.columns import Column, Table, code_list
from opendocket.columns.catalogue import TABLES
from opendocket.columns.links import links_of
from opendocket.release.records import IN_A_FIELD

MOST_STRAY = 8
"""Tabs too many, beyond which no repair is tried."""

NEVER_EMPTY_SHARE = 0.0005
BLANK_OR_CONTROL = IN_A_FIELD + b" "

DAY = re.compile(rb"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d+)?)?")
PATTERNS = {
    "number": re.compile(rb"[-+]?\d{1,18}"),
    "date": DAY,
    "instant": DAY,
    "time": re.compile(rb"\d{1,4}"),
    "month": re.compile(rb"\d{1,2}/\d{4}"),
    "flag": re.compile(rb"[01]"),
    "money": re.compile(rb"[-+]?\d{1,14}(\.\d*)?"),
    "guid": re.compile(rb"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?"),
}
ZIP_CODE = re.compile(rb"`?\d.*")

Fits = Callable[[bytes], bool]
Reading = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a value's being in a column, one entry per column of the header."""

    types: tuple[Fits, ...]
    """Whether it is of the column's type, and no wider."""
    codes: tuple[Fits, ...]
    """Whether it also is in the column's list, and there where one must be."""

    never_empty: tuple[bool, ...]
    """Whether it has a value in every record, but for the record's own number."""

    def fits(self, raw: bytes) -> bool:
        """Tell whether a line's fields are of the types of the columns they fall in."""
        fields = raw.split(b"\t")
        return len(fields) <= len(self.types) and all(
            is_one(field) for is_one, field in zip(self.types, fields, strict=False)
        )

    def is_alone(self, raw: bytes) -> bool:
        """Tell whether a line of fewer fields could be a record of its own."""
        fields = raw.split(b"\t")
        missing = [b""] * (len(self.never_empty) - len(fields))
        has_all = all(
            _trimmed(field) or not must_be
            for field, must_be in zip([*fields, *missing], self.never_empty, strict=False)
        )
        return has_all and self.fits(raw)


def evidence(table: Table, columns: Sequence[Column]) -> Evidence:
    """Say what speaks for a value's being in a table's columns.

    Args:
        table: Of whose links the lists of codes are taken.
        columns: In the order of the header.
    """
    lists = _lists(table.file_name)
    types = tuple(_of_type(column) for column in columns)
    return Evidence(
        never_empty=tuple(_must_be(column) for column in columns),
        types=types,
        codes=tuple(
            _of_list(column, is_one, lists.get(column.name, frozenset()))
            for column, is_one in zip(columns, types, strict=True)
        ),
    )


def repaired(raw: bytes, known: Evidence) -> bytes | None:
    r"""Take the stray tabs out of a record, or give None where it is not certain which.

    Args:
        raw: The record's bytes, with more fields than columns.
        known: What speaks for a value's being in each column.

    Returns:
        The record with as many fields as columns: its own bytes, less tabs.

    Example:
        >>> cases = TABLES["A_TblCase"]
        >>> known = evidence(cases, cases.columns[:5])
        >>> repaired(b"1\tLOS\tANGELES\tCA\t90012\t", known) is None  # which tab, after all?
        False
        >>> repaired(b"1\tLOS\tANGELES\tCA\t90012\t\t", known)
        b'1\tLOSANGELES\tCA\t90012\t'
    """
    fields = raw.split(b"\t")
    stray = len(fields) - len(known.types)
    if not 0 < stray <= MOST_STRAY:
        return None
    for fits in (known.types, known.codes):
        readings = _readings(fields, fits)
        if len(readings) < 2:
            return b"\t".join(readings[0]) if readings else None
    return None


def _readings(fields: list[bytes], fits: tuple[Fits, ...]) -> list[Reading]:
    """Give the readings that fit, two at the most, worked out from the right."""
    width, stray = len(fits), len(fields) - len(fits)
    # after[taken]: the readings of the columns to the right, `taken` tabs having gone before
    after: list[dict[str, Reading]] = [{} for _ in range(stray)] + [{"": ()}]
    for column in range(width - 1, -1, -1):
        now: list[dict[str, Reading]] = []
        for taken in range(stray + 1):
            found: dict[str, Reading] = {}
            for here in range(stray - taken + 1):
                rest = after[taken + here]
                if not rest:
                    continue
                start = column + taken
                value = b"".join(fields[start : start + here + 1])
                if not fits[column](value):
                    continue
                for reading in rest.values():
                    longer = (value, *reading)
                    found.setdefault(repr(_bare(longer)), longer)
            now.append(dict(list(found.items())[:2]))
        after = now
    return list(after[0].values())


def _bare(reading: Reading) -> tuple[bytes, ...]:
    """Two readings that differ by blanks alone say the same."""
    return tuple(value.translate(None, BLANK_OR_CONTROL) for value in reading)


def _of_type(column: Column) -> Fits:
    pattern, width = PATTERNS.get(column.type), column.width

    def fits(raw: bytes) -> bool:
        value = _trimmed(raw)
        if not value or (value == b"N/A" and not column.is_key):
            return True
        if pattern is not None:
            return pattern.fullmatch(value) is not None
        return not width or len(value) <= width

    return fits


def _must_be(column: Column) -> bool:
    return column.null_share < NEVER_EMPTY_SHARE and not column.is_key


def _of_list(column: Column, is_of_type: Fits, codes: frozenset[bytes]) -> Fits:
    is_zip = column.name.endswith("ZIPCODE")
    must_be = _must_be(column)

    def fits(raw: bytes) -> bool:
        value = _trimmed(raw)
        if not value:
            return not must_be
        if codes and value not in codes:
            return False
        if is_zip and not ZIP_CODE.fullmatch(value):
            return False
        return is_of_type(raw)

    return fits


def _trimmed(raw: bytes) -> bytes:
    return raw.translate(None, IN_A_FIELD).strip(b" ")


@cache
def _lists(table: str) -> dict[str, frozenset[bytes]]:
    """Give the codes that our lists hold for a table's columns."""
    return {
        link.column: frozenset(code.encode() for code in code_list(parent.code_list).codes)
        for link in links_of(table)
        if link.kind == "code" and (parent := TABLES[link.parent]).code_list
    }

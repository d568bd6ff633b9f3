"""Read Count.txt, the release's own word on how many rows each table has."""

import codecs
import re

from opendocket.columns import table_named

NAME = re.compile(r"(row ?)?counts?\.(txt|csv)", re.IGNORECASE)
LINE = re.compile(
    r"""
    ["']? (?: .* [/\\] )?           # a folder, if there is one
    (?P<name> \w+? ) (?: \.csv )?   # the table, with its ending or without
    ["']? \s* [\s,;:|=] \s* ["']?
    (?P<rows> \d{1,3} (?: [,.\ ] \d{3} )+ | \d+ )
    ["']? (?: \s* rows? )? [\s,;]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def rows_by_table(data: bytes) -> dict[str, int]:
    r"""Read a table's name and its rows off each line.

    Names may stand in any case, with ``.csv`` or without; between name and number may be a
    tab, spaces or another mark; numbers may have their thousands marked. What is no table
    of a release is left out, as are lines of anything else.

    Args:
        data: Count.txt, in UTF-8, or in UTF-16 as Windows writes it.

    Returns:
        Rows by the agency's file name of the table.

    Example:
        >>> rows_by_table(b"A_TBLCASE.CSV\t12,662,705\r\ntotal   5\r\ntblAppeal  77\r\n")
        {'A_TblCase': 12662705, 'tblAppeal': 77}
    """
    counts = {}
    for line in _text(data).splitlines():
        found = LINE.fullmatch(line.strip())
        table = table_named(found["name"]) if found else None
        if found and table:
            counts[table.file_name] = int(re.sub(r"\D", "", found["rows"]))
    return counts


def tables_without_rows(data: bytes) -> tuple[str, ...]:
    r"""Name the tables on whose lines no number of rows can be read.

    Example:
        >>> tables_without_rows(b"A_TblCase\t12662705\t39\r\ntblAppeal\t77\r\n")
        ('A_TblCase',)
    """
    found = []
    for line in _text(data).splitlines():
        words = re.split(r"[^\w]+", line.strip().removeprefix('"').lstrip(), maxsplit=1)
        table = table_named(words[0]) if words[0] else None
        if table and not LINE.fullmatch(line.strip()):
            found.append(table.file_name)
    return tuple(found)


def _text(data: bytes) -> str:
    """Decode text, which tells its encoding by a mark, or by a NUL in every other place."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        every_other = data[first:200:2]
        if every_other and not every_other.strip(b"\0"):
            return data.decode(encoding, "replace")
    return data.decode("utf-8", "replace").replace("\0", "")

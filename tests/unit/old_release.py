"""A release as the courts made them until 2023, small enough to work out by hand.

Tables lie at the top of the folder, with the lookups in a folder of their own beside them
and a list of all columns; the sex of a person is called gender, and bonds have the eighteen
columns that were dropped by August 2025.
"""

import zipfile
from pathlib import Path

import tiny_release as tiny

from opendocket.columns import TABLES

FOLDER = " FOIA TRAC Report 20211201"
BOND = "D_TblAssociatedBond"
BOND_COLUMNS = (
    (Path(__file__).parents[1] / "data/bond_columns_2019.txt").read_text("utf-8").split()
)
"""In the order of the courts' code key of 2019."""

CASES = [
    {"IDNCASE": 1, "CASE_TYPE": "RMV", "Sex": "F"},
    {"IDNCASE": 2, "CASE_TYPE": "RMV", "Sex": "M"},
]
BONDS = [
    {
        "IDNASSOCBOND": 61, "IDNPROCEEDING": 11, "IDNCASE": 1, "REJ": "N",
        "IJ_NAME": "NOBODY", "ADJ1_DATE": "2019-03-04 00:00:00.000", "ADJ1_TIME": "0830",
        "NEW_BOND": "1500.0000", "SCHEDULED_HEAR_LOC": "NYC",
    },
]  # fmt: skip
"""One bond, with values on both sides of every column that came to be dropped."""


def bonds():
    """Write the table of bonds in its older columns."""
    rows = [BOND_COLUMNS, *([str(r.get(c, "")) for c in BOND_COLUMNS] for r in BONDS)]
    return b"".join("\t".join(row).encode() + b"\r\n" for row in rows)


def texts():
    """Write every table as it was then."""
    written = tiny.tables(A_TblCase=CASES) | {BOND: bonds()}
    written["A_TblCase"] = written["A_TblCase"].replace(b"\tSex\t", b"\tGENDER\t", 1)
    return written


def schema(written):
    """Write EOIRDB_Schema.csv: a table, a column and its type on each line."""
    lines = ["TABLE_NAME\tCOLUMN_NAME\tDATA_TYPE"]
    for name, text in written.items():
        columns = text.partition(b"\r\n")[0].decode().split("\t")
        lines += [f"{name}\t{column}\tvarchar" for column in columns]
    return "\r\n".join(lines)


def written(path, *, folder=FOLDER, count=None):
    """Write the release, and give its path.

    Args:
        path: Where.
        folder: The zip's top folder.
        count: Bytes of Count.txt; there is none by default.
    """
    tables = texts()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            inner = "Lookup/" if TABLES[name].is_lookup else ""
            archive.writestr(f"{folder}/{inner}{name}.csv", text)
        archive.writestr(f"{folder}/EOIRDB_Schema.csv", schema(tables))
        if count is not None:
            archive.writestr(f"{folder}/Count.txt", count)
    return path

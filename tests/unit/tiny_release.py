"""Releases small enough to work out by hand: all 97 tables, a few rows in some of them."""

import zipfile

from opendocket.columns import TABLES

FOLDER = "EOIR Case Data 2026-0701"
MIDNIGHT = " 00:00:00.000"

NEEDED = {
    "A_TblCase": [{"IDNCASE": 1, "CASE_TYPE": "RMV"}],
    "A_TblCaseIdentifier": [{"IDNCASEID": 1, "IDNCASE": 999, "CASE_ID": "FA"}],
    "B_TblProceeding": [{"IDNPROCEEDING": 11, "IDNCASE": 1}],
    "tbl_schedule": [{"IDNSCHEDULE": 21, "IDNCASE": 999, "IDNPROCEEDING": 99}],
    "tbl_Court_Appln": [{"IDNPROCEEDINGAPPLN": 31, "IDNCASE": 999}],
    "tbl_RepsAssigned": [{"IDNREPSASSIGNED": 41, "IDNCASE": 999}],
    "tbl_Lead_Rider": [{"idnLeadRider": 51}],
    "tblLookupHloc": [
        {"HEARING_LOC_CODE": "NYC", "HEARING_LOC_NAME": "NEW YORK"},
        {"HEARING_LOC_CODE": "NYD", "HEARING_LOC_NAME": "New York Dedicated Docket"},
    ],
}
"""The least that a release must hold; hearings and the rest are of no case in it."""


def line(table, row):
    """Write one record; dates are given as YYYY-MM-DD."""
    columns = TABLES[table].columns
    unknown = row.keys() - {column.name for column in columns}
    assert not unknown, unknown
    cells = []
    for column in columns:
        cell = str(row.get(column.name, ""))
        is_day = column.type == "date" and len(cell) == len("2026-06-30")
        cells.append(cell + MIDNIGHT if is_day else cell)
    return "\t".join(cells).encode()


def text(table, rows):
    """Write a table: its header, and a record for each row."""
    header = "\t".join(column.name for column in TABLES[table].columns).encode()
    return b"".join(each + b"\r\n" for each in (header, *(line(table, row) for row in rows)))


def tables(**rows):
    """Write every table, with the rows given or the least that is needed."""
    return {name: text(name, rows.get(name, NEEDED.get(name, []))) for name in TABLES}


def counts(texts):
    """Write Count.txt."""
    rows = {name: max(data.count(b"\n") - 1, 0) for name, data in texts.items()}
    return "".join(f"{name}\t{count}\r\n" for name, count in rows.items())


def written(path, texts, *, folder=FOLDER, count=None, method=zipfile.ZIP_DEFLATED):
    """Write a zip of tables, and give its path.

    Args:
        path: Where.
        texts: Bytes by table.
        folder: The zip's top folder; empty for none.
        count: Text of Count.txt; by default what holds, and none if it is empty.
        method: How members are packed.
    """
    top = f"{folder}/" if folder else ""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in texts.items():
            inner = TABLES[name].folder if name in TABLES else "Other"
            archive.writestr(f"{top}{inner}/{name}.csv", data)
        said = counts(texts) if count is None else count
        if said:
            archive.writestr(f"{top}Count.txt", said)
    return path

"""Which case a row is of, and when it came: what changes are counted by."""

from opendocket.columns import Table

CASE_COLUMNS = {"tbl_Lead_Rider": "idnRiderCase"}
"""Where a row's case is not in the column IDNCASE."""

DAYS = {
    "B_TblProceeding": ("INPUT_DATE", "TRANS_IN_DATE"),
    "tbl_schedule": ("INPUT_DATE", "ADJ_DATE"),
    "tbl_Court_Appln": ("APPL_RECD_DATE",),
    "tbl_Court_Motions": ("MOTION_RECD_DATE", "INPUT_DATE"),
    "D_TblAssociatedBond": ("BOND_HEAR_REQ_DATE", "INPUT_DATE"),
    "tbl_RepsAssigned": ("E_28_DATE", "E_27_DATE", "INS_TA_DATE_ASSIGNED"),
    "tbl_Lead_Rider": ("datCreatedOn",),
    "tbl_CustodyHistory": ("DATDETAINED", "DATRELEASED"),
    "tbl_CasePriorityHistory": ("DATCREATEDON",),
    "tbl_JuvenileHistory": ("DATCREATEDON",),
    "tblAppeal": ("datAppealFiled",),
}
"""The day a row is counted on, the first that is filled; then its case's day of receipt."""


def case_and_day(table: Table, types: dict[str, str]) -> tuple[str, str]:
    """Write, in SQL, the number of a row's case and its own day; null where it has none.

    Args:
        table: The table.
        types: The columns stored, with their types in DuckDB.

    Example:
        >>> from opendocket.columns import TABLES
        >>> case_and_day(TABLES["tblAppeal"], {"idncase": "BIGINT", "datAppealFiled": "DATE"})
        ('"idncase"', 'coalesce("datAppealFiled"::date)')
    """
    stored = {name.lower(): (name, kind) for name, kind in types.items()}
    name, kind = stored.get(case_column(table).lower(), ("", ""))
    case = f'"{name}"' if kind == "BIGINT" else "null::bigint"
    days = [
        f'"{stored[day.lower()][0]}"::date'
        for day in DAYS.get(table.file_name, ())
        if stored.get(day.lower(), ("", ""))[1] in ("DATE", "TIMESTAMP")
    ]
    return case, f"coalesce({', '.join(days)})" if days else "null::date"


def case_column(table: Table) -> str:
    """Name the column that says which case a row is of; not every table has it."""
    return CASE_COLUMNS.get(table.file_name, "IDNCASE")

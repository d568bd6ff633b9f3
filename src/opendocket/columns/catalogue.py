"""The 97 tables of a release and their columns, read from the lists beside this file."""

import csv
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

TYPES = {
    "number": "BIGINT",
    "text": "VARCHAR",
    "date": "DATE",
    "instant": "TIMESTAMP",
    "time": "VARCHAR",  # HHMM; leading zeros are sometimes missing, so it stays text
    "month": "VARCHAR",  # M/YYYY
    "flag": "BOOLEAN",
    "money": "DECIMAL(18, 4)",
    "guid": "VARCHAR",
}

RAGGED = frozenset({"tbl_Court_Motions"})
"""Tables whose rows may carry more fields than the header names, or fewer."""

ESSENTIAL = (
    "A_TblCase",
    "A_TblCaseIdentifier",
    "B_TblProceeding",
    "tbl_schedule",
    "tbl_Court_Appln",
    "tbl_RepsAssigned",
    "tbl_Lead_Rider",
    "tblLookupHloc",
)
"""Tables that the analysis tables are built from; none may be missing or empty."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the release, as the courts name it."""

    name: str
    type: str
    """One of the keys of ``TYPES``."""
    width: int
    """Characters it is padded to, 0 where not known."""
    is_key: bool
    null_share: float
    """Share empty in July 2026, once blanks and NUL bytes count as empty."""
    may_be_ahead: bool
    """A date in it may lie after the release."""
    na_is_a_code: bool
    """``N/A`` is a value here, not a missing one."""
    example: str
    meaning: str

    @property
    def duckdb_type(self) -> str:
        """The type of the column in a docket."""
        return TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One table of the release: a tab-separated file without quotes."""

    file_name: str
    """Base name without ``.csv``, in the agency's spelling."""
    folder: str
    name: str
    """Our name for what a row is."""
    rows_2026_07: int | None
    code_list: str
    code_column: str
    description_column: str
    meaning: str
    columns: tuple[Column, ...]
    older_columns: tuple[Column, ...] = ()
    """Columns that older releases have and this one dropped; empty in July 2026."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Names that columns had in older releases, each with the column's name now."""

    @property
    def core(self) -> str:
        """The table's name in a docket."""
        return f"core_eoir__{self.name}"

    @property
    def is_lookup(self) -> bool:
        """Whether it only says what codes stand for."""
        return self.folder == "Lookup"

    @property
    def is_ragged(self) -> bool:
        """Whether its rows may carry more fields than its header."""
        return self.file_name in RAGGED

    @cached_property
    def key(self) -> str | None:
        """The column that numbers its rows, if it has one."""
        return next((c.name for c in self.columns if c.is_key), None)

    def column(self, name: str) -> Column:
        """Give a column by its name in any case.

        Raises:
            KeyError: It has no such column.
        """
        for column in self.columns:
            if column.name.lower() == name.lower():
                return column
        raise KeyError(f"{self.file_name}: no column {name!r}")

    def known_as(self, name: str) -> str | None:
        """Give our name of a column that this or an older release names so, in any case.

        Args:
            name: As a release's header has it.

        Returns:
            The name of one of ``columns`` or ``older_columns``; None for a new column.

        Example:
            >>> case = TABLES["A_TblCase"]
            >>> case.known_as("idnCase"), case.known_as("GENDER"), case.known_as("HEIGHT")
            ('IDNCASE', 'Sex', None)
            >>> TABLES["D_TblAssociatedBond"].known_as("adj1_date")
            'ADJ1_DATE'
        """
        return self._names.get(name.lower())

    @cached_property
    def _names(self) -> dict[str, str]:
        """Our names of columns, by every name they had, in lower case."""
        own = {c.name.lower(): c.name for c in (*self.older_columns, *self.columns)}
        return {older.lower(): now for older, now in self.renamed} | own


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("opendocket.columns") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _column(row: dict[str, str]) -> Column:
    return Column(
        name=row["column"],
        type=row["type"],
        width=int(row["width"] or 0),
        is_key=row["key"] == "primary",
        null_share=float(row["null_percent"]) / 100,
        may_be_ahead=row["may_be_ahead"] == "yes",
        na_is_a_code=row["na_is_a_code"] == "yes",
        example=row["example"],
        meaning=row["meaning"],
    )


def _older_column(row: dict[str, str]) -> Column:
    return Column(
        name=row["column"],
        type=row["type"],
        width=int(row["width"] or 0),
        is_key=False,
        null_share=1.0,
        may_be_ahead=row["may_be_ahead"] == "yes",
        na_is_a_code=row["na_is_a_code"] == "yes",
        example="",
        meaning=row["meaning"],
    )


def _tables() -> dict[str, Table]:
    columns: dict[str, list[Column]] = {}
    for row in _rows("columns.csv"):
        columns.setdefault(row["table"], []).append(_column(row))
    older = _rows("older.csv")
    return {
        row["table"]: Table(
            file_name=row["table"],
            folder=row["folder"],
            name=row["name"],
            rows_2026_07=int(row["rows_2026_07"]) if row["rows_2026_07"] else None,
            code_list=row["code_list"],
            code_column=row["code_column"],
            description_column=row["description_column"],
            meaning=row["meaning"],
            columns=tuple(columns[row["table"]]),
            older_columns=tuple(
                _older_column(each)
                for each in older
                if each["table"] == row["table"] and not each["current"]
            ),
            renamed=tuple(
                (each["column"], each["current"])
                for each in older
                if each["table"] == row["table"] and each["current"]
            ),
        )
        for row in _rows("tables.csv")
    }


TABLES: dict[str, Table] = _tables()
"""Every table of a release, by the agency's file name."""

_BY_LOWER_NAME = {name.lower(): table for name, table in TABLES.items()}


def table_named(file_name: str) -> Table | None:
    """Give a table by the agency's file name in any case, with or without ``.csv``.

    Example:
        >>> table_named("a_tblcase.CSV").core
        'core_eoir__case'
        >>> table_named("notes") is None
        True
    """
    return _BY_LOWER_NAME.get(file_name.lower().removesuffix(".csv"))

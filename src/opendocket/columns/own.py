"""The tables and views that a docket has beside the release's, and their columns, said once."""

import csv
from dataclasses import dataclass
from importlib.resources import files

LISTS = {
    "case_type_code": "case_type",
    "court_code": "base_city",
    "last_court_code": "base_city",
    "custody_code": "custody",
    "nationality_code": "nationality",
    "language_code": "language",
    "location_code": "hearing_location",
    "dedicated_location_code": "hearing_location",
    "adjourned_code": "adjournment",
    "calendar_code": "calendar_type",
    "charge_code": "charge",
}
"""Columns that hold codes of one list in whatever table they stand."""


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """One column of a table that OpenDocket makes."""

    name: str
    duckdb_type: str
    source: str
    """The release's columns that it follows from, where that is one or two."""
    meaning: str

    @property
    def code_list(self) -> str:
        """Our name for the list of its codes, if it holds codes of one."""
        return LISTS.get(self.name, "")


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table or view that OpenDocket makes."""

    name: str
    meaning: str
    columns: tuple[OwnColumn, ...]

    @property
    def is_view(self) -> bool:
        """Whether its rows are worked out when they are asked for."""
        return self.name.startswith("out_view__")


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("opendocket.columns") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _own() -> dict[str, OwnTable]:
    columns: dict[str, list[OwnColumn]] = {}
    for row in _rows("own.csv"):
        columns.setdefault(row["table"], []).append(
            OwnColumn(row["column"], row["type"], row["source"], row["meaning"])
        )
    return {
        row["table"]: OwnTable(row["table"], row["meaning"], tuple(columns[row["table"]]))
        for row in _rows("own_tables.csv")
    }


OWN: dict[str, OwnTable] = _own()
"""Every table and view of a docket that is not the release's, by name."""

"""The account in a docket: where every row of every table went, and what was done to it.

``aside_eoir__…`` hold what was taken out or mended, with the bytes as they came;
``out_load__…`` hold the sums. A table's entries are written with its rows, in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from opendocket.arrow import Feed, fetched, visible
from opendocket.docket.cells import Cells
from opendocket.docket.heading import Heading
from opendocket.release.account import TableAccount

Schema = dict[str, pl.DataType | type[pl.DataType]]

TABLES: dict[str, Schema] = {
    "aside_eoir__row": {
        "table_name": pl.String,
        "record": pl.Int64,
        "reason": pl.String,
        "raw": pl.Binary,
    },
    "aside_eoir__cell": {
        "table_name": pl.String,
        "record": pl.Int64,
        "row_key": pl.Int64,
        "column_name": pl.String,
        "text": pl.String,
        "reason": pl.String,
    },
    "aside_eoir__repair": {
        "table_name": pl.String,
        "record": pl.Int64,
        "row_key": pl.Int64,
        "how": pl.String,
        "before": pl.Binary,
        "after": pl.Binary,
    },
    "aside_eoir__impossible_date": {
        "table_name": pl.String,
        "record": pl.Int64,
        "row_key": pl.Int64,
        "column_name": pl.String,
        "value": pl.Date,
    },
    "out_load__account": {
        "table_name": pl.String,
        "expected_count": pl.Int64,
        "read_count": pl.Int64,
        "kept_count": pl.Int64,
        "set_aside_count": pl.Int64,
        "repaired_count": pl.Int64,
        "cells_aside_count": pl.Int64,
        "is_accepted": pl.Boolean,
    },
    "out_load__reason": {
        "table_name": pl.String,
        "what": pl.String,
        "reason": pl.String,
        "row_count": pl.Int64,
    },
    "out_load__column": {
        "table_name": pl.String,
        "column_name": pl.String,
        "position": pl.Int64,
        "state": pl.String,
        "recoded_count": pl.Int64,
        "cleaned_count": pl.Int64,
        "emptied_count": pl.Int64,
        "impossible_count": pl.Int64,
    },
}
"""What was not kept as it came (set aside, emptied, mended, flagged), and the sums."""


@dataclass(slots=True)
class ColumnCounts:
    """What was found in one column, in fields."""

    recoded: int = 0
    cleaned: int = 0
    emptied: int = 0
    impossible: int = 0


@dataclass(slots=True)
class Ledger:
    """A docket's account, while it is written."""

    con: duckdb.DuckDBPyConnection
    columns: dict[str, ColumnCounts] = field(default_factory=dict)
    feeds: dict[str, Feed] = field(default_factory=dict)

    def count(self, heading: Heading, cells: Cells) -> None:
        """Add what a pass over some records counted of each column."""
        for at, column in enumerate(heading.columns):
            counts = self.columns.setdefault(column.name, ColumnCounts())
            counts.recoded += int(cells.recoded[at])
            counts.cleaned += int(cells.cleaned[at])

    def add(self, name: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Write entries of one of ``TABLES``."""
        if not rows:
            return
        feed = self.feeds.setdefault(name, Feed(self.con, f"entries_of_{name}"))
        feed.show(pl.DataFrame(rows, schema=TABLES[name], orient="row"))
        self.con.execute(f"insert into {name} from {feed.name}")

    def close(self, heading: Heading, account: TableAccount) -> None:
        """Write a table's sums."""
        counts = (account.table, account.expected, account.read, account.kept)
        repaired = (account.set_aside_count, account.repaired, account.cells_aside)
        self.add("out_load__account", [(*counts, *repaired, account.is_accepted)])
        self.add(
            "out_load__reason",
            [
                (account.table, what, reason, rows)
                for what, by in (
                    ("set aside", account.set_aside),
                    ("mended", account.mended),
                    ("passed over", account.passed_over),
                )
                for reason, rows in sorted(by.items())
            ],
        )
        self.add("out_load__column", self._of_columns(heading))

    def _of_columns(self, heading: Heading) -> list[tuple[object, ...]]:
        name = heading.table.file_name
        here: list[tuple[object, ...]] = []
        for at, (column, state) in enumerate(
            zip(heading.columns, heading.states, strict=True), start=1
        ):
            c = self.columns.get(column.name, ColumnCounts())
            of_cells = (c.recoded, c.cleaned, c.emptied, c.impossible)
            here.append((name, column.name, at, state, *of_cells))
        gone = [(name, c.name, None, "missing", 0, 0, 0, 0) for c in heading.missing]
        return [*here, *gone]


def create_ledger(con: duckdb.DuckDBPyConnection) -> None:
    """Make the account's tables, empty."""
    for name, schema in TABLES.items():
        with visible(con, "entries", pl.DataFrame(schema=schema)):
            con.execute(f"create table {name} as from entries")


def accounts_in(con: duckdb.DuckDBPyConnection) -> dict[str, TableAccount]:
    """Read the accounts of the tables that have been loaded whole."""
    reasons: dict[tuple[str, str], dict[str, int]] = {}
    for row in fetched(con, "from out_load__reason").iter_rows():
        table, what, reason, rows = row
        reasons.setdefault((table, what), {})[reason] = rows
    rows = fetched(con, "from out_load__account").iter_rows(named=True)
    return {row["table_name"]: _account(row, reasons) for row in rows}


def _account(
    row: Mapping[str, int], reasons: Mapping[tuple[str, str], dict[str, int]]
) -> TableAccount:
    table = str(row["table_name"])
    return TableAccount(
        table=table,
        expected=row["expected_count"],
        read=row["read_count"],
        kept=row["kept_count"],
        set_aside=reasons.get((table, "set aside"), {}),
        mended=reasons.get((table, "mended"), {}),
        passed_over=reasons.get((table, "passed over"), {}),
        repaired=row["repaired_count"],
        cells_aside=row["cells_aside_count"],
        is_accepted=bool(row["is_accepted"]),
    )

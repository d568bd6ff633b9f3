"""Text to values: trimmed, empty where empty, typed where they have a type."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.columns import Column

CELL_SCHEMA = {
    "table_name": pl.String,
    "record": pl.Int64,
    "column_name": pl.String,
    "text": pl.String,
    "reason": pl.String,
}
"""One row per value that could not be read as its column's type."""

MIDNIGHT = " 00:00:00.000"
NOT_OF_TYPE = "not a {type}"
TIME_CUT = "a time of day, of which only the day is kept"


@dataclass(frozen=True, slots=True)
class Typed:
    """Records with values of their columns' types."""

    frame: pl.DataFrame
    numbers: NDArray[np.int64]
    """Record numbers; shape (n,)."""
    cells_aside: pl.DataFrame
    """Values kept as text beside; ``CELL_SCHEMA``."""


def typed(
    table: str,
    columns: Sequence[Column],
    rows: pl.DataFrame,
    numbers: NDArray[np.int64],
    *,
    na_is_empty: bool,
) -> Typed:
    """Give records their columns' types.

    Blanks around a value go; a value of nothing but blanks is empty, and so is ``N/A`` where
    it is not a code. ``NA`` always stays: it is a code in four lists.

    Args:
        table: The agency's file name.
        columns: What the columns are; as many as ``rows`` has.
        rows: Text; shape (n, k).
        numbers: Record numbers; shape (n,).
        na_is_empty: Whether ``N/A`` is empty in this table.

    Returns:
        The records, with values that are not of their type empty, and listed beside.
    """
    out, aside = [], []
    for column, text in zip(columns, rows.get_columns(), strict=True):
        trimmed = _trimmed(text, na_is_empty and not column.na_is_a_code)
        values, lost = _values(column.type, trimmed)
        out.append(values.alias(column.name))
        for reason, where in lost.items():
            if at := where.arg_true().to_list():
                aside.append(_aside(table, column.name, reason, trimmed, numbers, at))
    cells = pl.concat(aside) if aside else pl.DataFrame(schema=CELL_SCHEMA)
    return Typed(pl.DataFrame(out), numbers, cells)


def _trimmed(text: pl.Series, na_is_empty: bool) -> pl.Series:
    bare = text.str.strip_chars(" ")
    empty = bare == ""
    if na_is_empty:
        empty |= bare == "N/A"
    return pl.select(pl.when(~empty).then(bare)).to_series()


def _values(type_name: str, text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    """Read text as a type; give what was lost, by reason."""
    if type_name in ("text", "time", "month", "guid"):
        return text, {}
    reason = NOT_OF_TYPE.format(type=type_name)
    if type_name == "date":
        return _days(text, reason)
    if type_name == "number":
        values = text.cast(pl.Int64, strict=False)
    elif type_name == "money":
        values = text.cast(pl.Float64, strict=False).cast(pl.Decimal(18, 4), strict=False)
    elif type_name == "flag":
        values = pl.select(
            pl.when(text == "1").then(pl.lit(True)).when(text == "0").then(pl.lit(False))
        ).to_series()
    else:
        values = _instants(text)
    return values, {reason: values.is_null() & text.is_not_null()}


def _days(text: pl.Series, reason: str) -> tuple[pl.Series, dict[str, pl.Series]]:
    values = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    rest = text.str.slice(10)
    plain = rest.is_in(["", MIDNIGHT]) | text.is_null()
    if plain.all():
        return values, {reason: values.is_null() & text.is_not_null()}
    timed = rest.str.contains(r"^[ T]\d\d:\d\d:\d\d(\.\d+)?$").fill_null(False)
    wrong = (values.is_null() | ~(plain | timed)) & text.is_not_null()
    values = pl.select(pl.when(~wrong).then(values)).to_series()
    return values, {reason: wrong, TIME_CUT: timed & ~plain & ~wrong}


def _instants(text: pl.Series) -> pl.Series:
    values = text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
    if (values.is_null() & text.is_not_null()).any():
        days = text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
        values = pl.select(pl.coalesce(values, days)).to_series()
    return values


def _aside(
    table: str,
    column: str,
    reason: str,
    text: pl.Series,
    numbers: NDArray[np.int64],
    at: list[int],
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "table_name": [table] * len(at),
            "record": numbers[at],
            "column_name": [column] * len(at),
            "text": text.gather(at),
            "reason": [reason] * len(at),
        },
        schema=CELL_SCHEMA,
    )

"""Columns of text made from numbers, in the courts' way of writing."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.columns import TABLES, Column

TIMES = ("0800", "0830", "0900", "0930", "1000", "1030", "1100", "1300", "1330", "1400", "0000")

Given = pl.Series | NDArray[np.integer] | str


def text(values: Sequence[str], index: NDArray[np.integer]) -> pl.Series:
    """Look values up by number; -1 is empty.

    Args:
        values: Shape (k,).
        index: Shape (n,), from -1 to k - 1.

    Returns:
        Shape (n,).

    Example:
        >>> text(("SP", "ENG"), np.array([1, -1, 0])).to_list()
        ['ENG', None, 'SP']
    """
    at = pl.Series(index.astype(np.int64))
    return pl.Series(list(values), dtype=pl.String).gather(
        pl.select(pl.when(at >= 0).then(at)).to_series()
    )


def anyone_of(
    values: Sequence[str], n: int, rng: np.random.Generator, shares: Sequence[float] = ()
) -> pl.Series:
    """Draw values by chance; shape (n,)."""
    p = np.array(shares) / sum(shares) if shares else None
    return text(values, rng.choice(len(values), size=n, p=p))


def numbers(values: NDArray[np.integer], empty: NDArray[np.bool_] | None = None) -> pl.Series:
    """Write whole numbers, some of them empty; shape (n,)."""
    written = pl.Series(values.astype(np.int64))
    if empty is None:
        return written
    return pl.select(pl.when(pl.Series(~empty)).then(written)).to_series()


def only(values: pl.Series, where: NDArray[np.bool_]) -> pl.Series:
    """Empty the values outside ``where``; shape (n,)."""
    return pl.select(pl.when(pl.Series(where)).then(values)).to_series()


def sparse(values: pl.Series, null_share: float, rng: np.random.Generator) -> pl.Series:
    """Empty a share of the values by chance; shape (n,)."""
    if null_share <= 0:
        return values
    return only(values, rng.random(len(values)) >= null_share)


def frame(
    table: str, given: Mapping[str, Given], n: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Lay a table out in its real columns and their real order.

    What is not given is filled with the column's real example value, empty as often as in
    the release of July 2026.

    Args:
        table: The agency's file name.
        given: Columns by the agency's names.
        n: Rows.
        rng: Chance.

    Returns:
        Numbers and text; shape (n, columns of the table).

    Raises:
        KeyError: A given column is not one of the table's.
    """
    columns = {column.name: column for column in TABLES[table].columns}
    for name in given:
        if name not in columns:
            raise KeyError(f"{table}: no column {name!r}")
    return pl.DataFrame(
        [
            _cells(column, given.get(column.name), n, rng).alias(column.name)
            for column in columns.values()
        ]
    )


def _cells(column: Column, given: Given | None, n: int, rng: np.random.Generator) -> pl.Series:
    if isinstance(given, str):
        return pl.repeat(given, n, dtype=pl.String, eager=True)
    if isinstance(given, np.ndarray):
        return pl.Series(given)
    if given is not None:
        return given
    if column.null_share >= 1 or not column.example:
        return pl.repeat(None, n, dtype=pl.String, eager=True)
    return sparse(
        pl.repeat(_as_written(column), n, dtype=pl.String, eager=True), column.null_share, rng
    )


def _as_written(column: Column) -> str:
    """Write a column's example as the release would."""
    if column.type == "flag":
        return "1" if column.example == "true" else "0"
    if column.type in ("date", "instant") and len(column.example) == len("2021-06-01"):
        return f"{column.example} 00:00:00.000"
    return column.example

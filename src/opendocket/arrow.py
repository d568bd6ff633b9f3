"""Frames handed to DuckDB as they lie in memory, without a third library between."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl


class _Stream:
    """Shows DuckDB a frame's Arrow stream, and nothing it would want PyArrow for."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


@contextmanager
def visible(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> Iterator[None]:
    """Let SQL see a frame by a name, for a while.

    Args:
        con: The connection.
        name: What SQL calls it.
        frame: Any shape.

    Example:
        >>> with duckdb.connect() as con, visible(con, "few", pl.DataFrame({"a": [1, 2]})):
        ...     con.execute("select sum(a) from few").fetchall()
        [(3,)]
    """
    con.register(name, _Stream(frame))
    try:
        yield
    finally:
        con.unregister(name)


def fetched(
    con: duckdb.DuckDBPyConnection, query: str, parameters: object = None
) -> pl.DataFrame:
    """Run a query and give its rows as a frame.

    Example:
        >>> with duckdb.connect() as con:
        ...     fetched(con, "select 1 as a").to_dicts()
        [{'a': 1}]
    """
    relation = con.sql(query, params=parameters)
    return pl.DataFrame(relation)

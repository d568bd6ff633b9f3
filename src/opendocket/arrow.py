"""Frames handed to DuckDB as they lie in memory, without a third library between."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import duckdb
import polars as pl

from opendocket.quoting import Value, filled_in


class Streamable(Protocol):
    """What can be read as Arrow, as often as one likes."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give its rows as a stream of Arrow's C interface."""
        ...


class _Stream:
    """Shows DuckDB a frame's Arrow stream, and nothing it would want PyArrow for."""

    def __init__(self, frame: "Streamable") -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


@contextmanager
def visible(con: duckdb.DuckDBPyConnection, name: str, frame: Streamable) -> Iterator[None]:
    """Let SQL see a frame by a name, for a while.

    Args:
        con: The connection.
        name: What SQL calls it.
        frame: A frame of any shape, or anything else that speaks Arrow.

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


class Feed:
    """Lets SQL see one frame after another of the same columns, by one name.

    In the middle of a transaction DuckDB keeps all that was ever registered; this is
    registered once, and let go of frame by frame.

    Example:
        >>> with duckdb.connect() as con:
        ...     feed = Feed(con, "few")
        ...     for numbers in ([1, 2], [3]):
        ...         feed.show(pl.DataFrame({"a": numbers}))
        ...         con.execute("select sum(a) from few").fetchall()
        [(3,)]
        [(3,)]
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        self.con, self.name = con, name
        self._shown: Streamable | None = None

    def show(self, frame: Streamable) -> None:
        """Let SQL see another frame from now on."""
        is_first, self._shown = self._shown is None, frame
        if is_first:
            self.con.register(self.name, _Stream(self))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the rows of the frame that is shown."""
        assert self._shown is not None
        return self._shown.__arrow_c_stream__(requested_schema)


def fetched(
    con: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, Value] | None = None
) -> pl.DataFrame:
    """Run a query and give its rows as a frame.

    Args:
        con: The connection.
        query: SQL of our own, with ``$names`` for parameters.
        parameters: Their values.

    Example:
        >>> with duckdb.connect() as con:
        ...     fetched(con, "select 1 as a").to_dicts()
        [{'a': 1}]
    """
    return pl.DataFrame(con.sql(filled_in(query, parameters or {})))

"""A docket held against figures: its scale, and what it was asked, once each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb
import polars as pl

from opendocket.arrow import fetched
from opendocket.estimate.suppression import is_small
from opendocket.measure.population import Scope, cases
from opendocket.synthetic import dedicated, ordinary
from opendocket.synthetic.make import dedicated_count


@dataclass(frozen=True, slots=True)
class Scale:
    """Cases of a docket per real case: of the Dedicated Docket, and of everything else."""

    dedicated: float
    elsewhere: float


def scale_of(con: duckdb.DuckDBPyConnection) -> Scale:
    """Give the scale a docket's release was made at; 1 for a real one.

    It follows from the number of cases that the release itself announces, not from those
    found: a docket that lost cases must not look whole.

    Args:
        con: A docket's connection.

    Assumes:
        A synthetic release was made by :func:`opendocket.synthetic.synthesize`.
    """
    if not con.execute("select is_synthetic from out_load__release").fetchall()[0][0]:
        return Scale(1.0, 1.0)
    announced = _announced(con)
    if announced is None:
        return Scale(1.0, 1.0)
    tagged = dedicated_count(announced)
    return Scale(tagged / dedicated.NATIONAL, (announced - tagged) / ordinary.NATIONAL)


def _announced(con: duckdb.DuckDBPyConnection) -> int | None:
    """Give the cases of the synthetic release that a docket is of, or a run started from.

    None where a run started from a real docket, or from none.
    """
    query = """
        select coalesce(expected_count, read_count) from out_load__account
        where table_name = 'A_TblCase'
    """
    run = "select table_name from duckdb_tables() where table_name = 'out_simulated__run'"
    if con.execute(run).fetchall():
        query = "select case when is_source_synthetic then source_case_count end "
        query += "from out_simulated__run"
    found = con.execute(query).fetchall()[0][0]
    return None if found is None else int(found)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a docket says of one figure, at national size."""

    value: float
    chance: float = 0.0
    """Half the 95 % interval, families clustered; 0 where it was not worked out."""
    also: tuple[tuple[str, float], ...] = ()
    small: frozenset[str] = frozenset()
    """Names in ``also`` that rest on 1 to 10 people, and "" where the value itself does."""


def small_of(counts: Mapping[str, int]) -> frozenset[str]:
    """Name the counts that could point at persons.

    Example:
        >>> sorted(small_of({"": 7, "pending": 12}))
        ['']
    """
    return frozenset(name for name, count in counts.items() if is_small(count))


@dataclass(frozen=True, slots=True)
class Held:
    """A docket held against figures; what is asked for twice is measured once."""

    con: duckdb.DuckDBPyConnection
    scale: Scale
    as_of: date
    _frames: dict[object, pl.DataFrame] = field(default_factory=dict)

    def tagged(self, as_of: date) -> pl.DataFrame:
        """Give the cases with the Dedicated Docket's tag, frozen on a day."""
        return self._once(("tagged", as_of), lambda: cases(self.con, "tagged", as_of=as_of))

    def begun(self, first: date, last: date) -> pl.DataFrame:
        """Give the ordinary docket's cases received between two days, frozen on the last."""
        scope = Scope(first, last)
        return self._once(
            ("ordinary", first, last),
            lambda: cases(self.con, "ordinary", as_of=last, scope=scope),
        )

    def rows(self, query: str, **parameters: date) -> pl.DataFrame:
        """Give the rows of a query, which may bring cases to national size.

        Args:
            query: SQL; a case of the Dedicated Docket counts ``$dedicated`` cases, any other
                ``$elsewhere``.
            parameters: What else it asks for, such as a day.
        """
        given: dict[str, float | date] = {**self._weights(query), **parameters}
        key = (query, tuple(sorted(parameters.items())))
        return self._once(key, lambda: fetched(self.con, query, given))

    def _weights(self, query: str) -> dict[str, float]:
        both = {
            "dedicated": 1 / self.scale.dedicated,
            "elsewhere": 1 / self.scale.elsewhere,
        }
        return {name: value for name, value in both.items() if f"${name}" in query}

    def _once(self, key: object, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        if key not in self._frames:
            self._frames[key] = make()
        return self._frames[key]


Read = Callable[[Held, date], Reading]
"""Reads a figure from a docket, as it stood on a day."""

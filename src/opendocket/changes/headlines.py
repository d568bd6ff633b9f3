"""Headline measures on two dockets: did a number move by later events, or by the records?

Each is measured three times: on the older docket, on the newer one frozen on the older one's
last day, and on the newer one as it is. From the first to the second only the records
differ: rows changed, new or gone, and events entered late. From the second to the third only
time does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import duckdb

from opendocket.changes.layout import NEW, OLD, Side
from opendocket.errors import NothingToShow, TooFewCases
from opendocket.estimate.suppression import is_small
from opendocket.measure.population import DOCKETS, cases, frozen
from opendocket.measure.promise import kept_promise

COUNTED = """
select
    count(*)                                                        as cases,
    count(*) filter (is_pending)                                    as pending,
    count(*) filter (asylum_filed_date is not null)                 as filed,
    count(*) filter (first_decision is not null)                    as decided,
    count(*) filter (first_decision = 'in absentia')                as absent,
    count(*) filter (is_pending and counsel_date is not null)       as represented
from ({frozen})
"""
"""Cases of a docket as they stood on a day: :func:`opendocket.measure.population.frozen`."""

KNOWN = (
    "asylum_filed_date", "counsel_date", "first_decision", "is_pending",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """A count, or a share with what it is a share of; None where too few to show."""

    value: float | None
    n: int | None = None
    """Cases a share is of; None for a count."""


@dataclass(frozen=True, slots=True)
class Headline:
    """A measure on both dockets."""

    docket: str
    """``all courts``, or a name in :data:`opendocket.measure.population.DOCKETS`."""
    what: str
    is_share: bool
    old: Value
    """On the older docket, on its last day."""
    new_then: Value
    """On the newer docket, frozen on that day."""
    new: Value
    """On the newer docket, on its own last day."""

    @property
    def by_records(self) -> float | None:
        """How far it moved because rows changed, are new, or are gone."""
        return _difference(self.old, self.new_then)

    @property
    def by_time(self) -> float | None:
        """How far it moved by what happened since."""
        return _difference(self.new_then, self.new)


def _difference(before: Value, after: Value) -> float | None:
    if before.value is None or after.value is None:
        return None
    return after.value - before.value


Values = dict[tuple[str, str], Value]
"""By docket and measure."""


def headlines(
    con: duckdb.DuckDBPyConnection,
    old_as_of: date,
    new_as_of: date,
    watch: Callable[[float, float], None],
) -> tuple[Headline, ...]:
    """Measure both dockets, the newer one also as it stood on the older one's last day.

    Args:
        con: A connection to which both dockets are attached.
        old_as_of: The last day of the older one.
        new_as_of: The last day of the newer one.
        watch: Told of readings done, and of all.

    Returns:
        Measures of all courts and of the Dedicated Docket.

    Assumes:
        What has no date in the records (the docket's tag, custody, family) is on the earlier
        day as the newer release has it, so that a move of it counts as one of the records.
    """
    readings: list[Values] = []
    for at, (side, as_of) in enumerate(((OLD, old_as_of), (NEW, old_as_of), (NEW, new_as_of))):
        watch(at, 3)
        readings.append(_measured(con, side, as_of))
    watch(3, 3)
    old, then, new = readings
    return tuple(
        Headline(docket, what, old[docket, what].n is not None, *values)
        for docket, what in old
        if (values := [each[docket, what] for each in (old, then, new)])
    )


def _measured(con: duckdb.DuckDBPyConnection, side: Side, as_of: date) -> Values:
    (before,) = con.execute("select current_catalog()").fetchall()[0]
    con.execute(f"use {side}")
    try:
        values: Values = {}
        for docket, condition in (("all courts", "true"), ("dedicated", DOCKETS["dedicated"])):
            found = _counted(con, condition, as_of)
            values |= {(docket, what): value for what, value in found.items()}
        values["dedicated", "decided within 300 days"] = _promise(con, as_of)
        return values
    finally:
        con.execute(f'use "{before}"')


def _counted(con: duckdb.DuckDBPyConnection, condition: str, as_of: date) -> dict[str, Value]:
    query = COUNTED.format(frozen=frozen(KNOWN, condition=condition))
    found = con.execute(query, {"as_of": as_of}).fetchall()[0]
    n, pending, filed, decided, absent, represented = found
    return {
        "cases received": _count(n),
        "cases pending": _count(pending),
        "cases with an asylum application": _count(filed),
        "cases decided by a judge": _count(decided),
        "in absentia, of first decisions": _share(absent, decided),
        "with counsel, of pending cases": _share(represented, pending),
    }


def _count(count: int) -> Value:
    return Value(None if is_small(count) else float(count))


def _share(count: int, n: int) -> Value:
    if not n or is_small(n) or is_small(count) or is_small(n - count):
        return Value(None, 0 if is_small(n) else n)
    return Value(count / n, n)


def _promise(con: duckdb.DuckDBPyConnection, as_of: date) -> Value:
    try:
        frame = cases(con, "dedicated", as_of=as_of)
        kept = kept_promise(frame, "first master", as_of=as_of)
    except (NothingToShow, TooFewCases):
        return Value(None, 0)
    if not kept.is_whole or is_small(kept.decided_count):
        return Value(None, kept.decided.n)
    return Value(kept.decided.share, kept.decided.n)

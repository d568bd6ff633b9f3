"""What is read of the cases pending on a day: how many, how long, what they wait for."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from opendocket.errors import NothingToShow
from opendocket.figures.flows import (
    ALL_KINDS,
    CLOSURE,
    COUNTED_KINDS,
    added,
    between,
    completed_between,
    part,
)
from opendocket.figures.held import Held, Read, Reading, small_of
from opendocket.figures.tallies import (
    ENDED,
    PENDING,
    RECEIVED,
    UNDONE,
    WAITING,
)


def pending_of(kinds: pl.Expr, *, with_closures: bool = False) -> Read:
    """Count cases received and not closed on a day, those reopened counted again.

    Args:
        kinds: Kinds of case.
        with_closures: Count those closed administratively, and not opened since, as pending.
    """

    def read(held: Held, as_of: date) -> Reading:
        counts = {
            name: added(held.rows(query).filter(kinds, pl.col("day") <= as_of, *ended))
            for name, query, ended in (
                ("received", RECEIVED, ()),
                ("closed", ENDED, (~CLOSURE,) if with_closures else ()),
                ("undone", UNDONE, (~CLOSURE,) if with_closures else ()),
            )
        }
        value, people = (
            counts["received"][of] - counts["closed"][of] + counts["undone"][of]
            for of in (0, 1)
        )
        return Reading(value, small=small_of({"": int(people)}))

    return read


pending = pending_of(COUNTED_KINDS)
"""Count removal-type cases received and not closed, those reopened counted again."""


def residual(first: date) -> Read:
    """Give what a year's change in pending cases is more than received less completed."""

    def read(held: Held, as_of: date) -> Reading:
        before = pending(held, first - timedelta(days=1)).value
        received = between(RECEIVED, first, COUNTED_KINDS)(held, as_of).value
        completed = completed_between(first)(held, as_of).value
        return Reading(pending(held, as_of).value - before - received + completed)

    return read


def pending_share(is_so: pl.Expr, among: pl.Expr = ALL_KINDS) -> Read:
    """Give the share of the cases pending on a day of which something is so."""

    def read(held: Held, as_of: date) -> Reading:
        rows = held.rows(PENDING, as_of=as_of).filter(among)
        value, small = part(rows, is_so, as_of)
        return Reading(value, small=frozenset({""} if small else ()))

    return read


def pending_count(where: pl.Expr) -> Read:
    """Count the cases pending on a day of which something is so."""

    def read(held: Held, as_of: date) -> Reading:
        value, people = added(held.rows(PENDING, as_of=as_of).filter(where))
        return Reading(value, small=small_of({"": people}))

    return read


def age_of_pending(summed: Callable[[pl.DataFrame], float]) -> Read:
    """Sum up the days since the notice of the cases pending on a day.

    Args:
        summed: :func:`mean_days` or :func:`median_days`.
    """

    def read(held: Held, as_of: date) -> Reading:
        rows = held.rows(PENDING, as_of=as_of)
        if not rows["n"].sum():
            raise NothingToShow("the wait", f"no case pending on {as_of}", "another day")
        return Reading(summed(rows))

    return read


def mean_days(rows: pl.DataFrame) -> float:
    """Give the mean of ``days``, each counted ``n`` times.

    Example:
        >>> mean_days(pl.DataFrame({"days": [10, 40], "n": [2.0, 1.0]}))
        20.0
    """
    return float((rows["days"] * rows["n"]).sum()) / float(rows["n"].sum())


def median_days(rows: pl.DataFrame) -> float:
    """Give the least ``days`` by which half of ``n`` is reached.

    Example:
        >>> median_days(pl.DataFrame({"days": [40, 10, 20], "n": [1.0, 1.0, 1.0]}))
        20.0
    """
    by_days = rows.group_by("days").agg(pl.col("n").sum()).sort("days")
    reached = by_days["n"].cum_sum() >= by_days["n"].sum() / 2
    return float(by_days.filter(reached)["days"][0])


STAGES = {"individual": "I", "master": "M"}


def waiting(what: str, stage: str = "") -> Read:
    """Count asylum cases pending on a day, or their days, by the next hearing set.

    Args:
        what: ``n`` for cases, ``days`` from the notice to the day, ``ahead_days`` from the
            notice to the hearing.
        stage: ``individual``, ``master``, ``none`` or, where empty, all.
    """

    def read(held: Held, as_of: date) -> Reading:
        rows = held.rows(WAITING, as_of=as_of).filter("has_asylum")
        chosen = rows.filter(_at(stage))
        if what == "ahead_days":
            chosen = chosen.filter(pl.col("stage").is_not_null())
        n, people = added(chosen)
        if not n:
            raise NothingToShow("the wait", f"no such case on {as_of}", "use a larger docket")
        value = n if what == "n" else float(chosen[what].sum()) / n
        return Reading(value, small=small_of({"": people}))

    return read


def stage_share(stage: str) -> Read:
    """Give the share of asylum cases pending on a day whose next hearing is of a kind."""

    def read(held: Held, as_of: date) -> Reading:
        rows = held.rows(WAITING, as_of=as_of).filter("has_asylum")
        value, small = part(rows, _at(stage), as_of)
        return Reading(value, small=frozenset({""} if small else ()))

    return read


def _at(stage: str) -> pl.Expr:
    if not stage:
        return ALL_KINDS
    if stage == "none":
        return pl.col("stage").is_null()
    return (pl.col("stage") == STAGES[stage]).fill_null(False)


def longest_wait(least: int) -> Read:
    """Give the mean days from notice to next hearing at the place where it is longest.

    Args:
        least: Cases that a place must have, in the docket.
    """

    def read(held: Held, as_of: date) -> Reading:
        places = (
            held.rows(WAITING, as_of=as_of)
            .filter(pl.col("place").is_not_null())
            .group_by("place")
            .agg(pl.col("n", "people", "ahead_days").sum())
            .filter(pl.col("people") >= least)
        )
        if places.is_empty():
            found = f"no place with {least} cases waiting on {as_of}"
            raise NothingToShow("the wait", found, "use a larger docket")
        return Reading(float((places["ahead_days"] / places["n"]).max()))  # type: ignore[arg-type]

    return read

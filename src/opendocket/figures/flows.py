"""What is read of all courts from sums by day: what came, what ended, and shares of it."""

from datetime import date

import polars as pl

from opendocket.errors import NothingToShow
from opendocket.estimate.suppression import is_small
from opendocket.figures.held import Held, Read, Reading, small_of
from opendocket.figures.tallies import BEGUN, DECIDED, ENDED
from opendocket.measure.population import COURT_KINDS

COUNTED_KINDS = pl.col("kind").is_in(COURT_KINDS)
ALL_KINDS = pl.lit(True)
REMOVAL_KIND = pl.col("kind") == "RMV"
CLOSURE = pl.col("outcome") == "administrative closure"
NO_NTA = pl.col("outcome") == "no nta"
ORDER = pl.col("outcome").is_in(["removal", "in absentia"])
ABSENT = pl.col("outcome") == "in absentia"
DEPARTURE = pl.col("outcome") == "voluntary departure"
ENDED_BY_TERMINATION = pl.col("outcome").is_in(["termination", "no nta"])
RELIEF = pl.col("outcome").is_in(["relief", "protection"])
FREE = pl.col("custody").is_in(["N", "R"])


def within(first: date, last: date) -> pl.Expr:
    """Keep the days from one to another."""
    return pl.col("day").is_between(first, last)


def added(rows: pl.DataFrame) -> tuple[float, int]:
    """Add up cases at national size, and the people who are in the docket."""
    return float(rows["n"].sum()), int(rows["people"].sum())


def between(
    query: str,
    first: date,
    where: pl.Expr = ALL_KINDS,
    *,
    also: tuple[tuple[str, pl.Expr], ...] = (),
) -> Read:
    """Add up a daily series from a day to the figure's own day.

    Args:
        query: Gives ``day``, ``n`` and ``people``.
        first: The first day.
        where: Which of its rows.
        also: Other choices of rows, by name.
    """

    def read(held: Held, as_of: date) -> Reading:
        rows = held.rows(query).filter(within(first, as_of))
        value, people = added(rows.filter(where))
        others = {name: added(rows.filter(other)) for name, other in also}
        return Reading(
            value,
            _chance(value, people),
            tuple((name, n) for name, (n, _) in others.items()),
            small_of({"": people} | {name: count for name, (_, count) in others.items()}),
        )

    return read


def _chance(value: float, people: int) -> float:
    """Give half a count's interval, one case being one chance."""
    return 1.96 * value / people**0.5 if people else 0.0


def completed_between(first: date, kinds: pl.Expr = COUNTED_KINDS) -> Read:
    """Count completions; dismissals for want of an NTA named beside."""
    return between(
        ENDED, first, kinds & ~CLOSURE, also=(("of which no NTA filed", kinds & NO_NTA),)
    )


def share(
    query: str,
    first: date,
    is_so: pl.Expr,
    among: pl.Expr = ALL_KINDS,
    *,
    also: tuple[tuple[str, pl.Expr], ...] = (),
) -> Read:
    """Give the share of a daily series, from a day on, of which something is so.

    Args:
        query: Gives ``day``, ``n`` and ``people``; may ask for ``$as_of``.
        first: The first day.
        is_so: What is counted.
        among: What it is counted among.
        also: The same counted among others, by name.
    """

    def read(held: Held, as_of: date) -> Reading:
        rows = _asked(held, query, as_of).filter(within(first, as_of))
        value, small = part(rows.filter(among), is_so, as_of)
        others = {name: part(rows.filter(other), is_so, as_of) for name, other in also}
        hidden = {name for name, (_, few) in others.items() if few} | ({""} if small else set())
        return Reading(
            value, also=tuple((n, v) for n, (v, _) in others.items()), small=frozenset(hidden)
        )

    return read


def _asked(held: Held, query: str, as_of: date) -> pl.DataFrame:
    return held.rows(query, as_of=as_of) if "$as_of" in query else held.rows(query)


def part(rows: pl.DataFrame, is_so: pl.Expr, as_of: date) -> tuple[float, bool]:
    """Give a share, and whether it or the rest is of 1 to 10 people."""
    (n, people), (count, those) = added(rows), added(rows.filter(is_so))
    if not n:
        raise NothingToShow("the share", f"no such case by {as_of}", "use a larger docket")
    return count / n, is_small(those) or is_small(people - those)


def in_absentia_rate(first: date) -> Read:
    """Divide in absentia orders by initial case completions of the same years."""
    return share(
        DECIDED,
        first,
        ABSENT,
        COUNTED_KINDS & FREE,
        also=(("detained people too", COUNTED_KINDS),),
    )


def ratio(above: Read, below: Read, *, apart: bool = False) -> Read:
    """Divide one reading by another.

    Args:
        above: The one.
        below: The other.
        apart: Both are read as they are, and named beside.
    """

    def read(held: Held, as_of: date) -> Reading:
        top, bottom = above(held, as_of), below(held, as_of)
        if not bottom.value:
            raise NothingToShow("the ratio", f"nothing to divide by on {as_of}", "another day")
        named = (("divided", top.value), ("by", bottom.value)) if apart else ()
        return Reading(top.value / bottom.value, also=named, small=top.small | bottom.small)

    return read


def days_to_completion(first: date, where: pl.Expr = ~CLOSURE) -> Read:
    """Give the mean days from the notice to a completion, of completions from a day on."""

    def read(held: Held, as_of: date) -> Reading:
        rows = held.rows(ENDED).filter(within(first, as_of), where)
        timed, people = float(rows["timed"].sum()), int(rows["people"].sum())
        if not timed:
            raise NothingToShow("the time", f"no such completion by {as_of}", "a later day")
        return Reading(float(rows["days"].sum()) / timed, small=small_of({"": people}))

    return read


def begun_without_absence(first: date) -> Read:
    """Give the share of removal cases begun from a day on with no order in absentia."""
    return share(BEGUN, first, ~pl.col("is_absent"))

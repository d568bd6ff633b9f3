"""What a docket says, brought to national size: the measuring behind the comparison."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from operator import and_

import duckdb
import polars as pl

from opendocket.arrow import fetched
from opendocket.errors import NothingToShow
from opendocket.estimate.shares import proportion
from opendocket.measure.population import Scope, cases
from opendocket.synthetic import dedicated, ordinary
from opendocket.synthetic.make import dedicated_count

TWO_ERRORS = 1.96


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
    query = """
        select coalesce(expected_count, read_count) from out_load__account
        where table_name = 'A_TblCase'
    """
    announced = int(con.execute(query).fetchall()[0][0])
    tagged = dedicated_count(announced)
    return Scale(tagged / dedicated.NATIONAL, (announced - tagged) / ordinary.NATIONAL)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a docket says of one figure, at national size."""

    value: float
    chance: float = 0.0
    """Half the 95 % interval, families clustered; 0 where it was not worked out."""
    also: tuple[tuple[str, float], ...] = ()


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

    def rows(self, query: str) -> pl.DataFrame:
        """Give the rows of a query in which ``weight`` brings a case to national size."""
        return self._once(query, lambda: fetched(self.con, query, self._weights(query)))

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

CLOSED = pl.col("first_outcome").is_not_null()
ORDERED = pl.col("first_outcome").is_in(["removal", "in absentia"])
ABSENT = pl.col("first_outcome") == "in absentia"
RELIEF = pl.col("first_outcome").is_in(["relief", "protection"])
NO_NTA = pl.col("first_outcome") == "no nta"
REPRESENTED = pl.col("counsel_date").is_not_null()
FILED = pl.col("asylum_filed_date").is_not_null()
EVERYBODY = pl.col("case_id").is_not_null()


def in_courts(*codes: str) -> pl.Expr:
    """Keep the cases whose first court is one of some."""
    return pl.col("court_code").is_in(codes)


def closed_since(first: date) -> pl.Expr:
    """Keep the cases that first ended on a day or later."""
    return pl.col("first_outcome_date") >= first


def dedicated_count_of(
    *conditions: pl.Expr, also: tuple[tuple[str, pl.Expr], ...] = ()
) -> Read:
    """Count cases with the tag that meet every condition.

    Args:
        conditions: On a case of :func:`opendocket.measure.population.cases`.
        also: Other conditions, counted instead of the last one, by name.
    """

    def read(held: Held, as_of: date) -> Reading:
        frame = held.tagged(as_of)
        others = tuple(
            (name, _number(frame, (*conditions[:-1], other)) / held.scale.dedicated)
            for name, other in also
        )
        chosen = frame.filter(_all(conditions))
        by_family = chosen["lead_case_id"].value_counts()["count"].cast(pl.Float64)
        chance = TWO_ERRORS * float((by_family**2).sum()) ** 0.5
        return Reading(
            len(chosen) / held.scale.dedicated, chance / held.scale.dedicated, others
        )

    return read


def dedicated_share_of(
    is_so: pl.Expr, *among: pl.Expr, also: tuple[tuple[str, pl.Expr], ...] = ()
) -> Read:
    """Give the share of cases with the tag of which something is so.

    Args:
        is_so: What is counted.
        among: What it is counted among.
        also: Other things counted among the same, by name.
    """

    def read(held: Held, as_of: date) -> Reading:
        frame = held.tagged(as_of).filter(_all(among))
        if frame.is_empty():
            raise NothingToShow("the share", f"no such case by {as_of}", "use a larger docket")
        return _share(frame, is_so, also)

    return read


def ordinary_share_of(
    is_so: pl.Expr,
    *among: pl.Expr,
    first: date,
    also: tuple[tuple[str, pl.Expr], ...] = (),
) -> Read:
    """Give a share of the cases of people not detained begun from a day on."""

    def read(held: Held, as_of: date) -> Reading:
        frame = held.begun(first, as_of).filter(_all(among))
        if frame.is_empty():
            raise NothingToShow("the share", f"no such case by {as_of}", "use a larger docket")
        return _share(frame, is_so, also)

    return read


def _share(
    frame: pl.DataFrame, is_so: pl.Expr, also: tuple[tuple[str, pl.Expr], ...]
) -> Reading:
    def of(condition: pl.Expr) -> pl.Series:
        return frame.select(condition.fill_null(False)).to_series()

    found = proportion(of(is_so), frame["lead_case_id"])
    others = tuple((name, float(of(other).cast(pl.Float64).mean())) for name, other in also)  # type: ignore[arg-type]
    return Reading(found.share, (found.upper - found.lower) / 2, others)


def identity(held: Held, as_of: date) -> Reading:
    """Build the share that filed from those with counsel and those without (A46, A48, A49)."""
    closed = held.tagged(as_of).filter(CLOSED)
    n = len(closed)
    if not n:
        raise NothingToShow("the share", f"no case closed by {as_of}", "use a larger docket")
    parts = closed.group_by(REPRESENTED.alias("with")).agg(pl.len(), FILED.sum().alias("filed"))
    total = sum(row["len"] / n * (row["filed"] / row["len"]) for row in parts.to_dicts())
    return Reading(total, also=(("filed, counted", float(closed.select(FILED).mean().item())),))


def _all(conditions: tuple[pl.Expr, ...]) -> pl.Expr:
    return reduce(and_, conditions, EVERYBODY).fill_null(False)


def _number(frame: pl.DataFrame, conditions: tuple[pl.Expr, ...]) -> int:
    return len(frame.filter(_all(conditions)))


WEIGHT = "case when c.is_tagged then $dedicated else $elsewhere end"
COURT_KINDS = "('RMV', 'DEP', 'EXC', 'AOC', 'WHO')"
"""Removal, deportation, exclusion, asylum-only, withholding-only: EOIR's series (B01)."""

RECEIVED = f"""
    select received_date as day, sum({WEIGHT}) as n
    from out_docket__case as c
    where has_proceeding and received_date is not null
        and case_type_code in {COURT_KINDS}
    group by day
"""

ENDED = """
    select {date} as day, sum({weight}) as n
    from out_docket__decision as d
    join out_docket__case as c using (case_id)
    where {condition} and c.received_date is not null
    group by day
"""

COMPLETED = ENDED.format(
    date="d.completed_date",
    weight=WEIGHT,
    condition=f"d.outcome <> 'administrative closure' and c.case_type_code in {COURT_KINDS}",
)
COMPLETED_WITHOUT_NTA = ENDED.format(
    date="d.completed_date",
    weight=WEIGHT,
    condition=f"d.outcome = 'no nta' and c.case_type_code in {COURT_KINDS}",
)
COMPLETED_ALL_KINDS = ENDED.format(
    date="d.completed_date", weight=WEIGHT, condition="d.outcome <> 'administrative closure'"
)
CLOSED_ON = ENDED.format(
    date="d.completed_date", weight=WEIGHT, condition=f"c.case_type_code in {COURT_KINDS}"
)
UNDONE_ON = ENDED.format(
    date="coalesce(d.undone_date, d.completed_date)",
    weight=WEIGHT,
    condition=f"d.is_undone and c.case_type_code in {COURT_KINDS}",
)


def between(query: str, first: date) -> Read:
    """Add up a daily series from a day to the figure's own day."""

    def read(held: Held, as_of: date) -> Reading:
        return Reading(_sum(held.rows(query), first, as_of))

    return read


def completed_between(first: date) -> Read:
    """Count completions of removal-type cases; dismissals for want of an NTA named beside."""

    def read(held: Held, as_of: date) -> Reading:
        no_nta = _sum(held.rows(COMPLETED_WITHOUT_NTA), first, as_of)
        return Reading(
            _sum(held.rows(COMPLETED), first, as_of), also=(("of which no NTA filed", no_nta),)
        )

    return read


def pending(held: Held, as_of: date) -> Reading:
    """Count removal-type cases received and not closed, those reopened counted again."""
    start = date(1900, 1, 1)
    received, closed, undone = (
        _sum(held.rows(query), start, as_of) for query in (RECEIVED, CLOSED_ON, UNDONE_ON)
    )
    return Reading(received - closed + undone)


def _sum(frame: pl.DataFrame, first: date, last: date) -> float:
    return float(frame.filter(pl.col("day").is_between(first, last))["n"].sum())


FIRST_DECISIONS = f"""
    with icc as (
        select
            case_id,
            arg_min(outcome, ending_count)                      as outcome,
            min(completed_date)                                 as decided_date
        from out_docket__decision
        where is_decision
        group by case_id
    )
    select
        decided_date                                            as day,
        c.custody_code in ('N', 'R')                            as is_free,
        sum({WEIGHT})                                           as n,
        coalesce(sum({WEIGHT}) filter (icc.outcome = 'in absentia'), 0) as absent
    from icc
    join out_docket__case as c using (case_id)
    where c.case_type_code in {COURT_KINDS}
    group by all
"""
"""A case's initial completion: its first decision by a judge (closures never count)."""


def in_absentia_rate(first: date) -> Read:
    """Divide in absentia orders by initial case completions of the same years."""

    def read(held: Held, as_of: date) -> Reading:
        rows = held.rows(FIRST_DECISIONS).filter(pl.col("day").is_between(first, as_of))
        free = rows.filter("is_free")
        if free.is_empty():
            raise NothingToShow("the rate", f"no decision by {as_of}", "use a larger docket")
        everybody = float(rows["absent"].sum()) / float(rows["n"].sum())
        return Reading(
            float(free["absent"].sum()) / float(free["n"].sum()),
            also=(("detained people too", everybody),),
        )

    return read


OPEN_CASES = f"""
    select
        coalesce(c.received_date, date '1900-01-01')            as received,
        sum({WEIGHT})                                           as n,
        coalesce(sum({WEIGHT}) filter (c.is_pending), 0)        as still_open
    from out_docket__case as c
    where c.has_proceeding
    group by received
"""


def open_share(held: Held, as_of: date) -> Reading:
    """Give the share of all cases that the release leaves without a final completion."""
    if held.as_of > as_of + timedelta(days=45):
        raise NothingToShow(
            "the share of open cases",
            f"the figure is of mid-2026, the release of {held.as_of}",
            "compare a release of mid-2026",
        )
    rows = held.rows(OPEN_CASES)
    return Reading(float(rows["still_open"].sum()) / float(rows["n"].sum()))

"""What followed decisions: motions granted and denied, remands, appeals dismissed."""

from datetime import date

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.arrow import fetched
from opendocket.simulate.hazards import EDGES, STRETCHES, expected, hazard, summed
from opendocket.simulate.population import POPULATIONS
from opendocket.simulate.posterior import Follow, Hazards
from opendocket.simulate.recorded import Endings
from opendocket.simulate.shrunken import gamma_size
from opendocket.simulate.tables import BACK, DECISIONS, FIRST_DECISION, WAYS

DISMISSED = (
    "DIS", "DEN", "D30", "DUT", "DVD", "DMO", "NJU", "REJ", "S-L", "SAD", "SAF", "SAV", "SDG",
    "SED", "SND", "SOD", "SUD", "WDL",
)  # fmt: skip
"""Decisions of the Board that leave the judge's as it was. Source: the courts' code key."""

STEPS = f"""
select
    u.number::integer                                           as unit,
    (m.decided_date - date '1970-01-01')::integer               as day,
    3                                                           as way
from out_view__motion as m
join sim_unit as u on u.case_id = m.case_id
where m.is_to_reopen and m.decision_code = 'D' and m.decided_date <= $as_of
union all
select
    u.number::integer,
    (a.decided_date - date '1970-01-01')::integer,
    4
from out_view__case_appeal as a
join sim_unit as u on u.case_id = a.case_id
where a.decision_code in {DISMISSED} and a.decided_date <= $as_of
order by unit, day, way
"""
"""Motions to reopen denied, and appeals that came to nothing."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def follow_of(
    con: duckdb.DuckDBPyConnection,
    endings: Endings,
    population: NDArray[np.integer],
    window: tuple[int, int],
) -> Follow:
    """Fit what follows decisions, and when.

    Args:
        con: A docket's, with ``sim_unit``.
        endings: Of the units, from years before the window on.
        population: Of each unit.
        window: First and last day, since 1970; only these days are looked at.

    Returns:
        Hazards by population, and how much likelier each way is after each decision.

    Assumes:
        After each decision a way comes as soon, or as late, as after others, but more or less
        often (proportional hazards). A case that came back by no decision of the Board did so
        by a motion, or by whatever else a later proceeding shows.
    """
    first, last = window
    decided = endings.day.astype(np.int64)
    cell = population[endings.unit].astype(np.int64) * len(DECISIONS)
    cell += endings.outcome - FIRST_DECISION
    entered = np.maximum(first - 1 - decided, 0)
    until = np.minimum(endings.until, last) - decided
    way = np.where(endings.until <= last, 1 + endings.is_remand, 0)
    used = endings.until >= first
    back = _of_ways(cell[used] // len(DECISIONS), entered[used], until[used], way[used])
    steps = fetched(con, STEPS, {"as_of": np.datetime64(last, "D").astype(date)})
    at, step = _first_steps(endings, steps, window)
    final = _watched_too(back.watched, cell[at] // len(DECISIONS), steps[step], decided[at])
    seen = np.zeros((len(POPULATIONS) * len(DECISIONS), len(WAYS)))
    np.add.at(seen, (cell[used & (way > 0)], way[used & (way > 0)] - 1), 1.0)
    np.add.at(seen, (cell[at], steps["way"].to_numpy()[step] - 1), 1.0)
    due = np.zeros_like(seen)
    rates = np.concatenate([back.pooled().rates(), final.pooled().rates()])
    for w, sums in enumerate(summed(rates)):
        each = expected(sums, entered[used], until[used])
        due[:, w] = np.bincount(cell[used], each, minlength=len(seen))
    shape = (len(POPULATIONS), len(DECISIONS), len(WAYS))
    size = np.array([gamma_size(seen[:, w], due[:, w]) for w in range(len(WAYS))])
    due = np.round(due, 6)
    return Follow(back, final, seen.reshape(shape), due.reshape(shape), size.round(3))


def _of_ways(n: Ints, entered: Ints, until: Ints, way: Ints) -> Hazards:
    found = [
        hazard(entered[n == p], until[n == p], way[n == p], ways=BACK)
        for p in range(len(POPULATIONS))
    ]
    return Hazards(np.stack([h.ended for h in found]), np.stack([h.watched for h in found]))


def _first_steps(
    endings: Endings, steps: pl.DataFrame, window: tuple[int, int]
) -> tuple[Ints, Ints]:
    """Match steps with the ending they followed: of several of a kind, the first.

    Returns:
        Places of endings and of steps, those of the window.
    """
    unit = steps["unit"].to_numpy().astype(np.int64)
    day = steps["day"].to_numpy().astype(np.int64)
    if not len(endings.unit) or not len(unit):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    of_ending = (endings.unit.astype(np.int64) << 32) + endings.day
    at = np.maximum(np.searchsorted(of_ending, (unit << 32) + day, side="right") - 1, 0)
    fits = (endings.unit[at] == unit) & (endings.day[at] <= day) & (day <= endings.until[at])
    step = np.flatnonzero(fits)
    both = at[step] * (len(WAYS) + 1) + steps["way"].to_numpy()[step]
    step = step[np.unique(both, return_index=True)[1]]
    step = step[(day[step] >= window[0]) & (day[step] <= window[1])]
    return at[step], step


def _watched_too(watched: Floats, n: Ints, steps: pl.DataFrame, decided: Ints) -> Hazards:
    """Count final steps among the cases that were watched for coming back."""
    ended = np.zeros((len(POPULATIONS), len(WAYS) - BACK, STRETCHES))
    after = steps["day"].to_numpy() - decided
    stretch = np.minimum(np.searchsorted(EDGES, after, side="right") - 1, STRETCHES - 1)
    np.add.at(ended, (n, steps["way"].to_numpy() - BACK - 1, stretch), 1.0)
    return Hazards(ended, watched)

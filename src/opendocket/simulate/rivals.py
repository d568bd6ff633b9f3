"""The three naive models on a docket's own courts: what a simulation has to beat.

Each is told what the simulation is told: of the year before, or, if the hindcast is
conditional, the new cases, the hearings and the judges of each month.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.fitted import Fit
from opendocket.simulate.naive import (
    INDIVIDUAL,
    MASTER,
    Flowed,
    Fluid,
    by_judges,
    flowed,
    same_net_flow,
)
from opendocket.simulate.observed import Heard, LastYear
from opendocket.simulate.tables import INDIVIDUAL as AT_INDIVIDUAL
from opendocket.simulate.tables import LATER_MASTER, REASONS, SET

Floats = NDArray[np.float64]

MODELS = ("last year", "judges", "fluid")
ORDER = ("detained", "dedicated", "juvenile", "ordinary")
"""Whom the fluid hears first."""
AGES = 180
DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Known:
    """What the naive models are told; c courts, n populations, m months of the run."""

    before: LastYear
    heard_before: Heard
    arrivals: Floats
    """People of each month; shape (m, c, n)."""
    hearings: Floats
    """Of each month; shape (m, c, 2)."""
    judges: Floats
    """Shape (m, c)."""
    units: NDArray[np.void]
    """Pending at the start."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """People pending and endings of each month."""

    pending: Floats
    """At the end; shape (m, c)."""
    endings: Floats
    """By decision, all courts; shape (m, 9)."""


def forecasts(known: Known, fit: Fit) -> dict[str, Forecast]:
    """Forecast by each of the three models.

    Args:
        known: What they are told.
        fit: Whose chances and gaps the fluid flows by.
    """
    return {
        "last year": _last_year(known),
        "judges": _by_judges(known),
        "fluid": _fluid(known, fit),
    }


def _mix(known: Known) -> Floats:
    """Give the year before's shares of endings by decision; shape (9,)."""
    total = known.before.endings.sum(axis=0)
    shares: Floats = total / max(total.sum(), 1.0)
    return shares


def _last_year(known: Known) -> Forecast:
    months = len(known.arrivals)
    pending = np.stack(
        [
            same_net_flow(float(stock), float(change) / 12, months)
            for stock, change in zip(known.before.pending, known.before.change, strict=True)
        ],
        axis=1,
    )
    monthly = known.before.endings.sum(axis=0) / 12
    return Forecast(pending, np.tile(monthly, (months, 1)))


def _by_judges(known: Known) -> Forecast:
    """Do the arithmetic in each court, with the nation's rate where a court has no judge."""
    sat = known.heard_before.judges.mean(axis=1)
    ended = known.before.endings.sum(axis=1) / 12
    nation = ended.sum() / max(sat.sum(), 1.0)
    rate = np.where(sat > 0, ended / np.maximum(sat, 1e-9), nation)
    came = known.arrivals.sum(axis=2)
    pending, done = np.zeros_like(came), np.zeros_like(came)
    for court, stock in enumerate(known.before.pending):
        pending[:, court], done[:, court] = by_judges(
            float(stock), came[:, court], known.judges[:, court], per_judge=float(rate[court])
        )
    return Forecast(pending, done.sum(axis=1)[:, None] * _mix(known))


def _fluid(known: Known, fit: Fit) -> Forecast:
    order = [fit.populations.index(name) for name in ORDER if name in fit.populations]
    came = _flowed(known, fit, order)
    return Forecast(
        came.pending.sum(axis=2), came.decided.sum(axis=(1, 2))[:, None] * _mix(known)
    )


def _flowed(known: Known, fit: Fit, order: list[int]) -> Flowed:
    units, courts = known.units, known.arrivals.shape[1]
    start = np.zeros((courts, len(order), 2, AGES))
    place = np.zeros(len(fit.populations), dtype=np.int64)
    place[order] = np.arange(len(order))
    age = np.minimum(-units["filed"].astype(np.int64) / DAYS_A_MONTH, AGES - 1).astype(np.int64)
    stage = np.where(units["stage"] == AT_INDIVIDUAL, INDIVIDUAL, MASTER)
    at = (units["court"], place[units["population"]], stage, age)
    np.add.at(start, at, units["size"])
    return flowed(
        start, known.arrivals[:, :, order], known.hearings, fluid=_parameters(fit, order)
    )


def _parameters(fit: Fit, order: list[int]) -> Fluid:
    """Take means over courts, counsel and applications of what a fit says of hearings."""
    tables = fit.tables()
    result = tables.result.mean(axis=(0, 3, 4))[order]
    goes_on = result[:, [LATER_MASTER, AT_INDIVIDUAL], : len(REASONS)].sum(axis=2)
    gaps = tables.gap.astype(np.float64).mean(axis=3)[:, :, : len(REASONS)].mean(axis=2)
    return Fluid(
        goes_on=goes_on,
        is_set=result[:, LATER_MASTER, SET],
        months_between=gaps[order] / DAYS_A_MONTH,
        held=np.zeros(len(order)),
    )

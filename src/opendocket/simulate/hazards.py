"""How long until something happens, if ever: for people watched for different lengths of time.

Who has no counsel yet may still find some, so a share of those who have is too low, and their
mean time too short. Here each day's events are divided by those still waiting that day, as
Kaplan and Meier do, and a posterior draw draws each stretch of days anew.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.luck import QUANTILES
from opendocket.simulate.tables import Quantiles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def _edges() -> Ints:
    """Cut time by days for three months, by weeks for three years, then by four weeks."""
    days = np.arange(90)
    weeks = np.arange(90, 1_098, 7)
    months = np.arange(1_098, 1_098 + 28 * 180, 28)
    return np.concatenate([days, weeks, months]).astype(np.int64)


EDGES = _edges()
"""First days of the stretches, and the day after the last; shape (stretches + 1,)."""

STRETCHES = len(EDGES) - 1
WIDTHS = np.diff(EDGES).astype(np.float64)

WATCHED = 20
"""With fewer people watched than this, on the mean day of a stretch, nothing is read off it."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """What happened in each stretch of days, and to how many it could have.

    Attributes:
        ended: Events of each way; shape (ways, stretches).
        watched: People at risk, summed over the stretch's days; shape (stretches,).
    """

    ended: Floats
    watched: Floats

    def rates(self, rng: np.random.Generator | None = None) -> Floats:
        """Give the chance of each way on a day of each stretch, or a posterior draw of it.

        Returns:
            Shape (ways, stretches); 0 where fewer than ``WATCHED`` were watched.

        Assumes:
            Within a stretch each day is like the next. What nobody was watched for long enough
            to see does not happen.
        """
        seen = self.watched >= WATCHED * WIDTHS
        ended = self.ended if rng is None else rng.standard_gamma(self.ended)
        found: Floats = np.where(seen, ended / np.where(seen, self.watched, 1.0), 0.0)
        return np.minimum(found, 1.0)


def hazard(entered: Ints, until: Ints, way: Ints, *, ways: int = 1) -> Hazard:
    """Count events and people at risk.

    Args:
        entered: Days from the clock's start to the day each came under observation, without
            the event until then; 0 or more; shape (n,).
        until: Days to the event, or to the end of observation; shape (n,).
        way: 0 for no event, else 1 and up; shape (n,).
        ways: How many ways there are.

    Returns:
        The counts. On the days of the first three months they are those of Kaplan & Meier:
        who is watched until a day is at risk on that day, who came late from the day after.

    Source:
        Klein & Moeschberger, Survival Analysis, 2nd ed. (2003), section 4.6, for late entry.

    Example:
        >>> few = hazard(np.zeros(40, int), np.full(40, 5), np.repeat([1, 0], 20))
        >>> few.rates()[0, :7].tolist()
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0]
    """
    last = int(EDGES[-1])
    first = np.where(entered > 0, entered + 1, 0)
    used = (until >= first) & (first < last)
    first, until, way = first[used], until[used], way[used]
    steps = np.bincount(first, minlength=last + 1)[: last + 1].astype(np.float64)
    steps -= np.bincount(np.minimum(until + 1, last), minlength=last + 1)[: last + 1]
    watched = np.add.reduceat(np.cumsum(steps)[:last], EDGES[:-1])
    stretch = np.searchsorted(EDGES, until, side="right") - 1
    is_in = (way > 0) & (until < last)
    at = (way[is_in] - 1) * STRETCHES + stretch[is_in]
    ended = np.bincount(at, minlength=ways * STRETCHES).astype(np.float64)
    return Hazard(ended.reshape(ways, STRETCHES), watched)


def incidence(rates: Floats, times: Floats | None = None) -> Floats:
    """Give the share that each way happens to, in each stretch of days.

    Args:
        rates: Shape (ways, stretches).
        times: By how much each way is more likely than that; shape (ways,).

    Returns:
        Shape (ways, stretches); all of it adds up to 1 or less, the rest never happens.

    Assumes:
        Ways compete. On a stretch of one day a rate is a chance, on longer ones it is constant.

    Example:
        >>> rates = np.zeros((1, STRETCHES))
        >>> rates[0, :2] = 0.5
        >>> incidence(rates)[0, :3].tolist()
        [0.5, 0.25, 0.0]
    """
    risk = rates if times is None else rates * times[:, None]
    total = risk.sum(axis=0)
    gone = np.where(WIDTHS == 1, np.minimum(total, 1.0), -np.expm1(-total * WIDTHS))
    left = np.concatenate([[1.0], np.cumprod(1 - gone)[:-1]])
    of_way = np.divide(risk, total, out=np.zeros_like(risk), where=total > 0)
    shares: Floats = of_way * gone * left
    return shares


def quantiles_of(mass: Floats, *, least: int = 0) -> Quantiles:
    """Read a table of days off the shares of stretches; within one, days are alike.

    Args:
        mass: Shape (stretches,); what it adds up to is taken for the whole.
        least: No day is below this.

    Returns:
        Shape (256,), ascending; all ``least`` where there is no mass.

    Example:
        >>> mass = np.zeros(STRETCHES)
        >>> mass[:2] = 0.5
        >>> table = quantiles_of(mass)
        >>> int(table[0]), int(table[127]), int(table[128])
        (0, 0, 1)
    """
    total = mass.sum()
    if total <= 0:
        return np.full(QUANTILES, least, dtype=np.int16)
    sums = np.concatenate([[0.0], np.cumsum(mass) / total])
    at = (np.arange(QUANTILES) + 0.5) / QUANTILES
    stretch = np.clip(np.searchsorted(sums, at, side="left") - 1, 0, STRETCHES - 1)
    within = (at - sums[stretch]) / np.maximum(sums[stretch + 1] - sums[stretch], 1e-300)
    days = EDGES[stretch] + np.floor(np.clip(within, 0, 1 - 1e-9) * WIDTHS[stretch])
    table: Quantiles = np.clip(days, least, 32_000).astype(np.int16)
    return table


def summed(rates: Floats) -> Floats:
    """Sum hazards up to each edge; shape (..., stretches + 1)."""
    sums: Floats = np.cumsum(rates * WIDTHS, axis=-1)
    return np.concatenate([np.zeros_like(sums[..., :1]), sums], axis=-1)


def expected(cumulative: Floats, entered: Ints, until: Ints) -> Floats:
    """Give the events due to each of some people by a common hazard.

    Args:
        cumulative: Hazard up to each edge; shape (stretches + 1,).
        entered: As in :func:`hazard`; shape (n,).
        until: As there.

    Example:
        >>> sums = np.arange(STRETCHES + 1) * 0.1
        >>> expected(sums, np.array([0, 2]), np.array([4, 4])).round(2).tolist()
        [0.5, 0.2]
    """
    start = np.where(entered > 0, entered + 1, 0)
    sums = np.interp(until + 1, EDGES, cumulative) - np.interp(start, EDGES, cumulative)
    return np.maximum(sums, 0.0)

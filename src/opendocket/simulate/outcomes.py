"""Chances of results, where an event makes one of them more or less likely."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.placing import Places, numbers
from opendocket.simulate.scenario import Event
from opendocket.simulate.tables import RESULTS, STAGES


def chances(
    result: NDArray[np.float64], events: Iterable[Event], places: Places
) -> NDArray[np.float64]:
    """Change the chances of results as events say, one after the other.

    Args:
        result: As in ``Tables.result``; shape (c, n, 3, 2, 2, 17).
        events: Of kind ``outcome``.
        places: For the numbers of courts and populations.

    Returns:
        The same shape; rows add up to 1. The other results share what is left in proportion.
    """
    changed = result.copy()
    for event in events:
        whose = numbers(event.populations, places.populations[: places.whole])
        at = np.ix_(
            np.flatnonzero(numbers(event.courts, places.courts)),
            np.flatnonzero(whose),
            np.flatnonzero(numbers(event.stages, STAGES)),
        )
        changed[at] = scaled(changed[at], RESULTS.index(event.result), event.factor)
    return changed


def scaled(rows: NDArray[np.float64], which: int, factor: float) -> NDArray[np.float64]:
    """Multiply the chance of one result, at most to 1, and give the rest what is left.

    Args:
        rows: Chances that add up to 1; shape (..., m).
        which: Number of the result.
        factor: What its chance is multiplied by. A certain one stays so: nothing else could
            take its place.

    Example:
        >>> scaled(np.array([0.2, 0.2, 0.6]), 0, 2.0).round(2).tolist()
        [0.4, 0.15, 0.45]
    """
    old = rows[..., which]
    certain = old >= 1 - 1e-12
    new = np.where(certain, old, np.minimum(old * factor, 1.0))
    rest = np.where(certain, 1.0, (1 - new) / np.where(certain, 1.0, 1 - old))
    changed: NDArray[np.float64] = rows * rest[..., None]
    changed[..., which] = new
    return changed

"""Counsel and applications still to come, drawn for each unit by its own key.

Whether a unit would find counsel, and when, is settled before the run, so that no policy
changes it. Who is known to have none by the start is drawn from those who found it later, or
never.
"""

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.luck import APPLICATION, COUNSEL, QUANTILES, shares, words
from opendocket.simulate.tables import Quantiles, Tables
from opendocket.simulate.world import NEVER

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def with_luck(units: NDArray[np.void], tables: Tables, seed: int) -> NDArray[np.void]:
    """Draw when units find counsel and apply, where that is not known.

    Args:
        units: Of dtype ``UNIT``. Counsel and applications before day 0 are known, and stay; all
            others are drawn, and drawn anew if they were.
        tables: Whose chances.
        seed: The run's.

    Returns:
        A copy with ``seeks`` and ``applies`` set.

    Example:
        >>> from opendocket.simulate.illustrative import illustrative
        >>> from opendocket.simulate.world import UNIT
        >>> some = np.zeros(1_000, UNIT)
        >>> some["key"], some["filed"], some["counsel"] = np.arange(1_000), -365, NEVER
        >>> some["population"] = 3
        >>> later = with_luck(some, illustrative().tables(), seed=1)
        >>> int(later["seeks"].min()) >= 0, 100 < int((later["seeks"] < NEVER).sum()) < 300
        (True, True)
    """
    out = units.copy()
    n, c = units["population"], units["court"]
    has_counsel, has_applied = units["counsel"] < 0, units["applies"] < 0
    filed = units["filed"].astype(np.int64)
    seeks = _drawn(
        words(seed, units["key"], 0, COUNSEL), tables.counsel_share[c, n],
        tables.counsel_days, n, filed,
    )  # fmt: skip
    applies = _drawn(
        words(seed, units["key"], 0, APPLICATION), tables.application_share[n],
        tables.application_days, n, filed,
    )  # fmt: skip
    out["seeks"] = np.where(has_counsel, units["counsel"], seeks)
    out["applies"] = np.where(has_applied, units["applies"], applies)
    out["counsel"] = np.where(has_counsel, units["counsel"], NEVER)
    return out


def _drawn(
    word: NDArray[np.uint32],
    share: Floats,
    days: Quantiles,
    population: NDArray[np.uint8],
    filed: Ints,
) -> Ints:
    """Draw days of the run; for one filed before it, given that it was not before day 0."""
    gone = np.zeros(len(filed), dtype=np.int64)
    for n in range(len(days)):
        of_it = population == n
        gone[of_it] = np.searchsorted(days[n], -filed[of_it], side="left")
    passed = gone / QUANTILES
    chance = share * (1 - passed) / np.maximum(1 - share * passed, 1e-12)
    u = shares(word)
    at = gone + np.floor(u[:, 1] * (QUANTILES - gone)).astype(np.int64)
    day = filed + days[population, np.minimum(at, QUANTILES - 1)]
    return np.where(u[:, 0] < chance, np.minimum(day, NEVER - 1), NEVER)

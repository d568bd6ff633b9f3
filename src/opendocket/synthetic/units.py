"""The unit of fate: people whose cases are decided together, mostly a family.

A unit's columns are arrays of one length, so that twenty thousand cases are drawn at once.
"""

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from opendocket.synthetic.calendar import Days

OUTCOMES = (
    "pending",
    "relief",
    "protection",
    "removal",
    "in absentia",
    "voluntary departure",
    "termination",
    "no nta",
    "administrative closure",
    "other",
    "review",
)
"""How a case first ends; a position in this tuple is an outcome's number."""

PENDING = 0
NUMBER = {name: number for number, name in enumerate(OUTCOMES)}

CASE_TYPES = ("RMV", "DEP", "EXC", "AOC", "WHO", "CFR", "RFR", "DDC")
RMV, DEP, EXC, AOC, WHO, CFR, RFR, DDC = range(8)

CUSTODY = ("N", "D", "R")
NEVER_DETAINED, DETAINED, RELEASED = range(3)

NATIONALITIES = (
    "MX", "GT", "HO", "ES", "VE", "CU", "CO", "EC", "NU", "BR", "CH", "IN", "PE", "HA",
    "RU", "TU", "DR",
)  # fmt: skip
LANGUAGES = ("SP", "ENG", "POR", "CRE", "MAN", "PUN", "RUS", "QUI", "MAM", "AR", "TU")

Numbers = NDArray[np.int32]

IMPOSSIBLE = (
    # asylum-only and withholding-only cases end in neither voluntary departure nor, for the
    # latter, in lawful status; people excluded withdrew instead of departing; deportation
    # and exclusion came before such protection
    ((AOC, WHO), "voluntary departure", "removal"),
    ((EXC,), "voluntary departure", "other"),
    ((WHO,), "relief", "protection"),
    ((DEP, EXC), "protection", "relief"),
)


def possible(outcome: Numbers, case_type: Numbers) -> Numbers:
    """Replace outcomes that a kind of case cannot have; shapes (n,)."""
    for types, drawn, instead in IMPOSSIBLE:
        wrong = np.isin(case_type, types) & (outcome == NUMBER[drawn])
        outcome = np.where(wrong, NUMBER[instead], outcome).astype(np.int32)
    return outcome


@dataclass(frozen=True, slots=True)
class Units:
    """Units drawn together, one row each; shapes (n,)."""

    size: Numbers
    """People in the unit."""
    is_dedicated: NDArray[np.bool_]
    """Its cases carry the Dedicated Docket's tag."""
    at_place: NDArray[np.bool_]
    """It is heard at a place of the Dedicated Docket."""
    place: Numbers
    """Which one; -1 for none."""
    court: Numbers
    case_type: Numbers
    custody: Numbers
    nationality: Numbers
    language: Numbers
    nta: Days
    received: Days
    first_hearing: Days
    """The first hearing planned, whether or not the case lasts so long."""
    outcome: Numbers
    closed: Days
    """The day the case first ends."""
    counsel: Days
    """The day counsel first appears, before the case ends."""
    asylum: Days
    """The day asylum is applied for, before the case ends."""

    def __len__(self) -> int:
        """Count the units."""
        return len(self.size)


def sizes_adding_up(
    total: int, shares: NDArray[np.float64], rng: np.random.Generator
) -> Numbers:
    """Draw unit sizes that add up to a number of cases exactly.

    Args:
        total: Cases wanted.
        shares: Share of units with 1, 2, … people; shape (k,).
        rng: Chance.

    Returns:
        Sizes; the last unit is cut where it would exceed the total.

    Example:
        >>> int(sizes_adding_up(100, np.array([0.5, 0.5]), np.random.default_rng(1)).sum())
        100
    """
    mean = float((shares * np.arange(1, len(shares) + 1)).sum())
    drawn = rng.choice(len(shares), size=int(total / mean * 1.2) + 50, p=shares) + 1
    upto = np.cumsum(drawn)
    while upto[-1] < total:
        more = rng.choice(len(shares), size=50, p=shares) + 1
        drawn = np.concatenate([drawn, more])
        upto = np.cumsum(drawn)
    last = int(np.searchsorted(upto, total))
    sizes = drawn[: last + 1].astype(np.int32)
    sizes[-1] -= int(upto[last] - total)
    return sizes


def pick(shares: NDArray[np.float64], chance: NDArray[np.float64]) -> Numbers:
    """Choose one of k by shares, given chances between 0 and 1.

    Args:
        shares: Shape (k,) for all, or (n, k) for each.
        chance: Shape (n,).

    Example:
        >>> pick(np.array([0.2, 0.8]), np.array([0.1, 0.5]))
        array([0, 1]...
    """
    upto = np.cumsum(shares, axis=-1)
    if shares.ndim == 1:
        found = np.searchsorted(upto, chance * upto[-1], side="right")
    else:
        found = (upto <= (chance * upto[:, -1])[:, None]).sum(axis=1)
    return np.asarray(np.minimum(found, shares.shape[-1] - 1), dtype=np.int32)


def lognormal_days(
    median: float | NDArray[np.float64], sigma: float, rng: np.random.Generator, n: int
) -> NDArray[np.float64]:
    """Draw lengths in days with a lognormal distribution, given its median."""
    return np.asarray(median * np.exp(sigma * rng.standard_normal(n)))


def even_chances(
    count: int, *by: NDArray[np.generic], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw chances that are spread evenly along an order, group by group.

    Chances drawn one by one leave small groups far from what they should be made of: of 27
    families with counsel, one release would have 20 and the next 34. Along an order, each
    stretch of it gets chances as even as can be, and so does each group that the order
    keeps together. Each chance by itself is still uniform.

    Args:
        count: Chances for each unit.
        by: What to order units by, most important first; each (n,).
        rng: Chance, for where the sequence starts.

    Returns:
        Between 0 and 1; shape (count, n).

    Source:
        Kronecker sequences with the generalised golden ratio: Niederreiter, Random Number
        Generation and Quasi-Monte Carlo Methods (1992), chapter 3.

    Example:
        >>> u = even_chances(1, np.arange(400), rng=np.random.default_rng(1))
        >>> counts, _ = np.histogram(u, bins=4, range=(0, 1))
        >>> bool(abs(counts - 100).max() <= 2)
        True
    """
    order = np.lexsort(by[::-1])
    root = 2.0
    for _ in range(60):
        root = (1 + root) ** (1 / (count + 1))
    steps = root ** -np.arange(1.0, count + 1)
    points = (rng.random((count, 1)) + steps[:, None] * np.arange(len(order))) % 1.0
    chances = np.empty_like(points)
    chances[:, order] = points
    return chances


@cache
def _quantiles() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    at = np.concatenate([np.geomspace(1e-7, 0.01, 200), np.linspace(0.01, 0.5, 800)[1:]])
    at = np.concatenate([at, 1 - at[-2::-1]])
    return at, np.array([NormalDist().inv_cdf(p) for p in at])


def normal(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn chances into draws from the standard normal distribution; shapes (n,).

    Example:
        >>> normal(np.array([0.025, 0.5])).round(2)
        array([-1.96,  0.  ])
    """
    return np.asarray(np.interp(chance, *_quantiles()))

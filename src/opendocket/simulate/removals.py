"""Orders carried out: a process of its own, as no release of the courts says who was removed.

Two published figures stand behind it. Of more than 11,000 orders of the Dedicated Docket from
May 2021 to July 2022 about 150 were carried out by then (A35, A36); and of tens of thousands of
people with a final order of the two years before February 2021 fewer than 18 in 100 had been
removed (E07), detained people among them. Neither follows orders for a known time, so what is
made of them is an assumption, to a factor of two or so; decisions are not moved by it.
"""

import numpy as np

from opendocket.simulate.hazards import EDGES, quantiles_of
from opendocket.simulate.posterior import Removals
from opendocket.simulate.tables import DECISIONS

FREE = 150 / 11_000
"""Carried out by July 2022, of orders of the Dedicated Docket. Source: A36."""

FOLLOWED_DAYS = 150.0
"""Days that those orders had been followed for on the average: they grew in number over
14 months. Assumed."""

MEAN_DAYS = 730.0
"""Days from an order to its being carried out, for people at large. Assumed."""

DETAINED, DETAINED_DAYS = 0.85, 30.0
"""Share carried out, and mean days, of detained people's orders. Assumed; with it, and the rest
as on the Dedicated Docket, E07 holds while they are fewer than one in seven of final orders."""

FACTOR = 0.7
"""Standard deviation of the share's logarithm: a factor of two either way."""

SOURCE = (
    "assumed, from published figures A35, A36 (150 of 11,000 orders of the Dedicated Docket) "
    "and E07 (under 18 per cent); not in any release"
)


def assumed_removals(populations: tuple[str, ...]) -> Removals:
    """Give how many orders are carried out, by population.

    Args:
        populations: One called ``detained`` has the chances of detained people.

    Returns:
        Shares of removal orders, in absentia or not; 0 for every other decision.

    Assumes:
        An exponential time to removal, alike on all dockets but the detained one.

    Source:
        Published figures A35, A36, E07.

    Example:
        >>> removals = assumed_removals(("dedicated", "detained"))
        >>> removals.share[:, DECISIONS.index("removal")].round(3).tolist()
        [0.073, 0.85]
    """
    ever = FREE / -np.expm1(-FOLLOWED_DAYS / MEAN_DAYS)
    share = np.zeros((len(populations), len(DECISIONS)))
    days, factor = [], []
    for n, name in enumerate(populations):
        is_detained = name == "detained"
        for order in ("in absentia", "removal"):
            share[n, DECISIONS.index(order)] = DETAINED if is_detained else ever
        mean = DETAINED_DAYS if is_detained else MEAN_DAYS
        ends = np.exp(-EDGES / mean)
        days.append(quantiles_of(ends[:-1] - ends[1:]))
        factor.append(FACTOR / 7 if is_detained else FACTOR)
    return Removals(share, np.array(factor), np.stack(days), SOURCE)

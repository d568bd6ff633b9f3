"""What happens at a hearing and after it: the chances and the gaps a run draws from.

Chances go with a *population* (who the people are), gaps with a *docket* (how their hearings
are placed): a policy moves people between dockets and leaves their chances per hearing as
they are. ``docs/explanation/simulation.md`` says what each table means.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.luck import QUANTILES

REASONS = (
    "respondent", "dhs", "judge", "court operations", "interpreter",
    "other agency or joint", "stage or decision",
)  # fmt: skip
"""Whose reason a continuance is: our groups of the courts' codes of adjournment."""

DECISIONS = (
    "in absentia", "removal", "voluntary departure", "relief", "protection", "termination",
    "other", "no nta", "administrative closure",
)  # fmt: skip
"""How a case may end at a hearing, in the docket's own groups of outcomes."""

RESULTS = (*REASONS, "individual set", *DECISIONS, "vacated")
"""What a hearing comes to, by number. ``vacated`` is not drawn: the calendar took the day."""

SET = RESULTS.index("individual set")
FIRST_DECISION = SET + 1
VACATED = RESULTS.index("vacated")
DRAWN = VACATED
"""Results that can be drawn: 17."""

STAGES = ("first master", "later master", "individual")
"""What the next hearing of an open case is."""

FIRST_MASTER, LATER_MASTER, INDIVIDUAL, CLOSED, DECLINED = range(5)
"""Stages by number; CLOSED has ended (for now), DECLINED never came (see ``accepted``)."""

GAPS = (*REASONS, "individual set", "received", "returned")
"""What a wanted gap is counted from: a result, the day of receipt, or a return."""

RECEIVED, RETURNED = GAPS.index("received"), GAPS.index("returned")

WAYS = ("motion granted", "remand", "motion denied", "appeal dismissed")
"""What may follow a decision; the first two bring the case back."""

BACK = 2
"""Ways that bring a case back, the first of ``WAYS``."""

LEAST_DAYS_BACK = 30
"""A case that comes back does so this many days after its decision or later.

Blocks are no longer than that, so within one no judge can hear of another (docs)."""

LARGEST_FAMILY = 12

Share = NDArray[np.float64]
Quantiles = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Tables:
    """Chances and gaps, for c courts, n populations, k kinds of docket.

    Quantile tables hold days at 256 equally likely points, ascending. Indices follow the
    names in this module; ``represented`` and ``applied`` are 0 for no, 1 for yes.
    """

    courts: tuple[str, ...]
    populations: tuple[str, ...]
    dockets: tuple[str, ...]
    """Dockets that gaps were fitted to; a scenario's docket is *like* one of them."""
    result: Share
    """Shape (c, n, 3 stages, 2 represented, 2 applied, 17 results); each row adds up to 1."""
    gap: Quantiles
    """Wanted days to the next hearing; shape (k, 2, 10 gaps, 256). The second index is what
    the hearing before was, master or individual; for ``returned`` what the next one is."""
    counsel_share: Share
    """People who would ever find counsel if there is a lawyer free; shape (c, n)."""
    counsel_days: Quantiles
    """Days from receipt to finding counsel; shape (n, 256)."""
    application_share: Share
    """People who would ever apply for relief; shape (n,)."""
    application_days: Quantiles
    """Days from receipt to the application; shape (n, 256)."""
    follow_share: Share
    """Chance of each way after each decision; shape (n, 9 decisions, 4 ways), rows add up to
    1 or less: the rest is final."""
    follow_days: Quantiles
    """Days from the decision to a motion's or an appeal's decision, at least 30;
    shape (n, 4 ways, 256)."""
    removal_share: Share
    """Final orders that are carried out; shape (n, 9 decisions)."""
    removal_days: Quantiles
    """Days from the final order until then; shape (n, 256)."""
    family_share: Share
    """People in a family; shape (n, 12), for 1 to 12; rows add up to 1."""
    arrivals: Share
    """Families received a day; shape (c, n)."""
    season: Share
    """Each month's arrivals against the mean, from January; shape (n, 12), mean 1."""
    dispersion: Share
    """Variance of the monthly arrivals' rate, as a share of its square; shape (n,)."""

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit, and chances that are none."""
        for name, shape in self._shapes().items():
            found = getattr(self, name).shape
            if found != shape:
                raise ValueError(f"{name}: shape {found}; expected {shape}")
        for name in ("result", "family_share"):
            total = getattr(self, name).sum(axis=-1)
            if not np.allclose(total, 1.0, atol=1e-6):
                raise ValueError(f"{name}: rows add up to {total.min()}; expected 1")
        if (self.follow_share.sum(axis=-1) > 1 + 1e-9).any():
            raise ValueError("follow_share: rows add up to more than 1")
        if (self.follow_days < LEAST_DAYS_BACK).any():
            raise ValueError(f"follow_days: below {LEAST_DAYS_BACK}")
        if self.result[:, :, INDIVIDUAL, :, :, SET].any():
            raise ValueError("result: an individual hearing is set at an individual hearing")

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        c, n, k, q = len(self.courts), len(self.populations), len(self.dockets), QUANTILES
        return {
            "result": (c, n, len(STAGES), 2, 2, DRAWN),
            "gap": (k, 2, len(GAPS), q),
            "counsel_share": (c, n),
            "counsel_days": (n, q),
            "application_share": (n,),
            "application_days": (n, q),
            "follow_share": (n, len(DECISIONS), len(WAYS)),
            "follow_days": (n, len(WAYS), q),
            "removal_share": (n, len(DECISIONS)),
            "removal_days": (n, q),
            "family_share": (n, LARGEST_FAMILY),
            "arrivals": (c, n),
            "season": (n, 12),
            "dispersion": (n,),
        }

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give every table by name, in the order they are declared."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if not isinstance(value, tuple)}


def quantiles(days: NDArray[np.floating] | NDArray[np.integer], *, least: int = 0) -> Quantiles:
    """Read 256 equally likely points off some days.

    Args:
        days: Days observed, or drawn; shape (m,), m >= 1.
        least: No point is below this.

    Returns:
        Shape (256,), ascending, the middle of each 256th.

    Example:
        >>> table = quantiles(np.arange(1000))
        >>> int(table[0]), int(table[128]), int(table[255])
        (1, 501, 998)
    """
    at = (np.arange(QUANTILES) + 0.5) / QUANTILES
    points = np.quantile(np.asarray(days, dtype=np.float64), at, method="inverted_cdf")
    return np.clip(np.round(points), least, 32_000).astype(np.int16)

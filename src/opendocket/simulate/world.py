"""The courts before a run: who is pending, who will come, judges, their days, the rules.

A *unit* is a family, or a person on their own: it takes one slot of a calendar and is decided
together. Rows of the docket are per person; a run is per unit and is written out per person.
Days are whole numbers from the run's first day, 0; negative days lie before it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.tables import Tables

if TYPE_CHECKING:
    from opendocket.simulate.state import State

NEVER = 32_767
"""A day that does not come."""

NOWHERE = 255
"""The pool of a hearing that holds no slot."""

UNIT = np.dtype(
    [
        ("key", "<u4"),  # names its luck: the lead's case for one of the record
        ("filed", "<i2"),  # day of receipt
        ("enters", "<i2"),  # day the run first knows it: 0 if pending at the start, else filed
        ("seeks", "<i2"),  # day it would find counsel were a lawyer free; NEVER
        ("applies", "<i2"),  # day it applies for relief; NEVER
        ("counsel", "<i2"),  # day counsel enters; NEVER until it does
        ("wanted", "<i2"),  # day its next hearing is wanted, or its booked day at the start
        (
            "booked",
            "<i2",
        ),  # day its next hearing is on the calendar; -1 for none, as at the start
        ("decided", "<i2"),  # day it last ended; -1 while open
        ("judge", "<i2"),  # -1: whoever claims it
        ("court", "u1"),
        ("population", "u1"),
        ("docket", "u1"),  # for one that is to come: 255, placed by the rule of its day
        ("stage", "u1"),  # FIRST_MASTER, LATER_MASTER, INDIVIDUAL, CLOSED, DECLINED
        ("size", "u1"),  # people
        ("hearings", "u1"),  # hearings held so far, which number its draws; no more than 250
        ("outcome", "u1"),  # how it last ended, as in RESULTS; 0 while open
        ("round", "u1"),  # times it came back
        ("pool", "u1"),  # pool its slot is of: 0 for all, k + 1 for docket k; 255 for none
        ("flags", "u1"),
    ]
)
"""One unit, 32 bytes: a case is touched at random, so what is of it lies together."""


def in_order(units: NDArray[np.void]) -> NDArray[np.int64]:
    """Give the order a world needs: by court, the day each enters, and key.

    A court's units lie together, so that what its judges touch fits the processor's cache.

    Args:
        units: Of dtype ``UNIT``; shape (u,).

    Returns:
        Positions, so that ``units[in_order(units)]`` is in order; shape (u,).

    Example:
        >>> units = np.zeros(3, dtype=UNIT)
        >>> units["court"], units["enters"] = [1, 0, 0], [0, 7, 3]
        >>> in_order(units).tolist()
        [2, 1, 0]
    """
    order = np.argsort(units["key"], kind="stable")
    order = order[np.argsort(units["enters"][order], kind="stable")]
    return order[np.argsort(units["court"][order], kind="stable")]


@dataclass(frozen=True, slots=True)
class Bench:
    """Judges, or calendars: what a judge can hear on each day. j calendars, k dockets."""

    courts: tuple[str, ...]
    """Codes; at most 255."""
    judges: tuple[str, ...]
    """Codes; a pooled calendar's begins with its court's."""
    court: NDArray[np.uint8]
    """Shape (j,)."""
    worth: NDArray[np.float64]
    """How many judges of the record a calendar stands for; shape (j,)."""
    serves: NDArray[np.bool_]
    """Whose new cases a calendar takes; shape (j, k)."""
    weight: NDArray[np.uint8]
    """Its share of new cases against the court's other calendars, 1 to 255; shape (j,)."""
    slots: NDArray[np.uint8]
    """Families it can hear, master and individual; shape (2, j, days to the horizon)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How hearings are placed. Tuples have one entry for each of k dockets."""

    dockets: tuple[str, ...]
    like: tuple[int, ...]
    """Which of the tables' dockets each takes its gaps from."""
    is_booked: bool = True
    """``booked``: the next hearing takes the first free slot. Else ``pull``: each day a judge
    takes from those waiting."""
    share: tuple[float, ...] = ()
    """Of each day's slots: booked, held for that docket; pull, its quota. 0 for none."""
    release_days: int = 0
    """Booked: slots held for a docket are anybody's this many days before their day."""
    is_strict: bool = True
    """Pull: the first docket that waits is served first; else by quota, with carry-over."""
    order: tuple[str, ...] = ()
    """Pull, within a docket: one of ``ORDERS``."""
    target_days: tuple[int, ...] = ()
    """Pull, for ``deadline``: days from receipt."""
    placement: NDArray[np.uint8] | None = None
    """Docket of new cases by court and population; shape (c, n)."""
    lawyers: NDArray[np.int32] | None = None
    """Families that a court's lawyers can have at a time; shape (c,); -1 for no limit."""


ORDERS = ("oldest", "newest", "ready", "deadline")
"""Order within a docket: by day of receipt, the latest first, by day wanted, by day due."""

Change = Callable[["State"], None]
"""What happens on a day: it edits the state's arrays between two blocks."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything a run needs but its seed."""

    start: date
    days: int
    """Length of the run."""
    units: NDArray[np.void]
    """Of dtype ``UNIT``, in the order of :func:`in_order`, which numbers them; shape (u,)."""
    bench: Bench
    tables: Tables
    rules: Rules
    changes: tuple[tuple[int, Change], ...] = ()
    """Days and what changes on them, in order."""
    seed: int = 0
    """0 to 2**32 - 1."""
    response: float = 0.0
    """How arrivals answer the wait: their rate is multiplied by ``exp(-response * (wait -
    usual_wait) / 365)``, at most 1, each 28 days, by court."""
    usual_wait: float = 0.0
    """Days that hearings stood beyond the wanted day when arrivals were as fitted."""

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if self.units.dtype != UNIT:
            raise ValueError("units: another dtype; expected UNIT")
        place = self.units["court"].astype(np.int32) << 16 | self.units["enters"]
        if (place[1:] < place[:-1]).any():
            raise ValueError("units: not by court and the day they enter; use in_order")
        if self.bench.slots.shape[2] <= self.days:
            raise ValueError("bench: slots end before the run does; expected a horizon beyond")
        if self.bench.slots.shape[2] >= NEVER:
            raise ValueError(f"bench: a horizon of {NEVER:,} days or more")

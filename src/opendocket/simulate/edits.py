"""What happens on a day, as plain values: they can be told apart, sent and made again."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.state import State
from opendocket.simulate.world import NOWHERE

Chosen = NDArray[np.integer[Any]]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Edit:
    """One call of a method of the state."""

    method: str
    values: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)

    def __call__(self, state: State) -> None:
        """Make it."""
        getattr(state, self.method)(*self.values, **self.named)


def _among(
    state: State, dockets: Chosen | None, courts: Chosen | None, populations: Chosen | None
) -> Mask:
    """Tell which units are of some dockets, courts and populations by now; None is any."""
    units = state.units
    mask: Mask = (units["enters"] <= state.day) & (units["docket"] != NOWHERE)
    chosen = {"docket": dockets, "court": courts, "population": populations}
    for name, numbers in chosen.items():
        if numbers is not None:
            mask &= np.isin(units[name], numbers)
    return mask


@dataclass(frozen=True, slots=True)
class Hand:
    """Pending cases of judges who left go to others of their court."""

    judges: Chosen

    def __call__(self, state: State) -> None:
        """Do so."""
        state.reclaim(np.isin(state.units["judge"], self.judges))


@dataclass(frozen=True, slots=True)
class Take:
    """New judges take their share of pending cases; nobody else's change hands.

    A case that moves is booked anew from the day its hearing was first wanted, so that it may
    be heard sooner.
    """

    judges: Chosen

    def __call__(self, state: State) -> None:
        """Do so."""
        units = state.units
        mask = _among(state, None, np.unique(state.court[self.judges]), None)
        known = mask & (units["judge"] >= 0)
        mask[known] &= state.serves[units["judge"][known], units["docket"][known]]
        before, wanted = units["judge"].copy(), units["wanted"].copy()
        state.reclaim(mask, judges=self.judges)
        moved = units["judge"] != before
        units["wanted"][moved] = wanted[moved]


@dataclass(frozen=True, slots=True)
class Move:
    """Cases go to another docket: those pending now, and closed ones should they come back."""

    to: int
    dockets: Chosen | None
    courts: Chosen
    populations: Chosen | None = None

    def __call__(self, state: State) -> None:
        """Do so; who heard them keeps them if serving that docket."""
        mask = _among(state, self.dockets, self.courts, self.populations)
        mask &= state.units["docket"] != self.to
        if not state.world.rules.is_booked:
            state.vacate(mask)
        state.units["docket"][mask] = self.to
        state.reclaim(mask)


@dataclass(frozen=True, slots=True)
class Divert:
    """Families still to come are placed on a docket, whatever the rule of their day."""

    units: NDArray[np.int64]
    to: int
    """255 for the rule of their day."""

    def __call__(self, state: State) -> None:
        """Do so."""
        state.units["docket"][self.units] = self.to


@dataclass(frozen=True, slots=True)
class Clear:
    """Hearings of dockets that stand before a day are booked anew."""

    dockets: Chosen | None
    courts: Chosen
    before: int | None = None
    wanted: int | None = None

    def __call__(self, state: State) -> None:
        """Do so."""
        mask = _among(state, self.dockets, self.courts, None)
        if self.before is not None:
            mask &= state.units["booked"] < self.before
        state.vacate(mask, self.wanted)


@dataclass(frozen=True, slots=True)
class Merge:
    """A court closes for good, and another takes its cases, each on a docket it has there."""

    court: int
    into: int
    held: Mask
    """Dockets that the other court has; shape (k,)."""
    placement: NDArray[np.int64]
    """Docket of new cases there; shape (n,)."""

    def __call__(self, state: State) -> None:
        """Do so."""
        units = state.units
        there = (units["court"] == self.court) & (units["docket"] != NOWHERE)
        there[there] = ~self.held[units["docket"][there]]
        if not state.world.rules.is_booked:
            state.vacate(there)
        units["docket"][there] = self.placement[units["population"][there]]
        state.close_court(self.court, self.into)

"""The judges' calendars in a run: slots, who may take them, and which are free."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Slots = NDArray[np.uint8]
Chosen = NDArray[np.integer[Any]]

TINY = 1e-9
"""What a running total may lack of a whole number."""


def held(slots: Slots, shares: NDArray[np.float64]) -> Slots:
    """Split slots into those for anybody and those held for each docket.

    Args:
        slots: On each day; shape (..., m).
        shares: Of each docket; shape (k,), or (k, ...) where slots' owners hold their own.

    Returns:
        Shape (k + 1, ..., m); the first is for anybody. Docket k has the whole part of the
        running total of its share, less what it had before, as far as slots are left; what
        it could not have it has later.

    Example:
        >>> held(np.ones(10, dtype=np.uint8), np.array([0.3])).tolist()
        [[1, 1, 1, 0, 1, 1, 0, 1, 1, 0], [0, 0, 0, 1, 0, 0, 1, 0, 0, 1]]
    """
    total = np.cumsum(slots, axis=-1, dtype=np.int32)
    out = np.zeros((len(shares) + 1, *slots.shape), dtype=np.uint8)
    rest = slots.copy()
    for k in range(len(shares)):
        if not shares[k].any():
            continue
        whole = np.floor(shares[k][..., None] * total + TINY).astype(np.int32)
        room = np.cumsum(rest, axis=-1, dtype=np.int32)
        had = room + np.minimum(np.minimum.accumulate(whole - room, axis=-1), 0)
        this = np.diff(had, axis=-1, prepend=0).astype(np.uint8)
        out[k + 1], rest = this, rest - this
    out[0] = rest
    return out


def packed(left: Slots) -> NDArray[np.uint64]:
    """Give a bit for each day that has something left; 64 days a word.

    Args:
        left: Shape (..., days).

    Returns:
        Shape (..., words).

    Example:
        >>> packed(np.array([0, 2, 0, 1], dtype=np.uint8)).tolist()
        [10]
    """
    days = left.shape[-1]
    words = -(-days // 64)
    packed_bytes = np.packbits(left > 0, axis=-1, bitorder="little")
    out = np.zeros((*left.shape[:-1], words * 8), dtype=np.uint8)
    out[..., : packed_bytes.shape[-1]] = packed_bytes
    return out.view("<u8")


@dataclass(slots=True)
class Calendars:
    """Slots of j judges to the horizon, and what is left of them in each of k + 1 pools."""

    slots: Slots
    """Shape (2, j, days)."""
    left: Slots
    """Shape (k + 1, 2, j, days)."""
    bits: NDArray[np.uint64]
    """Shape (k + 1, 2, j, words)."""
    share: NDArray[np.float64]
    """What each judge holds for each docket; shape (k, j)."""
    release_days: int

    @property
    def horizon(self) -> int:
        """Give the first day that no calendar has."""
        return int(self.slots.shape[2])

    @property
    def judges(self) -> int:
        """Count the calendars."""
        return int(self.slots.shape[1])

    def give_back(self, pools: Chosen, kinds: Chosen, judges: Chosen, days: Chosen) -> None:
        """Free the slots of some hearings; all shapes (h,), none without a slot."""
        np.add.at(self.left, (pools, kinds, judges, days), 1)
        words, bits = days >> 6, np.uint64(1) << (days & 63).astype(np.uint64)
        np.bitwise_or.at(self.bits, (pools, kinds, judges, words), bits)

    def renew(
        self, kind: int, judges: Chosen, first: int, last: int, used: NDArray[np.int16]
    ) -> None:
        """Split anew what some judges have from ``first`` to before ``last``.

        Args:
            kind: 0 master, 1 individual.
            judges: Shape (m,).
            first: Day.
            last: Day.
            used: Slots taken; shape (k + 1, m, days), no more than there are.
        """
        slots = self.slots[kind, judges, first:last]
        wanted = held(slots, self.share[:, judges]).astype(np.int16)
        rest = slots.astype(np.int16) - used.sum(axis=0, dtype=np.int16)
        left = np.zeros_like(wanted)
        for pool in range(1, len(wanted)):
            left[pool] = np.minimum(np.maximum(wanted[pool] - used[pool], 0), rest)
            rest = rest - left[pool]
        left[0] = rest
        self.left[:, kind, judges, first:last] = left.astype(np.uint8)
        self.bits[:, kind, judges] = packed(self.left[:, kind, judges])


def laid_out(slots: Slots, share: NDArray[np.float64], release_days: int) -> Calendars:
    """Lay out calendars with nothing on them.

    Args:
        slots: Shape (2, j, days).
        share: Of each docket, held by everybody; shape (k,).
        release_days: Days before which held slots are anybody's.
    """
    left = np.stack([held(slots[kind], share) for kind in range(2)], axis=1)
    everybody = np.repeat(share[:, None], slots.shape[1], axis=1)
    return Calendars(slots.copy(), left, packed(left), everybody, release_days)

"""What a run wrote down: every hearing, by day, judge and unit, in some seven bytes each."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.world import World

RESULT_BITS, KIND_BIT, REPRESENTED_BIT, APPLIED_BIT = 0x1F, 0x20, 0x40, 0x80

VACATED_ROW = np.dtype(
    [
        ("day", "<i2"),  # day it was taken off the calendar
        ("unit", "<u4"),
        ("stood", "<i2"),  # day the hearing had stood on
        ("judge", "<i2"),  # whose calendar it had stood in
        ("stage", "u1"),
        ("court", "u1"),
    ]
)
"""A hearing taken off the calendar."""

RETURNED_ROW = np.dtype(
    [
        ("day", "<i2"),
        ("unit", "<u4"),
        ("way", "u1"),  # as in WAYS
        ("ended", "<i2"),  # day of the decision that no longer stands
        ("outcome", "u1"),  # that decision, as in RESULTS
    ]
)
"""A case that came back."""


@dataclass(frozen=True, slots=True)
class Log:
    """Hearings in the order of day, judge and unit (pull: the order they were heard in)."""

    counts: NDArray[np.uint16]
    """Hearings of each judge on each day; shape (days, j). Says day and judge of each row."""
    unit: NDArray[np.uint32]
    """Shape (h,), as are the next."""
    what: NDArray[np.uint8]
    """Result, kind, represented and applied, packed."""
    wait: NDArray[np.int16]
    """Days from the wanted day to the hearing."""

    def __len__(self) -> int:
        """Count the hearings."""
        return len(self.unit)

    @property
    def nbytes(self) -> int:
        """Bytes it takes, all in all."""
        return self.counts.nbytes + self.unit.nbytes + self.what.nbytes + self.wait.nbytes

    def day(self) -> NDArray[np.int16]:
        """Give each hearing's day; shape (h,)."""
        days = np.arange(len(self.counts), dtype=np.int16)
        return np.repeat(days, self.counts.sum(axis=1, dtype=np.int64))

    def judge(self) -> NDArray[np.int16]:
        """Give each hearing's judge; shape (h,)."""
        days, judges = self.counts.shape
        numbers = np.broadcast_to(np.arange(judges, dtype=np.int16), (days, judges))
        return np.repeat(numbers.ravel(), self.counts.ravel())

    def result(self) -> NDArray[np.uint8]:
        """Give what each came to, as in ``RESULTS``; shape (h,)."""
        return self.what & np.uint8(RESULT_BITS)

    def _has(self, bit: int) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (self.what & np.uint8(bit)) != 0
        return found

    def is_individual(self) -> NDArray[np.bool_]:
        """Tell individual hearings from master hearings; shape (h,)."""
        return self._has(KIND_BIT)

    def is_represented(self) -> NDArray[np.bool_]:
        """Tell whether counsel had entered; shape (h,)."""
        return self._has(REPRESENTED_BIT)

    def is_applied(self) -> NDArray[np.bool_]:
        """Tell whether an application was on file; shape (h,)."""
        return self._has(APPLIED_BIT)


@dataclass(frozen=True, slots=True)
class Run:
    """A run, done."""

    world: World
    log: Log
    units: NDArray[np.void]
    """Of dtype ``UNIT``, as they stand when the run ends; in the order of the world's."""
    vacated: NDArray[np.void]
    """Of dtype ``VACATED_ROW``, by day and then by unit."""
    returned: NDArray[np.void]
    """Of dtype ``RETURNED_ROW``, by day and then by unit."""

    def sha256(self) -> str:
        """Give the checksum of all that happened."""
        told = hashlib.sha256()
        log = (self.log.counts, self.log.unit, self.log.what, self.log.wait)
        for part in (*log, self.vacated, self.returned, self.units):
            told.update(np.ascontiguousarray(part).tobytes())
        return told.hexdigest()

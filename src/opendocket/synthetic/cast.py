"""Lives told person by person: every unit's rows, repeated for each of its people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opendocket.synthetic.calendar import Days
from opendocket.synthetic.lives import AS_OF, Lives
from opendocket.synthetic.units import Numbers

CASE_BASE, PROCEEDING_BASE, HEARING_BASE = 2_000_000, 10_000_000, 20_000_000
PROCEEDINGS_A_CASE, HEARINGS_A_CASE = 8, 128

Ids = NDArray[np.int64]

UNLINKED = 0.06
"""Families whose cases the courts never linked."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of units repeated for each person; shapes (n,)."""

    of: Numbers
    """Row of the units' table that it repeats."""
    person: Numbers
    unit: Numbers


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of a stretch of cases, and their rows."""

    lives: Lives
    unit: Numbers
    """Each person's unit; shape (p,)."""
    rank: Numbers
    """0 for the lead of a family."""
    case_id: Ids
    lead_id: Ids
    """The lead's case, where the courts linked the family; else the person's own."""
    first_person: Numbers
    proceedings: Rows
    proceeding_id: Ids
    hearings: Rows
    hearing_id: Ids
    last_proceeding: Numbers
    """Each unit's last proceeding; -1 for none."""
    deciding: Numbers
    """The proceeding in which each unit's case first ends, or would."""

    def __len__(self) -> int:
        """Count the people."""
        return len(self.unit)

    def repeat(self, unit: Numbers) -> Rows:
        """Repeat rows of units for each of their people.

        Args:
            unit: The unit of each row; shape (r,).
        """
        counts = self.lives.units.size[unit]
        of = np.repeat(np.arange(len(unit), dtype=np.int32), counts)
        offset = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
        person = (self.first_person[unit[of]] + offset).astype(np.int32)
        return Rows(of=of, person=person, unit=unit[of])

    def proceeding_of(self, person: NDArray[np.integer], proceeding: Numbers) -> Ids:
        """Give a person's number for a proceeding of the unit; -1 gives -1."""
        order = self.lives.proceedings.order[proceeding]
        number = self.case_id[person] - CASE_BASE
        given = PROCEEDING_BASE + number * PROCEEDINGS_A_CASE + order
        return np.where(proceeding < 0, -1, given)

    def seen(self, days: Days) -> NDArray[np.bool_]:
        """Tell which days observation has reached."""
        return days <= AS_OF


def cast(lives: Lives, first_case: int, rng: np.random.Generator) -> Cast:
    """Number the people of a stretch of cases.

    Args:
        lives: The units they belong to.
        first_case: The number of the first.
        rng: Chance.
    """
    units, proceedings = lives.units, lives.proceedings
    unit = np.repeat(np.arange(len(units), dtype=np.int32), units.size)
    first_person = (np.cumsum(units.size) - units.size).astype(np.int32)
    rank = (np.arange(len(unit)) - first_person[unit]).astype(np.int32)
    case_id = CASE_BASE + first_case + np.arange(len(unit), dtype=np.int64)
    linked = rng.random(len(units)) >= UNLINKED
    lead_id = np.where(linked[unit], case_id[first_person[unit]], case_id)
    empty = np.zeros(0, dtype=np.int64)
    nobody = Rows(*(np.zeros(0, dtype=np.int32),) * 3)
    last = np.full(len(units), -1, dtype=np.int32)
    last[proceedings.unit] = np.arange(len(proceedings.unit))
    deciding = np.full(len(units), -1, dtype=np.int32)
    before = np.flatnonzero(proceedings.start < lives.reopened[proceedings.unit])
    deciding[proceedings.unit[before]] = before
    bare = Cast(
        lives, unit, rank, case_id, lead_id, first_person, nobody, empty, nobody, empty, last,
        deciding,
    )  # fmt: skip
    rows = bare.repeat(proceedings.unit)
    heard = bare.repeat(proceedings.unit[lives.hearings.proceeding])
    at = np.arange(len(lives.hearings.proceeding))
    of_unit = proceedings.unit[lives.hearings.proceeding]
    nth = at - np.searchsorted(of_unit, of_unit, side="left")
    hearing = HEARING_BASE + (case_id[heard.person] - CASE_BASE) * HEARINGS_A_CASE
    return Cast(
        lives,
        unit,
        rank,
        case_id,
        lead_id,
        first_person,
        rows,
        bare.proceeding_of(rows.person, rows.of),
        heard,
        hearing + nth[heard.of],
        last,
        deciding,
    )

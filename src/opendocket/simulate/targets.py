"""The numbers that a hindcast is judged by, in one order for all who forecast them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.estimate.survival import cumulative_incidence, median_days
from opendocket.measure.population import GOAL_DAYS
from opendocket.simulate.counted import DECIDED, counted
from opendocket.simulate.log import Run
from opendocket.simulate.observed import Lengths, Observed, month_of, quarters
from opendocket.simulate.rivals import Forecast
from opendocket.simulate.tables import DECISIONS, FIRST_DECISION, VACATED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TARGETS = {
    "pending_by_court": "people pending at the end of each quarter, court by court",
    "pending": "people pending at the end of each quarter, all courts",
    "endings": "endings of each quarter, by kind",
    "all_endings": "endings of each quarter",
    "median_days": "median days from receipt to the first ending, of people received",
    "within_300_share": "decided within 300 days of the first master hearing, of people "
    "received",
    "hearings_per_case": "hearings held per case that ended, of people received",
}
"""What is forecast, and in which words it is told."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Which number stands where."""

    courts: tuple[str, ...]
    on: date
    last: date
    marks: tuple[date, ...]
    """Days that people pending are counted at the end of."""
    begins: tuple[date, ...]
    """First days of the quarters that endings are counted in."""

    @classmethod
    def over(cls, courts: Sequence[str], on: date, last: date) -> "Cells":
        """Lay out the numbers of a span.

        Args:
            courts: Codes.
            on: First day.
            last: Last day, the end of a month.
        """
        begins = quarters(on, last)
        marks = [day - timedelta(days=1) for day in begins[1:]]
        return cls(tuple(courts), on, last, (*marks, last), tuple(begins))

    def frame(self) -> pl.DataFrame:
        """Name each number: target, court, kind of ending and day."""
        rows: list[tuple[str, str | None, str | None, date]] = [
            ("pending_by_court", court, None, day)
            for day in self.marks
            for court in self.courts
        ]
        rows += [("pending", None, None, day) for day in self.marks]
        rows += [("endings", None, name, day) for name in DECISIONS for day in self.begins]
        rows += [("all_endings", None, None, day) for day in self.begins]
        rows += [(name, None, None, self.last) for name in list(TARGETS)[4:]]
        names = {"target": pl.String, "court_code": pl.String, "ending": pl.String}
        return pl.DataFrame(rows, schema={**names, "on_date": pl.Date}, orient="row")


def _laid_out(pending: Floats, endings: Floats, of_people: Floats) -> Floats:
    """Put numbers in order: pending (marks, c), endings (9, quarters) and the last three."""
    return np.concatenate(
        [pending.ravel(), pending.sum(axis=1), endings.ravel(), endings.sum(axis=0), of_people]
    )


def _of_lengths(lengths: Lengths) -> Floats:
    """Read the median, the share within 300 days and hearings a case off tallies."""
    ratio = lengths.held / lengths.ended if lengths.ended else float("nan")
    return np.array([_median(lengths.to_ending), _within(lengths.from_master), ratio])


def _median(tally: Ints) -> float:
    any_way = np.stack([tally[:, 0], tally[:, 1:].sum(axis=1)], axis=1)
    days, ways = np.nonzero(any_way)
    if not ways.any():
        return float("nan")
    counts = any_way[days, ways]
    found = median_days(
        cumulative_incidence(np.repeat(days, counts), np.repeat(ways, counts), outcomes=(1,))
    ).days
    return float("nan") if found is None else float(found)


def _within(tally: Ints) -> float:
    days, ways = np.nonzero(tally)
    if not len(days) or days.max() < GOAL_DAYS:
        return float("nan")
    counts = tally[days, ways]
    curves = cumulative_incidence(
        np.repeat(days, counts), np.repeat(ways, counts), outcomes=(1, 2)
    )
    return float(curves.at(DECIDED, GOAL_DAYS).share)


def of_observed(came: Observed, cells: Cells) -> Floats:
    """Give what came, in the order of cells."""
    pending = np.stack([came.pending[day] for day in cells.marks]).astype(np.float64)
    return _laid_out(pending, came.endings.sum(axis=0).astype(float), _of_lengths(came.lengths))


def of_run(run: Run, cells: Cells) -> Floats:
    """Give what a run came to, in the order of cells."""
    told = counted(run, first=0, last=run.world.days - 1)
    courts = len(cells.courts)
    marks = [(day - cells.on).days for day in cells.marks]
    by_court = told.pending.reshape(-1, courts, told.pending.shape[1]).sum(axis=0)
    lengths = Lengths(
        told.to_ending.sum(axis=0),
        told.from_master.sum(axis=0),
        int(told.held.sum()),
        int(told.people["ended"].sum()),
    )
    pending = by_court[:, marks].T.astype(np.float64)
    return _laid_out(pending, _endings(run, cells), _of_lengths(lengths))


def _endings(run: Run, cells: Cells) -> Floats:
    """Count people's endings by kind and quarter."""
    result, day = run.log.result(), run.log.day()
    is_end = (result >= FIRST_DECISION) & (result < VACATED)
    begins = np.array([(first - cells.on).days for first in cells.begins])
    quarter = np.searchsorted(begins, day[is_end], side="right") - 1
    out = np.zeros((len(DECISIONS), len(begins)))
    people = run.units["size"][run.log.unit[is_end]]
    np.add.at(out, (result[is_end] - FIRST_DECISION, quarter), people)
    return out


def of_forecast(told: Forecast, cells: Cells) -> Floats:
    """Give what a naive model forecast, nan where it forecasts nothing."""
    marks = [month_of(day, cells.on) for day in cells.marks]
    months = len(told.endings)
    quarter = np.zeros(months, dtype=np.int64)
    for first in cells.begins[1:]:
        quarter[month_of(first, cells.on) :] += 1
    endings = np.zeros((len(DECISIONS), len(cells.begins)))
    np.add.at(endings.T, quarter, told.endings)
    return _laid_out(told.pending[marks], endings, np.full(3, np.nan))

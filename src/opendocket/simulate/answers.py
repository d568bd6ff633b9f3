"""What a run answers: how long, how many, and how it ended, for whom and in which court.

The definitions are those of ``opendocket.measure``, worked out from a run's arrays; a run that
is written as a docket and measured there gives the same. People are followed by their
*population*, so that those of the Dedicated Docket are the same people under a policy that has
no such docket, and by the court that received them, so that no policy moves them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.estimate.suppression import THRESHOLD, suppressed_pairs, suppressed_parts
from opendocket.estimate.survival import IncidenceCurves, cumulative_incidence, median_days
from opendocket.measure.population import GOAL_DAYS
from opendocket.measure.promise import shown
from opendocket.simulate.counted import DECIDED, Counted, Counts, counted
from opendocket.simulate.log import Run

DEDICATED, OTHERS, EVERYONE = "dedicated", "everyone else", "everyone"
FOLLOWED = (DEDICATED, OTHERS, EVERYONE)
"""Who is followed: the population of the Dedicated Docket, all others, and both together."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a measure is told."""

    words: str
    unit: str
    """``days``, ``share``, ``people`` or ``ratio``."""
    meaning: str


MEASURES = {
    "received_people": Told(
        "People received", "people", "people whom the courts received during the run"
    ),
    "first_ending_days": Told(
        "Median days to an ending", "days",
        "days from receipt until half had first ended in any way, pending ones not yet; "
        "people received during the run",
    ),
    "first_master_ending_days": Told(
        "Median from first master", "days",
        "days from the first master hearing that a judge opened until half had first ended",
    ),
    "within_300_days_share": Told(
        "Decided within 300 days", "share",
        "first ended by a judge's decision within 300 days of the first master hearing; "
        "other endings compete, pending ones not yet; people received during the run",
    ),
    "wait_mean_days": Told(
        "Mean days past wanted day", "days",
        "days that hearings during the run stood beyond the day their docket wanted them on",
    ),
    "wait_median_days": Told(
        "Median days past wanted", "days",
        "days that half of those hearings stood beyond the day they were wanted on, or less",
    ),
    "pending_people": Told(
        "People pending", "people", "people whose case is open at the end of the day"
    ),
    "decided_people": Told(
        "People first decided", "people", "people first decided by a judge during the run"
    ),
    "in_absentia_share": Told(
        "Decided in absentia", "share", "first decisions that order removal in absentia"
    ),
    "represented_share": Told(
        "Decided with counsel", "share",
        "first decisions of people whose counsel had entered by then",
    ),
    "relief_share": Told(
        "Decided with relief", "share", "first decisions that grant relief or protection"
    ),
    "hearings_per_case_ratio": Told(
        "Hearings per case", "ratio",
        "hearings that a judge opened, a person received and first ended during the run",
    ),
}  # fmt: skip
"""Every measure by name; the name's last word is its unit."""

SCHEMA = {
    "measure": pl.String,
    "population": pl.String,
    "court_code": pl.String,
    "on_date": pl.Date,
    "value": pl.Float64,
    "people_count": pl.Int64,
}
"""Columns of an answer; ``court_code`` is null for all courts, ``on_date`` but for stocks."""


def answers(run: Run, *, first: int = 0, last: int | None = None) -> pl.DataFrame:
    """Answer every measure of a run, for those of the Dedicated Docket and everyone else.

    Args:
        run: A run, done.
        first: The first day looked at; people received earlier are in flows and stocks only.
        last: The day that ends observation; the run's last where None.

    Returns:
        One row a measure, group and court (``SCHEMA``). ``value`` is null where it is not
        reached, not observed for long enough, or rests on 1 to 10 people, or would give such
        a one away; ``people_count`` is how many it rests on.

    Raises:
        ValueError: The days are not within the run.

    Assumes:
        A unit that had come back before the run had its first decision before it.

    Source:
        ``opendocket.measure``: time-to-decision (any-ending), within-300-days (policy),
        in-absentia (eoir), counsel (at-decision), hearings-per-case (held-of-closed).
    """
    end = run.world.days - 1 if last is None else last
    if not 0 <= first <= end < run.world.days:
        raise ValueError(f"days {first} to {end}; expected within 0 to {run.world.days - 1}")
    known = counted(run, first=first, last=end)
    rows = [row for group in _groups(run) for row in _rows(known, group)]
    return _guarded(pl.DataFrame(rows, schema={**SCHEMA, "counted": pl.Int64}, orient="row"))


@dataclass(frozen=True, slots=True)
class _Group:
    population: str
    court: str | None
    cells: NDArray[np.int64]


def _groups(run: Run) -> Iterator[_Group]:
    """Give each group's cells; a cell is a population in a court."""
    tables, courts = run.world.tables, run.world.bench.courts
    cells = np.arange(len(tables.populations) * len(courts)).reshape(-1, len(courts))
    is_dedicated = np.array([name == DEDICATED for name in tables.populations])
    for name, chosen in zip(
        FOLLOWED, (is_dedicated, ~is_dedicated, is_dedicated | True), strict=True
    ):
        yield _Group(name, None, cells[chosen].ravel())
    for name, chosen in ((DEDICATED, is_dedicated), (OTHERS, ~is_dedicated)):
        for at, court in enumerate(courts):
            yield _Group(name, court, cells[chosen, at])


def _stock_days(known: Counted) -> list[int]:
    """Give the days that stocks are told on: the ends of quarters, and the last."""
    days = [d for d in range(known.first, known.last) if _ends_a_quarter(known.date(d))]
    return [*days, known.last]


def _ends_a_quarter(on: date) -> bool:
    tomorrow = on + timedelta(days=1)
    return tomorrow.day == 1 and tomorrow.month % 3 == 1


Row = tuple[str, str, str | None, date | None, float | None, int, int | None]


def _rows(known: Counted, group: _Group) -> Iterator[Row]:
    """Answer every measure of a group: value, people, and how many of them it counts."""
    for name, found in _values(known, group.cells):
        yield name, group.population, group.court, None, *found
    pending = known.pending[group.cells].sum(axis=0)
    days = [known.last] if group.court else _stock_days(known)
    for day in days:
        people = int(pending[day])
        on = known.date(day)
        yield "pending_people", group.population, group.court, on, people, people, None


Found = tuple[float | None, int, int | None]


def _values(known: Counted, cells: NDArray[np.int64]) -> Iterator[tuple[str, Found]]:
    received = int(known.people["received"][cells].sum())
    yield "received_people", (received, received, None)
    to_ending, from_master = known.to_ending[cells].sum(0), known.from_master[cells].sum(0)
    yield "first_ending_days", _of_curve(_any_way(to_ending), _median)
    yield "first_master_ending_days", _of_curve(_any_way(from_master), _median)
    yield "within_300_days_share", _of_curve(from_master, _within_goal)
    people = {name: int(counts[cells].sum()) for name, counts in known.people.items()}
    waits, heard = known.wait[cells].sum(0), people["heard"]
    yield "wait_mean_days", (_mean(waits) if heard else None, heard, None)
    yield "wait_median_days", (_middle(waits) if heard else None, heard, None)
    decided = people["decided"]
    yield "decided_people", (decided, decided, None)
    for way in ("in_absentia", "represented", "relief"):
        so = people[way]
        yield f"{way}_share", (so / decided if decided else None, decided, so)
    ended, held = people["ended"], int(known.held[cells].sum())
    yield "hearings_per_case_ratio", (held / ended if ended else None, ended, None)


def _any_way(tally: Counts) -> Counts:
    """Take all endings for one; shape (days, 2)."""
    return np.stack([tally[:, 0], tally[:, 1:].sum(axis=1)], axis=1)


def _of_curve(tally: Counts, read: Callable[[IncidenceCurves], float | None]) -> Found:
    """Read a number off the curves of a tally by days and ways to end; shape (days, ways)."""
    people = int(tally.sum())
    if people < THRESHOLD:
        return None, people, None
    days, ways = np.nonzero(tally)
    counts, outcomes = tally[days, ways], tuple(range(1, tally.shape[1]))
    curves = cumulative_incidence(
        np.repeat(days, counts), np.repeat(ways, counts), outcomes=outcomes
    )
    return read(curves), people, None


def _median(curves: IncidenceCurves) -> float | None:
    return median_days(shown(curves)).days


def _within_goal(curves: IncidenceCurves) -> float | None:
    """Give the share decided by the goal, if enough are observed so long or all have ended."""
    cut = shown(curves)
    if cut.days[-1] >= GOAL_DAYS:
        share = cut.at(DECIDED, GOAL_DAYS).share
    elif curves.days[-1] <= GOAL_DAYS and curves.pending_share[-1] < 1e-12:
        share = float(curves.share[0, -1])
    else:
        return None
    few = min(share, 1 - share) * curves.n
    return None if 0.5 < few < THRESHOLD - 0.5 else share


def _mean(waits: Counts) -> float:
    return float(np.arange(len(waits)) @ waits / waits.sum())


def _middle(waits: Counts) -> float:
    """Give the least days that half of the hearings, or more, do not exceed."""
    return float(np.flatnonzero(waits.cumsum() * 2 >= waits.sum())[0])


def _guarded(rows: pl.DataFrame) -> pl.DataFrame:
    """Hold back what rests on 1 to 10 people, and what would give it away."""
    parts = rows.with_row_index("at").filter(pl.col("population") != EVERYONE)
    is_total = pl.col("court_code").is_null()
    hidden = np.zeros(len(rows), dtype=np.bool_)
    keys = ["measure", "on_date"]
    for part in (
        *parts.filter(is_total).partition_by(keys),
        *parts.filter(~is_total).partition_by([*keys, "population"]),
    ):
        hidden[part["at"].to_numpy()] |= _held_back(part)
    few, people = pl.col("counted"), pl.col("people_count")
    small = people.is_between(1, THRESHOLD - 1)
    for count in (few, people - few):
        small |= count.is_between(1, THRESHOLD - 1).fill_null(value=False)
    hidden |= rows.select(small).to_series().to_numpy()
    _hide_courts_of_hidden(rows, hidden)
    hide = pl.Series(hidden)
    return rows.with_columns(
        value=pl.when(~hide).then("value"), people_count=pl.when(~hide).then("people_count")
    ).drop("counted")


def _hide_courts_of_hidden(rows: pl.DataFrame, hidden: NDArray[np.bool_]) -> None:
    """Hide two courts at least, the smallest, where their population's total is hidden."""
    told = rows.with_row_index("at").with_columns(hidden=pl.Series(hidden))
    for part in told.partition_by(["measure", "on_date", "population"]):
        courts = part.filter(pl.col("court_code").is_not_null(), pl.col("people_count") > 0)
        is_total_hidden = part.filter(pl.col("court_code").is_null())["hidden"].any()
        if is_total_hidden and courts["hidden"].sum() < 2:
            smallest = courts.sort("people_count")["at"].head(2)
            hidden[smallest.to_numpy()] = True


def _held_back(part: pl.DataFrame) -> Sequence[bool]:
    """Choose which parts of one total to hold back."""
    people = part["people_count"].to_list()
    hidden = suppressed_parts(people)
    if part["counted"].null_count() == len(part):
        return hidden
    return suppressed_pairs(part["counted"].to_list(), people, held=hidden)

"""What a run's log says of each case: stretches in one court, hearings set, people.

A row of the courts' tables is per person; here a row is per unit, and people stand beside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.simulate.aftermath import in_order
from opendocket.simulate.log import KIND_BIT, REPRESENTED_BIT, RESULT_BITS, Run
from opendocket.simulate.tables import CLOSED, DECLINED, FIRST_DECISION, INDIVIDUAL, VACATED
from opendocket.simulate.world import NEVER, NOWHERE

ENTERED, TAKEN_OFF, CAME_BACK, HEARD, AHEAD = range(5)
"""What happens to a unit, in the order it happens on one day."""

MOVED = VACATED
"""How a stretch of a case ends that is no decision: the case goes on in another court."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Happened:
    """All that happened to some units, by unit and day; shape (e,) each."""

    unit: Numbers
    """Counted from the stretch's first."""
    day: Numbers
    kind: Numbers
    court: Numbers
    judge: Numbers
    """-1 for none."""
    on: Numbers
    """Day of the hearing, -1 where there is none."""
    what: Numbers
    """As the log packs it; of what is set or taken off the kind alone."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is written of some units at a time."""

    first: int
    """The first unit, in the run."""
    last: int
    """The one after the last."""
    units: pl.DataFrame
    """One row a unit: what is known of it at the run's end."""
    people: pl.DataFrame
    """One row a person: unit, rank within it, case and lead's case."""
    proceedings: pl.DataFrame
    """One row for each stretch of a case in one court, up to a decision or a move."""
    hearings: pl.DataFrame
    """One row for each hearing set: heard, taken off the calendar, or ahead."""


@dataclass(frozen=True, slots=True)
class People:
    """Who is in each unit, and which numbers people get whom the source does not know."""

    first: Numbers
    """Shape (u + 1,): unit i's people are ``case_id[first[i]:first[i + 1]]``."""
    case_id: Numbers
    is_known: NDArray[np.bool_]
    """Whether the source has the case; shape (u,)."""


def everybody(
    units: NDArray[np.void], first: Numbers, case_id: Numbers, *, above: int
) -> People:
    """Give everybody in a run a case number.

    Args:
        units: The run's; those beyond ``first`` have nobody yet.
        first: As in ``start.Members``; shape (m + 1,), m no more than the units.
        case_id: As in ``start.Members``.
        above: Highest number the source uses.

    Returns:
        Those known keep their numbers; others are numbered above, by unit.

    Raises:
        ValueError: More members than units.

    Example:
        >>> units = np.zeros(2, dtype=[("size", "u1")])
        >>> units["size"] = 1, 2
        >>> everybody(units, np.array([0, 1]), np.array([7]), above=9).case_id.tolist()
        [7, 10, 11]
    """
    if len(first) > len(units) + 1:
        raise ValueError(f"members: of {len(first) - 1} units; expected at most {len(units)}")
    known = np.zeros(len(units), dtype=np.int64)
    known[: max(len(first) - 1, 0)] = np.diff(first)
    is_known = known > 0
    size = np.where(is_known, known, np.maximum(units["size"], 1))
    begins = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    new = np.repeat(~is_known, size)
    numbers = np.empty(begins[-1], dtype=np.int64)
    numbers[new] = above + 1 + np.arange(int(new.sum()))
    numbers[~new] = case_id
    return People(begins, numbers, is_known)


def stretches(run: Run, people: People) -> Iterator[Stretch]:
    """Give what is to be written of a run, some units at a time.

    Args:
        run: A run, done.
        people: Who is in each unit.

    Yields:
        Frames about the units that the courts knew by the run's end, in their order.
    """
    day, judge = run.log.day(), run.log.judge()
    taken_off, came_back = (
        rows[np.argsort(rows["unit"], kind="stable")] for rows in (run.vacated, run.returned)
    )
    for first, last, rows in in_order(run):
        happened = _happened(
            run, first, last, rows=(rows, day[rows], judge[rows]),
            taken_off=_of(taken_off, first, last), came_back=_of(came_back, first, last),
        )  # fmt: skip
        yield _stretch(run, first, last, happened, people)


def _of(rows: NDArray[np.void], first: int, last: int) -> NDArray[np.void]:
    a, b = np.searchsorted(rows["unit"], [first, last])
    return rows[a:b]


def _happened(
    run: Run,
    first: int,
    last: int,
    *,
    rows: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
    taken_off: NDArray[np.void],
    came_back: NDArray[np.void],
) -> Happened:
    """Put together what happened to each unit, in order."""
    was, now = run.world.units[first:last], run.units[first:last]
    days, court_of = run.world.days, run.world.bench.court
    known = (now["enters"] < days) & (now["stage"] != DECLINED)
    came = np.flatnonzero(known & (was["stage"] != CLOSED))
    still = np.flatnonzero(known & (now["stage"] < CLOSED))
    log, day, judge = rows
    is_booked = run.world.rules.is_booked
    ahead = (now["booked"][still] >= days) & (now["pool"][still] != NOWHERE) & is_booked
    kind_of = np.where(now["stage"][still] == INDIVIDUAL, KIND_BIT, 0)
    empty = np.full(max(len(came), len(came_back)), -1)
    parts = (
        (came, np.zeros(len(came)), ENTERED, was["court"][came], empty[: len(came)],
         empty[: len(came)], empty[: len(came)]),
        (taken_off["unit"].astype(np.int64) - first, taken_off["day"], TAKEN_OFF,
         taken_off["court"], taken_off["judge"], taken_off["stood"],
         VACATED | np.where(taken_off["stage"] == INDIVIDUAL, KIND_BIT, 0)),
        (came_back["unit"].astype(np.int64) - first, came_back["day"], CAME_BACK,
         empty[: len(came_back)], empty[: len(came_back)], empty[: len(came_back)],
         empty[: len(came_back)]),
        (run.log.unit[log].astype(np.int64) - first, day, HEARD, court_of[judge], judge, day,
         run.log.what[log]),
        (still, np.full(len(still), days), AHEAD, now["court"][still], now["judge"][still],
         np.where(ahead, now["booked"][still], -1), kind_of),
    )  # fmt: skip
    kinds = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
    unit, on_day, court, judges, on, what = (
        np.concatenate([np.asarray(part[at]).astype(np.int64) for part in parts])
        for at in (0, 1, 3, 4, 5, 6)
    )
    by = np.argsort(unit << 20 | on_day << 3 | kinds)
    found = Happened(unit[by], on_day[by], kinds[by], court[by], judges[by], on[by], what[by])
    return _placed(found, was)


def _placed(happened: Happened, was: NDArray[np.void]) -> Happened:
    """Say where what is written in no log took place: where the case was heard of next."""
    court, kind = happened.court, happened.kind
    arrived = (kind == ENTERED) & (was["enters"][happened.unit] > 0)
    at = np.flatnonzero((kind == CAME_BACK) | arrived)
    court[at] = court[at + 1]
    return happened


def _stretch(run: Run, first: int, last: int, happened: Happened, people: People) -> Stretch:
    begins = np.diff(happened.unit, prepend=-1) != 0
    breaks = begins | (happened.kind == CAME_BACK)
    breaks |= np.diff(happened.court, prepend=-1) != 0
    at = np.flatnonzero(breaks)
    of = np.cumsum(breaks) - 1
    unit = happened.unit[at]
    nth = np.arange(len(at)) - np.maximum.accumulate(
        np.where(begins[at], np.arange(len(at)), 0)
    )
    proceedings = _proceedings(run, first, happened, at, of).with_columns(
        nth=pl.Series(nth), count=pl.Series(np.bincount(unit, minlength=last - first)[unit])
    )
    return Stretch(
        first=first,
        last=last,
        units=_units(run, first, last),
        people=_people(run, first, last, people),
        proceedings=proceedings,
        hearings=_hearings(run, first, happened, nth[of]),
    )


def _proceedings(
    run: Run, first: int, happened: Happened, at: Numbers, of: Numbers
) -> pl.DataFrame:
    """Say how each stretch of a case in one court began, and how it ended."""
    unit, last = happened.unit[at], np.append(at[1:], len(happened.unit)) - 1
    kind, was = happened.kind[at], run.world.units[first:]
    moved_in = (kind != ENTERED) & (kind != CAME_BACK)
    start = np.where(kind == ENTERED, was["filed"][unit], happened.day[at])
    start[moved_in] = _moved(run, happened, at[moved_in])
    result = happened.what[last] & RESULT_BITS
    is_decided = (happened.kind[last] == HEARD) & (result >= FIRST_DECISION)
    goes_on = np.append(moved_in[1:], False)
    how = np.where(is_decided, result, np.where(goes_on, MOVED, -1))
    end = np.where(is_decided, happened.day[last], np.append(start[1:], -1))
    heard = np.where(happened.on >= 0, happened.on, NEVER)
    return pl.DataFrame(
        {
            "unit": unit + first,
            "start": start,
            "end": np.where(how < 0, -1, end),
            "how": how,
            "court": happened.court[at],
            "previous": np.where(moved_in, happened.court[np.maximum(at - 1, 0)], -1),
            "following": np.where(how == MOVED, np.append(happened.court[at[1:]], -1), -1),
            "judge": _last_of(happened.judge, of, len(at)),
            "heard": np.minimum.reduceat(heard, at) if len(at) else heard,
        }
    )


def _moved(run: Run, happened: Happened, at: Numbers) -> Numbers:
    """Say when cases moved: when a hearing was taken off, or the last change before."""
    changes = np.array([-1, *sorted({day for day, _ in run.world.changes})])
    before, after = happened.day[at - 1], np.minimum(happened.day[at], run.world.days - 1)
    change = changes[np.searchsorted(changes, after, side="right") - 1]
    day = np.where(change > before, change, after)
    moved: Numbers = np.where(happened.kind[at - 1] == TAKEN_OFF, before, day)
    return moved


def _last_of(values: Numbers, of: Numbers, count: int) -> Numbers:
    """Give the last value of each stretch that is none of -1; -1 where there is none."""
    found = np.full(count, -1, dtype=np.int64)
    there = values >= 0
    found[of[there]] = values[there]
    return found


def _hearings(run: Run, first: int, happened: Happened, nth: Numbers) -> pl.DataFrame:
    """Say of each hearing when it was set and for when, and what came of it."""
    was = run.world.units[first:]
    here = np.flatnonzero(happened.on >= 0)
    unit, kind, what = happened.unit[here], happened.kind[here], happened.what[here]
    held = np.cumsum(happened.kind == HEARD)
    begins = np.diff(happened.unit, prepend=-1) != 0
    earlier = held - (happened.kind == HEARD)
    base = np.maximum.accumulate(np.where(begins, earlier, 0))
    so_far = (earlier - base)[here] + was["hearings"][unit]
    before = np.maximum(here - 1, 0)
    entered = happened.kind[before] == ENTERED
    booked = np.where(entered, was["enters"][unit], happened.day[before])
    if not run.world.rules.is_booked:
        booked = happened.on[here]
    result = np.where(kind == HEARD, what & RESULT_BITS, np.where(kind == AHEAD, -1, VACATED))
    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    place = np.arange(len(unit)) - np.repeat(starts, np.diff(np.append(starts, len(unit))))
    return pl.DataFrame(
        {
            "unit": unit + first,
            "place": place,
            "nth": nth[here],
            "on": happened.on[here],
            "booked": booked,
            "is_standing": entered,
            "changed": np.where(kind == AHEAD, booked, happened.day[here]),
            "result": result,
            "is_individual": (what & KIND_BIT) != 0,
            "is_first": so_far == 0,
            "is_represented": (what & REPRESENTED_BIT) != 0,
            "court": happened.court[here],
            "judge": happened.judge[here],
        }
    )


def _units(run: Run, first: int, last: int) -> pl.DataFrame:
    was, now = run.world.units[first:last], run.units[first:last]
    here = np.flatnonzero((now["enters"] < run.world.days) & (now["stage"] != DECLINED))
    counsel, ended = now["counsel"], now["decided"]
    is_new = (counsel < run.world.days) & (was["counsel"].astype(np.int64) >= 0)
    in_time = (ended < 0) | (counsel.astype(np.int64) <= ended)
    applies = now["applies"] < run.world.days
    applies &= (ended < 0) | (now["applies"] <= ended)
    return pl.DataFrame(
        {
            "unit": here + first,
            "filed": now["filed"][here],
            "enters": now["enters"][here],
            "population": now["population"][here],
            "docket": now["docket"][here],
            "court": now["court"][here],
            "counsel": np.where(is_new & in_time, counsel, NEVER)[here],
            "applies": np.where(applies, now["applies"], NEVER)[here],
        }
    )


def _people(run: Run, first: int, last: int, people: People) -> pl.DataFrame:
    now = run.units[first:last]
    a, b = people.first[first], people.first[last]
    size = np.diff(people.first[first : last + 1])
    of = np.repeat(np.arange(last - first), size)
    begins = people.first[first:last]
    rank = np.arange(b - a) - (begins - a)[of]
    here = np.flatnonzero(((now["enters"] < run.world.days) & (now["stage"] != DECLINED))[of])
    cases = people.case_id[a:b]
    return pl.DataFrame(
        {
            "unit": of[here] + first,
            "rank": rank[here],
            "case_id": cases[here],
            "lead_case_id": people.case_id[begins][of[here]],
            "is_known": people.is_known[first:last][of[here]],
        }
    )

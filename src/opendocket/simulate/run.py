"""Run a world: block by block, change by change, to its last day."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.progress import Progress, silent
from opendocket.simulate import kernel
from opendocket.simulate.log import RETURNED_ROW, Log, Run
from opendocket.simulate.luck import ACCEPTANCE, shares, words
from opendocket.simulate.state import CELL, State, started
from opendocket.simulate.tables import DECLINED
from opendocket.simulate.world import World

Hook = Callable[[State], None]
"""Called every 28 days, before anything else on its day; it may edit what it is given."""

LATE = np.int64(0x7FFF)


def run(
    world: World,
    *,
    threads: int = 1,
    block_days: int = CELL,
    hook: Hook | None = None,
    progress: Progress = silent,
) -> Run:
    """Run the courts to the world's last day.

    Args:
        world: What there is; it is not changed.
        threads: To use; the outcome is the same for any number.
        block_days: Days that judges run alone, a divisor of 28; the outcome is the same.
        hook: Called every 28 days with the state, which it may edit.
        progress: Told of days done.

    Returns:
        Every hearing, what was vacated and what came back, and the units as they end.

    Raises:
        NobodyServes: A court has no judge for a docket on which a case is placed.
        ValueError: ``block_days`` does not divide 28.

    Source:
        docs/explanation/simulation.md.
    """
    state = started(world)
    advance(
        state, world.days, threads=threads, block_days=block_days, hook=hook, progress=progress
    )
    return finished(state)


def advance(
    state: State,
    until: int,
    *,
    threads: int = 1,
    block_days: int = CELL,
    hook: Hook | None = None,
    progress: Progress = silent,
) -> None:
    """Go on with a run to the morning of a day, before that day's changes.

    Args:
        state: Edited.
        until: The day, no later than the world's last.
        threads: To use.
        block_days: A divisor of 28.
        hook: Called every 28 days.
        progress: Told of days done.

    Raises:
        NobodyServes: A court has no judge for a docket on which a case is placed.
        ValueError: ``block_days`` does not divide 28.
    """
    if block_days < 1 or CELL % block_days:
        raise ValueError(f"block_days: {block_days}; expected a divisor of {CELL}")
    days = [day for day, _ in state.world.changes]
    with ThreadPoolExecutor(threads) as pool:
        while state.day < until:
            today = state.day
            for day, change in state.world.changes:
                if day == today:
                    change(state)
            if today % CELL == 0:
                _answer_waits(state)
                if hook is not None:
                    hook(state)
            ahead = [day for day in days if day > today]
            b1 = min(today - today % block_days + block_days, until, *ahead)
            _block(state, b1, pool, threads)
            progress("simulating", b1, state.world.days)


def finished(state: State) -> Run:
    """Give what a run wrote down so far; the state's units go with it."""
    days, judges = state.day, state.calendars.judges
    parts = list(zip(*state.logged, strict=True)) if state.logged else [[]] * 4
    kinds = (np.uint16, np.uint32, np.uint8, np.int16)
    counts, unit, what, wait = (
        np.concatenate([np.zeros((0, judges) if i == 0 else 0, dtype=kind), *parts[i]])
        for i, kind in enumerate(kinds)
    )
    vacated, returned = np.concatenate(state.vacated), np.concatenate(state.returned)
    log = Log(counts.reshape(days, judges), unit, what, wait)
    return Run(
        world=state.world,
        log=log,
        units=state.units,
        vacated=vacated[np.lexsort((vacated["unit"], vacated["day"]))],
        returned=returned,
    )


def _answer_waits(state: State) -> None:
    """Let fewer come where the wait has grown: thin the arrivals of the next 28 days."""
    world = state.world
    if world.response == 0 or state.day == 0:
        return
    courts = len(world.bench.courts)
    unit, wait = _recent(state)
    court = state.units["court"][unit]
    held = np.maximum(np.bincount(court, minlength=courts), 1)
    mean = np.bincount(court, weights=wait, minlength=courts) / held
    stay = np.minimum(np.exp(-world.response * (mean - world.usual_wait) / 365), 1.0)
    last = state.coming(state.day + CELL)
    ranges = zip(state.entered, last, strict=True)
    coming = np.concatenate([np.arange(first, end) for first, end in ranges])
    rows = state.units[coming]
    luck = shares(words(world.seed, rows["key"].copy(), 0, ACCEPTANCE)[:, 0])
    declined = coming[luck >= stay[rows["court"]]]
    state.units["stage"][declined] = DECLINED


def _recent(state: State) -> tuple[NDArray[np.uint32], NDArray[np.int16]]:
    """Give unit and wait of the hearings of the last 28 days."""
    lack, units, waits = CELL, [], []
    for counts, unit, _, wait in reversed(state.logged):
        n = int(counts[-lack:].sum())
        units.append(unit[len(unit) - n :])
        waits.append(wait[len(wait) - n :])
        lack -= len(counts)
        if lack <= 0:
            break
    return np.concatenate(units), np.concatenate(waits)


def _block(state: State, b1: int, pool: ThreadPoolExecutor, threads: int) -> None:
    """Let the days up to ``b1`` pass."""
    entries, entries_at = _entries(state, b1)
    judges, b0 = state.calendars.judges, state.day
    each = np.diff(entries_at[:: b1 - b0])
    room = state.slots[:, :, b0:b1].sum(axis=(0, 2), dtype=np.int64)
    log_at = np.concatenate([[0], np.cumsum(room)]).astype(np.int64)
    out_at = np.concatenate([[0], np.cumsum(room + each + 1)]).astype(np.int64)
    most = int(log_at[-1])
    written = (
        np.empty(most, np.uint32), np.empty(most, np.uint8), np.empty(most, np.int16),
        np.zeros((b1 - b0, judges), np.uint16),
    )  # fmt: skip
    counted = [np.zeros(judges, np.int64) for _ in range(3)]
    out, back, done = np.empty(out_at[-1], np.int64), *(np.empty(most, np.int64) for _ in "bd")
    told = (log_at, *written, out_at, out, counted[0], back, counted[1], done, counted[2])
    work = _booked if state.world.rules.is_booked else _pulled
    hear, settle = work(state, b1, entries, entries_at, told)
    cuts = _even(each + room, threads)
    for part in [pool.submit(hear, a, b) for a, b in pairwise(cuts)]:
        part.result()
    _keep(state, b1, log_at, written)
    _look_ahead(state, _gathered(out, out_at[:-1], counted[0]))
    _come_back(state, _gathered(back, log_at[:-1], counted[1]))
    _free_lawyers(state, _gathered(done, log_at[:-1], counted[2]))
    settle()
    state.day = b1


def _even(work: NDArray[np.int64], threads: int) -> list[int]:
    """Cut judges into stretches of about equal work."""
    total = np.cumsum(work)
    cuts = [int(np.searchsorted(total, total[-1] * i / threads)) for i in range(1, threads)]
    return [0, *cuts, len(work)]


def _entries(state: State, b1: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give what the judges have on their days up to ``b1``, by judge and day, and where."""
    parts = [_taken(state.future, state.day, b1, shift=33, mask=LATE)]
    new = [_mornings(state, b1), _arrivals(state, b1)]
    if state.came_in:
        chosen = np.unique(np.concatenate(state.came_in))
        state.came_in.clear()
        rows = state.units[chosen]
        day = np.full(len(chosen), state.day, dtype=np.int64)
        if not state.world.rules.is_booked:
            day = np.maximum(day, rows["wanted"])
        new.append((rows["judge"].astype(np.int64) << 48) | (day << 33) | chosen)
    for part in new:
        later = (part >> 33) & LATE >= b1
        _look_ahead(state, part[later])
        parts.append(part[~later])
    entries, days = np.concatenate(parts), b1 - state.day
    at = np.zeros(state.calendars.judges * days + 1, np.int64)
    out = np.empty_like(entries)
    kernel.scattered(entries, state.day, days, at, out)
    return out, at


def _arrivals(state: State, b1: int) -> NDArray[np.int64]:
    units, rules = state.units, state.world.rules
    first, last = state.entered, state.coming(b1)
    entries = np.empty(int((last - first).sum()), np.int64)
    n = kernel.enter(
        first, last, units, state.placement.ravel(), state.placement.shape[1],
        len(rules.dockets), state.bench_at, state.bench, state.weight,
        state.gap, state.like, state.world.seed, rules.is_booked, entries,
    )  # fmt: skip
    if n < 0:
        state.nobody(-1 - n)
    state.entered = last
    return entries[:n]


def _mornings(state: State, b1: int) -> NDArray[np.int64]:
    """Bring back what returns, and let lawyers take cases."""
    rules, lawyers, b0 = state.world.rules, state.lawyers, state.day
    due = np.sort(_taken(state.due, b0, b1, shift=34, mask=np.int64(-1)))
    entries = np.empty(len(due), np.int64)
    returned = np.zeros(len(due), RETURNED_ROW)
    n = kernel.morning(
        b0, b1, due, state.units, state.world.seed, len(rules.dockets), state.serves.ravel(),
        state.bench_at, state.bench, state.weight, state.gap, state.like, rules.is_booked,
        lawyers.limited, lawyers.free, lawyers.freed, lawyers.seekers, lawyers.seek_days,
        lawyers.queue, entries, returned,
    )  # fmt: skip
    if n < 0:
        state.nobody(-1 - n)
    state.returned.append(returned)
    return entries


def _taken(
    kept: dict[int, list[NDArray[np.int64]]], b0: int, b1: int, *, shift: int, mask: np.int64
) -> NDArray[np.int64]:
    """Take what is of the days before ``b1`` out of what lies ahead."""
    parts = kept.pop(b0 // CELL, [])
    if not parts:
        return np.zeros(0, dtype=np.int64)
    whole = np.concatenate(parts)
    if b1 % CELL:
        now = (whole >> shift) & mask < b1
        kept[b0 // CELL] = [whole[~now]]
        whole = whole[now]
    return whole


def _put(
    kept: dict[int, list[NDArray[np.int64]]], entries: NDArray[np.int64], days: NDArray[Any]
) -> None:
    """Put away what lies ahead, by 28 days."""
    cells = (days // CELL).astype(np.int16)
    order = np.argsort(cells, kind="stable")
    cells, entries = cells[order], entries[order]
    begins = np.flatnonzero(np.diff(cells, prepend=np.int16(-1)))
    for begin, part in zip(begins, np.split(entries, begins[1:]), strict=False):
        kept.setdefault(int(cells[begin]), []).append(part)


def _look_ahead(state: State, entries: NDArray[np.int64]) -> None:
    days = (entries >> 33) & LATE
    comes = days < state.world.days
    _put(state.future, entries[comes], days[comes])


def _come_back(state: State, due: NDArray[np.int64]) -> None:
    days = due >> 34
    comes = days < state.world.days
    _put(state.due, due[comes], days[comes])


def _free_lawyers(state: State, done: NDArray[np.int64]) -> None:
    days = done & np.int64(0xFFFFFFFF)
    comes = days < state.lawyers.freed.shape[1]
    np.add.at(state.lawyers.freed, (done[comes] >> 32, days[comes]), 1)


def _gathered(
    values: NDArray[np.int64], at: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Take each judge's stretch, one after the other."""
    ends = np.cumsum(counts)
    index = np.arange(int(ends[-1])) + np.repeat(at - (ends - counts), counts)
    taken: NDArray[np.int64] = values[index]
    return taken


def _keep(
    state: State, b1: int, log_at: NDArray[np.int64], written: tuple[NDArray[Any], ...]
) -> None:
    """Keep a block's hearings, in the order of days."""
    unit, what, wait, counts = written
    n = int(counts.sum())
    kept = (np.empty(n, np.uint32), np.empty(n, np.uint8), np.empty(n, np.int16))
    kernel.in_order_of_days(
        state.day, b1, state.calendars.judges, log_at, unit, what, wait, counts, *kept
    )
    state.logged.append((counts, *kept))


Work = tuple[Callable[[int, int], None], Callable[[], None]]
"""What lets some judges hear, and what settles their queues when all have."""


def _booked(
    state: State,
    b1: int,
    entries: NDArray[np.int64],
    entries_at: NDArray[np.int64],
    told: tuple[Any, ...],
) -> Work:
    calendars, tables = state.calendars, state.world.tables
    holds = (calendars.share > 0).ravel()
    left, bits = calendars.left.ravel(), calendars.bits.ravel()
    follow_days = np.ascontiguousarray(tables.follow_days).ravel()

    def hear(first: int, last: int) -> None:
        kernel.booked_days(
            first, last, state.day, b1, calendars.judges, entries, entries_at,
            state.units, left, bits, calendars.bits.shape[-1], calendars.horizon, holds,
            calendars.release_days, state.world.seed, len(tables.populations), state.result,
            state.gap, state.like, state.follow, follow_days, state.lawyers.limited, *told,
        )  # fmt: skip

    return hear, lambda: None


def _pulled(
    state: State,
    b1: int,
    entries: NDArray[np.int64],
    entries_at: NDArray[np.int64],
    told: tuple[Any, ...],
) -> Work:
    calendars, tables = state.calendars, state.world.tables
    dockets = len(state.world.rules.dockets)
    each = np.diff(entries_at[:: b1 - state.day]) + np.diff(told[0]) + 1
    size = state.waiting_n + np.repeat(each, 2 * dockets)
    still_at = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64)
    still, still_n = np.empty(int(size.sum()), np.int64), np.zeros(len(size), np.int64)
    follow_days = np.ascontiguousarray(tables.follow_days).ravel()

    def hear(first: int, last: int) -> None:
        kernel.pulled_days(
            first, last, state.day, b1, calendars.judges, dockets, entries, entries_at,
            state.units, calendars.slots.ravel(), calendars.horizon, state.is_strict,
            calendars.share[:, 0].copy(), state.credit.ravel(), state.order, state.target,
            state.world.seed, len(tables.populations), state.result, state.gap, state.like,
            state.follow, follow_days, state.lawyers.limited,
            state.waiting, state.waiting_at, state.waiting_n, still, still_at, still_n, *told,
        )  # fmt: skip

    def queue_on() -> None:
        state.waiting, state.waiting_at, state.waiting_n = still, still_at, still_n

    return hear, queue_on

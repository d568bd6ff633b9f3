"""What happened to each unit: its proceedings and hearings, up to the day observation ends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opendocket.synthetic.calendar import NEVER, Days, day, working_day
from opendocket.synthetic.courts import JUDGES_ON_A_DEDICATED_PLACE, courts
from opendocket.synthetic.history import (
    REOPENED_MEDIAN_DAYS,
    REOPENED_SIGMA,
    REOPENING,
)
from opendocket.synthetic.units import (
    CFR,
    DDC,
    DETAINED,
    NUMBER,
    OUTCOMES,
    RELEASED,
    RFR,
    Numbers,
    Units,
    lognormal_days,
    pick,
    possible,
)

AS_OF = day(2026, 6, 30)
"""The last day the synthetic release knows of; it is published the day after."""

OPEN, DECIDED, OTHERWISE, VENUE, TRANSFER = range(5)
"""How a proceeding ends: not yet, by a decision, administratively, or by a move."""

BY_DECISION = tuple(
    NUMBER[n]
    for n in (
        "relief", "protection", "removal", "in absentia", "voluntary departure",
        "termination", "other", "review",
    )
)  # fmt: skip

OUTCOMES_REOPENED = {
    "removal": 0.33, "relief": 0.25, "termination": 0.20, "in absentia": 0.09,
    "voluntary departure": 0.05, "protection": 0.03, "administrative closure": 0.03,
    "other": 0.02,
}  # fmt: skip
REOPENED_TWICE = 0.06
DETAINED_REOPEN_FACTOR = 0.3
BY_REMAND = 0.5  # of removal orders reopened, those sent back by the Board

# Chance of one and of two changes of court before the first ending.
MOVES = {"free": (0.175, 0.025), "detained": (0.10, 0.01), "released": (0.62, 0.06)}
MOVES_DEDICATED = (0.05, 0.004)

DAYS_BETWEEN_HEARINGS = {"free": 430.0, "dedicated": 95.0, "detained": 19.0}
CANCELLED = 0.28
CANCELLED_FIRST = 0.12
NEXT_HEARING_SET = 0.78


@dataclass(frozen=True, slots=True)
class Proceedings:
    """Stretches of units' cases in one court, by unit and then in order; shapes (m,)."""

    unit: Numbers
    order: Numbers
    start: Days
    end: Days
    """The day it was completed; ``NEVER`` while open."""
    how: Numbers
    outcome: Numbers
    court: Numbers
    place: Numbers
    """The place of the Dedicated Docket it is heard at; -1 for none."""
    judge: Numbers
    came_by: Numbers
    """What began it: OPEN for receipt, VENUE, TRANSFER, or DECIDED for a reopening."""


@dataclass(frozen=True, slots=True)
class Hearings:
    """Hearings scheduled, by proceeding; shapes (h,)."""

    proceeding: Numbers
    day: Days
    booked: Days
    is_master: NDArray[np.bool_]
    is_first: NDArray[np.bool_]
    is_held: NDArray[np.bool_]
    is_final: NDArray[np.bool_]
    """The proceeding was completed at this hearing (or before it, where not held)."""


@dataclass(frozen=True, slots=True)
class Lives:
    """Units with all that happened to them."""

    units: Units
    proceedings: Proceedings
    hearings: Hearings
    reopened: Days
    """The day a unit's first ending was undone; shape of the units."""
    remanded: NDArray[np.bool_]
    """It was undone by the Board."""


def live(units: Units, rng: np.random.Generator) -> Lives:
    """Let units live through proceedings and hearings until observation ends."""
    reopened, remanded = _reopened(units, rng)
    proceedings = _proceedings(units, reopened, rng)
    hearings = _hearings(units, proceedings, rng)
    return Lives(units, proceedings, hearings, reopened, remanded)


def _reopened(units: Units, rng: np.random.Generator) -> tuple[Days, NDArray[np.bool_]]:
    n = len(units)
    chance, mean = np.zeros(len(OUTCOMES)), np.ones(len(OUTCOMES))
    for name, (share, days) in REOPENING.items():
        chance[NUMBER[name]], mean[NUMBER[name]] = share, days
    p = chance[units.outcome]
    p = np.where(units.custody == DETAINED, p * DETAINED_REOPEN_FACTOR, p)
    after = 4 + mean[units.outcome] * rng.exponential(1.0, n)
    on = working_day((np.minimum(units.closed, AS_OF + 1) + after).astype(np.int32))
    back = (rng.random(n) < p) & (units.closed <= AS_OF) & (on <= AS_OF)
    remanded = back & (units.outcome == NUMBER["removal"]) & (rng.random(n) < BY_REMAND)
    return np.where(back, on, NEVER).astype(np.int32), remanded


def _proceedings(units: Units, reopened: Days, rng: np.random.Generator) -> Proceedings:
    has = units.case_type != DDC
    moves, court = _moves(units, has, rng)
    parts = [_first_spell(units, has, moves, court, rng)]
    last_court = court[np.arange(len(units)), moves]
    where, ends = units, reopened
    for again in range(2):
        spell, ends = _spell_again(where, ends, last_court, again, rng)
        parts.append(spell)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return _in_order(joined, units, rng)


def _moves(
    units: Units, has: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """Draw how often a unit changes court before its first ending, and the courts."""
    n = len(units)
    kinds = np.where(units.custody == DETAINED, 1, np.where(units.custody == RELEASED, 2, 0))
    kinds = np.where(units.is_dedicated, 3, kinds)
    table = np.array([MOVES["free"], MOVES["detained"], MOVES["released"], MOVES_DEDICATED])
    one, two = table[kinds].T
    chance = rng.random(n)
    moves = np.where(chance < two, 2, np.where(chance < one + two, 1, 0))
    room = np.minimum(units.closed, AS_OF) - units.received
    shortest = np.where(units.custody == DETAINED, 8, 60)
    still = has & (room >= shortest) & ~np.isin(units.case_type, (CFR, RFR))
    moves = np.where(still, moves, 0).astype(np.int32)
    shares = courts()
    others = [pick(shares.open_shares, rng.random(n)) for _ in range(2)]
    held = pick(shares.detained_shares, rng.random(n))
    first = np.where((units.custody == RELEASED) & (moves > 0), held, units.court)
    return moves, np.column_stack([first, *others]).astype(np.int32)


def _first_spell(
    units: Units,
    has: NDArray[np.bool_],
    moves: Numbers,
    court: Numbers,
    rng: np.random.Generator,
) -> dict[str, NDArray[np.int32]]:
    """Cut the time from receipt to the first ending at the changes of court."""
    n = len(units)
    room = np.minimum(units.closed, AS_OF) - units.received
    cuts = np.sort(rng.random((n, 2)) * 0.75 + 0.08, axis=1)
    cuts[:, 0] = np.where(moves == 2, cuts[:, 0], cuts[:, 1])
    cut_days = working_day((units.received[:, None] + cuts * room[:, None]).astype(np.int32))
    lag = rng.integers(0, 12, size=(n, 2))
    out: list[dict[str, NDArray[np.int32]]] = []
    kind = np.where(rng.random((n, 2)) < 0.72, VENUE, TRANSFER)
    for part in range(3):
        use = has & (moves >= part)
        last = moves == part
        start = units.received if part == 0 else cut_days[:, part - 1] + lag[:, part - 1]
        end = units.closed if part == 2 else np.where(last, units.closed, cut_days[:, part])
        start = np.minimum(start, np.maximum(end - 1, units.received))
        how = np.where(last, _how(units.outcome, units.closed), kind[:, min(part, 1)])
        came = np.zeros(n, dtype=np.int32) if part == 0 else kind[:, part - 1]
        at_place = units.at_place & (part == 0)
        out.append(
            _rows(use, start, end, how, units.outcome, court[:, part], came)
            | {"place": np.where(at_place, units.place, -1)[use].astype(np.int32)}
        )
    return {name: np.concatenate([part[name] for part in out]) for name in out[0]}


def _spell_again(
    units: Units, start: Days, court: Numbers, again: int, rng: np.random.Generator
) -> tuple[dict[str, NDArray[np.int32]], Days]:
    """Draw the spell that follows a reopening, and when it is itself reopened."""
    n = len(units)
    use = start <= AS_OF
    length = 10 + lognormal_days(REOPENED_MEDIAN_DAYS, REOPENED_SIGMA, rng, n)
    end = working_day((np.minimum(start, AS_OF + 1) + length).astype(np.int32))
    shares = np.array([OUTCOMES_REOPENED.get(name, 0.0) for name in OUTCOMES])
    outcome = pick(shares, rng.random(n))
    came = np.full(n, DECIDED, dtype=np.int32)
    rows = _rows(use, start, end, _how(outcome, end), outcome, court, came)
    wait = 5 + 700 * rng.exponential(1.0, n)
    next_start = working_day((end + wait).astype(np.int32))
    back = use & (rng.random(n) < REOPENED_TWICE) & (next_start <= AS_OF) & (again == 0)
    nowhere = {"place": np.full(int(use.sum()), -1, dtype=np.int32)}
    return rows | nowhere, np.where(back, next_start, NEVER).astype(np.int32)


def _how(outcome: Numbers, end: Days) -> Numbers:
    how = np.where(np.isin(outcome, BY_DECISION), DECIDED, OTHERWISE)
    return np.where(end <= AS_OF, how, OPEN).astype(np.int32)


def _rows(
    use: NDArray[np.bool_],
    start: Days,
    end: Days,
    how: Numbers,
    outcome: Numbers,
    court: Numbers,
    came_by: Numbers,
) -> dict[str, NDArray[np.int32]]:
    over = end <= AS_OF
    columns: dict[str, NDArray[np.integer]] = {
        "unit": np.arange(len(use)),
        "start": start,
        "end": np.where(over, end, NEVER),
        "how": np.where(over, how, OPEN),
        "outcome": np.where(over & ~np.isin(how, (VENUE, TRANSFER)), outcome, 0),
        "court": court,
        "came_by": came_by,
    }
    return {name: values[use].astype(np.int32) for name, values in columns.items()}


def _in_order(
    rows: dict[str, NDArray[np.int32]], units: Units, rng: np.random.Generator
) -> Proceedings:
    seen = rows["start"] <= AS_OF
    rows = {name: values[seen] for name, values in rows.items()}
    by = np.lexsort((rows["start"], rows["unit"]))
    rows = {name: values[by] for name, values in rows.items()}
    rows["outcome"] = possible(rows["outcome"], units.case_type[rows["unit"]])
    first_of_unit = np.concatenate([[True], np.diff(rows["unit"]) > 0])
    starts = np.flatnonzero(first_of_unit)
    counts = np.diff(np.append(starts, len(by)))
    order = np.arange(len(by)) - np.repeat(starts, counts)
    where = courts()
    bench = np.where(
        rows["place"] >= 0, JUDGES_ON_A_DEDICATED_PLACE, where.judge_count[rows["court"]]
    )
    judge = where.first_judge[rows["court"]] + np.floor(
        rng.random(len(by)) * np.minimum(bench, where.judge_count[rows["court"]])
    )
    return Proceedings(
        order=order.astype(np.int32),
        judge=judge.astype(np.int32),
        **rows,
    )


def _hearings(units: Units, rows: Proceedings, rng: np.random.Generator) -> Hearings:
    unit = rows.unit
    until = np.minimum(rows.end, AS_OF)
    is_review = np.isin(units.case_type[unit], (CFR, RFR))
    first = _first_of_each(units, rows, rng)
    parts = [
        _before_it(rows, first, rng),
        _first_hearing(rows, first, is_review),
        _between(units, rows, first, until, is_review, rng),
        _last(rows, first, is_review, rng),
        _ahead(rows, first, rng),
    ]
    joined = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    by = np.lexsort((joined["day"], joined["proceeding"]))
    joined = {name: values[by] for name, values in joined.items()}
    ago = 5 + lognormal_days(80.0, 0.9, rng, len(by))
    start = rows.start[joined["proceeding"]]
    booked = np.clip(joined["day"] - ago, start, AS_OF)
    return Hearings(
        proceeding=joined["proceeding"].astype(np.int32),
        day=joined["day"].astype(np.int32),
        booked=booked.astype(np.int32),
        is_master=joined["is_master"].astype(bool),
        is_first=joined["is_first"].astype(bool),
        is_held=joined["is_held"].astype(bool),
        is_final=joined["is_final"].astype(bool),
    )


Part = dict[str, NDArray[np.int32]]


def _part(
    proceeding: NDArray[np.int64],
    on: NDArray[np.int32],
    *,
    master: NDArray[np.bool_] | bool,
    held: NDArray[np.bool_] | bool,
    first: bool = False,
    final: bool = False,
) -> Part:
    n = len(proceeding)
    return {
        "proceeding": proceeding.astype(np.int32),
        "day": on.astype(np.int32),
        "is_master": np.broadcast_to(np.asarray(master), n).astype(np.int32),
        "is_held": np.broadcast_to(np.asarray(held), n).astype(np.int32),
        "is_first": np.full(n, first, dtype=np.int32),
        "is_final": np.full(n, final, dtype=np.int32),
    }


def _first_of_each(units: Units, rows: Proceedings, rng: np.random.Generator) -> Days:
    """Give the first hearing planned in each proceeding."""
    later = rows.start + 5 + lognormal_days(60.0, 0.7, rng, len(rows.unit))
    closing = np.isin(rows.how, (DECIDED, OTHERWISE))
    later = np.where(closing, np.minimum(later, rows.end), later)
    first = np.where(rows.order == 0, units.first_hearing[rows.unit], later)
    return working_day(first.astype(np.int32))


def _first_hearing(rows: Proceedings, first: Days, is_review: NDArray[np.bool_]) -> Part:
    """Hold the first hearing, unless it is also the last or never comes."""
    comes = (first < rows.end) & (first <= AS_OF) & ~is_review
    at = np.flatnonzero(comes)
    return _part(at, first[at], master=True, held=True, first=True)


def _before_it(rows: Proceedings, first: Days, rng: np.random.Generator) -> Part:
    """Plan some first hearings earlier, and take them off the calendar again."""
    on = working_day((first - 10 - rng.integers(0, 40, len(first))).astype(np.int32))
    planned = (rng.random(len(first)) < CANCELLED_FIRST) & (on > rows.start + 2)
    at = np.flatnonzero(planned & (on < np.minimum(rows.end, AS_OF)))
    return _part(at, on[at], master=True, held=False)


def _between(
    units: Units,
    rows: Proceedings,
    first: Days,
    until: Days,
    is_review: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Part:
    """Hold hearings between the first and the last; some are called off."""
    custody = units.custody[rows.unit]
    every = np.where(
        custody == DETAINED, DAYS_BETWEEN_HEARINGS["detained"], DAYS_BETWEEN_HEARINGS["free"]
    )
    every = np.where(
        (rows.place >= 0) & (until - first < 900), DAYS_BETWEEN_HEARINGS["dedicated"], every
    )
    room = np.maximum(until - first - 6, 0)
    count = np.minimum(rng.poisson(np.where(is_review, 0, room / every)), 12)
    at = np.repeat(np.arange(len(count)), count)
    share = rng.random(len(at))
    on = working_day((first[at] + 2 + share * room[at]).astype(np.int32))
    fits = (on < rows.end[at]) & (on > first[at]) & (on <= AS_OF)
    at, on, share = at[fits], on[fits], share[fits]
    master = rng.random(len(at)) > share * 0.8
    return _part(at, on, master=master, held=rng.random(len(at)) >= CANCELLED)


def _last(
    rows: Proceedings, first: Days, is_review: NDArray[np.bool_], rng: np.random.Generator
) -> Part:
    """End proceedings at a hearing, or before one that then stays on paper."""
    n = len(first)
    held = np.full(len(OUTCOMES), 0.9)
    held[[NUMBER["no nta"], NUMBER["administrative closure"]]] = 0.7, 0.45
    held[[NUMBER["in absentia"], NUMBER["review"]]] = 1.0
    closing = np.isin(rows.how, (DECIDED, OTHERWISE))
    is_held = rng.random(n) < held[rows.outcome]
    later = working_day((rows.end + 7 + rng.integers(0, 200, n)).astype(np.int32))
    on = np.where(is_held, rows.end, later)
    merits = np.full(len(OUTCOMES), 0.5)
    for name, share in (
        ("relief", 0.85), ("protection", 0.9), ("removal", 0.75), ("in absentia", 0.2),
        ("voluntary departure", 0.6), ("no nta", 0.0), ("administrative closure", 0.3),
    ):  # fmt: skip
        merits[NUMBER[name]] = share
    individual = rng.random(n) < merits[rows.outcome]
    at_first = first >= rows.end  # the first hearing is the last: a master
    on_paper = rng.random(n) < 0.6
    at = np.flatnonzero(closing & (is_held | on_paper))
    master = (~individual | at_first)[at] & ~is_review[at]
    return _part(at, on[at], master=master, held=is_held[at], final=True)


def _ahead(rows: Proceedings, first: Days, rng: np.random.Generator) -> Part:
    """Set the next hearing of what is open."""
    n = len(first)
    on = AS_OF + 1 + np.minimum(rng.exponential(330.0, n), 3_500)
    on = np.where(first > AS_OF, np.minimum(first, AS_OF + 3_500), on)
    planned = (rows.how == OPEN) & ((rng.random(n) < NEXT_HEARING_SET) | (first > AS_OF))
    at = np.flatnonzero(planned)
    day_of = working_day(on.astype(np.int32))
    master = (first > AS_OF) | (rng.random(n) < 0.45)
    return _part(at, day_of[at], master=master[at], held=False)

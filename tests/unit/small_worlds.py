"""Worlds of a few courts, made by hand with NumPy: small enough for the slowest of models.

Chances and gaps are drawn once from a named seed; nothing here draws as the engine does.
"""

from dataclasses import replace
from datetime import date

import numpy as np

from opendocket.simulate.tables import (
    DECISIONS,
    DRAWN,
    FIRST_DECISION,
    GAPS,
    INDIVIDUAL,
    LARGEST_FAMILY,
    LEAST_DAYS_BACK,
    SET,
    STAGES,
    WAYS,
    Tables,
    quantiles,
)
from opendocket.simulate.world import NEVER, NOWHERE, UNIT, Bench, Rules, World

START = date(2021, 5, 28)
POPULATIONS = ("ordinary", "dedicated")


def chances(rng, shape, *, ends, sets):
    """Give chances of results, uneven, where a share of hearings end and a share are set."""
    made = np.empty((*shape, len(STAGES), 2, 2, DRAWN))
    for stage in range(len(STAGES)):
        weight = np.empty(DRAWN)
        setting = 0.0 if stage == INDIVIDUAL else sets
        weight[:SET] = (1 - ends - setting) / SET
        weight[SET] = setting
        weight[FIRST_DECISION:] = ends / len(DECISIONS)
        drawn = rng.gamma(20 * weight + 1e-9, size=(*shape, 2, 2, DRAWN))
        made[:, :, stage] = drawn / drawn.sum(axis=-1, keepdims=True)
    return made


def tables(*, courts=2, ends=0.3, sets=0.2, back=(0.05, 0.05), mean_gap=25.0, seed=1, **others):
    """Give tables of two populations and two dockets, the second's gaps half the first's.

    Args:
        courts: How many.
        ends: Share of hearings that end a case.
        sets: Share of master hearings at which an individual one is set.
        back: Shares of decisions that motions and remands bring back.
        mean_gap: Mean wanted days between hearings.
        seed: Of all that is drawn for them.
        others: Tables to put in place of these.
    """
    rng = np.random.default_rng(seed)
    n = len(POPULATIONS)
    many = quantiles(rng.exponential(1.0, 4_000) * 100)
    made = {
        "courts": tuple(f"C{number}" for number in range(courts)),
        "populations": POPULATIONS,
        "dockets": ("slow", "fast"),
        "result": chances(rng, (courts, n), ends=ends, sets=sets),
        "gap": np.stack([gaps(rng, mean_gap), gaps(rng, mean_gap / 2)]),
        "counsel_share": np.full((courts, n), 0.5),
        "counsel_days": np.stack([many] * n),
        "application_share": np.full(n, 0.6),
        "application_days": np.stack([many] * n),
        "follow_share": np.full((n, len(DECISIONS), len(WAYS)), 0.05),
        "follow_days": np.stack([ways(rng) for _ in range(n)]),
        "removal_share": np.full((n, len(DECISIONS)), 0.3),
        "removal_days": np.stack([many] * n),
        "family_share": np.full((n, LARGEST_FAMILY), 1 / LARGEST_FAMILY),
        "arrivals": np.full((courts, n), 1.0),
        "season": np.ones((n, 12)),
        "dispersion": np.zeros(n),
    }
    made["follow_share"][..., :2] = back
    return Tables(**made | others)


def gaps(rng, mean):
    """Give one docket's wanted gaps; shape (2, gaps, 256)."""
    drawn = rng.gamma(1.5, mean / 1.5, size=(2, len(GAPS), 1_000))
    return np.array([[quantiles(days) for days in kind] for kind in drawn])


def ways(rng):
    """Give days until each way's decision; shape (ways, 256)."""
    days = LEAST_DAYS_BACK - 5 + rng.exponential(40, size=(len(WAYS), 1_000))
    return np.array([quantiles(way, least=LEAST_DAYS_BACK) for way in days])


def no_units(count):
    """Give units that know nothing yet; shape (count,)."""
    made = np.zeros(count, dtype=UNIT)
    made["key"] = np.arange(count)
    for name in ("seeks", "applies", "counsel"):
        made[name] = NEVER
    for name in ("wanted", "booked", "decided", "judge"):
        made[name] = -1
    made["docket"] = made["pool"] = NOWHERE
    made["size"] = 1
    return made


def in_order(units):
    """Sort units as a world wants them: by court, by the day each enters, and by key."""
    return units[np.lexsort((units["key"], units["enters"], units["court"]))]


def people(*, pending, coming, days, courts=2, seed=2):
    """Give families pending at the start and to come; every second one would find counsel.

    Two in three of the pending have a hearing on the calendar; keys are scattered.
    """
    rng = np.random.default_rng(seed)
    count = pending + coming
    made = no_units(count)
    made["key"] = rng.choice(2**32, count, replace=False)
    is_pending = np.arange(count) < pending
    made["filed"] = np.where(
        is_pending, -rng.integers(1, 700, count), np.sort(rng.integers(0, days, count))
    )
    made["enters"] = np.maximum(made["filed"], 0)
    seeks = made["enters"] + rng.geometric(1 / 60, count) - 1
    made["seeks"] = np.where(rng.random(count) < 0.5, seeks, NEVER)
    applies = made["filed"] + rng.geometric(1 / 90, count)
    made["applies"] = np.where(rng.random(count) < 0.6, applies, NEVER)
    made["court"] = rng.integers(0, courts, count)
    made["population"] = rng.random(count) < 0.4
    made["size"] = rng.integers(1, 5, count)
    made["stage"] = np.where(is_pending, rng.integers(0, 3, count), 0)
    made["hearings"] = np.where(made["stage"] > 0, rng.integers(1, 6, count), 0)
    made["docket"] = np.where(is_pending, made["population"], NOWHERE)
    stands = is_pending & (rng.random(count) < 2 / 3)
    made["wanted"] = np.where(stands, rng.integers(0, 120, count), -1)
    has_counsel = is_pending & (rng.random(count) < 0.3)
    made["counsel"] = np.where(has_counsel, made["filed"] + 1, NEVER)
    made["seeks"] = np.where(has_counsel, NEVER, made["seeks"])
    return in_order(made)


def slots(judges, horizon, *, masters, individuals):
    """Give calendars of five days a week: bulk masters one day in five, individuals others."""
    made = np.zeros((2, judges, horizon), dtype=np.uint8)
    days = np.arange(horizon)
    for judge in range(judges):
        is_master = days % 7 == judge % 5
        made[0, judge, is_master] = masters
        made[1, judge, (days % 7 < 5) & ~is_master] = individuals
    return made


def bench(*, per_court=2, courts=2, horizon=600, masters=6, individuals=1, dockets=2, hired=0):
    """Give calendars, all serving all dockets; the last ``hired`` do not work yet.

    They are of the first court.
    """
    judges = per_court * courts + hired
    calendar = slots(judges, horizon, masters=masters, individuals=individuals)
    court = np.concatenate([np.repeat(np.arange(courts), per_court), np.zeros(hired)])
    serves = np.ones((judges, dockets), dtype=bool)
    if hired:
        calendar[:, -hired:] = 0
        serves[-hired:] = False
    return Bench(
        courts=tuple(f"C{number}" for number in range(courts)),
        judges=tuple(f"J{number}" for number in range(judges)),
        court=court.astype(np.uint8),
        worth=np.ones(judges),
        serves=serves,
        weight=np.ones(judges, dtype=np.uint8),
        slots=calendar,
    )


def rules(*, courts=2, **others):
    """Give two dockets, ``slow`` and ``fast``; each population has the one of its number."""
    given = {
        "dockets": ("slow", "fast"),
        "like": (0, 1),
        "share": (0.0, 0.0),
        "order": ("oldest", "oldest"),
        "target_days": (700, 300),
        "placement": np.tile(np.arange(2, dtype=np.uint8), (courts, 1)),
    }
    return Rules(**given | others)


def world(*, units, bench, tables, rules, days=400, **others):
    """Give a world that starts on the day the Dedicated Docket did."""
    return World(
        start=START, days=days, units=units, bench=bench, tables=tables, rules=rules, **others
    )


def usual(*, days=400, pending=120, coming=240, seed=3, **given):
    """Give a world of two courts, four calendars, and some 1,000 hearings.

    Args:
        days: Length of the run.
        pending: Families pending at the start.
        coming: Families that come.
        seed: The run's.
        given: Parts to put in place of the usual ones.
    """
    parts = {
        "units": people(pending=pending, coming=coming, days=days),
        "bench": bench(horizon=days + 200),
        "tables": tables(),
        "rules": rules(),
    }
    return world(**parts | given, days=days, seed=seed)


def line(streams, *, slots=1, days=12_000, again=0.0, judges=60, seed=5, **rule):
    """Give many calendars, each a queue by itself that a textbook can solve.

    Everybody waits from the day of receipt; a hearing ends a case but for those continued to
    the next day. Nothing follows a decision.

    Args:
        streams: Mean arrivals a day of each docket, Poisson; ``len(streams)`` <= 2.
        slots: Of a calendar a day; all are masters.
        days: Length of the run.
        again: Share of hearings that are continued, to the day after.
        judges: Calendars, each with streams of its own.
        seed: Of the arrivals; the run's is the same.
        rule: Of ``Rules``; ``is_booked`` is False unless given.
    """
    result = np.zeros((1, 2, len(STAGES), 2, 2, DRAWN))
    result[..., 0], result[..., FIRST_DECISION] = again, 1 - again
    calendar = np.zeros((2, judges, days + 2_000), dtype=np.uint8)
    calendar[0] = slots
    one = bench(per_court=judges, courts=1, horizon=days + 2_000)
    return world(
        units=poisson(streams, days=days, judges=judges, seed=seed),
        bench=replace(one, slots=calendar),
        tables=tables(
            courts=1, back=(0, 0), result=result, gap=np.zeros((2, 2, len(GAPS), 256), "<i2")
        ),
        rules=rules(courts=1, **({"is_booked": False} | rule)),
        days=days,
        seed=seed,
    )


def poisson(streams, *, days, judges, seed):
    """Give arrivals at each judge; docket and population are the stream's number."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(np.asarray(streams), size=(days, judges, len(streams)))
    day, judge, stream = (
        np.repeat(i.ravel(), counts.ravel()) for i in np.indices(counts.shape)
    )
    made = no_units(len(day))
    made["filed"] = made["enters"] = day
    made["judge"] = judge
    made["population"] = made["docket"] = stream
    return made

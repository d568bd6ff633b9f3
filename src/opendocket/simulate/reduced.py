"""A nation made small: the engine run year by year on one court of whole judges.

It is told what the published series tells of a fiscal year, and begins each year with as many
pending as were published then, at the stages and ages at which its own last year ended.
Tables are made up (``illustrative``), so what it shows is how the mechanics respond.
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.simulate.illustrative import Size, illustrative
from opendocket.simulate.log import Run
from opendocket.simulate.national import (
    DETAINED_SHARE,
    FluidYears,
    Judges,
    Told,
    Yearly,
    forecasts,
    level_of,
)
from opendocket.simulate.run import run
from opendocket.simulate.tables import CLOSED, FIRST_DECISION, FIRST_MASTER, STAGES, Tables
from opendocket.simulate.world import NEVER, NOWHERE, UNIT, Bench, Rules, World

YEAR, BEYOND = 365, 1_100
"""Days of a run, and days of calendar after it that hearings may be booked on."""
WEEKLY = (60.0, 12.0)
"""Master and individual hearings of a judge a week at level 1; made-up."""
HELD, RELEASE_DAYS = 0.3, 21
"""Share of hearings held for detained people, until so many days before; made-up."""
Units = NDArray[np.void]


@dataclass(slots=True)
class Reduced:
    """The engine, as a model that is asked year by year."""

    scale: float = 0.05
    """Of the nation: judges are rounded to whole ones, and each hears a little more or less."""
    seed: int = 0
    name: str = "simulator"
    pending: Units | None = None
    """Who was open when the last year ended; made up if None."""
    tables: Tables = field(default_factory=lambda: illustrative(Size(courts=1)).tables())

    def came(self, told: Told, level: float) -> tuple[float, float]:
        """Give completions, and pending at the end; ``level`` scales hearings."""
        done = self.year(told, level)
        people = done.units["size"].astype(np.int64)
        ended = done.log.unit[done.log.result() >= FIRST_DECISION]
        is_open = done.units["stage"] < CLOSED
        return float(people[ended].sum()) / self.scale, float(
            people[is_open].sum()
        ) / self.scale

    def level(self, told: Told, completions: float) -> float:
        """Give the level at which a year comes to the completions published."""
        return level_of(self, told, completions)

    def learn(self, told: Told, level: float) -> None:
        """Keep who is open at the end, and what stands on their calendar."""
        units = self.year(told, level).units
        kept = units[units["stage"] < CLOSED].copy()
        is_booked = kept["booked"] >= YEAR
        kept["wanted"] = np.where(is_booked, kept["booked"], kept["wanted"])
        for name in ("filed", "wanted", "seeks", "applies", "counsel"):
            is_day = kept[name] < NEVER
            kept[name] = np.where(is_day, kept[name].astype(np.int64) - YEAR, kept[name])
        kept["wanted"] = np.clip(kept["wanted"], 0, YEAR + BEYOND - 1)
        kept["seeks"] = np.maximum(kept["seeks"], 0)
        self.pending = kept

    def year(self, told: Told, level: float) -> Run:
        """Run a fiscal year."""
        rng = np.random.default_rng([self.seed, told.year])
        pool = self.pending if self.pending is not None else self._strangers(rng)
        before = _as_many(pool, told.start * self.scale, rng)
        after = _newcomers(told.receipts * self.scale, self.tables, rng)
        units = np.concatenate([before, after])
        units["key"] = np.arange(len(units)) + told.year * 1_000_000
        units["enters"] = np.maximum(units["filed"], 0)
        units["judge"] = units["booked"] = units["decided"] = -1
        units["pool"] = NOWHERE
        units = units[np.argsort(units["enters"], kind="stable")]
        judges = max(round(told.judges * self.scale), 1)
        share = told.judges * self.scale / judges * level
        return run(
            World(
                start=date(told.year - 1, 10, 1),
                days=YEAR,
                units=units,
                bench=_bench(self.tables, judges, share),
                tables=self.tables,
                rules=_rules(self.tables),
                seed=self.seed,
            )
        )

    def _strangers(self, rng: np.random.Generator) -> Units:
        """Make up who is pending before the first year, at any stage, age and day."""
        units = _newcomers(20_000.0, self.tables, rng)
        units["stage"] = rng.choice(len(STAGES), len(units), p=(0.25, 0.45, 0.30))
        units["hearings"] = units["stage"]
        units["wanted"] = rng.integers(0, 300, len(units))
        age = np.minimum(rng.exponential(330.0, len(units)), 3_000).astype(np.int64)
        units["filed"] = -age - 1
        for name in ("seeks", "applies"):
            day = units[name].astype(np.int64) - age
            units[name] = np.where(units[name] < NEVER, np.maximum(day, 0), NEVER)
        units["docket"] = units["population"]
        return units


def _shares(tables: Tables) -> NDArray[np.float64]:
    """Give made-up shares of new cases by population."""
    share = {"detained": DETAINED_SHARE, "juvenile": 0.08}
    told = np.array([share.get(name, 0.0) for name in tables.populations])
    told[tables.populations.index("ordinary")] = 1 - told.sum()
    return told


def _newcomers(people: float, tables: Tables, rng: np.random.Generator) -> Units:
    """Make new families of so many people, evenly over the year."""
    n = len(tables.populations)
    count = int(people) + 1
    population = rng.choice(n, count, p=_shares(tables))
    sizes = np.arange(1, tables.family_share.shape[1] + 1)
    size = np.zeros(count, dtype=np.int64)
    for p in range(n):
        chosen = population == p
        size[chosen] = rng.choice(sizes, chosen.sum(), p=tables.family_share[p])
    last = int(np.searchsorted(np.cumsum(size), people)) + 1
    units = np.zeros(min(last, count), dtype=UNIT)
    population = population[: len(units)]
    units["population"], units["size"] = population, size[: len(units)]
    units["filed"] = np.arange(len(units)) * YEAR // len(units)
    units["docket"] = 255
    units["stage"] = FIRST_MASTER
    units["counsel"] = NEVER
    for name, share, days in (
        ("seeks", tables.counsel_share[0], tables.counsel_days),
        ("applies", tables.application_share, tables.application_days),
    ):
        after = days[population, rng.integers(0, days.shape[1], len(units))].astype(np.int64)
        does = rng.random(len(units)) < share[population]
        units[name] = np.where(does, np.minimum(units["filed"] + after, NEVER - 1), NEVER)
    return units


def _as_many(pool: Units, people: float, rng: np.random.Generator) -> Units:
    """Take as many families as have so many people: some of the pool, or some of it twice."""
    if not len(pool):
        return pool
    order = np.concatenate(
        [
            rng.permutation(len(pool))
            for _ in range(int(people / max(pool["size"].sum(), 1)) + 1)
        ]
    )
    last = int(np.searchsorted(np.cumsum(pool["size"][order].astype(np.int64)), people)) + 1
    taken: Units = pool[order[:last]].copy()
    return taken


def _bench(tables: Tables, judges: int, share: float) -> Bench:
    days = np.arange(YEAR + BEYOND)
    slots = np.zeros((2, judges, len(days)), dtype=np.uint8)
    for kind, weekly in enumerate(WEEKLY):
        for judge in range(judges):
            # sessions on five days in seven, and what a day has no whole slot for the next day
            worked = np.cumsum(days % 7 < 5) * weekly * share / 5 + judge / judges
            told = np.diff(np.floor(worked), prepend=np.floor(judge / judges))
            slots[kind, judge] = np.minimum(told, 250)
    return Bench(
        courts=tables.courts,
        judges=tuple(f"{tables.courts[0]}-{number:03}" for number in range(judges)),
        court=np.zeros(judges, dtype=np.uint8),
        worth=np.ones(judges),
        serves=np.ones((judges, len(tables.dockets)), dtype=bool),
        weight=np.ones(judges, dtype=np.uint8),
        slots=slots,
    )


def _rules(tables: Tables) -> Rules:
    k = len(tables.dockets)
    held = [0.0] * k
    held[tables.dockets.index("detained")] = HELD
    placement = np.array([[tables.dockets.index(name) for name in tables.populations]])
    return Rules(
        dockets=tables.dockets,
        like=tuple(range(k)),
        share=tuple(held),
        release_days=RELEASE_DAYS,
        order=("oldest",) * k,
        target_days=(0,) * k,
        placement=placement.astype(np.uint8),
    )


def published_forecasts(
    *, alone_from: int | None = None, scale: float = 0.1, seed: int = 0
) -> pl.DataFrame:
    """Forecast the published years by the three naive models and by the engine.

    Args:
        alone_from: As for :func:`opendocket.simulate.national.forecasts`.
        scale: Of the nation.
        seed: Of the engine's luck.
    """
    models: list[Yearly] = [Judges(), FluidYears(), Reduced(scale=scale, seed=seed)]
    return forecasts(models, alone_from=alone_from)

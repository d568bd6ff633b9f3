"""Runs of courts made by hand: a few units and what happened to them, as a run's arrays."""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import numpy as np

from opendocket.simulate.log import (
    KIND_BIT,
    REPRESENTED_BIT,
    RETURNED_ROW,
    VACATED_ROW,
    Log,
    Run,
)
from opendocket.simulate.tables import RESULTS
from opendocket.simulate.world import UNIT

START = date(2025, 10, 1)
POPULATIONS = ("dedicated", "ordinary")
COURTS = ("AAA", "BBB")


@dataclass
class Hearing:
    day: int
    result: str
    wait: int = 0
    is_individual: bool = False
    is_represented: bool = False


@dataclass
class Unit:
    filed: int
    hearings: tuple[Hearing, ...] = ()
    population: str = "dedicated"
    court: str = "AAA"
    size: int = 1
    returned: tuple[int, ...] = ()
    round: int = 0
    stage: int = 0


def run_of(units, days):
    """Write units down as a run would, of courts with one judge."""
    units = sorted(units, key=lambda unit: max(unit.filed, 0))
    rows = np.zeros(len(units), UNIT)
    rows["filed"] = [unit.filed for unit in units]
    rows["enters"] = [max(unit.filed, 0) for unit in units]
    rows["population"] = [POPULATIONS.index(unit.population) for unit in units]
    rows["court"] = [COURTS.index(unit.court) for unit in units]
    for name in ("size", "round", "stage"):
        rows[name] = [getattr(unit, name) for unit in units]
    heard = sorted(
        ((h.day, at, h) for at, unit in enumerate(units) for h in unit.hearings),
        key=lambda row: row[:2],
    )
    back = [(d, at, 0, 0, 0) for at, unit in enumerate(units) for d in unit.returned]
    log = Log(
        counts=np.bincount([d for d, _, _ in heard], minlength=days)[:, None].astype(np.uint16),
        unit=np.array([at for _, at, _ in heard], np.uint32),
        what=np.array([_packed(h) for _, _, h in heard], np.uint8),
        wait=np.array([h.wait for _, _, h in heard], np.int16),
    )
    world = SimpleNamespace(
        start=START,
        days=days,
        units=rows,
        bench=SimpleNamespace(courts=COURTS),
        tables=SimpleNamespace(populations=POPULATIONS),
    )
    return Run(world, log, rows.copy(), np.zeros(0, VACATED_ROW), np.array(back, RETURNED_ROW))


def _packed(hearing):
    return (
        RESULTS.index(hearing.result)
        | KIND_BIT * hearing.is_individual
        | REPRESENTED_BIT * hearing.is_represented
    )

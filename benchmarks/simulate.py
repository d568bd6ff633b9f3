"""Ten national years of the courts, and the same machine's other ways to simulate, in one run.

Side by side: the engine on a nation of made-up cases with everything switched on; the SimPy
model of the tests and the engine on one small world of that kind, which must agree hearing by
hearing; Ciw, SimPy and the engine on M/M/10 at nine tenths; and the machine's floor,
independent read-modify-writes of 32-byte records at random. Run it by, for example:

    python benchmarks/simulate.py
    python benchmarks/simulate.py --scale 0.1 --years 3 --threads 2
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ciw
import numpy as np
import simpy

from nation import JUDGES, nation
from opendocket.compiled import compiled
from opendocket.simulate.log import Run
from opendocket.simulate.run import run

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS / "known"), str(TESTS / "unit")]
from simpy_courts import Courts  # noqa: E402
from small_worlds import line  # noqa: E402

SERVERS, LOAD, ERLANG = 10, 9.0, 0.6687
"""The reference page's queue, and its mean wait by Erlang's formula."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the nation, by courts")
    parser.add_argument("--years", type=float, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=3, help="runs of the nation; the median")
    parser.add_argument("--arrivals", type=int, default=100_000, help="of Ciw and SimPy")
    parser.add_argument("--seed", type=int, default=20261124)
    arguments = parser.parse_args()
    run(nation(0.001, 0.2, seed=1))  # compiled, or read from where that is kept
    rate, each = national(arguments)
    small = references(arguments.seed)
    queues = by_library(arguments.arrivals, arguments.seed)
    print("\nratios")
    print(f"nation over SimPy's courts, hearings/s     {rate / small['SimPy']:10,.0f}")
    print(
        f"small world, engine over SimPy, hearings/s {small['engine'] / small['SimPy']:10,.0f}"
    )
    print(f"nation's hearings/s over Ciw's arrivals/s  {rate / queues['Ciw']:10,.0f}")
    print(f"M/M/10, hearings/s over Ciw's arrivals/s   "
          f"{queues['engine, hearings'] / queues['Ciw']:10,.0f}")  # fmt: skip
    print(f"M/M/10, arrivals/s over Ciw's arrivals/s   "
          f"{queues['engine'] / queues['Ciw']:10,.0f}")  # fmt: skip
    print(f"nation's ns a hearing over the floor's     {1e9 / rate / each:10,.1f}")


def national(arguments: argparse.Namespace) -> tuple[float, float]:
    """Run the nation; give hearings a CPU second, and the floor in ns for as many units."""
    empty = resident("VmRSS")
    begin = time.perf_counter()
    world = nation(arguments.scale, arguments.years, seed=arguments.seed)
    built = time.perf_counter() - begin
    before = resident("VmRSS")
    found, done = [], None
    for _ in range(arguments.turns):
        del done
        Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak begins anew
        cpu, wall = time.process_time(), time.perf_counter()
        done = run(world, threads=arguments.threads)
        spent = time.process_time() - cpu, time.perf_counter() - wall
        found.append((*spent, resident("VmHWM")))
    cpu, wall, peak = sorted(found)[len(found) // 2]
    tell_nation(done, arguments, built)
    units, hearings = len(world.units), len(done.log)
    people = int(world.units["size"].sum())
    log = done.log.nbytes
    print(f"CPU seconds {cpu:.2f} (all: {', '.join(f'{f[0]:.2f}' for f in found)}); "
          f"by the clock {wall:.2f}, {arguments.threads} threads")  # fmt: skip
    print(
        f"hearings a CPU second {hearings / cpu:,.0f}; ns a hearing {cpu / hearings * 1e9:.0f}"
    )
    print(f"peak memory {peak / 1e9:.2f} GB; before the world {empty / 1e9:.2f} GB, "
          f"with it {before / 1e9:.2f} GB")  # fmt: skip
    for name, count in (("unit", units), ("person", people)):
        print(f"bytes a {name}, all at the peak but the log and libraries "
              f"{(peak - empty - log) / count:.1f}")  # fmt: skip
    print(f"bytes a logged hearing {log / hearings:.2f}")
    del done
    each = floor(units)
    print(f"floor: {each:.1f} ns for each of {units:,} records of 32 bytes, at random")
    return hearings / cpu, each


def tell_nation(done: Run, arguments: argparse.Namespace, built: float) -> None:
    world, units = done.world, done.world.units
    size = units["size"].astype(int)
    pending = units["filed"] < 0
    print(f"nation x {arguments.scale}, {arguments.years} years; built in {built:.1f} s")
    print(f"{len(world.bench.courts)} courts, {len(world.bench.judges)} calendars, "
          f"{JUDGES * arguments.scale:.0f} from the first day")  # fmt: skip
    print(f"{size[pending].sum():,} people pending in {pending.sum():,} units; "
          f"{size[~pending].sum():,} arriving in {(~pending).sum():,}")  # fmt: skip
    print(f"{len(done.log):,} hearings, {len(done.vacated):,} vacated, {len(done.returned):,} "
          f"returned, {(done.log.wait > 0).mean():.0%} later than wanted")  # fmt: skip


def resident(what: str) -> float:
    """This process's memory in bytes: VmRSS now, or VmHWM at its peak."""
    for row in Path("/proc/self/status").read_text("ascii").splitlines():
        if row.startswith(what):
            return int(row.split()[1]) * 1024
    raise LookupError(what)


@compiled
def touch(records: Any, times: Any) -> None:  # noqa: ANN401
    """Read and write a word of records chosen at random, each by a number of its own."""
    n = np.uint64(len(records))
    for i in range(times):
        x = np.uint64(i) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        at = ((x >> np.uint64(32)) * n) >> np.uint64(32)
        records[at, 0] += x


def floor(units: int, times: int = 20_000_000) -> float:
    """Give the ns of one independent read-modify-write at random; the median of five."""
    records = np.ones((units, 4), dtype=np.uint64)
    touch(records, 10)
    taken = []
    for _ in range(5):
        begin = time.process_time()
        touch(records, times)
        taken.append((time.process_time() - begin) / times * 1e9)
    return sorted(taken)[2]


def references(seed: int) -> dict[str, float]:
    """Give hearings a second of the tests' SimPy model and of the engine, on one world."""
    world = nation(0.002, 2, seed=seed)
    model = Courts(world)
    theirs = seconds(model.run)
    done = run(world)
    ours = min(seconds(lambda: run(world)) for _ in range(5))
    log, same = done.log, [row[2] for row in model.hearings]
    assert log.unit.tolist() == same, "the two models do not agree"
    assert log.result().tolist() == [row[3] for row in model.hearings]
    print(
        f"\na small world, {len(world.units):,} units, {len(log):,} hearings, the same in both"
    )
    rates = {"SimPy": len(log) / theirs, "engine": len(log) / ours}
    for name, rate in rates.items():
        print(f"{name:20} {rate:14,.0f} hearings/s")
    return rates


def seconds(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def by_library(arrivals: int, seed: int) -> dict[str, float]:
    """Give arrivals a second on M/M/10: Ciw's, SimPy's and the engine's."""
    print(f"\nM/M/{SERVERS}, load {LOAD}: arrivals/s, and the mean wait (Erlang: {ERLANG})")
    rates = {}
    for name, work in (("Ciw", by_ciw), ("SimPy", by_simpy)):
        begin = time.process_time()
        wait = work(arrivals, seed)
        rates[name] = arrivals / (time.process_time() - begin)
        print(f"{name:20} {rates[name]:14,.0f}   {wait:.3f}")
    return rates | by_engine(seed)


def by_ciw(arrivals: int, seed: int) -> float:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(LOAD)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        number_of_servers=[SERVERS],
    )
    ciw.seed(seed)
    made = ciw.Simulation(network)
    made.simulate_until_max_customers(arrivals)
    return float(np.mean([record.waiting_time for record in made.get_all_records()]))


def by_simpy(arrivals: int, seed: int) -> float:
    luck, env, waits = random.Random(seed), simpy.Environment(), []
    desk = simpy.Resource(env, SERVERS)

    def customer() -> Iterator[Any]:
        came = env.now
        with desk.request() as turn:
            yield turn
            waits.append(env.now - came)
            yield env.timeout(luck.expovariate(1.0))

    def source() -> Iterator[Any]:
        for _ in range(arrivals):
            yield env.timeout(luck.expovariate(LOAD))
            env.process(customer())

    env.process(source())
    env.run()
    return float(np.mean(waits))


def by_engine(seed: int, ends: float = 0.1) -> dict[str, float]:
    """Ten slots a day of one calendar, where each hearing ends a case by a tenth.

    A mean service is ten days, so it is the queue in slotted time; its mean wait is a few parts
    in a hundred below Erlang's (tests/known/test_simulate_queues.py).
    """
    world = line(
        [LOAD * ends], slots=SERVERS, again=1 - ends, days=20_000, judges=56, seed=seed
    )
    done = run(world)
    taken = min(seconds(lambda: run(world)) for _ in range(3))
    _, first = np.unique(done.log.unit, return_index=True)
    rates = {"engine": len(world.units) / taken, "engine, hearings": len(done.log) / taken}
    wait = done.log.wait[first].mean() * ends
    print(f"{'engine':20} {rates['engine']:14,.0f}   {wait:.3f}, in slotted time")
    print(f"{'engine, hearings/s':20} {rates['engine, hearings']:14,.0f}")
    return rates


if __name__ == "__main__":
    main()

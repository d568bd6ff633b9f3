"""Curves of as many cases as the nation has, by ours and by lifelines, on the same arrays.

Made-up days, outcomes and families; the two take turns, and their numbers must agree to 1e-9.
Prints medians of the runs' times, the ratio, and the memory each run added at its peak. Run it
by, for example:

    python benchmarks/survival.py --cases 12000000 --turns 3
"""

import argparse
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from opendocket.estimate.counts import grouped_counts
from opendocket.estimate.shares import grouped_proportions
from opendocket.estimate.survival import cumulative_incidence, kaplan_meier, restricted_mean

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifelines import KaplanMeierFitter

Columns = dict[str, np.ndarray]
EVERY_SECONDS = 0.005


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=12_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20261124)
    arguments = parser.parse_args()
    made = columns(arguments.cases, arguments.seed)
    runs = every_run(made)
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    found: dict[str, Any] = {}
    for _ in range(arguments.turns):
        for name, run in runs.items():
            found[name], seconds, peak = measured(run)
            taken[name].append((seconds, peak))
    agree(found)
    tell(arguments.cases, taken)


def columns(cases: int, seed: int) -> Columns:
    """Whole days over some twenty years, three outcomes, families of two or so."""
    rng = np.random.default_rng(seed)
    seen = rng.integers(1, 7_300, cases)
    ends = rng.geometric(0.0009, cases)
    return {
        "days": np.minimum(seen, ends),
        "outcome": np.where(ends <= seen, rng.integers(1, 4, cases), 0).astype(np.int8),
        "ended": ends <= seen,
        "family": rng.integers(0, cases // 2, cases),
        "group": rng.integers(0, 3_000, cases),
        "entered": (np.minimum(seen, ends) * rng.random(cases) * 0.5).astype(np.int64),
    }


def every_run(c: Columns) -> dict[str, Callable[[], Any]]:
    days, outcome, ended, family = c["days"], c["outcome"], c["ended"], c["family"]
    alone = np.arange(len(days))
    return {
        "lifelines, Kaplan-Meier": lambda: KaplanMeierFitter().fit(days, ended),
        "Kaplan-Meier": lambda: kaplan_meier(days, ended),
        "incidence of three outcomes": lambda: cumulative_incidence(days, outcome),
        "the same, by family": lambda: cumulative_incidence(days, outcome, family=family),
        "the same, one outcome": lambda: cumulative_incidence(days, ended, family=family),
        "the same, late entries": lambda: cumulative_incidence(
            days, ended, family=family, entered=c["entered"]
        ),
        "restricted mean, by family": lambda: restricted_mean(
            days, ended, until=3_650, family=family
        ),
        "3,000 shares, by family": lambda: grouped_proportions(
            ended, family, c["group"], groups=3_000
        ),
        "3,000 counts, each alone": lambda: grouped_counts(c["group"], alone, groups=3_000),
    }


def measured(run: Callable[[], Any]) -> tuple[Any, float, float]:
    """Run once; give what it found, the seconds, and the GB it added at its peak."""
    before, peak, done = resident(), [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(EVERY_SECONDS):
            peak[0] = max(peak[0], resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    begin = time.perf_counter()
    found = run()
    seconds = time.perf_counter() - begin
    done.set()
    watcher.join()
    return found, seconds, max(peak[0] - before, 0)


def resident() -> float:
    """This process's memory in GB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e9


def agree(found: dict[str, Any]) -> None:
    """Ours, by either estimator, are lifelines' numbers to 1e-9."""
    theirs, ours = found["lifelines, Kaplan-Meier"], found["Kaplan-Meier"]
    pending = theirs.survival_function_.loc[ours.days].to_numpy()[:, 0]
    band = theirs.confidence_interval_.loc[ours.days].to_numpy()
    np.testing.assert_allclose(ours.share_pending, pending, atol=1e-9)
    np.testing.assert_allclose(np.c_[ours.lower, ours.upper], band, atol=1e-9)
    whole = found["incidence of three outcomes"]
    at = np.searchsorted(whole.days, ours.days)
    np.testing.assert_allclose(whole.pending_share[at], pending, atol=1e-9)


def tell(cases: int, taken: dict[str, list[tuple[float, float]]]) -> None:
    seconds = {name: median(s for s, _ in runs) for name, runs in taken.items()}
    theirs = seconds["lifelines, Kaplan-Meier"]
    turns = len(next(iter(taken.values())))
    print(
        f"{cases:,} cases, medians of {turns}: seconds, lifelines' time over it, memory added"
    )
    for name, runs in taken.items():
        peak = max(p for _, p in runs)
        times = theirs / seconds[name]
        print(f"{name:30} {seconds[name]:8.3f} s {times:8.1f} {peak:6.2f} GB")


if __name__ == "__main__":
    main()

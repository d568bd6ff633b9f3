"""A sweep gives the same wherever it runs, and goes on where it was broken off."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from opendocket.errors import MissingExtra, NoCluster
from opendocket.simulate.answers import SCHEMA
from opendocket.simulate.sweep import Design, Task, cluster, processes, sweep

DESIGN = Design(draws=4, luck_draws=2, seed=10)


def tasks(inputs="a"):
    return [
        Task(name, None, 2.0, Path("docket.duckdb"), Path("fit.json"), draw, seed, inputs)
        for name in ("base", "policy")
        for draw, seed in DESIGN.pairs()
    ]


def toy(task):
    """Answer with numbers that follow from the task and from nothing else."""
    rng = np.random.default_rng([len(task.scenario), task.seed, 0 if task.draw is None else 1])
    rows = [("wait_mean_days", "everyone", None, date(2025, 9, 30), rng.normal(), 40)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def refused(task):
    raise AssertionError(f"{task.scenario}: run again, though it was kept")


ALONE = sweep(tasks(), toy)


def test_a_pair_of_scenarios_shares_parameters_and_luck_draw_by_draw():
    base, policy = (
        [(t.draw, t.seed) for t in tasks() if t.scenario == name] for name in ("base", "policy")
    )

    assert base == policy
    assert len({seed for _, seed in base}) == len(base) == 6
    assert ALONE["is_luck_only"].sum() == 4


def test_threads_give_what_one_process_gives():
    with ThreadPoolExecutor(3) as pool:
        assert sweep(tasks(), toy, executor=pool).equals(ALONE)


def test_processes_give_what_one_process_gives():
    with processes(2) as pool:
        assert sweep(tasks(), toy, executor=pool).equals(ALONE)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_dask_cluster_of_two_workers_gives_what_one_process_gives():
    distributed = pytest.importorskip("distributed")
    local = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    )
    with local, cluster(local.scheduler_address) as pool:
        assert sweep(tasks(), toy, executor=pool).equals(ALONE)


def test_where_no_cluster_answers_it_is_said(monkeypatch):
    monkeypatch.setattr("opendocket.simulate.sweep.CLUSTER_TIMEOUT", "100ms")
    with pytest.raises(NoCluster, match="expected the scheduler"), cluster("tcp://127.0.0.1:9"):
        pass


def test_without_dask_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match="pip install distributed"), cluster("tcp://a:1"):
        pass


def test_finished_draws_are_kept_and_not_run_again(tmp_path):
    def breaks_off(task):
        if task.scenario == "policy":
            raise KeyboardInterrupt
        return toy(task)

    with pytest.raises(KeyboardInterrupt):
        sweep(tasks(), breaks_off, kept=tmp_path)
    kept = set(tmp_path.glob("*.parquet"))
    assert len(kept) == 6

    ran = []
    again = sweep(tasks(), lambda task: ran.append(task) or toy(task), kept=tmp_path)

    assert again.equals(ALONE)
    assert {task.scenario for task in ran} == {"policy"}
    assert sweep(tasks(), refused, kept=tmp_path).equals(ALONE)


def test_a_kept_draw_of_other_inputs_is_not_taken(tmp_path):
    sweep(tasks("a"), toy, kept=tmp_path)

    with pytest.raises(AssertionError, match="run again"):
        sweep(tasks("b"), refused, kept=tmp_path)


def test_what_is_half_written_is_not_taken_for_a_draw(tmp_path):
    for task in tasks():
        (tmp_path / f"{task.key()}.writing").write_bytes(b"PAR1")

    assert sweep(tasks(), toy, kept=tmp_path).equals(ALONE)


def test_progress_is_told_draw_by_draw():
    told = []
    sweep(tasks(), toy, progress=lambda what, done, total: told.append((done, total)))

    assert told == [(done, 12) for done in range(13)]


def test_a_design_without_a_spread_is_refused():
    with pytest.raises(ValueError, match="expected 2 or more"):
        Design(draws=1, luck_draws=2)


def test_dask_is_not_imported_where_nobody_asks_for_it():
    code = "import sys, opendocket.simulate.sweep; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert {"dask", "distributed"} & set(ran.stdout.split()) == set()

"""Many draws of many scenarios, on this machine or on others, with the same results.

A draw is a function of what its task names and of nothing else: which scenario, fit and docket,
which draw of the parameters, which luck. So it does not matter where it runs, in which order,
or whether a sweep was broken off and gone on with.
"""

import hashlib
import json
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from importlib import import_module
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from opendocket.errors import MissingExtra, NoCluster
from opendocket.progress import Progress, silent
from opendocket.simulate.answers import SCHEMA

CLUSTER_TIMEOUT = "10s"
"""How long a cluster is waited for."""


class Future(Protocol):
    """What an executor promises."""

    def result(self) -> Any:  # noqa: ANN401
        """Wait for the result."""
        ...

    def cancel(self) -> Any:  # noqa: ANN401
        """Give it up, if it has not begun."""
        ...


class Executor(Protocol):
    """Whatever runs functions elsewhere: processes, threads, a cluster's."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future:  # noqa: ANN401
        """Take on a call."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """One run of one scenario; everything that its answers follow from."""

    scenario: str
    """A shipped scenario's name, or a file."""
    start: date | None
    """The first day, where it is not the scenario's own."""
    years: float | None
    """How long, where it is not the scenario's own."""
    docket: Path | None
    """Whose pending cases it begins with; None for none."""
    fit: Path | None
    """None for the illustrative chances, which were fitted to nothing."""
    draw: int | None
    """Of the fit's parameters; None for their posterior mean."""
    seed: int
    """Of the run's luck."""
    inputs: str
    """Checksum of what the scenario, the docket and the fit hold."""
    shared: str = ""
    """Checksum of the docket and the fit, which scenarios share."""

    @property
    def is_luck_only(self) -> bool:
        """Whether the parameters are held at their mean."""
        return self.draw is None

    def key(self) -> str:
        """Name the draw by all that it depends on."""
        facts = {name: str(value) for name, value in asdict(self).items()}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:24]


Work = Callable[[Task], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Design:
    """How many draws: some with parameters and luck both varying, some with luck alone."""

    draws: int
    luck_draws: int
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a design that no spread can be read off."""
        if self.draws < 2 or self.luck_draws < 2:
            raise ValueError(
                f"draws {self.draws}, luck_draws {self.luck_draws}; expected 2 or more of each"
            )

    def pairs(self) -> Iterator[tuple[int | None, int]]:
        """Give each draw's parameters and luck; no two share a seed.

        Example:
            >>> list(Design(draws=2, luck_draws=2, seed=7).pairs())
            [(0, 7), (1, 8), (None, 9), (None, 10)]
        """
        both = ((i, self.seed + i) for i in range(self.draws))
        luck = ((None, self.seed + self.draws + i) for i in range(self.luck_draws))
        return chain(both, luck)


DRAW_SCHEMA = {
    "scenario": pl.String,
    "is_luck_only": pl.Boolean,
    "draw_number": pl.Int64,
    **SCHEMA,
}
"""Columns of a sweep: whose answer it is, and the answer. Rows of one number and kind have
the same parameters and the same luck under every scenario."""


def sweep(
    tasks: Sequence[Task],
    work: Work,
    *,
    executor: Executor | None = None,
    kept: Path | None = None,
    progress: Progress = silent,
) -> pl.DataFrame:
    """Run every task, and stack the answers.

    Args:
        tasks: In the order of the answer.
        work: What is done with each: a function at the top of a module, so that a process
            elsewhere finds it.
        executor: Anything with ``submit`` whose futures have ``result`` and ``cancel``; None
            runs them one by one here.
        kept: A folder that finished draws are kept in, and taken from when the sweep is run
            again: a file each, named by all that the draw depends on.
        progress: Told of draws done.

    Returns:
        Rows of ``DRAW_SCHEMA``, the same wherever and in whatever order they ran.

    Raises:
        DocketError: What a draw raised.
    """
    frames = []
    for done, frame in enumerate(_done(tasks, work, executor, kept)):
        progress("simulating", done, len(tasks))
        task = tasks[done]
        frames.append(
            frame.select(
                pl.lit(task.scenario).alias("scenario"),
                pl.lit(task.is_luck_only).alias("is_luck_only"),
                pl.lit(task.seed, dtype=pl.Int64).alias("draw_number"),
                *SCHEMA,
            )
        )
    progress("simulating", len(tasks), len(tasks))
    return pl.concat(frames) if frames else pl.DataFrame(schema=DRAW_SCHEMA)


def _done(
    tasks: Sequence[Task], work: Work, executor: Executor | None, kept: Path | None
) -> Iterator[pl.DataFrame]:
    """Give each task's answers in order: kept ones read, the others worked out."""
    places = [None if kept is None else kept / f"{task.key()}.parquet" for task in tasks]
    is_there = [place is not None and place.is_file() for place in places]
    futures: list[Future | None] = [
        None if executor is None or there else executor.submit(work, task)
        for task, there in zip(tasks, is_there, strict=True)
    ]
    try:
        for task, place, there, future in zip(tasks, places, is_there, futures, strict=True):
            if place is not None and there:
                yield pl.read_parquet(place)
                continue
            frame = work(task) if future is None else future.result()
            if place is not None:
                _keep(frame, place)
            yield frame
    finally:
        for future in futures:
            if future is not None:
                future.cancel()


def _keep(frame: pl.DataFrame, place: Path) -> None:
    """Write a draw whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_suffix(".writing")
    frame.write_parquet(aside)
    aside.replace(place)


@contextmanager
def processes(workers: int) -> Iterator[Executor | None]:
    """Give this machine's processes to run draws in; None for one, which is this one.

    Args:
        workers: How many.

    Yields:
        An executor, or None. When the block ends early, what has not begun is given up.
    """
    if workers <= 1:
        yield None
        return
    # a forked process would share locks with the threads of Polars; Ctrl-C reaches every
    # process, and the one that began the others tells them to end
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Give a Dask cluster that is already there to run draws in.

    Args:
        address: Of its scheduler, such as ``tcp://10.0.0.5:8786``.

    Yields:
        An executor. The cluster goes on when the block ends.

    Raises:
        MissingExtra: ``distributed`` is not installed.
        NoCluster: No scheduler answers there.

    Assumes:
        Its workers have this version of OpenDocket, and see the docket, the fit and the
        scenarios under the same paths.
    """
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise MissingExtra("--dask", "distributed") from error
    try:
        client = distributed.Client(address, timeout=CLUSTER_TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise NoCluster(address, str(error) or type(error).__name__) from error
    with client:
        yield client.get_executor(pure=False)


def checksum(*parts: Iterable[bytes]) -> str:
    """Give one checksum of many parts, none of which runs into the next.

    Example:
        >>> checksum([b"ab"], [b"c"]) == checksum([b"a"], [b"bc"])
        False
    """
    whole = hashlib.sha256()
    for part in parts:
        one = hashlib.sha256()
        for piece in part:
            one.update(piece)
        whole.update(one.digest())
    return whole.hexdigest()

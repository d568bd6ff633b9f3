"""A question put to the courts: which scenarios, begun from which docket, by which fit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from opendocket.docket import open_docket
from opendocket.errors import AlreadyThere, BadCut, DateOutOfRange, NotFitted
from opendocket.progress import Progress, silent
from opendocket.simulate.answers import answers
from opendocket.simulate.building import Built, Replay, built, replay_of
from opendocket.simulate.comparing import Compared, Origin, compared
from opendocket.simulate.fit import fit
from opendocket.simulate.fitted import Fit, read_fit, write_fit
from opendocket.simulate.illustrative import illustrative
from opendocket.simulate.run import run
from opendocket.simulate.scenario import Scenario, read_scenario
from opendocket.simulate.start import Members, Start, starting
from opendocket.simulate.sweep import Design, Executor, Task, checksum, sweep
from opendocket.simulate.world import UNIT
from opendocket.simulate.written import WrittenDocket, write_docket

FIT_YEARS = 4
"""Years of the window that a docket is fitted on, where no other is named."""


@dataclass(frozen=True, slots=True)
class Question:
    """Scenarios to run, the base first, from one docket by one fit."""

    scenarios: tuple[str, ...]
    """Shipped names, or files."""
    docket: Path | None
    """Whose pending cases they begin with; None for none."""
    fit: Path | None
    """None for the illustrative chances."""
    start: date | None = None
    """The first day, where it is not the scenarios' own."""
    years: float | None = None

    def read(self, name: str) -> Scenario:
        """Read one of its scenarios."""
        return read_scenario(name, start=self.start, years=self.years)


def question(
    scenarios: tuple[str, ...],
    *,
    docket: Path,
    fit_file: Path | None,
    is_illustrative: bool = False,
    start: date | None = None,
    years: float | None = None,
) -> Question:
    """Make a question, refusing to answer one by made-up chances unless they are asked for.

    Args:
        scenarios: Names or files, the base first.
        docket: Whose pending cases they begin with; not read where chances are illustrative.
        fit_file: A fit.
        is_illustrative: Take the made-up courts and chances instead.
        start: Begin on this day instead of the scenarios' own.
        years: Run for so long instead.

    Raises:
        NotFitted: There is no fit, and ``is_illustrative`` is off.
        BadCut: A fit and ``is_illustrative`` together; scenarios that do not share their days,
            or their names.
    """
    if is_illustrative and fit_file is not None:
        raise BadCut("--illustrative", "a fit is given as well", "leave one of them out")
    if fit_file is None and not is_illustrative:
        raise NotFitted(" ".join(scenarios), docket)
    asked = Question(scenarios, None if is_illustrative else docket, fit_file, start, years)
    names = [named(name) for name in scenarios]
    base = asked.read(scenarios[0])
    for text, name in zip(scenarios[1:], names[1:], strict=True):
        other = asked.read(text)
        if (other.start, other.days) != (base.start, base.days):
            raise BadCut(
                text,
                f"runs from {other.start} for {other.days:,} days, and {names[0]} from "
                f"{base.start} for {base.days:,}",
                "give both --start and --years, or change one of the files",
            )
        if names.count(name) > 1:
            raise BadCut(text, "named as another", "give the file another name")
    return asked


def named(scenario: str) -> str:
    """Give what a scenario is called in tables and pictures.

    Example:
        >>> named("none"), named("plans/more-judges.toml")
        ('none', 'more-judges')
    """
    return Path(scenario).stem if scenario.endswith(".toml") else scenario


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, answered."""

    compared: Compared
    origin: Origin
    told: dict[str, str]
    """Each scenario's title and what it assumes, by name."""


def answer(
    asked: Question,
    design: Design,
    *,
    executor: Executor | None = None,
    kept: Path | None = None,
    progress: Progress = silent,
) -> Answered:
    """Run every draw of every scenario, and compare each with the first.

    Args:
        asked: From :func:`question`.
        design: How many draws.
        executor: Where to run them; see :func:`opendocket.simulate.sweep.sweep`.
        kept: Where finished draws are kept, so that a sweep can be gone on with.
        progress: Told of draws done.

    Raises:
        DocketError: What a file or a draw raised.
    """
    tasks = list(tasks_of(asked, design))
    drawn = sweep(tasks, answered, executor=executor, kept=kept, progress=progress)
    names = {text: named(text) for text in asked.scenarios}
    drawn = drawn.with_columns(pl.col("scenario").replace_strict(names))
    told = {
        names[text]: " ".join(part for part in (scenario.title, scenario.assumes) if part)
        for text in asked.scenarios
        for scenario in [asked.read(text)]
    }
    return Answered(compared(drawn, list(told)), origin(asked, design.seed), told)


def tasks_of(asked: Question, design: Design) -> Iterator[Task]:
    """Lay out a task for each draw of each scenario, scenarios of one draw together.

    So every scenario has as many draws whenever a sweep is broken off.

    Args:
        asked: From :func:`question`.
        design: How many draws.
    """
    shared = _shared(asked)
    sums = {
        text: checksum([asked.read(text).sha256().encode()], [shared.encode()])
        for text in asked.scenarios
    }
    for draw, seed in design.pairs():
        for text in asked.scenarios:
            yield Task(
                text, asked.start, asked.years, asked.docket, asked.fit, draw, seed, sums[text],
                shared,
            )  # fmt: skip


def _shared(asked: Question) -> str:
    """Give the checksum of what all draws depend on: docket, fit and this very code."""
    facts = [fit_of(asked.fit).sha256]
    if asked.docket is not None:
        with open_docket(asked.docket) as docket:
            facts += [docket.release_sha256, docket.release_folder, str(docket.as_of)]
    folder = Path(__file__).parent
    code = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".toml"))
    return checksum([fact.encode() for fact in facts], *([path.read_bytes()] for path in code))


def origin(asked: Question, seed: int) -> Origin:
    """Say what a question's answers start from.

    Args:
        asked: From :func:`question`.
        seed: Of the first draw.
    """
    base, fit, name, is_synthetic = (
        asked.read(asked.scenarios[0]),
        fit_of(asked.fit),
        "",
        True,
    )
    if asked.docket is not None:
        with open_docket(asked.docket) as docket:
            name, is_synthetic = asked.docket.name, docket.is_synthetic
    return Origin(
        first=base.start,
        last=base.last,
        docket=name if base.has_pending else "",
        is_synthetic=is_synthetic or fit.source.is_synthetic,
        is_illustrative=fit.source.is_illustrative,
        fit=fit.sha256,
        seed=seed,
    )


def answered(task: Task) -> pl.DataFrame:
    """Do a task: run its scenario, and answer every measure. The work of a sweep.

    Args:
        task: All that the answers follow from.
    """
    return answers(run(laid_out(task).world))


def laid_out(task: Task) -> Built:
    """Lay out the world of a task.

    Args:
        task: All that it follows from.
    """
    scenario = read_scenario(task.scenario, start=task.start, years=task.years)
    inputs = task.shared or task.inputs
    fit = _fit(task.fit, inputs)
    start, replay = nobody(scenario.start), None
    if task.docket is not None:
        files = (task.docket, task.fit, inputs)
        if scenario.has_pending:
            start = _pending(*files, scenario.start)
        replay = _replay(*files, task.scenario, task.start, task.years)
    return built(scenario, fit, start, replay=replay, draw=task.draw, seed=task.seed)


def nobody(on: date) -> Start:
    """Give a start without a pending case.

    Args:
        on: The first day.
    """
    none = Members(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))
    return Start(on, np.zeros(0, UNIT), none, {})


def fit_into(
    out: Path,
    docket: Path,
    *,
    first: date | None = None,
    last: date | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Fit:
    """Fit a docket on a window of days, and write the fit to a file.

    Args:
        out: The file.
        docket: What to fit.
        first: First day of the window; four years before ``last`` where None.
        last: Last day of it; the docket's own last day where None.
        overwrite: Replace a file that is there.
        progress: Told of parts.

    Raises:
        AlreadyThere: ``out`` exists, and ``overwrite`` is off.
        DateOutOfRange: The window goes beyond what the docket knows.
        NothingToFit: Too few hearings in the window.
    """
    if out.exists() and not overwrite:
        raise AlreadyThere(out)
    with open_docket(docket) as source:
        end = last or source.as_of
        begin = first or end.replace(year=end.year - FIT_YEARS, day=min(end.day, 28))
        if not begin <= end <= source.as_of:
            raise DateOutOfRange("the window's last day", end, begin, source.as_of)
        found = fit(source, begin, end, progress)
    write_fit(found, out, overwrite=overwrite)
    return found


@dataclass(frozen=True, slots=True)
class Simulated:
    """One run of one scenario, written as a docket."""

    found: pl.DataFrame
    """What it answers; see :func:`opendocket.simulate.answers.answers`."""
    origin: Origin
    written: WrittenDocket


def simulated(
    asked: Question,
    out: Path,
    *,
    draw: int | None = None,
    seed: int | None = None,
    threads: int = 1,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Simulated:
    """Run the first scenario of a question once, and write the run as a docket.

    Args:
        asked: From :func:`question`.
        out: The docket to write.
        draw: Of the fit's parameters; their posterior mean where None.
        seed: Of the run's luck; the scenario's where None.
        threads: To use; the outcome is the same for any number.
        overwrite: Replace a docket that is there.
        progress: Told of days done, and of units written.

    Raises:
        AlreadyThere: ``out`` exists, and ``overwrite`` is off.
        DocketError: What a file or the run raised.
    """
    if out.exists() and not overwrite:
        raise AlreadyThere(out)
    text = asked.scenarios[0]
    scenario = asked.read(text)
    luck = scenario.seed if seed is None else seed
    task = Task(
        text, asked.start, asked.years, asked.docket, asked.fit, draw, luck, _shared(asked)
    )
    made = laid_out(task)
    done = run(made.world, threads=threads, progress=progress)
    begun = origin(asked, luck)
    written = write_docket(
        done,
        made.members,
        asked.docket,
        out,
        scenario=named(text),
        fit_sha256="" if begun.is_illustrative else begun.fit,
        overwrite=overwrite,
        threads=threads,
        progress=progress,
    )
    return Simulated(answers(done), begun, written)


def fit_of(path: Path | None) -> Fit:
    """Read a fit, or take the illustrative one.

    Args:
        path: A fit's file; None for the made-up courts.

    Raises:
        NotAFit: The file is none.
    """
    return illustrative() if path is None else read_fit(path)


# what follows is read once a process, for as long as ``inputs`` says that files are the same


@lru_cache(maxsize=1)
def _fit(path: Path | None, inputs: str) -> Fit:
    return fit_of(path)


@lru_cache(maxsize=1)
def _pending(docket: Path, fit: Path | None, inputs: str, on: date) -> Start:
    with open_docket(docket) as source:
        return starting(source, on, fit=_fit(fit, inputs))


@lru_cache(maxsize=8)  # scenarios of a draw take turns
def _replay(
    docket: Path,
    fit: Path | None,
    inputs: str,
    text: str,
    start: date | None,
    years: float | None,
) -> Replay | None:
    scenario = read_scenario(text, start=start, years=years)
    with open_docket(docket) as source:
        return replay_of(source, scenario, _fit(fit, inputs))

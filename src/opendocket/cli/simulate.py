"""`opendocket simulate`: fit the courts to a docket, run them under other rules, compare."""

import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import click

from opendocket.cli.asking import docket_option
from opendocket.cli.days import Day
from opendocket.cli.hindcast import hindcast
from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.rows import format_option, write_csv, write_json, write_table
from opendocket.cli.screen import bars
from opendocket.errors import Interrupted
from opendocket.report.differences import COLUMNS, levels_of, notes, rows_of
from opendocket.report.simulated import answer_into, draws_beside, labelled
from opendocket.simulate.posing import Answered, Question, answer, fit_into, question, simulated
from opendocket.simulate.sweep import Design, Executor, cluster, processes

WORKERS = min(2, os.cpu_count() or 1)
LUCK_ONE_IN, LEAST_LUCK = 5, 10
"""Draws of luck alone, against those of parameters and luck, where no other number is asked."""
MOST_DRAWS = 100_000


@click.group()
def simulate() -> None:
    """Simulate the courts under other rules, by chances fitted to a docket.

    A scenario is a file of rules, staff and dated events, or the name of one that comes with
    OpenDocket: none, dedicated-2021, larger, smaller, judges-300, judges-700, injunction,
    counsel-doubled. Without a fit nothing is answered, unless `--illustrative` asks for
    made-up courts.

    \b
    Example:
        opendocket simulate fit made-up.duckdb --out fit.json
        opendocket simulate run none --docket made-up.duckdb --fit fit.json
    """  # noqa: D301


simulate.add_command(hindcast)


def _fit_options() -> Callable[[click.decorators.FC], click.decorators.FC]:
    """Give the options that say what scenarios are begun from."""

    def decorated(command: click.decorators.FC) -> click.decorators.FC:
        options = (
            docket_option(),
            click.option(
                "--fit",
                type=click.Path(path_type=Path),
                metavar="FILE",
                help="What `opendocket simulate fit` wrote.",
            ),
            click.option(
                "--illustrative",
                "is_illustrative",
                is_flag=True,
                help="Take made-up courts and chances instead, which say nothing of any court.",
            ),
            click.option(
                "--start", type=Day(), metavar="DATE", help="Begin on this day instead."
            ),
            click.option(
                "--years",
                type=click.FloatRange(min=0.02, max=60),
                metavar="N",
                help="Run for so long instead.",
            ),
            click.option(
                "--seed",
                type=click.IntRange(0, 2**31),
                metavar="N",
                help="Which luck; the scenario's own by default.",
            ),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


@simulate.command("fit", short_help="Fit chances, gaps and calendars to a docket.")
@click.argument("docket_path", type=click.Path(path_type=Path), metavar="DOCKET.duckdb")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("fit.json"),
    show_default=True,
    metavar="FILE",
    help="File to write.",
)
@click.option("--first", type=Day(), metavar="DATE", help="First day of the window to read.")
@click.option("--last", type=Day(), metavar="DATE", help="Last day of the window.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def fit_docket(
    docket_path: Path, out: Path, first: date | None, last: date | None, overwrite: bool
) -> None:
    """Fit the tables that a simulation draws from to a docket.

    Reads what came of hearings, the gaps that were wanted between them, what judges hear in a
    week, counsel, applications, reopening, appeals and arrivals, and writes them to a file
    that says what they were read off.

    \b
    Example:
        opendocket simulate fit made-up.duckdb --out fit.json
    """  # noqa: D301
    with bars() as drawn, heeding_interruption(drawn) as progress:
        made = fit_into(
            out, docket_path, first=first, last=last, overwrite=overwrite, progress=progress
        )
    kind = "SYNTHETIC DATA" if made.source.is_synthetic else made.source.release_file
    click.echo(
        f"fitted: {kind}, {made.source.first} to {made.source.last}; "
        f"{len(made.courts)} courts, {len(made.calendars.judges):,} calendars",
        err=True,
    )
    click.echo(out)


@simulate.command("run", short_help="Run one scenario once, and write it as a docket.")
@click.argument("scenario", metavar="SCENARIO")
@_fit_options()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("simulated.duckdb"),
    show_default=True,
    metavar="FILE",
    help="Docket to write.",
)
@click.option(
    "--draw",
    type=click.IntRange(min=0),
    metavar="N",
    help="Take this draw of the fit's parameters; their mean by default.",
)
@click.option(
    "--threads", type=click.IntRange(1, 64), default=1, show_default=True,
    metavar="N", help="Threads; the outcome is the same for any number.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a docket that is there.")
def run_scenario(
    scenario: str,
    out: Path,
    seed: int | None,
    threads: int,
    **options: Any,  # noqa: ANN401
) -> None:
    """Run one scenario once, and write the run as a docket, marked SIMULATED.

    Every measure and the report run on what it writes. One run is one draw of luck, by the
    fit's mean: `simulate compare` says how far such numbers can be trusted.

    \b
    Example:
        opendocket simulate run dedicated-2021 --illustrative --years 1
    """  # noqa: D301
    asked = _asked((scenario,), options)
    with bars() as drawn, heeding_interruption(drawn) as progress:
        made = simulated(
            asked, out, draw=options["draw"], seed=seed, threads=threads,
            overwrite=options["overwrite"], progress=progress,
        )  # fmt: skip
    write_table(
        f"{made.origin.label}\n{scenario}, seed {made.origin.seed}",
        ("", "value", "people"),
        levels_of(made.found),
        footnotes=["", "One run: one draw of luck. `opendocket simulate compare` has bands."],
        right=(1, 2),
    )
    click.echo(made.written.path)


@simulate.command(short_help="Compare scenarios with a base, over many draws.")
@click.argument("scenarios", nargs=-1, required=True, metavar="BASE SCENARIO...")
@_fit_options()
@click.option(
    "--draws",
    type=click.IntRange(2, MOST_DRAWS),
    default=200,
    show_default=True,
    metavar="N",
    help="Draws of parameters and luck.",
)
@click.option(
    "--luck-draws",
    type=click.IntRange(2, MOST_DRAWS),
    metavar="N",
    help="More draws of luck alone; by default a fifth of the others, and ten at least.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder to write a page, pictures and numbers to; a sweep that was stopped goes on.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=WORKERS,
    show_default="2, or fewer where there are fewer processors",
    metavar="N",
    help="Processes; results are the same whatever their number.",
)
@click.option(
    "--dask", metavar="ADDRESS", help="Run the draws on the Dask cluster of this scheduler."
)
@click.option("--overwrite", is_flag=True, help="Replace a comparison that is there.")
@format_option()
def compare(
    scenarios: tuple[str, ...],
    out: Path | None,
    form: str,
    overwrite: bool,
    workers: int,
    dask: str | None,
    **options: Any,  # noqa: ANN401
) -> None:
    """Compare scenarios with a base: what a docket promises, and costs everyone else.

    Each draw runs BASE and every SCENARIO with the same parameters and the same luck. Prints
    base, scenario, difference with a band that holds 90 in 100 draws, and how much of the
    band is luck; the rest is what the fit does not know.

    \b
    Example:
        opendocket simulate compare none larger --illustrative --draws 20
        opendocket simulate compare none larger --fit fit.json --draws 9 --out out
    """  # noqa: D301
    if len(scenarios) < 2:
        raise click.UsageError("Name a base and one scenario at least.")
    asked = _asked(scenarios, options)
    design = _design(asked, options)
    try:
        with (
            bars() as drawn,
            heeding_interruption(drawn) as progress,
            _executor(dask, workers) as executor,
        ):
            if out is None:
                found = answer(asked, design, executor=executor, progress=progress)
            else:
                found, written = answer_into(
                    out, asked, design, command=_command(scenarios, out, options),
                    executor=executor, overwrite=overwrite, progress=progress,
                )  # fmt: skip
    except KeyboardInterrupt as error:
        if out is not None and (kept := draws_beside(out)).exists():
            raise Interrupted("compare", f"finished draws are kept in {kept}") from error
        raise
    _show(found, form)
    if out is not None:
        click.echo(f"\n{written.figures} figures and all numbers beside it; open:", err=True)
        click.echo(written.page, err=form != "table")


def _asked(scenarios: tuple[str, ...], options: dict[str, Any]) -> Question:
    return question(
        scenarios,
        docket=options["docket_path"],
        fit_file=options["fit"],
        is_illustrative=options["is_illustrative"],
        start=options["start"],
        years=options["years"],
    )


def _design(asked: Question, options: dict[str, Any]) -> Design:
    draws, luck, seed = options["draws"], options["luck_draws"], options["seed"]
    return Design(
        draws=draws,
        luck_draws=luck or max(min(draws, LEAST_LUCK), draws // LUCK_ONE_IN),
        seed=asked.read(asked.scenarios[0]).seed if seed is None else seed,
    )


def _executor(dask: str | None, workers: int) -> AbstractContextManager[Executor | None]:
    return processes(workers) if dask is None else cluster(dask)


def _command(scenarios: tuple[str, ...], out: Path, options: dict[str, Any]) -> str:
    """Write the command again, with nothing in it that names a folder of this machine."""

    def words() -> Iterator[str]:
        yield from ("opendocket simulate compare", *map(shlex.quote, scenarios))
        if options["is_illustrative"]:
            yield "--illustrative"
        else:
            yield f"--docket {shlex.quote(options['docket_path'].name)}"
            yield f"--fit {shlex.quote(options['fit'].name)}"
        for name in ("start", "years", "seed", "draws", "luck_draws"):
            if options[name] is not None:
                yield f"--{name.replace('_', '-')} {options[name]}"
        yield f"--out {shlex.quote(out.name)}"

    return " ".join(words())


def _show(found: Answered, form: str) -> None:
    """Print a comparison: a table a scenario, or every row."""
    if form != "table":
        rows = labelled(found.compared.differences, found.origin)
        (write_csv if form == "csv" else write_json)(rows.columns, rows.rows())
        return
    base, *others = found.compared.scenarios
    for at, name in enumerate(others):
        is_last = at == len(others) - 1
        write_table(
            f"{found.origin.label}\n{name} against {base}, seed {found.origin.seed}",
            COLUMNS,
            rows_of(found.compared, name),
            footnotes=["", *(notes(found.compared) if is_last else ())],
            wraps=True,
            right=range(1, len(COLUMNS)),
        )

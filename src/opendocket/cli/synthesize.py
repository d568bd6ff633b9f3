"""`opendocket synthesize`: a made-up release with the real layout and the real dirt."""

import math
import os
import shlex
from pathlib import Path

import click

from opendocket import synthetic
from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.screen import bars

WORKERS = min(2, os.cpu_count() or 1)
MOST_DIRT = 100_000.0


def _finite(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """Refuse NaN, which is in every range and in none."""
    if math.isnan(value):
        raise click.BadParameter("nan is not a number.", ctx=ctx, param=param)
    return value


def _zip(ctx: click.Context, param: click.Parameter, path: Path) -> Path:
    """Refuse a name that would hide what the file is, or share its truth with another's."""
    if path.suffix.lower() != ".zip":
        raise click.BadParameter(f"{path.name!r} does not end in .zip.", ctx=ctx, param=param)
    return path


@click.command()
@click.argument(
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.zip",
    callback=_zip,
)
@click.option(
    "--cases",
    type=click.IntRange(min=1_000, max=50_000_000),
    default=20_000,
    show_default=True,
    help="Cases in it; 12,800,000 is national size.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="The only source of chance.",
)
@click.option(
    "--dirt",
    type=click.FloatRange(min=0, max=MOST_DIRT),
    default=1.0,
    show_default=True,
    callback=_finite,
    help="Times the rates of dirt seen in the real files; 0 for none.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1, max=256),
    default=WORKERS,
    show_default="2, or fewer where there are fewer processors",
    help="Processes to use; the file is the same whatever their number.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def synthesize(
    out: Path, cases: int, seed: int, dirt: float, workers: int, overwrite: bool
) -> None:
    """Make a release about nobody, with the real layout, codes and dirt.

    Every row is made up, and labelled so. What is true of every case, and every fault that
    was put in, is written beside the zip in a file ending in .truth.duckdb.

    \b
    Example:
        opendocket synthesize made-up.zip --cases 20000
        opendocket synthesize national.zip --cases 12800000 --workers 8
        opendocket synthesize clean.zip --cases 5000 --seed 7 --dirt 0
    """  # noqa: D301
    with bars() as drawn, heeding_interruption(drawn) as progress:
        made = synthetic.synthesize(
            out,
            cases=cases,
            seed=seed,
            dirt=dirt,
            workers=workers,
            overwrite=overwrite,
            progress=progress,
        )
    click.echo("\n".join(_told(made, seed, dirt)), err=True)
    click.echo(made.path)


def _told(made: synthetic.SyntheticRelease, seed: int, dirt: float) -> list[str]:
    """Say what was made, and what to do with it."""
    docket = made.path.with_suffix(".duckdb")
    return [
        f"made: {made.cases:,} SYNTHETIC cases, {made.dedicated_cases:,} of them tagged for "
        f"the Dedicated\nDocket, in {made.rows:,} rows about nobody; "
        f"seed {seed}, dirt {dirt:g}",
        "faults put in, most of them blanks and padding as in the real files: "
        f"{made.pieces_of_dirt:,}",
        f"truth: {made.truth}",
        "next:",
        f"  opendocket load {shlex.quote(str(made.path))} --out {shlex.quote(str(docket))}",
    ]

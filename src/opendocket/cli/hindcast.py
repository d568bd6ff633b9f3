"""`opendocket simulate hindcast`: forecast what has come, and say how far off."""

from datetime import date
from pathlib import Path

import click
import polars as pl

from opendocket.cli.days import Day
from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.rows import format_option, write_csv, write_json, write_table
from opendocket.cli.screen import bars


@click.command(short_help="Forecast years that are over, and say how far off.")
@click.argument(
    "docket_path", required=False, type=click.Path(path_type=Path), metavar="[DOCKET.duckdb]"
)
@click.option("--from", "on", type=Day(), metavar="DATE", help="First day that is forecast.")
@click.option(
    "--months",
    type=click.IntRange(3, 120),
    default=24,
    show_default=True,
    metavar="N",
    help="How many to forecast.",
)
@click.option(
    "--draws",
    type=click.IntRange(2, 10_000),
    default=40,
    show_default=True,
    metavar="N",
    help="Draws of parameters and luck.",
)
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, metavar="N", help="Luck.")
@click.option(
    "--fit",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A fit on days before DATE; the four years before it are fitted otherwise.",
)
@click.option(
    "--unconditional",
    is_flag=True,
    help="Tell neither new cases nor hearings of the months that are forecast.",
)
@click.option(
    "--alone-from",
    type=click.IntRange(2010, 2024),
    metavar="YEAR",
    help="Of the published years: learn nothing from this fiscal year on.",
)
@format_option()
def hindcast(  # noqa: PLR0913
    docket_path: Path | None,
    on: date | None,
    months: int,
    draws: int,
    seed: int,
    fit: Path | None,
    unconditional: bool,
    alone_from: int | None,
    form: str,
) -> None:
    """Forecast what has already come, from what was known before it, and count how far off.

    With a docket, court by court; without one, the courts' published fiscal years, by made-up
    courts of a tenth of the nation. Three models that need no hearing are set beside the
    simulator, and told the same.

    \b
    Example:
        opendocket simulate hindcast
        opendocket simulate hindcast made-up.duckdb --from 2024-07-01 --months 6
    """  # noqa: D301
    if docket_path is None:
        _published(alone_from, seed, form)
        return
    if on is None:
        raise click.UsageError("Name the first day that is forecast, by --from.")
    from opendocket.simulate.hindcast import LEAK, hindcast_of
    from opendocket.simulate.scored import scores, table

    with bars() as drawn, heeding_interruption(drawn) as progress:
        found = hindcast_of(
            docket_path, on, months=months, draws=draws, seed=seed, fit=fit,
            is_conditional=not unconditional, progress=progress,
        )  # fmt: skip
    if form != "table":
        write = write_csv if form == "csv" else write_json
        rows = scores(found)
        write(rows.columns, rows.rows())
        return
    told = "told nothing" if unconditional else "told new cases and hearings"
    click.echo(f"{found.label}\n{on} to {found.last}, {told}; {draws} draws from seed {seed}")
    for part in _parts(table(found)):
        what, numbers, came, *_ = part.row(0)
        shown = part.drop("what", "numbers", "what came")
        title = f"\n{what}\n{numbers} numbers, on average {came}"
        write_table(title, shown.columns, shown.rows(), right=(1, 2, 3, 4, 5))
    click.echo(f"\nFitted on {found.fit_first} to {found.fit_last}. {LEAK}.")


def _parts(shown: pl.DataFrame) -> list[pl.DataFrame]:
    """Take a table apart by what is forecast, which its first row says."""
    part = (pl.col("what") != "").cum_sum()
    return shown.with_columns(part=part).partition_by("part", include_key=False)


def _published(alone_from: int | None, seed: int, form: str) -> None:
    from opendocket.simulate.national import off_by
    from opendocket.simulate.reduced import published_forecasts

    rows = published_forecasts(alone_from=alone_from, seed=seed)
    if form != "table":
        write = write_csv if form == "csv" else write_json
        write(rows.columns, rows.rows())
        return
    click.echo(
        f"SIMULATED from made-up tables, beside the courts' published years; seed {seed}"
    )
    for quantity in ("completions", "pending"):
        shown = off_by(rows, quantity).drop("new cases")
        title = f"\n{quantity}, and how far off each model was"
        right = tuple(range(1, len(shown.columns)))
        write_table(title, shown.columns, shown.rows(), right=right)
    click.echo(
        "\n† an earlier count of judges; ‡ of another series or definition, or rounded.\n"
        "A model is told the new cases and the judges of a year, and what one did before."
    )

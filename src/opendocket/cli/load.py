"""`opendocket load`: a release into a docket, with the account of every row."""

import csv
import io
import json
import os
import shlex
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from opendocket.cli.days import Day
from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.rows import format_option
from opendocket.cli.screen import bars, table
from opendocket.columns import TABLES, table_named
from opendocket.docket.load import Loaded, load_release
from opendocket.errors import Interrupted
from opendocket.outputs import unfinished
from opendocket.release import TableAccount

MOST_THREADS = 4
FIRST_RELEASE, LAST_RELEASE = date(1997, 1, 1), date(2099, 12, 31)
FIELDS = (
    "table",
    "expected_count",
    "read_count",
    "kept_count",
    "set_aside_count",
    "mended_count",
    "repaired_count",
    "cells_aside_count",
    "balance_count",
    "is_accepted",
    "set_aside_reasons",
    "mended_reasons",
)


def _known(
    ctx: click.Context, param: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse a table that no release has, so that a slip of the pen accepts nothing."""
    for name in names:
        if table_named(name) is None:
            raise click.BadParameter(
                f"{name!r} is none of a release's {len(TABLES)} tables, such as A_TblCase.",
                ctx=ctx,
                param=param,
            )
    return names


def _day(ctx: click.Context, param: click.Parameter, day: date | None) -> date | None:
    """Take the day of a release, within reason."""
    if day and not FIRST_RELEASE <= day <= LAST_RELEASE:
        raise click.BadParameter(
            f"{day} is not a day from {FIRST_RELEASE} to {LAST_RELEASE}.", ctx=ctx, param=param
        )
    return day


@click.command()
@click.argument("release", type=click.Path(path_type=Path), metavar="RELEASE.zip")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("docket.duckdb"),
    show_default=True,
    help="The docket to write, a DuckDB file.",
)
@click.option(
    "--accept-mismatch",
    multiple=True,
    metavar="TABLE",
    callback=_known,
    help="Go on though this table's columns, rows or count are not as expected; repeatable.",
)
@click.option(
    "--released",
    type=Day(),
    metavar="DATE",
    callback=_day,
    help="Day of the release, where its folder does not tell; the day before ends observation.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    metavar="N",
    help=f"Tables to read at a time.  [default: the machine's cores, {MOST_THREADS} at most]",
)
@click.option("--overwrite", is_flag=True, help="Replace a docket that is there.")
@format_option("The account: what needs telling, or every table for a program to read.")
def load(
    release: Path,
    out: Path,
    accept_mismatch: tuple[str, ...],
    released: date | None,
    threads: int | None,
    overwrite: bool,
    form: str,
) -> None:
    """Load a release into a docket, and say where every row went.

    Each row is kept, or set aside with its reason and its bytes; the sum is held against
    the release's own Count.txt. The docket appears whole or not at all; a load that was
    interrupted goes on from the last table it finished when it is run again.

    \b
    Example:
        opendocket load "EOIR Case Data.zip" --out docket.duckdb
        opendocket load made-up.zip --format json > account.json
        opendocket load old.zip --released 2021-12-01 --accept-mismatch A_TblCase
    """  # noqa: D301
    try:
        with bars() as drawn, heeding_interruption(drawn) as progress:
            loaded = load_release(
                release,
                out,
                accept_mismatch=accept_mismatch,
                released=released,
                overwrite=overwrite,
                threads=threads or min(os.cpu_count() or 1, MOST_THREADS),
                progress=progress,
            )
    except KeyboardInterrupt as error:
        if (left := unfinished(out)).exists():
            kept = f"the tables loaded so far are kept in {left}"
            raise Interrupted("load", kept) from error
        raise
    if form == "table":
        _print_account(loaded)
    click.echo("\n".join(_told(loaded)), err=True)
    click.echo({"csv": _as_csv, "json": _as_json}.get(form, _where)(loaded))


def _where(loaded: Loaded) -> str:
    return str(loaded.path)


def _print_account(loaded: Loaded) -> None:
    """Show the tables that need telling, and all together."""
    told = [account for account in loaded.accounts if _needs_telling(account)]
    rows = [_row(account.table, [account]) for account in told]
    rows.append(_row(f"all {len(loaded.accounts)} tables", loaded.accounts))
    label = "SYNTHETIC release" if loaded.is_synthetic else "release"
    table(
        f"Rows of the {label}, observed to {loaded.as_of}",
        [
            ("table", "left"),
            *((name, "right") for name in ("read", "kept", "set aside", "mended", "off by")),
        ],
        rows,
        footnotes=["", *_reasons(told), "off by: rows read less rows by Count.txt"],
    )


def _needs_telling(account: TableAccount) -> bool:
    return bool(
        account.set_aside
        or account.mended
        or account.passed_over
        or account.balance
        or account.cells_aside
        or account.is_accepted
    )


def _row(name: str, accounts: Sequence[TableAccount]) -> list[str]:
    balances = [account.balance for account in accounts if account.balance is not None]
    return [
        name,
        f"{sum(account.read for account in accounts):,}",
        f"{sum(account.kept for account in accounts):,}",
        f"{sum(account.set_aside_count for account in accounts):,}",
        f"{sum(sum(account.mended.values()) for account in accounts):,}",
        _off_by(balances) if balances else "not said",
    ]


def _off_by(balances: Sequence[int]) -> str:
    """Say how far rows are off; of several tables, how far in all, whichever way."""
    total = sum(map(abs, balances))
    if abs(sum(balances)) == total:
        return f"{sum(balances):+,}" if total else "0"
    return f"±{total:,}"


def _reasons(accounts: Sequence[TableAccount]) -> list[str]:
    """Say why rows were set aside, and how they were mended."""
    lines = []
    for account in accounts:
        lines += [
            *(
                f"{account.table}: {n:,} set aside: {why}"
                for why, n in account.set_aside.items()
            ),
            *(f"{account.table}: {n:,} mended: {how}" for how, n in account.mended.items()),
            *(
                f"{account.table}: {n:,} passed over: {what}"
                for what, n in account.passed_over.items()
            ),
        ]
        if account.cells_aside:
            lines.append(
                f"{account.table}: {account.cells_aside:,} emptied, kept in aside_eoir__cell: "
                "not of the column's type"
            )
        if account.is_accepted:
            lines.append(f"{account.table}: not as expected, and accepted by hand")
    return lines


def _told(loaded: Loaded) -> list[str]:
    """Say what was made, and what to do with it."""
    kept = sum(account.kept for account in loaded.accounts)
    aside = sum(account.set_aside_count for account in loaded.accounts)
    label = "SYNTHETIC " if loaded.is_synthetic else ""
    notes = [
        f"note: {name!r} is no table we know, and was not loaded" for name in loaded.unknown
    ]
    notes += [
        f"note: column {name} is new, and was kept as text" for name in loaded.new_columns
    ]
    notes += [
        f"note: column {name} is not in this release; it is empty in the docket"
        for name in loaded.missing_columns
    ]
    notes += [f"note: column {old} is read as {new}" for old, new in loaded.renamed_columns]
    notes += [
        f"note: this release has no table {name}; it is empty in the docket"
        for name in loaded.absent
    ]
    unsaid = [a.table for a in loaded.accounts if a.expected is None]
    if 0 < len(unsaid) < len(loaded.accounts):
        notes.append(f"note: Count.txt has no number for {', '.join(unsaid)}")
    if loaded.went_on:
        notes.append(f"note: went on from {loaded.went_on} tables that were loaded before")
    if all(account.expected is None for account in loaded.accounts):
        notes.append("note: the release has no Count.txt to hold the rows against")
    return [
        *notes,
        f"loaded: {kept:,} {label}rows kept, {aside:,} set aside in aside_eoir__row",
        f"docket: {loaded.path}",
        "next:",
        f"  opendocket check {shlex.quote(str(loaded.path))}",
        f"  opendocket report dedicated-docket --docket {shlex.quote(str(loaded.path))}",
    ]


def _fields(account: TableAccount) -> tuple[object, ...]:
    return (
        account.table,
        account.expected,
        account.read,
        account.kept,
        account.set_aside_count,
        sum(account.mended.values()),
        account.repaired,
        account.cells_aside,
        account.balance,
        account.is_accepted,
        account.set_aside,
        account.mended,
    )


def _as_csv(loaded: Loaded) -> str:
    """Write every table's account as comma-separated values, reasons as JSON."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    for account in loaded.accounts:
        *numbers, aside, mended = _fields(account)
        writer.writerow([*numbers, json.dumps(aside), json.dumps(mended)])
    return out.getvalue().rstrip("\n")


def _as_json(loaded: Loaded) -> str:
    """Write every table's account as JSON."""
    facts = {
        "docket": str(loaded.path),
        "as_of_date": loaded.as_of.isoformat(),
        "is_synthetic": loaded.is_synthetic,
        "unknown_members": list(loaded.unknown),
        "tables": [dict(zip(FIELDS, _fields(a), strict=True)) for a in loaded.accounts],
    }
    return json.dumps(facts, indent=2)

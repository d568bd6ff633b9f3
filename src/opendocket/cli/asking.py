"""The options of every command that asks a docket something: which docket, on which day."""

from collections.abc import Callable
from pathlib import Path

import click

from opendocket.cli.days import Day


def docket_option() -> Callable[[click.decorators.FC], click.decorators.FC]:
    """Give the option that names the docket."""
    return click.option(
        "--docket",
        "docket_path",
        type=click.Path(path_type=Path),
        default=Path("docket.duckdb"),
        show_default=True,
        metavar="FILE",
        help="What `opendocket load` wrote.",
    )


def as_of_option() -> Callable[[click.decorators.FC], click.decorators.FC]:
    """Give the option that freezes the docket on a day."""
    return click.option(
        "--as-of",
        type=Day(),
        metavar="DATE",
        help="Look at the docket as it stood on this day (YYYY-MM-DD); the last day that the "
        "release knows of by default.",
    )

"""The command line: parse, call one function, print.

Data go to stdout, talk goes to stderr. Exit status 0 is done, 1 a bug, 2 a wrong use,
3 a refusal: a deliberate error, told in one line.
"""

from importlib import import_module
from typing import Any

import click

from opendocket.errors import DocketError, Interrupted

COMMANDS = {
    "fetch": "Fetch the courts' current release, some 4.6 GB.",
    "synthesize": "Make a release about nobody, with the real layout, codes and dirt.",
    "load": "Load a release into a docket, and say where every row went.",
    "check": "Check a docket against what a release should be: nothing lost, nothing misread.",
    "compare": "Say what changed from one release to the next: rows, columns, measures.",
    "measures": "Say which questions can be asked by name, and whose way to answer each.",
    "measure": "Ask one question of a docket, of any cut and by anybody's definition.",
    "report": "Write a report on a docket.",
    "figures": "Say what others published of the courts, and hold a docket against it.",
    "simulate": "Simulate the courts under other rules, by chances fitted to a docket.",
    "columns": "Say what each table and column is, and what its codes stand for.",
    "sql": "Ask a docket one question in SQL, reading only.",
    "export": "Write a docket's tables as Parquet or CSV, with a manifest.",
}
"""Every command, and what the first line of its help says."""


class Refusal(click.ClickException):
    """A deliberate error, on its way out."""

    exit_code = 3


class DocketGroup(click.Group):
    """Turns every deliberate error into one line on stderr and exit status 3.

    A command's module is imported when the command is asked for, so that ``--help`` does
    not wait for the libraries that drawing or loading need.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"opendocket.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the command."""
        try:
            return super().invoke(ctx)
        except DocketError as error:
            raise Refusal(str(error)) from error
        except KeyboardInterrupt as error:
            raise Refusal(str(Interrupted(ctx.invoked_subcommand or "opendocket"))) from error


@click.group(cls=DocketGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="opendocket")
def main() -> None:
    """Load, measure and publish the immigration courts' records.

    OpenDocket reads the release that the U.S. immigration courts publish each month, keeps
    or sets aside every row with a reason, and measures any docket with its definitions in
    the open. It takes no side and shows no single person.

    \b
    Example:
        opendocket synthesize made-up.zip --cases 20000
        opendocket load made-up.zip --out made-up.duckdb
        opendocket report dedicated-docket --docket made-up.duckdb --out report
    """  # noqa: D301

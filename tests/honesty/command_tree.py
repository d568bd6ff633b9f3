"""The command tree, and the examples that each command's help shows."""

from collections.abc import Iterator
from pathlib import Path

import click

from opendocket.cli import main

ROOT = Path(__file__).parents[2]
CASES = 2_000
"""Cases of the small release that the honesty tests share."""
DIRT = 500
"""Times the usual dirt in it, so that something of each kind is there."""


def commands(
    command: click.Command = main, name: str = "opendocket"
) -> Iterator[tuple[str, click.Command]]:
    """Every command and sub-command by the words that call it."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None, f"{name} {child}: listed, but not there"
            yield from commands(found, f"{name} {child}")


def examples(command: click.Command) -> list[str]:
    """The lines after `Example:` in a command's help that call the program."""
    _, _, after = (command.help or "").partition("Example:")
    return [
        line.strip() for line in after.splitlines() if line.strip().startswith("opendocket")
    ]

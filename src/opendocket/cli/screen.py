"""What the terminal shows while and after work is done: bars and tables."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bars,
)
from rich.table import Table

from opendocket.progress import Progress

WIDTH = 80


def talk() -> Console:
    """Give the console for talk: stderr, never wider than 80 columns."""
    return Console(stderr=True, width=_width(), highlight=False, soft_wrap=False)


@contextmanager
def bars() -> Iterator[Progress]:
    """Show a bar with an estimate for each thing that is reported to be under way.

    Where stderr is not a terminal, nothing is drawn.

    Yields:
        A listener for the work.
    """
    console = talk()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal) as drawn:
        tasks: dict[str, TaskID] = {}

        def listen(what: str, done: float, total: float) -> None:
            if what not in tasks:
                tasks[what] = drawn.add_task(what, total=total)
            drawn.update(tasks[what], completed=done, total=total)

        yield listen


def table(
    title: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[str]],
    *,
    footnotes: Sequence[str] = (),
) -> None:
    """Print a table to stderr that fits 80 columns.

    Args:
        title: What it shows.
        columns: Heading and justification (``left`` or ``right``) of each column.
        rows: The cells, already written out.
        footnotes: Lines below it.
    """
    drawn = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    for heading, justify in columns:
        drawn.add_column(
            heading,
            justify="right" if justify == "right" else "left",
            overflow="fold",
            no_wrap=justify == "right",
        )
    for row in rows:
        drawn.add_row(*row)
    console = talk()
    console.print()
    console.print(drawn)
    for note in footnotes:
        console.print(note)


def _width() -> int:
    return min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)

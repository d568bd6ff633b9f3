"""Rows on stdout: as a table that fits the screen, as CSV, or as JSON."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from itertools import chain, count
from math import isfinite

import click
from rich.console import Console
from rich.table import Table

from opendocket.cli.screen import WIDTH

FORMS = ("table", "csv", "json")
WIDEST = 44
"""Characters of a cell that are shown where columns are many."""
GAP = 2

Row = Sequence[object]


def format_option(
    what: str = "What goes to stdout.",
) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """Give the option that every command with rows to give has.

    Args:
        what: What its help says.
    """
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMS),
        default="table",
        show_default=True,
        help=what,
    )


def write_csv(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write all rows as comma-separated values; what is missing is empty."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_plain(value) for value in row] for row in rows)


def write_json(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write all rows as one JSON array of objects, a row at a time.

    A name that is there before gets a number; decimals keep their digits, and what is no
    number (NaN, infinity) is a text.
    """
    names = [json.dumps(name) for name in _unlike(columns)]
    before = "["
    for row in rows:
        cells = (f"{name}: {_in_json(value)}" for name, value in zip(names, row, strict=True))
        sys.stdout.write(f"{before}\n  {{{', '.join(cells)}}}")
        before = ","
    sys.stdout.write("[]\n" if before == "[" else "\n]\n")


def write_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    footnotes: Sequence[str] = (),
    wraps: bool = False,
    right: Sequence[int] = (),
) -> tuple[str, ...]:
    """Write rows as a table of at most 80 columns of characters.

    Args:
        title: What it shows; none where empty.
        columns: Headings.
        rows: Values; numbers stand right.
        footnotes: Lines below it.
        wraps: Fold long cells over lines, rather than cut them and leave out columns.
        right: Columns, by place, that stand right though they are written out.

    Returns:
        The columns that found no room.
    """
    cells = [[_shown(value) for value in row] for row in rows]
    most = len(columns) if wraps else _fitting(columns, cells)
    drawn = Table(box=None, pad_edge=False)
    for at, heading in enumerate(columns[:most]):
        is_number = at in right or any(_is_number(row[at]) for row in rows)
        drawn.add_column(
            _cut(heading),
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=is_number or not wraps or at == 0,
        )
    for row in cells:
        drawn.add_row(*(cell if wraps else _cut(cell) for cell in row[:most]))
    _print(*([title] if title else []), drawn, *footnotes)
    return tuple(columns[most:])


def _print(*parts: Table | str) -> None:
    """Print on stdout, without blanks at the ends of lines."""
    console = Console(width=WIDTH, highlight=False, markup=False, file=io.StringIO())
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    click.echo("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")))


def _fitting(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """Count the columns that fit side by side; one at least."""
    used = -GAP
    for at, heading in enumerate(columns):
        longest = max(len(_cut(each)) for each in chain([heading], (row[at] for row in cells)))
        used += longest + GAP
        if used > WIDTH:
            return max(at, 1)
    return len(columns)


def _cut(text: str) -> str:
    one_line = " ".join(text.split("\n"))
    return one_line if len(one_line) <= WIDEST else f"{one_line[: WIDEST - 1]}…"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1 else f"{value:,.2f}"
    return str(_plain(value))


def _plain(value: object) -> object:
    """Write a value as CSV has it: days in ISO form, bytes in hexadecimal."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | dict | tuple):
        return _in_json(value)
    return value


def _unlike(names: Sequence[str]) -> list[str]:
    """Add numbers to names that are there before, for an object has each name once.

    Example:
        >>> _unlike(["a", "a", "a_1"])
        ['a', 'a_2', 'a_1']
    """
    taken, unlike = set(names), list[str]()
    for name in names:
        numbered = (f"{name}_{n}" for n in count(1))
        is_again = name in unlike
        unlike.append(next(n for n in numbered if n not in taken) if is_again else name)
        taken.add(unlike[-1])
    return unlike


def _in_json(value: object) -> str:
    """Write a value as JSON, which knows no NaN, no days and no bytes."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float) and not isfinite(value):
        return json.dumps(str(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_in_json, value))}]"
    if isinstance(value, dict):
        cells = (f"{json.dumps(str(_plain(k)))}: {_in_json(v)}" for k, v in value.items())
        return f"{{{', '.join(cells)}}}"
    return json.dumps(value if isinstance(value, bool) else _plain(value), default=str)

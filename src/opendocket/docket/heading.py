"""A table's first line, held against what is known of the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from opendocket.columns import Column, Table
from opendocket.errors import TooManyColumns

SURPLUS = Column("surplus", "text", 0, False, 1.0, False, False, "", "fields beyond the last")
NAMED_MOST = 5
MOST_COLUMNS = 1_000
"""The widest table of July 2026 has 98."""


@dataclass(frozen=True)
class Heading:
    """What the columns of one table of one release are."""

    table: Table
    columns: tuple[Column, ...]
    """In the order of the file; a ragged table's surplus column comes last."""
    states: tuple[str, ...]
    """Of each: ``known``, ``renamed``, ``older`` (dropped since), ``new`` or ``surplus``."""
    names: tuple[str, ...]
    """As the file has them."""
    missing: tuple[Column, ...]
    """Columns of the release of July 2026 that are not in the file."""

    @property
    def width(self) -> int:
        """How many fields a record has."""
        return len(self.columns) - self.table.is_ragged

    @property
    def key(self) -> str | None:
        """The column that numbers the rows, where the file has one."""
        numbers = (c.name for c in self.columns if c.is_key and c.type == "number")
        return next(numbers, None)

    @cached_property
    def stored(self) -> tuple[Column, ...]:
        """The table's columns in a docket: those of July 2026 first, then the others."""
        known = {column.name for column in self.table.columns}
        others = (column for column in self.columns if column.name not in known)
        return (*self.table.columns, *others)

    @property
    def new(self) -> tuple[Column, ...]:
        """Columns nobody has told us of; they are kept as text."""
        return tuple(
            column
            for column, state in zip(self.columns, self.states, strict=True)
            if state == "new"
        )

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """Columns that the file calls otherwise: its name, and ours."""
        return tuple(
            (name, column.name)
            for name, column, state in zip(self.names, self.columns, self.states, strict=False)
            if state == "renamed"
        )

    @property
    def numbers_first(self) -> int:
        """How many columns at the head of a line hold whole numbers, two at the most."""
        numbered = [column.type == "number" for column in self.columns[:2]]
        return numbered.index(False) if False in numbered else len(numbered)


def heading(table: Table, names: Sequence[str]) -> Heading:
    """Say what the columns named in a table's first line are.

    Args:
        table: The table.
        names: Its columns' names in the file, in any order and case, each once.

    Raises:
        TooManyColumns: No table of the courts is so wide.

    Example:
        >>> from opendocket.columns import TABLES
        >>> found = heading(TABLES["tblThreeMbrReferrals"], ["idn3membeRReferral", "NOTE"])
        >>> [column.name for column in found.new], len(found.missing)
        (['NOTE'], 3)
    """
    if len(names) > MOST_COLUMNS:
        raise TooManyColumns(table.file_name, len(names), MOST_COLUMNS)
    current = {column.name.lower(): column for column in table.columns}
    older = {column.name.lower(): column for column in table.older_columns}
    here = {name.lower() for name in names}
    taken = {SURPLUS.name} if table.is_ragged else set()
    used = taken | set(current)
    columns: list[Column] = []
    states: list[str] = []
    for position, name in enumerate(names, start=1):
        lower = name.lower()
        now = (table.known_as(name) or lower).lower()
        if lower in current:
            column, state = current[lower], "known"
        elif now in current and now not in here | taken:
            column, state = current[now], "renamed"
        elif lower in older:
            column, state = older[lower], "older"
        else:
            column, state = _unknown(name, position, used), "new"
        taken.add(column.name.lower())
        used.add(column.name.lower())
        columns.append(column)
        states.append(state)
    if table.is_ragged:
        columns.append(SURPLUS)
        states.append("surplus")
    found = {column.name for column in columns}
    return Heading(
        table=table,
        columns=tuple(columns),
        states=tuple(states),
        names=tuple(names),
        missing=tuple(column for column in table.columns if column.name not in found),
    )


def _unknown(name: str, position: int, taken: set[str]) -> Column:
    """Make a column of text for a name that nothing is known of."""
    while name.lower() in taken:
        name = f"{name} {position}"
    return Column(name, "text", 0, False, 0.0, False, False, "", "new")


def few(columns: Sequence[Column]) -> tuple[str, ...]:
    """Shorten a list of columns to what a sentence can hold."""
    names = [column.name for column in columns]
    short = tuple(name if len(name) <= 40 else f"{name[:37]}..." for name in names)
    if len(short) <= NAMED_MOST:
        return short
    return (*short[:NAMED_MOST], f"and {len(short) - NAMED_MOST} more")

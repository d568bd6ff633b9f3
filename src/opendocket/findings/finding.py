"""What a finding is: words by hand, numbers by measurement, a caveat, and its evidence."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

import polars as pl


@dataclass(frozen=True, slots=True)
class Sentence:
    """One published sentence.

    Raises:
        ValueError: A digit is typed into the words, or a number is missing or unused.

    Example:
        >>> str(Sentence("{n} cases are pending.", {"n": "1,234"}))
        '1,234 cases are pending.'
        >>> Sentence("There were 3 million.", {})
        Traceback (most recent call last):
        ...
        ValueError: digits in 'There were 3 million.'; expected {name}s
    """

    words: str
    numbers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a typed number."""
        names = {name for _, name, _, _ in Formatter().parse(self.words) if name}
        bare = re.sub(r"{[^}]*}", "", self.words)
        if re.search(r"\d", bare):
            raise ValueError(f"digits in {bare!r}; expected {{name}}s")
        if names != set(self.numbers):
            raise ValueError(
                f"numbers {sorted(self.numbers)} in {self.words!r}; expected {sorted(names)}"
            )

    def __str__(self) -> str:
        """Fill in the numbers."""
        return self.words.format(**self.numbers)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture and the numbers it draws."""

    slug: str
    title: Sentence
    """Says the finding."""
    subtitle: str
    """Says what is drawn, and in which units."""
    alt: Sentence
    """Says in words what the picture shows."""
    data: pl.DataFrame
    draw: Callable[["Figure", int], Any]
    """Makes a chart of a width in pixels."""
    is_published: bool = False
    """Draws what others published, not what was measured: true even of a synthetic docket."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and the numbers behind it as they are."""

    slug: str
    title: str
    shown: pl.DataFrame
    """Text for people; one row a line."""
    data: pl.DataFrame
    """Numbers for machines, units in the names."""
    note: str = ""
    is_published: bool = False
    """Holds what others published; see :class:`Figure`."""

    def is_wordy(self, column: str) -> bool:
        """Tell whether a column of ``shown`` holds sentences rather than numbers.

        Example:
            >>> shown = pl.DataFrame({"n": ["1"], "why": ["because it was so, and no other way"]})
            >>> table = Table("a", "A", shown, shown)
            >>> table.is_wordy("n"), table.is_wordy("why")
            (False, True)
        """
        longest = self.shown[column].str.len_chars().max()
        return isinstance(longest, int) and longest > 24


@dataclass(frozen=True, slots=True)
class Section:
    """A question, its answer, and how it was found.

    Raises:
        ValueError: There is no caveat.
    """

    slug: str
    question: str
    answer: Sentence
    text: tuple[Sentence, ...]
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    method: tuple[tuple[str, str], ...]
    """Population, clock, numerator, denominator, rivals, estimator, source: term and text."""
    caveats: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a claim without a caveat."""
        if not self.caveats:
            raise ValueError(f"{self.slug}: no caveat; expected at least one")


def computed_in(finding: str, *measures: str) -> tuple[str, str]:
    """Say where a section's numbers come from, as a line of its method.

    Args:
        finding: The file of ``findings``.
        measures: Files of ``measure``; of another package with its name before.

    Example:
        >>> computed_in("years", "promise")
        ('Computed in', 'src/opendocket/findings/years.py, from measure/promise.py')
    """
    places = (name if "/" in name else f"measure/{name}" for name in measures)
    told = ", ".join(f"{place}.py" for place in places)
    return ("Computed in", f"src/opendocket/findings/{finding}.py, from {told}")

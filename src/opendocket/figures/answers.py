"""Every published figure beside what a docket says of it, or why it says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from opendocket.figures.comparison import NOT_COMPARABLE, Comparison, compare
from opendocket.figures.coverage import every_target, reasons
from opendocket.figures.published import PublishedFigure, all_published
from opendocket.figures.targets import Target
from opendocket.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that was published, and a docket's answer to it."""

    figures: tuple[PublishedFigure, ...]
    comparison: Comparison | None
    """None where no docket can answer."""
    reason: str
    """How it was measured, or why it cannot be."""

    @property
    def id(self) -> str:
        """Give the ids of what was published, parted by commas."""
        return ", ".join(figure.id for figure in self.figures)

    @property
    def topic(self) -> str:
        """Give the letter of its topic."""
        return self.figures[0].id[0]

    @property
    def target(self) -> Target | None:
        """Give how a docket is asked; None where none is."""
        return self.comparison.target if self.comparison else None

    @property
    def what(self) -> str:
        """Say what is counted."""
        return self.target.what if self.target else self.figures[0].measure

    @property
    def verdict(self) -> str:
        """Give ``within``, ``outside`` or ``not comparable``."""
        return self.comparison.verdict if self.comparison else NOT_COMPARABLE

    @property
    def is_withheld(self) -> bool:
        """Tell whether what the docket says rests on 1 to 10 people."""
        return self.comparison is not None and "" in self.comparison.small

    def ours(self) -> float | None:
        """Give what the docket says."""
        return self.comparison.measured if self.comparison else None


def answers(
    con: duckdb.DuckDBPyConnection,
    *,
    only: Sequence[PublishedFigure] | None = None,
    progress: Progress = silent,
) -> tuple[Answer, ...]:
    """Hold a docket against every published figure.

    Args:
        con: A docket's connection.
        only: Which figures; all where None.
        progress: Told of figures compared.

    Returns:
        One answer for each thing that was published, in the order of the list: a figure that
        gives several numbers has several.

    Assumes:
        As :func:`opendocket.figures.comparison.compare`.

    Source:
        docs/data/published.md.

    Example:
        >>> from opendocket.figures.coverage import figures_called
        >>> [a.verdict for a in answers(duckdb.connect(), only=figures_called("A01", "A02"))]
        ['not comparable', 'not comparable']
    """
    listed = all_published()
    chosen = set(listed) if only is None else {figure.id for figure in only}
    targets = [t for t in every_target() if chosen & set(t.figures)]
    found = [
        Answer(tuple(listed[id] for id in c.target.figures), c, c.reason)
        for c in compare(con, targets=targets, progress=progress)
    ]
    found += [
        Answer((listed[id],), None, reason) for id, reason in reasons().items() if id in chosen
    ]
    place = {id: at for at, id in enumerate(listed)}
    return tuple(sorted(found, key=lambda answer: place[answer.figures[0].id]))

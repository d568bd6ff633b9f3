"""A comparison as rows, for programs to read; what points at persons is held back."""

from collections.abc import Iterable

from opendocket.figures.answers import Answer
from opendocket.figures.comparison import Comparison
from opendocket.figures.published import PublishedFigure

FIELDS = (
    "figure", "what", "as_of", "theirs", "ours", "difference", "tolerance", "bound", "verdict",
    "why", "also", "is_share", "is_withheld", "tolerance_chosen", "measure", "definition",
    "published_value", "published_unit", "published_as_of", "source", "url", "confidence",
)  # fmt: skip
"""Of each answer; shares are from 0 to 1."""

LISTED = (
    "figure", "what", "published_definition", "as_of", "value", "unit", "source", "url",
    "confidence", "is_answerable", "how",
)  # fmt: skip
"""Of each published figure."""


def rows(answers: Iterable[Answer], *, suppress: bool = True) -> list[tuple[object, ...]]:
    """Give answers as rows.

    Args:
        answers: A docket's (:func:`opendocket.figures.answers.answers`).
        suppress: Hold back what rests on 1 to 10 people, and what would give it away.

    Returns:
        Values in the order of ``FIELDS``.
    """
    return [_row(answer, suppress) for answer in answers]


def _row(answer: Answer, suppress: bool) -> tuple[object, ...]:
    figure, compared, target = answer.figures[0], answer.comparison, answer.target
    is_hidden = suppress and answer.is_withheld
    numbers: tuple[object, ...] = (None,) * 4
    if compared is not None:
        numbers = (
            compared.published,
            None if is_hidden else compared.measured,
            None if is_hidden else compared.difference,
            None if compared.measured is None else tolerated(compared, is_hidden=is_hidden),
        )
    asked: tuple[object, ...] = (None, None, None)
    if target is not None:
        asked = (target.chosen or None, target.measure or None, target.definition or None)
    return (
        answer.id,
        answer.what,
        target.as_of if target else None,
        *numbers,
        (target.bound or None) if target else None,
        answer.verdict,
        answer.reason,
        dict(beside(answer, suppress=suppress)),
        target.is_share if target else None,
        is_hidden,
        *asked,
        figure.value,
        figure.unit,
        figure.as_of,
        figure.source,
        figure.url,
        figure.confidence,
    )


def tolerated(compared: Comparison, *, is_hidden: bool) -> float:
    """Give the tolerance; where the value is held back, not what chance widened it to.

    That follows from the number of people, and would tell it.
    """
    return compared.target.allowed if is_hidden else compared.tolerance


def beside(answer: Answer, *, suppress: bool = True) -> tuple[tuple[str, float], ...]:
    """Give what the docket says under rival definitions, by name.

    Args:
        answer: A docket's.
        suppress: Give none where the value itself is held back, and none that rests on 1 to
            10 people.
    """
    compared = answer.comparison
    if compared is None or (suppress and answer.is_withheld):
        return ()
    hidden = compared.small if suppress else frozenset()
    return tuple((name, value) for name, value in compared.also if name not in hidden)


def listed(figure: PublishedFigure, how: str) -> tuple[object, ...]:
    """Give a published figure as a row of ``LISTED``, with how a docket answers it."""
    return (
        figure.id,
        figure.measure,
        figure.definition,
        figure.as_of,
        figure.value,
        figure.unit,
        figure.source,
        figure.url,
        figure.confidence,
        not how.startswith("no: "),
        how,
    )

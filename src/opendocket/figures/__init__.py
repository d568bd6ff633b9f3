"""Figures that others have published, with their sources: what a docket is held against."""

from opendocket.figures.answers import Answer, answers
from opendocket.figures.comparison import Comparison, as_markdown, compare
from opendocket.figures.coverage import TOPICS, every_target, figures_called, how_answered
from opendocket.figures.published import PublishedFigure, by_year, published
from opendocket.figures.targets import TARGETS, Target

__all__ = [
    "TARGETS",
    "TOPICS",
    "Answer",
    "Comparison",
    "PublishedFigure",
    "Target",
    "answers",
    "as_markdown",
    "by_year",
    "compare",
    "every_target",
    "figures_called",
    "how_answered",
    "published",
]

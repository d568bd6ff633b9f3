"""Figures that others have published, with their sources: what a docket is held against."""

from opendocket.figures.comparison import Comparison, as_markdown, compare
from opendocket.figures.published import PublishedFigure, by_year, published
from opendocket.figures.targets import TARGETS, Target

__all__ = [
    "TARGETS",
    "Comparison",
    "PublishedFigure",
    "Target",
    "as_markdown",
    "by_year",
    "compare",
    "published",
]

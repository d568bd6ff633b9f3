"""Every measure by name, in the order of a case's life."""

from opendocket.columns.described import near
from opendocket.errors import UnknownName
from opendocket.measure import (
    appeals,
    applications,
    attendance,
    caseload,
    counsel,
    custody,
    durations,
    enforcement,
    families,
    hearings,
    judges,
    landmarks,
    outcomes,
    removals,
)
from opendocket.measure.named import Measure

TOPICS = (
    caseload,
    durations,
    attendance,
    counsel,
    landmarks,
    applications,
    outcomes,
    families,
    hearings,
    appeals,
    custody,
    removals,
    enforcement,
    judges,
)
"""The files that answer questions by name, each with its ``MEASURES``."""

MEASURES: dict[str, Measure] = {each.name: each for topic in TOPICS for each in topic.MEASURES}
"""By name."""


def measure(name: str) -> Measure:
    """Give a measure by its name.

    Raises:
        UnknownName: There is none of that name.

    Example:
        >>> measure("in-absentia").estimate
        'in_absentia_share'
    """
    if name not in MEASURES:
        raise UnknownName(name, "measure", near(name, list(MEASURES)), "opendocket measures")
    return MEASURES[name]

"""Every published figure is either measured on a docket, or has a reason why it cannot be."""

import csv
from functools import cache
from importlib.resources import files

from opendocket.columns.described import near
from opendocket.errors import UnknownName
from opendocket.figures.further_dedicated import FURTHER_DEDICATED
from opendocket.figures.further_flow import FURTHER_FLOW
from opendocket.figures.further_outcomes import FURTHER_OUTCOMES
from opendocket.figures.further_releases import FURTHER_RELEASES
from opendocket.figures.further_times import FURTHER_TIMES
from opendocket.figures.published import PublishedFigure, all_published
from opendocket.figures.targets import TARGETS, Target

TOPICS = {
    "A": "The Dedicated Docket and its two predecessors",
    "B": "The courts' flow",
    "C": "Hearings and times",
    "D": "Outcomes",
    "E": "Enforcement",
    "F": "Published models",
    "G": "Counts of whole releases",
}
"""What the letters of the ids stand for."""


@cache
def every_target() -> tuple[Target, ...]:
    """Give every figure that a docket is asked for, the short list among them, by id.

    Example:
        >>> len(every_target()) > len(TARGETS)
        True
    """
    further = (
        *FURTHER_DEDICATED, *FURTHER_FLOW, *FURTHER_TIMES, *FURTHER_OUTCOMES,
        *FURTHER_RELEASES,
    )  # fmt: skip
    place = {id: at for at, id in enumerate(all_published())}
    return tuple(sorted((*TARGETS, *further), key=lambda t: place[t.figures[0]]))


@cache
def reasons() -> dict[str, str]:
    """Say of each published figure that no docket can answer, why; by id.

    Example:
        >>> reasons()["E02-2019"]
        "another agency's record: removals carried out, which the courts do not record"
    """
    text = (files("opendocket.figures") / "unanswerable.csv").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines()):
        for id in _of_series(row["figure"]):
            found[id] = row["reason"]
    return found


def _of_series(name: str) -> list[str]:
    """Give the ids that a name stands for: itself, or every period of a series."""
    ids = all_published()
    if name in ids:
        return [name]
    return [id for id in ids if id.startswith(f"{name}-")]


def figures_called(*names: str) -> tuple[PublishedFigure, ...]:
    """Give published figures by id, or by the id of a series, in any case.

    Args:
        names: Such as ``A45``, ``B01-2019`` or, for every year of it, ``B01``.

    Returns:
        The figures, in the order of the list, each once.

    Raises:
        UnknownName: There is none of that name; the error offers near ones.

    Example:
        >>> [figure.id for figure in figures_called("a45", "D02")]
        ['A45', 'D02-FY2012', 'D02-FY2019']
        >>> figures_called("A95")
        Traceback (most recent call last):
        ...
        opendocket.errors.UnknownName: 'A95': no such published figure; ...
    """
    by_lower = {id.lower(): id for id in all_published()}
    series = {id.partition("-")[0].lower(): id.partition("-")[0] for id in all_published()}
    chosen: set[str] = set()
    for name in names:
        asked = name.strip().lower()
        found = _of_series(by_lower.get(asked) or series.get(asked) or "")
        if not found:
            raise UnknownName(name, "published figure", _near(asked, series, by_lower))
        chosen.update(found)
    return tuple(figure for id, figure in all_published().items() if id in chosen)


def _near(asked: str, series: dict[str, str], ids: dict[str, str]) -> tuple[str, ...]:
    """Offer names that an unknown one is likeliest a slip for: of its letter, if of none."""
    letter = [name for name in series.values() if name.lower().startswith(asked[:1])]
    alike = near(asked, [*series.values(), *ids.values()]) if asked else ()
    return alike or tuple(letter or series.values())[:3]


def targets_of(id: str) -> tuple[Target, ...]:
    """Give the ways in which a docket is asked for a published figure; none if it cannot be.

    Example:
        >>> [target.what for target in targets_of("A45")]
        ['closed in under 300 days from the NTA, of closed']
    """
    return tuple(t for t in every_target() if id in t.figures)


def how_answered(id: str) -> str:
    """Say how a docket answers a published figure, or why none can.

    Example:
        >>> how_answered("A37")
        'no: a promise, not a count'
        >>> how_answered("A39")
        'counsel entered by the day, of cases with the tag not closed then'
    """
    if id in reasons():
        return f"no: {reasons()[id]}"
    found = targets_of(id)
    if all(target.read is None for target in found):
        return f"no: {found[0].method}"
    return "; ".join(dict.fromkeys(target.method for target in found))

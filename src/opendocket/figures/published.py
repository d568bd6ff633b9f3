"""Published figures as data: each with its definition, day, source and how it was read."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One figure that somebody published."""

    id: str
    """Ours, as in docs/data/published.md; a yearly series has one row a year."""
    measure: str
    definition: str
    as_of: str
    value: str
    """As printed; several numbers are parted by slashes."""
    unit: str
    source: str
    url: str
    confidence: str
    """``read-direct``, ``second-hand``, ``derived`` or ``recalled, unverified``."""

    def numbers(self) -> tuple[float, ...]:
        """Give the numbers in the value.

        Raises:
            ValueError: There is none.

        Example:
            >>> published("A35").numbers()
            (60000.0, 11000.0, 150.0)
            >>> published("B04-2013").numbers()
            (-12008.0,)
        """
        found = tuple(
            float(n.replace(",", "")) for n in re.findall(r"(?:^-)?\d[\d,]*\.?\d*", self.value)
        )
        if not found:
            raise ValueError(f"{self.id}: {self.value!r}; expected a number")
        return found


@cache
def all_published() -> dict[str, PublishedFigure]:
    """Give every published figure by its id, in the order of the list.

    Example:
        >>> next(iter(all_published()))
        'A01'
    """
    text = (files("opendocket.figures") / "published.csv").read_text(encoding="utf-8")
    return {
        row["id"]: PublishedFigure(**{k: v for k, v in row.items() if k != "group"})
        for row in csv.DictReader(text.splitlines())
    }


def published(id: str) -> PublishedFigure:
    """Give one published figure.

    Args:
        id: Such as ``A02``, or ``E01-2019`` for a year of a series.

    Raises:
        KeyError: No such figure.

    Example:
        >>> published("A02").numbers()
        (300.0,)
    """
    return all_published()[id]


def by_year(*series: str) -> dict[int, PublishedFigure]:
    """Give yearly series by fiscal year; where two give a year, the first one counts.

    Args:
        series: Ids of series, such as ``E01``.

    Example:
        >>> years = by_year("E01", "E01b")
        >>> years[2019].numbers(), years[2024].numbers()
        ((143099.0,), (113431.0,))
    """
    found: dict[int, PublishedFigure] = {}
    for name in series:
        for id, figure in all_published().items():
            if match := re.fullmatch(rf"{re.escape(name)}-(\d{{4}})( .*)?", id):
                found.setdefault(int(match[1]), figure)
    return dict(sorted(found.items()))

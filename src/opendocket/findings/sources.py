"""The published figures that a report names by their codes, with sources."""

import re
from collections.abc import Iterable, Iterator

import polars as pl

from opendocket.figures import published
from opendocket.findings.finding import Section, Table

CODE = re.compile(r"\b[A-G]\d\d[a-z]?\b")


def sources(sections: Iterable[Section]) -> Table:
    """List every published figure that sections name, so that no code stays a riddle.

    Args:
        sections: What is said.

    Raises:
        KeyError: A code that is no published figure.
    """
    named = sorted({code for section in sections for code in _codes(section)})
    figures = [published(code) for code in named]
    return Table(
        slug="sources",
        title="Codes such as A02, and what they stand for",
        shown=pl.DataFrame(
            {
                "Code": [f.id for f in figures],
                "Published figure": [f"{f.measure}: {f.value} {f.unit}" for f in figures],
                "As of": [f.as_of for f in figures],
                "Source": [f"{f.source}, {f.url}" for f in figures],
            }
        ),
        data=pl.DataFrame(
            {
                "code": [f.id for f in figures],
                "measure": [f.measure for f in figures],
                "definition": [f.definition for f in figures],
                "value": [f.value for f in figures],
                "unit": [f.unit for f in figures],
                "as_of": [f.as_of for f in figures],
                "source": [f.source for f in figures],
                "url": [f.url for f in figures],
                "confidence": [f.confidence for f in figures],
            }
        ),
        note="PM 21-23 is the policy of May 2021 (A02). The full list is docs/data/published.md.",
        is_published=True,
    )


def _codes(section: Section) -> Iterator[str]:
    tables = (str(cell) for t in section.tables for row in t.shown.iter_rows() for cell in row)
    texts = (
        str(section.answer),
        *map(str, section.text),
        *(text for _, text in section.method),
        *section.caveats,
        *(() if section.slug == "orders" else tables),
        *(
            str(cell)
            for figure in section.figures
            if not figure.is_published
            for column in figure.data.select(pl.selectors.string())
            for cell in column.unique(maintain_order=True)
        ),
    )
    for text in texts:
        for code in CODE.findall(text):
            if code not in SERIES:
                yield code


SERIES = frozenset({"E01", "E01b", "E02", "E03", "E28", "D02"})
"""Series by year, listed where they are shown, and form E-28."""

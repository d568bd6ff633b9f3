"""A measure on a page: for the terminal and for the docs, from one place."""

import textwrap
from collections.abc import Iterator

from opendocket.measure.named import Definition, Measure

UNITS = {
    "count": "a count",
    "share": "a share, from 0 to 1",
    "days": "days",
    "ratio": "one sum over another",
    "points": "points",
}
NOTHING = "none: it is a count"


def _terms(definition: Definition) -> Iterator[tuple[str, str]]:
    """Say of a definition, term by term, what it is."""
    yield "used by", definition.user
    yield "population", definition.population
    yield "numerator", definition.numerator
    yield "denominator", definition.denominator or NOTHING
    yield "clock", definition.clock
    yield "by year", f"of {definition.estimator.day}"
    if definition.figures:
        yield "figures", ", ".join(definition.figures)
    yield "reads", ", ".join(definition.reads)
    for caveat in definition.caveats:
        yield "but", caveat


def as_text(measure: Measure, width: int) -> str:
    """Write a measure for a terminal.

    Args:
        measure: Any.
        width: Characters a line.

    Example:
        >>> from opendocket.measure.catalogue import measure
        >>> print(as_text(measure("in-absentia"), 80).splitlines()[0])
        in-absentia: What share was ordered removed in absentia?
    """
    lines = _folded(f"{measure.name}: {measure.question}", width)
    lines += ["", *_folded(f"Estimate: {measure.estimate}, {UNITS[measure.unit]}", width)]
    for number, definition in enumerate(measure.definitions):
        lines += ["", definition.name + (" (taken where none is named)" if not number else "")]
        lines += [
            line
            for term, text in _terms(definition)
            for line in _folded(f"{term + ':':<13}{text}", width, indent=2, hang=15)
        ]
    for head, texts in (("Assumes", measure.assumes), ("Does not show", measure.caveats)):
        lines += ["", head]
        lines += [line for text in texts for line in _folded(f"- {text}", width, 2, 4)]
    lines += ["", *_folded(f"Source: {measure.source}", width)]
    lines += [f"Computed in: src/opendocket/measure/{measure.topic}.py"]
    return "\n".join(lines)


def _folded(text: str, width: int, indent: int = 0, hang: int = 2) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=" " * indent, subsequent_indent=" " * hang,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def as_markdown(measure: Measure) -> str:
    """Write a measure for the docs: a heading, its definitions in a table, and the rest.

    Example:
        >>> from opendocket.measure.catalogue import measure
        >>> print(as_markdown(measure("in-absentia")).splitlines()[0])
        ### in-absentia
    """
    lines = [
        f"### {measure.name}",
        "",
        measure.question,
        f"Estimate: `{measure.estimate}`, {UNITS[measure.unit]}.",
        f"Computed in `measure/{measure.topic}.py`.",
        "",
        "| definition | used by | numerator | denominator | population and clock | reads |",
        "|---|---|---|---|---|---|",
    ]
    for d in measure.definitions:
        figures = f" ({', '.join(d.figures)})" if d.figures else ""
        reads = " ".join(f"`{column}`" for column in d.reads)
        denominator = d.denominator or NOTHING
        cells = (
            f"`{d.name}`", d.user + figures, d.numerator, denominator,
            f"{d.population}; {d.clock}", reads,
        )  # fmt: skip
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    caveats = [
        *measure.caveats,
        *(f"`{d.name}`: {caveat}" for d in measure.definitions for caveat in d.caveats),
    ]
    lines += ["", *(f"- {caveat}" for caveat in caveats), ""]
    lines += [f"Assumes: {' '.join(measure.assumes)}", f"Source: {measure.source}."]
    return "\n".join(lines)

"""Hold a docket against what has been published of the courts, figure by figure.

The list of figures is that of :data:`opendocket.figures.targets.TARGETS`, or a longer one:
:func:`opendocket.figures.coverage.every_target`. Each is measured on the docket as it stood on
the figure's own day, and every one gets a verdict: also those that a docket cannot answer for,
with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from opendocket.errors import NothingToShow
from opendocket.figures.held import Held, Reading, scale_of
from opendocket.figures.targets import SERIES, TARGETS, Target
from opendocket.progress import Progress, silent

WITHIN, OUTSIDE, NOT_COMPARABLE = "within", "outside", "not comparable"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One published figure beside what a docket says."""

    target: Target
    published: float
    measured: float | None
    """At national size; None where it cannot be measured."""
    tolerance: float
    """How far the two may be apart, in the figure's own unit."""
    verdict: str
    """``within``, ``outside`` or ``not comparable``."""
    reason: str
    """How it was measured, or why it cannot be."""
    also: tuple[tuple[str, float], ...] = ()
    """The same under rival definitions, by name."""
    small: frozenset[str] = frozenset()
    """Names in ``also`` that rest on 1 to 10 people, and "" where ``measured`` does."""

    @property
    def difference(self) -> float | None:
        """Give what the docket says less what is published."""
        return None if self.measured is None else self.measured - self.published

    @property
    def distance(self) -> float | None:
        """Give the difference as a share of what is tolerated; beyond 1 is outside."""
        if self.measured is None or not self.tolerance:
            return None
        return (self.measured - self.published) / self.tolerance


def compare(
    con: duckdb.DuckDBPyConnection,
    *,
    targets: Sequence[Target] = TARGETS,
    progress: Progress = silent,
) -> tuple[Comparison, ...]:
    """Compare a docket with published figures.

    Counts of a synthetic docket are brought to national size by the scale its release was
    made at: the Dedicated Docket and everything else have one each. A real one's scale is 1.

    Args:
        con: A docket's connection.
        targets: The figures.
        progress: Told of figures compared.

    Returns:
        One comparison per target, in order.

    Assumes:
        What stood in the records on a day can be told from a later release, up to what the
        courts entered late or took out since.

    Source:
        docs/explanation/synthetic.md; docs/data/published.md.

    Example:
        >>> nowhere = [t for t in TARGETS if t.read is None]
        >>> [c.verdict for c in compare(duckdb.connect(), targets=nowhere)]
        ['not comparable']
    """
    measurable = [t for t in targets if t.read is not None]
    held = Held(con, scale_of(con), _as_of(con)) if measurable else None
    found = []
    for done, target in enumerate(targets):
        progress("comparing figures", done, len(targets))
        found.append(_compared(target, held))
    progress("comparing figures", len(targets), len(targets))
    return tuple(found)


def _as_of(con: duckdb.DuckDBPyConnection) -> date:
    rows = con.execute("select as_of_date from out_load__release").fetchall()
    day = rows[0][0]
    assert isinstance(day, date)
    return day


def _compared(target: Target, held: Held | None) -> Comparison:
    if target.read is None or held is None:
        return _without(target, target.method)
    if held.as_of < target.as_of:
        return _without(target, f"the release ends on {held.as_of}, before {target.as_of}")
    try:
        reading = target.read(held, target.as_of)
    except NothingToShow as error:
        return _without(target, str(error))
    return _judged(target, reading)


def _without(target: Target, reason: str) -> Comparison:
    return Comparison(target, target.value, None, target.allowed, NOT_COMPARABLE, reason=reason)


def _judged(target: Target, reading: Reading) -> Comparison:
    allowed, reason = target.allowed, target.method
    if target.is_small and reading.chance > allowed:
        allowed = reading.chance
        reason += "; so few families that chance alone may move it this far"
    return Comparison(
        target,
        target.value,
        reading.value,
        allowed,
        WITHIN if _is_near(target, reading.value, allowed) else OUTSIDE,
        reason,
        also=reading.also,
        small=reading.small,
    )


def _is_near(target: Target, measured: float, allowed: float) -> bool:
    """Tell whether a value keeps a bound, or is as near as is allowed."""
    over = measured - target.value
    if target.bound:
        return over >= -1e-9 if target.bound == "at least" else over <= 1e-9
    return abs(over) <= allowed + 1e-9


def as_markdown(comparisons: Sequence[Comparison]) -> str:
    """Write comparisons as Markdown: a table of figures, and one of fiscal years.

    Args:
        comparisons: What :func:`compare` gives.

    Returns:
        Two tables and a line that counts the verdicts.

    Example:
        >>> nowhere = [t for t in TARGETS if t.read is None]
        >>> table = as_markdown(compare(duckdb.connect(), targets=nowhere))
        >>> print(table.splitlines()[4])
        | A36 | executed share of removal orders | 2022-07-31 | 1.4 % | – | – | not compar...
    """
    single = [c for c in comparisons if not c.target.series]
    yearly = [c for c in comparisons if c.target.series]
    lines = [_count_of_verdicts(comparisons), "", *_single_table(single)]
    if yearly:
        lines += ["", *_yearly_table(yearly)]
    return "\n".join(lines)


def _count_of_verdicts(comparisons: Sequence[Comparison]) -> str:
    counts = {v: sum(c.verdict == v for c in comparisons) for v in (WITHIN, OUTSIDE)}
    rest = len(comparisons) - sum(counts.values())
    return (
        f"Of {len(comparisons)} figures, {counts[WITHIN]} are within their tolerance, "
        f"{counts[OUTSIDE]} outside, and {rest} not comparable."
    )


def _single_table(comparisons: Sequence[Comparison]) -> list[str]:
    lines = [
        "| figure | what | as of | published | here | tolerance | verdict | how, and why |",
        "|---|---|---|--:|--:|--:|---|---|",
    ]
    for c in comparisons:
        also = "".join(f"; {name}: {c.target.written(value)}" for name, value in c.also)
        measured = "–" if c.measured is None else c.target.written(c.measured)
        tolerance = "–" if c.measured is None else f"±{c.target.written_apart(c.tolerance)}"
        cells = (
            ", ".join(c.target.figures),
            c.target.what,
            str(c.target.as_of),
            c.target.written(c.published),
            measured,
            tolerance,
            c.verdict,
            c.reason + also,
        )
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return lines


def _yearly_table(comparisons: Sequence[Comparison]) -> list[str]:
    by_series: dict[str, dict[str, Comparison]] = {name: {} for name in SERIES}
    for c in comparisons:
        by_series[c.target.series][c.target.period] = c
    periods = sorted({c.target.period for c in comparisons})
    head = "| fiscal year | " + " | ".join(f"{s}: {SERIES[s]}" for s in by_series) + " |"
    lines = [head, "|---|" + "--:|" * len(by_series)]
    for period in periods:
        cells = [_year(series.get(period)) for series in by_series.values()]
        lines.append(f"| {period} | " + " | ".join(cells) + " |")
    return lines


def _year(comparison: Comparison | None) -> str:
    """Write a year's pair and its difference; outside in bold."""
    if comparison is None:
        return ""
    if comparison.measured is None:
        return f"{comparison.published:,.0f} → –"
    off = comparison.measured / comparison.published - 1
    text = f"{comparison.published:,.0f} → {comparison.measured:,.0f} ({off:+.1%})"
    return f"**{text}**" if comparison.verdict == OUTSIDE else text

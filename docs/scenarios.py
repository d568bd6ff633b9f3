"""Make the figures and tables of docs/explanation/scenarios.md from a docket and a fit of it.

Run it by `python docs/scenarios.py docket.duckdb fit.json --draws 200`. SIMULATED throughout.
"""

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from opendocket.report.differences import COLUMNS, notes, rows_of
from opendocket.report.pictures import drawn
from opendocket.report.simulated_figures import figures_of
from opendocket.simulate.posing import Answered, answer, question
from opendocket.simulate.sweep import Design, processes

DOCS = Path(__file__).parent
PICTURES, PAGE = DOCS / "pictures", DOCS / "explanation" / "scenarios.md"
BEFORE, AFTER = "<!-- {name} by docs/scenarios.py -->", "<!-- end of {name} -->"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: scenarios that answer one question, the base first."""

    name: str
    scenarios: tuple[str, ...]
    in_table: str
    """The scenario whose differences are shown in full."""


PARTS = (
    Part("dockets", ("none", "smaller", "dedicated-2021", "larger"), "dedicated-2021"),
    Part("events", ("dedicated-2021", "injunction", "counsel-doubled"), "injunction"),
    Part("judges", ("none", "judges-300", "judges-700"), "judges-300"),
)


def answered(part: Part, told: argparse.Namespace, executor: Executor | None) -> Answered:
    """Answer a part's question; finished draws are kept until all is written."""
    asked = question(
        part.scenarios,
        docket=told.docket,
        fit_file=told.fit,
        is_illustrative=told.fit is None,
        years=told.years,
    )
    design = Design(told.draws, told.luck_draws or max(10, told.draws // 5), seed=told.seed)
    return answer(asked, design, executor=executor, kept=told.kept, progress=_tell)


def _tell(what: str, done: float, total: float) -> None:
    sys.stderr.write(f"\r{what}: {done:.0f} of {total:.0f} ")


def pictures(part: Part, found: Answered) -> Iterator[str]:
    """Write a part's pictures, and give their lines of the page."""
    for figure in figures_of(found.compared, found.origin):
        path = PICTURES / f"scenarios-{part.name}-{figure.slug}.svg"
        path.write_text(drawn(figure).wide + "\n", "utf-8")
        yield f"![{figure.title}. {figure.alt}](../pictures/{path.name})\n"


def table(part: Part, found: Answered) -> Iterator[str]:
    """Write the differences of one scenario as a table of the page."""
    name, base = part.in_table, found.compared.scenarios[0]
    yield f"**{name}** against **{base}**, {found.origin.first} to {found.origin.last}. "
    yield f"{found.origin.label}.\n"
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"| --- |{' --: |' * (len(COLUMNS) - 1)}"
    for row in rows_of(found.compared, name):
        first = row[0].strip() if row[0].startswith(" ") else f"**{row[0]}**"
        yield f"| {' | '.join((first, *row[1:]))} |"
    yield ""
    yield from notes(found.compared)
    yield ""


def replaced(text: str, name: str, lines: list[str]) -> str:
    """Put lines in their place of the page."""
    start, end = BEFORE.format(name=name), AFTER.format(name=name)
    before, found, rest = text.partition(start)
    if not found:
        raise SystemExit(f"{PAGE}: no line {start!r}; expected one where {name} belongs")
    _, _, after = rest.partition(end)
    return f"{before}{start}\n" + "\n".join(lines) + f"\n{end}{after}"


def main() -> None:
    """Answer every part, and write pictures and page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("docket", type=Path)
    parser.add_argument("fit", type=Path, nargs="?", help="made-up courts without it")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--luck-draws", type=int)
    parser.add_argument("--years", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kept", type=Path, help="folder that finished draws are kept in")
    told = parser.parse_args()
    PICTURES.mkdir(exist_ok=True)
    text = PAGE.read_text("utf-8")
    with processes(told.workers) as executor:
        for part in PARTS:
            found = answered(part, told, executor)
            text = replaced(text, part.name, [*table(part, found), *pictures(part, found)])
    PAGE.write_text(text, "utf-8")
    sys.stderr.write("\n")


if __name__ == "__main__":
    main()

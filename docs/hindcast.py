"""Write the tables of docs/explanation/hindcast.md.

Run it by `python docs/hindcast.py docket.duckdb`, the docket being the one that the page names.
"""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from opendocket.docket import open_docket
from opendocket.simulate.hindcast import hindcast
from opendocket.simulate.national import off_by
from opendocket.simulate.reduced import published_forecasts
from opendocket.simulate.scored import table

PAGE = Path(__file__).parent / "explanation" / "hindcast.md"
SCALE = 0.1
ALONE_FROM = 2018
ON, MONTHS, DRAWS = date(2022, 10, 1), 24, 40


def alone(found: pl.DataFrame) -> pl.DataFrame:
    """Write the pending of the years in which nothing more was learnt."""
    kept = found.filter(pl.col("year").is_between(ALONE_FROM, 2020))
    return off_by(kept, "pending")


def docket_table(path: Path, *, is_conditional: bool, draws: int = DRAWS) -> str:
    """Hindcast a docket and write its scores."""
    with open_docket(path) as docket:
        found = hindcast(docket, ON, months=MONTHS, draws=draws, is_conditional=is_conditional)
    return as_markdown(table(found))


def as_markdown(shown: pl.DataFrame) -> str:
    """Write a table of text as Markdown, numbers to the right."""
    names = shown.columns
    head = [f"| {' | '.join(names)} |"]
    words = ("what", "model", "year")
    head.append("| " + " | ".join("---" if n in words else "--:" for n in names) + " |")
    return "\n".join(head + [f"| {' | '.join(row)} |" for row in shown.iter_rows()])


def put(name: str, made: Callable[[], str]) -> None:
    """Write a table of the page in its place."""
    start, end = f"<!-- {name}, by docs/hindcast.py -->", f"<!-- end of {name} -->"
    before, _, rest = PAGE.read_text("utf-8").partition(start)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{start}\n{made()}\n{end}{after}", "utf-8")
    sys.stdout.write(f"{PAGE}: {name}\n")


def main() -> None:
    """Write every table of the page; those of a docket if one is named."""
    ahead = published_forecasts(scale=SCALE)
    by_itself = published_forecasts(alone_from=ALONE_FROM, scale=SCALE)
    put("completions a year ahead", lambda: as_markdown(off_by(ahead, "completions")))
    put("pending a year ahead", lambda: as_markdown(off_by(ahead, "pending")))
    put("pending alone", lambda: as_markdown(alone(by_itself)))
    for path in map(Path, sys.argv[1:2]):
        put("conditional", lambda: docket_table(path, is_conditional=True))  # noqa: B023
        put("unconditional", lambda: docket_table(path, is_conditional=False))  # noqa: B023


if __name__ == "__main__":
    main()

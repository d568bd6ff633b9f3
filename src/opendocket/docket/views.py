"""Views that answer the field's everyday questions, each past the traps on the way.

Each is a SQL file in ``docket/views``. Its head says what a row is, which question it
answers, how, and which trap of the records another way of asking would fall into.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb

from opendocket.docket.decoding import store_codes
from opendocket.quoting import literal

PREFIX = "out_view__"
HEAD = re.compile(
    r"-- (?P<row>One row per .*?)\n"
    r"-- Question: (?P<question>.*?)\n"
    r"-- Definition: (?P<definition>.*?)\n"
    r"-- Trap: (?P<trap>.*?)\n"
    r"(?=\w)(?P<query>.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class View:
    """A question asked of every docket, and how it is answered."""

    name: str
    """In a docket."""
    row: str
    """What a row is."""
    question: str
    definition: str
    trap: str
    """What another way of asking would get wrong."""
    query: str


@cache
def views() -> tuple[View, ...]:
    """Give every view, by name.

    Source:
        Definitions: docs/explanation/definitions.md. Traps: those that public projects on
        these records fell into.

    Example:
        >>> next(v.question for v in views() if v.name == "out_view__pending_case")
        'How many cases are pending, where, and for how long?'
    """
    folder = files("opendocket.docket") / "views"
    found = sorted((path.name, path.read_text("utf-8")) for path in folder.iterdir())
    return tuple(_view(name.removesuffix(".sql"), text) for name, text in found)


def create_views(con: duckdb.DuckDBPyConnection) -> None:
    """Write the views into a docket, and the table of codes that they decode by.

    Args:
        con: A docket with its ``core_eoir__``, ``out_docket__`` and ``out_load__`` tables,
            open for writing.

    Example:
        >>> with duckdb.connect() as con:
        ...     create_views(con)
        Traceback (most recent call last):
        ...
        _duckdb.CatalogException: Catalog Error: Table with name core_eoir__... does not exist!
        ...
    """
    store_codes(con)
    for view in views():
        con.execute(f"create or replace view {view.name} as {view.query}")
        said = literal(f"{view.row} {view.question}")
        con.execute(f"comment on view {view.name} is {said}")


def _view(stem: str, text: str) -> View:
    head = HEAD.fullmatch(text)
    if head is None:
        raise ValueError(f"views/{stem}.sql: no head; expected row, question, definition, trap")
    said = {key: " ".join(re.sub(r"\n-- ", " ", head[key]).split()) for key in head.groupdict()}
    return View(
        name=PREFIX + stem,
        row=said["row"],
        question=said["question"][:1].upper() + said["question"][1:],
        definition=said["definition"][:1].upper() + said["definition"][1:],
        trap=said["trap"][:1].upper() + said["trap"][1:],
        query=head["query"].strip(),
    )

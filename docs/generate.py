"""Write the docs pages that follow from the code: commands, tables, published figures.

Run it by ``make generated``. With ``--check`` it writes nothing, and fails where a page is
not as it would be written.
"""

import argparse
import csv
import re
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import click

from opendocket.checks import CHECKS
from opendocket.checks import GROUPS as GROUPS_OF_CHECKS
from opendocket.cli import main
from opendocket.columns import TABLES, Table
from opendocket.columns.described import Description, described
from opendocket.columns.own import OWN, OwnTable
from opendocket.docket.views import View, views
from opendocket.figures import TOPICS, every_target, how_answered
from opendocket.figures.coverage import targets_of
from opendocket.measure.catalogue import MEASURES
from opendocket.measure.cut import DIMENSIONS
from opendocket.measure.explained import as_markdown

DOCS = Path(__file__).parent
MADE = "<!-- Written by docs/generate.py; change what it reads, then `make generated`. -->\n"
WIDTH = 80


def cli_page() -> str:
    """Every command's help, as the terminal shows it."""
    parts = [
        MADE,
        "# The command line\n",
        "Data go to stdout, talk goes to stderr.",
        "Exit status 0 is done, 1 a bug, 2 a wrong use, and 3 a refusal: a deliberate error, "
        "told in one line ([errors](errors.md)).\n",
    ]
    top = click.Context(
        main, info_name="opendocket", terminal_width=WIDTH, **main.context_settings
    )
    for context in _contexts(top):
        parts += [f"## {context.command_path}\n", f"```text\n{context.get_help()}\n```\n"]
    return "\n".join(parts)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            found = context.command.get_command(context, name)
            if found is not None:
                yield from _contexts(click.Context(found, parent=context, info_name=name))


def tables_page() -> str:
    """Every table of a release and its columns, from the catalogue."""
    columns = sum(len(table.columns) for table in TABLES.values())
    unsaid = sum(not c.meaning for table in TABLES.values() for c in table.columns)
    parts = [
        MADE,
        "# The tables of a release\n",
        f"A release holds {len(TABLES)} tables with {columns:,} columns.",
        "A docket keeps each under the name given here, with the agency's own column names.",
        "Layout, order, types and shares of empty values are those of the release of July "
        "2026, read from a public dictionary of it; widths are those of the courts' code key "
        "of 2019.",
        f"Meanings are ours; {unsaid} columns have none, because nothing public says what "
        "they hold.\n",
        "*Empty* is the share of rows in which the column is empty, once blanks and NUL bytes "
        "count as empty.",
        "*Rows* are those of July 2026.",
        "*Leads to* is the table whose rows, or whose codes, a column's values name; "
        "`opendocket columns TABLE COLUMN` says by which column of it, and lists the codes.",
        "How our own tables and names follow from these is in the "
        "[glossary](../reference/glossary.md).\n",
        *_overview(),
    ]
    for folder in ("EOIR Case Data", "Lookup"):
        parts.append(f"## {folder}\n")
        parts += [_table(t) for t in TABLES.values() if t.folder == folder]
    return "\n".join(parts)


def _overview() -> Iterator[str]:
    yield "| table | in a docket | rows | columns |\n| --- | --- | --: | --: |"
    for table in TABLES.values():
        yield (
            f"| [{table.file_name}](#{_anchor(table)}) | `{table.core}` | {_rows(table)} | "
            f"{len(table.columns)} |"
        )
    yield ""


def _anchor(table: Table) -> str:
    return table.file_name.lower()


def _rows(table: Table) -> str:
    return "" if table.rows_2026_07 is None else f"{table.rows_2026_07:,}"


def _table(table: Table) -> str:
    said = _sentence(table.meaning) if table.meaning else ""
    held = f"`{table.core}`; {_rows(table)} rows." if _rows(table) else f"`{table.core}`."
    head = (
        f"### {table.file_name}\n\n{said}\nIn a docket: {held}\n\n"
        "| column | type | empty | meaning | leads to |\n| --- | --- | --: | --- | --- |\n"
    )
    lines = (
        f"| `{c.column}`{' (key)' if c.is_key else ''} | {c.type} | {c.null_share:.1%} | "
        f"{_cell(_meaning(c)) or '—'} | {_leads_to(c)} |"
        for c in described(table)
    )
    return head + "\n".join(lines) + "\n"


def _meaning(column: Description) -> str:
    """Say what a column holds, and what goes wrong where its link is followed carelessly."""
    notes = dict.fromkeys(link.note for link in column.links)
    return "; ".join(filter(None, [column.meaning, *notes]))


def _leads_to(column: Description) -> str:
    """Link a column to the tables that its values name, or to the list of its codes."""
    led = [f"[{_cell(x.parent)}](#{x.parent.lower()})" for x in column.links]
    if not led and column.code_list:
        led = [f"our list `{column.code_list}`"]
    return ", ".join(dict.fromkeys(led))


def views_page() -> str:
    """Every view of a docket: its question, how it answers, and the trap it avoids."""
    own = [OWN["out_docket__code"], *(OWN[view.name] for view in views())]
    parts = [
        MADE,
        "# The views of a docket\n",
        f"A docket answers {len(views())} everyday questions by views: tables worked out when "
        "they are asked for, from the agency's tables and from ours.",
        "Each says how it counts, and which mistake another way of asking would make.",
        "Ask them [with SQL](../how-to/ask-with-sql.md), or write them "
        "[as files](../how-to/export.md).",
        "A view has rows about persons, unless it says otherwise: publish no count of 1 to 10 "
        "of them.\n",
        "| view | question |\n| --- | --- |",
        *(f"| [`{v.name}`](#{v.name}) | {_cell(v.question)} |" for v in views()),
        "",
        *map(_view, views()),
        "## The codes\n",
        "The views decode by one table, in which a code stands once, whatever the release's "
        "own list repeats.",
        "Its words are the release's; where that has none, or several, they are ours.\n",
        _own(own[0]),
    ]
    return "\n".join(parts)


def _view(view: View) -> str:
    head = (
        f"## {view.name}\n\n{view.row}\n{view.question}\n\n"
        f"*How.* {_prose(view.definition)}\n\n*Trap.* {_prose(view.trap)}\n"
    )
    return f"{head}\n{_own_columns(OWN[view.name])}"


def _prose(text: str) -> str:
    """Set the names in a sentence as code."""
    return re.sub(r"\b[A-Za-z]+_\w+(\.\w+)?", lambda name: f"`{name[0]}`", text)


def _own(table: OwnTable) -> str:
    return f"### {table.name}\n\n{_sentence(table.meaning)}\n\n{_own_columns(table)}"


def _own_columns(table: OwnTable) -> str:
    lines = (
        f"| `{column.name}` | {column.duckdb_type} | {_cell(column.meaning)} |"
        for column in table.columns
    )
    return "| column | type | meaning |\n| --- | --- | --- |\n" + "\n".join(lines) + "\n"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."


def _cell(text: str) -> str:
    """Make text safe in a Markdown table."""
    for mark in ("\\", "|", "<", "*", "_", "[", "]", "`", "$"):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def published_page() -> str:
    """Every published figure, from the list in the package."""
    text = (files("opendocket.figures") / "published.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    parts = [
        MADE,
        "# Published figures\n",
        f"{len(rows)} figures that others have published, each with its definition, day, "
        "source and how it was read.",
        "A docket is held against them; none is computed here.",
        'They are data of the package: `opendocket.published("A02")` gives one.',
        f"A docket is asked {sum(t.read is not None for t in every_target())} questions for "
        f"{_answered(rows)} of them; of the rest, the last column says why it cannot be.",
        "How to compare one is in [compare with published "
        "figures](../how-to/compare-with-published-figures.md).\n",
        "*read-direct*: read on the issuer's own page, or an exact copy of it.",
        "*second-hand*: read where somebody else quotes the issuer.",
        "*derived*: arithmetic on figures that were read.",
        "*recalled, unverified*: from memory; nothing rests on it.\n",
    ]
    for group, title in TOPICS.items():
        lines = (_figure(row) for row in rows if row["group"] == group)
        parts += [
            f"## {group}: {title}\n",
            "| id | figure | as of | value | source | read | in a docket |\n"
            "| --- | --- | --- | --: | --- | --- | --- |",
            *lines,
            "",
        ]
    return "\n".join(parts)


def _figure(row: dict[str, str]) -> str:
    source = _cell(row["source"])
    if row["url"].startswith("http"):
        source = f"[{source}](<{row['url'].split()[0]}>)"
    said = _cell(row["measure"])
    if row["definition"]:
        said += f": {_cell(row['definition'])}"
    return (
        f"| {_cell(row['id'])} | {said} | {_cell(row['as_of'])} | "
        f"{_cell(row['value'])} {_cell(row['unit'])} | {source} | {row['confidence']} | "
        f"{_in_a_docket(row['id'])} |"
    )


def _answered(rows: list[dict[str, str]]) -> int:
    return sum(not how_answered(row["id"]).startswith("no: ") for row in rows)


def _in_a_docket(id: str) -> str:
    """Say how a docket answers a figure, and how near is near; or why none can."""
    how = how_answered(id)
    if how.startswith("no: "):
        return f"— ({_cell(how.removeprefix('no: '))})"
    allowed = {t.written_tolerance(t.allowed) for t in targets_of(id)}
    return f"{_cell(how)}; {_cell(', '.join(sorted(allowed)))}"


TOPIC_NAMES = {
    "caseload": "Caseload",
    "durations": "Time",
    "outcomes": "Outcomes",
    "attendance": "Appearance",
    "counsel": "Counsel",
    "landmarks": "Counsel and outcomes",
    "applications": "Applications",
    "hearings": "Hearings",
    "families": "Families",
    "appeals": "Appeals and remands",
    "custody": "Custody",
    "judges": "Judges",
    "removals": "Orders",
    "enforcement": "Enforcement",
}


def measures_page() -> str:
    """Every question that can be asked by name, and by whose definitions."""
    definitions = sum(len(each.definitions) for each in MEASURES.values())
    parts = [
        MADE,
        "# Measures\n",
        f"{len(MEASURES)} questions that can be asked of any docket by name, under "
        f"{definitions} definitions.",
        "`opendocket measures` lists them, `opendocket measures NAME` explains one, and "
        "`opendocket measure NAME` asks it ([how](../how-to/measure-any-docket.md)).",
        "The first definition of each is taken where none is named; `--definition all` puts "
        "all beside each other.",
        "Published figures are named by the ids of [their list](../data/published.md); columns "
        "by the docket's own names ([glossary](glossary.md)).\n",
        "## Filters and groupings\n",
        "| name | what it is | such as |\n| --- | --- | --- |",
        *(
            f"| `{d.name}`{'' if d.is_grouping else ' (filter only)'} | {_cell(d.meaning)} | "
            f"`{d.example}` |"
            for d in DIMENSIONS.values()
        ),
        "",
    ]
    for topic, group in groupby(MEASURES.values(), key=lambda each: each.topic):
        parts.append(f"## {TOPIC_NAMES[topic]}\n")
        parts += [as_markdown(each) + "\n" for each in group]
    return "\n".join(parts)


def checks_page() -> str:
    """Every check of a release, from the list in the package."""
    parts = [
        MADE,
        "# Checks of a release\n",
        f"`opendocket check` holds a docket against {len(CHECKS)} kinds of expectation, most "
        "of them for each table, column or link.",
        "What is expected is known from elsewhere: no check shares code with the loader or the "
        "measures.",
        "How to use them is in [check a release](../how-to/check-a-release.md).\n",
        "*ok*: as expected.",
        "*look*: not as before; there may be a good reason.",
        "*wrong*: something was lost, changed or misread.",
        "*cannot say*: this docket is too small, too old or made up, or nobody has counted.\n",
    ]
    for group, title in GROUPS_OF_CHECKS.items():
        lines = (
            f"| {_cell(c.name)} | {_cell(c.question)} | {_cell(c.expectation)} | "
            f"{_cell(c.source)} |"
            for c in CHECKS
            if c.group == group
        )
        parts += [
            f"## {title}\n",
            "| check | question | expected | source |\n| --- | --- | --- | --- |",
            *lines,
            "",
        ]
    return "\n".join(parts)


PAGES: dict[str, Callable[[], str]] = {
    "reference/cli.md": cli_page,
    "data/tables.md": tables_page,
    "data/views.md": views_page,
    "data/published.md": published_page,
    "reference/checks.md": checks_page,
    "reference/measures.md": measures_page,
}


def stale() -> list[str]:
    """Name the pages that are not as they would be written."""
    return [
        name
        for name, page in PAGES.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != page()
    ]


def run() -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    check = parser.parse_args().check
    old = stale()
    if check and old:
        sys.stderr.write(f"{', '.join(old)}: stale; expected as written; `make generated`\n")
        return 1
    for name in old:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run())

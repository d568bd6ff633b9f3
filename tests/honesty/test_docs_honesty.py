"""The docs are as the code is: generated pages fresh, code blocks run, names complete."""

import ast
import importlib.util
import re
import shlex
import shutil

import click
import duckdb
import pytest
from command_tree import ROOT, commands
from sybil import Sybil
from sybil.parsers.myst import DocTestDirectiveParser, PythonCodeBlockParser

from opendocket.columns import TABLES

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md")) + sorted(ROOT.glob("*.md"))
GLOSSARY = (DOCS / "reference/glossary.md").read_text("utf-8")


def named(path):
    return path.relative_to(ROOT).as_posix()


def fenced(language):
    """Give every fenced block of a language, named by its page and line."""
    blocks = []
    pattern = rf"^```{language}\n(.*?)^```$"
    for page in PAGES:
        text = page.read_text("utf-8")
        for found in re.finditer(pattern, text, flags=re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, found.start()) + 1
            blocks.append(pytest.param(found[1], id=f"{named(page)}:{line}"))
    return blocks


def generator():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date():
    assert generator().stale() == [], "run `make generated`"


def test_generated_pages_name_every_table_and_column():
    page = (DOCS / "data/tables.md").read_text("utf-8")
    parts = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))

    assert set(parts) == set(TABLES)
    for name, table in TABLES.items():
        listed = re.findall(r"^\| `(\w+)`", parts[name], re.MULTILINE)
        assert listed == [column.name for column in table.columns]


@pytest.mark.parametrize("sql", fenced("sql"))
def test_sql_in_the_docs_runs(sql, small):
    with duckdb.connect(small.docket, read_only=True) as con:
        found = con.sql(sql.strip().removesuffix(";"))

        # the made-up dirt has no value of another type than its column's
        assert found.fetchall() or "aside_eoir__cell" in sql, "no row, where the text has some"


@pytest.fixture
def beside_a_docket(small, small_report, tmp_path, monkeypatch):
    """A folder that holds what the docs' Python names."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report").symlink_to(small_report)
    (tmp_path / "build").mkdir()
    shutil.copy(small.docket, "docket.duckdb")
    shutil.copy(small.docket, "build/eoir-case-data-2026-09-01.duckdb")


ON_THE_CALIBRATED_DOCKET = "reproduce-ucla-los-angeles.md"
"""Its few cases are in a docket of national size only: test_how_to_known.py runs it there."""


def test_what_is_not_run_here_is_run_elsewhere():
    assert ON_THE_CALIBRATED_DOCKET in (ROOT / "tests/known/test_how_to_known.py").read_text()


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.name != ON_THE_CALIBRATED_DOCKET], ids=named
)
def test_python_in_the_docs_runs(page, beside_a_docket):
    sybil = Sybil(parsers=[PythonCodeBlockParser(), DocTestDirectiveParser()])
    for example in sybil.parse(page).examples():
        example.evaluate()


TREE = dict(commands())


@pytest.mark.parametrize("block", fenced("sh"))
def test_a_command_in_the_docs_is_one_that_there_is(block):
    """Parsed, not run: those that fetch or read the real release could not be."""
    for line in block.splitlines():
        words = shlex.split(line, comments=True)
        if not words or not words[0].endswith("opendocket"):
            continue
        name = "opendocket"
        while words[1:] and f"{name} {words[1]}" in TREE:
            name = f"{name} {words.pop(1)}"
        command = TREE[name]
        assert not isinstance(command, click.Group)
        command.make_context(name, words[1:])


@pytest.mark.parametrize(
    "table", ["case", "proceeding", "decision", "hearing", "family", "code"]
)
def test_the_glossary_has_every_column_of_an_analysis_table(table, small):
    with duckdb.connect(small.docket, read_only=True) as con:
        there = con.table(f"out_docket__{table}").columns
    _, _, rest = GLOSSARY.partition(f"## `out_docket__{table}`")
    part, _, _ = rest.partition("\n## ")

    assert re.findall(r"^\| `(\w+)`", part, re.MULTILINE) == there


def test_the_glossary_names_columns_that_the_release_has():
    there = {c.name for table in TABLES.values() for c in table.columns}
    said = re.findall(r"`(\w+)\.(\w+)`", GLOSSARY)

    assert said
    assert [pair for pair in said if pair[0] in TABLES and pair[1] not in there] == []


def functions_asked(path):
    """Name the measures that a finding imports, but for those that every finding may use."""
    common = {"cases", "city", "half_years"}
    return {
        name.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("opendocket.measure")
        for name in node.names
        if name.name.islower() and name.name not in common
    }


def test_every_section_says_where_its_numbers_come_from():
    page = (DOCS / "reference/findings.md").read_text("utf-8")
    package = ROOT / "src/opendocket"
    said = set(re.findall(r"`((?:findings|measure|figures)/[\w.]+)`", page))
    sections = {
        f"findings/{path.name}"
        for path in (package / "findings").glob("*.py")
        if re.search(r"-> Section:", path.read_text("utf-8"))
    }

    assert sections <= said
    for section in sections:
        row = next(line for line in page.splitlines() if f"`{section}`" in line)
        asked = functions_asked(package / section)
        assert [name for name in asked if f"`{name}`" not in row] == [], section
    assert {name for name in said if not (package / name).is_file()} == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_our_prose_keeps_the_house_manner(page):
    declined = (
        r"\b(simply|just|robust\w*|leverag\w+|utili[sz]e\w*|color|behavior|center|labeled)\b"
    )
    if page.parent.name == "data":
        pytest.skip("other people's words")
    text = re.sub(
        r"```.*?```|`[^`\n]*`|\(https?:[^)]*\)", "", page.read_text("utf-8"), flags=re.S
    )

    assert re.findall(declined, text, flags=re.IGNORECASE) == []

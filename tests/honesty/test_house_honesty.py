"""The house is as it says: layers hold, commands exist, nothing of one machine is in it."""

import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from command_tree import ROOT

LARGEST_BYTES = 2_000_000
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PINS = [
    line
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def tracked():
    """Every file of the repository, or none where this is no checkout."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("no git checkout")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def texts():
    for path in tracked():
        try:
            yield path.relative_to(ROOT), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def offending(pattern, *, but=()):
    return [
        f"{path}: {match[0]!r}"
        for path, text in texts()
        if path.as_posix() not in but
        for match in re.finditer(pattern, text, flags=re.IGNORECASE)
    ]


def test_dependencies_point_one_way():
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 0, ran.stdout


def test_no_file_names_a_registry_or_the_way_to_one():
    words = ["index[-_]url", "find[-_]links", "trusted[-_]host", "pypi[.]org", "python[h]osted"]

    assert offending("|".join(words)) == []


def test_no_file_names_a_folder_of_one_machine():
    roots = ["/" + "home/", "/" + "root/", "/" + "Users/", "/" + "work/", "/" + "opt/"]

    assert offending("|".join(f"(?<![\\w.]){root}\\w" for root in roots)) == []


def test_no_file_is_large():
    assert [p.name for p in tracked() if p.stat().st_size > LARGEST_BYTES] == []


def test_pins_are_exact_and_name_no_host():
    assert [pin for pin in PINS if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []


def test_every_dependency_is_pinned():
    project = PYPROJECT["project"]
    optional = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *chain.from_iterable(optional)]
    pinned = {re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in PINS}

    names = {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", w)[0]).lower() for w in wanted}
    assert names - pinned == set()


def make_targets():
    text = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z][\w-]*):", text, flags=re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs"])
def test_every_make_command_in_the_docs_is_in_the_makefile(page):
    pages = [ROOT / page] if page.endswith(".md") else sorted((ROOT / page).rglob("*.md"))
    said = {t for p in pages for t in re.findall(r"\bmake ([a-z]+)\b", code_of(p))}

    assert said
    assert said <= make_targets()


def code_of(page):
    """The fenced blocks and the inline code of a page; prose may make sense as well."""
    text = page.read_text("utf-8")
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL))


def test_ci_calls_make_and_nothing_else():
    script = (ROOT / ".ci/run").read_text("utf-8")

    assert re.findall(r"^\s*make \w+", script, flags=re.MULTILINE) == ["make test"]
    assert not re.search(
        r"\b(pytest|ruff|mypy|sphinx-build) ", script.split("make test 2>&1")[0]
    )


def test_the_changelog_tells_of_this_version():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert f"## [{PYPROJECT['project']['version']}]" in text
    assert "### Numbers" in text


@pytest.mark.parametrize("path", sorted((ROOT / "docs/decisions").glob("0*.md")))
def test_a_decision_is_short_and_says_what_would_change_it(path):
    text = path.read_text("utf-8")

    assert len(text.splitlines()) <= 40
    assert text.startswith(f"# {path.name[:4]} ")
    for part in ("Question", "Decision", "Because", "Costs", "We would change our mind if"):
        assert f"**{part}" in text


def test_every_decision_that_is_cited_is_there():
    there = {p.name[:4] for p in (ROOT / "docs/decisions").glob("0*.md")}
    cited = {n for _, text in texts() for n in re.findall(r"decisions?[ /](0\d{3})", text)}

    assert cited <= there


def test_every_docs_page_that_code_cites_is_there():
    cited = {
        page
        for path, text in texts()
        if path.suffix in (".py", ".sql", ".toml", ".md")
        for page in re.findall(r"docs/[\w/-]+\.(?:md|png)", text)
    }

    assert {page for page in cited if not (ROOT / page).exists()} == set()

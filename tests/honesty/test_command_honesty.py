"""What a command's help says is so: it has an example, the example runs, the docs agree."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from command_tree import CASES, ROOT, commands, examples
from release_server import serving

from opendocket.cli import COMMANDS, main

TREE = dict(commands())
CLI_PAGE = (ROOT / "docs/reference/cli.md").read_text("utf-8")
LINES = [(name, line) for name, command in TREE.items() for line in examples(command)]


@pytest.mark.parametrize("name", TREE)
def test_every_command_has_help_an_example_and_a_docs_section(name):
    assert examples(TREE[name]), f"{name}: no example"
    assert f"\n## {name}\n" in CLI_PAGE


@pytest.mark.parametrize("name", TREE)
def test_every_option_says_what_it_does(name):
    silent = [p.name for p in TREE[name].params if isinstance(p, click.Option) and not p.help]

    assert silent == []


@pytest.mark.parametrize("name", TREE)
def test_help_fits_80_columns(name):
    shown = CliRunner().invoke(main, [*name.split()[1:], "--help"], terminal_width=80)

    assert shown.exit_code == 0
    assert [line for line in shown.output.splitlines() if len(line) > 80] == []


class Stage:
    """A temporary folder in which an example line runs as it stands, but for three things.

    Files it would read are put there, `--cases` and `--draws` are cut to small numbers, and
    `fetch` asks a local server. A file counts as read if its name ends in .zip or .duckdb and
    it follows neither `--out` nor `synthesize`, if it follows `--fit`, or if it is the default
    of an option but `--out`.
    """

    def __init__(self, folder, small, server):
        self.folder, self.small, self.server = folder, small, server
        self.docket = small.docket

    def run(self, name, line):
        words = shlex.split(line.split(" > ")[0].split(" | ")[0])[1:]
        if words[0] == "check":
            self.docket = self.small.plain
        words = [self.placed(word, before) for before, word in zip(["", *words], words)]  # noqa: B905
        for param in TREE[name].params:
            if param.name != "out" and isinstance(param.default, Path):
                self.placed(str(param.default), f"--{param.name}")
        if words[0] == "fetch":
            words += ["--url", self.server.url]
        return CliRunner().invoke(main, words, catch_exceptions=False)

    def placed(self, word, before):
        if before == "--cases":
            return str(min(int(word), CASES))
        if before in ("--workers", "--draws"):
            return str(min(int(word), 2))
        if Path(word).is_absolute():
            return str(self.folder / Path(word).relative_to("/"))
        if before in ("--out", "synthesize"):
            return word
        source = {".zip": self.small.zip, ".duckdb": self.docket}.get(Path(word).suffix)
        source = self.small.fit if before == "--fit" else source
        if source and not Path(word).exists():
            shutil.copy(source, word)
        return word


@pytest.fixture
def stage(tmp_path, small, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with serving() as server:
        yield Stage(tmp_path, small, server)


@pytest.mark.parametrize(("name", "line"), [x for x in LINES if x[0] != "opendocket"])
def test_an_example_in_help_runs(name, line, stage):
    assert line.startswith(f"{name} ") or line == name

    result = stage.run(name, line)

    assert result.exit_code == 0, result.output


def test_the_first_example_of_all_runs_line_by_line(stage):
    for name, line in LINES:
        if name == "opendocket":
            result = stage.run(" ".join(w for w in line.split()[:2]), line)
            assert result.exit_code == 0, result.output


def test_help_does_not_wait_for_heavy_libraries():
    code = (
        "import sys; sys.argv = ['opendocket', '--help']; import opendocket.cli as c\n"
        "try: c.main()\n"
        "finally: sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert {"polars", "duckdb", "altair", "numpy", "requests"} & set(
        done.stderr.split()
    ) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name):
    said, _, _ = TREE[f"opendocket {name}"].help.partition("\n")

    assert COMMANDS[name] == said


def test_every_command_module_is_listed():
    modules = {p.stem for p in (ROOT / "src/opendocket/cli").glob("[!_]*.py")}
    modules -= {"asking", "screen", "interruption", "days", "rows"}  # what commands share
    modules -= {"hindcast"}  # a part of `simulate`

    assert modules == set(COMMANDS)


def test_a_wrong_use_exits_2_and_a_refusal_3(tmp_path):
    wrong = CliRunner().invoke(main, ["load"])
    refused = CliRunner().invoke(main, ["load", str(tmp_path / "none.zip")])

    assert (wrong.exit_code, refused.exit_code) == (2, 3)
    assert "expected" in refused.output


def test_the_program_runs_as_a_module():
    env = {**os.environ, "COLUMNS": "80"}
    ran = subprocess.run(
        [sys.executable, "-m", "opendocket", "--version"],
        capture_output=True,
        text=True,
        check=True,
        env=env,
    )

    assert ran.stdout.startswith("opendocket, version 20")

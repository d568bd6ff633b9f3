"""A file that is no docket: what it is, and what to do, in words that are true."""

import os
import shlex
import subprocess
import sys

import duckdb
import pytest
import tiny_release as tiny

from opendocket.docket import open_docket
from opendocket.docket.load import load_release
from opendocket.errors import NotADocket

BLOCK = 4_096
"""A header of a DuckDB file."""


@pytest.fixture(scope="module")
def docket(tmp_path_factory):
    folder = tmp_path_factory.mktemp("opened")
    path = tiny.written(folder / "tiny.zip", tiny.tables())
    return load_release(path, folder / "docket.duckdb").path


def refusal(path):
    with pytest.raises(NotADocket) as refused, open_docket(path):
        pass
    return str(refused.value)


def test_the_command_that_a_zip_is_answered_with_can_be_pasted(tmp_path):
    release = tiny.written(tmp_path / "it's the July one.zip", tiny.tables())
    said = refusal(release)
    words = shlex.split(said.partition("`")[2].rpartition("`")[0])

    docket = release.with_suffix(".duckdb")
    assert words == ["opendocket", "load", str(release), "--out", str(docket)]


@pytest.mark.parametrize("at", [BLOCK, 3 * BLOCK])
def test_a_damaged_docket_is_not_called_in_use(docket, tmp_path, at):
    broken = bytearray(docket.read_bytes())
    broken[at : at + 2 * BLOCK] = os.urandom(2 * BLOCK)
    (tmp_path / "docket.duckdb").write_bytes(broken)
    said = refusal(tmp_path / "docket.duckdb")

    assert "in block at location" in said  # DuckDB's words, which hold "lock"
    assert "in use" not in said
    assert "a damaged DuckDB file" in said


def test_a_docket_cut_short_is_damaged(docket, tmp_path):
    (tmp_path / "docket.duckdb").write_bytes(docket.read_bytes()[: 5 * BLOCK])

    assert "a damaged DuckDB file" in refusal(tmp_path / "docket.duckdb")


def test_a_docket_that_another_program_writes_is_in_use(tmp_path):
    path = tmp_path / "docket.duckdb"
    look = (
        "import sys; from pathlib import Path; from opendocket.docket import open_docket; "
        "open_docket(Path(sys.argv[1])).__enter__()"
    )
    with duckdb.connect(path) as con:
        con.execute("create table a as select 1")
        looked = subprocess.run(
            [sys.executable, "-c", look, str(path)], capture_output=True, text=True, check=False
        )

    assert "in use (IO Error: Could not set lock" in looked.stderr

"""A docket depends on its release alone: not on threads, chunks, or a load that was killed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
import tiny_release as tiny

from opendocket.docket.load import load_release
from opendocket.errors import CountMismatch, InUse
from opendocket.outputs import unfinished

COMMAND = [sys.executable, "-m", "opendocket", "load"]


def checksums(path):
    """Give every table's rows and their checksum, whatever their order."""
    with duckdb.connect(path, read_only=True) as con:
        names = con.execute("select table_name from duckdb_tables()").fetchall()
        return {
            name: con.execute(f"select count(*), sum(hash(t)) from {name} as t").fetchone()
            for (name,) in names
        }


@pytest.fixture(scope="module")
def loaded_at_once(docket_50k_dirty):
    return checksums(docket_50k_dirty.path)


@pytest.mark.slow
@pytest.mark.parametrize(("threads", "chunk_bytes"), [(2, 1 << 24), (1, 300_000), (3, 70_001)])
def test_threads_and_chunks_change_nothing(
    threads, chunk_bytes, release_50k_dirty, loaded_at_once, tmp_path
):
    loaded = load_release(
        release_50k_dirty.path,
        tmp_path / "d.duckdb",
        threads=threads,
        chunk_bytes=chunk_bytes,
    )
    assert checksums(loaded.path) == loaded_at_once


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="kills by process group")
@pytest.mark.parametrize("seed", range(3))
def test_a_load_killed_at_any_moment_goes_on_to_the_same_docket(
    seed, release_50k_dirty, loaded_at_once, tmp_path
):
    out, moments = tmp_path / "docket.duckdb", random.Random(seed)
    kills = 0
    while not out.exists() and kills < 40:
        process = subprocess.Popen(
            [*COMMAND, str(release_50k_dirty.path), "--out", str(out), "--threads", "2"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + 60
        while not unfinished(out).exists() and process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.02)
        time.sleep(moments.uniform(0, 3 + kills))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert out.exists(), "killed too often to ever finish"
    assert checksums(out) == loaded_at_once
    assert [path.name for path in tmp_path.iterdir()] == ["docket.duckdb"]


def interrupted_load(release, out, *, after, **options):
    """Load, and interrupt it when so many reports of progress have come."""
    told = []

    def listen(what, done, total):
        told.append(what)
        if len(told) == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_release(release, out, progress=listen, **options)


@pytest.fixture
def release(tmp_path):
    return tiny.written(tmp_path / "r.zip", tiny.tables())


@pytest.mark.parametrize("after", [1, 20, 98, 100])
def test_an_interrupted_load_goes_on_from_the_tables_it_finished(after, release, tmp_path):
    whole = load_release(release, tmp_path / "whole.duckdb")
    out = tmp_path / "d.duckdb"
    interrupted_load(release, out, after=after)
    assert unfinished(out).exists()
    assert not out.exists()
    loaded = load_release(release, out)
    assert (loaded.went_on > 0) == (after > 1)
    assert loaded.accounts == whole.accounts
    assert checksums(out) == checksums(whole.path)
    assert not unfinished(out).exists()


def test_what_another_release_left_is_not_gone_on_with(release, tmp_path):
    out = tmp_path / "d.duckdb"
    interrupted_load(release, out, after=60)
    other = tiny.written(
        tmp_path / "o.zip", tiny.tables(A_TblCase=[{"IDNCASE": 2, "CASE_TYPE": "RMV"}])
    )
    assert load_release(other, out).went_on == 0
    with duckdb.connect(out, read_only=True) as con:
        assert con.execute("select IDNCASE from core_eoir__case").fetchall() == [(2,)]


def test_a_table_that_was_accepted_then_and_is_not_now_is_not_gone_on_with(tmp_path):
    out = tmp_path / "d.duckdb"
    off = tiny.written(tmp_path / "off.zip", tiny.tables(), count="tblAppeal\t7\r\n")
    interrupted_load(off, out, after=100, accept_mismatch=["tblAppeal"])
    with pytest.raises(CountMismatch, match="tblAppeal: read 0 rows; expected 7"):
        load_release(off, out)
    interrupted_load(off, out, after=100, accept_mismatch=["tblAppeal"])
    assert load_release(off, out, accept_mismatch=["tblAppeal"]).went_on > 90


def test_a_damaged_remainder_is_not_taken_for_another_run(release, tmp_path):
    out = tmp_path / "d.duckdb"
    interrupted_load(release, out, after=100)
    left = unfinished(out)
    data = bytearray(left.read_bytes())
    data[20_000:60_000] = bytes(40_000)
    left.write_bytes(data)
    left.with_name(left.name + ".wal").unlink(missing_ok=True)
    assert load_release(release, out).went_on == 0


@pytest.mark.parametrize("junk", [b"", b"not a docket", b"\0" * 10_000])
def test_what_is_no_docket_at_all_is_not_gone_on_with(junk, release, tmp_path):
    out = tmp_path / "d.duckdb"
    unfinished(out).write_bytes(junk)
    assert load_release(release, out).went_on == 0


def test_two_loads_never_write_one_docket(release, tmp_path):
    out = tmp_path / "d.duckdb"
    with duckdb.connect(unfinished(out)) as con:
        con.execute("create table load_identity as select 'another' as identity")
        con.execute("checkpoint")
        holder = subprocess.run(
            [*COMMAND, str(release), "--out", str(out)], capture_output=True, text=True
        )
        assert holder.returncode == 3
        assert "another run is writing it" in holder.stderr
        assert con.execute("from load_identity").fetchall() == [("another",)]
    assert issubclass(InUse, OSError)


def test_an_error_leaves_nothing_to_go_on_from(release, tmp_path):
    texts = tiny.tables()
    bad = tiny.written(tmp_path / "bad.zip", texts, count="A_TblCase\t9\r\n")
    for threads in (1, 2):
        with pytest.raises(Exception, match="A_TblCase: read 1 rows; expected 9"):
            load_release(bad, tmp_path / "d.duckdb", threads=threads)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.zip", "r.zip"]

"""Where `synthesize` and `load` cannot write, a full disk, and Ctrl-C: real ones.

Each time: one sentence, exit status 3, nothing left behind, and the next good run succeeds.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny_release as tiny
from click.testing import CliRunner
from test_bad_input import run, sentence, there

from opendocket.cli import main
from opendocket.cli.interruption import heeding_interruption
from opendocket.errors import AlreadyThere, CannotWrite
from opendocket.outputs import written_aside

COMMAND = [sys.executable, "-m", "opendocket"]


pytestmark = pytest.mark.usefixtures("heard")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return tiny.written(tmp_path_factory.mktemp("good") / "good.zip", tiny.tables())


# --- something is there, or nothing can be


@pytest.mark.parametrize("taken", ["made.zip", "made.truth.duckdb"])
def test_synthesize_overwrites_nothing_unasked(taken, tmp_path):
    (tmp_path / taken).write_text("mine")
    said = sentence(run("synthesize", tmp_path / "made.zip", "--cases", "1000"))
    assert f"{tmp_path / taken}: already there" in said
    assert there(tmp_path) == {taken}
    assert (tmp_path / taken).read_text() == "mine"


def test_load_overwrites_nothing_unasked(tmp_path, good):
    out = tmp_path / "docket.duckdb"
    out.write_text("mine")
    assert "already there" in sentence(run("load", good, "--out", out))
    assert (there(tmp_path), out.read_text()) == ({"docket.duckdb"}, "mine")


def test_with_overwrite_old_files_go_with_the_log_that_belonged_to_them(tmp_path, good):
    (tmp_path / "docket.duckdb").write_text("old")
    (tmp_path / "docket.duckdb.wal").write_text("the old one's log")
    result = run("load", good, "--out", tmp_path / "docket.duckdb", "--overwrite")
    assert result.exit_code == 0, result.stderr
    assert there(tmp_path) == {"docket.duckdb"}


@pytest.mark.parametrize("command", ["synthesize", "load"])
def test_a_place_below_a_file_is_refused_before_any_work(command, tmp_path, good):
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "below" / "out.zip"
    args = [out] if command == "synthesize" else [good, "--out", out]
    assert "not a folder" in sentence(run(command, *args))
    assert there(tmp_path) == {"file"}


@pytest.mark.parametrize("command", ["synthesize", "load"])
def test_a_folder_in_the_output_s_place_is_a_wrong_use(command, tmp_path, good):
    args = [tmp_path] if command == "synthesize" else [good, "--out", tmp_path]
    result = run(command, *args, "--overwrite")
    assert result.exit_code == 2
    assert "is a directory" in result.stderr
    assert there(tmp_path) == set()


def test_a_folder_is_never_replaced_by_a_file(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious.txt").write_text("")
    with (
        pytest.raises(CannotWrite, match="is a folder"),
        written_aside(tmp_path / "mine", overwrite=True) as aside,
    ):
        aside.write_text("new")
    assert there(tmp_path) == {"mine"}
    assert there(tmp_path / "mine") == {"precious.txt"}


def test_a_device_is_never_replaced(tmp_path):
    with pytest.raises(CannotWrite, match="neither"), written_aside(Path("/dev/null")):
        pass
    with (
        pytest.raises(CannotWrite, match="neither"),
        written_aside(Path("/dev/null"), overwrite=True),
    ):
        pass


def test_a_link_that_leads_nowhere_is_something_that_is_there(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(AlreadyThere), written_aside(tmp_path / "link"):
        pass


def test_a_release_is_not_overwritten_by_its_own_docket(tmp_path):
    release = tiny.written(tmp_path / "release.zip", tiny.tables())
    before = release.read_bytes()
    said = sentence(run("load", release, "--out", release, "--overwrite"))
    assert "the release itself" in said
    assert release.read_bytes() == before


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["synthesize", "x.zip", "--cases", "10"], "'--cases': 10 is not in the range"),
        (["synthesize", "x.zip", "--cases", "many"], "'--cases': 'many' is not a valid int"),
        (["synthesize", "x.zip", "--seed", "-1"], "'--seed': -1 is not in the range"),
        (["synthesize", "x.zip", "--dirt", "-1"], "'--dirt': -1.0 is not in the range"),
        (["synthesize", "x.zip", "--dirt", "nan"], "'--dirt': nan is not a number"),
        (["synthesize", "x.zip", "--dirt", "inf"], "'--dirt': inf is not in the range"),
        (["synthesize", "x.zip", "--workers", "0"], "'--workers': 0 is not in the range"),
        (["synthesize"], "Missing argument 'OUT.zip'"),
        (["load"], "Missing argument 'RELEASE.zip'"),
        (["load", "x.zip", "--accept-mismatch", "A_TblCsae"], "is none of a release's 97"),
        (["load", "x.zip", "--released", "yesterday"], "is not a day; expected YYYY-MM-DD"),
        (["synthesize", "x.txt"], "does not end in .zip"),
        (["report", "dedicated-docket", "--as-of", "30/09/2022"], "expected YYYY-MM-DD"),
        (["load", "x.zip", "--released", "9999-12-31"], "is not a day from 1997-01-01"),
        (["load", "x.zip", "--format", "xml"], "'xml' is not one of"),
    ],
)
def test_a_wrong_use_is_told_and_does_nothing(args, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 2
    assert expected in result.stderr
    assert there(tmp_path) == set()


# --- disks, in a namespace of their own


def in_own_mounts(script):
    """Run a shell script where mounting changes nothing outside."""
    return subprocess.run(
        ["unshare", "--mount", "sh", "-eu", "-c", script],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def _can_mount():
    if not shutil.which("unshare") or in_own_mounts("mount -t tmpfs t /mnt").returncode:
        pytest.skip("a small disk cannot be mounted here: needs Linux, and to be root")


def on_disk(options, folder, *args, after=""):
    """Run a command with ``folder`` a disk of its own; then list what it left there."""
    at = shlex.quote(str(folder))
    done = in_own_mounts(
        f"mount -t tmpfs -o {options} t {at}\n"
        f"{shlex.join([*COMMAND, *map(str, args)])} || echo status $?\n"
        f"ls -A {at} | sed 's/^/left /'\n{after}"
    )
    assert done.returncode == 0, done.stderr
    return done


def refused_on_disk(done):
    assert done.stdout == "status 3\n", done.stdout + done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.usefixtures("_can_mount")
@pytest.mark.slow
@pytest.mark.parametrize("size", ["100k", "1500k", "2500k"])
def test_synthesize_on_a_disk_that_fills_up(size, tmp_path):
    """The truth, the spools and the zip are what fill it, one after the other."""
    made = tmp_path / "made.zip"
    args = ("synthesize", made, "--cases", 5_000, "--workers", 1)
    done = on_disk(f"size={size}", tmp_path, *args)
    assert "the disk is full" in refused_on_disk(done)


@pytest.mark.usefixtures("_can_mount")
@pytest.mark.slow
@pytest.mark.parametrize("size", ["100k", "4m", "12m"])
def test_load_on_a_disk_that_fills_up(size, tmp_path, release_50k_dirty):
    out = tmp_path / "docket.duckdb"
    done = on_disk(f"size={size}", tmp_path, "load", release_50k_dirty.path, "--out", out)
    assert "the disk is full" in refused_on_disk(done)


@pytest.mark.usefixtures("_can_mount")
def test_a_disk_with_room_made_takes_the_next_run(tmp_path, good):
    out = tmp_path / "docket.duckdb"
    args = ("load", good, "--out", out)
    second = (
        f"mount -o remount,size=400m {shlex.quote(str(tmp_path))}\n"
        f"{shlex.join([*COMMAND, *map(str, args)])} 2>/dev/null"
    )
    done = on_disk("size=100k", tmp_path, *args, after=second)
    assert done.stdout == f"status 3\n{out}\n"


@pytest.mark.usefixtures("_can_mount")
@pytest.mark.parametrize("command", ["synthesize", "load"])
def test_a_disk_that_may_only_be_read(command, tmp_path, good):
    out = tmp_path / "out.zip"
    args = [out] if command == "synthesize" else [good, "--out", out]
    said = refused_on_disk(on_disk("ro", tmp_path, command, *args))
    assert "read-only file system; expected a folder that can be written to" in said


@pytest.mark.skipif(os.name != "posix", reason="limits of the size of files are POSIX's")
@pytest.mark.parametrize("command", ["synthesize", "load"])
def test_a_file_larger_than_files_may_be(command, tmp_path, good):
    out = tmp_path / "out.zip"
    args = [out] if command == "synthesize" else [good, "--out", out]
    script = f"ulimit -f 200; exec {shlex.join([*COMMAND, command, *map(str, args)])}"
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "file too large; expected" in done.stderr
    assert done.stderr.count("\n") == 1
    assert there(tmp_path) == set()


# --- Ctrl-C


def alive(group):
    """Give the processes of a group that still run; what ended and waits is none."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = entry.read_text().rpartition(") ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _, its_group, *_ = rest.split()
        if int(its_group) == group and state not in "ZX":
            found.append(entry.parent.name)
    return found


def interrupted(folder, args, *, after, terminate=False):
    """Run a command in a group of its own; stop it some time after it began to write.

    Ctrl-C reaches the whole group, a request to end the first process only.
    """
    process = subprocess.Popen(
        [*COMMAND, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while not any(folder.iterdir()) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(after)
    assert process.poll() is None, "done before it was interrupted"
    if terminate:
        process.terminate()
    else:
        os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    until = time.monotonic() + 5
    while alive(process.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert alive(process.pid) == []
    return process.returncode, out, err


NOT_LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@NOT_LINUX
@pytest.mark.slow
@pytest.mark.parametrize("after", [0.3, 1.0])
def test_ctrl_c_ends_synthesize_and_its_workers_and_leaves_nothing(after, tmp_path):
    args = ("synthesize", tmp_path / "made.zip", "--cases", 400_000, "--workers", 2)
    assert interrupted(tmp_path, args, after=after) == (
        3,
        "",
        "Error: synthesize: interrupted; expected to finish; "
        "nothing half-written was left: run it again\n",
    )
    assert there(tmp_path) == set()


@NOT_LINUX
@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("terminate", [False, True])
def test_load_that_is_interrupted_keeps_what_it_has_and_says_so(
    after, terminate, tmp_path, release_50k_dirty
):
    args = ("load", release_50k_dirty.path, "--out", tmp_path / "docket.duckdb")
    code, out, err = interrupted(tmp_path, args, after=after, terminate=terminate)
    assert (code, out, err.count("\n")) == (3, "", 1)
    left = tmp_path / ".docket.duckdb.partial"
    assert there(tmp_path) <= {left.name, left.name + ".wal"}
    kept = f"the tables loaded so far are kept in {left}"
    assert (kept in err) == left.exists()


@NOT_LINUX
@pytest.mark.slow
def test_a_request_to_end_leaves_nothing_and_no_worker(tmp_path):
    args = ("synthesize", tmp_path / "made.zip", "--cases", 400_000)
    code, out, err = interrupted(tmp_path, args, after=0.4, terminate=True)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert there(tmp_path) == set()


@pytest.mark.parametrize(
    "said", ["Query interrupted", "Failed to create view: KeyboardInterrupt: <EMPTY MESSAGE>"]
)
def test_ctrl_c_in_the_middle_of_a_query_is_no_bug(said, tmp_path):
    """DuckDB tells of it by errors of its own."""
    with pytest.raises(KeyboardInterrupt), written_aside(tmp_path / "x"):
        raise RuntimeError(said)
    assert there(tmp_path) == set()


def test_a_swallowed_ctrl_c_is_raised_again_at_the_next_report():
    told = []
    with heeding_interruption(lambda *said: told.append(said)) as progress:
        progress("working", 1, 3)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            progress("working", 2, 3)
    assert told == [("working", 1, 3)]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_after_ctrl_c_the_next_run_succeeds(tmp_path, monkeypatch):
    made = tmp_path / "made.zip"
    with monkeypatch.context() as patch:
        patch.setattr(
            "opendocket.synthetic.make._make",
            lambda stretch: signal.raise_signal(signal.SIGINT),
        )
        sentence(run("synthesize", made, "--cases", "1000", "--workers", "1"))
    assert there(tmp_path) == set()
    assert run("synthesize", made, "--cases", "1000").exit_code == 0
    assert there(tmp_path) == {"made.zip", "made.truth.duckdb"}

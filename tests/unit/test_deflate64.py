"""Deflate64 is read in three ways, to the same bytes."""

import importlib.util
import shutil
import subprocess
import zlib

import pytest
from handmade_zip import SIZES_FOLLOW, A, B, Entry, zipped

from opendocket.errors import NotARelease, UnsafeMember
from opendocket.release import open_release
from opendocket.release.deflate64 import SEVEN_ZIPS

inflate64 = pytest.importorskip("inflate64")

LINES = b"".join(b"%d\tMX\tNew York, %d\r\n" % (n, n * n % 977) for n in range(60_000))
OTHER = b"IDNPROCEEDING\tIDNCASE\r\n11\t1\r\n"
SEVEN_ZIP = next((name for name in SEVEN_ZIPS if shutil.which(name)), None)


def packed(data):
    """Pack bytes as Deflate64."""
    packer = inflate64.Deflater()
    return packer.deflate(data) + packer.flush()


@pytest.fixture
def without(monkeypatch):
    """Hide the package, or programs, from the reader."""
    find_spec, which = importlib.util.find_spec, shutil.which

    def hide(*hidden):
        monkeypatch.setattr(
            "opendocket.release.deflate64.find_spec",
            lambda name: None if name in hidden else find_spec(name),
        )
        monkeypatch.setattr(
            "opendocket.release.deflate64.shutil.which",
            lambda name: None if name in hidden else which(name),
        )

    return hide


WAYS = ["inflate64", "7-Zip", "unzip"]


@pytest.fixture(params=WAYS)
def way(request, without):
    """Leave one way to read Deflate64."""
    if request.param == "7-Zip":
        if not SEVEN_ZIP:
            pytest.skip("7-Zip is not installed")
        without("inflate64", "unzip")
    elif request.param == "unzip":
        if not shutil.which("unzip"):
            pytest.skip("unzip is not installed")
        without("inflate64", *SEVEN_ZIPS)
    return request.param


@pytest.fixture
def opened(tmp_path):
    """Write a release whose cases are packed as Deflate64, and open it."""

    def open_entry(data=LINES, name=A, **lies):
        path = tmp_path / "-a[1].zip"  # looks like an option, and like a pattern
        lies = {"packed": packed(data), "method": 9} | lies
        path.write_bytes(zipped(Entry(name, data, **lies), Entry(B, OTHER)))
        return open_release(path)

    return open_entry


def read(release):
    return b"".join(release.blocks("A_TblCase"))


@pytest.mark.parametrize("data", [b"", b"x", b"\0" * 200_000, LINES[:70_000], LINES])
@pytest.mark.parametrize("flags", [0, SIZES_FOLLOW])
def test_deflate64_is_read_in_each_way(data, flags, way, opened):
    assert read(opened(data, flags=flags)) == data


@pytest.mark.parametrize(
    "name",
    [
        b"EOIR Case Data 2026-0701/A [old]*/A_TblCase.csv",
        b"2026-0701?/-x/a_tblcase.CSV",
        b"2026-0701/\xe9t\xe9/A_TblCase.csv",
        b"A_TblCase.csv",
    ],
)
def test_a_member_s_name_is_taken_literally(name, way, opened):
    release = opened(name=name)
    assert read(release) == LINES


def test_backslashes_in_a_name_are_understood(way, opened):
    assert read(opened(name=b"x 2026-0701\\A_TblCase.csv")) == LINES


def test_deflate64_comes_in_blocks(way, opened):
    sizes = [len(block) for block in opened(LINES * 3).blocks("A_TblCase")]
    assert len(sizes) > 3
    assert max(sizes) < 1 << 20


@pytest.mark.parametrize("block", [1, 700, 1 << 18])
def test_how_much_is_read_at_a_time_makes_no_difference(block, opened, monkeypatch):
    monkeypatch.setattr("opendocket.release.archive.BLOCK_BYTES", block)
    assert read(opened(LINES[:50_000])) == LINES[:50_000]


@pytest.mark.parametrize(
    "lie", [{"size": len(LINES) - 1}, {"size": len(LINES) + 1}, {"crc": 5}], ids=str
)
def test_a_member_that_is_not_as_announced_is_refused_in_each_way(lie, way, opened):
    release = opened(**lie)
    with pytest.raises((UnsafeMember, NotARelease), match=r"announced|is damaged, or"):
        read(release)


@pytest.mark.parametrize("block", [1, 1 << 18])
@pytest.mark.parametrize("behind", [b"x", b"\0" * 900, b"\0" * 3_000])
def test_bytes_after_the_end_are_refused(behind, block, opened, monkeypatch):
    monkeypatch.setattr("opendocket.release.archive.BLOCK_BYTES", block)
    data = LINES[:9_000]
    release = opened(data, packed=packed(data) + behind)
    with pytest.raises(UnsafeMember, match="goes on after its end"):
        read(release)


@pytest.mark.parametrize(
    "damage", [lambda p: p[:-1], lambda p: p[:500], lambda p: b"\xff" * 99]
)
def test_a_damaged_member_is_refused_in_each_way(damage, way, opened):
    release = opened(packed=damage(packed(LINES)), size=90_000, crc=zlib.crc32(b"no"))
    with pytest.raises((NotARelease, UnsafeMember)):
        read(release)


def test_the_package_bounds_what_a_bomb_gives_at_a_time(opened):
    """A kilobyte comes to 30 megabytes at most."""
    release = opened(bytes(100_000_000))

    assert max(map(len, release.blocks("A_TblCase"))) < 31_000_000


def test_where_nothing_reads_it_the_three_ways_are_named(without, opened):
    without("inflate64", "unzip", *SEVEN_ZIPS)
    release = opened()
    with pytest.raises(
        NotARelease,
        match=r"method 9 \(Deflate64\).*opendocket\[deflate64\]`, or"
        r" 7-Zip, or Info-ZIP's unzip",
    ):
        read(release)


def test_a_reader_that_stops_stops_the_program(way, opened, monkeypatch):
    started, popen = [], subprocess.Popen

    def watched(*args, **options):
        started.append(popen(*args, **options))
        return started[-1]

    monkeypatch.setattr("opendocket.release.deflate64.subprocess.Popen", watched)
    blocks = opened(LINES * 20).blocks("A_TblCase")
    next(blocks)
    blocks.close()

    assert len(started) == (way != "inflate64")
    assert all(program.returncode is not None for program in started)


def test_a_program_that_fails_is_told_of(without, tmp_path, opened, monkeypatch):
    failing = tmp_path / "7zz"
    failing.write_text("#!/bin/sh\nexit 2\n")
    failing.chmod(0o755)
    without("inflate64")
    monkeypatch.setattr(
        "opendocket.release.deflate64.shutil.which", lambda name: f"{tmp_path}/{name}"
    )
    release = opened()
    with pytest.raises(NotARelease, match=r"7zz cannot read it \(it ended with status 2\)"):
        read(release)

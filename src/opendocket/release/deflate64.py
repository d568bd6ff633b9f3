"""Unpack Deflate64, which Windows writes for members over two gigabytes.

Neither Python nor isal reads it. The ``inflate64`` package does, where it is installed;
else a program does, 7-Zip or Info-ZIP's unzip, whose output is read as it comes. Which one
it was makes no difference to what is read: size and checksum are held against the zip's
directory in any case. See ``docs/decisions/0010-deflate64.md``.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from opendocket.errors import NotARelease, UnsafeMember
from opendocket.release.members import Member

STEP_BYTES = 1 << 10
"""Packed bytes given to ``inflate64`` at a time: it cannot be told where to stop, and each
byte may come to 29,000."""
BLOCK_BYTES = 1 << 18
SEVEN_ZIPS = ("7zz", "7z", "7za")
WARNED = 1
"""Exit status of both programs where all went well, but for a remark."""
LITERALLY = {"[": "[[]", "*": "[*]", "?": "[?]", "\\": "?"}
"""How unzip is told that a letter stands for itself; 7-Zip has no way to say so."""
NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


def inflated64(path: Path, member: Member, packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack a member packed by method 9, in whichever of three ways there is.

    Args:
        path: The zip, which a program reads by itself.
        member: One of its members.
        packed: The member's bytes, which the package is given.

    Yields:
        Blocks of some hundred kilobytes; at most some 30 megabytes, of a zip bomb.

    Raises:
        NotARelease: There is no way to read it, or it is damaged.
        UnsafeMember: Bytes are left after its end.
    """
    if find_spec("inflate64"):
        return _by_package(path, member, packed)
    if command := _command(path, member.filename):
        return _by_program(path, member, command)
    raise NotARelease(
        path,
        f"member {member.filename!r} packed by method 9 (Deflate64), which takes a reader of "
        "its own",
        "install `opendocket[deflate64]`, or 7-Zip, or Info-ZIP's unzip",
    )


def _by_package(path: Path, member: Member, packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack by ``inflate64``, a little at a time."""
    from inflate64 import Inflater  # where it is not installed, nothing else needs it

    inflate, waiting = Inflater(), bytearray()
    for step in _steps(packed, member.compress_size):
        if inflate.eof:
            raise UnsafeMember(path, member.filename, "goes on after its end")
        try:
            waiting += inflate.inflate(step)
        except ValueError as error:
            raise NotARelease(
                path, f"member {member.filename!r} is damaged ({error})"
            ) from error
        if len(waiting) >= BLOCK_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if not inflate.eof:
        raise NotARelease(path, f"member {member.filename!r} is damaged (it has no end)")
    yield bytes(waiting)


def _steps(packed: Iterator[bytes], left: int) -> Iterator[bytes]:
    """Cut bytes into steps, the last of one byte each.

    The package does not say how many of the bytes it was given it had no need of.
    """
    for block in packed:
        at = 0
        while at < len(block):
            step = block[at : at + (STEP_BYTES if left > STEP_BYTES else 1)]
            at += len(step)
            left -= len(step)
            yield step


def _command(path: Path, name: str) -> list[str] | None:
    """Give the command that writes a member to its output; None where there is no program.

    Both take names for patterns. What the two may read otherwise than we do, letters that are
    not ASCII and backslashes, is left open; another member that fits as well would make the
    size wrong, and be refused.
    """
    whole = str(path.absolute())
    loose = NOT_ASCII.sub("*", name).replace("\\", "?")
    for program in SEVEN_ZIPS:
        if found := shutil.which(program):
            return [found, "e", "-so", f"-i!{loose}", "--", whole]
    if found := shutil.which("unzip"):
        literal = "".join(LITERALLY.get(c, c) for c in name)
        return [found, "-p", whole, NOT_ASCII.sub("*", literal)]
    return None


def _by_program(path: Path, member: Member, command: list[str]) -> Iterator[bytes]:
    """Read what a program writes, and stop it where the reader stops."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        assert running.stdout is not None
        try:
            while block := running.stdout.read(BLOCK_BYTES):
                yield block
            status = running.wait()
        finally:
            running.kill()
    if status not in (0, WARNED):
        name = Path(command[0]).name
        raise NotARelease(
            path,
            f"member {member.filename!r} is damaged, or {name} cannot read it (it ended with "
            f"status {status})",
            "install `opendocket[deflate64]`, or fetch the release again",
        )

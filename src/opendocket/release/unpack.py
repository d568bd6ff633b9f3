"""Unpack a member a block at a time, and check it to its last byte.

What comes out of one step is bounded, so that a member cannot fill the memory whatever it
holds; and a member must end where the directory says, with the size and the checksum that
the directory says.
"""

import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

from isal import igzip_lib, isal_zlib

from opendocket.errors import NotARelease, UnsafeMember
from opendocket.release.deflate64 import inflated64
from opendocket.release.members import DEFLATED, DEFLATED64, STORED, Member

BLOCK_BYTES = 1 << 18
"""Packed bytes read at a time."""
MOST_BYTES = 1 << 20
"""Unpacked bytes given at a time."""


def unpacked(path: Path, member: Member, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Unpack a member.

    Args:
        path: The zip.
        member: One of its members.
        block_bytes: Packed bytes to read at a time.

    Yields:
        Blocks of a few megabytes at most, none of them empty.

    Raises:
        NotARelease: The member is locked, damaged, or packed in a way that cannot be read.
        UnsafeMember: Its size or checksum is not what the directory says, or bytes are left
            after its end.
    """
    check_method(path, member)
    size, crc = 0, 0
    with closing(_blocks(path, member, block_bytes)) as blocks:
        for block in blocks:
            size += len(block)
            if size > member.file_size:
                break
            crc = isal_zlib.crc32(block, crc)
            if block:
                yield block
    if size != member.file_size or crc != member.crc:
        what = "size" if size != member.file_size else "checksum"
        raise UnsafeMember(path, member.filename, f"is not of the {what} announced")


def check_method(path: Path, member: Member) -> None:
    """Refuse a member that is locked, or packed in a way that no release is.

    Raises:
        NotARelease: It is one.
    """
    if member.is_locked:
        raise NotARelease(
            path,
            f"member {member.filename!r} is locked by a password",
            "unlock it, and zip it again as plain deflate",
        )
    if member.compress_type not in (STORED, DEFLATED, DEFLATED64):
        raise NotARelease(
            path,
            f"member {member.filename!r} packed by method {member.compress_type}, not deflate",
            "unpack it with 7-Zip and zip it again as plain deflate",
        )


def _blocks(path: Path, member: Member, block_bytes: int) -> Generator[bytes, None, None]:
    packed = _packed(path, member, block_bytes)
    if member.compress_type == STORED:
        yield from packed
    elif member.compress_type == DEFLATED:
        yield from _inflated(path, member, packed)
    else:
        yield from inflated64(path, member, packed)


def _packed(path: Path, member: Member, block_bytes: int) -> Iterator[bytes]:
    """Read a member's bytes as they are."""
    left = member.compress_size
    with path.open("rb") as file:
        file.seek(member.data_offset)
        while left:
            block = file.read(min(block_bytes, left))
            if not block:
                raise NotARelease(path, f"ends within member {member.filename!r}")
            left -= len(block)
            yield block


def _inflated(path: Path, member: Member, packed: Iterator[bytes]) -> Iterator[bytes]:
    inflate = igzip_lib.IgzipDecompressor(hist_bits=zlib.MAX_WBITS)
    try:
        for block in packed:
            if inflate.eof:
                raise UnsafeMember(path, member.filename, "goes on after its end")
            yield inflate.decompress(block, MOST_BYTES)
            while not (inflate.needs_input or inflate.eof):
                yield inflate.decompress(b"", MOST_BYTES)
    except igzip_lib.IsalError as error:  # type: ignore[misc]  # its stub hides the base class
        raise NotARelease(path, f"member {member.filename!r} is damaged ({error})") from error
    if inflate.unused_data:
        raise UnsafeMember(path, member.filename, "goes on after its end")
    if not inflate.eof:
        raise NotARelease(path, f"member {member.filename!r} is damaged (it has no end)")

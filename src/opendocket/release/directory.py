"""Read a zip's directory, bounded before it is read.

A release has some hundred members. A zip that announces millions of them is refused before
they are looked at, and so is one that is cut short, split, or has two ends that disagree.
"""

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from opendocket.errors import NotARelease
from opendocket.release.members import Member, checked_members, name_encoding, widened

MOST_MEMBERS = 10_000
MOST_DIRECTORY_BYTES = 1 << 20

ENTRY = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
END64 = struct.Struct("<4sQ2H2I4Q")
LOCATOR64 = struct.Struct("<4sIQI")
ENTRY_MARK, END_MARK = b"PK\x01\x02", b"PK\x05\x06"
END64_MARK, LOCATOR64_MARK = b"PK\x06\x06", b"PK\x06\x07"
SPLIT_MARK = b"PK\x07\x08"
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF
MOST_TAIL = LOCATOR64.size + END64.size + END.size + FULL16


class DamagedZip(Exception):
    """The file is no zip, or its directory makes no sense; never leaves ``open_release``."""


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a zip: how many members there are, and where their directory is."""

    numbers: tuple[int, ...]
    """This disk, the directory's disk, members here, members, directory's size and offset."""
    reach: int
    """Bytes from where the directory ends to the end record."""
    position: int
    """Of the end record in the file."""
    comment: bytes

    @property
    def count(self) -> int:
        """Members by the record."""
        return self.numbers[3]

    @property
    def size(self) -> int:
        """Bytes of the directory."""
        return self.numbers[4]

    @property
    def start(self) -> int:
        """Where the directory begins in the file."""
        return self.position - self.reach - self.size

    @property
    def shift(self) -> int:
        """Bytes put before the zip, by which all offsets are off."""
        return self.start - self.numbers[5]


def read_directory(path: Path, file: BinaryIO) -> tuple[tuple[Member, ...], bytes]:
    """Read a zip's directory, and check its members.

    Args:
        path: The zip's name, for what is said of it.
        file: The zip, open.

    Returns:
        Its members in the directory's order, and the zip's comment.

    Raises:
        DamagedZip: It is no zip, or its directory makes no sense.
        NotARelease: It is cut short, a part of a split zip, or beyond all bounds.
        UnsafeMember: A member is not what it should be.

    Source:
        PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16.
    """
    end = _found_end(path, file)
    disk, first, here, count, size, _ = end.numbers
    if disk or first or here != count:
        raise _split(path)
    if count > MOST_MEMBERS or size > MOST_DIRECTORY_BYTES:
        raise NotARelease(
            path,
            f"a directory of {count:,} members in {size:,} bytes, where a release has some 100",
        )
    if end.start < 0 or end.shift < 0:
        raise DamagedZip
    file.seek(end.start)
    members = list(_entries(file.read(size), end.shift))
    if len(members) != count:
        raise DamagedZip
    checked = checked_members(path, file, members, directory_start=end.start)
    return checked, end.comment


def _found_end(path: Path, file: BinaryIO) -> _End:
    """Find the record that ends a zip, and Zip64's larger one before it."""
    before = max(0, file.seek(0, 2) - MOST_TAIL)
    file.seek(before)
    tail = file.read()
    at = _end_at(tail)
    if at < 0:
        file.seek(0)
        raise _split(path) if file.read(4) == SPLIT_MARK else DamagedZip
    _, *numbers, comment = END.unpack_from(tail, at)
    if at + END.size + comment > len(tail):
        raise NotARelease(path, "cut short")
    said = tail[at + END.size :][:comment]
    if large := _larger_end(path, tail, at, numbers):
        return _End(large, LOCATOR64.size + END64.size, before + at, said)
    return _End(tuple(numbers), 0, before + at, said)


def _end_at(tail: bytes) -> int:
    """Find the end record: the last one that reaches to the file's end, else the last."""
    at = last = tail.rfind(END_MARK, 0, max(0, len(tail) - END.size + len(END_MARK)))
    while at >= 0:
        if at + END.size + END.unpack_from(tail, at)[-1] == len(tail):
            return at
        at = tail.rfind(END_MARK, 0, at)
    return last


def _larger_end(path: Path, tail: bytes, at: int, said: list[int]) -> tuple[int, ...] | None:
    """Read Zip64's end record, if there is one, and hold it against the smaller one."""
    locator, record = at - LOCATOR64.size, at - LOCATOR64.size - END64.size
    if record < 0 or not tail.startswith(LOCATOR64_MARK, locator):
        return None
    if LOCATOR64.unpack_from(tail, locator)[-1] > 1:
        raise _split(path)
    mark, _, _, _, *numbers = END64.unpack_from(tail, record)
    agree = zip(said, numbers, strict=True)
    if mark != END64_MARK or not all(s in (n, FULL16, FULL32) for s, n in agree):
        raise DamagedZip
    return tuple(numbers)


def _split(path: Path) -> NotARelease:
    return NotARelease(path, "one part of a split zip", "join its parts into one zip first")


def _entries(data: bytes, shift: int) -> Iterator[Member]:
    """Read the directory's entries, to its last byte."""
    at = 0
    while at < len(data):
        if len(data) - at < ENTRY.size or not data.startswith(ENTRY_MARK, at):
            raise DamagedZip
        fields = ENTRY.unpack_from(data, at)
        at += ENTRY.size
        name_size, extra_size, comment_size = fields[10:13]
        name, extra = data[at : at + name_size], data[at + name_size :][:extra_size]
        at += name_size + extra_size + comment_size
        if at > len(data):
            raise DamagedZip
        yield _entry(fields, name, extra, shift)


def _entry(fields: tuple[int, ...], name: bytes, extra: bytes, shift: int) -> Member:
    _, _, _, flags, method, _, day, crc, packed, size = fields[:10]
    attributes, offset = fields[-2:]
    size, packed, offset = widened((size, packed, offset), extra)
    try:
        filename = name.decode(name_encoding(flags))
    except UnicodeDecodeError as error:
        raise DamagedZip from error
    return Member(
        filename=filename,
        compress_type=method,
        flag_bits=flags,
        crc=crc,
        compress_size=packed,
        file_size=size,
        dated=((day >> 9) + 1980, day >> 5 & 15, day & 31),
        kind=stat.S_IFMT(attributes >> 16),
        header_offset=offset + shift,
    )

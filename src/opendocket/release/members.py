"""What a zip's members are, and the checks each must pass before a byte of it is believed.

Nothing is unpacked by name, but names and offsets decide which bytes are read as which
table. So every member's own header is held against the directory's entry, and no two
members may share a byte.
"""

import stat
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from opendocket.errors import NotARelease, UnsafeMember

STORED, DEFLATED, DEFLATED64 = 0, 8, 9

MOST_RATIO = {DEFLATED: 1032, DEFLATED64: 29_128}
"""Bytes that one can stand for: 258 in two bits, and 65,538 in eighteen."""
MOST_TOTAL_RATIO = 100
"""Bytes of all members to one of the zip; a release unpacks to four or five."""
FREE_BYTES = 1 << 28
"""What a zip may always unpack to, however small it is."""

HEADER = struct.Struct("<4s5H3I2H")
HEADER_MARK = b"PK\x03\x04"
FULL32 = 0xFFFFFFFF
"""Where a field is full, Zip64's extra field says the number."""
ZIP64_EXTRA = 1

LOCKED, SIZES_FOLLOW, IN_UTF8 = 1, 1 << 3, 1 << 11
SPECIAL = {
    stat.S_IFLNK: "is a symbolic link",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
    stat.S_IFIFO: "is a pipe",
    stat.S_IFSOCK: "is a socket",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a zip, as its directory has it."""

    filename: str
    compress_type: int
    flag_bits: int
    crc: int
    compress_size: int
    file_size: int
    dated: tuple[int, int, int]
    """Year, month, day; 1980-01-01 where the tool that packed it knew none."""
    kind: int
    """Kind of file, as Unix has them; 0 where not said."""
    header_offset: int
    data_offset: int = 0
    """Where its packed bytes begin in the file, once its own header was read."""

    @property
    def path(self) -> PurePosixPath:
        """Its name as a path, whichever slashes it is written with."""
        return PurePosixPath(self.filename.replace("\\", "/"))

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, which holds nothing itself."""
        return self.filename.endswith(("/", "\\"))

    @property
    def is_fork(self) -> bool:
        """Whether it is what a Mac puts beside each file when it packs them."""
        return self.path.name.startswith("._") or "__MACOSX" in self.path.parts

    @property
    def is_locked(self) -> bool:
        """Whether a password is needed to read it."""
        return bool(self.flag_bits & LOCKED)

    @property
    def end(self) -> int:
        """Where its packed bytes end in the file."""
        return self.data_offset + self.compress_size


def checked_members(
    path: Path, file: BinaryIO, members: Iterable[Member], *, directory_start: int
) -> tuple[Member, ...]:
    """Check every member, and find where its bytes are.

    Args:
        path: The zip's name, for what is said of it.
        file: The zip, open.
        members: As the directory has them.
        directory_start: Where in the file the directory begins.

    Returns:
        The same members in the same order, with their places in the file.

    Raises:
        NotARelease: A member is not where it should be, or all are far too large.
        UnsafeMember: A member is no plain file in the zip's own folder, shares bytes with
            another, or has a header that says otherwise than the directory.

    Source:
        PKWARE, APPNOTE.TXT 6.3.10, section 4.3; D. Fifield, "A better zip bomb", WOOT 2019,
        for members that share bytes.
    """
    members = tuple(members)
    for member in members:
        _check_name(path, member)
        _check_kind(path, member)
        _check_size(path, member)
    _check_total(path, file, sum(member.file_size for member in members))
    placed = tuple(_placed(path, file, member, directory_start) for member in members)
    _check_apart(path, placed, directory_start)
    return placed


def name_encoding(flags: int) -> str:
    """Give the encoding of a member's name."""
    return "utf-8" if flags & IN_UTF8 else "cp437"


def widened(numbers: Iterable[int], extra: bytes) -> list[int]:
    """Put Zip64's numbers where fields are full; what it does not say stays as it is.

    Args:
        numbers: Size, packed size, and offset if there is one, as the fields have them.
        extra: The extra fields beside them.

    Example:
        >>> widened((FULL32, 7), struct.pack("<2HQ", 1, 8, 5_000_000_000))
        [5000000000, 7]
    """
    while len(extra) >= 4:
        which, length = struct.unpack_from("<2H", extra)
        body, extra = extra[4 : 4 + length], extra[4 + length :]
        if which == ZIP64_EXTRA:
            wide = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
            return [next(wide, n) if n == FULL32 else n for n in numbers]
    return list(numbers)


def _check_name(path: Path, member: Member) -> None:
    """Refuse a name that would lead out of the folder it is unpacked to."""
    name = member.filename
    if "\0" in name:
        raise UnsafeMember(path, name, "has a NUL in its name")
    is_anchored = name.startswith(("/", "\\")) or PureWindowsPath(name).drive
    if is_anchored or ".." in member.path.parts:
        raise UnsafeMember(path, name, "points outside its folder")


def _check_kind(path: Path, member: Member) -> None:
    """Refuse what is no plain file: a link, a device, a folder that is named as a file."""
    if what := SPECIAL.get(member.kind):
        raise UnsafeMember(path, member.filename, what)
    if member.kind == stat.S_IFDIR and not member.is_folder:
        raise UnsafeMember(path, member.filename, "is a folder that is named as a file")


def _check_size(path: Path, member: Member) -> None:
    """Refuse a size that its packed bytes cannot come to."""
    packed, size = member.compress_size, member.file_size
    is_plain = member.compress_type == STORED and not member.is_locked
    ratio = MOST_RATIO.get(member.compress_type, max(MOST_RATIO.values()))
    if (is_plain and size != packed) or size > ratio * (packed + 1):
        raise UnsafeMember(path, member.filename, f"announces {size:,} bytes out of {packed:,}")


def _check_total(path: Path, file: BinaryIO, total: int) -> None:
    """Refuse what unpacks to far more than a release does."""
    held = file.seek(0, 2)
    if total > MOST_TOTAL_RATIO * held + FREE_BYTES:
        raise NotARelease(
            path, f"announces {total:,} bytes out of {held:,}, as only a zip bomb does"
        )


def _placed(path: Path, file: BinaryIO, member: Member, directory_start: int) -> Member:
    """Hold a member's own header against its entry, and find where its bytes begin."""
    file.seek(min(member.header_offset, directory_start))
    head = file.read(HEADER.size)
    if len(head) < HEADER.size or not head.startswith(HEADER_MARK):
        raise NotARelease(path, f"member {member.filename!r} is not where it should be")
    _, _, flags, method, _, _, crc, packed, size, name_size, extra_size = HEADER.unpack(head)
    name, extra = file.read(name_size), file.read(extra_size)
    for found in _disagreements(member, name, flags, method):
        raise UnsafeMember(path, member.filename, f"{found} in its own header")
    own = (*widened((size, packed), extra), crc)
    announced = (member.file_size, member.compress_size, member.crc)
    for what, one, other in zip(
        ("size", "packed size", "checksum"), own, announced, strict=True
    ):
        # a tool that did not go back to fill its header left it empty, or full
        if not flags & SIZES_FOLLOW and one not in (0, FULL32, other):
            raise UnsafeMember(path, member.filename, f"is not of the {what} announced")
    begins = member.header_offset + HEADER.size + name_size + extra_size
    return replace(member, data_offset=begins)


def _disagreements(member: Member, name: bytes, flags: int, method: int) -> Iterator[str]:
    """Say in what a member's own header is not as the directory's entry."""
    if name != member.filename.encode(name_encoding(member.flag_bits)):
        yield "is named otherwise"
    if method != member.compress_type:
        yield f"is packed by method {method}, not {member.compress_type},"
    if (flags ^ member.flag_bits) & LOCKED:
        yield "is locked otherwise"


def _check_apart(path: Path, members: tuple[Member, ...], directory_start: int) -> None:
    """Refuse members that share bytes, with each other or with the directory."""
    ordered = sorted(members, key=lambda member: member.header_offset)
    for first, second in pairwise(ordered):
        if first.end > second.header_offset:
            raise UnsafeMember(
                path, second.filename, f"shares bytes with member {first.filename!r}"
            )
    if ordered and ordered[-1].end > directory_start:
        raise UnsafeMember(path, ordered[-1].filename, "shares bytes with the zip's directory")

"""A zip put together from pieces that were compressed apart.

Tables are made stretch by stretch, all at once; a zip wants them one after the other. So each
stretch of a table is compressed as a piece that can be joined to the next, the pieces wait in
a file per table, and the zip is assembled from those at the end. Its bytes do not depend on
how many processes made the pieces.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

LEVEL = 1
END_OF_STREAM = b"\x03\x00"  # an empty last block
BIG = 0xFFFFFFFF
ZIP64_FROM = BIG
"""Sizes and places from here on are written in Zip64's wider fields."""
STAMP = (46 << 25) | (7 << 21) | (1 << 16)  # 1 July 2026, midnight, as a zip writes it


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a table's text, compressed."""

    rows: int
    size: int
    crc: int
    packed: bytes


def packed(data: bytes, rows: int) -> Piece:
    """Compress a stretch so that another may follow.

    By zlib: ISA-L is several times as fast, but the same text came out a byte shorter once in
    some hundred times, and the same arguments must give the same bytes.
    """
    squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeeze.compress(data) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return Piece(rows=rows, size=len(data), crc=zlib.crc32(data), packed=body)


@dataclass(slots=True)
class Spool:
    """The pieces of one table, waiting in a file."""

    path: Path
    rows: int = 0
    size: int = 0
    crc: int = 0
    packed_size: int = 0
    _file: BinaryIO | None = field(default=None)

    def add(self, piece: Piece) -> None:
        """Append a piece."""
        if self._file is None:
            self._file = self.path.open("wb")
        self._file.write(piece.packed)
        self.crc = joined_crc(self.crc, piece.crc, piece.size)
        self.rows += piece.rows
        self.size += piece.size
        self.packed_size += len(piece.packed)

    def close(self) -> None:
        """End the stream."""
        if self._file is not None:
            file, self._file = self._file, None
            with file:
                file.write(END_OF_STREAM)
            self.packed_size += len(END_OF_STREAM)

    def drain(self) -> Iterator[bytes]:
        """Give the stream back, and remove the file."""
        with self.path.open("rb") as file:
            while block := file.read(1 << 22):
                yield block
        self.path.unlink()


def joined_crc(first: int, second: int, second_size: int) -> int:
    """Give the CRC-32 of two texts joined, from the CRC-32 of each.

    Args:
        first: Of the text before.
        second: Of the text after.
        second_size: Bytes in the text after.

    Source:
        crc32_combine of zlib 1.2.12 (M. Adler): multiplication by x^(8n) modulo the CRC's
        polynomial.

    Example:
        >>> joined_crc(zlib.crc32(b"one"), zlib.crc32(b"two"), 3) == zlib.crc32(b"onetwo")
        True
    """
    return _times(_x_to_the(8 * second_size), first) ^ second


def _times(a: int, b: int) -> int:
    product, bit = 0, 1 << 31
    while bit:
        if a & bit:
            product ^= b
        b = (b >> 1) ^ 0xEDB88320 if b & 1 else b >> 1
        bit >>= 1
    return product


def _x_to_the(power: int) -> int:
    result, square = 1 << 31, 1 << 30
    while power:
        if power & 1:
            result = _times(square, result)
        square = _times(square, square)
        power >>= 1
    return result


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    spool: Spool
    offset: int


def write_zip(path: Path, members: dict[str, Spool], comment: str) -> None:
    """Put spools together as a zip: deflated members, Zip64 where they are large.

    Args:
        path: Where to write; the spools' files are removed as they are copied.
        members: Names in the zip, in order, with their closed spools.
        comment: The zip's comment.
    """
    entries: list[_Entry] = []
    with path.open("wb") as out:
        for name, spool in members.items():
            entry = _Entry(name.encode(), spool, out.tell())
            out.write(_local_header(entry))
            for block in spool.drain():
                out.write(block)
            entries.append(entry)
        start = out.tell()
        for entry in entries:
            out.write(_directory_entry(entry))
        out.write(_end(len(entries), start, out.tell() - start, comment.encode()))


def _common(entry: _Entry, extra: bytes, sizes: tuple[int, int]) -> bytes:
    version = 45 if extra else 20
    return struct.pack(
        "<HHHIIIIHH",
        version, 0x800, 8, STAMP, entry.spool.crc, *sizes, len(entry.name), len(extra),
    )  # fmt: skip


def _local_header(entry: _Entry) -> bytes:
    packed_size, size = entry.spool.packed_size, entry.spool.size
    if max(packed_size, size) < ZIP64_FROM:
        return b"PK\x03\x04" + _common(entry, b"", (packed_size, size)) + entry.name
    extra = struct.pack("<HHQQ", 1, 16, size, packed_size)
    return b"PK\x03\x04" + _common(entry, extra, (BIG, BIG)) + entry.name + extra


def _directory_entry(entry: _Entry) -> bytes:
    true = (entry.spool.size, entry.spool.packed_size, entry.offset)
    large = max(true) >= ZIP64_FROM
    extra = struct.pack("<HHQQQ", 1, 24, *true) if large else b""
    sizes = (BIG, BIG) if large else (entry.spool.packed_size, entry.spool.size)
    head = struct.pack("<H", 45) + _common(entry, extra, sizes)
    tail = struct.pack("<HHHII", 0, 0, 0, 0o644 << 16, BIG if large else entry.offset)
    return b"PK\x01\x02" + head + tail + entry.name + extra


def _end(count: int, start: int, size: int, comment: bytes) -> bytes:
    zip64 = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<IIQI", 0x07064B50, 0, start + size, 1)
    plain = struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, count, count, min(size, BIG), min(start, BIG),
        len(comment),
    )  # fmt: skip
    return zip64 + locator + plain + comment

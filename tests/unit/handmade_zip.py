"""Zips written byte by byte, so that each field can be a lie.

It shares no code with what reads them, nor with ``zipfile``: see PKWARE, APPNOTE.TXT.
"""

import struct
import zlib
from dataclasses import dataclass

UNIX = 3 << 8
SIZES_FOLLOW = 8
FULL = 0xFFFFFFFF
A, B = b"x 2026-0701/A_TblCase.csv", b"x 2026-0701/B_TblProceeding.csv"


def deflated(data):
    """Pack bytes as plain deflate."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@dataclass
class Entry:
    """One member; what is None is as it should be."""

    name: bytes
    data: bytes = b""
    method: int = 8
    packed: bytes | None = None
    crc: int | None = None
    size: int | None = None
    packed_size: int | None = None
    flags: int = 0
    mode: int = 0
    """File type and rights, as Unix has them."""
    own_name: bytes | None = None
    own_method: int | None = None
    own_flags: int | None = None
    own_size: int | None = None
    at: int | None = None
    """Where the directory says that it begins."""
    zip64: bool = False

    def body(self):
        """Give its packed bytes."""
        if self.packed is not None:
            return self.packed
        return deflated(self.data) if self.method == 8 else self.data

    def facts(self):
        """Give checksum, packed size and size, as announced."""
        true = (zlib.crc32(self.data), len(self.body()), len(self.data))
        said = (self.crc, self.packed_size, self.size)
        return tuple(t if s is None else s for t, s in zip(true, said, strict=True))

    def header(self):
        """Write the header before its bytes."""
        flags = self.flags if self.own_flags is None else self.own_flags
        method = self.method if self.own_method is None else self.own_method
        name = self.name if self.own_name is None else self.own_name
        crc, packed, size = (0, 0, 0) if flags & SIZES_FOLLOW else self.facts()
        size = size if self.own_size is None else self.own_size
        extra = b""
        if self.zip64:
            extra = struct.pack("<2H2Q", 1, 16, size, packed)
            packed = size = FULL
        fields = (b"PK\3\4", 45, flags, method, 0, 0x5CE1, crc, packed, size)
        return struct.pack("<4s5H3I2H", *fields, len(name), len(extra)) + name + extra

    def trailer(self):
        """Write what follows its bytes where the header left it open."""
        flags = self.flags if self.own_flags is None else self.own_flags
        return b"PK\7\10" + struct.pack("<3I", *self.facts()) if flags & SIZES_FOLLOW else b""

    def directory_entry(self, at):
        """Write its entry in the directory."""
        crc, packed, size = self.facts()
        at = at if self.at is None else self.at
        extra = b""
        if self.zip64:
            extra = struct.pack("<2H3Q", 1, 24, size, packed, at)
            packed = size = at = FULL
        fields = (b"PK\1\2", UNIX | 45, 45, self.flags, self.method, 0, 0x5CE1)
        sizes = (crc, packed, size, len(self.name), len(extra), 0, 0, 0, self.mode << 16, at)
        return struct.pack("<4s6H3I5H2I", *fields, *sizes) + self.name + extra


def ended(directory, at, *, count, comment=b"", disks=(0, 0), zip64=False):
    """Write the records that end a zip, for a directory that begins at a place."""
    size = len(directory) if isinstance(directory, bytes) else directory
    large = b""
    if zip64:
        large = struct.pack(
            "<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, *disks, count, count, size, at
        ) + struct.pack("<4sIQI", b"PK\6\7", 0, at + size, 1)
        count, size, at = 0xFFFF, FULL, FULL
    fields = (b"PK\5\6", *disks, count, count, size, at, len(comment))
    return large + struct.pack("<4s4H2IH", *fields) + comment


def zipped(*entries, count=None, comment=b"", disks=(0, 0), zip64=False):
    """Write a zip of members."""
    data, places = b"", []
    for entry in entries:
        places.append(len(data))
        data += entry.header() + entry.body() + entry.trailer()
    directory = b"".join(
        entry.directory_entry(at) for entry, at in zip(entries, places, strict=True)
    )
    count = len(entries) if count is None else count
    end = ended(directory, len(data), count=count, comment=comment, disks=disks, zip64=zip64)
    return data + directory + end


def quoted(inner):
    """Pack members so that the first holds the second, header and all, in a quote.

    Source: D. Fifield, "A better zip bomb", WOOT 2019: a stored block of deflate that holds
    the next member's header, then that member's own deflate.
    """
    data = inner.header() + inner.data
    quote = inner.header()
    block = b"\0" + struct.pack("<2H", len(quote), len(quote) ^ 0xFFFF) + quote
    return data, block + inner.body()

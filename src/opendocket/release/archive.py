"""Open a release: its tables, its own row counts, its date, and whether it is made up."""

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path, PurePosixPath

from isal import isal_zlib
from isal.igzip_lib import IsalError

from opendocket.columns import table_named
from opendocket.errors import DocketError, NotARelease, UnsafeMember
from opendocket.progress import Progress, silent

BLOCK_BYTES = 1 << 20
STORED, DEFLATED = 0, 8
ENCRYPTED = 1
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
LOCAL_MARK = b"PK\x03\x04"
END_RECORD_BYTES = 22
UNDATED = date(1980, 1, 1)
DATED = re.compile(r"(20\d\d)-?(0[1-9]|1[0-2])-?([0-3]\d)")


@dataclass(frozen=True, slots=True)
class Release:
    """A release's zip, looked at but not yet read."""

    path: Path
    folder: str
    """The zip's top folder, which names the release."""
    released: date
    is_synthetic: bool
    members: dict[str, zipfile.ZipInfo]
    """By the agency's file name of the table."""
    counts: dict[str, int]
    """Rows by table, from the release's own Count.txt; empty if it has none."""
    unknown: tuple[str, ...]
    """Members that are no table we know and no note."""

    @property
    def as_of(self) -> date:
        """The last day the release knows of: the day before it is dated.

        Source:
            A release dated the 1st holds data to the end of the month before; reference
            notes on releases of 2026.
        """
        return self.released - timedelta(days=1)

    def size_bytes(self) -> int:
        """Bytes of all tables once decompressed."""
        return sum(info.file_size for info in self.members.values())

    def blocks(self, table: str) -> Iterator[bytes]:
        """Decompress a table, a block at a time, and check it to its end.

        Args:
            table: The agency's file name.

        Yields:
            Blocks of a few megabytes at most.

        Raises:
            NotARelease: The member is cut short or packed in a way that cannot be read.
            UnsafeMember: Its size or checksum is not what the directory says.
        """
        info = self.members[table]
        if info.flag_bits & ENCRYPTED:
            raise NotARelease(
                self.path,
                f"member {info.filename!r} is locked by a password",
                "unlock it, and zip it again as plain deflate",
            )
        if info.compress_type not in (STORED, DEFLATED):
            raise NotARelease(
                self.path,
                f"member {info.filename!r} packed by method {info.compress_type}, not deflate",
                "unpack it with 7-Zip and zip it again as plain deflate",
            )
        size, crc = 0, 0
        try:
            for block in self._unpacked(info):
                size += len(block)
                if size > info.file_size:
                    break
                crc = zlib.crc32(block, crc)
                yield block
        except IsalError as error:  # type: ignore[misc]  # its stub hides the base class
            raise NotARelease(
                self.path, f"member {info.filename!r} is damaged ({error})"
            ) from error
        if size != info.file_size or crc != info.CRC:
            what = "size" if size != info.file_size else "checksum"
            raise UnsafeMember(self.path, info.filename, f"is not of the {what} announced")

    def _unpacked(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        unpack = isal_zlib.decompressobj(-zlib.MAX_WBITS)
        left = info.compress_size
        with self.path.open("rb") as file:
            file.seek(info.header_offset)
            head = file.read(LOCAL_HEADER.size)
            if len(head) < LOCAL_HEADER.size or not head.startswith(LOCAL_MARK):
                raise NotARelease(
                    self.path, f"member {info.filename!r} is not where it should be"
                )
            *_, name_size, extra_size = LOCAL_HEADER.unpack(head)
            file.seek(name_size + extra_size, 1)
            while left:
                block = file.read(min(BLOCK_BYTES, left))
                if not block:
                    raise NotARelease(self.path, f"ends within member {info.filename!r}")
                left -= len(block)
                if info.compress_type == STORED:
                    yield block
                else:
                    yield unpack.decompress(block)
        if info.compress_type == DEFLATED:
            yield unpack.flush()

    def sha256(self, progress: Progress = silent) -> str:
        """Give the zip's checksum, which names the release beyond doubt."""
        total, done = self.path.stat().st_size, 0
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while block := file.read(1 << 24):
                digest.update(block)
                done += len(block)
                progress("checksum", done, total)
        return digest.hexdigest()


def open_release(path: Path, *, released: date | None = None) -> Release:
    """Open a release's zip as it comes, without unpacking it.

    Members are matched by base name, in any case and any folder.

    Args:
        path: The zip.
        released: The release's date, where neither its folder nor its members tell.

    Returns:
        What it holds; no table has been read.

    Raises:
        NotARelease: Not a zip, a truncated one, or one without the tables of cases.
        UnsafeMember: A member's name points outside the zip's own folder.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise NotARelease(path, found, "give the path of the zip itself")
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            members, others = _sorted(path, infos)
            counts = _counts(archive, others)
            comment = archive.comment
    except DocketError:
        raise
    except PermissionError as error:
        raise NotARelease(path, "may not be read", "ask for the right to read it") from error
    except Exception as error:  # a damaged directory makes zipfile fail in a dozen ways
        if _is_docket(path):
            raise NotARelease(
                path, "a docket already", f"ask it: `opendocket report … --docket {path}`"
            ) from error
        found = "empty" if not path.stat().st_size else "not a zip, or one cut short or damaged"
        raise NotARelease(
            path, found, "give the courts' zip, or fetch it again with `opendocket fetch`"
        ) from error
    if _is_cut(path, comment):
        raise NotARelease(path, "cut short")
    missing = [name for name in ("A_TblCase", "B_TblProceeding") if name not in members]
    if missing:
        found = f"no {' and no '.join(f'{m}.csv' for m in missing)} among {len(infos)} members"
        raise NotARelease(path, found, "give the courts' zip itself, not one packed around it")
    names = " ".join(info.filename for info in infos).encode() + comment
    return Release(
        path=path,
        folder=PurePosixPath(members["A_TblCase"].filename).parts[0],
        released=released or _released(path, infos),
        is_synthetic=b"synthetic" in names.lower(),
        members=members,
        counts=counts,
        unknown=tuple(o.filename for o in others if o.filename.lower().endswith(".csv")),
    )


def _is_docket(path: Path) -> bool:
    """Tell whether a file is DuckDB's, by the mark behind its checksum."""
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def _is_cut(path: Path, comment: bytes) -> bool:
    """Tell whether the zip's comment, its last part, is shorter than announced."""
    with path.open("rb") as file:
        file.seek(-END_RECORD_BYTES - len(comment), 2)
        announced = file.read(END_RECORD_BYTES)[-2:]
    return int.from_bytes(announced, "little") != len(comment)


def _sorted(
    path: Path, infos: list[zipfile.ZipInfo]
) -> tuple[dict[str, zipfile.ZipInfo], list[zipfile.ZipInfo]]:
    """Tell tables from other members."""
    members: dict[str, zipfile.ZipInfo] = {}
    others = []
    for info in infos:
        name = info.filename.replace("\\", "/")
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise UnsafeMember(path, info.filename, "points outside its folder")
        table = table_named(PurePosixPath(name).name) if name.lower().endswith(".csv") else None
        if table is None:
            others.append(info)
        elif table.file_name in members:
            raise NotARelease(path, f"two members named {table.file_name}.csv")
        else:
            members[table.file_name] = info
    return members, others


def _counts(archive: zipfile.ZipFile, others: list[zipfile.ZipInfo]) -> dict[str, int]:
    """Read Count.txt: a table's name and its rows on each line."""
    counts = {}
    for info in others:
        if PurePosixPath(info.filename).name.lower() != "count.txt":
            continue
        for line in archive.read(info).decode("utf-8", "replace").splitlines():
            name, _, rows = line.strip().rpartition("\t")
            table = table_named(name.strip())
            if table and rows.replace(",", "").strip().isdigit():
                counts[table.file_name] = int(rows.replace(",", ""))
    return counts


def _released(path: Path, infos: list[zipfile.ZipInfo]) -> date:
    """Date a release by its folder, else by its youngest member."""
    for info in infos:
        for folder in PurePosixPath(info.filename.replace("\\", "/")).parts[:-1]:
            if (found := DATED.search(folder)) and (day := _day(*found.groups())):
                return day
    dated = (_day(*info.date_time[:3]) for info in infos)
    # many tools write 1980-01-01 where they know no date
    if not (days := [day for day in dated if day and day > UNDATED]):
        raise NotARelease(path, "no date in it", "say when it was released with `--released`")
    return max(days)


def _day(year: str | int, month: str | int, of_month: str | int) -> date | None:
    """Give a day, or None where there is no such day."""
    try:
        return date(int(year), int(month), int(of_month))
    except ValueError:
        return None

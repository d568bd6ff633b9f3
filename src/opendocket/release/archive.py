"""Open a release: its tables, its own row counts, its date, and whether it is made up."""

import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from opendocket.columns import table_named
from opendocket.errors import DocketError, NotARelease
from opendocket.progress import Progress, silent
from opendocket.release.counts import NAME as COUNT_NAME
from opendocket.release.counts import rows_by_table, tables_without_rows
from opendocket.release.directory import DamagedZip, read_directory
from opendocket.release.members import Member
from opendocket.release.unpack import check_method, unpacked

BLOCK_BYTES = 1 << 18
MOST_COUNT_BYTES = 1 << 20
UNDATED = date(1980, 1, 1)
DATED = re.compile(r"(?<!\d)(20\d\d)[-_. ]?(0[1-9]|1[0-2])[-_. ]?(0[1-9]|[12]\d|3[01])(?!\d)")
NOTES = frozenset({"eoirdb_schema.csv"})
"""What older releases say of their own columns; no table."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release's zip, looked at but not yet read."""

    path: Path
    folder: str
    """The folder that names the release: the one with a date, else the zip's top one."""
    released: date
    is_synthetic: bool
    members: dict[str, Member]
    """By the agency's file name of the table."""
    counts: dict[str, int]
    """Rows by table, from the release's own Count.txt; empty if it has none."""
    unknown: tuple[str, ...]
    """Members that are no table we know and no note."""
    uncounted: tuple[str, ...] = ()
    """Tables on whose lines of Count.txt no number of rows can be read."""

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
            NotARelease: The member is damaged, or packed in a way that cannot be read.
            UnsafeMember: Its size or checksum is not what the directory says, or bytes are
                left after its end.
        """
        yield from unpacked(self.path, self.members[table], BLOCK_BYTES)

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

    Members are matched by base name, in any case and any folder, so that releases of any
    year are read; what a Mac puts beside files is passed over.

    Args:
        path: The zip.
        released: The release's date, where neither its folder nor its members tell.

    Returns:
        What it holds; no table has been read.

    Raises:
        NotARelease: Not a zip, a truncated one, or one without the tables of cases.
        UnsafeMember: A member's name points outside the zip's own folder, or it is not what
            the zip's directory says.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise NotARelease(path, found, "give the path of the zip itself")
    every, comment = _read(path)
    plain = tuple(m for m in every if not m.is_folder and not m.is_fork)
    tables, others = _sorted(path, plain)
    missing = [name for name in ("A_TblCase", "B_TblProceeding") if name not in tables]
    if missing:
        found = f"no {' and no '.join(f'{m}.csv' for m in missing)} among {len(plain)} members"
        raise NotARelease(path, found, "give the courts' zip itself, not one packed around it")
    for member in tables.values():
        check_method(path, member)
    names = " ".join(member.filename for member in plain).encode("utf-8", "replace") + comment
    counts, uncounted = _counts(path, others)
    return Release(
        path=path,
        folder=_folder(tables["A_TblCase"]),
        released=released or _released(path, plain),
        is_synthetic=b"synthetic" in names.lower(),
        members=tables,
        counts=counts,
        uncounted=uncounted,
        unknown=tuple(o.filename for o in others if _is_unknown_table(o)),
    )


def _read(path: Path) -> tuple[tuple[Member, ...], bytes]:
    """Read the zip's directory; say in our own words what it is, if it is no zip."""
    try:
        with path.open("rb") as file:
            return read_directory(path, file)
    except DocketError:
        raise
    except PermissionError as error:
        raise NotARelease(path, "may not be read", "ask for the right to read it") from error
    except (DamagedZip, OSError) as error:
        if _is_docket(path):
            raise NotARelease(
                path,
                "a docket already",
                f"ask it: `opendocket report … --docket {shlex.quote(str(path))}`",
            ) from error
        found = "empty" if not path.stat().st_size else "not a zip, or one cut short or damaged"
        raise NotARelease(
            path, found, "give the courts' zip, or fetch it again with `opendocket fetch`"
        ) from error


def _is_docket(path: Path) -> bool:
    """Tell whether a file is DuckDB's, by the mark behind its checksum."""
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def _sorted(path: Path, plain: Iterable[Member]) -> tuple[dict[str, Member], list[Member]]:
    """Tell tables from other members."""
    tables: dict[str, Member] = {}
    others = []
    for member in plain:
        name = member.path.name
        table = table_named(name) if name.lower().endswith(".csv") else None
        if table is None:
            others.append(member)
        elif table.file_name in tables:
            raise NotARelease(path, f"two members named {table.file_name}.csv")
        else:
            tables[table.file_name] = member
    return tables, others


def _is_unknown_table(member: Member) -> bool:
    name = member.path.name.lower()
    return name.endswith(".csv") and name not in NOTES and not COUNT_NAME.fullmatch(name)


def _counts(path: Path, others: Iterable[Member]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Read the release's own counts, wherever they lie, and the tables that have none."""
    counts: dict[str, int] = {}
    uncounted: set[str] = set()
    for member in others:
        if COUNT_NAME.fullmatch(member.path.name):
            if member.file_size > MOST_COUNT_BYTES:
                raise NotARelease(
                    path,
                    f"member {member.filename!r} of {member.file_size:,} bytes, not a list",
                )
            data = b"".join(unpacked(path, member))
            counts |= rows_by_table(data)
            uncounted.update(tables_without_rows(data))
    return counts, tuple(sorted(uncounted - counts.keys()))


def _folder(member: Member) -> str:
    """Name the release by the folder with a date in it, else by the top one."""
    folders = member.path.parts[:-1]
    return next((folder for folder in folders if _dated(folder)), "".join(folders[:1])).strip()


def _released(path: Path, plain: Iterable[Member]) -> date:
    """Date a release by its folder, else by its youngest member."""
    for member in plain:
        for folder in member.path.parts[:-1]:
            if day := _dated(folder):
                return day
    dated = (_day(*member.dated) for member in plain)
    # many tools write 1980-01-01 where they know no date
    if not (days := [day for day in dated if day and day > UNDATED]):
        raise NotARelease(path, "no date in it", "say when it was released with `--released`")
    return max(days)


def _dated(folder: str) -> date | None:
    """Read the date in a folder's name: 2026-0401, 20211201 or 2026-04-01."""
    found = DATED.search(folder)
    return _day(*found.groups()) if found else None


def _day(year: str | int, month: str | int, of_month: str | int) -> date | None:
    """Give a day, or None where there is no such day."""
    try:
        return date(int(year), int(month), int(of_month))
    except ValueError:
        return None

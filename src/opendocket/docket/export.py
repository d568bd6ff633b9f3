"""Write a docket's tables as files that any engine reads, and say what is in them."""

import hashlib
import json
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import duckdb

from opendocket.columns import TABLES
from opendocket.columns.described import near, table_called
from opendocket.docket.opened import Docket, open_docket
from opendocket.errors import TooManyParts, UnknownName
from opendocket.outputs import written_aside
from opendocket.progress import Progress, silent
from opendocket.quoting import literal, quoted

Form = Literal["parquet", "csv"]

LAYERS = {
    "core": "core_eoir__",
    "docket": "out_docket__",
    "load": "out_load__",
    "view": "out_view__",
    "aside": "aside_eoir__",
}
"""Names for all tables of a kind, by how theirs begin."""

USUAL = ("core", "docket", "load")
"""What is written where nothing is named: not views, nor what was set aside."""

MOST_PARTS = 500
OPTIONS = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header true, delimiter ',', nullstr ''",
}
DAYS = ("DATE", "TIMESTAMP")
AGENCY_NAMES = {table.core: table.file_name for table in TABLES.values()}


@dataclass(frozen=True, slots=True)
class File:
    """One file, as written."""

    path: str
    """Below the folder, with forward strokes."""
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Written:
    """One table, as written."""

    name: str
    agency_name: str | None
    row_count: int
    partitioned_by: str | None
    """What names its parts, where it was written in parts."""
    columns: dict[str, str]
    """DuckDB's type of each column, in order."""
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """A folder of tables, made."""

    folder: Path
    is_synthetic: bool
    tables: tuple[Written, ...]
    word: str = ""
    """``synthetic`` or ``simulated``; empty for a release."""


def export_docket(
    path: Path,
    out: Path,
    *,
    tables: Collection[str] = USUAL,
    form: Form = "parquet",
    partition_by: str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Exported:
    """Write tables of a docket, one file each, with a manifest beside them.

    Rows, columns and types are the docket's. The folder appears whole or not at all.

    Args:
        path: The docket.
        out: The folder to write.
        tables: Tables by the docket's or the agency's name, or all of a kind by one of
            ``LAYERS``.
        form: ``parquet`` (zstd) or ``csv`` (UTF-8, comma, a header, nothing for missing).
        partition_by: A column: tables that have it are written in a folder of parts, one for
            each value, or each year where it holds days; the column stays in the files.
        overwrite: Replace a folder that is there.
        progress: Told of rows written.

    Returns:
        What was written.

    Raises:
        NotADocket: ``path`` is no docket.
        UnknownName: It has no such table, or none that is written has such a column.
        TooManyParts: A table would fall into more than ``MOST_PARTS``.
        AlreadyThere: ``out`` exists, and ``overwrite`` is off.
        NoRoom: The disk filled up.

    Example:
        >>> export_docket(Path("nowhere.duckdb"), Path("out"))
        Traceback (most recent call last):
        ...
        opendocket.errors.NotADocket: nowhere.duckdb: no such file; expected a docket ...
    """
    with open_docket(path) as docket:
        names = _chosen(docket.con, tables)
        parted = _parted(docket.con, names, partition_by) if partition_by else {}
        with written_aside(out, overwrite=overwrite) as aside:
            aside.mkdir()
            written = _write(docket, aside, names, parted, form, progress)
            _write_about(docket, aside, written, form)
    return Exported(out, docket.is_synthetic, written, docket.word)


def _there(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Give the docket's tables and views, with their rows as far as they are known."""
    rows = con.execute(
        """
        select table_name, estimated_size from duckdb_tables() where not temporary
        union all
        select view_name, 0 from duckdb_views() where not internal and not temporary
        order by all
        """
    ).fetchall()
    return dict(rows)


def _chosen(con: duckdb.DuckDBPyConnection, asked: Collection[str]) -> tuple[str, ...]:
    """Give the names asked for, in the docket's order, each once."""
    there = _there(con)
    chosen: set[str] = set()
    for name in asked:
        if layer := LAYERS.get(name.lower()):
            chosen |= {each for each in there if each.startswith(layer)}
            continue
        lower = {each.lower(): each for each in there}
        found = lower.get(name.lower()) or lower.get(_docket_name(name))
        if found is None:
            known = [*AGENCY_NAMES.values(), *there, *LAYERS]
            raise UnknownName(name, "table in this docket", near(name, known))
        chosen.add(found)
    return tuple(each for each in there if each in chosen)


def _docket_name(name: str) -> str:
    """Give a docket's name for a table by any of its names; unknown ones as they are."""
    try:
        return getattr(table_called(name), "core", name).lower()
    except UnknownName:
        return name.lower()


def _parted(
    con: duckdb.DuckDBPyConnection, names: Sequence[str], column: str
) -> dict[str, tuple[str, str]]:
    """Give, for each table with the column, what names its parts and how that is worked out."""
    parted: dict[str, tuple[str, str]] = {}
    others, has_column = set[str](), False
    for name in names:
        types = _types(con, name)
        own = next((each for each in types if each.lower() == column.lower()), None)
        if own is None:
            others |= types.keys()
            continue
        by_year = types[own].startswith(DAYS)
        label = f"{own}_year" if by_year else f"{own}_part"
        worth = f"year({quoted(own)})" if by_year else quoted(own)
        counted = con.execute(f"select count(distinct {worth}), count(*) from {quoted(name)}")
        parts, rows = counted.fetchall()[0]
        if parts > MOST_PARTS:
            raise TooManyParts(name, own, parts, MOST_PARTS)
        if rows:  # of an empty table nothing would be written
            parted[name] = (label, worth)
        has_column = True
    if not has_column:
        raise UnknownName(column, "column of these tables", near(column, sorted(others)))
    return parted


def _types(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    described = con.execute(f"describe {quoted(name)}").fetchall()
    return {column: kind for column, kind, *_ in described}


def _write(
    docket: Docket,
    folder: Path,
    names: Sequence[str],
    parted: dict[str, tuple[str, str]],
    form: Form,
    progress: Progress,
) -> tuple[Written, ...]:
    """Write tables one after the other, in bounded memory."""
    spill = folder / ".spill"
    docket.con.execute(
        "set memory_limit = '1GB'; set threads = 2; set partitioned_write_max_open_files = 32;"
        f"set temp_directory = {literal(str(spill))}"
    )
    sizes = _there(docket.con)
    total, done, written = sum(sizes[name] + 1 for name in names), 0, []
    for name in names:
        progress("writing tables", done, total)
        written.append(_write_one(docket.con, folder, name, parted.get(name), form))
        done += sizes[name] + 1
    progress("writing tables", total, total)
    shutil.rmtree(spill, ignore_errors=True)
    return tuple(written)


def _write_one(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    name: str,
    parts: tuple[str, str] | None,
    form: Form,
) -> Written:
    if parts is None:
        target = folder / f"{name}.{form}"
        query, options = f"select * from {quoted(name)}", OPTIONS[form]
    else:
        label, worth = parts
        target = folder / name
        query = f"select *, {worth} as {quoted(label)} from {quoted(name)}"
        options = f"{OPTIONS[form]}, partition_by ({quoted(label)})"
    copied = con.execute(f"copy ({query}) to {literal(str(target))} ({options})")
    (rows,) = copied.fetchall()[0]
    if target.is_dir() or not target.exists():
        paths = sorted(path for path in target.rglob(f"*.{form}"))
    else:
        paths = [target]
    return Written(
        name=name,
        agency_name=AGENCY_NAMES.get(name),
        row_count=rows,
        partitioned_by=parts[0] if parts else None,
        columns=_types(con, name),
        files=tuple(_file(folder, path) for path in paths),
    )


def _file(folder: Path, path: Path) -> File:
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return File(path.relative_to(folder).as_posix(), path.stat().st_size, digest)


def _write_about(docket: Docket, folder: Path, written: Sequence[Written], form: Form) -> None:
    """Write manifest.json and README.md."""
    facts = {
        "opendocket_version": version("opendocket"),
        "docket_version": docket.version,
        "release_file": docket.release_file,
        "release_folder": docket.release_folder,
        "release_sha256": docket.release_sha256,
        "released_date": docket.released.isoformat(),
        "as_of_date": docket.as_of.isoformat(),
        "is_synthetic": docket.is_synthetic,
        "format": form,
        "tables": [asdict(table) for table in written],
    }
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    readme = "\n".join(_readme(docket, written, form)) + "\n"
    (folder / "README.md").write_text(readme, encoding="utf-8")


def _readme(docket: Docket, written: Sequence[Written], form: Form) -> Iterator[str]:
    label = f"{docket.label}. " if docket.label else ""
    rows = sum(table.row_count for table in written)
    yield "# Tables of a docket\n"
    yield (
        f"{label}{len(written)} tables with {rows:,} rows of the immigration courts' release "
        f"{docket.release_folder or docket.release_file}, observed to {docket.as_of}, as "
        f"{'Parquet' if form == 'parquet' else 'CSV'}.\n"
    )
    yield (
        "Rows are about persons: publish no count of 1 to 10 of them, nor what gives one away."
    )
    yield "manifest.json has every file's rows, columns, types, size and SHA-256."
    if form == "csv":
        yield "Read CSV with the types given there; a missing value is empty."
    if any(table.partitioned_by for table in written):
        yield (
            "A table in parts is a folder; its parts' names repeat what stands in the column, "
            "so that reading them as Hive partitions adds a column."
        )
    yield "\n| table | the agency's | rows |\n| --- | --- | --: |"
    for table in written:
        yield f"| {table.name} | {table.agency_name or ''} | {table.row_count:,} |"

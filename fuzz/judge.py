"""Load one release, and judge what came of it.

A release, whatever its bytes, is loaded or refused: there is a docket whose account balances
and agrees with what stands in it, or a ``DocketError`` in one sentence; and nothing else is
left in the folder. The judge counts by its own rules, and shares no code with the loader but
the list of tables.
"""

import re
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from opendocket.columns import TABLES
from opendocket.docket.load import load_release
from opendocket.errors import DocketError

RELEASE, DOCKET = "a.zip", "a.duckdb"
NOTHING = bytes(b for b in (*range(32), 127) if b != 9)
"""Bytes that make no record if a line has no other."""
PLAIN = re.compile(rb"[\t\x20-\x7e]*\r?")
MOST_WRITTEN_DOWN = 1_000
"""Repairs of a table that the loader writes down."""
CODE = re.compile(r"[B-Z]{2,}")
"""A value that means itself: no blank, and neither ``NA`` nor ``N/A``."""


@dataclass(frozen=True, slots=True)
class Case:
    """A release to load, and how."""

    kind: str
    data: bytes
    chunk_bytes: int = 1 << 24
    threads: int = 1
    is_accepted: bool = False
    """Every mismatch is accepted."""
    is_twice: bool = False
    """It is loaded once more, in one chunk and one thread, to the same docket."""
    texts: Mapping[str, bytes] = field(default_factory=dict)
    """What tables hold for certain; empty where the zip itself was changed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a release."""

    outcome: str
    """What was said, or done to rows, without names and numbers."""
    problem: str = ""
    """What must not be; empty where all is well."""


def judged(case: Case, folder: Path) -> Verdict:
    """Load a release in an empty folder, judge what came of it, and empty the folder."""
    (folder / RELEASE).write_bytes(case.data)
    try:
        _load(case, folder, chunk_bytes=case.chunk_bytes, threads=case.threads)
    except DocketError as error:
        return _refused(error, folder)
    except Exception as error:
        return Verdict(f"{type(error).__name__}, not ours", traceback.format_exc())
    else:
        return _loaded(case, folder)
    finally:
        for left in folder.iterdir():
            left.unlink()


def _load(case: Case, folder: Path, *, chunk_bytes: int, threads: int) -> None:
    load_release(
        folder / RELEASE,
        folder / DOCKET,
        accept_mismatch=tuple(TABLES) if case.is_accepted else (),
        chunk_bytes=chunk_bytes,
        threads=threads,
    )


def _refused(error: DocketError, folder: Path) -> Verdict:
    said = str(error)
    outcome = f"{type(error).__name__}: {_shape(said.replace(str(folder), ''))}"
    if re.search(r"[\n\r\0]", said) or "; expected " not in said:
        return Verdict(outcome, f"not a sentence: {said!r}")
    return Verdict(outcome, _left_beside(folder, {RELEASE}))


def _loaded(case: Case, folder: Path) -> Verdict:
    problem = _left_beside(folder, {RELEASE, DOCKET})
    with duckdb.connect(folder / DOCKET, read_only=True) as con:
        reasons = con.execute(
            "select distinct what, reason from out_load__reason order by all"
        ).fetchall()
        for name in TABLES:
            problem = problem or _unbalanced(con, name)
        for name, text in case.texts.items():
            problem = problem or _lost(con, name, text)
        sums = _sums(con) if case.is_twice else {}
    if case.is_twice and not problem:
        (folder / DOCKET).unlink()
        _load(case, folder, chunk_bytes=1 << 24, threads=1)
        with duckdb.connect(folder / DOCKET, read_only=True) as con:
            other = [name for name, found in _sums(con).items() if found != sums.get(name)]
        problem = f"in other chunks, other rows in {', '.join(other)}" if other else ""
    return Verdict("loaded: " + ", ".join(f"{what} {why}" for what, why in reasons), problem)


def _sums(con: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """Give a checksum of every table's rows, in whatever order."""
    names = con.execute("select table_name from duckdb_tables()").fetchall()
    query = "select count(*), sum(hash(t)::hugeint) from {} as t"
    return {name: con.execute(query.format(name)).fetchone() for (name,) in names}


def _left_beside(folder: Path, expected: set[str]) -> str:
    there = {path.name for path in folder.iterdir()}
    return f"in the folder: {sorted(there)}" if there != expected else ""


def _shape(said: str) -> str:
    """Leave names and numbers out of a sentence."""
    found = said.partition("; expected ")[0]
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "'…'", found)
    bare = re.sub(r"(no column|a new column) .*?(?= and a new column |$)", r"\1", bare)
    names = "|".join(sorted(map(re.escape, TABLES), key=len, reverse=True))
    return re.sub(r"\d[\d,.]*", "0", re.sub(names, "TABLE", bare))[:160]


def _unbalanced(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """Hold a table's account against the rows that are there."""
    query = f"""
        select
            read_count,
            kept_count,
            set_aside_count,
            (select count(*) from {TABLES[name].core}),
            (select count(*) from aside_eoir__row as aside where aside.table_name = $name),
            (
                select count(distinct record) from aside_eoir__row as aside
                where aside.table_name = $name and record between 1 and read_count
            )
        from out_load__account as account
        where account.table_name = $name
    """
    found = con.execute(query, {"name": name}).fetchall()
    if len(found) != 1:
        return f"{name}: {len(found)} accounts"
    read, kept, aside, rows, asides, numbers = found[0]
    if read == kept + aside and (rows, asides, numbers) == (kept, aside, aside):
        return ""
    return f"{name}: {found[0]}"


def _lost(con: duckdb.DuckDBPyConnection, name: str, text: bytes) -> str:
    """Hold the rows of a table against the lines of its file."""
    header, *lines = text.split(b"\n")
    width = header.count(b"\t") + 1
    lines = [line for line in lines if line.translate(None, NOTHING)]
    sure = sum(line.count(b"\t") >= width - 1 for line in lines)
    ((read,),) = con.execute(
        "select read_count from out_load__account where table_name = ?", [name]
    ).fetchall()
    if not sure <= read <= len(lines):
        return f"{name}: read {read}, where {sure} to {len(lines)} lines are records"
    joined = _joined(con, name)
    if joined is not None and read + joined != len(lines):
        return f"{name}: read {read}, joined {joined}, where there are {len(lines)} lines"
    names = [cell.strip(" \r").lower() for cell in header.decode("latin-1").split("\t")]
    plain = [
        line.decode("ascii").rstrip("\r").split("\t")
        for line in lines
        if PLAIN.fullmatch(line) and line.count(b"\t") == width - 1
    ]
    return _changed(con, name, names, plain) if len(set(names)) == width else ""


def _joined(con: duckdb.DuckDBPyConnection, name: str) -> int | None:
    """Count the lines that became the rest of a record; None where not all are written down."""
    query = """
        select before from aside_eoir__repair where table_name = $name
        union all
        select raw from aside_eoir__row where table_name = $name
    """
    records = [raw for (raw,) in con.execute(query, {"name": name}).fetchall()]
    if len(records) >= MOST_WRITTEN_DOWN:
        return None
    pieces = (raw.split(b"\n") for raw in records)
    return sum(sum(bool(p.translate(None, NOTHING)) for p in each) - 1 for each in pieces)


def _changed(
    con: duckdb.DuckDBPyConnection, name: str, names: list[str], plain: list[list[str]]
) -> str:
    """Look for the codes of every plain line in the row of its number."""
    table = TABLES[name]
    key = (table.key or "").lower()
    if not key or key not in names or table.column(key).type != "number":
        return ""
    at = names.index(key)
    plain = [line for line in plain if re.fullmatch(r"[1-9]\d{,17}", line[at])]
    often = Counter(line[at] for line in plain)
    texts = {column.name.lower() for column in table.columns if column.type == "text"}
    for line in plain:
        codes = {
            column: value.strip()
            for column, value in list(zip(names, line, strict=True))[:-1]
            if column in texts and CODE.fullmatch(value.strip())
        }
        same = "".join(f' and "{column}" = ?' for column in codes)
        query = f'select count(*) from {table.core} where "{key}" = ?{same}'
        ((found,),) = con.execute(query, [int(line[at]), *codes.values()]).fetchall()
        if not found or found < (0 if codes else often[line[at]]):
            return f"{name}: no row of {line[at]} with {codes}"
    return ""

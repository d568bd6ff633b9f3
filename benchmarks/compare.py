"""How long it takes to compare two dockets, in how much memory, and against what yardstick.

The later docket is the earlier one's twin, made by SQL: 0.4 % new rows, 1 % changed ones, a
few thousand gone from every tenth table, and a slice of the charges under other keys. The
yardstick is a bare scan: the hash of every row of both dockets, which no comparison of whole
rows can do without. Run it by, for example:

    python benchmarks/compare.py docket.duckdb --folder scratch
"""

import argparse
import resource
import subprocess
import sys
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import duckdb

from opendocket.changes import compare_dockets
from opendocket.columns import TABLES, Table
from opendocket.docket import open_docket

NEW_IN, CHANGED_IN, GONE_IN, REKEYED_IN = 250, 100, 5_000, 1_000
REKEYED = "B_TblProceedCharges"
SHIFT = 4_000_000_000
"""Keys of new and re-keyed rows are beyond all others."""

DAYS = 31


def twin(path: Path, to: Path) -> None:
    """Write a docket's later twin."""
    to.unlink(missing_ok=True)
    with duckdb.connect(to) as con:
        con.execute("set memory_limit = '2GB'")
        con.execute(f"attach '{path}' as earlier (read_only)")
        names = con.execute(
            "select table_name from duckdb_tables() where database_name = 'earlier'"
        ).fetchall()
        cores = {table.core: table for table in TABLES.values()}
        for (name,) in names:
            table = cores.get(name)
            query = later(con, table) if table else f"from earlier.{name}"
            con.execute(f"create table {name} as {query}")
        con.execute(
            f"""
            update out_load__release set
                sha256 = 'twin',
                as_of_date = as_of_date + {DAYS},
                released_date = released_date + {DAYS}
            """
        )
        con.execute("checkpoint")


def later(con: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Write the query for a table of the twin."""
    key = table.key
    if not key or table.column(key).type != "number":
        return f"from earlier.{table.core}"
    change = changed(con, table)
    replaced = f"replace ({change})" if change else ""
    gone = f"hash({key}, 2) % {GONE_IN} = 0" if len(table.columns) % 2 else "false"
    moved = f"hash({key}, 4) % {REKEYED_IN} = 0" if table.file_name == REKEYED else "false"
    return f"""
        select * {replaced} from earlier.{table.core}
        where ({key} is null or not ({gone}) and not ({moved}))
        union all
        select * replace ({key} + {SHIFT} as {key}) from earlier.{table.core}
        where {moved} and not ({gone})
        union all
        select * replace ({key} + {2 * SHIFT} as {key}{f", {change}" if change else ""})
        from earlier.{table.core}
        where hash({key}, 3) % {NEW_IN} = 0
    """


def changed(con: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Change the last column that is filled in most rows; new rows differ in it as well."""
    rows = con.execute(f"select count(*) from earlier.{table.core}").fetchall()[0][0]
    for column in reversed(table.columns):
        if column.is_key or column.type != "date" or not rows:
            continue
        filled = con.execute(
            f"select count({column.name}) from earlier.{table.core}"
        ).fetchall()
        if filled[0][0] > rows / 2:
            return (
                f"case when hash({table.key}, 1) % {CHANGED_IN} = 0 "
                f"then {column.name} + 1 else {column.name} end as {column.name}"
            )
    return ""


def scan(paths: list[Path]) -> float:
    """Give the seconds that the hash of every row of some dockets takes."""
    begun = time.perf_counter()
    for path in paths:
        with duckdb.connect(path, read_only=True) as con:
            for table in TABLES.values():
                columns = ", ".join(f'"{name}"' for name in con.table(table.core).columns)
                con.execute(f"select bit_xor(hash({columns})) from {table.core}").fetchall()
    return time.perf_counter() - begun


def alone(path: Path, to: Path, out: Path) -> None:
    """Compare in a process of its own, and print what it took."""
    seen: dict[str, float] = {}

    def listen(what: str, done: float, total: float) -> None:
        seen.setdefault(what, time.perf_counter())

    begun = time.perf_counter()
    changes = compare_dockets(path, to, out, overwrite=True, progress=listen)
    took = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    worked, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6
    rows = sum(each.old + each.new for each in changes.tables)
    counts = [
        sum(getattr(each, what) for each in changes.tables)
        for what in ("gone", "come", "changed", "rekeyed")
    ]
    print(f"{rows:,} rows of two dockets: {took:.1f} s, {rows / took:,.0f} rows/s")
    starts = [*seen.items(), ("", begun + took)]
    for (what, at), (_, end) in pairwise(starts):
        print(f"  {what}: {end - at:.1f} s")
    print(f"  {worked:.1f} s of processor time, peak memory {peak:.2f} GB")
    print("  {:,} gone, {:,} new, {:,} changed, {:,} re-keyed".format(*counts))
    size, whole = (each.stat().st_size / 1e6 for each in (out, path))
    print(f"  {size:,.0f} MB of changes, docket {whole:,.0f} MB")
    print(f"took {took:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("docket", type=Path)
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    to, out = (arguments.folder / name for name in ("later.duckdb", "changes.duckdb"))
    if arguments.alone:
        alone(arguments.docket, to, out)
        return
    with open_docket(arguments.docket) as docket:
        print(f"docket observed to {docket.as_of}, twin to {docket.as_of + timedelta(DAYS)}")
    twin(arguments.docket, to)
    for _ in range(arguments.repeat):
        bare = scan([arguments.docket, to])
        command = [sys.executable, __file__, str(arguments.docket), "--alone"]
        done = subprocess.run(
            [*command, "--folder", str(arguments.folder)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        *said, took = done.stdout.splitlines()
        print("\n".join(said))
        times = float(took.split()[1]) / bare
        print(f"  bare scan {bare:.1f} s; comparing took {times:.1f} times that")


if __name__ == "__main__":
    main()

"""How fast a release is loaded, held against three yardsticks in the same minutes.

* *bare*: the same members decompressed by ISA-L and their lines counted, on as many threads:
  work that no reader can do without.
* *peer*: the reader settings of the strongest public builder (ian-nason/eoir-database): unpack
  to disk, then DuckDB's ``read_csv`` with all columns text, errors ignored, short rows padded,
  no quotes, and trims and casts on top. Written here from its description; it loses rows.
* *writer*: DuckDB alone, writing the same tables again from a finished docket: what the format
  of the docket costs, whoever fills it.

Every run is a process of its own; they take turns, and medians are told. Run it by:

    python benchmarks/load.py --cases 1280000 --repeats 3
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from opendocket.columns import TABLES
from opendocket.docket.load import load_release
from opendocket.release import open_release
from opendocket.synthetic import synthesize

BLOCK = 1 << 22
SQL_TYPES = {
    "number": "bigint", "date": "date", "instant": "timestamp", "money": "decimal(18, 4)",
    "flag": "boolean",
}  # fmt: skip


def bare(release: Path, folder: Path, threads: int) -> int:
    opened = open_release(release)

    def lines(table: str) -> int:
        return sum(block.count(b"\n") for block in opened.blocks(table))

    by_size = sorted(opened.members, key=lambda name: -opened.members[name].file_size)
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(lines, by_size)) - len(by_size)


def ours(release: Path, folder: Path, threads: int) -> int:
    loaded = load_release(release, folder / "ours.duckdb", threads=threads, overwrite=True)
    return sum(account.kept for account in loaded.accounts)


def peer(release: Path, folder: Path, threads: int) -> int:
    plain = folder / "plain"
    with zipfile.ZipFile(release) as archive:
        for info in archive.infolist():
            archive.extract(info, plain)
    rows = 0
    with duckdb.connect(folder / "peer.duckdb") as con:
        con.execute(f"set threads = {threads}; set enable_progress_bar = false")
        for path in sorted(plain.rglob("*.csv")):
            rows += _peer_table(con, path)
    return rows


def _peer_table(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    table = TABLES[path.stem]
    values = []
    for column in table.columns:
        text = f"nullif(trim(replace(\"{column.name}\", chr(0), '')), '')"
        kind = SQL_TYPES.get(column.type)
        values.append(
            f'try_cast({text} as {kind}) as "{column.name}"' if kind
            else f'{text} as "{column.name}"'
        )  # fmt: skip
    reader = (
        f"read_csv('{path}', delim = '\t', header = true, quote = '', escape = '',"
        " all_varchar = true, ignore_errors = true, null_padding = true, strict_mode = false,"
        " parallel = false)"
    )
    con.execute(f"create table {table.core} as select {', '.join(values)} from {reader}")
    ((rows,),) = con.execute(f"select count(*) from {table.core}").fetchall()
    return int(rows)


def writer(release: Path, folder: Path, threads: int) -> int:
    rows = 0
    with duckdb.connect(folder / "writer.duckdb") as con:
        con.execute(f"set threads = {threads}; set enable_progress_bar = false")
        con.execute(f"attach '{folder / 'ours.duckdb'}' as made (read_only)")
        for table in TABLES.values():
            con.execute(f"create table {table.core} as from made.{table.core}")
            rows += con.execute(f"select count(*) from {table.core}").fetchall()[0][0]
    return rows


RUNS = {"bare": bare, "ours": ours, "writer": writer, "peer": peer}


def once(name: str, release: Path, folder: Path, threads: int) -> dict[str, float]:
    """Run one of them in a process of its own."""
    said = subprocess.run(
        [sys.executable, __file__, "--only", name, "--release", str(release),
         "--folder", str(folder), "--threads", str(threads)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for left in (folder / "peer.duckdb", folder / "writer.duckdb"):
        left.unlink(missing_ok=True)
    shutil.rmtree(folder / "plain", ignore_errors=True)
    return json.loads(said.stdout)


def alone(name: str, release: Path, folder: Path, threads: int) -> None:
    """Be that process: say rows, seconds and peak memory."""
    begun = time.perf_counter()
    rows = RUNS[name](release, folder, threads)
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"rows": rows, "seconds": took, "peak_gb": peak}))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1_280_000)
    parser.add_argument("--release", type=Path, help="a release that is there already")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--without", choices=RUNS, action="append", default=[])
    parser.add_argument("--only", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="where to work; removed afterwards if made")
    arguments = parser.parse_args()
    if arguments.only:
        alone(arguments.only, arguments.release, arguments.folder, arguments.threads)
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        release = arguments.release or folder / "made-up.zip"
        if not arguments.release:
            synthesize(release, cases=arguments.cases, seed=1, workers=arguments.threads)
        measure(release, folder, arguments)


def measure(release: Path, folder: Path, arguments: argparse.Namespace) -> None:
    names = [name for name in RUNS if name not in arguments.without]
    told: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    once("ours", release, folder, arguments.threads)  # compiles, and makes the writer's docket
    for _ in range(arguments.repeats):
        for name in names:
            told[name].append(once(name, release, folder, arguments.threads))
            print(f"  {name}: {told[name][-1]['seconds']:.1f} s", file=sys.stderr)
    size = open_release(release).size_bytes() / 1e6
    print(f"{size:,.0f} MB of text, {arguments.threads} threads, {arguments.repeats} repeats")
    heads = ("", "rows", "median s", "rows/s", "MB/s", "peak GB", "of ours")
    print("{:8}{:>14}{:>10}{:>12}{:>8}{:>9}{:>9}".format(*heads))
    seconds = {name: statistics.median(run["seconds"] for run in told[name]) for name in names}
    for name in names:
        rows = int(told[name][0]["rows"])
        peak = max(run["peak_gb"] for run in told[name])
        print(
            f"{name:8}{rows:>14,}{seconds[name]:>10.1f}{rows / seconds[name]:>12,.0f}"
            f"{size / seconds[name]:>8,.0f}{peak:>9.2f}{seconds[name] / seconds['ours']:>9.2f}"
        )


if __name__ == "__main__":
    main()

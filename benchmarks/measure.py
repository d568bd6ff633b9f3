"""Ask every measure of a docket, and time it beside a bare scan of the columns it reads.

Each is asked in a process of its own, so that its peak memory is its own::

    python benchmarks/measure.py national.duckdb --by court,year
    python benchmarks/measure.py national.duckdb --report

The scan is DuckDB's: a hash of every value of the case's columns, over all cases.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from opendocket.docket import Docket, open_docket
from opendocket.errors import BadCut, DocketError
from opendocket.findings import dedicated_docket
from opendocket.measure.answers import answer
from opendocket.measure.catalogue import MEASURES, measure
from opendocket.report import write_report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("docket", type=Path)
    parser.add_argument("--by", default="", help="groupings, beside no grouping at all")
    parser.add_argument("--only", default="", help="one measure")
    parser.add_argument("--all", action="store_true", help="every definition, not the first")
    parser.add_argument("--report", action="store_true", help="time the report instead")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(timed(given.docket, *given.one)))
    elif given.report:
        report(given.docket)
    else:
        everything(given)


def everything(given: argparse.Namespace) -> None:
    print("| measure | definition | by | rows | seconds | peak GB | bare scan | ratio |")
    print("|---|---|---|--:|--:|--:|--:|--:|")
    for name, each in MEASURES.items():
        if given.only and name != given.only:
            continue
        for definition in each.definitions if given.all else each.definitions[:1]:
            for by in dict.fromkeys(("", given.by)):
                one = [str(given.docket), "--one", name, definition.name, by]
                done = subprocess.run(
                    [sys.executable, __file__, *one], check=True, capture_output=True, text=True
                )
                said = json.loads(done.stdout)
                print(row(name, definition.name, by, said), flush=True)


def row(name: str, definition: str, by: str, said: dict[str, Any]) -> str:
    if "refused" in said:
        return f"| {name} | {definition} | {by} | {said['refused']} | | | | |"
    return (
        f"| {name} | {definition} | {by} | {said['rows']:,} | {said['seconds']:.1f} | "
        f"{said['peak']:.1f} | {said['scan']:.2f} | {said['seconds'] / said['scan']:.0f} |"
    )


def timed(path: Path, name: str, definition: str, by: str) -> dict[str, Any]:
    with open_docket(path) as docket:
        begun = time.perf_counter()
        try:
            groups = tuple(by.split(",")) if by else ()
            rows = len(answer(docket, name, definition=definition, by=groups))
        except BadCut:
            return {"refused": "no groups"}
        except DocketError as error:
            return {"refused": str(error)}
        seconds = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        return {
            "rows": rows,
            "seconds": seconds,
            "peak": peak,
            "scan": scan(docket, name, definition),
        }


def scan(docket: Docket, name: str, definition: str) -> float:
    """Time a bare scan of the columns that the definition reads."""
    tables: dict[str, list[str]] = {}
    for column in measure(name).defined(definition)[0].reads:
        table, _, field = column.partition(".")
        there = docket.con.table(table).columns if table.startswith("out_docket") else []
        if field in there:
            tables.setdefault(table, []).append(field)
    tables = tables or {"out_docket__case": ["received_date"]}
    begun = time.perf_counter()
    for table, columns in tables.items():
        hashes = ", ".join(f"bit_xor(hash({c}))" for c in columns)
        docket.con.execute(f"select {hashes} from {table}").fetchall()
    return time.perf_counter() - begun


def report(path: Path) -> None:
    begun = time.perf_counter()
    with open_docket(path) as docket, tempfile.TemporaryDirectory() as folder:
        write_report(dedicated_docket(docket), Path(folder) / "report", command="benchmark")
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"report: {seconds:.1f} s, {peak:.1f} GB")


if __name__ == "__main__":
    main()

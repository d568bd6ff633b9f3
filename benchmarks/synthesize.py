"""How fast a synthetic release is made, and in how much memory.

Speeds mean little without a yardstick on the same machine: so the very bytes of the release
are compressed again by zlib and by ISA-L, which is work that no way of making a zip can do
without, and the finished zip is copied. Run it by, for example:

    python benchmarks/synthesize.py --cases 200000 --workers 2
"""

import argparse
import resource
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from isal import isal_zlib

from opendocket.synthetic import synthesize
from opendocket.synthetic.archive import LEVEL

BLOCK = 1 << 22
ZLIB_LEVEL = 6


def plain(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as whole:
        for name in whole.namelist():
            with whole.open(name) as member:
                while block := member.read(BLOCK):
                    yield block


def compressed(path: Path, new: Callable[[], object]) -> tuple[float, int]:
    """Give the seconds to compress a zip's content on one core, and its size."""
    seconds, size = 0.0, 0
    squeeze = new()
    for block in plain(path):
        size += len(block)
        begun = time.perf_counter()
        squeeze.compress(block)  # type: ignore[attr-defined]
        seconds += time.perf_counter() - begun
    return seconds, size


def copied(path: Path, to: Path) -> float:
    begun = time.perf_counter()
    with path.open("rb") as source, to.open("wb") as target:
        while block := source.read(BLOCK):
            target.write(block)
    return time.perf_counter() - begun


def peak_gb(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[50_000, 200_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-yardsticks", action="store_true")
    arguments = parser.parse_args()
    for cases in arguments.cases:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), cases, arguments)


def measure(folder: Path, cases: int, arguments: argparse.Namespace) -> None:
    path = folder / "made-up.zip"
    begun = time.perf_counter()
    made = synthesize(path, cases=cases, seed=arguments.seed, workers=arguments.workers)
    took = time.perf_counter() - begun
    print(f"{cases:,} cases, {made.rows:,} rows, {arguments.workers} workers: {took:.1f} s")
    print(f"  {cases / took:,.0f} cases/s, {made.rows / took:,.0f} rows/s")
    print(
        f"  peak memory {peak_gb(resource.RUSAGE_SELF):.2f} GB here, "
        f"{peak_gb(resource.RUSAGE_CHILDREN):.2f} GB in the largest worker"
    )
    print(f"  zip {path.stat().st_size / 1e6:,.0f} MB", end="")
    if arguments.no_yardsticks:
        print()
        return
    by_isal, size = compressed(path, lambda: isal_zlib.compressobj(LEVEL, zlib.DEFLATED, -15))
    by_zlib, _ = compressed(path, lambda: zlib.compressobj(ZLIB_LEVEL, zlib.DEFLATED, -15))
    copy = copied(path, folder / "copy.zip")
    print(f", text {size / 1e6:,.0f} MB")
    for name, seconds in (
        (f"compressing that text, ISA-L level {LEVEL}, one core", by_isal),
        (f"compressing that text, zlib level {ZLIB_LEVEL}, one core", by_zlib),
        ("copying the zip", copy),
    ):
        print(f"  {name}: {seconds:.1f} s; making it took {took / seconds:.1f} times that")


if __name__ == "__main__":
    main()

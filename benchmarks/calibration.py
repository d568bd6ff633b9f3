"""How near a synthetic release is to the published figures, over several seeds.

Makes a release per seed, loads it, and prints each figure's distance in tolerances: the mean
over seeds and the farthest. With ``--page`` it rewrites the table in that page from the last
seed. Run it by, for example:

    python benchmarks/calibration.py --seeds 1 2 3
    python benchmarks/calibration.py --seeds 20261125 --page docs/explanation/synthetic.md
"""

import argparse
import re
import tempfile
from pathlib import Path
from statistics import fmean

import duckdb

from opendocket.docket import load_release
from opendocket.figures import Comparison, as_markdown, compare
from opendocket.synthetic import synthesize

BEGIN, END = "<!-- calibration: begin -->\n", "<!-- calibration: end -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=605_250)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--page", type=Path)
    arguments = parser.parse_args()
    found = [compared(arguments.cases, seed, arguments.workers) for seed in arguments.seeds]
    for same in zip(*found, strict=True):
        print(told(same))
    if arguments.page:
        rewrite(arguments.page, found[-1], arguments.cases, arguments.seeds[-1])


def compared(cases: int, seed: int, workers: int) -> tuple[Comparison, ...]:
    with tempfile.TemporaryDirectory() as folder:
        made = synthesize(Path(folder) / "made-up.zip", cases=cases, seed=seed, workers=workers)
        docket = load_release(made.path, Path(folder) / "docket.duckdb").path
        with duckdb.connect(docket, read_only=True) as con:
            return compare(con)


def told(same: tuple[Comparison, ...]) -> str:
    target = same[0].target
    name = f"{', '.join(target.figures):20} {target.what:56}"
    away = [c.distance for c in same if c.distance is not None]
    if not away:
        return f"{name} not comparable"
    outside = sum(c.verdict == "outside" for c in same)
    farthest = max(away, key=abs)
    return f"{name} mean {fmean(away):+.2f} farthest {farthest:+.2f} outside {outside}"


def rewrite(page: Path, found: tuple[Comparison, ...], cases: int, seed: int) -> None:
    text = page.read_text("utf-8")
    table = (
        f"{BEGIN}Measured on a synthetic release of {cases:,} cases, seed {seed}, dirt 1.\n"
        f"{as_markdown(found)}\n{END}"
    )
    pattern = re.escape(BEGIN) + ".*?" + re.escape(END)
    page.write_text(re.sub(pattern, lambda _: table, text, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main()

"""Load releases that nobody would publish, and see that each is loaded or refused.

Run it by ``make fuzz MINUTES=10 SEED=1``; see ``docs/how-to/fuzz.md``. Each release is loaded
in another process, which is killed when it takes a minute, and has so much memory and no more.
What must not be is saved with what caused it.
"""

import argparse
import hashlib
import multiprocessing
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests/unit")]

from judge import Case, Verdict, judged  # noqa: E402
from mutations import case as made_case  # noqa: E402

CORPUS = HERE.parent / "tests/data/corpus"
IN_MEMORY = Path("/dev/shm")
"""Where a docket costs no disk, where there is such a place."""
MOST_SECONDS = 60
MOST_MEMORY = 6 << 30
MOST_KEPT_BYTES = 20_000
MOST_ALIKE = 2
START_SECONDS = 120
"""The first release takes longer: code is compiled on the way."""


def work(pipe: Connection, folder: Path) -> None:
    """Judge releases as they come, until the pipe closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            case = pipe.recv()
        except EOFError:
            return
        pipe.send(judged(case, folder))


@dataclass
class Worker:
    """A process that judges; a new one takes its place when it dies."""

    folder: Path
    process: multiprocessing.Process | None = None
    pipe: Connection | None = None

    def judged(self, case: Case) -> Verdict:
        """Judge a release, or say that it was the judge's end."""
        seconds = MOST_SECONDS
        if self.pipe is None:
            self._start()
            seconds = START_SECONDS
        self.pipe.send(case)
        try:
            if self.pipe.poll(seconds):
                return self.pipe.recv()
        except EOFError:
            self.process.join()
            status = self.process.exitcode
            self.stop()
            return Verdict("a crash", f"the process ended with status {status}")
        self.stop()
        return Verdict("a hang", f"not done in {seconds} seconds")

    def _start(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipe, far = spawn.Pipe()
        self.process = spawn.Process(target=work, args=(far, self.folder), daemon=True)
        self.process.start()
        far.close()

    def stop(self) -> None:
        """End the process, and remove what it left."""
        if self.process:
            self.process.kill()
            self.process.join()
            self.pipe.close()
        self.process = self.pipe = None
        for left in self.folder.iterdir():
            left.unlink()


@dataclass
class Session:
    """A run of the fuzzer."""

    random: Random
    keep: Path | None
    outcomes: Counter[str] = field(default_factory=Counter)
    zips: list[bytes] = field(default_factory=list)
    tables: list[tuple[str, bytes]] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    """By their last line, without names and numbers."""

    def step(self, worker: Worker) -> None:
        """Make a release, judge it, and remember it if something new came of it."""
        case = made_case(self.random, self.zips, self.tables)
        verdict = worker.judged(case)
        is_new = verdict.outcome not in self.outcomes
        self.outcomes[verdict.outcome] += 1
        if verdict.problem:
            self._tell(case, verdict.problem)
        elif is_new:
            self._remember(case)

    def _tell(self, case: Case, problem: str) -> None:
        """Save what caused a problem, and tell of it, but not of many alike."""
        what = re.sub(r"\W*\d[\d,]*|'.*?'", " …", problem.strip().splitlines()[-1])[:60]
        self.problems[what] += 1
        if self.problems[what] <= MOST_ALIKE:
            print(f"\n{_saved(case, CORPUS, 'found')}: {problem}", flush=True)

    def _remember(self, case: Case) -> None:
        if case.kind == "zip":
            self.zips.append(case.data)
        self.tables += [(n, t) for n, t in case.texts.items() if len(t) < MOST_KEPT_BYTES]
        if self.keep and len(case.data) < MOST_KEPT_BYTES:
            _saved(case, self.keep, case.kind)


def _saved(case: Case, folder: Path, kind: str) -> Path:
    """Write a release into a folder; its name says in which chunks it was read."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = hashlib.sha256(case.data).hexdigest()[:8]
    accepted = "-accepted" if case.is_accepted else ""
    path = folder / f"{kind}-{mark}-by-{case.chunk_bytes}{accepted}.zip"
    path.write_bytes(case.data)
    return path


def main() -> int:
    """Run for some minutes; the status is 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for what something new came of")
    chosen = parser.parse_args()
    session = Session(Random(chosen.seed), chosen.keep)
    end, count = time.monotonic() + 60 * chosen.minutes, 0
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        worker = Worker(Path(folder))
        try:
            while time.monotonic() < end:
                session.step(worker)
                count += 1
        finally:
            worker.stop()
    print(f"\nseed {chosen.seed}: {count:,} releases, {session.problems.total()} problems")
    for outcome, times in session.outcomes.most_common():
        print(f"{times:7,}  {outcome}")
    return 1 if session.problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""Run every check on a docket, in bounded memory."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from opendocket.checks.check import VERDICTS, Check, Found, Verdict
from opendocket.checks.listed import CHECKS
from opendocket.checks.subject import (
    CODE,
    FILL,
    LEAD,
    LIFE,
    NATIONAL_CASES,
    TWICE,
    Subject,
    known,
)
from opendocket.columns import TABLES
from opendocket.columns.links import links
from opendocket.docket.opened import Docket
from opendocket.progress import Progress, silent
from opendocket.quoting import literal

MEMORY = "1GB"
UNASKABLE = (duckdb.BinderException, duckdb.CatalogException, duckdb.ConversionException)
"""A table or column is not there, or is not of its type."""

OF_A_RELEASE = frozenset(
    ("share empty", "rows a case", *(check.name for check in CHECKS if check.group == "facts"))
)
"""Checks that hold a docket against the courts as they were; a run need not be like them."""

NOT_OF_A_RUN = Found(
    "the docket's tables",
    "those of the courts as they were",
    "those of a run",
    "cannot say",
    "a run of the model fills what it has, and may have other courts than those that were",
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What the checks found in a docket."""

    release_file: str
    release_sha256: str
    released: date
    as_of: date
    is_synthetic: bool
    loaded_by: str
    """Version that loaded it."""
    size: float
    """Cases, as a part of those of July 2026."""
    results: tuple[tuple[Check, Found], ...]

    @property
    def tally(self) -> dict[Verdict, int]:
        """How many findings have each verdict, worst first."""
        counts = Counter(found.verdict for _, found in self.results)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    def of(self, verdict: Verdict) -> list[tuple[Check, Found]]:
        """Give the findings with a verdict."""
        return [each for each in self.results if each[1].verdict == verdict]


def examine(
    docket: Docket, *, checks: Sequence[Check] = CHECKS, progress: Progress = silent
) -> Examined:
    """Hold a docket against what a release should be.

    Args:
        docket: Open for reading; its memory is limited from here on.
        checks: Which; all of them by default.
        progress: Told of rows looked at.

    Returns:
        A finding for each check and each place it was looked for in, in the list's order.

    Example:
        >>> import opendocket as od
        >>> from pathlib import Path
        >>> made = od.synthesize(Path("made-up.zip"), cases=2_000, seed=1, dirt=0)
        >>> loaded = od.load_release(made.path, Path("made-up.duckdb"))
        >>> with od.open_docket(loaded.path) as docket:
        ...     examine(docket).tally["wrong"]
        0
    """
    with tempfile.TemporaryDirectory(prefix="opendocket-") as spill:
        docket.con.execute(f"set memory_limit = '{MEMORY}'")
        docket.con.execute(f"set temp_directory = {literal(spill)}")
        docket.con.execute("set preserve_insertion_order = false")
        docket.con.execute("set enable_progress_bar = false")
        subject = _subject(docket)
        count = _Counted(_work(subject), progress)
        subject.count = count.more
        results = []
        for check in checks:
            of_a_run = docket.is_simulated and check.name in OF_A_RELEASE
            for found in [NOT_OF_A_RUN] if of_a_run else _findings(check, subject):
                results.append((check, found))
                count.more(0)
        count.finish()
    return Examined(
        release_file=docket.release_file,
        release_sha256=docket.release_sha256,
        released=docket.released,
        as_of=docket.as_of,
        is_synthetic=docket.is_synthetic,
        loaded_by=docket.version,
        size=subject.size,
        results=tuple(results),
    )


def _findings(check: Check, subject: Subject) -> Iterator[Found]:
    """Run one check; tables that do not even allow the question are wrong."""
    try:
        yield from check.find(subject)
    except UNASKABLE as error:
        why = f"the question cannot be asked: {str(error).splitlines()[0]}"
        yield Found("the docket's tables", "an answer", "none", "wrong", why)


def _subject(docket: Docket) -> Subject:
    subject = Subject(
        con=docket.con,
        released=docket.released,
        as_of=docket.as_of,
        is_synthetic=docket.is_synthetic,
        size=0.0,
    )
    case = subject.account().get("A_TblCase")
    cases = 0 if case is None else case.announced or case.read
    subject.size = cases / NATIONAL_CASES
    return subject


def _work(subject: Subject) -> float:
    """Estimate how many rows the checks will look at."""
    work = 1.0
    for table in TABLES.values():
        rows = subject.rows(table)
        dates = sum(c.type in ("date", "instant") for c in table.columns)
        work += rows * FILL * (1 + len(table.columns) + 2 * dates)
        work += rows * TWICE * (table.key is not None) + rows
    for link in links():
        work += subject.rows(known(link.table)) * (LEAD if link.kind == "key" else CODE)
    return work + LIFE * subject.rows(known("B_TblProceeding"))


class _Counted:
    """Turns rows looked at into progress that reaches its end once."""

    def __init__(self, total: float, progress: Progress) -> None:
        self.total, self.done, self.progress = total, 0.0, progress

    def more(self, rows: float) -> None:
        self.done = min(self.done + rows, 0.99 * self.total)
        self.progress("checking", self.done, self.total)

    def finish(self) -> None:
        self.progress("checking", self.total, self.total)

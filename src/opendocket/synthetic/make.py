"""Make a synthetic release: draw lives, write their rows, soil some, zip the lot."""

import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.arrow import visible
from opendocket.columns import TABLES
from opendocket.outputs import written_aside
from opendocket.progress import Progress, silent
from opendocket.synthetic import dedicated, ordinary
from opendocket.synthetic.archive import Piece, Spool, packed, write_zip
from opendocket.synthetic.cast import Cast, cast
from opendocket.synthetic.dirt import (
    DIRT_SCHEMA,
    LINE_END,
    MISSING_CASES,
    repeat_rows,
    soil_cells,
    soil_lines,
)
from opendocket.synthetic.lives import live
from opendocket.synthetic.lookups import lookup_rows, lookup_tables
from opendocket.synthetic.people import (
    ATTORNEYS,
    ATTORNEYS_NATIONAL,
    attorney_rows,
    representative_rows,
)
from opendocket.synthetic.rows_board import appeal_rows
from opendocket.synthetic.rows_case import (
    case_rows,
    custody_rows,
    family_rows,
    identifier_rows,
    juvenile_rows,
    priority_rows,
)
from opendocket.synthetic.rows_court import (
    application_rows,
    asylum_granted,
    bond_rows,
    charge_rows,
    hearing_rows,
    motion_rows,
    proceeding_rows,
    recorded,
)
from opendocket.synthetic.truth import CASE_SCHEMA, case_truth

STRETCH = 20_000
"""Cases made at once; a process needs about 0.4 GB for them."""

NATIONAL = round(ordinary.NATIONAL) + dedicated.NATIONAL
"""Cases of a release of national size, as modelled for July 2026."""

DEDICATED_AT_MOST = 0.2
"""The Dedicated Docket is kept at national size until it would fill this share."""

Chosen = NDArray[np.bool_]

RELEASED = date(2026, 7, 1)
LABEL = "SYNTHETIC"
TOP = f"EOIR Case Data {RELEASED:%Y-%m%d} {LABEL}"
COMMENT = "SYNTHETIC data made by OpenDocket; no row is about a real person or a real case."
README = (
    "SYNTHETIC DATA\r\n\r\n"
    "Every row of this release is made up by OpenDocket. None is about a real person, case\r\n"
    "or judge. The layout, the code lists and the kinds of fault are those of the U.S.\r\n"
    "immigration courts' public release of July 2026; the totals are fitted to published\r\n"
    "figures. The file beside this zip, ending in .truth.duckdb, says what is true of every\r\n"
    "case and which faults were put in.\r\n"
)


@dataclass(frozen=True, slots=True)
class SyntheticRelease:
    """A synthetic release, made."""

    path: Path
    truth: Path
    cases: int
    dedicated_cases: int
    rows: int
    pieces_of_dirt: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of one of the two dockets, to be made by itself."""

    number: int
    seed: int
    dirt: float
    is_dedicated: bool
    first: int
    count: int
    of: int
    first_case: int


@dataclass(frozen=True, slots=True)
class _Made:
    """What a stretch came to."""

    pieces: dict[str, Piece]
    cases: pl.DataFrame
    dirt: pl.DataFrame


def synthesize(
    path: Path,
    *,
    cases: int,
    seed: int,
    dirt: float = 1.0,
    workers: int = 1,
    overwrite: bool = False,
    progress: Progress = silent,
) -> SyntheticRelease:
    """Make a release with the real layout, codes, null rates and dirt, about nobody.

    The same arguments give the same bytes, whatever the number of workers.

    Args:
        path: The zip to write; the truth goes beside it, ending in ``.truth.duckdb``.
        cases: Cases in it, at least 1,000; 12,800,000 is national size.
        seed: The only source of chance.
        dirt: Times the rates of dirt seen in the real files; 0 for none.
        workers: Processes to use.
        overwrite: Replace files that are there.
        progress: Told of cases made.

    Returns:
        Where it is and what is in it.

    Raises:
        ValueError: Too few cases, or negative dirt.
        AlreadyThere: A file is there, and ``overwrite`` is off.
        NoRoom: The disk filled up.

    Assumes:
        The Dedicated Docket is made at national size (121,050 cases) where that is at most a
        fifth of the cases, else as a fifth; everything else is scaled down evenly.

    Source:
        Calibration: docs/explanation/synthetic.md.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> made = synthesize(folder / "made-up.zip", cases=1_000, seed=1)
        >>> made.cases, made.truth.name
        (1000, 'made-up.truth.duckdb')
    """
    if cases < 1_000 or dirt < 0:
        raise ValueError(f"cases {cases}, dirt {dirt}; expected at least 1,000 and 0")
    stretches = list(_stretches(cases, seed, dirt))
    truth = path.with_suffix(".truth.duckdb")
    with (
        written_aside(path, overwrite=overwrite) as zip_aside,
        written_aside(truth, overwrite=overwrite) as truth_aside,
        tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as spools,
        duckdb.connect(truth_aside) as con,
        closing(_Book(con, Path(spools))) as book,
    ):
        progress("making cases", 0, cases)
        for made in _make_all(stretches, workers):
            book.enter(made)
            progress("making cases", book.cases, cases)
        book.enter_lists(cases, seed, dirt)
        rows = book.publish(zip_aside, cases, seed, dirt)
        dedicated_cases = sum(s.count for s in stretches if s.is_dedicated)
    return SyntheticRelease(path, truth, cases, dedicated_cases, rows, book.dirt)


def dedicated_count(cases: int) -> int:
    """Give how many of a synthetic release's cases are the Dedicated Docket's.

    Args:
        cases: All cases of the release.

    Example:
        >>> dedicated_count(50_000), dedicated_count(1_000_000)
        (10000, 121050)
    """
    at_national_size = max(1.0, cases / NATIONAL) * dedicated.NATIONAL
    return round(min(at_national_size, DEDICATED_AT_MOST * cases))


def _stretches(cases: int, seed: int, dirt: float) -> Iterator[_Stretch]:
    """Cut both dockets into stretches, oldest first."""
    in_dedicated = dedicated_count(cases)
    number = 0
    for is_dedicated, size in ((False, cases - in_dedicated), (True, in_dedicated)):
        base = cases - in_dedicated if is_dedicated else 0
        for first in range(0, size, STRETCH):
            count = min(STRETCH, size - first)
            yield _Stretch(number, seed, dirt, is_dedicated, first, count, size, base + first)
            number += 1


def _make_all(stretches: list[_Stretch], workers: int) -> Iterator[_Made]:
    """Make stretches in order, a few ahead of the one asked for."""
    if workers <= 1 or len(stretches) == 1:
        yield from map(_make, stretches)
        return
    # a forked process would share locks with the threads of Polars
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    waiting = iter(stretches)
    try:
        with _ctrl_c_held():
            ahead = [pool.submit(_make, s) for s in islice(waiting, workers + 2)]
        while ahead:
            made = ahead.pop(0).result()
            ahead += [pool.submit(_make, s) for s in islice(waiting, 1)]
            yield made
    finally:
        # a process is let finish the stretch it is at, a second or two: ended in the middle
        # of handing it over, it would leave this one waiting for the rest for ever
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _ctrl_c_held() -> Iterator[None]:
    """Hold Ctrl-C back, for a moment here and for good in processes begun meanwhile.

    A terminal sends it to every process; the one that began the others tells them to end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _make(stretch: _Stretch) -> _Made:
    """Draw a stretch's lives and write its rows."""
    rng = np.random.default_rng(np.random.SeedSequence([stretch.seed, stretch.number]))
    draw = dedicated.dedicated_units if stretch.is_dedicated else ordinary.ordinary_units
    units = draw(stretch.first, stretch.count, stretch.of, rng)
    people = cast(live(units, rng), stretch.first_case, rng)
    known, granted = recorded(people, rng), asylum_granted(people, rng)
    truth = case_truth(
        people,
        granted,
        known.nta_of_person(people),
        known.receipt_of_person(people),
        known.restart_of_person(people),
    )
    bonds, bond_hearings = bond_rows(people, rng)
    appeals, links, above, referrals, pro_bono = appeal_rows(people, rng)
    cases = case_rows(people, rng)
    gone = _missing(people, stretch.dirt, rng)
    tables = {
        "A_TblCase": cases.filter(~pl.Series(gone)),
        "A_TblCaseIdentifier": identifier_rows(people, rng),
        "B_TblProceeding": proceeding_rows(people, known, rng),
        "B_TblProceedCharges": charge_rows(people, rng),
        "tbl_schedule": pl.concat(
            [hearing_rows(people, rng), bond_hearings], how="vertical_relaxed"
        ),
        "tbl_Court_Appln": application_rows(people, granted, rng),
        "tbl_Court_Motions": motion_rows(people, rng),
        "D_TblAssociatedBond": bonds,
        "tbl_RepsAssigned": representative_rows(people, rng),
        "tbl_Lead_Rider": family_rows(people, rng),
        "tbl_CustodyHistory": custody_rows(people, rng),
        "tbl_JuvenileHistory": juvenile_rows(people, rng),
        "tbl_CasePriorityHistory": priority_rows(people, rng),
        "tblAppeal": appeals,
        "tblAppeal2": links,
        "tblAppealFedCourts": above,
        "tblThreeMbrReferrals": referrals,
        "tblProBono": pro_bono,
    }
    pieces, log = {}, [_gone_log(cases, gone)]
    for name, rows in tables.items():
        pieces[name], soiled = _written(name, rows, stretch.dirt, rng)
        log.append(soiled)
    truth = truth.with_columns(pl.Series("in_case_table", ~gone))
    return _Made(pieces, truth, pl.concat(log))


def _missing(people: Cast, scale: float, rng: np.random.Generator) -> Chosen:
    """Choose cases that their proceedings name but A_TblCase does not hold."""
    chosen = rng.random(len(people)) < MISSING_CASES * scale
    return np.asarray(chosen & (people.last_proceeding[people.unit] >= 0))


def _gone_log(cases: pl.DataFrame, gone: Chosen) -> pl.DataFrame:
    """Write down the rows that are missing."""
    lost = cases.filter(pl.Series(gone))
    return lost.select(
        table_name=pl.lit("A_TblCase"),
        record=pl.lit(None, dtype=pl.Int64),
        kind=pl.lit("row missing"),
        column_name=pl.lit(None, dtype=pl.String),
        key=pl.col("IDNCASE"),
        clean=pl.Series(_lines(lost).splitlines(), dtype=pl.Binary),
        dirty=pl.lit(None, dtype=pl.Binary),
    )


def _written(
    table: str, rows: pl.DataFrame, scale: float, rng: np.random.Generator
) -> tuple[Piece, pl.DataFrame]:
    """Soil a table's rows and compress them."""
    rows, by_cell = soil_cells(table, rows, scale, rng)
    rows, by_row = repeat_rows(table, rows, scale, rng)
    data, by_line = soil_lines(table, _lines(rows), scale, rng)
    return packed(data, len(rows)), pl.concat([by_cell, by_row, by_line])


def _lines(rows: pl.DataFrame) -> bytes:
    out = BytesIO()
    rows.write_csv(
        out,
        separator="\t",
        quote_style="never",
        include_header=False,
        line_terminator=LINE_END.decode(),
    )
    return out.getvalue()


class _Book:
    """Takes what is made, in order, and writes it down."""

    def __init__(self, con: duckdb.DuckDBPyConnection, spools: Path) -> None:
        self.con = con
        self.spools = {
            name: Spool(spools / f"{number}.deflate")
            for number, name in enumerate((*TABLES, "Count", "README"))
        }
        for name, table in TABLES.items():
            header = "\t".join(column.name for column in table.columns).encode()
            self.spools[name].add(packed(header + LINE_END, 0))
        self.cases, self.dirt = 0, 0
        schema = {**CASE_SCHEMA, "in_case_table": pl.Boolean}
        for name, frame in (
            ("truth_case", pl.DataFrame(schema=schema)),
            ("truth_dirt", pl.DataFrame(schema=DIRT_SCHEMA)),
        ):
            with visible(con, "made", frame):
                con.execute(f"create table {name} as from made")

    def enter(self, made: _Made) -> None:
        """Enter a stretch."""
        before = pl.DataFrame(
            {
                "table_name": list(made.pieces),
                "before": [self.spools[name].rows for name in made.pieces],
            }
        )
        dirt = made.dirt.join(before, on="table_name", how="left").with_columns(
            record=pl.col("record") + pl.col("before") + 1
        )
        for name, piece in made.pieces.items():
            self.spools[name].add(piece)
        with visible(self.con, "made", made.cases):
            self.con.execute("insert into truth_case from made")
        with visible(self.con, "made", dirt.select(DIRT_SCHEMA.keys())):
            self.con.execute("insert into truth_dirt from made")
        self.cases += len(made.cases)
        self.dirt += len(dirt)

    def enter_lists(self, cases: int, seed: int, dirt: float) -> None:
        """Enter the code lists and the list of representatives."""
        rng = np.random.default_rng(np.random.SeedSequence([seed, 2**31]))
        for table in lookup_tables():
            piece, _ = _written(table.file_name, lookup_rows(table, rng), dirt, rng)
            self.spools[table.file_name].add(piece)
        total = max(ATTORNEYS, round(ATTORNEYS_NATIONAL * cases / NATIONAL))
        for first in range(0, total, STRETCH):
            rows = attorney_rows(first, min(STRETCH, total - first), rng)
            piece, _ = _written("tbl_EOIR_Attorney", rows, dirt, rng)
            self.spools["tbl_EOIR_Attorney"].add(piece)

    def close(self) -> None:
        """Let go of the files of what waits."""
        for spool in self.spools.values():
            spool.close()

    def publish(self, path: Path, cases: int, seed: int, dirt: float) -> int:
        """Write the zip and what it was made from; give the rows in it."""
        counts = "".join(f"{name}\t{self.spools[name].rows}\r\n" for name in TABLES)
        self.spools["Count"].add(packed(counts.encode(), 0))
        self.spools["README"].add(packed(README.encode(), 0))
        self.close()
        members = {}
        for name, spool in self.spools.items():
            if name in TABLES:
                members[f"{TOP}/{TABLES[name].folder}/{name}.csv"] = spool
        members = {f"{TOP}/README {LABEL}.txt": self.spools["README"], **members}
        members[f"{TOP}/Count.txt"] = self.spools["Count"]
        rows = sum(self.spools[name].rows for name in TABLES)
        write_zip(path, members, COMMENT)
        self.con.execute(
            "create table truth_release as select ? as label, ? as cases, ? as seed, ? as dirt,"
            " ?::date as released_date, ? as row_count, ? as national_cases,"
            " ? as dedicated_cases, ? as national_dedicated_cases",
            [
                COMMENT,
                cases,
                seed,
                dirt,
                RELEASED,
                rows,
                NATIONAL,
                dedicated_count(cases),
                dedicated.NATIONAL,
            ],
        )
        return rows

"""Write a run as a docket: the courts' tables, so that every measure and the report run on it.

What the source knew before the start is kept as it stood; what the run did is added, a row per
person, in the courts' own columns. Columns that nothing in the model fills are empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.arrow import visible
from opendocket.columns import TABLES, Table
from opendocket.docket.analysis import build_analysis_tables
from opendocket.docket.form import FORMAT
from opendocket.docket.heading import SURPLUS, heading
from opendocket.docket.ledger import Ledger, create_ledger
from opendocket.docket.opened import SIMULATED
from opendocket.docket.views import create_views
from opendocket.errors import AlreadyThere
from opendocket.outputs import written_aside
from opendocket.progress import Progress, silent
from opendocket.quoting import quoted
from opendocket.release.account import TableAccount
from opendocket.simulate.aftermath import aftermath
from opendocket.simulate.entries import INSERTS, Entries
from opendocket.simulate.history import History, attached, without_history
from opendocket.simulate.letters import adjournments, completions
from opendocket.simulate.log import Run
from opendocket.simulate.rows import People, Stretch, everybody, stretches
from opendocket.simulate.start import Members
from opendocket.synthetic.lookups import lookup_rows

DEDICATED, DETAINED, JUVENILE = "dedicated", "detained", "juvenile"
"""Words in the names of dockets and populations that the courts' tables have columns for."""

SETTINGS = """
set enable_progress_bar = false;
set disabled_compression_methods = 'fsst,dict_fsst,zstd';
"""

ANY_ORDER = "set preserve_insertion_order = false"
"""Rows may lie in any order: kept in order, a nation's wide tables would not fit in memory."""

AFTER_THE_RUN = ("A_TblCase", "B_TblProceeding", "tbl_Court_Appln")
"""Tables whose older rows the run goes on with, copied once it is known how."""


@dataclass(frozen=True, slots=True)
class WrittenDocket:
    """A run, written as a docket."""

    path: Path
    as_of: date
    """The run's last day."""
    people: int
    """In the run."""
    hearings: int
    """Rows of hearings that the run set, heard, taken off or ahead; one a person."""


def write_docket(  # noqa: PLR0913  # a run, and where each of its parts is from
    run: Run,
    members: Members,
    source: Path | None,
    out: Path,
    *,
    scenario: str,
    fit_sha256: str = "",
    overwrite: bool = False,
    threads: int = 1,
    gigabytes: float = 4.0,
    progress: Progress = silent,
) -> WrittenDocket:
    """Write a run as a docket, whole or not at all.

    Args:
        run: A run, done.
        members: The cases of each unit's people; units that have none, and those beyond,
            get numbers above all the source's.
        source: The docket that the run started from; None for a world made from nothing.
        out: The docket to write.
        scenario: Its name, told wherever the docket is.
        fit_sha256: Checksum of the fit that the run drew from.
        overwrite: Replace a docket that is there.
        threads: Of DuckDB; the content does not depend on it.
        gigabytes: Memory that DuckDB may take; what is more goes to disk for a while.
        progress: Told of units written.

    Returns:
        Where it is, and how much the run put into it.

    Raises:
        AlreadyThere: ``out`` exists, and ``overwrite`` is off; or it is the source.
        NoRoom: The disk filled up.

    Assumes:
        Cases of the source that are not in the run, and were pending, stay so. Who found
        counsel, applied or was decided before the start is as the source has it.

    Source:
        docs/explanation/simulation.md.
    """
    if source is not None and out.exists() and out.samefile(source):
        raise AlreadyThere(out, "this is the docket that the run started from: name another")
    as_of = run.world.start + timedelta(days=run.world.days - 1)
    with written_aside(out, overwrite=overwrite) as aside:
        with _open(aside, threads, gigabytes) as con:
            con.execute(ANY_ORDER)
            writing = _Writing(con, run, members, source, progress)
            hearings = writing.tables()
            _close_account(con)
            writing.release(as_of, scenario, fit_sha256)
        with _open(aside, threads, gigabytes) as con:
            build_analysis_tables(con, as_of, progress)
            create_views(con)
            con.execute("checkpoint")
    return WrittenDocket(out, as_of, writing.people_count, hearings)


def _open(path: Path, threads: int, gigabytes: float) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(path)
    con.execute(SETTINGS)
    con.execute(f"set threads = {threads}; set memory_limit = '{gigabytes}GB'")
    return con


@dataclass
class _Writing:
    """A docket while it is written."""

    con: duckdb.DuckDBPyConnection
    run: Run
    members: Members
    source: Path | None
    progress: Progress
    people_count: int = 0

    def tables(self) -> int:
        """Write the courts' tables; give the number of hearings that the run set."""
        history = self._history()
        self._lists()
        entries = Entries(self.con, self.run.world.start, self._highest())
        people = everybody(
            self.run.units,
            self.members.first,
            self.members.case_id,
            above=entries.highest["A_TblCase"],
        )
        before = entries.highest["tbl_schedule"]
        for frames in self._frames(people):
            self.people_count += len(frames["people"])
            entries.write(frames)
        if history:
            for name in AFTER_THE_RUN:
                history.copy(TABLES[name], is_begun=True)
        return entries.highest["tbl_schedule"] - before

    def _history(self) -> History | None:
        """Copy what had happened by the start; give what copies the rest."""
        if self.source is None:
            without_history(self.con)
            return None
        known = pl.DataFrame({"case_id": self.members.case_id})
        history = attached(self.con, self.source, self.run.world.start, known)
        ordered = sorted(TABLES.values(), key=lambda t: t.file_name != "tblAppeal")
        for done, table in enumerate(ordered):
            self.progress("copying what came before", done, len(ordered))
            if table.file_name in AFTER_THE_RUN:
                history.begin(table)
            else:
                history.copy(table)
        self.progress("copying what came before", len(ordered), len(ordered))
        return history

    def _lists(self) -> None:
        """See that courts, places and judges are in the courts' lists, and number them."""
        bench = self.run.world.bench
        if self.source is None:
            rng = np.random.default_rng(0)
            for table in (table for table in TABLES.values() if table.is_lookup):
                _fill_list(self.con, table, lookup_rows(table, rng))
        needs_place = np.zeros(len(bench.courts), dtype=bool)
        needs_place[np.unique(self.run.units["court"][self._is_dedicated()])] = True
        frames = {
            "court_here": pl.DataFrame(
                {
                    "number": range(len(bench.courts)),
                    "court_code": bench.courts,
                    "needs_place": needs_place,
                }
            ),
            "judge": pl.DataFrame(
                {
                    "number": range(len(bench.judges)),
                    "judge_code": bench.judges,
                    "court_code": [bench.courts[court] for court in bench.court],
                }
            ),
            "adjournment": adjournments(),
            "completion": completions(),
        }
        for name, frame in frames.items():
            with visible(self.con, "given", frame):
                self.con.execute(f"create temp table {name} as from given")
        for statement in LISTED.split(";\n"):
            self.con.execute(statement)

    def _is_dedicated(self) -> NDArray[np.bool_]:
        names = np.array([DEDICATED in name.lower() for name in self.run.world.rules.dockets])
        docket = np.minimum(self.run.units["docket"], len(names) - 1)
        came = self.run.units["docket"] < len(names)
        dedicated: NDArray[np.bool_] = names[docket] & came
        return dedicated

    def _highest(self) -> dict[str, int]:
        """Give the highest number in use, in each table that the run adds rows to."""
        found = {}
        for name in INSERTS:
            table = TABLES[name]
            core = f"source.{table.core}" if self.source else table.core
            (most,) = self.con.execute(
                f"select coalesce(max({quoted(str(table.key))}), 0) from {core}"
            ).fetchall()[0]
            found[name] = int(most)
        if self.source:
            (more,) = self.con.execute(
                "select coalesce(max(IDNCASE), 0) from source.core_eoir__proceeding"
            ).fetchall()[0]
            found["A_TblCase"] = max(found["A_TblCase"], int(more))
        return found

    def _frames(self, people: People) -> Iterator[dict[str, pl.DataFrame]]:
        """Give what is to be written, some units at a time."""
        after, world = aftermath(self.run), self.run.world
        followed, removed = pl.DataFrame(after.followed), pl.DataFrame(after.removed)
        followed = followed.with_columns(is_decided=pl.col("due") < world.days)
        done, total = 0, len(self.run.units)
        for stretch in stretches(self.run, people):
            self.progress("writing hearings", done, total)
            yield {
                "units_now": self._named(stretch),
                "people": stretch.people,
                "pieces": stretch.proceedings,
                "hearings": stretch.hearings,
                "followed": _between(followed, stretch.first, stretch.last),
                "removed": _between(removed, stretch.first, stretch.last),
            }
            done = stretch.last
        self.progress("writing hearings", total, total)

    def _named(self, stretch: Stretch) -> pl.DataFrame:
        """Say what dockets and populations are, where the courts' tables have it."""
        dockets, populations = self.run.world.rules.dockets, self.run.world.tables.populations
        return stretch.units.with_columns(
            is_dedicated=_is_any(dockets, DEDICATED, pl.col("docket")),
            is_detained=_is_any(populations, DETAINED, pl.col("population")),
            is_juvenile=_is_any(populations, JUVENILE, pl.col("population")),
        )

    def release(self, as_of: date, scenario: str, fit_sha256: str) -> None:
        """Write down what the docket is, so that nobody takes it for a release."""
        world, sha256 = self.run.world, self.run.sha256()
        name, told = "no docket", list[object]([None] * 4)
        if self.source:
            name, *told = self.con.execute(SOURCE).fetchall()[0]
        folder = f"{SIMULATED} {world.start} to {as_of}, scenario {scenario}, from {name}"
        self.con.execute(
            RELEASE,
            [FORMAT, version("opendocket"), f"{SIMULATED}-{scenario}", 0, sha256, folder,
             as_of + timedelta(days=1), as_of],
        )  # fmt: skip
        self.con.execute(
            RUN,
            [scenario, world.start, as_of, world.seed, sha256, fit_sha256, name, *told],
        )


LISTED = """
insert into core_eoir__lookup_base_city by name
select
    (select coalesce(max(idnBaseCity), 0) from core_eoir__lookup_base_city) + number + 1
        as idnBaseCity,
    court_code as BASE_CITY_CODE,
    'SIMULATED COURT' as BASE_CITY_NAME,
    'SIMULATED COURT' as BASE_CITY
from court_here
where court_code not in (select BASE_CITY_CODE from core_eoir__lookup_base_city
    where BASE_CITY_CODE is not null)
order by number;

insert into core_eoir__lookup_hearing_location by name
select
    (select coalesce(max(idnHloc), 0) from core_eoir__lookup_hearing_location) + number + 1
        as idnHloc,
    court_code as HEARING_LOC_CODE,
    court_code as HEARING_LOC_NAME,
    court_code as HEARING_BASE_CITY
from court_here
where court_code not in (select HEARING_LOC_CODE from core_eoir__lookup_hearing_location
    where HEARING_LOC_CODE is not null)
order by number;

insert into core_eoir__lookup_hearing_location by name
select
    (select coalesce(max(idnHloc), 0) from core_eoir__lookup_hearing_location) + number + 1
        as idnHloc,
    '~' || number as HEARING_LOC_CODE,
    court_code || ' - SIMULATED DEDICATED DOCKET' as HEARING_LOC_NAME,
    court_code as HEARING_BASE_CITY
from court_here
where needs_place and court_code not in (
    select HEARING_BASE_CITY from core_eoir__lookup_hearing_location
    where HEARING_LOC_NAME ilike '%dedicated docket%' and HEARING_BASE_CITY is not null
)
order by number;

create temp table court as
select
    c.number,
    c.court_code,
    coalesce(
        (
            select min(HEARING_LOC_CODE) from core_eoir__lookup_hearing_location
            where HEARING_LOC_NAME ilike '%dedicated docket%'
                and HEARING_BASE_CITY = c.court_code
        ),
        c.court_code
    ) as place_code
from court_here as c;

insert into core_eoir__lookup_judge by name
select
    (select coalesce(max(idnJudge), 0) from core_eoir__lookup_judge) + number + 1 as idnJudge,
    judge_code as JUDGE_CODE,
    'SIMULATED CALENDAR' as JUDGE_NAME
from judge
where judge_code not in (select JUDGE_CODE from core_eoir__lookup_judge
    where JUDGE_CODE is not null)
order by number
"""
"""What a scenario has and the courts' lists have not: courts, places, calendars."""

SOURCE = """
select
    coalesce(nullif(folder_name, ''), file_name),
    sha256,
    as_of_date,
    is_synthetic,
    (
        select coalesce(expected_count, read_count) from source.out_load__account
        where table_name = 'A_TblCase'
    )
from source.out_load__release
"""

RELEASE = """
create table out_load__release as
select
    ?::integer as format_code,
    ? as opendocket_version,
    ? as file_name,
    ?::bigint as size_bytes,
    ? as sha256,
    ? as folder_name,
    ?::date as released_date,
    ?::date as as_of_date,
    true as is_synthetic
"""

RUN = """
create table out_simulated__run as
select
    ?::varchar as scenario_name,
    ?::date as start_date,
    ?::date as last_date,
    ?::bigint as seed,
    ?::varchar as run_sha256,
    ?::varchar as fit_sha256,
    ?::varchar as source_name,
    ?::varchar as source_sha256,
    ?::date as source_as_of_date,
    ?::boolean as is_source_synthetic,
    ?::bigint as source_case_count
"""


def _fill_list(con: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> None:
    """Put a made-up code list into its empty table."""
    listed = ", ".join(
        f"try_cast(nullif(trim({quoted(c.name)}::varchar), '') as {c.duckdb_type}) "
        f"as {quoted(c.name)}"
        for c in table.columns
        if c.name in rows.columns
    )
    with visible(con, "given", rows):
        con.execute(f"insert into {table.core} by name select {listed} from given")


def _is_any(names: tuple[str, ...], word: str, number: pl.Expr) -> pl.Expr:
    return number.is_in([at for at, name in enumerate(names) if word in name.lower()])


def _between(rows: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """Give the rows of some units of a frame that is in the order of units."""
    a, b = np.searchsorted(rows["unit"].to_numpy(), [first, last])
    return rows[int(a) : int(b)]


def _close_account(con: duckdb.DuckDBPyConnection) -> None:
    """Write the account: every row is the run's or the source's, and none is set aside."""
    create_ledger(con)
    for table in TABLES.values():
        described = con.execute(f"describe {table.core}").fetchall()
        names = [str(row[0]) for row in described if row[0] != SURPLUS.name]
        (rows,) = con.execute(f"select count(*) from {table.core}").fetchall()[0]
        account = TableAccount(table.file_name, None, int(rows), int(rows))
        Ledger(con).close(heading(table, names), account)

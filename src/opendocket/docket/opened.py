"""Open a docket to ask it: read-only, with what its load wrote down."""

import re
import shlex
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from opendocket.arrow import fetched
from opendocket.docket.form import FORMAT
from opendocket.errors import NotADocket

HELD = re.compile(r"could not set lock|conflicting lock", re.IGNORECASE)
DAMAGED = re.compile(r"corrupt database file|could not read enough bytes", re.IGNORECASE)
"""What DuckDB 1.5 says of a file that another program writes, and of one that is not whole."""

SIMULATED = "SIMULATED"
"""Begins the name of the release of a docket that a run of the model wrote."""


@dataclass(frozen=True, slots=True)
class Docket:
    """A docket, open for reading."""

    con: duckdb.DuckDBPyConnection
    path: Path
    version: str
    """Of the OpenDocket that loaded it."""
    release_file: str
    release_bytes: int
    release_sha256: str
    release_folder: str
    """The zip's top folder, which names the release."""
    released: date
    as_of: date
    """The last day the release knows of."""
    is_synthetic: bool
    """Whether its numbers are about nobody; a run's are, whatever it started from."""

    @property
    def is_simulated(self) -> bool:
        """Whether a run of the model wrote it."""
        return self.is_synthetic and self.release_folder.startswith(SIMULATED)

    @property
    def label(self) -> str:
        """What stands above numbers that are no record; empty for a release."""
        if self.is_simulated:
            return "SIMULATED DATA, a run of a model and no record"
        return "SYNTHETIC DATA, about nobody" if self.is_synthetic else ""

    @property
    def word(self) -> str:
        """The same as one word, for names of files."""
        return self.label.partition(" ")[0].lower()

    @property
    def made_up(self) -> str:
        """The same as a sentence, below pictures."""
        if self.is_simulated:
            return "SIMULATED DATA, a run of OpenDocket's model: no record of what happened."
        return "SYNTHETIC DATA, made up by OpenDocket: no number here is about real people."

    def account(self) -> pl.DataFrame:
        """Give where every row read went, one row a table."""
        return fetched(self.con, "from out_load__account order by table_name")

    def reasons(self) -> pl.DataFrame:
        """Give rows set aside, mended and passed over, by table and reason."""
        return fetched(
            self.con,
            "from out_load__reason order by what desc, row_count desc, table_name, reason",
        )


@contextmanager
def open_docket(path: Path) -> Iterator[Docket]:
    """Open a docket for reading.

    Args:
        path: What ``opendocket load`` wrote.

    Yields:
        The docket; its connection closes with the block.

    Raises:
        NotADocket: No such file, not a DuckDB file, not a docket, or one of another format.

    Example:
        >>> with open_docket(Path("nowhere.duckdb")) as docket:
        ...     pass
        Traceback (most recent call last):
        ...
        opendocket.errors.NotADocket: nowhere.duckdb: no such file; expected a docket ...
    """
    if not path.is_file():
        raise NotADocket(path, "no such file")
    try:
        con = duckdb.connect(path, read_only=True)
    except duckdb.Error as error:
        raise NotADocket(path, *_why(path, str(error).splitlines()[0])) from error
    with con:
        con.execute("set enable_progress_bar = false")
        yield _identified(con, path)


def _why(path: Path, said: str) -> tuple[str, ...]:
    """Say what a file is that is no docket, and what to do with it."""
    if zipfile.is_zipfile(path):
        docket = path.with_suffix(".duckdb")
        return (
            "a zip, perhaps a release",
            "load it first, with `"
            f"opendocket load {shlex.quote(str(path))} --out {shlex.quote(str(docket))}`",
        )
    if HELD.search(said):
        return (f"in use ({said})", "wait until the other program is done with it")
    if DAMAGED.search(said):
        return (f"a damaged DuckDB file ({said})", "copy it again, or load the release again")
    return (f"not a DuckDB file ({said})",)


def _identified(con: duckdb.DuckDBPyConnection, path: Path) -> Docket:
    try:
        rows = con.execute("select format_code from out_load__release").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise NotADocket(path, "a DuckDB file without the table out_load__release") from error
    except duckdb.IOException as error:
        raise NotADocket(path, *_why(path, str(error).splitlines()[0])) from error
    forms = [form for (form,) in rows]
    if forms != [FORMAT]:
        found = f"format {forms[0]}" if forms else "no format"
        raise NotADocket(path, f"a docket of {found}, where this version reads {FORMAT}")
    version, name, size, sha256, folder, released, as_of, is_synthetic = con.execute(
        """
        select
            opendocket_version,
            file_name,
            size_bytes,
            sha256,
            folder_name,
            released_date,
            as_of_date,
            is_synthetic
        from out_load__release
        """
    ).fetchall()[0]
    return Docket(
        con=con,
        path=path,
        version=version,
        release_file=name,
        release_bytes=size,
        release_sha256=sha256,
        release_folder=folder,
        released=released,
        as_of=as_of,
        is_synthetic=is_synthetic,
    )

"""Every error raised on purpose, in one tree.

* DocketError             catch this one
    * NotARelease         the file is not a release of the courts' records
    * UnsafeMember        a member of the zip is not what its directory entry says
    * SchemaDrift         a release's columns are not the ones we know
    * TooManyColumns      a table's first line names more columns than any table has
    * LineTooLong         a table's bytes go on without a line end
    * EmptyTable          a table has no rows, or is not there
    * RowsUnaccounted     rows read are not rows kept plus rows set aside
    * UnreadableCount     the release's own count of a table cannot be read
    * CountMismatch       rows read are not the rows the release says it holds
    * NotADocket          the file is not a docket, or one of another version
    * WrongDocket         the docket is not the one that goes with another
    * NotSound            a docket is not what a release should be
    * UnknownName         nothing is called so: no table, measure, docket or code
    * BadCut              a filter or grouping that cannot be one
    * BadQuery            a question in SQL that cannot be asked
    * TooManyParts        a table would fall into too many files
    * DateOutOfRange      an as-of date that the docket cannot answer for
    * NothingToShow       no case answers the question
    * TooFewCases         the numbers cannot bear the question
    * AlreadyThere        the output exists, and would be overwritten
    * InUse               another run is writing the output
    * NoRoom              the disk is full
    * CannotWrite         the output cannot be written where it should go
    * ServerUnreachable   the courts' server did not answer, or broke off for good
    * NotOffered          the server answers, but not with a release
    * NotASavedRun        the file is no saved run, or one of another world
    * NobodyServes        a simulated court has nobody to hear a docket
    * Interrupted         a person stopped the work
    * BadScenario         a scenario's file says what no court can do
    * NotFitted           a simulation without chances fitted to a docket
    * MissingExtra        an option needs a library that is not installed
    * NoCluster           no cluster answers at an address
    * NotAFit             the file is not a fit, or one that was changed
    * NothingToFit        a window of days has too few hearings to fit to
    * NotHeldOut          a fit has read what it is to forecast

Facts are fields; the sentence is built from them, so the command line, a log and a page
can each say it. Every sentence has the form *thing: found; expected; what to do*.
"""

from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path


@dataclass(eq=False)
class DocketError(Exception):
    """Base class; facts are fields, and ``str()`` makes the sentence from them."""

    def __post_init__(self) -> None:
        """Keep the facts in ``args``, so an error survives a worker process."""
        self.args = tuple(getattr(self, f.name) for f in fields(self))


@dataclass(eq=False)
class NotARelease(DocketError, ValueError):
    """The file is not a release of the courts' records."""

    path: Path
    found: str
    remedy: str = "fetch the release again with `opendocket fetch`"

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.path}: {self.found}; expected a zip of the courts' tables, "
            f"A_TblCase.csv and B_TblProceeding.csv among them; {self.remedy}"
        )


@dataclass(eq=False)
class UnsafeMember(DocketError, ValueError):
    """A member of the zip is not what its directory entry says."""

    path: Path
    member: str
    found: str

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.path}: member {self.member!r} {self.found}; expected plain files whose "
            "sizes and checksums are as the zip's directory says; do not unpack this file, "
            "fetch the release again with `opendocket fetch`"
        )


@dataclass(eq=False)
class SchemaDrift(DocketError, ValueError):
    """A release's columns are not the ones we know."""

    table: str
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        found = " and ".join(
            f"{word} {', '.join(names)}"
            for word, names in (("no column", self.missing), ("a new column", self.unknown))
            if names
        )
        return (
            f"{self.table}: {found}; expected the columns listed in "
            "docs/data/tables.md; to go on with missing columns empty and new ones kept as "
            f"text, add `--accept-mismatch {self.table}`"
        )


@dataclass(eq=False)
class TooManyColumns(DocketError, ValueError):
    """A table's first line names more columns than any table has."""

    table: str
    found: int
    most: int

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.table}: {self.found:,} columns; expected {self.most:,} at the most; look "
            "at the member's first line, or fetch the release again with `opendocket fetch`"
        )


@dataclass(eq=False)
class LineTooLong(DocketError, ValueError):
    """A table's bytes go on without a line end where one must be."""

    table: str
    record: int
    most_bytes: int

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.table}: more than {self.most_bytes / 1e6:,.0f} MB without an end from row "
            f"{self.record:,}; expected tab-separated lines of some hundred bytes; look at the "
            "member's first lines, or fetch the release again with `opendocket fetch`"
        )


@dataclass(eq=False)
class EmptyTable(DocketError, ValueError):
    """A table has no rows, or is not there."""

    table: str
    found: str = "no rows"

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.table}: {self.found}; expected at least one row; fetch the release again, "
            f"or go on without it by `--accept-mismatch {self.table}`"
        )


@dataclass(eq=False)
class RowsUnaccounted(DocketError, ValueError):
    """Rows read are not the rows kept plus the rows set aside."""

    table: str
    read: int
    kept: int
    set_aside: int

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.table}: read {self.read:,} rows, kept {self.kept:,}, set aside "
            f"{self.set_aside:,}; expected kept + set aside = read; "
            "find the step that drops rows without a reason"
        )


@dataclass(eq=False)
class UnreadableCount(DocketError, ValueError):
    """The release's own count of a table cannot be read."""

    table: str

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.table}: its line of Count.txt cannot be read; expected the table's name "
            "and the number of its rows; look at that file, or go on unchecked by "
            f"`--accept-mismatch {self.table}`"
        )


@dataclass(eq=False)
class CountMismatch(DocketError, ValueError):
    """Rows read are not the rows the release says it holds."""

    table: str
    read: int
    expected: int

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.table}: read {self.read:,} rows; expected {self.expected:,} by the "
            f"release's own Count.txt (off by {self.read - self.expected:+,}); fetch the "
            f"release again, or go on by `--accept-mismatch {self.table}`"
        )


@dataclass(eq=False)
class NotADocket(DocketError, ValueError):
    """The file is not a docket, or one of another version."""

    path: Path
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        again = f"make it again with `opendocket load RELEASE.zip --out {self.path}`"
        return (
            f"{self.path}: {self.found}; expected a docket made by this version of "
            f"OpenDocket; {self.remedy or again}"
        )


@dataclass(eq=False)
class WrongDocket(DocketError, ValueError):
    """The docket is not the one that goes with another."""

    path: Path
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return f"{self.path}: {self.found}; expected {self.expected}; {self.remedy}"


@dataclass(eq=False)
class NotSound(DocketError, ValueError):
    """A docket is not what a release should be."""

    path: Path
    wrong: int
    checked: int
    first: str
    """The first check that found something wrong, and where."""

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.path}: {self.wrong:,} of {self.checked:,} checks wrong, first "
            f"{self.first}; expected "
            "none; read what is told of each, and publish no number until it is understood"
        )


@dataclass(eq=False)
class UnknownName(DocketError, LookupError):
    """Nothing is called so: no table, column, list, measure, docket or code."""

    name: str
    what: str
    near: tuple[str, ...] = ()
    see: str = "opendocket columns"
    """The command that lists all."""

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        remedy = (
            f"perhaps {' or '.join(self.near)} is meant"
            if self.near
            else f"see `{self.see}` for all"
        )
        return f"{self.name!r}: no such {self.what}; expected a name that there is; {remedy}"


@dataclass(eq=False)
class BadCut(DocketError, ValueError):
    """A filter, a grouping or a comparison that cannot be one."""

    text: str
    found: str
    remedy: str

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return f"{self.text!r}: {self.found}; expected a cut that can be made; {self.remedy}"


@dataclass(eq=False)
class BadQuery(DocketError, ValueError):
    """A question in SQL that cannot be asked."""

    found: str
    remedy: str = "see `opendocket columns` for tables and columns"

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return f"the query: {self.found}; expected one statement that reads; {self.remedy}"


@dataclass(eq=False)
class TooManyParts(DocketError, ValueError):
    """A table would fall into too many files."""

    table: str
    column: str
    parts: int
    most: int

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.table}: {self.parts:,} parts by {self.column}; expected at most "
            f"{self.most:,}; choose a column of fewer values, such as a date, taken by year"
        )


@dataclass(eq=False)
class DateOutOfRange(DocketError, ValueError):
    """An as-of date that the docket cannot answer for."""

    name: str
    found: date
    first: date
    last: date

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.name}: {self.found}; expected a date from {self.first} to {self.last}, "
            "the day that ends this release's observation; choose a date inside"
        )


@dataclass(eq=False)
class NothingToShow(DocketError, ValueError):
    """No case answers the question."""

    what: str
    found: str
    remedy: str
    expected: str = "at least one case"

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return f"{self.what}: {self.found}; expected {self.expected}; {self.remedy}"


@dataclass(eq=False)
class TooFewCases(DocketError, ValueError):
    """The numbers cannot bear the question."""

    what: str
    n: int
    needed: int

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.what}: {self.n:,} cases; expected at least {self.needed:,}; "
            "ask of a larger group"
        )


@dataclass(eq=False)
class AlreadyThere(DocketError, FileExistsError):
    """The output exists, and would be overwritten."""

    path: Path
    remedy: str = "name another file, or add `--overwrite`"

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return f"{self.path}: already there; expected a new name; {self.remedy}"


@dataclass(eq=False)
class InUse(DocketError, BlockingIOError):
    """Another run is writing the output."""

    path: Path

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.path}: another run is writing it; expected to be the only one; "
            "wait until that one is done, or name another file"
        )


@dataclass(eq=False)
class NoRoom(DocketError, OSError):
    """The disk is full."""

    path: Path
    free_bytes: int
    left: str = "nothing half-written was left"

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.path}: the disk is full ({self.free_bytes / 1e6:,.0f} MB free); expected "
            f"room for the whole output; free some, or write to another disk; {self.left}"
        )


@dataclass(eq=False)
class CannotWrite(DocketError, OSError):
    """The output cannot be written where it should go."""

    path: Path
    found: str

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.path}: {self.found}; expected a folder that can be written to; "
            "name another place"
        )


@dataclass(eq=False)
class ServerUnreachable(DocketError, ConnectionError):
    """The courts' server did not answer, or broke off for good."""

    url: str
    found: str
    received: int = 0

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        kept = (
            f"the {self.received:,} bytes received are kept: run it again to go on from there"
            if self.received
            else "check the connection, and run it again"
        )
        return f"{self.url}: {self.found}; expected an answer from the courts' server; {kept}"


@dataclass(eq=False)
class NotOffered(DocketError, ValueError):
    """The server answers, but not with a release."""

    url: str
    found: str
    remedy: str = (
        "look up the current address on the courts' FOIA library page, and give it with `--url`"
    )

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return f"{self.url}: {self.found}; expected a zip of the courts' tables; {self.remedy}"


@dataclass(eq=False)
class Interrupted(DocketError):
    """A person stopped the work."""

    what: str = "stopped"
    left: str = field(default="nothing half-written was left")

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return f"{self.what}: interrupted; expected to finish; {self.left}: run it again"


@dataclass(eq=False)
class NotASavedRun(DocketError, ValueError):
    """The file is no saved run, or one of another world."""

    path: Path
    found: str

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.path}: {self.found}; expected a run saved half-way from the same scenario, "
            "fit and seed; run it from its start"
        )


@dataclass(eq=False)
class NobodyServes(DocketError, ValueError):
    """A simulated court has nobody to hear a docket."""

    court: str
    docket: str
    on: date

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"court {self.court}: no judge for the {self.docket} docket on {self.on}; expected "
            "one at least while cases are placed there; let a judge serve it, place the cases "
            "elsewhere, or close the court into another"
        )


@dataclass(eq=False)
class BadScenario(DocketError, ValueError):
    """A scenario's file says what no court can do, or what cannot be read."""

    path: Path
    line: int
    key: str
    found: str
    expected: str
    remedy: str = "change that line"

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.path}, line {self.line}: {self.key} {self.found}; expected "
            f"{self.expected}; {self.remedy}"
        )


@dataclass(eq=False)
class NotFitted(DocketError, ValueError):
    """A simulation has no chances that were fitted to a docket."""

    what: str
    docket: Path

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.what}: no fit; expected one, since made-up chances give made-up answers; "
            f"make it with `opendocket simulate fit {self.docket} --out fit.json` and give it "
            "by `--fit fit.json`, or see how it works with `--illustrative`"
        )


@dataclass(eq=False)
class MissingExtra(DocketError, ImportError):
    """An option needs a library that is not installed."""

    what: str
    library: str

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.what}: no library {self.library!r}; expected it to be installed; "
            f"`pip install {self.library}`, or leave the option out"
        )


@dataclass(eq=False)
class NoCluster(DocketError, ConnectionError):
    """No cluster answers at an address."""

    address: str
    found: str

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.address}: {self.found}; expected the scheduler of a Dask cluster, such as "
            "tcp://10.0.0.5:8786; start one with `dask scheduler`, or leave `--dask` out"
        )


@dataclass(eq=False)
class NotAFit(DocketError, ValueError):
    """The file is not a fit, or one that was changed since it was written."""

    path: Path
    found: str

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.path}: {self.found}; expected a fit as it was written; fit the docket "
            "again with `opendocket simulate fit`"
        )


@dataclass(eq=False)
class NothingToFit(DocketError, ValueError):
    """A window of days has too few hearings to fit anything to."""

    first: date
    last: date
    hearings: int
    needed: int

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"{self.first} to {self.last}: {self.hearings:,} hearings; expected "
            f"{self.needed:,} or more; name a window in which the docket has hearings"
        )


@dataclass(eq=False)
class NotHeldOut(DocketError, ValueError):
    """A fit has read what it is to forecast."""

    on: date
    fitted: date

    def __str__(self) -> str:
        """Say what was found, what was expected, and what to do."""
        return (
            f"hindcast from {self.on}: a fit on days up to {self.fitted}; expected one on days "
            "before the forecast; fit an earlier window, or leave `--fit` out"
        )

"""A docket as it stood on the day a run starts: what came later is taken out again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from opendocket.arrow import visible
from opendocket.columns import TABLES, Table
from opendocket.quoting import literal, quoted

ENTERED = {
    "B_TblProceeding": "coalesce(INPUT_DATE, TRANS_IN_DATE)",
    "tbl_schedule": "greatest(INPUT_DATE, ADJ_DATE)",
    "tbl_Court_Appln": "APPL_RECD_DATE",
    "tbl_Court_Motions": "coalesce(MOTION_RECD_DATE, INPUT_DATE)",
    "D_TblAssociatedBond": "coalesce(INPUT_DATE, BOND_HEAR_REQ_DATE)",
    "tbl_RepsAssigned": "coalesce(E_28_DATE, E_27_DATE, INS_TA_DATE_ASSIGNED)",
    "tbl_CustodyHistory": "DATDETAINED",
    "tbl_CasePriorityHistory": "DATCREATEDON",
    "tbl_JuvenileHistory": "DATCREATEDON",
    "tblAppeal": "datAppealFiled",
    "tblAppealFedCourts": "datRequestedByOIL",
    "tblThreeMbrReferrals": "datReferredTo3Member",
}
"""The day a row was entered; rows without it stay where their case stays."""

UNDONE = {
    "B_TblProceeding": (
        "COMP_DATE",
        (
            "DEC_TYPE", "DEC_CODE", "DEPORTED_1", "DEPORTED_2", "OTHER_COMP", "APPEAL_RSVD",
            "APPEAL_NOT_FILED", "ABSENTIA", "TRANSFER_TO", "TRANSFER_STATUS",
        ),
    ),
    "tbl_Court_Motions": ("COMP_DATE", ("DEC", "APPEAL_RSVD", "APPEAL_NOT_FILED")),
    "D_TblAssociatedBond": (
        "COMP_DATE",
        ("DEC", "NEW_BOND", "REL_CON", "APPEAL_REVD", "APPEAL_NOT_FILED"),
    ),
    "tblAppeal": ("datBIADecision", ("strBIADecision", "strBIADecisionType")),
}  # fmt: skip
"""What a decision fills in, and the day it is made: later ones have not happened."""

UNTOUCHED = frozenset({"tbl_EOIR_Attorney"})
"""Tables about no case."""

UNDATED = frozenset({"tbl_Lead_Rider"})
"""Tables whose rows count whenever they were entered: a family is one from the first day."""

OF_THEIR_OWN = frozenset({"B_TblProceeding", "B_TblProceedCharges"})
"""Tables whose rows go with their stretch of a case."""

CASE = ("IDNCASE", "idnLeadCase", "idnRiderCase")
PROCEEDING = ("IDNPROCEEDING",)
APPEAL = ("lngAppealID", "idnAppeal")
LINKED = (
    "idnLeadProceedingStart", "idnRiderProceedingStart",
    "idnLeadProceedingEnd", "idnRiderProceedingEnd",
)  # fmt: skip

GONE = """
create temp table gone_case as
select IDNCASE as case_id
from source.core_eoir__proceeding
where IDNCASE is not null
group by IDNCASE
having min(coalesce(INPUT_DATE, TRANS_IN_DATE, date '0001-01-01')) >= $start;

delete from gone_case where case_id in (select case_id from everybody);

create temp table gone_proceeding as
select IDNPROCEEDING as proceeding_id
from source.core_eoir__proceeding
where coalesce(INPUT_DATE, TRANS_IN_DATE) >= $start
union
select IDNPROCEEDING
from source.core_eoir__proceeding
where IDNCASE in (select case_id from gone_case);

-- whose stretch in a court had not ended by the start, or was to end later
create temp table open_proceeding as
select IDNPROCEEDING as proceeding_id
from source.core_eoir__proceeding
where coalesce(COMP_DATE not between date '1910-01-01' and $start - 1, true);

-- what was entered before and stands under a stretch that came later
create temp table relinked as
select g.IDNPROCEEDING as proceeding_id, max(l.IDNPROCEEDING) as kept_id
from source.core_eoir__proceeding as g
join gone_proceeding as o on o.proceeding_id = g.IDNPROCEEDING
join (
    select IDNCASE, IDNPROCEEDING
    from source.core_eoir__proceeding
    where IDNPROCEEDING not in (select proceeding_id from gone_proceeding)
        and IDNCASE in (
            select IDNCASE from source.core_eoir__proceeding
            where IDNPROCEEDING in (select proceeding_id from gone_proceeding)
        )
    qualify row_number() over (
        partition by IDNCASE
        order by
            coalesce(INPUT_DATE, TRANS_IN_DATE, least(HEARING_DATE, COMP_DATE))
                desc nulls first,
            IDNPROCEEDING desc
    ) = 1
) as l on l.IDNCASE = g.IDNCASE
group by g.IDNPROCEEDING;

create temp table standing as
select
    IDNCASE as case_id,
    min(ADJ_DATE) as hearing_date,
    arg_min(INPUT_DATE, ADJ_DATE) as booked_date
from source.core_eoir__schedule
where INPUT_DATE < $start and ADJ_DATE >= $start and REC_TYPE = 'X'
    and IDNCASE in (select case_id from everybody)
group by IDNCASE;

create temp table known as
with last_one as (
    select p.*
    from source.core_eoir__proceeding as p
    where IDNCASE in (select case_id from everybody)
        and coalesce(coalesce(INPUT_DATE, TRANS_IN_DATE) < $start, true)
    qualify row_number() over (
        partition by IDNCASE
        order by
            coalesce(INPUT_DATE, TRANS_IN_DATE, least(HEARING_DATE, COMP_DATE))
                desc nulls first,
            IDNPROCEEDING desc
    ) = 1
), dedicated as (
    select distinct HEARING_LOC_CODE as code
    from source.core_eoir__lookup_hearing_location
    where HEARING_LOC_NAME ilike '%dedicated docket%'
)
select
    c.IDNCASE as case_id,
    coalesce(c.CASE_TYPE, p.CASE_TYPE) as case_type,
    c.CUSTODY as custody_code,
    c.NAT as nationality_code,
    c.LANG as language_code,
    p.IDNPROCEEDING is not null as has_history,
    case when o.proceeding_id is not null then p.IDNPROCEEDING end as open_id,
    p.OSC_DATE as nta_date,
    p.BASE_CITY_CODE as court_code,
    p.HEARING_LOC_CODE as location_code,
    p.HEARING_LOC_CODE in (select code from dedicated) as is_at_dedicated_location,
    s.hearing_date as standing_date,
    s.booked_date as standing_booked_date
from source.core_eoir__case as c
left join last_one as p on p.IDNCASE = c.IDNCASE
left join open_proceeding as o on o.proceeding_id = p.IDNPROCEEDING
left join standing as s on s.case_id = c.IDNCASE
where c.IDNCASE in (select case_id from everybody)
"""
"""What is no longer there, and what there is of the people in a run: their last stretch."""

EMPTY = """
create temp table known (
    case_id bigint, case_type varchar, custody_code varchar, nationality_code varchar,
    language_code varchar, has_history boolean, open_id bigint, nta_date date,
    court_code varchar, location_code varchar, is_at_dedicated_location boolean,
    standing_date date, standing_booked_date date
)
"""

CONTINUED = {
    "B_TblProceeding": {
        "HEARING_DATE": "coalesce({own}, now.heard_date)",
        "IJ_CODE": "coalesce(now.judge_code, {own})",
        "COMP_DATE": "coalesce(now.completed_date, {own})",
        "DEC_TYPE": "case when now.dec_code is not null then 'O' else {own} end",
        "DEC_CODE": "coalesce(now.dec_code, {own})",
        "OTHER_COMP": "coalesce(now.other_comp, {own})",
        "ABSENTIA": "coalesce(now.absentia_code, {own})",
        "TRANSFER_TO": "coalesce(now.transfer_to, {own})",
    },
    "tbl_Court_Appln": {
        "APPL_DEC": "case "
        "when {proceeding} not in (select proceeding_id from open_proceeding) then {own} "
        "when now.application_code = 'G' and t.APPL_CODE <> 'ASYL' then 'M' "
        "else now.application_code end",
    },
    "A_TblCase": {
        "E_28_DATE": "coalesce(now.counsel_date, {own})",
        "LATEST_HEARING": "coalesce(now.hearing_date, {own})",
        "LATEST_CAL_TYPE": "coalesce(now.calendar_code, {own})",
        "UPDATE_SITE": "coalesce(now.court_code, {own})",
    },
}
"""What a run goes on with: columns, and how its word is put over the record's own."""

JOINED = {
    "B_TblProceeding": "left join continued as now on now.proceeding_id = {proceeding}",
    "tbl_Court_Appln": "left join continued as now on now.proceeding_id = {proceeding}",
    "A_TblCase": "left join went_on as now on now.case_id = t.IDNCASE",
}

ONCE = """
not exists (
    from core_eoir__application as c
    where c.IDNCASE = t.IDNCASE
        and c.APPL_CODE = t.APPL_CODE
        and c.APPL_RECD_DATE is not distinct from t.APPL_RECD_DATE
        and c.IDNPROCEEDINGAPPLN <= (
            select max(IDNPROCEEDINGAPPLN) from source.core_eoir__application
        )
)
qualify row_number() over (
    partition by t.IDNCASE, t.APPL_CODE, t.APPL_RECD_DATE order by t.IDNPROCEEDINGAPPLN
) = 1
"""
"""An application is entered again in each stretch of a case; one that is there stays one."""


@dataclass(frozen=True, slots=True)
class History:
    """A source docket, attached to the one that is written, on the day a run starts."""

    con: duckdb.DuckDBPyConnection
    start: date
    """What is dated this day or later is taken out."""

    def begin(self, table: Table) -> None:
        """Make a table that the run writes to first."""
        self.con.execute(f"create table {table.core} as from source.{table.core} limit 0")

    def copy(self, table: Table, *, is_begun: bool = False) -> None:
        """Write a table as it stood the day before the start, or add that to one begun."""
        core = table.core
        if table.is_lookup or table.file_name in UNTOUCHED:
            self.con.execute(f"create table {core} as from source.{core}")
            return
        columns = {str(row[0]): str(row[1]) for row in self._columns(table)}
        own, gone = "t.IDNPROCEEDING", _conditions(table, columns)
        into = f"insert into {core}" if is_begun else f"create table {core} as"
        self.con.execute(f"{into} {self._standing(table, columns, own)} where {gone}")
        if "idnproceeding" in _lower(columns) and table.file_name not in OF_THEIR_OWN:
            once = ONCE if table.file_name == "tbl_Court_Appln" else "true"
            conditions = _conditions(table, columns, relinked=True)
            self.con.execute(
                f"insert into {core} {self._standing(table, columns, 'k.kept_id')} "
                f"where {conditions} and {once}"
            )
        if table.file_name == "tblAppeal":
            self.con.execute(
                f"create temp table gone_appeal as select idnAppeal as appeal_id from "
                f"source.{core} anti join {core} using (idnAppeal)"
            )

    def _standing(self, table: Table, columns: Mapping[str, str], proceeding: str) -> str:
        """Select a table's rows as they stood, each under some stretch of its case."""
        said = {
            name: self._said(table, name, kind, proceeding) for name, kind in columns.items()
        }
        replaced = ", ".join(
            f"{expression} as {quoted(name)}"
            for name, expression in said.items()
            if expression != f"t.{quoted(name)}"
        )
        star = "t.* exclude (stood)" if table.file_name in ENTERED else "t.*"
        selected = f"{star} replace ({replaced})" if replaced else star
        joined = JOINED.get(table.file_name, "").format(proceeding=proceeding)
        if proceeding.startswith("k."):
            joined = f"join relinked as k on k.proceeding_id = t.IDNPROCEEDING {joined}"
        source = f"source.{table.core}"
        if entered := ENTERED.get(table.file_name):
            stood = f"coalesce({entered} < {self._day}, true) as stood"
            source = f"(select *, {stood} from {source})"
        return f"select {selected} from {source} as t {joined}"

    def _columns(self, table: Table) -> list[tuple[object, ...]]:
        return self.con.execute(f"describe source.{table.core}").fetchall()

    def _said(self, table: Table, name: str, kind: str, proceeding: str) -> str:
        """Say what a column held on the day, and what the run put in its place."""
        own = f"t.{quoted(name)}"
        if name.lower() == "idnproceeding" and proceeding.startswith("k."):
            return proceeding
        if kind in ("DATE", "TIMESTAMP"):
            if table.file_name in UNDATED and name != "datSeveredOn":
                return f"least({own}, {self._day} - 1)"
            own = f"case when {own} < {self._day} then {own} end"
        made, filled = UNDONE.get(table.file_name, ("", ()))
        if name in filled:
            own = f"case when t.{quoted(made)} >= {self._day} then null else {own} end"
        if name in LINKED:
            own = f"case when {own} in (select proceeding_id from gone_proceeding) then "
            own += f"{'0' if name.endswith('Start') else 'null'} else t.{quoted(name)} end"
        if table.file_name in UNDATED and name == "blnActive":
            own = f"coalesce({own} or t.datSeveredOn >= {self._day}, {own})"
        over = CONTINUED.get(table.file_name, {}).get(name)
        return over.format(own=own, proceeding=proceeding) if over else own

    @property
    def _day(self) -> str:
        return f"date '{self.start.isoformat()}'"


def _lower(columns: Mapping[str, str]) -> set[str]:
    return {name.lower() for name in columns}


def _conditions(table: Table, columns: Mapping[str, str], *, relinked: bool = False) -> str:
    """Say which rows stay: those of what is not gone, entered by then."""
    gone: list[tuple[str, tuple[str, ...]]] = [("case", CASE)]
    gone += [] if relinked else [("proceeding", PROCEEDING)]
    gone += [("appeal", APPEAL)] if table.file_name != "tblAppeal" else []
    here = _lower(columns)
    conditions = [
        f"not exists (from gone_{of} as g where g.{of}_id = t.{name})"
        for of, names in gone
        for name in names
        if name.lower() in here
    ]
    if table.file_name in ENTERED:
        conditions.append("t.stood")
    if table.file_name == "A_TblCaseIdentifier":
        conditions.append(
            "not (t.CASE_ID = 'DD' and t.IDNCASE in "
            "(select case_id from known where not has_history))"
        )
    return " and ".join(conditions) or "true"


def attached(
    con: duckdb.DuckDBPyConnection, path: Path, start: date, people: pl.DataFrame
) -> History:
    """Attach a source docket, and say what of it had happened before a day.

    Args:
        con: The docket that is written.
        path: The source docket; it is only read.
        start: The run's first day.
        people: Everybody in the run whom the source knows; column ``case_id``.

    Returns:
        What copies its tables. The temporary table ``known`` has the people's last stretch
        in a court.
    """
    con.execute(f"attach {literal(str(path))} as source (read_only)")
    with visible(con, "those_in_it", people):
        con.execute("create temp table everybody as select case_id from those_in_it")
    for statement in GONE.split(";\n"):
        con.execute(statement.replace("$start", f"date '{start.isoformat()}'"))
    return History(con, start)


def without_history(con: duckdb.DuckDBPyConnection) -> None:
    """Make the same tables for a run that starts from no docket, empty."""
    con.execute(EMPTY)
    for table in TABLES.values():
        listed = ", ".join(f"{quoted(c.name)} {c.duckdb_type}" for c in table.columns)
        con.execute(f"create table {table.core} ({listed})")

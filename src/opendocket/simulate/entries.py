"""Rows of the courts' tables for what a run did, a row per person, written by DuckDB.

Each stretch of units is laid beside its people (``person``), their stretches in a court
(``piece``) and their hearings, and each table takes what it holds of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb
import polars as pl

from opendocket.arrow import visible
from opendocket.columns import TABLES
from opendocket.quoting import filled_in
from opendocket.simulate.aftermath import DISMISSED, GRANTED, REMAND
from opendocket.simulate.letters import USUAL
from opendocket.simulate.tables import VACATED
from opendocket.simulate.world import NEVER

PERSON = f"""
create or replace temp table person as
with counted as (
    select unit, max(count) as piece_count from pieces group by unit
), heard as (
    select unit, count(*) as hearing_count from hearings group by unit
), joined as (
    select
        p.unit, p.rank, p.case_id, p.lead_case_id, p.is_known,
        coalesce(k.has_history, false) as has_history,
        k.open_id,
        k.court_code as last_court_code,
        k.location_code as last_location_code,
        coalesce(k.is_at_dedicated_location, false) as is_at_dedicated_location,
        coalesce(k.case_type, '{USUAL}') as case_type,
        coalesce(k.custody_code, case when u.is_detained then 'D' else 'N' end)
            as custody_code,
        k.nationality_code,
        k.language_code,
        $start + u.filed as filed_date,
        $start + u.enters as entered_date,
        coalesce(k.nta_date, $start + u.filed) as nta_date,
        u.is_detained, u.is_dedicated, u.is_juvenile,
        c.court_code,
        case when u.counsel < {NEVER} then $start + u.counsel end as counsel_date,
        case when u.applies < {NEVER} then $start + u.applies end as applied_date,
        k.standing_date,
        k.standing_booked_date,
        coalesce(n.piece_count, 0) as piece_count,
        coalesce(h.hearing_count, 0) as hearing_count
    from people as p
    join units_now as u on u.unit = p.unit
    join court as c on c.number = u.court
    left join counted as n on n.unit = p.unit
    left join heard as h on h.unit = p.unit
    left join known as k on k.case_id = p.case_id
)
select
    *,
    $proceeding + (sum(piece_count) over before - piece_count)::bigint as first_proceeding,
    $hearing + (sum(hearing_count) over before - hearing_count)::bigint as first_hearing
from joined
window before as (order by unit, rank rows between unbounded preceding and current row)
order by unit, rank
"""

PIECE = f"""
create or replace temp table piece as
select
    p.*,
    s.nth,
    s.nth = 0 and p.open_id is not null as is_continued,
    case
        when s.nth = 0 and p.open_id is not null then p.open_id
        else p.first_proceeding + s.nth
    end as proceeding_id,
    case when s.nth = 0 and p.has_history then p.entered_date else $start + s.start end
        as started_date,
    case when s."end" >= 0 then $start + s."end" end as completed_date,
    s.how,
    d.dec_code, d.other_comp, d.is_in_absentia, d.application_code, d.is_by_dhs,
    case when s.heard < {NEVER} then $start + s.heard end as heard_date,
    j.judge_code,
    here.court_code as piece_court_code,
    case
        when p.is_at_dedicated_location = p.is_dedicated
            and p.last_court_code = here.court_code
        then p.last_location_code
        when p.is_dedicated then here.place_code
        else here.court_code
    end as location_code,
    before.court_code as previous_court_code,
    next_one.court_code as next_court_code
from pieces as s
join person as p on p.unit = s.unit
join court as here on here.number = s.court
left join court as before on before.number = s.previous
left join court as next_one on next_one.number = s.following
left join judge as j on j.number = s.judge
left join completion as d on d.result = s.how and d.case_type = p.case_type
order by p.unit, p.rank, s.nth
"""

COMPLETED = """
    case when dec_code is not null then 'O' end                 as DEC_TYPE,
    dec_code                                                    as DEC_CODE,
    other_comp                                                  as OTHER_COMP,
    completed_date                                              as COMP_DATE,
    case when is_in_absentia then 'Y' when completed_date is not null then 'N' end
                                                                as ABSENTIA,
    next_court_code                                             as TRANSFER_TO,
"""

CONTINUED = """
insert into continued
select
    proceeding_id, completed_date, dec_code, other_comp,
    case when is_in_absentia then 'Y' when completed_date is not null then 'N' end,
    judge_code, heard_date, next_court_code, application_code
from piece
where is_continued
"""

WENT_ON = """
insert into went_on
select
    p.case_id, p.counsel_date, $start + h.latest,
    case when h.is_individual then 'I' else 'M' end, p.court_code
from person as p
left join (
    select unit, max("on") as latest, arg_max(is_individual, "on") as is_individual
    from hearings
    group by unit
) as h on h.unit = p.unit
where p.is_known
"""

INSERTS = {
    "A_TblCase": """
select
    p.case_id                                                   as IDNCASE,
    p.nationality_code                                          as NAT,
    p.language_code                                             as LANG,
    p.custody_code                                              as CUSTODY,
    p.counsel_date                                              as E_28_DATE,
    p.case_type                                                 as CASE_TYPE,
    p.court_code                                                as UPDATE_SITE,
    $start + h.latest                                           as LATEST_HEARING,
    case when h.is_individual then 'I' when h.latest is not null then 'M' end
                                                                as LATEST_CAL_TYPE,
    'N/A'                                                       as CASEPRIORITY_CODE
from person as p
left join (
    select unit, max("on") as latest, arg_max(is_individual, "on") as is_individual
    from hearings
    group by unit
) as h on h.unit = p.unit
where not p.is_known
""",
    "A_TblCaseIdentifier": """
select
    $next + row_number() over (order by unit, rank)             as IDNCASEID,
    case_id                                                     as IDNCASE,
    'DD'                                                        as CASE_ID
from person
where is_dedicated
    and not (
        is_known and case_id in (
            select IDNCASE from core_eoir__case_identifier where CASE_ID = 'DD'
        )
    )
order by unit, rank
""",
    "tbl_Lead_Rider": """
select
    $next + row_number() over (order by unit, rank)             as idnLeadRider,
    lead_case_id                                                as idnLeadCase,
    case_id                                                     as idnRiderCase,
    filed_date                                                  as datCreatedOn,
    filed_date                                                  as datModifiedOn,
    0                                                           as idnLeadProceedingStart,
    case when piece_count > 0 then first_proceeding else 0 end  as idnRiderProceedingStart,
    true                                                        as blnActive
from person
where rank > 0
    and not has_history
    and not (is_known and case_id in (select idnRiderCase from core_eoir__lead_rider))
order by unit, rank
""",
    "B_TblProceeding": f"""
select
    proceeding_id                                               as IDNPROCEEDING,
    case_id                                                     as IDNCASE,
    nta_date                                                    as OSC_DATE,
    started_date                                                as INPUT_DATE,
    piece_court_code                                            as BASE_CITY_CODE,
    location_code                                               as HEARING_LOC_CODE,
    judge_code                                                  as IJ_CODE,
    case when previous_court_code is not null then started_date end
                                                                as TRANS_IN_DATE,
    previous_court_code                                         as PREV_HEARING_BASE,
    heard_date                                                  as HEARING_DATE,
    {COMPLETED}
    custody_code                                                as CUSTODY,
    case_type                                                   as CASE_TYPE,
    nationality_code                                            as NAT,
    language_code                                               as LANG
from piece
where not is_continued
""",
    "tbl_schedule": """
select
    p.first_hearing + h.place                                   as IDNSCHEDULE,
    p.proceeding_id                                             as IDNPROCEEDING,
    p.case_id                                                   as IDNCASE,
    p.nta_date                                                  as OSC_DATE,
    '99'                                                        as GENERATION,
    'X'                                                         as REC_TYPE,
    p.language_code                                             as LANG,
    p.location_code                                             as HEARING_LOC_CODE,
    p.piece_court_code                                          as BASE_CITY_CODE,
    j.judge_code                                                as IJ_CODE,
    case
        when h.is_standing and p.standing_date = $start + h."on"
        then p.standing_booked_date
        else $start + h.booked
    end                                                         as INPUT_DATE,
    $start + h.changed                                          as UPDATE_DATE,
    case when h.is_individual then 'I' else 'M' end             as CAL_TYPE,
    $start + h."on"                                             as ADJ_DATE,
    a.code                                                      as ADJ_RSN,
    case
        when h.is_individual then case when p.is_detained then 'ID' else 'II' end
        when h.is_first then case when p.is_detained then 'MD' else 'MM' end
        else case when p.is_detained then 'RD' else 'MR' end
    end                                                         as SCHEDULE_TYPE
from hearings as h
join piece as p on p.unit = h.unit and p.nth = h.nth
left join judge as j on j.number = h.judge
left join adjournment as a
    on a.result = h.result and a.is_represented = h.is_represented
""",
    "tbl_RepsAssigned": """
select
    $next + row_number() over (order by unit, rank)             as IDNREPSASSIGNED,
    case_id                                                     as IDNCASE,
    'COURT'                                                     as STRATTYLEVEL,
    'ALIEN'                                                     as STRATTYTYPE,
    'a_tblcase'                                                 as PARENT_TABLE,
    case_id                                                     as PARENT_IDN,
    court_code                                                  as BASE_CITY_CODE,
    counsel_date                                                as E_28_DATE,
    true                                                        as BLNPRIMEATTY
from person
where counsel_date is not null
order by unit, rank
""",
    "tbl_Court_Appln": """
select
    $next + row_number() over (order by unit, rank, nth)        as IDNPROCEEDINGAPPLN,
    proceeding_id                                               as IDNPROCEEDING,
    case_id                                                     as IDNCASE,
    'ASYL'                                                      as APPL_CODE,
    applied_date                                                as APPL_RECD_DATE,
    application_code                                            as APPL_DEC
from piece
where applied_date is not null
    and coalesce(completed_date >= applied_date, true)
    and not (applied_date < $start and is_continued)
order by unit, rank, nth
""",
    "tbl_JuvenileHistory": """
select
    $next + row_number() over (order by unit, rank)             as idnJuvenileHistory,
    case_id                                                     as idnCase,
    first_proceeding                                            as idnProceeding,
    4                                                           as idnJuvenile,
    filed_date                                                  as DATCREATEDON
from person
where is_juvenile and not has_history and piece_count > 0
order by unit, rank
""",
    "tbl_Court_Motions": f"""
select
    $next + row_number() over (order by p.unit, p.rank, p.nth)  as IDNMOTION,
    p.proceeding_id                                             as IDNPROCEEDING,
    p.case_id                                                   as IDNCASE,
    p.nta_date                                                  as OSC_DATE,
    case when p.is_in_absentia then 'MA' when p.dec_code is null then 'C' else 'O' end
                                                                as REC_TYPE,
    '99'                                                        as GENERATION,
    $start + f.filed                                            as INPUT_DATE,
    p.piece_court_code                                          as BASE_CITY_CODE,
    p.location_code                                             as HEARING_LOC_CODE,
    p.judge_code                                                as IJ_CODE,
    case when f.is_decided then case when f.way = {GRANTED} then 'G' else 'D' end end
                                                                as DEC,
    case when f.is_decided then $start + f.due end              as COMP_DATE,
    $start + f.filed                                            as MOTION_RECD_DATE,
    'A'                                                         as STRFILINGPARTY
from followed as f
join piece as p on p.unit = f.unit and p.completed_date = $start + f.ended
where f.way not in ({REMAND}, {DISMISSED}) and p.how <> {VACATED}
order by p.unit, p.rank, p.nth
""",
    "tblAppeal": f"""
select
    $next + row_number() over (order by p.unit, p.rank, p.nth)  as idnAppeal,
    p.case_id                                                   as idncase,
    p.proceeding_id                                             as idnProceeding,
    'IJ'                                                        as strAppealCategory,
    'Case Appeal'                                               as strAppealType,
    $start + f.filed                                            as datAppealFiled,
    case when p.is_by_dhs then 'I' else 'A' end                 as strFiledBy,
    case when f.is_decided then $start + f.due end              as datBIADecision,
    case when f.is_decided then case when f.way = {REMAND} then 'REM' else 'DIS' end end
                                                                as strBIADecision,
    case when f.is_decided then 'R' end                         as strBIADecisionType,
    p.case_type                                                 as strCaseType,
    p.language_code                                             as strLang,
    p.nationality_code                                          as strNat,
    p.custody_code                                              as strCustody
from followed as f
join piece as p on p.unit = f.unit and p.completed_date = $start + f.ended
where f.way in ({REMAND}, {DISMISSED}) and p.how <> {VACATED}
order by p.unit, p.rank, p.nth
""",
}
"""By the agency's name of the table; ``$next`` is the highest number in use."""

REMOVED = f"""
insert into out_simulated__removal
select p.case_id, p.completed_date, $start + r."final", $start + r."day"
from removed as r
join piece as p on p.unit = r.unit and p.completed_date = $start + r.ended
where p.how <> {VACATED}
order by p.unit, p.rank
"""

BESIDE = """
create temp table continued (
    proceeding_id bigint, completed_date date, dec_code varchar, other_comp varchar,
    absentia_code varchar, judge_code varchar, heard_date date, transfer_to varchar,
    application_code varchar
);
create temp table went_on (
    case_id bigint, counsel_date date, hearing_date date, calendar_code varchar,
    court_code varchar
);
create table out_simulated__removal (
    case_id bigint, ordered_date date, final_date date, carried_out_date date
)
"""


@dataclass(slots=True)
class Entries:
    """Writes stretch after stretch, and numbers the rows above all numbers in use."""

    con: duckdb.DuckDBPyConnection
    start: date
    highest: dict[str, int] = field(default_factory=dict)
    """By table; of proceedings those of the run included."""

    def __post_init__(self) -> None:
        """Make the tables that the run's word is kept in beside the courts' own."""
        self.con.execute(BESIDE)

    def write(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Write one stretch.

        Args:
            frames: ``units_now``, ``people``, ``pieces``, ``hearings``, ``followed`` and
                ``removed``, by name.
        """
        for name, frame in frames.items():
            days = pl.selectors.integer() - pl.selectors.ends_with("case_id")
            with visible(self.con, "given", frame.with_columns(days.cast(pl.Int32))):
                self.con.execute(f"create or replace temp table {name} as from given")
        self._run(
            PERSON,
            proceeding=self.highest["B_TblProceeding"] + 1,
            hearing=self.highest["tbl_schedule"] + 1,
        )
        for statement in (PIECE, CONTINUED, WENT_ON, REMOVED):
            self._run(statement)
        for name, select in INSERTS.items():
            into = f"insert into {TABLES[name].core} by name {select}"
            count = self._run(into, next=self.highest.get(name, 0))
            if name != "B_TblProceeding":
                self.highest[name] = self.highest.get(name, 0) + count
        (pieces,) = self.con.execute("select sum(piece_count)::bigint from person").fetchall()[
            0
        ]
        self.highest["B_TblProceeding"] += pieces or 0

    def _run(self, statement: str, **numbers: int) -> int:
        done = self.con.execute(filled_in(statement, {"start": self.start, **numbers}))
        counted = done.fetchall()
        return int(counted[0][0]) if counted and isinstance(counted[0][0], int) else 0

"""What happened to each unit: its hearings and endings in order, as the model tells them.

The record and the model differ. In the record a case may be decided on paper, an individual
hearing be followed by a master, a hearing stand on the calendar of a case long closed. Here
each unit is followed from receipt, and every row becomes what it would be in a run, or is
passed over and counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.arrow import fetched
from opendocket.compiled import compiled
from opendocket.simulate.tables import (
    DECISIONS,
    FIRST_DECISION,
    FIRST_MASTER,
    INDIVIDUAL,
    LATER_MASTER,
    REASONS,
    RECEIVED,
    RETURNED,
    SET,
)

EPOCH = date(1970, 1, 1)
"""Days are counted from here."""

FAR = 2**30
"""A day that does not come."""

NEAR = 30
"""A decision this many days after a hearing is taken for what the hearing came to; a later one
for a hearing of its own."""

OTHERWISE = REASONS.index("stage or decision")
"""What a hearing with a hearing after it came to where the record gives no reason."""

AT_HEARING, AHEAD, ON_PAPER = range(3)
"""What a row is: a day that came, the next day set, a decision between hearings."""

ROW = np.dtype(
    [
        ("unit", "<i4"),
        ("day", "<i4"),
        ("booked", "<i4"),  # day it was put on the calendar
        ("from_day", "<i4"),  # day its gap is counted from
        ("bench", "<i4"),  # judge at a court, by number
        ("kind", "u1"),  # 0 master, 1 individual, as in the model
        ("stage", "u1"),
        ("result", "i1"),  # as in RESULTS; -1 where not known
        ("since", "i1"),  # as in GAPS
        ("since_kind", "u1"),
        ("what", "u1"),  # AT_HEARING, AHEAD, ON_PAPER
    ]
)
"""One hearing, or what stands for one."""

STAND = np.dtype(
    [
        ("hearings", "<i4"),
        ("booked", "<i4"),  # day of the next hearing; -1 for none
        ("bench", "<i4"),  # judge of the next hearing, else of the last; -1 for none
        ("decided", "<i4"),  # day it ended; -1 while open
        ("outcome", "u1"),  # as in RESULTS
        ("stage", "u1"),
        ("round", "u1"),
    ]
)
"""How a unit stands on the evening of the last day."""

COUNTED = ("on a closed case", "ended twice", "master after an individual")
"""What the record has and the model has not; ``followed`` counts them in this order."""


def _cases(column: str, names: tuple[str, ...], first: int = 0) -> str:
    """Write names as numbers in SQL."""
    whens = (f"when '{name}' then {number}" for number, name in enumerate(names, first))
    return f"case {column} " + " ".join(whens)


HEARINGS = f"""
with listed as (
    select
        u.number,
        h.hearing_date,
        coalesce(h.booked_date, h.hearing_date)                 as booked_date,
        h.court_code,
        h.judge_code,
        coalesce(h.is_individual, false)                        as is_individual,
        coalesce(h.is_held, false)                              as is_held,
        h.hearing_date > $as_of                                 as is_ahead,
        case
            when h.adjourned_code = '17'                        then {SET}
            when h.adjourned_by_name = 'competency'
                                                then {REASONS.index("stage or decision")}
            else {_cases("h.adjourned_by_name", REASONS)} else -1 end
        end                                                     as result,
        h.hearing_id
    from out_docket__hearing as h
    join sim_unit as u on u.case_id = h.case_id
    where h.is_possible
        and (h.hearing_date <= $as_of or h.booked_date <= $next)
        and (
            h.hearing_date > $as_of
            or (
                h.adjourned_by_name is distinct from 'record keeping'
                and coalesce(h.adjourned_code, '') not in ('55', '5A', '9B', '8A')
            )
        )
),
chosen as (
    select * from listed
    where not is_ahead
    qualify row_number() over (
        partition by number, hearing_date
        order by is_held desc, is_individual desc, hearing_id
    ) = 1
    union all
    select * from listed
    where is_ahead
    qualify row_number() over (
        partition by number
        order by booked_date desc, hearing_date, hearing_id
    ) = 1
)
select
    c.number::integer                                           as unit,
    (c.hearing_date - date '1970-01-01')::integer               as day,
    (c.booked_date - date '1970-01-01')::integer                as booked,
    coalesce(b.number, -1)::integer                             as bench,
    c.is_individual,
    c.is_ahead,
    c.result::tinyint                                           as result
from chosen as c
left join sim_bench as b
    on b.court_code = c.court_code and b.judge_code = c.judge_code
order by unit, day
"""
"""Days set for units, past ones first chosen by what was held; of days ahead the one set last.

Left out: hearings moved to an earlier day (55, 5A, 9B), those of a case decided before (8A),
and rows that only keep the record. Reason 17 says that an individual hearing is set."""

ENDINGS = f"""
with sent_back as (
    select
        case_id,
        decided_date
    from out_view__case_appeal
    where decision_code in ('REM', 'BCR', 'ACR') and decided_date <= $as_of
)
select
    u.number::integer                                           as unit,
    (d.completed_date - date '1970-01-01')::integer             as day,
    (
        {_cases("d.outcome", DECISIONS, FIRST_DECISION)}
        else {FIRST_DECISION + DECISIONS.index("other")} end
    )::tinyint                                                  as outcome,
    coalesce(
        case when d.until_date <= $as_of then d.until_date - date '1970-01-01' end, {FAR}
    )::integer                                                  as until,
    exists (
        from sent_back as s
        where s.case_id = d.case_id
            and s.decided_date between d.completed_date and d.until_date + 90
    )                                                           as is_remand,
    coalesce(b.number, -1)::integer                             as bench
from out_docket__decision as d
join sim_unit as u on u.case_id = d.case_id
left join sim_bench as b
    on b.court_code = d.court_code and b.judge_code = d.judge_code
where d.completed_date <= $as_of
order by unit, day, d.ending_count
"""

BENCH = """
create or replace temp table sim_bench as
select
    court_code,
    judge_code,
    row_number() over (order by court_code, judge_code) - 1     as number
from (
    select court_code, judge_code from out_docket__hearing
    union
    select court_code, judge_code from out_docket__decision
)
where court_code is not null and judge_code is not null
"""


@dataclass(frozen=True, slots=True)
class Endings:
    """Ends of units' cases, by unit and then by day; shapes (e,)."""

    unit: NDArray[np.int32]
    day: NDArray[np.int32]
    outcome: NDArray[np.int8]
    """As in ``RESULTS``."""
    until: NDArray[np.int32]
    """Day it came back; ``FAR`` where it has not."""
    is_remand: NDArray[np.bool_]
    bench: NDArray[np.int32]

    def since(self, day: int) -> "Endings":
        """Give those of a day or later."""
        is_in = self.day >= day
        return Endings(*(getattr(self, field.name)[is_in] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Histories:
    """Units' hearings and endings, told as the model would."""

    rows: NDArray[np.void]
    """Of dtype ``ROW``, by unit and then by day."""
    stand: NDArray[np.void]
    """Of dtype ``STAND``, by unit."""
    endings: Endings
    bench: pl.DataFrame
    """Court and judge of each bench, by number."""
    passed_over: Mapping[str, int]
    """Rows that the model has no place for."""


def days_of(day: date) -> int:
    """Count the days since 1970.

    Example:
        >>> days_of(date(1970, 1, 11))
        10
    """
    return (day - EPOCH).days


def histories(
    con: duckdb.DuckDBPyConnection, as_of: date, received: NDArray[np.integer[Any]]
) -> Histories:
    """Follow the units of the temporary table ``sim_unit`` up to a day.

    Args:
        con: A docket's, with ``sim_unit``: a ``case_id`` for each ``number`` from 0 on.
        as_of: The last day known, its evening.
        received: Days of receipt, since 1970; shape (units,).

    Returns:
        A row for each hearing the model would have, and how each unit stands.
    """
    con.execute(BENCH)
    known = {"as_of": as_of, "next": as_of + timedelta(days=1)}
    heard = {name: s.to_numpy() for name, s in _columns(fetched(con, HEARINGS, known))}
    ended = {
        name: s.to_numpy() for name, s in _columns(fetched(con, ENDINGS, {"as_of": as_of}))
    }
    endings = Endings(**ended)
    rows, stand, counts = followed(heard, endings, received)
    bench = fetched(con, "from sim_bench order by number")
    return Histories(rows, stand, endings, bench, dict(zip(COUNTED, counts, strict=True)))


def _columns(frame: pl.DataFrame) -> list[tuple[str, pl.Series]]:
    return [(name, frame[name]) for name in frame.columns]


def followed(
    heard: Mapping[str, NDArray[Any]], endings: Endings, received: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.void], NDArray[np.void], tuple[int, ...]]:
    """Follow units through their hearings and endings.

    Args:
        heard: ``unit``, ``day``, ``booked``, ``bench``, ``is_individual``, ``is_ahead`` and
            ``result`` of each day set, by unit and then by day; a result of -1 is not known.
        endings: By unit and then by day.
        received: Days of receipt; shape (units,).

    Returns:
        Rows, stands, and what was counted, as in ``COUNTED``.
    """
    units = np.arange(len(received) + 1, dtype=np.int32)
    rows = np.zeros(len(heard["unit"]) + len(endings.unit), ROW)
    stand = np.zeros(len(received), STAND)
    counts = np.zeros(len(COUNTED), np.int64)
    n = _follow(
        np.searchsorted(heard["unit"].astype(np.int32), units),
        *(heard[name] for name in ("day", "booked", "bench", "result")),
        heard["is_individual"], heard["is_ahead"],
        np.searchsorted(endings.unit.astype(np.int32), units),
        endings.day, endings.outcome, endings.until, endings.is_remand, endings.bench,
        received, rows, stand, counts,
    )  # fmt: skip
    return rows[:n].copy(), stand, tuple(int(count) for count in counts)


@compiled
def _follow(  # noqa: C901, PLR0913
    first_hearing: Any, h_day: Any, h_booked: Any, h_bench: Any, h_result: Any,  # noqa: ANN401
    is_individual: Any, is_ahead: Any, first_ending: Any, e_day: Any, e_outcome: Any,  # noqa: ANN401
    e_until: Any, is_remand: Any, e_bench: Any, received: Any, rows: Any, stand: Any,  # noqa: ANN401
    counts: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401  # fmt: skip
    n = 0
    for u in range(received.size):
        i, last_i = first_hearing[u], first_hearing[u + 1]
        e, last_e = first_ending[u], first_ending[u + 1]
        hearings, rounds, before = 0, 0, -1
        is_reached, is_closed, comes_by_remand = False, False, False
        decided, outcome, until = -1, 0, FAR
        since, since_day = RECEIVED, received[u]
        booked, bench = -1, -1
        while i < last_i or e < last_e:
            on = h_day[i] if i < last_i else FAR
            ends_on = e_day[e] if e < last_e else FAR
            day = min(on, ends_on)
            if is_closed and day >= until:
                is_closed, is_reached = False, comes_by_remand
                since, since_day, before = RETURNED, until, -1
                decided = -1
                rounds += 1
            if is_closed:
                if ends_on <= on:
                    counts[1] += 1
                    until, comes_by_remand = e_until[e], is_remand[e]
                    e += 1
                else:
                    counts[0] += 1
                    i += 1
                continue
            is_paper = ends_on < on
            if is_paper and before >= 0 and ends_on - rows[before].day <= NEAR:
                rows[before].result = e_outcome[e]
            else:
                reaches = not is_paper and is_individual[i]
                if hearings == 0:
                    stage = FIRST_MASTER
                elif is_reached or reaches:
                    stage = INDIVIDUAL
                else:
                    stage = LATER_MASTER
                if stage == INDIVIDUAL:
                    is_reached = True
                    if not is_paper and not reaches:
                        counts[2] += 1
                kind = 1 if stage == INDIVIDUAL else 0
                if before >= 0:
                    if kind == 1 and rows[before].kind == 0:
                        rows[before].result = SET
                    elif rows[before].result < 0 or rows[before].result == SET:
                        rows[before].result = OTHERWISE
                    since, since_day = rows[before].result, rows[before].day
                rows[n].unit = u
                rows[n].day = day
                rows[n].booked = day if is_paper else h_booked[i]
                rows[n].bench = e_bench[e] if is_paper else h_bench[i]
                rows[n].kind = kind
                rows[n].stage = stage
                rows[n].since = since
                rows[n].since_kind = (
                    rows[before].kind if before >= 0 else (kind if since == RETURNED else 0)
                )
                rows[n].from_day = since_day
                rows[n].result = e_outcome[e] if ends_on <= on else h_result[i]
                rows[n].what = ON_PAPER if is_paper else AT_HEARING
                if rows[n].bench >= 0:
                    bench = rows[n].bench
                if not is_paper and is_ahead[i]:
                    rows[n].what, rows[n].result = AHEAD, -1
                    booked = day
                    n += 1
                    i += 1
                    continue
                before = n
                hearings += 1
                n += 1
            if ends_on <= on:
                is_closed, decided, outcome = True, ends_on, e_outcome[e]
                until, comes_by_remand = e_until[e], is_remand[e]
                e += 1
                before = -1
            if not is_paper:
                i += 1
        if is_closed and until < FAR:
            is_closed, is_reached, decided = False, comes_by_remand, -1
            rounds += 1
        if before >= 0 and rows[before].result == SET:
            is_reached = True
        stand[u].hearings = hearings
        stand[u].booked = booked
        stand[u].bench = bench
        stand[u].decided = decided if is_closed else -1
        stand[u].outcome = outcome if is_closed else 0
        stand[u].round = min(rounds, 255)
        if hearings == 0:
            stand[u].stage = FIRST_MASTER
        else:
            stand[u].stage = INDIVIDUAL if is_reached else LATER_MASTER
    return n

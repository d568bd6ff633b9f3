"""The start of a run: who is pending on the morning of a day, as a docket knew by then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.arrow import fetched
from opendocket.docket.opened import Docket
from opendocket.errors import DateOutOfRange, NothingToShow
from opendocket.simulate.fitted import Fit
from opendocket.simulate.population import put_people
from opendocket.simulate.recorded import Histories, days_of, histories
from opendocket.simulate.seeking import with_luck
from opendocket.simulate.tables import LARGEST_FAMILY, Tables
from opendocket.simulate.world import NEVER, NOWHERE, UNIT

PENDING = """
create or replace temp table sim_pending as
with closed as (
    select distinct case_id
    from out_docket__decision
    where completed_date <= $as_of and (until_date is null or until_date > $as_of)
)
select
    p.*,
    first_value(p.case_id) over (
        partition by p.lead_case_id, p.court_code
        order by p.case_id <> p.lead_case_id, p.case_id
    )                                                           as unit_case_id
from sim_person as p
where p.case_id not in (from closed) and p.court_code is not null
"""

NUMBERED = """
create or replace temp table sim_unit as
select
    case_id,
    row_number() over (order by case_id) - 1                    as number
from sim_pending
where case_id = unit_case_id
"""

UNITS = """
select
    p.case_id,
    p.population,
    p.court_code,
    (p.received_date - date '1970-01-01')::integer              as received,
    (p.counsel_date - date '1970-01-01')::integer               as counsel,
    (p.applied_date - date '1970-01-01')::integer               as applied
from sim_pending as p
where p.case_id = p.unit_case_id
order by p.case_id
"""

PEOPLE = """
select
    unit_case_id,
    case_id
from sim_pending
order by unit_case_id, case_id <> unit_case_id, case_id
"""


FIRST = date(1950, 1, 1)
"""No run begins before."""


@dataclass(frozen=True, slots=True)
class Members:
    """Whose cases units are: those of unit i are ``case_id[first[i]:first[i + 1]]``."""

    first: NDArray[np.int64]
    """Shape (units + 1,)."""
    case_id: NDArray[np.int64]
    """Shape (people,); the lead of each unit first."""


@dataclass(frozen=True, slots=True)
class Start:
    """Who is pending on the morning of a day."""

    on: date
    units: NDArray[np.void]
    """Of dtype ``UNIT``, by key; the docket is that of the population, by number."""
    members: Members
    left_out: Mapping[str, int]
    """People who are pending and not here, by reason."""


def starting(
    docket: Docket, on: date, *, fit: Fit, tables: Tables | None = None, seed: int = 0
) -> Start:
    """Read who is pending on a day off a docket.

    A family is one unit where its people are pending at one court; those at another court are
    a unit of their own, and those whose case has ended are left out.

    Args:
        docket: Any, open for reading.
        on: The run's first day. What is dated on it or later is not read, but the hearings
            booked by then.
        fit: Its courts and calendars give units their numbers.
        tables: Whose chances counsel and applications still to come are drawn by; the fit's
            posterior mean if None. ``with_luck`` draws them
            anew without reading again.
        seed: The run's.

    Returns:
        Units with stage, booked hearing, calendar, counsel and application as known by then.

    Raises:
        NothingToShow: Nobody is pending.
        DateOutOfRange: The docket knows nothing of the day before.

    Assumes:
        Custody and the juvenile flag stand as the release has them. A case that ended before
        ``on`` is not here, though some will come back: a run has too few returns at first.
    """
    as_of = on - timedelta(days=1)
    if as_of > docket.as_of:
        raise DateOutOfRange("the run's first day", on, FIRST, docket.as_of + timedelta(days=1))
    put_people(docket.con, as_of)
    docket.con.execute(PENDING, {"as_of": as_of})
    docket.con.execute(NUMBERED)
    frame = fetched(docket.con, UNITS)
    if frame.is_empty():
        raise NothingToShow(str(on), "nobody pending", "name a day that the docket knows of")
    told = histories(docket.con, as_of, frame["received"].to_numpy())
    units, kept = _units(frame, told, on, fit)
    people = fetched(docket.con, PEOPLE)
    members = _members(frame["case_id"].to_numpy(), people, kept)
    units["size"] = np.minimum(np.diff(members.first), LARGEST_FAMILY)
    left = {
        "at a court that the fit does not know": len(people) - len(members.case_id),
    }
    tables = fit.tables() if tables is None else tables
    return Start(on, with_luck(units, tables, seed), members, left)


def _units(
    frame: pl.DataFrame, told: Histories, on: date, fit: Fit
) -> tuple[NDArray[np.void], NDArray[np.bool_]]:
    """Lay units out; tell which are at a court of the fit."""
    first = days_of(on)
    stand = told.stand
    units = np.zeros(len(frame), UNIT)
    court = court_numbers(frame["court_code"], fit)
    units["key"] = frame["case_id"].to_numpy()
    units["filed"] = np.maximum(frame["received"].to_numpy() - first, -NEVER)
    units["counsel"] = units["seeks"] = known(frame["counsel"], first)
    units["applies"] = known(frame["applied"], first)
    is_booked = stand["booked"] >= 0
    units["wanted"] = np.where(is_booked, np.clip(stand["booked"] - first, 0, NEVER - 1), -1)
    units["booked"] = units["decided"] = -1
    units["court"] = np.maximum(court, 0)
    units["population"] = units["docket"] = frame["population"].to_numpy()
    units["stage"], units["round"] = stand["stage"], stand["round"]
    units["hearings"] = np.minimum(stand["hearings"], 250)
    units["judge"] = calendar_numbers(told, units["court"], fit)
    units["pool"] = NOWHERE
    kept = court >= 0
    return units[kept], kept


def court_numbers(codes: pl.Series, fit: Fit) -> NDArray[np.int64]:
    """Give courts' numbers in a fit; -1 for one it does not know."""
    numbers = {code: number for number, code in enumerate(fit.courts)}
    found = codes.replace_strict(numbers, default=-1, return_dtype=pl.Int64)
    return found.to_numpy()


def known(days: pl.Series, first: int) -> NDArray[np.int64]:
    """Count days from a run's first; NEVER where there is none."""
    return (days - first).fill_null(NEVER).clip(-NEVER, NEVER).to_numpy()


def calendar_numbers(told: Histories, court: NDArray[np.uint8], fit: Fit) -> NDArray[np.int64]:
    """Give the calendar of each unit's next or last judge; -1 for none at its court."""
    of_judge = {
        (code, judge): number
        for number, shared in enumerate(fit.pooled)
        for code, judge in (name.split(" ", 1) for name in shared)
    }
    bench = zip(told.bench["court_code"], told.bench["judge_code"], strict=True)
    calendar = np.array([of_judge.get(each, -1) for each in bench] + [-1], dtype=np.int64)
    found = calendar[told.stand["bench"]]
    at = np.append(fit.calendars.court.astype(np.int64), -1)[found]
    return np.where(at == court, found, -1)


def _members(
    leads: NDArray[np.int64], people: pl.DataFrame, kept: NDArray[np.bool_]
) -> Members:
    """Lay people out by unit, lead first; both are in the order of the leads' cases."""
    unit = np.searchsorted(leads, people["unit_case_id"].to_numpy())
    counts = np.bincount(unit, minlength=len(leads))[kept]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Members(first, people["case_id"].to_numpy()[kept[unit]])

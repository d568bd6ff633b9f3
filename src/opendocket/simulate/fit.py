"""Fit the courts' chances, gaps and calendars to a docket, on a window of days."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.arrow import fetched
from opendocket.docket.opened import Docket
from opendocket.errors import NothingToFit
from opendocket.progress import Progress, silent
from opendocket.simulate.afterwards import follow_of
from opendocket.simulate.capacity import Capacity, capacity, said
from opendocket.simulate.fitted import Fit, Source
from opendocket.simulate.hazards import Hazard, expected, hazard, summed
from opendocket.simulate.population import POPULATIONS, put_people
from opendocket.simulate.posterior import Arrivals, Counsel, Gaps, Hazards, Results
from opendocket.simulate.recorded import (
    AHEAD,
    AT_HEARING,
    ON_PAPER,
    OTHERWISE,
    Histories,
    days_of,
    histories,
)
from opendocket.simulate.removals import assumed_removals
from opendocket.simulate.shrunken import dirichlet_size, gamma_size
from opendocket.simulate.tables import DRAWN, INDIVIDUAL, LARGEST_FAMILY, SET, STAGES
from opendocket.simulate.wanted import bounds, mean_seen, wanted_gaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_HEARINGS = 500
"""With fewer in the window nothing is fitted."""

YEARS_BACK = 6
"""Decisions are followed from so long before the window, to see what comes late."""

UNITS = """
create or replace temp table sim_unit as
with recent as (
    select case_id from out_docket__hearing where hearing_date >= $first
    union
    select case_id from out_docket__decision where completed_date >= $since
    union
    select case_id from sim_person where received_date >= $since
),
led as (
    select
        case_id,
        lead_case_id,
        row_number() over (
            partition by lead_case_id
            order by case_id <> lead_case_id, case_id
        )                                                       as place,
        count(*) over (partition by lead_case_id)               as people
    from sim_person
)
select
    l.case_id,
    l.people,
    row_number() over (order by l.case_id) - 1                  as number
from led as l
where l.place = 1 and l.case_id in (from recent)
"""

FAMILIES = """
select
    u.people::integer                                           as people,
    p.population,
    p.court_code,
    (p.received_date - date '1970-01-01')::integer              as received,
    (p.counsel_date - date '1970-01-01')::integer               as counsel,
    (p.applied_date - date '1970-01-01')::integer               as applied
from sim_unit as u
join sim_person as p on p.case_id = u.case_id
order by u.number
"""


@dataclass(frozen=True, slots=True)
class Families:
    """The units that a fit reads; shapes (u,). Days are since 1970, NEVER_YET where none."""

    population: Ints
    court: Ints
    """In the fit's courts; -1 for another."""
    received: Ints
    counsel: Ints
    applied: Ints
    ended: Ints
    """Day of the first ending."""
    people: Ints

    def since(self, day: int) -> "Families":
        """Give those received on a day or later: of older ones only some are read."""
        is_in = self.received >= day
        return Families(
            *(getattr(self, field.name)[is_in] for field in fields(self)),
        )


NEVER_YET = 2**30


def fit(docket: Docket, first: date, last: date, progress: Progress = silent) -> Fit:
    """Fit a docket on a window of days.

    Args:
        docket: Any, open for reading.
        first: First day of the window.
        last: Last day; what is dated later is not read.
        progress: Told of parts.

    Returns:
        Counts from which the tables follow, their posterior mean or any draw.

    Raises:
        NothingToFit: Too few hearings in the window.

    Assumes:
        A family is told by the person it is listed under. Chances are the same throughout the
        window. Where a case moved, its arrival counts at the court that had it last.

    Source:
        docs/explanation/fitting.md
    """
    progress("fitting", 0, 6)
    put_people(docket.con, last)
    since = date(first.year - YEARS_BACK, first.month, min(first.day, 28))
    looked_back = days_of(since)
    docket.con.execute(UNITS, {"first": first, "since": since})
    frame = fetched(docket.con, FAMILIES)
    progress("fitting", 1, 6)
    told = histories(docket.con, last, frame["received"].to_numpy())
    window = (days_of(first), days_of(last))
    heard = in_window(told.rows, window)
    if heard.sum() < LEAST_HEARINGS:
        raise NothingToFit(first, last, int(heard.sum()), LEAST_HEARINGS)
    progress("fitting", 2, 6)
    population = frame["population"].to_numpy()[told.rows["unit"]]
    found = capacity(told.rows, population, told.bench, window, len(POPULATIONS))
    families = _families(frame, told, found.calendars.courts)
    progress("fitting", 3, 6)
    results, used = results_of(told, families, found, window)
    gaps = bounds(told.rows, found.of_bench, found.room, window)
    cells = wanted_gaps(told.rows, population, gaps)
    progress("fitting", 4, 6)
    endings = told.endings.since(looked_back)
    follow = follow_of(docket.con, endings, families.population, window)
    progress("fitting", 5, 6)
    recent = families.since(looked_back)
    made = Fit(
        source=_source(docket, first, last),
        used={**used, **told.passed_over, **said(found), "gaps": len(gaps[0])},
        courts=found.calendars.courts,
        populations=POPULATIONS,
        results=results,
        gaps=Gaps(cells),
        counsel=counsel_of(recent, window, len(found.calendars.courts)),
        applications=_hazards(recent, _clocked(recent, recent.applied, window)),
        follow=follow,
        removals=assumed_removals(POPULATIONS),
        arrivals=arrivals_of(families, window, len(found.calendars.courts)),
        calendars=found.calendars,
        pooled=found.pooled,
        gap_scale=(1.0,) * len(POPULATIONS),
        gap_seen=mean_seen(told.rows, population, window, len(POPULATIONS)),
    )
    progress("fitting", 6, 6)
    return made


def _source(docket: Docket, first: date, last: date) -> Source:
    return Source(
        docket=docket.path.name,
        release_file=docket.release_file,
        release_sha256=docket.release_sha256,
        is_synthetic=docket.is_synthetic,
        is_illustrative=False,
        as_of=docket.as_of,
        first=first,
        last=last,
        version=docket.version,
    )


def in_window(rows: NDArray[np.void], window: tuple[int, int]) -> NDArray[np.bool_]:
    """Tell which rows are hearings, or stand for one, on a day of the window."""
    is_in: NDArray[np.bool_] = (
        (rows["what"] != AHEAD) & (rows["day"] >= window[0]) & (rows["day"] <= window[1])
    )
    return is_in


def _families(frame: pl.DataFrame, told: Histories, courts: tuple[str, ...]) -> Families:
    numbers = {code: number for number, code in enumerate(courts)}
    court = frame["court_code"].replace_strict(numbers, default=-1, return_dtype=pl.Int64)
    ended = np.full(len(frame), NEVER_YET, dtype=np.int64)
    np.minimum.at(ended, told.endings.unit, told.endings.day)
    whole = {
        name: frame[name].fill_null(NEVER_YET).cast(pl.Int64).to_numpy()
        for name in ("population", "received", "counsel", "applied", "people")
    }
    return Families(court=court.fill_null(-1).to_numpy(), ended=ended, **whole)


def results_of(
    told: Histories, families: Families, found: Capacity, window: tuple[int, int]
) -> tuple[Results, Mapping[str, int]]:
    """Count what hearings came to, by court, population, stage, counsel and application."""
    rows = told.rows[in_window(told.rows, window)]
    numbers = {code: number for number, code in enumerate(found.calendars.courts)}
    codes = told.bench["court_code"].replace_strict(numbers, default=-1, return_dtype=pl.Int64)
    court = np.append(codes.to_numpy(), -1)[rows["bench"]]
    result = rows["result"].astype(np.int64)
    result[(result == SET) & (rows["stage"] == INDIVIDUAL)] = OTHERWISE
    is_known = (result >= 0) & (court >= 0)
    unit = rows["unit"]
    at = (
        court,
        families.population[unit],
        rows["stage"].astype(np.int64),
        (families.counsel[unit] <= rows["day"]).astype(np.int64),
        (families.applied[unit] <= rows["day"]).astype(np.int64),
        result,
    )
    shape = (len(numbers), len(POPULATIONS), len(STAGES), 2, 2, DRAWN)
    counts = np.zeros(shape)
    np.add.at(counts, tuple(part[is_known] for part in at), 1.0)
    used = {
        "hearings": int((is_known & (rows["what"] == AT_HEARING)).sum()),
        "decisions on paper, each taken for a hearing": int(
            (is_known & (rows["what"] == ON_PAPER)).sum()
        ),
        "hearings without a known result, passed over": int((result < 0).sum()),
        "hearings at a court without a calendar, passed over": int(
            ((result >= 0) & (court < 0)).sum()
        ),
    }
    return Results(counts, sizes_of(counts)), used


def sizes_of(counts: Floats) -> Floats:
    """Estimate how alike courts are, for each population and stage; shape (n, stages)."""
    courts, populations, stages = counts.shape[:3]
    out = np.empty((populations, stages))
    for n in range(populations):
        for s in range(stages):
            cells = counts[:, n, s].reshape(courts, 4, DRAWN)
            total = cells.sum(axis=0)
            mean = total / np.maximum(total.sum(axis=1, keepdims=True), 1.0)
            out[n, s] = round(dirichlet_size(cells, mean), 3)
    return out


def _clocked(
    families: Families, event: Ints, window: tuple[int, int]
) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    """Give entry, end and event of each family's clock in the window, and who is on it."""
    first, last = window
    on = np.maximum(event, families.received)
    until = np.minimum(np.minimum(on, families.ended), last)
    entered = np.maximum(first - 1 - families.received, 0)
    is_event = (on <= families.ended) & (on <= last)
    is_on = (until >= first) & (families.received <= last) & (on >= first)
    return entered, until - families.received, is_event.astype(np.int64), is_on


def _hazards(families: Families, clock: tuple[Ints, Ints, Ints, NDArray[np.bool_]]) -> Hazards:
    entered, until, event, is_on = clock
    found: list[Hazard] = []
    for n in range(len(POPULATIONS)):
        of_it = is_on & (families.population == n)
        found.append(hazard(entered[of_it], until[of_it], event[of_it]))
    return Hazards(np.stack([h.ended for h in found]), np.stack([h.watched for h in found]))


def counsel_of(families: Families, window: tuple[int, int], courts: int) -> Counsel:
    """Fit when people find counsel, and how courts differ in it."""
    clock = _clocked(families, families.counsel, window)
    hazards = _hazards(families, clock)
    entered, until, event, is_on = clock
    is_on = is_on & (families.court >= 0)
    found, due = np.zeros((courts, len(POPULATIONS))), np.zeros((courts, len(POPULATIONS)))
    rates = hazards.rates()
    for n in range(len(POPULATIONS)):
        of_it = is_on & (families.population == n)
        court = families.court[of_it]
        sums = summed(rates[n, 0])
        found[:, n] = np.bincount(court, event[of_it], minlength=courts)
        due[:, n] = np.bincount(
            court, expected(sums, entered[of_it], until[of_it]), minlength=courts
        )
    size = np.array([gamma_size(found[:, n], due[:, n]) for n in range(len(POPULATIONS))])
    return Counsel(hazards, found, np.round(due, 6), np.round(size, 3))


def arrivals_of(families: Families, window: tuple[int, int], courts: int) -> Arrivals:
    """Fit how many families come, by court, population and month, and their people."""
    first, last = window
    new = (families.received >= first) & (families.received <= last)
    is_here = new & (families.court >= 0)
    n, court = families.population[is_here], families.court[is_here]
    families_of = np.zeros((courts, len(POPULATIONS)))
    np.add.at(families_of, (court, n), 1.0)
    people = np.zeros((len(POPULATIONS), LARGEST_FAMILY))
    size = np.clip(families.people[new], 1, LARGEST_FAMILY) - 1
    np.add.at(people, (families.population[new], size), 1.0)
    months = _monthly(families.received[is_here], court, n, window, courts)
    by_month, due, alike = _seasons(months, first)
    return Arrivals(
        families=families_of,
        days=float(last + 1 - first),
        by_month=by_month,
        due_by_month=np.round(due, 6),
        size=alike,
        dispersion=np.array([_dispersion(months[:, p]) for p in range(len(POPULATIONS))]),
        people=people,
    )


def _whole_months(window: tuple[int, int]) -> tuple[int, int]:
    """Give the window's first whole month, and the one after the last, since 1970."""
    days = np.array([window[0], window[1] + 1], dtype="datetime64[D]")
    months = days.astype("datetime64[M]")
    begins = int(months[0].astype(np.int64)) + int(months[0].astype("datetime64[D]") < days[0])
    return begins, int(months[1].astype(np.int64))


def _monthly(
    received: Ints, court: Ints, n: Ints, window: tuple[int, int], courts: int
) -> Floats:
    """Count arrivals of whole months; shape (courts, populations, months)."""
    begins, ends = _whole_months(window)
    month = received.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - begins
    out = np.zeros((courts, len(POPULATIONS), max(ends - begins, 0)))
    is_in = (month >= 0) & (month < out.shape[2])
    np.add.at(out, (court[is_in], n[is_in], month[is_in]), 1.0)
    return out


def _seasons(months: Floats, first: int) -> tuple[Floats, Floats, Floats]:
    """Hold each month against the twelve around it, and see what comes again each year.

    Returns:
        What the months of the year are worth, in counts that scatter as they do, what they
        would be worth without seasons, and how much a flat year weighs; flat under three years.
    """
    flat = np.full((len(POPULATIONS), 12), 1.0)
    total = months.sum(axis=0)
    years = (total.shape[1] - 12) // 12
    if years < 2:
        return flat, flat, np.full(len(POPULATIONS), 1e6)
    weights = np.convolve(np.ones(12), [0.5, 0.5]) / 12
    around = np.stack([np.convolve(row, weights, mode="valid") for row in total])
    seen = total[:, 6 : 6 + 12 * years].reshape(-1, years, 12)
    due = np.maximum(around[:, : 12 * years].reshape(-1, years, 12), 1e-9)
    ratio = np.where(due > 1, seen / due, 1.0)
    mean = ratio.mean(axis=1)
    noise = ratio.var(axis=1, ddof=1).mean(axis=1) + 1e-6
    again = np.maximum(((mean - 1) ** 2).mean(axis=1) - noise / years, 1e-6)
    known = np.repeat((years / noise)[:, None], 12, axis=1)
    begins = (_whole_months((first, first))[0] + 6) % 12
    by_month = np.roll(mean * known, begins, axis=1)
    return by_month.round(6), known.round(6), (1 / again).round(3)


def _dispersion(months: Floats) -> float:
    """Estimate how courts' rates scatter from month to month, as a share of their square.

    Neighbouring months are compared, so that a rate that grows is not taken for scatter.
    """
    one, next_one = months[:, :-1], months[:, 1:]
    squares = 2 * (one * next_one).sum()
    if squares <= 0:
        return 0.0
    beyond = ((one - next_one) ** 2 - one - next_one).sum() / squares
    return round(float(np.clip(beyond, 0.0, 4.0)), 6)

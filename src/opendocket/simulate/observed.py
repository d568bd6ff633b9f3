"""What a docket says came, of the people that a hindcast follows, and what courts heard.

Everything is counted in people, by the court that the run has them at, so that it stands
beside a run's own numbers: a case that moved counts where the run keeps it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.arrow import fetched, visible
from opendocket.docket.opened import Docket
from opendocket.simulate.population import put_people
from opendocket.simulate.start import Start
from opendocket.simulate.tables import DECISIONS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PENDING = """
with marks as (select unnest(string_split($days, ' ')::date[]) as on_date),
closed as (
    select distinct
        f.case_id,
        m.on_date
    from out_docket__decision as d
    join followed as f on f.case_id = d.case_id
    join marks as m on d.completed_date <= m.on_date
        and (d.until_date is null or d.until_date > m.on_date)
),
came as (
    select
        f.court,
        m.on_date,
        count(*)                                                as people
    from followed as f
    join out_docket__case as c on c.case_id = f.case_id
    join marks as m on c.received_date <= m.on_date
    group by all
),
gone as (
    select
        f.court,
        g.on_date,
        count(*)                                                as people
    from closed as g
    join followed as f on f.case_id = g.case_id
    join out_docket__case as c on c.case_id = g.case_id and c.received_date <= g.on_date
    group by all
)
select
    c.court,
    c.on_date,
    (c.people - coalesce(g.people, 0))::bigint                  as people
from came as c
left join gone as g on g.court = c.court and g.on_date = c.on_date
"""

ENDINGS = """
select
    f.court,
    d.outcome,
    date_trunc('quarter', d.completed_date)::date               as quarter_date,
    count(*)                                                    as people
from out_docket__decision as d
join followed as f on f.case_id = d.case_id
where d.completed_date between $first and $last
group by all
"""

TIMES = """
select
    c.case_id,
    least(c.first_outcome_date, date '9999-01-01')              as ended_date,
    c.is_first_outcome_decided                                  as is_decided,
    c.received_date,
    c.first_master_date,
    (
        select count(*) from out_docket__hearing as h
        where h.case_id = c.case_id and h.is_held and h.hearing_date between $first and $last
    )                                                           as held
from out_docket__case as c
join followed as f on f.case_id = c.case_id
where c.received_date between $first and $last
"""

HEARD = """
select
    h.court_code,
    coalesce(h.is_individual, false)                            as is_individual,
    date_trunc('month', h.hearing_date)::date                   as month_date,
    count(*)                                                    as hearings,
    count(distinct (c.lead_case_id, h.hearing_date))            as slots,
    count(distinct h.judge_code)                                as judges
from out_docket__hearing as h
join out_docket__case as c on c.case_id = h.case_id
where h.is_possible and h.hearing_date between $first and $last
group by all
"""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long people took, of those received between two days."""

    to_ending: Ints
    """By days from receipt, and how that ended (0 pending, 1 decided, 2 otherwise);
    shape (days, 3)."""
    from_master: Ints
    """The same, from the first master hearing that a judge opened."""
    held: int
    """Hearings held of those who ended."""
    ended: int


@dataclass(frozen=True, slots=True)
class Observed:
    """What came between two days."""

    pending: dict[date, Ints]
    """People at the end of days, by court; shape (c,)."""
    endings: Ints
    """People by court, decision and quarter; shape (c, 9, quarters)."""
    lengths: Lengths
    passed_over: int
    """Endings of a kind that the model has not."""


def put_followed(docket: Docket, *groups: Start) -> pl.DataFrame:
    """Lay out whom a hindcast follows: each person's case and court, by number."""
    cases, courts = [], []
    for group in groups:
        counts = np.diff(group.members.first)
        cases.append(group.members.case_id)
        courts.append(np.repeat(group.units["court"].astype(np.int64), counts))
    return pl.DataFrame({"case_id": np.concatenate(cases), "court": np.concatenate(courts)})


def observed(
    docket: Docket,
    followed: pl.DataFrame,
    *,
    first: date,
    last: date,
    marks: Sequence[date],
    courts: int,
) -> Observed:
    """Count what a docket says came.

    Args:
        docket: Open for reading.
        followed: Columns ``case_id`` and ``court``.
        first: The run's first day.
        last: Its last; what is dated later is not read.
        marks: Days to count those pending at the end of.
        courts: How many there are.
    """
    span = {"first": first, "last": last}
    with visible(docket.con, "followed", followed):
        stock = fetched(docket.con, PENDING, {"days": " ".join(map(str, marks))})
        ended = fetched(docket.con, ENDINGS, span)
        times = fetched(docket.con, TIMES, span)
    pending = {}
    for day in marks:
        on = stock.filter(pl.col("on_date") == day)
        pending[day] = _by_court(on["court"], on["people"], courts)
    endings, passed = _endings(ended, first, last, courts)
    return Observed(pending, endings, _lengths(times, first, last), passed)


def _by_court(court: pl.Series, people: pl.Series, courts: int) -> Ints:
    return np.bincount(court.to_numpy(), people.to_numpy(), courts).astype(np.int64)


def quarters(first: date, last: date) -> list[date]:
    """Give the first days of the quarters that a span touches.

    Example:
        >>> quarters(date(2021, 11, 3), date(2022, 4, 1))
        [datetime.date(2021, 10, 1), datetime.date(2022, 1, 1), datetime.date(2022, 4, 1)]
    """
    begins = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    found = []
    while begins <= last:
        found.append(begins)
        begins = date(begins.year + begins.month // 10, (begins.month + 2) % 12 + 1, 1)
    return found


def _endings(ended: pl.DataFrame, first: date, last: date, courts: int) -> tuple[Ints, int]:
    begins = {day: at for at, day in enumerate(quarters(first, last))}
    out = np.zeros((courts, len(DECISIONS), len(begins)), dtype=np.int64)
    passed = 0
    for court, outcome, quarter, people in ended.iter_rows():
        if outcome in DECISIONS:
            out[court, DECISIONS.index(outcome), begins[quarter]] += people
        else:
            passed += people
    return out, passed


def _lengths(times: pl.DataFrame, first: date, last: date) -> Lengths:
    length = (last - first).days + 1
    ended = times["ended_date"].fill_null(last + timedelta(days=1))
    is_over = (ended <= last).to_numpy()
    way = np.where(is_over, np.where(times["is_decided"].fill_null(False), 1, 2), 0)
    stop = np.minimum((ended - first).dt.total_days().to_numpy(), length - 1)
    tallies = []
    for begins in ("received_date", "first_master_date"):
        began = (times[begins] - first).dt.total_days()
        timed = began.is_not_null().to_numpy()
        start = began.fill_null(0).to_numpy()
        timed &= (start <= stop) & (start >= 0)
        tally = np.zeros((length, 3), dtype=np.int64)
        np.add.at(tally, ((stop - start)[timed], way[timed]), 1)
        tallies.append(tally)
    held = int(times["held"].to_numpy()[is_over].sum())
    return Lengths(tallies[0], tallies[1], held, int(is_over.sum()))


@dataclass(frozen=True, slots=True)
class Heard:
    """What courts heard month by month; c courts."""

    hearings: Floats
    """Of people, master and individual; shape (2, c, months)."""
    slots: Floats
    """Of families, who are heard together; shape (2, c, months)."""
    judges: Floats
    """Judges who had a hearing; shape (c, months)."""


def heard(docket: Docket, courts: Sequence[str], first: date, last: date) -> Heard:
    """Count hearings and judges by court and month, those of months cut off among them.

    Args:
        docket: Open for reading.
        courts: Codes.
        first: First day.
        last: Last day.
    """
    rows = fetched(docket.con, HEARD, {"first": first, "last": last})
    number = {code: at for at, code in enumerate(courts)}
    months = month_of(last, first) + 1
    hearings, slots = np.zeros((2, 2, len(courts), months))
    judges = np.zeros((len(courts), months))
    for code, is_individual, month, people, families, sat in rows.iter_rows():
        if code in number:
            at = (int(is_individual), number[code], month_of(month, first))
            hearings[at] += people
            slots[at] += families
            judges[at[1:]] = max(judges[at[1:]], sat)
    return Heard(hearings, slots, judges)


def month_of(day: date, first: date) -> int:
    """Count calendar months from one day's to another's.

    Example:
        >>> month_of(date(2022, 1, 1), date(2021, 11, 30))
        2
    """
    return (day.year - first.year) * 12 + day.month - first.month


LAST_YEAR = """
with known as (
    select
        p.case_id,
        p.court_code,
        p.received_date
    from sim_person as p
    where p.court_code is not null
),
closed as (
    select distinct d.case_id from out_docket__decision as d
    where d.completed_date <= $as_of and (d.until_date is null or d.until_date > $as_of)
),
was_closed as (
    select distinct d.case_id from out_docket__decision as d
    where d.completed_date <= $before and (d.until_date is null or d.until_date > $before)
)
select
    court_code,
    count(*) filter (case_id not in (from closed))              as pending,
    count(*) filter (
        received_date <= $before and case_id not in (from was_closed)
    )                                                           as was_pending,
    count(*) filter (received_date > $before)                   as received
from known
group by court_code
"""

LAST_ENDINGS = """
select
    p.court_code,
    d.outcome,
    count(*)                                                    as people
from out_docket__decision as d
join sim_person as p on p.case_id = d.case_id
where d.completed_date > $before and d.completed_date <= $as_of and p.court_code is not null
group by all
"""


@dataclass(frozen=True, slots=True)
class LastYear:
    """A court's year before the run, in people; shapes (c,)."""

    pending: Floats
    """On the evening before the run."""
    change: Floats
    """By how much that grew in the year."""
    received: Floats
    endings: Floats
    """By decision; shape (c, 9)."""


def last_year(docket: Docket, courts: Sequence[str], on: date) -> LastYear:
    """Count the year before a run, as was known on its eve.

    Args:
        docket: Open for reading.
        courts: Codes.
        on: The run's first day.
    """
    as_of = on - timedelta(days=1)
    before = as_of - timedelta(days=365)
    put_people(docket.con, as_of)
    days = {"as_of": as_of, "before": before}
    flows = fetched(docket.con, LAST_YEAR, days)
    ended = fetched(docket.con, LAST_ENDINGS, days)
    number = {code: at for at, code in enumerate(courts)}
    stock = np.zeros((3, len(courts)))
    endings = np.zeros((len(courts), len(DECISIONS)))
    for code, *counts in flows.iter_rows():
        if code in number:
            stock[:, number[code]] = counts
    for code, outcome, people in ended.iter_rows():
        if code in number and outcome in DECISIONS:
            endings[number[code], DECISIONS.index(outcome)] += people
    pending, was, received = stock
    return LastYear(pending, pending - was, received, endings)

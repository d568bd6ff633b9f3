"""Who comes after the start: drawn from a fit's rates, or the docket's own.

Each court and population is a stream with numbers of its own. A stream's first, second, third
family come when its clock has struck one, two, three times, and the clock runs as fast as the
rate; so a higher rate brings the same families sooner and more after them, and no stream hears
of another.
"""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.arrow import fetched
from opendocket.docket.opened import Docket
from opendocket.simulate.fitted import Fit
from opendocket.simulate.luck import shares, words
from opendocket.simulate.population import put_people
from opendocket.simulate.seeking import with_luck
from opendocket.simulate.start import Members, Start, court_numbers
from opendocket.simulate.tables import LARGEST_FAMILY, Tables
from opendocket.simulate.world import NEVER, NOWHERE, UNIT

ARRIVAL, MONTH, SIZE = 16, 17, 18
"""Purposes of draws, beside those of :mod:`opendocket.simulate.luck`."""

FIRST_KEY = 2**31
"""Keys of drawn families begin here; those of the record are below."""

Floats = NDArray[np.float64]

RECEIVED = """
create or replace temp table sim_received as
select
    p.*,
    first_value(p.case_id) over (
        partition by p.lead_case_id
        order by p.case_id <> p.lead_case_id, p.case_id
    )                                                           as unit_case_id
from sim_person as p
where p.received_date >= $first and p.court_code is not null
"""

FAMILIES = """
select
    case_id,
    population,
    court_code,
    (received_date - $first)::integer                           as filed
from sim_received
where case_id = unit_case_id
order by filed, case_id
"""

PEOPLE = """
select
    unit_case_id,
    case_id
from sim_received
order by unit_case_id, case_id <> unit_case_id, case_id
"""


def room(courts: int, populations: int) -> int:
    """Give how many keys each stream has.

    Example:
        >>> room(82, 4)
        6547206
    """
    return 2**31 // (courts * populations)


def drawn(tables: Tables, start: date, days: int, seed: int) -> NDArray[np.void]:
    """Draw the families that come on each day of a run.

    Args:
        tables: Rates, seasons, dispersion; and the chances of counsel and applications.
        start: Day 0.
        days: Length of the run.
        seed: The run's.

    Returns:
        Of dtype ``UNIT``, by the day each enters and then by key. Stream ``court x populations
        + population`` has the keys from ``2**31 + stream x room`` on.

    Assumes:
        A court's rate changes from month to month by a gamma factor of the table's dispersion,
        and within a month families come independently (Poisson).

    Example:
        >>> from opendocket.simulate.illustrative import illustrative
        >>> units = drawn(illustrative().tables(), date(2024, 1, 1), 365, seed=1)
        >>> 7_000 < len(units) < 10_000
        True
    """
    courts, populations = tables.arrivals.shape
    on = np.datetime64(start, "D") + np.arange(days)
    month = on.astype("datetime64[M]").astype(np.int64) + 12 * 1970
    parts = []
    for stream in range(courts * populations):
        court, n = divmod(stream, populations)
        a_day = tables.arrivals[court, n] * tables.season[n, month % 12]
        factor = _factors(stream, month, tables.dispersion[n], seed)
        clock = np.cumsum(a_day * factor)
        filed = _struck(stream, clock, seed)
        units = np.zeros(len(filed), UNIT)
        most = room(courts, populations)
        if len(filed) > most:
            raise ValueError(f"stream {stream}: {len(filed):,} families; expected {most:,}")
        units["key"] = FIRST_KEY + stream * most + np.arange(len(filed))
        units["filed"] = filed
        units["court"], units["population"] = court, n
        parts.append(units)
    return _finished(np.concatenate(parts), tables, seed)


def _factors(stream: int, month: NDArray[np.int64], dispersion: float, seed: int) -> Floats:
    """Draw a month's factor by the stream and the month's own number."""
    if dispersion <= 0:
        return np.ones(len(month))
    first, place = np.unique(month, return_inverse=True)
    keys = np.full(len(first), stream, dtype=np.uint32)
    word = words(seed, keys, first, MONTH)
    factor = np.array([_gamma(w.tolist(), 1 / dispersion) for w in word])
    return factor[place]


def _gamma(word: list[int], shape: float) -> float:
    """Draw a factor of mean 1 from a generator that the four words begin."""
    rng = np.random.Generator(np.random.Philox(key=[word[0] << 32 | word[1], word[2]]))
    return float(rng.standard_gamma(shape) / shape)


def _struck(stream: int, clock: Floats, seed: int) -> NDArray[np.int64]:
    """Give the day on which each family of a stream comes."""
    due = clock[-1] if len(clock) else 0.0
    struck: list[Floats] = []
    at, number = 0.0, 0
    while at < due:
        more = int((due - at) * 1.05) + 32
        word = words(seed, np.full(more, stream, np.uint32), number + np.arange(more), ARRIVAL)
        times = at + np.cumsum(-np.log1p(-shares(word)[:, 0]))
        struck.append(times)
        at, number = float(times[-1]), number + more
    every = np.concatenate(struck) if struck else np.zeros(0)
    on = np.searchsorted(clock, every, side="left")
    return on[on < len(clock)]


def _finished(units: NDArray[np.void], tables: Tables, seed: int) -> NDArray[np.void]:
    """Give arrivals all that a unit has, and put them in order."""
    sums = np.cumsum(tables.family_share, axis=1)
    u = shares(words(seed, units["key"], 0, SIZE))[:, 0]
    reached = (u[:, None] >= sums[units["population"], :-1]).sum(axis=1)
    units["size"] = np.minimum(reached + 1, LARGEST_FAMILY)
    return with_luck(_newcomers(units), tables, seed)


def _newcomers(units: NDArray[np.void]) -> NDArray[np.void]:
    """Set what all newcomers have in common, and put them in order."""
    units["enters"] = units["filed"]
    units["counsel"] = units["applies"] = units["seeks"] = NEVER
    units["wanted"] = units["booked"] = units["decided"] = units["judge"] = -1
    units["docket"] = units["pool"] = NOWHERE
    return units[np.lexsort((units["key"], units["enters"]))]


def replayed(
    docket: Docket,
    first: date,
    last: date,
    *,
    fit: Fit,
    tables: Tables | None = None,
    seed: int = 0,
) -> Start:
    """Read the families that a docket received from a day on.

    A family comes on the day its lead does, to the court that had the lead's case last; so that
    a case which moved burdens the court it went to.

    Args:
        docket: Any, open for reading.
        first: Day 0 of the run.
        last: The last day of receipt; nothing dated later is read.
        fit: Its courts give units their numbers.
        tables: As for :func:`opendocket.simulate.start.starting`.
        seed: The run's.

    Returns:
        Units by the day they enter and then by key, the lead's case, with their people.
        Counsel and applications are drawn, not read: they are what a run finds out.
    """
    put_people(docket.con, last)
    docket.con.execute(RECEIVED, {"first": first})
    frame = fetched(docket.con, FAMILIES, {"first": first})
    people = fetched(docket.con, PEOPLE)
    units = np.zeros(len(frame), UNIT)
    court = court_numbers(frame["court_code"], fit)
    units["key"], units["filed"] = frame["case_id"].to_numpy(), frame["filed"].to_numpy()
    units["court"] = np.maximum(court, 0)
    units["population"] = frame["population"].to_numpy()
    units = _newcomers(units[court >= 0])
    members = _members(units["key"].astype(np.int64), people)
    units["size"] = np.minimum(np.diff(members.first), LARGEST_FAMILY)
    left = {"at a court that the fit does not know": len(people) - len(members.case_id)}
    tables = fit.tables() if tables is None else tables
    return Start(first, with_luck(units, tables, seed), members, left)


def _members(leads: NDArray[np.int64], people: pl.DataFrame) -> Members:
    """Lay people out in the order of their leads; those of other leads are left out."""
    by_lead = np.argsort(leads, kind="stable")
    lead = people["unit_case_id"].to_numpy()
    at = np.minimum(np.searchsorted(leads[by_lead], lead), max(len(leads) - 1, 0))
    is_in = leads[by_lead][at] == lead if len(leads) else np.zeros(len(lead), dtype=bool)
    unit, case = by_lead[at[is_in]], people["case_id"].to_numpy()[is_in]
    order = np.argsort(unit, kind="stable")  # people of a lead stay lead first
    counts = np.bincount(unit, minlength=len(leads))
    return Members(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), case[order])

"""Made-up courts, for tests, benchmarks and a first look: nothing here was read off a docket.

The shape is plausible: people of four populations, dedicated families heard sooner, detained
people much sooner, counsel found over months, orders in absentia mostly at first hearings. The
sizes are invented, so answers made from them are marked illustrative and say nothing of any
court.
"""

from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.fitted import Calendars, Fit, Source
from opendocket.simulate.hazards import EDGES, STRETCHES, WIDTHS
from opendocket.simulate.population import POPULATIONS
from opendocket.simulate.posterior import (
    Arrivals,
    Counsel,
    Follow,
    Gap,
    Gaps,
    Hazards,
    Results,
)
from opendocket.simulate.removals import assumed_removals
from opendocket.simulate.tables import (
    DECISIONS,
    DRAWN,
    GAPS,
    RECEIVED,
    RESULTS,
    RETURNED,
    SET,
    STAGES,
    WAYS,
)

Floats = NDArray[np.float64]

OBSERVED = 400.0
"""Hearings that each made-up cell stands for: what posterior draws scatter by."""

BEGAN = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Size:
    """How large the made-up courts are."""

    courts: int = 4
    judges: int = 5
    """At each court."""
    received: float = 420.0
    """Families a year for each judge."""
    masters: float = 52.0
    """Slots a week for each judge."""
    individuals: float = 8.0


def illustrative(size: Size | None = None) -> Fit:
    """Give made-up courts in the form of a fit.

    Args:
        size: How large; four courts of five judges if None.

    Returns:
        A fit whose source says that it is illustrative.

    Example:
        >>> fit = illustrative(Size(courts=2, judges=3))
        >>> fit.source.is_illustrative, fit.courts, len(fit.calendars.judges)
        (True, ('C01', 'C02'), 6)
        >>> fit.tables().result.shape
        (2, 4, 3, 2, 2, 17)
    """
    size = Size() if size is None else size
    courts = tuple(f"C{number:02}" for number in range(1, size.courts + 1))
    n = len(POPULATIONS)
    counts = np.broadcast_to(_results(), (size.courts, *_results().shape)) * OBSERVED
    return Fit(
        source=Source(
            docket="",
            release_file="",
            release_sha256="",
            is_synthetic=True,
            is_illustrative=True,
            as_of=BEGAN,
            first=BEGAN,
            last=BEGAN,
            version="",
        ),
        used={},
        courts=courts,
        populations=POPULATIONS,
        results=Results(counts, np.full((n, len(STAGES)), 200.0)),
        gaps=Gaps(tuple(_gaps())),
        counsel=_counsel(size.courts),
        applications=_hazards(_within((0.75, 0.45, 0.8, 0.65), 200.0)),
        follow=_follow(),
        removals=assumed_removals(POPULATIONS),
        arrivals=_arrivals(size),
        calendars=_calendars(courts, size),
        pooled=((),) * (size.courts * size.judges),
        gap_scale=(1.0,) * n,
        gap_seen=(60.0, 20.0, 150.0, 150.0),
    )


def _row(**shares: float) -> Floats:
    out = np.zeros(DRAWN)
    for name, share in shares.items():
        out[RESULTS.index(name.replace("_", " "))] = share
    return out


def _results() -> Floats:
    """Give shares by population, stage, represented and applied."""
    out = np.zeros((len(POPULATIONS), len(STAGES), 2, 2, DRAWN))
    missed = (0.14, 0.02, 0.06, 0.18)
    for n in range(len(POPULATIONS)):
        for represented in range(2):
            for applied in range(2):
                row = out[n, :, represented, applied]
                no_show = missed[n] * (0.25 if represented else 1.2) * (0.5 if applied else 1)
                row[0] = _master(no_show, represented, applied, first=True)
                row[1] = _master(no_show * 0.7, represented, applied, first=False)
                row[2] = _merits(no_show * 0.3, represented)
    shares: Floats = out / out.sum(axis=-1, keepdims=True)
    return shares


def _master(no_show: float, represented: int, applied: int, *, first: bool) -> Floats:
    seeks = 0.08 if represented else 0.30
    row = _row(
        respondent=seeks, dhs=0.08, judge=0.03, court_operations=0.06, interpreter=0.03,
        other_agency_or_joint=0.04, stage_or_decision=0.10, termination=0.03, relief=0.005,
        removal=0.03, voluntary_departure=0.02, other=0.01, no_nta=0.02 if first else 0.005,
        administrative_closure=0.01,
    )  # fmt: skip
    row[RESULTS.index("in absentia")] = no_show
    row[SET] = (0.35 if applied else 0.10) * (0.4 if first else 1.0)
    return row


def _merits(no_show: float, represented: int) -> Floats:
    row = _row(
        respondent=0.10, dhs=0.05, judge=0.05, court_operations=0.08, interpreter=0.03,
        other_agency_or_joint=0.02, stage_or_decision=0.08, termination=0.04, protection=0.03,
        voluntary_departure=0.03, other=0.01, administrative_closure=0.01,
    )  # fmt: skip
    row[RESULTS.index("in absentia")] = no_show
    row[RESULTS.index("relief")] = 0.28 if represented else 0.10
    row[RESULTS.index("removal")] = 0.22 if represented else 0.38
    return row


def _gaps() -> list[Gap]:
    """Give wanted gaps: log-normal, dedicated and detained people sooner."""
    factor = (0.4, 0.12, 0.9, 1.0)
    since_receipt = (40.0, 10.0, 60.0, 60.0)
    cells = []
    for docket in range(len(POPULATIONS)):
        for kind in range(2):
            for since in range(len(GAPS)):
                median = (90.0 + 10.0 * since + 30.0 * kind) * factor[docket]
                if since == RECEIVED:
                    median = since_receipt[docket]
                if since == RETURNED:
                    median = 120.0 * factor[docket]
                days, counts = np.unique(_log_normal(median, 0.5), return_counts=True)
                cells.append(Gap(docket, kind, since, days, counts.astype(np.float64)))
    return cells


def _log_normal(median: float, sigma: float, points: int = 400) -> NDArray[np.int64]:
    at = (np.arange(points) + 0.5) / points
    z = np.array([NormalDist().inv_cdf(share) for share in at])
    return np.maximum(np.round(median * np.exp(sigma * z)), 1).astype(np.int64)


def _within(ever: tuple[float, ...], mean_days: float) -> Floats:
    """Give hazards of something that a share of people does, after an exponential time."""
    middle = EDGES[:-1] + WIDTHS / 2
    falls = np.exp(-middle / mean_days)
    share = np.array(ever)[:, None]
    rates: Floats = share * falls / mean_days / (1 - share * (1 - falls))
    return rates


def _hazards(rates: Floats) -> Hazards:
    """Count as if 2,000 people of each population were watched throughout."""
    watched = np.broadcast_to(2_000.0 * WIDTHS, (len(rates), STRETCHES)).copy()
    return Hazards((rates * watched)[:, None, :], watched)


def _counsel(courts: int) -> Counsel:
    hazards = _hazards(_within((0.45, 0.30, 0.70, 0.60), 180.0))
    even = np.full((courts, len(POPULATIONS)), 300.0)
    return Counsel(hazards, even, even, np.full(len(POPULATIONS), 50.0))


def _follow() -> Follow:
    shares = {
        "in absentia": (0.12, 0.001, 0.06, 0.01), "removal": (0.02, 0.03, 0.02, 0.20),
        "voluntary departure": (0.02, 0.01, 0.01, 0.02), "relief": (0.005, 0.01, 0.0, 0.02),
        "protection": (0.005, 0.01, 0.0, 0.02), "termination": (0.02, 0.005, 0.0, 0.01),
        "other": (0.03, 0.005, 0.01, 0.01), "no nta": (0.02, 0.0, 0.0, 0.0),
        "administrative closure": (0.3, 0.001, 0.0, 0.0),
    }  # fmt: skip
    table = np.array([shares[name] for name in DECISIONS])
    common = np.array([0.05, 0.02, 0.03, 0.08])
    rates = np.stack([_within((share,), 400.0)[0] for share in common])
    rates[:, EDGES[:-1] < 30] = 0.0
    watched = np.broadcast_to(8_000.0 * WIDTHS, (len(POPULATIONS), STRETCHES)).copy()
    ended = np.broadcast_to(rates * watched[0], (len(POPULATIONS), *rates.shape)).copy()
    expected = np.broadcast_to(300.0 * common, (len(POPULATIONS), *table.shape)).copy()
    return Follow(
        back=Hazards(ended[:, :2], watched),
        final=Hazards(ended[:, 2:], watched),
        seen=expected * table / common,
        expected=expected,
        size=np.full(len(WAYS), 0.5),
    )


def _arrivals(size: Size) -> Arrivals:
    share = np.array([0.06, 0.08, 0.08, 0.78])
    families = np.zeros((size.courts, len(POPULATIONS))) + share
    families[(size.courts + 1) // 2 :, 0] = 0.0  # half the courts have no Dedicated Docket
    families *= size.received * size.judges * 3
    months = np.repeat(families.sum(axis=0)[:, None] / 12, 12, axis=1)
    alone, alike = np.array([0.05, 0.98, 0.85, 0.75]), 0.45
    sizes = alike ** np.arange(11.0)
    people = np.hstack([alone[:, None], (1 - alone)[:, None] * sizes / sizes.sum()]) * 5_000
    return Arrivals(
        families=families,
        days=3 * 365.0,
        by_month=months,
        due_by_month=months,
        size=np.full(len(POPULATIONS), 1e4),
        dispersion=np.full(len(POPULATIONS), 0.02),
        people=people,
    )


def _calendars(courts: tuple[str, ...], size: Size) -> Calendars:
    """Give each court one judge in ten for detained people, two for the Dedicated Docket."""
    judges = size.judges
    court = np.repeat(np.arange(len(courts)), judges)
    number = np.tile(np.arange(judges), len(courts))
    detained = number < max(1, judges // 10)
    is_only = judges == 1
    dedicated = ~detained & (number < max(2, judges * 3 // 10))
    serves = np.stack([dedicated, detained, ~detained, ~detained], axis=1) | is_only
    weekly = np.array([size.masters, size.individuals])
    return Calendars(
        courts=courts,
        judges=tuple(f"{courts[c]}-J{i:02}" for c, i in zip(court, number, strict=True)),
        court=court.astype(np.uint8),
        worth=np.ones(len(court)),
        weekly=np.repeat(weekly[:, None], len(court), axis=1),
        sessions=np.repeat(np.array([[2.0], [4.0]]), len(court), axis=1),
        serves=serves,
        weight=np.full(len(court), 10, dtype=np.uint8),
    )

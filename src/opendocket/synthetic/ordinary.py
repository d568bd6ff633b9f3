"""Everyone else's docket: fifty years of cases, closed at the pace that history implies."""

import numpy as np
from numpy.typing import NDArray

from opendocket.synthetic.calendar import NEVER, Days, day, fiscal_year, working_day
from opendocket.synthetic.courts import courts
from opendocket.synthetic.history import (
    DEDICATED_RECEIPTS,
    DETAINED_MEDIAN_DAYS,
    DETAINED_SIGMA,
    FIRST_YEAR,
    MIN_AGE_MONTHS,
    RECEIPTS,
    RECEIPTS_BY_MONTH,
    YEARS,
    flows,
    month_starts,
    monthly,
    outcome_shares,
    yearly,
)
from opendocket.synthetic.history import (
    DETAINED as DETAINED_SHARE,
)
from opendocket.synthetic.history import (
    RELEASED as RELEASED_SHARE,
)
from opendocket.synthetic.units import (
    AOC,
    CFR,
    DDC,
    DEP,
    DETAINED,
    EXC,
    LANGUAGES,
    NATIONALITIES,
    NEVER_DETAINED,
    NUMBER,
    OUTCOMES,
    RELEASED,
    RFR,
    RMV,
    WHO,
    Numbers,
    Units,
    even_chances,
    lognormal_days,
    normal,
    pick,
    possible,
    sizes_adding_up,
)

# Short reviews and officer appeals, thousands a year; they add up to the kinds of case in
# the release of 2026 (CFR 209,364; DDC 129,329). From 2013 to 2021 reviews are what TRAC's
# completions of all kinds (B07) leave beside EOIR's (B03), as far as that is positive.
FEAR_REVIEWS = 1_000 * yearly(
    (1976, 0.0),
    (2000, 5.5),
    (2013, (11.0, 16.0, 21.0, 30.0, 14.0, 1.5, 2.0, 12.0, 12.0)),
    (2022, (24.0, 24.0, 24.0, 10.0, 4.0)),
)
OFFICER_APPEALS = 1_000 * yearly((1976, 0.0), (1984, 3.0))

NATIONAL = float((RECEIPTS - DEDICATED_RECEIPTS + FEAR_REVIEWS + OFFICER_APPEALS).sum())
"""Cases of the ordinary docket in the release of July 2026, as modelled."""

# Share of units that are families, so that 20.7 % of all cases ride with a lead case.
FAMILIES = yearly((1976, 0.05), (2000, 0.08), (2014, 0.16), (2021, 0.23))
FAMILY_SIZES = np.array([0.0, 0.45, 0.33, 0.17, 0.05])

FIRST_HEARING_MEDIAN = yearly(
    (1976, 55.0), (2008, 100.0), (2014, 220.0), (2020, 330.0), (2025, 250.0)
)

OUTCOMES_DETAINED = {
    "removal": 0.74, "voluntary departure": 0.08, "relief": 0.055, "protection": 0.015,
    "termination": 0.07, "in absentia": 0.004, "other": 0.036,
}  # fmt: skip

COUNSEL_FREE = {
    "pending": 0.50, "relief": 0.97, "protection": 0.95, "removal": 0.72, "in absentia": 0.17,
    "voluntary departure": 0.78, "termination": 0.80, "no nta": 0.12,
    "administrative closure": 0.88, "other": 0.60,
}  # fmt: skip
COUNSEL_DETAINED = {
    "pending": 0.25, "relief": 0.75, "protection": 0.80, "removal": 0.10, "in absentia": 0.10,
    "voluntary departure": 0.25, "termination": 0.45, "other": 0.20,
}  # fmt: skip
COUNSEL_MEDIAN, COUNSEL_SIGMA = 170.0, 0.9

ASYLUM_WITH_COUNSEL, ASYLUM_ALONE = 0.72, 0.16
ASYLUM_SINCE = 1986

NATIONALITY = {
    "MX": 0.26, "GT": 0.13, "HO": 0.13, "ES": 0.11, "VE": 0.07, "CU": 0.05, "CO": 0.04,
    "EC": 0.035, "NU": 0.03, "BR": 0.025, "CH": 0.03, "IN": 0.02, "PE": 0.02, "HA": 0.02,
    "RU": 0.01, "TU": 0.01, "DR": 0.01,
}  # fmt: skip
SPEAKS = {"BR": "POR", "HA": "CRE", "CH": "MAN", "IN": "PUN", "RU": "RUS", "TU": "TU"}
SPEAKS_ENGLISH, SPEAKS_MAYAN = 0.06, 0.12

MISPLACED = 0.0075  # families heard at a place of the Dedicated Docket without its tag


def ordinary_units(first: int, count: int, of: int, rng: np.random.Generator) -> Units:
    """Draw the units of a stretch of the ordinary docket, in order of receipt.

    Args:
        first: Number of the first case of the stretch.
        count: Cases in it.
        of: Cases in the whole ordinary docket.
        rng: Chance.

    Returns:
        Units of ``count`` cases together.
    """
    size = _sizes(first, count, of, rng)
    n = len(size)
    before = first + np.concatenate([[0], np.cumsum(size)[:-1]]) + size * rng.random(n)
    received = working_day(_received(np.minimum(before / of, 1 - 1e-9)))
    year = np.clip(fiscal_year(received) - FIRST_YEAR, 0, len(YEARS) - 1)
    case_type = _case_type(year, rng)
    custody = _custody(size, year, case_type, rng)
    closed, outcome = _closing(size, received, case_type, custody, rng)
    first_hearing = _first_hearing(received, closed, year, case_type, custody, rng)
    counsel = _counsel(received, closed, outcome, custody, rng)
    nationality, language = _people(n, rng)
    court = _court(custody, case_type, rng)
    at_place, place = _misplaced(size, received, court, custody, rng)
    lag = np.ceil(lognormal_days(np.where(custody == DETAINED, 6.0, 24.0), 1.0, rng, n))
    return Units(
        size=size,
        is_dedicated=np.zeros(n, dtype=bool),
        at_place=at_place,
        place=place,
        court=court,
        case_type=case_type,
        custody=custody,
        nationality=nationality,
        language=language,
        nta=(received - np.minimum(lag, 1_500)).astype(np.int32),
        received=received,
        first_hearing=first_hearing,
        outcome=outcome,
        closed=closed,
        counsel=counsel,
        asylum=_asylum(received, first_hearing, closed, counsel, outcome, custody, rng),
    )


def _sizes(first: int, count: int, of: int, rng: np.random.Generator) -> Numbers:
    """Draw unit sizes; the share of families is that of the year each is received in."""
    year = fiscal_year(_received((first + np.arange(count)) / of)) - FIRST_YEAR
    families = FAMILIES[np.clip(year, 0, len(YEARS) - 1)]
    parts = []
    for block in np.split(families, np.flatnonzero(np.diff(families)) + 1):
        shares = block[0] * FAMILY_SIZES
        shares[0] = 1 - block[0]
        parts.append(sizes_adding_up(len(block), shares, rng))
    return np.concatenate(parts)


def _received(position: NDArray[np.float64]) -> Days:
    """Turn a case's place in the line, from 0 to 1, into the day it is received."""
    per_month = monthly(RECEIPTS - DEDICATED_RECEIPTS, RECEIPTS_BY_MONTH)
    per_month = per_month + monthly(FEAR_REVIEWS + OFFICER_APPEALS)
    upto = np.concatenate([[0], np.cumsum(per_month)]) / per_month.sum()
    return np.floor(np.interp(position, upto, month_starts())).astype(np.int32)


def _case_type(year: Numbers, rng: np.random.Generator) -> Numbers:
    ordinary = RECEIPTS - DEDICATED_RECEIPTS
    total = ordinary + FEAR_REVIEWS + OFFICER_APPEALS
    before_1997 = np.where(YEARS < 1997, 1.0, np.where(YEARS == 1997, 0.5, 0.0))
    shares = np.zeros((len(YEARS), 8))
    shares[:, DEP] = ordinary * before_1997 * 0.84
    shares[:, EXC] = ordinary * before_1997 * 0.16
    shares[:, RMV] = ordinary * (1 - before_1997) * 0.9935
    shares[:, AOC] = ordinary * (1 - before_1997) * 0.0030
    shares[:, WHO] = ordinary * (1 - before_1997) * 0.0035
    shares[:, CFR] = FEAR_REVIEWS * 0.76
    shares[:, RFR] = FEAR_REVIEWS * 0.24
    shares[:, DDC] = OFFICER_APPEALS
    return pick((shares / total[:, None])[year], rng.random(len(year)))


def _custody(
    size: Numbers, year: Numbers, case_type: Numbers, rng: np.random.Generator
) -> Numbers:
    singles = 1 - FAMILIES * (FAMILY_SIZES * np.arange(1, 6)).sum() / (
        1 - FAMILIES + FAMILIES * (FAMILY_SIZES * np.arange(1, 6)).sum()
    )
    detained = np.minimum(DETAINED_SHARE / singles, 0.98)[year]
    released = np.minimum(RELEASED_SHARE / singles, 0.98)[year]
    chance = rng.random(len(size))
    custody = np.where(
        chance < detained, DETAINED, np.where(chance < detained + released, RELEASED, 0)
    )
    custody = np.where(size > 1, NEVER_DETAINED, custody)
    custody = np.where(np.isin(case_type, (CFR, RFR)), DETAINED, custody)
    return np.where(case_type == DDC, NEVER_DETAINED, custody).astype(np.int32)


def _closing(
    size: Numbers,
    received: Days,
    case_type: Numbers,
    custody: Numbers,
    rng: np.random.Generator,
) -> tuple[Days, Numbers]:
    n = len(received)
    bends, sums = flows().cumulative()
    eligible = received + 30.4375 * MIN_AGE_MONTHS
    chance = even_chances(1, custody, size, received, rng=rng)[0]
    target = np.interp(eligible, bends, sums) - np.log1p(-chance)
    free = np.interp(target, sums, bends)
    held = received + DETAINED_MEDIAN_DAYS * np.exp(DETAINED_SIGMA * normal(chance))
    review = received + 3 + lognormal_days(8.0, 0.6, rng, n)
    is_review = np.isin(case_type, (CFR, RFR))
    closed = np.where(is_review, review, np.where(custody == DETAINED, held, free))
    closed = working_day(np.minimum(closed, NEVER - 10).astype(np.int32))
    outcome = _outcome(size, closed, custody, rng)
    outcome = np.where(is_review, NUMBER["review"], outcome)
    outcome = np.where(case_type == DDC, 0, outcome)
    outcome = possible(outcome.astype(np.int32), case_type)
    return np.where(case_type == DDC, NEVER, closed).astype(np.int32), outcome


def _outcome(
    size: Numbers, closed: Days, custody: Numbers, rng: np.random.Generator
) -> Numbers:
    """Draw how a case ends; for people not detained it depends on the year it ends in."""
    table = np.zeros((len(YEARS), len(OUTCOMES)))
    for index in range(len(YEARS)):
        for name, share in outcome_shares(index, float(flows().admin_share[index])).items():
            table[index, NUMBER[name]] = share
    year = np.clip(fiscal_year(closed) - FIRST_YEAR, 0, len(YEARS) - 1)
    chance = even_chances(1, custody == DETAINED, size, closed, rng=rng)[0]
    held = np.array([OUTCOMES_DETAINED.get(name, 0.0) for name in OUTCOMES])
    free = pick(table[year], chance)
    return np.where(custody == DETAINED, pick(held, chance), free).astype(np.int32)


def _first_hearing(
    received: Days,
    closed: Days,
    year: Numbers,
    case_type: Numbers,
    custody: Numbers,
    rng: np.random.Generator,
) -> Days:
    n = len(received)
    free = 20 + lognormal_days(FIRST_HEARING_MEDIAN[year], 0.7, rng, n)
    held = 3 + lognormal_days(9.0, 0.6, rng, n)
    wait = np.where((custody == DETAINED) | np.isin(case_type, (CFR, RFR)), held, free)
    room = np.maximum(closed - received, 0)
    wait = np.where(wait >= room, room * (0.2 + 0.8 * rng.random(n)), wait)
    hearing = working_day((received + wait).astype(np.int32))
    return np.where(case_type == DDC, NEVER, np.minimum(hearing, closed)).astype(np.int32)


def _counsel(
    received: Days, closed: Days, outcome: Numbers, custody: Numbers, rng: np.random.Generator
) -> Days:
    n = len(received)
    free = np.array([COUNSEL_FREE.get(name, 0.0) for name in OUTCOMES])
    held = np.array([COUNSEL_DETAINED.get(name, 0.0) for name in OUTCOMES])
    share = np.where(custody == DETAINED, held[outcome], free[outcome])
    wait = lognormal_days(COUNSEL_MEDIAN, COUNSEL_SIGMA, rng, n)
    room = np.minimum(closed - received, 20_000)
    wait = np.where(wait >= room, room * (0.1 + 0.8 * rng.random(n)), wait)
    finds = (rng.random(n) < share) & (closed < NEVER)
    return np.where(finds, received + wait, NEVER).astype(np.int32)


def _asylum(
    received: Days,
    first_hearing: Days,
    closed: Days,
    counsel: Days,
    outcome: Numbers,
    custody: Numbers,
    rng: np.random.Generator,
) -> Days:
    n = len(received)
    share = np.where(counsel < NEVER, ASYLUM_WITH_COUNSEL, ASYLUM_ALONE)
    share = np.where(custody == DETAINED, share * 0.35, share)
    share = np.where(outcome == NUMBER["protection"], 1.0, share)
    share = np.where(outcome == NUMBER["in absentia"], share * 0.5, share)
    share = np.where(received < day(ASYLUM_SINCE), 0.05, share)
    begin = np.minimum(np.where(counsel < NEVER, counsel, first_hearing), closed)
    room = np.maximum(np.minimum(closed, begin + 20_000) - begin - 1, 0)
    wait = rng.gamma(1.5, 120.0, n)
    filed = begin + np.where(wait < room, wait, room * rng.random(n))
    applies = (rng.random(n) < share) & (closed < NEVER)
    return np.where(applies, filed, NEVER).astype(np.int32)


def _court(custody: Numbers, case_type: Numbers, rng: np.random.Generator) -> Numbers:
    n = len(custody)
    where = courts()
    free = pick(where.open_shares, rng.random(n))
    held = pick(where.detained_shares, rng.random(n))
    board = where.number("BIA")
    court = np.where(custody == DETAINED, held, free)
    return np.where(case_type == DDC, board, court).astype(np.int32)


def _misplaced(
    size: Numbers, received: Days, court: Numbers, custody: Numbers, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], Numbers]:
    where = courts()
    place_of = np.full(len(where.codes), -1, dtype=np.int32)
    place_of[where.place_court] = np.arange(len(where.place_codes))
    place = place_of[court]
    then = (received >= day(2021, 6)) & (received < day(2023))
    chosen = (size > 1) & then & (place >= 0) & (rng.random(len(size)) < MISPLACED)
    return chosen & (custody == NEVER_DETAINED), np.where(chosen, place, -1).astype(np.int32)


def _people(n: int, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    shares = np.array([NATIONALITY.get(code, 0.0) for code in NATIONALITIES])
    nationality = pick(shares / shares.sum(), rng.random(n))
    speaks = np.array(
        [LANGUAGES.index(SPEAKS.get(code, "SP")) for code in NATIONALITIES], dtype=np.int32
    )
    language = speaks[nationality]
    chance = rng.random(n)
    guatemala = nationality == NATIONALITIES.index("GT")
    language = np.where(guatemala & (chance < SPEAKS_MAYAN), LANGUAGES.index("MAM"), language)
    language = np.where(chance > 1 - SPEAKS_ENGLISH, LANGUAGES.index("ENG"), language)
    return nationality, language.astype(np.int32)

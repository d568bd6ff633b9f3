"""The Dedicated Docket's own process, fitted to what has been published of it.

Intake by month, the chance of each first outcome and the time to it were fitted together to
the published figures A08 to A49 (docs/explanation/synthetic.md lists target and result). The
fit is not unique: it shows that the figures can be true of one docket, not that they are.
"""

import numpy as np
from numpy.typing import NDArray

from opendocket.synthetic.calendar import NEVER, Days, day, working_day
from opendocket.synthetic.courts import courts
from opendocket.synthetic.units import (
    LANGUAGES,
    NATIONALITIES,
    NEVER_DETAINED,
    NUMBER,
    OUTCOMES,
    RMV,
    Numbers,
    Units,
    even_chances,
    normal,
    pick,
    sizes_adding_up,
)

# People received a month, nationally: A06, A08, A12, A13, A42; assumed after September 2022.
INTAKE = (
    (2021, 6, (1_500, 3_366, 11_847, 15_100, 15_100, 15_087, 10_000)),
    (2022, 1, (6_500, 5_500, 5_000, 4_500, 4_300, 4_200, 3_500, 2_500, 2_000)),
    (2022, 10, (1_500, 1_200, 1_000)),
    (2023, 1, (500,) * 12),
    (2024, 1, (150,) * 9),
)
NATIONAL = sum(sum(people) for _, _, people in INTAKE)

FAMILY_SIZES = np.array([0.04, 0.40, 0.34, 0.17, 0.05])  # 2.8 people a family: A09

# Boston took 21 % of the first seven months (A29) and less after (A30).
BOSTON_EARLY, BOSTON_LATE, EARLY_UNTIL = 0.208, 0.145, day(2022)

LAG_MEDIAN, LAG_SIGMA = 18.0, 0.9  # NTA to receipt; shape after F07
FIRST_MASTER_MEDIAN, FIRST_MASTER_SIGMA = 51.3, 0.435

# Share of first outcomes in the long run, and the median days (and sigma) from the first
# master hearing to it. What is missing from one stays pending for years.
FATES = {
    "no nta": (0.0961, 0.0, 0.0),
    "in absentia": (0.1619, 202.0, 0.53),
    "removal": (0.0735, 190.0, 0.50),
    "relief": (0.1530, 367.0, 0.45),
    "protection": (0.0030, 400.0, 0.45),
    "voluntary departure": (0.0120, 170.0, 0.60),
    "termination": (0.2000, 522.0, 0.80),
    "administrative closure": (0.0450, 570.0, 0.70),
    "other": (0.0050, 300.0, 0.70),
}
ABSENT_AT_FIRST_MASTER = 0.15
NO_NTA_AT_FIRST_MASTER = 0.75

# How the chance of an outcome differs by place: the order is that of FATES.
PLACE_FACTORS = {
    "BDD": (0.648, 0.626, 0.498, 0.338, 0.338, 0.70, 0.640, 0.70, 0.7),
    "MAT": (5.574, 0.730, 0.730, 0.639, 0.639, 0.82, 0.730, 0.82, 0.8),
    "NLT": (0.000, 1.380, 1.780, 0.250, 0.250, 0.02, 0.003, 0.00, 0.0),
}
LOS_ANGELES_PACE = 0.6615

# Share that finds counsel, and the median days from receipt; sigma is common.
COUNSEL = {
    "pending": (0.725, 198.0),
    "no nta": (0.34, 38.0),
    "in absentia": (0.06, 80.0),
    "removal": (0.43, 130.0),
    "relief": (0.985, 150.0),
    "protection": (0.985, 150.0),
    "voluntary departure": (0.85, 120.0),
    "termination": (0.93, 150.0),
    "administrative closure": (0.93, 150.0),
    "other": (0.80, 150.0),
}
COUNSEL_SIGMA = 0.62
COUNSEL_PACE = {"BDD": 0.89, "NLT": 0.52}  # A31; A28
COUNSEL_COMES_IN_TIME = ("relief", "protection", "voluntary departure", "termination")

# Share that applies for asylum, with and without counsel: A47, A48, A49.
ASYLUM = {
    "pending": (0.92, 0.30),
    "no nta": (0.72, 0.008),
    "in absentia": (0.60, 0.045),
    "removal": (0.96, 0.33),
    "relief": (1.0, 1.0),
    "protection": (1.0, 1.0),
    "voluntary departure": (0.80, 0.10),
    "termination": (0.93, 0.30),
    "administrative closure": (0.90, 0.30),
    "other": (0.80, 0.10),
}

NATIONALITY = {
    "EC": 0.19, "BR": 0.17, "HO": 0.15, "CO": 0.09, "VE": 0.08, "GT": 0.08, "NU": 0.06,
    "PE": 0.06, "ES": 0.04, "HA": 0.04, "MX": 0.02, "CU": 0.02,
}  # fmt: skip
SPEAKS = {"BR": "POR", "HA": "CRE"}

OFF_PLACE = 0.06  # tagged, but scheduled at the court's ordinary place
TAGGED_EARLIER = 0.001  # received before the docket began, tagged later


def dedicated_units(first: int, count: int, of: int, rng: np.random.Generator) -> Units:
    """Draw the units of a stretch of the Dedicated Docket, in order of receipt.

    Args:
        first: Number of the first case of the stretch.
        count: Cases in it.
        of: Cases in the whole docket.
        rng: Chance.

    Returns:
        Units of ``count`` cases together.
    """
    size = sizes_adding_up(count, FAMILY_SIZES, rng)
    n = len(size)
    before = first + np.concatenate([[0], np.cumsum(size)[:-1]]) + size * rng.random(n)
    received = working_day(_received(before / of))
    early = rng.random(n) < TAGGED_EARLIER
    received = np.where(early, working_day((received - 300).astype(np.int32)), received)
    place = _place(size, received, rng)
    outcome = _outcome(size, received, place, rng)
    before_court = even_chances(2, place, outcome, size, received, rng=rng)
    lag = np.ceil(LAG_MEDIAN * np.exp(LAG_SIGMA * normal(before_court[0])))
    wait = FIRST_MASTER_MEDIAN * np.exp(FIRST_MASTER_SIGMA * normal(before_court[1]))
    first_master = working_day((received + wait).astype(np.int32))
    closed = _closed(first_master, outcome, place, rng)
    counsel = _counsel(received, closed, outcome, place, rng)
    nationality, language = _people(n, rng)
    off = rng.random(n) < OFF_PLACE
    return Units(
        size=size,
        is_dedicated=np.ones(n, dtype=bool),
        at_place=~off,
        place=place,
        court=courts().place_court[place],
        case_type=np.full(n, RMV, dtype=np.int32),
        custody=np.full(n, NEVER_DETAINED, dtype=np.int32),
        nationality=nationality,
        language=language,
        nta=(received - lag).astype(np.int32),
        received=received.astype(np.int32),
        first_hearing=first_master,
        outcome=outcome,
        closed=closed,
        counsel=counsel,
        asylum=_asylum(first_master, closed, counsel, outcome, rng),
    )


def _received(position: NDArray[np.float64]) -> Days:
    """Turn a case's place in the line, from 0 to 1, into the day it is received."""
    starts, people = [], []
    for year, month, counts in INTAKE:
        for offset, each in enumerate(counts):
            starts.append(day(year, month + offset))
            people.append(each)
    starts.append(day(2024, 10))
    upto = np.concatenate([[0], np.cumsum(people)]) / NATIONAL
    return np.floor(np.interp(position, upto, starts)).astype(np.int32)


def _place(size: Numbers, received: Days, rng: np.random.Generator) -> Numbers:
    shares = courts().place_shares
    boston = courts().place_codes.index("BDD")
    rest = np.where(np.arange(len(shares)) == boston, 0.0, shares)
    rest /= rest.sum()
    chance = even_chances(1, size, received, rng=rng)[0]
    table = np.empty((len(size), len(shares)))
    in_boston = np.where(received < EARLY_UNTIL, BOSTON_EARLY, BOSTON_LATE)
    table[:] = rest * (1 - in_boston)[:, None]
    table[:, boston] = in_boston
    return pick(table, chance)


def _outcome(
    size: Numbers, received: Days, place: Numbers, rng: np.random.Generator
) -> Numbers:
    base = np.array([share for share, _, _ in FATES.values()])
    table = np.tile(base, (len(courts().place_codes), 1))
    for code, factors in PLACE_FACTORS.items():
        table[courts().place_codes.index(code)] *= factors
    table = np.column_stack([table, 1 - table.sum(axis=1)])
    numbers = np.array([NUMBER[name] for name in (*FATES, "pending")], dtype=np.int32)
    chance = even_chances(1, place, size, received, rng=rng)[0]
    return numbers[pick(table[place], chance)]


def _closed(
    first_master: Days, outcome: Numbers, place: Numbers, rng: np.random.Generator
) -> Days:
    chance = even_chances(2, place, outcome, first_master, rng=rng)
    median, sigma = np.zeros(len(OUTCOMES)), np.zeros(len(OUTCOMES))
    for name, (_, days, spread) in FATES.items():
        median[NUMBER[name]], sigma[NUMBER[name]] = days, spread
    z, at_once = normal(chance[0]), chance[1]
    after = median[outcome] * np.exp(sigma[outcome] * z)
    in_los_angeles = place == courts().place_codes.index("NLT")
    after = np.where(in_los_angeles, after * LOS_ANGELES_PACE, after)
    absent, no_nta = outcome == NUMBER["in absentia"], outcome == NUMBER["no nta"]
    after = np.where(absent & (at_once < ABSENT_AT_FIRST_MASTER), 0, after)
    after = np.where(no_nta & (at_once >= NO_NTA_AT_FIRST_MASTER), 30 + 20 * np.abs(z), after)
    closed = working_day((first_master + after).astype(np.int32))
    return np.where(outcome == 0, NEVER, closed).astype(np.int32)


def _counsel(
    received: Days,
    closed: Days,
    outcome: Numbers,
    place: Numbers,
    rng: np.random.Generator,
) -> Days:
    n = len(outcome)
    chance = even_chances(2, outcome, closed, rng=rng)
    share, median = np.zeros(len(OUTCOMES)), np.ones(len(OUTCOMES))
    for name, (found, days) in COUNSEL.items():
        share[NUMBER[name]], median[NUMBER[name]] = found, days
    wait = median[outcome] * np.exp(COUNSEL_SIGMA * normal(chance[0]))
    pace = np.array([COUNSEL_PACE.get(code, 1.0) for code in courts().place_codes])
    entered = received + wait * pace[place]
    finds = chance[1] < share[outcome]
    must = np.isin(outcome, [NUMBER[name] for name in COUNSEL_COMES_IN_TIME])
    span = np.minimum(closed, received + 3_000) - received
    in_time = received + (0.15 + 0.6 * rng.random(n)) * span
    entered = np.where(must & (entered >= closed - 3), in_time, entered)
    return np.where(finds & (entered < closed), entered, NEVER).astype(np.int32)


def _asylum(
    first_master: Days,
    closed: Days,
    counsel: Days,
    outcome: Numbers,
    rng: np.random.Generator,
) -> Days:
    n = len(outcome)
    with_counsel, alone = np.zeros(len(OUTCOMES)), np.zeros(len(OUTCOMES))
    for name, (helped, unhelped) in ASYLUM.items():
        with_counsel[NUMBER[name]], alone[NUMBER[name]] = helped, unhelped
    has_counsel = counsel < NEVER
    share = np.where(has_counsel, with_counsel[outcome], alone[outcome])
    begin = np.minimum(np.where(has_counsel, counsel, first_master), closed - 2)
    wait = rng.gamma(2.0, 60.0, n)
    room = np.maximum(np.minimum(closed, begin + 3_000) - begin - 1, 0)
    filed = begin + np.where(wait < room, wait, room * rng.random(n))
    chance = even_chances(1, outcome, has_counsel, closed, rng=rng)[0]
    return np.where(chance < share, filed, NEVER).astype(np.int32)


def _people(n: int, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    shares = np.array([NATIONALITY.get(code, 0.0) for code in NATIONALITIES])
    nationality = pick(shares / shares.sum(), rng.random(n))
    speaks = np.array(
        [LANGUAGES.index(SPEAKS.get(code, "SP")) for code in NATIONALITIES], dtype=np.int32
    )
    return nationality, speaks[nationality]

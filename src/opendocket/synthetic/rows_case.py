"""Rows that describe a person and a case: who, tags, family, custody, juvenile flags."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.columns import TABLES, code_list
from opendocket.synthetic.calendar import NEVER, Days, day, working_day, written
from opendocket.synthetic.cast import CASE_BASE, Cast
from opendocket.synthetic.cells import (
    TIMES,
    Given,
    anyone_of,
    frame,
    numbers,
    only,
    sparse,
    text,
)
from opendocket.synthetic.courts import courts
from opendocket.synthetic.lives import AS_OF
from opendocket.synthetic.units import (
    CASE_TYPES,
    CUSTODY,
    DDC,
    DETAINED,
    LANGUAGES,
    NATIONALITIES,
    NEVER_DETAINED,
    RMV,
    Numbers,
)

# Where respondents live: city, state, first three digits of the ZIP code.
CITIES = (
    ("MIAMI", "FL", "331"), ("ORLANDO", "FL", "328"), ("LAKE WORTH", "FL", "334"),
    ("NEW YORK", "NY", "100"), ("BROOKLYN", "NY", "112"), ("BRONX", "NY", "104"),
    ("CORONA", "NY", "113"), ("HEMPSTEAD", "NY", "115"), ("NEWARK", "NJ", "071"),
    ("ELIZABETH", "NJ", "072"), ("TRENTON", "NJ", "086"), ("BOSTON", "MA", "021"),
    ("FRAMINGHAM", "MA", "017"), ("LYNN", "MA", "019"), ("WORCESTER", "MA", "016"),
    ("LOS ANGELES", "CA", "900"), ("VAN NUYS", "CA", "914"), ("SANTA ANA", "CA", "927"),
    ("SAN FRANCISCO", "CA", "941"), ("OAKLAND", "CA", "946"), ("SAN DIEGO", "CA", "921"),
    ("FRESNO", "CA", "937"), ("HOUSTON", "TX", "770"), ("DALLAS", "TX", "752"),
    ("SAN ANTONIO", "TX", "782"), ("EL PASO", "TX", "799"), ("IRVING", "TX", "750"),
    ("CHICAGO", "IL", "606"), ("CICERO", "IL", "608"), ("DENVER", "CO", "802"),
    ("AURORA", "CO", "800"), ("SEATTLE", "WA", "981"), ("KENT", "WA", "980"),
    ("DETROIT", "MI", "482"), ("ATLANTA", "GA", "303"), ("CHARLOTTE", "NC", "282"),
    ("RALEIGH", "NC", "276"), ("SILVER SPRING", "MD", "209"), ("HYATTSVILLE", "MD", "207"),
    ("BALTIMORE", "MD", "212"), ("ARLINGTON", "VA", "222"), ("ALEXANDRIA", "VA", "223"),
    ("PHILADELPHIA", "PA", "191"), ("MEMPHIS", "TN", "381"), ("NASHVILLE", "TN", "372"),
    ("NEW ORLEANS", "LA", "701"), ("PHOENIX", "AZ", "850"), ("TUCSON", "AZ", "857"),
    ("LAS VEGAS", "NV", "891"), ("PORTLAND", "OR", "972"), ("SALT LAKE CITY", "UT", "841"),
    ("CLEVELAND", "OH", "441"), ("COLUMBUS", "OH", "432"), ("OMAHA", "NE", "681"),
    ("MINNEAPOLIS", "MN", "554"), ("HARTFORD", "CT", "061"), ("NASHUA", "NH", "030"),
)  # fmt: skip

MOTHERHOOD = (2, 6, 9, 12, 15, 17)
"""Ages of children in made-up families."""

BIRTH_MONTH_EMPTY = 0.46
MIGRATED = "2014-09-06 19:24:46.373"


def case_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write A_TblCase."""
    units, unit, n = cast.lives.units, cast.unit, len(cast)
    no_court = units.case_type[unit] == DDC
    place = rng.integers(0, len(CITIES), len(units))[unit]
    cities, states, zips = zip(*CITIES, strict=True)
    last_court = np.where(
        cast.last_proceeding >= 0,
        cast.lives.proceedings.court[cast.last_proceeding],
        units.court,
    )
    latest, latest_master = _latest_hearing(cast)
    counsel = np.where(cast.seen(units.counsel), units.counsel, NEVER)[unit]
    later = working_day((counsel + rng.integers(0, 500, n)).astype(np.int32))
    moved_on = (rng.random(n) < 0.25) & (later <= AS_OF)
    asylum = cast.seen(units.asylum)[unit]
    detained, released = _detention(cast, rng)
    changed = (units.received[unit] + rng.integers(5, 900, n)).astype(np.int32)
    share = {c.name: c.null_share for c in TABLES["A_TblCase"].columns}
    given: dict[str, Given] = {
        "IDNCASE": cast.case_id,
        "ALIEN_CITY": sparse(text(cities, place), share["ALIEN_CITY"], rng),
        "ALIEN_STATE": sparse(text(states, place), share["ALIEN_STATE"], rng),
        "ALIEN_ZIPCODE": sparse(_zip_codes(zips, place, rng), share["ALIEN_ZIPCODE"], rng),
        "NAT": only(text(NATIONALITIES, units.nationality[unit]), ~no_court),
        "LANG": sparse(only(text(LANGUAGES, units.language[unit]), ~no_court), 0.002, rng),
        "CUSTODY": only(text(CUSTODY, units.custody[unit]), ~no_court),
        "SITE_TYPE": sparse(anyone_of("IM", n, rng), share["SITE_TYPE"], rng),
        "E_28_DATE": written(np.where(moved_on, later, counsel).astype(np.int32)),
        "ATTY_NBR": sparse(anyone_of(("01", "02"), n, rng, (9, 1)), share["ATTY_NBR"], rng),
        "CASE_TYPE": text(CASE_TYPES, units.case_type[unit]),
        "UPDATE_SITE": only(text(courts().codes, last_court[unit]), ~no_court),
        "LATEST_HEARING": written(latest),
        "LATEST_TIME": only(anyone_of(TIMES, n, rng), latest < NEVER),
        "LATEST_CAL_TYPE": text("IM", np.where(latest < NEVER, latest_master, -1)),
        "RELEASE_MONTH": sparse(pl.Series(["00"] * n), share["RELEASE_MONTH"], rng),
        "RELEASE_YEAR": sparse(pl.Series(["0000"] * n), share["RELEASE_YEAR"], rng),
        "DATE_OF_ENTRY": sparse(_entry(cast, rng), 0.375, rng),
        "C_ASY_TYPE": only(anyone_of("IEJ", n, rng, (30, 65, 5)), asylum),
        "C_BIRTHDATE": sparse(_birth_month(cast, rng), BIRTH_MONTH_EMPTY, rng),
        "ADDRESS_CHANGEDON": only(
            written(np.minimum(changed, AS_OF).astype(np.int32)),
            (rng.random(n) < 0.377) & ~no_court,
        ),
        "Sex": sparse(anyone_of("MF", n, rng, (62, 38)), share["Sex"], rng),
        "DATE_DETAINED": written(detained),
        "DATE_RELEASED": written(released),
        "LPR": sparse(anyone_of("01", n, rng, (85, 15)), share["LPR"], rng),
        "CASEPRIORITY_CODE": _priority(cast, rng),
    }
    return frame("A_TblCase", given, n, rng)


def _latest_hearing(cast: Cast) -> tuple[Days, NDArray[np.int32]]:
    hearings, proceedings = cast.lives.hearings, cast.lives.proceedings
    of_unit = proceedings.unit[hearings.proceeding]
    by = np.lexsort((hearings.day, of_unit))
    latest = np.full(len(cast.lives.units), NEVER, dtype=np.int32)
    master = np.zeros(len(cast.lives.units), dtype=np.int32)
    latest[of_unit[by]] = hearings.day[by]  # the last one written is the latest
    master[of_unit[by]] = hearings.is_master[by]
    return latest[cast.unit], master[cast.unit]


def _zip_codes(
    zips: tuple[str, ...], place: NDArray[np.int64], rng: np.random.Generator
) -> pl.Series:
    ends = pl.Series([f"{i:02d}" for i in range(100)])
    return text(zips, place) + ends.gather(pl.Series(rng.integers(0, 100, len(place))))


def _detention(cast: Cast, rng: np.random.Generator) -> tuple[Days, Days]:
    units, unit = cast.lives.units, cast.unit
    custody = units.custody[unit]
    start = (units.nta[unit] - 1).astype(np.int32)
    recorded = (custody != NEVER_DETAINED) & (rng.random(len(unit)) < 0.55)
    recorded &= units.case_type[unit] != DDC
    freed = (custody != DETAINED) & recorded & (rng.random(len(unit)) < 0.7)
    stay = 5 + rng.exponential(40.0, len(unit))
    end = np.minimum(start + stay, AS_OF).astype(np.int32)
    return (
        np.where(recorded, start, NEVER).astype(np.int32),
        np.where(freed, end, NEVER).astype(np.int32),
    )


def _entry(cast: Cast, rng: np.random.Generator) -> pl.Series:
    units, unit = cast.lives.units, cast.unit
    recent = rng.exponential(6.0, len(unit))
    earlier = rng.exponential(1_600.0, len(unit))
    long_here = (rng.random(len(unit)) < 0.45) & ~units.is_dedicated[unit]
    return written(
        (units.nta[unit] - 1 - np.where(long_here, earlier, recent)).astype(np.int32)
    )


def _birth_month(cast: Cast, rng: np.random.Generator) -> pl.Series:
    n = len(cast)
    adult = 19 + rng.gamma(3.0, 5.0, n)
    child = np.array(MOTHERHOOD)[rng.integers(0, len(MOTHERHOOD), n)]
    age = np.where(cast.rank == 0, adult, np.where(cast.rank == 1, adult * 0.6, child))
    year = 1970 + (cast.lives.units.nta[cast.unit] / 365.25 - age).astype(np.int32)
    month = rng.integers(1, 13, n)
    return pl.Series(month).cast(pl.String) + "/" + pl.Series(year).cast(pl.String)


def _priority(cast: Cast, rng: np.random.Generator) -> pl.Series:
    units, unit = cast.lives.units, cast.unit
    chance = rng.random(len(units))[unit]
    family = units.size[unit] > 1
    received = units.received[unit]
    rocket = family & (received >= day(2014, 7)) & (received < day(2017, 3))
    codes = ("N/A", "AWC/ATD", "UC", "RBC/D", "CR", "AWC/D")
    index = np.where(rocket & (chance < 0.25), 1, 0)
    index = np.where((index == 0) & (chance > 0.979), 2, index)
    index = np.where((index == 0) & (chance > 0.9745), 3, index)
    return text(codes, index)


def identifier_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write A_TblCaseIdentifier: the Dedicated Docket's tag, family units, and others."""
    units, unit, n = cast.lives.units, cast.unit, len(cast)
    dedicated = np.flatnonzero(units.is_dedicated[unit])
    family = np.flatnonzero(
        (units.size[unit] > 1)
        & (units.received[unit] >= day(2018, 11))
        & (rng.random(len(units))[unit] < 0.42)
    )
    codes = [c for c in code_list("case_identifier").codes if len(c) == 2 and c not in TAGS]
    other = np.flatnonzero(rng.random(n) < 0.10)
    person = np.concatenate([dedicated, family, other])
    tag = pl.concat(
        [
            pl.repeat("DD", len(dedicated), dtype=pl.String, eager=True),
            pl.repeat("FA", len(family), dtype=pl.String, eager=True),
            anyone_of(codes, len(other), rng),
        ]
    )
    slot = np.repeat([0, 1, 2], [len(dedicated), len(family), len(other)])
    given: dict[str, Given] = {
        "IDNCASEID": (cast.case_id[person] - CASE_BASE) * 4 + slot + 1,
        "IDNCASE": cast.case_id[person],
        "CASE_ID": tag,
    }
    return frame("A_TblCaseIdentifier", given, len(person), rng)


TAGS = ("DD", "FA")


def family_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write tbl_Lead_Rider: who rides with whom, and who was separated later."""
    units = cast.lives.units
    rider = np.flatnonzero((cast.rank > 0) & (cast.lead_id != cast.case_id))
    unit = cast.unit[rider]
    lead = cast.first_person[unit]
    first = _first_proceeding(cast)
    made = np.minimum(units.received[unit] + rng.integers(0, 90, len(rider)), AS_OF)
    apart = (made + 30 + rng.exponential(500.0, len(rider))).astype(np.int32)
    severed = (rng.random(len(rider)) < 0.135) & (apart <= AS_OF)
    ends = np.where(severed, cast.last_proceeding[unit], -1).astype(np.int32)
    start = np.where(first[unit] >= 0, first[unit], -1).astype(np.int32)
    given: dict[str, Given] = {
        "idnLeadRider": (cast.case_id[rider] - CASE_BASE) + 1,
        "idnLeadCase": cast.case_id[lead],
        "idnRiderCase": cast.case_id[rider],
        "datCreatedOn": written(made.astype(np.int32)),
        "datModifiedOn": written(np.where(severed, apart, made).astype(np.int32)),
        "datSeveredOn": written(np.where(severed, apart, NEVER).astype(np.int32)),
        "idnLeadProceedingStart": _or_zero(cast.proceeding_of(lead, start)),
        "idnLeadProceedingEnd": _or_empty(cast.proceeding_of(lead, ends)),
        "idnRiderProceedingStart": _or_zero(cast.proceeding_of(rider.astype(np.int32), start)),
        "idnRiderProceedingEnd": _or_empty(cast.proceeding_of(rider.astype(np.int32), ends)),
        "blnActive": text("01", np.where(severed, 0, 1)),
    }
    return frame("tbl_Lead_Rider", given, len(rider), rng)


def _first_proceeding(cast: Cast) -> Numbers:
    first = np.full(len(cast.lives.units), -1, dtype=np.int32)
    at = np.flatnonzero(cast.lives.proceedings.order == 0)
    first[cast.lives.proceedings.unit[at]] = at
    return first


def _or_zero(ids: NDArray[np.int64]) -> pl.Series:
    return numbers(np.maximum(ids, 0))


def _or_empty(ids: NDArray[np.int64]) -> pl.Series:
    return numbers(ids, ids < 0)


def custody_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write tbl_CustodyHistory."""
    units, unit, n = cast.lives.units, cast.unit, len(cast)
    custody = units.custody[unit]
    rows = np.where(custody == NEVER_DETAINED, rng.random(n) < 0.57, True).astype(np.int64)
    rows += (custody > 0) & (rng.random(n) < 0.25)
    person = np.repeat(np.arange(n), rows)
    nth = np.arange(len(person)) - np.repeat(np.cumsum(rows) - rows, rows)
    start, end = _detention(cast, rng)
    given: dict[str, Given] = {
        "IDNCUSTODY": (cast.case_id[person] - CASE_BASE) * 4 + nth + 1,
        "IDNCASE": cast.case_id[person],
        "CUSTODY": text(CUSTODY, custody[person]),
        "DATDETAINED": written(start[person]),
        "DATRELEASED": written(end[person]),
    }
    return frame("tbl_CustodyHistory", given, len(person), rng)


def juvenile_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write tbl_JuvenileHistory: mostly a migration of 2014 that says not applicable."""
    units, unit, n = cast.lives.units, cast.unit, len(cast)
    old = units.received[unit] < day(2014, 9)
    chance = rng.random(n)
    has = np.where(old, chance < 0.33, np.where(cast.rank > 1, chance < 0.61, chance < 0.11))
    has &= (units.case_type[unit] == RMV) | old
    has &= cast.last_proceeding[unit] >= 0
    person = np.flatnonzero(has).astype(np.int32)
    kinds = rng.choice(6, size=len(person), p=np.array([8.2, 2.1, 0.1, 15.8, 65.8, 8.0]) / 100)
    made = written(np.minimum(units.received[unit[person]] + 7, AS_OF).astype(np.int32))
    migrated = pl.repeat(MIGRATED, len(person), dtype=pl.String, eager=True)
    is_old = pl.Series(old[person])
    given: dict[str, Given] = {
        "idnJuvenileHistory": (cast.case_id[person] - CASE_BASE) + 1,
        "idnCase": cast.case_id[person],
        "idnProceeding": cast.proceeding_of(person, cast.last_proceeding[unit[person]]),
        "idnJuvenile": (kinds + 1).astype(np.int64),
        "DATCREATEDON": sparse(
            pl.select(pl.when(is_old).then(migrated).otherwise(made)).to_series(), 0.013, rng
        ),
        "DATMODIFIEDON": sparse(made, 0.658, rng),
    }
    return frame("tbl_JuvenileHistory", given, len(person), rng)


def priority_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write tbl_CasePriorityHistory."""
    units, unit = cast.lives.units, cast.unit
    person = np.flatnonzero(
        (units.received[unit] >= day(2014, 7)) & (rng.random(len(cast)) < 0.0197)
    )
    made = written(np.minimum(units.received[unit[person]] + 60, AS_OF).astype(np.int32))
    given: dict[str, Given] = {
        "idnCasePriHistory": (cast.case_id[person] - CASE_BASE) + 1,
        "casePriority_code": anyone_of(
            ("N/A", "UC", "AWC/ATD", "RBC/D"), len(person), rng, (40, 40, 15, 5)
        ),
        "idnCase": cast.case_id[person],
        "DATCREATEDON": made,
        "DATMODIFIEDON": made,
    }
    return frame("tbl_CasePriorityHistory", given, len(person), rng)

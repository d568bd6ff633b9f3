"""Rows about representatives: who appeared for whom, and the list of representatives."""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.columns import code_list
from opendocket.synthetic.calendar import NEVER, working_day, written
from opendocket.synthetic.cast import CASE_BASE, Cast
from opendocket.synthetic.cells import Given, anyone_of, frame, numbers, only, sparse, text
from opendocket.synthetic.courts import courts
from opendocket.synthetic.lives import AS_OF
from opendocket.synthetic.units import DDC, NUMBER, Numbers

ATTORNEYS = 20_000
ATTORNEYS_NATIONAL = 407_493

SPELLINGS = ("a_tblcase", "A_Tblcase", "A_TblCase")
SPELLING_SHARES = (97.6, 2.0, 0.4)


@cache
def attorneys() -> pl.Series:
    """Give the numbers of representatives who appear: GUIDs that mean nobody."""
    rng = np.random.default_rng(28)
    words = rng.integers(0, 2**32, size=(ATTORNEYS, 4), dtype=np.uint64)
    return pl.Series([_guid(*word) for word in words.tolist()])


def _guid(a: int, b: int, c: int, d: int) -> str:
    """Write four numbers of 32 bits as a GUID."""
    return f"{a:08X}-{b >> 16:04X}-{b & 0xFFFF:04X}-{c >> 16:04X}-{c & 0xFFFF:04X}{d:08X}"


# Rows that respondents' counsel have after their first, on average, and the share of cases
# with a first and a second government attorney; they add up to 26,268,999 rows (July 2026).
LATER_APPEARANCES = 1.35
GOVERNMENT_ONCE, GOVERNMENT_TWICE = 0.86, 0.14
ROWS_A_CASE = 32


def _nth(person: Numbers) -> NDArray[np.int64]:
    """Count each row among its person's, from 0; shape (n,)."""
    by = np.argsort(person, kind="stable")
    nth = np.empty(len(person), dtype=np.int64)
    nth[by] = np.arange(len(person)) - np.searchsorted(person[by], person[by])
    return nth


def representative_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write tbl_RepsAssigned: counsel for respondents, and the government's attorneys."""
    units, unit = cast.lives.units, cast.unit
    counsel = units.counsel[unit]
    has = np.flatnonzero(counsel <= AS_OF).astype(np.int32)
    again = np.repeat(has, rng.poisson(LATER_APPEARANCES, len(has)))
    later = working_day(
        (counsel[again] + 20 + rng.exponential(300.0, len(again))).astype(np.int32)
    )
    again, later = again[later <= AS_OF], later[later <= AS_OF]
    appeals = np.flatnonzero(
        (units.outcome[unit] == NUMBER["removal"])
        & (units.closed[unit] < AS_OF - 30)
        & (rng.random(len(cast)) < 0.22)
    ).astype(np.int32)
    in_court = (cast.last_proceeding[unit] >= 0) & (units.case_type[unit] != DDC)
    chance = rng.random(len(cast))
    rows = (chance < GOVERNMENT_ONCE).astype(np.int64) + (chance < GOVERNMENT_TWICE)
    government = np.repeat(np.arange(len(cast), dtype=np.int32), rows * in_court)
    groups = (has, again, appeals, government)
    person = np.concatenate(groups)
    group = np.repeat(np.arange(4), [len(g) for g in groups])
    n, u = len(person), unit[person]
    e28 = np.concatenate([counsel[has], later, np.full(len(appeals) + len(government), NEVER)])
    e27 = np.where(group == 2, np.minimum(units.closed[u] + 20, AS_OF), NEVER)
    assigned = np.minimum(units.received[u] + rng.integers(0, 60, n), AS_OF)
    number = cast.case_id[person] - CASE_BASE
    prime = text("01", (rng.random(n) < 0.7).astype(np.int32))
    spelling = anyone_of(SPELLINGS, n, rng, SPELLING_SHARES)
    to_board = pl.repeat("tblAppeal", n, dtype=pl.String, eager=True)
    given: dict[str, Given] = {
        "IDNREPSASSIGNED": number * ROWS_A_CASE + _nth(person) + 1,
        "IDNCASE": cast.case_id[person],
        "STRATTYLEVEL": text(("COURT", "BOARD"), (group == 2).astype(np.int32)),
        "STRATTYTYPE": text(("ALIEN", "INS"), (group == 3).astype(np.int32)),
        "PARENT_TABLE": pl.select(
            pl.when(pl.Series(group == 2)).then(to_board).otherwise(spelling)
        ).to_series(),
        "PARENT_IDN": np.where(group == 2, number + 5_000_000, cast.case_id[person]),
        "BASE_CITY_CODE": sparse(text(courts().codes, units.court[u]), 0.344, rng),
        "INS_TA_DATE_ASSIGNED": only(written(assigned.astype(np.int32)), group == 3),
        "E_27_DATE": written(e27.astype(np.int32)),
        "E_28_DATE": written(e28.astype(np.int32)),
        "BLNPRIMEATTY": prime,
    }
    return frame("tbl_RepsAssigned", given, n, rng)


def attorney_rows(first: int, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Write a stretch of tbl_EOIR_Attorney, names removed as in the real one.

    Args:
        first: Number of the first.
        count: How many.
        rng: Chance.
    """
    known = attorneys().slice(first, max(0, min(count, ATTORNEYS - first)))
    more = count - len(known)
    words = rng.integers(0, 2**32, size=(more, 4), dtype=np.uint64).tolist()
    made = pl.Series([_guid(*word) for word in words], dtype=pl.String)
    n = count
    given: dict[str, Given] = {
        "EOIRAttorneyID": pl.concat([known, made]),
        "OldAttorneyID": sparse(numbers(np.arange(first, first + n) + 1), 0.367, rng),
        "BaseCityCode": sparse(anyone_of(code_list("base_city").codes, n, rng), 0.332, rng),
        "blnAttorneyActive": anyone_of("01", n, rng, (55, 45)),
        "Source_Flag": anyone_of(("Court", "Board"), n, rng, (80, 20)),
    }
    return frame("tbl_EOIR_Attorney", given, n, rng)

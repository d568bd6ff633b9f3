"""The 78 code lists of the synthetic release, in the layout of the real ones."""

from collections.abc import Callable

import numpy as np
import polars as pl

from opendocket.columns import TABLES, Table, code_list, court_decisions
from opendocket.columns.codes import adjournment_groups, hearing_location_cities
from opendocket.synthetic.cells import Given, frame
from opendocket.synthetic.courts import courts

ROWS_WITHOUT_LIST = 8
"""Rows of a list whose content was not found; they hold the real example over and over."""

ASKED_BY = {"respondent": "A", "dhs": "I", "other agency or joint": "E"}


def lookup_rows(table: Table, rng: np.random.Generator) -> pl.DataFrame:
    """Write one code list."""
    special = SPECIAL.get(table.file_name)
    given = special() if special else _plain(table)
    n = max((len(v) for v in given.values()), default=ROWS_WITHOUT_LIST)
    first = table.columns[0]
    if first.name not in given and first.type == "number":
        given = {first.name: np.arange(1, n + 1), **given}
    for column in table.columns:
        if column.name == "blnActive" and column.name not in given:
            active = np.where(rng.random(n) < 0.85, "1", "0")
            given = {**given, column.name: pl.Series(active.tolist())}
    return frame(table.file_name, given, n, rng)


def _plain(table: Table) -> dict[str, Given]:
    if not table.code_list:
        return {}
    codes = code_list(table.code_list)
    return {
        table.code_column: pl.Series(codes.codes),
        table.description_column: pl.Series(codes.descriptions),
    }


def _court_decisions() -> dict[str, Given]:
    rows = court_decisions()
    return {
        "strCaseType": pl.Series([r.case_type for r in rows]),
        "strDecCode": pl.Series([r.code for r in rows]),
        "strDecDescription": pl.Series([r.description for r in rows]),
        "strDecType": pl.Series([r.kind for r in rows]),
    }


def _hearing_locations() -> dict[str, Given]:
    """Write every place once, and some twice: in the real list codes are not unique."""
    codes = code_list("hearing_location")
    cities = hearing_location_cities()
    missing = [c for c in courts().codes if c not in codes.codes]
    names = dict(zip(codes.codes, codes.descriptions, strict=True))
    names |= {c: c for c in missing}
    every = [*names, *list(names)[::9]]
    return {
        "HEARING_LOC_CODE": pl.Series(every),
        "HEARING_LOC_NAME": pl.Series([names[c] for c in every]),
        "HEARING_BASE_CITY": pl.Series([cities.get(c) or c for c in every]),
    }


def _adjournments() -> dict[str, Given]:
    codes, groups = code_list("adjournment"), adjournment_groups()
    return {
        "strcode": pl.Series(codes.codes),
        "strDesciption": pl.Series(codes.descriptions),
        "Regd_By": pl.Series([ASKED_BY.get(groups[c], "E") for c in codes.codes]),
        "asy_clk_stat": pl.Series(
            ["S" if groups[c] == "respondent" else "R" for c in codes.codes]
        ),
    }


def _base_cities() -> dict[str, Given]:
    codes = code_list("base_city")
    halves = [d.rpartition(", ") for d in codes.descriptions]
    return {
        "BASE_CITY_CODE": pl.Series(codes.codes),
        "BASE_CITY_NAME": pl.Series(["IMMIGRATION COURT"] * len(codes.codes)),
        "BASE_CITY": pl.Series([city for city, _, _ in halves]),
        "BASE_STATE": pl.Series([state for _, _, state in halves]),
    }


def _judges() -> dict[str, Given]:
    codes = courts().judge_codes
    return {
        "JUDGE_CODE": pl.Series(codes),
        "JUDGE_NAME": pl.Series([f"SYNTHETIC JUDGE {c}" for c in codes]),
    }


def _judges_by_court() -> dict[str, Given]:
    where = courts()
    court = np.repeat(np.arange(len(where.codes)), where.judge_count)
    return {
        "BASE_CITY_CODE": pl.Series([where.codes[i] for i in court]),
        **_judges(),
    }


def _juvenile() -> dict[str, Given]:
    codes = code_list("juvenile")
    return {
        "idnJuvenile": np.arange(1, len(codes.codes) + 1),
        "strCode": pl.Series(codes.codes),
        "strDescription": pl.Series(codes.descriptions),
    }


SPECIAL: dict[str, Callable[[], dict[str, Given]]] = {
    "tblLookupCourtDecision": _court_decisions,
    "tblLookupHloc": _hearing_locations,
    "tblAdjournmentcodes": _adjournments,
    "tblLookupBaseCity": _base_cities,
    "tblLookupJudge": _judges,
    "tblLookupJudgeBaseCity": _judges_by_court,
    "tblLookup_Juvenile": _juvenile,
}


def lookup_tables() -> list[Table]:
    """Give the tables that are code lists."""
    return [table for table in TABLES.values() if table.is_lookup]

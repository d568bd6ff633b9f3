"""Dockets of a few cases, written by hand in days since 1 January 2022.

The columns are those that ``opendocket.measure.population`` gives; nothing of it is used here.
"""

from datetime import date, timedelta

import polars as pl

DAY_0 = date(2022, 1, 1)
BY_A_JUDGE = {
    "relief", "protection", "removal", "in absentia", "voluntary departure", "termination",
    "other",
}  # fmt: skip
SCHEMA = {
    "case_id": pl.Int64,
    "lead_case_id": pl.Int64,
    "court_code": pl.String,
    "custody_code": pl.String,
    "nta_date": pl.Date,
    "received_date": pl.Date,
    "first_hearing_date": pl.Date,
    "first_master_date": pl.Date,
    "counsel_date": pl.Date,
    "first_outcome": pl.String,
    "first_outcome_date": pl.Date,
    "is_decided": pl.Boolean,
    "first_decision": pl.String,
    "first_decision_date": pl.Date,
    "rescinded_date": pl.Date,
    "is_pending": pl.Boolean,
}


def on(day):
    return None if day is None else DAY_0 + timedelta(days=int(day))


def case(outcome=None, ended=None, *, start=0, **given):
    """Write one case: its outcome and the day of it, every clock starting on one day."""
    by_judge = outcome in BY_A_JUDGE
    row = {
        "family": None,
        "court": "BOS",
        "custody": "N",
        "nta": start,
        "received": start,
        "hearing": start,
        "master": start,
        "counsel": None,
        "decision": outcome if by_judge else None,
        "decided": ended if by_judge else None,
        "rescinded": None,
        "pending": outcome is None,
    }
    assert set(given) <= set(row)
    row |= given
    return {
        "lead_case_id": row["family"],
        "court_code": row["court"],
        "custody_code": row["custody"],
        "nta_date": on(row["nta"]),
        "received_date": on(row["received"]),
        "first_hearing_date": on(row["hearing"]),
        "first_master_date": on(row["master"]),
        "counsel_date": on(row["counsel"]),
        "first_outcome": outcome,
        "first_outcome_date": on(ended),
        "is_decided": by_judge,
        "first_decision": row["decision"],
        "first_decision_date": on(row["decided"]),
        "rescinded_date": on(row["rescinded"]),
        "is_pending": row["pending"],
    }


def docket(*cases):
    """Put cases together, each its own family unless it says otherwise."""
    rows = [
        row | {"case_id": n, "lead_case_id": row["lead_case_id"] or 1_000 + n}
        for n, row in enumerate(cases, start=1)
    ]
    return pl.DataFrame(rows, schema=SCHEMA)

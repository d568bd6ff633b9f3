from datetime import date, datetime
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from opendocket.columns import Column
from opendocket.docket.typing import typed


def column(kind, *, na_is_a_code=False):
    return Column("IT", kind, 0, False, 0.0, False, na_is_a_code, "", "")


def one(kind, text, *, na_is_empty=True, **about):
    """Read one value; give it, and why it was set aside if it was."""
    rows = pl.DataFrame({"c0": [text]}, schema={"c0": pl.String})
    numbers = np.array([7], dtype=np.int64)
    made = typed("A", [column(kind, **about)], rows, numbers, na_is_empty=na_is_empty)
    reasons = made.cells_aside["reason"].to_list()
    assert made.cells_aside["text"].to_list() in ([], [text.strip(" ")])
    assert len(reasons) <= 1
    return made.frame.item(), reasons[0] if reasons else None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "5699713", 5_699_713),
        ("number", " 12 ", 12),
        ("number", "-3", -3),
        ("text", "SP ", "SP"),
        ("text", "  LAKE  WORTH ", "LAKE  WORTH"),
        ("text", "NA", "NA"),
        ("text", "0800", "0800"),
        ("time", "800", "800"),
        ("month", "4/1974", "4/1974"),
        ("guid", "00A1-X", "00A1-X"),
        ("date", "2021-06-01 00:00:00.000", date(2021, 6, 1)),
        ("date", "2021-06-01", date(2021, 6, 1)),
        ("date", "1900-01-01 00:00:00.000", date(1900, 1, 1)),
        ("date", "2925-06-01 00:00:00.000", date(2925, 6, 1)),
        ("instant", "2014-09-06 19:24:46.373", datetime(2014, 9, 6, 19, 24, 46, 373_000)),  # noqa: DTZ001
        ("instant", "2014-09-06", datetime(2014, 9, 6)),  # noqa: DTZ001
        ("flag", "1", True),
        ("flag", "0", False),
        ("money", "5000.0000", Decimal("5000.0000")),
        ("money", "5000", Decimal("5000.0000")),
        *((kind, blank, None)
          for kind in ("number", "text", "date", "instant", "flag", "money", "time", "guid")
          for blank in ("", " ", "    ", "N/A", " N/A ")),
    ],
)  # fmt: skip
def test_a_value_of_its_column_s_type_is_read(kind, text, value):
    assert one(kind, text) == (value, None)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "12a"),
        ("number", "1.5"),
        ("number", "99999999999999999999"),
        ("date", "2021-02-30 00:00:00.000"),
        ("date", "0021-13-01"),
        ("date", "1/6/2021"),
        ("date", "2021-06-01 tomorrow"),
        ("date", "2021-06-01x"),
        ("instant", "2014-09-06 25:00:00.000"),
        ("flag", "2"),
        ("flag", "Y"),
        ("flag", "true"),
        ("money", "many"),
    ],
)
def test_a_value_of_another_type_is_emptied_and_kept_beside(kind, text):
    assert one(kind, text) == (None, f"not a {kind}")


@pytest.mark.parametrize("text", ["2021-06-01 13:45:00.000", "2021-06-01T08:00:00"])
def test_a_time_of_day_on_a_date_is_told_of(text):
    value, reason = one("date", text)
    assert value == date(2021, 6, 1)
    assert reason == "a time of day, of which only the day is kept"


def test_n_a_is_a_value_where_it_is_a_code_or_in_a_list():
    assert one("text", "N/A", na_is_a_code=True) == ("N/A", None)
    assert one("text", "N/A ", na_is_empty=False) == ("N/A", None)


def test_what_is_set_aside_names_its_table_record_and_column():
    rows = pl.DataFrame({"c0": ["1", "x", "3"]})
    made = typed("A_TblCase", [column("number")], rows, np.array([4, 5, 9]), na_is_empty=True)
    assert made.frame["IT"].to_list() == [1, None, 3]
    assert made.cells_aside.rows() == [("A_TblCase", 5, "IT", "x", "not a number")]

"""What other agencies published: held to the list of figures, and never divided."""

import csv
from datetime import date
from importlib.resources import files

import plain_endings
import polars as pl
import pytest

from opendocket.docket import open_docket
from opendocket.errors import BadCut
from opendocket.figures.published import all_published
from opendocket.measure.answers import answer
from opendocket.measure.enforcement import MEASURES

SERIES = {"E01", "E01b", "E02", "E03", "E04", "E13", "E14", "E15", "E16"}
NAMED = {
    "E01": "ICE arrests",
    "E01b": "ICE arrests",
    "E02": "ICE removals",
    "E03": "ICE removals",
    "E04": "ICE removals, arrested by ICE",
    "E13": "encounters, family members",
    "E14": "encounters, children alone",
    "E15": "encounters, southwest border",
    "E16": "apprehensions, children alone",
}


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


def test_the_series_are_those_of_the_list_of_published_figures():
    text = (files("opendocket.measure") / "enforcement.csv").read_text("utf-8")
    listed = [figure for id, figure in all_published().items() if id.split("-")[0] in SERIES]

    ours = {row["id"]: row for row in csv.DictReader(text.splitlines())}

    assert set(ours) == {figure.id for figure in listed}
    for figure in listed:
        row, series = ours[figure.id], figure.id.split("-")[0]
        assert (float(row["value"]),) == figure.numbers()
        assert row["source"] == figure.source
        assert row["series"] == NAMED[series]
        assert row["fiscal_year"] == figure.id.removeprefix(f"{series}-")[:4]


def test_each_series_has_one_count_a_year(docket):
    rows = answer(docket, "enforcement")

    assert rows.select("series", "fiscal_year").is_unique().all()
    assert rows["lower_count"].null_count() == rows["upper_count"].null_count() == len(rows)
    removed = rows.filter(pl.col("figure_id") == "E02-2021")
    assert removed.select("series", "published_count", "fiscal_year").row(0) == (
        "ICE removals", 59_011, 2021,
    )  # fmt: skip


def test_a_year_that_was_not_over_has_not_been_counted(docket):
    rows = answer(docket, "enforcement", as_of=date(2022, 9, 29))
    after = answer(docket, "enforcement", as_of=date(2022, 9, 30))

    assert rows["fiscal_year"].max() == 2021
    assert after["fiscal_year"].max() == 2022


def test_a_year_counted_in_part_says_so(docket):
    rows = answer(docket, "enforcement").filter("is_partial_year")

    assert rows["figure_id"].to_list() == ["E02-2025 to 6-19 Sep"]


def test_orders_stand_beside_the_removals_of_the_year_undivided(docket):
    on = date(2023, 3, 31)
    query = plain_endings.tables(on) + (
        "select fiscal_year, count(*) from decided"
        " where outcome in ('removal', 'in absentia') and fiscal_year >= 2014 group by all"
    )
    theirs = dict(docket.con.execute(query).fetchall())

    rows = answer(docket, "orders-and-removals", as_of=on, suppress=False)

    orders = rows.filter(pl.col("series") == "removal orders")
    assert dict(orders.select("fiscal_year", "yearly_count").iter_rows()) == theirs
    assert orders.filter("is_partial_year")["fiscal_year"].to_list() == [2023]
    interior = rows.filter(pl.col("series") == "ICE removals, arrested by ICE")
    assert interior["yearly_count"].to_list() == [62_739, 31_557, 28_204]
    assert not [name for name in rows.columns if name.endswith(("_share", "_ratio"))]


@pytest.mark.parametrize("name", [measure.name for measure in MEASURES])
@pytest.mark.parametrize("choice", [{"by": "court"}, {"where": {"docket": "dedicated"}}])
def test_no_filter_or_grouping_reaches_what_others_counted(docket, name, choice):
    with pytest.raises(BadCut, match="published series"):
        answer(docket, name, **choice)


def test_a_year_with_few_orders_is_held_back_and_the_removals_are_not(docket):
    rows = answer(docket, "orders-and-removals")
    whole = answer(docket, "orders-and-removals", suppress=False)

    removals = rows.filter(pl.col("series") != "removal orders")
    orders = whole.filter(pl.col("series") == "removal orders")
    assert not removals["is_suppressed"].any()
    held = rows.filter(pl.col("series") == "removal orders")["is_suppressed"]
    assert held.to_list() == [count < 11 for count in orders["yearly_count"]]

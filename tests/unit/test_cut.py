"""Filters and groupings: names that are checked, and the same cases as plain SQL gives."""

from datetime import date

import pytest

from opendocket.docket import open_docket
from opendocket.errors import BadCut, UnknownName
from opendocket.measure.cut import DIMENSIONS, checked_by, read_where, told
from opendocket.measure.grains import Asked


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


def numbers(docket, where, by=()):
    return Asked(docket.con, docket.as_of, where, by).fetch(())


PLAIN = {
    "court": ({"court": ["BOS", "MIA"]}, "court_code in ('BOS', 'MIA')"),
    "nationality": ({"nationality": "HO"}, "nationality_code = 'HO'"),
    "language": ({"language": "SP"}, "language_code = 'SP'"),
    "custody": ({"custody": "never detained"}, "custody_code = 'N'"),
    "case_type": ({"case_type": "RMV"}, "case_type_code = 'RMV'"),
    "family": (
        {"family": "in a family"},
        "lead_case_id in (select lead_case_id from out_docket__case"
        " group by all having count(*) > 1)",
    ),
    "year": (
        {"year": "2021..2022"},
        "received_date between date '2020-10-01' and date '2022-09-30'",
    ),
    "month": ({"month": "2021-12"}, "date_trunc('month', received_date) = date '2021-12-01'"),
    "received": ({"received": "2021-05-28.."}, "received_date >= date '2021-05-28'"),
    "docket": ({"docket": "tagged"}, "is_tagged"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_filter_chooses_the_cases_that_plain_sql_does(docket, name):
    where, condition = PLAIN[name]
    kinds = (
        "true"
        if "docket" in where
        else ("case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO')")
    )

    found = set(numbers(docket, where)["case_id"])

    query = f"""
        select case_id from out_docket__case
        where has_proceeding and received_date is not null and {kinds} and ({condition})
    """
    assert found == {case for (case,) in docket.con.execute(query).fetchall()}
    assert found


def test_every_filter_is_held_against_plain_sql():
    assert set(PLAIN) == set(DIMENSIONS)


def test_several_filters_narrow_and_several_values_widen(docket):
    whole = numbers(docket, {"docket": "dedicated"})
    court = numbers(docket, {"docket": "dedicated", "court": "BOS"})
    two = numbers(docket, {"docket": "dedicated", "court": ["BOS", "MIA"]})

    assert 0 < len(court) < len(two) < len(whole)
    assert len(numbers(docket, {"docket": ["dedicated", "ordinary"]})) > len(whole)


def test_groups_by_docket_are_the_dockets(docket):
    by_docket = numbers(docket, {"docket": "everything"}, ("docket",))

    for name in ("dedicated", "ordinary"):
        chosen = set(numbers(docket, {"docket": name})["case_id"])
        assert set(by_docket.filter(docket=name)["case_id"]) == chosen


def test_the_fiscal_year_begins_in_october(docket):
    frame = Asked(docket.con, docket.as_of, {}, ("year",)).fetch(("received_date",))

    for year, day in frame.select("year", "received_date").iter_rows():
        assert date(year - 1, 10, 1) <= day <= date(year, 9, 30)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["court"], "not written NAME=VALUE"),
        (["=BOS"], "not written NAME=VALUE"),
        (["court="], "not written NAME=VALUE"),
        (["court=BOS", "court=MIA"], "stands twice"),
    ],
)
def test_conditions_written_wrongly_are_refused(texts, said):
    with pytest.raises(BadCut, match=said):
        read_where(texts)


@pytest.mark.parametrize(
    ("where", "error", "said"),
    [
        ({"town": "BOS"}, UnknownName, "'town': no such filter"),
        ({"docket": "dedicted"}, UnknownName, "perhaps dedicated"),
        ({"court": "bos"}, UnknownName, "perhaps BOS"),
        ({"court": "' or 1=1 --"}, UnknownName, "no such code"),
        ({"custody": "N"}, UnknownName, "never detained"),
        ({"court": "BOS..MIA"}, BadCut, "not one range"),
        ({"year": "twenty"}, BadCut, "no such time"),
        ({"year": "2022..2018"}, BadCut, "ends before it begins"),
        ({"month": "2021-13"}, BadCut, "no such time"),
        ({"received": "2021"}, BadCut, "no such time"),
        ({"received": ".."}, BadCut, "not one range"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_by_name(docket, where, error, said):
    with pytest.raises(error, match=said):
        numbers(docket, where)


def test_groupings_are_checked():
    with pytest.raises(UnknownName, match="perhaps court"):
        checked_by(["cort"])
    with pytest.raises(UnknownName):
        checked_by(["received"])
    with pytest.raises(BadCut, match="twice"):
        checked_by(["court", "court"])


def test_a_cut_is_told_in_one_line():
    assert told({"court": ("BOS", "MIA")}) == "docket=all, court=BOS,MIA"

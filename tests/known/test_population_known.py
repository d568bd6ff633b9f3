"""Dockets frozen on a day, against small ones whose every case is worked by hand."""

from datetime import date

import duckdb
import pytest
from ended_case import COLUMNS as OF_ENDINGS
from ended_case import of_endings, until

from opendocket.errors import NothingToShow
from opendocket.measure.population import (
    Scope,
    cases,
    counts_by_definition,
    left_out,
    same_courts_and_time,
)
from opendocket.measure.vintages import half_years, vintages

CASE = {
    "case_id": "bigint",
    "lead_case_id": "bigint",
    "case_type_code": "varchar",
    "has_proceeding": "boolean",
    "custody_code": "varchar",
    "court_code": "varchar",
    "is_tagged": "boolean",
    "is_at_dedicated_location": "boolean",
    "is_dedicated": "boolean",
    "dedicated_location_date": "date",
    "dedicated_location_code": "varchar",
    "nta_date": "date",
    "received_date": "date",
    "first_hearing_date": "date",
    "first_master_date": "date",
    "asylum_filed_date": "date",
    "is_asylum_granted": "boolean",
    "asylum_granted_date": "date",
    "counsel_date": "date",
    "rescinded_date": "date",
    "nationality_code": "varchar",
    **OF_ENDINGS,
}
DECISION = {
    "case_id": "bigint",
    "ending_count": "integer",
    "completed_date": "date",
    "outcome": "varchar",
    "is_decision": "boolean",
    "is_undone": "boolean",
    "undone_date": "date",
    "until_date": "date",
}
PLAIN = {
    "case_type_code": "RMV",
    "has_proceeding": True,
    "custody_code": "N",
    "court_code": "BOS",
    "is_tagged": False,
    "is_at_dedicated_location": False,
    "is_dedicated": False,
    "is_asylum_granted": False,
    "received_date": "2021-07-01",
    "nta_date": "2021-06-20",
}
DEDICATED = {
    "is_tagged": True,
    "is_at_dedicated_location": True,
    "is_dedicated": True,
    "dedicated_location_date": "2021-07-01",
    "dedicated_location_code": "BDD",
}
END = date(2026, 6, 30)


def write(con, table, columns, rows):
    listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    con.execute(f"create table {table} ({listed})")
    for row in rows:
        assert set(row) <= set(columns)
        marks = ", ".join("?" for _ in columns)
        con.execute(f"insert into {table} values ({marks})", [row.get(n) for n in columns])


@pytest.fixture
def docket():
    """Give a function that makes a docket of cases 1, 2, ... and of endings by case."""
    con = duckdb.connect()

    def make(*people, endings=()):
        ended = [
            {"is_decision": True, "is_undone": False, "ending_count": 1} | one
            for one in endings
        ]
        by_case = {
            n: sorted((e for e in ended if e["case_id"] == n), key=lambda e: e["ending_count"])
            for n in range(1, len(people) + 1)
        }
        rows = [
            {"case_id": n, "lead_case_id": n} | PLAIN | of_endings(by_case[n]) | one
            for n, one in enumerate(people, 1)
        ]
        write(con, "out_docket__case", CASE, rows)
        ended = [one | {"until_date": until(one)} for one in ended]
        write(con, "out_docket__decision", DECISION, ended)
        return con

    yield make
    con.close()


def numbers(con, name, as_of, **scope):
    try:
        return cases(con, name, as_of=as_of, **scope)["case_id"].to_list()
    except NothingToShow:
        return []


def test_each_docket_holds_the_cases_its_definition_says(docket):
    con = docket(
        DEDICATED,
        DEDICATED | {"is_dedicated": False, "received_date": "2021-05-27"},  # too early
        {"is_tagged": True},  # tag only
        DEDICATED | {"is_tagged": False, "is_dedicated": False},  # place only
        {},
        {"custody_code": None},
        {"custody_code": "R"},
        {"custody_code": "D"},
        {"case_type_code": "CFR"},
        {"has_proceeding": False, "received_date": None},
    )

    found = {
        name: numbers(con, name, END)
        for name in ("tagged", "placed", "dedicated", "misplaced", "ordinary")
    }

    assert found == {
        "tagged": [1, 2, 3],
        "placed": [1, 2],
        "dedicated": [1],
        "misplaced": [4],
        "ordinary": [5, 6, 7],
    }
    assert counts_by_definition(con, as_of=END) == {
        "tagged": 3,
        "placed": 2,
        "dedicated": 1,
        "misplaced": 1,
    }


def test_a_case_is_on_the_docket_from_the_day_it_was_placed_there_and_no_earlier(docket):
    con = docket(
        DEDICATED | {"is_tagged": False, "is_dedicated": False}
        | {"dedicated_location_date": "2022-03-01"},
        DEDICATED | {"dedicated_location_date": "2022-03-01"},
        DEDICATED | {"dedicated_location_date": None},  # undated: from receipt
    )  # fmt: skip

    before, after = date(2022, 2, 28), date(2022, 3, 1)

    assert numbers(con, "ordinary", before) == [1], "not yet misplaced, so ordinary"
    assert numbers(con, "misplaced", before) == []
    assert numbers(con, "dedicated", before) == [3]
    assert numbers(con, "ordinary", after) == []
    assert numbers(con, "misplaced", after) == [1]
    assert numbers(con, "dedicated", after) == [2, 3]
    frame = cases(con, "tagged", as_of=before)
    assert frame["dedicated_location_code"].to_list() == [None, "BDD"]


def test_on_an_earlier_day_nothing_later_is_known(docket):
    """Every event is on the 10th of its month; each is known on the 10th and not on the 9th."""
    con = docket(
        {
            "received_date": "2022-01-10",
            "nta_date": "2022-01-05",
            "first_hearing_date": "2022-02-10",
            "first_master_date": "2022-03-10",
            "counsel_date": "2022-04-10",
            "asylum_filed_date": "2022-05-10",
            "is_asylum_granted": True,
            "asylum_granted_date": "2022-06-10",
        },
        endings=[
            {"case_id": 1, "completed_date": "2022-06-10", "outcome": "relief"},
        ],
    )
    known = {
        "first_hearing_date": 2,
        "first_master_date": 3,
        "counsel_date": 4,
        "asylum_filed_date": 5,
        "is_asylum_granted": 6,
        "first_outcome": 6,
        "first_outcome_date": 6,
        "is_decided": 6,
        "first_decision": 6,
        "first_decision_date": 6,
    }

    for month in range(1, 13):
        for day, months in ((9, month - 1), (10, month)):
            as_of = date(2022, month, day)
            if months == 0:
                assert numbers(con, "ordinary", as_of) == []
                continue
            row = cases(con, "ordinary", as_of=as_of).row(0, named=True)
            assert {n: bool(row[n]) for n in known} == {
                n: m <= months for n, m in known.items()
            }
            assert row["is_pending"] == (months < 6)


def test_a_notice_dated_after_the_day_is_not_known_on_it(docket):
    con = docket({"nta_date": "2022-05-01"})

    dates = [cases(con, "ordinary", as_of=on)["nta_date"][0] for on in (date(2022, 4, 30), END)]

    assert dates == [None, date(2022, 5, 1)]


def test_an_order_rescinded_is_an_order_then_an_open_case_then_relief(docket):
    con = docket(
        {},
        endings=[
            {"case_id": 1, "completed_date": "2022-01-10", "outcome": "in absentia",
             "is_undone": True, "undone_date": "2022-03-10"},
            {"case_id": 1, "completed_date": "2023-01-10", "outcome": "relief",
             "ending_count": 2},
        ],
    )  # fmt: skip
    told = [
        (on, cases(con, "ordinary", as_of=on).row(0, named=True))
        for on in (
            date(2022, 1, 9),
            date(2022, 1, 10),
            date(2022, 3, 9),
            date(2022, 3, 10),
            date(2023, 1, 10),
        )
    ]

    assert [row["is_pending"] for _, row in told] == [True, False, False, True, False]
    assert [row["first_outcome"] for _, row in told] == [None] + ["in absentia"] * 4
    undone = date(2022, 3, 10)
    assert [row["rescinded_date"] for _, row in told] == [None, None, None, undone, undone]


def test_the_first_decision_is_the_initial_case_completion_and_not_an_earlier_closure(docket):
    con = docket(
        {},
        endings=[
            {"case_id": 1, "completed_date": "2022-01-10", "outcome": "administrative closure",
             "is_decision": False, "is_undone": True, "undone_date": "2022-03-10"},
            {"case_id": 1, "completed_date": "2022-06-10", "outcome": "in absentia",
             "ending_count": 2, "is_undone": True, "undone_date": "2022-08-10"},
        ],
    )  # fmt: skip

    closed, decided, reopened = (
        cases(con, "ordinary", as_of=on).row(0, named=True)
        for on in (date(2022, 2, 1), date(2022, 7, 1), date(2022, 9, 1))
    )

    for row in (closed, decided, reopened):
        assert (row["first_outcome"], row["is_decided"]) == ("administrative closure", False)
    assert closed["first_decision"] is None
    assert decided["first_decision"] == "in absentia"
    assert decided["first_decision_date"] == date(2022, 6, 10)
    assert (decided["rescinded_date"], reopened["rescinded_date"]) == (None, date(2022, 8, 10))


@pytest.mark.parametrize("undone", [None, "2022-01-01"])
def test_an_ending_undone_on_no_known_day_or_before_it_was_made_is_undone_at_once(
    docket, undone
):
    con = docket(
        {},
        endings=[
            {"case_id": 1, "completed_date": "2022-01-10", "outcome": "in absentia",
             "is_undone": True, "undone_date": undone},
        ],
    )  # fmt: skip

    row = cases(con, "ordinary", as_of=END).row(0, named=True)

    assert row["is_pending"]
    assert row["first_decision_date"] == row["rescinded_date"] == date(2022, 1, 10)


def test_a_scope_keeps_both_its_days_and_its_courts(docket):
    con = docket(
        {"received_date": "2021-06-30"},
        {"received_date": "2021-07-01"},
        {"received_date": "2021-08-01", "court_code": "MIA"},
        {"received_date": "2021-08-02"},
        {"court_code": None},
    )
    span = Scope(date(2021, 7, 1), date(2021, 8, 1))
    boston = Scope(span.first, span.last, ("BOS",))

    assert numbers(con, "ordinary", END, scope=span) == [2, 3, 5]
    assert numbers(con, "ordinary", END, scope=boston) == [2]
    assert numbers(con, "ordinary", date(2021, 7, 15), scope=span) == [2, 5]


def test_cases_that_cannot_be_given_are_counted_by_reason(docket):
    con = docket(
        {"received_date": None},
        {"received_date": None, "is_tagged": True},
        {"received_date": None, "has_proceeding": False},
        {},
    )

    assert numbers(con, "ordinary", END) == [4]
    assert left_out(con, "ordinary", as_of=END) == {"no day of receipt": 1, "no proceeding": 1}
    assert left_out(con, "tagged", as_of=END) == {"no day of receipt": 1}
    assert left_out(con, "dedicated", as_of=END) == {}


def test_an_empty_docket_and_an_unknown_one_are_refused(docket):
    con = docket({})

    with pytest.raises(NothingToShow, match="the dedicated docket: no case received"):
        cases(con, "dedicated", as_of=END)
    with pytest.raises(KeyError, match="rocket"):
        cases(con, "rocket", as_of=END)
    with pytest.raises(KeyError, match="rocket"):
        left_out(con, "rocket", as_of=END)


@pytest.mark.parametrize(("n", "last"), [(1, 1), (19, 19), (20, 19), (40, 38), (100, 95)])
def test_the_span_ends_on_the_first_day_by_which_95_in_100_had_been_received(docket, n, last):
    """One case a day from 1 July: by day k, k have been received."""
    days = [date.fromordinal(date(2021, 7, 1).toordinal() + k) for k in range(n)]
    con = docket(*(DEDICATED | {"received_date": d} for d in days))

    scope = same_courts_and_time(cases(con, "dedicated", as_of=END))

    assert scope == Scope(date(2021, 5, 28), days[last - 1], ("BOS",))


def test_the_courts_are_those_of_one_case_in_a_hundred(docket):
    codes = ["BOS"] * 195 + ["MIA"] * 2 + ["NYC"] + [None] * 2
    con = docket(*(DEDICATED | {"court_code": code} for code in codes))

    scope = same_courts_and_time(cases(con, "dedicated", as_of=END))

    assert scope.courts == ("BOS", "MIA")


def test_closed_cases_look_slower_every_year_and_the_estimate_does_not(docket):
    """
    Received on 1 July 2021: 20 closed after 100 days, 15 after 400, 20 never. At the end of
    2021 nobody has been observed for 300 days; in mid-2022 20 of the 20 closed were closed
    fast, in mid-2023 20 of 35. Of all 55 it was 20 all along.
    """
    closed = ["2021-10-09"] * 20 + ["2022-08-05"] * 15
    con = docket(
        *[{}] * 55,
        endings=[
            {"case_id": n, "completed_date": day, "outcome": "relief"}
            for n, day in enumerate(closed, 1)
        ],
    )
    days = half_years(date(2021, 7, 1), date(2023, 6, 30))

    found = vintages(con, "ordinary", clock="receipt", days=days)

    assert [one.day for one in found] == [
        date(2022, 6, 30), date(2022, 12, 31), date(2023, 6, 30)
    ]  # fmt: skip
    told = [(one.closed_only.count, one.closed_only.n) for one in found]
    assert told == [(20, 20), (20, 35), (20, 35)]
    for one in found:
        assert one.estimated.share == pytest.approx(20 / 55)
        assert one.estimated.at_risk == 35

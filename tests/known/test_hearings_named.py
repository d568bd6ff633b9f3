"""Hearings by name, counted row by row in plain Python from the release's schedule."""

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from importlib.resources import files

import duckdb
import numpy as np
import polars as pl
import pytest

from opendocket.docket import open_docket
from opendocket.estimate.ratios import grouped_ratios
from opendocket.measure.answers import answer

FROZEN = date(2022, 9, 30)
KINDS = ("RMV", "DEP", "EXC", "AOC", "WHO")
BLOCKS = {"**", "AA", "AD", "AN", "DT", "SL", "TR"}
PERSON = re.compile(r"(?!VJ[0-9A-Z]$|SJ[0-9]$|AAA$|TST$)")


@cache
def reasons():
    """Give what the courts' reasons of adjournment are read as, from the list itself."""
    text = files("opendocket.columns").joinpath("codes/adjournment.csv").read_text("utf-8")
    return {row["code"]: row for row in csv.DictReader(text.splitlines())}


@cache
def schedule(path):
    """Give the hearings of cases on the docket by the day, as the release's rows have them."""
    with duckdb.connect(path, read_only=True) as con:
        begun = con.execute(
            "select case_id, court_code, started_date from out_docket__proceeding"
            " where order_count = 1 and started_date <= date '2022-09-30'"
            f" and case_type_code in {KINDS}"
        ).fetchall()
        rows = con.execute(
            "select IDNCASE, ADJ_DATE, ADJ_RSN, CAL_TYPE, IJ_CODE, BASE_CITY_CODE,"
            " SCHEDULE_TYPE from core_eoir__schedule where REC_TYPE = 'X'"
            " and ADJ_DATE <= date '2022-09-30'"
        ).fetchall()
    cases = {case: court for case, court, _ in begun}
    return cases, [
        (case, on, reason, kind, judge, court)
        for case, on, reason, kind, judge, court, block in rows
        if case in cases and block not in BLOCKS
    ]


def is_held(reason):
    return reason not in reasons() or reasons()[reason]["held"] == "yes"


def asked(path, name, definition=None, **choices):
    with open_docket(path) as docket:
        return answer(
            docket, name, definition=definition, as_of=FROZEN, suppress=False, **choices
        )


@pytest.mark.parametrize("definition", ["held", "booked"])
def test_hearings_a_case_are_counted_by_court(definition, small_docket):
    found = asked(small_docket, "hearings-per-case", definition, by="court")

    cases, rows = schedule(small_docket)
    counts = Counter(
        cases[case] for case, _, reason, *_ in rows if definition == "booked" or is_held(reason)
    )
    n = Counter(cases.values())
    assert {
        r["court"]: (r["case_count"], r["hearings_per_case_count"]) for r in found.to_dicts()
    } == {court: (n[court], counts[court]) for court in n}


def whose(reason):
    if reason in ("8A", "8B") or reason not in reasons():
        return "not put off"
    return reasons()[reason]["group"]


def opened(reason):
    if is_held(reason):
        return "held"
    return "completed before" if reason == "8A" else reasons()[reason]["group"]


@pytest.mark.parametrize(("definition", "read"), [("opendocket", whose), ("not-held", opened)])
def test_each_hearing_is_put_off_for_one_reason_or_not(definition, read, small_docket):
    found = asked(small_docket, "adjournments", definition, by=("court", "year"))

    counts = Counter()
    for _, on, reason, _, _, court in schedule(small_docket)[1]:
        if reasons().get(reason, {}).get("group") != "record keeping":
            counts[court, on.year + (on.month >= 10), read(reason)] += 1
    assert {
        (r["court"], r["year"], r["whose"]): r["adjourned_count"]
        for r in found.to_dicts()
        if r["adjourned_count"]
    } == counts
    totals = found.group_by("court", "year").agg(
        n=pl.col("hearing_count").first(),
        parts=pl.col("adjourned_count").sum(),
    )
    assert (totals["n"] == totals["parts"]).all()


def test_intervals_summed_in_the_docket_are_those_of_rows(small_docket):
    """The same clusters, hearing by hearing, by the estimator that fetches them."""
    found = asked(small_docket, "adjournments", "opendocket").row(0, named=True)

    with duckdb.connect(small_docket, read_only=True) as con:
        lead = dict(
            con.execute("select case_id, lead_case_id from out_docket__case").fetchall()
        )
    rows = [
        (lead[case], whose(reason) == "respondent")
        for case, _, reason, *_ in schedule(small_docket)[1]
        if reasons().get(reason, {}).get("group") != "record keeping"
    ]
    family, above = (np.array(column) for column in zip(*rows, strict=True))
    one = np.ones(len(rows))
    plain = grouped_ratios(above, one, family, one.astype(int) - 1, groups=1, is_share=True)
    assert found["whose"] == "respondent"
    for name, expected in (
        ("adjourned_share", plain.ratio),
        ("lower_share", plain.lower),
        ("upper_share", plain.upper),
    ):
        assert found[name] == pytest.approx(expected[0], rel=1e-12)


def judges_days(path):
    days = defaultdict(list)
    for _, on, reason, kind, judge, court in schedule(path)[1]:
        if judge is not None and PERSON.match(judge):
            days[court, judge, on].append((is_held(reason), kind))
    return days


@pytest.mark.parametrize(
    ("part", "kind"), [("all", None), ("master", "M"), ("individual", "I")]
)
def test_a_judges_days_are_those_with_a_hearing_held(part, kind, small_docket):
    found = asked(small_docket, "judge-days", by="court").filter(calendar=part)

    held, days = Counter(), Counter()
    for (court, _, _), hearings in judges_days(small_docket).items():
        mine = sum(h and kind in (None, k) for h, k in hearings)
        if mine:
            held[court] += mine
            days[court] += 1
    assert {
        r["court"]: (r["judge_day_count"], r["hearings_per_judge_day_count"])
        for r in found.to_dicts()
    } == {court: (days[court], held[court]) for court in days}


def test_used_are_days_and_hearings_held_of_those_set(small_docket):
    hearings = asked(small_docket, "capacity-used", "hearings").row(0, named=True)
    days = asked(small_docket, "capacity-used", "days").row(0, named=True)

    found = list(judges_days(small_docket).values())
    used = [day for day in found if any(h for h, _ in day)]
    assert (days["judge_day_count"], days["used_count"]) == (len(found), len(used))
    assert hearings["hearing_count"] == sum(map(len, used))
    assert hearings["used_count"] == sum(h for day in used for h, _ in day)


def test_no_code_of_a_judge_and_no_judge_alone_is_shown(small_docket):
    for name in ("judge-days", "capacity-used"):
        with open_docket(small_docket) as docket:
            found = answer(docket, name, by=("court", "year"), definition="all")

        assert {"judge_code", "judge_number"}.isdisjoint(found.columns)
        alone = found.filter(found["judge_count"] < 3)
        assert len(alone)
        assert alone["is_suppressed"].all()

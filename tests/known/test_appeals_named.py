"""Appeals by name, against rows worked through in plain Python; no code is shared."""

from collections import Counter, defaultdict
from datetime import date

import plain_endings
import polars as pl
import pytest
import tiny_release as tiny

from opendocket.docket import open_docket
from opendocket.docket.load import load_release
from opendocket.measure.answers import answer
from opendocket.measure.appeals import APPEALED_CASES
from opendocket.measure.grains import Asked

ON = date(2023, 3, 31)
OUT = {"WDL", "WPD", "REJ", "NJU", "DMO", "ACR", "ADR", "ADM", "APD", "CTM", "ABC", "CON"} | {
    "TPS", "DED", "NAN", "SNC",
}  # fmt: skip
BACK = {
    "remand": ({"REM"}, set()),
    "sent-back": ({"REM", "BCR", "ACR", "ADR"}, set()),
    "contested": ({"REM", "BCR"}, OUT),
}
"""Which letters are counted, and which are left out below."""


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


@pytest.fixture(scope="module")
def decisions(docket):
    """Give each case's days of decision by the day, in order, and how the first went."""
    found = defaultdict(list)
    query = plain_endings.tables(ON) + (
        "select case_id, completed_date, outcome from endings"
        " where decision_code is not null order by case_id, nth"
    )
    for case, on, outcome in docket.con.execute(query).fetchall():
        found[case].append((on, outcome))
    return found


@pytest.fixture(scope="module")
def appeals(docket):
    """Give the appeals of cases' decisions filed by the day, of the kinds of case counted."""
    query = (
        plain_endings.tables(ON)
        + """
        select idncase, datAppealFiled::date, strFiledBy, datBIADecision::date, strBIADecision
        from core_eoir__appeal
        where strAppealType = 'Case Appeal' and idncase in (select case_id from begun)
    """
    )
    rows = docket.con.execute(query).fetchall()
    return [
        (case, filed, by, *((decided, said) if decided and decided <= ON else (None, None)))
        for case, filed, by, decided, said in rows
        if filed <= ON
    ]


def fiscal(day):
    return day.year + (day.month >= 10)


def first_appeal(filed, decided):
    """Give the day and the party of a first decision's first appeal, or None."""
    later = [on for on, _ in decided[1:] if on > decided[0][0]]
    of_it = [
        (on, by) for on, by in filed
        if on >= decided[0][0] and (not later or on < later[0])
    ]  # fmt: skip
    if not of_it:
        return None
    day = min(on for on, _ in of_it)
    letters = {by for on, by in of_it if on == day}
    both = "B" in letters or {"A", "I"} <= letters
    return day, "both" if both else "respondent" if "A" in letters else "DHS"


def incidence(times, on):
    """Give each party's share by a day (Aalen and Johansen, 1978), step by step."""
    ends, everybody = defaultdict(Counter), Counter(days for days, _ in times)
    for days, party in times:
        if party:
            ends[days][party] += 1
    at_risk, standing, share = len(times), 1.0, Counter()
    for day in range(on + 1):
        for party, count in ends[day].items():
            share[party] += standing * count / at_risk
        standing *= 1 - ends[day].total() / at_risk
        at_risk -= everybody[day]
    return share


@pytest.mark.parametrize("definition", ["opendocket", "heard"])
def test_the_share_appealed_is_the_one_that_plain_python_steps_through(
    docket, decisions, appeals, definition
):
    filed = defaultdict(list)
    for case, on, by, _, _ in appeals:
        filed[case].append((on, by))
    times = []
    for case, decided in decisions.items():
        if definition == "heard" and decided[0][1] == "in absentia":
            continue
        day, party = first_appeal(filed[case], decided) or (ON, None)
        times.append(((day - decided[0][0]).days, party))
    rows = answer(
        docket, "appealed", definition=definition, as_of=ON, days=[30, 365], suppress=False
    )

    for on in (30, 365):
        ours = dict(
            rows.filter(pl.col("days") == on).select("appealed", "appealed_share").iter_rows()
        )
        theirs = incidence(times, on)
        assert theirs["respondent"] > theirs["DHS"] > 0
        for part, party in (("the respondent", "respondent"), ("DHS", "DHS"), ("both", "both")):
            assert ours[f"by {part}"] == pytest.approx(theirs[party])
        assert ours["not yet"] == pytest.approx(1 - theirs.total())
    assert set(rows["case_count"]) == {len(times)}


def test_any_row_counts_cases_that_the_table_names_at_all(docket):
    query = (
        plain_endings.tables(ON)
        + """
        select court_code, count(*), count(*) filter (case_id in (
            select idncase from core_eoir__appeal where datAppealFiled <= date '2023-03-31'
        ))
        from begun group by all
    """
    )
    theirs = {court: (n, k) for court, n, k in docket.con.execute(query).fetchall()}

    rows = answer(
        docket, "appealed", definition="any-row", by="court", as_of=ON, suppress=False
    )

    ours = {
        c: (n, k) for c, n, k in rows.select("court", "case_count", "appealed_count").rows()
    }
    assert ours == theirs


@pytest.mark.parametrize("definition", BACK)
def test_what_was_remanded_each_year_is_what_plain_python_counts(docket, appeals, definition):
    letters, out = BACK[definition]
    theirs = defaultdict(lambda: [0, 0])
    for _, _, _, decided, said in appeals:
        if said and said not in out:
            theirs[fiscal(decided)][0] += 1
            theirs[fiscal(decided)][1] += said in letters

    rows = answer(
        docket, "remanded", definition=definition, by="year", as_of=ON, suppress=False
    )

    ours = {
        y: [n, k] for y, n, k in rows.select("year", "appeal_count", "remanded_count").rows()
    }
    assert ours == theirs
    assert sum(k for _, k in theirs.values()) > 30


def half(times):
    """Give the first day by which half have ended (Kaplan and Meier, 1958), step by step."""
    ends = Counter(days for days, is_over in times if is_over)
    everybody = Counter(days for days, _ in times)
    at_risk, standing = len(times), 1.0
    for day in range(max(everybody) + 1):
        standing *= 1 - ends[day] / at_risk if at_risk else 1
        if standing <= 0.5:
            return day
        at_risk -= everybody[day]
    return None


def test_half_the_appeals_are_decided_on_the_day_that_plain_python_finds(docket, appeals):
    times = [
        (((decided or ON) - filed).days, decided is not None)
        for _, filed, _, decided, _ in appeals
    ]
    closed = [time for time in times if time[1]]

    rows = answer(docket, "time-to-board-decision", definition="all", as_of=ON)

    assert rows["decided_days"].to_list() == [half(times), half(closed)]
    assert rows["appeal_count"].to_list() == [len(times), len(closed)]
    assert half(times) > half(closed)


def test_few_families_behind_the_appeals_of_a_court_are_held_back(docket):
    rows = answer(docket, "time-to-board-decision", by="court", as_of=ON)
    whole = answer(docket, "time-to-board-decision", by="court", as_of=ON, suppress=False)

    few = whole["family_count"] < 11
    assert few.any()
    assert rows.filter(few)["is_suppressed"].all()
    assert rows.filter(few)["decided_days"].null_count() == few.sum()


def test_an_appeal_pending_on_the_day_is_not_known_to_be_decided_later(docket, appeals):
    later = answer(docket, "remanded")["appeal_count"][0]
    on_the_day = answer(docket, "remanded", as_of=ON)["appeal_count"][0]

    assert on_the_day == sum(said is not None for *_, said in appeals)
    assert on_the_day < later


def stretch(case, nth, started, completed):
    return {
        "IDNPROCEEDING": 10 * case + nth,
        "IDNCASE": case,
        "CASE_TYPE": "RMV",
        "BASE_CITY_CODE": "NYC",
        "INPUT_DATE": started,
        "COMP_DATE": completed,
        "DEC_CODE": "X",
        "ABSENTIA": "N",
    }


def filed(number, case, on, by="A"):
    return {
        "idnAppeal": number,
        "idncase": case,
        "strAppealType": "Case Appeal",
        "datAppealFiled": f"{on} 00:00:00.000",
        "strFiledBy": by,
    }


def test_an_appeal_is_of_the_decision_it_follows(tmp_path):
    decided_once, decided_twice, early, by_two, by_both = numbers = range(1, 6)
    tables = {
        "A_TblCase": [{"IDNCASE": n, "CASE_TYPE": "RMV"} for n in numbers],
        "B_TblProceeding": [
            *(stretch(n, 1, "2022-01-01", "2023-01-10") for n in numbers),
            stretch(decided_twice, 2, "2023-06-01", "2024-01-10"),
        ],
        "tblAppeal": [
            filed(1, decided_once, "2023-01-20"),
            filed(2, decided_twice, "2024-01-20"),  # of the second decision
            filed(3, early, "2022-12-20"),
            filed(4, by_two, "2023-01-20"),
            filed(5, by_two, "2023-01-20", by="I"),
            filed(6, by_two, "2023-01-15", by="I"),
            filed(7, by_both, "2023-01-20"),
            filed(8, by_both, "2023-01-20", by="I"),
        ],
    }
    path = tiny.written(tmp_path / "tiny.zip", tiny.tables(**tables))

    with open_docket(load_release(path, tmp_path / "docket.duckdb").path) as opened:
        asked = Asked(opened.con, opened.as_of)
        columns = ("appealed_date", "appealed_by_name")
        rows = asked.fetch(columns, grain=APPEALED_CASES).rows()

    assert {case: (on, by) for case, _, on, by in rows if on} == {
        decided_once: (date(2023, 1, 20), "respondent"),
        by_two: (date(2023, 1, 15), "DHS"),
        by_both: (date(2023, 1, 20), "both"),
    }

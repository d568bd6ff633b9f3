"""Times and shares by a day, each against a product limit worked out in plain Python.

The product limit is in ``product_limit.py``; rows come from plain SQL.
"""

from datetime import date, timedelta
from itertools import pairwise
from shutil import copyfile
from statistics import mean, median_low

import duckdb
import pytest
from product_limit import by_day, median_of, product_limit

from opendocket.docket import open_docket
from opendocket.measure.answers import answer

ON = date(2024, 9, 30)
KINDS = "('RMV', 'DEP', 'EXC', 'AOC', 'WHO')"


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


@pytest.fixture(scope="module")
def people(docket):
    """Give every case of 2020 on as it stood on the day, from proceedings and hearings."""
    known = f"<= date '{ON}'"
    rows = docket.con.execute(
        f"""
        with ended as (
            select case_id,
                arg_min({{'on': completed_date, 'by_judge': decision_code is not null,
                    'how': outcome}}, (completed_date, order_count)) as first,
                min(completed_date) filter (decision_code is not null) as decided
            from out_docket__proceeding
            where completed_date {known} and outcome <> 'move'
            group by case_id
        ),
        heard as (
            select case_id, min(hearing_date) as first,
                min(hearing_date) filter (calendar_code = 'M') as master,
                list_sort(list(distinct hearing_date)) as days
            from out_docket__hearing
            where is_held and hearing_date {known}
            group by case_id
        )
        select c.custody_code, c.is_dedicated, c.received_date,
            case when c.nta_date {known} then c.nta_date end, e.first, e.decided,
            h.first, h.master, h.days,
            case when c.dedicated_location_date {known} then c.dedicated_location_date end,
            c.case_id
        from out_docket__case as c
        left join ended as e using (case_id)
        left join heard as h using (case_id)
        where c.received_date {known} and c.received_date >= date '2020-01-01'
            and c.case_type_code in {KINDS}
        """
    ).fetchall()
    names = (
        "custody", "dedicated", "received", "nta", "ended", "decided", "hearing", "master",
        "days", "placed", "case",
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]


def spells(people, start, stop, way=lambda one: 1, entry=None):
    found = []
    for one in people:
        begun, over = one[start], stop(one)
        if begun is None:
            continue
        days = ((over or ON) - begun).days
        late = max((one[entry] - begun).days, 0) if entry and one[entry] else 0
        if days >= 0 and (late < days or not entry):
            found.append((days, way(one) if over else 0, late))
    return found


def first_ending(one):
    return one["ended"]["on"] if one["ended"] else None


def how(one):
    return 1 if one["ended"]["by_judge"] else 2


def ask(docket, name, definition, **choices):
    where = {"received": "2020-01-01..2030-01-01"} | choices.pop("where", {})
    return answer(
        docket, name, definition=definition, where=where, as_of=ON, suppress=False, **choices
    )


CLOCKS = {"policy": "master", "gao-clock": "received", "trac-clock": "nta"}
GROUPS = {"never detained": "N", "released": "R", "detained": "D"}


@pytest.mark.parametrize("name", CLOCKS)
def test_the_share_decided_by_day_300_is_the_product_limits(docket, people, name):
    rows = ask(docket, "within-300-days", name, by="custody")

    for code in ("N", "R"):
        group = [one for one in people if one["custody"] == code]
        theirs = by_day(product_limit(spells(group, CLOCKS[name], first_ending, how), 2), 300)
        ours = {
            row["ended"]: row["ended_share"]
            for row in rows.iter_rows(named=True)
            if row["custody"] == code
        }
        assert ours["decided"] == pytest.approx(theirs[0], abs=1e-12)
        assert ours["closed otherwise"] == pytest.approx(theirs[1], abs=1e-12)
        assert sum(ours.values()) == pytest.approx(1, abs=1e-12)


def test_where_too_few_are_seen_so_long_nothing_is_said(docket, people):
    rows = ask(docket, "within-300-days", "policy", by="custody")

    group = [one for one in people if one["custody"] == "D"]
    seen = [n for n, _, _ in spells(group, "master", first_ending, how) if n >= 300]
    assert len(seen) < 11
    assert rows.filter(rows["custody"] == "D")["ended_share"].is_null().all()


@pytest.fixture
def placed_late(small_docket, tmp_path):
    """Give a docket whose dedicated cases came to their place up to 199 days late."""
    path = tmp_path / "late.duckdb"
    copyfile(small_docket, path)
    with duckdb.connect(path) as con:
        con.execute(
            """
            update out_docket__case
            set dedicated_location_date = received_date + (case_id % 200)::integer
            where is_dedicated
            """
        )
    with open_docket(path) as opened:
        yield opened


def test_a_case_placed_late_is_seen_from_its_placing(placed_late, people):
    rows = ask(placed_late, "within-300-days", "from-placing", where={"docket": "dedicated"})
    naive = ask(placed_late, "within-300-days", "gao-clock", where={"docket": "dedicated"})
    days = ask(placed_late, "time-to-decision", "from-placing", where={"docket": "dedicated"})

    group = [
        one | {"placed": one["received"] + timedelta(one["case"] % 200)}
        for one in people
        if one["dedicated"]
    ]
    group = [one for one in group if one["placed"] <= ON]
    curve = product_limit(spells(group, "received", first_ending, how, "placed"), 2)
    assert rows["ended_share"].to_list()[:2] == pytest.approx(by_day(curve, 300), abs=1e-12)
    assert rows["ended_share"][0] != pytest.approx(naive["ended_share"][0], abs=1e-3)
    decided = product_limit(spells(group, "received", lambda o: o["decided"], entry="placed"))
    assert days["decision_days"][0] == median_of(decided)


def test_closed_cases_only_are_faster_than_all(docket, people):
    days = [
        ((one["ended"]["on"] - one["nta"]).days, one["ended"]["how"])
        for one in people
        if one["ended"] and one["nta"] and one["ended"]["on"] >= one["nta"]
    ]
    noticed = [n for n, way in days if way != "no nta"]
    trac = ask(docket, "within-300-days", "trac")["ended_share"][0]
    without = ask(docket, "within-300-days", "trac-without-no-nta")["ended_share"][0]
    whole = ask(docket, "within-300-days", "trac-clock")["ended_share"].to_list()

    assert trac == pytest.approx(sum(n < 300 for n, _ in days) / len(days), abs=1e-12)
    assert without == pytest.approx(sum(n < 300 for n in noticed) / len(noticed), abs=1e-12)
    assert trac > 1.2 * (whole[0] + whole[1])


def test_completed_cases_only_are_decided_faster_than_all(docket, people):
    days = [(one["decided"] - one["received"]).days for one in people if one["decided"]]
    gao = ask(docket, "within-300-days", "gao")["ended_share"][0]

    assert gao == pytest.approx(sum(n <= 300 for n in days) / len(days), abs=1e-12)
    assert gao > ask(docket, "within-300-days", "gao-clock")["ended_share"][0]


@pytest.mark.parametrize("name", [*CLOCKS, "any-ending"])
def test_the_median_is_the_first_day_by_which_half_are_over(docket, people, name):
    stop = first_ending if name == "any-ending" else lambda one: one["decided"]
    rows = ask(docket, "time-to-decision", name, by="custody")

    for code in GROUPS.values():
        group = [one for one in people if one["custody"] == code]
        curve = product_limit(spells(group, CLOCKS.get(name, "received"), stop))
        ours = rows.filter(rows["custody"] == code)["decision_days"][0]
        assert ours == median_of([row for row in curve if row[2] >= 11])


def test_medians_of_the_completed_alone_are_plain_medians(docket, people):
    gao = [(one["decided"] - one["received"]).days for one in people if one["decided"]]
    trac = [
        (one["ended"]["on"] - one["nta"]).days
        for one in people
        if one["ended"] and one["nta"] and one["ended"]["on"] >= one["nta"]
    ]

    assert ask(docket, "time-to-decision", "gao")["decision_days"][0] == median_low(gao)
    assert ask(docket, "time-to-decision", "trac")["decision_days"][0] == median_low(trac)
    whole = ask(docket, "time-to-decision", "gao-clock")["decision_days"][0]
    assert whole is None or whole > median_low(gao)


HEARINGS = {
    "receipt": ("received", "hearing"),
    "nta": ("nta", "hearing"),
    "first-master": ("received", "master"),
}


@pytest.mark.parametrize("name", HEARINGS)
def test_the_wait_for_a_hearing_counts_those_who_still_wait(docket, people, name):
    start, stop = HEARINGS[name]
    rows = ask(docket, "time-to-first-hearing", name, where={"custody": "never detained"})

    group = [one for one in people if one["custody"] == "N"]
    curve = product_limit(spells(group, start, lambda one: one[stop]))
    assert rows["first_hearing_days"][0] == median_of(curve)


def gaps_of(one):
    days = one["days"] or []
    return [(after - before).days for before, after in pairwise(days)]


def test_gaps_are_those_between_neighbouring_days_of_hearing(docket, people):
    middle = ask(docket, "time-between-hearings", "median", by="custody")
    average = ask(docket, "time-between-hearings", "mean", by="custody")

    for code in GROUPS.values():
        gaps = [gap for one in people if one["custody"] == code for gap in gaps_of(one)]
        row = middle.filter(middle["custody"] == code).row(0, named=True)
        assert row["case_count"] == len(gaps)
        assert row["gap_days"] == median_low(gaps)
        assert row["lower_days"] <= row["gap_days"] <= row["upper_days"]
        ours = average.filter(average["custody"] == code)["gap_days"][0]
        assert ours == pytest.approx(mean(gaps), abs=1e-9)
    whole = ask(docket, "time-between-hearings", "median")["gap_days"][0]
    assert whole == median_low([gap for one in people for gap in gaps_of(one)])


@pytest.fixture(scope="module")
def finals(docket):
    """Give the day each case was over, by the courts and with the Board, by plain SQL."""
    rows = docket.con.execute(
        f"""
        with last as (
            select case_id, arg_max({{'on': completed_date, 'how': outcome}}, order_count) as p
            from out_docket__proceeding
            where started_date <= date '{ON}'
            group by case_id
        ),
        board as (
            select idncase as case_id,
                max(datBIADecision::date) filter (datBIADecision::date <= date '{ON}')
                    as on_date,
                count(*) filter (datBIADecision is null or datBIADecision::date > date '{ON}')
                    as waiting
            from core_eoir__appeal
            where strAppealType = 'Case Appeal' and datAppealFiled::date <= date '{ON}'
            group by idncase
        )
        select l.case_id,
            case when p.on <= date '{ON}' and p.how <> 'move' then p.on end,
            b.on_date, coalesce(b.waiting, 0)
        from last as l left join board as b using (case_id)
        """
    ).fetchall()
    return {case: (ended, board, waiting) for case, ended, board, waiting in rows}


def final(definition, ended, board, waiting):
    if ended is None or (definition == "unappealed" and waiting):
        return None
    return ended if definition == "courts" or board is None else max(ended, board)


@pytest.mark.parametrize("name", ["courts", "deportation-data-project", "unappealed"])
def test_a_case_is_over_when_its_last_proceeding_and_its_appeals_are(
    docket, people, finals, name
):
    rows = ask(docket, "time-to-final-decision", name, where={"custody": "never detained"})

    group = [one for one in people if one["custody"] == "N"]
    over = spells(group, "received", lambda one: final(name, *finals[one["case"]]))
    assert rows["final_days"][0] == median_of(product_limit(over))
    assert rows["final_count"][0] == sum(way for _, way, _ in over)


def test_the_age_of_what_is_pending_runs_to_the_day(docket, people, finals):
    waiting = [one for one in people if finals[one["case"]][0] is None]
    by_notice = [(ON - one["nta"]).days for one in waiting if one["nta"]]
    by_receipt = [(ON - one["received"]).days for one in waiting]
    ours = {
        name: ask(docket, "age-of-pending", name)["age_days"][0]
        for name in ("trac", "trac-median", "eoir", "gao")
    }

    assert ours["trac"] == pytest.approx(mean(by_notice), abs=1e-9)
    assert ours["trac-median"] == median_low(by_notice)
    assert ours["eoir"] == pytest.approx(mean(by_receipt), abs=1e-9)
    assert ours["gao"] == median_low(by_receipt)

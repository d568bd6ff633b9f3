"""Flows and stocks, each against plain SQL on proceedings; no code is shared.

``out_docket__proceeding`` is one step before the endings that the measures count.
"""

from datetime import date

import numpy as np
import polars as pl
import pytest
import tiny_release as tiny

from opendocket.docket import open_docket
from opendocket.docket.load import load_release
from opendocket.errors import BadCut, NothingToShow
from opendocket.estimate.delay import reporting_delay
from opendocket.measure.answers import answer

ON = date(2023, 3, 31)
KINDS = "('RMV', 'DEP', 'EXC', 'AOC', 'WHO')"
YEAR = "(year({0}) + (month({0}) >= 10)::integer)"
STRETCHES = f"""
    select p.*, c.received_date, c.custody_code, c.nta_date as notice_date,
        c.court_code as first_court_code,
        coalesce(p.started_date, lag(p.completed_date) over (
            partition by p.case_id order by p.order_count
        )) as began_date
    from out_docket__proceeding as p
    join out_docket__case as c using (case_id)
    where c.case_type_code in {KINDS} and c.received_date <= date '{ON}'
"""
ENDED = f"""
    select *,
        row_number() over (
            partition by case_id, decision_code is not null
            order by completed_date, order_count
        ) as nth
    from ({STRETCHES})
    where completed_date <= date '{ON}' and outcome <> 'move'
"""
LAST = f"""
    select case_id,
        arg_max({{'ended': completed_date, 'how': outcome, 'court': court_code,
            'custody': custody_code, 'received': received_date, 'notice': notice_date,
            'first_court': first_court_code}}, order_count) as p
    from ({STRETCHES})
    where began_date <= date '{ON}'
    group by case_id
"""
OPEN = f"(p.ended is null or p.ended > date '{ON}' or p.how = 'move')"


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


@pytest.fixture(scope="module")
def dirty(docket_50k_dirty):
    with open_docket(docket_50k_dirty.path) as opened:
        yield opened


def counted(docket, query):
    return {key: n for key, n in docket.con.execute(query).fetchall() if n}


def ours(docket, name, definition, by=(), **choices):
    rows = answer(
        docket, name, definition=definition, by=by, as_of=ON, suppress=False, **choices
    )
    value = next(n for n in rows.columns if n == f"{name}_count")
    return dict(zip(rows[by], rows[value], strict=True)) if by else rows[value][0]


def test_eoir_receives_a_case_on_the_day_its_first_proceeding_was_entered(docket):
    theirs = counted(
        docket,
        f"""
        select {YEAR.format("started_date")}, count(*)
        from ({STRETCHES})
        where order_count = 1
        group by 1
        """,
    )

    assert ours(docket, "received", "eoir", "year") == theirs


def test_trac_receives_a_case_on_the_day_of_its_notice(docket):
    theirs = counted(
        docket,
        f"select strftime(notice_date, '%Y-%m'), count(*) from ({STRETCHES}) "
        f"where order_count = 1 and notice_date <= date '{ON}' group by 1",
    )

    assert ours(docket, "received", "trac", "month") == theirs


COMPLETIONS = {
    "initial": "decision_code is not null and nth = 1",
    "subsequent": "decision_code is not null and nth > 1",
    "decisions": "decision_code is not null",
    "eoir": "outcome <> 'administrative closure'",
    "trac": "outcome <> 'administrative closure'",
    "without-no-nta": "outcome not in ('administrative closure', 'no nta')",
    "with-closures": "true",
}


@pytest.mark.parametrize("name", COMPLETIONS)
def test_completions_are_those_of_plain_sql_by_the_court_that_made_them(docket, name):
    theirs = counted(
        docket,
        f"select court_code, count(*) from ({ENDED}) "
        f"where {COMPLETIONS[name]} and custody_code = 'N' group by 1",
    )

    found = ours(docket, "completed", name, "court", where={"custody": "never detained"})
    assert found == theirs


def test_initial_completions_are_cases_and_subsequent_ones_the_rest(docket):
    found = {
        name: ours(docket, "completed", name)
        for name in ("initial", "subsequent", "decisions", "with-closures")
    }

    people = docket.con.execute(
        f"select count(distinct case_id) from ({ENDED}) where decision_code is not null"
    ).fetchone()[0]
    assert found["initial"] == people
    assert found["initial"] + found["subsequent"] == found["decisions"]
    assert found["decisions"] < found["with-closures"]


REOPENINGS = {
    "after-decision": "decision_code is not null",
    "recalendared": "outcome = 'administrative closure'",
    "any-ending": "true",
}


@pytest.mark.parametrize("name", REOPENINGS)
def test_a_case_begins_again_on_the_day_of_the_proceeding_that_follows(docket, name):
    day = "greatest(next_started_date, completed_date)"
    theirs = counted(
        docket,
        f"""
        select {YEAR.format(day)}, count(*)
        from ({ENDED})
        where next_proceeding_id is not null and {day} <= date '{ON}' and {REOPENINGS[name]}
        group by 1
        """,
    )

    assert ours(docket, "reopened", name, "year") == theirs


def test_a_reopening_is_confirmed_by_a_motion_granted_or_a_remand(docket):
    day = "greatest(p.next_started_date, p.completed_date)"
    theirs = docket.con.execute(
        f"""
        select count(*)
        from ({ENDED}) as p
        where p.next_proceeding_id is not null and {day} <= date '{ON}'
            and p.decision_code is not null
            and (
                exists (
                    from core_eoir__motion as m
                    where m.IDNCASE = p.case_id and m.REC_TYPE in ('O', 'MA', 'MC')
                        and m.DEC = 'G' and m.COMP_DATE between p.completed_date and {day}
                )
                or exists (
                    from core_eoir__appeal as a
                    where a.idncase = p.case_id and a.strAppealType = 'Case Appeal'
                        and a.strBIADecision = 'REM'
                        and a.datBIADecision::date between p.completed_date and {day}
                )
            )
        """
    ).fetchone()[0]

    assert theirs > 0
    assert ours(docket, "reopened", "confirmed") == theirs


PENDING = {
    "eoir": ("p.court", OPEN),
    "trac": ("p.court", OPEN),
    "with-inactive": ("p.court", f"({OPEN} or p.how = 'administrative closure')"),
    "by-first-court": ("p.first_court", OPEN),
}


@pytest.mark.parametrize("name", PENDING)
def test_pending_is_what_the_last_proceeding_leaves_open(docket, name):
    court, is_open = PENDING[name]
    theirs = counted(
        docket,
        f"select {court}, count(*) from ({LAST}) where {is_open} and p.custody <> 'D' "
        "group by 1",
    )

    where = {"custody": ["never detained", "released"]}
    assert ours(docket, "pending", name, "court", where=where) == theirs


def test_the_years_of_pending_cases_are_those_of_receipt_or_of_the_notice(docket):
    for name, day in (("eoir", "p.received"), ("trac", "p.notice")):
        theirs = counted(
            docket, f"select {YEAR.format(day)}, count(*) from ({LAST}) where {OPEN} group by 1"
        )

        assert ours(docket, "pending", name, "year") == theirs


def test_at_the_release_pending_is_the_dockets_own_word(docket):
    rows = answer(docket, "pending", where={"docket": "everything"}, suppress=False)

    theirs = docket.con.execute(
        "select count(*) from out_docket__case where is_pending and received_date is not null"
    ).fetchone()[0]
    assert rows["pending_count"][0] == theirs


def flows(docket, by="year", **choices):
    rows = answer(docket, "stock-flow", by=by, suppress=False, **choices)
    keys = [name for name in ("court", by) if name in rows.columns]
    return rows.pivot("flow", index=keys, values="flow_count")


@pytest.mark.parametrize("which", ["docket", "dirty"])
@pytest.mark.parametrize(
    "where",
    [
        {},
        {"docket": "everything"},
        {"docket": "dedicated"},
        {"docket": "tagged"},
        {"docket": "ordinary", "custody": "released"},
    ],
)
def test_stock_and_flow_close_to_the_case(which, where, request):
    opened = request.getfixturevalue(which)
    table = flows(opened, where=where)

    assert table["residual"].to_list() == [0] * len(table)
    computed = table["pending before"] + table["received"] - table["decided"]
    computed = computed - table["closed otherwise"] + table["begun again"]
    assert computed.to_list() == table["pending after"].to_list()
    assert table["pending before"].to_list()[1:] == table["pending after"].to_list()[:-1]


@pytest.mark.parametrize("which", ["docket", "dirty"])
@pytest.mark.parametrize("day", [date(2019, 9, 30), date(2022, 9, 30), None])
def test_what_the_flows_leave_is_what_is_counted_as_pending(which, day, request):
    opened = request.getfixturevalue(which)
    where = {"docket": "everything"}
    after = flows(opened, where=where, as_of=day)["pending after"].to_list()[-1]

    pending = answer(opened, "pending", where=where, as_of=day, suppress=False)
    assert after == pending["pending_count"][0]


@pytest.mark.parametrize("which", ["docket", "dirty"])
def test_the_stock_at_the_end_of_a_year_is_that_of_a_freeze_on_its_last_day(which, request):
    opened = request.getfixturevalue(which)
    whole = flows(opened).filter(pl.col("year") == 2021)["pending after"][0]

    frozen = answer(opened, "pending", as_of=date(2021, 9, 30), suppress=False)
    assert whole == frozen["pending_count"][0]


def test_courts_and_months_close_as_well(docket):
    rows = answer(docket, "stock-flow", by=("court", "month"), suppress=False)

    residual = rows.filter(pl.col("flow") == "residual")["flow_count"]
    assert len(residual) > 1_000
    assert not residual.to_numpy().any()
    after = rows.filter(
        pl.col("flow") == "pending after", pl.col("month") == rows["month"].max()
    )
    pending = answer(docket, "pending", definition="by-first-court", by="court", suppress=False)
    found = dict(zip(after["court"], after["flow_count"], strict=True))
    theirs = dict(zip(pending["court"], pending["pending_count"], strict=True))
    assert {court: n for court, n in found.items() if n} == theirs


@pytest.mark.parametrize(
    ("flow", "condition"),
    [
        ("decided", "decision_code is not null"),
        ("closed otherwise", "decision_code is null"),
    ],
)
def test_each_flow_is_that_of_plain_sql(docket, flow, condition):
    table = flows(docket, as_of=ON)

    theirs = counted(
        docket,
        f"select {YEAR.format('completed_date')}, count(*) from ({ENDED}) "
        f"where {condition} group by 1",
    )
    ours = dict(zip(table["year"], table[flow], strict=True))
    assert {year: n for year, n in ours.items() if n} == theirs


def test_the_residual_of_eoirs_series_is_what_they_leave_out(docket):
    closed = flows(docket)
    theirs = flows(docket, definition="eoir")

    closures = counted(
        docket,
        f"""
        select {YEAR.format("completed_date")}, count(*)
        from out_docket__decision as d join out_docket__case as c using (case_id)
        where d.outcome = 'administrative closure' and c.case_type_code in {KINDS}
            and c.received_date is not null
        group by 1
        """,
    )
    left = closed["begun again"] - pl.Series([closures.get(y, 0) for y in closed["year"]])
    assert theirs["residual"].to_list() == left.to_list()
    assert (theirs["residual"] != 0).any()


def test_a_filter_on_time_chooses_periods_of_the_flows_and_not_cases(docket):
    whole = flows(docket)
    some = flows(docket, where={"year": "2020..2022"})

    assert some.rows() == whole.filter(pl.col("year").is_between(2020, 2022)).rows()


@pytest.mark.parametrize(
    ("by", "where"),
    [(("year", "month"), {}), ((), {"year": "2020"}), (("year",), {"month": "2020-01"})],
)
def test_periods_that_cannot_be_are_refused(docket, by, where):
    with pytest.raises(BadCut):
        answer(docket, "stock-flow", by=by, where=where)


def test_a_month_of_notices_is_corrected_by_the_delays_of_all(docket):
    day = date(2022, 6, 30)
    rows = answer(
        docket, "late-docketing", by="month", as_of=day, suppress=False,
        where={"month": "2021-06..2022-06"},
    )  # fmt: skip

    pairs = docket.con.execute(
        f"""
        select case_id, nta_date, received_date from out_docket__case
        where case_type_code in {KINDS} and received_date <= date '{day}'
            and nta_date is not null
        """
    ).fetchall()
    delay = np.array([max((entered - sent).days, 0) for _, sent, entered in pairs])
    age = np.array([(day - sent).days for _, sent, _ in pairs])
    curve = reporting_delay(delay, age, within=1095)
    months = {}
    for _, sent, _ in pairs:
        months[f"{sent:%Y-%m}"] = months.get(f"{sent:%Y-%m}", 0) + 1
    of_june = float(np.mean(curve.at(np.arange(30))[0]))
    last = rows.filter(pl.col("month") == "2022-06").row(0, named=True)
    assert last["entered_count"] == months["2022-06"]
    assert last["entered_share"] == pytest.approx(of_june, abs=1e-12)
    assert last["expected_count"] == pytest.approx(months["2022-06"] / of_june)
    assert last["lower_expected_count"] <= last["expected_count"]
    assert last["expected_count"] <= last["upper_expected_count"]
    assert rows["is_incomplete"].to_list() == (rows["entered_share"] < 0.95).to_list()
    assert rows["is_incomplete"][-1]
    assert not rows["is_incomplete"][0]


def test_the_corrected_count_of_an_early_day_is_near_what_came(docket):
    day, months = date(2024, 6, 30), {"month": "2024-03..2024-06", "docket": "everything"}
    early = answer(
        docket, "received", definition="trac-corrected", where=months, as_of=day, suppress=False
    ).row(0, named=True)
    naive = answer(docket, "received", definition="trac", where=months, as_of=day)
    final = answer(docket, "received", definition="trac", where=months)

    came = final["received_count"][0]
    assert early["lower_count"] <= came <= early["upper_count"]
    assert naive["received_count"][0] < came
    assert naive["is_incomplete"][0]
    assert not final["is_incomplete"][0]


@pytest.fixture
def crossed(tmp_path):
    """Give a docket of one case whose second proceeding ends after its third."""
    rows = [
        {"IDNPROCEEDING": 10, "INPUT_DATE": "2021-07-01", "COMP_DATE": "2021-08-10"},
        {"IDNPROCEEDING": 11, "INPUT_DATE": "2022-01-03", "COMP_DATE": "2024-01-02"},
        {"IDNPROCEEDING": 12, "INPUT_DATE": "2022-06-01", "COMP_DATE": "2023-01-10"},
    ]
    given = {"IDNCASE": 1, "CASE_TYPE": "RMV", "DEC_CODE": "X", "OSC_DATE": "2021-06-20"}
    texts = tiny.tables(
        A_TblCase=[{"IDNCASE": 1, "CASE_TYPE": "RMV"}],
        B_TblProceeding=[given | row for row in rows],
    )
    path = tiny.written(tmp_path / "crossed.zip", texts)
    with open_docket(load_release(path, tmp_path / "crossed.duckdb").path) as opened:
        yield opened


def test_a_case_is_closed_by_its_last_proceeding_though_an_earlier_one_ends_later(crossed):
    rows = answer(crossed, "stock-flow", by="month", suppress=False)

    table = rows.pivot("flow", index="month", values="flow_count")
    assert table["pending after"].to_list()[-1] == 0
    assert not table["residual"].to_numpy().any()
    is_pending = crossed.con.execute("select is_pending from out_docket__case").fetchone()[0]
    assert not is_pending
    with pytest.raises(NothingToShow):
        answer(crossed, "pending", suppress=False)


def test_of_one_case_nobody_can_say_how_late_it_is_entered(crossed):
    rows = answer(crossed, "late-docketing", by="month", suppress=False)

    assert rows.is_empty() or not rows["is_incomplete"].any()

"""How cases end by name: against a product limit, and the identity that all adds up to one."""

from collections import Counter
from datetime import date

import polars as pl
import pytest
from product_limit import by_day, product_limit

from opendocket.docket import open_docket
from opendocket.measure.answers import answer

ON = date(2024, 9, 30)
DAYS = (0, 30, 90, 180, 300, 500, 730, 1095)
NAMES = {
    "relief": "relief",
    "protection": "relief",
    "removal": "removal order, person present",
    "in absentia": "removal order in absentia",
    "voluntary departure": "voluntary departure",
    "termination": "termination",
    "no nta": "dismissed, no notice filed",
    "administrative closure": "administrative closure",
    "other": "other",
    "review": "other",
}
WAYS = list(dict.fromkeys(NAMES.values()))


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


@pytest.fixture(scope="module")
def dirty(docket_50k_dirty):
    with open_docket(docket_50k_dirty.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def endings(docket):
    """Give court, receipt, first ending and its day of dedicated cases, from proceedings."""
    return docket.con.execute(
        f"""
        select c.court_code, c.received_date, p.first.how, p.first.on
        from out_docket__case as c
        left join (
            select case_id,
                arg_min({{'how': outcome, 'on': completed_date}}, (completed_date, order_count))
                    as first
            from out_docket__proceeding
            where completed_date <= date '{ON}' and outcome <> 'move'
            group by case_id
        ) as p using (case_id)
        where c.is_dedicated and c.received_date <= date '{ON}'
            and c.dedicated_location_date <= date '{ON}'
        """
    ).fetchall()


def ask(docket, definition, **choices):
    return answer(
        docket, "outcomes", where={"docket": "dedicated"}, definition=definition, as_of=ON,
        suppress=False, **choices,
    )  # fmt: skip


def shares(rows, day):
    chosen = rows.filter(pl.col("days") == day)
    return dict(zip(chosen["outcome"], chosen["ended_share"], strict=True))


@pytest.mark.parametrize("name", ["opendocket", "with-notice"])
def test_incidence_is_the_product_limits_at_every_day_and_court(docket, endings, name):
    rows = ask(docket, name, by="court", days=DAYS)

    courts = [court for court, n in Counter(row[0] for row in endings).items() if n >= 200]
    assert len(courts) >= 3
    for court in courts:
        spells = [
            (((on or ON) - begun).days, WAYS.index(NAMES[how]) + 1 if how else 0, 0)
            for at, begun, how, on in endings
            if at == court and not (name == "with-notice" and how == "no nta")
        ]
        curve = product_limit(spells, len(WAYS))
        seen = max(day for day, _, at_risk in curve if at_risk >= 11)
        for day in DAYS:
            if day > seen:
                assert set(shares(rows.filter(pl.col("court") == court), day).values()) == {
                    None
                }
                continue
            ours = shares(rows.filter(pl.col("court") == court), day)
            theirs = dict(zip(WAYS, by_day(curve, day), strict=True))
            assert ours == pytest.approx(
                {way: theirs[way] for way in ours if way != "not yet"}
                | {"not yet": 1 - sum(theirs.values())},
                abs=1e-12,
            )


@pytest.mark.parametrize("name", ["closed-only", "closed-with-notice"])
def test_closed_cases_are_plain_shares(docket, endings, name):
    rows = ask(docket, name)

    ended = [
        NAMES[how]
        for _, _, how, _ in endings
        if how and not (name == "closed-with-notice" and how == "no nta")
    ]
    ours = dict(zip(rows["outcome"], rows["ended_share"], strict=True))
    assert {way: n for way, n in ours.items() if n} == pytest.approx(
        {way: n / len(ended) for way, n in Counter(ended).items()}, abs=1e-12
    )


@pytest.mark.parametrize("which", ["docket", "dirty"])
@pytest.mark.parametrize("name", ["opendocket", "with-notice"])
@pytest.mark.parametrize("where", [{}, {"docket": "dedicated"}, {"docket": "everything"}])
def test_outcomes_and_not_yet_add_up_to_one_at_every_day(which, name, where, request):
    rows = answer(
        request.getfixturevalue(which), "outcomes", where=where, definition=name,
        days=range(0, 1500, 25), as_of=date(2023, 6, 30), by="custody", suppress=False,
    )  # fmt: skip

    known = rows.filter(pl.col("ended_share").is_not_null())
    sums = known.group_by("custody", "days").agg(pl.col("ended_share").sum())
    assert len(sums) >= 20
    assert sums["ended_share"].to_list() == pytest.approx([1] * len(sums), abs=1e-12)


def test_of_closed_cases_relief_reads_lower_the_younger_the_docket(docket):
    def relief(definition, on, **choices):
        rows = answer(
            docket, "outcomes", where={"docket": "dedicated"}, definition=definition, as_of=on,
            suppress=False, **choices,
        )  # fmt: skip
        return rows.filter(pl.col("outcome") == "relief")["ended_share"][0]

    early, late = date(2022, 9, 30), date(2026, 6, 30)
    closed = [relief("closed-only", on) for on in (early, late)]
    by_day_300 = [relief("opendocket", on, days=[300]) for on in (early, late)]
    assert closed[1] > 1.5 * closed[0]
    assert abs(by_day_300[1] - by_day_300[0]) < 0.03

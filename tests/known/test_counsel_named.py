"""Counsel by name, against plain SQL, an illness-death model in plain Python, and lifelines."""

import warnings
from collections import Counter
from datetime import date
from math import sqrt

import duckdb
import numpy as np
import polars as pl
import pytest

from opendocket.docket import open_docket
from opendocket.estimate.states import Spells, state_shares
from opendocket.measure.answers import answer
from opendocket.measure.counsel import counsel
from opendocket.measure.population import Scope, cases

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # SciPy is under way from 1.17; nothing of ours
    from lifelines import AalenJohansenFitter

FROZEN = date(2022, 9, 30)
BASE = """
with begun as (
    select case_id, court_code, started_date as received_date
    from out_docket__proceeding
    where order_count = 1
        and started_date between date '1910-01-01' and date '2022-09-30'
        and case_type_code in ('RMV', 'DEP', 'EXC', 'AOC', 'WHO')
),
endings as (
    select *, row_number() over (
        partition by case_id order by completed_date, order_count
    ) as nth
    from out_docket__proceeding
    where outcome <> 'move' and completed_date <= date '2022-09-30'
),
ended as (select * from endings where nth = 1),
decided as (
    select *
    from endings
    where decision_code is not null
    qualify row_number() over (partition by case_id order by nth) = 1
),
helped as (
    select case_id, min(on_date) as counsel_date
    from (
        select IDNCASE as case_id, E_28_DATE as on_date
        from core_eoir__representative
        where STRATTYTYPE = 'ALIEN' and STRATTYLEVEL = 'COURT'
        union all
        select IDNCASE, E_28_DATE from core_eoir__case
    )
    where on_date between date '1910-01-01' and date '2022-09-30'
    group by case_id
),
heard as (
    select case_id, min(hearing_date) as first_date
    from out_docket__hearing
    where is_held and hearing_date <= date '2022-09-30'
    group by case_id
),
stretches as (
    select
        case_id,
        arg_max(
            coalesce(outcome, 'move') = 'move' or completed_date > date '2022-09-30',
            order_count
        ) as is_open
    from out_docket__proceeding
    where started_date <= date '2022-09-30'
    group by case_id
)
"""
BY_COURT = {
    "trac-now": "select b.court_code, count(*), count(counsel_date)"
    " from begun as b left join helped using (case_id) group by all",
    "eoir-pending": "select b.court_code, count(*), count(counsel_date)"
    " from begun as b join stretches using (case_id) left join helped using (case_id)"
    " where is_open group by all",
    "at-decision": "select b.court_code, count(*),"
    " count(*) filter (counsel_date <= completed_date)"
    " from begun as b join decided using (case_id) left join helped using (case_id)"
    " group by all",
    "at-first-hearing": "select b.court_code, count(*),"
    " count(*) filter (counsel_date <= first_date)"
    " from begun as b join heard using (case_id) left join helped using (case_id)"
    " group by all",
    "closed": "select b.court_code, count(*), count(*) filter (counsel_date <= completed_date)"
    " from begun as b join ended using (case_id) left join helped using (case_id) group by all",
    "ordered": "select b.court_code, count(*), count(*) filter (counsel_date <= completed_date)"
    " from begun as b join decided using (case_id) left join helped using (case_id)"
    " where outcome in ('removal', 'in absentia') group by all",
}
TIMES = """
select
    received_date,
    completed_date                                              as ended_date,
    outcome,
    counsel_date
from begun left join ended using (case_id) left join helped using (case_id)
"""


def asked(path, name, definition, **choices):
    with open_docket(path) as docket:
        return answer(
            docket, name, definition=definition, as_of=FROZEN, suppress=False, **choices
        )


def plain(path, query):
    with duckdb.connect(path, read_only=True) as con:
        return con.execute(BASE + query).fetchall()


@pytest.mark.parametrize("definition", BY_COURT)
def test_each_definition_counts_what_plain_sql_counts(definition, small_docket):
    found = asked(small_docket, "counsel", definition, by="court")

    counted = {
        row["court"]: (row["case_count"], row["represented_count"]) for row in found.to_dicts()
    }
    expected = {court: (n, k) for court, n, k in plain(small_docket, BY_COURT[definition])}
    assert counted == expected


def spells_of(rows):
    """Give days observed, whether it ended, and the day counsel came, of each case."""
    for received, ended, _, helped in rows:
        length = ((ended or FROZEN) - received).days
        came = max((helped - received).days, 0) if helped else None
        if length >= 0:
            yield (
                length,
                ended is not None,
                came if came is not None and came <= length else None,
            )


def illness_death(spells, day):
    """Carry the shares forward by the transitions seen (Putter et al. 2007, section 4)."""
    events, leaving = Counter(), Counter()
    for length, ended, came in spells:
        if came is not None:
            events[came, "finds"] += 1
        kind = "helped" if came is not None else "alone"
        events[length, f"ends {kind}"] += ended
        leaving[length, kind] += 1
    alone, helped = len(spells), 0
    shares = [1.0, 0.0, 0.0, 0.0]
    for at in range(day + 1):
        finds = events[at, "finds"]
        moved = shares[0] * finds / alone if alone else 0.0
        alone, helped = alone - finds, helped + finds
        over = shares[0] - moved, shares[1] + moved
        out = over[0] * events[at, "ends alone"] / alone if alone else 0.0
        lost = over[1] * events[at, "ends helped"] / helped if helped else 0.0
        shares = [over[0] - out, over[1] - lost, shares[2] + out, shares[3] + lost]
        alone, helped = alone - leaving[at, "alone"], helped - leaving[at, "helped"]
    return shares


def test_states_follow_the_model_by_hand_and_add_to_one(small_docket):
    found = asked(small_docket, "counsel-over-time", None, days=(0, 100, 700))

    spells = list(spells_of(plain(small_docket, TIMES)))
    for day in (0, 100, 700):
        shares = found.filter(days=day)["state_share"].to_list()
        assert shares == pytest.approx(illness_death(spells, day), abs=1e-12)
        assert sum(shares) == pytest.approx(1, abs=1e-12)


def test_states_of_groups_are_those_of_each_group_alone(small_docket):
    with open_docket(small_docket) as docket:
        courts = answer(docket, "counsel-over-time", by="court", days=(365,), suppress=False)
        for court in ("NYC", "MIA", "LOS"):
            alone = answer(
                docket, "counsel-over-time", where={"court": court}, days=(365,), suppress=False
            )

            assert courts.filter(court=court).drop("court").equals(alone)


def test_states_are_those_of_the_report(small_docket):
    with open_docket(small_docket) as docket:
        frame = cases(
            docket.con, "dedicated", as_of=FROZEN, scope=Scope(date(1970, 1, 1), FROZEN)
        )
        found = answer(
            docket, "counsel-over-time", where={"docket": "dedicated"}, as_of=FROZEN,
            days=(90, 365), suppress=False,
        )  # fmt: skip

    states = counsel(frame, as_of=FROZEN).states
    expected = [states.share[state, day] for day in (90, 365) for state in range(4)]
    assert found["state_share"].to_list() == pytest.approx(expected, abs=1e-12)


def test_with_nobody_unobserved_the_width_is_that_of_a_plain_share():
    """Binomial: sqrt(p (1 - p) / n); thirty replicates know it to an eighth."""
    rng = np.random.default_rng(np.random.SeedSequence(20261124))
    n = 6_000
    length, came = rng.geometric(0.01, n), rng.geometric(0.01, n)
    spells = Spells(
        length=length,
        is_ended=np.ones(n, dtype=bool),
        helped=np.where(came <= length, came, -1),
        family=np.arange(n),
        group=np.zeros(n, dtype=np.int64),
    )

    found = state_shares(spells, groups=1, days=[60])

    for state, is_in in enumerate(
        [
            (length > 60) & (came > 60),
            (length > 60) & (came <= 60),
            (length <= 60) & (came > length),
            (length <= 60) & (came <= length),
        ]
    ):
        share = is_in.mean()
        assert found.share[0, state, 0] == pytest.approx(share, abs=0.01)
        width = found.upper[0, state, 0] - found.lower[0, state, 0]
        assert width == pytest.approx(2 * 2.0452 * sqrt(share * (1 - share) / n), rel=0.45)


def test_families_of_five_widen_the_interval_as_one_case_each():
    """A family that is alike in all counts once: the width grows by the root of its size."""
    rng = np.random.default_rng(np.random.SeedSequence(7))
    n = 3_000
    one = {"length": rng.geometric(0.02, n), "is_ended": np.ones(n, dtype=bool)}
    widths = []
    for copies in (1, 5):
        spells = Spells(
            length=np.repeat(one["length"], copies),
            is_ended=np.repeat(one["is_ended"], copies),
            helped=np.full(n * copies, -1),
            family=np.repeat(np.arange(n), copies),
            group=np.zeros(n * copies, dtype=np.int64),
        )
        found = state_shares(spells, groups=1, days=[30])
        widths.append(found.upper[0, 0, 0] - found.lower[0, 0, 0])

    assert widths[1] == pytest.approx(widths[0], rel=1e-9)


def test_the_landmark_agrees_with_lifelines(small_docket):
    found = asked(small_docket, "counsel-and-outcomes", "landmark-180")

    code = {"relief": 1, "protection": 1, "in absentia": 2}
    for name, has in (("with counsel", True), ("without counsel", False)):
        days, ends = [], []
        for received, ended, outcome, helped in plain(small_docket, TIMES):
            mark = date.fromordinal(received.toordinal() + 180)
            if mark > FROZEN or (ended and ended <= mark):
                continue
            if (helped is not None and helped <= mark) is has:
                days.append(((ended or FROZEN) - mark).days)
                ends.append(code.get(outcome, 3) if ended else 0)
        for way, number in (("relief", 1), ("in absentia", 2)):
            row = found.filter(outcome=f"{way}, {name}").to_dicts()[0]
            assert row["case_count"] == len(days)
            assert row["outcome_share"] == pytest.approx(
                lifelines_share(days, ends, number, 365), abs=1e-9
            )


def lifelines_share(days, ends, number, at):
    """Read the Aalen-Johansen estimator.

    It moves ties apart by chance. Moved apart by hand, endings before those not observed
    longer, they add the same.
    """
    ends = np.array(ends)
    apart = np.array(days) + np.arange(len(days)) / len(days) / 4 + (ends == 0) / 2
    fitted = AalenJohansenFitter(calculate_variance=False).fit(apart, ends, number)
    curve = fitted.cumulative_density_
    return float(curve[curve.index < at + 1].iloc[-1, 0])


def test_the_comparison_by_ever_counts_closed_cases_alone(small_docket):
    found = asked(small_docket, "counsel-and-outcomes", "ever")

    rows = [row for row in plain(small_docket, TIMES) if row[1]]
    for name, has in (("with counsel", True), ("without counsel", False)):
        mine = [row for row in rows if (row[3] is not None) is has]
        row = found.filter(outcome=f"in absentia, {name}").to_dicts()[0]
        assert row["case_count"] == len(mine)
        assert row["outcome_count"] == sum(r[2] == "in absentia" for r in mine)


def test_a_landmark_shown_in_groups_adds_up_to_the_whole(small_docket):
    whole = asked(small_docket, "counsel-and-outcomes", "landmark-90")
    parts = asked(small_docket, "counsel-and-outcomes", "landmark-90", by="custody")

    summed = parts.group_by("outcome").agg(pl.col("case_count", "outcome_count").sum())
    joined = whole.join(summed, on="outcome", suffix="_summed")
    assert len(joined) == 4
    assert (joined["case_count"] == joined["case_count_summed"]).all()

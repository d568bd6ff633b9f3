"""The share decided in time, against answers worked by hand and by lifelines."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from tiny_docket import case, docket, on

from opendocket.measure.promise import kept_promise, pace

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifelines import AalenJohansenFitter, KaplanMeierFitter
    from lifelines.utils import median_survival_times

CLOCKS = {"first master": "master", "receipt": "received", "nta": "nta"}
CLOSURES = ["no nta", "administrative closure"]
DECISIONS = ["relief", "removal", "in absentia", "voluntary departure", "termination"]

TWENTY = [
    *[case("no nta", 50)] * 2,
    *[case("removal", 100), case("relief", 100), case("in absentia", 100)],
    case("termination", 100),
    *[case(start=164)] * 2,  # pending, and observed for 170 days only
    case("voluntary departure", 299),
    case("relief", 300),
    case("removal", 301),
    *[case()] * 9,
]


def test_twenty_cases_as_worked_by_hand():
    """
    Read on day 334. A decision on day 300 is within 300 days.

    day  at risk  decided  closed  decided so far                 pending
     50     20       0        2    0                              9/10
    100     18       4        0    9/10*4/18 = 1/5                7/10
    170     14       (2 leave observation)                        7/10
    299     12       1        0    1/5+7/10*1/12 = 31/120         77/120
    300     11       1        0    31/120+77/120*1/11 = 19/60     7/12
    """
    kept = kept_promise(docket(*TWENTY), "first master", as_of=on(334))

    assert (kept.day, kept.is_whole) == (300, True)
    assert kept.decided.share == pytest.approx(float(Fraction("19/60")), abs=1e-12)
    assert kept.otherwise.share == pytest.approx(1 / 10, abs=1e-12)
    assert kept.curves.at(1, 299).share == pytest.approx(float(Fraction("31/120")), abs=1e-12)
    assert (kept.decided.n, kept.decided.at_risk, kept.families) == (20, 11, 20)
    assert kept.decided_count == 6


def test_closed_cases_only_are_counted_as_trac_counts_them():
    """
    TRAC 704 (A45): closed in *fewer* than 300 days. Of the 9 closed, 7 are: 2 without a notice,
    4 on day 100 and 1 on day 299. Without the 2 it is 5 of 7. Of all 20 it would be 7.
    """
    kept = kept_promise(docket(*TWENTY), "nta", as_of=on(334))

    assert (kept.closed_in_time, kept.closed) == (7, 9)
    assert kept.closed_only_share == pytest.approx(7 / 9)
    assert (kept.closed_with_notice_in_time, kept.closed_with_notice) == (5, 7)
    assert kept.closed_with_notice_only_share == pytest.approx(5 / 7)


@pytest.mark.parametrize(
    ("clock", "decided_by_300"),
    [
        ("first master", 20),  # day 350 is 250 days after the master on day 100
        ("receipt", 8),  # 320 days after receipt on day 30
        ("nta", 8),  # 350 days after the notice
    ],
)
def test_each_clock_counts_from_its_own_day(clock, decided_by_300):
    late = case("relief", 350, nta=0, received=30, hearing=90, master=100)
    early = case("removal", 200, nta=0, received=30, hearing=90, master=100)

    cases = docket(*[late] * 12, *[early] * 8, *[case()] * 20)
    kept = kept_promise(cases, clock, as_of=on(700))

    assert kept.decided.share == pytest.approx(decided_by_300 / 40)
    assert (kept.closed_in_time, kept.closed) == (decided_by_300, 20)


def test_the_cases_a_clock_cannot_time_are_accounted_for():
    odd = [
        case(master=None),  # pending, no master hearing yet
        case("no nta", 40, master=None),  # ended without one
        case("no nta", 40, master=60),  # ended before one, which a reopening brought
        case("removal", 40, master=40),  # ended on the day of it: timed, day 0
    ]

    kept = kept_promise(docket(*TWENTY, *odd), "first master", as_of=on(334))

    not_begun = "the clock has not started (from the first master hearing that a judge opened)"
    assert kept.excluded == {not_begun: 1, "ended before the clock started": 2}
    assert kept.decided.n + sum(kept.excluded.values()) == len(TWENTY) + len(odd)
    assert kept.curves.at(1, 0).share == pytest.approx(1 / 21)


def random_docket(seed, *, n=300, until=900):
    """Cases observed for 1 day or more, no two for as long, as lifelines wants them."""
    rng = np.random.default_rng(seed)
    days = 1 + rng.permutation(until - 1)[:n]
    cases = []
    for day in days:
        kind = rng.choice(3, p=[0.4, 0.4, 0.2])
        if kind == 0:
            cases.append(case(start=until - day))
        else:
            outcome = rng.choice(DECISIONS if kind == 1 else CLOSURES)
            cases.append(case(str(outcome), until, start=until - day))
    return docket(*cases), until


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("clock", CLOCKS)
def test_the_curves_match_lifelines(seed, clock):
    frame, until = random_docket(seed)
    days = np.array([(on(until) - d).days for d in frame["received_date"]])
    code = np.where(frame["is_decided"], 1, np.where(frame["first_outcome"].is_null(), 0, 2))

    kept = kept_promise(frame, clock, as_of=on(until))

    assert kept.day == 300
    for row, kind, found in ((0, 1, kept.decided), (1, 2, kept.otherwise)):
        oracle = AalenJohansenFitter(calculate_variance=False).fit(days, code, kind)
        theirs = oracle.cumulative_density_.iloc[:, 0]
        ours = kept.curves.share[row]
        np.testing.assert_allclose(ours, theirs.loc[kept.curves.days], atol=1e-9)
        assert found.share == pytest.approx(theirs.loc[:300].iloc[-1], abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_pace_and_its_interval_match_lifelines(seed):
    """The log-log band of Kaplan-Meier, and the days on which it crosses one half."""
    frame, until = random_docket(seed)
    days = np.array([(on(until) - d).days for d in frame["received_date"]])
    oracle = KaplanMeierFitter().fit(days, frame["first_outcome"].is_not_null())
    interval = median_survival_times(oracle.confidence_interval_).to_numpy()[0]

    found = pace(frame, "tiny", as_of=on(until))

    theirs = [oracle.median_survival_time_, *interval]
    ours = [found.median.days, found.median.lower, found.median.upper]
    assert [np.inf if day is None else day for day in ours] == theirs
    pending = oracle.survival_function_.loc[found.curves.days].to_numpy()[:, 0]
    np.testing.assert_allclose(found.curves.pending_share, pending, atol=1e-9)
    assert found.pending == frame["first_outcome"].is_null().sum() > 0


def test_the_curves_and_the_median_end_where_fewer_than_eleven_are_left():
    """
    Fifteen cases, one ended every ten days: the eighth ends on day 80, when 8 are left. A
    median read off so few would be the day of one of them. Of thirty, half end by day 150.
    """
    frame = docket(*(case("relief", 10 * n) for n in range(1, 16)))

    found = pace(frame, "tiny", as_of=on(400))

    assert found.curves.days.tolist() == [10, 20, 30, 40, 50]
    assert found.curves.at_risk.tolist() == [15, 14, 13, 12, 11]
    assert found.median.days is None
    thirty = docket(*(case("relief", 10 * n) for n in range(1, 31)))
    assert pace(thirty, "tiny", as_of=on(400)).median.days == 150


def test_a_family_counts_as_one_in_the_interval():
    """Five copies of a case in one family know no more than the one case."""
    alone = [case("relief", 10 * n) if n % 3 else case() for n in range(1, 31)]
    fives = [row | {"lead_case_id": n} for n, row in enumerate(alone, 1) for _ in range(5)]

    once = kept_promise(docket(*alone), "receipt", as_of=on(500))
    again = kept_promise(docket(*fives), "receipt", as_of=on(500))

    assert again.families == once.families == 30
    once, again = once.curves.at(1, 150), again.curves.at(1, 150)
    assert again.share == pytest.approx(once.share)
    assert (again.lower, again.upper) == pytest.approx((once.lower, once.upper), abs=1e-9)

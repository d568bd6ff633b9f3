"""The estimators against answers that somebody, or something, else worked out."""

import warnings
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from opendocket.estimate.survival import (
    cumulative_incidence,
    kaplan_meier,
    median_days,
    quantile_days,
    restricted_mean,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifelines import AalenJohansenFitter, KaplanMeierFitter
    from lifelines.datasets import load_leukemia, load_lung, load_waltons
    from lifelines.utils import (
        median_survival_times,
        qth_survival_time,
        restricted_mean_survival_time,
    )

Z95 = 1.959963984540054
SEEDS = np.random.SeedSequence(20210528).spawn(20)


def docket(rng, *, n, last_day, outcomes=1):
    """Whole days, so heavy ties where the last day is near; about a third still pending."""
    days = rng.integers(0, last_day, n)
    return days, np.where(rng.random(n) < 0.35, 0, rng.integers(1, outcomes + 1, n))


def standard_errors(curves):
    """The standard error that an interval was made of, by undoing its transform."""

    def transformed(share):
        return np.log(-np.log1p(-share))

    with np.errstate(divide="ignore", invalid="ignore"):
        spread = transformed(curves.upper) - transformed(curves.share)
        return spread / Z95 * (1 - curves.share) * -np.log1p(-curves.share)


# Kaplan-Meier


def test_kaplan_meier_matches_freireich_6mp():
    """
    The 6-mercaptopurine arm of Freireich et al. (1963), Blood 21:699-716,
    as worked by hand in Kleinbaum & Klein, Survival Analysis, 3rd ed., ch. 2.
    """
    relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    in_remission = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]

    curve = kaplan_meier(relapsed + in_remission, [True] * 9 + [False] * 12)

    assert curve.days.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.ended.tolist() == [3, 1, 1, 1, 1, 1, 1]
    np.testing.assert_allclose(
        curve.share_pending,
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482],
        atol=5e-5,
    )
    # Interval: lifelines 0.30.3, KaplanMeierFitter, same data.
    np.testing.assert_allclose(curve.lower[[0, -1]], [0.6197, 0.1881], atol=5e-5)
    np.testing.assert_allclose(curve.upper[[0, -1]], [0.9516, 0.6801], atol=5e-5)
    assert median_days(curve).days == 23, "Kleinbaum & Klein: median 23 weeks"


def textbook_dockets():
    waltons, leukemia = load_waltons(), load_leukemia()
    yield waltons["T"].to_numpy(), waltons["E"].to_numpy()
    yield leukemia["t"].to_numpy(), leukemia["status"].to_numpy()
    for seed, last_day in zip(SEEDS, [4, 12, 40, 400] * 5, strict=True):
        yield docket(np.random.default_rng(seed), n=80, last_day=last_day)


@pytest.mark.parametrize("level", [0.95, 0.8])
@pytest.mark.parametrize(("days", "ended"), list(textbook_dockets()))
def test_kaplan_meier_and_its_interval_match_lifelines(days, ended, level):
    oracle = KaplanMeierFitter(alpha=1 - level).fit(days, ended)

    curve = kaplan_meier(days, ended, level=level)

    band = oracle.confidence_interval_.loc[curve.days].to_numpy()
    pending = oracle.survival_function_.loc[curve.days].to_numpy()[:, 0]
    counts = oracle.event_table.loc[curve.days]
    np.testing.assert_allclose(curve.share_pending, pending, atol=1e-9)
    np.testing.assert_allclose(np.c_[curve.lower, curve.upper], band, atol=1e-9)
    assert curve.at_risk.tolist() == counts["at_risk"].tolist()
    assert curve.ended.tolist() == counts["observed"].tolist()


@pytest.mark.parametrize("seed", range(20))
def test_the_median_and_its_interval_match_lifelines(seed):
    days, ended = docket(np.random.default_rng(seed), n=41 + 2 * seed, last_day=300)
    oracle = KaplanMeierFitter().fit(days, ended)
    interval = median_survival_times(oracle.confidence_interval_).to_numpy()[0]
    theirs = [oracle.median_survival_time_, *interval]

    median = median_days(kaplan_meier(days, ended))

    ours = [median.days, median.lower, median.upper]
    assert [np.inf if day is None else day for day in ours] == theirs


@pytest.mark.parametrize(("decided", "is_lower_reached"), [(8, False), (17, True)])
def test_a_median_not_reached_is_none_where_lifelines_has_infinity(decided, is_lower_reached):
    days, ended = np.arange(40), np.arange(40) < decided
    oracle = KaplanMeierFitter().fit(days, ended)
    interval = median_survival_times(oracle.confidence_interval_).to_numpy()[0]

    median = median_days(kaplan_meier(days, ended))

    assert np.isinf([oracle.median_survival_time_, *interval]).tolist() == [
        True,
        not is_lower_reached,
        True,
    ]
    assert (median.days, median.upper, median.n) == (None, None, 40)
    assert median.lower == (interval[0] if is_lower_reached else None)


# Competing outcomes


def test_ten_cases_with_ties_and_pending_ones_as_worked_by_hand():
    """
    Ten cases, two outcomes, by the formula F_k(t) = sum of S(t_j-) d_kj / Y_j
    (Putter, Fiocco & Geskus 2007, Stat. Med. 26:2389-2430, sec. 3.1; Kalbfleisch &
    Prentice, 2nd ed., 8.2; Aalen & Johansen 1978, Scand. J. Statist. 5:141-150).

    day  at risk  d1  d2  pending   F1                    F2                   S
    10     10      1   0     0      1/10                  0                    9/10
    20      9      1   1     0      1/10+9/10*1/9 = 1/5   9/10*1/9 = 1/10      7/10
    30      7      0   0     1      1/5                   1/10                 7/10
    40      6      0   2     0      1/5                   1/10+7/10*2/6 = 1/3  7/15
    50      4      0   0     1      1/5                   1/3                  7/15
    60      3      1   0     0      1/5+7/15*1/3 = 16/45  1/3                  14/45
    70      2      0   0     2      16/45                 1/3                  14/45
    """
    days = [10, 20, 20, 30, 40, 40, 50, 60, 70, 70]
    outcome = [1, 1, 2, 0, 2, 2, 0, 1, 0, 0]

    curves = cumulative_incidence(days, outcome)

    f1 = ["1/10", "1/5", "1/5", "1/5", "1/5", "16/45", "16/45"]
    f2 = ["0", "1/10", "1/10", "1/3", "1/3", "1/3", "1/3"]
    s = ["9/10", "7/10", "7/10", "7/15", "7/15", "14/45", "14/45"]
    by_hand = [[float(Fraction(x)) for x in row] for row in (f1, f2, s)]
    assert curves.days.tolist() == [10, 20, 30, 40, 50, 60, 70]
    assert curves.at_risk.tolist() == [10, 9, 7, 6, 4, 3, 2]
    assert curves.outcomes == (1, 2)
    np.testing.assert_allclose([*curves.share, curves.pending_share], by_hand, atol=1e-14)


def test_competing_outcomes_match_a_published_worked_example():
    """
    Satagopan et al. (2004), A note on competing risks in survival data analysis, Br. J.
    Cancer 91:1229-1235, Table 2: the first nine of 305 patients with breast cancer, by months
    of follow-up. 1 died of it, 2 died otherwise, 0 was alive. The other 296 come later. The
    table adds up rounded increments (0.3 each, to 1.2), so these are what is compared.
    """
    months = [7, 10, 14, 16, 18, 23, 24, 26, 27] + [28] * 296
    status = [0, 1, 0, 1, 2, 1, 0, 2, 1] + [0] * 296

    curves = cumulative_incidence(months, status, at=[10, 16, 18, 23, 26, 27])

    of_it = curves.share[0]
    assert curves.at_risk.tolist() == [304, 302, 301, 300, 298, 297]
    survival = [99.7, 99.3, 99.0, 98.7, 98.3, 98.0]
    np.testing.assert_allclose(100 * curves.pending_share, survival, atol=0.05)
    increments = [0.3, 0.3, 0, 0.3, 0, 0.3]
    np.testing.assert_allclose(100 * np.diff(of_it, prepend=0), increments, atol=0.05)
    assert 100 * of_it[-1] == pytest.approx(1.2, abs=4 * 0.05)


def test_before_anything_is_pending_the_standard_error_is_the_binomial_one():
    """The ten cases above, until day 20: 2 of 10 and 1 of 10, se = sqrt(p (1 - p) / n)."""
    days = [10, 20, 20, 30, 40, 40, 50, 60, 70, 70]

    curves = cumulative_incidence(days, [1, 1, 2, 0, 2, 2, 0, 1, 0, 0], at=[20])

    expected = [[np.sqrt(0.2 * 0.8 / 10)], [np.sqrt(0.1 * 0.9 / 10)]]
    np.testing.assert_allclose(standard_errors(curves), expected, atol=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_incidence_and_its_variance_match_lifelines_where_no_days_tie(seed):
    """
    lifelines moves tied days apart at random, so the days here are all different.
    Its variance (Collett, Modelling Survival Data, 3rd ed., p. 411) is the delta method
    on binomial counts; summing squared influence over cases gives the same, because the
    terms of different days are uncorrelated.
    """
    rng = np.random.default_rng(seed)
    days = rng.exponential(200, 90)
    outcome = rng.integers(0, 4, 90)

    curves = cumulative_incidence(days, outcome)

    last = -1  # lifelines divides by the number left, which may be 0 on the last day
    for row, code in enumerate(curves.outcomes):
        oracle = AalenJohansenFitter().fit(days, outcome, code)
        theirs = oracle.cumulative_density_.loc[curves.days].to_numpy()[:, 0]
        variance = oracle.variance_.loc[curves.days].to_numpy()[:last]
        ours = np.nan_to_num(standard_errors(curves)[row, :last])
        np.testing.assert_allclose(curves.share[row], theirs, atol=1e-9)
        np.testing.assert_allclose(ours**2, variance, atol=1e-9)


def weighted_incidence(days, outcome, weight, code, day):
    """Aalen-Johansen straight from its definition, for cases of any weight."""
    pending, share = 1, 0
    for t in np.unique(days[(outcome > 0) & (days <= day)]):
        at_risk = weight[days >= t].sum()
        share = share + pending * weight[(days == t) & (outcome == code)].sum() / at_risk
        pending = pending * (1 - weight[(days == t) & (outcome > 0)].sum() / at_risk)
    return share


def infinitesimal_jackknife(days, outcome, family, code, day):
    """The definition: the share's derivative by each family's weight, squared and summed.

    Taken by a complex step (Squire & Trapp 1998, SIAM Rev. 40:110-112), which is exact.
    """
    step = 1e-20
    slopes = [
        weighted_incidence(days, outcome, 1 + step * 1j * (family == f), code, day).imag / step
        for f in np.unique(family)
    ]
    return np.sqrt(np.sum(np.square(slopes)))


@pytest.mark.parametrize("families", [None, 12, 30])
@pytest.mark.parametrize("last_day", [8, 60])
def test_the_standard_error_is_the_infinitesimal_jackknife_ties_and_all(families, last_day):
    rng = np.random.default_rng(last_day)
    days, outcome = docket(rng, n=50, last_day=last_day, outcomes=3)
    family = None if families is None else rng.integers(0, families, 50)
    own = np.arange(50) if family is None else family

    curves = cumulative_incidence(days, outcome, family=family)

    errors = standard_errors(curves)
    for column in (len(curves.days) // 3, len(curves.days) // 2, -1):
        slow = [
            infinitesimal_jackknife(days, outcome, own, code, curves.days[column])
            for code in curves.outcomes
        ]
        np.testing.assert_allclose(errors[:, column], slow, rtol=1e-9)


def test_the_standard_error_is_close_to_the_jackknife_that_leaves_families_out():
    """
    Efron & Stein (1981), Ann. Statist. 9:586-596. With 150 families the two differ by
    terms of order 1/150; 5 % allows for the late days, where few cases are left.
    """
    rng = np.random.default_rng(7)
    family = np.sort(rng.integers(0, 150, 400))
    days, outcome = docket(rng, n=400, last_day=100, outcomes=2)
    at = [20, 50, 80]

    shares = np.array(
        [
            cumulative_incidence(days[family != f], outcome[family != f], at=at).share
            for f in np.unique(family)
        ]
    )

    g = len(shares)
    jackknife = np.sqrt((g - 1) / g * ((shares - shares.mean(axis=0)) ** 2).sum(axis=0))
    ours = standard_errors(cumulative_incidence(days, outcome, family=family, at=at))
    np.testing.assert_allclose(ours, jackknife, rtol=0.05)


# One outcome: the same thing seen from the other side


@pytest.mark.parametrize("seed", range(8))
def test_with_one_outcome_incidence_is_kaplan_meier_mirrored_interval_and_all(seed):
    """Without families the standard error is Greenwood's, exactly."""
    days, ended = docket(np.random.default_rng(seed), n=60, last_day=30 + seed)
    pending = kaplan_meier(days, ended)

    decided = cumulative_incidence(days, ended, at=pending.days)

    np.testing.assert_allclose(decided.share[0], 1 - pending.share_pending, atol=1e-12)
    np.testing.assert_allclose(decided.pending_share, pending.share_pending, atol=1e-12)
    np.testing.assert_allclose(decided.lower[0], 1 - pending.upper, atol=1e-9)
    np.testing.assert_allclose(decided.upper[0], 1 - pending.lower, atol=1e-9)
    assert decided.at_risk.tolist() == pending.at_risk.tolist()
    assert median_days(decided) == median_days(pending)


# Families


@pytest.mark.parametrize("copies", [2, 5])
def test_copies_of_every_case_in_families_add_no_certainty(copies):
    """Sharp: k copies of each case, as k people decided as one, are worth one case each."""
    rng = np.random.default_rng(copies)
    days, outcome = docket(rng, n=200, last_day=90, outcomes=3)
    shuffled = rng.permutation(np.repeat(np.arange(200), copies))
    lead_ids = 1_000_003 * shuffled

    once = cumulative_incidence(days, outcome)
    again = cumulative_incidence(days[shuffled], outcome[shuffled], family=lead_ids)

    np.testing.assert_allclose(again.share, once.share, atol=1e-12)
    np.testing.assert_allclose(again.lower, once.lower, atol=1e-9)
    np.testing.assert_allclose(again.upper, once.upper, atol=1e-9)


def test_with_nothing_pending_the_standard_error_is_that_of_a_clustered_share():
    """
    Cochran, Sampling Techniques, 3rd ed., 9A.7: a share p over clusters has the variance
    sum over clusters of (members decided so - p members)^2 / n^2. A large docket, half of it
    decided on the last day, so that rounding would show.
    """
    rng = np.random.default_rng(9)
    days, outcome = rng.integers(1, 5, 100_000), rng.integers(1, 3, 100_000)
    days[::2] = 5
    family = rng.integers(0, 40_000, 100_000)

    curves = cumulative_incidence(days, outcome, family=family)

    for row, code in enumerate(curves.outcomes):
        for column, day in enumerate(curves.days):
            is_so = (outcome == code) & (days <= day)
            apart = np.bincount(family, is_so - is_so.mean())
            plain = np.sqrt((apart**2).sum()) / 100_000
            assert standard_errors(curves)[row, column] == pytest.approx(plain, rel=1e-9)


def test_the_median_of_families_is_no_surer_than_that_of_their_leads():
    rng = np.random.default_rng(3)
    days, ended = docket(rng, n=101, last_day=500)
    lead = np.repeat(np.arange(101), 4)

    median = median_days(cumulative_incidence(days[lead], ended[lead], family=lead))

    alone = median_days(kaplan_meier(days, ended))
    careless = median_days(kaplan_meier(days[lead], ended[lead]))
    assert (median.days, median.lower, median.upper) == (alone.days, alone.lower, alone.upper)
    assert careless.upper - careless.lower < 0.75 * (median.upper - median.lower)


def families_alike(rng, *, families):
    """People of families of 1 to 6, all of a family decided on one day in one way.

    Each day a family pending is decided one way with chance 0.006 and the other with 0.003;
    observation ends 30 to 400 days after it entered.
    """
    decided_on = rng.geometric(0.009, families)
    way = np.where(rng.random(families) < 2 / 3, 1, 2)
    seen_until = rng.integers(30, 401, families)
    family = np.repeat(np.arange(families), rng.integers(1, 7, families))
    days = np.minimum(decided_on, seen_until)
    return days[family], np.where(decided_on <= seen_until, way, 0)[family], family


def test_the_standard_error_agrees_with_a_bootstrap_of_families():
    """
    Efron & Tibshirani (1993), ch. 6: 1,000 draws of 400 families know the standard error
    to 1 / sqrt(2,000) = 2.2 %; 8 % is three and a half times that.
    """
    rng = np.random.default_rng(20220916)
    days, outcome, family = families_alike(rng, families=400)
    at = [80, 150, 220]
    begin = np.searchsorted(family, np.arange(401))
    members = [np.arange(a, b) for a, b in pairwise(begin)]

    draws = []
    for _ in range(1_000):
        drawn = np.concatenate([members[f] for f in rng.integers(0, 400, 400)])
        curves = cumulative_incidence(days[drawn], outcome[drawn], at=at)
        draws.append(curves.share)

    ours = standard_errors(cumulative_incidence(days, outcome, family=family, at=at))
    careless = standard_errors(cumulative_incidence(days, outcome, at=at))
    np.testing.assert_allclose(ours, np.std(draws, axis=0), rtol=0.08)
    assert (ours > 1.8 * careless).all(), "families of 1 to 6 alike about double it"


def test_the_interval_covers_the_truth_when_it_knows_the_families_and_not_otherwise():
    """
    Constant daily hazards h1, h2: F_k(t) = h_k / (h1 + h2) (1 - (1 - h1 - h2)^t).
    Over 600 dockets, coverage of 95 % has a standard error of 0.9 points.
    """
    at = np.array([60, 120, 200])
    decided = 1 - (1 - 0.009) ** at
    truth = np.array([decided * 2 / 3, decided / 3])

    covered = {"knows": np.zeros((2, 3)), "does not": np.zeros((2, 3))}
    for seed in np.random.SeedSequence(300).spawn(600):
        days, outcome, family = families_alike(np.random.default_rng(seed), families=150)
        for name, known in (("knows", family), ("does not", None)):
            curves = cumulative_incidence(days, outcome, family=known, at=at)
            covered[name] += (curves.lower <= truth) & (truth <= curves.upper)

    assert (covered["knows"] / 600 > 0.91).all()
    assert (covered["knows"] / 600 < 0.98).all()
    assert (covered["does not"] / 600 < 0.75).all()


# Late entries


def entries(rng, days):
    """About half from the start, the others from some day before their end."""
    late = (days * rng.random(len(days))).astype(int)
    return np.where(rng.random(len(days)) < 0.5, 0, late)


def test_five_cases_with_late_entries_as_worked_by_hand():
    """
    Klein & Moeschberger, 2nd ed., section 4.6: Y(t) counts those with entry < t <= end.

    day  at risk            ended  pending
    3    a c e       = 3      1    2/3
    5    b c d e     = 4      1    2/3 * 3/4 = 1/2
    8    c d e       = 3      0    1/2
    9    c e         = 2      1    1/4

    (a: 0-3, b: 3-5, c: 0-9, d: 4-8 pending, e: 2-9 pending.)
    """
    curve = kaplan_meier([3, 5, 9, 8, 9], [1, 1, 1, 0, 0], entered=[0, 3, 0, 4, 2])

    assert curve.days.tolist() == [3, 5, 9]
    assert curve.at_risk.tolist() == [3, 4, 2]
    np.testing.assert_allclose(curve.share_pending, [2 / 3, 1 / 2, 1 / 4], atol=1e-14)


@pytest.mark.parametrize("seed", range(12))
def test_late_entries_match_lifelines(seed):
    rng = np.random.default_rng(seed)
    days, ended = docket(rng, n=150, last_day=[30, 200][seed % 2])
    days += 1
    entered = entries(rng, days)
    oracle = KaplanMeierFitter().fit(days, ended, entry=entered)

    curve = kaplan_meier(days, ended, entered=entered)

    band = oracle.confidence_interval_.loc[curve.days].to_numpy()
    pending = oracle.survival_function_.loc[curve.days].to_numpy()[:, 0]
    np.testing.assert_allclose(curve.share_pending, pending, atol=1e-9)
    np.testing.assert_allclose(np.c_[curve.lower, curve.upper], band, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_with_late_entries_and_one_outcome_incidence_is_kaplan_meier_mirrored(seed):
    """
    The shares exactly. The error is the jackknife's, not Greenwood's: with late entries the
    two agree for many cases only, since those at risk twice are not all who are at risk later.
    """
    rng = np.random.default_rng(seed)
    days, ended = docket(rng, n=2_000, last_day=25 + 40 * seed)
    days += 1
    entered = entries(rng, days)
    pending = kaplan_meier(days, ended, entered=entered)

    decided = cumulative_incidence(days, ended, entered=entered, at=pending.days)

    np.testing.assert_allclose(decided.share[0], 1 - pending.share_pending, atol=1e-12)
    middle = slice(len(pending.days) // 4, -len(pending.days) // 4)
    ours = (decided.upper - decided.lower)[0]
    np.testing.assert_allclose(ours[middle], (pending.upper - pending.lower)[middle], rtol=0.05)
    assert decided.at_risk.tolist() == pending.at_risk.tolist()


def late_incidence(days, outcome, entered, weight, code, day):
    """Aalen-Johansen with late entries, from its definition, for cases of any weight."""
    pending, share = 1, 0
    for t in np.unique(days[(outcome > 0) & (days <= day)]):
        at_risk = weight[(entered < t) & (days >= t)].sum()
        share = share + pending * weight[(days == t) & (outcome == code)].sum() / at_risk
        pending = pending * (1 - weight[(days == t) & (outcome > 0)].sum() / at_risk)
    return share


@pytest.mark.parametrize("families", [None, 15, 40])
@pytest.mark.parametrize("last_day", [8, 60])
def test_with_late_entries_the_standard_error_is_the_infinitesimal_jackknife(
    families, last_day
):
    """The derivative by each family's weight, by a complex step (Squire & Trapp 1998)."""
    rng = np.random.default_rng(last_day)
    n = 70
    days, outcome = docket(rng, n=n, last_day=last_day, outcomes=3)
    days += 1
    entered = entries(rng, days)
    entered[:25] = 0
    family = None if families is None else rng.integers(0, families, n)
    own = np.arange(n) if family is None else family

    curves = cumulative_incidence(days, outcome, family=family, entered=entered)

    errors, step = standard_errors(curves), 1e-20
    assert (entered > 0).sum() > 8
    for column in (len(curves.days) // 3, len(curves.days) // 2, -2):
        for row, code in enumerate(curves.outcomes):
            slopes = [
                late_incidence(
                    days,
                    outcome,
                    entered,
                    1 + step * 1j * (own == f),
                    code,
                    curves.days[column],
                ).imag
                / step
                for f in np.unique(own)
            ]
            slow = np.sqrt(np.sum(np.square(slopes)))
            assert errors[row, column] == pytest.approx(slow, rel=1e-9)


# Whole days, and other shares than the half


@pytest.mark.parametrize("with_entries", [False, True])
def test_whole_days_and_other_days_give_the_same(with_entries):
    """Days in units of a third of one are sorted; whole ones are counted."""
    rng = np.random.default_rng(11)
    days, outcome = docket(rng, n=300, last_day=90, outcomes=3)
    days += 1
    family = rng.integers(0, 100, 300)
    entered = entries(rng, days) if with_entries else None
    thirds = None if entered is None else entered / 3

    whole = cumulative_incidence(days, outcome, family=family, entered=entered)
    other = cumulative_incidence(days / 3, outcome, family=family, entered=thirds)
    as_floats = cumulative_incidence(days * 1.0, outcome, family=family, entered=entered)

    for name in ("share", "lower", "upper", "pending_share", "at_risk"):
        np.testing.assert_allclose(getattr(other, name), getattr(whole, name), rtol=1e-12)
        np.testing.assert_array_equal(getattr(as_floats, name), getattr(whole, name))
    pending = kaplan_meier(days, outcome > 0, entered=entered)
    again = kaplan_meier(days / 3, outcome > 0, entered=thirds)
    np.testing.assert_allclose(again.days * 3, pending.days)
    np.testing.assert_array_equal(again.upper, pending.upper)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.6])
def test_the_days_until_any_share_is_decided_match_lifelines(share):
    days, ended = docket(np.random.default_rng(5), n=101, last_day=300)
    oracle = KaplanMeierFitter().fit(days, ended)
    lower, upper = (
        qth_survival_time(1 - share, oracle.confidence_interval_.iloc[:, [column]])
        for column in (0, 1)
    )

    found = quantile_days(kaplan_meier(days, ended), share)

    assert found.days == qth_survival_time(1 - share, oracle.survival_function_)
    assert [found.lower, found.upper] == [lower, upper]


# Restricted means

AML = {
    "maintained": ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], "11011011010"),
    "not": ([5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], "111110111111"),
}


@pytest.mark.parametrize(
    ("arm", "mean", "error"), [("maintained", 52.64545, 19.828603), ("not", 22.70833, 4.180942)]
)
def test_the_restricted_mean_and_its_error_are_what_r_prints(arm, mean, error):
    """
    Leukaemia of Miller, Survival Analysis (1981), as R's survival has it: for
    summary(survfit(Surv(time, status) ~ x, aml), rmean = "common")$table R prints the upper
    limit 161, and 52.64545 (19.828603) and 22.70833 (4.180942).
    """
    months, status = AML[arm]

    found = restricted_mean(months, [int(s) for s in status], until=161)

    assert found.days == pytest.approx(mean, abs=5e-6)
    assert (found.upper - found.days) / Z95 == pytest.approx(error, abs=5e-7)


def test_the_restricted_mean_of_lung_cancer_is_what_r_prints():
    """
    R's survival, lung, men, up to their common last day 1,022: 326.0841 (22.91156).
    """
    lung = load_lung()
    men = lung[lung["sex"] == 1]

    found = restricted_mean(men["time"].to_numpy(), men["status"].to_numpy(), until=1022)

    assert found.days == pytest.approx(326.0841, abs=5e-5)
    assert (found.upper - found.days) / Z95 == pytest.approx(22.91156, abs=5e-6)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("until", [1, 17.5, 40, 80])
def test_the_restricted_mean_matches_lifelines(until, late):
    rng = np.random.default_rng(8)
    days, ended = docket(rng, n=120, last_day=90)
    days += 1
    entered = entries(rng, days) if late else None
    oracle = KaplanMeierFitter().fit(days, ended, entry=entered)

    found = restricted_mean(days, ended, until=until, entered=entered)

    assert found.days == pytest.approx(restricted_mean_survival_time(oracle, until), abs=1e-9)


def late_area(days, ended, entered, weight, until):
    """The area under Kaplan-Meier, day by day, for cases of any weight."""
    pending, area = 1, 0
    for t in range(int(until) + 1):
        now = (days == t) & (ended > 0)
        if now.any():
            pending = pending * (
                1 - weight[now].sum() / weight[(entered < t) & (days >= t)].sum()
            )
        area = area + pending * (min(t + 1, until) - min(t, until))
    return area


@pytest.mark.parametrize("families", [None, 15])
@pytest.mark.parametrize("until", [9.5, 31])
def test_the_error_of_the_restricted_mean_is_the_infinitesimal_jackknife(families, until):
    rng = np.random.default_rng(21)
    n, step = 60, 1e-20
    days, ended = docket(rng, n=n, last_day=40)
    days += 1
    entered = entries(rng, days)
    entered[:30] = 0
    family = None if families is None else rng.integers(0, families, n)
    own = np.arange(n) if family is None else family

    found = restricted_mean(days, ended, until=until, family=family, entered=entered)

    slopes = [
        late_area(days, ended, entered, 1 + step * 1j * (own == f), until).imag / step
        for f in np.unique(own)
    ]
    slow = np.sqrt(np.sum(np.square(slopes)))
    assert (found.days - found.lower) / Z95 == pytest.approx(slow, rel=1e-9)
    assert found.days == pytest.approx(late_area(days, ended, entered, np.ones(n), until))


def test_copies_of_every_case_in_families_add_no_certainty_to_the_mean():
    rng = np.random.default_rng(6)
    days, ended = docket(rng, n=150, last_day=90)
    lead = np.repeat(np.arange(150), 3)

    once = restricted_mean(days, ended, until=60)
    again = restricted_mean(days[lead], ended[lead], until=60, family=lead * 10**12)

    assert (again.days, again.n) == (pytest.approx(once.days), 450)
    assert [again.lower, again.upper] == pytest.approx([once.lower, once.upper])

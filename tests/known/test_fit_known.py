"""What is fitted, against what it was made from, and against other people's estimators.

Dockets are made here with known chances, many of them; how often the intervals of posterior
draws hold the truth is counted. A cell counts where it is expected twice or more.
"""

from itertools import pairwise

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from opendocket.estimate.survival import cumulative_incidence, kaplan_meier
from opendocket.simulate.fit import Families, counsel_of, sizes_of
from opendocket.simulate.hazards import hazard, incidence
from opendocket.simulate.posterior import Results
from opendocket.simulate.shrunken import dirichlet_size, gamma_size
from opendocket.simulate.tables import DRAWN, INDIVIDUAL, SET
from opendocket.simulate.wanted import likeliest

SEED = 20261124
COURTS, DOCKETS, DRAWS = 40, 24, 80


def made_results(rng, size=60.0):
    """Give the true shares and the counts of a docket whose courts differ by ``size``."""
    common = rng.dirichlet(np.full(DRAWN, 1.0), size=(1, 3, 2, 2))
    common[:, INDIVIDUAL, :, :, SET] = 0
    common /= common.sum(axis=-1, keepdims=True)
    shares = rng.standard_gamma(size * np.broadcast_to(common, (COURTS, *common.shape)))
    shares /= shares.sum(axis=-1, keepdims=True)
    heard = rng.geometric(1 / 120, size=(COURTS, 1, 3, 2, 2))
    return shares, rng.multinomial(heard, shares).astype(float)


def fitted(counts):
    return Results(counts, sizes_of(counts))


def test_nine_in_ten_intervals_of_results_hold_the_share_they_were_made_from():
    covered = []
    for seed in np.random.SeedSequence(SEED).spawn(DOCKETS):
        rng = np.random.default_rng(seed)
        truth, counts = made_results(rng)
        draws = np.stack([fitted(counts).drawn(rng) for _ in range(DRAWS)])
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        due = truth * counts.sum(axis=-1, keepdims=True) >= 2
        covered.append(((low <= truth) & (truth <= high))[due].mean())

    error = np.std(covered) / np.sqrt(DOCKETS)
    assert 0.86 < np.mean(covered) < 0.94
    assert error < 0.01, "too noisy to prove anything"


def test_courts_with_few_hearings_are_told_better_by_leaning_on_all_courts():
    raw_errors, lean_errors, unpooled = [], [], []
    for seed in np.random.SeedSequence(SEED + 1).spawn(DOCKETS):
        truth, counts = made_results(np.random.default_rng(seed))
        n = counts.sum(axis=-1, keepdims=True)
        thin, thick = n[..., 0] < 40, n[..., 0] > 400
        lean, raw = fitted(counts).drawn(), counts / n
        common = fitted(counts).mean()[None]
        raw_errors.append(np.abs(raw - truth)[thin].sum(axis=-1).mean())
        lean_errors.append(np.abs(lean - truth)[thin].sum(axis=-1).mean())
        unpooled.append(
            np.abs(lean - truth)[thick].mean() < np.abs(common - truth)[thick].mean()
        )

    gain = np.array(raw_errors) - np.array(lean_errors)
    assert gain.mean() > 4 * gain.std() / np.sqrt(DOCKETS)
    assert np.mean(lean_errors) < 0.7 * np.mean(raw_errors)
    assert all(unpooled), "courts with many hearings must keep what is their own"


@pytest.mark.parametrize("size", [10.0, 100.0])
def test_how_alike_courts_are_is_found_again(size):
    found = []
    for seed in np.random.SeedSequence(SEED + 2).spawn(60):
        rng = np.random.default_rng(seed)
        _, counts = made_results(rng, size)
        cells = counts[:, 0, 0].reshape(COURTS, 4, DRAWN)
        mean = cells.sum(axis=0) / cells.sum(axis=(0, 2))[:, None]
        found.append(1 / (1 + dirichlet_size(cells, mean)))

    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found) - 1 / (1 + size)) < 4 * error + 0.03 / (1 + size)
    assert error < 0.1 / (1 + size), "too noisy to prove anything"


def test_how_alike_rates_are_is_found_again():
    rng = np.random.default_rng(SEED)
    variances = []
    for _ in range(200):
        due = rng.uniform(5, 200, 60)
        seen = rng.poisson(due * rng.gamma(8.0, 1 / 8.0, 60)).astype(float)
        variances.append(1 / gamma_size(seen, due))

    error = np.std(variances) / np.sqrt(200)
    assert abs(np.mean(variances) - 1 / 8) < 4 * error
    assert error < 0.01


def test_hazards_of_the_first_three_months_are_those_of_kaplan_and_meier():
    rng = np.random.default_rng(SEED)
    entered = np.where(rng.random(4_000) < 0.3, rng.integers(0, 20, 4_000), 0)
    until = entered + 1 + rng.integers(0, 60, 4_000)
    event = rng.integers(0, 2, 4_000)
    curve = kaplan_meier(until, event, entered=entered)

    share = incidence(hazard(entered, until, event).rates())[0].cumsum()

    few = curve.at_risk < 20  # nothing is read off so few
    last = int(curve.days[few][0]) if few.any() else 80
    for day, pending in zip(curve.days, curve.share_pending, strict=True):
        if day < last:
            assert share[int(day)] == pytest.approx(1 - pending, abs=1e-12)


def test_ways_that_compete_are_those_of_aalen_and_johansen():
    rng = np.random.default_rng(SEED)
    until, way = rng.integers(0, 70, 5_000), rng.integers(0, 3, 5_000)
    curves = cumulative_incidence(until, way)

    rates = hazard(np.zeros(5_000, int), until, way, ways=2).rates()

    share = incidence(rates).cumsum(axis=1)
    for row, outcome in enumerate(curves.outcomes):
        expected = [curves.at(outcome, day).share for day in range(60)]
        np.testing.assert_allclose(share[row, :60], expected, atol=1e-12)


def test_lengths_known_between_two_bounds_are_as_likely_as_lifelines_has_them():
    rng = np.random.default_rng(SEED)
    true = np.ceil(rng.lognormal(2.0, 0.5, 300)).astype(int)
    grid = np.sort(rng.integers(0, 40, (300, 3)), axis=1)
    edges = np.hstack([np.zeros((300, 1), int), grid, np.full((300, 1), 60)])
    at = (edges < true[:, None]).sum(axis=1)
    after = edges[np.arange(300), at - 1]
    upto = np.maximum(edges[np.arange(300), np.minimum(at, 4)], true)

    share = likeliest(after, upto).cumsum()

    # lifelines' bounds belong to the length: apart by less than a day, they do not touch
    other = KaplanMeierFitter().fit_interval_censoring(after + 0.75, upto + 0.25)
    # between a lower bound and the next upper one any share is as likely: look at their ends
    bounds = sorted({(day, 0) for day in upto} | {(day, 1) for day in after})
    ends = [day for (_, was), (day, now) in pairwise(bounds) if was == 1 and now == 0]
    for day in ends:
        left = other.survival_function_["NPMLE_estimate_lower"].loc[: day + 0.5].iloc[-1]
        assert share[day] == pytest.approx(1 - left, abs=0.02)
    assert len(ends) > 10


def made_families(rng, courts=30, people=6_000):
    """Give families whose courts find counsel for known shares, watched for a while."""
    times = rng.gamma(10.0, 0.1, courts)
    court = rng.choice(courts, people, p=rng.dirichlet(np.full(courts, 2.0)))
    ever = rng.random(people) < 1 - 0.5 ** times[court]
    # proportional hazards: the later half of a court's finders come later at lower rates
    u = rng.random(people) * (1 - 0.5 ** times[court])
    common = 1 - (1 - u) ** (1 / times[court])
    days = np.ceil(-200 * np.log1p(-common / 0.5 * (1 - 1e-9))).astype(np.int64)
    received = rng.integers(0, 2_000, people)
    never = np.int64(2**30)
    return times, Families(
        population=np.full(people, 3),
        court=court,
        received=received,
        counsel=np.where(ever, received + days, never),
        applied=np.full(people, never),
        ended=received + rng.integers(100, 1_500, people),
        people=np.ones(people, int),
    )


def test_nine_in_ten_intervals_of_counsel_hold_the_share_who_would_ever_find_some():
    covered, errors = [], []
    for seed in np.random.SeedSequence(SEED + 3).spawn(16):
        rng = np.random.default_rng(seed)
        times, families = made_families(rng)
        counsel = counsel_of(families, (600, 1_999), courts=len(times))
        truth = 1 - 0.5**times
        draws = np.stack([counsel.drawn(rng)[0][:, 3] for _ in range(DRAWS)])
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        covered.append(((low <= truth) & (truth <= high)).mean())
        errors.append((counsel.drawn()[0][:, 3] - truth).mean())

    error = np.std(covered) / np.sqrt(len(covered))
    assert 0.80 < np.mean(covered) < 0.96
    assert error < 0.03, "too noisy to prove anything"
    assert abs(np.mean(errors)) < 0.015

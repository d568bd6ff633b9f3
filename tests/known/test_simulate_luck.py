"""The luck of a run: known answers of the generator, and chances that come out as they went in.

``plain_luck`` works the same numbers out with Python's own whole numbers.
"""

import numpy as np
import plain_luck
import pytest
from scipy import stats
from small_worlds import bench, line, people, rules, tables, usual

from opendocket.simulate import luck
from opendocket.simulate.run import run
from opendocket.simulate.tables import (
    BACK,
    CLOSED,
    DRAWN,
    FIRST_DECISION,
    INDIVIDUAL,
    LATER_MASTER,
    VACATED,
)

FULL = 2**32 - 1
KNOWN = [
    ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((FULL, FULL, FULL, FULL), (FULL, FULL), "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]
"""Random123's ``kat_vectors``, philox4x32 of ten rounds; the last are digits of pi."""


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_the_generator_gives_the_known_answers(counter, key, expected):
    for found in (luck.philox(*counter, *key), plain_luck.philox(counter, key)):
        assert " ".join(f"{int(word):08x}" for word in found) == expected


def test_draws_one_by_one_and_many_at_once_are_those_of_plain_arithmetic():
    rng = np.random.default_rng(1)
    keys = rng.integers(0, 2**32, 300, dtype=np.uint32)
    nth = rng.integers(0, 250, 300)
    many = luck.words(FULL, keys, nth, luck.RETURN)
    for key, n, row in zip(keys.tolist(), nth.tolist(), many.tolist(), strict=True):
        expected = plain_luck.words(FULL, key, n, luck.RETURN)
        assert tuple(row) == expected == tuple(map(int, luck.drawn(FULL, key, n, luck.RETURN)))


def test_claims_are_those_of_plain_arithmetic():
    rng = np.random.default_rng(2)
    for key, judge, weight in rng.integers((0, 0, 1), (2**32, 2_000, 256), (1_000, 3)).tolist():
        ours = int(luck.claim(key, judge, weight))
        assert ours == plain_luck.claim(key, judge, weight, luck.EXPONENTIAL)


def test_the_table_of_lengths_is_exponential():
    at = np.arange(1, 257) / 257
    np.testing.assert_allclose(luck.EXPONENTIAL[1:] / 2**40, -np.log(at), atol=2e-3)
    middle = (luck.EXPONENTIAL[1:] + luck.EXPONENTIAL[:-1]) / 2 / 2**40
    assert middle.mean() == pytest.approx(1.0, abs=0.02)


def first_claims(weights, units=20_000):
    """Say which judge claims each unit."""
    claims = [
        [int(luck.claim(key, judge, weight)) for judge, weight in enumerate(weights)]
        for key in range(units)
    ]
    return np.argmin(claims, axis=1)


def test_judges_claim_by_their_weights():
    weights = np.array([1, 2, 5, 1, 1])
    found = np.bincount(first_claims(weights.tolist()), minlength=5)
    expected = found.sum() * weights / weights.sum()
    assert stats.chisquare(found, expected).pvalue > 1e-4
    assert (np.sqrt(expected) / expected).max() < 0.03


def test_a_judge_more_takes_its_share_and_moves_nobody_else():
    before, after = first_claims([1, 3, 2]), first_claims([1, 3, 2, 2])
    moved = before != after
    assert (after[moved] == 3).all()
    assert abs(moved.mean() - 2 / 8) < 4 * np.sqrt(0.25 * 0.75 / len(moved))


def test_draws_of_one_unit_and_of_neighbours_have_nothing_to_do_with_each_other():
    keys = np.arange(50_000, dtype=np.uint32)
    drawn = [luck.shares(luck.words(7, keys, nth, luck.HEARING)) for nth in range(3)]
    columns = np.concatenate([*drawn, np.roll(drawn[0], 1, axis=0)], axis=1)
    away = np.corrcoef(columns, rowvar=False) - np.eye(columns.shape[1])
    assert np.abs(away).max() < 5 / np.sqrt(len(keys))
    assert stats.kstest(columns[:, 0], "uniform").pvalue > 1e-4


@pytest.fixture(scope="module")
def large():
    """Give a run of 20,000 families before roomy calendars: some 90,000 hearings."""
    given = {
        "units": people(pending=0, coming=20_000, days=1_500),
        "bench": bench(horizon=2_400, per_court=4, masters=60, individuals=20),
        "tables": tables(back=(0.2, 0.1)),
    }
    return run(usual(days=2_000, **given))


def test_hearings_come_to_each_result_by_its_chance(large):
    log, units = large.log, large.units
    unit = log.unit
    cell = [units["court"][unit], units["population"][unit]]
    stage, represented, applied = stages(log), log.is_represented(), log.is_applied()
    shape = large.world.tables.result.shape[:-1]
    at = np.ravel_multi_index([*cell, stage, represented * 1, applied * 1], shape)
    found = np.zeros((np.prod(shape), DRAWN))
    np.add.at(found, (at, log.result()), 1)
    expected = found.sum(axis=1, keepdims=True) * large.world.tables.result.reshape(-1, DRAWN)
    enough = expected >= 5
    squares = ((found - expected) ** 2 / np.where(enough, expected, 1))[enough].sum()
    assert enough.sum() > 300
    assert stats.chi2.sf(squares, enough.sum() - len(found)) > 1e-4
    assert len(log) > 80_000


def stages(log):
    """Say at what stage each hearing was: the kind, and whether it was the unit's first."""
    first = np.zeros(len(log), dtype=bool)
    first[np.unique(log.unit, return_index=True)[1]] = True
    later = np.where(log.is_individual(), INDIVIDUAL, LATER_MASTER)
    return np.where(first, 0, later)


def test_what_follows_decisions_comes_by_its_chance(large):
    ends = (large.log.result() >= FIRST_DECISION) & (large.log.day() < 1_000)
    early = large.returned["ended"] < 1_000
    for way, share in zip(range(BACK), (0.2, 0.1), strict=True):
        back = (large.returned["way"][early] == way).sum() / ends.sum()
        error = np.sqrt(share * (1 - share) / ends.sum())
        assert error < 0.02 * share * 2
        assert abs(back - share) < 4 * error


def test_wanted_gaps_come_from_every_part_of_their_table(large):
    log = large.log
    order = np.lexsort((log.day(), log.unit))
    unit, day = log.unit[order], log.day()[order].astype(int)
    result, kind = log.result()[order], log.is_individual()[order]
    goes_on = np.flatnonzero((unit[1:] == unit[:-1]) & (result[:-1] == 2) & ~kind[:-1])
    goes_on = goes_on[large.units["docket"][unit[goes_on]] == 0]
    gap = day[goes_on + 1] - log.wait[order][goes_on + 1] - day[goes_on]
    table = np.maximum(large.world.tables.gap[0, 0, 2], 1)
    values, counts = np.unique(table, return_counts=True)
    assert np.isin(gap, values).all()
    found = np.bincount(np.searchsorted(values, gap), minlength=len(values))
    assert found.sum() > 1_500
    assert stats.chisquare(found, found.sum() * counts / 256).pvalue > 1e-4


def test_no_hearing_is_logged_as_vacated_and_an_ended_case_has_its_outcome(large):
    assert VACATED not in large.log.result()
    closed = large.units["stage"] == CLOSED
    assert (large.units["outcome"][closed] >= FIRST_DECISION).all()
    assert not large.units["outcome"][large.units["stage"] < CLOSED].any()


def test_another_seed_is_another_run_of_the_same_people():
    runs = [run(usual(seed=seed)) for seed in (1, 1, 2)]
    assert runs[0].sha256() == runs[1].sha256() != runs[2].sha256()


def test_luck_goes_with_the_hearing_and_not_with_its_day():
    early, late = (run(line([0.8], again=0.4, order=(order,) * 2, days=2_000, judges=5))
                   for order in ("oldest", "newest"))  # fmt: skip
    both = (early.units["decided"] >= 0) & (late.units["decided"] >= 0)
    assert (early.units["hearings"] == late.units["hearings"])[both].all()
    assert (early.units["decided"] != late.units["decided"])[both].any()


def test_a_rule_of_calendars_changes_no_result_of_the_same_hearing():
    told = []
    for rule in (rules(), rules(share=(0.5, 0.2))):
        log = run(usual(rules=rule, tables=alike())).log
        order = np.lexsort((log.day(), log.unit))
        told.append({})
        for unit, result in zip(log.unit[order].tolist(), log.result()[order], strict=True):
            told[-1].setdefault(unit, []).append(int(result))
    for unit in told[0].keys() & told[1].keys():
        n = min(len(told[0][unit]), len(told[1][unit]))
        assert told[0][unit][:n] == told[1][unit][:n]


def alike():
    """Give tables where counsel and applications, which do come by the day, change nothing."""
    made = tables()
    made.result[:] = made.result[:, :, :, :1, :1]
    return made

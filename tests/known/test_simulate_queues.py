"""The engine against queues that textbooks solve, within four standard errors.

Each queue runs on some sixty calendars at once; a standard error is that of their mean, and is
itself bounded, so that a test which passes proves something. A day is the unit of time.

What is exact and what is a limit: a calendar is a queue in slotted time. Poisson arrivals that
one slot a day serves wait as in M/D/1 counted at the slots (Takagi, Queueing Analysis 3, 1993);
a calendar of c slots whose hearings each end a case with the same chance is c servers with
geometric service and one line. Both are solved exactly. The second tends to M/M/c, and its
distance from Erlang's formula is worked out from the chain, without any simulation.
"""

import numpy as np
import pytest
from scipy import stats
from small_worlds import line

from opendocket.simulate.run import run

WARM = 2_000


def by_calendar(run, values=None, *, keep=None):
    """Give each calendar's mean of a value of its hearings, by default the wait."""
    log = run.log
    values = log.wait if values is None else values
    chosen = log.day() >= WARM
    chosen &= True if keep is None else keep
    judges = len(run.world.bench.judges)
    sums = np.bincount(log.judge()[chosen], weights=values[chosen], minlength=judges)
    return sums / np.bincount(log.judge()[chosen], minlength=judges)


def assert_agrees(samples, theory, *, within):
    """Assert that a mean is near a theory, and that its standard error is below a share."""
    mean, error = samples.mean(), samples.std(ddof=1) / np.sqrt(len(samples))
    assert error < within * theory, f"standard error {error:.4f} of {theory:.4f}"
    assert abs(mean - theory) < 4 * error, f"{mean:.4f}; expected {theory:.4f} +- {error:.4f}"


def slotted(rate):
    """Mean wait where one slot a day serves Poisson arrivals."""
    return rate / (2 * (1 - rate))


@pytest.mark.parametrize("order", ["oldest", "newest", "ready"])
def test_one_slot_a_day_makes_people_wait_as_the_slotted_m_d_1_says(order):
    done = run(line([0.8], order=(order, order)))
    assert_agrees(by_calendar(done), slotted(0.8), within=0.025)


def test_every_order_hears_as_many_on_each_day_and_the_newest_first_varies_most():
    orders = ("oldest", "newest", "ready", "deadline")
    done = [run(line([0.8], order=(order, order), days=3_000)) for order in orders]
    assert all((other.log.counts == done[0].log.counts).all() for other in done)
    assert len({other.sha256() for other in done}) > 1
    assert done[1].log.wait.var() > 5 * done[0].log.wait.var()


def test_booking_the_first_free_slot_is_the_same_queue_a_day_later():
    done = run(line([0.8], is_booked=True))
    assert_agrees(by_calendar(done), 1 + slotted(0.8), within=0.02)


def test_slots_held_in_halves_make_two_queues_that_know_nothing_of_each_other():
    done = run(line([0.5, 0.8], slots=2, is_booked=True, share=(0.5, 0.5)))
    fast = done.units["docket"][done.log.unit] == 1
    assert_agrees(by_calendar(done, keep=~fast), 1 + slotted(0.5), within=0.01)
    assert_agrees(by_calendar(done, keep=fast), 1 + slotted(0.8), within=0.02)


def test_the_first_docket_waits_as_if_alone_and_the_second_pays():
    first, second = 0.3, 0.5
    done = run(line([first, second]))
    later = done.units["docket"][done.log.unit] == 1
    pays = ((first + second) * slotted(first + second) - first * slotted(first)) / second
    assert_agrees(by_calendar(done, keep=~later), slotted(first), within=0.02)
    assert_agrees(by_calendar(done, keep=later), pays, within=0.025)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.55, 1.0])
def test_no_quota_changes_what_everybody_waits_together(share):
    streams = [0.3, 0.5]
    done = run(line(streams, is_strict=False, share=(share, 1 - share)))
    assert_agrees(by_calendar(done), slotted(sum(streams)), within=0.025)


def test_a_quota_moves_the_wait_from_one_docket_to_the_other():
    waits = []
    for share in (0.0, 0.3, 0.55, 1.0):
        done = run(line([0.3, 0.5], is_strict=False, share=(share, 1 - share), days=4_000))
        waits.append(by_calendar(done, keep=done.units["docket"][done.log.unit] == 0).mean())
    assert (np.diff(waits) < -0.05).all(), waits


def left_each_night(rate, served, *, size=300):
    """Solve the chain of how many are left each night; ``served(n)`` gives chances of ends.

    Returns:
        Chances of 0, 1, ... left, and of as many there before the slots.
    """
    arriving = stats.poisson.pmf(np.arange(size), rate)
    coming = np.array([np.r_[np.zeros(n), arriving[: size - n]] for n in range(size)])
    coming[:, -1] += 1 - coming.sum(axis=1)
    step = np.zeros((size, size))
    for there in range(size):
        ends = served(there)
        step[there, there - np.arange(len(ends))] = ends
    balance = (coming @ step).T - np.eye(size)
    balance[-1] = 1
    night = np.linalg.solve(balance, np.r_[np.zeros(size - 1), 1])
    assert night[-20:].sum() < 1e-9, "the chain is cut too short"
    return night, night @ coming


def test_bulk_sessions_make_people_wait_as_the_exact_chain_says():
    rate, slots = 18.5, 20

    def served(there):
        return np.r_[np.zeros(min(there, slots)), 1.0]

    night, _ = left_each_night(rate, served)
    theory = night @ np.arange(len(night)) / rate
    done = run(line([rate], slots=slots, days=8_000, judges=30))
    assert_agrees(by_calendar(done), theory, within=0.04)


def erlang_c(servers, load):
    """Mean wait of M/M/c in mean services; load is arrivals per mean service."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    delayed = blocked / (1 - load / servers * (1 - blocked))
    return delayed / (servers - load)


def geometric_line(servers, load, ends):
    """Mean wait in mean services: ``servers`` slots a day, each ends a case by this chance."""
    rate = load * ends

    chances = [stats.binom.pmf(np.arange(n + 1), n, ends) for n in range(servers + 1)]
    _, there = left_each_night(rate, lambda there: chances[min(there, servers)])
    return np.maximum(np.arange(len(there)) - servers, 0) @ there / rate * ends


SERVERS, LOAD, ENDS = 3, 2.4, 0.2


def test_slots_of_one_calendar_are_servers_of_one_line_with_geometric_service():
    done = run(line([LOAD * ENDS], slots=SERVERS, again=1 - ENDS, days=16_000, judges=40))
    _, first_of = np.unique(done.log.unit, return_index=True)
    is_first = np.zeros(len(done.log), dtype=bool)
    is_first[first_of] = True
    assert not done.log.wait[~is_first].any(), "a case once begun gave way to another"
    theory = geometric_line(SERVERS, LOAD, ENDS) / ENDS
    assert_agrees(by_calendar(done, keep=is_first), theory, within=0.04)


def test_that_line_tends_to_erlang_as_a_day_becomes_a_smaller_part_of_a_service():
    limit = erlang_c(SERVERS, LOAD)
    away = [geometric_line(SERVERS, LOAD, ends) / limit - 1 for ends in (0.2, 0.1, 0.05, 0.025)]
    assert abs(away[0]) < 0.25
    np.testing.assert_allclose(np.array(away[1:]) / away[:-1], 0.5, atol=0.06)
    assert 2 * geometric_line(SERVERS, LOAD, 0.025) - geometric_line(
        SERVERS, LOAD, 0.05
    ) == pytest.approx(limit, rel=0.002)


def test_erlang_gives_the_published_mean_of_ten_servers_at_nine_tenths():
    assert erlang_c(10, 9.0) == pytest.approx(0.6687, abs=5e-5)
    assert erlang_c(1, 0.5) == pytest.approx(1.0)


def test_half_of_hearings_continued_are_twice_as_many_hearings():
    done = run(line([0.4], again=0.5))
    days = done.world.days - WARM
    rate = (done.log.day() >= WARM) * 1.0
    judges = len(done.world.bench.judges)
    heard = np.bincount(done.log.judge(), weights=rate, minlength=judges) / days
    assert_agrees(heard, 0.4 / (1 - 0.5), within=0.005)
    ended = done.units["hearings"][done.units["decided"] >= 0]
    share = stats.chisquare(
        np.bincount(np.minimum(ended, 9), minlength=10)[1:],
        len(ended) * np.r_[0.5 ** np.arange(1, 9), 0.5**8],
    )
    assert share.pvalue > 1e-4


def test_littles_law_holds_of_the_log_to_the_day():
    done = run(line([0.3, 0.5], is_strict=False, share=(0.3, 0.7), days=3_000))
    log, days = done.log, done.world.days
    ready = log.day() - log.wait
    still = done.units[done.units["decided"] < 0]
    begins = np.bincount(np.concatenate([ready, still["wanted"]]), minlength=days)
    waiting = np.cumsum(begins - np.bincount(log.day(), minlength=days))
    waited = log.wait.sum() + (days - still["wanted"].astype(int)).sum()
    assert waiting[-1] == len(still) > 0
    assert waiting.sum() == waited

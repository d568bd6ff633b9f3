"""Counsel as a state, against a product of transition matrices and answers worked by hand."""

from fractions import Fraction

import numpy as np
import pytest
from tiny_docket import case, docket, on

from opendocket.measure.counsel import STATES, counsel

UNTIL = 60


def people(seed, n=60):
    """Give counsel's day, the last day and whether the case ended then, with many ties."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(n):
        last, finds = int(rng.integers(0, 31)), int(rng.integers(0, 31))
        out.append((finds if finds <= last else None, last, bool(rng.random() < 0.6)))
    return out


def frame_of(lives):
    return docket(
        *(
            case(
                "removal" if ended else None,
                UNTIL if ended else None,
                start=UNTIL - last,
                counsel=None if finds is None else UNTIL - last + finds,
            )
            for finds, last, ended in lives
        )
    )


def product_integral(lives, day):
    """Aalen and Johansen (1978), Scand. J. Statist. 5:141-150, straight from the definition.

    States 0 alone, 1 with counsel, 2 ended alone, 3 ended with counsel. The first row of the
    product, over the moments u at which anybody moves, of I + dA(u), where dA(u)[h, j] is the
    number who go from h to j at u divided by the number in h just before. Counsel comes a
    moment before an ending of the same day, and whoever is still pending leaves after both.
    """
    moves, spans = [], []  # (moment, from, to) and (state, after, until)
    for finds, last, ended in lives:
        out = (last, 1) if ended else (last, 2)
        if finds is None:
            spans.append((0, (-1, 0), out))
        else:
            moves.append(((finds, 0), 0, 1))
            spans += [(0, (-1, 0), (finds, 0)), (1, (finds, 0), out)]
        if ended:
            state = 0 if finds is None else 1
            moves.append((out, state, state + 2))
    product = np.eye(4)
    for moment in sorted({m for m, _, _ in moves if m[0] <= day}):
        step = np.eye(4)
        for h in (0, 1):
            there = sum(s == h and after < moment <= until for s, after, until in spans)
            for j in range(4):
                gone = sum(m == moment and (a, b) == (h, j) for m, a, b in moves)
                if gone:
                    step[h, j] += gone / there
                    step[h, h] -= gone / there
        product = product @ step
    return product[0]


@pytest.mark.parametrize("seed", range(12))
def test_the_states_are_the_product_integral_of_the_transition_matrices(seed):
    lives = people(seed)

    states = counsel(frame_of(lives), as_of=on(UNTIL)).states

    assert len(states.days) > 15
    for day in states.days:
        expected = product_integral(lives, day)
        np.testing.assert_allclose(states.share[:, day], expected, atol=1e-12)
        assert states.at_risk[day] == sum(last >= day for _, last, _ in lives)


def test_eighteen_cases_as_worked_by_hand():
    """
    Day 1: 6 of 18 find counsel. Day 2: of the 12 without, 3 end. Day 3: 3 of the 9 left
    without leave observation, pending. Day 4: of the 6 left without, 2 find counsel; of the
    6 with counsel from day 1, 3 end. On day 4 counsel comes first: the two are with counsel
    when 3 of then 8 end.

    day   alone               with counsel               ended alone  ended with counsel
    1     12/18 = 2/3         1/3                        0            0
    2     2/3*9/12 = 1/2      1/3                        1/6          0
    4     1/2*4/6 = 1/3       (1/3+1/6)*5/8 = 5/16       1/6          1/2*3/8 = 3/16
    """
    cases = [
        *[case("relief", 4, counsel=1)] * 3,
        *[case(counsel=1)] * 3,
        *[case("removal", 2)] * 3,
        *[case(start=2)] * 3,  # pending, seen for 3 days
        *[case(counsel=4)] * 2,
        *[case()] * 4,
    ]

    states = counsel(docket(*cases), as_of=on(5)).states

    by_hand = {
        1: ["2/3", "1/3", "0", "0"],
        2: ["1/2", "1/3", "1/6", "0"],
        4: ["1/3", "5/16", "1/6", "3/16"],
    }
    assert len(STATES) == 4
    for day, row in by_hand.items():
        expected = [float(Fraction(x)) for x in row]
        np.testing.assert_allclose(states.share[:, day], expected, atol=1e-12)


def test_with_nobody_leaving_observation_the_states_are_plain_shares():
    lives = [(finds, last, True) for finds, last, _ in people(99, n=200)]

    states = counsel(frame_of(lives), as_of=on(UNTIL)).states

    for day in states.days:
        plain = np.zeros(4)
        for finds, last, _ in lives:
            has = finds is not None and finds <= day
            plain[(2 if last <= day else 0) + has] += 1 / 200
        np.testing.assert_allclose(states.share[:, day], plain, atol=1e-12)


def test_at_a_landmark_only_those_there_at_its_end_count_and_only_counsel_by_then():
    """
    Day 90. Counted: 10 still pending, 4 of them with counsel by day 90; 2 ended later, one
    with counsel on day 90; 1 whose observation ends on day 90. Not counted: one ended on day
    90, one on day 89, and one seen for 89 days.
    """
    cases = [
        *[case(counsel=80)] * 4,
        *[case()] * 5,
        case(counsel=91),
        case("removal", 200, counsel=90),
        case("removal", 91),
        case(start=210),
        case("removal", 90, counsel=10),
        case("removal", 89, counsel=10),
        case(start=211, counsel=215),
    ]

    found = dict(counsel(docket(*cases), as_of=on(300)).at_landmarks)

    assert (found[90].count, found[90].n) == (5, 13)


def test_ever_represented_grows_with_time_and_the_landmark_does_not():
    """
    Everybody finds counsel at one rate, on day 100 if the case lasts. Of the cases ended by
    then nobody has; "ever represented" reads that as counsel keeping cases alive.
    """
    cases = [case("removal", 50)] * 40 + [case("removal", 250, counsel=100)] * 20

    found = counsel(docket(*cases), as_of=on(300))

    assert found.closed.share == pytest.approx(1 / 3)
    assert dict(found.at_landmarks)[180].share == 1
    assert dict(found.at_landmarks)[90].share == 0


def test_pending_closed_and_ordered_each_count_counsel_by_their_own_day():
    """
    Six cases. A reopened case, ordered removed on day 50 without counsel, found it on day 80:
    it has counsel among those pending now, and not among those closed or ordered. A case
    closed on day 40 found counsel on day 60 and was ordered removed on day 90.
    """
    cases = [
        case("in absentia", 50, counsel=80, rescinded=70, pending=True),
        case("administrative closure", 40, counsel=60, decision="removal", decided=90),
        case("relief", 90, counsel=90),
        case("removal", 90, counsel=91),
        case(counsel=10),
        case(),
    ]

    found = counsel(docket(*cases), as_of=on(100))

    told = {
        name: (getattr(found, name).count, getattr(found, name).n)
        for name in ("pending_now", "closed", "ordered")
    }
    assert told == {"pending_now": (2, 3), "closed": (1, 4), "ordered": (1, 3)}


def test_counsel_entered_before_receipt_counts_from_receipt():
    cases = [case(start=50, counsel=20)] * 6 + [case(start=50)] * 6

    states = counsel(docket(*cases), as_of=on(60)).states

    np.testing.assert_allclose(states.share[:, 0], [0.5, 0.5, 0, 0])

"""How cases end, against answers worked by hand and by lifelines."""

import warnings

import numpy as np
import pytest
from tiny_docket import case, docket, on

from opendocket.measure.outcomes import CODES, OUTCOMES, endings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifelines import AalenJohansenFitter

GROUPS = [
    "relief", "protection", "removal", "in absentia", "voluntary departure", "termination",
    "no nta", "administrative closure", "other", "review",
]  # fmt: skip


def test_outcomes_compete_as_worked_by_hand():
    """
    A hundred cases. On day 10, 20 are ordered removed in absentia. Thirty more are seen for
    50 days only. On day 100, of the 50 left, 15 get relief and 10 protection; 25 never end.

    In absentia: 20/100. Relief: 8/10 * 25/50 = 4/10, not the 25/100 that have it so far, nor
    the 25/45 of those ended. One minus Kaplan-Meier, the others set aside, would say 25/50.
    """
    cases = (
        [case("in absentia", 10)] * 20
        + [case(start=250)] * 30
        + [case("relief", 100)] * 15
        + [case("protection", 100)] * 10
        + [case()] * 25
    )

    found = endings(docket(*cases), as_of=on(300))

    last = {name: found.curves.at(found.named(name), 300).share for name in OUTCOMES}
    assert last["removal order in absentia"] == pytest.approx(0.2)
    assert last["relief"] == pytest.approx(0.4)
    assert sum(last.values()) + found.curves.pending_share[-1] == pytest.approx(1)
    assert found.counts["relief"] == 25
    assert found.counts["still pending"] == 55
    assert found.protection == 10


def test_every_group_of_the_docket_is_counted_under_one_name():
    cases = [case(group, 20) for group in GROUPS for _ in range(11)] + [case()] * 11

    found = endings(docket(*cases), as_of=on(300))

    assert sorted(CODES) == sorted(GROUPS)
    assert found.counts == {
        "relief": 22,
        "removal order, person present": 11,
        "removal order in absentia": 11,
        "voluntary departure": 11,
        "termination": 11,
        "dismissed, no notice filed": 11,
        "administrative closure": 11,
        "other": 22,
        "still pending": 11,
    }


@pytest.mark.parametrize("seed", range(2))
def test_every_curve_matches_lifelines(seed):
    rng = np.random.default_rng(seed)
    days = 1 + rng.permutation(1_500)[:700]
    chosen = rng.choice(len(OUTCOMES) + 1, 700)
    names = tuple(OUTCOMES)
    cases = [
        case(OUTCOMES[names[k - 1]][0], 2_000, start=2_000 - d) if k else case(start=2_000 - d)
        for d, k in zip(days, chosen, strict=True)
    ]

    found = endings(docket(*cases), as_of=on(2_000))

    assert found.folded == ()
    assert len(found.curves.days) == 690, "the last ten days have fewer than 11 at risk"
    for name in names:
        code = found.named(name)
        oracle = AalenJohansenFitter(calculate_variance=False).fit(days, chosen, code)
        theirs = oracle.cumulative_density_.iloc[:, 0].loc[found.curves.days]
        ours = found.curves.share[found.curves.outcomes.index(code)]
        np.testing.assert_allclose(ours, theirs, atol=1e-9)

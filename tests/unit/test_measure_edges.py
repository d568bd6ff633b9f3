"""What the measures do at the edges: nobody, everybody, one family, one day."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from opendocket.errors import NothingToShow, TooFewCases
from opendocket.estimate.shares import proportion
from opendocket.measure.attendance import DENOMINATORS, absence
from opendocket.measure.clocks import CLOCKS, spells
from opendocket.measure.counsel import counsel
from opendocket.measure.courts import by_court, city
from opendocket.measure.outcomes import NOT_YET, OUTCOMES, endings
from opendocket.measure.promise import AT_RISK_AT_LEAST, kept_promise, pace

DAY_0, AS_OF = date(2022, 1, 1), date(2024, 1, 1)
DATES = (
    "nta_date", "received_date", "first_hearing_date", "first_master_date", "counsel_date",
    "first_outcome_date", "first_decision_date", "rescinded_date",
)  # fmt: skip


def frame(outcome, ended, *, n=20, families=None, court="BOS"):
    """Give n cases that started on one day and ended alike, ``ended`` days later."""
    day = None if ended is None else DAY_0 + timedelta(days=ended)
    decided = outcome in ("relief", "removal", "in absentia")
    row = {
        "court_code": court,
        "custody_code": "N",
        "first_outcome": outcome,
        "is_decided": decided,
        "first_decision": outcome if decided else None,
        "is_pending": outcome is None,
    } | dict.fromkeys(DATES, DAY_0)
    row |= {
        "counsel_date": None,
        "first_outcome_date": day,
        "first_decision_date": day if decided else None,
        "rescinded_date": None,
    }
    families = n if families is None else families
    schema = dict.fromkeys(DATES, pl.Date) | {
        "lead_case_id": pl.Int64,
        "court_code": pl.String,
        "first_outcome": pl.String,
        "first_decision": pl.String,
    }
    rows = [row | {"lead_case_id": at % families} for at in range(n)]
    return pl.DataFrame(rows, schema_overrides=schema)


PENDING = frame(None, None)


# Everybody alike


@pytest.mark.parametrize("clock", CLOCKS)
def test_where_all_are_pending_nothing_is_decided_and_nothing_closed(clock):
    kept = kept_promise(PENDING, clock, as_of=AS_OF)

    assert (kept.day, kept.is_whole) == (300, True)
    assert (kept.decided.share, kept.otherwise.share) == (0, 0)
    assert (kept.closed, kept.closed_in_time, kept.closed_only_share) == (0, 0, None)
    assert kept.closed_with_notice_only_share is None
    assert kept.excluded == {}


def test_where_all_are_pending_no_median_is_reached_and_all_are_still_pending():
    assert pace(PENDING, "tiny", as_of=AS_OF).median.days is None
    assert pace(PENDING, "tiny", as_of=AS_OF).pending == 20
    assert endings(PENDING, as_of=AS_OF).counts[NOT_YET] == 20
    told = counsel(PENDING, as_of=AS_OF)
    assert (told.closed, told.ordered) == (None, None)
    assert told.pending_now.share == 0
    assert (told.states.share == np.array([[1], [0], [0], [0]])).all()


@pytest.mark.parametrize("day", [0, 40, 299, 300])
def test_where_all_are_decided_by_the_goal_the_share_at_the_goal_is_all(day):
    kept = kept_promise(frame("relief", day), "first master", as_of=AS_OF)

    assert (kept.day, kept.is_whole) == (300, True)
    assert kept.decided.share == 1
    assert kept.curves.days.tolist() == sorted({day, 300})
    assert kept.curves.pending_share[-1] == 0
    assert (kept.closed, kept.closed_in_time) == (20, 20 if day < 300 else 0)


def test_where_few_decided_late_are_left_the_goal_is_still_reached():
    """Ninety-five ended on day 10 and five on day 200: fewer than eleven are ever left then."""
    cases = pl.concat([frame("no nta", 10, n=95), frame("relief", 200, n=5)])

    kept = kept_promise(cases, "receipt", as_of=AS_OF)

    assert kept.curves.days.tolist() == [10, 300]
    assert kept.curves.at_risk.tolist() == [100, 0]
    assert (kept.day, kept.decided.share) == (300, pytest.approx(0.05))
    assert kept.otherwise.share == pytest.approx(0.95)


def test_where_a_case_is_still_pending_a_day_few_were_observed_for_is_not_given():
    cases = pl.concat([frame("relief", 10, n=95), frame(None, None, n=5)])

    kept = kept_promise(cases, "receipt", as_of=AS_OF)

    assert (kept.day, kept.is_whole) == (10, False)
    assert kept.decided.share == pytest.approx(0.95)


def test_where_all_are_decided_after_the_goal_none_are_by_it():
    kept = kept_promise(frame("relief", 301), "first master", as_of=AS_OF)

    assert (kept.day, kept.decided.share, kept.closed, kept.closed_in_time) == (300, 0, 20, 0)


def test_where_all_end_on_the_day_of_receipt_counsel_has_no_time():
    told = counsel(frame("removal", 0), as_of=AS_OF)

    assert told.states.days.tolist() == [0]
    assert told.states.share[:, 0].tolist() == [0, 0, 1, 0]
    assert told.at_landmarks == ()
    assert told.pending_now is None
    assert (told.ordered.count, told.ordered.n) == (0, 20)


def test_a_docket_younger_than_the_goal_is_read_on_its_last_day_and_says_so():
    cases = pl.concat([frame("relief", 50), frame(None, None)])

    kept = kept_promise(cases, "receipt", as_of=DAY_0 + timedelta(days=120))

    assert (kept.day, kept.is_whole) == (120, False)
    assert kept.decided.share == 0.5


# One family, few cases, nobody


def test_fewer_than_five_families_are_refused_or_left_out():
    family = frame("in absentia", 30, n=40, families=4)

    for measure in (
        lambda: kept_promise(family, "receipt", as_of=AS_OF),
        lambda: pace(family, "tiny", as_of=AS_OF),
        lambda: endings(family, as_of=AS_OF),
    ):
        with pytest.raises(TooFewCases, match="families"):
            measure()
    found = absence(family, as_of=AS_OF)
    assert (found.since_hearing, found.undone) == (None, None)
    assert found.orders == 40


@pytest.mark.parametrize(
    ("is_so", "family"),
    [
        ([1, 1, 0], [7, 7, 7]),  # one family
        ([1, 0, 1, 0], [1, 1, 2, 2]),  # families alike
        ([1] * 10 + [0] * 20, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] * 3),
    ],
)
def test_families_that_show_no_spread_are_not_certain(is_so, family):
    found = proportion(is_so, family)

    groups = len(set(family))
    error = (found.share * (1 - found.share) / groups) ** 0.5
    middle = np.log(found.share / (1 - found.share))
    width = 1.959963984540054 * error / (found.share * (1 - found.share))
    bounds = 1 / (1 + np.exp(-(middle + np.array([-1, 1]) * width)))
    assert [found.lower, found.upper] == pytest.approx(bounds.tolist(), abs=1e-12)
    assert found.upper - found.lower > 0.5


def test_one_family_in_which_nobody_counts_leaves_almost_everything_open():
    found = proportion([0, 0, 0], [7, 7, 7])

    assert (found.share, found.lower, found.upper) == (0, 0, pytest.approx(0.975))


def test_a_share_of_nobody_is_refused_and_so_are_two_shapes():
    with pytest.raises(NothingToShow, match="orders: nobody to count among"):
        proportion([], [], what="orders")
    with pytest.raises(ValueError, match=r"is_so \(2,\), family \(1,\)"):
        proportion([1, 0], [1])
    with pytest.raises(ValueError, match="expected"):
        proportion([[1, 0]], [[1, 2]])


def test_a_wider_level_gives_a_wider_interval():
    narrow, wide = (proportion([1, 0, 0] * 20, range(60), level=x) for x in (0.5, 0.99))

    assert wide.lower < narrow.lower < narrow.share < narrow.upper < wide.upper


def test_a_clock_that_can_time_no_case_is_refused():
    never = PENDING.with_columns(first_master_date=pl.lit(None, dtype=pl.Date))

    with pytest.raises(NothingToShow, match="the clock 'first master': it can time no case"):
        kept_promise(never, "first master", as_of=AS_OF)
    with pytest.raises(KeyError, match="sundial"):
        spells(PENDING, "sundial", as_of=AS_OF)


def test_cases_that_all_ended_before_receipt_have_no_counsel_over_time():
    before = frame("removal", -5)

    with pytest.raises(NothingToShow, match="counsel: no case that ended after its receipt"):
        counsel(before, as_of=AS_OF)
    some = counsel(pl.concat([before, frame("removal", 5)]), as_of=AS_OF)
    assert (some.excluded, some.states.n, some.closed.n, some.ordered.n) == (20, 20, 20, 40)
    ends = endings(pl.concat([before, frame("relief", 5)]), as_of=AS_OF)
    assert ends.excluded == {"ended before the clock started": 20}
    assert sum(ends.counts.values()) == 20


def test_a_denominator_that_nobody_is_in_is_left_out():
    found = absence(frame("no nta", 5), as_of=AS_OF)

    assert [d.name for d, _ in found.shares] == ["closed cases", "all cases begun"]
    assert len(DENOMINATORS) == 5
    assert found.rescinded is None


def test_an_order_undone_before_it_was_made_is_undone_on_day_0():
    odd = frame("in absentia", 30).with_columns(rescinded_date=pl.lit(DAY_0))

    found = absence(odd, as_of=AS_OF)

    assert found.undone.days.tolist() == [0]
    assert found.undone.share.tolist() == [[1]]


# What must not pass in silence


def test_cases_frozen_on_a_later_day_are_refused():
    cases = frame("relief", 100)
    early = DAY_0 + timedelta(days=99)

    for measure in (
        lambda: spells(cases, "receipt", as_of=early),
        lambda: absence(cases, as_of=early),
        lambda: counsel(cases, as_of=early),
    ):
        with pytest.raises(ValueError, match=r"frame: 20 cases ended after 2022-04-10"):
            measure()
    assert len(spells(cases, "receipt", as_of=DAY_0 + timedelta(days=100))) == 20


def test_an_outcome_without_a_name_is_refused_and_not_taken_for_pending():
    with pytest.raises(ValueError, match=r"first_outcome: \['deported'\]; expected one of"):
        endings(frame("deported", 10), as_of=AS_OF)


def test_an_outcome_asked_for_by_a_wrong_name_is_refused():
    found = endings(PENDING, as_of=AS_OF)

    assert [found.named(name) for name in OUTCOMES] == list(range(1, 9))
    with pytest.raises(KeyError, match="outcome 'deported'; expected one of relief"):
        found.named("deported")


def test_outcomes_too_few_had_are_folded_with_the_next_smallest():
    """3 voluntary departures would follow from the total: the 15 terminations go with them."""
    cases = pl.concat(
        [
            frame("voluntary departure", 10, n=3),
            frame("termination", 20, n=15),
            frame("relief", 30, n=40),
            frame(None, None, n=60),
        ]
    )

    found = endings(cases, as_of=AS_OF)

    assert found.folded == ("voluntary departure", "termination")
    assert found.counts["other"] == 18
    assert found.withheld == frozenset()
    assert sum(found.counts.values()) == 118
    assert found.curves.at(found.named("other"), 30).share == pytest.approx(18 / 118)


def test_only_those_protected_among_the_timed_are_counted():
    before = frame("protection", -5, n=12)
    cases = pl.concat([before, frame("protection", 5, n=30), frame("relief", 9)])

    assert endings(cases, as_of=AS_OF).protection == 30


# Court by court


def courts_frame(*parts):
    return pl.concat([frame(outcome, 30, n=n, court=code) for code, outcome, n in parts])


def test_a_small_court_and_the_one_that_would_give_it_away_tell_only_their_names():
    cases = courts_frame(
        ("BOS", "removal", 40), ("BOS", "relief", 40),
        ("MIA", "removal", 20), ("MIA", "relief", 20),
        ("SEA", "removal", 4),
        ("DEN", "removal", 25), ("DEN", "relief", 25),
    )  # fmt: skip

    found = by_court(cases, as_of=AS_OF)

    assert [court.code for court in found] == ["BOS", "DEN", "MIA", "SEA"]
    for court in found[2:]:
        assert (court.n, court.is_suppressed, court.kept, court.ordered) == (
            0,
            True,
            None,
            None,
        )
    for court in found[:2]:
        assert not court.is_suppressed
        assert court.ordered.share == 0.5
        assert court.kept.decided.share == 1


def test_the_suppressed_are_listed_by_name_and_not_by_size():
    cases = courts_frame(
        ("BOS", "removal", 90), ("NYC", "removal", 3), ("MIA", "removal", 30),
        ("DEN", "removal", 5),
    )  # fmt: skip

    hidden = [court.city for court in by_court(cases, as_of=AS_OF) if court.is_suppressed]

    assert len(hidden) == 3
    assert hidden == sorted(hidden)


def test_few_orders_or_few_without_one_are_held_back_though_the_court_is_large():
    """Sixty cases in each; 3 ordered in one court, 57 in another; a third must guard them."""
    cases = courts_frame(
        ("BOS", "removal", 3), ("BOS", None, 57),
        ("MIA", "removal", 57), ("MIA", None, 3),
        ("DEN", "removal", 30), ("DEN", None, 31),
        ("SEA", "removal", 30), ("SEA", None, 40),
    ).with_columns(
        first_outcome_date=pl.when(pl.col("first_outcome").is_not_null()).then("first_outcome_date")
    )  # fmt: skip

    found = {court.code: court for court in by_court(cases, as_of=AS_OF)}

    assert not any(court.is_suppressed for court in found.values())
    assert {code for code, court in found.items() if court.ordered is None} == {"BOS", "MIA"}
    assert {code for code, court in found.items() if court.kept is None} == {"BOS", "MIA"}


def test_a_court_whose_clock_has_not_begun_has_no_promise_and_cases_without_one_no_court():
    cases = pl.concat([courts_frame(("BOS", "removal", 40)), frame("relief", 9, court=None)])
    never = cases.with_columns(first_master_date=pl.lit(None, dtype=pl.Date))

    (court,) = by_court(never, as_of=AS_OF)

    assert (court.code, court.n, court.kept, court.ordered.count) == ("BOS", 40, None, 40)


def test_a_court_in_no_list_keeps_its_code():
    assert city("???") == "???"


def test_curves_are_cut_at_the_smallest_count_that_is_published():
    assert AT_RISK_AT_LEAST == 11

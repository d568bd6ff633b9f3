"""What a run answers, held against the measures' own way and against counting by hand."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from handmade_run import COURTS, POPULATIONS, START, Hearing, Unit, run_of

from opendocket.measure.promise import kept_promise, pace
from opendocket.simulate.answers import MEASURES, answers
from opendocket.simulate.tables import DECISIONS, REASONS

DAYS = 1_100
NOT_HELD = ("judge", "court operations")
NOT_DECIDED = ("no nta", "administrative closure")


def made_up(n, seed):
    """Units that are heard now and then until they end, by nobody's model."""
    rng = np.random.default_rng(seed)
    return [lived(rng) for _ in range(n)]


def lived(rng):
    day = filed = int(rng.integers(-400, 900))
    hearings, is_represented = [], False
    while True:
        day = max(day, 0) + int(rng.exponential(80)) + 1
        if day >= DAYS:
            break
        is_represented |= bool(rng.random() < 0.3)
        is_over = rng.random() < 0.3
        result = str(rng.choice(DECISIONS if is_over else REASONS))
        hearings.append(
            Hearing(
                day, result, int(rng.integers(0, 60)), bool(rng.random() < 0.3), is_represented
            )
        )
        if is_over:
            break
    return Unit(
        filed=filed,
        hearings=tuple(hearings),
        population=str(rng.choice(POPULATIONS, p=[0.3, 0.7])),
        court=str(rng.choice(COURTS)),
        size=int(rng.integers(1, 5)),
    )


UNITS = made_up(3_000, seed=20261124)
FOUND = answers(run_of(UNITS, DAYS))


def value(measure, population, court=None, found=FOUND):
    (row,) = found.filter(
        pl.col("measure") == measure,
        pl.col("population") == population,
        pl.col("court_code").eq_missing(court),
        pl.col("on_date").is_null() | (pl.col("on_date") == pl.col("on_date").max()),
    ).rows(named=True)
    return row["value"]


def belongs(unit, population, court):
    is_theirs = population == "everyone" or (unit.population == "dedicated") == (
        population == "dedicated"
    )
    return is_theirs and court in (None, unit.court)


def people(population, court, among=lambda unit: True):
    return [
        u for u in UNITS if belongs(u, population, court) and among(u) for _ in range(u.size)
    ]


def on(day):
    return None if day is None else START + timedelta(days=day)


def first(unit, is_so):
    return next((h for h in unit.hearings if is_so(h)), None)


def ended(unit):
    return first(unit, lambda h: h.result in DECISIONS)


def decided(unit):
    return first(unit, lambda h: h.result in DECISIONS and h.result not in NOT_DECIDED)


def as_cases(units):
    """The people as the measures take them: one row each, with dates."""
    rows = []
    for unit in units:
        master = first(unit, lambda h: not h.is_individual and h.result not in NOT_HELD)
        over = ended(unit)
        rows.append(
            {
                "lead_case_id": id(unit),
                "received_date": on(unit.filed),
                "first_master_date": on(master and master.day),
                "first_outcome": over and over.result,
                "first_outcome_date": on(over and over.day),
                "is_decided": bool(over) and over.result not in NOT_DECIDED,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


GROUPS = [
    ("dedicated", None), ("everyone else", None), ("everyone", None), ("dedicated", "BBB"),
    ("everyone else", "AAA"),
]  # fmt: skip


@pytest.mark.parametrize(("population", "court"), GROUPS)
def test_times_and_the_promise_are_those_of_the_measures(population, court):
    frame = as_cases(people(population, court, lambda u: u.filed >= 0))
    as_of = on(DAYS - 1)
    slow = frame.with_columns(received_date="first_master_date").drop_nulls("received_date")
    slow = slow.filter(
        (pl.col("first_outcome_date") >= pl.col("received_date")).fill_null(True)
    )

    promise = kept_promise(frame, "first master", as_of=as_of)

    assert promise.is_whole
    assert value("within_300_days_share", population, court) == pytest.approx(
        promise.decided.share
    )
    assert value("first_ending_days", population, court) == (
        pace(frame, "any", as_of=as_of).median.days
    )
    assert value("first_master_ending_days", population, court) == (
        pace(slow, "any", as_of=as_of).median.days
    )


@pytest.mark.parametrize(("population", "court"), GROUPS)
def test_shares_are_those_counted_person_by_person(population, court):
    first_decisions = [decided(u) for u in people(population, court, decided)]
    n = len(first_decisions)
    over = people(population, court, lambda u: u.filed >= 0 and ended(u))
    held = sum(h.result not in NOT_HELD for u in over for h in u.hearings)
    counted = {
        "decided_people": n,
        "in_absentia_share": sum(d.result == "in absentia" for d in first_decisions) / n,
        "relief_share": sum(d.result in ("relief", "protection") for d in first_decisions) / n,
        "represented_share": sum(d.is_represented for d in first_decisions) / n,
        "hearings_per_case_ratio": held / len(over),
        "pending_people": len(people(population, court, lambda u: not ended(u))),
        "wait_mean_days": np.mean(waits := [h.wait for u in people(population, court)
                                            for h in u.hearings]),
        "wait_median_days": np.quantile(waits, 0.5, method="inverted_cdf"),
    }  # fmt: skip

    for measure, expected in counted.items():
        assert value(measure, population, court) == pytest.approx(expected), measure


def test_a_case_that_came_back_is_pending_again_and_was_decided_once():
    back = Unit(
        filed=0, size=12, returned=(100,),
        hearings=(Hearing(50, "removal"), Hearing(200, "relief", is_individual=True)),
    )  # fmt: skip
    twice = answers(run_of([back, Unit(filed=0, size=20, population="ordinary")], 300))

    stock = twice.filter(measure="pending_people", population="dedicated").filter(
        pl.col("court_code").is_null()
    )
    assert dict(stock.select("on_date", "value").iter_rows()) == {
        on(91): 0.0,  # 31 December 2025
        on(181): 12.0,
        on(272): 0.0,
        on(299): 0.0,
    }
    assert value("relief_share", "dedicated", found=twice) == 0.0
    assert value("decided_people", "dedicated", found=twice) == 12.0


def test_what_lies_after_the_last_day_is_not_known():
    early = answers(run_of(UNITS, DAYS), last=700)
    cut = [
        Unit(
            u.filed, tuple(h for h in u.hearings if h.day <= 700), u.population, u.court, u.size
        )
        for u in UNITS
        if u.filed <= 700
    ]

    assert early.equals(answers(run_of(cut, 701)))


def test_a_median_that_half_have_not_reached_is_not_told():
    slow = [Unit(filed=0, size=3, hearings=(Hearing(40, "dhs"),)) for _ in range(20)]
    quick = [Unit(filed=0, size=3, hearings=(Hearing(40, "removal"),)) for _ in range(9)]

    found = answers(run_of([*slow, *quick], 200))

    assert value("first_ending_days", "dedicated", found=found) is None
    assert value("within_300_days_share", "dedicated", found=found) is None


def test_a_number_on_few_people_is_held_back_with_what_would_give_it_away():
    units = [
        Unit(filed=0, court="AAA", population="ordinary", size=4),
        *(Unit(filed=0, court="BBB", population="ordinary", size=4) for _ in range(9)),
    ]
    found = answers(run_of(units, 100)).filter(
        pl.col("measure") == "pending_people", pl.col("on_date") == on(99)
    )
    told = {(p, c): v for p, c, v in found.select("population", "court_code", "value").rows()}

    assert told["everyone else", None] == 40.0
    assert told["everyone else", "AAA"] is told["everyone else", "BBB"] is None


def test_every_measure_is_answered_and_named_for_its_unit():
    assert set(FOUND["measure"]) == set(MEASURES)
    assert [n for n, told in MEASURES.items() if not n.endswith(f"_{told.unit}")] == []


def test_days_outside_the_run_are_refused():
    with pytest.raises(ValueError, match="expected within 0 to 1099"):
        answers(run_of(UNITS, DAYS), last=DAYS)

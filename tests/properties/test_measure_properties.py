"""What holds for the measures on every docket."""

from datetime import date, timedelta
from itertools import pairwise, product

import duckdb
import numpy as np
import polars as pl
from ended_case import COLUMNS as OF_ENDINGS
from ended_case import of_endings, until
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from opendocket.estimate.shares import proportion
from opendocket.estimate.suppression import suppressed, suppressed_pairs, suppressed_parts
from opendocket.measure.attendance import ORDERS, absence
from opendocket.measure.clocks import CLOCKS
from opendocket.measure.counsel import counsel
from opendocket.measure.courts import by_court
from opendocket.measure.outcomes import OUTCOMES, endings
from opendocket.measure.population import DOCKETS, FRAME
from opendocket.measure.population import frozen as query_of
from opendocket.measure.promise import AT_RISK_AT_LEAST, kept_promise, pace

DAY_0, LAST = date(2022, 1, 1), 400
DECISIONS = ["relief", "protection", "removal", "in absentia", "voluntary departure", "other"]
CLOSURES = ["no nta", "administrative closure"]


def on(day):
    return None if day is None else DAY_0 + timedelta(days=day)


@st.composite
def people(draw):
    """Draw one case; few days and families, so that ties and large families are the rule."""
    received = draw(st.integers(0, 30)) * 10
    ended = draw(st.none() | st.integers(-1, 10))
    ended = None if ended is None or received + 10 * ended > LAST else received + 10 * ended
    outcome = None if ended is None else draw(st.sampled_from(DECISIONS + CLOSURES))
    decision, decided = (outcome, ended) if outcome in DECISIONS else (None, None)
    if outcome in CLOSURES and draw(st.booleans()) and ended < LAST:
        decision, decided = draw(st.sampled_from(DECISIONS)), LAST
    undone = decision == "in absentia" and draw(st.booleans())
    hearing = draw(st.none() | st.integers(0, 12))
    counsel_day = draw(st.none() | st.integers(-1, 12))
    return {
        "lead_case_id": draw(st.integers(0, 11)),
        "court_code": draw(st.sampled_from(["BOS", "MIA", "NYC", "SEA", None])),
        "custody_code": draw(st.sampled_from(["N", "R", "D", None])),
        "nta_date": on(received - 20),
        "received_date": on(received),
        "first_hearing_date": known(received, hearing),
        "first_master_date": known(received, hearing),
        "counsel_date": known(received, counsel_day),
        "first_outcome": outcome,
        "first_outcome_date": on(ended),
        "is_decided": outcome in DECISIONS,
        "first_decision": decision,
        "first_decision_date": on(decided),
        "rescinded_date": on(min(LAST, decided + 10)) if undone else None,
        "is_pending": outcome is None or undone,
    }


def known(received, tens):
    return None if tens is None or received + 10 * tens > LAST else on(received + 10 * tens)


DATES = (
    "nta_date", "received_date", "first_hearing_date", "first_master_date", "counsel_date",
    "first_outcome_date", "first_decision_date", "rescinded_date",
)  # fmt: skip
TEXTS = ("court_code", "custody_code", "first_outcome", "first_decision")
SCHEMA = dict.fromkeys(DATES, pl.Date) | dict.fromkeys(TEXTS, pl.String)
AS_OF = on(LAST)


def as_frame(rows):
    return pl.DataFrame(rows, schema_overrides=SCHEMA)


dockets = (
    st.lists(people(), min_size=14, max_size=36)
    .map(as_frame)
    .filter(lambda frame: frame["lead_case_id"].n_unique() >= 6)
)
timed = dockets.filter(
    lambda frame: (
        frame.filter(
            pl.col("first_outcome_date").fill_null(AS_OF) >= pl.col("first_master_date")
        )["lead_case_id"].n_unique()
        >= 5
    )
)
quick = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@quick
@given(timed, st.sampled_from(sorted(CLOCKS)))
def test_decided_closed_and_not_yet_add_up_and_every_case_is_accounted_for(frame, clock):
    kept = kept_promise(frame, clock, as_of=AS_OF)

    total = kept.curves.share.sum(axis=0) + kept.curves.pending_share
    np.testing.assert_allclose(total, 1, atol=1e-12)
    assert kept.decided.n + sum(kept.excluded.values()) == len(frame)
    assert 0 <= kept.closed_in_time <= kept.closed <= kept.decided.n
    assert 0 <= kept.closed_with_notice_in_time <= kept.closed_with_notice <= kept.closed
    assert kept.closed_with_notice_in_time <= kept.closed_in_time
    assert kept.decided_count <= kept.closed
    assert kept.day <= 300


@quick
@given(timed)
def test_no_curve_falls_and_none_goes_on_where_few_are_left(frame):
    found = absence(frame, as_of=AS_OF)
    curves = [
        kept_promise(frame, "receipt", as_of=AS_OF).curves,
        pace(frame, "any", as_of=AS_OF).curves,
        endings(frame, as_of=AS_OF).curves,
        *(c for c in (found.since_hearing, found.undone) if c is not None),
    ]

    for one in curves:
        assert (np.diff(one.share, axis=1) >= 0).all()
        assert (one.lower <= one.share + 1e-12).all()
        assert (one.share <= one.upper + 1e-12).all()
        assert (one.at_risk[1:][one.days[1:] < 300] >= AT_RISK_AT_LEAST).all()


@quick
@given(timed)
def test_outcomes_and_pending_add_up_to_everybody_timed(frame):
    found = endings(frame, as_of=AS_OF)

    assert sum(found.counts.values()) + sum(found.excluded.values()) == len(frame)
    total = found.curves.share.sum(axis=0) + found.curves.pending_share
    np.testing.assert_allclose(total, 1, atol=1e-12)
    assert {*found.counts} | {*found.folded} == {*OUTCOMES, "still pending"}
    shown = [n for name, n in found.counts.items() if name not in found.withheld]
    folded_all = "other" in found.counts and len(found.counts) == 2
    assert folded_all or not any(0 < n < 11 for n in shown)
    assert len(found.withheld) != 1


@quick
@given(dockets)
def test_the_wider_the_denominator_the_smaller_the_share(frame):
    """Orders are first decisions, those are of cases closed, and those of cases begun."""
    found = absence(frame, as_of=AS_OF)

    told = {denominator.name: p for denominator, p in found.shares}
    nested = ["removal orders", "first decisions", "closed cases", "all cases begun"]
    chain = [told[name] for name in nested if name in told]
    for narrow, wide in pairwise(chain):
        assert narrow.n <= wide.n
        assert narrow.share >= wide.share
    assert {p.count for p in chain} == {found.orders}
    assert told["all cases begun"].n == len(frame)
    if found.rescinded is not None:
        assert found.rescinded.n == found.orders


@quick
@given(dockets)
def test_the_states_of_counsel_add_up_and_only_ever_move_forward(frame):
    found = counsel(frame, as_of=AS_OF)

    share = found.states.share
    np.testing.assert_allclose(share.sum(axis=0), 1, atol=1e-12)
    assert (share >= -1e-12).all()
    assert (np.diff(share[0]) <= 1e-12).all(), "nobody goes back to being alone"
    assert (np.diff(share[2:], axis=1) >= -1e-12).all(), "nobody comes back from an ending"
    assert (np.diff(found.states.at_risk) <= 0).all()
    assert found.states.n + found.excluded == len(frame)
    closed = 0 if found.closed is None else found.closed.n
    assert closed + frame["first_outcome"].is_null().sum() + found.excluded == len(frame)


def measured(frame):
    """Give everything measured, as plain numbers."""
    found, told = absence(frame, as_of=AS_OF), counsel(frame, as_of=AS_OF)
    ends, speed = endings(frame, as_of=AS_OF), pace(frame, "any", as_of=AS_OF)
    kept = kept_promise(frame, "receipt", as_of=AS_OF)
    return [
        (kept.decided, kept.otherwise, kept.closed_in_time, kept.closed),
        (ends.counts, ends.protection, ends.folded, ends.curves.share.tolist()),
        (speed.median, speed.pending),
        ([p for _, p in found.shares], found.rescinded, found.not_heard),
        (told.states.share.tolist(), told.at_landmarks, told.pending_now, told.ordered),
        by_court(frame.with_columns(first_master_date=None), as_of=AS_OF),
    ]


@settings(quick, max_examples=15)
@given(timed, st.randoms(use_true_random=False))
def test_the_order_of_cases_does_not_matter(frame, random):
    order = random.sample(range(len(frame)), len(frame))

    assert measured(frame[order]) == measured(frame)


@settings(quick, max_examples=15)
@given(timed)
def test_what_the_families_are_called_does_not_matter(frame):
    renamed = frame.with_columns(lead_case_id=10**12 - 7 * pl.col("lead_case_id"))

    for ours, theirs in zip(measured(renamed)[3:5], measured(frame)[3:5], strict=True):
        assert ours == theirs


groups = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=60)


@given(groups)
def test_a_share_lies_inside_its_interval_and_its_complement_mirrors_it(group):
    is_so, family = (np.array(column) for column in zip(*group, strict=True))

    found, other = proportion(is_so, family), proportion(~is_so, family)

    assert 0 <= found.lower <= found.share <= found.upper <= 1
    assert found.lower < found.upper, "nothing is certain"
    mirrored = (1 - other.upper, 1 - other.share, 1 - other.lower)
    np.testing.assert_allclose((found.lower, found.share, found.upper), mirrored, atol=1e-9)
    assert (found.count + other.count, found.n) == (found.n, len(is_so))


# Freezing: a release made on a day, and a later one read as of that day, say the same

CASE = {
    "case_id": "bigint", "lead_case_id": "bigint", "case_type_code": "varchar",
    "has_proceeding": "boolean", "custody_code": "varchar", "court_code": "varchar",
    "is_tagged": "boolean", "is_at_dedicated_location": "boolean", "is_dedicated": "boolean",
    "dedicated_location_date": "date", "dedicated_location_code": "varchar",
    "nta_date": "date", "received_date": "date", "first_hearing_date": "date",
    "first_master_date": "date", "asylum_filed_date": "date", "is_asylum_granted": "boolean",
    "asylum_granted_date": "date", "counsel_date": "date", **OF_ENDINGS,
}  # fmt: skip
ENDING = {
    "case_id": "bigint", "ending_count": "integer", "completed_date": "date",
    "outcome": "varchar", "is_decision": "boolean", "is_undone": "boolean",
    "undone_date": "date", "until_date": "date",
}  # fmt: skip

days = st.none() | st.integers(0, 40)


@st.composite
def records(draw):
    """Draw what a whole release says of one case: days, and endings one after the other."""
    tagged, located = draw(st.booleans()), draw(st.booleans())
    case = {
        "case_type_code": "RMV",
        "has_proceeding": True,
        "custody_code": "N",
        "court_code": "BOS",
        "is_tagged": tagged,
        "is_at_dedicated_location": located,
        "is_dedicated": tagged and located,
        "dedicated_location_date": on(draw(st.integers(0, 40))) if located else None,
        "dedicated_location_code": "BDD" if located else None,
        "received_date": on(draw(st.integers(0, 20))),
        "nta_date": on(draw(days)),
        "first_hearing_date": on(draw(days)),
        "first_master_date": on(draw(days)),
        "asylum_filed_date": on(draw(days)),
        "counsel_date": on(draw(days)),
        "asylum_granted_date": on(draw(days)),
    }
    case["is_asylum_granted"] = case["asylum_granted_date"] is not None
    ends, day = [], 0
    for _ in range(draw(st.integers(0, 3))):
        day += draw(st.integers(0, 9))
        completed, day = day, day + draw(st.integers(0, 9))
        outcome = draw(st.sampled_from(DECISIONS + CLOSURES))
        undone = draw(st.booleans())
        ends.append(
            {
                "ending_count": len(ends) + 1,
                "completed_date": on(completed),
                "outcome": outcome,
                "is_decision": outcome in DECISIONS,
                "is_undone": undone,
                "undone_date": on(day) if undone else None,
            }
        )
        if not undone:
            break
    return case, ends


def as_released_on(day, case, ends):
    """Take away all that had not happened, as a release made on that day would not hold it."""
    case = {
        name: None if isinstance(value, date) and value > day else value
        for name, value in case.items()
    }
    if case["dedicated_location_date"] is None:
        case |= {
            "is_at_dedicated_location": False,
            "is_dedicated": False,
            "dedicated_location_code": None,
        }
    case["is_asylum_granted"] = case["asylum_granted_date"] is not None
    happened = [end for end in ends if end["completed_date"] <= day]
    return case, [
        end
        if end["undone_date"] is None or end["undone_date"] <= day
        else end | {"is_undone": False, "undone_date": None}
        for end in happened
    ]


def frozen(rows, docket, as_of):
    with duckdb.connect() as con:
        for table, columns in (("case", CASE), ("decision", ENDING)):
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            con.execute(f"create table out_docket__{table} ({listed})")
        for n, (case, ends) in enumerate(rows):
            case, ends = case | of_endings(ends), [e | {"until_date": until(e)} for e in ends]
            for table, columns, parts in (("case", CASE, [case]), ("decision", ENDING, ends)):
                for part in parts:
                    whole = {"case_id": n, "lead_case_id": n} | part
                    con.execute(
                        f"insert into out_docket__{table} values "
                        f"({', '.join('?' for _ in columns)})",
                        [whole.get(name) for name in columns],
                    )
        query = query_of(FRAME, condition=DOCKETS[docket]) + "order by c.case_id"
        found = con.execute(query, {"as_of": as_of})
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@settings(quick, max_examples=25)
@given(
    st.lists(records(), min_size=1, max_size=4),
    st.sampled_from(["dedicated", "misplaced", "ordinary", "tagged"]),
    st.integers(0, 45),
)
def test_frozen_on_a_day_the_docket_says_what_a_release_of_that_day_would(rows, docket, day):
    then = [as_released_on(on(day), *row) for row in rows]

    assert frozen(rows, docket, on(day)) == frozen(then, docket, on(60))


@settings(quick, max_examples=25)
@given(st.lists(records(), min_size=1, max_size=4), st.integers(0, 40), st.integers(0, 20))
def test_what_is_known_on_a_day_is_still_so_on_a_later_one(rows, day, more):
    early, late = (
        {row["case_id"]: row for row in frozen(rows, "tagged", on(d))}
        for d in (day, day + more)
    )

    assert set(early) <= set(late)
    for number, row in early.items():
        for name, value in row.items():
            if name == "is_pending" or value in (None, False):
                continue
            assert late[number][name] == value
            assert not isinstance(value, date) or value <= on(day)


# Suppression: a reader who tries every table that might lie behind what is published

SMALL = 4
"""A small threshold, so that every table can be tried."""


def published(counts):
    hidden = suppressed_parts(counts, SMALL)
    return tuple(None if hide else count for count, hide in zip(counts, hidden, strict=True))


def tables_that_fit(shown, total):
    """Give every table with this total of which this much would be shown."""
    left = total - sum(count for count in shown if count is not None)
    gaps = [at for at, count in enumerate(shown) if count is None]
    for tried in product(range(left + 1), repeat=max(0, len(gaps) - 1)):
        last = left - sum(tried)
        if last >= 0:
            table = list(shown)
            for at, count in zip(gaps, (*tried, last), strict=True):
                table[at] = count
            if published(table) == shown:
                yield table


@settings(deadline=None)
@given(st.lists(st.integers(0, 3) | st.integers(0, 9), min_size=2, max_size=4))
def test_no_small_part_follows_from_what_is_shown_for_a_reader_who_knows_the_rule(counts):
    assume(sum(counts) >= 2 * SMALL)
    shown = published(counts)
    assume(None in shown)

    fitting = list(tables_that_fit(shown, sum(counts)))

    assert counts in fitting
    for at, count in enumerate(counts):
        if shown[at] is None and count < SMALL:
            assert len({table[at] for table in fitting}) > 1


@given(st.lists(st.integers(0, 12) | st.integers(0, 500), max_size=12))
def test_every_small_part_is_held_back_and_what_is_held_back_is_no_small_sum(counts):
    hidden = suppressed_parts(counts)

    held = [count for count, hide in zip(counts, hidden, strict=True) if hide]
    assert not any(0 < n < 11 and not h for n, h in zip(counts, hidden, strict=True))
    assert 0 not in held
    if held and any(n and not h for n, h in zip(counts, hidden, strict=True)):
        assert len(held) >= 2
        assert sum(held) >= 11


rows_of_pairs = st.lists(
    st.integers(2, 14).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=4,
)


@settings(deadline=None)
@given(rows_of_pairs)
def test_no_small_count_of_a_known_total_follows_from_the_counts_shown(rows):
    """The reader solves for the hidden: whole numbers, neither none nor all, of a known sum."""
    counts, totals = zip(*rows, strict=True)
    hidden = suppressed_pairs(counts, totals, threshold=SMALL)
    gaps = [at for at, hide in enumerate(hidden) if hide]
    for (count, total), hide in zip(rows, hidden, strict=True):
        assert hide or not (0 < count < SMALL or 0 < total - count < SMALL)
    assume(gaps)
    assume(not all(hidden))

    left = sum(counts[at] for at in gaps)
    mixed = [0 < counts[at] < totals[at] for at in gaps]  # none and all may be known
    spans = [
        range(1, totals[at]) if mix else range(totals[at] + 1)
        for at, mix in zip(gaps, mixed, strict=True)
    ]
    fitting = [tried for tried in product(*spans) if sum(tried) == left]
    for where, at in enumerate(gaps):
        if mixed[where] and min(counts[at], totals[at] - counts[at]) < SMALL:
            values = {tried[where] for tried in fitting}
            assert len(values) >= min(len(spans[where]), SMALL - 1)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.booleans())
def test_a_table_shows_nothing_that_follows_from_a_count_it_holds_back(counts, by_total):
    frame = pl.DataFrame(
        {"n": counts, "of": [n + 30 for n in counts], "share": [n / (n + 30) for n in counts]}
    )

    table = suppressed(frame, "n", hide=["share"], total="of" if by_total else None)

    assert table["share"].is_null().to_list() == table["n"].is_null().to_list()
    assert table["is_suppressed"].to_list() == table["n"].is_null().to_list()
    for before, after in zip(counts, table["n"], strict=True):
        assert after in (None, before)
        assert after is None or not 0 < after < 11


@settings(quick, max_examples=25)
@given(timed)
def test_courts_held_back_do_not_follow_from_the_docket_s_own_totals(frame):
    found = by_court(frame.filter(pl.col("court_code").is_not_null()), as_of=AS_OF)
    sizes = dict(frame["court_code"].value_counts().drop_nulls().iter_rows())
    orders = dict(
        frame.group_by("court_code")
        .agg(pl.col("first_decision").is_in(ORDERS).sum())
        .iter_rows()
    )

    assert {court.code for court in found} == set(sizes)
    held = [court.code for court in found if court.is_suppressed]
    for court in found:
        assert court.n == (0 if court.is_suppressed else sizes[court.code])
        assert not (court.is_suppressed and (court.kept or court.ordered))
        assert court.is_suppressed or court.n >= 11
        if court.ordered is not None:
            for part in (court.ordered.count, court.n - court.ordered.count):
                assert not 0 < part < 11
        if court.kept is not None:
            for part in (
                court.kept.decided_count,
                court.kept.decided.n - court.kept.decided_count,
            ):
                assert not 0 < part < 11
    if 0 < len(held) < len(found):
        assert len(held) > 1
        assert sum(sizes[code] for code in held) >= 11
    unsaid = [court.code for court in found if court.ordered is None]
    if 0 < len(unsaid) < len(found):
        for part in (orders, {code: n - orders[code] for code, n in sizes.items()}):
            assert not 0 < sum(part[code] for code in unsaid) < 11

"""Answers by name: every row stands alone, is of its day, and is what plain SQL counts."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from opendocket.docket import open_docket
from opendocket.errors import BadCut, DateOutOfRange, NothingToShow, UnknownName
from opendocket.measure.answers import answer
from opendocket.measure.catalogue import MEASURES
from opendocket.measure.contrasting import _followed, contrast
from opendocket.measure.estimators import Own, Timed

AUTUMN = date(2022, 9, 30)
TOO_FEW_HERE = {"grant-rate-dispersion"}
"""Asks for judges with more decisions than any has in so small a docket."""
CASES = [(name, d.name) for name, each in MEASURES.items() for d in each.definitions]
GROUPED = [
    (name, each)
    for name, each in CASES
    if (d := MEASURES[name].defined(each)[0].estimator)
    and not (isinstance(d, Own) and not d.is_by_group)
]


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


def asked(docket, name, **choices):
    """Answer, or an empty frame where the small docket has nobody to ask of."""
    try:
        return answer(docket, name, **choices)
    except NothingToShow:
        return pl.DataFrame()


@pytest.mark.parametrize(("name", "definition"), CASES)
def test_every_definition_answers_and_every_row_says_of_what_and_when(docket, name, definition):
    if name in TOO_FEW_HERE:
        with pytest.raises(NothingToShow, match="or more families"):
            answer(docket, name, definition=definition)
        return
    frame = answer(docket, name, definition=definition)
    measure = MEASURES[name]

    assert len(frame) > 0
    unit = measure.unit
    assert {"definition", measure.estimate, f"lower_{unit}", f"upper_{unit}", "as_of_date",
            "is_suppressed", "is_synthetic"} <= set(frame.columns)  # fmt: skip
    assert any(column.endswith("_count") for column in frame.columns)
    assert set(frame["definition"]) == {definition}
    assert set(frame["as_of_date"]) == {docket.as_of}
    known = frame.drop_nulls([measure.estimate, f"lower_{unit}", f"upper_{unit}"])
    low, value, high = (
        known[c].cast(pl.Float64) for c in (f"lower_{unit}", measure.estimate, f"upper_{unit}")
    )
    assert (low <= value + 1e-9).all()
    assert (value <= high + 1e-9).all()
    if unit == "share":
        assert value.is_between(0, 1).all()


@pytest.mark.parametrize(("name", "definition"), GROUPED)
def test_every_definition_can_be_cut_grouped_and_frozen(docket, name, definition):
    frame = asked(
        docket, name, definition=definition, by=("court",), where={"docket": "dedicated"},
        as_of=AUTUMN,
    )  # fmt: skip

    if len(frame):
        assert "court" in frame.columns
        assert set(frame["as_of_date"]) == {AUTUMN}


@pytest.mark.parametrize(("name", "definition"), GROUPED)
def test_nothing_small_is_shown(docket, name, definition):
    frame = asked(docket, name, definition=definition, by=("court", "nationality"))
    people = [c for c in frame.columns if c.endswith("_count") and "judge" not in c]
    counts = [c for c in people if c != "family_count"]

    for column in counts:
        if frame[column].dtype.is_numeric() and not column.startswith(("lower", "upper")):
            known = frame[column].drop_nulls()
            small = known.filter((known > 0) & (known < 11))
            assert len(small) == 0, column


def test_the_count_of_an_answer_is_what_plain_sql_counts_on_the_day(docket):
    frame = answer(
        docket, "in-absentia", definition="eagly-shafer", where={"docket": "tagged"},
        by="court", as_of=AUTUMN, suppress=False,
    )  # fmt: skip

    rows = docket.con.execute(
        """
        select
            c.court_code,
            count(distinct c.case_id),
            count(distinct c.case_id) filter (
                d.outcome = 'in absentia' and d.completed_date <= date '2022-09-30'
                and not exists (
                    from out_docket__decision as e
                    where e.case_id = d.case_id and e.is_decision
                        and e.ending_count < d.ending_count
                )
            )
        from out_docket__case as c
        left join out_docket__decision as d on d.case_id = c.case_id and d.is_decision
        where c.is_tagged and c.received_date <= date '2022-09-30'
        group by 1
        """
    ).fetchall()
    found = frame.select("court", "case_count", "in_absentia_count").rows()
    assert sorted(found) == sorted(rows)


def test_groups_add_up_to_the_whole(docket):
    whole = answer(docket, "in-absentia", suppress=False)
    parts = answer(docket, "in-absentia", by=("court", "year"), suppress=False)

    assert parts["case_count"].sum() == whole["case_count"][0]
    assert parts["in_absentia_count"].sum() == whole["in_absentia_count"][0]


def test_shares_over_time_and_what_is_not_yet_add_up_to_one_each_day(docket):
    frame = answer(docket, "in-absentia", definition="incidence", by="docket", suppress=False)
    share = pl.col("in_absentia_share")
    sums = frame.group_by("docket", "days").agg(share.sum(), share.null_count().alias("no"))

    known = sums.filter(pl.col("no") == 0)["in_absentia_share"]
    assert len(known) > 5
    assert ((known - 1).abs() < 1e-9).all()


def test_all_definitions_stand_beside_each_other(docket):
    frame = answer(docket, "in-absentia", definition="all")

    assert set(frame["definition"]) == {d.name for d in MEASURES["in-absentia"].definitions}


def test_days_can_be_chosen(docket):
    frame = answer(docket, "in-absentia", definition="incidence", days=(30, 400))

    assert set(frame["days"]) == {30, 400}


@pytest.mark.parametrize(
    ("choices", "error"),
    [
        ({"as_of": date(1900, 1, 1)}, DateOutOfRange),
        ({"as_of": date(2030, 1, 1)}, DateOutOfRange),
        ({"definition": "trak"}, UnknownName),
        ({"days": (-1,)}, BadCut),
        ({"by": "judge"}, UnknownName),
        ({"where": {"docket": "dedicated", "year": "1950"}}, NothingToShow),
    ],
)
def test_what_cannot_be_asked_is_refused(docket, choices, error):
    with pytest.raises(error):
        answer(docket, "in-absentia", **choices)


def test_a_measure_that_there_is_not_is_refused_with_its_likeness(docket):
    with pytest.raises(UnknownName, match="perhaps in-absentia"):
        answer(docket, "absentia")


# Two groups side by side


def test_a_difference_is_that_of_the_two_answers(docket):
    both = [
        answer(docket, "in-absentia", where={"docket": name})
        for name in ("dedicated", "ordinary")
    ]
    apart = contrast(
        docket, "in-absentia", {"docket": "ordinary"}, where={"docket": "dedicated"}
    )

    first, second = (frame["in_absentia_share"][0] for frame in both)
    assert apart["difference_share"][0] == pytest.approx(first - second, abs=1e-12)
    assert apart["lower_share"][0] < first - second < apart["upper_share"][0]
    assert apart["first_counted_count"][0] == both[0]["case_count"][0]


def test_an_adjusted_share_is_the_strata_weighed_as_in_the_first_group(docket):
    apart = contrast(
        docket, "in-absentia", {"docket": "ordinary"}, where={"docket": "dedicated"},
        adjusted_by="court",
    )  # fmt: skip
    plain, adjusted = apart.sort("adjusted_by", descending=True).to_dicts()
    assert (plain["adjusted_by"], adjusted["adjusted_by"]) == ("nothing", "court")

    rows = docket.con.execute(
        """
        with one as (
            select
                court_code as court,
                case
                    when is_dedicated then 'first'
                    when case_type_code = 'RMV' and not is_tagged
                        and not is_at_dedicated_location
                        and custody_code is distinct from 'D' then 'second'
                end as side,
                count(*) as n,
                count(*) filter (first_decision = 'in absentia') as absent
            from out_docket__case
            where first_decision is not null and received_date is not null
            group by all
        )
        select a.n, b.n, b.absent
        from one as a
        join one as b using (court)
        where a.side = 'first' and b.side = 'second'
        """
    ).fetchall()
    weight = sum(n for n, _, _ in rows)
    standardised = sum(n / weight * absent / of for n, of, absent in rows)

    assert adjusted["second_in_absentia_share"] == pytest.approx(standardised, abs=1e-12)


def test_groups_that_share_cases_are_no_comparison(docket):
    with pytest.raises(BadCut, match="in both"):
        contrast(docket, "in-absentia", {"docket": "all"}, where={"docket": "dedicated"})
    with pytest.raises(BadCut, match="this one"):
        contrast(docket, "in-absentia", {}, where={"docket": "dedicated"})


def test_what_is_no_share_cannot_be_adjusted_nor_contrasted_in_a_third_way(docket):
    with pytest.raises(BadCut, match="no kind"):
        contrast(docket, "in-absentia", {"court": "BOS"}, where={"court": "MIA"}, kind="sum")
    with pytest.raises(BadCut, match="without groups"):
        contrast(
            docket, "in-absentia", {"court": "BOS"}, where={"court": "MIA"}, by="year",
            adjusted_by="nationality",
        )  # fmt: skip


def test_strata_are_kept_whatever_came_of_their_cases():
    """Two strata: in one all had ended by day 60, in the other half are watched beyond."""
    days = np.array([10, 20, 60, 100, 400, 400])
    code = np.array([1, 1, 2, 1, 0, 0])
    timed = Timed(days, code, np.arange(6), None, pl.DataFrame())

    assert _followed(timed, np.array([0, 0, 0, 1, 1, 1]), 300) == {0, 1}
    assert _followed(timed, np.array([0, 0, 0, 1, 1, 1]), 401) == {0}


def test_periods_that_overlap_are_no_comparison(docket):
    with pytest.raises(BadCut, match="in both"):
        contrast(docket, "in-absentia", {"year": "2019"}, where={"year": "2018..2020"})
    apart = contrast(docket, "in-absentia", {"year": "2019"}, where={"year": "2023"})
    assert len(apart) == 1


def test_an_adjusted_row_is_held_back_where_the_unadjusted_is(docket):
    apart = contrast(
        docket, "outcomes", {"court": "MIA"}, where={"court": "BOS", "docket": "dedicated"},
        definition="closed-only", adjusted_by="custody",
    )  # fmt: skip
    for _, part in apart.group_by("outcome"):
        plain = part.filter(adjusted_by="nothing")["is_suppressed"].item()
        adjusted = part.filter(pl.col("adjusted_by") != "nothing")
        if plain:
            assert adjusted["difference_share"].null_count() == len(adjusted)
    assert apart["is_suppressed"].null_count() == 0


def test_days_that_no_definition_reads_are_refused(docket):
    with pytest.raises(BadCut, match="not read at days"):
        answer(docket, "received", days=(90,))
    with pytest.raises(BadCut, match="no day of a case"):
        answer(docket, "outcomes", days=(10**20,))


def test_a_span_of_receipt_is_no_cut_of_what_the_notice_dates(docket):
    with pytest.raises(BadCut, match="span of receipt"):
        answer(docket, "late-docketing", where={"received": "2022-06-01..2022-07-15"})


def test_a_period_that_the_day_cuts_short_is_marked(docket):
    years = answer(docket, "completed", by="year", where={"year": "2024..2026"})

    assert years["is_incomplete"].to_list() == [False, False, True]
    assert "is_incomplete" not in answer(docket, "completed").columns


def test_a_day_may_be_written(docket):
    assert answer(docket, "pending", as_of="2022-09-30")["as_of_date"][0] == AUTUMN
    with pytest.raises(BadCut, match="no such day"):
        answer(docket, "pending", as_of="September 2022")

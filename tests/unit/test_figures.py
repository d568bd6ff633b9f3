"""The published figures: each measured or excused, read as they were printed."""

import re
from dataclasses import replace
from datetime import date

import duckdb
import polars as pl
import pytest

from opendocket.errors import NothingToShow, UnknownName
from opendocket.figures import TARGETS, compare, every_target, figures_called, how_answered
from opendocket.figures.answers import Answer
from opendocket.figures.comparison import Comparison
from opendocket.figures.coverage import reasons, targets_of
from opendocket.figures.held import Held, Reading, Scale
from opendocket.figures.predecessors import ABSENT, DECIDED, MISSED, Group, group_share
from opendocket.figures.published import all_published, published
from opendocket.figures.record import FIELDS, beside, rows
from opendocket.figures.stocks import median_days
from opendocket.figures.whole import of_that_release

IDS = all_published()
FURTHER = [target for target in every_target() if target not in TARGETS]
DERIVED = {
    "A13": {14_000},  # the middle of 12,000 to 16,000
    "A52": {365},  # about one year
}


@pytest.mark.parametrize("id", IDS)
def test_a_published_figure_is_measured_or_has_a_reason_and_never_both(id):
    is_measured = any(target.figures and id in target.figures for target in every_target())

    assert is_measured != (id in reasons())
    assert how_answered(id)


def test_every_line_of_the_reasons_names_figures_that_there_are_and_no_figure_twice():
    from importlib.resources import files

    text = (files("opendocket.figures") / "unanswerable.csv").read_text("utf-8")
    named = [line.partition(",")[0] for line in text.splitlines()[1:]]
    named = [name.strip('"') for name in named]
    covered = [id for name in named for id in IDS if id == name or id.startswith(f"{name}-")]

    assert sorted(covered) == sorted(reasons())
    assert set(covered) <= set(IDS)


@pytest.mark.parametrize("target", every_target(), ids=lambda t: f"{t.figures[0]} {t.what}")
def test_a_target_names_figures_that_there_are_and_says_how_near_is_near(target):
    assert set(target.figures) <= set(IDS)
    assert target.chosen
    assert target.method
    assert target.bound in ("", "at least", "at most")
    assert target.allowed > 0 or target.bound
    assert target.measure or not target.definition


def test_no_two_targets_are_of_one_figure_and_called_alike():
    called = [(target.figures, target.what) for target in every_target()]

    assert len(called) == len(set(called))


@pytest.mark.parametrize("target", FURTHER, ids=lambda t: f"{t.figures[0]} {t.what}")
def test_a_further_targets_value_stands_in_the_published_row(target):
    row = published(target.figures[0])
    text = " ".join((row.value, row.definition, row.measure, row.as_of)).replace(",", "")
    value = 100 * target.value if target.is_share else target.value
    number = f"{value:.10g}"

    if value not in DERIVED.get(target.figures[0], ()):
        thousands = number.removesuffix("000") + "k"
        millions = f"{value / 1e6:g}m"
        wanted = "|".join(re.escape(n) for n in (number, thousands, millions))
        assert re.search(rf"(?<![\d.])({wanted})(?![\d])", text), (number, text)


def test_the_days_of_a_series_are_those_in_its_ids():
    for target in every_target():
        found = re.match(r"B0[1-9]b?-(\d{4})(-(\d\d))?$", target.figures[0])
        if found and found[3]:
            assert (target.as_of.year, target.as_of.month) == (int(found[1]), int(found[3]))
        elif found:
            assert target.as_of == date(int(found[1]), 9, 30)


def test_a_negative_figure_is_read_as_one_and_a_range_is_not():
    assert published("B04-2016").numbers() == (-23_535.0,)
    assert published("D15").numbers() == (17.0, 93.5)


def test_a_figure_is_found_by_id_or_series_in_any_case_and_each_once():
    found = [figure.id for figure in figures_called("d02", "A45", "a45")]

    assert found == ["A45", "D02-FY2012", "D02-FY2019"]


@pytest.mark.parametrize("name", ["A4", "A99", "", "B01-1900", "nonsense"])
def test_an_unknown_figure_is_refused_with_names_that_there_are(name):
    with pytest.raises(UnknownName) as raised:
        figures_called(name)

    assert raised.value.near
    assert all(figures_called(near) for near in raised.value.near)


def target_of(value, bound, *, is_share=False):
    read = lambda held, as_of: Reading(50.0)  # noqa: E731
    like = replace(TARGETS[0], value=value, read=read, bound=bound, is_share=is_share)
    return replace(like, tolerance=0.0)


@pytest.fixture
def empty():
    con = duckdb.connect()
    con.execute(
        "create table out_load__release as"
        " select date '2026-06-30' as as_of_date, false as is_synthetic"
    )
    return con


@pytest.mark.parametrize(
    ("value", "bound", "verdict"),
    [
        (50, "at least", "within"), (49, "at least", "within"), (51, "at least", "outside"),
        (50, "at most", "within"), (51, "at most", "within"), (49, "at most", "outside"),
    ],
)  # fmt: skip
def test_a_bound_is_kept_on_one_side_only(empty, value, bound, verdict):
    (found,) = compare(empty, targets=[target_of(value, bound)])

    assert found.verdict == verdict
    assert found.target.written_tolerance(found.tolerance) == bound


def test_a_figure_of_one_months_release_is_read_from_no_later_one(empty):
    read = of_that_release(lambda held, as_of: Reading(1.0))
    held = Held(empty, Scale(1, 1), date(2026, 8, 31))

    assert read(held, date(2026, 7, 31)).value == 1
    with pytest.raises(NothingToShow, match="release that ends on 2026-06-30"):
        read(held, date(2026, 6, 30))


def test_a_docket_is_asked_once_for_what_two_figures_need(empty):
    held = Held(empty, Scale(0.5, 0.25), date(2026, 6, 30))
    query = "select random() as r, $elsewhere as weight"

    first, again = held.rows(query), held.rows(query)

    assert first is again
    assert first["weight"].to_list() == [4.0]


def test_the_median_wait_is_the_day_by_which_half_the_cases_are_reached():
    rows = pl.DataFrame({"days": [5, 100, 5, 30], "n": [1.0, 4.0, 1.0, 1.0]})

    assert median_days(rows) == 100
    assert median_days(rows.filter(pl.col("days") < 100)) == 5


def family_rows(**columns):
    day = date(2019, 1, 1)
    n = len(next(iter(columns.values())))
    frame = {
        "received_date": [day] * n,
        "first_decision": [None] * n,
        "first_decision_date": [None] * n,
        "counsel_date": [None] * n,
        "first_hearing_date": [day] * n,
        "n": [1.0] * n,
    } | columns
    dates = [name for name in frame if name.endswith("_date")]
    kinds = dict.fromkeys(dates, pl.Date) | {"first_decision": pl.String}
    return pl.DataFrame(frame, schema_overrides=kinds)


class Given(Held):
    def rows(self, query, **parameters):
        return FAMILIES


FAMILIES = family_rows(
    first_decision=["in absentia", "in absentia", "relief", None],
    first_decision_date=[date(2019, 1, 1), date(2019, 5, 1), date(2019, 4, 1), None],
)
FAMILY_UNITS = Group((), date(2018, 9, 1), date(2019, 6, 30))


@pytest.mark.parametrize(
    ("as_of", "is_so", "among", "share"),
    [
        # two of three decided by July were in absentia, all of one by January
        (date(2019, 7, 1), ABSENT, DECIDED, 2 / 3),
        (date(2019, 1, 31), ABSENT, DECIDED, 1.0),
        # an order of May is not known in January, whoever it is counted among
        (date(2019, 1, 31), ABSENT.fill_null(False), pl.lit(True), 1 / 4),
        # one was ordered removed on the day of its first hearing, one in May
        (date(2019, 7, 1), MISSED.fill_null(False), pl.lit(True), 1 / 4),
    ],
)
def test_a_family_unit_is_seen_as_it_stood_on_the_day(empty, as_of, is_so, among, share):
    held = Given(empty, Scale(1, 1), as_of)

    found = group_share(FAMILY_UNITS, is_so, among)(held, as_of)

    assert found.value == pytest.approx(share)


def answer_of(small):
    target = targets_of("A20")[0]
    compared = Comparison(
        target, 13, 7, 17, "within", "counted", also=(("of them few", 4.0), ("many", 40.0)),
        small=frozenset(small),
    )  # fmt: skip
    return Answer((published("A20"),), compared, "counted")


def test_what_rests_on_few_people_is_held_back_and_its_difference_with_it():
    row = dict(zip(FIELDS, rows([answer_of({""})])[0], strict=True))

    assert (row["ours"], row["difference"], row["also"]) == (None, None, {})
    assert row["is_withheld"]
    assert row["theirs"] == 13
    # the width that chance gives it follows from the number of people
    assert row["tolerance"] == pytest.approx(0.05 * 13)


def test_a_rival_that_rests_on_few_is_held_back_alone():
    answer = answer_of({"of them few"})

    assert beside(answer) == (("many", 40.0),)
    assert dict(beside(answer, suppress=False))["of them few"] == 4
    assert not answer.is_withheld


def test_private_work_may_see_all():
    row = dict(zip(FIELDS, rows([answer_of({""})], suppress=False)[0], strict=True))

    assert (row["ours"], row["difference"]) == (7, -6)
    assert not row["is_withheld"]

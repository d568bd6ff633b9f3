"""Findings say what was measured, with counts, intervals, days and caveats; no small cell."""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendocket.docket import open_docket
from opendocket.docket.load import load_release
from opendocket.errors import DateOutOfRange, NothingToShow
from opendocket.estimate.suppression import THRESHOLD
from opendocket.figures import published
from opendocket.findings import Section, Sentence, Table, dedicated_docket, theme
from opendocket.findings.dedicated_docket import IN_BRIEF, QUESTIONS
from opendocket.measure.clocks import CLOCKS
from opendocket.synthetic import synthesize

ROOT = Path(__file__).parents[2]
DAYS = (date(2021, 12, 31), date(2022, 9, 30), None)


@pytest.fixture(scope="module", params=DAYS, ids=str)
def findings(small_docket, request):
    with open_docket(small_docket) as docket:
        yield dedicated_docket(docket, as_of=request.param)


@pytest.fixture(scope="module")
def latest(small_docket):
    with open_docket(small_docket) as docket:
        yield dedicated_docket(docket)


def sections(findings):
    return {section.slug: section for section in findings.sections}


def test_every_question_is_answered_with_a_caveat_and_a_way_to_check(findings):
    assert [s.slug for s in findings.sections] == [q.__name__ for q in QUESTIONS]
    for section in findings.sections:
        terms = {term for term, _ in section.method}
        assert section.caveats
        assert section.slug == "limits" or terms >= {
            "Population",
            "Clock",
            "Numerator",
            "Denominator",
            "Estimator",
            "Computed in",
        }


def test_every_file_that_a_method_names_is_there(latest):
    for section in latest.sections:
        for term, text in section.method:
            if term == "Computed in":
                finding, *measures = re.findall(r"[\w/]+\.py", text)
                assert (ROOT / finding).is_file()
                assert measures
                for measure in measures:
                    assert (ROOT / "src/opendocket" / measure).is_file()


def test_every_code_that_is_named_is_explained(latest):
    listed = set(sections(latest)["limits"].tables[-1].data["code"])

    assert {"A02", "A04", "A45", "D04"} <= listed


def test_every_answer_carries_its_day_and_every_brief_one_its_count_and_interval(findings):
    day = f"{findings.study.as_of.day} {findings.study.as_of:%B %Y}"
    for section in findings.sections:
        assert day in str(section.answer), section.slug
    assert len(findings.in_brief) == len(IN_BRIEF) == 3
    for sentence in findings.in_brief:
        if "too few" in str(sentence).lower():
            continue
        assert re.search(r"[\d,]+ cases", str(sentence))
        assert re.search(r"\d–[\d,]+|or more|not reached", str(sentence))


def test_slugs_are_unique_and_every_picture_is_told_in_words(findings):
    figures = [f for s in findings.sections for f in s.figures]
    tables = [t for s in findings.sections for t in s.tables]

    assert len({f.slug for f in figures}) == len(figures) >= 6
    assert len({t.slug for t in tables}) == len(tables)
    for figure in figures:
        assert len(str(figure.alt)) > 40
        assert len(figure.data) > 0


def test_the_curve_s_answer_is_the_one_in_its_numbers(latest):
    promise = sections(latest)["promise"]
    curve = promise.figures[0].data.filter(
        pl.col("ending") == "decided by a judge", pl.col("days") <= 300
    )
    whole = promise.tables[0].data.row(
        by_predicate=pl.col("clock") == "first master", named=True
    )

    assert f"{whole['decided_share']:.1%}" in str(promise.answer)
    assert curve["share"][-1] == pytest.approx(whole["decided_share"], abs=0.01)
    assert whole["decided_lower"] < whole["decided_share"] < whole["decided_upper"]
    assert set(promise.tables[0].data["clock"]) == set(CLOCKS)


def test_outcomes_and_what_is_pending_add_up_to_all_cases(latest):
    table = sections(latest)["outcomes"].tables[0].data

    shares = table["share_730_days"]
    assert shares.sum() == pytest.approx(1, abs=1e-9)
    told = re.search(r"of ([\d,]+) cases", str(sections(latest)["outcomes"].answer))
    assert table["case_count"].sum() == int(told[1].replace(",", ""))


def test_the_states_of_counsel_add_up_to_one_on_every_day(latest):
    data = sections(latest)["counsel"].figures[0].data

    sums = data.group_by("days").agg(pl.col("share").sum())["share"]
    assert sums.min() == pytest.approx(1, abs=1e-9)
    assert sums.max() == pytest.approx(1, abs=1e-9)


def test_five_denominators_divide_one_count(latest):
    table = sections(latest)["attendance"].tables[0].data

    assert len(table) == 5
    assert table["order_count"].n_unique() == 1
    for row in table.iter_rows(named=True):
        assert row["share"] == pytest.approx(row["order_count"] / row["case_count"])


def test_what_others_published_is_kept_apart_from_what_was_measured(latest):
    orders = sections(latest)["orders"]

    assert all(figure.is_published for figure in orders.figures)
    assert [t.is_published for t in orders.tables] == [False, True]
    funnel = orders.figures[0].data["person_count"].to_list()
    assert funnel == list(published("A35").numbers()) == [60_000, 11_000, 150]
    ice = orders.figures[1].data
    pairs = {
        year: tuple(
            ice.filter(pl.col("fiscal_year") == year).sort("series")["person_count"].to_list()
        )
        for year in (2019, 2020, 2021)
    }
    # the figures that the founders' brief names
    assert pairs == {
        2019: (143_099, 267_258),
        2020: (103_603, 185_884),
        2021: (74_082, 59_011),
    }
    assert "removed" not in " ".join(orders.tables[0].data["what"].to_list()).replace(
        "ordered removed", ""
    )


COUNTS = re.compile(r"(case|order|clock|counsel|at_risk|closed|pending)_count$")
PEOPLE = re.compile(r"(?<![\d,.])([1-9]|10) (?:dedicated |ordinary )?(?:cases|orders|people)\b")
FEW_DAYS = (date(2021, 11, 30), date(2021, 12, 31), date(2022, 6, 30), None)


@pytest.fixture(scope="module", params=FEW_DAYS, ids=str)
def few(few_docket, request):
    """Findings on so few cases that some cells are small on any day."""
    with open_docket(few_docket) as docket:
        yield dedicated_docket(docket, as_of=request.param)


@pytest.fixture(scope="module")
def few_docket(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few")
    made = synthesize(folder / "few.zip", cases=1_000, seed=1, dirt=0)
    return load_release(made.path, folder / "few.duckdb").path


def measured(findings):
    for section in findings.sections:
        for part in (*section.tables, *section.figures):
            if not part.is_published:
                yield part


def test_no_published_count_is_small(few):
    for part in measured(few):
        for column in filter(COUNTS.search, part.data.columns):
            counts = part.data[column].cast(pl.Int64)
            assert not counts.is_between(1, THRESHOLD - 1).any(), f"{part.slug} {column}"


def test_something_was_small_so_that_something_was_tried(few_docket):
    with open_docket(few_docket) as docket:
        found = dedicated_docket(docket, as_of=date(2021, 12, 31))

    assert any(
        "withheld" in str(table.shown.rows())
        for table in measured(found)
        if isinstance(table, Table)
    )


def test_no_sentence_tells_a_small_count(few):
    said = [
        str(text)
        for section in few.sections
        for text in (
            section.answer,
            *section.text,
            *(value for _, value in section.method),
            *(word for figure in section.figures for word in (figure.title, figure.alt)),
        )
    ]

    assert [text for text in said if PEOPLE.search(text)] == []


def test_no_point_of_a_curve_gives_back_a_small_count(few):
    """A share times the cases it is of is no count from 1 to 10, at the start of any curve."""
    of = {"promise-curve": "promise-clocks", "outcomes": None, "courts": None}
    tables = {table.slug: table.data for s in few.sections for table in s.tables}
    for section in few.sections:
        for figure in section.figures:
            if figure.slug not in of:
                continue
            data = figure.data
            if figure.slug == "courts":
                n = data["case_count"]
            elif figure.slug == "outcomes":
                n = pl.Series([data["at_risk_count"].max()] * len(data))
            else:
                n = pl.Series([tables["promise-clocks"]["case_count"][0]] * len(data))
            events = data["share"] * n
            assert not events.is_between(0.5, THRESHOLD - 1).any(), figure.slug


def test_a_day_the_docket_cannot_answer_for_is_refused(small_docket):
    with open_docket(small_docket) as docket:
        with pytest.raises(DateOutOfRange, match="expected a date from 2021-05-28"):
            dedicated_docket(docket, as_of=date(2021, 5, 27))
        with pytest.raises(DateOutOfRange):
            dedicated_docket(docket, as_of=date(2026, 7, 1))
        with pytest.raises(NothingToShow):
            dedicated_docket(docket, as_of=date(2021, 5, 28))
        with pytest.raises(NothingToShow, match="expected at least 50 cases in 20 families"):
            dedicated_docket(docket, as_of=date(2021, 6, 10))


def test_a_claim_without_a_caveat_is_refused():
    with pytest.raises(ValueError, match="no caveat"):
        Section("x", "Why?", Sentence("So."), (), (), (), (), ())


def test_a_number_typed_or_left_out_is_refused():
    with pytest.raises(ValueError, match="digits in"):
        Sentence("About 150 were removed.")
    with pytest.raises(ValueError, match="expected"):
        Sentence("{n} cases.", {"m": "3"})


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.001, 0.2))
def test_labels_end_up_a_gap_apart_in_their_order(wanted, gap):
    placed = theme.apart(wanted, gap)

    by = sorted(range(len(wanted)), key=lambda i: wanted[i])
    steps = [placed[b] - placed[a] for a, b in pairwise(by)]
    assert all(step >= gap - 1e-9 for step in steps)


def test_the_highest_curve_at_its_own_end_is_named_above_it_whichever_ends_last():
    data = pl.DataFrame(
        {
            "days": [0.0, 100.0, 0.0, 101.0],
            "share": [0.0, 0.7, 0.0, 0.6],
            "lower": [0.0, 0.7, 0.0, 0.6],
            "upper": [0.0, 0.7, 0.0, 0.6],
            "docket": ["high", "high", "low", "low"],
        }
    )
    colours = {"high": theme.BLUE, "low": theme.VERMILION}

    chart = theme.named_ends(data, "docket", colours, top=1.0, size=(600, 300))

    placed = dict(zip(chart.data["docket"], chart.data["label_y"], strict=True))
    assert placed["high"] > 0.7
    assert placed["low"] < 0.6


def test_cases_under_observation_are_counted_on_the_day_itself(latest):
    """Two pictures of one clock agree, whatever days their curves were thinned to."""
    by_day = []
    for slug in ("outcomes", "counsel"):
        figure = sections(latest)[slug].figures[0]
        spec = str(figure.draw(figure, theme.WIDE).to_dict()["datasets"])
        by_day.append(re.findall(r"'day': (\d+\.0), 'text': '([\d,]+)'", spec))
    assert by_day[0] == by_day[1] != []


def test_every_figure_is_a_valid_chart_on_a_wide_and_a_narrow_screen(latest):
    for section in latest.sections:
        for figure in section.figures:
            for width in (theme.WIDE, theme.NARROW):
                figure.draw(figure, width).to_dict()  # Altair checks it against the schema


def test_words_are_legible_on_white():
    def luminance(tone):
        parts = [int(tone[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    # WCAG 2.2, success criterion 1.4.3
    for tone in (theme.BLUE, theme.GREY, *theme.LEGIBLE.values()):
        assert 1.05 / (luminance(tone) + 0.05) >= 4.5, tone

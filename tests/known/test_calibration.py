"""A synthetic release, frozen on the day of each published figure, is near it.

The figures and tolerances are those of the short list, each with its source in
docs/data/published.md. They were published by EOIR, TRAC, UCLA, Harvard, CRS and Eagly and
Shafer, and none of them by us. docs/explanation/synthetic.md shows the table.
"""

import re
from pathlib import Path

import duckdb
import pytest

from opendocket.figures import TARGETS, as_markdown, compare
from opendocket.figures.held import scale_of
from opendocket.synthetic import NATIONAL

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs/explanation/synthetic.md"
NUMBER = r"[-+]?\d[\d,]*\.?\d*"

SINGLE = [target for target in TARGETS if not target.series]

KEPT = {
    "whole": ("true", "", ""),
    "a third of the cases lost": ("hash(case_id) % 3 <> 0", "", ""),
    "orders in absentia entered as present": (
        "true",
        "replace(outcome, 'in absentia', 'removal') as outcome",
        "replace(first_outcome, 'in absentia', 'removal') as first_outcome,"
        "replace(first_decision, 'in absentia', 'removal') as first_decision",
    ),
    "every ending half a year late": (
        "true",
        "completed_date + 183 as completed_date, undone_date + 183 as undone_date",
        "first_outcome_date + 183 as first_outcome_date,"
        "first_outcome_until_date + 183 as first_outcome_until_date,"
        "first_decision_date + 183 as first_decision_date,"
        "first_decision_until_date + 183 as first_decision_until_date",
    ),
}
"""What is kept of the cases, and what is changed in their endings and in themselves."""


@pytest.fixture(scope="module")
def comparisons(calibration_docket):
    with duckdb.connect(calibration_docket, read_only=True) as con:
        return compare(con)


@pytest.fixture
def changed(calibration_docket):
    """Give a function that compares the docket with something done to it."""

    def verdicts(change, targets=TARGETS):
        where, of_endings, of_cases = KEPT[change]
        endings, cases = (f"* replace ({c})" if c else "*" for c in (of_endings, of_cases))
        with duckdb.connect() as con:
            con.execute(f"attach '{calibration_docket}' as whole (read_only)")
            for table in ("out_load__release", "out_load__account"):
                con.execute(f"create view {table} as from whole.{table}")
            con.execute(
                "create table out_docket__case as"
                f" select {cases} from whole.out_docket__case where {where}"
            )
            con.execute(
                "create table out_docket__decision as"
                f" select {endings} from whole.out_docket__decision where {where}"
            )
            found = compare(con, targets=targets)
        return {(c.target.figures[0], c.target.what): c.verdict for c in found}

    return verdicts


def test_every_comparable_figure_is_within_its_tolerance(comparisons):
    outside = {
        (*c.target.figures, c.target.what): (c.published, c.measured, c.tolerance)
        for c in comparisons
        if c.verdict == "outside"
    }

    assert outside == {}


def test_only_removals_carried_out_cannot_be_compared_and_it_says_why(comparisons):
    left_out = {c.target.figures: c.reason for c in comparisons if c.measured is None}

    assert list(left_out) == [("A36",)]
    assert "hold no removals" in left_out["A36",]


def test_the_docs_show_this_very_table(comparisons):
    """Rewritten by ``benchmarks/calibration.py --seeds 20261125 --page …``."""
    shown = PAGE.read_text("utf-8").partition("calibration: begin -->")[2]
    shown = shown.partition("<!-- calibration: end")[0]
    tables = [
        [line for line in text.splitlines() if line.startswith("|")]
        for text in (shown, as_markdown(comparisons))
    ]
    words = [re.sub(NUMBER, "#", "\n".join(table)) for table in tables]
    numbers = [
        [float(n.replace(",", "")) for n in re.findall(NUMBER, "\n".join(table))]
        for table in tables
    ]

    assert words[0] == words[1]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.01, abs=0.2)


def test_no_figure_sits_at_the_edge_of_its_tolerance_without_chance_to_blame(comparisons):
    edge = {
        c.target.figures: round(c.distance, 2)
        for c in comparisons
        if c.measured is not None and not c.target.is_small and abs(c.distance) > 0.97
    }

    assert edge == {}


def test_the_copy_that_changes_are_made_to_is_whole(changed, comparisons):
    again = changed("whole")

    assert list(again.values()) == [c.verdict for c in comparisons]


def test_a_docket_that_lost_a_third_of_its_cases_is_found_outside(changed):
    verdicts = changed("a third of the cases lost")

    counts = [t for t in TARGETS if not t.is_share and not t.is_small]
    assert {verdicts[t.figures[0], t.what] for t in counts} == {"outside"}


def test_orders_entered_as_if_the_person_was_there_are_found_outside(changed):
    verdicts = changed("orders in absentia entered as present", SINGLE)

    rates = {key for key, verdict in verdicts.items() if verdict == "outside"}
    assert {id for id, _ in rates} == {"A26", "D01", "D02-FY2012", "D02-FY2019", "D04", "D08"}


def test_endings_that_come_late_are_found_outside(changed):
    verdicts = changed("every ending half a year late", SINGLE)

    late = {id for (id, _), verdict in verdicts.items() if verdict == "outside"}
    assert {"A16", "A24", "A43", "A45"} <= late


def test_the_truth_file_tells_the_scale_that_the_docket_is_read_at(
    calibration_release, calibration_docket
):
    with duckdb.connect(calibration_release.truth, read_only=True) as truth:
        cases, national, tagged, national_tagged = truth.execute(
            "select cases, national_cases, dedicated_cases, national_dedicated_cases"
            " from truth_release"
        ).fetchone()
        found = truth.execute(
            "select count(*), count(*) filter (is_tagged) from truth_case"
        ).fetchone()
    with duckdb.connect(calibration_docket, read_only=True) as con:
        scale = scale_of(con)

    assert (cases, tagged) == found
    assert national == NATIONAL
    assert scale.dedicated == pytest.approx(tagged / national_tagged)
    assert scale.elsewhere == pytest.approx(
        (cases - tagged) / (national - national_tagged), rel=1e-4
    )

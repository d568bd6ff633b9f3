"""The how-to pages that reproduce published figures do, on the calibrated docket.

Each page's own Python is run; what it names is held against what TRAC, UCLA, Eagly and Shafer
and CIS published (docs/data/published.md), none of them us. Tolerances are those of the short
list: 5 in 100 of a count, 2 points of a share, twice the standard error where families are few.
"""

import re
from pathlib import Path

import pytest

from opendocket.docket import open_docket
from opendocket.figures.held import scale_of

pytestmark = pytest.mark.slow

PAGES = Path(__file__).parents[2] / "docs/how-to"


@pytest.fixture
def run(calibration_docket, tmp_path, monkeypatch):
    """Run a page's Python beside the calibrated docket, and give what it named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docket.duckdb").symlink_to(calibration_docket)

    def named(page):
        text = (PAGES / page).read_text("utf-8")
        blocks = re.findall(r"```python\n(.*?)```", text, flags=re.S)
        assert len(blocks) == 1
        inside = [line for line in blocks[0].splitlines() if line.startswith("    ")]
        asked = re.findall(r"od\.(?:answer|contrast)\(", blocks[0])
        assert len(inside) < 10, "under ten lines, or an analyst's afternoon is longer"
        assert asked
        names = {}
        exec(compile(blocks[0], page, "exec"), names)
        return names

    return named


@pytest.fixture
def scale(calibration_docket):
    with open_docket(calibration_docket) as docket:
        return scale_of(docket.con).dedicated


def one(frame, column, **where):
    rows = frame.filter(**where) if where else frame
    assert len(rows) == 1, rows
    return rows[column][0]


def test_trac_674(run, scale):
    found = run("reproduce-trac-674.md")

    assigned = one(found["assigned"], "received_count") / scale
    closed = one(found["closed"], "completed_count") / scale
    ordered = one(found["ordered"], "ordered_count") / scale
    counsel = found["counsel"]
    assert assigned == pytest.approx(72_000, rel=0.05)
    assert closed / assigned == pytest.approx(0.12, abs=0.02)
    assert ordered == pytest.approx(1_557, rel=0.05)
    now = one(counsel, "represented_share", definition="trac-now")
    assert now == pytest.approx(0.155, abs=0.02)
    of_ordered = counsel.filter(definition="ordered").row(0, named=True)
    assert of_ordered["lower_share"] < 0.048 < of_ordered["upper_share"]
    assert one(found["of_june"], "represented_share") == pytest.approx(0.45, abs=0.04)


def test_trac_704(run, scale):
    found = run("reproduce-trac-704.md")

    ended = found["ended"]["case_count"][0] / scale
    fast = one(found["fast"], "ended_share")
    counsel = one(found["counsel"], "represented_share")
    filed = one(found["filed"], "filed_share")
    assert ended == pytest.approx(39_187, rel=0.05)
    assert fast == pytest.approx(0.83, abs=0.02)
    assert counsel == pytest.approx(0.34, abs=0.02)
    assert filed == pytest.approx(0.33, abs=0.02)
    by = found["by_counsel"]
    shares = dict(zip(by["part"], by["filed_share"], strict=True))
    assert shares["with counsel"] == pytest.approx(0.86, abs=0.02)
    assert shares["without counsel"] == pytest.approx(0.06, abs=0.02)


def test_the_ucla_los_angeles_table(run, scale):
    found = run("reproduce-ucla-los-angeles.md")

    removed, absent = found["removed"], found["absent"]
    # fewer than 200 families: chance alone may move it by twice the root of the sum of squares
    assert removed["case_count"][0] / scale == pytest.approx(449, abs=75)
    assert one(removed, "ordered_share") == pytest.approx(0.991, abs=0.02)
    assert one(absent, "lower_share") < 0.724 + 0.02
    assert one(absent, "upper_share") > 0.724 - 0.02


def test_seventeen_against_thirty_four(run):
    found = run("settle-17-against-34.md")

    both = found["both"]
    estimate = next(c for c in both.columns if c.endswith("_share") and "lower" not in c)
    shares = dict(zip(both["definition"], both[estimate], strict=True))
    assert shares["eagly-shafer"] == pytest.approx(0.83, abs=0.02)
    assert shares["cis"] == pytest.approx(0.66, abs=0.02)
    so_far = one(found["undone"], "lower_share", definition="eagly-shafer")
    assert so_far < 0.15 + 0.02
    curve = found["curve"].filter(ended="in absentia").drop_nulls("in_absentia_share")
    grows = curve.sort("days")["in_absentia_share"].to_list()
    assert grows == sorted(grows)
    assert 1 - shares["eagly-shafer"] < grows[-1]

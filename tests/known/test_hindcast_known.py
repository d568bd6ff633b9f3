"""docs/explanation/hindcast.md says what its forecasts come to, on seeds of another kind."""

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from opendocket.docket import open_docket
from opendocket.simulate.hindcast import hindcast
from opendocket.simulate.national import off_by
from opendocket.simulate.reduced import published_forecasts
from opendocket.simulate.scored import scores
from opendocket.simulate.targets import TARGETS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "explanation/hindcast.md").read_text("utf-8")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("hindcast_page", DOCS / "hindcast.py")
    module = sys.modules["hindcast_page"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def published():
    """Forecast the published years, by a smaller nation of another seed."""
    return cache(lambda alone: published_forecasts(alone_from=alone, scale=0.02, seed=9))


def rows_of(text):
    """Give a Markdown table's rows as lists of cells."""
    rows = re.findall(r"^\| (?!---)(.*) \|$", text, flags=re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows]


def part(name):
    return PAGE.split(f"<!-- {name}, by docs/hindcast.py -->")[1].split("<!-- end of")[0]


@pytest.mark.parametrize(
    ("name", "alone_from"),
    [
        ("completions a year ahead", None),
        ("pending a year ahead", None),
        ("pending alone", 2018),
    ],
)
def test_the_page_says_how_far_off_the_published_years_are(script, published, name, alone_from):
    found = published(alone_from)
    made = script.alone(found) if alone_from else off_by(found, name.split()[0])
    said = rows_of(part(name))
    for was, now in zip(said, rows_of(script.as_markdown(made)), strict=True):
        assert was[:-1] == now[:-1]
        if was[-1].endswith("%"):
            assert abs(int(was[-1].strip("%")) - int(now[-1].strip("%"))) <= 6, was


def test_the_page_says_how_far_off_the_docket_is(script, calibration_docket):
    with open_docket(calibration_docket) as docket:
        found = hindcast(docket, script.ON, months=script.MONTHS, draws=4, seed=900)
    now = {(row["target"], row["model"]): row for row in scores(found).to_dicts()}
    words = {text: target for target, text in TARGETS.items()}
    target = ""
    for row in rows_of(part("conditional"))[1:]:
        target = words.get(row[0], target)
        off = now[target, row[3]]["error_share"]
        slack = 0.005 if row[3] != "simulator" else 0.04
        assert abs(int(row[5].strip("%")) / 100 - off) <= slack + 0.0051, row


def test_the_page_says_what_fails_and_that_releases_overwrite_history():
    for words in ("SIMULATED", "SYNTHETIC", "What fails", "Releases overwrite history"):
        assert words in PAGE

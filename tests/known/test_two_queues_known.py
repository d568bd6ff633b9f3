"""Two queues do what docs/explanation/two-queues.md says, on seeds that it was not made from.

Better in both speed and accuracy than one, or worse in both: the qualitative results of Freund
& Weng, The Dedicated Docket in U.S. Immigration Courts, SSRN 4785713 (2024).
"""

import importlib.util
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "explanation/two-queues.md").read_text("utf-8")
SEEDS = (11, 12, 13)


@pytest.fixture(scope="module")
def queues():
    import sys

    spec = importlib.util.spec_from_file_location("two_queues", DOCS / "two_queues.py")
    module = sys.modules["two_queues"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def mean(queues):
    """Mean over the seeds of what came of a setting, for everyone or for one docket."""
    runs = cache(lambda setting: queues.many(setting, SEEDS))

    def of(name, what, who="everyone"):
        setting = queues.TOLD[name] if isinstance(name, str) else name
        return float(np.mean([getattr(run[who], what) for run in runs(setting)]))

    return of


def apart(mean, name, what):
    return mean(name, what) - mean(name.partition("-")[0], what)


def test_two_queues_can_be_faster_and_more_accurate_than_one(mean):
    assert apart(mean, "short-half", "days") < -20
    assert apart(mean, "short-half", "accuracy") > 0.08


def test_two_queues_can_be_slower_and_less_accurate_than_one(mean):
    for name in ("long-fifth", "long-half", "long-most"):
        assert apart(mean, name, "days") > 10
        assert apart(mean, name, "accuracy") < -0.05


def test_two_queues_can_be_worse_for_everyone(mean):
    for docket in ("dedicated", "ordinary"):
        assert mean("long-most", "days", docket) > mean("long", "days") + 20
        assert mean("long-most", "accuracy", docket) < mean("long", "accuracy")


def test_where_two_are_better_they_are_so_on_average_and_not_for_each(mean):
    assert mean("short-half", "accuracy", "dedicated") < mean("short", "accuracy")
    assert mean("short-half", "days", "ordinary") > mean("short", "days")


def test_too_large_a_split_of_the_same_court_is_slower(mean):
    assert apart(mean, "short-fifth", "days") < 0 < apart(mean, "short-most", "days")


def test_few_lawyers_take_most_of_what_two_queues_gain(mean):
    assert (
        abs(apart(mean, "few-half", "accuracy")) < 0.04 < apart(mean, "short-half", "accuracy")
    )
    assert apart(mean, "few-half", "days") > apart(mean, "short-half", "days") / 3


def test_hearings_held_twice_are_what_speed_goes_with(mean):
    assert apart(mean, "short-half", "hearings") < 0 < apart(mean, "long-half", "hearings")


def test_the_fluid_says_who_has_counsel(queues, mean):
    for one in (queues.SHORT, replace(queues.LONG, lawyers=-1)):
        for routed in (0.0, 0.3, 0.5, 0.6):
            setting = queues.split(one, routed) if routed else one
            assert abs(mean(setting, "represented") - queues.represented(setting)) < 0.075


def test_the_fluid_is_the_sum_done_by_hand(queues):
    """170 days for all; half wait 30, so the others wait 310: (310 - 220) / 40 is 2.25 sd."""
    half = queues.split(queues.SHORT, 0.5)

    assert queues.waits(half) == (310, 30)
    assert queues.represented(half) == pytest.approx(0.95 * 0.5 * 0.98778, abs=1e-4)


def test_the_page_says_what_comes_of_its_settings(queues, mean):
    rows = re.findall(r"^\| (?:split|\*\*).*$", PAGE, flags=re.MULTILINE)
    assert len(rows) == len(queues.TOLD)
    for name, row in zip(queues.TOLD, rows, strict=True):
        days, relief = (cell.split()[0] for cell in row.split(" | ")[3:5])
        assert abs(int(days) - mean(name, "days")) < 12, name
        assert abs(int(relief.rstrip("%")) / 100 - mean(name, "accuracy")) < 0.03, name


def test_nobody_followed_is_still_waiting_when_the_run_ends(queues, mean):
    for name in queues.TOLD:
        assert mean(name, "open") <= 0.01 * mean(name, "families")


def test_the_page_shows_both_pictures_and_says_they_are_simulated():
    for slug in ("two-queues-splits", "two-queues-counsel"):
        assert f"../pictures/{slug}.svg" in PAGE
        assert "SIMULATED" in (DOCS / f"pictures/{slug}.svg").read_text("utf-8")
    assert "SIMULATED" in PAGE

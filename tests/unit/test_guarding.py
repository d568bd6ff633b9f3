"""Small counts of an answer, and what would give them away, are held back."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opendocket.measure.guarding import guarded, told_apart


def table(*rows, part=False):
    names = ["court", *(["part"] if part else []), "count", "n"]
    frame = pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    return frame.with_columns(value=pl.col("count") / pl.col("n"))


def shown(frame, **options):
    options = {"is_whole": False, "threshold": 11} | options
    return guarded(frame, ["court"], **options)


def test_a_small_count_goes_with_its_estimate_and_with_another_that_would_tell_it():
    found = shown(table(("A", 4, 50), ("B", 30, 70), ("C", 60, 90)))

    assert found["count"].to_list() == [None, None, 60]
    assert found["value"].is_null().to_list() == [True, True, False]
    assert found["n"].to_list() == [50, 70, 90]
    assert found["is_suppressed"].to_list() == [True, True, False]


def test_a_small_group_does_not_show_its_size():
    found = shown(table(("A", 2, 5), ("B", 30, 70), ("C", 60, 90)))

    assert found["n"].to_list() == [None, None, 90]


def test_parts_that_add_up_to_their_group_never_leave_one_alone_held_back():
    rows = [
        ("A", "relief", 4, 100), ("A", "removal", 36, 100), ("A", "other", 60, 100),
        ("B", "relief", 40, 100), ("B", "removal", 25, 100), ("B", "other", 35, 100),
    ]  # fmt: skip
    found = shown(table(*rows, part=True), is_whole=True)

    held = found.filter("is_suppressed").group_by("court").len()["len"].to_list()
    assert min(held) >= 2
    held_parts = found.filter("is_suppressed").group_by("part").len()["len"].to_list()
    assert min(held_parts) >= 2


def test_for_private_work_all_is_shown():
    found = shown(table(("A", 4, 50)), threshold=1)

    assert found["count"].to_list() == [4]
    assert found["is_suppressed"].to_list() == [False]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=8))
def test_no_small_count_nor_small_rest_is_ever_shown(pairs):
    rows = [(chr(65 + at), a, a + b) for at, (a, b) in enumerate(pairs) if a + b]
    if not rows:
        return
    found = shown(table(*rows))

    for count, n in found.select("count", "n").iter_rows():
        assert count is None or not 0 < count < 11
        assert n is None or not 0 < n < 11
        assert count is None or n is None or not 0 < n - count < 11


def test_a_few_more_by_the_next_day_are_not_told():
    frame = pl.DataFrame({"days": [90, 180, 300], "count": [20, 24, 60], "n": [100] * 3})
    found = guarded(frame, [], is_whole=False, threshold=11)

    assert found["count"].to_list() == [20, None, 60]


def test_a_definition_a_few_people_apart_is_not_told():
    frame = pl.DataFrame(
        {"definition": ["a", "b", "c"], "n": [129, 130, 300], "count": [40, 41, 90]}
    ).with_columns(is_suppressed=False)

    found = told_apart(frame, [], threshold=11)

    assert found["n"].to_list() == [129, None, 300]
    assert found["count"].to_list() == [40, None, 90]
    assert told_apart(frame, [], threshold=1)["n"].to_list() == [129, 130, 300]


def test_a_sum_that_is_no_part_of_another_does_not_empty_the_table():
    frame = table(("A", 150, 60), ("B", 300, 110), ("C", 9, 4), ("D", 80, 30))
    found = shown(frame)

    assert found["is_suppressed"].to_list().count(False) >= 2

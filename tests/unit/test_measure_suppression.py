"""Small cells, and what would give them away."""

import polars as pl
import pytest

from opendocket.estimate.suppression import (
    THRESHOLD,
    is_small,
    suppressed,
    suppressed_pairs,
    suppressed_parts,
)


def test_one_to_ten_are_small():
    assert THRESHOLD == 11
    assert [n for n in range(20) if is_small(n)] == list(range(1, 11))


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([], ""),
        ([0, 0], ".."),
        ([11, 400], ".."),
        ([5, 0, 40, 90], "x.x."),  # one alone follows from the total
        ([5, 6, 90], "xx."),  # two do not: their sum of 11 can be any pair
        ([5, 5, 90], "xxx"),  # but a sum of 10 is a small cell of its own
        ([10, 10, 90], "xxx"),  # and 20 can only be 10 and 10
        ([9, 8, 90], "xxx"),  # 17 leaves 7 to 10
        ([8, 8, 90], "xx."),  # 16 leaves 6 to 10
        ([1] * 11 + [90], "x" * 12),  # eleven that add up to 11 are 1 each
        ([5, 40, 40, 90], "xxx."),  # which of two equal ones was taken would tell
        ([5, 0], "x."),  # nothing left to take: the total is small itself
    ],
)
def test_parts_of_a_published_total(counts, hidden):
    assert suppressed_parts(counts) == [mark == "x" for mark in hidden]


@pytest.mark.parametrize(
    ("counts", "totals", "hidden"),
    [
        ([], [], ""),
        ([20, 30], [50, 70], ".."),
        ([0, 50], [50, 50], ".."),  # none and all may be shown
        ([4, 30, 60], [50, 70, 90], "xx."),
        ([46, 30, 60], [50, 70, 90], "xx."),  # 4 who were not
        ([4, 0, 30, 60], [50, 20, 70, 90], "x.x."),  # none guards nobody
        ([4, 5, 60], [50, 50, 90], "xxx"),  # 9 in two courts are a small cell
        ([1, 10, 60], [50, 50, 90], "xx."),  # 11 in two courts can be any pair
        ([4, 30, 30], [50, 70, 70], "xxx"),
        ([2, 2, 60], [4, 4, 90], "xxx"),  # so are 4 of 8
        ([4, 0], [50, 50], "xx"),
    ],
)
def test_counts_with_totals_of_their_own(counts, totals, hidden):
    assert suppressed_pairs(counts, totals) == [mark == "x" for mark in hidden]


def test_rows_held_already_stay_held_and_are_guarded_too():
    held = [True, False, False]

    assert suppressed_pairs([20, 30, 40], [50, 70, 90], held=held) == [True, True, False]


def test_a_table_loses_the_count_and_what_follows_from_it():
    frame = pl.DataFrame(
        {
            "court": ["A", "B", "C"],
            "n": [5, 40, 90],
            "share": [0.1, 0.2, 0.3],
            "median_days": [100, 200, 300],
        }
    )

    table = suppressed(frame, "n", hide=["share", "median_days"])

    assert table.rows() == [
        ("A", None, None, None, True),
        ("B", None, None, None, True),
        ("C", 90, 0.3, 300, False),
    ]


def test_a_small_total_goes_with_its_count_and_is_guarded_itself():
    frame = pl.DataFrame({"n": [0, 30, 40, 50], "of": [6, 60, 80, 100], "share": [0.0] * 4})

    table = suppressed(frame, "n", hide=["share"], total="of")

    assert table["of"].to_list() == [None, None, 80, 100]
    assert table["n"].to_list() == [None, None, 40, 50]
    assert table["share"].to_list() == [None, None, 0, 0]


def test_the_frame_given_is_not_changed_and_a_missing_count_is_refused():
    frame = pl.DataFrame({"n": [5, 40, None]})

    with pytest.raises(ValueError, match=r"\['n'\]: 1 missing; expected none"):
        suppressed(frame, "n")
    whole = frame.drop_nulls()
    suppressed(whole, "n")
    assert whole["n"].to_list() == [5, 40]


def test_an_empty_table_stays_empty():
    table = suppressed(pl.DataFrame({"n": []}, schema={"n": pl.Int64}), "n")

    assert table.is_empty()
    assert table.columns == ["n", "is_suppressed"]

"""Small cells are not published, nor what would give them away.

The reader to guard against knows everything that is published, totals and the threshold among
it, and tries to solve for what is not. Tables are guarded one at a time: two that share people,
or one of two days, can still be subtracted from each other.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.estimate.survival import IncidenceCurves

THRESHOLD = 11
"""Counts from 1 to 10 are not published. Source: decision 0003."""


def is_small(count: int, threshold: int = THRESHOLD) -> bool:
    """Tell whether a count could point at persons.

    Args:
        count: Of people; >= 0.
        threshold: The smallest count published, but for none.

    Example:
        >>> [is_small(n) for n in (0, 1, 10, 11)]
        [False, True, True, False]
    """
    return 0 < count < threshold


def suppressed_parts(counts: Sequence[int], threshold: int = THRESHOLD) -> list[bool]:
    """Choose which parts of a published total to hold back.

    Args:
        counts: Parts that add up to a total that is published; >= 0.
        threshold: The smallest count published.

    Returns:
        True for each small part and, until those held back no longer follow from the others
        and the total, for the smallest other parts that are not zero as well; equal parts
        are held back together, since which of them is would tell.

    Assumes:
        The total is not small itself, or is not published. The parts are not listed by size:
        a list in order of size says between which others a part lies.

    Source:
        Complementary suppression: Willenborg & de Waal, Elements of Statistical Disclosure
        Control (2001), chapter 4. Threshold: decision 0003.

    Example:
        >>> suppressed_parts([4, 30, 500])
        [True, True, False]
        >>> suppressed_parts([4, 7, 500])
        [True, True, False]
        >>> suppressed_parts([10, 10, 500])
        [True, True, True]
        >>> suppressed_parts([0, 30, 500])
        [False, False, False]
    """
    hidden = [is_small(count, threshold) for count in counts]
    for size in sorted({count for count in counts if count >= threshold}):
        if _is_open([c for c, hide in zip(counts, hidden, strict=True) if hide], threshold):
            break
        hidden = [hide or c == size for c, hide in zip(counts, hidden, strict=True)]
    return hidden


def _is_open(held: Sequence[int], threshold: int) -> bool:
    """Tell whether parts held back stay unknown to who knows their sum and the rule.

    Where all are small, each must be free to be half of the small numbers: two that add up
    to 20 can only be 10 and 10.
    """
    if not held:
        return True
    n, total, most = len(held), sum(held), threshold - 1
    if n == 1 or is_small(total, threshold):
        return False
    if max(held) > most:
        return True
    free = min(most, total - (n - 1)) - max(1, total - most * (n - 1)) + 1
    return 2 * free >= most


def suppressed_pairs(
    counts: Sequence[int],
    totals: Sequence[int],
    *,
    held: Sequence[bool] = (),
    threshold: int = THRESHOLD,
) -> list[bool]:
    """Choose which counts to hold back where each has a published total of its own.

    A count and the rest of its total tell each other, so both must be large or zero: in a
    court of 40 cases, 38 ordered removed are 2 who were not.

    Args:
        counts: Of each row; 0 to its total. They and the totals add up to published ones.
        totals: What each count is part of.
        held: Rows held back already, whatever they hold; none where empty.
        threshold: The smallest count published.

    Returns:
        True for each row of which the count may not be shown, nor what follows from it: a
        share, an interval, the rest.

    Assumes:
        As :func:`suppressed_parts`. A reader who tries this very rule on every table that
        might lie behind what is published can sometimes rule some of them out.

    Example:
        >>> suppressed_pairs([4, 30, 60], [50, 70, 90])
        [True, True, False]
        >>> suppressed_pairs([38, 30, 60], [40, 70, 90])
        [True, True, False]
        >>> suppressed_pairs([20, 30, 60], [50, 70, 90])
        [False, False, False]
    """
    count, total = (np.asarray(values, dtype=np.int64) for values in (counts, totals))
    rest = total - count
    hidden = _are_small(count, threshold) | _are_small(rest, threshold)
    if len(held):
        hidden |= np.asarray(held, dtype=bool)
    # a count of none, or of all, may be shown, and guards no other: it comes last
    order = total + np.where((count == 0) | (rest == 0), total.max(initial=0) + 1, 0)
    for size in np.unique(order[~hidden]).tolist():
        if _are_open(count[hidden & (total > 0)], total[hidden & (total > 0)], threshold):
            break
        hidden |= order == size
    return [bool(hide) for hide in hidden]


def _are_small(count: NDArray[np.int64], threshold: int) -> NDArray[np.bool_]:
    return (count > 0) & (count < threshold)


def _are_open(count: NDArray[np.int64], total: NDArray[np.int64], threshold: int) -> bool:
    """Tell whether counts held back stay unknown to who knows their sum and their totals.

    Each that is small, or of which the rest is, must be free to be any small number.
    """
    if not len(count):
        return True
    counted, whole = int(count.sum()), int(total.sum())
    if counted in (0, whole):
        return True  # none or all of everybody held back, which may be known
    if len(count) == 1 or is_small(counted, threshold) or is_small(whole - counted, threshold):
        return False
    is_mixed = (count > 0) & (count < total)
    low, high = np.where(is_mixed, 1, 0), np.where(is_mixed, total - 1, total)
    most = np.minimum(high, counted - (low.sum() - low))
    least = np.maximum(low, counted - (high.sum() - high))
    is_free = most - least >= np.minimum(high - low, threshold - 2)
    is_told = _are_small(count, threshold) | _are_small(total - count, threshold)
    return bool((is_free | ~is_told).all())


def suppressed(
    frame: pl.DataFrame,
    count: str,
    *,
    hide: Sequence[str] = (),
    total: str | None = None,
    threshold: int = THRESHOLD,
) -> pl.DataFrame:
    """Hold back small counts of a table, and what would give them away.

    Args:
        frame: One row per part of a whole that is published; no count missing.
        count: The column of counts.
        hide: Columns that follow from the count (shares, intervals, medians), held back
            with it.
        total: A column of what each count is part of: a count is also held back where the
            rest is small, and a total where it is small itself.
        threshold: The smallest count published.

    Returns:
        The frame with nulls where held back, and ``is_suppressed``: whether the count is.

    Raises:
        ValueError: A count is missing.

    Assumes:
        The rows are not in order of the count, or of anything that follows from it.

    Example:
        >>> frame = pl.DataFrame({"court": ["A", "B", "C"], "n": [5, 40, 90]})
        >>> suppressed(frame, "n")["n"].to_list()
        [None, None, 90]
        >>> frame = pl.DataFrame({"n": [38, 30, 60], "of": [40, 70, 90]})
        >>> suppressed(frame, "n", total="of").rows()
        [(None, 40, True), (None, 70, True), (60, 90, False)]
    """
    columns = [count] if total is None else [count, total]
    missing = sum(frame[name].null_count() for name in columns)
    if missing:
        raise ValueError(f"{columns}: {missing:,} missing; expected none; fill in zeros")
    counts = frame[count].to_list()
    gone = {}
    if total is None:
        parts = suppressed_parts(counts, threshold)
    else:
        totals = frame[total].to_list()
        gone[total] = suppressed_parts(totals, threshold)
        parts = suppressed_pairs(counts, totals, held=gone[total], threshold=threshold)
    gone |= dict.fromkeys([count, *hide], parts)
    return frame.with_columns(
        *(
            pl.when(~pl.Series(flags, dtype=pl.Boolean)).then(pl.col(name)).alias(name)
            for name, flags in gone.items()
        ),
        pl.Series("is_suppressed", parts, dtype=pl.Boolean),
    )


def held_back(curves: IncidenceCurves, threshold: int = THRESHOLD) -> IncidenceCurves:
    """Keep each curve at 0 until enough cases have ended so.

    Its first steps would show single cases. What is held back counts as pending meanwhile, so
    that the shares of a day still add up to 1.

    Args:
        curves: Any.
        threshold: Cases, as the share times all cases estimates them.

    Returns:
        The same curves, 0 where fewer than ``threshold`` cases had ended so.

    Source:
        Decision 0003.
    """
    # a share of 11 cases is a hair less than 11 once it has been through quotients
    large = curves.share * curves.n > threshold - 0.5
    share = np.where(large, curves.share, 0.0)
    return replace(
        curves,
        share=share,
        lower=np.where(large, curves.lower, 0.0),
        upper=np.where(large, curves.upper, 0.0),
        pending_share=1 - share.sum(axis=0),
    )

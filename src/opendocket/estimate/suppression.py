"""Small cells are not published, nor what would give them away.

The reader to guard against knows everything that is published, totals and the threshold among
it, and tries to solve for what is not. Tables are guarded one at a time: two that share people,
or one of two days, can still be subtracted from each other.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

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
    rests = [total - count for count, total in zip(counts, totals, strict=True)]
    hidden = [
        is_small(count, threshold) or is_small(rest, threshold)
        for count, rest in zip(counts, rests, strict=True)
    ]
    if held:
        hidden = [hide or other for hide, other in zip(hidden, held, strict=True)]
    # a count of none, or of all, may be shown, and guards no other: it comes last
    order = [(0 in pair, sum(pair)) for pair in zip(counts, rests, strict=True)]
    for size in sorted({key for key, hide in zip(order, hidden, strict=True) if not hide}):
        pairs = [
            pair for *pair, hide in zip(counts, totals, hidden, strict=True) if hide and pair[1]
        ]
        if _are_open(pairs, threshold):
            break
        hidden = [hide or key == size for key, hide in zip(order, hidden, strict=True)]
    return hidden


def _are_open(held: Sequence[Sequence[int]], threshold: int) -> bool:
    """Tell whether counts held back stay unknown to who knows their sum and their totals.

    Each that is small, or of which the rest is, must be free to be any small number.
    """
    if not held:
        return True
    count, total = (sum(column) for column in zip(*held, strict=True))
    if count in (0, total):
        return True  # none or all of everybody held back, which may be known
    if len(held) == 1 or is_small(count, threshold) or is_small(total - count, threshold):
        return False
    spans = [(1, n - 1) if 0 < x < n else (0, n) for x, n in held]
    least, most = (sum(column) for column in zip(*spans, strict=True))
    return all(
        min(high, count - (least - low)) - max(low, count - (most - high))
        >= min(high - low, threshold - 2)
        for (x, n), (low, high) in zip(held, spans, strict=True)
        if is_small(x, threshold) or is_small(n - x, threshold)
    )


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

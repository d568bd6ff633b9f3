"""Hold back small counts of an answer, and what would give them away."""

from collections.abc import Iterable, Sequence

import polars as pl

from opendocket.estimate.suppression import suppressed_pairs, suppressed_parts

HELD_BACK = (
    "count", "families", "at_risk", "value", "lower", "upper", "expected_count",
    "lower_expected_count", "upper_expected_count",
)  # fmt: skip
"""What follows from a small count, and goes with it."""
BEHIND = ("people", "behind")
"""Families behind what is counted, where that is not people."""


def guarded(
    rows: pl.DataFrame, by: Sequence[str], *, is_whole: bool, threshold: int
) -> pl.DataFrame:
    """Hold back small counts.

    Args:
        rows: Of an answer: the columns of ``by``, ``part`` and ``days`` where there are any,
            ``count`` of ``n``, and what follows from them. Where hearings or the like are
            counted, ``people`` are the families that ``n`` comes from and ``behind`` those
            that ``count`` does: small ones are held back as well.
        by: Groupings.
        is_whole: Whether a group's parts add up to it.
        threshold: The smallest count shown; 1 shows all.

    Returns:
        The rows with nulls where held back, and ``is_suppressed``. Groups are guarded as parts
        of all groups, and parts as parts of their group.

    Assumes:
        Tables are guarded one at a time: two answers that share people can still be subtracted
        from each other.

    Source:
        Decision 0003; :mod:`opendocket.estimate.suppression`.

    Example:
        >>> counts = {"count": [20, 9, 30], "n": [50, 40, 90]}
        >>> rows = pl.DataFrame({"court": ["A", "B", "C"], **counts})
        >>> guarded(rows, ["court"], is_whole=False, threshold=11)["count"].to_list()
        [None, None, 30]
    """
    if rows.is_empty() or threshold <= 1:
        return rows.drop(BEHIND, strict=False).with_columns(is_suppressed=pl.lit(value=False))
    numbered = rows.with_row_index("row_number")
    within = [name for name in ("part", "days") if name in rows.columns]
    small_n = _small_groups(numbered, within, threshold) | _few(numbered, "people", threshold)
    few = small_n | _few(numbered, "behind", threshold)
    held = _across(numbered, within, few, threshold)
    if is_whole and "part" in within:
        among = [*by, *(name for name in within if name != "part")]
        for _ in range(len(rows)):
            wider = _within(numbered, among, held, threshold) | held
            wider = _across(numbered, within, wider, threshold)
            if wider == held:
                break
            held = wider
    flags = numbered["row_number"].is_in(list(held))
    no_n = numbered["row_number"].is_in(list(small_n))
    if "at_risk" in rows.columns:
        enough = (pl.col("at_risk") == 0) | (pl.col("at_risk") >= threshold)
        rows = rows.with_columns(at_risk=pl.when(enough).then(pl.col("at_risk")))
    return rows.drop(BEHIND, strict=False).with_columns(
        *(
            pl.when(~flags).then(pl.col(name)).alias(name)
            for name in HELD_BACK
            if name in rows.columns
        ),
        pl.when(~no_n).then(pl.col("n")).alias("n"),
        is_suppressed=flags,
    )


def _pieces(frame: pl.DataFrame, keys: Sequence[str]) -> Iterable[pl.DataFrame]:
    return frame.partition_by(keys, maintain_order=True) if keys else [frame]


def _small_groups(frame: pl.DataFrame, within: Sequence[str], threshold: int) -> set[int]:
    """Give the rows whose group may not be shown in size."""
    found: set[int] = set()
    for piece in _pieces(frame, within):
        hidden = suppressed_parts(piece["n"].to_list(), threshold)
        found |= set(piece["row_number"].filter(pl.Series(hidden, dtype=pl.Boolean)).to_list())
    return found


def _few(frame: pl.DataFrame, name: str, threshold: int) -> set[int]:
    """Give the rows that few families are behind, though more is counted."""
    if name not in frame.columns:
        return set()
    is_few = pl.col(name).is_between(1, threshold - 1)
    return set(frame.filter(is_few)["row_number"].to_list())


def _across(
    frame: pl.DataFrame, within: Sequence[str], held: set[int], threshold: int
) -> set[int]:
    """Guard one part over all groups."""
    found = set(held)
    for piece in _pieces(frame, within):
        numbers = piece["row_number"].to_list()
        hidden = suppressed_pairs(
            piece["count"].to_list(),
            piece["n"].to_list(),
            held=[number in held for number in numbers],
            threshold=threshold,
        )
        found |= {number for number, hide in zip(numbers, hidden, strict=True) if hide}
    return found


def _within(
    frame: pl.DataFrame, among: Sequence[str], held: set[int], threshold: int
) -> set[int]:
    """Guard a group's parts, which add up to it: one alone held back would follow."""
    found: set[int] = set()
    for piece in _pieces(frame, among):
        numbers, counts = piece["row_number"].to_list(), piece["count"].to_list()
        hidden = suppressed_parts(counts, threshold)
        flags = [hide or n in held for n, hide in zip(numbers, hidden, strict=True)]
        others = [at for at, hide in enumerate(flags) if not hide and counts[at]]
        if sum(flags) == 1 and others:
            flags[min(others, key=counts.__getitem__)] = True
        found |= {n for n, hide in zip(numbers, flags, strict=True) if hide}
    return found

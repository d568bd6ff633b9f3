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
    if "days" in within:
        held |= _steps(
            numbered, [*by, *(name for name in within if name != "days")], held, threshold
        )
    flags = numbered["row_number"].is_in(list(held))
    no_n = numbered["row_number"].is_in(list(small_n))
    if "at_risk" in rows.columns:
        gone = pl.col("n") - pl.col("at_risk")
        enough = (pl.col("at_risk") == 0) | (pl.col("at_risk") >= threshold)
        enough &= (gone <= 0) | (gone >= threshold)
        if is_whole:  # with all other parts it would tell the one that is held back
            beside = [*by, *(name for name in within if name != "part")]
            some = pl.Series("is_held", flags)
            enough &= ~pl.lit(some).any().over(beside) if beside else pl.lit(not flags.any())
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


def told_apart(rows: pl.DataFrame, by: Sequence[str], *, threshold: int) -> pl.DataFrame:
    """Hold back definitions that stand beside another of a few people more or less.

    Args:
        rows: Of several definitions, each guarded by itself, with ``definition``.
        by: Groupings.
        threshold: The smallest difference shown; 1 shows all.

    Returns:
        The rows, without what a later definition says of a group in which it counts among 1 to
        10 people more or fewer than an earlier one does: the difference would tell of them.

    Example:
        >>> rows = pl.DataFrame({"definition": ["a", "b"], "n": [429, 426], "count": [90, 90]})
        >>> rows = rows.with_columns(is_suppressed=False)
        >>> told_apart(rows, [], threshold=11)["n"].to_list()
        [429, None]
    """
    if threshold <= 1 or rows["definition"].n_unique() < 2:
        return rows
    sizes = rows.group_by([*by, "definition"], maintain_order=True).agg(pl.col("n").max())
    hidden: list[tuple[object, ...]] = []
    for piece in _pieces(sizes, by):
        shown: list[int] = []
        for row in piece.iter_rows(named=True):
            if row["n"] is None:
                continue
            if any(0 < abs(row["n"] - other) < threshold for other in shown):
                hidden.append(tuple(row[name] for name in (*by, "definition")))
            else:
                shown.append(row["n"])
    if not hidden:
        return rows
    keys = pl.DataFrame(
        hidden, schema={n: rows.schema[n] for n in (*by, "definition")}, orient="row"
    )
    flags = rows.join(
        keys.with_columns(is_close=pl.lit(value=True)), on=list(keys.columns), how="left",
        nulls_equal=True, maintain_order="left",
    )["is_close"].fill_null(value=False)  # fmt: skip
    return rows.with_columns(
        *(
            pl.when(~flags).then(pl.col(n)).alias(n)
            for n in (*HELD_BACK, "n")
            if n in rows.columns
        ),
        is_suppressed=rows["is_suppressed"] | flags,
    )


def _steps(
    frame: pl.DataFrame, among: Sequence[str], held: set[int], threshold: int
) -> set[int]:
    """Give the days on which a count is a few more than on the last day shown."""
    found: set[int] = set()
    for piece in _pieces(frame.sort("days", maintain_order=True), among):
        last = None
        for number, count in piece.select("row_number", "count").iter_rows():
            if number in held:
                continue
            if last is not None and 0 < abs(count - last) < threshold:
                found.add(number)
            else:
                last = count
    return found


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
        if (piece["count"] > piece["n"]).any():  # a sum over another, no part of it
            parts = suppressed_parts(piece["count"].to_list(), threshold)
            found |= {number for number, hide in zip(numbers, parts, strict=True) if hide}
            continue
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

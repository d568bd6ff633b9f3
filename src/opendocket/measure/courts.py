"""Court by court, small courts held back."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from opendocket.columns import code_list
from opendocket.errors import NothingToShow, TooFewCases
from opendocket.estimate.shares import Proportion, proportion
from opendocket.estimate.suppression import suppressed_pairs, suppressed_parts
from opendocket.measure.attendance import ORDERS
from opendocket.measure.promise import Kept, kept_promise


@dataclass(frozen=True, slots=True)
class Court:
    """One court's part of a docket."""

    code: str
    city: str
    n: int
    """Cases; 0 where ``is_suppressed``, and not to be shown there."""
    is_suppressed: bool
    """Too few cases, or one that would give away another that has too few."""
    kept: Kept | None
    """None where suppressed, where the clock has hardly started, or where those decided by
    the day, or those not, are too few to show or would give away another court's. Only
    ``decided`` is checked so."""
    ordered: Proportion | None
    """Ordered removed so far, of all cases; None where these are too few, as above."""


def by_court(frame: pl.DataFrame, *, as_of: date) -> tuple[Court, ...]:
    """Measure the promise in each court that a case first came to.

    Args:
        frame: Cases (:func:`opendocket.measure.population.cases`).
        as_of: The day observation ends.

    Returns:
        Every court with a case, largest first; then, by name, those suppressed, of which
        nothing is told but the name. Cases without a court are in none.

    Assumes:
        The docket's own totals of cases, orders and decisions are published beside it.

    Source:
        Small cells: :func:`opendocket.estimate.suppression.suppressed_pairs`; decision 0003.
    """
    counts = frame["court_code"].drop_nulls().value_counts()
    codes, sizes = counts["court_code"].to_list(), counts["count"].to_list()
    parts = [frame.filter(pl.col("court_code") == code) for code in codes]
    hidden = suppressed_parts(sizes)
    ordered = [part["first_decision"].is_in(ORDERS).fill_null(False) for part in parts]
    no_order = suppressed_pairs([int(o.sum()) for o in ordered], sizes, held=hidden)
    kept = [_kept(part, as_of) for part in parts]
    decided = [
        (int(part["is_decided"].sum()), len(part))
        if one is None
        else (one.decided_count, one.decided.n)
        for one, part in zip(kept, parts, strict=True)
    ]
    no_kept = suppressed_pairs(
        [count for count, _ in decided],
        [n for _, n in decided],
        held=[one is None or hide for one, hide in zip(kept, hidden, strict=True)],
    )
    courts = [
        Court(
            code=code,
            city=city(code),
            n=0 if hidden[at] else sizes[at],
            is_suppressed=hidden[at],
            kept=None if no_kept[at] else kept[at],
            ordered=None
            if no_order[at]
            else proportion(ordered[at], parts[at]["lead_case_id"]),
        )
        for at, code in enumerate(codes)
    ]
    return tuple(sorted(courts, key=lambda court: (-court.n, court.city, court.code)))


def _kept(frame: pl.DataFrame, as_of: date) -> Kept | None:
    try:
        return kept_promise(frame, "first master", as_of=as_of)
    except (NothingToShow, TooFewCases):
        return None


def city(code: str) -> str:
    """Give a court's city as people write it, with its code where a city has several.

    Args:
        code: A court's; one in no list is given as it is.

    Example:
        >>> city("BOS"), city("NYB")
        ('Boston, MA', 'New York, NY (NYB)')
    """
    listed = code_list("base_city")
    names = dict(zip(listed.codes, listed.descriptions, strict=True))
    name = names.get(code)
    if name is None:
        return code
    town, _, state = name.rpartition(", ")
    shared = sum(other == name for other in names.values()) > 1
    return f"{town.title()}, {state}" + (f" ({code})" if shared else "")

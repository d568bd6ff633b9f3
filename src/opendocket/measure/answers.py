"""Put a question to a docket by name, and get an answer whose every row can stand alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict, Unpack

import polars as pl

from opendocket.docket import Docket
from opendocket.docket.possible import FIRST_DATE
from opendocket.errors import BadCut, DateOutOfRange, NothingToShow
from opendocket.estimate.suppression import THRESHOLD
from opendocket.measure.catalogue import measure as measure_called
from opendocket.measure.cut import Where, checked_by
from opendocket.measure.estimators import OverTime, Own, stacked
from opendocket.measure.grains import Asked
from opendocket.measure.guarding import guarded, told_apart
from opendocket.measure.named import Definition, Measure

LATEST_DAY = 36_525
"""A hundred years."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, every name of it checked."""

    measure: Measure
    definitions: tuple[Definition, ...]
    where: Where
    by: tuple[str, ...]
    as_of: date
    days: tuple[int, ...] = ()
    threshold: int = THRESHOLD
    """The smallest count shown; 1 shows all."""

    @property
    def counted(self) -> str:
        """Name the column of what the estimate is among: cases, hearings, families."""
        names = {definition.estimator.grain.count for definition in self.definitions}
        return names.pop() if len(names) == 1 else "counted_count"

    @property
    def count(self) -> str:
        """Name the column of those counted among them."""
        return f"{self.measure.estimate.rpartition('_')[0]}_count"

    @property
    def holds_published(self) -> bool:
        """Tell whether other agencies' counts are among the rows, real in any docket."""
        each = (definition.estimator for definition in self.definitions)
        return any(isinstance(one, Own) and not one.is_by_group for one in each)

    def asked(self, docket: Docket) -> Asked:
        """Put it to a docket."""
        return Asked(docket.con, self.as_of, self.where, self.by, self.days)


class Choices(TypedDict, total=False):
    """What may be chosen of a question; see :func:`answer`."""

    where: Where
    by: str | Sequence[str]
    as_of: date | str | None
    definition: str | None
    days: Sequence[int]
    suppress: bool


def _day(given: date | str | None) -> date | None:
    """Read a day, given as one or written YYYY-MM-DD."""
    if not isinstance(given, str):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadCut(given, "no such day", "write it as 2022-09-30") from None


def question(docket: Docket, name: str, **choices: Unpack[Choices]) -> Question:
    """Check a question's names, without asking it; see :func:`answer`."""
    found = measure_called(name)
    on = _day(choices.get("as_of")) or docket.as_of
    days, by = choices.get("days", ()), choices.get("by", ())
    if not FIRST_DATE <= on <= docket.as_of:
        raise DateOutOfRange("as-of date", on, first=FIRST_DATE, last=docket.as_of)
    if any(not 0 <= day <= LATEST_DAY for day in days):
        raise BadCut(f"days {list(days)}", "no day of a case", f"ask for 0 to {LATEST_DAY:,}")
    chosen = found.defined(choices.get("definition"))
    if days and not any(isinstance(d.estimator, OverTime | Own) for d in chosen):
        raise BadCut(
            f"days {list(days)}", f"{name} is not read at days", "leave them out, or choose a "
            "definition over time",
        )  # fmt: skip
    return Question(
        measure=found,
        definitions=chosen,
        where=choices.get("where", {}),
        by=checked_by([by] if isinstance(by, str) else by),
        as_of=on,
        days=tuple(sorted(set(days))),
        threshold=THRESHOLD if choices.get("suppress", True) else 1,
    )


def answer(docket: Docket, name: str, **choices: Unpack[Choices]) -> pl.DataFrame:
    """Answer a question on a docket, as it stood at the end of a day.

    Args:
        docket: An open docket.
        name: A measure's (``opendocket measures`` lists them).
        **choices: Any of the following.
        where: Which cases, by the names of :data:`opendocket.measure.cut.DIMENSIONS`, such as
            ``{"docket": "dedicated", "year": "2021..2022"}``; all removal-type cases where
            none is named.
        by: In which groups, by the same names.
        as_of: The day, or how it is written; the last one the release knows of where None.
        definition: Whose way to answer; the measure's first where None, ``all`` for each.
        days: Days since the clock's start at which shares over time are read.
        suppress: Whether counts of 1 to 10 people are held back, with what would give them
            away; False for private work.

    Returns:
        One row per definition, group, part and day: ``definition``, the groups, the part,
        ``days``, the cases or hearings counted among (``case_count``), families, those counted,
        the estimate and the ends of its 95 % interval (units in their names), ``as_of_date``,
        ``is_suppressed``, and ``is_synthetic`` of a docket about nobody. An estimate is empty
        where it is held back, or too few cases were observed to give it.

    Raises:
        UnknownName: No measure, definition, filter, grouping or code of that name.
        BadCut: A filter or grouping that cannot be one, or a measure that has none.
        DateOutOfRange: The release does not reach the day.
        NothingToShow: No case is in the cut.

    Assumes:
        Families are independent of each other. Tag, custody and family links have no date in
        the records, and are as the release has them.

    Source:
        The definitions: ``opendocket measures NAME``; docs/reference/measures.md.
    """
    return answered(docket, question(docket, name, **choices))


def answered(docket: Docket, asked: Question) -> pl.DataFrame:
    """Answer a question whose names are checked; see :func:`answer`."""
    frames = [_by_definition(docket, asked, definition) for definition in asked.definitions]
    whole = stacked(frames)
    if whole.is_empty():
        raise NothingToShow(
            asked.measure.name,
            f"none in this cut of whom it speaks ({asked.definitions[0].population})",
            "choose another filter, or a later day",
        )
    whole = told_apart(whole, asked.by, threshold=asked.threshold)
    return _named(_with_incomplete(whole, asked), asked, docket)


def _with_incomplete(rows: pl.DataFrame, asked: Question) -> pl.DataFrame:
    """Mark the fiscal year or month that the as-of day cuts short."""
    day = asked.as_of
    is_cut = pl.lit(value=False)
    if "year" in asked.by and (day.month, day.day) != (9, 30):
        is_cut |= pl.col("year") == day.year + (day.month >= 10)
    if "month" in asked.by and (day + timedelta(days=1)).day != 1:
        is_cut |= pl.col("month") == f"{day:%Y-%m}"
    if not {"year", "month"} & set(asked.by):
        return rows
    before = (
        pl.col("is_incomplete").fill_null(value=False)
        if "is_incomplete" in rows.columns
        else False
    )
    return rows.with_columns(is_incomplete=(is_cut | before).fill_null(value=False))


def _by_definition(docket: Docket, asked: Question, definition: Definition) -> pl.DataFrame:
    estimator = definition.estimator
    if isinstance(estimator, Own) and not estimator.is_by_group and (asked.by or asked.where):
        raise BadCut(
            ",".join((*asked.by, *asked.where)),
            f"{asked.measure.name} is about all courts, of a published series",
            "ask without filters and groupings",
        )
    rows = estimator.rows(asked.asked(docket))
    if not rows.is_empty() and "n" in rows.columns and not rows["n"].sum():
        rows = rows.clear()
    held = guarded(rows, asked.by, is_whole=estimator.is_whole, threshold=asked.threshold)
    if asked.by and not held.is_empty():
        held = held.sort(asked.by, nulls_last=True, maintain_order=True)
    return held.with_columns(definition=pl.lit(definition.name))


def _named(rows: pl.DataFrame, asked: Question, docket: Docket) -> pl.DataFrame:
    """Give columns the names of what they hold, in one order."""
    measure = asked.measure
    names = {
        "n": asked.counted,
        "families": "family_count",
        "at_risk": "at_risk_count",
        "part": measure.part,
        "value": measure.estimate,
        "lower": f"lower_{measure.unit}",
        "upper": f"upper_{measure.unit}",
    }
    if measure.unit == "count":
        rows = rows.with_columns(pl.col("value").round(0).cast(pl.Int64)).drop("count", "n")
    else:
        names["count"] = asked.count
    if names["families"] in (measure.estimate, names["n"]):
        rows = rows.drop("families", strict=False)
    order = [
        "definition", *asked.by, "part", "days", "n", "families", "at_risk", "count", "value",
        "lower", "upper",
    ]  # fmt: skip
    extra = [c for c in rows.columns if c not in {*order, "is_suppressed"}]
    kept = [c for c in (*order, *extra) if c in rows.columns]
    return rows.select(
        *(pl.col(name).alias(names.get(name, name)) for name in kept),
        pl.lit(asked.as_of).alias("as_of_date"),
        "is_suppressed",
        pl.lit(docket.is_synthetic).alias("is_synthetic"),
    )

"""Put a question to a docket by name, and get an answer whose every row can stand alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict, Unpack

import polars as pl

from opendocket.docket import Docket
from opendocket.docket.possible import FIRST_DATE
from opendocket.errors import BadCut, DateOutOfRange, NothingToShow
from opendocket.estimate.suppression import THRESHOLD
from opendocket.measure.catalogue import measure as measure_called
from opendocket.measure.cut import Where, checked_by
from opendocket.measure.estimators import Own
from opendocket.measure.grains import Asked
from opendocket.measure.guarding import guarded
from opendocket.measure.named import Definition, Measure


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
    def holds_published(self) -> bool:
        """Tell whether counts of other agencies are among the rows, real whatever the docket."""
        each = (definition.estimator for definition in self.definitions)
        return any(isinstance(one, Own) and not one.is_by_group for one in each)

    def asked(self, docket: Docket) -> Asked:
        """Put it to a docket."""
        return Asked(docket.con, self.as_of, self.where, self.by, self.days)


class Choices(TypedDict, total=False):
    """What may be chosen of a question; see :func:`answer`."""

    where: Where
    by: str | Sequence[str]
    as_of: date | None
    definition: str | None
    days: Sequence[int]
    suppress: bool


def question(docket: Docket, name: str, **choices: Unpack[Choices]) -> Question:
    """Check a question's names, without asking it; see :func:`answer`."""
    found = measure_called(name)
    on = choices.get("as_of") or docket.as_of
    days, by = choices.get("days", ()), choices.get("by", ())
    if not FIRST_DATE <= on <= docket.as_of:
        raise DateOutOfRange("as-of date", on, first=FIRST_DATE, last=docket.as_of)
    if any(day < 0 for day in days):
        raise BadCut(f"days {list(days)}", "a day before the start", "ask for days from 0 on")
    return Question(
        measure=found,
        definitions=found.defined(choices.get("definition")),
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
        as_of: The day; the last one the release knows of where None.
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
    whole = pl.concat(frames, how="diagonal_relaxed")
    if whole.is_empty():
        raise NothingToShow(
            asked.measure.name,
            f"none in this cut of whom it speaks ({asked.definitions[0].population})",
            "choose another filter, or a later day",
        )
    return _named(whole, asked, docket)


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
    return held.with_columns(definition=pl.lit(definition.name))


def _named(rows: pl.DataFrame, asked: Question, docket: Docket) -> pl.DataFrame:
    """Give columns the names of what they hold, in one order."""
    measure = asked.measure
    stem = measure.estimate.rpartition("_")[0]
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
        names["count"] = f"{stem}_count"
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

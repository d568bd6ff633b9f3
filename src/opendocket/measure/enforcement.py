"""What other agencies count in the same years: published, set beside, never divided."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import polars as pl

from opendocket.estimate.counts import grouped_counts
from opendocket.measure.estimators import Own, groups, stacked
from opendocket.measure.grains import Asked
from opendocket.measure.named import Definition, Measure
from opendocket.measure.removals import ORDERED

REMOVALS = ("ICE removals", "ICE removals, arrested by ICE")
ORDERS_MADE = "removal orders"
NO_INTERVAL = ("lower", "upper")


@dataclass(frozen=True, slots=True)
class Published:
    """One year of a series that another agency published."""

    id: str
    """As in docs/data/published.md."""
    fiscal_year: int
    series: str
    value: int
    source: str
    is_partial_year: bool = False
    """Whether the agency counted less than the whole year."""


@cache
def published_series() -> tuple[Published, ...]:
    """Give the published series of the enforcement record, in order of series and year.

    Example:
        >>> [each.value for each in published_series() if each.id == "E02-2021"]
        [59011]
    """
    text = (files("opendocket.measure") / "enforcement.csv").read_text(encoding="utf-8")
    return tuple(
        Published(
            row["id"], int(row["fiscal_year"]), row["series"], int(row["value"]), row["source"],
            is_partial_year=" to " in row["id"],
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def _known(as_of: date) -> pl.DataFrame:
    """Give the series of the fiscal years that were over by a day."""
    known = [each for each in published_series() if date(each.fiscal_year, 9, 30) <= as_of]
    return pl.DataFrame(
        {
            "part": [each.series for each in known],
            "count": [each.value for each in known],
            "n": [each.value for each in known],
            "value": [float(each.value) for each in known],
            "fiscal_year": [each.fiscal_year for each in known],
            "is_partial_year": [each.is_partial_year for each in known],
            "figure_id": [each.id for each in known],
            "source_name": [each.source for each in known],
        },
        schema_overrides={"part": pl.String, "figure_id": pl.String, "source_name": pl.String},
    ).with_columns(pl.lit(None, dtype=pl.Float64).alias(end) for end in NO_INTERVAL)


def _series(asked: Asked) -> pl.DataFrame:
    return _known(asked.as_of)


def _orders_made(asked: Asked) -> pl.DataFrame:
    """Count the docket's removal orders by the fiscal year of the first decision."""
    by_year = Asked(asked.con, asked.as_of, by=("year",))
    frame = by_year.fetch(("first_decision",), day="first_decision_date").filter(ORDERED)
    by = groups(frame, by_year.by)
    counts = grouped_counts(by.of, frame["lead_case_id"].to_numpy(), groups=len(by.keys))
    year = by.keys["year"].cast(pl.Int64)
    return pl.DataFrame(
        {
            "part": [ORDERS_MADE] * len(year),
            "count": counts.count,
            "n": counts.count,
            "families": counts.families,
            "value": counts.count.astype(float),
            "lower": counts.lower,
            "upper": counts.upper,
            "fiscal_year": year,
            "is_partial_year": [date(each, 9, 30) > asked.as_of for each in year],
        },
        schema_overrides={"part": pl.String, "is_partial_year": pl.Boolean},
    )


def _beside(asked: Asked) -> pl.DataFrame:
    removals = _known(asked.as_of).filter(pl.col("part").is_in(REMOVALS)).drop("source_name")
    first = min(each.fiscal_year for each in published_series() if each.series in REMOVALS)
    orders = _orders_made(asked).filter(pl.col("fiscal_year") >= first)
    order = {part: at for at, part in enumerate((ORDERS_MADE, *REMOVALS))}
    return stacked([orders, removals]).sort(
        "fiscal_year", pl.col("part").replace_strict(order, return_dtype=pl.Int64)
    )


_OTHERS = (
    "Other agencies' counts, of all courts and none: no filter or grouping reaches them, and "
    "they are real where a docket is synthetic."
)
_SECOND_HAND = (
    "Several years were read second-hand; docs/data/published.md says how each was read."
)

ENFORCEMENT = Measure(
    name="enforcement",
    topic="enforcement",
    question="How many people were encountered, arrested and removed, as the agencies say?",
    estimate="published_count",
    definitions=(
        Definition(
            name="published",
            user="CBP (E13-E16); ICE (E01-E04)",
            population="whom the agency counts",
            numerator="encounters, apprehensions, arrests or removals; a person may be in "
            "several",
            denominator="",
            clock="fiscal years that were over by the as-of day",
            estimator=Own(_series, is_by_group=False),
            caveats=(
                "No interval: these are others' counts, and nothing here was estimated.",
                "is_partial_year marks a year that the agency had not counted to its end.",
            ),
        ),
    ),
    part="series",
    assumes=("The figures are as printed; later years' reports restate earlier ones.",),
    source="docs/data/published.md, group E",
    caveats=(
        _OTHERS,
        _SECOND_HAND,
        "Encounters count crossings, not people: who is turned back and comes again counts "
        "twice. Families and children alone are also in the border's total where they came by "
        "the southwest border: never add the series.",
    ),
)

ORDERS_AND_REMOVALS = Measure(
    name="orders-and-removals",
    topic="enforcement",
    question="How many removal orders were made, and how many removals were there, each year?",
    estimate="yearly_count",
    definitions=(
        Definition(
            name="beside",
            user="OpenDocket; ICE (E02-E04)",
            population="cases that a judge has decided; and, apart from them, whom ICE removed",
            numerator="first decisions that were removal orders, in absentia or not, "
            "protection left out; removals; and removals of people whom ICE itself arrested",
            denominator="",
            clock="fiscal years of the decision and of the removal, from the first year with "
            "published removals",
            estimator=Own(
                _beside, ("first_decision",), day="first_decision_date", is_by_group=False
            ),
            caveats=(
                "The orders have an interval, as families come by chance; published removals "
                "have none.",
                "is_partial_year marks a year that the release, or ICE's count, does not reach "
                "the end of; fiscal years of ICE are given once they were over.",
            ),
        ),
    ),
    part="series",
    assumes=("Families come independently of each other.",),
    source="published figures A35, A36, E02-E04; What is contested, 11",
    caveats=(
        "Never divide the one by the other: the removals of a year are of other people, "
        "ordered in other years or by officers without a court; two in three of all removals "
        "in 2020 were of people arrested at the border.",
        "Orders on appeal, and those within the time for it, stand among the orders.",
        _OTHERS,
        _SECOND_HAND,
    ),
)

MEASURES = (ENFORCEMENT, ORDERS_AND_REMOVALS)

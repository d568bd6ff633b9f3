"""What came of the orders? Entered, ordered removed, and undone; the release ends there."""

from dataclasses import dataclass

import polars as pl

from opendocket.estimate.shares import Proportion, proportion
from opendocket.measure.attendance import ORDERS
from opendocket.measure.estimators import EVERYBODY, Clocked, Count, OverTime, Share
from opendocket.measure.named import Definition, Measure


@dataclass(frozen=True, slots=True)
class Orders:
    """A docket's removal orders."""

    entered: int
    families: int
    ordered: Proportion
    """Cases whose first decision was a removal order, of all."""
    in_absentia: int
    rescinded: int
    """Orders in absentia that were rescinded since."""
    open_again: int
    """Cases ordered removed that are pending once more, after a reopening or a remand."""


def orders(frame: pl.DataFrame) -> Orders:
    """Count a docket's removal orders, as far as the courts' record goes.

    Whether an order was carried out is not in the courts' record. It must not be divided by
    the removals that another agency counts in the same year: those are other people's.

    Args:
        frame: Cases (:func:`opendocket.measure.population.cases`).

    Returns:
        Counts, and the share ordered removed.

    Raises:
        NothingToShow: There is no case.

    Source:
        Published figures A35, A36 and "What is contested", 11.

    Example:
        >>> orders(pl.DataFrame({
        ...     "lead_case_id": [1, 1, 2, 3],
        ...     "first_decision": ["in absentia", "removal", "relief", None],
        ...     "rescinded_date": [None] * 4,
        ...     "is_pending": [False, True, False, True],
        ... })).ordered.count
        2
    """
    is_order = frame["first_decision"].is_in(ORDERS).fill_null(False)
    return Orders(
        entered=len(frame),
        families=frame["lead_case_id"].n_unique(),
        ordered=proportion(is_order, frame["lead_case_id"], what="removal orders"),
        in_absentia=int((frame["first_decision"] == "in absentia").sum()),
        rescinded=int(frame["rescinded_date"].is_not_null().sum()),
        open_again=int((is_order & frame["is_pending"]).sum()),
    )


ORDERED = pl.col("first_decision").is_in(ORDERS)
ENDED_SO = pl.col("first_outcome").is_in(ORDERS)
PROTECTED = (*ORDERS, "protection")
"""Orders, and those that come with protection from being removed to one country."""

_FAMILIES = "Families are independent of each other."
_NOT_CARRIED_OUT = (
    "An order is not a removal: whether it became final or was carried out is not in the "
    "courts' record."
)


def _orders(outcome: str, among: tuple[str, ...] = ORDERS) -> Count:
    return Count((outcome,), pl.col(outcome).is_in(among), day=f"{outcome}_date")


REMOVAL_ORDERS = Measure(
    name="removal-orders",
    topic="removals",
    question="How many people were ordered removed?",
    estimate="ordered_count",
    definitions=(
        Definition(
            name="eoir",
            user="EOIR, initial case completions",
            population="cases that a judge has decided",
            numerator="those whose first decision was a removal order, in absentia or not; "
            "orders with withholding or protection under the Convention left out",
            denominator="",
            clock="the day of the first decision",
            estimator=_orders("first_decision"),
            caveats=(
                "Who was ordered removed only after a reopening or a remand is left out.",
            ),
        ),
        Definition(
            name="trac",
            user="TRAC (A16)",
            population="cases that have ended in any way",
            numerator="those whose first ending was a removal order, in absentia or not",
            denominator="",
            clock="the day of the first ending",
            estimator=_orders("first_outcome"),
            figures=("A16",),
            caveats=(
                "Who was ordered removed after an administrative closure is left out, as the "
                "closure came first.",
            ),
        ),
        Definition(
            name="with-protection",
            user="who counts every order that stands on paper",
            population="cases that a judge has decided",
            numerator="those whose first decision was a removal order, those with withholding "
            "or protection under the Convention Against Torture among them",
            denominator="",
            clock="the day of the first decision",
            estimator=_orders("first_decision", PROTECTED),
            caveats=("Who has protection may not be removed to the country feared.",),
        ),
        Definition(
            name="standing",
            user="code that keeps a case's last proceeding (Deportation Data Project)",
            population="cases that are closed",
            numerator="those whose last ending by the as-of day is a removal order",
            denominator="",
            clock="the day of the last ending",
            estimator=_orders("final_outcome"),
            caveats=(
                "Orders undone since have vanished from the years they were made in.",
                "Orders on appeal stand here, though they are not final.",
            ),
        ),
    ),
    assumes=("Families come independently of each other.",),
    source="docs/explanation/definitions.md; published figures A16, A35",
    caveats=(
        _NOT_CARRIED_OUT,
        "Removals that another agency counts in the same years are other people's: never "
        "divide one by the other (What is contested, 11).",
        "The day an order is made is not the day it becomes final: appeals come between.",
    ),
)

ORDERED_REMOVED = Measure(
    name="ordered-removed",
    topic="removals",
    question="What share was ordered removed?",
    estimate="ordered_share",
    definitions=(
        Definition(
            name="eoir",
            user="EOIR, initial case completions",
            population="cases first decided",
            numerator="first decision a removal order, in absentia or not; protection left out",
            denominator="initial case completions: first decisions by a judge",
            clock="years are those of the decision",
            estimator=Share(
                ORDERED,
                ("first_decision",),
                pl.col("first_decision").is_not_null(),
                day="first_decision_date",
            ),
            caveats=(
                "Leaves out pending cases and those closed without a decision; orders in "
                "absentia come first, so a young docket reads high.",
            ),
        ),
        Definition(
            name="with-protection",
            user="who counts every order that stands on paper",
            population="cases first decided",
            numerator="first decision a removal order, those with withholding or protection "
            "under the Convention Against Torture among them",
            denominator="first decisions by a judge",
            clock="years are those of the decision",
            estimator=Share(
                pl.col("first_decision").is_in(PROTECTED),
                ("first_decision",),
                pl.col("first_decision").is_not_null(),
                day="first_decision_date",
            ),
            caveats=("Counts people whom a judge protected as ordered removed.",),
        ),
        Definition(
            name="ucla",
            user="UCLA (A25)",
            population="completed cases of a cohort",
            numerator="first ended by a removal order, in absentia or not",
            denominator="cases that have ended in any way",
            clock="years are those of receipt",
            estimator=Share(
                ENDED_SO, ("first_outcome",), pl.col("first_outcome").is_not_null()
            ),
            figures=("A25",),
            caveats=(
                "Of a young docket the fast endings alone: most of those are orders in "
                "absentia.",
                "Dismissals for want of a notice are endings here; the published 99 % can hold "
                "few of them.",
            ),
        ),
        Definition(
            name="begun",
            user="LA Times, of ICE's figures (A35)",
            population="all cases begun, pending ones among them",
            numerator="first decision a removal order, in absentia or not, by the as-of day",
            denominator="all cases",
            clock="so far; years are those of receipt",
            estimator=Share(ORDERED, ("first_decision",), EVERYBODY),
            caveats=("Counts pending cases as not ordered, before they are heard: too low.",),
        ),
        Definition(
            name="incidence",
            user="OpenDocket",
            population="all cases begun",
            numerator="first ended by a removal order by so many days",
            denominator="all of them, other endings competing, pending ones not yet",
            clock="from receipt",
            estimator=OverTime(
                Clocked(
                    "received_date",
                    "first_outcome_date",
                    {
                        "ordered removed": ENDED_SO,
                        "otherwise": pl.col("first_outcome").is_not_null(),
                    },
                    ("first_outcome",),
                )
            ),
            caveats=("Orders after an ending that was undone are not counted.",),
        ),
    ),
    part="ended",
    assumes=(_FAMILIES,),
    source="docs/explanation/definitions.md, How a case ends; published figures A25, A35",
    caveats=(
        _NOT_CARRIED_OUT,
        "The first order counts; some were undone since (measure rescission).",
    ),
)

MEASURES = (REMOVAL_ORDERS, ORDERED_REMOVED)

"""What came of the orders? Entered, ordered removed, and undone; the release ends there."""

from dataclasses import dataclass

import polars as pl

from opendocket.estimate.shares import Proportion, proportion
from opendocket.measure.attendance import ORDERS


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

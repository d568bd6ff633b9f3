"""How near is near: tolerances, each with how it was chosen, and targets made by them."""

from dataclasses import dataclass
from datetime import date

from opendocket.figures.held import Read
from opendocket.figures.targets import Target


@dataclass(frozen=True, slots=True)
class Rule:
    """How far a docket's figure may be from the published one, and why so far."""

    tolerance: float
    """A share of the value for counts, a difference for shares."""
    why: str
    is_share: bool = False
    bound: str = ""
    places: int = 0
    is_small: bool = False


VINTAGE = "as the short list asks: records are entered late, taken out and numbered anew"
COUNT = Rule(0.05, f"5 %, {VINTAGE}")
FEW = Rule(0.05, f"5 %, {VINTAGE}; more where chance alone moves so few", is_small=True)
ROUND = Rule(0.10, "10 %: it is published as a round number")
DAYS = Rule(0.10, "10 %: which clock, which cases and which day is not published in full")
HEADS = Rule(0.10, "10 %: everybody counts heads in another way")
MARKED = Rule(0.10, "10 %: the mark has no date, and may have been taken off since")
BUSY = Rule(0.20, "20 %: every judge near the limit may fall on either side of it")
PER_JUDGE = Rule(0.20, "20 %: matters, cases and judges are counted in different ways")
SHARE = Rule(0.02, f"2 points, {VINTAGE}", is_share=True)
FEW_SHARE = Rule(
    0.02, "2 points; more where chance alone moves so few", is_share=True, is_small=True
)
WORDS = Rule(
    0.05, "5 points: it is published in words, or without its denominator", is_share=True
)
RATE = Rule(0.02, "2 points: it is published as 'about a third'", is_share=True)
EXACT_SHARE = Rule(0.005, "half a point: the very file it was counted in", is_share=True)
EXACT_LINES = Rule(0.001, "one in a thousand: the very file it was counted in")
AT_LEAST = Rule(0.0, "none: it is published as a lower bound", bound="at least")
AT_MOST = Rule(0.0, "none: it is published as an upper bound", bound="at most")
AT_LEAST_SHARE = Rule(0.0, AT_LEAST.why, is_share=True, bound="at least")
SIZE = Rule(0.05, "5 %: it is a quotient of two round counts", places=1)


@dataclass(frozen=True, slots=True)
class How:
    """How a docket is asked for a figure, and by which named measure others may ask."""

    method: str
    read: Read
    measure: str = ""
    definition: str = ""


def figure(ids: str, what: str, as_of: date, value: float, rule: Rule, how: How) -> Target:
    """Make a target of a published figure.

    Args:
        ids: Of the published rows, parted by semicolons.
        what: What is counted.
        as_of: The day it is of.
        value: As published; a percentage for a share.
        rule: The tolerance.
        how: How a docket is asked.
    """
    return Target(
        tuple(id.strip() for id in ids.split(";")),
        what,
        as_of,
        value / 100 if rule.is_share else value,
        rule.is_share,
        rule.tolerance,
        how.method,
        how.read,
        is_small=rule.is_small,
        chosen=rule.why,
        measure=how.measure,
        definition=how.definition,
        bound=rule.bound,
        places=rule.places,
    )


def fiscal(year: int) -> tuple[date, date]:
    """Give the first and last day of a federal fiscal year.

    Example:
        >>> fiscal(2019)
        (datetime.date(2018, 10, 1), datetime.date(2019, 9, 30))
    """
    return date(year - 1, 10, 1), date(year, 9, 30)

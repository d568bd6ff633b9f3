"""The days that a date in a release can be."""

from dataclasses import dataclass
from datetime import date

FIRST_DATE = date(1910, 1, 1)
"""Earlier dates are slips or sentinels (1900-01-01); no court record can be so old."""

YEARS_AHEAD = 20
"""Hearings are set up to 14 years ahead (2040 in the release of 2026); 2925 is a slip."""


@dataclass(frozen=True, slots=True)
class Possible:
    """The days that a date in a release can be."""

    first: date
    last: date
    """For what has happened."""
    last_ahead: date
    """For what may lie ahead."""


def possible_days(as_of: date) -> Possible:
    """Give the days that a date in a release can be.

    Args:
        as_of: The last day of observation.

    Example:
        >>> possible_days(date(2026, 6, 30)).last_ahead
        datetime.date(2046, 6, 1)
    """
    return Possible(FIRST_DATE, as_of, as_of.replace(year=as_of.year + YEARS_AHEAD, day=1))

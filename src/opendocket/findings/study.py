"""What every section of a report starts from: one docket, one day, one set of cases."""

from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from opendocket.docket import Docket
from opendocket.errors import DateOutOfRange, NothingToShow
from opendocket.findings.words import day
from opendocket.measure.population import BEGAN, cases

EARLY = 60
"""Days of observation below which nothing is drawn or said of time."""

FEWEST, FEWEST_FAMILIES = 50, 20
"""Below this every number would point at somebody."""


@dataclass(frozen=True)
class Study:
    """A docket looked at on a day."""

    docket: Docket
    as_of: date
    frame: pl.DataFrame
    """The cases of the Dedicated Docket by the courts' own rule, as they stood that day."""

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """Give the docket's connection."""
        return self.docket.con

    @property
    def is_synthetic(self) -> bool:
        """Whether the docket is about nobody."""
        return self.docket.is_synthetic

    @property
    def source(self) -> str:
        """The line below every picture."""
        if self.is_synthetic:
            return (
                f"{self.docket.made_up} As of {day(self.as_of)}. 95% intervals, families "
                "clustered."
            )
        return (
            f"Source: EOIR case data released {day(self.docket.released)}, measured by "
            f"OpenDocket. As of {day(self.as_of)}. 95% intervals, families clustered."
        )


def study(docket: Docket, *, as_of: date | None = None) -> Study:
    """Freeze a docket on a day.

    Args:
        docket: An open docket.
        as_of: The day; the last one the release knows of where None.

    Raises:
        DateOutOfRange: Before the Dedicated Docket began, or after the release's last day.
        NothingToShow: The Dedicated Docket has too few cases by then to report on.
    """
    on = as_of or docket.as_of
    if not BEGAN <= on <= docket.as_of:
        raise DateOutOfRange("as-of date", on, first=BEGAN, last=docket.as_of)
    frame = cases(docket.con, "dedicated", as_of=on)
    if len(frame) < FEWEST or frame["lead_case_id"].n_unique() < FEWEST_FAMILIES:
        raise NothingToShow(
            "the Dedicated Docket",
            f"too few cases received by {on} to show any number of them",
            "choose a later as-of date",
            f"at least {FEWEST} cases in {FEWEST_FAMILIES} families",
        )
    return Study(docket, on, frame)

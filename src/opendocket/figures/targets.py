"""The published figures that a docket is compared with, and how each is measured.

``TARGETS`` is the short list that the synthetic release is fitted to; every line of it is
here, also the one that the courts' records cannot answer. What else a docket is asked for
stands in the ``further_`` modules, and all of it in :mod:`opendocket.figures.coverage`. Ids
are those of docs/data/published.md.
"""

from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from opendocket.figures.flows import (
    ALL_KINDS,
    CLOSURE,
    COUNTED_KINDS,
    between,
    completed_between,
    in_absentia_rate,
)
from opendocket.figures.held import Read
from opendocket.figures.published import published
from opendocket.figures.readings import (
    ABSENT,
    CLOSED,
    EVERYBODY,
    FILED,
    NO_NTA,
    ORDERED,
    RELIEF,
    REPRESENTED,
    closed_since,
    dedicated_count_of,
    dedicated_share_of,
    identity,
    in_courts,
    ordinary_share_of,
)
from opendocket.figures.stocks import pending
from opendocket.figures.tallies import ENDED, RECEIVED
from opendocket.figures.whole import open_share

SERIES = {
    "B02": "initial receipts",
    "B03": "completions",
    "B01": "pending at the end",
    "B07": "completions of all kinds, TRAC",
}
"""Yearly series, by their ids."""

LIKELY_VINTAGE = "exact only in a release of April 2021; ±5 % is our choice"


@dataclass(frozen=True, slots=True)
class Target:
    """A published figure, and how a docket is asked for it."""

    figures: tuple[str, ...]
    """Ids of the published rows."""
    what: str
    as_of: date
    value: float
    """A count, or a share from 0 to 1."""
    is_share: bool
    tolerance: float
    """A share of the value for counts, a difference for shares."""
    method: str
    """How it is measured here, or why it cannot be."""
    read: Read | None
    is_small: bool = False
    """It rests on fewer than 200 families, whom chance moves by more than the tolerance."""
    series: str = ""
    period: str = ""
    chosen: str = ""
    """How the tolerance was chosen."""
    measure: str = ""
    """The named measure nearest to it; empty where none is."""
    definition: str = ""
    """Whose definition of that measure is nearest; empty for its first one."""
    bound: str = ""
    """``at least`` or ``at most``, where what is published is a bound."""
    allowance: float | None = None
    """The tolerance in the figure's own unit, where it is not a share of the value."""
    places: int = 0
    """Digits after the point, as published."""

    @property
    def allowed(self) -> float:
        """Give the tolerance in the figure's own unit."""
        if self.allowance is not None:
            return self.allowance
        return self.tolerance if self.is_share else self.tolerance * self.value

    def written(self, value: float) -> str:
        """Write a value as people read it.

        Example:
            >>> TARGETS[0].written(16_713.2)
            '16,713'
        """
        return f"{100 * value:.1f} %" if self.is_share else f"{value:,.{self.places}f}"

    def written_apart(self, value: float) -> str:
        """Write a difference as people read it."""
        points = f"{100 * value:.1f} points"
        return points if self.is_share else f"{value:,.{self.places}f}"

    def written_tolerance(self, value: float) -> str:
        """Write what is tolerated as people read it."""
        return self.bound or f"±{self.written_apart(value)}"


def _count(
    ids: str,
    what: str,
    as_of: date,
    value: float,
    method: str,
    read: Read,
    *,
    few: bool = False,
) -> Target:
    return Target(
        tuple(ids.split()), what, as_of, value, False, 0.05, method, read, is_small=few
    )


def _share(
    ids: str,
    what: str,
    as_of: date,
    percent: float,
    method: str,
    read: Read,
    *,
    few: bool = False,
) -> Target:
    return Target(
        tuple(ids.split()), what, as_of, percent / 100, True, 0.02, method, read, is_small=few
    )


def _rate(ids: str, what: str, first: date, last: date, percent: float) -> Target:
    method = "in absentia orders among first decisions of people not detained (N, R)"
    read = in_absentia_rate(first)
    return Target(tuple(ids.split()), what, last, percent / 100, True, 0.01, method, read)


AUGUST, NEW_YEAR, AUTUMN = date(2021, 8, 31), date(2021, 12, 31), date(2022, 9, 30)
BOSTON_DAY, LOS_ANGELES_DAY, MIAMI_DAY = date(2022, 8, 31), date(2022, 2, 1), date(2022, 6, 30)
BOSTON, LOS_ANGELES, MIAMI = in_courts("BOS"), in_courts("LOS", "NLA"), in_courts("MIA")
MIAMI_YEAR = closed_since(date(2021, 10, 1))
STUDY_BEGINS, STUDY_ENDS = date(2007, 10, 1), date(2018, 9, 30)

_DAYS = (pl.col("first_outcome_date") - pl.col("nta_date")).dt.total_days()
_BY_RULE = pl.col("dedicated_location_code").is_not_null()
_BY_THEN = pl.col("counsel_date") <= pl.col("first_outcome_date")
_PROTECTED = pl.col("first_outcome") == "protection"
_TAGGED = "cases with the tag DD received by the day"
_CLOSED_HOW = "cases with the tag DD that first ended in any way, no-NTA dismissals included"
_FILED_HOW = "asylum application filed, among closed cases"

DEDICATED = (
    *(
        _count(
            ids, "people on the Dedicated Docket", day, value, _TAGGED,
            dedicated_count_of(EVERYBODY, also=(("heard at one of its places", _BY_RULE),)),
        )
        for ids, day, value in (
            ("A08", AUGUST, 16_713), ("A12", NEW_YEAR, 72_000), ("A42", AUTUMN, 110_000),
        )
    ),
    _count(
        "A43", "closed", AUTUMN, 39_187, _CLOSED_HOW,
        dedicated_count_of(
            CLOSED,
            also=(
                ("without no-NTA dismissals", CLOSED & ~NO_NTA),
                ("closed and not reopened", ~pl.col("is_pending")),
            ),
        ),
    ),
    _count(
        "A44", "granted asylum", AUTUMN, 2_894, "asylum application granted",
        dedicated_count_of(
            pl.col("is_asylum_granted"), also=(("any relief or protection", RELIEF),)
        ),
    ),
    _share(
        "A45", "closed in under 300 days from the NTA, of closed", AUTUMN, 83,
        "days from the NTA's date to the first ending, closed cases only",
        dedicated_share_of(
            _DAYS < 300, CLOSED, pl.col("nta_date").is_not_null(),
        ),
    ),
    _share(
        "A46", "represented, of closed", AUTUMN, 34, "counsel entered by the day of the figure",
        dedicated_share_of(REPRESENTED, CLOSED, also=(("by the day it closed", _BY_THEN),)),
    ),
    _share(
        "A47", "asylum filed, of closed", AUTUMN, 33, _FILED_HOW,
        dedicated_share_of(FILED, CLOSED),
    ),
    _share(
        "A48", "asylum filed, of closed and represented", AUTUMN, 86, _FILED_HOW,
        dedicated_share_of(FILED, CLOSED, REPRESENTED),
    ),
    _share(
        "A49", "asylum filed, of closed and not represented", AUTUMN, 6, _FILED_HOW,
        dedicated_share_of(FILED, CLOSED, ~REPRESENTED),
    ),
    _share(
        "A46 A47 A48 A49", "0.34 × 86 + 0.66 × 6 = 33", AUTUMN, 33,
        "the identity, from the three measured shares", identity,
    ),
    _count(
        "A16", "ordered removed", NEW_YEAR, 1_557,
        "first ending a removal order, in absentia or not; protection not counted",
        dedicated_count_of(
            ORDERED,
            also=(("with withholding too", ORDERED | _PROTECTED),),
        ),
    ),
    _count(
        "A17", "of those, with counsel", NEW_YEAR, 75,
        "counsel entered by the day of the figure",
        dedicated_count_of(ORDERED, REPRESENTED), few=True,
    ),
    _count(
        "A40", "Miami, October 2021 to June 2022: completions", MIAMI_DAY, 9_492,
        "tag DD, first court MIA, first ended in those months",
        dedicated_count_of(
            MIAMI, MIAMI_YEAR, also=(("without no-NTA dismissals", MIAMI_YEAR & ~NO_NTA),)
        ),
    ),
    _count(
        "A40", "of those, dismissed for want of an NTA", MIAMI_DAY, 7_700,
        "completion code F", dedicated_count_of(MIAMI, MIAMI_YEAR, NO_NTA),
    ),
    _count(
        "A24", "Los Angeles: completed", LOS_ANGELES_DAY, 449,
        "tag DD, first court NLA or LOS, first ended by the day",
        dedicated_count_of(LOS_ANGELES, CLOSED), few=True,
    ),
    _share(
        "A25", "of those, ordered removed", LOS_ANGELES_DAY, 99.1,
        "removal orders, in absentia or not",
        dedicated_share_of(ORDERED, LOS_ANGELES, CLOSED), few=True,
    ),
    _share(
        "A26", "of those ordered removed, in absentia", LOS_ANGELES_DAY, 72.4,
        "divided by removal orders, not by completions",
        dedicated_share_of(ABSENT, LOS_ANGELES, ORDERED), few=True,
    ),
    _count(
        "A30", "Boston: cases", BOSTON_DAY, 20_344, "tag DD, first court BOS",
        dedicated_count_of(BOSTON),
    ),
    _share(
        "A31", "Boston: ever represented", BOSTON_DAY, 50.8, "counsel entered by the day",
        dedicated_share_of(REPRESENTED, BOSTON),
    ),
    _count(
        "A32", "Boston: granted relief", BOSTON_DAY, 205, "first ending relief or protection",
        dedicated_count_of(BOSTON, RELIEF, also=(
            ("asylum only", pl.col("is_asylum_granted")),
        )), few=True,
    ),
)  # fmt: skip

COURT_WIDE = (
    _rate("D01", "in absentia rate, FY2011 to 2020 pooled", date(2010, 10, 1),
          date(2020, 9, 30), 38),
    _rate("D02-FY2012", "in absentia rate, FY2012, the lowest", date(2011, 10, 1),
          date(2012, 9, 30), 24),
    _rate("D02-FY2019", "in absentia rate, FY2019, the highest", date(2018, 10, 1),
          date(2019, 9, 30), 46),
    _share(
        "D04", "no in absentia order, completed and pending cases", STUDY_ENDS, 83,
        "removal cases of people not detained begun FY2008 to 2018, frozen at their end; what"
        " is published as 'attended all hearings', which no record shows",
        ordinary_share_of(~ABSENT.fill_null(False), first=STUDY_BEGINS),
    ),
    _share(
        "D08", "the same, completed cases only", STUDY_ENDS, 66,
        "the same cases, where a judge's decision was the first ending; published as 'more"
        " than one-third' in absentia",
        ordinary_share_of(
            ~ABSENT.fill_null(False), pl.col("is_decided"), first=STUDY_BEGINS,
        ),
    ),
    _share(
        "D07", "in absentia orders later rescinded", STUDY_ENDS, 15,
        "of the same cases' in absentia orders, those followed by a new proceeding by the end"
        " of FY2018; one ordered late has had little time",
        ordinary_share_of(pl.col("rescinded_date").is_not_null(), ABSENT, first=STUDY_BEGINS),
    ),
    Target(
        ("G04",), "cases with no final completion, mid-2026", date(2026, 6, 30), 0.259, True,
        0.005, "last proceeding open, of all cases with a proceeding", open_share,
    ),
    Target(
        ("A36",), "executed share of removal orders", date(2022, 7, 31), 0.014, True, 0.014,
        "the courts' records hold no removals, and the two agencies' cannot be joined", None,
    ),
)  # fmt: skip


def _periods(series: str) -> tuple[tuple[str, date, date], ...]:
    """Give what a series has figures for: its label, first and last day."""
    first, last = (2013, 2021) if series == "B07" else (2008, 2020)
    years = tuple((str(y), date(y - 1, 10, 1), date(y, 9, 30)) for y in range(first, last + 1))
    part = {
        "B01": ("2021Q2", date(2020, 10, 1), date(2021, 3, 31)),
        "B07": ("2022 Oct-Jun", date(2021, 10, 1), date(2022, 6, 30)),
    }.get(series, ("2021H1", date(2020, 10, 1), date(2021, 3, 31)))
    return (*years, part)


def _yearly(series: str) -> tuple[Target, ...]:
    methods = {
        "B01": "received and not closed on the day; reopened counted again",
        "B02": "day of the first proceeding; RMV, DEP, EXC, AOC, WHO",
        "B03": "every ending but administrative closures; the same kinds of case",
        "B07": "the same, credible and reasonable fear reviews too",
    }
    targets = []
    for period, first, last in _periods(series):
        reads = {
            "B01": pending,
            "B02": between(RECEIVED, first, COUNTED_KINDS),
            "B03": completed_between(first),
            "B07": between(ENDED, first, ALL_KINDS & ~CLOSURE),
        }
        id = f"{series}-{period}"
        targets.append(
            Target(
                (id,),
                SERIES[series],
                last,
                published(id).numbers()[0],
                False,
                0.05,
                f"{methods[series]}; {LIKELY_VINTAGE}",
                reads[series],
                series=series,
                period=period,
            )
        )
    return tuple(targets)


NEAREST = {
    **dict.fromkeys(("A08", "A12", "A42", "A30"), ("received", "trac")),
    **dict.fromkeys(("A43", "A40", "A24", "B07"), ("completed", "trac")),
    "A46": ("counsel", "closed"),
    "A31": ("counsel", "trac-now"),
    **dict.fromkeys(("A47", "A48", "A49"), ("asylum-filed", "trac")),
    **dict.fromkeys(("A16", "A17", "A25"), ("removal-orders", "trac")),
    **dict.fromkeys(("D01", "D02-FY2012", "D02-FY2019"), ("in-absentia", "eoir")),
    "A26": ("in-absentia", "advocates"),
    "A32": ("outcomes", "closed-only"),
    "A36": ("orders-and-removals", ""),
    "A44": ("asylum-granted", "trac"),
    "A45": ("within-300-days", "trac"),
    "B01": ("pending", "eoir"),
    "B02": ("received", "eoir"),
    "B03": ("completed", "eoir"),
    "D04": ("attended-all", "eagly-shafer"),
    "D07": ("rescission", "eagly-shafer"),
    "D08": ("attended-all", "cis"),
    "G04": ("pending", "eoir"),
}
"""The named measure nearest to a figure of the short list, and whose definition of it."""

CHOSEN = {
    True: "the short list's: 2 points for shares, 1 for in absentia rates, half for G04, and an"
    " order of magnitude for A36; two clustered standard errors where few families are more",
    False: "the short list's: 5 % for counts; two clustered standard errors where few families"
    " are more",
}
"""How tolerances of the short list were chosen: of shares, and of counts."""


def _with_words(target: Target) -> Target:
    """Add the nearest measure and how the tolerance was chosen."""
    measure, definition = NEAREST[target.series or target.figures[0]]
    return replace(
        target, chosen=CHOSEN[target.is_share], measure=measure, definition=definition
    )


TARGETS = tuple(
    _with_words(target)
    for target in (*DEDICATED, *COURT_WIDE, *(t for s in SERIES for t in _yearly(s)))
)
"""Every line of the short list, in its order; the yearly series last."""

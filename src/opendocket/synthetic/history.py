"""Fifty years of the ordinary docket in a page: receipts, pending, and the hazards between.

Receipts and pending cases by fiscal year are published. How fast courts must have closed
cases for one to follow from the other is solved for here, year by year, so that a synthetic
release shows the published series without being told them case by case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import erf, log, sqrt

import numpy as np
from numpy.typing import NDArray

FIRST_YEAR, LAST_YEAR = 1976, 2026
MONTHS_IN_LAST_YEAR = 9  # the release ends on 30 June 2026
YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1)
MONTHS = 12 * (len(YEARS) - 1) + MONTHS_IN_LAST_YEAR

Yearly = NDArray[np.float64]
"""One figure per fiscal year, from 1976."""

Monthly = NDArray[np.float64]
"""One figure per month, from October 1975."""

Shapes = Mapping[int, tuple[float, ...]]
"""What the months of some fiscal years are like, 1 being the mean."""


def yearly(*runs: tuple[int, tuple[float, ...] | float]) -> Yearly:
    """Lay out a series by fiscal year; each run holds until the next begins.

    Example:
        >>> yearly((1976, 5.0), (2025, (6.0, 7.0)))[-3:]
        array([5., 6., 7.])
    """
    out = np.zeros(len(YEARS))
    for first, values in runs:
        at = first - FIRST_YEAR
        if isinstance(values, tuple):
            out[at : at + len(values)] = values
        else:
            out[at:] = values
    return out


# Thousands of new removal, deportation, exclusion, asylum-only and withholding-only cases.
# FY2008-20: EOIR Adjudication Statistics of April 2021 (published figure B02). FY2021-26:
# between the figures of TRAC and MPI (B11, A14). Before 2008: assumed, so that the kinds of
# case add up to those in the release of 2026.
RECEIPTS = 1_000 * yearly(
    (1976, 20.0),
    (1984, 45.0),
    (1989, 85.0),
    (1994, (110, 130, 150, 180, 180, 170, 170, 175, 180, 190, 195, 275, 230, 215)),
    (2008, (225.871, 255.035, 247.187, 238.157, 212.935, 196.623, 230.178, 192.997)),
    (2016, (228.448, 295.245, 316.106, 546.248, 368.746)),
    (2021, (290, 708, 1_480, 1_790, 550, 400)),
)

# Thousands pending at the year's end: B05 (1999-2007), B01 (2008-20); after that between
# EOIR and TRAC (B06, B12), so that completions come out as published (B07, B10).
PENDING = 1_000 * yearly(
    (1976, (20, 25, 30, 35, 40, 45, 48, 50, 58, 68, 78, 85, 90)),
    (1989, (95, 98, 100, 103, 106, 110, 116, 120, 122, 123)),
    (1999, (123.036, 125.705, 149.304, 166.025, 169.560, 167.506, 184.219, 168.853, 174.999)),
    (2008, (186.101, 223.779, 262.758, 298.228, 327.638, 356.292, 430.152, 460.093)),
    (2016, (521.517, 656.095, 796.513, 1_087.201, 1_258.882)),
    (2021, (1_438, 1_772, 2_590, 3_555, 3_430, 3_235)),
)

# What FY2021 and FY2022 looked like by month: courts closed for the pandemic opened again
# in the spring of 2021 (B01 to B03 give its first half), and closings still rose in 2022
# (B07 and B09 give 9 and 11 months of it). Elsewhere one month is like the next.
RECEIPTS_BY_MONTH: Shapes = {2021: (0.49,) * 6 + (1.51,) * 6}
CLOSINGS_BY_MONTH: Shapes = {2021: (0.38,) * 6 + (1.62,) * 6, 2022: (0.95,) * 9 + (1.15,) * 3}

# Of which the Dedicated Docket, whose cases have a process of their own.
DEDICATED_RECEIPTS = 1_000 * yearly((1976, 0.0), (2021, (31.813, 78.187, 8.2, 2.85, 0.0, 0.0)))
DEDICATED_PENDING = 1_000 * yearly((1976, 0.0), (2021, (31.0, 71.0, 59.0, 48.0, 40.0, 36.0)))

# Thousands of completions (B03). They are fewer than receipts and pending cases would make
# them where cases were closed administratively, which EOIR does not count.
COMPLETIONS = 1_000 * yearly(
    (1976, 0.0),
    (2009, (231.608, 222.277, 219.132, 186.080, 155.961, 141.689, 143.652)),
    (2016, (143.489, 163.078, 195.123, 276.970, 231.659)),
)
COMPLETIONS_KNOWN = (YEARS >= 2009) & (YEARS <= 2020)

# Share of new cases whose respondent stays detained to the end, and of those released on
# the way. Assumed; they add up to the custody counts of A_TblCase (23.4 % and 10.7 %), and
# from FY2011 to 2020 leave a million decisions for people not detained (D01).
DETAINED = yearly(
    (1976, 0.17),
    (1997, 0.33),
    (
        2008,
        (0.37, 0.38, 0.385, 0.385, 0.365, 0.345, 0.26, 0.27, 0.27, 0.235, 0.215, 0.15, 0.20),
    ),
    (2021, (0.17, 0.12, 0.09, 0.08, 0.26, 0.40)),
)
RELEASED = yearly(
    (1976, 0.10), (2008, 0.15), (2014, 0.16), (2021, (0.13, 0.09, 0.07, 0.07, 0.13, 0.13))
)

# In absentia orders as a share of first decisions of people not detained (D01, D02).
ABSENT = yearly(
    (1976, 0.26),
    (2005, (0.40, 0.38, 0.34, 0.29, 0.27, 0.27)),
    (2011, (0.31, 0.2495, 0.308, 0.370, 0.462, 0.442, 0.470, 0.452, 0.500, 0.472)),
    (2021, (0.16, 0.24, 0.36, 0.40, 0.55, 0.52)),
)

# Dismissed because no notice to appear was filed, as a share of closings of people not
# detained (B08 gives it of all completions).
NO_NTA = yearly(
    (1976, 0.0),
    (2018, (0.004, 0.022, 0.031, 0.115, 0.16, 0.11, 0.07, 0.03, 0.02)),
)

MIN_AGE_MONTHS = 3  # nobody who is not detained is decided before a first hearing
DETAINED_MEDIAN_DAYS, DETAINED_SIGMA = 32.0, 0.9
REOPENED_MEDIAN_DAYS, REOPENED_SIGMA = 420.0, 0.8

# Share reopened (put back on the calendar), and mean days until then, by outcome.
REOPENING = {
    "in absentia": (0.178, 560.0),
    "removal": (0.08, 900.0),
    "voluntary departure": (0.03, 700.0),
    "relief": (0.02, 700.0),
    "protection": (0.02, 700.0),
    "termination": (0.05, 500.0),
    "no nta": (0.03, 300.0),
    "administrative closure": (0.75, 1_500.0),
    "other": (0.05, 600.0),
}


def month_starts() -> NDArray[np.int64]:
    """Give the first day of each month from October 1975, and the day after the last."""
    months = np.arange(MONTHS + 1) + (FIRST_YEAR - 1 - 1970) * 12 + 9
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def monthly(a_year: Yearly, by_month: Shapes | None = None) -> Monthly:
    """Spread a yearly series over months; the release holds nine of the last year.

    Args:
        a_year: Totals of fiscal years.
        by_month: What months of a year are like, 1 being the mean; all alike elsewhere.

    Example:
        >>> monthly(yearly((1976, 12.0)))[[0, -1]].round(2)
        array([1.  , 1.33])
    """
    out = np.repeat(a_year / 12, 12)[:MONTHS]
    out[-MONTHS_IN_LAST_YEAR:] *= 12 / MONTHS_IN_LAST_YEAR
    return out * _shape(by_month or {})


def _shape(by_month: Shapes) -> Monthly:
    shape = np.ones(MONTHS)
    for year, factors in by_month.items():
        at = 12 * (year - FIRST_YEAR)
        shape[at : at + 12] = factors
    return shape


DETAINED_REOPENING = (0.021, 880.0)
"""The same of detained people, over all their outcomes (``DETAINED_REOPEN_FACTOR``)."""


@dataclass(frozen=True)
class Flows:
    """How fast the ordinary docket closes cases of people who are not detained."""

    hazard: Yearly
    """Closings per year and eligible case."""
    admin_share: Yearly
    """Administrative closures as a share of closings."""
    expected_pending: Yearly
    expected_completions: Yearly

    def cumulative(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the hazard summed from 1976 on, to be inverted.

        Returns:
            Days on which it bends, and its value there; each (months + 2,).
        """
        starts = month_starts().astype(float)
        pace = np.repeat(self.hazard, 12)[:MONTHS] * _shape(CLOSINGS_BY_MONTH)
        sums = np.concatenate([[0.0], np.cumsum(pace * np.diff(starts) / 365.25)])
        # after the last year the last pace goes on, so that pending cases end some day
        horizon = starts[-1] + 365.25 * 60
        return np.append(starts, horizon), np.append(sums, sums[-1] + 60 * self.hazard[-1])


@cache
def flows() -> Flows:
    """Solve for the hazards under which pending cases follow from receipts.

    Returns:
        One hazard and one share of administrative closures a year.

    Assumes:
        Within a fiscal year every eligible case is equally likely to be closed; the share
        of outcomes depends on the year of closing only.

    Source:
        Published figures B01 to B05; the stock-flow identity of published_figures.md, 9.
    """
    ledger = _Ledger()
    for index in range(len(YEARS)):
        ledger.solve_year(index)
    return Flows(
        hazard=ledger.hazard,
        admin_share=ledger.admin_share,
        expected_pending=ledger.pending_by_year,
        expected_completions=ledger.completions_by_year,
    )


class _Ledger:
    """Expected counts by month, carried forward year by year."""

    def __init__(self) -> None:
        per_month = monthly(RECEIPTS - DEDICATED_RECEIPTS, RECEIPTS_BY_MONTH)
        detained = np.repeat(DETAINED, 12)[:MONTHS]
        self.free = per_month * (1 - detained)
        self.detained = per_month * detained
        self.reopened = np.zeros(MONTHS + 1)
        self.eligible = np.zeros(MONTHS + 1)
        self.pace = _shape(CLOSINGS_BY_MONTH)
        self.hazard = np.zeros(len(YEARS))
        self.admin_share = np.full(len(YEARS), 0.06)
        self.pending_by_year = np.zeros(len(YEARS))
        self.completions_by_year = np.zeros(len(YEARS))
        self.detained_left = _left(DETAINED_MEDIAN_DAYS, DETAINED_SIGMA)
        self.reopened_left = _left(REOPENED_MEDIAN_DAYS, REOPENED_SIGMA)

    def solve_year(self, index: int) -> None:
        """Find the hazard, then the share of administrative closures, of one year."""
        low, high = 0.005, 6.0
        for _ in range(50):
            middle = (low + high) / 2
            self.hazard[index] = middle
            too_many = self._run(index) > (PENDING - DEDICATED_PENDING)[index]
            low, high = (middle, high) if too_many else (low, middle)
        if COMPLETIONS_KNOWN[index]:
            months = self._months(index)
            others = _ended(self.detained, self.detained_left, months)
            others += _ended(self.reopened, self.reopened_left, months)
            decided = (COMPLETIONS[index] - others) / self._closed(index).sum()
            self.admin_share[index] = np.clip(1 - decided, 0.0, 0.5)
        self.pending_by_year[index] = self._run(index)
        self._settle(index)

    def _months(self, index: int) -> slice:
        return slice(12 * index, min(12 * index + 12, MONTHS))

    def _closed(self, index: int) -> NDArray[np.float64]:
        months = self._months(index)
        stay = np.exp(-self.hazard[index] * self.pace[months] / 12)
        return np.asarray(self.eligible[months] * (1 - stay))

    def _run(self, index: int) -> float:
        """Carry the eligible forward through a year, and give the pending at its end."""
        months = self._months(index)
        stay = np.exp(-self.hazard[index] * self.pace / 12)
        for m in range(months.start, months.stop):
            new = self.free[m - MIN_AGE_MONTHS] if m >= MIN_AGE_MONTHS else 0.0
            self.eligible[m + 1] = self.eligible[m] * stay[m] + new
        end = months.stop
        young = self.free[max(0, end - MIN_AGE_MONTHS) : end].sum()
        return float(
            self.eligible[end]
            + young
            + _still(self.detained[:end], self.detained_left)
            + _still(self.reopened[:end], self.reopened_left)
        )

    def _settle(self, index: int) -> None:
        """Book the year's completions, and let some of its closings come back later."""
        months = self._months(index)
        closed = self._closed(index)
        shares = outcome_shares(index, self.admin_share[index])
        detained = _ended(self.detained, self.detained_left, months)
        again = _ended(self.reopened, self.reopened_left, months)
        self.completions_by_year[index] = (
            closed.sum() * (1 - shares["administrative closure"]) + detained + again
        )
        for outcome, share in shares.items():
            chance, mean_days = REOPENING[outcome]
            for offset, m in enumerate(range(months.start, months.stop)):
                after = np.arange(MONTHS + 1 - m)
                pace = 30.4375 / mean_days
                back = np.exp(-pace * after) - np.exp(-pace * (after + 1))
                self.reopened[m:] += closed[offset] * share * chance * back
        chance, mean_days = DETAINED_REOPENING
        for m in range(months.start, months.stop):
            after = np.arange(MONTHS - m)
            pace = 30.4375 / mean_days
            back = np.exp(-pace * after) - np.exp(-pace * (after + 1))
            self.reopened[m + 1 :] += self.detained[m] * chance * back


def outcome_shares(index: int, admin_share: float) -> dict[str, float]:
    """Give the outcomes of closings of people not detained, in one fiscal year.

    Args:
        index: Years since 1976.
        admin_share: Administrative closures as a share of closings.

    Returns:
        Shares that add up to one.
    """
    no_nta = NO_NTA[index]
    decided = 1 - admin_share - no_nta
    absent = ABSENT[index]
    present = decided * (1 - absent)
    return {
        "in absentia": decided * absent,
        "removal": present * 0.33,
        "voluntary departure": present * 0.11,
        "relief": present * 0.27,
        "protection": present * 0.035,
        "termination": present * 0.215,
        "other": present * 0.04,
        "no nta": no_nta,
        "administrative closure": admin_share,
    }


def _left(median_days: float, sigma: float) -> NDArray[np.float64]:
    """Share not yet ended after each whole number of months, for a lognormal length."""
    months = np.arange(MONTHS + 1) + 0.5
    z = np.array([(log(m * 30.4375) - log(median_days)) / sigma for m in months])
    return 1 - 0.5 * (1 + np.array([erf(x / sqrt(2)) for x in z]))


def _still(arrived: NDArray[np.float64], left: NDArray[np.float64]) -> float:
    return float((arrived[::-1] * left[: len(arrived)]).sum())


def _ended(arrived: NDArray[np.float64], left: NDArray[np.float64], months: slice) -> float:
    before = _still(arrived[: months.start], left[: months.start])
    after = _still(arrived[: months.stop], left[: months.stop])
    return float(arrived[months].sum() + before - after)

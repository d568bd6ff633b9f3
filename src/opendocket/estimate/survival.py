"""Shares decided and shares still pending, day by day, with their intervals.

Two estimators, for the same cases seen from two sides. `kaplan_meier` gives the share still
pending; `cumulative_incidence` gives the share decided each way, all ways at once. For both a
pending case means "not yet": it counts for as long as it was observed, and no longer.

The people of a family are decided together, so a family of five is nearer to one case than to
five. `cumulative_incidence` takes the families and widens its intervals to match.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opendocket.errors import TooFewCases

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MIN_CASES = 5
_ROUNDING = 1e-12  # shares are sums of many quotients; closer than this is equal
_PIECE = 1 << 17  # members handled at a time: their arrays fit the processor's cache


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Share of cases still pending, with its interval and the counts behind it.

    Attributes:
        days: Each distinct day on which a case ended, ascending; shape (k,).
        share_pending: Share still pending after that day; 0 to 1; shape (k,).
        lower: Lower end of the pointwise interval; shape (k,).
        upper: Upper end; shape (k,).
        at_risk: Cases pending and observed until that day or longer; shape (k,).
        ended: Cases that ended on that day; shape (k,).
        n: Cases in all.
    """

    days: Floats
    share_pending: Floats
    lower: Floats
    upper: Floats
    at_risk: Ints
    ended: Ints
    n: int


@dataclass(frozen=True, slots=True)
class Share:
    """One share on one day, with its interval and the counts behind it."""

    share: float
    lower: float
    upper: float
    n: int
    at_risk: int


@dataclass(frozen=True, slots=True)
class Median:
    """Days until half the cases are decided; None where that is not reached."""

    days: float | None
    lower: float | None
    upper: float | None
    n: int


@dataclass(frozen=True, slots=True)
class IncidenceCurves:
    """Share of cases decided each way, with intervals and the counts behind them.

    On every day the shares of all outcomes and the share pending sum to 1.

    Attributes:
        days: Days after which the shares are given, ascending; shape (k,).
        share: Share decided each way by the end of that day; 0 to 1; shape (K, k).
        lower: Lower end of the pointwise interval; shape (K, k).
        upper: Upper end; shape (K, k).
        pending_share: Share still pending after that day; shape (k,).
        at_risk: Cases pending and observed until that day or longer; shape (k,).
        n: Cases in all.
        outcomes: The code of each row of ``share``; length K.
    """

    days: Floats
    share: Floats
    lower: Floats
    upper: Floats
    pending_share: Floats
    at_risk: Ints
    n: int
    outcomes: tuple[int, ...]

    def at(self, outcome: int, day: float) -> Share:
        """Give the share decided one way by the end of one day.

        Args:
            outcome: One of ``outcomes``.
            day: Days since the clock began; 0 to the last of ``days``.

        Returns:
            The share on the last of ``days`` that is not after ``day``: exact unless the
            curves were taken at chosen days or thinned. ``at_risk`` is counted on the first
            of ``days`` that is not before ``day``.

        Raises:
            ValueError: No such outcome, or a day that nobody was observed to reach.

        Example:
            >>> curves = cumulative_incidence([10, 20, 30, 40, 50], [1, 2, 0, 1, 0])
            >>> share = curves.at(1, 25)
            >>> share.share, share.n, share.at_risk
            (0.2, 5, 3)
        """
        if outcome not in self.outcomes:
            raise ValueError(f"outcome {outcome}; expected one of {self.outcomes}")
        if not 0 <= day <= self.days[-1]:
            raise ValueError(
                f"day {day:,g}: beyond observation; expected 0 to {self.days[-1]:,g}, the "
                "last day of these curves; ask for an earlier day"
            )
        row = self.outcomes.index(outcome)
        step = int(np.searchsorted(self.days, day, side="right")) - 1
        share, lower, upper = (
            float(values[row, step]) if step >= 0 else 0.0
            for values in (self.share, self.lower, self.upper)
        )
        at_risk = int(self.at_risk[np.searchsorted(self.days, day, side="left")])
        return Share(share, lower, upper, n=self.n, at_risk=at_risk)

    def thinned(self, most: int = 200) -> IncidenceCurves:
        """Keep at most this many days, spread evenly, the first and last among them.

        For a figure, which needs no more. Read shares and medians off the whole curves.

        Args:
            most: Days to keep; >= 2.

        Returns:
            The same curves on fewer days.

        Example:
            >>> curves = cumulative_incidence([10, 20, 30, 40, 50], [1, 2, 0, 1, 0])
            >>> curves.thinned(3).days
            array([10., 30., 50.])
        """
        last = len(self.days) - 1
        keep = np.unique(np.linspace(0, last, min(most, last + 1)).round().astype(np.int64))
        return replace(
            self,
            days=self.days[keep],
            share=self.share[:, keep],
            lower=self.lower[:, keep],
            upper=self.upper[:, keep],
            pending_share=self.pending_share[keep],
            at_risk=self.at_risk[keep],
        )


def kaplan_meier(days: ArrayLike, ended: ArrayLike, *, level: float = 0.95) -> SurvivalCurve:
    """Estimate the share of cases still pending after each number of days.

    A pending case counts as "not yet". Leaving it out would make courts look faster than
    they are.

    Args:
        days: Days under observation, ended or not; >= 0; shape (n,).
        ended: False where the case was pending when observation ended; shape (n,).
        level: Coverage of the pointwise interval, between 0 and 1.

    Returns:
        The curve at each distinct day on which a case ended; shape (k,), k <= n.

    Raises:
        TooFewCases: Fewer than ``MIN_CASES`` cases.
        ValueError: Shapes differ; a value is missing, negative or not finite; or the level
            is not between 0 and 1.

    Assumes:
        Whether a case is still pending says nothing else about how long it will last. A
        transfer that closes the record breaks this. Cases are decided independently; where
        families are decided together, use `cumulative_incidence` with one outcome.

    Source:
        Kaplan & Meier (1958), JASA 53:457-481. Log-log interval: Borgan & Liestøl (1990),
        Scand. J. Statist. 17:35-41.

    Example:
        >>> curve = kaplan_meier([10, 20, 30, 40, 50], [1, 0, 1, 1, 0])
        >>> curve.days
        array([10., 30., 40.])
        >>> curve.share_pending.round(3)
        array([0.8  , 0.533, 0.267])
    """
    t, is_ended = _checked(days, ended, level, name="ended")
    at, counts = np.unique(t[is_ended.astype(bool)], return_counts=True)
    at_risk = len(t) - np.searchsorted(np.sort(t), at)
    share = np.cumprod(1 - counts / at_risk, dtype=np.float64)
    # where none is left the share is 0, and so is its error
    left = np.maximum(at_risk - counts, 1)
    error: Floats = share * np.sqrt(np.cumsum(counts / (at_risk * left)))
    lower, upper = _interval(1 - share, error, level)
    return SurvivalCurve(at, share, 1 - upper, 1 - lower, at_risk, counts, n=len(t))


def cumulative_incidence(
    days: ArrayLike,
    outcome: ArrayLike,
    *,
    level: float = 0.95,
    family: ArrayLike | None = None,
    at: ArrayLike | None = None,
    outcomes: Collection[int] | None = None,
) -> IncidenceCurves:
    """Estimate the share of cases decided each way, by the end of each number of days.

    Outcomes compete: a case decided one way can no longer be decided another. One minus
    Kaplan-Meier for a single outcome, with the other outcomes treated as pending, overstates
    every one of them; shares of the cases decided so far overstate the fast ones.

    Args:
        days: Days under observation, decided or not; >= 0; shape (n,). Whole days are meant:
            time and memory grow with the distinct ones.
        outcome: 0 where the case was pending when observation ended, else the code of how it
            was decided; integers; shape (n,).
        level: Coverage of the pointwise intervals, between 0 and 1.
        family: Who is decided together with whom: the same integer for each member, such as
            the lead case's number; shape (n,). None takes each case for its own family.
        at: Days to give the results at. None gives every distinct day in ``days``.
        outcomes: Codes to give, so that an outcome nobody had is shown as 0. None gives the
            codes found.

    Returns:
        All outcomes' curves, days ascending and without repeats. Where a share is 0 or 1, or
        its standard error 0, ``lower`` and ``upper`` are the share itself: there the interval
        says nothing, and the count must speak.

    Raises:
        TooFewCases: Fewer than ``MIN_CASES`` cases, or families.
        ValueError: Shapes differ; a value is missing, negative or not finite; the level is not
            between 0 and 1; ``at`` goes beyond the last day observed; or ``outcomes`` lacks a
            code found.

    Assumes:
        Whether a case is still pending says nothing else about when or how it will be
        decided. Families are independent of each other, and many enough (some fifty) for the
        interval to keep its level. Outcomes on the same day are simultaneous: they share that
        day's hazard, in no order.

    Source:
        Aalen & Johansen (1978), Scand. J. Statist. 5:141-150; Putter, Fiocco & Geskus (2007),
        Stat. Med. 26:2389-2430, section 3. Standard error: the infinitesimal jackknife, its
        contributions summed within families, as Ying & Wei (1994), J. Multivariate Anal.
        50:17-29, and Williams (1995), Lifetime Data Anal. 1:171-186, do for Kaplan-Meier.
        Interval: complementary log-log, so that one outcome's is `kaplan_meier`'s, mirrored.

    Example:
        >>> curves = cumulative_incidence([10, 20, 30, 40, 50], [1, 2, 0, 1, 0])
        >>> curves.share.round(3)
        array([[0.2, 0.2, 0.2, 0.5, 0.5],
               [0. , 0.2, 0.2, 0.2, 0.2]])
        >>> curves.pending_share.round(3)
        array([0.8, 0.6, 0.6, 0.3, 0.3])
    """
    t, code = _checked(days, outcome, level, name="outcome")
    codes = _codes(code, outcomes)
    grid, shown = _grid(t, at)
    width = len(codes) + 1
    cell = np.searchsorted(grid, t) * width + np.searchsorted((0, *codes), code)
    table = _tabled(np.bincount(cell, minlength=len(grid) * width).reshape(-1, width))
    variance = _variance(table, cell, family)[:, shown]
    share = table.share[:, shown]
    return IncidenceCurves(
        grid[shown],
        share,
        *_interval(share, np.sqrt(np.maximum(variance, 0)), level),
        table.pending[shown],
        table.at_risk[shown],
        n=len(t),
        outcomes=codes,
    )


def median_days(curve: SurvivalCurve | IncidenceCurves) -> Median:
    """Give the days until half the cases are decided, pending ones counted as "not yet".

    The median of the decided cases alone is shorter, by as much as the docket is young.

    Args:
        curve: A Kaplan-Meier curve, or incidence curves of one outcome, which stands for any
            decision; the interval is as wide as theirs, clustered or not.

    Returns:
        The first of the curve's days on which the share pending is one half or less, and the
        first on which its lower and upper ends are; each None where that is not reached.

    Raises:
        ValueError: More than one outcome, or none: an outcome that less than half the cases
            can ever have has no median.

    Source:
        Brookmeyer & Crowley (1982), Biometrics 38:29-41, with the log-log interval.

    Example:
        >>> median_days(kaplan_meier([10, 20, 30, 40, 50], [1, 0, 1, 1, 0]))
        Median(days=40.0, lower=10.0, upper=None, n=5)
    """
    if isinstance(curve, SurvivalCurve):
        early, middle, late = 1 - curve.lower, 1 - curve.share_pending, 1 - curve.upper
    elif len(curve.outcomes) == 1:
        early, middle, late = curve.upper[0], curve.share[0], curve.lower[0]
    else:
        raise ValueError(
            f"curve: outcomes {curve.outcomes}; expected one; make the curve again with "
            "every decision coded 1"
        )
    half, lower, upper = (_day_of_half(curve.days, s) for s in (middle, early, late))
    return Median(half, lower, upper, n=curve.n)


def _day_of_half(days: Floats, share: Floats) -> float | None:
    reached = np.flatnonzero(share >= 0.5 - _ROUNDING)
    return float(days[reached[0]]) if len(reached) else None


def _checked(
    days: ArrayLike, codes: ArrayLike, level: float, *, name: str
) -> tuple[Floats, NDArray[Any]]:
    """Refuse what cannot be measured."""
    if np.ma.is_masked(days) or np.ma.is_masked(codes):
        raise ValueError(f"days, {name}: masked values; expected none missing")
    t, code = np.asarray(days, dtype=np.float64), np.asarray(codes)
    if t.ndim != 1 or t.shape != code.shape:
        raise ValueError(f"days {t.shape}, {name} {code.shape}; expected (n,) twice")
    if len(t) < MIN_CASES:
        raise TooFewCases("share decided", len(t), MIN_CASES)
    wrong = np.count_nonzero(~(np.isfinite(t) & (t >= 0)))
    if wrong:
        raise ValueError(f"days: {wrong:,} missing, negative or infinite; expected none")
    if code.dtype.kind not in "biu" or code.min() < 0:
        raise ValueError(f"{name}: negative, missing or no integer; expected 0, 1, 2, ...")
    if not 0 < level < 1:
        raise ValueError(f"level: {level}; expected between 0 and 1")
    return t, code


def _codes(code: NDArray[Any], outcomes: Collection[int] | None) -> tuple[int, ...]:
    found = {int(c) for c in np.unique(code)} - {0}
    codes = found if outcomes is None else set(outcomes)
    if not found <= codes or min(codes, default=1) < 1:
        raise ValueError(
            f"outcomes: {sorted(codes)}; expected codes from 1, {sorted(found)} among them"
        )
    return tuple(sorted(codes))


def _grid(t: Floats, at: ArrayLike | None) -> tuple[Floats, Ints]:
    """Give every day to count on, and which of them to show."""
    seen = np.unique(t)
    if at is None:
        return seen, np.arange(len(seen))
    chosen = np.unique(np.atleast_1d(np.asarray(at, dtype=float)))
    if not len(chosen) or not (chosen[0] >= 0 and chosen[-1] <= seen[-1]):
        raise ValueError(
            f"at: beyond observation, or no days; expected days from 0 to {seen[-1]:,g}, the "
            "last day observed"
        )
    grid = np.union1d(seen, chosen)
    return grid, np.searchsorted(grid, chosen)


@dataclass(frozen=True, slots=True)
class _Table:
    """Cases by last day observed (g,) and code (K + 1), and the shares that follow."""

    cases: Ints
    at_risk: Ints
    before: Floats  # share pending before the day
    pending: Floats  # and after it
    share: Floats


def _tabled(cases: Ints) -> _Table:
    decided = cases[:, 1:].T
    at_risk = cases.sum(axis=1)[::-1].cumsum()[::-1]
    pending = np.cumprod(1 - decided.sum(axis=0) / at_risk)
    before = np.append(1.0, pending[:-1])
    share = np.minimum(np.cumsum(before * (decided / at_risk), axis=1), 1)
    return _Table(cases, at_risk, before, pending, share)


def _variance(table: _Table, cell: Ints, family: ArrayLike | None) -> Floats:
    """Sum the families' squared contributions to each share, on each day; shape (K, g).

    On day t a case whose own time has come adds alpha + share(t) beta, which are its own for
    good; one whose time is still to come adds rest(t), which is the same for all. So a family
    adds P + share(t) Q + rest(t) R, where P and Q sum alpha and beta over the members whose
    time has come and R counts the others; and the squares need only the sums over families
    of the six products of P, Q and R, which change when a member's time comes.
    """
    days, width = table.cases.shape
    outcomes = width - 1
    state, rest = _contributions(table)
    if family is None:
        cells = np.arange(days * width)
        changes = _changes(cells, cells, state, days, weight=table.cases.ravel())
    else:
        changes = _changes_by_family(cell, family, state, days)
    sums = changes.cumsum(axis=1)
    sums[-1] -= sums[-1, -1]  # R starts at the family's size, and ends at 0
    pp, pq, pr = sums[:-3].reshape(3, outcomes, days)
    qq, qr, rr = sums[-3:]
    s, c = table.share, rest
    variance: Floats = pp + s**2 * qq + c**2 * rr + 2 * (s * pq + c * pr + s * c * qr)
    return variance


def _contributions(table: _Table) -> tuple[Floats, Floats]:
    """Give alpha and beta of each cell, (K + 1, g (K + 1)), and rest of each day, (K, g).

    The influence function of F_k(t) = sum S(t_j-) dL_kj, where L is the cumulative hazard:
    the sum over t_j <= min(t, T_i) of
    S(t_j-) dM_kj / Y_j - (F_k(t) - F_k(t_j)) dM_j / (Y_j - d_j), with dM_kj = 1 if case i was
    decided so on t_j, less dL_kj. The terms without dN depend on the case by its last day
    only, so they are prefix sums.
    """
    decided, at_risk = table.cases[:, 1:].T, table.at_risk
    all_decided = decided.sum(axis=0)
    left = at_risk - all_decided
    # with none left the shares change no more, and the term is 0 whatever its weight
    per_left = 1 / np.maximum(left, 1)
    slope = np.cumsum(all_decided / at_risk * per_left)
    steps = table.before * (decided / at_risk) / at_risk
    paid = np.cumsum(steps + table.share * (all_decided / at_risk * per_left), axis=1)

    codes = np.arange(table.cases.shape[1])
    is_own = codes == codes[1:, None, None]
    is_decided = codes > 0
    alpha = (
        is_own * (table.before / at_risk)[:, None]
        + is_decided * (table.share * per_left)[:, :, None]
        - paid[:, :, None]
    )
    beta = slope[:, None] - is_decided * per_left[:, None]
    state = np.concatenate([alpha, beta[None]]).reshape(len(codes), -1)
    return state, table.share * slope - paid


def _changes_by_family(cell: Ints, family: ArrayLike, state: Floats, days: int) -> Floats:
    """Sum `_changes` over all families, some whole families at a time."""
    cells = state.shape[1]
    key = _family_numbers(cell, family, cells)
    key *= cells
    key += cell
    key.sort()  # by family, then by day: all that is asked of a member is in its key
    starts = np.flatnonzero(np.diff(key // cells, prepend=-1))
    if len(starts) < MIN_CASES:
        raise TooFewCases("families, each counted as one case", len(starts), MIN_CASES)
    wanted = np.arange(0, len(key), _PIECE)
    edges = np.unique(starts[np.searchsorted(starts, wanted, side="right") - 1])
    changes = np.zeros((3 * len(state), days))
    for begin, end in pairwise([*edges.tolist(), len(key)]):
        inside = slice(*np.searchsorted(starts, [begin, end]))
        changes += _changes(key[begin:end] % cells, starts[inside] - begin, state, days)
    return changes


def _family_numbers(cell: Ints, family: ArrayLike, cells: int) -> Ints:
    """Number the families from 0, by a new array, so that a number times ``cells`` fits."""
    ids = np.asarray(family)
    if ids.shape != cell.shape or ids.dtype.kind not in "iu" or np.ma.is_masked(family):
        raise ValueError(
            f"family {ids.shape} of {ids.dtype}; expected integers {cell.shape}, none missing"
        )
    first, last = int(ids.min()), int(ids.max())
    if (last - first + 1) * cells >= 2**63:
        return np.unique(ids, return_inverse=True)[1]
    return ids.astype(np.int64) - first


def _changes(
    cell: Ints, starts: Ints, state: Floats, days: int, *, weight: Ints | int = 1
) -> Floats:
    """Sum, by day, how each product of P, Q and R changes as members' time comes.

    Args:
        cell: Each member's day and code, as one number; by family, then by day; shape (m,).
        starts: Where each family begins; shape (f,).
        state: What a member of each cell adds to P, one row an outcome, and to Q.
        days: How many days there are.
        weight: How many members each entry stands for.

    Returns:
        Rows PP, PQ and PR for each outcome, then QQ, QR and RR; shape (3 K + 3, days).
    """
    sizes = np.diff(starts, append=len(cell))
    first = np.repeat(starts, sizes)
    to_come = np.repeat(sizes, sizes) - (np.arange(len(cell)) - first)
    after: list[NDArray[Any]] = []
    before: list[NDArray[Any]] = []
    for values in state:
        added = values[cell]
        run = np.cumsum(added) - added
        before.append(run - run[first])
        after.append(before[-1] + added)
    before.append(to_come)
    after.append(to_come - 1)

    p, q, r = range(len(state) - 1), len(state) - 1, len(state)
    pairs = [*((k, k) for k in p), *((k, q) for k in p), *((k, r) for k in p)]
    row = cell // len(state)
    return np.array(
        [
            np.bincount(row, weight * (after[x] * after[y] - before[x] * before[y]), days)
            for x, y in [*pairs, (q, q), (q, r), (r, r)]
        ]
    )


def _interval(share: Floats, error: Floats, level: float) -> tuple[Floats, Floats]:
    """Give the interval, symmetric in log(-log(1 - share)); the share itself at 0 and 1."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    is_open = (error > 0) & (share > 0) & (share < 1 - _ROUNDING)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_left = np.log1p(-share)
        factor = np.exp(z * error / ((1 - share) * -log_left))
        lower, upper = -np.expm1(log_left / factor), -np.expm1(log_left * factor)
    return np.where(is_open, lower, share), np.where(is_open, upper, share)

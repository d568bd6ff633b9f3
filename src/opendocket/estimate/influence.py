"""How much each case, and each family, moves a curve: the infinitesimal jackknife.

On day t a case whose own time has come adds alpha + share(t) beta, which are its own for good;
one under observation whose time is still to come adds rest(t), which is the same for all, less
what had gone by when it came under observation. So a family adds P + share(t) Q + rest(t) R,
where P and Q sum alpha and beta over the members whose time has come, and R counts the others.
The squares need only the sums over families of the six products of P, Q and R, which change
when a member enters and when its time comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opendocket.estimate.families import Floats, Ints, enough_families, family_numbers
from opendocket.estimate.tallies import PIECE, Tallied


@dataclass(frozen=True, slots=True)
class Table:
    """Cases by last day observed (g,) and code (K + 1), and the shares that follow."""

    cases: Ints
    at_risk: Ints
    before: Floats  # share pending before the day
    pending: Floats  # and after it
    share: Floats

    @property
    def decided(self) -> Ints:
        """Cases decided each way, by day; shape (K, g)."""
        return self.cases[:, 1:].T

    @property
    def per_risk(self) -> Floats:
        """One over those at risk; where there is none, nobody is decided either."""
        share: Floats = 1 / np.maximum(self.at_risk, 1)
        return share

    @property
    def per_left(self) -> Floats:
        """One over those at risk and not decided that day.

        With none left the shares change no more, and the term is 0 whatever its weight.
        """
        share: Floats = 1 / np.maximum(self.at_risk - self.cases[:, 1:].sum(axis=1), 1)
        return share


def table_of(tallied: Tallied) -> Table:
    """Follow the shares through the days."""
    ends = tallied.cases.sum(axis=1)
    at_risk = tallied.entries.cumsum() - ends.cumsum() + ends
    decided = tallied.cases[:, 1:].T
    hazard = decided / np.maximum(at_risk, 1)
    pending = np.cumprod(1 - decided.sum(axis=0) / np.maximum(at_risk, 1))
    before = np.append(1.0, pending[:-1])
    share = np.minimum(np.cumsum(before * hazard, axis=1), 1)
    return Table(tallied.cases, at_risk, before, pending, share)


def variance_of_all(table: Table) -> Floats:
    """Sum the squared contributions of cases that are each their own family; shape (K, g)."""
    state, paid, slope = contributions(table)
    cells = np.arange(table.cases.size)
    weight = table.cases.ravel()
    sums = _changes(cells, cells, state, table, weight=weight)
    return _assembled(table, sums, table.share * slope - paid)


def variance_of_families(
    table: Table, cell: Ints, family: ArrayLike | None, entry: Ints | None
) -> Floats:
    """Sum the families' squared contributions to each share, on each day; shape (K, g).

    Args:
        table: The shares.
        cell: Each case's day and code, as one number; shape (n,).
        family: Whose case it is; None takes each for its own family.
        entry: The first day each case is at risk on, as a place among the days; None where
            all are from the beginning.
    """
    state, paid, slope = contributions(table)
    rest = table.share * slope - paid
    if entry is not None:
        state = _with_entries(state, paid, slope)
        width = table.cases.shape[1]
        cell = cell + cell // width + 1  # the first cell of a day is that of entries
        entry = entry * (width + 1)
    key, starts = _by_family(cell, family, entry, cells=state.shape[1])
    return _assembled(table, _summed(key, starts, state, table), rest)


def contributions(table: Table) -> tuple[Floats, Floats, Floats]:
    """Give alpha and beta of each cell, (K + 1, g (K + 1)), paid (K, g) and slope (g,).

    The influence function of F_k(t) = sum S(t_j-) dL_kj, where L is the cumulative hazard:
    the sum over t_j <= min(t, T_i) of
    S(t_j-) dM_kj / Y_j - (F_k(t) - F_k(t_j)) dM_j / (Y_j - d_j), with dM_kj = 1 if case i was
    decided so on t_j, less dL_kj. The terms without dN depend on the case by its last day
    only, so they are prefix sums: rest(t) is share(t) slope(t) - paid(t).
    """
    decided, per_left = table.decided, table.per_left
    all_hazard = decided.sum(axis=0) * table.per_risk
    slope = np.cumsum(all_hazard * per_left)
    steps = table.before * (decided * table.per_risk) * table.per_risk
    paid = np.cumsum(steps + table.share * (all_hazard * per_left), axis=1)

    codes = np.arange(table.cases.shape[1])
    is_own = codes == codes[1:, None, None]
    is_decided = codes > 0
    alpha = (
        is_own * (table.before * table.per_risk)[:, None]
        + is_decided * (table.share * per_left)[:, :, None]
        - paid[:, :, None]
    )
    beta = slope[:, None] - is_decided * per_left[:, None]
    state = np.concatenate([alpha, beta[None]]).reshape(len(codes), -1)
    return state, paid, slope


def influence(table: Table, cell: Ints, *, row: int, column: int) -> Floats:
    """Give each case's contribution to one outcome's share on one day; shape (n,).

    All cases are under observation from the beginning.
    """
    state, paid, slope = contributions(table)
    share = table.share[row, column]
    has_come = np.repeat(np.arange(len(slope)) <= column, table.cases.shape[1])
    rest = share * slope[column] - paid[row, column]
    value: Floats = np.where(has_come, state[row] + share * state[-1], rest)[cell]
    return value


def _with_entries(state: Floats, paid: Floats, slope: Floats) -> Floats:
    """Put a cell of entries before each day's others, and a last row for R."""
    outcomes, days = paid.shape
    width = outcomes + 1
    out = np.empty((width + 1, days, width + 1))
    out[:width, :, 1:] = state.reshape(width, days, width)
    out[:outcomes, :, 0] = np.insert(paid, 0, 0, axis=1)[:, :-1]
    out[outcomes, :, 0] = -np.append(0, slope[:-1])
    out[-1] = -1
    out[-1, :, 0] = 1
    return out.reshape(width + 1, -1)


def _by_family(
    cell: Ints, family: ArrayLike | None, entry: Ints | None, *, cells: int
) -> tuple[Ints, Ints]:
    """Give what happens to members, by family and then by day, and where families begin."""
    if family is None:
        parts = [cell] if entry is None else [entry, cell]
        key = np.stack(parts, axis=1).ravel()
        return key, np.arange(0, len(key), len(parts))
    numbers = family_numbers(family, len(cell), cells=cells)
    numbers *= cells
    if entry is not None:
        key = np.concatenate([numbers + cell, numbers + entry])
    else:
        key = numbers
        key += cell
    key.sort()  # all that is asked of a member is in its key
    starts = np.flatnonzero(np.diff(key // cells, prepend=-1))
    enough_families(len(starts))
    return key, starts


def _summed(key: Ints, starts: Ints, state: Floats, table: Table) -> Floats:
    """Sum `_changes` over all families, some whole families at a time."""
    wanted = np.arange(0, len(key), PIECE)
    edges = np.unique(starts[np.searchsorted(starts, wanted, side="right") - 1])
    changes = np.zeros((3 * table.cases.shape[1], len(table.cases)))
    for begin, end in pairwise([*edges.tolist(), len(key)]):
        inside = slice(*np.searchsorted(starts, [begin, end]))
        part = key[begin:end] % state.shape[1]
        changes += _changes(part, starts[inside] - begin, state, table)
    return changes


def _changes(
    cell: Ints, starts: Ints, state: Floats, table: Table, *, weight: Ints | int = 1
) -> Floats:
    """Sum, by day, how each product of P, Q and R changes as members' time comes.

    Args:
        cell: Each member's day and code, as one number; by family, then by day; shape (m,).
        starts: Where each family begins; shape (f,).
        state: What a member of each cell adds to P, one row an outcome, to Q, and where
            members enter to R; else R begins with all of them.
        table: The shares.
        weight: How many members each entry stands for.

    Returns:
        Rows PP, PQ and PR for each outcome, then QQ, QR and RR; shape (3 K + 3, days).
    """
    days, width = table.cases.shape
    sizes = np.diff(starts, append=len(cell))
    first = np.repeat(starts, sizes)
    after: list[NDArray[Any]] = []
    before: list[NDArray[Any]] = []
    for values in state:
        added = values[cell]
        run = np.cumsum(added) - added
        before.append(run - run[first])
        after.append(before[-1] + added)
    if len(state) == width:
        before.append(np.repeat(sizes, sizes) - (np.arange(len(cell)) - first))
        after.append(before[-1] - 1)

    p, q, r = range(width - 1), width - 1, width
    pairs = [*((k, k) for k in p), *((k, q) for k in p), *((k, r) for k in p)]
    row = cell // (state.shape[1] // days)
    return np.array(
        [
            np.bincount(row, weight * (after[x] * after[y] - before[x] * before[y]), days)
            for x, y in [*pairs, (q, q), (q, r), (r, r)]
        ]
    )


def _assembled(table: Table, changes: Floats, rest: Floats) -> Floats:
    """Add up the squares of P + share(t) Q + rest(t) R from the changes of their sums."""
    outcomes, days = table.share.shape
    sums = changes.cumsum(axis=1)
    sums[-1] -= sums[-1, -1]  # R ends at 0
    pp, pq, pr = sums[:-3].reshape(3, outcomes, days)
    qq, qr, rr = sums[-3:]
    s, c = table.share, rest
    variance: Floats = pp + s**2 * qq + c**2 * rr + 2 * (s * pq + c * pr + s * c * qr)
    return np.maximum(variance, 0)

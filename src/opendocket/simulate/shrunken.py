"""Borrowing strength: thin cells lean on what all cells say, by as much as cells are alike.

How alike they are is read off the data by moments (empirical Bayes), so that a court with ten
hearings is given nearly the mean of all courts, and one with ten thousand its own shares.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ALIKE, UNLIKE = 1e-5, 0.5
"""Least and largest correlation of two hearings of a court that is believed."""

FLATTEST, STEEPEST = 1e-4, 4.0
"""Least and largest variance of courts' rates, as a share of the mean's square."""


def dirichlet_size(counts: Floats, mean: Floats) -> float:
    """Estimate how many observations the mean of all groups is worth in one of them.

    Args:
        counts: What happened in each group of each cell; shape (groups, cells, results).
        mean: Expected shares in each cell; shape (cells, results); rows add up to 1, or are 0.

    Returns:
        The size of the Dirichlet distribution that groups' shares come from, 1 or more: large
        where groups are alike. Where there is one group it is as large as can be.

    Source:
        The moments of the Dirichlet-multinomial: Mosimann (1962), Biometrika 49:65-82. The
        squares are summed unweighted, so that rare results do not rule.

    Example:
        >>> alike = np.array([[[50.0, 50.0]], [[51.0, 49.0]]])
        >>> unlike = np.array([[[10.0, 90.0]], [[90.0, 10.0]]])
        >>> even = np.array([[0.5, 0.5]])
        >>> dirichlet_size(alike, even) > 1_000, dirichlet_size(unlike, even) < 3
        (True, True)
    """
    n = counts.sum(axis=2)  # group, cell
    seen = np.where(n > 0, n, 1.0)
    squares = (((counts - n[..., None] * mean) ** 2).sum(axis=2) / seen).sum(axis=0)
    spread = 1 - (mean**2).sum(axis=1)
    of_cell = n.sum(axis=0)
    free = np.maximum((n > 0).sum(axis=0) - 1, 0)
    beyond = of_cell - (n**2).sum(axis=0) / np.where(of_cell > 0, of_cell, 1.0) - free
    used = (free > 0) & (spread > 0) & (beyond > 0)
    if not used.any():
        return 1 / ALIKE - 1
    above = (squares[used] - spread[used] * free[used]).sum()
    alike = np.clip(above / (spread[used] * beyond[used]).sum(), ALIKE, UNLIKE)
    return float(1 / alike - 1)


def effective(counts: Floats, size: float) -> Floats:
    """Weigh each group's counts by what they say about the mean of all groups.

    A hundred hearings of one court tell less of courts in general than one of each of a
    hundred, and the less so the more courts differ.

    Args:
        counts: Shape (groups, ..., results).
        size: As :func:`dirichlet_size` gives it.

    Returns:
        The same, each group's total no larger than ``size + 1``.

    Example:
        >>> effective(np.array([[900.0, 100.0]]), size=9.0).round(2).tolist()
        [[8.92, 0.99]]
    """
    n = counts.sum(axis=-1, keepdims=True)
    weighed: Floats = counts * (1 + size) / (n + size)
    return weighed


def gamma_size(events: Floats, expected: Floats) -> float:
    """Estimate how many expected events the common rate is worth in one group.

    Args:
        events: Seen in each group; any shape.
        expected: At the common rate; the same shape.

    Returns:
        Shape (and rate) of the gamma distribution of groups' rates against the common one.

    Source:
        Moments of the gamma-Poisson: Clayton & Kaldor (1987), Biometrics 43:671-681.

    Example:
        >>> gamma_size(np.array([10.0, 10.0]), np.array([10.0, 10.0])) > 1_000
        True
        >>> gamma_size(np.array([400.0, 1600.0]), np.array([1_000.0, 1_000.0])) < 4
        True
    """
    used = expected > 0
    seen, due = events[used], expected[used]
    if len(due) < 2:
        return 1 / FLATTEST
    above = ((seen - due) ** 2 - due).sum() / (due**2).sum()
    return float(1 / np.clip(above, FLATTEST, STEEPEST))


def dirichlet(parameters: Floats, rng: np.random.Generator | None) -> Floats:
    """Draw shares from Dirichlet distributions, or give their means.

    Args:
        parameters: Shape (..., results), 0 or more; a row of zeros gives zeros.
        rng: None for the means.

    Returns:
        Rows that add up to 1.

    Example:
        >>> dirichlet(np.array([[1.0, 3.0]]), None).tolist()
        [[0.25, 0.75]]
    """
    weights = parameters if rng is None else rng.standard_gamma(parameters)
    total = weights.sum(axis=-1, keepdims=True)
    lost = (total <= 0) & (parameters.sum(axis=-1, keepdims=True) > 0)
    if lost.any():  # all so small that none is above the smallest number
        weights = np.where(lost, parameters, weights)
        total = weights.sum(axis=-1, keepdims=True)
    shares: Floats = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return shares


def gamma(
    events: Floats, expected: Floats, size: float, rng: np.random.Generator | None = None
) -> Floats:
    """Draw groups' rates against the common one, or give their means.

    Args:
        events: Seen in each group.
        expected: At the common rate.
        size: As :func:`gamma_size` gives it.
        rng: None for the means.

    Example:
        >>> gamma(np.array([20.0]), np.array([10.0]), size=10.0).tolist()
        [1.5]
    """
    shape = events + size
    top = rng.standard_gamma(shape) if rng is not None else shape
    rates: Floats = top / (expected + size)
    return rates

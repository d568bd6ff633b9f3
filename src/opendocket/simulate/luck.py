"""Chance by key: every draw is a function of the seed, the unit, its hearing and a purpose.

Nothing is drawn in the order of time, so a policy changes *when* a case is heard and never
*which luck* it has; two scenarios of one seed differ by the policy alone (common random
numbers). The generator is Philox4x32-10, which turns a counter and a key into four words.

Source:
    Salmon, Moraes, Dror & Shaw, Parallel random numbers: as easy as 1, 2, 3, SC11 (2011),
    with the known answers of the Random123 library; rendezvous hashing: Thaler & Ravishankar,
    IEEE/ACM Transactions on Networking 6(1), 1998.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.compiled import compiled

HEARING, RETURN, ENTRY, COUNSEL, APPLICATION, AFTER, REMOVAL, ACCEPTANCE = range(8)
"""Purposes: what a draw is for. Draws of two purposes never share a word."""

QUANTILES = 256
"""Points of a table of quantiles; a draw picks one by its highest eight bits."""

STREAM = 0x0D0C
"""Second word of the generator's key; the first is the seed."""

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
ZERO = np.uint64(0)


@compiled
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:  # noqa: ANN401
    """Turn a counter and a key into four words of 32 bits.

    Args:
        c0: First word of the counter, and so on.
        c1: Second.
        c2: Third.
        c3: Fourth.
        k0: First word of the key.
        k1: Second.

    Returns:
        Four integers from 0 to 2**32 - 1.

    Source:
        Salmon et al. (2011), table 2; known answers in Random123's ``kat_vectors``.

    Example:
        >>> [f"{word:08x}" for word in philox(0, 0, 0, 0, 0, 0)]
        ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    a, b, c, d = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    x, y = np.uint64(k0), np.uint64(k1)
    for _ in range(10):
        first, second = M0 * a, M1 * c
        a, b, c, d = (
            (second >> HALF) ^ b ^ x,
            second & LOW,
            (first >> HALF) ^ d ^ y,
            first & LOW,
        )
        x, y = (x + W0) & LOW, (y + W1) & LOW
    return a, b, c, d


@compiled
def drawn(seed: Any, key: Any, nth: Any, purpose: Any) -> Any:  # noqa: ANN401
    """Draw the four words of a unit's ``nth`` hearing for a purpose.

    Args:
        seed: The run's seed, 0 to 2**32 - 1.
        key: The unit's key.
        nth: Hearings held before, which names the draw.
        purpose: ``HEARING`` and the like.

    Example:
        >>> drawn(1, 7, 0, HEARING) == drawn(1, 7, 0, HEARING)
        True
        >>> drawn(1, 7, 0, HEARING) == drawn(1, 7, 1, HEARING)
        False
    """
    return philox(key, nth, purpose, 0, seed, STREAM)


@compiled
def _fill(seed: Any, keys: Any, nth: Any, purpose: Any, words: Any) -> None:  # noqa: ANN401
    for i in range(keys.size):
        a, b, c, d = drawn(seed, keys[i], nth[i], purpose)
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = a, b, c, d


def words(
    seed: int, keys: NDArray[np.uint32], nth: NDArray[np.integer[Any]] | int, purpose: int
) -> NDArray[np.uint32]:
    """Draw four words for each of many units.

    Args:
        seed: The run's seed.
        keys: Shape (n,).
        nth: Hearings held before; shape (n,), or one for all.
        purpose: ``HEARING`` and the like.

    Returns:
        Shape (n, 4); the same numbers as :func:`drawn` gives one by one.

    Example:
        >>> words(1, np.array([7], dtype=np.uint32), 0, HEARING)[0].tolist() == [
        ...     int(word) for word in drawn(1, 7, 0, HEARING)
        ... ]
        True
    """
    out = np.empty((len(keys), 4), dtype=np.uint32)
    counts = np.broadcast_to(np.asarray(nth, dtype=np.int64), keys.shape)
    _fill(seed, np.ascontiguousarray(keys), np.ascontiguousarray(counts), purpose, out)
    return out


def shares(drawn_words: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Turn words into shares from 0 to 1, 1 left out.

    Example:
        >>> shares(np.array([0, 2**31], dtype=np.uint32)).tolist()
        [0.0, 0.5]
    """
    return drawn_words / 4294967296.0


def threshold(share: float | NDArray[np.float64]) -> NDArray[np.uint32]:
    """Give the word below which a draw falls with this chance; 1 gives the largest word.

    Example:
        >>> int(threshold(0.5)), int(threshold(1.0))
        (2147483648, 4294967295)
    """
    return np.minimum(np.asarray(share) * 4294967296.0, 4294967295.0).astype(np.uint32)


def _exponential() -> NDArray[np.int64]:
    """Give quantiles of an exponential length in whole numbers, for draws of equal claims."""
    at = (np.arange(257) + 1e-3) / 257.0
    table: NDArray[np.int64] = np.round(-np.log(at) * 2**40).astype(np.int64)
    return table


EXPONENTIAL = _exponential()
"""Shape (257,): between two of its points the length is read along a straight line."""

MIX = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@compiled
def claim(key: Any, judge: Any, weight: Any) -> Any:  # noqa: ANN401
    """Give how late a judge claims a unit: the least claim of a bench takes it.

    A claim depends on the unit, the judge and the judge's weight alone, so a judge who comes
    or goes moves only the units that are, or were, theirs (rendezvous hashing); a judge of
    twice the weight takes twice as many.

    Args:
        key: The unit's key.
        judge: The judge's number.
        weight: The judge's share of new cases against others', 1 to 255.

    Returns:
        A whole number >= 0, from an exponential length divided by the weight.

    Example:
        >>> first = [min(range(3), key=lambda j: claim(unit, j, 1)) for unit in range(999)]
        >>> [300 < first.count(j) < 370 for j in range(3)]
        [True, True, True]
    """
    x = (np.uint64(key) << HALF) | np.uint64(judge)
    x = x + MIX[0]
    x = (x ^ (x >> np.uint64(30))) * MIX[1]
    x = (x ^ (x >> np.uint64(27))) * MIX[2]
    x = x ^ (x >> np.uint64(31))
    cell = np.int64(x >> np.uint64(56))
    within = np.int64((x >> HALF) & np.uint64(0xFFFFFF))
    high, low = EXPONENTIAL[cell], EXPONENTIAL[cell + 1]
    late = high - (((high - low) >> 12) * within >> 12)
    if weight == 1:
        return late
    return np.int64(np.uint64(late) // np.uint64(weight))

"""Wanted gaps: how far ahead a hearing is wanted, whatever the calendar has room for.

A run books the first day with room on or after the wanted day. Fed with the gaps that were
observed, it would count congestion twice. But the record tells more than the gap: if the
calendar had a day with room before the day that was taken, the hearing was wanted after that
day, or it would stand there. So each booking says that the wanted day lies between the last day
with room before it and the day taken: near to it on a light calendar, anywhere before it on a
full one. From many bookings, full and light, the likeliest wanted gaps follow as they do for
any lengths known to lie between two bounds.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.compiled import compiled
from opendocket.simulate.posterior import Gap
from opendocket.simulate.recorded import ON_PAPER
from opendocket.simulate.tables import GAPS, RECEIVED, RETURNED

LONGEST = 4_000
"""Days; a longer gap is passed over."""

ROUNDS = 300
CLOSE = 1e-5

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def bounds(
    rows: NDArray[np.void], of_bench: Ints, room: Ints, window: tuple[int, int]
) -> tuple[Ints, Ints, Ints]:
    """Give what each booking says of its wanted gap.

    Args:
        rows: Of dtype ``ROW``; all there are, as any may have taken a slot.
        of_bench: Each bench's calendar; -1 for none.
        room: Slots of a session; shape (2, calendars).
        window: First and last day that a gap may be counted from.

    Returns:
        Places in ``rows``, and for each its ``after`` and ``upto``: it was wanted more than
        ``after`` days ahead, and no more than ``upto``.

    Assumes:
        A day had room when a hearing was booked if later bookings still went there and it did
        not hold its calendar's fill yet, or if it stayed half empty. How full a calendar is has
        nothing to do with how far ahead the next hearing is wanted.
    """
    first, last = window
    takes = (rows["what"] != ON_PAPER) & (rows["bench"] >= 0)
    takes &= rows["day"] >= first
    at = np.flatnonzero(takes)
    calendar = of_bench[rows["bench"][at]]
    at, calendar = at[calendar >= 0], calendar[calendar >= 0]
    booked = np.minimum(rows["booked"][at], rows["day"][at]).astype(np.int64)
    order = np.lexsort((rows["day"][at], booked))
    at, calendar, booked = at[order], calendar[order], booked[order]
    cell = rows["kind"][at].astype(np.int64) * room.shape[1] + calendar
    day, start = rows["day"][at].astype(np.int64), rows["from_day"][at].astype(np.int64)
    days = int(day.max() - first + 1) if len(day) else 1
    final = np.bincount(cell * days + day - first, minlength=room.size * days)
    after = np.empty(len(at), dtype=np.int64)
    _last_free(
        cell, day - first, np.maximum(start, booked) - first, room.ravel(),
        final.reshape(room.size, days), np.zeros((room.size, days), dtype=np.int64), after,
    )  # fmt: skip
    upto = day - start
    used = (start >= first) & (start <= last) & (upto >= 1) & (upto <= LONGEST)
    after = np.where(after >= 0, after + first - start, 0)
    return at[used], np.clip(after[used], 0, upto[used] - 1), upto[used]


@compiled
def _last_free(
    cell: Any,  # noqa: ANN401
    day: Any,  # noqa: ANN401
    start: Any,  # noqa: ANN401
    room: Any,  # noqa: ANN401
    final: Any,  # noqa: ANN401
    taken: Any,  # noqa: ANN401
    after: Any,  # noqa: ANN401
) -> None:
    """Find the last day with room before each day taken, in the order of booking."""
    for i in range(cell.size):
        c, x = cell[i], day[i] - 1
        after[i] = -1
        while x > start[i] and x >= 0:
            if final[c, x] > 0 and (
                taken[c, x] < min(final[c, x], room[c]) or 2 * final[c, x] <= room[c]
            ):
                after[i] = x
                break
            x -= 1
        taken[c, day[i]] += 1


def likeliest(after: Ints, upto: Ints) -> Floats:
    """Give the likeliest shares of lengths that are each known to lie between two bounds.

    Args:
        after: Each is longer than this; 0 or more; shape (n,).
        upto: And no longer than this.

    Returns:
        Share of each whole length from 0 on.

    Source:
        Turnbull (1976), J. R. Stat. Soc. B 38:290-295: each round shares every length out
        over its interval as the shares of the round before have it.

    Example:
        >>> likeliest(np.array([0, 1, 1]), np.array([2, 2, 3])).round(3).tolist()
        [0.0, 0.0, 1.0, 0.0]
    """
    longest = int(upto.max())
    both, n = np.unique(after * (longest + 1) + upto, return_counts=True)
    low, high = np.divmod(both, longest + 1)
    share = np.zeros(longest + 1)
    edges = np.zeros(longest + 2)
    np.add.at(edges, low + 1, 1.0)
    np.add.at(edges, high + 1, -1.0)
    share[np.cumsum(edges)[:-1] > 0] = 1.0
    share /= share.sum()
    for _ in range(ROUNDS):
        sums = np.concatenate([[0.0], np.cumsum(share)])
        weight = n / np.maximum(sums[high + 1] - sums[low + 1], 1e-300)
        steps = np.bincount(low + 1, weight, longest + 2)
        steps -= np.bincount(high + 1, weight, longest + 2)
        new = share * np.cumsum(steps)[:-1] / n.sum()
        moved = np.abs(new - share).sum()
        share = new
        if moved < CLOSE:
            break
    share = np.where(share * n.sum() < 1e-3, 0.0, share)
    whole: Floats = share / share.sum()
    return whole


def wanted_gaps(
    rows: NDArray[np.void],
    docket: NDArray[np.integer],
    told: tuple[Ints, Ints, Ints],
) -> tuple[Gap, ...]:
    """Fit wanted gaps by docket, kind of hearing, and what they are counted from.

    Args:
        rows: Of dtype ``ROW``.
        docket: Of each row's unit; shape (rows,).
        told: As :func:`bounds` gives it.

    Returns:
        A gap for each cell that a booking was in.
    """
    at, after, upto = told
    kind = rows["since_kind"][at].astype(np.int64)
    since = rows["since"][at].astype(np.int64)
    cell = (docket[at].astype(np.int64) * 2 + kind) * len(GAPS) + since
    found = []
    for number in np.unique(cell[since >= 0]):
        of_it = cell == number
        shares = likeliest(after[of_it], upto[of_it])
        days = np.flatnonzero(shares)
        counts = np.round(shares[days] * of_it.sum(), 6)
        k, rest = divmod(int(number), 2 * len(GAPS))
        found.append(Gap(k, *divmod(rest, len(GAPS)), days, counts))
    return tuple(found)


def mean_seen(
    rows: NDArray[np.void], docket: NDArray[np.integer], window: tuple[int, int], dockets: int
) -> tuple[float, ...]:
    """Give the mean days from hearing to hearing on each docket, congestion included."""
    first, last = window
    gap = rows["day"].astype(np.int64) - rows["from_day"]
    used = (rows["since"] >= 0) & (rows["since"] != RECEIVED) & (rows["since"] != RETURNED)
    used &= (rows["from_day"] >= first) & (rows["from_day"] <= last)
    used &= (rows["what"] != ON_PAPER) & (gap >= 1) & (gap <= LONGEST)
    n = np.bincount(docket[used], minlength=dockets)
    total = np.bincount(docket[used], gap[used], minlength=dockets)
    return tuple(round(float(t / m), 3) if m else 0.0 for t, m in zip(total, n, strict=True))

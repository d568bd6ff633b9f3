"""How late events are entered, and how many of the newest are still to come."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from opendocket.errors import NothingToShow, TooFewCases
from opendocket.estimate.families import MIN_CASES, Floats, Ints
from opendocket.estimate.survival import interval_of
from opendocket.estimate.tallies import check_level


@dataclass(frozen=True, slots=True)
class DelayCurve:
    """Share of events entered within so many days of happening.

    Attributes:
        days: Whole days since the event, ascending; shape (k,).
        entered_share: Share of the events entered by then; shape (k,).
        lower: Lower end of the pointwise interval; shape (k,).
        upper: Upper end; shape (k,).
        at_risk: Records the step on that day rests on; shape (k,).
        n: Records in all.
        level: Coverage of the interval.
    """

    days: Floats
    entered_share: Floats
    lower: Floats
    upper: Floats
    at_risk: Ints
    n: int
    level: float = 0.95

    def at(self, age: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Give the share entered at each age, and its lower and upper ends.

        Args:
            age: Days since the event; shape (m,).

        Returns:
            Of the last of ``days`` that is not after the age: 0 before the first of them, and
            the last share beyond the last.
        """
        step = np.searchsorted(self.days, np.asarray(age, dtype=np.float64), side="right")
        share, lower, upper = (
            np.append(0.0, values)[step]
            for values in (self.entered_share, self.lower, self.upper)
        )
        return share, lower, upper


@dataclass(frozen=True, slots=True)
class Corrected:
    """Counts with those still to be entered; each array has the shape (periods,)."""

    expected: Floats
    lower: Floats
    upper: Floats


def reporting_delay(
    delay: ArrayLike, age: ArrayLike, *, within: int | None = None, level: float = 0.95
) -> DelayCurve:
    """Estimate the share of events entered within so many days, from one release.

    A release shows only what has been entered, so of young events it shows the fast ones: the
    plain distribution of delays is too short, by as much as events are young. Read backwards,
    from long delays to short, each delay is compared with the records that would have shown
    a longer one: those whose event is old enough.

    Args:
        delay: Days from the event to its entry; whole, >= 0; shape (n,).
        age: Days from the event to the release; not below its delay; whole; shape (n,).
        within: Longest delay asked about; records of longer ones are left out. None asks
            about the longest age, where a single old record can move the whole curve.
        level: Coverage of the pointwise interval.

    Returns:
        The share entered within each number of days up to ``within`` or the longest age, of
        those entered within that: what is entered later still is not in it.

    Raises:
        TooFewCases: Fewer than ``MIN_CASES`` records.
        ValueError: Shapes differ, a value is not whole or below 0, or a delay is beyond its
            age.

    Assumes:
        The delays of old events and of young ones follow one distribution. Records are
        entered independently; where they are entered in batches, the interval is too narrow.
        The events' first entry dates are kept, not overwritten by later changes.

    Source:
        Reverse-time product limit: Lagakos, Barraj & De Gruttola (1988), Biometrika
        75:515-523; Kalbfleisch & Lawless (1991), Statistica Sinica 1:19-32; Brookmeyer &
        Damiano (1989), Stat. Med. 8:23-34. Greenwood's variance, read backwards; the
        interval is complementary log-log, as `cumulative_incidence` has it.

    Example:
        >>> curve = reporting_delay([0, 0, 1, 0, 1, 2], [0, 1, 1, 2, 2, 2])
        >>> curve.days, curve.entered_share.round(3)
        (array([0., 1., 2.]), array([0.333, 0.667, 1.   ]))
    """
    check_level(level)
    late, old = _whole(delay, "delay"), _whole(age, "age")
    if late.shape != old.shape:
        raise ValueError(f"delay {late.shape}, age {old.shape}; expected (n,) twice")
    beyond = np.count_nonzero(late > old)
    if beyond:
        raise ValueError(f"delay: {beyond:,} beyond their age; expected none")
    if within is not None:
        late, old = late[late <= within], np.minimum(old[late <= within], within)
    if len(late) < MIN_CASES:
        raise TooFewCases("reporting delay", len(late), MIN_CASES)
    width = int(old.max()) + 1
    entered = np.bincount(late, minlength=width)
    # those entered within d days whose event is d days old or older
    at_risk = entered.cumsum() - np.bincount(old, minlength=width).cumsum()
    at_risk += np.bincount(old, minlength=width)
    share, error = _read_backwards(entered, at_risk)
    lower, upper = interval_of(share, error, level)
    days = np.arange(width, dtype=np.float64)
    return DelayCurve(days, share, lower, upper, at_risk, len(late), level)


def _read_backwards(entered: Ints, at_risk: Ints) -> tuple[Floats, Floats]:
    """Multiply, for each day, what the later days leave; and its standard error."""
    risk = np.maximum(at_risk, 1)
    left = at_risk - entered
    kept = np.where(at_risk > 0, left / risk, 1.0)
    added = entered / (risk * np.maximum(left, 1))
    share = np.append(kept[1:][::-1].cumprod()[::-1], 1.0)
    error: Floats = share * np.sqrt(np.append(added[1:][::-1].cumsum()[::-1], 0.0))
    return share, error


def _whole(days: ArrayLike, name: str) -> Ints:
    values = np.asarray(days)
    if values.ndim != 1 or values.dtype.kind not in "iu" or np.ma.is_masked(days):
        raise ValueError(
            f"{name} {values.shape} of {values.dtype}; expected whole days (n,), none missing"
        )
    if len(values) and values.min() < 0:
        raise ValueError(f"{name}: {np.count_nonzero(values < 0):,} below 0; expected none")
    return values.astype(np.int64)


def delay_from_two(earlier: ArrayLike, later: ArrayLike, *, level: float = 0.95) -> DelayCurve:
    """Estimate the share of events an earlier release had, of those a later one has, by age.

    Args:
        earlier: For events 0, 1, 2, ... days old on the earlier release's day: how many of
            the later release's the earlier one had as well; integers; shape (ages,).
        later: How many the later release has; shape (ages,).
        level: Coverage of the pointwise interval.

    Returns:
        The shares, with Wilson's intervals, on the ages at which the later release has an
        event. They may fall from one age to the next, as chance has it.

    Raises:
        NothingToShow: The later release has none.
        ValueError: Shapes differ, or the earlier release has more than the later.

    Assumes:
        What the later release lacks as well is not missed: the time between the two is long
        beside the delays. Rows that the later release dropped are in neither count.

    Source:
        Lawless (1994), Can. J. Statist. 22:15-31, section 2, of two reports. Interval: Wilson
        (1927), JASA 22:209-212.

    Example:
        >>> curve = delay_from_two([2, 6, 9], [8, 8, 10])
        >>> curve.entered_share.tolist()
        [0.25, 0.75, 0.9]
    """
    check_level(level)
    had, has = _whole(earlier, "earlier"), _whole(later, "later")
    if had.shape != has.shape or (had > has).any():
        raise ValueError(
            f"earlier {had.shape}, later {has.shape}; expected (ages,) twice, and none of the "
            "earlier above the later"
        )
    days = np.flatnonzero(has)
    if not len(days):
        raise NothingToShow(
            "reporting delay", "no event in the later release", "choose releases that overlap"
        )
    n = has[days]
    share, z2 = had[days] / n, NormalDist().inv_cdf((1 + level) / 2) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    lower, upper = np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)
    return DelayCurve(days.astype(np.float64), share, lower, upper, n, int(n.sum()), level)


def corrected(counts: ArrayLike, age: ArrayLike, curve: DelayCurve) -> Corrected:
    """Estimate how many events the newest periods will have once all are entered.

    Args:
        counts: Events entered so far, of each period; >= 0; shape (periods,).
        age: Days from each period to the release, from its last day to be careful.
        curve: The delays.

    Returns:
        The counts over the shares entered by then. The interval has the curve's level, and
        allows for the curve's own and for which events happen to be entered; its lower end is
        never below the count. Of a count of 0 the expected is 0 and the upper end the most
        that could be missed so; where the share is 0, expected and upper are nan and infinite.

    Raises:
        ValueError: Shapes differ, or a count is below 0.

    Assumes:
        As the curve; and that the newest events are entered as fast as the older were.

    Source:
        Lawless (1994), Can. J. Statist. 22:15-31, section 3. The two uncertainties are
        combined in the logarithm by MOVER: Zou & Donner (2008), Stat. Med. 27:1693-1702.

    Example:
        >>> curve = delay_from_two([200, 600, 900], [800, 800, 1000])
        >>> corrected([30, 90], [0, 1], curve).expected
        array([120., 120.])
    """
    seen, days = np.asarray(counts, dtype=np.float64), np.asarray(age, dtype=np.float64)
    if seen.shape != days.shape or seen.ndim != 1 or not (seen >= 0).all():
        raise ValueError(
            f"counts {seen.shape}, age {days.shape}; expected (periods,) twice, none below 0"
        )
    share, low, high = curve.at(days)
    z = NormalDist().inv_cdf((1 + curve.level) / 2)
    with np.errstate(all="ignore"):  # shares and counts of 0 are replaced below
        expected = seen / share
        chance = z**2 * (1 - share) / seen
        lower = expected * np.exp(-np.sqrt(np.log(high / share) ** 2 + chance))
        upper = expected * np.exp(np.sqrt(np.log(share / low) ** 2 + chance))
        none_of = np.log((1 - curve.level) / 2) / np.log1p(-low)
    upper = np.where(seen == 0, np.where(low == 1, 0.0, none_of), upper)
    expected = np.where(share > 0, expected, np.nan)
    return Corrected(
        expected,
        np.fmax(np.where(seen == 0, 0.0, lower), seen),
        np.where(low > 0, upper, inf),
    )

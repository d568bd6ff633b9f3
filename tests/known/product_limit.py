"""Shares that ended by a day, by the product limit in plain Python; nothing of ours is used.

Kaplan & Meier (1958), J. Am. Stat. Assoc. 53:457-481; for several ways to end, Kalbfleisch &
Prentice, The Statistical Analysis of Failure Time Data (2002), section 8.2.
"""

from collections import Counter


def product_limit(spells, ways=1):
    """Give the incidence of each way by every day, and how many were still at risk.

    Each of ``spells`` is (days, way, entered): 0 is a way for those who are not yet.
    """
    ends = Counter((days, way) for days, way, _ in spells)
    left = sorted(days for days, _, _ in spells)
    came = sorted(entered for _, _, entered in spells)
    free, shares, curve = 1.0, [0.0] * ways, []
    out = late = 0
    for day in sorted(set(left)):
        while out < len(left) and left[out] < day:
            out += 1
        while late < len(came) and came[late] < day:
            late += 1
        at_risk = late - out if any(came) else len(left) - out
        hits = [ends.get((day, way), 0) for way in range(1, ways + 1)]
        shares = [s + free * hit / at_risk for s, hit in zip(shares, hits, strict=True)]
        free *= 1 - sum(hits) / at_risk
        curve.append((day, list(shares), at_risk))
    return curve


def by_day(curve, day):
    none = [0.0] * len(curve[0][1])
    return [none, *(shares for at, shares, _ in curve if at <= day)][-1]


def median_of(curve):
    return next((day for day, shares, _ in curve if sum(shares) >= 0.5 - 1e-12), None)

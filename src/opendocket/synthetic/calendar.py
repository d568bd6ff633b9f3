"""Days as whole numbers, and how the courts write them."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

Days = NDArray[np.int32]
"""Days since 1 January 1970."""

FIRST = date(1930, 1, 1)
LAST = date(2046, 12, 31)
NEVER = np.int32(2**30)
"""A day that does not come."""

EPOCH = date(1970, 1, 1)
FIRST_DAY = (FIRST - EPOCH).days


def day(year: int, month: int = 1, of_month: int = 1) -> int:
    """Give a day's number.

    Example:
        >>> day(1970, 1, 2)
        1
    """
    return (date(year, month, of_month) - EPOCH).days


@cache
def _texts() -> pl.Series:
    span = (LAST - FIRST).days + 1
    days = (FIRST + timedelta(days=i) for i in range(span))
    return pl.Series([f"{d:%Y-%m-%d} 00:00:00.000" for d in days])


@cache
def _weekday() -> NDArray[np.int8]:
    """Days to go from each day to a working day."""
    shift = np.zeros(7, dtype=np.int8)
    shift[5], shift[6] = 2, 1  # Saturday, Sunday; Monday is 0
    return shift


def written(days: Days) -> pl.Series:
    """Write days as the release does; a day that never comes is empty.

    Args:
        days: Shape (n,).

    Returns:
        ``YYYY-MM-DD 00:00:00.000``, or null; shape (n,).

    Example:
        >>> written(np.array([0, NEVER], dtype=np.int32)).to_list()
        ['1970-01-01 00:00:00.000', None]
    """
    index = pl.Series(days - FIRST_DAY)
    inside = (days >= FIRST_DAY) & (days < FIRST_DAY + len(_texts()))
    return _texts().gather(pl.select(pl.when(pl.Series(inside)).then(index)).to_series())


def working_day(days: Days) -> Days:
    """Move days that fall on a weekend to the Monday after.

    Example:
        >>> working_day(np.array([2, 3, 4], dtype=np.int32))  # 3 January 1970 is a Saturday
        array([4, 4, 4]...
    """
    moved = days + _weekday()[(days + 3) % 7]  # 1 January 1970 was a Thursday
    return np.where(days < NEVER, moved, NEVER).astype(np.int32)


def fiscal_year(days: Days) -> NDArray[np.int32]:
    """Give the federal fiscal year, which begins on 1 October of the year before.

    Example:
        >>> fiscal_year(np.array([day(2021, 9, 30), day(2021, 10, 1)], dtype=np.int32))
        array([2021, 2022]...
    """
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return ((months + 3) // 12 + 1970).astype(np.int32)

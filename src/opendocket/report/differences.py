"""Simulated numbers in words: levels, differences, bands, and what a band is made of."""

from typing import Any

import polars as pl

from opendocket.findings.words import percent
from opendocket.simulate.answers import DEDICATED, EVERYONE, FOLLOWED, MEASURES
from opendocket.simulate.comparing import ENOUGH, LEVEL, Compared

WHOM = {
    DEDICATED: "The Dedicated Docket's people",
    "everyone else": "Everyone else",
    EVERYONE: "Everyone",
}
"""How those followed are told."""

NONE = "–"

COLUMNS = ("", "base", "policy", "apart", "band", "luck")
BOTH = ("base", "scenario")


def level(value: float | None, unit: str) -> str:
    """Write a number of a unit.

    Example:
        >>> [level(0.4213, "share"), level(411.6, "days"), level(None, "days")]
        ['42.1%', '412 days', '–']
    """
    if value is None:
        return NONE
    if unit == "share":
        return percent(value)
    places = {"ratio": 2, "days": 0 if value >= 10 else 1}.get(unit, 0)
    words = f"{value:,.{places}f}"
    return f"{words} days" if unit == "days" else words


def short(value: float | None, unit: str = "people") -> str:
    """Write a large number in three digits.

    Example:
        >>> [short(n) for n in (812.0, 40_036.0, 125_021.0, 3_723_022.0)]
        ['812', '40.0k', '125k', '3.72M']
    """
    if value is None or abs(value) < 10_000:
        return level(value, unit)
    size, letter = (1e6, "M") if abs(value) >= 999_500 else (1e3, "k")
    number = value / size
    return f"{number:.{max(0, 2 - len(str(int(abs(number)))) + 1)}f}{letter}"


def apart(value: float | None, unit: str) -> str:
    """Write a difference of two numbers of a unit; shares are apart by percentage points.

    Example:
        >>> [apart(0.034, "share"), apart(-12.4, "days"), apart(0.0, "people")]
        ['+3.4', '-12', '0']
        >>> apart(-40_036.0, "people")
        '-40.0k'
    """
    if value is None:
        return NONE
    if unit == "people" and abs(value) >= 10_000:
        return ("+" if value > 0 else "") + short(value)
    places = {"share": 1, "ratio": 2, "days": 0 if abs(value) >= 10 else 1}.get(unit, 0)
    words = f"{100 * value if unit == 'share' else value:+,.{places}f}"
    return words if words.strip("+-0.") else "0"


def band(lower: float | None, upper: float | None, unit: str) -> str:
    """Write a band of differences.

    Example:
        >>> band(-12.4, 3.0, "days"), band(None, None, "days")
        ('-12 to +3.0', '')
    """
    if lower is None or upper is None:
        return ""
    return f"{apart(lower, unit)} to {apart(upper, unit)}"


def rows_of(compared: Compared, scenario: str) -> list[tuple[str, ...]]:
    """Give a scenario against the base for people to read: a row a measure and population.

    Args:
        compared: Any.
        scenario: One of its scenarios but the base.

    Returns:
        Cells in the order of ``COLUMNS``; a population's name stands alone before its rows.
    """
    whole = compared.differences.filter(
        pl.col("scenario") == scenario, pl.col("court_code").is_null()
    )
    last = whole["on_date"].max()
    whole = whole.filter(pl.col("on_date").is_null() | (pl.col("on_date") == last))
    found = []
    for population in FOLLOWED:
        told = whole.filter(pl.col("population") == population, pl.col("people_count") > 0)
        by_name = {row["measure"]: row for row in told.iter_rows(named=True)}
        if by_name:
            found.append((WHOM[population], *[""] * (len(COLUMNS) - 1)))
        for name, measure in MEASURES.items():
            if name in by_name:
                found.append(_row(by_name[name], measure.words, measure.unit))
    return found


def _row(row: dict[str, Any], words: str, unit: str) -> tuple[str, ...]:
    write = short if unit == "people" else level
    ends = (row["lower"], row["upper"])
    return (
        f"  {words}",
        *(write(row[f"{which}_value"], unit).removesuffix(" days") for which in BOTH),
        apart(row["difference"], unit),
        band(*ends, unit),
        "" if row["lower_share"] is None else percent(row["luck_share"], 0),
    )


def notes(compared: Compared) -> tuple[str, ...]:
    """Say how to read a table of differences."""
    n, m, few = compared.draws, compared.luck_draws, compared.draws < ENOUGH
    wide = "the range of the draws" if few else f"{LEVEL:.0%} of the draws"
    return (
        f"{n:,} draws of parameters and luck, the same for both; the band holds {wide}.",
        f"luck: its share of the band's variance, from {m:,} more draws of luck alone; the "
        "rest is what the fit does not know. Shares are apart by percentage points.",
        "The band does not hold what the model leaves out, nor what policies change in how "
        "people and courts behave.",
    )


def levels_of(found: pl.DataFrame) -> list[tuple[str, ...]]:
    """Give what one run answers for people to read: a row a measure and population.

    Args:
        found: What :func:`opendocket.simulate.answers.answers` gave.

    Returns:
        Words, value and the people it rests on; a population's name stands alone before its
        rows.
    """
    whole = found.filter(
        pl.col("court_code").is_null(),
        pl.col("on_date").is_null() | (pl.col("on_date") == pl.col("on_date").max()),
    )
    told: list[tuple[str, ...]] = []
    for population in FOLLOWED:
        rows = whole.filter(pl.col("population") == population, pl.col("people_count") > 0)
        if len(rows):
            told.append((WHOM[population], "", ""))
        for row in rows.iter_rows(named=True):
            measure = MEASURES[row["measure"]]
            people = "" if measure.unit == "people" else f"{row['people_count']:,}"
            told.append((f"  {measure.words}", level(row["value"], measure.unit), people))
    return told

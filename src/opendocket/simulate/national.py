"""The courts' published years, and how far from them each model comes that is told a little.

Told the new cases and the judges of a fiscal year, and nothing else of it, what pending and
what completions does a model give? Judges are counted in few years; in the others the last
count is carried on, and the row says so. What was not published stays unknown.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Protocol

import numpy as np
import polars as pl

from opendocket.figures.published import published
from opendocket.simulate.naive import Floats, Fluid, by_judges, flowed, same_net_flow

QUANTITIES = ("receipts", "judges", "completions", "pending")
LEARNT_FROM = 3
"""Years before the one that is forecast, at the most, that a rate is the mean of."""


@dataclass(frozen=True, slots=True)
class Year:
    """A fiscal year as published; None for what was not."""

    year: int
    receipts: float | None
    judges: float | None
    completions: float | None
    pending: float | None
    """At its end."""
    notes: dict[str, str]
    """By quantity: what is to be known of its source."""
    sources: dict[str, str]
    """By quantity: the published figure's id."""


@cache
def years() -> tuple[Year, ...]:
    """Give every fiscal year of the published series, in order.

    Source:
        ``national.csv`` names the published figure of each cell; docs/data/published.md has
        their sources.

    Example:
        >>> {year.year: year.pending for year in years()}[2020]
        1258882.0
    """
    text = (files("opendocket.simulate") / "national.csv").read_text(encoding="utf-8")
    cells: dict[int, dict[str, dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        cells.setdefault(int(row["year"]), {})[row["quantity"]] = row
    return tuple(_year(year, cells[year]) for year in sorted(cells))


def _year(year: int, cells: dict[str, dict[str, str]]) -> Year:
    ids = {quantity: row["published_id"] for quantity, row in cells.items()}
    values = {quantity: published(id).numbers()[0] for quantity, id in ids.items()}
    receipts, judges, completions, pending = (values.get(name) for name in QUANTITIES)
    return Year(
        year=year,
        receipts=receipts,
        judges=judges,
        completions=completions,
        pending=pending,
        notes={quantity: row["note"] for quantity, row in cells.items()},
        sources=ids,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What a model is told of a year."""

    year: int
    start: float
    """Pending on its first morning."""
    receipts: float
    judges: float


class Yearly(Protocol):
    """A model that is asked year by year."""

    name: str

    def came(self, told: Told, level: float) -> tuple[float, float]:
        """Give completions, and pending at the end.

        Args:
            told: The year.
            level: How much a judge does, in the model's own unit; more completes more.
        """
        ...

    def level(self, told: Told, completions: float) -> float:
        """Give the level at which a year comes to the completions published."""
        ...

    def learn(self, told: Told, level: float) -> None:
        """Let the year have gone by, so that the next begins where it ended."""
        ...


class Judges:
    """The arithmetic of judges times what each completes."""

    name = "judges"

    def came(self, told: Told, level: float) -> tuple[float, float]:
        """Give completions, and pending at the end; ``level`` is completions a judge."""
        pending, done = by_judges(told.start, [told.receipts], [told.judges], per_judge=level)
        return float(done[0]), float(pending[0])

    def level(self, told: Told, completions: float) -> float:
        """Give completions a judge."""
        return completions / told.judges

    def learn(self, told: Told, level: float) -> None:
        """Keep nothing."""


FLUID = Fluid(
    goes_on=np.array([[0.45, 0.40], [0.60, 0.45]]),
    is_set=np.array([0.10, 0.12]),
    months_between=np.array([[0.5, 0.7], [4.0, 6.0]]),
    held=np.array([0.25, 0.0]),
)
"""Made-up: a detained docket served soon, and everyone else; masters, then individual."""
DETAINED_SHARE = 0.35
"""Made-up: of new cases."""
MASTERS, INDIVIDUALS = 200.0, 35.0
"""Hearings of a judge a month at level 1; made-up."""
AGES = 120


class FluidYears:
    """The fluid model, a national court of two dockets."""

    name = "fluid"

    def __init__(self) -> None:
        ages = np.exp(-np.arange(AGES) / 14.0)
        self.shape: Floats = np.zeros((1, 2, 2, AGES))
        parts = np.array([[0.06, 0.02], [0.62, 0.30]])
        self.shape[0] = parts[:, :, None] * ages / ages.sum()

    def came(self, told: Told, level: float) -> tuple[float, float]:
        """Give completions, and pending at the end; ``level`` scales hearings."""
        done, end = self._flow(told, level)
        return done, float(end.sum())

    def level(self, told: Told, completions: float) -> float:
        """Give the level at which a year comes to the completions published."""
        return level_of(self, told, completions)

    def learn(self, told: Told, level: float) -> None:
        """Keep who is pending at which stage and age."""
        end = self._flow(told, level)[1]
        self.shape = end / end.sum()

    def _flow(self, told: Told, level: float) -> tuple[float, Floats]:
        arrivals = np.array([DETAINED_SHARE, 1 - DETAINED_SHARE]) * told.receipts / 12
        capacity = np.array([MASTERS, INDIVIDUALS]) * told.judges * level
        came = flowed(
            self.shape * told.start,
            np.broadcast_to(arrivals, (12, 1, 2)),
            np.broadcast_to(capacity, (12, 1, 2)),
            fluid=FLUID,
        )
        return float(came.decided.sum()), came.end


def forecasts(
    models: Sequence[Yearly],
    *,
    alone_from: int | None = None,
    known: Sequence[Year] | None = None,
) -> pl.DataFrame:
    """Forecast each year from those before it, told its new cases and its judges.

    Args:
        models: Asked in turn, none of them asked before; each learns how much a judge does
            from up to three years before.
        alone_from: From this year on a model learns nothing more, and begins each year with
            what it forecast to be pending rather than with what was published.
        known: The published years, if not all.

    Returns:
        One row a year and model, that of last year's net flow among them: completions and
        pending as published and as forecast, null where they are not known. ``is_carried``
        marks years whose judges are an earlier count.

    Assumes:
        Only new cases come: what was sent back, reopened or put back on the calendar from
        before the year is told to no model, and is published for none.
    """
    rows = years() if known is None else known
    asked = [_asked(model, rows, alone_from) for model in models]
    return pl.concat([_net_flow(rows, alone_from), *asked])


SCHEMA = {
    "year": pl.Int64,
    "model": pl.String,
    "receipts": pl.Float64,
    "judges": pl.Float64,
    "is_carried": pl.Boolean,
    "completions": pl.Float64,
    "completions_forecast": pl.Float64,
    "pending": pl.Float64,
    "pending_forecast": pl.Float64,
}


def _asked(model: Yearly, known: Sequence[Year], alone_from: int | None) -> pl.DataFrame:
    out: list[tuple[object, ...]] = []
    levels: list[float] = []
    judges: float | None = None
    start: float | None = None
    for year in known:
        is_carried, judges = year.judges is None, year.judges or judges
        is_alone = alone_from is not None and year.year >= alone_from
        done: float | None = None
        left: float | None = None
        if start is not None and year.receipts is not None and judges is not None:
            told = Told(year.year, start, year.receipts, judges)
            level = float(np.mean(levels[-LEARNT_FROM:])) if levels else 1.0
            if levels:
                done, left = model.came(told, level)
            if year.completions is not None and not is_alone:
                level = model.level(told, year.completions)
                levels.append(level)
            model.learn(told, level)
        is_carried = is_carried and judges is not None
        out.append(_row(year, model.name, (judges, is_carried), done, left))
        start = left if is_alone else year.pending
    return pl.DataFrame(out, schema=SCHEMA, orient="row")


def _row(
    year: Year,
    name: str,
    judges: tuple[float | None, bool],
    done: float | None,
    left: float | None,
) -> tuple[object, ...]:
    found = (year.completions, done, year.pending, left)
    return (year.year, name, year.receipts, *judges, *found)


def _net_flow(known: Sequence[Year], alone_from: int | None) -> pl.DataFrame:
    """Forecast that last year comes again."""
    out: list[tuple[object, ...]] = []
    before: list[Year] = []
    for at, year in enumerate(known):
        if alone_from is None or year.year <= alone_from:
            before = list(known[:at])
        periods = at - len(before) + 1
        done = before[-1].completions if before else None
        left: float | None = None
        if len(before) > 1:
            last, one = before[-1].pending, before[-2].pending
            if last is not None and one is not None:
                left = float(same_net_flow(last, last - one, periods)[-1])
        out.append(_row(year, "last year", (year.judges, False), done, left))
    return pl.DataFrame(out, schema=SCHEMA, orient="row")


LEVELS, MOST_STEPS = (0.02, 6.0), 20
"""Least and greatest level that is looked at, and how often one is tried."""


def level_of(model: Yearly, told: Told, completions: float) -> float:
    """Give how much a judge must do for a model to complete as many as were completed.

    Args:
        model: Whose completions rise with the level, or stay.
        told: The year.
        completions: As published.

    Returns:
        The level at which as many are completed, but for one in 500; the greatest, of a model
        that is short of cases.

    Source:
        The Illinois rule of false position: Dowell & Jarratt, BIT 11:168-174 (1971).

    Example:
        >>> fluid = FluidYears()
        >>> told = Told(2030, 500_000.0, 200_000.0, 400.0)
        >>> round(fluid.came(told, level_of(fluid, told, 150_000.0))[0], -3)
        150000.0
    """
    (low, below), (high, above) = ((at, model.came(told, at)[0] - completions) for at in LEVELS)
    if above <= 0 or below >= 0:
        return high if above <= 0 else low
    level, side = high, 0
    for _ in range(MOST_STEPS):
        level = (low * above - high * below) / (above - below)
        off = model.came(told, level)[0] - completions
        if abs(off) <= completions / 500:
            break
        if off < 0:
            low, below, above = level, off, above / 2 if side < 0 else above
        else:
            high, above, below = level, off, below / 2 if side > 0 else below
        side = -1 if off < 0 else 1
    return level


MODELS = ("last year", "judges", "fluid", "simulator")
"""In the order they are shown."""
UNKNOWN = "not known"


def off_by(found: pl.DataFrame, quantity: str) -> pl.DataFrame:
    """Write how far off each model was in each year, as a share of what was published.

    Args:
        found: From :func:`forecasts`.
        quantity: ``completions`` or ``pending``.

    Returns:
        Text, one row a year and a last one of mean errors either way, over the years that all
        models forecast. † marks judges that are an earlier year's count, ‡ a number of
        another series or definition, or a rounded one.
    """
    names = [name for name in MODELS if name in found["model"]]
    notes = {year.year: year.notes.get(quantity, "") for year in years()}
    rows = []
    for year in sorted(set(found["year"])):
        by_model = {r["model"]: r for r in found.filter(pl.col("year") == year).to_dicts()}
        one = by_model["judges"]
        is_other = bool(notes.get(year)) and "April 2021" not in notes[year]
        rows.append(
            {
                "year": str(year),
                "new cases": _number(one["receipts"]),
                "judges counted": _number(one["judges"]) + (" †" if one["is_carried"] else ""),
                quantity: _number(one[quantity]) + (" ‡" if is_other else ""),
                **{name: _off(by_model[name], quantity) for name in names},
            }
        )
    mean = {name: _mean_off(found, name, quantity) for name in names}
    blank = {"year": "mean", "new cases": "", "judges counted": "", quantity: ""}
    return pl.DataFrame([*rows, blank | mean])


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def _off(row: dict[str, float | None], quantity: str) -> str:
    came, told = row[quantity], row[f"{quantity}_forecast"]
    return "" if came is None or told is None else f"{told / came - 1:+.0%}"


def _mean_off(found: pl.DataFrame, model: str, quantity: str) -> str:
    off = (pl.col(f"{quantity}_forecast") / pl.col(quantity) - 1).abs()
    told = found.filter(off.is_not_null()).group_by("year").len()
    every = told.filter(pl.col("len") == found["model"].n_unique())["year"].implode()
    mean = found.filter(pl.col("model") == model, pl.col("year").is_in(every)).select(
        off.mean()
    )
    return "" if mean.item() is None else f"{mean.item():.0%}"

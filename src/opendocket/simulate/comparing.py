"""Scenarios against a base: differences, their bands, and what the bands are made of.

Each draw runs every scenario with the same parameters and the same luck, so that a difference
is the policy's alone. Its spread over draws has two parts: the parameters, which a fit knows
only so well, and luck. Draws with the parameters held at their mean show the second part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.90
"""Share of the draws that a band holds."""

KEYS = ("measure", "population", "court_code", "on_date")
"""What names an answer."""

MOST_WITHOUT = (1 - LEVEL) / 2
"""An answer is told if no more of the draws than this are without it, such as without a median
that is reached: more would cut into the band."""

ENOUGH = 20
"""Draws below which a band is the range of them."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """What draws of several scenarios say, the first of which is the base."""

    scenarios: tuple[str, ...]
    levels: pl.DataFrame
    """A row an answer and scenario: ``value`` with its band, ``people_count``,
    ``draws_count``."""
    differences: pl.DataFrame
    """A row an answer and scenario but the base: ``base_value``, ``scenario_value``, their
    ``difference`` with its band, ``luck_share`` of the band's variance with its interval."""
    draws: int
    luck_draws: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What every result is told with: where it starts, and what its chances were fitted to."""

    first: date
    last: date
    """The run's last day, which ends observation."""
    docket: str
    """The docket's file that cases were taken from; empty where the run began with none."""
    is_synthetic: bool
    """Whether the docket is about nobody."""
    is_illustrative: bool
    """Whether the chances were fitted to nothing."""
    fit: str
    """Checksum of the fit."""
    seed: int

    @property
    def label(self) -> str:
        """Say in one line what kind of numbers these are."""
        if self.is_illustrative:
            return "SIMULATED, ILLUSTRATIVE: made-up chances, which say nothing of any court"
        if self.is_synthetic:
            return "SIMULATED from SYNTHETIC DATA: no number is about real people"
        return "SIMULATED: what the model expects, not what happened"


def compared(drawn: pl.DataFrame, scenarios: Sequence[str]) -> Compared:
    """Compare scenarios with the first of them, draw by draw.

    Args:
        drawn: What :func:`opendocket.simulate.sweep.sweep` gave.
        scenarios: Their names, the base first.

    Returns:
        Means over the draws, and bands that hold 90 in 100 of them; with fewer than 20 draws
        a band is their range. All are of the draws that have a value, and null where more
        than one draw in twenty has none.

    Raises:
        ValueError: A scenario has no draw.

    Assumes:
        A fit's draws are independent draws of its parameters' posterior.

    Source:
        Paired differences under common random numbers: Law, Simulation Modeling and
        Analysis, 5th ed. (2015), section 11.2.
    """
    there = set(drawn["scenario"].unique())
    if missing := [name for name in scenarios if name not in there]:
        raise ValueError(f"scenarios {missing}: no draw; expected some")
    base, *others = scenarios
    both, luck = (drawn.filter(pl.col("is_luck_only") == is_so) for is_so in (False, True))
    levels = [_level(both.filter(pl.col("scenario") == name), name) for name in scenarios]
    differences = [
        _difference(_paired(both, base, name), _paired(luck, base, name), name)
        for name in others
    ]
    return Compared(
        scenarios=tuple(scenarios),
        levels=pl.concat(levels),
        differences=pl.concat(differences) if differences else pl.DataFrame(),
        draws=both["draw_number"].n_unique(),
        luck_draws=luck["draw_number"].n_unique(),
    )


def _level(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    keys, values = _matrix(rows, "value")
    told = _told(values)
    return keys.with_columns(
        *_columns(dict(zip(("value", "lower", "upper"), _banded(values, told), strict=True))),
        **_counts(rows, values),
    ).select(pl.lit(name).alias("scenario"), pl.all())


def _paired(rows: pl.DataFrame, base: str, name: str) -> pl.DataFrame:
    """Put the two answers of each draw side by side."""
    first, second = (rows.filter(pl.col("scenario") == which) for which in (base, name))
    on = ["draw_number", *KEYS]
    return (
        first.rename({"value": "base_value"})
        .join(
            second.select(*on, pl.col("value").alias("scenario_value")),
            on=on,
            how="inner",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(difference=pl.col("scenario_value") - pl.col("base_value"))
    )


def _difference(both: pl.DataFrame, luck: pl.DataFrame, name: str) -> pl.DataFrame:
    keys, values = _matrix(both, "difference")
    alone = keys.join(
        _alone(luck), on=KEYS, how="left", nulls_equal=True, maintain_order="left"
    ).drop(KEYS)
    told = _told(values)
    means = {}
    for column in ("base_value", "scenario_value"):
        _, level = _matrix(both, column)
        means[column] = _banded(np.where(np.isnan(values), np.nan, level), told)[0]
    bands = dict(zip(("difference", "lower", "upper"), _banded(values, told), strict=True))
    parts = variance_shares(values[told], alone.to_numpy()[told])
    shares = np.full((3, len(values)), np.nan)
    shares[:, told] = parts
    named = dict(zip(("luck_share", "lower_share", "upper_share"), shares, strict=True))
    return keys.with_columns(
        *_columns(means), *_columns(bands), *_columns(named), **_counts(both, values)
    ).select(pl.lit(name).alias("scenario"), pl.all())


def _alone(luck: pl.DataFrame) -> pl.DataFrame:
    return luck.pivot("draw_number", index=list(KEYS), values="difference")


def _matrix(rows: pl.DataFrame, column: str) -> tuple[pl.DataFrame, Floats]:
    """Give the answers' names, and what each draw says of them; shape (answers, draws)."""
    wide = rows.pivot("draw_number", index=list(KEYS), values=column)
    return wide.select(KEYS), wide.drop(KEYS).cast(pl.Float64).to_numpy()


def _told(values: Floats) -> NDArray[np.bool_]:
    """Tell which answers enough draws have."""
    draws = values.shape[1]
    return np.asarray((~np.isnan(values)).sum(axis=1) >= max(1, draws * (1 - MOST_WITHOUT)))


def _banded(values: Floats, told: NDArray[np.bool_]) -> Floats:
    """Give mean, lower and upper end of each answer; shape (3, answers), nan if not told."""
    out = np.full((3, len(values)), np.nan)
    if told.any():
        tail = (1 - LEVEL) / 2
        # of n draws the k-th is at k / (n + 1): a band by them holds what it says
        ends = np.nanquantile(values[told], [tail, 1 - tail], axis=1, method="weibull")
        out[:, told] = [np.nanmean(values[told], axis=1), *ends]
    return out


def _columns(arrays: dict[str, Floats]) -> list[pl.Series]:
    return [pl.Series(name, values).fill_nan(None) for name, values in arrays.items()]


def _counts(rows: pl.DataFrame, values: Floats) -> dict[str, pl.Series]:
    """Give how many people an answer rests on in the mean, and how many draws have it."""
    _, people = _matrix(rows, "people_count")
    mean = _banded(people, np.asarray((~np.isnan(people)).any(axis=1)))[0]
    return {
        "people_count": pl.Series(mean).fill_nan(None).round().cast(pl.Int64),
        "draws_count": pl.Series((~np.isnan(values)).sum(axis=1)),
    }


def variance_shares(both: ArrayLike, luck: ArrayLike, *, level: float = LEVEL) -> Floats:
    """Estimate how much of each difference's variance over draws is luck.

    The rest is the parameters', and what the two do together: the variance of luck alone is
    that at the parameters' mean, which stands for its mean over the parameters.

    Args:
        both: Differences of draws with parameters and luck both varying; nan for none;
            shape (k, n).
        luck: The same, parameters held at their mean; shape (k, m).
        level: Coverage of the interval.

    Returns:
        Shape (3, k): the ratio of the two variances, at most 1, with its interval; nan where
        the differences do not vary, and ends nan where no spread can be read off the draws.

    Assumes:
        Draws are independent. Nothing of the shape they have: the standard error of each
        variance's logarithm is the jackknife's. With n = 200 and m = 40, a share of 0.5 of
        normal differences is known to between about 0.33 and 0.75, and the interval of 90 %
        holds the truth 90 times in 100; of long-tailed ones (t with 6 degrees) 86 times.

    Source:
        Miller (1968), Jackknifing variances, Ann. Math. Statist. 39:567-582. Law of total
        variance: the mean variance within parameters and the variance between them.

    Example:
        >>> shares = variance_shares([[1.0, 3.0, 5.0, 7.0]], [[3.0, 4.0, 4.0, 5.0]])
        >>> shares[0].round(2)
        array([0.1])
    """
    (whole, error), (alone, error_alone) = (
        _log_variances(np.asarray(part, dtype=np.float64)) for part in (both, luck)
    )
    half = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(error**2 + error_alone**2)
    with np.errstate(invalid="ignore", over="ignore"):
        ratio = np.exp(alone - whole)
        ends = [np.minimum(ratio * np.exp(sign * half), 1.0) for sign in (-1, 1)]
    return np.array([np.minimum(ratio, 1.0), *ends])


def _log_variances(values: Floats) -> tuple[Floats, Floats]:
    """Give the logarithm of each row's variance and its jackknife error; shapes (k,).

    The error is nan where all draws but one, or all, say the same.
    """
    n = (~np.isnan(values)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(values, axis=1) / n
        squares = (values - mean[:, None]) ** 2
        total = np.nansum(squares, axis=1)
        without = total[:, None] - (n / (n - 1))[:, None] * squares
        scale = np.nanmax(np.abs(values), axis=1, initial=0.0) ** 2
        without = np.where(without > 1e-12 * scale[:, None], without, 0.0)
        whole = np.log(np.where(total > 1e-12 * scale, total, 0.0) / (n - 1))
        each = np.log(without / (n - 2)[:, None])
        apart = n[:, None] * whole[:, None] - (n - 1)[:, None] * each
        middle = np.nansum(apart, axis=1) / n
        error = np.sqrt(np.nansum((apart - middle[:, None]) ** 2, axis=1) / n / (n - 1))
    is_spread = (n > 2) & ((without > 0).sum(axis=1) == n)
    return np.where(n > 1, whole, np.nan), np.where(is_spread, error, np.nan)

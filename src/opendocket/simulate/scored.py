"""How a hindcast did, target by target and model by model: errors, bands and scores."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.estimate.suppression import THRESHOLD, suppressed_parts
from opendocket.simulate.hindcast import SIMULATOR, Hindcast
from opendocket.simulate.scores import coverage, crps, interval_score
from opendocket.simulate.targets import TARGETS

Floats = NDArray[np.float64]

LEVEL = 0.9
"""Coverage that bands claim."""

PEOPLE = ("pending_by_court", "pending", "endings", "all_endings")
"""Targets that count people, of whom 1 to 10 are not shown."""

SCORE_SCHEMA = {
    "target": pl.String,
    "model": pl.String,
    "cells": pl.Int64,
    "actual_mean": pl.Float64,
    "error_mean": pl.Float64,
    "absolute_error_mean": pl.Float64,
    "error_share": pl.Float64,
    "crps_mean": pl.Float64,
    "interval_score_mean": pl.Float64,
    "covered_share": pl.Float64,
    "covered_lower": pl.Float64,
    "covered_upper": pl.Float64,
    "covered_worth": pl.Float64,
    "band_width_mean": pl.Float64,
}
"""Columns of scores. ``error_share`` is the mean absolute error as a share of the mean of what
came; coverage and width are the simulator's, the others being points."""


def scores(found: Hindcast) -> pl.DataFrame:
    """Score every model on every target.

    Args:
        found: A hindcast.

    Returns:
        Columns of ``SCORE_SCHEMA``; a model that does not forecast a target has no row. A
        point forecast is an ensemble of one and a band without width, so that its score is
        its absolute error, and that times 20.

    Assumes:
        Bands of one court miss together; coverage's interval is for as many as they are worth.
    """
    cells = found.cells.frame().with_row_index("at")
    rows = []
    for target in TARGETS:
        part = cells.filter(pl.col("target") == target)
        at = part["at"].to_numpy()
        court = part["court_code"].fill_null("").to_numpy()
        at, court = (each[np.isfinite(found.actual[at])] for each in (at, court))
        if len(at):
            rows += _scored(found, target, at, court)
    return pl.DataFrame(rows, schema=SCORE_SCHEMA, orient="row")


Row = tuple[object, ...]


def _scored(found: Hindcast, target: str, at: NDArray[np.integer], court: object) -> list[Row]:
    actual, draws = found.actual[at], found.simulated[:, at]
    told = np.isfinite(draws).all(axis=0)
    rows = []
    if told.any():
        rows.append(_ensemble(target, actual[told], draws[:, told], np.asarray(court)[told]))
    for name, values in found.naive.items():
        told = np.isfinite(values[at])
        if told.any():
            rows.append(_point(target, name, actual[told], values[at][told]))
    return rows


def _ensemble(target: str, actual: Floats, draws: Floats, court: NDArray[np.str_]) -> Row:
    middle = np.median(draws, axis=0)
    lower, upper = band(draws)
    held = coverage((actual >= lower) & (actual <= upper), cluster=_clusters(court))
    return (
        target, SIMULATOR, len(actual), *_errors(actual, middle),
        float(crps(draws, actual).mean()),
        float(interval_score(lower, upper, actual, level=LEVEL).mean()),
        held.share, held.lower, held.upper, held.worth, float((upper - lower).mean()),
    )  # fmt: skip


def _clusters(court: NDArray[np.str_]) -> NDArray[np.str_] | None:
    return court if (court != "").all() else None


def _point(target: str, name: str, actual: Floats, told: Floats) -> Row:
    return (
        target, name, len(actual), *_errors(actual, told),
        float(np.abs(told - actual).mean()),
        float(interval_score(told, told, actual, level=LEVEL).mean()),
        None, None, None, None, None,
    )  # fmt: skip


def _errors(actual: Floats, told: Floats) -> tuple[float, float, float, float | None]:
    off = float(np.abs(told - actual).mean())
    mean = float(actual.mean())
    return mean, float((told - actual).mean()), off, off / mean if mean else None


def band(draws: Floats) -> tuple[Floats, Floats]:
    """Give the band that holds nine draws in ten; shapes (cells,).

    Args:
        draws: Shape (draws, cells).

    Source:
        Quantiles of definition 6 (Weibull), which do not make bands of few draws too narrow:
        Hyndman & Fan, The American Statistician 50:361-365 (1996).
    """
    ends = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    lower, upper = np.quantile(draws, ends, axis=0, method="weibull")
    return lower, upper


def forecasts(found: Hindcast) -> pl.DataFrame:
    """Lay out every forecast beside what came, one row a number and model.

    Args:
        found: A hindcast.

    Returns:
        Columns target, court_code, ending, on_date, actual, model, forecast, lower, upper.
        What rests on 1 to 10 people is null, and so is what would give it away.
    """
    cells = found.cells.frame().with_columns(actual=pl.Series(found.actual))
    hidden = _hidden(cells)
    lower, upper = band(found.simulated)
    parts = [
        cells.with_columns(
            model=pl.lit(SIMULATOR),
            forecast=pl.Series(np.median(found.simulated, axis=0)),
            lower=pl.Series(lower),
            upper=pl.Series(upper),
        )
    ]
    none = pl.lit(None, dtype=pl.Float64)
    parts += [
        cells.with_columns(
            model=pl.lit(name), forecast=pl.Series(values), lower=none, upper=none
        )
        for name, values in found.naive.items()
    ]
    shown = [
        part.with_columns(
            pl.when(~hidden).then(pl.col(name).fill_nan(None)).alias(name)
            for name in ("actual", "forecast", "lower", "upper")
        )
        for part in parts
    ]
    return pl.concat(shown).filter(
        pl.col("forecast").is_not_null() | pl.col("actual").is_null()
    )


def _hidden(cells: pl.DataFrame) -> pl.Series:
    """Tell what is held back: small counts, and others by which those would follow."""
    out = np.zeros(len(cells), dtype=np.bool_)
    counted = cells.with_row_index("at").filter(pl.col("target").is_in(PEOPLE))
    for part in counted.partition_by("target", "on_date"):
        people = [int(value) for value in part["actual"].to_list()]
        if part["target"][0] in ("pending_by_court", "endings"):
            out[part["at"].to_numpy()] = suppressed_parts(people)
        else:
            out[part["at"].to_numpy()] = [0 < value < THRESHOLD for value in people]
    return pl.Series(out)


def table(found: Hindcast) -> pl.DataFrame:
    """Write the scores for people: one row a target and model, text in every cell.

    Args:
        found: A hindcast.

    Returns:
        What is forecast is said in the first row of each target.
    """
    rows, before = [], ""
    for row in scores(found).iter_rows(named=True):
        rows.append(_words(row, is_first=row["target"] != before))
        before = row["target"]
    return pl.DataFrame(rows)


def _words(row: dict[str, Any], *, is_first: bool) -> dict[str, str]:
    digits = 3 if row["actual_mean"] < 10 else 0
    covered = ""
    if row["covered_share"] is not None and row["cells"] > 1:
        ends = f"{row['covered_lower']:.0%} to {row['covered_upper']:.0%}"
        covered = f"{row['covered_share']:.0%} ({ends})"
    return {
        "what": TARGETS[row["target"]] if is_first else "",
        "numbers": f"{row['cells']:,}" if is_first else "",
        "what came": f"{row['actual_mean']:,.{digits}f}" if is_first else "",
        "model": row["model"],
        "mean error": f"{row['error_mean']:+,.{digits}f}",
        "off by": "" if row["error_share"] is None else f"{row['error_share']:.0%}",
        "CRPS": f"{row['crps_mean']:,.{digits}f}",
        "interval score": f"{row['interval_score_mean']:,.{digits}f}",
        "in the 90% band": covered,
    }

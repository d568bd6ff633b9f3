"""Forecast what has already come, from what was known before it, and count how far off.

*Conditional*: the new cases and the hearings that judges had room for, month by month, are
told, so that what is tried is the mechanics. *Unconditional*: nothing is told, so that what is
tried is the forecast. Three naive models are told the same.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from opendocket.docket.opened import Docket, open_docket
from opendocket.errors import BadCut, DateOutOfRange, NotHeldOut
from opendocket.progress import Progress, silent
from opendocket.simulate.arriving import replayed
from opendocket.simulate.building import Replay, world_of
from opendocket.simulate.fit import fit as fitted
from opendocket.simulate.fitted import Fit, read_fit
from opendocket.simulate.observed import (
    heard,
    last_year,
    month_of,
    observed,
    put_followed,
)
from opendocket.simulate.rivals import Known, forecasts
from opendocket.simulate.run import run
from opendocket.simulate.scenario import Scenario, read_scenario
from opendocket.simulate.start import Start, starting
from opendocket.simulate.targets import Cells, of_forecast, of_observed, of_run
from opendocket.simulate.world import World

Floats = NDArray[np.float64]

FIT_YEARS = 4
"""Years before the start that chances are fitted on, where no fit is given."""

LEAK = (
    "Releases overwrite history: custody, the juvenile flag, who is on the Dedicated Docket "
    "and cases that were entered late stand as this release has them, so the model knows more "
    "of its first day than anybody did then; a release published by that day would not"
)
"""What a hindcast from a later release cannot help, said wherever its numbers are."""

SIMULATOR = "simulator"


@dataclass(frozen=True, slots=True)
class Hindcast:
    """A hindcast: what was forecast, what came, and who forecast it."""

    on: date
    last: date
    is_conditional: bool
    draws: int
    seed: int
    fit_first: date
    fit_last: date
    label: str
    """What stands above its numbers."""
    release_file: str
    cells: Cells
    actual: Floats
    """What came; shape (cells,)."""
    simulated: Floats
    """Each draw's; shape (draws, cells)."""
    naive: dict[str, Floats]
    """Each naive model's, nan where it forecasts nothing; shape (cells,)."""
    people: int
    """Followed: pending at the start or received after it, at courts of the fit."""
    left_out: int
    """People at a court that the fit does not know."""
    passed_over: int
    """Endings of a kind that the model has not."""


def hindcast(  # noqa: PLR0913
    docket: Docket,
    on: date,
    *,
    months: int = 24,
    is_conditional: bool = True,
    draws: int = 20,
    seed: int = 1,
    fit: Fit | None = None,
    progress: Progress = silent,
) -> Hindcast:
    """Forecast what came after a day.

    Args:
        docket: Open for reading; it must know all the months.
        on: The first day that is forecast, the first of a month.
        months: How many to forecast.
        is_conditional: Tell new cases, hearings and judges of each month.
        draws: Of the parameters and of luck together, 2 or more.
        seed: Of the first draw's luck.
        fit: Chances from before ``on``; fitted on the four years before it if None.
        progress: Told of draws done.

    Raises:
        BadCut: ``on`` is not the first of a month.
        DateOutOfRange: The docket does not know all the months.
        NotHeldOut: The fit has read what came after ``on``.

    Assumes:
        Bands are the 5th to the 95th percentile of the draws, each of which has its own
        parameters and its own luck.
    """
    last = _last_day(docket, on, months)
    if draws < 2:
        raise ValueError(f"draws: {draws}; expected 2 or more")
    fit = _held_out(docket, on, fit, progress)
    scenario = _as_it_was(on, last)
    start = starting(docket, on, fit=fit)
    received = replayed(docket, on, last, fit=fit)
    followed = put_followed(docket, start, received)
    cells = Cells.over(fit.courts, on, last)
    came = observed(
        docket, followed, first=on, last=last, marks=cells.marks, courts=len(fit.courts)
    )
    known = _known(docket, fit, start, received, (on, last), is_conditional=is_conditional)
    slots = heard(docket, fit.courts, on, last).slots if is_conditional else None
    simulated = []
    for draw in range(draws):
        progress("simulating", draw, draws)
        world = world_of(
            scenario,
            fit,
            start,
            replay=Replay(received, last) if is_conditional else None,
            draw=draw,
            seed=seed + draw,
        )
        if slots is not None:
            world = with_hearings_told(world, slots)
        simulated.append(of_run(run(world), cells))
    progress("simulating", draws, draws)
    return Hindcast(
        on=on,
        last=last,
        is_conditional=is_conditional,
        draws=draws,
        seed=seed,
        fit_first=fit.source.first,
        fit_last=fit.source.last,
        label=f"SIMULATED from {docket.label or docket.release_file}",
        release_file=docket.release_file,
        cells=cells,
        actual=of_observed(came, cells),
        simulated=np.stack(simulated),
        naive={name: of_forecast(f, cells) for name, f in forecasts(known, fit).items()},
        people=len(followed),
        left_out=sum(start.left_out.values()) + sum(received.left_out.values()),
        passed_over=came.passed_over,
    )


def hindcast_of(  # noqa: PLR0913
    path: Path,
    on: date,
    *,
    months: int = 24,
    is_conditional: bool = True,
    draws: int = 20,
    seed: int = 1,
    fit: Path | None = None,
    progress: Progress = silent,
) -> Hindcast:
    """Open a docket and a fit, and forecast by :func:`hindcast`.

    Args:
        path: The docket's file.
        on: The first day that is forecast.
        months: How many.
        is_conditional: Tell new cases, hearings and judges of each month.
        draws: 2 or more.
        seed: Of the first draw's luck.
        fit: A fit's file, if not to be fitted.
        progress: Told of draws done.

    Raises:
        DocketError: What a file or the days raise.
    """
    known = None if fit is None else read_fit(fit)
    with open_docket(path) as docket:
        return hindcast(
            docket, on, months=months, is_conditional=is_conditional, draws=draws, seed=seed,
            fit=known, progress=progress,
        )  # fmt: skip


def _last_day(docket: Docket, on: date, months: int) -> date:
    if on.day != 1:
        raise BadCut(str(on), "not the first of a month", "begin on the first of a month")
    ends = on.year * 12 + on.month - 1 + months
    last = date(ends // 12, ends % 12 + 1, 1) - timedelta(days=1)
    if last > docket.as_of:
        raise DateOutOfRange("the hindcast's last day", last, on, docket.as_of)
    return last


def _held_out(docket: Docket, on: date, fit: Fit | None, progress: Progress) -> Fit:
    if fit is None:
        first = on.replace(year=on.year - FIT_YEARS)
        return fitted(docket, first, on - timedelta(days=1), progress)
    if fit.source.last >= on:
        raise NotHeldOut(on, fit.source.last)
    return fit


def _as_it_was(on: date, last: date) -> Scenario:
    days = (last - on).days + 1
    with as_file(files("opendocket.simulate") / "as_it_was.toml") as path:
        return read_scenario(path, start=on, years=days / 365.25)


def _known(
    docket: Docket,
    fit: Fit,
    start: Start,
    received: Start,
    span: tuple[date, date],
    *,
    is_conditional: bool,
) -> Known:
    """Lay out what the naive models are told."""
    on, last = span
    before = last_year(docket, fit.courts, on)
    eve = on - timedelta(days=1)
    heard_before = heard(docket, fit.courts, eve - timedelta(days=364), eve)
    months, courts = month_of(last, on) + 1, len(fit.courts)
    if is_conditional:
        during = heard(docket, fit.courts, on, last)
        hearings, judges = during.hearings.transpose(2, 1, 0), during.judges.T
        arrivals = _by_month(received, on, (months, courts, len(fit.populations)))
    else:
        a_month = heard_before.hearings.mean(axis=2).T
        hearings = np.broadcast_to(a_month, (months, courts, 2))
        judges = np.broadcast_to(heard_before.judges.mean(axis=1), (months, courts))
        tables = fit.tables()
        size = tables.family_share @ np.arange(1, tables.family_share.shape[1] + 1)
        people = tables.arrivals * size * 365.25 / 12
        arrivals = np.broadcast_to(people, (months, *people.shape))
    return Known(before, heard_before, arrivals, hearings, judges, start.units)


def _by_month(received: Start, on: date, shape: tuple[int, int, int]) -> Floats:
    """Count people received by month, court and population."""
    units = received.units
    day = np.datetime64(on, "D") + units["filed"].astype(np.int64)
    month = (day.astype("datetime64[M]") - np.datetime64(on, "M")).astype(np.int64)
    out = np.zeros(shape)
    np.add.at(out, (month, units["court"], units["population"]), units["size"])
    return out


ROOM = 1.15
"""Slots that courts had for each one used. Assumed: on a synthetic docket, with chances fitted
on the very days forecast, it makes as many endings as came."""

MOST_SLOTS = 255


def with_hearings_told(world: World, slots: Floats) -> World:
    """Give a world's judges room in each month for what their court heard in it.

    Args:
        world: As fitted; within a month its judges keep their sessions and their parts.
        slots: Of families, that each court used in each month; shape (2, c, m). The last
            month's go on.

    Returns:
        The world with other slots; what a day has no whole slot for is left to the next.
    """
    bench = world.bench
    days = np.datetime64(world.start, "D") + np.arange(bench.slots.shape[2])
    month = (days.astype("datetime64[M]") - np.datetime64(world.start, "M")).astype(np.int64)
    month = np.minimum(month, slots.shape[2] - 1)
    out = np.empty_like(bench.slots)
    for kind in range(2):
        mean = _monthly(world, kind, month, slots.shape[1:])
        share = slots[kind] * ROOM / np.maximum(mean, 1e-9)
        wanted = bench.slots[kind] * share[bench.court][:, month]
        total = np.floor(np.cumsum(np.minimum(wanted, MOST_SLOTS), axis=1) + 0.5)
        out[kind] = np.clip(np.diff(total, axis=1, prepend=0.0), 0, MOST_SLOTS)
    return replace(world, bench=replace(bench, slots=out))


def _monthly(
    world: World, kind: int, month: NDArray[np.int64], shape: tuple[int, ...]
) -> Floats:
    """Add up the slots that courts have in each month of the run; shape (c, m)."""
    out = np.zeros(shape)
    within = month[: world.days]
    for judge, court in enumerate(world.bench.court):
        a_day = world.bench.slots[kind, judge, : world.days].astype(np.float64)
        out[court] += np.bincount(within, a_day, shape[1])
    return out

"""A fit: all that a run needs to know of a docket, with what it was read off, in one file.

The file is JSON that a person can read: a head that says what it was fitted on, then each
table's counts, one short row a line.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.errors import NotAFit
from opendocket.outputs import written_aside
from opendocket.simulate.hazards import incidence, quantiles_of
from opendocket.simulate.posterior import (
    Arrivals,
    Counsel,
    Follow,
    Gap,
    Gaps,
    Hazards,
    Removals,
    Results,
)
from opendocket.simulate.tables import DECISIONS, DRAWN, GAPS, RESULTS, STAGES, WAYS, Tables

FORM = "opendocket fit 1"
"""Which form of file this version writes and reads."""

ABOUT = {
    "what": "chances, gaps and calendars of a docket, as counts; opendocket simulate reads it",
    "rows": "of each array the rows that are not all zero, by their place, counted from 0",
    "results": f"court, population, {STAGES}, represented, applied: {RESULTS[:DRAWN]}",
    "gaps": f"docket, kind (0 master, 1 individual), since {GAPS}: days, and how many hearings",
    "hazards": "population, way: events and person-days, by days, weeks, then four weeks",
    "follow": f"population, {DECISIONS}, {WAYS}",
    "calendars": "judges who share one are pooled; weekly and sessions: master, individual",
}
"""What a reader of the file is told, beside the numbers; no part of the checksum."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Source:
    """What a fit was read off."""

    docket: str
    """The docket's file, by name."""
    release_file: str
    release_sha256: str
    is_synthetic: bool
    is_illustrative: bool
    """Made up, and read off nothing."""
    as_of: date
    first: date
    """First day of the window."""
    last: date
    """Last day of the window; what is dated later is not read."""
    version: str
    """Of OpenDocket."""


@dataclass(frozen=True, slots=True)
class Calendars:
    """What judges heard in a week, as at the window's end; j calendars, n populations."""

    courts: tuple[str, ...]
    judges: tuple[str, ...]
    court: NDArray[np.uint8]
    """Shape (j,)."""
    worth: Floats
    """How many judges of the record a calendar stands for; shape (j,)."""
    weekly: Floats
    """Slots in a week of the year, leave included, master and individual; shape (2, j)."""
    sessions: Floats
    """Days in a week with a session of the kind; shape (2, j). Slots fall on those days."""
    serves: NDArray[np.bool_]
    """Whose cases it hears; shape (j, n)."""
    weight: NDArray[np.uint8]
    """Its share of new cases against the court's other calendars; shape (j,)."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Chances, gaps and calendars of a docket, with the counts behind them."""

    source: Source
    used: Mapping[str, int]
    """Rows that each table was read off, and rows passed over with the reason."""
    courts: tuple[str, ...]
    populations: tuple[str, ...]
    results: Results
    gaps: Gaps
    counsel: Counsel
    applications: Hazards
    follow: Follow
    removals: Removals
    arrivals: Arrivals
    calendars: Calendars
    pooled: tuple[tuple[str, ...], ...]
    """Whose calendar each is: courts' and judges' codes, with a blank between."""
    gap_scale: tuple[float, ...]
    """By how much each docket's wanted gaps are stretched, until simulated gaps match."""
    gap_seen: tuple[float, ...]
    """Mean days from hearing to hearing on each docket as observed, congestion included."""

    @property
    def dockets(self) -> tuple[str, ...]:
        """Dockets that gaps were fitted to: each population's own."""
        return self.populations

    @property
    def sha256(self) -> str:
        """Checksum of all that was counted, which names the fit."""
        return _checksum(_plain(self))

    def tables(self, draw: int | None = None) -> Tables:
        """Give the tables a run draws from.

        Args:
            draw: None for the posterior mean; a number, 0 or more, for a posterior draw, which
                is the same each time it is asked for.

        Returns:
            Tables for every court and population of the fit.

        Assumes:
            Tables are known independently of each other. Each has a stream of chance of its
            own, so that a new table does not move the draws of the others.
        """
        if draw is not None and draw < 0:
            raise ValueError(f"draw: {draw}; expected None or a number, 0 or more")
        result = self.results.drawn(_stream(draw, 0))
        gap = self.gaps.drawn(len(self.dockets), self.gap_scale, _stream(draw, 1))
        counsel_share, counsel_days = self.counsel.drawn(_stream(draw, 2))
        mass = [incidence(r)[0] for r in self.applications.rates(_stream(draw, 3))]
        follow_share, follow_days = self.follow.drawn(_stream(draw, 4))
        removal_share, removal_days = self.removals.drawn(_stream(draw, 5))
        a_day, season, family_share = self.arrivals.drawn(_stream(draw, 6))
        return Tables(
            courts=self.courts,
            populations=self.populations,
            dockets=self.dockets,
            result=result,
            gap=gap,
            counsel_share=counsel_share,
            counsel_days=counsel_days,
            application_share=np.array([each.sum() for each in mass]),
            application_days=np.stack([quantiles_of(each) for each in mass]),
            follow_share=follow_share,
            follow_days=follow_days,
            removal_share=removal_share,
            removal_days=removal_days,
            family_share=family_share,
            arrivals=a_day,
            season=season,
            dispersion=self.arrivals.dispersion,
        )


def _stream(draw: int | None, table: int) -> np.random.Generator | None:
    if draw is None:
        return None
    return np.random.Generator(np.random.Philox(key=[draw, table]))


def write_fit(fit: Fit, path: Path, *, overwrite: bool = False) -> Path:
    """Write a fit to a file that a person can read.

    Args:
        fit: Any.
        path: Where to.
        overwrite: Replace what is there.

    Returns:
        ``path``.

    Raises:
        AlreadyThere: ``path`` exists, and ``overwrite`` is off.
    """
    plain = _plain(fit)
    told = {"form": FORM, "about": ABOUT, "sha256": _checksum(plain), **plain}
    with written_aside(path, overwrite=overwrite) as aside:
        aside.write_text(_laid_out(told) + "\n", encoding="utf-8")
    return path


def read_fit(path: Path) -> Fit:
    """Read a fit that :func:`write_fit` wrote.

    Args:
        path: The file.

    Raises:
        NotAFit: No such file, another kind of file, or one that was changed since.

    Example:
        >>> read_fit(Path("nowhere.json"))
        Traceback (most recent call last):
        ...
        opendocket.errors.NotAFit: nowhere.json: no such file; expected a fit ...
    """
    if not path.is_file():
        raise NotAFit(path, "no such file")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise NotAFit(path, "not JSON") from error
    if not isinstance(told, dict) or told.pop("form", None) != FORM:
        raise NotAFit(path, f"a file of another form than {FORM!r}")
    told.pop("about", None)
    said = told.pop("sha256", None)
    if said != _checksum(told):
        raise NotAFit(path, "changed since it was written: its checksum does not fit")
    try:
        return _fit(told)
    except (KeyError, TypeError, ValueError) as error:
        raise NotAFit(path, f"not whole ({error})") from error


def _checksum(plain: object) -> str:
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Turn a fit into what JSON can hold; arrays keep their rows that are not all zero."""
    if isinstance(value, np.ndarray):
        return _rows(value)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value


def _rows(array: NDArray[Any]) -> dict[str, Any]:
    flat = array.reshape(-1, array.shape[-1]) if array.size else array.reshape(0, 1)
    rows = {}
    for at in np.flatnonzero(flat.any(axis=1)):
        where = " ".join(str(int(i)) for i in np.unravel_index(at, array.shape[:-1] or (1,)))
        rows[where] = [_short(each) for each in flat[at].tolist()]
    return {"shape": list(array.shape), "type": array.dtype.str, "rows": rows}


def _short(number: float) -> float:
    """Write whole numbers as such."""
    return int(number) if number == int(number) else number


def _array(plain: Mapping[str, Any]) -> NDArray[Any]:
    array = np.zeros(plain["shape"], dtype=plain["type"])
    flat = array.reshape(-1, array.shape[-1]) if array.size else array
    for where, row in plain["rows"].items():
        at = [int(i) for i in where.split()]
        flat[int(np.ravel_multi_index(at, array.shape[:-1] or (1,)))] = row
    return array


def _laid_out(value: Any, indent: int = 0) -> str:  # noqa: ANN401
    """Write JSON with a line for each member, and for each list of numbers."""
    pad = " " * (indent + 1)
    if isinstance(value, dict) and value:
        lines = (f"{pad}{json.dumps(k)}: {_laid_out(v, indent + 1)}" for k, v in value.items())
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        lines = (pad + _laid_out(each, indent + 1) for each in value)
        return "[\n" + ",\n".join(lines) + "\n" + " " * indent + "]"
    return json.dumps(value)


def _made(kind: type[Any], plain: Mapping[str, Any], **given: object) -> Any:  # noqa: ANN401
    """Make one of our dataclasses from what JSON held; ``given`` are those already made."""
    values: dict[str, object] = {}
    for field in fields(kind):
        value = given.get(field.name, plain[field.name])
        if isinstance(value, dict) and value.keys() == {"shape", "type", "rows"}:
            value = _array(value)
        values[field.name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def _fit(told: Mapping[str, Any]) -> Fit:
    source = told["source"]
    days = {name: date.fromisoformat(source[name]) for name in ("as_of", "first", "last")}
    counsel, follow = told["counsel"], told["follow"]
    return Fit(
        source=_made(Source, source, **days),
        used=told["used"],
        courts=tuple(told["courts"]),
        populations=tuple(told["populations"]),
        results=_made(Results, told["results"]),
        gaps=Gaps(tuple(_made(Gap, cell) for cell in told["gaps"]["cells"])),
        counsel=_made(Counsel, counsel, hazards=_made(Hazards, counsel["hazards"])),
        applications=_made(Hazards, told["applications"]),
        follow=_made(
            Follow,
            follow,
            back=_made(Hazards, follow["back"]),
            final=_made(Hazards, follow["final"]),
        ),
        removals=_made(Removals, told["removals"]),
        arrivals=_made(Arrivals, told["arrivals"]),
        calendars=_made(Calendars, told["calendars"]),
        pooled=tuple(tuple(names) for names in told["pooled"]),
        gap_scale=tuple(told["gap_scale"]),
        gap_seen=tuple(told["gap_seen"]),
    )

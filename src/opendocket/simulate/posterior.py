"""What a fit knows of each table: counts, and how tables are drawn from them.

Every part keeps what was counted, not what was concluded, so that the mean and any posterior
draw come from the same numbers, and a reader can check them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.hazards import WATCHED, WIDTHS, Hazard, incidence, quantiles_of
from opendocket.simulate.luck import QUANTILES
from opendocket.simulate.shrunken import Floats, dirichlet, effective, gamma
from opendocket.simulate.tables import (
    DECISIONS,
    GAPS,
    INDIVIDUAL,
    LEAST_DAYS_BACK,
    SET,
    WAYS,
    Quantiles,
)

Rng = np.random.Generator | None
"""Where a posterior draw takes its chance from; None for the posterior mean."""

NATIONAL = 20.0
"""Hearings that a whole population's shares weigh in one of its kinds of hearing."""

ROWS = 30.0
"""Gaps that those of the docket at large weigh in one of its kinds."""


@dataclass(frozen=True, slots=True)
class Results:
    """What hearings came to.

    Attributes:
        counts: Hearings; shape (courts, populations, stages, 2, 2, results).
        size: Hearings that a population's shares weigh in a court; shape (populations, stages).
    """

    counts: Floats
    size: Floats

    def drawn(self, rng: Rng = None) -> Floats:
        """Give the shares of results, courts leaning on their population.

        Returns:
            The same shape; rows add up to 1.

        Assumes:
            Two hearings of a court are alike by no more than their court, population, stage,
            counsel and application say.
        """
        size = self.size[:, :, None, None, None]
        mean = self.mean(rng)
        shares = dirichlet(size * mean + self.counts, rng)
        shares[:, :, INDIVIDUAL, :, :, SET] = 0.0
        whole: Floats = shares / shares.sum(axis=-1, keepdims=True)
        return whole

    def mean(self, rng: Rng = None) -> Floats:
        """Give each population's shares; shape (populations, stages, 2, 2, results)."""
        seen = _effective(self.counts, self.size)
        everybody = seen.sum(axis=(0, 2, 3))
        even = np.full(everybody.shape, 0.5 / everybody.shape[-1])
        even[INDIVIDUAL, SET] = 0.0
        of_all = dirichlet(everybody + even, rng)
        of_population = dirichlet(seen.sum(axis=(2, 3)) + NATIONAL * of_all, rng)
        return dirichlet(seen + NATIONAL * of_population[:, :, None, None, :], rng)


def _effective(counts: Floats, size: Floats) -> Floats:
    """Add courts up, weighed by what they tell of their population."""
    populations, stages = size.shape
    out = np.empty(counts.shape[1:])
    for n in range(populations):
        for s in range(stages):
            out[n, s] = effective(counts[:, n, s], size[n, s]).sum(axis=0)
    return out


@dataclass(frozen=True, slots=True)
class Gap:
    """Wanted days to the next hearing, of one docket, kind of hearing, and result.

    Attributes:
        docket: By number.
        kind: 0 for master, 1 for individual.
        since: As in ``GAPS``.
        days: Where the likely days stand, ascending; shape (m,).
        counts: Hearings at each, shared out by likelihood; shape (m,).
    """

    docket: int
    kind: int
    since: int
    days: NDArray[np.int64]
    counts: Floats


@dataclass(frozen=True, slots=True)
class Gaps:
    """All wanted gaps; cells that nobody was in are missing."""

    cells: tuple[Gap, ...]

    def drawn(self, dockets: int, scale: tuple[float, ...], rng: Rng = None) -> Quantiles:
        """Give tables of days, thin cells leaning on their docket, and it on all.

        Args:
            dockets: How many.
            scale: By how much each docket's gaps are stretched; see ``Fit.gap_scale``.
            rng: None for the posterior mean.

        Returns:
            Shape (dockets, 2, gaps, 256).
        """
        out = np.empty((dockets, 2, len(GAPS), QUANTILES), dtype=np.int16)
        last = max((int(cell.days[-1]) for cell in self.cells), default=0)
        dense = np.zeros((dockets, 2, len(GAPS), last + 1))
        for cell in self.cells:
            dense[cell.docket, cell.kind, cell.since, cell.days] = cell.counts
        whole = _leaning(dense.sum(axis=(0, 1, 2)), np.eye(1, last + 1, min(60, last))[0])
        for k in range(dockets):
            of_docket = _leaning(dense[k].sum(axis=(0, 1)), whole)
            for kind in range(2):
                of_kind = _leaning(dense[k, kind].sum(axis=0), of_docket)
                for since in range(len(GAPS)):
                    weights = dense[k, kind, since] + ROWS * of_kind
                    shares = dirichlet(weights, rng)
                    out[k, kind, since] = _stretched(shares, scale[k])
        return out


def _leaning(counts: Floats, on: Floats) -> Floats:
    weights = counts + ROWS * on
    shares: Floats = weights / weights.sum()
    return shares


def _stretched(shares: Floats, scale: float) -> Quantiles:
    at = (np.arange(QUANTILES) + 0.5) / QUANTILES
    days = np.searchsorted(np.cumsum(shares), at * (1 - 1e-12))
    return np.clip(np.round(np.minimum(days, len(shares) - 1) * scale), 1, 32_000).astype(
        np.int16
    )


@dataclass(frozen=True, slots=True)
class Hazards:
    """Hazards by population, thin ones leaning on all people's.

    Attributes:
        ended: Events; shape (populations, ways, stretches).
        watched: People at risk, summed over days; shape (populations, stretches).
    """

    ended: Floats
    watched: Floats

    def pooled(self) -> Hazard:
        """Give everybody's."""
        return Hazard(self.ended.sum(axis=0), self.watched.sum(axis=0))

    def rates(self, rng: Rng = None) -> Floats:
        """Give each population's chances on a day; shape (populations, ways, stretches)."""
        common = self.pooled().rates(rng)
        ended = self.ended if rng is None else rng.standard_gamma(self.ended)
        weight = WATCHED * WIDTHS
        seen = self.watched.sum(axis=0) >= weight
        found = (ended + common * weight) / (self.watched[:, None, :] + weight)
        rates: Floats = np.where(seen, np.minimum(found, 1.0), 0.0)
        return rates


@dataclass(frozen=True, slots=True)
class Counsel:
    """When people find counsel, and how courts differ in it.

    Attributes:
        hazards: By population.
        found: Families with counsel; shape (courts, populations).
        expected: As many as there would be at their population's hazard.
        size: Expected ones that the population's rate weighs in a court; (populations,).
    """

    hazards: Hazards
    found: Floats
    expected: Floats
    size: Floats

    def drawn(self, rng: Rng = None) -> tuple[Floats, Quantiles]:
        """Give shares by court and population, and days by population."""
        mass = [incidence(rates)[0] for rates in self.hazards.rates(rng)]
        share = np.array([each.sum() for each in mass])
        times = np.stack(
            [
                gamma(self.found[:, n], self.expected[:, n], size, rng)
                for n, size in enumerate(self.size)
            ],
            axis=1,
        )
        never = np.clip(1 - share, 1e-9, 1.0)
        days = np.stack([quantiles_of(each) for each in mass])
        return 1 - never**times, days


@dataclass(frozen=True, slots=True)
class Follow:
    """What follows decisions: two ways that bring a case back, two that make it final.

    Attributes:
        back: Hazards of coming back, by way.
        final: Hazards of a motion denied, an appeal dismissed.
        seen: How often; shape (populations, decisions, ways).
        expected: As often as it would be if all decisions were alike.
        size: Expected ones that all decisions weigh in one; shape (ways,).
    """

    back: Hazards
    final: Hazards
    seen: Floats
    expected: Floats
    size: Floats

    def drawn(self, rng: Rng = None) -> tuple[Floats, Quantiles]:
        """Give shares by population, decision and way, and days by population and way."""
        populations = len(self.seen)
        common = np.concatenate([self.back.pooled().rates(rng), self.final.pooled().rates(rng)])
        own = np.concatenate([self.back.rates(rng), self.final.rates(rng)], axis=1)
        times = np.stack(
            [
                gamma(self.seen[..., w], self.expected[..., w], size, rng)
                for w, size in enumerate(self.size)
            ],
            axis=-1,
        )
        share = np.empty((populations, len(DECISIONS), len(WAYS)))
        days = np.empty((populations, len(WAYS), QUANTILES), dtype=np.int16)
        for n in range(populations):
            for d in range(len(DECISIONS)):
                share[n, d] = incidence(common, times[n, d]).sum(axis=1)
            for w, mass in enumerate(incidence(own[n])):
                days[n, w] = quantiles_of(mass, least=LEAST_DAYS_BACK)
        return share, days


@dataclass(frozen=True, slots=True)
class Removals:
    """Final orders carried out: assumed, not counted, as no release has them.

    Attributes:
        share: Shape (populations, decisions).
        factor: Standard deviation of the share's logarithm; shape (populations,).
        days: Shape (populations, 256).
        source: Where they come from.
    """

    share: Floats
    factor: Floats
    days: Quantiles
    source: str

    def drawn(self, rng: Rng = None) -> tuple[Floats, Quantiles]:
        """Give the shares, by a common factor for each population, and the days."""
        factor = np.ones(len(self.factor))
        if rng is not None:
            factor = np.exp(self.factor * rng.standard_normal(len(self.factor)))
        share: Floats = np.clip(self.share * factor[:, None], 0.0, 1.0)
        return share, self.days


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Families received.

    Attributes:
        families: By court and population; shape (courts, populations).
        days: How long they were counted for.
        by_month: In each calendar month, in counts that scatter as years do; shape
            (populations, 12).
        due_by_month: As many as there would be without seasons.
        size: Families that a flat year weighs in a month; shape (populations,).
        dispersion: Variance of a court's monthly rate, as a share of its square.
        people: Families by number of people; shape (populations, 12).
    """

    families: Floats
    days: float
    by_month: Floats
    due_by_month: Floats
    size: Floats
    dispersion: Floats
    people: Floats

    def drawn(self, rng: Rng = None) -> tuple[Floats, Floats, Floats]:
        """Give families a day, seasons, and the shares of families by their people."""
        a_day = self.families / self.days
        if rng is not None:
            months = max(self.days / 30.4, 1.0)
            seen = np.maximum(self.families, 1e-9)
            known = 1 / (1 / seen + self.dispersion / months)
            a_day = a_day * rng.standard_gamma(known) / known
        season = np.stack(
            [
                gamma(self.by_month[n], self.due_by_month[n], size, rng)
                for n, size in enumerate(self.size)
            ]
        )
        season = season / season.mean(axis=1, keepdims=True)
        common = self.people.sum(axis=0) + np.eye(1, self.people.shape[1])[0]
        people = dirichlet(self.people + 5.0 * common / common.sum(), rng)
        return a_day, season, people

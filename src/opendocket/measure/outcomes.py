"""How cases end: every outcome competes with every other, and with time."""

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl

from opendocket.estimate.suppression import suppressed_parts
from opendocket.estimate.survival import IncidenceCurves, Share, cumulative_incidence
from opendocket.measure import estimators
from opendocket.measure.clocks import spells
from opendocket.measure.estimators import Clocked, OverTime
from opendocket.measure.named import Definition, Measure
from opendocket.measure.promise import shown

OUTCOMES = {
    "relief": ("relief", "protection"),
    "removal order, person present": ("removal",),
    "removal order in absentia": ("in absentia",),
    "voluntary departure": ("voluntary departure",),
    "termination": ("termination",),
    "dismissed, no notice filed": ("no nta",),
    "administrative closure": ("administrative closure",),
    "other": ("other", "review"),
}
"""First outcomes as the report names them, and the docket's groups in each.

Relief holds withholding and Convention Against Torture protection, which the record enters as
a removal order that may not be carried out to one country.
"""

CODES = {
    group: code for code, groups in enumerate(OUTCOMES.values(), start=1) for group in groups
}
NO_NOTICE = ("dismissed, no notice filed",)
NOT_YET = "still pending"
PROTECTION = len(OUTCOMES) + 1


@dataclass(frozen=True, slots=True)
class Endings:
    """How a docket's cases first ended, over time since receipt."""

    curves: IncidenceCurves
    any: IncidenceCurves
    """The same for any ending at all (1), which gives what is still pending its interval."""
    counts: dict[str, int]
    """Cases by first outcome so far; ``still pending`` are those that have not ended once."""
    protection: int
    """Of those with relief, withholding or Convention Against Torture protection."""
    families: int
    folded: tuple[str, ...] = ()
    """Outcomes that too few cases had to be shown apart; they are counted as ``other``."""
    withheld: frozenset[str] = frozenset()
    """Names in ``counts`` whose counts are not published: they would tell of a small one."""
    excluded: dict[str, int] = field(default_factory=dict)
    """Cases that cannot be timed from receipt, by reason; not in ``counts``."""

    def named(self, outcome: str) -> int:
        """Give the number of an outcome in the curves.

        Raises:
            KeyError: No outcome of that name.
        """
        return tuple(OUTCOMES).index(outcome) + 1 if outcome in OUTCOMES else _unknown(outcome)

    def at(self, outcome: str, day: float) -> Share:
        """Give the share of an outcome, or still pending, by the end of a day since receipt.

        Raises:
            KeyError: No outcome of that name.
            ValueError: The outcome was folded into ``other``, or nobody was observed so long.
        """
        if outcome == NOT_YET:
            ended = self.any.at(1, day)
            return replace(
                ended, share=1 - ended.share, lower=1 - ended.upper, upper=1 - ended.lower
            )
        return self.curves.at(self.named(outcome), day)


def _unknown(outcome: str) -> int:
    raise KeyError(f"outcome {outcome!r}; expected one of {', '.join(OUTCOMES)}")


def endings(frame: pl.DataFrame, *, as_of: date) -> Endings:
    """Estimate the cumulative incidence of every first outcome since receipt.

    Args:
        frame: Cases (:func:`opendocket.measure.population.cases`).
        as_of: The day observation ends.

    Returns:
        Aalen-Johansen curves of the outcomes, and counts. Outcomes of 1 to 10 cases are folded
        into ``other``, with what would give them away. On every day the outcomes' shares and
        the share not yet ended add up to 1.

    Raises:
        NothingToShow: No case has a day of receipt that it can be timed from.
        TooFewCases: Fewer than five have, or fewer than five families.
        ValueError: A case ended in a way that ``OUTCOMES`` does not name.

    Source:
        Grouping: docs/explanation/definitions.md. Small cells: decision 0003. Estimator:
        :func:`opendocket.estimate.survival.cumulative_incidence`, clustered by family.
    """
    timed = spells(frame, "receipt", as_of=as_of, codes={**CODES, "protection": PROTECTION})
    is_protection = timed.outcome == PROTECTION
    outcome = np.where(is_protection, CODES["protection"], timed.outcome)
    names = tuple(OUTCOMES)
    by_code = np.bincount(outcome, minlength=len(names) + 1)
    hidden = suppressed_parts([*by_code[1:].tolist(), int(by_code[0])])
    other = names.index("other")
    folded = [at for at, hide in enumerate(hidden[:-1]) if hide and at != other]
    code = np.where(np.isin(outcome, [at + 1 for at in folded]), other + 1, outcome)
    kept = [at for at in range(len(names)) if at not in folded]
    curves = cumulative_incidence(
        timed.days, code, family=timed.family, outcomes=tuple(at + 1 for at in kept)
    )
    counts = {names[at]: int((code == at + 1).sum()) for at in kept}
    ended = (outcome > 0).astype(np.int64)
    return Endings(
        curves=shown(curves),
        any=shown(cumulative_incidence(timed.days, ended, family=timed.family, outcomes=(1,))),
        counts={**counts, NOT_YET: int(by_code[0])},
        protection=int(is_protection.sum()),
        families=len(np.unique(timed.family)),
        folded=tuple(names[at] for at in folded),
        withheld=frozenset({"other", NOT_YET} if hidden[-1] else ()),
        excluded=timed.excluded,
    )


HAS_ENDED = pl.col("first_outcome").is_not_null()
WAYS = {name: pl.col("first_outcome").is_in(groups) for name, groups in OUTCOMES.items()}
_NOTICED = pl.col("first_outcome").ne_missing("no nta")
_OUTCOME = ("first_outcome",)

OUTCOMES_NAMED = Measure(
    name="outcomes",
    topic="outcomes",
    question="How do cases end, so many days after they came in?",
    estimate="ended_share",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="all cases begun, pending ones not yet",
            numerator="cases that first ended so, by so many days",
            denominator="all of them; every outcome competes with every other",
            clock="from receipt to the first ending",
            estimator=OverTime(Clocked("received_date", "first_outcome_date", WAYS, _OUTCOME)),
        ),
        Definition(
            name="with-notice",
            user="OpenDocket",
            population="cases that were not dismissed because no notice was filed",
            numerator="cases that first ended so, by so many days",
            denominator="all of them; every outcome competes with every other",
            clock="from receipt to the first ending",
            estimator=OverTime(
                Clocked(
                    "received_date",
                    "first_outcome_date",
                    {name: way for name, way in WAYS.items() if name not in NO_NOTICE},
                    _OUTCOME,
                    _NOTICED,
                )
            ),
            caveats=(
                "Which cases will be dismissed so is known afterwards only: the young ones "
                "among those pending are counted.",
            ),
        ),
        Definition(
            name="closed-only",
            user="TRAC (A43, A44); early reports on every family docket (A58, A60)",
            population="cases that have ended by the as-of day",
            numerator="cases that first ended so",
            denominator="cases that have ended",
            clock="years are those of receipt",
            estimator=estimators.Share(WAYS, _OUTCOME, HAS_ENDED, is_whole=True),
            caveats=(
                "A young docket has closed its fast cases only: orders in absentia and "
                "dismissals come first, relief comes last. Its shares change for years while "
                "nothing about the docket does.",
            ),
        ),
        Definition(
            name="closed-with-notice",
            user="UCLA (A25), which cannot have counted many such dismissals",
            population="cases that have ended, other than because no notice was filed",
            numerator="cases that first ended so",
            denominator="cases that have ended so or otherwise, those dismissals left out",
            clock="years are those of receipt",
            estimator=estimators.Share(
                {name: way for name, way in WAYS.items() if name not in NO_NOTICE},
                _OUTCOME,
                HAS_ENDED & _NOTICED,
                is_whole=True,
            ),
            figures=("A25",),
            caveats=("The same, and which dismissals were left out is ours to guess.",),
        ),
    ),
    part="outcome",
    assumes=(
        "Whether a case is still pending says nothing else about how it will end.",
        "Families are independent of each other.",
    ),
    source="docs/explanation/definitions.md; published figures, What is contested, 1 and 3",
    caveats=(
        "The first ending counts: some were undone since (measures reopened, rescission).",
        "A notice issued anew makes a new case, so a dismissal is also a loss from sight.",
        "Relief holds withholding and Convention Against Torture protection.",
    ),
)

MEASURES = (OUTCOMES_NAMED,)

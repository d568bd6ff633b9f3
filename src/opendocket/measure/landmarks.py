"""Does counsel change outcomes? Cases that had it by a day, beside those that had not.

Whoever compares people who ever had counsel with those who never had compares long cases with
short ones: the time before counsel came is counted in its favour. A landmark is the remedy:
both groups are pending on that day, and only what comes later counts.
"""

import polars as pl

from opendocket.measure.counsel import EVER, STAYS, WITH, WITHOUT
from opendocket.measure.estimators import Clocked, OverTime, Own, Share, stacked
from opendocket.measure.grains import Asked, Grain
from opendocket.measure.named import Definition, Measure

FOLLOWED = 365
"""Days after the landmark in which outcomes are counted."""
SINCE_RECEIPT = (90, 180, 365)
RELIEF = ("relief", "protection")
_WAYS = {
    "relief": pl.col("first_outcome").is_in(RELIEF),
    "in absentia": pl.col("first_outcome") == "in absentia",
    "otherwise": pl.col("first_outcome").is_not_null(),
}
_TOLD = ("relief", "in absentia")


def _there(day: int, *, has_counsel: bool) -> Grain:
    """Give the cases pending on a day since receipt, with counsel by then or without."""
    mark = f"(c.received_date + {day})"
    has = f"coalesce(c.counsel_date <= {mark}, false)"
    return Grain(
        "case",
        columns={"landmark_date": mark},
        condition=f"{mark} <= $as_of and coalesce(c.first_outcome_date > {mark}, true) "
        f"and {has if has_counsel else f'not {has}'}",
    )


def _landmark(day: int) -> Own:
    """Compare, from a day since receipt on, who had counsel by then and who had not."""
    grains = {name: _there(day, has_counsel=name == WITH) for name in (WITH, WITHOUT)}

    def rows(asked: Asked) -> pl.DataFrame:
        found = []
        for name, grain in grains.items():
            clock = Clocked(
                "landmark_date", "first_outcome_date", _WAYS, ("first_outcome",), grain=grain
            )
            each = OverTime(clock, (FOLLOWED,), told=_TOLD).rows(asked)
            if not each.is_empty():
                found.append(each.filter(pl.col("n") > 0).with_columns(_part(name)))
        return stacked(found) if found else pl.DataFrame()

    return Own(rows, ("received_date", "first_outcome_date", "first_outcome", "counsel_date"))


def _part(counsel_name: str) -> pl.Expr:
    return pl.format("{}, {}", pl.col("part"), pl.lit(counsel_name)).alias("part")


def _ever(asked: Asked) -> pl.DataFrame:
    """Compare closed cases by whether counsel ever entered: the trap."""
    found = []
    for name, is_so in ((WITH, EVER), (WITHOUT, ~EVER)):
        share = Share(
            {part: _WAYS[part] for part in _TOLD},
            ("first_outcome", "counsel_date"),
            pl.col("first_outcome").is_not_null() & is_so,
        )
        found.append(share.rows(asked).with_columns(_part(name)))
    return stacked(found)


def _at_landmark(day: int) -> Definition:
    return Definition(
        name=f"landmark-{day}",
        user="OpenDocket",
        population=f"cases still pending {day} days after receipt, those with counsel by then "
        "and those without apart",
        numerator="those first ended with relief or protection, or by an order in absentia, by "
        "so many days later",
        denominator="all of them; other endings compete, pending ones are not yet",
        clock=f"from day {day} after receipt; {FOLLOWED} days on where no days are asked for",
        estimator=_landmark(day),
        caveats=(
            f"Cases that ended in the first {day} days are in neither group.",
            "Who finds counsel later stays among those without.",
        ),
    )


COUNSEL_AND_OUTCOMES = Measure(
    name="counsel-and-outcomes",
    topic="landmarks",
    question="How do cases end that had counsel by a day, beside those that had not?",
    estimate="outcome_share",
    definitions=(
        *(_at_landmark(day) for day in (SINCE_RECEIPT[1], SINCE_RECEIPT[0], SINCE_RECEIPT[2])),
        Definition(
            name="ever",
            user="the comparison most often printed",
            population="cases that have ended, those that ever had counsel and those that "
            "never had apart",
            numerator="those first ended with relief or protection, or by an order in absentia",
            denominator="all of them",
            clock="so far; years are those of receipt",
            estimator=Own(_ever, ("first_outcome", "counsel_date")),
            caveats=(
                "A trap, shown to be seen: only who was not ordered removed early lived to "
                "find counsel, so the time before it is counted in its favour (immortal time).",
                "Appearances after the ending count.",
            ),
        ),
    ),
    assumes=(
        "Whether a case is still under observation says nothing else about it.",
        "Families are independent of each other.",
    ),
    source="Landmark analysis: Anderson, Cain & Gelber (1983), J. Clin. Oncol. 1:710-719; "
    "published figures, What is contested, 6",
    caveats=(
        "Counsel is not given out by chance: whoever finds it may differ in ways that no "
        "record holds, and may have been chosen. A difference is not an effect.",
        STAYS,
    ),
    part="outcome",
)

MEASURES = (COUNSEL_AND_OUTCOMES,)

"""Who appeared? One count of in absentia orders, five denominators, and what was undone.

The release does not record whether a person appeared. An order in absentia is the only trace
of an absence, so none of these is the share of people who missed a hearing.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from opendocket.estimate.shares import Proportion, proportion
from opendocket.estimate.survival import MIN_CASES, IncidenceCurves, cumulative_incidence
from opendocket.measure.clocks import refuse_later
from opendocket.measure.estimators import Clocked, OverTime, Share
from opendocket.measure.grains import Grain
from opendocket.measure.named import Definition, Measure
from opendocket.measure.promise import shown
from opendocket.measure.summed import Summed

ORDERS = ("removal", "in absentia")
"""First decisions that are removal orders, those with protection from removal left out."""


@dataclass(frozen=True, slots=True)
class Denominator:
    """What in absentia orders are divided by, and who divides so."""

    name: str
    user: str
    among: pl.Expr
    caveat: str


DENOMINATORS = (
    Denominator(
        "removal orders",
        "advocates; UCLA (A26), Harvard (A34)",
        pl.col("first_decision").is_in(ORDERS),
        "leaves out everybody not ordered removed",
    ),
    Denominator(
        "first decisions, not detained",
        "GAO (D03)",
        pl.col("first_decision").is_not_null() & pl.col("custody_code").is_in(["N", "R"]),
        "leaves out pending cases, which have yet to be heard",
    ),
    Denominator(
        "first decisions",
        "EOIR (D01)",
        pl.col("first_decision").is_not_null(),
        "leaves out pending cases, and closures that decide nothing",
    ),
    Denominator(
        "closed cases",
        "TRAC",
        pl.col("first_outcome").is_not_null(),
        "counts dismissals for want of a notice as appearances",
    ),
    Denominator(
        "all cases begun",
        "Eagly and Shafer (D04)",
        pl.col("received_date").is_not_null(),
        "counts pending cases as appearances, before their hearings",
    ),
)
"""Who divides by what; the references are published figures.

EOIR and GAO divide the orders of a fiscal year by its first decisions, whatever year the cases
began; here all are of one group of cases, from their receipt on. Custody is the last known.
"""


@dataclass(frozen=True, slots=True)
class Absence:
    """In absentia orders of a docket, and how many were undone."""

    orders: int
    """Cases whose first decision was a removal order in absentia."""
    shares: tuple[tuple[Denominator, Proportion], ...]
    since_hearing: IncidenceCurves | None
    """First ended by an order in absentia (1) or otherwise (2), since the first hearing."""
    rescinded: Proportion | None
    """Of the orders, those undone so far."""
    undone: IncidenceCurves | None
    """Undone (1), by days since the order."""
    not_heard: int = 0
    """Cases without a hearing before they first ended, which ``since_hearing`` leaves out."""


def absence(frame: pl.DataFrame, *, as_of: date) -> Absence:
    """Measure in absentia orders under each denominator, and their rescission.

    The order counted is a case's first decision, EOIR's initial case completion. Code that
    takes the last one loses the orders that were undone, which are the ones most likely to
    have been wrong.

    Args:
        frame: Cases (:func:`opendocket.measure.population.cases`).
        as_of: The day observation ends.

    Returns:
        Shares with intervals, without a denominator that nobody is in; None where fewer than
        five families can be followed, or no order was made.

    Raises:
        ValueError: The cases know of endings after ``as_of``.

    Assumes:
        A later proceeding undoes an order, whatever brought it about: the release names the
        reason of few. Families are independent of each other.

    Source:
        The five denominators: docs/explanation/definitions.md; published figures, "What is
        contested", 5.
    """
    refuse_later(frame, as_of)
    frame = frame.with_columns(
        is_absent=(pl.col("first_decision") == "in absentia").fill_null(False)
    )
    heard = _heard(frame, as_of)
    shares = []
    for denominator in DENOMINATORS:
        among = frame.filter(denominator.among)
        if len(among):
            shares.append((denominator, proportion(among["is_absent"], among["lead_case_id"])))
    ordered = frame.filter("is_absent")
    return Absence(
        orders=len(ordered),
        shares=tuple(shares),
        since_hearing=_since_hearing(heard),
        rescinded=_rescinded(ordered),
        undone=_undone(ordered, as_of),
        not_heard=len(frame) - len(heard),
    )


def _heard(frame: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Give the cases heard before they first ended, with the days since and how they ended."""
    until = pl.coalesce("first_outcome_date", pl.lit(as_of))
    return frame.with_columns(
        days=(until - pl.col("first_hearing_date")).dt.total_days(),
        code=pl.when(pl.col("first_outcome") == "in absentia")
        .then(1)
        .when(pl.col("first_outcome").is_not_null())
        .then(2)
        .otherwise(0),
    ).filter(pl.col("days") >= 0)


def _since_hearing(heard: pl.DataFrame) -> IncidenceCurves | None:
    if heard["lead_case_id"].n_unique() < MIN_CASES:
        return None
    days, code, family = (heard[name].to_numpy() for name in ("days", "code", "lead_case_id"))
    return shown(cumulative_incidence(days, code, family=family, outcomes=(1, 2)))


def _rescinded(ordered: pl.DataFrame) -> Proportion | None:
    if ordered.is_empty():
        return None
    return proportion(ordered["rescinded_date"].is_not_null(), ordered["lead_case_id"])


def _undone(ordered: pl.DataFrame, as_of: date) -> IncidenceCurves | None:
    """Follow each order until it is undone; the orders of yesterday have had no time."""
    if ordered["lead_case_id"].n_unique() < MIN_CASES:
        return None
    until = pl.coalesce("rescinded_date", pl.lit(as_of))
    days = ordered.select(
        (until - pl.col("first_decision_date")).dt.total_days().clip(lower_bound=0)
    ).to_series()
    undone = ordered["rescinded_date"].is_not_null().to_numpy().astype(np.int64)
    return shown(
        cumulative_incidence(
            days.to_numpy(), undone, family=ordered["lead_case_id"].to_numpy(), outcomes=(1,)
        )
    )


IS_ABSENT = pl.col("first_decision") == "in absentia"
_BY_USER = {
    name: denominator.among
    for name, denominator in zip(
        ("advocates", "gao", "eoir", "trac", "eagly-shafer"), DENOMINATORS, strict=True
    )
}
_ORDER = "cases whose first decision was a removal order in absentia"

IN_ABSENTIA = Measure(
    name="in-absentia",
    topic="attendance",
    question="What share was ordered removed in absentia?",
    estimate="in_absentia_share",
    definitions=(
        Definition(
            name="eoir",
            user="EOIR; CRS IF11892",
            population="cases first decided, detained people among them",
            numerator=_ORDER,
            denominator="initial case completions: first decisions by a judge",
            clock="years are those of the decision",
            estimator=Share(
                IS_ABSENT, ("first_decision",), _BY_USER["eoir"], day="first_decision_date"
            ),
            figures=("D01", "D02"),
            caveats=("Leaves out pending cases: too high while the backlog grows.",),
        ),
        Definition(
            name="gao",
            user="GAO-25-106867",
            population="cases first decided of people not detained (last known custody N or R)",
            numerator=_ORDER,
            denominator="their first decisions by a judge",
            clock="years are those of the decision",
            estimator=Share(
                IS_ABSENT,
                ("first_decision", "custody_code"),
                _BY_USER["gao"],
                day="first_decision_date",
            ),
            figures=("D03",),
            caveats=("Custody is the last known: people once detained count as not detained.",),
        ),
        Definition(
            name="eagly-shafer",
            user="Eagly & Shafer (2020)",
            population="all cases begun, pending ones among them",
            numerator=_ORDER,
            denominator="all cases",
            clock="years are those of receipt",
            estimator=Share(IS_ABSENT, ("first_decision",)),
            figures=("D04", "D05"),
            caveats=(
                "Counts pending cases as appearances, before their hearings: too low.",
                "Their published figure is the complement, and of people not detained.",
            ),
        ),
        Definition(
            name="advocates",
            user="UCLA; Harvard",
            population="cases ordered removed at the first decision",
            numerator=_ORDER,
            denominator="removal orders, in absentia or not; protection left out",
            clock="years are those of the decision",
            estimator=Share(
                IS_ABSENT, ("first_decision",), _BY_USER["advocates"], day="first_decision_date"
            ),
            figures=("A26", "A34"),
            caveats=("Leaves out everybody who was not ordered removed.",),
        ),
        Definition(
            name="trac",
            user="TRAC",
            population="closed cases of a cohort, dismissals for want of a notice among them",
            numerator=_ORDER,
            denominator="cases that have ended in any way",
            clock="years are those of receipt",
            estimator=Share(IS_ABSENT, ("first_decision", "first_outcome"), _BY_USER["trac"]),
            caveats=("Orders in absentia come first, so a young docket reads high.",),
        ),
        Definition(
            name="last-decision",
            user="code that keeps a case's last proceeding (Deportation Data Project)",
            population="cases that are closed",
            numerator="cases whose last ending was a removal order in absentia",
            denominator="cases whose last proceeding has ended",
            clock="years are those of receipt",
            estimator=Share(
                pl.col("final_outcome") == "in absentia",
                ("final_outcome",),
                pl.col("final_outcome").is_not_null(),
            ),
            figures=("G06",),
            caveats=("Orders undone since have vanished; they are the likeliest to be wrong.",),
        ),
        Definition(
            name="incidence",
            user="OpenDocket",
            population="cases heard before they ended",
            numerator="first ended by a removal order in absentia by so many days",
            denominator="all of them, other endings competing, pending ones not yet",
            clock="from the first hearing that a judge opened",
            estimator=OverTime(
                Clocked(
                    "first_hearing_date",
                    "first_outcome_date",
                    {
                        "in absentia": pl.col("first_outcome") == "in absentia",
                        "otherwise": pl.col("first_outcome").is_not_null(),
                    },
                    ("first_outcome",),
                )
            ),
            caveats=("Who had no hearing before the case ended is left out.",),
        ),
    ),
    part="ended",
    assumes=("Families are independent of each other.",),
    source="docs/explanation/definitions.md; published figures, What is contested, 5",
    caveats=(
        "The records do not say who appeared: an order in absentia is the only trace of an "
        "absence.",
        "The first decision counts; some orders were rescinded since (measure rescission).",
    ),
)

NOT_DETAINED = pl.col("custody_code").is_in(["N", "R"])
REOPENING = Grain(
    "case",
    """left join (
        select m.IDNCASE as case_id, min(m.COMP_DATE) as reopened_date
        from core_eoir__motion as m
        join out_docket__case as o on o.case_id = m.IDNCASE
        where m.REC_TYPE in ('O', 'MA', 'MC')
            and m.DEC = 'G'
            and o.first_decision = 'in absentia'
            and m.COMP_DATE between o.first_decision_date and $as_of
        group by m.IDNCASE
    ) as motion on motion.case_id = c.case_id""",
    {"reopened_date": "motion.reopened_date"},
    reads=("core_eoir__motion",),
)
"""Cases, with the first motion to reopen that was granted after an order in absentia."""

RESCISSION = Measure(
    name="rescission",
    topic="attendance",
    question="What share of the orders in absentia was undone?",
    estimate="rescinded_share",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="cases whose first decision was a removal order in absentia",
            numerator="those in which a later proceeding began by so many days",
            denominator="all of them; orders of yesterday have had no time, and are not yet",
            clock="from the order; years are those of the order",
            estimator=OverTime(
                Clocked(
                    "first_decision_date",
                    "rescinded_date",
                    columns=("first_decision",),
                    among=IS_ABSENT,
                    day="first_decision_date",
                )
            ),
        ),
        Definition(
            name="eagly-shafer",
            user="Eagly & Shafer (2020)",
            population="cases whose first decision was a removal order in absentia",
            numerator="those in which a later proceeding has begun by now",
            denominator="all of them, whenever the order was made",
            clock="so far; years are those of receipt",
            estimator=Share(
                pl.col("rescinded_date").is_not_null(),
                ("first_decision", "rescinded_date"),
                IS_ABSENT,
            ),
            figures=("D07",),
            caveats=("Young orders have had little time to be undone: too low.",),
        ),
        Definition(
            name="motion",
            user="who looks for the motion and not for the proceeding after it",
            population="cases whose first decision was a removal order in absentia",
            numerator="those with a motion to reopen (O, MA, MC) granted on its day or later",
            denominator="all of them, whenever the order was made",
            clock="so far; years are those of receipt",
            estimator=Share(
                pl.col("reopened_date").is_not_null(),
                ("first_decision", "reopened_date"),
                IS_ABSENT,
                grain=REOPENING,
            ),
            caveats=("The Board's remands, and motions never entered, are not seen.",),
        ),
    ),
    assumes=("Families are independent of each other.",),
    source="docs/explanation/definitions.md, Rescinded; published figure D07",
    caveats=(
        "No flag says that an order was rescinded: a later proceeding is its only trace, and "
        "whatever brought it about counts, an appeal or a joint motion among others.",
        "Who was removed in the meantime cannot be seen, and stays among those not undone.",
    ),
)

MISSED = Grain(
    "hearing",
    """join (
        select case_id, hearing_date, court_code, false as is_missed
        from out_docket__hearing
        where is_held and hearing_date <= $as_of
        union all
        select o.case_id, o.completed_date, min(s.court_code), true
        from out_docket__decision as o
        join out_docket__hearing as s
            on s.case_id = o.case_id and s.hearing_date = o.completed_date and s.is_held
        where o.outcome = 'in absentia' and o.completed_date <= $as_of
        group by o.case_id, o.completed_date
    ) as h on h.case_id = c.case_id""",
    {"hearing_date": "h.hearing_date", "is_missed": "h.is_missed"},
    court="h.court_code",
    reads=("out_docket__hearing", "out_docket__decision"),
)
"""Hearings held, and below them the orders in absentia made on the day of one."""

MISSED_HEARINGS = Measure(
    name="missed-hearings",
    topic="attendance",
    question="At what share of the hearings held was an order made in absentia?",
    estimate="missed_share",
    definitions=(
        Definition(
            name="per-hearing",
            user="OpenDocket",
            population="hearings held, of whatever case; a family's are one cluster",
            numerator="those on whose day the case was ordered removed in absentia",
            denominator="hearings held by the day",
            clock="years are those of the hearing, courts those that held it",
            estimator=Summed(
                "is_missed",
                "not is_missed",
                ("is_missed",),
                grain=MISSED,
                day="hearing_date",
            ),
            caveats=("Of two hearings of a case on one day, one counts as missed.",),
        ),
        Definition(
            name="trac",
            user="TRAC 562",
            population="cases that were heard once or more",
            numerator="those ordered removed in absentia at the first hearing",
            denominator="all of them",
            clock="years are those of the first hearing",
            estimator=Share(
                IS_ABSENT & (pl.col("first_decision_date") == pl.col("first_hearing_date")),
                ("first_decision", "first_decision_date", "first_hearing_date"),
                pl.col("first_hearing_date").is_not_null(),
                day="first_hearing_date",
            ),
            figures=("A63",),
            caveats=(
                "Who missed a later hearing is not counted.",
                "The published figure is the complement.",
            ),
        ),
    ),
    assumes=(
        "A hearing was held if its day has come and its reason of adjournment does not say "
        "that the court moved it (decision 0005).",
        "Families are independent of each other.",
    ),
    source="docs/explanation/definitions.md; TRAC 562",
    caveats=(
        "The records do not say who appeared: a person who missed a hearing and was given "
        "another leaves no trace here.",
        "A share of hearings is not a share of people: most people have several.",
    ),
)

_NO_ORDER = ~IS_ABSENT.fill_null(value=False)
_ATTENDED = "those without a removal order in absentia at the first decision"

ATTENDED_ALL = Measure(
    name="attended-all",
    topic="attendance",
    question="What share of people has no order in absentia, and may have attended throughout?",
    estimate="attended_share",
    definitions=(
        Definition(
            name="eagly-shafer",
            user="Eagly & Shafer (2020)",
            population="cases begun of people not detained (last known custody N or R), "
            "pending ones among them",
            numerator=_ATTENDED,
            denominator="all of them",
            clock="years are those of receipt",
            estimator=Share(_NO_ORDER, ("first_decision", "custody_code"), NOT_DETAINED),
            figures=("D04",),
            caveats=("Counts pending cases as attended, before their hearings: too high.",),
        ),
        Definition(
            name="eagly-shafer-everybody",
            user="Eagly & Shafer (2020)",
            population="all cases begun, of detained people and pending ones among them",
            numerator=_ATTENDED,
            denominator="all of them",
            clock="years are those of receipt",
            estimator=Share(_NO_ORDER, ("first_decision",)),
            figures=("D05",),
            caveats=(
                "Detained people are brought to their hearings, and count as attending.",
                "Counts pending cases as attended, before their hearings: too high.",
            ),
        ),
        Definition(
            name="eagly-shafer-counsel",
            user="Eagly & Shafer (2021)",
            population="cases begun of people not detained who ever had counsel",
            numerator=_ATTENDED,
            denominator="all of them",
            clock="years are those of receipt",
            estimator=Share(
                _NO_ORDER,
                ("first_decision", "custody_code", "counsel_date"),
                NOT_DETAINED & pl.col("counsel_date").is_not_null(),
            ),
            figures=("D06",),
            caveats=(
                "Ever represented: who was ordered removed early had no time to find counsel, "
                "so that counsel seems to bring people to court (immortal time).",
            ),
        ),
        Definition(
            name="cis",
            user="CIS, Arthur (2021)",
            population="cases first decided of people not detained (last known custody N or R)",
            numerator=_ATTENDED,
            denominator="their first decisions by a judge",
            clock="years are those of receipt",
            estimator=Share(
                _NO_ORDER,
                ("first_decision", "custody_code"),
                NOT_DETAINED & pl.col("first_decision").is_not_null(),
            ),
            figures=("D08",),
            caveats=(
                "Orders in absentia come first, so completed cases alone are too low.",
                "The published figure is the complement.",
            ),
        ),
    ),
    assumes=("Families are independent of each other.",),
    source="docs/explanation/definitions.md; published figures, What is contested, 5",
    caveats=(
        "No record says that anybody attended: who has no order in absentia may have missed "
        "hearings, may have moved away, or may not have been called yet.",
        "Custody is the last known: people once detained count as not detained.",
    ),
)

MEASURES = (IN_ABSENTIA, RESCISSION, MISSED_HEARINGS, ATTENDED_ALL)

"""How long? To a hearing, between hearings, to a decision, to the end, and so far."""

import polars as pl

from opendocket.measure.clocks import CLOCKS
from opendocket.measure.estimators import Clocked, DaysUntil, OverTime, Own, Ratio, Share
from opendocket.measure.gaps import HEARD, mean_gap, median_gap
from opendocket.measure.grains import Grain
from opendocket.measure.named import Definition, Measure
from opendocket.measure.population import GOAL_DAYS, IS_CLOSED

PROMISE = {
    "decided": pl.col("is_decided"),
    "closed otherwise": pl.col("first_outcome_date").is_not_null(),
}
"""A judge's decision, and what takes a case off the docket without one."""

POLICY, RECEIPT, NOTICE = (CLOCKS[name] for name in ("first master", "receipt", "nta"))


def _days(first: str, last: str) -> pl.Expr:
    return (pl.col(last) - pl.col(first)).dt.total_days()


def _promised(start: str, entry: str = "") -> OverTime:
    clock = Clocked(start, "first_outcome_date", PROMISE, ("is_decided",), entry=entry)
    return OverTime(clock, (GOAL_DAYS,))


_TIMED = "cases that the clock can time"
_NOT_YET = "Pending cases count as not yet, not as missing."
_CLOSED_ONLY = (
    "Leaves out every pending case: in a young docket only the fast ones can be closed.",
)
_CLOSED = pl.col("first_outcome_date").is_not_null()
_DECIDED = pl.col("first_decision_date").is_not_null()
_NOTICED = _days("nta_date", "first_outcome_date") >= 0
_IN_TIME = _days("nta_date", "first_outcome_date") < GOAL_DAYS

WITHIN_300_DAYS = Measure(
    name="within-300-days",
    topic="durations",
    question="What share was decided within 300 days?",
    estimate="ended_share",
    definitions=(
        Definition(
            name="policy",
            user="EOIR, PM 21-23 (A02)",
            population=f"{_TIMED}: those with a first master hearing",
            numerator="first ended by a judge's decision by day 300",
            denominator="all of them, other endings competing, pending ones not yet",
            clock=POLICY.meaning,
            estimator=_promised(POLICY.column),
            figures=("A02",),
            caveats=(_NOT_YET, "Who had no master hearing before the case ended is left out."),
        ),
        Definition(
            name="gao-clock",
            user="GAO's clock (A52), with pending cases",
            population=_TIMED,
            numerator="first ended by a judge's decision by day 300",
            denominator="all of them, other endings competing, pending ones not yet",
            clock=RECEIPT.meaning,
            estimator=_promised(RECEIPT.column),
            caveats=(_NOT_YET,),
        ),
        Definition(
            name="trac-clock",
            user="TRAC's clock (A45), with pending cases",
            population=f"{_TIMED}: those with a date on the notice",
            numerator="first ended by a judge's decision by day 300",
            denominator="all of them, other endings competing, pending ones not yet",
            clock=NOTICE.meaning,
            estimator=_promised(NOTICE.column),
            caveats=(_NOT_YET,),
        ),
        Definition(
            name="from-placing",
            user="OpenDocket",
            population="cases at a hearing place of the docket",
            numerator="first ended by a judge's decision by day 300",
            denominator="all of them, seen from the day of placing on",
            clock=f"{RECEIPT.meaning}; a case placed later is not seen before",
            estimator=_promised(RECEIPT.column, "dedicated_location_date"),
            caveats=(
                _NOT_YET,
                "Assumes that the day of placing says nothing else about how a case ends.",
                "For dockets other than the dedicated ones it is gao-clock's.",
            ),
        ),
        Definition(
            name="trac",
            user="TRAC 704",
            population="closed cases, dismissals for want of a notice among them",
            numerator="closed in under 300 days",
            denominator="cases that have ended in any way",
            clock=NOTICE.meaning,
            estimator=Share(
                {"closed": _IN_TIME}, ("nta_date", "first_outcome_date"), _NOTICED & _CLOSED
            ),
            figures=("A45",),
            caveats=(*_CLOSED_ONLY, "83 % of the closed were 30 % of the assigned (A42-A45)."),
        ),
        Definition(
            name="trac-without-no-nta",
            user="TRAC 704, if its footnote says so",
            population="closed cases, dismissals for want of a notice left out",
            numerator="closed in under 300 days",
            denominator="cases that have ended in any other way",
            clock=NOTICE.meaning,
            estimator=Share(
                {"closed": _IN_TIME},
                ("nta_date", "first_outcome_date", "first_outcome"),
                _NOTICED & _CLOSED & (pl.col("first_outcome") != "no nta"),
            ),
            caveats=_CLOSED_ONLY,
        ),
        Definition(
            name="gao",
            user="GAO, completed cases only (A52)",
            population="cases first decided by a judge",
            numerator="decided by day 300",
            denominator="cases decided so far",
            clock=RECEIPT.meaning,
            estimator=Share(
                {"decided": _days("received_date", "first_decision_date") <= GOAL_DAYS},
                ("received_date", "first_decision_date"),
                _DECIDED & (_days("received_date", "first_decision_date") >= 0),
            ),
            figures=("A52",),
            caveats=_CLOSED_ONLY,
        ),
    ),
    part="ended",
    assumes=("Whether a case is still pending says nothing else about how it will end.",),
    source="docs/explanation/definitions.md; published figures, What is contested, 2",
    caveats=(
        "The three clocks start weeks to months apart.",
        "A case first closed without a decision is not followed on to one it may still get.",
    ),
)


def _decided(start: str, entry: str = "") -> DaysUntil:
    return DaysUntil(Clocked(start, "first_decision_date", entry=entry))


_UNTIL_DECIDED = "days until half of them were first decided by a judge"
_CASES = "all of them; those closed otherwise and pending ones are not yet decided"

TIME_TO_DECISION = Measure(
    name="time-to-decision",
    topic="durations",
    question="How many days until half the cases were first decided by a judge?",
    estimate="decision_days",
    definitions=(
        Definition(
            name="policy",
            user="EOIR, PM 21-23 (A02)",
            population=f"{_TIMED}: those with a first master hearing",
            numerator=_UNTIL_DECIDED,
            denominator=_CASES,
            clock=POLICY.meaning,
            estimator=_decided(POLICY.column),
            caveats=("Who had no master hearing is left out.",),
        ),
        Definition(
            name="gao-clock",
            user="GAO's clock (A52), with pending cases",
            population=_TIMED,
            numerator=_UNTIL_DECIDED,
            denominator=_CASES,
            clock=RECEIPT.meaning,
            estimator=_decided(RECEIPT.column),
        ),
        Definition(
            name="trac-clock",
            user="TRAC's clock, with pending cases",
            population=f"{_TIMED}: those with a date on the notice",
            numerator=_UNTIL_DECIDED,
            denominator=_CASES,
            clock=NOTICE.meaning,
            estimator=_decided(NOTICE.column),
        ),
        Definition(
            name="from-placing",
            user="OpenDocket",
            population="cases at a hearing place of the docket",
            numerator=_UNTIL_DECIDED,
            denominator="all of them, seen from the day of placing on",
            clock=f"{RECEIPT.meaning}; a case placed later is not seen before",
            estimator=_decided(RECEIPT.column, "dedicated_location_date"),
            caveats=("For dockets other than the dedicated ones it is gao-clock's.",),
        ),
        Definition(
            name="any-ending",
            user="OpenDocket's report",
            population=_TIMED,
            numerator="days until half of them had first ended in any way",
            denominator="all of them, pending ones not yet",
            clock=RECEIPT.meaning,
            estimator=DaysUntil(Clocked(RECEIPT.column, "first_outcome_date")),
        ),
        Definition(
            name="gao",
            user="GAO, completed cases only (A52, C22)",
            population="cases first decided by a judge",
            numerator="their median days",
            denominator="cases decided so far",
            clock=RECEIPT.meaning,
            estimator=DaysUntil(
                Clocked(
                    RECEIPT.column,
                    "first_decision_date",
                    among=_DECIDED,
                    day="first_decision_date",
                )
            ),
            figures=("A52", "C22"),
            caveats=(*_CLOSED_ONLY, "Years are those of the decision."),
        ),
        Definition(
            name="trac",
            user="TRAC, closed cases only (C08, C09)",
            population="cases that have ended in any way",
            numerator="their median days; TRAC prints means",
            denominator="cases closed so far",
            clock=NOTICE.meaning,
            estimator=DaysUntil(
                Clocked(
                    NOTICE.column, "first_outcome_date", among=_CLOSED, day="first_outcome_date"
                )
            ),
            caveats=(*_CLOSED_ONLY, "Years are those of the closing."),
        ),
    ),
    assumes=("Whether a case is still pending says nothing else about when it is decided.",),
    source="docs/explanation/definitions.md; published figures, What is contested, 2 and 10",
    caveats=(
        "Empty where half have not been decided while enough of them are observed.",
        "A case closed without a decision never counts as decided, unless it is later.",
    ),
)


def _until(start: str, stop: str) -> DaysUntil:
    return DaysUntil(Clocked(start, stop))


_HEARD = "days until half of them had a hearing that a judge opened"

TIME_TO_FIRST_HEARING = Measure(
    name="time-to-first-hearing",
    topic="durations",
    question="How many days until half the cases were first heard?",
    estimate="first_hearing_days",
    definitions=(
        Definition(
            name="receipt",
            user="OpenDocket",
            population=_TIMED,
            numerator=_HEARD,
            denominator="all of them; those not heard yet, or closed unheard, not yet",
            clock=RECEIPT.meaning,
            estimator=_until(RECEIPT.column, "first_hearing_date"),
        ),
        Definition(
            name="nta",
            user="TRAC's clock",
            population=f"{_TIMED}: those with a date on the notice",
            numerator=_HEARD,
            denominator="all of them; those not heard yet, or closed unheard, not yet",
            clock=NOTICE.meaning,
            estimator=_until(NOTICE.column, "first_hearing_date"),
        ),
        Definition(
            name="first-master",
            user="EOIR's dockets, which set a goal to it (C19)",
            population=_TIMED,
            numerator="days until half of them had a master hearing that a judge opened",
            denominator="all of them; those not heard yet, or closed unheard, not yet",
            clock=RECEIPT.meaning,
            estimator=_until(RECEIPT.column, "first_master_date"),
        ),
    ),
    assumes=("A hearing took place unless its adjournment says otherwise (decision 0005).",),
    source="docs/explanation/definitions.md; published figures, What is contested, 10",
    caveats=(
        "Hearings held, not set: a hearing set for 2027 is not yet one.",
        "The release does not say whether a hearing took place; it is read from adjournments.",
    ),
)

TIME_BETWEEN_HEARINGS = Measure(
    name="time-between-hearings",
    topic="durations",
    question="How many days lie between one hearing of a case and the next?",
    estimate="gap_days",
    definitions=(
        Definition(
            name="median",
            user="OpenDocket",
            population="days on which a judge opened a hearing, and the next of the case",
            numerator="the median of the days between",
            denominator="pairs of neighbouring days of hearing",
            clock="from one day of hearing to the next held; years are those of receipt",
            estimator=Own(median_gap, ("heard_days",), grain=HEARD),
            caveats=("The interval takes a family's gaps for alike, so is wide.",),
        ),
        Definition(
            name="mean",
            user="OpenDocket",
            population="the same",
            numerator="days from the first to the last day of hearing",
            denominator="days of hearing less one, of each case",
            clock="from the first day of hearing to the last; years are those of receipt",
            estimator=Own(mean_gap, ("heard_days",), grain=HEARD),
        ),
    ),
    assumes=("A hearing took place unless its adjournment says otherwise (decision 0005).",),
    source="out_docket__hearing; decision 0005",
    caveats=(
        "Only gaps that a hearing has closed: the wait since the last hearing is not in it, so "
        "where waits grow it reads low.",
        "Hearings on one day are one.",
    ),
)

WITH_BOARD = Grain(
    "case",
    """left join (
    select
        idncase                                                 as case_id,
        max(datBIADecision::date) filter (datBIADecision::date <= $as_of)
                                                                as decided_date,
        coalesce(bool_or(coalesce(datBIADecision::date > $as_of, true)), false)
                                                                as is_pending
    from core_eoir__appeal
    where strAppealType = 'Case Appeal' and datAppealFiled::date <= $as_of
    group by idncase
) as board on board.case_id = c.case_id""",
    {
        "board_or_final_date": f"""case
            when {IS_CLOSED} then greatest(
                coalesce(later.completed_date, c.first_outcome_date), board.decided_date
            )
        end""",
        "unappealed_date": f"""case
            when {IS_CLOSED} and not coalesce(board.is_pending, false) then greatest(
                coalesce(later.completed_date, c.first_outcome_date), board.decided_date
            )
        end""",
    },
    reads=("core_eoir__appeal",),
)
"""Cases, and what the Board has decided of them by the day."""

TIME_TO_FINAL_DECISION = Measure(
    name="time-to-final-decision",
    topic="durations",
    question="How many days until half the cases were over?",
    estimate="final_days",
    definitions=(
        Definition(
            name="courts",
            user="OpenDocket",
            population=_TIMED,
            numerator="days until half of them had ended, and not begun again",
            denominator="all of them, pending and reopened ones not yet",
            clock=f"{RECEIPT.meaning}, to the last ending before the courts",
            estimator=_until(RECEIPT.column, "final_outcome_date"),
        ),
        Definition(
            name="deportation-data-project",
            user="Deportation Data Project (G06)",
            population=_TIMED,
            numerator="the same, a later decision of the Board in place of the judge's",
            denominator="all of them, pending and reopened ones not yet",
            clock=f"{RECEIPT.meaning}, to the Board's decision or the last ending",
            estimator=DaysUntil(
                Clocked(RECEIPT.column, "board_or_final_date", grain=WITH_BOARD)
            ),
            figures=("G06",),
            caveats=(
                "The Board's decision is no judge's: outcomes dated by it mix the two.",
                "Appeals still before the Board count as over; see unappealed.",
            ),
        ),
        Definition(
            name="unappealed",
            user="OpenDocket",
            population=_TIMED,
            numerator="the same, and no appeal of the case before the Board",
            denominator="all of them, appealed and pending ones not yet",
            clock=f"{RECEIPT.meaning}, to the Board's decision or the last ending",
            estimator=DaysUntil(Clocked(RECEIPT.column, "unappealed_date", grain=WITH_BOARD)),
            caveats=("The time to appeal, 30 days, is not waited for.",),
        ),
    ),
    assumes=("A case that has ended will not begin again: early days read short.",),
    source="docs/explanation/definitions.md; published figures, G03 and G06",
    caveats=(
        "An ending may still be undone; then the case is pending again, from its receipt.",
        "Federal courts' decisions are not in the release's cases.",
    ),
)

STANDING_ON = Grain(
    "case", columns={"on_date": "$as_of"}, condition=f"not {IS_CLOSED}", reads=()
)
"""Cases pending on the day, with the day."""


def _age(start: str) -> Ratio:
    return Ratio(
        _days(start, "on_date"),
        pl.lit(1),
        ("is_pending", start, "on_date"),
        pl.col("is_pending") & (_days(start, "on_date") >= 0),
        grain=STANDING_ON,
    )


def _median_age(start: str) -> DaysUntil:
    return DaysUntil(
        Clocked(
            start, "on_date", columns=("is_pending",), among=pl.col("is_pending"),
            grain=STANDING_ON,
        )
    )  # fmt: skip


_PENDING = "cases pending on the as-of day"

AGE_OF_PENDING = Measure(
    name="age-of-pending",
    topic="durations",
    question="How many days have pending cases been pending?",
    estimate="age_days",
    definitions=(
        Definition(
            name="trac",
            user="TRAC, average days pending (C06)",
            population=f"{_PENDING}, with a date on the notice",
            numerator="the mean of their days",
            denominator="those cases",
            clock="from the date of the notice to the as-of day",
            estimator=_age("nta_date"),
            figures=("C06-2009", "C06-2025-02"),
        ),
        Definition(
            name="trac-median",
            user="TRAC, median days pending (C07)",
            population=f"{_PENDING}, with a date on the notice",
            numerator="the median of their days",
            denominator="those cases",
            clock="from the date of the notice to the as-of day",
            estimator=_median_age("nta_date"),
            figures=("C07-2009",),
        ),
        Definition(
            name="eoir",
            user="OpenDocket, on EOIR's clock",
            population=_PENDING,
            numerator="the mean of their days",
            denominator="those cases",
            clock="from receipt to the as-of day",
            estimator=_age("received_date"),
        ),
        Definition(
            name="gao",
            user="GAO, median days pending (C07b)",
            population=_PENDING,
            numerator="the median of their days",
            denominator="those cases",
            clock="from receipt to the as-of day",
            estimator=_median_age("received_date"),
            figures=("C07b-start FY2015 GAO median",),
        ),
    ),
    assumes=("A reopened case has been pending since its receipt.",),
    source="published figures, What is contested, 10",
    caveats=(
        "Length-biased: long cases are pending on more days than short ones, so this is not "
        "how long cases take. A docket that receives more grows younger, and no faster.",
    ),
)

MEASURES = (
    WITHIN_300_DAYS,
    TIME_TO_DECISION,
    TIME_TO_FIRST_HEARING,
    TIME_BETWEEN_HEARINGS,
    TIME_TO_FINAL_DECISION,
    AGE_OF_PENDING,
)

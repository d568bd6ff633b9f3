"""How are the courts' days used? Hearings per case, held, put off and by whom, per judge's day.

A row of the schedule is a day set. No column says that a hearing took place: it is read from
the day and the reason of adjournment (decision 0005).
"""

from dataclasses import replace

import numpy as np
import polars as pl

from opendocket.arrow import fetched
from opendocket.estimate.ratios import grouped_ratios
from opendocket.measure.estimators import Own, groups, stacked
from opendocket.measure.grains import HEARINGS, Asked, Grain
from opendocket.measure.named import Definition, Measure
from opendocket.measure.summed import Summed

PLACEHOLDER = "VJ[0-9A-Z]|SJ[0-9]|AAA|TST"
"""Codes that stand for no one person: visiting judges, the status docket, all judges, tests.

Source: the courts' own list of judges; ``out_view__judge``.
"""
WHOSE = (
    "respondent",
    "dhs",
    "judge",
    "interpreter",
    "court operations",
    "stage or decision",
    "competency",
    "other agency or joint",
)
"""Whose reason; ``columns/codes/adjournment.csv`` reads every code."""
RECORD_KEEPING = "record keeping"
"""A group of reasons that correct the record, and put nothing off."""


def _each_case_and(hearings: str) -> Grain:
    """Give a row for each case, and one for each of its hearings of some kind."""
    return Grain(
        "case",
        f"""join (
            select case_id, false as is_hearing from out_docket__case
            union all
            select case_id, true from out_docket__hearing
            where hearing_date <= $as_of and {hearings}
        ) as h on h.case_id = c.case_id""",
        {"is_hearing": "h.is_hearing"},
        reads=("out_docket__hearing",),
    )


HELD, SET = _each_case_and("is_held"), _each_case_and("is_possible")
HELD_OF_CLOSED = replace(HELD, condition="c.first_outcome_date <= $as_of")

_INFERRED = (
    "A hearing was held if its day has come and its reason of adjournment does not say that "
    "the court moved it (decision 0005).",
    "Families are independent of each other.",
)
_NOT_SAID = (
    "No column says that a hearing took place: a last hearing without a reason counts as held."
)


def _per_case(name: str, user: str, grain: Grain, population: str) -> Definition:
    return Definition(
        name=name,
        user=user,
        population=population,
        numerator=f"their hearings {'set, held or not' if grain is SET else 'held'}, so far",
        denominator="all of them, those without a hearing among them",
        clock="so far; years are those of receipt",
        estimator=Summed("is_hearing", "not is_hearing", ("is_hearing",), is_share=False,
                         grain=grain),
    )  # fmt: skip


HEARINGS_PER_CASE = Measure(
    name="hearings-per-case",
    topic="hearings",
    question="How many hearings does a case have?",
    estimate="hearings_per_case_ratio",
    definitions=(
        _per_case(
            "held-of-closed", "OpenDocket", HELD_OF_CLOSED, "cases that have ended in any way"
        ),
        _per_case("held", "a count so far", HELD, "all cases begun"),
        _per_case("booked", "code that counts rows of the schedule", SET, "all cases begun"),
    ),
    assumes=_INFERRED,
    source="decision 0005; out_view__case_hearings",
    caveats=(
        _NOT_SAID,
        "Pending cases have hearings ahead; closed ones of a young docket are the short ones.",
        "Hearings after a first ending, in a reopened case, count as well.",
        "Bond hearings are not hearings of the case.",
    ),
)  # fmt: skip


def _numbered(names: tuple[str, ...]) -> str:
    """Write whose reason it is as a number, which is quicker to count than a name."""
    return " ".join(f"when '{name}' then {at}" for at, name in enumerate(names))


REASONS = Grain(
    HEARINGS.name,
    HEARINGS.source,
    {
        "hearing_date": "h.hearing_date",
        "is_held": "h.is_held",
        "whose_number": f"""(case
            when h.adjourned_code in ('8A', '8B') then {len(WHOSE)}
            else case h.adjourned_by_name {_numbered(WHOSE)} else {len(WHOSE)} end
        end)::tinyint""",
    },
    f"{HEARINGS.condition} and h.adjourned_by_name is distinct from '{RECORD_KEEPING}'",
    HEARINGS.court,
    HEARINGS.reads,
)
"""Hearings set for a day that has come, by whose reason each was put off, or nobody's."""


def _put_off(parts: dict[str, str]) -> Summed:
    return Summed(
        parts, "true", ("whose_number", "is_held"), grain=REASONS, day="hearing_date",
        is_whole=True,
    )  # fmt: skip


_BY_WHOM = {who: f"whose_number = {at}" for at, who in enumerate((*WHOSE, "not put off"))}
_NOT_OPENED = {
    **{who: f"whose_number = {at} and not is_held" for at, who in enumerate(WHOSE)},
    "completed before": f"whose_number = {len(WHOSE)} and not is_held",
    "held": "is_held",
}
_SET_DAYS = "hearings set for a day that has come, corrections of the record left out"

ADJOURNMENTS = Measure(
    name="adjournments",
    topic="hearings",
    question="What share of hearings was put off, and for whose reason?",
    estimate="adjourned_share",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket; the grouping of GAO-17-438, finer",
            population=_SET_DAYS,
            numerator="those with a reason of adjournment, by whose reason it is; completed at "
            "or before the hearing (8A, 8B) is none",
            denominator="all of them",
            clock="years are those of the day set, courts those of the hearing",
            estimator=_put_off(_BY_WHOM),
            caveats=(
                "Many of these were opened by a judge and put off in the hearing, for time to "
                "find counsel or to prepare: a step of the case more than a day lost.",
            ),
        ),
        Definition(
            name="not-held",
            user="OpenDocket, decision 0005",
            population=_SET_DAYS,
            numerator="those put off for a reason that keeps a judge from opening them, by "
            "whose it is; those of cases completed before; those held",
            denominator="all of them",
            clock="years are those of the day set, courts those of the hearing",
            estimator=_put_off(_NOT_OPENED),
        ),
    ),
    assumes=_INFERRED,
    source="columns/codes/adjournment.csv; GAO-17-438; published figure C13",
    caveats=(
        "The clerk's reason is one word for what may have several causes.",
        "A hearing moved before its day may keep its row, or lose it.",
        "A hearing whose reason is in no list, or has none, counts as not put off.",
    ),
    part="whose",
)

JUDGE_DAYS = f"""
select
    {{by}}judge_code,
    count(*)                                                    as set_day_count,
    count(*) filter (held > 0)                                  as all_day_count,
    count(*) filter (masters > 0)                               as master_day_count,
    count(*) filter (individuals > 0)                           as individual_day_count,
    (sum(booked) filter (held > 0))::bigint                     as set_count,
    sum(held)::bigint                                           as all_count,
    sum(masters)::bigint                                        as master_count,
    sum(individuals)::bigint                                    as individual_count
from (
    select
        {{by}}judge_code,
        hearing_date,
        count(*)                                                as booked,
        count(*) filter (is_held)                               as held,
        count(*) filter (is_held and is_master)                 as masters,
        count(*) filter (is_held and is_individual)             as individuals
    from ({{inner}})
    where judge_code is not null and not regexp_full_match(judge_code, '{PLACEHOLDER}')
    group by all
)
group by all
"""
_DAY_COLUMNS = ("judge_code", "hearing_date", "is_held", "is_master", "is_individual")
JUDGES_AT_LEAST = 3
"""A number of one judge would be the judge's own, and of two each could tell the other's."""
KINDS = ("all", "master", "individual")


def judge_days(asked: Asked) -> pl.DataFrame:
    """Give each judge's days and hearings, by group. Not to be shown."""
    inner = asked.query(_DAY_COLUMNS, grain=HEARINGS, day="hearing_date")
    by = "".join(f"{name}, " for name in asked.by)
    query = JUDGE_DAYS.format(inner=inner, by=by)
    return fetched(asked.con, query, {"as_of": asked.as_of}).with_columns(
        pl.col("judge_code").rank("dense").cast(pl.Int64).alias("judge_number")
    )


def _divided(
    days: pl.DataFrame, by_names: tuple[str, ...], above: str, below: str, *, is_share: bool
) -> pl.DataFrame:
    """Divide sums over judges' days, all of one judge's one cluster."""
    days = days.filter(pl.col(below) > 0)
    by = groups(days, by_names)
    found = grouped_ratios(
        days[above].to_numpy(), days[below].to_numpy(), days["judge_number"].to_numpy(),
        by.of, groups=len(by), is_share=is_share,
    )  # fmt: skip
    enough = np.where(found.families < JUDGES_AT_LEAST, 1, found.denominator.astype(np.int64))
    rows = pl.DataFrame(
        {
            "count": found.numerator.astype(np.int64),
            "n": found.denominator.astype(np.int64),
            "value": found.ratio,
            "lower": found.lower,
            "upper": found.upper,
            "judge_count": found.families,
            "people": enough,
        }
    ).with_columns(pl.col("value", "lower", "upper").fill_nan(None))
    return by.keys.hstack(rows) if by.keys.width else rows


def _per_day(asked: Asked) -> pl.DataFrame:
    days = judge_days(asked)
    found = [
        _divided(
            days, asked.by, f"{kind}_count", f"{kind}_day_count", is_share=False
        ).with_columns(part=pl.lit(kind))
        for kind in KINDS
    ]
    return stacked(found)


def _held_of_booked(asked: Asked) -> pl.DataFrame:
    return _divided(judge_days(asked), asked.by, "all_count", "set_count", is_share=True)


def _days_used(asked: Asked) -> pl.DataFrame:
    return _divided(
        judge_days(asked), asked.by, "all_day_count", "set_day_count", is_share=True
    )


_JUDGE_DAY = Grain(
    "judge_day", HEARINGS.source, HEARINGS.columns, HEARINGS.condition, HEARINGS.court,
    HEARINGS.reads,
)  # fmt: skip
_OF_THE_CUT = (
    "Only hearings of the cases chosen are seen: with a filter, a judge's other hearings of "
    "the day are missing, and in groups by anything but court and time a day counts in each.",
    _NOT_SAID,
    "Codes of visiting judges, of the status docket and of all judges are no persons, and left "
    "out; a code of one person is taken for one judge.",
)
_FEW_JUDGES = "Groups of one judge or two are held back, as small groups of people are."
_JUDGES = (
    "A judge's days are alike, and judges independent of each other.",
    _INFERRED[0],
)

HEARINGS_PER_JUDGE_DAY = Measure(
    name="judge-days",
    topic="hearings",
    question="How many hearings does a judge hold on a day in court?",
    estimate="hearings_per_judge_day_ratio",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="days on which a judge held a hearing, of all kinds or of one",
            numerator="hearings held on them, of all kinds or of that one",
            denominator="judges' days; of a kind, those with a hearing of it",
            clock="years are those of the day, courts those of the hearing",
            estimator=Own(_per_day, _DAY_COLUMNS, _JUDGE_DAY, "hearing_date"),
            figures=("C17",),
        ),
    ),
    assumes=_JUDGES,
    source="decision 0005; out_view__judge",
    caveats=(
        *_OF_THE_CUT,
        _FEW_JUDGES,
        "A judge's other work, on bonds, motions and decisions in writing, is not seen.",
    ),
    part="calendar",
)

CAPACITY_USED = Measure(
    name="capacity-used",
    topic="hearings",
    question="What share of the hearings set for a judge's day was held?",
    estimate="used_share",
    definitions=(
        Definition(
            name="hearings",
            user="OpenDocket",
            population="hearings set for days on which their judge held one or more",
            numerator="those held",
            denominator="all of them",
            clock="years are those of the day, courts those of the hearing",
            estimator=Own(_held_of_booked, _DAY_COLUMNS, HEARINGS, "hearing_date"),
        ),
        Definition(
            name="days",
            user="OpenDocket",
            population="days for which a judge had a hearing set",
            numerator="those on which the judge held one or more",
            denominator="all of them",
            clock="years are those of the day, courts those of the hearing",
            estimator=Own(_days_used, _DAY_COLUMNS, _JUDGE_DAY, "hearing_date"),
            caveats=("Days without any hearing set are not seen.",),
        ),
    ),
    assumes=_JUDGES,
    source="decision 0005; out_view__judge",
    caveats=(
        *_OF_THE_CUT,
        _FEW_JUDGES,
        "The schedule does not say how long a hearing was set for.",
    ),
)

MEASURES = (HEARINGS_PER_CASE, ADJOURNMENTS, HEARINGS_PER_JUDGE_DAY, CAPACITY_USED)

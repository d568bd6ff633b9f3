"""What becomes of a decision: appealed to the Board, and sent back by it or not."""

import polars as pl

from opendocket.measure.estimators import Clocked, DaysUntil, OverTime, Own, Share
from opendocket.measure.grains import Asked, Grain
from opendocket.measure.named import Definition, Measure
from opendocket.measure.tallied import tallied

FIRST_DATE = "date '1910-01-01'"
"""Days before are slips, as the docket's steps have it."""
FILED = f"a.datAppealFiled::date between {FIRST_DATE} and $as_of"
OF_THE_CASE = "a.strAppealType = 'Case Appeal'"
"""Bonds, motions, officers' decisions and the Board's own share the table."""

APPEALED_CASES = Grain(
    "case",
    f"""left join (
        select
            case_id,
            min(filed_date)                                     as appealed_date,
            arg_min(party, filed_date)                          as appealed_by_name
        from (
            select
                a.idncase                                       as case_id,
                a.datAppealFiled::date                          as filed_date,
                case
                    when bool_or(upper(a.strFiledBy) = 'B') then 'both'
                    when bool_or(upper(a.strFiledBy) = 'A')
                        and bool_or(upper(a.strFiledBy) = 'I') then 'both'
                    when bool_or(upper(a.strFiledBy) = 'A') then 'respondent'
                    when bool_or(upper(a.strFiledBy) = 'I') then 'DHS'
                    else 'others'
                end                                             as party
            from core_eoir__appeal as a
            join out_docket__case as o on o.case_id = a.idncase
            left join (
                select d.case_id, min(d.completed_date) as next_date
                from out_docket__decision as d
                join out_docket__case as f on f.case_id = d.case_id
                where d.ending_count > 1
                    and d.is_decision
                    and d.completed_date > f.first_decision_date
                group by d.case_id
            ) as later_one on later_one.case_id = a.idncase
            where {OF_THE_CASE}
                and {FILED}
                and a.datAppealFiled::date >= o.first_decision_date
                and coalesce(a.datAppealFiled::date < later_one.next_date, true)
            group by a.idncase, a.datAppealFiled::date
        )
        group by case_id
    ) as appeal on appeal.case_id = c.case_id""",
    {
        "appealed_date": "appeal.appealed_date",
        "appealed_by_name": "appeal.appealed_by_name",
    },
    reads=("core_eoir__appeal", "out_docket__decision"),
)
"""Cases, with the first appeal of the first decision: filed on its day or later, before the
day of the next decision."""
ANY_ROW = Grain(
    "case",
    f"""left join (
        select distinct a.idncase as case_id
        from core_eoir__appeal as a
        where {FILED}
    ) as any_row on any_row.case_id = c.case_id""",
    {"has_any_appeal": "any_row.case_id is not null"},
    reads=("core_eoir__appeal",),
)
"""Cases, and whether the table of appeals names them at all."""

APPEALS = Grain(
    "appeal",
    """join core_eoir__appeal as a on a.idncase = c.case_id
    left join (
        select proceeding_id, min(court_code) as court_code
        from out_docket__proceeding
        where proceeding_id in (select idnProceeding from core_eoir__appeal)
        group by proceeding_id
    ) as appealed on appealed.proceeding_id = a.idnProceeding""",
    {
        "filed_date": "a.datAppealFiled::date",
        "board_date": """case
            when a.datBIADecision::date between a.datAppealFiled::date and $as_of
            then a.datBIADecision::date
        end""",
        "board_decision_code": """case
            when a.datBIADecision::date between a.datAppealFiled::date and $as_of
            then a.strBIADecision
        end""",
    },
    condition=f"{OF_THE_CASE} and {FILED}",
    court="coalesce(appealed.court_code, c.court_code)",
    reads=("core_eoir__appeal", "out_docket__proceeding"),
)
"""Appeals of cases' decisions that were filed by the day, at the court appealed from."""

SENT_BACK = ("REM", "BCR", "ACR", "ADR")
"""Remand, for background checks, the record to be mended, an administrative return."""
UNDECIDED = (
    "WDL", "WPD", "REJ", "NJU", "DMO", "ACR", "ADR", "ADM", "APD", "CTM", "ABC", "CON", "TPS",
    "DED", "NAN", "SNC",
)  # fmt: skip
"""What ends an appeal, or puts it off, without a decision on what the judge decided:
withdrawals, rejections, want of jurisdiction, moot ones, returns of the record, closures."""


def _listed(codes: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"


def _remanded(codes: tuple[str, ...], *, but: tuple[str, ...] = ()) -> Own:
    """Give the share of the Board's decisions with one of some codes."""
    return tallied(
        f"board_decision_code in {_listed(codes)}",
        ("board_decision_code",),
        among="{board_decision_code} " + (f"not in {_listed(but)}" if but else "is not null"),
        grain=APPEALS,
        day="board_date",
    )


_FAMILIES = "Families are independent of each other."
_CASE_APPEALS = (
    "Only appeals of type Case Appeal count: those of bonds, motions and officers share their "
    "table."
)
_PARTIES = {
    f"by {party}": pl.col("appealed_by_name") == name
    for party, name in {
        "the respondent": "respondent",
        "DHS": "DHS",
        "both": "both",
        "others": "others",
    }.items()
}
IN_TIME = (30, 60, 90, 365)
"""Days read: an appeal is due in 30 (8 CFR 1003.38(b))."""


def _appealed(among: pl.Expr) -> OverTime:
    return OverTime(
        Clocked(
            "first_decision_date",
            "appealed_date",
            _PARTIES,
            ("appealed_by_name", "first_decision"),
            among=pl.col("first_decision_date").is_not_null() & among,
            grain=APPEALED_CASES,
            day="first_decision_date",
        ),
        IN_TIME,
    )


APPEALED = Measure(
    name="appealed",
    topic="appeals",
    question="What share of judges' first decisions was appealed to the Board, and by whom?",
    estimate="appealed_share",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="cases that a judge has decided, whatever the decision",
            numerator="those with an appeal of the first decision filed by so many days, by "
            "who filed first; both is one appeal of both, or two of one day",
            denominator="all of them; decisions of yesterday have had no time, and are not yet",
            clock="from the first decision; years are those of the decision",
            estimator=_appealed(pl.lit(value=True)),
            caveats=(
                "Orders in absentia are among them, which the law sends to a motion to reopen "
                "and not to the Board.",
            ),
        ),
        Definition(
            name="heard",
            user="who asks how decisions after a hearing fare",
            population="cases whose first decision was not an order in absentia",
            numerator="those with an appeal of the first decision filed by so many days",
            denominator="all of them; decisions of yesterday have had no time, and are not yet",
            clock="from the first decision; years are those of the decision",
            estimator=_appealed(pl.col("first_decision") != "in absentia"),
        ),
        Definition(
            name="any-row",
            user="Deportation Data Project (G05)",
            population="all cases begun, pending ones among them",
            numerator="those with any row in the table of appeals, of whatever kind",
            denominator="all cases, decided or not",
            clock="so far; years are those of receipt",
            estimator=Share(pl.col("has_any_appeal"), ("has_any_appeal",), grain=ANY_ROW),
            figures=("G05",),
            caveats=(
                "Appeals of bonds, of motions and of officers of DHS are counted as well, and "
                "cases that nobody could appeal yet stand below.",
            ),
        ),
    ),
    part="appealed",
    assumes=(
        "An appeal is of the first decision if it is filed on that day or later, and before "
        "the day of the case's next decision.",
        _FAMILIES,
    ),
    source="8 CFR 1003.38(b); docs/explanation/definitions.md; published figure G05",
    caveats=(
        _CASE_APPEALS,
        "An appeal dated before the decision is not counted.",
        "Who waives appeal, and who was removed before it was due, stand among those not yet.",
    ),
)

REMANDED = Measure(
    name="remanded",
    topic="appeals",
    question="What share of the Board's decisions on appeals sent the case back to a judge?",
    estimate="remanded_share",
    definitions=(
        Definition(
            name="remand",
            user="public code that confirms a reopening by the letters REM",
            population="appeals of cases' decisions that the Board has decided",
            numerator="those decided REM, remand",
            denominator="decisions of the Board with a code, withdrawals and rejections among "
            "them",
            clock="years are those of the Board's decision, courts those appealed from",
            estimator=_remanded(("REM",)),
        ),
        Definition(
            name="sent-back",
            user="OpenDocket",
            population="appeals of cases' decisions that the Board has decided",
            numerator="those decided REM, BCR (background checks), ACR (the record to be "
            "mended) or ADR (administrative return)",
            denominator="decisions of the Board with a code, withdrawals and rejections among "
            "them",
            clock="years are those of the Board's decision, courts those appealed from",
            estimator=_remanded(SENT_BACK),
            caveats=("ACR and ADR send back a file and say nothing of the decision.",),
        ),
        Definition(
            name="contested",
            user="OpenDocket",
            population="appeals of cases' decisions on which the Board decided",
            numerator="those decided REM or BCR",
            denominator="decisions of the Board but for withdrawals (WDL, WPD), rejections "
            "(REJ), want of jurisdiction (NJU), moot ones (DMO), returns (ACR, ADR) and "
            "closures (ADM, APD, CTM, ABC, CON, TPS, DED, NAN, SNC)",
            clock="years are those of the Board's decision, courts those appealed from",
            estimator=_remanded(("REM", "BCR"), but=UNDECIDED),
        ),
    ),
    assumes=(
        "The Board's decision is the one of the release: a row holds one.",
        _FAMILIES,
    ),
    source="the release's list of the Board's decisions, tblLookupBIADecision",
    caveats=(
        _CASE_APPEALS,
        "A remand is not relief, and an appeal sustained (SUS) or ended (TER) is no remand.",
        "Appeals by DHS are among them: a remand may be against the respondent.",
        "A decision without a code, or dated before the appeal was filed, is left out.",
    ),
)

BOARD = DaysUntil(Clocked("filed_date", "board_date", grain=APPEALS, day="filed_date"))
DECIDED = DaysUntil(
    Clocked(
        "filed_date",
        "board_date",
        among=pl.col("board_date").is_not_null(),
        grain=APPEALS,
        day="board_date",
    )
)


def _people(estimator: DaysUntil) -> Own:
    """Hold back what few families are behind, as appeals are not people."""

    def rows(asked: Asked) -> pl.DataFrame:
        return estimator.rows(asked).with_columns(people=pl.col("families"))

    return Own(rows, estimator.columns, grain=estimator.grain, day=estimator.day)


TIME_TO_BOARD_DECISION = Measure(
    name="time-to-board-decision",
    topic="appeals",
    question="How many days until the Board has decided half the appeals?",
    estimate="decided_days",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="appeals of cases' decisions that were filed",
            numerator="days until half were decided",
            denominator="all of them, pending ones not yet",
            clock="from filing; years are those of the filing, courts those appealed from",
            estimator=_people(BOARD),
        ),
        Definition(
            name="decided-only",
            user="who takes the median of the appeals decided",
            population="appeals of cases' decisions that the Board has decided",
            numerator="days until half of them were decided",
            denominator="decided appeals alone",
            clock="from filing; years are those of the Board's decision",
            estimator=_people(DECIDED),
            caveats=("Leaves out every pending appeal: too short while the oldest wait.",),
        ),
    ),
    assumes=(
        "An appeal without a day of decision by the as-of day is pending.",
        _FAMILIES,
    ),
    source="docs/explanation/definitions.md; as time-to-decision, of another clock",
    caveats=(
        _CASE_APPEALS,
        "Withdrawals and rejections end an appeal as decisions do, and are quick.",
    ),
)

MEASURES = (APPEALED, REMANDED, TIME_TO_BOARD_DECISION)

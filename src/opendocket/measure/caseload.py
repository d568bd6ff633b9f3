"""What came in, what went out, and what is left: flows and stocks, and how they close."""

from dataclasses import replace

import polars as pl

from opendocket.measure.estimators import EVERYBODY, Count, Own
from opendocket.measure.flows import flows, flows_of_eoir
from opendocket.measure.grains import DECISIONS, Grain
from opendocket.measure.late import by_notice, by_notice_in_the_end, entered_shares
from opendocket.measure.named import Definition, Measure
from opendocket.measure.population import IS_CLOSED

CLOSURE = pl.col("is_closure")
NO_NTA = pl.col("is_without_notice")

ENDINGS = replace(
    DECISIONS,
    columns={
        **DECISIONS.columns,
        "is_closure": "d.outcome = 'administrative closure'",
        "is_without_notice": "d.outcome = 'no nta'",
    },
)
"""Endings of cases, closures and dismissals told apart."""

WHERE_NOW = """
left join (
    select case_id, arg_max(court_code, order_count) as court_code
    from out_docket__proceeding
    where order_count > 1 and started_date <= $as_of
    group by case_id
) as moved on moved.case_id = c.case_id
"""
STANDING = Grain(
    "case",
    WHERE_NOW,
    condition=f"not {IS_CLOSED}",
    court="coalesce(moved.court_code, c.court_code)",
    reads=("out_docket__proceeding",),
)
"""Pending cases at the court they are at: that of the last proceeding begun by the day."""
INACTIVE = replace(
    STANDING,
    columns={
        "is_inactive": f"""coalesce({IS_CLOSED} and 'administrative closure'
            = coalesce(later.outcome, c.first_outcome), false)"""
    },
    condition="true",
)
"""All cases there, and whether they are closed administratively."""

UNDONE = Grain(
    "decision",
    f"""{DECISIONS.source}
left join (
    select distinct e.decision_id
    from out_docket__decision as e
    join (
        select IDNCASE as case_id, COMP_DATE as on_date
        from core_eoir__motion
        where REC_TYPE in ('O', 'MA', 'MC') and DEC = 'G' and COMP_DATE <= $as_of
        union all
        select idncase, datBIADecision::date
        from core_eoir__appeal
        where strAppealType = 'Case Appeal' and strBIADecision = 'REM'
            and datBIADecision::date <= $as_of
    ) as cause on cause.case_id = e.case_id
        and cause.on_date between e.completed_date and e.until_date
    where e.until_date <= $as_of
) as confirmed on confirmed.decision_id = d.decision_id""",
    {**ENDINGS.columns, "is_confirmed": "confirmed.decision_id is not null"},
    condition="d.completed_date <= $as_of and d.until_date <= $as_of",
    court=DECISIONS.court,
    reads=(*DECISIONS.reads, "core_eoir__motion", "core_eoir__appeal"),
)
"""Endings of cases that a later proceeding undid by the day."""

RECEIVED = Measure(
    name="received",
    topic="caseload",
    question="How many cases came in?",
    estimate="received_count",
    definitions=(
        Definition(
            name="eoir",
            user="EOIR, initial receipts (B02)",
            population="cases with a proceeding, of the docket chosen; by default EOIR's five "
            "kinds (removal, deportation, exclusion, asylum-only, withholding-only)",
            numerator="cases",
            denominator="",
            clock="the day the first proceeding was entered",
            estimator=Count(),
            figures=("B02-2008", "B02-2019", "B14"),
            caveats=(
                "The day of receipt itself is not released; that of entry stands for it.",
            ),
        ),
        Definition(
            name="trac",
            user="TRAC (A08, A12)",
            population="cases with a date on the notice to appear, of the docket chosen; TRAC "
            "takes every kind (docket=everything)",
            numerator="cases entered by the as-of day",
            denominator="",
            clock="the date of the notice to appear",
            estimator=Own(by_notice, ("nta_date", "received_date"), day="nta_date"),
            caveats=(
                "Notices are entered late, some never: is_incomplete marks the periods of "
                "which under 95 in 100 cases have been entered.",
            ),
        ),
        Definition(
            name="trac-corrected",
            user="OpenDocket, of TRAC's series",
            population="as trac",
            numerator="cases entered, and those of the same notices estimated to come",
            denominator="",
            clock="the date of the notice to appear",
            estimator=Own(by_notice_in_the_end, ("nta_date", "received_date"), day="nta_date"),
            caveats=(
                "Takes the newest notices to be entered as fast as older ones were; those "
                "entered after three years are not in it.",
            ),
        ),
    ),
    assumes=("Families come independently of each other.",),
    source="EOIR Adjudication Statistics (B01-B04); reporting delay: "
    "opendocket.estimate.delay; published figures, What is contested, 7 and 8",
    caveats=(
        "A case is one person: a family of four is four cases.",
        "Releases differ for years: a number holds for its release (B13, B14).",
    ),
)

_ENDING = "endings of cases; moves to another court end none"


def _completions(among: pl.Expr, *columns: str) -> Count:
    return Count(columns, among, grain=ENDINGS, day="completed_date")


COMPLETED = Measure(
    name="completed",
    topic="caseload",
    question="How many cases were completed?",
    estimate="completed_count",
    definitions=(
        Definition(
            name="initial",
            user="EOIR, initial case completions; CRS, GAO",
            population="cases of the docket chosen",
            numerator="first decisions by a judge (DEC_CODE); OTHER_COMP never counts",
            denominator="",
            clock="the day of the decision",
            estimator=_completions(pl.col("is_first_decision"), "is_first_decision"),
            figures=("B19-2010", "D01"),
            caveats=("Each case counts once, however often it is decided.",),
        ),
        Definition(
            name="subsequent",
            user="EOIR, subsequent case completions",
            population="cases decided before",
            numerator="decisions by a judge after the first",
            denominator="",
            clock="the day of the decision",
            estimator=_completions(
                pl.col("is_decision") & ~pl.col("is_first_decision"),
                "is_decision",
                "is_first_decision",
            ),
            caveats=("A case counts each time it is decided again.",),
        ),
        Definition(
            name="decisions",
            user="EOIR, initial and subsequent completions together",
            population="cases of the docket chosen",
            numerator="decisions by a judge",
            denominator="",
            clock="the day of the decision",
            estimator=_completions(pl.col("is_decision"), "is_decision"),
        ),
        Definition(
            name="eoir",
            user="EOIR, total completions (B03)",
            population="cases of the docket chosen",
            numerator=f"{_ENDING}; administrative closures left out",
            denominator="",
            clock="the day of the ending",
            estimator=_completions(~CLOSURE, "is_closure"),
            figures=("B03-2008", "B03-2019"),
            caveats=("Holds dismissals because no notice was filed, as EOIR does (A40).",),
        ),
        Definition(
            name="trac",
            user="TRAC (B07, B09)",
            population="cases of the docket chosen; TRAC takes every kind, fear reviews among "
            "them (docket=everything)",
            numerator=f"{_ENDING}; administrative closures left out",
            denominator="",
            clock="the day of the ending",
            estimator=_completions(~CLOSURE, "is_closure"),
            figures=("B07-2019", "B09-2019"),
            caveats=("On one docket it is eoir's: the two differ by the kinds of case.",),
        ),
        Definition(
            name="without-no-nta",
            user="TRAC, where it takes them out (B08)",
            population="cases of the docket chosen",
            numerator="the same without dismissals because no notice to appear was filed",
            denominator="",
            clock="the day of the ending",
            estimator=_completions(~CLOSURE & ~NO_NTA, "is_closure", "is_without_notice"),
            figures=("B08-2019",),
        ),
        Definition(
            name="with-closures",
            user="EOIR's tables before 2018",
            population="cases of the docket chosen",
            numerator=f"{_ENDING}; administrative closures among them",
            denominator="",
            clock="the day of the ending",
            estimator=_completions(EVERYBODY),
            caveats=("A case closed administratively is not over: it may be recalendared.",),
        ),
    ),
    assumes=("Families are decided independently of each other.",),
    source="docs/explanation/definitions.md; published figures, What is contested, 3 and 8",
    caveats=(
        "Cases are counted, not proceedings: changes of venue and transfers complete none.",
        "Dismissals because no notice was filed are no decisions; a notice filed anew makes a "
        "new case of the same person.",
    ),
)


def _undone(among: pl.Expr, *columns: str) -> Count:
    return Count(("until_date", *columns), among, grain=UNDONE, day="until_date")


REOPENED = Measure(
    name="reopened",
    topic="caseload",
    question="How many cases began again after they had ended?",
    estimate="reopened_count",
    definitions=(
        Definition(
            name="after-decision",
            user="OpenDocket; EOIR's reopened and remanded cases",
            population="cases decided by a judge",
            numerator="proceedings that follow a judge's decision",
            denominator="",
            clock="the day the proceeding began, or the decision's if that is later",
            estimator=_undone(pl.col("is_decision"), "is_decision"),
        ),
        Definition(
            name="confirmed",
            user="OpenDocket",
            population="cases decided by a judge",
            numerator="the same, where a motion to reopen was granted (O, MA, MC; G) or the "
            "Board remanded, between the decision and the new proceeding",
            denominator="",
            clock="the day the proceeding began",
            estimator=_undone(
                pl.col("is_decision") & pl.col("is_confirmed"), "is_decision", "is_confirmed"
            ),
            caveats=(
                "Too low: reopenings on the court's own motion have no motion on record.",
            ),
        ),
        Definition(
            name="recalendared",
            user="TRAC, recalendared cases",
            population="cases closed administratively",
            numerator="proceedings that follow an administrative closure",
            denominator="",
            clock="the day the proceeding began",
            estimator=_undone(CLOSURE, "is_closure"),
        ),
        Definition(
            name="any-ending",
            user="OpenDocket's stock-flow",
            population="cases that have ended in any way",
            numerator="proceedings that follow an ending",
            denominator="",
            clock="the day the proceeding began",
            estimator=_undone(EVERYBODY),
        ),
    ),
    assumes=("A later proceeding undoes an ending, whatever brought it about.",),
    source="docs/explanation/definitions.md; out_docket__decision",
    caveats=("The record names the reason of few new proceedings.",),
)

IS_PENDING = pl.col("is_pending")
PENDING = Measure(
    name="pending",
    topic="caseload",
    question="How many cases are pending?",
    estimate="pending_count",
    definitions=(
        Definition(
            name="eoir",
            user="EOIR, pending at the end of a year (B01)",
            population="cases of the docket chosen; by default EOIR's five kinds",
            numerator="cases whose last proceeding, by the day it began, has not ended, or "
            "ended by a move; closed administratively is ended",
            denominator="",
            clock="the as-of day; years are those of receipt",
            estimator=Count(("is_pending",), IS_PENDING, grain=STANDING),
            figures=("B01-2008", "B01-2019", "B13"),
        ),
        Definition(
            name="trac",
            user="TRAC, active backlog (B05, B06)",
            population="the same of the docket chosen; TRAC takes every kind "
            "(docket=everything)",
            numerator="cases pending",
            denominator="",
            clock="the as-of day; years are those of the notice to appear",
            estimator=Count(("is_pending",), IS_PENDING, grain=STANDING, day="nta_date"),
            figures=("B05-2008", "B06-2021-12", "B12b"),
            caveats=("On one docket the total is eoir's; the years differ, and the kinds.",),
        ),
        Definition(
            name="with-inactive",
            user="TRAC, where it adds cases not recalendared (B06)",
            population="the same",
            numerator="cases pending, and those closed administratively and not opened since",
            denominator="",
            clock="the as-of day; years are those of receipt",
            estimator=Count(
                ("is_pending", "is_inactive"),
                IS_PENDING | pl.col("is_inactive"),
                grain=INACTIVE,
            ),
            figures=("B06-2019-09 incl. not re-calendared",),
        ),
        Definition(
            name="by-first-court",
            user="OpenDocket's stock-flow",
            population="cases of the docket chosen",
            numerator="as eoir",
            denominator="",
            clock="the as-of day; courts are those a case first came to",
            estimator=Count(("is_pending",), IS_PENDING),
        ),
    ),
    assumes=("A proceeding without an end, and followed by none, is open.",),
    source="docs/explanation/definitions.md; published figures, What is contested, 8",
    caveats=(
        "Courts are those where cases are on the day, not where they began, but for "
        "by-first-court.",
        "Cases that a court forgot to close count as pending.",
    ),
)

STOCK_FLOW = Measure(
    name="stock-flow",
    topic="caseload",
    question="Does what came in less what went out give the change in what is pending?",
    estimate="flow_count",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="cases of the docket chosen, at the court they first came to",
            numerator="pending before, received, decided, closed otherwise, begun again, "
            "pending after; residual: after less before, less received, plus decided, plus "
            "closed otherwise, less begun again, which is 0",
            denominator="",
            clock="by year or month; without either, the whole record in one",
            estimator=Own(flows, ("received_date", "is_pending"), is_whole=True),
            caveats=("Counts without an interval: an identity holds, or does not.",),
        ),
        Definition(
            name="eoir",
            user="EOIR's published series (B01-B04)",
            population="the same",
            numerator="pending before, received, completed (every ending but administrative "
            "closures), pending after; residual: after less before, less received, plus "
            "completed: reopenings, remands and recalendared cases less closures",
            denominator="",
            clock="by year or month; without either, the whole record in one",
            estimator=Own(flows_of_eoir, ("received_date", "is_pending"), is_whole=True),
            figures=("B04-2009", "B04-2016", "B04-2020"),
            caveats=("Counts without an interval. The residual is what the series leave out.",),
        ),
    ),
    part="flow",
    assumes=("A case is pending from the day of receipt, however early it ended.",),
    source="published figures, What is contested, 9",
    caveats=(
        "Courts are those a case first came to, so that moves need no flow of their own.",
        "The last period ends on the as-of day, and may be shorter.",
        "Where a small flow is held back, the stocks around it may still tell it: publish a "
        "table of small courts by hand.",
    ),
)

LATE_DOCKETING = Measure(
    name="late-docketing",
    topic="caseload",
    question="What share of the cases of a notice's month have been entered by now?",
    estimate="entered_share",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="cases with a date on the notice to appear, of the docket chosen",
            numerator="cases entered by the as-of day",
            denominator="those entered in the end, estimated from the delays of all notices",
            clock="from the date of the notice to the entry of the first proceeding; months "
            "and years are those of the notice",
            estimator=Own(entered_shares, ("nta_date", "received_date"), day="nta_date"),
            figures=("F07",),
            caveats=("One curve of delays for the whole docket chosen, not one a group.",),
        ),
    ),
    assumes=(
        "The newest notices are entered as fast as older ones were.",
        "Notices spread evenly over the days of a month.",
    ),
    source="opendocket.estimate.delay; published figure F07 and What is contested, 7",
    caveats=(
        "is_incomplete marks what is under 95 in 100: compare no such month with another.",
        "Notices never filed are in no release; those entered after three years are left out.",
        "expected_count is the count in the end, with its interval.",
    ),
)

MEASURES = (RECEIVED, COMPLETED, REOPENED, PENDING, STOCK_FLOW, LATE_DOCKETING)

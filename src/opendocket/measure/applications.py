"""Who asked for asylum, was it decided, and was it granted? By application, never by relief.

A case may be granted relief of another kind, and an application that was denied may end in no
order. One form is entered as three kinds of application and again in each proceeding: only
asylum is counted here, once for a case's proceeding.
"""

import polars as pl

from opendocket.measure.counsel import WITH, WITHOUT, counsel_by
from opendocket.measure.estimators import Clocked, Count, OverTime, Own, Share, stacked
from opendocket.measure.grains import Asked, Grain
from opendocket.measure.named import Definition, Measure
from opendocket.measure.population import COLUMNS

STRENGTH = "FGDCILPSARO-TWM"
"""Of two applications received on one day the letter that comes first here counts.

Source: a public builder's order; where an undecided one (-) stands in it is ours.
"""
LETTERS = {
    "granted": "FGCIPL",
    "denied": "D",
    "withdrawn": "W",
    "abandoned": "A",
    "closed": "S",
    "other": "O",
    "not adjudicated": "M",
}
"""What letters of decision say; T moves an application, R reserves it, and decide nothing."""
MERITS = ("granted", "denied")


DAY_ZERO = "date '0001-01-01'"


def _chosen(keys: str) -> str:
    """Choose one asylum application of each group: received last, then strongest, then last."""
    filed = (
        f"case when APPL_RECD_DATE >= date '1910-01-01' then APPL_RECD_DATE - {DAY_ZERO} end"
    )
    rank = f"coalesce(nullif(position(coalesce(APPL_DEC, '-') in '{STRENGTH}'), 0), 99)"
    order = f"(coalesce({filed}, 0) * 100 + 99 - {rank})::hugeint << 44 | IDNPROCEEDINGAPPLN"
    return f"""
            select
                {keys},
                arg_max(coalesce(APPL_DEC, '-'), {order})       as letter,
                arg_max(IDNPROCEEDING, {order})                 as chosen_id
            from core_eoir__application
            where APPL_CODE = 'ASYL'
                and IDNCASE is not null
                and coalesce(APPL_RECD_DATE <= $as_of, true)
            group by {keys}"""


def _decided(keys: str) -> str:
    """Join each chosen application with the completion of its own proceeding."""
    names = " ".join(
        f"when position(a.letter in '{letters}') > 0 then '{name}'"
        for name, letters in LETTERS.items()
    )
    return f"""join (
        select
            *,
            row_number() over (
                partition by case_id, decision in ('granted', 'denied')
                order by decided_date, chosen_id
            ) = 1                                               as is_first
        from (
            select
                a.IDNCASE                                       as case_id,
                a.chosen_id,
                case {names} end                                as decision,
                min(p.completed_date)                           as decided_date,
                min(p.court_code)                               as court_code,
                min(p.judge_code)                               as judge_code
            from ({_chosen(keys)}
            ) as a
            join out_docket__proceeding as p on p.proceeding_id = a.chosen_id
            where decision is not null and p.completed_date <= $as_of
            group by all
        )
    ) as a on a.case_id = c.case_id"""


_COLUMNS = {
    "decision": "a.decision",
    "decided_date": "a.decided_date",
    "is_first_on_merits": "a.is_first and a.decision in ('granted', 'denied')",
    "judge_code": "a.judge_code",
}
_READS = ("core_eoir__application", "out_docket__proceeding")
ASYLUM_DECISIONS = Grain(
    "asylum_decision",
    _decided("IDNCASE, IDNPROCEEDING"),
    _COLUMNS,
    court="a.court_code",
    reads=_READS,
)
"""What proceedings decided on asylum, one row a case and proceeding, by its judge and court."""
LATEST = Grain("case", _decided("IDNCASE"), _COLUMNS, court="a.court_code", reads=_READS)
"""Cases whose latest application for asylum was decided, one way or another."""
FILINGS = Grain(
    "case",
    columns={
        "filed_or_ended_date": f"""least(
            case
                when c.asylum_filed_date <= $as_of
                then greatest(c.asylum_filed_date, c.received_date)
            end,
            {COLUMNS["first_outcome_date"]}
        )"""
    },
)
"""Cases, and the day on which each filed for asylum or ended without."""

IS_GRANTED = pl.col("decision") == "granted"
ON_MERITS = pl.col("decision").is_in(MERITS)
_FILED = (pl.col("asylum_filed_date") <= pl.col("first_outcome_date")).fill_null(value=False)
_OF_ENDED = Share(
    _FILED,
    ("asylum_filed_date", "first_outcome", "first_outcome_date", "counsel_date"),
    pl.col("first_outcome").is_not_null(),
)
_NO_TIME = "Cases that ended early had no time to file."
_FAMILIES = ("Families are independent of each other.",)
_VANISH = (
    "Applications have gone missing from releases and come back (published figure D21); a case "
    "without one may have lost it."
)
_NO_DAY = "An application without a possible day of receipt counts as not filed."


def by_counsel(share: Share, day: str) -> Own:
    """Give a share of those with counsel by a day and of those without, which add up to all."""
    has = counsel_by(day).fill_null(value=False)

    def rows(asked: Asked) -> pl.DataFrame:
        frame = share.frame(asked)
        found = []
        for part, among in ((WITH, has), (WITHOUT, ~has)):
            mine = frame.filter(among)
            if not mine.is_empty():
                found.append(share.of(mine, asked.by).with_columns(part=pl.lit(part)))
        return stacked(found) if found else pl.DataFrame()

    return Own(rows, share.columns, share.grain, share.day, is_whole=True)


ASYLUM_FILED = Measure(
    name="asylum-filed",
    topic="applications",
    question="What share of people filed for asylum?",
    estimate="filed_share",
    definitions=(
        Definition(
            name="trac",
            user="TRAC 704",
            population="cases that have ended in any way",
            numerator="those with an application for asylum received by the day of the ending",
            denominator="all of them",
            clock="years are those of receipt",
            estimator=_OF_ENDED,
            figures=("A47",),
            caveats=(_NO_TIME,),
        ),
        Definition(
            name="trac-by-counsel",
            user="TRAC 704, as quoted in JDC v. DHS",
            population="cases that have ended in any way, with counsel by that day or without",
            numerator="those with an application for asylum received by the day of the ending",
            denominator="all of them, those with counsel and those without apart",
            clock="years are those of receipt",
            estimator=by_counsel(_OF_ENDED, "first_outcome_date"),
            figures=("A48", "A49", "A56"),
            caveats=(_NO_TIME, "Counsel has no effect that could be read from this."),
        ),
        Definition(
            name="so-far",
            user="a share of all cases begun",
            population="all cases begun, pending ones among them",
            numerator="those with an application for asylum received by now",
            denominator="all of them",
            clock="so far; years are those of receipt",
            estimator=Share(pl.col("asylum_filed_date").is_not_null(), ("asylum_filed_date",)),
            caveats=("Young cases have had little time to file: too low.",),
        ),
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="all cases begun",
            numerator="those that filed by so many days, and those that ended without",
            denominator="all of them, those still pending without an application not yet",
            clock="from receipt; an application received before counts on that day",
            estimator=OverTime(
                Clocked(
                    "received_date",
                    "filed_or_ended_date",
                    {
                        "filed": pl.col("asylum_filed_date").is_not_null()
                        & (pl.col("asylum_filed_date") <= pl.col("filed_or_ended_date")),
                        "ended without": pl.col("first_outcome").is_not_null(),
                    },
                    ("asylum_filed_date", "first_outcome"),
                    grain=FILINGS,
                )
            ),
        ),
    ),
    part="part",
    assumes=_FAMILIES,
    source="published figures A47-A49; docs/explanation/definitions.md, Counsel",
    caveats=(_VANISH, _NO_DAY, "Counsel files: who means to file looks for counsel first."),
)

ASYLUM_DECIDED = Measure(
    name="asylum-decided",
    topic="applications",
    question="How many people had their asylum claim decided on the merits?",
    estimate="asylum_decided_count",
    definitions=(
        Definition(
            name="trac",
            user="TRAC 306, 539, 703",
            population="applications for asylum, one a case and proceeding",
            numerator="those granted or denied in a proceeding that is complete",
            denominator="",
            clock="years are those of the proceeding's completion; courts those that decided",
            estimator=Count(
                ("decision",), ON_MERITS, grain=ASYLUM_DECISIONS, day="decided_date"
            ),
            figures=("D11",),
            caveats=("A case decided again after it was reopened counts again.",),
        ),
        Definition(
            name="first",
            user="EOIR, which counts initial decisions",
            population="cases with an application for asylum",
            numerator="those granted or denied, on the first day that they were",
            denominator="",
            clock="years are those of that decision",
            estimator=Count(
                ("decision", "is_first_on_merits"),
                pl.col("is_first_on_merits"),
                grain=ASYLUM_DECISIONS,
                day="decided_date",
            ),
        ),
        Definition(
            name="latest",
            user="code that keeps a case's latest application (Deportation Data Project)",
            population="cases with an application for asylum",
            numerator="those whose application received last was granted or denied",
            denominator="",
            clock="years are those of that decision",
            estimator=Count(("decision",), ON_MERITS, grain=LATEST, day="decided_date"),
            caveats=("A decision vanishes when a later application follows it.",),
        ),
    ),
    assumes=_FAMILIES,
    source="published figure D11; the release's list of decisions (APPL_DEC)",
    caveats=(
        _VANISH,
        "Withholding of removal and the Convention Against Torture are applications of their "
        "own, and not counted.",
    ),
)


_DECIDED_ON = "years are those of the proceeding's completion; courts those that decided"


def _of(among: pl.Expr, grain: Grain = ASYLUM_DECISIONS) -> Share:
    columns = ("decision", "is_first_on_merits", "decided_date", "counsel_date")
    return Share(IS_GRANTED, columns, among, grain=grain, day="decided_date")


def _granted(
    name: str,
    user: str,
    estimator: Share | Own,
    *,
    population: str,
    denominator: str,
    figures: tuple[str, ...] = (),
    caveats: tuple[str, ...] = (),
) -> Definition:
    return Definition(
        name=name,
        user=user,
        population=population,
        numerator="those granted, in full, conditionally or by agreement",
        denominator=denominator,
        clock=_DECIDED_ON,
        estimator=estimator,
        figures=figures,
        caveats=caveats,
    )


_OF_MERITS = "those granted or denied"
_EACH = "applications for asylum decided on the merits, one a case and proceeding"

ASYLUM_GRANTED = Measure(
    name="asylum-granted",
    topic="applications",
    question="What share of asylum claims was granted?",
    estimate="granted_share",
    definitions=(
        _granted(
            "trac",
            "TRAC 306, 539, 703",
            _of(ON_MERITS),
            population=_EACH,
            denominator=_OF_MERITS,
            figures=("D13", "D14", "A50", "A51"),
            caveats=(
                "Claims that were withdrawn, abandoned or never decided are left out: too high "
                "for a person who files.",
                "The published series D13 is the complement.",
            ),
        ),
        _granted(
            "trac-by-counsel",
            "TRAC 703",
            by_counsel(_of(ON_MERITS), "decided_date"),
            population=f"{_EACH}, with counsel by that day or without",
            denominator=f"{_OF_MERITS}, those with counsel and those without apart",
            figures=("D14",),
        ),
        _granted(
            "first",
            "EOIR, which counts initial decisions",
            _of(pl.col("is_first_on_merits")),
            population="cases, by the first decision of an asylum application on the merits",
            denominator=_OF_MERITS,
        ),
        _granted(
            "latest",
            "code that keeps a case's latest application (Deportation Data Project)",
            _of(ON_MERITS, LATEST),
            population="cases whose application received last was decided on the merits",
            denominator=_OF_MERITS,
        ),
        _granted(
            "of-decided",
            "EOIR, whose asylum decision rates have four rows",
            _of(pl.lit(value=True)),
            population="applications for asylum decided in any way, one a case and proceeding",
            denominator="those granted, denied, withdrawn, abandoned, closed, not adjudicated "
            "or decided otherwise",
            caveats=(
                "Not adjudicated is often another application's grant, and no loss.",
                "An application closed administratively may come back.",
            ),
        ),
        Definition(
            name="of-filed",
            user="a share of everybody who filed",
            population="cases with an application for asylum received by now",
            numerator="those with an application granted by now",
            denominator="all of them, undecided ones among them",
            clock="so far; years are those of receipt",
            estimator=Share(
                pl.col("is_asylum_granted"),
                ("is_asylum_granted", "asylum_filed_date"),
                pl.col("asylum_filed_date").is_not_null(),
            ),
            caveats=("Claims not yet decided count as not granted: too low.",),
        ),
    ),
    part="part",
    assumes=_FAMILIES,
    source="published figures D11-D14; the release's list of decisions (APPL_DEC)",
    caveats=(
        "An application's grant is not a case's relief: a case may be granted relief of "
        "another kind, and an application denied or withdrawn may end in no order.",
        "Who decides to file, and before whom, is not chosen by chance.",
        _VANISH,
    ),
)

MEASURES = (ASYLUM_FILED, ASYLUM_DECIDED, ASYLUM_GRANTED)

"""Families: how many, how large, and whether their members are decided together."""

import polars as pl

from opendocket.measure.estimators import Count, Ratio, Share
from opendocket.measure.grains import Grain
from opendocket.measure.named import Definition, Measure

FAMILIES = Grain(
    "family",
    source="""
    join (
        select
            lead_case_id,
            min(case_id)                                            as first_case_id,
            count(*)                                                as member_count,
            count(*) filter (first_decision_date <= $as_of)         as decided_count,
            count(distinct first_decision_date)
                filter (first_decision_date <= $as_of)              as decision_day_count
        from out_docket__case
        where has_proceeding and received_date <= $as_of
        group by lead_case_id
    ) as f on f.first_case_id = c.case_id
    """,
    columns={
        "member_count": "f.member_count",
        "decided_count": "f.decided_count",
        "decision_day_count": "f.decision_day_count",
    },
    reads=("out_docket__family",),
)
"""One row a family: the docket, court and day of its member with the lowest number."""

OF_TWO = pl.col("member_count") > 1
_LEAD = "docket, court and day are those of the family's first member"
_LINKS = (
    "Not every family is linked: people whose cases the courts did not link count as alone.",
    "Links are as the release has them; when they were made or cut is not known.",
)

NUMBER = Measure(
    name="families",
    topic="families",
    question="How many families are they, and how many are people alone?",
    estimate="family_count",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket; TRAC counts families beside people (A06, A08)",
            population="lead cases and the riders that the courts linked to them",
            numerator="families of two or more, and people alone",
            denominator="",
            clock=f"years are those of receipt; {_LEAD}",
            estimator=Count(
                ("member_count",),
                parts={"families of two or more": OF_TWO, "people alone": ~OF_TWO},
                grain=FAMILIES,
            ),
            figures=("A06", "A08"),
        ),
    ),
    part="kind",
    assumes=("Families come by chance, one by one: the interval is of that.",),
    source="docs/explanation/definitions.md",
    caveats=_LINKS,
)

SIZE = Measure(
    name="family-size",
    topic="families",
    question="How many people are in a family?",
    estimate="people_ratio",
    definitions=(
        Definition(
            name="trac",
            user="TRAC 657 and 660, by division",
            population="families, people alone among them",
            numerator="people",
            denominator="families",
            clock=f"years are those of receipt; {_LEAD}",
            estimator=Ratio(
                pl.col("member_count"), pl.lit(1), ("member_count",), grain=FAMILIES
            ),
            figures=("A09",),
        ),
        Definition(
            name="linked",
            user="OpenDocket",
            population="families of two or more",
            numerator="people",
            denominator="families",
            clock=f"years are those of receipt; {_LEAD}",
            estimator=Ratio(
                pl.col("member_count"), pl.lit(1), ("member_count",), OF_TWO, grain=FAMILIES
            ),
        ),
    ),
    assumes=("Families are independent of each other.",),
    source="published figure A09",
    caveats=_LINKS,
)

TOGETHER = Measure(
    name="decided-together",
    topic="families",
    question="In what share of families were all decided on one day?",
    estimate="together_share",
    definitions=(
        Definition(
            name="opendocket",
            user="OpenDocket",
            population="families of two or more of whom two or more were first decided",
            numerator="families whose members were all first decided, on one day",
            denominator="families with two or more members first decided",
            clock=f"years are those of receipt; {_LEAD}",
            estimator=Share(
                (pl.col("decision_day_count") == 1)
                & (pl.col("decided_count") == pl.col("member_count")),
                ("member_count", "decided_count", "decision_day_count"),
                OF_TWO & (pl.col("decided_count") > 1),
                grain=FAMILIES,
            ),
        ),
    ),
    assumes=("Families are independent of each other.",),
    source="docs/explanation/definitions.md",
    caveats=(
        *_LINKS,
        "Families of whom one is decided and one is pending may yet be; they are counted only "
        "once two are decided.",
    ),
)

MEASURES = (NUMBER, SIZE, TOGETHER)

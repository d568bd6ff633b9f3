"""Who was held, and who was given a bond?"""

import polars as pl

from opendocket.measure.estimators import Own, Share
from opendocket.measure.grains import CASES, Grain
from opendocket.measure.named import Definition, Measure
from opendocket.measure.tallied import tallied

FIRST_DATE = "date '1910-01-01'"
"""Days before are slips, as the docket's steps have it."""
STATUSES = {"detained": "D", "released": "R", "never detained": "N"}
NOT_RECORDED = "not recorded"


def _statuses(column: str) -> dict[str, str]:
    """Give each status as SQL, and last what is none of them."""
    known = {name: f"{column} = '{code}'" for name, code in STATUSES.items()}
    codes = ", ".join(f"'{code}'" for code in STATUSES.values())
    return {**known, NOT_RECORDED: f"coalesce({column} not in ({codes}), true)"}


AT_DECISION = Grain(
    "case",
    """left join (
        select
            d.case_id,
            min(p.CUSTODY)                                      as deciding_custody_code
        from out_docket__decision as d
        join out_docket__case as o
            on o.case_id = d.case_id and o.first_decision_date = d.completed_date
        join core_eoir__proceeding as p on p.IDNPROCEEDING = d.decision_id
        where d.is_decision
        group by d.case_id
    ) as deciding on deciding.case_id = c.case_id""",
    {"deciding_custody_code": "deciding.deciding_custody_code"},
    reads=("core_eoir__proceeding", "out_docket__decision"),
)
"""Cases, with the custody written down in the proceeding of the first decision."""


def _custody(
    among: str,
    *columns: str,
    status: str = "custody_code",
    grain: Grain = CASES,
    day: str = "received_date",
) -> Own:
    return tallied(
        _statuses(status), (status, *columns), among=among, grain=grain, day=day, is_whole=True
    )


_DECIDED = "{first_decision} is not null"
_FAMILIES = "Families are independent of each other."
_STATUS = "detained, released or never detained; what is none of them is not recorded"
_LAST_KNOWN = "as the release has it, whatever the as-of day"

CUSTODY = Measure(
    name="custody",
    topic="custody",
    question="What share of people was detained, released, or never detained?",
    estimate="custody_share",
    definitions=(
        Definition(
            name="last-known",
            user="OpenDocket",
            population="all cases begun",
            numerator=f"{_STATUS}, {_LAST_KNOWN}",
            denominator="all of them",
            clock="years are those of receipt",
            estimator=_custody("true"),
        ),
        Definition(
            name="gao",
            user="GAO-25-106867; EOIR",
            population="cases first decided",
            numerator=f"{_STATUS}, {_LAST_KNOWN}; not detained are the last two together",
            denominator="their first decisions by a judge",
            clock="years are those of the decision",
            estimator=_custody(_DECIDED, "first_decision", day="first_decision_date"),
            caveats=("Who was detained at the decision and released since is released here.",),
        ),
        Definition(
            name="at-decision",
            user="OpenDocket",
            population="cases first decided",
            numerator=f"{_STATUS}, as written down in the proceeding of the decision",
            denominator="their first decisions by a judge",
            clock="years are those of the decision",
            estimator=_custody(
                _DECIDED,
                "first_decision",
                status="deciding_custody_code",
                grain=AT_DECISION,
                day="first_decision_date",
            ),
            caveats=("The field is meant for the day of completion; some is entered later.",),
        ),
        Definition(
            name="pending",
            user="EOIR, of pending cases",
            population="cases pending on the as-of day",
            numerator=f"{_STATUS}, {_LAST_KNOWN}",
            denominator="all pending cases",
            clock="years are those of receipt",
            estimator=_custody("{is_pending}", "is_pending"),
        ),
    ),
    part="status",
    assumes=(_FAMILIES,),
    source="docs/explanation/definitions.md, Time ends on the release's day",
    caveats=(
        "Custody has no date in the records: the last known stands for every day before it, so "
        "a frozen docket knows of later releases and arrests.",
        "Who is released was detained once: never detained is its own status.",
        "The release says nothing of alternatives to detention.",
    ),
)

GRANTED = ("C", "R", "G", "F")
"""Amount decreased, own recognizance, amelioration granted, release of a child."""
REFUSED = ("N", "S")
"""No change of what DHS set: no bond, or its amount."""
ALSO_HEARD = ("E", "I", "L")
"""Amelioration denied, amount increased, no release of a child."""


def _listed(*codes: str) -> str:
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"


HAPPENED = f"b.COMP_DATE between {FIRST_DATE} and $as_of"
BONDS = Grain(
    "bond",
    "join core_eoir__bond as b on b.IDNCASE = c.case_id",
    {"bond_date": "b.COMP_DATE", "bond_decision_code": "b.DEC"},
    condition=HAPPENED,
    court="coalesce(b.BASE_CITY_CODE, c.court_code)",
    reads=("core_eoir__bond",),
)
"""Bond proceedings decided by the day, at the court that decided them."""
PEOPLE = Grain(
    "case",
    f"""join (
        select
            b.IDNCASE                                           as case_id,
            min(b.COMP_DATE)                                    as first_bond_date,
            bool_or(coalesce(b.DEC in {_listed(*GRANTED)}, false))
                                                                as is_granted
        from core_eoir__bond as b
        where {HAPPENED} and b.DEC in {_listed(*GRANTED, *REFUSED, *ALSO_HEARD)}
        group by b.IDNCASE
    ) as bond on bond.case_id = c.case_id""",
    {"first_bond_date": "bond.first_bond_date", "is_granted": "bond.is_granted"},
    reads=("core_eoir__bond",),
)
"""Cases with a bond decided on its merits by the day, and whether any was granted."""


def _granted(*others: str) -> Own:
    """Give the share granted, among some decisions, or of all with a code."""
    codes = _listed(*GRANTED, *others)
    return tallied(
        f"bond_decision_code in {_listed(*GRANTED)}",
        ("bond_decision_code",),
        among="{bond_decision_code} " + (f"in {codes}" if others else "is not null"),
        grain=BONDS,
        day="bond_date",
    )


_SO = "those granted: amount decreased (C), own recognizance (R), amelioration (G), Flores (F)"
_BY_DECISION = "years are those of the bond decision, courts those that made it"

BOND = Measure(
    name="bond",
    topic="custody",
    question="What share of bond decisions granted a bond or a release?",
    estimate="granted_share",
    definitions=(
        Definition(
            name="merits",
            user="OpenDocket",
            population="bond proceedings decided on their merits",
            numerator=_SO,
            denominator="those, and no change: no bond (N), or the amount of DHS (S)",
            clock=_BY_DECISION,
            estimator=_granted(*REFUSED),
            caveats=("Amounts increased and other refusals (E, I, L) are left out.",),
        ),
        Definition(
            name="heard",
            user="OpenDocket",
            population="bond proceedings that a judge heard",
            numerator=_SO,
            denominator="those, no change (N, S), amelioration denied (E), amount increased "
            "(I) and Flores without release (L)",
            clock=_BY_DECISION,
            estimator=_granted(*REFUSED, *ALSO_HEARD),
        ),
        Definition(
            name="every-decision",
            user="who divides by every bond decision",
            population="bond proceedings decided in any way",
            numerator=_SO,
            denominator="every decision with a code: moot (A), no jurisdiction (J, D), "
            "withdrawn (W) and other (O) as well",
            clock=_BY_DECISION,
            estimator=_granted(),
            caveats=("Counts requests that no judge weighed as refused: too low.",),
        ),
        Definition(
            name="people",
            user="OpenDocket",
            population="cases with a bond heard by a judge",
            numerator="those in which any was granted",
            denominator="all of them: a person who asks three times is one",
            clock="years are those of the first bond heard, courts the first of the case",
            estimator=Share(
                pl.col("is_granted"), ("is_granted",), grain=PEOPLE, day="first_bond_date"
            ),
            caveats=("Who asked again has had more chances than who asked lately.",),
        ),
    ),
    assumes=(_FAMILIES,),
    source="the courts' code key: the release has no list of bond decisions",
    caveats=(
        "A bond granted is not a bond paid: the release does not say who was set free by it.",
        "Bond-only cases (BND) are not among the kinds of case counted by default: "
        "docket=everything takes them in.",
        "NEW_BOND of 0 means a release without bond only after C, R, G or F: it is not read.",
    ),
)

MEASURES = (CUSTODY, BOND)

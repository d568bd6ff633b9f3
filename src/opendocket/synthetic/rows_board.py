"""Rows about the Board: appeals, petitions, referrals, pro bono."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.synthetic.calendar import NEVER, working_day, written
from opendocket.synthetic.cast import CASE_BASE, Cast
from opendocket.synthetic.cells import Given, anyone_of, frame, only, sparse, text
from opendocket.synthetic.lives import AS_OF
from opendocket.synthetic.units import (
    CASE_TYPES,
    CUSTODY,
    DDC,
    LANGUAGES,
    NATIONALITIES,
    NUMBER,
    Numbers,
)

Chosen = NDArray[np.bool_]

# Share of first outcomes that are appealed; G05 gives 8.4 % of all cases.
APPEALED = {
    "removal": 0.26, "protection": 0.13, "voluntary departure": 0.054, "relief": 0.049,
    "termination": 0.032, "in absentia": 0.032,
}  # fmt: skip
DECISIONS = ("DIS", "SAF", "D30", "WDL", "SAV", "NJU", "TER", "SUS", "DEN")
DECISION_SHARES = (48, 10, 6, 5, 4, 3, 3, 2, 19)
ONE_MEMBER = ("R", "P")
APPEAL_BASE, SECOND_APPEAL_BASE = 5_000_000, 30_000_000
SECOND_APPEALS = 0.42
"""Of appeals decided, those followed by a motion before the Board or a second appeal."""
LATER_KINDS = ("MTR BIA", "Appeal of IJ MTR", "Case Appeal")


def appeal_rows(cast: Cast, rng: np.random.Generator) -> tuple[pl.DataFrame, ...]:
    """Write tblAppeal, tblAppeal2, tblAppealFedCourts, tblThreeMbrReferrals, tblProBono."""
    first = _appeals(cast, rng)
    person, filed, decided, remanded, again = _with_second(cast, *first, rng)
    units, u, n = cast.lives.units, cast.unit[person], len(person)
    officer = units.case_type[u] == DDC
    bond = (rng.random(n) < 0.05) & ~remanded & ~officer & ~again
    done = decided <= AS_OF
    deciding = cast.deciding[u]
    proceeding = cast.proceeding_of(person, deciding)
    letter = pl.select(
        pl.when(pl.Series(remanded))
        .then(pl.lit("REM"))
        .otherwise(anyone_of(DECISIONS, n, rng, DECISION_SHARES))
    ).to_series()
    kind = pl.select(
        pl.when(pl.Series(officer))
        .then(pl.lit("DD Visa"))
        .when(pl.Series(bond))
        .then(pl.lit("Bond Appeal"))
        .when(pl.Series(again))
        .then(anyone_of(LATER_KINDS, n, rng, (70, 15, 15)))
        .otherwise(pl.lit("Case Appeal"))
    ).to_series()
    base = np.where(again, SECOND_APPEAL_BASE, APPEAL_BASE)
    number = cast.case_id[person] - CASE_BASE + base
    known = (rng.random(n) < 0.915) & ~officer
    given: dict[str, Given] = {
        "idnAppeal": number,
        "idncase": cast.case_id[person],
        "idnProceeding": only(pl.Series(proceeding), proceeding >= 0),
        "strAppealCategory": text(("IJ", "DD"), officer.astype(np.int32)),
        "strAppealType": kind,
        "datAppealFiled": written(filed),
        "strFiledBy": anyone_of("AIB", n, rng, (90, 9, 1)),
        "datAttorneyE27": sparse(written(filed), 0.308, rng),
        "datBIADecision": written(np.where(done, decided, NEVER).astype(np.int32)),
        "strBIADecision": only(letter, done),
        "strBIADecisionType": only(anyone_of(ONE_MEMBER, n, rng, (90, 10)),
                                   done & (rng.random(n) < 0.98)),
        "strCaseType": sparse(text(CASE_TYPES, units.case_type[u]), 0.03, rng),
        "strLang": only(text(LANGUAGES, units.language[u]), known),
        "strNat": only(text(NATIONALITIES, units.nationality[u]), known),
        "strCustody": sparse(text(CUSTODY, units.custody[u]), 0.16, rng),
    }  # fmt: skip
    appeals = frame("tblAppeal", given, n, rng)
    return appeals, *_beside(appeals, person, cast, rng)


def _with_second(
    cast: Cast,
    person: Numbers,
    filed: Numbers,
    decided: Numbers,
    remanded: Chosen,
    rng: np.random.Generator,
) -> tuple[Numbers, Numbers, Numbers, Chosen, Chosen]:
    """Let some come before the Board a second time, once the first appeal is decided."""
    officer = cast.lives.units.case_type[cast.unit[person]] == DDC
    chosen = (rng.random(len(person)) < SECOND_APPEALS) & ~officer & (decided < AS_OF - 90)
    at = np.flatnonzero(chosen)
    on = (decided[at] + rng.integers(10, 80, len(at))).astype(np.int32)
    length = 20 + 250 * np.exp(0.8 * rng.standard_normal(len(at)))
    again = np.concatenate([np.zeros(len(person), dtype=bool), np.ones(len(at), dtype=bool)])
    return (
        np.concatenate([person, person[at]]),
        np.concatenate([filed, on]),
        np.concatenate([decided, working_day((on + length).astype(np.int32))]),
        np.concatenate([remanded, np.zeros(len(at), dtype=bool)]),
        again,
    )


def _appeals(cast: Cast, rng: np.random.Generator) -> tuple[Numbers, Numbers, Numbers, Chosen]:
    """Choose who appeals and when; remands lead to the reopening already lived."""
    units, lives = cast.lives.units, cast.lives
    share = np.zeros(len(NUMBER))
    for name, p in APPEALED.items():
        share[NUMBER[name]] = p
    appealed = (rng.random(len(units)) < share[units.outcome]) & (units.closed < AS_OF - 40)
    appealed |= lives.remanded
    appealed |= (units.case_type == DDC) & (rng.random(len(units)) < 0.95)
    person = np.flatnonzero(appealed[cast.unit]).astype(np.int32)
    u, n = cast.unit[person], 0
    n = len(person)
    officer = units.case_type[u] == DDC
    begin = np.where(officer, units.received[u], units.closed[u])
    filed = np.minimum(begin + rng.integers(5, 30, n), AS_OF)
    length = 20 + 300 * np.exp(0.8 * rng.standard_normal(n))
    decided = working_day((filed + length).astype(np.int32))
    remanded = lives.remanded[u]
    decided = np.where(remanded, lives.reopened[u], decided)
    filed = np.where(remanded, np.minimum(filed, decided - 1), filed)
    return person, filed.astype(np.int32), decided.astype(np.int32), remanded


def _beside(
    appeals: pl.DataFrame, person: Numbers, cast: Cast, rng: np.random.Generator
) -> tuple[pl.DataFrame, ...]:
    n = len(appeals)
    linked = np.flatnonzero(rng.random(n) < 0.815)
    link = appeals[linked].select("idnAppeal", "idncase", "idnProceeding")
    petition = np.flatnonzero(rng.random(n) < 0.12)
    filed = written(np.minimum(cast.lives.units.closed[cast.unit[person]] + 400, AS_OF))
    courts_above = frame(
        "tblAppealFedCourts",
        {
            "idnAppealFedCourts": appeals[petition]["idnAppeal"],
            "lngAppealID": appeals[petition]["idnAppeal"],
            "datRequestedByOIL": sparse(filed[petition], 0.032, rng),
        },
        len(petition),
        rng,
    )
    three = np.flatnonzero(rng.random(n) < 0.055)
    referrals = frame(
        "tblThreeMbrReferrals",
        {
            "idn3MemberReferral": appeals[three]["idnAppeal"],
            "lngAppealID": appeals[three]["idnAppeal"],
            "datReferredTo3Member": filed[three],
        },
        len(three),
        rng,
    )
    free = np.flatnonzero(rng.random(n) < 0.044)
    pro_bono = frame(
        "tblProBono",
        {
            "idnRepl": appeals[free]["idnAppeal"],
            "idnAppeal": appeals[free]["idnAppeal"],
        },
        len(free),
        rng,
    )
    return link, courts_above, referrals, pro_bono

"""The courts' letters for what a run's hearings come to, each from our groups of them."""

import polars as pl

from opendocket.columns import code_list
from opendocket.columns.codes import court_decisions
from opendocket.simulate.tables import DECISIONS, FIRST_DECISION, REASONS, RESULTS, SET, VACATED

USUAL = "RMV"
"""Kind of case of people whom no source knows."""

ADJOURNED = {
    "respondent": "02",
    "dhs": "03",
    "judge": "34",
    "court operations": "14",
    "interpreter": "18",
    "other agency or joint": "45",
    "stage or decision": "MR",
    "individual set": "17",
    "vacated": "9A",
}
"""Reason of adjournment for each result that decides nothing: the commonest code of its group
that is read as held, or not held, as most of the group's are."""

UNREPRESENTED = "01"
"""Reason on the respondent's side where no counsel has entered: to seek representation."""

AT_HEARING = "8B"
"""Reason of adjournment of a hearing at which the judge decided."""

PREFERRED = {
    "in absentia": "XDEA",
    "removal": "XDEA",
    "voluntary departure": "V",
    "relief": "RGC",
    "protection": "EGZH",
    "termination": "TUI",
    "other": "OWJ",
}
"""Letters of DEC_CODE by outcome, the usual one first; kinds of case have not all of them."""

CLOSURES = {"no nta": "F", "administrative closure": "A"}
"""Letters of OTHER_COMP."""

GROUP_OF = {"in absentia": "removal"}
"""An order in absentia has removal's letter, and says so in ABSENTIA."""

APPLICATION = {
    "in absentia": "A",
    "removal": "D",
    "voluntary departure": "W",
    "relief": "G",
    "protection": "D",
    "termination": "M",
    "other": "O",
    "no nta": "M",
    "administrative closure": "S",
    "vacated": "T",
}
"""Letter of an application for asylum when its case so ends; T where the case moves on."""

BY_DHS = ("relief", "protection", "termination")
"""Decisions that the government appeals; others are appealed by the respondent."""


def adjournments() -> pl.DataFrame:
    """Give the code of adjournment for each result, without counsel and with.

    Example:
        >>> adjournments().filter(result=VACATED)["code"].unique().to_list()
        ['9A']
    """
    rows = [
        {"result": number, "is_represented": represented, "code": _reason(name, represented)}
        for number, name in enumerate(RESULTS)
        for represented in (False, True)
    ]
    return pl.DataFrame(rows)


def _reason(result: str, represented: bool) -> str:
    if result == "respondent" and not represented:
        return UNREPRESENTED
    return ADJOURNED.get(result, AT_HEARING)


def completions() -> pl.DataFrame:
    """Give the letters that end a stretch of a case, by kind of case and result.

    Returns:
        One row for each; ``VACATED`` stands for a move to another court. A kind of case that
        has no letter for an outcome has the one for other decisions.

    Source:
        The courts' list of decisions; ``columns/codes/court_decision.csv``.

    Example:
        >>> completions().row(by_predicate=(
        ...     (pl.col("case_type") == "AOC") & (pl.col("result") == FIRST_DECISION)
        ... ))
        ('AOC', 8, 'D', None, True, 'A', False)
    """
    listed = {(d.case_type, d.group, d.code) for d in court_decisions() if d.kind == "C"}
    rows = []
    for case_type in code_list("case_type").codes:
        for number, name in enumerate(DECISIONS, start=FIRST_DECISION):
            letter = _letter(listed, case_type, name)
            rows.append((case_type, number, letter, CLOSURES.get(name), name))
        rows.append((case_type, VACATED, None, "T", "vacated"))
    return pl.DataFrame(
        [
            (kind, number, letter, other, name == "in absentia", APPLICATION[name],
             name in BY_DHS)
            for kind, number, letter, other, name in rows
        ],
        schema=["case_type", "result", "dec_code", "other_comp", "is_in_absentia",
                "application_code", "is_by_dhs"],
        orient="row",
    )  # fmt: skip


def _letter(listed: set[tuple[str, str, str]], case_type: str, name: str) -> str | None:
    """Give the letter of DEC_CODE for an outcome; None where it decides nothing."""
    if name in CLOSURES:
        return None
    group = GROUP_OF.get(name, name)
    for code in PREFERRED[name]:
        if (case_type, group, code) in listed:
            return code
    return "O"


assert set(ADJOURNED) == {*REASONS, RESULTS[SET], RESULTS[VACATED]}

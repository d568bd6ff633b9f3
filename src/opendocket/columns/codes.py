"""Code lists: what the release's letters stand for, and how we group them.

Codes are decoded by their full key. The letter ``X`` is *removal* as a decision on a
removal case and *zero bond* as another completion; a join that leaves out the kind of
completion turns four million removal orders into bonds.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class CodeList:
    """Codes and what they stand for, in the agency's own words."""

    codes: tuple[str, ...]
    descriptions: tuple[str, ...]


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("opendocket.columns") / "codes" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def code_list(name: str) -> CodeList:
    """Give a code list by our name for it.

    Args:
        name: A file of ``columns/codes``, without ``.csv``.

    Returns:
        Codes in the list's own order, with descriptions.

    Raises:
        FileNotFoundError: There is no such list.

    Source:
        The release's lookup tables of August 2025.

    Example:
        >>> custody = code_list("custody")
        >>> dict(zip(custody.codes, custody.descriptions))["D"]
        'Detained'
    """
    rows = _rows(name)
    return CodeList(
        codes=tuple(row["code"] for row in rows),
        descriptions=tuple(row["description"] for row in rows),
    )


@dataclass(frozen=True, slots=True)
class CourtDecision:
    """What a completion letter stands for, by its full key."""

    case_type: str
    code: str
    kind: str
    """``C`` for a decision (DEC_CODE), ``O`` for another completion (OTHER_COMP)."""
    description: str
    group: str
    """How OpenDocket groups it; see :func:`outcome_group`."""


@cache
def court_decisions() -> tuple[CourtDecision, ...]:
    """Give every completion letter by its full key.

    Source:
        Descriptions: the courts' code key (2019) and tblLookupCourtDecision, whose 217 rows
        of July 2026 are known by number, not by text: some rare ones are our reading.
        Groups: ours; docs/explanation/definitions.md.
    """
    return tuple(CourtDecision(**row) for row in _rows("court_decision"))


@cache
def _groups() -> dict[tuple[str, str, str], str]:
    return {(d.case_type, d.code, d.kind): d.group for d in court_decisions()}


def outcome_group(case_type: str, code: str, kind: str) -> str | None:
    """Give the group of a completion by its full key, or None where it is in no list.

    Args:
        case_type: ``RMV`` and so on.
        code: The letter of DEC_CODE or OTHER_COMP.
        kind: ``C`` for DEC_CODE, ``O`` for OTHER_COMP.

    Example:
        >>> outcome_group("RMV", "X", "C"), outcome_group("RMV", "X", "O")
        ('removal', 'bond')
    """
    return _groups().get((case_type, code, kind))


@cache
def held_by_reason() -> dict[str, bool]:
    """Tell, for each reason of adjournment, whether the judge had opened the hearing.

    Assumes:
        A hearing adjourned for what the parties or the interpreter lacked was opened; one
        moved by the court, or never reached, was not. The release does not say.

    Source:
        The release's tblAdjournmentcodes; the reading is ours (decision 0005).
    """
    return {row["code"]: row["held"] == "yes" for row in _rows("adjournment")}


@cache
def adjournment_groups() -> dict[str, str]:
    """Give whose reason each reason of adjournment is: respondent, dhs, judge, and so on.

    Source:
        Grouped for OpenDocket; the release's own ``Regd_By`` is finer where it is filled.
    """
    return {row["code"]: row["group"] for row in _rows("adjournment")}


@cache
def hearing_location_cities() -> dict[str, str]:
    """Give the court each hearing place belongs to, where that is known."""
    return {row["code"]: row["base_city"] for row in _rows("hearing_location")}

"""Rows that tell what courts did: proceedings, charges, hearings, applications, motions."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.columns import TABLES
from opendocket.synthetic.calendar import NEVER, Days, day, working_day, written
from opendocket.synthetic.cast import CASE_BASE, Cast
from opendocket.synthetic.cells import (
    TIMES,
    Given,
    anyone_of,
    frame,
    numbers,
    only,
    sparse,
    text,
)
from opendocket.synthetic.courts import courts
from opendocket.synthetic.lives import AS_OF, DECIDED, OPEN, OTHERWISE, TRANSFER, VENUE
from opendocket.synthetic.people import attorneys
from opendocket.synthetic.units import (
    AOC,
    CASE_TYPES,
    CFR,
    CUSTODY,
    DEP,
    DETAINED,
    EXC,
    LANGUAGES,
    NATIONALITIES,
    NUMBER,
    RFR,
    WHO,
    Numbers,
)

# Letters of DEC_CODE by outcome, and how often each is used, for removal cases; where other
# kinds of case write another letter, it stands in OTHER_LETTERS.
LETTERS: dict[str, tuple[str, tuple[float, ...]]] = {
    "relief": ("RQG", (93, 5, 2)),
    "protection": ("EZH", (60, 30, 10)),
    "removal": ("X", (1,)),
    "in absentia": ("X", (1,)),
    "voluntary departure": ("V", (1,)),
    "termination": ("TUI", (50, 42, 8)),
    "other": ("WOL", (55, 35, 10)),
    "review": ("AV", (70, 30)),
}
OTHER_LETTERS: dict[tuple[int, str], tuple[str, tuple[float, ...]]] = {
    (DEP, "removal"): ("D", (1,)),
    (DEP, "in absentia"): ("D", (1,)),
    (DEP, "other"): ("WO", (50, 50)),
    (EXC, "removal"): ("EX", (60, 40)),
    (EXC, "in absentia"): ("EX", (60, 40)),
    (EXC, "other"): ("WO", (50, 50)),
    (EXC, "relief"): ("RG", (95, 5)),
    (AOC, "relief"): ("G", (1,)),
    (AOC, "protection"): ("ZE", (50, 50)),
    (AOC, "removal"): ("DA", (80, 20)),
    (AOC, "in absentia"): ("DA", (50, 50)),
    (AOC, "termination"): ("T", (1,)),
    (AOC, "other"): ("WO", (50, 50)),
    (WHO, "protection"): ("GZH", (50, 35, 15)),
    (WHO, "removal"): ("DA", (80, 20)),
    (WHO, "in absentia"): ("DA", (50, 50)),
    (WHO, "termination"): ("T", (1,)),
    (WHO, "other"): ("WO", (50, 50)),
}
CLOSURES_BEFORE_2011 = ("ABHP", (55, 25, 10, 10))
CLOSURES_SINCE = ("AYMP", (45, 35, 12, 8))

HELD_REASONS_MASTER = ("01", "02", "05", "17", "12", "06", "18", "03", "07", "17")
HELD_REASONS_MERITS = ("02", "13", "45", "36", "24", "RR", "21", "12")
CALLED_OFF = ("9A", "34", "64", "50", "9B", "9V", "25", "46", "59", "10")
PANDEMIC, PANDEMIC_ENDS = day(2020, 3, 15), day(2021, 7, 1)

BLANK_BEFORE = day(1994, 10)
"""Older records lack dates; younger ones do not."""

CHARGES = ("212a06Ai", "212a07Ai  I", "237a01A", "237a01B", "237a02Aiii", "212a02Ai  II",
           "237a02Bi", "212a09Ai", "241a02Bi", "212a07Bi  I")  # fmt: skip
CLOCK_DAYS = ("0000", "0030", "0090", "0150")
CHARGE_SHARES = (48, 20, 9, 9, 4, 3, 2, 2, 2, 1)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Which dates the courts wrote down; older records lack some."""

    nta: NDArray[np.bool_]
    """In each row of B_TblProceeding; shape (rows,)."""
    start: NDArray[np.bool_]

    def nta_of_person(self, cast: Cast) -> NDArray[np.bool_]:
        """Tell whose notice's date stands in any proceeding or hearing; shape (p,)."""
        known = np.zeros(len(cast), dtype=bool)
        known[cast.proceedings.person[self.nta]] = True
        known[cast.hearings.person] = True
        return known

    def receipt_of_person(self, cast: Cast) -> NDArray[np.bool_]:
        """Tell whose day of receipt stands in the first proceeding; shape (p,)."""
        first = cast.lives.proceedings.order[cast.proceedings.of] == 0
        known = np.zeros(len(cast), dtype=bool)
        known[cast.proceedings.person[first & self.start]] = True
        return known

    def restart_of_person(self, cast: Cast) -> NDArray[np.bool_]:
        """Tell for whom the day of the first reopening stands in its proceeding; (p,)."""
        rows = cast.lives.proceedings
        again = np.where(cast.deciding >= 0, rows.order[cast.deciding] + 1, -1)
        here = rows.order[cast.proceedings.of] == again[cast.proceedings.unit]
        known = np.zeros(len(cast), dtype=bool)
        known[cast.proceedings.person[here & self.start]] = True
        return known


def recorded(cast: Cast, rng: np.random.Generator) -> Recorded:
    """Draw which dates the courts wrote down."""
    n = len(cast.proceedings.of)
    old = cast.lives.proceedings.start[cast.proceedings.of] < BLANK_BEFORE
    return Recorded(nta=~(old & (rng.random(n) < 0.04)), start=~(old & (rng.random(n) < 0.16)))


def proceeding_rows(cast: Cast, known: Recorded, rng: np.random.Generator) -> pl.DataFrame:
    """Write B_TblProceeding."""
    units, rows = cast.lives.units, cast.lives.proceedings
    at, person, unit = cast.proceedings.of, cast.proceedings.person, cast.proceedings.unit
    n, where = len(at), courts()
    how, end, start = rows.how[at], rows.end[at], rows.start[at]
    letters, other = _completions(cast, rng)
    decided, ended = how == DECIDED, how != OPEN
    moved = np.isin(how, (VENUE, TRANSFER))
    came = np.isin(rows.came_by[at], (VENUE, TRANSFER))
    before = np.where(came, at - 1, 0)  # rows are in order within a unit
    after = np.where(moved, np.minimum(at + 1, len(rows.unit) - 1), 0)
    same_unit = rows.unit[after] == rows.unit[at]
    absent = rows.outcome[at] == NUMBER["in absentia"]
    ordered = decided & np.isin(rows.outcome[at], (NUMBER["removal"], NUMBER["in absentia"]))
    first_heard = _first_heard(cast)[at]
    place = _place(cast)
    nta = units.nta[unit]
    given: dict[str, Given] = {
        "IDNPROCEEDING": cast.proceeding_id,
        "IDNCASE": cast.case_id[person],
        "OSC_DATE": only(written(nta), known.nta),
        "INPUT_DATE": only(written(start), known.start),
        "BASE_CITY_CODE": text(where.codes, rows.court[at]),
        "HEARING_LOC_CODE": place[at],
        "IJ_CODE": sparse(text(where.judge_codes, rows.judge[at]), 0.009, rng),
        "TRANS_IN_DATE": only(written(start), came),
        "PREV_HEARING_LOC": only(place[before], came),
        "PREV_HEARING_BASE": only(text(where.codes, rows.court[before]), came),
        "PREV_IJ_CODE": only(text(where.judge_codes, rows.judge[before]), came),
        "TRANS_NBR": only(text(("00", "01", "02"), np.minimum(rows.order[at], 2)),
                          came | (rng.random(n) < 0.235)),
        "HEARING_DATE": written(first_heard),
        "HEARING_TIME": only(anyone_of(TIMES, n, rng), first_heard < NEVER),
        "DEC_TYPE": only(anyone_of("OW", n, rng, (70, 30)), ended & (rng.random(n) < 0.815)),
        "DEC_CODE": letters,
        "DEPORTED_1": only(text(NATIONALITIES, units.nationality[unit]),
                           ordered & (rng.random(n) < 0.97)),
        "OTHER_COMP": other,
        "APPEAL_RSVD": only(anyone_of("AIB", n, rng, (80, 15, 5)),
                            decided & ~absent & (rng.random(n) < 0.25)),
        "APPEAL_NOT_FILED": only(pl.repeat("X", n, eager=True),
                                 decided & (rng.random(n) < 0.06)),
        "COMP_DATE": written(end),
        "ABSENTIA": only(text("NY", absent.astype(np.int32)),
                         ended & (absent | (rng.random(n) < 0.96))),
        "VENUE_CHG_GRANTED": only(written(end), moved),
        "TRANSFER_TO": only(place[after], moved & same_unit),
        "DATE_APPEAL_DUE_STATUS": only(written((np.minimum(end, AS_OF) + 30).astype(np.int32)),
                                       ended & (rng.random(n) < 0.85)),
        "TRANSFER_STATUS": only(text("CT", (how == TRANSFER).astype(np.int32)),
                                moved | (rng.random(n) < 0.13)),
        "CUSTODY": text(CUSTODY, units.custody[unit]),
        "CASE_TYPE": text(CASE_TYPES, units.case_type[unit]),
        "NAT": sparse(text(NATIONALITIES, units.nationality[unit]), 0.003, rng),
        "LANG": sparse(text(LANGUAGES, units.language[unit]), 0.001, rng),
        "SCHEDULED_HEAR_LOC": sparse(place[at], 0.741, rng),
    }  # fmt: skip
    return frame("B_TblProceeding", given, n, rng)


def _place(cast: Cast) -> pl.Series:
    """Give each proceeding's hearing place: the court's own, or the Dedicated Docket's."""
    rows, where = cast.lives.proceedings, courts()
    both = (*where.codes, *where.place_codes)
    index = np.where(rows.place >= 0, len(where.codes) + rows.place, rows.court)
    return text(both, index)


def _first_heard(cast: Cast) -> Days:
    hearings = cast.lives.hearings
    first = np.full(len(cast.lives.proceedings.unit), NEVER, dtype=np.int32)
    np.minimum.at(first, hearings.proceeding, hearings.day)
    return first


def _completions(cast: Cast, rng: np.random.Generator) -> tuple[pl.Series, pl.Series]:
    """Draw DEC_CODE and OTHER_COMP, the same for a unit's people."""
    rows, units = cast.lives.proceedings, cast.lives.units
    case_type = units.case_type[rows.unit]
    n = len(rows.unit)
    letter = np.full(n, "", dtype="U1")
    for name, (choices, shares) in LETTERS.items():
        here = (rows.how == DECIDED) & (rows.outcome == NUMBER[name])
        letter[here] = _draw(choices, shares, int(here.sum()), rng)
    for (kind, name), (choices, shares) in OTHER_LETTERS.items():
        here = (rows.how == DECIDED) & (rows.outcome == NUMBER[name]) & (case_type == kind)
        letter[here] = _draw(choices, shares, int(here.sum()), rng)
    other = np.full(n, "", dtype="U1")
    closed = (rows.how == OTHERWISE) & (rows.outcome == NUMBER["administrative closure"])
    for here, (choices, shares) in (
        (closed & (rows.end < day(2011)), CLOSURES_BEFORE_2011),
        (closed & (rows.end >= day(2011)), CLOSURES_SINCE),
        ((rows.how == OTHERWISE) & (rows.outcome == NUMBER["no nta"]), ("F", (1.0,))),
        (rows.how == VENUE, ("C", (1.0,))),
        (rows.how == TRANSFER, ("T", (1.0,))),
    ):
        other[here] = _draw(choices, shares, int(here.sum()), rng)
    at = cast.proceedings.of
    return _or_null(letter[at]), _or_null(other[at])


def _draw(
    choices: str, shares: tuple[float, ...], n: int, rng: np.random.Generator
) -> NDArray[np.str_]:
    p = np.array(shares) / sum(shares)
    return np.array(list(choices))[rng.choice(len(choices), size=n, p=p)]


def _or_null(letters: NDArray[np.str_]) -> pl.Series:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    codes = np.full(len(letters), -1, dtype=np.int64)
    filled = letters != ""
    codes[filled] = letters[filled].view(np.uint32).astype(np.int64) - ord("A")
    return text(alphabet, codes)


def charge_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write B_TblProceedCharges: mostly one a proceeding, some none."""
    unit = cast.proceedings.unit
    review = np.isin(cast.lives.units.case_type[unit], (CFR, RFR))
    chance = rng.random(len(unit))
    rows = 1 + (chance < 0.16) + (chance < 0.025)
    rows = np.where(chance > 0.985, 0, rows) * ~review
    of = np.repeat(np.arange(len(unit)), rows)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(rows) - rows, rows)
    n = len(of)
    given: dict[str, Given] = {
        "IDNPRCDCHG": (cast.proceeding_id[of] - 10_000_000) * 4 + nth + 1,
        "IDNCASE": cast.case_id[cast.proceedings.person[of]],
        "IDNPROCEEDING": cast.proceeding_id[of],
        "CHARGE": anyone_of(CHARGES, n, rng, CHARGE_SHARES),
        "CHG_STATUS": sparse(anyone_of("SONW", n, rng, (50, 38, 4, 8)), 0.18, rng),
    }
    return frame("B_TblProceedCharges", given, n, rng)


def hearing_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write tbl_schedule: the hearings of cases, and those on bond."""
    units, hearings = cast.lives.units, cast.lives.hearings
    proceedings, where = cast.lives.proceedings, courts()
    at, person, unit = cast.hearings.of, cast.hearings.person, cast.hearings.unit
    proceeding = hearings.proceeding[at]
    n = len(at)
    on, booked = hearings.day[at], hearings.booked[at]
    detained = units.custody[unit] == DETAINED
    review = np.isin(units.case_type[unit], (CFR, RFR))
    ahead = on > AS_OF
    changed = np.minimum(np.where(ahead, booked, np.maximum(on, booked)), AS_OF)
    kind = _schedule_type(hearings.is_master[at], hearings.is_first[at], detained, review)
    counsel = units.counsel[unit] <= np.minimum(on, AS_OF)
    given: dict[str, Given] = {
        "IDNSCHEDULE": cast.hearing_id,
        "IDNPROCEEDING": cast.proceeding_of(person, proceeding),
        "IDNCASE": cast.case_id[person],
        "OSC_DATE": written(units.nta[unit]),
        "GENERATION": text(("99", "98", "97", "96", "95", "94"), np.minimum(
            proceedings.order[proceeding], 5)),
        "REC_TYPE": "X",
        "LANG": sparse(text(LANGUAGES, units.language[unit]), 0.037, rng),
        "HEARING_LOC_CODE": _place(cast)[proceeding],
        "BASE_CITY_CODE": text(where.codes, proceedings.court[proceeding]),
        "IJ_CODE": text(where.judge_codes, proceedings.judge[proceeding]),
        "INPUT_DATE": written(booked),
        "INPUT_TIME": anyone_of(TIMES, n, rng),
        "UPDATE_DATE": written(changed.astype(np.int32)),
        "UPDATE_TIME": anyone_of(TIMES, n, rng),
        "ASSIGNMENT_PATH": sparse(anyone_of("AWF", n, rng, (60, 30, 10)), 0.853, rng),
        "CAL_TYPE": text("IMS", np.where(review, 2, hearings.is_master[at].astype(np.int32))),
        "ADJ_DATE": written(on),
        "ADJ_TIME_START": anyone_of(TIMES[:-1], n, rng),
        "ADJ_TIME_STOP": sparse(anyone_of(TIMES[:-1], n, rng), 0.104, rng),
        "ADJ_RSN": _reason(cast, rng)[at],
        "ADJ_MEDIUM": only(anyone_of("PVWAT", n, rng, (55, 25, 12, 5, 3)),
                           ~ahead & (rng.random(n) < 0.95)),
        "ADJ_MSG": sparse(anyone_of(("Q6", "B1", "M2"), n, rng), 0.853, rng),
        "ADJ_ELAP_DAYS": sparse(anyone_of(CLOCK_DAYS, n, rng), 0.476, rng),
        "LNGSESSNID": sparse(numbers(rng.integers(1_000_000, 9_999_999, n)), 0.203, rng),
        "SCHEDULE_TYPE": kind,
        "NOTICE_CODE": sparse(anyone_of(("U7", "NH", "MC"), n, rng), 0.43, rng),
        "BLNCLOCKOVERRIDE": anyone_of("01", n, rng, (99, 1)),
        "EOIRAttorneyID": only(attorneys().gather(pl.Series(unit % len(attorneys()))), counsel),
    }  # fmt: skip
    return frame("tbl_schedule", given, n, rng)


def _schedule_type(
    master: NDArray[np.bool_],
    first: NDArray[np.bool_],
    detained: NDArray[np.bool_],
    review: NDArray[np.bool_],
) -> pl.Series:
    kinds = ("II", "ID", "MM", "MR", "MD", "RD", "RR")
    open_court = np.where(master, np.where(first, 2, 3), 0)
    held = np.where(master, np.where(first, 4, 5), 1)
    return text(kinds, np.where(review, 6, np.where(detained, held, open_court)))


def _reason(cast: Cast, rng: np.random.Generator) -> pl.Series:
    """Say why each hearing was adjourned, the same for a unit's people."""
    hearings = cast.lives.hearings
    n = len(hearings.day)
    master = rng.integers(0, len(HELD_REASONS_MASTER), n)
    merits = rng.integers(0, len(HELD_REASONS_MERITS), n)
    off = rng.integers(0, len(CALLED_OFF), n)
    every = (*HELD_REASONS_MASTER, *HELD_REASONS_MERITS, *CALLED_OFF, "8B", "8A", "74")
    base = len(HELD_REASONS_MASTER)
    index = np.where(hearings.is_master, master, base + merits)
    index = np.where(hearings.is_held, index, base + len(HELD_REASONS_MERITS) + off)
    pandemic = (hearings.day >= PANDEMIC) & (hearings.day < PANDEMIC_ENDS)
    index = np.where(~hearings.is_held & pandemic, len(every) - 1, index)
    final = np.where(hearings.is_held, len(every) - 3, len(every) - 2)
    index = np.where(hearings.is_final, final, index)
    unsaid = hearings.is_final & hearings.is_held & (rng.random(n) < 0.2)
    ahead = (hearings.day > AS_OF) & ~hearings.is_final
    return text(every, np.where(ahead | unsaid, -1, index))


def bond_rows(cast: Cast, rng: np.random.Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Write D_TblAssociatedBond, and the bond hearings of tbl_schedule."""
    units, rows, where = cast.lives.units, cast.lives.proceedings, courts()
    custody = units.custody[cast.unit]
    asks = (custody > 0) & (rng.random(len(cast)) < np.where(custody == DETAINED, 0.34, 0.55))
    asks &= (cast.last_proceeding[cast.unit] >= 0) & ~np.isin(
        units.case_type[cast.unit], (CFR, RFR)
    )
    person = np.flatnonzero(asks).astype(np.int32)
    unit, n = cast.unit[person], int(asks.sum())
    first = rows_of_first(cast)[unit]
    asked = working_day((units.received[unit] + rng.integers(1, 20, n)).astype(np.int32))
    asked = np.minimum(asked, AS_OF)
    done = np.minimum(working_day((asked + rng.integers(3, 20, n)).astype(np.int32)), AS_OF)
    number = cast.case_id[person] - CASE_BASE
    amount = anyone_of(("5000.0000", "7500.0000", "10000.0000", "15000.0000"), n, rng)
    decision = anyone_of("CANSJGRWI", n, rng, (34, 23, 12, 10, 7, 5, 4, 4, 1))
    share = {c.name: c.null_share for c in TABLES["D_TblAssociatedBond"].columns}
    shared: dict[str, Given] = {
        "IDNPROCEEDING": cast.proceeding_of(person, first),
        "IDNCASE": cast.case_id[person],
        "HEARING_LOC_CODE": text(where.codes, rows.court[first]),
        "BASE_CITY_CODE": text(where.codes, rows.court[first]),
    }
    judge = text(where.judge_codes, rows.judge[first])
    bond: dict[str, Given] = shared | {
        "IDNASSOCBOND": number + 1,
        "OSC_DATE": sparse(written(units.nta[unit]), share["OSC_DATE"], rng),
        "UPDATE_DATE": written(done),
        "INPUT_DATE": written(asked),
        "IJ_CODE": sparse(judge, share["IJ_CODE"], rng),
        "DEC": sparse(decision, share["DEC"], rng),
        "COMP_DATE": sparse(written(done), share["COMP_DATE"], rng),
        "INITIAL_BOND": sparse(amount, share["INITIAL_BOND"], rng),
        "BOND_HEAR_REQ_DATE": written(asked),
        "NEW_BOND": sparse(amount, share["NEW_BOND"], rng),
    }
    heard: dict[str, Given] = shared | {
        "IDNSCHEDULE": 20_000_000 + number * 128 + 127,
        "OSC_DATE": written(units.nta[unit]),
        "REC_TYPE": "B",
        "LANG": text(LANGUAGES, units.language[unit]),
        "IJ_CODE": judge,
        "INPUT_DATE": written(asked),
        "UPDATE_DATE": written(done),
        "CAL_TYPE": "C",
        "ADJ_DATE": written(done),
        "ADJ_RSN": "8B",
        "SCHEDULE_TYPE": "CY",
        "EOIRAttorneyID": pl.repeat(None, n, dtype=pl.String, eager=True),
    }
    return (
        frame("D_TblAssociatedBond", bond, n, rng),
        frame("tbl_schedule", heard, n, rng),
    )


def rows_of_first(cast: Cast) -> Numbers:
    """Give each unit's first proceeding; -1 for none."""
    first = np.full(len(cast.lives.units), -1, dtype=np.int32)
    at = np.flatnonzero(cast.lives.proceedings.order == 0)
    first[cast.lives.proceedings.unit[at]] = at
    return first


# Applications beside asylum, and the share of people not decided in absentia who file each.
OTHER_RELIEF = (("42B", 0.075), ("VD", 0.10), ("245", 0.045), ("42A", 0.02), ("212h", 0.008))
GRANT_IS_ASYLUM = 0.97
GRANT_IS_ASYLUM_ELSEWHERE = 0.86


def application_rows(
    cast: Cast, granted: NDArray[np.bool_], rng: np.random.Generator
) -> pl.DataFrame:
    """Write tbl_Court_Appln.

    Args:
        cast: The people.
        granted: Whether each person is granted asylum (see :func:`asylum_granted`).
        rng: Chance.
    """
    units, unit, n = cast.lives.units, cast.unit, len(cast)
    outcome, closed = units.outcome[unit], units.closed[unit]
    ended = closed <= AS_OF
    filed = np.minimum(units.asylum[unit], NEVER)
    asylum = np.flatnonzero((filed <= AS_OF) & (cast.deciding[unit] >= 0))
    parts = []
    for slot, code in enumerate(("ASYL", "ASYW", "WCAT")):
        letter = _asylum_letter(code, outcome, granted, ended, rng)
        parts.append((asylum, slot, pl.repeat(code, len(asylum), eager=True),
                      filed[asylum], letter[asylum]))  # fmt: skip
    has_row = cast.deciding[unit] >= 0
    review = np.isin(units.case_type[unit], (CFR, RFR))
    for slot, (code, share) in enumerate(OTHER_RELIEF, start=3):
        p = np.where(outcome == NUMBER["in absentia"], share * 0.2, share * 1.3)
        won = ended & (outcome == NUMBER["relief"]) & ~granted & (code == "42B")
        files = (has_row & ~review & (rng.random(n) < p)) | (won & has_row)
        person = np.flatnonzero(files)
        on = np.minimum(units.first_hearing[unit] + rng.integers(0, 300, n), closed - 1)
        on = np.maximum(on, units.received[unit]).astype(np.int32)
        person = person[on[person] <= AS_OF]
        letter = np.where(won, 4, np.where(ended, rng.choice([2, 7, 13], n), -1))
        parts.append((person, slot, pl.repeat(code, len(person), eager=True), on[person],
                      letter[person]))  # fmt: skip
    person = np.concatenate([p[0] for p in parts]).astype(np.int32)
    slots = np.concatenate([np.full(len(p[0]), p[1]) for p in parts])
    given: dict[str, Given] = {
        "IDNPROCEEDINGAPPLN": (cast.case_id[person] - CASE_BASE) * 16 + slots + 1,
        "IDNPROCEEDING": cast.proceeding_of(person, cast.deciding[cast.unit[person]]),
        "IDNCASE": cast.case_id[person],
        "APPL_CODE": pl.concat([p[2] for p in parts]),
        "APPL_RECD_DATE": written(np.concatenate([p[3] for p in parts]).astype(np.int32)),
        "APPL_DEC": text("ACDFGILMOPRSTW", np.concatenate([p[4] for p in parts])),
    }
    return frame("tbl_Court_Appln", given, len(person), rng)


def asylum_granted(cast: Cast, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw who of those granted relief is granted asylum, a unit at a time; shape (p,)."""
    units = cast.lives.units
    share = np.where(units.is_dedicated, GRANT_IS_ASYLUM, GRANT_IS_ASYLUM_ELSEWHERE)
    chosen = rng.random(len(units)) < share
    won = (units.outcome == NUMBER["relief"]) & (units.closed <= AS_OF)
    return np.asarray((won & chosen & (units.asylum <= AS_OF))[cast.unit])


def _asylum_letter(
    code: str,
    outcome: Numbers,
    granted: NDArray[np.bool_],
    ended: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Numbers:
    """Give the number of the decision's letter in ``ACDFGILMOPRSTW``; -1 undecided."""
    n = len(outcome)
    abandoned, denied, full, grant, moot, withdrawn = 0, 2, 3, 4, 7, 13
    letter = np.full(n, moot)
    letter[outcome == NUMBER["removal"]] = denied
    letter[outcome == NUMBER["in absentia"]] = abandoned
    letter[outcome == NUMBER["voluntary departure"]] = withdrawn
    terminated = outcome == NUMBER["termination"]
    letter[terminated] = rng.choice([moot, withdrawn], int(terminated.sum()))
    if code == "ASYL":
        letter[outcome == NUMBER["protection"]] = denied
        letter = np.where(granted, np.where(rng.random(n) < 0.5, full, grant), letter)
    elif code == "ASYW":
        letter[outcome == NUMBER["protection"]] = grant
    letter = np.where(ended, letter, -1)
    return letter.astype(np.int32)


MOTIONS = ("CO", "CV", "TP", "C", "AC", "U", "PM")


def motion_rows(cast: Cast, rng: np.random.Generator) -> pl.DataFrame:
    """Write tbl_Court_Motions: continuances, changes of venue, motions to reopen."""
    units, unit, rows = cast.lives.units, cast.unit, cast.lives.proceedings
    heard = cast.deciding[unit] >= 0
    count = rng.poisson(np.where(heard & (units.custody[unit] != DETAINED), 0.72, 0.2)) * heard
    person = np.repeat(np.arange(len(cast), dtype=np.int32), count)
    reopened = np.flatnonzero(cast.seen(cast.lives.reopened)[unit] & heard).astype(np.int32)
    everyone = np.concatenate([person, reopened])
    u, n = unit[everyone], len(everyone)
    decided = cast.deciding[u]
    span = np.maximum(np.minimum(units.closed[u], AS_OF) - units.received[u], 1)
    on = (units.received[u] + span * rng.random(n)).astype(np.int32)
    again = np.arange(n) >= len(person)
    on = np.where(again, cast.lives.reopened[u] - rng.integers(0, 4, n), on).astype(np.int32)
    on = np.minimum(working_day(on), AS_OF)
    absent = units.outcome[u] == NUMBER["in absentia"]
    kind = np.where(again, np.where(absent, 8, 7), rng.choice(7, n, p=MOTION_SHARES))
    by = np.argsort(everyone, kind="stable")
    nth = np.empty(n, dtype=np.int64)
    nth[by] = np.arange(n) - np.searchsorted(everyone[by], everyone[by])
    done = np.minimum(on + rng.integers(0, 25, n), AS_OF).astype(np.int32)
    drawn = rng.choice(4, n, p=(0.6, 0.25, 0.1, 0.05))
    given: dict[str, Given] = {
        "IDNMOTION": (cast.case_id[everyone] - CASE_BASE) * 32 + np.minimum(nth, 31) + 1,
        "IDNPROCEEDING": cast.proceeding_of(everyone, decided),
        "IDNCASE": cast.case_id[everyone],
        "OSC_DATE": written(units.nta[u]),
        "REC_TYPE": text((*MOTIONS, "O", "MA"), kind),
        "GENERATION": "99",
        "INPUT_DATE": written(on),
        "BASE_CITY_CODE": text(courts().codes, rows.court[decided]),
        "HEARING_LOC_CODE": text(courts().codes, rows.court[decided]),
        "IJ_CODE": sparse(text(courts().judge_codes, rows.judge[decided]), 0.033, rng),
        "DEC": only(text("GDWM", np.where(again, 0, drawn)), again | (rng.random(n) < 0.986)),
        "COMP_DATE": sparse(written(done), 0.014, rng),
        "MOTION_RECD_DATE": sparse(written(on), 0.006, rng),
        "STRFILINGPARTY": sparse(anyone_of("AI", n, rng, (88, 12)), 0.031, rng),
    }  # fmt: skip
    return frame("tbl_Court_Motions", given, n, rng)


MOTION_SHARES = (0.52, 0.28, 0.07, 0.03, 0.03, 0.05, 0.02)

"""Applications by name, worked out row by row in plain Python from the release's own tables."""

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from functools import cache

import duckdb
import pytest

from opendocket.docket import open_docket
from opendocket.measure.answers import answer

FROZEN = date(2022, 9, 30)
KINDS = ("RMV", "DEP", "EXC", "AOC", "WHO")
ORDER = ["F", "G", "D", "C", "I", "L", "P", "S", "A", "R", "O", "-", "T", "W", "M"]
GRANTED = set("FGCIPL")
DECIDED = GRANTED | set("DWASOM")
LATE = date(9999, 1, 1)


@cache
def tables(path):
    """Give cases, endings and asylum applications as dictionaries."""
    with duckdb.connect(path, read_only=True) as con:
        proceedings = con.execute(
            "select case_id, proceeding_id, order_count, started_date, completed_date,"
            " decision_code, outcome, court_code, case_type_code from out_docket__proceeding"
        ).fetchall()
        applications = con.execute(
            "select IDNCASE, IDNPROCEEDING, IDNPROCEEDINGAPPLN, APPL_RECD_DATE, APPL_DEC"
            " from core_eoir__application where APPL_CODE = 'ASYL'"
        ).fetchall()
        appearances = con.execute(
            "select IDNCASE, E_28_DATE from core_eoir__representative"
            " where STRATTYTYPE = 'ALIEN' and STRATTYLEVEL = 'COURT'"
            " union all select IDNCASE, E_28_DATE from core_eoir__case"
        ).fetchall()
    return proceedings, applications, appearances


@cache
def begun(path):
    """Give the first proceeding of each case on the docket by the day."""
    return {
        row[0]: row
        for row in tables(path)[0]
        if row[2] == 1 and row[3] and row[3] <= FROZEN and row[8] in KINDS
    }


@cache
def ended(path):
    """Give the day of each case's first ending by the day."""
    days = defaultdict(lambda: LATE)
    for case, _, _, _, on, _, outcome, *_ in tables(path)[0]:
        if on and on <= FROZEN and outcome != "move":
            days[case] = min(days[case], on)
    return days


def earliest(rows):
    days = defaultdict(lambda: LATE)
    for case, on in rows:
        if on and on <= FROZEN:
            days[case] = min(days[case], on)
    return days


@cache
def filed(path):
    return earliest((case, on) for case, _, _, on, _ in tables(path)[1])


@cache
def helped(path):
    return earliest(tables(path)[2])


def decisions(path, *, per_case):
    """Give (case, day, letter, court) of each proceeding's application, or each case's last."""
    ends = {row[1]: (row[4], row[7]) for row in tables(path)[0]}
    groups = defaultdict(list)
    for case, proceeding, number, on, letter in tables(path)[1]:
        if case in begun(path) and (on is None or on <= FROZEN):
            key = case if per_case else (case, proceeding)
            rank = (on or date.min, -ORDER.index(letter or "-"), number)
            groups[key].append((rank, case, letter, proceeding))
    for rows in groups.values():
        _, case, letter, proceeding = max(rows)
        on, court = ends.get(proceeding, (None, None))
        if letter in DECIDED and on and on <= FROZEN:
            yield case, on, letter, court


def asked(path, name, definition, **choices):
    with open_docket(path) as docket:
        return answer(
            docket, name, definition=definition, as_of=FROZEN, suppress=False, **choices
        )


def fiscal(day):
    return day.year + (day.month >= 10)


def of_merits(path, per_case=False):
    return [
        row for row in decisions(path, per_case=per_case) if row[2] in GRANTED or row[2] == "D"
    ]


def firsts(rows):
    chosen = {}
    for row in sorted(rows, key=lambda row: row[1], reverse=True):
        chosen[row[0]] = row
    return list(chosen.values())


@pytest.mark.parametrize(
    ("definition", "rows"),
    [
        ("trac", of_merits),
        ("first", lambda path: firsts(of_merits(path))),
        ("latest", lambda path: of_merits(path, per_case=True)),
    ],
)
def test_decisions_on_the_merits_are_counted_by_court_and_year(definition, rows, small_docket):
    found = asked(small_docket, "asylum-decided", definition, by=("court", "year"))

    expected = Counter((court, fiscal(on)) for _, on, _, court in rows(small_docket))
    assert {
        (row["court"], row["year"]): row["asylum_decided_count"] for row in found.to_dicts()
    } == expected


@pytest.mark.parametrize(
    ("definition", "rows"),
    [
        ("trac", of_merits),
        ("first", lambda path: firsts(of_merits(path))),
        ("latest", lambda path: of_merits(path, per_case=True)),
        ("of-decided", lambda path: list(decisions(path, per_case=False))),
    ],
)
def test_shares_granted_are_counted_by_year(definition, rows, small_docket):
    found = asked(small_docket, "asylum-granted", definition, by="year")

    n = Counter(fiscal(on) for _, on, *_ in rows(small_docket))
    granted = Counter(
        fiscal(on) for _, on, letter, _ in rows(small_docket) if letter in GRANTED
    )
    counted = found.columns[2]
    assert {r["year"]: (r[counted], r["granted_count"]) for r in found.to_dicts()} == {
        year: (n[year], granted[year]) for year in n
    }


def test_of_all_that_filed_the_undecided_count_as_not_granted(small_docket):
    found = asked(small_docket, "asylum-granted", "of-filed").to_dicts()[0]

    asking = [case for case in filed(small_docket) if case in begun(small_docket)]
    granted = {
        case
        for case, _, letter, _ in decisions(small_docket, per_case=False)
        if letter in GRANTED
    }
    assert (found["case_count"], found["granted_count"]) == (len(asking), len(granted))


def test_granted_with_counsel_is_with_counsel_by_the_decision(small_docket):
    found = asked(small_docket, "asylum-granted", "trac-by-counsel")

    came = helped(small_docket)
    for part, has in (("with counsel", True), ("without counsel", False)):
        rows = [r for r in of_merits(small_docket) if (came[r[0]] <= r[1]) is has]
        row = found.filter(part=part).to_dicts()[0]
        assert row["asylum_decision_count"] == len(rows)
        assert row["granted_count"] == sum(r[2] in GRANTED for r in rows)


def test_filed_by_the_ending_is_counted_of_closed_cases(small_docket):
    found = asked(small_docket, "asylum-filed", "trac", by="court")

    ends, asks = ended(small_docket), filed(small_docket)
    n, k = Counter(), Counter()
    for case, row in begun(small_docket).items():
        if ends[case] != LATE:
            n[row[7]] += 1
            k[row[7]] += asks[case] <= ends[case]
    assert {r["court"]: (r["case_count"], r["filed_count"]) for r in found.to_dicts()} == {
        court: (n[court], k[court]) for court in n
    }


def test_filing_over_time_competes_with_ending_without(small_docket):
    """Aalen & Johansen (1978), day by day: those at risk, who filed, and who ended without."""
    found = asked(small_docket, "asylum-filed", "opendocket", days=(100, 400))

    ends, asks = ended(small_docket), filed(small_docket)
    spells = []
    for case, row in begun(small_docket).items():
        ask = max(asks[case], row[3])
        stop = min(ask, ends[case], FROZEN)
        code = 1 if ask <= min(ends[case], FROZEN) else 2 if ends[case] <= FROZEN else 0
        if stop >= row[3]:
            spells.append(((stop - row[3]).days, code))
    for day in (100, 400):
        pending, shares = 1.0, [0.0, 0.0]
        for at in sorted({d for d, _ in spells if d <= day}):
            left = sum(d >= at for d, _ in spells)
            out = [sum(d == at and c == code for d, c in spells) / left for code in (1, 2)]
            shares = [s + pending * o for s, o in zip(shares, out, strict=True)]
            pending *= 1 - sum(out)
        told = found.filter(days=day)["filed_share"].to_list()
        assert told == pytest.approx([*shares, pending], abs=1e-12)


@pytest.mark.parametrize("dirty", [False, True])
def test_shares_filed_with_and_without_counsel_add_to_the_whole(dirty, request):
    """TRAC 704 (A46-A49): 0.34 x 86 + 0.66 x 6 = 33, here to the case."""
    path = (
        request.getfixturevalue("docket_50k_dirty").path
        if dirty
        else request.getfixturevalue("small_docket")
    )
    whole = asked(path, "asylum-filed", "trac", by="custody").to_dicts()
    parts = asked(path, "asylum-filed", "trac-by-counsel", by="custody").to_dicts()
    counsel = asked(path, "counsel", "closed", by="custody").to_dicts()

    assert whole
    for all_of, with_counsel in zip(whole, counsel, strict=True):
        mine = {r["part"]: r for r in parts if r["custody"] == all_of["custody"]}
        represented = Fraction(with_counsel["represented_count"], with_counsel["case_count"])
        total = sum(
            weight * Fraction(mine[part]["filed_count"], mine[part]["case_count"])
            for part, weight in (
                ("with counsel", represented),
                ("without counsel", 1 - represented),
            )
            if part in mine
        )
        assert total == Fraction(all_of["filed_count"], all_of["case_count"])


def test_a_part_is_held_back_with_its_complement(small_docket):
    """With counsel and without add up to all, so that one alone held back would follow."""
    with open_docket(small_docket) as docket:
        found = answer(docket, "asylum-filed", definition="trac-by-counsel", by="court")

    sums = [
        parts["is_suppressed"].sum()
        for _, parts in found.group_by("court")
        if len(parts) == 2 and 0 not in parts["filed_count"].to_list()
    ]
    assert set(sums) == {0, 2}

"""Families by name, against plain Python on rows of cases."""

from datetime import date
from statistics import mean

import pytest

from opendocket.docket import open_docket
from opendocket.measure.answers import answer

ON = date(2023, 6, 30)
KINDS = "('RMV', 'DEP', 'EXC', 'AOC', 'WHO')"


@pytest.fixture(scope="module")
def docket(small_docket):
    with open_docket(small_docket) as opened:
        yield opened


@pytest.fixture(scope="module")
def families(docket):
    """Give each family: the court of its first member, and everybody's first decision."""
    rows = docket.con.execute(
        f"""
        select c.lead_case_id, c.court_code, c.case_type_code in {KINDS}, d.decided
        from out_docket__case as c
        left join (
            select case_id, min(completed_date) as decided
            from out_docket__proceeding
            where completed_date <= date '{ON}' and decision_code is not null
            group by case_id
        ) as d using (case_id)
        where c.received_date <= date '{ON}'
        order by c.case_id
        """
    ).fetchall()
    found = {}
    for lead, court, is_counted, decided in rows:
        found.setdefault(lead, []).append((court, is_counted, decided))
    return [members for members in found.values() if members[0][1]]


def ask(docket, name, **choices):
    return answer(docket, name, as_of=ON, suppress=False, **choices)


def at(families, court):
    return [members for members in families if court is None or members[0][0] == court]


@pytest.mark.parametrize("court", [None, "MIA", "NYC"])
def test_families_and_people_alone_are_counted_once(docket, families, court):
    rows = ask(docket, "families", where={"court": court} if court else {})

    sizes = [len(members) for members in at(families, court)]
    ours = dict(zip(rows["kind"], rows["family_count"], strict=True))
    assert ours == {
        "families of two or more": sum(size > 1 for size in sizes),
        "people alone": sum(size == 1 for size in sizes),
    }


@pytest.mark.parametrize("name", ["trac", "linked"])
def test_people_a_family_are_people_over_families(docket, families, name):
    row = ask(docket, "family-size", definition=name).row(0, named=True)

    sizes = [len(members) for members in families if name == "trac" or len(members) > 1]
    assert row["people_ratio"] == pytest.approx(mean(sizes), abs=1e-12)
    assert row["lower_ratio"] < row["people_ratio"] < row["upper_ratio"]


def test_families_are_decided_together_where_all_have_one_day(docket, families):
    row = ask(docket, "decided-together").row(0, named=True)

    days = [[day for _, _, day in members] for members in families if len(members) > 1]
    among = [of for of in days if sum(day is not None for day in of) > 1]
    together = [of for of in among if len(set(of)) == 1]
    assert row["together_count"] == len(together)
    assert row["together_share"] == pytest.approx(len(together) / len(among), abs=1e-12)

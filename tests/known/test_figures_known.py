"""Figures beyond the short list, each worked out again in SQL of its own.

The oracles read the agency's tables and the decoded proceedings, none of what the comparison
reads (the docket's cases and decisions, or its queries), and bring counts to national size by
the truth file. Where a docket is spoiled, the figures that rest on what was spoiled move.
"""

import duckdb
import pytest

from opendocket.figures import compare, every_target
from opendocket.figures.coverage import targets_of

pytestmark = pytest.mark.slow

RUN_TIME = {"B15", "B15b", "C15", "C16", "G01", "G02"}
"""Judges, whom a docket of this size has too many of; and the release of another month."""

CHEAP = "select distinct IDNCASE from d.core_eoir__case_identifier where CASE_ID = 'DD'"
COUNTED = "('RMV', 'DEP', 'EXC', 'AOC', 'WHO')"

SETUP = f"""
create temp table weight as
select
    national_dedicated_cases / dedicated_cases as tagged,
    (national_cases - national_dedicated_cases) / (cases - dedicated_cases) as other
from t.truth_release;

create temp table tag as {CHEAP};

create temp table stretch as
select
    p.proceeding_id, p.case_id, p.started_date, p.nta_date, p.completed_date, p.outcome,
    p.order_count, p.case_type_code as kind, p.next_started_date, p.next_proceeding_id,
    p.court_code
from d.out_docket__proceeding as p;

create temp table begun as
select
    s.case_id,
    case when s.started_date <= date '2026-06-30' then s.started_date end as received,
    s.kind,
    s.court_code as court,
    case when s.case_id in (from tag) then w.tagged else w.other end as w,
    s.case_id in (from tag) as is_tagged
from stretch as s, weight as w
where s.order_count = 1;

create temp table ended as
select s.*, s.outcome <> 'administrative closure' as counts
from stretch as s
join begun using (case_id)
where s.outcome is not null and s.outcome <> 'move' and begun.received is not null;

-- a judge's first decision: the earliest completion with a letter of decision
create temp table decided as
select case_id, day, outcome from (
    select
        s.case_id, s.completed_date as day, s.outcome,
        row_number() over (partition by s.case_id order by s.completed_date, s.order_count) as n
    from ended as s
    join d.core_eoir__proceeding as raw on raw.IDNPROCEEDING = s.proceeding_id
    where raw.DEC_CODE is not null
) where n = 1;

create temp table counsel as
select IDNCASE as case_id, min(day) as day from (
    select IDNCASE, E_28_DATE as day from d.core_eoir__representative
    where STRATTYTYPE = 'ALIEN' and STRATTYLEVEL = 'COURT'
    union all
    select IDNCASE, E_28_DATE from d.core_eoir__case
)
where day between date '1910-01-01' and date '2026-06-30'
group by IDNCASE;

create temp table asylum as
select
    p.case_id, p.completed_date as day,
    max((a.APPL_DEC <> 'D')::int) as granted
from d.core_eoir__application as a
join stretch as p on p.proceeding_id = a.IDNPROCEEDING
where a.APPL_CODE = 'ASYL' and a.APPL_DEC in ('D', 'F', 'G', 'C', 'I', 'P', 'L')
    and p.completed_date is not null
group by all;
"""

# cases whose last ending by a day, if any, has been followed by another proceeding by then
STANDING = """
    select b.case_id, b.w, b.kind, b.received, b.is_tagged
    from begun as b
    left join (
        select case_id, arg_max(
            coalesce(greatest(coalesce(next_started_date, completed_date), completed_date)
                     > date '{day}', true) or next_proceeding_id is null,
            (completed_date, order_count)) as stands
        from ended where completed_date <= date '{day}' group by case_id
    ) as e using (case_id)
    where b.received <= date '{day}' and not coalesce(e.stands, false)
"""

NOTICE = "join (select case_id, nta_date from d.out_docket__case) as nta using (case_id)"

ORACLES = {
    ("A06", "people in the first two months"):
        "select sum(w) from begun where is_tagged and received <= date '2021-07-31'",
    ("A14", "the docket's share of new cases"):
        f"""select sum(w) filter (is_tagged) / sum(w) from begun
        where received between date '2021-06-01' and date '2021-12-31' and kind in {COUNTED}""",
    ("A19", "represented, of June's arrivals"):
        """select avg((c.day <= date '2021-12-31' and c.day is not null)::int)
        from begun left join counsel as c using (case_id)
        where is_tagged and received between date '2021-06-01' and date '2021-06-30'""",
    ("A21", "from Brazil, Ecuador or Honduras"):
        """select avg((NAT in ('BR', 'EC', 'HO'))::int) from begun
        join d.core_eoir__case on IDNCASE = case_id
        where is_tagged and received <= date '2021-12-31' and NAT is not null""",
    ("A39", "represented, of pending"):
        f"""select avg((c.day is not null and c.day <= date '2022-10-31')::int)
        from ({STANDING.format(day="2022-10-31")}) left join counsel as c using (case_id)
        where is_tagged""",
    ("B04-2019", "left over in FY2019"):
        f"""select
            (select sum(w) from ({STANDING.format(day="2019-09-30")}) where kind in {COUNTED})
            - (select sum(w) from ({STANDING.format(day="2018-09-30")}) where kind in {COUNTED})
            - (select sum(w) from begun where kind in {COUNTED}
               and received between date '2018-10-01' and date '2019-09-30')
            + (select sum(w) from ended join begun using (case_id) where counts
               and begun.kind in {COUNTED}
               and completed_date between date '2018-10-01' and date '2019-09-30')""",
    ("B06-2021-12", "pending, TRAC, 2021-12"):
        f"select sum(w) from ({STANDING.format(day='2021-12-31')})",
    ("B08-2022 Oct-Jun", "dismissed, no NTA filed, FY2022 Oct-Jun"):
        """select sum(w) from ended join begun using (case_id)
        where outcome = 'no nta'
        and completed_date between date '2021-10-01' and date '2022-06-30'""",
    ("B09-2019", "removal cases completed, FY2019"):
        """select sum(w) from ended join begun using (case_id) where counts
        and begun.kind = 'RMV'
        and completed_date between date '2018-10-01' and date '2019-09-30'""",
    ("B19-2012", "represented at first decision, FY2012"):
        f"""select sum(w) filter (c.day <= i.day) / sum(w)
        from decided as i join begun using (case_id) left join counsel as c using (case_id)
        where kind in {COUNTED} and i.day between date '2011-10-01' and date '2012-09-30'""",
    ("B20-Dec 2023 (of 3,287,058)", "represented, of pending, 2023-12"):
        f"""select sum(w) filter (c.day <= date '2023-12-31') / sum(w)
        from ({STANDING.format(day="2023-12-31")}) left join counsel as c using (case_id)""",
    ("C06-2009", "mean days pending, 2009-09"):
        f"""select sum(w * (date '2009-09-30' - coalesce(nta_date, received))) / sum(w)
        from ({STANDING.format(day="2009-09-30")}) {NOTICE}""",
    ("C08", "mean days to completion, removal order, to 2010-09"):
        f"""select sum(w * (completed_date - nta.nta_date)) / sum(w)
        from (select case_id, completed_date, outcome from ended)
        join begun using (case_id) {NOTICE}
        where outcome in ('removal', 'in absentia') and nta.nta_date is not null
        and completed_date between date '2009-10-01' and date '2010-09-30'""",
    ("D05", "no order in absentia, detained too"):
        """select 1 - sum(w) filter (first = 'in absentia') / sum(w)
        from begun left join (
            select case_id, arg_min(outcome, (completed_date, order_count)) as first
            from ended where completed_date <= date '2018-09-30' group by case_id
        ) using (case_id)
        where kind = 'RMV' and received between date '2007-10-01' and date '2018-09-30'""",
    ("D11-2018", "asylum decisions, FY2018"):
        """select sum(w) from asylum join begun using (case_id)
        where day between date '2017-10-01' and date '2018-09-30'""",
    ("D13-2018", "asylum denied, FY2018"):
        """select sum(w) filter (granted = 0) / sum(w) from asylum join begun using (case_id)
        where day between date '2017-10-01' and date '2018-09-30'""",
    ("D17", "removal or departure, FY2023"):
        """select sum(w) filter (
            outcome in ('removal', 'in absentia', 'voluntary departure')) / sum(w)
        from ended join begun using (case_id) where counts
        and completed_date between date '2022-10-01' and date '2023-09-30'""",
    ("D18", "represented, decided 2007 to 2012, detained"):
        """select sum(w) filter (c.day <= i.day) / sum(w)
        from decided as i join begun using (case_id) left join counsel as c using (case_id)
        join d.core_eoir__case on IDNCASE = case_id
        where kind = 'RMV' and CUSTODY = 'D'
        and i.day between date '2007-01-01' and date '2012-12-31'""",
    ("F07", "received within 3 months of the NTA, FY2007"):
        f"""select sum(w) filter (received - nta_date < 91) / sum(w) from begun {NOTICE}
        where nta_date is not null
        and received between date '2006-10-01' and date '2007-09-30'""",
    ("G05", "cases with an appeal, July 2026"):
        """select sum(w) filter (case_id in (select idncase from d.core_eoir__appeal
                                            where idncase is not null)) / sum(w) from begun""",
}  # fmt: skip


@pytest.fixture(scope="module")
def comparisons(calibration_docket):
    with duckdb.connect(calibration_docket, read_only=True) as con:
        found = compare(con, targets=every_target())
    return {(c.target.figures[0], c.target.what): c for c in found}


@pytest.fixture(scope="module")
def oracle(calibration_docket, calibration_release):
    with duckdb.connect() as con:
        con.execute(f"attach '{calibration_docket}' as d (read_only)")
        con.execute(f"attach '{calibration_release.truth}' as t (read_only)")
        con.execute(SETUP)
        yield con


def test_every_figure_that_the_release_can_answer_has_a_verdict(comparisons):
    silent = {
        c.target.figures[0].partition("-")[0]
        for c in comparisons.values()
        if c.target.read is not None and c.measured is None
    }

    assert silent - {"A58"} == RUN_TIME
    assert {c.verdict for c in comparisons.values() if c.measured is not None} == {
        "within",
        "outside",
    }
    # nobody of the fitted release bears the mark of A58's hundred days, or few do
    assert all(c.reason for c in comparisons.values())


@pytest.mark.parametrize("key", ORACLES, ids=lambda key: f"{key[0]} {key[1]}")
def test_a_figure_agrees_with_sql_written_for_it_alone(key, comparisons, oracle):
    ((expected,),) = oracle.execute(ORACLES[key]).fetchall()

    assert comparisons[key].measured == pytest.approx(float(expected), rel=1e-3)


SPOILED = {
    "counsel entered a year late": (
        {"case": "counsel_date + 365 as counsel_date"},
        ("A18", "A19", "A28", "A39"),
    ),
    "half of the cases lost": (
        {"case": "", "decision": "", "where": "hash(case_id) % 2 = 0"},
        ("A06", "A29", "B05-2005", "B06-2021-12", "B09-2017", "B12-2022 EOIR App.E"),
    ),
    "notices dated a year early": (
        {"case": "nta_date - 365 as nta_date"},
        ("C07-2005", "C07-2006", "C07b-start FY2006 GAO median"),
    ),
    "orders in absentia entered as present": (
        {
            "case": "replace(first_outcome, 'in absentia', 'removal') as first_outcome,"
            "replace(first_decision, 'in absentia', 'removal') as first_decision",
            "decision": "replace(outcome, 'in absentia', 'removal') as outcome",
        },
        ("A34", "D03", "D05", "D22"),
    ),
    "everybody from one country": (
        {"case": "'MX' as nationality_code"},
        ("A21",),
    ),
}
TABLES = {"case": "out_docket__case", "decision": "out_docket__decision"}


@pytest.fixture
def spoiled(calibration_docket):
    """Give a function that compares the docket with something done to it."""

    def verdicts(how, ids):
        with duckdb.connect() as con:
            con.execute(f"attach '{calibration_docket}' as whole (read_only)")
            for table in ("out_load__release", "out_load__account"):
                con.execute(f"create view {table} as from whole.{table}")
            for name, table in TABLES.items():
                given = how.get(name)
                columns = f"* replace ({given})" if given else "*"
                where = how.get("where", "true")
                con.execute(
                    f"create table {table} as select {columns} from whole.{table} where {where}"
                )
            targets = [target for id in ids for target in targets_of(id)]
            return {c.target.figures[0]: c.verdict for c in compare(con, targets=targets)}

    return verdicts


@pytest.mark.parametrize("what", SPOILED)
def test_a_docket_spoiled_is_found_outside(what, spoiled):
    how, ids = SPOILED[what]

    whole, found = spoiled({}, ids), spoiled(how, ids)

    assert set(whole.values()) == {"within"}
    assert set(found.values()) == {"outside"}

"""Spreads between judges, against plain Python, and where judges are made alike or not."""

import re
from collections import Counter, defaultdict
from datetime import date
from math import comb, log

import duckdb
import numpy as np
import pytest

from opendocket.docket import open_docket
from opendocket.docket.load import load_release
from opendocket.estimate.dispersion import dispersion, dispersion_within
from opendocket.measure.answers import answer
from opendocket.measure.judges import DECISIONS_AT_LEAST, smoothed_quantile
from opendocket.synthetic import synthesize

PERSON = re.compile(r"(?!VJ[0-9A-Z]$|SJ[0-9]$|AAA$|TST$)")
KINDS = ("RMV", "DEP", "EXC", "AOC", "WHO")
FROZEN = date(2024, 9, 30)


@pytest.fixture(scope="module")
def few_judges(tmp_path_factory):
    """Give a docket whose judges are few, so that each has enough to be compared."""
    folder = tmp_path_factory.mktemp("judges")
    made = synthesize(folder / "release.zip", cases=12_000, seed=5, dirt=0)
    path = load_release(made.path, folder / "docket.duckdb").path
    with duckdb.connect(path) as con:
        for table in ("out_docket__proceeding", "out_docket__decision"):
            con.execute(
                f"update {table} set judge_code = 'J-' || (case_id % 13)"
                " where judge_code is not null and not regexp_full_match(judge_code,"
                " 'VJ[0-9A-Z]|SJ[0-9]|AAA|TST')"
            )
    return path


def plain(path, query):
    with duckdb.connect(path, read_only=True) as con:
        return con.execute(query).fetchall()


def told(path, name, definition, **choices):
    with open_docket(path) as docket:
        return answer(docket, name, definition=definition, as_of=FROZEN, **choices)


def three_around(values, place):
    middle = min(max(round(place), 1), len(values) - 2)
    return sum(sorted(values)[middle - 1 : middle + 2]) / 3


def test_quantiles_of_cases_decided_are_those_of_judges_with_eleven_or_more(few_judges):
    found = told(few_judges, "judge-caseload", "decided")

    rows = plain(
        few_judges,
        "select judge_code, case_id from out_docket__proceeding as p"
        f" where decision_code is not null and completed_date <= date '{FROZEN}'"
        f" and case_type_code in {KINDS} and exists (select 1 from out_docket__proceeding as o"
        " where o.case_id = p.case_id and o.order_count = 1"
        f" and o.started_date <= date '{FROZEN}') qualify row_number() over ("
        "partition by case_id order by completed_date, order_count) = 1",
    )
    counts = Counter(judge for judge, _ in rows if judge and PERSON.match(judge))
    kept = [n for n in counts.values() if n >= 11]
    median = found.filter(quantile="median").row(0, named=True)
    assert len(kept) >= 11
    assert median["judge_count"] == len(kept)
    assert median["left_out_judge_count"] == len(counts) - len(kept)
    assert median["case_count"] == round(three_around(kept, len(kept) / 2 - 0.5))
    assert found["lower_count"][2] <= found["case_count"][2] <= found["upper_count"][2]


def test_pending_cases_are_of_the_judge_of_the_proceeding_begun_last(few_judges):
    found = told(few_judges, "judge-caseload", "pending")

    latest = {}
    for case, nth, judge, outcome, ended in plain(
        few_judges,
        "select case_id, order_count, judge_code, outcome, completed_date"
        f" from out_docket__proceeding where started_date <= date '{FROZEN}'"
        f" and case_type_code in {KINDS} order by case_id, order_count",
    ):
        is_open = ended is None or ended > FROZEN or outcome == "move"
        latest[case] = (nth, judge, is_open)
    counts = Counter(
        j for _, j, is_open in latest.values() if is_open and j and PERSON.match(j)
    )
    kept = [n for n in counts.values() if n >= 11]
    median = found.filter(quantile="median").row(0, named=True)
    assert median["judge_count"] == len(kept)
    assert median["case_count"] == round(three_around(kept, len(kept) / 2 - 0.5))


def test_no_quantile_is_one_judges_own():
    values = np.array([10.0, 20.0, 60.0])

    assert smoothed_quantile(values, 0) == smoothed_quantile(values, 2) == 30.0


def test_few_judges_have_no_quantile_even_where_nothing_is_held_back(few_judges):
    found = told(few_judges, "judge-caseload", "decided", by="court", suppress=False)

    few = found.filter(found["judge_count"] < 11)
    assert len(few)
    assert few["case_count"].null_count() == len(few)


def test_no_answer_holds_the_code_of_a_judge(few_judges):
    for name in ("judge-caseload", "grant-rate-dispersion"):
        with open_docket(few_judges) as docket:
            found = answer(docket, name, definition="all", suppress=False)

        assert "judge_code" not in found.columns
        texts = {value for c in found.iter_columns() if c.dtype == str for value in c}
        assert not {t for t in texts if t and t.startswith("J-")}


def families_decided(path):
    """Give grants and decisions by judge, one a family, of the latest letter of proceedings."""
    rows = plain(
        path,
        "select a.IDNCASE, c.lead_case_id, p.judge_code, a.APPL_DEC <> 'D'"
        " from core_eoir__application as a"
        " join out_docket__proceeding as p on p.proceeding_id = a.IDNPROCEEDING"
        " join out_docket__case as c on c.case_id = a.IDNCASE"
        " where a.APPL_CODE = 'ASYL' and a.APPL_DEC in ('F','G','C','I','P','L','D')"
        f" and p.completed_date <= date '{FROZEN}' and c.received_date <= date '{FROZEN}'"
        f" and c.case_type_code in {KINDS}",
    )
    first = {}
    for _, lead, judge, is_granted in sorted(rows, key=lambda row: row[0]):
        if judge and PERSON.match(judge):
            first.setdefault((judge, lead), is_granted)
    judges = defaultdict(lambda: [0, 0])
    for (judge, _), is_granted in first.items():
        judges[judge][0] += is_granted
        judges[judge][1] += 1
    return judges


def test_the_spread_is_that_of_families_a_judge_decided(few_judges):
    found = told(few_judges, "grant-rate-dispersion", "all-judges")

    judges = families_decided(few_judges)
    kept = [v for v in judges.values() if v[1] >= DECISIONS_AT_LEAST]
    expected = dispersion(*(np.array(column) for column in zip(*kept, strict=True)))
    value = dict(zip(found["statistic"], found["grant_rate_share"], strict=True))
    assert found["judge_count"].unique().to_list() == [len(kept)]
    assert found["asylum_decision_count"][0] == sum(n for _, n in kept)
    assert value["mean rate"] == pytest.approx(expected.mean)
    assert value["spread beyond chance"] == pytest.approx(expected.sd)
    by_hand = np.std([x / n for x, n in kept], ddof=1)
    assert value["spread seen"] == pytest.approx(by_hand)


def test_within_one_court_the_spread_is_the_plain_one():
    x, n = np.array([2, 5, 8, 14, 18]), np.full(5, 20)

    one = dispersion_within(x, n, np.zeros(5, dtype=int))

    assert one == dispersion(x, n)


def test_courts_apart_whose_judges_decide_alike_have_no_spread_within():
    """Binomial judges; courts granting 20 and 60 in 100: all the spread lies between courts."""
    rng = np.random.default_rng(np.random.SeedSequence(20261124))
    court = np.repeat([0, 1], 40)
    n = np.full(80, 100)
    x = rng.binomial(n, np.where(court == 0, 0.2, 0.6))

    among_all, within = dispersion(x, n), dispersion_within(x, n, court)

    assert among_all.sd == pytest.approx(0.2, abs=0.02)
    assert within.lower == 0.0
    assert within.sd < 0.03
    assert within.mean == pytest.approx(0.4, abs=0.02)


def test_a_known_spread_within_courts_is_found():
    """Beta rates with an sd of 0.1 about courts' means; 30 courts of 20 judges."""
    rng = np.random.default_rng(np.random.SeedSequence(11))
    court = np.repeat(np.arange(30), 20)
    mean = rng.uniform(0.2, 0.6, 30)[court]
    size = mean * (1 - mean) / 0.1**2 - 1
    rates = rng.beta(mean * size, (1 - mean) * size)
    n = rng.integers(50, 200, 600)

    found = dispersion_within(rng.binomial(n, rates), n, court)

    assert found.lower < 0.1 < found.upper
    assert found.upper - found.lower < 0.03
    assert found.sd == pytest.approx(0.1, rel=0.08)


def test_the_likelihood_within_two_courts_is_the_product_of_theirs():
    """Skellam (1948): the beta-binomial's, written with binomial coefficients on a grid."""

    def log_likelihood(x, n, mean, sd):
        size = mean * (1 - mean) / sd**2 - 1
        a, b = mean * size, (1 - mean) * size
        total = 0.0
        for k, m in zip(x, n, strict=True):
            top = np.log(a + np.arange(k)).sum() + np.log(b + np.arange(m - k)).sum()
            total += log(comb(m, k)) + top - np.log(a + b + np.arange(m)).sum()
        return total

    x = [[4, 9, 2, 6, 7], [15, 11, 17, 12, 18]]
    n = [[20] * 5] * 2
    grid = np.arange(0.02, 0.25, 0.005)
    means = np.arange(0.1, 0.9, 0.01)
    profile = [
        sum(
            max(log_likelihood(xs, ns, mean, sd) for mean in means if sd**2 < mean * (1 - mean))
            for xs, ns in zip(x, n, strict=True)
        )
        for sd in grid
    ]

    found = dispersion_within(np.ravel(x), np.ravel(n), [0] * 5 + [1] * 5)

    assert found.sd == pytest.approx(grid[int(np.argmax(profile))], abs=0.006)

"""`opendocket sql`: answers whole or cut, reads only, and reaches nothing but the docket."""

import csv
import io
import json
import shutil
import signal
import subprocess
import sys
import time
from decimal import Decimal

import duckdb
import pytest
import tiny_release as tiny
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.docket.asking import asked
from opendocket.docket.load import load_release
from opendocket.errors import BadQuery


@pytest.fixture(scope="module")
def docket(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sql")
    texts = tiny.tables(A_TblCase=[{"IDNCASE": n, "CASE_TYPE": "RMV"} for n in range(1, 61)])
    path = tiny.written(folder / "tiny.zip", texts, folder="2026-0701 SYNTHETIC")
    return load_release(path, folder / "docket.duckdb").path


@pytest.fixture
def run(docket):
    def call(*words, given=None):
        return CliRunner().invoke(main, ["sql", str(docket), *words], input=given)

    return call


def test_a_table_shows_the_first_rows_and_says_how_many_more_there_are(run):
    result = run("select IDNCASE from core_eoir__case order by 1", "--rows", "3")

    assert result.stdout.split() == ["IDNCASE", "1", "2", "3"]
    assert result.stderr.startswith("57 more rows;")


def test_an_answer_says_that_it_is_made_up_and_about_persons(run):
    said = run("select 1 as a").stderr

    assert "SYNTHETIC DATA" in said
    assert "publish no count of 1 to 10" in said


def test_a_wide_answer_fits_80_columns_and_says_what_it_leaves_out(run):
    result = run("from core_eoir__case")

    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "no room for" in result.stderr


def test_csv_and_json_hold_every_row(run):
    query = "select IDNCASE as id from core_eoir__case order by 1"
    rows = list(csv.DictReader(io.StringIO(run(query, "--format", "csv").stdout)))
    same = json.loads(run(query, "--format", "json", "--rows", "1").stdout)

    assert [int(row["id"]) for row in rows] == list(range(1, 61))
    assert [row["id"] for row in same] == list(range(1, 61))


VALUES = """
    select 1 as a, null as b, date '2020-01-02' as d, 1.5::decimal(10, 2) as m, 'x, "y"' as t,
    true as f, [1, 2] as l, '\\xAA'::blob as x, timestamp '2020-01-02 03:04:05' as s
"""


def test_values_of_every_kind_are_written_plainly(run):
    (row,) = list(csv.reader(io.StringIO(run(VALUES, "--format", "csv").stdout)))[1:]
    (told,) = json.loads(run(VALUES, "--format", "json").stdout)

    assert row == [
        "1", "", "2020-01-02", "1.50", 'x, "y"', "true", "[1, 2]", "aa", "2020-01-02T03:04:05"
    ]  # fmt: skip
    assert told == {
        "a": 1, "b": None, "d": "2020-01-02", "m": 1.5, "t": 'x, "y"', "f": True, "l": [1, 2],
        "x": "aa", "s": "2020-01-02T03:04:05",
    }  # fmt: skip


def test_a_name_that_is_there_twice_loses_no_value_in_json(run):
    (told,) = json.loads(run("select 1 as a, 2 as a, 3 as a_1", "--format", "json").stdout)

    assert sorted(told.values()) == [1, 2, 3]
    assert (told["a"], told["a_1"]) == (1, 3)


def refused_constant(name):
    raise ValueError(f"{name} is no JSON")


def test_what_is_no_number_is_a_text_in_json_wherever_it_stands(run):
    query = "select 'nan'::double as a, '-inf'::float as b, ['inf'::double, 1] as c"
    said = run(query, "--format", "json").stdout

    (told,) = json.loads(said, parse_constant=refused_constant)
    assert told == {"a": "nan", "b": "-inf", "c": ["inf", 1.0]}


def test_decimals_keep_every_digit_in_json(run):
    query = """
        select 12345678901234567890.1234567891::decimal(38, 10) as a,
        {'b': 0.10::decimal(4, 2)} as s
    """
    said = run(query, "--format", "json").stdout

    assert json.loads(said, parse_float=Decimal) == [
        {"a": Decimal("12345678901234567890.1234567891"), "s": {"b": Decimal("0.10")}}
    ]


PIVOTS = [
    "pivot (select NAT, IDNCASE % 3 as k from core_eoir__case) on k using count(*)",
    "with p as (pivot core_eoir__case on CASE_TYPE using count(*) group by NAT) from p;",
    "-- how many?\npivot core_eoir__case on CASE_TYPE using count(*) group by NAT -- of each",
]


@pytest.mark.parametrize("query", PIVOTS)
def test_a_pivot_is_one_question(docket, query):
    with asked(docket, query) as answer:
        assert len(list(answer.rows())) == 1
        assert answer.columns[-1] in ("2", "RMV")
        assert answer.count() == 1


def test_a_pivot_that_cannot_be_asked_says_how_it_can(run):
    query = "explain pivot core_eoir__case on CASE_TYPE using count(*)"
    result = run(query)

    assert "name them: PIVOT … ON … IN ('a', 'b')" in result.stderr
    assert run(query.replace("CASE_TYPE", "CASE_TYPE in ('RMV')")).exit_code == 0


def test_no_row_is_a_heading_in_a_table_and_in_csv_and_an_empty_list_in_json(run):
    query = "select IDNCASE from core_eoir__case where IDNCASE = -1"

    assert run(query).stdout == "IDNCASE\n"
    assert run(query, "--format", "csv").stdout == "IDNCASE\n"
    assert json.loads(run(query, "--format", "json").stdout) == []


def test_a_question_comes_from_the_line_a_file_or_stdin_but_not_from_two(run, tmp_path):
    script = tmp_path / "question.sql"
    script.write_text("-- how many?\nselect count(*) as n from core_eoir__case;\n")
    answers = [
        run("select count(*) as n from core_eoir__case"),
        run("-f", str(script)),
        run(given=script.read_text()),
        run("-f", "-", given=script.read_text()),
    ]

    assert {answer.stdout for answer in answers} == {" n\n60\n"}
    assert run("select 1", "-f", str(script)).exit_code == 2
    assert run("-f", str(tmp_path / "none.sql")).exit_code == 2


REFUSED = [
    "create table a as select 1",
    "create temp table a as select 1",
    "drop table core_eoir__case",
    "update core_eoir__case set NAT = 'MX'",
    "set memory_limit = '100GB'",
    "set enable_external_access = true",
    "attach 'other.duckdb'",
    "install httpfs",
    "load httpfs",
    "copy core_eoir__case to 'out.csv'",
    "export database 'out'",
    "checkpoint",
    "select 1; select 2",
    "pivot core_eoir__case on NAT using count(*); select 2",
    "create temp table a as select 1; pivot core_eoir__case on NAT using count(*)",
    "create temp table a as pivot core_eoir__case on NAT using count(*)",
    "pivot core_eoir__case on NAT using count(*); drop table core_eoir__case",
    "",
    "-- nothing",
]


@pytest.mark.parametrize("query", REFUSED)
def test_what_does_not_only_read_is_refused(docket, query, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = docket.read_bytes()

    with pytest.raises(BadQuery), asked(docket, query):
        pass
    assert list(tmp_path.iterdir()) == []
    assert docket.read_bytes() == before


REACHING = [
    "from read_csv('{file}')",
    "from '{file}'",
    "from read_text('{file}')",
    "from read_blob('{file}')",
    "from glob('{file}')",
    "from read_csv('https://example.org/a.csv')",
    "from read_parquet('s3://bucket/a.parquet')",
    "select * from core_eoir__case, read_csv('{file}')",
    "from somebody",
]


@pytest.mark.parametrize("query", REACHING)
def test_no_other_file_no_network_and_no_python_is_reached(docket, query, tmp_path):
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    somebody = [1]

    with (
        pytest.raises(BadQuery) as refused,
        asked(docket, query.format(file=tmp_path / "secret.csv")) as answer,
    ):
        list(answer.rows())
    assert somebody
    assert (
        "secret" not in str(refused.value)
        or "Cannot access" in str(refused.value)
        or ("does not exist" in str(refused.value))
    )


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("from A_TblCase", "core_eoir__case"),
        ("from out_docket__cas", "out_docket__case"),
        ("select IDNCAS from core_eoir__case", "IDNCASE"),
        ("selec 1", "syntax error"),
        ("select ('a' || IDNCASE)::int from core_eoir__case", "Could not convert"),
    ],
)
def test_a_wrong_question_is_refused_in_one_line_with_what_may_be_meant(run, query, meant):
    result = run(query)

    assert result.exit_code == 3
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Error: the query: " in result.stderr
    assert meant in result.stderr


def test_a_view_that_a_docket_was_made_without_is_no_slip_of_the_pen(docket, tmp_path):
    without = tmp_path / "docket.duckdb"
    shutil.copy(docket, without)
    with duckdb.connect(without) as con:
        con.execute("drop view if exists out_view__bond")

    with (
        pytest.raises(BadQuery, match="load the release again"),
        asked(without, "from out_view__bond"),
    ):
        pass


def test_a_question_that_needs_too_much_memory_is_refused(docket):
    hungry = "select list(repeat('x', 1000) || range) from range(10000000)"

    with (
        pytest.raises(BadQuery, match="memory"),
        asked(docket, hungry, gigabytes=0.1) as answer,
    ):
        list(answer.rows())


def test_what_is_no_docket_is_refused(tmp_path):
    with duckdb.connect(tmp_path / "other.duckdb") as con:
        con.execute("create table a as select 1")
    result = CliRunner().invoke(main, ["sql", str(tmp_path / "other.duckdb"), "select 1"])

    assert result.exit_code == 3
    assert "a DuckDB file without the table out_load__release" in result.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("heard")
def test_ctrl_c_ends_a_long_question(docket, tmp_path):
    copy = tmp_path / "docket.duckdb"
    shutil.copy(docket, copy)
    endless = "select count(*) from range(1000000) a, range(1000000) b, range(1000000) c"
    asking = subprocess.Popen(
        [sys.executable, "-m", "opendocket", "sql", str(copy), endless],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(8)  # on a busy machine the program takes some to begin
    asking.send_signal(signal.SIGINT)
    out, err = asking.communicate(timeout=60)

    assert asking.returncode == 3, err
    assert out == ""
    assert "interrupted" in err
    assert "Traceback" not in err

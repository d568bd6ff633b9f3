"""`opendocket export`: what is written reads back as the same rows, and says what it is."""

import csv
import hashlib
import io
import json

import duckdb
import pytest
import tiny_release as tiny
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.columns import TABLES
from opendocket.docket.export import MOST_PARTS, export_docket
from opendocket.docket.load import load_release
from opendocket.docket.views import create_views
from opendocket.errors import AlreadyThere, TooManyParts, UnknownName

CASES = [
    {"IDNCASE": 1, "CASE_TYPE": "RMV", "NAT": "MX", "ALIEN_CITY": 'SAN "J", JOSE'},
    {"IDNCASE": 2, "CASE_TYPE": "WHO", "NAT": "NA", "CASEPRIORITY_CODE": "N/A"},
    {"IDNCASE": 3, "CASE_TYPE": "RMV", "ALIEN_CITY": "MÉRIDA", "DATE_OF_ENTRY": "2021-02-03"},
]
BONDS = [{"IDNASSOCBOND": 1, "IDNCASE": 1, "NEW_BOND": "1500.5", "DEC": "C"}]
LINKS = [{"idnLeadRider": 1, "blnActive": "1", "datCreatedOn": "2022-01-02 03:04:05.678"}]


@pytest.fixture(scope="module")
def docket(tmp_path_factory):
    """A tiny docket with text, numbers, money, days, instants and truth values."""
    folder = tmp_path_factory.mktemp("export")
    texts = tiny.tables(A_TblCase=CASES, D_TblAssociatedBond=BONDS, tbl_Lead_Rider=LINKS)
    path = tiny.written(folder / "tiny.zip", texts, folder="2026-0701 SYNTHETIC")
    made = load_release(path, folder / "docket.duckdb").path
    with duckdb.connect(made) as con:
        create_views(con)
    return made


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def checksum(con, source):
    """Add up the hashes of a table's rows: the same rows in any order give the same."""
    return con.execute(f"select count(*), sum(hash(t)::hugeint) from {source} as t").fetchall()


def reader(folder, table, form):
    """Say how to read a table back with nothing but its entry in the manifest."""
    files = [str(folder / file["path"]) for file in table["files"]]
    if form == "parquet":
        return f"read_parquet({files}, hive_partitioning = false)"
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in table["columns"].items())
    return (
        f"read_csv({files}, header = true, delim = ',', quote = '\"', escape = '\"',"
        f" nullstr = '', allow_quoted_nulls = false, columns = {{{columns}}},"
        " hive_partitioning = false)"
    )


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_every_table_reads_back_as_the_rows_it_was_written_from(docket, tmp_path, form):
    out = tmp_path / "out"
    layers = ("core", "docket", "load", "view", "aside")
    export_docket(docket, out, tables=layers, form=form)

    with duckdb.connect(docket, read_only=True) as con:
        there = con.execute(
            "select table_name from duckdb_tables() union all"
            " select view_name from duckdb_views() where not internal order by all"
        ).fetchall()
        told = {table["name"]: table for table in manifest(out)["tables"]}
        assert sorted(told) == [name for (name,) in there]
        for name, table in told.items():
            read = checksum(con, reader(out, table, form))
            assert read == checksum(con, f'"{name}"'), name
            assert read[0][0] == table["row_count"]


@pytest.mark.slow
def test_a_docket_of_twenty_thousand_reads_back_too(small_docket, tmp_path):
    out = tmp_path / "out"
    export_docket(small_docket, out, tables=["core", "docket"])

    with duckdb.connect(small_docket, read_only=True) as con:
        for table in manifest(out)["tables"]:
            read = checksum(con, reader(out, table, "parquet"))
            assert read == checksum(con, table["name"]), table["name"]


def test_the_manifest_tells_of_the_release_and_of_every_file(docket, tmp_path):
    out = tmp_path / "out"
    export_docket(docket, out)
    told = manifest(out)
    files = {file["path"]: file for table in told["tables"] for file in table["files"]}

    assert told["is_synthetic"] is True
    assert (told["released_date"], told["as_of_date"]) == ("2026-07-01", "2026-06-30")
    assert told["release_file"] == "tiny.zip"
    assert {p.name for p in out.iterdir()} == {*files, "manifest.json", "README.md"}
    for path, file in files.items():
        data = (out / path).read_bytes()
        assert file["size_bytes"] == len(data)
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
    (case,) = [t for t in told["tables"] if t["name"] == "core_eoir__case"]
    assert case["agency_name"] == "A_TblCase"
    assert list(case["columns"]) == [c.name for c in TABLES["A_TblCase"].columns]


def test_what_is_written_says_that_it_is_made_up_and_about_persons(docket, tmp_path):
    out = tmp_path / "out"
    result = CliRunner().invoke(main, ["export", str(docket), "--out", str(out)])
    readme = (out / "README.md").read_text("utf-8")

    assert result.stdout == f"{out}\n"
    assert "SYNTHETIC" in result.stderr
    assert "publish no count of 1 to 10" in result.stderr
    assert "SYNTHETIC DATA, about nobody." in readme
    assert "publish no count of 1 to 10" in readme


def test_views_and_what_was_set_aside_are_written_where_they_are_named(docket, tmp_path):
    usual = export_docket(docket, tmp_path / "usual")
    named = export_docket(docket, tmp_path / "named", tables=["view", "aside"])

    def layers(made):
        return {table.name.partition("__")[0] for table in made.tables}

    assert layers(usual) == {"core_eoir", "out_docket", "out_load"}
    assert layers(named) == {"out_view", "aside_eoir"}


def test_tables_go_by_any_of_their_names_each_once(docket, tmp_path):
    words = ["--tables", "a_tblcase,CORE_EOIR__CASE", "--tables", "out_docket__case"]
    CliRunner().invoke(
        main, ["export", str(docket), "--out", str(tmp_path / "o"), *words, "--format", "csv"]
    )

    assert [table["name"] for table in manifest(tmp_path / "o")["tables"]] == [
        "core_eoir__case", "out_docket__case"
    ]  # fmt: skip


def test_csv_is_plain_and_what_is_missing_is_empty(docket, tmp_path):
    export_docket(docket, tmp_path / "o", tables=["A_TblCase"], form="csv")
    text = (tmp_path / "o/core_eoir__case.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))

    assert [row["ALIEN_CITY"] for row in rows] == ['SAN "J", JOSE', "", "MÉRIDA"]
    assert [row["NAT"] for row in rows] == ["MX", "NA", ""]
    assert rows[1]["CASEPRIORITY_CODE"] == "N/A"
    assert rows[2]["DATE_OF_ENTRY"] == "2021-02-03"


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_table_in_parts_holds_the_same_rows_one_part_a_value(docket, tmp_path, form):
    out = tmp_path / "out"
    made = export_docket(
        docket, out, tables=["A_TblCase", "tblAppeal"], form=form, partition_by="case_type"
    )
    told = {table["name"]: table for table in manifest(out)["tables"]}
    parts = {path.name for path in (out / "core_eoir__case").iterdir()}

    assert parts == {"CASE_TYPE_part=RMV", "CASE_TYPE_part=WHO"}
    assert told["core_eoir__case"]["partitioned_by"] == "CASE_TYPE_part"
    assert told["core_eoir__appeal"]["partitioned_by"] is None  # has no such column
    assert [table.row_count for table in made.tables] == [0, 3]
    if form == "parquet":
        with duckdb.connect(docket, read_only=True) as con:
            read = checksum(con, reader(out, told["core_eoir__case"], form))
            assert read == checksum(con, "core_eoir__case")


def test_days_are_parted_by_year_and_no_day_is_a_part_too(docket, tmp_path):
    export_docket(docket, tmp_path / "o", tables=["A_TblCase"], partition_by="DATE_OF_ENTRY")
    parts = {path.name for path in (tmp_path / "o/core_eoir__case").iterdir()}

    assert parts == {"DATE_OF_ENTRY_year=2021",
                     "DATE_OF_ENTRY_year=__HIVE_DEFAULT_PARTITION__"}  # fmt: skip


def test_what_would_fall_into_too_many_parts_is_refused(small_docket, tmp_path):
    with pytest.raises(TooManyParts, match=f"at most {MOST_PARTS}"):
        export_docket(
            small_docket, tmp_path / "o", tables=["A_TblCase"], partition_by="IDNCASE"
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"tables": ["A_TblCas"]}, "A_TblCase"),
        ({"tables": ["out_docket__cases"]}, "out_docket__case"),
        ({"tables": ["A_TblCase"], "partition_by": "CASE_TYP"}, "CASE_TYPE"),
    ],
)
def test_an_unknown_name_is_refused_and_nothing_is_written(docket, tmp_path, given, meant):
    with pytest.raises(UnknownName, match=meant):
        export_docket(docket, tmp_path / "o", **given)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_replaced_only_where_asked(docket, tmp_path):
    out = tmp_path / "out"
    export_docket(docket, out, tables=["A_TblCase"])

    with pytest.raises(AlreadyThere):
        export_docket(docket, out, tables=["tblAppeal"])
    assert (out / "core_eoir__case.parquet").exists()

    export_docket(docket, out, tables=["tblAppeal"], overwrite=True)
    assert not (out / "core_eoir__case.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_work_that_is_stopped_leaves_nothing(docket, tmp_path):
    def stop(what, done, total):
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_docket(docket, tmp_path / "deep/out", progress=stop)
    assert list(tmp_path.iterdir()) == []

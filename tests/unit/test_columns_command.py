"""`opendocket columns`, and the lists behind it: links, code lists, our own tables."""

import csv
import io
import json

import duckdb
import pytest
from click.testing import CliRunner

from opendocket.cli import main
from opendocket.columns import TABLES
from opendocket.columns.codes import code_list, court_decisions
from opendocket.columns.described import (
    codes_of,
    column_called,
    described,
    near,
    table_called,
)
from opendocket.columns.links import UNLISTED, links
from opendocket.columns.own import LISTS, OWN
from opendocket.docket.views import create_views, views
from opendocket.errors import UnknownName


def run(*words):
    result = CliRunner().invoke(main, ["columns", *words])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def as_csv(*words):
    return list(csv.DictReader(io.StringIO(run(*words, "--format", "csv"))))


@pytest.mark.parametrize("link", links(), ids=lambda x: f"{x.table}.{x.column}-{x.parent}")
def test_a_link_goes_from_a_column_that_there_is_to_one_that_there_is(link):
    child, parent = TABLES[link.table], TABLES[link.parent]
    pairs = ((link.column, link.parent_column), *link.also)

    for ours, theirs in pairs:
        assert ours in [column.name for column in child.columns]
        assert theirs in [column.name for column in parent.columns]
    assert child.column(link.column).type == parent.column(link.parent_column).type
    assert link.kind in ("key", "code")
    assert link.expected_unmatched_share is None or 0 <= link.expected_unmatched_share < 0.01
    assert link.source


def test_a_key_link_ends_at_a_key_but_for_the_one_list_without():
    ends = {(x.parent, x.parent_column) for x in links() if x.kind == "key"}

    assert {(t, c) for t, c in ends if TABLES[t].key != c} <= {
        ("tblLookupBaseCity", "idnBaseCity")
    }


def test_every_letter_of_a_completion_is_looked_up_by_kind_of_case_and_of_completion():
    decoded = [x for x in links() if x.parent == "tblLookupCourtDecision"]

    assert {(x.column.lower(), x.parent_where) for x in decoded} == {
        ("dec_code", "strDecType = 'C'"),
        ("other_comp", "strDecType = 'O'"),
    }
    assert all([theirs for _, theirs in x.also] == ["strCaseType"] for x in decoded)


def test_a_move_goes_to_a_hearing_place_and_not_to_a_court():
    (link,) = [x for x in links() if x.column == "TRANSFER_TO"]

    assert link.parent == "tblLookupHloc"


def test_every_number_of_a_case_or_a_proceeding_is_a_link():
    linked = {(x.table, x.column.lower()) for x in links()}
    numbered = {
        (name, column.name.lower())
        for name, table in TABLES.items()
        for column in table.columns
        if column.name.lower() in ("idncase", "idnproceeding") and not column.is_key
    }

    assert numbered - linked == set()


@pytest.mark.parametrize("name", sorted({*UNLISTED.values(), *LISTS.values()}))
def test_a_list_of_ours_is_there_and_names_each_code_once(name):
    codes = code_list(name).codes

    assert codes
    assert len(set(codes)) == len(codes)


def test_a_column_without_a_list_in_the_release_is_one_of_its_columns():
    for table, column in UNLISTED:
        assert TABLES[table].column(column).name == column


def test_our_own_tables_have_the_columns_that_are_listed(small_docket, tmp_path):
    docket = tmp_path / "docket.duckdb"
    docket.write_bytes(small_docket.read_bytes())
    with duckdb.connect(docket) as con:
        create_views(con)
        there = con.execute(
            "select table_name, list((column_name, data_type) order by column_index)"
            " from duckdb_columns() where not internal and table_name not like 'core_%'"
            " group by table_name"
        ).fetchall()
    listed = {
        name: [(column.name, column.duckdb_type) for column in table.columns]
        for name, table in OWN.items()
    }

    assert dict(there) == listed


def test_every_view_is_listed_with_what_a_row_is():
    told = {view.name: view.row.lower().rstrip(".") for view in views()}

    assert told == {n: t.meaning.lower() for n, t in OWN.items() if t.is_view}


def test_without_a_name_every_table_is_listed_in_80_columns():
    shown = run()
    rows = as_csv()

    assert max(map(len, shown.splitlines())) <= 80
    assert [row["table"] for row in rows] == [*TABLES, *OWN]
    assert all(name in shown for name in TABLES)
    assert "12,662,705" in shown


@pytest.mark.parametrize("name", ["A_TblCase", "a_tblcase.csv", "CORE_EOIR__CASE"])
def test_a_table_is_found_by_any_of_its_names(name):
    assert [row["column"] for row in as_csv(name)] == [
        column.name for column in TABLES["A_TblCase"].columns
    ]


@pytest.mark.parametrize("name", [*TABLES, *OWN])
def test_what_is_told_of_a_table_fits_80_columns(name):
    shown = run(name)

    assert max(map(len, shown.splitlines())) <= 80
    for column in table_called(name).columns:
        assert column.name[:20] in shown


def test_a_view_tells_its_question_and_its_trap():
    shown = " ".join(run("out_view__bond").split())

    assert "how high was the bond?" in shown
    assert "Trap: NEW_BOND is 0 both for" in shown


def test_a_column_tells_its_codes_by_the_full_key():
    rows = as_csv("b_tblproceeding", "dec_code")

    assert {row["kind"] for row in rows} == {"C"}
    assert [r["name"] for r in rows if (r["case_type"], r["code"]) == ("RMV", "X")] == [
        "Remove"
    ]
    assert len(rows) == sum(d.kind == "C" for d in court_decisions())


def test_a_column_tells_where_it_leads_and_what_goes_wrong():
    shown = " ".join(run("B_TblProceeding", "TRANSFER_TO").split())
    (told,) = json.loads(run("B_TblProceeding", "IJ_CODE", "--format", "json"))

    assert "tblLookupHloc.HEARING_LOC_CODE" in shown
    assert "a hearing place, not a court" in shown
    assert told["links"] == ["tblLookupJudge.JUDGE_CODE"]
    assert told["traps"] == ["a code may be a placeholder, and one judge may have several"]


def test_codes_that_no_list_of_the_release_explains_are_told_from_ours():
    bond = table_called("core_eoir__bond")
    told = {code.code: code.name for code in codes_of(column_called(bond, "DEC"))}

    assert told["R"] == "Granted, own recognizance"


def test_an_example_is_told_of_lists_alone():
    """Any other value is one person's."""
    told = [each for table in TABLES.values() for each in described(table)]

    assert {each.table for each in told if each.example} <= {
        name for name, table in TABLES.items() if table.is_lookup
    }


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("A_TblCas",), "A_TblCase"),
        (("proceeding",), "core_eoir__proceeding"),
        (("A_TblCase", "IDNCAES"), "IDNCASE"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(words, meant):
    result = CliRunner().invoke(main, ["columns", *words])

    assert result.exit_code == 3
    assert result.stdout == ""
    assert meant in result.stderr


def test_nothing_near_is_offered_where_nothing_is():
    with pytest.raises(UnknownName, match="see `opendocket columns`"):
        table_called("q")
    assert near("", ["A"]) == ()

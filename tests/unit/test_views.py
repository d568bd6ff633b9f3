"""The views as files and in a docket: complete heads, plain names, no side effects."""

import re
import shutil

import duckdb
import pytest
import tiny_release as tiny

from opendocket.docket.load import load_release
from opendocket.docket.views import PREFIX, create_views, views

LAST_WORDS = {"id", "code", "name", "date", "days", "count", "share", "dollars", "year"}
WHOLE = {"outcome", "code"}


@pytest.fixture(scope="module")
def docket(tmp_path_factory):
    """The least docket, with its views."""
    folder = tmp_path_factory.mktemp("views")
    path = tiny.written(folder / "tiny.zip", tiny.tables())
    made = load_release(path, folder / "docket.duckdb").path
    with duckdb.connect(made) as con:
        create_views(con)
    return made


def columns(docket):
    with duckdb.connect(docket, read_only=True) as con:
        return con.execute(
            "select table_name, column_name, data_type from duckdb_columns()"
            " where table_name like 'out_view_%' or table_name = 'out_docket__code'"
        ).fetchall()


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_a_view_says_what_a_row_is_the_question_the_way_and_the_trap(view):
    assert view.name.startswith(PREFIX)
    assert view.row.startswith("One row per ")
    assert view.question.endswith("?")
    for said in (view.definition, view.trap):
        assert len(said.split()) >= 8
        assert said.endswith(".")
    assert view.query.startswith(("select", "with"))


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_a_view_needs_the_dockets_own_tables_alone_and_no_clock(view):
    asked = set(re.findall(r"(?:from|join) ([a-z_]*__[a-z_]+)", view.query))

    assert asked
    assert all(re.match("core_eoir__|out_docket__|out_load__", name) for name in asked)
    assert not re.search(r"current_|now\(|today|random", view.query)


RESULTS = ("in absentia", "removal", "relief", "voluntary departure", "termination", "other")


@pytest.mark.parametrize(
    ("counts", "is_small"),
    [
        ((20, 20, 20, 20, 20, 20), False),
        ((20, 0, 0, 0, 0, 0), False),
        ((0, 0, 0, 0, 0, 0), None),
        *((tuple(n if at == nth else 20 for at in range(6)), n < 11)
          for nth in range(6) for n in (1, 10, 11)),
        ((30, 4, 0, 0, 0, 0), True),
        ((0, 0, 30, 0, 0, 7), True),
    ],
)  # fmt: skip
def test_a_court_and_year_with_any_count_of_1_to_10_people_is_marked(counts, is_small):
    (view,) = (each for each in views() if each.name == "out_view__court_year")
    results = [said for said, n in zip(RESULTS, counts, strict=True) for _ in range(n)]
    with duckdb.connect() as con:
        con.execute("create table out_docket__code (list_name text, code text, code_name text)")
        con.execute(
            "create table out_docket__decision (case_id bigint, court_code text, "
            "case_type_code text, completed_date date, outcome text, is_decision bool, "
            "ending_count int)"
        )
        for case, said in enumerate(results):
            con.execute(
                "insert into out_docket__decision values "
                "(?, 'NYC', 'RMV', date '2024-05-01', ?, true, 1)",
                [case, said],
            )
        rows = con.execute(f"select completion_count, has_small_count from ({view.query})")
        found = rows.fetchall()

    assert found == ([(sum(counts), is_small)] if results else [])


def test_the_last_word_of_a_column_says_what_it_holds(docket):
    odd = [
        (table, name)
        for table, name, kind in columns(docket)
        if name not in WHOLE
        and name.rpartition("_")[2] not in LAST_WORDS
        and not (kind == "BOOLEAN" and name.startswith(("is_", "has_")))
    ]

    assert odd == []


def test_a_truth_value_is_named_as_one_and_nothing_else_is(docket):
    named = {(t, n) for t, n, _ in columns(docket) if n.startswith(("is_", "has_"))}
    held = {(t, n) for t, n, kind in columns(docket) if kind == "BOOLEAN"}

    assert named == held


def test_views_answer_in_a_docket_open_for_reading(docket):
    with duckdb.connect(docket, read_only=True) as con:
        con.execute("set enable_external_access = false")
        for view in views():
            con.execute(f"from {view.name}").fetchall()


def test_views_made_twice_are_the_same(docket, tmp_path):
    twice = tmp_path / "docket.duckdb"
    shutil.copy(docket, twice)
    before = columns(docket)
    with duckdb.connect(twice) as con:
        create_views(con)
        once = con.execute("from out_docket__code").fetchall()
        create_views(con)

        assert con.execute("from out_docket__code").fetchall() == once
    assert columns(twice) == before


def test_a_view_carries_its_question_in_the_docket(docket):
    with duckdb.connect(docket, read_only=True) as con:
        said = dict(
            con.execute(
                "select view_name, comment from duckdb_views() where not internal"
            ).fetchall()
        )

    assert said == {view.name: f"{view.row} {view.question}" for view in views()}

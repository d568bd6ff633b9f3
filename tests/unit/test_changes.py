"""Two real loads, the second of a release with edits planted in it."""

import csv
import io
import json
import shutil

import duckdb
import pytest
from click.testing import CliRunner
from later_release import Later

from opendocket.changes import compare_dockets, older_rows, opened_changes, write_older
from opendocket.changes.layout import Layout
from opendocket.changes.tallies import _asylum
from opendocket.changes.told import as_csv, as_json, as_text
from opendocket.cli import main
from opendocket.columns import TABLES
from opendocket.docket.load import load_release
from opendocket.errors import AlreadyThere, WrongDocket
from opendocket.synthetic import synthesize

APPLICATIONS, CHARGES, MOTIONS = "tbl_Court_Appln", "B_TblProceedCharges", "tbl_Court_Motions"
CHANGED_LIST = "tbl_CustodyHistory"
FAR = 900_000_000
"""Beyond every number in a synthetic release of this size."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("changes")


@pytest.fixture(scope="module")
def old(folder):
    made = synthesize(folder / "old.zip", cases=6_000, seed=7, dirt=0)
    return load_release(made.path, folder / "old.duckdb").path


def planted(path, to):
    """Write the next edition: 3 rows gone, 2 re-keyed, 4 changed, 2 new, 2 columns, 1 table."""
    later = Later(path)
    gone = later.drop_rows(APPLICATIONS, [3, 100, 1_000])
    later.set_cells(CHARGES, "IDNPRCDCHG", {5: str(FAR), 2_000: str(FAR + 1)})
    _, motions = later.lines(MOTIONS)
    later.set_cells(MOTIONS, "DEC", {0: "?", 9: "?"})
    later.set_cells(MOTIONS, "IJ_CODE", {9: "??1", 30: "??1", 44: "??1"})
    later.add_rows(MOTIONS, [[str(FAR + at).encode(), *motions[at][1:5]] for at in (0, 1)])
    later.drop_column(CHANGED_LIST, "DATRELEASED")
    later.add_column(CHANGED_LIST, "NEW_FLAG", "1")
    later.drop_table("tblTortureConvID")
    later.write(to)
    return gone


@pytest.fixture(scope="module")
def gone(old, folder):
    return planted(old.with_name("old.zip"), folder / "new.zip")


@pytest.fixture(scope="module")
def new(gone, folder):
    odd = (CHANGED_LIST, "tblTortureConvID")
    return load_release(folder / "new.zip", folder / "new.duckdb", accept_mismatch=odd).path


@pytest.fixture(scope="module")
def changes(old, new, folder):
    return compare_dockets(old, new, folder / "changes.duckdb", rows_at_once=5_000)


def test_compare_names_exactly_what_was_planted(changes):
    found = {
        each.table: (each.gone, each.come, each.changed, each.rekeyed)
        for each in changes.differing
    }

    assert found == {
        APPLICATIONS: (3, 0, 0, 0),
        CHARGES: (0, 0, 0, 2),
        MOTIONS: (0, 2, 4, 0),
        CHANGED_LIST: (0, 0, 0, 0),
        "tblTortureConvID": (8, 0, 0, 0),
    }


def test_compare_names_the_columns_that_came_and_went_and_those_that_changed(changes):
    of = {each.table: each for each in changes.tables}

    assert of[CHANGED_LIST].columns_added == ("NEW_FLAG",)
    assert of[CHANGED_LIST].columns_dropped == ("DATRELEASED",)
    assert of[MOTIONS].columns_changed == {"IJ_CODE": 3, "DEC": 2}
    assert (of["tblTortureConvID"].in_old, of["tblTortureConvID"].in_new) == (True, False)
    assert not any(each.columns_added for each in changes.tables if each.table != CHANGED_LIST)


def test_the_file_of_changes_names_the_rows_that_are_gone(changes, gone):
    with duckdb.connect(changes.out, read_only=True) as con:
        keys = con.execute(
            "select IDNPROCEEDINGAPPLN from was_eoir__application where change_code = 'gone'"
        ).fetchall()
        moved = con.execute(
            "select row_key from came_eoir__charge where change_code = 're-keyed'"
        ).fetchall()

    assert sorted(key for (key,) in keys) == sorted(int(row[0]) for row in gone)
    assert sorted(moved) == [(FAR,), (FAR + 1,)]


def checksum(con, query):
    """Add up a number for each row, and count the rows: no order matters."""
    return con.execute(
        f"select count(*), sum(hash(t::varchar)::hugeint) from ({query}) as t"
    ).fetchall()


def test_the_newer_docket_and_the_changes_give_every_older_table_back(old, new, changes):
    with opened_changes(new, changes.out) as con:
        con.execute(f"attach '{old}' as truly (read_only)")
        for name, table in TABLES.items():
            rows = older_rows(con, name)
            truly = f"from truly.{table.core}"
            assert rows.columns == con.sql(truly).columns
            assert checksum(con, rows.sql_query()) == checksum(con, truly), name


def test_the_older_docket_written_again_measures_the_same(old, new, changes, folder):
    again = write_older(new, changes.out, folder / "again.duckdb")

    assert compare_dockets(old, again).differing == ()
    with duckdb.connect() as con:
        for name, path in (("a", old), ("b", again)):
            con.execute(f"attach '{path}' as {name} (read_only)")
        for name in ("out_docket__case", "out_docket__hearing", "out_load__account"):
            assert checksum(con, f"from a.{name}") == checksum(con, f"from b.{name}"), name


def test_the_same_is_found_whatever_is_held_in_memory_at_a_time(old, new, changes):
    whole = compare_dockets(old, new, rows_at_once=10**9)

    assert whole.tables == changes.tables
    assert whole.courts == changes.courts


def test_a_move_is_split_into_records_and_time(changes):
    filed = next(
        each
        for each in changes.headlines
        if (each.docket, each.what) == ("all courts", "cases with an asylum application")
    )

    assert filed.by_records in (-3, -2, -1, 0)
    assert filed.old.value + filed.by_records + filed.by_time == filed.new.value


def test_records_that_disappear_are_counted_by_table_and_small_groups_held_back(changes):
    (gone,) = (each for each in changes.disappeared if each.table == APPLICATIONS)

    assert gone.rows == 3
    assert gone.cases is None
    assert gone.left_without is None
    assert gone.asylum is None
    assert all(each.cells["gone"].rows in (None, 0) for each in changes.courts)
    assert all(each.cells["gone"].rows in (None, 0) for each in changes.application_years)


def test_a_large_group_gone_is_told_by_court_and_year(old, folder):
    later = Later(old.with_name("old.zip"))
    later.drop_rows(APPLICATIONS, range(3_000))
    release = later.write(folder / "many.zip")
    docket = load_release(release, folder / "many.duckdb").path
    changes = compare_dockets(old, docket)
    (gone,) = changes.disappeared

    assert gone.rows == 3_000
    assert gone.left_without <= gone.cases <= 3_000
    assert 11 <= gone.asylum <= 3_000 - 11
    shown = [each.cells["gone"] for each in changes.courts if each.cells["gone"].rows]
    assert sum(cell.rows for cell in shown) > 2_000
    assert min(cell.cases for cell in shown) >= 11


def test_the_first_line_says_what_was_found_and_lines_fit_the_terminal(changes):
    text = as_text(changes)
    lines = text.splitlines()

    assert lines[0].startswith("11 rows gone, 2 new, 4 changed, 2 re-keyed, in 5 of 97 tables")
    assert "SYNTHETIC releases, about nobody" in text
    assert f"{CHANGED_LIST}: dropped DATRELEASED" in lines
    assert f"{MOTIONS}: IJ_CODE 3, DEC 2" in lines
    assert max(map(len, lines)) <= 80


def unwrapped(text):
    return " ".join(text.split())


def test_a_load_that_was_let_through_is_not_blamed_on_the_courts(old, folder):
    later = Later(old.with_name("old.zip"))
    later.drop_rows(APPLICATIONS, range(40))
    _, left = later.lines(APPLICATIONS)
    counts = {APPLICATIONS: len(left) + 40}  # the rows are lost on the way, not by the courts
    release = later.write(folder / "lossy.zip", announced=counts)
    docket = load_release(release, folder / "lossy.duckdb", accept_mismatch=[APPLICATIONS]).path
    changes = compare_dockets(old, docket)
    told = json.loads(as_json(changes))
    lines = {row["table"]: row for row in csv.DictReader(io.StringIO(as_csv(changes)))}

    assert changes.new.off == {APPLICATIONS: -40}
    assert told["new"]["off_counts"] == {APPLICATIONS: -40}
    assert told["old"]["off_counts"] == {}
    assert lines[APPLICATIONS]["gone_row_count"] == "40"
    assert (lines[APPLICATIONS]["old_off_count"], lines[APPLICATIONS]["new_off_count"]) == (
        "0",
        "-40",
    )
    assert (
        f"{APPLICATIONS}: the newer docket is off by -40 against its own Count.txt, "
        "accepted by hand"
    ) in unwrapped(as_text(changes))
    assert "; 1 table off by its own Count.txt" in unwrapped(as_text(changes))


def test_a_table_that_the_zip_lacked_and_that_was_accepted_by_hand_is_said_so(changes):
    told = json.loads(as_json(changes))

    assert told["new"]["absent_table_names"] == ["tblTortureConvID"]
    assert told["old"]["absent_table_names"] == []
    assert "tblTortureConvID: not in the newer docket's zip, accepted by hand" in as_text(
        changes
    )


def test_rows_set_aside_in_both_are_told_of_though_as_many(old, tmp_path):
    for name in ("a", "b"):
        shutil.copy(old, tmp_path / name)
        with duckdb.connect(tmp_path / name) as con:
            con.execute(
                "update out_load__account set set_aside_count = 3, repaired_count = 2 "
                f"where table_name = '{MOTIONS}'"
            )
    changes = compare_dockets(tmp_path / "a", tmp_path / "b")

    assert (
        f"{MOTIONS}: rows 3 set aside and 2 mended in the older docket, 3 set aside and 2 "
        "mended in the newer docket;"
    ) in unwrapped(as_text(changes))
    assert json.loads(as_json(changes))["old"]["repaired_counts"] == {MOTIONS: 2}


@pytest.mark.parametrize(
    ("asylum", "others", "shown"),
    [
        ([1] * 20, range(20), None),
        (range(20), [1] * 20, None),
        (range(5), range(20), None),
        (range(20), range(5), None),
        (range(20), range(20), 20),
        (range(20), [], 20),
        ([], range(20), 0),
    ],
    ids=str,
)
def test_applications_for_asylum_are_held_back_by_the_people_they_are_of(asylum, others, shown):
    table = TABLES[APPLICATIONS]
    types = {"IDNCASE": "BIGINT", "APPL_CODE": "VARCHAR"}
    both = tuple((name, name) for name in types)
    layout = Layout(table, True, True, types, types, both, (), ())
    with duckdb.connect() as con:
        con.execute(
            f"create table was_eoir__{table.name} "
            "(change_code varchar, IDNCASE bigint, APPL_CODE varchar)"
        )
        rows = [("gone", n, "ASYL") for n in asylum] + [("gone", n, None) for n in others]
        con.executemany(f"insert into was_eoir__{table.name} values (?, ?, ?)", rows)

        assert _asylum(con, layout) == shown


def test_nothing_printed_names_a_person(changes, gone):
    numbers = {field.decode() for row in gone for field in row[:3]}
    said = as_text(changes) + as_json(changes)

    assert not [number for number in numbers if f" {number}" in said]


def test_the_command_prints_json_and_csv_that_agree(old, new, tmp_path):
    def run(*words):
        result = CliRunner().invoke(main, ["compare", str(old), str(new), *words])
        assert result.exit_code == 0, result.output
        return result

    told = json.loads(run("--format", "json").stdout)
    lines = run("--format", "csv", "--out", str(tmp_path / "c.duckdb")).stdout.splitlines()

    assert len(lines) == len(told["tables"]) + 1 == len(TABLES) + 1
    assert [p.name for p in tmp_path.iterdir()] == ["c.duckdb"]
    assert sum(each["gone_row_count"] for each in told["tables"]) == 11
    assert {each["docket"] for each in told["measures"]} == {"all courts", "dedicated"}


def test_nothing_differs_between_a_docket_and_itself(old):
    changes = compare_dockets(old, old)

    assert changes.differing == ()
    assert as_text(changes).startswith("Nothing differs: 97 tables")


def test_the_newer_docket_named_first_is_refused(old, new):
    with pytest.raises(WrongDocket, match="name the older docket first"):
        compare_dockets(new, old)


def test_a_docket_is_never_replaced_by_its_changes(old, new):
    with pytest.raises(AlreadyThere, match="one of the two dockets"):
        compare_dockets(old, new, new, overwrite=True)


@pytest.mark.parametrize("needed", ["new", "changes", "link"])
def test_an_older_docket_never_replaces_what_it_is_made_from(new, changes, needed, tmp_path):
    (tmp_path / "link").symlink_to(new)
    out = {"new": new, "changes": changes.out, "link": tmp_path / "link"}[needed]
    before = out.read_bytes()

    with pytest.raises(AlreadyThere, match="made from it"):
        write_older(new, changes.out, out, overwrite=True)
    assert out.read_bytes() == before


def test_changes_made_with_another_docket_are_refused(old, changes):
    with pytest.raises(WrongDocket), opened_changes(old, changes.out):
        pass


def test_what_is_no_file_of_changes_is_refused(old, new):
    with pytest.raises(WrongDocket, match="not a file of changes"), opened_changes(new, old):
        pass


@pytest.mark.parametrize("name", ["c.duckdb", None])
def test_an_interruption_leaves_nothing_behind(old, new, tmp_path, name):
    def stopped(what, done, total):
        if what == "measuring both":
            raise KeyboardInterrupt

    before = sorted(new.parent.iterdir())
    with pytest.raises(KeyboardInterrupt):
        compare_dockets(old, new, name and tmp_path / name, progress=stopped)

    assert sorted(new.parent.iterdir()) == before
    assert list(tmp_path.iterdir()) == []

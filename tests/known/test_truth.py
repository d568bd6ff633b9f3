"""The acceptance test: a loaded docket says of every case what is true of it.

The truth comes from the made-up lives themselves, before anything was written; the docket
has been through files, dirt, reading, mending and the analysis steps. Nothing here uses the
loader's code: files are opened with zipfile, values are read with Python's own types.
"""

import zipfile
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from opendocket.columns import TABLES
from opendocket.docket.load import load_release
from opendocket.synthetic import synthesize
from opendocket.synthetic.dirt import CELLS, LINES

pytestmark = pytest.mark.slow

KINDS = (
    {cell.kind for cell in CELLS}
    | {line.kind for line in LINES}
    | {"repeated row", "row missing"}
)
EMPTIED = {"blank for empty", "NUL for empty", "N/A for empty"}
CLEANED = {"padding", "control character"}
KEPT = {
    "double space", "unusable ZIP", "ZIP+4", "back-tick", "leading zero lost", "lower case",
    "FOIA mark", "sentinel date", "birth before 1900", "impossible date", "code in no list",
    "date out of order", "orphan", "link disagrees",
}  # fmt: skip
STRAY = {"stray tab", "two stray tabs", "seven stray tabs"}
MENDED = {
    "bytes not UTF-8": "bytes not UTF-8 read as Windows-1252",
    "record split by CR": "carriage returns within the record removed",
    "record split by LF": "record split by a line end rejoined",
    "short row": "short row padded",
    "surplus fields": "fields beyond the last column kept together",
}
"""How each kind of dirt in a line is mended, by the word the account has for it."""
OTHERWISE = {"no primary key", "repeated row", "row missing"}

# Ten times the real dirt leaves out the rarest kinds; twenty thousand times brings them out
# and drowns the common ones, so that every kind is seen in one of the two.
FILTHY_CASES, FILTHY = 3_000, 20_000

CONTROLS = {*map(chr, range(32)), "\x7f"} - {"\t"}


class Pair:
    """A synthetic release and its docket, side by side."""

    def __init__(self, made, loaded):
        self.made, self.loaded = made, loaded
        with duckdb.connect(made.truth, read_only=True) as con:
            self.dirt = con.execute(
                "select table_name, record, kind, column_name, key, clean, dirty"
                " from truth_dirt"
            ).fetchall()
        self.lines = {
            (table, record): (kind, key, clean, dirty)
            for table, record, kind, column, key, clean, dirty in self.dirt
            if column is None and record is not None
        }
        self.aside = {
            (table, record): (reason, raw)
            for table, record, reason, raw in self.ask(
                "select table_name, record, reason, raw from aside_eoir__row"
            )
        }

    def ask(self, query):
        """Ask the docket."""
        with duckdb.connect(self.loaded.path, read_only=True) as con:
            return con.execute(query).fetchall()

    def rows(self, table):
        """Give a table's rows in the docket by key, and those that have none."""
        keyed, bare = {}, []
        for row in self.ask(f"from {TABLES[table].core}"):
            if row[0] is None:
                bare.append(row)
            else:
                keyed[row[0]] = row
        return keyed, bare

    def records(self, table):
        """Give a table's records as they stand in the zip; only CR LF ends one."""
        with zipfile.ZipFile(self.made.path) as archive:
            name = next(n for n in archive.namelist() if n.endswith(f"/{table}.csv"))
            lines = archive.read(name).split(b"\r\n")
        assert lines.pop() == b""
        return lines


@pytest.fixture(scope="module")
def dirty(release_50k_dirty, docket_50k_dirty):
    return Pair(release_50k_dirty, docket_50k_dirty)


@pytest.fixture(scope="module")
def filthy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filthy")
    made = synthesize(folder / "release.zip", cases=FILTHY_CASES, seed=7, dirt=FILTHY)
    return Pair(made, load_release(made.path, folder / "docket.duckdb"))


@pytest.fixture(scope="module", params=["dirty", "filthy"])
def pair(request):
    return request.getfixturevalue(request.param)


def case_of(table, raw):
    """Read the case's number off a line that was set aside; stray tabs come after it."""
    names = [column.name.lower() for column in TABLES[table].columns]
    return int(raw.split(b"\t")[names.index("idncase")])


def value(column, text):
    """Read a field as a person would who knows the file format and the column's type."""
    text = "".join(c for c in text if c not in CONTROLS).strip(" ")
    if text == "" or (text == "N/A" and not column.na_is_a_code):
        return None
    if column.type == "number":
        return int(text)
    if column.type == "date":
        return date(*map(int, text[:10].split("-")))
    if column.type == "instant":
        return datetime.fromisoformat(text)
    if column.type == "flag":
        return {"1": True, "0": False}[text]
    return Decimal(text) if column.type == "money" else text


def text_of(raw):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252")


def row_of(table, raw):
    """Read a record that lost nothing, as a row of the docket."""
    columns = TABLES[table].columns
    fields = [text_of(cell) for cell in raw.replace(b"\n", b"").split(b"\t")]
    padded = [*fields, *[""] * (len(columns) - len(fields))]
    row = tuple(value(c, f) for c, f in zip(columns, padded, strict=False))
    more = ("\t".join(fields[len(columns) :]) or None,)
    return row + more if TABLES[table].is_ragged else row


# --- every case, every column


def test_the_docket_agrees_with_the_truth_on_every_column_of_every_case(dirty):
    with duckdb.connect(dirty.made.truth, read_only=True) as con:
        columns = [name for (name, *_) in con.execute("describe truth_case").fetchall()]
        true = {row[0]: row for row in con.execute("from truth_case").fetchall()}
    ours = {
        row[0]: row for row in dirty.ask(f"select {', '.join(columns)} from out_docket__case")
    }
    touched = {case_of(table, raw) for (table, _), (_, raw) in dirty.aside.items()}

    assert len(columns) >= 23
    assert len(true) == dirty.made.cases == 50_000
    assert ours.keys() == true.keys()
    differing = {
        case: dict(zip(columns, zip(ours[case], true[case], strict=True), strict=True))
        for case in true
        if ours[case] != true[case] and case not in touched
    }
    assert differing == {}
    assert sum(ours[case] != true[case] for case in touched) <= len(dirty.aside) <= 30


def test_the_docket_has_no_case_and_no_person_twice(dirty):
    query = (
        "select count(*), count(distinct case_id), count(lead_case_id) from out_docket__case"
    )
    assert dirty.ask(query) == [(50_000, 50_000, 50_000)]
    assert dirty.ask("select sum(case_count) from out_docket__family") == [(50_000,)]


# --- every piece of dirt


def test_every_kind_of_dirt_is_said_to_be_treated_in_one_way():
    ways = [EMPTIED, CLEANED, KEPT, STRAY, set(MENDED), OTHERWISE]
    assert set().union(*ways) == KINDS
    assert sum(map(len, ways)) == len(KINDS)


def test_every_kind_of_dirt_is_put_in_somewhere(dirty, filthy):
    assert {kind for each in (dirty, filthy) for _, _, kind, *_ in each.dirt} == KINDS


def test_the_log_of_dirt_says_what_stands_in_the_file(pair):
    by_table = defaultdict(list)
    for entry in pair.dirt:
        by_table[entry[0]].append(entry)
    for table, entries in by_table.items():
        records = pair.records(table)
        positions = {c.name: at for at, c in enumerate(TABLES[table].columns)}
        for _, record, kind, column, key, clean, dirty in entries:
            if record is None:
                continue
            line = records[record]  # the header is number 0
            if column is None:
                assert (kind, line) == (kind, dirty)
                assert clean != dirty
                continue
            if (table, record) in pair.lines:
                line = pair.lines[table, record][2]  # as it was before the line was soiled
            cells = line.split(b"\t")
            assert (kind, cells[positions[column]]) == (kind, dirty)
            if kind != "repeated row":
                assert int(cells[0]) == key


def test_every_soiled_value_is_emptied_cleaned_or_kept_as_it_stands(pair):
    by_table = defaultdict(list)
    for table, record, kind, column, key, clean, dirty in pair.dirt:
        if column and kind != "repeated row":
            by_table[table].append((record, kind, column, key, clean, dirty))
    for table, entries in by_table.items():
        keyed, _ = pair.rows(table)
        columns = {c.name: (at, c) for at, c in enumerate(TABLES[table].columns)}
        for record, kind, column, key, clean, dirty in entries:
            soiled_twice = pair.lines.get((table, record), ("",))[0]
            if soiled_twice in STRAY | {"no primary key", "bytes not UTF-8"}:
                continue  # the whole line is held against the docket below
            at, known = columns[column]
            expected = None if kind in EMPTIED else text_of(clean if kind in CLEANED else dirty)
            found = keyed[key][at]
            assert (kind, key, found) == (kind, key, expected and value(known, expected))


def test_a_line_with_stray_tabs_is_whole_again_or_set_aside_byte_for_byte(pair):
    """What is mended is what was written before the tab fell in; nothing else is set aside."""
    torn = {place: entry for place, entry in pair.lines.items() if entry[0] in STRAY}
    assert torn
    assert pair.aside == {
        place: ("more fields than columns", torn[place][3]) for place in pair.aside
    }
    mended = {
        (table, record): (before, after)
        for table, record, before, after in pair.ask(
            "select table_name, record, before, after from aside_eoir__repair"
            " where how = 'stray tabs taken out'"
        )
    }
    assert mended.keys() == torn.keys() - pair.aside.keys()
    assert len(mended) > len(torn) / 2
    for table in {table for table, _ in torn}:
        keyed, _ = pair.rows(table)
        for place, (_, key, clean, dirty) in torn.items():
            if place[0] == table and place in mended:
                before, after = mended[place]
                assert (before, after.replace(b" ", b"")) == (dirty, clean.replace(b" ", b""))
                assert keyed[key] == row_of(table, clean)
            elif place[0] == table:
                assert key not in keyed


def test_a_record_split_by_a_line_end_is_written_down_before_and_after(pair):
    split = {
        place: (dirty, clean)
        for place, (kind, _, clean, dirty) in pair.lines.items()
        if kind.startswith("record split")
    }
    written = {
        (table, record): (before, after)
        for table, record, before, after in pair.ask(
            "select table_name, record, before, after from aside_eoir__repair"
            " where how <> 'stray tabs taken out'"
        )
    }
    for place, (dirty, clean) in split.items():
        before, after = written[place]
        assert (before, after) == (dirty, clean.translate(None, b"\x00\x0b\x1f"))


def test_every_other_soiled_line_is_mended_without_loss(pair):
    noted = {account.table: account.mended for account in pair.loaded.accounts}
    done = Counter()
    for table in {table for table, _ in pair.lines}:
        keyed, _ = pair.rows(table)
        for (of, _), (kind, key, _, dirty) in pair.lines.items():
            if of == table and kind in MENDED:
                assert (kind, keyed[key]) == (kind, row_of(table, dirty))
                done[table, MENDED[kind]] += 1
    for (table, how), count in done.items():
        assert noted[table][how] >= count


def test_rows_without_a_key_are_kept(pair):
    _, bare = pair.rows("tbl_schedule")
    expected = [
        row_of(table, dirty)
        for (table, _), (kind, _, _, dirty) in pair.lines.items()
        if kind == "no primary key"
    ]
    assert Counter(bare) == Counter(expected)


def test_a_row_that_stands_twice_is_kept_twice(pair):
    for table in ("B_TblProceedCharges", "tbl_JuvenileHistory"):
        keyed, _ = pair.rows(table)
        twice = [e for e in pair.dirt if e[0] == table and e[2] == "repeated row"]
        gone = {pair.lines[place][1] for place in pair.aside if place[0] == table}
        assert twice
        for *_, key, _, again in twice:
            if gone.isdisjoint({key, int(again)}):
                assert keyed[int(again)][1:] == keyed[key][1:]


def test_a_case_missing_from_the_case_table_is_known_from_its_proceedings(pair):
    missing = {e[4] for e in pair.dirt if e[2] == "row missing"}
    keyed, _ = pair.rows("A_TblCase")
    assert missing.isdisjoint(keyed)
    known = pair.ask("select case_id from out_docket__case where not in_case_table")
    aside = {case_of(table, raw) for (table, _), (_, raw) in pair.aside.items()}
    assert {case for (case,) in known} - aside == missing - aside


def test_impossible_dates_are_kept_and_flagged(pair):
    hearings = {e[4] for e in pair.dirt if e[2] == "impossible date"}
    flagged = pair.ask("select hearing_id from out_docket__hearing where not is_possible")
    unseen = {key for kind, key, *_ in pair.lines.values() if kind == "no primary key"}
    assert {h for (h,) in flagged if h is not None} == hearings - unseen
    late = {
        (e[0], e[1]): e[4] for e in pair.dirt if e[2:4] == ("date out of order", "OSC_DATE")
    }
    kept = {key for place, key in late.items() if place not in pair.aside}
    flagged = pair.ask(
        "select proceeding_id from out_docket__proceeding where has_impossible_date"
    )
    assert {p for (p,) in flagged} == kept


# --- the account


def test_every_table_is_read_whole_by_the_release_s_own_count(pair):
    assert [a.table for a in pair.loaded.accounts] == list(TABLES)
    assert {a.balance for a in pair.loaded.accounts} == {0}
    assert sum(a.read for a in pair.loaded.accounts) == pair.made.rows
    assert {a.cells_aside for a in pair.loaded.accounts} == {0}
    assert not any(a.is_accepted for a in pair.loaded.accounts)

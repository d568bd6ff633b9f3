"""What changed, in words: for a terminal, for a spreadsheet, for a program."""

import csv
import io
import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from opendocket.changes.compare import Changes, Compared
from opendocket.changes.headlines import Headline, Value
from opendocket.changes.rows import TableChanges
from opendocket.changes.tallies import Cell, Disappeared, Tally
from opendocket.columns import TABLES
from opendocket.measure.courts import city

WIDTH = 80
APPLICATIONS = "tbl_Court_Appln"
HELD = "held"
MOST_COLUMNS = 6
"""Columns of a table that the terminal names; all of them are in the JSON."""
MONTHS = 12

FIELDS = (
    "table",
    "is_in_old",
    "is_in_new",
    "old_count",
    "new_count",
    "gone_row_count",
    "new_row_count",
    "changed_row_count",
    "rekeyed_row_count",
    "old_off_count",
    "new_off_count",
    "columns_added",
    "columns_dropped",
    "columns_changed",
)


def as_text(changes: Changes) -> str:
    """Write for people who read a terminal of 80 columns; the first line says what was found.

    Args:
        changes: Of two dockets.

    Returns:
        Lines; small numbers of cases are held back.
    """
    parts = (_heading, _by_table, _off, _lists, _in_columns, _gone, _places, _measures, _notes)
    return "\n".join(line.rstrip() for part in parts for line in part(changes))


def _heading(changes: Changes) -> Iterator[str]:
    yield from textwrap.wrap(_summary(changes), WIDTH)
    label = "SYNTHETIC releases, about nobody," if changes.is_synthetic else "Releases"
    yield f"{label} observed to {changes.old.as_of} and to {changes.new.as_of}"


def _summary(changes: Changes) -> str:
    """Say in one sentence what was found."""
    if not changes.differing:
        return f"Nothing differs: {len(changes.tables)} tables, every row and column the same"
    gone, come, changed, rekeyed = (
        sum(counts) for counts in zip(*map(_counts, changes.tables), strict=True)
    )
    said = [
        f"{gone:,} {_plural(gone, 'row')} gone",
        f"{come:,} new",
        f"{changed:,} changed",
        f"{rekeyed:,} re-keyed",
        f"in {len(changes.differing)} of {len(changes.tables)} tables",
    ]
    lists = [
        f"{n} {_plural(n, one)} {what}"
        for n, one, what in (
            (sum(len(t.columns_added) for t in changes.tables), "column", "added"),
            (sum(len(t.columns_dropped) for t in changes.tables), "column", "dropped"),
            (sum(t.in_new and not t.in_old for t in changes.tables), "table", "added"),
            (sum(t.in_old and not t.in_new for t in changes.tables), "table", "dropped"),
            (len({**changes.old.off, **changes.new.off}), "table", "off by its own Count.txt"),
        )
        if n
    ]
    return ", ".join(said) + "".join(f"; {each}" for each in lists)


def _plural(n: int, one: str) -> str:
    return one if n == 1 else f"{one}s"


def _counts(changes: TableChanges) -> tuple[int, int, int, int]:
    return changes.gone, changes.come, changes.changed, changes.rekeyed


def _by_table(changes: Changes) -> Iterator[str]:
    if not changes.differing:
        return
    everything = [
        ("all tables", sum(t.new for t in changes.tables)),
        *((t.table, t.new) for t in changes.differing),
    ]
    counts = [
        tuple(sum(each) for each in zip(*map(_counts, changes.tables), strict=True)),
        *map(_counts, changes.differing),
    ]
    rows = [
        (name, *(f"{n:,}" for n in (now, *found)))
        for (name, now), found in zip(everything, counts, strict=True)
    ]
    yield ""
    yield from _grid(("table", "rows now", "gone", "new", "changed", "re-keyed"), rows)


def _off(changes: Changes) -> Iterator[str]:
    """Say which rows gone or new may be a load's doing, and not the agency's."""
    lines = []
    for which, docket in (("older", changes.old), ("newer", changes.new)):
        lines += [
            f"{table}: the {which} docket is off by {n:+,} against its own Count.txt, "
            "accepted by hand"
            for table, n in docket.off.items()
        ]
        lines += [
            f"{table}: not in the {which} docket's zip, accepted by hand"
            for table in docket.absent
        ]
    if lines:
        yield from ("", "Rows gone or new here may be a load's doing, and not the courts'")
        yield from _wrapped(lines)


def _lists(changes: Changes) -> Iterator[str]:
    """Name the columns and tables that came and went."""
    lines = []
    for table in changes.differing:
        if table.in_old != table.in_new:
            which = "newer" if table.in_old else "older"
            lines.append(f"{table.table}: not in the {which} release")
        for names, what in ((table.columns_added, "added"), (table.columns_dropped, "dropped")):
            if names:
                lines.append(f"{table.table}: {what} {', '.join(names)}")
    if lines:
        yield from ("", "Lists of columns and tables that differ")
        yield from _wrapped(lines)


def _in_columns(changes: Changes) -> Iterator[str]:
    """Say in which columns rows changed."""
    lines = []
    for table in changes.differing:
        named = [f"{column} {n:,}" for column, n in table.columns_changed.items()]
        if len(named) > MOST_COLUMNS:
            named[MOST_COLUMNS:] = [f"and {len(named) - MOST_COLUMNS} more columns"]
        if named:
            lines.append(f"{table.table}: {', '.join(named)}")
    if lines:
        yield from ("", "Rows changed, by column")
        yield from _wrapped(lines)


def _gone(changes: Changes) -> Iterator[str]:
    """Report the records that disappeared."""
    if not changes.disappeared:
        return
    rows = [
        (
            each.table,
            f"{each.rows:,}",
            _shown(each.cases),
            _shown(each.left_without),
            HELD if each.left_share is None else f"{each.left_share:.1%}",
        )
        for each in changes.disappeared
    ]
    headings = ("records that disappeared", "rows", "of cases", "left with none", "share")
    yield ""
    yield from _grid(headings, rows)
    for each in changes.disappeared:
        if each.table == APPLICATIONS:
            yield f"Of these applications, for asylum: {_shown(each.asylum)}"
    for tallies, what in (
        (changes.application_years, "Applications gone, by year of filing"),
        (changes.years, "Rows gone, by year"),
    ):
        yield from _wrapped([f"{what}: {_years(tallies)}"] if tallies else [])


def _years(tallies: Sequence[Tally]) -> str:
    """List the years that may be shown, and count the others."""
    shown = [
        f"{each.name or 'no day'} {each.cells['gone'].rows:,}"
        for each in tallies
        if each.cells["gone"].rows is not None
    ]
    held = len(tallies) - len(shown)
    others = [f"{HELD} in {held} {'other ' if shown else ''}{_plural(held, 'year')}"]
    return ", ".join([*shown, *(others if held else [])])


def _places(changes: Changes) -> Iterator[str]:
    """Count by court, where something is gone, and by the latest months."""
    gone = [each for each in changes.courts if each.cells["gone"] != Cell(0, 0)]
    courts = [each for each in gone if each.cells["gone"].rows is not None]
    now = changes.new.as_of.strftime("%Y-%m")
    months = [each for each in changes.months if each.name and each.name <= now][-MONTHS:]
    for heading, tallies in (("court where rows are gone", courts), ("month", months)):
        rows = [
            (
                city(each.name) if heading != "month" and each.name else each.name or "none",
                *(_shown(each.cells[kind].rows) for kind in each.cells),
            )
            for each in tallies
        ]
        if rows:
            yield ""
            yield from _grid((heading, "gone", "new", "changed", "re-keyed"), sorted(rows))
    if held := len(gone) - len(courts):
        yield f"Rows gone, by court: {HELD} in {held} {'more ' if courts else ''}" + _plural(
            held, "court"
        )


def _measures(changes: Changes) -> Iterator[str]:
    """Split each headline's move into records and time."""
    for docket in dict.fromkeys(each.docket for each in changes.headlines):
        named = "Dedicated Docket" if docket == "dedicated" else docket
        rows = [
            (
                each.what,
                _value(each, each.old),
                _move(each, each.by_records),
                _move(each, each.by_time),
                _value(each, each.new),
            )
            for each in changes.headlines
            if each.docket == docket
        ]
        yield ""
        yield from _grid((named, "then", "by records", "by time", "now"), rows)


def _value(headline: Headline, value: Value) -> str:
    if value.value is None:
        return HELD
    return f"{value.value:.1%}" if headline.is_share else f"{value.value:,.0f}"


def _move(headline: Headline, move: float | None) -> str:
    if move is None:
        return HELD
    return f"{100 * move:+.1f}" if headline.is_share else f"{move:+,.0f}"


def _notes(changes: Changes) -> Iterator[str]:
    notes = [
        "re-keyed: gone under one number and there again under another, all else equal",
        "by records: the newer release read as of the older one's last day, less the older "
        "one: rows changed, new or gone, and events entered late; shares in points",
        "by time: what happened since",
    ]
    if changes.courts:
        notes += [
            "court: of the case's last proceeding in the older docket, else in the newer; "
            "month and year: of the row's own day, else of the case's receipt",
            f"{HELD}: fewer than 11 cases, or what would give them away",
        ]
    notes += [_aside(changes, table) for table in TABLES if _were_aside(changes, table)]
    yield ""
    yield from _wrapped(notes)


def _were_aside(changes: Changes, table: str) -> bool:
    return table in changes.old.set_aside or table in changes.new.set_aside


def _aside(changes: Changes, table: str) -> str:
    """Say what the loads did to rows that are therefore not compared, or as mended."""
    done = [
        f"{docket.set_aside.get(table, 0):,} set aside and {docket.repaired.get(table, 0):,} "
        f"mended in the {which} docket"
        for which, docket in (("older", changes.old), ("newer", changes.new))
    ]
    return (
        f"{table}: rows {', '.join(done)}; rows set aside are not compared, and one set aside "
        "in one docket but whole or mended in the other counts as gone or new"
    )


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _grid(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Draw a table: the first column left, the others right."""
    widths = [max(len(each) for each in column) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        first, *rest = row
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells])


def _shown(n: int | None) -> str:
    return HELD if n is None else f"{n:,}"


def as_csv(changes: Changes) -> str:
    """Write one line a table as comma-separated values; columns changed as JSON."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    for table in changes.tables:
        *plain, added, dropped, changed = _fields(changes, table)
        writer.writerow([*plain, *(json.dumps(each) for each in (added, dropped, changed))])
    return out.getvalue().rstrip("\n")


def _fields(changes: Changes, table: TableChanges) -> tuple[object, ...]:
    return (
        table.table,
        table.in_old,
        table.in_new,
        table.old,
        table.new,
        *_counts(table),
        changes.old.off.get(table.table, 0),
        changes.new.off.get(table.table, 0),
        list(table.columns_added),
        list(table.columns_dropped),
        table.columns_changed,
    )


def as_json(changes: Changes) -> str:
    """Write everything as JSON; null is what is held back."""
    facts = {
        "old": _release(changes.old),
        "new": _release(changes.new),
        "is_synthetic": changes.is_synthetic,
        "changes_file": str(changes.out) if changes.out else None,
        "changes_bytes": changes.out_bytes,
        "tables": [dict(zip(FIELDS, _fields(changes, t), strict=True)) for t in changes.tables],
        "disappeared": [_disappeared(each) for each in changes.disappeared],
        "gone_by_year": [_tally(each, "year") for each in changes.years],
        "applications_gone_by_year": [
            _tally(each, "year") for each in changes.application_years
        ],
        "by_court": [_tally(each, "court") for each in changes.courts],
        "by_month": [_tally(each, "month") for each in changes.months],
        "measures": [_headline(each) for each in changes.headlines],
    }
    return json.dumps(facts, indent=2)


def _release(compared: Compared) -> dict[str, object]:
    return {
        "docket": str(compared.path),
        "release_file": compared.release_file,
        "as_of_date": compared.as_of.isoformat(),
        "is_synthetic": compared.is_synthetic,
        "size_bytes": compared.size_bytes,
        "set_aside_counts": compared.set_aside,
        "repaired_counts": compared.repaired,
        "off_counts": compared.off,
        "absent_table_names": list(compared.absent),
    }


def _disappeared(each: Disappeared) -> dict[str, object]:
    return {
        "table": each.table,
        "gone_row_count": each.rows,
        "case_count": each.cases,
        "left_without_count": each.left_without,
        "left_without_share": each.left_share,
        "asylum_row_count": each.asylum,
    }


def _tally(tally: Tally, by: str) -> dict[str, object]:
    return {by: tally.name or None} | {
        kind: {"row_count": cell.rows, "case_count": cell.cases}
        for kind, cell in tally.cells.items()
    }


def _headline(headline: Headline) -> dict[str, object]:
    return asdict(headline) | {
        "by_records": headline.by_records,
        "by_time": headline.by_time,
    }

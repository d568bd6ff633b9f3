"""Dirt: what is wrong with the real files, at the rates seen there, put in and written down.

Two kinds. *Cells* are soiled in columns before they are written: padding, blanks, NUL bytes,
unknown codes, impossible dates. *Lines* are soiled as bytes: stray tabs, records broken by a
line end, bytes that are no UTF-8, missing and surplus fields. Nothing here destroys a case's
clocks, outcome or membership beyond what a careful reader can know from other rows, except by
making a row impossible to read whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

RowMask = NDArray[np.bool_]

DIRT_SCHEMA = {
    "table_name": pl.String,
    "record": pl.Int64,
    "kind": pl.String,
    "column_name": pl.String,
    "key": pl.Int64,
    "clean": pl.Binary,
    "dirty": pl.Binary,
}
"""One row per piece of dirt: which record, what it would have said, what it says."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A way to soil cells of one column."""

    table: str
    column: str
    kind: str
    rate: float
    """Share of eligible cells, at dirt 1."""
    where: pl.Expr
    change: pl.Expr


def _col(name: str) -> pl.Expr:
    return pl.col(name)


def _blank(table: str, *columns: str, rate: float = 0.2) -> list[Cell]:
    return [
        Cell(table, c, "blank for empty", rate, _col(c).is_null(), pl.lit(" ")) for c in columns
    ]


def _nul(table: str, column: str, rate: float) -> Cell:
    return Cell(table, column, "NUL for empty", rate, _col(column).is_null(), pl.lit("\x00"))


def _unknown(table: str, column: str, rate: float, code: str, where: pl.Expr) -> Cell:
    return Cell(table, column, "code in no list", rate, where, pl.lit(code))


def _is(column: str, *values: str) -> pl.Expr:
    return _col(column).is_in(values)


def _padded(table: str, column: str, rate: float, width: int, where: pl.Expr) -> Cell:
    return Cell(table, column, "padding", rate, where, _col(column).str.pad_end(width))


def _day_plus(column: str, days: int) -> pl.Expr:
    parsed = _col(column).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    moved = parsed + pl.duration(days=days)
    return moved.dt.strftime("%Y-%m-%d 00:00:00.000")


_A, _B, _CHARGE, _SCHEDULE = (
    "A_TblCase",
    "B_TblProceeding",
    "B_TblProceedCharges",
    "tbl_schedule",
)
_APPLN, _BOND, _APPEAL, _REPS = (
    "tbl_Court_Appln", "D_TblAssociatedBond", "tblAppeal", "tbl_RepsAssigned",
)  # fmt: skip
_NOT_ASYLUM = ~_is("APPL_CODE", "ASYL", "ASYW", "WCAT")
_LATER_MERITS = (
    (_col("CAL_TYPE") == "I")
    & _col("ADJ_RSN").is_not_null()
    & ~_is("ADJ_RSN", "8A", "8B")
    & (_col("REC_TYPE") == "X")
)
_LONG_NAME = _col("ALIEN_CITY").str.len_chars() >= 6

CELLS: tuple[Cell, ...] = (
    # 2.2 of the reference: padding, blanks, NUL bytes
    _padded(_CHARGE, "CHARGE", 0.2516, 13, _col("CHARGE").is_not_null()),
    _padded(_B, "LANG", 0.14, 3, _is("LANG", "SP", "TU", "AR")),
    _padded(_A, "LANG", 0.05, 3, _is("LANG", "SP", "TU", "AR")),
    *_blank(_B, "DEC_CODE", rate=0.30),
    _nul(_B, "DEC_CODE", 0.0115),
    _nul(_B, "ABSENTIA", 22e-6),
    _nul(_B, "CRIM_IND", 2.3e-4),
    _nul(_APPEAL, "strBIADecision", 65e-6),
    *_blank(_B, "OTHER_COMP", "ABSENTIA", "TRANSFER_STATUS", "APPEAL_RSVD", "DEPORTED_2"),
    *_blank(_A, "SITE_TYPE", "Sex", "ALIEN_STATE", "LATEST_CAL_TYPE", "INMATE_HOUSING"),
    *_blank(_SCHEDULE, "ADJ_RSN", "NOTICE_CODE", "ADJ_MEDIUM", "SUB_GENERATION", rate=0.1),
    *_blank(_APPLN, "APPL_DEC", rate=0.1),
    *_blank(_CHARGE, "CHG_STATUS", rate=0.1),
    # control characters and double spaces
    Cell(_A, "ALIEN_CITY", "control character", 2.6e-4, _LONG_NAME,
         _col("ALIEN_CITY").str.slice(0, 3) + "\x0b" + _col("ALIEN_CITY").str.slice(3)),
    Cell(_A, "ALIEN_CITY", "double space", 2.6e-4, _col("ALIEN_CITY").str.contains(" "),
         _col("ALIEN_CITY").str.replace(" ", "  ")),
    Cell(_B, "CUSTODY", "control character", 3.2e-6, _col("CUSTODY").is_not_null(),
         _col("CUSTODY") + "\x1f"),
    Cell(_CHARGE, "CHG_STATUS", "control character", 2.3e-6, _col("CHG_STATUS").is_not_null(),
         _col("CHG_STATUS") + "\x1f"),
    # ZIP codes
    Cell(_A, "ALIEN_ZIPCODE", "unusable ZIP", 2.85e-3, _col("ALIEN_ZIPCODE").is_not_null(),
         pl.lit("00000")),
    Cell(_A, "ALIEN_ZIPCODE", "ZIP+4", 2.2e-3, _col("ALIEN_ZIPCODE").is_not_null(),
         _col("ALIEN_ZIPCODE") + "0001"),
    Cell(_A, "ALIEN_ZIPCODE", "back-tick", 4e-4, _col("ALIEN_ZIPCODE").is_not_null(),
         pl.lit("`") + _col("ALIEN_ZIPCODE")),
    Cell(_A, "ALIEN_ZIPCODE", "leading zero lost", 2e-3,
         _col("ALIEN_ZIPCODE").str.starts_with("0"), _col("ALIEN_ZIPCODE").str.slice(1)),
    # other spellings, marks and sentinels
    Cell(_APPEAL, "strAppealCategory", "lower case", 1e-3, _is("strAppealCategory", "IJ"),
         pl.lit("ij")),
    Cell(_CHARGE, "CHG_STATUS", "lower case", 1e-5, _is("CHG_STATUS", "S", "W"),
         _col("CHG_STATUS").str.to_lowercase()),
    Cell(_A, "NAT", "FOIA mark", 3e-6, _col("NAT").is_not_null(), pl.lit("b6")),
    Cell(_A, "ALIEN_CITY", "N/A for empty", 1e-3, _col("ALIEN_CITY").is_null(), pl.lit("N/A")),
    Cell(_A, "DATE_OF_ENTRY", "sentinel date", 2e-4, _col("DATE_OF_ENTRY").is_not_null(),
         pl.lit("1900-01-01 00:00:00.000")),
    Cell(_A, "C_RELEASE_DATE", "sentinel date", 0.05, _col("C_RELEASE_DATE").is_not_null(),
         pl.lit("2099-12-31 00:00:00.000")),
    Cell(_A, "C_BIRTHDATE", "birth before 1900", 2e-5, _col("C_BIRTHDATE").is_not_null(),
         pl.lit("4/1874")),
    Cell(_SCHEDULE, "ADJ_DATE", "impossible date", 1e-5, _LATER_MERITS,
         pl.lit("29") + _col("ADJ_DATE").str.slice(2)),
    # values outside every list
    Cell(_A, "CASE_TYPE", "code in no list", 5e-7, _is("CASE_TYPE", "RMV"), pl.lit("0")),
    Cell(_B, "DEC_TYPE", "code in no list", 1e-5, _is("DEC_TYPE", "W"), pl.lit("6")),
    Cell(_A, "Sex", "code in no list", 4e-5, _col("Sex").is_not_null(), pl.lit("N")),
    # dates out of order
    Cell(_BOND, "BOND_HEAR_REQ_DATE", "date out of order", 1.06e-3,
         _col("COMP_DATE").is_not_null(), _day_plus("COMP_DATE", 10)),
    Cell(_B, "OSC_DATE", "date out of order", 5e-4,
         _col("COMP_DATE").is_not_null() & _col("HEARING_DATE").is_not_null(),
         _day_plus("COMP_DATE", 100)),
    Cell("tbl_CustodyHistory", "DATRELEASED", "date out of order", 8e-4,
         _col("DATRELEASED").is_not_null(), _day_plus("DATDETAINED", -3)),
    # 2.3: codes missing from lookups
    _unknown(_B, "IJ_CODE", 1.87e-3, "Z9Z", _col("IJ_CODE").is_not_null()),
    _unknown(_BOND, "IJ_CODE", 2.17e-3, "Z9Z", _col("IJ_CODE").is_not_null()),
    _unknown(_B, "PREV_IJ_CODE", 1.5e-4, "Z9Z", _col("PREV_IJ_CODE").is_not_null()),
    _unknown(_APPLN, "APPL_CODE", 0.024, "I765", _NOT_ASYLUM),
    _unknown(_APPLN, "APPL_DEC", 5e-3, "X", _NOT_ASYLUM & _col("APPL_DEC").is_not_null()),
    _unknown(_A, "NAT", 2.1e-4, "X9", _col("NAT").is_not_null()),
    _unknown(_B, "NAT", 2.5e-4, "X9", _col("NAT").is_not_null()),
    _unknown(_APPEAL, "strBIADecision", 2.2e-4, "AFD", _is("strBIADecision", "DIS", "DEN")),
    # 2.4: links that lead nowhere or disagree
    Cell(_CHARGE, "IDNPROCEEDING", "orphan", 6.5e-4, _col("IDNPROCEEDING") > 0,
         _col("IDNPROCEEDING") + 900_000_000),
    Cell(_REPS, "IDNCASE", "orphan", 2.8e-4, _is("STRATTYTYPE", "INS"),
         _col("IDNCASE") + 900_000_000),
    Cell(_APPLN, "IDNCASE", "orphan", 1e-4, _NOT_ASYLUM, _col("IDNCASE") + 900_000_000),
    Cell(_BOND, "IDNCASE", "orphan", 6.6e-5, _col("IDNCASE") > 0,
         _col("IDNCASE") + 900_000_000),
    Cell(_REPS, "PARENT_IDN", "link disagrees", 2e-6, _is("PARENT_TABLE", "A_Tblcase"),
         _col("PARENT_IDN") + 1),
    Cell(_B, "CASE_TYPE", "link disagrees", 8e-5,
         _col("TRANS_IN_DATE").is_not_null() & _is("CASE_TYPE", "RMV"), pl.lit("WHO")),
)  # fmt: skip

MISSING_CASES = 2.1e-6
"""Cases named by proceedings but missing from A_TblCase: 26 of 12.66 million."""
REPEATED = {"B_TblProceedCharges": 4.3e-3, "tbl_JuvenileHistory": 1.86e-2}
"""Rows that stand twice, but for the row's own number."""


def soil_cells(
    table: str, rows: pl.DataFrame, scale: float, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Soil cells of a table's rows, each at most once.

    Args:
        table: The agency's file name.
        rows: As :func:`opendocket.synthetic.cells.frame` gives them.
        scale: Times the stated rates; 0 for none.
        rng: Chance.

    Returns:
        The rows, and what was done to them (see ``DIRT_SCHEMA``; ``record`` counts from 0).
    """
    done: dict[str, RowMask] = {}
    log: list[pl.DataFrame] = []
    for cell in CELLS:
        if cell.table != table or scale <= 0 or rows.is_empty():
            continue
        eligible = rows.select(cell.where.fill_null(False)).to_series().to_numpy()
        chosen = eligible & (rng.random(len(rows)) < min(1.0, cell.rate * scale))
        chosen &= ~done.get(cell.column, np.zeros(len(rows), dtype=bool))
        at = np.flatnonzero(chosen)
        if not len(at):
            continue
        done[cell.column] = done.get(cell.column, np.zeros(len(rows), dtype=bool)) | chosen
        before = rows[at]
        after = before.with_columns(
            cell.change.cast(rows.schema[cell.column]).alias(cell.column)
        )
        log.append(_logged(cell.kind, cell.column, at, before, after, table))
        changed = rows[cell.column].scatter(pl.Series(at), after[cell.column])
        rows = rows.with_columns(changed)
    return rows, pl.concat(log) if log else pl.DataFrame(schema=DIRT_SCHEMA)


def _logged(
    kind: str,
    column: str,
    at: NDArray[np.int64],
    before: pl.DataFrame,
    after: pl.DataFrame,
    table: str,
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "table_name": pl.repeat(table, len(at), eager=True),
            "record": pl.Series(at.astype(np.int64)),
            "kind": pl.repeat(kind, len(at), eager=True),
            "column_name": pl.repeat(column, len(at), eager=True),
            "key": before.to_series(0).cast(pl.Int64, strict=False),
            "clean": before[column].cast(pl.String).fill_null("").cast(pl.Binary),
            "dirty": after[column].cast(pl.String).cast(pl.Binary),
        },
        schema=DIRT_SCHEMA,
    )


def repeat_rows(
    table: str, rows: pl.DataFrame, scale: float, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Let some rows stand twice under two numbers; see :func:`soil_cells`."""
    rate = REPEATED.get(table, 0.0) * scale
    twice = np.flatnonzero(rng.random(len(rows)) < min(rate, 0.5)) if rate else np.zeros(0, int)
    if not len(twice):
        return rows, pl.DataFrame(schema=DIRT_SCHEMA)
    key = rows.columns[0]
    again = rows[twice].with_columns((pl.col(key) + 1_000_000_000).alias(key))
    at = len(rows) + np.arange(len(twice))
    log = _logged("repeated row", key, at, rows[twice], again, table)
    return pl.concat([rows, again]), log


Line = list[bytes]
LineChange = Callable[[Line, np.random.Generator], Line | None]


@dataclass(frozen=True, slots=True)
class LineDirt:
    """A way to soil whole lines of a table."""

    table: str
    kind: str
    rate: float
    change: LineChange
    """Fields in, fields out; None where this line does not lend itself."""


def _tabs_in(position: int, count: int) -> LineChange:
    """Put stray tabs into a field, or beside it where it is short."""

    def change(fields: Line, rng: np.random.Generator) -> Line:
        text = fields[position]
        at = int(rng.integers(1, len(text))) if len(text) > 1 else 0
        broken = text[:at] + b"\t" * count + text[at:]
        return [*fields[:position], broken, *fields[position + 1 :]]

    return change


def _break_in(positions: Sequence[int], mark: bytes) -> LineChange:
    """Put a line end into the first of some fields that has two characters."""

    def change(fields: Line, rng: np.random.Generator) -> Line | None:
        for position in positions:
            text = fields[position]
            if len(text) > 1:
                broken = text[:1] + mark + text[1:]
                return [*fields[:position], broken, *fields[position + 1 :]]
        return None

    return change


def _not_utf8(fields: Line, rng: np.random.Generator) -> Line | None:
    city = fields[1]
    if len(city) < 4:
        return None
    odd = (b"\xd1", b"\xe9", b"\x92")[int(rng.integers(3))]
    return [fields[0], city[:2] + odd + city[2:], *fields[2:]]


def _no_key(fields: Line, rng: np.random.Generator) -> Line:
    return [b"", *fields[1:]]


def _cut_short(fields: Line, rng: np.random.Generator) -> Line | None:
    """Leave out empty fields at the end."""
    end = len(fields)
    while end > 1 and not fields[end - 1]:
        end -= 1
    return fields[:end] if end < len(fields) else None


def _keep(count: int) -> LineChange:
    return lambda fields, rng: fields[:count]


def _surplus(fields: Line, rng: np.random.Generator) -> Line:
    more = [b"2007-03-08 20:01:00.000"]
    return [*fields, *more, *([b"A.2.a"] if rng.random() < 0.02 else [])]


_CITY, _BEFORE_COMP, _FILING_PARTY = 1, 20, 33

LINES: tuple[LineDirt, ...] = (
    LineDirt(_A, "stray tab", 96 / 12.66e6, _tabs_in(_CITY, 1)),
    LineDirt(_A, "two stray tabs", 2 / 12.66e6, _tabs_in(_CITY, 2)),
    LineDirt(_A, "seven stray tabs", 2 / 12.66e6, _tabs_in(_CITY, 7)),
    LineDirt(_A, "bytes not UTF-8", 65 / 12.66e6, _not_utf8),
    LineDirt(_B, "stray tab", 71 / 16.55e6, _tabs_in(_BEFORE_COMP, 1)),
    LineDirt(_B, "record split by CR", 23 / 16.55e6, _break_in((34, 29, 28, 4), b"\r")),
    LineDirt(_B, "record split by LF", 1 / 16.55e6, _break_in((29, 28, 4), b"\n")),
    LineDirt(_B, "short row", 80 / 16.55e6, _cut_short),
    LineDirt(_BOND, "stray tab", 7 / 1.617e6, _tabs_in(12, 1)),
    LineDirt(_BOND, "record split by CR", 7 / 1.617e6, _break_in((11, 13), b"\r")),
    LineDirt(_APPLN, "stray tab", 15 / 16.1e6, _tabs_in(3, 1)),
    LineDirt(_APPLN, "record split by CR", 7 / 16.1e6, _break_in((3,), b"\r")),
    LineDirt(_CHARGE, "stray tab", 1 / 18.87e6, _tabs_in(3, 1)),
    LineDirt(_SCHEDULE, "no primary key", 50 / 46.63e6, _no_key),
    LineDirt("tbl_Court_Motions", "surplus fields", 7e-3, _surplus),
    LineDirt("tbl_Court_Motions", "short row", 0.05, _keep(_FILING_PARTY)),
)

LINE_END = b"\r\n"
MOST = 0.2
"""No kind soils more lines than this, whatever the scale."""


def soil_lines(
    table: str, data: bytes, scale: float, rng: np.random.Generator
) -> tuple[bytes, pl.DataFrame]:
    """Soil some lines of a table's text, each at most once.

    Args:
        table: The agency's file name.
        data: Lines that end in ``LINE_END``.
        scale: Times the stated rates; 0 for none.
        rng: Chance.

    Returns:
        The lines, and what was done to them (whole lines, without their end).
    """
    kinds = [kind for kind in LINES if kind.table == table]
    if not kinds or scale <= 0 or not data:
        return data, pl.DataFrame(schema=DIRT_SCHEMA)
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    chosen = _choose(kinds, len(ends), scale, rng)
    pieces: list[bytes] = []
    log: list[dict[str, object]] = []
    copied = 0
    for row in sorted(chosen):
        start = 0 if row == 0 else int(ends[row - 1]) + 1
        stop = int(ends[row]) + 1 - len(LINE_END)
        clean = data[start:stop]
        fields = chosen[row].change(clean.split(b"\t"), rng)
        if fields is None:
            continue
        dirty = b"\t".join(fields)
        pieces += [data[copied:start], dirty]
        copied = stop
        key = clean.partition(b"\t")[0]
        log.append(
            {
                "table_name": table,
                "record": row,
                "kind": chosen[row].kind,
                "column_name": None,
                "key": int(key) if key.isdigit() else None,
                "clean": clean,
                "dirty": dirty,
            }
        )
    pieces.append(data[copied:])
    return b"".join(pieces), pl.DataFrame(log, schema=DIRT_SCHEMA)


def _choose(
    kinds: Sequence[LineDirt], n: int, scale: float, rng: np.random.Generator
) -> dict[int, LineDirt]:
    chosen: dict[int, LineDirt] = {}
    for kind in kinds:
        rows = np.flatnonzero(rng.random(n) < min(kind.rate * scale, MOST))
        for row in rows.tolist():
            chosen.setdefault(row, kind)
    return chosen

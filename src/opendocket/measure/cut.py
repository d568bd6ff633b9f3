"""Which cases, and by what: filters and groupings that are names, checked, never SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb

from opendocket.columns.described import near
from opendocket.errors import BadCut, UnknownName
from opendocket.measure.population import DOCKETS
from opendocket.quoting import literal

RANGE = ".."
CUSTODY = {"detained": "D", "never detained": "N", "released": "R"}
FAMILY = ("alone", "in a family")

Values = str | int | Sequence[str | int]
Where = Mapping[str, Values]
"""Conditions by name: one value, several, or a range such as ``2008..2018``."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something by which cases are chosen or put in groups."""

    name: str
    meaning: str
    example: str
    sql: str
    """Of a case ``c``; ``{day}`` is the day that the measure counts by."""
    code_list: str = ""
    """Our name for the list of its codes, if it holds codes."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What is written for each value, where the values have names of ours."""
    is_ordered: bool = False
    """May be asked for by a range."""
    is_grouping: bool = True


DIMENSIONS = {
    each.name: each
    for each in (
        Dimension(
            "docket",
            "which docket: " + ", ".join(DOCKETS) + "; as groups, which share nobody: "
            "dedicated, tagged only (not by EOIR's rule), ordinary, other",
            "docket=dedicated",
            f"""case
                when {DOCKETS["dedicated"]} then 'dedicated'
                when c.is_tagged then 'tagged only'
                when {DOCKETS["ordinary"]} then 'ordinary'
                else 'other'
            end""",
        ),
        Dimension(
            "court",
            "the court a case first came to, or where the measure counts decisions or "
            "hearings the one that held them; a code of the courts' list",
            "court=BOS,NLA",
            "{court}",
            code_list="base_city",
        ),
        Dimension(
            "nationality", "a code of the courts' list", "nationality=HO", "c.nationality_code",
            code_list="nationality",
        ),
        Dimension(
            "language", "a code of the courts' list", "language=SP", "c.language_code",
            code_list="language",
        ),
        Dimension(
            "custody", "as last known: detained, released, never detained",
            "custody=released,never detained", "c.custody_code", names=CUSTODY,
        ),
        Dimension(
            "case_type", "the kind of case, such as RMV for removal", "case_type=RMV",
            "c.case_type_code", code_list="case_type",
        ),
        Dimension(
            "family", "in a family that the courts linked, or alone", "family=alone",
            """case
                when c.lead_case_id in (
                    select lead_case_id from out_docket__family where case_count > 1
                ) then 'in a family'
                else 'alone'
            end""",
            names={name: name for name in FAMILY},
        ),
        Dimension(
            "year", "the fiscal year, October to September, of the day the measure counts by",
            "year=2008..2018", "(year({day}) + (month({day}) >= 10)::integer)",
            is_ordered=True,
        ),
        Dimension(
            "month", "the month of that day", "month=2021-06..2021-12",
            "strftime({day}, '%Y-%m')", is_ordered=True,
        ),
        Dimension(
            "received", "the day of receipt, from one to another",
            "received=2021-05-28..2021-12-31", "c.received_date",
            is_ordered=True, is_grouping=False,
        ),
    )
}  # fmt: skip
"""By name: what ``where`` and ``by`` may say."""


def read_where(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read conditions as people write them.

    Args:
        texts: Each ``name=value``, ``name=value,value`` or ``name=first..last``.

    Raises:
        BadCut: One is not written so, or a name stands twice.

    Example:
        >>> read_where(["docket=dedicated", "court=BOS,NLA"])
        {'docket': ('dedicated',), 'court': ('BOS', 'NLA')}
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, is_so, values = (part.strip() for part in text.partition("="))
        if not (name and is_so and values):
            raise BadCut(text, "not written NAME=VALUE", "such as docket=dedicated")
        if name in found:
            raise BadCut(text, f"{name} stands twice", "write its values with commas: A,B")
        found[name] = tuple(value.strip() for value in values.split(","))
    return found


def checked_by(by: Sequence[str]) -> tuple[str, ...]:
    """Refuse groupings that are none.

    Raises:
        UnknownName: No grouping of that name.
        BadCut: One stands twice.
    """
    for at, name in enumerate(by):
        _dimension(name, [d.name for d in DIMENSIONS.values() if d.is_grouping])
        if name in by[:at]:
            raise BadCut(",".join(by), f"{name} stands twice", "name each grouping once")
    return tuple(by)


def condition(con: duckdb.DuckDBPyConnection, where: Where, *, day: str, court: str) -> str:
    """Write conditions as SQL on a case ``c``; all removal-type cases where no docket is named.

    Args:
        con: A docket's connection, to check codes with.
        where: What is asked.
        day: The day that the measure counts by, as SQL.
        court: The court that it counts by, as SQL.

    Raises:
        UnknownName: No dimension, docket or code of that name.
        BadCut: A value that cannot be one.

    Example:
        >>> print(condition(duckdb.connect(), {"docket": "tagged"}, day="", court=""))
        (c.is_tagged)
    """
    parts = []
    for name, given in {"docket": "all", **where}.items():
        dimension = _dimension(name, list(DIMENSIONS))
        values = _values(given)
        sql = dimension.sql.format(day=day, court=court)
        if name == "docket":
            parts.append(" or ".join(f"({_docket(value)})" for value in values))
        elif any(RANGE in value for value in values):
            parts.append(_range(dimension, sql, values))
        else:
            listed = ", ".join(_checked(con, dimension, value) for value in values)
            parts.append(f"{sql} in ({listed})")
    return " and ".join(f"({part})" if " or " in part else part for part in parts)


def grouping(name: str, *, day: str, court: str) -> str:
    """Give a grouping as SQL."""
    return DIMENSIONS[name].sql.format(day=day, court=court)


def told(where: Where) -> str:
    """Say conditions in one line.

    Example:
        >>> told({"docket": "dedicated", "court": ["BOS", "NLA"]})
        'docket=dedicated, court=BOS,NLA'
        >>> told({})
        'docket=all'
    """
    whole = {"docket": "all", **where}
    return ", ".join(f"{name}={','.join(_values(values))}" for name, values in whole.items())


def _values(given: Values) -> tuple[str, ...]:
    if isinstance(given, str | int):
        return (str(given),)
    return tuple(str(value) for value in given)


def _dimension(name: str, names: Sequence[str]) -> Dimension:
    if name not in names:
        raise UnknownName(
            name, "filter or grouping", near(name, names), "opendocket measure --help"
        )
    return DIMENSIONS[name]


def _docket(name: str) -> str:
    if name not in DOCKETS:
        raise UnknownName(
            name,
            "docket",
            near(name, list(DOCKETS)) or tuple(DOCKETS),
            "opendocket measure --help",
        )
    return DOCKETS[name]


def _range(dimension: Dimension, sql: str, values: tuple[str, ...]) -> str:
    first, _, last = values[0].partition(RANGE)
    written = RANGE.join(values)
    if not dimension.is_ordered or len(values) > 1 or not (first or last):
        raise BadCut(
            f"{dimension.name}={','.join(values)}",
            "not one range",
            f"such as {dimension.example}",
        )
    ends = [(">=", first), ("<=", last)]
    parts = [f"{sql} {sign} {_ordered(dimension, end)}" for sign, end in ends if end]
    if len(parts) == 2 and _padded(first) > _padded(last):
        raise BadCut(f"{dimension.name}={written}", "ends before it begins", "turn it round")
    return " and ".join(parts)


def _padded(value: str) -> str:
    """Write a year so that it sorts as text; months and days do."""
    return value.zfill(10) if value.isdigit() else value


def _ordered(dimension: Dimension, value: str) -> str:
    """Write a year, a month or a day, or say how one is written."""
    try:
        if dimension.name == "year":
            return str(date(int(value), 1, 1).year)
        day = date.fromisoformat(value if dimension.name == "received" else f"{value}-01")
    except ValueError:
        raise BadCut(
            f"{dimension.name}={value}", "no such time", f"write it as in {dimension.example}"
        ) from None
    return f"date '{day}'" if dimension.name == "received" else literal(f"{day:%Y-%m}")


def _checked(con: duckdb.DuckDBPyConnection, dimension: Dimension, value: str) -> str:
    """Write a value, if it is one that cases can have."""
    if dimension.is_ordered:
        return _ordered(dimension, value)
    if dimension.names:
        if value not in dimension.names:
            raise UnknownName(value, dimension.name, tuple(dimension.names))
        return literal(dimension.names[value])
    query = "select code from out_docket__code where list_name = ?"
    codes = [code for (code,) in con.execute(query, [dimension.code_list]).fetchall()]
    if value not in codes:
        raise UnknownName(
            value, f"code of {dimension.name}", near(value.upper(), codes),
            f"opendocket sql DOCKET \"from out_docket__code where list_name = "
            f"'{dimension.code_list}'\"",
        )  # fmt: skip
    return literal(value)

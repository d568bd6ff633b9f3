"""A scenario's file and those it starts from, laid over each other, with every line kept."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from opendocket.errors import BadScenario, UnknownName
from opendocket.simulate.keys import LISTS, NEEDED, SECTIONS, TOP, Key
from opendocket.simulate.toml_lines import fault, lines_of

MOST_LAYERS = 8
Within = tuple[str | int, ...]
"""A key within a table: its name, and what is nested in it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file, and where it and each of its keys stand."""

    header: str
    place: Place
    values: dict[str, object] = field(default_factory=dict)
    places: dict[Within, Place] = field(default_factory=dict)

    def fault(
        self, at: str | Within, found: str, expected: str, remedy: str = "change that line"
    ) -> BadScenario:
        """Make the error that tells of a key of this table.

        Args:
            at: The key, or the way to what is nested in it.
            found: What is wrong.
            expected: What would be right.
            remedy: What to do.
        """
        within: Within = (at,) if isinstance(at, str) else at
        place = self.place
        for n in range(1, len(within) + 1):
            place = self.places.get(within[:n], place)
        name = ".".join(str(part) for part in within if isinstance(part, str))
        told = f"{self.header} {name}".strip()
        return BadScenario(place.path, place.line, told, found, expected, remedy)

    def unknown(self, at: str | Within, name: str, known: Iterable[str]) -> BadScenario:
        """Make the error that tells of a name that is not among those there are."""
        names = list(known)
        near = get_close_matches(name, names, n=2)
        remedy = f"perhaps {' or '.join(near)} is meant" if near else "change that line"
        return self.fault(at, f"names {name!r}", f"one of {', '.join(names)}", remedy)

    def read(self, keys: Iterable[Key]) -> dict[str, Any]:
        """Take the values of keys, each of its kind; what is left out has its default.

        Raises:
            BadScenario: A key is unknown, missing, or has a value of another kind.
        """
        known = {key.name: key for key in keys}
        for name in self.values:
            if name not in known:
                near = get_close_matches(name, known, n=2)
                remedy = f"perhaps {' or '.join(near)} is meant" if near else "leave it out"
                raise self.fault(name, "is no key", f"one of {', '.join(known)}", remedy)
        return {key.name: self._value(key) for key in known.values()}

    def _value(self, key: Key) -> Any:  # noqa: ANN401
        if key.name not in self.values:
            if key.default is NEEDED:
                raise self.fault(key.name, "is missing", key.kind.expected, "add it")
            return None if key.default == "all" else key.default
        try:
            return key.kind.read(self.values[key.name])
        except (TypeError, ValueError):
            found = f"is {_shown(self.values[key.name])}"
            raise self.fault(key.name, found, key.kind.expected) from None

    def over(self, below: "Table") -> "Table":
        """Lay this table over another: what it says takes the place of what that says."""
        kept = {at: p for at, p in below.places.items() if at[0] not in self.values}
        return Table(self.header, self.place, below.values | self.values, kept | self.places)


Tables = dict[str, list[Table]]
"""Tables of a file by the name of their header; the nameless one is under an empty text."""


def _shown(value: object) -> str:
    """Write a value about as the file does, and not too long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    text = str(value) if hasattr(value, "isoformat") else text
    return text if len(text) <= 60 else f"{text[:57]}..."


def shipped() -> dict[str, Path]:
    """Give the scenarios that come with the program, by name.

    Example:
        >>> "dedicated-2021" in shipped()
        True
    """
    folder = Path(str(files("opendocket.simulate"))) / "scenarios"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def scenario_path(name: str, beside: Path | None = None) -> Path:
    """Find a scenario: a shipped one's name, or a file.

    Args:
        name: What a person gave.
        beside: The folder that a file's name begins in.

    Raises:
        UnknownName: Neither.
    """
    there = shipped()
    if name in there:
        return there[name]
    path = (beside or Path()) / name
    if path.is_file():
        return path
    near = tuple(get_close_matches(name, there, n=2))
    raise UnknownName(
        name, "scenario, shipped or a file", near, "opendocket simulate run --help"
    )


def layers(path: Path) -> Tables:
    """Read a scenario's file over those it starts from.

    Args:
        path: A TOML file.

    Returns:
        Its tables: those it may have once, at most one of each; dockets and populations
        merged by name; events, the base's first.

    Raises:
        BadScenario: A file cannot be read, or has tables that no scenario has.
    """
    files_read: list[Path] = []
    stack: list[Tables] = []
    at: Path | None = path
    while at is not None:
        tables = _file(at)
        files_read.append(at.resolve())
        stack.append(tables)
        at = _base(tables[""][0], at, files_read)
    merged = stack.pop()
    while stack:
        merged = _over(stack.pop(), merged)
    return merged


def _base(top: Table, path: Path, seen: list[Path]) -> Path | None:
    base = top.read(TOP)["base"]
    if not base:
        return None
    try:
        found = scenario_path(base, path.parent)
    except UnknownName:
        expected = f"a file beside it, or one of {', '.join(shipped())}"
        raise top.fault("base", f"names {base!r}, which is not there", expected) from None
    if found.resolve() in seen or len(seen) >= MOST_LAYERS:
        raise top.fault("base", f"{base!r} leads back here", "a base that starts from no other")
    return found


def _file(path: Path) -> Tables:
    """Read one file's tables."""
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadScenario(path, line, "the text", "is not UTF-8", "a text file") from None
    except OSError as error:
        found = f"cannot be read: {error.strerror}"
        raise BadScenario(path, 1, "the file", found, "a file that can be read") from None
    except tomllib.TOMLDecodeError as error:
        line, why = fault(error, text)
        raise BadScenario(path, line, "the text", f"cannot be read: {why}", "TOML") from None
    lines = lines_of(text)
    tables: Tables = {"": [Table("", Place(path, 1))]}
    for name, value in document.items():
        place = Place(path, lines.get((name,), 1))
        if name in SECTIONS or name in LISTS:
            tables[name] = _named(name, value, place, lines)
            _refuse_twice(tables[name])
        elif isinstance(value, dict | list):
            raise _no_table(name, place)
        else:
            tables[""][0].values[name] = value
            tables[""][0].places[(name,)] = place
    return tables


def _named(name: str, value: object, place: Place, lines: dict[Within, int]) -> list[Table]:
    is_list = name in LISTS
    header = f"[[{name}]]" if is_list else f"[{name}]"
    entries = value if isinstance(value, list) else [value]
    right = isinstance(value, list) == is_list and all(isinstance(e, dict) for e in entries)
    if not right:
        found = "is not so"
        raise BadScenario(place.path, place.line, name, found, f"a table under {header}")
    made = []
    for n, entry in enumerate(entries):
        above: Within = (name, n) if is_list else (name,)
        size = len(above)
        places = {
            at[size:]: Place(place.path, line)
            for at, line in lines.items()
            if at[:size] == above and len(at) > size
        }
        line = lines.get(above, place.line)
        made.append(Table(header, Place(place.path, line), dict(entry), places))
    return made


def _refuse_twice(tables: list[Table]) -> None:
    """Refuse two dockets, or two populations, of one name."""
    seen = set()
    for table in tables:
        name = table.values.get("name")
        if isinstance(name, str) and name in seen:
            raise table.fault("name", f"is {name!r} once more", "each name once")
        seen.add(name if isinstance(name, str) else None)


def _no_table(name: str, place: Place) -> BadScenario:
    known = [*SECTIONS, *LISTS]
    near = get_close_matches(name, known, n=2)
    remedy = f"perhaps {' or '.join(near)} is meant" if near else "leave it out"
    expected = f"one of the tables {', '.join(known)}"
    return BadScenario(place.path, place.line, name, "is no table", expected, remedy)


def _over(upper: Tables, lower: Tables) -> Tables:
    merged = dict(lower)
    for name, tables in upper.items():
        if name not in lower:
            merged[name] = tables
        elif name in ("docket", "population"):
            merged[name] = _by_name(tables, lower[name])
        elif name in LISTS:
            merged[name] = lower[name] + tables
        else:
            merged[name] = [tables[0].over(lower[name][0])]
    return merged


def _by_name(upper: list[Table], lower: list[Table]) -> list[Table]:
    """Lay tables over those of the same name; the rest come after."""
    merged = {str(table.values.get("name")): table for table in lower}
    for table in upper:
        name = str(table.values.get("name"))
        merged[name] = table.over(merged[name]) if name in merged else table
    return list(merged.values())

"""Where each key of a TOML text stands: Python's reader gives values and no lines.

Only a text that the reader has taken is walked here, so this looks for places and judges
nothing.
"""

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""A key as the values are nested: ``("docket", 1, "share")`` is the second docket's share."""

TOKEN = re.compile(
    r'''(?P<newline>\n)|(?P<blank>[ \t\r]+|\#[^\n]*)
    |(?P<string>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<mark>[][{}=,.])|(?P<bare>[^][{}=,."'\#\s]+)''',
    re.VERBOSE | re.DOTALL,
)
AT = re.compile(r"\(at line (\d+), column \d+\)")


class _Walk:
    """The tokens of a text, one looked ahead at, and the line reached."""

    def __init__(self, text: str) -> None:
        self.tokens = self._tokens(text)
        self.line, self.kind, self.text = 1, "", ""
        self.step()

    @staticmethod
    def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
        line = 1
        for match in TOKEN.finditer(text):
            kind, found = match.lastgroup or "", match[0]
            if kind != "blank":
                yield line, kind, found
            line += found.count("\n")
        yield line, "end", ""

    def step(self) -> str:
        """Give the token looked at, and go on to the next."""
        gone = self.text
        self.line, self.kind, self.text = next(self.tokens, (self.line, "end", ""))
        return gone

    def skip(self, *texts: str) -> None:
        """Pass over line ends, and these marks."""
        while self.kind == "newline" or (self.kind == "mark" and self.text in texts):
            self.step()

    def key(self) -> tuple[str, ...]:
        """Read a key, with its dots."""
        parts = []
        while self.kind in ("string", "bare"):
            quoted = self.kind == "string"
            text = self.step()
            parts.append(str(tomllib.loads(f"it = {text}")["it"]) if quoted else text)
            if self.text != ".":
                break
            self.step()
        return tuple(parts)


def lines_of(text: str) -> dict[Path, int]:
    r"""Find the line that each key, table and list entry of a TOML text stands on.

    Args:
        text: A TOML document that ``tomllib`` reads.

    Returns:
        Lines, from 1, by path. A table is where its header is; one without a header, where
        the first key in it is.

    Source:
        TOML 1.0.0, https://toml.io/en/v1.0.0.

    Example:
        >>> lines_of("[run]\nyears = 5\n[[docket]]\nshare = 1")[("docket", 0, "share")]
        4
    """
    walk, lines = _Walk(text), dict[Path, int]()
    lists: dict[Path, int] = {}
    at: Path = ()
    walk.skip()
    while walk.kind != "end":
        if walk.text == "[" and walk.kind == "mark":
            at = _header(walk, lines, lists)
        else:
            _pair(walk, at, lines)
        walk.skip()
    return lines


def _header(walk: _Walk, lines: dict[Path, int], lists: dict[Path, int]) -> Path:
    """Read ``[a.b]`` or ``[[a.b]]``; a list in its path means the entry begun last."""
    line = walk.line
    walk.step()
    is_list = walk.text == "[" and walk.kind == "mark"
    walk.skip("[")
    at: Path = ()
    *outer, own = walk.key()
    for part in outer:
        at = (*at, part)
        at = (*at, lists[at]) if at in lists else at
    at = (*at, own)
    if is_list:
        lines.setdefault(at, line)
        lists[at] = lists.get(at, -1) + 1
        at = (*at, lists[at])
    walk.skip("]")
    lines.setdefault(at, line)
    return at


def _pair(walk: _Walk, at: Path, lines: dict[Path, int]) -> None:
    for part in walk.key():
        at = (*at, part)
        lines.setdefault(at, walk.line)
    walk.step()  # the equals sign
    _value(walk, at, lines)


def _value(walk: _Walk, at: Path, lines: dict[Path, int]) -> None:
    lines.setdefault(at, walk.line)
    if walk.kind == "mark" and walk.text == "{":
        walk.step()
        while walk.text != "}" and walk.kind != "end":
            _pair(walk, at, lines)
            walk.skip(",")
        walk.step()
    elif walk.kind == "mark" and walk.text == "[":
        walk.step()
        walk.skip()
        n = 0
        while walk.text not in ("]", "}") and walk.kind != "end":
            _value(walk, (*at, n), lines)
            walk.skip(",")
            n += 1
        walk.step()
    else:
        while walk.kind != "end" and not (
            walk.kind == "newline" or (walk.kind == "mark" and walk.text in ",]}")
        ):
            walk.step()


def fault(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    r"""Say on which line a text cannot be read, and why.

    Args:
        error: What the reader said.
        text: What it read.

    Returns:
        The line, from 1, and the reason, in lower case.

    Example:
        >>> try:
        ...     tomllib.loads("a = 1\nb = ")
        ... except tomllib.TOMLDecodeError as error:
        ...     fault(error, "a = 1\nb = ")
        (2, 'invalid value')
    """
    said = str(error)
    found = AT.search(said)
    line = int(found[1]) if found else text.count("\n") + (not text.endswith("\n"))
    why = said.partition(" (at ")[0]
    return max(line, 1), why[:1].lower() + why[1:]

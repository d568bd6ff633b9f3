"""The examination as a record: what was expected, found and judged, for files and programs."""

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from opendocket.checks.check import Check, Found
from opendocket.checks.examination import Examined
from opendocket.checks.listed import GROUPS

FIELDS = ("group", "check", "what", "expected", "found", "verdict", "note")
"""Of a row, one for each finding."""


def rows(examined: Examined) -> Iterator[tuple[str, ...]]:
    """Give every finding as a row of ``FIELDS``."""
    for check, found in examined.results:
        yield (
            check.group,
            check.name,
            found.what,
            found.expected,
            found.found,
            found.verdict,
            found.note,
        )


def as_json(examined: Examined) -> str:
    """Give the whole examination, each check with its expectation and source.

    The record names the release by its checksum, and holds no clock: the same docket gives
    the same record.
    """
    return json.dumps(_facts(examined), indent=2, ensure_ascii=False)


def write_record(examined: Examined, path: Path) -> None:
    """Write the whole examination as JSON.

    Args:
        examined: By :func:`opendocket.checks.examine`.
        path: Where; what is there is replaced.
    """
    path.write_text(as_json(examined) + "\n", encoding="utf-8")


def _facts(examined: Examined) -> dict[str, object]:
    return {
        "opendocket_version": version("opendocket"),
        "release": {
            "file_name": examined.release_file,
            "sha256": examined.release_sha256,
            "released_date": examined.released.isoformat(),
            "as_of_date": examined.as_of.isoformat(),
            "is_synthetic": examined.is_synthetic,
            "loaded_by_version": examined.loaded_by,
            "size_share": round(examined.size, 6),
        },
        "verdicts": examined.tally,
        "checks": [_check(check, examined) for check in _checks(examined)],
    }


def _checks(examined: Examined) -> list[Check]:
    """Give the checks that were run, each once, in order."""
    return list({check.name: check for check, _ in examined.results}.values())


def _check(check: Check, examined: Examined) -> dict[str, object]:
    return {
        "name": check.name,
        "group": GROUPS[check.group],
        "question": check.question,
        "expectation": check.expectation,
        "source": check.source,
        "findings": [_finding(f) for c, f in examined.results if c.name == check.name],
    }


def _finding(found: Found) -> dict[str, str]:
    return {
        "what": found.what,
        "expected": found.expected,
        "found": found.found,
        "verdict": found.verdict,
        "note": found.note,
    }

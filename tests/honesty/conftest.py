"""One small made-up release that the honesty tests share."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from command_tree import CASES, DIRT

from opendocket.docket import load_release, open_docket
from opendocket.findings import dedicated_docket
from opendocket.report import write_report
from opendocket.simulate.posing import fit_into
from opendocket.synthetic import synthesize


@dataclass(frozen=True)
class SmallRelease:
    zip: Path
    docket: Path
    plain: Path
    """A docket with no more dirt than a real one, in which nothing is wrong."""
    fit: Path
    """A fit of the first."""


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A small release and its docket, made once."""
    folder = tmp_path_factory.mktemp("small")
    made = synthesize(folder / "made-up.zip", cases=CASES, seed=1, dirt=DIRT)
    loaded = load_release(made.path, folder / "made-up.duckdb")
    usual = synthesize(folder / "plain.zip", cases=CASES, seed=1)
    plain = load_release(usual.path, folder / "plain.duckdb")
    fit_into(folder / "fit.json", loaded.path)
    return SmallRelease(made.path, loaded.path, plain.path, folder / "fit.json")


@pytest.fixture(scope="session")
def small_report(small, tmp_path_factory):
    """The report on it, written once."""
    folder = tmp_path_factory.mktemp("small-report") / "report"
    with open_docket(small.docket) as docket:
        write_report(dedicated_docket(docket), folder, command="a test")
    return folder

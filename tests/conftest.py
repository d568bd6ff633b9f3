"""Releases and dockets that tests share; each is made once a session.

A docket is given as the path of a DuckDB file: open it read-only, with :func:`read_only` or
``duckdb.connect(path, read_only=True)``, and leave it as it is. Its release lies beside it
(``release.zip``), and so does what is true of every case (``release.truth.duckdb``).

* ``small_docket``          20,000 cases without dirt, seed 20261124: for measures and findings
* ``release_50k_dirty``     50,000 cases with ten times the real dirt: a ``SyntheticRelease``
* ``docket_50k_dirty``      the same, loaded: a ``Loaded``, with its account

Calibration may change, and with it every number in them: hold results against the truth
file, another way of working them out, or a property, never against digits seen once.
"""

import signal

import duckdb
import pytest
from hypothesis import settings

from opendocket.docket.load import load_release
from opendocket.synthetic import synthesize

SEED = 20261124

# how long an example takes is the machine's business, and no reason to fail
settings.register_profile("opendocket", deadline=None)
settings.load_profile("opendocket")


def read_only(path):
    """Open a docket, or a truth file, to look at."""
    return duckdb.connect(path, read_only=True)


@pytest.fixture(scope="session")
def small_docket(tmp_path_factory):
    """Give the path of a clean synthetic docket of 20,000 cases, 4,000 of them dedicated.

    ``small_docket.with_name("release.zip")`` is its release, and
    ``small_docket.with_name("release.truth.duckdb")`` holds ``truth_case``.
    """
    folder = tmp_path_factory.mktemp("small")
    made = synthesize(folder / "release.zip", cases=20_000, seed=SEED, dirt=0)
    return load_release(made.path, folder / "docket.duckdb").path


@pytest.fixture(scope="session")
def release_50k_dirty(tmp_path_factory):
    """Give a synthetic release of 50,000 cases with ten times the real dirt."""
    folder = tmp_path_factory.mktemp("dirty")
    return synthesize(folder / "release.zip", cases=50_000, seed=SEED, dirt=10)


@pytest.fixture(scope="session")
def docket_50k_dirty(release_50k_dirty):
    """Give the dirty release, loaded."""
    return load_release(
        release_50k_dirty.path, release_50k_dirty.path.with_name("docket.duckdb")
    )


@pytest.fixture
def heard():
    """Let Ctrl-C be heard by this process and those it starts, whoever started it deaf."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)

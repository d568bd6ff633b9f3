"""The docket that the calibration is tested on; made once a session, in about 90 seconds."""

import pytest

from opendocket.docket import load_release
from opendocket.synthetic import synthesize

CALIBRATION_CASES, CALIBRATION_SEED = 605_250, 20261125
"""The smallest release that holds the Dedicated Docket at national size."""


@pytest.fixture(scope="session")
def calibration_release(tmp_path_factory):
    """Give a ``SyntheticRelease`` with the Dedicated Docket at national size."""
    folder = tmp_path_factory.mktemp("calibration")
    return synthesize(
        folder / "release.zip", cases=CALIBRATION_CASES, seed=CALIBRATION_SEED, workers=2
    )


@pytest.fixture(scope="session")
def calibration_docket(calibration_release):
    """Give the path of its docket; open it read-only."""
    out = calibration_release.path.with_name("docket.duckdb")
    return load_release(calibration_release.path, out).path

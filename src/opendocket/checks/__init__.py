"""Checks of a release: what is expected of it, what its docket holds, and the verdict."""

from opendocket.checks.check import VERDICTS, Check, Found
from opendocket.checks.examination import Examined, examine
from opendocket.checks.listed import CHECKS, GROUPS

__all__ = ["CHECKS", "GROUPS", "VERDICTS", "Check", "Examined", "Found", "examine"]

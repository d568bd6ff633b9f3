"""Findings: published sentences, tables and figures, one file per question."""

from opendocket.findings.dedicated_docket import Findings, dedicated_docket
from opendocket.findings.finding import Figure, Section, Sentence, Table

__all__ = ["Figure", "Findings", "Section", "Sentence", "Table", "dedicated_docket"]

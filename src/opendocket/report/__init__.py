"""A report: findings written to a folder, as a page, pictures and numbers."""

from opendocket.report.write import WrittenReport, write_report

__all__ = ["WrittenReport", "write_report"]

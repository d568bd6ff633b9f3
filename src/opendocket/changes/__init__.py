"""What changed between two releases: rows, columns, tables, and the measures they move."""

from opendocket.changes.compare import Changes, compare_dockets
from opendocket.changes.older import older_rows, opened_changes, write_older
from opendocket.changes.rows import TableChanges

__all__ = [
    "Changes",
    "TableChanges",
    "compare_dockets",
    "older_rows",
    "opened_changes",
    "write_older",
]

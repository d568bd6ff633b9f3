"""What each table, column and code of the courts' release is, said once.

The loader's types, the docs, the synthetic release and the tests all read these lists.
The facts come from the release of July 2026 and the courts' own code key; see
``docs/data/tables.md`` for where each was read.
"""

from opendocket.columns.catalogue import (
    ESSENTIAL,
    TABLES,
    Column,
    Table,
    table_named,
)
from opendocket.columns.codes import (
    CodeList,
    code_list,
    court_decisions,
    held_by_reason,
    outcome_group,
)

__all__ = [
    "ESSENTIAL",
    "TABLES",
    "CodeList",
    "Column",
    "Table",
    "code_list",
    "court_decisions",
    "held_by_reason",
    "outcome_group",
    "table_named",
]

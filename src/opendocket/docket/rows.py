"""Rows as they lie in memory, shown to DuckDB without a copy."""

from collections.abc import Sequence
from typing import Any

import nanoarrow as na
import numpy as np

from opendocket.columns import Column
from opendocket.docket.cells import KINDS, Cells, Layout
from opendocket.docket.kernel import DATE, FLAG, INSTANT, NUMBER, TEXT

ARROW_TYPES = {
    NUMBER: na.int64(),
    TEXT: na.string_view(),
    DATE: na.date32(),
    INSTANT: na.timestamp("us"),
    FLAG: na.bool_(),
}
MONEY_TYPE = na.decimal128(18, 4)


class ArrowRows:
    """Some rows of a table, which DuckDB can read as often as it likes."""

    def __init__(self, cells: Cells, shape: Layout, columns: Sequence[Column]) -> None:
        n = cells.rows
        children, types = [], {}
        for at, column in enumerate(columns):
            kind, slot = KINDS[column.type], int(shape.slots[at])
            arrow_type = ARROW_TYPES.get(kind, MONEY_TYPE)
            buffers = [cells.valid[at], *_values(cells, kind, slot)]
            types[f"c{at}"] = arrow_type
            children.append(na.c_array_from_buffers(arrow_type, n, buffers))
        self._rows = na.c_array_from_buffers(
            na.struct(types), n, [None], children=children, null_count=0
        )

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:  # noqa: ANN401
        """Give the rows as a stream of Arrow's C interface."""
        return na.c_array_stream(self._rows).__arrow_c_stream__()


def _values(cells: Cells, kind: int, slot: int) -> list[np.ndarray[Any, Any]]:
    """Give a column's values, in the buffers that Arrow wants.

    A column of views is given one buffer to point into: nanoarrow 0.9 breaks on two.
    """
    if kind == TEXT:
        return [cells.views[slot], cells.strings]
    if kind == NUMBER:
        return [cells.numbers[slot]]
    if kind == DATE:
        return [cells.days[slot]]
    if kind == INSTANT:
        return [cells.instants[slot]]
    return [cells.flags[slot] if kind == FLAG else cells.money[slot]]

"""The docket: the release's tables and the analysis tables, in one DuckDB file.

Loading needs a compiler, which asking does not: it is imported when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from opendocket.docket.opened import Docket, open_docket

if TYPE_CHECKING:
    from opendocket.docket.load import Loaded, load_release

__all__ = ["Docket", "Loaded", "load_release", "open_docket"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import what loads."""
    if name not in ("Loaded", "load_release"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from opendocket.docket import load

    return getattr(load, name)

"""The docket: the release's tables and the analysis tables, in one DuckDB file."""

from opendocket.docket.load import Loaded, load_release
from opendocket.docket.opened import Docket, open_docket

__all__ = ["Docket", "Loaded", "load_release", "open_docket"]

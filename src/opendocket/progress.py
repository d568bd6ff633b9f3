"""How long work tells what it has done, without knowing who listens."""

from collections.abc import Callable

Progress = Callable[[str, float, float], None]
"""Called with what is being done, how much is done, and how much there is to do.

The two amounts share a unit (bytes, rows, cases); done reaches total once per name.
"""


def silent(what: str, done: float, total: float) -> None:
    """Tell nobody.

    Example:
        >>> silent("loading", 1, 2)
    """

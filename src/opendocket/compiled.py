"""Loops over bytes, compiled by Numba; its types are worked out when they first run."""

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Compile a function that needs no interpreter, and keep what comes of it.

    It is kept beside the source or in the user's own folder; where neither can be written to,
    it is compiled anew each time the program runs.

    Example:
        >>> @compiled
        ... def twice(n):
        ...     return 2 * n
        >>> twice(21)
        42
    """
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # Numba: "no locator available"
        return njit(nogil=True)(function)

"""Ctrl-C and a request to end that are heeded, whoever they reach first."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from opendocket.progress import Progress


@contextmanager
def heeding_interruption(progress: Progress) -> Iterator[Progress]:
    """Remember Ctrl-C, and raise it again at the next report of progress.

    A library that calls back into Python may swallow the first one. A request to end
    (SIGTERM, as a scheduler or a container sends it) is treated as Ctrl-C, so that it too
    leaves nothing half-written and no worker behind.

    Args:
        progress: Told of everything else.

    Yields:
        A listener for the work.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield progress  # somebody else's to decide, or ignored in the background
        return
    came: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    def listen(what: str, done: float, total: float) -> None:
        if came:
            raise KeyboardInterrupt
        progress(what, done, total)

    before = signal.signal(signal.SIGTERM, remember)
    signal.signal(signal.SIGINT, remember)
    try:
        yield listen
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, before)

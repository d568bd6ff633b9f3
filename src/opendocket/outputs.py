"""Files that appear whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opendocket.errors import AlreadyThere, CannotWrite, NoRoom


@contextmanager
def written_aside(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a place beside ``path`` to write to, and move it to ``path`` when done.

    Whatever stops the work, an error, a full disk, Ctrl-C, leaves nothing behind: neither
    ``path`` nor the place beside it. A file or a folder may be written.

    Args:
        path: Where the output shall appear.
        overwrite: Replace what is there, in the last moment and not before.

    Yields:
        The place beside ``path``; nothing is there yet.

    Raises:
        AlreadyThere: ``path`` exists, and ``overwrite`` is off.
        CannotWrite: The folder is missing and cannot be made, or is not writable.
        NoRoom: The disk filled up.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with written_aside(folder / "a.txt") as aside:
        ...     _ = aside.write_text("whole")
        >>> [p.name for p in folder.iterdir()]
        ['a.txt']
    """
    if path.exists() and not overwrite:
        raise AlreadyThere(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error
    aside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    _remove(aside)
    try:
        yield aside
        if path.is_dir():
            _remove(path)
        aside.replace(path)
    except BaseException as error:
        _remove(aside)
        if is_full(error):
            raise NoRoom(path, shutil.disk_usage(path.parent).free) from error
        if isinstance(error, PermissionError):
            raise CannotWrite(path, error.strerror or str(error)) from error
        raise


def is_full(error: BaseException) -> bool:
    """Tell whether an error, or what caused it, is a full disk.

    Libraries wrap the system's error in their own, so the text is looked at too.

    Example:
        >>> is_full(OSError(errno.ENOSPC, "No space left on device"))
        True
        >>> is_full(ValueError("no"))
        False
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if "no space left on device" in str(seen).lower():
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
        # DuckDB keeps a log and a folder for what memory cannot hold beside the file it writes
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        shutil.rmtree(path.with_name(path.name + ".tmp"), ignore_errors=True)

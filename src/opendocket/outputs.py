"""Files that appear whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from opendocket.errors import AlreadyThere, CannotWrite, DocketError, InUse, NoRoom

REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EFBIG, errno.ENAMETOOLONG)
"""What the system says when a file may not be written, or not be so large."""


@contextmanager
def written_aside(
    path: Path, *, overwrite: bool = False, can_go_on: bool = False
) -> Iterator[Path]:
    """Give a place beside ``path`` to write to, and move it to ``path`` when done.

    Whatever stops the work, an error, a full disk, Ctrl-C, leaves nothing behind: neither
    ``path``, nor the place beside it, nor folders made for it. A file or a folder may be
    written; a file never replaces a folder.

    Args:
        path: Where the output shall appear.
        overwrite: Replace what is there, in the last moment and not before.
        can_go_on: The place beside has the same name each time, and an interruption leaves
            what stands there for the next run to go on from.

    Yields:
        The place beside ``path``; nothing is there yet, unless the work can go on.

    Raises:
        AlreadyThere: ``path`` exists, and ``overwrite`` is off.
        InUse: Another run is at the place beside; what it wrote is left alone.
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
    path = path.absolute()
    if not path.name:
        raise CannotWrite(path, "the top of the disk")
    aside = unfinished(path)
    if not can_go_on:
        aside = aside.with_stem(f"{aside.stem}.{os.getpid()}-{uuid4().hex[:8]}")
    made: list[Path] = []
    try:
        with _told_of(path):
            if _is_special(path):
                raise CannotWrite(path, "neither a file nor a folder")
            if os.path.lexists(path) and not overwrite:
                raise AlreadyThere(path)
            for folder in _missing_folders(path.parent):
                folder.mkdir()
                made.append(folder)
            if not (can_go_on and aside.exists()):
                _remove(aside)
                aside.touch()  # better refused now than when the work is done
                aside.unlink(missing_ok=True)  # another run may have been as quick
        with _told_of(path):
            yield aside
            _put_in_place(aside, path, overwrite=overwrite)
    except BaseException as error:
        is_kept = can_go_on and isinstance(error, KeyboardInterrupt)
        if not is_kept and not isinstance(error, InUse):
            _clear_away(aside, made)
        raise


def _clear_away(aside: Path, made: list[Path]) -> None:
    """Leave nothing behind: neither the place beside, nor folders made for it."""
    with suppress(OSError):  # where nothing can be written nothing can be removed
        _remove(aside)
    for folder in reversed(made):
        with suppress(OSError):  # somebody else put something there
            folder.rmdir()


def unfinished(path: Path) -> Path:
    """Name the place beside an output where work that can go on leaves what it has done.

    Example:
        >>> unfinished(Path("docket.duckdb"))
        PosixPath('.docket.duckdb.partial')
    """
    return path.with_name(f".{path.name}.partial")


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Say what the system refused in terms of the output."""
    try:
        yield
    except DocketError:
        raise
    except Exception as error:
        if _is_interruption(error):
            raise KeyboardInterrupt from error
        if is_full(error):
            raise NoRoom(path, _free(path)) from error
        if why := _refusal(error):
            raise CannotWrite(path, why) from error
        raise


def _is_interruption(error: Exception) -> bool:
    """Tell whether an error is DuckDB's word for Ctrl-C in the middle of a query."""
    name, said = type(error).__name__, str(error)
    return (
        name == "InterruptException"
        or (name == "RuntimeError" and said == "Query interrupted")
        or "KeyboardInterrupt: " in said
    )


def _free(path: Path) -> int:
    """Give the bytes free where ``path`` should go."""
    there = next((folder for folder in path.absolute().parents if folder.is_dir()), Path("/"))
    return shutil.disk_usage(there).free


def _missing_folders(folder: Path) -> list[Path]:
    """Give a folder and those above it that are not there, top first."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, f"{folder} is not a folder")
    return missing[::-1]


def _is_special(path: Path) -> bool:
    """Tell whether something is there that is no file or folder, such as a device."""
    return path.exists() and not (path.is_file() or path.is_dir())


def _put_in_place(aside: Path, path: Path, *, overwrite: bool) -> None:
    if os.path.lexists(path) and not overwrite:
        raise AlreadyThere(path, "it was not there when the work began; name another file")
    if path.is_dir() and not path.is_symlink():
        if not aside.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        _exchange(aside, path)
        return
    if aside.is_dir() and os.path.lexists(path):
        raise NotADirectoryError(errno.ENOTDIR, "is a file")
    aside.replace(path)
    if not path.is_dir():
        # the log of an older database of this name must not be played into the new one
        path.with_name(path.name + ".wal").unlink(missing_ok=True)


def _exchange(aside: Path, path: Path) -> None:
    """Put a new folder in an old one's place; whatever happens, one of the two is there."""
    old = path.with_name(f"{aside.name}.old")
    path.replace(old)
    try:
        aside.replace(path)
    except BaseException:
        if not path.exists():
            old.replace(path)
        raise
    finally:
        if path.exists() and old.exists():
            shutil.rmtree(old)


def _refusal(error: BaseException) -> str | None:
    """Give the system's word for why a file may not be written; None if it is not that."""
    for each in _causes(error):
        if isinstance(each, IsADirectoryError | NotADirectoryError):
            return each.strerror
        if isinstance(each, OSError) and each.errno in REFUSED:
            return (each.strerror or str(each)).lower()
        for number in REFUSED:
            if os.strerror(number).lower() in str(each).lower():
                return os.strerror(number).lower()
    return None


def is_full(error: BaseException) -> bool:
    """Tell whether an error, or what caused it, is a full disk.

    Libraries wrap the system's error in their own, so the text is looked at too.

    Example:
        >>> is_full(OSError(errno.ENOSPC, "No space left on device"))
        True
        >>> is_full(ValueError("no"))
        False
    """
    return any(
        (isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT))
        or "no space left on device" in str(each).lower()
        for each in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error and what it came from."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
        # DuckDB keeps a log and a folder for what memory cannot hold beside the file it writes
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        shutil.rmtree(path.with_name(path.name + ".tmp"), ignore_errors=True)

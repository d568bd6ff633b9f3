"""Fetch the courts' current release, going on where it broke off.

The courts overwrite one zip of some 4.6 GB in place about once a month and give it no
version number: the ``ETag`` and ``Last-Modified`` headers are all that tells one release
from the next. What has been received waits in a partial file beside a small JSON that
says which release it is a part of.
"""

import hashlib
import json
import re
import shutil
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

import requests

from opendocket.errors import (
    CannotWrite,
    DocketError,
    NoRoom,
    NotOffered,
    ServerUnreachable,
)
from opendocket.outputs import is_full, written_aside
from opendocket.progress import Progress, silent

RELEASE_URL = "https://fileshare.eoir.justice.gov/EOIR%20Case%20Data.zip"

CHUNK_BYTES = 1 << 16
CONNECT_SECONDS, READ_SECONDS = 15, 60
LEFT = "what was received is kept, and the next run goes on from there"
NAME = "eoir-case-data"
SIGNATURE = b"PK\x03\x04"

OK, PART, NO_SUCH_PART = 200, 206, 416
PASSING = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class FetchedRelease:
    """A release in a folder, and what the server said of it.

    ``etag`` and ``last_modified`` are as the server wrote them, empty where it said
    nothing; ``notes`` tells what did not go straight.
    """

    path: Path
    url: str
    etag: str
    last_modified: str
    size_bytes: int
    sha256: str
    was_there: bool
    notes: tuple[str, ...] = ()


def fetch_release(
    folder: Path,
    *,
    url: str = RELEASE_URL,
    progress: Progress = silent,
    pauses: Sequence[float] = (1, 4, 16),
) -> FetchedRelease:
    """Bring the current release into a folder, unless it is there already.

    The file is named for the day of the release; an older release is never overwritten.
    Beside it, ``<name>.zip.json`` records where and when it came from, and its SHA-256.
    Whatever stops the work leaves a part that the next call goes on from, or nothing.

    Args:
        folder: Where to put it; made if missing.
        url: The release's public address.
        progress: Told the bytes received and to receive.
        pauses: Seconds to wait before asking again when the connection breaks; used up
            when it breaks that often in a row without a byte more having come.

    Returns:
        The release in the folder.

    Raises:
        ServerUnreachable: No answer, or the connection broke for good.
        NotOffered: The answer is another status, or not a zip.
        NoRoom: The disk is full, or too full for what the server offers.
        CannotWrite: The folder cannot be made or written to.

    Assumes:
        One fetch at a time per folder. Proxy and certificates are the machine's own.

    Source:
        RFC 9110, sections 8.8 (validators), 13.1.5 (If-Range) and 14 (ranges).

    Example:
        >>> try:
        ...     fetch_release(Path("data"), url="nowhere")
        ... except NotOffered as error:
        ...     print(error.found)
        not a web address
    """
    partial = _Partial(folder, url)
    with requests.Session() as session, _on_disk(folder):
        session.headers.update({"Accept-Encoding": "identity", "User-Agent": "opendocket"})
        partial.recall(progress)
        try:
            return _fetched(session, partial, progress, pauses)
        finally:
            partial.drop_if_useless()


@dataclass(frozen=True, slots=True)
class _Offer:
    """What tells one release from another, as the server says it."""

    url: str
    etag: str
    last_modified: str
    size_bytes: int

    @property
    def condition(self) -> str:
        """What ``If-Range`` may be sent with: a strong ETag, or the date, or nothing."""
        return self.etag if self.etag.startswith('"') else self.last_modified

    def is_same(self, other: "_Offer | None", *, promised: bool = False) -> bool:
        """Tell whether both are one release; without an ETag or date, only if promised."""
        if other is None or self.size_bytes != other.size_bytes:
            return False
        pairs = (
            (_bare(self.etag), _bare(other.etag)),
            (self.last_modified, other.last_modified),
        )
        said = [a == b for a, b in pairs if a and b]
        return all(said) and (promised or bool(said))

    def record(self) -> dict[str, Any]:
        """Write it out for a JSON file."""
        return {
            "url": self.url,
            "etag": self.etag,
            "last_modified": self.last_modified,
            "bytes": self.size_bytes,
        }


@dataclass(slots=True)
class _Partial:
    """The bytes received so far, and which release they are the beginning of."""

    folder: Path
    url: str
    offer: _Offer | None = None
    size: int = 0
    recalled: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    notes: list[str] = field(default_factory=list)
    what: str = "fetching"

    @property
    def path(self) -> Path:
        return self.folder / f"{NAME}.zip.partial"

    @property
    def memory(self) -> Path:
        return self.folder / f"{NAME}.zip.partial.json"

    @property
    def kept(self) -> int:
        """How many bytes can be gone on from."""
        return self.size if self.offer and self.offer.condition else 0

    def recall(self, progress: Progress) -> None:
        """Take up what an earlier call received of this address, if it fits."""
        offer = _recorded_offer(_recorded(self.memory))
        size = self.path.stat().st_size if self.path.is_file() else 0
        if offer is None or offer.url != self.url or not 0 < size <= offer.size_bytes:
            return
        # where all is there, one byte is asked for again: its answer says of which release
        size = min(size, offer.size_bytes - 1)
        with self.path.open("r+b") as file:
            file.truncate(size)
            while chunk := file.read(CHUNK_BYTES):
                self.digest.update(chunk)
                progress("checking the part", file.tell(), size)
        self.offer, self.size, self.recalled = offer, size, size

    def forget(self, offer: _Offer | None = None) -> None:
        """Go back to zero, and say why if there was something to lose."""
        if self.size:
            self.notes.append(f"{_why_over(self.offer, offer)}: started over")
            self.what = "starting over"
        self.offer, self.size, self.recalled = None, 0, 0
        self.digest = hashlib.sha256()

    def begin(self, offer: _Offer) -> None:
        """Make an empty partial for a release."""
        self.forget(offer)
        self.folder.mkdir(parents=True, exist_ok=True)
        # in this order: a kill between the two must not lend old bytes to a new release
        self.path.write_bytes(b"")
        _write_record(self.memory, offer.record())
        self.offer = offer

    def remove(self) -> None:
        """Leave nothing of it."""
        if self.offer:
            self.path.unlink(missing_ok=True)
            self.memory.unlink(missing_ok=True)

    def drop_if_useless(self) -> None:
        """Leave nothing of it where nothing can be gone on from."""
        if not self.kept:
            self.remove()


class _BrokenOff(Exception):
    """An attempt that failed in a way that may pass."""

    def __init__(self, found: str, *, answered: bool = False) -> None:
        super().__init__(found)
        self.found = found
        self.answered = answered

    def for_good(self, partial: _Partial) -> DocketError:
        """Give the error to raise when no pause is left."""
        if self.answered:
            return NotOffered(partial.url, self.found, "run it again later")
        return ServerUnreachable(partial.url, self.found, partial.kept)


def _fetched(
    session: requests.Session, partial: _Partial, progress: Progress, pauses: Sequence[float]
) -> FetchedRelease:
    """Ask until the release is whole, or it breaks off too often without getting on."""
    most, waits = partial.size, iter(pauses)
    while True:
        try:
            if release := _attempt(session, partial, progress):
                return release
        except _BrokenOff as broken:
            if partial.size > most:
                most, waits = partial.size, iter(pauses)
            pause = next(waits, None)
            if pause is None:
                raise broken.for_good(partial) from broken
            time.sleep(pause)


def _attempt(
    session: requests.Session, partial: _Partial, progress: Progress
) -> FetchedRelease | None:
    """Ask once and take what comes; nothing is returned where to ask anew, from zero."""
    with _answer(session, partial) as response:
        offer = _offered(partial.url, response)
        if there := _release_there(partial.folder, offer):
            partial.remove()
            return there
        if not _goes_on(response, partial, offer):
            if response.status_code != OK:
                partial.forget(offer)
                return None
            partial.begin(offer)
        _receive(response, partial, progress)
        fetched = response.headers.get("Date", "")
    return _put_in_place(partial, partial.offer or offer, fetched)


def _answer(session: requests.Session, partial: _Partial) -> requests.Response:
    """Ask for the release, or for the rest of it; refuse a status that brings no bytes."""
    wanted: dict[str, str] = {}
    if partial.kept and partial.offer:
        wanted = {"Range": f"bytes={partial.kept}-", "If-Range": partial.offer.condition}
    timeout = (CONNECT_SECONDS, READ_SECONDS)
    try:
        response = session.get(partial.url, headers=wanted, stream=True, timeout=timeout)
    except ValueError as error:
        raise NotOffered(partial.url, "not a web address") from error
    except requests.TooManyRedirects as error:
        raise NotOffered(partial.url, "sends in a circle") from error
    except OSError as error:
        raise _BrokenOff(_why_silent(error)) from error
    status = response.status_code
    if status == OK or (wanted and status in (PART, NO_SUCH_PART)):
        return response
    response.close()
    found = f"answered {status} {response.reason or ''}".rstrip()
    if status in PASSING:
        raise _BrokenOff(found, answered=True)
    raise NotOffered(partial.url, found)


def _offered(url: str, response: requests.Response) -> _Offer:
    """Read off the answer which release it brings; refuse a page or a packed body."""
    says = response.headers
    part = re.fullmatch(r"bytes \d+-\d+/(\d+)", says.get("Content-Range", ""))
    size = part[1] if part else says.get("Content-Length", "")
    if response.status_code == OK:
        if says.get("Content-Type", "").startswith("text/html"):
            raise NotOffered(url, "a web page")
        if says.get("Content-Encoding", "identity") != "identity":
            raise NotOffered(url, f"sent packed as {says['Content-Encoding']!r}")
        if not size.isdecimal():
            raise NotOffered(url, "sent without its size")
    etag, last_modified = says.get("ETag", ""), says.get("Last-Modified", "")
    return _Offer(url, etag, last_modified, int(size) if size.isdecimal() else 0)


def _goes_on(response: requests.Response, partial: _Partial, offer: _Offer) -> bool:
    """Tell whether the answer's first byte is the next one of the same release."""
    first = response.headers.get("Content-Range", "").startswith(f"bytes {partial.size}-")
    # a 206 may leave out the date: that the release is the same is what If-Range promises
    same = offer.is_same(partial.offer, promised=True)
    return response.status_code == PART and first and same


def _receive(response: requests.Response, partial: _Partial, progress: Progress) -> None:
    """Write and hash the body as it comes."""
    total = partial.offer.size_bytes if partial.offer else 0
    free = shutil.disk_usage(partial.folder).free
    if free < total - partial.size:
        raise NoRoom(partial.path, free, LEFT)
    try:
        with partial.path.open("ab") as file:
            for chunk in response.iter_content(CHUNK_BYTES):
                if not partial.size and not SIGNATURE.startswith(chunk[: len(SIGNATURE)]):
                    raise NotOffered(partial.url, f"a file that begins with {chunk[:12]!r}")
                file.write(chunk)
                partial.digest.update(chunk)
                partial.size += len(chunk)
                progress(partial.what, partial.size, total)
    except requests.RequestException as error:
        raise _BrokenOff("the connection broke off") from error
    if partial.size < total:
        raise _BrokenOff("the connection broke off")


def _put_in_place(partial: _Partial, offer: _Offer, fetched: str) -> FetchedRelease:
    """Give the whole file its name and its record."""
    whole = partial.path.stat().st_size == offer.size_bytes
    if not whole or not zipfile.is_zipfile(partial.path):
        partial.remove()
        raise NotOffered(partial.url, "a file that does not end as a zip does")
    sha256 = partial.digest.hexdigest()
    path = _free_path(partial.folder, offer, sha256)
    # the record first: a release without one would be fetched again
    _write_record(_record_of(path), offer.record() | {"sha256": sha256, "fetched": fetched})
    partial.path.rename(path)
    partial.memory.unlink()
    if partial.recalled:
        partial.notes.append(f"went on from the {partial.recalled:,} bytes received before")
    return _release(path, offer, sha256, notes=tuple(partial.notes))


def _release_there(folder: Path, offer: _Offer) -> FetchedRelease | None:
    """Find the offered release in the folder."""
    for record in sorted(folder.glob(f"{NAME}-*.zip.json")):
        facts = _recorded(record)
        path, known = record.with_suffix(""), _recorded_offer(facts)
        is_whole = path.is_file() and path.stat().st_size == offer.size_bytes
        if is_whole and known and known.is_same(offer):
            return _release(path, known, str(facts.get("sha256", "")), was_there=True)
    return None


def _release(
    path: Path,
    offer: _Offer,
    sha256: str,
    *,
    was_there: bool = False,
    notes: tuple[str, ...] = (),
) -> FetchedRelease:
    return FetchedRelease(
        path=path,
        url=offer.url,
        etag=offer.etag,
        last_modified=offer.last_modified,
        size_bytes=offer.size_bytes,
        sha256=sha256,
        was_there=was_there,
        notes=notes,
    )


def _free_path(folder: Path, offer: _Offer, sha256: str) -> Path:
    """Name a file for the day of its release; where taken, for its ETag too."""
    try:
        day = f"{parsedate_to_datetime(offer.last_modified):%Y-%m-%d}"
    except ValueError:
        day = "undated"
    short = (re.sub(r"\W", "", _bare(offer.etag)) or sha256)[:8]
    names = chain([day, f"{day}-{short}"], (f"{day}-{short}-{n}" for n in count(2)))
    paths = (folder / f"{NAME}-{name}.zip" for name in names)
    return next(path for path in paths if not path.exists())


def _record_of(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _write_record(path: Path, facts: dict[str, Any]) -> None:
    with written_aside(path, overwrite=True) as aside:
        aside.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _recorded(path: Path) -> dict[str, Any]:
    """Read a record; an unreadable one says nothing."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _recorded_offer(facts: dict[str, Any]) -> _Offer | None:
    try:
        url, etag, last_modified = (str(facts[k]) for k in ("url", "etag", "last_modified"))
        return _Offer(url, etag, last_modified, int(facts["bytes"]))
    except (KeyError, TypeError, ValueError):
        return None


def _bare(etag: str) -> str:
    """Strip what a proxy may add: the weak mark, and the quotes."""
    return etag.removeprefix("W/").strip('"')


def _why_over(before: _Offer | None, now: _Offer | None) -> str:
    """Say why what was received cannot be gone on from."""
    if before is None or not before.condition:
        return "the server does not say which release it is"
    if before.is_same(now):
        return "the server does not go on where it broke off"
    return "the release changed on the server"


def _why_silent(error: OSError) -> str:
    """Say in a few words why there was no answer."""
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {CONNECT_SECONDS} seconds"
    if isinstance(error, requests.Timeout):
        return f"no answer within {READ_SECONDS} seconds"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate was not accepted"
    if isinstance(error, requests.ConnectionError):
        return "no connection, or no answer"
    return str(error)


@contextmanager
def _on_disk(folder: Path) -> Iterator[None]:
    """Tell in our own errors what the disk refuses."""
    try:
        yield
    except DocketError:
        raise  # some are OSErrors, too
    except OSError as error:
        if is_full(error):
            free = shutil.disk_usage(folder).free
            raise NoRoom(folder / f"{NAME}.zip.partial", free, LEFT) from error
        raise CannotWrite(folder, error.strerror or str(error)) from error

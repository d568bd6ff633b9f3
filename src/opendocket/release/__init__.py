"""A published release: fetch it, open the zip, read every record, account for each."""

from opendocket.release.account import TableAccount
from opendocket.release.archive import Release, open_release
from opendocket.release.fetch import RELEASE_URL, FetchedRelease, fetch_release

__all__ = [
    "RELEASE_URL",
    "FetchedRelease",
    "Release",
    "TableAccount",
    "fetch_release",
    "open_release",
]

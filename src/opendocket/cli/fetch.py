"""`opendocket fetch`: the courts' current release, by its public address."""

import shlex
from pathlib import Path

import click
from rich.filesize import decimal

from opendocket.cli.interruption import heeding_interruption
from opendocket.cli.screen import bars
from opendocket.errors import Interrupted
from opendocket.release.fetch import LEFT, RELEASE_URL, FetchedRelease, fetch_release


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    metavar="DIR",
    help="Folder to put the release in; made if missing.",
)
@click.option("--url", default=RELEASE_URL, show_default=True, help="The release's address.")
def fetch(folder: Path, url: str) -> None:
    """Fetch the courts' current release, some 4.6 GB.

    Goes on where an earlier run broke off, never overwrites an older release, and fetches
    nothing if the current one is there already. The file is named for the day of the
    release; what the server said of it, and its SHA-256, are in the JSON beside it.

    \b
    Example:
        opendocket fetch
        opendocket fetch --to /archive/eoir
    """  # noqa: D301
    try:
        with bars() as drawn, heeding_interruption(drawn) as progress:
            release = fetch_release(folder, url=url, progress=progress)
    except KeyboardInterrupt as error:
        raise Interrupted("fetch", left=LEFT) from error
    click.echo("\n".join(_told(release)), err=True)
    click.echo(release.path)


def _told(release: FetchedRelease) -> list[str]:
    """Say what came, and what to do with it."""
    done = "already there, nothing fetched" if release.was_there else "fetched"
    return [
        *(f"note: {note}" for note in release.notes),
        f"{done}: {decimal(release.size_bytes)}, "
        f"last changed {release.last_modified or 'on a day the server does not say'}, "
        f"sha256 {release.sha256[:12]}",
        f"next: opendocket load {shlex.quote(str(release.path))}",
    ]

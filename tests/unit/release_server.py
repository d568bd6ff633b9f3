"""A small web server on 127.0.0.1 that offers one file, and misbehaves on demand.

It knows nothing of the code it tests: ranges and If-Range are read as RFC 9110 says.
"""

import io
import random
import re
import threading
import zipfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FETCHED = "Thu, 03 Sep 2026 08:30:00 GMT"
MARCH, APRIL = "Mon, 02 Mar 2026 14:05:11 GMT", "Thu, 02 Apr 2026 14:05:11 GMT"


def made_zip(seed, size=600_000):
    """A zip whose bytes are different for each seed, and do not shrink."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        info = zipfile.ZipInfo("Count.txt", (2026, 3, 1, 0, 0, 0))
        archive.writestr(info, random.Random(seed).randbytes(size))
    return held.getvalue()


@dataclass
class ReleaseServer:
    """What is offered, how the server behaves, and what it was asked."""

    body: bytes = field(default_factory=lambda: made_zip(1))
    etag: str | None = '"e7c249785323dd1:0"'
    last_modified: str | None = MARCH
    content_type: str = "application/x-zip-compressed"
    status: int = 200
    says_size: bool = True
    packed: str | None = None
    ranges: bool = True
    heeds_if_range: bool = True
    dates_parts: bool = True
    weak_proxy: bool = False
    most_per_answer: int | None = None
    parts_begin_early: int = 0
    parts_end_with: bytes = b""
    hang_up_at: list[int | None] = field(default_factory=list)
    never_past: int | None = None
    before_answer: list = field(default_factory=list)
    asked: list[dict] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    url: str = ""

    def answer(self, headers):
        """Choose status, first and last byte: (200|206|416, first, end)."""
        whole = (200, 0, len(self.body))
        wanted = re.fullmatch(r"bytes=(\d+)-", headers.get("Range", ""))
        condition = headers.get("If-Range")
        met = condition is None or condition in (self.etag, self.last_modified)
        if not (self.ranges and wanted and (met or not self.heeds_if_range)):
            return whole
        first = int(wanted[1])
        if first >= len(self.body):
            return 416, 0, 0
        end = min(len(self.body), first + (self.most_per_answer or len(self.body)))
        return 206, first - self.parts_begin_early, end

    def headers(self, status, first, end):
        """What the answer says of itself."""
        etag = f"W/{self.etag}" if self.etag and self.weak_proxy else self.etag
        dated = status == 200 or self.dates_parts
        extra = self.parts_end_with if status == 206 else b""
        said = {
            "Date": FETCHED,
            "Content-Type": self.content_type,
            "ETag": etag,
            "Last-Modified": self.last_modified if dated else None,
            "Content-Length": str(end - first + len(extra)) if self.says_size else None,
            "Content-Encoding": self.packed,
            "Content-Range": (
                f"bytes {first}-{end - 1}/{len(self.body)}" if status == 206 else None
            ),
        }
        return {name: value for name, value in said.items() if value is not None}


def handler_of(server):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append(dict(self.headers))
            if server.before_answer:
                server.before_answer.pop(0)(server)
            status, first, end = server.answer(self.headers)
            status = server.status if server.status != 200 else status
            server.answered.append(status)
            self.send_response_only(status)
            for name, value in server.headers(status, first, end).items():
                self.send_header(name, value)
            self.end_headers()
            stop = server.hang_up_at.pop(0) if server.hang_up_at else None
            stops = [at for at in (end, stop, server.never_past) if at is not None]
            body = server.body[first : max(first, min(stops))]
            self.send_body(body + (server.parts_end_with if status == 206 else b""))

        def send_body(self, body):
            with suppress(ConnectionError):  # a client that has seen enough hangs up
                self.wfile.write(body)

        def log_message(self, *args):
            pass

    return Handler


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that hangs up is no matter."""


@contextmanager
def serving(**how):
    """Run a server until the test is done with it."""
    server = ReleaseServer(**how)
    with QuietServer(("127.0.0.1", 0), handler_of(server)) as listening:
        server.url = f"http://127.0.0.1:{listening.server_port}/EOIR%20Case%20Data.zip"
        thread = threading.Thread(target=listening.serve_forever, args=(0.005,))
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()

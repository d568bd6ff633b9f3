import errno
import hashlib
import json
import os
import shutil
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from release_server import APRIL, FETCHED, MARCH, made_zip, serving

from opendocket.cli import main
from opendocket.errors import CannotWrite, NoRoom, NotOffered, ServerUnreachable
from opendocket.release.fetch import fetch_release

MARCH_ZIP = "eoir-case-data-2026-03-02.zip"
PARTS = {"eoir-case-data.zip.partial", "eoir-case-data.zip.partial.json"}
AGAIN = (0, 0, 0)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    """A proxy of this machine must not come between."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server():
    with serving() as running:
        yield running


def names(folder):
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def ranges(server):
    return [asked.get("Range") for asked in server.asked]


def broken_off(server, folder, *at):
    """Leave the folder as a call leaves it whose connection broke for good."""
    server.hang_up_at[:] = at
    with pytest.raises(ServerUnreachable) as caught:
        fetch_release(folder, url=server.url, pauses=())
    return caught.value


# --- the straight way


def test_a_release_comes_whole_under_the_day_it_was_last_changed(server, tmp_path):
    release = fetch_release(tmp_path / "data", url=server.url)
    assert release.path == tmp_path / "data" / MARCH_ZIP
    assert release.path.read_bytes() == server.body
    assert release.sha256 == hashlib.sha256(server.body).hexdigest()
    assert (release.size_bytes, release.was_there, release.notes) == (
        len(server.body),
        False,
        (),
    )


def test_the_record_beside_it_says_where_it_came_from_and_when(server, tmp_path):
    release = fetch_release(tmp_path, url=server.url)
    assert json.loads((tmp_path / f"{MARCH_ZIP}.json").read_text()) == {
        "url": server.url,
        "etag": '"e7c249785323dd1:0"',
        "last_modified": MARCH,
        "bytes": len(server.body),
        "sha256": release.sha256,
        "fetched": FETCHED,
    }
    assert names(tmp_path) == {MARCH_ZIP, f"{MARCH_ZIP}.json"}


def test_progress_is_told_in_bytes_and_ends_at_the_total(server, tmp_path):
    told = []
    fetch_release(tmp_path, url=server.url, progress=lambda *said: told.append(said))
    assert told[-1] == ("fetching", len(server.body), len(server.body))
    assert len(told) > 5
    assert told == sorted(told)


def test_no_packed_transfer_is_asked_for(server, tmp_path):
    fetch_release(tmp_path, url=server.url)
    assert server.asked[0]["Accept-Encoding"] == "identity"
    assert ranges(server) == [None]


# --- a connection that breaks


def test_a_connection_that_breaks_twice_is_gone_on_from_where_it_broke(server, tmp_path):
    server.hang_up_at[:] = [200_000, 400_000]
    release = fetch_release(tmp_path, url=server.url, pauses=AGAIN)
    assert release.path.read_bytes() == server.body
    assert release.sha256 == hashlib.sha256(server.body).hexdigest()
    assert server.answered == [200, 206, 206]
    starts = [int(asked["Range"].strip("bytes=-")) for asked in server.asked[1:]]
    assert 0 < 200_000 - starts[0] <= 65_536
    assert 0 < 400_000 - starts[1] <= 65_536
    assert {asked["If-Range"] for asked in server.asked[1:]} == {server.etag}


def test_the_pauses_grow_as_given_and_start_anew_when_it_gets_on(server, tmp_path, monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    server.hang_up_at[:] = [0, 0, 200_000, 0, 400_000]
    fetch_release(tmp_path, url=server.url, pauses=(1, 4, 16))
    assert slept == [1, 4, 1, 4, 1]


def test_an_answer_cut_off_for_ever_is_given_up_and_its_part_is_kept(server, tmp_path):
    server.never_past = 300_000
    with pytest.raises(ServerUnreachable, match="broke off") as caught:
        fetch_release(tmp_path, url=server.url, pauses=AGAIN)
    assert names(tmp_path) == PARTS
    assert caught.value.received == (tmp_path / "eoir-case-data.zip.partial").stat().st_size
    assert 200_000 < caught.value.received <= 300_000
    assert len(server.asked) == 1 + len(AGAIN)


def test_a_rest_that_comes_in_pieces_is_put_together(server, tmp_path):
    server.hang_up_at[:] = [200_000]
    server.most_per_answer = 150_000
    release = fetch_release(tmp_path, url=server.url, pauses=AGAIN)
    assert release.path.read_bytes() == server.body
    assert server.answered == [200, 206, 206, 206]


def test_a_server_that_is_busy_for_a_moment_is_asked_again(server, tmp_path):
    server.status = 503
    server.before_answer[:] = [lambda s: None, lambda s: setattr(s, "status", 200)]
    assert fetch_release(tmp_path, url=server.url, pauses=AGAIN).path.exists()
    assert server.answered == [503, 200]


# --- one run after another


def test_the_next_run_goes_on_from_what_the_last_one_left(server, tmp_path):
    error = broken_off(server, tmp_path, 350_000)
    assert error.received > 0
    assert f"{error.received:,} bytes received are kept" in str(error)
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert ranges(server) == [None, f"bytes={error.received}-"]
    assert release.path.read_bytes() == server.body
    assert release.sha256 == hashlib.sha256(server.body).hexdigest()
    assert release.notes == (f"went on from the {error.received:,} bytes received before",)
    assert names(tmp_path) == {MARCH_ZIP, f"{MARCH_ZIP}.json"}


def test_ctrl_c_keeps_what_was_received(server, tmp_path):
    def interrupted(what, done, total):
        if done > 300_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_release(tmp_path, url=server.url, progress=interrupted)
    assert names(tmp_path) == PARTS
    release = fetch_release(tmp_path, url=server.url)
    assert server.answered == [200, 206]
    assert release.path.read_bytes() == server.body


def test_a_run_killed_with_every_byte_there_asks_for_the_last_one_only(server, tmp_path):
    broken_off(server, tmp_path, 350_000)
    (tmp_path / "eoir-case-data.zip.partial").write_bytes(server.body)
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert ranges(server)[-1] == f"bytes={len(server.body) - 1}-"
    assert release.sha256 == hashlib.sha256(server.body).hexdigest()


@pytest.mark.parametrize("memory", ["", "[]", "{}", '{"url": 1, "bytes": "many"}'])
def test_a_part_that_nobody_knows_what_it_is_of_is_not_gone_on_from(server, tmp_path, memory):
    broken_off(server, tmp_path, 350_000)
    (tmp_path / "eoir-case-data.zip.partial.json").write_text(memory)
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert ranges(server) == [None, None]
    assert release.path.read_bytes() == server.body


def test_a_part_longer_than_the_release_is_not_gone_on_from(server, tmp_path):
    broken_off(server, tmp_path, 350_000)
    (tmp_path / "eoir-case-data.zip.partial").write_bytes(server.body + b"x")
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert ranges(server) == [None, None]
    assert release.path.read_bytes() == server.body


def test_a_part_from_another_address_waits_until_this_one_offers_a_release(server, tmp_path):
    received = broken_off(server, tmp_path, 350_000).received
    with serving(status=404) as wrong, pytest.raises(NotOffered):
        fetch_release(tmp_path, url=wrong.url)
    fetch_release(tmp_path, url=server.url, pauses=())
    assert ranges(server)[-1] == f"bytes={received}-"


def test_a_part_from_another_address_is_not_gone_on_from(server, tmp_path):
    broken_off(server, tmp_path, 350_000)
    with serving(body=made_zip(2)) as other:
        release = fetch_release(tmp_path, url=other.url, pauses=())
    assert ranges(other) == [None]
    assert release.path.read_bytes() == made_zip(2)


# --- another release than before


def changed(server):
    server.body, server.etag, server.last_modified = made_zip(2), '"b81f2d90c3a1dd1:0"', APRIL


@pytest.mark.parametrize("heeds_if_range", [True, False])
def test_a_release_that_changes_on_the_way_is_started_over(server, tmp_path, heeds_if_range):
    server.heeds_if_range = heeds_if_range
    server.hang_up_at[:] = [200_000]
    server.before_answer[:] = [lambda s: None, changed]
    release = fetch_release(tmp_path, url=server.url, pauses=(0,))
    assert release.path.name == "eoir-case-data-2026-04-02.zip"
    assert release.path.read_bytes() == made_zip(2)
    assert release.sha256 == hashlib.sha256(made_zip(2)).hexdigest()
    assert release.notes == ("the release changed on the server: started over",)


@pytest.mark.parametrize("heeds_if_range", [True, False])
def test_a_release_that_changes_between_runs_is_started_over(server, tmp_path, heeds_if_range):
    broken_off(server, tmp_path, 350_000)
    server.heeds_if_range = heeds_if_range
    changed(server)
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert release.path.read_bytes() == made_zip(2)
    assert release.sha256 == hashlib.sha256(made_zip(2)).hexdigest()
    assert release.notes == ("the release changed on the server: started over",)
    assert names(tmp_path) == {release.path.name, f"{release.path.name}.json"}


def test_a_change_that_breaks_off_again_leaves_a_part_of_the_new_release(server, tmp_path):
    broken_off(server, tmp_path, 350_000)
    changed(server)
    received = broken_off(server, tmp_path, 100_000).received
    kept = (tmp_path / "eoir-case-data.zip.partial").read_bytes()
    assert kept == made_zip(2)[:received]
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert ranges(server)[-1] == f"bytes={received}-"
    assert release.path.read_bytes() == made_zip(2)


@pytest.mark.parametrize("step", ["pathlib.Path.write_bytes", "pathlib.Path.write_text"])
def test_a_kill_while_starting_over_never_mixes_two_releases(server, tmp_path, step):
    def killed(*_, **__):
        raise KeyboardInterrupt

    broken_off(server, tmp_path, 350_000)
    changed(server)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, killed)
        with pytest.raises(KeyboardInterrupt):
            fetch_release(tmp_path, url=server.url, pauses=())
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert release.path.read_bytes() == made_zip(2)


def test_a_release_that_shrank_below_the_part_is_started_over(server, tmp_path):
    broken_off(server, tmp_path, 350_000)
    server.heeds_if_range = False
    server.body, server.etag = made_zip(3, 100_000), '"c0ffee:0"'
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert server.answered == [200, 416, 200]
    assert release.path.read_bytes() == made_zip(3, 100_000)


def test_the_live_name_of_the_work_says_that_it_starts_over(server, tmp_path):
    told = set()
    broken_off(server, tmp_path, 350_000)
    changed(server)
    fetch_release(tmp_path, url=server.url, progress=lambda what, *_: told.add(what))
    assert told == {"checking the part", "starting over"}


def test_a_server_without_ranges_is_started_over_from_zero(server, tmp_path):
    server.ranges = False
    server.hang_up_at[:] = [200_000]
    release = fetch_release(tmp_path, url=server.url, pauses=(0,))
    assert server.answered == [200, 200]
    assert release.path.read_bytes() == server.body
    assert release.notes == ("the server does not go on where it broke off: started over",)


def test_a_part_that_begins_elsewhere_than_asked_is_not_taken(server, tmp_path):
    server.hang_up_at[:] = [200_000]
    server.parts_begin_early = 500
    release = fetch_release(tmp_path, url=server.url, pauses=(0,))
    assert server.answered == [200, 206, 200]
    assert release.path.read_bytes() == server.body
    assert release.notes == ("the server does not go on where it broke off: started over",)


def test_a_part_of_a_file_of_another_size_is_not_taken(server, tmp_path):
    broken_off(server, tmp_path, 350_000)
    server.body = made_zip(2, 700_000)
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert server.answered == [200, 206, 200]
    assert release.path.read_bytes() == server.body


def test_more_bytes_than_the_server_said_are_no_release(server, tmp_path):
    server.hang_up_at[:] = [200_000]
    server.parts_end_with = b"more"
    with pytest.raises(NotOffered, match="does not end as a zip does"):
        fetch_release(tmp_path, url=server.url, pauses=(0,))
    assert names(tmp_path) == set()


def test_a_server_without_ranges_that_always_breaks_off_is_given_up(server, tmp_path):
    server.ranges, server.never_past = False, 300_000
    with pytest.raises(ServerUnreachable):
        fetch_release(tmp_path, url=server.url, pauses=AGAIN)
    assert len(server.asked) == 1 + len(AGAIN)


def test_a_release_without_etag_and_date_is_never_gone_on_from(server, tmp_path):
    server.etag = server.last_modified = None
    assert broken_off(server, tmp_path, 350_000).received == 0
    assert names(tmp_path) == set()
    server.hang_up_at[:] = [350_000]
    release = fetch_release(tmp_path, url=server.url, pauses=(0,))
    assert ranges(server) == [None, None, None]
    assert release.path.name == "eoir-case-data-undated.zip"
    assert release.notes == ("the server does not say which release it is: started over",)


# --- ETags that a proxy has made weak


def test_a_weak_etag_is_never_sent_in_if_range(server, tmp_path):
    server.weak_proxy = True
    server.hang_up_at[:] = [200_000]
    release = fetch_release(tmp_path, url=server.url, pauses=(0,))
    assert server.asked[1]["If-Range"] == MARCH
    assert server.answered == [200, 206]
    assert release.path.read_bytes() == server.body


def test_an_etag_made_weak_between_runs_is_the_same_etag(server, tmp_path):
    broken_off(server, tmp_path, 350_000)
    server.weak_proxy = True
    release = fetch_release(tmp_path, url=server.url, pauses=())
    assert server.answered == [200, 206]
    assert fetch_release(tmp_path, url=server.url).was_there
    assert release.path.read_bytes() == server.body


def test_a_part_whose_answer_leaves_out_the_date_is_what_if_range_promised(server, tmp_path):
    server.etag, server.dates_parts = None, False
    server.hang_up_at[:] = [200_000]
    release = fetch_release(tmp_path, url=server.url, pauses=(0,))
    assert server.answered == [200, 206]
    assert release.path.name == MARCH_ZIP
    assert release.path.read_bytes() == server.body


# --- what is in the folder already


def test_a_release_that_is_there_is_not_fetched_again(server, tmp_path):
    first = fetch_release(tmp_path, url=server.url)
    server.never_past = 0  # whoever reads the body now, fails
    again = fetch_release(tmp_path, url=server.url, pauses=())
    assert again.was_there
    assert (again.path, again.sha256) == (first.path, first.sha256)
    assert names(tmp_path) == {MARCH_ZIP, f"{MARCH_ZIP}.json"}


def test_a_part_of_a_release_that_is_there_is_cleared_away(server, tmp_path):
    fetch_release(tmp_path / "other", url=server.url)
    broken_off(server, tmp_path / "data", 350_000)
    for path in (tmp_path / "other").iterdir():
        shutil.copy(path, tmp_path / "data")
    assert fetch_release(tmp_path / "data", url=server.url, pauses=()).was_there
    assert names(tmp_path / "data") == {MARCH_ZIP, f"{MARCH_ZIP}.json"}


def test_a_release_cut_short_in_the_folder_is_fetched_again_beside_it(server, tmp_path):
    fetch_release(tmp_path, url=server.url)
    (tmp_path / MARCH_ZIP).write_bytes(server.body[:1000])
    release = fetch_release(tmp_path, url=server.url)
    assert release.path.name == "eoir-case-data-2026-03-02-e7c24978.zip"
    assert (tmp_path / MARCH_ZIP).read_bytes() == server.body[:1000]


def test_another_release_of_the_same_day_takes_another_name(server, tmp_path):
    first = fetch_release(tmp_path, url=server.url).path
    kept = first.read_bytes()
    server.body, server.etag = made_zip(2), '"b81f2d90c3a1dd1:0"'
    second = fetch_release(tmp_path, url=server.url).path
    server.body, server.etag = made_zip(3), '"b81f2d90ffffdd1:0"'
    third = fetch_release(tmp_path, url=server.url).path
    assert second.name == "eoir-case-data-2026-03-02-b81f2d90.zip"
    assert third.name == "eoir-case-data-2026-03-02-b81f2d90-2.zip"
    assert [first.read_bytes(), second.read_bytes(), third.read_bytes()] == [
        kept,
        made_zip(2),
        made_zip(3),
    ]


@pytest.mark.parametrize("etag", ['"e7c249785323dd1:0"', None])
def test_as_many_bytes_of_another_date_are_another_release(server, tmp_path, etag):
    server.etag = etag
    fetch_release(tmp_path, url=server.url)
    server.last_modified = APRIL
    assert not fetch_release(tmp_path, url=server.url).was_there


def test_as_many_bytes_without_etag_and_date_prove_nothing(server, tmp_path):
    server.etag = server.last_modified = None
    fetch_release(tmp_path, url=server.url)
    server.body = made_zip(2)
    release = fetch_release(tmp_path, url=server.url)
    assert not release.was_there
    assert release.path.name == f"eoir-case-data-undated-{release.sha256[:8]}.zip"


# --- answers that are not a release


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"status": 404}, "answered 404 Not Found"),
        ({"status": 403}, "answered 403 Forbidden"),
        ({"status": 503}, "answered 503 Service Unavailable"),
        ({"status": 206}, "answered 206 Partial Content"),
        ({"content_type": "text/html; charset=utf-8", "body": b"<html>"}, "a web page"),
        ({"body": b"<!DOCTYPE html><p>moved"}, "begins with b'<!DOCTYPE ht"),
        ({"body": b""}, "does not end as a zip does"),
        ({"body": b"PK"}, "does not end as a zip does"),
        ({"body": made_zip(1)[:-30]}, "does not end as a zip does"),
        ({"says_size": False}, "without its size"),
        ({"packed": "gzip"}, "packed as 'gzip'"),
    ],
)
def test_an_answer_that_is_no_release_is_refused_and_leaves_nothing(tmp_path, how, found):
    with serving(**how) as server, pytest.raises(NotOffered) as caught:
        fetch_release(tmp_path, url=server.url, pauses=())
    assert found in caught.value.found
    assert caught.value.url == server.url
    assert names(tmp_path) == set()


def test_a_refusal_keeps_what_an_earlier_run_received(server, tmp_path):
    broken_off(server, tmp_path, 350_000)
    server.status = 404
    with pytest.raises(NotOffered):
        fetch_release(tmp_path, url=server.url)
    assert names(tmp_path) == PARTS


@pytest.mark.parametrize("url", ["nowhere", "ftp://127.0.0.1/x.zip", "http://"])
def test_what_is_no_web_address_is_refused(tmp_path, url):
    with pytest.raises(NotOffered, match="not a web address"):
        fetch_release(tmp_path, url=url)


def test_where_nobody_listens_the_server_is_unreachable_and_nothing_is_left(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x.zip"
        with pytest.raises(ServerUnreachable, match="no connection") as caught:
            fetch_release(tmp_path / "data", url=url, pauses=AGAIN)
    assert caught.value.received == 0
    assert not (tmp_path / "data").exists()


def test_a_server_that_says_nothing_is_given_up_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr("opendocket.release.fetch.READ_SECONDS", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x.zip"
        with pytest.raises(ServerUnreachable, match="no answer within"):
            fetch_release(tmp_path, url=url, pauses=())


# --- the disk


def test_a_folder_that_cannot_be_made_is_told(server, tmp_path):
    (tmp_path / "data").write_text("a file is in its place")
    with pytest.raises(CannotWrite) as caught:
        fetch_release(tmp_path / "data", url=server.url)
    assert caught.value.path == tmp_path / "data"


def test_a_disk_too_full_for_the_offer_is_told_before_a_byte_is_fetched(
    server, tmp_path, monkeypatch
):
    free = shutil.disk_usage(tmp_path)._replace(free=len(server.body) - 1)
    monkeypatch.setattr("shutil.disk_usage", lambda path: free)
    with pytest.raises(NoRoom) as caught:
        fetch_release(tmp_path, url=server.url)
    assert caught.value.free_bytes == len(server.body) - 1
    assert names(tmp_path) == set()


def test_a_disk_with_room_for_the_rest_is_large_enough(server, tmp_path, monkeypatch):
    received = broken_off(server, tmp_path, 350_000).received
    free = shutil.disk_usage(tmp_path)._replace(free=len(server.body) - received)
    monkeypatch.setattr("shutil.disk_usage", lambda path: free)
    assert fetch_release(tmp_path, url=server.url).path.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_disk_that_is_full_at_the_first_byte_leaves_nothing(server, tmp_path):
    (tmp_path / "eoir-case-data.zip.partial").symlink_to("/dev/full")
    with pytest.raises(NoRoom):
        fetch_release(tmp_path, url=server.url)
    assert names(tmp_path) == set()


def test_a_disk_that_fills_up_on_the_way_keeps_the_part(server, tmp_path):
    def full(what, done, total):
        if done > 300_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(NoRoom):
        fetch_release(tmp_path, url=server.url, progress=full)
    assert names(tmp_path) == PARTS


# --- the command


def run(*arguments):
    return CliRunner().invoke(main, ["fetch", *map(str, arguments)])


def test_the_command_prints_the_path_alone_to_stdout(server, tmp_path):
    result = run("--to", tmp_path, "--url", server.url)
    path = tmp_path / MARCH_ZIP
    assert result.exit_code == 0
    assert result.stdout == f"{path}\n"
    assert f"opendocket load {path}" in result.stderr
    assert hashlib.sha256(server.body).hexdigest()[:12] in result.stderr
    assert MARCH in result.stderr
    assert "600.1 kB" in result.stderr


def test_the_command_says_that_a_release_is_there_already(server, tmp_path):
    run("--to", tmp_path, "--url", server.url)
    result = run("--to", tmp_path, "--url", server.url)
    assert result.exit_code == 0
    assert "already there, nothing fetched" in result.stderr
    assert result.stdout == f"{tmp_path / MARCH_ZIP}\n"


def test_the_command_tells_what_did_not_go_straight(server, tmp_path):
    broken_off(server, tmp_path, 350_000)
    changed(server)
    result = run("--to", tmp_path, "--url", server.url)
    assert "note: the release changed on the server: started over" in result.stderr


def test_the_command_refuses_in_one_line_and_exits_with_3(server, tmp_path):
    server.status = 404
    result = run("--to", tmp_path, "--url", server.url)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "answered 404 Not Found" in result.stderr


def test_the_command_interrupted_says_that_what_came_is_kept(server, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("opendocket.release.fetch._receive", interrupted)
    result = run("--to", tmp_path, "--url", server.url)
    assert result.exit_code == 3
    assert "the next run goes on from there" in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_command_puts_releases_in_data_unless_told(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("--url", server.url).stdout == f"{Path('data') / MARCH_ZIP}\n"

"""The page in a browser: no network, no error, no barrier, on a wide and a narrow screen."""

import os
import re
import shutil
from pathlib import Path

import pytest

from opendocket.docket import open_docket
from opendocket.findings import dedicated_docket
from opendocket.report import write_report

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WIDTHS = (1200, 400)


@pytest.fixture(scope="module")
def page_path(small_docket, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "report"
    with open_docket(small_docket) as docket:
        written = write_report(dedicated_docket(docket), folder, command="opendocket report")
    return written.page


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None and os.environ.get("CI"):
        pytest.fail("no Chromium: the page was not looked at; `apt-get install chromium`")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: `apt-get install chromium` to run these")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(params=WIDTHS)
def page(browser, page_path, request):
    context = browser.new_context(
        viewport={"width": request.param, "height": 900}, offline=True
    )
    page = context.new_page()
    page.complaints, page.asked = [], []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(page_path.as_uri())
    yield page
    context.close()


def test_it_opens_without_a_network_and_without_a_complaint(page):
    drawn = page.eval_on_selector_all(
        "img", "all => all.map(i => i.complete && i.naturalWidth)"
    )

    assert page.complaints == []
    assert len(drawn) >= 8
    assert all(width > 0 for width in drawn)
    assert all(url.startswith(("file:", "data:")) for url in page.asked)


def test_it_puts_up_no_barrier(page):
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page).response["violations"]

    told = [(v["id"], v["impact"], v["nodes"][0]["html"][:200]) for v in violations]
    assert told == []


def test_nothing_runs_over_the_edge(page):
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert over <= 0


def test_words_in_pictures_are_large_enough_to_read(page):
    """The smallest letters of a picture, as shown, are at least 9 pixels high."""
    shown = page.eval_on_selector_all(
        "img", "all => all.map(i => i.clientWidth / i.naturalWidth)"
    )

    assert min(shown) * 11 >= 9


def test_every_file_it_names_lies_beside_it(page_path):
    page = page_path.read_text("utf-8")
    named = re.findall(r'href="((?:figures|data)/[^"]+)"', page)

    assert len(named) >= 30
    for name in named:
        assert (page_path.parent / name).is_file(), name


def test_it_fetches_nothing_from_anywhere(page_path):
    page = Path(page_path).read_text("utf-8")

    assert not re.search(r'(?:src|srcset|href)="(?:https?:)?//', page)
    assert "<script" not in page

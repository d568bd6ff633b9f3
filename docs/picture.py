"""Take the README's picture of a report: `python docs/picture.py build/report`."""

import shutil
import sys
from base64 import b64encode
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parent / "pictures" / "report.png"
PAGE, WHOLE = {"width": 900, "height": 1180}, {"width": 1300, "height": 730}
BESIDE = ("promise-curve", "outcomes")
LAYOUT = """
<body style="margin:0;display:flex;gap:14px;padding:14px;background:#e9ecef">
<img style="height:702px;border:1px solid #bbb" src="{page}">
<div style="display:flex;flex-direction:column;justify-content:space-between">{figures}</div>
</body>
"""
FIGURE = '<img style="height:344px;width:700px;object-fit:contain;background:#fff" src="{uri}">'


def take(folder: Path) -> Path:
    """Show the top of a report's page beside two of its figures, and keep what is seen."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    PICTURE.parent.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(viewport=PAGE, offline=True).new_page()
        page.goto((folder / "index.html").resolve().as_uri())
        top = page.screenshot()
        figures = [next((folder / "figures").glob(f"*{name}.png")) for name in BESIDE]
        page.set_viewport_size(WHOLE)
        page.set_content(
            LAYOUT.format(
                page=_uri(top),
                figures="".join(FIGURE.format(uri=_uri(f.read_bytes())) for f in figures),
            )
        )
        page.screenshot(path=PICTURE)
        browser.close()
    return PICTURE


def _uri(png: bytes) -> str:
    return "data:image/png;base64," + b64encode(png).decode()


if __name__ == "__main__":
    sys.stdout.write(f"{take(Path(sys.argv[1]))}\n")

"""`make shots`: a picture of every page, light and dark, wide and narrow, of a full and an empty home, into shots/."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Error

import pipeline
from tests.chromium import browsing, serving
from ui.menu import MENU

FOLDER = Path(__file__).parent.parent / "shots"
MODES = ("light", "dark")
WIDTHS = {1440: 1000, 390: 844}


def photograph(browser: Browser, address: str, url: str, name: str) -> None:
    """One page in both modes and widths, as long as it is."""
    for mode in MODES:
        for width, height in WIDTHS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=mode)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"{address}/{url}")
            page.locator("h1").first.wait_for(timeout=60_000)
            page.wait_for_timeout(2_000)
            length = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            page.set_viewport_size({"width": width, "height": int(length) + 20})
            page.wait_for_timeout(1_000)
            page.screenshot(path=FOLDER / f"{name}-{mode}-{width}.png")
            context.close()


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    pages = [("" if url == "pulse" else url) for section in MENU.values() for _, _, url in section]
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        full, empty = Path(folder) / "full", Path(folder) / "empty"
        pipeline.build_demo(full)
        try:
            with serving(full) as address:
                for url in pages:
                    photograph(browser, address, url, url or "pulse")
            with serving(empty) as address:
                for url in ("", "upload", "history"):
                    photograph(browser, address, url, f"empty-{url or 'pulse'}")
        except Error as error:
            sys.stderr.write(f"A page could not be photographed: {error}\n")
            return 1
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

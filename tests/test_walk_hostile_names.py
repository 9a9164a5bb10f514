"""In a real browser: no name that people upload is run, made a link, or shown as markup."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import await_whole, serving
from tests.figures_of_proof import record
from tests.hostile import PAYLOADS, fill
from tests.hostile_everywhere import fill_everywhere
from ui.menu import MENU

PAGES = ("pulse", "events", "conversations", "scorecard", "surveys", "history")
SLOW = 60_000


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hostile")
    fill(home)
    return home


@pytest.mark.figure
def test_no_name_is_run_linked_or_read_as_markup(browser: Browser, hostile: Path) -> None:
    with serving(hostile) as address:
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        dialogs: list[str] = []
        asked: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        text = ""
        for name in PAGES:
            page.goto(f"{address}/{name}")
            await_whole(page, SLOW)
            assert "taken" not in page.title(), name
            assert not found_markup(page), name
            assert "could not be shown" not in page.locator("body").inner_text(), name
            text += page.locator("body").inner_text()
        assert dialogs == []
        assert [url for url in asked if "evil.example" in url] == []
        assert [payload for payload in PAYLOADS if payload in text]
    record("hostile names/headers/filters", executed=len(dialogs), payloads=len(PAYLOADS), pages=len(PAGES))


def test_what_people_name_is_read_letter_by_letter_on_every_page(browser: Browser, tmp_path: Path) -> None:
    """Members, teams, channels, topics, waves, questions, themes, comments, actions, stories, marks and sources; see tests/hostile_everywhere.py."""
    fill_everywhere(tmp_path)
    with serving(tmp_path) as address:
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        text = ""
        for name in (url for pages in MENU.values() for *_, url in pages):
            page.goto(f"{address}/{name}")
            await_whole(page, SLOW)
            made = page.locator(
                "a[href*='//a'], img[src*='//a'], .katex, main code:has-text('evil'), main strong > strong"
            )
            assert [made.nth(at).evaluate("made => made.outerHTML") for at in range(made.count())] == [], name
            text += page.locator("body").inner_text()
        assert [url for url in asked if url.startswith("http://a")] == []
        for seen in ("[evilteam0](http:", "![evilteam1](http:", "<evilteam2>", "$evilteam3$", "**evilteam4**"):
            assert seen in text, seen


def found_markup(page: Page) -> list[str]:
    """Elements of a page that only a payload can have made."""
    made = ("iframe[srcdoc]", "img[src='x']", "img[src*='evil.example']", "a[href^='javascript']", "a[href*='evil.example']",
            "main del", "main h1 ~ script", "[onerror]")  # fmt: skip
    return [
        f"{name}: {page.locator(name).first.evaluate('made => made.outerHTML')}"
        for name in made
        if page.locator(name).count()
    ]

"""A person's way through Hearth in a real browser: first run, demo, filters, a shared link, an upload that fails and is mended, undo."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import serving
from tests.demo import ASKED, copy_part_of_demo

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
SLOW = 150_000  # each change of a form is checked and previewed anew, which a busy machine takes its time for


def opened(browser: Browser, address: str) -> Page:
    """A page in a fresh profile, with its heading there."""
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.set_default_timeout(SLOW)
    page.goto(address)
    expect(page.locator("h1").first).to_be_visible(timeout=SLOW)
    return page


def test_a_cold_server_shows_frame_and_page_to_a_deep_link(browser: Browser, tmp_path: Path) -> None:
    """The first request of a cold server is a deep link: the menu, the page, no dialog; and the same for Pulse by name."""
    with serving(tmp_path / "home") as address:
        page = opened(browser, f"{address}/glossary")
        expect(page.locator("h1")).to_contain_text("Every number")
        expect(page.get_by_test_id("stSidebarNav")).to_contain_text("Scorecard")
        assert page.get_by_role("dialog").count() == 0
        pulse = opened(browser, f"{address}/pulse")
        expect(pulse.locator("h1")).to_contain_text("Hearth has no data yet")
        assert pulse.get_by_role("dialog").count() == 0


def test_nothing_is_asked_from_outside_and_every_answer_carries_the_policy(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path / "home") as address:
        page = browser.new_context().new_page()
        asked: list[str] = []
        policies: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("response", lambda answer: policies.append(answer.headers.get("content-security-policy", "")))
        refused: list[str] = []
        page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(address)
        expect(page.locator("h1").first).to_be_visible(timeout=SLOW)
        assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
        assert all("frame-ancestors 'none'" in policy for policy in policies)
        assert refused == []


def test_the_walk(browser: Browser, tmp_path: Path) -> None:
    """First run, demo, filter and a shared link; the uploads that follow are walked in a part of the demo, and after these by `make prove`."""
    with serving(tmp_path / "home") as address:
        open_demo_and_share(browser, opened(browser, address))


def test_an_upload_that_fails_is_mended_taken_in_and_undone(browser: Browser, tmp_path: Path) -> None:
    with serving(copy_part_of_demo(tmp_path / "home", ASKED)) as address:
        mend_take_in_and_undo(browser, opened(browser, address), address)


@pytest.mark.prove
def test_one_person_walks_all_the_way(browser: Browser, tmp_path: Path) -> None:
    """In the whole demo, which is published five times on the way."""
    with serving(tmp_path / "home") as address:
        page = opened(browser, address)
        open_demo_and_share(browser, page)
        mend_take_in_and_undo(browser, page, address)


def open_demo_and_share(browser: Browser, page: Page) -> None:
    """From a home without data to the demo, to one group of it, and to the same in another browser."""
    expect(page.locator("h1")).to_contain_text("Hearth has no data yet")
    page.get_by_role("button", name="Open the demo community").click()
    expect(page.locator("h1")).to_contain_text("came to events than usual", timeout=120_000)
    expect(page.get_by_text("Came to an event", exact=True).first).to_be_visible()

    page.get_by_role("button", name="Whole community").click()
    page.get_by_role("combobox", name="Whose numbers").click()
    page.get_by_role("option", name="Care", exact=True).click()
    expect(page.get_by_text("Care · published")).to_be_visible(timeout=SLOW)
    page.wait_for_url("**group=**")
    shared = opened(browser, page.url)
    expect(shared.get_by_text("Care · published")).to_be_visible(timeout=SLOW)


def mend_take_in_and_undo(browser: Browser, page: Page, address: str) -> None:
    """A wave with three bad rows, then the mended one, which is taken in, seen, undone and no longer seen."""
    upload_wave(page, address, "survey-2026-autumn-with-three-bad-rows.csv")
    expect(page.locator("h1")).to_contain_text("3 need mending", timeout=SLOW)
    problems = page.get_by_test_id("stTable").filter(has_text="2026-09-31 10:00")
    expect(problems).to_contain_text('"7"', timeout=SLOW)
    expect(problems).to_contain_text('"often"')

    upload_wave(page, address, "survey-2026-autumn.csv")
    expect(page.locator("h1")).to_contain_text("are good", timeout=SLOW)
    page.get_by_role("button", name="Take all").click()
    expect(page.get_by_text("Receipt of the last upload")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("What changed")).to_be_visible()

    surveys = opened(browser, f"{address}/surveys")
    expect(surveys.get_by_text("Surveys · 2026 autumn")).to_be_visible(timeout=SLOW)

    history = opened(browser, f"{address}/history")
    history.get_by_role("combobox").first.click()
    history.get_by_role("option", name="survey-2026-autumn.csv").click()
    history.get_by_role("button", name="Undo this upload").click()
    expect(history.get_by_role("cell", name="undone")).to_be_visible(timeout=SLOW)

    gone = opened(browser, f"{address}/surveys")
    expect(gone.get_by_text("Surveys · 2026 spring")).to_be_visible(timeout=SLOW)
    expect(gone.get_by_text("2026 autumn")).to_have_count(0)


def upload_wave(page: Page, address: str, name: str) -> None:
    """Drop a survey file on the page and say which wave it is."""
    page.goto(f"{address}/upload")
    page.locator("input[type=file]").first.set_input_files(str(SAMPLE / name))
    label = page.get_by_label("Label of the wave")
    label.click(timeout=SLOW)
    label.fill("2026 autumn")
    label.press("Enter")
    for name_of_day, digits in (("Opened on", "20260914"), ("Closed on", "20261002")):
        page.get_by_role("group", name=name_of_day).get_by_role("spinbutton").first.click()
        page.keyboard.type(digits)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="This is the wave").click()

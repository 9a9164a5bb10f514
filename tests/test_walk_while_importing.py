"""The dashboard while another process imports: pages answer from the last snapshot, then from the new one."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.chromium import serving
from tests.demo import ASKED, copy_part_of_demo
from tests.test_walk import SAMPLE, SLOW, opened

A_LOOK = 1_000  # milliseconds


def test_pages_serve_the_last_snapshot_while_the_command_line_imports(browser: Browser, tmp_path: Path) -> None:
    """With the dashboard open, another process imports and publishes; pages answer all the while and then show the new numbers."""
    home = tmp_path / "home"
    copy_part_of_demo(home, ASKED)
    with serving(home) as address:
        page = opened(browser, f"{address}/surveys")
        expect(page.get_by_text("Surveys · 2026 spring")).to_be_visible(timeout=SLOW)
        importing = subprocess.Popen(
            [sys.executable, "-m", "cli", "import", str(SAMPLE / "survey-2026-autumn.csv"), "--home", str(home),
             "--wave", "2026 autumn", "--opened", "2026-09-14", "--closed", "2026-10-02"],
            cwd=SAMPLE.parent.parent,
        )  # fmt: skip
        answered = 0
        while importing.poll() is None:
            page.goto(f"{address}/scorecard")
            expect(page.locator("h1").first).to_be_visible(timeout=SLOW)
            assert page.get_by_role("alert").count() == 0
            answered += 1
            page.wait_for_timeout(A_LOOK)  # a visitor who did nothing but load pages would only hold the import up
        assert importing.returncode == 0
        assert answered >= 1
        page.goto(f"{address}/surveys")
        expect(page.get_by_text("Surveys · 2026 autumn")).to_be_visible(timeout=SLOW)

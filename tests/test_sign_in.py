"""Signing in with a real OpenID Connect provider on this machine: the menu of a role, a page that is not in it, and revoking."""

import json
import os
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from data.access import AccessRole
from data.granting import grant, revoke, trust_issuer
from data.sign_in import FILE
from tests.chromium import find_free_port, serving
from tests.figures_of_proof import record
from ui.menu import MENU

SLOW = 90_000
INSECURE = {"AUTHLIB_INSECURE_TRANSPORT": "1"}  # the provider of the test has no certificate
PATHS = tuple(url for pages in MENU.values() for _, _, url in pages)
LEADER, STRANGER = "lee@example.org", "eve@example.org"


@pytest.fixture
def provider() -> Iterator[str]:
    """The issuer's address. It knows two people, and is a process of its own, for its libraries warn about each other."""
    port = find_free_port()
    people = [json.dumps({"sub": email, "email": email, "email_verified": True}) for email in (LEADER, STRANGER)]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    for person in people:
        command += ["--user-claims", person]
    running = subprocess.Popen(
        command, env={**os.environ, **INSECURE}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await_port(port)
        yield f"http://localhost:{port}"
    finally:
        running.terminate()
        running.wait()


def await_port(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                return
        if time.monotonic() > deadline:
            pytest.fail("the provider did not start")
        time.sleep(0.1)


def configure(home: Path, provider: str, port: int) -> None:
    secrets = home / FILE
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://localhost:{port}/oauth2callback"\nclient_id = "hearth"\nclient_secret = "a-test"\n'
        f'cookie_secret = "0123456789abcdef0123456789abcdef-of-a-test"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n',
        encoding="utf-8",
    )
    secrets.chmod(0o600)
    trust_issuer(home, provider, single_tenant=False, groups_claim="groups")
    grant(home, {"email": LEADER}, AccessRole.LEADER)


def sign_in(context: BrowserContext, address: str, email: str) -> Page:
    """Through the door and the provider's own page, back to the dashboard."""
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Sign in", exact=True).click(timeout=SLOW)
    page.locator("input[name=sub]").fill(email, timeout=SLOW)
    page.locator("input[name=sub]").press("Enter")
    page.wait_for_url(f"{address}/**", timeout=SLOW)
    return page


def is_refused(page: Page, address: str) -> bool:
    """Whether an address shows the door and nothing else."""
    page.goto(address)
    expect(page.locator("h1").first).to_be_visible(timeout=SLOW)
    return (
        "You are not let in" in page.locator("h1").first.inner_text()
        and page.get_by_test_id("stSidebarNav").count() == 0
    )


@pytest.mark.figure
def test_a_leader_signs_in_and_is_revoked(browser: Browser, tmp_path: Path, provider: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    port = find_free_port()
    configure(home, provider, port)
    with serving(home, INSECURE, port=port) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        page = sign_in(context, address, LEADER)
        menu = page.get_by_test_id("stSidebarNav")
        expect(menu).to_contain_text("Scorecard", timeout=SLOW)
        expect(page.get_by_text(f"{LEADER} (leader)")).to_be_visible(timeout=SLOW)
        for title in ("Upload", "People", "History", "Audit log"):
            expect(menu).not_to_contain_text(title)

        page.goto(f"{address}/upload")  # a page that is not in the menu cannot be had by its address
        expect(page.get_by_test_id("stSidebarNav")).to_contain_text("Scorecard", timeout=SLOW)
        assert page.locator("input[type=file]").count() == 0

        page.goto(f"{address}/scorecard")
        expect(page.locator("h1").first).to_be_visible(timeout=SLOW)
        revoke(home, {"email": LEADER})
        page.get_by_role("link", name="Pulse").first.click()
        expect(page.locator("h1")).to_contain_text("You are not let in", timeout=SLOW)
        assert page.get_by_test_id("stSidebarNav").count() == 0

        copied = browser.new_context()  # the cookie as a thief would have it, in another browser
        copied.add_cookies([cookie for cookie in context.cookies() if cookie["name"].startswith("_streamlit_user")])
        attempts = [(page, "scorecard"), *((copied.new_page(), path) for path in PATHS)]
        accesses = sum(not is_refused(tab, f"{address}/{path}") for tab, path in attempts)
        answers = [
            copied.request.get(f"{address}{path}").status for path in ("/media/0.csv", "/_stcore/bidi-components/a")
        ]
        accesses += sum(status != 403 for status in answers)
        record(
            "exported link, stolen/old cookie, revoked role", attempts=len(attempts) + len(answers), accesses=accesses
        )
        assert accesses == 0

        eve = sign_in(browser.new_context(), address, STRANGER)
        expect(eve.locator("h1")).to_contain_text("You are not let in", timeout=SLOW)
        expect(eve.get_by_text("not on the list")).to_be_visible()
    assert tomllib.loads((home / "access.toml").read_text(encoding="utf-8"))["people"][0]["refused"] is True

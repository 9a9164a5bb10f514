"""Chromium and a running Hearth for the tests that look at pages as a visitor does.

The system's Chromium is driven by Playwright, so no browser is downloaded. `python -m tests.chromium`
prints the one that would be used, or says what to do where there is none.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

PROJECT = Path(__file__).parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # it cannot start one as root, and visits nothing but this machine
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERVER_SECONDS = 90.0
DRAWN_AFTER = 500  # milliseconds after the last word of a page, for charts and for pictures that are asked for


class ChromiumMissing(Exception):
    """There is no Chromium that the tests could drive."""


class ServerFailed(Exception):
    """The dashboard did not answer; the message holds what it said."""


def find_chromium() -> Path:
    """The Chromium that HEARTH_CHROMIUM names, else the one on the path.

    Raises ChromiumMissing saying what to do.
    """
    named = os.environ.get("HEARTH_CHROMIUM")
    if named:
        if shutil.which(named):
            return Path(named)
        raise ChromiumMissing(f"HEARTH_CHROMIUM names {named}, which is no program. Mend it or unset it.")
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    if ON_A_MAC.exists():
        return ON_A_MAC
    raise ChromiumMissing(
        "The browser tests need Chromium and there is none. Install it (Debian: apt-get install chromium; "
        "Fedora: dnf install chromium; macOS: brew install --cask google-chrome) "
        "or name the one you have in HEARTH_CHROMIUM."
    )


@contextmanager
def browsing() -> Iterator[Browser]:
    """A running Chromium. Raises ChromiumMissing."""
    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def await_whole(page: Page, timeout: float) -> None:
    """Wait until a page is written to its end, and as long again as it takes to draw it and to ask for what it shows.

    Streamlit says on the page itself whether its script still runs, so that a busy machine waits longer and an idle one
    no longer than it must.
    """
    expect(page.locator("h1").first).to_be_visible(timeout=timeout)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=timeout)
    page.wait_for_timeout(DRAWN_AFTER)


def find_free_port() -> int:
    """A port on loopback that nothing listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(home: Path, environment: Mapping[str, str] | None = None, port: int | None = None) -> Iterator[str]:
    """The address of a dashboard of its own on a home, started by `hearth serve`: cold, no page seen yet.

    Raises ServerFailed with what the server said, where it stops or does not answer.
    """
    port = port or find_free_port()
    command = [sys.executable, "-m", "cli", "serve", "--home", str(home), "--port", str(port)]
    with tempfile.TemporaryFile("w+") as said:
        server = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**os.environ, "HEARTH_HOME": str(home), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # `serve` starts Streamlit as its child: both are stopped as one group
        )
        try:
            _await(server, port, said.fileno())
            yield f"http://localhost:{port}"
        finally:
            _stop(server)


def _await(server: subprocess.Popen[bytes], port: int, said: int) -> None:
    deadline = time.monotonic() + SERVER_SECONDS
    while not _answers(port):
        if server.poll() is not None or time.monotonic() > deadline:
            words = os.pread(said, 20_000, 0).decode(errors="replace")
            state = "did not answer" if server.returncode is None else f"stopped with {server.returncode}"
            raise ServerFailed(f"The dashboard on port {port} {state} and said:\n{words}")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/_stcore/health", headers={"Host": f"localhost:{port}"})
            return connection.getresponse().status == 200
        except OSError:
            return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=10)
    except ProcessLookupError:
        pass
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


if __name__ == "__main__":
    try:
        print(find_chromium())
    except ChromiumMissing as missing:
        sys.exit(str(missing))

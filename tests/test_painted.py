"""Whether the page still paints the tokens: Streamlit's placeholder colours are its internals, so an upgrade may change them.

A page of one chart is served and the colours that Chromium shows are read. Should this fail after an upgrade,
look up the new placeholders and change report/tokens.py; nothing else names them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from report.tokens import AMOUNT, CONCERN, IMPROVE, INK, MUTED, PAPER, SEGMENT, paint
from tests.chromium import PROJECT, find_free_port

MARKS = (*SEGMENT, INK, MUTED, CONCERN, IMPROVE, PAPER, AMOUNT[0], AMOUNT[9])
PAGE = """
import streamlit as st
from report.charts.figure import layout_of, make_chart
bars = {{"type": "bar", "x": list(range({count})), "y": [1] * {count}, "marker": {{"color": {marks}}}}}
chart = make_chart([bars], layout_of(200), "")
st.plotly_chart(chart.figure, config={{"displayModeBar": False}})
"""


@contextmanager
def serving_page(page: Path) -> Iterator[str]:
    """The address of a page of its own, in the theme of the project."""
    port = find_free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(page), "--server.port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    server = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            assert server.poll() is None, "the page stopped"
            assert time.monotonic() < deadline, "the page was not served"
            time.sleep(0.2)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    page = tmp_path_factory.mktemp("painted") / "page.py"
    page.write_text(PAGE.format(marks=list(MARKS), count=len(MARKS)), encoding="utf-8")
    with serving_page(page) as found:
        yield found


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_mark_has_the_colour_of_the_theme(browser: Browser, address: str, mode: str) -> None:
    context = browser.new_context(color_scheme=mode)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    bars = page.locator(".bars .point path")
    bars.nth(len(MARKS) - 1).wait_for(timeout=60_000, state="attached")
    shown = bars.evaluate_all("bars => bars.map(bar => getComputedStyle(bar).fill)")
    context.close()
    wanted = [
        f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"
        for colour in paint({"colours": list(MARKS)}, mode)["colours"]
    ]
    assert shown == wanted

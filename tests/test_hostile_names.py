"""Names that people upload are shown as they are written: no page takes them for markup. See test_walk_hostile_names for a browser."""

import os
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from report.words import verbatim
from tests.hostile import PAYLOADS, fill
from ui.menu import page_file

FRAME = Path(__file__).parent.parent / "ui" / "frame.py"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hostile")
    fill(home)
    return home


def test_event_titles_stand_on_the_page_letter_by_letter(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTH_HOME", str(hostile))
    st.cache_resource.clear()
    app = AppTest.from_file(str(FRAME), default_timeout=60).run()
    app = app.switch_page(os.path.relpath(page_file("taking_part/events"), FRAME.parent)).run()
    assert [error.message for error in app.exception] == []
    titles = "\n".join(table.value.to_string() for table in app.table)
    shown = [payload for payload in PAYLOADS if verbatim(payload) in titles]
    assert len(shown) >= 2
    st.cache_resource.clear()

"""Nothing that people can name is read as markup on any page: not in a title, a tile, a panel, a table, a filter or a list."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from report.words import verbatim
from tests.hostile import cell
from tests.hostile_everywhere import fill_everywhere, trap
from tests.test_pages import NAMES, opened

# The mark of a trap, and what stands right before it, must be preceded by a backslash.
UNESCAPED = re.compile(r"(?<!\\)[\[<$*`]evil\w*", re.IGNORECASE)
# Fields that the page shows as they are, or does not show.
PLAIN = {"id", "key", "spec", "config", "alt", "options", "url", "help", "url_path", "element_id", "user_key", "default",
         "query_param_key", "raw_values", "form_id", "placeholder", "page_script_hash", "type", "data", "columns", "metadata"}  # fmt: skip
SEEN_SOMEWHERE = ("name", "team", "channel", "topic", "event", "wave", "q", "question", "theme", "action", "owner",
                  "objective", "story", "mark", "source")  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hostile")
    fill_everywhere(home)
    return home


@pytest.fixture(scope="module")
def shown(hostile: Path) -> Iterator[dict[str, list[str]]]:
    """Every text of every page that Streamlit reads as Markdown."""
    before = os.environ.get("HEARTH_HOME")
    os.environ["HEARTH_HOME"] = str(hostile)
    st.cache_resource.clear()
    found = {}
    for name in NAMES:
        app = opened(name)
        assert [error.message for error in app.exception] == [], name
        found[name] = list(read_markdown(app))
    yield found
    st.cache_resource.clear()
    os.environ.pop("HEARTH_HOME")
    if before is not None:
        os.environ["HEARTH_HOME"] = before


@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_read_as_markup(shown: dict[str, list[str]], name: str) -> None:
    assert [text for text in shown[name] if UNESCAPED.search(text)] == []


@pytest.mark.parametrize("kind", SEEN_SOMEWHERE)
def test_every_kind_of_name_is_on_some_page(shown: dict[str, list[str]], kind: str) -> None:
    """Else the test above would hold for a page that shows nothing."""
    mark = re.compile(rf"evil{kind}\d", re.IGNORECASE)
    assert [name for name, texts in shown.items() if any(mark.search(text) for text in texts)]


@pytest.mark.parametrize(
    ("name", "key", "mark"),
    [("overview/pulse", "group", "team"), ("belonging/surveys", "wave", "wave"), ("belonging/voices", "wave", "wave")],
)
def test_a_choice_with_a_hostile_name_is_shown_as_it_is(
    hostile: Path, monkeypatch: pytest.MonkeyPatch, name: str, key: str, mark: str
) -> None:
    monkeypatch.setenv("HEARTH_HOME", str(hostile))
    st.cache_resource.clear()
    app = opened(name)
    box = app.selectbox(key=key)
    chosen = [option for option in box.options if f"evil{mark}" in option]
    assert chosen
    for option in chosen:
        app = app.selectbox(key=key).select(option).run()
        assert verbatim(option) in str(app.caption[0].value)
        assert [text for text in read_markdown(app) if UNESCAPED.search(text)] == []


def test_a_file_with_hostile_names_is_looked_at_and_taken_in_as_it_is(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name, the values of its bad rows, its warnings and its receipt."""
    rows = "".join(
        f"M{at:02d},{cell(trap(at))},{'2026-01-05' if at > 6 else cell(trap(at, 'day'))}\n" for at in range(12)
    )
    app = opened("data/upload")
    app = app.file_uploader[0].upload(f"{trap(4, 'file')}.csv", f"member_id,name,joined_on\n{rows}".encode()).run()
    assert [error.message for error in app.exception] == []
    texts = list(read_markdown(app))
    assert [text for text in texts if "evilfile" in text]
    assert [text for text in texts if "evilday" in text]
    (take,) = [button for button in app.button if button.label.startswith("Take")]
    app = take.click().run()
    texts += list(read_markdown(app))
    assert [text for text in texts if "Batch 1" in text and "evilfile" in text]
    assert [text for text in texts if UNESCAPED.search(text)] == []


def read_markdown(app: AppTest) -> Iterator[str]:
    """The texts of a page, of every element and block, and the cells of its tables."""
    for table in app.table:
        frame = table.value
        yield from (str(value) for column in frame.columns for value in frame[column])
    for node in walk(app.main):
        proto = getattr(node, "proto", None)
        if isinstance(proto, Message):
            yield from read_texts(proto)


def walk(block: Any) -> Iterator[Any]:
    yield block
    for child in getattr(block, "children", {}).values():
        yield from walk(child)


def read_texts(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in PLAIN:
            continue
        for one in value if field.is_repeated else (value,):
            if isinstance(one, Message):
                yield from read_texts(one)
            elif isinstance(one, str):
                yield one


def test_the_traps_are_seen_where_they_are_not_escaped() -> None:
    for text in (
        "[evilx1](http://a)",
        "![Evilx1](http://a)",
        "<evilx1>",
        "of $evilx1$",
        "**evilx1**",
        "`evilx1`",
        ":red[evilx1]",
    ):
        assert UNESCAPED.search(text), text
    assert not UNESCAPED.search(r"\[evilx1\](http\://a) \<evilx1\> \*\*evilx1\*\*")

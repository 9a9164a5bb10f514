"""The menu: sections and pages, each a short script in a folder of its section."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

PAGES = Path(__file__).parent.parent / "pages"

# Section, then pages: file, title, path in the URL.
MENU: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Overview": (("overview/pulse", "Pulse", "pulse"), ("overview/scorecard", "Scorecard", "scorecard")),
    "Taking part": (
        ("taking_part/events", "Events", "events"),
        ("taking_part/conversations", "Conversations", "conversations"),
    ),
    "Belonging": (("belonging/surveys", "Surveys", "surveys"),),
    "Data": (("data/upload", "Upload", "upload"), ("data/history", "History", "history")),
    "Help": (("help/glossary", "Glossary", "glossary"),),
}


def page_file(name: str) -> Path:
    """The script of a page, such as data/upload."""
    return PAGES / f"{name}.py"


def build_menu() -> dict[str, list[StreamlitPage]]:
    """The menu for `st.navigation`; Pulse is the page that opens first."""
    return {
        section: [
            st.Page(page_file(name), title=title, url_path=url, default=name == "overview/pulse")
            for name, title, url in pages
        ]
        for section, pages in MENU.items()
    }

"""The menu: sections and pages, each a short script in a folder of its section."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from data.access import AccessRole
from ui.access import PAGES, may_open, opens

# Section, then pages: file, title, path in the URL.
MENU: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Overview": (
        ("overview/pulse", "Pulse", "pulse"),
        ("overview/scorecard", "Scorecard", "scorecard"),
        ("overview/progress", "Progress", "progress"),
    ),
    "Taking part": (
        ("taking_part/events", "Events", "events"),
        ("taking_part/conversations", "Conversations", "conversations"),
    ),
    "Belonging": (
        ("belonging/surveys", "Surveys", "surveys"),
        ("belonging/connections", "Connections", "connections"),
        ("belonging/journeys", "Journeys", "journeys"),
        ("belonging/voices", "Voices", "voices"),
    ),
    "Data": (
        ("data/upload", "Upload", "upload"),
        ("data/people", "People", "people"),
        ("data/lists", "Lists", "lists"),
        ("data/history", "History", "history"),
        ("data/audit", "Audit log", "audit"),
    ),
    "Help": (("help/glossary", "Glossary", "glossary"),),
}


def page_file(name: str) -> Path:
    """The script of a page, such as data/upload."""
    return PAGES / f"{name}.py"


def build_menu(role: AccessRole) -> dict[str, list[StreamlitPage]]:
    """The menu for `st.navigation`: what a role may open. The first of it opens first: Pulse, for all but members."""
    open_to = {section: [page for page in pages if opens(role, page[0])] for section, pages in MENU.items()}
    first = next(page[0] for pages in open_to.values() for page in pages)
    return {
        section: [
            st.Page(page_file(name), title=title, url_path=url, default=name == first) for name, title, url in pages
        ]
        for section, pages in open_to.items()
        if pages
    }


def list_pages() -> list[StreamlitPage]:
    """Every page there is, whoever may open it."""
    return [
        st.Page(page_file(name), title=title, url_path=url, default=name == "overview/pulse")
        for pages in MENU.values()
        for name, title, url in pages
    ]


def link_to(name: str, label: str) -> None:
    """A link to a page, where the visitor may open it; else nothing."""
    if may_open(name):
        st.page_link(page_file(name), label=label, width="content")

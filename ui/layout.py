"""The page's column and the order in which everything stands on it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from report.models.page import Page
from ui.menu import link_to

WIDTH = 1120
NARROW = 760


def page(width: int = WIDTH) -> DeltaGenerator:
    """One centred column, never wider than it is good to read; NARROW for pages of words."""
    return st.container(horizontal_alignment="center").container(width=width)


def show_head(model: Page) -> None:
    """Kicker, answer and support."""
    st.caption(model.kicker)
    st.title(model.answer, anchor=False)
    if model.support:
        st.markdown(model.support)
    for note in model.notes:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.warning(note.text, width="stretch")
            if note.kind:
                link_to("data/upload", f"Upload {note.kind}")

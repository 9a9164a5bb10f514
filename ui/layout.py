"""The page's column and the order in which everything stands on it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from report.models.page import Page

WIDTH = 1120


def page() -> DeltaGenerator:
    """One centred column, never wider than it is good to read."""
    return st.container(horizontal_alignment="center").container(width=WIDTH)


def show_head(model: Page) -> None:
    """Kicker, answer and support."""
    st.caption(model.kicker)
    st.title(model.answer, anchor=False)
    if model.support:
        st.markdown(model.support)
    for note in model.notes:
        st.info(note, icon=":material/info:")

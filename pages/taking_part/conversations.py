"""Conversations: who takes part, who is answered, who talks with whom."""

import streamlit as st

from report.models.conversations import read_conversations
from report.models.reading import has_any
from ui.layout import page, show_head
from ui.panels import show_columns, show_table
from ui.period_filters import choose_view
from ui.reading import model
from ui.states import guarded, show_missing
from ui.tiles import show_tiles


def show() -> None:
    with page():
        if not (model(has_any, "interactions") or model(has_any, "activity")):
            st.caption("Conversations · nothing uploaded yet")
            st.title("No interactions were uploaded yet.", anchor=False)
            show_missing("Interactions, or the totals of an analytics export, fill this page.", "interactions")
            return
        head = st.container()
        grain, period, dimension = choose_view()
        talk = model(read_conversations, grain, period.period if period else None, dimension)
        if talk is None:
            return
        with head:
            show_head(talk)
        if talk.tiles:
            show_tiles(talk.tiles)
        show_columns(talk.panels)
        for table in talk.tables:
            show_table(table)


guarded(show)

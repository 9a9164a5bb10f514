"""Connections: who is tied to whom, and on whom the community hangs."""

import streamlit as st

from report.models.connections import read_connections
from report.models.reading import has_any
from ui.layout import page, show_head
from ui.panels import show_columns, show_panel
from ui.period_filters import choose_quarter
from ui.reading import model
from ui.states import guarded, show_missing
from ui.tiles import show_tiles


def show() -> None:
    with page():
        if not model(has_any, "interactions"):
            st.caption("Connections · nothing uploaded yet")
            st.title("No interactions were uploaded yet.", anchor=False)
            show_missing("Interactions fill this page.", "interactions")
            return
        head = st.container()
        period, dimension = choose_quarter()
        connections = model(read_connections, period.period if period else None, dimension)
        if connections is None:
            return
        with head:
            show_head(connections)
        show_tiles(connections.tiles, columns=4)
        first, *rest = connections.panels
        show_panel(first)
        show_columns(rest)


guarded(show)

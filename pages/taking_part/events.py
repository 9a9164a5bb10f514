"""Events: who comes, who comes back, which events draw people."""

import streamlit as st

from report.models.events import read_events
from report.models.reading import has_any
from ui.layout import page, show_head
from ui.panels import show_columns, show_table
from ui.period_filters import choose_view
from ui.reading import model
from ui.states import guarded, show_missing
from ui.tiles import show_tiles


def show() -> None:
    with page():
        if not model(has_any, "attendance"):
            st.caption("Events · nothing uploaded yet")
            st.title("No attendance was uploaded yet.", anchor=False)
            show_missing("Attendance of one event is enough to begin.", "attendance")
            return
        head = st.container()
        grain, period, dimension = choose_view()
        events = model(read_events, grain, period.period if period else None, dimension)
        if events is None:
            return
        with head:
            show_head(events)
        show_tiles(events.tiles, columns=4)
        show_columns(events.panels)
        for table in events.tables:
            show_table(table)


guarded(show)

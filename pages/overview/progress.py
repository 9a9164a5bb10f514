"""Progress: objectives, actions, and what members got from each other in a quarter."""

import streamlit as st

from report.models.progress import read_progress
from report.models.reading import choose_period, read_periods
from ui.filters import choose
from ui.layout import page, show_head
from ui.panels import show_panel, show_table
from ui.reading import model
from ui.states import guarded, show_missing
from ui.tiles import show_tiles


def show() -> None:
    with page():
        if model(read_progress) is None:
            st.caption("Progress · nothing uploaded yet")
            st.title("No objective, action or story was written down yet.", anchor=False)
            show_missing("A handful of objectives is enough to begin.", "objectives")
            return
        quarters = model(read_periods, "quarter")
        head = st.container()
        last = choose_period(quarters, None) or quarters[-1]
        with st.container(horizontal=True, gap="small"):
            quarter = choose(
                "quarter", quarters[::-1], code=lambda q: q.label, name=lambda q: q.label, label="Quarter", default=last
            )
        progress = model(read_progress, quarter.period)
        if progress is None:
            return
        with head:
            show_head(progress)
        objectives, actions, *more = progress.tables
        show_table(objectives)
        if progress.tiles:
            show_tiles(progress.tiles, columns=4)
        first, *rest = progress.panels
        left, right = st.columns(2, gap="small")
        with left:
            show_panel(first, height="content")
            show_table(actions)
        with right:
            for panel in rest:
                show_panel(panel, height="content")
            show_table(more[0])
        for table in more[1:]:
            show_table(table)


guarded(show)

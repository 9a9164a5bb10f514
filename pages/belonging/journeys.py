"""Journeys: how people arrive, stay, drift and go on after a programme."""

import streamlit as st

from report.models.journeys import read_journeys
from report.models.reading import has_any
from ui.layout import page, show_head
from ui.panels import show_columns
from ui.period_filters import choose_quarter
from ui.reading import model
from ui.states import guarded, show_missing
from ui.tiles import show_tiles


def show() -> None:
    with page():
        if not (model(has_any, "interactions") or model(has_any, "attendance")):
            st.caption("Journeys · nothing uploaded yet")
            st.title("No interactions were uploaded yet.", anchor=False)
            show_missing("Interactions fill this page.", "interactions")
            return
        head = st.container()
        period, dimension = choose_quarter()
        journeys = model(read_journeys, period.period if period else None, dimension)
        if journeys is None:
            return
        with head:
            show_head(journeys)
        show_tiles(journeys.tiles, columns=4)
        show_columns(journeys.panels)


guarded(show)

"""Surveys: what members said, where groups differ, what moved."""

import streamlit as st

from report.models.surveys import read_surveys, read_waves
from ui.filters import choose
from ui.layout import page, show_head
from ui.panels import show_columns, show_panel
from ui.reading import model, snapshot
from ui.states import guarded, show_missing
from ui.tiles import show_tiles


def show() -> None:
    waves = model(read_waves)[::-1]
    with page():
        head = st.container()
        if not waves:
            with head:
                st.title("No survey was uploaded yet.", anchor=False)
            show_missing("A survey export with one row a respondent is enough to begin.", "survey")
            return
        dimensions = [name for name in snapshot().manifest()["dimensions"].split(";") if name]
        last = next((wave for wave in waves if wave.closed), waves[0])
        with st.container(horizontal=True, gap="small"):
            wave = choose("wave", waves, code=lambda w: w.label, name=lambda w: w.label, label="Wave", default=last)
            dimension = (
                choose("by", dimensions, code=str, name=lambda d: f"By {d}", label="Compare by", default=dimensions[0])
                if dimensions
                else None
            )
        surveys = model(read_surveys, wave.label, dimension)
        with head:
            show_head(surveys)
        if surveys.tiles:
            show_tiles(surveys.tiles, columns=4)
        first, *rest = surveys.panels or (None,)
        if first is not None:
            show_panel(first)
        show_columns(rest[:-1])
        for panel in rest[-1:]:
            show_panel(panel)


guarded(show)

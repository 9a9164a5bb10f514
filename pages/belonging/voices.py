"""Voices: what members write in their own words, as themes."""

import streamlit as st

from report.models.surveys import read_waves
from report.models.voices import read_voices
from ui.filters import choose
from ui.layout import page, show_head
from ui.panels import show_columns, show_table
from ui.reading import model
from ui.states import guarded, show_missing


def show() -> None:
    waves = model(read_waves)[::-1]
    with page():
        head = st.container()
        if not waves:
            with head:
                st.title("No survey was uploaded yet.", anchor=False)
            show_missing("A survey with a question to be answered in words fills this page.", "survey")
            return
        last = next((wave for wave in waves if wave.closed), waves[0])
        wave = choose("wave", waves, code=lambda w: w.label, name=lambda w: w.label, label="Wave", default=last)
        voices = model(read_voices, wave.label)
        with head:
            show_head(voices)
        show_columns(voices.panels)
        for table in voices.tables:
            show_table(table)


guarded(show)

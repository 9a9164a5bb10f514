"""Scorecard: the quarter in at most eight numbers."""

import streamlit as st

from metrics.snapshot import read_pins
from report.models.reading import choose_period, read_periods
from report.models.scorecard import read_revisions, read_scorecard
from ui.filters import choose
from ui.layout import page, show_head
from ui.panels import show_findings, show_table
from ui.reading import home, model, snapshot, snapshot_named
from ui.states import guarded
from ui.tiles import show_tiles


def show() -> None:
    quarters = model(read_periods, "quarter")
    with page():
        head = st.container()
        last = choose_period(quarters, None) or quarters[-1]
        with st.container(horizontal=True, gap="small"):
            quarter = choose(
                "quarter", quarters[::-1], code=lambda q: q.label, name=lambda q: q.label, label="Quarter", default=last
            )
        scorecard = model(read_scorecard, quarter.period)
        with head:
            show_head(scorecard)
        show_tiles(scorecard.tiles, columns=4)
        st.markdown(scorecard.legend)
        findings, register = st.columns([3, 2], gap="small")
        with findings:
            show_findings(scorecard.findings, title="Findings")
        with register:
            for table in scorecard.tables:
                show_table(table)
            pinned = read_pins(home()).get(quarter.label)
            if pinned:
                show_table(read_revisions(snapshot_named(pinned), snapshot(), quarter.period))


guarded(show)

"""Pulse: what changed this week, is it real, what needs care."""

import streamlit as st

from report.models.pulse import read_pulse
from report.models.reading import choose_period, list_groups, read_periods
from ui.filters import choose
from ui.layout import page, show_head
from ui.panels import show_alerts, show_findings, show_pair, show_table, show_todos
from ui.period_filters import name_period
from ui.reading import model
from ui.states import guarded
from ui.tiles import show_tiles


def show() -> None:
    weeks = model(read_periods, "week")[::-1]
    last = choose_period(weeks[::-1], None) or weeks[0]
    groups = model(list_groups)
    with page():
        head = st.container()
        with st.container(horizontal=True, gap="small"):
            week = choose("week", weeks, code=lambda w: w.period, name=name_period, label="Week", default=last)
            group = choose(
                "group",
                groups,
                code=lambda g: f"{g.dimension}:{g.segment}",
                name=lambda g: g.name,
                label="Whose numbers",
                default=groups[0],
            )
        pulse = model(read_pulse, week.period, group)
        with head:
            show_head(pulse)
        show_tiles(pulse.tiles)
        changed, todo = st.columns(2, gap="small")
        with changed:
            show_findings(pulse.findings)
        with todo:
            show_todos(pulse.todos)
        show_alerts(pulse.alerts, pulse.folded_alerts)
        show_pair(pulse.panels)
        for table in pulse.tables:
            show_table(table)


guarded(show)

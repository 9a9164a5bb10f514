"""Panels: a question, its answer in a sentence, the chart, what it is of, its numbers, and how it is computed."""

from collections.abc import Sequence

import streamlit as st

from report.exports import write_csv
from report.models.page import Finding, Method, Panel, Table, Todo


def show_panel(panel: Panel) -> None:
    """One panel in a card of its own."""
    with st.container(border=True, height="stretch"):
        st.header(panel.question, anchor=panel.key.replace("_", "-"))
        st.markdown(f"**{panel.reading}**")
        if panel.legend:
            st.markdown(panel.legend)
        if panel.chart is None:
            st.info(panel.notice or "There is nothing to draw here yet.")
        else:
            # The theme in the key redraws a chart after a switch of the theme; the figure itself is the same.
            st.plotly_chart(
                panel.chart.figure,
                key=f"{panel.key}-{st.context.theme.type}",
                height=panel.chart.height,
                config={"displayModeBar": False, "scrollZoom": False},
                alt=panel.chart.alt,
            )
            if panel.notice:
                st.markdown(f":small[{panel.notice}]")
        st.caption(panel.caption)
        with st.container(horizontal=True, gap="small"):
            _show_numbers(panel)
            _show_method(panel.key, panel.method)


def show_pair(panels: Sequence[Panel]) -> None:
    """Panels two by two, of equal height; below each other on a phone."""
    for start in range(0, len(panels), 2):
        pair = panels[start : start + 2]
        if len(pair) == 1:
            show_panel(pair[0])
            continue
        for column, panel in zip(st.columns(2, gap="small"), pair, strict=True):
            with column:
                show_panel(panel)


def show_findings(findings: Sequence[Finding], *, title: str = "What changed") -> None:
    """What changed, what got worse first, each with a link to its chart."""
    st.header(title, anchor=False)
    if not findings:
        st.markdown("Nothing is beyond its usual range.")
    for finding in findings:
        with st.container(border=True):
            st.badge(
                "▼ Signal: worse" if finding.kind == "worse" else "▲ Signal: better",
                color="orange" if finding.kind == "worse" else "blue",
            )
            st.markdown(f"**{finding.title.rstrip('.')}**  \n{finding.text}")
            if finding.anchor:
                st.markdown(f"[See the chart](#{finding.anchor.replace('_', '-')})")


def show_todos(todos: Sequence[Todo], *, title: str = "To do") -> None:
    """What somebody promised, the most urgent first."""
    st.header(title, anchor=False)
    if not todos:
        st.markdown("No open action is due within two weeks. Actions are uploaded as a small CSV, see Upload.")
    for todo in todos:
        with st.container(border=True):
            st.markdown(f"**{todo.title}**  \n{todo.text}")
            st.badge(todo.due, color="orange" if todo.is_late else "gray")


def show_table(table: Table) -> None:
    """A few short columns that wrap and are read aloud."""
    st.header(table.title, anchor=False)
    if table.note:
        st.markdown(table.note)
    if not table.rows.empty:
        st.table(table.rows, border="horizontal", hide_index=True)


def _show_numbers(panel: Panel) -> None:
    opened = st.popover("Numbers", key=f"numbers-{panel.key}", on_change="rerun", type="tertiary")
    if opened.open:
        with opened:
            st.markdown(":small[What the chart shows, unrounded. Withheld and missing are named, never 0.]")
            st.dataframe(panel.numbers, hide_index=True, width="stretch")
            st.download_button(
                "Download as CSV",
                data=lambda: write_csv(panel.numbers),
                file_name=f"{panel.key}.csv",
                mime="text/csv",
                on_click="ignore",
                key=f"csv-{panel.key}",
            )


def _show_method(key: str, method: Method) -> None:
    opened = st.popover("How this is computed", key=f"method-{key}", on_change="rerun", type="tertiary")
    if opened.open:
        with opened:
            st.markdown(f"**Formula.** {method.formula}.")
            st.markdown(f"**How to read it.** {method.reading}")
            st.markdown(f"**What not to conclude.** {method.caveats}")
            st.markdown(f"**Reference.** {method.reference}")
            if method.sql:
                st.markdown(":small[Over the panel of one row per member and period:]")
                st.code(method.sql, language="sql")

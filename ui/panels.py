"""Panels: a question, its answer in a sentence, the chart, what it is of, its numbers, and how it is computed."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

import streamlit as st

from data.audit import Act
from report.exports import name_bands, write_csv
from report.models.alerts import list_alerts
from report.models.page import Alert, Finding, Method, Panel, Table, Todo
from ui.access import note, who
from ui.menu import link_to

# What a panel needs in pixels beside its chart, and where it has none: about, to share panels out between two columns.
WORDS, NOTICE = 260, 70
LEDGE = 100  # columns that differ by less are of one height
LEAST_FOLDED = 3  # fewer rows than these are not worth a click


def show_panel(panel: Panel, *, height: Literal["stretch", "content"] = "stretch") -> None:
    """One panel in a card of its own; "stretch" makes it as high as the one beside it."""
    with st.container(border=True, height=height):
        st.header(panel.question, anchor=panel.key.replace("_", "-"))
        st.markdown(f"**{panel.reading}**")
        if panel.legend and panel.chart is not None:
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


def show_columns(panels: Sequence[Panel]) -> None:
    """Panels in two columns, each as high as it is, the next one always where there is more room; one column on a phone.

    A last one that would stand alone below both columns takes the whole width.
    """
    heights = [0, 0]
    places: tuple[list[Panel], list[Panel]] = ([], [])
    for panel in panels:
        place = heights.index(min(heights))
        is_alone = panel is panels[-1] and abs(heights[0] - heights[1]) < LEDGE
        if is_alone:
            break
        heights[place] += WORDS + (panel.chart.height if panel.chart else NOTICE)
        places[place].append(panel)
    for column, stack in zip(st.columns(2, gap="small"), places, strict=True):
        with column:
            for panel in stack:
                show_panel(panel, height="content")
    for panel in panels[sum(map(len, places)) :]:
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
            if finding.note:
                st.caption(finding.note)
            if finding.anchor:
                st.markdown(f"[See the chart](#{finding.anchor.replace('_', '-')})")


def show_alerts(alerts: Sequence[Alert], folded: Sequence[Alert]) -> None:
    """The few that matter side by side, the rest folded away; nothing where there is none."""
    if not alerts and not folded:
        return
    st.header("What asks for attention", anchor=False)
    if not alerts:
        st.markdown("Nothing new.")
    else:
        grid = st.grid(len(alerts), min_column_width=280, border=True)
        for alert in alerts:
            with grid.container(gap="small"):
                _show_alert(alert)
    if folded:
        rest = st.expander(
            f"{len(folded)} {'more, ' if alerts else ''}said before or less pressing",
            key="alerts-folded",
            on_change="rerun",
        )
        if rest.open:
            with rest:
                st.table(list_alerts(folded).rows, border="horizontal", hide_index=True)


def _show_alert(alert: Alert) -> None:
    words = {"worse": "▼ worse than usual", "better": "▲ better than usual"}.get(alert.kind, "asks for a look")
    colour: Literal["orange", "blue", "gray"] = (
        "orange" if alert.kind == "worse" else "blue" if alert.kind == "better" else "gray"
    )
    st.badge(f"{words}, since {alert.since}", color=colour)
    st.markdown(f"**{alert.what}**  \n{alert.attempt}")
    st.caption(f"How sure: {alert.sure}  \nWhom to ask: {alert.ask}.")
    if alert.is_on_lists:
        link_to("data/lists", "See who it is")


def show_todos(todos: Sequence[Todo], *, title: str = "To do") -> None:
    """What somebody promised, the most urgent first."""
    st.header(title, anchor=False)
    if not todos:
        st.markdown("No open action is due within two weeks. Actions are uploaded as a small CSV, see Upload.")
    for todo in todos:
        with st.container(border=True):
            st.markdown(f"**{todo.title}**  \n{todo.text}")
            st.badge(todo.due, color="orange" if todo.is_late else "gray")


def show_table(table: Table, *, first: int | None = None) -> None:
    """A few short columns that wrap and are read aloud; rows after the `first` are folded away."""
    st.header(table.title, anchor=False)
    if table.note:
        st.markdown(table.note)
    if table.rows.empty:
        return
    shown = len(table.rows) if first is None or len(table.rows) <= first + LEAST_FOLDED else first
    st.table(table.rows.head(shown), border="horizontal", hide_index=True)
    if shown < len(table.rows):
        rest = st.expander(f"{len(table.rows) - shown} more", key=f"more-{table.title}", on_change="rerun")
        if rest.open:
            with rest:
                st.table(table.rows.iloc[shown:], border="horizontal", hide_index=True)


def _show_numbers(panel: Panel) -> None:
    opened = st.popover("Numbers", key=f"numbers-{panel.key}", on_change="rerun", type="tertiary")
    if opened.open:
        with opened:
            st.markdown(":small[What the chart shows, unrounded. Withheld and missing are named, never 0.]")
            st.dataframe(name_bands(panel.numbers), hide_index=True, width="stretch")
            st.download_button(
                "Download as CSV",
                data=partial(_hand_out, panel, who()),
                file_name=f"{panel.key}.csv",
                mime="text/csv",
                on_click="ignore",
                key=f"csv-{panel.key}",
            )


def _hand_out(panel: Panel, by: str) -> str:
    """The numbers as a file, asked for when somebody clicks; who took what goes into the audit log first."""
    note(Act.EXPORT, by, file=f"{panel.key}.csv", rows=len(panel.numbers))
    return write_csv(name_bands(panel.numbers))


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

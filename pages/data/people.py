"""People: those whom uploads name and the roster does not know, until somebody says who they are."""

import streamlit as st

import pipeline
from report.models.people import NOBODY, WAITING, list_waiting, read_choices, say_waiting
from ui.access import private_home, who
from ui.layout import page
from ui.menu import page_file
from ui.progress import with_progress
from ui.states import guarded


def show() -> None:
    waiting = pipeline.list_waiting(private_home())
    certain = [one for one in waiting if one.certain]
    with page():
        st.caption("People · whom uploads name and the roster does not know")
        st.title(say_waiting(waiting), anchor=False)
        if not waiting:
            st.markdown("Every id in the uploads belongs to a member, or somebody said that it is nobody's.")
            st.page_link(page_file("data/upload"), label="Upload a file")
            return
        st.markdown(
            "They count in no number until somebody says who they are. A name that exactly one member has can be accepted at once; "
            "everything else is only a hint. A decision is an upload like any other: History takes it back."
        )
        if certain and st.button(f"Accept the {len(certain):,} names that exactly one member has", type="primary"):
            decide({one.id: one.certain.member_id for one in certain if one.certain})
        table, options = list_waiting(waiting)
        chosen = st.data_editor(
            table,
            hide_index=True,
            disabled=[column for column in table.columns if column != "Is"],
            column_config={"Is": st.column_config.SelectboxColumn(options=[WAITING, NOBODY, *options], required=True)},
            key="choices",
        )
        choices = read_choices(chosen, options)
        if st.button(f"Save {len(choices):,} decisions" if choices else "Save decisions", disabled=not choices):
            decide(choices)


def decide(choices: dict[str, str | None]) -> None:
    """Remember who somebody is, and publish."""
    done = with_progress(lambda say: pipeline.decide(private_home(), choices, who=who(), progress=say), "Starting")
    if done is not None:
        st.session_state.pop("choices", None)
        st.rerun()


guarded(show)

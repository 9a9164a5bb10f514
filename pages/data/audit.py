"""Audit log: who did what and when, for admins."""

import streamlit as st

from data.audit import find_tampering, read_audit
from report.models.audit import list_entries, say_log
from ui.access import private_home
from ui.layout import page
from ui.states import guarded

NEWEST = 500


def show() -> None:
    home = private_home()
    entries = read_audit(home, NEWEST)
    with page():
        st.caption("Audit log · newest first")
        st.title(say_log(entries, find_tampering(home)), anchor=False)
        st.markdown(
            "Every import, undo, publish, decision, role and setting that was changed, export and named list that was looked at. "
            "It holds no row about a member. Older lines are in `audit.jsonl` of the home."
        )
        if entries:
            st.dataframe(list_entries(entries), hide_index=True)


guarded(show)

"""History: every upload, and the way back."""

from typing import Any

import streamlit as st

import pipeline
from report.models.upload import list_uploads, say_receipt, tell_changes
from ui.access import private_home, who
from ui.layout import page
from ui.panels import show_table
from ui.progress import with_progress
from ui.reading import snapshot
from ui.states import guarded


def show() -> None:
    uploads = pipeline.ledger(private_home())
    counting = [row for row in uploads if not row["undone"]]
    with page():
        st.caption("History · newest first")
        if not uploads:
            st.title("Nothing was uploaded yet.", anchor=False)
            st.markdown("Start on the page Upload; every file that is taken in is listed here and can be taken back.")
            return
        st.title(f"{len(counting)} of {len(uploads)} uploads count in the numbers.", anchor=False)
        st.markdown(
            "Undoing one never removes a newer value; what it had replaced comes back. An undone upload can be loaded again."
        )
        chosen = ask_batch(uploads)
        if chosen is not None:
            turn(chosen)
        outcome = st.session_state.pop("turned", None)
        if outcome is not None:
            st.success(say_receipt(outcome.receipts[0]))
            show_table(tell_changes(snapshot(), outcome.changed))
        st.table(list_uploads(uploads), border="horizontal", hide_index=True)


def ask_batch(uploads: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Which upload to take back or load again."""
    by_number = {row["batch"]: row for row in uploads}
    number = st.selectbox(
        "Take back or load again",
        list(by_number),
        index=None,
        placeholder="Choose an upload",
        format_func=lambda n: (
            f"Batch {n} · {by_number[n]['kind']} · {by_number[n]['file']}"
            + (" (undone)" if by_number[n]["undone"] else "")
        ),
        key="batch",
    )
    return by_number.get(number)


def turn(row: dict[str, Any]) -> None:
    """One button: undo, or redo; the numbers are published again at once."""
    label = "Load this upload again" if row["undone"] else "Undo this upload"
    if not st.button(label, type="primary"):
        return
    act = pipeline.redo if row["undone"] else pipeline.undo
    outcome = with_progress(lambda say: act(private_home(), row["batch"], who=who(), progress=say), "Starting")
    if outcome is not None:
        st.session_state["turned"] = outcome
        st.rerun()


guarded(show)

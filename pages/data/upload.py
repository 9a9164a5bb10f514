"""Upload: a file is looked at, its problems are named, and only then is it taken in."""

import streamlit as st

import pipeline
from data.settings import read_settings
from ingest.importer import Checked, Upload
from ingest.importers import SURVEY
from report.models.upload import list_items, list_problems, say_check, say_receipt, tell_changes
from ui.layout import page
from ui.panels import show_table
from ui.progress import with_progress
from ui.reading import home, snapshot
from ui.states import guarded, offer_templates
from ui.uploads import ask_details, ask_items, ask_kind, ask_upload, examine, forget_incoming, guess_kind


def show() -> None:
    with page():
        head = st.container()
        dropped = st.file_uploader(
            "Drop an export here, or choose a file",
            type=["csv", "tsv", "txt"],
            key=f"file-{st.session_state.get('taken', 0)}",
        )
        if dropped is None:
            say(head, "choose a file", 1, "One file at a time: it is checked before anything is stored.")
            show_last_receipt()
            with st.expander("Templates of every kind of file"):
                offer_templates()
            return
        kind = ask_kind(guess_kind(dropped))
        if kind is None:
            say(head, "say what it is", 1, "Hearth does not recognise this file by its columns.")
            return
        items = ask_items() if kind == SURVEY else None
        upload = ask_upload(dropped, kind, ask_details(kind, read_settings(home()), items))
        checked = examine(upload)
        if checked is None:
            say(head, "check", 2, "This file cannot be read as it is.")
            return
        say(head, "check", 2, say_check(checked))
        show_check(checked)
        if checked.receipt.batch is None:
            take(upload, checked)


def say(head: st.delta_generator.DeltaGenerator, step: str, number: int, answer: str) -> None:
    """Where the person is, and the answer so far."""
    with head:
        st.caption(f"Upload · step {number} of 3: {step}")
        st.title(answer, anchor=False)


def show_check(checked: Checked) -> None:
    """Counts, warnings, problems, and the proposed questions of a survey."""
    receipt = checked.receipt
    for warning in receipt.warnings:
        st.warning(warning)
    with st.container(horizontal=True):
        st.badge(f"{receipt.rows - receipt.rejected:,} good", color="green")
        if receipt.rejected:
            st.badge(f"{receipt.rejected:,} with problems", color="orange")
        if receipt.unchanged:
            st.badge(f"{receipt.unchanged:,} already known", color="gray")
    if receipt.problems:
        show_table(list_problems(receipt))
    if receipt.items_file is not None and receipt.problems:
        st.header("What the questions seem to be", anchor=False)
        st.markdown("Download the proposal, correct what is wrong, and hand it in above as the items file.")
        st.dataframe(list_items(checked), hide_index=True)
        st.download_button(
            "Download the proposed items file",
            receipt.items_file.read_text(encoding="utf-8"),
            "items.csv",
            "text/csv",
            on_click="ignore",
        )


def take(upload: Upload, checked: Checked) -> None:
    """The one primary button: take all rows, or the good ones."""
    receipt = checked.receipt
    good = receipt.rows - receipt.rejected
    blocked = bool(receipt.problems) and not receipt.rejected
    words = f"Take the {good:,} good rows" if receipt.rejected else f"Take all {good:,} rows"
    if not st.button(words, type="primary", disabled=blocked or good == 0):
        return
    outcome = with_progress(
        lambda say: pipeline.take_in(home(), [upload], keep_good=bool(receipt.rejected), progress=say), "Starting"
    )
    if outcome is not None:
        forget_incoming()
        st.session_state["outcome"] = outcome
        st.session_state["taken"] = st.session_state.get("taken", 0) + 1
        st.rerun()


def show_last_receipt() -> None:
    """What became of the last upload of this session, with the rows that were left out and what changed."""
    outcome = st.session_state.get("outcome")
    if outcome is None:
        return
    st.header("Receipt of the last upload", anchor=False)
    for receipt in outcome.receipts:
        with st.container(border=True):
            st.markdown(say_receipt(receipt))
            if receipt.bad_rows and receipt.bad_rows.exists():
                st.download_button(
                    f"Get the {receipt.rejected:,} bad rows as CSV",
                    receipt.bad_rows.read_text(encoding="utf-8"),
                    receipt.bad_rows.name,
                    "text/csv",
                    on_click="ignore",
                )
    show_table(tell_changes(snapshot(), outcome.changed))


guarded(show)

"""Upload: a file is looked at, its problems are named, and only then is it taken in."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

import pipeline
from data.errors import HearthError
from data.settings import read_settings
from ingest.importer import Checked, RefusedRows, Upload
from ingest.importers import SURVEY
from ingest.items import write_items
from report.models.upload import say_check, say_receipt, tell_changes
from ui.layout import page
from ui.panels import show_table
from ui.reading import home, snapshot
from ui.states import offer_templates
from ui.uploads import ask_details, ask_kind, ask_upload, forget_incoming, guess_kind, keep_incoming, problem_rows


def show() -> None:
    with page():
        head = st.container()
        dropped = st.file_uploader("Drop an export here, or choose a file", type=["csv", "tsv", "txt"], key="file")
        if dropped is None:
            with head:
                st.caption("Upload · step 1 of 3: choose a file")
                st.title("One file at a time: it is checked before anything is stored.", anchor=False)
            show_last_receipt()
            with st.expander("Templates of every kind of file"):
                offer_templates()
            return
        kind = ask_kind(guess_kind(dropped))
        if kind is None:
            with head:
                st.caption("Upload · step 1 of 3: say what it is")
                st.title("Hearth does not recognise this file by its columns.", anchor=False)
            return
        items = ask_items() if kind == SURVEY else None
        details = ask_details(kind, read_settings(home()), items)
        upload = ask_upload(dropped, kind, details)
        try:
            checked = pipeline.examine(home(), upload)
        except HearthError as error:
            with head:
                st.caption("Upload · step 2 of 3: check")
                st.title(error.what, anchor=False)
                st.markdown(error.fix)
            return
        receipt = checked.receipt
        with head:
            st.caption("Upload · step 2 of 3: check")
            st.title(say_check(checked), anchor=False)
        for warning in receipt.warnings:
            st.warning(warning)
        if receipt.batch is not None:
            return
        with st.container(horizontal=True):
            st.badge(f"{receipt.rows - receipt.rejected:,} good", color="green")
            if receipt.rejected:
                st.badge(f"{receipt.rejected:,} with problems", color="orange")
            if receipt.unchanged:
                st.badge(f"{receipt.unchanged:,} already known", color="gray")
        if receipt.problems:
            st.header("Problems", anchor=False)
            st.markdown("Mend them in the file and drop it again, or take the good rows only.")
            st.table(pd.DataFrame(problem_rows(receipt.problems)), border="horizontal", hide_index=True)
        if kind == SURVEY and checked.proposed_items and items is None:
            offer_items(checked.proposed_items)
        take(upload, checked)


def ask_items() -> Path | None:
    """The items file that says what the questions are, where the bank does not know them yet."""
    described = st.file_uploader(
        "Items file: what the questions are (not needed when they are known from an earlier wave)",
        type=["csv"],
        key="items",
    )
    return keep_incoming(described) if described is not None else None


def offer_items(proposed: tuple[Any, ...]) -> None:
    """The proposed items file, to be read, corrected and handed in."""
    st.header("What the questions seem to be", anchor=False)
    st.markdown("Download the proposal, correct what is wrong, and hand it in above as the items file.")
    st.dataframe(pd.DataFrame([item.model_dump() for item in proposed]), hide_index=True)
    file = home() / "incoming" / "proposed-items.csv"
    write_items(proposed, file)
    st.download_button(
        "Download the proposed items file", file.read_text(encoding="utf-8"), "items.csv", "text/csv", on_click="ignore"
    )


def take(upload: Upload, checked: Checked) -> None:
    """The one primary button: take all rows, or the good ones."""
    receipt = checked.receipt
    good = receipt.rows - receipt.rejected
    blocked = bool(receipt.problems) and not receipt.rejected
    words = f"Take the {good:,} good rows" if receipt.rejected else f"Take all {good:,} rows"
    if not st.button(words, type="primary", disabled=blocked or good == 0):
        return
    bar = st.progress(0.0, "Starting")
    try:
        outcome = pipeline.take_in(
            home(),
            [upload],
            keep_good=bool(receipt.rejected),
            progress=lambda stage, share: bar.progress(min(share, 1.0), stage),
        )
    except RefusedRows as error:
        st.error(str(error))
        return
    st.session_state["outcome"] = outcome
    forget_incoming()
    st.session_state.pop("file", None)
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


show()

"""Upload: files are looked at, what they leave open is asked, what they would change is shown, and only then are they taken in."""

from collections.abc import Sequence
from itertools import chain

import streamlit as st

import pipeline
from data.settings import read_settings
from ingest.importer import Details, Upload
from report.models.upload import (
    list_items,
    list_problems,
    list_sources,
    say_files,
    say_receipt,
    say_take,
    tell_changes,
)
from report.words import verbatim
from ui.access import private_home, who
from ui.asking import ASKED, ask_days, ask_event_type, ask_roster, settle
from ui.layout import page
from ui.menu import page_file
from ui.panels import show_table
from ui.progress import with_progress
from ui.reading import snapshot
from ui.states import guarded, offer_templates
from ui.uploads import Seen, find_preview, forget_incoming, keep_incoming, look, remember_preview


def show() -> None:
    with page():
        head, sources = st.container(), st.container()
        dropped = st.file_uploader(
            "Drop exports here, or choose files: CSV, Excel, ZIP or JSON, as your tools write them",
            accept_multiple_files=True,
            key=f"file-{st.session_state.get('taken', 0)}",
        )
        if not dropped:
            say(head, "choose files", 1, "Drop what your tools export: it is checked before anything is stored.")
            with sources:
                show_sources()
            show_last_receipt()
            with st.expander("Templates of every kind of file"):
                offer_templates()
            return
        files = [
            show_file(file.name, Upload(keep_incoming(file), file.name, None, Details(), who())) for file in dropped
        ]
        say(head, "check", 2, say_files([seen.found for seen in files]))
        ready = ask_days(ask_event_type([seen for seen in files if seen.is_ready]))
        if ready:
            take(ready, [*ask_roster(ready), *(seen.upload for seen in ready)])


def say(head: st.delta_generator.DeltaGenerator, step: str, number: int, answer: str) -> None:
    """Where the person is, and the answer so far."""
    with head:
        st.caption(f"Upload · step {number} of 3: {step}")
        st.title(answer, anchor=False)


def show_sources() -> None:
    """Each source, through which day it is covered, and what is due."""
    covered = list_sources(pipeline.ledger(private_home()), pipeline.choose_day(read_settings(private_home())))
    if not covered.empty:
        st.table(covered, border="horizontal", hide_index=True)


def show_file(name: str, upload: Upload) -> Seen:
    """One file with what it leaves open, its warnings and its problems; nothing where it leaves nothing to say."""
    with st.container(border=True):
        head = st.container()
        seen = settle(look(upload), read_settings(private_home()))
        if seen.is_asking or (seen.checked and seen.checked.receipt.kind in ASKED):
            head.markdown(f"**{verbatim(name)}**")
        if seen.checked is None:
            if not seen.is_asking:
                st.error(verbatim(str(seen.found)))
            return seen
        receipt = seen.checked.receipt
        if receipt.warnings:
            st.warning("  \n".join([f"**{verbatim(name)}**", *map(verbatim, receipt.warnings)]))
        if receipt.rejected:
            with st.container(horizontal=True):
                st.badge(f"{seen.good:,} good", color="green")
                st.badge(f"{receipt.rejected:,} with problems", color="orange")
        if receipt.problems:
            show_table(list_problems(receipt))
        if receipt.items_file is not None and receipt.problems:
            show_proposal(seen)
        return seen


def show_proposal(seen: Seen) -> None:
    """What the questions of a survey seem to be, to be corrected and handed in."""
    st.header("What the questions seem to be", anchor=False)
    st.markdown("Download the proposal, correct what is wrong, and hand it in above as the items file.")
    if seen.checked and seen.checked.receipt.items_file:
        st.dataframe(list_items(seen.checked), hide_index=True)
        st.download_button(
            "Download the proposed items file",
            seen.checked.receipt.items_file.read_text(encoding="utf-8"),
            "items.csv",
            "text/csv",
            on_click="ignore",
        )


def take(ready: Sequence[Seen], uploads: Sequence[Upload]) -> None:
    """What the numbers would become, and the one primary button: take all rows, or the good ones."""
    rejected = sum(seen.checked.receipt.rejected for seen in ready if seen.checked)
    act = st.container()
    show_preview(uploads, keep_good=rejected > 0)
    if not act.button(say_take(sum(seen.good for seen in ready), rejected, len(ready)), type="primary"):
        return
    outcome = with_progress(
        lambda say: pipeline.take_in(private_home(), uploads, keep_good=rejected > 0, progress=say), "Starting"
    )
    if outcome is not None:
        forget_incoming()
        st.session_state["outcome"] = outcome
        st.session_state["taken"] = st.session_state.get("taken", 0) + 1
        st.rerun()


def show_preview(uploads: Sequence[Upload], *, keep_good: bool) -> None:
    """Which headline numbers the files would change, worked out beside the warehouse."""
    changed = find_preview(uploads, keep_good=keep_good)
    if changed is None:
        changed = with_progress(
            lambda say: pipeline.preview(private_home(), uploads, keep_good=keep_good, progress=say),
            "Working out what the numbers would become",
        )
        if changed is None:
            return
        remember_preview(uploads, changed, keep_good=keep_good)
    if any(chain(*changed.values())):
        show_table(tell_changes(snapshot(), changed, title="What would change"))


def show_last_receipt() -> None:
    """What became of the last files of this session, with the rows that were left out and what changed."""
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
            if receipt.unmatched:
                st.page_link(page_file("data/people"), label="Say who they are")
    show_table(tell_changes(snapshot(), outcome.changed))


guarded(show)

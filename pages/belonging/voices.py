"""Voices: what members write in their own words, as themes; and for managers the sentences, which they can hide."""

import hashlib
from collections.abc import Mapping

import streamlit as st

import pipeline
from data.deployment import is_viewer
from report.models.surveys import read_waves
from report.models.voices import SENTENCES, Asked, read_comments, read_voices
from report.words import verbatim
from ui.access import private_home, who
from ui.filters import choose
from ui.layout import page, show_head
from ui.panels import show_columns, show_table
from ui.progress import with_progress
from ui.reading import model, older_snapshot
from ui.states import guarded, show_missing

SHOWN_AT_ONCE = 10


def show() -> None:
    waves = model(read_waves)[::-1]
    with page():
        head = st.container()
        if not waves:
            with head:
                st.title("No survey was uploaded yet.", anchor=False)
            show_missing("A survey with a question to be answered in words fills this page.", "survey")
            return
        last = next((wave for wave in waves if wave.closed), waves[0])
        wave = choose("wave", waves, code=lambda w: w.label, name=lambda w: w.label, label="Wave", default=last)
        # What was hidden since stands in older snapshots, so sentences are of the newest only.
        asked = model(read_comments, wave.label) if older_snapshot() is None else ()
        voices = model(read_voices, wave.label, len(asked))
        with head:
            show_head(voices)
        show_columns(voices.panels)
        for table in voices.tables:
            show_table(table)
        if asked:
            show_comments({question.item_id: question for question in asked})


def show_comments(asked: Mapping[str, Asked]) -> None:
    """The comments of one question, ten at a time."""
    st.header("In their own words", anchor=False)
    st.markdown(SENTENCES)
    question, part = next(iter(asked.values())), 0
    left, right = st.columns([3, 1])
    if len(asked) > 1:
        question = asked[
            left.selectbox(
                "Question", list(asked), format_func=lambda item: asked[item].wording, key="comments-question"
            )
        ]
    else:
        left.markdown(f"**{verbatim(question.wording)}**")
    count = len(question.comments)
    if count > SHOWN_AT_ONCE:
        part = right.selectbox(
            "Comments",
            range(-(-count // SHOWN_AT_ONCE)),
            format_func=lambda n: f"{n * SHOWN_AT_ONCE + 1} to {min((n + 1) * SHOWN_AT_ONCE, count)} of {count}",
            key=f"comments-of-{question.item_id}",
        )
    for place in range(part * SHOWN_AT_ONCE, min((part + 1) * SHOWN_AT_ONCE, count)):
        with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            comment = question.comments[place]
            st.markdown(
                verbatim(comment.text) + (f" :gray[written {comment.times} times]" if comment.times > 1 else "")
            )
            if not is_viewer():
                offer_to_hide(question, comment.text)


def offer_to_hide(question: Asked, text: str) -> None:
    """For a comment that says who somebody is, or that should not be passed on."""
    # Of the text and not of its place: another manager may have hidden one above it meanwhile.
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    with st.popover("Hide", width="content"):
        st.markdown("It leaves this page for everybody, and cannot be brought back. It still counts in the themes.")
        if st.button("Hide it for good", key=f"hide-{question.item_id}-{key}"):
            name = with_progress(
                lambda say: pipeline.quarantine(
                    private_home(), question.wave, question.item_id, text, who=who(), progress=say
                ),
                "Publishing without it",
            )
            if name is not None:
                st.rerun()


guarded(show)

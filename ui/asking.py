"""Asking: what only a person knows about a file, with examples from it, and never answered for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

import pipeline
from data.settings import Settings
from ingest.formats.format import Question, Unmapped, Unsettled
from ingest.formats.known import is_one_event, kinds_of
from ingest.importer import Checked, Details, Upload
from ingest.importers import KINDS, MEMBERS, SURVEY, find_importer
from ingest.profiles import find_profile
from report.models.upload import LEFT_OUT, list_columns, list_files, say_wave
from report.words import verbatim
from ui.access import private_home
from ui.uploads import WAVE_SAID, Seen, keep_incoming, say_more

MOST_QUESTIONS = 6
ASKED = (MEMBERS.name, SURVEY)  # the kinds of which something is always asked
DAYS = ("Covers from", "Covers to")
EVENT_TYPES = ("meeting", "workshop", "training", "social", "networking", "celebration", "follow_up", "other")
ADDITIONS, EVERYBODY = "Additions and changes", "Everybody: who is missing has left"


def settle(seen: Seen, settings: Settings) -> Seen:
    """Ask about a file until it is known what it is and what it says; questions that have no answer yet stay on the page."""
    for _ in range(MOST_QUESTIONS):
        if isinstance(seen.found, Unmapped):
            answered = _ask_columns(seen, seen.found)
        elif isinstance(seen.found, Unsettled):
            answered = _ask_questions(seen, seen.found.questions)
        else:
            break
        if answered is None:
            return seen
        seen = answered
    if seen.checked is not None and not seen.is_known:
        return _ask_by_kind(seen, seen.checked, settings)
    return seen


def ask_event_type(ready: Sequence[Seen]) -> list[Seen]:
    """Ask once what kind of events the reports of single events are of; it is remembered for the next ones."""
    reports = [seen for seen in ready if _is_report(seen) and not _details(seen).event_type]
    if not reports:
        return list(ready)
    chosen = st.selectbox(
        "This report is of a" if len(reports) == 1 else f"These {len(reports)} reports are of events of one type: a",
        EVENT_TYPES,
        index=None,
        placeholder="leave it open",
        format_func=lambda word: word.replace("_", "-"),
        key="event-type",
    )
    if chosen is None:
        return list(ready)
    return [say_more(seen, event_type=chosen) if seen in reports else seen for seen in ready]


def ask_days(ready: Sequence[Seen]) -> list[Seen]:
    """Show what each file is and would do, and let the days that it covers be corrected."""
    if not ready:
        return []
    table = list_files([seen.checked for seen in ready if seen.checked])
    edited = st.data_editor(
        table,
        hide_index=True,
        disabled=[column for column in table.columns if column not in DAYS],
        column_config={
            column: st.column_config.DateColumn(help="All that happened on these days is in the file.")
            for column in DAYS
        },
        key=f"days-{len(ready)}",
    )
    return [
        say_more(seen, covers=(now[0], now[1])) if now != before and None not in now else seen
        for seen, before, now in zip(ready, _days_of(table), _days_of(edited), strict=True)
    ]


def ask_roster(ready: Sequence[Seen]) -> list[Upload]:
    """Without a roster: offer to make one from the files at hand, marked provisional until there is a better one."""
    makers = [seen for seen in ready if MEMBERS.name in kinds_of(seen.checked.receipt.format if seen.checked else "")]
    has_roster = any(row["kind"] == MEMBERS.name and not row["undone"] for row in pipeline.ledger(private_home()))
    is_there = any(seen.checked and seen.checked.receipt.kind == MEMBERS.name for seen in ready)
    if has_roster or is_there or not makers:
        return []
    if not st.checkbox("There is no member list yet: make one from these files, marked provisional", value=True):
        return []
    return [
        replace(
            seen.upload,
            kind=MEMBERS.name,
            details=_details(seen).model_copy(update={"provisional": True, "covers": None, "event_type": None}),
        )
        for seen in makers
    ]


def _details(seen: Seen) -> Details:
    """What is known about a file: said now, or remembered from the last of its kind."""
    return seen.checked.details if seen.checked else seen.upload.details


def _is_report(seen: Seen) -> bool:
    return seen.checked is not None and is_one_event(seen.checked.receipt.format)


def _days_of(table: pd.DataFrame) -> list[tuple[date | None, date | None]]:
    return [(_plain(first), _plain(last)) for first, last in zip(table[DAYS[0]], table[DAYS[1]], strict=True)]


def _plain(day: Any) -> date | None:
    return None if pd.isna(day) else pd.Timestamp(day).date()


def _ask_columns(seen: Seen, found: Unmapped) -> Seen | None:
    """What the columns of a table are: suggested with how sure that is, corrected and confirmed by a person."""
    name = seen.upload.path.stem
    kinds = list(KINDS)
    kind = st.selectbox(
        "This file is",
        kinds,
        index=kinds.index(found.kind) if found.kind in kinds else None,
        placeholder="Choose what it is",
        key=f"kind-{name}",
    )
    if kind is None:
        return None
    if kind == SURVEY:
        return say_more(seen, kind)
    table = list_columns(found, find_importer(kind))
    with st.form(f"columns-{name}-{kind}", border=False):
        st.markdown(
            "What is each column? Nothing is taken before you say so, and Hearth remembers it for the next file."
        )
        chosen = st.data_editor(
            table,
            hide_index=True,
            disabled=[column for column in table.columns if column != "Is"],
            column_config={
                "Is": st.column_config.SelectboxColumn(options=[*find_importer(kind).columns, LEFT_OUT], required=True)
            },
            key=f"mapping-{name}-{kind}",
        )
        if st.form_submit_button("These are right"):
            st.session_state[f"columns-{name}-{kind}-said"] = _as_mapping(chosen)
    columns = st.session_state.get(f"columns-{name}-{kind}-said")
    if columns is None:
        return None
    twice = [target for target in columns.values() if target and list(columns.values()).count(target) > 1]
    if twice:
        st.error(f"Two columns are {twice[0]}. Each can be taken once.")
        return None
    asked = say_more(seen, kind, columns=columns)
    if isinstance(asked.found, Unmapped):
        missing = [column for column in find_importer(kind).required if column not in columns.values()]
        st.error(f"No column is {', '.join(missing)} yet, and every row needs one.")
        return None
    return asked


def _as_mapping(chosen: pd.DataFrame) -> dict[str, str]:
    return {
        str(column): "" if target == LEFT_OUT else str(target)
        for column, target in zip(chosen["Column of the file"], chosen["Is"], strict=True)
    }


def _ask_questions(seen: Seen, questions: tuple[Question, ...]) -> Seen | None:
    """What the file leaves open, each with what its answers would make of an example."""
    said: dict[str, Any] = {}
    for question in questions:
        answer = _ask_one(question, f"{question.detail}-{seen.upload.path.stem}")
        if answer is None:
            return None
        said[question.detail] = answer
    return say_more(seen, **said)


def _ask_one(question: Question, key: str) -> Any:
    words = question.words
    if question.examples:
        words += f" In the file: {', '.join(question.examples)}."
    if question.choices:
        shown = dict(question.choices)
        return st.radio(
            words,
            list(shown),
            index=None,
            captions=[f"{question.examples[0]} is {meant}" if question.examples else meant for meant in shown.values()],
            format_func=lambda choice: choice.replace("-", " "),
            key=key,
        )
    if question.detail == "day":
        return _one(st.date_input(words, value=None, key=key))
    if question.detail == "covers":
        days = st.date_input(words, value=[], key=key)
        return tuple(days) if isinstance(days, tuple) and len(days) == 2 else None
    return st.text_input(words, key=key).strip() or None


def _ask_by_kind(seen: Seen, checked: Checked, settings: Settings) -> Seen:
    """What is always asked: whether a roster is complete, and what the members of a survey were told."""
    if checked.receipt.kind == MEMBERS.name:
        name = seen.upload.path.stem
        who = st.radio(f"Who is in {verbatim(seen.upload.name)}?", [ADDITIONS, EVERYBODY], key=f"complete-{name}")
        day = st.date_input("These facts hold from", value=settings.as_of or "today", key=f"effective-{name}")
        return say_more(seen, MEMBERS.name, complete=who == EVERYBODY, effective_on=_one(day))
    if checked.receipt.kind == SURVEY:
        answers = _ask_wave(checked, seen.upload.path.stem)
        return say_more(seen, SURVEY, **answers) if answers else replace(seen, is_waiting=True)
    return seen


def _ask_wave(checked: Checked, name: str) -> dict[str, Any] | None:
    """The wave of a survey; None until somebody says it, but where the answers of last time can be proposed.

    The answers are read together, as each has the file checked and the numbers worked out anew.
    """
    profile = find_profile(private_home(), checked.receipt.format, checked.header, SURVEY)
    before = profile.details if profile else {}
    promises = ["anonymous", "confidential", "named"]
    first = checked.days[0]
    with st.form(f"wave-{name}", border=False, enter_to_submit=False):
        left, right = st.columns(2)
        with left:
            label = st.text_input(
                "Label of the wave",
                value=f"{first:%B %Y}" if first and profile else "",
                placeholder="2026 autumn",
                key=f"wave-label-{name}",
            )
            opened = st.date_input("Opened on", value=first, key=f"wave-opened-{name}")
            closed = st.date_input("Closed on (empty while it is open)", value=None, key=f"wave-closed-{name}")
            items = st.file_uploader(
                "Items file: what the questions are (not needed when they are known from an earlier wave)",
                type=["csv"],
                key=f"items-{name}",
            )
        with right:
            invited = st.number_input(
                "Invited (empty: the roster on the opening day)", min_value=1, value=None, key=f"wave-invited-{name}"
            )
            promise = st.selectbox(
                "Members were told that answers are",
                promises,
                index=promises.index(before.get("promise", "anonymous")),
                key=f"wave-promise-{name}",
            )
            told = st.text_input("In these words (optional)", value=before.get("told") or "", key=f"wave-told-{name}")
            instrument = st.text_input(
                "Series of waves it belongs to", value=before.get("instrument", "survey"), key=f"wave-instrument-{name}"
            )
        is_said = st.form_submit_button("This is the wave")
    said = f"{WAVE_SAID}{name}"
    if is_said or (profile and label and said not in st.session_state):
        st.session_state[said] = {
            "wave": label or None,
            "opened": _one(opened),
            "closed": _one(closed),
            "invited": int(invited) if invited else None,
            "promise": promise or "anonymous",
            "told": told or None,
            "instrument": instrument or "survey",
            "items": items,
        }
    answers: dict[str, Any] | None = st.session_state.get(said)
    if answers is None:
        return None
    st.caption(say_wave(answers))
    # Kept anew each time: what was dropped is deleted whenever somebody's files are taken in.
    return answers | {"items": keep_incoming(answers["items"]) if answers["items"] is not None else None}


def _one(day: object) -> date | None:
    return day if isinstance(day, date) else None

"""Uploads: the file as it was dropped, kept beside the warehouse while the page looks at it and deleted when it is done."""

import hashlib
from datetime import date
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

import pipeline
from data.errors import HearthError
from data.settings import Settings
from ingest.importer import Checked, Details, Upload
from ingest.importers import KINDS, SURVEY, recognise
from ui.reading import home

WHO = "dashboard"
COVERING = ("attendance", "interactions")


def keep_incoming(dropped: UploadedFile) -> Path:
    """The dropped bytes as a file only its owner can read; the same bytes give the same name."""
    folder = home() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = dropped.getvalue()
    file = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.csv"
    file.write_bytes(data)
    file.chmod(0o600)
    return file


def forget_incoming() -> None:
    """Delete every dropped file; what is kept of an upload are its canonical rows."""
    folder = home() / "incoming"
    for file in folder.glob("*.csv") if folder.exists() else ():
        file.unlink(missing_ok=True)


def guess_kind(dropped: UploadedFile) -> str | None:
    """What a file seems to be, by its header; None where nothing fits."""
    header = dropped.getvalue()[:65_536].decode("utf-8-sig", errors="replace").splitlines()[:1]
    cells = header[0].replace(";", ",").replace("\t", ",").split(",") if header else []
    return recognise([cell.strip().strip('"').lower().replace(" ", "_") for cell in cells])


def ask_kind(guessed: str | None) -> str | None:
    """What the file is: as recognised, or as the person says."""
    kinds = list(KINDS)
    return st.selectbox(
        "This file is",
        kinds,
        index=kinds.index(guessed) if guessed in kinds else None,
        placeholder="Choose what it is",
        key="kind",
    )


def ask_details(kind: str, settings: Settings, items: Path | None) -> Details:
    """What only a person knows about a file of this kind. Always asked: whether a roster is complete, what a wave promised."""
    if kind == "members":
        complete = st.radio(
            "Who is in this list?",
            ["Additions and changes", "Everybody: who is missing has left"],
            key="complete",
        )
        day = st.date_input("These facts hold from", value=settings.as_of or "today", key="effective")
        return Details(complete=complete != "Additions and changes", effective_on=_one(day))
    if kind in COVERING:
        st.markdown(":small[Days on which nothing happened count as zero only where an upload covers them.]")
        days = st.date_input("All that happened from … to … is in this file", value=[], key="covers")
        span = tuple(days) if isinstance(days, tuple) else ()
        return Details(covers=(span[0], span[1]) if len(span) == 2 else None)
    if kind == SURVEY:
        return _ask_wave(items)
    return Details()


def ask_upload(dropped: UploadedFile, kind: str, details: Details) -> Upload:
    """The upload that the page checks and takes in."""
    return Upload(path=keep_incoming(dropped), name=dropped.name, kind=kind, details=details, who=WHO)


def ask_items() -> Path | None:
    """The items file that says what the questions are, where the bank does not know them yet."""
    described = st.file_uploader(
        "Items file: what the questions are (not needed when they are known from an earlier wave)",
        type=["csv"],
        key="items",
    )
    return keep_incoming(described) if described is not None else None


def examine(upload: Upload) -> Checked | None:
    """A look at the file without storing anything; None, with the reason on the page, where it cannot be read."""
    try:
        return pipeline.examine(home(), upload)
    except HearthError as error:
        st.error(str(error))
        return None


def _ask_wave(items: Path | None) -> Details:
    left, right = st.columns(2)
    with left:
        label = st.text_input("Label of the wave", placeholder="2026 autumn", key="wave-label")
        opened = st.date_input("Opened on", value=None, key="wave-opened")
        closed = st.date_input("Closed on (empty while it is open)", value=None, key="wave-closed")
    with right:
        invited = st.number_input(
            "Invited (empty: the roster on the opening day)", min_value=1, value=None, key="wave-invited"
        )
        promise = st.selectbox(
            "Members were told that answers are", ["anonymous", "confidential", "named"], key="wave-promise"
        )
        instrument = st.text_input("Series of waves it belongs to", value="survey", key="wave-instrument")
    return Details(
        wave=label or None,
        opened=_one(opened),
        closed=_one(closed),
        invited=int(invited) if invited else None,
        promise=promise or "anonymous",
        instrument=instrument or "survey",
        items=items,
    )


def _one(day: object) -> date | None:
    return day if isinstance(day, date) else None

"""Uploads: files as they were dropped, kept beside the warehouse while the page looks at them and deleted when it is done."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

import pipeline
from data.errors import HearthError
from ingest.formats.format import Unmapped, Unsettled
from ingest.importer import Checked, Details, Upload
from ui.access import private_home

LOOKS, PREVIEWS = "looks", "previews"
WAVE_SAID = "wave-said-"  # and the name of the file: what somebody said of the wave that it is


@dataclass(frozen=True)
class Seen:
    """A file and what a look at it gave: what it would do, or why it cannot be taken as it is."""

    upload: Upload
    found: Checked | HearthError
    is_waiting: bool = False  # for what only a person can say of it, though it can be read

    @property
    def checked(self) -> Checked | None:
        return self.found if isinstance(self.found, Checked) else None

    @property
    def is_asking(self) -> bool:
        """Whether the file can be read as soon as somebody answers what it leaves open."""
        return isinstance(self.found, Unmapped | Unsettled)

    @property
    def is_known(self) -> bool:
        """Whether the same file was taken in before, so that there is nothing to do."""
        return self.checked is not None and self.checked.receipt.batch is not None

    @property
    def good(self) -> int:
        """How many rows of it could be taken."""
        return self.checked.receipt.rows - self.checked.receipt.rejected if self.checked else 0

    @property
    def is_ready(self) -> bool:
        """Whether at least its good rows can be taken."""
        if self.checked is None or self.is_known or self.is_waiting or not self.good:
            return False
        return not self.checked.problems or self.checked.receipt.rejected > 0


def keep_incoming(dropped: UploadedFile) -> Path:
    """The dropped bytes as a file only its owner can read; the same bytes give the same name."""
    folder = private_home() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = dropped.getvalue()
    file = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.upload"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(data)
    return file


def forget_incoming() -> None:
    """Delete every dropped file and what was seen in them; what is kept of an upload are its canonical rows."""
    folder = private_home() / "incoming"
    for file in folder.glob("*.upload") if folder.exists() else ():
        file.unlink(missing_ok=True)
    for kept in list(st.session_state):
        if kept in (LOOKS, PREVIEWS) or str(kept).startswith(WAVE_SAID):
            del st.session_state[kept]


def look(upload: Upload) -> Seen:
    """A look at a file without storing anything, made once for what was said about it."""
    looks = st.session_state.setdefault(LOOKS, {})
    key = _key_of(upload)
    if key not in looks:
        with st.spinner(f"Reading {upload.name}"):
            looks[key] = _examine(upload)
    return Seen(upload, looks[key])


def say_more(seen: Seen, kind: str | None = None, **said: Any) -> Seen:
    """Another look at a file, with more said about it."""
    details = Details.model_validate(seen.upload.details.model_dump() | said)
    return look(replace(seen.upload, kind=kind or seen.upload.kind, details=details))


def find_preview(uploads: Sequence[Upload], *, keep_good: bool) -> dict[str, list[dict[str, Any]]] | None:
    """What was worked out before of what these files would change; None where nothing was."""
    known: dict[str, dict[str, list[dict[str, Any]]]] = st.session_state.get(PREVIEWS, {})
    return known.get(_key_of_all(uploads, keep_good=keep_good))


def remember_preview(uploads: Sequence[Upload], changed: dict[str, list[dict[str, Any]]], *, keep_good: bool) -> None:
    st.session_state.setdefault(PREVIEWS, {})[_key_of_all(uploads, keep_good=keep_good)] = changed


def _examine(upload: Upload) -> Checked | HearthError:
    try:
        return pipeline.examine(private_home(), upload)
    except HearthError as error:
        return error


def _key_of(upload: Upload) -> str:
    return f"{upload.path.name} {upload.kind} {upload.details.model_dump_json()}"


def _key_of_all(uploads: Sequence[Upload], *, keep_good: bool) -> str:
    return json.dumps([sorted(_key_of(upload) for upload in uploads), keep_good])

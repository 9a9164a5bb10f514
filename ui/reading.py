"""Reading: the snapshot in force and page models made from it, each opened and made once for all sessions.

Models are kept by snapshot, role and filters; nobody changes them after they are made.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from data.access import AccessRole
from data.audit import Act
from data.deployment import NAMED_LISTS
from data.errors import Damaged, Refused
from data.store import choose_home
from metrics.snapshot import (
    Published,
    Role,
    Snapshot,
    checksum,
    current_id,
    list_snapshots,
    open_lists,
    published_folder,
)
from ui.access import note, visitor

Model = TypeVar("Model")

CHOSEN = "snapshot"
MODELS_KEPT = 200
SNAPSHOTS_KEPT = 6


def home() -> Path:
    """The data folder that this server shows."""
    return choose_home()


def role() -> Role:
    """Whose published file the visitor reads, decided anew each time. Raises Refused for one who is not let in."""
    found = visitor()
    if found.role is None:
        raise Refused(found.why or "You are not signed in.", fix="Sign in, or ask whoever looks after Hearth.")
    return Role.MANAGER if found.role.covers(AccessRole.MANAGER) else Role(found.role.value)


def snapshot() -> Snapshot:
    """The snapshot in force, or the older one that the visitor chose to see. Raises NothingPublished and Damaged."""
    chosen = st.session_state.get(CHOSEN)
    return _open(str(home()), chosen or current_id(home()), role())


def has_snapshot() -> bool:
    """Whether anything is published yet."""
    return (published_folder(home()) / "current").exists()


def older_snapshot() -> Published | None:
    """The older snapshot that the visitor chose to see; None for the one in force."""
    chosen = st.session_state.get(CHOSEN)
    if chosen is None:
        return None
    return next((kept for kept in list_snapshots(home()) if kept.id == chosen and not kept.current), None)


def show_older(name: str) -> None:
    """From now on this visitor sees a kept snapshot instead of the one in force."""
    st.session_state[CHOSEN] = name


def show_newest() -> None:
    """Back to the snapshot in force."""
    st.session_state.pop(CHOSEN, None)


def snapshot_named(name: str) -> Snapshot:
    """A kept snapshot, such as a pinned one. Raises Damaged where it is gone."""
    return snapshot_as(name, role())


def snapshot_as(name: str, as_role: Role) -> Snapshot:
    """A kept snapshot as a role sees it, for work that no visitor asked for, such as the warm-up."""
    return _open(str(home()), name, as_role)


def lists() -> Snapshot:
    """The managers' named lists of the snapshot that is shown: the only place where a page gets at them.

    Every view goes into the audit log first. Raises Refused for another role, and where this deployment does not carry the
    file, and NoRoom where the log cannot be written.
    """
    opened = _open_lists(str(home()), snapshot().id, role())
    note(Act.VIEW, snapshot=opened.id)
    return opened


def model(read: Callable[..., Model], *filters: Any) -> Model:
    """A page model for the snapshot in force and the filters, made by `read(snapshot, *filters)` once and kept."""
    return keep(snapshot(), read, *filters)


def keep(opened: Snapshot, read: Callable[..., Model], *filters: Any) -> Model:
    """A model of this snapshot, made once and kept for all sessions."""
    made: Model = _make(opened.id, opened.role, read.__qualname__, filters, _Call(opened, read))
    return made


class _Call:
    """What makes a model; never part of the key of a kept one."""

    def __init__(self, opened: Snapshot, read: Callable[..., Any]) -> None:
        self.opened, self.read = opened, read


@st.cache_resource(max_entries=SNAPSHOTS_KEPT, show_spinner=False)
def _open(folder: str, name: str, as_role: Role) -> Snapshot:
    published = published_folder(Path(folder)) / name
    return _as_written(
        published, Snapshot(published, as_role), f"The snapshot {name} does not match its checksum, so it is not shown."
    )


@st.cache_resource(max_entries=SNAPSHOTS_KEPT, show_spinner=False)
def _open_lists(folder: str, name: str, as_role: Role) -> Snapshot:
    published = published_folder(Path(folder)) / name
    if as_role is Role.MANAGER and not (published / f"{NAMED_LISTS}.duckdb").exists():
        raise Refused(
            "This dashboard carries no named lists.",
            fix="They stay where the community is managed, and are not handed to dashboards for viewers. Open Hearth there, or publish again.",
        )
    return _as_written(
        published,
        open_lists(Path(folder), as_role, snapshot=name),
        f"The named lists of the snapshot {name} do not match their checksum, so they are not shown.",
    )


def _as_written(published: Path, opened: Snapshot, otherwise: str) -> Snapshot:
    """What was opened, where it holds what was written; else it is closed and Damaged says `otherwise`."""
    if not _is_as_written(published, opened.file):
        opened.close()
        raise Damaged(otherwise, where=str(opened.file), fix="Publish again; nothing that was uploaded is lost.")
    return opened


def _is_as_written(published: Path, file: Path) -> bool:
    """Whether a published file holds what its manifest says; looked at once, when it is opened."""
    manifest = published / "manifest.json"
    if not manifest.exists():
        return False
    written = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    return bool(written.get(file.name) == checksum(file))


@st.cache_resource(max_entries=MODELS_KEPT, show_spinner=False)
def _make(name: str, as_role: Role, what: str, filters: tuple[Any, ...], _call: _Call) -> Any:
    return _call.read(_call.opened, *filters)

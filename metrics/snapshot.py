"""Snapshots: what was published, kept unchanged, and read by everything that shows a number.

A snapshot is a folder `published/<id>/` with one DuckDB file for each role and a manifest. The file
`published/current` names the one in force and is replaced in one step, so a reader sees the old
snapshot or the new one, never a mixture, and keeps the one it opened for as long as it likes.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from data.deployment import NAMED_LISTS
from data.errors import Damaged, NothingPublished, Refused
from data.store import connect_to_snapshot
from data.writing import replace_text
from metrics.metric import RESULT_COLUMNS

FORMAT = 1
DAILY_DAYS = 30
WEEKLY_DAYS = 365


class Role(StrEnum):
    """Who reads: each role has a published file of its own, with its own threshold."""

    MANAGER = "manager"
    LEADER = "leader"
    MEMBER = "member"


@dataclass(frozen=True)
class Published:
    """One kept snapshot, as listed by `hearth snapshots`."""

    id: str
    at: datetime
    as_of: date
    current: bool
    pinned: tuple[str, ...]
    files: dict[str, str]


class Snapshot:
    """One role's file of one snapshot, open for reading. Every query runs on a cursor of its own."""

    def __init__(self, folder: Path, role: Role, *, file_name: str = "") -> None:
        self.id = folder.name
        self.role = role
        self.file = folder / f"{file_name or role}.duckdb"
        if not self.file.exists():
            raise Damaged(
                f"The snapshot {self.id} has no file {self.file.stem} for the role {role}.",
                where=str(self.file),
                fix="Publish again; nothing that was uploaded is lost.",
            )
        self._connection = connect_to_snapshot(self.file)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """The rows of one fixed statement with bound parameters. Dates are ISO text or Timestamps, as the table has them."""
        try:
            return self._connection.cursor().execute(sql, list(parameters)).df()
        except duckdb.CatalogException as error:
            raise Damaged(
                f"The snapshot {self.id} was published by an older Hearth and lacks a table.",
                where=str(self.file),
                fix="Publish again; nothing that was uploaded is lost.",
            ) from error
        except duckdb.Error as error:
            raise Damaged(
                f"The file of snapshot {self.id} does not hold what was written to it.",
                where=str(self.file),
                fix="Publish again; nothing that was uploaded is lost.",
            ) from error

    def table(self, name: str) -> pd.DataFrame:
        """A whole table of the published file, in its stored order; see metrics/snapshot.sql for its columns."""
        return self.query(f'select * from "{name}"')

    def manifest(self) -> dict[str, str]:
        """Facts about the snapshot: id, format, role, as_of, published_at, community, zone, k and more."""
        rows = self.query("select name, value from manifest")
        return dict(zip(rows["name"], rows["value"], strict=True))

    def results(
        self,
        metric: str,
        *,
        grain: str | None = None,
        dimension: str | None = None,
        segment: str | None = None,
        breakdown: str | None = None,
    ) -> pd.DataFrame:
        """Rows of one metric in the columns of RESULT_COLUMNS, by grain, dimension, segment, breakdown and period."""
        wanted = {"grain": grain, "dimension": dimension, "segment": segment, "breakdown": breakdown}
        given = {name: value for name, value in wanted.items() if value is not None}
        conditions = "".join(f"\n  and {name} = ?" for name in given)
        return self.query(
            f"""select {", ".join(RESULT_COLUMNS)}
                from results
                where metric = ?{conditions}
                order by grain, dimension, segment, breakdown, period""",
            [metric, *given.values()],
        )

    def close(self) -> None:
        self._connection.close()


def open_snapshot(home: Path, role: Role, *, snapshot: str | None = None) -> Snapshot:
    """The snapshot in force, or the one named, as a role sees it. Raises NothingPublished before the first publish."""
    return Snapshot(published_folder(home) / (snapshot or current_id(home)), role)


def open_lists(home: Path, role: Role, *, snapshot: str | None = None) -> Snapshot:
    """The managers' named lists of a snapshot: people_lists, introductions, bridges, quiet_pairs.

    Raises Refused for another role, and Damaged where this deployment does not carry the file.
    """
    if role is not Role.MANAGER:
        raise Refused("Named lists are for managers only.", fix="Ask a manager of the community.")
    return Snapshot(published_folder(home) / (snapshot or current_id(home)), role, file_name=NAMED_LISTS)


def published_folder(home: Path) -> Path:
    return home / "published"


def current_id(home: Path) -> str:
    """The id of the snapshot in force. Raises NothingPublished where there is none."""
    pointer = published_folder(home) / "current"
    if not pointer.exists():
        raise NothingPublished(
            "Nothing is published yet.",
            fix="Import a file, or run `hearth demo` to look at an invented community.",
        )
    return pointer.read_text(encoding="ascii").strip()


def list_snapshots(home: Path) -> list[Published]:
    """All kept snapshots, newest first."""
    folder = published_folder(home)
    if not folder.exists():
        return []
    force = current_id(home) if (folder / "current").exists() else ""
    pins = read_pins(home)
    found = []
    for manifest in folder.glob("*/manifest.json"):
        facts = json.loads(manifest.read_text(encoding="utf-8"))
        name = manifest.parent.name
        found.append(
            Published(
                id=name,
                at=datetime.fromisoformat(facts["published_at"]),
                as_of=date.fromisoformat(facts["as_of"]),
                current=name == force,
                pinned=tuple(quarter for quarter, pinned in pins.items() if pinned == name),
                files={file.stem: str(file) for file in sorted(manifest.parent.glob("*.duckdb"))},
            )
        )
    return sorted(found, key=lambda snapshot: (snapshot.at, snapshot.id), reverse=True)


def compare_snapshots(
    home: Path, before: str, after: str, role: Role = Role.MANAGER
) -> dict[str, list[dict[str, Any]]]:
    """Which published numbers appeared, vanished and changed between two snapshots, by the columns of their key.

    Raises Refused for an id that is not kept.
    """
    kept = {snapshot.id for snapshot in list_snapshots(home)}
    for name in (before, after):
        if name not in kept:
            raise Refused(f"There is no snapshot {name}.", fix="`hearth snapshots` lists those that are kept.")
    return compare_published(published_folder(home) / before, published_folder(home) / after, role)


def compare_published(before: Path, after: Path, role: Role = Role.MANAGER) -> dict[str, list[dict[str, Any]]]:
    """The same for two folders of snapshots, which need not be of one home."""
    key = list(RESULT_COLUMNS[:6])
    old = _comparable(Snapshot(before, role), key)
    new = _comparable(Snapshot(after, role), key)
    both = old.merge(new, on=key, how="outer", suffixes=("_before", "_after"), indicator=True)
    differs = (
        (both["value_before"] != both["value_after"]) & both[["value_before", "value_after"]].notna().any(axis=1)
    ) | (both["status_before"] != both["status_after"])
    changed = both[(both["_merge"] == "both") & differs]
    return {
        "appeared": [_row(row, key, "after") for row in both[both["_merge"] == "right_only"].to_dict("records")],
        "vanished": [_row(row, key, "before") for row in both[both["_merge"] == "left_only"].to_dict("records")],
        "changed": [
            {name: row[name] for name in key} | {"before": _answer(row, "before"), "after": _answer(row, "after")}
            for row in changed.to_dict("records")
        ],
    }


def read_pins(home: Path) -> dict[str, str]:
    """Which snapshot each pinned quarter stands for: the quarter as leadership saw it."""
    file = published_folder(home) / "pins.json"
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def pin_quarter(home: Path, quarter: str) -> str:
    """Keep the snapshot in force for good as what was shown for `quarter`; returns its id.

    Raises Refused where the snapshot has no such quarter, or the quarter is not over in it.
    """
    name = current_id(home)
    snapshot = Snapshot(published_folder(home) / name, Role.MANAGER)
    try:
        rows = snapshot.query("select complete from periods where grain = 'quarter' and label = ?", [quarter])
    finally:
        snapshot.close()
    if rows.empty:
        raise Refused(f"The snapshot in force has no quarter {quarter}.", fix="Write it like 2026-Q3.")
    if not rows["complete"].iloc[0]:
        raise Refused(f"The quarter {quarter} is not over yet in this snapshot.", fix="Pin it when it has ended.")
    replace_text(published_folder(home) / "pins.json", json.dumps(read_pins(home) | {quarter: name}, indent=2))
    return name


def put_in_force(home: Path, name: str) -> None:
    """Make a written snapshot the one that pages show; one step, so no reader sees half of it."""
    replace_text(published_folder(home) / "current", name)


def discard_old(home: Path) -> None:
    """Keep the last snapshot of each day for 30 days, of each week for a year, and every pinned one.

    The one in force and the one before it stay too, so that what a publish changed can be said.
    """
    kept: set[tuple[str, object]] = set()
    now = datetime.now(UTC)
    for place, snapshot in enumerate(list_snapshots(home)):
        age = now - snapshot.at
        day = ("day", snapshot.at.date())
        week = ("week", snapshot.at.isocalendar()[:2])
        is_wanted = (
            snapshot.current
            or place <= 1
            or bool(snapshot.pinned)
            or (age < timedelta(days=DAILY_DAYS) and day not in kept)
            or (age < timedelta(days=WEEKLY_DAYS) and week not in kept)
        )
        kept |= {day, week}
        if not is_wanted:
            _remove(published_folder(home) / snapshot.id)


def discard_before(home: Path, moment: datetime | None) -> None:
    """Remove the snapshots from before somebody was erased, but those that are pinned or in force."""
    for snapshot in list_snapshots(home) if moment else ():
        if not (snapshot.current or snapshot.pinned) and moment is not None and snapshot.at < moment:
            _remove(published_folder(home) / snapshot.id)


def discard_unfinished(home: Path) -> None:
    """Remove what a publish left behind that did not come to its end. Only for a caller that holds the warehouse."""
    folder = published_folder(home)
    for left in folder.iterdir() if folder.exists() else ():
        if left.is_dir() and not (left / "manifest.json").exists():
            shutil.rmtree(left)


def checksum(file: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _remove(folder: Path) -> None:
    """Without its manifest a snapshot is no longer listed, so nobody meets half of one."""
    (folder / "manifest.json").unlink(missing_ok=True)
    shutil.rmtree(folder)


def _comparable(snapshot: Snapshot, key: list[str]) -> pd.DataFrame:
    try:
        return snapshot.query(f"select {', '.join(key)}, value, status from results")
    finally:
        snapshot.close()


def _row(row: dict[Any, Any], key: list[str], side: str) -> dict[str, Any]:
    return {name: row[name] for name in key} | {side: _answer(row, side)}


def _answer(row: dict[Any, Any], side: str) -> float | str | None:
    value = row[f"value_{side}"]
    return str(row[f"status_{side}"]) if pd.isna(value) else float(value)

"""The one place that joins ingest and metrics: a file is accepted, loaded and published, and what changed is said."""

import shutil
import tomllib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

import metrics.publish
from data.errors import Refused
from data.settings import Settings, read_settings
from data.store import warehouse
from ingest import batches
from ingest.importer import Checked, Details, Receipt, Upload
from ingest.ledger import list_batches
from metrics.snapshot import compare_snapshots, current_id, list_snapshots, published_folder

Progress = Callable[[str, float], None]

SAMPLE = Path(__file__).parent / "data" / "sample"


@dataclass(frozen=True)
class Outcome:
    """What an upload or an undo did: its receipts, the snapshot published after it, and which numbers changed."""

    receipts: tuple[Receipt, ...]
    snapshot: str | None = None
    changed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def take_in(
    home: Path,
    uploads: Sequence[Upload],
    *,
    keep_good: bool = False,
    as_of: date | None = None,
    publishing: bool = True,
    progress: Progress | None = None,
) -> Outcome:
    """Load files, each all or nothing, then publish once.

    With `keep_good` the good rows of a file with problems are loaded and the bad ones handed back.
    Raises RefusedRows (see `ingest.batches`) for the first file that cannot be taken; the files before it stay loaded,
    and nothing is published.
    """
    settings = read_settings(home)
    say = progress or _silence
    receipts = []
    for position, upload in enumerate(uploads):
        part = _part_of(say, position / (len(uploads) + 1), 1 / (len(uploads) + 1))
        with _open(home, upload.path) as connection:
            receipts.append(batches.take_in(connection, home, upload, settings, keep_good=keep_good, progress=part))
    return _publish_after(home, receipts, as_of, publishing, say)


def examine(home: Path, upload: Upload) -> Checked:
    """What a file holds, its problems and what it would change, without writing anything."""
    with _open(home, upload.path) as connection:
        return batches.check(connection, home, upload, read_settings(home))


def undo(home: Path, batch: int, *, as_of: date | None = None, progress: Progress | None = None) -> Outcome:
    """Take a batch back and publish. Values that it replaced return. Raises Refused for an unknown or undone batch."""
    with _open(home) as connection:
        receipt = batches.undo(connection, home, batch, read_settings(home))
    return _publish_after(home, [receipt], as_of, True, progress or _silence)


def redo(home: Path, batch: int, *, as_of: date | None = None, progress: Progress | None = None) -> Outcome:
    """Load an undone batch again from its kept copy and publish. Raises Refused for one that is not undone."""
    with _open(home) as connection:
        receipt = batches.redo(connection, home, batch, read_settings(home))
    return _publish_after(home, [receipt], as_of, True, progress or _silence)


def change_wave(
    home: Path,
    label: str,
    *,
    closed: date | None = None,
    invited: int | None = None,
    who: str = "command line",
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Close a survey wave or correct how many were invited, and publish. Raises Refused for an unknown wave."""
    with _open(home) as connection:
        receipt = batches.change_wave(connection, home, label, closed, invited, who, read_settings(home))
    return _publish_after(home, [receipt], as_of, True, progress or _silence)


def ledger(home: Path) -> list[dict[str, Any]]:
    """Every upload with its counts, newest first; empty for a new home."""
    if not (home / "warehouse.duckdb").exists():
        return []
    with _open(home) as connection:
        return list_batches(connection)


def publish(home: Path, *, as_of: date | None = None, progress: Progress | None = None) -> str:
    """Publish what the warehouse holds as of a day (today in the community's zone, unless the settings fix one)."""
    settings = read_settings(home)
    with _open(home) as connection:
        return metrics.publish.publish(connection, home, settings, as_of or choose_day(settings), progress)


def choose_day(settings: Settings) -> date:
    """The as-of day of a publish: the one the settings fix, else today in the community's zone."""
    return settings.as_of or datetime.now(ZoneInfo(settings.zone)).date()


def build_demo(home: Path, *, progress: Progress | None = None) -> str:
    """Fill an empty home with the invented community and publish it; returns the snapshot's id.

    A home that already holds the demo is left as it is. Raises Refused for one that holds anything else.
    """
    say = progress or _silence
    manifest = tomllib.loads((SAMPLE / "manifest.toml").read_text(encoding="utf-8"))
    settings_file = home / "settings.toml"
    if (home / "warehouse.duckdb").exists() or settings_file.exists():
        if read_settings(home).community == manifest["community"] and list_snapshots(home):
            return current_id(home)
        raise Refused(
            "This home already holds other data, so the demo community is not put into it.",
            where=str(home),
            fix="Choose an empty folder: --home FOLDER, or HEARTH_HOME.",
        )
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(SAMPLE / "settings.toml", settings_file)
    uploads = [
        Upload(
            path=SAMPLE / entry["file"],
            name=entry["file"],
            kind=entry["kind"],
            details=Details.model_validate(_with_items(entry.get("details", {}))),
            who="demo",
        )
        for entry in manifest["files"]
    ]
    outcome = take_in(home, uploads, progress=say)
    return outcome.snapshot or current_id(home)


def _with_items(details: dict[str, Any]) -> dict[str, Any]:
    return details | {"items": SAMPLE / details["items"]} if "items" in details else details


def _publish_after(
    home: Path, receipts: Sequence[Receipt], as_of: date | None, publishing: bool, say: Progress
) -> Outcome:
    if not publishing:
        return Outcome(tuple(receipts))
    before = current_id(home) if (published_folder(home) / "current").exists() else None
    after = publish(home, as_of=as_of, progress=_part_of(say, 0.5, 0.5))
    say("Done", 1.0)
    changed = compare_snapshots(home, before, after) if before and _is_kept(home, before) else {}
    return Outcome(tuple(receipts), after, changed)


def _is_kept(home: Path, name: str) -> bool:
    return any(snapshot.id == name for snapshot in list_snapshots(home))


def _open(home: Path, *files: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    return warehouse(home, reach=(published_folder(home), *files))


def _part_of(say: Progress, start: float, share: float) -> Progress:
    return lambda stage, done: say(stage, start + share * done)


def _silence(stage: str, done: float) -> None:
    """Nobody listens."""

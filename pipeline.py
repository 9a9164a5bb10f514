"""The one place that joins ingest and metrics: a file is accepted, loaded and published, and what changed is said."""

import logging
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

import metrics.comments
import metrics.publish
import metrics.shown_answers
from data import backups
from data.audit import Act, record
from data.backups import Backup
from data.errors import HearthError, Refused, Uncertain
from data.limits import saying_where_it_is_full
from data.mending import forget_aside
from data.settings import Settings, read_settings
from data.store import copy_database, warehouse
from data.writing import merge_lines
from ingest import batches, erasing, recovery
from ingest.about import About, describe_holdings
from ingest.erasing import Erased
from ingest.importer import Checked, Details, Receipt, Upload
from ingest.importers import MATCHES
from ingest.keeping import forget_old
from ingest.ledger import list_batches
from ingest.manifest import read_manifest, take_from_manifest
from ingest.matching import find_strangers, write_decisions
from ingest.receipts import merge_receipts
from ingest.recovery import Recovered
from ingest.tombstones import erased_names, merge_tombstones, read_tombstones
from ingest.unmatched import Unmatched, list_unmatched
from metrics.ledger import FILE as RELEASED
from metrics.snapshot import (
    compare_published,
    compare_snapshots,
    current_id,
    discard_before,
    discard_unfinished,
    list_snapshots,
    published_folder,
)

LOG = logging.getLogger(__name__)

Progress = Callable[[str, float], None]

SHELL = "command line"  # who acts, where nobody says so

# What loading and publishing read beside the warehouse.
SHOWN_BEFORE = (RELEASED, metrics.shown_answers.FILE, metrics.comments.FILE)
BESIDE_THE_WAREHOUSE = ("settings.toml", "salt", "erased.json", "profiles.jsonl", *SHOWN_BEFORE)
SAMPLE = Path(__file__).parent / "data" / "sample"


@dataclass(frozen=True)
class Outcome:
    """What an upload or an undo did: its receipts, the snapshot published after it, and which numbers changed."""

    receipts: tuple[Receipt, ...]
    snapshot: str | None = None
    changed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Restored:
    """What a restore did: the backup it took (None: kept copies alone), what was loaded after it, and the new snapshot."""

    backup: Backup | None
    recovered: Recovered
    snapshot: str | None


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
        receipt = _take_one(home, upload, settings, keep_good, part)
        act = Act.DECISION if receipt.kind == MATCHES.name else Act.IMPORT
        _note(home, upload.who, act, batch=receipt.batch, kind=receipt.kind, rows=receipt.rows, new=receipt.new)
        receipts.append(receipt)
    return _publish_after(home, receipts, as_of, publishing, say, uploads[0].who if uploads else SHELL)


def examine(home: Path, upload: Upload) -> Checked:
    """What a file holds, its problems and what it would change, without writing anything."""
    with _open(home, upload.path) as connection:
        return batches.check(connection, home, upload, read_settings(home))


def preview(
    home: Path, uploads: Sequence[Upload], *, keep_good: bool = False, progress: Progress | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Which published numbers files would change. They are loaded into a copy of the warehouse, which is published and thrown
    away; the warehouse itself is not written. Empty before the first publish, and for files that change nothing.

    Raises RefusedRows for the first file that could not be taken.
    """
    if not (published_folder(home) / "current").exists():
        return {}
    incoming = home / "incoming"
    incoming.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="preview-", dir=incoming) as name:
        beside = Path(name)
        with _open(home, beside) as connection:
            copy_database(connection, beside / "warehouse.duckdb")
        for file in (home / small for small in BESIDE_THE_WAREHOUSE):
            if file.exists():
                shutil.copy(file, beside / file.name)
        outcome = take_in(beside, uploads, keep_good=keep_good, progress=progress)
        if outcome.snapshot is None:
            return {}
        return compare_published(published_folder(home) / current_id(home), published_folder(beside) / outcome.snapshot)


def undo(
    home: Path, batch: int, *, who: str = SHELL, as_of: date | None = None, progress: Progress | None = None
) -> Outcome:
    """Take a batch back and publish. Values that it replaced return. Raises Refused for an unknown or undone batch."""
    receipt = _settled(home, lambda connection: batches.undo(connection, home, batch, read_settings(home)))
    _note(home, who, Act.UNDO, batch=batch)
    return _publish_after(home, [receipt], as_of, True, progress or _silence, who)


def redo(
    home: Path, batch: int, *, who: str = SHELL, as_of: date | None = None, progress: Progress | None = None
) -> Outcome:
    """Load an undone batch again from its kept copy and publish. Raises Refused for one that is not undone."""
    receipt = _settled(home, lambda connection: batches.redo(connection, home, batch, read_settings(home)))
    _note(home, who, Act.REDO, batch=batch)
    return _publish_after(home, [receipt], as_of, True, progress or _silence, who)


def change_wave(
    home: Path,
    label: str,
    *,
    closed: date | None = None,
    invited: int | None = None,
    who: str = SHELL,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Close a survey wave or correct how many were invited, and publish. Raises Refused for an unknown wave."""
    receipt = _settled(
        home, lambda connection: batches.change_wave(connection, home, label, closed, invited, who, read_settings(home))
    )
    _note(home, who, Act.WAVE, wave=label, closed=str(closed) if closed else None, invited=invited)
    return _publish_after(home, [receipt], as_of, True, progress or _silence, who)


def quarantine(
    home: Path, wave: str, item_id: str, text: str, *, who: str = SHELL, progress: Progress | None = None
) -> str:
    """Take a comment, as it is shown, out of what is published from now on, and publish; returns the snapshot's id.

    Raises NoRoom where the audit log cannot say who did it, and hides nothing then.
    """
    record(home, who, Act.QUARANTINE, wave=wave, question=item_id)
    with _open(home) as connection:
        metrics.comments.quarantine(connection, home, wave, item_id, text, erased_names(home))
    return publish(home, who=who, progress=progress)


def ledger(home: Path) -> list[dict[str, Any]]:
    """Every upload with its counts, newest first; empty for a new home."""
    if not (home / "warehouse.duckdb").exists():
        return []
    with _open(home) as connection:
        return list_batches(connection)


def list_waiting(home: Path) -> list[Unmatched]:
    """People whom uploads name and the roster does not know, with who they may be."""
    if not (home / "warehouse.duckdb").exists():
        return []
    with _open(home) as connection:
        return list_unmatched(connection)


def accept_certain(home: Path, *, who: str, progress: Progress | None = None) -> Outcome:
    """Decide for every id whose full name exactly one member has. Raises Refused where there is none."""
    certain = {one.id: one.certain.member_id for one in list_waiting(home) if one.certain}
    if not certain:
        raise Refused("No name in the queue is the full name of exactly one member.", fix="Decide one by one.")
    return decide(home, certain, who=who, progress=progress)


def decide(home: Path, chosen: Mapping[str, str | None], *, who: str, progress: Progress | None = None) -> Outcome:
    """Remember which member each id is (None: nobody's), as a batch that can be undone, and publish.

    Raises Refused for a member who is not on the roster.
    """
    with _open(home) as connection:
        unknown = find_strangers(connection, [member for member in chosen.values() if member])
    if unknown:
        raise Refused(f"{', '.join(unknown)} is not on the roster.", fix="Look for the member_id in the members file.")
    folder = home / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"decisions-{secrets.token_hex(4)}.csv"
    write_decisions(file, chosen, choose_day(read_settings(home)))
    try:
        return take_in(home, [Upload(file, "decisions", MATCHES.name, Details(), who)], progress=progress)
    finally:
        file.unlink(missing_ok=True)


def publish(home: Path, *, who: str = SHELL, as_of: date | None = None, progress: Progress | None = None) -> str:
    """Publish what the warehouse holds as of a day (today in the community's zone, unless the settings fix one).

    Raises Refused while a batch that was said to be saved is lost, because the numbers would lack it, and NoRoom for a
    full disk; the snapshot in force stays then.
    """
    settings = read_settings(home)
    lost = recover(home).lost
    if lost:
        raise Refused(lost[0].words, where=str(home), fix="Nothing is published until then.")
    with _open(home) as connection, saying_where_it_is_full("the snapshot could not be written", home):
        try:
            day = as_of or choose_day(settings)
            name = metrics.publish.publish(connection, home, settings, day, progress, erased_names(home))
        finally:
            discard_unfinished(home)
        forget_old(connection, home, settings.retention)
        forget_aside(home)
        discard_before(home, read_tombstones(home).newest)
    _note(home, who, Act.PUBLISH, snapshot=name)
    return name


def recover(home: Path) -> Recovered:
    """Put right what a crash, a lost log or an old backup left behind; every other function here does so first.

    Cheap where nothing is missing. `lost` names what cannot be had again, with what to do.
    """
    settings = read_settings(home)
    erasing.finish(home)
    with warehouse(home, reach=(published_folder(home),)) as connection:
        return recovery.recover(connection, home, settings)


def back_up(home: Path, folder: Path) -> Backup:
    """Write a verified backup into a new folder inside `folder`; see `data.backups`."""
    recover(home)
    made = backups.write_backup(home, folder)
    _note(home, SHELL, Act.BACKUP, backup=made.folder.name)
    return made


def restore(home: Path, folder: Path | None = None, *, as_of: date | None = None) -> Restored:
    """Put the newest whole backup of a folder back, then load what was saved after it again; without a folder, load everything
    from the kept copies of the home. Who was erased, before the backup or after it, stays erased.

    Raises Refused where there is no backup or it is of another home, Damaged where none is whole.
    """
    backup = None
    if folder is None:
        backups.set_warehouse_aside(home)
    else:
        backup = backups.choose_backup(folder)
        backups.require_same_home(home, backup)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        merge_tombstones(home, backup.folder / "erased.json")
        merge_receipts(home, backup.folder / "receipts.jsonl")
        for file in SHOWN_BEFORE:
            merge_lines(home / file, backup.folder / file)
        backups.put_back(home, backup)
        recovery.take_kept(home, backup.folder / "kept")
    recovered = recover(home)
    _note(home, SHELL, Act.RESTORE, backup=backup.folder.name if backup else "kept copies")
    held = bool(ledger(home)) and not recovered.lost
    return Restored(backup, recovered, publish(home, as_of=as_of) if held else None)


def erase(home: Path, *, member: str | None = None, respondent: str | None = None, who: str = SHELL) -> Erased:
    """Erase a member, or a respondent of surveys, from everything that the home holds, and publish, which removes the unpinned
    snapshots from before. Raises Refused for somebody who is not known."""
    recover(home)
    erased = erasing.erase_member(home, member) if member else erasing.erase_respondent(home, respondent or "")
    _note(home, who, Act.ERASE, of="a member" if member else "a respondent", rows=sum(erased.rows.values()))
    if list_snapshots(home):
        publish(home, who=who)
    return erased


def about(home: Path, member: str, *, who: str = SHELL) -> About:
    """Everything that is held on a member, with sources. Raises Refused for somebody who is not known, and NoRoom where the
    audit log cannot say that somebody looked."""
    record(home, who, Act.ABOUT)
    with _open(home) as connection:
        return describe_holdings(connection, home, member)


def choose_day(settings: Settings) -> date:
    """The as-of day of a publish: the one the settings fix, else today in the community's zone."""
    return settings.as_of or datetime.now(ZoneInfo(settings.zone)).date()


def build_demo(home: Path, *, progress: Progress | None = None) -> str:
    """Fill an empty home with the invented community and publish it; returns the snapshot's id.

    A home that already holds the demo is left as it is. Raises Refused for one that holds anything else.
    """
    say = progress or _silence
    settings_file = home / "settings.toml"
    if (home / "warehouse.duckdb").exists() or settings_file.exists():
        if read_settings(home).community == read_manifest(SAMPLE)["community"] and list_snapshots(home):
            return current_id(home)
        raise Refused(
            "This home already holds other data, so the demo community is not put into it.",
            where=str(home),
            fix="Choose an empty folder: --home FOLDER, or HEARTH_HOME.",
        )
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(SAMPLE / "settings.toml", settings_file)
    outcome = take_in(home, take_from_manifest(SAMPLE, "demo"), progress=say)
    return outcome.snapshot or current_id(home)


def _publish_after(
    home: Path, receipts: Sequence[Receipt], as_of: date | None, publishing: bool, say: Progress, who: str
) -> Outcome:
    if not publishing:
        return Outcome(tuple(receipts))
    before = current_id(home) if (published_folder(home) / "current").exists() else None
    after = publish(home, who=who, as_of=as_of, progress=_part_of(say, 0.5, 0.5))
    say("Done", 1.0)
    changed = compare_snapshots(home, before, after) if before and _is_kept(home, before) else {}
    return Outcome(tuple(receipts), after, changed)


def _is_kept(home: Path, name: str) -> bool:
    return any(snapshot.id == name for snapshot in list_snapshots(home))


def _take_one(home: Path, upload: Upload, settings: Settings, keep_good: bool, say: Progress) -> Receipt:
    return _settled(
        home,
        lambda connection: batches.take_in(connection, home, upload, settings, keep_good=keep_good, progress=say),
        upload.path,
    )


@contextmanager
def _open(home: Path, *files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, holding everything that was ever said to be saved and can be had."""
    erasing.finish(home)
    with warehouse(home, reach=(published_folder(home), *files)) as connection:
        recovery.recover(connection, home, read_settings(home))
        yield connection


def _settled(home: Path, change: Callable[[duckdb.DuckDBPyConnection], Receipt], *files: Path) -> Receipt:
    """The receipt of a change. Where its commit failed half way, the warehouse is opened once more to see whether it holds."""
    try:
        with _open(home, *files) as connection:
            receipt = change(connection)
    except Uncertain as error:
        with _open(home) as connection:
            receipt = batches.settle(connection, home, error)
    return replace(receipt, warnings=(*receipt.warnings, *(lost.words for lost in recover(home).lost)))


def _note(home: Path, who: str, act: Act, **facts: Any) -> None:
    """What was done is stored already, so a log that cannot be written is said in the server's own log and undoes nothing."""
    try:
        record(home, who, act, **{name: value for name, value in facts.items() if value is not None})
    except HearthError as error:
        LOG.error("%s is missing from the audit log: %s", act, error)


def _part_of(say: Progress, start: float, share: float) -> Progress:
    return lambda stage, done: say(stage, start + share * done)


def _silence(stage: str, done: float) -> None:
    """Nobody listens."""

"""Backups: a verified copy of everything in a home that cannot be made again, and putting it back.

A backup is a folder `hearth-<time>` with the warehouse (copied by the database, opened again and compared table by table),
the kept copies, receipts, settings, the salt, the list of erased people, the ledger of released figures, the audit log, who may see what, and
the pinned snapshots. It holds all that the
home holds about people, the secret salt included, and is as sensitive as the home.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path

import duckdb

from data.errors import Damaged, NoRoom, Refused
from data.holding import in_turn, locked
from data.limits import MEGABYTE, saying_where_it_is_full
from data.mending import set_aside
from data.store import copy_database, opened, summarise, warehouse
from data.writing import copy_file, flush

WAREHOUSE = "warehouse.duckdb"
DAILY = 7
WEEKLY = 4
LONGEST_DAYS = 30
_FORM = "hearth-%Y%m%dT%H%M%S%fZ"
_MADE_AGAIN = ("published", "incoming", "rejected", "proposed", "aside", "rewriting")
_NOT_DATA = (
    "secrets.toml",
    "audit.jsonl.lock",
    "access.toml.lock",
)  # how people sign in is no data, and a secret has no place in a copy
_MERGED = (
    "receipts.jsonl",
    "erased.json",
    "released.jsonl",
    "answers_shown.jsonl",
    "comments.jsonl",
)  # what a home and its backup each know a part of


@dataclass(frozen=True)
class Backup:
    """One backup: its folder and when it was made."""

    folder: Path
    at: datetime


def write_backup(home: Path, folder: Path) -> Backup:
    """Back a home up into a new folder inside `folder`, verify it, and remove backups whose term has ended.

    Imports wait meanwhile. Raises Refused where `folder` lies inside the home, NoRoom where the disk is too full, and
    Damaged where the copy does not equal the warehouse; there is no new backup then.
    """
    if folder.resolve().is_relative_to(home.resolve()):
        raise Refused("A backup inside the home is lost with it.", where=str(folder), fix="Choose another folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC)
    target = folder / now.strftime(_FORM)
    fresh = folder / f"{target.name}.tmp"
    _discard_unfinished(folder)
    try:
        with saying_where_it_is_full("the backup could not be written", folder):
            fresh.mkdir(mode=0o700)
            with warehouse(home, reach=(fresh,)) as connection:
                _require_room(home, folder)
                tables = _copy_warehouse(connection, fresh)
                files = _copy_files(home, fresh)
            _write_manifest(fresh, tables, files, now)
            verify_backup(Backup(fresh, now))
            fresh.rename(target)
            flush(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    discard_old(folder, now)
    return Backup(target, now)


def list_backups(folder: Path) -> list[Backup]:
    """The finished backups in a folder, newest first; a folder that is a backup itself is the only one."""
    if (folder / "manifest.json").exists() and (moment := _moment(folder)) is not None:
        return [Backup(folder, moment)]
    found = [
        Backup(inside, moment)
        for inside in (folder.iterdir() if folder.is_dir() else ())
        if (moment := _moment(inside)) is not None and (inside / "manifest.json").exists()
    ]
    return sorted(found, key=lambda backup: backup.at, reverse=True)


def verify_backup(backup: Backup) -> None:
    """Raises Damaged where a file or a table of a backup is not what was written."""
    manifest = json.loads((backup.folder / "manifest.json").read_text(encoding="utf-8"))
    for name, sha256 in manifest["files"].items():
        file = backup.folder / name
        if not file.exists() or _checksum(file) != sha256:
            raise _unequal(backup, name)
    with opened(backup.folder / WAREHOUSE, read_only=True) as connection:
        if {table: list(facts) for table, facts in summarise(connection).items()} != manifest["tables"]:
            raise _unequal(backup, WAREHOUSE)


def choose_backup(folder: Path) -> Backup:
    """The newest backup of a folder that is whole. Raises Refused where there is none, Damaged where none is whole."""
    backups = list_backups(folder)
    if not backups:
        raise Refused(
            "There is no backup here.", where=str(folder), fix="Name the folder that `hearth backup` was given."
        )
    for backup in backups:
        try:
            verify_backup(backup)
        except Damaged as error:
            first = error
        else:
            return backup
    raise first


def require_same_home(home: Path, backup: Backup) -> None:
    """Raises Refused where a backup is of another home: its secret salt tells."""
    salts = [file.read_bytes() for file in (home / "salt", backup.folder / "salt") if file.exists()]
    if len(set(salts)) > 1:
        raise Refused(
            "This backup is of another home.",
            where=str(backup.folder),
            fix="Restore it into an empty folder: --home DIR.",
        )


def put_back(home: Path, backup: Backup) -> None:
    """Put the warehouse of a backup in place of that of the home, which is moved aside first, and add files that the home
    lacks. What both know a part of (receipts, erased people) and kept copies are for the caller to merge."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    taken = (WAREHOUSE, "manifest.json", *_MERGED)
    for name in _files_of(backup.folder):
        if str(name) not in taken and name.parts[0] != "kept" and not (home / name).exists():
            copy_file(backup.folder / name, home / name)
    with saying_where_it_is_full("the backup could not be put back", home):
        set_warehouse_aside(home)
        copy_file(backup.folder / WAREHOUSE, home / WAREHOUSE)


def set_warehouse_aside(home: Path) -> None:
    """Move the warehouse and its log into the folder `aside`, with nobody else near them."""
    file = home / WAREHOUSE
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with in_turn(str(file)), locked(file, alone=True):
        for path in (file, Path(f"{file}.wal")):
            if path.exists():
                set_aside(path, moving=True)


def discard_old(folder: Path, now: datetime) -> None:
    """Keep the newest backup of each of the last 7 days and of each of the last 4 weeks that have one, none older than
    30 days, and always the newest: an erased person is in no backup after that."""
    days: list[object] = []
    weeks: list[object] = []
    for place, backup in enumerate(list_backups(folder)):
        day, week = backup.at.date(), backup.at.isocalendar()[:2]
        is_daily = day not in days and len(days) < DAILY
        is_weekly = week not in weeks and len(weeks) < WEEKLY
        days += [day] if is_daily else []
        weeks += [week] if is_weekly else []
        is_young = now - backup.at <= timedelta(days=LONGEST_DAYS)
        if place and not (is_young and (is_daily or is_weekly)):
            # First out of the list: a removal that is cut short leaves half a backup.
            shutil.rmtree(backup.folder.rename(backup.folder.with_name(f"{backup.folder.name}.tmp")))


def _copy_warehouse(connection: duckdb.DuckDBPyConnection, fresh: Path) -> dict[str, tuple[int, int]]:
    copy = fresh / WAREHOUSE
    copy_database(connection, copy)
    copy.chmod(0o600)
    flush(copy)
    return summarise(connection)


def _copy_files(home: Path, fresh: Path) -> dict[str, str]:
    """Copy all that cannot be made again; returns the sha256 of each file by its name."""
    names = [name for name in _files_of(home) if name.parts[0] not in _MADE_AGAIN and _is_wanted(name)]
    for name in [*names, *_pinned(home)]:
        copy_file(home / name, fresh / name)
    return {str(name): _checksum(fresh / name) for name in _files_of(fresh)}


def _is_wanted(name: Path) -> bool:
    return not name.name.startswith((WAREHOUSE, ".new-")) and name.name not in _NOT_DATA


def _pinned(home: Path) -> Iterator[Path]:
    """The snapshots that stand for a quarter as it was shown, and what says which."""
    pins = Path("published") / "pins.json"
    if not (home / pins).exists():
        return
    yield pins
    for snapshot in sorted(set(json.loads((home / pins).read_text(encoding="utf-8")).values())):
        for file in sorted((home / "published" / snapshot).glob("*")):
            yield file.relative_to(home)


def _files_of(folder: Path) -> Sequence[Path]:
    return sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())


def _write_manifest(folder: Path, tables: dict[str, tuple[int, int]], files: dict[str, str], now: datetime) -> None:
    file = folder / "manifest.json"
    facts = {"at": now.isoformat(), "duckdb": duckdb.__version__, "tables": tables, "files": files}
    file.write_text(json.dumps(facts, indent=2), encoding="utf-8")
    file.chmod(0o600)
    flush(file)
    for inside in sorted(path for path in folder.rglob("*") if path.is_dir()):
        flush(inside)
    flush(folder)


def _require_room(home: Path, folder: Path) -> None:
    needed = sum((home / name).stat().st_size for name in _files_of(home) if name.parts[0] not in _MADE_AGAIN)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(
            f"The disk has {free / MEGABYTE:,.1f} MB left, and the backup needs up to {needed / MEGABYTE:,.1f} MB.",
            where=str(folder),
            fix="Free some space, or choose another disk; no older backup was touched.",
        )


def _discard_unfinished(folder: Path) -> None:
    for left in folder.glob("hearth-*.tmp"):
        shutil.rmtree(left)


def _moment(folder: Path) -> datetime | None:
    try:
        return datetime.strptime(folder.name, _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def _checksum(file: Path) -> str:
    with file.open("rb") as handle:
        return file_digest(handle, "sha256").hexdigest()


def _unequal(backup: Backup, name: str) -> Damaged:
    return Damaged(
        f"The file {name} of this backup is not what was written.",
        where=str(backup.folder),
        fix="Use another backup; `hearth restore` takes the newest that is whole.",
    )

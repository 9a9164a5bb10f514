"""Mending: what is done when the warehouse does not open, or a query finds that a file is not what was written.

A write-ahead log can be torn by a power cut: its last entries are half there. DuckDB then refuses to open and says at
which byte it stopped. The log is copied aside first, cut at that byte and read again: every change that was
acknowledged lies before it. What is lost all the same (a log that is gone, or damaged in the middle) is found by
`ingest.recovery`, which compares the receipts with the ledger.
"""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from data.errors import Damaged, HearthError
from data.limits import is_full, is_out_of_memory, no_room
from data.writing import flush

ASIDE = "aside"
ASIDE_DAYS = 30
RESTORE = (
    "Restore the newest backup with `hearth restore DIR`; without one, `hearth restore` builds the warehouse again "
    "from the kept copies of your uploads."
)
_TORN = re.compile(r"Corrupt WAL file: entry at byte position (\d+)")
_IS_HELD = ("could not set lock", "conflicting lock", "already opened by another process")
_IS_DAMAGED = ("corrupt", "checksum", "could not read enough bytes", "not a valid duckdb database")


def is_held(error: duckdb.Error) -> bool:
    """Whether another process holds the file."""
    return any(sign in str(error).lower() for sign in _IS_HELD)


def mend_log(file: Path, error: duckdb.Error) -> bool:
    """Cut the write-ahead log of `file` where `error` says it is torn, after copying it aside; whether there was one to mend.

    A log that cannot be read at any place is emptied, so that the database opens as it was at its last checkpoint.
    Only for a caller that holds the file alone.
    """
    log = Path(f"{file}.wal")
    if "WAL" not in str(error) or not log.exists() or not log.stat().st_size:
        return False
    set_aside(log)
    torn = _TORN.search(str(error))
    with log.open("r+b") as handle:
        handle.truncate(min(int(torn[1]), log.stat().st_size - 1) if torn else 0)
    flush(log)
    return True


def set_aside(path: Path, *, moving: bool = False) -> Path:
    """Copy, or move, a file into the folder `aside` of its home, on disk when this returns; returns where it lies."""
    folder = path.parent / ASIDE
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{path.name}"
    if moving:
        path.rename(copy)
    else:
        shutil.copyfile(path, copy)
    copy.chmod(0o600)
    flush(copy)
    flush(folder)
    return copy


def forget_aside(home: Path, *, older_than: timedelta = timedelta(days=ASIDE_DAYS)) -> None:
    """Remove what was put aside long ago: nobody has asked for it."""
    folder = home / ASIDE
    before = datetime.now(UTC).timestamp() - older_than.total_seconds()
    for file in folder.iterdir() if folder.exists() else ():
        if file.stat().st_mtime <= before:
            file.unlink()


def clear_spill(file: Path) -> None:
    """Remove what a killed process had spilled to disk. Only for a caller that holds the file alone."""
    spill = Path(f"{file}.tmp")
    if spill.exists():
        shutil.rmtree(spill, ignore_errors=True)


def explain(error: BaseException, file: str) -> HearthError | None:
    """The words for an error that a person can act on: no room, or a damaged file. None for any other."""
    if is_full(error):
        return no_room("the change could not be written", file)
    if is_out_of_memory(error):
        full = no_room("this needs more memory, and more room to spill to, than it may use", file)
        full.fix = "Free memory and disk, or raise limits.memory_mb in settings.toml; what was saved before is safe."
        return full
    if isinstance(error, (duckdb.FatalException, duckdb.InternalException)) or (
        isinstance(error, duckdb.Error) and any(sign in str(error).lower() for sign in _IS_DAMAGED)
    ):
        return damaged(file)
    return None


def damaged(file: str, what: str = "The file does not hold what was written to it.") -> Damaged:
    """The error of a database that is not what was written, with what to do about it."""
    fix = RESTORE if Path(file).name == "warehouse.duckdb" else "Publish again, or restore it from a backup."
    return Damaged(what, where=file, fix=fix)

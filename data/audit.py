"""The audit log: `audit.jsonl` of a home, one line an act: who, when, what, and no row about a person.

Lines are only ever added. Each holds the checksum of the one before it, so a line that was changed or taken out shows; that
the last lines were cut off does not, which is why the log is worth copying to another machine.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from data.errors import NoRoom
from data.holding import locked

FILE = "audit.jsonl"
_START = "0" * 64


class Act(StrEnum):
    """What the log knows of."""

    IMPORT = "import"
    UNDO = "undo"
    REDO = "redo"
    PUBLISH = "publish"
    WAVE = "wave change"
    QUARANTINE = "comment hidden"
    DECISION = "decision about people"
    ROLE = "role change"
    SETTING = "setting change"
    ERASE = "erase"
    ABOUT = "looked up a person"
    EXPORT = "export"
    VIEW = "view of a named list"
    BACKUP = "backup"
    RESTORE = "restore"
    PIN = "pin"


@dataclass(frozen=True)
class Entry:
    """One line of the log. `facts` holds counts and names of files, batches, waves and snapshots, never of members."""

    at: datetime
    who: str
    act: str
    facts: dict[str, Any] = field(default_factory=dict)


def record(home: Path, who: str, act: Act, **facts: Any) -> None:
    """Add a line to the log and put it on disk. Raises NoRoom where it cannot be written."""
    file = home / FILE
    entry = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "who": who, "act": str(act), "facts": facts}
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(file, alone=True):
            line = json.dumps({**entry, "after": _checksum(_last_line(file))}, ensure_ascii=False)
            handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, f"{line}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)
    except OSError as error:
        raise NoRoom(
            "The audit log cannot be written.", where=str(file), fix="Free some space or mend the rights of the home."
        ) from error


def read_audit(home: Path, newest: int | None = None) -> list[Entry]:
    """The entries, newest first; the last `newest` of them. A line that is no entry is shown as what it is."""
    lines = _lines(home / FILE)
    return [_read(line) for line in (lines if newest is None else lines[-newest:])][::-1]


def find_tampering(home: Path) -> int | None:
    """The number of the first line that does not follow the one before it; None where all do."""
    before = b""
    for number, line in enumerate(_lines(home / FILE), start=1):
        try:
            after = json.loads(line)["after"]
        except (ValueError, KeyError, TypeError):
            return number
        if after != _checksum(before):
            return number
        before = line
    return None


def _lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines() if file.exists() else []


def _last_line(file: Path) -> bytes:
    """The last line without reading the whole log; a power cut may have left it half, which then shows as tampering."""
    if not file.exists():
        return b""
    with file.open("rb") as handle:
        size = handle.seek(0, os.SEEK_END)
        length = 4096
        while True:
            handle.seek(max(0, size - length))
            lines = handle.read().splitlines()
            if len(lines) > 1 or length >= size:
                return lines[-1] if lines else b""
            length *= 4


def _checksum(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest() if line else _START


def _read(line: bytes) -> Entry:
    try:
        row = json.loads(line)
        return Entry(datetime.fromisoformat(row["at"]), row["who"], row["act"], row["facts"])
    except (ValueError, KeyError, TypeError):
        return Entry(datetime.fromtimestamp(0, UTC), "", "unreadable line", {"bytes": len(line)})

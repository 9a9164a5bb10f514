"""Receipts: one line on disk for every change that was said to be saved, so that a warehouse that lost one is found out.

A line holds the whole row of the ledger, from which `ingest.recovery` loads the batch again, and ends with a checksum of
itself: a line that was torn or damaged is passed over, never believed. Lines of an older Hearth have neither.
"""

import json
import os
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.writing import replace_file

TURNS = ("undo", "redo")
_SUM = b', "sum": "'


@dataclass(frozen=True)
class Told:
    """What the receipts last said about a batch. `row` is its row of the ledger; None where an older Hearth wrote them."""

    batch: int
    turns: int
    undone: bool
    row: dict[str, Any] | None


@dataclass(frozen=True)
class Receipts:
    """All that was ever said to be saved, by batch, and the lines that cannot be read (counted from 1)."""

    told: dict[int, Told]
    unreadable: tuple[int, ...] = ()

    @property
    def newest(self) -> int:
        """The highest batch number that was ever given out; 0 before the first."""
        return max(self.told, default=0)


def receipts_file(home: Path) -> Path:
    """Where the receipts of a home lie."""
    return home / "receipts.jsonl"


def append_receipt(home: Path, what: str, batch: int, row: dict[str, Any] | None) -> None:
    """Add one line and put it on disk: what happened (import, wave, undo, redo, recovered) and the ledger's row after it,
    None where nobody knows it any more.

    Half a line, left by a full disk or a power cut, is never continued.
    """
    receipt = {"what": what, "batch": batch, "at": datetime.now(UTC).isoformat(), "row": row}
    with receipts_file(home).open("a+b") as handle:
        size = handle.seek(0, os.SEEK_END)
        if size:
            handle.seek(size - 1)
        whole = not size or handle.read(1) == b"\n"
        try:
            handle.write(("" if whole else "\n").encode() + _line(receipt))
            handle.flush()
            os.fsync(handle.fileno())
        except OSError:
            handle.truncate(size)
            raise
    receipts_file(home).chmod(0o600)


def read_receipts(home: Path) -> Receipts:
    """What the receipts say of each batch. A line that is not what was written is named, and not believed."""
    file = receipts_file(home)
    if not file.exists():
        return Receipts({})
    facts = file.stat()
    return _read(file, facts.st_ino, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=4)
def _read(file: Path, *facts: int) -> Receipts:
    """Read once for a file that has not changed: every opening of a home asks, most of them several times."""
    told: dict[int, Told] = {}
    unreadable = []
    for place, line in enumerate(file.read_bytes().splitlines(), start=1):
        receipt = _parse(line)
        if receipt is None:
            unreadable.append(place)
            continue
        batch, row = int(receipt["batch"]), receipt.get("row")
        before = told.get(batch)
        if row is None:
            turned = (before.turns if before else 0) + (receipt["what"] in TURNS)
            now = Told(batch, turned, receipt["what"] == "undo", before.row if before else None)
        else:
            now = Told(batch, int(row.get("turns") or 0), row["undone_at"] is not None, row)
        if before is None or now.turns >= before.turns:
            told[batch] = now
    return Receipts(told, tuple(unreadable))


def rewrite_receipts(home: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Write every line anew through `change`; lines that cannot be read are left out."""
    file = receipts_file(home)
    if file.exists():
        _write(file, [_line(change(receipt)) for receipt in _read_lines(file)])


def merge_receipts(home: Path, other: Path) -> None:
    """Add the lines of another file that this home does not have, before its own: those are older.

    A line is known by what it says of which batch and when, because an erasure may have changed its words.
    """
    file = receipts_file(home)
    own = _read_lines(file)
    known = {(receipt["what"], receipt["batch"], receipt.get("at")) for receipt in own}
    more = [line for line in _read_lines(other) if (line["what"], line["batch"], line.get("at")) not in known]
    if more:
        _write(file, (_line(receipt) for receipt in (*more, *own)))


def _read_lines(file: Path) -> list[dict[str, Any]]:
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [receipt for line in lines if (receipt := _parse(line)) is not None]


def _write(file: Path, lines: Iterable[bytes]) -> None:
    content = b"".join(lines)

    def write(fresh: Path) -> None:
        fresh.write_bytes(content)

    replace_file(file, write)


def _line(receipt: dict[str, Any]) -> bytes:
    body = json.dumps(receipt, default=str).encode()
    return body[:-1] + _SUM + _sum(body) + b'"}\n'


def _parse(line: bytes) -> dict[str, Any] | None:
    head, stated, tail = line.rpartition(_SUM)
    body = head + b"}" if stated else line
    if stated and tail != _sum(body) + b'"}':
        return None
    try:
        receipt = json.loads(body)
    except ValueError:
        return None
    if not isinstance(receipt, dict) or not isinstance(receipt.get("batch"), int) or "what" not in receipt:
        return None
    return receipt if stated or "row" not in receipt else None  # an older Hearth wrote neither row nor sum


def _sum(body: bytes) -> bytes:
    return f"{zlib.crc32(body):08x}".encode()

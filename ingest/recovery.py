"""Recovery: what was said to be saved is there, or is loaded again from its kept copy, or is named with what to do.

A write-ahead log that was lost, or an old backup put in place by hand, opens without a word and is simply older. The
receipts know better. They are compared with the ledger each time a home is opened; where nothing is missing that costs
a query and the reading of one small file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from data.errors import HearthError
from data.limits import is_full
from data.settings import Settings
from data.store import transaction
from data.writing import copy_file
from ingest import folding, ledger
from ingest.keeping import checksum, forget_rows, kept_file, list_kept
from ingest.receipts import Receipts, Told, append_receipt, read_receipts


@dataclass(frozen=True)
class Lost:
    """A batch that was said to be saved and cannot be had again: which file it was, and why."""

    batch: int
    file: str
    why: str

    @property
    def words(self) -> str:
        """What a person reads, with what to do."""
        return (
            f"Batch {self.batch} ({self.file}) was saved, is no longer in the warehouse and cannot be loaded again: "
            f"{self.why} Upload the file again, restore a backup, or accept the loss with `hearth undo {self.batch}`."
        )


@dataclass(frozen=True)
class Recovered:
    """What opening a home put right: batches loaded again, undos and redos done again, copies that belonged to nothing."""

    replayed: tuple[int, ...] = ()
    turned: tuple[int, ...] = ()
    orphans: tuple[int, ...] = ()
    lost: tuple[Lost, ...] = ()


def recover(connection: duckdb.DuckDBPyConnection, home: Path, settings: Settings) -> Recovered:
    """Bring the warehouse to what the receipts say, each batch in a transaction of its own, and the receipts to what it holds."""
    receipts = read_receipts(home)
    states = ledger.read_states(connection)
    done: dict[bool, list[int]] = {True: [], False: []}
    lost = []
    for batch, told in sorted(receipts.told.items()):
        state = states.get(batch)
        if _is_right(state, told):
            continue
        why = _why_not(told, state) or _replay(connection, home, told, settings)
        if not why:
            done[state is None].append(batch)
        elif not _is_there_again(connection, told):
            lost.append(Lost(batch, str((told.row or {}).get("file", "?")), why))
    _complete_receipts(connection, home, receipts, states, (*done[True], *done[False]))
    orphans = _remove_orphans(home, receipts, states)
    return Recovered(tuple(done[True]), tuple(done[False]), orphans, tuple(lost))


def give_up(connection: duckdb.DuckDBPyConnection, home: Path, batch: int) -> bool:
    """Accept that a lost batch stays lost: it counts as undone from now on. False where there was no such batch."""
    told = read_receipts(home).told.get(batch)
    if told is None:
        return False
    if told.row is None:
        append_receipt(home, "undo", batch, None)
        return True
    with transaction(connection):
        ledger.write_row(connection, told.row)
        ledger.mark(connection, batch, undone=True)
    append_receipt(home, "undo", batch, ledger.read_row(connection, batch))
    return True


def next_batch(connection: duckdb.DuckDBPyConnection, home: Path) -> int:
    """A number that no batch ever had, neither in the ledger nor in a receipt, so that two uploads are never mixed up."""
    return max(ledger.next_batch(connection), read_receipts(home).newest + 1)


def take_kept(home: Path, folder: Path) -> tuple[int, ...]:
    """Take over the kept copies of a backup that the home lacks or has damaged; returns their batches."""
    told = read_receipts(home).told
    taken = []
    for copy in sorted(folder.glob("*.parquet")):
        batch = int(copy.stem)
        own, row = kept_file(home, batch), told[batch].row if batch in told else None
        is_right = own.exists() and (row is None or row.get("kept_sha256") in (None, checksum(own)))
        if not is_right:
            copy_file(copy, own)
            taken.append(batch)
    return tuple(taken)


def _is_right(state: tuple[str, int] | None, told: Told) -> bool:
    """Whether the ledger holds what a receipt says, or more. A lost batch of an older Hearth may have been given up."""
    if state is None:
        return told.row is None and told.undone
    fingerprint, turns = state
    return told.row is None or (told.row["fingerprint"] == fingerprint and told.turns <= turns)


def _why_not(told: Told, state: tuple[str, int] | None) -> str:
    if told.row is None:
        return "its receipt is of an older Hearth and does not say how."
    if state is not None and told.row["fingerprint"] != state[0]:
        return "another upload has its number."
    return ""


def _replay(connection: duckdb.DuckDBPyConnection, home: Path, told: Told, settings: Settings) -> str:
    """Bring one batch to what its receipt says; returns why that is not possible, else nothing."""
    is_new = ledger.find_state(connection, told.batch) is None
    try:
        with transaction(connection):
            ledger.write_row(connection, told.row or {})
            batch = ledger.read_batch(connection, told.batch)
            if not is_new:
                folding.take_back(connection, home, batch, settings)
            elif not batch.undone:
                folding.put_in_place(connection, home, batch, settings)
    except HearthError as error:
        return str(error)
    return ""


def _is_there_again(connection: duckdb.DuckDBPyConnection, told: Told) -> bool:
    """Whether somebody has uploaded the same file again since."""
    return told.row is not None and ledger.find_same(connection, told.row["fingerprint"]) not in (None, told.batch)


def _complete_receipts(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    receipts: Receipts,
    states: dict[int, tuple[str, int]],
    recovered: tuple[int, ...],
) -> None:
    """Write the receipts that a kill or a full disk left unwritten, and those of what was recovered."""
    for batch, (_, turns) in sorted(states.items()):
        told = receipts.told.get(batch)
        if told is not None and told.row is not None and told.turns >= turns:
            continue
        row = ledger.read_row(connection, batch)
        turned = "redo" if row["undone_at"] is None else "undo"
        if not _append(home, "import" if told is None or told.row is None else turned, row):
            return
    for batch in recovered:
        if not _append(home, "recovered", ledger.read_row(connection, batch)):
            return


def _append(home: Path, what: str, row: dict[str, Any]) -> bool:
    """Whether there was room for a receipt; those that are missing are written when there is room again."""
    try:
        append_receipt(home, what, row["batch"], row)
    except OSError as error:
        if not is_full(error):
            raise
        return False
    return True


def _remove_orphans(home: Path, receipts: Receipts, states: dict[int, tuple[str, int]]) -> tuple[int, ...]:
    """Remove the kept copies of uploads that were never stored. Without any receipt and batch nothing can be judged."""
    orphans = [batch for batch, _ in list_kept(home) if batch not in states and batch not in receipts.told]
    if not receipts.told and not states:
        return ()
    for batch in orphans:
        forget_rows(home, batch)
    return tuple(orphans)

"""Storing: a batch with its ledger row in one transaction, read again before anybody is told that it is saved."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from data.errors import HearthError, NoRoom, Uncertain
from data.limits import is_full, saying_where_it_is_full
from data.settings import Settings
from data.store import transaction
from ingest import folding, ledger
from ingest.importer import Counts, Receipt
from ingest.keeping import forget_rows
from ingest.ledger import Batch
from ingest.receipts import append_receipt
from ingest.staging import Staged


def store_batch(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    batch: Batch,
    staged: Staged,
    receipt: Receipt,
    settings: Settings,
) -> Receipt:
    """Load the kept copy of a batch with its ledger row in one transaction; on any error neither is there."""
    is_whole = False
    try:
        with storing(home, batch.batch, undone=False), transaction(connection):
            ledger.write_batch(connection, batch, rows=receipt.rows, rejected=receipt.rejected)
            loaded = folding.load_batch(connection, home, batch, settings)
            receipt = count_rows(replace(receipt, batch=batch.batch), loaded, staged)
            ledger.write_counts(connection, receipt, choose_days(connection, batch, staged, loaded))
            is_whole = True
    except BaseException as error:
        # A commit that was begun may have been done: then `ingest.recovery` removes the copy, if it belongs to nothing.
        if not is_whole or isinstance(error, NoRoom):
            forget_rows(home, batch.batch)
        raise
    return with_warning(receipt, confirm(connection, home, batch.batch, "import"))


def choose_days(
    connection: duckdb.DuckDBPyConnection, batch: Batch, staged: Staged, loaded: folding.Loaded
) -> tuple[date | None, date | None]:
    """The days a batch covers. The report of one event covers those since the report before it."""
    first, last = loaded.covers
    is_report = staged.opened.reading is not None and staged.opened.reading.is_one_event
    if not is_report or batch.details.covers or first is None or last is None:
        return loaded.covers
    before = ledger.find_last_covered(connection, batch.kind, batch.source, first)
    return (before + timedelta(days=1) if before else first), last


def count_rows(receipt: Receipt, loaded: folding.Loaded, staged: Staged) -> Receipt:
    """The receipt with what loading did; a row that a file says twice changed nothing the second time."""
    counts = loaded.counts + Counts(unchanged=staged.repeats)
    return replace(
        receipt, new=counts.new, changed=counts.changed, unchanged=counts.unchanged, unmatched=loaded.unmatched
    )


@contextmanager
def storing(home: Path, batch: int, *, undone: bool) -> Iterator[None]:
    """Around a transaction: a full disk has its words, and a commit that may have been done says of which batch."""
    try:
        with saying_where_it_is_full("the rows could not be stored", home):
            yield
    except Uncertain as error:
        error.batch, error.undone = batch, undone
        raise


def confirm(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, what: str) -> str:
    """Read a batch again with a fresh cursor, so that "saved" means saved, and put its receipt on disk.

    Returns a warning where the disk had no room for the receipt: it is written when the warehouse is next opened.
    """
    cursor = connection.cursor()
    try:
        found = ledger.find_state(cursor, batch)
        row = ledger.read_row(cursor, batch) if found is not None else {}
    finally:
        cursor.close()
    if found is None or found != (what == "undo"):
        raise HearthError(f"Batch {batch} was not stored.", fix="Upload the file again.")
    try:
        append_receipt(home, what, batch, row)
    except OSError as error:
        if not is_full(error):
            raise
        return "The disk is full: this was stored, but free some space before you go on."
    return ""


def with_warning(receipt: Receipt, words: str) -> Receipt:
    return replace(receipt, warnings=(*receipt.warnings, words)) if words else receipt

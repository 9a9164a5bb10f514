"""Batches: a file is taken in whole or not at all, and can be taken back.

The kept copy is on disk before the transaction that stores the rows with their ledger row begins, and "saved" is said only
after the ledger row was read again. Loading, undo and redo read the same kept copies.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from data.errors import HearthError, Refused
from data.settings import Settings
from data.store import transaction
from ingest import folding, ledger, survey, waves
from ingest.handing_back import hand_back
from ingest.importer import Checked, Counts, Details, Receipt, RefusedRows, Upload
from ingest.importers import EVENTS, SURVEY, WAVE
from ingest.items import write_items
from ingest.keeping import append_receipt, forget_rows, keep_rows
from ingest.keys import read_salt
from ingest.ledger import Batch
from ingest.staging import Staged, stage_upload

Progress = Callable[[str, float], None]


def check(connection: duckdb.DuckDBPyConnection, home: Path, upload: Upload, settings: Settings) -> Checked:
    """What a file holds, its problems, and how many rows would be new, changed or unchanged; the warehouse stays as it is.

    For a survey the items file that it would need is written into the home.

    Raises BadFile for a file that cannot be read, Refused for a kind that does not exist.
    """
    staged = stage_upload(connection, upload, settings)
    receipt = staged.receipt
    if staged.proposed:
        receipt = replace(receipt, items_file=_propose(home, upload, staged))
    can_be_counted = receipt.kind != SURVEY or upload.details.wave is not None
    if not staged.is_known and not receipt.problems and can_be_counted:
        rows = _choose_rows(connection, home, upload, staged)
        batch = _batch(connection, staged, upload, settings)
        connection.execute("begin transaction")
        try:
            ledger.write_batch(connection, batch, rows=receipt.rows, rejected=0)
            receipt = _count(receipt, folding.load_rows(connection, rows, batch, settings), staged)
        finally:
            connection.execute("rollback")
    return Checked(receipt, staged.columns, staged.proposed)


def take_in(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    upload: Upload,
    settings: Settings,
    *,
    keep_good: bool = False,
    progress: Progress | None = None,
) -> Receipt:
    """Load one file: checked, kept, then stored with its ledger row in one transaction.

    The same bytes with the same kind and details as a batch not undone change nothing. With `keep_good` rows with
    problems are left out and written to a file with their reasons; else they raise RefusedRows. Raises BadFile for a
    file that cannot be read, Refused for a kind that does not exist or a survey without its wave.
    """
    say = progress or _say_nothing
    say(f"Reading {upload.name}", 0.0)
    staged = stage_upload(connection, upload, settings)
    receipt = staged.receipt
    if staged.is_known:
        return receipt
    if receipt.problems and not (keep_good and all(problem.line and problem.line > 1 for problem in receipt.problems)):
        raise RefusedRows(receipt)
    if receipt.rejected == receipt.rows:
        raise RefusedRows(receipt)
    say(f"Keeping a copy of {upload.name}", 0.4)
    batch = _batch(connection, staged, upload, settings)
    rows = _choose_rows(connection, home, upload, staged)
    if receipt.rejected:
        receipt = replace(receipt, bad_rows=hand_back(connection, home, receipt, staged.columns))
    keep_rows(connection, home, batch.batch, rows)
    connection.execute("drop table staged")  # the kept copy has it all; a large file would stay in memory twice
    say(f"Storing {upload.name}", 0.6)
    try:
        with transaction(connection):
            ledger.write_batch(connection, batch, rows=receipt.rows, rejected=receipt.rejected)
            loaded = folding.load_batch(connection, home, batch, settings)
            receipt = _count(replace(receipt, batch=batch.batch), loaded, staged)
            ledger.write_counts(connection, receipt, loaded.covers)
    except BaseException:
        forget_rows(home, batch.batch)
        raise
    _confirm(connection, home, batch.batch, "import")
    say(f"Stored {upload.name}", 1.0)
    return receipt


def undo(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, settings: Settings) -> Receipt:
    """Take a batch back: the values it replaced return. Raises Refused for one that does not exist, is undone already, or
    needs a kept copy that is gone."""
    found = ledger.read_batch(connection, batch)
    if found.undone:
        raise Refused(f"Batch {batch} is undone already.", fix=f"`hearth redo {batch}` loads it again.")
    return _turn(connection, home, found, settings, undone=True)


def redo(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, settings: Settings) -> Receipt:
    """Load an undone batch again, in its old place in the order. Raises Refused for one that is not undone."""
    found = ledger.read_batch(connection, batch)
    if not found.undone:
        raise Refused(f"Batch {batch} is not undone.", fix="Nothing needs to be done.")
    return _turn(connection, home, found, settings, undone=False)


def change_wave(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    label: str,
    closed: date | None,
    invited: int | None,
    who: str,
    settings: Settings,
) -> Receipt:
    """Close a wave or correct how many were invited; a batch without rows. Raises Refused for an unknown wave."""
    known = [name for (name,) in connection.execute("select wave from waves order by opened_on").fetchall()]
    if label not in known:
        raise Refused(f"There is no wave {label}.", fix=f"Known waves: {', '.join(known) or 'none yet'}.")
    if closed is None and invited is None:
        raise Refused("Nothing to change.", fix="Say --closed DAY or --invited NUMBER.")
    details = Details(wave=label, closed=closed, invited=invited)
    batch = Batch(
        ledger.next_batch(connection), WAVE, "canonical", label, "", "", who, _today(settings), "canonical", label,
        details, [], (), undone=False,
    )  # fmt: skip
    with transaction(connection):
        ledger.write_batch(connection, batch, rows=0, rejected=0)
        waves.change_details(connection, details)
    _confirm(connection, home, batch.batch, "wave")
    return ledger.read_receipt(connection, batch.batch)


def _turn(
    connection: duckdb.DuckDBPyConnection, home: Path, batch: Batch, settings: Settings, *, undone: bool
) -> Receipt:
    with transaction(connection):
        ledger.mark(connection, batch.batch, undone=undone)
        folding.take_back(connection, home, batch, settings)
    _confirm(connection, home, batch.batch, "undo" if undone else "redo")
    receipt = ledger.read_receipt(connection, batch.batch)
    lost = folding.count_lost_events(connection) if undone and batch.kind in EVENTS else 0
    if lost:
        words = (
            f"{lost} attendances are of events that no file describes any more; they count in no number until one does."
        )
        return replace(receipt, warnings=(words,))
    return receipt


def _choose_rows(connection: duckdb.DuckDBPyConnection, home: Path, upload: Upload, staged: Staged) -> str:
    """The table or view of what may be kept of a file: of a survey only what is left when ids are keys and names are gone."""
    if staged.receipt.kind != SURVEY:
        return "canonical"
    survey.keep_survey(connection, "staged", staged.items, upload.details, read_salt(home), staged.dimensions)
    return "kept_rows"


def _propose(home: Path, upload: Upload, staged: Staged) -> Path:
    """Write the items file that a survey without one would need, to be looked at and passed back."""
    folder = home / "proposed"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{Path(upload.name).stem}-items.csv"
    write_items(staged.proposed, file)
    return file


def _batch(connection: duckdb.DuckDBPyConnection, staged: Staged, upload: Upload, settings: Settings) -> Batch:
    """The ledger's entry for a file that is about to be stored."""
    details = upload.details
    return Batch(
        batch=ledger.next_batch(connection),
        kind=staged.receipt.kind,
        format=staged.receipt.format,
        file=upload.name,
        sha256=staged.receipt.sha256,
        fingerprint=staged.fingerprint,
        who=upload.who,
        effective_on=details.effective_on or _today(settings),
        source=details.source or staged.receipt.format,
        wave=details.wave,
        details=details.model_copy(update={"items": None}),
        items=[item.model_dump(mode="json") for item in staged.items],
        columns=staged.kept_columns,
        undone=False,
    )


def _count(receipt: Receipt, loaded: folding.Loaded, staged: Staged) -> Receipt:
    """The receipt with what loading did; a row that a file says twice changed nothing the second time."""
    counts = loaded.counts + Counts(unchanged=staged.repeats)
    return replace(
        receipt, new=counts.new, changed=counts.changed, unchanged=counts.unchanged, unmatched=loaded.unmatched
    )


def _confirm(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, what: str) -> None:
    """Read a batch again with a fresh cursor, so that "saved" means saved, and put its receipt on disk."""
    cursor = connection.cursor()
    try:
        found = ledger.find_state(cursor, batch)
    finally:
        cursor.close()
    if found is None or found != (what == "undo"):
        raise HearthError(f"Batch {batch} was not stored.", fix="Upload the file again.")
    append_receipt(home, {"what": what, "batch": batch, "at": datetime.now(ZoneInfo("UTC")).isoformat()})


def _today(settings: Settings) -> date:
    return settings.as_of or datetime.now(ZoneInfo(settings.zone)).date()


def _say_nothing(stage: str, done: float) -> None:
    """Nobody listens."""

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

from data.errors import Refused, Uncertain
from data.limits import no_room, require_room
from data.salt import read_salt
from data.settings import Settings
from data.store import transaction
from ingest import companions, folding, ledger, recovery, survey, waves
from ingest.handing_back import hand_back
from ingest.importer import Checked, Details, Receipt, RefusedRows, Upload
from ingest.importers import EVENTS, IDENTITIES, SURVEY, WAVE, find_importer
from ingest.items import write_items
from ingest.keeping import keep_rows
from ingest.ledger import Batch
from ingest.profiles import save_profile
from ingest.reading import drop_text
from ingest.staging import Staged, stage_upload
from ingest.storing import choose_days, confirm, count_rows, store_batch, storing, with_warning
from ingest.tombstones import forget_respondents, leave_out_erased

Progress = Callable[[str, float], None]


def check(connection: duckdb.DuckDBPyConnection, home: Path, upload: Upload, settings: Settings) -> Checked:
    """What a file holds, its problems, and how many rows would be new, changed or unchanged; the warehouse stays as it is.

    For a survey the items file that it would need is written into the home.

    Raises BadFile for a file that cannot be read, Refused for a kind that does not exist.
    """
    staged = stage_upload(connection, home, upload, settings)
    receipt = staged.receipt
    if staged.proposed:
        receipt = replace(receipt, items_file=_propose(home, upload, staged))
    days: tuple[date | None, date | None] = (None, None)
    can_be_counted = receipt.kind != SURVEY or upload.details.wave is not None
    if not staged.is_known and not receipt.problems and can_be_counted:
        rows, warnings = _choose_rows(connection, home, staged)
        receipt = replace(receipt, warnings=(*receipt.warnings, *warnings))
        connection.execute("begin transaction")
        try:
            _try_directory(connection, home, staged, upload, settings)
            batch = _batch(connection, home, staged, upload, settings)
            ledger.write_batch(connection, batch, rows=receipt.rows, rejected=0)
            loaded = folding.load_rows(connection, rows, batch, settings)
            receipt = count_rows(receipt, loaded, staged)
            days = choose_days(connection, batch, staged, loaded)
        finally:
            connection.execute("rollback")
    if receipt.kind == SURVEY and not staged.is_known:
        days = survey.find_days(connection)
    header = staged.opened.reading.header if staged.opened.reading else ()
    return Checked(receipt, staged.columns, staged.proposed, staged.opened.details, days, header)


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
    file that cannot be read, Refused for a kind that does not exist or a survey without its wave, NoRoom for a disk that is
    too full, and Uncertain where only opening the warehouse again (`settle`) tells whether the batch was stored.
    """
    say = progress or _say_nothing
    if upload.path.is_file():
        require_room(home, upload.path)
    say(f"Reading {upload.name}", 0.0)
    staged = stage_upload(connection, home, upload, settings)
    receipt = staged.receipt
    if staged.is_known:
        return receipt
    if receipt.problems and not (keep_good and all(problem.line and problem.line > 1 for problem in receipt.problems)):
        raise RefusedRows(receipt)
    if receipt.rejected == receipt.rows:
        raise RefusedRows(receipt)
    say(f"Keeping a copy of {upload.name}", 0.4)
    rows, warnings = _choose_rows(connection, home, staged)
    receipt = replace(receipt, warnings=(*receipt.warnings, *warnings))
    if receipt.rejected:
        receipt = replace(receipt, bad_rows=hand_back(connection, home, receipt, staged.columns))
    _store_directory(connection, home, staged, upload, settings)
    batch = _batch(connection, home, staged, upload, settings)
    batch = replace(batch, kept_sha256=keep_rows(connection, home, batch.batch, rows))
    drop_text(connection)  # the kept copy has it all
    say(f"Storing {upload.name}", 0.6)
    receipt = store_batch(connection, home, batch, staged, receipt, settings)
    if staged.opened.reading is not None:
        save_profile(home, receipt.format, staged.opened.reading.header, receipt.kind, staged.opened.details)
    say(f"Stored {upload.name}", 1.0)
    return receipt


def undo(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, settings: Settings) -> Receipt:
    """Take a batch back: the values it replaced return. Raises Refused for one that does not exist, is undone already, or
    needs a kept copy that is gone."""
    if ledger.find_state(connection, batch) is None and recovery.give_up(connection, home, batch):
        return Receipt("?", "?", "canonical", "utf-8", "", batch)
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
        recovery.next_batch(connection, home), WAVE, "canonical", label, "", "", who, _today(settings), "canonical",
        label, details, [], (), undone=False,
    )  # fmt: skip
    with storing(home, batch.batch, undone=False), transaction(connection):
        ledger.write_batch(connection, batch, rows=0, rejected=0)
        waves.change_details(connection, details)
    warning = confirm(connection, home, batch.batch, "wave")
    return with_warning(ledger.read_receipt(connection, batch.batch), warning)


def settle(connection: duckdb.DuckDBPyConnection, home: Path, error: Uncertain) -> Receipt:
    """The receipt of a change that failed at its commit, when the warehouse was opened again and holds it after all.

    Raises NoRoom where it does not: nothing was changed then.
    """
    if error.batch is None or ledger.find_state(connection, error.batch) != error.undone:
        raise no_room("the change could not be stored", str(home)) from error
    words = "The disk is full: this was stored, but free some space before you go on."
    return with_warning(ledger.read_receipt(connection, error.batch), words)


def _turn(
    connection: duckdb.DuckDBPyConnection, home: Path, batch: Batch, settings: Settings, *, undone: bool
) -> Receipt:
    with storing(home, batch.batch, undone=undone), transaction(connection):
        ledger.mark(connection, batch.batch, undone=undone)
        folding.take_back(connection, home, batch, settings)
    warning = confirm(connection, home, batch.batch, "undo" if undone else "redo")
    receipt = with_warning(ledger.read_receipt(connection, batch.batch), warning)
    lost = folding.count_lost_events(connection) if undone and batch.kind in EVENTS else 0
    if lost:
        words = (
            f"{lost} attendances are of events that no file describes any more; they count in no number until one does."
        )
        return with_warning(receipt, words)
    return receipt


def _store_directory(
    connection: duckdb.DuckDBPyConnection, home: Path, staged: Staged, upload: Upload, settings: Settings
) -> None:
    """The directory of an export as a batch of its own, before the batch whose rows it explains."""
    batch = _directory(connection, home, staged, upload, settings)
    if batch is None:
        return
    kept, _ = leave_out_erased(connection, home, IDENTITIES, companions.COLUMNS, companions.ROWS)
    batch = replace(batch, kept_sha256=keep_rows(connection, home, batch.batch, kept))
    rows = replace(staged, repeats=0)
    store_batch(connection, home, batch, rows, Receipt(upload.name, batch.kind, batch.format, "", "", None), settings)


def _try_directory(
    connection: duckdb.DuckDBPyConnection, home: Path, staged: Staged, upload: Upload, settings: Settings
) -> None:
    """Load the directory of an export inside the caller's transaction, for a look only."""
    batch = _directory(connection, home, staged, upload, settings)
    if batch is not None:
        ledger.write_batch(connection, batch, rows=0, rejected=0)
        folding.load_rows(connection, companions.ROWS, batch, settings)


def _directory(
    connection: duckdb.DuckDBPyConnection, home: Path, staged: Staged, upload: Upload, settings: Settings
) -> Batch | None:
    """The ledger's entry for the directory of an export; None where it has none, or it is there already."""
    fingerprint = companions.fingerprint_of(staged.fingerprint)
    if ledger.find_same(connection, fingerprint) or not companions.lay_directory(connection, staged.opened):
        return None
    main = _batch(connection, home, staged, upload, settings)
    return replace(
        main, kind=IDENTITIES.name, fingerprint=fingerprint, details=Details(), items=[], columns=companions.COLUMNS
    )


def _choose_rows(connection: duckdb.DuckDBPyConnection, home: Path, staged: Staged) -> tuple[str, tuple[str, ...]]:
    """The table or view of what may be kept of a file, and a warning where people who were erased are left out of it.

    Of a survey that is only what is left when ids are keys and names are gone.
    """
    if staged.receipt.kind == SURVEY:
        survey.keep_survey(
            connection, "staged", staged.items, staged.opened.details, read_salt(home), staged.dimensions
        )
        rows = "kept_rows"
        gone = forget_respondents(connection, home, named=staged.opened.details.promise == "named")
    else:
        importer = find_importer(staged.receipt.kind)
        rows, gone = leave_out_erased(connection, home, importer, staged.kept_columns, "canonical")
    return rows, (f"{gone} rows are about people who were erased; they were left out.",) if gone else ()


def _propose(home: Path, upload: Upload, staged: Staged) -> Path:
    """Write the items file that a survey without one would need, to be looked at and passed back."""
    folder = home / "proposed"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{Path(upload.name).stem}-items.csv"
    write_items(staged.proposed, file)
    return file


def _batch(
    connection: duckdb.DuckDBPyConnection, home: Path, staged: Staged, upload: Upload, settings: Settings
) -> Batch:
    """The ledger's entry for a file that is about to be stored."""
    details = staged.opened.details
    return Batch(
        batch=recovery.next_batch(connection, home),
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


def _today(settings: Settings) -> date:
    return settings.as_of or datetime.now(ZoneInfo(settings.zone)).date()


def _say_nothing(stage: str, done: float) -> None:
    """Nobody listens."""

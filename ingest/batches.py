"""Batches: a file is taken in whole or not at all, and can be taken back.

The value of a key is that of the newest batch not undone. Undo therefore removes the keys of a batch and
loads them again from the kept copies of the batches that remain; the roster and survey waves, whose
state depends on the order of files, are loaded again as a whole.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from data.errors import BadFile, HearthError, Refused
from data.settings import Settings
from data.store import transaction
from ingest import folding, ledger, survey
from ingest.checking import MOST_WORDED, check_columns, find_bad_rows, word_problems
from ingest.importer import Checked, Counts, Importer, Problem, Receipt, RefusedRows, Upload
from ingest.importers import KINDS, SURVEY, WAVE, find_importer, recognise
from ingest.keeping import append_receipt, keep_rows, kept_file, read_kept
from ingest.keys import read_salt
from ingest.members import check_dimensions
from ingest.reading import Text, name_columns, open_text, stage_text

Progress = Callable[[str, float], None]


def check(connection: duckdb.DuckDBPyConnection, home: Path, upload: Upload, settings: Settings) -> Checked:
    """What a file holds, its problems, and what it would change; nothing is stored."""
    with tempfile.TemporaryDirectory() as scratch:
        checked, _ = _stage_and_check(connection, home, upload, settings, Path(scratch))
    return checked


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

    The same bytes with the same details as a batch not undone change nothing. With `keep_good` rows with
    problems are left out and written to a file with their reasons. Raises RefusedRows otherwise, BadFile for a file
    that cannot be read, and Refused where a survey lacks its details.
    """
    say = progress or (lambda stage, share: None)
    say(f"Reading {upload.name}", 0.1)
    with tempfile.TemporaryDirectory() as scratch:
        checked, staged = _stage_and_check(connection, home, upload, settings, Path(scratch))
        receipt = checked.receipt
        if staged is None:
            return receipt
        if receipt.problems and not (keep_good and receipt.rejected):
            raise RefusedRows(receipt)
        if receipt.rejected:
            receipt = replace(receipt, bad_rows=_hand_back(connection, home, upload, receipt))
        say(f"Keeping a copy of {upload.name}", 0.5)
        batch = ledger.next_batch(connection)
        connection.execute("create or replace temp table good as select * from staged anti join bad_lines using (line)")
        rows = "good"
        if receipt.kind == SURVEY:
            survey.keep_survey(connection, "good", staged["items"], upload.details, read_salt(home), staged["dimensions"])
            rows = "kept_rows"
        keep_rows(connection, home, batch, rows)
        say(f"Storing {upload.name}", 0.7)
        return _store(connection, home, upload, settings, receipt, staged, batch)


def undo(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, settings: Settings) -> Receipt:
    """Take a batch back. Raises Refused for one that does not exist, is undone already, or whose kept copies are gone."""
    found = ledger.read_batch(connection, batch)
    if found.undone:
        raise Refused(f"Batch {batch} is undone already.", fix=f"`hearth redo {batch}` loads it again.")
    with transaction(connection):
        ledger.mark(connection, batch, undone=True)
        folding.take_back(connection, home, found, settings)
    return _receipt_of(connection, home, batch, "undo")


def redo(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, settings: Settings) -> Receipt:
    """Load an undone batch again, in its old place in the order. Raises Refused for one that is not undone."""
    found = ledger.read_batch(connection, batch)
    if not found.undone:
        raise Refused(f"Batch {batch} is not undone.", fix="Nothing needs to be done.")
    with transaction(connection):
        ledger.mark(connection, batch, undone=False)
        folding.take_back(connection, home, found, settings)
    return _receipt_of(connection, home, batch, "redo")


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
    batch = ledger.next_batch(connection)
    details = {"wave": label, "closed": closed.isoformat() if closed else None, "invited": invited}
    with transaction(connection):
        ledger.write_batch(
            connection,
            _batch_row(batch, WAVE, label, "", "", who, _today(settings), "", label, details, [], (), Counts(), 0, 0),
        )
        folding.replay_wave(connection, home, label, settings)
    return _receipt_of(connection, home, batch, "wave")


def _stage_and_check(
    connection: duckdb.DuckDBPyConnection, home: Path, upload: Upload, settings: Settings, scratch: Path
) -> tuple[Checked, dict[str, Any] | None]:
    """Stage the file and find its problems. The second value is None where nothing is to be loaded."""
    text = _open(connection, upload, scratch)
    columns, kind = _settle(text, upload, settings)
    fingerprint = _fingerprint(text.sha256, kind, upload)
    receipt = Receipt(upload.name, kind, "canonical", text.encoding, text.sha256, None)
    same = ledger.find_same(connection, fingerprint)
    if same is not None:
        words = f"The same file was taken in as batch {same}; nothing was changed."
        return Checked(replace(receipt, batch=same, warnings=(words,)), tuple(columns)), None
    problems = stage_text(connection, text, columns, "staged")
    lost = len(problems)
    staged: dict[str, Any] = {"columns": tuple(columns), "fingerprint": fingerprint, "items": [], "dimensions": ()}
    proposed: tuple[Any, ...] = ()
    warnings: tuple[str, ...] = ()
    if kind == SURVEY:
        read = survey.read_questions(connection, "staged", columns, upload.details, settings)
        staged |= {"items": read.items, "dimensions": read.dimensions}
        proposed, warnings = read.proposed, read.warnings
        problems += read.problems
        if not read.problems:
            problems += survey.check_survey(connection, "staged", read.items, upload.details, settings)
    else:
        importer = _importer(kind)
        dimensions = _dimensions(importer, columns, upload, settings)
        staged["dimensions"] = dimensions
        found = check_columns(importer, columns, dimensions)
        problems += found
        connection.execute("create or replace temp table bad_lines (line bigint)")
        if not found:
            if find_bad_rows(connection, importer, columns, "staged"):
                problems += word_problems(connection, importer, columns, "staged")
            if importer.is_open:
                problems += check_dimensions(connection, "staged", dimensions, _confirmed(upload, settings))
            problems += _check_events(connection, importer, columns)
    counted = connection.execute("select count(*), (select count(distinct line) from bad_lines) from staged").fetchone()
    rows, bad = counted or (0, 0)
    if not rows and not problems:
        raise BadFile("The file has a header and no rows.", where=upload.name, fix="Export it again with its rows.")
    receipt = replace(
        receipt, rows=rows + lost, rejected=bad + lost, problems=tuple(problems[:MOST_WORDED]), warnings=warnings
    )
    return Checked(receipt, tuple(columns), proposed), staged


def _open(connection: duckdb.DuckDBPyConnection, upload: Upload, scratch: Path) -> Text:
    if not upload.path.exists():
        raise BadFile("There is no such file.", where=str(upload.path), fix="Check the name.")
    return open_text(upload.path, upload.name, scratch)


def _settle(text: Text, upload: Upload, settings: Settings) -> tuple[list[str], str]:
    """The canonical column names and the kind of a file."""
    kind = upload.kind
    if kind is not None and kind not in KINDS:
        raise Refused(f'There is no kind "{kind}".', where=upload.name, fix=f"Kinds: {', '.join(KINDS)}.")
    if kind is None:
        every = {column for name in KINDS if (found := find_importer(name)) for column in found.columns}
        kind = recognise(name_columns(text.header, sorted(every), upload.name))
        if upload.details.wave is not None:
            kind = SURVEY
    if kind is None:
        raise BadFile(
            f"The columns {', '.join(text.header[:8])} are those of no file that Hearth knows.",
            where=f"{upload.name}, line 1",
            fix=f"Say what it is with --as: {', '.join(KINDS)}; or compare it with a template.",
        )
    importer = find_importer(kind)
    known = importer.columns if importer else ("respondent_id", "submitted_at", *settings.dimensions)
    return name_columns(text.header, known, upload.name), kind


def _importer(kind: str) -> Importer:
    importer = find_importer(kind)
    if importer is None:
        raise Refused(f'There is no kind "{kind}".', fix=f"Kinds: {', '.join(KINDS)}.")
    return importer


def _confirmed(upload: Upload, settings: Settings) -> tuple[str, ...]:
    return (*settings.dimensions, *(upload.details.dimensions or ()))


def _dimensions(importer: Importer, columns: list[str], upload: Upload, settings: Settings) -> tuple[str, ...]:
    if not importer.is_open:
        return ()
    return tuple(column for column in columns if column not in importer.columns)


def _check_events(connection: duckdb.DuckDBPyConnection, importer: Importer, columns: list[str]) -> list[Problem]:
    """Attendance of an event that nobody has described: it has no day, so it cannot be counted."""
    if importer.name != "attendance":
        return []
    makes = "and starts_at is null" if "starts_at" in columns else ""
    found = connection.execute(
        f"""select line, event_id
            from staged
            where event_id not in (select event_id from events)
              {makes}
              and line not in (select line from bad_lines)
            order by line"""
    ).fetchall()
    if not found:
        return []
    connection.executemany("insert into bad_lines values (?)", [[line] for line, _ in found])
    return [
        Problem(line, "event_id", f'The event "{event}" is not known.', "Upload the events first, or add the column starts_at.")
        for line, event in found[:MOST_WORDED]
    ]


def _store(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    upload: Upload,
    settings: Settings,
    receipt: Receipt,
    staged: dict[str, Any],
    batch: int,
) -> Receipt:
    effective = upload.details.effective_on or _today(settings)
    try:
        with transaction(connection):
            ledger.write_batch(
                connection,
                _batch_row(
                    batch, receipt.kind, upload.name, receipt.sha256, staged["fingerprint"], upload.who, effective,
                    upload.details.source or "canonical", upload.details.wave,
                    upload.details.model_dump(mode="json", exclude={"items"}),
                    [item.model_dump(mode="json") for item in staged["items"]], staged["columns"], Counts(),
                    receipt.rows, receipt.rejected,
                ),
            )  # fmt: skip
            loaded = folding.load_batch(connection, home, ledger.read_batch(connection, batch), settings)
            connection.execute(
                """update batches
                   set new = ?, changed = ?, unchanged = ?, unmatched = ?, covers_from = ?, covers_to = ?
                   where batch = ?""",
                [loaded.counts.new, loaded.counts.changed, loaded.counts.unchanged, loaded.unmatched, *loaded.covers, batch],
            )
    except BaseException:
        kept_file(home, batch).unlink(missing_ok=True)
        raise
    return replace(_receipt_of(connection, home, batch, "import"), **_said(receipt))


def _said(receipt: Receipt) -> dict[str, Any]:
    return {
        "encoding": receipt.encoding,
        "problems": receipt.problems,
        "warnings": receipt.warnings,
        "bad_rows": receipt.bad_rows,
    }


def _receipt_of(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, what: str) -> Receipt:
    """The receipt of a batch, read again from the store so that "saved" means saved, and put on disk."""
    row = (
        connection.cursor()
        .execute(
            """select file, kind, format, sha256, rows, new, changed, unchanged, rejected, unmatched
               from batches
               where batch = ?""",
            [batch],
        )
        .fetchone()
    )
    if row is None:
        raise HearthError(f"Batch {batch} was not stored.", fix="Upload the file again.")
    file, kind, form, sha256, rows, new, changed, unchanged, rejected, unmatched = row
    append_receipt(home, {"what": what, "batch": batch, "kind": kind, "sha256": sha256, "rows": rows, "at": datetime.now().isoformat()})
    return Receipt(
        file, kind, form, "utf-8", sha256, batch, rows, new, changed, unchanged, rejected, unmatched
    )


def _hand_back(connection: duckdb.DuckDBPyConnection, home: Path, upload: Upload, receipt: Receipt) -> Path:
    """The rows that were left out as CSV with a reason column, to be mended and uploaded again."""
    folder = home / "rejected"
    folder.mkdir(mode=0o700, exist_ok=True)
    reasons = [(problem.line, f"{problem.column}: {problem.what} {problem.fix}") for problem in receipt.problems if problem.line]
    connection.execute("create or replace temp table reasons (line bigint, reason varchar)")
    if reasons:
        connection.executemany("insert into reasons values (?, ?)", reasons)
    frame = connection.execute(
        """select staged.* exclude (line), string_agg(reasons.reason, ' ') as reason
           from staged
           join bad_lines using (line)
           left join reasons using (line)
           group by all"""
    ).df()
    file = folder / f"{Path(upload.name).stem}-{receipt.sha256[:8]}.csv"
    frame.to_csv(file, index=False)
    file.chmod(0o600)
    return file


def _fingerprint(sha256: str, kind: str, upload: Upload) -> str:
    details = upload.details.model_dump_json(exclude={"items"})
    items = upload.details.items.read_bytes() if upload.details.items else b""
    return hashlib.sha256(f"{sha256} {kind} {details}".encode() + items).hexdigest()


def _today(settings: Settings) -> date:
    return settings.as_of or datetime.now(ZoneInfo(settings.zone)).date()


def _batch_row(
    batch: int,
    kind: str,
    file: str,
    sha256: str,
    fingerprint: str,
    who: str,
    effective_on: date,
    source: str,
    wave: str | None,
    details: dict[str, Any],
    items: list[dict[str, Any]],
    columns: tuple[str, ...],
    counts: Counts,
    rows: int,
    rejected: int,
) -> dict[str, Any]:
    return {
        "batch": batch, "kind": kind, "format": "canonical", "file": file, "sha256": sha256, "fingerprint": fingerprint,
        "who": who, "effective_on": effective_on, "source": source, "wave": wave,
        "details": json.dumps({"details": details, "items": items}), "columns": list(columns), "rows": rows,
        "new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged, "rejected": rejected, "unmatched": 0,
    }  # fmt: skip

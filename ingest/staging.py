"""Staging: an upload in temp tables, with its kind settled and its problems found; the warehouse is only read."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from data.errors import BadFile, Refused
from data.settings import Settings
from ingest import ledger, survey
from ingest.checking import (
    MOST_WORDED,
    count_bad_rows,
    find_bad_cells,
    find_repeats,
    lay_canonical,
    start_checking,
    word_problems,
)
from ingest.headers import check_columns, name_columns
from ingest.importer import Importer, Problem, Receipt, Upload
from ingest.importers import IMPORTERS, KINDS, SURVEY, find_importer, recognise
from ingest.members import check_dimensions, choose_dimensions
from ingest.reading import Text, open_text, stage_text

ODD_ENCODING = (
    "The file is not UTF-8; it was read as {}. Look whether names with accents are right, or save it as CSV UTF-8."
)


@dataclass(frozen=True)
class Staged:
    """A file in temp tables: `staged` as text, `bad_lines` with its problems and, but for surveys, `canonical` with its good rows.

    `is_known` says that the same file was taken in before; nothing is staged then.
    """

    receipt: Receipt
    fingerprint: str
    columns: tuple[str, ...] = ()
    kept_columns: tuple[str, ...] = ()
    repeats: int = 0
    items: tuple[Any, ...] = ()
    proposed: tuple[Any, ...] = ()
    dimensions: tuple[str, ...] = ()
    is_known: bool = False


def stage_upload(connection: duckdb.DuckDBPyConnection, upload: Upload, settings: Settings) -> Staged:
    """Read a file and find its problems; the receipt holds the first of them and the number of rows that have any.

    Raises BadFile for a file that cannot be read, Refused for a kind that does not exist.
    """
    text = _open(upload)
    kind = _settle_kind(text, upload)
    fingerprint = _fingerprint(text.sha256, kind, upload)
    receipt = Receipt(upload.name, kind, "canonical", text.encoding, text.sha256, None)
    if not text.encoding.startswith("utf"):
        receipt = replace(receipt, warnings=(ODD_ENCODING.format(text.encoding),))
    same = ledger.find_same(connection, fingerprint)
    if same is not None:
        stored = ledger.read_receipt(connection, same)
        words = f"The same file was taken in as batch {same}; nothing was changed."
        known = replace(
            receipt, batch=same, rows=stored.rows, unchanged=stored.rows - stored.rejected, warnings=(words,)
        )
        return Staged(known, fingerprint, is_known=True)
    if kind == SURVEY:
        return _stage_survey(connection, upload, settings, text, receipt, fingerprint)
    return _stage_rows(connection, upload, settings, text, find_importer(kind), Staged(receipt, fingerprint))


def _open(upload: Upload) -> Text:
    if not upload.path.is_file():
        raise BadFile("There is no such file.", where=upload.name, fix="Check the name.")
    return open_text(upload.path, upload.name)


def _settle_kind(text: Text, upload: Upload) -> str:
    if upload.kind is not None:
        if upload.kind not in KINDS:
            raise Refused(f'There is no kind "{upload.kind}".', where=upload.name, fix=f"Kinds: {', '.join(KINDS)}.")
        return upload.kind
    if upload.details.wave is not None:
        return SURVEY
    every = {column for importer in IMPORTERS for column in importer.columns}
    kind = recognise(name_columns(text.header, sorted(every), upload.name))
    if kind is None:
        raise BadFile(
            f"The columns {', '.join(text.header[:8])} are those of no file that Hearth knows.",
            where=f"{upload.name}, line 1",
            fix=f"Say what it is with --as ({', '.join(KINDS)}), or compare it with a template.",
        )
    return kind


def _stage_rows(
    connection: duckdb.DuckDBPyConnection,
    upload: Upload,
    settings: Settings,
    text: Text,
    importer: Importer,
    staged: Staged,
) -> Staged:
    known = [*importer.columns, *(_find_dimensions(connection, settings) if importer.is_open else ())]
    columns = name_columns(text.header, known, upload.name)
    rows = stage_text(connection, text, columns)
    start_checking(connection, columns)
    fixed = _said_for_all(importer, columns, upload)
    taken = [column for column in columns if column in importer.columns]
    warnings: tuple[str, ...] = ()
    problems = check_columns(importer, columns, tuple(fixed))
    if importer.is_open and not problems:
        dimensions, left_out = choose_dimensions(columns, settings, upload.details)
        problems = check_dimensions(connection, dimensions, settings, upload.details)
        warnings = tuple(f"The column {column} was left out." for column in left_out)
        taken += dimensions
    repeats = 0
    kept: tuple[str, ...] = ()
    if not problems:
        find_bad_cells(connection, importer, columns, settings.zone)
        kept = lay_canonical(connection, importer, taken, settings.zone, fixed)
        repeats = find_repeats(connection, importer, kept)
        if importer.check is not None:
            importer.check(connection, kept)
        problems = word_problems(connection, importer, columns)
    rejected = count_bad_rows(connection)
    receipt = replace(
        staged.receipt,
        rows=rows,
        rejected=rejected,
        problems=tuple(problems),
        warnings=(*staged.receipt.warnings, *warnings),
    )
    return replace(staged, receipt=receipt, columns=tuple(columns), kept_columns=kept, repeats=repeats)


def _stage_survey(
    connection: duckdb.DuckDBPyConnection,
    upload: Upload,
    settings: Settings,
    text: Text,
    receipt: Receipt,
    fingerprint: str,
) -> Staged:
    columns = name_columns(
        text.header, ("respondent_id", "submitted_at", *_find_dimensions(connection, settings)), upload.name
    )
    rows = stage_text(connection, text, columns)
    start_checking(connection, columns)
    ragged = [
        Problem(line, "", f"The row has {cells} cells and the header {len(columns)}.", "Look for a missing separator.")
        for line, cells in connection.execute(
            f"select line, cells from ragged order by line limit {MOST_WORDED}"
        ).fetchall()
    ]
    read = survey.read_questions(connection, "staged", columns, upload.details, settings)
    problems = list(read.problems) or survey.check_survey(connection, "staged", read.items, upload.details, settings)
    connection.execute("insert into bad_lines select line, 'The row has ' || cells || ' cells.' from ragged")
    receipt = replace(
        receipt,
        rows=rows,
        rejected=count_bad_rows(connection),
        problems=tuple([*ragged, *problems][:MOST_WORDED]),
        warnings=(*receipt.warnings, *read.warnings),
    )
    return Staged(
        receipt,
        fingerprint,
        tuple(columns),
        tuple(columns),
        0,
        tuple(read.items),
        tuple(read.proposed),
        read.dimensions,
    )


def _find_dimensions(connection: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[str, ...]:
    """Dimensions that have a name already, so that another spelling in a header does not make a second one."""
    found = connection.execute("select distinct dimension from segments order by dimension").fetchall()
    return tuple(dict.fromkeys([*settings.dimensions, *(name for (name,) in found)]))


def _said_for_all(importer: Importer, columns: list[str], upload: Upload) -> Mapping[str, str]:
    """Columns that the file lacks and a person said for all of its rows."""
    if importer.name == "attendance" and upload.details.event_id and "event_id" not in columns:
        return {"event_id": upload.details.event_id}
    return {}


def _fingerprint(sha256: str, kind: str, upload: Upload) -> str:
    """What makes an upload the same as another: its bytes, its kind, and all that was said about it."""
    details = upload.details.model_dump_json(exclude={"items"})
    items = upload.details.items.read_bytes() if upload.details.items else b""
    return hashlib.sha256(f"{sha256} {kind} {details} ".encode() + items).hexdigest()

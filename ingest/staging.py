"""Staging: an upload in temp tables, with its kind settled and its problems found; the warehouse is only read."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

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
from ingest.importer import Details, Importer, Problem, Receipt, Upload
from ingest.importers import SURVEY, find_importer
from ingest.members import check_dimensions, choose_dimensions
from ingest.opening import Opened, opened_upload
from ingest.personal import holds_address
from ingest.reading import read_notes
from ingest.survey_columns import Questions, read_questions

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
    opened: Opened
    columns: tuple[str, ...] = ()
    kept_columns: tuple[str, ...] = ()
    repeats: int = 0
    items: tuple[Any, ...] = ()
    proposed: tuple[Any, ...] = ()
    dimensions: tuple[str, ...] = ()
    is_known: bool = False


def stage_upload(connection: duckdb.DuckDBPyConnection, home: Path, upload: Upload, settings: Settings) -> Staged:
    """Read a file and find its problems; the receipt holds the first of them and the number of rows that have any.

    Raises BadFile for a file that cannot be read, Unmapped or Unsettled where a person must say more, Refused for a kind
    that does not exist.
    """
    with opened_upload(home, upload, settings, _find_dimensions(connection, settings)) as opened:
        return _stage_opened(connection, opened, settings)


def _stage_opened(connection: duckdb.DuckDBPyConnection, opened: Opened, settings: Settings) -> Staged:
    fingerprint = _fingerprint(opened)
    receipt = Receipt(
        opened.name, opened.kind, opened.format, opened.encoding, opened.sha256, None, warnings=_warn(opened)
    )
    if opened.reading:
        receipt = replace(receipt, left_out=dict(opened.reading.left_out))
    staged = Staged(receipt, fingerprint, opened)
    same = ledger.find_same(connection, fingerprint)
    if same is not None:
        stored = ledger.read_receipt(connection, same)
        words = f"The same file was taken in as batch {same}; nothing was changed."
        known = replace(
            receipt, batch=same, rows=stored.rows, unchanged=stored.rows - stored.rejected, warnings=(words,)
        )
        return replace(staged, receipt=known, is_known=True)
    if opened.kind == SURVEY:
        return _stage_survey(connection, opened, settings, staged)
    return _stage_rows(connection, opened, settings, find_importer(opened.kind), staged)


def _warn(opened: Opened) -> tuple[str, ...]:
    """What a person should know about how the file was read."""
    if opened.reading is None:
        odd = () if opened.encoding.startswith("utf") else (ODD_ENCODING.format(opened.encoding),)
        return (*odd, *opened.notes)
    personal = [
        f'The column "{column}" holds {word} and was left out.' for column, word in opened.reading.personal.items()
    ]
    known = [f"Read as the last one of its kind was ({opened.reading.profile})."] if opened.reading.profile else []
    return (*opened.reading.warnings, *personal, *known)


def _stage_rows(
    connection: duckdb.DuckDBPyConnection, opened: Opened, settings: Settings, importer: Importer, staged: Staged
) -> Staged:
    known = [*importer.columns, *(_find_dimensions(connection, settings) if importer.is_open else ())]
    columns = name_columns(opened.header, known, opened.name)
    rows = opened.stage(connection, columns)
    start_checking(connection, columns)
    fixed = _said_for_all(importer, columns, opened.details)
    taken = [column for column in columns if column in importer.columns]
    warnings: tuple[str, ...] = ()
    problems = check_columns(importer, columns, tuple(fixed))
    if importer.is_open and not problems:
        dimensions, left_out = choose_dimensions(columns, settings, opened.details)
        problems = check_dimensions(connection, dimensions, settings, opened.details)
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
        warnings=(*staged.receipt.warnings, *read_notes(connection), *warnings),
    )
    return replace(staged, receipt=receipt, columns=tuple(columns), kept_columns=kept, repeats=repeats)


def _stage_survey(connection: duckdb.DuckDBPyConnection, opened: Opened, settings: Settings, staged: Staged) -> Staged:
    columns = name_columns(
        opened.header, ("respondent_id", "submitted_at", *_find_dimensions(connection, settings)), opened.name
    )
    rows = opened.stage(connection, columns)
    start_checking(connection, columns)
    ragged = [
        Problem(line, "", f"The row has {cells} cells and the header {len(columns)}.", "Look for a missing separator.")
        for line, cells in connection.execute(
            f"select line, cells from ragged order by line limit {MOST_WORDED}"
        ).fetchall()
    ]
    odd = connection.execute(f"select line, what, fix from odd_rows order by line limit {MOST_WORDED}").fetchall()
    ragged += [Problem(line, "", what, fix) for line, what, fix in odd]
    keys = opened.reading.keys if opened.reading else {}
    keys = {column: keys[name] for name, column in zip(opened.header, columns, strict=True) if name in keys}
    read = read_questions(connection, "staged", columns, opened.details, settings, keys)
    problems = list(read.problems) or survey.check_survey(connection, "staged", read.items, opened.details, settings)
    connection.execute("insert into bad_lines select line, 'The row has ' || cells || ' cells.' from ragged")
    connection.execute("insert into bad_lines select line, what from odd_rows")
    receipt = replace(
        staged.receipt,
        rows=rows,
        rejected=count_bad_rows(connection),
        problems=tuple([*ragged, *problems][:MOST_WORDED]),
        warnings=(*staged.receipt.warnings, *read_notes(connection), *read.warnings),
    )
    hidden = _hidden(connection, columns, read, opened.details)
    return replace(
        staged,
        receipt=receipt,
        columns=tuple(column for column in columns if column not in hidden),
        kept_columns=tuple(columns),
        items=tuple(read.items),
        proposed=tuple(read.proposed),
        dimensions=read.dimensions,
    )


def _hidden(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], read: Questions, details: Details
) -> tuple[str, ...]:
    """Columns of a survey that are not even handed back with rows to mend: they say who somebody is."""
    is_open = details.promise == "named" or "respondent_id" not in columns
    hides_ids = not is_open and holds_address(connection, "staged", "respondent_id")
    return (*read.personal, "respondent_id") if hides_ids else read.personal


def _find_dimensions(connection: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[str, ...]:
    """Dimensions that have a name already, so that another spelling in a header does not make a second one."""
    found = connection.execute("select distinct dimension from segments order by dimension").fetchall()
    return tuple(dict.fromkeys([*settings.dimensions, *(name for (name,) in found)]))


def _said_for_all(importer: Importer, columns: list[str], details: Details) -> Mapping[str, str]:
    """Columns that the file lacks and a person said for all of its rows."""
    if importer.name == "attendance" and details.event_id and "event_id" not in columns:
        return {"event_id": details.event_id}
    return {}


def _fingerprint(opened: Opened) -> str:
    """What makes an upload the same as another: its bytes, its kind, and all that was said about it."""
    details = opened.details.model_dump_json(exclude={"items"}, exclude_defaults=True)
    items = opened.details.items.read_bytes() if opened.details.items else b""
    return hashlib.sha256(f"{opened.sha256} {opened.kind} {details} ".encode() + items).hexdigest()

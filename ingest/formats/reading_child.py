"""The child of reading_apart: reads one export within its limits and writes down what it found.

It prints nothing, and what it writes about a failure of its own names a place in our code, never the file's content.
"""

import dataclasses
import json
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.errors import BadFile, HearthError, Refused
from ingest.formats.export import Export
from ingest.formats.format import Format, Reading, Row, Unsettled
from ingest.formats.known import recognise_format
from ingest.formats.reading_apart import PROJECT, READING_FILE, REFUSED_FILE, ROWS_FILE
from ingest.formats.table import FORMAT as TABLE_FORMAT
from ingest.formats.table import find_header, is_settled, name_own_columns, read_table
from ingest.formats.wide import FORMAT as WIDE_FORMAT
from ingest.formats.wide import read_grid, read_wide
from ingest.importer import Details
from ingest.importers import SURVEY, find_importer
from ingest.layout import BLANKS
from ingest.mapping import Suggested, guess_kind, suggest_columns
from ingest.profiles import TABLE, Profile, apply_profile, find_profile

EXAMPLES = 3
CHUNK_ROWS = 20_000
CHUNK_CHARACTERS = 1 << 25  # a parquet chunk of text may not pass 2 GB; some cells are whole articles


def main() -> None:
    """Read the request on standard input; the answer is files in the folder it names."""
    request = json.loads(sys.stdin.buffer.read())
    os.umask(0o077)
    _set_limits(request["allowance"]["memory_bytes"], request["allowance"]["cpu_seconds"])
    folder = Path(request["folder"])
    try:
        said = _read(request, folder)
    except MemoryError:
        _refuse(folder, {"error": "Memory"})
    except HearthError as error:
        _refuse(folder, _as_told(error))
    except RecursionError:
        _refuse(folder, _as_told(_nested(request["name"])))
    except Exception as error:  # a mistake of ours, or a file nobody thought of: it must not end as silence
        _refuse(folder, _as_told(_failed(error, request["name"])))
    else:
        (folder / READING_FILE).write_text(json.dumps(said), encoding="utf-8")


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write rows as parquet, `line` and the columns as text, some at a time; returns how many.

    Halves of characters and NUL, which no table can keep, are taken out.
    """
    schema = pa.schema([("line", pa.int64()), *((column, pa.string()) for column in columns)])
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for chunk in _chunks(rows):
            lines, cells = zip(*chunk, strict=True)
            texts = list(zip(*cells, strict=True)) if columns else []
            arrays = [pa.array(lines, pa.int64()), *(_as_array(column) for column in texts)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(chunk)
    return count


def _set_limits(memory_bytes: int, cpu_seconds: int) -> None:
    if sys.platform == "win32":
        return
    import resource  # there is none on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the content
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))


def _read(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What READING_FILE holds: the reading with its rows written beside it; `format` is null for no known export."""
    export = Export(Path(request["path"]), request["name"])
    details = Details.model_validate(request["details"])
    home = Path(request["home"])
    found = recognise_format(export)
    if found is None:
        return _read_unknown(export, request["kind"], details, request["zone"], home, folder)
    kind = request["kind"] or found.kinds[0]  # a roster once made of a report does not make rosters of all that follow
    profile = find_profile(home, found.name, (), kind)
    details = apply_profile(profile, details) if profile else details
    if kind not in found.kinds:
        raise BadFile(
            f"This is {found.title}, which gives {' or '.join(found.kinds)}, not {kind}.",
            where=export.name,
            fix=f"Say --as {found.kinds[0]}, or nothing at all.",
        )
    reading = found.read(export, kind, details, request["zone"])
    count = write_rows(folder / ROWS_FILE, reading.columns, reading.rows)
    return _as_said(found, reading, export, count) | _as_profiled(details, profile, ())


def _read_unknown(
    export: Export, kind: str | None, details: Details, zone: str, home: Path, folder: Path
) -> dict[str, Any]:
    """A file of no tool that is known: a table where its columns are settled, else what they seem to be."""
    if export.container not in ("text", "workbook"):
        return {"format": None, "header": []}
    if kind == SURVEY:
        header = tuple(cell.strip(BLANKS) for cell in read_grid(export)[0].cells)
        profile = find_profile(home, WIDE_FORMAT.name, header, kind)
        details = apply_profile(profile, details) if profile else details
        reading = read_wide(export, details, zone)
        count = write_rows(folder / ROWS_FILE, reading.columns, reading.rows)
        return _as_said(WIDE_FORMAT, reading, export, count) | _as_profiled(details, profile, header)
    named = find_header(export, find_importer(kind) if kind else None)
    header = tuple(cell.strip(BLANKS) for cell in named.cells)
    profile = find_profile(home, TABLE, header, kind)
    kind = kind or (profile.kind if profile else guess_kind(header))
    details = apply_profile(profile, details) if profile else details
    if kind is not None:
        own = name_own_columns(header, find_importer(kind))
        details = details.model_copy(update={"columns": own | details.columns if details.columns else own})
        if is_settled(header, kind, details):
            reading = read_table(export, kind, details, zone)
            count = write_rows(folder / ROWS_FILE, reading.columns, reading.rows)
            return _as_said(TABLE_FORMAT, reading, export, count) | _as_profiled(details, profile, header)
    suggested = suggest_columns(header, find_importer(kind)) if kind else [Suggested(c, "", 0.0, "") for c in header]
    below = [row.cells for row in export.rows if row.cells and row.line > named.line][:EXAMPLES]
    return {
        "format": None,
        "header": header,
        "kind": kind,
        "suggested": [dataclasses.asdict(one) for one in suggested],
        "examples": below,
    }


def _as_profiled(details: Details, profile: Profile | None, header: Sequence[str]) -> dict[str, Any]:
    """What was said about the file, by a person now or by a profile from before."""
    return {
        "details": details.model_dump(mode="json"),
        "profile": profile.title if profile else None,
        "header": list(header),
    }


def _as_said(found: Format, reading: Reading, export: Export, count: int) -> dict[str, Any]:
    is_text = export.container in ("text", "document")
    return {
        "format": found.name,
        "title": found.title,
        "kind": reading.kind,
        "columns": list(reading.columns),
        "count": count,
        "people": [dataclasses.asdict(person) for person in reading.people],
        "covers": [day.isoformat() for day in reading.covers] if reading.covers else None,
        "left_out": reading.left_out,
        "warnings": reading.warnings,
        "keys": reading.keys,
        "personal": reading.personal,
        "ragged": reading.ragged,
        "encoding": export.encoding if is_text else export.container,
        "is_one_event": found.is_one_event,
    }


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    characters = 0
    for row in rows:
        chunk.append(row)
        characters += sum(len(cell) for cell in row[1] if cell)
        if len(chunk) >= CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _as_array(cells: Sequence[str | None]) -> Any:
    try:
        array = pa.array(cells, pa.string())
    except UnicodeEncodeError:
        whole = [cell if cell is None else cell.encode("utf-8", "ignore").decode() for cell in cells]
        array = pa.array(whole, pa.string())
    return pc.replace_substring(array, "\0", "")


def _refuse(folder: Path, said: dict[str, Any]) -> None:
    (folder / ROWS_FILE).unlink(missing_ok=True)
    (folder / REFUSED_FILE).write_text(json.dumps(said), encoding="utf-8")


def _as_told(error: HearthError) -> dict[str, Any]:
    """An error in plain values, from which the parent makes it again."""
    told: dict[str, Any] = {"what": error.what, "where": error.where, "fix": error.fix}
    if isinstance(error, Unsettled):
        questions = [dataclasses.asdict(question) for question in error.questions]
        return told | {"error": "Unsettled", "questions": questions}
    is_file = isinstance(error, BadFile) or not isinstance(error, Refused)
    return told | {"error": "BadFile" if is_file else "Refused"}


def _nested(name: str) -> BadFile:
    return BadFile("The file is nested too deeply to be an export.", where=name, fix="Export it again.")


def _failed(error: Exception, name: str) -> BadFile:
    """A failure that nobody foresaw, by its type and its place in our code: its words could quote the file."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if str(PROJECT) in frame.filename]
    place = f"{Path(ours[-1].filename).relative_to(PROJECT)}, line {ours[-1].lineno}" if ours else "the reader"
    return BadFile(
        f"The file could not be read ({type(error).__name__} in {place}).",
        where=name,
        fix="Look whether it is the export you mean; if it is, tell whoever looks after Hearth.",
    )


if __name__ == "__main__":
    main()

"""Reading: from the bytes of a file to a table of text cells that knows its lines.

DuckDB's own sniffing is not used: the encoding, the delimiter and the header are settled first, then
every cell is read as text by position. A file whose rows do not all have the header's number of cells is
read again slowly, to name the lines.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from charset_normalizer import from_bytes

from data.errors import BadFile
from ingest.importer import Problem

CHUNK = 1 << 22
DELIMITERS = (",", ";", "\t", "|")
MOST_COLUMNS = 2_000


@dataclass(frozen=True)
class Text:
    """A file that can be read: UTF-8 on disk, with its header."""

    path: Path
    sha256: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_lines: int


def open_text(path: Path, name: str, scratch: Path) -> Text:
    """What kind of text a file is. One in another encoding is written as UTF-8 into the folder `scratch`.

    Raises BadFile for an empty file, one without a header, one that holds NUL bytes or is no text at all.
    """
    sha256, encoding = _look_through(path, name)
    readable = path
    if encoding not in ("utf-8", "utf-8-sig"):
        readable = scratch / "as-utf-8.csv"
        readable.write_text(path.read_bytes().decode(encoding), encoding="utf-8", newline="")
    header, lines, delimiter = _read_header(readable, name)
    return Text(readable, sha256, encoding, delimiter, header, lines)


def stage_text(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str], table: str) -> list[Problem]:
    """Temp table `table` with one text column per name of `columns`, in file order, and `line`, the line a row starts on.

    Empty cells are NULL, others are trimmed. Returns a problem for each row with too many or too few cells; those rows are left out.
    """
    names = [f"c{position}" for position in range(len(columns))]
    shape = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}"
    cells = ", ".join(
        f"""nullif(trim({name}, E' \\t\\n\\r\\u00a0\\ufeff'), '') as {_quoted(column)}"""
        for name, column in zip(names, columns, strict=True)
    )
    try:
        connection.execute(
            f"""create or replace temp table read_rows as
                select *
                from read_csv(?, header = false, skip = {text.header_lines}, columns = {shape}, delim = ?,
                              quote = '"', escape = '"', auto_detect = false, strict_mode = true,
                              null_padding = false, nullstr = '', max_line_size = 16000000)""",
            [str(text.path), text.delimiter],
        )
    except duckdb.InvalidInputException:
        return _stage_slowly(connection, text, columns, table)
    breaks = " + ".join(f"coalesce(length({name}) - length(replace({name}, chr(10), '')), 0)" for name in names)
    has_breaks = connection.execute(f"select count(*) > 0 from read_rows where {' or '.join(f'contains({n}, chr(10))' for n in names)}").fetchone()
    line = (
        f"coalesce(sum({breaks}) over (order by rowid rows between unbounded preceding and 1 preceding), 0)::bigint + "
        if has_breaks and has_breaks[0]
        else ""
    )
    connection.execute(
        f"""create or replace temp table {table} as
            select {cells}, {line}rowid + {text.header_lines + 1} as line
            from read_rows
            where not ({" and ".join(f"coalesce({name}, '') = ''" for name in names)})"""
    )
    connection.execute("drop table read_rows")
    return []


def name_columns(header: Sequence[str], known: Sequence[str], name: str) -> list[str]:
    """The canonical name of each column of a header: exact, else without regard to case, spaces and hyphens.

    Raises BadFile where two columns have the same name or one has none.
    """
    by_shape = {_shape(column): column for column in known}
    named = [column if column in known else by_shape.get(_shape(column), column.strip()) for column in header]
    for position, column in enumerate(named):
        if not column:
            raise BadFile(
                f"Column {position + 1} has no name.", where=f"{name}, line 1", fix="Name it, or take the column out."
            )
        if column in named[:position]:
            raise BadFile(
                f'Two columns are called "{column}".', where=f"{name}, line 1", fix="Keep one of them, or rename one."
            )
    return named


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _shape(column: str) -> str:
    return column.strip().lower().replace(" ", "_").replace("-", "_")


def _look_through(path: Path, name: str) -> tuple[str, str]:
    """The sha256 of a file and its encoding, in one pass for UTF-8."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, has_nul, size = True, False, 0
    with path.open("rb") as handle:
        start = handle.read(4)
        handle.seek(0)
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            has_nul = has_nul or b"\0" in chunk
            if is_utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    is_utf8 = False
    if size == 0:
        raise BadFile("The file is empty.", where=name, fix="Export it again.")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return digest.hexdigest(), "utf-16"
    if has_nul:
        raise BadFile("The file holds NUL bytes, so it is no CSV text.", where=name, fix="Save it as CSV UTF-8.")
    if start.startswith(codecs.BOM_UTF8):
        return digest.hexdigest(), "utf-8-sig"
    if is_utf8:
        return digest.hexdigest(), "utf-8"
    best = from_bytes(path.read_bytes()[:CHUNK]).best()
    return digest.hexdigest(), best.encoding if best and not best.encoding.startswith("utf") else "cp1252"


def _read_header(path: Path, name: str) -> tuple[tuple[str, ...], int, str]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        start = handle.read(1 << 16)
    first = start.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count) if any(d in first for d in DELIMITERS) else ","
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
    for row in reader:
        if any(cell.strip() for cell in row):
            if len(row) > MOST_COLUMNS:
                raise BadFile(f"The file has {len(row)} columns.", where=name, fix=f"Keep it under {MOST_COLUMNS}.")
            return tuple(row), reader.line_num, delimiter
    raise BadFile("The file has no header row.", where=name, fix="The first line names the columns.")


def _stage_slowly(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str], table: str) -> list[Problem]:
    problems = []
    rows: list[list[str | None]] = []
    lines: list[int] = []
    for line, row in _rows(text):
        if len(row) == len(columns):
            rows.append([cell.strip(" \t\n\r\u00a0\ufeff") or None for cell in row])
            lines.append(line)
        elif any(cell.strip() for cell in row):
            problems.append(
                Problem(
                    line,
                    "",
                    f"The row has {len(row)} cells and the header has {len(columns)}.",
                    "Look for a missing or an unquoted separator.",
                )
            )
    arrays = [pa.array([row[position] for row in rows], pa.string()) for position in range(len(columns))]
    staged = pa.table([*arrays, pa.array(lines, pa.int64())], names=[*columns, "line"])
    connection.register("staged_rows", staged)
    connection.execute(f"create or replace temp table {table} as select * from staged_rows")
    connection.unregister("staged_rows")
    return problems


def _rows(text: Text) -> Iterator[tuple[int, list[str]]]:
    """Each row after the header with the line it starts on."""
    csv.field_size_limit(1 << 24)
    with text.path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, delimiter=text.delimiter)
        before = 0
        for row in reader:
            if before >= text.header_lines and row:
                yield before + 1, row
            before = reader.line_num

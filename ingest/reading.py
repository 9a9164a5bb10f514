"""Reading: from the bytes of a file to a table of text cells that knows the line of each row.

Encoding, separator and header are settled in Python, not guessed from samples. A regular file is then read by
DuckDB, every cell as text; whether the lines add up shows if it was regular. One that is not (blank lines, rows of
another length, another encoding, stray quotation marks) is read by Python's csv, slower, which knows its lines.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from data.errors import BadFile

CHUNK_BYTES = 1 << 22
CHUNK_ROWS = 50_000
LONGEST_CELL = 1 << 24
HEADER_CHARACTERS = 1 << 20
MOST_COLUMNS = 2_000
SEPARATORS = (",", ";", "\t")
BLANKS = " \t\r\n\u00a0\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Text:
    """A file that can be read: what it is made of, and its header."""

    path: Path
    name: str
    sha256: str
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_lines: int
    lines: int
    is_regular: bool


def open_text(path: Path, name: str) -> Text:
    """What kind of text a file is.

    Raises BadFile for one that is empty, holds NUL bytes, is a spreadsheet or an archive, or has no header.
    """
    look = _look_through(path, name)
    header, header_lines, separator = _read_header(path, name, look.encoding)
    return Text(path, name, look.sha256, look.encoding, separator, header, header_lines, look.lines, look.is_regular)


def stage_text(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str]) -> int:
    """Temp table `staged` with `line` and a text column for each of `columns`; returns the number of rows.

    Cells are trimmed, empty ones NULL. Temp table `ragged` (line, cells) holds the rows that have another number of
    cells than the header; they are in `staged` too, cut or filled up. Raises BadFile for a quotation mark that is
    never closed, and for a file without rows.
    """
    connection.execute("create or replace temp table ragged (line bigint, cells integer)")
    if not text.is_regular or len(columns) == 1 or not _stage_quickly(connection, text, columns):
        _stage_patiently(connection, text, columns)
    _trim_cells(connection, text, columns)
    counted = connection.execute("select count(*) from staged").fetchone()
    rows = int(counted[0]) if counted else 0
    if rows == 0:
        raise BadFile("The file has a header and no rows.", where=text.name, fix="Export it again with its rows.")
    return rows


def quoted(column: str) -> str:
    """SQL: a column's name."""
    return '"' + column.replace('"', '""') + '"'


@dataclass(frozen=True)
class _Look:
    sha256: str
    encoding: str
    lines: int
    is_regular: bool


def _look_through(path: Path, name: str) -> _Look:
    """One pass over the bytes: sha256, encoding, number of lines, and whether DuckDB may read it."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, nul, feeds, returns, pairs, last = True, False, 0, 0, 0, b""
    with path.open("rb") as handle:
        start = handle.read(4)
        handle.seek(0)
        while chunk := handle.read(CHUNK_BYTES):
            digest.update(chunk)
            nul = nul or b"\0" in chunk
            feeds += chunk.count(b"\n")
            if b"\r" in chunk or last == b"\r":
                returns += chunk.count(b"\r")
                pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            last = chunk[-1:]
            if is_utf8 and not (chunk.isascii() and not decoder.getstate()[0]):
                is_utf8 = _decodes(decoder, chunk)
    if not start:
        raise BadFile("The file is empty.", where=name, fix="Export it again.")
    if start.startswith(b"PK\x03\x04") or start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile("This is a spreadsheet or an archive, not a CSV file.", where=name, fix="Save it as CSV UTF-8.")
    is_utf8 = is_utf8 and not decoder.getstate()[0]
    encoding = _choose_encoding(path, start, is_utf8=is_utf8, nul=nul)
    if nul and not encoding.startswith("utf-16"):
        raise BadFile("The file holds NUL bytes, so it is no CSV text.", where=name, fix="Save it as CSV UTF-8.")
    is_regular = encoding == "utf-8" and returns == pairs and pairs in (0, feeds)
    return _Look(digest.hexdigest(), encoding, feeds + (last != b"\n"), is_regular)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _choose_encoding(path: Path, start: bytes, *, is_utf8: bool, nul: bool) -> str:
    """UTF-16 by its mark or its zeros, UTF-8 where it decodes, else Windows' Western European, which Excel writes."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if nul and len(start) == 4 and (start[1::2] == b"\0\0" or start[::2] == b"\0\0"):
        return "utf-16-le" if start[1::2] == b"\0\0" else "utf-16-be"
    if is_utf8:
        return "utf-8"
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK_BYTES):
            try:
                chunk.decode("cp1252")
            except UnicodeDecodeError:
                return "latin-1"
    return "cp1252"


def _read_header(path: Path, name: str, encoding: str) -> tuple[tuple[str, ...], int, str]:
    """The header's cells, the lines up to its end, and the separator that gives it most cells."""
    try:
        with path.open(encoding=_python_name(encoding), newline="") as handle:
            start = handle.read(HEADER_CHARACTERS)
    except UnicodeDecodeError as error:
        raise BadFile("The file is no text.", where=name, fix="Save it as CSV UTF-8.") from error
    found = [
        (len(row), -place, row, lines)
        for place, mark in enumerate(SEPARATORS)
        for row, lines in _first_row(start, mark)
    ]
    if not found:
        raise BadFile("The file has no header row.", where=name, fix="The first line names the columns.")
    cells, place, row, lines = max(found)
    if cells > MOST_COLUMNS:
        raise BadFile(f"The file has {cells} columns.", where=name, fix=f"Keep it under {MOST_COLUMNS}.")
    return tuple(row), lines, SEPARATORS[-place]


def _first_row(start: str, separator: str) -> Iterator[tuple[list[str], int]]:
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
    try:
        for row in reader:
            if any(cell.strip(BLANKS) for cell in row):
                yield row, reader.line_num
                return
    except csv.Error:
        return


def _stage_quickly(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str]) -> bool:
    """Read a regular file with DuckDB; False where it turns out not to be one."""
    names = [f"c{place}" for place in range(len(columns))]
    shape = ", ".join(f"'{name}': 'varchar'" for name in names)
    cells = ", ".join(f"nullif({name}, '') as {quoted(column)}" for name, column in zip(names, columns, strict=True))
    breaks = " + ".join(f"coalesce(length({name}) - length(replace({name}, chr(10), '')), 0)" for name in names)
    read = f"""read_csv(?, auto_detect = false, header = false, skip = {text.header_lines}, columns = {{{shape}}},
                        delim = ?, quote = '"', escape = '"', strict_mode = true, null_padding = false,
                        max_line_size = {LONGEST_CELL})"""
    given = [str(text.path), text.separator]
    try:
        connection.execute(
            f"""create or replace temp table staged as
                select {text.header_lines} + row_number() over () as line, {cells}
                from {read}""",
            given,
        )
        counted = connection.execute("select count(*) from staged").fetchone()
        if counted and counted[0] + text.header_lines == text.lines:
            return True
        connection.execute(
            f"""create or replace temp table staged as
                select ({text.header_lines} + nth + coalesce(sum(breaks) over (
                           order by nth rows between unbounded preceding and 1 preceding), 0))::bigint as line,
                       breaks, {cells}
                from (select row_number() over () as nth, ({breaks})::bigint as breaks, * from {read})""",
            given,
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    last = connection.execute("select max(line), arg_max(breaks, line) from staged").fetchone()
    connection.execute("alter table staged drop column breaks")
    return bool(last and last[0] is not None and last[0] + last[1] == text.lines)


def _stage_patiently(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str]) -> None:
    """Read any file with Python's csv, some rows at a time."""
    names = [f"c{place}" for place in range(len(columns))]
    connection.execute(
        f"create or replace temp table staged (line bigint, {', '.join(f'{quoted(c)} varchar' for c in columns)})"
    )
    cells = ", ".join(f"nullif({name}, '')" for name in names)
    rows: list[list[object]] = []
    ragged: list[tuple[int, int]] = []

    def store() -> None:
        frame = pd.DataFrame(rows, columns=["line", *names]).astype(dict.fromkeys(names, object))
        connection.register("chunk", frame)
        connection.execute(f"insert into staged select line::bigint, {cells} from chunk")
        connection.unregister("chunk")
        rows.clear()

    for line, row in _rows(text):
        if len(row) == len(columns) + 1 and not row[-1]:  # a separator at the end of the row; DuckDB reads it so too
            row.pop()
        if len(row) != len(columns):
            ragged.append((line, len(row)))
            row = [*row, *[""] * len(columns)][: len(columns)]
        rows.append([line, *row])
        if len(rows) == CHUNK_ROWS:
            store()
    if rows:
        store()
    if ragged:
        connection.executemany("insert into ragged values (?, ?)", ragged)


def _trim_cells(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str]) -> None:
    """Trim the cells of `staged`, but only in columns that need it: most files have none, and trimming costs more than reading.

    A file that Hearth handed back has its guards against formulas taken off.
    """
    blanks = tuple(ord(blank) for blank in BLANKS)
    tests = ", ".join(
        f"coalesce(bool_or(ascii({quoted(c)}) in {blanks} or ascii(right({quoted(c)}, 1)) in {blanks}), false)"
        for c in columns
    )
    found = connection.execute(f"select {tests} from staged").fetchone() or ()
    was_handed_back = "reason" in text.header
    loose = [column for column, is_loose in zip(columns, found, strict=True) if is_loose or was_handed_back]
    if not loose:
        return
    cells = {column: f"nullif(trim({quoted(column)}, '{BLANKS}'), '')" for column in loose}
    if was_handed_back:
        cells = {column: f"regexp_replace({cell}, '^''([=+@-])', '\\1')" for column, cell in cells.items()}
    replaced = ", ".join(f"{cell} as {quoted(column)}" for column, cell in cells.items())
    connection.execute(f"create or replace temp table staged as select * replace ({replaced}) from staged")


def _rows(text: Text) -> Iterator[tuple[int, list[str]]]:
    """Each row after the header that is not blank, with the line it starts on."""
    csv.field_size_limit(LONGEST_CELL)
    before = 0
    with text.path.open(encoding=_python_name(text.encoding), newline="") as handle:
        reader = csv.reader(handle, delimiter=text.separator, strict=True)
        try:
            for row in reader:
                if before >= text.header_lines and row:
                    yield before + 1, row
                before = reader.line_num
        except csv.Error as error:
            what = (
                "A quotation mark is opened and never closed."
                if "unexpected end" in str(error)
                else "The row cannot be read: after a closing quotation mark only a separator may follow."
            )
            raise BadFile(
                what, where=f"{text.name}, line {before + 1}", fix='Write a quotation mark inside a cell twice: "".'
            ) from error
        except UnicodeDecodeError as error:
            raise BadFile("The file is no text.", where=text.name, fix="Save it as CSV UTF-8.") from error


def _python_name(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding

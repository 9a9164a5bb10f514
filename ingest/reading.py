"""Reading: from the bytes of a file to a table of text cells that knows the line of each row.

Encoding, separator and header are settled in Python, not guessed from samples. A regular file is then read by
DuckDB, every cell as text; whether the lines add up shows if it was regular. One that is not (blank lines, rows of
another length, another encoding, stray quotation marks) is read by Python's csv, slower, which knows its lines.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from data.errors import BadFile
from ingest.edges import (
    find_odd_edges,
    find_second_headers,
    find_swallowed_rows,
    leave_out_repeats,
    refuse_apostrophes,
    refuse_second_table,
)
from ingest.guarding import GUARDED
from ingest.layout import BLANKS, Layout, find_layout, is_stray, shape
from ingest.looking import HEADER_BYTES, look_through

CHUNK_ROWS = 50_000
LONGEST_CELL = 1 << 24
NUMBERED = "The first column has no name and numbers the rows; it was left out."
STRAY_QUOTE = (
    "A cell has a quotation mark too many, or one too few.",
    'Put the cell into quotation marks, and write each of those inside it twice: "".',
)


@dataclass(frozen=True)
class Text:
    """A file that can be read: what it is made of, and its header. `notes` are what was left out, in words."""

    path: Path
    name: str
    sha256: str
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_lines: int
    lines: int
    is_regular: bool
    quote: str = '"'
    nameless: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    has_quotes: bool = True
    has_apostrophes: bool = True
    is_trimmed: bool = False
    known: frozenset[str] = frozenset()


def open_text(path: Path, name: str, known: Sequence[str] = ()) -> Text:
    """What kind of text a file is. `known` are the names that its header may have: notes above it are then told from it.

    Raises BadFile for one that is empty, holds NUL bytes, is a spreadsheet, a web page or an archive, is UTF-8 in some
    lines only, or has no header.
    """
    look = look_through(path, name)
    layout = _find_layout(path, name, look.encoding, frozenset(shape(column) for column in known))
    return Text(
        path, name, look.sha256, look.encoding, layout.separator, layout.header, layout.header_lines, look.lines,
        look.is_regular and layout.is_plain, layout.quote, layout.nameless, layout.notes, look.has_quotes,
        look.has_apostrophes, look.is_trimmed, frozenset(shape(column) for column in known),
    )  # fmt: skip


def stage_text(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str]) -> int:
    """Temp view `staged` with `line` and a text column for each of `columns`; returns the number of rows.

    Cells are trimmed, empty ones NULL, rows without any are left out; so are headers repeated further down, which the
    temp table `left_out` (note) says in words. Temp table `ragged` (line, cells) holds the rows that have another number
    of cells than the header, `odd_rows` (line, what, fix) those that cannot be meant as they stand; both are in
    `staged` too. Raises BadFile for a quotation mark that is never closed, for a second table, and for a file without rows.
    """
    connection.execute("create or replace temp table ragged (line bigint, cells integer)")
    connection.execute("create or replace temp table odd_rows (line bigint, what varchar, fix varchar)")
    connection.execute("create or replace temp table left_out (note varchar)")
    gaps: list[int] = []
    line, is_trimmed = f"rowid + {text.header_lines + 1}", text.is_trimmed and not text.has_apostrophes
    is_whole = text.is_regular and len(columns) > 1 and _stage_quickly(connection, text, columns)
    if not is_whole:
        line, is_trimmed = "line", False
        is_whole = text.is_regular and len(columns) > 1 and _stage_broken_rows(connection, text, columns)
    if not is_whole or (text.has_quotes and _has_odd_quotes(connection, columns)):
        line, is_trimmed = "line", False
        gaps = _stage_patiently(connection, text, columns)
    if not is_trimmed:
        _trim_read_cells(connection, columns)
    name_rows(connection, columns, line)
    blank = " and ".join(f"{quoted(column)} is null" for column in columns)
    connection.execute(f"insert into not_rows select line from staged where {blank}")
    leave_out_repeats(connection, columns, text.header, text.known)
    if gaps:
        refuse_second_table(connection, columns, text.known, gaps, text.name)
    if text.has_apostrophes and not text.has_quotes and text.quote == '"':
        refuse_apostrophes(connection, columns, text.name)
    if text.has_quotes:
        find_swallowed_rows(connection, columns, text.separator, text.header_lines, text.lines)
    find_second_headers(connection, columns, text.known, text.header_lines)
    find_odd_edges(connection, columns, text.lines, gaps)
    counted = connection.execute("select count(*) from staged").fetchone()
    rows = int(counted[0]) if counted else 0
    if rows == 0:
        raise BadFile("The file has a header and no rows.", where=text.name, fix="Export it again with its rows.")
    return rows


def name_rows(connection: duckdb.DuckDBPyConnection, columns: Sequence[str], line: str = "line") -> None:
    """Temp view `staged` over the temp table `read_cells`, without the lines of the temp table `not_rows`, which begins empty.

    `line` is the SQL of a row's line.
    """
    connection.execute("create or replace temp table not_rows (line bigint)")
    cells = ", ".join(quoted(column) for column in columns)
    connection.execute(
        f"""create or replace temp view staged as
            select * from (select {line} as line, {cells} from read_cells) anti join not_rows using (line)"""
    )


def trim_cells(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
    """Trim the cells of `read_cells` and name its rows, which have a line each."""
    _trim_read_cells(connection, columns)
    name_rows(connection, columns)


def drop_text(connection: duckdb.DuckDBPyConnection) -> None:
    """Give back the memory of `staged`, which a large file fills."""
    connection.execute("drop view staged")
    connection.execute("drop table read_cells")


def read_notes(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What was left out of the file that was staged last, in words."""
    found = connection.execute("select note from left_out").fetchall()
    return tuple(note for (note,) in found)


def quoted(column: str) -> str:
    """SQL: a column's name."""
    return '"' + column.replace('"', '""') + '"'


def _find_layout(path: Path, name: str, encoding: str, known: frozenset[str]) -> Layout:
    try:
        with path.open(encoding=_python_name(encoding), newline="") as handle:
            start = handle.read(HEADER_BYTES)
    except UnicodeError as error:
        raise BadFile("The file is no text.", where=name, fix="Save it as CSV UTF-8.") from error
    return find_layout(start, name, known)


def _stage_quickly(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str]) -> bool:
    """Temp table `read_cells`: the rows of a file that has one line for each, in their order; False where the lines do
    not add up. The place of a row in the table is its number: numbering while reading would leave one thread at work."""
    try:
        connection.execute(
            f"create or replace temp table read_cells as select {_name_cells(text, columns)} from {_read_csv(text, columns)}",
            [str(text.path), text.separator],
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    counted = connection.execute("select count(*) from read_cells").fetchone()
    return bool(counted and counted[0] + text.header_lines == text.lines)


def _stage_broken_rows(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str]) -> bool:
    """Temp table `read_cells` with `line`, of a file some cells of which hold line breaks; False where the lines do not add up."""
    breaks = " + ".join(
        f"coalesce(length(c{place}) - length(replace(c{place}, chr(10), '')), 0)" for place in range(len(columns))
    )
    try:
        connection.execute(
            f"""create or replace temp table read_cells as
                select ({text.header_lines} + nth + coalesce(sum(breaks) over (
                           order by nth rows between unbounded preceding and 1 preceding), 0))::bigint as line,
                       breaks, {_name_cells(text, columns)}
                from (select row_number() over () as nth, ({breaks})::bigint as breaks, * from {_read_csv(text, columns)})""",
            [str(text.path), text.separator],
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    last = connection.execute("select max(line), arg_max(breaks, line) from read_cells").fetchone()
    return bool(last and last[0] is not None and last[0] + last[1] == text.lines)


def _read_csv(text: Text, columns: Sequence[str]) -> str:
    """SQL: the rows of a file as text c0, c1 and so on, its name and separator to be given."""
    shape = ", ".join(f"'c{place}': 'varchar'" for place in range(len(columns)))
    return f"""read_csv(?, auto_detect = false, header = false, skip = {text.header_lines}, columns = {{{shape}}},
                        delim = ?, quote = '"', escape = '"', strict_mode = true, null_padding = false,
                        max_line_size = {LONGEST_CELL})"""


def _name_cells(text: Text, columns: Sequence[str]) -> str:
    """SQL: the cells by their names; an empty one is NULL already unless it was quoted."""
    cell = "nullif({}, '')" if text.has_quotes else "{}"
    return ", ".join(f"{cell.format(f'c{place}')} as {quoted(column)}" for place, column in enumerate(columns))


def _has_odd_quotes(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> bool:
    """Whether a cell has an odd number of quotation marks: DuckDB takes a stray one for a letter, which csv can tell."""
    tests = " or ".join(f"(length({quoted(c)}) - length(replace({quoted(c)}, '\"', ''))) % 2 = 1" for c in columns)
    return connection.execute(f"select 1 from read_cells where {tests} limit 1").fetchone() is not None


def _stage_patiently(connection: duckdb.DuckDBPyConnection, text: Text, columns: Sequence[str]) -> list[int]:
    """Read any file with Python's csv, some rows at a time. Returns the lines that follow blank ones."""
    names = [f"c{place}" for place in range(len(columns))]
    connection.execute(
        f"create or replace temp table read_cells (line bigint, {', '.join(f'{quoted(c)} varchar' for c in columns)})"
    )
    cells = ", ".join(f"nullif({name}, '')" for name in names)
    rows: list[list[object]] = []
    ragged: list[tuple[int, int]] = []
    stray: list[int] = []
    gaps: list[int] = []
    is_numbered = False

    def store() -> None:
        lines, *texts = zip(*rows, strict=True)
        chunk = pa.table(
            [pa.array(lines, pa.int64()), *(pa.array(text, pa.large_string()) for text in texts)], ["line", *names]
        )
        connection.register("chunk", chunk)
        connection.execute(f"insert into read_cells select line::bigint, {cells} from chunk")
        connection.unregister("chunk")
        rows.clear()

    for row in _named_rows(text, len(columns)):
        if row.has_stray_quote:
            stray.append(row.line)
        elif len(row.cells) != len(columns):
            ragged.append((row.line, len(row.cells)))
        if row.follows_gap:
            gaps.append(row.line)
        is_numbered = is_numbered or row.is_numbered
        rows.append([row.line, *[*row.cells, *[""] * len(columns)][: len(columns)]])
        if len(rows) == CHUNK_ROWS:
            store()
    if rows:
        store()
    if ragged:
        connection.executemany("insert into ragged values (?, ?)", ragged)
    if stray:
        connection.executemany("insert into odd_rows values (?, ?, ?)", [(line, *STRAY_QUOTE) for line in stray])
    if is_numbered:
        connection.execute("insert into left_out values (?)", [NUMBERED])
    return gaps


@dataclass(frozen=True)
class _Row:
    line: int
    cells: list[str]
    has_stray_quote: bool
    follows_gap: bool
    is_numbered: bool


def _named_rows(text: Text, width: int) -> Iterator[_Row]:
    """Each row that is not blank without the cells that stand under no name. Those must be empty, or number the rows in the first column.

    Empty cells at the end of a row that is too long are separators that a spreadsheet left there: DuckDB takes one too.
    """
    expected = width + len(text.nameless)
    end = text.header_lines
    for line, last, cells, raw in _rows(text):
        if not any(cell.strip(BLANKS) for cell in cells):
            continue
        row = cells
        while len(row) > expected and not row[-1].strip(BLANKS):
            row = row[:-1]
        numbered = False
        for place in text.nameless:
            cell = row[place].strip(BLANKS) if place < len(row) else ""
            numbered = numbered or bool(cell)
            if cell and not (place == 0 and cell.isdecimal() and cell.isascii()):
                raise BadFile(
                    f"Column {place + 1} has no name.",
                    where=f"{text.name}, line {line}",
                    fix="Name it, or take the column out.",
                )
        if text.nameless:
            row = [cell for place, cell in enumerate(row) if place not in text.nameless]
        has_stray = '"' in raw and text.quote == '"' and any(is_stray(cell, raw) for cell in row)
        yield _Row(line, row, has_stray, line > end + 1, numbered)
        end = last


def _trim_read_cells(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
    """Trim the cells of `read_cells` and take off the guard of exports, but only in columns that need it: most files have none, and
    trimming costs more than reading."""
    first = (*(ord(blank) for blank in BLANKS), ord("'"))
    last = tuple(ord(blank) for blank in BLANKS)
    tests = ", ".join(
        f"coalesce(bool_or(ascii({quoted(c)}) in {first} or ascii(right({quoted(c)}, 1)) in {last}), false)"
        for c in columns
    )
    found = connection.execute(f"select {tests} from read_cells").fetchone() or ()
    loose = [column for column, is_loose in zip(columns, found, strict=True) if is_loose]
    if not loose:
        return
    guarded = GUARDED.replace("'", "''")
    replaced = ", ".join(
        f"nullif(trim(regexp_replace(trim({quoted(c)}, '{BLANKS}'), '{guarded}', '\\1'), '{BLANKS}'), '') as {quoted(c)}"
        for c in loose
    )
    connection.execute(f"create or replace temp table read_cells as select * replace ({replaced}) from read_cells")


def _rows(text: Text) -> Iterator[tuple[int, int, list[str], str]]:
    """Each row after the header that is not blank: its first and last line, its cells, and how it stands in the file."""
    csv.field_size_limit(LONGEST_CELL)
    before = 0
    taken: list[str] = []

    def lines(handle: Iterator[str]) -> Iterator[str]:
        for line in handle:
            taken.append(line)
            yield line

    with text.path.open(encoding=_python_name(text.encoding), newline="") as handle:
        reader = csv.reader(
            lines(handle),
            delimiter=text.separator,
            quotechar=text.quote,
            skipinitialspace=text.separator != " ",
            strict=True,
        )
        try:
            for _ in range(text.header_lines):
                handle.readline()
            for row in reader:
                if row:
                    yield text.header_lines + before + 1, text.header_lines + reader.line_num, row, "".join(taken)
                before = reader.line_num
                taken.clear()
        except csv.Error as error:
            raise _unreadable(error, text.name, text.header_lines + before + 1) from error
        except UnicodeError as error:
            raise BadFile("The file is no text.", where=text.name, fix="Save it as CSV UTF-8.") from error


def _unreadable(error: csv.Error, name: str, line: int) -> BadFile:
    """The words for what csv found. A long cell is nearly always a quotation mark that is not closed."""
    fix = 'Write a quotation mark inside a cell twice: "".'
    if "unexpected end" in str(error):
        what = "A quotation mark is opened and never closed."
    elif "field limit" in str(error):
        what, fix = (
            f"A cell has more than {LONGEST_CELL:,} characters.",
            "Look for a quotation mark that is not closed.",
        )
    else:
        what = "The row cannot be read: after a closing quotation mark only a separator may follow."
    return BadFile(what, where=f"{name}, line {line}", fix=fix)


def _python_name(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding

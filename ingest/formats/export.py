"""An upload opened: what it is made of, and its rows, documents or entries, before anybody knows whose it is."""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

from charset_normalizer import from_bytes
from python_calamine import CalamineError, CalamineWorkbook

from data.errors import BadFile
from ingest.formats.archive import Archive, open_archive

Container = Literal["text", "workbook", "archive", "document"]

SEPARATORS = ("\t", ",", ";", "|")
SAMPLE_LINES = 60
LONGEST_CELL = 1 << 24
START_BYTES = 1 << 16
TOP_ROWS = 80
READ_BYTES = 1 << 20
WORKBOOK_ENTRY = "xl/workbook.xml"


class Cells(NamedTuple):
    """One row of a table: the line (of a workbook: the row) it starts on, and its cells as they stand."""

    line: int
    cells: tuple[str, ...]


class Export:
    """One upload: a `text` of rows, a `workbook`, an `archive` (ZIP or tar.gz) or a JSON `document` (also one a line)."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name

    @cached_property
    def container(self) -> Container:
        """What the first bytes say the file is; its name is never asked."""
        start = self.start
        if start.startswith(b"\xd0\xcf\x11\xe0"):
            return "workbook"
        if start.startswith(b"\x1f\x8b"):
            return "archive"
        if start.startswith(b"PK\x03\x04"):
            return "workbook" if WORKBOOK_ENTRY in self.archive.names else "archive"
        return "document" if self.beginning.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else "text"

    @cached_property
    def start(self) -> bytes:
        """The first bytes. Raises BadFile for an empty file."""
        with self.path.open("rb") as handle:
            start = handle.read(START_BYTES)
        if not start:
            raise BadFile("The file is empty.", where=self.name, fix="Export it again.")
        return start

    @cached_property
    def encoding(self) -> str:
        """The name of the encoding of a text, for Python."""
        return find_encoding(self.start, is_cut=True) if _is_utf8(self.path) else find_encoding(self.path.read_bytes())

    @cached_property
    def beginning(self) -> str:
        """The first characters of a text, for a look that costs nothing."""
        return self.start.decode(find_encoding(self.start, is_cut=True), errors="replace")

    @cached_property
    def text(self) -> str:
        """The whole text. NUL characters, which some tools leave in their rows, are taken out."""
        return self.path.read_bytes().decode(self.encoding, errors="replace").lstrip("\ufeff").replace("\0", "")

    @cached_property
    def rows(self) -> tuple[Cells, ...]:
        """The rows of a text or of the first sheet of a workbook; blank ones are there with no cells. None for other containers."""
        if self.container == "workbook":
            return tuple(_read_sheet(self.path, self.name))
        return tuple(read_rows(self.text, self.name)) if self.container == "text" else ()

    @cached_property
    def top(self) -> tuple[Cells, ...]:
        """The first rows, as in `rows`, for a look that costs nothing. None for other containers."""
        if self.container != "text":
            return self.rows[:TOP_ROWS]
        start = self.beginning.lstrip("\ufeff").replace("\0", "")
        return tuple(islice(read_rows(start, self.name), TOP_ROWS))

    @cached_property
    def first_rows(self) -> tuple[Cells, ...]:
        """The first rows that are not blank, for a look that costs nothing."""
        return tuple(row for row in self.top if row.cells)

    @cached_property
    def first_row(self) -> Cells | None:
        """The first row with cells, for a look that costs nothing; None for a container without rows, or where there is none."""
        if self.container == "text":
            return next((row for row in read_rows(self.beginning, self.name) if row.cells), None)
        return next((row for row in self.rows if row.cells), None)

    @cached_property
    def archive(self) -> Archive:
        """The entries of a ZIP or tar.gz. Raises BadFile for one that is damaged or beyond the limits."""
        return open_archive(self.path, self.name)

    @cached_property
    def document(self) -> Any:
        """The value of a JSON document. Raises BadFile where it is none."""
        try:
            return json.loads(self.text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise BadFile(f"This is no JSON: {error}.", where=self.name, fix="Export it again.") from error

    def read_documents(self) -> Iterator[tuple[int, Any]]:
        """Each line of a file of JSON lines, with its number. Raises BadFile naming the line that is none."""
        with self.path.open(encoding=self.encoding, errors="replace") as handle:
            for number, line in enumerate(handle, 1):
                if not line.strip("\ufeff \t\r\n"):
                    continue
                try:
                    yield number, json.loads(line.lstrip("\ufeff"))
                except (json.JSONDecodeError, RecursionError) as error:
                    raise BadFile(
                        "This line is no JSON.", where=f"{self.name}, line {number}", fix="Export it again."
                    ) from error


def _is_utf8(path: Path) -> bool:
    """Whether a file is UTF-8, found without holding it: some documents are larger than memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(READ_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def find_encoding(data: bytes, *, is_cut: bool = False) -> str:
    """The encoding of a text: by its mark, by its NUL bytes, UTF-8 where it decodes, else the likeliest of the old ones.

    `is_cut` says that the data may end inside a character.
    """
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = data[:2000:2].count(0), data[1:2000:2].count(0)
    if max(even, odd) * 5 > len(data[:2000]):
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=not is_cut)
    except UnicodeDecodeError:
        best = from_bytes(data[: START_BYTES * 4], cp_isolation=["cp1252", "cp1250", "mac_roman", "cp1251"]).best()
        return best.encoding if best is not None else "cp1252"
    return "utf-8"


def read_rows(text: str, name: str) -> Iterator[Cells]:
    """The rows of a text of separated cells, whatever the separator. Raises BadFile for a quotation mark never closed."""
    lines_before = 0
    hint, _, rest = text.partition("\n")
    separator = find_separator(text)
    if hint.strip().lower().startswith("sep=") and len(hint.strip()) == 5:
        separator, text, lines_before = hint.strip()[-1], rest, 1
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
    start = 1
    try:
        for cells in reader:
            filled = any(cell.strip() for cell in cells)
            yield Cells(lines_before + start, tuple(cells) if filled else ())
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(
            "The row cannot be read.",
            where=f"{name}, line {lines_before + start}",
            fix="Look for a quotation mark that is never closed.",
        ) from error


def find_separator(text: str) -> str:
    """The separator that splits most of the first lines, and among those the one that splits them most."""
    start = "".join(text.splitlines(keepends=True)[:SAMPLE_LINES])

    def spread(separator: str) -> tuple[int, int, int]:
        rows = [row for row in csv.reader(io.StringIO(start, newline=""), delimiter=separator) if any(row)]
        split = [len(row) for row in rows if len(row) > 1]
        return len(split), sum(split), -SEPARATORS.index(separator)

    return max(SEPARATORS, key=spread)


def _read_sheet(path: Path, name: str) -> Iterator[Cells]:
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except (CalamineError, OSError, IndexError) as error:
        raise BadFile("The workbook cannot be read.", where=name, fix="Save it again as XLSX or CSV UTF-8.") from error
    for number, row in enumerate(sheet.iter_rows(), sheet.start[0] + 1 if sheet.start else 1):
        cells = tuple(_as_text(value) for value in row)
        yield Cells(number, cells if any(cell.strip() for cell in cells) else ())


def _as_text(value: Any) -> str:
    """A workbook's value as a text file would have it: ISO times, whole numbers without a point."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value)

"""Layout: where the table of a text file begins, and what parts its cells: separator, quotation mark, notes, header.

A sniffer takes a title above the table for the header and says nothing. So the header is looked for by the names that
Hearth knows, and what stands above it must look like notes: anything that could be a table is refused.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.errors import BadFile
from ingest.guarding import unguard

BLANKS = " \t\r\n\u00a0\ufeff"
SEPARATORS = (",", ";", "\t", "|")
RARE_SEPARATORS = (":", "^", "~", " ")  # only where the header is then full of known names
ROWS_LOOKED_AT = 60
MOST_COLUMNS = 2_000
MOST_CELLS_OF_A_NOTE = 2
_HINT = re.compile(r'\ufeff?"?sep=([^"\'\w\r\n])"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[\d.,:/-]*\d[\d.,:/ %-]*")


@dataclass(frozen=True)
class Layout:
    """The header's cells (those without a name are listed by position), the lines up to its end, and the notes above it."""

    header: tuple[str, ...]
    nameless: tuple[int, ...]
    header_lines: int
    separator: str
    quote: str
    notes: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """Whether the file is a header and rows, with nothing else to look out for."""
        return self.quote == '"' and not self.nameless and not self.notes and self.separator in SEPARATORS


@dataclass(frozen=True)
class _Row:
    first: int
    last: int
    cells: tuple[str, ...]

    @property
    def filled(self) -> int:
        return sum(bool(cell.strip(BLANKS)) for cell in self.cells)

    @property
    def width(self) -> int:
        """Cells up to the last one that is filled."""
        return max(place for place, cell in enumerate(self.cells, start=1) if cell.strip(BLANKS))


def shape(column: str) -> str:
    """A column's name without regard to case, spaces and hyphens."""
    return "_".join(column.strip(BLANKS).lower().replace("-", " ").replace("_", " ").split())


def is_worded(cells: Sequence[str]) -> bool:
    """Whether no number or date is among the cells, so that they can be a header."""
    return not any(_NUMBER.fullmatch(cell.strip(BLANKS)) for cell in cells if cell.strip(BLANKS))


def find_layout(start: str, name: str, known: frozenset[str] = frozenset()) -> Layout:
    """The layout of a file from its first lines. `known` are shapes of names that its header may have.

    Raises BadFile where there is no header, where two separators fit as well, where what stands above the header looks
    like another table, and for too many columns.
    """
    hint = _HINT.match(start)
    body = start[hint.end() :] if hint else start
    marks = (hint.group(1),) if hint else (*SEPARATORS, *RARE_SEPARATORS)
    for quote in ('"', "'"):
        readings = [
            _read_with(mark, rows, known, is_hinted=hint is not None)
            for mark in marks
            if (rows := _read_rows(body, mark, quote, skipped=1 if hint else 0))
        ]
        if not readings:
            raise BadFile("The file has no header row.", where=name, fix="The first line names the columns.")
        best, *others = sorted(readings, key=lambda found: (found.fit, len(found.header.cells)), reverse=True)
        if not _stands_in_apostrophes(best.header):
            break
    rival = next((other for other in others if other.fit == best.fit), None)
    if rival and best.known == 0 and len(best.header.cells) > 1 and best.below:
        raise BadFile(
            f"{_word(best.mark).capitalize()} and {_word(rival.mark)} could both part the columns.",
            where=f"{name}, line {best.header.first}",
            fix=f"Write sep={best.mark} or sep={rival.mark} as a line of its own above the header.",
        )
    return _lay_out(best, quote, name, body)


@dataclass(frozen=True)
class _Reading:
    """One way to read the first rows: with this separator, and this row as the header."""

    mark: str
    header: _Row
    above: tuple[_Row, ...]
    below: tuple[_Row, ...]
    known: int
    is_odd: bool

    @property
    def fit(self) -> tuple[bool, int, bool, float, bool]:
        """How well it fits; of two that fit alike the one with more cells is taken.

        Where no separator parts the header, one that parts a row counts for more: the row is then refused, not
        taken for one long cell.
        """
        cells = len(self.header.cells)
        regular = sum(len(row.cells) == cells for row in self.below) / len(self.below) if self.below else 1.0
        return not self.is_odd, self.known, cells > 1, regular if cells > 1 else -regular, not self.above


def _read_with(mark: str, rows: Sequence[_Row], known: frozenset[str], *, is_hinted: bool) -> _Reading:
    at = _find_header(rows, known)
    named = _count_known(rows[at], known)
    is_odd = mark in RARE_SEPARATORS and not is_hinted and (named < 2 or named * 2 < rows[at].filled)
    return _Reading(mark, rows[at], tuple(rows[:at]), tuple(rows[at + 1 :]), named, is_odd)


def _find_header(rows: Sequence[_Row], known: frozenset[str]) -> int:
    """The row with most known names; without any, the first one that is as wide as the table."""
    named = [_count_known(row, known) if is_worded(row.cells) else 0 for row in rows]
    if max(named) >= 2 and max(named) > named[0]:
        return named.index(max(named))
    if named[0] or len(rows) < 3:
        return 0
    widths = Counter(row.width for row in rows)
    usual = max(widths, key=lambda width: (widths[width], width))
    if rows[0].width * 2 > usual:
        return 0
    at = next(place for place, row in enumerate(rows) if row.width == usual)
    is_header = is_worded(rows[at].cells) and rows[at].filled == usual == len(
        {shape(cell) for cell in rows[at].cells[:usual]}
    )
    return at if is_header else 0


def _count_known(row: _Row, known: frozenset[str]) -> int:
    return len({shape(cell) for cell in row.cells} & known)


def _lay_out(best: _Reading, quote: str, name: str, body: str) -> Layout:
    header = best.header
    if len(header.cells) > MOST_COLUMNS:
        raise BadFile(f"The file has {len(header.cells)} columns.", where=name, fix=f"Keep it under {MOST_COLUMNS}.")
    for row in best.above:
        if row.filled > MOST_CELLS_OF_A_NOTE and row.filled * 2 > header.filled:
            raise BadFile(
                f"The header seems to be on line {header.first}, and line {row.first} above it looks like a table too.",
                where=f"{name}, line {row.first}",
                fix="Put each table into a file of its own.",
            )
    stray = next((cell for cell in header.cells if is_stray(cell, body)), None)
    if stray is not None and quote == '"':
        raise BadFile(
            f"{shorten(stray)} in the header has a quotation mark too many, or one too few.",
            where=f"{name}, line {header.first}",
            fix='Put the name into quotation marks, and write each of those inside it twice: "".',
        )
    nameless = tuple(place for place, cell in enumerate(header.cells) if not cell.strip(BLANKS))
    named = tuple(unguard(cell.strip(BLANKS)) for cell in header.cells if cell.strip(BLANKS))
    notes = tuple(
        f"Line {row.first} stands above the header and was left out: {shorten(' '.join(filter(None, row.cells)))}"
        for row in best.above
    )
    return Layout(named, nameless, header.last, best.mark, quote, notes)


def is_stray(cell: str, raw: str) -> bool:
    """Whether a cell has a single quotation mark too many and does not stand in quotation marks in the file."""
    return cell.count('"') % 2 == 1 and '"' + cell.replace('"', '""') + '"' not in raw


def shorten(text: str, longest: int = 80) -> str:
    """A cell as it can stand in a sentence."""
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def _read_rows(start: str, mark: str, quote: str, skipped: int) -> list[_Row]:
    """The first rows that are not blank, as far as csv can read them."""
    return [row for row in _take_rows(start, mark, quote, skipped) if any(cell.strip(BLANKS) for cell in row.cells)][
        :ROWS_LOOKED_AT
    ]


def _take_rows(start: str, mark: str, quote: str, skipped: int) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=mark, quotechar=quote, skipinitialspace=mark != " ")
    before = taken = 0
    try:
        for row in reader:
            yield _Row(before + 1 + skipped, reader.line_num + skipped, tuple(row))
            before = reader.line_num
            taken += 1
            if taken > 2 * ROWS_LOOKED_AT:
                return
    except csv.Error:
        return


def _stands_in_apostrophes(header: _Row) -> bool:
    cells = [cell.strip(BLANKS) for cell in header.cells if cell.strip(BLANKS)]
    return all(len(cell) > 2 and cell[0] == cell[-1] == "'" for cell in cells)


def _word(mark: str) -> str:
    return {",": "the comma", ";": "the semicolon", "\t": "the tab", "|": "the bar"}.get(mark, f'"{mark}"')

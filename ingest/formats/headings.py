"""Headings: the row of an export that names its columns, found by the names it must have, and the cells below it by name.

Names are compared without regard to case, spaces and marks, because tools change those between versions.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from data.errors import BadFile
from ingest.formats.export import Cells

LOOKED_AT_ROWS = 60
MISSING = frozenset({"", "-", "--", "—", "n/a", "(none)"})

_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Heading:
    """A row of column names: where it stands among the rows, its line, and the place of each name (the first, if twice)."""

    index: int
    line: int
    names: tuple[str, ...]
    places: dict[str, int]

    def __contains__(self, name: str) -> bool:
        return plain(name) in self.places

    def find(self, *names: str) -> int | None:
        """The place of the first of these names that there is."""
        return next((self.places[plain(name)] for name in names if plain(name) in self.places), None)

    def find_like(self, fits: Callable[[str], bool]) -> int | None:
        """The place of the first column whose plain name fits."""
        return next((place for name, place in self.places.items() if fits(name)), None)

    def value(self, row: Cells, *names: str) -> str:
        """The first of the columns of these names that is filled in a row; empty where all are missing."""
        for name in names:
            place = self.places.get(plain(name))
            if place is not None and (found := cell_at(row, place)):
                return found
        return ""


@lru_cache(maxsize=2048)
def plain(name: str) -> str:
    """A column's name in small letters, its words apart by one space and without marks: "User Email " is "user email"."""
    return _NO_WORD.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip()


def cell_at(row: Cells, place: int | None) -> str:
    """The trimmed cell of a row at a place; empty where there is none or the tool writes that there is none."""
    if place is None or place >= len(row.cells):
        return ""
    text = row.cells[place].strip(" \t\r\n\u00a0\ufeff")
    return "" if text.casefold() in MISSING else text


def find_heading(
    rows: Sequence[Cells], fits: Callable[[Collection[str]], bool], start: int = 0, most: int | None = LOOKED_AT_ROWS
) -> Heading | None:
    """The first row from `start` on whose plain cells fit, among the first `most` rows; None where no row does."""
    end = len(rows) if most is None else min(start + most, len(rows))
    for index in range(start, end):
        if rows[index].cells and fits({plain(cell) for cell in rows[index].cells}):
            return heading_of(rows, index)
    return None


def heading_of(rows: Sequence[Cells], index: int) -> Heading:
    """A row taken as column names."""
    names = tuple(cell.strip() for cell in rows[index].cells)
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if plain(name):
            places.setdefault(plain(name), place)
    return Heading(index, rows[index].line, names, places)


def read_below(rows: Sequence[Cells], heading: Heading, name: str, end: int | None = None) -> Iterator[Cells]:
    """The filled rows below a heading, without the heading where it is repeated.

    Raises BadFile where the file ends in the middle of its last row: with fewer cells than half its heading and no more.
    """
    stop = len(rows) if end is None else end
    wanted = [plain(cell) for cell in heading.names]
    last = max((index for index in range(len(rows)) if rows[index].cells), default=-1)
    named = sum(bool(cell) for cell in wanted)
    for index in range(heading.index + 1, stop):
        row = rows[index]
        if not row.cells or not any(cell_at(row, place) for place in range(len(row.cells))):
            continue
        if plain(row.cells[0]) == wanted[0] and [plain(cell) for cell in row.cells] == wanted:
            continue
        if index == last and 2 * len(row.cells) < named:
            raise BadFile(
                f"The file breaks off: its last row has {len(row.cells)} of {named} cells.",
                where=f"{name}, line {row.line}",
                fix="Export it again.",
            )
        yield row


def list_missing(heading: Heading, **wanted: Collection[str]) -> list[str]:
    """The keys of `wanted` for which the heading has none of the names."""
    return [key for key, names in wanted.items() if heading.find(*names) is None]

"""Totals that a tool counted itself, as rows of activity: one row a period, kind and, where the tool says, member or channel.

Rows of one period and kind are added up later, so a format gives each number once: for every member, for every channel
or for the whole community. People counted by channel are not given, because the same people are in several.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ingest.formats.export import Cells, Export
from ingest.formats.format import Question, Unsettled
from ingest.formats.times import as_moment, read_day
from ingest.importer import Details

COLUMNS = ("period_start", "period_end", "kind", "count", "member_id", "channel")
Fields = Mapping[str, str]

_NAME_DATES = re.compile(
    r"(?<!\d)(?P<iso>20\d\d[-_.]?[01]\d[-_.]?[0-3]\d)(?!\d)|(?P<named>[A-Z][a-z]{2,8}\.?[ _-]\d{1,2},?[ _-]+20\d\d)"
)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")


def header_of(export: Export) -> frozenset[str]:
    """The names of the columns of a table in lower case; none for other containers."""
    first = export.first_row
    return frozenset(cell.strip("\ufeff ").lower() for cell in first.cells) if first else frozenset()


def fields_of(rows: Iterable[Cells]) -> Iterator[tuple[int, Fields]]:
    """The line and the cells of each row by its column's name in lower case; a cell that is missing is empty."""
    header: tuple[str, ...] = ()
    for row in rows:
        if row.cells and not header:
            header = tuple(cell.strip("\ufeff ").lower() for cell in row.cells)
        elif row.cells:
            cells = (cell.strip() for cell in row.cells)
            yield row.line, dict.fromkeys(header, "") | dict(zip(header, cells, strict=False))


def settle_period(export: Export, details: Details, what: str) -> tuple[date, date]:
    """The days that totals without dates are about: as somebody said, else as the file's own name says. Raises Unsettled."""
    if details.covers is not None:
        return details.covers
    found = []
    for match in _NAME_DATES.finditer(export.name):
        text = match["named"] or match["iso"]
        digits = re.sub(r"\D", "", text)
        day = read_day(re.sub(r"[_-]+", " ", text)) if match["named"] else f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
        if (moment := as_moment(day)) is not None:
            found.append(moment.date())
    if len(found) == 2 and found[0] <= found[1]:
        return found[0], found[1]
    raise Unsettled(
        export.name, [Question("covers", f"{what} does not say which days it is about.", "--covers FIRST..LAST")]
    )


def count_of(cell: str) -> str:
    """A count as text, without commas between thousands; what is none stays, so that checking names it."""
    return cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell


def is_some(cell: str) -> bool:
    """Whether a cell is a count above nought."""
    try:
        return float(count_of(cell) or 0) > 0
    except ValueError:
        return False

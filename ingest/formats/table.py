"""Any table: a CSV file or workbook of no tool that is known, read by the columns that a person named.

Cells become what the contract asks for where a rule is certain: dates in the file's order, yes and no in other words,
decimal commas where commas separate nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from data.errors import BadFile
from ingest.cells import DAY, FLAG, MOMENT, NUMBER, Cell
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading, Row
from ingest.formats.times import read_day, read_minutes, read_moment, settle_order
from ingest.importer import Details, Importer
from ingest.importers import IMPORTERS, find_importer
from ingest.layout import BLANKS
from ingest.mapping import SPELLING, suggest_columns
from ingest.profiles import TABLE

HEADER_ROWS = 25
YES = frozenset(
    {"x", "✓", "✔", "ja", "oui", "si", "sí", "sim", "t", "on", "present", "attended", "checked in", "attending"}
)
NO = frozenset(
    {"nein", "non", "não", "nao", "f", "off", "absent", "no show", "no-show", "not attending", "did not attend"}
)


def find_header(export: Export, importer: Importer | None = None) -> Cells:
    """The row that names the columns: of the first rows the one that explains most of a contract, else the first with two cells.

    Raises BadFile for a file without rows.
    """
    rows = [row for row in export.rows[:HEADER_ROWS] if row.cells]
    if not rows:
        raise BadFile("The file has no rows.", where=export.name, fix="Export it again with its rows.")
    wanted = [importer] if importer else list(IMPORTERS)

    def explained(row: Cells) -> float:
        cells = [cell.strip(BLANKS) for cell in row.cells]
        return max(sum(one.confidence for one in suggest_columns(cells, importer)) for importer in wanted)

    wide = [row for row in rows if sum(bool(cell.strip(BLANKS)) for cell in row.cells) > 1] or rows
    best = max(wide, key=lambda row: (explained(row), -row.line))
    return best if explained(best) >= 1 else wide[0]


def read_table(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The rows below the header as the canonical rows of `kind`, in the columns that `details.columns` names.

    Columns it does not name keep their names, so that checking asks about them; those named "" are left out.
    """
    importer = find_importer(kind)
    header = find_header(export, importer)
    names = [cell.strip(BLANKS) for cell in header.cells]
    targets = [details.columns.get(name, name) for name in names]
    places = [place for place, target in enumerate(targets) if target]
    columns = tuple(targets[place] for place in places)
    below = [row for row in export.rows if row.line > header.line and row.cells]
    readers = {place: _reader(importer, targets[place], place, below, details, export) for place in places}
    reading = Reading(kind, columns, _convert(below, names, places, readers))
    reading.ragged = [
        (row.line, len(row.cells)) for row in below if len(_without_empty_end(row.cells, len(names))) != len(names)
    ]
    for place, target in enumerate(targets):
        if not target and names[place]:
            reading.leave_out(f'cells of the column "{names[place]}"', sum(_cell(row, place) != "" for row in below))
    return reading


def is_settled(header: Sequence[str], kind: str, details: Details) -> bool:
    """Whether it is said, or said by the header itself, what every column is that the contract requires."""
    importer = find_importer(kind)
    targets = {details.columns.get(name, name) for name in header}
    given = {"event_id"} if details.event_id else set()
    return set(importer.required) <= targets | given and bool(details.columns or targets <= set(importer.columns))


def name_own_columns(header: Sequence[str], importer: Importer) -> dict[str, str]:
    """The columns whose names are the contract's but for case, spaces and hyphens: nothing that needs a person."""
    return {one.column: one.target for one in suggest_columns(header, importer) if one.confidence >= SPELLING}


def _without_empty_end(cells: Sequence[str], wanted: int) -> Sequence[str]:
    """A row without the empty cells at its end that its header does not have."""
    return cells[:wanted] if not any(cell.strip(BLANKS) for cell in cells[wanted:]) else cells


def _convert(
    below: Sequence[Cells], names: Sequence[str], places: Sequence[int], readers: dict[int, Callable[[str], str]]
) -> Iterator[Row]:
    for row in below:
        if [cell.strip(BLANKS) for cell in row.cells] == list(names):  # the header again, as some tools repeat it
            continue
        yield row.line, [readers[place](cell) if (cell := _cell(row, place)) else None for place in places]


def _reader(
    importer: Importer, target: str, place: int, below: Sequence[Cells], details: Details, export: Export
) -> Callable[[str], str]:
    """How the cells of a column become what the contract asks for."""
    if target not in importer.columns:
        return _as_it_is
    cell: Cell = importer.cell(target)
    if cell in (MOMENT, DAY):
        order = settle_order((_cell(row, place) for row in below), details, export.name)
        if cell is DAY:
            return lambda text: read_day(text, order)
        return lambda text: read_moment(text, order, details.zone)
    if cell is FLAG:
        return _read_flag
    if cell is NUMBER:
        return _read_minutes if target == "minutes" else _read_number
    return _as_it_is


def _cell(row: Cells, place: int) -> str:
    return row.cells[place].strip(BLANKS) if place < len(row.cells) else ""


def _as_it_is(text: str) -> str:
    return text


def _read_flag(text: str) -> str:
    word = text.casefold()
    return "yes" if word in YES else "no" if word in NO else text


def _read_number(text: str) -> str:
    return text.replace(",", ".") if re.fullmatch(r"[+-]?\d+,\d+", text) else text


def _read_minutes(text: str) -> str:
    minutes = read_minutes(_read_number(text))
    return text if minutes is None else f"{minutes:.2f}"


FORMAT = Format(
    name=TABLE,
    title="A table of no tool that is known",
    kinds=tuple(importer.name for importer in IMPORTERS),
    recognise=lambda export: export.container in ("text", "workbook"),
    read=read_table,
)

"""Questionnaires: what all survey tools have in common, from the columns of an export to the rows of a survey file.

A tool's module says which columns there are and how a cell is found in a row. Here columns that say who somebody is are
left out, the others get names of their own, and the respondent becomes an id: the tool's own, or for linked waves
the one that a person keeps from wave to wave.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.formats.export import Cells
from ingest.formats.format import Question, Reading, Row, Unsettled
from ingest.formats.pieces import split_cells, split_marked
from ingest.formats.wording import clean_wording, join_options, name_apart
from ingest.importer import Details
from ingest.personal import PLACES, says_who

SURVEY = "survey"
RESPONDENT, SUBMITTED = "respondent_id", "submitted_at"

Read = Callable[[Cells], str]


@dataclass(frozen=True)
class Column:
    """One column of the survey to be: the wording of its question, and how its cell is read from a row of the export.

    `key` is what the tool keeps when the wording changes, `holds` what the column says about who somebody is.
    """

    wording: str
    read: Read
    key: str = ""
    holds: str = ""


def at(place: int) -> Read:
    """The cell at a place, trimmed; empty where the row is too short."""
    return lambda row: row.cells[place].strip() if place < len(row.cells) else ""


def write_survey(
    name: str,
    details: Details,
    width: int,
    columns: Sequence[Column],
    rows: Sequence[Cells],
    respondent: Read | None,
    submitted: Read | None,
    person: Read | None = None,
) -> Reading:
    """The reading of a survey export: `columns` over the `rows` that count, whose header is `width` cells wide.

    `respondent` reads the id that the tool gives an answer, `submitted` the time it was sent as ISO text (empty: not sent),
    `person` what a respondent is called in every wave. Raises Unsettled for a linked wave whose export says nobody.
    """
    asked, said = _map(columns, details)
    respondent, submitted = said.get(RESPONDENT, respondent), said.get(SUBMITTED, submitted)
    if details.linked:
        respondent = _choose_person(name, rows, said.get(RESPONDENT, person))
    kept = [column for column in asked if not column.holds]
    wordings = name_apart([clean_wording(column.wording) for column in kept])
    reads = {key: read for key, read in ((RESPONDENT, respondent), (SUBMITTED, submitted)) if read is not None}
    reading = Reading(SURVEY, (*reads, *wordings), [])
    reading.rows = _write_rows(rows, [*reads.values(), *(column.read for column in kept)])
    reading.keys = {wording: column.key for wording, column in zip(wordings, kept, strict=True) if column.key}
    reading.ragged = [(row.line, len(row.cells)) for row in rows if any(cell.strip() for cell in row.cells[width:])]
    for column in asked:
        if column.holds and (not rows or any(column.read(row) for row in rows)):
            reading.personal[clean_wording(column.wording)] = column.holds
    return reading


def split_options(column: Column, rows: Sequence[Cells], joiner: str, *, is_certain: bool = False) -> Column:
    """A column with the options of each cell joined by ; where the tool joins them by `joiner`; as it is where it joins none."""
    cells = [cell for row in rows if (cell := column.read(row))]
    split = split_marked(cells) if joiner == ";" else split_cells(cells, joiner, is_certain=is_certain)
    if split is None:
        return column
    joined = {cell: join_options(options) for cell, options in split.items()}
    return replace(column, read=lambda row: joined.get(column.read(row), ""))


def tick_options(wording: str, options: Sequence[tuple[str, Read]], key: str = "") -> Column:
    """One column of several that hold an option each; a read that is not empty means that the option was ticked."""
    return Column(wording, lambda row: join_options(option for option, read in options if read(row)), key)


def _map(columns: Sequence[Column], details: Details) -> tuple[list[Column], dict[str, Read]]:
    """The columns under the names that a person gave them, and those that are the respondent and the time.

    A column that a person named or confirmed as a group is what they say; any other is looked at for who it names.
    """
    wanted = {clean_wording(column): target for column, target in details.columns.items()}
    kept: list[Column] = []
    said: dict[str, Read] = {}
    for column in columns:
        wording = clean_wording(column.wording)
        target = wanted.get(wording)
        if target in (RESPONDENT, SUBMITTED):
            said[target] = column.read
        elif target or wording in (details.dimensions or ()):
            kept.append(replace(column, wording=target or wording, holds=""))
        elif target is None:
            kept.append(column if column.holds else replace(column, holds=_holds(wording)))
    return kept, said


def _holds(wording: str) -> str:
    """What a question asks about who somebody is. A place may be a group, which only the settings know: it is looked at later."""
    word = says_who(wording)
    return "" if word is None or word == PLACES else word


def _choose_person(name: str, rows: Sequence[Cells], person: Read | None) -> Read:
    if person is not None and any(person(row) for row in rows):
        # An address is the same in capitals; an id may not be.
        return lambda row: cell.casefold() if "@" in (cell := person(row)) else cell
    raise Unsettled(
        name,
        [
            Question(
                "columns",
                "Linked waves need a column with the e-mail address or id of each person, the same in every wave; "
                "this export has none that is filled. Without one, leave out --linked.",
                '--column "COLUMN=respondent_id"',
            )
        ],
    )


def _write_rows(rows: Sequence[Cells], reads: Sequence[Read]) -> Iterator[Row]:
    for row in rows:
        yield row.line, [read(row) or None for read in reads]

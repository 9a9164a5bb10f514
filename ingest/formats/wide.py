"""Any wide survey: a header row and one row a respondent, of a tool that Hearth does not know, as CSV or workbook.

Nothing in such a file says what it is, so it is read only when somebody says that it is a survey. The id and the time are
found by what such columns are usually called and hold, or are as `Details.columns` says.
"""

from collections.abc import Callable, Collection, Sequence

from data.errors import BadFile
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.questionnaire import RESPONDENT, SUBMITTED, SURVEY, Column, Read, at, split_options, write_survey
from ingest.formats.times import DAY_FIRST, MONTH_FIRST, as_moment, read_moment, settle_order
from ingest.formats.wording import clean_wording
from ingest.importer import Details
from ingest.personal import EMAILS, says_who
from ingest.profiles import WIDE

RESPONDENTS = (
    RESPONDENT, "respondent id", "respondentid", "respondent", "response id", "responseid", "response number", "submission id",
    "entry id", "answer id", "record id", "case id", "participant id", "participant", "id", "#", "no", "no.", "nr", "nr.", "case",
)  # fmt: skip
TIMES = (
    SUBMITTED, "submitted at", "submitted on", "submitted", "submission date", "submission time", "submit date", "date submitted",
    "completed at", "completed on", "completed", "completion time", "completion date", "date completed", "end date", "end time",
    "ended at", "finished at", "response date", "recorded date", "timestamp", "date and time", "datetime", "date", "time",
)  # fmt: skip
STARTS = (
    "started at",
    "started on",
    "start date",
    "start time",
    "date started",
    "created at",
    "date created",
    "invited at",
    "sent at",
)
MEMBERS = (
    "member_id", "member id", "member", "participant id", "participant", "employee id", "employee number", "staff id", "user id",
)  # fmt: skip


def read_wide(export: Export, details: Details, zone: str) -> Reading:
    """A wide survey of no tool that is known.

    Raises BadFile for a file without a table, Unsettled where the order of dates or the id of a linked wave must be said.
    """
    header, body = read_grid(export)
    names = [clean_wording(cell) for cell in header.cells]
    mapped = {clean_wording(column): target for column, target in details.columns.items()}
    targets = [mapped.get(name, "" if name else None) for name in names]
    free = [place for place, name in enumerate(names) if name not in mapped]
    respondent = find_place(names, free, RESPONDENTS, lambda place: _are_ids(names[place], place, body))
    submitted = find_place(names, free, TIMES, lambda place: hold_times(place, body))
    respondent = targets.index(RESPONDENT) if RESPONDENT in targets else respondent
    submitted = targets.index(SUBMITTED) if SUBMITTED in targets else submitted
    taken = {respondent, submitted, find_place(names, free, STARTS, lambda place: hold_times(place, body))}
    columns = [
        _settle_options(Column(name, at(place)), body)
        for place, name in enumerate(names)
        if place not in taken and (name or any(at(place)(row) for row in body))
    ]
    order = DAY_FIRST
    if submitted is not None:
        order = settle_order((at(submitted)(row) for row in body), details, export.name)
    return write_survey(
        export.name,
        details.model_copy(
            update={"columns": {name: to for name, to in mapped.items() if to not in (RESPONDENT, SUBMITTED)}}
        ),
        len(names),
        columns,
        body,
        None if respondent is None else at(respondent),
        None if submitted is None else lambda row: read_moment(at(submitted)(row), order, details.zone),
        _find_person(names, targets, free, body),
    )


def has_own_words(header: Sequence[str]) -> bool:
    """Whether a header calls the respondent or the time otherwise than a survey file does, so that it has to be read as what it is."""
    names = {clean_wording(cell).casefold() for cell in header}
    return not names & {RESPONDENT, SUBMITTED} and bool(names & {*RESPONDENTS, *TIMES})


def read_grid(export: Export) -> tuple[Cells, list[Cells]]:
    """The header and the rows below it; lines above it that hold a single cell are a title. Raises BadFile where there is no table."""
    filled = [row for row in export.rows if row.cells]
    first = next((place for place, row in enumerate(filled) if sum(bool(cell.strip()) for cell in row.cells) > 1), None)
    if first is None or not filled[first + 1 :]:
        raise BadFile(
            "The file holds no table with a row for each respondent.",
            where=export.name,
            fix="Export the single answers, not a summary, as CSV or XLSX.",
        )
    return filled[first], filled[first + 1 :]


def find_place(
    names: Sequence[str], places: Collection[int], words: Sequence[str], fits: Callable[[int], bool]
) -> int | None:
    """The column called by the first of the words, of those that fit."""
    plain = [name.casefold() for name in names]
    return next((place for word in words for place in places if plain[place] == word and fits(place)), None)


def hold_times(place: int, body: Sequence[Cells]) -> bool:
    """Whether a column holds times or days in one of the orders, and nothing else."""
    cells = [cell for row in body if (cell := at(place)(row))]
    return bool(cells) and any(
        all(as_moment(read_moment(cell, order)) is not None for cell in cells) for order in (DAY_FIRST, MONTH_FIRST)
    )


def _are_ids(name: str, place: int, body: Sequence[Cells]) -> bool:
    """Whether a column holds one id a row. A column called as the contract calls it is one also where it is wrong."""
    cells = [at(place)(row) for row in body]
    return name == RESPONDENT or (all(cells) and len(set(cells)) == len(cells))


def _find_person(
    names: Sequence[str], targets: Sequence[str | None], free: Collection[int], body: Sequence[Cells]
) -> Read | None:
    """What a respondent is called in every wave: as somebody said, as the contract says, or by member id or e-mail address."""
    if RESPONDENT in targets:
        return at(targets.index(RESPONDENT))
    addresses = [names[place].casefold() for place in free if says_who(names[place]) == EMAILS]
    place = find_place(
        names, free, (RESPONDENT, *MEMBERS, *addresses), lambda place: any(at(place)(row) for row in body)
    )
    return None if place is None else at(place)


def _settle_options(column: Column, body: Sequence[Cells]) -> Column:
    """Options that are joined by commas; those joined by ; are as a survey file has them."""
    return column if any(";" in column.read(row) for row in body) else split_options(column, body, ", ")


FORMAT = Format(
    name=WIDE,
    title="A survey with one row a respondent",
    kinds=(SURVEY,),
    recognise=lambda export: False,
    read=lambda export, kind, details, zone: read_wide(export, details, zone),
)

"""Typeform: one header row, answers between "#" and the columns of times, which are in UTC.

Several choices lie in one column, joined by " / ", or (older) in one column an option, whose header is the option: the title of
that question is not in the file, so it is named by its options.
"""

from collections.abc import Sequence
from dataclasses import replace

from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.questionnaire import SURVEY, Column, at, split_options, tick_options, write_survey
from ingest.formats.times import read_moment
from ingest.formats.wording import clean_wording, name_row
from ingest.importer import Details
from ingest.personal import EMAILS, NETWORK, says_who

SUBMITTED, STARTED, NETWORK_ID, TYPE = "submit date (utc)", "start date (utc)", "network id", "response type"
BESIDE = (TYPE, STARTED, "stage date (utc)", SUBMITTED, NETWORK_ID, "tags", "ending")
FINISHED = ("completed", "")
DISQUALIFIED = ("disqualified", "screened out", "screenedout")
OTHER = "other"
JOINER = " / "


def _recognise(export: Export) -> bool:
    if export.container not in ("text", "workbook"):
        return False
    if export.container == "text" and SUBMITTED not in export.beginning.casefold():
        return False
    header = export.first_rows[0].cells if export.first_rows else ()
    names = [clean_wording(cell).casefold() for cell in header]
    return bool(names) and names[0] == "#" and {STARTED, SUBMITTED} <= set(names)


def _read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    header, *body = [row for row in export.rows if row.cells]
    names = [clean_wording(cell) for cell in header.cells]
    plain = [name.casefold() for name in names]
    own = {name: len(plain) - 1 - plain[::-1].index(name) for name in BESIDE if name in plain}
    first_own = min(place for name, place in own.items() if name in (TYPE, STARTED))
    type_of = at(own[TYPE]) if TYPE in own else lambda row: ""
    rows = [row for row in body if type_of(row).casefold() not in DISQUALIFIED]
    asked = range(1, first_own)
    columns = _read_questions(names, asked, rows)
    columns += [
        Column(names[place], at(place))
        for place in range(first_own, len(names))
        if names[place] and place not in own.values()
    ]
    if NETWORK_ID in own:
        columns.append(Column(names[own[NETWORK_ID]], at(own[NETWORK_ID]), holds=NETWORK))
    address = next((place for place in asked if says_who(names[place]) == EMAILS), None)
    sent = at(own[SUBMITTED])
    reading = write_survey(
        export.name,
        details,
        len(names),
        columns,
        rows,
        at(0),
        lambda row: read_moment(sent(row), zone="UTC") if type_of(row).casefold() in FINISHED else "",
        None if address is None else at(address),
    )
    if len(body) > len(rows):
        reading.leave_out("disqualified answers", len(body) - len(rows))
    return reading


def _read_questions(names: Sequence[str], places: Sequence[int], rows: Sequence[Cells]) -> list[Column]:
    """The questions in the order of the file, columns of one option each taken together."""
    columns: list[Column] = []
    for group in _group(names, places, rows):
        first = names[group[0]]
        others = [place for place in group if _is_other(names[place])]
        if len(group) > 1:
            options = [place for place in group if place not in others]
            question = f"One or more of: {', '.join(names[place] for place in options)}"
            ticks = [("Other" if place in others else names[place], at(place)) for place in group]
            columns.append(tick_options(question, ticks))
            columns += [Column(name_row(question, names[place]), at(place)) for place in others]
        elif others and columns:
            columns.append(Column(name_row(columns[-1].wording, first), at(group[0])))
        elif first or any(at(group[0])(row) for row in rows):
            columns.append(_split_joined(Column(first, at(group[0])), rows))
    return columns


def _group(names: Sequence[str], places: Sequence[int], rows: Sequence[Cells]) -> list[Sequence[int]]:
    """Places taken together: options in a row, those between them that nobody chose, and the "Other" after them."""
    said = {place: {clean_wording(cell) for row in rows if (cell := at(place)(row))} for place in places}
    groups: list[Sequence[int]] = []
    start = 0
    while start < len(places):
        end = last = start
        while end < len(places) and not _is_other(names[places[end]]) and said[places[end]] <= {names[places[end]]}:
            last = end if said[places[end]] else last
            end += 1
        run = places[start : last + 1]
        after = places[last + 1 : last + 2]
        if said[run[0]] == {names[run[0]]} and after and _is_other(names[after[0]]):
            run = [*run, *after]
        groups.append(run if said[run[0]] else run[:1])
        start += len(groups[-1])
    return groups


def _is_other(name: str) -> bool:
    return name.casefold() == OTHER


def _split_joined(column: Column, rows: Sequence[Cells]) -> Column:
    """A column of several choices; a joiner at the beginning joins nothing."""
    bare = replace(column, read=lambda row: column.read(row).removeprefix(JOINER.strip()).strip())
    begins = any(column.read(row).startswith(f"{JOINER.strip()} ") for row in rows)
    return split_options(bare, rows, JOINER, is_certain=True) if begins else split_options(column, rows, JOINER)


FORMAT = Format(name="typeform", title="Typeform: answers", kinds=(SURVEY,), recognise=_recognise, read=_read)

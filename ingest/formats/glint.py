"""Viva Glint: one row an employee and survey cycle; four columns a question, of which the score and the comment are kept.

Times are day first by the tool's own rule. Glint knows no id of an answer, so the employee's id stands for it, which is kept only
as a salted key as every respondent id is.
"""

from collections.abc import Sequence

from ingest.formats.export import Export
from ingest.formats.format import Format, Reading
from ingest.formats.questionnaire import SURVEY, Column, at, write_survey
from ingest.formats.times import DAY_FIRST, read_moment
from ingest.formats.wording import clean_wording, name_row
from ingest.importer import Details
from ingest.personal import EMAILS, IDS, NAMES

COMPLETED, SENT, MANAGER = "survey cycle completion date", "survey cycle sent date", "manager id"
PERSON = {"first name": NAMES, "last name": NAMES, "email": EMAILS, MANAGER: IDS}
BESIDE = (COMPLETED, SENT, "status")
COMMENT, TOPICS, SENSITIVE = "_comment", "_comment_topics", "_sensitive_comment_flag"


def _recognise(export: Export) -> bool:
    if export.container not in ("text", "workbook"):
        return False
    if export.container == "text" and COMPLETED not in export.beginning.casefold():
        return False
    names = _plain(export.first_rows[0].cells) if export.first_rows else []
    return COMPLETED in names and SENT in names


def _plain(header: Sequence[str]) -> list[str]:
    return [clean_wording(cell).casefold() for cell in header]


def _read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    header, *body = [row for row in export.rows if row.cells]
    names = [clean_wording(cell) for cell in header.cells]
    plain = _plain(header.cells)
    employee = _find_employee(plain)
    scored = {name.removesuffix(COMMENT) for name in plain if name.endswith(COMMENT)}
    columns: list[Column] = []
    for place, name in enumerate(plain):
        if name in BESIDE or name.endswith((TOPICS, SENSITIVE)) or not name:
            continue
        if name in PERSON or place == employee:
            columns.append(Column(names[place], at(place), holds=PERSON.get(name, IDS)))
        elif name.endswith(COMMENT) and name.removesuffix(COMMENT) in scored:
            columns.append(Column(name_row(names[place][: -len(COMMENT)], "Comment"), at(place)))
        else:
            columns.append(Column(names[place], at(place)))
    order = details.date_order or DAY_FIRST
    completed = at(plain.index(COMPLETED))
    link = None if employee is None else at(employee)
    return write_survey(
        export.name,
        details,
        len(names),
        columns,
        body,
        link,
        lambda row: read_moment(completed(row), order, details.zone),
        link,
    )


def _find_employee(plain: Sequence[str]) -> int | None:
    """Where the employee's id is, which each company calls its own way: before the manager's; else the e-mail address."""
    place = plain.index(MANAGER) - 1 if MANAGER in plain else -1
    if place >= 0 and plain[place] not in (*PERSON, *BESIDE):
        return place
    return next((plain.index(name) for name in ("employee id", "email") if name in plain), None)


FORMAT = Format(name="glint", title="Viva Glint: answers", kinds=(SURVEY,), recognise=_recognise, read=_read)

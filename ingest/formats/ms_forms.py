"""Microsoft Forms: the workbook of answers, or the same saved as CSV.

Options are joined by ";" with one at the end, which tells several options from one. Columns of a quiz (points, feedback,
totals) say nothing about the community and are left out.
"""

from collections.abc import Sequence
from dataclasses import replace

from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.pieces import split_marked
from ingest.formats.questionnaire import SURVEY, Column, Read, at, write_survey
from ingest.formats.times import DAY_FIRST, MONTH_FIRST, as_moment, read_moment, settle_order
from ingest.formats.wording import clean_wording, join_options
from ingest.importer import Details
from ingest.personal import EMAILS, NAMES

IDS = ("id",)
STARTS = frozenset({
    "start time", "startzeit", "heure de début", "hora de inicio", "ora di inizio", "hora de início", "begintijd", "tijd van starten",
    "starttid", "aloitusaika", "godzina rozpoczęcia", "開始時刻", "время начала", "başlangıç saati", "čas zahájení",
    "kezdés időpontja", "开始时间", "開始時間",
})  # fmt: skip
ENDS = frozenset({
    "completion time", "fertigstellungszeit", "abschlusszeit", "heure de fin", "hora de finalización", "ora di completamento",
    "hora de conclusão", "tijd van voltooien", "slutförandetid", "fullføringstidspunkt", "fuldførelsestidspunkt", "valmistumisaika",
    "godzina ukończenia", "完了時刻", "время завершения", "tamamlanma saati", "čas dokončení", "befejezés időpontja",
    "完成时间", "完成時間",
})  # fmt: skip
ADDRESSES = frozenset({
    "email", "e-mail", "adresse de messagerie", "correo electrónico", "posta elettronica", "e-mailadres", "e-post",
    "mail", "sähköposti", "adres e-mail", "メール", "электронная почта", "e-posta", "电子邮件", "電子郵件",
})  # fmt: skip
PEOPLE = frozenset({
    "name", "nom", "nombre", "nome", "naam", "namn", "navn", "nimi", "nazwa", "名前", "имя", "ad", "jméno", "név", "名称", "姓名", "名稱",
})  # fmt: skip
BESIDE = frozenset({
    "total points", "quiz feedback", "last modified time", "grade posted time",
    "gesamtpunktzahl", "quizfeedback", "zeitpunkt der letzten änderung", "uhrzeit der letzten änderung",
    "total des points", "commentaires sur le questionnaire", "heure de la dernière modification",
    "puntos totales", "comentarios del cuestionario", "hora de la última modificación",
})  # fmt: skip
ANONYMOUS = frozenset({"anonymous", "anonym", "anonyme", "anónimo", "anonimo", "anoniem"})
QUIZ = ("Points - ", "Feedback - ")
FEWEST_OPTIONS_RANKED = 3


def _recognise(export: Export) -> bool:
    if export.container not in ("text", "workbook"):
        return False
    if export.container == "text" and export.beginning.lstrip("\ufeff\"' \r\n")[:2].casefold() != "id":
        return False
    filled = export.first_rows
    names = [clean_wording(cell).casefold() for cell in filled[0].cells] if filled else []
    if len(names) < 3 or names[0] not in IDS:
        return False
    if names[1] in STARTS and names[2] in ENDS:
        return True
    # A language that is not listed: two times and an address tell it as well.
    has_address = len(names) > 4 and names[3] in ADDRESSES | {"email"}
    return (
        has_address
        and len(filled) > 1
        and all(_is_time(row.cells[1]) and _is_time(row.cells[2]) for row in filled[1:20])
    )


def _is_time(cell: str) -> bool:
    return any(":" in cell and as_moment(read_moment(cell, order)) is not None for order in (DAY_FIRST, MONTH_FIRST))


def _read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    header, *body = [row for row in export.rows if row.cells]
    names = [clean_wording(cell) for cell in header.cells]
    order = settle_order((time for row in body for time in (at(1)(row), at(2)(row))), details, export.name)
    columns = [_settle_options(Column(names[place], at(place)), body) for place in _find_questions(names, body)]
    known = _find_people(names)
    columns += [Column(names[place], _without_anonymous(at(place)), holds=holds) for place, holds in known.items()]
    address = next((place for place, holds in known.items() if holds == EMAILS), None)
    reading = write_survey(
        export.name,
        details,
        len(names),
        columns,
        body,
        at(0),
        lambda row: read_moment(at(2)(row), order, details.zone),
        None if address is None else _without_anonymous(at(address)),
    )
    reading.warnings += [
        f'The answers to "{column.wording}" hold the same options in different order, as a ranking does; the order is not kept.'
        for column in columns
        if column.wording in reading.columns and _is_ranking(column, body)
    ]
    return reading


def _find_people(names: Sequence[str]) -> dict[int, str]:
    """The columns of the tool's own that say who answered: they stand directly after the times."""
    found: dict[int, str] = {}
    for place in range(3, min(len(names), 5)):
        plain = names[place].casefold()
        if plain in ADDRESSES and EMAILS not in found.values():
            found[place] = EMAILS
        elif plain in PEOPLE and NAMES not in found.values():
            found[place] = NAMES
        else:
            break
    return found


def _find_questions(names: Sequence[str], body: Sequence[Cells]) -> list[int]:
    """Where the questions are: after the tool's own columns, without what a quiz adds to each."""
    start = 3 + len(_find_people(names))
    is_quiz = any(name.casefold() in BESIDE and "point" in name.casefold() for name in names[: start + 4])
    while start < len(names) and names[start].casefold() in BESIDE:
        start += 1
    found: list[int] = []
    for place in range(start, len(names)):
        head, mark, question = names[place].partition(" - ")
        belongs = bool(mark) and question in names[start:place] and len(head.split()) <= 2
        if belongs or (is_quiz and names[place].startswith(QUIZ)) or names[place].casefold() in BESIDE:
            continue
        if names[place] or any(at(place)(row) for row in body):
            found.append(place)
    return found


def _settle_options(column: Column, body: Sequence[Cells]) -> Column:
    """Several options end with ;, also a single one; a column in which one cell does not is a text."""
    cells = [cell for row in body if (cell := column.read(row))]
    if not cells or not all(cell.endswith(";") for cell in cells):
        return column
    split = split_marked(cells) or {}
    joined = {cell: join_options(split.get(cell, [part for part in cell.split(";") if part])) for cell in set(cells)}
    return replace(column, read=lambda row: joined.get(column.read(row), ""))


def _is_ranking(column: Column, body: Sequence[Cells]) -> bool:
    orders = {tuple(cell.split(";")) for row in body if (cell := column.read(row))}
    sets = {frozenset(order) for order in orders}
    return len(orders) > 1 and len(sets) == 1 and len(next(iter(sets))) >= FEWEST_OPTIONS_RANKED


def _without_anonymous(read: Read) -> Read:
    """Forms writes "anonymous" where it does not know who answered: that is nobody."""
    return lambda row: "" if (cell := read(row)).casefold() in ANONYMOUS else cell


FORMAT = Format(name="ms_forms", title="Microsoft Forms: answers", kinds=(SURVEY,), recognise=_recognise, read=_read)

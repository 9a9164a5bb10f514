"""Google Forms: the answers as the form hands them out (a ZIP with one CSV) or as its linked sheet does (CSV or XLSX).

The form writes times with their zone and joins options by ";", the sheet writes times in its own locale without a zone and
joins options by ", ", also where an option holds a comma. Both begin with a column of times, named in the form's language.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Sequence

from ingest.formats.export import Cells, Export, find_encoding, read_rows
from ingest.formats.format import Format, Question, Reading, Unsettled
from ingest.formats.questionnaire import SURVEY, Column, Read, at, split_options, write_survey
from ingest.formats.times import DAY_FIRST, as_moment, read_moment, settle_order
from ingest.formats.wording import clean_wording
from ingest.importer import Details
from ingest.personal import EMAILS

TIMESTAMPS = frozenset({
    "timestamp", "zeitstempel", "horodateur", "marca temporal", "marca de tiempo", "informazioni cronologiche",
    "carimbo de data/hora", "tijdstempel", "sygnatura czasowa", "tidstämpel", "tidsstempel", "tidsmerke", "aikaleima",
    "časová značka", "časová pečiatka", "zaman damgası", "タイムスタンプ", "отметка времени", "позначка часу", "时间戳记",
    "時間戳記", "타임스탬프", "időbélyeg", "marcaj de timp", "marcă temporală", "marca de temps", "χρονική σήμανση",
    "חותמת זמן", "طابع زمني", "dấu thời gian", "stempel waktu", "ประทับเวลา", "vremenska oznaka", "časovni žig",
    "laiko žyma", "laikspiedols", "ajatempel", "клеймо за време",
})  # fmt: skip
ADDRESSES = frozenset({
    "email address", "username", "e-mail-adresse", "nutzername", "benutzername", "adresse e-mail", "nom d'utilisateur",
    "dirección de correo electrónico", "nombre de usuario", "indirizzo email", "nome utente", "endereço de e-mail",
    "nome de usuário", "e-mailadres", "gebruikersnaam", "adres e-mail", "e-postadress", "mailadresse", "e-postadresse",
    "sähköpostiosoite", "メールアドレス", "адрес электронной почты", "電子郵件地址", "电子邮件地址", "이메일 주소",
})  # fmt: skip
SCORES = frozenset({"score", "punktzahl", "punkte", "note", "puntuación", "punteggio", "pontuação", "score totale"})

_ZONED = re.compile(
    r"(\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?\s?m\.?)?)\s+([A-Z]{1,5}(?:[+-]\d{1,2}(?::?\d{2})?)?)$", re.IGNORECASE
)
_SCORE = re.compile(r"\d+(?:\.\d+)? / \d+")


def _recognise(export: Export) -> bool:
    if export.container == "archive":
        names = export.archive.names
        return len(names) == 1 and names[0].lower().endswith(".csv") and _is_ours(_read_archive(export))
    if export.container == "workbook":
        return _is_ours(export.first_rows)
    return export.container == "text" and _first_word(export.beginning) in TIMESTAMPS and _is_ours(export.first_rows)


def _first_word(text: str) -> str:
    """The first cell of a text, whatever its separator."""
    start = text.lstrip("\ufeff").splitlines()[:1]
    cell = next(csv.reader(io.StringIO(start[0] if start else "")), [""])[:1]
    return clean_wording(re.split(r"[\t;]", cell[0])[0] if cell else "").casefold()


def _is_ours(rows: Sequence[Cells]) -> bool:
    """A header that begins with the word for the time of an answer, and times below it."""
    filled = [row for row in rows if row.cells]
    if not filled or clean_wording(filled[0].cells[0]).casefold() not in TIMESTAMPS or len(filled[0].cells) < 2:
        return False
    return all(_is_time(row.cells[0]) for row in filled[1:20])


def _is_time(cell: str) -> bool:
    shown = read_moment(cell, DAY_FIRST)
    other = read_moment(cell, "month-first")
    return not cell.strip() or as_moment(shown) is not None or as_moment(other) is not None or bool(_ZONED.search(cell))


def _read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    rows = _read_archive(export) if export.container == "archive" else export.rows
    header, *body = [row for row in rows if row.cells]
    names = [clean_wording(cell) for cell in header.cells]
    times = [at(0)(row) for row in body]
    order = settle_order(times, details, export.name)
    address = next((place for place, name in enumerate(names) if place < 3 and name.casefold() in ADDRESSES), None)
    _ask_zone(times, order, details, export.name)
    is_score = [name.casefold() in SCORES and _holds_scores(body, place) for place, name in enumerate(names)]
    joiner = ";" if any(_ZONED.search(time) for time in times) else ", "
    columns: list[Column] = []
    for place, name in enumerate(names[1:], start=1):
        if place == address:
            columns.append(Column(name, at(place), holds=EMAILS))
        elif not is_score[place] and (name or any(at(place)(row) for row in body)):
            columns.append(_settle_joiner(Column(name, at(place)), body, joiner))
    person = None if address is None else at(address)
    return write_survey(
        export.name,
        details,
        len(names),
        columns,
        body,
        _respondent(body, person),
        lambda row: _read_time(at(0)(row), order, details.zone),
        person,
    )


def _ask_zone(times: Sequence[str], order: str, details: Details, name: str) -> None:
    """Raises Unsettled where the times name a zone that could be several, such as IST, and nobody said which."""
    open_zones = [
        time for time in times if _ZONED.search(time) and as_moment(_read_time(time, order, details.zone)) is None
    ]
    if open_zones:
        words = "The times name a zone that could be several."
        raise Unsettled(name, [Question("zone", words, "--zone NAME, such as Europe/Berlin", (), (open_zones[0],))])


def _read_time(text: str, order: str, zone: str | None) -> str:
    """ISO time; one whose abbreviation could be several zones is in the zone that was said."""
    shown = read_moment(text, order, zone)
    if as_moment(shown) is None and zone is not None and (found := _ZONED.search(text)):
        return read_moment(text[: found.end(1)], order, zone)
    return shown


def _read_archive(export: Export) -> tuple[Cells, ...]:
    data = export.archive.read(export.archive.names[0])
    text = data.decode(find_encoding(data), errors="replace").lstrip("\ufeff").replace("\0", "")
    return tuple(read_rows(text, export.name))


def _holds_scores(body: Sequence[Cells], place: int) -> bool:
    """Whether a column holds the marks of a quiz, such as 3 / 5."""
    cells = [cell for row in body if (cell := at(place)(row))]
    return bool(cells) and all(_SCORE.fullmatch(cell) for cell in cells)


def _settle_joiner(column: Column, body: Sequence[Cells], joiner: str) -> Column:
    """The options of a column apart. A sheet that was filled by an older form may hold the other joiner."""
    split = split_options(column, body, joiner)
    return split_options(column, body, ";") if split is column and joiner != ";" else split


def _respondent(body: Sequence[Cells], person: Read | None) -> Read:
    """An id of each answer, which the form does not give: its time and address, and its turn among those with the same.

    Answers do not enter, so that a cell mended in the sheet stays the same answer when the sheet is exported again.
    """
    turns: Counter[str] = Counter()
    ids: dict[int, str] = {}
    for row in body:
        said = f"{at(0)(row)} {person(row).casefold() if person else ''}".strip()
        turns[said] += 1
        ids[row.line] = hashlib.sha256(f"{said} {turns[said]}".encode()).hexdigest()[:20]
    return lambda row: ids[row.line]


FORMAT = Format(name="google_forms", title="Google Forms: answers", kinds=(SURVEY,), recognise=_recognise, read=_read)

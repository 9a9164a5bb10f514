"""LimeSurvey: one header row of codes, of full texts, or of both; answers as codes or as texts.

The parts of a question stand in brackets behind it: Q1[SQ001]. Where a survey is anonymous its times are all 1980-01-01:
such an answer counts as sent on the day the wave closed, or opened.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Question, Reading, Unsettled
from ingest.formats.questionnaire import SURVEY, Column, Read, at, tick_options, write_survey
from ingest.formats.times import read_day, read_moment, settle_order
from ingest.formats.wording import clean_wording, name_row
from ingest.importer import Details
from ingest.personal import EMAILS, IDS, NAMES, NETWORK

ID, SUBMITTED, TOKEN, ADDRESS = "id", "submitdate", "token", "email"
OWN = {
    ID: ("response id", "antwort id", "antwort-id", "id de la réponse", "id de respuesta", "id"),
    SUBMITTED: ("date submitted", "datum abgeschickt", "datum abgesendet", "date de soumission", "fecha de envío", "data di invio"),
    "lastpage": ("last page", "letzte seite", "dernière page", "última página", "ultima pagina"),
    "startlanguage": ("start language", "start-sprache", "startsprache", "langue de départ", "lenguaje inicial", "idioma inicial"),
    "seed": ("seed", "zufallsstartwert", "graine", "semilla"),
    "startdate": ("date started", "datum gestartet", "date de lancement", "fecha de inicio"),
    "datestamp": ("date last action", "datum letzte aktivität", "date de la dernière action", "fecha de la última acción"),
    "refurl": ("referrer url", "url referente", "referenz-url", "url de référence"),
    "interviewtime": ("total time", "gesamtzeit", "temps total", "tiempo total"),
}  # fmt: skip
PERSON = {
    TOKEN: (IDS, ("access code", "zugangscode", "zugangsschlüssel", "code d'accès", "token")),
    "ipaddr": (NETWORK, ("ip address", "ip-adresse", "adresse ip", "dirección ip")),
    "firstname": (NAMES, ("first name", "vorname", "prénom")),
    "lastname": (NAMES, ("last name", "nachname", "nom de famille")),
    ADDRESS: (EMAILS, ("email address", "e-mail-adresse", "adresse de courriel")),
}  # fmt: skip
KNOWN = {word: name for name, words in OWN.items() for word in (name, *words)}
KNOWN |= {word: name for name, (_, words) in PERSON.items() for word in (name, *words)}
MARKS = (SUBMITTED, "lastpage", "startlanguage", "seed", "startdate", "datestamp")

BOTH = re.compile(r"([A-Za-z]\w*(?:\[[^\]]*\])*)(?:\. | - |: )(.*)", re.DOTALL)
CODE = re.compile(r"[A-Za-z]\w*(?:\[[^\]]*\])*")
PARTS = re.compile(r"\[([^\[\]]*)\]")
TIMING = re.compile(
    r"interviewtime|groupTime\d+|\w+Time|(?:group|question|fragen(?:gruppen)?)\s?(?:time|zeit):.*", re.IGNORECASE
)
TICKED, CLEAR = ("y", "yes", "ja", "oui", "sí", "si", "sim"), ("", "n", "no", "nein", "non", "nee", "não", "n/a")
OTHERS = ("other", "sonstiges", "autre", "otro", "altro", "andere")
COMMENT = "comment"
HIDDEN = "1980-01-01"


class Head(NamedTuple):
    """A column's header: the question's code and wording as far as the header says them, and the parts in brackets."""

    code: str
    wording: str
    code_parts: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.code + "".join(f"[{part}]" for part in self.code_parts) if self.code else ""

    @property
    def group(self) -> str:
        """What all columns of a question have in common."""
        return self.code or self.wording

    @property
    def is_comment(self) -> bool:
        return bool(self.code_parts and self.code_parts[-1].endswith(COMMENT)) or bool(
            self.parts and self.parts[-1].casefold() in (COMMENT, "kommentar", "commentaire", "comentario")
        )

    @property
    def is_other(self) -> bool:
        return self.code_parts[-1:] == ("other",) or bool(self.parts and self.parts[-1].casefold() in OTHERS)


def _recognise(export: Export) -> bool:
    if export.container not in ("text", "workbook"):
        return False
    if not _begins_with_id(export) or not export.first_rows:
        return False
    own = _find_own(export.first_rows[0].cells)
    return own.get(ID) == 0 and SUBMITTED in own and sum(name in own for name in MARKS) >= 3


def _begins_with_id(export: Export) -> bool:
    if export.container == "workbook":
        return True
    start = export.beginning.lstrip("\ufeff\"' \r\n")[:40].casefold()
    return start.startswith((ID, *OWN[ID]))


def _find_own(header: Sequence[str]) -> dict[str, int]:
    """Where LimeSurvey's own columns are, by code, by text or by both."""
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        plain = clean_wording(cell).casefold()
        both = BOTH.fullmatch(plain)
        name = KNOWN.get(plain) or (KNOWN.get(both[1]) if both and KNOWN.get(both[2]) == KNOWN.get(both[1]) else None)
        if name is not None:
            found.setdefault(name, place)
    return found


def _read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    header, *body = [row for row in export.rows if row.cells]
    own = _find_own(header.cells)
    asked = {
        place: head
        for place, head in enumerate(_read_heads(header.cells, own))
        if place not in own.values() and not _is_timing(header.cells[place]) and (head.group or head.parts)
    }
    columns = [
        Column(clean_wording(header.cells[own[name]]), at(own[name]), holds=holds)
        for name, (holds, _) in PERSON.items()
        if name in own
    ]
    columns += _read_questions(asked, body)
    link = next(
        (at(own[name]) for name in (ADDRESS, TOKEN) if name in own and any(at(own[name])(row) for row in body)), None
    )
    reading = write_survey(
        export.name,
        details,
        len(header.cells),
        columns,
        body,
        at(own[ID]),
        _submitted(at(own[SUBMITTED]), body, details, export.name),
        link,
    )
    if details.linked and ADDRESS not in own and not details.columns:
        reading.warnings.append(
            "Answers are linked by the access code. It is the same in every wave only where the list of participants was copied."
        )
    return reading


def _read_heads(header: Sequence[str], own: dict[str, int]) -> list[Head]:
    """The headers taken apart. They are codes, texts, or both, as those of the tool's own columns are."""
    mark = clean_wording(header[own[SUBMITTED]]).casefold()
    if mark == SUBMITTED:
        return [_from_code(cell.strip()) for cell in header]
    if BOTH.fullmatch(mark):
        return [_from_both(clean_wording(cell)) for cell in header]
    return [_from_text(clean_wording(cell)) for cell in header]


def _from_code(code: str) -> Head:
    parts = tuple(PARTS.findall(code))
    base = code.partition("[")[0]
    return Head(base, base, parts, parts)


def _from_text(text: str) -> Head:
    """A wording and the parts in brackets at its end."""
    parts: list[str] = []
    while found := re.search(r"\s*\[([^\[\]]*)\]$", text):
        parts.insert(0, found[1].strip())
        text = text[: found.start()]
    return Head("", text, (), tuple(parts))


def _from_both(text: str) -> Head:
    found = BOTH.fullmatch(text)
    if found is None:
        return _from_code(text) if CODE.fullmatch(text) else _from_text(text)
    code, said = _from_code(found[1]), _from_text(found[2])
    return Head(
        code.code, said.wording, code.code_parts, said.parts[-len(code.code_parts) :] if code.code_parts else said.parts
    )


def _is_timing(header: str) -> bool:
    plain = clean_wording(header)
    both = BOTH.fullmatch(plain)
    return bool(TIMING.fullmatch(both[1] if both else plain))


def _read_questions(asked: dict[int, Head], rows: Sequence[Cells]) -> Iterator[Column]:
    """The columns of the survey, question by question."""
    groups: dict[str, list[tuple[Head, Read]]] = {}
    for place, head in asked.items():
        groups.setdefault(head.group, []).append((head, at(place)))
    for group in groups.values():
        options = [(head, read) for head, read in group if head.parts and not head.is_comment and not head.is_other]
        others = [(head, read) for head, read in group if head.is_other and not head.is_comment]
        is_ticked = bool(options) and _are_ticks(options, rows, has_other=bool(others))
        if is_ticked:
            ticks = [(" - ".join(head.parts), _ticked(read)) for head, read in options]
            ticks += [("Other", read) for _, read in others]
            yield tick_options(group[0][0].wording, ticks, group[0][0].code)
        for head, read in group:
            if not (is_ticked and (head, read) in options):
                yield Column(_name(head), read, head.key)


def _are_ticks(options: Sequence[tuple[Head, Read]], rows: Sequence[Cells], *, has_other: bool) -> bool:
    """Whether the parts were ticked: Y or nothing, in full answers Yes or No. A Y beside an N is an answer to each row."""
    cells = {read(row).casefold() for _, read in options for row in rows} - {""}
    if not cells:
        return has_other
    return cells <= {*TICKED, *CLEAR} and bool(cells & set(TICKED)) and not {"y", "n"} <= cells


def _ticked(read: Read) -> Read:
    return lambda row: cell if (cell := read(row)).casefold() in TICKED else ""


def _name(head: Head) -> str:
    """The wording with its part; the code where the header says no more."""
    return head.key if head.wording == head.code else name_row(head.wording, " - ".join(head.parts))


def _submitted(read: Read, rows: Sequence[Cells], details: Details, name: str) -> Read:
    """When an answer was sent; nothing for one that was not."""
    order = settle_order((read(row) for row in rows), details, name)
    day = details.closed or details.opened
    is_hidden = any(read_day(read(row)) == HIDDEN for row in rows)
    if is_hidden and day is None and details.wave is not None:
        words = "This survey recorded no times (all are 1980-01-01)."
        raise Unsettled(name, [Question("closed", words, "--closed DAY, or --opened DAY while the wave is open")])

    def moment(row: Cells) -> str:
        cell = read(row)
        if day is not None and cell and read_day(cell) == HIDDEN:
            return f"{day.isoformat()} 00:00:00Z"
        return read_moment(cell, order, details.zone)

    return moment


FORMAT = Format(name="limesurvey", title="LimeSurvey: answers", kinds=(SURVEY,), recognise=_recognise, read=_read)

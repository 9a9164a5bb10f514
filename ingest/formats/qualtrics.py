"""Qualtrics: three header rows (names, wordings, and what Qualtrics calls the column for good), or two in the older export.

The third row holds the key of each question, the options of a multiple choice that lie in columns of their own, and the zone of
the times. Previews, tests and what Qualtrics took for spam are left out.
"""

import json
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.qualtrics_questions import Head, read_questions
from ingest.formats.questionnaire import SURVEY, Column, Read, at, write_survey
from ingest.formats.times import as_moment, read_moment
from ingest.formats.wording import clean_wording
from ingest.importer import Details
from ingest.personal import EMAILS, IDS, NAMES, NETWORK, POSITIONS

IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"\s*:')
PERSON = {
    "ipaddress": NETWORK, "recipientlastname": NAMES, "recipientfirstname": NAMES, "recipientemail": EMAILS,
    "externaldatareference": IDS, "externalreference": IDS, "emailaddress": EMAILS, "name": NAMES,
    "locationlatitude": POSITIONS, "locationlongitude": POSITIONS, "locationaccuracy": POSITIONS,
}  # fmt: skip
LINKS = ("recipientemail", "emailaddress", "externaldatareference", "externalreference")
OWN = (
    "startdate", "enddate", "recordeddate", "status", "progress", "duration", "durationinseconds", "finished", "recordid",
    "responseid", "responseset", "distributionchannel", "userlanguage",
)  # fmt: skip
STATUSES = {
    "1": "previews", "9": "previews", "17": "previews", "2": "test answers", "8": "answers taken for spam",
    "12": "answers taken for spam", "40": "answers taken for spam",
}  # fmt: skip
STATUS_WORDS = {
    "preview": "previews", "vorschau": "previews", "aperçu": "previews", "vista previa": "previews", "anteprima": "previews",
    "test": "test answers", "spam": "answers taken for spam",
}  # fmt: skip
UNFINISHED = ("0", "false", "falsch", "faux", "falso", "onwaar", "nein", "no")
ENDED_EARLY = "qterminateflag"
DISQUALIFIED = ("screened", "quotamet", "quota met")


def _recognise(export: Export) -> bool:
    if export.container == "text":
        start = export.beginning
        if "ImportId" not in start and "responseid" not in start.casefold():
            return False
    elif export.container != "workbook":
        return False
    return _count_headers(export.first_rows[:3]) > 0


def _count_headers(rows: Sequence[Cells]) -> int:
    """How many header rows there are; 0 for what is no export of Qualtrics."""
    for count in (3, 2):
        if len(rows) >= count and any(IMPORT_ID.match(cell) for cell in rows[count - 1].cells[:3]):
            return count
    first, second = ([_plain(cell) for cell in row.cells] for row in (*rows, Cells(0, ()), Cells(0, ()))[:2])
    numbered = bool(rows) and [cell.strip() for cell in rows[0].cells[:3]] == ["V1", "V2", "V3"]
    if numbered and second[:1] == ["responseid"]:
        return 2
    if not {"responseid", "startdate", "enddate", "finished"} <= set(first):
        return 0
    started = at(first.index("startdate"))
    return 2 if len(rows) > 1 and as_moment(read_moment(started(rows[1]))) is None else 1


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.casefold())


def _read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    filled = [row for row in export.rows if row.cells]
    count = _count_headers(filled[:3])
    heads, file_zone = _read_heads([row.cells for row in filled[:count]])
    own = _find_own(heads)
    rows, left_out = _leave_out(filled[count:], own)
    columns = [
        Column(heads[place].name, at(place), holds=PERSON[name]) for name, place in own.items() if name in PERSON
    ]
    taken = {place for name, place in own.items() if name in PERSON or name in OWN}
    columns += read_questions([(at(place), head) for place, head in enumerate(heads) if place not in taken], rows)
    reading = write_survey(
        export.name,
        details,
        len(heads),
        columns,
        rows,
        _first(own, "recordid", "responseid"),
        _submitted(own, details.zone or file_zone),
        _choose_link(own, rows),
    )
    reading.left_out.update(left_out)
    return reading


def _read_heads(rows: Sequence[Sequence[str]]) -> tuple[list[Head], str | None]:
    """What the header rows say of each column, and the zone of the times where they say it."""
    heads: list[Head] = []
    zone: str | None = None
    width = max(len(row) for row in rows)
    names, *others = ([*row, *[""] * (width - len(row))] for row in rows)
    for place, name in enumerate(names):
        below = [row[place] for row in others]
        told = _read_key(below.pop()) if below and IMPORT_ID.match(below[-1]) else {}
        wording = clean_wording(below[0] if below and below[0].strip() else name)
        is_numbered = re.fullmatch(r"V\d+", name.strip()) is not None
        heads.append(
            Head(
                wording if is_numbered else clean_wording(name),
                wording,
                str(told.get("ImportId", "")),
                str(told.get("choiceId", "")),
            )
        )
        zone = zone or _check_zone(str(told.get("timeZone", "")))
    return heads, zone


def _read_key(cell: str) -> dict[str, object]:
    try:
        told = json.loads(cell)
    except json.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _check_zone(name: str) -> str | None:
    """A zone that is known; None for none."""
    try:
        return ZoneInfo("UTC" if name == "Z" else name).key if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _find_own(heads: Sequence[Head]) -> dict[str, int]:
    """Where the columns are that are no questions, by the name that Qualtrics has for them."""
    found: dict[str, int] = {}
    for place, head in enumerate(heads):
        if not head.question:
            found.setdefault(_plain(head.key or head.name), place)
    return found


def _leave_out(body: Sequence[Cells], own: dict[str, int]) -> tuple[list[Cells], dict[str, int]]:
    """The answers that count, and how many of which kind do not."""
    status, ended = _first(own, "status"), _first(own, ENDED_EARLY)
    rows: list[Cells] = []
    left_out: dict[str, int] = {}
    for row in body:
        word = _word_status(status(row)) if status else None
        if ended and ended(row).casefold() in DISQUALIFIED:
            word = "disqualified answers"
        if word is None:
            rows.append(row)
        else:
            left_out[word] = left_out.get(word, 0) + 1
    return rows, left_out


def _word_status(status: str) -> str | None:
    plain = status.casefold()
    return STATUSES.get(plain) or next((word for sign, word in STATUS_WORDS.items() if sign in plain), None)


def _first(own: dict[str, int], *names: str) -> Read | None:
    return next((at(own[name]) for name in names if name in own), None)


def _submitted(own: dict[str, int], zone: str | None) -> Read | None:
    """When an answer was sent; nothing for one that was not finished."""
    ended, finished = _first(own, "enddate", "recordeddate"), _first(own, "finished")
    if ended is None:
        return None

    def read(row: Cells) -> str:
        is_open = finished is not None and finished(row).casefold() in UNFINISHED
        return "" if is_open else read_moment(ended(row), zone=zone)

    return read


def _choose_link(own: dict[str, int], rows: Sequence[Cells]) -> Read | None:
    """What a respondent is called in every wave: the e-mail address where it is known, else the reference of the panel."""
    reads = [at(own[name]) for name in LINKS if name in own]
    return next((read for read in reads if any(read(row) for row in rows)), None)


FORMAT = Format(name="qualtrics", title="Qualtrics: answers", kinds=(SURVEY,), recognise=_recognise, read=_read)

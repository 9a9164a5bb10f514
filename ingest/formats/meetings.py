"""Meetings: what the reports of all event tools have in common. One event, the people on its list, how long each stayed.

A format fills Meetings; this module gives the event its id, asks for what no file says, and writes the rows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from data.errors import BadFile
from ingest.formats.export import Export
from ingest.formats.format import Identity, Question, Reading, Row, Unsettled
from ingest.formats.times import as_moment, join_stays
from ingest.importer import Details

COLUMNS = (
    "event_id", "member_id", "attended", "registered", "cancelled", "part", "minutes", "starts_at", "title", "ends_at",
    "type", "mode",
)  # fmt: skip
ALWAYS = ("event_id", "member_id", "attended")
MEMBER_COLUMNS = ("member_id", "name", "email")
NO_SHOW, CAME = "no", "yes"

_BRACKETS = re.compile(r"\s*[\(\[（][^\(\)\[\]（）]*[\)\]）]\s*$")
_NO_SLUG = re.compile(r"[\W_]+")


@dataclass
class Attendee:
    """Somebody on the list of one event. `stays` are UTC; `minutes` is what the file says where it gives no stays.

    `unreadable` is a text that should have been a time or a duration: it is handed on, so that checking names it.
    """

    id: str
    line: int
    name: str | None = None
    email: str | None = None
    login: str | None = None
    kind: Literal["member", "guest"] = "member"
    attended: bool = True
    registered: bool | None = None
    cancelled: bool | None = None
    part: str | None = None
    stays: list[tuple[datetime, datetime]] = field(default_factory=list)
    minutes: float | None = None
    unreadable: str = ""

    @property
    def time_there(self) -> float | None:
        """Minutes there: the union of the stays, else what the file says, None where neither is known."""
        return join_stays(self.stays) if self.stays else self.minutes


@dataclass
class Meeting:
    """One event: what the tool calls it, when it was, and its people by id. Times are ISO text.

    `key` is what its id is made of; `is_once` says that the tool gives it to no other event, so that the start adds nothing.
    """

    key: str = ""
    title: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    is_once: bool = False
    people: dict[str, Attendee] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def take(self, row: Attendee) -> Attendee:
        """The person of a row: known from a row before, whose blanks it fills, or new."""
        known = self.people.setdefault(row.id, row)
        if known is not row:
            known.name, known.email, known.login = (
                known.name or row.name,
                known.email or row.email,
                known.login or row.login,
            )
            known.kind = "member" if "member" in (known.kind, row.kind) else "guest"
            known.part = known.part or row.part
        return known

    @property
    def attended(self) -> list[Attendee]:
        return [person for person in self.people.values() if person.attended]

    def leave_out(self, what: str, count: int = 1) -> None:
        """Count something of the file that is not taken."""
        if count:
            self.left_out[what] = self.left_out.get(what, 0) + count

    def settle_check_ins(self) -> None:
        """Where nobody at all is checked in, the list does not say who came: then it is no list of no-shows either."""
        listed = [person for person in self.people.values() if person.registered and not person.cancelled]
        if self.attended or not listed:
            return
        for person in listed:
            person.registered = None
        self.warnings.append(
            f"Nobody is checked in in this file, so it does not say who came: its {len(listed)} registrations count neither "
            "as attendance nor as no-shows. Check people in and export again, or import who came as an attendance file."
        )


def write_reading(
    export: Export,
    kind: str,
    tool: str,
    meetings: Sequence[Meeting],
    details: Details,
    zone: str,
    mode: str | None = None,
) -> Reading:
    """The meetings of a file as rows of attendance, or their people as a roster.

    Raises Unsettled where nobody knows yet which event it was, or on which day.
    """
    people = _list_people(meetings)
    if kind == "members":
        return _with_words(write_roster(people), meetings)
    ids = [_name_event(export, tool, meeting, details, zone) for meeting in meetings]
    if details.event_id and len(meetings) > 1:
        raise BadFile(
            f"The file holds {len(meetings)} meetings, and one event was named for it.",
            where=export.name,
            fix="Leave out --event, or export each meeting alone.",
        )
    rows = [
        row
        for id_, meeting in zip(ids, meetings, strict=True)
        for row in _write_rows(id_, meeting, details.event_type, mode)
    ]
    used = [place for place, name in enumerate(COLUMNS) if name in ALWAYS or any(cells[place] for _, cells in rows)]
    chosen: list[Row] = [
        (line, tuple(cells[place] for place in used)) for line, cells in sorted(rows, key=lambda row: row[0])
    ]
    return _with_words(Reading(kind, tuple(COLUMNS[place] for place in used), chosen, people), meetings)


def write_roster(people: Sequence[Identity]) -> Reading:
    """The people of a file as a roster: guests are no members."""
    members = [(line, person) for line, person in enumerate(people, 1) if person.kind == "member"]
    columns = MEMBER_COLUMNS if any(person.email for _, person in members) else MEMBER_COLUMNS[:2]
    rows: list[Row] = [(line, (person.id, person.name, person.email)[: len(columns)]) for line, person in members]
    reading = Reading("members", columns, rows, list(people))
    if len(rows) < len(people):
        reading.leave_out("guests", len(people) - len(rows))
    return reading


def choose_id(*candidates: str) -> str:
    """What the rows call somebody: the first of an address, an id and a name that there is. Addresses are in small letters."""
    found = next((text.strip() for text in candidates if text.strip()), "")
    return found.casefold() if "@" in found else found


def strip_marks(name: str) -> str:
    """A name without the brackets that tools hang on it: (Guest), (Unverified), (EXT), (Original Name)."""
    short = name.strip()
    while (shorter := _BRACKETS.sub("", short)) != short and shorter:
        short = shorter
    return short


def find_day_in(name: str) -> date | None:
    """The day that a file's name holds, year first (2026-10-05, 20261005); None where there is none."""
    for found in re.finditer(r"(?<!\d)(20\d\d)([-_. ]?)([01]\d)\2([0-3]\d)(?!\d)", name):
        try:
            return date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:
            continue
    return None


def _with_words(reading: Reading, meetings: Sequence[Meeting]) -> Reading:
    for meeting in meetings:
        reading.warnings += meeting.warnings
        for what, count in meeting.left_out.items():
            reading.leave_out(what, count)
    return reading


def _list_people(meetings: Sequence[Meeting]) -> list[Identity]:
    known: dict[str, Identity] = {}
    for person in (person for meeting in meetings for person in meeting.people.values()):
        found = Identity(person.id, person.name, person.email, person.login, person.kind)
        if person.id not in known or (known[person.id].kind == "guest" and person.kind == "member"):
            known[person.id] = found
    return list(known.values())


def _name_event(export: Export, tool: str, meeting: Meeting, details: Details, zone: str) -> str:
    """The id of an event, the same for every export of it: the tool, what it calls the event, its start in UTC."""
    if meeting.starts_at is None and details.day is not None:
        meeting.starts_at = details.day.isoformat()
    if details.event_id:
        return details.event_id
    named = meeting.key or meeting.title or ""
    questions = []
    if not named and (meeting.starts_at is None or len(meeting.starts_at) <= len("2026-11-16")):
        questions.append(Question("event_id", "The file does not say which event it is of.", "--event ID"))
    if meeting.starts_at is None:
        questions.append(Question("day", "The file does not say on which day the event was.", "--day DATE"))
    if questions:
        raise Unsettled(export.name, questions)
    stamp = "" if meeting.is_once else _stamp(meeting.starts_at or "", zone, exact=not named)
    return ":".join(part for part in (tool, _slug(named), stamp) if part)


def _stamp(starts_at: str, zone: str, *, exact: bool) -> str:
    moment = as_moment(starts_at)
    if moment is None or len(starts_at) <= len("2026-11-16"):
        return starts_at
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    return moment.strftime("%Y%m%dT%H%M%SZ" if exact else "%Y%m%dT%H%MZ")


def _slug(text: str) -> str:
    return _NO_SLUG.sub("-", text.casefold()).strip("-")


def _write_rows(
    event_id: str, meeting: Meeting, event_type: str | None, mode: str | None
) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    has_start = meeting.starts_at is not None
    event = (meeting.starts_at, meeting.title, meeting.ends_at, event_type, mode) if has_start else (None,) * 5
    for person in meeting.people.values():
        yield (
            person.line,
            (
                event_id,
                person.id,
                _flag(person.attended),
                _flag(person.registered),
                _flag(person.cancelled),
                person.part,
                _minutes(person),
                *event,
            ),
        )


def _flag(value: bool | None) -> str | None:
    return None if value is None else CAME if value else NO_SHOW


def _minutes(person: Attendee) -> str | None:
    if person.unreadable:
        return person.unreadable
    minutes = person.time_there
    return None if minutes is None else str(round(minutes, 2)).removesuffix(".0")

"""Microsoft Teams, logs of joining and leaving: the older attendance list, and the engagement report of a live event.

A log has no rows of stays. Each joining is paired with the leaving that follows it; who had not left when the log was
taken was there for a time that nobody knows.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from data.errors import BadFile
from ingest.formats.clock import Clock
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.headings import Heading, cell_at, find_heading, heading_of, plain, read_below
from ingest.formats.meetings import Attendee, Meeting, choose_id, strip_marks, write_reading
from ingest.formats.teams_words import USER_ACTION, is_guest, means_left, part_of
from ingest.formats.times import names_day
from ingest.importer import Details

LIVE = frozenset({"participantid", "fullname", "utceventtimestamp", "action"})
LOG_COLUMNS = 3
MOST_ACTIONS = 4

_TITLE = re.compile(r"meetingattendance(?:list|report)\s*\(([^()]*[^\W\d][^()]*)\)", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """One line of a log: somebody, in one session, joined or left at a time."""

    person: Attendee
    session: str
    at: str
    is_left: bool


def recognise_list(export: Export) -> bool:
    """The older list: three columns, the second called user action, in whatever language."""
    filled = [row for row in export.top if row.cells]
    if not filled or len(_filled(filled[0])) != LOG_COLUMNS:
        return False
    if plain(filled[0].cells[1]) in USER_ACTION:
        return True
    below = filled[1:]
    is_of_teams = export.container == "text" and export.encoding.startswith("utf-16") and "\t" in export.beginning
    actions = {cell_at(row, 1) for row in below}
    return (
        is_of_teams and bool(below) and len(actions) <= MOST_ACTIONS and all(_is_time(cell_at(row, 2)) for row in below)
    )


def read_list(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The list that the organiser downloaded; names are all that it knows of people."""
    first = next(index for index, row in enumerate(export.rows) if row.cells)
    heading = heading_of(export.rows, first)
    rows = [row for row in read_below(export.rows, heading, export.name) if cell_at(row, 0)]
    _refuse_empty(export, heading, rows)
    clock = Clock((cell_at(row, 2) for row in rows), details, zone, export.name, asks=kind == "attendance")
    found = _TITLE.search(PurePath(export.name).stem)
    meeting = Meeting(title=found[1].strip() if found else None)
    entries = []
    for row in rows:
        shown = cell_at(row, 0)
        person = Attendee(choose_id(strip_marks(shown)), row.line, strip_marks(shown))
        person.kind = "guest" if is_guest(shown, "") else "member"
        entries.append(Entry(person, person.id, cell_at(row, 2), means_left(cell_at(row, 1))))
    return _write(export, kind, meeting, entries, clock, details, zone)


def recognise_live(export: Export) -> bool:
    """The engagement report of a live event, by its columns."""
    return find_heading(export.top, LIVE.issubset, most=5) is not None


def read_live(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The audience of a live event. Times are UTC."""
    heading = find_heading(export.rows, LIVE.issubset, most=5)
    if heading is None:
        raise BadFile("This is no engagement report of a live event.", where=export.name, fix="Download it again.")
    rows = list(read_below(export.rows, heading, export.name))
    _refuse_empty(export, heading, rows)
    utc = details.model_copy(update={"zone": "UTC"})
    clock = Clock(
        (heading.value(row, "utceventtimestamp") for row in rows), utc, zone, export.name, asks=kind == "attendance"
    )
    meeting = Meeting()
    entries = []
    nameless = set()
    for row in rows:
        shown, login = heading.value(row, "fullname"), heading.value(row, "participantid")
        session = heading.value(row, "sessionid")
        id_ = choose_id(login, strip_marks(shown))
        if not id_:
            nameless.add(session)
            continue
        person = Attendee(
            id_, row.line, strip_marks(shown) or None, id_ if "@" in id_ else None, login.casefold() or None
        )
        person.kind = "guest" if is_guest(shown, login) else "member"
        person.part = part_of(heading.value(row, "role"), has_attendees=True)
        is_left = means_left(heading.value(row, "action"))
        entries.append(Entry(person, f"{session} {id_}", heading.value(row, "utceventtimestamp"), is_left))
    meeting.leave_out("viewers without a name", len(nameless))
    return _write(export, kind, meeting, entries, clock, utc, zone)


def _filled(row: Cells) -> Sequence[str]:
    return [cell for cell in row.cells if cell.strip()]


def _is_time(text: str) -> bool:
    return ":" in text and names_day(text)


def _refuse_empty(export: Export, heading: Heading, rows: Sequence[Cells]) -> None:
    if not rows:
        raise BadFile(
            "The list holds nobody.",
            where=f"{export.name}, line {heading.line}",
            fix="Download it again during the meeting.",
        )


def _write(
    export: Export, kind: str, meeting: Meeting, entries: Sequence[Entry], clock: Clock, details: Details, zone: str
) -> Reading:
    for entry in entries:
        person = meeting.take(entry.person)
        if clock.read(entry.at) is None:
            person.unreadable = person.unreadable or entry.at or "no time"
        clock.stretch(meeting, entry.at, entry.at)
    _pair(meeting, entries, clock)
    return write_reading(export, kind, "teams", [meeting], details, zone, "virtual")


def _pair(meeting: Meeting, entries: Iterable[Entry], clock: Clock) -> None:
    """Stays from the first joining to the next leaving of a session; a person with one that never ends has no minutes."""
    sessions: dict[str, list[tuple[datetime, bool, str]]] = {}
    for entry in entries:
        at = clock.read(entry.at)
        if at is not None:
            sessions.setdefault(entry.session, []).append((at, entry.is_left, entry.person.id))
    still_there: set[str] = set()
    for steps in sessions.values():
        since: datetime | None = None
        for at, is_left, id_ in sorted(steps, key=lambda step: step[:2]):
            if not is_left:
                since = since or at
            elif since is not None:
                meeting.people[id_].stays.append((since, at))
                since = None
        if since is not None:
            still_there.add(steps[-1][2])
    for id_ in still_there:
        meeting.people[id_].stays.clear()
    if still_there:
        meeting.warnings.append(
            f"{len(still_there)} of {len(meeting.people)} people had not left when the list was taken; how long they stayed is "
            "not known."
        )


LIST = Format("teams", "Teams attendance list", ("attendance", "members"), recognise_list, read_list, is_one_event=True)
LIVE_EVENT = Format(
    "teams", "Teams live event engagement", ("attendance", "members"), recognise_live, read_live, is_one_event=True
)

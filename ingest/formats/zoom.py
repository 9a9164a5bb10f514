"""Zoom: the participants of a meeting, with the meeting above them, without, as unique users, or many meetings in one file.

Source: Zoom's support pages on meeting and usage reports, and files that people have published.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from data.errors import BadFile
from ingest.formats.claims import check_attended, check_minutes, span_minutes
from ingest.formats.clock import Clock
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.headings import Heading, find_heading, read_below
from ingest.formats.meetings import Attendee, Meeting, choose_id, strip_marks, write_reading
from ingest.formats.times import read_minutes
from ingest.importer import Details

NAMES = ("name original name", "name", "participant", "participant name", "participants")
EMAILS = ("user email", "email", "participant email", "email address")
JOINED = ("join time", "join time timezone")
LEFT = ("leave time", "leave time timezone")
STARTED = ("start time", "meeting start time", "actual start time")
ENDED = ("end time", "meeting end time")
TOPICS = ("topic", "meeting topic", "meeting name")
IDS = ("meeting id", "id", "meeting number")
HOSTS = ("user email", "host email", "host")
NEW_SESSION = timedelta(hours=2)
MINUTE = 1.01

_ID_IN_NAME = re.compile(r"(?<!\d)(\d{9,11})(?!\d)")


class Joined(NamedTuple):
    """One row: somebody, with what the file says of their stay, and the meeting that the row names."""

    row: Cells
    person: Attendee
    joined: str
    left: str
    minutes: str
    meeting: tuple[str, str, str, str]


def recognise(export: Export) -> bool:
    """A text or workbook whose rows carry Zoom's names of columns, in either spelling."""
    return find_heading(export.top, _names_participants) is not None


def read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Participants as attendance: rejoins and second devices are one time there, the waiting room is none."""
    heading = find_heading(export.rows, _names_participants)
    if heading is None:
        raise BadFile("This is no list of Zoom participants.", where=export.name, fix="Export it again.")
    above = _find_meeting(export.rows, heading)
    left_out: dict[str, int] = {}
    found = list(_read_people(export, heading, left_out))
    if not found:
        raise BadFile(
            "The report lists no participants.",
            where=f"{export.name}, line {heading.line}",
            fix="Export the participants of a meeting that was held.",
        )
    clock = Clock(_list_times(above, found), details, zone, export.name, asks=kind == "attendance")
    meetings = [_read_meeting(above, clock, found)] if above else _split_meetings(export.name, clock, found)
    for meeting, rows in meetings:
        _fill(meeting, rows, clock)
    first, rows = meetings[0]
    first.left_out.update(left_out)
    if above is not None:
        _check(first, rows, *above)
    return write_reading(export, kind, "zoom", [meeting for meeting, _ in meetings], details, zone, "virtual")


def _names_participants(cells: Collection[str]) -> bool:
    timed = {"join time", "leave time"} <= set(cells)
    lasted = any(cell.startswith(("duration minutes", "total dur")) for cell in cells)
    if "name original name" in cells:
        return timed or lasted
    return timed and lasted and any(name in cells for name in NAMES) and any(email in cells for email in EMAILS)


def _find_meeting(rows: Sequence[Cells], heading: Heading) -> tuple[Heading, Cells] | None:
    """The meeting's own names and values above the participants."""
    above = find_heading(
        rows[: heading.index],
        lambda cells: ("meeting id" in cells or "id" in cells) and "topic" in cells and len(cells) > 3,
    )
    if above is None:
        return None
    values = next((row for row in rows[above.index + 1 : heading.index] if row.cells), None)
    return (above, values) if values is not None else None


def _read_people(export: Export, heading: Heading, left_out: dict[str, int]) -> Iterator[Joined]:
    lasted = heading.find_like(lambda name: name.startswith(("duration", "total dur")))
    for row in read_below(export.rows, heading, export.name):
        if heading.value(row, "in waiting room").casefold() in ("yes", "y", "true"):
            left_out["stays in the waiting room"] = left_out.get("stays in the waiting room", 0) + 1
            continue
        name, email = strip_marks(heading.value(row, *NAMES)), heading.value(row, *EMAILS)
        who = Attendee(choose_id(email, name), row.line, name or None, email.casefold() or None)
        who.kind = "guest" if heading.value(row, "guest", "is guest").casefold() in ("yes", "true") else "member"
        if not who.id:
            left_out["participants without a name"] = left_out.get("participants without a name", 0) + 1
            continue
        ids = tuple(heading.value(row, *names) for names in (IDS, TOPICS, STARTED, ENDED))
        minutes = row.cells[lasted].strip() if lasted is not None and lasted < len(row.cells) else ""
        yield Joined(
            row, who, heading.value(row, *JOINED), heading.value(row, *LEFT), minutes, (ids[0], ids[1], ids[2], ids[3])
        )


def _list_times(above: tuple[Heading, Cells] | None, found: Iterable[Joined]) -> Iterator[str]:
    if above is not None:
        yield from (above[0].value(above[1], *names) for names in (STARTED, ENDED))
    for one in found:
        yield from (one.joined, one.left, *one.meeting[2:])


def _read_meeting(above: tuple[Heading, Cells], clock: Clock, found: list[Joined]) -> tuple[Meeting, list[Joined]]:
    heading, values = above
    started, ended = heading.value(values, *STARTED), heading.value(values, *ENDED)
    meeting = Meeting(
        _digits(heading.value(values, *IDS)),
        heading.value(values, *TOPICS) or None,
        clock.write(started) if started else None,
        clock.write(ended) if ended else None,
    )
    host = heading.value(values, *HOSTS).casefold()
    for one in found:
        if host and host in (one.person.email, (one.person.name or "").casefold()):
            one.person.part = "host"
    return meeting, found


def _split_meetings(name: str, clock: Clock, found: list[Joined]) -> list[tuple[Meeting, list[Joined]]]:
    """The meetings of a file that names them on its rows, if at all: by id and start, else where nobody was there for hours."""
    in_name = _ID_IN_NAME.search(name)
    groups: dict[tuple[str, str, str], list[Joined]] = {}
    for one in found:
        groups.setdefault((_digits(one.meeting[0]), one.meeting[1], one.meeting[2]), []).append(one)
    meetings = []
    for (id_, topic, started), rows in groups.items():
        key = id_ or (in_name[1] if in_name else "")
        for session in _split_sessions(rows, clock) if (id_ or topic) and not started else [rows]:
            ended = next((one.meeting[3] for one in session if one.meeting[3]), "")
            start, end = clock.write(started) if started else None, clock.write(ended) if ended else None
            meetings.append((Meeting(key, topic or None, start, end), session))
    return meetings


def _split_sessions(rows: list[Joined], clock: Clock) -> Iterator[list[Joined]]:
    """Rows of one meeting number that is used again and again, where hours lie between."""
    session: list[Joined] = []
    until = datetime.min
    for one in sorted(rows, key=lambda one: clock.read(one.joined) or datetime.min):
        start = clock.read(one.joined)
        if session and start is not None and until != datetime.min and start - until > NEW_SESSION:
            yield session
            session = []
        session.append(one)
        until = max(until, clock.read(one.left) or start or until)
    yield session


def _fill(meeting: Meeting, rows: list[Joined], clock: Clock) -> None:
    """The people of one meeting from its rows; a meeting of unknown times is as long as they were there."""
    has_times = meeting.starts_at is not None
    for one in rows:
        person = meeting.take(one.person)
        if one.joined or one.left:
            clock.add_stay(person, one.joined, one.left)
            if not has_times:
                clock.stretch(meeting, one.joined, one.left)
        elif one.minutes:
            minutes = read_minutes(one.minutes)
            person.unreadable = person.unreadable or (one.minutes if minutes is None else "")
            person.minutes = (person.minutes or 0) + (minutes or 0)


def _check(meeting: Meeting, rows: list[Joined], heading: Heading, values: Cells) -> None:
    """The report's own totals. Zoom counts as participants now people, now times that somebody joined."""
    claimed = heading.value(values, "participants")
    if claimed.isdigit() and int(claimed) not in (len(rows), len(meeting.people)):
        check_attended(meeting, int(claimed), len(meeting.people))
    lasted = read_minutes(heading.value(values, "duration minutes"))
    check_minutes(meeting, "the length of the meeting", lasted, span_minutes(meeting), MINUTE)


def _digits(id_: str) -> str:
    """A meeting number without its spaces."""
    return re.sub(r"\s+", "", id_)


FORMAT = Format("zoom", "Zoom participants", ("attendance", "members"), recognise, read, is_one_event=True)

"""Zoom webinars: the attendee report, in sections. The one report of Zoom that lists who registered and did not come."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from data.errors import BadFile
from ingest.formats.claims import check_attended
from ingest.formats.clock import Clock
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.headings import Heading, cell_at, heading_of, plain, read_below
from ingest.formats.meetings import Attendee, Meeting, choose_id, strip_marks, write_reading
from ingest.formats.times import read_minutes
from ingest.importer import Details

PARTS = {
    "host details": "host",
    "panelist details": "speaker",
    "attendee details": None,
    "attendees details": None,
    "other attended": None,
}
ATTENDEES = ("attendee details", "attendees details")
OURS = frozenset(
    plain(name)
    for name in (
        "Attended", "User Name (Original Name)", "User Name", "First Name", "Last Name", "Email", "Registration Time",
        "Approval Status", "Join Time", "Leave Time", "Time in Session (minutes)", "Is Guest", "Country/Region Name",
        "Phone", "Source Name", "Registration Source", "Attendance Type",
    )
)  # fmt: skip
PERSONAL = ("phone", "address", "city", "zip postal code", "zip")
LOOKED_AT = 80


class Listed(NamedTuple):
    """A row of a section: the part that its people have, whether they are attendees, the names of its columns."""

    section: str
    heading: Heading
    row: Cells


def recognise(export: Export) -> bool:
    """A text or workbook with a section of attendees whose columns are those of a webinar."""
    titles = {_title(row) for row in export.top}
    named = any("time in session minutes" in map(plain, row.cells) for row in export.top)
    return bool(titles & set(ATTENDEES)) or ("attendee report" in titles and named)


def read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Everybody on the list of a webinar: hosts and panelists with their part, attendees, and registered people who did not come."""
    rows = export.rows
    listed = list(_read_sections(export))
    if not any(one.section in ATTENDEES for one in listed) and not any(_title(row) in ATTENDEES for row in rows):
        raise BadFile(
            "The report breaks off before its attendees.",
            where=f"{export.name}, line {rows[-1].line if rows else 1}",
            fix="Export the attendee report again.",
        )
    top = _find_webinar(rows)
    times = [top[0].value(top[1], "actual start time")] if top else []
    for one in listed:
        times += [one.heading.value(one.row, name) for name in ("join time", "leave time", "registration time")]
    clock = Clock(times, details, zone, export.name, asks=kind == "attendance")
    meeting = _read_webinar(top, clock)
    is_open = not any(one.heading.value(one.row, "registration time", "approval status") for one in listed)
    for one in listed:
        _add(meeting, one, clock, takes_registration=not is_open)
    if top is not None:
        _check(meeting, *top)
    return write_reading(export, kind, "zoom", [meeting], details, zone, "virtual")


def _title(row: Cells) -> str:
    """The name of a section, where a row is one: one filled cell, or padded with empty ones."""
    filled = [cell for cell in row.cells if cell.strip()]
    return plain(filled[0]) if len(filled) == 1 else ""


def _read_sections(export: Export) -> Iterator[Listed]:
    """The rows of people, section by section, each under its own heading."""
    rows = export.rows
    starts = [index for index, row in enumerate(rows) if row.cells and _title(row) in PARTS]
    for start, end in pairwise([*starts, len(rows)]):
        index = next((index for index in range(start + 1, end) if rows[index].cells), None)
        if index is None or not any(
            plain(cell) in ("email", "user name original name", "user name") for cell in rows[index].cells
        ):
            continue
        heading = heading_of(rows, index)
        for row in read_below(rows, heading, export.name, end):
            yield Listed(_title(rows[start]), heading, row)


def _find_webinar(rows: Sequence[Cells]) -> tuple[Heading, Cells] | None:
    """The row of names that has the topic, and the values below it."""
    for index, row in enumerate(rows[:LOOKED_AT]):
        names = {plain(cell) for cell in row.cells}
        if "topic" in names and ("webinar id" in names or "actual start time" in names):
            values = next((below for below in rows[index + 1 :] if below.cells), None)
            return (heading_of(rows, index), values) if values is not None else None
    return None


def _read_webinar(top: tuple[Heading, Cells] | None, clock: Clock) -> Meeting:
    if top is None:
        return Meeting()
    heading, values = top
    started = heading.value(values, "actual start time", "start time")
    id_ = "".join(heading.value(values, "webinar id", "meeting id", "id").split())
    return Meeting(id_, heading.value(values, "topic") or None, clock.write(started) if started else None)


def _add(meeting: Meeting, one: Listed, clock: Clock, *, takes_registration: bool) -> None:
    """One row of a section: somebody's stay, or that they did not come."""
    heading, row = one.heading, one.row
    full = " ".join(filter(None, (heading.value(row, "first name"), heading.value(row, "last name"))))
    shown = strip_marks(heading.value(row, "user name original name", "user name", "name"))
    email = heading.value(row, "email", "user email")
    id_ = choose_id(email, full, shown)
    if not id_:
        meeting.leave_out("attendees without a name")
        return
    came = heading.value(row, "attended").casefold() not in ("no", "n", "false")
    person = Attendee(
        id_, row.line, full or shown or None, email.casefold() or None, attended=came, part=PARTS[one.section]
    )
    person.kind = "guest" if heading.value(row, "is guest").casefold() in ("yes", "true") else "member"
    if takes_registration and one.section in ATTENDEES:
        status = heading.value(row, "approval status").casefold()
        person.cancelled = status.startswith("cancel") or None
        person.registered = status.startswith(("approved", "cancel")) or (
            not status and bool(heading.value(row, "registration time"))
        )
    known = meeting.take(person)
    known.attended = known.attended or came
    if known.part is None:
        known.registered = known.registered or person.registered
    joined, left = heading.value(row, "join time"), heading.value(row, "leave time")
    if came and (joined or left):
        clock.add_stay(known, joined, left)
        clock.stretch(meeting, "" if meeting.starts_at else joined, left)
    elif came and (lasted := heading.value(row, "time in session minutes")):
        minutes = read_minutes(lasted)
        known.unreadable = known.unreadable or (lasted if minutes is None else "")
        known.minutes = (known.minutes or 0) + (minutes or 0)
    _count_left_out(meeting, heading, row)


def _count_left_out(meeting: Meeting, heading: Heading, row: Cells) -> None:
    """Phones and answers to registration questions are nobody's business here."""
    for place, name in enumerate(heading.names):
        short = plain(name)
        if short in PERSONAL and cell_at(row, place):
            meeting.leave_out("phone numbers" if short == "phone" else "addresses")
        elif short and short not in OURS and cell_at(row, place):
            meeting.leave_out("registration answers")


def _check(meeting: Meeting, heading: Heading, values: Cells) -> None:
    """The report's own totals: viewers are attendees, without hosts and panelists."""
    viewers = heading.value(values, "unique viewers")
    ours = [person for person in meeting.attended if person.part is None]
    if viewers.isdigit():
        check_attended(meeting, int(viewers), len(ours))
    registered = heading.value(values, "registered")
    listed = sum(bool(person.registered) for person in meeting.people.values())
    cancelled = sum(bool(person.cancelled) for person in meeting.people.values())
    if registered.isdigit() and listed and int(registered) not in (listed, listed - cancelled):
        meeting.warnings.append(f"The report says {int(registered):,} registered and lists {listed:,} people who did.")


FORMAT = Format("zoom", "Zoom webinar attendees", ("attendance", "members"), recognise, read, is_one_event=True)

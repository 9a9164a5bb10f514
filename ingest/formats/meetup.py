"""Meetup: the members of a group, and the people of one event. Tab-separated text whose name ends in .xls.

Meetup gives no addresses: people are known by their number.
"""

import re
from collections.abc import Callable, Collection

from data.errors import BadFile
from ingest.formats.clock import Clock
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Identity, Reading, Row
from ingest.formats.headings import Heading, cell_at, find_heading, read_below
from ingest.formats.meetings import Attendee, Meeting, write_reading
from ingest.formats.tickets import merge_ticket
from ingest.formats.times import read_day
from ingest.importer import Details

LOOKED_AT = 5
JOINED = "joined group on"
CAME = ("y", "yes", "x", "1", "true", "attended", "present", "checked in", "✓")
SAID_YES = ("yes", "y", "going", "attending")
WAITING = ("waitlist", "waitlisted", "waiting list", "maybe", "waiting")

_NUMBER = re.compile(r"^(?:user|member)?\s*(\d+)$", re.IGNORECASE)


def recognise_members(export: Export) -> bool:
    """The list of a group's members, by its columns."""
    return find_heading(export.top, _names_members, most=LOOKED_AT) is not None


def read_members(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The members with the day they joined. Where they live and what they wrote about themselves is left out."""
    heading = _found(export, _names_members)
    rows = list(read_below(export.rows, heading, export.name))
    if not rows:
        raise BadFile("The list holds no members.", where=f"{export.name}, line {heading.line}", fix="Export it again.")
    clock = Clock((heading.value(row, JOINED) for row in rows), details, zone, export.name)
    members: dict[str, Row] = {}
    reading = Reading(kind, ("member_id", "name", "joined_on"), ())
    for row in rows:
        id_, name = _id_of(heading, row), heading.value(row, "name")
        if not id_:
            reading.leave_out("members without a number or name")
            continue
        joined = heading.value(row, JOINED)
        members.setdefault(id_, (row.line, (id_, name or None, read_day(joined, clock.order) if joined else None)))
        reading.people.append(Identity(id_, name or None))
        for column, words in (("location", "places"), ("intro", "introductions"), ("photo", "photos")):
            if cell_at(row, heading.find(column)):
                reading.leave_out(words)
    reading.rows = list(members.values())
    return reading


def recognise_attendees(export: Export) -> bool:
    """The people of an event, by their columns."""
    return find_heading(export.top, _names_attendees, most=LOOKED_AT) is not None


def read_attendees(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Who said yes and who came. The file says neither which event it was nor when."""
    heading = _found(export, _names_attendees)
    meeting = Meeting()
    for row in read_below(export.rows, heading, export.name):
        _add(meeting, heading, row)
    if not meeting.people:
        raise BadFile("The list holds nobody.", where=f"{export.name}, line {heading.line}", fix="Export it again.")
    meeting.settle_check_ins()
    return write_reading(export, kind, "meetup", [meeting], details, zone)


def _found(export: Export, fits: Callable[[Collection[str]], bool]) -> Heading:
    heading = find_heading(export.rows, fits, most=LOOKED_AT)
    if heading is None:
        raise BadFile("This is no list of Meetup.", where=export.name, fix="Download it again.")
    return heading


def _names_members(cells: Collection[str]) -> bool:
    return {"name", "user id", JOINED} <= set(cells) and ("member id" in cells or "total rsvps" in cells)


def _names_attendees(cells: Collection[str]) -> bool:
    return {"name", "user id", "rsvp"} <= set(cells) and ("attendance" in cells or "rsvped on" in cells)


def _id_of(heading: Heading, row: Cells) -> str:
    """The number of somebody, which stands in the one or the other column; without one, their name."""
    for column in ("user id", "member id"):
        if found := _NUMBER.match(heading.value(row, column)):
            return found[1]
    return heading.value(row, "name")


def _add(meeting: Meeting, heading: Heading, row: Cells) -> None:
    id_, answer = _id_of(heading, row), heading.value(row, "rsvp").casefold()
    came = heading.value(row, "attendance").casefold() in CAME
    if not id_:
        meeting.leave_out("people without a number or name")
        return
    if answer in WAITING and not came:
        meeting.leave_out("people on the waiting list")
        return
    person = Attendee(id_, row.line, heading.value(row, "name") or None, attended=came, registered=answer in SAID_YES)
    person.part = "host" if heading.value(row, "event host").casefold() in CAME else None
    merge_ticket(meeting, person)
    guests = heading.value(row, "guests")
    if guests.isdigit():
        meeting.leave_out("guests of members", int(guests))
    if heading.value(row, "notes"):
        meeting.leave_out("notes")


MEMBERS = Format("meetup", "Meetup members", ("members",), recognise_members, read_members)
ATTENDEES = Format(
    "meetup",
    "Meetup event attendees",
    ("attendance", "members"),
    recognise_attendees,
    read_attendees,
    is_one_event=True,
)

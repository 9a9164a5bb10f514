"""Luma: the guests of one event. The file names no event, but the links of its tickets carry the event's own id."""

import re
from collections.abc import Collection
from pathlib import PurePath

from data.errors import BadFile
from ingest.formats.clock import Clock
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.headings import Heading, cell_at, find_heading, plain, read_below
from ingest.formats.meetings import Attendee, Meeting, choose_id, write_reading
from ingest.formats.tickets import merge_ticket, start_at_check_in
from ingest.importer import Details

LOOKED_AT = 5
OURS = frozenset(
    plain(name)
    for name in (
        "api_id", "guest_id", "guest_api_id", "name", "first_name", "last_name", "email", "created_at", "approval_status",
        "checked_in_at", "custom_source", "source", "qr_code_url", "amount", "amount_tax", "amount_discount", "currency",
        "coupon_code", "ticket_type_id", "ticket_name", "registered_at", "invited_at", "joined_at", "utm_source",
    )
)  # fmt: skip
WORDS = {
    "phone number": "phone numbers",
    "eth address": "wallet addresses",
    "solana address": "wallet addresses",
    "survey response rating": "answers to the event's survey",
    "survey response feedback": "answers to the event's survey",
}
# What a guest is who neither registered nor said no: they were on no list of people who meant to come.
NOT_YET = {
    "pending approval": "registrations not approved yet",
    "pending": "registrations not approved yet",
    "waitlist": "people on the waiting list",
    "waitlisted": "people on the waiting list",
    "invited": "invitations without an answer",
}

_EVENT = re.compile(r"(evt-[A-Za-z0-9]+)")
_TITLE = re.compile(r"^(.+?)\s*-\s*guests\b", re.IGNORECASE)


def recognise(export: Export) -> bool:
    """A text or workbook with Luma's columns, in whatever order."""
    return find_heading(export.top, _names_guests, most=LOOKED_AT) is not None


def read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The guests: approved ones registered, checked-in ones came, those who said no are on the list as cancelled."""
    heading = find_heading(export.rows, _names_guests, most=LOOKED_AT)
    if heading is None:
        raise BadFile("This is no guest list of Luma.", where=export.name, fix="Export it again.")
    rows = list(read_below(export.rows, heading, export.name))
    if not rows:
        raise BadFile(
            "The list holds no guests.",
            where=f"{export.name}, line {heading.line}",
            fix="Export it with all its guests.",
        )
    check_ins = [heading.value(row, "checked_in_at") for row in rows]
    clock = Clock(check_ins, details, zone, export.name, asks=kind == "attendance")
    event = next((found[1] for row in rows if (found := _EVENT.search(heading.value(row, "qr_code_url")))), "")
    title = _TITLE.match(PurePath(export.name).stem)
    meeting = Meeting(event, title[1] if title else None, is_once=bool(event))
    if details.day is None:
        start_at_check_in(meeting, check_ins, clock)
    for row in rows:
        _add(meeting, heading, row)
    meeting.settle_check_ins()
    return write_reading(export, kind, "luma", [meeting], details, zone)


def _names_guests(cells: Collection[str]) -> bool:
    is_luma = any(name in cells for name in ("api id", "ticket type id", "qr code url", "guest id"))
    return is_luma and {"approval status", "checked in at"} <= set(cells)


def _add(meeting: Meeting, heading: Heading, row: Cells) -> None:
    parts = (heading.value(row, "first_name"), heading.value(row, "last_name"))
    name = " ".join(filter(None, parts)) or heading.value(row, "name")
    email = heading.value(row, "email")
    id_ = choose_id(email, name, heading.value(row, "api_id", "guest_api_id", "guest_id"))
    status = plain(heading.value(row, "approval_status"))
    came = bool(heading.value(row, "checked_in_at"))
    if status in NOT_YET and not came:
        meeting.leave_out(NOT_YET[status])
        return
    if not id_:
        meeting.leave_out("guests without a name")
        return
    said_no = status in ("declined", "cancelled", "canceled") and not came
    guest = Attendee(id_, row.line, name or None, email.casefold() or None, attended=came)
    guest.registered, guest.cancelled = not said_no, True if said_no else None
    merge_ticket(meeting, guest)
    for place, column in enumerate(heading.names):
        short = plain(column)
        if short and short not in OURS and cell_at(row, place):
            meeting.leave_out(WORDS.get(short, "registration answers"))


FORMAT = Format("luma", "Luma guests", ("attendance", "members"), recognise, read, is_one_event=True)

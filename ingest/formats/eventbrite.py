"""Eventbrite: the attendee report, whichever columns somebody chose for it. Classic, newer and UK names are read alike.

Source: Eventbrite's help pages on the attendee report, and files that people have published.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from data.errors import BadFile
from ingest.formats.clock import Clock
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.headings import Heading, cell_at, find_heading, plain, read_below
from ingest.formats.meetings import Attendee, Meeting, choose_id, write_reading
from ingest.formats.tickets import merge_ticket, refuse_undated, start_at_check_in
from ingest.importer import Details

LOOKED_AT = 10
ORDERS = ("order", "order id", "order no", "order number")
FIRST_NAMES = ("attendee first name", "first name", "forename")
LAST_NAMES = ("attendee last name", "attendee surname", "last name", "surname", "family name")
NAMES = ("attendee name", "name", "full name")
EMAILS = ("attendee email", "attendee e mail", "email", "email address", "e mail")
STATUSES = ("attendee status", "status")
EVENTS = ("event name", "event title", "event")
EVENT_IDS = ("event id",)
STARTS = ("event start date", "event date", "event start", "event start date time", "event date time")
START_TIMES = ("event start time",)
CHECK_INS = (
    "check in date",
    "checked in at",
    "date checked in",
    "check in time",
    "checked in date",
    "check in date time",
)
QUANTITIES = ("quantity", "ticket quantity")
BUYERS = ("buyer name", "purchaser name")
TELLING = frozenset(
    {
        "attendee status", "attendee", "attendee no", "ticket type", "ticket quantity", "order date", "event name", "buyer name",
        "buyer email", "price tier", "eventbrite fees", "order type", "ticket price", "total paid", "quantity",
    }
)  # fmt: skip
OURS = TELLING.union(
    ORDERS, FIRST_NAMES, LAST_NAMES, NAMES, EMAILS, STATUSES, EVENTS, EVENT_IDS, STARTS, START_TIMES, CHECK_INS, BUYERS,
    map(plain, (
        "Order Time", "Group", "Currency", "Fees Paid", "Eventbrite Payment Processing", "Tax Paid", "Prefix", "Suffix",
        "Buyer First Name", "Buyer Last Name", "Buyer Surname", "Purchaser Email", "Barcode Number", "Barcode", "Ticket ID",
        "Ticket Group", "Attendee ID", "Attendee Number", "Delivery Method", "Event Timezone", "Event Location", "Venue Name",
        "Venue", "Payment Type", "Payment Status", "Promo Code", "Discount Code", "Discount", "Ticket Revenue", "Gross Sales",
        "Net Sales", "Affiliate", "Check-In", "Checked In", "Ticket Total", "Tracking Link", "Order Status",
        "Buyer Email Address", "Ticket Tier", "Ticket Name", "Event End Date", "Event End Time", "Attendee Refunded Amount",
    )),
)  # fmt: skip
GIVEN_BACK = ("not attending", "refunded", "deleted", "transferred", "cancelled", "canceled")
ASKED_FOR = "info requested"
PLACES = ("home", "work", "billing", "shipping", "ship", "address", "city", "state", "zip", "postcode", "country")


@dataclass
class Ticket:
    """One row, with the name and the address that stand on it."""

    row: Cells
    name: str
    email: str


def recognise(export: Export) -> bool:
    """A text or workbook with an order and what goes with one at Eventbrite."""
    return find_heading(export.top, _names_tickets, most=LOOKED_AT) is not None


def read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """Everybody with a ticket: who is checked in came, who gave it back cancelled."""
    heading = find_heading(export.rows, _names_tickets, most=LOOKED_AT)
    if heading is None:
        raise BadFile("This is no attendee report of Eventbrite.", where=export.name, fix="Export it again.")
    tickets = list(_read_tickets(export, heading))
    if not tickets:
        raise BadFile(
            "The report lists no tickets.",
            where=f"{export.name}, line {heading.line}",
            fix="Export it with all its attendees.",
        )
    _give_addresses(heading, tickets)
    times = [_start_of(heading, ticket.row) for ticket in tickets]
    times += [heading.value(ticket.row, *CHECK_INS) for ticket in tickets]
    clock = Clock(times, details, zone, export.name, asks=kind == "attendance")
    meetings: dict[str, Meeting] = {}
    check_ins: dict[str, list[str]] = {}
    for ticket in tickets:
        key = heading.value(ticket.row, *EVENT_IDS) or heading.value(ticket.row, *EVENTS)
        meeting = meetings.setdefault(key, _read_meeting(heading, ticket.row, key, clock))
        check_ins.setdefault(key, []).append(heading.value(ticket.row, *CHECK_INS))
        _add(meeting, heading, ticket)
    for key, meeting in meetings.items():
        start_at_check_in(meeting, check_ins[key], clock)
        meeting.settle_check_ins()
    if kind == "attendance":
        refuse_undated(export, meetings.values())
    return write_reading(export, kind, "eventbrite", list(meetings.values()), details, zone)


def _names_tickets(cells: Collection[str]) -> bool:
    named = any(name in cells for name in (*NAMES, *FIRST_NAMES, *LAST_NAMES, *EMAILS))
    return named and any(name in cells for name in ORDERS) and len(TELLING.intersection(cells)) > 1


def _read_tickets(export: Export, heading: Heading) -> Iterator[Ticket]:
    for row in read_below(export.rows, heading, export.name):
        first, last = heading.value(row, *FIRST_NAMES), heading.value(row, *LAST_NAMES)
        parts = [part for part in (first, last) if part and part.casefold() != ASKED_FOR]
        whole = heading.value(row, *NAMES)
        name = " ".join(parts) or (whole if not whole.casefold().startswith(ASKED_FOR) else "")
        email = heading.value(row, *EMAILS).casefold()
        yield Ticket(row, name, email if email != ASKED_FOR else "")


def _give_addresses(heading: Heading, tickets: Sequence[Ticket]) -> None:
    """Where tickets of several names have one address, it is the buyer's: the others are known by their names only."""
    by_email: dict[str, list[Ticket]] = {}
    for ticket in tickets:
        by_email.setdefault(ticket.email, []).append(ticket)
    for email, sharing in by_email.items():
        names = [ticket.name for ticket in sharing if ticket.name]
        if not email or len({name.casefold() for name in names}) < 2:
            continue
        buyers = Counter(buyer.casefold() for ticket in sharing if (buyer := heading.value(ticket.row, *BUYERS)))
        owner = next((name for name in names if name.casefold() in buyers), names[0]).casefold()
        for ticket in sharing:
            if ticket.name and ticket.name.casefold() != owner:
                ticket.email = ""


def _start_of(heading: Heading, row: Cells) -> str:
    """The start of the row's event, where the file has the column; its time may stand in another."""
    return (
        f"{heading.value(row, *STARTS)} {heading.value(row, *START_TIMES)}".strip()
        if heading.value(row, *STARTS)
        else ""
    )


def _read_meeting(heading: Heading, row: Cells, key: str, clock: Clock) -> Meeting:
    started, has_id = _start_of(heading, row), bool(heading.value(row, *EVENT_IDS))
    return Meeting(key, heading.value(row, *EVENTS) or None, clock.write(started) if started else None, is_once=has_id)


def _add(meeting: Meeting, heading: Heading, ticket: Ticket) -> None:
    row = ticket.row
    status = heading.value(row, *STATUSES).casefold()
    is_back = status.startswith(GIVEN_BACK)
    id_ = choose_id(ticket.email, ticket.name)
    if not id_:
        if status or heading.value(row, *ORDERS):
            meeting.leave_out("tickets without a name")
        return
    came = status.startswith("checked in") or (bool(heading.value(row, *CHECK_INS)) and not is_back)
    merge_ticket(
        meeting,
        Attendee(
            id_,
            row.line,
            ticket.name or None,
            ticket.email or None,
            attended=came,
            registered=True,
            cancelled=True if is_back else None,
        ),
    )
    quantity = heading.value(row, *QUANTITIES)
    if quantity.isdigit() and not is_back:
        meeting.leave_out("further tickets without a name", max(int(quantity) - 1, 0))
    _count_left_out(meeting, heading, row)


def _count_left_out(meeting: Meeting, heading: Heading, row: Cells) -> None:
    """Addresses, phones and answers are nobody's business here."""
    for place, name in enumerate(heading.names):
        short = plain(name)
        if not short or short in OURS or not cell_at(row, place):
            continue
        words = short.split()
        if "phone" in words:
            meeting.leave_out("phone numbers")
        else:
            meeting.leave_out("addresses" if words[0] in PLACES and len(words) < 4 else "registration answers")


FORMAT = Format("eventbrite", "Eventbrite attendees", ("attendance", "members"), recognise, read, is_one_event=True)

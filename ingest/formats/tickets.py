"""Tickets: lists of guests, which say neither when an event was nor, some of them, which it was. Several rows are one person."""

from collections import Counter
from collections.abc import Iterable

from data.errors import BadFile
from ingest.formats.clock import Clock
from ingest.formats.export import Export
from ingest.formats.meetings import Attendee, Meeting


def merge_ticket(meeting: Meeting, ticket: Attendee) -> None:
    """Count a ticket for its person: who came with one of several came, who gave back all of them cancelled."""
    known = meeting.take(ticket)
    if known is ticket:
        return
    known.attended = known.attended or ticket.attended
    known.registered = ticket.registered if known.registered is None else known.registered or ticket.registered
    known.cancelled = True if known.cancelled and ticket.cancelled else None


def start_at_check_in(meeting: Meeting, check_ins: Iterable[str], clock: Clock) -> None:
    """For an event of unknown start: the first check-in on the day of most of them. Somebody may have tried it the day before."""
    texts = {moment: text for text in check_ins if (moment := clock.read(text)) is not None}
    if meeting.starts_at is not None or not texts:
        return
    days = Counter(moment.date() for moment in texts)
    day = max(days, key=lambda day: (days[day], day))
    meeting.starts_at = clock.write(texts[min(moment for moment in texts if moment.date() == day)])


def refuse_undated(export: Export, meetings: Iterable[Meeting]) -> None:
    """Raises BadFile for a file of several events without their days: one answer could not be right for all."""
    undated = [meeting.title or meeting.key for meeting in meetings if meeting.starts_at is None]
    if len(undated) > 1:
        raise BadFile(
            f"The file holds {len(undated)} events without their days: {', '.join(undated[:3])}.",
            where=export.name,
            fix="Export the list of each event alone, or with the column of the event's start.",
        )

"""The clock of one file: its times read in one order of day and month, in one zone, into the stays of people."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ingest.formats.meetings import Attendee, Meeting
from ingest.formats.times import DAY_FIRST, as_moment, read_moment, settle_order
from ingest.importer import Details


class Clock:
    """The times of one file: their order settled once, local to the zone somebody said, else to the community's."""

    def __init__(self, texts: Iterable[str], details: Details, zone: str, name: str, *, asks: bool = True) -> None:
        self.order = settle_order(texts, details, name) if asks else details.date_order or DAY_FIRST
        self.said_zone = details.zone
        self.zone = ZoneInfo(details.zone or zone)
        self._known: dict[str, datetime | None] = {}

    def write(self, text: str) -> str:
        """ISO time of a text; one that is none comes back unchanged."""
        return read_moment(text, self.order, self.said_zone)

    def read(self, text: str) -> datetime | None:
        """The UTC time of a text, without a zone; None where it is none."""
        if text not in self._known:
            self._known[text] = self._read(text)
        return self._known[text]

    def add_stay(self, person: Attendee, joined: str, left: str) -> None:
        """Count a stay; what cannot be read is kept as the person's unreadable cell."""
        start, end = self.read(joined), self.read(left)
        if start is not None and end is not None and start <= end:
            person.stays.append((start, end))
        else:
            person.unreadable = person.unreadable or (joined if start is None else left) or "no time"

    def stretch(self, meeting: Meeting, joined: str, left: str) -> None:
        """Make a meeting start no later and end no earlier than these times: for files that do not say when it was."""
        if self.read(joined) and (not meeting.starts_at or self._before(joined, meeting.starts_at)):
            meeting.starts_at = self.write(joined)
        if self.read(left) and (not meeting.ends_at or self._before(meeting.ends_at, left)):
            meeting.ends_at = self.write(left)

    def _read(self, text: str) -> datetime | None:
        moment = as_moment(self.write(text))
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC).replace(tzinfo=None)

    def _before(self, first: str, second: str) -> bool:
        one, other = self.read(first), self.read(second)
        return one is not None and other is not None and one < other

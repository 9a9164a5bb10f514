"""Google Meet: the attendance sheet of a call. Its times have no day, which the sheet, its name or a person must say."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import PurePath

from data.errors import BadFile
from ingest.formats.clock import Clock
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Question, Reading, Unsettled
from ingest.formats.headings import Heading, find_heading, plain, read_below
from ingest.formats.meetings import Attendee, Meeting, choose_id, find_day_in, strip_marks, write_reading
from ingest.formats.times import as_moment, join_stays, names_day, read_day, read_minutes
from ingest.importer import Details

NAMES = ("name", "full name", "participant name", "participant", "display name")
EMAILS = ("email", "e mail", "email address", "participant email")
JOINED = ("time joined", "joined at", "join time", "first joined")
LEFT = ("time exited", "exited at", "time left", "exit time", "leave time", "last exited")
LASTED = ("duration", "time in call", "attendance duration")
TITLE = ("meeting title", "title", "meeting name", "event")
CODE = ("meeting code", "meeting id", "code")
DAY = ("date", "meeting date", "day")
STARTED = ("start time", "meeting start time", "started", "started at")
ENDED = ("end time", "meeting end time", "ended", "ended at")
HALF_A_DAY = timedelta(hours=12)

_CODE = re.compile(r"(?<![a-z])([a-z]{3}-[a-z]{4}-[a-z]{3})(?![a-z])")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d ")
_REPORT_WORDS = re.compile(r"attendance( report)?|participants?( report)?|google meet|\(\d+\)", re.IGNORECASE)
_DATE_WORDS = re.compile(
    r"20\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d([T_ ]*(at )?\d{1,2}[-_:.h]?\d{2}([-_:.]\d{2})?( ?[ap]m)?( ?(?:gmt|utc|[a-z]{1,3}[sd]?t)\b([+-]\d+)?)?)?",
    re.IGNORECASE,
)


@dataclass
class Preamble:
    """What stands above the people, by the plain name of each line or column."""

    values: dict[str, str] = field(default_factory=dict)

    def find(self, names: Sequence[str]) -> str:
        return next((self.values[name] for name in names if self.values.get(name)), "")


def recognise(export: Export) -> bool:
    """A text or workbook with Meet's names for joining, leaving and how long."""
    return find_heading(export.top, _names_people) is not None


def read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The people of a call. A row's duration is time there; several rows of a person are one time there, without overlap."""
    heading = find_heading(export.rows, _names_people)
    if heading is None:
        raise BadFile("This is no attendance sheet of Meet.", where=export.name, fix="Export it again.")
    above = _read_preamble(export.rows[: heading.index])
    rows = list(read_below(export.rows, heading, export.name))
    if not rows:
        raise BadFile(
            "The sheet lists nobody.",
            where=f"{export.name}, line {heading.line}",
            fix="Export it again after the call.",
        )
    times = [above.find(DAY), above.find(STARTED), above.find(ENDED)]
    times += [heading.value(row, *names) for row in rows for names in (JOINED, LEFT)]
    clock = Clock(times, details, zone, export.name, asks=kind == "attendance")
    meeting = _read_meeting(export, above)
    day = _find_day(export, above, times, details, clock) if kind == "attendance" else None
    _fill(meeting, heading, rows, clock, day, above)
    return write_reading(export, kind, "google_meet", [meeting], details, zone, "virtual")


def _names_people(cells: Collection[str]) -> bool:
    is_meet = any(name in cells for name in ("time joined", "joined at", "first joined")) or "time exited" in cells
    return is_meet and "email" in cells and any(name in cells for name in LASTED)


def _read_preamble(rows: Sequence[Cells]) -> Preamble:
    """Names and values above the people, side by side or one below the other."""
    known = {*TITLE, *CODE, *DAY, *STARTED, *ENDED}
    filled = [row.cells for row in rows if row.cells]
    found = Preamble()
    for index, cells in enumerate(filled):
        names = [plain(cell) for cell in cells]
        below = filled[index + 1] if index + 1 < len(filled) else ()
        if sum(name in known for name in names) > 1:
            found.values |= {name: value.strip() for name, value in zip(names, below, strict=False) if name in known}
        elif names[0] in known and len(cells) > 1 and names[0] not in found.values:
            found.values[names[0]] = cells[1].strip()
    return found


def _read_meeting(export: Export, above: Preamble) -> Meeting:
    stem = PurePath(export.name).stem
    code = _CODE.search(above.find(CODE)) or _CODE.search(stem)
    in_name = " ".join(
        _REPORT_WORDS.sub(" ", _DATE_WORDS.sub(" ", _CODE.sub(" ", stem))).replace("_", " ").split()
    ).strip(" -.,()[]")
    is_named = find_day_in(stem) is not None or _REPORT_WORDS.search(stem) is not None
    return Meeting(code[1] if code else "", above.find(TITLE) or (in_name if is_named else "") or None)


def _find_day(export: Export, above: Preamble, times: Sequence[str], details: Details, clock: Clock) -> date | None:
    """The day of the call: from the sheet, as somebody said, from the file's name; None where times have their own.

    Raises Unsettled where nobody knows.
    """
    for text in (above.find(DAY), above.find(STARTED)):
        if (found := as_moment(read_day(text, clock.order))) is not None:
            return found.date()
    if details.day is not None:
        return details.day
    if day_in_name := find_day_in(PurePath(export.name).stem):
        return day_in_name
    if any(map(names_day, times)):
        return None
    example = next((text for text in times if text), "")
    raise Unsettled(
        export.name,
        [Question("day", "The times of the sheet have no day.", "--day DATE", examples=(example,) if example else ())],
    )


def _fill(
    meeting: Meeting, heading: Heading, rows: Sequence[Cells], clock: Clock, day: date | None, above: Preamble
) -> None:
    """The people and the start and end of the call."""
    spans = dict(zip((row.line for row in rows), _spans(heading, rows, clock, day, above.find(STARTED)), strict=True))
    lasted: dict[str, list[float]] = {}
    for row in rows:
        email = heading.value(row, *EMAILS)
        name = heading.value(row, *NAMES) or " ".join(
            filter(None, (heading.value(row, "first name"), heading.value(row, "last name")))
        )
        name = strip_marks(name)
        id_ = choose_id(email, name)
        if not id_:
            meeting.leave_out("participants without a name")
            continue
        person = meeting.take(Attendee(id_, row.line, name or None, email.casefold() or None))
        joined, left = spans[row.line]
        if joined or left:
            clock.add_stay(person, joined, left)
            clock.stretch(meeting, joined, left)
        text = heading.value(row, *LASTED)
        minutes = read_minutes(text) if text else None
        if minutes is not None:
            lasted.setdefault(id_, []).append(minutes)
        elif text:
            person.unreadable = person.unreadable or text
    for id_, minutes_of in lasted.items():
        person = meeting.people[id_]
        person.minutes = (
            min(sum(minutes_of), join_stays(person.stays)) if len(minutes_of) > 1 and person.stays else sum(minutes_of)
        )
        if person.unreadable in ("", "no time"):
            person.unreadable = ""
            person.stays.clear()  # somebody may have been out of the call between: its own duration knows
    started, ended = above.find(STARTED), above.find(ENDED)
    if started and clock.read(_dated(started, day, clock)):
        meeting.starts_at = clock.write(_dated(started, day, clock))
        if ended and clock.read(_dated(ended, day, clock)):
            meeting.ends_at = clock.write(_after(_dated(started, day, clock), _dated(ended, day, clock), clock))
    if meeting.starts_at is None and day is not None:
        meeting.starts_at = day.isoformat()


def _spans(
    heading: Heading, rows: Sequence[Cells], clock: Clock, day: date | None, started: str
) -> Iterator[tuple[str, str]]:
    """When each row's person joined and left, with a day; past midnight is the next one."""
    joins = [_dated(heading.value(row, *JOINED), day, clock) for row in rows]
    known = [moment for text in joins if (moment := clock.read(text)) is not None]
    start = clock.read(_dated(started, day, clock)) if started else None
    latest = max(known, default=datetime.min)
    for row, joined in zip(rows, joins, strict=True):
        moment = clock.read(joined)
        if day is not None and moment is not None and (start or latest) - moment > HALF_A_DAY:
            joined = _dated(heading.value(row, *JOINED), day + timedelta(days=1), clock)
        left = _dated(heading.value(row, *LEFT), day, clock)
        yield joined, _after(joined, left, clock)


def _dated(text: str, day: date | None, clock: Clock) -> str:
    """A time with its day in front, where it has none itself."""
    return f"{day.isoformat()} {text}" if text and day is not None and not names_day(text) else text


def _after(first: str, second: str, clock: Clock) -> str:
    """The second of two times, a day later where it would lie before the first."""
    start, end = clock.read(first), clock.read(second)
    if start is None or end is None or end >= start or not _ISO_DAY.match(second):
        return second
    following = date.fromisoformat(second[:10]) + timedelta(days=1)
    return following.isoformat() + second[10:]


FORMAT = Format("google_meet", "Google Meet attendance", ("attendance", "members"), recognise, read, is_one_event=True)

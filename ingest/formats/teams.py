"""Microsoft Teams: the attendance report, in numbered sections or in the older form without numbers, in any language.

The stays of section 3 say how long people were there; section 2 and the summary are checked against them. What Teams
says of people in other languages is read by the place of its columns.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from data.errors import BadFile
from ingest.formats.claims import check_attended, check_minutes, mean_minutes, span_minutes
from ingest.formats.clock import Clock
from ingest.formats.export import Cells, Export
from ingest.formats.format import Format, Reading
from ingest.formats.headings import Heading, cell_at, heading_of, plain, read_below
from ingest.formats.meetings import Attendee, Meeting, choose_id, strip_marks, write_reading
from ingest.formats.teams_words import (
    ATTENDED,
    AVERAGE,
    EMAIL,
    ENDED,
    LASTED,
    MEETING_ID,
    ROLE,
    STARTED,
    TITLE,
    is_attendee,
    is_guest,
    names_upn,
    part_of,
)
from ingest.formats.times import names_day, read_minutes
from ingest.importer import Details

FEWEST_COLUMNS = 4
NAME, JOINED, LEFT, LASTED_AT = 0, 1, 2, 3
SECONDS = 2.5 / 60

_SECTION = re.compile(r"^(\d+)\.\s")
_FIRST_JOIN = ("first join", "first join time")


@dataclass(frozen=True)
class Table:
    """A table of people: its heading, where the telling columns are, and its rows."""

    heading: Heading
    email: int | None
    upn: int | None
    role: int | None
    rows: tuple[Cells, ...]


@dataclass
class Report:
    """The sections of a report: names and values of the summary, the table of people, the table of their stays."""

    summary: list[tuple[str, str]] = field(default_factory=list)
    people: Table | None = None
    stays: Table | None = None
    is_numbered: bool = False

    def find(self, names: Sequence[str]) -> str:
        """The value of a line of the summary that is called so; empty where there is none."""
        return next((value for name, value in self.summary if name in names), "")


@dataclass
class Summary:
    """What a report says of its meeting, as text, and its own totals."""

    title: str = ""
    meeting_id: str = ""
    started: str = ""
    ended: str = ""
    attended: int | None = None
    lasted: float | None = None
    average: float | None = None


def recognise(export: Export) -> bool:
    """A text or workbook in numbered sections with a table of people, or one with principal names below a summary."""
    rows = export.top
    numbers = {number: index for index, row in enumerate(rows) if (number := _section_of(row))}
    if "1" in numbers:
        below = next((row for row in rows[numbers["2"] + 1 :] if row.cells), None) if "2" in numbers else None
        return _is_summary(rows[numbers["1"] :]) and (below is None or len(below.cells) > FEWEST_COLUMNS)
    return _find_unnumbered(rows) is not None


def read(export: Export, kind: str, details: Details, zone: str) -> Reading:
    """The people of a meeting with the time they were there; the report's own figures are checked."""
    report = _cut(export)
    if report.people is None and report.stays is None:
        raise BadFile(
            "The report breaks off before its participants.",
            where=f"{export.name}, line {export.rows[-1].line}",
            fix="Download the attendance report again.",
        )
    clock = Clock(_list_times(report), details, zone, export.name, asks=kind == "attendance")
    summary = _read_summary(report)
    meeting = Meeting(summary.meeting_id, summary.title or None)
    meeting.starts_at = clock.write(summary.started) if summary.started else None
    meeting.ends_at = clock.write(summary.ended) if summary.ended else None
    ids: dict[str, str] = {}
    lasted = _add_people(meeting, report.people, ids) if report.people else {}
    if report.stays is not None:
        _add_stays(meeting, report.stays, ids, clock)
    if not meeting.people:
        raise BadFile(
            "The report lists no participants.", where=export.name, fix="Download it again after the meeting has ended."
        )
    if report.people is not None:
        _add_durations(meeting, report.people, ids, lasted, clock)
    if not summary.started:
        _stretch(meeting, report, clock)
    _name_parts(meeting, report, ids)
    _check(meeting, summary, lasted)
    return write_reading(export, kind, "teams", [meeting], details, zone, "virtual")


def _section_of(row: Cells) -> str:
    """The number of a section, where a row is its title: one filled cell that begins with a number and a point."""
    filled = [cell for cell in row.cells if cell.strip()]
    found = _SECTION.match(filled[0].strip()) if len(filled) == 1 else None
    return found[1] if found else ""


def _is_summary(rows: Sequence[Cells]) -> bool:
    """Whether the lines below the title of a section are names and values, one of them a time and one a duration."""
    values = [row.cells[1] for row in rows[1:12] if len(row.cells) > 1]
    return any(map(_is_time, values)) and any(map(_is_duration, values))


def _find_unnumbered(rows: Sequence[Cells]) -> int | None:
    """Where a heading with principal names stands, above a row of somebody who joined and left; None where there is none."""
    for index, row in enumerate(rows):
        if len(row.cells) > FEWEST_COLUMNS and any(map(names_upn, row.cells)):
            below = next((row for row in rows[index + 1 :] if row.cells), None)
            if below is not None and _is_time(cell_at(below, JOINED)) and _is_time(cell_at(below, LEFT)):
                return index
    return None


def _cut(export: Export) -> Report:
    """The sections of the rows, by their numbers, else by their shape."""
    rows = export.rows
    starts = {number: index for index in reversed(range(len(rows))) if (number := _section_of(rows[index]))}
    if "1" not in starts:
        return _cut_unnumbered(export)
    edges = sorted([*starts.values(), len(rows)])

    def end_of(start: int) -> int:
        return next(edge for edge in edges if edge > start)

    report = Report(is_numbered=True, summary=_pairs(rows[starts["1"] + 1 : end_of(starts["1"])]))
    if "2" in starts:
        report.people = _read_table(export, starts["2"] + 1, end_of(starts["2"]))
    if "3" in starts:
        report.stays = _read_table(export, starts["3"] + 1, end_of(starts["3"]))
    return report


def _cut_unnumbered(export: Export) -> Report:
    """The form of 2021: names and values, then one table with a row for each time that somebody joined."""
    rows = export.rows
    index = _find_unnumbered(rows) or 0
    table = _read_table(export, index, len(rows))
    report = Report(summary=_pairs(rows[:index]))
    if table is not None and any(name in table.heading for name in _FIRST_JOIN):
        report.people = table
    else:
        report.stays = table
    return report


def _pairs(rows: Sequence[Cells]) -> list[tuple[str, str]]:
    return [(plain(row.cells[0]), cell_at(row, 1)) for row in rows if len(row.cells) > 1]


def _read_table(export: Export, start: int, end: int) -> Table | None:
    index = next((index for index in range(start, end) if len(export.rows[index].cells) >= FEWEST_COLUMNS), None)
    if index is None:
        return None
    heading = heading_of(export.rows, index)
    rows = tuple(read_below(export.rows, heading, export.name, end))
    later = range(LASTED_AT + 1, len(heading.names))
    upn = next((place for place in later if names_upn(heading.names[place])), None)
    email = next((place for place in later if plain(heading.names[place]) in EMAIL), None)
    if email is None:
        email = next(
            (place for place in later if place != upn and any("@" in cell_at(row, place) for row in rows)), None
        )
    role = next((place for place in later if plain(heading.names[place]) in ROLE), None)
    if role is None:
        role = next((place for place in later if place not in (upn, email)), None)
    return Table(heading, email, upn, role, rows)


def _list_times(report: Report) -> Iterator[str]:
    yield from (value for _, value in report.summary if _is_time(value))
    for table in (report.people, report.stays):
        for row in table.rows if table else ():
            yield from (cell_at(row, JOINED), cell_at(row, LEFT))


def _is_time(text: str) -> bool:
    return ":" in text and names_day(text)


def _is_duration(text: str) -> bool:
    return bool(re.match(r"\d+\s*[^\W\d_]", text)) and read_minutes(text) is not None


def _read_summary(report: Report) -> Summary:
    """The summary by its words, in languages that are not known by what its values are and the order they always have."""
    values = [value for _, value in report.summary]
    times = [value for value in values if _is_time(value)]
    durations = [value for value in values if _is_duration(value)]
    counts = [value for value in values if value.isdigit()]
    others = [value for value in values if value and value not in times + durations + counts]
    title = report.find(TITLE) or (values[0] if report.is_numbered and values else next(iter(others), ""))
    counts = [value for value in counts if value != title] or counts
    attended = report.find(ATTENDED) or (counts[0] if counts else "")
    lasted = report.find(LASTED) or (durations[0] if durations else "")
    average = report.find(AVERAGE) or (durations[1] if len(durations) > 1 else "")
    return Summary(
        title=title,
        meeting_id=report.find(MEETING_ID),
        started=report.find(STARTED) or (times[0] if times else ""),
        ended=report.find(ENDED) or (times[1] if len(times) > 1 else ""),
        attended=int(attended) if attended.isdigit() else None,
        lasted=read_minutes(lasted) if lasted else None,
        average=read_minutes(average) if average else None,
    )


def _person_of(table: Table, row: Cells, ids: dict[str, str]) -> Attendee | None:
    """Who a row is of: somebody known by address, principal name or name, or new. None for a row without any."""
    shown, email, upn = cell_at(row, NAME), cell_at(row, table.email).casefold(), cell_at(row, table.upn).casefold()
    name = strip_marks(shown)
    known = next((ids[word] for word in (email, upn, "" if email or upn else name) if word in ids), None)
    id_ = known or choose_id(email, upn, name)
    if not id_:
        return None
    for word in (email, upn, name):
        if word:
            ids.setdefault(word, id_)
    person = Attendee(id_, row.line, name or None, email or None, upn or None)
    person.kind = "guest" if is_guest(shown, upn) else "member"
    return person


def _add_people(meeting: Meeting, table: Table, ids: dict[str, str]) -> dict[str, float]:
    """The people of section 2, and how many minutes it gives each."""
    lasted: dict[str, float] = {}
    for row in table.rows:
        person = _person_of(table, row, ids)
        if person is None:
            meeting.leave_out("participants without a name")
            continue
        meeting.take(person)
        minutes = read_minutes(cell_at(row, LASTED_AT))
        if minutes is not None:
            lasted[person.id] = lasted.get(person.id, 0) + minutes
    return lasted


def _add_stays(meeting: Meeting, table: Table, ids: dict[str, str], clock: Clock) -> None:
    for row in table.rows:
        person = _person_of(table, row, ids)
        if person is None:
            meeting.leave_out("participants without a name")
            continue
        clock.add_stay(meeting.take(person), cell_at(row, JOINED), cell_at(row, LEFT))


def _add_durations(meeting: Meeting, table: Table, ids: dict[str, str], lasted: dict[str, float], clock: Clock) -> None:
    """For those without stays the duration of section 2; where that cannot be read, from first join to last leave or as it stands."""
    for row in table.rows:
        found = _person_of(table, row, ids)
        person = meeting.people.get(found.id) if found else None
        if person is None or person.stays or person.unreadable:
            continue
        if person.id in lasted:
            person.minutes = lasted[person.id]
        elif text := cell_at(row, LASTED_AT):
            person.unreadable = text
        else:
            clock.add_stay(person, cell_at(row, JOINED), cell_at(row, LEFT))


def _stretch(meeting: Meeting, report: Report, clock: Clock) -> None:
    for table in (report.people, report.stays):
        for row in table.rows if table else ():
            clock.stretch(meeting, cell_at(row, JOINED), cell_at(row, LEFT))


def _name_parts(meeting: Meeting, report: Report, ids: dict[str, str]) -> None:
    """The parts of people by their roles."""
    roles: dict[str, str] = {}
    for table in (report.people, report.stays):
        for row in table.rows if table else ():
            person = _person_of(table, row, ids) if table else None
            if table and person and (role := cell_at(row, table.role)):
                roles.setdefault(person.id, role)
    has_attendees = any(map(is_attendee, roles.values()))
    for id_, role in roles.items():
        if id_ in meeting.people:
            meeting.people[id_].part = part_of(role, has_attendees=has_attendees)


def _check(meeting: Meeting, summary: Summary, lasted: dict[str, float]) -> None:
    """The summary and section 2 held against the stays. Teams drops parts of seconds, so a stay may differ by two."""
    check_attended(meeting, summary.attended, len(meeting.people))
    check_minutes(meeting, "the length of the meeting", summary.lasted, span_minutes(meeting), SECONDS)
    check_minutes(meeting, "the average time that people stayed", summary.average, mean_minutes(meeting), SECONDS)
    differing = [
        person
        for person in meeting.people.values()
        if person.id in lasted
        and person.stays
        and abs(lasted[person.id] - (person.time_there or 0)) > SECONDS * len(person.stays)
    ]
    if differing:
        first = differing[0]
        meeting.warnings.append(
            f"For {len(differing)} of {len(meeting.people)} people the list of participants gives another time than their "
            f"stays, which were taken (line {first.line}: {_pair(lasted[first.id], first)})."
        )


def _pair(claimed: float, person: Attendee) -> str:
    return f"{round(claimed, 1)} and {round(person.time_there or 0, 1)} minutes"


FORMAT = Format("teams", "Teams attendance report", ("attendance", "members"), recognise, read, is_one_event=True)

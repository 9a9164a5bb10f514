"""Attendance: who was on the list of an event and who came; the event itself can be made on the way."""

from collections.abc import Sequence
from typing import Annotated

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Flag, Moment, Number, Person, Text, one_of
from ingest.events import EventMode, EventType, lay_out_events
from ingest.importer import Importer, Part, Place
from ingest.loading import lay_out_plainly


class AttendanceRow(BaseModel):
    """One person on the list of one event."""

    model_config = ConfigDict(extra="forbid")

    event_id: Text = Field(description="Id of the event.")
    member_id: Person = Field(description="Id of the member, as in the members file.")
    attended: Flag = Field(default=True, description="Whether the person came; yes when the column is missing.")
    registered: Flag | None = Field(default=None, description="Whether the person had registered.")
    cancelled: Flag | None = Field(default=None, description="Whether the registration was cancelled.")
    part: Annotated[str, one_of("host", "speaker", "guest", "staff")] | None = Field(
        default=None, description="Host, speaker, guest or staff at this event."
    )
    minutes: Number | None = Field(default=None, ge=0, description="How long the person stayed, in minutes.")
    starts_at: Moment | None = Field(default=None, description="Start of the event, which makes the event on the way.")
    title: Text | None = Field(default=None, description="Title of the event, with starts_at.")
    ends_at: Moment | None = Field(default=None, description="End of the event, with starts_at.")
    type: EventType | None = Field(default=None, description="Type of the event, with starts_at.")
    mode: EventMode | None = Field(default=None, description="In person, virtual or hybrid, with starts_at.")


EVENT_COLUMNS = ("starts_at", "title", "ends_at", "type", "mode")


def lay_out_attendance(
    connection: duckdb.DuckDBPyConnection, kept: str, given: Sequence[str], place: Place
) -> tuple[Part, ...]:
    """Who came; and where the file says when, the events themselves, of which the first line speaks for all."""
    who = lay_out_plainly(IMPORTER, kept, given, without=EVENT_COLUMNS)
    if "starts_at" not in given:
        return (who,)
    own = [column for column in ("event_id", *EVENT_COLUMNS) if column in given]
    events = f"""(select min(line) as line, event_id, {", ".join(f"arg_min({c}, line) as {c}" for c in own[1:])}
                  from {kept}
                  where starts_at is not null
                  group by event_id)"""
    return (who, *lay_out_events(connection, events, own, place))


def check_events(connection: duckdb.DuckDBPyConnection, given: Sequence[str]) -> None:
    """Add to `bad_lines` the rows of events that have no day, and those that give one event two."""
    describes = "starts_at" in given
    connection.execute(
        f"""insert into bad_lines
            select line, 'event_id', 'The event "' || event_id || '" is not known.',
                   'Import the events file first, or add a column starts_at.'
            from canonical
            where event_id not in (select event_id from events)
              {"and event_id not in (select event_id from canonical where starts_at is not null)" if describes else ""}"""
    )
    if describes:
        connection.execute(
            """insert into bad_lines
               select line, 'starts_at', 'The event "' || event_id || '" has another start on line ' || first_line || '.',
                      'An event has one start; give the other one an id of its own.'
               from canonical
               join (
                   select event_id, arg_min(starts_at, line) as first_start, min(line) as first_line
                   from canonical
                   where starts_at is not null
                   group by event_id
               ) using (event_id)
               where starts_at <> first_start"""
        )


IMPORTER = Importer(
    name="attendance",
    title="Attendance",
    row=AttendanceRow,
    table="attendance",
    key=("event_id", "member_id"),
    renamed={"member_id": "person"},
    covered="select min(events.day), max(events.day) from loaded join events using (event_id)",
    check=check_events,
    lay_out=lay_out_attendance,
    example={
        "event_id": "E001",
        "member_id": "M001",
        "attended": "yes",
        "registered": "yes",
        "starts_at": "2026-11-12 17:30",
        "title": "Autumn meet-up",
    },
)

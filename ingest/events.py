"""Events: what was held, when, of what kind."""

from collections.abc import Sequence
from typing import Annotated

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Moment, Person, Text, Whole, one_of
from ingest.importer import Importer, Part, Place
from ingest.loading import lay_out_plainly, local_day

EventType = Annotated[
    str, one_of("meeting", "workshop", "training", "social", "networking", "celebration", "follow_up", "other")
]
EventMode = Annotated[str, one_of("in_person", "virtual", "hybrid")]


class EventRow(BaseModel):
    """One event."""

    model_config = ConfigDict(extra="forbid")

    event_id: Text = Field(description="Id of the event, unique for good.")
    starts_at: Moment = Field(description="Start, with an offset or in the community's zone.")
    title: Text | None = Field(default=None, description="What the event is called.")
    ends_at: Moment | None = Field(default=None, description="End, in the same form.")
    type: EventType | None = Field(
        default=None, description="Meeting, workshop, training, social, networking, celebration, follow_up or other."
    )
    mode: EventMode | None = Field(default=None, description="In_person, virtual or hybrid.")
    topic: Text | None = Field(default=None, description="What it was about.")
    host_id: Person | None = Field(default=None, description="Member id of the host.")
    programme: Text | None = Field(default=None, description="Programme it belongs to.")
    objective_id: Text | None = Field(default=None, description="Objective it serves.")
    capacity: Whole | None = Field(default=None, ge=0, le=1_000_000, description="How many places there were.")


def lay_out_events(
    connection: duckdb.DuckDBPyConnection, kept: str, given: Sequence[str], place: Place
) -> tuple[Part, ...]:
    """Events with their local day."""
    return (lay_out_plainly(IMPORTER, kept, given, more={"day": local_day("starts_at", place)}),)


IMPORTER = Importer(
    name="events",
    title="Events",
    row=EventRow,
    table="events",
    key=("event_id",),
    renamed={"host_id": "host"},
    lay_out=lay_out_events,
    example={
        "event_id": "E001",
        "starts_at": "2026-11-12 17:30",
        "title": "Autumn meet-up",
        "ends_at": "2026-11-12 19:00",
        "type": "social",
        "mode": "in_person",
    },
)

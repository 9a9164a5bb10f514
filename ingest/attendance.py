"""Attendance: who was on the list of an event and who came; the event itself can be made on the way."""

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Flag, Moment, Number, Person, Text, one_of
from ingest.importer import Importer


class AttendanceRow(BaseModel):
    """One person on the list of one event."""

    model_config = ConfigDict(extra="forbid")

    event_id: Text = Field(description="Id of the event.")
    member_id: Person = Field(description="Id of the member, as in the members file.")
    attended: Flag = Field(default=True, description="Whether the person came; yes when the column is missing.")
    registered: Flag | None = Field(default=None, description="Whether the person had registered.")
    cancelled: Flag | None = Field(default=None, description="Whether the registration was cancelled.")
    part: one_of("host", "speaker", "guest", "staff") | None = Field(default=None, description="Host, speaker, guest or staff at this event.")  # type: ignore[valid-type]
    minutes: Number | None = Field(default=None, ge=0, description="How long the person stayed, in minutes.")
    starts_at: Moment | None = Field(default=None, description="Start of the event, which makes the event on the way.")
    title: Text | None = Field(default=None, description="Title of the event, with starts_at.")


EVENT_COLUMNS = ("starts_at", "title")

IMPORTER = Importer(
    name="attendance",
    title="Attendance",
    row=AttendanceRow,
    table="attendance",
    key=("event_id", "person"),
    people=("member_id",),
    renamed={"member_id": "person"},
    covers=True,
    example={"event_id": "E001", "member_id": "M001", "attended": "yes", "registered": "yes", "starts_at": "2026-11-12 17:30", "title": "Autumn meet-up"},
)

"""Channels: who has joined which channel."""

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Person, Text
from ingest.importer import Importer


class ChannelRow(BaseModel):
    """One person in one channel."""

    model_config = ConfigDict(extra="forbid")

    channel: Text = Field(description="Name of the channel.")
    member_id: Person = Field(description="Id of the member, as in the members file.")
    joined_on: Day | None = Field(default=None, description="Day the member joined the channel.")
    left_on: Day | None = Field(default=None, description="Day the member left the channel.")


IMPORTER = Importer(
    name="channels",
    title="Channel members",
    row=ChannelRow,
    table="channels",
    key=("channel", "member_id"),
    renamed={"member_id": "person"},
    example={"channel": "general", "member_id": "M001", "joined_on": "2025-02-01", "left_on": ""},
)

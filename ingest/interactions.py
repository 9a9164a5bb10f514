"""Interactions: who did what, when, towards whom. Message text has no column and is never stored."""

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Moment, People, Person, Text, one_of
from ingest.importer import Importer


class InteractionRow(BaseModel):
    """One interaction of one person."""

    model_config = ConfigDict(extra="forbid")

    occurred_at: Moment = Field(description="When, with an offset or in the community's zone.")
    actor_id: Person = Field(description="Member id of the one who acted.")
    target_id: People | None = Field(default=None, description="Member id of the one addressed; several with ;")
    channel: Text | None = Field(default=None, description="Channel it happened in.")
    kind: one_of("post", "reply", "reaction", "mention", "message", "meeting") = Field(  # type: ignore[valid-type]
        default="message", description="Post, reply, reaction, mention, message or meeting."
    )
    thread_id: Text | None = Field(default=None, description="Thread it belongs to.")
    interaction_id: Text | None = Field(default=None, description="Id of its own, where the tool gives one.")
    topic: Text | None = Field(default=None, description="What it was about.")
    intent: one_of("ask", "answer", "announce", "introduce", "thank") | None = Field(  # type: ignore[valid-type]
        default=None, description="Ask, answer, announce, introduce or thank."
    )
    objective_id: Text | None = Field(default=None, description="Objective it serves.")


IMPORTER = Importer(
    name="interactions",
    title="Interactions",
    row=InteractionRow,
    table="interactions",
    key=("occurred_at", "actor", "target", "more_targets", "channel", "kind", "thread_id", "interaction_id", "nth"),
    people=("actor_id",),
    renamed={"actor_id": "actor"},
    derived={"day": "local(occurred_at)::date", "hour": "hour(local(occurred_at))::utinyint"},
    covers=True,
    own_id="interaction_id",
    example={"occurred_at": "2026-11-12 09:30", "actor_id": "M001", "target_id": "M002", "channel": "general", "kind": "reply", "thread_id": "T100"},
)

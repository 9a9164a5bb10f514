"""Stories: examples of something that changed for people because the community is there."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Flag, Text, Whole, one_of
from ingest.importer import Importer

DIMENSIONS = ("individual", "micro", "joint", "cross_network")
EVIDENCE = ("claim", "witnessed", "measured")


class StoryRow(BaseModel):
    """One example, told once."""

    model_config = ConfigDict(extra="forbid")

    story_id: Text = Field(description="Id of the story.")
    told_on: Day = Field(description="Day it was told.")
    dimension: Annotated[str, one_of(*DIMENSIONS)] = Field(
        description="Whose value it is: individual, micro (two or a few), joint (a common project) or cross_network."
    )
    subcode: Text | None = Field(
        default=None, description="A finer code of your own, such as connections or information."
    )
    cycle: Whole | None = Field(
        default=None,
        ge=1,
        le=5,
        description="1 something happened, 2 something was learnt, 3 it was used, 4 it had a result, 5 it changed what success means.",
    )
    theme: Text | None = Field(default=None, description="What it is about.")
    parent: Text | None = Field(default=None, description="Id of the story that it goes on from.")
    prompted: Flag = Field(default=False, description="Whether somebody asked for it.")
    event_id: Text | None = Field(default=None, description="Event at which it was told.")
    evidence: Annotated[str, one_of(*EVIDENCE)] | None = Field(
        default=None, description="claim (the teller says so), witnessed (somebody else saw it) or measured."
    )
    intent_due_on: Day | None = Field(default=None, description="Day by which the teller meant to do something.")
    confirmed_on: Day | None = Field(default=None, description="Day they said that it was done.")
    consent: Flag = Field(default=False, description="Whether the teller agreed that the text is shown.")
    text: Text | None = Field(default=None, description="The story itself; shown only with consent.")


IMPORTER = Importer(
    name="stories",
    title="Stories",
    row=StoryRow,
    table="stories",
    key=("story_id",),
    example={
        "story_id": "S1",
        "told_on": "2026-11-02",
        "dimension": "micro",
        "cycle": "3",
        "theme": "shifts",
        "evidence": "witnessed",
        "consent": "yes",
        "text": "Two of us met at the autumn fair and now share one rota",
    },
)

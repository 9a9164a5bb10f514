"""Mentoring: who is mentored by whom, from when until when, and whether they meet."""

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Flag, Person, Text, Whole
from ingest.importer import Importer
from ingest.spans import check_order


class MentoringRow(BaseModel):
    """One pair of mentor and mentee."""

    model_config = ConfigDict(extra="forbid")

    pair_id: Text = Field(description="Id of the pair.")
    mentor_id: Person = Field(description="Id of the mentor, as in the members file; staff may be mentors.")
    mentee_id: Person = Field(description="Id of the member who is mentored.")
    started_on: Day = Field(description="Day the two began.")
    ended_on: Day | None = Field(default=None, description="Last day; empty while it goes on.")
    last_met_on: Day | None = Field(default=None, description="Day they last met, as far as you know.")
    meetings: Whole | None = Field(default=None, ge=0, description="How often they have met so far.")
    goal_met: Flag | None = Field(default=None, description="Whether the mentee reached what they wanted.")


IMPORTER = Importer(
    name="mentoring",
    title="Mentoring pairs",
    row=MentoringRow,
    table="mentoring",
    key=("pair_id",),
    renamed={"mentor_id": "mentor", "mentee_id": "mentee"},
    check=check_order("started_on", "ended_on"),
    example={
        "pair_id": "P1",
        "mentor_id": "M001",
        "mentee_id": "M002",
        "started_on": "2026-09-14",
        "last_met_on": "2026-11-09",
        "meetings": "4",
    },
)

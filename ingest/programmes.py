"""Programmes: who takes part in which run of a programme, from when until when."""

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Person, Text
from ingest.importer import Importer


class ProgrammeRow(BaseModel):
    """One person in one run of a programme."""

    model_config = ConfigDict(extra="forbid")

    member_id: Person = Field(description="Id of the member, as in the members file.")
    programme: Text = Field(description="Name of the programme.")
    cohort: Text | None = Field(default=None, description="Name of the group that runs together.")
    starts_on: Day = Field(description="First day of the run for this person.")
    ends_on: Day | None = Field(default=None, description="Last day; empty while it runs.")


IMPORTER = Importer(
    name="programmes",
    title="Programmes",
    row=ProgrammeRow,
    table="programmes",
    key=("member_id", "programme", "starts_on"),
    renamed={"member_id": "person"},
    example={
        "member_id": "M001",
        "programme": "Onboarding",
        "cohort": "2026 autumn",
        "starts_on": "2026-09-01",
        "ends_on": "2026-11-30",
    },
)

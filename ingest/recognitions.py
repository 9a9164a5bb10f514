"""Recognitions: who was thanked or celebrated, by whom, and for what."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Person, Text, one_of
from ingest.importer import Importer


class RecognitionRow(BaseModel):
    """One person who was recognised once."""

    model_config = ConfigDict(extra="forbid")

    recognised_on: Day = Field(description="Day of the recognition.")
    receiver_id: Person = Field(description="Id of the member who was recognised; of a group one row for each.")
    giver_id: Person | None = Field(default=None, description="Id of the one who gave it; empty where nobody is named.")
    kind: Annotated[str, one_of("individual", "group")] = Field(
        default="individual", description="individual (default), or group where all of a group were recognised."
    )
    achieved_on: Day | None = Field(default=None, description="Day of what it was for.")
    objective_id: Text | None = Field(default=None, description="Objective that it served.")
    text: Text | None = Field(default=None, description="What it was for; kept here and never published.")


IMPORTER = Importer(
    name="recognitions",
    title="Recognitions",
    row=RecognitionRow,
    table="recognitions",
    key=("recognised_on", "receiver_id", "giver_id", "kind", "text"),
    renamed={"receiver_id": "receiver", "giver_id": "giver"},
    mentions=("giver_id",),
    example={
        "recognised_on": "2026-11-09",
        "receiver_id": "M002",
        "giver_id": "M001",
        "kind": "individual",
        "achieved_on": "2026-11-02",
        "text": "Looked after the help channel all summer",
    },
)

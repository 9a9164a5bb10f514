"""Activity: totals from analytics exports, kept as totals."""

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Number, Person, Text, one_of
from ingest.importer import Importer


class ActivityRow(BaseModel):
    """One total over one period."""

    model_config = ConfigDict(extra="forbid")

    period_start: Day = Field(description="First day the total is about.")
    period_end: Day = Field(description="Last day the total is about.")
    kind: one_of("active", "posting", "messages", "reactions", "members", "views") = Field(  # type: ignore[valid-type]
        description="Active, posting, messages, reactions, members or views."
    )
    count: Number = Field(ge=0, description="The total.")
    member_id: Person | None = Field(default=None, description="Member it is about, where the export says.")
    channel: Text | None = Field(default=None, description="Channel it is about, where the export says.")


IMPORTER = Importer(
    name="activity",
    title="Activity totals",
    row=ActivityRow,
    table="activity",
    key=("period_start", "period_end", "kind", "person", "channel"),
    people=("member_id",),
    renamed={"member_id": "person"},
    covers=True,
    example={"period_start": "2026-11-09", "period_end": "2026-11-15", "kind": "active", "count": "212"},
)

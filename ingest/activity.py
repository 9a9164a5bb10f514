"""Activity: totals from analytics exports, kept as totals."""

from collections.abc import Sequence
from typing import Annotated

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Number, Person, Text, one_of
from ingest.importer import Importer


class ActivityRow(BaseModel):
    """One total over one period."""

    model_config = ConfigDict(extra="forbid")

    period_start: Day = Field(description="First day the total is about.")
    period_end: Day = Field(description="Last day the total is about.")
    kind: Annotated[str, one_of("active", "posting", "messages", "reactions", "members", "views")] = Field(
        description="Active, posting, messages, reactions, members or views."
    )
    count: Number = Field(ge=0, description="The total.")
    member_id: Person | None = Field(default=None, description="Member it is about, where the export says.")
    channel: Text | None = Field(default=None, description="Channel it is about, where the export says.")


def check_periods(connection: duckdb.DuckDBPyConnection, given: Sequence[str]) -> None:
    """Add to `bad_lines` the periods that end before they start."""
    connection.execute(
        """insert into bad_lines
           select line, 'period_end', '"' || period_end || '" is before the start of the period.', 'Check both days.'
           from canonical
           where period_end < period_start"""
    )


IMPORTER = Importer(
    name="activity",
    title="Activity totals",
    row=ActivityRow,
    table="activity",
    key=("period_start", "period_end", "kind", "member_id", "channel"),
    renamed={"member_id": "person"},
    covered="select min(period_start), max(period_end) from loaded",
    check=check_periods,
    example={"period_start": "2026-11-09", "period_end": "2026-11-15", "kind": "active", "count": "212"},
)

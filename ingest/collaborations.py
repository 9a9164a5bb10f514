"""Collaborations: what members started together, from a pair who try something to a project across networks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, People, Text, one_of
from ingest.importer import Importer, Part, Place
from ingest.loading import lay_out_plainly, split_ids
from ingest.spans import check_order

KINDS = ("micro", "joint", "cross_network")


class CollaborationRow(BaseModel):
    """One thing that members do together."""

    model_config = ConfigDict(extra="forbid")

    collaboration_id: Text = Field(description="Id of the collaboration.")
    title: Text = Field(description="What it is, in a few words.")
    kind: Annotated[str, one_of(*KINDS)] = Field(
        description="micro (two or a few), joint (a common project) or cross_network (with people of other networks)."
    )
    member_ids: People | None = Field(default=None, description="Ids of the members in it, separated by semicolons.")
    topic: Text | None = Field(default=None, description="What it is about.")
    network: Text | None = Field(default=None, description="The other network, where there is one.")
    started_on: Day = Field(description="Day it began.")
    ended_on: Day | None = Field(default=None, description="Day it ended; empty while it goes on.")
    became_joint_on: Day | None = Field(
        default=None, description="Day a micro-collaboration became a project of the community."
    )
    status: Text | None = Field(default=None, description="Such as running, delivered or dropped.")
    outcome: Text | None = Field(default=None, description="What came of it.")


def lay_out_collaborations(
    connection: duckdb.DuckDBPyConnection, kept: str, given: Sequence[str], place: Place
) -> tuple[Part, ...]:
    """Collaborations with their members as a list, each once and in the order of the cell."""
    if "member_ids" not in given:
        plain = lay_out_plainly(IMPORTER, kept, given, more={"members": "null::integer[]"})
        return (replace(plain, given=tuple(name for name in plain.given if name != "members")),)
    connection.execute(
        f"""create or replace temp table several_members as
            select line, list(person order by place) as persons
            from (
                select line, people.person, min(place) as place
                from (
                    select line, unnest({split_ids("member_ids")}) as member_id,
                           generate_subscripts(string_split(member_ids, ';'), 1) as place
                    from {kept}
                    where member_ids is not null
                ) as named
                join people using (member_id)
                group by all
            )
            group by line"""
    )
    part = lay_out_plainly(
        IMPORTER,
        kept,
        given,
        more={"members": "several_members.persons"},
        joins=["left join several_members on several_members.line = kept.line"],
    )
    return (replace(part, several=("members",)),)


IMPORTER = Importer(
    name="collaborations",
    title="Collaborations",
    row=CollaborationRow,
    table="collaborations",
    key=("collaboration_id",),
    renamed={"member_ids": "members"},
    check=check_order("started_on", "ended_on"),
    lay_out=lay_out_collaborations,
    example={
        "collaboration_id": "C1",
        "title": "One rota for two wards",
        "kind": "micro",
        "member_ids": "M001;M002",
        "topic": "shifts",
        "started_on": "2026-10-05",
        "status": "running",
    },
)

"""Interactions: who did what, when, towards whom. Message text has no column and is never stored."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Moment, People, Person, Text, local_time, one_of
from ingest.importer import Importer, Key, Part, Place
from ingest.loading import lay_out_plainly, literal, local_day, split_ids


class InteractionRow(BaseModel):
    """One interaction of one person."""

    model_config = ConfigDict(extra="forbid")

    occurred_at: Moment = Field(description="When, with an offset or in the community's zone.")
    actor_id: Person = Field(description="Member id of the one who acted.")
    target_id: People | None = Field(default=None, description="Member id of the one addressed; several with ;")
    channel: Text | None = Field(default=None, description="Channel it happened in.")
    kind: Annotated[str, one_of("post", "reply", "reaction", "mention", "message", "meeting")] = Field(
        default="message", description="Post, reply, reaction, mention, message or meeting."
    )
    thread_id: Text | None = Field(default=None, description="Thread it belongs to.")
    interaction_id: Text | None = Field(default=None, description="Id of its own, where the tool gives one.")
    topic: Text | None = Field(default=None, description="What it was about.")
    intent: Annotated[str, one_of("ask", "answer", "announce", "introduce", "thank")] | None = Field(
        default=None, description="Ask, answer, announce, introduce or thank."
    )
    objective_id: Text | None = Field(default=None, description="Objective it serves.")


KEYS = (
    Key(("interaction_id", "source"), when="{row}.interaction_id is not null"),
    Key(
        ("occurred_at", "actor", "target", "more_targets", "channel", "kind", "thread_id", "nth"),
        when="{row}.interaction_id is null",
    ),
)


def lay_out_interactions(
    connection: duckdb.DuckDBPyConnection, kept: str, given: Sequence[str], place: Place
) -> tuple[Part, ...]:
    """Interactions with their local day and hour. One with an id is known by it and its source; others by who, when and
    what, and by being the nth of their like in the file."""
    more = {
        "day": local_day("occurred_at", place),
        "hour": f"hour({local_time('kept.occurred_at', place.zone)})::utinyint",
        "source": literal(place.source),
    }
    joins = []
    if _stage_repeats(connection, kept, given):
        joins.append("left join repeats on repeats.line = kept.line")
        more["nth"] = "coalesce(repeats.nth, 1)::integer"
    else:
        more["nth"] = "1"
    if "target_id" in given:
        joins.append("left join people as target_ids on target_ids.member_id = kept.target_id")
        more["target"], more["more_targets"] = "target_ids.person", "null::integer[]"
        if _stage_several_targets(connection, kept):
            joins.append("left join several_targets on several_targets.line = kept.line")
            more["target"] = "coalesce(several_targets.persons[1], target_ids.person)"
            more["more_targets"] = "case when len(several_targets.persons) > 1 then several_targets.persons[2:] end"
    else:
        more["target"], more["more_targets"] = "null::integer", "null::integer[]"
    part = lay_out_plainly(IMPORTER, kept, given, more=more, joins=joins, keys=KEYS, without=("target_id",))
    return (replace(part, persons=("actor", "target")),)


def _stage_repeats(connection: duckdb.DuckDBPyConnection, kept: str, given: Sequence[str]) -> bool:
    """Temp table `repeats` (line, nth) of the rows without an id that are not the first of their like; whether there are any.

    The few that can be repeats are found by hash first, because sorting all rows would cost more than loading them.
    """
    alike = ("occurred_at", "actor_id", "target_id", "channel", "kind", "thread_id")
    tuple_ = ", ".join(column for column in alike if column in given)
    lacking = "interaction_id is null" if "interaction_id" in given else "true"
    connection.execute(
        f"""create or replace temp table repeats as
            select line, row_number() over (partition by {tuple_} order by line) as nth
            from {kept}
            where {lacking}
              and hash({tuple_}) in (
                  select like_hash
                  from (select hash({tuple_}) as like_hash from {kept} where {lacking})
                  group by like_hash
                  having count(*) > 1
              )
            qualify nth > 1"""
    )
    return _has_rows(connection, "repeats")


def _stage_several_targets(connection: duckdb.DuckDBPyConnection, kept: str) -> bool:
    """Temp table `several_targets` (line, persons in the order of the cell); whether there are any."""
    connection.execute(
        f"""create or replace temp table several_targets as
            select line, list(person order by place) as persons
            from (
                select line, unnest({split_ids("target_id")}) as member_id,
                       generate_subscripts(string_split(target_id, ';'), 1) as place
                from {kept}
                where contains(target_id, ';')
            )
            join people using (member_id)
            group by line"""
    )
    return _has_rows(connection, "several_targets")


def _has_rows(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(f"select count(*) > 0 from {table}").fetchone()
    return bool(found and found[0])


IMPORTER = Importer(
    name="interactions",
    title="Interactions",
    row=InteractionRow,
    table="interactions",
    key=("interaction_id",),
    may_lack_key=True,
    renamed={"actor_id": "actor"},
    covered="select min(day), max(day) from loaded",
    lay_out=lay_out_interactions,
    example={
        "occurred_at": "2026-11-12 09:30",
        "actor_id": "M001",
        "target_id": "M002",
        "channel": "general",
        "kind": "reply",
        "thread_id": "T100",
    },
)

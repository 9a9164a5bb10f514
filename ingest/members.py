"""Members: the roster, in versions, so that a number of last spring uses last spring's teams.

A members file adds people and changes; only when it is said to be complete do those who are missing
leave. A new version of a member is written only when something differs.
"""

from collections.abc import Sequence
from datetime import date

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Flag, Person, Text, one_of
from ingest.importer import Counts, Importer, Problem

MOST_SEGMENTS = 40
MEMBERS_FOR_A_SEGMENT = 5
ALWAYS = date(1, 1, 1)


class MemberRow(BaseModel):
    """One person of the roster; further columns say which groups the person is in."""

    model_config = ConfigDict(extra="forbid")

    member_id: Person = Field(description="Id of the person, the same in every file.")
    name: Text | None = Field(default=None, description="Name as shown to managers.")
    email: Text | None = Field(default=None, description="E-mail address.")
    aliases: Text | None = Field(default=None, description="Other ids of the person, separated by ;")
    joined_on: Day | None = Field(default=None, description="Day the person joined; empty: always there.")
    left_on: Day | None = Field(default=None, description="Last day in the community; empty while in it.")
    member_type: one_of("member", "staff", "bot") = Field(default="member", description="Member, staff or bot.")  # type: ignore[valid-type]
    timezone: Text | None = Field(default=None, description="Time zone of the person, such as Europe/Berlin.")
    opted_out: Flag = Field(default=False, description="Leave the person out of every number and list.")
    no_lists: Flag = Field(default=False, description="Count the person, but put them on no named list.")
    valid_from: Day | None = Field(default=None, description="Day from which this row holds.")


IMPORTER = Importer(
    name="members",
    title="Members",
    row=MemberRow,
    table="members",
    key=("person", "valid_from"),
    people=("member_id",),
    renamed={"member_id": "person"},
    is_open=True,
    example={"member_id": "M001", "name": "Alex Example", "email": "alex@example.org", "joined_on": "2025-02-01", "member_type": "member", "team": "Digital", "region": "North"},
)

VERSION_COLUMNS = ("name", "email", "aliases", "joined_on", "left_on", "member_type", "timezone", "opted_out", "no_lists")


def check_dimensions(connection: duckdb.DuckDBPyConnection, staged: str, columns: Sequence[str], confirmed: Sequence[str]) -> list[Problem]:
    """Problems of columns that would become dimensions without anybody having said so: too many values to be groups."""
    problems = []
    rows = connection.execute(f"select count(*) from {staged}").fetchone()
    members = rows[0] if rows else 0
    for column in columns:
        if column in confirmed:
            continue
        found = connection.execute(f'select count(distinct "{column}") from {staged}').fetchone()
        values = found[0] if found else 0
        if values > MOST_SEGMENTS or values * MEMBERS_FOR_A_SEGMENT > max(members, MEMBERS_FOR_A_SEGMENT * 2):
            problems.append(
                Problem(
                    None,
                    column,
                    f"The column {column} has {values} different values for {members} people, so it does not look like groups.",
                    f"Leave the column out, or name it in the setting dimensions if {column} really is a grouping.",
                )
            )
    return problems


def load_members(
    connection: duckdb.DuckDBPyConnection,
    typed: str,
    batch: int,
    given: Sequence[str],
    dimensions: Sequence[str],
    effective_on: date,
    *,
    complete: bool,
) -> Counts:
    """Write new versions of the members of `typed` (line, person, the given columns, dimensions as text) from their day on.

    The first version of a person holds from always unless the file says otherwise; an absent column
    leaves what is known, an empty cell clears it.
    """
    is_first = connection.execute("select count(*) = 0 from members").fetchone()
    first_day = ALWAYS if is_first and is_first[0] else effective_on
    valid_from = "coalesce(typed.valid_from, $day)" if "valid_from" in given else "$day"
    kept = [column for column in VERSION_COLUMNS if column in given]
    values = ",\n               ".join(
        f"typed.{column}" if column in kept else f"coalesce(before.{column}, {_DEFAULTS.get(column, 'null')}) as {column}"
        for column in VERSION_COLUMNS
    )
    connection.execute(
        f"""create or replace temp table fresh as
            select typed.line, typed.person, {valid_from} as valid_from,
                   {values},
                   before.person is null as is_new,
                   before.valid_from as before_from
            from {typed} as typed
            left join lateral (
                select *
                from members
                where members.person = typed.person
                  and members.valid_from <= {valid_from}
                order by members.valid_from desc
                limit 1
            ) as before on true""",
        {"day": first_day},
    )
    _stage_segments(connection, typed, dimensions)
    differs = " or ".join(f"fresh.{column} is distinct from members.{column}" for column in kept) or "false"
    connection.execute(
        f"""create or replace temp table writing as
            select fresh.*
            from fresh
            left join members
              on members.person = fresh.person
             and members.valid_from = fresh.before_from
            where fresh.is_new
               or {differs}
               or exists (
                   select 1
                   from fresh_segments
                   left join segments
                     on segments.person = fresh_segments.person
                    and segments.valid_from = fresh.before_from
                    and segments.dimension = fresh_segments.dimension
                   where fresh_segments.person = fresh.person
                     and segments.segment is distinct from fresh_segments.segment
               )"""
    )
    _write_versions(connection, batch)
    counted = connection.execute(
        """select count_if(is_new), count_if(not is_new), (select count(*) from fresh) - count(*)
           from writing"""
    ).fetchone()
    new, changed, unchanged = counted or (0, 0, 0)
    left = _leave(connection, batch, effective_on) if complete else 0
    return Counts(new, changed + left, unchanged)


_DEFAULTS = {"member_type": "'member'", "opted_out": "false", "no_lists": "false"}


def _stage_segments(connection: duckdb.DuckDBPyConnection, typed: str, dimensions: Sequence[str]) -> None:
    connection.execute("create or replace temp table fresh_segments (person integer, dimension varchar, segment varchar)")
    for dimension in dimensions:
        connection.execute(
            f'insert into fresh_segments select person, ?, nullif(trim("{dimension}"), \'\') from {typed}', [dimension]
        )


def _write_versions(connection: duckdb.DuckDBPyConnection, batch: int) -> None:
    """Put the rows of `writing` in place: segments not named in the file are carried on from the version before."""
    connection.execute(
        """create or replace temp table carried as
           select writing.person, writing.valid_from, segments.dimension, segments.segment
           from writing
           join segments
             on segments.person = writing.person
            and segments.valid_from = writing.before_from
           where segments.dimension not in (select dimension from fresh_segments)"""
    )
    for table in ("segments", "members"):
        connection.execute(
            f"delete from {table} using writing where {table}.person = writing.person and {table}.valid_from = writing.valid_from"
        )
    connection.execute(
        f"""insert into members by name
            select person, valid_from, {", ".join(VERSION_COLUMNS)}, ? as batch, line
            from writing""",
        [batch],
    )
    connection.execute(
        """insert into segments
           select * from carried
           union all
           select writing.person, writing.valid_from, fresh_segments.dimension, fresh_segments.segment
           from writing
           join fresh_segments
             on fresh_segments.person = writing.person
           where fresh_segments.segment is not null"""
    )


def _leave(connection: duckdb.DuckDBPyConnection, batch: int, effective_on: date) -> int:
    """Give everybody who is not in a complete roster a last day; returns how many."""
    connection.execute(
        """create or replace temp table leaving as
           select person, max(valid_from) as valid_from
           from members
           where person not in (select person from fresh)
           group by person
           having arg_max(left_on, valid_from) is null"""
    )
    connection.execute(
        """update members
           set left_on = ?, batch = ?
           from leaving
           where members.person = leaving.person
             and members.valid_from = leaving.valid_from""",
        [effective_on, batch],
    )
    counted = connection.execute("select count(*) from leaving").fetchone()
    return int(counted[0]) if counted else 0

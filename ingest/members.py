"""Members: the roster, in versions, so that a number of last spring uses last spring's teams.

A members file adds people and changes; only when it is said to be complete do those who are missing
leave. A new version of a member is written only when something differs.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from data.settings import Settings
from ingest.cells import Day, Flag, People, Person, Text, one_of
from ingest.headers import IGNORED
from ingest.importer import Counts, Details, Importer, Problem
from ingest.loading import lay_out_plainly, literal, name_fresh
from ingest.reading import quoted

MOST_SEGMENTS = 40
MEMBERS_FOR_A_SEGMENT = 5
FEW_SEGMENTS = 2
ALWAYS = date(1, 1, 1)


class MemberRow(BaseModel):
    """One person of the roster; further columns say which groups the person is in."""

    model_config = ConfigDict(extra="forbid")

    member_id: Person = Field(description="Id of the person, the same in every file.")
    name: Text | None = Field(default=None, description="Name as shown to managers.")
    email: Text | None = Field(default=None, description="E-mail address.")
    aliases: People | None = Field(default=None, description="Other ids of the person, separated by ;")
    joined_on: Day | None = Field(default=None, description="Day the person joined; empty: always there.")
    left_on: Day | None = Field(default=None, description="Last day in the community; empty while in it.")
    member_type: Annotated[str, one_of("member", "staff", "bot")] = Field(
        default="member", description="Member, staff or bot."
    )
    timezone: Text | None = Field(default=None, description="Time zone of the person, such as Europe/Berlin.")
    opted_out: Flag = Field(default=False, description="Leave the person out of every number and list.")
    no_lists: Flag = Field(default=False, description="Count the person, but put them on no named list.")
    valid_from: Day | None = Field(default=None, description="Day from which this row holds.")


IMPORTER = Importer(
    name="members",
    title="Members",
    row=MemberRow,
    table="members",
    key=("member_id", "valid_from"),
    renamed={"member_id": "person"},
    is_open=True,
    example={
        "member_id": "M001",
        "name": "Alex Example",
        "email": "alex@example.org",
        "joined_on": "2025-02-01",
        "member_type": "member",
        "team": "Digital",
        "region": "North",
    },
)

VERSION_COLUMNS = (
    "name",
    "email",
    "aliases",
    "joined_on",
    "left_on",
    "member_type",
    "timezone",
    "opted_out",
    "no_lists",
)


def choose_dimensions(
    columns: Sequence[str], settings: Settings, details: Details
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which further columns of a members file become dimensions, and which are left out.

    Without a person's choice (by command) every one of them is taken, if it looks like groups.
    """
    further = [column for column in columns if column not in MemberRow.model_fields and column not in IGNORED]
    if details.dimensions is None:
        return tuple(further), ()
    wanted = {*settings.dimensions, *details.dimensions}
    return tuple(c for c in further if c in wanted), tuple(c for c in further if c not in wanted)


def check_dimensions(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], settings: Settings, details: Details
) -> list[Problem]:
    """Problems of columns that would become dimensions without anybody having said so: too many values to be groups."""
    problems = []
    confirmed = {*settings.dimensions, *(details.dimensions or ())}
    for column in (column for column in columns if column not in confirmed):
        found = connection.execute(
            f"select count(distinct {quoted(column)}), count(distinct member_id) from staged"
        ).fetchone()
        values, members = found or (0, 0)
        if values > MOST_SEGMENTS or (values > FEW_SEGMENTS and values * MEMBERS_FOR_A_SEGMENT > members):
            problems.append(
                Problem(
                    1,
                    column,
                    f"The column {column} has {values} values for {members} members, so it does not look like groups.",
                    "Take it out, or name it in the setting dimensions if its values are groups.",
                )
            )
    return problems


def load_members(
    connection: duckdb.DuckDBPyConnection,
    kept: str,
    columns: Sequence[str],
    batch: int,
    effective_on: date,
    *,
    complete: bool,
) -> Counts:
    """Write new versions of the members of `kept` from their day on, where something differs from the version before.

    The first roster holds from always, later ones from their effective day, unless a row says valid_from. An absent
    column leaves what is known, an empty cell clears it. A complete roster gives everybody it lacks a last day, and
    takes it from those it has, unless it has the column left_on.
    """
    given = [column for column in columns if column in MemberRow.model_fields]
    dimensions = [column for column in columns if column not in MemberRow.model_fields]
    more = {quoted(dimension): f"kept.{quoted(dimension)}" for dimension in dimensions}
    name_fresh(connection, lay_out_plainly(IMPORTER, kept, given, more=more))
    returns = complete and "left_on" not in given
    _stage_versions(connection, [*given, "left_on"] if returns else given, effective_on)
    _stage_segments(connection, dimensions)
    _drop_same_versions(connection)
    counted = connection.execute(
        """select count(*) filter (is_new), count(*) filter (not is_new), (select count(*) from fresh) - count(*)
           from versions"""
    ).fetchone()
    _write_versions(connection, batch)
    left = _let_leave(connection, batch, effective_on) if complete else 0
    new, changed, unchanged = counted or (0, 0, 0)
    return Counts(new, changed + left, unchanged)


def _stage_versions(connection: duckdb.DuckDBPyConnection, given: Sequence[str], effective_on: date) -> None:
    """Temp table `versions`: the rows of `fresh` as whole versions, completed from the version before, where there is one."""
    first = connection.execute("select count(*) = 0 from members").fetchone()
    day = f"date '{ALWAYS if first and first[0] else effective_on}'"
    own = [column for column in VERSION_COLUMNS if column in given]
    values = ", ".join(
        f"fresh.{column}" if column in own else f"coalesce(before.{column}, fresh.{column}) as {column}"
        for column in VERSION_COLUMNS
    )
    differs = " or ".join(f"fresh.{column} is distinct from before.{column}" for column in own) or "false"
    connection.execute(
        f"""create or replace temp table versions as
            select fresh.line, fresh.person, coalesce(fresh.valid_from, {day}) as valid_from, {values},
                   before.person is null as is_new, before.valid_from as before_from,
                   before.person is null or {differs} as differs
            from fresh
            asof left join (select * from members) as before
              on before.person = fresh.person
             and before.valid_from <= coalesce(fresh.valid_from, {day})"""
    )


def _stage_segments(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> None:
    """Temp table `placed`: the segments of each version: those of the file, and of the version before where it is silent."""
    names = ", ".join(literal(dimension) for dimension in dimensions)
    cells = ", ".join(quoted(dimension) for dimension in dimensions)
    own = f"select line, unnest([{names}]::varchar[]) as dimension, unnest([{cells}]::varchar[]) as segment from fresh"
    connection.execute(
        f"""create or replace temp table placed as
            with own as ({own})
            select versions.line, versions.person, versions.valid_from, own.dimension, own.segment
            from versions
            join own using (line)
            where own.segment is not null
            union all
            select versions.line, versions.person, versions.valid_from, segments.dimension, segments.segment
            from versions
            join segments
              on segments.person = versions.person
             and segments.valid_from = versions.before_from
            where segments.dimension not in (select dimension from own)"""
    )


def _drop_same_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave in `versions` those that are new or differ from the version before, in a column or in a segment."""
    connection.execute(
        """delete from versions
           where not differs
             and line not in (
                 select versions.line
                 from versions
                 left join (
                     select line, list({'d': dimension, 's': segment} order by dimension) as held
                     from placed
                     group by line
                 ) as now
                   on now.line = versions.line
                 left join (
                     select person, valid_from, list({'d': dimension, 's': segment} order by dimension) as held
                     from segments
                     group by person, valid_from
                 ) as before
                   on before.person = versions.person
                  and before.valid_from = versions.before_from
                 where now.held is distinct from before.held
             )"""
    )


def _write_versions(connection: duckdb.DuckDBPyConnection, batch: int) -> None:
    """Put `versions` in place of those of the same member and day."""
    for table in ("segments", "members"):
        connection.execute(
            f"""delete from {table}
                using versions
                where {table}.person = versions.person
                  and {table}.valid_from = versions.valid_from"""
        )
    connection.execute(
        f"""insert into members by name
            select person, valid_from, {", ".join(VERSION_COLUMNS)}, ?::integer as batch, line
            from versions""",
        [batch],
    )
    connection.execute(
        """insert into segments
           select person, valid_from, dimension, segment
           from placed
           where line in (select line from versions)"""
    )


def _let_leave(connection: duckdb.DuckDBPyConnection, batch: int, effective_on: date) -> int:
    """Give everybody who is not in a complete roster a last day; returns how many."""
    connection.execute(
        """create or replace temp table leaving as
           select person, max(valid_from) as valid_from
           from members
           where person not in (select person from fresh)
           group by person
           having arg_max({'day': left_on}, valid_from).day is null"""
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

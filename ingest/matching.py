"""Matching: which member each id of a tool is. By the roster's own words, or as somebody decided; never by a likeness.

An id is a member's where it is their member_id, an alias or e-mail address of theirs, or where the tool's
directory has that e-mail address or login for it. A spelling that two members share stands for neither.
A name alone never decides: it only suggests (see `ingest.unmatched`).
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Person
from ingest.importer import Importer
from ingest.loading import split_ids


class MatchRow(BaseModel):
    """One decision about one id."""

    model_config = ConfigDict(extra="forbid")

    id: Person = Field(description="Id that a tool uses.")
    member_id: Person | None = Field(default=None, description="The member it is; empty: it is nobody's.")
    decided_on: Day | None = Field(default=None, description="Day of the decision.")


IMPORTER = Importer(
    name="matches",
    title="Matches",
    row=MatchRow,
    table="decided_ids",
    key=("id",),
    renamed={"id": "person", "member_id": "member"},
    example={"id": "U0123", "member_id": "M001", "decided_on": "2026-11-16"},
)


def link_people(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `aliases` (person, member): every id that is not a member's own and stands for one member."""
    connection.execute("delete from aliases")
    connection.execute(
        f"""insert into aliases
            with roster as (
                select person as member, arg_max(email, valid_from) as email, arg_max(aliases, valid_from) as others
                from members
                group by person
            ),
            spelled as (
                select {_key("written.spelling")} as spelling, min(written.member) as member
                from (
                    select member, trim(email) as spelling from roster
                    union all
                    select member, unnest({split_ids("others")}) from roster
                    union all
                    select roster.member, people.member_id from roster join people on people.person = roster.member
                ) as written
                where written.spelling <> ''
                group by all
                having count(distinct written.member) = 1
            ),
            said as (
                select person, member, 0 as rank from decided_ids where member in (select member from roster)
                union all
                select people.person, spelled.member, 1
                from people
                join spelled on spelled.spelling = {_key("people.member_id")}
                union all
                select identities.person, spelled.member, 2
                from identities
                join spelled on spelled.spelling = {_key("identities.email")}
                union all
                select identities.person, spelled.member, 3
                from identities
                join spelled on spelled.spelling = {_key("identities.login")}
            )
            select person, arg_min(member, rank)
            from said
            where person not in (select member from roster)
              and person not in (select person from decided_ids where member is null)
            group by person"""
    )


def find_strangers(connection: duckdb.DuckDBPyConnection, member_ids: Sequence[str]) -> list[str]:
    """Those of some ids that no member has."""
    rows = connection.execute(
        """select id
           from (select unnest(?::varchar[]) as id)
           where id not in (select member_id from people join members using (person))
           order by id""",
        [list(member_ids)],
    ).fetchall()
    return [id_ for (id_,) in rows]


def write_decisions(file: Path, chosen: Mapping[str, str | None], decided_on: date) -> None:
    """A file of matches with one decision a row."""
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(IMPORTER.columns)
        writer.writerows([id_, member or "", decided_on.isoformat()] for id_, member in chosen.items())
    file.chmod(0o600)


def _key(spelling: str) -> str:
    """SQL: what two spellings of one id have in common. Addresses are the same in capitals, ids need not be."""
    return f"case when contains({spelling}, '@') then lower(trim({spelling})) else trim({spelling}) end"

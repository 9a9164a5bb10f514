"""Persons: who an id belongs to, and every place of the warehouse in which a person can be."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from data.errors import Refused
from data.salt import read_salt
from ingest.importers import IMPORTERS, OWN
from ingest.keys import respondent_key
from ingest.loading import split_ids
from ingest.tombstones import is_about

LINKED_TABLES = (("segments", "person"), ("aliases", "person"), ("aliases", "member"), ("people", "person"))
MENTIONS = (("interactions", "target"), ("interactions", "more_targets"))


@dataclass(frozen=True)
class Where:
    """A column that says who. A row with `about` is the person's own; else it belongs to somebody else and mentions them."""

    table: str
    column: str
    type: str
    about: bool


@dataclass(frozen=True)
class Person:
    """One person: the numbers, ids and addresses under which they are known, and their names."""

    numbers: tuple[int, ...]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    emails: tuple[str, ...]


def find_places(connection: duckdb.DuckDBPyConnection) -> list[Where]:
    """Every column of the warehouse that can name a person; what a person is known by comes last."""
    types = {
        (table, column): kind
        for table, column, kind in connection.execute(
            """select table_name, column_name, data_type
               from duckdb_columns()
               where database_name = current_catalog() and not internal"""
        ).fetchall()
    }
    told = {
        (importer.table, importer.stored(column)): is_about(importer, column)
        for importer in (*IMPORTERS, *OWN)
        for column in importer.columns
        if importer.cell(column).ids
    }
    told |= dict.fromkeys(MENTIONS, False) | dict.fromkeys(LINKED_TABLES, True)
    places = [Where(*place, types[place], about) for place, about in told.items() if place in types]
    return sorted(places, key=lambda place: place.table == "people")


def find_person(connection: duckdb.DuckDBPyConnection, name: str) -> Person:
    """The person of a member id, another id of theirs, or an e-mail address. Raises Refused for one nobody has."""
    wanted = connection.execute(
        """select coalesce(aliases.member, people.person)
           from people
           left join aliases using (person)
           where people.member_id = $name
           union
           select person
           from members
           where lower(email) = lower($name)""",
        {"name": name},
    ).fetchall()
    if not wanted:
        raise Refused(f'Nobody is known as "{name}".', fix="Write a member_id, another id or the e-mail address.")
    return describe(connection, [number for (number,) in wanted])


def describe(connection: duckdb.DuckDBPyConnection, numbers: list[int]) -> Person:
    """All that persons are known by, together. What somebody else is known by too is not theirs alone and left out."""
    versions = connection.execute(
        "select distinct person, name, email, aliases from members where list_contains(?, person)", [numbers]
    ).fetchall()
    others = {
        name.strip().lower()
        for email, aliases in connection.execute(
            f"""select distinct email, coalesce({split_ids("aliases")}, [])
                from members
                where not list_contains(?, person) and (email is not null or aliases is not null)""",
            [numbers],
        ).fetchall()
        for name in (email, *aliases)
        if name
    }
    linked = connection.execute(
        """select aliases.person
           from aliases
           join people using (person)
           where list_contains(?, aliases.member) and not list_contains(?::varchar[], lower(people.member_id))""",
        [numbers, sorted(others)],
    ).fetchall()
    every = sorted({*numbers, *(number for (number,) in linked)})
    own = connection.execute("select member_id from people where list_contains(?, person)", [every]).fetchall()
    emails = {email for _, _, email, _ in versions if email and email.strip().lower() not in others}
    also = {alias.strip() for *_, aliases in versions for alias in (aliases or "").split(";") if alias.strip()}
    ids = {name for (name,) in own} | {alias for alias in also if alias.lower() not in others}
    names = {name for _, name, _, _ in versions if name}
    return Person(tuple(every), tuple(sorted(ids)), tuple(sorted(names)), tuple(sorted(emails)))


def find_keys(connection: duckdb.DuckDBPyConnection, home: Path, ids: tuple[str, ...], *, named: bool) -> set[str]:
    """The keys that ids have in the waves of this home. With `named` only in those in which members answered by name: who
    answered the others is not looked up."""
    salt = read_salt(home)
    waves = connection.execute(
        "select wave, instrument, linked from waves where promise = 'named' or not ?", [named]
    ).fetchall()
    return {
        respondent_key(salt, f"instrument {instrument}" if linked else f"wave {wave}", name)
        for wave, instrument, linked in waves
        for name in ids
    }

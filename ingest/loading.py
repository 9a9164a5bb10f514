"""Loading: from the typed rows of a batch into a table, by natural key.

A row whose key is new is inserted; one whose key is known changes only in the columns that its file has.
Rows are told apart with `is not distinct from`, so that an empty part of a key is a value like any other.
"""

from collections.abc import Mapping, Sequence

import duckdb

from ingest.cells import PERSON, local_time
from ingest.importer import Counts, Importer, Part, Place


def number_people(connection: duckdb.DuckDBPyConnection, importer: Importer, given: Sequence[str], kept: str) -> None:
    """Give every id of `kept` that is new a row in `people`, so that a roster that comes later matches it."""
    sources = [
        f'select "{column}" as member_id from {kept}'
        if importer.cell(column) is PERSON
        else f"select unnest({split_ids(column)}) as member_id from {kept} where {column} is not null"
        for column in importer.columns
        if column in given and importer.cell(column).ids
    ]
    if not sources:
        return
    connection.execute(
        f"""insert into people
            select (select coalesce(max(person), 0) from people) + row_number() over (order by member_id), member_id
            from (select distinct member_id from ({" union all ".join(sources)}))
            where member_id <> ''
              and member_id not in (select member_id from people)"""
    )


def split_ids(column: str) -> str:
    """SQL: the ids of a cell that holds several."""
    return f"list_transform(string_split({column}, ';'), lambda id: trim(id))"


def lay_out(
    connection: duckdb.DuckDBPyConnection, importer: Importer, kept: str, given: Sequence[str], place: Place
) -> tuple[Part, ...]:
    """The parts of a batch: what goes into which table. `kept` is a table, view or file of its typed rows."""
    if importer.lay_out is not None:
        return importer.lay_out(connection, kept, given, place)
    return (lay_out_plainly(importer, kept, given),)


def lay_out_plainly(
    importer: Importer,
    kept: str,
    given: Sequence[str],
    *,
    more: Mapping[str, str] | None = None,
    joins: Sequence[str] = (),
    key: Sequence[str] | None = None,
    without: Sequence[str] = (),
) -> Part:
    """A file whose rows are the rows of one table. `more` are columns made by SQL over `kept`, with the `joins` they need;
    columns of `without` belong to another table.

    Columns that the file lacks are filled with their defaults, which a row that is known does not take over.
    """
    cells, people, persons = [], [], []
    for column in importer.columns:
        stored = importer.stored(column)
        if column in without or (more is not None and stored in more):
            continue
        if column not in given:
            default = importer.default(column)
            cells.append(f"{literal(default)}::{_type(importer, column)} as {stored}")
        elif importer.cell(column) is PERSON:
            people.append(f"left join people as {stored}_ids on {stored}_ids.member_id = kept.{column}")
            persons.append(stored)
            cells.append(f"{stored}_ids.person as {stored}")
        else:
            cells.append(f'kept."{column}" as {stored}')
    cells += [f"{expression} as {name}" for name, expression in (more or {}).items()]
    return Part(
        table=importer.table,
        key=tuple(key or (f"{{row}}.{importer.stored(column)}" for column in importer.key)),
        given=(
            *(importer.stored(column) for column in importer.columns if column in given and column not in without),
            *(more or {}),
        ),
        rows=f"select kept.line, {', '.join(cells)} from {kept} as kept {' '.join((*people, *joins))}",
        persons=tuple(persons),
    )


def local_day(column: str, place: Place) -> str:
    """SQL: the day in the community's zone of a UTC time of `kept`."""
    return f"{local_time(f'kept.{column}', place.zone)}::date"


def stage_part(connection: duckdb.DuckDBPyConnection, part: Part, keys: str | None = None) -> None:
    """Temp table `fresh` with the rows of a part; only those whose key is in the table `keys`, where it is given."""
    only = f"semi join {keys} on {_same_key(part.key, 'fresh', keys)}" if keys else ""
    connection.execute(f"create or replace temp table fresh as select fresh.* from ({part.rows}) as fresh {only}")


def match_rows(connection: duckdb.DuckDBPyConnection, part: Part) -> Counts:
    """Temp table `matches` of the rows of `fresh` that are known, and whether a given column differs. Nothing is written."""
    differs = " or ".join(f"fresh.{column} is distinct from stored.{column}" for column in part.given)
    connection.execute(
        f"""create or replace temp table matches as
            select fresh.line, stored.rowid as stored_row, {differs} as differs
            from fresh
            join {part.table} as stored
              on {_same_key(part.key, "fresh", "stored")}"""
    )
    counted = connection.execute(
        "select (select count(*) from fresh) - count(*), count(*) filter (differs), count(*) filter (not differs) from matches"
    ).fetchone()
    return Counts(*counted) if counted else Counts()


def write_rows(connection: duckdb.DuckDBPyConnection, part: Part, batch: int, counts: Counts) -> None:
    """Insert the new rows of `fresh` and put the given columns of those that differ in place."""
    if counts.changed:
        values = ", ".join(f"fresh.{column} as {column}" for column in part.given)
        connection.execute(
            f"""create or replace temp table replacing as
                select stored.* exclude (batch, line) replace ({values}), fresh.line
                from matches
                join fresh
                  on fresh.line = matches.line
                join {part.table} as stored
                  on stored.rowid = matches.stored_row
                where matches.differs"""
        )
        connection.execute(f"delete from {part.table} where rowid in (select stored_row from matches where differs)")
        connection.execute(f"insert into {part.table} by name select *, ?::integer as batch from replacing", [batch])
    if counts.new:
        unknown = "anti join matches on matches.line = fresh.line" if counts.changed or counts.unchanged else ""
        connection.execute(
            f"insert into {part.table} by name select fresh.*, ?::integer as batch from fresh {unknown}", [batch]
        )


def load_part(connection: duckdb.DuckDBPyConnection, part: Part, batch: int, keys: str | None = None) -> Counts:
    """Put a part into its table; leaves `fresh` for those who want to know more about it."""
    stage_part(connection, part, keys)
    counts = match_rows(connection, part)
    write_rows(connection, part, batch, counts)
    return counts


def delete_part(connection: duckdb.DuckDBPyConnection, part: Part, keys: str) -> None:
    """Remove from the table every row that a part names, and keep their keys in the temp table `keys`."""
    stage_part(connection, part)
    connection.execute(f"create or replace temp table {keys} as select * from fresh")
    connection.execute(f"delete from {part.table} as stored using {keys} where {_same_key(part.key, 'stored', keys)}")


def literal(value: object) -> str:
    """SQL of a default."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else f"'{value}'"


def _type(importer: Importer, column: str) -> str:
    cell = importer.cell(column)
    return "integer" if cell is PERSON else cell.type


def _same_key(key: Sequence[str], left: str, right: str) -> str:
    return " and ".join(f"{part.format(row=left)} is not distinct from {part.format(row=right)}" for part in key)

"""Loading: from the typed rows of a batch into a table, by natural key.

A row whose key is new is inserted; one whose key is known changes only in the columns that its file has.
The rows of a file are read where they lie; only what is known already is held in a table, because millions of rows
written twice would cost as much as loading them.
"""

from collections.abc import Mapping, Sequence

import duckdb

from ingest.cells import PERSON, local_time
from ingest.importer import Counts, Importer, Key, Part, Place


def number_people(connection: duckdb.DuckDBPyConnection, importer: Importer, given: Sequence[str], kept: str) -> None:
    """Give every id of `kept` that is new a row in `people`, so that a roster that comes later matches it."""
    sources = [
        f'select "{column}" as member_id from {kept}'
        if importer.cell(column) is PERSON
        else f"select unnest({split_ids(column)}) as member_id from (select distinct {column} from {kept})"
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
    keys: tuple[Key, ...] = (),
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
        keys=keys or (Key(tuple(importer.stored(column) for column in importer.key)),),
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


def name_fresh(connection: duckdb.DuckDBPyConnection, part: Part, taken: str | None = None) -> None:
    """Temp view `fresh` of the rows of a part; only those whose key is in the table `taken`, where it is given."""
    rows = part.rows
    if taken:
        rows = " union all ".join(
            f"select fresh.* from ({part.rows}) as fresh semi join {taken} on {_is_same_row(key, 'fresh', taken)}"
            for key in part.keys
        )
    connection.execute(f"create or replace temp view fresh as {rows}")


def load_part(connection: duckdb.DuckDBPyConnection, part: Part, batch: int, taken: str | None = None) -> Counts:
    """Put a part into its table. Leaves temp view `loaded`: what its rows now are there."""
    name_fresh(connection, part, taken)
    known = _match_rows(connection, part)
    if known.changed:
        _replace_rows(connection, part, batch)
    unknown = "anti join matches on matches.line = fresh.line" if known.changed or known.unchanged else ""
    inserted = connection.execute(
        f"insert into {part.table} by name select fresh.*, {batch}::integer as batch from fresh {unknown}"
    ).fetchone()
    connection.execute(
        f"""create or replace temp view loaded as
            select * from {part.table} where batch = {batch}
            union all
            select stored.* from {part.table} as stored where batch <> {batch} and rowid in (select stored_row from matches)"""
    )
    return known + Counts(new=int(inserted[0]) if inserted else 0)


def delete_part(connection: duckdb.DuckDBPyConnection, part: Part, taken: str) -> None:
    """Remove from the table every row that a part names, and keep their keys in the temp table `taken`."""
    name_fresh(connection, part)
    columns = dict.fromkeys(column for key in part.keys for column in key.columns)
    connection.execute(f"create or replace temp table {taken} as select distinct {', '.join(columns)} from fresh")
    for key in part.keys:
        connection.execute(
            f"delete from {part.table} as stored using {taken} where {_is_same_row(key, 'stored', taken)}"
        )


def _match_rows(connection: duckdb.DuckDBPyConnection, part: Part) -> Counts:
    """Temp table `matches` of the rows of `fresh` that are known, and whether a given column differs. Nothing is written."""
    differs = " or ".join(f"fresh.{column} is distinct from stored.{column}" for column in part.given)
    found = " union all ".join(
        f"""select fresh.line, stored.rowid as stored_row, {differs} as differs
            from fresh
            join {part.table} as stored
              on {_is_same_row(key, "fresh", "stored")}"""
        for key in part.keys
    )
    connection.execute(f"create or replace temp table matches as {found}")
    counted = connection.execute(
        "select count(*) filter (differs), count(*) filter (not differs) from matches"
    ).fetchone()
    return Counts(0, *counted) if counted else Counts()


def _replace_rows(connection: duckdb.DuckDBPyConnection, part: Part, batch: int) -> None:
    """Put the given columns of the rows of `fresh` that differ in place of those that are stored."""
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
    connection.execute(f"insert into {part.table} by name select *, {batch}::integer as batch from replacing")


def literal(value: object) -> str:
    """SQL of a default."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"


def _type(importer: Importer, column: str) -> str:
    cell = importer.cell(column)
    return "integer" if cell is PERSON else cell.type


def _is_same_row(key: Key, left: str, right: str) -> str:
    """SQL: whether two rows have a key and the same one."""
    same = (f"{left}.{column} is not distinct from {right}.{column}" for column in key.columns)
    return " and ".join([key.when.format(row=left), key.when.format(row=right), *same])

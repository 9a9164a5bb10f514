"""Loading: from checked text to typed rows, and from typed rows into a table by natural key.

A row whose key is new is inserted; one whose key is known changes only the columns that its file has.
"""

from collections.abc import Sequence

import duckdb

from ingest.attendance import EVENT_COLUMNS
from ingest.cells import MOMENT, PEOPLE, PERSON, TEXT, local_moment, utc_moment
from ingest.importer import Counts, Importer


def number_people(connection: duckdb.DuckDBPyConnection, importer: Importer, columns: Sequence[str], staged: str) -> None:
    """Give every person id of `staged` that is new a row in `people`, so that a later roster matches it."""
    sources = [f'select "{column}" as member_id from {staged}' for column in importer.people if column in columns]
    if "target_id" in columns:
        sources.append(f"select trim(unnest(string_split(target_id, ';'))) from {staged} where target_id is not null")
    if not sources:
        return
    connection.execute(
        f"""insert into people
            select (select coalesce(max(person), 0) from people) + row_number() over (order by member_id), member_id
            from (select distinct member_id from ({" union all ".join(sources)}))
            where member_id is not null
              and member_id <> ''
              and member_id not in (select member_id from people)"""
    )


def type_rows(
    connection: duckdb.DuckDBPyConnection, importer: Importer, columns: Sequence[str], staged: str, zone: str, target: str
) -> tuple[str, ...]:
    """Temp table `target`: line and the typed columns that the file gives, under the names of the warehouse table.

    Columns of the key are there also when the file lacks them. Returns the names. Ids become persons, times UTC, days local; every id is already in `people`.
    """
    selected, joins, given = [], [], []
    for column in (name for name in importer.columns if name in columns):
        if importer.name == "attendance" and column in EVENT_COLUMNS:
            continue
        quoted, stored = f'staged."{column}"', importer.renamed.get(column, column)
        cell = importer.cell(column)
        if cell is PERSON:
            joins.append(f"left join people as {stored}_ids on {stored}_ids.member_id = {quoted}")
            selected.append(f"{stored}_ids.person as {stored}")
        elif cell is PEOPLE:
            continue
        elif cell is MOMENT:
            selected.append(f"{utc_moment(quoted, zone)} as {stored}")
        else:
            value = quoted if cell is TEXT else cell.value.format(cell=quoted)
            default = importer.default(column)
            selected.append(f"{_or_default(value, default)} as {stored}")
        given.append(stored)
    for name, expression in importer.derived.items():
        for column in columns:
            local = local_moment(f'staged."{column}"', zone)
            expression = expression.replace(f"local({column})", f"({local})")
        selected.append(f"{expression} as {name}")
        given.append(name)
    if importer.name == "interactions":
        _add_targets(connection, columns, staged, selected, joins, given)
    for column in importer.columns:
        stored = importer.renamed.get(column, column)
        if stored in importer.key and stored not in given:
            absent = _literal(importer.default(column)) if importer.default(column) is not None else "null"
            selected.append(f"{absent}::{'integer' if importer.cell(column) is PERSON else 'varchar'} as {stored}")
            given.append(stored)
    connection.execute(
        f"""create or replace temp table {target} as
            select staged.line, {", ".join(selected)}
            from {staged} as staged
            {" ".join(joins)}"""
    )
    if importer.name == "interactions":
        _number_repeats(connection, target, given)
        given.append("nth")
    return tuple(given)


def split_by_key(
    connection: duckdb.DuckDBPyConnection, importer: Importer, typed: str, given: Sequence[str]
) -> list[tuple[str, tuple[str, ...]]]:
    """The parts of `typed` with the key of each: interactions with an id of their own are known by it alone."""
    if importer.own_id is None or importer.own_id not in given:
        return [(typed, importer.key)]
    connection.execute(
        f"create or replace temp table {typed}_by_id as select * from {typed} where {importer.own_id} is not null"
    )
    connection.execute(f"delete from {typed} where {importer.own_id} is not null")
    return [(f"{typed}_by_id", (importer.own_id,)), (typed, importer.key)]


def merge_rows(
    connection: duckdb.DuckDBPyConnection,
    importer: Importer,
    typed: str,
    given: Sequence[str],
    batch: int,
    key: Sequence[str],
) -> Counts:
    """Insert the rows of `typed` whose key is new, change those that differ in a given column; returns the counts.

    Of several rows with one key in the file the last one stands.
    """
    table = importer.table
    same = _same_key(key)
    values = [column for column in given if column not in key]
    _drop_repeats(connection, typed, key)
    is_empty = connection.execute(f"select count(*) = 0 from {table}").fetchone()
    changed = unchanged = 0
    if not (is_empty and is_empty[0]):
        differs = " or ".join(f"stored.{column} is distinct from typed.{column}" for column in values) or "false"
        connection.execute(
            f"""create or replace temp table known as
                select typed.line as typed_line, {differs} as is_changed
                from {typed} as typed
                join {table} as stored
                  on {same}"""
        )
        counted = connection.execute("select count_if(is_changed), count_if(not is_changed) from known").fetchone()
        changed, unchanged = counted or (0, 0)
        if changed:
            sets = ", ".join(f"{column} = typed.{column}" for column in values)
            connection.execute(
                f"""update {table} as stored
                    set {sets}, batch = ?, line = typed.line
                    from {typed} as typed
                    where {same}
                      and typed.line in (select typed_line from known where is_changed)""",
                [batch],
            )
        connection.execute(f"delete from {typed} where line in (select typed_line from known)")
    defaults = {
        importer.renamed.get(column, column): importer.default(column)
        for column in importer.columns
        if importer.renamed.get(column, column) not in given and importer.default(column) is not None
    }
    filled = "".join(f", {_literal(value)} as {column}" for column, value in defaults.items())
    order = "order by occurred_at" if table == "interactions" else ""
    inserted = connection.execute(
        f"insert into {table} by name select {', '.join(given)}{filled}, ?::integer as batch, line from {typed} {order}",
        [batch],
    ).fetchone()
    return Counts(int(inserted[0]) if inserted else 0, changed, unchanged)


def delete_keys(connection: duckdb.DuckDBPyConnection, importer: Importer, typed: str, key: Sequence[str]) -> None:
    """Remove from the table every row whose key is in `typed`."""
    connection.execute(f"delete from {importer.table} as stored using {typed} as typed where {_same_key(key)}")


def keep_keys(connection: duckdb.DuckDBPyConnection, typed: str, keys: str, key: Sequence[str]) -> None:
    """Leave in `typed` only the rows whose key is in the table `keys`."""
    connection.execute(
        f"""create or replace temp table kept_keys as
            select typed.*
            from {typed} as typed
            semi join {keys} as stored
              on {_same_key(key)}"""
    )
    connection.execute(f"create or replace temp table {typed} as select * from kept_keys")


def _same_key(key: Sequence[str]) -> str:
    return " and ".join(f"stored.{column} is not distinct from typed.{column}" for column in key)


def _or_default(value: str, default: object) -> str:
    return value if default is None else f"coalesce({value}, {_literal(default)})"


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"'{value}'"


def _add_targets(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[str],
    staged: str,
    selected: list[str],
    joins: list[str],
    given: list[str],
) -> None:
    """The first target in a column, further ones in a list; most files have no row with several."""
    given += ["target", "more_targets"]
    if "target_id" not in columns:
        selected += ["null::integer as target", "null::integer[] as more_targets"]
        return
    connection.execute(
        f"""create or replace temp table several_targets as
            select line, list(people.person order by place) as persons
            from (
                select line, trim(unnest(string_split(target_id, ';'))) as member_id,
                       generate_subscripts(string_split(target_id, ';'), 1) as place
                from {staged}
                where contains(target_id, ';')
            )
            join people using (member_id)
            group by all"""
    )
    joins.append("left join people as target_ids on target_ids.member_id = staged.target_id")
    joins.append("left join several_targets on several_targets.line = staged.line")
    selected.append("coalesce(target_ids.person, several_targets.persons[1]) as target")
    selected.append("case when len(several_targets.persons) > 1 then several_targets.persons[2:] end as more_targets")


def _number_repeats(connection: duckdb.DuckDBPyConnection, typed: str, given: Sequence[str]) -> None:
    """`nth`: which repeat of the same tuple an interaction without an id is in its file; 1 for nearly all."""
    connection.execute(f"alter table {typed} add column nth integer default 1")
    key = [name for name in ("occurred_at", "actor", "target", "more_targets", "channel", "kind", "thread_id") if name in given]
    without_id = "interaction_id is null" if "interaction_id" in given else "true"
    connection.execute(
        f"""update {typed}
            set nth = repeats.nth
            from (
                select line, row_number() over (partition by {", ".join(key)} order by line) as nth
                from {typed}
                where {without_id}
                  and ({", ".join(key[:2])}) in (
                      select ({", ".join(key[:2])})
                      from {typed}
                      where {without_id}
                      group by {", ".join(key[:2])}
                      having count(*) > 1
                  )
            ) as repeats
            where repeats.line = {typed}.line
              and repeats.nth > 1"""
    )


def _drop_repeats(connection: duckdb.DuckDBPyConnection, typed: str, key: Sequence[str]) -> None:
    connection.execute(
        f"""delete from {typed}
            where line in (
                select line
                from (
                    select line, max(line) over (partition by {", ".join(key)}) as last_line
                    from {typed}
                    where ({", ".join(key[:2])}) in (
                        select ({", ".join(key[:2])})
                        from {typed}
                        group by {", ".join(key[:2])}
                        having count(*) > 1
                    )
                )
                where line <> last_line
            )"""
    )

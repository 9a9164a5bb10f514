"""Answers: the cells of the question columns, one row each, read once for each distinct cell.

Nothing here loops over respondents: the database lays the cells out, Python reads the few different
ones, the database joins what they mean.
"""

from collections.abc import Sequence

import duckdb

from ingest.cells import LONGEST_TEXT
from ingest.checking import MOST_WORDED
from ingest.importer import Problem
from ingest.questions import Item
from ingest.scales import read_cell, score

MOST_ANSWERS = 1_000


def stage_answers(connection: duckdb.DuckDBPyConnection, staged: str, items: Sequence[Item]) -> None:
    """One row per filled cell, options of a multiple choice apart, and beside them the reading of each distinct cell."""
    connection.execute(
        "create or replace temp table survey_items (item integer, item_id varchar, kind varchar, name varchar)"
    )
    connection.execute("create or replace temp table survey_cells (line bigint, item integer, cell varchar)")
    connection.execute(
        """create or replace temp table readings (
               item integer, cell varchar, code double, score double, choice varchar, not_applicable boolean,
               what varchar, fix varchar
           )"""
    )
    if items:
        _fill(connection, "survey_items", [(at, item.item_id, item.kind, item.column) for at, item in enumerate(items)])
        cells = ", ".join(f"{_quoted(item.column)} as i{at}" for at, item in enumerate(items))
        connection.execute(
            f"""insert into survey_cells
                select line, item, unnest(if(kind = 'multi', list_transform(string_split(cell, ';'), lambda piece: trim(piece)), [cell]))
                from (
                    unpivot (select line, {cells} from {staged})
                    on {", ".join(f"i{at}" for at in range(len(items)))}
                    into name alias value cell
                )
                join survey_items
                  on survey_items.item = alias[2:]::integer"""
        )
        connection.execute("delete from survey_cells where cell = ''")
    for at, item in enumerate(items):
        _fill(
            connection,
            "readings",
            _read_texts(connection, at, item) if item.kind == "text" else _read_options(connection, at, item),
        )
    connection.execute(
        """create or replace temp table survey_answers as
           with said as (
               select cells.line, survey_items.item_id, survey_items.kind, readings.code, readings.score,
                      readings.choice, if(readings.cell is null, cells.cell, null) as text,
                      coalesce(readings.not_applicable, false) as not_applicable
               from survey_cells as cells
               join survey_items
                 on survey_items.item = cells.item
               left join readings
                 on readings.item = cells.item
                and readings.cell = cells.cell
               where readings.what is null
                 and (survey_items.kind = 'text' or readings.cell is not null)
           )
           select * exclude (kind) from said where kind <> 'multi'
           union all
           select distinct * exclude (kind) from said where kind = 'multi'"""
    )


def _read_options(connection: duckdb.DuckDBPyConnection, at: int, item: Item) -> list[tuple[object, ...]]:
    """Readings of the distinct cells of a closed question; none where they are so many that it is no closed question."""
    cells = connection.execute(
        f"select distinct cell from survey_cells where item = ? limit {MOST_ANSWERS + 1}", [at]
    ).fetchall()
    if len(cells) > MOST_ANSWERS:
        return []
    rows: list[tuple[object, ...]] = []
    for (cell,) in cells:
        found = read_cell(cell, item.scale)
        value = None
        if found.code is not None and item.scale_min is not None and item.scale_max is not None:
            value = score(found.code, item.scale_min, item.scale_max, reverse=item.reverse)
        rows.append((at, cell, found.code, value, found.choice, found.not_applicable, found.what, found.fix))
    return rows


def _read_texts(connection: duckdb.DuckDBPyConnection, at: int, item: Item) -> list[tuple[object, ...]]:
    """Readings of the cells of an open question that are no text: not applicable, or far too long."""
    cells = connection.execute(
        """select distinct cell
           from survey_cells
           where item = ?
             and (length(cell) > ? or list_contains(?::varchar[], lower(cell)))""",
        [at, LONGEST_TEXT, [code.lower() for code in item.na_codes]],
    ).fetchall()
    return [
        (at, cell, None, None, None, False, f"The text has {len(cell)} characters.", f"Keep it under {LONGEST_TEXT}.")
        if len(cell) > LONGEST_TEXT
        else (at, cell, None, None, None, True, None, None)
        for (cell,) in cells
    ]


def _fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows at once, column by column."""
    if not rows:
        return
    types = [kind for _, kind, *_ in connection.execute(f"describe {table}").fetchall()]
    cells = ", ".join(f"unnest(?::{kind}[])" for kind in types)
    connection.execute(f"insert into {table} select {cells}", [list(column) for column in zip(*rows, strict=True)])


def check_answers(connection: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Cells that are no answer of their question, and closed questions that hold too many different answers to be one."""
    connection.execute(
        """insert into bad_lines
           select cells.line, string_agg(distinct survey_items.name, ', ') || ' cannot be read'
           from survey_cells as cells
           join survey_items
             on survey_items.item = cells.item
           left join readings
             on readings.item = cells.item
            and readings.cell = cells.cell
           where readings.what is not null
              or (readings.cell is null and survey_items.kind <> 'text')
           group by all"""
    )
    rows = connection.execute(
        f"""select cells.line, survey_items.name, readings.what, readings.fix
            from survey_cells as cells
            join readings
              on readings.item = cells.item
             and readings.cell = cells.cell
            join survey_items
              on survey_items.item = cells.item
            where readings.what is not null
            order by cells.line, cells.item, cells.cell
            limit {MOST_WORDED}"""
    ).fetchall()
    crowded = connection.execute(
        """select survey_items.name
           from survey_items
           where kind <> 'text'
             and exists (select 1 from survey_cells where survey_cells.item = survey_items.item)
             and not exists (select 1 from readings where readings.item = survey_items.item)
           order by survey_items.item"""
    ).fetchall()
    return [Problem(*row) for row in rows] + [
        Problem(
            None,
            name,
            f"There are more than {MOST_ANSWERS} different answers, so this is no closed question.",
            "Make its kind text in the items file.",
        )
        for (name,) in crowded
    ]


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'

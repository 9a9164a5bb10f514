"""Checking: which rows break the contract, found by DuckDB for all rows at once and worded by pydantic for the few."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import duckdb
import numpy as np
from pydantic import BaseModel, ValidationError

from ingest.cells import CellProblem
from ingest.importer import Importer, Problem
from ingest.loading import literal
from ingest.reading import quoted

MOST_WORDED = 200


def start_checking(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
    """Temp table `bad_lines`: one row per problem of a line; `what` is empty where pydantic has the words. Rows that are
    ragged, or odd as a whole, first."""
    connection.execute(
        f"""create or replace temp table bad_lines as
            select line, '' as column_name, 'The row has ' || cells || ' cells and the header {len(columns)}.' as what,
                   'Look for a missing separator, or one that is not inside quotation marks.' as fix
            from ragged
            union all
            select line, '', what, fix
            from odd_rows"""
    )


def find_bad_cells(
    connection: duckdb.DuckDBPyConnection, importer: Importer, columns: Sequence[str], zone: str
) -> None:
    """Add to `bad_lines` the rows of `staged` that break the contract in a cell."""
    tests = [bad_when(importer, column, zone) for column in columns if column in importer.columns]
    connection.execute(
        f"""insert into bad_lines
            select line, null, null, null
            from staged
            where ({" or ".join(f"({test})" for test in tests)})
              and line not in (select line from ragged)
              and line not in (select line from odd_rows)"""
    )


def count_bad_rows(connection: duckdb.DuckDBPyConnection) -> int:
    """How many rows have a problem."""
    found = connection.execute("select count(distinct line) from bad_lines").fetchone()
    return int(found[0]) if found else 0


def bad_when(importer: Importer, column: str, zone: str = "UTC") -> str:
    """SQL that is true for a cell that breaks its contract: missing, unreadable or out of range; never NULL."""
    name = quoted(column)
    info = importer.row.model_fields[column]
    cell = importer.cell(column)
    tests = [cell.fails_for(name)]
    for mark in info.metadata:
        for limit, operator in (("ge", "<"), ("le", ">")):
            if getattr(mark, limit, None) is not None:
                tests.append(f"{cell.value_of(name, zone)} {operator} {getattr(mark, limit)}")
    fails = " or ".join(tests)
    return f"{name} is null or {fails}" if info.is_required() else f"{name} is not null and ({fails})"


def lay_canonical(
    connection: duckdb.DuckDBPyConnection,
    importer: Importer,
    columns: Sequence[str],
    zone: str,
    fixed: Mapping[str, str],
) -> tuple[str, ...]:
    """Temp view `canonical` over the good rows of `staged`: typed, empty cells at their defaults, dimensions as text.

    `fixed` are columns that a person said for the whole file. Returns the names of its columns without `line`.
    """
    cells = {column: quoted(column) for column in columns}
    for column in columns:
        if column in importer.columns:
            value = importer.cell(column).value_of(quoted(column), zone)
            default = importer.default(column)
            cells[column] = value if default is None else f"coalesce({value}, {literal(default)})"
    cells |= {column: literal(value) for column, value in fixed.items()}
    connection.execute("create or replace temp table said_again (line bigint)")
    connection.execute(
        f"""create or replace temp view canonical as
            select line, {", ".join(f"{cell} as {quoted(column)}" for column, cell in cells.items())}
            from staged
            anti join bad_lines using (line)
            anti join said_again using (line)"""
    )
    return tuple(cells)


def find_repeats(connection: duckdb.DuckDBPyConnection, importer: Importer, columns: Sequence[str]) -> int:
    """Look for keys that a file has twice. Returns how many rows say the same again, which are left out of `canonical`;
    those that say something else are added to `bad_lines`."""
    key = [column for column in importer.key if column in columns]
    if not key:
        return 0
    names = ", ".join(quoted(column) for column in key)
    filled = " and ".join(f"{quoted(column)} is not null" for column in key) if importer.may_lack_key else "true"
    if not _has_repeated_hash(connection, f"select hash({names}) as key_hash from canonical where {filled}"):
        return 0
    connection.execute(
        f"""create or replace temp table twice as
            select key_hash
            from (select hash({names}) as key_hash from canonical where {filled})
            group by key_hash
            having count(*) > 1"""
    )
    content = f"hash({', '.join(quoted(column) for column in columns)})"
    connection.execute(
        f"""create or replace temp table repeated as
            select line, min(line) over same as first_line, {content} as content,
                   arg_min({content}, line) over same as first_content, concat_ws(', ', {names}) as named
            from canonical
            where {filled}
              and hash({names}) in (select key_hash from twice)
            window same as (partition by {names})
            qualify line > first_line"""
    )
    connection.execute(
        """insert into bad_lines
           select line, ?, '"' || named || '" is on line ' || first_line || ' already, with other values.',
                  'Keep one of the two lines.'
           from repeated
           where content <> first_content""",
        [", ".join(key)],
    )
    connection.execute("insert into said_again select line from repeated where content = first_content")
    counted = connection.execute("select count(*) from said_again").fetchone()
    return int(counted[0]) if counted else 0


def _has_repeated_hash(connection: duckdb.DuckDBPyConnection, hashes: str) -> bool:
    """Whether a number is there twice; sorting them all in one array takes half of what counting them apart does."""
    numbers = np.sort(np.asarray(connection.execute(hashes).fetchnumpy()["key_hash"], dtype=np.uint64))
    return bool((numbers[1:] == numbers[:-1]).any())


def word_problems(connection: duckdb.DuckDBPyConnection, importer: Importer, columns: Sequence[str]) -> list[Problem]:
    """What is wrong with the first bad rows, cell by cell, in the order of the file."""
    return list(islice(word_rows(connection, importer, columns), MOST_WORDED))


def word_rows(connection: duckdb.DuckDBPyConnection, importer: Importer, columns: Sequence[str]) -> Iterator[Problem]:
    """Each problem of each bad row, in the order of the file; the connection is busy until the last one is taken."""
    known = [column for column in columns if column in importer.columns]
    rows = connection.execute(
        f"""select bad_lines.line, column_name, what, fix, {", ".join(quoted(column) for column in known)}
            from bad_lines
            join staged
              on staged.line = bad_lines.line
            order by bad_lines.line, column_name"""
    )
    while chunk := rows.fetchmany(1000):
        for line, column, what, fix, *cells in chunk:
            if what is not None:
                yield Problem(line, column, what, fix)
            else:
                yield from word_row(importer.row, line, dict(zip(known, cells, strict=True))) or [
                    Problem(line, "", "The row cannot be read.", "Compare it with the template.")
                ]


def word_row(contract: type[BaseModel], line: int, cells: Mapping[str, str | None]) -> list[Problem]:
    """The problems of one row of text cells; none where pydantic accepts it."""
    try:
        contract.model_validate({name: cell for name, cell in cells.items() if cell is not None})
    except ValidationError as error:
        return [_worded(line, dict(found), cells) for found in error.errors()]
    return []


def _worded(line: int, found: dict[str, Any], cells: Mapping[str, str | None]) -> Problem:
    column = str(found["loc"][0])
    limits = found.get("ctx", {})
    cause = limits.get("error")
    if isinstance(cause, CellProblem):
        return Problem(line, column, cause.what, cause.fix)
    if found["type"] == "missing":
        return Problem(line, column, "The cell is empty.", f"Every row needs a {column}.")
    if found["type"] == "greater_than_equal":
        return Problem(line, column, f'"{cells[column]}" is too small.', f"It is at least {limits['ge']:,}.")
    if found["type"] == "less_than_equal":
        return Problem(line, column, f'"{cells[column]}" is too large.', f"It is at most {limits['le']:,}.")
    return Problem(
        line, column, f'"{cells.get(column)}" cannot be used: {found["msg"]}.', "See the template of this file."
    )

"""Checking: which rows break the contract, found by DuckDB for all rows at once and worded by pydantic for the few."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from pydantic import BaseModel, ValidationError
from rapidfuzz import process

from ingest.cells import CellProblem
from ingest.importer import Importer, Problem

MOST_WORDED = 200


def check_columns(importer: Importer, columns: Sequence[str], dimensions: Sequence[str]) -> list[Problem]:
    """Problems of the header: a required column that is missing, one that nobody knows."""
    problems = [
        Problem(1, column, f"The column {column} is missing.", _nearest(column, [c for c in columns if c not in importer.columns]))
        for column in importer.required
        if column not in columns
    ]
    if not importer.is_open:
        problems += [
            Problem(1, column, f'The column "{column}" is not part of a {importer.name} file.', _did_you_mean(column, importer.columns))
            for column in columns
            if column not in importer.columns and column not in dimensions
        ]
    return problems


def find_bad_rows(connection: duckdb.DuckDBPyConnection, importer: Importer, columns: Sequence[str], staged: str) -> int:
    """Temp table `bad_lines` (line) of the rows of `staged` that break the contract; returns how many."""
    tests = [bad_when(importer, column) for column in columns if column in importer.columns]
    connection.execute(
        f"""create or replace temp table bad_lines as
            select line
            from {staged}
            where {" or ".join(f"({test})" for test in tests) or "false"}"""
    )
    found = connection.execute("select count(*) from bad_lines").fetchone()
    return int(found[0]) if found else 0


def bad_when(importer: Importer, column: str) -> str:
    """SQL that is true for a cell that breaks its contract: missing, unreadable, or out of range."""
    quoted = f'"{column}"'
    info = importer.row.model_fields[column]
    cell = importer.cell(column)
    fails = cell.fails.format(cell=quoted)
    for mark in info.metadata:
        for name, operator in (("ge", "<"), ("le", ">")):
            limit = getattr(mark, name, None)
            if limit is not None:
                fails += f" or {cell.value.format(cell=quoted)} {operator} {limit}"
    if info.is_required():
        return f"{quoted} is null or {fails}"
    return f"{quoted} is not null and ({fails})"


def word_problems(
    connection: duckdb.DuckDBPyConnection, importer: Importer, columns: Sequence[str], staged: str
) -> list[Problem]:
    """What is wrong with the first bad rows, cell by cell, in the order of the file."""
    known = [column for column in columns if column in importer.columns]
    rows = connection.execute(
        f"""select line, {", ".join(f'"{column}"' for column in known)}
            from {staged}
            where line in (select line from bad_lines)
            order by line
            limit {MOST_WORDED}"""
    ).fetchall()
    return [
        problem
        for line, *cells in rows
        for problem in word_row(importer.row, line, dict(zip(known, cells, strict=True)))
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
    cause = found.get("ctx", {}).get("error")
    if isinstance(cause, CellProblem):
        return Problem(line, column, cause.what, cause.fix)
    if found["type"] == "missing":
        return Problem(line, column, "The cell is empty.", f"Every row needs a {column}.")
    limit = found.get("ctx", {})
    if found["type"] == "greater_than_equal":
        return Problem(line, column, f'"{cells[column]}" is too small.', f"It is at least {limit['ge']:g}.")
    if found["type"] == "less_than_equal":
        return Problem(line, column, f'"{cells[column]}" is too large.', f"It is at most {limit['le']:g}.")
    return Problem(line, column, f'"{cells.get(column)}" cannot be used: {found["msg"]}.', "See the template of this file.")


def _nearest(column: str, unknown: Sequence[str]) -> str:
    found = process.extractOne(column, unknown, score_cutoff=60)
    return f'Rename "{found[0]}" to {column}, or add the column.' if found else f"Add a column called {column}."


def _did_you_mean(column: str, known: Sequence[str]) -> str:
    found = process.extractOne(column.lower(), known, score_cutoff=60)
    hint = f"Did you mean {found[0]}? Rename it" if found else "Rename it"
    return f"{hint}, or take the column out."

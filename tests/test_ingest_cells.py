"""DuckDB finds the rows that break a contract, pydantic words them: both must see the same rows."""

from typing import Any

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.store import opened
from ingest.checking import bad_when, word_row
from ingest.importer import Importer
from ingest.importers import IMPORTERS

FIELDS = [(importer, column) for importer in IMPORTERS for column in importer.columns]

nearly_days = st.from_regex(r"(18|19|20|21|22)[0-9]{2}-(0[0-9]|1[0-3])-[0-3][0-9]", fullmatch=True)
nearly_clocks = st.from_regex(
    r"[T ]?([01][0-9]|2[0-5]):[0-6][0-9](:[0-6][0-9](\.[0-9]{1,7})?)?( ?Z|[+-][01][0-9]:?[0-6]?[0-9]?)?", fullmatch=True
)
nearly_numbers = st.from_regex(r"[+-]?[0-9]{0,17}[.,]?[0-9]{0,17}([eE][+-]?[0-9]{1,3})?", fullmatch=True)
words = st.sampled_from(
    ["yes", "No", "TRUE", "0", "1", "2", "maybe", "member", "Staff", "bots", "post", "Reply", "a", "B", "hybrid", "NaN",
     "inf", "None", "null", "31.11.2026", "11/30/2026", "2026-02-29", "2024-02-29", "1e400", "-0", "١٢", "K", "²"]
)  # fmt: skip
cells = (
    st.none()
    | words
    | nearly_days
    | st.builds(str.__add__, nearly_days, nearly_clocks)
    | nearly_numbers
    | st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), min_size=1, max_size=8)
)


def is_bad(connection: duckdb.DuckDBPyConnection, importer: Importer, column: str, cell: str | None) -> Any:
    found = connection.execute(
        f'select {bad_when(importer, column)} from (select ?::varchar as "{column}")', [cell]
    ).fetchone()
    return found and found[0]


@pytest.fixture(scope="module")
def connection() -> Any:
    with opened(":memory:") as connection:
        yield connection


@pytest.mark.parametrize(("importer", "column"), FIELDS, ids=[f"{i.name}-{c}" for i, c in FIELDS])
@given(cell=cells)
@example(cell="2026-11-16 17:30 Z")
@example(cell="2026-11-16T24:00")
@example(cell="2026-11-31T10:00:00+02:00")
@example(cell="x" * 10_001)
def test_duckdb_and_pydantic_see_the_same_cells(
    connection: duckdb.DuckDBPyConnection, importer: Importer, column: str, cell: str | None
) -> None:
    trimmed = cell.strip() if cell else None
    row = {column: trimmed or None}
    worded = [problem for problem in word_row(importer.row, 2, row) if problem.column == column]
    assert is_bad(connection, importer, column, trimmed or None) is bool(worded)


@pytest.mark.parametrize(
    ("column", "cell", "what", "fix"),
    [
        ("due_on", "31.11.2026", '"31.11.2026" is no date.', "November has 30 days."),
        ("due_on", "2026-02-29", '"2026-02-29" is no date.', "February has 28 days."),
        ("due_on", "soon", '"soon" is no date.', "Write it like 2026-11-16."),
        ("due_on", "2026-13-01", '"2026-13-01" is no date: there is no month 13.', "Write it like 2026-11-16."),
        ("due_on", "16.11.2026", '"16.11.2026" is no date in the form year-month-day.', "Write it like 2026-11-16."),
        ("due_on", "1066-10-14", '"1066-10-14" is in the year 1066.', "Years run from 1900 to 2199."),
        ("target", "0,4", '"0,4" is no number.', "Write it with a point, such as 12.5."),
        ("title", None, "The cell is empty.", "Every row needs a title."),
    ],
)
def test_each_problem_says_what_and_how_to_mend_it(column: str, cell: str | None, what: str, fix: str) -> None:
    importer = next(importer for importer in IMPORTERS if importer.name == "objectives")
    found = [problem for problem in word_row(importer.row, 7, {column: cell}) if problem.column == column]
    assert [(problem.line, problem.what, problem.fix) for problem in found] == [(7, what, fix)]


def test_a_word_that_nearly_fits_is_offered() -> None:
    importer = next(importer for importer in IMPORTERS if importer.name == "interactions")
    found = [problem for problem in word_row(importer.row, 2, {"kind": "mssage"}) if problem.column == "kind"]
    assert found[0].what == '"mssage" is not known here.'
    assert found[0].fix.startswith("Did you mean message?")

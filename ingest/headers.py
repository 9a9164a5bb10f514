"""Headers: which column of a file is which column of a contract, never silently and never one twice."""

from collections.abc import Sequence

from rapidfuzz import process

from data.errors import BadFile
from ingest.importer import Importer, Problem
from ingest.layout import BLANKS, shape

ALIKE = 60
NEARLY_THE_SAME = 86
IGNORED = ("reason",)


def name_columns(header: Sequence[str], known: Sequence[str], name: str) -> list[str]:
    """The name of each column of a header: exact, else without regard to case, spaces and hyphens.

    Unknown columns keep their names. Raises BadFile where two columns have one name, so read, or one has none.
    """
    by_shape = {shape(column): column for column in known}
    named = [column if column in known else by_shape.get(shape(column), column.strip(BLANKS)) for column in header]
    seen: set[str] = set()
    for position, column in enumerate(named):
        where = f"{name}, line 1"
        if not column:
            raise BadFile(f"Column {position + 1} has no name.", where=where, fix="Name it, or take the column out.")
        if shape(column) in seen:
            raise BadFile(f'Two columns are called "{column}".', where=where, fix="Keep one of them, or rename one.")
        if shape(column) == "line":
            raise BadFile('No column may be called "line".', where=where, fix="Rename it.")
        seen.add(shape(column))
    return named


def check_columns(importer: Importer, columns: Sequence[str], filled: Sequence[str] = ()) -> list[Problem]:
    """Problems of the header: a required column that is missing, one that nobody knows. `filled` are known without the file."""
    unknown = [column for column in columns if column not in importer.columns and column not in IGNORED]
    problems = [
        Problem(1, column, f"The column {column} is missing.", _nearest(column, unknown))
        for column in importer.required
        if column not in columns and column not in filled
    ]
    for column in unknown:
        absent = [known for known in importer.columns if known not in columns]
        score = NEARLY_THE_SAME if importer.is_open else ALIKE
        found = process.extractOne(column, absent, score_cutoff=score)
        if importer.is_open and not found:
            continue
        hint = f"Did you mean {found[0]}? Rename it" if found else "Rename it"
        problems.append(
            Problem(
                1,
                column,
                f'There is no column "{column}" in files of {importer.title.lower()}.',
                f"{hint}, or take the column out.",
            )
        )
    return problems


def _nearest(column: str, unknown: Sequence[str]) -> str:
    found = process.extractOne(column, unknown, score_cutoff=ALIKE)
    return f'Rename "{found[0]}" to {column}, or add the column.' if found else f"Add a column called {column}."

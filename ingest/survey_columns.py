"""The columns of a survey file: an id, a time, a segment or a question, and each is accounted for.

One that nothing explains stops the import; one that says who somebody is, is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from data.settings import Settings
from ingest.importer import Details, Problem
from ingest.personal import find_personal
from ingest.questions import (
    Item,
    Proposal,
    find_again,
    find_faults,
    guess_column,
    name_items,
    normalise_wording,
    propose_items,
    read_bank,
    read_items,
    read_keys,
    settle,
)
from ingest.scales import NUMBERED, find_order
from ingest.survey import forget_bad_lines

HOW_TO_EXPLAIN = (
    "Run the import with --dry-run, look at the items file it proposes and pass it with --items; "
    "on the page, look at the proposed questions and confirm them. A column of groups is named in the setting dimensions."
)


@dataclass(frozen=True)
class Questions:
    """What the columns of a survey file are.

    `items` are the questions to load, `proposed` all rows of the items file that a dry run writes, `personal` columns of which
    nothing is kept. With `problems` the file cannot be loaded as it is.
    """

    items: list[Item]
    dimensions: tuple[str, ...]
    proposed: tuple[Item, ...]
    warnings: tuple[str, ...]
    problems: list[Problem]
    personal: tuple[str, ...] = ()


def read_questions(
    connection: duckdb.DuckDBPyConnection,
    staged: str,
    columns: Sequence[str],
    details: Details,
    settings: Settings,
    keys: Mapping[str, str] | None = None,
) -> Questions:
    """Account for every column of the table `staged`: from the items file, else from the question bank, else by a proposal.

    A proposal alone is a problem, unless the file is only looked at (no wave is named): the proposed questions
    are then used to check the cells. `keys` gives a column the key that its tool keeps when the wording changes.
    """
    forget_bad_lines(connection)
    given, problems = read_items(details.items) if details.items else ([], [])
    by_wording = {normalise_wording(column): column for column in columns}
    named_as = [
        item.column if item.column in columns else by_wording.get(normalise_wording(item.column), item.column)
        for item in given
    ]
    described = {
        column: item.model_copy(update={"column": column}) for column, item in zip(named_as, given, strict=True)
    }
    dimensions = _find_dimensions(connection, columns, details, settings, described)
    keys = keys or {}
    bank = read_bank(connection, details.instrument)
    open_columns = [c for c in columns if c not in ("respondent_id", "submitted_at") and c not in dimensions]
    if "reason" in open_columns and "reason" not in described and find_again("reason", bank) is None:
        open_columns.remove("reason")  # the rows were handed back, each with why
    personal = find_personal(connection, staged, open_columns)
    if details.promise == "named":
        personal = {column: word for column, word in personal.items() if column not in described}
    warnings = [f'The column "{column}" holds {word} and was left out.' for column, word in personal.items()]
    asked = [column for column in open_columns if column not in personal]
    absent = [column for column in described if column not in columns]
    if absent:
        warnings.append(f"The items file also describes what is not in this file: {', '.join(absent)}.")
    in_wave = read_keys(connection, details.wave)
    known = {
        column: settle(described[column], guess_column(connection, staged, column), bank)
        if column in described
        else find_again(column, bank, keys.get(column, ""), in_wave.get(keys.get(column, "")))
        for column in asked
    }
    unknown = [column for column, item in known.items() if item is None]
    proposals = {item.column: item for item in propose_items(connection, staged, bank, asked, keys)} if unknown else {}
    explained = [
        (item or _without_id(proposals[column])).model_copy(update={"key": keys.get(column, "")})
        for column, item in known.items()
    ]
    named, said = name_items(explained, bank)
    warnings += said + _warn(named)
    if not problems:
        problems = [
            Problem(None, name, f"{item.column}: {what}", fix)
            for item in named
            for name, what, fix in find_faults(item)
        ]
    if details.wave is not None:
        problems += [Problem(1, c, f'Nothing says what the column "{c}" is.', HOW_TO_EXPLAIN) for c in unknown]
    if not asked:
        problems.append(Problem(1, "", "The file has no question column.", "Each question is a column of its own."))
    items = [item.as_item() if isinstance(item, Proposal) else item for item in named]
    return Questions(items, dimensions, tuple(named), tuple(warnings), problems, tuple(personal))


def _find_dimensions(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[str],
    details: Details,
    settings: Settings,
    described: dict[str, Item],
) -> tuple[str, ...]:
    """Columns that say which group a respondent is in: confirmed for this file, in the settings, or known from roster and earlier waves."""
    known = connection.execute(
        "select dimension from segments union select dimension from respondent_segments"
    ).fetchall()
    groups = {*settings.dimensions, *(details.dimensions or ()), *(name for (name,) in known)}
    return tuple(column for column in columns if column in groups and column not in described)


def _warn(items: Sequence[Item]) -> list[str]:
    warnings = [
        f'The labels of "{item.item_id}" run from most to least; without reverse = yes its score falls when members are happier.'
        for item in items
        if item.kind in NUMBERED and not item.reverse and find_order(item.labels) < 0
    ]
    return warnings + [item.hint for item in items if isinstance(item, Proposal) and item.suggestion]


def _without_id(item: Item) -> Item:
    """A proposal to be named; one that follows a known question by its key is named after it."""
    follows = item.suggestion if isinstance(item, Proposal) and item.has_its_key else None
    return item.model_copy(update={"item_id": follows or ""})

"""Surveys: a wide table, one row a respondent and one column a question, checked against what its questions are.

A column is an id, a time, a segment or a question, and each is accounted for: one that nothing explains
stops the import, one that says who somebody is never gets further than here.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from data.errors import Refused
from data.settings import Settings
from ingest.answers import check_answers, stage_answers
from ingest.cells import MOMENT, PERSON, Moment, Person, utc_moment
from ingest.checking import MOST_WORDED, word_row
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
    settle,
)
from ingest.scales import NUMBERED, find_order
from ingest.waves import NO_ID

HOW_TO_EXPLAIN = (
    "Run the import with --dry-run, look at the items file it proposes and pass it with --items; "
    "on the page, look at the proposed questions and confirm them. A column of groups is named in the setting dimensions."
)


class RespondentRow(BaseModel):
    """What a survey row says beside answers and segments."""

    model_config = ConfigDict(extra="forbid")

    respondent_id: Person | None = Field(default=None, description="Id of the respondent; kept only as a salted key.")
    submitted_at: Moment | None = Field(
        default=None, description="When the answers were sent; empty where they were not."
    )


@dataclass(frozen=True)
class Questions:
    """What the columns of a survey file are.

    `items` are the questions to load, `proposed` all rows of the items file that a dry run writes. With
    `problems` the file cannot be loaded as it is.
    """

    items: list[Item]
    dimensions: tuple[str, ...]
    proposed: tuple[Item, ...]
    warnings: tuple[str, ...]
    problems: list[Problem]


def read_questions(
    connection: duckdb.DuckDBPyConnection, staged: str, columns: Sequence[str], details: Details, settings: Settings
) -> Questions:
    """Account for every column of the table `staged`: from the items file, else from the question bank, else by a proposal.

    A proposal alone is a problem, unless the file is only looked at (no wave is named): the proposed questions
    are then used to check the cells.
    """
    _no_bad_lines(connection)
    given, problems = read_items(details.items) if details.items else ([], [])
    by_wording = {normalise_wording(column): column for column in columns}
    named_as = [by_wording.get(normalise_wording(item.column), item.column) for item in given]
    described = {
        column: item.model_copy(update={"column": column}) for column, item in zip(named_as, given, strict=True)
    }
    dimensions = _find_dimensions(connection, columns, details, settings, described)
    open_columns = [c for c in columns if c not in ("respondent_id", "submitted_at") and c not in dimensions]
    personal = find_personal(connection, staged, open_columns)
    if details.promise == "named":
        personal = {column: word for column, word in personal.items() if column not in described}
    warnings = [f'The column "{column}" holds {word} and was left out.' for column, word in personal.items()]
    asked = [column for column in open_columns if column not in personal]
    absent = [column for column in described if column not in columns]
    if absent:
        warnings.append(f"The items file also describes what is not in this file: {', '.join(absent)}.")
    bank = read_bank(connection, details.instrument)
    known = {
        column: settle(described[column], guess_column(connection, staged, column), bank)
        if column in described
        else find_again(column, bank)
        for column in asked
    }
    unknown = [column for column, item in known.items() if item is None]
    proposals = {item.column: item for item in propose_items(connection, staged, bank, asked)} if unknown else {}
    explained = [item or proposals[column].model_copy(update={"item_id": ""}) for column, item in known.items()]
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
    return Questions(items, dimensions, tuple(named), tuple(warnings), problems)


def check_survey(
    connection: duckdb.DuckDBPyConnection, staged: str, items: Sequence[Item], details: Details, settings: Settings
) -> list[Problem]:
    """Problems of the rows of `staged`, the first ones worded, in the order of the file.

    Leaves temp tables for `keep_survey`: bad_lines (line, reason) with every bad row, survey_rows (line,
    respondent_id, submitted_at in UTC, submitted_on, says_when, k_scores, k_distributions) and survey_answers
    (line, item_id, code, score, choice, text, not_applicable).
    """
    _no_bad_lines(connection)
    present = {name for name, *_ in connection.execute(f"describe {staged}").fetchall()}
    _stage_rows(connection, staged, present, settings)
    stage_answers(connection, staged, items)
    problems = [
        *_check_wave(connection, details),
        *_check_rows(connection, staged, present),
        *check_answers(connection),
    ]
    problems += _check_invited(connection, details)
    _settle_bad_lines(connection)
    return sorted(problems, key=lambda problem: (problem.line is not None, problem.line or 0))


def keep_survey(
    connection: duckdb.DuckDBPyConnection,
    staged: str,
    items: Sequence[Item],
    details: Details,
    salt: str,
    dimensions: Sequence[str],
) -> None:
    """Temp table `kept_rows`, one row per respondent of `staged`: all that is ever kept of a survey file.

    line, key (HMAC-SHA256 of wave and respondent_id under `salt`; for linked waves of instrument and
    respondent_id), submitted_at, submitted_on, says_when, thresholds, segments, answers. Needs what `check_survey` left.
    Raises Refused where the wave is not named, or what is said about it cannot hold.
    """
    if not details.wave:
        raise Refused("Which wave is this?", fix="Say --wave LABEL, and --opened and --closed with its days.")
    for problem in _check_wave(connection, details):
        raise Refused(problem.what, where=f"wave {details.wave}", fix=problem.fix)
    inner, outer = _pads(bytes.fromhex(salt))
    scope = f"instrument {details.instrument}" if details.linked else f"wave {details.wave}"
    names = ", ".join(_literal(dimension) for dimension in dimensions)
    cells = ", ".join(f"rows.{_quoted(dimension)}" for dimension in dimensions)
    segments = f"map([{names}], [{cells}])" if dimensions else "map([]::varchar[], []::varchar[])"
    connection.execute(
        f"""create or replace temp table kept_rows as
            select rows.line,
                   if(survey_rows.respondent_id is null, '{NO_ID}', '')
                   || sha256($outer::blob || unhex(sha256($inner::blob || encode(
                       $scope || chr(31) || coalesce(survey_rows.respondent_id, 'line ' || rows.line)
                   )))) as key,
                   survey_rows.* exclude (line, respondent_id),
                   {segments} as segments,
                   coalesce(said.answers, []) as answers
            from {staged} as rows
            join survey_rows
              on survey_rows.line = rows.line
            left join (
                select line, list({{'item_id': item_id, 'code': code, 'score': score, 'choice': choice, 'text': text,
                                    'not_applicable': not_applicable}}) as answers
                from survey_answers
                where list_contains($items, item_id)
                group by line
            ) as said
              on said.line = rows.line
            where rows.line not in (select line from bad_lines)""",
        {"outer": outer, "inner": inner, "scope": scope, "items": [item.item_id for item in items]},
    )


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
    return warnings + [
        f'The question "{item.wording}" is nearly "{item.suggested_wording}" ({item.suggestion}). '
        f"If it is the same, write the item_id {item.suggestion} and leave the wording empty; else it is a new question."
        for item in items
        if isinstance(item, Proposal) and item.suggestion
    ]


def _no_bad_lines(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create or replace temp table bad_lines (line bigint, reason varchar)")


def _stage_rows(connection: duckdb.DuckDBPyConnection, staged: str, present: set[str], settings: Settings) -> None:
    cell, zone = "submitted_at", settings.zone
    moment = f"case when not ({MOMENT.fails.format(cell=cell)}) then {utc_moment(cell, zone)} end"
    says_when = "submitted_at" in present
    connection.execute(
        f"""create or replace temp table survey_rows as
            select *, timezone('{zone}', timezone('UTC', submitted_at))::date as submitted_on, {says_when} as says_when,
                   ?::integer as k_scores, ?::integer as k_distributions
            from (
                select line,
                       {"respondent_id" if "respondent_id" in present else "null::varchar"} as respondent_id,
                       {moment if says_when else "null::timestamp"} as submitted_at
                from {staged}
            )""",
        [settings.thresholds.manager, settings.thresholds.distributions],
    )


def _check_wave(connection: duckdb.DuckDBPyConnection, details: Details) -> list[Problem]:
    """What is said about the wave and cannot hold. Nothing is asked where no wave is named: the file is only looked at."""
    row = connection.execute("select count(respondent_id), min(submitted_on) from survey_rows").fetchone()
    ids, first_day = row or (0, None)
    found: list[tuple[str, str, str]] = []
    if details.linked and not details.told:
        found.append(
            (
                "linked",
                "Linked waves need the words in which members were told that their answers are linked.",
                "Say --told WORDS, or leave out --linked.",
            )
        )
    if details.linked and not ids:
        found.append(
            (
                "respondent_id",
                "Linked waves need a respondent_id, the same in every wave.",
                "Add the column, or leave out --linked.",
            )
        )
    if details.opened and details.closed and details.closed < details.opened:
        found.append(
            (
                "closed",
                f"The wave would close on {details.closed}, before it opened on {details.opened}.",
                "Mend the days.",
            )
        )
    known = connection.execute(
        "select promise, linked, instrument from waves where wave = ?", [details.wave]
    ).fetchone()
    if known is None and details.wave and not (details.opened or first_day or details.closed):
        found.append(("opened", "Nothing says when the wave opened.", "Say --opened DAY."))
    for name, before in zip(("promise", "linked", "instrument"), known or (), strict=False):
        now = getattr(details, name)
        if now != before:
            shown = {True: "linked", False: "not linked"}
            found.append(
                (
                    name,
                    f"The wave {details.wave} is {shown.get(before, before)}, not {shown.get(now, now)}.",
                    f"What members were told stays: say the same {name}, or undo the wave first.",
                )
            )
    return [Problem(None, column, what, fix) for column, what, fix in found]


def _check_rows(connection: duckdb.DuckDBPyConnection, staged: str, present: set[str]) -> list[Problem]:
    """Unreadable ids and times, ids there twice, and ids missing where other rows have one."""
    problems: list[Problem] = []
    tests = {"respondent_id": PERSON.fails, "submitted_at": MOMENT.fails}
    for column in [column for column in tests if column in present]:
        rows = connection.execute(
            f"select line, {column} from {staged} where {column} is not null and ({tests[column].format(cell=column)}) order by line"
        ).fetchall()
        _mark(connection, [line for line, _ in rows], f"{column} cannot be read")
        problems += [
            problem for line, cell in rows[:MOST_WORDED] for problem in word_row(RespondentRow, line, {column: cell})
        ]
    twice = connection.execute(
        """select line, respondent_id, min(line) over (partition by respondent_id) as first
           from survey_rows
           where respondent_id is not null
           qualify line > first
           order by line"""
    ).fetchall()
    _mark(connection, [line for line, *_ in twice], "respondent_id is there twice")
    problems += [
        Problem(line, "respondent_id", f'"{name}" is there twice; first on line {first}.', "Keep the row that counts.")
        for line, name, first in twice[:MOST_WORDED]
    ]
    missing = connection.execute(
        """select line
           from survey_rows
           where respondent_id is null
             and exists (select 1 from survey_rows where respondent_id is not null)
           order by line"""
    ).fetchall()
    _mark(connection, [line for (line,) in missing], "respondent_id is empty")
    return problems + [
        Problem(
            line,
            "respondent_id",
            "The cell is empty, and other rows have an id.",
            "Give every row its id, or take the column out of the file.",
        )
        for (line,) in missing[:MOST_WORDED]
    ]


def _check_invited(connection: duckdb.DuckDBPyConnection, details: Details) -> list[Problem]:
    """More completed answers in the good rows of the file than people were invited."""
    row = connection.execute(
        """select coalesce(?, (select invited from waves where wave = ?)),
                  (select count(distinct line)
                   from survey_answers
                   join survey_rows using (line)
                   where line not in (select line from bad_lines)
                     and score is not null
                     and (submitted_at is not null or not says_when))""",
        [details.invited, details.wave],
    ).fetchone()
    if row is None or row[0] is None or row[1] <= row[0]:
        return []
    return [
        Problem(
            None,
            "invited",
            f"{row[1]} people answered and {row[0]} were invited.",
            "Correct the number of invited, or take the rows out that do not belong to the wave.",
        )
    ]


def _mark(connection: duckdb.DuckDBPyConnection, lines: Sequence[int], reason: str) -> None:
    connection.execute("insert into bad_lines select unnest(?::bigint[]), ?", [list(lines), reason])


def _settle_bad_lines(connection: duckdb.DuckDBPyConnection) -> None:
    """One row per bad line, with all its reasons."""
    connection.execute(
        """create or replace temp table bad_lines as
           select line, string_agg(reason, '; ' order by reason) as reason
           from bad_lines
           group by line"""
    )


def _pads(salt: bytes) -> tuple[bytes, bytes]:
    """The two padded keys of HMAC-SHA256 (RFC 2104), so that the database can hash all ids at once."""
    key = (hashlib.sha256(salt).digest() if len(salt) > 64 else salt).ljust(64, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""Surveys: one row a respondent, checked against what the questions are, and what may be kept of it.

What the columns are is said in `ingest.survey_columns`. One that says who somebody is never gets further than here.
"""

from collections.abc import Sequence
from datetime import date

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from data.errors import Refused
from data.settings import Settings
from ingest.answers import check_answers, stage_answers
from ingest.cells import MOMENT, PERSON, Moment, Person, utc_moment
from ingest.checking import MOST_WORDED, word_row
from ingest.importer import Details, Problem
from ingest.keys import pad_salt
from ingest.questions import Item
from ingest.reading import quoted
from ingest.waves import NO_ID


class RespondentRow(BaseModel):
    """What a survey row says beside answers and segments."""

    model_config = ConfigDict(extra="forbid")

    respondent_id: Person | None = Field(default=None, description="Id of the respondent; kept only as a salted key.")
    submitted_at: Moment | None = Field(
        default=None, description="When the answers were sent; empty where they were not."
    )


def check_survey(
    connection: duckdb.DuckDBPyConnection, staged: str, items: Sequence[Item], details: Details, settings: Settings
) -> list[Problem]:
    """Problems of the rows of `staged`, the first ones worded, in the order of the file.

    Leaves temp tables for `keep_survey`: bad_lines (line, reason) with every bad row, survey_rows (line,
    respondent_id, submitted_at in UTC, submitted_on, says_when, k_scores, k_distributions) and survey_answers
    (line, item_id, code, score, choice, text, not_applicable).
    """
    forget_bad_lines(connection)
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


def forget_bad_lines(connection: duckdb.DuckDBPyConnection) -> None:
    """An empty temp table `bad_lines` (line, reason)."""
    connection.execute("create or replace temp table bad_lines (line bigint, reason varchar)")


def find_days(connection: duckdb.DuckDBPyConnection) -> tuple[date | None, date | None]:
    """The days of the first and the last answer of the file that was checked last; nothing where it says none."""
    exists = connection.execute("select count(*) from duckdb_tables() where table_name = 'survey_rows'").fetchone()
    if not exists or not exists[0]:
        return None, None
    return connection.execute("select min(submitted_on), max(submitted_on) from survey_rows").fetchone() or (None, None)


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
    inner, outer = pad_salt(bytes.fromhex(salt))
    scope = f"instrument {details.instrument}" if details.linked else f"wave {details.wave}"
    names = ", ".join(_literal(dimension) for dimension in dimensions)
    cells = ", ".join(f"rows.{quoted(dimension)}" for dimension in dimensions)
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


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""Which answers the figures of a wave were made of when they were shown, as fingerprints, to tell by how many others differ.

A fingerprint is a salted digest of what one respondent said to one question: the same wherever the same is said again, by
another upload or under another id. Without the salt of the home nothing can be read from it. The answers of a wave when its
figures were shown (their state) are one line of a file beside the ledger, outside undo and restore. Erasing somebody removes
the lines of the waves that they answered; the next publish remembers the answers of now.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from data.writing import append_lines

FILE = "answers_shown.jsonl"

# A question of which several options may be ticked has several rows. Digests are added up, so their order says nothing.
_SAID = """
create or replace temp table said_now as
select wave, respondent, item_id, md5_number_lower($salt || item_id || chr(31) || digest::varchar) as print
from (
    select answers.wave, answers.respondent, answers.item_id,
           sum(md5_number_lower(concat_ws(
               chr(31), coalesce(answers.code::varchar, ''), coalesce(answers.choice, ''), coalesce(answers.text, ''),
               answers.not_applicable
           ))::hugeint) as digest
    from answers
    join survey_respondents using (wave, respondent)
    join survey_waves using (wave)
    where survey_waves.closed_on is not null
    group by all
)
"""

# Who states no group of a dimension is in one without a name.
_PLACES = """
create or replace temp table places_now as
with respondents as (
    select distinct wave, respondent
    from said_now
),
dimensions as (
    select distinct wave, dimension
    from respondent_groups
)
select wave, respondent, 'all' as dimension, 'all' as segment
from respondents
union all
select wave, respondent, dimension, coalesce(placed.segment, '')
from respondents
join dimensions using (wave)
left join respondent_groups as placed using (wave, respondent, dimension)
"""

_STATES = """
create or replace temp table states_now as
with whole as (
    select wave, respondent, sum(print::hugeint) as print
    from said_now
    group by all
)
select wave, md5(concat_ws(chr(31), wave, count(*), sum(md5_number_lower(concat_ws(chr(31), dimension, segment, print))::hugeint))) as state
from whole
join places_now using (wave, respondent)
group by wave
"""

# Compared is what was said to the questions that both have answers to: a column that came later changes nobody's mind.
_COMPARED = """
create or replace temp table asked_twice as
select distinct earlier.wave, earlier.state, earlier.item_id
from said_then as earlier
semi join said_now using (wave, item_id);

create or replace temp table whole_answers as
select wave, state, respondent, false as is_now, sum(print::hugeint) as print
from said_then
join asked_twice using (wave, state, item_id)
group by all
union all
select said_now.wave, asked_twice.state, respondent, true, sum(print::hugeint)
from said_now
join asked_twice using (wave, item_id)
group by all;

create or replace temp table placed_answers as
select whole_answers.*, dimension, segment
from whole_answers
join places_now using (wave, respondent)
where is_now
union all
select whole_answers.*, dimension, segment
from whole_answers
join places_then using (wave, state, respondent)
where not is_now;

create or replace temp table compared_answers as
select wave, state, dimension, segment, print, count_if(is_now)::integer as now, count_if(not is_now)::integer as earlier
from placed_answers
group by all
"""

# Of everything ('') and of each question and construct: to how many it is a number of a group, and whether all said the same.
_QUESTIONS = """
create or replace temp table compared_questions as
with said as (
    select wave, state, dimension, segment, item_id, print, 1 as now, 0 as earlier
    from said_now
    join asked_twice using (wave, item_id)
    join places_now using (wave, respondent)
    union all
    select wave, state, dimension, segment, item_id, print, 0, 1
    from said_then
    join asked_twice using (wave, state, item_id)
    join places_then using (wave, state, respondent)
    union all
    select wave, state, dimension, segment, '', print, now, earlier
    from compared_answers
),
prints as (
    select wave, state, dimension, segment, item_id, print, sum(now) as now, sum(earlier) as earlier
    from said
    group by all
),
questions as (
    select wave, state, dimension, segment, item_id, sum(now) as now, sum(earlier) as earlier, bool_and(now = earlier) as is_same
    from prints
    group by all
)
from questions
union all
select wave, state, dimension, segment, construct, min(now), min(earlier), bool_and(is_same)
from questions
join survey_items using (wave, item_id)
where construct is not null
  and construct not in (select item_id from questions)
group by all
"""


def lay_out_answers(connection: duckdb.DuckDBPyConnection, salt: str) -> None:
    """Temp tables of closed waves: `said_now` (wave, respondent, item_id, print), `places_now` (wave, respondent, dimension,
    segment) in every dimension that respondents state, and `states_now` (wave, state)."""
    connection.execute(_SAID, {"salt": salt})
    connection.execute(_PLACES)
    connection.execute(_STATES)


def compare_answers(
    connection: duckdb.DuckDBPyConnection, home: Path, states: Collection[str], renamed: Mapping[str, str]
) -> None:
    """Temp tables `known_states` (state), those of `states` that the home remembers; `asked_twice` (wave, state, item_id), questions
    that were answered then and now; `placed_answers` (wave, state, respondent, is_now, print, dimension, segment), all that
    somebody said to these; `compared_answers`: wave, state, dimension, segment, print, and how many had it `earlier` and have
    it `now`; and `compared_questions` (wave, state, dimension, segment, item_id, now, earlier, is_same).
    Waves that go by another name since have that name (`renamed`)."""
    _lay_beside(connection, home, states, renamed)
    connection.execute(_QUESTIONS)


def _lay_beside(
    connection: duckdb.DuckDBPyConnection, home: Path, states: Collection[str], renamed: Mapping[str, str]
) -> None:
    """The tables of `compare_answers` without the questions one by one."""
    said, places, known = [], [], []
    for line in _read(home):
        if line["state"] in states:
            wave, state = renamed.get(line["wave"], line["wave"]), line["state"]
            known.append(state)
            for number, person in enumerate(line["people"]):
                said += [(wave, state, number, item, print_) for item, print_ in person["said"].items()]
                places += [(wave, state, number, name, segment) for name, segment in person["places"].items()]
    _store(connection, "said_then", said, {"item_id": "varchar", "print": "ubigint"})
    _store(connection, "places_then", places, {"dimension": "varchar", "segment": "varchar"})
    connection.execute(
        "create or replace temp table known_states as select unnest($known::varchar[]) as state", {"known": known}
    )
    connection.execute(_COMPARED)


def find_renamed(connection: duckdb.DuckDBPyConnection, home: Path) -> dict[str, str]:
    """Waves that were shown and are there no more, by name, and the one of now in which most of their answers are said again.

    In other days nearly all of them have to be: in two pulses few words come again by chance.
    """
    here = connection.execute(
        "select wave, opened_on::varchar, closed_on::varchar from states_now join survey_waves using (wave) order by wave"
    ).fetchall()
    gone = {line["state"]: line for line in _read(home) if line["wave"] not in {wave for wave, *_ in here}}
    found: list[tuple[int, str, str]] = []
    for wave, opened, closed in here if gone else ():
        _lay_beside(connection, home, gone, {line["wave"]: wave for line in gone.values()})
        rows = connection.execute(
            """select state, sum(least(now, earlier)) as again, sum(earlier)
               from compared_answers
               where dimension = 'all'
               group by state
               having 2 * again > sum(earlier)
                  and count_if(least(now, earlier) > 0) >= 10"""
        ).fetchall()
        for state, again, then in rows:
            days = gone[state].get("opened", opened), gone[state].get("closed", closed)
            if (days[0] <= closed and opened <= days[1]) or 10 * again >= 9 * then:
                found.append((int(again), gone[state]["wave"], wave))
    return {before: now for _, before, now in sorted(found)}


def remember_answers(connection: duckdb.DuckDBPyConnection, home: Path, states: Collection[str]) -> None:
    """Add the answers of those of `states` that are those of now and that the home does not remember. On disk when this returns."""
    known = {line["state"] for line in _read(home)}
    found = connection.execute(
        """with people as (
               select wave, respondent, map_from_entries(list((item_id, print) order by item_id)) as said
               from said_now
               group by all
           ),
           placed as (
               select wave, respondent, map_from_entries(list((dimension, segment) order by dimension)) as places
               from places_now
               group by all
           )
           select wave, state, opened_on::varchar, closed_on::varchar,
                  list({'places': places, 'said': said} order by said::varchar, places::varchar)
           from people
           join placed using (wave, respondent)
           join states_now using (wave)
           join survey_waves using (wave)
           where list_contains($states::varchar[], state)
           group by wave, state, opened_on, closed_on
           order by wave""",
        {"states": sorted(set(states) - known)},
    ).fetchall()
    names = ("wave", "state", "opened", "closed", "people")
    append_lines(home / FILE, [json.dumps(dict(zip(names, line, strict=True))) for line in found])


def _store(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]], columns: Mapping[str, str]
) -> None:
    types = {"wave": "varchar", "state": "varchar", "respondent": "varchar", **columns}
    connection.register("rows_read", pd.DataFrame(rows, columns=list(types), dtype=None if rows else object))
    cells = ", ".join(f"{name}::{kind} as {name}" for name, kind in types.items())
    connection.execute(f"create or replace temp table {table} as select {cells} from rows_read")
    connection.unregister("rows_read")


def _read(home: Path) -> Iterator[dict[str, Any]]:
    """One line a state: wave, state, the first and last day (opened, closed) and people, each with their places (segment by
    dimension) and what they said (print by question)."""
    file = home / FILE
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)

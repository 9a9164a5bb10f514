"""Which answers a figure that was shown is made of, as fingerprints, so that two figures can be told to differ by few of them.

A fingerprint is a salted digest of all that one respondent said in a wave. It says neither who that was nor what, and only
this home can make it again; it is the same where the same is said again, by another upload or under another id. The answers
of a wave as they were when its figures were shown are one line of a file beside the ledger, outside undo and restore.
Erasing somebody removes the file: figures shown before are then compared by how many they are about.
"""

import json
from collections.abc import Collection
from pathlib import Path

import duckdb
import pandas as pd

from data.store import opened
from data.writing import append_lines

FILE = "answers_shown.jsonl"

_LINES = """read_json($file, format = 'newline_delimited', maximum_object_size = 1_000_000_000, columns = {
    'wave': 'varchar', 'state': 'varchar', 'answers': 'struct(dimension varchar, segment varchar, prints ubigint[])[]'
})"""

# Digests of answers are added up, so their order says nothing. Who states no group of a dimension is one of a group without a name.
_ANSWERS = """
create or replace temp table answers_now as
with said as (
    select answers.wave, answers.respondent,
           sum(md5_number_lower(concat_ws(chr(31), answers.item_id, answers.code, answers.choice, answers.text, answers.not_applicable))::hugeint) as digest
    from answers
    join survey_respondents using (wave, respondent)
    join survey_waves using (wave)
    where survey_waves.closed_on is not null
    group by all
),
printed as (
    select wave, respondent, md5_number_lower($salt || digest::varchar) as print
    from said
),
dimensions as (
    select distinct wave, dimension
    from respondent_groups
)
select wave, respondent, 'all' as dimension, 'all' as segment, print
from printed
union all
select wave, respondent, dimension, coalesce(placed.segment, '') as segment, print
from printed
join dimensions using (wave)
left join respondent_groups as placed using (wave, respondent, dimension)
"""

_STATES = """
create or replace temp table states_now as
select wave, md5(concat_ws(chr(31), wave, count(*), sum(md5_number_lower(concat_ws(chr(31), dimension, segment, print))::hugeint))) as state
from answers_now
group by wave
"""

# Of equal fingerprints as many are fresh as there are more of them now, and as many have gone as there are fewer.
_COMPARE = """
create or replace temp table fresh_answers as
select states.wave, states.state, now.dimension, now.segment, now.respondent
from (
    select *, row_number() over (partition by wave, dimension, segment, print order by respondent) as place
    from answers_now
) as now
join (select distinct wave, state, dimension from answers_then) as states
  on states.wave = now.wave
 and states.dimension = now.dimension
left join answers_then as before
  on before.wave = states.wave and before.state = states.state and before.dimension = now.dimension
 and before.segment = now.segment and before.print = now.print
where now.place > coalesce(before.times, 0);

create or replace temp table changed_answers as
with now as (
    select wave, dimension, segment, print, count(*) as times
    from answers_now
    group by all
),
gone as (
    select before.wave, before.state, before.dimension, before.segment,
           sum(before.times - coalesce(now.times, 0)) filter (before.times > coalesce(now.times, 0)) as people
    from answers_then as before
    left join now using (wave, dimension, segment, print)
    group by all
),
fresh as (
    select wave, state, dimension, segment, count(*) as people
    from fresh_answers
    group by all
)
select wave, state, dimension, segment, greatest(coalesce(gone.people, 0), coalesce(fresh.people, 0))::integer as people
from gone
full join fresh using (wave, state, dimension, segment)
"""


def lay_out_answers(connection: duckdb.DuckDBPyConnection, salt: str) -> None:
    """Temp tables `answers_now` (wave, respondent, dimension, segment, print) of closed waves, in every dimension that respondents state, and `states_now` (wave, state)."""
    connection.execute(_ANSWERS, {"salt": salt})
    connection.execute(_STATES)


def compare_with_shown(connection: duckdb.DuckDBPyConnection, home: Path, states: Collection[str]) -> None:
    """Temp tables of what differs between the answers of now and those of each of `states` that the home remembers.

    `known_states` (state). `changed_answers`: wave, state, dimension, segment and how many `people` of the group said
    something else, or came or went, whichever are more; a dimension that nobody stated then is not compared.
    `fresh_answers`: the respondents of now that were not there then.
    """
    then = _read(home, states)
    connection.register("answers_read", then)
    connection.execute(
        """create or replace temp table answers_then as
           select wave, state, dimension, segment, print::ubigint as print, count(*) as times
           from answers_read
           group by all"""
    )
    connection.execute("create or replace temp table known_states as select distinct state from answers_then")
    connection.unregister("answers_read")
    connection.execute(_COMPARE)


def remember_answers(connection: duckdb.DuckDBPyConnection, home: Path, states: Collection[str]) -> None:
    """Add the answers of those of `states` that are those of now and that the home does not remember. On disk when this returns."""
    known = set(_ask(home, "select state from {lines}", ["state"])["state"])
    found = connection.execute(
        """select wave, state, list({'dimension': dimension, 'segment': segment, 'prints': prints} order by dimension, segment)
           from (
               select wave, state, dimension, segment, list(print order by print) as prints
               from answers_now
               join states_now using (wave)
               where list_contains($states::varchar[], state)
               group by all
           )
           group by wave, state
           order by wave""",
        {"states": sorted(set(states) - known)},
    ).fetchall()
    append_lines(
        home / FILE,
        [json.dumps({"wave": wave, "state": state, "answers": answers}) for wave, state, answers in found],
    )


def _read(home: Path, states: Collection[str]) -> pd.DataFrame:
    """One row a fingerprint: wave, state, dimension, segment, print. A state that is there twice is read once."""
    columns = ["wave", "state", "dimension", "segment", "print"]
    return _ask(
        home,
        """select wave, state, said.dimension, said.segment, unnest(said.prints) as print
           from (
               select wave, state, unnest(any_value(answers)) as said
               from {lines}
               where list_contains($states::varchar[], state)
               group by wave, state
           )""",
        columns,
        states=sorted(states),
    )


def _ask(home: Path, sql: str, columns: list[str], **parameters: list[str]) -> pd.DataFrame:
    file = home / FILE
    if not file.exists():
        return pd.DataFrame(columns=columns, dtype=object)
    with opened(":memory:", reach=(file,)) as connection:
        return connection.execute(sql.format(lines=_LINES), {"file": str(file), **parameters}).df()

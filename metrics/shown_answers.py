"""Which answers the figures of a wave were made of when they were shown, as fingerprints, to tell by how many others differ.

A fingerprint is a salted digest of all that one respondent said in a wave: the same wherever the same is said again, by
another upload or under another id. Without the salt of the home nothing can be read from it. The answers of a wave when its
figures were shown (their state) are one line of a file beside the ledger, outside undo and restore. Erasing somebody removes
the file, for one of them is theirs; the next publish remembers the answers of earlier.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from data.writing import append_lines

FILE = "answers_shown.jsonl"

# Digests of answers are added up, so their order says nothing. Who states no group of a dimension is in one without a name.
_ANSWERS = """
create or replace temp table answers_now as
with said as (
    select answers.wave, answers.respondent,
           sum(md5_number_lower(concat_ws(
               chr(31), answers.item_id, coalesce(answers.code::varchar, ''), coalesce(answers.choice, ''), coalesce(answers.text, ''),
               answers.not_applicable
           ))::hugeint) as digest
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


def lay_out_answers(connection: duckdb.DuckDBPyConnection, salt: str) -> None:
    """Temp tables `answers_now` (wave, respondent, dimension, segment, print) of closed waves, in every dimension that respondents state, and `states_now` (wave, state)."""
    connection.execute(_ANSWERS, {"salt": salt})
    connection.execute(_STATES)


def lay_out_shown_answers(
    connection: duckdb.DuckDBPyConnection, home: Path, states: Collection[str], renamed: Mapping[str, str]
) -> None:
    """Temp table `answers_then`: wave, state, dimension, segment, print and how many `times`, of those of `states` that the home
    remembers. Waves that go by another name since have that name (`renamed`)."""
    then = pd.DataFrame(
        [
            (renamed.get(line["wave"], line["wave"]), line["state"], part["dimension"], part["segment"], print_)
            for line in _read(home)
            if line["state"] in states
            for part in line["answers"]
            for print_ in part["prints"]
        ],
        columns=["wave", "state", "dimension", "segment", "print"],
    )
    connection.register("answers_read", then)
    connection.execute(
        """create or replace temp table answers_then as
           select wave::varchar as wave, state::varchar as state, dimension::varchar as dimension, segment::varchar as segment,
                  print::ubigint as print, count(*)::integer as times
           from answers_read
           group by all"""
    )
    connection.unregister("answers_read")


def find_renamed(connection: duckdb.DuckDBPyConnection, home: Path) -> dict[str, str]:
    """Waves that were shown and are there no more, by name, and the one of now in which most of their answers are said again."""
    here = {wave for (wave,) in connection.execute("select wave from states_now").fetchall()}
    gone = {line["state"]: line["wave"] for line in _read(home) if line["wave"] not in here}
    if not gone:
        return {}
    lay_out_shown_answers(connection, home, gone, {})
    found = connection.execute(
        """with earlier as (
               select *, sum(times) over (partition by state) as people
               from answers_then
               where dimension = 'all'
           ),
           now as (
               select wave, print, count(*) as times
               from answers_now
               where dimension = 'all'
               group by all
           )
           select earlier.wave, now.wave
           from earlier
           join now using (print)
           group by earlier.wave, earlier.state, earlier.people, now.wave
           having 2 * sum(least(earlier.times, now.times)) > earlier.people
           order by sum(least(earlier.times, now.times)), now.wave"""
    ).fetchall()
    return dict(found)


def remember_answers(connection: duckdb.DuckDBPyConnection, home: Path, states: Collection[str]) -> None:
    """Add the answers of those of `states` that are those of now and that the home does not remember. On disk when this returns."""
    known = {line["state"] for line in _read(home)}
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


def _read(home: Path) -> Iterator[dict[str, Any]]:
    """One line a state: wave, state and answers, a list of dimension, segment and prints."""
    file = home / FILE
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)
